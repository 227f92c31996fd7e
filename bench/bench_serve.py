#!/usr/bin/env python3
"""bench_serve.py: what the daemon does a second, beside nginx and Redis, and what memory it takes.

SPDX-License-Identifier: MIT

    bench_serve.py COMMAND [RESULTS.md]

Each server and the client have one processor. In each round all servers have their turn, so that a disturbance of the
machine falls on all; a ratio is that of one round, and the median of the rounds is given. The client is h2load, for
Redis its own redis-benchmark, both over 16 connections that stay open.
"""
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROUNDS = int(os.environ.get("TQ_BENCH_ROUNDS", "5"))
CLIENTS = 16
REQUESTS = 60000
BATCHES = 20000
DEADLINE = 30
RECORD = {"provider": "openai", "tokens": 1200}
NAMES = ["openai", "claude/opus", "gemini", "groq"]

NGINX = """
worker_processes 1; daemon off; error_log stderr crit; pid %(folder)s/nginx.pid;
events { worker_connections 256; }
http {
    access_log off; keepalive_requests 1000000000; client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/p; fastcgi_temp_path %(folder)s/f; uwsgi_temp_path %(folder)s/u; scgi_temp_path %(folder)s/s;
    server { listen 127.0.0.1:%(port)d; location / { default_type application/json; return 200 '%(body)s'; } }
}
"""


def pin(core):
    cores = sorted(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {cores[core % len(cores)]})


def free_port():
    import socket

    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def wait_for(ready):
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.02)
    sys.exit("bench_serve: a server did not begin")


class Server:
    def __init__(self, words, **more):
        self.process = subprocess.Popen(words, preexec_fn=pin(0), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, **more)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE)


def ours(command, folder):
    port = free_port()
    environment = {**os.environ, "TOKENQUOTA_LEDGER": folder + "/ledger", "HOME": folder}
    server = Server([command, "serve", "--listen", "127.0.0.1:%d" % port], env=environment)
    server.url = "http://127.0.0.1:%d" % port
    wait_for(lambda: urllib.request.urlopen(server.url + "/healthz").status == 200)
    return server


def nginx(folder, body):
    port = free_port()
    with open(folder + "/nginx.conf", "w", encoding="ascii") as file:
        file.write(NGINX % {"folder": folder, "port": port, "body": body})
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    server = Server([program, "-c", folder + "/nginx.conf", "-p", folder])
    server.url = "http://127.0.0.1:%d/" % port
    wait_for(lambda: urllib.request.urlopen(server.url).status == 200)
    return server


def redis(folder):
    port = free_port()
    server = Server(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                     "--dir", folder])
    server.port = port
    wait_for(lambda: subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True).stdout == b"PONG\n")
    return server


def h2load(url, count, *more):
    """Requests a second; every one must have succeeded."""
    words = ["h2load", "--h1", "-t", "1", "-c", str(CLIENTS), "-n", str(count), *more, url]
    said = subprocess.run(words, preexec_fn=pin(1), capture_output=True, text=True, check=True).stdout
    if "status codes: %d 2xx" % count not in said:
        sys.exit("bench_serve: not all succeeded:\n" + said)
    return float(re.search(r"([\d.]+) req/s", said).group(1))


def redis_benchmark(server, count):
    said = subprocess.run(["redis-benchmark", "-p", str(server.port), "-c", str(CLIENTS), "-n", str(count), "--csv", "INCRBY",
                           "openai", "1200"], preexec_fn=pin(1), capture_output=True, text=True, check=True).stdout
    return float(re.findall(r'"([\d.]+)"', said.splitlines()[-1])[0])


def resident(server):
    with open("/proc/%d/status" % server.process.pid, encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024 / 1e6


def post(server, records):
    body = json.dumps(records).encode()
    with urllib.request.urlopen(urllib.request.Request(server.url + "/v1/observe", data=body)) as answer:
        return answer.read().decode()


def p99(server, folder):
    """Milliseconds of a verdict, at half of the load that the daemon can take."""
    url = server.url + "/v1/verdict?provider=openai"
    most, log = h2load(url, REQUESTS // 2), folder + "/log"
    if os.path.exists(log):
        os.unlink(log)
    rate = max(1, int(most / 2 / CLIENTS))
    h2load(url, rate * CLIENTS * 2, "--rps", str(rate), "--log-file", log)
    with open(log, encoding="ascii") as file:
        took = sorted(int(line.split("\t")[2]) for line in file)
    return took[len(took) * 99 // 100] / 1000


class Row:
    def __init__(self, name, unit, bound, at_least=False, of=None):
        self.name, self.unit, self.bound, self.at_least, self.of = name, unit, bound, at_least, of
        self.values, self.ratios = [], []

    def cells(self):
        middle = statistics.median(self.values)
        ratio = statistics.median(self.ratios) if self.ratios else None
        figure = middle if ratio is None else ratio
        good = figure >= self.bound if self.at_least else figure <= self.bound
        bound = "%s%g%s" % (">= " if self.at_least else "", self.bound, " x" if ratio is not None else "")
        return [self.name, "%.4g %s" % (middle, self.unit), "%.4g .. %.4g" % (min(self.values), max(self.values)),
                "%.2f x %s" % (ratio, self.of) if ratio is not None else "", bound, "kept" if good else "MISSED"]


def measure(command, folder):
    rows = {
        "nginx": Row("observe, requests a second", "/s", 0.85, True, "nginx, a static body"),
        "redis": Row("observe, requests a second", "/s", 1, True, "Redis INCRBY"),
        "batch": Row("observe by 100, million records a second", "M/s", 3, True),
        "p99": Row("verdict, p99 at half load", "ms", 1),
        "small": Row("resident memory, 100 providers", "MB", 8),
        "large": Row("resident memory, 100,000 providers", "MB", 100),
        "flat": Row("memory after a million requests, as a part of before", "", 1.01),
    }
    one, many = folder + "/one.json", folder + "/many.json"
    with open(one, "w", encoding="ascii") as file:
        json.dump(RECORD, file, separators=(",", ":"))
    with open(many, "w", encoding="ascii") as file:
        json.dump([{"provider": NAMES[i % 4], "tokens": 1000 + i} for i in range(100)], file, separators=(",", ":"))
    daemon = ours(command, folder)
    post(daemon, [{"provider": "p/%d" % i, "tokens": 1} for i in range(100)])
    others = [nginx(folder, post(daemon, RECORD)), redis(folder)]
    before = None
    for turn in range(ROUNDS):
        print("round %d of %d" % (turn + 1, ROUNDS), file=sys.stderr)
        have = h2load(daemon.url + "/v1/observe", REQUESTS, "-d", one)
        for name, beside in (("nginx", h2load(others[0].url, REQUESTS, "-d", one)),
                             ("redis", redis_benchmark(others[1], REQUESTS))):
            rows[name].values.append(have)
            rows[name].ratios.append(have / beside)
        rows["batch"].values.append(h2load(daemon.url + "/v1/observe", BATCHES, "-d", many) / 1e4)
        rows["p99"].values.append(p99(daemon, folder))
        before = before or resident(daemon)
    rows["small"].values.append(resident(daemon))
    h2load(daemon.url + "/v1/observe", 1000000, "-d", one)
    rows["flat"].values.append(resident(daemon) / before)
    for first in range(0, 100000, 10000):
        post(daemon, [{"provider": "large/%d" % i, "tokens": 1} for i in range(first, first + 10000)])
    rows["large"].values.append(resident(daemon))
    for server in (daemon, *others):
        server.end()
    return list(rows.values())


def main(command, results=None):
    with tempfile.TemporaryDirectory(prefix="tq-bench-") as folder:
        rows = [row.cells() for row in measure(os.path.abspath(command), folder)]
    head = ["operation", "median", "range", "ratio", "at most", ""]
    missed = sum(row[-1] == "MISSED" for row in rows)
    end = '%d of %d rows outside "at most"' % (missed, len(rows))
    print("\nThe daemon, one processor for each server and for the client\n")
    for row in [head, *rows]:
        print("%-54s %12s %20s %28s %9s  %s" % tuple(row))
    print("\n" + end)
    if results:
        with open(results, "a", encoding="utf-8") as file:
            file.write("\n## The daemon\n\nOne processor for each server and for the client, 16 connections that stay open.\n\n")
            for row in [head, ["---"] * len(head), *rows]:
                file.write("| %s |\n" % " | ".join(row))
            file.write("\n%s\n" % end)


if __name__ == "__main__":
    main(*sys.argv[1:])
