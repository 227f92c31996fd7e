#!/usr/bin/env python3
# test_sync_failures.py: many machines and one server, of which each fails as docs/many-machines.md says.
# SPDX-License-Identifier: MIT
#
#     test_sync_failures.py COMMAND CLOCK_SHIFT.SO [soak] [NAME]...
#
# Tests wait for what must come about and run beside each other. With soak those that take long run; NAME is a part of a name.
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import time

from sync_servers import Cluster, Pair, Proxy, Redis, Space, free_port, program
from sync_nodes import Counting, Node, agree, nodes
from tap import Tap, expect, until

BESIDE = 6  # tests that run at one time: they mostly wait


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
        server.start()
        agree(made, total)


def a_server_that_keeps_what_it_has(folder):
    with Redis(folder, "--appendonly", "yes", "--appendfsync", "always") as server:
        with Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
            agree(made, count_all(made))
            before = server.keys()
            server.kill()
            made[0].count("api", 5)
            server.start()
            agree(made, 2005)
            if not set(before) <= set(server.keys()):
                raise AssertionError("keys were lost: %s, then %s" % (before, server.keys()))


def a_server_that_stalls(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
        agree(made, count_all(made))
        server.stall()
        total = 2000 + count_all(made)
        cut_off(made[0])
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
            server.run("CONFIG", "SET", "maxmemory", 1)
            total = 2000 + count_all(made)
            made[0].hears("memory")
            expect(made[0].own("api"), 2000, "counts alone")
            server.run("CONFIG", "SET", "maxmemory", 0)
            agree(made, total)


def a_server_that_evicts_is_named(folder):
    with Redis(folder, "--maxmemory-policy", "allkeys-lru", "--maxmemory", "100mb") as server:
        node = nodes(COMMAND, folder, server.url, "a")[0]
        said = node.run("sync", "--to", server.url, "--node", "a", "--dry-run")
        if "noeviction" not in said.stdout + said.stderr or "allkeys-lru" not in said.stdout + said.stderr:
            raise AssertionError(said)


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


def valkey_is_as_good(folder):
    with Redis(folder, names=("valkey-server",)) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
        total = count_all(made)
        agree(made, total)
        server.kill()
        total += count_all(made)
        server.start()
        agree(made, total)


# ---- what the server allows ---------------------------------------------------------------------------

def user(server, name, *rules):
    server.run("ACL", "SETUSER", name, "reset", "on", ">secret", *rules)
    path = os.path.join(server.folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
        file.write(name + ":secret\n")
    return "--auth-file", path


def the_rights_that_the_documents_name_are_enough(folder):
    with Redis(folder) as server:
        rights = acl_of_the_documents()
        options = user(server, "tokenquota", *rights)
        server.run("ACL", "SETUSER", "default", "off")
        made = nodes(COMMAND, folder, server.url, "a", "b")
        for node in made:
            node.options = options
        with Started(*made):
            agree(made, count_all(made))


def acl_of_the_documents():
    line = block("redis").strip()
    expect(line.startswith("ACL SETUSER tokenquota on >"), True, line)
    return line.split()[5:]


def eval_refused(folder):
    with Redis(folder) as server:
        options = user(server, "plain", "~*", "&*", "+@all", "-eval", "-evalsha", "-script")
        made = nodes(COMMAND, folder, server.url, "a", "b", "c")
        for node in made:
            node.options = options
        with Started(*made):
            agree(made, count_all(made))
            made[1].quota("mark", "api", "exhausted", "--for", "1h")
            until("the mark is known", lambda: not made[2].asks("api"))


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
            node.hears("password")
            with open("/proc/%d/cmdline" % node.process.pid, "rb") as words:
                expect(b"wrong-secret" in words.read() or "wrong-secret" in node.said(), False, "shown")
            expect(node.own("api"), 7, "counts alone")


def block(kind):
    """The only block of a kind (```KIND) in docs/many-machines.md."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "many-machines.md"), encoding="utf-8") as page:
        blocks = page.read().split("```%s\n" % kind)[1:]
    expect(len(blocks), 1, "blocks of " + kind)
    return blocks[0].split("```")[0]


def certificate(folder, host):
    """A key and a certificate that signs itself."""
    made = [os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")]
    subprocess.run([program(("openssl",)), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + host,
                    "-addext", "subjectAltName=DNS:" + host, "-keyout", made[0], "-out", made[1]], check=True, capture_output=True)
    return made


def tls_through_stunnel_as_the_documents_configure_it(folder):
    stunnel = program(("stunnel4", "stunnel"))
    key, cert = certificate(folder, "redis.example")
    secure, near = free_port(), free_port()
    with Redis(folder, "--tls-port", secure, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no") as server:
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
            expect(is_cut(near), False, "the other is not")
            space.mend()
            agree([near, far], total)


def a_network_that_delays_cuts_and_repeats(folder):
    with Redis(folder) as server, Proxy(("127.0.0.1", server.port)) as proxy:
        proxy.repeats = True
        near = nodes(COMMAND, folder, server.unix_url, "near")[0]
        far = nodes(COMMAND, folder, proxy.url, "far")[0]
        with Started(near, far):
            total = 0
            for turn in range(6):
                proxy.delay = (0, 0.02, 0.05)[turn % 3]
                total += count_all([near, far], 100)
                agree([near, far], total)
                proxy.cut()
                total += count_all([near, far], 10)
                proxy.go_on()
            agree([near, far], total)


# ---- the machines -------------------------------------------------------------------------------------


def machines_that_are_killed_while_they_count(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b", "c")) as made:
        with Counting(made, tokens=10) as counting:
            for node in made * 2:
                node.kill()
                node.start()
        agree(made, counting.total)


def a_machine_that_is_gone_stays_counted(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b", "c")) as made:
        agree(made, count_all(made))
        made[2].kill()
        shutil.rmtree(made[2].folder)
        total = 3000 + count_all(made[:2])
        agree(made[:2], total)


def a_process_that_is_stopped(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
        agree(made, count_all(made))
        made[0].stall()
        total = 2000 + count_all(made)
        cut_off(made[0])
        made[0].go_on()
        agree(made, total)


def an_old_ledger_that_is_put_back(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a", "b")) as made:
        agree(made, count_all(made))
        old = os.path.join(folder, "old")
        made[0].quota("ledger", "backup", old)
        made[0].count("api", 4000)
        agree(made, 6000)
        made[0].kill()
        made[0].quota("ledger", "restore", old)
        made[0].start()
        total = 6000 + count_all(made, 10)
        until("all know what was counted twice nowhere", lambda: [node.sum("api") for node in made] == [total] * 2)


def two_machines_of_one_name(folder):
    with Redis(folder) as server, Started(*nodes(COMMAND, folder, server.url, "a")) as (first,):
        second = nodes(COMMAND, os.path.join(folder, "elsewhere"), server.url, "a")[0]
        first.count("api", 10)
        until("the first is known", lambda: server.keys())
        with second:
            second.count("api", 20)
            second.hears("a")
            first.count("api", 5)
            expect(first.sum("api"), 15, "the first goes on")


def clocks_that_are_minutes_apart(folder):
    with Redis(folder) as server:
        made = nodes(COMMAND, folder, server.url, "a", "b", "c", preload=CLOCK)
        made[1].shift(200)
        made[2].shift(-200)
        with Started(*made):
            agree(made, count_all(made))
            made[2].quota("mark", "api", "exhausted", "--for", "1h")
            until("a mark is known", lambda: not made[1].asks("api"))
            made[0].quota("mark", "api", "available")
            until("that it is lifted, too", lambda: made[1].asks("api") and made[2].asks("api"))
            made[1].shift(-100)
            agree(made, 3000 + count_all(made))


# ---- no token too many --------------------------------------------------------------------------------


def race(folder, count, amount, call, kills, kills_server):
    """Machines that hold before they spend, until nobody has room; the sum of all."""
    names = ["n%d" % i for i in range(count)]
    with Redis(folder, "--appendonly", "yes", "--appendfsync", "always") as server:
        made = nodes(COMMAND, folder, server.url, *names, limit="%d tokens once" % amount)
        for node in made:
            node.quota("limit", "api", "strict", "1")
        spent = dict.fromkeys(names, 0)

        def spend(node):
            idle = 0
            while idle < 100 and sum(spent.values()) < amount:
                taken = node.run("hold", "take", "api", str(call))
                if taken.returncode == 0:
                    node.quota("hold", "settle", taken.stdout.strip(), str(call))
                    spent[node.name] += call
                    idle = 0
                else:
                    idle += 1
                    time.sleep(0.02)

        with Started(*made), concurrent.futures.ThreadPoolExecutor(count) as all_at_once:
            running = [all_at_once.submit(spend, node) for node in made]
            for turn in range(kills):
                node = made[turn % count]
                node.kill()
                node.start()
                if kills_server and turn % 3 == 2:
                    server.kill()
                    server.start()
            for one in running:
                one.result()
            agree(made, sum(spent.values()))
        return sum(spent.values())


def strict_is_never_exceeded(folder):
    total = race(folder, 4, 40000, 1000, 6, True)
    expect(total <= 40000, True, "%d" % total)
    expect(total >= 30000, True, "most of it is used: %d" % total)


def soak_strict_is_never_exceeded_by_30(folder):
    total = race(folder, 30, 600000, 1000, 90, True)
    expect(total <= 600000, True, "%d" % total)
    expect(total >= 500000, True, "most of it is used: %d" % total)


def main():
    tap, words = Tap(), sys.argv[3:]
    soak = "soak" in words
    parts = [word for word in words if word != "soak"]
    tests = {name: test for name, test in globals().items()
             if name.count("_") > 1 and callable(test) and test.__module__ == "__main__" and test.__code__.co_varnames[:1] == ("folder",)
             and name.startswith("soak_") == soak and (not parts or any(part in name for part in parts))}
    tests.pop("race", None)
    with tempfile.TemporaryDirectory(prefix="tq-f-") as folder, concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
        def start(name, test):
            inside = os.path.join(folder, str(len(os.listdir(folder))) + name[:8])
            os.makedirs(inside)
            return pool.submit(test, inside)

        started = [(name, start(name, test)) for name, test in tests.items()]
        for name, future in started:
            tap.check(name.removeprefix("soak_").replace("_", " "), future.result)
    return tap.end()


if __name__ == "__main__":
    COMMAND, CLOCK = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    sys.exit(main())
