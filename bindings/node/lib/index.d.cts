// index.d.cts: the types of the package: every call, with its units and its errors.
// SPDX-License-Identifier: MIT
/// <reference lib="es2020" />
/// <reference lib="esnext.disposable" />

/**
 * An instant that goes in: a Date, or nanoseconds since 1970-01-01 00:00 UTC as a bigint. Left out, null: now.
 * (A plain number would be milliseconds to one reader and seconds to another, so it is a TypeError.)
 */
export type Instant = Date | bigint | null | undefined;

/** A number that goes in: a safe integer, or a bigint. Numbers that come out are plain; a saturated count is Infinity. */
export type Count = number | bigint;

/** "No known end", in nanoseconds. The Date beside it is null. */
export const NEVER: bigint;

/** The version of the library that runs, "0.1.0". */
export const version: string;

/**
 * What a call throws that could not decide. "Could not decide" is never "available". Wrong arguments are a TypeError
 * or a RangeError.
 */
export class TokenquotaError extends Error {
  /** "TQ_EGONE", "TQ_ENAME" and so on: the list TQ_ERRORS of tokenquota.h. A closed ledger is "TQ_EINVAL". */
  readonly code: string;
  /** errno of the system call that failed, when one did. */
  readonly errno?: number;
}

/** What wrapFetch throws with refuse: "throw"; `cause` is the vendor's refusal, a Response, when it was one. */
export class QuotaExhaustedError extends Error {
  readonly code: "TQ_QUOTA_EXHAUSTED";
  readonly provider: Provider;
  readonly verdict: Verdict;
  readonly retryAt: Date | null;
}

export type State = "available" | "quota_exhausted";
export type Reason = "none" | "marked" | "reported" | "throttled" | "predicted" | "spent" | "held" | "shared";
export type Refusal = "none" | "throttled" | "exhausted" | "no-money" | "overloaded" | "too-large";
export type AxisName = "requests" | "tokens" | "input tokens" | "output tokens" | "money" | "concurrency";
export type Source = "none" | "retry-after" | "header" | "body" | "calendar" | "caller";
export type Rule = "default" | "original" | "off" | "horizon" | "care";
export type Policy = "order" | "sticky" | "pressure" | "sticky-pressure";
export type Unit = "tokens" | "input" | "output" | "total" | "requests" | "cost" | "weighted" | "share";
export type Window =
  "day" | "week" | "month" | "quarter" | "year" | "fixed" | "first-use" | "rolling" | "refill" | "once" | "stated";
export type Said = "reading" | "blocks" | "credit" | "stops" | "overruled" | "doubted" | "share";

/** Headers of a response: those of fetch, a Map or pairs, or an object as that of node:http. */
export type HeadersLike =
  Iterable<readonly [string, string]> | { readonly [name: string]: string | number | readonly string[] | null | undefined };

/** A body: text, bytes, or a parsed document (the object that an SDK returns). */
export type BodyLike = string | ArrayBufferView | ArrayBuffer | object;

// ---- what is read from responses ------------------------------------------------------------------------------------

export interface UsageCounts {
  /** Tokens read that were neither read from a cache nor written into one. */
  input?: Count | null;
  cacheRead?: Count | null;
  cacheWrite?: Count | null;
  /** Tokens made, including those of reasoning. */
  output?: Count | null;
  reasoning?: Count | null;
  /** The total that the source states. */
  total?: Count | null;
  costNanoUsd?: Count | null;
  /** What counts against the limit by the vendor's rule; left out: input + cacheWrite + output, or total. */
  counted?: Count | null;
  /** 1 for one response. */
  requests?: number;
  /** The response was cut short, so its real counts may be larger. */
  partial?: boolean;
  /** It adds to a response that was counted before, so it is no further request. */
  more?: boolean;
  sentAt?: Instant;
}

/** What a response used. A count that the source did not have is null. */
export class Usage implements UsageCounts {
  constructor(counts?: UsageCounts);
  input: number | null;
  cacheRead: number | null;
  cacheWrite: number | null;
  output: number | null;
  reasoning: number | null;
  total: number | null;
  costNanoUsd: number | null;
  counted: number;
  requests: number;
  partial: boolean;
  more: boolean;
  sentAt: Date | null;
  sentAtNs: bigint;
}

/** One limit of an account as a response states it. What it does not state is null. */
export interface Axis {
  readonly what: AxisName | null;
  readonly limit: number | null;
  readonly remaining: number | null;
  /** The used part, 1 for all. */
  readonly used: number | null;
  readonly resetAt: Date | null;
  readonly resetAtNs: bigint;
  /** The length of its window; 0n: not known. */
  readonly windowNs: bigint;
  /** The vendor's name of a window that is not the whole account's, else "". */
  readonly windowName: string;
  readonly empty: boolean;
  readonly fullRefill: boolean;
  readonly modelOnly: boolean;
  readonly credit: boolean;
}

/** What a response says about quota. */
export class Signal {
  private constructor();
  /** False: the response says nothing about quota. */
  readonly says: boolean;
  readonly refusal: Refusal;
  /** The request was served. */
  readonly success: boolean;
  readonly clamped: boolean;
  /** The refusal is about the request's model, not the account. */
  readonly modelOnly: boolean;
  readonly axesDropped: boolean;
  readonly reading: boolean;
  readonly status: number;
  /** The vendor's profile by which it was read; null: none. */
  readonly profile: string | null;
  readonly source: Source;
  /** How many values had no known form and were ignored. */
  readonly anomalies: number;
  /** The index of the axis that the refusal is about; -1: not known. */
  readonly binds: number;
  readonly sentAt: Date | null;
  readonly sentAtNs: bigint;
  readonly saidAt: Date | null;
  readonly saidAtNs: bigint;
  /** When it is worth asking again; null: not stated. */
  readonly retryAt: Date | null;
  readonly retryAtNs: bigint;
  /** A hash of the account that the vendor names; 0n: it names none. */
  readonly account: bigint;
  readonly axes: readonly Axis[];
  /** After Provider.apply: whether the provider is out now. */
  exhausted?: boolean;
}

export interface ResponseParts {
  /** The HTTP status; 0: not known. */
  readonly status?: number;
  readonly headers?: HeadersLike | null;
  readonly body?: BodyLike | null;
  /** A name that profiles() lists; left out: found from headers and body. */
  readonly profile?: string;
  readonly sentAt?: Instant;
  /** When the response arrived: "in 20 s" counts from here. */
  readonly now?: Instant;
  /** Which day a daily quota means: "vendor" (the default) or "utc". */
  readonly day?: "vendor" | "utc";
}

/** Reads what a response says about quota, and changes nothing. */
export function readSignal(response: ResponseParts): Signal;

/** Reads the usage of a whole body (JSON, or a stream as it arrived), else of headers. null: it states none. */
export function readUsage(
  body: BodyLike | null | undefined,
  options?: { profile?: string; headers?: HeadersLike | null },
): Usage | null;

/** A response that arrives in pieces, which may be cut anywhere. */
export class UsageStream {
  constructor(options?: { profile?: string });
  feed(piece: string | ArrayBufferView | ArrayBuffer): void;
  /** What it has said so far; null: nothing. Until the stream has ended, usage.partial is true. */
  read(options?: { sentAt?: Instant; now?: Instant }): { usage: Usage | null; signal: Signal | null };
  close(): void;
  [Symbol.dispose](): void;
}

export interface Profile {
  readonly id: number;
  readonly name: string;
  readonly vendor: string;
  /** The document that it follows. */
  readonly source: string;
  readonly seenLive: boolean;
}

export function profiles(): Profile[];

// ---- providers --------------------------------------------------------------------------------------------------------

/** Why a provider is available or out, at one instant. Every number was true when it was read. */
export class Verdict {
  private constructor();
  readonly available: boolean;
  /** One English sentence: what binds, until when, and what would clear it. */
  explain(): string;
  toString(): string;
  readonly state: State;
  /** The reason with the latest end. */
  readonly reason: Reason;
  readonly reasons: readonly Reason[];
  readonly refusal: Refusal;
  readonly axis: AxisName | null;
  readonly source: Source;
  readonly profile: string | null;
  readonly rule: Rule;
  /** How many probes failed. */
  readonly attempt: number;
  /** A caller holds the probe. */
  readonly probing: boolean;
  readonly useReserve: boolean;
  /** Tokens in the UTC day. */
  readonly used: number;
  /** 0: none. */
  readonly budget: number;
  readonly left: number;
  /** The end. null: it is available (retryAtNs 0n), or no end is known (retryAtNs NEVER). */
  readonly retryAt: Date | null;
  readonly retryAtNs: bigint;
  readonly saidAt: Date | null;
  readonly saidAtNs: bigint;
  /** The length of the window that binds; 0n: not known. */
  readonly windowNs: bigint;
  /** When the next probe may be taken. */
  readonly probeAt: Date | null;
  readonly probeAtNs: bigint;
  readonly at: Date | null;
  readonly atNs: bigint;
  /** Whose words and limit bind: 0 the provider's, 1 its pool's, 2 that one's pool's. */
  readonly level: number;
  /** The number of the limit that binds, or that has the least room; 0: none. */
  readonly limit: number;
  readonly limitUnit: Unit | null;
  readonly limitWindow: Window | null;
  readonly limitUsed: number;
  readonly limitAmount: number;
  readonly limitReserve: number;
  /** The limits that exclude: bit 8 x level + number - 1. */
  readonly limits: bigint;
  readonly limitName: string;
  /** Under the rule "care": its care in quarters, else 0. */
  readonly care: number;
  readonly expects: "call" | "half-hour" | "flying" | null;
  readonly expected: number;
  /** Calls that run and hold something of the level. */
  readonly holds: number;
  /** Those of them whose size in the unit of `held` nobody knows. */
  readonly flying: number;
  /** What they hold together: in limitUnit when a limit is named, else in tokens. */
  readonly held: number;
  /** What other machines used of it, as last told; it is in `used`, or in `limitUsed`. */
  readonly others: number;
  /** What of it is not for this machine, at least `others`. */
  readonly withheld: number;
  /** When that was told; null: nothing was told of this window. */
  readonly heardAt: Date | null;
  readonly heardAtNs: bigint;
}

/** How one limit stands. Its numbers are in its unit: micro-dollars for "cost". */
export interface Limit {
  readonly number: number;
  /** As setLimit reads it. */
  readonly sentence: string | null;
  readonly state: State;
  /** Callers with the reserve are excluded, too. */
  readonly spent: boolean;
  /** The used part of the amount, 1 for all. */
  readonly share: number;
  /** A wrong clock took the count of this window, or a part of it. */
  readonly taken: boolean;
  readonly used: number;
  readonly startAt: Date | null;
  readonly startAtNs: bigint;
  readonly endAt: Date | null;
  readonly endAtNs: bigint;
  /** When it no longer excludes; null: it does not (untilNs 0n), or no end is known (untilNs NEVER). */
  readonly until: Date | null;
  readonly untilNs: bigint;
  readonly uncosted: number;
  readonly unit: Unit;
  readonly window: Window;
  readonly first: number;
  /** The reserve as a part of the amount, in 1/10,000; 0: `reserve` is it. */
  readonly reserveShare: number;
  readonly amount: number;
  readonly reserve: number;
  readonly lengthNs: bigint;
  readonly anchorAt: Date | null;
  readonly anchorAtNs: bigint;
  readonly zone: string;
  /** What the vendor said of the window. */
  readonly said: readonly Said[];
  readonly saidShare: number;
  readonly saidSource: Source;
  readonly saidProfile: string | null;
  readonly saidAt: Date | null;
  readonly saidAtNs: bigint;
  readonly saidResetAt: Date | null;
  readonly saidResetAtNs: bigint;
  readonly saidLimit: number;
  readonly saidSince: number;
  readonly saidOutAt: Date | null;
  readonly saidOutAtNs: bigint;
  /** When the window is used up at its pace; null: nobody knows (outAtNs 0n), or it lasts (outAtNs NEVER). */
  readonly outAt: Date | null;
  readonly outAtNs: bigint;
  /** What calls that run hold of it. */
  readonly held: number;
  /** Calls that run and whose size in the unit nobody knows. */
  readonly flying: number;
  /** It excludes only because of what is held. */
  readonly isHeld: boolean;
  /** What other machines used of it, as last told; it is in `used`. */
  readonly others: number;
  /** What of it is not for this machine, at least `others`. */
  readonly withheld: number;
  /** When that was told; null: nothing was told of this window. */
  readonly heardAt: Date | null;
  readonly heardAtNs: bigint;
  /** It excludes only because of what is withheld beyond `others`. */
  readonly isShared: boolean;
  /** The limit is strict: this machine spends nothing of it but what was leased to it. */
  readonly strict: boolean;
}

/**
 * What a call uses at the most. What is left out: total and weighted are as tokens, when those are named; requests is 1; any
 * other is unknown. Unknown holds no room, and the rule "care" counts the call as one of unknown size.
 */
export interface Amounts {
  tokens?: Count | null;
  input?: Count | null;
  output?: Count | null;
  total?: Count | null;
  requests?: Count | null;
  /** In micro-dollars. */
  cost?: Count | null;
  weighted?: Count | null;
}

export interface HoldOptions {
  /** When it is free, if nobody settles it: 600,000 ms unless it is given, at most 31 days. */
  leaseMs?: number;
  at?: Instant;
  /** For this call the reserve of a limit counts as left. */
  useReserve?: boolean;
  /** It stays when this process ends, and only its lease frees it: for one that another process settles. */
  nobody?: boolean;
}

/**
 * Room that is set aside for a call: in all limits and the budget of a provider, and of its pools. It is free when it is
 * settled or cancelled, when its lease has ended, and when the process that took it is dead or has closed the ledger.
 */
export class Hold {
  private constructor();
  readonly provider: Provider;
  /** By which another process finds it, with ledger.hold(id); null: it is settled or cancelled. */
  get id(): string | null;
  /** When its lease ends. */
  get until(): Date | null;
  get untilNs(): bigint;
  /**
   * settle, cancel, extend or ledger.hold found that it, or a part of it, was no longer there: its lease had ended, and others
   * may have used its room.
   */
  get ended(): boolean;
  /**
   * Counts what the call used, as Provider.observeUsage does, and then frees it. It counts whatever became of the hold, and
   * more than was held, too. After an error nothing was counted, and the hold stays. True: the provider is out now.
   */
  settle(
    source: UsageCounts | BodyLike,
    options?: { at?: Instant; sentAt?: Instant; profile?: string; headers?: HeadersLike | null },
  ): boolean;
  /** Frees it, for a call that used nothing. False: it was no longer there, or was settled or cancelled before. */
  cancel(): boolean;
  /** Makes its lease end so long after `at`, later or earlier than it was to. False: it is no longer there. */
  extend(leaseMs: number, options?: { at?: Instant }): boolean;
  /** Cancels it, which does nothing when it is settled. */
  [Symbol.dispose](): void;
}

/** One hold of a provider, with its amounts in tokens and in the units of the provider's limits; null: unknown. */
export interface HoldState {
  /** Of this provider alone, without its pools. */
  readonly hold: Hold;
  /** False: its owner is dead, or its lease has ended, so it is free as soon as somebody needs the room. */
  readonly alive: boolean;
  /** The number of the lock by which its owner lives; 0: nobody owns it. */
  readonly owner: number;
  readonly until: Date | null;
  readonly untilNs: bigint;
  readonly useReserve: boolean;
  readonly tokens: number | null;
  readonly input: number | null;
  readonly output: number | null;
  readonly total: number | null;
  readonly requests: number | null;
  readonly cost: number | null;
  readonly weighted: number | null;
}

/** Numbers for the four classes of tokens. */
export interface Classes<T> {
  input: T;
  cacheRead: T;
  cacheWrite: T;
  output: T;
}

/** One name of a ledger. One name is one object. */
export class Provider {
  private constructor();
  /** As it was asked for. */
  readonly name: string;
  /**
   * The run of this process that counts and asks in its place, "claude/job-7"; null: there is none. What sets, and what it
   * set (budget, limits, the other properties, marks, reset, forget), is that of the name. When the run is over, what counts
   * and asks throws TQ_EOVER.
   */
  readonly run: string | null;
  readonly ledger: Ledger;

  /** Counts tokens, at most 200 ns. True: the provider is out now. */
  observe(tokens: Count, at?: Instant): boolean;
  /**
   * Counts what a response used: a Usage, or a body (also the object that an SDK returned). True: the provider is out now.
   * A response that states no usage is a TypeError, and nothing is counted.
   */
  observeUsage(
    source: UsageCounts | BodyLike,
    options?: { at?: Instant; sentAt?: Instant; profile?: string; headers?: HeadersLike | null },
  ): boolean;
  /**
   * Sets aside what a call may use, before it is sent. null: there is no room, because what is used, what is held, and these
   * amounts together are more than a limit or the budget has. Only room is asked: state() and route() tell of the rest.
   */
  hold(amounts?: Amounts, options?: HoldOptions): Hold | null;
  /** What calls that run hold of it. A call that holds of a provider in a pool is in the lists of both. */
  holds(at?: Instant): HoldState[];
  /**
   * Reads what a response says about quota and applies it: a Signal, or a response (that of fetch, too, whose body is
   * looked at only when it is given as `body`). It counts nothing.
   */
  apply(
    response: Signal | ResponseParts | ResponseLike,
    options?: {
      body?: BodyLike | null;
      profile?: string;
      sentAt?: Instant;
      now?: Instant;
      day?: "vendor" | "utc";
      /** This provider is the model that a refusal of one model is about. */
      ofModel?: boolean;
    },
  ): Signal;
  /** Says that a request sent then was served: that clears earlier refusals. */
  success(sentAt: Instant): void;

  state(at?: Instant): State;
  verdict(at?: Instant, options?: { useReserve?: boolean }): Verdict;
  /** Tokens in the UTC day of `at`. */
  used(at?: Instant): number;
  /** Tokens a UTC day; 0: none. Set to 0 or null it is removed. */
  get budget(): number;
  set budget(tokens: Count | null);

  limits(at?: Instant): Limit[];
  /** Sets a limit from a sentence, "5M tokens per day America/Los_Angeles". Returns its number, 1 to 8. */
  setLimit(sentence: string): number;
  /** False: there is none of this number. */
  removeLimit(number: number): boolean;

  /** Marks it out until an instant; left out: with no known end. */
  markExhausted(until?: Instant): void;
  /** Makes it available, whatever keeps it out but its budget, its limits and its pool. */
  markAvailable(at?: Instant): void;
  /** Takes a record of as many tokens back. */
  correct(tokens: Count, at?: Instant): void;
  /** Forgets its usage. */
  reset(): void;
  /** Forgets all of it. */
  forget(): void;

  /** Whose limits, budget and marks hold for it, too. */
  get pool(): Provider | null;
  set pool(provider: Provider | string | null);
  get rule(): Rule;
  set rule(rule: Rule);
  /** The care of the rule "care", in quarters: 5 unless it is set, at most 32. Setting it sets that rule, too. */
  get care(): number;
  set care(quarters: number);
  /** What to do when the plan's share is spent, and the vendor would go on serving on credit. */
  get overage(): "allow" | "stop";
  set overage(overage: "allow" | "stop");
  /** In thousandths; a class that is left out weighs 1000. */
  get weights(): Classes<number>;
  set weights(weights: Partial<Classes<number>> | null);
  /** In micro-dollars a million tokens; null: no price. */
  get price(): Classes<number | null>;
  set price(price: Partial<Classes<number | null>> | null);
  /** The account by what its vendor said: a hash; 0n: it named none. */
  readonly account: bigint;

  /** Takes the one probe of a provider that its vendor keeps out. at: the end of your turn, or when the next is due. */
  probeTake(at?: Instant): { taken: boolean; at: Date | null; atNs: bigint };
  /** Says that a probe failed without an answer from the vendor. */
  probeFailure(at?: Instant): void;
  toString(): string;
}

// ---- ledgers ------------------------------------------------------------------------------------------------------------

export interface LedgerOptions {
  readOnly?: boolean;
  /** Do not create one. */
  existing?: boolean;
  /** Of providers without a rule of their own. Fixed at creation. */
  rule?: Rule;
  /** Days kept of each provider: 8, 16, 32 or 64 (the default). Fixed at creation. */
  historyDays?: 8 | 16 | 32 | 64;
  /** Every record is on the disk when the call returns. It blocks the event loop for milliseconds. */
  flushAlways?: boolean;
  /** Only this machine reaches the file, on whatever file system. */
  anyFileSystem?: boolean;
  /** Permissions of a file that is created; 0o600 by default. */
  mode?: number;
  /** A record before it is refused (TQ_ECLOCK). Left out: 2020-01-01 in a file, no limit in memory. 0n: no limit. */
  minNow?: Date | bigint;
  /** A record further ahead of the clock is refused; 0n: 5 minutes in a file. NEVER: no limit. */
  maxAheadNs?: bigint;
}

/** How a provider stands: in a list of those that are out, or after a change. */
export interface Change {
  readonly provider: Provider;
  readonly available: boolean;
  /** null: it is available (retryAtNs 0n), or no end is known (retryAtNs NEVER). */
  readonly retryAt: Date | null;
  readonly retryAtNs: bigint;
}

export interface Route {
  /** The one to ask; null: none may be asked. */
  readonly provider: Provider | null;
  /** The same, or, when none may be asked, the one that may be asked first, at retryAt. */
  readonly first: Provider;
  readonly available: boolean;
  /** It is out, and this caller holds its probe. */
  readonly probe: boolean;
  /** null: it may be asked now (retryAtNs 0n), or no end is known (retryAtNs NEVER). */
  readonly retryAt: Date | null;
  readonly retryAtNs: bigint;
  /** With a need: tokens that `first` has left. Infinity: nothing bounds them, or no need was given. */
  readonly room: number;
}

export interface RouteOptions {
  policy?: Policy;
  /** The caller's last choice that was served. Only the sticky policies look at it. */
  last?: Provider | string | null;
  /** Tokens that the call needs; 0: any room will do. */
  need?: Count;
  useReserve?: boolean;
  /** False: never take a probe. */
  probe?: boolean;
  at?: Instant;
}

export interface Info {
  readonly historyDays: number;
  readonly rule: Rule;
  readonly inFile: boolean;
  readonly providers: number;
  readonly slots: number;
  readonly fileBytes: number;
  readonly late: number;
  readonly tooOld: number;
  readonly clock: number;
  readonly saturated: number;
  readonly rebuilt: number;
  readonly recovered: number;
  readonly faults: number;
  readonly ahead: number;
  readonly aheadAt: Date | null;
  readonly aheadAtNs: bigint;
}

export interface WaitOptions {
  signal?: AbortSignalLike;
  /** False: the wait alone does not keep the process alive. */
  ref?: boolean;
}

/** The memory that all processes count in. After close() every call throws a TokenquotaError. */
export class Ledger implements Iterable<Provider> {
  /**
   * Opens a ledger. No path: the one that the command uses, which is made when there is none. ":memory:": private memory.
   * It blocks, for milliseconds, and up to 2 s while another process rebuilds the file.
   */
  constructor(path?: string | URL | null, options?: LedgerOptions);
  constructor(options: LedgerOptions);
  /** The file; null in private memory. */
  readonly path: string | null;
  /** What is worth knowing after the opening, or "". */
  readonly note: string;

  /**
   * The provider of a name, inserted when it is new. When this process belongs to a run of it (`tokenquota run`, by
   * $TOKENQUOTA_RUN when the ledger was opened), what counts and asks is the run's; TQ_EOVER: the run is over. What a
   * vendor says (apply, success, probeFailure) is kept for the name, and holds for the run, too.
   * run: false: the name as it is written.
   */
  provider(name: string, options?: { run?: boolean }): Provider;
  /** The same, but undefined when it is unknown. */
  get(name: string, options?: { run?: boolean }): Provider | undefined;
  has(name: string): boolean;
  [Symbol.iterator](): IterableIterator<Provider>;

  /** All that are out. */
  exhausted(at?: Instant): Change[];
  /** Chooses one that is available, or whose probe is due. */
  route(providers: Iterable<Provider | string>, options?: RouteOptions): Route;

  /** Finds a hold by its id, in whatever process it was taken. `ended`: it is no longer there; settle counts all the same. */
  hold(id: string): Hold;

  /**
   * Resolves to true when a state has changed, or an end has passed, since the last wait (the first time: since the
   * opening), and to false after timeoutMs. It waits in a thread of its own. As a timer it keeps the process alive.
   * It does not tell of an end that had passed before the call: look at the states first.
   */
  wait(timeoutMs?: number, options?: WaitOptions): Promise<boolean>;
  /**
   * Each change of a provider's state or end; first those that are out. It ends with close(), and with an abort as an error.
   * What changed and changed back in between is not told.
   */
  changes(options?: WaitOptions): AsyncGenerator<Change, void, void>;

  info(): Info;
  /** Checks every word. sound false: info.faults says how many are damaged, message describes the first. */
  check(): Promise<Info & { sound: boolean; message: string }>;
  /** Puts all that was counted before the call on the disk. */
  flush(): Promise<void>;
  /** Writes a copy to a new file. */
  backup(dest: string): Promise<void>;
  /** Closes it; more than once, too. What waits is rejected. */
  close(): void;
  readonly closed: boolean;
  [Symbol.dispose](): void;

  /** Rewrites a ledger that nobody has open without the space of forgotten names. */
  static compact(path: string): Promise<void>;
  /** Replaces what the ledger at path holds with what the file at source holds. */
  static restore(path: string, source: string): Promise<void>;
}

// ---- fetch ----------------------------------------------------------------------------------------------------------------

export interface WrapFetchOptions {
  /** The vendor's profile; left out: found from each response. */
  profile?: string;
  /** For these calls the reserve of a limit counts as left. */
  useReserve?: boolean;
  /**
   * What a caller gets when the provider is out, before anything is sent. "response" (the default): a Response 429, which the
   * SDKs of OpenAI and Anthropic take for the vendor's. "throw": a QuotaExhaustedError, for the AI SDK; so does a refusal of the
   * vendor with an end beyond patienceMs.
   */
  refuse?: "response" | "throw";
  /**
   * The longest time for which an SDK may sleep after a refusal, ours or the vendor's, and ask again by itself; 30,000 ms. When
   * the end is later or unknown, the refusal tells it not to, and the caller has the error at once. 0: always.
   */
  patienceMs?: number;
  /** When tokenquota itself cannot decide: throw (the default), or let calls through, said in one warning. */
  onError?: "throw" | "allow";
  /**
   * What a call uses at the most: that is held before it is sent, and settled by its answer, so that calls that run at one time
   * stay within the limits together. Without room the call is refused; a call that fails frees its hold. null: hold nothing.
   * `body` is that of `init`.
   */
  hold?: (request: { method: string; url: string; body?: any }) => Amounts | null | undefined;
  /** The lease of these holds: 600,000 ms unless it is given. Make it longer than the longest answer takes. */
  leaseMs?: number;
  /** Which requests are calls of a model. By default each POST, but those that only count the tokens of a prompt. */
  counts?: (request: { method: string; url: string }) => boolean;
}

/** The fetch of the environment, whatever types it has. */
export type Fetch = typeof globalThis extends { fetch: infer F } ? F : (input: any, init?: any) => Promise<any>;

/** A fetch that counts what each answer used, applies what the vendor says, and refuses when the provider is out. */
export function wrapFetch<F extends (input: any, init?: any) => Promise<any> = Fetch>(
  provider: Provider,
  fetch?: F,
  options?: WrapFetchOptions,
): F;
export function wrapFetch(provider: Provider, options: WrapFetchOptions): Fetch;

// ---- what needs no DOM and no @types/node -----------------------------------------------------------------------------------

/** An AbortSignal. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: any;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A Response of fetch. */
export interface ResponseLike {
  readonly status: number;
  readonly headers: { [Symbol.iterator](): IterableIterator<any> } | HeadersLike;
  readonly body?: unknown;
}
