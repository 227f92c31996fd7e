// index.cjs: the package, for require().
// SPDX-License-Identifier: MIT
"use strict";
const native = require("./native.cjs");
const { NEVER, TokenquotaError } = require("./values.cjs");
const { Signal, Usage, UsageStream, readSignal, readUsage, profiles } = require("./signals.cjs");
const { Hold } = require("./hold.cjs");
const { Provider, Verdict } = require("./provider.cjs");
const { Ledger } = require("./ledger.cjs");
const { wrapFetch, QuotaExhaustedError } = require("./fetch.cjs");

/** Of the library that runs, "0.1.0". */
exports.version = native.version;
exports.NEVER = NEVER;
exports.Ledger = Ledger;
exports.Provider = Provider;
exports.Verdict = Verdict;
exports.Hold = Hold;
exports.Signal = Signal;
exports.Usage = Usage;
exports.UsageStream = UsageStream;
exports.TokenquotaError = TokenquotaError;
exports.QuotaExhaustedError = QuotaExhaustedError;
exports.readSignal = readSignal;
exports.readUsage = readUsage;
exports.profiles = profiles;
exports.wrapFetch = wrapFetch;
