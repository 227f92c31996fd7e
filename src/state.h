/* state.h: is a provider in routing? Its state words, read and written.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each state word holds the instant until which it keeps the provider out, 0 for none. The provider is
 * exhausted while any of them is in force; the answer is the latest end. `mark` is what callers say,
 * `reported` and `throttled` what the vendor said (said.h), `predicted` what a rule says that takes its word
 * back (forecast.h).
 */
#ifndef TQ_STATE_H
#define TQ_STATE_H

#include <stdbool.h>

#include "event.h"
#include "ledger.h"
#include "said.h"
#include "tokenquota.h"

/* The latest end of all state words, elapsed or not; 0 when none is set. */
static inline int64_t tq__state_end(struct tq__slot *slot)
{
    /* Acquire pairs with tq__state_mark: who sees a mark sees the name it was set under. */
    int64_t end_ns = atomic_load_explicit(&slot->mark, memory_order_acquire);
    int64_t predicted = atomic_load_explicit(&slot->predicted, memory_order_acquire);
    uint64_t reported = atomic_load_explicit(&slot->reported, memory_order_acquire);
    uint64_t throttled = atomic_load_explicit(&slot->throttled, memory_order_acquire);

    if (predicted > end_ns)
        end_ns = predicted;
    return (reported | throttled) == 0 ? end_ns : tq__said_latest_end(reported, throttled, end_ns);
}

static inline int tq__state_at(struct tq__slot *slot, int64_t now_ns, int64_t *retry_at_ns)
{
    int64_t end_ns = tq__state_end(slot);
    bool exhausted = end_ns > now_ns && end_ns > 0;

    if (retry_at_ns)
        *retry_at_ns = exhausted ? end_ns : 0;
    return exhausted ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE;
}

/* A caller's word: the last one wins. 0 or less clears. */
static inline void tq__state_mark(struct tq_ledger *ledger, struct tq__slot *slot, int64_t retry_at_ns)
{
    int64_t mark = retry_at_ns > 0 ? retry_at_ns : 0;

    /* Release pairs with the acquire in tq__state_end and tq__state_mark_from_day. */
    if (atomic_exchange_explicit(&slot->mark, mark, memory_order_release) != mark)
        tq__event_until(ledger, mark);
}

/* Is there a record of a later day? */
static inline bool tq__state_day_is_late(_Atomic uint32_t *newest, uint64_t day)
{
    return atomic_load_explicit(newest, memory_order_relaxed) > day;
}

/* Marks until the end of a day, unless `newest` says by now that the day is an earlier one. Whoever marked
 * for a later day raised its newest first and marked after, so: either the mark is seen here, and with it
 * the later newest; or it comes after the load here, and the swap fails. No late record ever shortens what
 * a newer one has marked. */
static inline void tq__state_mark_from_day(struct tq_ledger *ledger, struct tq__slot *slot, int64_t end_ns,
                                           uint64_t day, _Atomic uint32_t *newest)
{
    /* Acquire pairs with the release below and in tq__state_mark. */
    int64_t seen = atomic_load_explicit(&slot->mark, memory_order_acquire);

    do {
        if (seen == end_ns || tq__state_day_is_late(newest, day))
            return;
    } while (!atomic_compare_exchange_weak_explicit(&slot->mark, &seen, end_ns, memory_order_acq_rel,
                                                    memory_order_acquire));
    tq__event_until(ledger, end_ns);
}

/* Available, whatever held it out: four steps, each valid by itself. */
static inline void tq__state_clear(struct tq_ledger *ledger, struct tq__slot *slot)
{
    int64_t end_ns = tq__state_end(slot);

    atomic_store_explicit(&slot->mark, 0, memory_order_release);     /* pairs with tq__state_end */
    atomic_store_explicit(&slot->reported, 0, memory_order_release); /* the same */
    atomic_store_explicit(&slot->throttled, 0, memory_order_release);
    atomic_store_explicit(&slot->predicted, 0, memory_order_release); /* pairs with forecast.h, F1 */
    if (end_ns != 0)
        tq__event(ledger);
}

#endif
