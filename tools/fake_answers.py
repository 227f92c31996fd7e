"""fake_answers.py: the answers of the fake vendor, whole and as a stream, in the forms of OpenAI and Anthropic.

SPDX-License-Identifier: MIT

A model says "one two three four five", or asks for a tool.
"""
import json
import time

from fake_api import events

WORDS = ("one", " two", " three", " four", " five")


class Usage:
    """What one answer uses; input includes what was read from the cache."""

    def __init__(self, number):
        self.input, self.cached, self.output, self.reasoning = 10 + number % 7, 4, 5 + number % 5, 2

    def chat(self):
        return {"prompt_tokens": self.input, "completion_tokens": self.output, "total_tokens": self.input + self.output,
                "prompt_tokens_details": {"cached_tokens": self.cached, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": self.reasoning, "audio_tokens": 0,
                                              "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}}

    def responses(self):
        return {"input_tokens": self.input, "input_tokens_details": {"cached_tokens": self.cached, "cache_write_tokens": 0},
                "output_tokens": self.output, "output_tokens_details": {"reasoning_tokens": self.reasoning},
                "total_tokens": self.input + self.output}

    def messages(self, output=None):
        return {"input_tokens": self.input - self.cached, "cache_read_input_tokens": self.cached,
                "cache_creation_input_tokens": 0, "output_tokens": self.output if output is None else output,
                "service_tier": "standard"}


# ---- each gives (the whole answer, the pieces of its stream) of a query ----------------------------

def chat(query, usage, tool):
    head = {"id": "chatcmpl-1", "created": int(time.time()), "model": query["model"], "service_tier": "default",
            "system_fingerprint": "fp_1"}
    call = {"id": "call_1", "type": "function", "function": {"name": tool, "arguments": "{}"}}
    message = {"role": "assistant", "content": None if tool else "".join(WORDS), "refusal": None, "annotations": []}
    if tool:
        message["tool_calls"] = [call]
    finish = "tool_calls" if tool else "stop"
    whole = {**head, "object": "chat.completion", "usage": usage.chat(),
             "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}]}
    wanted = (query.get("stream_options") or {}).get("include_usage")
    deltas = [{"tool_calls": [{"index": 0, **call}]}] if tool else [{"content": word} for word in WORDS]

    def chunk(delta, reason=None):
        return {**head, "object": "chat.completion.chunk", **({"usage": None} if wanted else {}),
                "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}

    chunks = [chunk({"role": "assistant", "content": None if tool else "", "refusal": None}), *map(chunk, deltas),
              chunk({}, finish)]
    if wanted:
        chunks.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage.chat()})
    return whole, [b"data: %s\n\n" % json.dumps(one).encode() for one in chunks] + [b"data: [DONE]\n\n"]


def responses(query, usage, tool):
    text = {"type": "output_text", "annotations": [], "logprobs": [], "text": "".join(WORDS)}
    item = ({"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": tool,
             "arguments": "{}"} if tool else
            {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [text]})
    whole = {"id": "resp_1", "object": "response", "created_at": int(time.time()), "status": "completed", "error": None,
             "incomplete_details": None, "instructions": None, "metadata": {}, "model": query["model"], "output": [item],
             "parallel_tool_calls": True, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
             "usage": usage.responses()}
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    part = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    rows = [("response.created", {"response": begun}), ("response.in_progress", {"response": begun})]
    if tool:
        rows += [("response.output_item.added", {"output_index": 0, "item": {**item, "status": "in_progress",
                                                                             "arguments": ""}}),
                 ("response.function_call_arguments.delta", {"item_id": "fc_1", "output_index": 0, "delta": "{}"}),
                 ("response.function_call_arguments.done", {"item_id": "fc_1", "output_index": 0, "name": tool,
                                                            "arguments": "{}"})]
    else:
        rows += [("response.output_item.added", {"output_index": 0, "item": {**item, "status": "in_progress",
                                                                             "content": []}}),
                 ("response.content_part.added", {**part, "part": {**text, "text": ""}})]
        rows += [("response.output_text.delta", {**part, "delta": word, "logprobs": []}) for word in WORDS]
        rows += [("response.output_text.done", {**part, "text": text["text"], "logprobs": []}),
                 ("response.content_part.done", {**part, "part": text})]
    rows += [("response.output_item.done", {"output_index": 0, "item": item}), ("response.completed", {"response": whole})]
    return whole, [events([(name, {"type": name, "sequence_number": number, **data})])
                   for number, (name, data) in enumerate(rows)]


def messages(query, usage, tool):
    block = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": {}} if tool else {
        "type": "text", "text": "".join(WORDS)}
    stop = "tool_use" if tool else "end_turn"
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": query["model"], "stop_sequence": None}
    whole = {**head, "content": [block], "stop_reason": stop, "usage": usage.messages()}
    deltas = [{"type": "input_json_delta", "partial_json": "{}"}] if tool else [
        {"type": "text_delta", "text": word} for word in WORDS]
    rows = [{"type": "message_start", "message": {**head, "content": [], "stop_reason": None, "usage": usage.messages(1)}},
            {"type": "content_block_start", "index": 0, "content_block": {**block, **({} if tool else {"text": ""})}},
            {"type": "ping"}]
    rows += [{"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas]
    rows += [{"type": "content_block_stop", "index": 0},
             {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None},
              "usage": {name: count for name, count in usage.messages().items() if name != "service_tier"}},
             {"type": "message_stop"}]
    return whole, [events([(row["type"], row)]) for row in rows]


def embeddings(query, usage, tool):
    tokens = usage.input - usage.cached + usage.output  # as the vendor's Tally adds them up
    return {"object": "list", "model": query["model"], "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}, []


KINDS = {"/chat/completions": chat, "/responses": responses, "/messages": messages, "/embeddings": embeddings}


def tool_wanted(query):
    """The name of the first tool; None when there is none, or the request has its result."""
    said = query.get("messages") or query.get("input") or []
    results = [one for one in said if isinstance(one, dict) and (
        one.get("role") == "tool" or one.get("type") == "function_call_output" or (
            isinstance(one.get("content"), list) and any(part.get("type") == "tool_result" for part in one["content"])))]
    tools = query.get("tools")
    if results or not tools:
        return None
    return tools[0].get("name") or tools[0]["function"]["name"]
