# sync_servers.py: Redis servers for tests: each of its own folder, started, stalled and killed; a proxy that spoils what passes;
# and a node that a test drives.
# SPDX-License-Identifier: MIT
import atexit
import ctypes
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from tap import until

SERVER = shutil.which("valkey-server") or shutil.which("redis-server")
TO_END = []
LIBC = ctypes.CDLL(None)


def end_all():
    for thing in reversed(TO_END):
        try:
            thing.end()
        except Exception as wrong:  # noqa: BLE001: the others end all the same
            print("# %s" % wrong)


def die_with_the_test():
    """Also when the test is killed: PR_SET_PDEATHSIG."""
    LIBC.prctl(1, signal.SIGKILL)


atexit.register(end_all)


def free_port():
    """One of which the port of the cluster's bus, 10000 above, is free, too. (Those that the kernel gives are too high.)"""
    while True:
        port = random.randrange(20000, 30000)
        try:
            for number in (port, port + 10000):
                with socket.socket() as taken:
                    taken.bind(("127.0.0.1", number))
            return port
        except OSError:
            pass


class Refused(Exception):
    """The server's error; its text is what it said."""


class Client:
    """One connection that speaks RESP, without a library. Its answers are bytes, numbers, None and lists."""

    def __init__(self, path_or_port):
        is_path = isinstance(path_or_port, str)
        self.socket = socket.socket(socket.AF_UNIX if is_path else socket.AF_INET)
        self.socket.settimeout(10)
        self.socket.connect(path_or_port if is_path else ("127.0.0.1", path_or_port))
        self.file = self.socket.makefile("rb")

    def answer(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError("the server closed")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise Refused(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.answer() for _ in range(int(rest))]
        return rest

    def ask(self, *words):
        texts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self.socket.sendall(b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%s\r\n" % (len(t), t) for t in texts))
        return self.answer()

    def hash(self, key):
        flat = self.ask("HGETALL", key)
        return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}

    def close(self):
        self.file.close()
        self.socket.close()


class Server:
    """A server on a Unix socket and a port of its own."""

    def __init__(self, *settings):
        self.folder = tempfile.mkdtemp(prefix="tq-redis-")
        self.path = os.path.join(self.folder, "socket")
        self.port = free_port()
        self.settings = settings
        self.process = None
        TO_END.append(self)
        self.start()

    def start(self, waits=True):
        self.process = subprocess.Popen(
            [SERVER, "--port", str(self.port), "--unixsocket", self.path, "--dir", self.folder, "--save", "", "--bind",
             "127.0.0.1", "--loglevel", "warning", "--daemonize", "no", *self.settings],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_the_test)
        if waits:
            until("the server answers", self.answers)

    def answers(self):
        try:
            client = Client(self.path)
            try:
                client.ask("PING")
            except Refused as why:
                return not str(why).startswith("LOADING")
            finally:
                client.close()
            return True
        except OSError:
            return False

    def client(self):
        return Client(self.path)

    def ask(self, *words):
        client = self.client()
        try:
            return client.ask(*words)
        finally:
            client.close()

    def url(self):
        return "unix://" + self.path

    def stall(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def end(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Proxy:
    """Passes bytes to a server's port. What a test sets decides about what comes next.

    cut       nothing passes, and connections stay as they are: as a network that is cut
    late      seconds that each piece of the answers waits
    sent      what nodes sent, by connection, so that it can be sent again
    """

    def __init__(self, port):
        self.to, self.cut, self.late, self.sent, self.open = port, False, 0, [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        TO_END.append(self)
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self):
        return "redis://127.0.0.1:%d" % self.port

    def accept(self):
        while True:
            try:
                node, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self.open += [node, server]
            record = bytearray()
            self.sent.append(record)
            threading.Thread(target=self.carry, args=(node, server, record), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, node, None), daemon=True).start()

    def carry(self, source, target, record):
        try:
            while True:
                piece = source.recv(65536)
                if not piece:
                    break
                while self.cut:
                    time.sleep(0.01)
                if record is None and self.late:
                    time.sleep(self.late)
                if record is not None:
                    record += piece
                target.sendall(piece)
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def drop(self):
        """Closes what is open."""
        for one in self.open:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open = []

    def repeat(self, number):
        """Sends again what a node sent by its connection of this number; waits until the server took it."""
        with socket.create_connection(("127.0.0.1", self.to)) as server:
            server.sendall(bytes(self.sent[number]))
            server.shutdown(socket.SHUT_WR)
            while server.recv(65536):
                pass

    def end(self):
        self.cut = False
        self.listener.close()
        self.drop()


class Node:
    """sync_exchange_tool, as a node."""

    def __init__(self, tool, to, name="a", instance="i-a", before="", every=250, options=()):
        self.process = subprocess.Popen([tool, "--to", to, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        TO_END.append(self)
        self.say("node", name, instance, before, every)

    def say(self, *fields):
        self.process.stdin.write("\t".join(str(f) for f in fields) + "\n")
        self.process.stdin.flush()

    def ask(self, *fields):
        self.say(*fields)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the tool ended: %s" % self.process.stderr.read())
        return json.loads(line)

    def item(self, provider, entry, kind="w", limit="", key=1000, expire=60000):
        self.say("item", provider, limit, key, expire, kind, entry)

    def flush(self, deadline=5000):
        return self.ask("flush", deadline)

    def one(self, provider, entry, kind="w", limit="", key=1000, expire=60000, deadline=5000):
        """A flush of one item; what was heard of it."""
        self.say("clear")
        self.item(provider, entry, kind, limit, key, expire)
        said = self.flush(deadline)
        if said["answer"] != 0:
            raise AssertionError("the flush answered %d: %s" % (said["answer"], said["msg"]))
        return said["items"][0]

    def end(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:  # it ended before
            pass
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
