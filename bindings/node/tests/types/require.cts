// require.cts: the types for require(). It is compiled, never run.
// SPDX-License-Identifier: MIT
import tokenquota = require("tokenquota");

const ledger: tokenquota.Ledger = new tokenquota.Ledger(":memory:");
const out: boolean = ledger.provider("openai").observe(5);
ledger.close();
export = out;
