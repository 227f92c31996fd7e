// fetch.cjs: a fetch that counts what each answer used, applies what the vendor says, and refuses when the provider is out.
// SPDX-License-Identifier: MIT
"use strict";
const { Provider } = require("./provider.cjs");
const { UsageStream, readUsage } = require("./signals.cjs");

/** The longest time for which an SDK may sleep before it asks again. */
const PATIENCE_MS = 30_000;

/** What is thrown with refuse: "throw": in the place of a request, or of the vendor's refusal, which is its cause. */
class QuotaExhaustedError extends Error {
  constructor(provider, verdict, options) {
    super(`${provider.name} ${verdict.available ? "has no room for this call" : "is out"}: ${verdict.explain()}`, options);
    this.code = "TQ_QUOTA_EXHAUSTED";
    this.provider = provider;
    this.verdict = verdict;
    this.retryAt = verdict.retryAt;
  }
}
Object.defineProperty(QuotaExhaustedError.prototype, "name", {
  value: "QuotaExhaustedError",
  configurable: true,
  writable: true,
});

/** By default a POST is a call of a model, unless its path says that it only counts the tokens of a prompt. */
function isCall({ method, url }) {
  return method === "POST" && !/(count_tokens|input_tokens|:countTokens)$/.test(url.split(/[?#]/, 1)[0]);
}

/** Says each thing once: a warning of Node, one line on standard error. */
class Voice {
  #said = new Set();

  say(code, text) {
    if (this.#said.has(code)) return;
    this.#said.add(code);
    process.emitWarning(text, { type: "TokenquotaWarning", code });
  }
}

/** Counts one answer: fed with its pieces as they pass, ended once. */
class Meter {
  #stream;
  #end;
  #done = false;
  /** Ends what was begun for the meter. */
  release = () => {};

  constructor(profile, end) {
    this.#stream = new UsageStream({ profile });
    this.#end = end;
  }

  feed(piece) {
    if (!this.#done) this.#stream.feed(piece);
  }

  end() {
    if (this.#done) return;
    this.#done = true;
    this.release();
    try {
      this.#end(this.#stream);
    } finally {
      this.#stream.close();
    }
  }
}

/** A stream that is dropped unread was answered all the same: what it said is counted when it is collected. */
const dropped = new FinalizationRegistry((end) => end());

/** The same bytes, which the meter reads as they pass. Nothing is kept back, and nothing is read ahead. */
function passThrough(body, meter, guard) {
  const reader = body.getReader();
  const stream = new ReadableStream(
    {
      async pull(controller) {
        let piece;
        try {
          piece = await reader.read();
        } catch (error) {
          guard.careful(() => meter.end()); // the connection broke or was aborted: that is what the caller is told
          throw error;
        }
        if (piece.done) {
          guard.run(() => meter.end());
          controller.close();
        } else {
          guard.run(() => meter.feed(piece.value));
          controller.enqueue(piece.value);
        }
      },
      async cancel(reason) {
        guard.careful(() => meter.end());
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  dropped.register(stream, () => guard.careful(() => meter.end()));
  return stream;
}

/** The response with another body, and with everything else that callers look at. */
function withBody(response, body, headers = response.headers) {
  const { status, statusText } = response;
  const made = new Response(body, { status, statusText, headers });
  for (const name of ["url", "redirected", "type"])
    Object.defineProperty(made, name, { value: response[name], configurable: true });
  return made;
}

/**
 * Says in a refusal's headers when it is worth asking again. The SDKs sleep so long and ask again by themselves: until the
 * end that the ledger holds, which may be a second after the vendor's, or else they would come too early. They are told not to
 * ask again when that is too far away: then the answer is true.
 */
function sayWhen(headers, verdict, patienceMs) {
  // Without room, or when all that is left is held, it may be worth it as soon as any call ends: the SDK's own times are right.
  if (verdict.available || verdict.reason === "held") return false;
  const leftMs = verdict.retryAt ? Math.max(1, verdict.retryAt.getTime() + 1 - Date.now()) : Infinity;
  const late = leftMs > patienceMs;
  if (late) headers.set("x-should-retry", "false");
  else headers.set("retry-after-ms", String(leftMs));
  if (leftMs < Infinity && !headers.has("retry-after")) headers.set("retry-after", String(Math.ceil(leftMs / 1000)));
  return late;
}

/** The answer in the place of one that the vendor would refuse, in the form in which the vendors' SDKs know a limit. */
function refusal(verdict, url, patienceMs) {
  const headers = new Headers({ "content-type": "application/json", "x-tokenquota": "refused" });
  sayWhen(headers, verdict, patienceMs);
  const google = /googleapis\.com\/|[gG]enerateContent/.test(url);
  const error = {
    type: "rate_limit_error",
    code: google ? 429 : "rate_limit_exceeded",
    status: "RESOURCE_EXHAUSTED",
    message: verdict.available ? `no room for this call: ${verdict.explain()}` : verdict.explain(),
    param: null,
  };
  return new Response(JSON.stringify({ type: "error", error }), { status: 429, statusText: "Too Many Requests", headers });
}

/** One wrapped fetch: its options, and what it does when tokenquota itself cannot decide. */
class Guard {
  constructor(provider, fetch, options) {
    const { profile, useReserve = false, patienceMs = PATIENCE_MS } = options;
    const { refuse = "response", onError = "throw", counts = isCall, hold = null, leaseMs } = options;
    if (!["response", "throw"].includes(refuse)) throw new RangeError('refuse must be "response" or "throw"');
    if (!["throw", "allow"].includes(onError)) throw new RangeError('onError must be "throw" or "allow"');
    if (hold !== null && typeof hold !== "function")
      throw new TypeError("hold must be a function that gives the amounts of a call");
    Object.assign(this, { provider, fetch, profile, useReserve, patienceMs, refuse, onError, counts, hold, leaseMs });
    this.voice = new Voice();
  }

  /** Runs a step of the guard's own. */
  run(step) {
    if (this.onError === "throw") return step();
    return this.careful(step);
  }

  /** The same where nobody would hear an error, or must hear another one. */
  careful(step) {
    try {
      return step();
    } catch (error) {
      this.voice.say("TQ_UNGUARDED", `calls of ${this.provider.name} go on uncounted and unchecked: ${error.message}`);
      return undefined;
    }
  }

  verdict() {
    return this.provider.verdict(undefined, { useReserve: this.useReserve });
  }

  /** What keeps the request back: a verdict, or null; and whether it is the provider's probe. */
  ask() {
    // The state is a hundred times cheaper than its reasons. (Without the reserve it is out earlier, never later.)
    if (this.provider.state() === "available") return { verdict: null, probe: false };
    const verdict = this.verdict();
    if (verdict.available) return { verdict: null, probe: false };
    const probe = this.provider.probeTake().taken;
    return { verdict: probe ? null : verdict, probe };
  }

  /** A hold for the request: null when there is no room, undefined when none is wanted. */
  take(request) {
    const amounts = this.hold?.(request);
    return amounts == null ? undefined : this.provider.hold(amounts, { leaseMs: this.leaseMs, useReserve: this.useReserve });
  }

  /** What the caller gets in the place of an answer. */
  keepBack(verdict, url) {
    if (this.refuse === "throw") throw new QuotaExhaustedError(this.provider, verdict);
    return refusal(verdict, url, this.patienceMs);
  }

  async send(input, init) {
    const request = {
      url: String(input?.url ?? input),
      method: String(init?.method ?? (typeof input === "object" ? input?.method : undefined) ?? "GET").toUpperCase(),
    };
    if (!this.counts(request)) return this.fetch(input, init);
    const { verdict, probe } = this.run(() => this.ask()) ?? { verdict: null, probe: false };
    if (verdict) return this.keepBack(verdict, request.url);
    const hold = this.run(() => this.take({ ...request, body: init?.body }));
    const full = hold === null ? this.run(() => this.verdict()) : null;
    if (full) {
      if (probe) this.careful(() => this.provider.probeFailure());
      return this.keepBack(full, request.url);
    }
    const sentAt = new Date();
    let response;
    try {
      response = await this.fetch(input, init);
    } catch (error) {
      if (hold) this.careful(() => hold.cancel());
      if (probe) this.careful(() => this.provider.probeFailure());
      throw error;
    }
    const call = { sentAt, probe, hold, request, signal: init?.signal ?? input?.signal };
    return response.ok ? this.served(response, call) : this.refused(response, call);
  }

  /** An answer that is no success: small, and read whole, because its class is in its body. */
  async refused(response, { sentAt, probe, hold }) {
    let broken;
    if (hold) this.careful(() => hold.cancel());
    const body =
      response.body === null
        ? null
        : Buffer.from(
            await response.arrayBuffer().catch((error) => {
              broken = error; // a refusal all the same: its status and headers came
              return new ArrayBuffer(0);
            }),
          );
    const headers = new Headers(response.headers);
    const late = this.run(() => {
      const signal = this.provider.apply({ status: response.status, headers, body, profile: this.profile, sentAt });
      if (probe && signal.refusal === "none") this.provider.probeFailure();
      const verdict = signal.exhausted ? this.verdict() : null;
      return verdict && sayWhen(headers, verdict, this.patienceMs) ? verdict : null;
    });
    if (broken) throw broken;
    const made = withBody(response, body, headers);
    if (late && this.refuse === "throw") throw new QuotaExhaustedError(this.provider, late, { cause: made });
    return made;
  }

  /** A success: headers are applied now, usage is counted when the body has passed. */
  served(response, { sentAt, hold, request, signal }) {
    const { provider, profile } = this;
    const { status, headers } = response;
    this.run(() => provider.apply({ status, headers, profile, sentAt }));
    const media = /^(audio|image|video)\//.test(headers.get("content-type") ?? "");
    const count = (stream) => {
      const { usage, signal: said } = stream.read({ sentAt });
      const found = usage ?? readUsage(undefined, { profile, headers });
      if (hold) hold.settle(found ?? { counted: 0 }, { sentAt });
      else provider.observeUsage(found ?? { counted: 0 }, { sentAt });
      if (said) provider.apply(said);
      if (!found && !signal?.aborted)
        this.voice.say(
          "TQ_NO_USAGE",
          `an answer of ${request.url} states no usage, so its tokens are not counted; ` +
            "a chat stream of OpenAI states it with stream_options: { include_usage: true }",
        );
    };
    const meter = this.run(() => new Meter(profile, count));
    if (!meter) return response;
    if (response.body === null || media) {
      this.run(() => meter.end());
      return response;
    }
    if (typeof response.body.getReader !== "function")
      return (
        this.run(() => {
          throw new TypeError("the wrapped fetch must give a Response of the standard, whose body is a ReadableStream");
        }) ?? response
      );
    if (signal) {
      const onAbort = () => this.careful(() => meter.end());
      signal.addEventListener("abort", onAbort);
      meter.release = () => signal.removeEventListener("abort", onAbort);
    }
    return withBody(response, passThrough(response.body, meter, this));
  }
}

function wrapFetch(provider, fetch = globalThis.fetch, options = {}) {
  if (typeof fetch === "object" && fetch !== null) [fetch, options] = [globalThis.fetch, fetch];
  Provider.check(provider); // throws when it is none: a name or a ledger would fail only at the first request
  if (typeof fetch !== "function") throw new TypeError("there is no fetch to wrap");
  const guard = new Guard(provider, fetch, options);
  return (input, init) => guard.send(input, init);
}

module.exports = { wrapFetch, QuotaExhaustedError };
