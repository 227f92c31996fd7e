"""peers_litellm.py: the door for LiteLLM with its Router and its proxy of PyPI, against a vendor on this machine.

SPDX-License-Identifier: MIT

    meson runpython bindings/python/tests/peers_litellm.py FOLDER [router|proxy]...

The Router is of the newest version, the proxy of the newest whose [proxy] extra PyPI can install. Each is installed in a place
of its own below FOLDER; what cannot be installed is skipped with a message. The vendor is tools/fake_vendor.py.
"""
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2] / "tests"), str(HERE.parents[2] / "tools"), str(HERE.parent), str(HERE)]
import pypi  # noqa: E402: it is in tools/
from demo_litellm import demonstrate  # noqa: E402
from door_crew import DEADLINE, ROOT, WORKERS, Crew, Vendor, environment  # noqa: E402
from litellm_proxy import MASTER, Proxy, until  # noqa: E402
from tap import Tap, expect  # noqa: E402

PACKAGES = {"router": "litellm==1.110.2", "proxy": "litellm[proxy]==1.108.7"}


def back_at(text, seconds):
    """The text says when: so many seconds from now, nearly."""
    found = re.search(r"back at (\d+-\d+-\d+T\d+:\d+:\d+)Z", text)
    if not found or "Try again in" in text:
        raise AssertionError("it does not say when: " + text)
    wait = time.mktime(time.strptime(found[1] + "UTC", "%Y-%m-%dT%H:%M:%S%Z")) - time.timezone - time.time()
    if not seconds - 100 < wait < seconds + 100:
        raise AssertionError("it says %d s: %s" % (wait, text))


# ---- Router ----------------------------------------------------------------------------------------

@contextlib.contextmanager
def scene(crew, count=1, **more):
    """A new ledger and accounts of their own; gives the ledger, the workers, and what names an account."""
    import tokenquota
    crew.scenes += 1
    key = "router-%d" % crew.scenes
    with tempfile.TemporaryDirectory() as folder, tokenquota.Ledger(os.path.join(folder, "ledger"), rule="off") as ledger:
        for worker in crew.workers[:count]:
            worker.send(do="begin", url=crew.vendor.url, ledger=ledger.path, key=key, **more)
        for worker in crew.workers[:count]:
            passed(worker.read())
        yield ledger, crew.workers[:count], lambda account: "%s-%s" % (key, account)


def passed(answer):
    if "error" in answer:
        raise AssertionError("%s: %s" % (answer["error"][0], answer["text"]))
    return answer


def same_sums(crew, ledger, names):
    """Ledger and vendor have counted the same for each account, and something for all."""
    for name in names:
        until("%s is counted" % name, lambda name=name: ledger[name].used() >= crew.vendor.served(name)["tokens"])
        expect(ledger[name].used(), crew.vendor.served(name)["tokens"], "tokens of " + name)


def each_call_counts_once(crew):
    with scene(crew) as (ledger, (worker,), name):
        for api, group, stream in (("chat", "alone", 0), ("chat", "alone", 1), ("chat", "claude", 0), ("chat", "claude", 1),
                                   ("messages", "claude", 0), ("messages", "alone", 0), ("responses", "alone", 0),
                                   ("responses", "alone", 1), ("responses", "claude", 0), ("embedding", "embed", 0),
                                   ("sync", "alone", 0)):
            before = {one: ledger[name(one)].used() for one in "cdf"}
            expect(passed(worker.ask(api=api, model=group, stream=bool(stream)))["warned"], [], "warnings")
            same_sums(crew, ledger, map(name, "cdf"))
            expect(before == {one: ledger[name(one)].used() for one in "cdf"}, False, "%s of %s counts nothing" % (api, group))
        passed(worker.ask(api="chat", model="named"))
        expect(ledger[name("other")].used(), crew.vendor.served(name("g"))["tokens"], "tokens of tokenquota_provider")
        passed(worker.ask(api="direct", model=name("direct"), base=crew.vendor.url + "/v1"))
        expect(ledger["openai"].used(), crew.vendor.served(name("direct"))["tokens"], "tokens of a call without a Router")


def each_call_holds_and_settles_once(crew):
    """With an option of the door, and room for one request: so no call holds twice; and each leaves nothing held."""
    with scene(crew) as (ledger, (worker,), name):
        for account in "cdf":
            ledger[name(account)].set_limit("1 requests per day")
        for api, group, stream in (("chat", "alone", 0), ("chat", "alone", 1), ("chat", "claude", 0), ("chat", "claude", 1),
                                   ("messages", "claude", 0), ("messages", "alone", 0), ("responses", "alone", 0),
                                   ("responses", "alone", 1), ("responses", "claude", 0), ("embedding", "embed", 0),
                                   ("direct", name("direct"), 0)):
            for account in "cdf":
                used = ledger[name(account)].limits()[0].used
                ledger[name(account)].set_limit("%d requests per day" % (used + 1))
            answer = worker.ask(api=api, model=group, stream=bool(stream), options={"hold": "max_tokens"},
                                base=crew.vendor.url + "/v1")
            expect(passed(answer)["warned"], [], "warnings")
            same_sums(crew, ledger, map(name, "cdf"))
            until("nothing is held after %s of %s" % (api, group), lambda: not any(one.holds() for one in ledger))
        ledger[name("d")].set_limit("1000 requests per day")
        crew.vendor.answers(name("d"), *["overloaded:1"] * 8)
        for _ in range(2):
            expect("error" in worker.ask(api="chat", model="alone", options={"hold": "max_tokens"}), True, "a failure")
            ledger[name("d")].mark_available()
        until("nothing is held after a failure", lambda: not any(one.holds() for one in ledger))
        ledger[name("d")].set_limit("1 requests per day")
        answer = worker.ask(api="chat", model="alone", options={"hold": "max_tokens"})
        expect("Exhausted" in answer.get("error", []), True, answer)


def retries_and_fallbacks_count_where_they_were_served(crew):
    with scene(crew) as (ledger, (worker,), name):
        for account in "ab":
            crew.vendor.answers(name(account), "exhausted:7200")
        crew.vendor.answers(name("a"), "broken", "exhausted:7200")
        for _ in range(6):
            worker.ask(api="chat", model="gpt")
        same_sums(crew, ledger, map(name, "ab"))
        expect([ledger[name(account)].available() for account in "ab"], [False, False], "the accounts that were refused")
        ledger[name("e")].mark_exhausted()
        passed(worker.ask(api="chat", model="falls"))
        same_sums(crew, ledger, map(name, "ce"))
        expect(crew.vendor.served(name("e"))["requests"], 0, "requests of the one that is out")
        expect(crew.vendor.served(name("c"))["served"], 1, "requests of the fallback")


def a_stream_that_breaks_counts_what_is_known(crew):
    with scene(crew, retries=0) as (ledger, (worker,), name):
        crew.vendor.answers(name("c"), "cut")
        expect("error" in worker.ask(api="chat", model="claude", stream=True), True, "a stream was cut")
        until("a part is counted", lambda: ledger[name("c")].used() > 0)
        if not 0 < ledger[name("c")].used() < 30:
            raise AssertionError("%d tokens of a stream that broke" % ledger[name("c")].used())


def all_out_says_when_the_first_is_back(crew):
    with scene(crew) as (ledger, (worker,), name):
        import tokenquota
        ledger[name("a")].mark_exhausted(tokenquota.now_ns() + 9000 * 10**9)
        ledger[name("b")].mark_exhausted(tokenquota.now_ns() + 3600 * 10**9)
        ledger[name("d")].mark_exhausted(tokenquota.now_ns() + 3600 * 10**9)
        for query in ({"api": "chat", "model": "gpt"}, {"api": "chat", "model": "gpt", "stream": True},
                      {"api": "chat", "model": name("d")}, {"api": "embedding", "model": "gpt"},
                      {"api": "sync", "model": "alone"}):
            answer = worker.ask(**query)
            expect((set(answer.get("error", [])) >= {"Exhausted", "RateLimitError"}, answer.get("status")), (True, 429), query)
            back_at(answer["text"], 3600)
            if not 3500 < int(answer["after"]) <= 3601:
                raise AssertionError("Retry-After is %s" % answer["after"])
        ledger["openai"].mark_exhausted()
        answer = worker.ask(api="direct", model=name("direct"), base=crew.vendor.url + "/v1")
        expect("nobody knows when" in answer.get("text", ""), True, "a call without a Router")
        expect([crew.vendor.served(name(one))["requests"] for one in ("a", "b", "d", "direct")], [0] * 4, "requests")
        passed(worker.ask(api="chat", model="alone", options={"guard": False}))


def a_probe_brings_an_account_back(crew):
    with scene(crew) as (ledger, (worker,), name):
        import tokenquota
        then = tokenquota.now_ns() - 1800 * 10**9  # refused half an hour ago: the probe is due
        ledger[name("d")].apply(429, {}, '{"error": {"code": "insufficient_quota", "type": "insufficient_quota", "message": ""}}',
                                at=then, sent_at=then)
        expect(ledger[name("d")].available(), False, "before the probe")
        passed(worker.ask(api="chat", model="alone"))
        expect(ledger[name("d")].available(), True, "after the probe")


def the_ledger_cannot_decide(crew):
    """Its file is removed: calls raise before they are sent, or pass and warn."""
    with scene(crew) as (_, (worker,), name):
        passed(worker.ask(api="chat", model="alone"))
        worker.ask(do="unlink")
        time.sleep(1.1)  # the path is looked at once a second
        answer = worker.ask(api="chat", model="alone")
        expect("Error" in answer.get("error", []), True, "tokenquota.Error of %r" % answer)
        expect(crew.vendor.served(name("d"))["requests"], 1, "requests that were sent")
        answer = passed(worker.ask(api="chat", model="alone", options={"on_error": "allow"}, settle=False))
        expect(any("cannot decide" in line for line in answer["warned"]), True, "a warning in %r" % answer["warned"])
        expect(crew.vendor.served(name("d"))["requests"], 2, "requests that were sent")


def four_workers_and_a_kill(crew):
    """Sums are the vendor's with one killed in the middle of a request; a refusal of one holds for all at once."""
    with scene(crew, WORKERS) as (ledger, workers, name):
        for turn in range(4):
            for number, worker in enumerate(workers):
                worker.send(api="chat", model=("gpt", "claude")[(turn + number) % 2], stream=bool(turn % 2), settle=False)
            for worker in workers:
                passed(worker.read())
        same_sums(crew, ledger, map(name, "abc"))
        doomed = workers[-1]
        crew.vendor.answers(name("d"), "hold")
        doomed.send(api="chat", model="alone")
        until("the request is held", lambda: crew.vendor.served(name("d"))["requests"] == 1)
        doomed.kill()
        rest = workers[:-1]
        for worker in rest:
            worker.send(api="chat", model="gpt", stream=True, settle=False)
        for worker in rest:
            passed(worker.read())
        same_sums(crew, ledger, map(name, "abcd"))
        crew.vendor.answers(name("c"), "exhausted:7200")
        expect("error" in rest[0].ask(api="chat", model="claude", settle=False), True, "a refusal")
        asked = crew.vendor.served(name("c"))["requests"]
        for worker in rest:
            worker.send(api="chat", model="claude", settle=False)
        for worker in rest:
            back_at(worker.read().get("text", ""), 7200)
        expect(crew.vendor.served(name("c"))["requests"], asked, "requests after the refusal")


def the_document_runs(crew):
    text = (ROOT / "docs/litellm.md").read_text()
    code = re.search(r"```python\n(.*?)```", text, re.S)[1]
    with scene(crew, 0) as (ledger, _, name):
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE, env=environment(
            crew.place, LITELLM_LOCAL_MODEL_COST_MAP="True", TOKENQUOTA_LEDGER=ledger.path, KEY_A=name("a"), KEY_B=name("b"),
            OPENAI_BASE_URL=crew.vendor.url + "/v1"))
        expect(ran.returncode, 0, ran.stderr[-1500:])
        used = sum(crew.vendor.served(name(account))["tokens"] for account in "ab")
        expect((used > 0, sum(provider.used() for provider in ledger)), (True, used), "tokens")
        back_at(ran.stdout, 3600)


ROUTER = [each_call_counts_once, each_call_holds_and_settles_once, retries_and_fallbacks_count_where_they_were_served,
          a_stream_that_breaks_counts_what_is_known, all_out_says_when_the_first_is_back, a_probe_brings_an_account_back, the_ledger_cannot_decide,
          the_document_runs, four_workers_and_a_kill]  # the last one kills a worker


# ---- proxy -----------------------------------------------------------------------------------------

def good(answer):
    expect(answer[0], 200, answer[2][:500])
    return answer[2]


def answers_and_streams_count_over_http(proxy):
    for more in ({}, {"stream": True}, {"stream": True, "no-log": True}):
        for _ in range(4):
            text = good(proxy.ask("gpt", **more))
        for path in ("/v1/messages", "/v1/chat/completions"):
            good(proxy.ask("claude", path, **more))
    expect("usage" in text, False, "a client that asked for no usage is told it: " + text)
    same_sums(proxy, proxy.ledger, ["proxy-a", "proxy-b", "proxy-c"])


def the_cache_counts_nothing(proxy):
    """Each worker has a cache of its own, so the vendor answers at most once a worker."""
    def served():
        return sum(proxy.vendor.served(name)["served"] for name in ("proxy-a", "proxy-b"))

    before = served()
    for _ in range(WORKERS * 4):
        good(proxy.ask("gpt", cache={"use-cache": True}, temperature=0.5))
    if not 1 <= served() - before <= WORKERS:
        raise AssertionError("the vendor answered %d of %d" % (served() - before, WORKERS * 4))
    same_sums(proxy, proxy.ledger, ["proxy-a", "proxy-b"])


def a_worker_is_killed(proxy):
    """In the middle of a request: the sums stay those of the vendor, and the others go on."""
    client = http.client.HTTPConnection(proxy.url.partition("//")[2], timeout=DEADLINE)
    client.request("POST", "/v1/chat/completions", json.dumps({"model": "held", "messages": []}), {
        "content-type": "application/json", "authorization": "Bearer " + MASTER})
    until("the request is held", lambda: proxy.vendor.served("proxy-d")["requests"] == 1)
    killed = proxy.worker_of(client.sock.getsockname()[1])
    os.kill(killed, signal.SIGKILL)
    with contextlib.suppress(OSError, http.client.HTTPException):
        raise AssertionError("a killed worker answered %d" % client.getresponse().status)
    for _ in range(6):
        good(proxy.ask("gpt", stream=True))
    same_sums(proxy, proxy.ledger, ["proxy-a", "proxy-b", "proxy-c", "proxy-d"])


def a_refusal_is_known_to_all(proxy):
    proxy.vendor.answers("proxy-c", "exhausted:7200")
    expect(proxy.ask("claude", "/v1/messages")[0], 429, "the refusal")
    asked = proxy.vendor.served("proxy-c")["requests"]
    for number in range(WORKERS * 3):
        status, headers, text = proxy.ask("claude", ("/v1/messages", "/v1/chat/completions")[number % 2], stream=number % 3 == 0)
        expect(status, 429, text[:300])
        back_at(text, 7200)
    expect(proxy.vendor.served("proxy-c")["requests"], asked, "requests after the refusal")
    if not 7000 < int(headers.get("retry-after") or 0) <= 7261:
        raise AssertionError("Retry-After is %r" % headers.get("retry-after"))


def a_ledger_that_is_gone_refuses(proxy):
    asked = [proxy.vendor.served(name)["requests"] for name in ("proxy-a", "proxy-b")]
    os.unlink(proxy.ledger.path)
    time.sleep(1.1)  # the path is looked at once a second
    for _ in range(WORKERS):
        status, _, text = proxy.ask("gpt")
        expect((status, "replaced or removed" in text), (500, True), text[:300])
    expect([proxy.vendor.served(name)["requests"] for name in ("proxy-a", "proxy-b")], asked, "requests")


PROXY = [answers_and_streams_count_over_http, the_cache_counts_nothing, a_worker_is_killed, a_refusal_is_known_to_all,
         a_ledger_that_is_gone_refuses]


def judge(tap, kind, place, vendor):
    begun = Crew("litellm_worker.py", kind, place, vendor) if kind == "router" else Proxy(place, vendor)
    try:
        for check in ROUTER if kind == "router" else PROXY:
            tap.check("LiteLLM's %s: %s" % (kind, check.__name__.replace("_", " ")), lambda check=check: check(begun))
    finally:
        begun.close()
    if kind == "proxy":
        tap.check("LiteLLM's proxy: 20 calls at once against a budget for 4, and a kill",
                  lambda: demonstrate(place, vendor, lambda line: print("#", line)))


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, str(HERE.parent / "build_inplace.py")], check=True, stdout=subprocess.DEVNULL)
    tap, vendor = Tap(), Vendor()
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            # To compile all of it takes longer than all the rest; what is imported is compiled then.
            places = {kind: pool.submit(pypi.install, PACKAGES[kind], folder, "--no-compile")
                      for kind in sys.argv[2:] or PACKAGES}
            for kind, place in places.items():
                if place.result():
                    judge(tap, kind, place.result(), vendor)
    finally:
        vendor.close()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
