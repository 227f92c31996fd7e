"""test_readme.py: the first example of README.md runs as it is written, and its other examples with stand-ins.

SPDX-License-Identifier: MIT
"""
import asyncio
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import here
import tap

import tokenquota

with open(os.path.join(os.path.dirname(here.TESTS), "README.md"), encoding="utf-8") as _file:
    README = _file.read()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def the_first_example_runs_as_written():
    os.makedirs(here.path("first"))
    done = subprocess.run([sys.executable, "-c", EXAMPLES[0]], cwd=here.path("first"), capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0 and done.stderr == "", done
    assert done.stdout.startswith("budget spent: 1,200,000 of 1,000,000 tokens used in this UTC day"), done.stdout
    assert os.listdir(here.path("first")) == ["quota.ledger"]


def the_example_of_a_response_counts_and_applies():
    body = json.dumps({"object": "chat.completion", "usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}})
    response = SimpleNamespace(status_code=200, headers={}, content=body.encode())
    with tokenquota.Ledger(":memory:") as ledger:
        names = {"openai": ledger["openai"], "client": SimpleNamespace(post=lambda url, json: response), "url": "", "request": {}}
        exec(EXAMPLES[1], names)
        response.status_code, response.headers = 429, {"retry-after": "60"}
        exec(EXAMPLES[1], names)
        assert ledger["openai"].used() == 11 and not ledger["openai"].available()


def the_example_of_a_route_asks_or_waits():
    asked, slept = [], []
    with tokenquota.Ledger(":memory:") as ledger:
        names = {"ledger": ledger, "ask": asked.append, "sleep_until": slept.append}
        exec(EXAMPLES[2], names)
        for name in ("openai", "anthropic"):
            ledger[name].mark_exhausted(tokenquota.now_ns() + 10**12)
        exec(EXAMPLES[2], names)
        assert asked == ["anthropic"] and slept == [ledger["openai"].verdict().retry_at]


def the_example_of_a_hold_settles_it_or_says_why_not():
    body = json.dumps({"usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}})
    response, out = SimpleNamespace(status_code=200, headers={}, content=body.encode()), io.StringIO()
    with tokenquota.Ledger(":memory:", rule="off") as ledger, contextlib.redirect_stdout(out):
        ledger["openai"].budget = 20_000
        names = {"openai": ledger["openai"], "client": SimpleNamespace(post=lambda url, json: response), "url": "", "request": {},
                 "tokenquota": tokenquota}
        exec(EXAMPLES[3], names)
        assert (ledger["openai"].used(), ledger["openai"].verdict().held, out.getvalue()) == (11, 0, "")
        exec(EXAMPLES[3], names)
    assert out.getvalue().startswith("openai: no room for 20,000 tokens: "), out.getvalue()


def the_example_of_changes_tells_them():
    out = io.StringIO()
    with tokenquota.Ledger(":memory:") as ledger, contextlib.redirect_stdout(out):
        ledger["openai"].mark_exhausted()
        names = {"ledger": ledger}
        exec("async def run():\n" + textwrap.indent(EXAMPLES[4], "    ") + "        ledger.close()\n", names)
        asyncio.run(asyncio.wait_for(names["run"](), 30))
    assert out.getvalue() == "openai False None\n", out.getvalue()


def it_says_how_many_vendors_are_known():
    assert "%d vendors are known" % len(tokenquota.profiles()) in README, len(tokenquota.profiles())
    assert len(EXAMPLES) == 5


def the_example_of_the_docstring_runs():
    words = textwrap.dedent("\n\n".join(tokenquota.__doc__.split("\n\n")[1:3]))
    done = subprocess.run([sys.executable, "-c", words], env={**os.environ, "TOKENQUOTA_LEDGER": here.path("doc.ledger")},
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done


results = tap.Tap()
results.check_all(globals())
raise SystemExit(results.end())
