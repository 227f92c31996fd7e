/* forecast.h: a prediction that is looked at again at each record and taken back when it no longer holds.
 *
 * SPDX-License-Identifier: MIT
 *
 * Under every rule but the original's, a record leaves in `predicted` the instant until which the rule holds
 * if nothing more is recorded, else 0. Several threads may do so at once, and any may stall or die between
 * two steps, so an old answer must not outlive a newer one:
 *
 *   F1  `predicted` is loaded first, then what it is judged by, the rule included, and it is swapped only from
 *       the value loaded;
 *   F2  after a swap everything is looked at once more, until what is written is what the rule says;
 *   F3  a record of a day earlier than the newest speaks of its own day only: that the day is spent holds until
 *       its end, and is taken back when it is no longer so; a later day's word is left alone. A later day's
 *       record raised the newest day before it wrote `predicted`.
 *
 * Take a record A and any later change C of count, half hours, budget, rule or newest day. All steps concerned
 * are sequentially consistent. If A's last look (after its swap) came after C's change, A wrote what the rule
 * says with C. If it came before, C's own look, or the clearing of set_budget and set_rule, comes after A's
 * swap and puts it right (tests/model/rule.pml). A thread that dies in between leaves an answer that was true
 * when it looked, until the next record.
 *
 * F3 needs no newest day that is right. A wrong clock can raise it to a day of the future; what is spent
 * excludes all the same, and gate.h takes the newest day back.
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

    if (count >> TQ__COUNT_BITS != tag || budget <= 0 || rule == TQ_RULE_ORIGINAL)
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

/* Brings `predicted` up to date after a record, and gives what the rule says of the day by the last look. With
 * pace false only whether the day is spent is looked at, as for a day that is not the newest. */
static inline int64_t tq__forecast_update(struct tq_ledger *ledger, struct tq__slot *slot,
                                          _Atomic uint64_t *word, uint64_t tag,
                                          const struct tq__window *window, int64_t now_ns, bool pace)
{
    int64_t seen = atomic_load_explicit(&slot->predicted, memory_order_seq_cst); /* F1 */

    for (;;) {
        bool all = pace && !tq__state_day_is_late(&slot->newest_day, window->day); /* F3 */
        uint32_t rule = tq__rule_of(ledger, slot);                                 /* F2: with set_rule */
        int64_t end_ns;

        if (!all && rule == TQ_RULE_HORIZON)
            rule = TQ_RULE_OFF;
        end_ns = tq__forecast_end(slot, word, tag, rule, window, now_ns, seen);
        /* What ends with this day was said of it, what ends later of a later one. */
        if (end_ns == seen || (!all && end_ns < seen && seen != window->end_ns))
            return end_ns;
        if (atomic_compare_exchange_strong_explicit(&slot->predicted, &seen, end_ns, memory_order_seq_cst,
                                                    memory_order_seq_cst)) {
            tq__event_until(ledger, end_ns);
            seen = end_ns;
        }
    }
}

/* What was predicted is void: what it was predicted from is no more. */
static inline void tq__forecast_void(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* F2: with tq__forecast_end */
    if (atomic_exchange_explicit(&slot->predicted, 0, memory_order_seq_cst) != 0)
        tq__event(ledger);
}

/* Says that the newest day is spent, when it is. */
static inline void tq__forecast_spent(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* Sequentially consistent with tq__raise_newest. */
    uint32_t day = atomic_load_explicit(&slot->newest_day, memory_order_seq_cst);
    struct tq__window window;

    if (!tq__day_ok(day))
        return;
    window = tq__window_of_day(day);
    tq__forecast_update(ledger, slot, tq__count_word(slot, ledger->history_log2, day),
                        tq__count_tag(ledger->history_log2, day), &window, window.start_ns, false);
}

/* After the budget, the rule or the usage was changed. What was predicted from the old one is void; that the
 * newest day has used the new budget up holds by itself, whatever the time. What a pace says must wait for the
 * next record. */
static inline void tq__forecast_anew(struct tq_ledger *ledger, struct tq__slot *slot)
{
    tq__forecast_void(ledger, slot);
    tq__forecast_spent(ledger, slot);
}

#endif
