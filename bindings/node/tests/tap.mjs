// tap.mjs: the results of a test program as TAP, and a folder that goes away with it.
// SPDX-License-Identifier: MIT
import fs from "fs";
import os from "os";
import path from "path";

const tests = [];

/** Adds a test: a sentence, and what throws when it does not hold. */
export function test(name, run) {
  tests.push([name, run]);
}

/** A folder for the files of this program. */
export const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tokenquota-node-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
// Nothing here may reach the ledger of the machine.
process.env.TOKENQUOTA_LEDGER = path.join(folder, "default.ledger");

let files = 0;

/** A path in it that nothing has used. */
export function fresh(name = "ledger") {
  return path.join(folder, `${++files}.${name}`);
}

/** Runs all tests, one after the other. */
export async function run() {
  let failed = 0;
  for (const [n, [name, body]] of tests.entries()) {
    try {
      await body();
      console.log(`ok ${n + 1} - ${name}`);
    } catch (fault) {
      failed++;
      console.log(`not ok ${n + 1} - ${name}`);
      for (const line of String(fault?.stack ?? fault)
        .split("\n")
        .slice(0, 40))
        console.log(`# ${line}`);
    }
  }
  console.log(`1..${tests.length}`);
  process.exitCode = failed ? 1 : 0;
}
