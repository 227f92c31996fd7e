"""openai_agents.py: counts the models of the OpenAI Agents SDK.

SPDX-License-Identifier: MIT

    door = tokenquota.openai_agents.ModelProvider(ledger["openai"])
    result = await Runner.run(agent, "hello", run_config=RunConfig(model_provider=door))

Hook: a Model around get_response() and stream_response(), which the ModelProvider of a run gives. Nothing there is swallowed.
(RunHooks.on_llm_start may raise, too, but no hook sees an error, so none could apply a refusal. What a processor of traces
raises is swallowed and logged.)

- An agent whose `model` is an object, not a name, does not ask the run's ModelProvider: give it the object as
  tokenquota.openai_agents.Model(model, ledger["openai"]).
- Counted is the usage of the response. A stream says it at its end: one that is left early counts as a request without
  tokens, and the log warns once. Chat completions need ModelSettings(include_usage=True) for it.
- A provider that is out: the request is not sent, and openai.RateLimitError is raised, with the ledger's sentence, and a
  response whose retry-after says when. A retry policy of the SDK may wait for that.
- Applied are the status, headers and body of an error, and that a request was served. The headers of good answers are not
  seen here, nor the retries inside of OpenAI's library: tokenquota.httpx sees both, as
  set_default_openai_client(AsyncOpenAI(http_client=tokenquota.httpx.async_client(ledger["openai"]))). Use one of the two for a
  request, or count=False in one.
- The ledger cannot decide, and on_error is "raise": tokenquota.Error is raised before the request is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import agents
import httpx2
import openai

from ._door import Door, Exchange, Exhausted

if TYPE_CHECKING:
    from . import Provider, Usage


def usage_of(said: Any, exchange: Exchange) -> Usage | None:
    """The usage of a response; None when it has none."""
    if said is None or not (said.input_tokens or said.output_tokens):
        return None
    read = getattr(said.input_tokens_details, "cached_tokens", 0) or 0
    written = getattr(said.input_tokens_details, "cache_write_tokens", 0) or 0
    return exchange.usage(said.input_tokens, read, written, said.output_tokens, total=said.total_tokens,
                          reasoning=getattr(said.output_tokens_details, "reasoning_tokens", 0) or 0)


def rate_limit_error(exhausted: Exhausted) -> openai.RateLimitError:
    headers = {"x-should-retry": "false", **exhausted.headers()}
    body = exhausted.body()
    response = httpx2.Response(429, headers=headers, json=body, request=httpx2.Request("POST", "https://tokenquota.invalid/"))
    return openai.RateLimitError(str(exhausted), response=response, body=body["error"])


class Model(agents.Model):
    """A model that counts itself under `provider`. Options: see Door of tokenquota._door."""

    def __init__(self, wrapped: agents.Model, provider: Provider, door: Door | None = None, **options: Any) -> None:
        self.wrapped, self.provider, self.door = wrapped, provider, door or Door(**options)

    def begin(self) -> Exchange:
        try:
            return self.door.begin(self.provider)
        except Exhausted as exhausted:
            raise rate_limit_error(exhausted) from exhausted

    def count(self, exchange: Exchange, said: Any, whole: bool) -> None:
        usage = usage_of(said, exchange)
        if whole:
            exchange.succeeded()
        if usage is None:
            self.door.tell("tokenquota: a response had no usage, or was left before it, so its tokens were not counted. Chat "
                           "completions need ModelSettings(include_usage=True)")
        exchange.served(usage)

    async def get_response(self, *arguments: Any, **options: Any) -> agents.ModelResponse:
        exchange = self.begin()
        try:
            response = await self.wrapped.get_response(*arguments, **options)
        except BaseException as error:
            exchange.failed(error)
            raise
        self.count(exchange, response.usage, True)
        return response

    async def stream_response(self, *arguments: Any, **options: Any) -> AsyncIterator[Any]:
        exchange = self.begin()
        stream: Any = self.wrapped.stream_response(*arguments, **options)
        began, last = False, None
        try:
            async for event in stream:
                began = True
                if event.type in ("response.completed", "response.incomplete", "response.failed"):
                    last = event.response
                yield event
        except Exception as error:
            exchange.failed(error)
            raise
        finally:
            await stream.aclose()
            if began:
                self.count(exchange, getattr(last, "usage", None), last is not None and last.status != "failed")

    def get_retry_advice(self, request: Any) -> Any:
        return self.wrapped.get_retry_advice(request)

    async def close(self) -> None:
        await self.wrapped.close()

    async def _cleanup_on_run_end(self, owner: object) -> None:
        await self.wrapped._cleanup_on_run_end(owner)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)


class ModelProvider(agents.ModelProvider):
    """Gives the models of `wrapped` (None: the SDK's own MultiProvider), each counted under `provider`."""

    def __init__(self, provider: Provider, wrapped: agents.ModelProvider | None = None, **options: Any) -> None:
        self.provider, self.wrapped, self.door = provider, wrapped or agents.MultiProvider(), Door(**options)

    def get_model(self, model_name: str | None) -> Model:
        return Model(self.wrapped.get_model(model_name), self.provider, self.door)

    async def aclose(self) -> None:
        await self.wrapped.aclose()
