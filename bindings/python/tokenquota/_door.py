"""_door.py: what all doors do: they ask the ledger before a request, count and apply after it, and never fail in silence.

SPDX-License-Identifier: MIT

A door is where requests of some library pass. It imports that library itself; this file imports none.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import json
import logging
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import Error, Usage, read_signal

if TYPE_CHECKING:
    from . import Hold, Provider, Verdict

log = logging.getLogger("tokenquota")

FAULTS = (Error, ValueError)  # the second: the ledger was closed
MARK = "x-tokenquota"  # a header of the answers that a door made itself: they are no word of the vendor


class Exhausted(RuntimeError):
    """A provider is out, so the request was not sent.

    provider        its name
    verdict         why, until when, and its numbers
    retry_at        when it may be asked again; None: nobody knows
    wait            seconds until then; math.inf when nobody knows
    """

    def __init__(self, provider: str, verdict: Verdict, now_ns: int) -> None:
        super().__init__("%s: %s" % (provider, verdict.explain()))
        self.provider, self.verdict = provider, verdict
        self.retry_at: datetime.datetime | None = verdict.retry_at
        self.wait = math.inf if self.retry_at is None else max(0.0, (verdict.retry_at_ns - now_ns) / 1e9)

    def headers(self) -> dict[str, str]:
        """MARK; and Retry-After in whole seconds, rounded up, and retry-after-ms, unless nobody knows."""
        if self.wait == math.inf:
            return {MARK: "exhausted"}
        return {MARK: "exhausted", "retry-after": "%d" % math.ceil(self.wait),
                "retry-after-ms": "%d" % math.ceil(self.wait * 1000)}

    def body(self) -> dict[str, Any]:
        """The refusal in a form that is an error for OpenAI's and for Anthropic's libraries."""
        return {"type": "error", "error": {"type": "rate_limit_error", "code": "tokenquota_exhausted", "param": None,
                                           "message": str(self)}}


def check_provider(provider: object) -> None:
    """A mistake that would otherwise show only at the first request."""
    from . import Ledger
    if provider is None or isinstance(provider, (str, Ledger)):
        raise TypeError("a door takes a provider, ledger[\"openai\"], or a function that gives one, not %r" % (provider,))


class Door:
    """The options that all doors have.

    guard           False: only count and apply, never refuse a request
    count           False: another door counts the same requests
    on_error        what happens when the ledger cannot decide or count. "raise": a request raises tokenquota.Error before it is
                    sent. An answer that was paid for is never thrown away: when it cannot be counted, that is logged, and each
                    later request first counts it or raises. "allow": the request is sent, and the log says so, once for each
                    kind of error
    profile         how the vendor's answers are read, "openai"; None: it is found from them
    """

    def __init__(self, guard: bool = True, count: bool = True, on_error: str = "raise", profile: str | None = None) -> None:
        if on_error not in ("raise", "allow"):
            raise ValueError("on_error is %r, but must be 'raise' or 'allow'" % (on_error,))
        self.guard, self.count, self.raises, self.profile = guard, count, on_error == "raise", profile
        self.owed: collections.deque[tuple[str, Callable[[], object]]] = collections.deque()
        self.told: set[str] = set()

    def tell(self, what: str, *arguments: object) -> None:
        """Logs a warning, once for each text."""
        if what not in self.told:
            self.told.add(what)
            log.warning(what, *arguments)

    def begin(self, provider: Provider) -> Exchange:
        """Call it before a request is sent. It raises Exhausted when it must not be, and tokenquota.Error."""
        now_ns = time.time_ns()
        probes = False
        try:
            self.pay()
            if self.guard:
                probes = self.ask(provider, now_ns)
        except FAULTS as error:
            if self.raises:
                raise
            self.tell("tokenquota: " + code_of(error) + ": the ledger cannot decide about %s (%s); requests are sent all the "
                      "same", provider.name, error)
        return Exchange(self, provider, now_ns, probes)

    def ask(self, provider: Provider, now_ns: int) -> bool:
        """False: it may be sent. True: it is a probe. Else it raises Exhausted."""
        if provider.available(now_ns):
            return False
        if provider.probe_take(now_ns):
            return True
        raise Exhausted(provider.name, provider.verdict(now_ns), now_ns)

    def keep(self, what: str, run: Callable[[], object]) -> None:
        """Writes to the ledger. What cannot be written is owed when errors are raised."""
        try:
            run()
        except FAULTS as error:
            if self.raises:
                log.error("tokenquota: %s could not be written to the ledger: %s; the next request will try again", what, error)
                self.owed.append((what, run))
            else:
                self.tell("tokenquota: " + code_of(error) + ": %s could not be written to the ledger: %s", what, error)

    def pay(self) -> None:
        """Writes what is owed; raises when it still cannot be written."""
        while self.owed:
            try:
                what, run = self.owed.popleft()
            except IndexError:
                return
            try:
                run()
            except FAULTS:
                self.owed.appendleft((what, run))
                raise


class Exchange:
    """One request that was allowed, until its answer is counted."""

    def __init__(self, door: Door, provider: Provider, sent_at_ns: int, probes: bool) -> None:
        self.door, self.provider, self.sent_at_ns, self.probes = door, provider, sent_at_ns, probes

    def usage(self, read: int, cache_read: int, cache_write: int, made: int, **more: Any) -> Usage:
        """Of a library in whose count of tokens read those of the cache are, too."""
        return Usage(input=max(0, read - cache_read - cache_write), cache_read=cache_read, cache_write=cache_write, output=made,
                     sent_at_ns=self.sent_at_ns, **more)

    def served(self, usage: Usage | None, hold: Hold | None = None) -> None:
        """Counts what an answer used, and frees what was held for it. None: it did not say, so it counts as a request without
        tokens."""
        if not self.door.count:
            self.free(hold)
            return
        if usage is None:
            usage = Usage(requests=1, sent_at_ns=self.sent_at_ns)
        now_ns = time.time_ns()
        count = self.provider.observe_usage if hold is None else hold.settle
        self.door.keep("%s of %s" % (usage, self.provider.name), lambda: count(usage, at=now_ns))

    def free(self, hold: Hold | None) -> None:
        """The call used nothing that is known."""
        if hold is not None:
            self.door.keep("the end of a hold of %s" % self.provider.name, hold.cancel)

    def said(self, status: int, headers: Any, body: bytes = b"") -> None:
        """Applies what a response says about quota. That a request was served is for succeeded(): not each 200 means it."""
        signal = read_signal(status, headers, body, profile=self.door.profile, sent_at=self.sent_at_ns, now=time.time_ns())
        self.apply(dataclasses.replace(signal, success=False))

    def apply(self, signal: Any) -> None:
        self.door.keep("what %s said" % self.provider.name, lambda: self.provider.apply(signal))

    def succeeded(self) -> None:
        """The vendor served it: that lifts a refusal which came before it was sent."""
        self.door.keep("a success of %s" % self.provider.name, lambda: self.provider.success(self.sent_at_ns))

    def failed(self, error: BaseException) -> None:
        """It raised. An error that holds the vendor's response is applied; one without ends the probe, if this is one."""
        answer = answer_in(error)
        if answer is None:
            self.broke()
        elif MARK not in {name.lower() for name in answer[1]}:
            self.said(*answer)

    def broke(self) -> None:
        """No answer came."""
        if self.probes:
            self.door.keep("a probe of %s" % self.provider.name, self.provider.probe_failure)


def code_of(error: Exception) -> str:
    return error.code if isinstance(error, Error) else type(error).__name__


def answer_in(error: BaseException | None) -> tuple[int, dict[str, str], bytes] | None:
    """Status, headers and body of the vendor's response that an exception, or one of its causes, holds; None: none does."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None) or getattr(error, "status_code", None)
        headers = getattr(response, "headers", None) or getattr(error, "headers", None)
        if isinstance(status, int) and (headers is not None or error.__cause__ is None):
            return status, dict(headers or {}), body_in(error, response)
        error = error.__cause__
    return None


def body_in(error: BaseException, response: Any) -> bytes:
    try:
        return bytes(response.content)
    except Exception:  # no response, or one whose body was never read
        body = getattr(error, "body", None)
        if isinstance(body, dict):
            # OpenAI's libraries keep only what is inside of "error".
            return json.dumps(body if "error" in body else {"error": body}).encode()
        return b""
