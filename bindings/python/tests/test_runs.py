"""test_runs.py: a process that belongs to a run counts and asks in it, and is refused when the run is over.

SPDX-License-Identifier: MIT
"""
import contextlib
import os
import subprocess
import sys

import here
import tap

import tokenquota
from tokenquota import _door

COMMAND = os.environ.get("TQ_COMMAND")

# Counts 20k a call until it is refused, and says how many were not.
AGENT = """
import tokenquota
claude, calls = tokenquota.Ledger()["claude"], 0
while claude.available():
    claude.observe(20_000)
    calls += 1
print(claude.name, claude.run, calls)
"""


@contextlib.contextmanager
def runs(value):
    """Ledgers that are opened inside belong to these runs."""
    os.environ["TOKENQUOTA_RUN"] = value
    try:
        yield
    finally:
        del os.environ["TOKENQUOTA_RUN"]


def make(path, name, limit="50k tokens once"):
    """A run, as the command makes it: a provider in the pool of its name, with limits of its own."""
    with tokenquota.Ledger(path, rule="off") as ledger:
        ledger[name].pool = ledger[name.rpartition("/")[0]]
        ledger[name].rule = "off"
        ledger[name].set_limit(limit)


def used(path, *names):
    with tokenquota.Ledger(path) as ledger:
        return [ledger[name].used() for name in names]


def a_name_means_the_run():
    path = here.path("name.ledger")
    make(path, "claude/job-7")
    with runs("openai/x\nclaude/job-7"), tokenquota.Ledger(path) as ledger:
        claude = ledger["claude"]
        assert (claude.name, claude.run) == ("claude", "claude/job-7") and "claude/job-7" in repr(claude)
        assert claude is ledger["claude"] is ledger.provider("claude") is ledger.get("claude")
        claude.observe(7)
        claude.observe_usage({"usage": {"input_tokens": 3, "output_tokens": 2}})
        with claude.hold(100) as hold:
            assert hold.id.startswith("claude/job-7#") and hold.provider is claude
            assert ledger.hold(hold.id).provider.name == "claude/job-7"
            hold.settle(4)
        written = ledger.provider("claude", run=False)
        assert written.run is None and written.name == "claude" and written is not claude
        assert (claude.used(), written.used(), ledger["claude/job-7"].used()) == (16, 16, 16)
        written.observe(100)
        assert (claude.used(), written.used()) == (16, 116)
        assert sorted((one.name, one.run) for one in ledger) == [("claude", None), ("claude/job-7", None)]
        assert "claude" in ledger and "none" not in ledger and ledger["other"].run is None
    with runs("claude/job-7"), tokenquota.Ledger(":memory:") as ledger:
        assert ledger["claude"].run is None, "private memory has no runs"


def a_run_in_a_run_is_the_inner_one():
    path = here.path("inner.ledger")
    make(path, "claude/out", "15k tokens once")
    make(path, "claude/out/in")
    with runs("claude/out/in\nclaude/out"), tokenquota.Ledger(path) as ledger:
        ledger["claude"].observe(20_000)
        verdict = ledger["claude"].verdict()
        assert ledger["claude"].run == "claude/out/in" and (verdict.available, verdict.level) == (False, 1), verdict
    assert used(path, "claude", "claude/out", "claude/out/in") == [20_000] * 3


def its_limits_hold_and_the_names_stay():
    path = here.path("limits.ledger")
    make(path, "claude/job", "10 tokens once")
    with runs("claude/job"), tokenquota.Ledger(path) as ledger:
        claude, keys = ledger["claude"], {"claude": 1, "openai": 2}
        route = ledger.route(list(keys), policy="sticky", last="claude")
        assert keys[route.provider.name] == 1
        assert claude.try_hold(11) is None
        assert claude.observe(10) and not claude.available()
        assert claude.verdict().provider == "claude"
        assert keys[ledger.route(list(keys), policy="sticky", last="claude").provider.name] == 2
        assert ledger.provider("claude", run=False).available()
        error = here.raises(_door.Exhausted, "limit 1 is spent", _door.Door().begin, claude)
        assert error.provider == "claude"


def what_is_set_is_set_for_the_name():
    path = here.path("set.ledger")
    make(path, "claude/job")
    with runs("claude/job"), tokenquota.Ledger(path) as ledger:
        claude, written, run = ledger["claude"], ledger.provider("claude", run=False), ledger["claude/job"]
        claude.budget, claude.price, claude.care = 1000, (1, 2, 3, 4), 7
        number = claude.set_limit("9M tokens per day")
        assert (claude.budget, written.budget, run.budget) == (1000, 1000, None)
        assert (written.price, written.care, run.price) == ((1, 2, 3, 4), 7, (None,) * 4)
        assert [one.limit.amount for one in claude.limits()] == [9_000_000] and claude.remove_limit(number)
        assert len(run.limits()) == 1 and claude.pool is None
        claude.observe(5)
        claude.mark_exhausted()
        assert not written.available() and not claude.available(), "its pool is out"
        claude.mark_available()
        run.mark_exhausted()
        claude.mark_available()
        assert written.available() and not claude.available(), "a run cannot lift its own mark"
        claude.reset()
        assert (written.used(), run.used()) == (0, 5)
        ledger["team"].observe(1)
        ledger["other"].pool = claude
        assert ledger["other"].pool is written
        claude.forget()
        assert len(run.limits()) == 1 and run.pool is written


def what_a_vendor_says_is_said_of_the_name():
    path = here.path("said.ledger")
    make(path, "claude/job")
    with runs("claude/job"), tokenquota.Ledger(path) as ledger, tokenquota.Ledger(path) as other:
        claude, written, run = ledger["claude"], ledger.provider("claude", run=False), other["claude/job"]
        refusal = claude.apply(429, {"retry-after": "60"})
        assert refusal.refusal == "throttled" and not written.available() and not claude.available()
        verdict = claude.verdict()
        assert (verdict.reason, verdict.level) == ("throttled", 1), "it is out because its pool is"
        claude.mark_available()
        assert run.available() and claude.available(), "the run itself was told nothing"
        claude.apply(429, {"retry-after": "60"})
        claude.success(refusal.said_at_ns - 1)
        assert not written.available(), "the request was sent before the refusal"
        claude.success(tokenquota.now_ns() + 10**9)
        assert written.available() and claude.available()
        run.observe(50_000)
        assert claude._apply(tokenquota.read_signal(200)._words()) and written.available(), "it answers for the run"


def a_probe_in_it_is_that_of_the_name():
    path = here.path("probe.ledger")
    make(path, "claude/job")
    with runs("claude/job"), tokenquota.Ledger(path) as ledger:
        claude, written = ledger["claude"], ledger.provider("claude", run=False)
        claude.apply(402, at=tokenquota.now_ns() - 600 * 10**9)
        assert claude.probe_take() and written.verdict().probing
        claude.probe_failure()
        assert (written.verdict().probing, written.verdict().attempt) == (False, 1)


def over(call, *given):
    error = here.raises(tokenquota.Error, "the run of this process is over: TOKENQUOTA_RUN=claude/gone", call, *given)
    assert error.code == "TQ_EOVER" and not isinstance(error, ValueError)


def a_run_that_is_over_is_an_error():
    path = here.path("gone.ledger")
    with runs("claude/gone"), tokenquota.Ledger(path) as ledger:
        for look in (ledger.__getitem__, ledger.provider):
            over(look, "claude")
        over(ledger.route, ["openai", "claude"])
        over(ledger.get, "claude")
        ledger["claude/gone"].observe(1) # somebody's provider, and no run
        over(ledger.provider, "claude")
        assert "claude" in ledger.provider("claude", run=False).name and ledger["openai"].available()


def a_provider_that_was_looked_up_before_is_refused_too():
    path = here.path("late.ledger")
    make(path, "claude/gone")
    with runs("claude/gone"), tokenquota.Ledger(path) as ledger:
        claude = ledger["claude"]
        hold = claude.hold(5)
        ledger["claude/gone"].forget()
        for call in (claude.available, claude.state, claude.used, claude.verdict, claude.hold, claude.holds, claude.probe_take):
            over(call)
        over(claude.observe, 5)
        over(claude.correct, 5)
        over(claude.observe_usage, {"usage": {"input_tokens": 3, "output_tokens": 2}})
        over(claude.apply, 429)
        over(claude.success, tokenquota.now_ns())
        over(claude.probe_failure)
        over(hold.settle, 5)
        over(ledger.route, ["claude"])
        over(_door.Door().begin, claude)
        _door.Door(on_error="allow").begin(claude)
        hold.cancel()
        claude.budget = 5
        assert ledger.provider("claude", run=False).budget == 5
    assert used(path, "claude", "claude/gone") == [0, 0], "nothing was counted"


def the_command_runs_a_program():
    path = here.path("command.ledger")
    environment = {**os.environ, "TOKENQUOTA_LEDGER": path}
    done = subprocess.run([COMMAND, "run", "claude", "--name", "j", "--limit", "50k", "--", sys.executable, "-c", AGENT],
                          env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "claude claude/j 3\n"), done
    assert "claude/j used 60,000 of 50,000 tokens" in done.stderr, done.stderr
    late = subprocess.run([sys.executable, "-c", AGENT], env={**environment, "TOKENQUOTA_RUN": "claude/j"},
                          capture_output=True, text=True, timeout=60, check=False)
    assert (late.returncode, late.stdout) == (1, "") and "TOKENQUOTA_RUN=claude/j;" in late.stderr, late
    assert used(path, "claude") == [60_000]


if not COMMAND:
    del the_command_runs_a_program
results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
