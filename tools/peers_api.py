#!/usr/bin/env python3
# peers_api.py: the running daemon against its own description, by schemathesis from PyPI.
# SPDX-License-Identifier: MIT
#
#     meson runpython tools/peers_api.py TOKENQUOTA FOLDER
#
# Installs it below FOLDER. When it cannot be had it is skipped with a message. The last line is "N passed, N failed".
# What fits the description must be answered as described; what does not must never be an error of the daemon. That
# fitting data is accepted is not asked for: no schema says which limits and instants make sense.
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from pypi import install
from serve_fixture import Daemon

PACKAGE = "schemathesis==4.32.5"
LONGEST = 300  # seconds that anything may take
RUNS = {
    "answers are as described": [
        "--mode", "positive", "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"],
    "no input is an error of the daemon": ["--mode", "all", "--checks", "not_a_server_error"],
}
HOOKS = """
import schemathesis
@schemathesis.serializer("message/http")
def message(context, value):
    return value.encode("utf-8", "replace") if isinstance(value, str) else str(value).encode()
"""


def run(daemon, place, folder, words):
    (folder / "api_hooks.py").write_text(HOOKS)
    environment = {**daemon.environment, "PYTHONPATH": "%s:%s" % (place, folder), "SCHEMATHESIS_HOOKS": "api_hooks"}
    return subprocess.run(
        [sys.executable, str(place / "bin/st"), "run", "http://127.0.0.1:%d/v1/openapi.json" % daemon.port, "--no-color",
         "--exclude-path", "/v1/events", "--max-examples", "25", "--seed", "1", *words],
        cwd=daemon.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=LONGEST)


def is_well(done):
    """A header of more than 2 KB may be refused by the end of its connection, which it calls a network error."""
    errors = [line for line in done.stdout.splitlines() if line.startswith("  🚫 ")]
    refused = bool(errors) and all(" Network Error: " in line for line in errors if ": " in line)
    return done.returncode == 0 or (refused and " FAILURES " not in done.stdout)


def main(command, folder):
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    place, counts = install(PACKAGE, folder), {True: 0, False: 0}
    for what, words in RUNS.items() if place else ():
        with Daemon(command) as daemon:
            daemon.run("observe", "openai", "5")
            done = run(daemon, place, folder, words)
            well = is_well(done) and daemon.process.poll() is None
            counts[well] += 1
            print("%s - %s" % ("ok" if well else "not ok", what), flush=True)
            if not well:
                print("\n".join("# " + line[:300] for line in done.stdout.splitlines()[-120:]), flush=True)
    print("%d passed, %d failed" % (counts[True], counts[False]))
    return counts[False] > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
