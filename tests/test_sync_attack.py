#!/usr/bin/env python3
# test_sync_attack.py: someone who may write to the server can make numbers wrong, but stops no machine and fills no memory.
# SPDX-License-Identifier: MIT
#
#     test_sync_attack.py COMMAND
import os
import shutil
import sys
import tempfile
import threading

from redis import Redis
from sync_nodes import agree, nodes
from tap import Tap, expect, until

TAGS = 16
FAR = 2**53 - 2  # the latest instant that is a number here
HEAVY = 20000


class Fleet:
    """A server, machines a and b that share a limit of the provider api, and the attacker's connection."""

    def __init__(self, **given):
        self.folder = tempfile.mkdtemp(prefix="attack.")
        self.server = Redis(os.path.join(self.folder, "server"))
        self.given = given
        self.version = 0  # of the newest word that the attacker said

    def __enter__(self):
        self.server.start()
        self.nodes = nodes(COMMAND, self.folder, self.server.url, "a", "b", **self.given)
        for node in self.nodes:
            node.start()
        self.count(10)
        agree(self.nodes, 20)
        self.attacker = self.server.client()
        self.key = next(key for key in self.server.keys() if ":c:api:" in key)
        self.tag = self.key[:8]
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()
        self.server.kill()
        shutil.rmtree(self.folder)

    def count(self, tokens):
        for node in self.nodes:
            node.count("api", tokens)

    def say(self, fields, tag=None):
        """Words: "PROVIDER\\nNAME" to "MS NODE VALUE", newer than all that are there."""
        tag = tag or self.tag
        items = list(fields.items())
        for at in range(0, len(items), 1000):
            part = items[at:at + 1000]
            version = max(int(self.attacker.ask("TIME")[0]) * 10**6 + 999999, self.version + 1)
            self.attacker.ask("HSET", tag + ":w", *[text for pair in part for text in pair])
            self.attacker.ask("ZADD", tag + ":o", *[text for i, (field, _) in enumerate(part) for text in (version + i, field)])
            self.version = version + len(part)
            self.attacker.ask("HSET", tag + ":w", ":v", self.version)

    def rounds(self, node, more=3):
        """Waits until a machine has had so many more rounds."""
        before = node.status()["flushes"]
        until("more rounds: " + node.said()[-300:], lambda: node.status()["flushes"] >= before + more)

    def still_agree(self, tokens):
        self.count(tokens)
        sums = []

        def known():
            sums[:] = [node.own("api") for node in self.nodes] + [node.sum("api") for node in self.nodes]
            return sums[2] >= sums[0] + sums[1] and sums[3] >= sums[0] + sums[1]

        until("each knows of the other: %s" % [node.said()[-200:] for node in self.nodes], known)


def memory(node):
    """What its process has, in MB."""
    with open("/proc/%d/status" % node.process.pid, encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024


def refused(node):
    """How many words it did not take."""
    with open(node.ledger + ".sync", encoding="utf-8") as state:
        return next(int(line.split()[1]) for line in state if line.startswith("words-refused "))


def a_word_of_the_far_future_stops_nobody():
    with Fleet() as fleet:
        a, b = fleet.nodes
        fleet.say({"api\nsettings": "%d z budget 5\n" % FAR, "api\nmark": "%d z 1" % FAR, "api\navailable": "%d z 1" % FAR})
        fleet.rounds(a)
        fleet.rounds(b)
        a.quota("set", "api", "budget=7M")
        fleet.still_agree(100)
        until("the setting is known to the other", lambda: b.standing("api")["budget"] == 7000000)


def words_of_providers_that_nobody_has_fill_no_memory():
    with Fleet(every="250ms") as fleet:
        a = fleet.nodes[0]
        before = memory(a)
        fleet.say({"unknown-%d\nsettings" % i: "5 z budget 5\n" for i in range(4000)})
        until("some are refused", lambda: refused(a) > 500)
        fleet.rounds(a)
        expect(memory(a) - before < 200, True, "MB: %d, %d" % (before, memory(a)))


def registers_of_one_provider_have_a_bound():
    with Fleet() as fleet:
        a = fleet.nodes[0]
        fleet.say({"api\nstated:1:300:n%d" % i: "5 z 1 1 1 1 1 1 1" for i in range(HEAVY // 10)})
        until("some are refused", lambda: refused(a) > 1000)
        fleet.still_agree(100)
        with open(a.ledger + ".sync", encoding="utf-8") as state:
            expect(sum(line.startswith("word ") and line.endswith(" api\n") for line in state) <= 64, True, "registers")


def machines_that_nobody_has_take_no_time():
    with Fleet() as fleet:
        a = fleet.nodes[0]
        seen = int(fleet.attacker.ask("TIME")[0]) * 1000
        for at in range(0, HEAVY, 1000):
            fleet.attacker.ask("HSET", "tq1:{00}:n",
                               *[text for i in range(at, at + 1000) for text in ("m%d" % i, "i%d %d 50 1 host" % (i, seen))])
        fleet.rounds(a, 10)
        fleet.still_agree(100)


def machines_seen_in_the_future_are_forgotten():
    with Fleet() as fleet:
        fleet.attacker.ask("HSET", "tq1:{00}:n", "late", "i %d 50 1 host" % FAR, "broken", "x" * 100000)
        until("forgotten", lambda: {name for name in fleet.attacker.ask("HKEYS", "tq1:{00}:n")
                                    if name[:1] != b":"} == {b"a", b"b"})
        until("a knows of two: %s" % fleet.nodes[0].status(), lambda: fleet.nodes[0].status()["machines"] == 2)


def entries_of_a_window_fill_no_memory_and_no_time():
    with Fleet() as fleet:
        a = fleet.nodes[0]
        before = memory(a)
        for at in range(0, HEAVY, 1000):
            fleet.attacker.ask("HSET", fleet.key, *[text for i in range(at, at + 1000) for text in ("m%d" % i, "1 0 1 0 1 1")])
        fleet.attacker.ask("HDEL", fleet.key, ":added", ":corrected")
        fleet.rounds(a, 10)
        fleet.still_agree(100)
        expect(memory(a) - before < 100, True, "MB: %d, %d" % (before, memory(a)))


def sums_that_are_none_are_made_anew():
    with Fleet() as fleet:
        for added, corrected in (("1e3", "0"), ("0", "1e3"), ("0x10", "0x10"), ("inf", "nan"), ("1.5", "0"), ("-5", "-5"),
                                 (" 5", " 5 "), ("9" * 400, "0"), ("x" * 1000000, "0"), ("0", "\n"), (FAR, "0"), (FAR, FAR)):
            fleet.attacker.ask("HSET", fleet.key, ":added", added, ":corrected", corrected)
            fleet.still_agree(100)


def a_script_that_is_forgotten_at_every_instant_stops_nobody():
    stops = threading.Event()

    def forget():
        while not stops.is_set():
            fleet.attacker.ask("SCRIPT", "FLUSH")

    with Fleet() as fleet:
        thread = threading.Thread(target=forget)
        thread.start()
        try:
            fleet.rounds(fleet.nodes[0], 10)
        finally:
            stops.set()
            thread.join()
        expect(fleet.nodes[0].status()["failures"], 0, fleet.nodes[0].said()[-300:])
        fleet.still_agree(100)


def texts_of_a_million_bytes_are_left_out():
    with Fleet() as fleet:
        a = fleet.nodes[0]
        before = memory(a)
        long = "x" * 1000000
        fleet.say({"%d%s\nsettings" % (i, long): "5 z budget 5\n" for i in range(20)})
        fleet.say({"api\nsettings": "5 z " + "budget 5\n" * 100000, "long\nsettings": "5 z " + "budget 5\n" * 100000})
        for i in range(20):
            fleet.attacker.ask("HSET", fleet.key, "%d%s" % (i, long), "1 1 1 1 1 1", "m%d" % i, long)
            fleet.attacker.ask("HSET", "tq1:{00}:n", "%d%s" % (i, long), "i 1 1 1 h", "m%d" % i, long)
        fleet.rounds(a, 10)
        fleet.still_agree(100)
        expect(memory(a) - before < 200, True, "MB: %d, %d" % (before, memory(a)))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv[1])
    os.environ["TOKENQUOTA_LEDGER"] = "/nonexistent/ledger"
    TAP = Tap()
    TAP.check_all({name: test for name, test in globals().items() if not sys.argv[2:] or name in sys.argv[2:]})
    sys.exit(TAP.end())
