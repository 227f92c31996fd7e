"""peers_doors.py: the doors of the Python package with the libraries of PyPI, against a vendor on this machine.

SPDX-License-Identifier: MIT

    meson runpython bindings/python/tests/peers_doors.py FOLDER [DOOR]...

Installs each door's library, pinned, in a place of its own below FOLDER; what cannot be installed is skipped with a message.
The vendor is tools/fake_vendor.py. The results are TAP.
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools"), str(HERE.parent)]
import pypi  # noqa: E402: it is in tools/
from door_crew import DEADLINE, WORKERS, Crew, Scene, Vendor, environment  # noqa: E402
from tap import Skipped, Tap, expect  # noqa: E402

# The first package names the place; all are installed there.
PACKAGES = {
    "openai": ["openai==3.57.0"],
    "openai-httpx": ["openai==2.54.0", "httpx==0.28.1"],
    "anthropic": ["anthropic==2.14.0"],
    "pydantic-ai": ["pydantic-ai-slim[openai,anthropic]==2.68.0"],
    "langchain": ["langchain==1.5.2", "langchain-openai==1.7.4", "langchain-anthropic==1.7.10"],
    "openai-agents": ["openai-agents==0.24.0", "openai==3.57.0"],
}
APIS = {"openai": ["chat", "responses", "chat-async"], "openai-httpx": ["chat", "chat-async"],
        "anthropic": ["messages", "messages-async"], "pydantic-ai": ["chat", "responses", "messages"],
        "langchain": ["chat", "responses", "messages", "chat-async"], "openai-agents": ["chat", "responses"]}
SEES_ALL = ("openai", "openai-httpx", "anthropic")  # the doors that see headers, and the retries of the libraries


def passed(answer):
    if "error" in answer:
        raise AssertionError("%s: %s" % (answer["error"][0], answer["text"]))
    return answer["tokens"]


def refused(answer, *names):
    """It was refused with one of these exceptions."""
    if not set(names) & set(answer.get("error", [])):
        raise AssertionError("%r is no refusal" % (answer,))
    return answer


REFUSALS = {"openai": "RateLimitError", "openai-httpx": "RateLimitError", "anthropic": "RateLimitError",
            "pydantic-ai": "ModelRateLimitError", "langchain": "Exhausted", "openai-agents": "RateLimitError"}


# ---- the checks; each gets the crew of a door ------------------------------------------------------

def four_workers_and_a_kill(crew):
    """The sums are those of the vendor, with one worker killed in the middle of a request; a refusal of one holds for all."""
    with Scene(crew, WORKERS) as scene:
        apis = APIS[crew.door]
        for turn in range(3):
            for number, worker in enumerate(scene.workers):
                worker.send(api=apis[(turn + number) % len(apis)], stream=bool(turn % 2))
            for worker in scene.workers:
                passed(worker.read())
        doomed = scene.workers[-1]
        doomed.send(api=apis[0], model="gpt-5-mini+hold")
        until = time.monotonic() + DEADLINE
        while scene.vendor.served(doomed.key)["requests"] < 4:
            if time.monotonic() > until:
                raise AssertionError("the request that is held did not come")
            time.sleep(0.01)
        doomed.kill()
        rest = scene.workers[:-1]
        for worker in rest:
            worker.send(api=apis[-1], stream=True)
        for worker in rest:
            passed(worker.read())
        expect(scene.provider.used(), scene.served(), "tokens after %d requests" % (3 * WORKERS + len(rest)))
        rest[0].ask(api=apis[0], model="gpt-5-mini+exhausted:7200", retries=0)
        before = [scene.vendor.served(worker.key)["requests"] for worker in rest]
        for worker in rest:
            worker.send(api=apis[0])
        for worker in rest:
            refused(worker.read(), REFUSALS[crew.door])
        expect([scene.vendor.served(worker.key)["requests"] for worker in rest], before, "requests after the refusal")
        verdict = scene.provider.verdict()
        wait = (verdict.retry_at_ns - verdict.at_ns) / 1e9
        if verdict.available or not 7000 < wait <= 7260:
            raise AssertionError("out for %r s: %s" % (wait, verdict.explain()))


def each_api_counts(crew):
    """Whole, streamed and left early; errors; the vendor's count, where the vendor said it."""
    with Scene(crew) as scene:
        worker, key = scene.workers[0], scene.workers[0].key
        for api in APIS[crew.door]:
            for stream in (False, True):
                answer = worker.ask(api=api, stream=stream)
                passed(answer)
                expect(answer["warned"], [], "warnings of " + api)
            expect(scene.provider.used(), scene.vendor.served(key)["tokens"], api)
        used = scene.provider.used()
        for api in APIS[crew.door]:
            passed(worker.ask(api=api, stream=True, leave=3))
        gone = scene.vendor.served(key)["tokens"]
        if not used <= scene.provider.used() <= gone:
            raise AssertionError("streams that were left: %d, then %d, of %d" % (used, scene.provider.used(), gone))
        if "messages" in APIS[crew.door] and scene.provider.used() == used:
            raise AssertionError("Anthropic says the input at once, but nothing of it was counted")
        used = scene.provider.used()
        for answer in ("broken", "cut"):
            if "error" not in worker.ask(api=APIS[crew.door][0], model="gpt-5-mini+" + answer, retries=0):
                raise AssertionError(answer + " passed")
        expect(scene.provider.used(), used, "tokens of errors")
        expect(scene.provider.available(), True, "after errors that are no refusals")
        if crew.door not in SEES_ALL:
            scene.vendor.answers(key, "tool", "ok")
            passed(worker.ask(api=APIS[crew.door][0], tool=True))
            expect(scene.provider.used() - used, scene.vendor.served(key)["tokens"] - gone, "a run of two requests")


def refusals_are_understood(crew):
    with Scene(crew) as scene:
        worker, vendor = scene.workers[0], scene.vendor
        for api in APIS[crew.door]:
            scene.provider.mark_available()
            asked = vendor.served(worker.key)["requests"]
            worker.ask(api=api, model="gpt-5-mini+no-money", retries=0)
            verdict = scene.provider.verdict()
            expect((verdict.available, verdict.refusal), (False, "no-money"), api)
            answer = refused(worker.ask(api=api), REFUSALS[crew.door])
            if "out of money" not in answer["text"]:
                raise AssertionError("the refusal does not say why: " + answer["text"])
            expect(vendor.served(worker.key)["requests"], asked + 1, "requests of " + api)
            scene.provider.mark_available()
            worker.ask(api=api, model="gpt-5-mini+overloaded:40", retries=0)
            verdict = scene.provider.verdict()
            expect((verdict.available, verdict.refusal), (False, "overloaded"), api)
        scene.provider.mark_available()
        passed(worker.ask(api=APIS[crew.door][0]))


def the_ledger_cannot_decide(crew):
    """Its file is removed: requests raise before they are sent, or pass and warn."""
    with Scene(crew) as scene:
        worker, vendor, api = scene.workers[0], scene.vendor, APIS[crew.door][0]
        passed(worker.ask(api=api))
        worker.ask(do="unlink")
        time.sleep(1.1)  # the path is looked at once a second
        answer = worker.ask(api=api, retries=0)
        if not (set(answer["error"]) | {answer["cause"]}) & {"Error"}:
            raise AssertionError("no tokenquota.Error: %r" % answer)
        expect(vendor.served(worker.key)["requests"], 1, "requests that were sent")
        answer = worker.ask(api=api, retries=0, options={"on_error": "allow"})
        passed(answer)
        expect(len(answer["warned"]) > 0, True, "a warning")
        expect(vendor.served(worker.key)["requests"], 2, "requests that were sent")


def libraries_retry(crew):
    """A refusal of 0.2 s: the library waits, tries again and is counted once. One of two hours: nobody waits for it."""
    if crew.door not in SEES_ALL:
        raise Skipped("the retries of libraries are inside of what this door sees")
    with Scene(crew) as scene:
        worker, vendor, api = scene.workers[0], scene.vendor, APIS[crew.door][0]
        vendor.answers(worker.key, "throttled:0.2", "ok")
        passed(worker.ask(api=api))
        tally = vendor.served(worker.key)
        expect((tally["requests"], tally["refused"], tally["served"]), (2, 1, 1), "requests")
        expect(scene.provider.used(), tally["tokens"], "tokens")
        expect(scene.provider.available(), True, "after the answer")
        refused(worker.ask(api=api, model="gpt-5-mini+exhausted:7200"), "RateLimitError")  # a library that waits misses DEADLINE
        expect(vendor.served(worker.key)["requests"], 3, "requests after a long refusal")


def streams_of_chat_say_their_usage(crew):
    if "chat" not in APIS[crew.door] or crew.door not in SEES_ALL:
        raise Skipped("no chat completions, or the library asks for it itself")
    with Scene(crew) as scene:
        worker, key = scene.workers[0], scene.workers[0].key
        answer = worker.ask(api="chat", stream=True, more={})
        expect(scene.provider.used(), 0, "tokens nobody said")
        expect([line for line in answer["warned"] if "include_usage" in line] != [], True, "a warning")
        used = scene.vendor.served(key)["tokens"]
        answer = worker.ask(api="chat", stream=True, more={}, options={"include_usage": True})
        expect(answer["warned"], [], "warnings")
        expect(scene.provider.used(), scene.vendor.served(key)["tokens"] - used, "tokens")


def options_do_what_they_say(crew):
    """guard=False asks all the same; count=False counts nothing."""
    with Scene(crew) as scene:
        worker, api = scene.workers[0], APIS[crew.door][0]
        scene.provider.mark_exhausted()
        passed(worker.ask(api=api, options={"guard": False}))
        expect(scene.provider.used(), scene.vendor.served(worker.key)["tokens"], "tokens")
        scene.provider.mark_available()
        used = scene.provider.used()
        passed(worker.ask(api=api, options={"count": False}))
        expect(scene.provider.used(), used, "tokens with count=False")


def a_fallback_takes_over(crew):
    if crew.door not in ("pydantic-ai", "langchain"):
        raise Skipped("this library has no fallback")
    with Scene(crew) as scene:
        worker = scene.workers[0]
        scene.provider.mark_exhausted()
        passed(worker.ask(api="chat", other="other"))
        expect(scene.provider.used(), 0, "tokens of the one that is out")
        expect(scene.ledger["other"].used(), scene.vendor.served(worker.key)["tokens"], "tokens of the other")


def counting_tokens_is_free(crew):
    if crew.door != "anthropic":
        raise Skipped("only Anthropic counts tokens")
    with Scene(crew) as scene:
        expect(passed(scene.workers[0].ask(api="messages", do="count")), 12, "tokens that Anthropic counted")
        expect(scene.provider.used(), 0, "tokens used")


def the_document_runs(crew):
    """The examples of docs/python-doors.md that use this door, as they are written there."""
    text = (ROOT / "docs/python-doors.md").read_text()
    blocks = re.findall(r"<!-- runs: %s -->\n+```python\n(.*?)```" % crew.door, text, re.S)
    if not blocks:
        raise Skipped("the document has no example of it")
    with Scene(crew, 0) as scene:
        for number, code in enumerate(blocks):
            key = "%s-document-%d" % (crew.door, number)
            ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE, env=environment(
                crew.place, TOKENQUOTA_LEDGER=scene.ledger.path, OPENAI_API_KEY=key, ANTHROPIC_API_KEY=key,
                OPENAI_BASE_URL=scene.vendor.url + "/v1", ANTHROPIC_BASE_URL=scene.vendor.url))
            if ran.returncode:
                raise AssertionError("%s\n%s" % (code, ran.stderr[-1500:]))
            tokens = scene.vendor.served(key)["tokens"]
            counted = sum(scene.ledger[name].used() for name in ("openai", "anthropic"))
            expect(counted > 0 and counted, tokens, "tokens of example %d" % (number + 1))
            for name in ("openai", "anthropic"):
                scene.ledger[name].reset()


CHECKS = [each_api_counts, refusals_are_understood, the_ledger_cannot_decide, libraries_retry,
          streams_of_chat_say_their_usage, options_do_what_they_say, a_fallback_takes_over, counting_tokens_is_free,
          the_document_runs, four_workers_and_a_kill]  # the last one kills a worker


def judge(tap, lock, door, place, vendor):
    """All checks of one door, said together."""
    results, crew = [], None
    try:
        crew = Crew("door_worker.py", door, place, vendor)
        for check in CHECKS:
            fault = None
            try:
                check(crew)
            except Skipped:
                continue  # it does not concern this door
            except Exception as wrong:  # noqa: BLE001: whatever it is, it is judged
                fault = "%s: %s" % (type(wrong).__name__, wrong)
            results.append(("%s: %s" % (door, check.__name__.replace("_", " ")), fault))
    except AssertionError as wrong:
        results.append((door + ": its workers start", wrong))
    finally:
        if crew is not None:
            crew.close()
    with lock:
        for name, fault in results:
            tap.judge(name, fault)


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    doors = sys.argv[2:] or list(PACKAGES)
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, str(HERE.parent / "build_inplace.py")], check=True, stdout=subprocess.DEVNULL)
    tap, lock, vendor = Tap(), threading.Lock(), Vendor()

    def run(door):
        first, *others = PACKAGES[door]
        place = pypi.install(first, folder, *others)
        if place:
            judge(tap, lock, door, place, vendor)

    try:
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            list(pool.map(run, doors))
    finally:
        vendor.close()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
