#!/usr/bin/env python3
# test_serve_http.py: what reaches the daemon over a socket, and what does not: form, host, token, size, time, number.
# SPDX-License-Identifier: MIT
#
#     test_serve_http.py COMMAND [SANITIZER]
#
# With TQ_STRESS there are ten times as many connections. A build with a sanitizer is not measured.
import contextlib
import http.client
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import time

from serve_fixture import DEADLINE, Daemon
from tap import Tap

CORPUS = pathlib.Path("fuzz/corpus/http")
READ, WRITE = "r" * 24, "w" * 24
PATIENCE = 0.3  # seconds that a daemon of these tests waits for a slow client
BODY_MAX = 8 << 20

# What each file of the corpus is answered: the first status, and whether the connection is closed. libmicrohttpd 0.9.75
# hides some faults: its answer is the second of a pair. What is not listed is sound, and answered by a handler.
ANSWERS = {
    **dict.fromkeys(("get", "get-query", "head", "post", "header-2k", "pipelined", "upgrade"),
                    (200, False)),
    "http-1.0": (200, True),
    "blank-lines-first": ((200, False), (None, True)),
    **dict.fromkeys(("bare-lf", "header-folded", "header-nul"), ((400, True), (200, False))),
    **dict.fromkeys(
        "two-lengths two-lengths-apart length-list length-plus length-negative length-hex length-word length-empty "
        "length-of-get chunked chunked-and-length chunked-trailer chunked-odd chunked-identity chunked-get trailer "
        "two-hosts no-host expect-odd nul-in-path nul-in-query latin1-in-path latin1-in-query version-none version-odd "
        "header-no-colon header-space-colon header-folded-first header-bare-cr".split(), (400, True)),
    **dict.fromkeys(("length-large", "length-overflow"), (413, True)),
    **dict.fromkeys(("empty-host", "foreign-host", "host-userinfo"), ((421, True), (400, True))),
    **dict.fromkeys(("origin-foreign", "origin-null"), (403, True)),
    **dict.fromkeys(("header-large", "header-many"), ((431, True), (413, True))),
    "path-large": (414, True),
    **dict.fromkeys(("preface-http2", "version-2"), (505, True)),
    "tls-hello": ((None, True), (400, True)),
    "method-odd": ((405, False), (400, True)),
    "method-lower": ((405, False), (400, True)),
    "percent-cut": (404, None),
    "absolute": ((404, False), (400, True)),
    **dict.fromkeys(("asterisk", "connect"), ((404, False), (400, True))),
}


def expect(was, wanted, what):
    if was != wanted:
        raise AssertionError("%s: %r, expected %r" % (what, was, wanted))


def wait_for(condition, what):
    """Polls: a condition that never holds is a failure, not a matter of how long a test sleeps."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("never: " + what)


class Raw:
    """A connection on which bytes are written as they are."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        self.got = b""

    def send(self, data):
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(data)
        return self

    def read(self, seconds):
        """False once the other side closed it."""
        self.socket.settimeout(seconds)
        try:
            part = self.socket.recv(65536)
        except (TimeoutError, socket.timeout):
            return None
        except ConnectionError:
            part = b""
        self.got += part
        return bool(part)

    def answer(self, seconds=DEADLINE):
        """The first status, once its header is complete; None when the connection is closed before."""
        until = time.monotonic() + seconds
        while b"\r\n\r\n" not in self.got and time.monotonic() < until:
            if self.read(max(0.001, until - time.monotonic())) is False:
                break
        return self.status()

    def status(self):
        found = re.match(rb"HTTP/1\.1 (\d\d\d) ", self.got)
        return int(found.group(1)) if found else None

    def is_closed(self, seconds=DEADLINE):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.read(max(0.001, until - time.monotonic())) is False:
                return True
        return False

    def close(self):
        self.socket.close()


def fields(text):
    return ("Host: localhost\r\n" + text + "\r\n").encode("latin-1")


def get(path="/healthz", more=""):
    return b"GET " + path.encode() + b" HTTP/1.1\r\n" + fields(more)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("any.host.at.all", timeout=DEADLINE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(self.path)


def over_unix(path, method="GET", target="/healthz"):
    connection = UnixConnection(path)
    try:
        connection.request(method, target)
        return connection.getresponse().status
    finally:
        connection.close()


# ---- the form of a request -----------------------------------------------------------------------------------------

def test_corpus(daemon):
    wrong = []
    for file in sorted(CORPUS.iterdir()):
        expected = ANSWERS.get(file.name, tuple((status, None) for status in range(200, 500)))
        expected = expected if isinstance(expected[0], tuple) else (expected,)
        raw = Raw(daemon.port).send(file.read_bytes())
        status = raw.answer(2)
        closed = raw.is_closed(0.02 if not any(one[1] for one in expected) else 2 if status != 200 else 0.02)
        raw.close()
        if not any(status == one[0] and one[1] in (None, closed) for one in expected):
            wrong.append("%s: %s, closed: %s" % (file.name, status, closed))
    expect(wrong, [], "answers to the corpus")
    expect(daemon.get("/healthz").status, 200, "the daemon afterwards")


def test_cut(daemon):
    """Each request of the corpus that ends in its middle, by a client that goes away."""
    for file in sorted(CORPUS.iterdir()):
        whole = file.read_bytes()
        for at in (1, len(whole) // 3, len(whole) // 2, len(whole) - 1):
            Raw(daemon.port).send(whole[:at]).close()
    expect(daemon.get("/healthz").status, 200, "the daemon afterwards")


def test_answers(daemon):
    for method, path, status in (("GET", "/healthz", 200), ("HEAD", "/healthz", 200), ("GET", "/none", 404),
                                 ("POST", "/healthz", 405), ("GET", "/health", 200), ("GET", "/readyz", 200)):
        answer = daemon.ask(method, path)
        expect(answer.status, status, method + " " + path)
        expect(answer.headers["X-Content-Type-Options"], "nosniff", path)
        expect(answer.headers["Cache-Control"], "no-store", path)
        policy = answer.headers["Content-Security-Policy"]
        expect([word in policy for word in ("default-src 'none'", "unsafe", "frame-ancestors 'none'")],
               [True, False, True], "the policy of " + path)
        if status >= 400:
            expect(answer.headers["Content-Type"], "application/problem+json", path)
            expect({**answer.json(), "detail": "", "title": ""},
                   {"type": "about:blank", "title": "", "status": status, "detail": "", "code": answer.json()["code"]},
                   "the problem of " + path)
    expect(daemon.ask("POST", "/healthz").headers["Allow"], "GET, HEAD", "what the path takes")
    head, whole = daemon.ask("HEAD", "/healthz"), daemon.get("/healthz")
    expect((head.body, head.headers["Content-Length"]), (b"", whole.headers["Content-Length"]), "HEAD")


def test_keep_alive(daemon):
    raw = Raw(daemon.port)
    for turn in range(1, 4):
        raw.send(get() * 50)
        wait_for(lambda: raw.got.count(b"HTTP/1.1 200 OK") == 50 * turn or not raw.read(0.1) and False, "50 answers")
    raw.send(get("/none"))
    wait_for(lambda: b" 404 " in raw.got or not raw.read(0.1) and False, "an answer")
    expect(raw.is_closed(0.02), False, "a refusal closes it")
    raw.close()


def test_large(daemon):
    body = b" " * (BODY_MAX - 2) + b"{}"
    expect(daemon.ask("POST", "/v1/route?provider=nobody", body=body).status, 200, "a body of 8 MiB")
    raw = Raw(daemon.port).send(b"POST /v1/route HTTP/1.1\r\n" + fields("Content-Length: %d\r\n" % (BODY_MAX + 1)))
    expect((raw.answer(), raw.is_closed()), (413, True), "one byte more, before it is sent")
    raw = Raw(daemon.port).send(b"POST /v1/route HTTP/1.1\r\n" +
                                fields("Content-Length: 2\r\nExpect: 100-continue\r\n"))
    expect(raw.answer(), 100, "a client that asks first")
    raw.got = b""
    expect(raw.send(b"{}").answer(), 400, "its body")
    raw.close()
    query = "&".join("provider=%d" % number for number in range(64)) # and 2 KB with the field that follows
    raw = Raw(daemon.port).send(get("/v1/route?" + query, "X: %s\r\n" % ("x" * (1950 - len(query)))))
    expect(raw.answer(), 200, "64 parameters")
    raw.close()


# ---- who asks ------------------------------------------------------------------------------------------------------

def test_hosts(daemon):
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8377", "[::1]:8377", "[::1]", "192.168.1.7:80",
                 "x.localhost", "quota.example.com", "Quota.Example.com:443"):
        expect((host, daemon.get("/v1/status", headers={"Host": host}).status), (host, 200), "Host")
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "quota.example.com.evil.example",
                 "xlocalhost", "1270.0.0.1", "[evil]", "[::1", "local host", "localhost,evil.example", "256.1.1.1",
                 "localhost:evil.example", "[::1].evil.example", "127.0.0.1:80@evil"):
        expect((host, daemon.get("/v1/status", headers={"Host": host}).status), (host, 421), "Host")
    expect(over_unix(str(daemon.folder / "socket")), 200, "any host over a Unix socket")


def test_origins(daemon):
    own = "127.0.0.1:%d" % daemon.port
    for origin, status in (("http://" + own, 200), ("https://" + own, 200), ("https://quota.example.com", 200),
                           ("http://127.0.0.1:1", 403), ("http://localhost:%d" % daemon.port, 403), ("null", 403),
                           ("http://evil.example", 403), (own, 403), ("", 403), ("http://" + own + ".evil", 403)):
        expect((origin, daemon.get("/v1/status", headers={"Origin": origin}).status), (origin, status), "Origin")
        expect(daemon.get("/v1/status", headers={"Origin": origin}).headers["Access-Control-Allow-Origin"], None, "CORS")


def test_cors(daemon):
    answer = daemon.get("/v1/limits", headers={"Origin": "http://any.example"})
    expect((answer.status, answer.headers["Access-Control-Allow-Origin"]), (200, "*"), "the limits")
    answer = daemon.ask("OPTIONS", "/v1/limits/claude", headers={"Origin": "http://any.example",
                                                                "Access-Control-Request-Method": "GET"})
    expect((answer.status, answer.headers["Access-Control-Allow-Methods"]), (204, "GET, HEAD"), "who asks first")
    for method, path in (("GET", "/v1/status"), ("OPTIONS", "/v1/status"), ("POST", "/v1/limits"),
                         ("GET", "/v1/limitsx")):
        answer = daemon.ask(method, path, headers={"Origin": "http://any.example"})
        expect((method, path, answer.status in (403, 405), answer.headers["Access-Control-Allow-Origin"]),
               (method, path, True, None), "all else")


def test_tokens(daemon):
    def ask(method, path, token, scheme="Bearer "):
        return daemon.ask(method, path, headers={"Authorization": scheme + token} if token else {}).status

    route = "/v1/route?provider=openai"
    for token, read, write in ((None, 401, 401), (READ, 200, 403), (WRITE, 200, 200), ("x" * 24, 401, 401),
                               (WRITE[:-1], 401, 401), (WRITE + "w", 401, 401), ("other" + "o" * 20, 200, 200)):
        expect((token, ask("GET", route, token), ask("POST", route, token)), (token, read, write), "token")
    expect(ask("GET", route, WRITE, "bearer  "), 200, "the scheme in lower case")
    expect(ask("GET", route, WRITE, "Basic "), 401, "another scheme")
    expect(ask("GET", "/healthz", None), 200, "what anyone may ask")
    expect(ask("GET", "/none", None), 404, "a path that is not there")
    challenge = daemon.get("/v1/status").headers["WWW-Authenticate"]
    expect(challenge, 'Bearer realm="tokenquota"', "what a client is told")
    evil = {"Authorization": "Bearer " + WRITE, "Host": "evil.example", "Origin": "http://evil.example"}
    expect(daemon.get("/v1/status", headers=evil).status, 200, "with a token the host does not matter")
    raw = Raw(daemon.port).send(b"POST /v1/route?provider=openai HTTP/1.1\r\n" + fields("Content-Length: 1000000\r\n"))
    expect((raw.answer(), raw.is_closed()), (401, True), "who has no token is answered before the body")
    before = daemon.said("status")["providers"]
    for token, status in ((None, 401), (READ, 403)):
        headers = {"Authorization": "Bearer " + token} if token else {}
        body = b'{"provider":"openai","tokens":1200}'
        expect(daemon.ask("POST", "/v1/observe", headers=headers, body=body).status, status, "a record without the right")
    expect([one["used"] for one in daemon.said("status")["providers"]], [one["used"] for one in before], "what is counted")
    expect(over_unix(str(daemon.folder / "socket"), "GET", "/v1/status"), 200, "the Unix socket needs none")


def test_rotation(daemon):
    (daemon.folder / "write").write_text("n" * 30 + "\n")
    daemon.process.send_signal(signal.SIGHUP)

    def status(token):
        return daemon.get("/v1/status", headers={"Authorization": "Bearer " + token}).status

    wait_for(lambda: status("n" * 30) == 200, "the new token")
    expect((status(WRITE), status(READ)), (401, 200), "the old ones")
    (daemon.folder / "write").write_text("short\n")
    daemon.process.send_signal(signal.SIGHUP)
    for _ in range(5):
        expect(status("n" * 30), 200, "a file with a fault leaves the tokens as they were")


def said(command, folder, *arguments, **more):
    """What a daemon says that does not begin."""
    result = subprocess.run([command, "serve", "--ledger", str(folder / "unmade"), *arguments], capture_output=True,
                            text=True, timeout=DEADLINE, env={**os.environ, "HOME": str(folder)}, **more)
    return result.returncode, result.stderr


def test_refused(command, folder):
    good, loose, short = folder / "good", folder / "loose", folder / "short"
    for path, text in ((good, WRITE), (loose, WRITE), (short, "tooshort")):
        path.write_text(text + "\n")
        path.chmod(0o640 if path is loose else 0o600)
    for arguments, word in (
            (("--token-file", str(loose)), "chmod 600"), (("--token-file", str(short)), "16 to 256"),
            (("--token-file", str(folder / "none")), "openssl rand -hex 24 >"), (("--token-file", str(folder)), "is no file"),
            (("--listen", "0.0.0.0:0"), "need a token"), (("--listen", "[::]:0"), "need a token"),
            (("--listen", "0.0.0.0:0", "--token-file", str(good)), "--allow-plain-http"),
            (("--listen", "127.0.0.1"), "HOST:PORT"), (("--listen", "::1:80"), "brackets"),
            (("--listen", "127.0.0.1:65536"), "HOST:PORT"), (("--name", "a:1"), "is no name"),
            (("--unix", "x" * 108), "1 to 107 bytes"), (("--threads", "65"), "more than 64"),
            (("--listen", "127.0.0.1:0") * 17, "too many")):
        code, text = said(command, folder, "--check", *arguments)
        expect((arguments, code, word in text or text), (arguments, 2, True), "refused")
    for arguments in (("--listen", "127.0.0.1:0"), ("--listen", "0.0.0.0:0", "--token-file", str(good),
                                                   "--allow-plain-http"), ("--unix", str(folder / "s"))):
        expect((arguments, *said(command, folder, "--check", *arguments)), (arguments, 0, ""), "fine")
    expect((folder / "unmade").exists() or (folder / "s").exists(), False, "--check leaves something")
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, text = said(command, folder, "--listen", "127.0.0.1:%d" % other.getsockname()[1])
        expect((code, "another program listens there" in text), (2, True), "a port that is taken")
    for arguments, words in ((("--listen", "192.0.2.1:80"), "no such address"), (("--unix", str(folder / "no/s")), "mkdir -p"),
                             (("localhost",), "takes no operand")):
        code, text = said(command, folder, *arguments)
        expect((arguments, code, words in text or text), (arguments, 2, True), "what to do")
    (folder / "closed").mkdir(mode=0)
    other = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    with contextlib.suppress(PermissionError): # that user may not run it
        code, text = said(command, folder, "--listen", "127.0.0.1:0", "--ledger", str(folder / "closed/ledger"), **other)
        expect((code, "run the daemon as its owner" in text or text), (2, True), "another user's ledger")
    (folder / "closed").rmdir()


# ---- who is slow, and how many -------------------------------------------------------------------------------------

def test_slow(daemon):
    half = {
        "nothing": b"", "half a request line": b"GET /heal", "half a header": get()[:-2],
        "half a body": b"POST /v1/route?provider=a HTTP/1.1\r\n" + fields("Content-Length: 10\r\n") + b"12345",
        "a kept connection": get(),
    }
    begun = {name: (Raw(daemon.port).send(data), time.monotonic()) for name, data in half.items()}
    for name, (raw, at) in begun.items():
        expect((name, raw.is_closed(), time.monotonic() - at > PATIENCE / 2), (name, True, True), "dropped")
        raw.close()


def test_trickle(daemon):
    """A byte now and then moves no deadline."""
    for whole in (get("/" + "a" * 4000), b"POST /v1/route?provider=a HTTP/1.1\r\n" + fields("Content-Length: 4000\r\n") +
                  b"a" * 4000):
        raw, begun, at = Raw(daemon.port).send(whole[:70]), time.monotonic(), 70
        while raw.read(PATIENCE / 20) is None and at < len(whole):
            raw.send(whole[at:at + 1])
            at += 1
        took = time.monotonic() - begun
        expect((at < len(whole), took > PATIENCE / 2), (True, True), "dropped after %.2f s" % took)
        raw.close()


def test_unread(daemon):
    """A client that never reads what it is sent."""
    raw = Raw(daemon.port)
    raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.socket.settimeout(PATIENCE / 4)
    begun, dropped = time.monotonic(), False
    while not dropped and time.monotonic() - begun < DEADLINE:
        try:
            raw.socket.send(get("/none") * 100)
        except (TimeoutError, socket.timeout):
            continue
        except ConnectionError:
            dropped = True
    expect(dropped, True, "dropped")
    raw.close()


def resident(pid):
    text = pathlib.Path("/proc/%d/status" % pid).read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text).group(1)) * 1024


def test_many(daemon, measure, idle_count, slow_count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = idle_count + slow_count + 100
    if hard != resource.RLIM_INFINITY and hard < need:
        print("# only %d descriptors: fewer connections" % hard)
        idle_count = hard - slow_count - 100
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(need, hard)), hard))
    body = b"POST /v1/route?provider=openai HTTP/1.1\r\n" + fields("Content-Length: 2\r\n") + b"{}"
    asker = Raw(daemon.port)
    expect(asker.send(body).answer(), 200, "the first")
    before = resident(daemon.process.pid)
    idle = [Raw(daemon.port).send(get()) for _ in range(idle_count)]
    for raw in idle:
        raw.answer()
    each = (resident(daemon.process.pid) - before) / idle_count
    print("# %d idle connections: %.0f bytes each" % (idle_count, each))
    slow = [Raw(daemon.port).send(body[:20 + at % (len(body) - 20)]) for at in range(slow_count)]
    for turn in range(200):
        asker.got = b""
        expect(asker.send(body).answer(), 200, "a request beside them")
        slow[turn % slow_count].send(b"")
    expect(idle[-1].is_closed(0.01), False, "an idle one is closed")
    for raw in idle + slow + [asker]:
        raw.close()
    if measure and each > 10240:
        raise AssertionError("an idle connection costs %.0f bytes, at most 10240" % each)


def test_limit(daemon):
    """Eight connections: idle ones yield, those that ask do not."""
    idle = [Raw(daemon.port).send(get()) for _ in range(8)]
    for raw in idle:
        expect(raw.answer(), 200, "within the limit")
    more = Raw(daemon.port).send(get())
    expect((more.answer(), idle[0].is_closed(), idle[7].is_closed(0.02)), (200, True, False), "the oldest yields")
    for raw in idle + [more]:
        raw.close()
    begun = [Raw(daemon.port).send(get()[:-2]) for _ in range(16)]
    wait_for(lambda: Raw(daemon.port).send(get()).answer() == 200, "an answer beside those that send no whole header")
    for raw in begun:
        raw.close()
    half = b"POST /v1/route?provider=a HTTP/1.1\r\n" + fields("Content-Length: 2\r\n")

    def fill():
        busy = [Raw(daemon.port).send(half) for _ in range(8)]
        if not any(raw.is_closed(0.02) for raw in busy):
            return busy
        for raw in busy:
            raw.close()
        return None

    busy = wait_for(fill, "room for eight")
    expect(Raw(daemon.port).send(get()).answer(), None, "one too many")
    for raw in busy:
        expect(raw.send(b"{}").answer(), 200, "who was there first")
        raw.close()


def test_descriptors(daemon):
    """When there are none left, clients wait; when there are some again, it listens again."""
    pid = daemon.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    open_now = max(map(int, os.listdir("/proc/%d/fd" % pid)))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_now + 5, hard))
    idle = [socket.create_connection(("127.0.0.1", daemon.port), timeout=DEADLINE) for _ in range(20)]
    wait_for(lambda: len(os.listdir("/proc/%d/fd" % pid)) > open_now + 2, "connections up to the limit")
    for connection in idle:
        connection.close()
    expect(daemon.get("/healthz").status, 200, "after them")


def test_threads(daemon):
    workers = [subprocess.Popen([sys.executable, "-c", """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for turn in range(300):
    connection.request("GET", "/v1/status")
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
""", str(daemon.port)]) for _ in range(4)]
    expect([worker.wait(DEADLINE) for worker in workers], [0] * 4, "clients of several threads")


# ---- the ledger, and the end ---------------------------------------------------------------------------------------

def test_replaced(daemon):
    daemon.run("observe", "openai", "5")
    expect(daemon.get("/v1/verdict?provider=openai").status, 200, "before")
    os.rename(daemon.ledger, daemon.ledger + ".old")
    daemon.run("observe", "newcomer", "5")
    wait_for(lambda: daemon.get("/v1/verdict?provider=newcomer").status == 200, "the new ledger")
    expect((daemon.get("/v1/verdict?provider=openai").status, daemon.get("/readyz").status), (404, 200), "the old one")


def test_end(command):
    with Daemon(command) as daemon:
        path = str(daemon.folder / "socket")
        daemon.stop()
        daemon.arguments = ("--unix", path)
        daemon.start()
        expect(stat.S_IMODE(os.stat(path).st_mode), 0o600, "the mode of the Unix socket")
        half = Raw(daemon.port).send(b"POST /v1/route?provider=a HTTP/1.1\r\n" + fields("Content-Length: 2\r\n"))
        idle = Raw(daemon.port).send(get())
        expect(idle.answer(), 200, "before")
        stream = Raw(daemon.port).send(get("/v1/events"))
        expect(stream.answer(), 200, "a stream")
        daemon.process.send_signal(signal.SIGTERM)
        expect((idle.is_closed(), stream.is_closed(), stream.got.endswith(b"\r\n0\r\n\r\n")), (True, True, True),
               "an idle connection, and a stream, which ends as streams do")

        def is_deaf():
            try:
                Raw(daemon.port).close()
            except ConnectionError:
                return True
            return False

        wait_for(is_deaf, "it takes no more connections")
        expect(daemon.process.poll(), None, "it waits for the request in flight")
        expect((half.send(b"{}").answer(), b"Connection: close" in half.got), (200, True), "the request in flight")
        expect(daemon.process.wait(DEADLINE), 0, "exit status")
        expect(os.path.exists(path), False, "the Unix socket is left")


def test_make_serve(command, folder):
    """What `make serve` runs without a ledger: each line that it says works."""
    environment = {**os.environ, "TOKENQUOTA_LEDGER": str(folder / "none"), "HOME": str(folder)}
    shell = subprocess.Popen(["tools/serve.sh", command, str(folder / "sample"), "--listen", "127.0.0.1:0"],
                             env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines = [shell.stdout.readline() for _ in range(6)]
        expect([line.split()[0] for line in lines[-3:]], ["curl"] * 3, "".join(lines))
        for line, word in zip(lines[-3:], ('"openai"', '"provider":"openai"', "")):
            if not shutil.which("curl"):
                break
            said = subprocess.run(line.strip().replace("curl", "curl -sSf", 1), shell=True, capture_output=True,
                                  text=True, timeout=DEADLINE)
            expect((said.returncode, word in said.stdout), (0, True), line + said.stdout + said.stderr)
    finally:
        shell.terminate()
    expect(shell.wait(DEADLINE), 0, "exit status")
    shell.stdout.close()
    expect((folder / "none").exists(), False, "your own ledger is made")


def test_nginx(daemon):
    """The server of docs/serve.md, with another port and a certificate of its own, in front of the daemon."""
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if not nginx or not shutil.which("openssl"):
        print("# skipped: there is no nginx, or no openssl, here")
        return
    folder = daemon.folder
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=quota.example.com", "-days", "1",
                    "-keyout", folder / "quota.key", "-out", folder / "quota.pem"], check=True, capture_output=True)
    server = re.search(r"```nginx\n(.*?)```", pathlib.Path("docs/serve.md").read_text(), re.S).group(1)
    for old, new in (("listen 443 ssl", "listen 127.0.0.1:%d ssl" % port), ("/etc/ssl/quota", str(folder / "quota")),
                     ("127.0.0.1:8377", "127.0.0.1:%d" % daemon.port)):
        expect(old in server, True, "docs/serve.md has " + old)
        server = server.replace(old, new)
    places = "".join("%s_temp_path %s;" % (what, folder / what) for what in
                     ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        "daemon off; master_process off; pid %s/pid; error_log stderr crit; events {} http { access_log off; %s %s }"
        % (folder, places, server))
    front = subprocess.Popen([nginx, "-p", folder, "-c", folder / "nginx.conf"])
    trusting = ssl.create_default_context(cafile=folder / "quota.pem")

    def through(data):
        with trusting.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE),
                                  server_hostname="quota.example.com") as secure:
            secure.sendall(data)
            return secure.recv(65536).split(b" ")[1]

    def ask(path, more=""):
        return through(("GET %s HTTP/1.1\r\nHost: quota.example.com\r\n%s\r\n" % (path, more)).encode())

    def is_up():
        with contextlib.suppress(OSError):
            return ask("/healthz") == b"200"

    bearer = "Authorization: Bearer %s\r\n" % READ
    page = "Origin: https://quota.example.com\r\n"
    try:
        wait_for(is_up, "nginx")
        expect((ask("/v1/status"), ask("/v1/status", bearer), ask("/v1/status", bearer + page)), (b"401", b"200", b"200"),
               "through nginx")
        expect(ask("/v1/events", bearer), b"200", "events, which have no end")
        for name in ("two-lengths", "chunked-and-length", "header-nul", "header-space-colon", "two-hosts"):
            expect((name, through((CORPUS / name).read_bytes())), (name, b"400"), "refused by nginx")
    finally:
        front.terminate()
        front.wait(DEADLINE)


# ---- systemd -------------------------------------------------------------------------------------------------------

def activated(command, folder, sockets, **environment):
    """Starts the daemon as systemd does: sockets from descriptor 3 on, and the process id in the environment."""
    def give():
        copies = [os.dup2(one.fileno(), 100 + at) for at, one in enumerate(sockets)]
        for at, copy in enumerate(copies):
            os.dup2(copy, 3 + at)

    fds = tuple(range(3, 3 + len(sockets)))
    return subprocess.Popen(
        ["sh", "-c", 'LISTEN_PID=${LISTEN_PID-$$} exec "$@"', "sh", command, "serve", "--ledger", str(folder / "l")],
        preexec_fn=give, pass_fds=fds, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder), "LISTEN_FDS": str(len(sockets)), **environment})


def test_activation(command, folder):
    path = str(folder / "activated")
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(path)
        unix.listen()
        early = Raw(tcp.getsockname()[1]).send(get())
        daemon = activated(command, folder, [tcp, unix])
        try:
            expect(early.answer(), 200, "who came before the daemon")
            expect(over_unix(path), 200, "the Unix socket")
        finally:
            daemon.terminate()
            text = daemon.communicate(timeout=DEADLINE)[1].decode()
        expect((daemon.returncode, os.path.exists(path)), (0, True), "systemd keeps the path; " + text)
        late = Raw(tcp.getsockname()[1]).send(get())
        daemon = activated(command, folder, [tcp])
        expect(late.answer(), 200, "who came between two daemons")
        daemon.terminate()
        daemon.communicate(timeout=DEADLINE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, socket.socket() as deaf:
        datagram.bind(("127.0.0.1", 0))
        for one in (datagram, deaf):
            daemon = activated(command, folder, [one])
            text = daemon.communicate(timeout=DEADLINE)[1].decode()
            expect((daemon.returncode, "no listening stream socket" in text), (2, True), text)
    with socket.create_server(("0.0.0.0", 0)) as wide:
        daemon = activated(command, folder, [wide])
        text = daemon.communicate(timeout=DEADLINE)[1].decode()
        expect((daemon.returncode, "need a token" in text), (2, True), "a socket of systemd that others reach; " + text)


def test_notify(command, abstract):
    with Daemon(command) as daemon, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        daemon.stop()
        path = ("\0tq-%d" % os.getpid()) if abstract else str(daemon.folder / "notify")
        manager.bind(path)
        manager.settimeout(DEADLINE)
        daemon.environment.update(NOTIFY_SOCKET=path.replace("\0", "@"), WATCHDOG_USEC="100000")
        daemon.start()

        def told(word):
            while True:
                text = manager.recv(4096).decode()
                if word in text.splitlines() or any(line.startswith(word) for line in text.splitlines()):
                    return text

        ready = told("READY=1")
        expect("STATUS=listening on http://127.0.0.1:%d" % daemon.port in ready, True, ready)
        told("WATCHDOG=1")
        told("WATCHDOG=1")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        daemon.process.send_signal(signal.SIGHUP)
        at = int(re.search(r"^MONOTONIC_USEC=(\d+)$", told("RELOADING=1"), re.M).group(1))
        expect(before <= at <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, True, "the instant of the reload")
        told("READY=1")
        daemon.process.send_signal(signal.SIGTERM)
        told("STOPPING=1")
        expect(daemon.process.wait(DEADLINE), 0, "exit status")


@contextlib.contextmanager
def daemon_of(command, *arguments, tokens=False):
    """A daemon that was given files and a Unix socket in its folder."""
    with Daemon(command) as daemon:
        daemon.stop()
        daemon.arguments = ("--unix", str(daemon.folder / "socket"), *arguments)
        if tokens:
            for name, text in (("read", READ), ("write", WRITE + "\n" + "other" + "o" * 20)):
                (daemon.folder / name).write_text(text + "\n")
                (daemon.folder / name).chmod(0o600)
            daemon.arguments += ("--token-file", str(daemon.folder / "write"),
                                 "--read-token-file", str(daemon.folder / "read"))
        daemon.start()
        daemon.run("observe", "openai", "5")
        yield daemon
        expect(daemon.stop(), 0, "exit status of the daemon, which sanitizers change")


def main():
    command, sanitizer = os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "none"
    stress = "TQ_STRESS" in os.environ
    patience = "%dms" % (PATIENCE * 1000)
    tap = Tap()
    with daemon_of(command, "--name", "quota.example.com") as daemon:
        tap.check("each request of the corpus has its answer", lambda: test_corpus(daemon))
        tap.check("a request may end anywhere", lambda: test_cut(daemon))
        tap.check("HEAD, 404, 405, problems, and what each answer says to browsers", lambda: test_answers(daemon))
        tap.check("a connection takes many requests", lambda: test_keep_alive(daemon))
        tap.check("a body of 8 MiB, and one byte more", lambda: test_large(daemon))
        tap.check("the host that is asked for", lambda: test_hosts(daemon))
        tap.check("the page that asks", lambda: test_origins(daemon))
        count = (10000, 200) if stress else (1000, 50)
        tap.check("%d idle and %d slow clients" % count,
                  lambda: test_many(daemon, sanitizer == "none", *count))
        tap.check("a ledger that is replaced", lambda: test_replaced(daemon))
    with daemon_of(command, "--cors-limits", "--threads", "3") as daemon:
        tap.check("--cors-limits opens the limits alone", lambda: test_cors(daemon))
        tap.check("several threads", lambda: test_threads(daemon))
    with daemon_of(command, tokens=True) as daemon:
        tap.check("who may read, and who may write", lambda: test_tokens(daemon))
        tap.check("nginx in front, as docs/serve.md has it", lambda: test_nginx(daemon))
        tap.check("tokens are read again on SIGHUP", lambda: test_rotation(daemon))
    with daemon_of(command, "--patience", patience) as daemon:
        tap.check("slow clients are dropped", lambda: test_slow(daemon))
        tap.check("and those that send a byte now and then", lambda: test_trickle(daemon))
        tap.check("and those that do not read", lambda: test_unread(daemon))
    with daemon_of(command, "--connections", "8") as daemon:
        tap.check("a limit of connections", lambda: test_limit(daemon))
    with daemon_of(command) as daemon:
        tap.check("no descriptors are left", lambda: test_descriptors(daemon))
    with tempfile.TemporaryDirectory() as folder:
        tap.check("what a daemon does not begin with", lambda: test_refused(command, pathlib.Path(folder)))
        tap.check("sockets of systemd", lambda: test_activation(command, pathlib.Path(folder)))
        tap.check("make serve, on the sample", lambda: test_make_serve(command, pathlib.Path(folder)))
    tap.check("SIGTERM", lambda: test_end(command))
    tap.check("systemd is told", lambda: test_notify(command, False))
    tap.check("systemd is told over an abstract socket", lambda: test_notify(command, True))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
