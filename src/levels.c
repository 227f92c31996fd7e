/* levels.c: a record, and what keeps a provider out, over a provider and its pools.
 *
 * SPDX-License-Identifier: MIT
 */
#include "levels.h"

#include "event.h"
#include "state.h"

/* ---- records --------------------------------------------------------------------------------- */

/* One level of a record. */
struct level {
    struct tq__at at;
    struct tq__limits *limits;
    struct tq__amounts amounts;
    bool late;
};

/* Asks whether the day of the level may count the record (R1). A day of a pool may be too old where the
 * provider's is not. */
TQ__HOT int admit(struct level *level, struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    uint64_t unused;
    int answer;

    level->at = tq__at(ledger, slot, now_ns);
    level->limits = tq__limits_of(ledger, slot);
    answer = tq__record_admit(&level->at, &level->late);
    if (answer == 0 && !tq__count_next(atomic_load_explicit(level->at.word, memory_order_relaxed),
                                       level->at.tag, 0, &unused))
        answer = tq__too_old(ledger);
    return answer;
}

/* The same of its limits. A window turns only for a record that all days count. */
TQ__HOT int admit_limits(const struct level *level)
{
    return tq__limits_admit(level->at.ledger, level->at.slot, level->limits, level->at.now_ns);
}

/* Counts in one level. `below` is the level below, which has counted. Returns as tq__record_count, with the
 * end of day and limits. */
TQ__HOT int count(struct level *level, const struct level *below, const struct tq__call *call,
                  struct tq__mark *mark, int64_t *end_ns)
{
    int answer = tq__record_count(&level->at, call->tokens, level->late, mark, end_ns);
    int64_t limits_ns;

    if (answer < 0)
        return answer;
    if (answer == TQ_AVAILABLE)
        *end_ns = 0;
    if (call->usage)
        tq__amounts_of_usage(&level->amounts, level->limits, below ? &below->amounts : NULL, call->usage);
    else
        tq__amounts_of_tokens(&level->amounts, call->tokens);
    limits_ns = tq__limits_add(level->at.ledger, level->limits, &level->amounts, level->at.now_ns);
    if (limits_ns > *end_ns)
        *end_ns = limits_ns;
    return limits_ns > 0 ? TQ_EXHAUSTED : answer;
}

/* Asks all levels before any of them counts. */
static int admit_all(struct tq_ledger *ledger, const struct tq__levels *levels, int64_t now_ns,
                     struct level level[TQ__LEVELS])
{
    int answer = 0;

    for (uint32_t i = 0; i < levels->count && answer == 0; i++)
        answer = admit(&level[i], ledger, levels->slot[i], now_ns);
    for (uint32_t i = 0; i < levels->count && answer == 0; i++)
        answer = admit_limits(&level[i]);
    return answer;
}

/* A record of a provider in a pool. */
static __attribute__((noinline)) int record_pooled(struct tq_ledger *ledger, struct tq__slot *slot,
                                                   const struct tq__call *call, int64_t *latest_ns)
{
    int answer, exhausted = TQ_AVAILABLE;
    struct level level[TQ__LEVELS];
    struct tq__levels levels;

    tq__levels_of(ledger, slot, &levels);
    answer = admit_all(ledger, &levels, call->now_ns, level);
    for (uint32_t i = 0; i < levels.count && answer >= 0; i++) {
        struct tq__mark own = {.ledger = ledger, .slot = levels.slot[i]};
        struct tq__mark *mark = i == 0                                                   ? call->mark
                                : call->observes && level[i].at.rule == TQ_RULE_ORIGINAL ? &own
                                                                                         : NULL;
        int64_t end_ns = 0;

        answer = count(&level[i], i > 0 ? &level[i - 1] : NULL, call, mark, &end_ns);
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

int tq__record_levels(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__call *call,
                      int64_t *retry_at_ns)
{
    int64_t latest_ns = 0, pooled_ns = 0;
    struct level alone;
    int answer;

    /* Acquire as in tq__levels_of. */
    if (atomic_load_explicit(&slot->pool, memory_order_acquire) != 0) {
        answer = record_pooled(ledger, slot, call, &pooled_ns);
        latest_ns = pooled_ns;
    } else {
        answer = admit(&alone, ledger, slot, call->now_ns);
        if (answer == 0)
            answer = admit_limits(&alone);
        if (answer == 0)
            answer = count(&alone, NULL, call, call->mark, &latest_ns);
    }
    if (answer == TQ_EXHAUSTED && retry_at_ns)
        *retry_at_ns = latest_ns;
    return answer >= 0 && ledger->flush_always ? tq__record_flush(ledger, answer) : answer;
}

void tq__levels_correct(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns)
{
    struct tq__amounts amounts;
    struct tq__levels levels;

    tq__amounts_of_tokens(&amounts, tokens);
    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        struct tq__at at = tq__at(ledger, levels.slot[i], now_ns);

        if (i > 0)
            tq__correct_day(&at, tokens);
        tq__limits_subtract(ledger, levels.slot[i], &amounts, now_ns);
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
        int64_t limits_ns = tq__limits_end(ledger, levels.slot[i], TQ__ENDS_ALL, now_ns, use_reserve);

        if (end_ns > latest_ns)
            latest_ns = end_ns;
        if (limits_ns > latest_ns)
            latest_ns = limits_ns;
    }
    return latest_ns;
}
