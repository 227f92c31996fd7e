// index.mjs: the package, for import: the same objects as for require().
// SPDX-License-Identifier: MIT
import tokenquota from "./index.cjs";

export const {
  version,
  NEVER,
  Ledger,
  Provider,
  Verdict,
  Hold,
  Signal,
  Usage,
  UsageStream,
  TokenquotaError,
  QuotaExhaustedError,
  readSignal,
  readUsage,
  profiles,
  wrapFetch,
} = tokenquota;
