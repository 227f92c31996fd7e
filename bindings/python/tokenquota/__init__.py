"""tokenquota: counts LLM tokens per provider, sees that a budget will not last, and says so.

    import tokenquota

    with tokenquota.Ledger() as ledger:
        openai = ledger["openai"]
        openai.budget = 1_000_000
        if openai.observe(1200):
            print(openai.verdict().explain())

Any number of processes count on one file, without a server. README.md has more; the errors and units stand at each call.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from . import _core
from ._core import Error
from ._ledger import MEMORY, Hold, Ledger, NoRoom, Provider
from ._read import UsageStream, read_limits, read_signal, read_usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Union

    from ._names import (Expects, Measure, Overage, Policy, Reason, Refusal, Rule, Said, Source, State, Unit, Window)
    from ._values import (NEVER, Axis, Change, Check, HoldState, Info, Limit, LimitState, Probe, Profile, Route, Signal, Usage, Verdict,
                          datetime_of, profiles)

    Instant = Union[datetime, int]
    """An aware datetime, or int nanoseconds since 1970-01-01 UTC."""
    Headers = Union[Mapping[str, str], Iterable[tuple[Union[str, bytes], Union[str, bytes]]]]
    """Headers of a response: a mapping, or pairs."""

__version__: str = _core.version
_LATER = {
    "_names": ("Expects", "Measure", "Overage", "Policy", "Reason", "Refusal", "Rule", "Said", "Source", "State", "Unit",
               "Window"),
    "_values": ("NEVER", "Axis", "Change", "Check", "HoldState", "Info", "Limit", "LimitState", "Probe", "Profile", "Route",
                "Signal", "Usage", "Verdict", "datetime_of", "profiles"),
}


def now_ns() -> int:
    """The library's clock: nanoseconds since 1970-01-01 UTC."""
    return _core.now()


def default_path() -> str:
    """The path of the ledger that the command uses. Error: TQ_EDENIED, neither $TOKENQUOTA_LEDGER nor a home is set."""
    return _core.default_path()


def compact(path: str | os.PathLike[str]) -> None:
    """Rewrites a ledger that no process has open without the space of forgotten names. It blocks."""
    _core.compact(path)


def restore(path: str | os.PathLike[str], source: str | os.PathLike[str]) -> None:
    """Replaces what a ledger that no process has open holds with what a backup holds. It blocks."""
    _core.restore(path, source)


def __getattr__(name: str) -> object:
    """The values are imported when one is asked for first: dataclasses would cost more than all the rest."""
    for module, names in _LATER.items():
        if name in names:
            from importlib import import_module
            loaded = import_module(f"{__name__}.{module}")
            globals().update((each, getattr(loaded, each)) for each in names)
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *(name for names in _LATER.values() for name in names)})


__all__ = ["Axis", "Change", "Check", "Error", "Expects", "Hold", "HoldState", "Info", "Ledger", "Limit", "LimitState", "MEMORY", "Measure",
           "NEVER", "NoRoom", "Overage", "Policy", "Probe", "Profile", "Provider", "Reason", "Refusal", "Route", "Rule", "Said", "Signal", "Source",
           "State", "Unit", "Usage", "UsageStream", "Verdict", "Window", "compact", "datetime_of", "default_path", "now_ns",
           "profiles", "read_limits", "read_signal", "read_usage", "restore"]
