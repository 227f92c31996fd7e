"""_values.py: what the calls answer and take: verdicts, routes, limits, usage, signals. All are immutable.

SPDX-License-Identifier: MIT

It is imported when one of them is needed first: `import tokenquota` does not pay for dataclasses.

Instants are int nanoseconds since 1970-01-01 UTC, named ..._at_ns. The property of the same name without _ns is a datetime in
UTC, rounded up to a microsecond; it is None where there is no instant. 0 means none, NEVER means no known end.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from . import _core
from ._names import Expects, Measure, Policy, Reason, Refusal, Rule, Said, Source, State, Unit, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from ._ledger import Hold, Provider
    from ._names import _Word

    W = TypeVar("W", bound=_Word)

NEVER = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_REASONS = tuple((2 << n, reason) for n, reason in enumerate(Reason))
_SAID = tuple((1 << n, said) for n, said in enumerate(Said))


def datetime_of(ns: int) -> datetime | None:
    """The instant as a datetime in UTC, rounded up to a microsecond; None for 0 and for NEVER."""
    return None if ns in (0, NEVER) else _EPOCH + timedelta(microseconds=-(-ns // 1000))


def _by_name(kind: type[W]) -> dict[str, W]:
    """Its members by their words; "none" has no member. (A look-up costs a tenth of a call of the enumeration.)"""
    return {member.value: member for member in kind}


_states = _by_name(State)
_reasons = _by_name(Reason)
_refusals = _by_name(Refusal)
_measures = _by_name(Measure)
_sources = _by_name(Source)
_rules = _by_name(Rule)
_units = _by_name(Unit)
_windows = _by_name(Window)
_expects = _by_name(Expects)


def _is_set(flags: int, bits: int) -> list[bool]:
    return [flags >> bit & 1 == 1 for bit in range(bits)]


def _known(known: int, values: tuple[int, ...]) -> list[int | None]:
    """The values whose bits are set; None in the place of the others."""
    return [value if known >> bit & 1 else None for bit, value in enumerate(values)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a provider is available or out, in numbers. Every number was true when it was read."""

    provider: str
    """The provider's name."""
    state: State
    reason: Reason | None
    """The reason with the latest end; None when it is available."""
    reasons: tuple[Reason, ...]
    """All reasons that hold."""
    refusal: Refusal | None
    """(reported, throttled) The class of the vendor's refusal."""
    axis: Measure | None
    """(reported, throttled) What the vendor limits."""
    source: Source | None
    """(reported, throttled) Where the end was stated."""
    profile: str | None
    """(reported, throttled) The profile by which the vendor's word was read."""
    rule: Rule
    attempt: int
    """(reported) How many probes failed."""
    probing: bool
    """(reported) Whether a caller holds the probe now."""
    use_reserve: bool
    used: int
    """Tokens in this UTC day."""
    budget: int | None
    left: int | None
    """budget - used, at least 0; None without a budget."""
    retry_at_ns: int
    """When it is available again; 0: it is now. NEVER: no known end."""
    said_at_ns: int
    """(reported, throttled) When the refusal came."""
    window_ns: int
    """Length of the window that binds; 0: not known."""
    probe_at_ns: int
    """(reported) When the next probe may be taken; 0: none before the end."""
    at_ns: int
    """The instant that this verdict is about."""
    level: int
    """Whose word or limit binds: 0 the provider's, 1 its pool's, 2 that one's pool's."""
    limit: int | None
    """The number of the limit that binds; when it is available, of the one with the least room."""
    limit_unit: Unit | None
    limit_window: Window | None
    limit_used: int
    limit_amount: int
    limit_reserve: int
    limits: tuple[tuple[int, int], ...]
    """(level, number) of all limits that exclude."""
    limit_name: str | None
    """The vendor's name of a stated limit's window; None: the account's."""
    care: int | None
    """Under the rule "care": its care in quarters."""
    expects: Expects | None
    """(predicted) What the rule "care" expects to be used."""
    expected: int
    """(predicted) Care times that, in the unit of the limit, or in tokens."""
    holds: int
    """Calls that run and hold something, of the level that is named."""
    flying: int
    """Those of them whose size in the unit nobody knows."""
    held: int
    """What they hold together, in the unit of the limit, or in tokens."""
    others: int
    """What other machines used of it, as last told; it is in `used`, or in `limit_used`."""
    withheld: int
    """What of it is not for this machine, at least `others`."""
    heard_at_ns: int
    """When that was told; 0: nothing was told of this window."""
    _words: tuple[Any, ...] = field(repr=False, compare=False)

    @classmethod
    def _of(cls, provider: str, words: tuple[Any, ...]) -> Verdict:
        (state, reason, reasons, refusal, axis, source, profile, rule, attempt, probing, flags, used, budget, left, retry_at_ns,
         said_at_ns, window_ns, probe_at_ns, at_ns, level, limit, unit, window, limit_used, amount, reserve, limits, name, care,
         expects, expected, holds, flying, held, others, withheld, heard_at_ns) = words
        return cls(
            provider, _states[state], _reasons.get(reason), tuple(word for bit, word in _REASONS if reasons & bit),
            _refusals.get(refusal), _measures.get(axis), _sources.get(source), profile, _rules[rule], attempt, bool(probing),
            bool(flags & 2), used, budget or None, left if budget else None, retry_at_ns, said_at_ns, window_ns, probe_at_ns,
            at_ns, level, limit or None, _units.get(unit), _windows.get(window), limit_used, amount, reserve,
            tuple((bit // 8, bit % 8 + 1) for bit in range(limits.bit_length()) if limits >> bit & 1),
            name, care if rule == "care" else None, _expects.get(expects), expected, holds, flying,
            held, others, withheld, heard_at_ns, words)

    @property
    def available(self) -> bool:
        """Whether the provider may be asked."""
        return self.state is State.AVAILABLE

    @property
    def retry_at(self) -> datetime | None:
        """When it is available again; None when it is now, and when no end is known (retry_at_ns == NEVER)."""
        return datetime_of(self.retry_at_ns)

    @property
    def said_at(self) -> datetime | None:
        return datetime_of(self.said_at_ns)

    @property
    def probe_at(self) -> datetime | None:
        return datetime_of(self.probe_at_ns)

    @property
    def at(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.at_ns // 1000)

    @property
    def vendor(self) -> str | None:
        """The vendor's name, such as "OpenAI", when it said something and is known."""
        known = self.profile != "generic"
        return next((profile.vendor for profile in profiles() if known and profile.name == self.profile), None)

    def explain(self) -> str:
        """One English sentence: what binds, until when, and what would clear it."""
        return _core.explain(self._words, self.vendor)

    def __str__(self) -> str:
        return self.explain()


@dataclass(frozen=True, slots=True)
class Route:
    """What Ledger.route chose."""

    provider: Provider | None
    """The one to ask; None when none may be asked."""
    first: Provider
    """The one to ask; when none may be asked, the one that may be asked first."""
    probe: bool
    """The provider is out, and this caller holds its probe: report what comes of it."""
    retry_at_ns: int
    """When `first` may be asked or probed; 0: now. NEVER: no known end."""
    room: int | None
    """With a need: tokens that `first` has left; None: nothing bounds them, or no need was given."""

    @property
    def available(self) -> bool:
        return self.provider is not None

    @property
    def retry_at(self) -> datetime | None:
        """None when one may be asked now, and when no end is known (retry_at_ns == NEVER)."""
        return datetime_of(self.retry_at_ns)


@dataclass(frozen=True, slots=True)
class Change:
    """A provider whose state, or end, changed."""

    provider: str
    available: bool
    retry_at_ns: int
    """Its end; 0: it is available. NEVER: no known end."""

    @property
    def retry_at(self) -> datetime | None:
        return datetime_of(self.retry_at_ns)


@dataclass(frozen=True, slots=True)
class Probe:
    """What Provider.probe_take answered. It is true when the probe was taken."""

    taken: bool
    at_ns: int
    """Taken: when the turn ends. Else when the next probe is due; 0: it needs none."""

    def __bool__(self) -> bool:
        return self.taken

    @property
    def at(self) -> datetime | None:
        return datetime_of(self.at_ns)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one response used, in tokens; None where it did not say. `counted` is what counts against the limit."""

    input: int | None = None
    """Tokens read that were neither read from a cache nor written into one."""
    cache_read: int | None = None
    cache_write: int | None = None
    output: int | None = None
    """Tokens made, including those of reasoning."""
    reasoning: int | None = None
    total: int | None = None
    """The total that the source states."""
    cost_nano_usd: int | None = None
    """In 1e-9 dollars."""
    counted: int | None = None
    """None: input + cache_write + output, or the total when none of them is known."""
    requests: int = 1
    partial: bool = False
    """The response was cut short, so its real counts may be larger."""
    more: bool = False
    """It adds to a response that was counted before: no further request."""
    sent_at_ns: int = 0
    """When the request was sent; 0: not known."""

    @classmethod
    def _of(cls, words: tuple[Any, ...]) -> Usage:
        known, flags, requests, *counts, counted, sent_at_ns, cost = words
        read, cache_read, cache_write, output, reasoning, total, cost = _known(known, (*counts, cost))
        partial, more = _is_set(flags, 2)
        return cls(read, cache_read, cache_write, output, reasoning, total, cost, counted, requests, partial, more, sent_at_ns)

    def _words(self) -> tuple[Any, ...]:
        counts = (self.input, self.cache_read, self.cache_write, self.output, self.reasoning, self.total, self.cost_nano_usd)
        known = sum(1 << n for n, count in enumerate(counts) if count is not None)
        counted = self.counted
        if counted is None:
            parts = [count for count in (self.input, self.cache_write, self.output) if count is not None]
            counted = sum(parts) if parts else self.total or 0
        numbers = [count or 0 for count in counts]
        return (known, self.partial | self.more << 1, self.requests, *numbers[:6], counted, self.sent_at_ns, numbers[6])


@dataclass(frozen=True, slots=True)
class Axis:
    """One limit of an account as a response states it; None where it did not say."""

    what: Measure | None
    limit: int | None = None
    remaining: int | None = None
    used_ppm: int | None = None
    """Used part of the limit, in millionths."""
    reset_at_ns: int | None = None
    window_ns: int = 0
    """0: not known."""
    window_name: str = ""
    """The vendor's name of a window that is not the whole account's, such as "opus"."""
    empty: bool = False
    full_refill: bool = False
    """reset_at_ns is when the limit is full again; a part refills earlier."""
    model_only: bool = False
    credit: bool = False
    """A used-up window does not refuse: the vendor serves on credit, or may."""

    @classmethod
    def _of(cls, words: tuple[Any, ...], name: str) -> Axis:
        what, known, flags, used_ppm, window_ns, limit, remaining, reset_at_ns = words
        limit, remaining, used_ppm, reset_at_ns = _known(known, (limit, remaining, used_ppm, reset_at_ns))
        empty, full_refill, model_only, credit = _is_set(flags, 4)
        return cls(_measures.get(what), limit, remaining, used_ppm, reset_at_ns, window_ns, name, empty, full_refill, model_only,
                   credit)

    def _words(self) -> tuple[tuple[Any, ...], str]:
        numbers = (self.limit, self.remaining, self.used_ppm, self.reset_at_ns)
        flags = (self.empty, self.full_refill, self.model_only, self.credit)
        limit, remaining, used_ppm, reset_at_ns = (number or 0 for number in numbers)
        return ((self.what or "none", sum(1 << n for n, number in enumerate(numbers) if number is not None),
                 sum(flag << n for n, flag in enumerate(flags)), used_ppm, self.window_ns, limit, remaining, reset_at_ns),
                self.window_name)

    @property
    def reset_at(self) -> datetime | None:
        return datetime_of(self.reset_at_ns or 0)


@dataclass(frozen=True, slots=True)
class Signal:
    """What a response says about quota. dataclasses.replace makes a changed one, such as one with model_only=False."""

    says: bool
    """Whether the response says something about quota."""
    refusal: Refusal | None = None
    success: bool = False
    """The request was served."""
    clamped: bool = False
    """An instant was absurd and was brought into bounds."""
    model_only: bool = False
    """The refusal is about the request's model: apply then changes nothing, unless the provider has a pool."""
    axes_dropped: bool = False
    reading: bool = False
    """The refusal is what a reading of 100 % means: no request was refused."""
    status: int = 0
    """Of HTTP; 0: not known."""
    profile: str | None = None
    source: Source | None = None
    """Where retry_at_ns was stated."""
    anomalies: int = 0
    """How many values had no known form and were ignored."""
    binds: int | None = None
    """Index of the axis that the refusal is about."""
    sent_at_ns: int = 0
    said_at_ns: int = 0
    """When the response came."""
    retry_at_ns: int = 0
    """When it is worth asking again; 0: not stated."""
    account: int | None = None
    """A hash of the account that the vendor names."""
    axes: tuple[Axis, ...] = ()

    @classmethod
    def _of(cls, words: tuple[bool, tuple[Any, ...], tuple[Any, ...]]) -> Signal:
        says, numbers, axes = words
        refusal, flags, status, profile, source, anomalies, binds, sent_at_ns, said_at_ns, retry_at_ns, account = numbers
        success, clamped, model_only, dropped, reading = _is_set(flags, 5)
        return cls(says, _refusals.get(refusal), success, clamped, model_only, dropped, reading, status, profile,
                   _sources.get(source), anomalies, None if binds < 0 else binds, sent_at_ns, said_at_ns, retry_at_ns,
                   account or None, tuple(Axis._of(*axis) for axis in axes))

    def _words(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        flags = (self.success, self.clamped, self.model_only, self.axes_dropped, self.reading)
        return ((self.refusal or "none", sum(flag << n for n, flag in enumerate(flags)), self.status, self.profile,
                 self.source or "none", self.anomalies, -1 if self.binds is None else self.binds, self.sent_at_ns,
                 self.said_at_ns, self.retry_at_ns, self.account or 0), tuple(axis._words() for axis in self.axes))

    @property
    def retry_at(self) -> datetime | None:
        """When it is worth asking again; None: not stated."""
        return datetime_of(self.retry_at_ns)

    @property
    def said_at(self) -> datetime | None:
        return datetime_of(self.said_at_ns)


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on one provider. str(limit) is the sentence that Limit.parse reads as the same limit."""

    unit: Unit
    window: Window
    amount: int | None = None
    """In the unit; None: it only counts, or keeps the amount that it has."""
    reserve: int | None = None
    """The part kept back for callers with use_reserve; None: none, or as it is."""
    reserve_share: int = 0
    """The reserve as a part of the amount, in 1/10,000."""
    first: int = 0
    """The first day or month of a week, month, quarter or year; 0 is 1."""
    length_ns: int = 0
    """Of a fixed, first-use, rolling, refill or stated window."""
    anchor_at_ns: int = 0
    """Of a fixed window."""
    zone: str | None = None
    """Of a calendar window: None is UTC. Of a stated one: the vendor's name of it."""

    @classmethod
    def parse(cls, sentence: str) -> Limit:
        """Reads "5M tokens per day America/Los_Angeles". ValueError quotes the word that is wrong and says what is right."""
        return cls._of(_core.parse_limit(sentence))

    @classmethod
    def _of(cls, words: tuple[Any, ...]) -> Limit:
        unit, window, known, first, share, amount, reserve, length_ns, anchor_at_ns, zone = words
        return cls(_units[unit], _windows[window], amount or None if known & 1 else None, reserve if known & 2 else None, share,
                   first, length_ns, anchor_at_ns, zone)

    def _words(self) -> tuple[Any, ...]:
        known = (self.amount is not None) | (self.reserve is not None or self.reserve_share != 0) << 1
        return (self.unit, self.window, known, self.first, self.reserve_share, self.amount or 0, self.reserve or 0,
                self.length_ns, self.anchor_at_ns, self.zone)

    def __str__(self) -> str:
        return _core.format_limit(self._words())


@dataclass(frozen=True, slots=True)
class LimitState:
    """How one limit stands, and what the vendor said of its window."""

    number: int
    state: State
    """quota_exhausted: it excludes, the callers without the reserve at least."""
    spent: bool
    """Callers with use_reserve are excluded, too."""
    share_ppm: int
    """Used part of the amount, in millionths; 0 without an amount."""
    taken: bool
    """A wrong clock took the count of this window, or a part of it."""
    used: int
    """In this window, in the limit's unit."""
    start_at_ns: int
    end_at_ns: int
    """0: none has begun, or there is none."""
    until_ns: int
    """When it no longer excludes; 0: it does not. NEVER: no known end."""
    uncosted: int
    """Cost: records of this window that had none."""
    said: frozenset[Said]
    said_ppm: int
    said_source: Source | None
    said_profile: str | None
    said_at_ns: int
    said_reset_at_ns: int
    said_limit: int
    said_since: int
    said_out_at_ns: int
    """When the stated share reaches 100 % at its pace; 0: it lasts, or nobody knows."""
    out_at_ns: int
    """When the window is used up at its pace. NEVER: it lasts. 0: nobody knows, or it is out already."""
    held: int
    """What calls that run hold of it, in its unit."""
    flying: int
    """Calls that run and whose size in its unit nobody knows."""
    is_held: bool
    """It excludes only because of what is held."""
    others: int
    """What other machines used of it, as last told; it is in `used`."""
    withheld: int
    """What of it is not for this machine, at least `others`."""
    heard_at_ns: int
    """When that was told; 0: nothing was told of this window."""
    is_shared: bool
    """It excludes only because of what is withheld beyond `others`."""
    strict: bool
    """This machine spends nothing of it but what was leased to it."""
    limit: Limit

    @classmethod
    def _of(cls, words: tuple[Any, ...], limit: tuple[Any, ...]) -> LimitState:
        (number, state, spent, share_ppm, taken, used, start_at_ns, end_at_ns, until_ns, uncosted, said, said_ppm, source,
         profile, said_at_ns, said_reset_at_ns, said_limit, said_since, said_out_at_ns, out_at_ns, held, flying,
         is_held, others, withheld, heard_at_ns, is_shared, strict) = words
        return cls(number, _states[state], bool(spent), share_ppm, bool(taken), used, start_at_ns, end_at_ns, until_ns, uncosted,
                   frozenset(word for bit, word in _SAID if said & bit), said_ppm, _sources.get(source), profile, said_at_ns,
                   said_reset_at_ns, said_limit, said_since, said_out_at_ns, out_at_ns, held, flying, bool(is_held),
                   others, withheld, heard_at_ns, bool(is_shared), bool(strict), Limit._of(limit))

    @property
    def start_at(self) -> datetime | None:
        return datetime_of(self.start_at_ns)

    @property
    def end_at(self) -> datetime | None:
        return datetime_of(self.end_at_ns)

    @property
    def until(self) -> datetime | None:
        return datetime_of(self.until_ns)


@dataclass(frozen=True, slots=True)
class HoldState:
    """One hold of a provider, as Provider.holds lists them. A call that holds in a pool is in the lists of both."""

    hold: Hold
    """Of this provider alone, without its pools."""
    owned: bool
    """A process owns it; False: only its lease frees it."""
    alive: bool
    """False: it is free as soon as somebody needs the room."""
    amounts: dict[Unit, int]
    """What it holds; a unit that is not there is unknown. Cost is in micro-dollars."""

    @classmethod
    def _of(cls, hold: Hold, owned: bool, alive: bool, amounts: tuple[int | None, ...]) -> HoldState:
        return cls(hold, owned, alive, {unit: amount for unit, amount in zip(Unit, amounts[1:]) if amount is not None})


@dataclass(frozen=True, slots=True)
class Info:
    """What is in a ledger, and what happened to it since it was created (struct tq_ledger_info)."""

    history_days: int
    rule: Rule
    in_file: bool
    providers: int
    slots: int
    file_bytes: int
    late: int
    too_old: int
    clock: int
    saturated: int
    rebuilt: int
    recovered: int
    faults: int
    ahead: int
    ahead_at_ns: int

    @classmethod
    def _of(cls, words: tuple[Any, ...]) -> Info:
        days, rule, in_file, *numbers = words
        return cls(days, _rules[rule], bool(in_file), *numbers)


@dataclass(frozen=True, slots=True)
class Check:
    """What Ledger.check found. It is true when the ledger is sound."""

    fault: str | None
    """The first fault in words; None: there is none."""
    info: Info

    def __bool__(self) -> bool:
        return self.fault is None


@dataclass(frozen=True, slots=True)
class Profile:
    """How the responses of one vendor are read."""

    id: int
    name: str
    vendor: str
    source: str
    """The document that it follows."""
    seen_live: bool
    """Measured on live traffic."""


_profiles: tuple[Profile, ...] = ()


def profiles() -> tuple[Profile, ...]:
    """All profiles that the library has."""
    global _profiles
    if not _profiles:
        _profiles = tuple(Profile(*words) for words in _core.profiles())
    return _profiles


__all__ = ["Axis", "Change", "Check", "HoldState", "Info", "Limit", "LimitState", "NEVER", "Policy", "Probe", "Profile", "Route", "Signal",
           "Usage", "Verdict", "datetime_of", "profiles"]
