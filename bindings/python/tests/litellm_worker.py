"""litellm_worker.py: processes that ask the fake vendor through LiteLLM with the door: its Router, or its proxy.

SPDX-License-Identifier: MIT

    python3 litellm_worker.py router IN,OUT...      with tokenquota and LiteLLM on PYTHONPATH
    python3 litellm_worker.py proxy COUNT CONFIG

It imports LiteLLM once, which costs seconds, and forks, as a server that preloads its application does.

A worker of the Router writes its process id, then reads a JSON object a line. {"do": "begin", "url": ..., "ledger": ..., "key":
...} makes a Router with the groups of `groups`. {"api": ..., "model": GROUP, "stream": false, "options": {...}} asks; options
are those of the door. {"do": "unlink"} removes the ledger's file. It answers a JSON object: "ok", or "error" (the names of its
classes), "text", "status" and "after" (Retry-After); in both "seconds", and "warned": what was logged.

The proxy writes its port, then the ids of its processes. It ends with its standard input.
"""
import asyncio
import json
import logging
import os
import signal
import socket
import sys
import time

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_MODE"] = "PRODUCTION"
ASKED = [{"role": "user", "content": "count"}]
warned = []


def fork(*given):
    """A process that runs given[0]; its id."""
    process = os.fork()
    if process == 0:
        try:
            given[0](*given[1:])
        finally:
            os._exit(0)
    return process


# ---- Router ----------------------------------------------------------------------------------------

class Keep(logging.Handler):
    def emit(self, record):
        warned.append(record.getMessage())


def groups(url, key):
    """Two accounts of OpenAI, one of Anthropic, one alone, and one that falls back; the vendor's keys are their providers."""
    def one(group, account, model, base=url + "/v1", **info):
        return {"model_name": group, "litellm_params": {"model": model, "api_key": "%s-%s" % (key, account), "api_base": base},
                "model_info": {"id": "%s-%s" % (key, account), **info}}

    return [one("gpt", "a", "openai/gpt-5-mini"), one("gpt", "b", "openai/gpt-5-mini"),
            one("claude", "c", "anthropic/claude-haiku-4-5", url),
            one("alone", "d", "openai/gpt-5-mini"), one("falls", "e", "openai/gpt-5-mini"),
            one("embed", "f", "openai/text-embedding-3-small"),
            one("named", "g", "openai/gpt-5-mini", tokenquota_provider=key + "-other")]


class Asker:
    def __init__(self):
        self.router = self.ledger = self.path = None
        self.doors = {}

    def begin(self, query):
        import litellm
        import tokenquota
        self.path = query["ledger"]
        self.ledger, self.doors = tokenquota.Ledger(self.path), {}
        self.router = litellm.Router(model_list=groups(query["url"], query["key"]), fallbacks=[{"falls": ["claude"]}],
                                     num_retries=query.get("retries", 2))

    def door(self, options):
        import tokenquota.litellm
        return self.doors.setdefault(json.dumps(options), tokenquota.litellm.Door(self.ledger, **options))

    async def ask(self, query):
        import litellm
        door = self.door(query.get("options") or {})
        if litellm.callbacks != [door]:
            # LiteLLM also puts callbacks into other lists, at the first call, where the last door would stay.
            for name in ("input_callback", "success_callback", "failure_callback", "_async_success_callback",
                         "_async_failure_callback"):
                getattr(litellm, name).clear()
            litellm.callbacks = [door]
        model, more = query["model"], {"stream": True} if query.get("stream") else {}
        if query["api"] == "chat":
            answer = await self.router.acompletion(model=model, messages=ASKED, **more)
        elif query["api"] == "sync":
            answer = await asyncio.get_running_loop().run_in_executor(
                None, lambda: self.router.completion(model=model, messages=ASKED))
        elif query["api"] == "messages":
            answer = await self.router.aanthropic_messages(model=model, messages=ASKED, max_tokens=50, **more)
        elif query["api"] == "responses":
            answer = await self.router.aresponses(model=model, input="count", **more)
        elif query["api"] == "direct":
            answer = await litellm.acompletion(model="openai/gpt-5-mini", messages=ASKED, api_key=model, api_base=query["base"])
        else:
            answer = await self.router.aembedding(model=model, input=["count"])
        if more:
            async for _ in answer:
                pass
        # What LiteLLM does after an answer it does in tasks and in threads of its own.
        before = -1
        while query.get("settle", True) and before != (before := self.used()):
            await asyncio.sleep(0.3)

    def used(self):
        return sum(provider.used() for provider in self.ledger)

    async def serve(self, queries, answers):
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, queries.readline):
            query, begun = json.loads(line), time.monotonic()
            warned.clear()
            said = {"ok": True}
            try:
                if query.get("do") == "begin":
                    self.begin(query)
                elif query.get("do") == "unlink":
                    os.unlink(self.path)
                else:
                    await self.ask(query)
            except Exception as error:  # noqa: BLE001: whatever it is, it is the answer
                headers = getattr(getattr(error, "response", None), "headers", {})
                said = {"error": [kind.__name__ for kind in type(error).__mro__], "text": str(error),
                        "status": getattr(error, "status_code", None), "after": headers.get("retry-after")}
                await asyncio.sleep(0.1)
            print(json.dumps({**said, "seconds": time.monotonic() - begun, "warned": warned}), file=answers, flush=True)


def work(pair, others):
    for end in others:  # else the end of a worker that is killed would not be seen
        os.close(end)
    queries, answers = os.fdopen(pair[0]), os.fdopen(pair[1], "w")
    print(os.getpid(), file=answers, flush=True)
    logging.getLogger("tokenquota").addHandler(Keep())
    asyncio.run(Asker().serve(queries, answers))


def router(pairs):
    import litellm
    import tokenquota.litellm  # noqa: F401: it is imported once, before the fork
    litellm.suppress_debug_info = True
    pairs = [tuple(map(int, pair.split(","))) for pair in pairs]
    ends = sum(pairs, ())
    children = [fork(work, pair, set(ends) - set(pair)) for pair in pairs]
    for end in ends:
        os.close(end)
    for child in children:
        os.waitpid(child, 0)


# ---- proxy -----------------------------------------------------------------------------------------

def proxy(count, config):
    os.environ["WORKER_CONFIG"] = json.dumps({"config": config})
    import uvicorn
    from litellm.proxy.proxy_server import app
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    children = [fork(lambda: uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on")).run(sockets=[listening]))
                for _ in range(count)]
    print("port", listening.getsockname()[1], *children, flush=True)
    sys.stdin.read()
    for child in children:
        os.kill(child, signal.SIGKILL)  # one that was killed before is a zombie until this process ends


if __name__ == "__main__":
    if sys.argv[1] == "router":
        router(sys.argv[2:])
    else:
        proxy(int(sys.argv[2]), sys.argv[3])
