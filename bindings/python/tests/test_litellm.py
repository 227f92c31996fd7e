"""test_litellm.py: the door for LiteLLM, called as LiteLLM calls it, with a stand-in for it. peers_litellm.py has the real one.

SPDX-License-Identifier: MIT
"""
import asyncio
import json
import logging
import os
import sys
import types

import here
import tap


class Said(Exception):
    """An exception of LiteLLM: what it knows is in its attributes."""

    def __init__(self, message="", **words):
        super().__init__(message)
        self.__dict__.update(message=message, **words)


def stand_in():
    """Modules with the few names that the door takes from LiteLLM and httpx."""
    names = {"litellm": types.ModuleType("litellm"), "litellm.integrations": types.ModuleType("litellm.integrations"),
             "litellm.integrations.custom_logger": types.ModuleType("custom_logger"), "httpx": types.ModuleType("httpx")}
    names["litellm"].RateLimitError = Said
    names["litellm"].get_llm_provider = lambda model, **_: (model, model.partition("/")[0], None, None)
    names["litellm"].token_counter = lambda model, messages=None, text=None, tools=None: 10
    names["litellm"].get_supported_openai_params = lambda **_: ["stream_options"]
    names["litellm.integrations.custom_logger"].CustomLogger = type("CustomLogger", (), {})
    names["httpx"].Request = lambda *_: None
    names["httpx"].Response = lambda status, headers, request: types.SimpleNamespace(status_code=status, headers=headers)
    sys.modules.update(names)


stand_in()
import tokenquota  # noqa: E402: the stand-ins come first
import tokenquota.litellm  # noqa: E402

USAGE = {"usage": {"prompt_tokens": 20, "prompt_tokens_details": {"cached_tokens": 5}, "completion_tokens": 10,
                   "total_tokens": 30}}
HOUR_NS = 3600 * 10**9


def deployments(*names):
    return [{"model_name": "gpt", "model_info": {"id": name}} for name in names]


class Call:
    """What LiteLLM passes to the hooks of one call."""

    def __init__(self, door, name, **words):
        self.door, self.details = door, {"call_type": "acompletion", "litellm_params": {"model_info": {"id": name}}, **words}
        self.request = {"model": "openai/gpt", "model_info": {"id": name},
                        "litellm_logging_obj": types.SimpleNamespace(model_call_details=self.details), **words}

    def begin(self):
        return asyncio.run(self.door.async_pre_call_deployment_hook(self.request, "acompletion"))

    def served(self, response):
        """By both hooks, as for an answer in one piece."""
        asyncio.run(self.door.async_post_call_success_deployment_hook(self.request, response, "acompletion"))
        asyncio.run(self.door.async_log_success_event(kwargs=self.details, response_obj=response, start_time=0, end_time=0))

    def failed(self, error):
        asyncio.run(self.door.async_post_call_failure_deployment_hook(self.request, error, "acompletion", fallback_depth=None))
        asyncio.run(self.door.async_log_failure_event(
            kwargs={**self.details, "exception": error}, response_obj=None, start_time=0, end_time=0))


class Unreadable:
    @property
    def usage(self):
        raise RuntimeError("a version of LiteLLM that nobody knows yet")


def choose(door, *names):
    kept = asyncio.run(door.async_filter_deployments("gpt", deployments(*names), None, request_kwargs={}))
    return [one["model_info"]["id"] for one in kept]


def those_that_are_out_are_left_out():
    with tokenquota.Ledger(":memory:") as ledger:
        door = tokenquota.litellm.Door(ledger)
        ledger["a"].mark_exhausted(tokenquota.now_ns() + HOUR_NS)
        assert choose(door, "a", "b") == ["b"]
        ledger["b"].mark_exhausted(tokenquota.now_ns() + 2 * HOUR_NS)
        refused = here.raises(tokenquota.litellm.Exhausted, "all 2 deployments of gpt are out; back at ", choose, door, "a", "b")
        assert " min. a: " in str(refused), refused
        assert refused.num_retries == 0 and 3000 < int(refused.headers["retry-after"]) <= 3600
        assert refused.retry_at == ledger["a"].verdict().retry_at
        # LiteLLM lets all of them cool down: the door remembers whose they are.
        here.raises(tokenquota.litellm.Exhausted, "back at ", choose, door)
        ledger["b"].mark_available()
        assert choose(door) == []


def an_answer_that_two_hooks_see_counts_once():
    with tokenquota.Ledger(":memory:") as ledger:
        call = Call(tokenquota.litellm.Door(ledger), "a")
        assert call.begin() is None
        call.served(USAGE)
        assert ledger["a"].used() == 25, ledger["a"].used()
        Call(call.door, "b", cache_hit=True).served({})
        kept = Call(call.door, "b", cache_hit=True)
        asyncio.run(kept.door.async_log_success_event(kwargs=kept.details, response_obj=USAGE, start_time=0, end_time=0))
        assert ledger["b"].used() == 0


def a_stream_is_asked_for_its_usage_and_counts_by_its_event():
    with tokenquota.Ledger(":memory:") as ledger:
        call = Call(tokenquota.litellm.Door(ledger), "a", stream=True)
        assert call.begin()["stream_options"] == {"include_usage": True}
        call.details["stream_options"] = {"include_usage": True}
        call.door.log_success_event(kwargs=call.details, response_obj=USAGE, start_time=0, end_time=0)
        assert ledger["a"].used() == 25
        broken = Call(call.door, "b", stream=True, combined_usage_object=USAGE["usage"])
        broken.failed(Said("the connection broke"))
        assert ledger["b"].used() == 25 and ledger["b"].available()


def refusals_are_read_in_each_form_that_litellm_gives_them():
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low."}}
    text = json.dumps(body)
    for error in (Said("AnthropicException - " + text, status_code=400), Said("x - %r" % text.encode(), status_code=400),
                  Said("x", body=body, status_code=400, litellm_response_headers={"llm_provider-request-id": "req_1"})):
        with tokenquota.Ledger(":memory:") as ledger:
            call = Call(tokenquota.litellm.Door(ledger), "a")
            call.begin()
            call.failed(error)
            assert ledger["a"].verdict().refusal == "no-money", error
            here.raises(tokenquota.litellm.Exhausted, "nobody knows when", call.begin)
    with tokenquota.Ledger(":memory:") as ledger:
        call = Call(tokenquota.litellm.Door(ledger), "a")
        call.begin()
        call.failed(Said("slow down", status_code=429, response=types.SimpleNamespace(headers={"retry-after": "60"})))
        assert 0 < (ledger["a"].verdict().retry_at_ns - tokenquota.now_ns()) / 1e9 <= 62
        assert choose(call.door, "a", "b") == ["b"]


def what_cannot_be_written_is_said_and_raised_by_the_next_call():
    told = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())
    logging.getLogger("tokenquota").addHandler(handler)
    ledger = tokenquota.Ledger(here.path("gone"))
    call, careless = Call(tokenquota.litellm.Door(ledger), "a"), tokenquota.litellm.Door(ledger, on_error="allow")
    call.begin()
    ledger.close()
    call.served(USAGE)
    assert "could not be written" in told[-1], told
    raised = here.raises(ValueError, "closed", choose, call.door, "a")
    assert raised.num_retries == 0
    assert choose(careless, "a") == ["a"] and "sent all the same" in told[-1], told
    Call(careless, "a").served(Unreadable())
    assert "could not be read" in told[-1], told
    os.unlink(here.path("gone"))


def ask(**words):
    return {"messages": [{"role": "user", "content": "count"}], "max_tokens": 30, **words}


def each_call_holds_what_it_may_use_and_settles_it_once():
    with tokenquota.Ledger(":memory:", rule="off") as ledger:
        door = tokenquota.litellm.Door(ledger, hold="max_tokens")
        ledger["a"].budget = 100
        calls = [Call(door, "a", **ask()) for _ in range(3)]
        calls[0].begin(), calls[1].begin()
        assert ledger["a"].verdict().held == 80
        refused = here.raises(tokenquota.litellm.Exhausted, "without room for 40 tokens; back at ", calls[2].begin)
        assert refused.num_retries == 0 and refused.retry_at is not None, vars(refused)
        calls[0].served(USAGE)
        assert (ledger["a"].used(), ledger["a"].verdict().held) == (25, 40)
        calls[1].failed(Said("slow down", status_code=503))
        assert (ledger["a"].used(), ledger["a"].verdict().held) == (25, 0)
        ledger["a"].mark_available()
        stream = Call(door, "a", **ask(stream=True))
        stream.begin()
        door.log_success_event(kwargs=stream.details, response_obj=USAGE, start_time=0, end_time=0)
        cached = Call(door, "a", **ask(cache_hit=True))
        cached.begin()
        door.log_success_event(kwargs=cached.details, response_obj=USAGE, start_time=0, end_time=0)
        broken = Call(door, "a", **ask(stream=True, combined_usage_object=USAGE["usage"]))
        broken.begin()
        broken.failed(Said("the connection broke"))
        assert (ledger["a"].used(), ledger["a"].verdict().held, door.held) == (75, 0, {})


def a_deployment_without_room_is_left_out():
    sizes = []
    with tokenquota.Ledger(":memory:", rule="off") as ledger:
        door = tokenquota.litellm.Door(ledger, hold=lambda request: sizes.append(request["model"]) or 60)
        ledger["a"].budget, ledger["b"].budget = 50, 70
        assert choose(door, "a", "b") == ["b"] and sizes == ["gpt"]
        Call(door, "b").begin()
        assert ledger["b"].verdict().held == 60
        here.raises(tokenquota.litellm.Exhausted, "all 2 deployments of gpt are out, or without room for 60 tokens", choose, door,
                    "a", "b")
        unknown = tokenquota.litellm.Door(ledger, hold=lambda request: None)
        Call(unknown, "a").begin()
        assert (ledger["a"].verdict().holds, ledger["a"].verdict().flying) == (1, 1)
        amounts = tokenquota.litellm.Door(ledger, hold=lambda request: {"tokens": 1, "cost": 5}, guard=False)
        for _ in range(12):
            Call(amounts, "b").begin()
        assert ledger["b"].verdict().held == 70, "a door without a guard does not refuse"
    here.raises(ValueError, "must be None", tokenquota.litellm.Door, ":memory:", hold="all")


results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
