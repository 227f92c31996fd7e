"""fake_api.py: the APIs of three vendors as their agents call them: one tool call, then an end. For tools/peers_agents.py.

SPDX-License-Identifier: MIT

The model asks for the shell once, to run `touch made`, and says "all done" when it has the result. Whatever it is sent is
kept in Api.heard.
"""
import http.server
import json
import threading

SHELL = "touch made"


def events(pairs):
    return "".join("event: %s\ndata: %s\n\n" % (name, json.dumps(data)) for name, data in pairs).encode()


def anthropic(query):
    results = [part for message in query["messages"] if isinstance(message["content"], list)
               for part in message["content"] if part.get("type") == "tool_result"]
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": query["model"], "stop_reason": None,
               "content": [], "usage": {"input_tokens": 5, "output_tokens": 1}}
    if results or "Bash" not in [tool["name"] for tool in query.get("tools", [])]:
        block, stop = {"type": "text", "text": ""}, "end_turn"
        delta = {"type": "text_delta", "text": "all done"}
    else:
        block, stop = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}, "tool_use"
        delta = {"type": "input_json_delta", "partial_json": json.dumps({"command": SHELL, "description": "make it"})}
    if not query.get("stream"):
        return "application/json", json.dumps({**message, "content": [{"type": "text", "text": "ok"}],
                                               "stop_reason": "end_turn"}).encode()
    return "text/event-stream", events((data["type"], data) for data in (
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 3}},
        {"type": "message_stop"}))


def openai(query):
    tools = [tool.get("name") for tool in query.get("tools", [])]
    if any(item.get("type") == "function_call_output" for item in query["input"]):
        item = {"type": "message", "role": "assistant", "id": "m1", "content": [{"type": "output_text", "text": "all done"}]}
    else:
        name, arguments = next((pair for pair in (("exec_command", {"cmd": SHELL}), ("shell_command", {"command": SHELL}))
                                if pair[0] in tools), ("shell", {"command": SHELL.split()}))
        item = {"type": "function_call", "id": "f1", "call_id": "c1", "name": name, "arguments": json.dumps(arguments)}
    usage = {"input_tokens": 5, "input_tokens_details": None, "output_tokens": 3, "output_tokens_details": None,
             "total_tokens": 8}
    return "text/event-stream", events((data["type"], data) for data in (
        {"type": "response.created", "response": {"id": "r1"}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {"id": "r1", "usage": usage}}))


def gemini(query):
    tools = [one["name"] for tool in query.get("tools", []) for one in tool.get("functionDeclarations", [])]
    done = any("functionResponse" in part for content in query["contents"] for part in content["parts"])
    part = {"text": "all done"} if done or "run_shell_command" not in tools else {
        "functionCall": {"name": "run_shell_command", "args": {"command": SHELL}}}
    return "application/json", json.dumps({
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 3, "totalTokenCount": 8}}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, kind, data):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.reply("application/json", b'{"data":[],"models":[]}')

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        self.server.api.heard.append(body.decode("utf-8", "replace"))
        if path.endswith("/v1/messages"):
            self.server.api.asked()
            self.reply(*anthropic(json.loads(body)))
        elif path.endswith("/responses"):
            self.server.api.asked()
            self.reply(*openai(json.loads(body)))
        elif "enerateContent" in path:
            self.server.api.asked()
            kind, data = gemini(json.loads(body))
            stream = "stream" in path
            self.reply("text/event-stream" if stream else kind, b"data: " + data + b"\n\n" if stream else data)
        else:
            self.reply("application/json", b"{}")


class Api:
    """Serves on 127.0.0.1 until it is closed. asked is called before each answer of a model."""

    def __init__(self):
        self.heard, self.asked = [], lambda: None
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.api = self
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
