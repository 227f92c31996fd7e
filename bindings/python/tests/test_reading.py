"""test_reading.py: reads each response and stream of tests/vectors as they say, and responses of libraries by their form.

SPDX-License-Identifier: MIT
"""
import email.message
import glob
import json
import os
import re
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import here
import tap

import tokenquota

VECTORS = os.path.join(here.ROOT, "tests", "vectors")
NOON_NS = 1795176000 * 10**9
SECOND_NS = 10**9
UNITS = {"ms": 10**6, "us": 10**3, "ns": 1, "s": SECOND_NS, "m": 60 * SECOND_NS, "h": 3600 * SECOND_NS, "d": 86400 * SECOND_NS}
CASES_MIN = 545 # a folder that is cut short must not pass
ANSWER = json.dumps({"id": "c", "object": "chat.completion", "model": "gpt-5", "choices": [],
                     "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
                               "prompt_tokens_details": {"cached_tokens": 40}}})


# ---- the vectors of responses -----------------------------------------------------------------------

def instant(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * SECOND_NS


def length(text):
    total = 0
    for number, fraction, unit in re.findall(r"(\d+)(?:\.(\d+))?([a-z]+)", text):
        total += int(number) * UNITS[unit] + (int((fraction or "0").ljust(9, "0")) * UNITS[unit]) // 10**9
    return total


def cases():
    """(name, profiles, now_ns, utc days, response, answer) of all files."""
    for file in sorted(glob.glob(os.path.join(VECTORS, "signals", "*.txt"))):
        with open(file, encoding="utf-8") as opened:
            blocks = re.split(r"\n(?=case )", "\n" + opened.read())
        for block in blocks[1:]:
            lines = [line for line in block.splitlines() if line and not line.startswith("#")]
            at = [line[3:] for line in lines if line.startswith("at ")]
            yield (lines[0][5:], next(line for line in lines if line.startswith("by "))[3:].split(),
                   instant(at[0]) if at else NOON_NS, "day utc" in lines,
                   [line[2:] for line in lines if line.startswith(">")],
                   [line for line in lines[1:] if not line.startswith((">", "by ", "at ", "day "))])


def parts(response):
    """Status, headers and body of what curl -si prints."""
    end = response.index("") if "" in response else len(response)
    status = response[0].split()[1:2]
    headers = [tuple(line.split(":", 1)) for line in response[1:end]]
    body = "\n".join(response[end + 1:]) if end < len(response) else None
    return int(status[0]) if status else 0, headers, body


def plain(line, now_ns):
    """A line of an answer as words of which lengths and instants are numbers."""
    words, before = [], ""
    for word in line.split():
        if before == "window":
            word = length(word)
        elif word.startswith("+"):
            word = length(word)
        elif re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", word):
            word = instant(word) - now_ns
        elif before == "used":
            word = round(float(word.rstrip("%")) * 10000)
        words.append(word)
        before = word
    return [str(word) for word in words]


def axis_words(axis, binds, now_ns):
    words = ["axis", (axis.what or "unknown").replace(" ", "-")]
    for name, value in (("window", axis.window_ns or None), ("name", axis.window_name or None), ("limit", axis.limit),
                        ("remaining", axis.remaining), ("used", axis.used_ppm),
                        ("reset", None if axis.reset_at_ns is None else axis.reset_at_ns - now_ns)):
        if value is not None:
            words += [name, str(value)]
    flags = (("full-refill", axis.full_refill), ("empty", axis.empty), ("model-only", axis.model_only), ("credit", axis.credit),
             ("binds", binds))
    return words + [word for word, is_set in flags if is_set]


def usage_words(usage):
    counts = (("input", usage.input), ("cache-read", usage.cache_read), ("cache-write", usage.cache_write),
              ("output", usage.output), ("reasoning", usage.reasoning), ("total", usage.total), ("counted", usage.counted))
    words = [each for name, count in counts if count is not None for each in (name, str(count))]
    return ["usage", *words] + ["partial"] * usage.partial


def signal_words(signal, usage):
    """All that a signal and a usage say, in the words of the files."""
    lines = [] if signal.says else [["nothing"]]
    if signal.refusal:
        lines.append(["class", signal.refusal])
    if signal.retry_at_ns or signal.source:
        lines.append(["retry", str(signal.retry_at_ns - signal.said_at_ns), "by", signal.source])
    flags = (("success", signal.success), ("clamped", signal.clamped), ("model-only", signal.model_only),
             ("axes-dropped", signal.axes_dropped), ("reading", signal.reading))
    lines += [[word] for word, is_set in flags if is_set]
    if signal.account:
        lines.append(["account", "%016x" % signal.account])
    if signal.anomalies:
        lines.append(["anomalies", str(signal.anomalies)])
    lines += [axis_words(axis, n == signal.binds, signal.said_at_ns) for n, axis in enumerate(signal.axes)]
    return lines + ([usage_words(usage)] if usage else [])


def each_response_of_each_vendor_says_what_its_case_says():
    ran = 0
    for name, profiles, now_ns, utc_days, response, answer in cases():
        status, headers, body = parts(response)
        ran += 1
        for by in profiles:
            by = by.split("=")[0]
            signal = tokenquota.read_signal(status, headers, body, by, now_ns - 2 * SECOND_NS, now_ns, utc_days=utc_days)
            usage = tokenquota.read_usage(body or "", by, headers)
            came = sorted([str(word) for word in line] for line in signal_words(signal, usage))
            expected = sorted(plain(line, now_ns) for line in answer)
            assert came == expected, "%s by %s:\n%s\nnot\n%s" % (name, by, came, expected)
    assert ran >= CASES_MIN, ran


# ---- the vectors of streams -------------------------------------------------------------------------

def stream_line(usage, signal):
    words = []
    for name in ("input", "cache_read", "cache_write", "output", "reasoning", "total", "counted"):
        if usage and getattr(usage, name) is not None:
            words.append("%s %d" % (name.replace("_", "-"), getattr(usage, name)))
    if usage and usage.requests != 1:
        words.append("requests %d" % usage.requests)
    if usage and usage.partial:
        words.append("partial")
    said = ["success"] * signal.success + [str(signal.refusal)] * bool(signal.refusal)
    said += ["axes %d" % len(signal.axes)] if signal.axes else []
    return words or ["none"], said


def each_stream_says_the_same_however_it_is_cut():
    with open(os.path.join(VECTORS, "streams", "expected.txt"), encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    for line in lines:
        name, answer = line.split(":", 1)
        with open(os.path.join(VECTORS, "streams", name + ".stream"), "rb") as file:
            text = file.read()
        expected = [" ".join(part.split()) for part in answer.replace("none partial", "none").split(";")]
        for piece in (len(text) or 1, 1, 7, 1000):
            stream = tokenquota.UsageStream()
            for start in range(0, len(text), piece):
                stream.feed(text[start:start + piece])
            usage, said = stream_line(*stream.read(now=NOON_NS))
            came = [" ".join(usage), " ".join(said)]
            assert came == expected, "%s in pieces of %d: %s, not %s" % (name, piece, came, expected)
    assert len(lines) >= 50, len(lines)


# ---- what programs have in their hands --------------------------------------------------------------

def usage_is_found_in_what_a_program_has():
    class Model: # of pydantic 2
        usage = None

        def model_dump(self, **options):
            assert options["mode"] == "json"
            return {"object": "chat.completion"} if options.get("exclude_unset") else json.loads(ANSWER)

    class Old: # of pydantic 1
        def dict(self):
            return json.loads(ANSWER)

    response = SimpleNamespace(status_code=200, headers={}, content=ANSWER.encode())
    plain_usage = SimpleNamespace(usage=SimpleNamespace(prompt_tokens=100, completion_tokens=20, total_tokens=120,
                                                        prompt_tokens_details={"cached_tokens": 40}))
    for source in (ANSWER, ANSWER.encode(), bytearray(ANSWER.encode()), memoryview(ANSWER.encode()), json.loads(ANSWER), Model(),
                   Old(), response, plain_usage, [json.loads(ANSWER)][0]):
        usage = tokenquota.read_usage(source)
        assert usage and (usage.input, usage.cache_read, usage.output, usage.counted) == (60, 40, 20, 80), (source, usage)
    assert tokenquota.read_usage({"no": "usage"}) is None and tokenquota.read_usage("") is None
    here.raises(TypeError, "no usage can be read from object", tokenquota.read_usage, object())


def headers_may_be_pairs_and_mappings_and_messages():
    message = email.message.Message()
    message["Retry-After"] = "20"
    multi = SimpleNamespace(multi_items=lambda: [("retry-after", "20")], items=None)
    for headers in ({"retry-after": "20"}, {"retry-after": 20}, [("Retry-After", "20")], [(b"retry-after", b"20")], message,
                    multi):
        signal = tokenquota.read_signal(429, headers, now=NOON_NS)
        assert signal.retry_at_ns == NOON_NS + 20 * SECOND_NS, (headers, signal)
        assert signal.retry_at == datetime(2026, 11, 20, 12, 0, 20, tzinfo=timezone.utc)
    assert tokenquota.read_signal(429).refusal == "throttled"


def a_body_may_be_a_bytearray_that_code_of_the_caller_empties():
    body = json.dumps({"error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "x" * 100000}}).encode()
    for form in (body, bytearray(body), memoryview(body)):
        assert tokenquota.read_signal(429, {}, form, "openai", now=NOON_NS).refusal == "no-money", type(form)
        assert tokenquota.read_limits(form, "openai", NOON_NS).refusal == "no-money", type(form)

    class Zone(timezone.utc.__class__.__base__):
        def utcoffset(self, at):
            changing.clear() # gives its memory back
            return timedelta(0)

    at = datetime(2026, 11, 20, 12, tzinfo=Zone())
    changing = bytearray(body)
    here.raises(ValueError, "invalid argument", tokenquota._core.read_limits, changing, "openai", at)
    changing = bytearray(body)
    assert tokenquota._core.read_signal(429, [], changing, "openai", at, NOON_NS, 0)[1][0] == "throttled"
    here.raises(TypeError, "a header is a pair", tokenquota._core.read_signal, 429, [1], None, None, None, None, 0)


def a_response_is_read_by_its_form():
    class Unread: # as httpx has it
        status_code, headers = 429, {"retry-after": "7"}

        @property
        def content(self):
            raise RuntimeError("not read")

        text = content

    requests_stream = SimpleNamespace(status_code=429, headers={"retry-after": "7"}, _content=False, content=b"never read")
    urllib_error = SimpleNamespace(code=429, headers={"retry-after": "7"})
    sdk_error = SimpleNamespace(status_code=429, response=Unread())
    aiohttp = SimpleNamespace(status=429, headers={"retry-after": "7"}, content=object(), text=lambda: None)
    for response in (Unread(), requests_stream, urllib_error, sdk_error, aiohttp):
        signal = tokenquota.read_signal(response, now=NOON_NS)
        assert (signal.status, signal.retry_at_ns) == (429, NOON_NS + 7 * SECOND_NS), (response, signal)
    body = {"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}
    assert tokenquota.read_signal(429, None, body).refusal == "no-money"
    assert tokenquota.read_signal(SimpleNamespace(status_code=429, headers={}, content=None, text=json.dumps(body))
                                  ).refusal == "no-money"
    here.raises(TypeError, "is no response", tokenquota.read_signal, object())


def limits_are_read_from_one_object():
    reset = NOON_NS // SECOND_NS + 3600
    signal = tokenquota.read_limits({"rate_limits": {"five_hour": {"used_percentage": 30, "resets_at": reset}}}, now=NOON_NS)
    assert signal.says and signal.axes[0].used_ppm == 300000 and signal.axes[0].window_ns == 5 * 3600 * SECOND_NS
    assert signal.axes[0].reset_at == datetime(2026, 11, 20, 13, tzinfo=timezone.utc)
    here.raises(ValueError, "invalid argument", tokenquota.read_limits, "no json")


def instants_are_datetimes_with_a_zone_or_nanoseconds():
    at = datetime(2026, 11, 20, 14, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert tokenquota.read_signal(429, {"retry-after": "1"}, now=at).said_at_ns == NOON_NS + 5000
    for wrong, kind, words in ((at.replace(tzinfo=None), ValueError, "no time zone"), (1.5, TypeError, "an aware datetime"),
                               ("now", TypeError, "an aware datetime"), (2**62 * 2 - 1, ValueError, "out of range"),
                               (2**70, ValueError, "does not fit"),
                               (datetime(9999, 1, 1, tzinfo=timezone.utc), ValueError, "out of range"),
                               (datetime(1, 1, 1, tzinfo=timezone.utc), ValueError, "out of range")):
        here.raises(kind, words, tokenquota.read_signal, 429, now=wrong)


def a_stream_refuses_what_is_no_text():
    stream = tokenquota.UsageStream("openai")
    here.raises(TypeError, "str or bytes are needed", stream.feed, 5)
    assert stream.read()[0] is None
    here.raises(ValueError, "is no profile", tokenquota.UsageStream, "nobody")
    here.raises(TypeError, "makes a stream", tokenquota._core.UsageStream)


results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
