"""test_provider.py: every call of a provider, its answers and its errors, and the vectors of the original.

SPDX-License-Identifier: MIT
"""
import dataclasses
import json
import os
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import here
import tap

import tokenquota

SECOND_NS = 10**9
NOON_NS = 1795176000 * SECOND_NS # 2026-11-20 12:00 UTC
NOON = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
MIDNIGHT_NS = NOON_NS + 12 * 3600 * SECOND_NS


def memory(**options):
    return tokenquota.Ledger(":memory:", **options)


def tokens_are_counted_and_the_answer_says_exhausted():
    with memory(rule="off") as ledger:
        openai = ledger["openai"]
        openai.budget = 100
        assert openai.observe(99, NOON) is False and openai.observe(1, at=NOON_NS) is True
        assert openai.used(NOON) == openai.used(at=NOON_NS) == 100 and openai.used(NOON + timedelta(days=1)) == 0
        assert openai.state(NOON) is tokenquota.State.QUOTA_EXHAUSTED and openai.available(at=NOON) is False
        assert openai.state(MIDNIGHT_NS) == "available" and openai.available(MIDNIGHT_NS) is True
        assert openai.observe(-5, NOON) and openai.used(NOON) == 100
        openai.correct(30, NOON)
        assert openai.used(NOON) == 70 and openai.state(at=NOON) is tokenquota.State.AVAILABLE


def now_is_the_clock_when_no_instant_is_given():
    with memory() as ledger:
        before_ns = tokenquota.now_ns()
        at_ns = ledger["openai"].verdict().at_ns
        assert before_ns <= at_ns <= tokenquota.now_ns() and ledger["openai"].verdict(None).at.tzinfo is timezone.utc


def wrong_arguments_are_errors_of_python():
    with memory() as ledger:
        openai = ledger["openai"]
        for kind, words, given, named in ((TypeError, "1 to 2 arguments", (), {}), (TypeError, "1 to 2 arguments", (1, 2, 3), {}),
                                          (TypeError, "no argument 'when'", (1,), {"when": 5}),
                                          (TypeError, "no argument 'at'", (1, NOON), {"at": NOON}),
                                          (TypeError, "", ("many",), {}), (TypeError, "", (1.5,), {}),
                                          (ValueError, "does not fit", (2**63,), {}),
                                          (ValueError, "openai: instant out of range", (1, 2**63 - 1), {}),
                                          (ValueError, "no time zone", (1, datetime(2026, 1, 1)), {})):
            here.raises(kind, words, openai.observe, *given, **named)
        assert openai.used() == 0
        here.raises(TypeError, "a ledger makes its providers", tokenquota.Provider)
        here.raises(AttributeError, "not deleted", delattr, openai, "budget")


def a_usage_is_counted_by_what_it_says():
    body = {"id": "c", "object": "chat.completion", "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}
    with memory() as ledger:
        openai = ledger["openai"]
        openai.budget, openai.rule = 1000, "off"
        openai.set_limit("3 requests per day")
        assert openai.observe_usage(body, at=NOON) is False
        assert openai.observe_usage(json.dumps(body), at=NOON) is False
        assert openai.observe_usage(tokenquota.Usage(input=1, output=2), at=NOON) is True
        assert openai.used(NOON) == 243 and openai.limits(NOON)[0].used == 3
        here.raises(ValueError, "no usage is stated", openai.observe_usage, {"error": {}}, at=NOON)
        here.raises(TypeError, "no usage can be read", openai.observe_usage, 5)
        here.raises(ValueError, "is no profile", openai.observe_usage, body, profile="nobody")
        here.raises(ValueError, "invalid argument", openai.observe_usage, tokenquota.Usage(counted=-1), at=NOON)
        here.raises(TypeError, "", openai.observe_usage, tokenquota.Usage(input="1"), at=NOON)
        assert openai.used(NOON) == 243


def an_answer_to_a_later_request_clears_a_refusal():
    with memory() as ledger:
        openai = ledger["openai"]
        signal = openai.apply(429, {"retry-after": "3600"}, at=NOON)
        assert signal.refusal == "throttled" and signal.retry_at == NOON + timedelta(hours=1)
        assert openai.state(NOON) == "quota_exhausted" and openai.verdict(NOON).refusal == "throttled"
        openai.success(NOON - timedelta(seconds=5))
        assert not openai.available(NOON)
        assert openai.observe_usage(tokenquota.Usage(output=1), at=NOON, sent_at=NOON + timedelta(seconds=5)) is False
        openai.apply(SimpleNamespace(status_code=429, headers={"retry-after": "60"}, content=b""), at=NOON)
        assert not openai.available(NOON)
        openai.success(NOON_NS + 5 * SECOND_NS)
        assert openai.available(NOON)


def a_signal_may_be_changed_and_applied():
    with memory() as ledger:
        opus = ledger["claude-opus"]
        signal = tokenquota.Signal(True, refusal=tokenquota.Refusal.EXHAUSTED, model_only=True, said_at_ns=NOON_NS,
                                   retry_at_ns=MIDNIGHT_NS)
        assert opus.apply(signal) is signal and opus.available(NOON)
        opus.apply(dataclasses.replace(signal, model_only=False))
        verdict = opus.verdict(NOON)
        assert (verdict.reason, verdict.retry_at_ns) == ("reported", MIDNIGHT_NS) and not verdict.available
        here.raises(ValueError, "instant out of range", opus.apply, tokenquota.Signal(True))
        axis = tokenquota.Axis(tokenquota.Measure.TOKENS)
        here.raises(ValueError, "at most 16 axes", opus.apply, tokenquota.Signal(True, said_at_ns=NOON_NS, axes=(axis,) * 17))
        long = dataclasses.replace(axis, window_name="x" * 22)
        here.raises(ValueError, "at most 21 bytes", opus.apply, tokenquota.Signal(True, said_at_ns=NOON_NS, axes=(long,)))
        here.raises(ValueError, "none of the names", opus.apply, tokenquota.Signal(True, refusal="tired", said_at_ns=NOON_NS))


def a_verdict_says_why_in_numbers_and_in_words():
    with memory() as ledger:
        openai = ledger["openai"]
        openai.budget = 1000
        openai.observe(1000, NOON)
        verdict = openai.verdict(NOON)
        assert (verdict.provider, verdict.state) == ("openai", "quota_exhausted")
        assert (verdict.reason, verdict.reasons) == ("spent", ("spent",))
        assert (verdict.used, verdict.budget, verdict.left, verdict.limit, verdict.care) == (1000, 1000, 0, None, 5)
        assert verdict.retry_at == datetime(2026, 11, 21, tzinfo=timezone.utc) and verdict.at == NOON
        assert "1,000 of 1,000 tokens used" in verdict.explain() == str(verdict) and verdict.vendor is None
        openai.apply(429, {"x-ratelimit-limit-requests": "3", "x-ratelimit-remaining-requests": "0", "retry-after": "100000",
                           "openai-version": "2020-10-01"}, '{"error": {"type": "insufficient_quota"}}', profile="openai",
                     at=NOON)
        verdict = openai.verdict(NOON)
        assert set(verdict.reasons) == {"spent", "reported"} and verdict.profile == "openai" and verdict.vendor == "OpenAI"
        assert "OpenAI" in verdict.explain() and verdict.said_at == NOON
        other = openai.ledger["other"]
        other.apply(429, None, '{"error": {"type": "insufficient_quota"}}', profile="generic", at=NOON)
        assert other.verdict(NOON).vendor is None and "the vendor" in other.verdict(NOON).explain()
        assert openai.verdict(NOON) == verdict and hash(verdict) == hash(openai.verdict(NOON))


def no_known_end_is_never():
    with memory() as ledger:
        openai = ledger["openai"]
        openai.mark_exhausted()
        verdict = openai.verdict(NOON)
        assert verdict.retry_at_ns == tokenquota.NEVER and verdict.retry_at is None and verdict.reason == "marked"
        openai.mark_exhausted(NOON + timedelta(seconds=1))
        assert openai.verdict(NOON).retry_at == NOON + timedelta(seconds=1) and openai.available(NOON + timedelta(seconds=1))
        openai.mark_available(NOON)
        assert openai.verdict(NOON).retry_at_ns == 0 and openai.verdict(NOON).reason is None


def limits_are_set_listed_and_removed():
    with memory() as ledger:
        openai = ledger["openai"]
        assert openai.set_limit("900 requests per 5h first-use reserve 10%") == 1
        limit = tokenquota.Limit(tokenquota.Unit.COST, tokenquota.Window.MONTH, amount=40_000_000, first=5, zone="Europe/Berlin")
        assert openai.set_limit(limit) == 2
        openai.observe_usage(tokenquota.Usage(input=5, cost_nano_usd=1500), at=NOON)
        first, second = openai.limits(NOON)
        assert (first.number, first.used, first.state) == (1, 1, "available")
        assert str(first.limit) == "900 requests per 5h first-use reserve 10%"
        assert (second.used, second.limit.first, second.limit.zone, second.limit.amount) == (2, 5, "Europe/Berlin", 40_000_000)
        assert first.start_at <= NOON < first.end_at and first.until is None and first.said == frozenset()
        assert openai.verdict(NOON).limit in (1, 2) and openai.verdict(NOON).limit_unit in ("requests", "cost")
        assert openai.remove_limit(1) is True and openai.remove_limit(1) is False
        here.raises(ValueError, "per fortnight", openai.set_limit, "5 tokens per fortnight")
        error = here.raises(tokenquota.Error, "no such zone", openai.set_limit,
                            dataclasses.replace(limit, zone="Europe/Atlantis"))
        assert (error.code, error.number, error.errno) == ("TQ_ESYS", -11, 2) and error.message == str(error)
        here.raises(ValueError, "longer than 63 bytes", openai.set_limit, dataclasses.replace(limit, zone="x" * 64))


def a_reserve_is_for_callers_who_ask_for_it():
    with memory(rule="off") as ledger:
        openai = ledger["openai"]
        openai.set_limit("100 tokens per day reserve 10%")
        openai.observe(95, NOON)
        assert not openai.verdict(NOON).available and openai.verdict(NOON, use_reserve=True).available
        assert openai.verdict(NOON).limits == ((0, 1),) and openai.verdict(NOON, True).use_reserve
        assert not ledger.route([openai], at=NOON).available and ledger.route([openai], use_reserve=True, at=NOON).available


def what_the_vendor_says_of_a_window_becomes_a_limit():
    reset = NOON_NS // SECOND_NS + 3600
    with memory() as ledger:
        claude = ledger["claude"]
        unified = "anthropic-ratelimit-unified-"
        claude.apply(200, {unified + "5h-utilization": "0.42", unified + "5h-status": "allowed", unified + "5h-reset": str(reset),
                           unified + "status": "allowed"}, at=NOON)
        (state,) = claude.limits(NOON)
        assert (state.limit.window, state.limit.length_ns, state.said_ppm) == ("stated", 5 * 3600 * SECOND_NS, 420000)
        assert tokenquota.Said.READING in state.said and state.said_reset_at_ns == reset * SECOND_NS and state.said_profile


def settings_are_properties():
    with memory() as ledger:
        openai, pool = ledger["openai"], ledger["account"]
        assert (openai.budget, openai.rule, openai.care) == (None, "default", 5)
        assert (openai.pool, openai.overage, openai.account) == (None, "allow", None)
        openai.budget, openai.rule, openai.pool, openai.overage = 5, "horizon", pool, "stop"
        assert (openai.budget, openai.rule, openai.pool) == (5, "horizon", pool) and openai.pool is pool
        openai.care = 8
        assert (openai.care, openai.rule) == (8, "care")
        openai.budget, openai.pool, openai.rule = None, None, tokenquota.Rule.DEFAULT
        assert (openai.budget, openai.pool, openai.rule, openai.care) == (None, None, "default", 5)
        openai.weights, openai.price = (1000, 100, 1250, 5000), [3_000_000, 300_000, None, 15_000_000]
        assert openai.weights == (1000, 100, 1250, 5000) and openai.price == (3_000_000, 300_000, None, 15_000_000)
        for name, value, kind, words in (
                ("care", 33, ValueError, "33 is out of range"), ("care", -1, ValueError, "-1 is not from"),
                ("rule", "hope", ValueError, "none of the names"), ("rule", 3, ValueError, "none of the names"),
                ("weights", (1, 2, 3), ValueError, "four numbers"), ("weights", 5, TypeError, ""),
                ("weights", (1, 2, 3, -4), ValueError, "out of range"), ("price", (10**13, 0, 0, 0), ValueError, "out of range"),
                ("pool", "account", TypeError, "a Provider is needed"), ("pool", openai, ValueError, "invalid argument"),
                ("overage", "beg", ValueError, "none of the names"), ("budget", "5", TypeError, ""),
                ("name", "x", AttributeError, "")):
            here.raises(kind, words, setattr, openai, name, value)
        assert openai.name == "openai" and openai.ledger is ledger and repr(openai) == "<tokenquota.Provider 'openai'>"


def a_pool_holds_for_those_in_it():
    with memory(rule="off") as ledger:
        ledger["account"].set_limit("100 tokens per day")
        ledger["gpt"].pool = ledger["account"]
        assert ledger["gpt"].observe(100, NOON) is True and ledger["account"].limits(NOON)[0].used == 100
        verdict = ledger["gpt"].verdict(NOON)
        assert (verdict.level, verdict.limits, verdict.limit, verdict.limit_amount) == (1, ((1, 1),), 1, 100)


def one_caller_gets_the_probe():
    with memory() as ledger:
        openai = ledger["openai"]
        assert not openai.probe_take(NOON) and openai.probe_take(NOON).at is None
        openai.apply(429, None, {"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}, at=NOON)
        due_ns = openai.verdict(NOON).probe_at_ns
        early = openai.probe_take(NOON)
        assert not early and early.at_ns == due_ns and openai.verdict(NOON).probe_at
        taken = openai.probe_take(due_ns)
        assert taken and taken.at_ns > due_ns and not openai.probe_take(due_ns) and openai.verdict(due_ns).probing
        openai.probe_failure(due_ns)
        assert openai.verdict(due_ns).attempt == 1 and not openai.verdict(due_ns).probing


def one_caller_is_told_to_warn():
    with memory(rule="off") as ledger:
        openai = ledger["openai"]
        openai.budget = 100
        openai.set_limit("1000 tokens per day")
        openai.observe(80, NOON)
        assert openai.warn_take(75, at=NOON) and not openai.warn_take(75, at=NOON) and not openai.warn_take(90, at=NOON)
        assert openai.warn_take(5, 1, NOON)
        here.raises(ValueError, "invalid argument", openai.warn_take, 50, 2, NOON)


def reset_and_forget_clear_what_was_counted():
    with memory() as ledger:
        openai = ledger["openai"]
        openai.budget = 1000
        openai.observe(10, NOON)
        openai.reset()
        assert openai.used(NOON) == 0 and openai.budget == 1000
        openai.observe(10, NOON)
        openai.forget()
        assert openai.budget is None and list(ledger) == [] and openai.used(NOON) == 0
        openai.observe(1, NOON)
        assert list(ledger) == [openai]


def too_old_records_are_refused_by_name():
    with memory(history_days=8) as ledger:
        openai = ledger["openai"]
        openai.observe(1, NOON)
        openai.observe(1, NOON + timedelta(days=8))
        error = here.raises(tokenquota.Error, "openai: record is of a day older", openai.observe, 1, NOON)
        assert error.code == "TQ_EAGE" and ledger.info().too_old == 1


# ---- the vectors of the original ----------------------------------------------------------------------

def the_original_gave_the_same_answers():
    """A provider here is counted and marked in one ledger. So in a case where the original only records, without marking, what
    its store alone would say is left out."""
    with open(os.path.join(here.ROOT, "tests", "vectors", "seed-vectors.txt"), encoding="utf-8") as file:
        cases = [case.split("\n")[1:] for case in ("\n" + file.read()).split("\ncase ")[1:]]
    ran = 0
    for lines in cases:
        recorded = any(line.startswith("record ") for line in lines)
        with memory(rule="original") as ledger:
            for line in filter(None, lines):
                call, _, expected = line.partition(" -> ")
                verb, *words = call.split(" ")
                if words[:1] == ['""'] or verb == "all_exhausted" or (recorded and verb in ("state", "exhausted_at")):
                    continue # the empty name is an error here
                answer = ORIGINAL[verb](ledger, *words)
                ran += answer is not None
                assert answer in (None, expected), "%s: %s, not %s" % (call, answer, expected)
    assert len(cases) == 112 and ran > 2500, (len(cases), ran)


def original_record(ledger, name, tokens, at):
    day_ns = 86400 * SECOND_NS
    out = ledger[name].observe(int(tokens), int(at))
    return "exhausted %d" % (int(at) // day_ns * day_ns + day_ns) if out else "ok"


def original_state(ledger, name, at):
    verdict = ledger[name].verdict(int(at))
    return "%s %d" % (verdict.state, verdict.retry_at_ns)


def original_list(ledger, at):
    out = sorted((change.provider.encode(), change.retry_at_ns) for change in ledger.exhausted(int(at)))
    return " ".join("%s=%d" % (name.decode(), end_ns) for name, end_ns in out) or "none"


ORIGINAL = {
    "set_budget": lambda ledger, name, budget: setattr(ledger[name], "budget", int(budget)),
    "budget": lambda ledger, name: str(ledger[name].budget or 0),
    "used": lambda ledger, name, at: str(ledger[name].used(int(at))),
    "record": original_record,
    "reset": lambda ledger: [provider.reset() for provider in ledger] and None,
    "observe": lambda ledger, name, tokens, at: original_record(ledger, name, tokens, at) and None,
    "mark_quota_exhausted": lambda ledger, name, until: ledger[name].mark_exhausted(int(until)),
    "mark_available": lambda ledger, name: ledger[name].mark_available(4 * 10**18),
    "state": original_state,
    "exhausted_at": original_list,
}

results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
