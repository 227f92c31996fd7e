# test_sync_redis.py: what nodes say to each other through a real server, whatever happens to it and on the way.
# SPDX-License-Identifier: MIT
#
#     test_sync_redis.py SYNC_EXCHANGE_TOOL [soak]
#
# The seed of what is random is in TQ_SEED. TQ_ONLY names one test.
import itertools
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

from redis import Proxy, cluster_options, join
from sync_servers import Node, Server
from tap import Skipped, Tap, expect, until

TOOL = sys.argv[1]
SOAK = "soak" in sys.argv[2:]
ONLY = os.environ.get("TQ_ONLY")  # the name of one test
SEED = int(os.environ.get("TQ_SEED", "1"))
TQ_ESYS = -11


def window(client, provider, limit="", key=1000):
    found = [k for k in client.ask("KEYS", "tq1:*") if (":c:%s:%s:%d" % (provider, limit, key)).encode() in k]
    expect(len(found), 1, "keys of " + provider)
    return found[0]


def says(said, *parts):
    """The flush failed with a line that has these parts."""
    expect(said["answer"], TQ_ESYS, said["msg"])
    for part in parts:
        if part not in said["msg"]:
            raise AssertionError("%r is not in %r" % (part, said["msg"]))


class Fake:
    """A server that greets as a master, and answers anything else as it is told."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self):
        return "redis://127.0.0.1:%d" % self.listener.getsockname()[1]

    def accept(self):
        while True:
            try:
                node, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(node,), daemon=True).start()

    def serve(self, node):
        seen = b""
        try:
            while True:
                piece = node.recv(1 << 20)
                if not piece:
                    return
                seen += piece
                if b"ROLE" in seen:
                    node.sendall(b"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n")
                    seen = seen.replace(b"*1\r\n$4\r\nROLE\r\n", b"")
                commands = len(re.findall(rb"\*[0-9]+\r\n\$[0-9]+\r\n(?!ROLE)", seen))
                if commands:
                    node.sendall(self.answer(seen) if callable(self.answer) else self.answer * commands)
                    seen = b""
        except OSError:
            pass


# ---- merging ------------------------------------------------------------------------------------------


def random_entries(rng):
    """Entries of one node, by SEQ: a start that it left never comes back."""
    starts = sorted(rng.sample(range(1000, 1010), 3))
    entries, at = [], 0
    for seq in rng.sample(range(1, 100), 5):
        entries.append(seq)
    entries.sort()
    made = []
    for seq in entries:
        at = min(2, at + (rng.random() < 0.2))
        made.append("%d %d %d %d %d %d" % (seq, starts[at], rng.choice([0, 5, 700, 2**47 - 1]), rng.choice([0, 3, 600]),
                                           rng.choice([0, 9, 900]), rng.choice([0, 5, 2**52])))
    return made


def merging_in_every_order_gives_what_c_gives():
    rng, node = random.Random(SEED), Node(TOOL, one.unix_url)
    for turn in range(12):
        entries = random_entries(rng)
        want = node.ask("merge", *entries)["merged"]
        for number, order in enumerate(rng.sample(list(itertools.permutations(entries)), 12)):
            expect(node.ask("merge", *order)["merged"], want, "C, in the order %s" % (order,))
            provider = "order-%d-%d" % (turn, number)
            for entry in order + order[:2]:
                heard = node.one(provider, entry)
            expect(heard["stored"], want, "the script, in the order %s" % (order,))
            fields = want.split()
            expect((heard["added"], heard["corrected"]), (int(fields[2]), int(fields[3])), "sums")


HOSTILE = ["", "x", "1", "1 2 3 4 5", "1 2 3 4 5 6 7", "0 1000 5 0 0 0", "-1 1000 5 0 0 0", "9007199254740992 1000 5 0 0 0",
           "1 1000 140737488355328 0 0 0", "1 1000 5 140737488355328 0 0", "1 9007199254740992 5 0 0 0",
           "1 1000 5 0 99999999999999999999999 99999999999999999999999", "99999999999999999999999 1000 5 0 0 0",
           "1 1000 5 0 0 ", "1  1000 5 0 0 0", " 1 1000 5 0 0 0", "1 1000 5 0 0 0\n", "0x1 1000 5 0 0 0", "1e3 1000 5 0 0 0",
           "nan nan nan nan nan nan", "0001 1000 0007 0 0 0", "5 1000 900 3 0 0", "7 1000 900 3 1 1", "7 999 1 0 1 1"]


def what_strangers_write_is_merged_as_c_does_or_left_out():
    node, client = Node(TOOL, one.unix_url), one.client()
    for number, text in enumerate(HOSTILE):
        provider = "hostile-%d" % number
        node.one(provider, "1 1000 1 0 0 0")
        key = window(client, provider)
        client.ask("HSET", key, "a", text)
        client.ask("HDEL", key, ":added")
        want = node.ask("merge", "x" if "\n" in text else text, "7 1000 50 2 0 0")["merged"]
        heard = node.one(provider, "7 1000 50 2 0 0", "wa")
        expect(heard["stored"], want, "of %r" % text)
        expect(heard["all"], {"a": want}, "of %r" % text)
        expect((heard["added"], heard["corrected"]), tuple(int(f) for f in want.split()[2:4]), "sums of %r" % text)


def sums_that_are_no_numbers_are_made_anew():
    node, client = Node(TOOL, one.unix_url), one.client()
    node.one("sums", "1 1000 40 1 0 0")
    key = window(client, "sums")
    client.ask("HSET", key, "b", "3 1000 2 1 0 0", "broken", "x")
    for number, text in enumerate(["", "x", "-1", "nan", "inf", "1e300", "0.5", "9007199254740992", " "]):
        client.ask("HSET", key, ":added", text)
        heard = node.one("sums", "%d 1000 40 1 0 0" % (number + 2))
        expect((heard["added"], heard["corrected"]), (42, 2), "after %r" % text)


def many_nodes_sum_up():
    nodes = []
    for number in range(8):
        nodes.append(Node(TOOL, one.unix_url, "n%d" % number, "i%d" % number))
    for seq in range(1, 6):
        for number, node in enumerate(nodes):
            said = node.one("many", "%d 1000 %d %d 0 0" % (seq, seq * 100 + number, seq * number))
    total = [sum(500 + n for n in range(8)), sum(5 * n for n in range(8))]
    expect([said["added"], said["corrected"]], total, "sums")
    everyone = nodes[0].one("many", "", "ra")
    expect(len(everyone["all"]), 8, "entries")
    expect([everyone["added"], everyone["corrected"]], total, "sums of who only reads")
    for node in nodes:
        node.end()


def an_entry_that_follows_what_was_heard_takes_the_short_way_to_the_same():
    node, other = Node(TOOL, one.unix_url), Node(TOOL, one.unix_url, "b", "i-b")
    other.one("short", "1 1000 30 0 0 0")
    for seq in range(1, 6):
        heard = node.one("short", "%d 1000 %d 0 %d 9" % (seq, seq * 10, seq))  # `clear` forgets what was heard
    expect(heard["added"], 80, "the long way")
    node.say("clear")
    node.item("short", "6 1000 60 0 6 9")
    node.flush()
    node.say("own", 0, "7 1000 75 0 7 9")
    heard = node.flush()["items"][0]
    expect((heard["stored"], heard["added"]), ("7 1000 75 0 7 9", 105), "the short way")
    heard = node.flush()["items"][0]
    expect((heard["stored"], heard["added"]), ("7 1000 75 0 7 9", 105), "the same again")
    # Another command of the node was there: its mark is another one.
    key = window(one.client(), "short")
    one.ask("HSET", key, "a", "8 1000 90 0 0 0", ":added", "120")
    one.ask("HSET", re.sub(rb":c:.*", b":n", key), ":a", "1")
    node.say("own", 0, "9 1000 80 0 9 9")
    heard = node.flush()["items"][0]
    expect((heard["stored"], heard["added"]), ("9 1000 90 0 9 9", 120), "when another one is there")
    for seq, gone in ((10, [b"a"]), (11, [b":added"]), (12, [b"a", b":added"])):
        one.ask("HDEL", key, *gone)
        node.say("own", 0, "%d 1000 %d 0 9 9" % (seq, 90 + seq))
        heard = node.flush()["items"][0]
        expect((heard["stored"], heard["added"]), ("%d 1000 %d 0 9 9" % (seq, 90 + seq), 120 + seq), repr(gone))
    one.ask("DEL", key)
    node.say("own", 0, "13 1000 103 0 9 9")
    expect(node.flush()["items"][0]["added"], 103, "the window is gone")
    expect(one.ask("PTTL", key) > 0, True, "and ends again")
    other.say("clear")
    other.one("short", "2 1000 30 5 0 0")
    node.say("own", 0, "14 1000 104 0 9 9")
    heard = node.flush()["items"][0]
    expect((heard["added"], heard["corrected"]), (134, 5), "another one took something back")
    node.say("own", 0, "15 1000 105 0 9 9")
    heard = node.flush()["items"][0]
    expect((heard["added"], heard["corrected"]), (135, 5), "and still")


def an_entry_that_is_as_it_was_is_told_again_where_it_is_gone():
    node = Node(TOOL, one.unix_url)
    node.item("same", "1 1000 10 0 5 9")
    node.flush()
    key = window(one.client(), "same")
    spoils = [("DEL", key)] + [("HSET", key, ":added", sum) for sum in ("", "x", "-1", "1e1", "10.0", " 10", "9" * 16, "9" * 400)]
    for spoil in spoils:
        one.ask(*spoil)
        heard = node.flush()["items"][0]
        expect((heard["heard"], heard["stored"], heard["added"]), (True, "1 1000 10 0 5 9", 10), repr(spoil))
        expect(one.ask("HGET", key, "a"), b"1 1000 10 0 5 9", repr(spoil))
        node.flush()
    one.ask("DEL", key)
    one.ask("SET", key, "of somebody else")
    expect(node.flush()["items"][0]["heard"], False, "another type")
    one.ask("DEL", key)
    expect(node.flush()["items"][0]["added"], 10, "heals")


# ---- the script -----------------------------------------------------------------------------------------


def calls(server):
    """How often each command was called, also within scripts, and that none is SCRIPT LOAD."""
    found = dict(re.findall(r"cmdstat_(\S+):calls=(\d+)", server.ask("INFO", "commandstats").decode()))
    expect("script|load" in found, False, "SCRIPT LOAD")
    return {name: int(count) for name, count in found.items()}


def a_script_that_the_server_lacks_goes_with_the_same_flush():
    server = Server()
    node = Node(TOOL, server.unix_url)
    for seq, whole in ((1, 16), (2, 16), (3, 32)):
        if seq == 3:
            server.ask("SCRIPT", "FLUSH")
        node.say("clear")
        node.item("script", "%d 1000 %d 0 0 0" % (seq, seq * 10))
        heard = node.flush()
        expect((heard["answer"], heard["items"][0]["added"]), (0, seq * 10), "flush %d" % seq)
        expect(calls(server)["eval"], whole, "of 16 tags, after flush %d" % seq)
    server.kill()
    server.start()
    expect(node.one("script", "4 1000 40 0 0 0")["added"], 40, "another server has no script")
    server.end()


def a_script_that_is_forgotten_at_every_instant_is_run_all_the_same():
    forgets, many = threading.Event(), 300  # two commands of the one tag

    def forget():
        client = one.client()
        while not forgets.is_set():
            client.ask("SCRIPT", "FLUSH")

    node, other = (Node(TOOL, one.unix_url, name, "i-" + name, options=("--tags", "1")) for name in "ab")
    for of in (node, other):
        for number in range(many):
            of.item("forgot-%d" % number, "1 1000 1 0 0 0")
        of.flush()
    thread = threading.Thread(target=forget)
    thread.start()
    try:
        for seq in range(2, 12):
            for of in (node, other):
                for number in range(many):
                    of.say("own", number, "%d 1000 %d 0 0 0" % (seq, seq))
                heard = of.flush()
                expect(heard["answer"], 0, heard["msg"])
                expect({item["added"] for item in heard["items"]}, {2 * seq - (of is node)}, "sums")
    finally:
        forgets.set()
        thread.join()


def where_evalsha_alone_is_refused_the_script_is_run_all_the_same():
    server = Server()
    server.ask("ACL", "SETUSER", "default", "-evalsha")
    node = Node(TOOL, server.unix_url)
    for seq in (1, 2):
        expect(node.one("whole", "%d 1000 7 0 0 0" % seq)["added"], 7, "heard")
        expect(calls(server)["eval"], seq * 16, "of 16 tags")
    server.end()


# ---- what happens on the way --------------------------------------------------------------------------


def flushes_that_come_late_and_twice_change_nothing():
    proxy = Proxy(("127.0.0.1", one.port)).start()
    node, witness = Node(TOOL, proxy.url, "late", "i-late"), Node(TOOL, one.unix_url, "w", "i-w")
    for seq in range(1, 4):
        node.one("late", "%d 1000 %d %d 0 0" % (seq, seq * 10, seq))
        proxy.drop()
    before = witness.one("late", "", "ra")
    expect((before["added"], before["corrected"]), (30, 3), "before")
    for number in (0, 2, 1, 0):
        proxy.repeat(number)
    expect(witness.one("late", "", "ra"), before, "after all came again, in another order")
    proxy.stop()


def a_late_answer_is_not_taken_for_another_flush():
    proxy = Proxy(("127.0.0.1", one.port)).start()
    node = Node(TOOL, proxy.url, "slow", "i-slow")
    node.one("slow", "1 1000 1 0 0 0")
    proxy.delay = 0.5
    node.say("clear")
    node.item("slow", "2 1000 2 0 0 0")
    says(node.flush(100), "in time")
    proxy.delay = 0
    heard = node.one("slow", "3 1000 33 0 0 0")
    expect((heard["stored"], heard["added"]), ("3 1000 33 0 0 0", 33), "heard")
    proxy.stop()


def a_connection_that_is_closed_in_a_flush_is_made_again():
    proxy = Proxy(("127.0.0.1", one.port)).start()
    node = Node(TOOL, proxy.url, "again", "i-again")
    node.one("again", "1 1000 1 0 0 0")
    before = node.flush()["connects"]
    proxy.drop()
    expect(node.one("again", "2 1000 2 0 0 0")["added"], 2, "sum")
    after = node.flush()
    expect(after["connects"], before + 1, "connections")
    proxy.stop()


def a_cut_network_ends_with_the_deadline_and_heals():
    proxy = Proxy(("127.0.0.1", one.port)).start()
    node = Node(TOOL, proxy.url, "cut", "i-cut")
    node.one("cut", "1 1000 1 0 0 0")
    proxy.stall()
    for _ in range(3):
        says(node.flush(100))
    proxy.go_on()
    until("the node is back", lambda: node.flush(500)["answer"] == 0)
    expect(node.one("cut", "2 1000 9 0 0 0")["added"], 9, "sum")
    proxy.stop()


def a_server_that_stands_still_holds_nobody():
    server = Server()
    node = Node(TOOL, server.unix_url)
    node.one("still", "1 1000 1 0 0 0")
    server.stall()
    end = time.monotonic() + (25 if SOAK else 1)
    while time.monotonic() < end:
        says(node.flush(200))  # answered while the server stands still
    server.go_on()
    until("the node is back", lambda: node.flush(500)["answer"] == 0)
    expect(node.one("still", "2 1000 5 0 0 0")["added"], 5, "sum")
    server.end()


def a_killed_server_comes_back_with_another_epoch():
    server = Server()
    node = Node(TOOL, server.unix_url)
    node.one("killed", "4 1000 4 0 0 0")
    epochs = node.flush()["epochs"]
    server.kill()
    says(node.flush(200))
    says(node.flush(200), "is the server running there")
    server.start()
    until("the node is back", lambda: node.flush(500)["answer"] == 0)
    said = node.flush()
    expect([a == b for a, b in zip(said["epochs"][:16], epochs)], [False] * 16, "epochs that stayed")
    expect(said["items"][0]["added"], 4, "the sum, said again")
    server.end()


# ---- time to live -------------------------------------------------------------------------------------


def windows_expire_behind_their_end_and_those_without_end_are_kept():
    node, client = Node(TOOL, one.unix_url), one.client()
    node.one("ends", "1 1000 7 0 0 0", expire=100000)
    key = window(client, "ends")
    client.ask("PEXPIRE", key, 40000)
    node.one("ends", "2 1000 8 0 0 0", expire=100000)
    if not 0 < client.ask("PTTL", key) <= 40000:
        raise AssertionError("a window's end was moved")
    node.one("once", "1 1000 7 0 0 0", key=0, expire=100000)
    key = window(client, "once", key=0)
    client.ask("PEXPIRE", key, 40000)
    node.one("once", "2 1000 8 0 0 0", key=0, expire=100000)
    if not 40000 < client.ask("PTTL", key) <= 100000:
        raise AssertionError("the hash of a limit without end was left to expire")
    client.ask("DEL", key)
    expect(node.one("once", "3 1000 9 0 0 0", key=0, expire=100000)["added"], 9, "what was gone is made anew")
    for kind in "en":
        if not 86400000 < client.ask("PTTL", "tq1:{00}:" + kind) <= 30 * 86400000:
            raise AssertionError("a key of the tag does not expire")


def names_with_colons_are_other_windows():
    node = Node(TOOL, one.unix_url)
    node.one("a:b", "1 1000 1 0 0 0", limit="c")
    expect(node.one("a", "1 1000 5 0 0 0", limit="b:c")["added"], 5, "a window beside")
    expect(node.one("a%3Ab", "1 1000 7 0 0 0", limit="c")["added"], 7, "a name with what stands for a colon")


# ---- keys of others -----------------------------------------------------------------------------------


def a_key_of_another_type_spoils_its_window_alone():
    node, client = Node(TOOL, one.unix_url), one.client()
    node.one("typed", "1 1000 1 0 0 0")
    key = window(client, "typed")
    client.ask("SET", key, "x")
    node.say("clear")
    node.item("typed", "2 1000 2 0 0 0", "wa")
    for provider in ("typed-1", "typed-2", "typed-3"):
        node.item(provider, "2 1000 2 0 0 0", "wa")
    said = node.flush()
    expect([i["heard"] for i in said["items"]], [False, True, True, True], said["msg"])
    client.ask("DEL", key)


def keys_of_a_tag_with_another_type_are_said():
    server = Server()
    node = Node(TOOL, server.unix_url)
    for kind in "nw":
        server.ask("FLUSHALL")
        for tag in range(16):
            server.ask("SET", "tq1:{%02x}:%s" % (tag, kind), "x")
        says(node.flush(), "of somebody else's", "delete it")
    server.ask("FLUSHALL")
    for tag in range(16):
        server.ask("LPUSH", "tq1:{%02x}:e" % tag, "x")
    says(node.flush(), "of somebody else's")
    server.end()


def an_epoch_that_is_none_is_made_anew():
    node, client = Node(TOOL, one.unix_url), one.client()
    before = node.flush()["epochs"][0]
    client.ask("SET", "tq1:{00}:e", "nonsense")
    after = node.flush()["epochs"][0]
    expect(after not in (0, before), True, "another epoch")
    expect(node.flush()["epochs"][0], after, "which stays")


# ---- names --------------------------------------------------------------------------------------------


def of_two_nodes_with_one_name_the_second_is_refused():
    first, second = Node(TOOL, one.unix_url, "web", "run-1"), Node(TOOL, one.unix_url, "web", "run-2")
    first.one("named", "1 1000 5 0 0 0")
    second.item("named", "9 1000 900 0 0 0")
    said = second.flush()
    expect((said["refused"], said["items"][0]["heard"]), (True, False), said["msg"])
    if not said["refused_by"].startswith("host "):
        raise AssertionError(said["refused_by"])
    expect(first.one("named", "2 1000 6 0 0 0")["added"], 6, "nothing was written")
    second.say("node", "web", "run-2", "run-1", 250)
    expect(second.one("named", "3 1000 7 0 0 0")["added"], 7, "the next run on its ledger")
    expect(first.flush()["refused"], True, "the run before")
    one.ask("HSET", "tq1:{00}:n", "web", "other 1 250 0 far")
    expect(second.flush()["answer"], 0, "a name of one that was not seen for long is free")


def hostile_names_and_words_are_left_out():
    node, client = Node(TOOL, one.unix_url), one.client()
    for name, text in {"bad name": "i 1 1 1 h", ":x": "i 1 1 1 h", "ok": "nonsense", "\x1b[31m": "i 1 1 1 h"}.items():
        client.ask("HSET", "tq1:{00}:n", name, text)
    said = node.flush()
    expect([p for p in said["peers"] if p in ("bad name", ":x", "ok", "\x1b[31m")], [], "peers")
    tag = node.ask("tag", "p")["tag"]
    fields = {"p\nmark": "5 b fine", "p": "5 b x", "\nmark": "5 b x", "p\nmark\x00": "5 b x", "p\nm2": "x b x", "p\nm3": "5 b",
              "p\nm4": "99999999999999999999999999 b of the future", "p\nm5": "5 b " + "x" * 5000, "p\nm6": "", "p\n": "5 b x",
              "p\nm7": "5 a own", "\x1bp\nmark": "5 b x", "p\nm 8": "5 b x", "p\nm9": "5 b\x00c x"}
    for number, (field, text) in enumerate(fields.items()):
        client.ask("HSET", "tq1:{%02x}:w" % tag, field, text, ":v", number + 1)
        client.ask("ZADD", "tq1:{%02x}:o" % tag, number + 1, field)
    client.ask("ZADD", "tq1:{%02x}:o" % tag, 1, "gone")
    said = node.flush()
    words = sorted((w[1], w[4]) for w in said["words"] if w[0] == "p")
    expect(words, [("mark", "fine")], "words")
    for key in ("w", "o"):
        client.ask("DEL", "tq1:{%02x}:%s" % (tag, key))


def the_later_word_is_kept_and_told_once():
    a, b = Node(TOOL, one.unix_url, "a", "i-a"), Node(TOOL, one.unix_url, "b", "i-b")
    tag = a.ask("tag", "words")["tag"]
    a.flush(), b.flush()  # the first flush of a connection leads to version 0
    for node, at, by, value in ((a, 10, "a", "first"), (b, 12, "b", "second\nline"), (a, 11, "a", "late"), (a, 12, "B", "x"),
                                (a, 12, "b", "second"), (b, 12, "b", "second\nline")):
        node.say("clear")
        node.say("word", "words", "mark", at, by, value.replace("\n", " "))
        node.flush()
    a.say("clear")
    a.say("seen", tag, 0)
    said = a.flush()
    expect([w for w in said["words"] if w[0] == "words"], [["words", "mark", 12, "b", "second line"]], "words")
    a.say("seen", tag, said["versions"][tag])
    expect([w for w in a.flush()["words"] if w[0] == "words"], [], "words that were heard before")
    b.say("clear")
    b.say("word", "words", "mark", 20, "b", "third")
    b.flush()
    expect([w[4] for w in a.flush()["words"] if w[0] == "words"], ["third"], "the new one")
    a.say("seen", tag, said["versions"][tag] * 2)
    expect([w[4] for w in a.flush()["words"] if w[0] == "words"], ["third"], "all, when the server knows less than the node")


def many_words_come_in_pieces_that_end():
    a, b = Node(TOOL, one.unix_url, "a", "i-a"), Node(TOOL, one.unix_url, "b", "i-b", options=("--tags", "16"))
    tag = a.ask("tag", "pieces")["tag"]
    a.flush()
    for number in range(1200):
        b.say("word", "pieces", "w%d" % number, 5, "b", "v%d" % number)
    b.flush()
    heard, version = set(), 0
    for _ in range(6):
        a.say("seen", tag, version)
        said = a.flush()
        version = said["versions"][tag]
        heard |= {w[1] for w in said["words"] if w[0] == "pieces"}
    expect(len(heard), 1200, "words")
    one.ask("DEL", "tq1:{%02x}:w" % tag, "tq1:{%02x}:o" % tag)


# ---- rights and passwords -----------------------------------------------------------------------------


def refuse_eval(server):
    server.ask("ACL", "SETUSER", "default", "-eval")


def where_eval_is_refused_plain_commands_do_the_same():
    server = Server()
    refuse_eval(server)
    a, b = Node(TOOL, server.unix_url, "a", "i-a"), Node(TOOL, server.unix_url, "b", "i-b")
    expect(a.one("plain", "1 1000 5 1 0 0")["added"], 5, "own")
    heard = b.one("plain", "1 1000 7 1 9 9", "wa")
    expect((heard["added"], heard["corrected"], heard["all"]), (12, 2, {"a": "1 1000 5 1 0 0", "b": "1 1000 7 1 9 9"}), "both")
    expect(b.one("plain", "", "r")["stored"], "1 1000 7 1 9 9", "who only reads")
    expect(a.one("plain", "1 1000 4 1 0 0")["stored"], "1 1000 5 1 0 0", "an older entry of its own")
    client = server.client()
    if not 0 < client.ask("PTTL", window(client, "plain")) <= 60000:
        raise AssertionError("the window does not expire")
    tag = a.ask("tag", "plain")["tag"]
    b.say("clear")
    b.say("word", "plain", "mark", 5, "b", "hello world")
    b.flush()
    said = a.flush()
    expect(said["words"], [["plain", "mark", 5, "b", "hello world"]], "words")
    a.say("seen", tag, said["versions"][tag])
    expect(a.flush()["words"], [], "words, the second time")
    expect(sorted(said["peers"]), ["a", "b"], "peers")
    twin = Node(TOOL, server.unix_url, "a", "i-other")
    expect(twin.flush()["refused"], True, "a second node of one name")
    server.ask("ACL", "SETUSER", "default", "+eval")
    c = Node(TOOL, server.unix_url, "c", "i-c")
    heard = c.one("plain", "1 1000 100 0 0 0")
    expect((heard["added"], heard["corrected"]), (111, 2), "the sums of a node that may")
    server.end()


def auth_file(text, mode=0o600):
    fd, path = tempfile.mkstemp(prefix="tq-auth-")
    os.write(fd, text.encode())
    os.fchmod(fd, mode)
    os.close(fd)
    return path


def passwords_come_from_a_file_and_are_shown_nowhere():
    server = Server("--requirepass", "s3cret-word")
    client = server.client()
    client.ask("AUTH", "s3cret-word")
    client.ask("ACL", "SETUSER", "tq", "on", ">an0ther-word", "~tq1:*", "+@all")
    says(Node(TOOL, server.unix_url).flush(500), "--auth-file")
    for text in ("s3cret-word\n", "tq:an0ther-word"):
        path = auth_file(text)
        node = Node(TOOL, server.unix_url, options=("--auth-file", path))
        expect(node.flush()["answer"], 0, "with " + text)
        with open("/proc/%d/cmdline" % node.process.pid, "rb") as shown:
            expect(b"word" in shown.read(), False, "a password in ps")
        os.unlink(path)
    path = auth_file("tq:wrong-word")
    said = Node(TOOL, server.unix_url, options=("--auth-file", path)).flush(500)
    says(said, "refused user or password")
    expect("wrong-word" in said["msg"], False, "a password in a message")
    os.unlink(path)
    port = "redis://tq:an0ther%%2dword@127.0.0.1:%d/0" % server.port
    expect(Node(TOOL, port).flush()["answer"], 0, "a password in the address")
    client.ask("ACL", "SETUSER", "few", "on", ">few-word", "~other:*", "+@all")
    path = auth_file("few:few-word")
    says(Node(TOOL, server.unix_url, options=("--auth-file", path)).flush(), "ACL SETUSER")
    os.unlink(path)
    server.end()


def refuses(to, part, *options):
    said = subprocess.run([TOOL, "--to", to, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    expect(said.returncode, 3, to)
    if part not in said.stderr:
        raise AssertionError("%r is not in %r" % (part, said.stderr))


def addresses_and_files_that_cannot_be_are_refused():
    for to in ("", "localhost", "http://a", "redis://", "redis:///0", "redis://a:0", "redis://a:65536", "redis://a:x",
               "redis://a/x", "redis://a,,b", "redis://[::1", "redis://%zz:x@a", "unix://", "unix://a", "redis://a b",
               "redis://" + "a" * 300, "redis://" + ",".join("a" * 17), "unix:///" + "x" * 120):
        refuses(to, "the server's address")
    path = auth_file("secret-word", 0o640)
    refuses("redis://a", "others may read", "--auth-file", path)
    os.chmod(path, 0o600)
    with open(path, "w") as file:
        file.write("\n")
    refuses("redis://a", "has no password", "--auth-file", path)
    os.unlink(path)
    refuses("redis://a", "cannot read the file", "--auth-file", path)
    refuses("redis://a", "tags are 1 to 256", "--tags", "257")


# ---- troubles of the server ---------------------------------------------------------------------------


def full_memory_is_said_and_heals():
    server = Server()
    node = Node(TOOL, server.unix_url)
    node.one("full", "1 1000 1 0 0 0")
    server.ask("CONFIG", "SET", "maxmemory", "1")
    says(node.flush(), "raise maxmemory")
    server.ask("CONFIG", "SET", "maxmemory", "0")
    expect(node.one("full", "2 1000 2 0 0 0")["added"], 2, "sum")
    server.end()


def a_busy_server_is_said():
    server = Server("--lua-time-limit", "20")
    node, client = Node(TOOL, server.unix_url), server.client()
    node.flush()
    client.socket.sendall(b"EVAL 'while true do end' 0\r\n")
    until("the server is busy", lambda: "SCRIPT KILL" in node.flush(500)["msg"])
    server.ask("SCRIPT", "KILL")
    until("the node is back", lambda: node.flush(500)["answer"] == 0)
    server.end()


def a_server_that_loads_is_said():
    server = Server("--loading-process-events-interval-bytes", "1024", "--rdbcompression", "no")  # it looks up at each key
    client = server.client()
    for number in range(2000):
        client.ask("SET", "filler:%d" % number, "x" * 1000)
    client.ask("SAVE")
    server.kill()
    server.options += ("--key-load-delay", "10000")
    server.start(wait=False)
    node = Node(TOOL, server.unix_url)
    said = []
    try:
        until("the node hears that it loads", lambda: said.append(node.flush(300)["msg"]) or "loads its data set" in said[-1])
    except AssertionError as why:
        raise AssertionError("%s: %r, %r" % (why, said[:3], said[-2:]))
    server.end()


def each_trouble_has_a_line_that_says_what_to_do():
    for error, part in (("MISCONF Redis is configured to save RDB snapshots", "free space there"),
                        ("CLUSTERDOWN The cluster is down", "CLUSTER INFO"), ("NOREPLICAS Not enough good replicas", "replicas"),
                        ("MASTERDOWN Link with MASTER is down", "promote"), ("LOADING Redis is loading", "wait"),
                        ("READONLY You can't write against a read only replica.", "name the master"),
                        ("NOAUTH Authentication required.", "--auth-file"), ("OOM command not allowed", "maxmemory"),
                        ("ERR Error running script: @user_script: 1: -OOM command not allowed", "maxmemory"),
                        ("ERR max number of clients reached", "maxclients"), ("TRYAGAIN Multiple keys", "next flush"),
                        ("CROSSSLOT Keys in request", "hash tag"), ("MOVED 1 nonsense", "CLUSTER SHARDS"),
                        ("NOPERM this user has no permissions to access a key", "ACL SETUSER"),
                        ("ERR \x1b[31mwhatever", "\\x1b"), ("", "error")):
        says(Node(TOOL, Fake(b"-" + error.encode() + b"\r\n").url(), options=("--tags", "1")).flush(1000), part)


def answers_that_are_none_are_refused():
    for text in (b"+OK\r\n", b":1\r\n", b"$-1\r\n", b"*-1\r\n", b"*0\r\n", b"*9\r\n" + b":1\r\n" * 9, b"HTTP/1.1 400 Bad\r\n\r\n",
                 b"*9\r\n:1\r\n$10\r\n1772600000\r\n$1\r\n0\r\n$3\r\n5 1\r\n$1\r\n1\r\n*0\r\n*0\r\n*0\r\n*0\r\n",
                 b"*9\r\n:1\r\n$10\r\n1772600000\r\n$1\r\n0\r\n$3\r\n5 1\r\n$1\r\n1\r\n"
                 b"*0\r\n*0\r\n*3\r\n$0\r\n\r\n:-5\r\n:0\r\n*0\r\n",
                 b"*1000000\r\n", b"*2\r\n*2\r\n*2\r\n", b"$1000000000\r\nx", b"\x00\xff"):
        fake = Fake(text)
        node = Node(TOOL, fake.url(), options=("--tags", "1"))
        node.item("p", "1 1000 1 0 0 0")
        said = node.flush(300)
        expect((said["answer"], said["items"][0]["heard"]), (TQ_ESYS, False), "after %r: %s" % (text, said["msg"]))


def answers_that_are_none_are_refused_without_a_script_too():
    rng = random.Random(SEED)
    pieces = [b"+OK\r\n", b":1\r\n", b":-7\r\n", b"$-1\r\n", b"$0\r\n\r\n", b"*0\r\n", b"*-1\r\n", b"$3\r\n1 2\r\n",
              b"*2\r\n$10\r\n1772600000\r\n$1\r\n0\r\n", b"*2\r\n$1\r\na\r\n$11\r\n1 1 5 0 0 0\r\n", b"*1\r\n:5\r\n",
              b"*2\r\n$8\r\np\nmark\nb\r\n$3\r\n5 x\r\n", b"*2\r\n$2\r\n\n\n\r\n$1\r\n5\r\n",
              b"*4\r\n:1\r\n:2\r\n*1\r\n*0\r\n$-1\r\n"]

    def answer(seen):
        if b"\r\nEVAL" in seen:
            return b"-ERR unknown command 'EVAL', with args beginning with:\r\n"
        heads = re.findall(rb"\*[0-9]+\r\n\$[0-9]+\r\n([A-Z]+)", seen)
        return b"".join(pieces[8] if head == b"TIME" else rng.choice(pieces) for head in heads)

    fake = Fake(answer)
    for _ in range(60):
        node = Node(TOOL, fake.url(), options=("--tags", "1"))
        node.item("p", "7 1000 1 0 0 0", "wa")
        node.item("q", "", "ra")
        node.say("word", "p", "mark", 5, "b", "x")
        said = node.flush(300)
        expect(said["answer"] in (0, 1, TQ_ESYS), True, said["msg"])
        for item in said["items"]:
            expect(item["added"] >= 0 and item["corrected"] >= 0, True, "sums")
        node.end()


def facts_of_the_server():
    facts = Node(TOOL, one.unix_url).ask("facts", 5000)
    expect((facts["answer"], facts["role"], facts["policy"], facts["script"], facts["cluster"]),
           (0, "master", "noeviction", True, False), "facts")
    if not facts["version"] or abs(facts["offset_ms"]) > 10000:
        raise AssertionError(facts)
    server = Server()
    refuse_eval(server)
    expect(Node(TOOL, server.unix_url).ask("facts", 5000)["script"], False, "script")
    server.end()
    expect(Node(TOOL, server.unix_url).ask("facts", 500)["answer"], TQ_ESYS, "facts of nobody")


# ---- several servers ----------------------------------------------------------------------------------


def replica_of(master):
    replica = Server("--replicaof", "127.0.0.1 %d" % master.port)
    until("the replica follows", lambda: b"master_link_status:up" in replica.ask("INFO", "replication"))
    return replica


def the_master_of_a_list_is_found_and_after_a_failover_the_other():
    master = Server()
    between = Proxy(("127.0.0.1", master.port)).start()
    replica = replica_of(between)
    both = "redis://127.0.0.1:%d,127.0.0.1:%d" % (replica.port, master.port)
    node, cut = Node(TOOL, both, "a", "i-a"), Node(TOOL, master.unix_url, "b", "i-b")
    expect(node.one("failover", "1 1000 10 0 0 0")["added"], 10, "sum at the master")
    key = window(master.client(), "failover")
    until("the replica has it", lambda: replica.ask("HGET", key, ":added") == b"10")
    epochs, connects = node.flush()["epochs"], node.flush()["connects"]
    between.cut()  # what is written now is lost
    cut.one("failover", "1 1000 5 0 0 0")
    node.say("clear")
    node.item("failover", "2 1000 20 0 0 0")
    expect(node.flush()["items"][0]["added"], 25, "what is acknowledged, and will be lost")
    master.kill()
    replica.ask("REPLICAOF", "NO", "ONE")
    between.stop()
    node.say("clear")
    node.item("failover", "", "r")
    until("the node found it", lambda: node.flush(500)["answer"] == 0)
    said = node.flush()
    expect(said["epochs"], epochs, "epochs, which tell nothing here")
    expect(said["connects"] > connects, True, "a new connection")
    expect(said["items"][0]["stored"], "1 1000 10 0 0 0", "an entry older than what was acknowledged")
    expect(node.one("failover", "3 1000 30 0 0 0")["added"], 30, "said again")
    master.end(), replica.end()


def a_master_that_becomes_a_replica_is_left():
    first = Server()
    second = Server()
    node = Node(TOOL, "redis://127.0.0.1:%d,127.0.0.1:%d" % (first.port, second.port))
    node.one("demoted", "1 1000 1 0 0 0")
    first.ask("REPLICAOF", "127.0.0.1", second.port)
    node.say("clear")
    node.item("demoted", "2 1000 2 0 0 0")
    said = node.flush(5000)
    expect((said["answer"], said["items"][0]["added"]), (0, 2), said["msg"])
    expect(second.client().hash(window(second.client(), "demoted"))["a"], "2 1000 2 0 0 0", "at the second")
    first.end(), second.end()


def a_replica_alone_names_its_master():
    master = Server()
    replica = replica_of(master)
    node = Node(TOOL, "redis://127.0.0.1:%d" % replica.port)
    expect(node.one("named-master", "1 1000 3 0 0 0")["added"], 3, "sum")
    expect(master.client().hash(window(master.client(), "named-master"))["a"], "1 1000 3 0 0 0", "at the master")
    master.end(), replica.end()


def cluster_made():
    servers = [Server(*cluster_options()) for _ in range(3)]
    join(servers)
    return servers


def a_cluster_is_followed_by_its_redirections():
    servers = cluster_made()
    node = Node(TOOL, "redis://127.0.0.1:%d" % servers[0].port)
    other = Node(TOOL, "redis://127.0.0.1:%d" % servers[2].port, "b", "i-b")
    for name, one_node in (("a", node), ("b", other)):
        for number in range(64):
            one_node.item("c%d" % number, "1 1000 %d 0 0 0" % number, "wa")
        said = one_node.flush()
        expect((said["answer"], sum(i["heard"] for i in said["items"])), (0, 64), said["msg"])
    expect([i["added"] for i in said["items"]], [2 * n for n in range(64)], "sums")
    expect(sum(s.ask("DBSIZE") > 0 for s in servers), 3, "servers that have keys")
    # A slot moves: a line, and afterwards all is as before.
    tag = node.ask("tag", "c1")["tag"]
    slot = servers[0].ask("CLUSTER", "KEYSLOT", "tq1:{%02x}:e" % tag)
    owner = next(s for s in servers if s.ask("CLUSTER", "COUNTKEYSINSLOT", slot) > 0)
    target = servers[(servers.index(owner) + 1) % 3]
    ids = {s: s.ask("CLUSTER", "MYID").decode() for s in servers}
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[owner])
    owner.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
    keys = owner.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)
    owner.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys[:1])
    said = node.flush()
    expect((said["answer"], "moves a slot" in said["msg"]), (1, True), said["msg"])
    owner.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys[1:])
    for server in servers:
        server.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
    said = node.flush()
    expect((said["answer"], [i["added"] for i in said["items"]]), (0, [2 * n for n in range(64)]), said["msg"])
    # One of three is gone: the others' tags are answered.
    servers[1].kill()
    said = node.flush(1000)
    expect(said["answer"] in (1, TQ_ESYS), True, said["msg"])
    for server in servers:
        server.end()


def a_cluster_without_eval_is_followed_too():
    servers = cluster_made()
    for server in servers:
        refuse_eval(server)
    node = Node(TOOL, "redis://127.0.0.1:%d" % servers[0].port)
    for number in range(32):
        node.item("c%d" % number, "1 1000 %d 0 0 0" % number, "wa")
    said = node.flush()
    expect((said["answer"], [i["added"] for i in said["items"]]), (0, list(range(32))), said["msg"])
    for server in servers:
        server.end()


tap = Tap()
try:
    one = Server()
except Skipped as why:
    tap.skip("exchanges with a server", why)
    sys.exit(tap.end())
tap.check_all({name: test for name, test in globals().items() if not ONLY or name == ONLY})
sys.exit(tap.end())
