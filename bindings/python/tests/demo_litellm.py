"""demo_litellm.py: four workers of LiteLLM's proxy, 20 calls at once against a budget for 4, and a kill -9, without Redis.

SPDX-License-Identifier: MIT

    meson runpython bindings/python/tests/demo_litellm.py FOLDER        (make demo-litellm)

LiteLLM is installed below FOLDER from PyPI, the vendor is tools/fake_vendor.py. It says line by line what happens. Its exit
status is 0 when no more than the budget was used, and what the killed worker held was free within a second.
"""
import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2] / "tests"), str(HERE.parents[2] / "tools"), str(HERE.parent), str(HERE)]
import pypi  # noqa: E402: it is in tools/
from door_crew import DEADLINE, WORKERS, Vendor  # noqa: E402
from litellm_proxy import MASTER, Proxy, until  # noqa: E402
from tap import expect  # noqa: E402

PACKAGE = "litellm[proxy]==1.108.7"
CALLS, FIT, LIMIT, FREE_S = 20, 4, 140, 1.0
CONFIG = """
model_list:
- model_name: gpt
  litellm_params: {model: openai/gpt-5-mini+hold, api_base: URL/v1, api_key: demo}
  model_info: {id: demo}
litellm_settings:
  callbacks: ["holding.door"]
general_settings:
  master_key: MASTER
"""
DOOR = 'import tokenquota.litellm\n\ndoor = tokenquota.litellm.Door(hold="max_tokens")\n'
QUESTION = {"model": "gpt", "max_tokens": 10, "messages": [
    {"role": "user", "content": "Count the words of this sentence, and then count them once more, please."}]}


class Call:
    """A request on a connection of its own. status: None while it runs, 0 when its worker is gone."""

    def __init__(self, proxy, pool):
        self.client = http.client.HTTPConnection(proxy.url.partition("//")[2], timeout=DEADLINE)
        self.client.connect()
        self.port, self.status, self.text = self.client.sock.getsockname()[1], None, ""
        self.future = pool.submit(self.run)

    def run(self):
        try:
            self.client.request("POST", "/v1/chat/completions", json.dumps(QUESTION), {
                "content-type": "application/json", "authorization": "Bearer " + MASTER})
            answer = self.client.getresponse()
            self.text = answer.read().decode()
            self.status = answer.status
        except (OSError, http.client.HTTPException):
            self.status = 0


def running(calls):
    return [call for call in calls if call.status is None]


def statuses(calls):
    counted = collections.Counter(call.status for call in calls)
    words = {200: "answered", 429: "refused", 0: "lost with their worker", None: "running"}
    return ", ".join("%d %s" % (counted[status], words.get(status, "status %s" % status)) for status in counted)


def demonstrate(place, vendor, say):
    """Raises AssertionError where it does not hold."""
    proxy = Proxy(place, vendor, CONFIG, {"holding.py": DOOR})
    with contextlib.closing(proxy), concurrent.futures.ThreadPoolExecutor(3 * CALLS) as pool:
        provider = proxy.ledger["demo"]
        provider.set_limit("%d tokens per day" % LIMIT)

        def stands():
            limit = provider.limits()[0]
            if limit.used + limit.held > LIMIT:
                raise AssertionError("%d used and %d held are more than %d" % (limit.used, limit.held, LIMIT))
            return "%d of %d tokens used, %d held by %d calls" % (limit.used, LIMIT, limit.held, len(provider.holds()))

        say("%d workers of LiteLLM's proxy run: %s; the limit is %d tokens" % (
            WORKERS, ", ".join(map(str, proxy.workers)), LIMIT))
        calls = [Call(proxy, pool) for _ in range(CALLS)]
        until("all but %d of %d calls are refused" % (FIT, CALLS), lambda: len(running(calls)) <= FIT)
        until("the vendor has the rest", lambda: vendor.served("demo")["requests"] == len(running(calls)))
        say("%d calls at once: %s; %s" % (CALLS, statuses(calls), stands()))
        expect({call.status for call in calls}, {None, 429}, "statuses")
        say("what a client is told: " + json.loads(next(call.text for call in calls if call.status))["error"]["message"].splitlines()[0])
        if not 1 <= len(running(calls)) <= FIT:
            raise AssertionError("%d calls run" % len(running(calls)))

        held = provider.limits()[0].held
        workers = collections.Counter(proxy.worker_of(call.port) for call in running(calls))
        killed, lost = workers.most_common(1)[0]
        each = held // len(running(calls))
        began = time.monotonic()
        os.kill(killed, signal.SIGKILL)
        while True:
            with contextlib.suppress(proxy.no_room), provider.hold(LIMIT - held + lost * each):
                break
            if time.monotonic() > began + DEADLINE:
                raise AssertionError("what the killed worker held is not free after %d s" % DEADLINE)
            time.sleep(0.001)
        took = time.monotonic() - began
        say("kill -9 %d, which had %d of them: the %d tokens that it held are free after %.0f ms" % (
            killed, lost, lost * each, took * 1e3))
        if took > FREE_S:
            raise AssertionError("that is more than %g s" % FREE_S)
        until("its clients know", lambda: sum(call.status == 0 for call in calls) == lost)

        more = [Call(proxy, pool) for _ in range(CALLS)]
        until("the other workers use the room", lambda: len(running(more)) <= FIT - len(running(calls)))
        say("%d calls more: %s; %s" % (CALLS, statuses(more), stands()))
        if not running(more):
            raise AssertionError("nobody got the room of the killed worker")
        vendor.call("/release", {})
        until("all are answered", lambda: not running(calls + more))
        until("all are settled", lambda: not provider.holds())
        say("the vendor answers: %s; %s" % (statuses(calls + more), stands()))

        last = [Call(proxy, pool) for _ in range(2 * CALLS)]
        until("all are answered", lambda: not running(last))
        until("all are settled", lambda: not provider.holds())
        say("%d calls more: %s; %s; the vendor counted %d" % (
            2 * CALLS, statuses(last), stands(), vendor.served("demo")["tokens"]))
        expect(provider.used(), vendor.served("demo")["tokens"], "tokens")
        expect({call.status for call in calls + more + last} <= {200, 429, 0}, True, "statuses")


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    print("installing %s, the first time for some minutes ..." % PACKAGE, flush=True)
    subprocess.run([sys.executable, str(HERE.parent / "build_inplace.py")], check=True, stdout=subprocess.DEVNULL)
    place = pypi.install(PACKAGE, folder, "--no-compile")
    if place is None:
        return 1
    vendor, began = Vendor(), time.monotonic()
    try:
        demonstrate(place, vendor, lambda line: print("%6.2f s  %s" % (time.monotonic() - began, line), flush=True))
    except AssertionError as error:
        print("It did not hold:", error)
        return 1
    finally:
        vendor.close()
    print("It held: never more than the limit, and what a killed worker held was free within a second.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
