/* rule.h: the rules by which a budget is exhausted, in exact integers, and the instant that they look at.
 *
 * SPDX-License-Identifier: MIT
 *
 * ORIGINAL. used / elapsed is the burn rate. The rule asks whether the rest of the day, at that rate,
 * takes more than the rest of the budget:
 *
 *     used x (end - now) > (budget - used) x (now - start)    <=>    used x day > budget x elapsed
 *
 * Both sides stay below 2^63 x 2^47, so 128 bits hold them exactly. At the first instant of the day nothing
 * has elapsed and there is no rate.
 *
 * HORIZON. The rule asks whether the rest of the budget will last as long as the last half hour did.
 * Two words of a provider count the tokens of the half hours with an even and with an odd number:
 *
 *     [number, 24 bits | tokens, 40 bits]
 *
 * They change by the compare-and-swap that a day's word changes by (count.h). Half hours are numbered from
 * the first day, as days are. So the words know the half hour that runs and the one before it:
 *
 *     took = tokens of this half hour + tokens of the one before x (1 - the part of this one that is gone)
 *
 * and the budget is exhausted when used + took x min(1, what is left of the day / 30 min) > budget, or when
 * used >= budget. Multiplied out, so that it is exact in integers: with H a half hour in ns, g what is gone
 * of this one, l what is left of the day, at most H,
 *
 *     (this x H + before x (H - g)) x l > (budget - used) x H x H
 *
 * this and before are below 2^40, H below 2^41: the left side is below 2^124. On the right budget - used is
 * at most 2^41 where the comparison can be true at all: took is less than that.
 *
 * When nothing more is recorded, took falls, and so does what is left of the day. The first instant at which
 * the left side is no longer greater is found by halving. docs/verdicts.md says where the half hour and the
 * nine tenths come from.
 */
#ifndef TQ_RULE_H
#define TQ_RULE_H

#include "count.h"
#include "ledger.h"

__extension__ typedef unsigned __int128 tq__u128; /* the one typedef: ISO C has no name for it */

static inline bool tq__pace_exceeds(int64_t used, int64_t budget, int64_t elapsed_ns)
{
    return elapsed_ns > 0 && (tq__u128)(uint64_t)used * (uint64_t)TQ__DAY_NS >
                                 (tq__u128)(uint64_t)budget * (uint64_t)elapsed_ns;
}

/* Did usage cross the budget, up or down? Then a prediction becomes "spent", or the reverse, though its end
 * stays, and waiting processes must be told. */
static inline bool tq__budget_crossed(int64_t before, int64_t after, int64_t budget)
{
    return budget > 0 && (before >= budget) != (after >= budget);
}

/* ---- half hours ------------------------------------------------------------------------------ */

#define TQ__HALF_HOUR_NS INT64_C(1800000000000)
#define TQ__HALF_HOUR_BITS 40u
#define TQ__HALF_HOUR_MAX ((UINT64_C(1) << TQ__HALF_HOUR_BITS) - 1) /* saturated */

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

static inline uint64_t tq__half_hour_sum(uint64_t a, uint64_t b)
{
    return b < TQ__HALF_HOUR_MAX - a ? a + b : TQ__HALF_HOUR_MAX;
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

/* Tokens of a half hour and of the one before it. */
struct tq__half_hours {
    uint64_t number;
    uint64_t now;
    uint64_t before;
};

static inline uint64_t tq__half_hour_tokens(struct tq__slot *slot, uint64_t number)
{
    uint64_t word = atomic_load_explicit(tq__half_hour_word(slot, number), memory_order_seq_cst);

    return word >> TQ__HALF_HOUR_BITS == number ? word & TQ__HALF_HOUR_MAX : 0;
}

static inline struct tq__half_hours tq__half_hours_read(struct tq__slot *slot, uint64_t number)
{
    return (struct tq__half_hours){
        .number = number,
        .now = tq__half_hour_tokens(slot, number),
        .before = tq__half_hour_tokens(slot, number - 1),
    };
}

/* Is used + took x ... > budget at at_ns, when nothing is recorded behind `half`? budget > used. */
TQ__HOT bool tq__horizon_exceeds(const struct tq__half_hours *half, int64_t used, int64_t budget,
                                 const struct tq__window *window, int64_t at_ns)
{
    const uint64_t half_hour_ns = (uint64_t)TQ__HALF_HOUR_NS;
    uint64_t left_ns = (uint64_t)(window->end_ns - at_ns), room = (uint64_t)(budget - used);
    uint64_t number = tq__half_hour_at(window, at_ns);
    uint64_t gone_ns = (uint64_t)(at_ns - window->start_ns) % half_hour_ns;
    uint64_t now = number == half->number ? half->now : 0;
    uint64_t before = number == half->number ? half->before : number == half->number + 1 ? half->now : 0;
    tq__u128 took = (tq__u128)now * half_hour_ns + (tq__u128)before * (half_hour_ns - gone_ns);

    if (room > UINT64_C(1) << 41)
        return false;
    if (left_ns > half_hour_ns)
        left_ns = half_hour_ns;
    return took * left_ns > (tq__u128)room * half_hour_ns * half_hour_ns;
}

static inline bool tq__nine_tenths_used(int64_t used, int64_t budget)
{
    return (tq__u128)(uint64_t)used * 10 >= (tq__u128)(uint64_t)budget * 9;
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

/* Returns the instant until which the rule keeps the provider out, if nothing more is recorded: the day's
 * end, an earlier one, or 0: it does not. half: the half hours that at->now_ns looks at. 0 <= used < budget,
 * budget > 0. held: the rule keeps it out already. */
TQ__HOT int64_t tq__horizon_end(const struct tq__at *at, const struct tq__half_hours *half, int64_t used,
                                int64_t budget, bool held)
{
    int64_t last_ns = at->now_ns, end_ns = at->window.end_ns;

    if (!(held && tq__nine_tenths_used(used, budget)) &&
        !tq__horizon_exceeds(half, used, budget, &at->window, last_ns))
        return 0;
    if (tq__nine_tenths_used(used, budget))
        return end_ns;
    if (end_ns - last_ns >= 2 * TQ__HALF_HOUR_NS)
        end_ns = last_ns + 2 * TQ__HALF_HOUR_NS;
    while (end_ns - last_ns > 1) { /* it exceeds at last_ns and no more at end_ns */
        int64_t middle_ns = last_ns + (end_ns - last_ns) / 2;

        if (tq__horizon_exceeds(half, used, budget, &at->window, middle_ns))
            last_ns = middle_ns;
        else
            end_ns = middle_ns;
    }
    return end_ns;
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
           tq__pace_exceeds(used, at->budget, at->now_ns - at->window.start_ns);
}

#endif
