/* standings.h: how providers stand at an instant, and what they used day by day, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 * replay fills them from the log that it fed; status fills them from a ledger.
 */
#ifndef TOKENQUOTA_VIEW_STANDINGS_H
#define TOKENQUOTA_VIEW_STANDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <tokenquota.h>

#include "holds.h"
#include "view/lasts.h"
#include "view/limits.h"

struct json_t;

/* What one provider used in one UTC day. */
struct day {
    int64_t start_at_ns;
    int64_t used;
    int64_t exhausted_at_ns; /* when it first was out, at least its beginning; a ledger does not know this */
    bool exhausted;
};

struct provider {
    struct tq_provider *handle;
    const char *name; /* belongs to the ledger */
    uint32_t name_len;
    bool budget_given;   /* a budget names this provider, so the budget "*" does not apply */
    bool exhausted;      /* after the transitions so far */
    int64_t retry_at_ns; /* (exhausted only) */
    int64_t budget;      /* 0: none */
    int64_t records;
    struct day *days; /* in order */
    size_t day_count;
};

/* Finds the entry of a day, or makes it. NULL: no memory. */
struct day *provider_day(struct provider *provider, int64_t at_ns);

/* The entry of a day. NULL when nothing was used in it. */
const struct day *provider_find_day(const struct provider *provider, int64_t at_ns);

/* The tokens used in all days. */
int64_t provider_total(const struct provider *provider);

/* ---- standings ------------------------------------------------------------------------------- */

/* How a provider stands in the UTC day of an instant. */
struct standing {
    const struct provider *provider;
    struct tq_verdict verdict;
    struct outlook outlook; /* of its day */
    int64_t burn_rate;      /* tokens an hour, -1 when no time has passed */
    struct limits limits;   /* its own */
    struct limits above;    /* of its pool, when that one's limit binds: this limit */
    struct held held;       /* what calls that run hold of it */
    const char *pool;       /* the name of its pool, NULL: none */
    const char *binds;      /* the name of the pool whose limit or words bind; NULL: its own, or none */
    bool idle; /* nothing to see: available, nothing used, and whatever else the caller asks for */
};

/* The standings of several providers, the most urgent first. */
struct standings {
    struct standing *items;
    size_t count;
    size_t exhausted; /* so many of them are out; they are the first */
    size_t idle;      /* so many are idle; they are the last */
    int64_t at_ns;
    int64_t cut_off_at_ns;  /* cut_off_since of the ledger */
    uint32_t history_days;  /* of the ledger; 0: of a log, which has ended */
    const char *now;        /* how people call the instant, "The log ends at" */
    const char *idle_words; /* how people call the idle ones, "used nothing today" */
    bool of_log;            /* a replay: its days say when a provider first became exhausted, and its
                               documents count records in place of the verdict's reasons */
    bool latched;           /* of a log: exhausted providers stay out until their day ends */
};

/* Makes room for count standings, and has none of them yet. 0 or TQ_ENOMEM. Free them whatever the answer. */
int standings_init(struct standings *standings, size_t count);
void standings_free(struct standings *standings);

/* Appends how a provider stands at standings->at_ns. NULL: *answer, from the library. */
struct standing *standings_append(struct standings *standings, const struct provider *provider, int *answer);

/* Leaves the most urgent of those that are in, and tells of each other; passed_by may be NULL. */
void standings_keep(struct standings *standings, size_t most,
                    void (*passed_by)(void *context, const struct standing *standing), void *context);

/* Counts and sorts, when all are in. */
void standings_finish(struct standings *standings);

/* Arrays of all providers and of all their days. */
struct json_t *standings_json(const struct standings *standings);
struct json_t *standings_days_json(const struct standings *standings);

/* ---- the standings of a ledger --------------------------------------------------------------- */

#define DAYS_ALL UINT32_MAX

struct ledger_standings {
    /* The caller's. */
    struct tq_ledger *ledger;
    int64_t at_ns;
    const char *now; /* as in struct standings */
    uint32_t days;   /* with what was used in each of so many days, the newest ones */
    size_t most;     /* the most urgent ones, at most so many; 0: all */
    void (*passed_by)(void *context, const struct standing *standing); /* is told of each other; or NULL */
    void *context;

    struct provider *providers;
    size_t count;
    size_t capacity;
    bool named; /* they were added, not found */
    struct tq_ledger_info info;
    struct standings standings;
    size_t left_out;   /* so many others, by `most` */
    const char *about; /* after a failure: the provider it was with, or NULL */
};

/* Adds a provider; one that is there already is not added again. 0, or negative from the library. */
int ledger_standings_add(struct ledger_standings *all, struct tq_provider *provider);

/* Reads how the providers that were added stand; none: all of the ledger. 0, or negative from the library.
 * Free them whatever the answer. With `most` it needs no memory for the standings of the others. */
int ledger_standings_make(struct ledger_standings *all);
void ledger_standings_free(struct ledger_standings *all);

/* The document of status. path is the ledger's. */
struct json_t *ledger_standings_json(const struct ledger_standings *all, const char *path);

/* The ledger's own numbers. */
struct json_t *info_json(const struct tq_ledger_info *info);

#endif
