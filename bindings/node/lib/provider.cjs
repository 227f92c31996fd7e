// provider.cjs: one name of a ledger: what is counted, said and decided about it.
// SPDX-License-Identifier: MIT
"use strict";
const native = require("./native.cjs");
const { numberOf } = require("./values.cjs");
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

class Provider {
  #handle;

  /** Made by Ledger.provider alone. */
  constructor(ledger, name, handle) {
    if (handle === undefined) throw new TypeError("a Provider is made by ledger.provider(name)");
    this.#handle = handle;
    Object.defineProperties(this, {
      ledger: { value: ledger, enumerable: false },
      name: { value: name, enumerable: true },
    });
  }

  /** For Ledger.route and pools; the property in it is a private name. */
  static handleOf(provider) {
    if (provider === null || typeof provider !== "object" || !(#handle in provider))
      throw new TypeError("a provider must be one that ledger.provider(name) gave");
    return provider.#handle;
  }

  observe(tokens, at) {
    return native.observe(this.#handle, tokens, at);
  }

  observeUsage(source, { at, ...options } = {}) {
    return native.observeUsage(this.#handle, usageOf(source, options), at);
  }

  hold(amounts, options) {
    return Hold.take(this, this.#handle, amounts, options);
  }

  holds(at) {
    return native.holds(this.#handle, at).map(({ handle, ...state }) => ({ hold: new Hold(this, handle), ...state }));
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
    signal.exhausted = native.apply(this.#handle, bytesOf.get(signal), ofModel);
    return signal;
  }

  state(at) {
    return native.isOut(this.#handle, at) ? "quota_exhausted" : "available";
  }

  verdict(at, { useReserve = false } = {}) {
    return adopt(Verdict, native.verdict(this.#handle, at, useReserve));
  }

  used(at) {
    return native.used(this.#handle, at);
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
    native.success(this.#handle, sentAt);
  }

  correct(tokens, at) {
    native.correct(this.#handle, tokens, at);
  }

  reset() {
    native.reset(this.#handle);
  }

  forget() {
    native.forget(this.#handle);
  }

  get pool() {
    const name = native.pool(this.#handle);
    return name === null ? null : this.ledger.provider(name);
  }

  set pool(provider) {
    const above = typeof provider === "string" ? this.ledger.provider(provider) : provider;
    native.setPool(this.#handle, above == null ? null : Provider.handleOf(above));
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
    return native.probeTake(this.#handle, at);
  }

  probeFailure(at) {
    native.probeFailure(this.#handle, at);
  }

  toString() {
    return this.name;
  }
}

module.exports = { Provider, Verdict, RULES };
