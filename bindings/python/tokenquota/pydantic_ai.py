"""pydantic_ai.py: counts the models of pydantic-ai, and lets a FallbackModel go on with the next one when a provider is out.

SPDX-License-Identifier: MIT

    agent = Agent("openai-chat:gpt-5-mini", capabilities=[tokenquota.pydantic_ai.Door(ledger["openai"])])

    model = FallbackModel(tokenquota.pydantic_ai.Model("openai-chat:gpt-5-mini", ledger["openai"]),
                          tokenquota.pydantic_ai.Model("anthropic:claude-haiku-4-5", ledger["anthropic"]))

Hook: a WrapperModel around request() and request_stream(), which a capability's get_wrapper_model() puts around the model of
each attempt. Nothing there is swallowed. (A capability sees a FallbackModel as one model: wrap each of its models instead.)

- Counted is the usage that pydantic-ai read from the response. A stream that is closed early counts what it said until then.
- A provider that is out: the request is not sent, and ModelRateLimitError (a ModelHTTPError of status 429) is raised, with
  retry_after and the ledger's sentence. A FallbackModel goes on with the next model.
- Applied are the status, headers and body of an error, and that a request was served. The headers of good answers are not
  seen here, nor the retries inside of OpenAI's and Anthropic's libraries: tokenquota.httpx sees both. Use one of the two for a
  request, or count=False in one.
- The ledger cannot decide, and on_error is "raise": tokenquota.Error is raised before the request is sent. A FallbackModel
  does not catch it.
- Not counted: batches, and count_tokens.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, ModelRateLimitError
from pydantic_ai.models.wrapper import WrapperModel

from ._door import Exchange, Exhausted
from ._door import Door as _Door

if TYPE_CHECKING:
    from . import Provider, Usage


def usage_of(said: Any, exchange: Exchange, whole: bool) -> Usage | None:
    """The usage that pydantic-ai read; None when there was none."""
    if not said.input_tokens and not said.output_tokens:
        return None
    return exchange.usage(said.input_tokens, said.cache_read_tokens, said.cache_write_tokens, said.output_tokens,
                          partial=not whole)


class Model(WrapperModel):
    """A model that counts itself under `provider`. Options: see Door of tokenquota._door."""

    def __init__(self, wrapped: Any, provider: Provider, door: _Door | None = None, **options: Any) -> None:
        super().__init__(wrapped)
        self.provider_counted = provider
        self.door = door or _Door(**options)

    def begin(self) -> Exchange:
        try:
            return self.door.begin(self.provider_counted)
        except Exhausted as exhausted:
            raise ModelHTTPError.for_category(ModelRateLimitError, status_code=429, model_name=self.model_name,
                                              body=exhausted.body(), headers=exhausted.headers()) from exhausted

    def count(self, exchange: Exchange, said: Any, whole: bool = True) -> None:
        usage = usage_of(said, exchange, whole)
        if whole:
            exchange.succeeded()
        if usage is None:
            self.door.tell("tokenquota: a response of %s had no usage, so its tokens were not counted", self.model_name)
        exchange.served(usage)

    async def request(self, messages: Any, model_settings: Any, model_request_parameters: Any) -> Any:
        exchange = self.begin()
        try:
            response = await super().request(messages, model_settings, model_request_parameters)
        except BaseException as error:
            exchange.failed(error)
            raise
        self.count(exchange, response.usage)
        return response

    @asynccontextmanager
    async def request_stream(self, messages: Any, model_settings: Any, model_request_parameters: Any,
                             run_context: Any = None) -> AsyncGenerator[Any]:
        exchange = self.begin()
        stream: Any = None
        try:
            async with super().request_stream(messages, model_settings, model_request_parameters, run_context) as stream:
                yield stream
        except BaseException as error:
            # What the caller raises while it reads is no word of the vendor.
            if stream is None or isinstance(error, ModelAPIError) and error.in_stream:
                exchange.failed(error)
            raise
        finally:
            if stream is not None:
                self.count(exchange, stream.usage, whole=stream.get().state == "complete")


class Door(AbstractCapability[Any]):
    """A capability that counts all requests of an agent under `provider`. Options: see Door of tokenquota._door."""

    def __init__(self, provider: Provider, **options: Any) -> None:
        self.provider, self.door = provider, _Door(**options)

    def get_wrapper_model(self, model: Any) -> Model:
        return Model(model, self.provider, self.door)
