"""litellm_proxy.py: LiteLLM's proxy with the door, in four processes, for peers_litellm.py and demo_litellm.py.

SPDX-License-Identifier: MIT
"""
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from door_crew import DEADLINE, HERE, WORKERS, environment

MASTER = "sk-tokenquota-9f3a17c2e85b4d60a1"
CONFIG = """
model_list:
- model_name: gpt
  litellm_params: {model: openai/gpt-5-mini, api_base: URL/v1, api_key: proxy-a}
  model_info: {id: proxy-a}
- model_name: gpt
  litellm_params: {model: openai/gpt-5-mini, api_base: URL/v1, api_key: proxy-b}
  model_info: {id: proxy-b}
- model_name: claude
  litellm_params: {model: anthropic/claude-haiku-4-5, api_base: URL, api_key: proxy-c}
  model_info: {id: account-17, tokenquota_provider: proxy-c}
- model_name: held
  litellm_params: {model: openai/gpt-5-mini+hold, api_base: URL/v1, api_key: proxy-d}
  model_info: {id: proxy-d}
litellm_settings:
  callbacks: ["tokenquota.litellm.door"]
  cache: true
  cache_params: {type: local, mode: default_off}
general_settings:
  master_key: MASTER
"""


def until(what, true):
    """Waits until it is so: LiteLLM counts streams in tasks of its own."""
    end = time.monotonic() + DEADLINE
    while not true():
        if time.monotonic() > end:
            raise AssertionError("in vain waited until " + what)
        time.sleep(0.02)


class Proxy:
    """Four processes of the proxy on one port, forked from one that loaded it."""

    def __init__(self, place, vendor, text=CONFIG, modules=()):
        import tokenquota
        self.no_room = tokenquota.NoRoom
        self.vendor, self.folder = vendor, tempfile.TemporaryDirectory()
        self.ledger = tokenquota.Ledger(os.path.join(self.folder.name, "ledger"), rule="off")
        config = os.path.join(self.folder.name, "config.yaml")
        pathlib.Path(config).write_text(text.replace("URL", vendor.url).replace("MASTER", MASTER))
        for name in modules:
            pathlib.Path(self.folder.name, name).write_text(modules[name])
        self.log = open(os.path.join(self.folder.name, "log"), "w+b")
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "litellm_worker.py"), "proxy", str(WORKERS), config], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment(place, TOKENQUOTA_LEDGER=self.ledger.path))
        words = []
        while words[:1] != ["port"]:  # LiteLLM prints a banner
            line = self.process.stdout.readline() if select.select([self.process.stdout], [], [], 4 * DEADLINE)[0] else ""
            if not line:
                raise AssertionError("the proxy did not start: " + self.tail())
            words = line.split()
        self.url, self.workers = "http://127.0.0.1:" + words[1], [int(word) for word in words[2:]]
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        until("the proxy answers", self.answers)

    def answers(self):
        try:
            with urllib.request.urlopen(self.url + "/health/liveliness", timeout=DEADLINE):
                return True
        except OSError:
            if self.process.poll() is not None:
                raise AssertionError("the proxy ended: " + self.tail()) from None
            return False

    def tail(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-1500:]

    def ask(self, model, path="/v1/chat/completions", timeout=DEADLINE, **more):
        """(status, headers, text). Each is a connection of its own, so that any worker may take it."""
        body = {"model": model, "messages": [{"role": "user", "content": "count"}], "max_tokens": 50, **more}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {
            "content-type": "application/json", "authorization": "Bearer " + MASTER, "connection": "close"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def worker_of(self, client):
        """The worker that has the connection from this port."""
        rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        port = int(self.url.rpartition(":")[2])
        inode = next(row[9] for row in rows if row[1].endswith(":%04X" % port) and row[2].endswith(":%04X" % client))
        return next(worker for worker in self.workers for one in pathlib.Path("/proc/%d/fd" % worker).iterdir()
                    if one.is_symlink() and os.readlink(one) == "socket:[%s]" % inode)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.ledger.close()
        self.folder.cleanup()
