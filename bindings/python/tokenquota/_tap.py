"""_tap.py: counts a response as its bytes pass, without keeping them: JSON or a stream of events, compressed or not.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import time
import zlib
from typing import Any

from . import UsageStream
from ._door import FAULTS, Exchange, code_of

READS = "gzip, deflate"  # what a tap can read, as a value of Accept-Encoding


class Decoder:
    """Takes the compression off. Like httpx it reads deflate with and without the frame of zlib."""

    def __init__(self, encoding: str) -> None:
        """encoding: the value of Content-Encoding."""
        self.codec: Any = None
        self.first = encoding == "deflate"
        self.known = encoding in ("", "identity", "gzip", "x-gzip", "deflate")
        if self.known and encoding not in ("", "identity"):
            self.codec = zlib.decompressobj(zlib.MAX_WBITS if self.first else zlib.MAX_WBITS | 16)

    def decode(self, data: bytes) -> bytes:
        """What is broken, or of an unknown encoding, gives nothing."""
        if not self.known:
            return b""
        if self.codec is None:
            return data
        first, self.first = self.first, False
        try:
            return bytes(self.codec.decompress(data))
        except zlib.error:
            if not first:
                return b""
        self.codec = zlib.decompressobj(-zlib.MAX_WBITS)
        return self.decode(data)


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
        self.last = (self.last + data[-16:])[-16:]
        try:
            self.stream.feed(data)
        except FAULTS as error:  # no memory for one line: the others count
            self.exchange.door.tell("tokenquota: " + code_of(error) + ": a part of a response could not be counted: %s", error)

    def end(self, whole: bool) -> None:
        """_tap.py: counts and applies; the second call does nothing. whole: all bytes came."""
        stream, self.stream = self.stream, None
        if stream is None:
            return
        exchange, door = self.exchange, self.exchange.door
        usage, signal = stream.read(sent_at=exchange.sent_at_ns, now=time.time_ns())
        if signal.refusal is not None:
            exchange.apply(signal)
        if usage is not None:
            exchange.served(usage)
        elif self.events and door.count:
            exchange.served(None)
            if whole or b"[DONE]" in self.last:  # OpenAI's library closes the response there
                door.tell("tokenquota: a stream ended without its usage, so its tokens were not counted. For OpenAI's chat "
                          "completions ask for it: stream_options={\"include_usage\": True}, or the door's include_usage=True")
            else:
                door.tell("tokenquota: a stream was closed before it said its usage, so its tokens were not counted")
