# redis.py: servers of Redis or Valkey that a test starts, kills, stalls and cuts off, and a proxy between.
# SPDX-License-Identifier: MIT
import os
import select
import shutil
import signal
import socket
import subprocess
import threading
import time

from tap import DEADLINE, Skipped, until

SLOTS = 16384  # of a cluster
SERVERS = tuple(os.environ.get("TQ_SERVERS", "redis-server valkey-server").split())  # the first that is installed is started


def program(names=SERVERS):
    """The first of these that is installed."""
    for name in names:
        found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if found:
            return found
    raise Skipped("none of %s is installed" % ", ".join(names))


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


class Refused(Exception):
    """The server's own words, as "NOPERM this user has no permissions"."""


class Client:
    """One connection. Bytes, integers, lists and None are what they are in RESP2; an error is raised."""

    def __init__(self, address, deadline=DEADLINE):
        kind = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(kind, socket.SOCK_STREAM)
        self.socket.settimeout(deadline)
        self.socket.connect(address)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def ask(self, *words):
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        return self.answer()

    def answer(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise Refused(rest.decode())
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.answer() for _ in range(int(rest))]
        raise ValueError(line)

    def hash(self, key):
        flat = self.ask("HGETALL", key)
        return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}


class Redis:
    """A server in a folder of its own: on the socket redis.sock in it, and on a free port.

        with Redis(folder) as server: server.ask("SET", "a", 1); server.kill(); server.start()
    """

    def __init__(self, folder, *options, names=SERVERS, port=None, host="127.0.0.1", inside=()):
        self.program = program(names)
        self.folder, self.options, self.host, self.inside = str(folder), options, host, tuple(inside)
        os.makedirs(self.folder, exist_ok=True)
        self.path = os.path.join(self.folder, "redis.sock")
        self.port = free_port() if port is None else port
        self.process, self.proxies = None, []
        self.password = ""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def address(self):
        return self.path

    @property
    def url(self):
        return "redis://%s:%d" % (self.host, self.port)

    @property
    def unix_url(self):
        return "unix://" + self.path

    def start(self, wait=True):
        """inside: words before the program, such as ip netns exec NAME."""
        if os.path.exists(self.path):
            os.unlink(self.path)
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [*self.inside, self.program, "--bind", self.host, "--port", str(self.port), "--unixsocket", self.path,
                 "--dir", self.folder, "--save", "", "--appendonly", "no", "--daemonize", "no", "--protected-mode", "no",
                 "--repl-diskless-sync-delay", "0",
                 *[str(option) for option in self.options]],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            until("the server answers", self.answers)
        return self

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def answers(self):
        if self.process.poll() is not None:
            raise RuntimeError("the server ended: " + self.log()[-500:])
        try:
            with Client(self.path, 2) as client:
                client.ask("PING")
                return True
        except Refused as why:
            return "NOAUTH" in str(why)
        except OSError:
            return False

    def client(self, deadline=DEADLINE):
        return Client(self.path, deadline)

    def ask(self, *words):
        with self.client() as client:
            if self.password:
                client.ask("AUTH", self.password)
            return client.ask(*words)

    def kill(self):
        """kill -9: nothing of what it had is written."""
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(DEADLINE)
            self.process = None

    def shut(self):
        """As an administrator stops it: what it is told to save is saved."""
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.process = None

    def stall(self):
        """It keeps its connections, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def info(self):
        lines = self.ask("INFO").decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def keys(self):
        return sorted(key.decode() for key in self.ask("KEYS", "*"))


def cluster_options():
    """Of a server that join() joins with others."""
    return "--cluster-enabled", "yes", "--cluster-node-timeout", 2000, "--cluster-port", free_port()


def join(nodes, ports=None):
    """Makes a cluster of them: masters that share the slots. ports: those of TLS, when they talk over it."""
    count, ports = len(nodes), ports or [node.port for node in nodes]
    for i, node in enumerate(nodes):
        first, last = i * SLOTS // count, (i + 1) * SLOTS // count - 1
        node.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
        node.ask("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
    for node, port in list(zip(nodes, ports))[1:]:
        bus = node.options[node.options.index("--cluster-port") + 1]
        nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", port, bus)
    until("the cluster is whole", lambda: all(
        b"cluster_state:ok" in node.ask("CLUSTER", "INFO") and b"cluster_known_nodes:%d" % count in node.ask("CLUSTER", "INFO")
        for node in nodes))


class Cluster:
    """with Cluster(folder) as cluster: cluster.url names all of its servers."""

    def __init__(self, folder, nodes=3):
        self.nodes = [Redis(os.path.join(str(folder), "cluster%d" % i), *cluster_options()) for i in range(nodes)]

    def __enter__(self):
        try:
            for node in self.nodes:
                node.start()
            join(self.nodes)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()

    @property
    def url(self):
        return "redis://" + ",".join("127.0.0.1:%d" % node.port for node in self.nodes)


class Pair:
    """A master and its replica, with a proxy between, so that writes are acknowledged and then lost."""

    def __init__(self, folder):
        self.first = Redis(os.path.join(str(folder), "first"))
        self.link = None
        self.second = None
        self.folder = str(folder)

    def __enter__(self):
        self.first.start()
        self.link = Proxy(("127.0.0.1", self.first.port)).start()
        self.second = Redis(os.path.join(self.folder, "second"), "--replicaof", "127.0.0.1 %d" % self.link.port)
        try:
            self.second.start()
            until("the replica follows", lambda: self.second.info()["master_link_status"] == "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.first.kill()
        if self.second:
            self.second.kill()
        self.link.stop()

    @property
    def url(self):
        return "redis://127.0.0.1:%d,127.0.0.1:%d" % (self.first.port, self.second.port)

    def caught_up(self):
        """The replica has all that the master has."""
        return self.first.info()["master_repl_offset"] == self.second.info()["master_repl_offset"]

    def lose_from_now_on(self):
        """What is written to the master from here on never reaches the replica."""
        self.link.stall()

    def fail_over(self):
        """The master dies, and the replica takes its place."""
        self.first.kill()
        self.link.cut()
        self.second.ask("REPLICAOF", "NO", "ONE")


class Proxy:
    """Between clients and a server: delays, stalls, cuts, and says again what it passed on.

    delay     seconds that each part waits, each way
    part      the most bytes that a part has
    repeats   each part of a client is sent to the server once more, later, on a connection of its own, whose replies
              nobody reads: a flush that arrives twice and late
    sent      what clients sent, by connection
    """

    def __init__(self, target, host="127.0.0.1"):
        self.target = target
        self.delay, self.repeats, self.part = 0.0, False, 65536
        self.accepts, self.passes = threading.Event(), threading.Event()
        self.accepts.set()
        self.passes.set()
        self.ended = False
        self.lock, self.open = threading.Lock(), set()
        self.listener = socket.create_server((host, 0))
        self.port = self.listener.getsockname()[1]
        self.sent = []

    def start(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return "redis://127.0.0.1:%d" % self.port

    def connect(self):
        kind = socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET
        it = socket.socket(kind, socket.SOCK_STREAM)
        it.connect(self.target)
        return it

    def accept(self):
        while not self.ended:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if not self.accepts.is_set():
                client.close()
                continue
            try:
                server = self.connect()
            except OSError:
                client.close()
                continue
            with self.lock:
                self.open |= {client, server}
            record = bytearray()
            self.sent.append(record)
            for source, sink, of_client in ((client, server, record), (server, client, None)):
                threading.Thread(target=self.pump, args=(source, sink, of_client), daemon=True).start()

    def pump(self, source, sink, record):
        try:
            while True:
                part = source.recv(self.part)
                if not part:
                    break
                if self.delay:
                    time.sleep(self.delay)
                self.passes.wait()
                sink.sendall(part)
                if record is not None:
                    record += part
                    if self.repeats:
                        threading.Thread(target=self.repeat_later, args=(part,), daemon=True).start()
        except OSError:
            pass
        with self.lock:
            self.open -= {source, sink}
        for it in (source, sink):
            try:
                it.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            it.close()

    def say_again(self, part):
        """By a connection of its own; waits until the server took it."""
        with self.connect() as it:
            it.sendall(part)
            it.shutdown(socket.SHUT_WR)
            while select.select([it], [], [], 1)[0] and it.recv(65536):
                pass

    def repeat(self, number):
        """All that was sent by the connection of this number."""
        self.say_again(bytes(self.sent[number]))

    def repeat_later(self, part):
        time.sleep(0.3)
        try:
            self.say_again(part)
        except OSError:
            pass

    def stall(self):
        """Connections stay, and nothing passes; what comes waits until go_on."""
        self.passes.clear()

    def go_on(self):
        self.accepts.set()
        self.passes.set()

    def cut(self):
        """Closes all connections, and closes those that come at once."""
        self.accepts.clear()
        self.drop()
        self.passes.set()

    def drop(self):
        """Closes all connections; others may come."""
        with self.lock:
            gone, self.open = self.open, set()
        for it in gone:
            try:
                it.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.ended = True
        self.listener.close()
        self.cut()


class Space:
    """A network namespace with a wire to this one, which is cut and mended: packets vanish, and no end hears of it.

        with Space(7) as space: subprocess.run([*space.inside, "command"]); space.cut(); space.mend()

    Inside, this machine is space.here; the server must listen on it (or on 0.0.0.0).
    """

    def __init__(self, number):
        mark = os.getpid() % 10000
        self.name = "tq%d-%d" % (mark, number)
        self.outer, self.inner = "tqo%d%d" % (mark, number), "tqi%d%d" % (mark, number)
        net = "10.%d.%d" % (64 + mark % 190, number)
        self.here, self.there = net + ".1", net + ".2"
        self.inside = ("ip", "netns", "exec", self.name)

    @staticmethod
    def ip(*words):
        done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Skipped("ip %s: %s" % (" ".join(words), done.stderr.strip()))

    def __enter__(self):
        if os.geteuid() or not shutil.which("ip"):
            raise Skipped("network namespaces need root and ip")
        try:
            self.ip("netns", "add", self.name)
            self.ip("link", "add", self.outer, "type", "veth", "peer", "name", self.inner, "netns", self.name)
            self.ip("addr", "add", self.here + "/24", "dev", self.outer)
            self.ip("link", "set", self.outer, "up")
            for words in (("addr", "add", self.there + "/24", "dev", self.inner), ("link", "set", self.inner, "up"),
                          ("link", "set", "lo", "up")):
                self.ip("-n", self.name, *words)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for words in (("link", "del", self.outer), ("netns", "del", self.name)):
            subprocess.run(["ip", *words], capture_output=True, check=False)

    def cut(self):
        self.ip("-n", self.name, "link", "set", self.inner, "down")

    def mend(self):
        self.ip("-n", self.name, "link", "set", self.inner, "up")
