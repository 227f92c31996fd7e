#!/usr/bin/env python3
# test_metrics.py: the metrics of a ledger are sound text, say what status says, and are what contrib/ asks for.
# SPDX-License-Identifier: MIT
#
#     test_metrics.py TOKENQUOTA
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import metrics_text
from tap import Skipped, Tap

HEAD = "HTTP/1.1 429 Too Many Requests\r\n"
NAMES = ['plain', 'a "quote"', "back\\slash", "br}ace,comma=", "\u00fcml\u00e4ut \U0001f600", "x" * 255]


class Case:
    def __init__(self, command, folder):
        self.command, self.folder = command, folder
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder, "TZ": "UTC", "LC_ALL": "C.UTF-8",
                            "TOKENQUOTA_LEDGER": os.path.join(folder, "ledger")}

    def run(self, *words, given="", status=(0, 1)):
        done = subprocess.run([self.command, *words], input=given.encode(), env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode in status, "%s: %d %s" % (words, done.returncode, done.stderr)
        return done.stdout.decode()

    def fill(self):
        """Every kind of series: so contrib/ can be held against what there is."""
        now = int(time.time())
        self.run("budget", "plain", "5M")
        for sentence in ("4M tokens per day", "$40 per month", "900 requests per 5h first-use"):
            self.run("limit", "plain", "add", sentence)
        self.run("observe", "plain", "1M")
        for name in NAMES[1:]:
            self.run("observe", name, "10")
        self.run("mark", NAMES[1], "exhausted", "--for", "90m")
        self.run("signal", "-", "--provider", "groq", given=HEAD + "retry-after: 77\r\n\r\n")
        self.run("signal", "-", "--provider", "poor", "--profile", "openai",
                 given=HEAD + 'content-type: application/json\r\n\r\n{"error":{"code":"insufficient_quota"}}')
        self.run("statusline", "claude", given=json.dumps({"session_id": "1", "rate_limits": {
            "seven_day": {"used_percentage": 91.2, "resets_at": now + 200000}}}))
        self.run("set", "opus", "pool=claude")


def same(case):
    """What both say of the ledger at one instant."""
    at = "%d" % (time.time() + 1)
    samples, _ = metrics_text.read(case.run("status", "--prometheus", "--at", at, status=(0,)))
    document = json.loads(case.run("status", "--json", "--at", at))
    of = lambda name, provider, **more: samples.get((name, tuple(sorted({"provider": provider, **more}.items()))))
    for row in document["providers"]:
        name = row["provider"]
        assert of("tokenquota_state", name, state=row["state"]) == 1, name
        assert sum(of("tokenquota_state", name, state=state) for state in ("available", "quota_exhausted")) == 1
        assert of("tokenquota_used_tokens", name) == row["used"], name
        assert of("tokenquota_budget_tokens", name) == row["budget"], name
        assert (of("tokenquota_retry_timestamp_seconds", name) is None) == (row["retry_at"] is None), name
        reasons = [dict(key[1])["reason"] for key in samples
                   if key[0] == "tokenquota_reason" and dict(key[1])["provider"] == name]
        assert sorted(reasons) == sorted(row["reasons"]), (name, reasons)
        ratios = [value for key, value in samples.items()
                  if key[0] == "tokenquota_window_used_ratio" and dict(key[1])["provider"] == name]
        shares = [limit["share_ppm"] / 1e6 for limit in row["limits"] if limit["share_ppm"] is not None]
        if row["budget"]:
            shares.append(int(1e6 * row["used"] / row["budget"]) / 1e6)
        assert sorted(ratios) == sorted(shares), (name, ratios, shares)
    assert {row["provider"] for row in document["providers"]} >= set(NAMES)


def textfile(case):
    """The line of docs/metrics.md."""
    block = re.search(r"```sh\n(.*?)```", pathlib.Path("docs/metrics.md").read_text(), re.S)[1]
    folder = os.path.join(case.folder, "textfile")
    os.mkdir(folder)
    os.symlink(case.command, os.path.join(case.folder, "tokenquota"))
    path = case.folder + ":" + case.environment["PATH"]
    subprocess.run(["sh", "-ec", block], cwd=folder, env={**case.environment, "PATH": path}, check=True)
    assert os.listdir(folder) == ["tokenquota.prom"]
    metrics_text.read(pathlib.Path(folder, "tokenquota.prom").read_text())


def documented_names():
    """The names in the tables of docs/metrics.md: those of a ledger, and those that only the daemon has."""
    names = []
    for part in pathlib.Path("docs/metrics.md").read_text().split("\n## From the daemon"):
        names.append(set())
        for row in re.findall(r"^\| (`(?:tokenquota|process)_.*?) \|", part, re.M):
            first, *more = re.findall(r"`(\w+)`", row)
            names[-1] |= {first} | {name if name[0] != "_" else first.rsplit("_", 1)[0] + name for name in more}
    return names


def documented(case):
    """Each family is in the table of docs/metrics.md, and each that is in the table exists."""
    _, families = metrics_text.read(case.run("status", "--prometheus"))
    names, _ = documented_names()
    assert families.keys() - names == set(), families.keys() - names
    late = {"tokenquota_window_runs_out_timestamp_seconds"}  # not in the first minutes of a window
    shared = {name for name in names if name.startswith("tokenquota_sync_")}  # of a ledger that is: tests/test_sync.py
    assert names - late - shared - families.keys() == set(), names - late - shared - families.keys()


def asked_for(expression):
    """The names of series in an expression."""
    return set(re.findall(r"\b(?:tokenquota|process)_\w+", re.sub(r'"[^"]*"', "", expression)))


def exist(names):
    of_ledger, of_daemon = documented_names()
    known = of_ledger | of_daemon | {"tokenquota_http_request_duration_seconds_bucket"}
    assert names and names <= known, names - known


def dashboard(case):
    """Grafana can provision it, and each query asks for series that there are, as a sound expression."""
    document = json.loads(pathlib.Path("contrib/grafana/tokenquota.json").read_text())
    assert document["uid"] == "tokenquota" and document["id"] is None and "__inputs" not in document
    assert [(v["name"], v["type"]) for v in document["templating"]["list"]] == [("datasource", "datasource"), ("provider", "query")]
    panels, taken = document["panels"], set()
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and max(x for x, y in cells) < 24, panel["title"]
        taken |= cells
    targets = [target for panel in panels for target in panel.get("targets", [])]
    assert len(targets) > 15
    for target in targets:
        assert target["datasource"]["uid"] == "${datasource}", target
        exist(asked_for(target["expr"]))
    exist(asked_for(document["templating"]["list"][1]["definition"]))
    if not shutil.which("promtool"):
        raise Skipped("there is no promtool")
    rules = [{"record": "a", "expr": target["expr"].replace("$provider", "x").replace("$__rate_interval", "1m")}
             for target in targets]
    path = pathlib.Path(case.folder, "queries.yml")
    groups = [{"name": "g%d" % number, "rules": [rule]} for number, rule in enumerate(rules)]
    path.write_text(json.dumps({"groups": groups}))
    promtool_says("check", "rules", str(path))


def alerts(case):
    """The rules ask for series that there are, and their cases pass; they would not, were a rule another."""
    folder = pathlib.Path("contrib/prometheus")
    rules = (folder / "tokenquota.rules.yml").read_text()
    exist(asked_for(re.sub(r"(annotations|summary|description|alert|labels):.*", "", rules)))
    documented_alerts = re.findall(r"^\| (Tokenquota\w+) \|", pathlib.Path("docs/metrics.md").read_text(), re.M)
    assert re.findall(r"alert: (\w+)", rules) == documented_alerts, documented_alerts
    if not shutil.which("promtool"):
        raise Skipped("there is no promtool")
    promtool_says("check", "rules", str(folder / "tokenquota.rules.yml"))
    for old, new in (("", ""), (">= 0.9", ">= 0.95"), ("> 900", "> 1200"), ("for: 10m", "for: 30m"), ("unless on", "and on"),
                     ('{reason!="throttled"}', ""), ("> 600", "> 3600"), ("> 3600", "> 9000")):
        assert old in rules
        broken = pathlib.Path(case.folder, "alerts")
        shutil.rmtree(broken, ignore_errors=True)
        shutil.copytree(folder, broken)
        (broken / "tokenquota.rules.yml").write_text(rules.replace(old, new) if old else rules)
        promtool_says("test", "rules", str(broken / "tokenquota.test.yml"), well=not old)


def promtool_says(*words, well=True):
    done = subprocess.run(["promtool", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert (done.returncode == 0) == well, (words, done.stdout.decode())


def promtool(case):
    if not shutil.which("promtool"):
        raise Skipped("there is no promtool")
    text = case.run("status", "--prometheus")
    done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0 and not done.stdout, done.stdout.decode()


def hostile(case):
    """The reader of the tests finds what is wrong."""
    sound = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c"} 1\n'
    metrics_text.read(sound)
    for wrong in (sound + 'a_total{b="c"} 2\n', sound.replace("counter", "gauge\n# TYPE a_total gauge"), sound[:-1],
                  sound.replace('"c"', '"c\\x"'), sound.replace("a_total{", "b_total{"), sound.replace("# HELP a_total x\n", ""),
                  sound + "# HELP b x\n# TYPE b gauge\n", sound.replace("} 1", "}  1"), sound.replace('"c"', '""')):
        try:
            metrics_text.read(wrong)
        except ValueError:
            continue
        raise AssertionError("sound: " + wrong)


def main():
    command = os.path.abspath(sys.argv[1])
    tests = [hostile, same, textfile, documented, promtool, dashboard, alerts]
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        case = Case(command, folder)
        case.fill()
        for test in tests:
            tap.check(test.__name__, lambda: test(case))
    sys.exit(tap.end())


main()
