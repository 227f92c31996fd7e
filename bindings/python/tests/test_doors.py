"""test_doors.py: the logic of the doors, with a stub in the place of their libraries. make peers runs them with the real ones.

SPDX-License-Identifier: MIT
"""
import asyncio
import gzip
import json
import logging
import subprocess
import sys
import time
import zlib
from types import SimpleNamespace

import here
import stub_httpx2
import tap

httpx2 = stub_httpx2.install()

import tokenquota  # noqa: E402: the stub comes first
import tokenquota.httpx as door  # noqa: E402
from tokenquota import _door, _tap  # noqa: E402

JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}
WHOLE = json.dumps({"id": "1", "object": "chat.completion", "choices": [],
                    "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}).encode()
MESSAGES = [b'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":7,"output_tokens":1}}}\n\n',
            b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"one"}}\n\n',
            b'event: message_delta\ndata: {"type":"message_delta","delta":{},"usage":{"output_tokens":9}}\n\n',
            b'event: message_stop\ndata: {"type":"message_stop"}\n\n']
SILENT = [b'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"one"}}]}\n\n', b"data: [DONE]\n\n"]
NO_MONEY = b'{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}'


class Clock:
    """The clock of the doors, which a test may set forward."""

    def __init__(self, ahead=0):
        """ahead: seconds."""
        self.ahead_ns = ahead * 10**9

    def time_ns(self):
        return tokenquota.now_ns() + self.ahead_ns


class Log(logging.Handler):
    """What the doors log."""

    def __enter__(self):
        self.lines = []
        logging.getLogger("tokenquota").addHandler(self)
        return self.lines

    def __exit__(self, *_):
        logging.getLogger("tokenquota").removeHandler(self)

    def emit(self, record):
        self.lines.append(record.getMessage())


logging.getLogger("tokenquota").addHandler(logging.NullHandler())
logging.getLogger("tokenquota").propagate = False


class Pieces(stub_httpx2.SyncByteStream, stub_httpx2.AsyncByteStream):
    """A stream that notes how many of its pieces were taken."""

    def __init__(self, pieces):
        self.pieces, self.taken, self.closed = pieces, 0, False

    def __iter__(self):
        for piece in self.pieces:
            self.taken += 1
            yield piece

    async def __aiter__(self):
        for piece in self:
            yield piece

    def close(self):
        self.closed = True

    async def aclose(self):
        self.closed = True


class Vendor(stub_httpx2.BaseTransport, stub_httpx2.AsyncBaseTransport):
    """A transport that gives one answer, or raises it, and keeps the requests."""

    def __init__(self, status=200, headers=JSON, pieces=(WHOLE,), raises=None):
        self.status, self.headers, self.stream, self.raises, self.requests = status, headers, Pieces(list(pieces)), raises, []

    def handle_request(self, request):
        self.requests.append(request)
        if self.raises:
            raise self.raises
        return httpx2.Response(self.status, self.headers, stream=self.stream)

    async def handle_async_request(self, request):
        return self.handle_request(request)


def new_ledger():
    return tokenquota.Ledger(":memory:", rule="off")


def post(path="/v1/chat/completions", body=b"{}", method="POST", **headers):
    return httpx2.Request(method, SimpleNamespace(path=path, host="api"), headers, body)


def send(provider, vendor, request=None, **options):
    return door.transport(provider, vendor, **options).handle_request(request or post())


def a_stream_is_counted_as_it_passes_and_never_held_back():
    ledger = new_ledger()
    vendor = Vendor(headers=EVENTS, pieces=MESSAGES)
    response = send(ledger["a"], vendor)
    for number, piece in enumerate(response.stream):
        assert piece == MESSAGES[number] and vendor.stream.taken == number + 1
    assert ledger["a"].used() == 16, ledger["a"].used()
    response.stream.close()
    assert ledger["a"].used() == 16 and vendor.stream.closed


def a_stream_that_is_closed_early_counts_what_it_said():
    ledger = new_ledger()
    response = send(ledger["a"], Vendor(headers=EVENTS, pieces=MESSAGES))
    pieces = iter(response.stream)
    next(pieces)
    assert ledger["a"].used() == 0
    response.stream.close()
    assert ledger["a"].used() == 8, ledger["a"].used()


def an_async_stream_is_counted_the_same():
    ledger = new_ledger()

    async def run(pieces):
        response = await door.async_transport(ledger["a"], Vendor(headers=EVENTS, pieces=MESSAGES)).handle_async_request(post())
        taken = [piece async for piece, _ in zip_async(response.stream, range(pieces))]
        await response.stream.aclose()
        return taken

    async def zip_async(stream, numbers):
        numbers = iter(numbers)
        async for piece in stream:
            yield piece, next(numbers)
            if numbers.__length_hint__() == 0:
                return

    assert asyncio.run(run(4)) == MESSAGES and ledger["a"].used() == 16
    asyncio.run(run(1))
    assert ledger["a"].used() == 24, ledger["a"].used()


def a_compressed_answer_is_counted_wherever_it_is_cut():
    raw = zlib.compressobj(wbits=-15)
    for encoding, data in (("gzip", gzip.compress(WHOLE)), ("deflate", zlib.compress(WHOLE)),
                           ("deflate", raw.compress(WHOLE) + raw.flush())):
        for size in (1, 7, len(data)):
            ledger = new_ledger()
            pieces = [data[at:at + size] for at in range(0, len(data), size)]
            response = send(ledger["a"], Vendor(headers={**JSON, "content-encoding": encoding}, pieces=pieces))
            assert b"".join(response.stream) == data, "the bytes were changed"
            assert ledger["a"].used() == 15, (encoding, size, ledger["a"].used())


def an_encoding_that_cannot_be_read_is_said():
    ledger = new_ledger()
    with Log() as lines:
        b"".join(send(ledger["a"], Vendor(headers={**JSON, "content-encoding": "br"})).stream)
    assert ledger["a"].used() == 0 and "br cannot be counted" in lines[0], lines
    request = post(**{"accept-encoding": "gzip, deflate, br, zstd"})
    send(ledger["a"], Vendor(), request)
    assert request.headers["accept-encoding"] == _tap.READS


def what_uses_nothing_passes_as_if_there_were_no_door():
    ledger = new_ledger()
    send(ledger["a"], Vendor(429, JSON, [NO_MONEY]))
    refusal = Vendor(429, {**JSON, "retry-after": "7"})
    for method, path in (("GET", "/v1/responses/r1"), ("POST", "/v1/chat/completions/c1"), ("POST", "/v1/messages/count_tokens"),
                         ("POST", "/v1/responses/input_tokens"), ("DELETE", "/v1/files/f1")):
        vendor = Vendor()
        assert b"".join(send(ledger["a"], vendor, post(path, method=method)).stream) == WHOLE and len(vendor.requests) == 1
        send(ledger["b"], refusal, post(path, method=method))
    assert ledger["a"].used() == 0 and not ledger["a"].available() and ledger["b"].available()


def only_an_answer_that_was_served_lifts_a_refusal():
    def after(vendor):
        """Whether a refusal stands after the answer, and in its middle."""
        ledger = new_ledger()
        send(ledger["a"], Vendor(429, JSON, [NO_MONEY]))
        _door.time = Clock(5)
        pieces = iter(send(ledger["a"], vendor, guard=False).stream)
        next(pieces)
        middle = ledger["a"].available()
        for _ in pieces:
            pass
        _door.time = time
        return middle, ledger["a"].available()

    error = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    for vendor, lifted in ((Vendor(), (False, True)), (Vendor(pieces=[b'{"id":"file-1"}']), (False, False)),
                           (Vendor(headers=EVENTS, pieces=MESSAGES), (True, True)),
                           (Vendor(headers=EVENTS, pieces=SILENT), (True, True)),
                           (Vendor(headers=EVENTS, pieces=[error]), (False, False))):
        assert after(vendor) == lifted, (vendor.stream.pieces, after(vendor))


def a_stream_without_usage_is_a_request_and_is_said_once():
    ledger = new_ledger()
    ledger["a"].set_limit("100 requests per day")
    transport = door.transport(ledger["a"], Vendor(headers=EVENTS, pieces=SILENT))
    with Log() as lines:
        for _ in range(2):
            b"".join(transport.handle_request(post()).stream)
    assert len(lines) == 1 and "include_usage" in lines[0], lines
    assert ledger["a"].limits()[0].used == 2, ledger["a"].limits()


def include_usage_changes_only_streams_that_say_nothing_of_it():
    def asked(body):
        vendor = Vendor()
        send(new_ledger()["a"], vendor, post(body=body, **{"content-length": str(len(body)), "x-kept": "1"}), include_usage=True)
        return vendor.requests[0]

    request = asked(b'{"stream":true,"stream_options":{"other":1}}')
    assert json.loads(request.content)["stream_options"] == {"other": 1, "include_usage": True}
    assert "content-length" not in request.headers and request.headers["x-kept"] == "1"
    for body in (b'{"stream":false}', b'{"stream":true,"stream_options":{"include_usage":false}}', b"no json", b"[]"):
        assert asked(body).content == body
    vendor = Vendor()
    send(new_ledger()["a"], vendor, post(body=b'{"stream":true}'))
    assert vendor.requests[0].content == b'{"stream":true}', "it is off by default"


def a_refusal_is_applied_and_its_body_stays():
    ledger = new_ledger()
    vendor = Vendor(429, {**JSON, "content-encoding": "gzip"}, [gzip.compress(NO_MONEY)])
    response = send(ledger["a"], vendor)
    assert gzip.decompress(b"".join(response.stream)) == NO_MONEY and vendor.stream.closed
    verdict = ledger["a"].verdict()
    assert verdict.refusal == "no-money" and not verdict.available
    assert response.headers["x-should-retry"] == "false", "nobody need wait without end"


def a_provider_that_is_out_is_not_asked():
    ledger = new_ledger()
    ledger["a"].mark_exhausted(tokenquota.now_ns() + 3600 * 10**9)
    vendor = Vendor()
    response = send(ledger["a"], vendor)
    error = json.loads(b"".join(response.stream))["error"]
    assert response.status_code == 429 and vendor.requests == []
    assert 3000 < int(response.headers["retry-after"]) <= 3600 and response.headers["x-should-retry"] == "false"
    assert error["code"] == "tokenquota_exhausted" and error["message"].startswith("a: "), error
    response = send(ledger["a"], vendor, patience=4000)
    assert "x-should-retry" not in response.headers
    send(ledger["a"], vendor, guard=False)
    assert len(vendor.requests) == 1


def a_function_chooses_the_provider_of_each_request():
    ledger = new_ledger()
    transport = door.transport(lambda request: ledger[request.url.host], Vendor())
    b"".join(transport.handle_request(post()).stream)
    assert ledger["api"].used() == 15


def one_request_probes_a_provider_whose_end_nobody_knows():
    ledger, clock = new_ledger(), Clock()
    provider = ledger["a"]
    _door.time = clock
    try:
        send(provider, Vendor(429, JSON, [NO_MONEY]))
        broken = Vendor(raises=OSError("no route"))
        assert send(provider, broken).status_code == 429 and broken.requests == []
        clock.ahead_ns = 400 * 10**9
        here.raises(OSError, "no route", send, provider, broken)
        assert provider.verdict(clock.time_ns()).attempt == 1, "the probe failed"
        clock.ahead_ns = 4000 * 10**9
        assert b"".join(send(provider, Vendor()).stream) == WHOLE
        assert provider.available(clock.time_ns()), "the probe succeeded"
    finally:
        _door.time = time


def a_ledger_that_cannot_decide_raises_or_is_said_once():
    ledger = new_ledger()
    provider = ledger["a"]
    ledger.close()
    vendor = Vendor()
    here.raises(ValueError, "closed", send, provider, vendor)
    assert vendor.requests == []
    transport = door.transport(provider, vendor, on_error="allow")
    with Log() as lines:
        for _ in range(2):
            assert transport.handle_request(post()).status_code == 200
    assert len(vendor.requests) == 2 and len([line for line in lines if "cannot decide" in line]) == 1, lines
    here.raises(ValueError, "'raise' or 'allow'", send, provider, vendor, on_error="ignore")


class Stubborn:
    """A provider that cannot count until it is told to."""

    name, works = "a", False

    def __init__(self):
        self.counted = []

    def available(self, _at):
        return True

    def apply(self, _signal):
        pass

    def success(self, _sent_at):
        pass

    def observe_usage(self, usage, at):
        if not self.works:
            error = tokenquota.Error("the disk is full")
            error.code = "TQ_ENOSPC"
            raise error
        self.counted.append((usage.counted, at))


def an_answer_that_cannot_be_counted_is_kept_and_owed():
    provider, vendor = Stubborn(), Vendor()
    transport = door.transport(provider, vendor)
    with Log() as lines:
        assert b"".join(transport.handle_request(post()).stream) == WHOLE, "it was paid for"
        here.raises(tokenquota.Error, "disk is full", transport.handle_request, post())
    assert len(vendor.requests) == 1 and "could not be written" in lines[0], lines
    provider.works = True
    b"".join(transport.handle_request(post()).stream)
    assert [tokens for tokens, _ in provider.counted] == [15, 15] and provider.counted[0][1] < provider.counted[1][1]


def an_exception_shows_the_response_that_it_holds():
    def error(cause=None, **members):
        made = RuntimeError("x")
        made.__dict__.update(members)
        made.__cause__ = cause
        return made

    response = SimpleNamespace(status_code=429, headers={"retry-after": "7"}, content=NO_MONEY)
    assert _door.answer_in(error(response=response)) == (429, {"retry-after": "7"}, NO_MONEY)
    assert _door.answer_in(error(cause=error(response=response)))[0] == 429
    assert _door.answer_in(error(status_code=529, body={"code": "x"})) == (529, {}, b'{"error": {"code": "x"}}')
    assert _door.answer_in(error()) is None
    ledger = new_ledger()
    exchange = _door.Door().begin(ledger["a"])
    exchange.failed(error(response=SimpleNamespace(status_code=429, headers={_door.MARK: "exhausted"}, content=b"{}")))
    assert ledger["a"].available(), "what a door said itself is no word of the vendor"
    exchange.failed(error(response=response))
    assert not ledger["a"].available()


def what_was_read_from_a_cache_is_no_input():
    exchange = _door.Door().begin(new_ledger()["a"])
    usage = exchange.usage(20, 5, 3, 7, total=27)
    assert (usage.input, usage.cache_read, usage.cache_write, usage.output, usage.total) == (12, 5, 3, 7, 27), usage
    assert exchange.usage(1, 5, 0, 7).input == 0 and usage.sent_at_ns == exchange.sent_at_ns


def what_is_no_provider_is_refused_when_the_door_is_made():
    with new_ledger() as ledger:
        for wrong in ("openai", ledger, None):
            here.raises(TypeError, "a door takes a provider", door.transport, wrong, Vendor())


def to_import_tokenquota_imports_no_library_of_a_door():
    code = ("import sys, tokenquota; print({'httpx', 'httpx2', 'openai', 'anthropic', 'agents', 'langchain', 'pydantic_ai',"
            " 'tokenquota.httpx', 'tokenquota._door'} & set(sys.modules))")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()", ran.stdout


results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
