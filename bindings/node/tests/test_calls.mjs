// test_calls.mjs: the calls of ledgers and providers, with their errors, as the library answers them.
// SPDX-License-Identifier: MIT
import assert from "assert/strict";
import fs from "fs";
import path from "path";
import { pathToFileURL } from "url";
import { Hold, Ledger, NEVER, Provider, TokenquotaError, Usage, Verdict } from "tokenquota";
import { folder, fresh, run, test } from "./tap.mjs";

const DAY = new Date("2026-03-01T10:00:00Z");
const DAY_END = new Date("2026-03-02T00:00:00Z");

function refused(code, call) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof TokenquotaError, `${error}`);
    assert.equal(error.code, code);
    assert.ok(error.message.length > 5);
    return true;
  });
}

function withLedger(use, options) {
  const ledger = new Ledger(":memory:", options);
  try {
    return use(ledger, ledger.provider("openai"));
  } finally {
    ledger.close();
  }
}

test("a provider counts, and says that it is out", () =>
  withLedger((ledger, openai) => {
    openai.budget = 1000;
    assert.equal(openai.observe(400, DAY), false);
    assert.equal(openai.used(DAY), 400);
    assert.equal(openai.state(DAY), "available");
    assert.equal(openai.observe(600n, DAY), true);
    assert.equal(openai.state(DAY), "quota_exhausted");
    assert.equal(openai.used(DAY), 1000);
    assert.equal(openai.budget, 1000);
    openai.budget = null;
    assert.equal(openai.budget, 0);
    assert.equal(openai.state(DAY), "available");
  }));

test("a verdict has numbers, instants in both forms, and a sentence", () =>
  withLedger((ledger, openai) => {
    openai.budget = 1000;
    openai.observe(1200, DAY);
    const verdict = openai.verdict(DAY);
    assert.ok(verdict instanceof Verdict);
    assert.equal(verdict.available, false);
    assert.equal(verdict.reason, "spent");
    assert.deepEqual(verdict.reasons, ["spent"]);
    assert.equal(verdict.used, 1200);
    assert.equal(verdict.left, 0);
    assert.deepEqual(verdict.retryAt, DAY_END);
    assert.equal(verdict.retryAtNs, BigInt(DAY_END.getTime()) * 1_000_000n);
    assert.deepEqual(verdict.at, DAY);
    assert.equal(verdict.windowNs, 86_400_000_000_000n);
    assert.match(verdict.explain(), /^budget spent: 1,200 of 1,000 tokens/);
    assert.equal(`${verdict}`, verdict.explain());
    assert.equal(openai.verdict(DAY_END).available, true);
    assert.throws(() => new Verdict(), TypeError);
  }));

test("a mark without an end is null beside NEVER, and an end is rounded up", () =>
  withLedger((ledger, openai) => {
    openai.markExhausted();
    let verdict = openai.verdict(DAY);
    assert.equal(verdict.retryAt, null);
    assert.equal(verdict.retryAtNs, NEVER);
    assert.equal(verdict.reason, "marked");
    assert.deepEqual(ledger.exhausted(DAY), [{ provider: openai, available: false, retryAt: null, retryAtNs: NEVER }]);
    openai.markExhausted(BigInt(DAY_END.getTime()) * 1_000_000n + 1n);
    verdict = openai.verdict(DAY);
    assert.equal(verdict.retryAt.getTime(), DAY_END.getTime() + 1);
    assert.equal(openai.state(verdict.retryAt), "available");
    openai.markAvailable(DAY);
    assert.equal(openai.verdict(DAY).retryAtNs, 0n);
  }));

test("limits are set by a sentence, listed and removed", () =>
  withLedger((ledger, openai) => {
    const number = openai.setLimit("900 requests per 5h first-use reserve 10%");
    assert.equal(number, 1);
    assert.equal(openai.setLimit("2M tokens per month"), 2);
    openai.observe(500_000, DAY);
    const [requests, tokens] = openai.limits(DAY);
    assert.equal(requests.sentence, "900 requests per 5h first-use reserve 10%");
    assert.equal(requests.used, 1);
    assert.equal(requests.window, "first-use");
    assert.equal(requests.lengthNs, 5n * 3_600_000_000_000n);
    assert.equal(tokens.share, 0.25);
    assert.equal(tokens.amount, 2_000_000);
    assert.equal(tokens.unit, "tokens");
    assert.deepEqual(tokens.endAt, new Date("2026-04-01T00:00:00Z"));
    assert.equal(openai.removeLimit(1), true);
    assert.equal(openai.removeLimit(1), false);
    assert.equal(openai.limits(DAY).length, 1);
    refused("TQ_EINVAL", () => openai.setLimit("5M tokens per 7d"));
    refused("TQ_ESYS", () => openai.setLimit("5M tokens per day Nowhere/Land"));
    assert.throws(() => openai.setLimit(5), TypeError);
  }));

test("a hold keeps its room until it is settled or cancelled", () =>
  withLedger((ledger, openai) => {
    openai.budget = 50_000;
    openai.rule = "off";
    const first = openai.hold({ tokens: 20_000 }, { at: DAY });
    const second = openai.hold({ tokens: 30_000n }, { at: DAY, leaseMs: 60_000 });
    assert.ok(first instanceof Hold && first.provider === openai && !first.ended);
    assert.ok(first.until >= new Date(DAY.getTime() + 600_000) && second.until < first.until);
    assert.equal(openai.hold({ tokens: 1 }, { at: DAY }), null);
    const verdict = openai.verdict(DAY);
    assert.deepEqual([verdict.reason, verdict.reasons], ["held", ["held"]]);
    assert.deepEqual([verdict.holds, verdict.flying, verdict.held], [2, 0, 50_000]);
    assert.equal(first.settle({ counted: 500 }, { at: DAY }), false);
    assert.equal(openai.used(DAY), 500);
    assert.equal(first.id, null);
    assert.equal(first.cancel(), false);
    refused("TQ_EINVAL", () => first.settle({ counted: 1 }, { at: DAY }));
    refused("TQ_EINVAL", () => first.extend(1000, { at: DAY }));
    assert.throws(() => second.settle({ id: "states no usage" }, { at: DAY }), TypeError);
    assert.equal(second.settle({ usage: { input_tokens: 7, output_tokens: 5 } }, { at: DAY }), false);
    assert.equal(openai.used(DAY), 512);
    const third = openai.hold({ tokens: 49_488 }, { at: DAY });
    if (Symbol.dispose) third[Symbol.dispose]();
    else third.cancel();
    assert.equal(openai.verdict(DAY).available, true);
    assert.equal(openai.verdict(DAY).held, 0);
  }));

test("holds are listed, and a limit says what is held of it", () =>
  withLedger((ledger, openai) => {
    openai.setLimit("1k output per day reserve 10%");
    const hold = openai.hold({ output: 900 }, { at: DAY });
    assert.equal(openai.hold({ output: 50 }, { at: DAY }), null);
    const reserve = openai.hold({ output: 50 }, { at: DAY, useReserve: true });
    const flying = openai.hold(undefined, { at: DAY, useReserve: true });
    const [limit] = openai.limits(DAY);
    assert.deepEqual([limit.held, limit.flying, limit.isHeld, limit.state], [950, 1, true, "quota_exhausted"]);
    const listed = openai.holds(DAY);
    assert.deepEqual(
      listed.map(({ output, input, alive, owner }) => [output, input, alive, owner]),
      [
        [900, null, true, 0],
        [50, null, true, 0],
        [null, null, true, 0],
      ],
    );
    assert.equal(listed[0].hold.id, hold.id);
    assert.equal(reserve.extend(3_600_000, { at: DAY }), true);
    assert.ok(reserve.until >= new Date(DAY.getTime() + 3_600_000));
    assert.equal(listed[0].hold.cancel(), true);
    assert.equal(hold.cancel(), false);
    assert.equal(hold.ended, true);
    assert.equal(flying.cancel(), true);
  }));

test("a verdict expects a call of the mean size for each that runs and whose size nobody knows", () =>
  withLedger((ledger, openai) => {
    openai.budget = 1000;
    for (let n = 0; n < 4; n++) openai.observe(50, DAY);
    for (let n = 0; n < 14; n++) openai.hold({}, { at: DAY });
    const verdict = openai.verdict(DAY);
    assert.deepEqual([verdict.reason, verdict.expects, verdict.holds, verdict.flying], ["predicted", "flying", 14, 14]);
  }));

test("a hold with wrong arguments is an error, and nothing is held", () =>
  withLedger((ledger, openai) => {
    assert.throws(() => openai.hold({ token: 5 }), /one of tokens, input/); // misspelt, it would hold nothing
    assert.throws(() => openai.hold(5), TypeError);
    assert.throws(() => openai.hold({ tokens: "5" }), TypeError);
    assert.throws(() => openai.hold({ tokens: 0.5 }), RangeError);
    assert.throws(() => openai.hold({}, { leaseMs: "10m" }), TypeError);
    assert.throws(() => new Hold(openai), TypeError);
    refused("TQ_EINVAL", () => openai.hold({ tokens: -1 }));
    refused("TQ_ERANGE", () => openai.hold({ tokens: 2 ** 44 }));
    refused("TQ_ERANGE", () => openai.hold({}, { leaseMs: 0 }));
    refused("TQ_ERANGE", () => openai.hold({}, { leaseMs: 32 * 86_400_000 }));
    refused("TQ_EINVAL", () => ledger.hold("openai"));
    refused("TQ_EINVAL", () => ledger.hold("nobody#00000001"));
    assert.equal(openai.holds().length, 0);
  }));

test("a hold is found by its id, and is free when its owner has closed the ledger", () => {
  const file = fresh();
  const [one, two] = [new Ledger(file), new Ledger(file)];
  one.provider("a#b").budget = 100;
  const kept = one.provider("a#b").hold({ tokens: 60 }, { nobody: true });
  const owned = one.provider("a#b").hold({ tokens: 40 });
  assert.deepEqual(two.provider("a#b").holds().map(({ owner, alive }) => [owner > 0, alive]), [[false, true], [true, true]]);
  assert.equal(two.provider("a#b").hold({ tokens: 1 }), null);
  const [id, ownedId, until] = [kept.id, owned.id, kept.until];
  one.close();
  const found = two.hold(id);
  assert.deepEqual([found.provider, found.ended, found.until, found.id], [two.provider("a#b"), false, until, id]);
  assert.ok(two.provider("a#b").hold({ tokens: 40 }));
  assert.equal(two.hold(ownedId).ended, true);
  found.settle({ counted: 33 });
  const late = two.hold(id);
  assert.equal(late.ended, true);
  late.settle({ counted: 1 });
  assert.equal(two.provider("a#b").used(), 34);
  two.close();
});

test("settings are read back as they were set", () =>
  withLedger((ledger, openai) => {
    assert.equal(openai.rule, "default");
    openai.rule = "off";
    assert.equal(openai.rule, "off");
    assert.equal(openai.verdict(DAY).rule, "off");
    assert.equal(openai.care, 5);
    openai.care = 2;
    assert.equal(openai.care, 2);
    assert.equal(openai.rule, "care");
    assert.equal(openai.verdict(DAY).care, 2);
    assert.throws(() => (openai.care = 0.5), RangeError);
    refused("TQ_ERANGE", () => (openai.care = 33));
    assert.throws(() => (openai.rule = "none"), RangeError);
    openai.overage = "stop";
    assert.equal(openai.overage, "stop");
    assert.deepEqual(openai.weights, { input: 1000, cacheRead: 1000, cacheWrite: 1000, output: 1000 });
    openai.weights = { cacheRead: 100 };
    assert.deepEqual(openai.weights, { input: 1000, cacheRead: 100, cacheWrite: 1000, output: 1000 });
    openai.price = { input: 3_000_000, output: 15_000_000 };
    assert.deepEqual(openai.price, { input: 3_000_000, cacheRead: null, cacheWrite: null, output: 15_000_000 });
    refused("TQ_ERANGE", () => (openai.weights = { input: -1 }));
    refused("TQ_ERANGE", () => (openai.price = { input: -2 }));
    assert.equal(openai.account, 0n);
  }));

test("a pool holds for what is in it", () =>
  withLedger((ledger, openai) => {
    const model = ledger.provider("openai/gpt");
    assert.equal(model.pool, null);
    model.pool = openai;
    assert.equal(model.pool, openai);
    openai.budget = 100;
    model.observe(200, DAY);
    assert.equal(openai.used(DAY), 200);
    assert.equal(model.state(DAY), "quota_exhausted");
    assert.equal(model.verdict(DAY).level, 1);
    refused("TQ_EINVAL", () => (openai.pool = model));
    model.pool = "another";
    assert.equal(model.pool, ledger.provider("another"));
    model.pool = null;
    assert.equal(model.pool, null);
    withLedger((other) => refused("TQ_EINVAL", () => (model.pool = other.provider("x"))));
    assert.throws(() => (model.pool = {}), TypeError);
  }));

test("usage is counted by its kinds, from counts, a body or an object", () =>
  withLedger((ledger, openai) => {
    openai.setLimit("1M output per day");
    openai.setLimit("$1 per day");
    openai.price = { input: 1_000_000, output: 2_000_000 };
    openai.observeUsage({ input: 10, output: 5, counted: 15 }, { at: DAY });
    openai.observeUsage(new Usage({ input: 10n, output: 5n }), { at: DAY });
    const body = { usage: { prompt_tokens: 30, completion_tokens: 20, total_tokens: 50 } };
    openai.observeUsage(body, { at: DAY });
    openai.observeUsage(JSON.stringify(body), { at: DAY, sentAt: DAY });
    openai.observeUsage(Buffer.from(JSON.stringify(body)), { at: DAY, profile: "openai" });
    assert.equal(openai.used(DAY), 15 + 15 + 3 * 50);
    const [output, cost] = openai.limits(DAY);
    assert.equal(output.used, 5 + 5 + 3 * 20);
    assert.equal(cost.used, 20 + 20 + 3 * 70);
    openai.observeUsage(new Usage({ total: 7 }), { at: DAY });
    assert.equal(openai.used(DAY), 15 + 15 + 3 * 50 + 7);
    assert.throws(() => openai.observeUsage(new Usage({ input: 2n ** 62n, output: 2n ** 62n })), /too large to be added/);
    assert.throws(() => openai.observeUsage({ id: 1 }, { at: DAY }), /states no usage/);
    assert.throws(() => openai.observeUsage({ counted: 1.5 }), RangeError);
    refused("TQ_EINVAL", () => openai.observeUsage({ counted: -1 }));
    assert.throws(() => openai.observeUsage(body, { profile: "nobody" }), RangeError);
  }));

test("records are corrected, reset and forgotten", () =>
  withLedger((ledger, openai) => {
    openai.observe(100, DAY);
    openai.correct(30, DAY);
    assert.equal(openai.used(DAY), 70);
    openai.reset();
    assert.equal(openai.used(DAY), 0);
    openai.observe(1, DAY);
    openai.forget();
    assert.deepEqual([...ledger], []);
    refused("TQ_EINVAL", () => openai.correct(0, DAY));
  }));

test("route chooses, holds probes, and says who is first when none may be asked", () =>
  withLedger((ledger, openai) => {
    const anthropic = ledger.provider("anthropic");
    openai.markExhausted(DAY_END);
    let route = ledger.route(["openai", anthropic], { at: DAY });
    assert.equal(route.provider, anthropic);
    assert.equal(route.first, anthropic);
    assert.equal(route.retryAtNs, 0n);
    anthropic.markExhausted();
    route = ledger.route([openai, anthropic], { at: DAY });
    assert.equal(route.provider, null);
    assert.equal(route.available, false);
    assert.equal(route.first, openai);
    assert.deepEqual(route.retryAt, DAY_END);
    openai.markAvailable(DAY);
    anthropic.markAvailable(DAY);
    assert.equal(ledger.route([openai, anthropic], { at: DAY, policy: "sticky", last: "anthropic" }).provider, anthropic);
    openai.budget = 100;
    route = ledger.route([openai], { at: DAY, need: 500 });
    assert.equal(route.provider, null);
    assert.equal(route.room, 100);
    assert.equal(ledger.route([anthropic], { at: DAY, need: 500 }).room, Infinity);
    assert.throws(() => ledger.route([]), RangeError);
    assert.throws(() => ledger.route([{}]), TypeError);
    assert.throws(() => ledger.route("openai"), /list of providers/); // not a list of names of one letter
    assert.throws(() => ledger.route(), /list of providers/);
    assert.throws(() => openai.observe("12"), /a count must be a number or a bigint/);
    assert.throws(() => ledger.route([openai], { policy: "best" }), RangeError);
    withLedger((other) => refused("TQ_EINVAL", () => ledger.route([other.provider("x")], { at: DAY })));
  }));

test("a probe has one holder", () =>
  withLedger((ledger, openai) => {
    openai.apply({ status: 429, body: '{"error":{"code":"insufficient_quota"}}', now: DAY, profile: "openai" });
    assert.equal(openai.verdict(DAY).retryAtNs, NEVER);
    const before = openai.probeTake(DAY);
    assert.equal(before.taken, false);
    assert.equal(openai.probeTake(before.at).taken, true);
    assert.equal(openai.verdict(before.at).probing, true);
    assert.equal(openai.probeTake(before.at).taken, false);
    openai.probeFailure(before.at);
    assert.equal(openai.verdict(before.at).attempt, 1);
    openai.success(new Date(before.at.getTime() + 5000));
    assert.equal(openai.state(new Date(before.at.getTime() + 9000)), "available");
  }));

test("a ledger knows its providers, one object a name", () =>
  withLedger((ledger, openai) => {
    assert.ok(openai instanceof Provider);
    assert.equal(ledger.provider("openai"), openai);
    assert.equal(ledger.get("nobody"), undefined);
    assert.equal(ledger.has("nobody"), false);
    assert.equal(ledger.has("openai"), true);
    assert.equal(ledger.get("openai"), openai);
    openai.observe(1, DAY);
    ledger.provider("größe").observe(1, DAY);
    assert.deepEqual([...ledger].map(String).sort(), ["größe", "openai"]);
    assert.equal(openai.ledger, ledger);
    assert.equal(ledger.info().providers, 2);
    refused("TQ_ENAME", () => ledger.provider(""));
    refused("TQ_ENAME", () => ledger.provider("a\nb"));
    assert.throws(() => ledger.provider(5), TypeError);
    assert.throws(() => new Provider(), TypeError);
  }));

test("numbers and instants of the wrong kind are errors of their own", () =>
  withLedger((ledger, openai) => {
    for (const wrong of [1.5, NaN, Infinity, 2 ** 53, 2n ** 64n]) assert.throws(() => openai.observe(wrong), RangeError);
    for (const wrong of ["1", null, {}, undefined]) assert.throws(() => openai.observe(wrong), TypeError);
    for (const wrong of [0, 1e12, "2026-01-01", {}]) assert.throws(() => openai.observe(1, wrong), TypeError);
    for (const wrong of [new Date(NaN), new Date(8.64e15), 2n ** 70n]) assert.throws(() => openai.observe(1, wrong), RangeError);
    refused("TQ_ERANGE", () => openai.observe(1, -(2n ** 63n)));
    refused("TQ_ERANGE", () => openai.state(NEVER));
    assert.equal(openai.used(), 0);
    openai.observe(2 ** 53 - 1, DAY);
    openai.observe(2n ** 62n, DAY);
    assert.equal(openai.used(DAY), Infinity);
  }));

test("a file keeps what was counted, and refuses what it must", async () => {
  const file = fresh();
  refused("TQ_ESYS", () => new Ledger(file, { existing: true }));
  refused("TQ_ESYS", () => new Ledger(path.join(folder, "none", "ledger")));
  assert.throws(() => new Ledger(""), TypeError);
  assert.throws(() => new Ledger(file, { rule: "best" }), RangeError);
  assert.throws(() => new Ledger(file, { mode: -1 }), RangeError);
  refused("TQ_EINVAL", () => new Ledger(file, { historyDays: 9 }));
  const ledger = new Ledger(file, { historyDays: 8, rule: "off", mode: 0o640 });
  assert.equal(fs.statSync(file).mode & 0o777, 0o640);
  assert.equal(ledger.path, file);
  ledger.provider("openai").observe(5, new Date());
  assert.deepEqual([ledger.info().historyDays, ledger.info().rule, ledger.info().inFile], [8, "off", true]);
  const reader = new Ledger(pathToFileURL(file), { readOnly: true });
  assert.equal(reader.provider("openai").used(), 5);
  refused("TQ_EREADONLY", () => reader.provider("openai").observe(1));
  reader.close();
  await ledger.flush();
  assert.equal((await ledger.check()).sound, true);
  const copy = fresh();
  await ledger.backup(copy);
  await assert.rejects(ledger.backup(copy), { code: "TQ_ESYS", name: "TokenquotaError" });
  await assert.rejects(Ledger.compact(file), { code: "TQ_EBUSY" });
  ledger.close();
  await Ledger.compact(file);
  await Ledger.restore(file, copy);
  const again = new Ledger(file, { existing: true });
  assert.equal(again.provider("openai").used(), 5);
  fs.renameSync(file, `${file}.old`);
  assert.equal(again.closed, false);
  refused("TQ_EGONE", () => again.provider("openai").state(new Date(Date.now() + 5000)));
  again.close();
});

test("a clock that is wrong is refused", () => {
  const ledger = new Ledger(fresh(), { minNow: DAY });
  const openai = ledger.provider("openai");
  refused("TQ_ECLOCK", () => openai.observe(1, new Date(DAY.getTime() - 1)));
  refused("TQ_ECLOCK", () => openai.observe(1, new Date(Date.now() + 3_600_000 * 48)));
  ledger.close();
});

test("without a path it is the ledger that the command uses", () => {
  const before = { ...process.env };
  const home = fresh("home");
  process.env.TOKENQUOTA_LEDGER = path.join(home, "ledger");
  try {
    refused("TQ_ESYS", () => new Ledger()); // a folder that the user named is not made
    fs.mkdirSync(home);
    const ledger = new Ledger();
    assert.equal(ledger.path, process.env.TOKENQUOTA_LEDGER);
    refused("TQ_ECLOCK", () => ledger.provider("openai").observe(1, new Date("2019-12-31T23:59:59Z")));
    ledger.close();
    assert.equal(new Ledger({ readOnly: true }).path, process.env.TOKENQUOTA_LEDGER);
    process.env.TOKENQUOTA_LEDGER = "";
    refused("TQ_EDENIED", () => new Ledger());
    if (process.geteuid() === 0) return; // root has the machine's
    delete process.env.TOKENQUOTA_LEDGER;
    process.env.XDG_STATE_HOME = home;
    const own = new Ledger();
    assert.equal(own.path, path.join(home, "tokenquota", "ledger"));
    assert.equal(fs.statSync(path.join(home, "tokenquota")).mode & 0o777, 0o700);
    own.close();
  } finally {
    process.env.TOKENQUOTA_LEDGER = before.TOKENQUOTA_LEDGER;
  }
});

test("after close every call says so", async () => {
  const ledger = new Ledger(fresh());
  const openai = ledger.provider("openai");
  const hold = openai.hold({ tokens: 1 });
  const id = hold.id;
  const flushed = ledger.flush();
  ledger.close();
  ledger.close();
  assert.equal(ledger.closed, true);
  await flushed;
  const calls = [
    () => openai.observe(1),
    () => openai.state(),
    () => openai.verdict(),
    () => openai.limits(),
    () => openai.budget,
    () => (openai.budget = 1),
    () => openai.setLimit("1 tokens per day"),
    () => openai.pool,
    () => openai.weights,
    () => openai.apply({ status: 200 }),
    () => openai.probeTake(),
    () => openai.account,
    () => openai.hold(),
    () => openai.holds(),
    () => hold.settle({ counted: 1 }),
    () => hold.cancel(),
    () => hold.extend(1),
    () => hold.id,
    () => hold.until,
    () => ledger.hold(id),
    () => ledger.provider("x"),
    () => ledger.get("x"),
    () => ledger.has("x"),
    () => [...ledger],
    () => ledger.info(),
    () => ledger.exhausted(),
    () => ledger.route([openai]),
  ];
  for (const call of calls) assert.throws(call, { code: "TQ_EINVAL", message: /closed/ }, String(call));
  for (const call of [() => ledger.flush(), () => ledger.check(), () => ledger.backup("x"), () => ledger.wait(1)])
    await assert.rejects(call(), { code: "TQ_EINVAL", message: /closed/ }, String(call));
  if (Symbol.dispose) ledger[Symbol.dispose]();
});

test("a usage whose getter closes the ledger, or throws, counts nothing", () => {
  const ledger = new Ledger(":memory:");
  const openai = ledger.provider("openai");
  const thrown = new Error("of the getter");
  const throws = {
    counted: 5,
    get output() {
      throw thrown;
    },
  };
  assert.throws(() => openai.observeUsage(throws), thrown);
  assert.equal(openai.used(), 0);
  const closes = {
    counted: 5,
    get requests() {
      ledger.close();
      return 1;
    },
  };
  assert.throws(() => openai.observeUsage(closes), { code: "TQ_EINVAL", message: /closed/ });
});

test("in a file a clock that was never set is refused, unless it is allowed", () => {
  const file = fresh();
  const at = new Date(86_400_000);
  const observe = (place, options) => {
    const ledger = new Ledger(place, options);
    try {
      return ledger.provider("openai").observe(1, at);
    } finally {
      ledger.close();
    }
  };
  refused("TQ_ECLOCK", () => observe(file));
  assert.equal(observe(file, { minNow: 0n }), false);
  assert.equal(observe(":memory:"), false);
});

test("a usage that states its total alone counts the total", () =>
  withLedger((ledger, openai) => {
    openai.observeUsage(new Usage({ total: 100 }));
    openai.observeUsage(new Usage({ input: 7, output: 3, total: 50 }));
    assert.equal(openai.used(), 110);
    const huge = { input: 2n ** 62n, cacheWrite: 2n ** 62n, output: 2n ** 62n };
    assert.throws(() => openai.observeUsage(new Usage(huge)), RangeError);
    assert.equal(openai.used(), 110);
  }));

test("nothing ends at a NUL, and no two names become one", () =>
  withLedger(async (ledger, openai) => {
    const file = path.join(folder, "nul");
    assert.throws(() => new Ledger(`${file}\0.ledger`), /NUL/);
    assert.throws(() => openai.setLimit("5M tokens per day\0 reserve 10%"), /NUL/);
    const copied = ledger.backup(`${file}\0.copy`);
    for (const call of [(name) => ledger.provider(name), (name) => ledger.get(name), (name) => ledger.has(name)])
      refused("TQ_ENAME", () => call("\ud800"));
    assert.equal(ledger.provider("\u{1f600}").name, "\u{1f600}");
    await assert.rejects(copied, /NUL/);
    assert.equal(fs.existsSync(file), false);
  }));

test("what cannot be decided is an error, not an empty list", () =>
  withLedger((ledger, openai) => {
    openai.markExhausted();
    refused("TQ_ERANGE", () => ledger.exhausted(new Date("2262-01-01")));
    for (const status of [-1, NaN, 429.5, 2 ** 40]) assert.throws(() => openai.apply({ status }), RangeError);
    const before = [...ledger].length;
    ledger.route([openai], { policy: "sticky", last: "nobody" });
    assert.equal([...ledger].length, before);
  }));

await run();
