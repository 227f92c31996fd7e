#!/usr/bin/env python3
# test_serve_metrics.py: GET /metrics in both forms: what status says, and what the daemon counts of itself.
# SPDX-License-Identifier: MIT
#
#     test_serve_metrics.py TOKENQUOTA
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import metrics_text
from serve_fixture import DEADLINE, Daemon
from tap import Tap

OPENMETRICS = "application/openmetrics-text"
PROMETHEUS_ASKS = (OPENMETRICS + ";version=1.0.0;q=0.5," + OPENMETRICS + ";version=0.0.1;q=0.4,"
                   "text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
REFUSAL = "HTTP/1.1 429 x\r\nretry-after: 77\r\n\r\n"
MANY = 300


def expect(have, want, what=""):
    if have != want:
        raise AssertionError("%s: %r, not %r" % (what, have, want))


def scrape(daemon, accept=None, **headers):
    answer = daemon.get("/metrics", headers={**({"Accept": accept} if accept else {}), **headers})
    expect(answer.status, 200)
    openmetrics = OPENMETRICS in answer.headers["Content-Type"]
    return metrics_text.read(answer.body.decode(), openmetrics) + (answer,)


def of(samples, name, **labels):
    return samples.get((name, tuple(sorted(labels.items()))))


def test_forms(daemon):
    """Who asks for OpenMetrics at least as much as for text gets it, whole or not at all."""
    for accept, kind in (
            (None, "text/plain"), ("*/*", "text/plain"), ("text/plain", "text/plain"), ("text/html, */*", "text/plain"),
            (PROMETHEUS_ASKS, OPENMETRICS), (OPENMETRICS, OPENMETRICS), ("Application/OpenMetrics-Text", OPENMETRICS),
            (OPENMETRICS + ";q=0", "text/plain"), (OPENMETRICS + ";q=0.2,text/plain;q=0.3", "text/plain"),
            (OPENMETRICS + "; version=1.0.0 ; q=0.3 , text/plain ; q=0.3", OPENMETRICS), (",,;q=,;", "text/plain"),
            ("application/openmetrics-textual", "text/plain"), (OPENMETRICS + ";q=x", OPENMETRICS)):
        _, _, answer = scrape(daemon, accept)
        expect(answer.headers["Content-Type"].split(";")[0], kind, accept)
        expect(answer.headers["Vary"], "Accept")
        expect("1.0.0" in answer.headers["Content-Type"], kind == OPENMETRICS)


def test_same(daemon):
    """The ledger's series are those of the command, in both forms."""
    moving = {"tokenquota_standing_timestamp_seconds", "tokenquota_signal_age_seconds",
              "tokenquota_signal_timestamp_seconds", "tokenquota_window_runs_out_timestamp_seconds"}
    told, _ = metrics_text.read(daemon.run("status", "--prometheus").stdout)
    for accept in (None, OPENMETRICS):
        samples, _, _ = scrape(daemon, accept)
        ours = {key: value for key, value in samples.items() if key in told and key[0] not in moving}
        theirs = {key: value for key, value in told.items() if key[0] not in moving}
        expect(sorted(set(ours.items()) ^ set(theirs.items())), [], accept)


def test_counts(daemon):
    """Each answer counts once, by its route and status."""
    before, _, _ = scrape(daemon)
    for _ in range(5):
        daemon.get("/healthz")
    daemon.get("/no/such/path")
    daemon.ask("DELETE", "/healthz")
    after, families, _ = scrape(daemon)
    name = "tokenquota_http_requests_total"
    grown = {key[1]: value - before.get(key, 0) for key, value in after.items() if key[0] == name}
    grown = {tuple(value for _, value in labels): n for labels, n in grown.items() if n}
    expect(grown, {("GET", "/healthz", "200"): 5, ("other", "404"): 1, ("other", "405"): 1, ("GET", "/metrics", "200"): 1})
    buckets = [value for key, value in after.items() if key[0] == "tokenquota_http_request_duration_seconds_bucket"]
    expect(buckets, sorted(buckets))
    total = sum(value for key, value in after.items() if key[0] == name)
    expect(of(after, "tokenquota_http_request_duration_seconds_count"), total)
    expect(buckets[-1], total)
    seconds = of(after, "tokenquota_http_request_duration_seconds_sum")
    if not 0 < seconds < 20:
        raise AssertionError(seconds)
    started = of(after, "process_start_time_seconds")
    if not 0 <= of(after, "tokenquota_standing_timestamp_seconds") - started < 600:
        raise AssertionError(started)


def test_signals(daemon):
    """Refusals that come in are counted by class, and values of no known form."""
    before, _, _ = scrape(daemon)
    for body in (REFUSAL, REFUSAL, "HTTP/1.1 429 x\r\nretry-after: soon\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"):
        answer = daemon.ask("POST", "/v1/signal", [("provider", "grown")], {"Content-Type": "message/http"}, body)
        expect(answer.status, 200, answer.body)
    after, _, _ = scrape(daemon)
    grown = {key: after[key] - before.get(key, 0) for key in after if key[0] in (
        "tokenquota_refusals_total", "tokenquota_signal_anomalies_total") and after[key] != before.get(key)}
    expect(grown, {("tokenquota_refusals_total", (("class", "throttled"),)): 3, ("tokenquota_signal_anomalies_total", ()): 1})


def test_documented(daemon):
    """docs/metrics.md has a row for each series of the daemon's own, and no other."""
    _, families, _ = scrape(daemon)
    _, ledger = metrics_text.read(daemon.run("status", "--prometheus").stdout)
    text = pathlib.Path("docs/metrics.md").read_text().split("\n## From the daemon")[1]
    rows = set(re.findall(r"^\| `((?:tokenquota|process)_\w+)` \|", text, re.M))
    expect(families.keys() - ledger.keys() - {"tokenquota_window_runs_out_timestamp_seconds"}, rows)


def test_promtool(daemon):
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=daemon.get("/metrics").body, capture_output=True)
        expect((done.returncode, done.stdout, done.stderr), (0, b"", b""))


def test_bounded(daemon):
    """However many providers there are, 200 have series of their own."""
    rows = "".join("%d,many/%d,2\n" % (time.time() - 1, i) for i in range(MANY))
    (daemon.folder / "many.csv").write_text("timestamp,provider,tokens\n" + rows)
    daemon.run("import", "csv", str(daemon.folder / "many.csv"), "--quiet")
    samples, _, _ = scrape(daemon)
    shown = {dict(labels)["provider"] for _, labels in samples if "provider" in dict(labels)}
    expect(len(shown), 200)
    states = [value for key, value in samples.items() if key[0] == "tokenquota_state"]
    expect(sum(states), of(samples, "tokenquota_ledger_providers"))


def test_prometheus(command):
    """The real one scrapes it with a token and evaluates the rules, by the block of docs/metrics.md."""
    with tempfile.TemporaryDirectory(prefix="tq-prometheus-") as folder, socket.socket() as probe:
        token = os.path.join(folder, "token")
        with open(os.open(token, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write("a-token-of-this-test\n")
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        with Daemon(command, "--read-token-file", token) as daemon:
            expect(daemon.get("/metrics").status, 401)
            daemon.run("budget", "claude", "5M")
            daemon.run("observe", "claude", "1M")
            daemon.run("mark", "openai", "exhausted", "--for", "90m")
            daemon.run("signal", "-", "--provider", "groq", text=REFUSAL)
            config = re.search(r"```yaml\n(scrape_configs.*?)```", pathlib.Path("docs/metrics.md").read_text(), re.S)[1]
            for old, new in (("127.0.0.1:8377", "127.0.0.1:%d" % daemon.port), ("/etc/prometheus/tokenquota.token", token),
                             ("/etc/prometheus/", os.path.abspath("contrib/prometheus") + "/")):
                expect(old in config, True, old)
                config = config.replace(old, new)
            with open(os.path.join(folder, "prometheus.yml"), "w") as file:
                file.write("global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 100ms}\n" + config)
            look(folder, port)


def ask(port, path):
    with urllib.request.urlopen("http://127.0.0.1:%d/api/v1/%s" % (port, path), timeout=DEADLINE) as answer:
        return json.load(answer)["data"]


def look_at_dashboard(port):
    """Each of its queries is answered, and finds something: but what runs out, of which nothing is known so soon."""
    for panel in json.loads(pathlib.Path("contrib/grafana/tokenquota.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"].replace("$provider", ".+").replace("$__rate_interval", "1m")
            until = time.monotonic() + DEADLINE  # a rate needs a second scrape
            while not ask(port, "query?" + urllib.parse.urlencode({"query": query}))["result"] and "runs_out" not in query:
                if time.monotonic() > until:
                    raise AssertionError("%s: %s finds nothing" % (panel["title"], query))
                time.sleep(0.05)


def look(folder, port):
    """Waits for what the rules make of the scraped series."""
    process = subprocess.Popen(
        ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=error",
         "--web.listen-address=127.0.0.1:%d" % port], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 3 * DEADLINE  # it looks for its targets every 5 s
    alerts, targets = [], None
    try:
        while not any(alert["alertname"] == "TokenquotaExhausted" for alert in alerts):
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError("no alert; targets: %s" % targets)
            try:
                alerts = [alert["labels"] for alert in ask(port, "alerts")["alerts"]]
                targets = [target["lastError"] for target in ask(port, "targets")["activeTargets"]]
            except OSError:
                pass
            time.sleep(0.02)
        look_at_dashboard(port)
    finally:
        process.terminate()
        process.wait(DEADLINE)
    if ("TokenquotaExhausted", "openai") not in [(alert["alertname"], alert["provider"]) for alert in alerts]:
        raise AssertionError(alerts)


def main():
    tap = Tap()
    if shutil.which("prometheus"):
        tap.check("Prometheus scrapes it, and alerts", lambda: test_prometheus(sys.argv[1]))
    else:
        tap.skip("Prometheus", "it is not installed")
    with Daemon(sys.argv[1]) as daemon:
        daemon.run("budget", "open\"ai", "5M")
        daemon.run("observe", "open\"ai", "1M")
        daemon.run("limit", "open\"ai", "add", "900 requests per 5h first-use")
        daemon.run("mark", "b\\c", "exhausted", "--for", "90m")
        daemon.run("signal", "-", "--provider", "groq", text=REFUSAL)
        for name, run in (("both forms, as Accept asks", test_forms), ("the numbers of status --prometheus", test_same),
                          ("each answer counts once", test_counts), ("each series is documented", test_documented),
                          ("what vendors said is counted", test_signals),
                          ("promtool finds nothing", test_promtool), ("labels are bounded", test_bounded)):
            tap.check(name, lambda: run(daemon))
    return tap.end()


sys.exit(main())
