// waiting.cjs: promises that a ledger's next change settles.
// SPDX-License-Identifier: MIT
"use strict";
const native = require("./native.cjs");

/** The longest delay of a timer. A longer wait starts it again. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The waits of one ledger. One thread serves all: it ends with the first change, and the next wait starts another. What
 * changed in between is found then, at once. Each change has a number, and whoever waits says which one it has seen.
 */
class Waiting {
  changes = 0;
  #handle;
  #watch = null;
  #waits = new Set();
  #closed = null;

  constructor(handle) {
    this.#handle = handle;
  }

  /** Resolves to true when a change after number `seen` was told, and to false after timeoutMs. */
  next(seen, timeoutMs = Infinity, { signal, ref = true } = {}) {
    if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs))
      return Promise.reject(new TypeError("a timeout must be a number of milliseconds"));
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.changes > seen) return Promise.resolve(true);
    return new Promise((resolve, reject) => {
      const wait = { resolve, reject, ref, timer: undefined, end: undefined };
      const onAbort = () => wait.end(reject, signal.reason);
      wait.end = (settle, value) => {
        if (!this.#waits.delete(wait)) return;
        clearTimeout(wait.timer);
        signal?.removeEventListener("abort", onAbort);
        this.#keepAlive();
        settle(value);
      };
      signal?.addEventListener("abort", onAbort); // first: what is no signal throws
      this.#waits.add(wait);
      this.#startTimer(wait, timeoutMs);
      try {
        this.#start();
      } catch (error) {
        wait.end(reject, error);
      }
    });
  }

  get closed() {
    return this.#closed !== null;
  }

  close(error) {
    this.#closed = error;
    this.#endAll("reject", error);
  }

  #startTimer(wait, leftMs) {
    if (leftMs === Infinity) return;
    wait.timer = setTimeout(
      () => (leftMs > LONGEST_MS ? this.#startTimer(wait, leftMs - LONGEST_MS) : wait.end(wait.resolve, false)),
      Math.max(0, Math.min(leftMs, LONGEST_MS)),
    );
    if (!wait.ref) wait.timer.unref();
  }

  #start() {
    this.#watch ??= native.watch(this.#handle, (told) => this.#told(told));
    this.#keepAlive();
  }

  /** A wait keeps the process alive as a timer does; a thread that nobody waits for does not. */
  #keepAlive() {
    if (this.#watch)
      native.keepAlive(
        this.#watch,
        [...this.#waits].some((wait) => wait.ref),
      );
  }

  #told(told) {
    this.#watch = null;
    if (told === false) return; // it was closed, and close() ended the waits
    if (told !== true) return this.#endAll("reject", told);
    this.changes++;
    this.#endAll("resolve", true);
  }

  #endAll(how, value) {
    for (const wait of [...this.#waits]) wait.end(wait[how], value);
  }
}

module.exports = { Waiting };
