# serve_fixture.py: a daemon on a free port with a ledger of its own, and how tests ask it.
# SPDX-License-Identifier: MIT
import http.client
import json
import os
import pathlib
import re
import select
import subprocess
import tempfile
import time
import urllib.parse

DEADLINE = 20  # seconds that anything may take on a busy machine; nothing waits so long when all is well


def drop_nulls(value):
    if isinstance(value, dict):
        return {key: drop_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [drop_nulls(item) for item in value]
    return value


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Daemon:
    """with Daemon(command) as daemon: daemon.run("observe", "openai", "5"); daemon.get("/v1/status")"""

    def __init__(self, command, *arguments):
        self.command = os.path.abspath(command)
        self.arguments = arguments
        self.process = None

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="tq-serve-")
        self.folder = pathlib.Path(self.temporary.name)
        self.ledger = str(self.folder / "ledger")
        self.environment = {**os.environ, "HOME": self.temporary.name, "TOKENQUOTA_LEDGER": self.ledger, "TZ": "UTC"}
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.temporary.cleanup()

    def start(self):
        self.process = subprocess.Popen(
            [self.command, "serve", "--listen", "127.0.0.1:0", *self.arguments],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, until = b"", time.monotonic() + DEADLINE
        while not (found := re.search(rb"http://127\.0\.0\.1:(\d+)", said)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            part = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not part:
                raise RuntimeError("the daemon did not begin: " + said.decode())
            said += part
        self.port = int(found.group(1))

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                said = self.process.communicate(timeout=DEADLINE)[0].decode(errors="replace")
            finally:
                self.process.kill()
            if self.process.returncode != 0: # a sanitizer says why
                print("# " + "\n# ".join(said.splitlines()[:30]), flush=True)
        code, self.process = self.process.returncode if self.process else None, None
        return code

    def run(self, *arguments, text=None, good=(0, 1)):
        result = subprocess.run([self.command, *arguments], env=self.environment, input=text, capture_output=True,
                                text=True, timeout=DEADLINE)
        if result.returncode not in good:
            raise RuntimeError("%s: exit %d: %s" % (arguments, result.returncode, result.stderr))
        return result

    def said(self, *arguments):
        return json.loads(self.run(*arguments, "--json").stdout)

    def ask(self, method, path, query=(), headers=None, body=None):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, query=(), headers=None):
        return self.ask("GET", path, query, headers)

    def listen(self, last_id=None):
        return Events(self, last_id)


class Events:
    """Server-sent events, as a browser reads them."""

    def __init__(self, daemon, last_id=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=DEADLINE)
        self.connection.request("GET", "/v1/events", headers={"Last-Event-ID": last_id} if last_id else {})
        self.answer = self.connection.getresponse()
        self.last_id, self.event, self.data = last_id, "", []

    def next(self, *kinds):
        """The next event of one of these kinds: kind, data."""
        until = time.monotonic() + DEADLINE
        while True:
            if time.monotonic() > until: # heartbeats alone came
                raise TimeoutError("no event of %s" % (kinds,))
            line = self.answer.readline()
            if not line:
                raise RuntimeError("the stream ended")
            line = line.decode().rstrip("\n")
            if not line:
                event, data = self.event or "message", "\n".join(self.data)
                self.event, self.data = "", []
                if data and (not kinds or event in kinds):
                    return event, json.loads(data)
                continue
            field, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if field == "id":
                self.last_id = value
            elif field == "event":
                self.event = value
            elif field == "data":
                self.data.append(value)

    def greeting(self):
        """Reads up to the id from which it may go on."""
        before = self.last_id
        while self.last_id == before:
            line = self.answer.readline().decode()
            if line.startswith("id:"):
                self.last_id = line[3:].strip()
        self.answer.readline()
        return self.last_id

    def close(self):
        self.connection.close()
