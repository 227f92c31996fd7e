#!/usr/bin/env python3
# test_serve_runs.py: the daemon looks after runs when no command is called.
# SPDX-License-Identifier: MIT
#
#     test_serve_runs.py COMMAND
import os
import signal
import subprocess
import sys

from serve_fixture import Daemon
from tap import Tap, expect, until

COMMAND = os.path.abspath(sys.argv[1])


def runs(daemon):
    """What stands in the file of runs, without a look at the ledger."""
    return (daemon.folder / "ledger.runs").read_text().split()


def start(daemon, *arguments):
    """A run whose first process is killed; what goes on are its command and that command's children."""
    first = subprocess.Popen([COMMAND, "run", "claude", *arguments, "--", "sh", "-c", "echo $$; exec sleep 60"],
                             env=daemon.environment, stdout=subprocess.PIPE, start_new_session=True)
    first.stdout.readline()
    first.kill()
    first.wait()
    return first.pid


def a_run_is_forgotten_when_its_last_process_is_killed():
    with Daemon(COMMAND) as daemon:
        group = start(daemon, "--name", "killed")
        expect(runs(daemon)[0], "claude/killed", "in force")
        expect(daemon.get("/v1/verdict", [("provider", "claude/killed")]).status, 200)
        os.killpg(group, signal.SIGKILL)
        until("that it is forgotten", lambda: not runs(daemon))
        expect([row["provider"] for row in daemon.get("/v1/status").json()["providers"] if "/" in row["provider"]], [])


def a_run_whose_time_is_up_is_out():
    with Daemon(COMMAND) as daemon:
        group = start(daemon, "--name", "timed", "--for", "2h")
        try:
            name, begun, _, user = runs(daemon)
            with open(daemon.folder / "ledger.runs", "r+b") as file:
                file.write("\t".join((name, begun, begun, user)).encode().ljust(511))  # as if they were over
            until("its mark", lambda: daemon.get("/v1/verdict", [("provider", name)]).json().get("reason") == "marked")
            expect(runs(daemon)[0], name, "in force")
        finally:
            os.killpg(group, signal.SIGKILL)


def main():
    tap = Tap()
    os.environ.pop("TOKENQUOTA_RUN", None)
    tap.check_all(globals())
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
