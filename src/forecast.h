/* forecast.h: a prediction that is looked at again at each record and taken back when it no longer holds.
 *
 * SPDX-License-Identifier: MIT
 *
 * Under every rule but the original's, a record leaves in `predicted` the instant until which the rule holds
 * if nothing more is recorded, else 0. Several threads may do so at once, and any may stall or die between
 * two steps, so an old answer must not outlive a newer one:
 *
 *   F1  `predicted` is loaded first, then what it is judged by, and it is swapped only from the value loaded;
 *   F2  after a swap everything is looked at once more, until what is written is what the rule says;
 *   F3  a record of an earlier day stops as soon as it sees that it is one. A later day's record raised the
 *       newest day before it wrote `predicted`: whoever loads what it wrote sees the newest day with it.
 *
 * Take a record A and any later change C of count or budget. All steps concerned are sequentially
 * consistent. If A's last look (after its swap) came after C's change, A wrote what the rule says with C. If
 * it came before, C's own look, or set_budget's clearing, comes after A's swap and puts it right. A thread
 * that dies in between leaves an answer that was true when it looked, until the next record.
 */
#ifndef TQ_FORECAST_H
#define TQ_FORECAST_H

#include "burn_rate.h"
#include "count.h"
#include "layout.h"
#include "state.h"

/* The instant until which the rule keeps the provider out, by what is recorded in `word`; 0: it does not. */
static inline int64_t tq__forecast_end(struct tq__slot *slot, _Atomic uint64_t *word, uint64_t tag,
                                       uint32_t rule, const struct tq__window *window, int64_t now_ns)
{
    int64_t budget = atomic_load_explicit(&slot->budget, memory_order_seq_cst); /* F2: with set_budget */
    uint64_t count = atomic_load_explicit(word, memory_order_seq_cst);          /* F2: with tq__count_swap */

    if (count >> TQ__COUNT_BITS != tag ||
        !tq__budget_exhausted(rule, tq__count_tokens(count), budget, window, now_ns))
        return 0;
    return window->end_ns > 0 ? window->end_ns : 0;
}

/* Brings `predicted` up to date after a record. */
static inline void tq__forecast_update(struct tq_ledger *ledger, struct tq__slot *slot,
                                       _Atomic uint64_t *word, uint64_t tag, uint32_t rule,
                                       const struct tq__window *window, int64_t now_ns)
{
    int64_t seen = atomic_load_explicit(&slot->predicted, memory_order_seq_cst); /* F1 */

    while (!tq__state_day_is_late(&slot->newest_day, window->day)) { /* F3 */
        int64_t end_ns = tq__forecast_end(slot, word, tag, rule, window, now_ns);

        if (end_ns == seen)
            return;
        if (atomic_compare_exchange_strong_explicit(&slot->predicted, &seen, end_ns, memory_order_seq_cst,
                                                    memory_order_seq_cst)) {
            seen = end_ns;
            tq__event(ledger);
        }
    }
}

/* After the budget was changed: what was predicted from the old one is void. */
static inline void tq__forecast_void(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* F2: with tq__forecast_end */
    if (atomic_exchange_explicit(&slot->predicted, 0, memory_order_seq_cst) != 0)
        tq__event(ledger);
}

#endif
