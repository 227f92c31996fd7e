/* tokenquota.h: count LLM tokens per provider, see that a budget will not last, and say so.
 *
 * SPDX-License-Identifier: MIT
 *
 * WHAT IT IS
 *
 * You call several LLM providers. Each has a budget of tokens a day. You tell the library what every call
 * used. It adds the tokens up, and the same call answers whether the budget will last the day at the present
 * rate. When it will not, the provider is `quota_exhausted` until an instant that the library gives, and your
 * router uses another provider until then.
 *
 * The library is not a rate limiter that sleeps, not a server, and not a client of any vendor. It counts and
 * answers from memory. It depends on libc alone. This header is the whole contract: what is not declared here
 * is not part of the API.
 *
 * A WHOLE PROGRAM (examples/observe.c, compiled and run by the tests)
 *
 *     #include <stdio.h>
 *     #include <tokenquota.h>
 *
 *     int main(void)
 *     {
 *         struct tq_error error = {.size = sizeof error};
 *         struct tq_ledger *ledger;
 *         struct tq_provider *openai;
 *         int64_t now_ns = tq_now_ns(), retry_at_ns;
 *
 *         if (tq_ledger_open(&ledger, "quota.ledger", NULL, &error) < 0) {
 *             printf("no ledger: %s\n", error.msg);
 *             return 2;
 *         }
 *         int answer = tq_ledger_provider(ledger, "openai", 6, 0, &openai);
 *         if (answer == 0)
 *             answer = tq_provider_set_budget(openai, 1000000);
 *         if (answer == 0)
 *             answer = tq_provider_observe(openai, 1200000, now_ns, NULL);
 *         if (answer < 0)
 *             printf("not counted: %s\n", tq_strerror(answer));
 *         else if (tq_provider_state(openai, now_ns, &retry_at_ns) == TQ_QUOTA_EXHAUSTED)
 *             printf("openai is out for %lld s more\n", (long long)((retry_at_ns - now_ns) / 1000000000));
 *         tq_ledger_close(ledger);
 *         return answer < 0 ? 2 : 0;
 *     }
 *
 *     cc observe.c $(pkg-config --cflags --libs tokenquota)
 *
 * It counts in the file quota.ledger, under the default rule (TQ_RULE_HORIZON). Any number of processes may
 * run it at once. `tokenquota status --ledger quota.ledger` shows what they counted. In examples/worker.c
 * several processes choose among providers.
 *
 * WORDS
 *
 *     provider    the name tokens are counted under: an account, a key, a model, a host. Valid UTF-8 of 1 to
 *                 TQ_NAME_MAX bytes without control characters (U+0000-001F, 007F-009F, 2028-202E, 2066-2069)
 *     budget      tokens allowed in one UTC day, [00:00, 24:00); without one, nothing is predicted
 *     limit       a bound on one provider: a unit, a window and an amount
 *     unit        what a limit counts: tokens, requests, cost, ... (TQ_UNIT_...)
 *     window      the period a limit covers; it turns when the next one begins (TQ_WINDOW_...)
 *     pool        a provider whose limits hold for several providers: an account above its models
 *     reserve     the part of a limit that is kept back for callers who ask for it
 *     usage       tokens used; to *record* is to add them
 *     hold        an amount set aside for a call that runs; *take* it, *settle* or *cancel* it
 *     lease       how long a hold lasts at the most, when nobody settles it
 *     owner       the process that took a hold; when it dies, the hold is free
 *     state       `available` or `quota_exhausted`
 *     out         quota_exhausted: not to be asked now
 *     end         the instant at which a provider that is out is available again. INT64_MAX: no known end
 *     mark        a caller's statement that a provider is out until an instant
 *     ledger      the memory that holds all of this; a tracker and a store are two views of a ledger
 *     rule        decides that a budget is exhausted: TQ_RULE_ORIGINAL, TQ_RULE_OFF, TQ_RULE_HORIZON
 *     vendor      the service that answers a request (OpenAI, Anthropic, ...)
 *     signal      what a vendor's response says about quota
 *     refusal     a signal that says no; its class says why (TQ_CLASS_...)
 *     reason      why a provider is out:
 *                     marked      a caller said so
 *                     reported    the vendor said so
 *                     throttled   the vendor said: wait seconds or minutes
 *                     predicted   the rule expects that the budget will not last
 *                     spent       the budget or a limit is used up, or a limit down to its reserve
 *                     held        what is left is held for calls that run
 *     verdict     the state with its reason, its numbers and its end
 *     policy      chooses one of the providers that are available (TQ_POLICY_...)
 *     pressure    the part of a window that is left, divided by the time until the window ends
 *     probe       one request that tests whether a provider that its vendor keeps out is available again
 *
 * UNITS
 *
 * Tokens are int64_t. Money is int64_t in micro-dollars, in a usage in nano-dollars. Instants are int64_t
 * nanoseconds since 1970-01-01 00:00 UTC and are named ..._at_ns; the present is now_ns. Lengths of time are
 * named ..._ns. The library makes no decision by the clock: you pass now_ns in. So a replay of a log gives
 * the answers that the calls gave at the time. (Two things read the clock: the limit max_ahead_ns and
 * tq_ledger_wait.)
 *
 * Accepted as now_ns are the instants from TQ_NOW_MIN_NS up to but not including TQ_NOW_END_NS. Any other is
 * TQ_ERANGE and changes nothing. A now_ns of 0 is 1970-01-01; 0 means "no time" only in answers and in marks.
 *
 * ANSWERS AND ERRORS
 *
 * Every int answer is 0 for yes, 1 for no, negative for "could not decide". A negative answer is one of the
 * codes in the list TQ_ERRORS below. Their numbers never change, and tq_strerror gives the text of each.
 * After a negative answer nothing was counted, nothing was changed and no name was inserted. (One exception:
 * TQ_ESYS with TQ_OPEN_FLUSH_ALWAYS, see there.) Your program decides whether it then treats the provider as
 * available (fails open) or not (fails closed).
 *
 * Part one ignores a NULL tracker or store and a NULL or empty name: nothing happens and the answer is 0, as
 * in the Go package that it mirrors. That is the only place where "could not decide" reads as "available".
 * Part two answers TQ_EINVAL.
 *
 * OWNERSHIP
 *
 * You own every struct that you pass in. The library owns trackers, stores, ledgers and providers. Nothing
 * that a call returns needs free. A provider's name in an answer (tq_exhausted.provider, tq_provider_name)
 * and a struct tq_provider stay valid, at the same address, until the ledger is closed (or the tracker or
 * store freed). Names that you pass in are copied.
 *
 * THREADS AND SIGNALS
 *
 * Any thread may make any call at any time; only free and close must be the last call on their object. There
 * are no locks between threads: every decision is one atomic step on one 8-byte word. So no thread ever waits
 * for another, and each provider's total of each day is exact however threads interleave.
 *
 * Each call below carries one of these marks:
 *
 *     [hot]     never allocates, blocks, locks, logs or makes a system call; safe in a signal handler
 *     [insert]  as [hot] when the ledger knows the name. A new name may map memory (mmap), which can fail
 *               with TQ_ENOMEM. Never blocks; safe in a signal handler (no malloc)
 *     [setup]   may allocate; not for signal handlers
 *     [blocks]  may wait: for the disk, or as long as its text says
 *
 * A call that "checks the file" asks the system whether the path of a ledger in a file still leads to this
 * file. It does so when now_ns is at least a second away from the last check, before or after it. That is two
 * system calls. When the file was replaced or removed, the answer is TQ_EGONE.
 *
 * On a ledger in a file other [hot] and [insert] calls make some system calls too. They stay safe in a signal
 * handler:
 *
 *     a record that starts a day, or is of an earlier day; a new name
 *                                  checks the path (lstat), and the clock unless max_ahead_ns is INT64_MAX
 *     a change of a state          wakes every process that waits for one (futex)
 *     a new name                   may make the file longer (fallocate)
 *     a list that returns a name for the first time
 *                                  copies the name (mmap)
 *     the first hold of a process  opens the file once more and locks a byte of it (open, fcntl)
 *     an answer that would be "out because of holds", and a hold that finds no room
 *                                  ask whether the owners live (fcntl), and read the clock
 *     TQ_OPEN_FLUSH_ALWAYS         every record waits for the disk
 *
 * CAVEATS
 *
 * - A process is killed or stopped, at any instruction, by kill -9 too. The ledger stays valid and no other
 *   process is blocked. One exception: while a process is stopped in the middle of a rebuild or a compact, no
 *   other can open the ledger (TQ_EBUSY).
 * - fork(), private ledger: the memory is an ordinary private mapping. The child has a copy of its own, which
 *   no longer follows the parent.
 * - fork(), ledger in a file: parent and child go on counting on the same words through the same handles.
 *   Each closes its own, and the file's lock is released with the last. Holds stay the parent's: see
 *   tq_provider_hold.
 * - exec(): nothing is kept (O_CLOEXEC).
 * - Core dumps do not contain the pages of a ledger's file.
 * - A program closes descriptors that it did not open (closefrom). The ledger is lost: TQ_EGONE at the next
 *   check. Every descriptor of the library is 3 or above.
 * - The file is on a network file system. Open refuses it: the file must be on a local file system.
 * - The file is truncated while it is open. A process that touches the missing part receives SIGBUS. Never
 *   truncate or overwrite it; use tq_ledger_restore, or move another file into its place.
 *
 * docs/operate.md has the rest: permissions, backup, clocks, containers.
 *
 * COMPATIBILITY
 *
 * Within one SONAME no declaration changes its meaning. Structs that a caller owns and that may grow begin
 * with `uint32_t size`. Set it to the sizeof of the struct and zero everything else; zero means the default.
 * Fields are only ever appended. struct tq_exhausted is frozen.
 */
#ifndef TOKENQUOTA_H
#define TOKENQUOTA_H

#include <stddef.h>
#include <stdint.h>

/* What exports a call. A program that holds the library may define it as nothing, so that it exports none. */
#ifndef TQ_API
#if defined(__GNUC__)
#define TQ_API __attribute__((visibility("default")))
#else
#define TQ_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version -------------------------------------------------------------------------------------- */

#define TQ_VERSION_MAJOR 0
#define TQ_VERSION_MINOR 1
#define TQ_VERSION_PATCH 0
#define TQ_VERSION (TQ_VERSION_MAJOR * 1000000 + TQ_VERSION_MINOR * 1000 + TQ_VERSION_PATCH)

/* The version of the library that runs, in the form of TQ_VERSION. Compare it with the version you compiled
 * against. [hot] */
TQ_API int tq_version(void);

/* The version of the library that runs as text, "0.1.0". Static storage. [hot] */
TQ_API const char *tq_version_string(void);

/* ---- errors --------------------------------------------------------------------------------------- */

/* The one list of error codes: name, number (it never changes), text. */
#define TQ_ERRORS(X)                                                                                       \
    X(TQ_EINVAL, -1, "invalid argument")                                                                   \
    X(TQ_ENAME, -2, "provider name refused: 1 to 255 bytes of UTF-8 without control characters")           \
    X(TQ_ERANGE, -3, "instant out of range: from 1678-01-01 to before 2262-01-01 UTC")                     \
    X(TQ_EAGE, -4, "record is of a day older than the ledger keeps")                                       \
    X(TQ_ENOMEM, -5, "out of memory")                                                                      \
    X(TQ_EFULL, -6, "full: the ledger has 16777216 names, or the provider 8 limits or 1024 holds")         \
    X(TQ_ENOTSUP, -7, "not supported by this version or this file system")                                 \
    X(TQ_ECLOCK, -8, "instant refused by the ledger's clock limits")                                       \
    X(TQ_EGONE, -9, "the ledger's file was replaced or removed: open it again")                            \
    X(TQ_EBUSY, -10, "the ledger is in use: try again")                                                    \
    X(TQ_ESYS, -11, "a system call failed")                                                                \
    X(TQ_EFORMAT, -12, "not a ledger that this version reads")                                             \
    X(TQ_EDENIED, -13, "refused: owner, kind of file or kind of file system")                              \
    X(TQ_EREADONLY, -14, "the ledger is open for reading only")                                            \
    X(TQ_ENOSPC, -15, "no space for the ledger: disk full or file size limit")                             \
    X(TQ_EOVER, -16, "the run of this process is over")

#define TQ_EINVAL (-1)   /* a NULL where part two needs an object, or an option out of range */
#define TQ_ENAME (-2)    /* the name is not valid UTF-8, is too long, or has a control character */
#define TQ_ERANGE (-3)   /* now_ns is before TQ_NOW_MIN_NS, or it is TQ_NOW_END_NS or later */
#define TQ_EAGE (-4)     /* the ledger no longer holds the record's day: a newer day has its place */
#define TQ_ENOMEM (-5)   /* the system gave no memory; earlier counts are untouched */
#define TQ_EFULL (-6)    /* the ledger has 2^24 names or 127 zones, or the provider 8 limits or 1,024 holds */
#define TQ_ENOTSUP (-7)  /* this version, or the file system, cannot do what the call asks for */
#define TQ_ECLOCK (-8)   /* nothing was counted: the record would start a day, or is of an earlier day, and
                            its instant is before min_now_ns or more than max_ahead_ns after the clock */
#define TQ_EGONE (-9)    /* the path leads to another file now, or to none: close the ledger, open it again */
#define TQ_EBUSY (-10)   /* a process rebuilds or compacts the ledger. For compact, restore and the conversion
                            of an older format: a process has it open */
#define TQ_ESYS (-11)    /* a system call failed: errno is in struct tq_error */
#define TQ_EFORMAT (-12) /* not a ledger, damaged, or a format or feature that this version does not know */
#define TQ_EDENIED (-13) /* a symbolic link, not a regular file, a wrong owner, or not a local file system */
#define TQ_EREADONLY (-14)
#define TQ_ENOSPC (-15)  /* the disk is full: the name was not inserted; earlier counts are untouched */
#define TQ_EOVER (-16)   /* TOKENQUOTA_RUN names a run that was forgotten, or that this ledger never had */

/* The name of a code, "TQ_ENAME". "TQ_EUNKNOWN" for a number that is not in the list. Static storage.
 * [hot] */
TQ_API const char *tq_error_name(int code);

/* The text of a code: one line without a full stop. "available" for 0, "exhausted" for 1, "unknown error" for
 * a number that is not in the list. Static storage. [hot] */
TQ_API const char *tq_strerror(int code);

/* ---- constants ------------------------------------------------------------------------------------ */

#define TQ_NAME_MAX 255 /* bytes of a provider name, without its NUL */
#define TQ_NOW_MIN_NS (-9214560000000000000) /* 1678-01-01 00:00:00 UTC: the first accepted instant */
#define TQ_NOW_END_NS 9214646400000000000    /* 2262-01-01 00:00:00 UTC: the first refused one */

#define TQ_AVAILABLE 0       /* the two states; also the answers 0 and 1 of calls that answer a state */
#define TQ_QUOTA_EXHAUSTED 1
#define TQ_EXHAUSTED 1       /* answer of record and observe: counted, and the budget is exhausted */

/* "available" or "quota_exhausted"; "unknown" for any other number. Static storage. [hot] */
TQ_API const char *tq_state_name(int state);

/* The system's clock, for callers who want it: nanoseconds since 1970-01-01 00:00 UTC. Reading it costs more
 * than a record. [hot, but reads the clock] */
TQ_API int64_t tq_now_ns(void);

struct tq_tracker;  /* a view of a ledger: budgets and usage */
struct tq_store;    /* a view of a ledger: marks and states */
struct tq_ledger;   /* the memory behind both views */
struct tq_provider; /* a handle: one name of one ledger, looked up once */

/* ==== part one: tracker, store, observe ============================================================ */

/* Makes a tracker on a new private ledger with the rule TQ_RULE_ORIGINAL and 64 days of history. Free it with
 * tq_tracker_free. NULL only when there is no memory. [setup] */
TQ_API struct tq_tracker *tq_tracker_new(void);

/* Frees a tracker that tq_tracker_new made, with its ledger. Does nothing for NULL, and nothing for a view
 * from tq_ledger_tracker, which the ledger owns. [setup] */
TQ_API void tq_tracker_free(struct tq_tracker *tracker);

/* Sets the provider's budget in tokens a day; 0 or less removes it. Removing a budget that nobody set does
 * not insert the name.
 *
 *     0             done
 *     TQ_ENAME      the name is refused
 *     TQ_ENOMEM, TQ_EFULL
 *                   the name is new and was not inserted
 *
 * [insert] */
TQ_API int tq_tracker_set_budget(struct tq_tracker *tracker, const char *provider, int64_t budget);

/* The budget in tokens a day; 0 for no budget or an unknown provider; TQ_ENAME. [hot] */
TQ_API int64_t tq_tracker_budget(const struct tq_tracker *tracker, const char *provider);

/* The tokens recorded in the UTC day of now_ns.
 *
 *     0             none, or an unknown provider
 *     INT64_MAX     the day's count is saturated, see tq_tracker_record
 *     TQ_ENAME, TQ_ERANGE
 *
 * [hot] */
TQ_API int64_t tq_tracker_used(const struct tq_tracker *tracker, const char *provider, int64_t now_ns);

/* Adds tokens to the UTC day of now_ns and answers whether the budget is exhausted. A negative number of
 * tokens counts as 0.
 *
 *     0             counted; not exhausted
 *     1             counted; exhausted (TQ_EXHAUSTED)
 *     TQ_EAGE       the ledger no longer holds the record's day
 *     TQ_ENAME, TQ_ERANGE, TQ_ENOMEM, TQ_EFULL
 *
 * The rule TQ_RULE_ORIGINAL, for usage U after adding and budget B > 0, in exact integers: exhausted when U
 * >= B; else, after the first nanosecond of the day, when U x 24 h > B x elapsed, that is, when going on at
 * the day's mean rate would exceed B by the end of the day. Without a budget: counted, never exhausted.
 *
 * retry_at_ns may be NULL. Otherwise every return writes it: the end of the day when the answer is 1, else 0.
 *
 * A day's count is exact up to 2^46 tokens and somewhat beyond. Above that it saturates: it never wraps, and
 * it is at least every budget. A record of an earlier day counts for its own day and leaves later days alone.
 * The ledger keeps at least its last history_days days; a record whose day was replaced by a newer one is
 * TQ_EAGE. [insert] */
TQ_API int tq_tracker_record(struct tq_tracker *tracker, const char *provider, int64_t tokens, int64_t now_ns,
                             int64_t *retry_at_ns);

/* Forgets all usage; budgets and marks stay. On a ledger in a file it works only with TQ_OPEN_RESETTABLE and
 * else does nothing. It clears one word after the other. A record made meanwhile is either forgotten or
 * counted, as a whole. [hot, time grows with the number of names] */
TQ_API void tq_tracker_reset(struct tq_tracker *tracker);

/* Makes a store on a new private ledger. Free it with tq_store_free. NULL only when there is no memory.
 * [setup] */
TQ_API struct tq_store *tq_store_new(void);

/* Frees a store that tq_store_new made, with its ledger. Does nothing for NULL, and nothing for a view from
 * tq_ledger_store, which the ledger owns. [setup] */
TQ_API void tq_store_free(struct tq_store *store);

/* Marks the provider exhausted until retry_at_ns, which may be any int64_t. Above 0 it replaces the old mark,
 * be that longer or shorter; 0 or less clears the mark.
 *
 *     0             done
 *     TQ_ENAME, TQ_ENOMEM, TQ_EFULL
 *
 * [insert] */
TQ_API int tq_store_mark_quota_exhausted(struct tq_store *store, const char *provider, int64_t retry_at_ns);

/* Makes the provider available: clears the mark and every other reason that it is out, one word after the
 * other.
 *
 *     0             done, also when the provider is unknown
 *     TQ_ENAME
 *
 * [hot] */
TQ_API int tq_store_mark_available(struct tq_store *store, const char *provider);

/* The state at now_ns.
 *
 *     0             TQ_AVAILABLE
 *     1             TQ_QUOTA_EXHAUSTED: the mark, or another reason, ends later than now_ns
 *     TQ_ENAME, TQ_ERANGE, TQ_EGONE
 *
 * retry_at_ns may be NULL. Otherwise every return writes it: the provider's end when the answer is 1
 * (INT64_MAX: no known end), else 0. The answer was true when the state was read; it may be out of date by
 * the time it returns. [hot; checks the file] */
TQ_API int tq_store_state(const struct tq_store *store, const char *provider, int64_t now_ns,
                          int64_t *retry_at_ns);

/* One entry of a list. Frozen: it never grows. */
struct tq_exhausted {
    const char *provider; /* NUL-terminated, owned by the ledger, valid until it is closed */
    int64_t retry_at_ns;
};

/* Lists every provider that has a mark, also one whose mark has ended: a probe may be worth while for those.
 *
 * Returns how many there are and fills out with at most capacity of them; out may be NULL when capacity is 0.
 * When there are more than capacity, call again with more room. It is not a snapshot: each entry was true
 * when it was read. Each provider comes at most once, in no particular order. [hot, time grows with the
 * number of names] */
TQ_API size_t tq_store_all_exhausted(const struct tq_store *store, struct tq_exhausted *out, size_t capacity);

/* Lists every provider that is quota_exhausted at now_ns, with the retry_at_ns that tq_store_state gives.
 * Returns and fills as tq_store_all_exhausted does. None when now_ns is out of range. [hot, time grows with
 * the number of names] */
TQ_API size_t tq_store_exhausted_at(const struct tq_store *store, int64_t now_ns, struct tq_exhausted *out,
                                    size_t capacity);

/* Records as tq_tracker_record does, with the same answers. When the answer is 1, it also marks the provider
 * in the store until the end of the day. Everything that can fail comes before the count, so after a negative
 * answer nothing was counted. A provider that is never exhausted never enters the store. With a NULL store it
 * only records.
 *
 * Two kinds of record are answered for their own day but do not mark: one of a day earlier than the
 * provider's newest, and one of a day that ended by 1970 (a mark cannot hold that end).
 *
 * Under a rule other than TQ_RULE_ORIGINAL a tracker and a store of one ledger need no mark: the state
 * follows from the rule, which is evaluated again at every record. A store of another ledger is marked.
 * [insert] */
TQ_API int tq_observe_token_usage(struct tq_tracker *tracker, struct tq_store *store, const char *provider,
                                  int64_t tokens, int64_t now_ns);

/* ==== part two: ledgers and providers ============================================================== */

/* The rules that decide when a budget, or a limit, is exhausted. All use exact integers.
 *
 * TQ_RULE_CARE       exhausted when it is used up, or when what is left is less than care times what a call or
 *                    the last half hour takes. With room = budget - used, and care 5/4 unless a provider has its
 *                    own:
 *
 *     took = used in this half hour + used in the one before x (1 - elapsed part of this one)
 *     call = the mean size of about the last 8 records
 *     exhausted when something is used, and
 *         room <= 0,
 *         or room < care x took x min(1, time left in the window / 30 min),
 *         or room < a quarter of the budget, and room < care x call
 *
 *     Half hours are those of UTC. It is a function of counts and time: nothing is remembered. A budget that
 *     is exhausted by what the half hour took comes back by itself when usage stops, because `took` falls. It
 *     holds for the day's budget, and for each limit with an amount whose window is a calendar's, fixed, of
 *     first use, rolling or once, and not shorter than an hour. took and call are those of the limit's unit.
 *     A rolling window has no end, so there is always time left; it has room again when its sum has fallen.
 *     While calls hold something (tq_provider_hold), room is less by what they hold, and one clause more says
 *     exhausted: room < care x call x (calls that run and whose size nobody knows). Then something need not be
 *     used. A record that settles a hold of a known size goes into neither took nor call.
 * TQ_RULE_OFF        predicts nothing: exhausted when used >= budget, until the end of the day. So does
 *                    TQ_RULE_CARE with a care of 0.
 * TQ_RULE_ORIGINAL   going on at the day's mean rate would exceed the budget. observe marks the provider, and
 *                    the mark stays until the end of the day. Limits are exhausted when they are used up.
 * TQ_RULE_HORIZON    what TQ_RULE_CARE replaces, for ledgers in which somebody chose it. exhausted when
 *                    used >= budget, or used + took x min(1, time left in the day / 30 min) > budget. Once
 *                    exhausted, the provider stays out while used >= 0.9 x budget, until the end of the day.
 *                    Limits are exhausted when they are used up.
 *
 * Every rule is evaluated again at every record. */
#define TQ_RULE_DEFAULT 0 /* TQ_RULE_CARE */
#define TQ_RULE_ORIGINAL 1
#define TQ_RULE_OFF 2
#define TQ_RULE_HORIZON 3
#define TQ_RULE_CARE 4

/* The care of TQ_RULE_CARE, in quarters: 5/4 unless somebody sets another, and at most 8. */
#define TQ_CARE_DEFAULT 5
#define TQ_CARE_MAX 32

/* Flags of an open.
 *
 * TQ_OPEN_EXISTING         Do not create a ledger: TQ_ESYS with ENOENT when there is none.
 * TQ_OPEN_READ_ONLY        Map it for reading only. A call that would write answers TQ_EREADONLY.
 * TQ_OPEN_RESETTABLE       tq_tracker_reset works on this ledger in a file.
 * TQ_OPEN_FLUSH_ALWAYS     Every record is on the disk when the call returns. That takes milliseconds, and it
 *                          blocks. When the disk fails, record and observe answer TQ_ESYS, and errno says
 *                          why. It is the one error after which the tokens ARE counted and visible to all; a
 *                          loss of power may lose them. Do not record them again. *retry_at_ns is written as
 *                          for the answer 0 or 1.
 * TQ_OPEN_ANY_FILE_SYSTEM  Open the file on a file system that is not known to be local. By this the caller
 *                          says that only this machine reaches the file. The ledger remembers the file
 *                          system, so a later open there needs no flag. */
#define TQ_OPEN_EXISTING 1u
#define TQ_OPEN_READ_ONLY 2u
#define TQ_OPEN_RESETTABLE 4u
#define TQ_OPEN_FLUSH_ALWAYS 8u
#define TQ_OPEN_ANY_FILE_SYSTEM 16u

/* The limit max_ahead_ns of a ledger in a file when the option is 0: 5 minutes. */
#define TQ_MAX_AHEAD_NS INT64_C(300000000000)

/* The limit to the clock. A clock that was ahead may record a day that has not come yet. Such a record must
 * neither make all records of today late ones nor take the place of a day that is kept. So:
 *
 * - With a limit (max_ahead_ns). A record that would start a day, and is further ahead of the system's clock
 *   than the limit, is TQ_ECLOCK.
 * - A ledger may still hold a day further ahead, if the clock itself was wrong and was set right later. That
 *   day is void. The provider's next record, correct, set_budget or set_rule takes its newest day back to the
 *   clock's day, and clears what was predicted from the future day; under TQ_RULE_ORIGINAL also the future
 *   day's mark. A record replaces a future day that is in the place of the record's own day.
 * - A record of a day that is not the newest may use up the budget of that day. Then, with a limit and under
 *   TQ_RULE_ORIGINAL, it also marks the provider until that day's end; it never shortens a mark.
 * - Without a limit (the default in private memory) the records say what day it is, so a log of any year can
 *   be replayed. There, too, a spent day keeps the provider out until the day's end, whatever the newest day
 *   is; except under TQ_RULE_ORIGINAL, whose marks are about the newest day. */
struct tq_ledger_options {
    uint32_t size;         /* sizeof(struct tq_ledger_options) */
    uint32_t history_days; /* days kept of each provider: 8, 16, 32 or 64; 0 = 64. Fixed at creation */
    uint32_t rule;         /* TQ_RULE_... of providers without a rule of their own; 0 = TQ_RULE_CARE. Fixed at
                              creation */
    uint32_t flags;        /* TQ_OPEN_... */
    int64_t min_now_ns;    /* a record before this instant is TQ_ECLOCK; 0 = no limit */
    int64_t max_ahead_ns;  /* a record further ahead of the system's clock is TQ_ECLOCK. 0 = TQ_MAX_AHEAD_NS
                              in a file, no limit in private memory; INT64_MAX = no limit */
    uint32_t mode;         /* permissions of a file that is created; 0 = 0600 */
    uint32_t reserved;     /* 0 */
};

/* Why a call on a ledger failed, or what is worth knowing after it succeeded. The caller owns it and sets
 * size. Every return of a call that takes one writes the other fields. */
struct tq_error {
    uint32_t size; /* sizeof(struct tq_error), set by the caller */
    int32_t code;  /* the negative answer, or 0 */
    int32_t sys;   /* errno of the system call that failed, or 0 */
    char msg[244]; /* one line, NUL-terminated: a sentence that names the file and says what to do. A long
                      path is shortened at its front. Empty after success, unless something was done */
};

/* Opens a ledger.
 *
 *     0             *ledger is set; otherwise it is NULL
 *     TQ_EINVAL     an option is out of range
 *     TQ_ENOMEM
 *     TQ_ENOTSUP    Btrfs cannot be told to write a new file in place
 *     TQ_EBUSY      others rebuild or compact it for more than 2 s, or the ledger is of an older format and
 *                   open; error->msg names the process
 *     TQ_EFORMAT    not a ledger that this version reads
 *     TQ_EDENIED    the kind of file, its owner or its file system is refused, see below
 *     TQ_ENOSPC     the disk has no room for the whole file; error->msg says how many bytes are missing
 *     TQ_ESYS
 *
 * path      NULL: in private memory. Else the file of that name. When there is none it is created, complete
 *           and in one step: two creators end up on one file. The folder must exist. Any number of processes
 *           may have the file open; all count on the same words.
 * options   NULL: all defaults.
 * error     NULL, or every return writes it. After success its code and sys are 0 and its msg is empty or one
 *           line to show or log: that this call rebuilt the index, why, how many names there are, and how
 *           many a loss of power tore so that they were cleared; or that the ledger is private.
 *
 * - Which files are opened. A regular file, not behind a symbolic link, that belongs to the caller, to root
 *   or to the owner of its folder, on a local file system: ext2 to ext4, XFS, Btrfs, F2FS, bcachefs, ZFS,
 *   tmpfs, ramfs, overlayfs. TQ_OPEN_ANY_FILE_SYSTEM allows any other.
 * - While it is open for writing the file is locked (a shared lock of the open file description).
 * - After the machine was restarted, and when the file is a copy of another, the first process that opens it
 *   rebuilds its index. Others wait up to 2 s for a rebuild or a compact; then they answer TQ_EBUSY.
 * - An older format is converted by the first open for writing.
 * - An open for writing first gives the file all its space on the disk: it fills the holes that a copy left
 *   out, and on XFS it replaces blocks that the file shares with a copy.
 * - An open for reading only takes no lock. It answers TQ_EBUSY when the index must be rebuilt, which it
 *   cannot do; TQ_EFORMAT when the format is older; and TQ_EDENIED on overlayfs, where a reader may be given
 *   an old file on which no process counts. While another process rebuilds the index, a name that is not
 *   found is TQ_EBUSY.
 *
 * [setup; blocks] */
TQ_API int tq_ledger_open(struct tq_ledger **ledger, const char *path, const struct tq_ledger_options *options,
                          struct tq_error *error);

/* The path of the machine's ledger. tq_ledger_default_path says when the command uses it. */
#define TQ_MACHINE_LEDGER "/var/lib/tokenquota/ledger"

/* Writes the path of the ledger that the command uses to out, as snprintf does, and returns its length
 * without the NUL. When the length is capacity or more, the path was cut. out may be NULL when capacity is 0.
 * It creates and opens nothing. The folder may not exist yet. The path is the first of these that applies:
 *
 *     1. $TOKENQUOTA_LEDGER
 *     2. TQ_MACHINE_LEDGER, when the caller may read and write it, or is root
 *     3. $XDG_STATE_HOME/tokenquota/ledger, when that variable is an absolute path
 *     4. $HOME/.local/state/tokenquota/ledger
 *
 * error may be NULL; else after success its msg says why it is this path.
 *
 *     TQ_EINVAL
 *     TQ_EDENIED    $TOKENQUOTA_LEDGER is empty, or neither it nor a home is set
 *
 * It reads the environment, so no thread may change the environment meanwhile. [setup] */
TQ_API int tq_ledger_default_path(char *out, size_t capacity, struct tq_error *error);

/* Closes a ledger; its views, its providers and their names are gone. Does nothing for NULL. [setup] */
TQ_API void tq_ledger_close(struct tq_ledger *ledger);

/* The two views of part one on a ledger. The ledger owns them, and each call returns the same one. NULL for
 * NULL. [hot] */
TQ_API struct tq_tracker *tq_ledger_tracker(struct tq_ledger *ledger);
TQ_API struct tq_store *tq_ledger_store(struct tq_ledger *ledger);

/* A flag of tq_ledger_provider: do not insert a name that the ledger does not hold; answer 1. */
#define TQ_PROVIDER_EXISTING 1u

/* Looks up a name of len bytes, which need not end in a NUL, and gives its handle. The handle is good for all
 * threads until close and saves the look-up at each call. One name always gives one handle. *provider is NULL
 * unless the answer is 0.
 *
 *     0             found or inserted
 *     1             unknown (only with TQ_PROVIDER_EXISTING)
 *     TQ_EINVAL     also for a len of 0
 *     TQ_ENAME, TQ_ENOMEM, TQ_EFULL
 *
 * [insert; the first call for a name may map memory] */
TQ_API int tq_ledger_provider(struct tq_ledger *ledger, const char *name, size_t len, uint32_t flags,
                              struct tq_provider **provider);

/* Walks all providers. Start with *cursor = 0 and call until the answer is 1. Each provider that is known at
 * the start comes exactly once, in no particular order; one that is inserted meanwhile comes once or not at
 * all. A provider whose name was damaged in the file is left out, here and in the lists, and tq_ledger_check
 * counts a fault.
 *
 *     0             *provider is set
 *     1             the end; *provider is NULL
 *     TQ_EINVAL
 *     TQ_ENOMEM     the cursor did not move: call again
 *
 * [insert] */
TQ_API int tq_ledger_walk(struct tq_ledger *ledger, uint64_t *cursor, struct tq_provider **provider);

/* The provider's name, NUL-terminated, valid until close. NULL for NULL. For a ledger in a file it is a copy
 * that belongs to this process: another process that may write the file cannot change it. [hot] */
TQ_API const char *tq_provider_name(const struct tq_provider *provider);

/* ---- a ledger in a file ---------------------------------------------------------------------------- */

/* Puts all that was counted before the call on the disk (fdatasync). In private memory there is nothing to
 * do.
 *
 *     0             done
 *     TQ_EINVAL, TQ_EGONE, TQ_ESYS
 *
 * [blocks] */
TQ_API int tq_ledger_flush(struct tq_ledger *ledger);

/* What is in a ledger, and what happened to it since it was created. The caller sets size. */
struct tq_ledger_info {
    uint32_t size;
    uint32_t history_days;
    uint32_t rule;        /* the ledger's rule */
    uint32_t in_file;     /* 1 in a file, 0 in private memory */
    uint64_t providers;   /* names */
    uint64_t slots;       /* slots in use: one a name, and those left by lost races and killed inserts */
    uint64_t file_bytes;  /* 0 in private memory */
    uint64_t late;        /* records counted for a day earlier than their provider's newest */
    uint64_t too_old;     /* records refused with TQ_EAGE */
    uint64_t clock;       /* records refused with TQ_ECLOCK */
    uint64_t saturated;   /* records after which the count of their day was saturated */
    uint64_t rebuilt;     /* times the index was rebuilt */
    uint64_t recovered;   /* names that a rebuild put back into the index */
    uint64_t faults;      /* words and slots that tq_ledger_check found damaged */
    uint64_t ahead;       /* providers with a day that begins more than max_ahead_ns after the clock: a clock
                             was wrong. 0 without a limit */
    int64_t ahead_at_ns;  /* the beginning of the latest such day; 0: there is none */
};

/* Fills info, with faults 0. A size without the last fields (of an older header) is accepted, too.
 *
 *     0             done
 *     TQ_EINVAL
 *
 * [hot, time grows with the number of names; reads the clock when there is a limit] */
TQ_API int tq_ledger_statistics(struct tq_ledger *ledger, struct tq_ledger_info *info);

/* Fills info as tq_ledger_statistics does, and checks every word of the ledger: each index word leads to the
 * slot that it names, each name is there once, each slot that holds anything is in the index, and each day
 * has the tag of its place. Concurrent writers never cause a false report.
 *
 *     0             all is well
 *     1             something is damaged: info->faults says how many faults there are, error->msg describes
 *                   the first
 *     TQ_EINVAL
 *
 * [hot, time grows with the number of names] */
TQ_API int tq_ledger_check(struct tq_ledger *ledger, struct tq_ledger_info *info, struct tq_error *error);

/* Rewrites the file at path without the space of forgotten names and killed inserts. It also converts an
 * older format. The new file has the owner, the permissions, the ACL and the other attributes (labels) of the
 * old one. When the call fails, or its process is killed, the old file is there untouched.
 *
 *     0             done
 *     TQ_EBUSY      a process has the ledger open
 *     TQ_ESYS       also when owner, permissions, ACL or labels cannot be kept
 *     TQ_EINVAL, and the errors of tq_ledger_open
 *
 * error is as for tq_ledger_open. [setup; blocks] */
TQ_API int tq_ledger_compact(const char *path, struct tq_error *error);

/* Writes a copy of the ledger to a new file at dest, with mode 0600. The ledger may be one in private memory.
 * When the call returns the copy is on the disk (fsync). Other threads and processes may count meanwhile:
 * each word of the copy is a value that the word had during the call, and every name that is known at the
 * start is in it.
 *
 *     0             done
 *     TQ_ESYS       with EEXIST: there is a file at dest. Nothing is overwritten
 *     TQ_EBUSY      the ledger is open for reading only, and another process rebuilt it meanwhile
 *     TQ_EINVAL, TQ_ENOMEM, TQ_EGONE, TQ_ENOSPC
 *
 * dest may be on any disk, also on one that machines share. A call that fails removes its file; one whose
 * process is killed leaves a file that no call accepts as a ledger. It needs as much memory as the copy has
 * bytes, about 0.7 KB a name with 64 days. error is as for tq_ledger_open. [setup; blocks] */
TQ_API int tq_ledger_backup(struct tq_ledger *ledger, const char *dest, struct tq_error *error);

/* Replaces what the ledger at path holds with what the file at source holds. source is a backup, or a copy of
 * a ledger made with cp. It is only read, and may be on any disk. When the call fails, or its process is
 * killed, the old ledger is there untouched.
 *
 *     0             done
 *     TQ_EBUSY      a process has the ledger at path open
 *     TQ_EFORMAT    the file at path never was a ledger. (A ledger too damaged to be opened may be replaced.)
 *     TQ_EINVAL, and the errors of tq_ledger_open
 *
 * The new file has the owner, the permissions, the ACL and the labels of the file that it replaces. When
 * there is none, it is made as tq_ledger_open makes one, with mode 0600. error is as for tq_ledger_open.
 * [setup; blocks] */
TQ_API int tq_ledger_restore(const char *path, const char *source, struct tq_error *error);

/* Waits until a state changes (a mark or a prediction was made or cleared, a hold took the last room or gave it
 * back), until the next provider's end passes, or for timeout_ns (negative: without limit). Start with *seen =
 * 0: the first call returns at once. Then pass the same *seen again.
 *
 *     0             something changed
 *     1             the time passed
 *     TQ_EINVAL, TQ_EGONE
 *
 * - The timeout is measured by a clock that cannot be set; providers' ends by the clock of tq_now_ns.
 * - Signals do not interrupt it.
 * - It does not return for an end that had already passed when you called it. Check the states first, or pass
 *   a timeout.
 * - It checks by itself every 60 s, and every 100 ms when the ledger is open for reading only. Four things
 *   it may notice only then: the file was replaced; the clock was set past an end; a process changed a state
 *   and was killed before it woke the others; the owner of holds died.
 * - A call costs the same however many names there are. It looks at all names only when an end has passed,
 *   and every 60 s in each process that waits.
 *
 * [blocks] */
TQ_API int tq_ledger_wait(struct tq_ledger *ledger, uint32_t *seen, int64_t timeout_ns);

/* ---- what a vendor says ---------------------------------------------------------------------------- */

/* What one response used, in the kinds of tokens that vendors count apart. A zeroed struct says nothing.
 * The bits of `known`, and two of `flags`: */
#define TQ_USAGE_INPUT 1u
#define TQ_USAGE_CACHE_READ 2u
#define TQ_USAGE_CACHE_WRITE 4u
#define TQ_USAGE_OUTPUT 8u
#define TQ_USAGE_REASONING 16u
#define TQ_USAGE_TOTAL 32u
#define TQ_USAGE_COST 64u
#define TQ_USAGE_PARTIAL 1u /* in flags: the response was cut short, so its real counts may be larger */
#define TQ_USAGE_MORE 2u    /* in flags: it adds to a response that was counted before, so it is no further
                               request. `requests` may be 0 */

struct tq_usage {
    uint32_t size;  /* sizeof(struct tq_usage) */
    uint32_t known; /* TQ_USAGE_... of the counts that the source had; the others are 0 */
    uint32_t flags;
    uint32_t requests;   /* 1 for one response */
    int64_t input;       /* tokens read that were neither read from a cache nor written into one */
    int64_t cache_read;  /* tokens read from a cache */
    int64_t cache_write; /* tokens written into a cache */
    int64_t output;      /* tokens made, including those of reasoning */
    int64_t reasoning;   /* the part of output that was reasoning */
    int64_t total;       /* the total that the source states */
    int64_t counted;     /* what counts against the limit by the vendor's rule; by default input +
                            cache_write + output */
    int64_t sent_at_ns;  /* when the request was sent; 0: not known */
    int64_t cost_nano_usd; /* what it cost, in 1e-9 dollars. A size that ends before it is accepted, too */
};

/* Classes of a refusal. */
#define TQ_CLASS_NONE 0       /* no refusal */
#define TQ_CLASS_THROTTLED 1  /* too much at once: wait seconds or minutes */
#define TQ_CLASS_EXHAUSTED 2  /* the quota of a longer window is spent */
#define TQ_CLASS_NO_MONEY 3   /* no credit, or a spending limit: waiting does not help */
#define TQ_CLASS_OVERLOADED 4 /* the vendor is short of capacity; this account is not the cause */
#define TQ_CLASS_TOO_LARGE 5  /* this one request is larger than the limit; others may be served */

/* "none", "throttled", "exhausted", "no-money", "overloaded", "too-large"; "unknown" for any other
 * number. [hot] */
TQ_API const char *tq_class_name(uint32_t refusal);

/* What an axis limits. An axis is one limit of an account, such as tokens a minute. */
#define TQ_AXIS_UNKNOWN 0
#define TQ_AXIS_REQUESTS 1
#define TQ_AXIS_TOKENS 2
#define TQ_AXIS_INPUT 3
#define TQ_AXIS_OUTPUT 4
#define TQ_AXIS_MONEY 5
#define TQ_AXIS_CONCURRENCY 6

/* "requests", "tokens", "input tokens", "output tokens", "money", "concurrency"; "unknown" for any other
 * number. [hot] */
TQ_API const char *tq_axis_name(uint32_t what);

/* The bits of an axis's `known`. */
#define TQ_AXIS_LIMIT 1u
#define TQ_AXIS_REMAINING 2u
#define TQ_AXIS_USED 4u
#define TQ_AXIS_RESET 8u
/* The bits of an axis's `flags`. */
#define TQ_AXIS_EMPTY 1u       /* nothing is left, or the vendor says "rejected" */
#define TQ_AXIS_FULL_REFILL 2u /* reset_at_ns is when the limit is full again; a part of it refills earlier */
#define TQ_AXIS_MODEL_ONLY 4u  /* it limits only the request's model, or another part of the account */
#define TQ_AXIS_CREDIT 8u      /* a used-up window does not refuse: the vendor serves on credit, or may do so */

/* One limit of an account as a response states it. Each is a bucket of its own. */
struct tq_axis {
    uint32_t what;  /* TQ_AXIS_REQUESTS, ... */
    uint32_t known; /* which of the numbers below the response stated */
    uint32_t flags;
    uint32_t used_ppm;   /* used part of the limit in millionths; above 1,000,000 when the vendor says so */
    int64_t window_ns;   /* length of its window; 0: not known */
    int64_t limit;       /* in what the axis limits: requests, tokens, ... */
    int64_t remaining;   /* in the same unit as limit */
    int64_t reset_at_ns; /* when the limit refills */
};

/* Where the retry_at_ns of a signal comes from. */
#define TQ_SOURCE_NONE 0
#define TQ_SOURCE_RETRY_AFTER 1 /* the header Retry-After or retry-after-ms */
#define TQ_SOURCE_HEADER 2      /* another header */
#define TQ_SOURCE_BODY 3
#define TQ_SOURCE_CALENDAR 4 /* the end of a calendar window that the response named */
#define TQ_SOURCE_CALLER 5   /* the caller brought the reading, such as that of a status line */

/* The bits of a signal's `flags`. */
#define TQ_SIGNAL_SUCCESS 1u /* the request was served */
#define TQ_SIGNAL_CLAMPED 2u /* an instant was absurd and was brought into bounds */
#define TQ_SIGNAL_MODEL_ONLY                                                                                 \
    4u /* the refusal is about the request's model, not the account. tq_provider_apply then changes          \
          nothing, unless the provider has a pool: clear the flag when your provider is that model */
#define TQ_SIGNAL_AXES_DROPPED 8u /* the response had more than TQ_AXES_MAX axes */
#define TQ_SIGNAL_READING 16u /* the refusal is what a reading of 100 % means: no request was refused */

#define TQ_AXES_MAX 16
#define TQ_WINDOW_NAME_MAX 22 /* bytes of the vendor's name of a window, with its NUL */

/* What a response says about quota. tq_signal_read (tokenquota_signals.h) fills it from status, headers and
 * body. You may also fill it yourself. */
struct tq_quota_signal {
    uint32_t size;    /* sizeof(struct tq_quota_signal) */
    uint32_t refusal; /* TQ_CLASS_... */
    uint32_t flags;
    uint32_t status;     /* of HTTP; 0: not known */
    uint32_t profile;    /* 1 to 255: the profile (vendor) by which it was read; 0: none */
    uint32_t source;     /* TQ_SOURCE_... of retry_at_ns */
    uint32_t anomalies;  /* how many values had no known form and were ignored */
    int32_t binds;       /* index of the axis that the refusal is about; -1: not known */
    int64_t sent_at_ns;  /* when the request was sent; 0: not known */
    int64_t said_at_ns;  /* when the response came */
    int64_t retry_at_ns; /* when it is worth asking again; 0: not stated */
    uint32_t axis_count;
    uint32_t reserved;
    struct tq_axis axis[TQ_AXES_MAX];
    /* A size that ends here is accepted, too. */
    uint64_t account; /* a hash of the account or organization that the vendor names; 0: it names none */
    char window_name[TQ_AXES_MAX][TQ_WINDOW_NAME_MAX]; /* of each axis: the vendor's name of a window that is
                                                          not the whole account's, such as "opus"; else "" */
};

/* Observes usage->counted tokens, as tq_provider_observe does, with the same answers. Limits count what the
 * usage says in their units; a size that ends before cost_nano_usd is accepted, too. When output is known and
 * above 0, and sent_at_ns is known, the request was served: then it also does what tq_provider_success does.
 *
 *     TQ_EINVAL     a NULL, a size that is too small, or counted below 0
 *
 * [hot] */
TQ_API int tq_provider_observe_usage(struct tq_provider *provider, const struct tq_usage *usage,
                                     int64_t now_ns, int64_t *retry_at_ns);

/* Applies what a vendor said to a provider: its refusals, and how much of each window is used.
 *
 * Each axis with a window of 10 minutes or more, and a share that is used, becomes a stated limit
 * (TQ_WINDOW_STATED) of the provider: its share, its reset, when it was said. A newer word of the same window
 * replaces it. A limit of the user with the same unit, length and name keeps the word instead. When all lines
 * are taken, the stated limit with the oldest word yields; when none may, nothing is kept.
 *
 * What is said of the account (without TQ_AXIS_MODEL_ONLY, TQ_SIGNAL_MODEL_ONLY) belongs to the pool of the
 * provider when there is one, what is said of a model to the provider itself, and a refusal that blocks no
 * window to the provider.
 *
 * A window at 100 % excludes until its reset, unless it has TQ_AXIS_CREDIT. What happens at a refusal depends
 * on its class:
 *
 *     throttled, overloaded   out until retry_at_ns, at most 24 h. When that was not stated: 30 s, doubled at
 *                             each refusal of a request that was sent after the refusal before, up to 5 min
 *     exhausted, no-money     out until retry_at_ns, at most 180 days. When that was not stated: out with no
 *                             known end, until a probe succeeds
 *     too-large               nothing
 *     none                    with TQ_SIGNAL_SUCCESS as tq_provider_success(sent_at_ns), else nothing
 *
 * A refusal that names its window and its end blocks that window. A newer word of that same window moves the
 * end, in both directions. All other refusals are kept in one word: when two overlap, the later end and the
 * later said_at_ns are kept; a refusal with an end replaces one of the same class without an end if its
 * request was sent after that one was received. docs/verdicts.md has the whole table.
 *
 * A reading without a refusal never lifts one by itself: a share below 100 % in the window that blocks makes a
 * probe due. Only an answer lifts, or use that grew in a window that ends later.
 *
 *     0, 1          the state at said_at_ns after it, as tq_provider_state answers
 *     TQ_ERANGE     said_at_ns is no instant, or is not from 1970 to 2105
 *     TQ_EINVAL, TQ_ECLOCK, TQ_EGONE, TQ_EREADONLY
 *
 * [hot; a refusal also asks whether the file was replaced, each time, and wakes every process that waits] */
TQ_API int tq_provider_apply(struct tq_provider *provider, const struct tq_quota_signal *signal);

/* Says that a request sent at sent_at_ns was served. That clears the vendor's refusals that were received
 * before it was sent. Later refusals stay, because the request was in flight; so do marks and predictions. A
 * sent_at_ns of 0 or less (not known) clears nothing.
 *
 *     0             done
 *     TQ_EINVAL, TQ_EGONE, TQ_EREADONLY
 *
 * [hot] */
TQ_API int tq_provider_success(struct tq_provider *provider, int64_t sent_at_ns);

/* ---- limits ------------------------------------------------------------------------------------------ */

/* A provider has up to TQ_LIMITS_MAX limits beside its budget. A limit is a unit, a window and an amount.
 * Every record counts in all limits of its provider, and of the provider's pool, each by one atomic step. The
 * provider is out while a limit has less left than its reserve. docs/windows.md says what each window counts,
 * when it turns, and how large its error can be. */
#define TQ_LIMITS_MAX 8

/* What a limit counts. docs/windows.md has the table of what a record and a response count in each. */
#define TQ_UNIT_TOKENS 1   /* tokens as the vendor counts them: tq_usage.counted */
#define TQ_UNIT_INPUT 2    /* tokens read, cached or not */
#define TQ_UNIT_OUTPUT 3   /* tokens made */
#define TQ_UNIT_TOTAL 4    /* both */
#define TQ_UNIT_REQUESTS 5
#define TQ_UNIT_COST 6     /* micro-dollars, rounded up a record */
#define TQ_UNIT_WEIGHTED 7 /* tokens by the weights of the provider: tq_provider_set_weights */
#define TQ_UNIT_SHARE 8    /* the share of a plan that the vendor states, of 1,000,000; stated windows only */

/* "tokens", "input", "output", "total", "requests", "cost", "weighted", "share"; "unknown" for any other number.
 * [hot] */
TQ_API const char *tq_unit_name(uint32_t unit);

/* The window of a limit. A calendar window is one of a time zone. */
#define TQ_WINDOW_DAY 1
#define TQ_WINDOW_WEEK 2      /* `first`: 1 Monday to 7 Sunday */
#define TQ_WINDOW_MONTH 3     /* `first`: the day, 1 to 31; a shorter month begins on its last day */
#define TQ_WINDOW_QUARTER 4   /* `first`: the month, 1 to 12 */
#define TQ_WINDOW_YEAR 5      /* `first`: the month, 1 to 12 */
#define TQ_WINDOW_FIXED 6     /* anchor_at_ns + k x length_ns, in quarter hours; at most 366 days */
#define TQ_WINDOW_FIRST_USE 7 /* length_ns from the first record after the last window; as fixed */
#define TQ_WINDOW_ROLLING 8   /* the last length_ns, in minutes, from 15 minutes to 366 days */
#define TQ_WINDOW_REFILL 9    /* refills steadily within length_ns, in seconds, at most 31 days */
#define TQ_WINDOW_ONCE 10     /* never turns */
#define TQ_WINDOW_STATED 11   /* the vendor's window of length_ns, in minutes; it turns when the vendor says so */

/* "day", "week", "month", "quarter", "year", "fixed", "first-use", "rolling", "refill", "once", "stated";
 * "unknown" for any other number. [hot] */
TQ_API const char *tq_window_name(uint32_t window);

#define TQ_LIMIT_AMOUNT_MAX INT64_C(1099511627775) /* 2^40 - 1; first-use, refill: 2^32 - 1 */

/* The bits of tq_limit.known: what was named. tq_provider_set_limit leaves the rest as it was. */
#define TQ_LIMIT_AMOUNT 1u
#define TQ_LIMIT_RESERVE 2u

/* A limit. In a zeroed struct only `size`, `unit` and `window` must be set. */
struct tq_limit {
    uint32_t size;  /* sizeof(struct tq_limit) */
    uint32_t unit;  /* TQ_UNIT_... */
    uint32_t window; /* TQ_WINDOW_... */
    uint32_t known; /* TQ_LIMIT_... */
    uint32_t first; /* of a week, month, quarter or year; 0 = 1 */
    uint32_t reserve_share; /* the reserve as a part of the amount, in 1/10,000; 0: `reserve` is it. Of a stated
                               limit: as a part of the vendor's 100 % */
    int64_t amount; /* in the unit; 0: none, the limit counts and never excludes; 0 for a stated limit */
    int64_t reserve; /* the part of the amount that is kept back for callers with TQ_USE_RESERVE */
    int64_t length_ns; /* of a fixed, first-use, rolling, refill or stated window, else 0 */
    int64_t anchor_at_ns; /* of a fixed window, else 0 */
    char zone[64];  /* of a calendar window: a name of the zone database, NUL-terminated; empty: UTC. Of a
                       stated window: the vendor's name of it, at most TQ_WINDOW_NAME_MAX; empty: the account's */
};

/* Reads a limit from a sentence. Words may be in any case; docs/windows.md has all that are known:
 *
 *     5M tokens per day America/Los_Angeles         900 requests per 5h first-use reserve 10%
 *     $40 per month from the 5th                     2M tokens per minute refill
 *     750k tokens once                               5M tokens per 7d from 2026-04-11T00:45Z
 *
 *     [AMOUNT] UNIT once | per WINDOW [from FIRST] [ZONE] [fixed | first-use | rolling | refill] [reserve N[%]]
 *
 * AMOUNT is a number with k, M, G or T, or an amount of dollars ($40), whose unit is cost. Without an AMOUNT
 * the limit only counts; an AMOUNT of 0 is refused. UNIT is tokens, input, output, total, requests, cost or
 * weighted. WINDOW is day, week, month, quarter, year, minute, hour, second, or a length such as 5h or 7d. A
 * length needs to be told what kind of window it is; "from" an instant makes it a fixed one. What is not named
 * of amount and reserve is not in limit->known. A first Monday, 1st or January is 0, and so is the zone UTC.
 *
 *     0             *limit is set
 *     TQ_EINVAL     a NULL, a size that is too small, or no such sentence
 *     TQ_ERANGE     an amount, a length or an anchor is out of range
 *
 * After an error *limit is as before, and error->msg quotes the sentence and the word and says what would be
 * right: in "5M tokens per 7d": "7d" does not say how it turns; add ... Of a long sentence it quotes a part.
 *
 * It does not look for the zone; tq_provider_set_limit does. error may be NULL. [hot] */
TQ_API int tq_limit_parse(const char *sentence, struct tq_limit *limit, struct tq_error *error);

/* Writes a limit as the shortest sentence that tq_limit_parse reads as the same limit: 5M, not 5000000. As
 * snprintf does, it writes at most capacity bytes with the NUL and returns the length of the whole sentence
 * without it, at most 255. out may be NULL when capacity is 0. Of amount and reserve it writes what is in
 * `known`; an amount of 0 is left out. [hot]
 *
 *     TQ_EINVAL     a NULL, a size that is too small, or no limit that can be; out is untouched */
TQ_API int tq_limit_format(const struct tq_limit *limit, char *out, size_t capacity);

/* Sets a limit of a provider. When the provider has one of this unit, window, first, length, anchor and zone,
 * what is named in `known` of amount and reserve changes, and the count stays. Else it is a new limit. Returns
 *
 *     1 to 8        the number of the limit
 *     TQ_EINVAL     a NULL, a size that is too small, or no limit that can be: error->msg says which part
 *     TQ_ERANGE     the amount is above the maximum; or a refill is faster than one unit in 64 ns
 *     TQ_EFULL      the provider has 8 limits, and none that its vendor states may yield; or the ledger has
 *                   127 zones
 *     TQ_ENOTSUP    the zone has changes or offsets that are not on a quarter of an hour
 *     TQ_ESYS       the zone's file cannot be read; there is none of that name: errno is ENOENT
 *     TQ_ENOMEM, TQ_ENOSPC, TQ_EREADONLY, TQ_EGONE
 *
 * The zone is read from the system's zone database ($TZDIR, else /usr/share/zoneinfo) and kept in the ledger.
 * error may be NULL. [setup; blocks: reads a file] */
TQ_API int tq_provider_set_limit(struct tq_provider *provider, const struct tq_limit *limit,
                                 struct tq_error *error);

/* Removes the limit of this number and its count.
 *
 *     0             done
 *     1             the provider has no limit of this number
 *     TQ_EINVAL, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_remove_limit(struct tq_provider *provider, uint32_t number);

/* How one limit stands. */
struct tq_limit_state {
    uint32_t size;   /* sizeof(struct tq_limit_state) */
    uint32_t number; /* of the limit, 1 to 8 */
    int32_t state;   /* TQ_QUOTA_EXHAUSTED: it excludes, the callers without the reserve at least: it is used up,
                        the rule says that it will not last, or the vendor or the user stops it */
    uint32_t spent;  /* 1: callers with TQ_USE_RESERVE are excluded, too */
    uint32_t share_ppm; /* used part of the amount in millionths, at most UINT32_MAX; 0 without an amount */
    uint32_t taken;  /* 1: a wrong clock took the count of this window, or a part of it */
    int64_t used;    /* in the window of now_ns, by other machines, too; INT64_MAX: the count is saturated */
    int64_t start_at_ns; /* the window; 0: none has begun (first-use), or there is none (refill, once) */
    int64_t end_at_ns;   /* 0 as for start_at_ns */
    int64_t until_ns;    /* when it no longer excludes; 0: it does not; INT64_MAX: no known end */
    int64_t uncosted;    /* cost: records of this window that had none */
    struct tq_limit limit; /* with its amount and reserve */
    /* A size that ends here is accepted, too. What the vendor said of the window, as of now_ns: */
    uint32_t said; /* TQ_SAID_... */
    uint32_t said_ppm; /* the share that is used by its newest reading, in millionths */
    uint32_t said_source; /* TQ_SOURCE_... */
    uint32_t said_profile; /* 0: not known */
    int64_t said_at_ns; /* when, to the second; 0: nothing was said */
    int64_t said_reset_at_ns; /* when the window ends by that reading; 0: it did not say */
    int64_t said_limit; /* the amount that the vendor states, in the unit; 0: none */
    int64_t said_since; /* what was counted here since then, in the unit; tokens for a share */
    int64_t said_out_at_ns; /* when the share reaches 100 %, or the reserve that the user set, if it grows as it
                               did, before the reset; 0: it lasts, or nobody knows, as in the first sixtieth of
                               the window */
    /* A size that ends here is accepted, too. */
    int64_t out_at_ns; /* when the window is used up for callers without the reserve, before it ends, if its use
                          goes on at its pace: that of the window so far, by the vendor's share too; of a
                          rolling limit that of its newest quarter. INT64_MAX: it lasts. 0: nobody knows, or it
                          is out already; always of once, refill, and windows shorter than an hour.
                          Information: nothing is decided by it */
    /* A size that ends here is accepted, too. Holds of the provider itself: */
    int64_t held;     /* what calls that run hold of it, in the unit */
    uint32_t flying;  /* calls that run and whose size in the unit nobody knows */
    uint32_t is_held; /* 1: it excludes only because of what is held */
    /* A size that ends here is accepted, too. Of other machines that share it: */
    int64_t others;      /* what they used, as last told; it is in `used` */
    int64_t withheld;    /* what is not for this machine, at least `others` */
    int64_t heard_at_ns; /* when that was told; 0: nothing was told of this window */
    uint32_t is_shared;  /* 1: it excludes only because of what is withheld beyond `others` */
    uint32_t strict;     /* 1: tq_provider_set_strict */
};

/* The bits of tq_limit_state.said. */
#define TQ_SAID_READING 1u   /* there is a reading, and its window has not ended */
#define TQ_SAID_SHARE 64u    /* it said a share: said_ppm */
#define TQ_SAID_BLOCKS 2u    /* the vendor's word excludes: a refusal, or a share of 100 % */
#define TQ_SAID_CREDIT 4u    /* at 100 % the vendor serves on credit, or may do so */
#define TQ_SAID_STOPS 8u     /* the user's reserve, or tq_provider_set_overage, excludes */
#define TQ_SAID_OVERRULED 16u /* tq_provider_mark_available, or an answer, overruled the word that would block */
#define TQ_SAID_DOUBTED 32u  /* a later reading contradicts the word that blocks: a probe is due */

/* Lists the limits of a provider, in the order of their numbers; not those of its pool. Returns how many there
 * are and fills out with at most capacity of them, which is TQ_LIMITS_MAX for all. out[0].size is the size of
 * each. out may be NULL when capacity is 0.
 *
 *     TQ_EINVAL     also for a size that is too small
 *     TQ_ERANGE, TQ_EGONE
 *
 * [hot; checks the file] */
TQ_API int tq_provider_limits(const struct tq_provider *provider, int64_t now_ns, struct tq_limit_state *out,
                              size_t capacity);

/* Says whether a caller is to warn of a limit, or, with number 0, of the day's budget: its share, the
 * vendor's before our own, has reached `percent` (1 to 100), and nobody was told of this or a higher one in
 * this window. Of all callers in all processes one gets 0.
 *
 *     0             this caller tells of it
 *     1             no: it is not reached, or somebody told of it
 *     TQ_EINVAL     also for a number that is no limit's
 *     TQ_ERANGE, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_warn_take(struct tq_provider *provider, uint32_t number, uint32_t percent,
                                 int64_t now_ns);

/* What to do when the plan's share is spent, and the vendor would go on serving on credit. */
#define TQ_OVERAGE_ALLOW 0 /* go on */
#define TQ_OVERAGE_STOP 1  /* out until the window ends, or tq_provider_mark_available */

/* Sets that for the windows that a provider has. Those of the account are its pool's, when it has one: set it of
 * the pool, which holds for all in it.
 *
 *     0             done
 *     TQ_EINVAL, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_set_overage(struct tq_provider *provider, uint32_t overage);
TQ_API int tq_provider_overage(const struct tq_provider *provider); /* TQ_OVERAGE_...; TQ_EINVAL */

/* The account of the provider by what its vendor said: a hash, 0: it named none. Two providers with one hash
 * are one account. [hot] */
TQ_API uint64_t tq_provider_account(const struct tq_provider *provider);

/* What the classes of tokens weigh in TQ_UNIT_WEIGHTED, in thousandths, and what they cost, in micro-dollars a
 * million tokens. In the order: input, cache read, cache write, output. */
#define TQ_CLASSES 4

/* Sets the weights of a provider: 0 to 1,000,000 thousandths each. They hold for what is recorded from now on.
 * Without weights each class weighs 1,000.
 *
 *     0             done
 *     TQ_EINVAL, TQ_ERANGE, TQ_ENOMEM, TQ_ENOSPC, TQ_EREADONLY, TQ_EGONE
 *
 * [insert] */
TQ_API int tq_provider_set_weights(struct tq_provider *provider, const uint32_t weights[TQ_CLASSES]);
TQ_API int tq_provider_weights(const struct tq_provider *provider, uint32_t weights[TQ_CLASSES]);

/* Sets the price of a provider, which gives records a cost that state none: 0 to 10^12 micro-dollars a million
 * tokens each, -1 for a class without a price. Answers as tq_provider_set_weights. [insert] */
TQ_API int tq_provider_set_price(struct tq_provider *provider, const int64_t price[TQ_CLASSES]);
TQ_API int tq_provider_price(const struct tq_provider *provider, int64_t price[TQ_CLASSES]);

/* Puts a provider into a pool, or, with NULL, takes it out. The pool is another provider of the same ledger,
 * whose limits, budget, marks and refusals hold for all providers in it. docs/windows.md has the rules.
 *
 *     0             done
 *     TQ_EINVAL     also for a pool of another ledger, a circle, or a fourth level
 *     TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_set_pool(struct tq_provider *provider, struct tq_provider *pool);

/* The pool of a provider. 0 with *pool; 1 when it has none, *pool is NULL; TQ_EINVAL, TQ_ENOMEM. [insert] */
TQ_API int tq_provider_pool(const struct tq_provider *provider, struct tq_provider **pool);

/* ---- verdicts and routing --------------------------------------------------------------------------- */

/* Reasons. When several hold, the one with the latest end is named; when ends are equal, the first in this
 * list, but of two limits the one with the least room in proportion. What the rule says of a budget is called
 * spent when used >= budget. */
#define TQ_REASON_NONE 0
#define TQ_REASON_MARKED 1
#define TQ_REASON_REPORTED 2
#define TQ_REASON_THROTTLED 3
#define TQ_REASON_PREDICTED 4 /* the budget, or a limit, is not used up yet, but will not last */
#define TQ_REASON_SPENT 5     /* it is used up */
#define TQ_REASON_HELD 6      /* it is used up as soon as the calls that run have used what they hold */
#define TQ_REASON_SHARED 7    /* what is left of it is for other machines. Its end is when that may have
                                 changed: the end of the window, but at most the next ten seconds of the clock
                                 after now_ns */

/* "none", "marked", "reported", "throttled", "predicted", "spent", "held", "shared"; "unknown" for any
 * other number. [hot] */
TQ_API const char *tq_reason_name(uint32_t reason);

/* Why a provider is available or out. Every number was true when it was read. */
struct tq_verdict {
    uint32_t size;    /* sizeof(struct tq_verdict), set by the caller */
    int32_t state;    /* TQ_AVAILABLE, TQ_QUOTA_EXHAUSTED */
    uint32_t reason;  /* TQ_REASON_... with the latest end */
    uint32_t reasons; /* all reasons that hold: bit 1 << TQ_REASON_... */
    uint32_t refusal; /* (reported, throttled only) TQ_CLASS_... */
    uint32_t axis;    /* (reported, throttled only) TQ_AXIS_... that binds; TQ_AXIS_UNKNOWN: not stated */
    uint32_t source;  /* (reported, throttled only) TQ_SOURCE_... of the end */
    uint32_t profile; /* (reported, throttled only) the profile by which it was read; 0: not known */
    uint32_t rule;    /* the rule that applies to the provider, never TQ_RULE_DEFAULT */
    uint32_t attempt; /* (reported only) how many probes failed */
    uint32_t probing; /* (reported only) 1 while a caller holds the probe */
    uint32_t flags;   /* set by the caller: 0 or TQ_USE_RESERVE */
    int64_t used;        /* tokens in the UTC day of now_ns; with a budget those of other machines, too */
    int64_t budget;      /* 0: none */
    int64_t left;        /* budget - used, less what is withheld for other machines, at least 0; 0 without
                            a budget */
    int64_t retry_at_ns; /* the end; 0: available; INT64_MAX: no known end */
    int64_t said_at_ns;  /* (reported, throttled only) when the refusal was received, to the second, never
                            after at_ns; while a caller holds the probe: when it was handed out */
    int64_t window_ns;   /* length of the window that binds: a day for our budget; 0: not known */
    int64_t probe_at_ns; /* (reported only) when the next probe may be taken; 0: none before the end */
    int64_t at_ns;       /* the now_ns of the call that made this verdict */
    /* A size that ends here is accepted, too. */
    uint32_t level;      /* whose words and limit bind: 0 the provider's, 1 its pool's, 2 that one's pool's */
    uint32_t limit;      /* (predicted, spent, reported) the number of the limit that binds; 0: the budget,
                            or a word of no known window. Available: the limit with the least room in
                            proportion; 0: there is none with an amount. Of a stated limit used, amount and reserve are millionths */
    uint32_t limit_unit; /* of that limit: TQ_UNIT_... */
    uint32_t limit_window; /* TQ_WINDOW_... */
    int64_t limit_used;
    int64_t limit_amount;
    int64_t limit_reserve; /* in the unit */
    uint64_t limits;     /* limits that exclude: bit 8 x level + number - 1 */
    char limit_name[TQ_WINDOW_NAME_MAX + 2]; /* of a stated limit: the vendor's name of its window; "": the
                                                account's */
    /* A size that ends here is accepted, too. */
    uint32_t care;       /* under TQ_RULE_CARE: its care in quarters; under any other rule 0. When a limit keeps
                            the provider out: of the one whose limit it is (level) */
    uint32_t expects;    /* (predicted, under TQ_RULE_CARE) TQ_EXPECTS_...; 0: by the counts at at_ns it no
                            longer expects more than what is left */
    int64_t expected;    /* care times that, rounded up; in the unit of the limit, in tokens for the budget */
    /* A size that ends here is accepted, too. Of the level that is named (level): */
    uint32_t holds;      /* calls that run, as far as they hold something */
    uint32_t flying;     /* those of them whose size in that unit nobody knows */
    int64_t held;        /* what they hold together: in the unit of the limit that is named, else in tokens */
    /* A size that ends here is accepted, too. Of the limit that is named, else of the budget; 0: nothing was told
       of other machines, or the machine shares with none: */
    int64_t others;      /* what they used, as last told. It is in limit_used, or in used */
    int64_t withheld;    /* what is not for this machine, at least `others` */
    int64_t heard_at_ns; /* when that was told, of a budget to the second; 0: nothing was told of this window */
};

/* What TQ_RULE_CARE expects to be used: a call of the mean size, as much as the last half hour took, or a call of
 * the mean size for each that runs and whose size nobody knows. */
#define TQ_EXPECTS_CALL 1
#define TQ_EXPECTS_HALF_HOUR 2
#define TQ_EXPECTS_FLYING 3

/* Fills verdict and answers its state. It changes nothing.
 *
 *     0, 1          the state
 *     TQ_EINVAL     a NULL, or verdict->size is too small
 *     TQ_ERANGE, TQ_EGONE
 *
 * [hot; checks the file] */
TQ_API int tq_provider_verdict(const struct tq_provider *provider, int64_t now_ns,
                               struct tq_verdict *verdict);

/* Writes a verdict as one English sentence without a line end: what binds, until when, and what would clear
 * it. As snprintf does, it writes at most capacity bytes with the NUL and returns the length of the whole
 * sentence without it. out may be NULL when capacity is 0. It does not allocate.
 *
 *     TQ_EINVAL     (negative) a NULL, or a size that is too small */
TQ_API int tq_verdict_explain(const struct tq_verdict *verdict, char *out, size_t capacity);

/* Makes the same sentence with the name of the vendor, such as "OpenAI", in place of "the vendor".
 * tq_profile_vendor(tq_profile_of(verdict->profile)) of tokenquota_signals.h is such a name. vendor NULL: "the
 * vendor". */
TQ_API int tq_verdict_explain_named(const struct tq_verdict *verdict, const char *vendor, char *out,
                                    size_t capacity);

#define TQ_ROUTE_NO_PROBE 1u /* never hand out a probe */
#define TQ_USE_RESERVE 2u    /* for this call the reserve of a limit counts as left; also a flag of a verdict */

/* How tq_ledger_route chooses among the providers that are available. */
#define TQ_POLICY_ORDER 0    /* the first in the caller's order */
#define TQ_POLICY_STICKY 1   /* the caller's last choice while it is available: a switch loses the prompt cache */
#define TQ_POLICY_PRESSURE 2 /* the one whose quota is most in danger of being lost unused */
#define TQ_POLICY_STICKY_PRESSURE 3 /* the last choice, until another has at least 1.5 times its pressure */

/* "order", "sticky", "pressure", "sticky-pressure"; "unknown" for any other number. [hot] */
TQ_API const char *tq_policy_name(uint32_t policy);

struct tq_route {
    uint32_t size;       /* sizeof(struct tq_route), set by the caller */
    uint32_t probe;      /* 1: the chosen provider is out, and this caller holds its probe */
    uint64_t chosen;     /* index into providers */
    int64_t retry_at_ns; /* answer 1: when the chosen provider may be asked, or probed; INT64_MAX: no known end */
    /* A size that ends here is accepted, too; the next three are then 0. Set by the caller: */
    uint32_t policy;     /* TQ_POLICY_... */
    uint32_t last;       /* the index of the caller's last choice + 1; 0: it has none. Only the sticky policies
                            look at it */
    int64_t need;        /* tokens that the call needs; 0: any room will do */
    /* Set by the library: */
    int64_t room;        /* with a need: tokens that the chosen provider has left; INT64_MAX: nothing bounds them */
};

/* Chooses one of count providers that is available at now_ns, or whose probe is due and this call has taken for
 * you (see tq_provider_probe_take).
 *
 *     0             route->chosen may be asked
 *     1             none may be asked; route->chosen is the one that may be asked first, at route->retry_at_ns.
 *                   When route->room is less than route->need, it has too little room for this call
 *     TQ_EINVAL     also a NULL among the providers, a provider of another ledger, a count of 0, an unknown
 *                   policy, a `last` above count, or a need below 0
 *     TQ_ERANGE, TQ_EGONE
 *
 * The answer follows from what the ledger holds, now_ns, and the caller's last choice. The ledger remembers no
 * choice; only a probe that is taken changes it. Set `last` when a call was served, not when it was tried.
 *
 * - Order. The first that is available. A probe that is due goes to a provider that stands before that one.
 * - Sticky. The last choice while it is available, and then no probe is handed out. Else as order.
 * - Pressure. Of its longest window each provider has some part left, and some time until the window ends. The
 *   pressure is part / time, compared exactly. The greatest is chosen, of equal ones the first in the caller's
 *   order. A probe that is due comes first, wherever its provider stands: nobody knows how much it has left.
 * - Sticky pressure. The same, but the last choice stays while it is available and no other has both more
 *   pressure and at least 1.5 times as much.
 *
 * Windows are those of the provider and of its pools: the day of a budget; calendar, fixed and first-use limits
 * with an amount; windows of which the vendor stated a share and a reset. Of windows that are equally long the
 * one with the least pressure counts.
 *
 * - The part left is what this caller may use, without the reserve unless TQ_USE_RESERVE is set, divided by the
 *   whole amount. The vendor's share comes before our own count, until the reset that it stated.
 * - A first-use window that has not begun, and a stated one whose reset has passed, count as if they began now:
 *   all is left, for the whole length.
 * - Rolling, refill and once have no reset, and a vendor's reading may have none: they are no such windows. Nor
 *   is one of a single model. A provider without any window has no pressure: no quota of it is lost unused. It
 *   is chosen when no other has pressure.
 *
 * A need is compared with the day's budget and with limits of tokens, total and weighted, of the provider and
 * of its pools, as a record of so many tokens would count there; what calls that run hold is not left. A provider
 * that has less room in one of them is passed by, under every policy. What a vendor states is a share, which is
 * not compared. retry_at_ns is then when all of them have room, if nothing more is recorded or settled;
 * INT64_MAX when one never will.
 *
 * [hot; checks the file] */
TQ_API int tq_ledger_route(struct tq_ledger *ledger, struct tq_provider *const *providers, size_t count,
                           int64_t now_ns, uint32_t flags, struct tq_route *route);

/* Takes the probe of a provider that only its vendor's word of a quota keeps out. One caller at a time, over all
 * processes, holds it.
 *
 *     0             it is yours; *at_ns is when your turn ends
 *     1             not now; *at_ns is when the next probe is due, 0 when the provider needs none
 *     TQ_EINVAL, TQ_ERANGE, TQ_EGONE, TQ_EREADONLY
 *
 * at_ns may be NULL. Send one request and report its result by tq_provider_success,
 * tq_provider_observe_usage, tq_provider_apply or tq_provider_probe_failure.
 *
 * - When it is due. Without a known end: the first probe 5 minutes after the refusal. Each failure doubles the
 *   wait, up to 1 hour. The wait varies by up to an eighth, by name and attempt, so that not all providers are
 *   probed at the same moment. With an end: an hour after the refusal or the last probe. And at once, when a
 *   later reading of every window that blocks has room; after a probe that failed, no earlier than 5 minutes
 *   later, doubled up to 1 hour. Throttles are never probed.
 * - Which answer counts. The answer to a request that was sent in the second in which the probe was taken, or
 *   later. A success clears the refusal, a refusal doubles the wait.
 * - A caller that reports nothing for 2 minutes, counted from the start of that second, has lost the probe.
 *   Another caller may then take it.
 * - A now_ns further ahead of the clock than the ledger's max_ahead_ns takes no probe.
 *
 * [hot] */
#define TQ_PROBE_LEASE_NS INT64_C(120000000000)
TQ_API int tq_provider_probe_take(struct tq_provider *provider, int64_t now_ns, int64_t *at_ns);

/* Says that a probe failed without an answer from the vendor (a timeout, a broken connection).
 *
 *     0             done, also when no caller holds the probe
 *     TQ_EINVAL, TQ_ERANGE, TQ_EGONE, TQ_EREADONLY
 *
 * [hot] */
TQ_API int tq_provider_probe_failure(struct tq_provider *provider, int64_t now_ns);

/* ---- holds ------------------------------------------------------------------------------------------- */

/* Twenty calls that are asked for at one instant pass any check together, and spend a limit that has room for
 * four. A hold sets aside what a call may use, before it is sent. When every call holds at least what it will
 * use, and settles before its lease ends, no limit and no budget is ever exceeded, however many processes take
 * part. (docs/format.md proves it. Two conditions: instants do not go back, and a limit is set before the calls.)
 *
 *     struct tq_amounts most = {.size = sizeof most, .known = 1u << TQ_UNIT_TOKENS};
 *     struct tq_hold hold = {.size = sizeof hold};
 *
 *     most.of[TQ_UNIT_TOKENS] = 20000;
 *     switch (tq_provider_hold(openai, &most, lease_ns, tq_now_ns(), &hold)) {
 *     case 0: send the request; tq_hold_settle(&hold, &usage, tq_now_ns()); break;
 *     case 1: no room: another provider, or later
 *     }
 */
#define TQ_UNITS 8       /* amounts of a hold, by TQ_UNIT_...; 0 is none */
#define TQ_HOLDS_MAX 1024 /* of a provider at once */
#define TQ_LEASE_MAX_NS INT64_C(2678400000000000) /* 31 days */
#define TQ_HOLD_AMOUNT_MAX INT64_C(17592186044415) /* 2^44 - 1 */

/* What a call uses at the most. Bit 1 << TQ_UNIT_... of `known` says that of[TQ_UNIT_...] is named. What is not
 * named: total and weighted are as tokens, when those are named; requests are 1; any other is unknown. Unknown
 * holds no room, and the rule TQ_RULE_CARE counts the call as one whose size nobody knows. Name the total when
 * responses state classes: it may be more than the tokens that the vendor counts. */
struct tq_amounts {
    uint32_t size; /* sizeof(struct tq_amounts) */
    uint32_t known;
    int64_t of[TQ_UNITS];
};

/* A flag of a hold: nobody owns it, so it stays when this process ends, and only its lease frees it. For a
 * script that takes it in one process and settles it in another, and for a daemon that holds for others.
 * TQ_USE_RESERVE is the other flag: for this call the reserve of a limit counts as left. */
#define TQ_HOLD_NOBODY 4u

/* A hold that was taken. The caller owns it and sets size and flags. The library needs no memory for it, and a
 * copy is as good as the original. One thread at a time may use it. */
struct tq_hold {
    uint32_t size;   /* sizeof(struct tq_hold) */
    uint32_t flags;  /* 0, TQ_USE_RESERVE, TQ_HOLD_NOBODY */
    uint32_t levels; /* the provider, and each of its pools; 0: it was not taken, or is settled or cancelled */
    uint32_t ended;  /* set by settle, cancel and extend: 1: it was no longer there, or a part of it; its lease had
                        ended, and others may have used its room */
    struct tq_provider *provider;
    int64_t until_ns; /* when its lease ends */
    uint64_t place[3], word[3]; /* the library's */
};

/* Takes a hold: sets the amounts aside in all limits and the budget of the provider, and of its pools.
 *
 *     0             taken; *hold is it
 *     1             no room: what is used, what is held and these amounts together are more than a limit or a
 *                   budget has. Nothing was changed
 *     TQ_EINVAL     a NULL, a size that is too small, a flag or a unit that is none, an amount below 0
 *     TQ_ERANGE     an amount above TQ_HOLD_AMOUNT_MAX; a lease of 0 or less, or above TQ_LEASE_MAX_NS; now_ns is
 *                   not from 1970 to 2105
 *     TQ_EFULL      1,024 calls hold something of the provider, or of a pool
 *     TQ_ECLOCK     now_ns is further ahead of the clock than max_ahead_ns
 *     TQ_ENOMEM, TQ_ENOSPC, TQ_EREADONLY, TQ_EGONE, TQ_ESYS
 *
 * amounts NULL: nothing is known, but that it is one request.
 *
 * - Only room is asked: what is counted here and held. Marks, what the vendor said and what the rule expects are
 *   for tq_provider_state and tq_ledger_route. A hold of an unknown amount needs room for one unit.
 * - Room is amount - reserve, with TQ_USE_RESERVE the amount. A share that the vendor states is not asked.
 * - A hold that is taken begins a first-use window; of a strict limit one that is refused does, too, while other
 *   machines are heard.
 * - It is free when it is settled or cancelled; at once when its owner dies, by kill -9 too and in another pid
 *   namespace; and when its lease has ended (to the minute, and never early) by now_ns and by the clock. Whoever
 *   needs the room asks whether the owner lives.
 * - The owner is this open ledger: closing it frees its holds. With TQ_HOLD_NOBODY, and in private memory, there
 *   is none. More than 1,023 owners at a time: the next ones' holds have none either.
 * - fork: holds that were taken before belong to the parent, and a child must not settle them by a copy unless
 *   its parent does not. The child's own holds have the child as owner. The parent's are free when the parent is
 *   dead, also while the child lives. (A child that was made by clone(2) closes the parent's lock at its first
 *   hold; until then the lease frees them.)
 * - Two callers that meet at the edge may both be refused.
 * - A forgotten provider's holds stay, and so does its pool's part. (Compact keeps those that are nobody's.)
 *
 * [insert; the first hold of a ledger also opens its file once more; no room: checks whether owners live] */
TQ_API int tq_provider_hold(struct tq_provider *provider, const struct tq_amounts *amounts, int64_t lease_ns,
                            int64_t now_ns, struct tq_hold *hold);

/* Settles a hold: counts what the call used, as tq_provider_observe_usage does, and then frees the hold.
 *
 *     0, 1          counted; whether the provider is exhausted, as tq_provider_observe answers
 *     TQ_EINVAL     also for a hold that is none any more
 *     TQ_EAGE, TQ_ECLOCK, TQ_ERANGE, TQ_EREADONLY, TQ_EGONE
 *                   nothing was counted, and the hold stays
 *
 * It counts whatever became of the hold; hold->ended is 1 when its lease had ended. It counts more than was held,
 * too. What was held in a known amount goes into neither the half hours nor the mean call of TQ_RULE_CARE: holds
 * take the place of guessing. [hot] */
TQ_API int tq_hold_settle(struct tq_hold *hold, const struct tq_usage *usage, int64_t now_ns);

/* Frees a hold whose call used nothing.
 *
 *     0             done
 *     1             it was no longer there, or a part of it
 *     TQ_EINVAL, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_hold_cancel(struct tq_hold *hold);

/* Makes the lease end lease_ns after now_ns, later or earlier than it was to.
 *
 *     0             done; hold->until_ns is when
 *     1             it is no longer there, or a part of it
 *     TQ_EINVAL, TQ_ERANGE, TQ_ECLOCK, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_hold_extend(struct tq_hold *hold, int64_t lease_ns, int64_t now_ns);

/* Bytes of an id with its NUL. */
#define TQ_HOLD_ID_MAX 304

/* Writes the id of a hold, by which another process finds it: NAME#00000001, one line of the characters of the
 * provider's name and of "#-0-9a-f". As snprintf does, it writes at most capacity bytes with the NUL and returns
 * the length without it. out may be NULL when capacity is 0.
 *
 *     TQ_EINVAL     also for a hold that is none any more
 *
 * The id stays right when the ledger is compacted. It leads to no later hold. [hot] */
TQ_API int tq_hold_id(const struct tq_hold *hold, char *out, size_t capacity);

/* Finds a hold by its id, in the same ledger, in whatever process.
 *
 *     0             *hold is it: settle it, cancel it, or extend it
 *     1             it is no longer there, or a part of it. *hold is it all the same, so that what the call used
 *                   can be counted
 *     TQ_EINVAL     a NULL, a size that is too small, no id, or one of no provider of this ledger
 *     TQ_ENOMEM, TQ_EGONE
 *
 * hold->size is set by the caller. [hot; a pool that the provider has left is looked for among all names] */
TQ_API int tq_ledger_hold(struct tq_ledger *ledger, const char *id, struct tq_hold *hold);

/* One hold of a provider. */
struct tq_hold_state {
    uint32_t size;  /* sizeof(struct tq_hold_state) */
    uint32_t owner; /* the number of the lock by which its owner lives, 1 to 1023; 0: nobody */
    uint32_t alive; /* 0: its owner is dead, or its lease has ended by now_ns: it is free as soon as somebody needs
                       the room */
    uint32_t known; /* bit 1 << TQ_UNIT_...: of[TQ_UNIT_...] is held; any other unit is unknown */
    int64_t of[TQ_UNITS];
    struct tq_hold hold; /* of this provider alone, without its pools */
};

/* Lists what calls that run hold of a provider. A call that holds of a provider in a pool is in the lists of both:
 * nothing in the ledger says which two belong together. So a hold of the list, and its id, is this provider's part
 * alone: what cancels or settles it leaves the pool's part. Only tq_provider_hold and its id have the whole.
 * Returns how many there are and fills out with at most capacity of them. out[0].size is the size of each; out
 * may be NULL when capacity is 0.
 *
 *     TQ_EINVAL     also for a size that is too small
 *     TQ_ERANGE, TQ_EGONE
 *
 * [hot; checks the file, and whether owners live] */
TQ_API int tq_provider_holds(const struct tq_provider *provider, int64_t now_ns, struct tq_hold_state *out,
                             size_t capacity);

/* ---- runs -------------------------------------------------------------------------------------------- */

/* `tokenquota run claude --name job-7` makes the provider claude/job-7 in the pool claude, with limits of its own,
 * and names it to the processes of the job: TOKENQUOTA_RUN has a line for each run of a process, the innermost
 * first. A process that is asked for claude then counts and asks in claude/job-7. The library reads no
 * environment, so a program that uses it passes the variable's value:
 *
 *     char run[TQ_NAME_MAX + 1];
 *     int len = tq_run_of(getenv("TOKENQUOTA_RUN"), "claude", 6, run, sizeof run);
 *
 *     if (len > 0) {
 *         answer = tq_ledger_provider(ledger, run, (size_t)len, TQ_PROVIDER_EXISTING, &claude);
 *         if (answer == 1 || (answer == 0 && tq_run_check(claude) == TQ_EOVER))
 *             the run is over: neither count nor ask
 *     }
 *
 * What a vendor says (tq_provider_apply, tq_provider_success) belongs to claude, not to the run, which is no
 * account: there it holds for the run, too.
 */

/* Writes the run that a process means by a name. A line NAME/X of runs, with no '/' in X, takes the place of NAME;
 * from there on a line NAME/X/Y that of NAME/X, and so on. The first line that does counts. A line longer than a
 * name is none. It needs no ledger.
 *
 *     above 0       the length of the run's name, which is in out with a NUL
 *     0             the process has no run of this name, or it is no name: it means what it says. out is unchanged
 *     TQ_EINVAL     also for a capacity of TQ_NAME_MAX or less: a name that is cut short would be another one
 *
 * runs NULL: the variable is not set. out must not overlap name or runs. [hot; it reads all lines, once for each
 * run in a run] */
TQ_API int tq_run_of(const char *runs, const char *name, size_t len, char *out, size_t capacity);

/* Says whether the provider of a run is still one: in the pool of its name, and with limits of its own.
 *
 *     0             it is
 *     TQ_EINVAL
 *     TQ_EOVER      it was forgotten, or was never a run: what is counted for it is in no pool, and has no limits
 *
 * A run is forgotten when the last of its processes is gone, by whoever looks after the ledger. A process that
 * goes on with its name asks before each call; another may forget the run between the two. [hot] */
TQ_API int tq_run_check(const struct tq_provider *provider);

/* ---- other machines --------------------------------------------------------------------------------- */

/* Machines that share limits tell each other what they counted (tokenquota sync, docs/many-machines.md). Each
 * keeps in its ledger, beside its own counts, what it was told: so state, verdict, route and holds look at
 * both and ask nobody. These calls are for the program that exchanges the words; others need none of them.
 *
 * WORDS
 *
 *     others      what other machines used of a window, as last told
 *     withheld    what of the amount is not for this machine in this window: what others used, and what is
 *                 leased to them, or kept for them. At least `others`
 *     cut         no word from the other machines since the instant of tq_ledger_set_shared_until
 *     strict      a limit of which a machine spends nothing but what was leased to it
 *
 * A provider is out, with the reason `spent` when what is used here and elsewhere reaches the amount, else
 * with the reason `shared`, when what is used and held here and what is withheld reach it. */

/* What a provider does while the machine is cut off. */
#define TQ_CUT_SHARE 0  /* goes on with its share: what it was told is for it while cut, in a window that begins
                           meanwhile the amount divided by the machines, rounded down */
#define TQ_CUT_OPEN 1   /* goes on as if others used nothing more */
#define TQ_CUT_CLOSED 2 /* is out until the others are heard again. Of a strict limit: as TQ_CUT_SHARE, which
                           is what was leased to it */

/* "share", "open", "closed"; "unknown" for any other number. [hot] */
TQ_API const char *tq_cut_name(uint32_t cut);

/* Sets that.
 *
 *     0             done
 *     TQ_EINVAL, TQ_ENOMEM, TQ_ENOSPC, TQ_EREADONLY, TQ_EGONE
 *
 * [insert] */
TQ_API int tq_provider_set_cut(struct tq_provider *provider, uint32_t cut);
TQ_API int tq_provider_cut(const struct tq_provider *provider); /* TQ_CUT_...; TQ_EINVAL */

/* How long a machine that is cut off may spend what was leased to it of a strict limit. */
#define TQ_SHARE_LEASE_NS INT64_C(7000000000)

/* Makes a limit strict, or no longer. From then on, and in each window from its first token, a machine spends of it nothing
 * but what was leased to it (tq_provider_set_share): nothing at all as long as no program exchanges this ledger. Not for the
 * budget, and not for stated limits.
 *
 *     0             done
 *     1             the provider has no limit of this number
 *     TQ_EINVAL, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_set_strict(struct tq_provider *provider, uint32_t number, uint32_t strict);

/* Says until when what was told may be trusted: after it the machine is cut off. 0: this ledger does not
 * exchange with others, and nothing is withheld but strict limits; that is how a ledger begins.
 *
 *     0             done
 *     TQ_EINVAL, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_ledger_set_shared_until(struct tq_ledger *ledger, int64_t until_ns);
TQ_API int64_t tq_ledger_shared_until(const struct tq_ledger *ledger); /* 0: never; TQ_EINVAL */

#define TQ_SHARE_STRICT 1u /* the limit is strict */
#define TQ_SHARE_BUCKET 2u /* the window is one bucket of a rolling limit, a hundredth of its length */
#define TQ_SHARE_NONE 4u   /* first use: no window has begun; start and end are 0 */

/* One window of a limit, as machines exchange it. */
struct tq_share {
    uint32_t size;        /* sizeof(struct tq_share) */
    uint32_t number;      /* of the limit, 1 to 8; 0: the budget of the UTC day */
    uint32_t flags;       /* TQ_SHARE_... */
    uint32_t reserved;    /* 0 */
    int64_t start_at_ns;  /* of the window, of a bucket of a rolling limit; once and refill: 0 */
    int64_t end_at_ns;    /* 0 as for start_at_ns */
    int64_t amount;       /* 0: none */
    int64_t reserve;
    int64_t added;        /* all that was ever counted here in this window. It only grows, but for a thread that
                             died between the two steps of a correction */
    int64_t corrected;    /* what corrections and resets took back of it; it only grows. The count is
                             added - corrected */
    int64_t used;         /* the count: of a rolling limit that of its whole length, of a refill what has
                             not refilled */
    int64_t held;         /* what calls that run hold here */
    int64_t others;       /* as told; 0: nothing was told of this window */
    int64_t withheld;
    int64_t withheld_cut; /* the same while cut off */
    int64_t heard_at_ns;  /* when others was told; 0: never */
    int64_t wish;         /* the most that a hold was refused in the last seconds; 0: none */
};

/* Lists the windows of a provider that holds now_ns, and before each the one before it where it is kept (late
 * records): those of the budget, when there is one, then those of its limits, but stated ones. Of a rolling
 * limit it lists the bucket that holds now_ns and the one before; an earlier now_ns gives earlier buckets.
 * Answers and fills as tq_provider_limits does; 2 x (TQ_LIMITS_MAX + 1) are enough for all.
 *
 *     TQ_EINVAL, TQ_ERANGE, TQ_EGONE
 *
 * [hot; checks the file] */
TQ_API int tq_provider_shares(const struct tq_provider *provider, int64_t now_ns, struct tq_share *out,
                              size_t capacity);

/* Keeps what was told of the newest window of a limit, or of the budget: number and start_at_ns of *share say
 * which (of a rolling limit the newest bucket's), others, withheld and withheld_cut what. It tells those who
 * wait when that changes an answer.
 *
 *     0             kept
 *     1             the limit has no such window by now, or there is no such limit
 *     TQ_EINVAL     also for numbers that are negative, or withheld below others
 *     TQ_ERANGE     now_ns
 *     TQ_ENOMEM, TQ_ENOSPC, TQ_EREADONLY, TQ_EGONE
 *
 * [insert] */
TQ_API int tq_provider_set_share(struct tq_provider *provider, const struct tq_share *share, int64_t now_ns);

/* How many machines share the provider, for windows that begin while cut off, and until when this machine may
 * hand out the provider's probes: of all machines one at a time. INT64_MAX: whenever. machines 0: as many as were
 * told last.
 *
 *     0             done
 *     TQ_EINVAL, TQ_ENOMEM, TQ_ENOSPC, TQ_EREADONLY, TQ_EGONE
 *
 * [insert] */
TQ_API int tq_provider_set_sharers(struct tq_provider *provider, uint32_t machines, int64_t probes_until_ns);

/* Begins a first-use window, or moves its beginning back, to start_at_ns: another machine's window overlaps
 * it and began earlier.
 *
 *     0             the window begins then
 *     1             it does not overlap the window here, begins before the one before has ended, or lies in the future
 *     TQ_EINVAL     also for a limit that is not of first use
 *     TQ_ERANGE, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_share_begin(struct tq_provider *provider, uint32_t number, int64_t start_at_ns,
                                   int64_t now_ns);

/* What keeps a provider out by somebody's word, as machines exchange it: the words of its slot in
 * docs/format.md. (What vendors state of windows is in tq_provider_limits, and told by tq_provider_apply;
 * lifted by tq_provider_success.) */
struct tq_words {
    uint32_t size;        /* sizeof(struct tq_words) */
    uint32_t reserved;    /* 0 */
    int64_t mark_ns;      /* the mark; 0: none */
    int64_t marked_at_ns; /* when a caller last made it available; 0: never */
    uint64_t reported, reported_why;
    uint64_t throttled, throttled_why;
    uint64_t probe;       /* that of words with an end */
};

/* Reads them. 0; TQ_EINVAL, TQ_EGONE. [hot] */
TQ_API int tq_provider_words(const struct tq_provider *provider, struct tq_words *words);

/* Swaps each word that is another in `to` than in `from`, if it still is as in `from`. It tells those who
 * wait. Of what another machine sent, only what can be such a word is taken.
 *
 *     0             done
 *     1             some changed meanwhile: those were left
 *     TQ_EINVAL     also for a word that can be none: nothing was swapped
 *     TQ_ERANGE     now_ns
 *     TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_set_words(struct tq_provider *provider, const struct tq_words *from,
                                 const struct tq_words *to, int64_t now_ns);

/* How often anything was set in this ledger: budgets, limits, pools, weights, prices, rules, cut and strict.
 * It only rises. TQ_EINVAL. [hot] */
TQ_API int64_t tq_ledger_settings(const struct tq_ledger *ledger);

/* ---- one poller ------------------------------------------------------------------------------------- */

/* Becomes the one process on this machine that asks the vendor about a provider.
 *
 *     0             it is yours until tq_provider_poll_end, or until the process ends, however it does
 *     1             another process has it (*at_ns is 0), or the last run began less than every_ns ago (*at_ns
 *                   is when the next one is due)
 *     TQ_EINVAL, TQ_ERANGE, TQ_EREADONLY, TQ_EGONE, TQ_ESYS
 *
 * every_ns is 0 or more; with 0 a run is always due. at_ns may be NULL. A lock of the kernel says which process
 * has it, so a process that is killed leaves nothing behind. A process that has it calls again before each
 * further run; after the answer 1 it no longer has it. Threads of one process do not exclude each other: let
 * one thread poll a provider. A child that is forked meanwhile shares the lock until it ends or calls exec. In
 * private memory it is always yours when it is due. [blocks never] */
TQ_API int tq_provider_poll_begin(struct tq_provider *provider, int64_t every_ns, int64_t now_ns, int64_t *at_ns);

/* Gives it back.
 *
 *     0             done, also when the process did not have it
 *     TQ_EINVAL, TQ_EREADONLY, TQ_EGONE, TQ_ESYS
 *
 * [blocks never] */
TQ_API int tq_provider_poll_end(struct tq_provider *provider);

/* Lists the providers whose probe is due at now_ns and held by no caller. Returns and fills as
 * tq_store_exhausted_at does; retry_at_ns is the instant since when the probe is due. [hot, time grows with
 * the number of names] */
TQ_API size_t tq_ledger_probes_due(struct tq_ledger *ledger, int64_t now_ns, struct tq_exhausted *out,
                                   size_t capacity);

/* ---- providers ------------------------------------------------------------------------------------- */

/* Subtracts tokens from the day of now_ns, down to 0, in one step. A saturated day stays saturated. It takes a
 * record of as many tokens back: also from the limits of the provider (tokens, total, weighted tokens, and one
 * request; not input, output or cost), and from its pools.
 *
 *     0             done
 *     TQ_EINVAL     also for tokens of 0 or less
 *     TQ_EAGE       the ledger no longer holds that day
 *     TQ_ERANGE
 *
 * [hot; for a day that is not the newest it reads the clock] */
TQ_API int tq_provider_correct(struct tq_provider *provider, int64_t tokens, int64_t now_ns);

/* Forgets the provider's usage, in its limits, too; its budget, limits and marks stay, and its pool's counts.
 * [hot] */
TQ_API int tq_provider_reset(struct tq_provider *provider);

/* Forgets the provider: clears its usage, budget, rule, limits, weights, price, pool and marks, one after the
 * other. The walk and the lists leave it out until it is recorded, marked, refused by its vendor, or given a
 * budget, a rule, a limit or a pool again. What another thread or process counts or sets meanwhile is either
 * forgotten, or kept and visible. The name keeps using its slot until compact. [hot] */
TQ_API int tq_provider_forget(struct tq_provider *provider);

/* The provider's own rule; TQ_RULE_DEFAULT when it follows the ledger's. Setting a rule voids what was
 * predicted under the old one; marks stay. TQ_RULE_DEFAULT also gives up its own care. TQ_EINVAL for a number
 * that is no rule of this version. [hot] */
TQ_API int tq_provider_rule(const struct tq_provider *provider);
TQ_API int tq_provider_set_rule(struct tq_provider *provider, uint32_t rule);

/* The provider's care, in quarters: TQ_CARE_DEFAULT unless it has its own. Setting it makes TQ_RULE_CARE the
 * provider's own rule. 0 is no care at all: what is left is used to the last token. The more care, the less is
 * used beyond the budget, and the more of it stays unused.
 *
 *     0             done; tq_provider_care answers the care
 *     TQ_EINVAL
 *     TQ_ERANGE     more than TQ_CARE_MAX
 *     TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_care(const struct tq_provider *provider);
TQ_API int tq_provider_set_care(struct tq_provider *provider, uint32_t care);

/* The calls of part one by handle, with the same answers, and TQ_EINVAL for a NULL provider. All are [hot];
 * tq_provider_state also checks the file. tq_provider_used and tq_provider_budget do not check it, because
 * used is often called for many days in a row: they answer TQ_EGONE once another call has found that the file
 * was replaced. tq_provider_observe marks in the store of the provider's own ledger. */
TQ_API int tq_provider_record(struct tq_provider *provider, int64_t tokens, int64_t now_ns,
                              int64_t *retry_at_ns);
TQ_API int tq_provider_observe(struct tq_provider *provider, int64_t tokens, int64_t now_ns,
                               int64_t *retry_at_ns);
TQ_API int64_t tq_provider_used(const struct tq_provider *provider, int64_t now_ns);
TQ_API int64_t tq_provider_budget(const struct tq_provider *provider);
TQ_API int tq_provider_set_budget(struct tq_provider *provider, int64_t budget);
TQ_API int tq_provider_state(const struct tq_provider *provider, int64_t now_ns, int64_t *retry_at_ns);
TQ_API int tq_provider_mark_quota_exhausted(struct tq_provider *provider, int64_t retry_at_ns);
TQ_API int tq_provider_mark_available(struct tq_provider *provider);

/* Makes the provider available at now_ns, whatever keeps it out but its budget, its limits and its pool. The
 * words of the vendor that it overrules are remembered: the same word (of the same window, with the same end to
 * 5 minutes) does not block again when it is read again. A refusal of a request that was sent later, or whose
 * sending time nobody knows, does. tq_provider_mark_available and tq_store_mark_available do the same as of the
 * newest word that they overrule.
 *
 *     0             done
 *     TQ_EINVAL, TQ_ERANGE, TQ_EREADONLY, TQ_EGONE
 *
 * [hot] */
TQ_API int tq_provider_mark_available_at(struct tq_provider *provider, int64_t now_ns);

#ifdef __cplusplus
}
#endif

#endif
