#!/usr/bin/env python3
# test_gateways.py: the gateways of docs/gateways.md ask the daemon before they ask the vendor.
# SPDX-License-Identifier: MIT
#
#     test_gateways.py TOKENQUOTA [GATEWAY=PROGRAM]...
#
# What runs is the document's own text, with free ports and a vendor of ours. nginx and haproxy are looked for; envoy and traefik
# are tested when they are named (make peers). Between gateway and daemon stands a witness, which notes what came and passes it on.
import http.client
import http.server
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from serve_fixture import DEADLINE, Daemon
from tap import Tap, expect

KEY = "sk-secret-of-the-client"
NO_MONEY = ('HTTP/1.1 429 x\r\ncontent-type: application/json\r\n\r\n'
            '{"error":{"code":"insufficient_quota","type":"insufficient_quota"}}')
HOST = "llm.example.com"
PATH = "/openai/v1/chat/completions"


class Server:
    """Notes each request; answers by answer(path) -> status, headers, body."""

    def __init__(self, answer):
        self.seen = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.seen.append((self.command, self.path, self.headers, body))
                status, headers, body = answer(self)
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = reply

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # a gateway that ends drops its connections
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def witness_of(daemon):
    def answer(request):
        headers = {name: value for name, value in request.headers.items()
                   if name.lower() not in ("host", "connection", "content-length", "transfer-encoding")}
        headers["Host"] = request.headers["Host"].replace(str(request.server.server_port), str(daemon.port))
        got = daemon.ask(request.command, request.path, headers=headers)
        return got.status, [(name, value) for name, value in got.headers.items() if name.lower() != "content-length"], got.body

    return Server(answer)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def blocks(kind):
    return re.findall(r"```%s\n(.*?)```" % kind, pathlib.Path("docs/gateways.md").read_text(), re.S)


def put(text, old, new):
    if old not in text:
        raise AssertionError("docs/gateways.md has no %s" % old)
    return text.replace(old, new)


# ---- the gateways: each writes its files into a folder and gives the words that start it -------------------


def nginx(program, folder, text, opened):
    server = text("nginx")
    server = put(server, "https://api.openai.com/", "http://127.0.0.1:%d/" % text.vendor)
    if opened:
        server = put(server, "        internal;\n", "        internal;\n" + text("nginx", 1))
        server = server[:server.rindex("}")] + text("nginx", 2) + "}\n"
    (folder / "nginx.conf").write_text("""
        daemon off; master_process off; pid %(folder)s/pid; error_log stderr;
        events {}
        http {
            access_log off; client_body_temp_path %(folder)s; proxy_temp_path %(folder)s; fastcgi_temp_path %(folder)s;
            uwsgi_temp_path %(folder)s; scgi_temp_path %(folder)s;
            %(server)s
        }""" % {"folder": folder, "server": server})
    return [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def haproxy(program, folder, text, opened):
    (folder / "tokenquota.lua").write_text(text("lua"))
    rules = re.sub(r" +server openai .*", "    server openai 127.0.0.1:%d" % text.vendor, text("haproxy"))
    if opened:
        rules = re.sub(r".*status 503.*\n", "", rules)
    (folder / "haproxy.cfg").write_text(rules)
    return [program, "-db", "-f", "haproxy.cfg"]


def envoy(program, folder, text, opened):
    config = text("yaml")
    config = put(config, "address: api.openai.com, port_value: 443", "address: 127.0.0.1, port_value: %d" % text.vendor)
    config = config[:config.index("      transport_socket:\n        name: envoy.transport_sockets.tls")]
    if opened:
        config = put(config, "failure_mode_allow: false", "failure_mode_allow: true")
    (folder / "envoy.yaml").write_text(config)
    return [program, "-c", "envoy.yaml", "--log-level", "error", "--disable-hot-restart", "--concurrency", "1"]


def traefik(program, folder, text, opened):
    rules = put(text("yaml", 1), "https://api.openai.com", "http://127.0.0.1:%d" % text.vendor)
    (folder / "rules.yml").write_text(rules)
    (folder / "traefik.yml").write_text("""
entryPoints: {llm: {address: "127.0.0.1:%d"}}
providers: {file: {filename: rules.yml, watch: false}}
global: {checkNewVersion: false, sendAnonymousUsage: false}
""" % text.port)
    return [program, "--configFile=traefik.yml"]


class Text:
    """The blocks of the document, with the ports of this test."""

    def __init__(self, daemon, vendor):
        self.daemon, self.vendor, self.port = daemon, vendor, free_port()

    def __call__(self, kind, number=0):
        block = blocks(kind)[number]
        for old, new in ((8377, self.daemon), (8080, self.port)):
            block = re.sub(r"\b%d\b" % old, str(new), block)
        return block


class Gateway:
    def __init__(self, make, program, folder, witness, vendor, opened=False):
        self.text = Text(witness.port, vendor.port)
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        words = make(program, folder, self.text, opened)
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until = time.monotonic() + DEADLINE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.text.port), timeout=1).close()
                # So Traefik answers until it has read its rules.
                if make is not traefik or self.ask()[0] != 404 or witness.seen:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > until:
                self.close()
                raise AssertionError("it did not begin: " + (folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.01)

    def ask(self, path=PATH):
        connection = http.client.HTTPConnection("127.0.0.1", self.text.port, timeout=DEADLINE)
        try:
            connection.request("POST", path, body=b'{"model":"m"}', headers={
                "Authorization": "Bearer " + KEY, "X-Api-Key": KEY, "Cookie": "c=" + KEY, "Content-Type": "application/json",
                "Origin": "https://elsewhere.example", "Host": HOST})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("it did not end")
        self.log.close()


# ---- what each of them does ----------------------------------------------------------------------


def follows_the_verdict(gateway, daemon, witness, vendor):
    vendor.seen.clear()
    expect((gateway.ask()[0], len(vendor.seen)), (200, 1), "a provider of which nothing was counted yet")
    answer = daemon.get("/v1/verdict", [("provider", "openai"), ("enforce", "429")])
    expect((answer.status, answer.body, answer.headers["X-Tokenquota-Reason"]), (200, b"", "unknown_provider"))
    daemon.run("observe", "openai", "1")
    status, _, body = gateway.ask()
    expect((status, body), (200, b"served"), "available")
    method, path, headers, body = vendor.seen.pop()
    expect((method, path, headers["Authorization"], body), ("POST", "/v1/chat/completions", "Bearer " + KEY, b'{"model":"m"}'))
    expect(gateway.ask("/openai/forbidden")[0], 403, "the vendor's own 403")
    vendor.seen.clear()
    daemon.run("mark", "openai", "exhausted", "--for", "77s")
    for trick in ("", "?provider=free", "?x=&provider=free&enforce=", "?use_reserve=1", "/../../free?provider=free"):
        status, headers, body = gateway.ask(PATH + trick)
        expect(status, 429, "out, " + trick)
        if not 60 < int(headers["Retry-After"]) <= 77:
            raise AssertionError("Retry-After: " + headers["Retry-After"])
    for way_round in ("/v1/chat/completions", "/openai", "//openai/v1/x", "/%6fpenai/v1/x", "/OPENAI/v1/x"):
        expect(gateway.ask(way_round)[0] >= 300, True, way_round)
    expect(vendor.seen, [], "the vendor was asked")
    daemon.run("mark", "openai", "available")
    daemon.run("signal", "-", "--provider", "openai", "--profile", "openai", text=NO_MONEY)
    status, headers, _ = gateway.ask()
    expect((status, 60 < int(headers["Retry-After"]) < 400), (429, True), "without a known end, when a probe is due")
    daemon.run("mark", "openai", "available")
    expect(gateway.ask()[0], 200, "available again")
    vendor.seen.clear()
    for method, path, headers, body in witness.seen:
        expect((KEY in str(headers), body, "free" in path), (False, b"", False), "what reached the daemon")
    expect(len(witness.seen) >= 8, True)


def without_the_daemon(gateway, vendor, passes):
    vendor.seen.clear()
    status, _, _ = gateway.ask()
    expect((status, len(vendor.seen)), (200, 1) if passes else (status, 0), "without the daemon")
    if not passes and status < 500:
        raise AssertionError(status)


def check(tap, name, make, program, can_open):
    vendor = Server(lambda request: (403 if request.path == "/forbidden" else 200, [], b"served"))
    arguments = ["--name", HOST] if make is envoy else []
    with Daemon(sys.argv[1], *arguments) as daemon:
        witness = witness_of(daemon)
        daemon.run("observe", "free", "1")

        def with_gateway(opened, run):
            gateway = Gateway(make, program, daemon.folder / name, witness, vendor, opened)
            try:
                run(gateway)
            finally:
                gateway.close()

        tap.check(name + " follows the verdict", lambda: with_gateway(
            False, lambda gateway: follows_the_verdict(gateway, daemon, witness, vendor)))
        witness.close()
        witness.seen.clear()
        tap.check(name + " refuses without the daemon", lambda: with_gateway(
            False, lambda gateway: without_the_daemon(gateway, vendor, False)))
        if can_open:
            tap.check(name + " lets calls pass without it, when told so", lambda: with_gateway(
                True, lambda gateway: without_the_daemon(gateway, vendor, True)))
    vendor.close()


def main():
    given = dict(word.split("=", 1) for word in sys.argv[2:])
    path = os.environ["PATH"] + ":/usr/sbin"
    tap = Tap()
    for name, make, can_open in (("nginx", nginx, True), ("haproxy", haproxy, True), ("envoy", envoy, True), ("traefik", traefik, False)):
        program = given.get(name) if given else shutil.which(name, path=path)
        if program:
            check(tap, name, make, os.path.abspath(program), can_open)
        elif not given and make in (nginx, haproxy):
            tap.skip(name, "it is not installed")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
