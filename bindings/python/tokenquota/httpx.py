"""httpx.py: makes a client of httpx or httpx2 count itself, and with it those of OpenAI, Anthropic and all others that take one.

SPDX-License-Identifier: MIT

    client = openai.OpenAI(http_client=tokenquota.httpx.client(ledger["openai"]))
    client = anthropic.AsyncAnthropic(http_client=tokenquota.httpx.async_client(ledger["anthropic"]))

Hook: the transport, which each request and each retry of a library passes. Nothing swallows what it raises, but libraries
wrap it: see "cannot decide".

- Counted is what the answers to POST requests say, streams included. A stream is read as it passes and never held back. One
  that is closed early counts what it said until then.
- Requests that use nothing pass as if there were no door, when the provider is out, too: GET and DELETE (an answer to GET says
  its usage again), those that count tokens, and changes of a stored completion. Their limits are others.
- Applied are the headers of each answer, when they arrive, and the body of each error.
- A provider that is out: the request is not sent. Its answer is a 429 made here, so a library raises what it raises for a
  vendor's (RateLimitError) with the ledger's sentence as its text. retry-after says when. Libraries may wait for that time and
  try again: OpenAI's waits up to 2 minutes, Anthropic's as long as it says, days too. So x-should-retry: false is added, here
  and to the vendor's own refusals, when the provider is out for more than `patience` seconds: then both raise at once.
- The ledger cannot decide, and on_error is "raise": tokenquota.Error is raised before the request is sent. OpenAI's library
  passes it on as it is. Anthropic's tries again (max_retries) and then raises APIConnectionError with it as __cause__.
- OpenAI's chat completions say the usage of a stream only when stream_options asks for it. A stream without is counted as a
  request without tokens, and the log warns once. include_usage=True adds the option to each request. Then one more chunk comes
  at the end, whose list of choices is empty; it is off by default because programs exist that read choices[0] of each chunk.
- Accept-Encoding is limited to gzip and deflate, which the door can read.
"""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Union

from ._door import FAULTS, Door, Exchange, Exhausted, check_provider
from ._tap import READS, Decoder, Tap

if TYPE_CHECKING:
    from . import Provider

Chooser = Union["Provider", Callable[[Any], "Provider | None"]]
PATIENCE = 60.0  # seconds
COUNTERS = ("/count_tokens", "/input_tokens", ":countTokens")  # Anthropic, OpenAI, Google: what only counts tokens


class HttpDoor(Door):
    """A Door with the options of requests over HTTP.

    provider        a Provider, or a function that gives one for a request (None: the request passes uncounted)
    patience        seconds; a library may wait for a provider that is out no longer than that
    include_usage   True: streams of chat completions are asked for their usage
    """

    def __init__(self, provider: Chooser, patience: float = PATIENCE, include_usage: bool = False, **options: Any) -> None:
        super().__init__(**options)
        check_provider(provider)
        self.provider, self.patience, self.include_usage = provider, patience, include_usage

    def provider_of(self, request: Any) -> Provider | None:
        if request.method != "POST" or request.url.path.endswith(COUNTERS) or "/chat/completions/" in request.url.path:
            return None
        return self.provider(request) if callable(self.provider) else self.provider

    def asks_no_usage(self, request: Any) -> bool:
        return self.include_usage and request.url.path.endswith("/chat/completions")

    def refusal(self, exhausted: Exhausted) -> tuple[int, dict[str, str], bytes]:
        headers = {"content-type": "application/json", **exhausted.headers()}
        if exhausted.wait > self.patience:
            headers["x-should-retry"] = "false"
        return 429, headers, json.dumps(exhausted.body()).encode()

    def refused(self, exchange: Exchange, response: Any, raw: bytes) -> None:
        """Applies an error of the vendor. Nobody need wait longer for it than the patience lasts."""
        decoder = Decoder(response.headers.get("content-encoding", "").strip().lower())
        exchange.said(response.status_code, response.headers.multi_items(), decoder.decode(raw))
        if self.guard:
            try:
                self.ask_again(exchange, response)
            except FAULTS as error:
                self.tell("tokenquota: %s cannot say how long it is out: %s", exchange.provider.name, error)

    def ask_again(self, exchange: Exchange, response: Any) -> None:
        verdict = exchange.provider.verdict()
        if not verdict.available and Exhausted(exchange.provider.name, verdict, verdict.at_ns).wait > self.patience:
            response.headers["x-should-retry"] = "false"


def with_usage(content: bytes) -> bytes | None:
    """The body of a request for chat completions, with its usage asked for; None when that needs no change."""
    try:
        query = json.loads(content)
    except ValueError:
        return None
    if not isinstance(query, dict) or not query.get("stream"):
        return None
    options = query.get("stream_options") or {}
    if "include_usage" in options:
        return None
    return json.dumps({**query, "stream_options": {**options, "include_usage": True}}).encode()


def readable(request: Any) -> None:
    """Limits the encodings that the vendor may choose from."""
    if "br" in request.headers.get("accept-encoding", "") or "zstd" in request.headers.get("accept-encoding", ""):
        request.headers["accept-encoding"] = READS


def tap_of(exchange: Exchange, response: Any) -> Tap:
    kind = response.headers.get("content-type", "")
    return Tap(exchange, response.headers.get("content-encoding", ""), kind.startswith("text/event-stream"))


@functools.lru_cache(maxsize=None)
def classes(library: ModuleType) -> Any:
    """The transports of one library, and the streams of their responses."""

    class Stream(library.SyncByteStream):  # type: ignore[misc, name-defined]
        def __init__(self, stream: Any, tap: Tap) -> None:
            self.stream, self.tap = stream, tap

        def __iter__(self) -> Any:
            whole = False
            try:
                for data in self.stream:
                    self.tap.feed(data)
                    yield data
                whole = True
            finally:
                self.tap.end(whole)

        def close(self) -> None:
            try:
                self.stream.close()
            finally:
                self.tap.end(False)

    class AsyncStream(library.AsyncByteStream):  # type: ignore[misc, name-defined]
        def __init__(self, stream: Any, tap: Tap) -> None:
            self.stream, self.tap = stream, tap

        async def __aiter__(self) -> Any:
            whole = False
            try:
                async for data in self.stream:
                    self.tap.feed(data)
                    yield data
                whole = True
            finally:
                self.tap.end(whole)

        async def aclose(self) -> None:
            try:
                await self.stream.aclose()
            finally:
                self.tap.end(False)

    def changed(request: Any, content: bytes) -> Any:
        headers = [(name, value) for name, value in request.headers.multi_items() if name != "content-length"]
        return library.Request(request.method, request.url, headers=headers, content=content, extensions=request.extensions)

    class Transport(library.BaseTransport):  # type: ignore[misc, name-defined]
        def __init__(self, inner: Any, door: HttpDoor) -> None:
            self.inner, self.door = inner, door

        def handle_request(self, request: Any) -> Any:
            door, provider = self.door, self.door.provider_of(request)
            if provider is None:
                return self.inner.handle_request(request)
            try:
                exchange = door.begin(provider)
            except Exhausted as exhausted:
                status, headers, body = door.refusal(exhausted)
                return library.Response(status, headers=headers, content=body, request=request)
            readable(request)
            if door.asks_no_usage(request) and (content := with_usage(request.read())):
                request = changed(request, content)
            try:
                response = self.inner.handle_request(request)
            except BaseException:
                exchange.broke()
                raise
            if response.status_code >= 400:
                raw = b""
                try:
                    raw = b"".join(response.stream)
                finally:
                    response.stream.close()
                    door.refused(exchange, response, raw)
                response.stream = library.ByteStream(raw)
                return response
            exchange.said(response.status_code, response.headers.multi_items())
            response.stream = Stream(response.stream, tap_of(exchange, response))
            return response

        def close(self) -> None:
            self.inner.close()

    class AsyncTransport(library.AsyncBaseTransport):  # type: ignore[misc, name-defined]
        def __init__(self, inner: Any, door: HttpDoor) -> None:
            self.inner, self.door = inner, door

        async def handle_async_request(self, request: Any) -> Any:
            door, provider = self.door, self.door.provider_of(request)
            if provider is None:
                return await self.inner.handle_async_request(request)
            try:
                exchange = door.begin(provider)
            except Exhausted as exhausted:
                status, headers, body = door.refusal(exhausted)
                return library.Response(status, headers=headers, content=body, request=request)
            readable(request)
            if door.asks_no_usage(request) and (content := with_usage(await request.aread())):
                request = changed(request, content)
            try:
                response = await self.inner.handle_async_request(request)
            except BaseException:
                exchange.broke()
                raise
            if response.status_code >= 400:
                raw = b""
                try:
                    raw = b"".join([data async for data in response.stream])
                finally:
                    await response.stream.aclose()
                    door.refused(exchange, response, raw)
                response.stream = library.ByteStream(raw)
                return response
            exchange.said(response.status_code, response.headers.multi_items())
            response.stream = AsyncStream(response.stream, tap_of(exchange, response))
            return response

        async def aclose(self) -> None:
            await self.inner.aclose()

    return SimpleNamespace(Transport=Transport, AsyncTransport=AsyncTransport)


def installed() -> ModuleType:
    """httpx2, which the libraries of OpenAI (3) and Anthropic (2) use; httpx when it is not installed."""
    try:
        return importlib.import_module("httpx2")
    except ImportError:
        return importlib.import_module("httpx")


def library_of(thing: Any) -> ModuleType:
    """The library that an object, or the class it is derived from, comes from."""
    for kind in type(thing).__mro__:
        name = kind.__module__.partition(".")[0]
        if name in ("httpx", "httpx2"):
            return importlib.import_module(name)
    raise TypeError("%r is not of httpx or httpx2" % (thing,))


def transport(provider: Chooser, inner: Any = None, **options: Any) -> Any:
    """A transport that counts what passes through `inner`, a transport of httpx or httpx2 (None: a new HTTPTransport).

    For a client that you make yourself: httpx.Client(transport=tokenquota.httpx.transport(ledger["openai"])). Mind that httpx
    ignores HTTPS_PROXY when it is given a transport; client() and wrap() do not. Options: see HttpDoor and Door.
    """
    inner = installed().HTTPTransport() if inner is None else inner
    return classes(library_of(inner)).Transport(inner, HttpDoor(provider, **options))


def async_transport(provider: Chooser, inner: Any = None, **options: Any) -> Any:
    """The same for an AsyncClient."""
    inner = installed().AsyncHTTPTransport() if inner is None else inner
    return classes(library_of(inner)).AsyncTransport(inner, HttpDoor(provider, **options))


def wrap(client: Any, provider: Chooser, **options: Any) -> Any:
    """Makes a Client or AsyncClient that exists count, its proxies and mounts too, and returns it.

    OpenAI(http_client=wrap(openai.DefaultHttpxClient(), ledger["openai"])) keeps all that the library sets by default. It
    raises TypeError for what is no client, or when httpx keeps its transports elsewhere than today.
    """
    library = library_of(client)
    if not hasattr(client, "_transport") or not isinstance(getattr(client, "_mounts", None), dict):
        raise TypeError("this version of %s keeps its transports elsewhere: pass transport=tokenquota.httpx.transport(...)"
                        % library.__name__)
    kinds = classes(library)
    if isinstance(client._transport, (kinds.Transport, kinds.AsyncTransport)):
        raise ValueError("this client counts itself already, and would count twice")
    kind = kinds.AsyncTransport if isinstance(client, library.AsyncClient) else kinds.Transport
    door = HttpDoor(provider, **options)
    client._transport = kind(client._transport, door)
    client._mounts = {pattern: inner and kind(inner, door) for pattern, inner in client._mounts.items()}
    return client


def client(provider: Chooser, *, library: ModuleType | None = None, guard: bool = True, count: bool = True,
           on_error: str = "raise", profile: str | None = None, patience: float = PATIENCE, include_usage: bool = False,
           **settings: Any) -> Any:
    """A Client that counts itself under `provider`. settings are those of httpx.Client, the others those of HttpDoor and Door.

    library: the module httpx or httpx2; None: httpx2 when it is installed, else httpx. The timeout is httpx's, which OpenAI's
    and Anthropic's libraries replace by their own.
    """
    library = library or installed()
    return wrap(library.Client(**defaults(library, settings)), provider, guard=guard, count=count, on_error=on_error,
                profile=profile, patience=patience, include_usage=include_usage)


def async_client(provider: Chooser, *, library: ModuleType | None = None, guard: bool = True, count: bool = True,
                 on_error: str = "raise", profile: str | None = None, patience: float = PATIENCE,
                 include_usage: bool = False, **settings: Any) -> Any:
    """The same as an AsyncClient."""
    library = library or installed()
    return wrap(library.AsyncClient(**defaults(library, settings)), provider, guard=guard, count=count, on_error=on_error,
                profile=profile, patience=patience, include_usage=include_usage)


def defaults(library: ModuleType, settings: dict[str, Any]) -> dict[str, Any]:
    """As the libraries of OpenAI and Anthropic set them."""
    return {"follow_redirects": True, "limits": library.Limits(max_connections=1000, max_keepalive_connections=100), **settings}
