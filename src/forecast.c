/* forecast.c: making a prediction, looking at it again, taking it back. forecast.h says why in this order.
 *
 * SPDX-License-Identifier: MIT
 */
#include "forecast.h"

#include "limits.h"
#include "shared.h"
#include "state.h"

/* Returns the instant until which the rule keeps the provider out, by what is recorded now; 0 when it does
 * not. The rule horizon also looks at what was predicted so far. */
TQ__HOT int64_t end_by_rule(const struct tq__at *at, uint32_t rule, int64_t predicted)
{
    int64_t budget = atomic_load_explicit(&at->slot->budget, memory_order_seq_cst); /* F2: with set_budget */
    uint64_t count = atomic_load_explicit(at->word, memory_order_seq_cst); /* F2: with tq__count_swap */
    int64_t used = tq__count_tokens(count), end_ns = 0;

    if (!tq__at_counts(at, count) || budget <= 0 || rule == TQ_RULE_ORIGINAL)
        return 0;
    if (used >= budget) {
        end_ns = at->window.end_ns;
    } else if (tq__rule_notes(rule)) {
        struct tq__noted noted = tq__at_noted(at);

        /* What others used, or have left, is not there to last. That nothing is left says tq__day_out. */
        used = tq__weight(used, tq__day_withheld(at, at->limits));
        if (used < budget)
            end_ns = tq__rule_end(at, rule, &noted, used, budget, predicted > at->now_ns);
    }
    return end_ns > 0 ? end_ns : 0;
}

/* Does F1 to F3, and returns what the rule says by the last look. Without `pace` it looks only whether the
 * day is spent, as for a day that is not the newest. */
static __attribute__((noinline)) int64_t settle(const struct tq__at *at, bool pace)
{
    _Atomic int64_t *predicted = &at->slot->predicted;
    int64_t seen = atomic_load_explicit(predicted, memory_order_seq_cst); /* F1 */

    for (;;) {
        uint32_t rule = tq__rule_of(at->ledger, at->slot); /* F2: with set_rule */
        bool all = pace && !tq__state_day_is_late(&at->slot->newest_day, at->window.day); /* F3 */
        int64_t end_ns;

        if (!all && tq__rule_notes(rule))
            rule = TQ_RULE_OFF;
        end_ns = end_by_rule(at, rule, seen);
        /* An end that is this day's was written for this day, a later one for a later day. */
        if (end_ns == seen || (!all && end_ns < seen && seen != at->window.end_ns))
            return end_ns;
        if (atomic_compare_exchange_strong_explicit(predicted, &seen, end_ns, memory_order_seq_cst,
                                                    memory_order_seq_cst)) {
            tq__event_until(at->ledger, end_ns);
            seen = end_ns;
        }
    }
}

/* One look, which most often finds that what is written is what the rule says. */
int64_t tq__forecast_update(const struct tq__at *at, uint32_t rule)
{
    int64_t seen = atomic_load_explicit(&at->slot->predicted, memory_order_seq_cst);

    if (!tq__state_day_is_late(&at->slot->newest_day, at->window.day) && end_by_rule(at, rule, seen) == seen)
        return seen;
    return settle(at, true);
}

void tq__forecast_look(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    struct tq__at at = tq__at(ledger, slot, now_ns);

    at.limits = tq__limits_of(ledger, slot);
    /* Sequentially consistent with tq__raise_newest. */
    if (atomic_load_explicit(&slot->newest_day, memory_order_seq_cst) == at.window.day)
        settle(&at, true);
}

void tq__forecast_spent(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* Sequentially consistent with tq__raise_newest. */
    uint32_t day = atomic_load_explicit(&slot->newest_day, memory_order_seq_cst);
    struct tq__at at;

    if (!tq__day_ok(day))
        return;
    at = tq__at(ledger, slot, tq__window_of_day(day).start_ns);
    at.limits = tq__limits_of(ledger, slot);
    settle(&at, false);
}

void tq__forecast_anew(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* F2: with the swap of settle */
    if (atomic_exchange_explicit(&slot->predicted, 0, memory_order_seq_cst) != 0)
        tq__event(ledger);
    tq__forecast_spent(ledger, slot);
}
