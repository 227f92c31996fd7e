/* rule.h: what the rules look at in a provider's slot: the day's count, the notes of half hours, the budget.
 *
 * SPDX-License-Identifier: MIT
 *
 * The rules themselves are arithmetic, which base/care.h has. Two words of a provider count the tokens of the
 * half hours with an even and with an odd number:
 *
 *     [number, 24 bits | tokens, 40 bits]
 *
 * They change by the compare-and-swap that a day's word changes by (count.h). Half hours are numbered from
 * the first day, as days are. So the words know the half hour that runs and the one before it.
 * docs/verdicts.md says where the half hour and the nine tenths come from.
 */
#ifndef TQ_RULE_H
#define TQ_RULE_H

#include "base/care.h"
#include "count.h"
#include "ledger.h"

/* Did usage cross the budget, up or down? Then a prediction becomes "spent", or the reverse, though its end
 * stays, and waiting processes must be told. */
static inline bool tq__budget_crossed(int64_t before, int64_t after, int64_t budget)
{
    return budget > 0 && (before >= budget) != (after >= budget);
}

/* ---- half hours ------------------------------------------------------------------------------ */

/* The number of the half hour that holds now_ns, in its day. */
static inline uint64_t tq__half_hour_at(const struct tq__window *window, int64_t now_ns)
{
    return window->day * (uint64_t)(TQ__DAY_NS / TQ__HALF_HOUR_NS) +
           (uint64_t)((now_ns - window->start_ns) / TQ__HALF_HOUR_NS);
}

static inline _Atomic uint64_t *tq__half_hour_word(struct tq__slot *slot, uint64_t number)
{
    return &slot->half_hour[number & 1];
}

/* The number of the half hour that the word of this one counts: a record of a later one starts its half hour,
 * and one of an earlier one is too old to matter. */
static inline uint64_t tq__half_hour_counted(struct tq__slot *slot, uint64_t number)
{
    return atomic_load_explicit(tq__half_hour_word(slot, number), memory_order_relaxed) >> TQ__HALF_HOUR_BITS;
}

/* Adds a record, or with a negative number takes tokens off, down to 0. A record that is older than what the
 * word counts is too old to matter here. Sequentially consistent with the loads in tq__half_hours_read, as
 * tq__count_swap is with the count's (forecast.h, F2). */
static inline void tq__half_hour_add(struct tq__slot *slot, uint64_t number, int64_t tokens)
{
    _Atomic uint64_t *word = tq__half_hour_word(slot, number);
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed), next;

    do {
        uint64_t sum = 0;

        if (seen >> TQ__HALF_HOUR_BITS > number)
            return;
        if (seen >> TQ__HALF_HOUR_BITS == number)
            sum = seen & TQ__HALF_HOUR_MAX;
        if (tokens < 0)
            sum -= (uint64_t)-tokens < sum ? (uint64_t)-tokens : sum;
        else
            sum = tq__half_hour_sum(sum, (uint64_t)tokens);
        next = number << TQ__HALF_HOUR_BITS | sum;
        if (next == seen)
            return;
    } while (!tq__count_swap(word, &seen, next));
}

static inline uint64_t tq__half_hour_tokens(struct tq__slot *slot, uint64_t number)
{
    uint64_t word = atomic_load_explicit(tq__half_hour_word(slot, number), memory_order_seq_cst);

    return word >> TQ__HALF_HOUR_BITS == number ? word & TQ__HALF_HOUR_MAX : 0;
}

/* ---- a provider at an instant ---------------------------------------------------------------- */

/* A provider at an instant, which is an accepted one: what a record's decision looks at. The rule and the
 * budget are those of when it was made; who must see a later change reads the slot again. */
struct tq__at {
    struct tq_ledger *ledger;
    struct tq__slot *slot;
    int64_t now_ns;
    struct tq__window window; /* the day that holds now_ns */
    _Atomic uint64_t *word;   /* where that day is counted, */
    uint64_t tag;             /* and under which tag */
    uint64_t half_hour;       /* the number of the one that holds now_ns */
    int64_t budget;
    uint32_t rule;
};

/* Field by field: an initializer would fill the struct with zeros first, which costs as much as a record. */
TQ__HOT struct tq__at tq__at(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    struct tq__at at;

    at.ledger = ledger;
    at.slot = slot;
    at.now_ns = now_ns;
    at.window = tq__window_at(now_ns);
    at.word = tq__count_word(slot, ledger->history_log2, at.window.day);
    at.tag = tq__count_tag(ledger->history_log2, at.window.day);
    at.half_hour = tq__half_hour_at(&at.window, now_ns);
    at.rule = tq__rule_of(ledger, slot);
    at.budget = atomic_load_explicit(&slot->budget, memory_order_relaxed);
    return at;
}

/* Does the word that was loaded from at->word count this day? */
static inline bool tq__at_counts(const struct tq__at *at, uint64_t word)
{
    return word >> TQ__COUNT_BITS == at->tag;
}

/* Returns the day's tokens. */
static inline int64_t tq__at_used(const struct tq__at *at)
{
    uint64_t word = atomic_load_explicit(at->word, memory_order_relaxed);

    return tq__at_counts(at, word) ? tq__count_tokens(word) : 0;
}

/* The half hours that at->now_ns looks at. */
static inline struct tq__half_hours tq__half_hours_read(const struct tq__at *at)
{
    return (struct tq__half_hours){
        .start_ns = at->now_ns - (at->now_ns - at->window.start_ns) % TQ__HALF_HOUR_NS,
        .now = tq__half_hour_tokens(at->slot, at->half_hour),
        .before = tq__half_hour_tokens(at->slot, at->half_hour - 1),
    };
}

/* Returns the instant until which the rule keeps the provider out, if nothing more is recorded; 0: it does
 * not. half: the half hours that at->now_ns looks at. 0 <= used < budget, budget > 0. held: the rule keeps it
 * out already. */
TQ__HOT int64_t tq__horizon_end(const struct tq__at *at, const struct tq__half_hours *half, int64_t used,
                                int64_t budget, bool held)
{
    int64_t until_ns = tq__horizon_until(half, used, budget, held, at->now_ns, at->window.end_ns);

    return until_ns > at->now_ns ? until_ns : 0;
}

/* Is the budget exhausted with `used` tokens, as far as the day's count tells? A budget of 0 or less is none.
 */
static inline bool tq__at_exhausted(const struct tq__at *at, int64_t used)
{
    if (at->budget <= 0)
        return false;
    if (used >= at->budget)
        return true;
    return at->rule == TQ_RULE_ORIGINAL &&
           tq__pace_exceeds(used, at->budget, at->now_ns - at->window.start_ns, TQ__DAY_NS);
}

#endif
