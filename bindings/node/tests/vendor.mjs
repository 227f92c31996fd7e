// vendor.mjs: a vendor on this machine: answers, streams and refusals in the forms of OpenAI and Anthropic.
// SPDX-License-Identifier: MIT
import http from "http";

export const OPENAI_USAGE = { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 };

const openai = (usage = OPENAI_USAGE) => ({
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "gpt-5",
  usage,
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
});
const anthropicEvents = [
  [
    "message_start",
    {
      message: {
        id: "m1",
        type: "message",
        role: "assistant",
        model: "claude",
        content: [],
        stop_reason: null,
        usage: { input_tokens: 25, output_tokens: 1 },
      },
    },
  ],
  ["content_block_start", { index: 0, content_block: { type: "text", text: "" } }],
  ["content_block_delta", { index: 0, delta: { type: "text_delta", text: "hello" } }],
  ["content_block_stop", { index: 0 }],
  ["message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 15 } }],
  ["message_stop", {}],
].map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
const chunk = (more) =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "gpt-5", choices: [], ...more })}\n\n`;
const openaiEvents = [
  chunk({ choices: [{ index: 0, delta: { role: "assistant", content: "hel" }, finish_reason: null }] }),
  chunk({ choices: [{ index: 0, delta: { content: "lo" }, finish_reason: "stop" }] }),
  chunk({ usage: OPENAI_USAGE }),
  "data: [DONE]\n\n",
];

/**
 * Serves on 127.0.0.1. `heard` counts the requests. A path with /slow sends one event and then nothing, until the client
 * leaves; `next` is answered once in the place of a real answer: {status, headers, body}.
 */
export async function vendor() {
  const api = { heard: 0, next: null, left: null };
  const server = http.createServer((request, response) => {
    api.heard++;
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      const query = body ? JSON.parse(body) : {};
      if (api.next) {
        const { status, headers, body: text } = api.next;
        api.next = null;
        response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
      } else if (request.url.includes("/slow")) {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(anthropicEvents[0]);
        api.left = new Promise((resolve) => response.once("close", resolve));
      } else if (query.stream) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const events = request.url.includes("messages")
          ? anthropicEvents
          : openaiEvents.filter((event) => query.stream_options?.include_usage || !event.includes("usage"));
        for (const event of events) response.write(event);
        response.end();
      } else if (request.url.includes("messages")) {
        response.writeHead(200, { "content-type": "application/json", "request-id": "r1" });
        response.end(
          JSON.stringify({
            id: "m1",
            type: "message",
            role: "assistant",
            model: "claude",
            stop_reason: "end_turn",
            content: [{ type: "text", text: "hello" }],
            usage: { input_tokens: 25, output_tokens: 15 },
          }),
        );
      } else {
        const headers = {
          "content-type": "application/json",
          "x-ratelimit-limit-tokens": "1000",
          "x-ratelimit-remaining-tokens": "900",
          "x-ratelimit-reset-tokens": "6s",
        };
        response.writeHead(200, headers).end(JSON.stringify(openai()));
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  api.url = `http://127.0.0.1:${server.address().port}`;
  api.close = () => (server.closeAllConnections(), server.close());
  return api;
}
