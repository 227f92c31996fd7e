/* lasts.h: whether a limit, or the day's budget, lasts at the pace of its use, and where the day will end.
 *
 * SPDX-License-Identifier: MIT
 *
 * It is information: no provider is out because of it. The arithmetic is that of base/pace.h.
 */
#ifndef TOKENQUOTA_VIEW_LASTS_H
#define TOKENQUOTA_VIEW_LASTS_H

#include <tokenquota.h>

#include "view/interval.h"

struct json_t;

#define LASTS_PERCENT 80 /* of the interval that is shown */

enum lasts_kind {
    LASTS_UNKNOWN,  /* nothing is said */
    LASTS_SPENT,    /* it is used up, or the vendor refused */
    LASTS_NOT,      /* a rule says that it will not last */
    LASTS_RUNS_OUT, /* before its window ends */
    LASTS,
};

struct lasts {
    enum lasts_kind kind;
    int64_t out_at_ns; /* (runs out only) */
};

struct lasts limit_lasts(const struct tq_limit_state *state);

/* The budget of the UTC day of an instant, of which so much is used; unknown without one. */
struct lasts budget_lasts(int64_t used, int64_t budget, int64_t at_ns);

/* What a rule says outranks the pace: a budget that keeps its provider out, by the verdict, does not last. */
struct lasts lasts_by_rule(struct lasts budget, const struct tq_verdict *verdict);

/* Usage at the day's end if it goes on at the same rate, rounded up: above the budget by a hair still reads
 * above. -1 at the day's first instant. */
int64_t project(int64_t used, int64_t at_ns);

/* What a UTC day used, and how it will go on. */
struct outlook {
    int64_t used;             /* here and on other machines */
    int64_t others;           /* of it on other machines, as last told */
    int64_t budget;           /* 0: none */
    int64_t projection;       /* as project has it */
    struct lasts lasts;       /* the budget */
    struct interval interval; /* of LASTS_PERCENT, by the days before */
    uint32_t days; /* so many were looked at; 0: too few for an interval, nothing is used, or others used
                      something: the days before are this machine's alone */
};

/* Reads the day of the verdict's instant. verdict: the provider's. history_days: how many the ledger keeps.
 * With 0 nothing is said but used, budget and projection. 0, or negative from the library. */
int outlook_read(const struct tq_provider *provider, const struct tq_verdict *verdict, uint32_t history_days,
                 struct outlook *outlook);

/* An object with `lasts` and `runs_out_at`; what is not known is left out. */
struct json_t *lasts_json(struct lasts lasts);

/* And with `projection` and `interval`. */
struct json_t *outlook_json(const struct outlook *outlook);

#endif
