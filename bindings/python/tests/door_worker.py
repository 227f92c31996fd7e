"""door_worker.py: processes that ask the fake vendor through one door with the real library. For peers_doors.py.

SPDX-License-Identifier: MIT

    python3 door_worker.py DOOR IN,OUT...        with tokenquota and the door's library on PYTHONPATH

It imports the library once, and forks a worker for each pair of descriptors, as a server with workers does. A worker writes its
process id as its first line. Then it reads a JSON object a line. {"do": "begin", "url": ..., "ledger": ..., "key": ...} says whom
it asks, where it counts, and as whom. {"api": ..., "model": "gpt-5-mini+ok", "stream": false, "leave": N, "options": {...}} asks.
leave: how many pieces of a stream are read before it is left. options: those of the door. {"do": "unlink"} removes the ledger's
file.

It prints a JSON object: "tokens", the total that the library knows (null: none), or "error" and "cause" (the names of their
classes) and "text"; in both "seconds", and "warned": what was logged.
"""
import asyncio
import importlib
import inspect
import json
import logging
import os
import sys
import time

import tokenquota

DOOR = sys.argv[1]
ASKED = [{"role": "user", "content": "count"}]
LIBRARIES = {"openai": ["openai"], "openai-httpx": ["openai"], "anthropic": ["anthropic"], "openai-agents": ["agents"],
             "pydantic-ai": ["pydantic_ai", "pydantic_ai.models.openai", "pydantic_ai.models.anthropic"],
             "langchain": ["langchain.agents", "langchain_openai", "langchain_anthropic"]}
URL = KEY = ledger = provider = loop = None
log = []


class Keep(logging.Handler):
    def emit(self, record):
        log.append(record.getMessage())


def left(pieces, query):
    """Reads a stream, or its first pieces; the last piece."""
    last = None
    for number, last in enumerate(pieces):
        if number + 1 == query.get("leave"):
            break
    return last


async def left_async(pieces, query):
    last, number = None, 0
    async for last in pieces:
        number += 1
        if number == query.get("leave"):
            break
    return last


# ---- OpenAI's and Anthropic's libraries: one client for all requests with the same options ---------

clients = {}


def client_of(query, make):
    name = json.dumps([query["api"], query.get("options"), query.get("retries")])
    if name not in clients:
        clients[name] = make(query.get("options") or {}, query.get("retries", 2))
    return clients[name]


def ask_openai(query):
    import openai
    from tokenquota import httpx
    library = __import__("httpx") if DOOR == "openai-httpx" else None
    base, kind = {"base_url": URL + "/v1", "api_key": KEY}, query["api"]
    if not kind.endswith("-async"):
        client = client_of(query, lambda options, retries: openai.OpenAI(
            **base, max_retries=retries, http_client=httpx.client(provider, library=library, **options)))
        if kind == "responses":
            answer = client.responses.create(model=query["model"], input="count", stream=query.get("stream", False))
            if not query.get("stream"):
                return answer.usage.total_tokens
            with answer:
                last = left(answer, query)
                return last.response.usage.total_tokens if last.type == "response.completed" else None
        more = {"stream": True, **query.get("more", {"stream_options": {"include_usage": True}})} if query.get("stream") else {}
        answer = client.chat.completions.create(model=query["model"], messages=ASKED, **more)
        if not query.get("stream"):
            return answer.usage.total_tokens
        with answer:
            last = left(answer, query)
            return last.usage and last.usage.total_tokens

    async def run():
        async with openai.AsyncOpenAI(**base, max_retries=query.get("retries", 2), http_client=httpx.async_client(
                provider, library=library, **query.get("options") or {})) as client:
            more = {"stream": True, "stream_options": {"include_usage": True}} if query.get("stream") else {}
            answer = await client.chat.completions.create(model=query["model"], messages=ASKED, **more)
            if not query.get("stream"):
                return answer.usage.total_tokens
            async with answer:
                last = await left_async(answer, query)
                return last.usage and last.usage.total_tokens

    return run()


def total_of(usage):
    return usage.input_tokens + usage.cache_read_input_tokens + usage.output_tokens


def ask_anthropic(query):
    import anthropic
    from tokenquota import httpx
    given = {"model": query["model"], "max_tokens": 9, "messages": ASKED}
    if query["api"] == "messages":
        client = client_of(query, lambda options, retries: anthropic.Anthropic(
            base_url=URL, api_key=KEY, max_retries=retries,
            http_client=httpx.wrap(anthropic.DefaultHttpxClient(), provider, **options)))
        if query.get("do") == "count":
            return client.messages.count_tokens(model=query["model"], messages=ASKED).input_tokens
        if not query.get("stream"):
            return total_of(client.messages.create(**given).usage)
        with client.messages.stream(**given) as stream:
            left(stream, query)
            return None if query.get("leave") else total_of(stream.get_final_message().usage)

    async def run():
        async with anthropic.AsyncAnthropic(base_url=URL, api_key=KEY, max_retries=query.get("retries", 2),
                                            http_client=httpx.async_client(provider, **query.get("options") or {})) as client:
            if not query.get("stream"):
                return total_of((await client.messages.create(**given)).usage)
            async with client.messages.stream(**given) as stream:
                await left_async(stream, query)
                return None if query.get("leave") else total_of((await stream.get_final_message()).usage)

    return run()


# ---- frameworks -----------------------------------------------------------------------------------

async def ask_pydantic_ai(query):
    from pydantic_ai import Agent
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.models.fallback import FallbackModel
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.anthropic import AnthropicProvider
    from pydantic_ai.providers.openai import OpenAIProvider

    from tokenquota import pydantic_ai as door
    name, options = query["model"], query.get("options") or {}
    if query["api"] == "messages":
        import anthropic
        model = AnthropicModel(name, provider=AnthropicProvider(anthropic_client=anthropic.AsyncAnthropic(
            base_url=URL, api_key=KEY, max_retries=0)))
    else:
        import openai
        client = OpenAIProvider(openai_client=openai.AsyncOpenAI(base_url=URL + "/v1", api_key=KEY, max_retries=0))
        model = (OpenAIResponsesModel if query["api"] == "responses" else OpenAIChatModel)(name, provider=client)
    if query.get("other"):  # a provider to fall back to
        agent = Agent(FallbackModel(door.Model(model, provider), door.Model(model, ledger[query["other"]])))
    else:
        agent = Agent(model, capabilities=[door.Door(provider, **options)])
    if query.get("tool"):
        @agent.tool_plain
        def tool() -> str:
            return "done"
    if not query.get("stream"):
        return (await agent.run("count")).usage.total_tokens
    async with agent.run_stream("count") as stream:
        await left_async(stream.stream_text(delta=True, debounce_by=None), query)
        return stream.usage.total_tokens


def ask_langchain(query):
    from langchain.agents import create_agent
    from langchain.agents.middleware import ModelFallbackMiddleware

    from tokenquota import langchain as door
    if query["api"] == "messages":
        from langchain_anthropic import ChatAnthropic
        model = ChatAnthropic(model_name=query["model"], base_url=URL, api_key=KEY, max_retries=0)
    else:
        from langchain_openai import ChatOpenAI
        model = ChatOpenAI(model=query["model"], base_url=URL + "/v1", api_key=KEY, max_retries=0, stream_usage=True,
                           use_responses_api=query["api"].startswith("responses"))
    middleware, chosen = [], provider
    if query.get("other"):
        def chosen(request):
            return ledger[query["other"]] if request.model is other else provider
        other = model.model_copy()
        middleware = [ModelFallbackMiddleware(other)]
    tools = []
    if query.get("tool"):
        def tool() -> str:
            """Does it."""
            return "done"
        tools = [tool]
    agent = create_agent(model, tools, middleware=[*middleware, door.Door(chosen, **query.get("options") or {})])

    def said(messages):
        return sum(message.usage_metadata["total_tokens"] for message in messages if message.type == "ai")

    if query["api"].endswith("-async"):
        async def run():
            if not query.get("stream"):
                return said((await agent.ainvoke({"messages": ASKED}))["messages"])
            stream = agent.astream({"messages": ASKED}, stream_mode="messages")
            await left_async(stream, query)
        return run()
    if not query.get("stream"):
        return said(agent.invoke({"messages": ASKED})["messages"])
    left(agent.stream({"messages": ASKED}, stream_mode="messages"), query)
    return None


async def ask_agents(query):
    import agents
    import openai

    from tokenquota import openai_agents as door
    agents.set_tracing_disabled(True)
    client = openai.AsyncOpenAI(base_url=URL + "/v1", api_key=KEY, max_retries=0)
    models = agents.OpenAIProvider(openai_client=client, use_responses=query["api"] == "responses")
    run = agents.RunConfig(model_provider=door.ModelProvider(provider, models, **query.get("options") or {}),
                           model_settings=agents.ModelSettings(include_usage=True))
    tools = []
    if query.get("tool"):
        @agents.function_tool
        def tool() -> str:
            """Does it."""
            return "done"
        tools = [tool]
    agent = agents.Agent(name="counter", model=query["model"], tools=tools)
    if not query.get("stream"):
        return (await agents.Runner.run(agent, "count", run_config=run)).context_wrapper.usage.total_tokens
    result = agents.Runner.run_streamed(agent, "count", run_config=run)
    await left_async(result.stream_events(), query)
    if query.get("leave"):
        result.cancel()
    return result.context_wrapper.usage.total_tokens


ASK = {"openai": ask_openai, "openai-httpx": ask_openai, "anthropic": ask_anthropic, "pydantic-ai": ask_pydantic_ai,
       "langchain": ask_langchain, "openai-agents": ask_agents}


def begin(query):
    global URL, KEY, ledger, provider
    if ledger is not None:
        ledger.close()
    clients.clear()
    URL, KEY, ledger = query["url"], query["key"], tokenquota.Ledger(query["ledger"], rule="off")
    provider = ledger[DOOR]


def answer(query):
    if query.get("do") == "begin":
        begin(query)
        return {}
    if query.get("do") == "unlink":
        os.unlink(ledger.path)
        return {}
    try:
        result = ASK[DOOR](query)
        return {"tokens": loop.run_until_complete(result) if inspect.iscoroutine(result) else result}
    except Exception as error:  # noqa: BLE001: what it is, is the answer
        return {"error": [kind.__name__ for kind in type(error).__mro__], "cause": type(error.__cause__).__name__,
                "text": str(error)}


def work(lines, out):
    global loop
    loop = asyncio.new_event_loop()  # of this process alone, for all requests: clients keep their connections in it
    asyncio.set_event_loop(loop)
    logging.getLogger("tokenquota").addHandler(Keep())
    print(os.getpid(), file=out, flush=True)
    for line in lines:
        began = time.monotonic()
        said = answer(json.loads(line))
        print(json.dumps({**said, "seconds": time.monotonic() - began, "warned": log}), file=out, flush=True)
        log.clear()


def main():
    pairs = [tuple(map(int, pair.split(","))) for pair in sys.argv[2:]]
    for name in LIBRARIES[DOOR]:
        importlib.import_module(name)
    for mine in pairs:
        if os.fork() == 0:
            for other in set(sum(pairs, ())) - set(mine):
                os.close(other)
            work(os.fdopen(mine[0]), os.fdopen(mine[1], "w"))
            os._exit(0)
    for end in sum(pairs, ()):
        os.close(end)
    for _ in pairs:
        os.wait()


if __name__ == "__main__":
    main()
