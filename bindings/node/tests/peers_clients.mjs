// peers_clients.mjs: the SDKs of OpenAI, Anthropic and Vercel through wrapFetch, against a vendor on this machine.
// SPDX-License-Identifier: MIT
//
//     node peers_clients.mjs URL LEDGER        in a project that has the SDKs and tokenquota; tools/peers_node.py makes it
//
// URL is that of tools/fake_vendor.py, which counts for each API key what it served.
import assert from "assert/strict";
import { fork } from "child_process";
import Anthropic from "@anthropic-ai/sdk";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, streamText } from "ai";
import OpenAI from "openai";
import { Ledger, QuotaExhaustedError, wrapFetch } from "tokenquota";
import { run, test } from "./tap.mjs";

const [url, file, role] = process.argv.slice(2);
const GPT = "gpt-5-mini";
const CLAUDE = "claude-sonnet-5";
const ask = [{ role: "user", content: "count" }];
const ledger = new Ledger(file);

/** The three clients of one API key, on providers of these names; `sent` counts what reached the real fetch. */
function clients(key, { openai = "openai", anthropic = "anthropic" } = {}) {
  const sent = { count: 0 };
  const real = (input, init) => (sent.count++, fetch(input, init));
  const gpt = ledger.provider(openai);
  const claude = ledger.provider(anthropic);
  const guard = { refuse: "throw" };
  return {
    sent,
    gpt,
    claude,
    openai: new OpenAI({ apiKey: key, baseURL: `${url}/v1`, fetch: wrapFetch(gpt, real) }),
    anthropic: new Anthropic({ apiKey: key, baseURL: url, fetch: wrapFetch(claude, real) }),
    vercel: createOpenAI({ apiKey: key, baseURL: `${url}/v1`, fetch: wrapFetch(gpt, real, guard) }),
    vercelClaude: createAnthropic({ apiKey: key, baseURL: `${url}/v1`, fetch: wrapFetch(claude, real, guard) }),
  };
}

async function textOf(stream) {
  let events = 0;
  for await (const event of stream) events += event !== undefined;
  return events;
}

/** One call of each kind by the SDK of OpenAI, of Anthropic, and by the AI SDK. */
const calls = {
  openai: [
    ({ openai }) => openai.chat.completions.create({ model: GPT, messages: ask }),
    async ({ openai }) =>
      textOf(
        await openai.chat.completions.create({
          model: GPT,
          messages: ask,
          stream: true,
          stream_options: { include_usage: true },
        }),
      ),
    ({ openai }) => openai.responses.create({ model: GPT, input: "count" }),
    async ({ openai }) => textOf(await openai.responses.create({ model: GPT, input: "count", stream: true })),
  ],
  anthropic: [
    ({ anthropic }) => anthropic.messages.create({ model: CLAUDE, max_tokens: 50, messages: ask }),
    async ({ anthropic }) => textOf(anthropic.messages.stream({ model: CLAUDE, max_tokens: 50, messages: ask })),
  ],
  vercel: [
    ({ vercel }) => generateText({ model: vercel(GPT), prompt: "count" }),
    ({ vercel }) => generateText({ model: vercel.chat(GPT), prompt: "count" }),
    ({ vercel }) => textOf(streamText({ model: vercel.chat(GPT), prompt: "count" }).textStream),
    ({ vercelClaude }) => generateText({ model: vercelClaude(CLAUDE), prompt: "count" }),
    ({ vercelClaude }) => textOf(streamText({ model: vercelClaude(CLAUDE), prompt: "count" }).textStream),
  ],
};

const served = async () => (await fetch(`${url}/served`)).json();
const answer = (key, ...answers) => fetch(`${url}/answers`, { method: "POST", body: JSON.stringify({ key, answers }) });

/** What of a key's answers counts: not the tokens that were read from a cache. */
const counted = (tally) => tally.input + tally.output;

for (const [sdk, list] of Object.entries(calls))
  test(`each answer that ${sdk} gives is counted as the vendor counted it`, async () => {
    for (const [n, call] of list.entries()) {
      const key = `${sdk}-${n}`;
      const own = clients(key, { openai: `o-${key}`, anthropic: `a-${key}` });
      await call(own);
      await call(own);
      const tally = (await served())[key];
      assert.equal(tally.served, 2);
      assert.equal(own.gpt.used() + own.claude.used(), counted(tally), key);
    }
  });

test("OpenAI's and Anthropic's clients throw a refusal at once as their RateLimitError, and nothing is sent", async () => {
  const own = clients("refused", { openai: "o-refused", anthropic: "a-refused" });
  own.gpt.markExhausted(new Date(Date.now() + 3_600_000));
  own.claude.markExhausted();
  for (const call of [...calls.openai, ...calls.anthropic])
    await assert.rejects(call(own), (error) => {
      assert.ok(error instanceof OpenAI.RateLimitError || error instanceof Anthropic.RateLimitError, String(error));
      assert.match(error.message, /marked exhausted/);
      return true;
    });
  assert.equal(own.sent.count, 0);
  assert.equal((await served()).refused, undefined);
});

test("the AI SDK passes the thrown refusal on, with its verdict, and tries once", async () => {
  const own = clients("thrown", { openai: "o-thrown", anthropic: "a-thrown" });
  own.gpt.markExhausted();
  await assert.rejects(calls.vercel[0](own), (error) => {
    assert.ok(error instanceof QuotaExhaustedError, String(error));
    assert.equal(error.verdict.reason, "marked");
    return true;
  });
  assert.equal(own.sent.count, 0);
});

test("a vendor's refusal of an hour ends the call, and no client sleeps for it or asks again", async () => {
  const own = clients("hour", { openai: "o-hour", anthropic: "a-hour" });
  await answer("hour", "exhausted:3600", "exhausted:3600");
  await assert.rejects(calls.openai[0](own), OpenAI.RateLimitError);
  await assert.rejects(calls.anthropic[0](own), Anthropic.RateLimitError);
  assert.equal(own.sent.count, 2);
  assert.deepEqual([own.gpt.state(), own.claude.state()], ["quota_exhausted", "quota_exhausted"]);
  await assert.rejects(calls.openai[0](own), OpenAI.RateLimitError);
  assert.equal(own.sent.count, 2);
  const thrown = clients("hour-thrown", { openai: "o-hour-thrown" });
  await answer("hour-thrown", "exhausted:3600");
  await assert.rejects(calls.vercel[0](thrown), QuotaExhaustedError);
  assert.equal(thrown.sent.count, 1);
});

test("each client waits for a short refusal by itself, and is served after it, with one request more", async () => {
  const list = [calls.openai[0], calls.anthropic[0], calls.vercel[0], calls.vercel[3]];
  await Promise.all(
    list.map(async (call, n) => {
      const key = `short-${n}`;
      const own = clients(key, { openai: `o-${key}`, anthropic: `a-${key}` });
      await answer(key, "throttled:1");
      await call(own);
      assert.equal(own.sent.count, 2);
      assert.equal(own.gpt.used() + own.claude.used(), counted((await served())[key]));
    }),
  );
});

test("OpenAI's and Anthropic's clients wait for a short refusal of ours, too", async () => {
  const own = clients("soon", { openai: "o-soon", anthropic: "a-soon" });
  own.gpt.markExhausted(new Date(Date.now() + 300));
  own.claude.markExhausted(new Date(Date.now() + 300));
  await Promise.all([calls.openai[0](own), calls.anthropic[0](own)]);
  assert.equal(own.sent.count, 2);
});

test("a stream that its reader leaves counts what was said", async () => {
  const own = clients("left", { openai: "o-left", anthropic: "a-left" });
  const stream = await own.anthropic.messages.create({
    model: `${CLAUDE}+late:0.05`,
    max_tokens: 50,
    messages: ask,
    stream: true,
  });
  for await (const event of stream) if (event.type === "content_block_delta") break;
  const used = own.claude.used();
  assert.ok(used >= 7 && used <= 14, String(used)); // its input, and one token of output
});

/** A process of the test below: calls of each kind, then it is held, or told what the others did. */
async function work(key) {
  const own = clients(key);
  const all = Object.values(calls).flat();
  for (let n = 0; n < 2; n++) for (const call of all) await call(own);
  process.send("counted");
  const [message] = await new Promise((resolve) => process.once("message", (...words) => resolve(words)));
  if (message === "hold") return own.openai.chat.completions.create({ model: `${GPT}+hold`, messages: ask });
  if (message === "be refused") await answer(key, "exhausted:3600");
  const error = await calls.openai[0](own).catch((fault) => fault);
  process.send({ refused: error instanceof OpenAI.RateLimitError, sent: own.sent.count });
  process.disconnect();
  return ledger.close();
}

test("the sums of 4 processes are exact, one of them killed, and one refusal is known to all at once", async () => {
  const heard = (child) => new Promise((resolve, reject) => child.once("message", resolve).once("error", reject));
  const children = ["p0", "p1", "p2", "p3"].map((key) => fork(new URL(import.meta.url), [url, file, key]));
  await Promise.all(children.map(heard));
  const [killed, first, ...others] = children;
  killed.send("hold");
  while ((await served()).p0.requests < (await served()).p1.requests + 1) await new Promise(setImmediate);
  const ended = new Promise((resolve) => killed.once("exit", (code, signal) => resolve(signal)));
  killed.kill("SIGKILL");
  assert.equal(await ended, "SIGKILL");
  first.send("be refused");
  assert.deepEqual(await heard(first), { refused: true, sent: 23 });
  for (const child of others) child.send("ask");
  assert.deepEqual(await Promise.all(others.map(heard)), Array(2).fill({ refused: true, sent: 22 }));
  const tallies = Object.entries(await served()).filter(([key]) => /^p\d$/.test(key));
  const used = ledger.provider("openai").used() + ledger.provider("anthropic").used();
  assert.equal(
    used,
    tallies.reduce((sum, [, tally]) => sum + counted(tally), 0),
  );
  assert.equal(
    tallies.reduce((sum, [, tally]) => sum + tally.served, 0),
    4 * 22,
  );
  assert.equal((await ledger.check()).sound, true);
});

if (role) {
  await work(role);
} else {
  await run();
  ledger.close();
}
