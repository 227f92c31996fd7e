// hold.cjs: room that is set aside for a call before it is sent.
// SPDX-License-Identifier: MIT
"use strict";
const native = require("./native.cjs");
const { disposable } = require("./values.cjs");
const { usageOf } = require("./signals.cjs");

/** What a call may use, in the order in which the addon reads it. */
const UNITS = ["tokens", "input", "output", "total", "requests", "cost", "weighted"];
const LEASE_MS = 600_000;

/** Amounts as a list. A name that is no unit is an error, because nothing would be held for it. */
function amountList(amounts) {
  if (amounts === null || typeof amounts !== "object")
    throw new TypeError("the amounts of a hold must be an object, such as { tokens: 20_000 }");
  for (const name of Object.keys(amounts))
    if (!UNITS.includes(name)) throw new RangeError(`an amount of a hold must be one of ${UNITS.join(", ")}; it is ${name}`);
  return UNITS.map((name) => amounts[name]);
}

function leaseNs(ms) {
  if (typeof ms !== "number" || !Number.isFinite(ms)) throw new TypeError("a lease must be a number of milliseconds");
  return BigInt(Math.round(ms * 1e6));
}

class Hold {
  #handle;
  #inForce;

  /** Made by Provider.hold, Provider.holds and Ledger.hold. inForce throws when the provider's run is over. */
  constructor(provider, handle, inForce = () => {}) {
    if (handle === undefined) throw new TypeError("a Hold is made by provider.hold()");
    this.#handle = handle;
    this.#inForce = inForce;
    Object.defineProperty(this, "provider", { value: provider, enumerable: true });
  }

  static take(provider, asked, amounts = {}, { leaseMs = LEASE_MS, at, useReserve = false, nobody = false } = {}) {
    const handle = native.hold(asked(), amountList(amounts), leaseNs(leaseMs), at, useReserve, nobody);
    return handle === null ? null : new Hold(provider, handle, asked);
  }

  get id() {
    return native.holdId(this.#handle);
  }

  get until() {
    return native.holdState(this.#handle).until;
  }

  get untilNs() {
    return native.holdState(this.#handle).untilNs;
  }

  get ended() {
    return native.holdState(this.#handle).ended;
  }

  settle(source, { at, ...options } = {}) {
    this.#inForce();
    return native.holdSettle(this.#handle, usageOf(source, options), at);
  }

  cancel() {
    return native.holdCancel(this.#handle);
  }

  extend(leaseMs, { at } = {}) {
    return native.holdExtend(this.#handle, leaseNs(leaseMs), at);
  }
}
disposable(Hold, Hold.prototype.cancel);

module.exports = { Hold };
