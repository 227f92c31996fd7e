#!/usr/bin/env python3
# test_sync_page.py: what docs/many-machines.md says beside its table of failures is so, with real servers.
# SPDX-License-Identifier: MIT
#
#     test_sync_page.py COMMAND [NAME]...
#
# Tests mostly wait, and run beside each other.
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

from redis import Redis, free_port, program
from sync_nodes import Node, agree, nodes
from tap import DEADLINE, Skipped, Tap, expect, until

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT.joinpath("docs/many-machines.md").read_text(encoding="utf-8")


def block(kind):
    return PAGE.split("```%s\n" % kind)[1].split("```")[0]


def has(parts, text):
    for part in parts:
        if part not in text:
            raise AssertionError("%r is not in %s" % (part, text))


def the_first_five_minutes(folder):
    os.symlink(COMMAND, os.path.join(folder, "tokenquota"))
    os.symlink(program(), os.path.join(folder, "redis-server"))
    text = block("sh").replace("6390", str(free_port())).replace("/tmp/", folder + "/")
    script = subprocess.Popen(["bash", "-eu", "-c", text], env={**os.environ, "PATH": folder + ":" + os.environ["PATH"]},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, start_new_session=True)
    try:
        said = script.communicate(timeout=DEADLINE)[0]
    finally:
        try:
            os.killpg(script.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    expect(script.returncode, 0, said)
    has(["  day      30k", "c exchanges through", "3 machines"], said)
    used, elsewhere = re.search(r"`explain` says that ([0-9,]+) tokens of the limit are used, ([0-9,]+) of it", PAGE).groups()
    has(["%s of 5,000,000 tokens used in its day, %s of it on other machines" % (used, elsewhere)], said)


def the_arithmetic_of_the_overshoot(folder):
    sum_, every, trip, notice, most = re.search(
        r"([0-9,]+) tokens/s x \(([0-9.]+) s \+ ([0-9.]+) s \+ ([0-9.]+) s\) = ([0-9,]+) tokens", PAGE).groups()
    expect(int(sum_.replace(",", "")) * (float(every) + float(trip) + float(notice)), int(most.replace(",", "")), "the product")
    expect(float(notice), max(3 * float(every), float(every) + 1), "the time to notice")
    with Redis(folder) as server:
        node = nodes(COMMAND, folder, server.url, "a", every="%sms" % round(float(every) * 1000))[0]
        said = node.run(*node.words("--dry-run")[1:]).stdout
        seconds = float(re.search(r"what all machines together spend in ([0-9.]+) s", said)[1])
        expect(float(every) + float(notice) - 0.01 <= seconds < float(every) + float(notice) + 0.5, True, said)


def what_each_policy_does_while_cut_off(folder):
    """Of 9M three machines used 1,000 each: a third of the rest is a machine's part."""
    with Redis(folder) as server:
        made = nodes(COMMAND, folder, server.url, "a", "b", "c", limit="9M tokens once")
        for node in made:
            node.start()
        try:
            for node in made:
                node.count("api", 1000)
            agree(made, 3000)
            a = made[0]

            def left():
                """What it may still use when it hears nothing."""
                a.stall()
                until("it is cut off", lambda: a.status()["cut"])
                limit = a.limit("api")
                a.go_on()
                until("it hears again", lambda: not a.status()["cut"])
                return limit["amount"] - limit["used"] + (limit["others"] or 0) - (limit["withheld"] or 0)

            heard = a.status()["flushes"]
            until("the others heard of it", lambda: a.status()["flushes"] > heard + 70)
            expect(left(), (9000000 - 3000) // 3, "share")
            a.quota("set", "api", "cut=open")
            until("open", lambda: left() == 9000000 - 3000)
            has(["api: no bound while cut off (cut=open)"], a.run("sync", "--status").stdout)
            a.quota("set", "api", "cut=closed")
            a.stall()
            until("it is cut off", lambda: a.status()["cut"])
            expect(a.asks("api"), False, "closed")
            has(["cut off from the other machines for", "it is out until they are heard (cut=closed)"],
                a.run("explain", "api").stdout)
            has(["This machine is cut off from the other machines for"], a.run("status").stdout)
            a.go_on()
            until("it is back", lambda: a.asks("api"))
        finally:
            for node in made:
                node.kill()


def groups_in_databases_of_one_server_do_not_share(folder):
    if "redis://10.0.0.5/1" not in PAGE:
        raise AssertionError("the page names no database")
    with Redis(folder) as server:
        server.ask("ACL", "SETUSER", "tokenquota", "on", ">secret", *block("redis").split()[5:], "+select")
        login = os.path.join(folder, "login")
        with open(os.open(login, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("tokenquota:secret\n")
        groups = [nodes(COMMAND, folder, "%s/%d" % (server.url, db), "a%d" % db, "b%d" % db) for db in (0, 1)]
        made = [node for group in groups for node in group]
        try:
            for node in made:
                node.options = ("--auth-file", login)
                node.start()
                node.count("api", 1000 if node in groups[0] else 10)
            agree(groups[0], 2000)
            agree(groups[1], 20)
            until("the other of its group is known", lambda: len(made[0].status()["peers"]) == 2)
            expect(sorted(peer["node"] for peer in made[0].status()["peers"]), ["a0", "b0"], "who is heard")
        finally:
            for node in made:
                node.kill()


def a_refusal_names_the_rights_of_the_page(folder):
    with Redis(folder) as server:
        server.ask("ACL", "SETUSER", "poor", "on", ">secret", "~tq1:*", "+ping")
        login = os.path.join(folder, "login")
        with open(os.open(login, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("poor:secret\n")
        node = nodes(COMMAND, folder, server.url, "a")[0]
        node.options = ("--auth-file", login)
        has([word for word in block("redis").split() if word.startswith(("+", "~"))], node.run(*node.words("--once")[1:]).stderr)


def rediss_without_tls_says_what_to_do(folder):
    node = Node(COMMAND, folder, "a", "rediss://127.0.0.1:1")
    said = node.run(*node.words("--once")[1:]).stderr
    if "has no TLS" not in said:
        raise Skipped("this build has TLS")
    has(["stunnel", "docs/many-machines.md"], said)


def the_service_is_as_the_page_says(_):
    unit = ROOT.joinpath("contrib/systemd/tokenquota-sync.service.in").read_text(encoding="utf-8")
    has(re.findall(r"`(/etc/tokenquota/sync\.env)`", PAGE), unit)
    has(["#     " + words for words in ("TO=redis://10.0.0.5", "MORE=--auth-file /etc/tokenquota/redis.auth")], unit)
    has(["--to ${TO} $MORE", "ExecReload=/bin/kill -HUP"], unit)
    has(["`TO=redis://10.0.0.5`", "`MORE=--auth-file /etc/tokenquota/redis.auth`"], PAGE)
    has(["`systemctl enable --now tokenquota-sync`"], PAGE)


def main():
    tap = Tap()
    tests = [test for name, test in globals().items()
             if getattr(test, "__module__", "") == "__main__" and name.count("_") > 1 and callable(test)
             and (not sys.argv[2:] or name in sys.argv[2:])]
    with tempfile.TemporaryDirectory(prefix="tq-p-") as folder, concurrent.futures.ThreadPoolExecutor(len(tests)) as pool:
        started = []
        for test in tests:
            inside = os.path.join(folder, str(len(started)))
            os.makedirs(inside)
            started.append(pool.submit(test, inside))
        for test, future in zip(tests, started):
            tap.check(test.__name__.replace("_", " "), future.result)
    return tap.end()


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv[1])
    sys.exit(main())
