/* state.h: is a provider in routing? Its state words, read and written.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each state word holds the instant until which it keeps the provider out, 0 for none. The provider is
 * exhausted while any of them is in force, and the answer is the latest end. Callers write `mark`.
 * Refusals of the vendor are in `reported` and `throttled` (refusal.h). A rule writes `predicted`, and
 * can take it back (forecast.h).
 *
 * A provider that is forgotten is hidden (TQ__HIDDEN) until something is written for it again. Forget
 * and every writer meet in two words, the flags and the word W that is written:
 *
 *     forget:  hide, then clear W                    a writer:  write W, then look at the flags and unhide
 *
 * All four steps are sequentially consistent. A writer that writes after forget cleared W therefore
 * finds the provider hidden, and unhides it. What was written before is forgotten. A writer that unhid
 * first could lose to a forget that hides in between: then W would hold something that nobody sees. A
 * thread that dies between its two steps leaves such a word until the next write, or until compact,
 * which keeps hidden slots that hold anything (tests/model/forget.pml).
 */
#ifndef TQ_STATE_H
#define TQ_STATE_H

#include <stdbool.h>

#include "event.h"
#include "ledger.h"
#include "refusal.h"
#include "tokenquota.h"
#include "count.h"

/* Shows a provider again that was forgotten, after something was written for it. */
static inline void tq__unhide(struct tq__slot *slot)
{
    /* Sequentially consistent, as is the write before it, with tq_provider_forget. */
    if (atomic_load_explicit(&slot->flags, memory_order_seq_cst) & TQ__HIDDEN)
        atomic_fetch_and_explicit(&slot->flags, (uint8_t)~TQ__HIDDEN, memory_order_seq_cst);
}

/* The latest end of all state words, elapsed or not; 0 when none is set. */
static inline int64_t tq__state_end(struct tq__slot *slot)
{
    /* Acquire pairs with tq__state_mark: a thread that sees a mark sees the name for which it was set. */
    int64_t end_ns = atomic_load_explicit(&slot->mark, memory_order_acquire);
    int64_t predicted = atomic_load_explicit(&slot->predicted, memory_order_acquire);
    uint64_t reported = atomic_load_explicit(&slot->reported, memory_order_acquire);
    uint64_t throttled = atomic_load_explicit(&slot->throttled, memory_order_acquire);

    if (predicted > end_ns)
        end_ns = predicted;
    return (reported | throttled) == 0 ? end_ns : tq__refusal_latest_end(reported, throttled, end_ns);
}

/* levels.c: the latest end of all that keeps a linked provider out at now_ns: the words and the limits of
 * each level. 0, or an instant that has passed: nothing does. */
int64_t tq__levels_end(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, bool use_reserve);

static inline int tq__state_at(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                               bool use_reserve, int64_t *retry_at_ns)
{
    int64_t end_ns =
        tq__slot_is_linked(slot) ? tq__levels_end(ledger, slot, now_ns, use_reserve) : tq__state_end(slot);
    bool exhausted = end_ns > now_ns && end_ns > 0;

    if (retry_at_ns)
        *retry_at_ns = exhausted ? end_ns : 0;
    return exhausted ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE;
}

/* Writes a caller's mark. The last one wins. 0 or less clears it. */
static inline void tq__state_mark(struct tq_ledger *ledger, struct tq__slot *slot, int64_t retry_at_ns)
{
    int64_t mark = retry_at_ns > 0 ? retry_at_ns : 0;

    /* Release pairs with the acquire in tq__state_end and tq__state_mark_from_day; sequentially consistent
     * for tq__unhide. */
    if (atomic_exchange_explicit(&slot->mark, mark, memory_order_seq_cst) != mark)
        tq__event_until(ledger, mark);
    if (mark > 0)
        tq__unhide(slot);
}

/* Is there a record of a later day? Sequentially consistent with the swap of clock.c that takes a newest day
 * back, and with tq__forget_usage. */
static inline bool tq__state_day_is_late(_Atomic uint32_t *newest, uint64_t day)
{
    return atomic_load_explicit(newest, memory_order_seq_cst) > day;
}

/* Marks until end_ns, which is the end of a day, or an instant within it that a rule gave for another
 * ledger's store. When `newest` says by now that the day is an earlier one, it marks only if late_too, and
 * then only ever makes the mark later.
 *
 * No earlier day ever shortens the mark of a later one. A thread that marks for a later day raises the newest
 * day first and marks after it. So either its mark is seen here, and with it the later newest day; or its
 * mark comes after the load here, and the swap fails. A reset clears the newest day, but not the mark. So
 * when the newest day is the marked slot's own, a mark that ends with a later day than this one also stays.
 * (A caller's mark may end so, and then stays longer.) */
static inline void tq__state_mark_from_day(struct tq_ledger *ledger, struct tq__slot *slot, int64_t end_ns,
                                           uint64_t day, _Atomic uint32_t *newest, bool late_too)
{
    const int64_t day_end_ns = tq__window_of_day(day).end_ns;
    const bool own = newest == &slot->newest_day;
    /* Acquire pairs with the swap below and in tq__state_mark. */
    int64_t seen = atomic_load_explicit(&slot->mark, memory_order_acquire);

    do {
        bool late = tq__state_day_is_late(newest, day);

        if (seen == end_ns || (late && (!late_too || seen > end_ns)) ||
            (own && seen > day_end_ns && seen % TQ__DAY_NS == 0))
            return;
        /* Sequentially consistent for tq__unhide. */
    } while (!atomic_compare_exchange_weak_explicit(&slot->mark, &seen, end_ns, memory_order_seq_cst,
                                                    memory_order_acquire));
    tq__event_until(ledger, end_ns);
    tq__unhide(slot);
}

/* Makes the provider available, whatever keeps it out: four steps, each valid by itself. They are
 * sequentially consistent for forget, which hides first. */
static inline void tq__state_clear(struct tq_ledger *ledger, struct tq__slot *slot)
{
    int64_t end_ns = tq__state_end(slot);

    atomic_store_explicit(&slot->mark, 0, memory_order_seq_cst);
    atomic_store_explicit(&slot->reported, 0, memory_order_seq_cst);
    atomic_store_explicit(&slot->throttled, 0, memory_order_seq_cst);
    atomic_store_explicit(&slot->predicted, 0, memory_order_seq_cst); /* and for forecast.h, F1 */
    if (end_ns != 0)
        tq__event(ledger);
}

#endif
