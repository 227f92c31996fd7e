// provider.cjs: one name of a ledger: what is counted, said and decided about it.
// SPDX-License-Identifier: MIT
"use strict";
const native = require("./native.cjs");
const { TokenquotaError, numberOf } = require("./values.cjs");
const { Hold } = require("./hold.cjs");
const { Signal, adopt, bytesOf, readSignal, usageOf } = require("./signals.cjs");

const RULES = ["default", "original", "off", "horizon", "care"];
const OVERAGES = ["allow", "stop"];
const CLASSES = ["input", "cacheRead", "cacheWrite", "output"];

/** Why a provider is available or out, as it was at one instant. Made by Provider.verdict. */
class Verdict {
  constructor() {
    throw new TypeError("a Verdict is made by provider.verdict()");
  }

  get available() {
    return this.state === "available";
  }

  /** One English sentence: what binds, until when, and what would clear it. */
  explain() {
    return native.explain(bytesOf.get(this));
  }

  toString() {
    return this.explain();
  }
}

function runIsOver(run) {
  const words = `the run of this process is over: TOKENQUOTA_RUN=${run}; unset it to call without the run`;
  return new TokenquotaError("TQ_EOVER", words);
}

class Provider {
  #handle; // what sets, and is told what a vendor says: of the name as it is written
  #ofRun; // what counts and asks in its place; undefined: there is no run

  /** Made by Ledger.provider alone. */
  constructor(ledger, name, handle, run = null, ofRun = undefined) {
    if (handle === undefined) throw new TypeError("a Provider is made by ledger.provider(name)");
    this.#handle = handle;
    this.#ofRun = ofRun;
    Object.defineProperties(this, {
      ledger: { value: ledger, enumerable: false },
      name: { value: name, enumerable: true },
      run: { value: run, enumerable: false },
    });
  }

  static #own(provider) {
    if (provider === null || typeof provider !== "object" || !(#handle in provider))
      throw new TypeError("a provider must be one that ledger.provider(name) gave");
    return provider;
  }

  /** What counts and asks, for Ledger.route; the property in it is a private name. */
  static handleOf(provider) {
    return Provider.#own(provider).#asked();
  }

  /** The same where the run must not be in force: whether it is a provider. */
  static check(provider) {
    Provider.#own(provider);
  }

  #asked() {
    if (this.#ofRun === undefined) return this.#handle;
    if (!native.runCheck(this.#ofRun)) throw runIsOver(this.run);
    return this.#ofRun;
  }

  /** What keeps the words of a vendor, which are those of the name: a run that is over is refused all the same. */
  #told() {
    this.#asked();
    return this.#handle;
  }

  observe(tokens, at) {
    return native.observe(this.#asked(), tokens, at);
  }

  observeUsage(source, { at, ...options } = {}) {
    return native.observeUsage(this.#asked(), usageOf(source, options), at);
  }

  hold(amounts, options) {
    return Hold.take(this, () => this.#asked(), amounts, options);
  }

  holds(at) {
    const asked = () => this.#asked();
    return native.holds(asked(), at).map(({ handle, ...state }) => ({ hold: new Hold(this, handle, asked), ...state }));
  }

  apply(
    response,
    { body = response.body, profile = response.profile, sentAt = response.sentAt, now, day, ofModel = false } = {},
  ) {
    let signal = response;
    if (!(response instanceof Signal)) {
      // The body of a fetch Response is a stream that is somebody else's to read: only one that is given is looked at.
      const read = body !== null && typeof body === "object" && typeof body.getReader === "function" ? undefined : body;
      const { status, headers } = response;
      signal = readSignal({ status, headers, body: read, profile, sentAt, now: now ?? response.now, day: day ?? response.day });
    }
    const out = native.apply(this.#told(), bytesOf.get(signal), ofModel);
    signal.exhausted = this.#ofRun === undefined ? out : native.isOut(this.#ofRun, signal.saidAtNs);
    return signal;
  }

  state(at) {
    return native.isOut(this.#asked(), at) ? "quota_exhausted" : "available";
  }

  verdict(at, { useReserve = false } = {}) {
    return adopt(Verdict, native.verdict(this.#asked(), at, useReserve));
  }

  used(at) {
    return native.used(this.#asked(), at);
  }

  get budget() {
    return native.budget(this.#handle);
  }

  set budget(tokens) {
    native.setBudget(this.#handle, tokens ?? 0);
  }

  limits(at) {
    return native.limits(this.#handle, at);
  }

  setLimit(sentence) {
    return native.setLimit(this.#handle, sentence);
  }

  removeLimit(number) {
    return native.removeLimit(this.#handle, number) === 0;
  }

  markExhausted(until) {
    native.markExhausted(this.#handle, until);
  }

  markAvailable(at) {
    native.markAvailable(this.#handle, at);
  }

  success(sentAt) {
    native.success(this.#told(), sentAt);
  }

  correct(tokens, at) {
    native.correct(this.#asked(), tokens, at);
  }

  reset() {
    native.reset(this.#handle);
  }

  forget() {
    native.forget(this.#handle);
  }

  get pool() {
    const name = native.pool(this.#handle);
    return name === null ? null : this.ledger.provider(name, { run: false });
  }

  set pool(provider) {
    const above = typeof provider === "string" ? this.ledger.provider(provider, { run: false }) : provider;
    native.setPool(this.#handle, above == null ? null : Provider.#own(above).#handle);
  }

  get rule() {
    return RULES[native.rule(this.#handle)];
  }

  set rule(name) {
    native.setRule(this.#handle, numberOf(RULES, name, "a rule"));
  }

  get care() {
    return native.care(this.#handle);
  }

  set care(quarters) {
    native.setCare(this.#handle, quarters);
  }

  get overage() {
    return OVERAGES[native.overage(this.#handle)];
  }

  set overage(name) {
    native.setOverage(this.#handle, numberOf(OVERAGES, name, "overage"));
  }

  get weights() {
    const numbers = native.weights(this.#handle);
    return Object.fromEntries(CLASSES.map((name, n) => [name, numbers[n]]));
  }

  set weights(weights) {
    native.setWeights(
      this.#handle,
      CLASSES.map((name) => weights?.[name] ?? 1000),
    );
  }

  get price() {
    const numbers = native.price(this.#handle);
    return Object.fromEntries(CLASSES.map((name, n) => [name, numbers[n] < 0 ? null : numbers[n]]));
  }

  set price(price) {
    native.setPrice(
      this.#handle,
      CLASSES.map((name) => price?.[name] ?? -1),
    );
  }

  get account() {
    return native.account(this.#handle);
  }

  probeTake(at) {
    return native.probeTake(this.#asked(), at);
  }

  probeFailure(at) {
    native.probeFailure(this.#told(), at);
  }

  toString() {
    return this.name;
  }
}

module.exports = { Provider, Verdict, RULES, runIsOver };
