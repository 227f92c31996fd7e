// bench.mjs: what the calls of the package cost, beside an empty call of the same kind.
// SPDX-License-Identifier: MIT
//
//     node bindings/node/bench.mjs [RESULTS.md]
import { createRequire } from "module";
import fs from "fs";
import os from "os";
import path from "path";
import { Ledger } from "tokenquota";

const native = createRequire(import.meta.url)("./lib/native.cjs");
const ROUNDS = 1001;
const ROUND_NS = 200_000; // shorter than a time slice, so that what else runs spoils few of them

function round(call, calls) {
  const start = process.hrtime.bigint();
  for (let n = 0; n < calls; n++) call();
  return Number(process.hrtime.bigint() - start) / calls;
}

/** The median over rounds of what one call takes, in nanoseconds, when V8 has compiled it. */
function median(call) {
  const calls = Math.max(10, Math.ceil(ROUND_NS / round(call, 2000)));
  const rounds = Array.from({ length: ROUNDS }, () => round(call, calls));
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1];
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tokenquota-bench-"));
const ledger = new Ledger(path.join(folder, "ledger"));
const openai = ledger.provider("openai");
const anthropic = ledger.provider("anthropic");
openai.budget = 1e12;
const at = BigInt(Date.now()) * 1_000_000n;
const most = { tokens: 100 };
const usage = { input: 10, output: 5, counted: 15 };

const rows = [
  ["an empty call of Node-API", () => native.nothing(), null],
  ["provider.observe(tokens)", () => openai.observe(10), 200],
  ["provider.observe(tokens, at)", () => openai.observe(10, at), null],
  ["provider.observeUsage(usage)", () => openai.observeUsage(usage), null],
  ["provider.hold(amounts), hold.settle(usage)", () => openai.hold(most).settle(usage), null],
  ["provider.state()", () => openai.state(), null],
  ["provider.verdict()", () => openai.verdict(), null],
  ["ledger.route([two])", () => ledger.route([openai, anthropic]), null],
];

const lines = [
  "",
  `## Node (${process.version}, a ledger in a file, median of ${ROUNDS} rounds)`,
  "",
  "| call | ns | at most |",
  "|---|---:|---:|",
];
for (const [name, call, most] of rows) {
  const ns = median(call);
  lines.push(`| ${name} | ${ns.toFixed(0)} | ${most === null ? "" : `${most}${ns > most ? " (missed)" : ""}`} |`);
}
console.log(lines.join("\n"));
if (process.argv[2]) fs.appendFileSync(process.argv[2], lines.join("\n") + "\n");
ledger.close();
fs.rmSync(folder, { recursive: true });
