# sync_servers.py: servers that end with the test, and a node that a test drives.
# SPDX-License-Identifier: MIT
import atexit
import json
import shutil
import subprocess
import tempfile

from redis import Redis

TO_END = []


@atexit.register
def end_all():
    for thing in reversed(TO_END):
        try:
            thing.end()
        except Exception as wrong:  # noqa: BLE001: the others end all the same
            print("# %s" % wrong)


class Server(Redis):
    """A server that runs, in a folder of its own."""

    def __init__(self, *options):
        super().__init__(tempfile.mkdtemp(prefix="tq-redis-"), *options)
        TO_END.append(self)
        self.start()

    def end(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


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
