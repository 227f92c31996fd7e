// test_runs.mjs: a process that belongs to a run counts and asks in it, and is refused when the run is over.
// SPDX-License-Identifier: MIT
import assert from "assert/strict";
import { spawnSync } from "child_process";
import { fileURLToPath } from "url";
import { Ledger, wrapFetch } from "tokenquota";
import { fresh, run, test } from "./tap.mjs";

const COMMAND = process.env.TQ_COMMAND;

/** Opens a ledger as a process of these runs does. */
function within(runs, file) {
  process.env.TOKENQUOTA_RUN = runs;
  try {
    return new Ledger(file);
  } finally {
    delete process.env.TOKENQUOTA_RUN;
  }
}

/** Makes a run, as the command does: a provider in the pool of its name, with limits of its own. */
function make(file, name, limit = "50k tokens once") {
  const ledger = new Ledger(file);
  const provider = ledger.provider(name);
  provider.pool = name.slice(0, name.lastIndexOf("/"));
  provider.rule = "off";
  provider.setLimit(limit);
  ledger.close();
}

const OVER = { code: "TQ_EOVER", message: /^the run of this process is over: TOKENQUOTA_RUN=claude\/gone;/ };
const over = (call) => assert.throws(call, OVER);

/** Counts 20k a call until it is refused, and says how many were not. */
function agent(file) {
  const claude = new Ledger(file).provider("claude");
  let calls = 0;
  for (; claude.state() === "available"; calls++) claude.observe(20_000);
  console.log(claude.name, claude.run, calls);
}

test("a name means the run", () => {
  const file = fresh();
  make(file, "claude/job");
  const ledger = within("openai/x\nclaude/job", file);
  const claude = ledger.provider("claude");
  const written = ledger.provider("claude", { run: false });
  assert.deepEqual([claude.name, claude.run, written.name, written.run], ["claude", "claude/job", "claude", null]);
  assert.ok(claude === ledger.provider("claude") && claude === ledger.get("claude") && claude !== written);
  claude.observe(7);
  const hold = claude.hold({ tokens: 100 });
  assert.match(hold.id, /^claude\/job#/);
  assert.equal(ledger.hold(hold.id).provider.name, "claude/job");
  hold.settle({ counted: 4 });
  assert.deepEqual([claude, written, ledger.provider("claude/job")].map((one) => one.used()), [11, 11, 11]);
  written.observe(100);
  assert.deepEqual([claude.used(), written.used()], [11, 111]);
  assert.deepEqual([...ledger].map((one) => [one.name, one.run]).sort(), [
    ["claude", null],
    ["claude/job", null],
  ]);
  assert.equal(ledger.get("none"), undefined);
  assert.equal(within("claude/job", ":memory:").provider("claude").run, null);
});

test("its limits hold, and route gives the name that was asked for", () => {
  const file = fresh();
  make(file, "claude/job", "10 tokens once");
  const ledger = within("claude/job", file);
  const claude = ledger.provider("claude");
  assert.equal(ledger.route(["claude", "openai"]).provider.name, "claude");
  assert.equal(claude.hold({ tokens: 11 }), null);
  assert.equal(claude.observe(10), true);
  assert.equal(ledger.route(["claude", "openai"], { policy: "sticky", last: "claude" }).provider.name, "openai");
  assert.equal(ledger.provider("claude", { run: false }).state(), "available");
});

test("a run in a run is the inner one, and keeps to both", () => {
  const file = fresh();
  make(file, "claude/out", "15k tokens once");
  make(file, "claude/out/in");
  const claude = within("claude/out/in\nclaude/out", file).provider("claude");
  claude.observe(20_000);
  assert.deepEqual([claude.run, claude.state()], ["claude/out/in", "quota_exhausted"]);
});

test("what is set is set for the name", () => {
  const file = fresh();
  make(file, "claude/job");
  const ledger = within("claude/job", file);
  const [claude, job] = [ledger.provider("claude"), ledger.provider("claude/job")];
  const written = ledger.provider("claude", { run: false });
  claude.budget = 1000;
  const number = claude.setLimit("9M tokens per day");
  assert.deepEqual([claude.budget, written.budget, job.budget], [1000, 1000, 0]);
  assert.ok(claude.limits().length === 1 && claude.removeLimit(number) && job.limits().length === 1);
  job.markExhausted();
  claude.markAvailable();
  assert.deepEqual([written.state(), claude.state()], ["available", "quota_exhausted"]);
  ledger.provider("other").pool = claude;
  assert.equal(ledger.provider("other").pool, written);
  claude.forget();
  assert.equal(job.limits().length, 1);
});

test("what a vendor says is said of the name", () => {
  const file = fresh();
  make(file, "claude/job");
  const ledger = within("claude/job", file);
  const [claude, job] = [ledger.provider("claude"), ledger.provider("claude/job")];
  const written = ledger.provider("claude", { run: false });
  const states = () => [written, job, claude].map((one) => one.state());
  const all = (state) => [state, state, state];
  assert.equal(claude.apply({ status: 429, headers: { "retry-after": "60" } }).exhausted, true);
  assert.deepEqual(states(), all("quota_exhausted"));
  claude.markAvailable();
  assert.deepEqual(states(), all("available"), "the run itself was told nothing");
  const { saidAtNs } = claude.apply({ status: 402, headers: {} }, { now: new Date(Date.now() - 600_000) });
  assert.ok(claude.probeTake().taken && written.verdict().probing);
  claude.probeFailure();
  assert.deepEqual([written.verdict().probing, written.verdict().attempt], [false, 1]);
  claude.success(saidAtNs);
  assert.deepEqual(states(), all("quota_exhausted"), "it was sent before the probe failed");
  claude.success(new Date(Date.now() + 1000));
  assert.deepEqual(states(), all("available"));
  job.observe(50_000);
  assert.equal(claude.apply({ status: 200, headers: {} }).exhausted, true, "it answers for the run");
  assert.equal(written.state(), "available");
});

test("a run that is over is an error, before and after the look-up", async () => {
  const file = fresh();
  over(() => within("claude/gone", file).provider("claude"));
  over(() => within("claude/gone", file).route(["openai", "claude"]));
  make(file, "claude/gone");
  const ledger = within("claude/gone", file);
  const claude = ledger.provider("claude");
  const hold = claude.hold({ tokens: 5 });
  const guarded = wrapFetch(claude, () => assert.fail("it was sent"));
  ledger.provider("claude/gone").forget();
  for (const call of ["state", "used", "verdict", "hold", "holds", "probeTake", "probeFailure"]) over(() => claude[call]());
  over(() => claude.observe(5));
  over(() => claude.observeUsage({ counted: 5 }));
  over(() => claude.correct(5));
  over(() => claude.success(new Date()));
  over(() => claude.apply({ status: 429, headers: {} }));
  over(() => hold.settle({ counted: 5 }));
  over(() => ledger.route(["claude"]));
  await assert.rejects(guarded("https://api.anthropic.com/v1/messages", { method: "POST", body: "{}" }), { code: "TQ_EOVER" });
  assert.deepEqual([ledger.provider("claude/gone"), ledger.provider("claude", { run: false })].map((one) => one.used()), [0, 0]);
});

if (COMMAND)
  test("the command runs a program", () => {
    const env = { ...process.env, TOKENQUOTA_LEDGER: fresh() };
    const program = [process.execPath, fileURLToPath(import.meta.url), "agent", env.TOKENQUOTA_LEDGER];
    const given = { env, encoding: "utf8", timeout: 60_000 };
    const done = spawnSync(COMMAND, ["run", "claude", "--name", "j", "--limit", "50k", "--", ...program], given);
    assert.deepEqual([done.status, done.stdout], [0, "claude claude/j 3\n"], done.stderr);
    const late = spawnSync(program[0], program.slice(1), { ...given, env: { ...env, TOKENQUOTA_RUN: "claude/j" } });
    assert.equal(late.stdout, "");
    assert.match(late.stderr, /the run of this process is over: TOKENQUOTA_RUN=claude\/j;/);
    assert.equal(new Ledger(env.TOKENQUOTA_LEDGER).provider("claude").used(), 60_000);
  });

if (process.argv[2] === "agent") agent(process.argv[3]);
else await run();
