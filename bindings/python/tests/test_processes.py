"""test_processes.py: sums are exact over threads, processes, forks and kill -9, and a refusal is known to all at once.

SPDX-License-Identifier: MIT
"""
import gc
import os
import signal
import subprocess
import sys
import threading
import time

import here
import tap

import tokenquota

SECOND_NS = 10**9
NOON_NS = 1795176000 * SECOND_NS
PROCESSES, THREADS, CALLS = 4, 8, 2000

# Counts one token at a time and says how far it is, after each hundred.
COUNTER = """
import sys, tokenquota
ledger = tokenquota.Ledger(sys.argv[1])
openai, calls, kill = ledger["openai"], int(sys.argv[2]), sys.argv[3] == "kill"
for n in range(1, calls + 1) if calls else iter(int, 1):
    openai.observe(1, %d)
    if kill:
        print("+", end="", flush=True)
""" % NOON_NS


def start(path, calls, *words):
    return subprocess.Popen([sys.executable, "-c", COUNTER, path, str(calls), *words], stdout=subprocess.PIPE)


def threads_count_exactly():
    with tokenquota.Ledger(here.path("threads.ledger"), flush_always=False) as ledger:
        def count():
            openai = ledger["openai"]
            for _ in range(CALLS):
                openai.observe(1, NOON_NS)
                assert ledger["openai"] is openai

        threads = [threading.Thread(target=count) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ledger["openai"].used(NOON_NS) == THREADS * CALLS


def processes_count_exactly():
    path = here.path("processes.ledger")
    running = [start(path, CALLS, "") for _ in range(PROCESSES)]
    assert [process.wait(60) for process in running] == [0] * PROCESSES
    for process in running:
        process.stdout.close()
    with tokenquota.Ledger(path) as ledger:
        assert ledger["openai"].used(NOON_NS) == PROCESSES * CALLS and ledger.check()


def a_killed_process_leaves_what_it_counted():
    """It says "+" after each call: so many are counted, or one more, which it could not say."""
    path, least, most = here.path("killed.ledger"), 0, 0
    running = [start(path, 0, "kill") for _ in range(PROCESSES)]
    for n, process in enumerate(running):
        process.stdout.read(100 * (n + 1))
        process.kill()
        said = 100 * (n + 1) + len(process.stdout.read())
        least, most = least + said, most + said + 1
        process.stdout.close()
        assert process.wait(60) == -signal.SIGKILL
    with tokenquota.Ledger(path) as ledger:
        assert least <= ledger["openai"].used(NOON_NS) <= most, (least, ledger["openai"].used(NOON_NS), most)
        assert ledger.check()


def forked(work):
    """Runs it in a child of fork(); its status."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException: # noqa: BLE001: whatever it is, the child must not go on with the tests
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def parent_and_child_count_on_through_the_same_objects():
    with tokenquota.Ledger(here.path("forked.ledger")) as ledger, tokenquota.Ledger(":memory:") as private:
        openai, mine = ledger["openai"], private["mine"]

        def child():
            openai.observe(5, NOON_NS)
            mine.observe(7, NOON_NS)
            assert mine.used(NOON_NS) == 7
            ledger.close()

        assert forked(child) == 0 and forked(child) == 0
        openai.observe(1, NOON_NS)
        assert openai.used(NOON_NS) == 11 and mine.used(NOON_NS) == 0


def a_child_closes_though_a_thread_of_the_parent_waits():
    with tokenquota.Ledger(here.path("waits.ledger")) as ledger:
        thread = threading.Thread(target=ledger.wait, args=(30,))
        thread.start()

        def child():
            ledger.close()
            here.raises(ValueError, "is closed", ledger.info)
            with tokenquota.Ledger(here.path("waits.ledger")) as again:
                again["openai"].mark_exhausted()

        assert forked(child) == 0
        thread.join(30)
        assert not thread.is_alive() and not ledger["openai"].available()


def all_processes_know_a_refusal_at_once():
    path = here.path("refusal.ledger")
    asks = "import sys, tokenquota; print(tokenquota.Ledger(sys.argv[1])['openai'].state())"
    with tokenquota.Ledger(path) as ledger:
        ledger["openai"].apply(429, {"retry-after": "3600"})
        running = [subprocess.Popen([sys.executable, "-c", asks, path], stdout=subprocess.PIPE, text=True) for _ in range(2)]
        assert [process.communicate(timeout=60)[0].strip() for process in running] == ["quota_exhausted"] * 2


def a_wait_sees_what_another_process_does():
    path = here.path("across.ledger")
    with tokenquota.Ledger(path) as ledger:
        ledger.wait(0)
        marks = "import sys, tokenquota; tokenquota.Ledger(sys.argv[1])['openai'].mark_exhausted()"
        with subprocess.Popen([sys.executable, "-c", marks, path]) as process:
            while ledger["openai"].available():
                assert ledger.wait(60)
            assert process.wait(60) == 0


def a_signal_ends_a_wait():
    class Stopped(Exception):
        pass

    def stop(_number, _frame):
        raise Stopped

    old = signal.signal(signal.SIGALRM, stop)
    try:
        with tokenquota.Ledger(":memory:") as ledger:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            here.raises(Stopped, "", ledger.wait)
            assert ledger.wait(0) is False
    finally:
        signal.signal(signal.SIGALRM, old)


def other_threads_run_while_one_waits():
    with tokenquota.Ledger(":memory:") as ledger:
        openai, answers = ledger["openai"], []
        thread = threading.Thread(target=lambda: answers.append(ledger.wait(30)))
        thread.start()
        while not answers:
            openai.mark_exhausted()
            time.sleep(0) # lets the thread begin
            openai.mark_available()
        thread.join(30)
        assert answers == [True]


def the_program_ends_while_a_thread_waits():
    waits = "import threading, tokenquota; l = tokenquota.Ledger(':memory:')\n" \
        "threading.Thread(target=l.wait, daemon=True).start(); l['x'].observe(1); print(l['x'].used())"
    done = subprocess.run([sys.executable, "-c", waits], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("1\n", ""), done


def another_interpreter_has_a_module_of_its_own():
    """One that shares the GIL; since 3.12 also one with a GIL of its own, and the package is one of those that may."""
    words = "import sys; sys.path[:] = %r\nimport tokenquota\nl = tokenquota.Ledger(%r)\n" \
        "for n in range(1000): l['openai'].observe(1, %d)\ntry: l['']\nexcept ValueError: l.close()\nassert l.closed\n"
    path = here.path("interpreters.ledger")
    try:
        import _interpreters as interpreters # 3.13
    except ImportError:
        try:
            import _xxsubinterpreters as interpreters
        except ImportError:
            raise tap.Skipped("this Python has no module for subinterpreters") from None
    interpreter = interpreters.create()
    failed = interpreters.run_string(interpreter, words % (sys.path, path, NOON_NS))
    assert failed is None, failed
    interpreters.destroy(interpreter)
    with tokenquota.Ledger(path) as ledger:
        assert ledger["openai"].used(NOON_NS) == 1000


def nothing_leaks_over_many_calls():
    """Blocks of Python's allocator, before and after."""
    body = b'{"usage":{"prompt_tokens":1,"completion_tokens":1}}'
    with tokenquota.Ledger(":memory:") as ledger:
        def work():
            openai = ledger["openai"]
            openai.set_limit("5M tokens per day")
            openai.observe(1, NOON_NS)
            openai.observe_usage(body, at=NOON_NS)
            openai.apply(429, {"retry-after": "1", "x-ratelimit-limit-requests": "5"}, body, at=NOON_NS)
            openai.verdict(NOON_NS).explain()
            openai.limits(NOON_NS)
            ledger.route([openai, "b"], at=NOON_NS)
            list(ledger), ledger.exhausted(NOON_NS), ledger.info(), ledger.check(), ledger.wait(0)
            stream = tokenquota.UsageStream()
            stream.feed(body)
            stream.read(now=NOON_NS)
            for wrong in (lambda: openai.observe("1"), lambda: ledger[""], lambda: openai.set_limit("x"),
                          lambda: openai.observe(1, 2**63 - 1), lambda: openai.apply(5.5),
                          lambda: tokenquota.Ledger("/none/none")):
                here.raises(Exception, "", wrong)
            openai.weights, openai.price, openai.pool, openai.budget = (1, 2, 3, 4), (None, 1, 2, 3), ledger["b"], 5
            assert [openai.weights, openai.price, openai.pool.name, openai.rule, openai.overage, openai.account][2] == "b"
            openai.pool = None

        def blocks():
            gc.collect()
            return sys.getallocatedblocks()

        for _ in range(20):
            work()
        before = blocks()
        for _ in range(200):
            work()
        more = blocks() - before
        assert more < 200, more


results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
