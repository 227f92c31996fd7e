"""litellm.py: a door for LiteLLM: its Router and its proxy ask the ledger before each call, and count after it.

SPDX-License-Identifier: MIT

    litellm.callbacks = [tokenquota.litellm.Door()]                   a program with a Router
    litellm_settings: {callbacks: ["tokenquota.litellm.door"]}        config.yaml of the proxy

A deployment is the provider that `tokenquota_provider` in its model_info names, else the one with the deployment's id. A call
without a Router is the provider with the name that LiteLLM has for the vendor, "openai".

What LiteLLM does with an exception in a hook (read in 1.110.2 and 1.108.7, and tried with both):

    async_filter_deployments                      raises it to the caller, after it tried the fallbacks
    async_pre_call_deployment_hook                raises it; it runs before each attempt, also of a deployment named by its id
    pre_call_check                                raises it; the only one that runs before Router.completion, the one without a
    async_post_call_success_deployment_hook       SWALLOWS it, and logs it; it runs before the caller has the answer
    async_post_call_failure_deployment_hook       SWALLOWS it, and logs it for debugging only; it runs after each attempt
    [async_]log_success_event, ..._failure_event  SWALLOW it ("Non-Blocking"). They are called by keyword, from a queue, after
                                                  the answer; with a process that is killed the queue is lost

So the first three refuse. An answer in one piece is counted before the caller has it; a stream after its last piece. What
cannot be written in a hook that swallows is logged at once, and each later call first writes it or raises (on_error="raise",
the default): the guard does not fail in silence. A request of a proxy's client with "no-log" skips the events, but not those
of a class with "_PROXY_" in its name, as LiteLLM's own that count: so has this door.

When no deployment may be asked, the filter raises Exhausted, a litellm.RateLimitError (429) with Retry-After that says when the
first is back. To return an empty list would end in "No deployments available ... Try again in 5 seconds", whatever the ledger
knows. The fallbacks are tried after either; retries are not, because num_retries of Exhausted is 0.

With hold=... each call takes a hold in the second of these hooks, the last before the vendor is asked. What counts the answer
settles the hold, which counts and frees in one step; a failure and an answer of the cache cancel it.

What counts: each answer that states its usage, once, under the deployment that gave it; also embeddings, and of a stream that
broke what LiteLLM knows. Answers of LiteLLM's cache do not count. Where OpenAI's streams are asked for no usage, LiteLLM
estimates it with a tokenizer, so the door asks for it; it cannot in calls of Router.completion(stream=True), and says so.
"""

from __future__ import annotations

import ast
import contextlib
import contextvars
import datetime
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import litellm
from litellm.integrations.custom_logger import CustomLogger

from . import Error, Hold, Ledger, Usage, _door, datetime_of, read_usage

if TYPE_CHECKING:
    from . import Verdict

T = TypeVar("T")

# Calls whose answer was made for them. Others repeat usage: a response that is read again, the state of a batch.
COUNTED = frozenset("""acompletion completion atext_completion text_completion aembedding embedding aresponses responses
    anthropic_messages aanthropic_messages arerank rerank aimage_generation image_generation aimage_edit image_edit
    atranscription transcription agenerate_content generate_content agenerate_content_stream
    generate_content_stream pass_through_endpoint allm_passthrough_route llm_passthrough_route _arealtime
    _aresponses_websocket""".split())
ANSWERS = (400, 402, 403, 429, 503, 529)  # LiteLLM makes other statuses up, when no answer came
GROUPS = 1000
TRIES = 3  # two callers that meet at the edge may both be refused, though one has room
HELD = 1000  # from so many holds on, those whose lease has ended are looked for

Amounts = dict[str, int]  # the most that a call uses, as Provider.hold takes it; none: its size is unknown

# What the filter let through for this task, and whether as a probe: the next hook does not ask again.
let_through: contextvars.ContextVar[dict[str, bool]] = contextvars.ContextVar("tokenquota_let_through")
# The size that the filter found.
sized: contextvars.ContextVar[Amounts | None] = contextvars.ContextVar("tokenquota_sized", default=None)


class Exhausted(litellm.RateLimitError):  # type: ignore[misc]
    """No deployment may be asked. retry_at is when the first may be; None: nobody knows."""

    def __init__(self, message: str, model: str, retry_at: datetime.datetime | None) -> None:
        headers = {} if retry_at is None else {"retry-after": "%d" % max(1, seconds_until(retry_at))}
        response = httpx.Response(429, headers=headers, request=httpx.Request("POST", "https://tokenquota.invalid/"))
        super().__init__(message=message, llm_provider="", model=model, response=response)
        self.headers = headers or None  # the proxy sends these to the client, and not those of the response
        self.retry_at = retry_at
        self.num_retries: int | None = 0


def seconds_until(instant: datetime.datetime) -> int:
    return math.ceil(instant.timestamp() - time.time())


def when(instant: datetime.datetime | None) -> str:
    """As a reader wants it: at 2026-12-01T10:00:00Z, in 59 min."""
    if instant is None:
        return "nobody knows when"
    seconds = max(0, seconds_until(instant))
    wait = "%d s" % seconds if seconds < 120 else "%d min" % (seconds // 60) if seconds < 7200 else "%d h" % (seconds // 3600)
    return "at %s, in %s" % (instant.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), wait)


# ---- what LiteLLM passes to hooks ------------------------------------------------------------------

def provider_name(info: object) -> str | None:
    """The provider of a deployment with this model_info; None without one."""
    if not isinstance(info, Mapping):
        return None
    name = info.get("tokenquota_provider") or info.get("id")
    return str(name) if name else None


def vendor_name(request: Mapping[str, Any]) -> str | None:
    """What LiteLLM calls the vendor of a call without a deployment; None when it does not know the model."""
    with contextlib.suppress(Exception):
        return str(litellm.get_llm_provider(model=request["model"], custom_llm_provider=request.get("custom_llm_provider"),
                                            api_base=request.get("api_base"))[1])
    return None


def details_of(request: Mapping[str, Any]) -> dict[str, Any] | None:
    """What LiteLLM keeps of a call: the dict that its log events pass as kwargs."""
    details = getattr(request.get("litellm_logging_obj"), "model_call_details", None)
    return details if isinstance(details, dict) else None


def states_usage(request: Mapping[str, Any]) -> bool:
    """Whether streams of this model are asked for their usage by stream_options."""
    with contextlib.suppress(Exception):
        names = litellm.get_supported_openai_params(model=request["model"],
                                                    custom_llm_provider=request.get("custom_llm_provider"))
        return "stream_options" in (names or ())
    return False


def headers_of(*sources: object) -> dict[str, str]:
    """The vendor's headers, of the first source that has any. In some LiteLLM puts llm_provider- before their names."""
    for source in sources:
        if isinstance(source, Mapping) and source:
            named = {str(name).lower(): str(value) for name, value in source.items()}
            mark = "llm_provider-"
            return {name[len(mark):]: value for name, value in named.items() if name.startswith(mark)} or named
    return {}


def body_of(error: BaseException) -> str:
    """The vendor's error. LiteLLM keeps it as a dict, or in its message: as JSON, as repr() of bytes, or only its text."""
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        return json.dumps(body if "error" in body else {"error": body})
    text = str(getattr(error, "message", error))
    start, end = text.find("{"), text.rfind("}") + 1
    if 0 <= start < end:
        found = text[start:end]
        with contextlib.suppress(ValueError, SyntaxError):
            if text[start - 2:start] in ("b'", 'b"'):
                found = ast.literal_eval(text[start - 2:end] + text[start - 1]).decode()
            json.loads(found)
            return found
    return json.dumps({"error": {"message": text}})


def usage_of(response: Any, partial: bool = False) -> Usage | None:
    """The usage that an answer states; None when it states none."""
    said = response.get("usage") if isinstance(response, Mapping) else getattr(response, "usage", None)
    dump = getattr(said, "model_dump", None)
    plain = dump(exclude_none=True) if callable(dump) else said
    usage = read_usage(json.dumps({"usage": plain}, default=str)) if isinstance(plain, Mapping) else None
    if usage is None or not (usage.counted or usage.total):
        return None
    return Usage(usage.input, usage.cache_read, usage.cache_write, usage.output, usage.reasoning, usage.total,
                 counted=usage.counted, partial=partial)


def most_tokens(request: Mapping[str, Any]) -> int | None:
    """What a request uses at the most: what LiteLLM counts of it, and the tokens that it allows the answer. None: unknown."""
    most = next((request[name] for name in ("max_completion_tokens", "max_tokens", "max_output_tokens") if request.get(name)), None)
    texts = [request[name] for name in ("input", "prompt", "instructions", "system") if request.get(name)]
    if most is None and not (request.get("input") and "embedding" in str(request.get("model"))):
        return None
    with contextlib.suppress(Exception):
        model, tokens = str(request.get("model") or ""), 0
        if request.get("messages"):
            tokens += litellm.token_counter(model=model, messages=request["messages"], tools=request.get("tools"))
        if texts:
            tokens += litellm.token_counter(model=model, text=[text if isinstance(text, str) else json.dumps(text, default=str)
                                                               for text in texts])
        return int(tokens) + int(most or 0) * int(request.get("n") or 1)
    return None


@contextlib.contextmanager
def loud(what: str) -> Iterator[None]:
    """What LiteLLM would swallow is an error in the log of tokenquota."""
    try:
        yield
    except Exception:
        _door.log.exception("tokenquota: %s", what)


class Door(CustomLogger):  # type: ignore[misc]
    """Guards and counts what LiteLLM calls in this process.

    ledger         a Ledger, or the path of one; None: the ledger that the command uses
    include_usage  False: streams of chat completions are not asked for their usage
    hold           each call holds room while it runs, and is refused when there is none. "max_tokens": its input, as LiteLLM
                   counts it, and what it allows the answer; without max_tokens its size is unknown. A function of the request
                   (a dict): the most tokens that it uses, or the arguments of Provider.hold as a dict; None: unknown
    lease          seconds after which a call that nobody heard of any more holds nothing
    guard, count, on_error, profile    as for all doors (tokenquota._door.Door)
    """

    def __init__(self, ledger: Ledger | str | None = None, *, guard: bool = True, count: bool = True, on_error: str = "raise",
                 profile: str | None = None, include_usage: bool = True,
                 hold: str | Callable[[dict[str, Any]], int | Amounts | None] | None = None, lease: float = 600) -> None:
        super().__init__()
        self.core = _door.Door(guard, count, on_error, profile)
        self.ledger = ledger if isinstance(ledger, Ledger) else Ledger(ledger)
        self.include_usage = include_usage
        if hold is not None and hold != "max_tokens" and not callable(hold):
            raise ValueError("hold is %r, but must be None, 'max_tokens' or a function of the request" % (hold,))
        self.most: Any = most_tokens if hold == "max_tokens" else hold
        self.lease = lease
        self.held: dict[str, Hold] = {}
        self.groups: dict[str, dict[str, None]] = {}

    # ---- before a call: these hooks may raise ------------------------------------------------------

    async def async_filter_deployments(self, model: str, healthy_deployments: list[Any], messages: object,
                                       request_kwargs: object = None, parent_otel_span: object = None) -> list[Any]:
        """The deployments that may be asked; Exhausted when there is none."""
        size = None
        if self.most is not None:
            size = self.size_of({"model": model, **(request_kwargs if isinstance(request_kwargs, dict) else {}),
                                 **({"messages": messages} if messages else {})})
        sized.set(size)
        return self.decide("the deployments of %s" % model, lambda: self.choose(model, healthy_deployments, size),
                           healthy_deployments)

    async def async_pre_call_deployment_hook(self, kwargs: dict[str, Any], call_type: object) -> dict[str, Any] | None:
        """Refuses what no filter saw, a deployment named by its id or a call without a Router; asks for a stream's usage."""
        name, details = provider_name(kwargs.get("model_info")) or vendor_name(kwargs), details_of(kwargs)
        seen, size = let_through.get({}), sized.get()
        let_through.set({})
        sized.set(None)
        if name:
            model = str(kwargs.get("model"))
            before = None if details is None else details.get("tokenquota")
            if isinstance(before, dict) and before["provider"] == name and before["hold"] in self.held:
                return self.with_usage(kwargs, call_type)  # a call inside of the one that holds: /v1/messages by /responses
            self.release(before)  # of an attempt that nobody said anything about
            probe = seen[name] if name in seen else self.decide(name, lambda: self.check(model, name), False)
            held = None
            if self.most is not None and details is not None and getattr(call_type, "value", call_type) in COUNTED:
                if size is None:
                    size = self.size_of(kwargs)
                held = self.decide(name, lambda: self.take(model, name, size or {}, len(seen) > 1), None)
            if details is not None:
                details["tokenquota"] = attempt(name, time.time_ns(), probe, held)
        return self.with_usage(kwargs, call_type)

    def with_usage(self, kwargs: dict[str, Any], call_type: object) -> dict[str, Any] | None:
        """The same request with its stream asked for usage; None: as it is."""
        wanted = self.include_usage and kwargs.get("stream") and not kwargs.get("stream_options")
        if wanted and getattr(call_type, "value", call_type) in ("acompletion", "atext_completion") and states_usage(kwargs):
            return {**kwargs, "stream_options": {"include_usage": True}}
        return None

    def pre_call_check(self, deployment: dict[str, Any]) -> None:
        """Refuses a deployment of Router.completion, which has no filter: its retries choose again, at random."""
        name = provider_name(deployment.get("model_info"))
        if name is None:
            return
        try:
            self.decide(name, lambda: self.check(str(deployment.get("model_name")), name), False)
        except Exhausted as refused:
            refused.num_retries = None
            raise

    def size_of(self, request: dict[str, Any]) -> Amounts:
        most = self.most(request)
        return dict(most) if isinstance(most, Mapping) else {} if most is None else {"tokens": most}

    def take(self, model: str, name: str, size: Amounts, others: bool) -> str | None:
        """Holds room for a call; the hold's id. Exhausted when there is none."""
        provider = self.ledger[name]
        for _ in range(TRIES):
            hold = provider.try_hold(lease=self.lease, **size)  # type: ignore[arg-type]
            if hold is not None:
                if len(self.held) >= HELD:
                    now_ns = time.time_ns()
                    self.held = {key: one for key, one in self.held.items() if one.until_ns > now_ns}
                self.held[hold.id] = hold
                return hold.id
            if not self.fits(name, size):
                break
        if not self.core.guard:
            return None
        refused = self.exhausted(model, [name], size)
        if others:
            refused.num_retries = None  # the Router may find room in another one, which its filter decides
        raise refused

    def release(self, state: object) -> None:
        """Frees what a call holds that used nothing."""
        hold = self.hold_of(state)
        if hold is not None:
            self.core.keep("the end of a hold of " + hold.provider.name, hold.cancel)

    def hold_of(self, state: object) -> Hold | None:
        """The hold of an attempt, for the one who asks first."""
        return self.held.pop(state.get("hold") or "", None) if isinstance(state, Mapping) else None

    def fits(self, name: str, size: Amounts | None) -> bool:
        """Whether it may be asked, and has room."""
        if not size or not size.get("tokens"):
            return self.ledger[name].available()
        return self.ledger.route([name], need=size["tokens"], probe=False).available

    def choose(self, model: str, deployments: list[Any], size: Amounts | None = None) -> list[Any]:
        if not self.core.guard:
            return deployments
        names = [provider_name(one.get("model_info")) or "" for one in deployments]
        if len(self.groups) >= GROUPS:  # a client of a proxy may choose the names of models
            self.groups.clear()
        known = self.groups.setdefault(model, {})
        known.update(dict.fromkeys(filter(None, names)))
        if not deployments:  # LiteLLM lets them all cool down, in this process, and does not know for how long
            if known and not any(self.fits(name, size) for name in known):
                raise self.exhausted(model, known, size)
            return deployments
        out = [name for name in dict.fromkeys(names) if name and not self.fits(name, size)]
        for name in out:
            if not self.ledger[name].available() and self.ledger[name].probe_take():
                let_through.set({name: True})
                return [deployments[names.index(name)]]
        if len(out) == len(set(names)):
            raise self.exhausted(model, out, size)
        let_through.set(dict.fromkeys(set(names) - set(out), False))
        return [one for one, name in zip(deployments, names) if name not in out]

    def check(self, model: str, name: str) -> bool:
        """Whether it is a probe; Exhausted when it may not be asked."""
        if not self.core.guard or self.ledger[name].available():
            return False
        if self.ledger[name].probe_take():
            return True
        raise self.exhausted(model, [name])

    def exhausted(self, model: str, names: Iterable[str], size: Amounts | None = None) -> Exhausted:
        verdicts = [self.ledger[name].verdict() for name in names]
        ends = [self.end_of(verdict, size) for verdict in verdicts]
        end_ns, first = min(zip(ends, verdicts), key=lambda pair: pair[0])  # one with no known end comes last
        retry_at, tokens = datetime_of(end_ns), (size or {}).get("tokens")
        out = "out" if tokens is None else "out, or without room for %d tokens" % tokens
        return Exhausted("tokenquota: %s; back %s. %s: %s" % (
            "%s is %s" % (model, out) if len(verdicts) == 1 else "all %d deployments of %s are %s" % (len(verdicts), model, out),
            when(retry_at) + (", or when calls that run end" if first.holds else ""), first.provider, first.explain()),
            model, retry_at)

    def end_of(self, verdict: Verdict, size: Amounts | None) -> int:
        """When it may be asked, and has room, if nothing more is counted or settled."""
        if size is None:
            return verdict.retry_at_ns
        asked = self.ledger.route([verdict.provider], need=size.get("tokens") or 0, probe=False)
        return asked.retry_at_ns or verdict.retry_at_ns or time.time_ns()

    def decide(self, about: str, decide: Callable[[], T], otherwise: T) -> T:
        """What decide answers. When the ledger cannot answer, its error, or "otherwise" when errors are allowed."""
        try:
            self.core.pay()
            return decide()
        except _door.FAULTS as error:
            if self.core.raises:
                error.num_retries = 0  # type: ignore[union-attr]  # else the Router asks again and again
                raise
            self.core.tell("tokenquota: %s: the ledger cannot decide about %%s (%%s); requests are sent all the same"
                           % _door.code_of(error), about, error)
            return otherwise

    # ---- after an attempt: LiteLLM swallows what these raise ---------------------------------------

    async def async_post_call_success_deployment_hook(self, request_data: Mapping[str, Any], response: Any,
                                                      call_type: object) -> None:
        """Counts an answer in one piece, before the caller has it."""
        details = details_of(request_data)
        if details is not None:  # the end of a stream of /responses has none, and an event of its own
            self.served(details, response, getattr(call_type, "value", call_type), request_data.get("model_info"))

    async def async_post_call_failure_deployment_hook(self, request_data: Mapping[str, Any], exception: Exception,
                                                      call_type: object, fallback_depth: int | None = None) -> None:
        """Applies what the vendor said when it refused an attempt, before the next one."""
        details = details_of(request_data)
        if details is not None:
            self.failed(details, exception, request_data.get("model_info"))

    async def async_log_success_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: object,
                                      end_time: object) -> None:
        """Counts a stream."""
        self.log_success_event(kwargs, response_obj, start_time, end_time)

    def log_success_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: object, end_time: object) -> None:
        """Counts an answer of Router.completion."""
        if kwargs.get("cache_hit") is not True:
            self.served(kwargs, response_obj, kwargs.get("call_type"))
        else:
            self.release(kwargs.get("tokenquota"))

    async def async_log_failure_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: object,
                                      end_time: object) -> None:
        """Counts what a stream used before it broke, and applies what it said."""
        self.log_failure_event(kwargs, response_obj, start_time, end_time)

    def log_failure_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: object, end_time: object) -> None:
        """The same of Router.completion, and its refusals."""
        used = kwargs.get("combined_usage_object")
        if used is not None and kwargs.get("stream"):
            self.served(kwargs, {"usage": used}, kwargs.get("call_type"), partial=True)
        if isinstance(kwargs.get("exception"), BaseException):
            self.failed(kwargs, kwargs["exception"])

    def served(self, details: dict[str, Any], response: Any, call_type: object, info: object = None,
               partial: bool = False) -> None:
        """Counts an answer, and applies its headers; once an attempt, because two hooks see most answers."""
        with loud("an answer could not be read, and is not counted"):
            state = self.state_of(details, info)
            if state is None or state["counted"] or call_type not in COUNTED:
                return
            state["counted"] = True
            hold = self.hold_of(state)
            usage, hidden = usage_of(response, partial), getattr(response, "_hidden_params", None) or {}
            headers = headers_of(details.get("response_headers"), hidden.get("additional_headers"))

            def write() -> None:
                exchange = self.exchange_of(state)
                if usage is not None:
                    exchange.served(usage, hold)
                else:
                    exchange.free(hold)
                if not partial:
                    exchange.said(200, headers)
                    if state["sent_at_ns"]:
                        exchange.succeeded()

            self.core.keep("an answer of " + state["provider"], write)
            if details.get("stream") and self.guesses(details):
                self.core.tell("tokenquota: a stream of %s stated no usage, so LiteLLM's estimate was counted; pass "
                               "stream_options={'include_usage': True}", state["provider"])

    def guesses(self, details: Mapping[str, Any]) -> bool:
        asked = details.get("stream_options") or (details.get("optional_params") or {}).get("stream_options")
        return not asked and details.get("call_type") in ("completion", "acompletion") and states_usage(details)

    def failed(self, details: dict[str, Any], error: BaseException, info: object = None) -> None:
        """Applies a refusal; once an attempt, because two hooks see most failures."""
        with loud("a refusal could not be read, and is not applied"):
            state = self.state_of(details, info)
            self.release(state)
            if state is None or state["failed"] or isinstance(error, (Exhausted, Error)):
                return
            state["failed"] = True
            status, body = getattr(error, "status_code", None), body_of(error).encode()
            headers = headers_of(getattr(error, "litellm_response_headers", None),
                                 getattr(getattr(error, "response", None), "headers", None))

            def write() -> None:
                exchange = self.exchange_of(state)
                if headers or status in ANSWERS:
                    exchange.said(status if isinstance(status, int) else 0, headers, body)
                else:
                    exchange.broke()

            self.core.keep("a refusal of " + state["provider"], write)

    def state_of(self, details: dict[str, Any], info: object) -> dict[str, Any] | None:
        """What async_pre_call_deployment_hook noted of the attempt, else as much as is known; None: whose it is, is not."""
        state = details.get("tokenquota")
        if not isinstance(state, dict):
            name = provider_name(info or (details.get("litellm_params") or {}).get("model_info")) or details.get(
                "custom_llm_provider")
            sent = details.get("api_call_start_time")  # a local time
            if not name:
                return None
            state = attempt(name, int(sent.timestamp() * 1e6) * 1000 if isinstance(sent, datetime.datetime) else 0, False)
            details["tokenquota"] = state
        return state

    def exchange_of(self, state: Mapping[str, Any]) -> _door.Exchange:
        return _door.Exchange(self.core, self.ledger[state["provider"]], state["sent_at_ns"], state["probe"])


# LiteLLM runs the log events of these classes for requests with "no-log", too.
Door.__name__ = "Door_PROXY_"


def attempt(name: str, sent_at_ns: int, probe: bool, hold: str | None = None) -> dict[str, Any]:
    """What is noted of an attempt: plain, because other callbacks write these details down or copy them."""
    return {"provider": name, "sent_at_ns": sent_at_ns, "probe": probe, "hold": hold, "counted": False, "failed": False}


def __getattr__(name: str) -> Any:
    """`door`, for config.yaml, made when it is asked for. A ledger that cannot be opened keeps the proxy from starting."""
    if name != "door":
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    globals()[name] = Door()
    return globals()[name]
