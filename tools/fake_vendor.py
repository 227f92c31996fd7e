"""fake_vendor.py: a vendor on this machine that answers as OpenAI and Anthropic do, refuses on demand, and counts.

SPDX-License-Identifier: MIT

    python3 fake_vendor.py        prints its port and a newline; ends with the process that started it, or when killed

It serves any number of processes at once:

    POST .../chat/completions, .../responses     OpenAI; with "stream": true as server-sent events. A stream of chat completions
                                                 says its usage when stream_options.include_usage asks for it
    POST .../messages, .../messages/count_tokens Anthropic
    POST .../embeddings                          OpenAI
    GET  .../models                              a list of models
    GET  /served                                 what it counted for each API key (see Tally), as {"KEY": {...}}
    POST /answers                                {"key": KEY, "answers": ["throttled:2", "ok"]}: what the next requests of
                                                 this key are answered; then as their model says
    POST /release                                lets all requests that are held go on

The model's name says the answer, as its part after "+": "gpt-5-mini+no-money"; without one it is "ok". A number after ":"
belongs to it:

    ok               the answer, "one two three four five". Input is 10 to 16 tokens, of which 4 are read from a cache, output
                     5 to 9, of which 2 are reasoning (not in Anthropic's)
    throttled:SEC    429 with retry-after (1 unless it says other), and an axis with nothing left until then
    exhausted:SEC    429 of a long window: OpenAI's tokens per day, Anthropic's 5 hours of a subscription; 3600 s
    no-money         OpenAI's 429 insufficient_quota; Anthropic's 400 that the credit balance is too low
    overloaded:SEC   Anthropic's 529, OpenAI's 503; a retry-after only when SEC is given
    broken           500
    late:SEC         ok, but a stream waits so long (0.2 s) between its pieces
    cut              a stream's connection breaks in the middle; an answer in one piece never comes
    failing          a stream that ends with an error that says the vendor is overloaded
    hold             waits for /release, or until the client is gone, and is counted only after that
    tool             asks for the first tool of the request, unless the request has the result of one; then ok
"""
import gzip
import http.server
import json
import os
import threading
import time

from fake_answers import KINDS, Usage, chat, messages, tool_wanted
from fake_api import events

MINUTE_REQUESTS, MINUTE_TOKENS = 5000, 2000000


class Refused(Exception):
    """An answer that is an error: its status, headers and body."""


class Tally(dict):
    """What one API key got. Tokens are those of answers that were sent whole."""

    def __init__(self):
        super().__init__(requests=0, served=0, refused=0, cut=0, input=0, cache_read=0, output=0, total=0)

    def serve(self, usage):
        self["served"] += 1
        self["input"] += usage.input - usage.cached
        self["cache_read"] += usage.cached
        self["output"] += usage.output
        self["total"] += usage.input + usage.output


# ---- limits and refusals ---------------------------------------------------------------------------

def utc(seconds_ahead):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_ahead))


def span(seconds):
    """As OpenAI writes a length of time: 17ms, 12.5s, 6m0s, 1h0m0s."""
    if seconds < 1:
        return "%dms" % round(seconds * 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return ("%dh" % hours if hours else "") + ("%dm" % minutes if seconds >= 60 else "") + "%gs" % round(rest, 3)


def limits(kind, tally, empty=None):
    """The headers of both answers and refusals. empty: for how many seconds no request is left."""
    left = 0 if empty is not None else MINUTE_REQUESTS - tally["requests"] % MINUTE_REQUESTS
    tokens = MINUTE_TOKENS - tally["total"] % MINUTE_TOKENS
    if kind is messages:
        rows = [("anthropic-organization-id", "org-fake"), ("request-id", "req_%d" % tally["requests"])]
        for what, limit, rest in (("requests", MINUTE_REQUESTS, left), ("tokens", MINUTE_TOKENS, tokens)):
            rows += [("anthropic-ratelimit-%s-limit" % what, limit), ("anthropic-ratelimit-%s-remaining" % what, rest),
                     ("anthropic-ratelimit-%s-reset" % what, utc(empty if what == "requests" and empty else 1))]
        return rows
    return [("openai-organization", "org-fake"), ("openai-processing-ms", 12), ("openai-version", "2020-10-01"),
            ("x-request-id", "req_%d" % tally["requests"]), ("x-ratelimit-limit-requests", MINUTE_REQUESTS),
            ("x-ratelimit-limit-tokens", MINUTE_TOKENS), ("x-ratelimit-remaining-requests", left),
            ("x-ratelimit-remaining-tokens", tokens), ("x-ratelimit-reset-requests", span(empty or 0.012)),
            ("x-ratelimit-reset-tokens", span((MINUTE_TOKENS - tokens) * 60 / MINUTE_TOKENS))]


def error(kind, name, message, code=None):
    if kind is messages:
        return {"type": "error", "error": {"type": name, "message": message}, "request_id": "req_1"}
    return {"error": {"message": message, "type": name, "param": None, "code": code}}


def refuse(kind, answer, number, query, tally):
    """Raises the error that the answer names; an answer that is none passes."""
    after = [("retry-after", "%d" % -(-(number or 1) // 1))]
    if answer == "throttled":
        seconds = number or 1
        if kind is messages:
            body = error(kind, "rate_limit_error", "This request would exceed your organization's rate limit of 5,000 requests "
                         "per minute.")
        else:
            body = error(kind, "requests", "Rate limit reached for %s in organization org-fake on requests per min (RPM): Limit "
                         "5000, Used 5000, Requested 1. Please try again in %s." % (query["model"], span(seconds)),
                         "rate_limit_exceeded")
            after.append(("retry-after-ms", "%d" % round(seconds * 1000)))
        raise Refused(429, limits(kind, tally, seconds) + after, body)
    if answer == "exhausted":
        seconds = number or 3600
        after = [("retry-after", "%d" % seconds)]
        if kind is messages:
            end = int(time.time() + seconds)
            raise Refused(429, [("anthropic-ratelimit-unified-status", "rejected"),
                                ("anthropic-ratelimit-unified-representative-claim", "five_hour"),
                                ("anthropic-ratelimit-unified-reset", end),
                                ("anthropic-ratelimit-unified-5h-status", "rejected"),
                                ("anthropic-ratelimit-unified-5h-utilization", "1.0"),
                                ("anthropic-ratelimit-unified-5h-reset", end),
                                ("anthropic-ratelimit-unified-7d-status", "allowed"),
                                ("anthropic-ratelimit-unified-7d-utilization", "0.4"),
                                ("anthropic-ratelimit-unified-7d-reset", end + 400000),
                                ("anthropic-organization-id", "org-fake"), *after],
                          error(kind, "rate_limit_error", "This request would exceed your account's rate limit."))
        raise Refused(429, limits(kind, tally) + after, error(
            kind, "tokens", "Rate limit reached for %s in organization org-fake on tokens per day (TPD): Limit 2000000, Used "
            "2000000, Requested 20. Please try again in %s." % (query["model"], span(seconds)), "rate_limit_exceeded"))
    if answer == "no-money":
        if kind is messages:
            raise Refused(400, [("request-id", "req_1")], error(
                kind, "invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & "
                "Billing to upgrade or purchase credits."))
        raise Refused(429, [("x-request-id", "req_1")], error(
            kind, "insufficient_quota", "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota"))
    if answer == "overloaded":
        after = after if number is not None else []
        if kind is messages:
            raise Refused(529, after, error(kind, "overloaded_error", "Overloaded"))
        raise Refused(503, after, error(kind, "server_error", "The engine is currently overloaded, please try again later"))
    if answer == "broken":
        raise Refused(500, [], error(kind, "api_error" if kind is messages else "server_error", "Internal server error"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, headers, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, str(text))
        self.send_header("Content-Type", "application/json")
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def do_GET(self):
        vendor = self.server
        path = self.path.partition("?")[0]
        if path == "/served":
            with vendor.lock:
                return self.say(200, [], vendor.tallies)
        if path.endswith("/models"):
            return self.say(200, [], {"object": "list", "data": [
                {"id": "fake", "object": "model", "created": 1, "owned_by": "fake"}]})
        return self.say(404, [], error(chat, "invalid_request_error", "Unknown request URL: GET %s" % path))

    def do_POST(self):
        vendor = self.server
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = json.loads(text or b"{}")
        path = self.path.partition("?")[0]
        if path == "/answers":
            with vendor.lock:
                vendor.answers[query["key"]] = list(query["answers"])
            return self.say(200, [], {})
        if path == "/release":
            vendor.released.set()
            return self.say(200, [], {})
        if path.endswith("/messages/count_tokens"):
            return self.say(200, [], {"input_tokens": 12})
        kind = next((KINDS[end] for end in KINDS if path.endswith(end)), None)
        if kind is None:
            return self.say(404, [], error(chat, "invalid_request_error", "Unknown request URL: POST %s" % path))
        return self.model(kind, query)

    def model(self, kind, query):
        vendor = self.server
        key = self.headers.get("x-api-key") or self.headers.get("Authorization", "").rpartition(" ")[2] or "nobody"
        with vendor.lock:
            tally = vendor.tallies.setdefault(key, Tally())
            tally["requests"] += 1
            usage = Usage(tally["requests"])
            queue = vendor.answers.get(key)
            word = queue.pop(0) if queue else query["model"].partition("+")[2] or "ok"
        answer, _, number = word.partition(":")
        number = float(number) if number else None
        try:
            if answer == "hold":
                self.hold()
            refuse(kind, answer, number, query, tally)
            whole, pieces = kind(query, usage, tool_wanted(query) if answer == "tool" else None)
            if not query.get("stream"):
                if answer == "cut":
                    raise ConnectionError
                # Counted before it is sent: who has the answer finds it in /served.
                with vendor.lock:
                    tally.serve(usage)
                return self.say(200, limits(kind, tally), whole)
            self.stream(kind, answer, number, pieces, tally, usage)
        except Refused as refusal:
            with vendor.lock:
                tally["refused"] += 1
            self.say(*refusal.args)
        except OSError:
            with vendor.lock:
                tally["cut"] += 1
            self.close_connection = True
            self.connection.close()
        return None

    def hold(self):
        """Waits for /release; raises when the client is gone first."""
        while not self.server.released.wait(0.05):
            self.connection.setblocking(False)
            try:
                gone = not self.connection.recv(1)
            except BlockingIOError:
                gone = False
            finally:
                self.connection.setblocking(True)
            if gone:
                raise ConnectionError

    def stream(self, kind, answer, number, pieces, tally, usage):
        self.send_response(200)
        for name, text in limits(kind, tally):
            self.send_header(name, str(text))
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for place, piece in enumerate(pieces):
            if place == len(pieces) // 2:
                if answer == "cut":
                    raise ConnectionError
                if answer == "failing":
                    body = error(kind, "overloaded_error" if kind is messages else "server_error", "Overloaded")
                    self.chunk(events([("error", body)]))
                    self.chunk(b"")
                    with self.server.lock:
                        tally["cut"] += 1
                    return
            if place == len(pieces) - 1:
                with self.server.lock:
                    tally.serve(usage)
            self.chunk(piece)
            if answer == "late":
                time.sleep(number or 0.2)
        self.chunk(b"")


class Vendor(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.lock, self.tallies, self.answers, self.released = threading.Lock(), {}, {}, threading.Event()

    def handle_error(self, request, client_address):
        """A client that is gone is no error of the vendor."""


def main():
    vendor, parent = Vendor(), os.getppid()
    threading.Thread(target=vendor.serve_forever, daemon=True).start()
    print(vendor.server_address[1], flush=True)
    while os.getppid() == parent:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
