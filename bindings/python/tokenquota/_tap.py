"""_tap.py: counts a response as its bytes pass, without keeping them: JSON or a stream of events, compressed or not.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import dataclasses
import time
import zlib
from typing import TYPE_CHECKING, Any

from . import UsageStream
from ._door import FAULTS, Exchange, code_of

if TYPE_CHECKING:
    from . import Signal, Usage

READS = "gzip, deflate"  # what a tap can read, as a value of Accept-Encoding


class Decoder:
    """Takes the compression off. Like httpx it reads deflate with and without the frame of zlib."""

    def __init__(self, encoding: str) -> None:
        """encoding: the value of Content-Encoding."""
        self.codec: Any = None
        self.head: bytes | None = b"" if encoding == "deflate" else None
        self.known = encoding in ("", "identity", "gzip", "x-gzip", "deflate")
        if encoding in ("gzip", "x-gzip"):
            self.codec = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def decode(self, data: bytes) -> bytes:
        """What is broken, or of an unknown encoding, gives nothing."""
        if not self.known:
            return b""
        if self.head is not None:
            # The frame of zlib is two bytes, which are a multiple of 31 and name deflate.
            data = self.head = self.head + data
            if len(data) < 2:
                return b""
            framed = data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self.codec, self.head = zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS), None
        if self.codec is None:
            return data
        try:
            return bytes(self.codec.decompress(data))
        except zlib.error:
            return b""


class Tap:
    """What the bytes of one response say, counted once, when it ends."""

    def __init__(self, exchange: Exchange, encoding: str, events: bool) -> None:
        """events: the response is a stream of events, which has usage."""
        self.exchange, self.events = exchange, events
        self.decoder = Decoder(encoding.strip().lower())
        self.stream: UsageStream | None = UsageStream(exchange.door.profile)
        self.last = b""
        if not self.decoder.known:
            exchange.door.tell("tokenquota: a response in the encoding " + encoding + " cannot be counted")

    def feed(self, data: bytes) -> None:
        if self.stream is None:
            return
        data = self.decoder.decode(data)
        first, self.last = not self.last, (self.last + data[-16:])[-16:]
        try:
            self.stream.feed(data)
            if first and data and self.events and self.read()[1].refusal is None:
                self.exchange.succeeded()  # its end may be minutes away
        except FAULTS as error:  # no memory for one line: the others count
            self.exchange.door.tell("tokenquota: " + code_of(error) + ": a part of a response could not be counted: %s", error)

    def read(self) -> tuple[Usage | None, Signal]:
        assert self.stream is not None
        return self.stream.read(sent_at=self.exchange.sent_at_ns, now=time.time_ns())

    def end(self, whole: bool) -> None:
        """Counts and applies; the second call does nothing. whole: all bytes came."""
        if self.stream is None:
            return
        exchange, door = self.exchange, self.exchange.door
        (usage, signal), self.stream = self.read(), None
        if signal.refusal is not None:
            exchange.apply(dataclasses.replace(signal, success=False))
        elif usage is not None:
            exchange.succeeded()
        if usage is not None:
            exchange.served(usage)
        elif self.events and door.count:
            exchange.served(None)
            if whole or b"[DONE]" in self.last:  # OpenAI's library closes the response there
                door.tell("tokenquota: a stream ended without its usage, so its tokens were not counted. For OpenAI's chat "
                          "completions ask for it: stream_options={\"include_usage\": True}, or the door's include_usage=True")
            else:
                door.tell("tokenquota: a stream was closed before it said its usage, so its tokens were not counted")
