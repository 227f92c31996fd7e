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
 * Take a record A and any later change C of count, half hours or budget. All steps concerned are sequentially
 * consistent. If A's last look (after its swap) came after C's change, A wrote what the rule says with C. If
 * it came before, C's own look, or set_budget's clearing, comes after A's swap and puts it right. A thread
 * that dies in between leaves an answer that was true when it looked, until the next record.
 *
 * The horizon's rule also looks at what was predicted before ("once so it holds"): it can only keep what is
 * in force, so looking again at what oneself wrote changes nothing.
 */
#ifndef TQ_FORECAST_H
#define TQ_FORECAST_H

#include "burn_rate.h"
#include "count.h"
#include "horizon.h"
#include "layout.h"
#include "state.h"

/* The instant until which the rule keeps the provider out at now_ns, by what is recorded in `word` and
 * predicted so far; 0: it does not. */
static inline int64_t tq__forecast_end(struct tq__slot *slot, _Atomic uint64_t *word, uint64_t tag,
                                       uint32_t rule, const struct tq__window *window, int64_t now_ns,
                                       int64_t predicted)
{
    int64_t budget = atomic_load_explicit(&slot->budget, memory_order_seq_cst); /* F2: with set_budget */
    uint64_t count = atomic_load_explicit(word, memory_order_seq_cst);          /* F2: with tq__count_swap */
    int64_t used = tq__count_tokens(count), end_ns = 0;

    if (count >> TQ__COUNT_BITS != tag || budget <= 0)
        return 0;
    if (used >= budget) {
        end_ns = window->end_ns;
    } else if (rule == TQ_RULE_HORIZON) {
        int64_t gone_ns;
        struct tq__half_hours half = tq__half_hours_read(slot, tq__half_hour_at(window, now_ns, &gone_ns));

        end_ns = tq__horizon_end(&half, used, budget, window, now_ns, predicted > now_ns);
    }
    return end_ns > 0 ? end_ns : 0;
}

/* Brings `predicted` up to date after a record, and gives what it is by the last look; 0 also for a day that
 * is not the newest. */
static inline int64_t tq__forecast_update(struct tq_ledger *ledger, struct tq__slot *slot,
                                          _Atomic uint64_t *word, uint64_t tag, uint32_t rule,
                                          const struct tq__window *window, int64_t now_ns)
{
    int64_t seen = atomic_load_explicit(&slot->predicted, memory_order_seq_cst); /* F1 */

    while (!tq__state_day_is_late(&slot->newest_day, window->day)) { /* F3 */
        int64_t end_ns = tq__forecast_end(slot, word, tag, rule, window, now_ns, seen);

        if (end_ns == seen)
            return end_ns;
        if (atomic_compare_exchange_strong_explicit(&slot->predicted, &seen, end_ns, memory_order_seq_cst,
                                                    memory_order_seq_cst)) {
            tq__event_until(ledger, end_ns);
            seen = end_ns;
        }
    }
    return 0;
}

/* What was predicted is void: what it was predicted from is no more. */
static inline void tq__forecast_void(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* F2: with tq__forecast_end */
    if (atomic_exchange_explicit(&slot->predicted, 0, memory_order_seq_cst) != 0)
        tq__event(ledger);
}

/* After the budget or the rule was changed. What was predicted from the old one is void; that the newest day
 * has used the new budget up holds by itself, whatever the time. What a pace says must wait for the next
 * record. */
static inline void tq__forecast_anew(struct tq_ledger *ledger, struct tq__slot *slot)
{
    uint32_t day = atomic_load_explicit(&slot->newest_day, memory_order_relaxed);
    struct tq__window window = tq__window_of_day(day);

    tq__forecast_void(ledger, slot);
    if (day >= TQ__DAY_BIAS && tq__rule_of(ledger, slot) != TQ_RULE_ORIGINAL)
        tq__forecast_update(ledger, slot, tq__count_word(slot, ledger->history_log2, day),
                            tq__count_tag(ledger->history_log2, day), TQ_RULE_OFF, &window, window.start_ns);
}

#endif
