"""_names.py: the words of the library, as enumerations whose members are str: State.AVAILABLE == "available".

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from enum import Enum


class _Word(str, Enum):
    """A str that prints as its word."""

    __str__ = str.__str__

    def __format__(self, spec: str) -> str:
        return str.__format__(self, spec)


class State(_Word):
    """Whether a provider may be asked."""

    AVAILABLE = "available"
    QUOTA_EXHAUSTED = "quota_exhausted"


class Reason(_Word):
    """Why a provider is out."""

    MARKED = "marked"
    REPORTED = "reported"
    THROTTLED = "throttled"
    PREDICTED = "predicted"
    SPENT = "spent"
    HELD = "held"
    SHARED = "shared"


class Refusal(_Word):
    """The class of a vendor's refusal."""

    THROTTLED = "throttled"
    EXHAUSTED = "exhausted"
    NO_MONEY = "no-money"
    OVERLOADED = "overloaded"
    TOO_LARGE = "too-large"


class Rule(_Word):
    """What decides that a budget, or a limit, will not last."""

    DEFAULT = "default"
    ORIGINAL = "original"
    OFF = "off"
    HORIZON = "horizon"
    CARE = "care"


class Policy(_Word):
    """How Ledger.route chooses among those that are available."""

    ORDER = "order"
    STICKY = "sticky"
    PRESSURE = "pressure"
    STICKY_PRESSURE = "sticky-pressure"


class Unit(_Word):
    """What a limit counts. Cost is in micro-dollars, a share in millionths."""

    TOKENS = "tokens"
    INPUT = "input"
    OUTPUT = "output"
    TOTAL = "total"
    REQUESTS = "requests"
    COST = "cost"
    WEIGHTED = "weighted"
    SHARE = "share"


class Window(_Word):
    """The period that a limit covers."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    FIXED = "fixed"
    FIRST_USE = "first-use"
    ROLLING = "rolling"
    REFILL = "refill"
    ONCE = "once"
    STATED = "stated"


class Measure(_Word):
    """What an axis of a signal limits."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    INPUT = "input tokens"
    OUTPUT = "output tokens"
    MONEY = "money"
    CONCURRENCY = "concurrency"


class Source(_Word):
    """Where the vendor said when to ask again."""

    RETRY_AFTER = "retry-after"
    HEADER = "header"
    BODY = "body"
    CALENDAR = "calendar"
    CALLER = "caller"


class Expects(_Word):
    """What the rule "care" expects to be used: a call of the mean size, as much as the last half hour took, or a call of the mean
    size for each that runs and whose size nobody knows."""

    CALL = "call"
    HALF_HOUR = "half-hour"
    FLYING = "flying"


class Overage(_Word):
    """What to do when a plan's share is spent and the vendor would serve on credit."""

    ALLOW = "allow"
    STOP = "stop"


class Said(_Word):
    """What the vendor said of a limit's window."""

    READING = "reading"
    BLOCKS = "blocks"
    CREDIT = "credit"
    STOPS = "stops"
    OVERRULED = "overruled"
    DOUBTED = "doubted"
    SHARE = "share"
