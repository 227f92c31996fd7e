/* levels.c: a record, and what keeps a provider out, over a provider and its pools.
 *
 * SPDX-License-Identifier: MIT
 */
#include "levels.h"

#include "event.h"
#include "held.h"
#include "shared.h"
#include "state.h"

/* ---- records --------------------------------------------------------------------------------- */

/* The same instant at another slot of the ledger. */
TQ__HOT struct tq__at at_slot(struct tq__at at, struct tq__slot *slot)
{
    at.slot = slot;
    at.word = tq__count_word(slot, at.ledger->history_log2, at.window.day);
    at.rule = tq__rule_of(at.ledger, slot);
    at.limits = NULL;
    at.budget = atomic_load_explicit(&slot->budget, memory_order_relaxed);
    return at;
}

/* Asks whether the day of a level may count the record (R1). A day of a pool may be too old where the
 * provider's is not. */
TQ__HOT int admit(const struct tq__at *at, uint32_t held, bool *late)
{
    uint64_t unused;
    int answer = tq__record_admit(at, !(held >> TQ_UNIT_TOKENS & 1), late);

    if (answer == 0 &&
        !tq__count_next(atomic_load_explicit(at->word, memory_order_relaxed), at->tag, 0, &unused))
        answer = tq__too_old(at->ledger);
    return answer;
}

int tq__record_judge_withheld(const struct tq__at *at, int64_t tokens, int64_t used, int answer,
                              int64_t *end_ns)
{
    int64_t some = tokens > 0 && used != INT64_MAX ? tokens : 0;
    int64_t day_ns = tq__day_out(at, at->limits, used, NULL);
    struct tq__part part;

    if (day_ns == 0)
        return answer;
    tq__day_part(at, at->limits, &part);
    if (tq__weight(used - some, part.withheld) < at->budget ||
        tq__budget_crossed(tq__weight(used - some, part.others), tq__weight(used, part.others), at->budget))
        tq__event_until(at->ledger, day_ns);
    if (answer == TQ_AVAILABLE || day_ns > *end_ns)
        *end_ns = day_ns;
    return TQ_EXHAUSTED;
}

/* Counts in one level. Returns as tq__record_count, with the end of day and limits. */
TQ__HOT int count_here(const struct tq__at *at, struct tq__limits *limits, bool skipped, bool late,
                       int64_t tokens, const struct tq__amounts *amounts, uint32_t held,
                       struct tq__mark *mark, int64_t *end_ns)
{
    const struct tq__adds adds = amounts ? (struct tq__adds){amounts, 0} : tq__adds_of_tokens(tokens);
    int64_t limits_ns, used = 0;
    int answer = tq__record_count(at, tokens, !(held >> TQ_UNIT_TOKENS & 1), late, mark, &used, end_ns);

    if (answer < 0)
        return answer;
    answer = tq__record_judge_shared(at, tokens, used, answer, end_ns);
    if (tq__limits_lines(limits, at->now_ns) == 0)
        return answer;
    limits_ns = tq__limits_add(at->ledger, at->slot, limits, adds, at->now_ns,
                               at->rule == TQ_RULE_CARE ? tq__care_chosen(at->slot) : 0, held, skipped);
    if (answer == TQ_AVAILABLE || limits_ns > *end_ns)
        *end_ns = limits_ns;
    return limits_ns > 0 ? TQ_EXHAUSTED : answer;
}

/* What asking a level has found. */
struct asked {
    struct tq__limits *limits;
    bool skipped; /* tq__limits_admit */
    bool late;
};

/* Asks all levels before any of them counts, and all days before any limit: a window turns only for a record
 * that all days count. */
TQ__HOT int admit_all(const struct tq__at *own, const struct tq__levels *levels, uint32_t held,
                      struct asked *asked)
{
    int answer = 0;

    for (uint32_t i = 0; i < levels->count && answer >= 0; i++) {
        const struct tq__at at = at_slot(*own, levels->slot[i]);

        answer = admit(&at, held, &asked[i].late);
    }
    for (uint32_t i = 0; i < levels->count && answer >= 0; i++) {
        asked[i].limits = tq__limits_of(own->ledger, levels->slot[i]);
        answer =
            tq__limits_admit(own->ledger, levels->slot[i], asked[i].limits, own->now_ns, &asked[i].skipped);
    }
    return answer;
}

/* Counts in level i of a provider in a pool, and returns as count. */
TQ__HOT int count_level(const struct tq__at *at, const struct asked *asked, uint32_t i,
                        const struct tq__call *call, struct tq__amounts *amounts, int64_t *end_ns)
{
    struct tq__mark own = {.ledger = at->ledger, .slot = at->slot}, *mark = NULL;

    if (i == 0)
        mark = call->mark;
    else if (call->observes && at->rule == TQ_RULE_ORIGINAL)
        mark = &own;
    if (call->usage)
        tq__amounts_of_usage(&amounts[i], asked[i].limits, i > 0 ? &amounts[i - 1] : NULL, call->usage);
    return count_here(at, asked[i].limits, asked[i].skipped, asked[i].late, call->tokens,
                      call->usage ? &amounts[i] : NULL, call->held, mark, end_ns);
}

/* A record of a provider in a pool. */
static __attribute__((noinline)) int record_pooled(struct tq_ledger *ledger, struct tq__slot *slot,
                                                   const struct tq__call *call, int64_t *latest_ns)
{
    const struct tq__at own = tq__at(ledger, slot, call->now_ns);
    struct tq__amounts amounts[TQ__LEVELS];
    struct asked asked[TQ__LEVELS];
    int answer, exhausted = TQ_AVAILABLE;
    struct tq__levels levels;

    tq__levels_of(ledger, slot, &levels);
    answer = admit_all(&own, &levels, call->held, asked);
    for (uint32_t i = 0; i < levels.count && answer >= 0; i++) {
        struct tq__at at = at_slot(own, levels.slot[i]);
        int64_t end_ns = 0;

        at.limits = asked[i].limits;
        answer = count_level(&at, asked, i, call, amounts, &end_ns);
        if (i > 0 && answer < 0) /* a pool whose day was replaced since it was asked: the record is counted */
            answer = TQ_AVAILABLE;
        if (answer == TQ_EXHAUSTED) {
            if (exhausted == TQ_AVAILABLE || end_ns > *latest_ns)
                *latest_ns = end_ns;
            exhausted = TQ_EXHAUSTED;
        }
    }
    return answer < 0 ? answer : exhausted;
}

/* A record of a provider without one. What it looks at stays in registers: a swap waits for all stores before
 * it. */
TQ__HOT int record_alone(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__call *call,
                         int64_t *end_ns)
{
    struct tq__at at = tq__at(ledger, slot, call->now_ns);
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    struct tq__amounts amounts;
    bool late, skipped = false;
    int answer = admit(&at, call->held, &late);

    at.limits = limits;
    if (answer == 0)
        answer = tq__limits_admit(ledger, slot, limits, call->now_ns, &skipped);
    if (answer < 0)
        return answer;
    if (call->usage)
        tq__amounts_of_usage(&amounts, limits, NULL, call->usage);
    return count_here(&at, limits, skipped, late, call->tokens, call->usage ? &amounts : NULL, call->held,
                      call->mark, end_ns);
}

/* A record of tokens of a provider whose pool has none, which marks nothing: nearly all that have a pool. As
 * record_pooled, but it stays in registers. */
static __attribute__((noinline)) int record_two(struct tq_ledger *ledger, struct tq__slot *slot,
                                                struct tq__slot *pool, int64_t tokens, int64_t now_ns,
                                                int64_t *latest_ns)
{
    struct tq__at at = tq__at(ledger, slot, now_ns), above = at_slot(at, pool);
    struct asked own = {.limits = tq__limits_of(ledger, slot)};
    struct asked shared = {.limits = tq__limits_of(ledger, pool)};
    int answer = admit(&at, 0, &own.late), pooled;
    int64_t end_ns = 0, pooled_ns = 0;

    at.limits = own.limits;
    above.limits = shared.limits;
    if (answer == 0)
        answer = admit(&above, 0, &shared.late);
    if (answer == 0)
        answer = tq__limits_admit(ledger, slot, own.limits, now_ns, &own.skipped);
    if (answer == 0)
        answer = tq__limits_admit(ledger, pool, shared.limits, now_ns, &shared.skipped);
    if (answer == 0)
        answer = count_here(&at, own.limits, own.skipped, own.late, tokens, NULL, 0, NULL, &end_ns);
    if (answer < 0)
        return answer;
    pooled =
        count_here(&above, shared.limits, shared.skipped, shared.late, tokens, NULL, 0, NULL, &pooled_ns);
    if (pooled != TQ_EXHAUSTED) { /* or its day was replaced since it was asked: the record is counted */
        *latest_ns = end_ns;
        return answer;
    }
    *latest_ns = answer == TQ_EXHAUSTED && end_ns > pooled_ns ? end_ns : pooled_ns;
    return TQ_EXHAUSTED;
}

TQ__HOT int record_levels(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__call *call,
                          int64_t *retry_at_ns)
{
    /* Acquire as in tq__levels_of. */
    uint32_t link = atomic_load_explicit(&slot->pool, memory_order_acquire);
    struct tq__slot *pool = link != 0 ? tq__slot_number(ledger, link - 1) : NULL;
    int64_t latest_ns = 0, pooled_ns = 0;
    int answer;

    if (pool && pool != slot && !call->usage && !call->mark && !call->observes && call->held == 0 &&
        atomic_load_explicit(&pool->pool, memory_order_acquire) == 0) {
        answer = record_two(ledger, slot, pool, call->tokens, call->now_ns, &pooled_ns);
        latest_ns = pooled_ns;
    } else if (link != 0) {
        const struct tq__call shown = *call; /* so that the caller's stays in registers */

        answer = record_pooled(ledger, slot, &shown, &pooled_ns);
        latest_ns = pooled_ns;
    } else {
        answer = record_alone(ledger, slot, call, &latest_ns);
    }
    if (answer == TQ_EXHAUSTED && retry_at_ns)
        *retry_at_ns = latest_ns;
    return answer >= 0 && ledger->flush_always ? tq__record_flush(ledger, answer) : answer;
}

int tq__record_usage(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__call *call,
                     int64_t *retry_at_ns)
{
    return record_levels(ledger, slot, call, retry_at_ns);
}

int tq__record_linked(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns,
                      struct tq__mark *mark, int64_t *retry_at_ns)
{
    const struct tq__call call = {tokens, NULL, now_ns, mark != NULL, mark, 0};

    return record_levels(ledger, slot, &call, retry_at_ns);
}

void tq__levels_correct(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns)
{
    struct tq__levels levels;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        struct tq__at at = tq__at(ledger, levels.slot[i], now_ns);

        if (i > 0)
            tq__correct_day(&at, tokens);
        tq__limits_subtract(ledger, levels.slot[i], tokens, now_ns);
    }
    tq__soonest_lower(ledger, 1); /* an end may be an earlier one: whoever waits looks */
    tq__event(ledger);
}

/* ---- states ---------------------------------------------------------------------------------- */

int64_t tq__levels_end(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, bool use_reserve)
{
    struct tq__levels levels;
    int64_t latest_ns = 0;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        int64_t end_ns = tq__state_end(levels.slot[i]);
        struct tq__limits *limits = tq__limits_of(ledger, levels.slot[i]);
        int64_t limits_ns = tq__limits_end(ledger, levels.slot[i], limits, TQ__ENDS_ALL, now_ns, use_reserve);
        int64_t held_ns = 0, shared_ns = tq__day_out_at(ledger, levels.slot[i], limits, now_ns, NULL);

        if (__builtin_expect(tq__held_any(limits), 0))
            held_ns = tq__held_end(ledger, levels.slot[i], limits, now_ns, use_reserve);
        if (shared_ns > latest_ns)
            latest_ns = shared_ns;

        if (end_ns > latest_ns)
            latest_ns = end_ns;
        if (limits_ns > latest_ns)
            latest_ns = limits_ns;
        if (held_ns > latest_ns)
            latest_ns = held_ns;
    }
    return latest_ns;
}
