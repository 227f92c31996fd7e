#!/usr/bin/env python3
# test_sync_tls.py: rediss:// with an authority of the test's own: who is believed, who is refused, and with which words.
# SPDX-License-Identifier: MIT
#
#     test_sync_tls.py COMMAND SYNC_EXCHANGE_TOOL [NAME]...
#
# With each server that is installed, Redis and Valkey. A build whose hiredis has no TLS skips. NAME is a part of a test's name.
import contextlib
import functools
import os
import socket
import subprocess
import sys
import tempfile
import threading

import sync_servers
from redis import Proxy, Redis, cluster_options, free_port, join, program
from sync_nodes import Node, agree, nodes
from tap import Skipped, Tap, expect, sentences, until


class Authority:
    """An authority, and certificates that it signs."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.certificate = self.path("ca.pem")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout",
                     self.path("ca.key"), "-out", self.certificate)

    def path(self, name):
        return os.path.join(self.folder, self.name + "-" + name)

    @staticmethod
    def openssl(*words):
        done = subprocess.run([program(("openssl",)), *words], capture_output=True, text=True, check=False)
        expect(done.returncode, 0, done.stderr)

    def sign(self, *names, days=2):
        """A server's certificate, and its key: names as "DNS:localhost", "IP:127.0.0.1"."""
        stem = self.path("-".join(names).replace(":", "") + "-%d" % days)
        key, request, made, more = (stem + end for end in (".key", ".csr", ".pem", ".ext"))
        with open(more, "w", encoding="ascii") as file:
            file.write("subjectAltName=" + ",".join(names) + "\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server", "-keyout", key, "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.path("ca.key"), "-CAcreateserial",
                     "-days", str(days), "-extfile", more, "-out", made)
        return made, key


def tls_options(port, certificate, key, ca, clients="no"):
    return ("--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", ca,
            "--tls-auth-clients", clients)


def secure(folder, certificate, **given):
    """A server, and its address over TLS on the port that this leaves."""
    port = free_port()
    server = Redis(folder, *tls_options(port, *certificate, OURS.certificate, given.pop("clients", "no")), **given)
    return server, "rediss://127.0.0.1:%d" % port


def tool(to, *options, name="a"):
    return sync_servers.Node(TOOL, to, name, "i-" + name, options=("--ca-file", OURS.certificate, *options))


def refuses(to, *parts, trust=None):
    """What the command says of the server has these parts, and it exchanged nothing."""
    with tempfile.TemporaryDirectory(prefix="tq-t-") as folder:
        node = Node(COMMAND, folder, "a", to, "--ca-file", trust or OURS.certificate)
        done = node.run(*node.words("--once")[1:])
    expect(done.returncode, 2, done.stderr)
    for part in parts:
        expect(part in done.stderr, True, "%r is not in %r" % (part, done.stderr))


# ---- who is believed ----------------------------------------------------------------------------------


def machines_agree(folder, names):
    server, url = secure(folder, SERVER, names=names)
    with server:
        made = nodes(COMMAND, folder, url, "a", "b")
        made[0].options = ("--ca-file", OURS.certificate)
        made[1].environment["SSL_CERT_FILE"] = OURS.certificate  # as if the system trusted it
        for node in made:
            node.start()
        try:
            for node in made:
                node.count("api", 1000)
            agree(made, 2000)
            server.kill()
            made[0].count("api", 500)
            server.start()
            agree(made, 2500)
        finally:
            for node in made:
                node.kill()


def machines_agree_over_tls_through_redis(folder):
    machines_agree(folder, ("redis-server",))


def machines_agree_over_tls_through_valkey(folder):
    machines_agree(folder, ("valkey-server",))


def a_name_and_an_ipv6_address_are_believed_too(folder):
    certificate = OURS.sign("DNS:localhost", "IP:::1")
    server, url = secure(folder, certificate)
    with server:
        expect(tool(url.replace("127.0.0.1", "localhost")).one("name", "1 1000 5 0 0 0")["added"], 5, "by its name")
    server, url = secure(os.path.join(folder, "six"), certificate, host="::1")
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as why:
        raise Skipped("no IPv6 here") from why
    with server:
        expect(tool(url.replace("127.0.0.1", "[::1]")).one("name", "1 1000 5 0 0 0")["added"], 5, "by its address")


def answers_of_many_records_are_whole(folder):
    server, url = secure(folder, SERVER)
    with server:
        a, b = tool(url, name="a"), tool(url, "--tags", "16", name="b")
        for number in range(1500):
            for node in (a, b):
                node.item("p%d" % number, "1 1000 %d 0 0 0" % number, "wa")
            b.say("word", "p%d" % number, "mark", 5, "b", "x" * 200)
        said = {}

        def flushed(node):
            said.update(node.flush())
            return said["answer"] == 0

        until("all is told", lambda: flushed(b))  # a busy machine may take more than one deadline
        until("all is heard", lambda: flushed(a))
        expect([item["added"] for item in said["items"]], [2 * n for n in range(1500)], said["msg"])
        expect(len(said["words"]) >= 1000, True, "%d words" % len(said["words"]))


# ---- several servers ----------------------------------------------------------------------------------


def one_that_is_not_believed_is_left_for_the_next(folder):
    wrong, first = secure(os.path.join(folder, "wrong"), THEIR_SERVER)
    right, second = secure(os.path.join(folder, "right"), SERVER)
    with wrong, right:
        expect(tool(first + "," + second.replace("rediss://", "")).one("list", "1 1000 5 0 0 0")["added"], 5, "sum")
        expect((len(right.keys()) > 0, wrong.keys()), (True, []), "keys")


@contextlib.contextmanager
def cluster(folder, certificates):
    """Servers that talk to each other over TLS, too; the address of the first."""
    ports = [free_port() for _ in certificates]
    servers = [Redis(os.path.join(folder, str(port)), *tls_options(port, *certificate, BOTH), "--tls-cluster", "yes",
                     *cluster_options()) for port, certificate in zip(ports, certificates)]
    try:
        for server in servers:
            server.start()
        join(servers, ports)
        yield servers, "rediss://127.0.0.1:%d" % ports[0]
    finally:
        for server in servers:
            server.kill()


def a_cluster_and_its_redirections(folder):
    with cluster(folder, [SERVER] * 3) as (servers, url):
        node = tool(url)
        for number in range(64):
            node.item("c%d" % number, "1 1000 %d 0 0 0" % number, "wa")
        said = node.flush()
        expect((said["answer"], [item["added"] for item in said["items"]]), (0, list(range(64))), said["msg"])
        expect(sum(server.ask("DBSIZE") > 0 for server in servers), 3, "servers that have keys")


def of_a_cluster_one_that_is_not_believed_spoils_no_other(folder):
    with cluster(folder, [SERVER, SERVER, THEIR_SERVER]) as (_, url), Proxy(("127.0.0.1", int(url.split(":")[-1]))) as proxy:
        proxy.part, proxy.delay = 1000, 0.001  # less than a record of TLS, so that the rest of one is waited for
        node, connects = tool("rediss://127.0.0.1:%d" % proxy.port), set()
        for number in range(256):
            node.item("p%d" % number, "1 1000 %d 0 0 0" % number, "wa")
        for _ in range(4):
            said = node.flush()
            connects.add(said["connects"])
            expect((said["answer"], "is not believed" in said["msg"]), (1, True), said["msg"])
            expect(100 < sum(item["heard"] for item in said["items"]) < 256, True, "the others' items")
        expect(connects, {2}, "connections")


# ---- who is refused -----------------------------------------------------------------------------------


def another_authority_is_refused(folder):
    server, url = secure(folder, SERVER)
    with server:
        refuses(url, "the certificate of 127.0.0.1:", "is not believed", "name its authority with --ca-file",
                trust=THEIRS.certificate)
        node = tool(url)
        expect(node.flush()["answer"], 0, "with the right one")


def a_certificate_of_another_name_is_refused(folder):
    server, url = secure(folder, OURS.sign("DNS:redis.example"))
    with server:
        refuses(url, "IP address mismatch", "name the server as its certificate does")
        refuses(url.replace("127.0.0.1", "localhost"), "ostname mismatch", "name the server as its certificate does")


def a_certificate_that_has_expired_is_refused(folder):
    certificate = OURS.sign("IP:127.0.0.1", days=0)
    check = [program(("openssl",)), "x509", "-checkend", "0", "-noout", "-in", certificate[0]]
    until("it has expired", lambda: subprocess.run(check, stdout=subprocess.DEVNULL, check=False).returncode == 1)
    server, url = secure(folder, certificate)
    with server:
        refuses(url, "expired", "renew it")


def a_server_without_tls_is_named(folder):
    with Redis(folder) as server:
        refuses(server.url.replace("redis:", "rediss:"), "127.0.0.1:", "does it speak TLS on that port?")


def a_server_that_wants_certificates_of_clients_is_named(folder):
    server, url = secure(folder, SERVER, clients="yes")
    with server:
        refuses(url, "wants a certificate of its clients", "tls-auth-clients no", "stunnel")


def a_file_without_certificates_is_named(folder):
    empty = os.path.join(folder, "empty")
    with open(empty, "w", encoding="ascii"):
        pass
    for path in (empty, empty + "-not"):
        refuses("rediss://127.0.0.1:1", "cannot read certificates (PEM) from " + path, trust=path)


def a_server_that_stops_in_the_handshake_costs_nothing(_):
    """Nothing but waiting: a busy machine, on which a loop gets little, lets it pass."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def accept():
            while True:
                try:
                    client, _ = listener.accept()
                    client.sendall(b"\x16\x03\x03")
                    kept.append(client)
                except OSError:
                    return

        kept = []
        threading.Thread(target=accept, daemon=True).start()
        node = tool("rediss://127.0.0.1:%d" % listener.getsockname()[1])

        def used():
            with open("/proc/%d/stat" % node.process.pid, encoding="ascii") as file:
                return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

        before = used()
        said = node.flush(1500)
        expect((said["answer"] < 0, "did not answer in time; does it speak TLS" in said["msg"]), (True, True), said["msg"])
        expect(used() - before < 0.3, True, "%.2f s of the processor while 1.5 s were waited" % (used() - before))
        for client in kept:
            client.close()


def main():
    tap, parts = Tap(), sys.argv[3:]
    tests = {name: test for name, test in sentences(globals()).items() if not parts or any(part in name for part in parts)}
    for name in tests:
        os.makedirs(os.path.join(FOLDER, name))
    tap.check_beside({name: functools.partial(test, os.path.join(FOLDER, name)) for name, test in tests.items()})
    return tap.end()


def lacks_tls():
    done = subprocess.run([TOOL, "--to", "rediss://127.0.0.1:1"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if "no TLS" in done.stderr:
        raise Skipped("the hiredis of this build has no TLS")


if __name__ == "__main__":
    COMMAND, TOOL = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="tq-tls-") as FOLDER:
        try:
            lacks_tls()
            OURS, THEIRS = Authority(FOLDER, "ours"), Authority(FOLDER, "theirs")
            SERVER, THEIR_SERVER = OURS.sign("IP:127.0.0.1", "DNS:localhost"), THEIRS.sign("IP:127.0.0.1")
        except Skipped as missing:
            nothing = Tap()
            nothing.skip("rediss://", missing)
            sys.exit(nothing.end())
        BOTH = os.path.join(FOLDER, "both.pem")  # whom servers of a cluster believe
        with open(BOTH, "wb") as file:
            for one in (OURS, THEIRS):
                with open(one.certificate, "rb") as certificate:
                    file.write(certificate.read())
        sys.exit(main())
