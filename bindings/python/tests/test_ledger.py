"""test_ledger.py: opening, closing and looking at a ledger; its lists, its choice, its changes.

SPDX-License-Identifier: MIT
"""
import asyncio
import gc
import os
import pickle
import stat
import threading
import weakref
from datetime import datetime, timedelta, timezone

import here
import tap

import tokenquota

SECOND_NS = 10**9
NOON_NS = 1795176000 * SECOND_NS
NOON = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)


def memory(**options):
    return tokenquota.Ledger(":memory:", **options)


def without_a_path_it_is_the_ledger_of_the_command():
    kept = {name: os.environ.pop(name, None) for name in ("TOKENQUOTA_LEDGER", "XDG_STATE_HOME", "HOME")}
    try:
        os.environ["TOKENQUOTA_LEDGER"] = here.path("named.ledger")
        with tokenquota.Ledger() as ledger:
            assert ledger.path == here.path("named.ledger") == tokenquota.default_path() and os.path.exists(ledger.path)
        os.environ["TOKENQUOTA_LEDGER"] = here.path("missing/named.ledger")
        error = here.raises(tokenquota.Error, "missing", tokenquota.Ledger)
        assert error.code == "TQ_ESYS" and not os.path.exists(here.path("missing"))
        del os.environ["TOKENQUOTA_LEDGER"]
        os.environ["XDG_STATE_HOME"] = here.path("home/state")
        if os.geteuid() != 0: # root has the machine's
            with tokenquota.Ledger() as ledger:
                assert ledger.path == here.path("home/state/tokenquota/ledger")
            assert stat.S_IMODE(os.stat(here.path("home/state/tokenquota")).st_mode) == 0o700
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def the_folder_of_the_default_ledger_is_made():
    tokenquota._ledger._make_folder(here.path("a/b/ledger"))
    tokenquota._ledger._make_folder(here.path("a/b/ledger"))
    assert [stat.S_IMODE(os.stat(here.path(name)).st_mode) for name in ("a", "a/b")] == [0o700, 0o700]
    assert os.listdir(here.path("a/b")) == []


def two_ledgers_on_one_file_count_on_the_same_words():
    with tokenquota.Ledger(here.path("two.ledger"), mode=0o640) as one, tokenquota.Ledger(here.path("two.ledger")) as two:
        one["openai"].observe(5, NOON)
        two["openai"].observe(6, NOON)
        assert one["openai"].used(NOON) == two["openai"].used(NOON) == 11 and one["openai"] is not two["openai"]
        assert stat.S_IMODE(os.stat(one.path).st_mode) == 0o640


def options_are_those_of_the_library():
    path = here.path("options.ledger")
    error = here.raises(tokenquota.Error, "options.ledger", tokenquota.Ledger, path, existing=True)
    assert (error.code, error.errno) == ("TQ_ESYS", 2)
    with tokenquota.Ledger(path, rule="horizon", history_days=8) as ledger:
        assert (ledger.info().rule, ledger.info().history_days, ledger.info().in_file) == ("horizon", 8, True)
        error = here.raises(tokenquota.Error, "clock limits", ledger["x"].observe, 1, datetime(2019, 12, 31, tzinfo=timezone.utc))
        assert error.code == "TQ_ECLOCK"
        far = datetime.now(timezone.utc) + timedelta(days=2)
        here.raises(tokenquota.Error, "clock limits", ledger["x"].observe, 1, far)
    with tokenquota.Ledger(path, min_now_ns=0, max_ahead_ns=2**63 - 1, flush_always=True) as ledger:
        assert ledger["x"].observe(1, far) is False and ledger["x"].observe_usage(tokenquota.Usage(total=1), at=far) is False
    for wrong, kind, words in (({"history_days": 9}, ValueError, ""), ({"rule": "hope"}, ValueError, "none of the names"),
                               ({"history_days": "8"}, TypeError, ""), ({"mode": -1}, ValueError, "is not from 0"),
                               ({"colour": 1}, TypeError, "colour")):
        here.raises(kind, words, tokenquota.Ledger, here.path("no.ledger"), **wrong)
    here.raises(ValueError, "null byte", tokenquota.Ledger, "a\0b")
    here.raises(TypeError, "", tokenquota.Ledger, 5)
    here.raises(TypeError, "opens a ledger", tokenquota._core.Ledger)
    assert not os.path.exists(here.path("no.ledger"))


def a_ledger_for_reading_refuses_to_count():
    path = here.path("reader.ledger")
    with tokenquota.Ledger(path) as ledger:
        ledger["openai"].observe(7, NOON)
    with tokenquota.Ledger(path, read_only=True) as ledger:
        assert ledger["openai"].used(NOON) == 7
        error = here.raises(tokenquota.Error, "openai: the ledger is open for reading only", ledger["openai"].observe, 1, NOON)
        assert error.code == "TQ_EREADONLY" and ledger.get("new") is None
        here.raises(tokenquota.Error, "for reading only", ledger.provider, "new")


def an_error_can_be_sent_to_another_process():
    error = here.raises(tokenquota.Error, "", tokenquota.Ledger, here.path("none/none"))
    again = pickle.loads(pickle.dumps(error))
    assert (again.code, again.number, again.errno, str(again)) == ("TQ_ESYS", -11, 2, error.message)
    assert tokenquota.Error("x").code == "TQ_EUNKNOWN"


def what_is_no_ledger_is_refused_with_its_name():
    with open(here.path("text"), "w", encoding="ascii") as file:
        file.write("no ledger\n" * 1000)
    error = here.raises(tokenquota.Error, "text", tokenquota.Ledger, here.path("text"))
    assert error.code == "TQ_EFORMAT" and error.number == -12


def one_name_gives_one_object():
    with memory() as ledger:
        openai = ledger["openai"]
        assert ledger["openai"] is ledger.provider("openai") is ledger.get("openai") is openai
        assert "openai" in ledger and "other" not in ledger and 5 not in ledger and ledger.get("other") is None
        assert [provider.name for provider in ledger] == ["openai"] and list(ledger)[0] is openai
        names = {"openai", "日本", "a" * 255}
        assert {ledger[name].name for name in names} == names == {provider.name for provider in ledger}
        for name, kind in (("", ValueError), ("a\nb", ValueError), ("a" * 256, ValueError), ("\ud800", ValueError),
                           (b"openai", TypeError), (5, TypeError), (["openai"], TypeError)):
            here.raises(kind, "", ledger.provider, name)
        here.raises(ValueError, "", lambda: "" in ledger)


def after_close_every_call_is_an_error():
    ledger = memory()
    openai, stays = ledger["openai"], ledger.close
    stays()
    stays()
    assert ledger.closed and "(closed)" in repr(ledger)
    usage = tokenquota.Usage(total=1)
    calls = [lambda: ledger["openai"], lambda: ledger.get("openai"), lambda: list(ledger), lambda: "openai" in ledger,
             ledger.info, ledger.check, ledger.flush, ledger.wait, ledger.exhausted, lambda: ledger.backup(here.path("b")),
             lambda: ledger.route([openai]), lambda: openai.observe(1), lambda: openai.observe_usage(usage), openai.state,
             openai.available, openai.used, openai.verdict, openai.limits, openai.mark_exhausted, openai.mark_available,
             lambda: openai.success(1), lambda: openai.correct(1), openai.reset, openai.forget, openai.probe_take,
             openai.probe_failure, lambda: openai.warn_take(50), lambda: openai.set_limit("5 tokens per day"),
             lambda: openai.remove_limit(1), lambda: openai.apply(429), lambda: openai.account]
    settings = {"budget": 1, "rule": "off", "care": 1, "pool": None, "weights": (1,) * 4, "price": (1,) * 4, "overage": "stop"}
    calls += [lambda name=name: setattr(openai, name, settings[name]) for name in settings]
    calls += [lambda name=name: getattr(openai, name) for name in settings]
    for call in calls:
        here.raises(ValueError, "the ledger is closed", call)
    assert openai.name == "openai" and openai.ledger is ledger
    here.raises(ValueError, "is closed", ledger.__enter__().__iter__)


def an_argument_that_closes_the_ledger_is_no_crash():
    class Closes(int):
        def __index__(self):
            ledger.close()
            return 1

    class Number: # no int: its __index__ is called where an int is needed
        __index__ = Closes.__index__

    class Zone(timezone.utc.__class__.__base__):
        def utcoffset(self, at):
            ledger.close()
            return timedelta(0)

    at = datetime(2026, 11, 20, tzinfo=Zone())
    for call in (lambda p: p.observe(Number()), lambda p: p.observe(1, at), lambda p: p.verdict(at), lambda p: p.limits(at),
                 lambda p: p.observe_usage(tokenquota.Usage(input=Number(), counted=1)), lambda p: p.correct(1, at),
                 lambda p: setattr(p, "budget", Number()), lambda p: setattr(p, "care", Number()),
                 lambda p: p.remove_limit(Number()), lambda p: setattr(p, "weights", (Number(),) * 4),
                 lambda p: setattr(p, "price", (Number(),) * 4),
                 lambda p: ledger._wait(Number()), lambda p: ledger._changed(Number()),
                 lambda p: ledger.exhausted(at), lambda p: ledger.route([p], at=at), lambda p: p.mark_exhausted(at),
                 lambda p: p.state(at), lambda p: p.used(at), lambda p: p.success(at), lambda p: p.probe_take(at)):
        ledger = memory()
        here.raises(ValueError, "the ledger is closed", call, ledger["openai"])


def a_context_closes_also_after_an_error():
    try:
        with memory() as ledger:
            raise KeyError("x")
    except KeyError:
        pass
    assert ledger.closed


def a_ledger_that_nobody_has_is_closed():
    ledger = tokenquota.Ledger(here.path("dropped.ledger"))
    gone = [weakref.ref(ledger), weakref.ref(ledger["openai"])]
    del ledger
    gc.collect()
    assert [each() for each in gone] == [None, None]
    tokenquota.compact(here.path("dropped.ledger")) # nobody has it open


def a_provider_keeps_its_ledger():
    openai = memory()["openai"]
    gc.collect()
    assert openai.observe(1) is False and openai.used() == 1


def a_replaced_file_is_an_error_that_says_so():
    path = here.path("gone.ledger")
    with tokenquota.Ledger(path) as ledger:
        ledger["openai"].observe(1, NOON)
        os.remove(path)
        error = here.raises(tokenquota.Error, "openai: the ledger's file was replaced or removed: open it again",
                            ledger["openai"].observe, 1, NOON + timedelta(days=1))
        assert error.code == "TQ_EGONE"
        here.raises(tokenquota.Error, "open it again", ledger["openai"].state, NOON + timedelta(days=1))
        here.raises(tokenquota.Error, "open it again", ledger.flush)
        here.raises(tokenquota.Error, "open it again", ledger.wait, 1)


def a_backup_is_restored_and_a_ledger_checked_and_compacted():
    path, copy = here.path("kept.ledger"), here.path("copy.ledger")
    with tokenquota.Ledger(path) as ledger:
        ledger["openai"].observe(5, NOON)
        ledger.flush()
        ledger.backup(copy)
        error = here.raises(tokenquota.Error, "", ledger.backup, copy)
        assert error.errno == 17
        ledger["openai"].observe(5, NOON)
        check = ledger.check()
        assert check and check.fault is None and check.info.providers == 1 and check.info.faults == 0
        assert here.raises(tokenquota.Error, "", tokenquota.restore, path, copy).code == "TQ_EBUSY"
    tokenquota.restore(path, copy)
    tokenquota.compact(path)
    with tokenquota.Ledger(path) as ledger:
        assert ledger["openai"].used(NOON) == 5
    here.raises(TypeError, "", tokenquota.restore, path, 5)
    here.raises(tokenquota.Error, "", tokenquota.compact, here.path("none.ledger"))


def those_that_are_out_are_listed():
    with memory() as ledger:
        for n in range(100):
            ledger["p%d" % n].mark_exhausted(NOON + timedelta(seconds=n))
        out = ledger.exhausted(NOON)
        assert len(out) == 99 and {change.provider for change in out} == {"p%d" % n for n in range(1, 100)}
        assert all(change.retry_at > NOON and not change.available for change in out)
        here.raises(ValueError, "out of range", ledger.exhausted, 2**63 - 1)


def a_route_leads_to_one_that_is_available():
    with memory(rule="off") as ledger:
        a, b, c = (ledger[name] for name in "abc")
        a.mark_exhausted(NOON + timedelta(seconds=5))
        route = ledger.route(["a", b, c], at=NOON)
        assert route.provider is b is route.first and route.available and not route.probe and route.retry_at is None
        assert ledger.route([a, b, c], "sticky", last="c", at=NOON).provider is c
        assert ledger.route([a, b, c], tokenquota.Policy.STICKY, last=a, at=NOON).provider is b
        assert ledger.route([b, c], "sticky", last="elsewhere", at=NOON).provider is b
        b.mark_exhausted(NOON + timedelta(seconds=3))
        c.mark_exhausted()
        route = ledger.route(iter((a, b, c)), at=NOON)
        assert route.provider is None and route.first is b and route.retry_at == NOON + timedelta(seconds=3)
        route = ledger.route([c], at=NOON)
        assert route.retry_at is None and route.retry_at_ns == tokenquota.NEVER
        with memory() as other:
            here.raises(ValueError, "invalid argument", ledger.route, [other["a"]], at=NOON)
        here.raises(ValueError, "at least one provider", ledger.route, [])
        for providers, policy, kind in (([], "order", ValueError), (["a"], "best", ValueError), ([5], "order", TypeError)):
            here.raises(kind, "", ledger.route, providers, policy)
        here.raises(TypeError, "a list of providers", ledger.route, "abcd")  # it is no list of names of one letter
        assert len(list(ledger)) == 3
        here.raises(ValueError, "at least one", ledger.route, [])
        here.raises(ValueError, "order, sticky, pressure, sticky-pressure", ledger.route, ["a"], "best")


def a_route_looks_at_room_and_hands_out_probes():
    with memory(rule="off") as ledger:
        small, large, broke = ledger["small"], ledger["large"], ledger["broke"]
        small.budget, large.budget = 100, 1000
        route = ledger.route([small, large], need=500, at=NOON)
        assert route.provider is large and route.room == 1000 and ledger.route([small], at=NOON).room is None
        assert ledger.route([small], need=500, at=NOON).first is small
        broke.apply(429, None, {"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}, at=NOON)
        due_ns = broke.verdict(NOON).probe_at_ns
        assert ledger.route([broke], probe=False, at=due_ns).provider is None
        route = ledger.route([broke], at=due_ns)
        assert route.provider is broke and route.probe


# ---- waiting ------------------------------------------------------------------------------------------

def a_wait_returns_at_a_change_and_after_its_time():
    with tokenquota.Ledger(here.path("wait.ledger")) as ledger, tokenquota.Ledger(here.path("wait.ledger")) as other:
        assert ledger.wait(0) is False
        other["openai"].mark_exhausted()
        assert ledger.wait() is True and ledger.wait(0.001) is False and ledger.wait(-1) is False
        threading.Timer(0.05, other["openai"].mark_available).start()
        assert ledger.wait(30) is True and ledger["openai"].available()


def a_wait_returns_when_an_end_passes():
    with memory() as ledger:
        ledger["openai"].mark_exhausted(tokenquota.now_ns() + 150_000_000)
        assert ledger.wait(0) is True and ledger.wait(30) is True and ledger["openai"].available()


def closing_ends_the_waits_of_other_threads():
    ledger, ended = tokenquota.Ledger(here.path("closing.ledger")), []

    def wait():
        here.raises(ValueError, "the ledger is closed", ledger.wait)
        ended.append(True)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    ledger.close()
    for thread in threads:
        thread.join(30)
    assert ended == [True] * 3


def changes_are_told_to_an_event_loop():
    async def run():
        told = []
        with tokenquota.Ledger(here.path("changes.ledger")) as ledger, tokenquota.Ledger(here.path("changes.ledger")) as other:
            ledger["early"].mark_exhausted()
            end_ns = tokenquota.now_ns() + 50_000_000
            async for change in ledger.changes(interval=0.001):
                told.append((change.provider, change.available, change.retry_at_ns))
                if len(told) == 1:
                    other["openai"].mark_exhausted(end_ns)
                elif change.available:
                    ledger.close()
        return told, end_ns

    told, end_ns = asyncio.run(asyncio.wait_for(run(), 30))
    assert told == [("early", False, tokenquota.NEVER), ("openai", False, end_ns), ("openai", True, 0)], told


results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
