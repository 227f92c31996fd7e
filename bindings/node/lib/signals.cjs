// signals.cjs: what a vendor's response says about quota and usage.
// SPDX-License-Identifier: MIT
"use strict";
const native = require("./native.cjs");
const { headerText, bodyBytes, disposable } = require("./values.cjs");

/** The bytes of the library's struct belong to what was read, and are seen by nobody. */
const bytesOf = new WeakMap();

function adopt(Type, fields) {
  const { bytes, ...seen } = fields;
  const made = Object.assign(Object.create(Type.prototype), seen);
  bytesOf.set(made, bytes);
  return made;
}

/** What a response says about quota. Made by readSignal, UsageStream and Provider.apply. */
class Signal {
  constructor() {
    throw new TypeError("a Signal is made by readSignal() or provider.apply()");
  }
}

/** What a response used. A count that the response did not state is null. */
class Usage {
  constructor(counts = {}) {
    Object.assign(this, counts);
  }
}

/** Whether the user means counts, not a response: an object with `counted`, or a Usage. */
function isUsage(source) {
  return source instanceof Usage || (typeof source === "object" && source !== null && "counted" in source);
}

function readSignal({ status = 0, headers, body, profile, sentAt, now, day = "vendor" } = {}) {
  if (day !== "vendor" && day !== "utc") throw new RangeError('day must be "vendor" or "utc"');
  return adopt(Signal, native.readSignal(status, headerText(headers), bodyBytes(body), profile, sentAt, now, day === "utc"));
}

function readUsage(body, { profile, headers } = {}) {
  const counts = native.readUsage(bodyBytes(body), profile, headerText(headers));
  return counts === undefined ? null : new Usage(counts);
}

/** What a call used: counts, or what is read from a body, or from headers. Without any nothing may be counted. */
function usageOf(source, { sentAt, profile, headers } = {}) {
  const usage = isUsage(source) ? source : readUsage(source, { profile, headers });
  if (usage === null) throw new TypeError("the response states no usage, so nothing was counted");
  return sentAt === undefined ? usage : { ...usage, sentAtNs: undefined, sentAt };
}

/** A response that arrives in pieces: events, JSON lines, or one document. The pieces may be cut anywhere. */
class UsageStream {
  #stream;

  constructor({ profile } = {}) {
    this.#stream = native.streamOpen(profile);
  }

  feed(piece) {
    native.streamFeed(this.#stream, bodyBytes(piece));
  }

  read({ sentAt, now } = {}) {
    const { usage, signal } = native.streamRead(this.#stream, sentAt, now);
    return { usage: usage ? new Usage(usage) : null, signal: signal ? adopt(Signal, signal) : null };
  }

  close() {
    native.streamClose(this.#stream);
  }
}
disposable(UsageStream, UsageStream.prototype.close);

/** All profiles: what the library knows of the vendors. */
function profiles() {
  return native.profiles();
}

module.exports = { Signal, Usage, UsageStream, readSignal, readUsage, profiles, usageOf, bytesOf, adopt };
