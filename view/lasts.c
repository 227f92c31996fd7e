/* lasts.c: whether a limit, or the day's budget, lasts at the pace of its use, and where the day will end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "lasts.h"

#include "base/pace.h"
#include "json.h"

static struct lasts lasts_of(int64_t out_at_ns)
{
    if (out_at_ns == TQ__PACE_UNKNOWN)
        return (struct lasts){LASTS_UNKNOWN, 0};
    if (out_at_ns == TQ__PACE_LASTS)
        return (struct lasts){LASTS, 0};
    return (struct lasts){LASTS_RUNS_OUT, out_at_ns};
}

struct lasts limit_lasts(const struct tq_limit_state *state)
{
    return state->state == TQ_QUOTA_EXHAUSTED ? (struct lasts){LASTS_SPENT, 0} : lasts_of(state->out_at_ns);
}

struct lasts budget_lasts(int64_t used, int64_t budget, int64_t at_ns)
{
    const int64_t start_at_ns = tq__day_start(at_ns);

    if (budget <= 0)
        return (struct lasts){LASTS_UNKNOWN, 0};
    if (used >= budget)
        return (struct lasts){LASTS_SPENT, 0};
    return lasts_of(tq__pace_out_ns(used, budget, start_at_ns, start_at_ns + TQ__DAY_NS, at_ns));
}

struct lasts lasts_by_rule(struct lasts budget, const struct tq_verdict *verdict)
{
    bool binds = verdict->state == TQ_QUOTA_EXHAUSTED && verdict->reason == TQ_REASON_PREDICTED &&
                 verdict->limit == 0 && verdict->level == 0;

    return binds && budget.kind != LASTS_RUNS_OUT ? (struct lasts){LASTS_NOT, 0} : budget;
}

int64_t project(int64_t used, int64_t at_ns)
{
    int64_t elapsed_ns = at_ns - tq__day_start(at_ns);

    return elapsed_ns ? tq__multiply_divide(used, TQ__DAY_NS, elapsed_ns, true) : -1;
}

/* Reads the totals of the days before the one that starts at start_at_ns, at most INTERVAL_DAYS. Sets *days
 * to how many the ledger has; 0 when the first of them with use is too near. */
static int read_totals(const struct tq_provider *provider, int64_t start_at_ns, uint32_t history_days,
                       int64_t totals[INTERVAL_DAYS], uint32_t *days)
{
    uint32_t first = 0, kept = history_days > INTERVAL_DAYS ? INTERVAL_DAYS : history_days - 1;

    for (uint32_t i = 0; i < kept; i++) {
        totals[i] = tq_provider_used(provider, start_at_ns - (int64_t)(i + 1) * TQ__DAY_NS);
        if (totals[i] == TQ_ERANGE)
            totals[i] = 0; /* before the first day that a ledger has */
        if (totals[i] < 0)
            return (int)totals[i];
        if (totals[i] > 0)
            first = i + 1;
    }
    *days = first < INTERVAL_DAYS_BEFORE ? 0 : kept;
    return 0;
}

/* What other machines used of the day: the verdict counts it, the provider's own count does not. A verdict
 * that names a pool speaks of the pool's day. */
static int64_t others_in(const struct tq_verdict *verdict, int64_t own)
{
    if (verdict->level > 0 && verdict->state == TQ_QUOTA_EXHAUSTED)
        return 0;
    return verdict->used > own ? verdict->used - own : 0;
}

int outlook_read(const struct tq_provider *provider, const struct tq_verdict *verdict, uint32_t history_days,
                 struct outlook *outlook)
{
    const int64_t budget = tq_provider_budget(provider), at_ns = verdict->at_ns;
    const int64_t own = tq_provider_used(provider, at_ns), others = own < 0 ? 0 : others_in(verdict, own);
    const int64_t used = own + others;
    int64_t totals[INTERVAL_DAYS];
    int answer = 0;

    *outlook = (struct outlook){
        .used = used, .others = others, .budget = budget, .projection = project(used, at_ns)};
    if (used < 0 || budget < 0)
        return (int)(used < 0 ? used : budget);
    if (history_days == 0)
        return 0;
    outlook->lasts = budget_lasts(used, budget, at_ns);
    if (used > 0 && others == 0) /* the days before are this machine's alone */
        answer = read_totals(provider, tq__day_start(at_ns), history_days, totals, &outlook->days);
    if (outlook->days > 0)
        outlook->interval = interval_of(totals, outlook->days, used, LASTS_PERCENT);
    return answer;
}

json_t *lasts_json(struct lasts lasts)
{
    json_t *object = json_object();

    if (lasts.kind != LASTS_UNKNOWN)
        object = json_join(object, json_pack("{s:b}", "lasts", lasts.kind == LASTS));
    if (lasts.kind == LASTS_RUNS_OUT)
        object = json_join(object, json_pack("{s:o}", "runs_out_at", instant_json(lasts.out_at_ns)));
    return object;
}

/* A day that used more than all that were looked at has no bounds. */
static json_t *interval_json(const struct outlook *outlook)
{
    json_t *object = json_pack("{s:i, s:i}", "percent", LASTS_PERCENT, "days", (int)outlook->days);

    if (outlook->interval.none)
        return object;
    return json_join(object, json_pack("{s:o, s:o}", "low", number_json(outlook->interval.low), "high",
                                       number_json(outlook->interval.high)));
}

json_t *outlook_json(const struct outlook *outlook)
{
    json_t *object = json_pack("{s:o}", "projection", number_json(outlook->projection));

    if (outlook->days > 0)
        object = json_join(object, json_pack("{s:o}", "interval", interval_json(outlook)));
    return json_join(object, lasts_json(outlook->lasts));
}
