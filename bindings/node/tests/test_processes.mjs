// test_processes.mjs: several processes count on one file, some are killed, and the sums are exact.
// SPDX-License-Identifier: MIT
//
// Each process writes how many of its records began and how many returned into a file of its own, before and after each
// record. So of a process that was killed it is known to one record what it counted.
import assert from "assert/strict";
import { fork } from "child_process";
import fs from "fs";
import { Ledger } from "tokenquota";
import { fresh, run, test } from "./tap.mjs";

const PROCESSES = 6;
const KILLED = 2;
const RECORDS = 4000;
const TOKENS = 7;

/** A process that counts: on a name of its own, and one record in two on a name that all share. */
function count([, file, notes, own]) {
  const ledger = new Ledger(file);
  const providers = [ledger.provider(own), ledger.provider("all")];
  const note = fs.openSync(notes, "w");
  const numbers = new BigInt64Array(4); // began, returned: of its own, of the shared one
  for (let n = 0; n < 2 * RECORDS; n++) {
    numbers[2 * (n % 2)]++;
    fs.writeSync(note, numbers, 0, 32, 0);
    providers[n % 2].observe(TOKENS);
    numbers[2 * (n % 2) + 1]++;
    fs.writeSync(note, numbers, 0, 32, 0);
    if (n === 200) process.send("counts");
  }
  process.disconnect();
}

function started(file, notes, own, doomed) {
  return new Promise((resolve) => {
    const child = fork(new URL(import.meta.url), ["count", file, notes, own]);
    child.once("message", () => doomed && child.kill("SIGKILL"));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

test("sums are exact after kill -9", async () => {
  const file = fresh();
  const notes = Array.from({ length: PROCESSES }, () => fresh("notes"));
  const ends = await Promise.all(notes.map((path, n) => started(file, path, `p${n}`, n < KILLED)));
  assert.deepEqual(
    ends.map((end) => end.signal ?? end.code),
    [...Array(KILLED).fill("SIGKILL"), ...Array(PROCESSES - KILLED).fill(0)],
  );
  const ledger = new Ledger(file, { existing: true });
  let [least, most] = [0, 0];
  for (const [n, path] of notes.entries()) {
    const bytes = fs.readFileSync(path);
    const [began, returned, beganAll, returnedAll] = new BigInt64Array(bytes.buffer, bytes.byteOffset, 4);
    const used = ledger.provider(`p${n}`).used();
    assert.ok(
      used === Number(began) * TOKENS || used === Number(returned) * TOKENS,
      `p${n}: ${used}, ${began} began, ${returned} returned`,
    );
    if (n >= KILLED) assert.equal(used, RECORDS * TOKENS);
    least += Number(returnedAll) * TOKENS;
    most += Number(beganAll) * TOKENS;
  }
  const all = ledger.provider("all").used();
  assert.ok(
    all >= least && all <= most && most - least <= KILLED * TOKENS && all % TOKENS === 0,
    `${least} <= ${all} <= ${most}`,
  );
  assert.equal((await ledger.check()).sound, true);
  ledger.close();
});

test("what one process is refused all know at once", async () => {
  const file = fresh();
  const ledger = new Ledger(file);
  const child = fork(new URL(import.meta.url), ["refused", file]);
  while (ledger.provider("openai").state() === "available") await ledger.wait(60_000);
  assert.equal(ledger.provider("openai").verdict().refusal, "throttled");
  assert.equal(ledger.route(["openai", "anthropic"]).provider.name, "anthropic");
  await new Promise((resolve) => child.once("exit", resolve));
  ledger.close();
});

test("what a process holds is free as soon as it is killed", async () => {
  const file = fresh();
  const ledger = new Ledger(file);
  const openai = ledger.provider("openai");
  openai.budget = 100;
  const child = fork(new URL(import.meta.url), ["hold", file]);
  const id = await new Promise((resolve) => child.once("message", resolve));
  assert.deepEqual([openai.hold({ tokens: 1 }), ledger.hold(id).ended, openai.holds()[0].alive], [null, false, true]);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  const hold = openai.hold({ tokens: 100 });
  assert.ok(hold);
  assert.equal(ledger.hold(id).ended, true);
  assert.equal(hold.settle({ counted: 100 }), true);
  assert.equal(openai.used(), 100);
  ledger.close();
});

if (process.argv[2] === "count") {
  count(process.argv.slice(2));
} else if (process.argv[2] === "refused") {
  new Ledger(process.argv[3]).provider("openai").apply({ status: 429, headers: { "retry-after": "50" } });
  process.disconnect();
} else if (process.argv[2] === "hold") {
  globalThis.kept = new Ledger(process.argv[3]); // the collector would close it, and free what it holds
  process.send(globalThis.kept.provider("openai").hold({ tokens: 100 }).id);
  setInterval(() => {}, 60_000);
} else {
  await run();
}
