#!/usr/bin/env python3
# test_sync_failures.py: many machines and one server, of which each fails as docs/many-machines.md says.
# SPDX-License-Identifier: MIT
#
#     test_sync_failures.py COMMAND CLOCK_SHIFT.SO [NAME]...
#
# Tests wait for what must come about and run beside each other. With TQ_SOAK=1 those that take long run, too; NAME is a part
# of a test's name.
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from redis import Cluster, Pair, Proxy, Redis, Space, free_port, program
from sync_nodes import Counting, Node, agree, nodes
from tap import Tap, expect, sentences, until


class Started:
    """Starts what it is given, and ends it in the other order."""

    def __init__(self, *parts):
        self.parts = parts

    def __enter__(self):
        for part in self.parts:
            part.__enter__()
        return self.parts

    def __exit__(self, *_):
        for part in reversed(self.parts):
            part.__exit__()


# ---- what the document says -------------------------------------------------------------------------------

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "many-machines.md")


def page():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def block(kind):
    """The only block of a kind (```KIND)."""
    blocks = page().split("```%s\n" % kind)[1:]
    expect(len(blocks), 1, "blocks of " + kind)
    return blocks[0].split("```")[0]


def rows():
    """The table of failures: the words that are shown, by what happens."""
    table = page().split("## When something fails")[1].split("\n## ")[0]
    cells = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    return {row[0].strip(): re.findall("`([^`]*)`", row[2]) for row in cells}


TESTED = set()  # rows that a test made happen


def shows(row, node, leaves_out=()):
    """Waits until a machine has said all that the row of the table says is shown."""
    TESTED.add(row)
    words = [word for word in rows()[row] if not word.startswith(("tokenquota ", "sync ")) and word not in leaves_out]
    for word in words:
        node.hears(word)


def count_all(made, tokens=1000):
    for node in made:
        node.count("api", tokens)
    return tokens * len(made)


def is_cut(node):
    return node.status()["cut"]


def cut_off(node):
    until("%s is cut off" % node.name, lambda: is_cut(node))


def is_back(node):
    until("%s is back" % node.name, lambda: not is_cut(node))


# ---- the server ---------------------------------------------------------------------------------------


def a_server_that_is_killed_and_comes_back_empty(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b", "c")) as made:
        total = count_all(made)
        agree(made, total)
        server.kill()
        total += count_all(made)
        for node in made:
            cut_off(node)
            expect((node.own("api"), node.asks("api")), (2000, True), "counts and decides alone")
        made[0].hears("cut off from")  # not healed before it was said
        server.start()
        agree(made, total)
        shows("The server is gone", made[0])
        shows("The server starts again empty", made[0])


def a_server_that_keeps_what_it_has(folder):
    with Redis(folder, "--appendonly", "yes", "--appendfsync", "always") as server:
        with Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
            agree(made, count_all(made))
            before = server.keys()
            server.kill()
            made[0].count("api", 5)
            server.start()
            agree(made, 2005)
            TESTED.add("The server starts again with its data")
            if not set(before) <= set(server.keys()):
                raise AssertionError("keys were lost: %s, then %s" % (before, server.keys()))


def a_server_that_stalls(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
        agree(made, count_all(made))
        server.stall()
        total = 2000 + count_all(made)
        cut_off(made[0])
        shows("The server stalls", made[0])
        server.go_on()
        agree(made, total)


def soak_a_server_that_stalls_for_25_seconds(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b", "c")) as made:
        agree(made, count_all(made))
        server.stall()
        total, slowest, end = 3000, 0.0, time.monotonic() + 25
        while time.monotonic() < end:
            before = time.monotonic()
            total += count_all(made, 10)
            slowest = max(slowest, time.monotonic() - before)
        cut_off(made[0])
        server.go_on()
        agree(made, total)
        print("# three counts took at most %d ms while the server stalled" % (slowest * 1000))


def a_server_without_memory(folder):
    with Redis(folder, "--maxmemory-policy", "noeviction") as server:
        with Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
            agree(made, count_all(made))
            server.ask("CONFIG", "SET", "maxmemory", 1)
            total = 2000 + count_all(made)
            shows("The server has no memory left", made[0])
            expect(made[0].own("api"), 2000, "counts alone")
            server.ask("CONFIG", "SET", "maxmemory", 0)
            agree(made, total)


def a_server_that_evicts_is_named(folder):
    with Redis(folder, "--maxmemory-policy", "allkeys-lru", "--maxmemory", "100mb") as server:
        node = nodes(COMMAND, folder, server.url, "a")[0]
        TESTED.add("The server evicts keys")
        said = node.run(*node.words("--dry-run")[1:]).stdout
        for word in ("maxmemory-policy is allkeys-lru", "noeviction"):
            expect(word in said, True, said)


def a_failover_that_loses_acknowledged_writes(folder):
    with Pair(folder) as pair, Started(*nodes(COMMAND, folder, pair.url, "a", "b", "c")) as made:
        agree(made, count_all(made))
        until("the replica has it", pair.caught_up)
        pair.lose_from_now_on()
        total = 3000 + count_all(made, 500)
        agree(made, total)
        pair.fail_over()
        total += count_all(made, 70)
        agree(made, total)
        TESTED.add("A failover loses what was acknowledged")


def a_cluster_of_three(folder):
    with Cluster(folder) as cluster, Started(*nodes(COMMAND, folder, cluster.url, "a", "b", "c")) as made:
        providers = ["api"] + ["other%d" % i for i in range(8)]
        for node in made:
            for provider in providers[1:]:
                node.quota("limit", provider, "add", "1M tokens once")
            for provider in providers:
                node.count(provider, 100)
        for provider in providers:
            agree(made, 300, provider)
        used = [len(node.keys()) for node in cluster.nodes]
        expect(0 in used, False, "each server has some: %s" % used)


# ---- what the server allows ---------------------------------------------------------------------------

def user(server, name, *rules):
    server.ask("ACL", "SETUSER", name, "reset", "on", ">secret", *rules)
    path = os.path.join(server.folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
        file.write(name + ":secret\n")
    return "--auth-file", path


def the_rights_that_the_documents_name_are_enough(folder):
    with Redis(folder) as server:
        line = block("redis").strip()
        expect(line.startswith("ACL SETUSER tokenquota on >"), True, line)
        rights = line.split()[5:]
        options = user(server, "tokenquota", *rights)
        server.ask("ACL", "SETUSER", "default", "off")
        made = nodes(COMMAND, folder, server.url, "a", "b")
        for node in made:
            node.options = options
        with Started(*made):
            agree(made, count_all(made))


def a_server_that_refuses_eval(folder):
    with Redis(folder) as server:
        options = user(server, "plain", "~*", "&*", "+@all", "-eval", "-evalsha", "-script")
        made = nodes(COMMAND, folder, server.url, "a", "b", "c")
        for node in made:
            node.options = options
        with Started(*made):
            agree(made, count_all(made))
            made[1].quota("mark", "api", "exhausted", "--for", "1h")
            until("the mark is known", lambda: not made[2].asks("api"))
            TESTED.add("EVAL is refused")
            said = made[0].run(*made[0].words("--dry-run")[1:]).stdout
            expect("it refuses EVAL" in said, True, said)


def a_wrong_password_is_named_and_never_shown(folder):
    with Redis(folder, "--requirepass", "right") as server:
        server.password = "right"
        node = nodes(COMMAND, folder, server.url, "a")[0]
        path = os.path.join(folder, "auth")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("wrong-secret\n")
        node.options = ("--auth-file", path)
        with node:
            node.count("api", 7)
            shows("The password is wrong", node)
            with open("/proc/%d/cmdline" % node.process.pid, "rb") as words:
                expect(b"wrong-secret" in words.read() or "wrong-secret" in node.said(), False, "shown")
            expect(node.own("api"), 7, "counts alone")


def certificate(folder, host):
    """A key and a certificate that signs itself."""
    made = [os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")]
    subprocess.run([program(("openssl",)), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + host,
                    "-addext", "subjectAltName=DNS:" + host, "-keyout", made[0], "-out", made[1]],
                   check=True, capture_output=True)
    return made


def tls_through_stunnel_as_the_documents_configure_it(folder):
    stunnel = program(("stunnel4", "stunnel"))
    key, cert = certificate(folder, "redis.example")
    secure, near = free_port(), free_port()
    with Redis(folder, "--tls-port", secure, "--tls-cert-file", cert, "--tls-key-file", key,
               "--tls-auth-clients", "no") as server:
        text = block("ini")
        for old, new in (("127.0.0.1:6390", "127.0.0.1:%d" % near), ("redis.example:6379", "127.0.0.1:%d" % secure),
                         ("/etc/ssl/certs/ca-certificates.crt", cert)):
            expect(text.count(old), 1, old)
            text = text.replace(old, new)
        with open(os.path.join(folder, "stunnel.conf"), "w", encoding="ascii") as file:
            file.write("foreground = yes\npid =\n" + text)
        with open(os.path.join(folder, "stunnel.log"), "wb") as log:
            tunnel = subprocess.Popen([stunnel, file.name], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            with Started(*nodes(COMMAND, folder, "redis://127.0.0.1:%d" % near, "a", "b")) as made:
                agree(made, count_all(made))
            expect(len(server.keys()) > 0, True, "through the tunnel")
        finally:
            tunnel.kill()
            tunnel.wait()


# ---- the network --------------------------------------------------------------------------------------


def a_wire_that_is_cut_and_no_end_hears_of_it(folder):
    with Space(1) as space, Redis(folder, host="0.0.0.0") as server:
        url = "redis://%s:%d" % (space.here, server.port)
        far = Node(COMMAND, folder, "far", url, inside=space.inside)
        near = nodes(COMMAND, folder, server.unix_url, "near")[0]
        far.quota("limit", "api", "add", "1M tokens once")
        with Started(near, far):
            agree([near, far], count_all([near, far]))
            space.cut()
            total = 2000 + count_all([near, far], 300)
            cut_off(far)
            far.hears("cut off from")  # not healed before it was said
            expect(is_cut(near), False, "the other is not")
            silent = {peer["node"]: peer["seen_ms_ago"] for peer in near.status()["peers"]}
            expect(silent["far"] > 900, True, "it is silent: %s" % silent)
            space.mend()
            agree([near, far], total)
            shows("A machine's network is cut", far)


def a_network_that_delays_cuts_and_repeats(folder):
    with Redis(folder) as server, Proxy(("127.0.0.1", server.port)) as proxy:
        proxy.repeats = True
        near = nodes(COMMAND, folder, server.unix_url, "near")[0]
        far = nodes(COMMAND, folder, proxy.url, "far")[0]
        with Started(near, far):
            total = 0
            for turn in range(3):
                proxy.delay = (0, 0.02, 0.05)[turn]
                total += count_all([near, far], 100)
                agree([near, far], total)
                proxy.cut()
                total += count_all([near, far], 10)
                proxy.go_on()
            agree([near, far], total)


def a_server_that_is_slower_than_the_interval_is_heard(folder):
    with Redis(folder) as server, Proxy(("127.0.0.1", server.port)) as proxy:
        near = nodes(COMMAND, folder, server.unix_url, "near")[0]
        far = nodes(COMMAND, folder, proxy.url, "far")[0]
        proxy.delay = 0.04  # of each part: a round trip has at least two, and an interval is 50 ms
        with Started(near, far):
            agree([near, far], count_all([near, far]))
            agree([near, far], 2000 + count_all([near, far], 10))
            expect((far.status()["round_trip_ns"] > 80e6, "cut off from" in far.said()), (True, False), far.said())


def soak_half_of_30_machines_are_cut_off_for_minutes(folder):
    lasts, every = float(os.environ.get("TQ_SOAK_CUT", "600")), "1s"
    with Redis(folder) as server, Proxy(("127.0.0.1", server.port)) as proxy, concurrent.futures.ThreadPoolExecutor(4) as pool:
        near = nodes(COMMAND, folder, server.unix_url, *("near%d" % i for i in range(15)), limit="1G tokens once", every=every)
        far = nodes(COMMAND, folder, proxy.url, *("far%d" % i for i in range(15)), limit="1G tokens once", every=every)
        made, total = near + far, 0

        def count():
            list(pool.map(lambda node: node.count("api", 1000), made))
            return 1000 * len(made)

        with Started(*made):
            total += count()
            agree(made, total)
            proxy.cut()
            end = time.monotonic() + lasts
            while time.monotonic() < end:
                total += count()
                time.sleep(2)
            expect([is_cut(node) for node in made], [False] * 15 + [True] * 15, "cut off")
            proxy.go_on()
            healed = time.monotonic()
            until("all know %d" % total, lambda: set(pool.map(lambda node: node.sum("api"), made)) == {total})
            print("# cut for %d s; all 30 knew all %.1f s after it was healed, with an interval of %s, as far as can be asked"
                  % (lasts, time.monotonic() - healed, every))


# ---- the machines -------------------------------------------------------------------------------------


def machines_that_are_killed_while_they_count(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b", "c")) as made:
        with Counting(made, tokens=10) as counting:
            for node in made * 2:
                node.kill()
                node.start()
        agree(made, counting.total)
        TESTED.add("`sync` is killed and starts again")


def a_machine_that_is_gone_stays_counted(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b", "c")) as made:
        agree(made, count_all(made))
        made[2].kill()
        shutil.rmtree(made[2].folder)
        total = 3000 + count_all(made[:2])
        agree(made[:2], total)
        TESTED.add("A machine is gone for good")


def a_process_that_is_stopped(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
        agree(made, count_all(made))
        made[0].stall()
        total = 2000 + count_all(made)
        cut_off(made[0])
        expect("is cut off" in made[0].run("sync", "--status").stdout, True, made[0].run("sync", "--status").stdout)
        made[0].go_on()
        agree(made, total)
        TESTED.add("`sync` hangs")


def an_old_ledger_that_is_put_back(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
        agree(made, count_all(made))
        old = os.path.join(folder, "old")
        made[0].quota("ledger", "backup", old)
        made[0].count("api", 4000)
        agree(made, 6000)
        made[0].kill()
        made[0].quota("ledger", "restore", "--yes", old)
        made[0].start()
        agree(made, 6000)
        total = 6000 + count_all(made, 10)
        agree(made, total)
        made[0].kill()
        made[0].count("api", 9000)  # more than the ledger lacks: the next run knows of that all the same
        made[0].start()
        agree(made, total + 9000)
        TESTED.add("An older ledger is put back")


def what_a_restored_ledger_counts_before_the_first_exchange(folder):
    windows = ("once", "per day", "per 5h first-use", "per 5h rolling", "per 7 days rolling")

    def knows(node, total):
        used = {limit["limit"]: limit["used"] for limit in node.standing("api")["limits"]}
        return used == {limit: total for limit in used} and len(used) == len(windows) + 1

    def all_know(total, what):
        until(what, lambda: all(knows(node, total) for node in made))

    with Redis(folder) as server:
        made = nodes(COMMAND, folder, server.url, "a", "b", limit="1M tokens per week")
        for node in made:
            for window in windows:
                node.quota("limit", "api", "add", "1M tokens " + window)
            node.quota("limit", "late", "add", "1M tokens per 5h first-use")
        with Started(*made):
            made[0].count("api", 1000)
            made[1].count("api", 1)
            all_know(1001, "before the backup")
            old = os.path.join(folder, "old")
            made[0].quota("ledger", "backup", old)
            made[0].count("api", 4000)
            made[0].count("late", 300)  # the window begins behind the backup
            all_know(5001, "after it")
            busy = made[0].run("ledger", "restore", "--yes", old)
            expect((busy.returncode, "exchanges" in busy.stderr), (2, True), busy.stderr)
            for total in (5072, 5143):  # what was noted is forgotten, too
                made[0].kill()
                made[0].quota("ledger", "restore", "--yes", old)
                made[0].count("api", 70)
                made[0].count("late", 7)
                made[0].start()
                made[1].count("api", 1)
                all_know(total, "what was counted before the first exchange")
                agree(made, 307 if total == 5072 else 314, "late")
                made[0].kill()
                made[0].start()
            made[0].count("api", 5)
            all_know(5148, "and is counted on")


def a_copy_of_a_ledger_has_nothing_of_what_was_leased(folder):
    with Redis(folder) as server:
        grown_up(server)
        node = nodes(COMMAND, folder, server.url, "a", limit="1M tokens once")[0]
        node.quota("limit", "api", "add", "--strict", "1M tokens once")
        with node:
            until("it is granted something", lambda: node.run("hold", "take", "api", "10").returncode == 0)
            node.kill()
            expect(node.run("hold", "take", "api", "10").returncode, 0, "for 7 s it has that")
            shutil.copy(node.ledger, node.ledger + ".copy")
            os.replace(node.ledger + ".copy", node.ledger)
            expect(node.run("hold", "take", "api", "10").returncode, 1, "a copy has nothing")


def two_machines_of_one_name(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a")) as (first,):
        second = nodes(COMMAND, os.path.join(folder, "elsewhere"), server.url, "a")[0]
        first.count("api", 10)
        until("the first is known", lambda: server.keys())
        with second:
            second.count("api", 20)
            shows("Two machines have one name", second)
            first.count("api", 5)
            expect((first.sum("api"), second.own("api")), (15, 20), "each goes on")


def machines_with_another_number_of_tags(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a")) as (first,):
        second, third = nodes(COMMAND, folder, server.url, "b", "c")
        second.options = ("--tags", "8")
        agree([first], count_all([first]))
        with second:
            shows("Machines have different `--tags`", second)
            expect(second.process.wait(), 2, "it ends")
            expect(server.ask("HEXISTS", "tq1:{00}:n", "b"), 0, "and wrote nothing")
        said = second.run(*second.words("--dry-run")[1:])
        expect((said.returncode, "with --tags 16" in said.stderr), (1, True), said.stderr)
        other = "i %d 50 0 somewhere/8"
        server.ask("HSET", "tq1:{00}:n", "d", other % (time.time() * 1000))
        first.hears("d exchanges with --tags 8, this machine with 16")
        server.ask("HSET", "tq1:{00}:n", "d", other % (time.time() * 1000 - 61000))  # it has ended a minute ago
        with third:
            agree([first, third], 1000 + count_all([third]))


def a_key_of_somebody_else(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
        agree(made, count_all(made))
        key = next(key for key in server.keys() if ":c:api:" in key)
        server.ask("SET", key, "something else")
        total = 2000 + count_all(made)
        shows("A key is somebody else's", made[0])
        until("the key is named", lambda: key in (made[0].status()["trouble"] or ""))
        expect(made[0].status()["cut"], False, "the others are heard")
        for said, word in (("sync --status", key), ("doctor", key), ("status --prometheus", "sync_windows_blocked 1")):
            expect(word in made[0].run(*said.split()).stdout, True, said)
        server.ask("DEL", key)
        agree(made, total)
        until("all is well", lambda: made[0].status()["trouble"] is None)


def clocks_that_are_minutes_apart(folder):
    with Redis(folder) as server:
        made = nodes(COMMAND, folder, server.url, "a", "b", "c", preload=CLOCK)
        made[1].shift(200)
        made[2].shift(-200)
        with Started(*made):
            agree(made, count_all(made))
            made[2].quota("mark", "api", "exhausted", "--for", "1h")
            until("a mark is known", lambda: not made[0].asks("api") and not made[1].asks("api"))
            made[0].quota("mark", "api", "available")
            until("that it is lifted, too", lambda: made[1].asks("api") and made[2].asks("api"))
            TESTED.add("Clocks are minutes apart")
            expect([round(node.status()["offset_ms"] / 1e5) for node in made], [0, -2, 2], "how far from the server's")
            made[1].shift(-100)
            agree(made, 3000 + count_all(made))


def a_fixed_window_that_has_turned_is_the_same_limit(folder):
    sentence = "%s tokens per 7d from 2024-01-01T00:15Z"
    with Redis(folder) as server:
        made = nodes(COMMAND, folder, server.url, "a", "b", limit=sentence % "1M", preload=CLOCK)
        made[1].shift(-7 * 86400)
        with Started(*made):
            for node, other in (made, made[::-1]):
                until("it is heard", lambda n=node, o=other: '"%s"' % o.name in n.run("sync", "--status", "--json").stdout)
            made[1].shift(0)  # it read its limits in the window before
            agree(made, count_all(made))
            made[0].quota("limit", "api", "add", sentence % "2M")
            until("it is known", lambda: made[1].limit("api")["amount"] == 2000000)
            expect([node.own("api") for node in made], [1000, 1000], "the count stays")
            agree(made, 2000 + count_all(made, 10))


# ---- no token too many --------------------------------------------------------------------------------


def grown_up(server):
    """Makes the server one that has been there for an hour: after a loss nobody is granted more for a while."""
    for tag in range(16):
        server.ask("SET", "tq1:{%02x}:e" % tag, "%d %d" % (tag + 1, (time.time() - 3600) * 1000))


class Race:
    """Machines that hold before they spend, each until nobody has had room for a while, beginning before they exchange."""

    def __init__(self, made, amount, call, patience):
        self.made, self.amount, self.call, self.patience = made, amount, call, patience
        self.spent = {node.name: 0 for node in made}
        self.taken_at = time.monotonic()
        for node in made:
            node.quota("limit", "api", "add", "--strict", "%d tokens once" % amount)

    @property
    def total(self):
        return sum(self.spent.values())

    def is_over(self):
        return time.monotonic() - self.taken_at > self.patience or self.amount - self.total < self.call

    def spend(self, node):
        while self.total <= self.amount and not self.is_over():
            taken = node.run("hold", "take", "api", str(self.call))
            if taken.returncode == 0:
                self.taken_at = time.monotonic()
                node.quota("hold", "settle", taken.stdout.strip(), str(self.call))
                self.spent[node.name] += self.call
            else:
                time.sleep(0.02)

    def expect(self, least):
        """Never above the amount, and all machines know to the token what was spent."""
        agree(self.made, self.total)
        expect(least <= self.total <= self.amount, True, "%d of %d: %s" % (self.total, self.amount, self.spent))


def run_race(folder, count, amount, call, disturb, least, patience=10, young=False,
             options=("--appendonly", "yes", "--appendfsync", "always")):
    with Redis(folder, *options) as server:
        if not young:
            grown_up(server)
        made = nodes(COMMAND, folder, server.url, *("n%d" % i for i in range(count)), limit="%d tokens once" % amount)
        race = Race(made, amount, call, patience)
        with concurrent.futures.ThreadPoolExecutor(count) as all_at_once:
            running = [all_at_once.submit(race.spend, node) for node in made]
            with Started(*made):
                disturb(race, server)
                for one in running:
                    one.result()
                race.expect(least)


def kill_in_turn(kills):
    def disturb(race, server):
        for turn in range(kills):
            node = race.made[turn % len(race.made)]
            node.kill()
            node.start()
            if turn % 3 == 2:
                server.kill()
                server.start()
    return disturb


def strict_is_never_exceeded(folder):
    run_race(folder, 4, 40000, 1000, kill_in_turn(6), 34000)


def strict_is_spent_to_the_last_call(folder):
    run_race(folder, 3, 20000, 1000, lambda race, server: None, 20000)


def soak_strict_is_never_exceeded_by_30(folder):
    run_race(folder, 30, 600000, 1000, kill_in_turn(90), 500000, young=True, patience=30)


def soak_strict_survives_servers_that_lose_all(folder):
    def disturb(race, server):
        for turn in range(6):
            node = race.made[turn % len(race.made)]
            (node.kill, node.stall, node.stop)[turn % 3]()
            server.kill()
            server.start()
            time.sleep(11)  # the others may have what this one was granted
            (node.start, node.go_on, node.start)[turn % 3]()

    run_race(folder, 4, 400000, 1000, disturb, 0, patience=40, young=True, options=())


def main():
    tap, parts, soak = Tap(), sys.argv[3:], os.environ.get("TQ_SOAK") == "1"
    tests = {name: test for name, test in sentences(globals()).items()
             if test.__code__.co_varnames[:1] == ("folder",) and (soak or not name.startswith("soak_"))
             and (not parts or any(part in name for part in parts))}
    with tempfile.TemporaryDirectory(prefix="tq-f-") as folder:
        def inside(number, test):
            own = os.path.join(folder, "%d" % number)
            os.makedirs(own)
            return lambda: test(own)

        tap.check_beside({name.removeprefix("soak_"): inside(number, test) for number, (name, test) in enumerate(tests.items())})
        if not parts and not tap.skipped:  # no row is its own
            tap.check("the table of failures has a row for each of these tests, and no other",
                      lambda: expect(TESTED, set(rows())))
    return tap.end()


if __name__ == "__main__":
    COMMAND, CLOCK = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    sys.exit(main())
