/* test_limits_model.c: random operations on the limits of providers and pools, compared with limits_model.c.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each run is a world of six providers, three of which may be members of pools, in private memory or in a
 * file. Each has a rule and a care of its own, which change once. After every operation all that the library
 * says of one provider must agree with itself and with the model: the list of its limits, both verdicts, its
 * state, the route and the list of what is out. A failure prints the seed of its run; TQ_SEED=that repeats it
 * alone. With TQ_STRESS=n there are n times as many runs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "limits_model.h"
#include "model.h"
#include "naive_calendar.h"
#include "rng.h"
#include "scratch.h"

#define RUNS 60
#define OPERATIONS 500
#define PROVIDERS 6
#define DAYS 8
#define MINUTE_NS (HOUR_NS / 60)
#define UNKNOWN (-2) /* an end that the model does not say */

struct world {
    struct rng rng;
    uint64_t seed;
    unsigned step;
    int64_t clock_ns, newest_ns; /* where records are about; the newest instant so far */
    int64_t pace_ns;             /* by which the clock moves on at most */
    int64_t late_ns;             /* how late a record comes at most */
    bool has_budgets, in_file;
    int64_t day_of[PROVIDERS][DAYS]; /* which day has which place */
    struct tq_ledger *ledger;
    struct tq_provider *provider[PROVIDERS];
    struct limits_model *limits;
    struct model *days;
};

static const char *const names[PROVIDERS] = {"p0", "p1", "p2", "p3", "p4", "p5"};

static void differ(const struct world *w, const char *what, int provider, uint32_t number, int64_t at_ns,
                   int64_t got, int64_t expected)
{
    struct lm_standing s;

    print_error("TQ_SEED=%" PRIu64 " step %u: %s of %s, limit %u, at %" PRId64 ": %" PRId64
                ", the model says %" PRId64 "\n",
                w->seed, w->step, what, names[provider], number, at_ns, got, expected);
    if (number && lm_standing(w->limits, provider, number, at_ns, &s))
        print_error("    unit %u, window %u, first %u, amount %" PRId64 ", reserve %" PRId64
                    " (%u), length %" PRId64 ", zone %s; used %" PRId64 " to %" PRId64 ", window %" PRId64
                    " to %" PRId64 "\n",
                    s.limit.unit, s.limit.window, s.limit.first, s.limit.amount, s.limit.reserve,
                    s.limit.reserve_share, s.limit.length_ns, s.limit.zone, s.used_low, s.used_high,
                    s.start_at_ns, s.end_at_ns);
    fail();
}

static void same(const struct world *w, const char *what, int provider, uint32_t number, int64_t at_ns,
                 int64_t got, int64_t expected)
{
    if (got != expected)
        differ(w, what, provider, number, at_ns, got, expected);
}

/* ---- drawing arguments ------------------------------------------------------------------------ */

static int64_t one_of(struct world *w, const int64_t *values, size_t count)
{
    return values[rng_below(&w->rng, (unsigned)count)];
}

#define ONE_OF(w, ...)                                                                                       \
    one_of(w, (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static int any_provider(struct world *w)
{
    return (int)rng_below(&w->rng, PROVIDERS);
}

static int64_t any_tokens(struct world *w)
{
    if (rng_below(&w->rng, 60) == 0)
        return ONE_OF(w, 0, -1, INT64_MIN, (INT64_C(1) << 32) - 1, (INT64_C(1) << 40) - 2, INT64_MAX);
    return rng_below_i64(&w->rng, 40);
}

/* Instants that move on, mostly; some late, some at the edges of windows. */
static int64_t any_instant(struct world *w)
{
    unsigned dice = rng_below(&w->rng, 100);

    w->clock_ns += rng_below_i64(&w->rng, dice < 4 ? 40 * w->pace_ns : w->pace_ns);
    if (w->clock_ns >= TQ_NOW_END_NS)
        w->clock_ns = TQ_NOW_END_NS - 1;
    if (dice < 70)
        return w->clock_ns;
    if (dice < 75)
        return w->clock_ns / (15 * MINUTE_NS) * (15 * MINUTE_NS) - (int64_t)rng_below(&w->rng, 2);
    if (dice < 90)
        return w->clock_ns - rng_below_i64(&w->rng, w->late_ns);
    return w->clock_ns - rng_below_i64(&w->rng, 1 + w->late_ns / 50);
}

static void any_window(struct world *w, struct tq_limit *limit)
{
    static const char *const zones[] = {"",
                                        "America/Los_Angeles",
                                        "Australia/Lord_Howe",
                                        "Asia/Kathmandu",
                                        "America/Santiago",
                                        "Africa/Cairo",
                                        "Pacific/Chatham",
                                        "Pacific/Kiritimati"};
    static const uint32_t firsts[] = {0, 7, 31, 12, 12};
    static const int64_t minutes[] = {15, 300, 60, 45, 1440, 10080, 366 * 1440};

    limit->window = 1 + rng_below(&w->rng, 10);
    if (limit->window <= TQ_WINDOW_YEAR) {
        if (firsts[limit->window - 1])
            limit->first = rng_below(&w->rng, firsts[limit->window - 1] + 1);
        strcpy(limit->zone, zones[rng_below(&w->rng, 8)]);
    } else if (limit->window == TQ_WINDOW_REFILL) {
        limit->length_ns = ONE_OF(w, 1, 60, 60, 3600, 31 * 86400) * 1000000000;
    } else if (limit->window != TQ_WINDOW_ONCE) {
        limit->length_ns =
            minutes[rng_below(&w->rng, limit->window == TQ_WINDOW_ROLLING ? 6 : 7)] * MINUTE_NS;
    }
    if (limit->window == TQ_WINDOW_FIXED)
        limit->anchor_at_ns = (MAY_DAY_NS / MINUTE_NS + 15 * (int64_t)rng_below(&w->rng, 10000)) * MINUTE_NS;
}

static void any_amount(struct world *w, struct tq_limit *limit)
{
    bool narrow = limit->window == TQ_WINDOW_FIRST_USE || limit->window == TQ_WINDOW_REFILL;

    limit->known = rng_below(&w->rng, 8) ? TQ_LIMIT_AMOUNT : 0;
    if (limit->known)
        limit->amount = rng_below(&w->rng, 12)
                            ? 1 + rng_below_i64(&w->rng, 1000)
                            : ONE_OF(w, 0, 1, 2, narrow ? UINT32_MAX : TQ_LIMIT_AMOUNT_MAX);
    if (limit->window == TQ_WINDOW_REFILL && limit->amount == 0)
        limit->amount = 5, limit->known = TQ_LIMIT_AMOUNT;
    if (limit->window == TQ_WINDOW_REFILL && limit->amount > limit->length_ns / 64)
        limit->amount = limit->length_ns / 64;
    if (rng_below(&w->rng, 3) == 0) {
        limit->known |= TQ_LIMIT_RESERVE;
        if (rng_below(&w->rng, 2))
            limit->reserve_share = rng_below(&w->rng, 10001);
        else
            limit->reserve = rng_below_i64(&w->rng, 300);
    }
}

/* ---- what is set ------------------------------------------------------------------------------ */

static void set_limit(struct world *w, int provider, const struct tq_limit *limit)
{
    struct tq_error error = {.size = sizeof error};
    int expected = lm_set(w->limits, provider, limit);
    int got = tq_provider_set_limit(w->provider[provider], limit, &error);

    if (got != expected)
        print_error("set_limit: %s\n", error.msg);
    same(w, "set_limit", provider, expected > 0 ? (uint32_t)expected : 0, 0, got, expected);
}

static void do_set(struct world *w)
{
    struct tq_limit limit = {.size = sizeof limit, .unit = 1 + rng_below(&w->rng, 7)};

    any_window(w, &limit);
    any_amount(w, &limit);
    set_limit(w, any_provider(w), &limit);
}

/* Another amount and reserve of a limit that is there. */
static void do_change(struct world *w)
{
    struct lm_standing standing;
    int provider = any_provider(w);

    if (!lm_standing(w->limits, provider, 1 + rng_below(&w->rng, 8), w->clock_ns, &standing))
        return;
    standing.limit.reserve = 0;
    standing.limit.reserve_share = 0;
    any_amount(w, &standing.limit);
    standing.limit.size = sizeof standing.limit;
    set_limit(w, provider, &standing.limit);
}

static void do_remove(struct world *w)
{
    int provider = any_provider(w);
    uint32_t number = 1 + rng_below(&w->rng, 8);

    if (rng_below(&w->rng, 3))
        return;
    same(w, "remove_limit", provider, number, 0, tq_provider_remove_limit(w->provider[provider], number),
         !lm_remove(w->limits, provider, number));
}

static void do_weights(struct world *w)
{
    int provider = any_provider(w);
    uint32_t weights[TQ_CLASSES];
    int64_t price[TQ_CLASSES];

    for (int i = 0; i < TQ_CLASSES; i++) {
        weights[i] = (uint32_t)ONE_OF(w, 0, 1, 100, 999, 1000, 1250, 5000, 1000000);
        price[i] = ONE_OF(w, -1, 0, 1, 3000000, 15000000, INT64_C(1000000000000));
    }
    if (rng_below(&w->rng, 2)) {
        same(w, "set_weights", provider, 0, 0, tq_provider_set_weights(w->provider[provider], weights), 0);
        lm_set_weights(w->limits, provider, weights);
    } else {
        same(w, "set_price", provider, 0, 0, tq_provider_set_price(w->provider[provider], price), 0);
        lm_set_price(w->limits, provider, price);
    }
}

/* 0 and 1 may be in 3, 3 in 4: three levels. */
static void do_pool(struct world *w)
{
    int provider = (int)ONE_OF(w, 0, 1, 3), pool = provider == 3 ? 4 : 3;

    if (rng_below(&w->rng, 3) == 0)
        pool = LM_NONE;
    same(w, "set_pool", provider, 0, 0,
         tq_provider_set_pool(w->provider[provider], pool == LM_NONE ? NULL : w->provider[pool]), 0);
    lm_set_pool(w->limits, provider, pool);
}

static void do_mark(struct world *w)
{
    int provider = any_provider(w);
    int64_t until_ns = rng_below(&w->rng, 2) ? 0 : w->clock_ns + rng_below_i64(&w->rng, DAY_NS);

    same(w, "mark", provider, 0, until_ns, tq_provider_mark_quota_exhausted(w->provider[provider], until_ns),
         0);
    model_mark_quota_exhausted(w->days, names[provider], until_ns);
}

static void do_budget(struct world *w)
{
    int provider = any_provider(w);
    int64_t budget = rng_below(&w->rng, 3) ? 0 : 1 + rng_below_i64(&w->rng, 4000);

    if (!w->has_budgets)
        return;
    same(w, "set_budget", provider, 0, budget, tq_provider_set_budget(w->provider[provider], budget), 0);
    model_set_budget(w->days, names[provider], budget);
}

/* Any rule, or the rule care with any care. */
static void do_rule(struct world *w)
{
    int provider = any_provider(w);
    uint32_t rule = rng_below(&w->rng, TQ_RULE_CARE + 1);
    unsigned care = rng_below(&w->rng, 2) ? rng_below(&w->rng, TQ_CARE_MAX + 1) : rng_below(&w->rng, 9);

    if (w->has_budgets)
        return;
    if (rng_below(&w->rng, 3) == 0) {
        same(w, "set_rule", provider, 0, rule, tq_provider_set_rule(w->provider[provider], rule), 0);
        lm_set_rule(w->limits, provider, rule);
    } else {
        same(w, "set_care", provider, 0, care, tq_provider_set_care(w->provider[provider], care), 0);
        lm_set_care(w->limits, provider, care);
    }
}

/* ---- what all levels say ---------------------------------------------------------------------- */

/* A limit as the one that a verdict names. */
struct named {
    uint32_t level, number; /* number 0: none */
    int64_t end_ns;         /* 0: it does not exclude */
    int64_t left;           /* for this caller; may be below 0 */
    const struct tq_limit *limit;
    int64_t used, reserve;
    uint32_t reason; /* 0: it does not exclude */
    unsigned care;
    struct lm_rule rule; /* what it says when the limit is predicted to be exhausted */
};

/* What holds a provider back, for callers without or with the reserve: by its lists, and by the days and the
 * marks of the model. */
struct expected {
    int64_t end_ns;
    uint64_t limits;
    uint32_t reasons; /* of limits: a bit for each */
    int64_t days_ns;  /* the end of days and marks */
    struct named named;
    struct tq_limit limit;
};

/* Is less left of it in proportion? */
static bool is_tighter(const struct named *a, const struct named *b)
{
    return b->number == 0 || (__int128)a->left * b->limit->amount < (__int128)b->left * a->limit->amount;
}

/* The latest end binds; of equal ones, and of those that do not exclude, the one with the least left. */
static void name(struct expected *expected, const struct named *own)
{
    bool later = own->end_ns > expected->named.end_ns;

    if (!later && (own->end_ns < expected->named.end_ns || !is_tighter(own, &expected->named)))
        return;
    expected->named = *own;
    expected->limit = *own->limit;
    expected->named.limit = &expected->limit;
}

static void take_end(struct expected *expected, int64_t end_ns, int64_t now_ns)
{
    if (end_ns > now_ns && end_ns > expected->end_ns)
        expected->end_ns = end_ns;
}

static int64_t used_at(struct world *w, int provider, uint32_t number, int64_t now_ns)
{
    struct tq_limit_state list[TQ_LIMITS_MAX] = {{.size = sizeof *list}};
    int count = tq_provider_limits(w->provider[provider], now_ns, list, TQ_LIMITS_MAX);

    for (int i = 0; i < count; i++)
        if (list[i].number == number)
            return list[i].used;
    return -1;
}

/* When a limit holds less than `below`, from the list alone where the model has bounds only. */
static int64_t end_of(struct world *w, int provider, const struct tq_limit_state *got, int64_t now_ns,
                      int64_t below)
{
    struct lm_standing standing;

    lm_standing(w->limits, provider, got->number, now_ns, &standing);
    switch (standing.limit.window) {
    case TQ_WINDOW_ONCE:
        return INT64_MAX;
    case TQ_WINDOW_ROLLING:
        if (standing.old)
            return UNKNOWN;
        return below <= 0 ? INT64_MAX : lm_rolling_end(w->limits, provider, got->number, now_ns, below);
    case TQ_WINDOW_REFILL:
        return UNKNOWN;
    default: /* of a limit that is all reserve, while no window has begun, none is known */
        return standing.end_at_ns ? standing.end_at_ns : INT64_MAX;
    }
}

static void check_end(struct world *w, int provider, const struct tq_limit_state *got, int64_t now_ns,
                      int64_t end_ns, int64_t below)
{
    int64_t expected = end_of(w, provider, got, now_ns, below);

    if (expected != UNKNOWN) {
        same(w, "until", provider, got->number, now_ns, end_ns, expected);
        return;
    }
    if (below <= 0 || end_ns >= TQ_NOW_END_NS || got->limit.window == TQ_WINDOW_ROLLING)
        return;
    if (used_at(w, provider, got->number, end_ns) >= below)
        differ(w, "used at until", provider, got->number, end_ns, used_at(w, provider, got->number, end_ns),
               below);
    if (used_at(w, provider, got->number, end_ns - 1) < below)
        differ(w, "used before until", provider, got->number, end_ns - 1,
               used_at(w, provider, got->number, end_ns - 1), below);
}

/* What is used, and of which window: as the model says, within the error of the kind. */
static void check_count(struct world *w, int provider, const struct tq_limit_state *got, int64_t now_ns,
                        const struct lm_standing *s)
{
    int64_t used = got->used;

    same(w, "start", provider, got->number, now_ns, got->start_at_ns, s->start_at_ns);
    same(w, "end", provider, got->number, now_ns, got->end_at_ns, s->end_at_ns);
    if (s->old && used < s->used_low && (used == 0 || s->limit.window == TQ_WINDOW_ROLLING))
        return; /* gone */
    if (s->saturated)
        same(w, "used, saturated", provider, got->number, now_ns, used, INT64_MAX);
    else if (used < s->used_low || used > s->used_high)
        differ(w, "used", provider, got->number, now_ns, used, s->used_low);
    if (s->limit.unit == TQ_UNIT_COST && s->limit.window != TQ_WINDOW_ROLLING &&
        s->limit.window != TQ_WINDOW_REFILL && now_ns >= w->newest_ns)
        same(w, "uncosted", provider, got->number, now_ns, got->uncosted, s->uncosted);
}

static uint32_t share_of(int64_t used, int64_t amount)
{
    __extension__ __int128 share = amount > 0 ? (__int128)used * 1000000 / amount : 0;

    return share > UINT32_MAX ? UINT32_MAX : (uint32_t)share;
}

static void check_limit(struct world *w, int provider, const struct tq_limit_state *got, int64_t now_ns)
{
    int64_t amount = got->limit.amount, left, used = got->used;
    struct lm_standing s;
    struct lm_rule rule, spared;
    bool used_up;

    if (!lm_standing(w->limits, provider, got->number, now_ns, &s)) {
        differ(w, "a limit that is none", provider, got->number, now_ns, 1, 0);
        return;
    }
    same(w, "amount", provider, got->number, now_ns, amount, s.limit.amount);
    same(w, "unit", provider, got->number, now_ns, got->limit.unit, s.limit.unit);
    same(w, "window", provider, got->number, now_ns, got->limit.window, s.limit.window);
    check_count(w, provider, got, now_ns, &s);
    left = amount - s.reserve;
    used_up = amount > 0 && used >= left && now_ns >= 0; /* no limit holds before 1970 */
    rule = lm_rule(w->limits, provider, got->number, now_ns, used, false);
    spared = lm_rule(w->limits, provider, got->number, now_ns, used, true);
    same(w, "state", provider, got->number, now_ns, got->state, used_up || rule.end_ns > 0);
    same(w, "spent", provider, got->number, now_ns, got->spent,
         (used_up && used >= amount) || spared.end_ns > 0);
    same(w, "share", provider, got->number, now_ns, got->share_ppm, share_of(used, amount));
    if (used_up)
        check_end(w, provider, got, now_ns, got->until_ns, left);
    else if (rule.end_ns == 0 || s.limit.window != TQ_WINDOW_ROLLING || !s.ahead)
        same(w, "until", provider, got->number, now_ns, got->until_ns, rule.end_ns);
}

/* What is said of a limit that keeps the provider out. */
static void check_excluding(struct world *w, int provider, int64_t now_ns, const struct named *named,
                            const struct tq_verdict *verdict)
{
    same(w, "verdict's reason", provider, named->number, now_ns, verdict->reason, named->reason);
    same(w, "verdict's care", provider, named->number, now_ns, verdict->care, named->care);
    same(w, "verdict's expects", provider, named->number, now_ns, verdict->expects, named->rule.expects);
    same(w, "verdict's expected", provider, named->number, now_ns, verdict->expected, named->rule.expected);
}

static void check_named(struct world *w, int provider, int64_t now_ns, const struct expected *expected,
                        const struct tq_verdict *verdict)
{
    const struct named *named = &expected->named;

    if (verdict->state == TQ_QUOTA_EXHAUSTED && expected->limits == 0) {
        same(w, "verdict's limit", provider, 0, now_ns, verdict->limit, 0);
        return;
    }
    same(w, "verdict's limit", provider, 0, now_ns, verdict->limit, named->number);
    if (named->number == 0)
        return;
    same(w, "verdict's level", provider, 0, now_ns, verdict->level, named->level);
    same(w, "verdict's unit", provider, 0, now_ns, verdict->limit_unit, named->limit->unit);
    same(w, "verdict's window", provider, 0, now_ns, verdict->limit_window, named->limit->window);
    same(w, "verdict's used", provider, 0, now_ns, verdict->limit_used, named->used);
    same(w, "verdict's amount", provider, 0, now_ns, verdict->limit_amount, named->limit->amount);
    same(w, "verdict's reserve", provider, 0, now_ns, verdict->limit_reserve, named->reserve);
    if (expected->limits != 0)
        check_excluding(w, provider, now_ns, named, verdict);
}

static void check_verdict(struct world *w, int provider, int64_t now_ns, const struct expected *expected,
                          uint32_t flags)
{
    struct tq_verdict verdict = {.size = sizeof verdict, .flags = flags};
    struct tq_provider *const one[] = {w->provider[provider]};
    struct tq_route route = {.size = sizeof route};
    bool out = expected->end_ns != 0;
    int answer = tq_provider_verdict(w->provider[provider], now_ns, &verdict);

    same(w, "verdict", provider, flags, now_ns, answer, out);
    same(w, "verdict's state", provider, 0, now_ns, verdict.state, out);
    same(w, "verdict's retry_at_ns", provider, 0, now_ns, verdict.retry_at_ns, expected->end_ns);
    same(w, "verdict's limits", provider, 0, now_ns, (int64_t)verdict.limits, (int64_t)expected->limits);
    same(w, "verdict's reasons", provider, 0, now_ns, verdict.reasons & expected->reasons, expected->reasons);
    if (expected->days_ns == 0)
        same(w, "verdict's reasons", provider, 0, now_ns, verdict.reasons, expected->reasons);
    if (!out)
        same(w, "verdict's care", provider, 0, now_ns, verdict.care, lm_care(w->limits, provider));
    if (expected->limits == 0 || expected->named.end_ns > expected->days_ns)
        check_named(w, provider, now_ns, expected, &verdict);
    same(w, "route", provider, 0, now_ns, tq_ledger_route(w->ledger, one, 1, now_ns, flags, &route), out);
    if (out)
        same(w, "route's retry_at_ns", provider, 0, now_ns, route.retry_at_ns, expected->end_ns);
}

static bool listed(struct world *w, int provider, int64_t now_ns, int64_t *end_ns)
{
    struct tq_exhausted list[PROVIDERS];
    size_t count = tq_store_exhausted_at(tq_ledger_store(w->ledger), now_ns, list, PROVIDERS);

    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].provider, names[provider]) == 0) {
            *end_ns = list[i].retry_at_ns;
            return true;
        }
    return false;
}

/* Adds a limit of a level to what a caller with or without the reserve should be told. */
static void add_limit(struct world *w, int provider, uint32_t level, const struct tq_limit_state *got,
                      int64_t now_ns, bool use_reserve, struct expected *expected)
{
    struct named own = {.level = level, .number = got->number, .limit = &got->limit, .used = got->used};
    struct lm_standing standing;

    lm_standing(w->limits, provider, got->number, now_ns, &standing);
    if (got->limit.amount == 0 || now_ns < 0)
        return;
    own.reserve = standing.reserve;
    own.left = got->limit.amount - (use_reserve ? 0 : standing.reserve) - got->used;
    own.care = lm_care(w->limits, provider);
    if (own.left <= 0) {
        own.reason = TQ_REASON_SPENT;
        own.end_ns = use_reserve ? end_of(w, provider, got, now_ns, got->limit.amount) : got->until_ns;
    } else {
        own.rule = lm_rule(w->limits, provider, got->number, now_ns, got->used, use_reserve);
        own.reason = own.rule.end_ns > 0 ? TQ_REASON_PREDICTED : 0;
        own.end_ns = own.rule.end_ns;
        if (own.end_ns > 0 && standing.limit.window == TQ_WINDOW_ROLLING && standing.ahead)
            own.end_ns = use_reserve ? UNKNOWN : got->until_ns;
    }
    if (own.reason != 0) {
        expected->limits |= UINT64_C(1) << (8 * level + got->number - 1);
        expected->reasons |= 1u << own.reason;
    }
    if (own.end_ns == UNKNOWN) /* the list does not say when a limit ends whose reserve is spent */
        expected->end_ns = UNKNOWN;
    if (expected->end_ns == UNKNOWN)
        return;
    take_end(expected, own.end_ns, now_ns);
    name(expected, &own);
}

static void gather(struct world *w, int provider, int level, int64_t now_ns, struct expected expected[2])
{
    struct tq_limit_state list[TQ_LIMITS_MAX] = {{.size = sizeof *list}};
    int count = tq_provider_limits(w->provider[provider], now_ns, list, TQ_LIMITS_MAX), there = 0;
    int64_t end_ns;

    for (uint32_t i = 1; i <= TQ_LIMITS_MAX; i++) {
        struct lm_standing s;

        there += lm_standing(w->limits, provider, i, now_ns, &s);
    }
    same(w, "limits", provider, 0, now_ns, count, there);
    for (int i = 0; i < count; i++) {
        check_limit(w, provider, &list[i], now_ns);
        for (int j = 0; j < 2; j++)
            add_limit(w, provider, (uint32_t)level, &list[i], now_ns, j == 1, &expected[j]);
    }
    if (model_state(w->days, names[provider], now_ns, &end_ns) == TQ_QUOTA_EXHAUSTED)
        for (int i = 0; i < 2; i++) {
            if (expected[i].end_ns != UNKNOWN)
                take_end(&expected[i], end_ns, now_ns);
            if (end_ns > expected[i].days_ns)
                expected[i].days_ns = end_ns;
        }
}

/* Is a limit all reserve? Then it keeps ordinary callers out in the next window, too. */
static bool is_all_reserve(const struct world *w, int provider)
{
    struct lm_standing standing;

    for (int p = provider; p != LM_NONE; p = lm_pool(w->limits, p))
        for (uint32_t i = 1; i <= TQ_LIMITS_MAX; i++)
            if (lm_standing(w->limits, p, i, 0, &standing) && standing.limit.amount > 0 &&
                standing.reserve == standing.limit.amount)
                return true;
    return false;
}

/* What is out until an instant is out just before it and available then, if nothing more is recorded. But the
 * end of a rolling limit that is spent is one of its count: by the rule it may stay out for longer. */
static void check_retry(const struct world *w, int provider, int64_t now_ns, uint32_t flags)
{
    struct tq_verdict verdict = {.size = sizeof verdict, .flags = flags}, before = verdict;
    int64_t end_ns;

    if (now_ns < w->newest_ns || now_ns < 0 || (flags == 0 && is_all_reserve(w, provider)) ||
        tq_provider_verdict(w->provider[provider], now_ns, &verdict) != TQ_QUOTA_EXHAUSTED)
        return;
    end_ns = verdict.retry_at_ns;
    if (end_ns >= TQ_NOW_END_NS)
        return;
    same(w, "verdict before its end", provider, flags, end_ns,
         tq_provider_verdict(w->provider[provider], end_ns - 1, &before), TQ_QUOTA_EXHAUSTED);
    if (tq_provider_verdict(w->provider[provider], end_ns, &verdict) == TQ_AVAILABLE)
        return;
    same(w, "reason at its end", provider, flags, end_ns, verdict.reason, TQ_REASON_PREDICTED);
    same(w, "window that is out at its end", provider, flags, end_ns, verdict.limit_window,
         TQ_WINDOW_ROLLING);
}

/* All that is said of a provider at an instant. */
static void check(struct world *w, int provider, int64_t now_ns)
{
    struct expected expected[2] = {{0}, {0}};
    int64_t end_ns = UNWRITTEN;
    int level = 0;

    for (int p = provider; p != LM_NONE; p = lm_pool(w->limits, p))
        gather(w, p, level++, now_ns, expected);
    check_verdict(w, provider, now_ns, &expected[0], 0);
    if (expected[1].end_ns != UNKNOWN)
        check_verdict(w, provider, now_ns, &expected[1], TQ_USE_RESERVE);
    check_retry(w, provider, now_ns, 0);
    check_retry(w, provider, now_ns, TQ_USE_RESERVE);
    same(w, "state", provider, 0, now_ns, tq_provider_state(w->provider[provider], now_ns, &end_ns),
         expected[0].end_ns != 0);
    same(w, "state's retry_at_ns", provider, 0, now_ns, end_ns, expected[0].end_ns);
    same(w, "state by name", provider, 0, now_ns,
         tq_store_state(tq_ledger_store(w->ledger), names[provider], now_ns, &end_ns),
         expected[0].end_ns != 0);
    same(w, "retry_at_ns by name", provider, 0, now_ns, end_ns, expected[0].end_ns);
    end_ns = 0;
    same(w, "exhausted_at", provider, 0, now_ns, listed(w, provider, now_ns, &end_ns),
         expected[0].end_ns != 0);
    same(w, "exhausted_at's retry_at_ns", provider, 0, now_ns, end_ns, expected[0].end_ns);
}

/* ---- counting --------------------------------------------------------------------------------- */

/* Does a level no longer hold the day of an instant? */
static bool day_is_gone(const struct world *w, int provider, int64_t now_ns)
{
    int64_t day = nc_divide(now_ns, DAY_NS), place = day - nc_divide(day, DAYS) * DAYS;

    for (int p = provider; p != LM_NONE; p = lm_pool(w->limits, p))
        if (w->day_of[p][place] > day)
            return true;
    return false;
}

/* Counts a record in the days of all levels. Returns 0, 1 when one of them is spent then, or TQ_EAGE: a level
 * no longer holds the day, and nothing is counted. */
static int record_days(struct world *w, int provider, int64_t tokens, int64_t now_ns, int64_t *end_ns)
{
    int64_t day = nc_divide(now_ns, DAY_NS), place = day - nc_divide(day, DAYS) * DAYS, at_ns;
    int answer = 0;

    if (day_is_gone(w, provider, now_ns))
        return TQ_EAGE;
    for (int p = provider; p != LM_NONE; p = lm_pool(w->limits, p)) {
        int own = model_record(w->days, names[p], tokens, now_ns, &at_ns);

        if (w->has_budgets)
            same(w, "the model's record", p, 0, now_ns, own < 0, 0);
        w->day_of[p][place] = day;
        answer = own > 0 ? 1 : answer;
        *end_ns = at_ns > *end_ns ? at_ns : *end_ns;
    }
    return answer;
}

/* A record is answered by the days and limits in which it counts, which are those of now unless it is late.
 */
static void check_answer(struct world *w, int provider, int64_t now_ns, int got, int64_t got_ns, int days,
                         int64_t end_ns)
{
    int limits = 0;

    same(w, "record", provider, 0, now_ns, got < 0 ? got : 0, days < 0 ? days : 0);
    if (days < 0 || now_ns < w->newest_ns)
        return;
    for (int p = provider; p != LM_NONE; p = lm_pool(w->limits, p)) {
        struct tq_limit_state list[TQ_LIMITS_MAX] = {{.size = sizeof *list}};
        int count = tq_provider_limits(w->provider[p], now_ns, list, TQ_LIMITS_MAX);

        for (int i = 0; i < count; i++) {
            limits |= list[i].state;
            end_ns = list[i].until_ns > end_ns ? list[i].until_ns : end_ns;
        }
    }
    if (got_ns != UNWRITTEN)
        same(w, "record's retry_at_ns", provider, 0, now_ns, got_ns, end_ns);
    same(w, "record's answer", provider, 0, now_ns, got, days | limits);
}

static void noted(struct world *w, int64_t now_ns)
{
    if (now_ns > w->newest_ns)
        w->newest_ns = now_ns;
}

static int record_by_any_door(struct world *w, int provider, int64_t tokens, int64_t now_ns,
                              int64_t *retry_at_ns)
{
    struct tq_tracker *tracker = tq_ledger_tracker(w->ledger);

    switch (rng_below(&w->rng, 4)) {
    case 0:
        return tq_provider_record(w->provider[provider], tokens, now_ns, retry_at_ns);
    case 1:
        return tq_provider_observe(w->provider[provider], tokens, now_ns, retry_at_ns);
    case 2:
        return tq_tracker_record(tracker, names[provider], tokens, now_ns, retry_at_ns);
    default:
        return tq_observe_token_usage(tracker, tq_ledger_store(w->ledger), names[provider], tokens, now_ns);
    }
}

static void do_record(struct world *w)
{
    int provider = any_provider(w), answer;
    int64_t tokens = any_tokens(w), now_ns = any_instant(w), retry_at_ns = UNWRITTEN, end_ns = 0;
    int got;

    answer = record_days(w, provider, tokens, now_ns, &end_ns);
    if (answer >= 0)
        lm_record(w->limits, provider, tokens, now_ns);
    noted(w, now_ns);
    got = record_by_any_door(w, provider, tokens, now_ns, &retry_at_ns);
    check_answer(w, provider, now_ns, got, retry_at_ns, answer, end_ns);
    check(w, provider, now_ns);
}

static void do_usage(struct world *w)
{
    struct tq_usage usage = {.size = sizeof usage, .known = rng_below(&w->rng, 128)};
    int provider = any_provider(w), answer, got;
    int64_t now_ns = any_instant(w), retry_at_ns, end_ns = 0;

    usage.requests = (uint32_t)ONE_OF(w, 0, 1, 1, 3);
    if (usage.known & TQ_USAGE_INPUT)
        usage.input = any_tokens(w);
    if (usage.known & TQ_USAGE_CACHE_READ)
        usage.cache_read = any_tokens(w);
    if (usage.known & TQ_USAGE_CACHE_WRITE)
        usage.cache_write = any_tokens(w);
    if (usage.known & TQ_USAGE_OUTPUT)
        usage.output = any_tokens(w);
    if (usage.known & TQ_USAGE_TOTAL)
        usage.total = any_tokens(w);
    if (usage.known & TQ_USAGE_COST)
        usage.cost_nano_usd = rng_below(&w->rng, 9) ? rng_below_i64(&w->rng, 90000) : any_tokens(w);
    usage.counted = rng_below(&w->rng, 60) ? rng_below_i64(&w->rng, 50) : INT64_MAX;
    answer = record_days(w, provider, usage.counted, now_ns, &end_ns);
    if (answer >= 0)
        lm_usage(w->limits, provider, &usage, now_ns);
    noted(w, now_ns);
    got = tq_provider_observe_usage(w->provider[provider], &usage, now_ns, &retry_at_ns);
    check_answer(w, provider, now_ns, got, retry_at_ns, answer, end_ns);
    check(w, provider, now_ns);
}

static void do_look(struct world *w)
{
    check(w, any_provider(w), any_instant(w));
}

/* The first of several that is available; else the one that is so first. */
static void do_route(struct world *w)
{
    struct tq_provider *providers[PROVIDERS];
    struct tq_route route = {.size = sizeof route};
    uint32_t flags = rng_below(&w->rng, 2) ? TQ_USE_RESERVE : 0;
    size_t count = 1 + rng_below(&w->rng, PROVIDERS), chosen = count;
    int64_t now_ns = any_instant(w), soonest_ns = 0;
    int answer;

    for (size_t i = 0; i < count; i++) {
        struct tq_verdict verdict = {.size = sizeof verdict, .flags = flags};

        providers[i] = w->provider[any_provider(w)];
        answer = tq_provider_verdict(providers[i], now_ns, &verdict);
        if (answer == TQ_AVAILABLE && (chosen == count || soonest_ns != 0)) {
            chosen = i;
            soonest_ns = 0;
        } else if (answer == TQ_QUOTA_EXHAUSTED &&
                   (chosen == count || (soonest_ns != 0 && verdict.retry_at_ns < soonest_ns))) {
            chosen = i;
            soonest_ns = verdict.retry_at_ns;
        }
    }
    answer = tq_ledger_route(w->ledger, providers, count, now_ns, flags, &route);
    same(w, "route of several", 0, 0, now_ns, answer, soonest_ns != 0);
    same(w, "route's choice", 0, 0, now_ns, (int64_t)route.chosen, (int64_t)chosen);
    if (soonest_ns != 0)
        same(w, "route's retry_at_ns of several", 0, 0, now_ns, route.retry_at_ns, soonest_ns);
}

/* A record is taken back. (The model of days knows no such call, so days have no budgets then.) */
static void do_correct(struct world *w)
{
    int provider = any_provider(w), got;
    int64_t tokens = 1 + rng_below_i64(&w->rng, rng_below(&w->rng, 9) ? 60 : INT64_MAX),
            now_ns = any_instant(w);

    if (w->has_budgets || day_is_gone(w, provider, now_ns))
        return;
    got = tq_provider_correct(w->provider[provider], tokens, now_ns);
    if (got != TQ_EAGE) {
        same(w, "correct", provider, 0, now_ns, got, 0);
        lm_correct(w->limits, provider, tokens, now_ns);
    }
    check(w, provider, now_ns);
}

static void reset_model(struct world *w, int provider)
{
    lm_reset(w->limits, provider);
    for (int i = 0; i < DAYS; i++)
        w->day_of[provider][i] = INT64_MIN;
}

static void do_reset_all(struct world *w)
{
    if (w->in_file || rng_below(&w->rng, 30))
        return;
    tq_tracker_reset(tq_ledger_tracker(w->ledger));
    model_reset(w->days);
    for (int i = 0; i < PROVIDERS; i++)
        reset_model(w, i);
    check(w, any_provider(w), any_instant(w));
}

static void do_reset_or_forget(struct world *w)
{
    struct tq_provider *pool;
    int provider = any_provider(w);
    unsigned dice = rng_below(&w->rng, 20);

    if (w->has_budgets)
        return;
    if (dice == 0) {
        same(w, "reset", provider, 0, 0, tq_provider_reset(w->provider[provider]), 0);
        reset_model(w, provider);
    } else if (dice == 1) {
        same(w, "forget", provider, 0, 0, tq_provider_forget(w->provider[provider]), 0);
        lm_forget(w->limits, provider);
        model_mark_quota_exhausted(w->days, names[provider], 0);
        reset_model(w, provider);
        same(w, "pool of a forgotten one", provider, 0, 0, tq_provider_pool(w->provider[provider], &pool), 1);
    }
    check(w, provider, any_instant(w));
}

/* ---- worlds ----------------------------------------------------------------------------------- */

static void open_world(struct world *w, uint64_t seed, const char *path)
{
    struct tq_ledger_options options = {
        .size = sizeof options, .history_days = DAYS, .max_ahead_ns = INT64_MAX};
    uint32_t rule;

    *w = (struct world){.rng = {seed}, .seed = seed};
    w->clock_ns = ONE_OF(w, -DAY_NS, 0, MAY_DAY_NS, MAY_DAY_NS, 20800 * DAY_NS, TQ_NOW_END_NS - 500 * DAY_NS);
    w->pace_ns = ONE_OF(w, MINUTE_NS / 60, MINUTE_NS, 20 * MINUTE_NS, DAY_NS);
    w->late_ns = ONE_OF(w, 1, 10 * MINUTE_NS, 6 * HOUR_NS, 3 * DAY_NS, 60 * DAY_NS);
    w->newest_ns = INT64_MIN;
    for (int i = 0; i < PROVIDERS * DAYS; i++)
        w->day_of[i / DAYS][i % DAYS] = INT64_MIN;
    w->has_budgets = seed % 2 == 0;
    w->in_file = path != NULL;
    options.rule = w->has_budgets && rng_below(&w->rng, 2) ? TQ_RULE_OFF : TQ_RULE_DEFAULT;
    if (!w->has_budgets)
        options.rule = rng_below(&w->rng, TQ_RULE_CARE + 1);
    rule = options.rule == TQ_RULE_DEFAULT ? TQ_RULE_CARE : options.rule;
    assert_int_equal(tq_ledger_open(&w->ledger, path, &options, NULL), 0);
    for (int i = 0; i < PROVIDERS; i++)
        assert_int_equal(tq_ledger_provider(w->ledger, names[i], strlen(names[i]), 0, &w->provider[i]), 0);
    w->limits = lm_new(PROVIDERS, rule);
    w->days = model_new(DAYS, w->has_budgets ? rule : TQ_RULE_OFF);
    for (int i = 0; i < PROVIDERS; i++)
        do_rule(w);
}

static void close_world(struct world *w)
{
    tq_ledger_close(w->ledger);
    lm_free(w->limits);
    model_free(w->days);
}

static void run(void **state, uint64_t seed)
{
    static void (*const calls[])(struct world *) = {
        do_record, do_record, do_record,  do_record,          do_usage,     do_usage,   do_look,
        do_look,   do_set,    do_set,     do_change,          do_remove,    do_weights, do_pool,
        do_mark,   do_budget, do_correct, do_reset_or_forget, do_reset_all, do_route,
    };
    struct world w;

    open_world(&w, seed, seed % 3 ? NULL : scratch_path(state, "ledger"));
    for (w.step = 0; w.step < OPERATIONS; w.step++) {
        if (w.step == OPERATIONS / 2)
            do_rule(&w);
        calls[rng_below(&w.rng, sizeof calls / sizeof *calls)](&w);
    }
    close_world(&w);
    remove(scratch_path(state, "ledger"));
}

static void test_random_operations(void **state)
{
    const char *stress = getenv("TQ_STRESS");
    uint64_t seed = rng_seed(0), runs = RUNS * (stress ? strtoull(stress, NULL, 10) : 1);

    if (seed != 0) {
        run(state, seed);
        return;
    }
    for (seed = 1; seed <= runs; seed++)
        run(state, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_random_operations),
    };

    return cmocka_run_group_tests_name("limits model", tests, NULL, NULL);
}
