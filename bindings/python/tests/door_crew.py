"""door_crew.py: the vendor, the workers and the ledgers of peers_doors.py, and the first two of peers_litellm.py.

SPDX-License-Identifier: MIT
"""
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import urllib.request

from tap import expect

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
WORKERS = 4
DEADLINE = 90  # seconds for one answer; the first one comes when a library of many files is imported


def environment(place, **more):
    """Of a program that finds this tokenquota, and what is installed in a place."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(place), str(HERE.parent)]), **more}


class Vendor:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, str(ROOT / "tools/fake_vendor.py")], stdout=subprocess.PIPE, text=True)
        self.url = "http://127.0.0.1:%d" % int(self.process.stdout.readline())

    def call(self, path, value=None):
        data = None if value is None else json.dumps(value).encode()
        with urllib.request.urlopen(self.url + path, data, DEADLINE) as answer:
            return json.load(answer)

    def served(self, key):
        """What it counted for this key: tokens that count against a limit, requests, and the rest of its tally."""
        tally = self.call("/served").get(key) or dict.fromkeys(("requests", "served", "refused", "cut", "input", "output"), 0)
        return {**tally, "tokens": tally["input"] + tally["output"]}

    def answers(self, key, *answers):
        self.call("/answers", {"key": key, "answers": answers})

    def close(self):
        self.process.kill()
        self.process.wait()


class Worker:
    """A process that asks through a door; its key tells its requests from those of others."""

    def __init__(self, queries, answers):
        self.queries, self.answers, self.key = os.fdopen(queries, "w"), os.fdopen(answers), None
        self.pid = int(self.line())

    def send(self, **query):
        self.queries.write(json.dumps({"model": "gpt-5-mini", **query}) + "\n")
        self.queries.flush()

    def line(self):
        """The next line of the worker."""
        line = self.answers.readline() if select.select([self.answers], [], [], DEADLINE)[0] else ""
        if not line:
            raise AssertionError("the worker %s ended or was too slow" % self.key)
        return line

    def read(self):
        return json.loads(self.line())

    def ask(self, **query):
        self.send(**query)
        return self.read()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        expect(self.answers.read(), "", "the last words of one that was killed")

    def close(self):
        """A worker ends when nobody can ask it any more; one that hangs is killed."""
        self.queries.close()
        if select.select([self.answers], [], [], DEADLINE)[0]:
            self.answers.close()
        else:
            self.kill()


class Crew:
    """The four workers of one door, forked from one process: to import a library costs more than a check."""

    def __init__(self, program, door, place, vendor):
        self.door, self.place, self.vendor, self.scenes = door, place, vendor, 0
        pipes = [os.pipe() + os.pipe() for _ in range(WORKERS)]  # queries, then answers
        theirs = [(one[0], one[3]) for one in pipes]
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / program), door, *("%d,%d" % pair for pair in theirs)], stderr=subprocess.DEVNULL,
            pass_fds=sum(theirs, ()), env=environment(place))
        for end in sum(theirs, ()):
            os.close(end)
        self.workers = [Worker(one[1], one[2]) for one in pipes]

    def close(self):
        for worker in self.workers:
            worker.close()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Scene:
    """A new ledger, and workers of one door that count on it, each with a new key."""

    def __init__(self, crew, count=1):
        import tokenquota
        self.vendor, self.folder = crew.vendor, tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "ledger")
        self.ledger = tokenquota.Ledger(path, rule="off")
        self.provider = self.ledger[crew.door]
        self.workers = crew.workers[:count]
        crew.scenes += 1
        for number, worker in enumerate(self.workers):
            worker.key = "%s-%d-%d" % (crew.door, crew.scenes, number)
            worker.send(do="begin", url=self.vendor.url, ledger=path, key=worker.key)
        for worker in self.workers:
            worker.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ledger.close()
        self.folder.cleanup()

    def served(self):
        return sum(self.vendor.served(worker.key)["tokens"] for worker in self.workers)
