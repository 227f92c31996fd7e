"""test_values.py: the tables and the words of the package hold all that the headers declare.

SPDX-License-Identifier: MIT
"""
import dataclasses
import os
import re

import here
import tap

import tokenquota
from tokenquota import _core

with open(os.path.join(here.ROOT, "include", "tokenquota.h"), encoding="utf-8") as _file:
    HEADER = _file.read()
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)


def members(struct):
    """The names of a struct's members, without its size."""
    body = re.search(r"^struct %s \{(.*?)^\};" % struct, CODE, re.DOTALL | re.MULTILINE).group(1)
    names = re.findall(r"^\s*(?:const )?(?:struct )?\w+ \*?(\w+)(?:\[\w[^;]*\])*;", body, re.MULTILINE)
    return [name for name in names if name not in ("size", "reserved")]


def words(prefix, without=()):
    """The words of the constants with a prefix, as the package writes them."""
    found = re.findall(r"^#define TQ_%s_(\w+) \d+\b" % prefix, CODE, re.MULTILINE)
    return [word.lower() for word in found if word not in without]


def values(enum):
    return [member.name.lower() for member in enum]


def the_words_of_the_enumerations_are_those_of_the_header():
    for enum, prefix, without in ((tokenquota.Reason, "REASON", ["NONE"]), (tokenquota.Refusal, "CLASS", ["NONE"]),
                                  (tokenquota.Rule, "RULE", []), (tokenquota.Policy, "POLICY", []),
                                  (tokenquota.Unit, "UNIT", []), (tokenquota.Window, "WINDOW", ["NAME_MAX"]),
                                  (tokenquota.Source, "SOURCE", ["NONE"]), (tokenquota.Expects, "EXPECTS", []),
                                  (tokenquota.Overage, "OVERAGE", [])):
        assert values(enum) == words(prefix, without), (enum, words(prefix, without))
    assert values(tokenquota.Measure) == words("AXIS", ["UNKNOWN"])


def each_word_is_a_str_that_prints_as_itself():
    assert tokenquota.State.AVAILABLE == "available"
    assert "%s" % tokenquota.Window.FIRST_USE == "first-use" and f"{tokenquota.Refusal.NO_MONEY}" == "no-money"
    assert tokenquota.Policy("sticky-pressure") is tokenquota.Policy.STICKY_PRESSURE


def a_tuple_of_each_struct_has_all_of_its_members():
    with tokenquota.Ledger(":memory:") as ledger:
        openai = ledger["openai"]
        openai.set_limit("5 tokens per day")
        state, limit = openai._limits(None)[0]
        _says, signal, _axes = _core.read_signal(429, [], None, None, None, None, 0)
        axes = _core.read_signal(200, [("x-ratelimit-limit-requests", "5"), ("x-ratelimit-remaining-requests", "1")], None,
                                 "openai", None, None, 0)[2]
        for struct, made, beside in (("tq_verdict", openai._verdict(None, 0), 0), ("tq_limit_state", state, 1),
                                     ("tq_limit", limit, 0), ("tq_ledger_info", ledger._info(), 0),
                                     ("tq_quota_signal", signal, 3), ("tq_axis", axes[0][0], 0),
                                     ("tq_usage", _core.read_usage('{"usage":{"total_tokens":1}}', None, []), 0)):
            assert len(made) + beside == len(members(struct)), (struct, members(struct), made)


def plain_values_go_to_the_library_and_back():
    usage = tokenquota.Usage(input=1, cache_read=2, output=3, reasoning=0, total=9, cost_nano_usd=7, counted=5, partial=True,
                             requests=2, sent_at_ns=11)
    assert tokenquota.Usage._of(usage._words()) == usage
    axis = tokenquota.Axis(tokenquota.Measure.TOKENS, limit=5, reset_at_ns=7, window_ns=60 * 10**9, window_name="opus",
                           credit=True, empty=True)
    signal = tokenquota.Signal(True, refusal=tokenquota.Refusal.EXHAUSTED, model_only=True, status=429, profile="openai",
                               source=tokenquota.Source.BODY, binds=0, said_at_ns=1, retry_at_ns=2, account=3, axes=(axis,))
    numbers, axes = signal._words()
    assert tokenquota.Signal._of((True, numbers, axes)) == signal
    with tokenquota.Ledger(":memory:") as ledger:
        here.raises(ValueError, "32 bits", ledger["a"].apply, dataclasses.replace(signal, binds=2**32))
    limit = tokenquota.Limit(tokenquota.Unit.REQUESTS, tokenquota.Window.DAY, amount=5, reserve_share=1000, zone="Europe/Paris")
    assert tokenquota.Limit.parse(str(limit)) == dataclasses.replace(limit, reserve=0), str(limit)


def a_sentence_becomes_a_limit_and_a_wrong_word_is_quoted():
    limit = tokenquota.Limit.parse("5M tokens per day America/Los_Angeles reserve 10%")
    assert (limit.amount, limit.unit, limit.window, limit.zone) == (5_000_000, "tokens", "day", "America/Los_Angeles")
    assert str(limit) == "5M tokens per day America/Los_Angeles reserve 10%"
    here.raises(ValueError, "does not say how it turns", tokenquota.Limit.parse, "5M tokens per 7d")
    here.raises(TypeError, "a sentence is a str", tokenquota.Limit.parse, 5)


def a_sentence_does_not_end_at_a_nul():
    here.raises(ValueError, "no NUL", tokenquota.Limit.parse, "5M tokens per day\0per year")


def a_number_that_does_not_fit_is_a_value_error():
    with tokenquota.Ledger(":memory:") as ledger:
        openai = ledger["openai"]
        huge = tokenquota.Usage(input=2**62, output=2**62)
        for call in (lambda: openai.observe(2**63), lambda: openai.observe(1, -2**63 - 1), lambda: openai.observe_usage(huge),
                     lambda: openai.correct(2**64), lambda: setattr(openai, "budget", 2**63)):
            here.raises(ValueError, "does not fit in 64 bits", call)
        here.raises(ValueError, "does not fit in 32 bits", openai.apply, tokenquota.Signal(True, binds=2**32))
        here.raises(ValueError, "is not from 0", openai.apply, tokenquota.Signal(True, account=2**64))
        assert openai.used() == 0
        here.raises(TypeError, "a limit is a sentence", openai.set_limit, 5)


def what_a_usage_counts_by_default():
    counted = [tokenquota.Usage(**counts)._words()[9] for counts in
               ({"input": 1, "cache_write": 2, "output": 4, "cache_read": 8}, {"total": 16}, {}, {"input": 1, "counted": 0})]
    assert counted == [7, 16, 0, 0], counted


def instants_are_rounded_up_and_none_where_there_is_none():
    assert tokenquota.datetime_of(1_001).microsecond == 2
    assert tokenquota.datetime_of(0) is None and tokenquota.datetime_of(tokenquota.NEVER) is None
    assert tokenquota.datetime_of(-1).isoformat() == "1970-01-01T00:00:00+00:00"


def names_that_are_loaded_late_are_there():
    assert set(tokenquota.__all__) <= set(dir(tokenquota)) and all(hasattr(tokenquota, name) for name in tokenquota.__all__)
    here.raises(AttributeError, "no attribute 'Lager'", getattr, tokenquota, "Lager")
    version = re.findall(r"^#define TQ_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", CODE, re.MULTILINE)
    assert tokenquota.__version__ == ".".join(version)


def a_value_does_not_change():
    here.raises(dataclasses.FrozenInstanceError, "total", setattr, tokenquota.Usage(total=1), "total", 2)
    assert not hasattr(tokenquota.Usage(), "__dict__")


def profiles_are_listed_with_their_vendors():
    named = {profile.name: profile for profile in tokenquota.profiles()}
    assert named["openai"].vendor == "OpenAI" and len(named) > 30
    here.raises(ValueError, "is no profile", tokenquota.read_usage, b"{}", "opanai")


results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
