"""peers_servers.py: 4 workers of gunicorn or uvicorn count on one ledger; one is killed, and the sum is exact.

SPDX-License-Identifier: MIT

    peers_servers.py "gunicorn [--preload]" | uvicorn

It runs in an environment that has the server and tokenquota; peers_package.py makes it.
"""
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORKERS, CLIENTS, CALLS, DEADLINE = 4, 8, 250, 60


def ask(port, path):
    """(process, tokens, state); None: no answer came, so it was perhaps counted."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request("GET", path)
        process, used, state = connection.getresponse().read().decode().split()
        return int(process), int(used), state
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


class Client(threading.Thread):
    """Counts, one request after the other, each on a connection of its own."""

    def __init__(self, port):
        super().__init__()
        self.port, self.served, self.lost, self.seen = port, 0, 0, set()

    def run(self):
        for _ in range(CALLS):
            answer = ask(self.port, "/count")
            self.served += answer is not None
            self.lost += answer is None
            self.seen |= {answer[0]} if answer else set()


def start(server, port):
    name, *options = server.split()
    words = {"gunicorn": ["gunicorn", *options, "--workers", str(WORKERS), "--bind", "127.0.0.1:%d" % port, "server_app:wsgi"],
             "uvicorn": ["uvicorn", "--workers", str(WORKERS), "--port", str(port), "--log-level", "error",
                         "server_app:asgi"]}[name]
    process = subprocess.Popen([sys.executable, "-m", *words], cwd=HERE, stderr=subprocess.DEVNULL, start_new_session=True)
    end = time.monotonic() + DEADLINE
    while ask(port, "/state") is None:
        assert process.poll() is None and time.monotonic() < end, "%s did not start" % server
        time.sleep(0.02)
    return process


def workers_seen(port, enough):
    """The processes that answer, of many requests."""
    seen, end = set(), time.monotonic() + DEADLINE
    while len(seen) < enough and time.monotonic() < end:
        answer = ask(port, "/state")
        seen |= {answer[0]} if answer else set()
    return seen


def main(server):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOKENQUOTA_LEDGER"] = os.path.join(folder, "ledger")
        process = start(server, port)
        try:
            clients = [Client(port) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            victim = min(workers_seen(port, 2))
            os.kill(victim, signal.SIGKILL)
            for client in clients:
                client.join()
            served, lost = (sum(getattr(client, name) for client in clients) for name in ("served", "lost"))
            used = ask(port, "/state")[1]
            assert served + lost == CLIENTS * CALLS and lost < CLIENTS * CALLS / 2, (served, lost)
            assert served <= used <= served + lost, (served, used, lost)
            assert len(set.union(*(client.seen for client in clients))) >= WORKERS
            assert ask(port, "/refuse")[2] == "quota_exhausted"
            states = [ask(port, "/state") for _ in range(50)]
            assert {state for _process, _used, state in states} == {"quota_exhausted"}, states
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    print("%s: %d requests were answered, %d were not, %d are counted" % (server, served, lost, used))


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
