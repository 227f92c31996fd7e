/* shim.h: what Go calls in C: the calls of tokenquota.h behind a gate, so that none meets a ledger that is
 * closed.
 *
 * SPDX-License-Identifier: MIT
 *
 * Handles are uintptr_t, and the small answers are structs by value: so nothing that Go passes has to be on
 * its heap, and no pointer of Go is kept. An answer below 0 is a code of tokenquota.h, with errno x 256
 * subtracted from TQ_ESYS, or TQ_GO_CLOSED. An instant of TQ_GO_NOW is the clock's.
 */
#ifndef TQ_GO_SHIM_H
#define TQ_GO_SHIM_H

#if !__has_include(<tokenquota.h>)
#error "the C sources are missing: use a release of this module, or a replace line with the path of a clone"
#endif
#include <tokenquota.h>
#if __has_include(<tokenquota_signals.h>)
#include <tokenquota_signals.h>
#endif

#define TQ_GO_CLOSED (-200)
#define TQ_GO_NOW INT64_MIN
#define TQ_GO_NAME (TQ_NAME_MAX + 1)

struct tq_go; /* a ledger and its gate */

/* An answer, and an instant that belongs to it. */
struct tq_go_answer {
    int64_t code;
    int64_t at_ns;
};

/* ---- ledgers */

int64_t tq_go_open(const char *path, const struct tq_ledger_options *options, struct tq_error *error,
                   uintptr_t *go);
/* Waits for the calls that are in it, and closes the ledger; every call after it answers TQ_GO_CLOSED. */
void tq_go_close(uintptr_t go);
/* Closes the ledger and gives the gate back: no call may come after it. */
void tq_go_free(uintptr_t go);

int64_t tq_go_provider(uintptr_t go, const char *name, size_t len, uint32_t flags, uintptr_t *provider);

/* As tq_run_check. */
int64_t tq_go_run_check(uintptr_t go, uintptr_t provider);

#define TQ_GO_ALL 0        /* every provider */
#define TQ_GO_MARKED 1     /* as tq_store_all_exhausted */
#define TQ_GO_EXHAUSTED 2  /* as tq_store_exhausted_at */
#define TQ_GO_PROBES_DUE 3 /* as tq_ledger_probes_due */

/* Lists providers: handles, instants and names. Answers how many there are, and fills at most capacity. */
int64_t tq_go_list(uintptr_t go, int kind, int64_t now_ns, size_t capacity, uintptr_t *providers,
                   int64_t *at_ns, char (*names)[TQ_GO_NAME]);
int64_t tq_go_flush(uintptr_t go);
int64_t tq_go_reset_all(uintptr_t go);
int64_t tq_go_statistics(uintptr_t go, struct tq_ledger_info *info);
int64_t tq_go_check(uintptr_t go, struct tq_ledger_info *info, struct tq_error *error);
int64_t tq_go_backup(uintptr_t go, const char *dest, struct tq_error *error);
int64_t tq_go_wait(uintptr_t go, uint32_t *seen, int64_t timeout_ns);
int64_t tq_go_route(uintptr_t go, const uintptr_t *providers, size_t count, int64_t now_ns, uint32_t flags,
                    struct tq_route *route);

/* ---- without the gate, for the package quota, whose ledgers are never closed while a call may come */

int64_t *tq_go_mark_word(uintptr_t provider); /* core.c */
int64_t tq_go_bare_record(uintptr_t provider, int64_t tokens, int64_t now_ns);
int64_t tq_go_bare_observe(uintptr_t tracker, uintptr_t store, const char *name, size_t len, int64_t tokens,
                           int64_t now_ns);

/* What every call into C costs, for benchmarks. */
void tq_go_nothing(void);

/* ---- providers */

struct tq_go_answer tq_go_observe(uintptr_t go, uintptr_t provider, int64_t tokens, int64_t now_ns);
struct tq_go_answer tq_go_state(uintptr_t go, uintptr_t provider, int64_t now_ns);
int64_t tq_go_used(uintptr_t go, uintptr_t provider, int64_t now_ns);
int64_t tq_go_correct(uintptr_t go, uintptr_t provider, int64_t tokens, int64_t now_ns);
struct tq_go_answer tq_go_observe_usage(uintptr_t go, uintptr_t provider, const struct tq_usage *usage,
                                        int64_t now_ns);
int64_t tq_go_apply(uintptr_t go, uintptr_t provider, const struct tq_quota_signal *signal);
int64_t tq_go_verdict(uintptr_t go, uintptr_t provider, int64_t now_ns, struct tq_verdict *verdict);
int64_t tq_go_limits(uintptr_t go, uintptr_t provider, int64_t now_ns, struct tq_limit_state *out);
int64_t tq_go_set_limit(uintptr_t go, uintptr_t provider, const struct tq_limit *limit,
                        struct tq_error *error);

/* The settings of a provider that are one number. */
enum tq_go_setting { TQ_GO_BUDGET, TQ_GO_RULE, TQ_GO_CARE, TQ_GO_OVERAGE };
int64_t tq_go_get(uintptr_t go, uintptr_t provider, enum tq_go_setting setting);
int64_t tq_go_set(uintptr_t go, uintptr_t provider, enum tq_go_setting setting, int64_t value);

/* The calls that take one number or instant and answer whether. */
enum tq_go_deed {
    TQ_GO_MARK,           /* number: the mark's end */
    TQ_GO_MARK_AVAILABLE, /* number: now */
    TQ_GO_SUCCESS,        /* number: when the request was sent */
    TQ_GO_RESET,
    TQ_GO_FORGET,
    TQ_GO_REMOVE_LIMIT,  /* number: of the limit */
    TQ_GO_PROBE_FAILURE, /* number: now */
    TQ_GO_POLL_END
};
int64_t tq_go_do(uintptr_t go, uintptr_t provider, enum tq_go_deed deed, int64_t number);

struct tq_go_answer tq_go_probe_take(uintptr_t go, uintptr_t provider, int64_t now_ns);
struct tq_go_answer tq_go_poll_begin(uintptr_t go, uintptr_t provider, int64_t every_ns, int64_t now_ns);
int64_t tq_go_warn_take(uintptr_t go, uintptr_t provider, int64_t number, int64_t percent, int64_t now_ns);
int64_t tq_go_account(uintptr_t go, uintptr_t provider, uint64_t *account);
int64_t tq_go_set_pool(uintptr_t go, uintptr_t provider, uintptr_t pool);
int64_t tq_go_pool(uintptr_t go, uintptr_t provider, uintptr_t *pool, char name[TQ_GO_NAME]);
int64_t tq_go_weights(uintptr_t go, uintptr_t provider, int is_set, uint32_t weights[TQ_CLASSES]);
int64_t tq_go_price(uintptr_t go, uintptr_t provider, int is_set, int64_t price[TQ_CLASSES]);

/* ---- holds */

int64_t tq_go_hold(uintptr_t go, uintptr_t provider, const struct tq_amounts *amounts, int64_t lease_ns,
                   int64_t now_ns, struct tq_hold *hold);
int64_t tq_go_hold_settle(uintptr_t go, struct tq_hold *hold, const struct tq_usage *usage, int64_t now_ns);
int64_t tq_go_hold_cancel(uintptr_t go, struct tq_hold *hold);
int64_t tq_go_hold_extend(uintptr_t go, struct tq_hold *hold, int64_t lease_ns, int64_t now_ns);
int64_t tq_go_hold_id(uintptr_t go, const struct tq_hold *hold, char id[TQ_HOLD_ID_MAX]);
/* Also writes the name of its provider. */
int64_t tq_go_hold_find(uintptr_t go, const char *id, struct tq_hold *hold, char name[TQ_GO_NAME]);
int64_t tq_go_holds(uintptr_t go, uintptr_t provider, int64_t now_ns, struct tq_hold_state *out,
                    size_t capacity);

/* ---- responses */

/* Reads a response whose headers come as count names and values, one after the other in text: len[2 x i]
 * bytes of a name, then len[2 x i + 1] of its value. */
int64_t tq_go_signal(uint32_t status, const char *text, const size_t *len, size_t count, const char *body,
                     size_t body_len, const struct tq_profile *profile, int64_t sent_at_ns, int64_t now_ns,
                     struct tq_quota_signal *signal);
int64_t tq_go_usage_fields(const struct tq_profile *profile, const char *text, const size_t *len,
                           size_t count, struct tq_usage *usage);
int64_t tq_go_signal_limits(const struct tq_profile *profile, int is_statusline, const char *json, size_t len,
                            int64_t now_ns, struct tq_quota_signal *signal);
int64_t tq_go_usage_stream_read(const struct tq_usage_stream *stream, int64_t sent_at_ns, int64_t now_ns,
                                struct tq_usage *usage, struct tq_quota_signal *signal);

#endif
