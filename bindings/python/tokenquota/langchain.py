"""langchain.py: counts the models of LangChain's agents, as a middleware.

SPDX-License-Identifier: MIT

    agent = create_agent(model, tools, middleware=[tokenquota.langchain.Door(ledger["openai"])])

Hook: AgentMiddleware.wrap_model_call and awrap_model_call, around each call of the model. Nothing there is swallowed. (LangChain
does swallow and only log what a callback handler raises, unless the handler sets raise_error: so this is no callback.)

- Counted is usage_metadata of the message. A stream of ChatOpenAI at another base_url has it only with stream_usage=True;
  without, the call counts as a request without tokens, and the log warns once. Of a call that is cancelled LangChain says
  nothing. Of a stream of Anthropic it takes the last event's word alone, which holds all counts at Anthropic, but not at all
  that speak its API.
- A provider that is out: the model is not called, and Exhausted is raised, with wait, retry_at and the ledger's sentence.
  ModelFallbackMiddleware goes on with the next model when it stands before the door in the list; ModelRetryMiddleware there
  tries again. For several models, `provider` is a function that gives the Provider of a ModelRequest.
- Applied are the status, headers and body in the exception of a vendor's library, and that a call was served. The headers of
  good answers are not seen here, nor the retries inside of OpenAI's and Anthropic's libraries: tokenquota.httpx sees both
  (ChatOpenAI(http_client=..., http_async_client=...)). Use one of the two for a model, or count=False in one.
- The ledger cannot decide, and on_error is "raise": tokenquota.Error is raised before the model is called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Union

from langchain.agents.middleware import AgentMiddleware

from ._door import Door as _Door
from ._door import Exchange, Exhausted, check_provider

if TYPE_CHECKING:
    from . import Provider, Usage

__all__ = ["Door", "Exhausted"]


def usage_of(message: Any, exchange: Exchange) -> Usage | None:
    """The usage of a message; None when it has none."""
    said = getattr(message, "usage_metadata", None)
    if not said:
        return None
    details = said.get("input_token_details") or {}
    read = details.get("cache_read") or 0
    # Anthropic's are told apart by how long they are kept; then cache_creation is 0.
    written = details.get("cache_creation") or sum(
        details.get(name) or 0 for name in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"))
    return exchange.usage(said["input_tokens"], read, written, said["output_tokens"], total=said.get("total_tokens") or 0,
                          reasoning=(said.get("output_token_details") or {}).get("reasoning") or 0)


class Door(AgentMiddleware[Any, Any, Any]):
    """Counts each call of the model under `provider`. Options: see Door of tokenquota._door."""

    def __init__(self, provider: Union[Provider, Callable[[Any], Provider]], **options: Any) -> None:
        super().__init__()
        check_provider(provider)
        self.provider, self.door = provider, _Door(**options)

    def begin(self, request: Any) -> Exchange:
        return self.door.begin(self.provider(request) if callable(self.provider) else self.provider)

    def counted(self, exchange: Exchange, result: Any) -> Any:
        response = getattr(result, "model_response", result)
        messages = getattr(response, "result", None) or [response]
        exchange.succeeded()
        for message in messages:
            if getattr(message, "type", None) == "ai":
                usage = usage_of(message, exchange)
                if usage is None:
                    self.door.tell("tokenquota: a message had no usage_metadata, so its tokens were not counted. For a stream of "
                                   "ChatOpenAI set stream_usage=True")
                exchange.served(usage)
        return result

    def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        exchange = self.begin(request)
        try:
            result = handler(request)
        except BaseException as error:
            exchange.failed(error)
            raise
        return self.counted(exchange, result)

    async def awrap_model_call(self, request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        exchange = self.begin(request)
        try:
            result = await handler(request)
        except BaseException as error:
            exchange.failed(error)
            raise
        return self.counted(exchange, result)
