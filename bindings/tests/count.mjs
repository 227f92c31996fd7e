// count.mjs: one of the counters of test_storm.py, in Node: count.mjs LEDGER ALL OWN ROUNDS. See count.c.
// SPDX-License-Identifier: MIT
import { writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { Ledger } = await import(pathToFileURL(process.env.TOKENQUOTA_NODE));
const [path, all, own, rounds] = process.argv.slice(2);
const ledger = new Ledger(path);
const every = ledger.provider(all), mine = ledger.provider(own);
for (let i = 0; i < Number(rounds); i++) {
  every.observe(3);
  mine.observe(1);
  writeSync(1, ".");
}
ledger.close();
