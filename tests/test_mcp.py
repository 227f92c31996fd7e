#!/usr/bin/env python3
# test_mcp.py: `tokenquota mcp` as clients of three versions of MCP see it: handshakes, tools, schemas, waits, faults.
# SPDX-License-Identifier: MIT
#
#     test_mcp.py COMMAND
import json
import os
import pathlib
import random
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from tap import Tap

MODERN, LEGACY = "2026-07-28", ("2025-11-25", "2025-06-18")
META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}
LINE_MOST = 1 << 20
DEADLINE = 30  # seconds, after which a test has failed


class Client:
    """A client on two pipes: writes lines, reads lines, and stops at a deadline."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([COMMAND, "mcp", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, bufsize=0)
        self.rest = b""

    def send(self, line):
        self.process.stdin.write((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")

    def line(self, seconds=DEADLINE):
        """The next message, or None when none came."""
        until = time.monotonic() + seconds
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))[0]:
                return None
            got = os.read(self.process.stdout.fileno(), 1 << 20)
            if not got:
                return None
            self.rest += got
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def ask(self, method, params=None, number=1):
        self.send({"jsonrpc": "2.0", "id": number, "method": method, **({} if params is None else {"params": params})})
        return self.line()

    def modern(self, method, **params):
        return self.ask(method, {**params, "_meta": META})

    def call(self, name, arguments=None, **more):
        answer = self.modern("tools/call", name=name, **({} if arguments is None else {"arguments": arguments}), **more)
        return answer["result"]

    def end(self):
        """Closes its input: the server ends by itself, and has said nothing else."""
        self.process.stdin.close()
        rest = self.process.stdout.read()
        errors = self.process.stderr.read().decode()
        return self.process.wait(DEADLINE), rest, errors


def quota(*arguments):
    return subprocess.run([COMMAND, *arguments], check=True, capture_output=True, text=True).stdout


def document(*arguments):
    """What a command prints as JSON, without what nobody knows."""
    def known(value):
        if isinstance(value, dict):
            return {key: known(item) for key, item in value.items() if item is not None}
        return [known(item) for item in value] if isinstance(value, list) else value

    done = subprocess.run([COMMAND, *arguments, "--json"], capture_output=True, text=True)
    assert done.returncode <= 1, done.stderr
    return known(json.loads(done.stdout))


def conforms(value, schema, where=""):
    """Raises where a value does not conform to what we use of JSON Schema."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    assert any(isinstance(value, TYPES[kind]) and not (kind != "boolean" and isinstance(value, bool))
               for kind in kinds), (where, value, schema)
    if isinstance(value, dict):
        for name in schema["required"]:
            assert name in value, (where, name)
        for name, item in value.items():
            if name in schema["properties"]:
                conforms(item, schema["properties"][name], where + "." + name)
            assert name in schema["properties"] or schema.get("additionalProperties", True), (where, name)
    for i, item in enumerate(value if isinstance(value, list) else []):
        conforms(item, schema["items"], "%s[%d]" % (where, i))
    if schema.get("format") == "date-time":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value), (where, value)


# What moves while we look.
MOVING = {"at", "projection", "burn_rate_per_hour", "runs_out_at", "sentence", "interval"}


def still(value):
    if isinstance(value, dict):
        return {key: still(item) for key, item in value.items() if key not in MOVING}
    return [still(item) for item in value] if isinstance(value, list) else value


def initialize_agrees_on_a_version():
    for asked, given in [*zip(LEGACY, LEGACY), ("2024-11-05", LEGACY[0]), (MODERN, LEGACY[0])]:
        client = Client()
        early = client.ask("tools/list")
        assert early["error"]["code"] == -32602 and MODERN in early["error"]["message"], early
        assert client.ask("ping")["result"] == {}
        answer = client.ask("initialize", {"protocolVersion": asked, "capabilities": {}, "clientInfo": {}}, "one")
        assert answer["id"] == "one" and answer["result"]["protocolVersion"] == given, answer
        assert answer["result"]["capabilities"] == {"tools": {}}
        assert answer["result"]["serverInfo"]["name"] == "tokenquota"
        client.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        listed = client.ask("tools/list", {})["result"]
        assert len(listed["tools"]) == 4 and set(listed) == {"tools"}, listed
        assert client.ask("initialize", {})["error"]["code"] == -32602
        assert client.end() == (0, b"", "")


def each_modern_request_stands_alone():
    client = Client()
    listed = client.modern("tools/list")["result"]
    assert listed["resultType"] == "complete" and listed["cacheScope"] == "public" and listed["ttlMs"] > 0
    found = client.modern("server/discover")["result"]
    assert found["supportedVersions"] == [MODERN] and found["capabilities"] == {"tools": {}}
    assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "tokenquota"
    assert {"resultType", "ttlMs", "cacheScope"} <= set(found)
    unsupported = client.ask("tools/list", {"_meta": {**META, "io.modelcontextprotocol/protocolVersion": "1900-01-01"}})
    assert unsupported["error"]["code"] == -32022
    assert unsupported["error"]["data"] == {"supported": [MODERN], "requested": "1900-01-01"}
    for key in META:
        missing = client.ask("tools/list", {"_meta": {k: v for k, v in META.items() if k != key}})
        assert missing["error"]["code"] == -32602, missing
    for removed in ("ping", "initialize", "logging/setLevel"):
        assert client.modern(removed)["error"]["code"] == -32601
    # Both eras on one pipe: neither changes the other.
    assert client.ask("initialize", {"protocolVersion": LEGACY[1]})["result"]["protocolVersion"] == LEGACY[1]
    assert "resultType" not in client.ask("tools/list")["result"]
    assert client.modern("tools/list")["result"] == listed
    assert client.end() == (0, b"", "")


def tools_only_read():
    client = Client()
    tools = client.modern("tools/list")["result"]["tools"]
    assert [tool["name"] for tool in tools] == ["quota_status", "quota_route", "quota_explain", "quota_wait"]
    for tool in tools:
        assert tool["annotations"]["readOnlyHint"] is True and tool["annotations"]["destructiveHint"] is False
        assert tool["inputSchema"]["additionalProperties"] is False and tool["outputSchema"]["required"]
    before = pathlib.Path(os.environ["TOKENQUOTA_LEDGER"]).read_bytes()
    for name, arguments in [("quota_status", {}), ("quota_route", {"providers": ["out", "new"]}),
                            ("quota_explain", {"providers": ["out"]}),
                            ("quota_wait", {"providers": ["out"], "timeout_seconds": 1})]:
        assert not client.call(name, arguments)["isError"], name
    assert pathlib.Path(os.environ["TOKENQUOTA_LEDGER"]).read_bytes() == before
    assert quota("ledger", "names").split() == ["claude", "openai", "out", "refused"]
    client.end()


def answers_are_the_documents_of_the_command():
    client = Client()
    schemas = {tool["name"]: tool["outputSchema"] for tool in client.modern("tools/list")["result"]["tools"]}
    for name, arguments, command in [
            ("quota_status", None, ["status"]),
            ("quota_status", {"providers": ["claude", "out"]}, ["status", "claude", "out"]),
            ("quota_route", {"providers": ["out", "openai"]}, ["route", "out", "openai"]),
            ("quota_route", {"providers": ["out"]}, ["route", "out", "--no-probe"]),
            ("quota_route", {"providers": ["refused"]}, ["route", "refused", "--no-probe"]),
            ("quota_route", {"providers": ["openai"], "need": 7}, ["route", "openai", "--need", "7"]),
            ("quota_route", {"providers": ["claude", "openai"], "policy": "sticky", "last": "openai", "use_reserve": True},
             ["route", "claude", "openai", "--policy", "sticky", "--last", "openai", "--use-reserve"]),
            ("quota_explain", {"providers": ["claude", "out", "refused"]}, ["explain", "claude", "out", "refused"])]:
        result = client.call(name, arguments)
        assert result["isError"] is False and result["resultType"] == "complete", result
        conforms(result["structuredContent"], schemas[name], name)
        assert still(result["structuredContent"]) == still(document(*command)), (name, command)
        assert json.loads(result["content"][1]["text"]) == result["structuredContent"]
        assert result["content"][0]["text"] and result["content"][0]["type"] == "text"
    assert '"out" ' in client.call("quota_route", {"providers": ["out"]})["content"][0]["text"].replace(":", " ")
    client.end()


def what_is_wrong_with_arguments_is_said_to_the_agent():
    client = Client()
    for name, arguments, words in [
            ("quota_explain", {"providers": ["opena"]}, 'did you mean "openai"?'),
            ("quota_status", {"providers": ["zzz"]}, "unknown provider"),
            ("quota_explain", {}, '"providers" is missing'),
            ("quota_explain", {"providers": []}, "at least one"),
            ("quota_explain", {"providers": "openai"}, "list of names"),
            ("quota_explain", {"providers": [5]}, "text"),
            ("quota_explain", {"providers": [""]}, "not empty"),
            ("quota_explain", {"providers": ["x"] * 257}, "list"),
            ("quota_explain", {"providers": ["a\u0001b"]}, "name"),
            ("quota_route", {"providers": ["a"], "policy": "best"}, "sticky"),
            ("quota_route", {"providers": ["a"], "last": "a"}, "sticky"),
            ("quota_route", {"providers": ["a"], "last": "b", "policy": "sticky"}, "none of the providers"),
            ("quota_route", {"providers": ["a"], "need": 0}, "whole number"),
            ("quota_route", {"providers": ["a"], "need": 1.5}, "whole number"),
            ("quota_route", {"providers": ["a"], "use_reserve": "yes"}, "true or false"),
            ("quota_wait", {"providers": ["a"], "timeout_seconds": 601}, "bounds"),
            ("quota_route", {"provider": ["a"]}, 'no argument "provider"')]:
        result = client.call(name, arguments)
        assert result["isError"] is True and words in result["content"][0]["text"], (name, arguments, result)
        assert "structuredContent" not in result
    for params in ({"name": "quota_mark"}, {"name": 5}, {}, {"name": "quota_status", "arguments": []}):
        assert client.modern("tools/call", **params)["error"]["code"] == -32602, params
    assert client.modern("tools/list", cursor="2")["error"]["code"] == -32602
    client.end()


def malformed_input_is_answered():
    client = Client()
    for line, code in [(b"{", -32700), (b'{"jsonrpc":"2.0","id":1e400,"method":"ping"}', -32700), (b"\xff\xfe", -32700),
                       (b'{"jsonrpc":"2.0","id":1,"method":"ping"} x', -32700), (b"[" * 100000, -32700),
                       (b"[]", -32600), (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600), (b"5", -32600),
                       (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
                       (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
                       (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600)]:
        client.send(line)
        answer = client.line()
        assert answer["error"]["code"] == code and answer["id"] is None, (line[:80], answer)
    for line, code in [({"id": 1, "method": "ping"}, -32600), ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, -32600),
                       ({"jsonrpc": "2.0", "id": 1}, -32600), ({"jsonrpc": "2.0", "id": 1, "method": 5}, -32600),
                       ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}, -32602),
                       ({"jsonrpc": "2.0", "id": 1, "method": "nothing"}, -32601)]:
        client.send(line)
        answer = client.line()
        assert answer["error"]["code"] == code and answer["id"] == 1, (line, answer)
    # Nobody answers blank lines, notifications and responses.
    for line in (b"", b"  \t", b"\r", {"jsonrpc": "2.0", "method": "notifications/nothing"},
                 {"jsonrpc": "2.0", "id": 9, "result": {}},
                 {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 77}},
                 {"jsonrpc": "2.0", "method": "notifications/cancelled"}):
        client.send(line)
    client.send(b'{"jsonrpc":"2.0","id":2,"method":"ping"}\r')
    assert client.line() == {"jsonrpc": "2.0", "id": 2, "result": {}}
    assert client.end() == (0, b"", "")


def lines_are_bounded():
    client = Client()
    longest = b'{"jsonrpc":"2.0","id":1,"method":"ping","x":"' + b"a" * LINE_MOST
    longest = longest[:LINE_MOST - 2] + b'"}'
    client.send(longest)
    assert client.line()["result"] == {}
    for size in (LINE_MOST + 1, 5 * LINE_MOST):
        client.send(b"[" + b"a" * (size - 1))
        assert client.line()["error"] == {"code": -32600, "message": "a message has at most 1048576 bytes"}
    assert client.ask("ping", number=2)["id"] == 2
    memory = pathlib.Path("/proc/%d/status" % client.process.pid).read_text()
    if not os.environ.get("SANITIZE"):
        assert int(re.search(r"VmHWM:\s*(\d+) kB", memory).group(1)) < 24000, memory
    # A line may come in any pieces, and the last one may lack its end.
    for byte in b'{"jsonrpc":"2.0","id":3,"method":"ping"}\n':
        client.process.stdin.write(bytes([byte]))
    assert client.line()["id"] == 3
    client.process.stdin.write(b'{"jsonrpc":"2.0","id":4,"method":"ping"}')
    status, rest, _ = client.end()
    assert status == 0 and json.loads(rest)["id"] == 4


def spoil(line, rng):
    """The line with something else in it: another byte, a piece less or twice, or another value at some place."""
    kind = rng.randrange(4)
    at, to = sorted(rng.randrange(len(line) + 1) for _ in range(2))
    if kind == 0:
        return line[:at] + bytes([rng.choice(b'{}[]",:0-9\\ue\xff\x00')]) + line[at + 1:]
    if kind == 1:
        return line[:at] + line[to:]
    if kind == 2:
        return line[:to] + line[at:]
    values = [b"null", b"-1", b"1e99", b"true", b"{}", b"[[]]", b'""', b'"\\u0000"', b'"\\ud800"', b"9" * 30]
    places = [match.span(1) for match in re.finditer(rb': ?("[^"]*"|\d+|\{\}|\[[^]]*\])', line)]
    begin, end = rng.choice(places or [(at, to)])
    return line[:begin] + rng.choice(values) + line[end:]


def spoilt_lines_are_answered_by_the_rules():
    seed = int(os.environ.get("TQ_SEED") or time.time())
    print("# TQ_SEED=%d" % seed)
    rng = random.Random(seed)
    whole = [json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}}).encode()
             for method, params in [("tools/list", {}), ("server/discover", {}), ("initialize", {"protocolVersion": "x"}),
                                    ("tools/call", {"name": "quota_route", "arguments": {"providers": ["a", "out"], "need": 5}}),
                                    ("tools/call", {"name": "quota_explain", "arguments": {"providers": ["out"]}})]]
    lines = []
    for _ in range(600):
        line = rng.choice(whole)
        for _ in range(rng.randrange(1, 3)):
            line = spoil(line, rng)
        lines.append(line.replace(b"\n", b" "))
    last = b'{"jsonrpc":"2.0","id":"last","method":"ping"}'
    done = subprocess.run([COMMAND, "mcp"], input=b"\n".join([*lines, last]), capture_output=True)
    assert done.returncode == 0 and done.stderr == b"", done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[-1] == {"jsonrpc": "2.0", "id": "last", "result": {}}
    assert len(answers) > len(lines) // 2
    for answer in answers:
        assert answer["jsonrpc"] == "2.0" and ("result" in answer) != ("error" in answer), answer
        if "error" in answer:
            assert answer["error"]["code"] in (-32700, -32600, -32601, -32602, -32022), answer


def a_wait_ends_when_a_provider_is_back():
    quota("mark", "held", "exhausted", "--for", "1h")
    client = Client()
    client.send({"jsonrpc": "2.0", "id": "w", "method": "tools/call", "params": {
        "_meta": {**META, "progressToken": "p"}, "name": "quota_wait",
        "arguments": {"providers": ["held"], "timeout_seconds": 600}}})
    told = client.line()
    assert told["method"] == "notifications/progress" and told["params"]["progressToken"] == "p", told
    assert told["params"]["total"] == 600 and "held" in told["params"]["message"]
    # Others are answered meanwhile, but not under the same id.
    assert client.modern("tools/list")["id"] == 1
    assert client.ask("ping", number="w")["error"]["code"] == -32600
    quota("mark", "held", "available")
    answer = client.line()
    assert answer["id"] == "w" and answer["result"]["structuredContent"]["timed_out"] is False, answer
    assert answer["result"]["structuredContent"]["state"] == "available"
    assert answer["result"]["structuredContent"]["waited_seconds"] < DEADLINE
    client.end()
    quota("forget", "held", "--yes")


def a_wait_is_bounded_and_can_be_cancelled():
    client = Client()
    schema = client.modern("tools/list")["result"]["tools"][3]["outputSchema"]
    for number, seconds in (("long", 600), (7, 600), ("short", 1)):
        client.send({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {
            "_meta": META, "name": "quota_wait", "arguments": {"providers": ["out"], "timeout_seconds": seconds}}})
    client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "long", "reason": "-"}})
    answer = client.line()
    assert answer["id"] == "short" and answer["result"]["structuredContent"]["timed_out"] is True, answer
    assert answer["result"]["isError"] is False
    conforms(answer["result"]["structuredContent"], schema)
    # The id of a cancelled one is free.
    assert client.ask("initialize", {"protocolVersion": LEGACY[0]}, "long")["id"] == "long"
    # One that waits at the end of the input holds nobody up.
    assert client.end() == (0, b"", "")


def waits_are_few():
    client = Client()
    for number in range(33):
        client.send({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {
            "_meta": META, "name": "quota_wait", "arguments": {"providers": ["out"], "timeout_seconds": 600}}})
    answer = client.line()
    assert answer["id"] == 32 and answer["result"]["isError"] is True, answer
    client.end()


def without_a_ledger_it_says_so():
    client = Client("--ledger", str(WORK / "none"))
    status = client.call("quota_status")
    assert "no ledger" in status["content"][0]["text"] and status["structuredContent"]["providers"] == []
    assert "no ledger" in client.call("quota_explain", {"providers": ["openai"]})["content"][0]["text"]
    route = client.call("quota_route", {"providers": ["openai"]})
    assert "no ledger" in route["content"][0]["text"] and route["structuredContent"]["state"] == "available"
    assert client.call("quota_wait", {"providers": ["openai"]})["structuredContent"]["timed_out"] is False
    # One that is made meanwhile is seen.
    quota("mark", "openai", "exhausted", "--for", "1h", "--ledger", str(WORK / "none"))
    assert client.call("quota_route", {"providers": ["openai"]})["structuredContent"]["state"] == "quota_exhausted"
    client.end()
    client = Client(b"--ledger", os.fsencode(WORK) + b"/none\xff")
    assert "none\\xff" in client.call("quota_status")["content"][0]["text"]
    client.end()
    (WORK / "broken").write_bytes(b"no ledger at all" * 1000)
    client = Client("--ledger", str(WORK / "broken"))
    result = client.call("quota_route", {"providers": ["openai"]})
    assert result["isError"] is True, result
    client.end()


def it_holds_no_ledger_open():
    client = Client()
    client.call("quota_status")
    quota("ledger", "compact")
    client.send({"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {
        "_meta": META, "name": "quota_wait", "arguments": {"providers": ["out"], "timeout_seconds": 600}}})
    client.modern("tools/list")
    ledger = os.environ["TOKENQUOTA_LEDGER"]
    quota("ledger", "backup", str(WORK / "copy"))
    os.rename(WORK / "copy", ledger)
    quota("mark", "out", "available")
    assert client.line()["result"]["structuredContent"]["timed_out"] is False
    quota("mark", "out", "exhausted", "--for", "10h")
    client.end()


def the_lines_of_the_docs_work():
    """`claude mcp add NAME -- COMMAND`: what is behind the dashes is started, and answers."""
    text = pathlib.Path("docs/agents.md").read_text() + pathlib.Path("README.md").read_text()
    lines = re.findall(r"^ *(?:claude|codex|gemini) mcp add (.*)$", text, re.M)
    assert len(lines) == 4, lines
    for line in lines:
        words = line.replace("--scope user ", "").split()
        words = [word for word in words if word != "--"]
        assert words[:2] == ["tokenquota", "tokenquota"], line
        done = subprocess.run([COMMAND, *words[2:]], capture_output=True, text=True,
                              input=json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}))
        assert json.loads(done.stdout)["result"] == {}, done
    client = Client()
    tools = client.modern("tools/list")["result"]["tools"]
    section = text.partition("## What the tools answer")[2]
    for tool in tools:
        row = re.search(r"\| `%s` \| (.*) \|" % tool["name"], section)
        assert row, tool["name"]
        named = set(re.findall(r"`([a-z_]+)`", row.group(1))) & {"providers", "policy", "last", "need", "use_reserve",
                                                                "timeout_seconds"}
        assert named <= set(tool["inputSchema"]["properties"]), (tool["name"], named)
    client.end()


def main():
    global COMMAND, WORK
    COMMAND = os.path.abspath(sys.argv[1])
    WORK = pathlib.Path(tempfile.mkdtemp())
    os.environ.update(TOKENQUOTA_LEDGER=str(WORK / "ledger"), HOME=str(WORK), TZ="UTC", LC_ALL="C")
    tap = Tap()
    try:
        quota("observe", "openai", "1200")
        quota("budget", "openai", "5M")
        quota("limit", "openai", "add", "900 requests per day reserve 10%")
        quota("observe", "claude", "5")
        quota("mark", "out", "exhausted", "--for", "10h")
        quota("observe", "refused", "1")
        subprocess.run([COMMAND, "signal", "-", "--provider", "refused"], capture_output=True,
                       input=b"HTTP/1.1 429 x\r\nretry-after: 7200\r\n\r\n")
        tap.check_all(globals())
    finally:
        shutil.rmtree(WORK)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
