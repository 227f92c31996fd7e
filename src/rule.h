/* rule.h: what the rules look at in a provider: the day's count, the notes of a unit, the budget.
 *
 * SPDX-License-Identifier: MIT
 *
 * The rules themselves are arithmetic, which base/care.h has. The notes of a unit are three words. Two count
 * what was used in the half hours with an even and with an odd number:
 *
 *     [number, 24 bits | amount, 40 bits]
 *
 * They change by the compare-and-swap that a day's word changes by (count.h). Half hours are numbered from
 * the first day, as days are. So the words know the half hour that runs and the one before it. The third word
 * is the mean call (tq__call_add). The notes of tokens are in the slot, those of other units beside the
 * limits (limit_rule.h).
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

static_assert(TQ__CARE_MOST == TQ_CARE_MAX && TQ__CARE_DEFAULT == TQ_CARE_DEFAULT, "they are one");

/* ---- the notes of a unit ------------------------------------------------------------------------ */

/* The number of the half hour that holds now_ns, which is an accepted instant. */
TQ__HOT uint64_t tq__half_hour_of(int64_t now_ns)
{
    return ((uint64_t)now_ns - (uint64_t)TQ_NOW_MIN_NS) / (uint64_t)TQ__HALF_HOUR_NS +
           TQ__DAY_BIAS * (uint64_t)(TQ__DAY_NS / TQ__HALF_HOUR_NS);
}

/* The notes of a unit. */
struct tq__notes {
    _Atomic uint64_t *half_hour; /* two words */
    _Atomic uint64_t *mean_call;
};

/* Those of tokens. */
TQ__HOT struct tq__notes tq__notes_of_tokens(struct tq__slot *slot)
{
    return (struct tq__notes){slot->half_hour, &slot->mean_call};
}

/* The notes of a unit: TQ_UNIT_... modulo TQ__UNITS. limits may be NULL only for tokens. */
TQ__HOT struct tq__notes tq__notes_of(struct tq__slot *slot, struct tq__limits *limits, uint32_t unit)
{
    return unit == TQ_UNIT_TOKENS ? tq__notes_of_tokens(slot)
                                  : (struct tq__notes){limits->half_hour[unit], &limits->mean_call[unit]};
}

/* The number of the half hour that the word of this one counts: a record of a later one starts its half hour,
 * and one of an earlier one is too old to matter. */
static inline uint64_t tq__half_hour_counted(struct tq__notes notes, uint64_t number)
{
    return atomic_load_explicit(&notes.half_hour[number & 1], memory_order_relaxed) >> TQ__HALF_HOUR_BITS;
}

/* Adds to a half hour, or with a negative number takes off, down to 0. Sequentially consistent with the loads
 * in tq__notes_read, as tq__count_swap is with the count's (forecast.h, F2). A record of an amount makes its
 * swap also when the word stays as it is: so its mean call is seen with it. */
static inline void tq__half_hour_add(struct tq__notes notes, uint64_t number, int64_t amount)
{
    _Atomic uint64_t *word = &notes.half_hour[number & 1];
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed), next;

    do {
        uint64_t sum = 0;

        if (seen >> TQ__HALF_HOUR_BITS > number || (amount < 0 && seen >> TQ__HALF_HOUR_BITS != number))
            return;
        if (seen >> TQ__HALF_HOUR_BITS == number)
            sum = seen & TQ__HALF_HOUR_MAX;
        if (amount < 0)
            sum -= (uint64_t)-amount < sum ? (uint64_t)-amount : sum;
        else
            sum = tq__half_hour_sum(sum, (uint64_t)amount);
        next = number << TQ__HALF_HOUR_BITS | sum;
        if (next == seen && amount <= 0)
            return;
    } while (!tq__count_swap(word, &seen, next));
}

/* Notes a record, unless it is of a half hour that is too old to matter. The mean call is loaded and stored
 * in two steps. That is a harmless race: what is stored last is the mean of some of the records, each weighed
 * as it would be without the others. Relaxed: the swap that follows shows it. */
TQ__HOT void tq__notes_add(struct tq__notes notes, uint64_t number, int64_t amount)
{
    uint64_t some = amount > 0 ? tq__half_hour_sum(0, (uint64_t)amount) : 0;

    if (some > 0 && tq__half_hour_counted(notes, number) <= number)
        atomic_store_explicit(notes.mean_call,
                              tq__call_add(atomic_load_explicit(notes.mean_call, memory_order_relaxed), some),
                              memory_order_relaxed);
    tq__half_hour_add(notes, number, (int64_t)some);
}

/* Forgets them. */
static inline void tq__notes_clear(struct tq__notes notes)
{
    atomic_store_explicit(notes.mean_call, 0, memory_order_relaxed);
    for (uint32_t i = 0; i < 2; i++)
        atomic_store_explicit(&notes.half_hour[i], 0, memory_order_seq_cst); /* as tq__half_hour_add */
}

/* What the notes of a unit say at an instant. */
struct tq__noted {
    struct tq__half_hours half;
    uint64_t call; /* tq__call_add */
};

static inline uint64_t tq__half_hour_amount(struct tq__notes notes, uint64_t number)
{
    uint64_t word = atomic_load_explicit(&notes.half_hour[number & 1], memory_order_seq_cst);

    return word >> TQ__HALF_HOUR_BITS == number ? word & TQ__HALF_HOUR_MAX : 0;
}

/* The half hour with this number holds now_ns. The mean call comes last: tq__notes_add. */
TQ__HOT struct tq__noted tq__notes_read(struct tq__notes notes, uint64_t number, int64_t now_ns)
{
    struct tq__noted noted;

    noted.half.start_ns =
        now_ns - (int64_t)(((uint64_t)now_ns - (uint64_t)TQ_NOW_MIN_NS) % (uint64_t)TQ__HALF_HOUR_NS);
    noted.half.now = tq__half_hour_amount(notes, number);
    noted.half.before = tq__half_hour_amount(notes, number - 1);
    noted.call = atomic_load_explicit(notes.mean_call, memory_order_relaxed);
    return noted;
}

/* Does a rule look at the notes, so that records must write them? */
TQ__HOT bool tq__rule_notes(uint32_t rule)
{
    return rule >= TQ_RULE_HORIZON;
}

/* What the provider chose for rule care, in quarters. Sequentially consistent as tq__rule_of. */
TQ__HOT unsigned tq__care_chosen(struct tq__slot *slot)
{
    unsigned care = atomic_load_explicit(&slot->care, memory_order_seq_cst);

    return care == 0 || care > TQ__CARE_MOST + 1 ? TQ__CARE_DEFAULT : care - 1;
}

/* The same under rule care; 0 under any other, which looks at budgets alone. */
TQ__HOT unsigned tq__care_of(const struct tq_ledger *ledger, struct tq__slot *slot)
{
    return tq__rule_of(ledger, slot) == TQ_RULE_CARE ? tq__care_chosen(slot) : 0;
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
    struct tq__limits *limits; /* for what is withheld of the budget (shared.h); NULL: nothing is */
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
    at.half_hour = tq__half_hour_of(now_ns);
    at.rule = tq__rule_of(ledger, slot);
    at.budget = atomic_load_explicit(&slot->budget, memory_order_relaxed);
    at.limits = NULL;
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

/* The notes of tokens at at->now_ns. */
TQ__HOT struct tq__noted tq__at_noted(const struct tq__at *at)
{
    return tq__notes_read(tq__notes_of_tokens(at->slot), at->half_hour, at->now_ns);
}

/* Returns the instant until which a rule keeps the provider out by its notes, if nothing more is recorded; 0:
 * it does not. 0 <= used < budget, budget > 0. held: the rule horizon keeps it out already. */
TQ__HOT int64_t tq__rule_end(const struct tq__at *at, uint32_t rule, const struct tq__noted *noted,
                             int64_t used, int64_t budget, bool held)
{
    int64_t until_ns = 0;

    if (rule == TQ_RULE_CARE && used > 0)
        until_ns = tq__care_until(&noted->half, noted->call, 0, used, budget, tq__care_chosen(at->slot),
                                  at->now_ns, at->window.end_ns);
    else if (rule == TQ_RULE_HORIZON)
        until_ns = tq__horizon_until(&noted->half, used, budget, held, at->now_ns, at->window.end_ns);
    return until_ns > at->now_ns ? until_ns : 0;
}

/* What rule care expects to be used of what is left, and by what: TQ_EXPECTS_.... flying: calls that run and
 * whose size nobody knows. */
static inline int64_t tq__rule_expects(const struct tq__noted *noted, unsigned care, uint32_t flying,
                                       int64_t budget, int64_t room, int64_t at_ns, int64_t end_ns,
                                       uint32_t *expects)
{
    bool call = tq__call_exceeds(noted->call, care, (uint64_t)room, (uint64_t)budget);

    if (!call && tq__flying_exceed(noted->call, care, flying, (uint64_t)room)) {
        *expects = TQ_EXPECTS_FLYING;
        return tq__flying_expect(noted->call, care, flying);
    }
    *expects = call ? TQ_EXPECTS_CALL : TQ_EXPECTS_HALF_HOUR;
    return call ? tq__call_expects(noted->call, care) : tq__took_expects(&noted->half, care, at_ns, end_ns);
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
