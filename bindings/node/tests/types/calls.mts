// calls.mts: what the types must accept, what they must refuse, and what they say of answers. It is compiled, never run.
// SPDX-License-Identifier: MIT
import {
  Ledger,
  NEVER,
  Provider,
  QuotaExhaustedError,
  TokenquotaError,
  Usage,
  UsageStream,
  profiles,
  readSignal,
  readUsage,
  version,
  wrapFetch,
  type Change,
  type Hold,
  type HoldState,
  type Instant,
  type Limit,
  type Route,
  type Verdict,
} from "tokenquota";

/** Fails to compile unless the two types are the same. */
function same<A, B>(_: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false): void {}

using ledger = new Ledger("quota.ledger", { historyDays: 8, rule: "care", mode: 0o600, minNow: new Date(), maxAheadNs: NEVER });
new Ledger();
new Ledger({ readOnly: true });
new Ledger(new URL("file:///tmp/ledger"));
const openai: Provider = ledger.provider("openai");
const maybe: Provider | undefined = ledger.get("openai");
const at: Instant = 5n;

same<ReturnType<Provider["observe"]>, boolean>(true);
openai.observe(5);
openai.observe(5n, new Date());
openai.observe(5, at);
openai.observeUsage({ input: 5, output: 5n });
openai.observeUsage(new Usage({ counted: 5 }), { sentAt: new Date() });
openai.observeUsage("{}", { profile: "openai" });
openai.budget = 5n;
openai.budget = null;
same<Provider["budget"], number>(true);
openai.pool = "account";
openai.pool = maybe ?? null;
same<Provider["pool"], Provider | null>(true);
openai.weights = { cacheRead: 100 };
openai.price = { input: 3, output: null };
openai.rule = "off";

const verdict: Verdict = openai.verdict(new Date(), { useReserve: true });
same<typeof verdict.retryAt, Date | null>(true);
same<typeof verdict.retryAtNs, bigint>(true);
const limits: Limit[] = openai.limits();
const route: Route = ledger.route([openai, "anthropic"], { policy: "sticky", last: "openai", need: 5n });
same<typeof route.provider, Provider | null>(true);

using hold = openai.hold({ tokens: 20_000, cost: 5n }, { leaseMs: 60_000, at, useReserve: true, nobody: true });
same<typeof hold, Hold | null>(true);
const out: boolean | undefined = hold?.settle(new Usage({ counted: 5 }), { at: new Date() });
if (hold?.extend(5_000, { at }) && hold.id !== null) ledger.hold(hold.id).cancel();
const held: HoldState[] = openai.holds(at);
same<Verdict["held"], number>(true);

openai.apply(await fetch("http://127.0.0.1"));
openai.apply({ status: 429, headers: { "retry-after": 5, via: ["a", "b"] }, body: {} });
openai.apply(readSignal({ status: 200, headers: new Headers() }), { ofModel: true });
const usage: Usage | null = readUsage(new Uint8Array(), { headers: new Map([["a", "b"]]) });
using stream = new UsageStream({ profile: "anthropic" });
stream.feed(Buffer.from("x"));
stream.read({ sentAt: null }).signal?.retryAt?.getTime();

const changed: boolean = await ledger.wait(5, { signal: AbortSignal.timeout(5), ref: false });
for await (const change of ledger.changes()) same<typeof change, Change>(true);
for (const provider of ledger) same<typeof provider, Provider>(true);
const sound: boolean = (await ledger.check()).sound;
await Promise.all([ledger.flush(), ledger.backup("x"), Ledger.compact("x"), Ledger.restore("x", "y")]);

same<ReturnType<typeof wrapFetch>, typeof fetch>(true);
const guarded: typeof fetch = wrapFetch(openai, { onError: "allow", counts: ({ url }) => url.endsWith("/responses") });
wrapFetch(openai, { hold: ({ method, body }) => (method === "POST" ? { tokens: String(body).length } : null), leaseMs: 5 });
(await guarded("http://127.0.0.1", { method: "POST" })).ok;

try {
  openai.observe(1);
} catch (error) {
  if (error instanceof TokenquotaError) error.code.startsWith("TQ_");
  if (error instanceof QuotaExhaustedError) error.verdict.explain();
}
export const used = [limits, usage, changed, sound, version, profiles()];

// @ts-expect-error: a number is no instant
openai.observe(5, Date.now());
// @ts-expect-error: a provider is made by its ledger
new Provider();
// @ts-expect-error: there is no such rule
openai.rule = "best";
// @ts-expect-error: days are 8, 16, 32 or 64
new Ledger("x", { historyDays: 9 });
// @ts-expect-error: there is no such policy
ledger.route([openai], { policy: "best" });
// @ts-expect-error: nor such an option
wrapFetch(openai, { refuse: "never" });
// @ts-expect-error: a verdict is a value
verdict.used = 5;
