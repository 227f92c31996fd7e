/* windows.h: the windows of limits, and what was used in each, of records that are fed in the order of time.
 *
 * SPDX-License-Identifier: MIT
 *
 * replay and `usage --by window` count records on a private ledger with limits. After each record they look
 * how the limits of its provider stand; so a window is what the library says it is. A window in which nothing
 * was counted is not noted.
 *
 * A rolling limit and one that refills have no windows. Days stand for them, and each has the most that was
 * used at one time of it.
 */
#ifndef TOKENQUOTA_VIEW_WINDOWS_H
#define TOKENQUOTA_VIEW_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

#include "base/list.h"
#include "base/zone_file.h"

struct json_t;

struct window {
    int64_t start_at_ns;
    int64_t end_at_ns; /* 0: it never ends; the first record is its start */
    int64_t used;      /* in the limit's unit, at the end; a day: the most at one time */
    int64_t uncosted;  /* records without a cost in a limit of cost */
    bool spent;        /* no more than the reserve was left, or nothing */
};

/* A limit and its windows. */
struct limit_windows {
    struct tq_provider *provider;
    struct tq_limit limit;
    uint32_t number;            /* of the limit */
    uint32_t next;              /* of the same provider: its place in the list + 1; 0: none */
    struct window last, before; /* the newest two windows with records: late records count there */
    size_t seen;                /* windows, with these two */
    uint32_t said_ppm;          /* of a window that the vendor states: the share that it says is used */
    int64_t said_at_ns;         /* when; 0: it is none */

    /* What follows leaves `last` and `before` out until windows_end. */
    size_t spent;         /* windows */
    struct window most;   /* the first one with the most used */
    struct window *items; /* with `keep`: all of them */
    size_t count, capacity;
    int64_t uncosted;
};

struct windows {
    /* The caller's. */
    struct tq_ledger *ledger;
    bool keep;  /* each window, not the sums alone */
    bool local; /* days are those of the local zone */

    struct limit_windows *items;
    size_t count, capacity;
    struct tq__index by_provider;          /* the first limit of each */
    struct tq_limit others[TQ_LIMITS_MAX]; /* of providers without limits of their own */
    size_t others_count;
    bool pools; /* a provider is in a pool */
};

/* Sets a limit of the provider of this name, or with "*" of each provider without limits of its own. 0, or
 * the library's code with *error. */
int windows_set(struct windows *windows, const char *name, const struct tq_limit *limit,
                struct tq_error *error);

/* Sets the limits, pools, weights and prices that another ledger has. Fixed windows are called by the one of
 * at_ns. 0, or the library's code with *error. */
int windows_copy(struct windows *windows, struct tq_ledger *from, int64_t at_ns, struct tq_error *error);

/* Does a limit count something else than tokens and requests? */
bool windows_need_parts(const struct windows *windows);

/* Is called before the first record of a provider: gives it the limits of "*". 0, or the library's code. */
int windows_meet(struct windows *windows, struct tq_provider *provider);

/* Is called after each record: notes the windows of the provider and of its pools. 0, or the library's code.
 */
int windows_look(struct windows *windows, struct tq_provider *provider, int64_t at_ns);

/* Counts a record in the windows that the vendor states, of the provider and of its pools. Of these only the
 * one of now is known: where the others began nobody knows. */
void windows_count_stated(struct windows *windows, struct tq_provider *provider, const struct tq_usage *usage,
                          int64_t at_ns);

/* After the last record: ends the last windows and sorts the limits by provider. TQ_ENOMEM, or 0. Afterwards
 * no limit can be found. */
int windows_end(struct windows *windows);

void windows_free(struct windows *windows);

/* The limit of this number; NULL: the provider has none that was set here. */
struct limit_windows *windows_find(const struct windows *windows, const struct tq_provider *provider,
                                   uint32_t number);

/* ---- window_words.c -------------------------------------------------------------------------- */

/* How much of the amount is left; -1 without an amount. */
int64_t window_left(const struct tq_limit *limit, int64_t used);

/* Did it end by at_ns; and is any part of it behind since_ns and before until_ns? */
static inline bool window_has_ended(const struct window *window, int64_t at_ns)
{
    return window->end_at_ns != 0 && window->end_at_ns <= at_ns;
}

static inline bool window_is_of(const struct window *window, int64_t since_ns, int64_t until_ns)
{
    return window->start_at_ns < until_ns && (window->end_at_ns == 0 || window->end_at_ns > since_ns);
}

/* Do days stand for the windows of this limit? */
bool window_is_day(const struct tq_limit *limit);

/* The clocks by which people read the windows of a limit: those of its zone for a calendar window, else those
 * of the report. */
struct window_clock {
    struct tq__zone_file file;
    bool has_zone;
    bool local;
};

void window_clock_init(struct window_clock *clock, const struct tq_limit *limit, bool local);

/* Seconds that they are ahead of UTC. */
int64_t window_clock_offset(const struct window_clock *clock, int64_t at_ns);

/* The name of the zone. */
void window_clock_name(char name[TQ__ZONE_NAME_BYTES], const struct window_clock *clock,
                       const struct limit_windows *limit);

/* What a window is called: "2026-03-02", "2026-03", "2026-Q1", "2026", "2026-03-02 05:00". */
#define WINDOW_LABEL_BYTES 32
void window_label(char out[WINDOW_LABEL_BYTES], const struct window_clock *clock,
                  const struct tq_limit *limit, int64_t start_at_ns);

/* ---- as JSON --------------------------------------------------------------------------------- */

/* What every object of a limit begins with: its provider, and the limit as limit_json has it. */
struct json_t *windows_limit_json(const struct limit_windows *limit);

/* A list with an object for each limit: how many windows, and the most that was used in one. */
struct json_t *windows_sums_json(const struct windows *windows);

/* A list with an object for each limit and its windows that end after since_ns. at_ns: those that end later
 * still run. */
struct json_t *windows_rows_json(const struct windows *windows, int64_t since_ns, int64_t until_ns,
                                 int64_t at_ns);

#endif
