// test_signals.mjs: what responses say about quota and usage, read and applied.
// SPDX-License-Identifier: MIT
import assert from "assert/strict";
import { Ledger, Signal, Usage, UsageStream, profiles, readSignal, readUsage } from "tokenquota";
import { run, test } from "./tap.mjs";

const NOW = new Date("2026-03-01T10:00:00Z");
const SENT = new Date("2026-03-01T09:59:58Z");
const HEADERS = {
  "x-ratelimit-limit-tokens": "100000",
  "x-ratelimit-remaining-tokens": "25000",
  "x-ratelimit-reset-tokens": "6m0s",
  "x-request-id": "r1",
};

test("headers are read in every form that Node has", () => {
  const forms = [
    HEADERS,
    Object.entries(HEADERS),
    new Map(Object.entries(HEADERS)),
    new Headers(HEADERS),
    { ...HEADERS, "set-cookie": ["a", "b"] },
  ];
  for (const headers of forms) {
    const signal = readSignal({ status: 200, headers, now: NOW, sentAt: SENT, profile: "openai" });
    assert.ok(signal instanceof Signal);
    assert.deepEqual([signal.says, signal.success, signal.refusal, signal.profile], [true, true, "none", "openai"]);
    const [axis] = signal.axes;
    assert.deepEqual([axis.what, axis.limit, axis.remaining], ["tokens", 100000, 25000]);
    assert.deepEqual(axis.resetAt, new Date(NOW.getTime() + 360_000));
    assert.deepEqual([signal.sentAt, signal.saidAt], [SENT, NOW]);
  }
});

test("what a response does not state is null", () => {
  const signal = readSignal({ status: 200, headers: { "x-ratelimit-remaining-requests": "5" }, now: NOW, profile: "openai" });
  assert.deepEqual([signal.axes[0].limit, signal.axes[0].remaining, signal.axes[0].resetAt], [null, 5, null]);
  const nothing = readSignal({ status: 200, now: NOW });
  assert.deepEqual([nothing.says, nothing.success, nothing.retryAt, nothing.profile], [false, true, null, "generic"]);
});

test("a refusal is applied, and what it says is in the verdict", () => {
  const ledger = new Ledger(":memory:");
  const claude = ledger.provider("anthropic");
  const body = { type: "error", error: { type: "rate_limit_error", message: "too many requests" } };
  const signal = claude.apply({ status: 429, headers: { "retry-after": "20" }, body, profile: "anthropic", now: NOW });
  assert.deepEqual([signal.refusal, signal.exhausted, signal.source], ["throttled", true, "retry-after"]);
  assert.deepEqual(signal.retryAt, new Date(NOW.getTime() + 20_000));
  const verdict = claude.verdict(NOW);
  assert.deepEqual([verdict.reason, verdict.refusal, verdict.profile], ["throttled", "throttled", "anthropic"]);
  assert.match(verdict.explain(), /Anthropic/);
  assert.equal(
    claude.apply({ status: 200, sentAt: new Date(NOW.getTime() + 2000), now: new Date(NOW.getTime() + 3000) }).exhausted,
    false,
  );
  assert.equal(claude.state(new Date(NOW.getTime() + 3000)), "available");
  ledger.close();
});

test("a Signal that was read can be applied, a Response of fetch, too", async () => {
  const ledger = new Ledger(":memory:");
  const openai = ledger.provider("openai");
  const read = readSignal({ status: 429, headers: { "retry-after": "9" }, now: NOW });
  assert.equal(openai.apply(read), read);
  assert.equal(read.exhausted, true);
  assert.equal(openai.state(NOW), "quota_exhausted");
  assert.match(openai.verdict(NOW).explain(), /the vendor/); // who it was is not known
  const response = new Response('{"error":{"code":"insufficient_quota"}}', { status: 429 });
  const late = new Date();
  assert.equal(openai.apply(response, { now: late }).refusal, "throttled");
  assert.equal(openai.apply(response, { now: late, body: await response.text(), profile: "openai" }).refusal, "no-money");
  assert.throws(() => openai.apply(Object.create(Signal.prototype)), TypeError);
  ledger.close();
});

test("a refusal of one model changes the provider that is that model", () => {
  const ledger = new Ledger(":memory:");
  const opus = ledger.provider("opus");
  const event = {
    type: "codex.rate_limits",
    metered_limit_name: "other",
    rate_limits: { primary: { used_percent: 100, window_minutes: 300, reset_at: NOW.getTime() / 1000 + 7200 } },
  };
  const response = { status: 429, body: `data: ${JSON.stringify(event)}\n\n`, now: NOW };
  const signal = readSignal(response);
  assert.equal(signal.modelOnly, true);
  assert.equal(opus.apply(signal).exhausted, false);
  assert.equal(opus.apply(signal, { ofModel: true }).exhausted, true);
  ledger.close();
});

test("usage is read from every form of a body, and from headers", () => {
  const body = { usage: { input_tokens: 10, output_tokens: 7, cache_read_input_tokens: 4, cache_creation_input_tokens: 3 } };
  const text = JSON.stringify(body);
  for (const form of [body, text, Buffer.from(text), new TextEncoder().encode(text), new TextEncoder().encode(text).buffer]) {
    const usage = readUsage(form, { profile: "anthropic" });
    assert.ok(usage instanceof Usage);
    assert.deepEqual([usage.input, usage.output, usage.cacheRead, usage.cacheWrite, usage.counted], [10, 7, 4, 3, 20]);
    assert.deepEqual([usage.total, usage.costNanoUsd, usage.requests, usage.partial], [null, null, 1, false]);
  }
  assert.equal(readUsage("{}"), null);
  assert.equal(readUsage(undefined), null);
  const headers = { "x-amzn-bedrock-input-token-count": "5", "x-amzn-bedrock-output-token-count": "2" };
  assert.equal(readUsage(undefined, { headers }).counted, 7);
  assert.throws(() => readUsage(5), TypeError);
});

test("a stream is read in pieces of any size, and says what it has so far", () => {
  const events = [
    'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}\n\n',
    'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":15}}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  ];
  const stream = new UsageStream({ profile: "anthropic" });
  assert.deepEqual(stream.read(), { usage: null, signal: null });
  stream.feed(events[0]);
  let { usage } = stream.read({ sentAt: SENT, now: NOW });
  assert.deepEqual([usage.input, usage.output, usage.partial, usage.sentAt], [25, 1, true, SENT]);
  for (const byte of Buffer.from(events[1] + events[2])) stream.feed(Buffer.of(byte));
  ({ usage } = stream.read());
  assert.deepEqual([usage.input, usage.output, usage.partial], [25, 15, false]);
  stream.close();
  stream.close();
  assert.throws(() => stream.feed("x"), { code: "TQ_EINVAL" });
  assert.throws(() => stream.read(), { code: "TQ_EINVAL" });
});

test("an error in a stream is a signal", () => {
  const stream = new UsageStream({ profile: "anthropic" });
  stream.feed('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n');
  const { signal } = stream.read({ now: NOW });
  assert.equal(signal.refusal, "overloaded");
  const ledger = new Ledger(":memory:");
  assert.equal(ledger.provider("anthropic").apply(signal).exhausted, true);
  ledger.close();
  stream.close();
});

test("profiles are listed with their vendors", () => {
  const names = profiles().map((profile) => profile.name);
  assert.ok(names.includes("openai") && names.includes("anthropic") && names.includes("generic"));
  assert.equal(profiles().find((profile) => profile.name === "openai").vendor, "OpenAI");
});

test("wrong parts are errors", () => {
  assert.throws(() => readSignal({ status: 200, profile: "nobody", now: NOW }), RangeError);
  assert.throws(() => readSignal({ status: "x", now: NOW }), TypeError);
  assert.throws(() => readSignal({ status: 200, day: "mars" }), RangeError);
  assert.throws(() => readSignal({ status: 200, now: 5 }), TypeError);
  assert.equal(readSignal({ status: 200, headers: { "retry-after": "5\0x" }, now: NOW }).refusal, "none");
});

await run();
