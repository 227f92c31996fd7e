# sync_nodes.py: machines for tests of `tokenquota sync`: a folder with a ledger each, and the process that exchanges.
# SPDX-License-Identifier: MIT
import json
import os
import shutil
import signal
import struct
import subprocess
import threading

from tap import DEADLINE, expect, until

EVERY = "50ms"


class Node:
    """with Node(command, folder, "a", server.url) as a: a.quota("limit", ...); a.count("api", 10)"""

    ANSWERS = (0,)  # of a command that said nothing on stderr

    def __init__(self, command, folder, name, url, *options, every=EVERY, inside=(), preload=None):
        self.command, self.name, self.url, self.options = os.path.abspath(command), name, url, options
        self.every, self.inside = every, tuple(inside)
        self.folder = os.path.join(str(folder), name)
        os.makedirs(self.folder, exist_ok=True)
        self.ledger = os.path.join(self.folder, "ledger")
        self.environment = {**os.environ, "TOKENQUOTA_LEDGER": self.ledger, "HOME": self.folder, "TZ": "UTC"}
        self.process = None
        if preload:
            self.environment.update({"LD_PRELOAD": str(preload), "TQ_CLOCK_SHIFT": os.path.join(self.folder, "shift")})
            self.shift(0)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()

    def words(self, *more):
        return [*self.inside, self.command, "sync", "--to", self.url, "--node", self.name, "--every", self.every,
                *self.options, *more]

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(self.words(), env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait(DEADLINE)
            self.process = None

    def stop(self):
        """Ends it as systemd does; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status, self.process = self.process.wait(DEADLINE), None
        return status

    def stall(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def shift(self, seconds):
        """Moves its clock, also that of the process that runs (in place: it has the file mapped)."""
        path = self.environment["TQ_CLOCK_SHIFT"]
        with open(path, "r+b" if os.path.exists(path) else "wb") as file:
            file.write(struct.pack("=q", int(seconds * 10**9)))

    def said(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as log:
            return log.read()

    def hears(self, part):
        """Waits until the process has said it."""
        until("%s says %r, after: %s" % (self.name, part, self.said()[-300:]), lambda: part in self.said())

    def run(self, *arguments):
        return subprocess.run([self.command, *arguments], env=self.environment, capture_output=True, text=True,
                              timeout=DEADLINE, check=False)

    def quota(self, *arguments):
        done = self.run(*arguments)
        if done.returncode not in self.ANSWERS or (done.returncode and done.stderr):
            raise AssertionError("%s: %s: %d %s" % (self.name, arguments, done.returncode, done.stderr))
        return done.stdout

    def count(self, provider, tokens):
        self.quota("observe", provider, str(tokens))

    def asks(self, provider):
        """Whether a router may use it now."""
        return self.run("route", provider).returncode == 0

    def standing(self, provider):
        done = self.run("status", provider, "--json")
        return json.loads(done.stdout)["providers"][0]

    def limit(self, provider):
        return self.standing(provider)["limits"][0]

    def sum(self, provider):
        """What all used of its first limit, as far as this machine knows."""
        return self.limit(provider)["used"]

    def own(self, provider):
        limit = self.limit(provider)
        return limit["used"] - (limit["others"] or 0)

    def put_back(self, ledger):
        """An older copy of the ledger takes its place, as a restored backup does."""
        self.kill()
        shutil.copy(ledger, self.ledger)

    def status(self):
        return json.loads(self.run("sync", "--status", "--json").stdout)


def nodes(command, folder, url, *names, limit="1M tokens once", **given):
    """Ledgers with one limit of the provider api, and no rule that predicts; none exchanges yet."""
    made = [Node(command, folder, name, url, **given) for name in names]
    for node in made:
        node.quota("limit", "api", "add", limit)
        node.quota("rule", "api", "off")
    return made


def agree(made, total, provider="api"):
    """Waits until every machine knows the sum, to the token."""
    have = {}

    def known():
        have.update({node.name: node.sum(provider) for node in made})
        too_much = {name: value for name, value in have.items() if value > total}
        expect(too_much, {}, "counted by nobody")
        return set(have.values()) == {total}

    try:
        until("all know %d" % total, known)
    except AssertionError as why:
        raise AssertionError("%s; they know %s; %s" % (why, have, [node.said()[-200:] for node in made])) from None


class Counting:
    """Threads that count on each machine as long as it says that the provider may be used: 1,000 a call."""

    def __init__(self, made, provider="api", tokens=1000):
        self.made, self.provider, self.tokens = made, provider, tokens
        self.ended = threading.Event()
        self.counted = {node.name: 0 for node in made}
        self.threads = [threading.Thread(target=self.loop, args=(node,)) for node in made]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def loop(self, node):
        while not self.ended.is_set():
            if node.asks(self.provider):
                node.count(self.provider, self.tokens)
                self.counted[node.name] += self.tokens

    @property
    def total(self):
        return sum(self.counted.values())
