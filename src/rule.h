/* rule.h: will what is left of the budget last as long as the last half hour took?
 *
 * SPDX-License-Identifier: MIT
 *
 * Two words of a provider count the tokens of an even and of an odd half hour, [number, 24 bits | tokens, 40
 * bits], by the same compare-and-swap as a day's (count.h); a half hour's number counts from the first day,
 * as days do. So the words know the half hour that runs and the one before:
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
 * When nothing more is recorded, took falls, and so does what is left of the day: the first instant at which
 * the left side is no longer greater is found by halving. docs/verdicts.md says where
 * the half hour and the nine tenths come from.
 */
#ifndef TQ_HORIZON_H
#define TQ_HORIZON_H

#include "burn_rate.h"
#include "count.h"
#include "layout.h"
#include "window.h"

#define TQ__HALF_HOUR_NS INT64_C(1800000000000)
#define TQ__HALF_HOUR_BITS 40u
#define TQ__HALF_HOUR_MAX ((UINT64_C(1) << TQ__HALF_HOUR_BITS) - 1) /* saturated */

/* The number of the half hour that holds now_ns, and what is gone of it. */
static inline uint64_t tq__half_hour_at(const struct tq__window *window, int64_t now_ns, int64_t *gone_ns)
{
    int64_t of_day_ns = now_ns - window->start_ns;

    *gone_ns = of_day_ns % TQ__HALF_HOUR_NS;
    return window->day * (uint64_t)(TQ__DAY_NS / TQ__HALF_HOUR_NS) + (uint64_t)(of_day_ns / TQ__HALF_HOUR_NS);
}

static inline _Atomic uint64_t *tq__half_hour_word(struct tq__slot *slot, uint64_t number)
{
    return &slot->half_hour[number & 1];
}

/* Would a record of this half hour start it? */
static inline bool tq__half_hour_is_new(struct tq__slot *slot, uint64_t number)
{
    return atomic_load_explicit(tq__half_hour_word(slot, number), memory_order_relaxed) >>
           TQ__HALF_HOUR_BITS < number;
}

/* Is a record of this half hour too old to matter? */
static inline bool tq__half_hour_is_past(struct tq__slot *slot, uint64_t number)
{
    return atomic_load_explicit(tq__half_hour_word(slot, number), memory_order_relaxed) >>
           TQ__HALF_HOUR_BITS > number;
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
    int64_t gone_ns;
    uint64_t number = tq__half_hour_at(window, at_ns, &gone_ns);
    uint64_t now = number == half->number ? half->now : 0;
    uint64_t before = number == half->number ? half->before : number == half->number + 1 ? half->now : 0;
    tq__u128 took = (tq__u128)now * half_hour_ns + (tq__u128)before * (half_hour_ns - (uint64_t)gone_ns);

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

/* The instant until which the rule keeps the provider out, if nothing more is recorded: the day's end, an
 * earlier one, or 0: it does not. held: it does already. 0 < used < budget or used = 0. */
TQ__HOT int64_t tq__horizon_end(const struct tq__half_hours *half, int64_t used, int64_t budget,
                                const struct tq__window *window, int64_t now_ns, bool held)
{
    int64_t last_ns = now_ns, end_ns;

    if (!(held && tq__nine_tenths_used(used, budget)) &&
        !tq__horizon_exceeds(half, used, budget, window, now_ns))
        return 0;
    if (tq__nine_tenths_used(used, budget))
        return window->end_ns;
    end_ns = window->end_ns - now_ns < 2 * TQ__HALF_HOUR_NS ? window->end_ns : now_ns + 2 * TQ__HALF_HOUR_NS;
    while (end_ns - last_ns > 1) { /* it exceeds at last_ns and no more at end_ns */
        int64_t middle_ns = last_ns + (end_ns - last_ns) / 2;

        if (tq__horizon_exceeds(half, used, budget, window, middle_ns))
            last_ns = middle_ns;
        else
            end_ns = middle_ns;
    }
    return end_ns;
}

#endif
