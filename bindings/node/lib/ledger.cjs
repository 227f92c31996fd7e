// ledger.cjs: the memory that all processes count in: opening, providers, choice, waiting, care of the file.
// SPDX-License-Identifier: MIT
"use strict";
const fs = require("fs");
const path = require("path");
const native = require("./native.cjs");
const { TokenquotaError, numberOf, disposable } = require("./values.cjs");
const { Hold } = require("./hold.cjs");
const { Provider, RULES, runIsOver } = require("./provider.cjs");
const { Waiting } = require("./waiting.cjs");

const MEMORY = ":memory:";
const POLICIES = ["order", "sticky", "pressure", "sticky-pressure"];
const [NO_PROBE, USE_RESERVE] = [1, 2];
// Every door of tokenquota refuses records before 2020-01-01 in a file: a clock that was never set says 1970.
const CLOCK_MIN_NS = BigInt(Date.UTC(2020, 0, 1)) * 1_000_000n;

/** The options of the library, by their names here. */
function flagsOf({ existing, readOnly, flushAlways, anyFileSystem }) {
  const any = anyFileSystem ?? process.env.TOKENQUOTA_ANY_FILE_SYSTEM === "1";
  return (existing ? 1 : 0) | (readOnly ? 2 : 0) | (flushAlways ? 8 : 0) | (any ? 16 : 0);
}

/** The path of the ledger that the command uses, whose folder is made, unless the user named it. */
function commandLedger(options) {
  const named = process.env.TOKENQUOTA_LEDGER;
  const found = named || native.defaultPath();
  if (!named && !options.readOnly && !options.existing) fs.mkdirSync(path.dirname(path.resolve(found)), { recursive: true, mode: 0o700 });
  return found;
}

/** A name that has an encoding. Lone surrogates have none: the library would be given the same name for all of them. */
function wellFormed(name) {
  if (typeof name === "string" && /\p{Surrogate}/u.test(name))
    throw new TokenquotaError("TQ_ENAME", "provider name refused: it has half of a character (a lone surrogate)");
  return name;
}

class Ledger {
  #handle;
  #waiting;
  #seen = 0;
  #providers = new Map(); // by their names as they are written
  #inRuns = new Map(); // by their names as this process means them, when it belongs to runs
  #runs = null; // $TOKENQUOTA_RUN as it was at the open

  constructor(file, options = {}) {
    if (file !== null && typeof file === "object" && !(file instanceof URL)) [file, options] = [undefined, file];
    const own = file === undefined || file === null;
    const name = own ? commandLedger(options) : file instanceof URL ? require("url").fileURLToPath(file) : file;
    if (typeof name !== "string" || name === "") throw new TypeError("the path of a ledger must be a string");
    const { historyDays = 0, rule = "default", minNow = name === MEMORY ? 0n : CLOCK_MIN_NS, maxAheadNs = 0n, mode = 0 } = options;
    const { handle, message } = native.open(
      name === MEMORY ? null : name,
      flagsOf(options),
      historyDays,
      numberOf(RULES, rule, "a rule"),
      minNow instanceof Date ? BigInt(minNow.getTime()) * 1_000_000n : minNow,
      maxAheadNs,
      mode,
    );
    this.#handle = handle;
    if (name !== MEMORY) this.#runs = process.env.TOKENQUOTA_RUN || null;
    this.#waiting = new Waiting(handle);
    Object.defineProperties(this, {
      path: { value: name === MEMORY ? null : path.resolve(name), enumerable: true },
      note: { value: message, enumerable: false },
    });
  }

  provider(name, { run = true } = {}) {
    if (run && this.#runs !== null) return this.#inRun(name, false);
    const known = this.#providers.get(name);
    return known ?? this.#keep(name, native.provider(this.#handle, wellFormed(name), false));
  }

  get(name, { run = true } = {}) {
    if (run && this.#runs !== null) return this.#inRun(name, true);
    const known = this.#providers.get(name);
    if (known) return known;
    const handle = native.provider(this.#handle, wellFormed(name), true);
    return handle === undefined ? undefined : this.#keep(name, handle);
  }

  /** The provider of a name in this process, which belongs to runs. */
  #inRun(name, existing) {
    const known = this.#inRuns.get(name);
    if (known) return known;
    const written = existing ? this.get(name, { run: false }) : this.provider(name, { run: false });
    if (written === undefined) return undefined;
    const run = native.runOf(this.#runs, name);
    if (run === null) {
      this.#inRuns.set(name, written);
      return written;
    }
    const ofRun = native.provider(this.#handle, run, true);
    if (ofRun === undefined || !native.runCheck(ofRun)) throw runIsOver(run);
    const provider = new Provider(this, name, native.provider(this.#handle, name, false), run, ofRun);
    this.#inRuns.set(name, provider);
    return provider;
  }

  has(name) {
    return native.provider(this.#handle, wellFormed(name), true) !== undefined;
  }

  #keep(name, handle) {
    const provider = new Provider(this, name, handle);
    this.#providers.set(name, provider);
    return provider;
  }

  *[Symbol.iterator]() {
    for (const name of native.names(this.#handle)) yield this.provider(name, { run: false });
  }

  exhausted(at) {
    return native
      .exhausted(this.#handle, at)
      .map(({ name, ...end }) => ({ provider: this.provider(name, { run: false }), available: false, ...end }));
  }

  route(providers, { policy = "order", last = null, need = 0, useReserve = false, probe = true, at } = {}) {
    if (typeof providers === "string" || typeof providers?.[Symbol.iterator] !== "function")
      throw new TypeError('route takes a list of providers, such as ["openai", "anthropic"]');
    const list = Array.from(providers, (one) => (typeof one === "string" ? this.provider(one) : one));
    if (list.length === 0) throw new RangeError("route needs at least one provider to choose from");
    const before = typeof last === "string" ? list.findIndex((one) => one.name === last) : list.indexOf(last);
    const { chosen, ...route } = native.route(
      this.#handle,
      list.map(Provider.handleOf),
      at,
      (probe ? 0 : NO_PROBE) | (useReserve ? USE_RESERVE : 0),
      numberOf(POLICIES, policy, "a policy"),
      before + 1,
      need,
    );
    if (BigInt(need) === 0n) route.room = Infinity;
    return { provider: route.available ? list[chosen] : null, first: list[chosen], ...route };
  }

  hold(id) {
    const { handle, name } = native.holdFind(this.#handle, id);
    return new Hold(this.provider(name, { run: false }), handle);
  }

  async wait(timeoutMs, options) {
    const changed = await this.#waiting.next(this.#seen, timeoutMs, options);
    if (changed) this.#seen = this.#waiting.changes;
    return changed;
  }

  async *changes({ signal, ref } = {}) {
    let known = new Map();
    try {
      for (;;) {
        const seen = this.#waiting.changes;
        const out = new Map(this.exhausted().map((change) => [change.provider, change]));
        for (const provider of new Set([...known.keys(), ...out.keys()]))
          if (known.get(provider)?.retryAtNs !== out.get(provider)?.retryAtNs)
            yield out.get(provider) ?? { provider, available: true, retryAt: null, retryAtNs: 0n };
        known = out;
        await this.#waiting.next(seen, Infinity, { signal, ref });
      }
    } catch (error) {
      if (!this.closed) throw error;
    }
  }

  get closed() {
    return this.#waiting.closed;
  }

  info() {
    return native.info(this.#handle);
  }

  async check() {
    return native.check(this.#handle);
  }

  async flush() {
    return native.flush(this.#handle);
  }

  async backup(dest) {
    return native.backup(this.#handle, dest);
  }

  close() {
    this.#waiting.close(new TokenquotaError("TQ_EINVAL", "the ledger was closed while this waited for a change"));
    native.close(this.#handle);
  }

  static async compact(file) {
    return native.compact(file);
  }

  static async restore(file, source) {
    return native.restore(file, source);
  }
}
disposable(Ledger, Ledger.prototype.close);

module.exports = { Ledger };
