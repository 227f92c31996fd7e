"""server_app.py: a web application whose workers count each request on one ledger, for peers_servers.py.

SPDX-License-Identifier: MIT

/count counts a token, /refuse applies a refusal of the vendor, /state asks. Each answers "PROCESS USED STATE".
"""
import os

import tokenquota

ledger = tokenquota.Ledger() # $TOKENQUOTA_LEDGER; with gunicorn --preload it is opened before the workers are forked
openai = ledger["openai"]


def answer(path):
    if path == "/count":
        openai.observe(1)
    elif path == "/refuse":
        openai.apply(429, {"retry-after": "3600"})
    return ("%d %d %s" % (os.getpid(), openai.used(), openai.state())).encode()


def wsgi(environ, start_response):
    body = answer(environ["PATH_INFO"])
    start_response("200 OK", [("content-length", str(len(body)))])
    return [body]


async def asgi(scope, receive, send):
    if scope["type"] == "http":
        body = answer(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})
