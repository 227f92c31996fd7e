/* tokenquota.h: count LLM tokens per provider, see that a budget will not last, and say so.
 *
 * SPDX-License-Identifier: MIT
 *
 * WHAT IT IS
 *
 * You call several LLM providers. Each has a budget of tokens a day. You tell the library what every call
 * used; it adds it up and tells you, on the same call, whether the budget will last the day at the present
 * rate. When it will not, the provider is `quota_exhausted` until an instant the library names, and your
 * router asks somebody else until then.
 *
 * It is not a rate limiter that sleeps, not a server, not a client of any vendor: it counts and answers, in
 * nanoseconds, from memory. It depends on libc alone. This header is the whole contract: what is not in it
 * is not the API.
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
 * It counts in the file quota.ledger, by the default rule (TQ_RULE_HORIZON). Any number of processes may run it
 * at once; `tokenquota status --ledger quota.ledger` shows what they counted. examples/worker.c has several
 * processes that choose among providers.
 *
 * WORDS
 *
 *     provider    the name tokens are counted under: an account, a key, a model, a host. Valid UTF-8 of 1 to
 *                 TQ_NAME_MAX bytes without control characters (U+0000-001F, 007F-009F, 2028-202E, 2066-2069)
 *     budget      tokens allowed in one window; not set = nothing is predicted
 *     window      the period a budget covers: the calendar day in UTC, [00:00, 24:00)
 *     usage       tokens used; to *record* is to add them
 *     state       `available` or `quota_exhausted`
 *     mark        what a caller said of a provider: exhausted until an instant
 *     ledger      the memory that holds all of it; a tracker and a store are two views of a ledger
 *     rule        what decides that a budget is exhausted: TQ_RULE_ORIGINAL, TQ_RULE_OFF, TQ_RULE_HORIZON
 *     vendor      who answers (OpenAI, Anthropic, ...)
 *     signal      what a response says about quota
 *     reason      why a provider is out: marked (by a caller), reported (the vendor said so), throttled (the
 *                 vendor said: wait seconds), predicted (a rule foresees that the budget will not last), spent
 *                 (the budget is used up)
 *     verdict     state with reason, what binds, numbers, and when it ends
 *     probe       the one request that asks whether a provider whose end nobody knows is back
 *
 * UNITS
 *
 * Tokens are int64_t. Instants are int64_t nanoseconds since 1970-01-01 00:00 UTC, named ..._at_ns (now_ns
 * for the present); lengths are ..._ns. The library reads no clock to decide: you pass now_ns in, so replaying
 * a log is the same as living through it (max_ahead_ns and tq_ledger_wait are about the clock, and read it).
 * As now_ns the instants from TQ_NOW_MIN_NS up to but not including TQ_NOW_END_NS are accepted; anything else
 * is TQ_ERANGE and changes nothing. 0 as now_ns is 1970-01-01; 0 means "no time" only in answers and marks.
 *
 * ANSWERS AND ERRORS
 *
 * Every int answer is 0 for yes, 1 for no, negative for "could not decide". A denial is an answer, an error
 * is not: after a negative return nothing was counted and nothing was changed, and no name was inserted (the
 * one exception is TQ_ESYS with TQ_OPEN_FLUSH_ALWAYS, see there). The negative codes are the list below, their numbers never change, and tq_strerror says each in words. Whether your program then
 * treats the provider as available (fails open) or not (fails closed) is yours to decide, and to say.
 *
 * Part one ignores a NULL tracker or store and a NULL or empty name: nothing happens and the answer is 0,
 * as in the Go package it mirrors. That is the only place where "could not decide" reads "available"; part
 * two answers TQ_EINVAL.
 *
 * OWNERSHIP
 *
 * You own every struct you pass in. The library owns trackers, stores, ledgers and providers. Nothing that a
 * call returns needs free. A provider name in an answer (tq_exhausted.provider, tq_provider_name) and a
 * struct tq_provider stay valid, and in place, until the ledger is closed (the tracker or store freed).
 * Names you pass in are copied.
 *
 * THREADS, SIGNALS, FORK
 *
 * Every call may be made from any thread at any time, except that free and close must be the last call on
 * their object. There is no lock anywhere: all that decides is one atomic step on one 8-byte word, so no
 * thread ever waits for another, and each provider's total of each day is exact however threads interleave.
 *
 * Each call below carries one of these marks:
 *
 *     [hot]     never allocates, blocks, locks, logs or makes a system call; safe in a signal handler
 *     [insert]  as [hot] when the ledger knows the name; a name seen for the first time may map memory
 *               (mmap), which can fail with TQ_ENOMEM; never blocks; safe in a signal handler (no malloc)
 *     [setup]   may allocate; not for signal handlers
 *     [blocks]  may wait: for the disk, or as long as its text says
 *
 * A ledger in a file asks the system somewhat more, still safe in a signal handler: a record that starts a day
 * or is of an earlier one, and a new name, look whether the path still leads to the file (lstat) and, unless
 * max_ahead_ns is INT64_MAX, at the clock; a change of state wakes every process that waits for one (futex); a new
 * name may make the file longer (fallocate), and a list that gives a name out for the first time copies it (mmap).
 * With TQ_OPEN_FLUSH_ALWAYS every record waits for the disk.
 *
 * The memory of a private ledger is an ordinary private mapping: after fork() the child has a copy of its
 * own, which no longer follows the parent. A ledger in a file is shared: parent and child go on counting on
 * the same words by the same handles, each closes its own, and the file's lock goes with the last. Over exec()
 * nothing is kept (O_CLOEXEC), and the file's pages are not in core dumps. A process that is killed or stopped
 * at any instruction, kill -9 too, leaves a valid ledger and makes nobody wait; only who is stopped while it
 * rebuilds or compacts keeps others from opening (TQ_EBUSY). Every descriptor of the library is 3 or above. A
 * program that closes descriptors it knows nothing of (closefrom) loses the ledger: TQ_EGONE at its next look.
 * The file must be on a local file system, and must not be cut short while it is open: that is SIGBUS for who
 * touches what is missing. docs/operate.md has the rest: permissions, backup, clocks, containers.
 *
 * COMPATIBILITY
 *
 * Within one SONAME no declaration changes its meaning. Structs that a caller owns and that may grow begin
 * with `uint32_t size`: set it to sizeof the struct, zero everything else, and zero means default; fields
 * are only ever appended. struct tq_exhausted is frozen.
 */
#ifndef TOKENQUOTA_H
#define TOKENQUOTA_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TQ_API __attribute__((visibility("default")))
#else
#define TQ_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version -------------------------------------------------------------------------------------- */

#define TQ_VERSION_MAJOR 0
#define TQ_VERSION_MINOR 1
#define TQ_VERSION_PATCH 0
#define TQ_VERSION (TQ_VERSION_MAJOR * 1000000 + TQ_VERSION_MINOR * 1000 + TQ_VERSION_PATCH)

/* The version of the library that runs, as TQ_VERSION counts it; compare it with the one you compiled
 * against. [hot] */
TQ_API int tq_version(void);

/* The same as text, "0.1.0". Static storage. [hot] */
TQ_API const char *tq_version_string(void);

/* ---- errors --------------------------------------------------------------------------------------- */

/* The one list of error codes: name, number (pinned for ever), text. */
#define TQ_ERRORS(X)                                                                                       \
    X(TQ_EINVAL, -1, "invalid argument")                                                                   \
    X(TQ_ENAME, -2, "provider name refused: 1 to 255 bytes of UTF-8 without control characters")           \
    X(TQ_ERANGE, -3, "instant out of range: from 1678-01-01 to before 2262-01-01 UTC")                     \
    X(TQ_EAGE, -4, "record is of a day older than the ledger keeps")                                       \
    X(TQ_ENOMEM, -5, "out of memory")                                                                      \
    X(TQ_EFULL, -6, "ledger is full: it holds 16777216 provider names")                                    \
    X(TQ_ENOTSUP, -7, "not supported by this version or this file system")                                 \
    X(TQ_ECLOCK, -8, "instant refused by the ledger's clock limits")                                       \
    X(TQ_EGONE, -9, "the ledger's file was replaced or removed: open it again")                            \
    X(TQ_EBUSY, -10, "the ledger is in use: try again")                                                    \
    X(TQ_ESYS, -11, "a system call failed")                                                                \
    X(TQ_EFORMAT, -12, "not a ledger that this version reads")                                             \
    X(TQ_EDENIED, -13, "refused: owner, kind of file or kind of file system")                              \
    X(TQ_EREADONLY, -14, "the ledger is open for reading only")                                            \
    X(TQ_ENOSPC, -15, "no space for the ledger: disk full or file size limit")

#define TQ_EINVAL (-1)  /* a NULL where part two needs an object; an option out of range */
#define TQ_ENAME (-2)   /* the name is not valid UTF-8, is too long, or has a control character */
#define TQ_ERANGE (-3)  /* now_ns is before TQ_NOW_MIN_NS, or TQ_NOW_END_NS or later */
#define TQ_EAGE (-4)    /* a newer day has taken the place of the record's day: see history_days */
#define TQ_ENOMEM (-5)  /* the system gave no memory; what was counted before is untouched */
#define TQ_EFULL (-6)   /* the ledger holds 2^24 names */
#define TQ_ENOTSUP (-7)   /* the call asks for something that this version, or the file system, does not do */
#define TQ_ECLOCK (-8)    /* a record would start a day, or is of an earlier one, and its instant is before
                             min_now_ns or more than max_ahead_ns after the clock: nothing was counted */
#define TQ_EGONE (-9)     /* another file has the ledger's name now, or none: close and open again */
#define TQ_EBUSY (-10)    /* somebody rebuilds or compacts it, or (compact, conversion) has it open */
#define TQ_ESYS (-11)     /* errno is in struct tq_error */
#define TQ_EFORMAT (-12)  /* magic, format, fingerprint, size, or a feature this version does not know */
#define TQ_EDENIED (-13)  /* a symbolic link, not a regular file, a strange owner, a file system that is not local */
#define TQ_EREADONLY (-14)
#define TQ_ENOSPC (-15)   /* the name was not inserted, what was counted before is untouched */

/* The name of a code, "TQ_ENAME"; "TQ_EUNKNOWN" for a number that is not in the list. Static storage. [hot] */
TQ_API const char *tq_error_name(int code);

/* The text of a code, one line without a full stop; 0 is "available", 1 is "exhausted", a number that is not
 * in the list "unknown error". Static storage. [hot] */
TQ_API const char *tq_strerror(int code);

/* ---- constants ------------------------------------------------------------------------------------ */

#define TQ_NAME_MAX 255 /* bytes of a provider name, without its NUL */
#define TQ_NOW_MIN_NS (-9214560000000000000) /* 1678-01-01 00:00:00 UTC: the first accepted instant */
#define TQ_NOW_END_NS 9214646400000000000    /* 2262-01-01 00:00:00 UTC: the first refused one */

#define TQ_AVAILABLE 0       /* the states, and the answers 0 and 1 of the calls that give one */
#define TQ_QUOTA_EXHAUSTED 1
#define TQ_EXHAUSTED 1       /* record and observe: counted, and the budget is exhausted */

/* "available", "quota_exhausted"; "unknown" for anything else. Static storage. [hot] */
TQ_API const char *tq_state_name(int state);

/* The present from the system's clock, for callers who want it: nanoseconds since the epoch. A read costs
 * more than a record. [hot, but reads the clock] */
TQ_API int64_t tq_now_ns(void);

struct tq_tracker;  /* counts: budgets and usage of a ledger */
struct tq_store;    /* states: marks of a ledger */
struct tq_ledger;   /* the memory behind both */
struct tq_provider; /* one name of one ledger, looked up once */

/* ==== part one: tracker, store, observe ============================================================ */

/* A tracker on a new private ledger with the rule TQ_RULE_ORIGINAL and 64 days of history. NULL only when
 * there is no memory. Free it with tq_tracker_free. [setup] */
TQ_API struct tq_tracker *tq_tracker_new(void);

/* Frees a tracker that tq_tracker_new made, with its ledger. NULL, and a view from tq_ledger_tracker (the
 * ledger owns it), are left alone. [setup] */
TQ_API void tq_tracker_free(struct tq_tracker *tracker);

/* Sets the provider's budget in tokens a day; 0 or less removes it. 0 when done; TQ_ENAME, TQ_ENOMEM,
 * TQ_EFULL. Removing a budget nobody set does not insert the name. [insert] */
TQ_API int tq_tracker_set_budget(struct tq_tracker *tracker, const char *provider, int64_t budget);

/* The budget, 0 for none or an unknown provider; TQ_ENAME. [hot] */
TQ_API int64_t tq_tracker_budget(const struct tq_tracker *tracker, const char *provider);

/* Tokens recorded in the UTC day that holds now_ns, 0 for none or an unknown provider; INT64_MAX when the
 * day's count is saturated (see record); TQ_ENAME, TQ_ERANGE. [hot] */
TQ_API int64_t tq_tracker_used(const struct tq_tracker *tracker, const char *provider, int64_t now_ns);

/* Adds tokens (a negative number counts as 0) to the UTC day that holds now_ns, and says whether the budget
 * is exhausted: 0 no, 1 yes (TQ_EXHAUSTED); negative: nothing was counted.
 *
 * The rule TQ_RULE_ORIGINAL, for usage U after adding and budget B > 0, in exact integers: exhausted when
 * U >= B; else, after the first nanosecond of the day, when U x 24 h > B x elapsed, that is, when going on
 * at the day's mean rate would exceed B by its end. Without a budget: never exhausted, still counted.
 *
 * retry_at_ns may be NULL; else it is written on every return: the end of the day when the answer is 1,
 * otherwise 0.
 *
 * A day's count is exact up to 2^46 tokens and somewhat beyond; then it saturates, never wraps, and is at
 * least every budget. A record of an earlier day counts for its own day and leaves later ones alone; the
 * ledger keeps at least its last history_days days, and a record whose day has been replaced by a newer one
 * is TQ_EAGE.
 *
 * TQ_ENAME, TQ_ERANGE, TQ_EAGE, TQ_ENOMEM, TQ_EFULL. [insert] */
TQ_API int tq_tracker_record(struct tq_tracker *tracker, const char *provider, int64_t tokens, int64_t now_ns,
                             int64_t *retry_at_ns);

/* Forgets all usage; budgets and marks stay. Not one step but one a word: a record made meanwhile is either
 * forgotten or counted, whole. [hot, time grows with the number of names] */
TQ_API void tq_tracker_reset(struct tq_tracker *tracker);

/* A store on a new private ledger. NULL only when there is no memory. Free it with tq_store_free. [setup] */
TQ_API struct tq_store *tq_store_new(void);

/* As tq_tracker_free. [setup] */
TQ_API void tq_store_free(struct tq_store *store);

/* Marks the provider exhausted until retry_at_ns, any int64_t: above 0 marks (the last call wins, shorter or
 * longer), 0 or less clears the mark. 0 when done; TQ_ENAME, TQ_ENOMEM, TQ_EFULL. [insert] */
TQ_API int tq_store_mark_quota_exhausted(struct tq_store *store, const char *provider, int64_t retry_at_ns);

/* Makes the provider available: clears the mark and whatever else holds it out, one word after the other. 0
 * when done, known or not; TQ_ENAME. [hot] */
TQ_API int tq_store_mark_available(struct tq_store *store, const char *provider);

/* The state at now_ns: 1 (TQ_QUOTA_EXHAUSTED) while a mark's retry_at is later than now_ns, else 0;
 * TQ_ENAME, TQ_ERANGE, TQ_EGONE. retry_at_ns may be NULL; else it is written on every return: the instant when
 * the provider is available again when the answer is 1 (INT64_MAX: no known end), otherwise 0. "Exhausted" was
 * true when it was read; "available" may be old by the time it took to return. On a ledger in a file it looks
 * whether the file was replaced when now_ns is a second or more from the last look, either way: two system
 * calls, TQ_EGONE. [hot but for that] */
TQ_API int tq_store_state(const struct tq_store *store, const char *provider, int64_t now_ns,
                          int64_t *retry_at_ns);

/* One entry of a list. Frozen: it never grows. */
struct tq_exhausted {
    const char *provider; /* NUL-terminated, owned by the ledger, valid until it is closed */
    int64_t retry_at_ns;
};

/* Lists every provider that is marked, elapsed marks too (what a recovery probe asks). Returns how many
 * there are and fills out with at most capacity of them (out may be NULL when capacity is 0): call again
 * with more room until the result fits. Not a snapshot: each entry was true when it was read, each provider
 * comes at most once, the order is unspecified. [hot, time grows with the number of names] */
TQ_API size_t tq_store_all_exhausted(const struct tq_store *store, struct tq_exhausted *out, size_t capacity);

/* The same for the providers whose state at now_ns is exhausted, each with the retry_at_ns that
 * tq_store_state gives. None when now_ns is out of range. [hot, time grows with the number of names] */
TQ_API size_t tq_store_exhausted_at(const struct tq_store *store, int64_t now_ns, struct tq_exhausted *out,
                                    size_t capacity);

/* Records as tq_tracker_record does and, when the answer is 1, marks the provider in the store until the end
 * of the day. Same answers; whatever can fail comes before the count, so a negative answer means nothing was
 * counted. A provider that is never exhausted never enters the store. With a NULL store it only records.
 *
 * A record of a day earlier than the provider's newest is answered for its own day but does not mark; nor
 * does a day that ended by 1970 (its end is no instant a mark can hold). Under a rule other than
 * TQ_RULE_ORIGINAL nothing latches: a tracker and store of one ledger answer from the rule itself, which is
 * looked at again at each record; a store of another ledger is marked. [insert] */
TQ_API int tq_observe_token_usage(struct tq_tracker *tracker, struct tq_store *store, const char *provider,
                                  int64_t tokens, int64_t now_ns);

/* ==== part two: ledgers and providers ============================================================== */

/* What decides that a budget is exhausted. */
#define TQ_RULE_DEFAULT 0  /* TQ_RULE_HORIZON */
#define TQ_RULE_ORIGINAL 1 /* the pace of the day so far exceeds the budget; observe marks, the mark stays */
#define TQ_RULE_OFF 2      /* nothing is predicted: exhausted when used >= budget, until the day's end */
#define TQ_RULE_HORIZON 3  /* what is left of the budget is less than the last half hour took; looked at again at
                              each record, and over by itself when nothing more is recorded. Half hours are those
                              of UTC. took = tokens of this half hour + tokens of the one before x (1 - the part
                              of this one that is gone). Exhausted when used >= budget, or when used + took x
                              min(1, what is left of the day / 30 min) > budget; once so, it holds while used >=
                              0.9 budget. In exact integers. */

/* Flags of an open. */
#define TQ_OPEN_EXISTING 1u     /* do not create: TQ_ESYS with ENOENT when there is none */
#define TQ_OPEN_READ_ONLY 2u    /* map for reading only: what would write answers TQ_EREADONLY */
#define TQ_OPEN_RESETTABLE 4u   /* tq_tracker_reset works on a ledger in a file */
#define TQ_OPEN_FLUSH_ALWAYS 8u /* every record is on the disk when it returns: milliseconds, and it blocks. When
                                   the disk fails, record and observe answer TQ_ESYS (errno says why): the one
                                   error after which the tokens are counted, for all to see, and may be lost with
                                   the power. Do not record them again; *retry_at_ns is written as for the answer
                                   0 or 1 */
#define TQ_OPEN_ANY_FILE_SYSTEM 16u /* the caller knows that only this machine reaches the file: open it on a file
                                       system that is not known to be local. The ledger remembers which one, so a
                                       later open needs no flag there */

/* What max_ahead_ns of 0 means for a ledger in a file: 5 minutes. */
#define TQ_MAX_AHEAD_NS INT64_C(300000000000)

/* The clock. A record of a day that has not come yet, made by a clock that was ahead, must not make all records
 * of today late ones, and must not take the place of a day that is kept. So with a limit, max_ahead_ns, a record
 * that starts a day and is further ahead of the system's clock is TQ_ECLOCK. What stands further ahead all the
 * same (the clock itself was wrong and was set right since) is void: the next record, correct, set_budget or
 * set_rule of the provider takes its newest day back to the clock's, with what was predicted by it, and a record
 * takes over the word of a future day that stands in its day's place. Under TQ_RULE_ORIGINAL the future day's
 * mark goes with it; a record of a day that is not the newest and has spent its budget also marks, until its own
 * day's end, and never shortens a mark. Without a limit (private memory, as a rule) the days say what time it is:
 * a log of any year can be lived through. There, too, a day that is spent excludes until its end, whatever the
 * newest day is; only under TQ_RULE_ORIGINAL, whose marks speak of the newest day, it does not. */
struct tq_ledger_options {
    uint32_t size;         /* sizeof(struct tq_ledger_options) */
    uint32_t history_days; /* days kept of each provider: 8, 16, 32 or 64; 0 = 64. Fixed at creation */
    uint32_t rule;         /* TQ_RULE_... of providers without their own; 0 = TQ_RULE_HORIZON. Fixed at creation */
    uint32_t flags;        /* TQ_OPEN_... */
    int64_t min_now_ns;    /* records are refused before this instant, 0 = no limit: TQ_ECLOCK */
    int64_t max_ahead_ns;  /* how far records may be ahead of the system's clock: TQ_ECLOCK. 0 = TQ_MAX_AHEAD_NS
                              in a file, no limit in private memory; INT64_MAX = no limit */
    uint32_t mode;         /* permissions of a file that is created; 0 = 0600 */
    uint32_t reserved;     /* 0 */
};

/* Why a call on a ledger failed, or what is worth knowing after it succeeded. The caller owns it and sets size;
 * every return of a call that takes one writes the rest. */
struct tq_error {
    uint32_t size; /* sizeof(struct tq_error), set by the caller */
    int32_t code;  /* the negative answer, or 0 */
    int32_t sys;   /* errno of the system call behind it, or 0 */
    char msg[244]; /* one line, NUL-terminated: a sentence about the file at its path (the front of a long path
                      gives way), saying what to do; after success empty, unless something was done */
};

/* Opens a ledger. path NULL: in private memory. Else in the file of that name, which is created when there is
 * none (complete and put in place in one step: two creators end on one file; the folder must exist), and which
 * any number of processes may have open: all count on the same words. options NULL: all defaults.
 *
 * The file must be a regular one on a local file system (ext2 to ext4, XFS, Btrfs, F2FS, bcachefs, ZFS, tmpfs,
 * ramfs, overlayfs; any other with TQ_OPEN_ANY_FILE_SYSTEM), not behind a symbolic link, and belong to the
 * caller, to root, or to the owner of its folder. While it is open for writing it is kept locked (an
 * open-file-description lock, shared). After the machine was started anew, and when the file is a copy of
 * another, the first to open it rebuilds its index; others wait up to 2 s for that and for compact, then
 * TQ_EBUSY, naming the process. A ledger of an older format is converted when it is opened for writing.
 *
 * An open for reading only takes no lock. It answers TQ_EBUSY when the index must be rebuilt, which it cannot;
 * TQ_EFORMAT when the ledger is of an older format; and TQ_EDENIED on overlayfs, where a reader may be given an
 * old file that nobody counts on. While somebody rebuilds the index under it, a name that it does not find is
 * TQ_EBUSY.
 *
 * A file that is opened for writing gets all its space on the disk first: the holes that a copy left out are filled,
 * and on XFS blocks that it shares with a copy are replaced. When the disk has no room the answer is TQ_ENOSPC, and
 * error->msg says how many bytes are missing. Where Btrfs cannot be told to write a new file in place: TQ_ENOTSUP.
 *
 * error may be NULL; else it is written on every return. On 0 its code and sys are 0 and its msg is empty, or
 * one line to show or log: when this call rebuilt the index, why, how many names there are, and how many were
 * torn by a loss of power and cleared; and for private memory that it is private. On 0 *ledger is set, otherwise
 * it is NULL. TQ_EINVAL, TQ_ENOMEM, TQ_ENOTSUP,
 * TQ_EBUSY, TQ_ESYS, TQ_EFORMAT, TQ_EDENIED, TQ_ENOSPC. [setup; blocks] */
TQ_API int tq_ledger_open(struct tq_ledger **ledger, const char *path, const struct tq_ledger_options *options,
                          struct tq_error *error);

/* The ledger of a user or a machine that the command uses, and everybody who counts with it. */
#define TQ_MACHINE_LEDGER "/var/lib/tokenquota/ledger"

/* Where that ledger is, the first of these that applies: $TOKENQUOTA_LEDGER; TQ_MACHINE_LEDGER when the caller
 * may read and write it, or is root; $XDG_STATE_HOME/tokenquota/ledger when the variable is an absolute path;
 * $HOME/.local/state/tokenquota/ledger. Writes the path to out as snprintf does and gives its length without
 * the NUL: it was cut when that is capacity or more. out may be NULL when capacity is 0. Makes and opens
 * nothing; the folder may not be there yet. error may be NULL; else its msg says on success why it is this path.
 * TQ_EINVAL; TQ_EDENIED when $TOKENQUOTA_LEDGER is empty, or there is neither it nor a home. Reads the
 * environment, so no thread may change that meanwhile. [setup] */
TQ_API int tq_ledger_default_path(char *out, size_t capacity, struct tq_error *error);

/* Closes it: its views, providers and names are gone. NULL is left alone. [setup] */
TQ_API void tq_ledger_close(struct tq_ledger *ledger);

/* The two views of part one on a ledger; owned by it, the same one at each call; NULL for NULL. [hot] */
TQ_API struct tq_tracker *tq_ledger_tracker(struct tq_ledger *ledger);
TQ_API struct tq_store *tq_ledger_store(struct tq_ledger *ledger);

/* tq_ledger_provider: answer 1 for a name that the ledger does not hold, instead of inserting it. */
#define TQ_PROVIDER_EXISTING 1u

/* Looks a name of len bytes up (it need not end in a NUL) and gives its handle, good for all threads until
 * close: the fast path, without a look-up at each call. The same name gives the same handle. 0 found or
 * inserted; 1 unknown (only with TQ_PROVIDER_EXISTING); TQ_EINVAL (also for len 0), TQ_ENAME, TQ_ENOMEM,
 * TQ_EFULL. *provider is NULL unless the answer is 0. [insert; the first call for a name may map memory] */
TQ_API int tq_ledger_provider(struct tq_ledger *ledger, const char *name, size_t len, uint32_t flags,
                              struct tq_provider **provider);

/* Walks all providers: start with *cursor = 0 and call until the answer is 1 (the end). Each provider known
 * at the start comes exactly once, in no particular order; those inserted meanwhile come once or not at all.
 * 0 with *provider set; 1 at the end, *provider NULL; TQ_EINVAL, TQ_ENOMEM (the cursor stays, call again).
 * Where somebody damaged a name in the file, that provider is left out, here and in the lists, and tq_ledger_check
 * counts a fault. [insert] */
TQ_API int tq_ledger_walk(struct tq_ledger *ledger, uint64_t *cursor, struct tq_provider **provider);

/* The provider's name, NUL-terminated, valid until close; NULL for NULL. Of a ledger in a file it is this process's
 * own copy: whoever may write the file cannot change it. [hot] */
TQ_API const char *tq_provider_name(const struct tq_provider *provider);

/* ---- a ledger in a file ---------------------------------------------------------------------------- */

/* Puts all that was counted before the call on the disk (fdatasync). 0; TQ_EINVAL, TQ_EGONE, TQ_ESYS. In
 * private memory nothing is to be done. [blocks] */
TQ_API int tq_ledger_flush(struct tq_ledger *ledger);

/* What happened to a ledger since it was created, and what is in it. The caller sets size. */
struct tq_ledger_info {
    uint32_t size;
    uint32_t history_days;
    uint32_t rule;        /* the ledger's */
    uint32_t in_file;     /* 1 in a file, 0 in private memory */
    uint64_t providers;   /* names */
    uint64_t slots;       /* slots in use: names, and what lost races and killed inserts left */
    uint64_t file_bytes;  /* 0 in private memory */
    uint64_t late;        /* records of a day earlier than their provider's newest, counted */
    uint64_t too_old;     /* records refused with TQ_EAGE */
    uint64_t clock;       /* records refused with TQ_ECLOCK */
    uint64_t saturated;   /* records that found or made their day's count saturated */
    uint64_t rebuilt;     /* times the index was rebuilt */
    uint64_t recovered;   /* names that a rebuild put back into the index */
    uint64_t faults;      /* tq_ledger_check: words and slots that are not as they must be; 0 = none */
    uint64_t ahead;       /* providers with a record of a day that begins more than max_ahead_ns after the clock: a
                             clock was wrong. 0 without a limit */
    int64_t ahead_at_ns;  /* the beginning of the latest such day; 0: there is none */
};

/* Fills info; faults is 0. A size without the last fields (of an older header) is accepted, too. 0; TQ_EINVAL.
 * [hot, time grows with the number of names; reads the clock when there is a limit] */
TQ_API int tq_ledger_statistics(struct tq_ledger *ledger, struct tq_ledger_info *info);

/* The same, and looks at every word of the ledger: is each index word's slot the one it says, each name there
 * once, each slot that holds anything in the index, each day under the tag of its place? 0 when all is well;
 * 1 when not: info->faults says how often, error->msg what was first. While others write nothing that is right
 * is reported. TQ_EINVAL. [hot, time grows with the number of names] */
TQ_API int tq_ledger_check(struct tq_ledger *ledger, struct tq_ledger_info *info, struct tq_error *error);

/* Makes the file at path anew without what forgotten names and killed inserts left, and converts an older format
 * to this one. Nobody may have it open: TQ_EBUSY. The new file has the owner, the permissions, the ACL and the
 * other attributes (labels) of the old one; when they cannot be kept the answer is TQ_ESYS. When it dies, or fails,
 * the old file is there, untouched. TQ_EINVAL and the errors of open; error as there. [setup; blocks] */
TQ_API int tq_ledger_compact(const char *path, struct tq_error *error);

/* Writes a copy of the ledger, which may be one in private memory, to a new file at dest: mode 0600, on the disk
 * (fsync) when the call returns. Others may count meanwhile, from any thread and process: each word of the copy is
 * some value that it had during the call, and every name known at its start is in it. dest may be on any disk, also
 * on one that machines share. Nothing is written over: when there is a file at dest the answer is TQ_ESYS with
 * EEXIST. A call that fails removes its file; one that is killed leaves a file that no call takes for a ledger.
 * Needs as much memory as the copy has bytes, about 0.7 KB a name with 64 days. A ledger that is open for reading only
 * may be rebuilt by others meanwhile: TQ_EBUSY. 0; TQ_EINVAL, TQ_ENOMEM, TQ_EGONE, TQ_ENOSPC, TQ_ESYS; error as for
 * open. [setup; blocks] */
TQ_API int tq_ledger_backup(struct tq_ledger *ledger, const char *dest, struct tq_error *error);

/* Puts what the file at source holds in the place of what the ledger at path holds. source is a backup, or a copy of
 * a ledger made with cp; it is only read, and may be on any disk. Nobody may have the ledger at path open: TQ_EBUSY.
 * The new file has the owner, the permissions, the ACL and the labels of the file it replaces; when there is none
 * one is made as open makes it, mode 0600. A ledger that is too damaged to be opened may be replaced; a file that
 * never was a ledger is TQ_EFORMAT. When the call dies, or fails, the old ledger is there, untouched. TQ_EINVAL and
 * the errors of open; error as there. [setup; blocks] */
TQ_API int tq_ledger_restore(const char *path, const char *source, struct tq_error *error);

/* Waits until a state changes (somebody marked, cleared, or a prediction came or went), until the next
 * exclusion ends, or for timeout_ns (negative: without limit). Start with *seen = 0, which returns at once;
 * hand the same *seen in again. 0 when something changed, 1 when the time passed; TQ_EINVAL, TQ_EGONE. The
 * timeout is measured by a clock that nobody sets; ends of exclusions, by the one of tq_now_ns. Looks by
 * itself every 60 s (opened for reading only: every 100 ms): at the latest then it sees that the file was
 * replaced, that the clock was set past an end, or that who changed a state was killed before it woke anybody.
 * A call costs the same however many names there are. The look at all of them is made when an exclusion has
 * ended, and once in 60 s in each process that waits.
 * A signal does not end it, nor does an exclusion that ended before the call: look at the states just before,
 * or give a timeout. [blocks] */
TQ_API int tq_ledger_wait(struct tq_ledger *ledger, uint32_t *seen, int64_t timeout_ns);

/* ---- what a vendor says ---------------------------------------------------------------------------- */

/* What one response used, in the classes that vendors count apart. Zeroed it says nothing. */
#define TQ_USAGE_INPUT 1u /* known: */
#define TQ_USAGE_CACHE_READ 2u
#define TQ_USAGE_CACHE_WRITE 4u
#define TQ_USAGE_OUTPUT 8u
#define TQ_USAGE_REASONING 16u
#define TQ_USAGE_TOTAL 32u
#define TQ_USAGE_PARTIAL 1u /* flags: the response was cut short: counts may have grown after this */

struct tq_usage {
    uint32_t size;  /* sizeof(struct tq_usage) */
    uint32_t known; /* which of the counts the source had: a count that is not there is 0 here, unknown */
    uint32_t flags;
    uint32_t requests;   /* 1 for one response */
    int64_t input;       /* tokens read that came neither from a cache nor went into one */
    int64_t cache_read;  /* tokens read from a cache */
    int64_t cache_write; /* tokens written into a cache */
    int64_t output;      /* tokens made, those of reasoning among them */
    int64_t reasoning;   /* of output */
    int64_t total;       /* the source's own total, as it said it */
    int64_t counted; /* what counts against the limit by the vendor's rule; by default input + cache_write +
                        output */
    int64_t sent_at_ns; /* when the request was sent; 0: not known */
};

/* Classes of a refusal. */
#define TQ_CLASS_NONE 0       /* no refusal */
#define TQ_CLASS_THROTTLED 1  /* too much at once: wait seconds or minutes */
#define TQ_CLASS_EXHAUSTED 2  /* the quota of a longer window is spent */
#define TQ_CLASS_NO_MONEY 3   /* no credit, or a spending limit: waiting does not help */
#define TQ_CLASS_OVERLOADED 4 /* the vendor is short of capacity; says nothing of this account */
#define TQ_CLASS_TOO_LARGE 5  /* this request alone is more than the limit; says nothing of others */

/* "none", "throttled", "exhausted", "no-money", "overloaded", "too-large"; "unknown" for another number.
 * [hot] */
TQ_API const char *tq_class_name(uint32_t refusal);

/* What an axis limits. */
#define TQ_AXIS_UNKNOWN 0
#define TQ_AXIS_REQUESTS 1
#define TQ_AXIS_TOKENS 2
#define TQ_AXIS_INPUT 3
#define TQ_AXIS_OUTPUT 4
#define TQ_AXIS_MONEY 5
#define TQ_AXIS_CONCURRENCY 6

/* "requests", "tokens", "input tokens", "output tokens", "money", "concurrency"; "unknown". [hot] */
TQ_API const char *tq_axis_name(uint32_t what);

#define TQ_AXIS_LIMIT 1u /* known: */
#define TQ_AXIS_REMAINING 2u
#define TQ_AXIS_USED 4u
#define TQ_AXIS_RESET 8u
#define TQ_AXIS_EMPTY 1u       /* flags: nothing is left, or the vendor calls it rejected */
#define TQ_AXIS_FULL_REFILL 2u /* reset_at_ns is when the whole limit is back: some of it is earlier */
#define TQ_AXIS_MODEL_ONLY 4u  /* it limits the request's model, or another part of the account, only */

/* One limit of an account as a response tells it. Each is a bucket of its own. */
struct tq_axis {
    uint32_t what;  /* TQ_AXIS_REQUESTS, ... */
    uint32_t known; /* which of the numbers below were said */
    uint32_t flags;
    uint32_t used_ppm; /* millionths of the limit that are used; above 1,000,000 when the vendor says so */
    int64_t window_ns; /* length of its window; 0: not known */
    int64_t limit;
    int64_t remaining;
    int64_t reset_at_ns;
};

/* Where retry_at_ns of a signal comes from. */
#define TQ_SOURCE_NONE 0
#define TQ_SOURCE_RETRY_AFTER 1 /* the header Retry-After or retry-after-ms */
#define TQ_SOURCE_HEADER 2      /* another header */
#define TQ_SOURCE_BODY 3
#define TQ_SOURCE_CALENDAR 4 /* the end of a calendar window that the response named */
#define TQ_SOURCE_CALLER 5   /* a reading that a caller brought, such as a status line's */

#define TQ_SIGNAL_SUCCESS 1u /* flags: the request was served */
#define TQ_SIGNAL_CLAMPED 2u /* an instant was absurd and was brought into bounds */
#define TQ_SIGNAL_MODEL_ONLY                                                                                 \
    4u /* the refusal is of the request's model, not of the account. apply changes nothing                   \
          then: clear the flag when the provider is that model */
#define TQ_SIGNAL_AXES_DROPPED 8u /* the response had more than TQ_AXES_MAX */

#define TQ_AXES_MAX 16

/* What a response says about quota. tq_signal_read (tokenquota_signals.h) fills it from status, headers and
 * body; anybody may fill it by hand. */
struct tq_quota_signal {
    uint32_t size;    /* sizeof(struct tq_quota_signal) */
    uint32_t refusal; /* TQ_CLASS_... */
    uint32_t flags;
    uint32_t status;     /* of HTTP, 0: not known */
    uint32_t profile;    /* 1 to 255 says by which profile it was read, 0: none */
    uint32_t source;     /* TQ_SOURCE_... of retry_at_ns */
    uint32_t anomalies;  /* values that fitted no form and were ignored */
    int32_t binds;       /* the axis that the refusal is of, -1: not known */
    int64_t sent_at_ns;  /* when the request was sent, 0: not known */
    int64_t said_at_ns;  /* when the response came */
    int64_t retry_at_ns; /* when it is worth asking again, 0: not said */
    uint32_t axis_count;
    uint32_t reserved;
    struct tq_axis axis[TQ_AXES_MAX];
};

/* Observes usage->counted tokens, as tq_provider_observe does, with the same answers. When output is known to
 * be above 0 and sent_at_ns is known, it is tq_provider_success, too: somebody was served. TQ_EINVAL for a
 * NULL, a size that is too small, or counted below 0. [hot] */
TQ_API int tq_provider_observe_usage(struct tq_provider *provider, const struct tq_usage *usage,
                                     int64_t now_ns, int64_t *retry_at_ns);

/* Takes what a vendor said into account. By the class of its refusal:
 *
 *     throttled     out until retry_at_ns, at most 24 h; when that was not said 30 s, doubled at each
 *                   refusal of a request sent after the one before, up to 5 min
 *     overloaded    the same
 *     exhausted     out until retry_at_ns, at most 180 days; when that was not said until a probe succeeds
 *     no-money      the same
 *     too-large     nothing
 *     none          with TQ_SIGNAL_SUCCESS tq_provider_success(sent_at_ns), else nothing
 *
 * Of two refusals in force the later end stands, and the later "said". A refusal with an end takes the place
 * of one of its class without when its request was sent after that was said. Answers the state at said_at_ns
 * after it, as tq_provider_state does; TQ_EINVAL, TQ_ERANGE (said_at_ns is no instant, or not from 1970 to
 * 2105), TQ_ECLOCK, TQ_EGONE, TQ_EREADONLY. docs/verdicts.md has the whole table. [hot, but that a refusal
 * looks whether the file was replaced, and wakes who waits] */
TQ_API int tq_provider_apply(struct tq_provider *provider, const struct tq_quota_signal *signal);

/* A request sent at sent_at_ns was served: what the vendor said before that is over. Only that: what it said
 * later stands (the request was in flight), and so do marks and predictions. sent_at_ns of 0 or less, not
 * known, clears nothing. 0; TQ_EINVAL, TQ_EGONE, TQ_EREADONLY. [hot] */
TQ_API int tq_provider_success(struct tq_provider *provider, int64_t sent_at_ns);

/* ---- verdicts and routing --------------------------------------------------------------------------- */

/* Reasons. Where several hold, the one with the latest end is named; of equal ends, the first of this list.
 * Predicted and spent never hold at once: what a rule says is called spent when used >= budget. */
#define TQ_REASON_NONE 0
#define TQ_REASON_MARKED 1
#define TQ_REASON_REPORTED 2
#define TQ_REASON_THROTTLED 3
#define TQ_REASON_PREDICTED 4 /* foreseen: the budget is not used up, and will not last */
#define TQ_REASON_SPENT 5     /* the budget is used up */

/* "none", "marked", "reported", "throttled", "predicted", "spent"; "unknown" for another number. [hot] */
TQ_API const char *tq_reason_name(uint32_t reason);

/* Why a provider is in routing or out of it. Every number was true when it was read. */
struct tq_verdict {
    uint32_t size;    /* sizeof(struct tq_verdict), set by the caller */
    int32_t state;    /* TQ_AVAILABLE, TQ_QUOTA_EXHAUSTED */
    uint32_t reason;  /* TQ_REASON_..., of the latest end */
    uint32_t reasons; /* all that hold: bit 1 << TQ_REASON_... */
    uint32_t refusal; /* reported, throttled: TQ_CLASS_... */
    uint32_t axis;    /* the same: TQ_AXIS_... that binds, TQ_AXIS_UNKNOWN when it was not said */
    uint32_t source;  /* the same: TQ_SOURCE_... of its end */
    uint32_t profile; /* the same: by which profile it was read, 0: not known */
    uint32_t rule;    /* the provider's, never TQ_RULE_DEFAULT */
    uint32_t attempt; /* reported without an end: probes that failed */
    uint32_t probing; /* the same: 1 while somebody has the probe */
    uint32_t reserved;
    int64_t used;        /* in the UTC day of now_ns */
    int64_t budget;      /* 0: none */
    int64_t left;        /* budget - used, at least 0; 0 without a budget */
    int64_t retry_at_ns; /* 0: available; INT64_MAX: no known end */
    int64_t said_at_ns; /* reported, throttled: when it was said, to the second, never after at_ns; 0 else. While
                           a probe is out: when it was handed out */
    int64_t window_ns;  /* length of the window that binds: a day for our budget; 0: not known */
    int64_t probe_at_ns; /* reported without an end: when the next probe may be taken; 0 else */
    int64_t at_ns;       /* the instant that it is a verdict of: now_ns */
};

/* Fills verdict; answers its state. Only loads. TQ_EINVAL (NULL, or verdict->size too small), TQ_ERANGE,
 * TQ_EGONE. Looks whether the ledger's file was replaced, as tq_store_state does. [hot but for that] */
TQ_API int tq_provider_verdict(const struct tq_provider *provider, int64_t now_ns,
                               struct tq_verdict *verdict);

/* Makes one sentence of a verdict, in English, without a line end: what binds, until when, what would clear
 * it. As snprintf: at most capacity bytes with the NUL, and returns how many there would be without it;
 * negative: TQ_EINVAL. out may be NULL when capacity is 0. Does not allocate. */
TQ_API int tq_verdict_explain(const struct tq_verdict *verdict, char *out, size_t capacity);

/* Makes the same sentence with the name of the vendor, such as "OpenAI", in place of "the vendor".
 * tq_profile_vendor(tq_profile_of(verdict->profile)) of tokenquota_signals.h is such a name. vendor NULL: "the
 * vendor". */
TQ_API int tq_verdict_explain_named(const struct tq_verdict *verdict, const char *vendor, char *out,
                                    size_t capacity);

#define TQ_ROUTE_NO_PROBE 1u /* never hand a probe out */

struct tq_route {
    uint32_t size;       /* sizeof(struct tq_route), set by the caller */
    uint32_t probe;      /* 1: the chosen one is out, and this caller has its probe */
    uint64_t chosen;     /* index into providers */
    int64_t retry_at_ns; /* answer 1: when the chosen one is available again, or may be probed */
};

/* The first of count providers, in their order, that is available at now_ns, or whose probe is due and now
 * this caller's (see tq_provider_probe_take): 0. When there is none: 1, and the one that will be first.
 * TQ_EINVAL (also a NULL among the providers, or one of another ledger, or count 0), TQ_ERANGE, TQ_EGONE.
 * Looks whether the ledger's file was replaced, as tq_store_state does.
 * [hot but for that] */
TQ_API int tq_ledger_route(struct tq_ledger *ledger, struct tq_provider *const *providers, size_t count,
                           int64_t now_ns, uint32_t flags, struct tq_route *route);

/* A provider that the vendor reported out without an end is asked by one caller at a time, over all
 * processes. The first probe is due 5 minutes after it was said, and each one that fails doubles that, up to
 * 1 hour, each with up to an eighth more or less, by name and attempt, so that providers do not come all at
 * once. Who takes the probe sends one request and reports with tq_provider_success,
 * tq_provider_observe_usage, tq_provider_apply or tq_provider_probe_failure. The answer to a request that was
 * sent in the same second as the take, or later, is the probe's: a success lifts the refusal, a refusal doubles
 * the wait. A caller that says nothing for 2 minutes (counted from the start of that second) has lost the
 * probe, and the next may take it.
 *
 * 0: it is yours, *at_ns is when that ends. 1: not now, *at_ns is when it is due; 0 when none is needed.
 * at_ns may be NULL. TQ_EINVAL, TQ_ERANGE, TQ_EGONE, TQ_EREADONLY. [hot] */
#define TQ_PROBE_LEASE_NS INT64_C(120000000000)
TQ_API int tq_provider_probe_take(struct tq_provider *provider, int64_t now_ns, int64_t *at_ns);

/* A probe failed without a word from the vendor (no answer, a broken line). 0, also when nobody has one;
 * TQ_EINVAL, TQ_ERANGE, TQ_EGONE, TQ_EREADONLY. [hot] */
TQ_API int tq_provider_probe_failure(struct tq_provider *provider, int64_t now_ns);

/* Lists the providers whose probe is due and in nobody's hands at now_ns, as tq_store_exhausted_at lists;
 * retry_at_ns is since when. [hot, time grows with the number of names] */
TQ_API size_t tq_ledger_probes_due(struct tq_ledger *ledger, int64_t now_ns, struct tq_exhausted *out,
                                   size_t capacity);

/* ---- providers ------------------------------------------------------------------------------------- */

/* Takes tokens (above 0) back off the day that holds now_ns, down to 0: a correction, in one step. 0; TQ_EINVAL
 * for tokens <= 0, TQ_ERANGE, TQ_EAGE when the ledger no longer holds that day. A saturated day stays so. [hot,
 * but that of a day that is not the newest it looks at the clock] */
TQ_API int tq_provider_correct(struct tq_provider *provider, int64_t tokens, int64_t now_ns);

/* Forgets the provider's usage, as tq_tracker_reset does for all. [hot] */
TQ_API int tq_provider_reset(struct tq_provider *provider);

/* Forgets the provider: usage, budget, rule and marks are cleared, one after the other, and the walk passes it by
 * until it is recorded, marked, refused by its vendor, or given a budget or a rule again. What others say of it
 * meanwhile is either forgotten, or there and visible. Its slot stays the name's until compact. [hot] */
TQ_API int tq_provider_forget(struct tq_provider *provider);

/* The provider's own rule, TQ_RULE_DEFAULT for the ledger's; and setting it: TQ_EINVAL for no rule of this
 * version. What was predicted under the old rule is void; what was marked stays. [hot] */
TQ_API int tq_provider_rule(const struct tq_provider *provider);
TQ_API int tq_provider_set_rule(struct tq_provider *provider, uint32_t rule);

/* The calls of part one by handle; the same answers, and TQ_EINVAL for a NULL provider. All [hot], but for the
 * look of tq_provider_state. used and budget do not look whether the file was replaced (used is asked for many
 * days in a row): they answer TQ_EGONE once another call has seen it. */
TQ_API int tq_provider_record(struct tq_provider *provider, int64_t tokens, int64_t now_ns,
                              int64_t *retry_at_ns);
TQ_API int tq_provider_observe(struct tq_provider *provider, int64_t tokens, int64_t now_ns,
                               int64_t *retry_at_ns); /* tracker and store of the provider's own ledger */
TQ_API int64_t tq_provider_used(const struct tq_provider *provider, int64_t now_ns);
TQ_API int64_t tq_provider_budget(const struct tq_provider *provider);
TQ_API int tq_provider_set_budget(struct tq_provider *provider, int64_t budget);
TQ_API int tq_provider_state(const struct tq_provider *provider, int64_t now_ns, int64_t *retry_at_ns);
TQ_API int tq_provider_mark_quota_exhausted(struct tq_provider *provider, int64_t retry_at_ns);
TQ_API int tq_provider_mark_available(struct tq_provider *provider);

#ifdef __cplusplus
}
#endif

#endif
