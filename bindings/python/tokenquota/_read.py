"""_read.py: reads usage and signals from what a program has in its hands: bytes, dicts, responses, objects of an SDK.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from . import Headers, Instant
    from ._values import Signal, Usage


def header_pairs(headers: Any) -> list[tuple[str | bytes, str | bytes]]:
    """(name, value) of each header, in order; those of a name that is there twice, too."""
    if headers is None:
        return []
    for name in ("multi_items", "items"): # httpx has both, and joins values in items()
        items = getattr(headers, name, None)
        if items is not None:
            headers = items()
            break
    return [(name if isinstance(name, (str, bytes)) else str(name), value if isinstance(value, (str, bytes)) else str(value))
            for name, value in headers]


def _json(value: object) -> str:
    from json import dumps
    return dumps(value, default=_plain)


def _text(body: Any) -> str | bytes:
    """A document as it came, or as JSON."""
    return body if isinstance(body, (str, bytes)) else bytes(body) if isinstance(body, (bytearray, memoryview)) else _json(body)


def _plain(value: Any) -> object:
    """A value that JSON does not know: an object of an SDK inside a dict, an instant, ..."""
    for name in ("model_dump", "to_dict", "dict"):
        dump = getattr(value, name, None)
        if callable(dump):
            return dump()
    return str(value)


def _dumps(source: Any) -> Iterable[str]:
    """What an object of an SDK says as JSON: what the vendor sent, then with all defaults."""
    if callable(getattr(source, "model_dump", None)): # pydantic 2
        yield _json(source.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False))
        yield _json(source.model_dump(mode="json", warnings=False))
        return
    for name in ("to_dict", "dict", "_asdict"):
        dump = getattr(source, name, None)
        if callable(dump):
            yield _json(dump())
            return
    usage = getattr(source, "usage", None) or getattr(source, "usage_metadata", None)
    if usage is None:
        raise TypeError(f"no usage can be read from {type(source).__name__}: give a body, a dict, a response or a Usage")
    yield _json({"usage": usage if isinstance(usage, dict) else getattr(usage, "__dict__", usage)})


def _bodies(source: Any) -> Iterable[str | bytes | bytearray]:
    from collections.abc import Mapping, Sequence
    if isinstance(source, (str, bytes, bytearray)):
        return (source,)
    if isinstance(source, memoryview):
        return (bytes(source),)
    if isinstance(source, (Mapping, Sequence)):
        return (_json(dict(source) if isinstance(source, Mapping) else source),)
    if hasattr(source, "headers"):
        return (response_parts(source)[2] or b"",)
    return _dumps(source)


def read_usage(source: Any, profile: str | None = None, headers: Headers | None = None) -> Usage | None:
    """The usage that a response states; None when it states none, which is not 0 tokens.

    source: the whole body as str or bytes (JSON, or server-sent events as they came), a dict, a response of httpx, requests or
    urllib, or an object of an SDK. profile: the vendor's, from profiles(); None finds it. headers: those of a vendor that states
    usage there. TypeError for anything else.
    """
    from ._values import Usage
    if headers is None and not isinstance(source, (str, bytes, bytearray, memoryview, dict)):
        headers = getattr(source, "headers", None)
    pairs = header_pairs(headers)
    for body in _bodies(source):
        words = _core.read_usage(body, profile, pairs)
        if words is not None:
            return Usage._of(words)
    return None


def response_parts(response: Any) -> tuple[int, Headers | None, str | bytes | None]:
    """Status, headers and body of a response of httpx, requests, aiohttp or urllib, or of an SDK's error that holds one."""
    if not hasattr(response, "headers") and hasattr(response, "response"):
        response = response.response
    stated = (getattr(response, name, None) for name in ("status_code", "status", "code"))
    status = next((value for value in stated if isinstance(value, int)), None)
    if status is None or not hasattr(response, "headers"):
        raise TypeError(f"{type(response).__name__} is no response: it has no status_code and headers")
    return status, response.headers, _body(response)


def _body(response: Any) -> str | bytes | None:
    """The body, when it was read. A stream is left to its owner: to read it here would take it away from there."""
    if getattr(response, "_content", None) is False: # requests, with stream=True
        return None
    try:
        body = getattr(response, "content", None)
        if not isinstance(body, (str, bytes, bytearray)):
            body = getattr(response, "text", None)
    except Exception: # noqa: BLE001: httpx.ResponseNotRead and its kin; httpx is not imported for its name
        return None
    return body if isinstance(body, (str, bytes)) else bytes(body) if isinstance(body, bytearray) else None


def read_signal(status: Any = 0, headers: Headers | None = None, body: str | bytes | Mapping[str, Any] | None = None,
                profile: str | None = None, sent_at: Instant | None = None, now: Instant | None = None, *,
                utc_days: bool = False) -> Signal:
    """What a response says about quota; Signal.says tells whether it says anything.

    status: that of HTTP (0: unknown), or a response of httpx, requests or urllib in place of status, headers and body.
    sent_at: when the request was sent; with it a success clears earlier refusals. now: when the response came. utc_days: a
    daily quota means days of UTC, not those of the vendor.
    """
    from ._values import Signal
    if not isinstance(status, int):
        status, own_headers, own_body = response_parts(status)
        headers = own_headers if headers is None else headers
        body = own_body if body is None else body
    body = None if body is None else _text(body)
    return Signal._of(_core.read_signal(status, header_pairs(headers), body, profile, sent_at, now, int(utc_days)))


def read_limits(json: str | bytes | Mapping[str, Any], profile: str | None = None, now: Instant | None = None) -> Signal:
    """What one JSON object states of limits: an event of a stream, a status line's input, a usage endpoint's answer."""
    from ._values import Signal
    return Signal._of(_core.read_limits(_text(json), profile, now))


class UsageStream(_core.UsageStream):
    """Reads the usage of a response that arrives in pieces, cut anywhere. One thread at a time may use it.

        stream = tokenquota.UsageStream()
        for piece in response.iter_bytes():
            stream.feed(piece)
        usage, signal = stream.read()
    """

    __slots__ = ()

    def __new__(cls, profile: str | None = None) -> UsageStream:
        return _core.stream(cls, profile)

    def feed(self, piece: str | bytes) -> None:
        """Reads the next bytes. It keeps only a document that is not complete yet."""
        self._feed(piece)

    def read(self, sent_at: Instant | None = None, now: Instant | None = None) -> tuple[Usage | None, Signal]:
        """What the stream has said so far: its usage, None when it has said none, and a signal. It can be fed again."""
        from ._values import Signal, Usage
        usage, signal = self._read(sent_at, now)
        return (None if usage is None else Usage._of(usage)), Signal._of(signal)
