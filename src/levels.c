/* levels.c: a record, and what keeps a provider out, over a provider and its pools.
 *
 * SPDX-License-Identifier: MIT
 */
#include "levels.h"

#include "event.h"
#include "state.h"

/* ---- records --------------------------------------------------------------------------------- */

/* The same instant at another slot of the ledger. */
TQ__HOT struct tq__at at_slot(struct tq__at at, struct tq__slot *slot)
{
    at.slot = slot;
    at.word = tq__count_word(slot, at.ledger->history_log2, at.window.day);
    at.rule = tq__rule_of(at.ledger, slot);
    at.budget = atomic_load_explicit(&slot->budget, memory_order_relaxed);
    return at;
}

/* Asks whether the day of a level may count the record (R1). A day of a pool may be too old where the
 * provider's is not. */
TQ__HOT int admit(const struct tq__at *at, bool *late)
{
    uint64_t unused;
    int answer = tq__record_admit(at, late);

    if (answer == 0 &&
        !tq__count_next(atomic_load_explicit(at->word, memory_order_relaxed), at->tag, 0, &unused))
        answer = tq__too_old(at->ledger);
    return answer;
}

/* Counts in one level. Returns as tq__record_count, with the end of day and limits. */
TQ__HOT int count(const struct tq__at *at, struct tq__limits *limits, struct tq__slot *skipped, bool late,
                  int64_t tokens, const struct tq__amounts *amounts, struct tq__mark *mark, int64_t *end_ns)
{
    const struct tq__adds adds = amounts ? (struct tq__adds){amounts, 0} : tq__adds_of_tokens(tokens);
    int answer = tq__record_count(at, tokens, late, mark, end_ns);
    int64_t limits_ns;

    if (answer < 0)
        return answer;
    limits_ns = tq__limits_add(at->ledger, skipped, limits, adds, at->now_ns);
    if (answer == TQ_AVAILABLE || limits_ns > *end_ns)
        *end_ns = limits_ns;
    return limits_ns > 0 ? TQ_EXHAUSTED : answer;
}

/* A record of a provider in a pool. All levels are asked before any of them counts, and all days before any
 * limit: a window turns only for a record that all days count. */
static __attribute__((noinline)) int record_pooled(struct tq_ledger *ledger, struct tq__slot *slot,
                                                   const struct tq__call *call, int64_t *latest_ns)
{
    const struct tq__at own = tq__at(ledger, slot, call->now_ns);
    struct tq__amounts amounts[TQ__LEVELS];
    struct tq__limits *limits[TQ__LEVELS];
    struct tq__slot *skipped[TQ__LEVELS];
    int answer = 0, exhausted = TQ_AVAILABLE;
    struct tq__levels levels;
    bool late[TQ__LEVELS];

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count && answer == 0; i++) {
        const struct tq__at at = at_slot(own, levels.slot[i]);

        answer = admit(&at, &late[i]);
    }
    for (uint32_t i = 0; i < levels.count && answer == 0; i++) {
        limits[i] = tq__limits_of(ledger, levels.slot[i]);
        answer = tq__limits_admit(ledger, levels.slot[i], limits[i], call->now_ns, &skipped[i]);
    }
    for (uint32_t i = 0; i < levels.count && answer >= 0; i++) {
        const struct tq__at at = at_slot(own, levels.slot[i]);
        struct tq__mark pool = {.ledger = ledger, .slot = levels.slot[i]};
        struct tq__mark *mark = i == 0                                          ? call->mark
                                : call->observes && at.rule == TQ_RULE_ORIGINAL ? &pool
                                                                                : NULL;
        int64_t end_ns = 0;

        if (call->usage)
            tq__amounts_of_usage(&amounts[i], limits[i], i > 0 ? &amounts[i - 1] : NULL, call->usage);
        answer = count(&at, limits[i], skipped[i], late[i], call->tokens, call->usage ? &amounts[i] : NULL,
                       mark, &end_ns);
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
    const struct tq__at at = tq__at(ledger, slot, call->now_ns);
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    struct tq__slot *skipped = NULL;
    struct tq__amounts amounts;
    bool late;
    int answer = admit(&at, &late);

    if (answer == 0)
        answer = tq__limits_admit(ledger, slot, limits, call->now_ns, &skipped);
    if (answer < 0)
        return answer;
    if (call->usage)
        tq__amounts_of_usage(&amounts, limits, NULL, call->usage);
    return count(&at, limits, skipped, late, call->tokens, call->usage ? &amounts : NULL, call->mark, end_ns);
}

TQ__HOT int record_levels(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__call *call,
                          int64_t *retry_at_ns)
{
    int64_t latest_ns = 0, pooled_ns = 0;
    int answer;

    /* Acquire as in tq__levels_of. */
    if (atomic_load_explicit(&slot->pool, memory_order_acquire) != 0) {
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
    const struct tq__call call = {tokens, NULL, now_ns, mark != NULL, mark};

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
        int64_t limits_ns = tq__limits_end(ledger, levels.slot[i], TQ__ENDS_ALL, now_ns, use_reserve);

        if (end_ns > latest_ns)
            latest_ns = end_ns;
        if (limits_ns > latest_ns)
            latest_ns = limits_ns;
    }
    return latest_ns;
}
