/* limits.h: all limits of a provider: asked and counted in by one record.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider without limits and without a pool never comes here: two words of its slot say so.
 */
#ifndef TQ_LIMITS_H
#define TQ_LIMITS_H

#include "line.h"
#include "table.h"

/* Maps limits number n, which this process has not mapped yet; NULL: they cannot be mapped. */
TQ__COLD struct tq__limits *tq__limits_reach(struct tq_ledger *ledger, uint32_t n);

/* The slot's limits; NULL: it has none, or they cannot be mapped. */
TQ__HOT struct tq__limits *tq__limits_of(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* Acquire pairs with the release in tq__limits_make; sequentially consistent for tq__limits_forget, which
     * hides first (state.h). */
    uint32_t number = atomic_load_explicit(&slot->limits, memory_order_seq_cst);
    struct tq__limits *limits;

    if (number == 0 || number > TQ__SLOTS_MAX)
        return NULL;
    limits = tq__array_at(&ledger->limits, number - 1);
    return limits ? limits : tq__limits_reach(ledger, number - 1);
}

/* How many lines may hold a limit that counts at now_ns. No limit knows an instant before 1970. */
TQ__HOT uint32_t tq__limits_lines(struct tq__limits *limits, int64_t now_ns)
{
    uint32_t high = limits && now_ns >= 0 ? atomic_load_explicit(&limits->high, memory_order_relaxed) : 0;

    return high < TQ__LIMITS ? high : TQ__LIMITS;
}

/* Makes limits for a slot that has none. 0 with *limits, or an error of tq__array_take. */
TQ__COLD int tq__limits_make(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits **limits);

/* In the amount of a limit that the vendor states: the user set it, too. */
#define TQ__AMOUNT_OF_USER (UINT64_C(1) << TQ__METER_BITS)

/* limit_set.c: sets a limit that the vendor states, as tq_provider_set_limit does, which answers the same. */
int tq__limits_place(struct tq_ledger *ledger, struct tq__limits *limits, const struct tq_limit *limit);

/* limit_set.c: removes it, so that another may have its line. Returns whether this call did. */
bool tq__limits_yield(const struct tq__line *line);

/* L1 of limit_set.c. Returns whether this call claimed the line, whose spec was free. */
static inline bool tq__limit_claim(struct tq__limit *line, uint64_t spec, uint64_t next)
{
    /* Acquire pairs with the claims of others: a spec that is loaded after the amount is at least as new. */
    uint64_t amount = atomic_load_explicit(&line->amount, memory_order_acquire);

    return tq__version_of(amount) != tq__version_of(next) &&
           atomic_load_explicit(&line->spec, memory_order_acquire) == spec &&
           atomic_compare_exchange_strong_explicit(&line->amount, &amount, next, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

/* The amounts of a record of tokens, which has no cost. One by one and in place: a struct that is copied
 * right after it was written waits for the writing. */
TQ__HOT void tq__amounts_of_tokens(struct tq__amounts *amounts, int64_t tokens)
{
    int64_t n = tokens > 0 ? tokens : 0;

    amounts->of[TQ_UNIT_SHARE % TQ__UNITS] = n;
    amounts->of[TQ_UNIT_TOKENS] = n;
    amounts->of[TQ_UNIT_INPUT] = amounts->of[TQ_UNIT_OUTPUT] = 0;
    amounts->of[TQ_UNIT_TOTAL] = n;
    amounts->of[TQ_UNIT_REQUESTS] = 1;
    amounts->of[TQ_UNIT_COST] = -1;
    amounts->of[TQ_UNIT_WEIGHTED] = n;
}

/* The amounts of a usage by the weights and the price of a slot. `below` has the amounts of the level below,
 * by which a pool counts that has no weights or no price of its own; NULL: there is none. */
void tq__amounts_of_usage(struct tq__amounts *amounts, struct tq__limits *limits,
                          const struct tq__amounts *below, const struct tq_usage *usage);

/* Asks, before a record at now_ns is counted, whether all limits of the slot may count it, and turns their
 * windows. Not those of its pool. 0; the errors of tq__clock_admit. */
int tq__limits_admit(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                     int64_t now_ns);

/* Counts in all of these limits. Returns the latest end of those that exclude then; 0: none does. Tells of
 * each that began to. */
int64_t tq__limits_add(struct tq_ledger *ledger, struct tq__limits *limits, const struct tq__amounts *amounts,
                       int64_t now_ns);

/* Takes amounts back. */
void tq__limits_subtract(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__amounts *amounts,
                         int64_t now_ns);

/* Forgets what is counted in all limits of the slot. */
void tq__limits_clear(struct tq_ledger *ledger, struct tq__slot *slot);

/* Removes all limits of the slot, its weights and its price. */
void tq__limits_forget(struct tq_ledger *ledger, struct tq__slot *slot);

/* Lowers *next_ns to the first instant after after_ns at which a limit of the slot no longer excludes. */
void tq__limits_soonest(struct tq_ledger *ledger, struct tq__slot *slot, int64_t after_ns, int64_t *next_ns);

/* Which ends are asked for: of what is counted here and of the user's stops, of the vendor's words. */
#define TQ__ENDS_OURS 1u
#define TQ__ENDS_VENDOR 2u
#define TQ__ENDS_ALL 3u

/* The latest end of the slot's limits that exclude at now_ns; 0: none does. Not those of its pool. */
int64_t tq__limits_end(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t which, int64_t now_ns,
                       bool use_reserve);

/* Does the user stop a provider whose plan is spent? */
static inline bool tq__overage_stops(struct tq__slot *slot)
{
    /* Relaxed: whoever changes it tells of it by an event. */
    return (atomic_load_explicit(&slot->flags, memory_order_relaxed) & TQ__OVERAGE_STOP) != 0;
}

#endif
