"""_ledger.py: a ledger and its providers.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import os

from . import _core, _read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
    from datetime import datetime
    from types import TracebackType
    from typing import Any

    from . import Headers, Instant
    from ._values import Change, Check, HoldState, Info, Limit, LimitState, Probe, Route, Signal, Usage, Verdict

MEMORY = ":memory:"
_NEVER = 2**63 - 1
_CLOCK_MIN_NS = 1577836800 * 10**9 # 2020-01-01: every door of tokenquota opens a file with this limit
_EXISTING, _READ_ONLY, _RESETTABLE, _FLUSH_ALWAYS, _ANY_FILE_SYSTEM = 1, 2, 4, 8, 16
_NO_PROBE, _USE_RESERVE, _NOBODY = 1, 2, 4


class Provider(_core.Provider):
    """One name of a ledger: an account, a key, a model, a host. ledger["openai"] makes it.

    Instants (`at`, `until`, `sent_at`) are aware datetimes or int nanoseconds since 1970-01-01 UTC; None is now. ValueError: a
    value is out of range, or the ledger is closed. TypeError: it is of a wrong type. Error: the library could not decide; then
    nothing was counted, and nobody may take that for "available".

    In a run of this process (`run` is its name) what counts and asks is the run's: observe, state, verdict, hold, route.
    What a vendor says (apply, success, probe_failure) is that of the name, and holds for the run, too. What sets, and what it
    set, is that of the name: budget, limits and the other properties, marks, reset, forget, warn_take.
    """

    __slots__ = ("__weakref__",)

    def __repr__(self) -> str:
        return f"<tokenquota.Provider {self.name!r}{f' in the run {self.run!r}' if self.run else ''}>"

    def observe_usage(self, source: Any, *, at: Instant | None = None, profile: str | None = None,
                      sent_at: Instant | None = None) -> bool:
        """Counts what a response used, and tells whether the provider is exhausted now.

        source: a Usage, a whole body (str, bytes or dict), a response of httpx or requests, or an object of an SDK. sent_at:
        when the request was sent; with it an answer also clears refusals that came before. ValueError: it states no usage
        (read_usage answers None for that).
        """
        return self._observe_usage(_words_of(source, profile, sent_at), at)

    def apply(self, response: Any, headers: Headers | None = None, body: str | bytes | Mapping[str, Any] | None = None, *,
              profile: str | None = None, sent_at: Instant | None = None, at: Instant | None = None) -> Signal:
        """Reads what a response says about quota, and applies it: refusals, and how much of each window is used.

        response: a response of httpx, requests or urllib, an SDK's error that holds one, an HTTP status (with headers and
        body), or a Signal. A refusal keeps the provider out for all processes at once. It does not count usage.
        """
        from ._values import Signal
        signal = response
        if not isinstance(signal, Signal):
            signal = _read.read_signal(response, headers, body, profile, sent_at, at)
        self._apply(signal._words())
        return signal

    def verdict(self, at: Instant | None = None, use_reserve: bool = False) -> Verdict:
        """The state with its reason, its numbers and its end."""
        from ._values import Verdict
        return Verdict._of(self.name, self._verdict(at, _USE_RESERVE if use_reserve else 0))

    def hold(self, tokens: int | None = None, lease: float = 600, *, input: int | None = None, output: int | None = None,
             total: int | None = None, requests: int | None = None, cost: int | None = None, weighted: int | None = None,
             use_reserve: bool = False, owner: bool = True, at: Instant | None = None) -> Hold:
        """Sets room aside for a call before it is sent, in all limits and the budget, of its pools too. NoRoom: there is none.

            with openai.hold(20_000) as hold:
                hold.settle(ask())

        The amounts are the most that the call may use; cost is in micro-dollars. Without them its size is unknown. lease: after
        so many seconds it is free at the latest; at once when this process ends. owner=False: then only the lease frees it.
        Only room is asked: available() says whether the vendor or a mark keeps the provider out.
        """
        hold = self.try_hold(tokens, lease, input=input, output=output, total=total, requests=requests, cost=cost,
                             weighted=weighted, use_reserve=use_reserve, owner=owner, at=at)
        if hold is None:
            raise NoRoom(self, tokens, use_reserve, at)
        return hold

    def try_hold(self, tokens: int | None = None, lease: float = 600, *, input: int | None = None, output: int | None = None,
                 total: int | None = None, requests: int | None = None, cost: int | None = None, weighted: int | None = None,
                 use_reserve: bool = False, owner: bool = True, at: Instant | None = None) -> Hold | None:
        """As hold(); None: there is no room."""
        return self._hold(Hold, (None, tokens, input, output, total, requests, cost, weighted), _nanoseconds(lease),
                          _USE_RESERVE * bool(use_reserve) | _NOBODY * (not owner), at)

    def holds(self, at: Instant | None = None) -> list[HoldState]:
        """What calls that run hold of it."""
        from ._values import HoldState
        return [HoldState._of(*words) for words in self._holds(Hold, at)]

    def limits(self, at: Instant | None = None) -> list[LimitState]:
        """Its limits, in the order of their numbers; not those of its pool."""
        from ._values import LimitState
        return [LimitState._of(*pair) for pair in self._limits(at)]

    def set_limit(self, limit: str | Limit) -> int:
        """Sets a limit, such as "5M tokens per day" or "900 requests per 5h rolling"; its number, 1 to 8.

        ValueError says which word is wrong. Error: TQ_EFULL (there are 8), TQ_ESYS (no such zone), ...
        """
        if isinstance(limit, str):
            return self._set_limit(_core.parse_limit(limit))
        words = getattr(limit, "_words", None)
        if words is None:
            raise TypeError(f"a limit is a sentence, such as '5M tokens per day', or a Limit, not {limit!r}")
        return self._set_limit(words())

    def remove_limit(self, number: int) -> bool:
        """Removes the limit of this number and its count. False: there is none."""
        return self._remove_limit(number)

    def mark_exhausted(self, until: Instant | None = None) -> None:
        """Says that it is out until then; None: no known end. It replaces an earlier mark."""
        self._mark_exhausted(_NEVER if until is None else until)

    def mark_available(self, at: Instant | None = None) -> None:
        """Clears whatever keeps it out, but its budget, its limits and its pool."""
        self._mark_available(at)

    def success(self, sent_at: Instant) -> None:
        """Says that a request sent then was served: that clears refusals that came before it was sent."""
        self._success(sent_at)

    def correct(self, tokens: int, at: Instant | None = None) -> None:
        """Takes tokens back from the day of this instant, down to 0; also one request, and from its pools."""
        self._correct(tokens, at)

    def reset(self) -> None:
        """Forgets its usage; budget, limits and marks stay."""
        self._reset()

    def forget(self) -> None:
        """Forgets all of it. The name comes back when something is counted or set for it."""
        self._forget()

    def probe_take(self, at: Instant | None = None) -> Probe:
        """Takes the one request that tests whether it is available again. True: it is yours, report what comes of it."""
        from ._values import Probe
        return Probe(*self._probe_take(at))

    def probe_failure(self, at: Instant | None = None) -> None:
        """Says that a probe failed without an answer of the vendor."""
        self._probe_failure(at)

    def warn_take(self, percent: int, number: int = 0, at: Instant | None = None) -> bool:
        """True for one caller of all: limit `number` (0: the budget) has reached `percent`, so tell the user."""
        return self._warn_take(number, percent, at)


class NoRoom(Exception):
    """A provider has no room for a call, so nothing was held.

    provider        its name
    verdict         its state without this call; it may be available, with less left than the call needs
    retry_at_ns     when there is room for so many tokens, if nothing more is counted; 0: as soon as enough calls settle, or
                    nobody knows. NEVER: no known end
    """

    def __init__(self, provider: Provider, tokens: int | None, use_reserve: bool = False, at: Instant | None = None) -> None:
        self.provider = provider.name
        self.verdict = provider.verdict(at, use_reserve)
        asked = provider.ledger.route([provider], need=max(tokens or 0, 0), use_reserve=use_reserve, probe=False, at=at)
        self.retry_at_ns = asked.retry_at_ns or self.verdict.retry_at_ns
        what = "a call of unknown size" if tokens is None else f"{tokens:,} tokens"
        super().__init__(f"{provider.name}: no room for {what}: {self.verdict.explain()}")

    @property
    def retry_at(self) -> datetime | None:
        """None: nobody knows, or it is only held."""
        from ._values import datetime_of
        return datetime_of(self.retry_at_ns)


class Hold(_core.Hold):
    """Room that a call has until it is settled or cancelled. Provider.hold makes it.

        with openai.hold(20_000) as hold:
            response = ask()
            hold.settle(response)

    Leaving the block cancels what was not settled, with an exception or without. After a fork it stays the parent's: in the
    child each call raises ValueError, and leaving the block does nothing. A Hold that is forgotten holds until its lease or its
    process ends. ValueError: it was settled or cancelled before.
    """

    __slots__ = ("__weakref__",)

    def __enter__(self) -> Hold:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self.over and not self._foreign and not self.provider.ledger.closed:
            self._cancel()

    def __repr__(self) -> str:
        return f"<tokenquota.Hold of {self.provider.name!r}{' (over)' * self.over}>"

    def settle(self, source: Any, *, at: Instant | None = None, profile: str | None = None,
               sent_at: Instant | None = None) -> bool:
        """Counts what the call used, and frees the hold, in one step: do not count it a second time. It tells whether the
        provider is exhausted now.

        source: a number of tokens, or what Provider.observe_usage takes. It counts whatever became of the hold; `ended` says
        whether it was no longer there. ValueError: no usage is stated there; then the hold stays.
        """
        if isinstance(source, int):
            words: tuple[Any, ...] = (0, 0, 1, 0, 0, 0, 0, 0, 0, source, 0 if sent_at is None else _core.instant(sent_at), 0)
        else:
            words = _words_of(source, profile, sent_at)
        return self._settle(words, at)

    def cancel(self) -> bool:
        """Frees the hold of a call that used nothing. False: it was no longer there."""
        return self._cancel()

    def extend(self, lease: float = 600, at: Instant | None = None) -> bool:
        """Makes the lease end so many seconds from now. False: it was no longer there."""
        return self._extend(_nanoseconds(lease), at)

    @property
    def until(self) -> datetime | None:
        """When its lease ends."""
        from ._values import datetime_of
        return datetime_of(self.until_ns)


class Ledger(_core.Ledger):
    """The memory that counts. Any number of processes may have one file open; all count on the same words.

        with tokenquota.Ledger() as ledger:
            openai = ledger["openai"]

    path: None: the file that the command `tokenquota` uses; ":memory:": private memory; else that file, whose folder must
    exist. existing: do not create it. read_only: a call that would write raises TQ_EREADONLY. rule: "care" (the default),
    "off", "original", "horizon"; it and history_days (8, 16, 32, 64) are fixed at creation. flush_always: every record is on
    the disk when the call returns. mode: permissions of a file that is created. min_now_ns, max_ahead_ns: a record before the
    one, or further ahead of the clock than the other, raises TQ_ECLOCK; None: 2020-01-01 and 5 minutes in a file, no limits in
    memory. Error: the ledger cannot be opened; its message says what to do.

    It may be used by all threads, and after fork() by parent and child. After close() every call raises ValueError.
    """

    __slots__ = ("__weakref__",)

    def __new__(cls, path: str | os.PathLike[str] | None = None, *, read_only: bool = False, existing: bool = False,
                rule: str | None = None, history_days: int = 0, flush_always: bool = False, mode: int = 0,
                min_now_ns: int | None = None, max_ahead_ns: int | None = None, any_file_system: bool | None = None) -> Ledger:
        if any_file_system is None:
            any_file_system = os.environ.get("TOKENQUOTA_ANY_FILE_SYSTEM") == "1"
        flags = (_EXISTING * bool(existing) | _READ_ONLY * bool(read_only) | _FLUSH_ALWAYS * bool(flush_always) |
                 _ANY_FILE_SYSTEM * bool(any_file_system))
        place: str | os.PathLike[str] | None = path
        if path is None:
            place = _core.default_path()
            if not existing and not read_only and "TOKENQUOTA_LEDGER" not in os.environ:
                _make_folder(place)
        elif path == MEMORY:
            place = None
        if min_now_ns is None:
            min_now_ns = 0 if place is None else _CLOCK_MIN_NS
        runs = None if place is None else os.environ.get("TOKENQUOTA_RUN")
        return _core.open(cls, Provider, place, flags, rule or "default", history_days, mode, min_now_ns, max_ahead_ns or 0,
                          os.fsencode(runs) if runs else None)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes it, also while other threads wait in it: they raise ValueError. Does nothing the second time."""
        self._close()

    def __repr__(self) -> str:
        return f"<tokenquota.Ledger {self.path or MEMORY!r}{' (closed)' * self.closed}>"

    def provider(self, name: str, run: bool = True) -> Provider:
        """The provider of this name, inserted when it is new: as ledger[name]. One name always gives one object.

        When this process belongs to a run of it (`tokenquota run`, by $TOKENQUOTA_RUN when the ledger was opened), what counts
        and asks is the run's. Error with the code TQ_EOVER: the run is over. run=False: the name as it is written.
        """
        return self[name] if run else self._written(name)

    def get(self, name: str) -> Provider | None:
        """The provider of this name; None when the ledger does not hold it. Nothing is inserted."""
        return self._get(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._has(name)

    def __iter__(self) -> Iterator[Provider]:
        """All providers that were counted, marked or given a limit, in no particular order."""
        return iter(self._all())

    def exhausted(self, at: Instant | None = None) -> list[Change]:
        """Those that are out at this instant, with their ends."""
        from ._values import Change
        return [Change(name, False, end_ns) for name, end_ns in self._exhausted(at)]

    def route(self, providers: Iterable[Provider | str], policy: str = "order", last: Provider | str | None = None, need: int = 0,
              use_reserve: bool = False, probe: bool = True, at: Instant | None = None) -> Route:
        """Chooses one that may be asked.

        policy: "order" (the first), "sticky" (the last choice while it is available), "pressure" (the one whose quota is most
        in danger of being lost unused), "sticky-pressure". last: the caller's last choice that was served. need: tokens that the
        call needs. probe: whether this caller may be given a probe.
        """
        from ._values import Route
        if isinstance(providers, str):
            raise TypeError("route takes a list of providers: [%r], not %r" % (providers, providers))
        among = [self[each] if isinstance(each, str) else each for each in providers]
        if not among:
            raise ValueError("route needs at least one provider to choose from")
        before = 0
        if last is not None:
            names = [each.name for each in among]
            name = last if isinstance(last, str) else last.name
            before = names.index(name) + 1 if name in names else 0
        flags = (_USE_RESERVE if use_reserve else 0) | (0 if probe else _NO_PROBE)
        answer, chosen, taken, retry_at_ns, room = self._route(among, policy, before, need, flags, at)
        first = among[chosen]
        return Route(first if answer == 0 else None, first, bool(taken), retry_at_ns if answer else 0,
                     room if need and room != _NEVER else None)

    def hold(self, id: str) -> Hold:
        """The hold with this id, which another process may have taken. Its `ended` says later whether it was there still.

        ValueError: it is no id of this ledger.
        """
        return self._hold(Hold, id)[0]

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until a state changes or an end passes, at most timeout seconds (None: without limit). False: time passed.

        It counts what happened since the ledger was opened, or since the last wait. Other threads run meanwhile, and signals
        are handled. An event loop uses changes().
        """
        return self._wait(-1 if timeout is None else int(min(max(0.0, timeout) * 1e9, 2**62)))

    async def changes(self, interval: float = 0.05) -> AsyncIterator[Change]:
        """Each change of a provider's state or end; first those that are out. It ends when the ledger is closed.

        It looks every `interval` seconds, by the timer of the event loop: there is no thread. What changed and changed back
        in between is not told.
        """
        from asyncio import sleep

        from ._values import Change
        known: dict[str, int] = {}
        seen, soonest_ns = 0, _NEVER
        while not self.closed:
            changed, seen = self._changed(seen)
            now_ns = _core.now()
            if changed or now_ns >= soonest_ns:
                out = dict(self._exhausted(now_ns))
                told = [Change(name, name not in out, out.get(name, 0)) for name in {**known, **out}
                        if known.get(name) != out.get(name)]
                known, soonest_ns = out, min(out.values(), default=_NEVER)
                for change in told:
                    yield change
            await sleep(interval)

    def flush(self) -> None:
        """Puts all that was counted before the call on the disk. It blocks."""
        self._flush()

    def info(self) -> Info:
        """What is in the ledger, and what happened to it since it was created."""
        from ._values import Info
        return Info._of(self._info())

    def check(self) -> Check:
        """Checks every word of the ledger. False: something is damaged; .fault says what."""
        from ._values import Check, Info
        words, fault = self._check()
        return Check(fault, Info._of(words))

    def backup(self, dest: str | os.PathLike[str]) -> None:
        """Writes a copy to a new file, mode 0600, which is on the disk when it returns. Others may count meanwhile."""
        self._backup(dest)


def _nanoseconds(seconds: float) -> int:
    return int(max(-1.0, min(seconds * 1e9, 2.0**62))) # what is out of range there is for the library to refuse


def _words_of(source: Any, profile: str | None, sent_at: Instant | None) -> tuple[Any, ...]:
    """What a response used, as the library takes it."""
    words: tuple[Any, ...] | None
    if isinstance(source, (str, bytes)): # the most frequent: no Usage needs to be made
        words = _core.read_usage(source, profile, [])
    else:
        usage = source if _is_usage(source) else _read.read_usage(source, profile)
        words = None if usage is None else usage._words()
    if words is None:
        raise ValueError("no usage is stated there: nothing was counted")
    if sent_at is not None:
        words = (*words[:10], _core.instant(sent_at), words[11])
    return words


def _is_usage(source: object) -> bool:
    from ._values import Usage
    return isinstance(source, Usage)


def _make_folder(path: str) -> None:
    """The folder of the command's ledger, and those above it, as the command makes them."""
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder):
        _make_folder(folder)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass
