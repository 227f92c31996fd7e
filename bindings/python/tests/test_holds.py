"""test_holds.py: holds: room for calls that still run, over threads, processes, forks and kill -9.

SPDX-License-Identifier: MIT
"""
import gc
import json
import os
import signal
import subprocess
import sys
import time

import here
import tap

import tokenquota

# Takes holds of 10 tokens until there is no room, says how many, and then waits, or settles them.
TAKER = """
import sys, tokenquota
openai, taken = tokenquota.Ledger(sys.argv[1])["openai"], []
while (hold := openai.try_hold(10)) is not None:
    taken.append(hold)
print(len(taken), flush=True)
sys.stdin.readline()
print(sum(hold.settle(10) for hold in taken), flush=True)
"""


def ledger_of(name=":memory:", budget=100):
    ledger = tokenquota.Ledger(name, rule="off")
    ledger["openai"].budget = budget
    return ledger, ledger["openai"]


def a_hold_takes_room_until_it_is_settled():
    ledger, openai = ledger_of()
    with openai.hold(60) as hold:
        verdict = openai.verdict()
        assert (verdict.holds, verdict.held, verdict.flying, verdict.available) == (1, 60, 0, True), verdict
        assert openai.try_hold(41) is None and openai.used() == 0
        with openai.hold(40, requests=2):
            verdict = openai.verdict()
            assert (verdict.reason, verdict.held) == ("held", 100) and not openai.available(), verdict
        assert hold.settle(25) is False and hold.over and not hold.ended
    assert (openai.used(), openai.verdict().held) == (25, 0)
    here.raises(ValueError, "settled or cancelled before", hold.settle, 1)
    here.raises(ValueError, "settled or cancelled before", getattr, hold, "id")
    assert "(over)" in repr(hold)
    ledger.close()


def no_room_says_why_and_until_when():
    ledger, openai = ledger_of()
    openai.observe(70)
    error = here.raises(tokenquota.NoRoom, "openai: no room for 31 tokens: ", openai.hold, 31)
    assert error.provider == "openai" and error.verdict.available, error.verdict
    assert 0 < error.retry_at_ns - tokenquota.now_ns() <= 86400 * 10**9 and error.retry_at is not None
    openai.observe(40)
    error = here.raises(tokenquota.NoRoom, "a call of unknown size", openai.hold)
    assert error.verdict.reason == "spent" and error.retry_at == error.verdict.retry_at
    ledger.close()


def leaving_the_block_cancels_what_was_not_settled():
    ledger, openai = ledger_of()
    with openai.hold(60):
        pass
    assert openai.verdict().held == 0
    try:
        with openai.hold(60):
            raise KeyError
    except KeyError:
        pass
    assert (openai.verdict().held, openai.used()) == (0, 0)
    with openai.hold(60) as hold:
        assert hold.cancel() is True
    kept = openai.hold(60)
    del kept, hold
    gc.collect()
    assert openai.verdict().held == 60, "one that is forgotten holds on"
    with openai.hold(5):
        ledger.close()


def what_a_call_used_is_counted_once_in_each_form():
    body = json.dumps({"usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}})
    ledger, openai = ledger_of()
    ledger["team"].budget = 1000
    openai.pool = ledger["team"]
    for source in (11, body, body.encode(), json.loads(body), tokenquota.Usage(input=5, output=6)):
        before = openai.used()
        with openai.hold(20, total=20) as hold:
            assert ledger["team"].verdict().held == 20
            hold.settle(source)
        assert (openai.used() - before, openai.verdict().held, ledger["team"].verdict().held) == (11, 0, 0), source
    assert ledger["team"].used() == 55
    hold = openai.hold(20)
    here.raises(ValueError, "no usage is stated", hold.settle, {})
    assert openai.verdict().held == 20 and hold.settle(100) is True, "it counts more than was held, too"
    ledger.close()


def amounts_are_of_all_units_and_of_limits():
    ledger, openai = ledger_of(budget=None)
    openai.set_limit("10 requests per day")
    openai.set_limit("$1 per day")
    with openai.hold(cost=400_000, requests=10):
        requests, cost = openai.limits()
        assert (requests.held, requests.is_held, cost.held, cost.flying) == (10, True, 400_000, 0), (requests, cost)
        (state,) = openai.holds()
        assert state.amounts == {"requests": 10, "cost": 400_000} and state.alive, state
    with openai.hold():
        assert [(limit.held, limit.flying) for limit in openai.limits()] == [(1, 0), (0, 1)]
    here.raises(ValueError, "", openai.hold, -1)
    for lease in (0, -1, 32 * 86400, float("inf"), float("-inf")):
        here.raises(ValueError, "", openai.hold, 1, lease)
    here.raises(TypeError, "", openai.hold, "20k")
    here.raises(TypeError, "gives its holds", tokenquota.Hold)
    ledger.close()


def a_lease_ends_and_is_extended():
    ledger, openai = ledger_of()
    now = tokenquota.now_ns()
    hold = openai.hold(100, 60, at=now)
    assert hold.until_ns >= now + 60 * 10**9 and hold.until.timestamp() > time.time()
    assert hold.extend(3600, at=now) is True and hold.until_ns >= now + 3600 * 10**9
    assert openai.try_hold(1, at=now + 61 * 10**9) is None
    later = now + 3700 * 10**9
    with openai.hold(100, at=later):
        assert hold.extend(60, at=later) is False and hold.ended
        hold.settle(7)
        assert hold.ended and openai.used() == 7
    ledger.close()


def an_id_finds_it_in_another_process():
    ledger, openai = ledger_of(here.path("id.ledger"))
    hold = openai.hold(60, owner=False)
    settles = "import sys, tokenquota; print(tokenquota.Ledger(sys.argv[1]).hold(sys.argv[2]).settle(25))"
    done = subprocess.run([sys.executable, "-c", settles, ledger.path, hold.id], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False\n", ""), done
    assert (openai.used(), openai.verdict().held) == (25, 0)
    assert hold.cancel() is False and hold.ended
    for wrong in ("openai", "openai#00000001\0", "nobody#00000001"):
        here.raises(ValueError, "the id of no hold", ledger.hold, wrong)
    ledger.close()


def processes_share_the_room_and_a_kill_frees_it():
    ledger, openai = ledger_of(here.path("kill.ledger"))
    running = [subprocess.Popen([sys.executable, "-c", TAKER, ledger.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
               for _ in range(4)]
    took = [int(process.stdout.readline()) for process in running]
    assert sum(took) == 10 and openai.try_hold(1) is None, took
    assert all(state.owned and state.alive for state in openai.holds())
    doomed = max(range(4), key=took.__getitem__)
    running[doomed].send_signal(signal.SIGKILL)
    running[doomed].wait()
    with openai.hold(10 * took[doomed]):
        assert openai.try_hold(1) is None
    for process in running:
        process.communicate(b"\n")
    assert openai.used() == 100 - 10 * took[doomed] and openai.verdict().held == 0
    ledger.close()


def a_child_does_not_settle_what_its_parent_holds():
    ledger, openai = ledger_of(here.path("fork.ledger"))
    with openai.hold(60) as hold:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                for call in (lambda: hold.settle(1), hold.cancel, hold.extend):
                    here.raises(ValueError, "belongs to the process", call)
                hold.__exit__(None, None, None)
                mine = openai.try_hold(50)
                status = 0 if mine is None and openai.hold(40) else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert openai.used() == 0 and openai.try_hold(41) is None
        with openai.hold(40):
            pass
        hold.settle(60)
    assert openai.used() == 60
    ledger.close()


def closing_the_ledger_frees_its_holds():
    ledger, openai = ledger_of(here.path("close.ledger"))
    other = tokenquota.Ledger(ledger.path)
    hold = openai.hold(100)
    assert other["openai"].try_hold(1) is None
    ledger.close()
    here.raises(ValueError, "closed", hold.settle, 1)
    with other["openai"].hold(100):
        pass
    other.close()


def a_record_that_waits_for_the_disk_settles_too():
    with tokenquota.Ledger(here.path("flush.ledger"), flush_always=True) as ledger:
        with ledger["openai"].hold(5) as hold:
            assert hold.settle(5) is False
        assert ledger["openai"].used() == 5


def nothing_leaks():
    ledger, openai = ledger_of()

    def work():
        with openai.hold(5) as hold:
            openai.holds(), hold.id, hold.until, repr(hold)
            ledger.hold(hold.id).extend()
            hold.settle(0)
        for wrong in (lambda: openai.hold(1000), lambda: hold.settle(1), lambda: ledger.hold("x")):
            here.raises(Exception, "", wrong)

    for _ in range(20):
        work()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(200):
        work()
    gc.collect()
    more = sys.getallocatedblocks() - before
    assert more < 200, more
    ledger.close()


results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
