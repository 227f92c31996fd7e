// test_fetch.mjs: wrapFetch against a vendor on this machine: counts, refusals, streams, aborts and errors.
// SPDX-License-Identifier: MIT
import assert from "assert/strict";
import { setFlagsFromString } from "v8";
import { runInNewContext } from "vm";
import { Ledger, QuotaExhaustedError, TokenquotaError, wrapFetch } from "tokenquota";
import { run, test } from "./tap.mjs";
import { vendor } from "./vendor.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const api = await vendor();
const CHAT = `${api.url}/v1/chat/completions`;
const warnings = [];
process.on("warning", (warning) => warnings.push(warning));

/** A fresh provider with a wrapped fetch, and a POST by it. */
async function guarded(options, use) {
  const ledger = new Ledger(":memory:");
  const provider = ledger.provider("openai");
  const fetch = options?.fetch ? wrapFetch(provider, options.fetch, options) : wrapFetch(provider, options ?? {});
  const post = (url, query = {}, init = {}) => fetch(url, { method: "POST", body: JSON.stringify(query), ...init });
  try {
    await use({ ledger, provider, fetch, post });
  } finally {
    ledger.close();
  }
}

test("a JSON answer is counted once, as it passes, and is what the vendor sent", () =>
  guarded({}, async ({ provider, post }) => {
    const response = await post(CHAT);
    assert.deepEqual([response.status, response.ok, response.url, response.redirected], [200, true, CHAT, false]);
    assert.equal(response.headers.get("x-ratelimit-limit-tokens"), "1000");
    assert.equal(provider.used(), 0); // nobody has read it yet
    assert.equal((await response.json()).choices[0].message.content, "hello");
    assert.equal(provider.used(), 20);
  }));

test("a refusal whose connection breaks in its body is applied by its status and headers", () => {
  const broken = new TypeError("terminated");
  const fetch = async () =>
    new Response(new ReadableStream({ pull: (body) => body.error(broken) }), { status: 429, headers: { "retry-after": "60" } });
  return guarded({ fetch }, async ({ provider, post }) => {
    await assert.rejects(post(CHAT), broken);
    assert.equal(provider.state(), "quota_exhausted");
  });
});

test("a Request object and a URL object are counted, too", () =>
  guarded({}, async ({ provider, fetch }) => {
    await (await fetch(new Request(CHAT, { method: "POST", body: "{}" }))).text();
    await (await fetch(new URL(CHAT), { method: "post", body: "{}" })).text();
    assert.equal(provider.used(), 40);
  }));

test("streams of both vendors are counted when they end", () =>
  guarded({}, async ({ provider, post }) => {
    const text = await (await post(CHAT, { stream: true, stream_options: { include_usage: true } })).text();
    assert.match(text, /\[DONE\]/);
    assert.equal(provider.used(), 20);
    await (await post(`${api.url}/v1/messages`, { stream: true })).text();
    assert.equal(provider.used(), 60);
  }));

test("a stream passes piece by piece: the first is read while the rest is not there", () =>
  guarded({}, async ({ provider, post }) => {
    const response = await post(`${api.url}/slow/messages`);
    const reader = response.body.getReader();
    const { value } = await reader.read();
    assert.match(Buffer.from(value).toString(), /message_start/);
    assert.equal(provider.used(), 0);
    await reader.cancel();
    assert.equal(provider.used(), 26); // what was said until then
    await api.left;
  }));

test("an aborted stream counts what was said, and its reader is told of the abort", () =>
  guarded({}, async ({ provider, post }) => {
    const abort = new AbortController();
    const response = await post(`${api.url}/slow/messages`, {}, { signal: abort.signal });
    const reader = response.body.getReader();
    await reader.read();
    const rest = reader.read();
    abort.abort();
    await assert.rejects(rest, { name: "AbortError" });
    assert.equal(provider.used(), 26);
    // And when nobody is reading at that moment.
    const again = new AbortController();
    const second = await post(`${api.url}/slow/messages`, {}, { signal: again.signal });
    await second.body.getReader().read();
    again.abort();
    assert.equal(provider.used(), 52);
  }));

test("a stream that is dropped without a word counts what was said, when it is collected", () =>
  guarded({}, async ({ provider, post }) => {
    const begin = async () => void (await (await post(`${api.url}/slow/messages`)).body.getReader().read());
    await begin();
    for (let n = 0; n < 100 && provider.used() === 0; n++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(provider.used(), 26);
  }));

test("other requests pass untouched, also when the provider is out", () =>
  guarded({}, async ({ provider, fetch, post }) => {
    provider.markExhausted();
    assert.equal((await (await fetch(CHAT)).json()).id, "c1");
    assert.equal((await (await post(`${api.url}/v1/messages/count_tokens?beta=true`)).json()).id, "m1");
    assert.equal(provider.used(), 0);
    assert.equal(provider.state(), "quota_exhausted");
  }));

test("counts says which requests are calls", () =>
  guarded({ counts: ({ method, url }) => method === "GET" && url === CHAT }, async ({ provider, fetch, post }) => {
    await (await fetch(CHAT)).text();
    await (await post(CHAT)).text();
    assert.equal(provider.used(), 20);
  }));

test("a provider that is out is refused before anything is sent, as the vendors refuse", () =>
  guarded({}, async ({ provider, post }) => {
    const heard = api.heard;
    provider.budget = 100;
    provider.observe(100);
    const response = await post(CHAT);
    assert.equal(api.heard, heard);
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("x-should-retry"), "false");
    assert.equal(response.headers.get("x-tokenquota"), "refused");
    const seconds = Number(response.headers.get("retry-after"));
    assert.ok(seconds >= 1 && seconds <= 86_400);
    const body = await response.json();
    assert.deepEqual([body.type, body.error.type, body.error.code], ["error", "rate_limit_error", "rate_limit_exceeded"]);
    assert.match(body.error.message, /^budget spent/);
    assert.equal(provider.used(), 100);
    provider.markExhausted();
    provider.budget = 0;
    assert.equal((await post(CHAT)).headers.get("retry-after"), null);
    assert.equal((await (await post(`${api.url}/v1beta/models/gemini:generateContent`)).json()).error.code, 429);
  }));

test("a short refusal tells an SDK when to ask again, unless it is to have no patience", () =>
  guarded({}, async ({ provider, post }) => {
    const end = Date.now() + 20_000;
    provider.markExhausted(new Date(end));
    const response = await post(CHAT);
    assert.equal(response.headers.get("x-should-retry"), null);
    const ms = Number(response.headers.get("retry-after-ms"));
    assert.ok(ms > 0 && Date.now() + ms > end, String(ms));
    const hasty = wrapFetch(provider, { patienceMs: 0 });
    assert.equal((await hasty(CHAT, { method: "POST" })).headers.get("x-should-retry"), "false");
  }));

test("refuse: throw gives an error with the verdict", () =>
  guarded({ refuse: "throw" }, async ({ provider, post }) => {
    provider.markExhausted(new Date(Date.now() + 60_000));
    await assert.rejects(post(CHAT), (error) => {
      assert.ok(error instanceof QuotaExhaustedError);
      assert.equal(error.code, "TQ_QUOTA_EXHAUSTED");
      assert.equal(error.provider, provider);
      assert.equal(error.verdict.reason, "marked");
      assert.deepEqual(error.retryAt, error.verdict.retryAt);
      return true;
    });
  }));

test("refuse: throw gives a long refusal of the vendor as its cause", () =>
  guarded({ refuse: "throw" }, async ({ post }) => {
    api.next = { status: 429, headers: {}, body: '{"error":{"code":"insufficient_quota"}}' };
    const error = await post(CHAT).catch((thrown) => thrown);
    assert.ok(error instanceof QuotaExhaustedError);
    assert.deepEqual([error.verdict.refusal, error.cause.status], ["no-money", 429]);
    assert.match(await error.cause.text(), /insufficient_quota/);
  }));

test("a refusal of the vendor is applied, and is passed on whole", () =>
  guarded({}, async ({ provider, post }) => {
    const body = '{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}';
    api.next = { status: 429, headers: { "retry-after": "20" }, body };
    const response = await post(CHAT);
    assert.equal(await response.text(), body);
    // An SDK may wait for 20 s: until the end that the ledger holds, which is no earlier than the vendor's.
    assert.equal(response.headers.get("x-should-retry"), null);
    assert.equal(response.headers.get("retry-after"), "20");
    const ms = Number(response.headers.get("retry-after-ms"));
    assert.ok(ms > 0 && Date.now() + ms >= provider.verdict().retryAt.getTime(), String(ms));
    assert.equal(provider.verdict().refusal, "throttled");
    provider.markAvailable();
    api.next = { status: 429, headers: { "retry-after": "3600" }, body: body.replace("rate_limit_exceeded", "x") };
    assert.equal((await post(CHAT)).headers.get("x-should-retry"), "false"); // but not for an hour
    provider.markAvailable();
    api.next = { status: 429, headers: {}, body: '{"error":{"code":"insufficient_quota"}}' };
    assert.equal((await post(CHAT)).headers.get("x-should-retry"), "false");
    assert.equal(provider.verdict().refusal, "no-money");
    api.next = null;
  }));

test("an error that is no refusal changes nothing", () =>
  guarded({}, async ({ provider, post }) => {
    api.next = { status: 400, headers: {}, body: '{"error":{"message":"what?"}}' };
    const response = await post(CHAT);
    assert.deepEqual([response.status, await response.text()], [400, '{"error":{"message":"what?"}}']);
    assert.equal(provider.state(), "available");
    assert.equal(provider.used(), 0);
  }));

test("one request is the probe of a provider that its vendor keeps out, and its answer lets the others in", () =>
  guarded({}, async ({ ledger, provider, post }) => {
    const past = new Date(Date.now() - 3_600_000);
    const noMoney = { status: 429, body: '{"error":{"code":"insufficient_quota"}}', profile: "openai", now: past, sentAt: past };
    provider.apply(noMoney);
    assert.equal(provider.state(), "quota_exhausted");
    assert.equal((await (await post(CHAT)).json()).id, "c1");
    assert.equal(provider.state(), "available");
    const other = ledger.provider("other");
    other.apply(noMoney);
    const broken = wrapFetch(other, () => Promise.reject(new TypeError("fetch failed")));
    await assert.rejects(broken(CHAT, { method: "POST" }), /fetch failed/);
    assert.deepEqual([other.verdict().attempt, other.verdict().probing], [1, false]);
    assert.equal((await broken(CHAT, { method: "POST" })).headers.get("x-tokenquota"), "refused"); // not due again
  }));

test("an answer without usage counts a request, and says so once", () =>
  guarded({}, async ({ provider, post }) => {
    provider.setLimit("100 requests per day");
    await (await post(CHAT, { stream: true })).text();
    await (await post(CHAT, { stream: true })).text();
    await new Promise(setImmediate);
    assert.equal(provider.limits()[0].used, 2);
    assert.equal(provider.used(), 0);
    const said = warnings.filter((warning) => warning.code === "TQ_NO_USAGE");
    assert.equal(said.length, 1);
    assert.match(said[0].message, /include_usage/);
    assert.equal(said[0].name, "TokenquotaWarning");
  }));

test("hold keeps calls that run at one time within the budget, and is settled by their answers", () => {
  const bodies = [];
  const hold = ({ method, url, body }) => (bodies.push([method, url, body]), { tokens: 25 });
  return guarded({ hold, useReserve: true }, async ({ provider, post }) => {
    provider.rule = "off";
    provider.budget = 100;
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(CHAT)));
    const served = answers.filter((answer) => answer.ok);
    assert.equal(served.length, 4);
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))].sort(), [200, 429]);
    assert.deepEqual(bodies[0], ["POST", CHAT, "{}"]);
    const refusal = answers.find((answer) => !answer.ok);
    assert.equal(refusal.headers.get("x-should-retry"), null); // it may be worth it soon
    assert.equal(provider.holds().length, 4);
    for (const answer of served) await answer.text();
    assert.equal(provider.used(), 80);
    assert.equal(provider.holds().length, 0);
    // 20 are left, so that the provider is available, but not for this call.
    assert.equal(provider.state(), "available");
    assert.match((await (await post(CHAT)).json()).error.message, /^no room for this call: /);
  });
});

test("refuse: throw says that there is no room", () =>
  guarded({ hold: () => ({ tokens: 25 }), refuse: "throw" }, async ({ provider, post }) => {
    provider.budget = 20;
    await assert.rejects(post(CHAT), (error) => {
      assert.ok(error instanceof QuotaExhaustedError);
      assert.match(error.message, /^openai has no room for this call: /);
      return true;
    });
    provider.budget = 1000;
    await assert.rejects(post(CHAT).then(() => post(CHAT, {}, { signal: AbortSignal.abort() })), { name: "AbortError" });
    assert.equal(provider.holds().length, 1); // that of the answer that nobody has read
  }));

test("a call that fails frees its hold, and null holds nothing", async () => {
  const down = new TypeError("fetch failed");
  let status = 0;
  const fetch = async () => {
    if (status === 0) throw down;
    return new Response("{}", { status });
  };
  await guarded({ fetch, hold: () => ({ tokens: 25 }) }, async ({ provider, post }) => {
    await assert.rejects(post(CHAT), down);
    assert.equal(provider.holds().length, 0);
    status = 500;
    assert.equal((await post(CHAT)).status, 500);
    assert.equal(provider.holds().length, 0);
  });
  await guarded({ hold: () => null }, async ({ provider, post }) => {
    const response = await post(CHAT);
    assert.equal(provider.holds().length, 0);
    await response.text();
    assert.equal(provider.used(), 20);
  });
});

test("when tokenquota cannot decide it throws", () =>
  guarded({}, async ({ ledger, post }) => {
    const heard = api.heard;
    const late = await post(CHAT);
    ledger.close();
    await assert.rejects(late.text(), TokenquotaError);
    await assert.rejects(post(CHAT), { code: "TQ_EINVAL", message: /closed/ });
    assert.equal(api.heard, heard + 1);
  }));

test("onError: allow lets calls through, and says so once", () =>
  guarded({ onError: "allow", hold: () => ({ tokens: 25 }) }, async ({ ledger, post }) => {
    ledger.close();
    assert.equal((await (await post(CHAT)).json()).id, "c1");
    assert.equal((await (await post(CHAT)).json()).id, "c1");
    await new Promise(setImmediate);
    const said = warnings.filter((warning) => warning.code === "TQ_UNGUARDED");
    assert.equal(said.length, 1);
    assert.match(said[0].message, /go on uncounted and unchecked: the ledger is closed/);
  }));

test("answers without a body, and media, are counted as requests", () =>
  guarded(
    {
      fetch: async (url) =>
        url.includes("audio")
          ? new Response("x", { headers: { "content-type": "audio/mpeg" } })
          : new Response(null, { status: 204 }),
    },
    async ({ provider, post }) => {
      provider.setLimit("100 requests per day");
      assert.equal((await post(CHAT)).status, 204);
      assert.equal(await (await post("http://x/audio")).text(), "x");
      assert.equal(provider.limits()[0].used, 2);
    },
  ));

test("wrong options, and a fetch that is none, are errors", () =>
  guarded({}, async ({ provider }) => {
    assert.throws(() => wrapFetch(provider, { refuse: "never" }), RangeError);
    assert.throws(() => wrapFetch(provider, { onError: "ignore" }), RangeError);
    assert.throws(() => wrapFetch(provider, { hold: { tokens: 5 } }), TypeError);
    assert.throws(() => wrapFetch(provider, 5), TypeError);
    for (const wrong of ["openai", provider.ledger, undefined])
      assert.throws(() => wrapFetch(wrong), /ledger.provider\(name\)/);
    const strange = wrapFetch(provider, async () => ({ ok: true, status: 200, headers: new Headers(), body: { pipe() {} } }));
    await assert.rejects(strange(CHAT, { method: "POST" }), /ReadableStream/);
  }));

await run();
api.close();
