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
    bool late;
};

/* Asks whether the level may count the record (R1). A day of a pool may be too old where the provider's is
 * not. */
static int admit(struct level *level)
{
    const struct tq__at *at = &level->at;
    int answer = tq__record_admit(at, &level->late);
    uint64_t unused;

    if (answer == 0)
        answer = tq__limits_admit(at->ledger, at->slot, at->now_ns);
    if (answer == 0 &&
        !tq__count_next(atomic_load_explicit(at->word, memory_order_relaxed), at->tag, 0, &unused))
        answer = tq__too_old(at->ledger);
    return answer;
}

/* Counts in the limits of a level. Returns the latest end of those that exclude; 0: none does. */
static int64_t add(const struct tq__at *at, const struct tq__call *call)
{
    struct tq__amounts amounts = call->usage ? tq__amounts_of_usage(at->ledger, at->slot, call->usage)
                                             : tq__amounts_of_tokens(call->tokens);

    return tq__limits_add(at->ledger, at->slot, &amounts, at->now_ns);
}

/* Counts in one level. Returns as tq__record_count, with the end of day and limits. */
static int count(const struct level *level, const struct tq__call *call, struct tq__mark *mark,
                 int64_t *end_ns)
{
    int answer = tq__record_count(&level->at, call->tokens, level->late, mark, end_ns);
    int64_t limits_ns;

    if (answer < 0)
        return answer;
    if (answer == TQ_AVAILABLE)
        *end_ns = 0;
    limits_ns = add(&level->at, call);
    if (limits_ns > *end_ns)
        *end_ns = limits_ns;
    return limits_ns > 0 ? TQ_EXHAUSTED : answer;
}

int tq__record_levels(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__call *call,
                      int64_t *retry_at_ns)
{
    int answer = 0, exhausted = TQ_AVAILABLE;
    struct level level[TQ__LEVELS];
    struct tq__levels levels;
    int64_t latest_ns = 0;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count && answer == 0; i++) {
        level[i].at = tq__at(ledger, levels.slot[i], call->now_ns);
        answer = admit(&level[i]);
    }
    for (uint32_t i = 0; i < levels.count && answer >= 0; i++) {
        struct tq__mark own = {.ledger = ledger, .slot = levels.slot[i]};
        struct tq__mark *mark = i == 0                                                   ? call->mark
                                : call->observes && level[i].at.rule == TQ_RULE_ORIGINAL ? &own
                                                                                         : NULL;
        int64_t end_ns = 0;

        answer = count(&level[i], call, mark, &end_ns);
        if (i > 0 && answer < 0) /* a pool whose day was replaced since it was asked: the record is counted */
            answer = TQ_AVAILABLE;
        if (answer == TQ_EXHAUSTED && (exhausted == TQ_AVAILABLE || end_ns > latest_ns))
            latest_ns = end_ns;
        if (answer == TQ_EXHAUSTED)
            exhausted = TQ_EXHAUSTED;
    }
    if (answer < 0)
        return answer;
    if (exhausted == TQ_EXHAUSTED && retry_at_ns)
        *retry_at_ns = latest_ns;
    return ledger->flush_always ? tq__record_flush(ledger, exhausted) : exhausted;
}

void tq__levels_correct(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns)
{
    struct tq__amounts amounts = tq__amounts_of_tokens(tokens);
    struct tq__levels levels;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        struct tq__at at = tq__at(ledger, levels.slot[i], now_ns);

        if (i > 0)
            tq__correct_day(&at, tokens);
        tq__limits_subtract(ledger, levels.slot[i], &amounts, now_ns);
    }
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
        int64_t limits_ns = tq__limits_end(ledger, levels.slot[i], now_ns, use_reserve);

        if (end_ns > latest_ns)
            latest_ns = end_ns;
        if (limits_ns > latest_ns)
            latest_ns = limits_ns;
    }
    return latest_ns;
}
