/* forecast.c: a prediction made, looked at again and taken back; forecast.h says why in this order.
 *
 * SPDX-License-Identifier: MIT
 */
#include "forecast.h"

#include "count.h"
#include "rule.h"
#include "state.h"

/* The instant until which the rule keeps the provider out at now_ns, by what is recorded in `word` and
 * predicted so far; 0: it does not. */
TQ__HOT int64_t end_by_rule(struct tq__slot *slot, _Atomic uint64_t *word, uint64_t tag, uint32_t rule,
                           const struct tq__window *window, int64_t now_ns, int64_t predicted)
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

/* All of F1 to F3. With pace false only whether the day is spent is looked at, as for a day that is not the
 * newest. */
static __attribute__((noinline)) int64_t settle(struct tq_ledger *ledger, struct tq__slot *slot,
                                                _Atomic uint64_t *word, uint64_t tag,
                                                const struct tq__window *window, int64_t now_ns, bool pace)
{
    int64_t seen = atomic_load_explicit(&slot->predicted, memory_order_seq_cst); /* F1 */

    for (;;) {
        uint32_t rule = tq__rule_of(ledger, slot); /* F2: with set_rule */
        bool all = pace && !tq__state_day_is_late(&slot->newest_day, window->day); /* F3 */
        int64_t end_ns;

        if (!all && rule == TQ_RULE_HORIZON)
            rule = TQ_RULE_OFF;
        end_ns = end_by_rule(slot, word, tag, rule, window, now_ns, seen);
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

/* One look, which most often finds that what is written is what the rule says. */
int64_t tq__forecast_update(struct tq_ledger *ledger, struct tq__slot *slot, _Atomic uint64_t *word,
                            uint64_t tag, uint32_t rule, const struct tq__window *window, int64_t now_ns)
{
    int64_t seen = atomic_load_explicit(&slot->predicted, memory_order_seq_cst);

    if (!tq__state_day_is_late(&slot->newest_day, window->day) &&
        end_by_rule(slot, word, tag, rule, window, now_ns, seen) == seen)
        return seen;
    return settle(ledger, slot, word, tag, window, now_ns, true);
}

void tq__forecast_spent(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* Sequentially consistent with tq__raise_newest. */
    uint32_t day = atomic_load_explicit(&slot->newest_day, memory_order_seq_cst);
    struct tq__window window;

    if (!tq__day_ok(day))
        return;
    window = tq__window_of_day(day);
    settle(ledger, slot, tq__count_word(slot, ledger->history_log2, day),
           tq__count_tag(ledger->history_log2, day), &window, window.start_ns, false);
}

void tq__forecast_anew(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* F2: with the swap of settle */
    if (atomic_exchange_explicit(&slot->predicted, 0, memory_order_seq_cst) != 0)
        tq__event(ledger);
    tq__forecast_spent(ledger, slot);
}
