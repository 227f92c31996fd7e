/* care.h: the arithmetic of the rules by which a budget will not last: counts and times in, an instant out.
 *
 * SPDX-License-Identifier: MIT
 *
 * The library decides with it (src/rule.h), and `replay --score` judges with it (view/score_case.c). Nothing
 * here is stored and nothing is remembered. All decisions are exact integers.
 *
 * ORIGINAL. used / elapsed is the burn rate. The rule asks whether the rest of the window, at that rate,
 * takes more than the rest of the budget:
 *
 *     used x (end - now) > (budget - used) x (now - start)    <=>    used x window > budget x elapsed
 *
 * Both sides stay below 2^63 x 2^63, so 128 bits hold them exactly. At the first instant of the window
 * nothing has elapsed and there is no rate.
 *
 * WHAT THE LAST HALF HOUR TOOK. Two notes count the tokens of a half hour and of the one before it, each up
 * to TQ__HALF_HOUR_MAX. Half hours are those of the clock. With H a half hour in ns, g what is gone of this
 * one:
 *
 *     took = this + before x (H - g) / H
 *
 * A multiple of it, care / 4, is compared with the room that is left, where l is what is left of the window,
 * at most H. Multiplied out, so that it is exact:
 *
 *     room < care / 4 x took x l / H    <=>    care x (this x H + before x (H - g)) x l > 4 x room x H x H
 *
 * this and before are below 2^40, H below 2^41, and care at most 2^5: the left side is below 2^128. Where
 * care x (this + before) is at most 4 x room the comparison is false, whatever g and l are; so it is made
 * only for a room below 2^45, and the right side fits, too.
 *
 * When nothing more is recorded, took falls, and so does l. The comparison turns to false once and stays so,
 * and the first instant at which it is false is found by halving.
 *
 * HORIZON. Out when used >= budget, or room < took x l / H. Once out, it stays out while 90 % are used.
 *
 * CARE. Out when the room is used up; or when it is less than care / 4 times what the last half hour took;
 * or, in the last quarter of the budget, less than care / 4 times the mean call; or less than care / 4 times
 * the mean call for each call that runs and whose size nobody knows. Nothing is held: the answer is a
 * function of counts and time. Without the bound of a quarter a provider whose mean call is larger than its
 * budget would be out for ever, and would never record the smaller call that corrects the mean.
 */
#ifndef TQ_BASE_CARE_H
#define TQ_BASE_CARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/number.h"

/* These are parts of a record's decision, which costs a few nanoseconds. */
#define TQ__CARE_HOT static inline __attribute__((always_inline))

/* ---- the original ---------------------------------------------------------------------------- */

TQ__CARE_HOT bool tq__pace_exceeds(int64_t used, int64_t budget, int64_t elapsed_ns, int64_t window_ns)
{
    return elapsed_ns > 0 && (tq__uint128)(uint64_t)used * (uint64_t)window_ns >
                                 (tq__uint128)(uint64_t)budget * (uint64_t)elapsed_ns;
}

/* ---- what the last half hour took -------------------------------------------------------------- */

#define TQ__HALF_HOUR_NS INT64_C(1800000000000)
#define TQ__HALF_HOUR_BITS 40u
#define TQ__HALF_HOUR_MAX ((UINT64_C(1) << TQ__HALF_HOUR_BITS) - 1) /* saturated */

/* Tokens of a half hour and of the one before it, each at most TQ__HALF_HOUR_MAX. */
struct tq__half_hours {
    int64_t start_ns; /* of this half hour */
    uint64_t now;
    uint64_t before;
};

static inline uint64_t tq__half_hour_sum(uint64_t a, uint64_t b)
{
    return b < TQ__HALF_HOUR_MAX - a ? a + b : TQ__HALF_HOUR_MAX;
}

#define TQ__CARE_MOST 32u /* in quarters: 8 times, as TQ_CARE_MAX */

/* The half hours that an instant looks at, when nothing is recorded behind `half`. half->start_ns <= at_ns.
 */
TQ__CARE_HOT struct tq__half_hours tq__half_hours_at(const struct tq__half_hours *half, int64_t at_ns)
{
    struct tq__half_hours seen = *half;

    for (int i = 0; i < 2 && (uint64_t)at_ns - (uint64_t)seen.start_ns >= (uint64_t)TQ__HALF_HOUR_NS; i++) {
        seen.start_ns += TQ__HALF_HOUR_NS;
        seen.before = seen.now;
        seen.now = 0;
    }
    return seen;
}

/* care x took x l, of the half hours that at_ns looks at, times H. at_ns <= end_ns; care is at most
 * TQ__CARE_MOST. */
TQ__CARE_HOT tq__uint128 tq__took_times(const struct tq__half_hours *seen, unsigned care, int64_t at_ns,
                                        int64_t end_ns)
{
    const uint64_t half_hour_ns = (uint64_t)TQ__HALF_HOUR_NS;
    uint64_t gone_ns = (uint64_t)at_ns - (uint64_t)seen->start_ns,
             left_ns = (uint64_t)end_ns - (uint64_t)at_ns;

    if (left_ns > half_hour_ns)
        left_ns = half_hour_ns;
    if (gone_ns > half_hour_ns) /* before is 0 */
        gone_ns = half_hour_ns;
    return ((tq__uint128)seen->now * half_hour_ns + (tq__uint128)seen->before * (half_hour_ns - gone_ns)) *
           left_ns * care;
}

/* Is room < care / 4 x took x min(1, left / H) at at_ns? Arguments as above. */
TQ__CARE_HOT bool tq__took_exceeds(const struct tq__half_hours *half, unsigned care, uint64_t room,
                                   int64_t at_ns, int64_t end_ns)
{
    const struct tq__half_hours seen = tq__half_hours_at(half, at_ns);

    if ((care * (seen.now + seen.before) + 3) / 4 <= room)
        return false;
    return tq__took_times(&seen, care, at_ns, end_ns) >
           (tq__uint128)(4 * room) * (uint64_t)TQ__HALF_HOUR_NS * (uint64_t)TQ__HALF_HOUR_NS;
}

/* Returns the first instant behind at_ns at which it exceeds no more. It exceeds at at_ns. */
static inline int64_t tq__took_end(const struct tq__half_hours *half, unsigned care, uint64_t room,
                                   int64_t at_ns, int64_t end_ns)
{
    int64_t last_ns = at_ns, first_ns = end_ns;

    if (first_ns - last_ns > 2 * TQ__HALF_HOUR_NS)
        first_ns = last_ns + 2 * TQ__HALF_HOUR_NS;
    while (first_ns - last_ns > 1) { /* it exceeds at last_ns and no more at first_ns */
        int64_t middle_ns = last_ns + (first_ns - last_ns) / 2;

        if (tq__took_exceeds(half, care, room, middle_ns, end_ns))
            last_ns = middle_ns;
        else
            first_ns = middle_ns;
    }
    return first_ns;
}

/* ---- horizon ----------------------------------------------------------------------------------- */

#define TQ__HORIZON_CARE 4u /* once what the last half hour took */

static inline bool tq__nine_tenths_used(int64_t used, int64_t budget)
{
    return (tq__uint128)(uint64_t)used * 10 >= (tq__uint128)(uint64_t)budget * 9;
}

/* Returns the instant until which the rule keeps the provider out, if nothing more is recorded: the window's
 * end, an earlier one, or at_ns: it does not. 0 <= used < budget; at_ns < end_ns. held: the rule keeps it out
 * already. */
TQ__CARE_HOT int64_t tq__horizon_until(const struct tq__half_hours *half, int64_t used, int64_t budget,
                                       bool held, int64_t at_ns, int64_t end_ns)
{
    uint64_t room = (uint64_t)(budget - used);

    if (!(held && tq__nine_tenths_used(used, budget)) &&
        !tq__took_exceeds(half, TQ__HORIZON_CARE, room, at_ns, end_ns))
        return at_ns;
    if (tq__nine_tenths_used(used, budget))
        return end_ns;
    return tq__took_end(half, TQ__HORIZON_CARE, room, at_ns, end_ns);
}

/* ---- care -------------------------------------------------------------------------------------- */

#define TQ__CARE_DEFAULT 5u /* 5/4 */

/* The mean size of a call in one word, 8 times the mean of about the last 8 records. A record of 0 tokens
 * leaves the word as it is. It stays at most 8 times the largest record, so tokens are below 2^60. */
static inline uint64_t tq__call_add(uint64_t call, uint64_t tokens)
{
    if (tokens == 0)
        return call;
    return call == 0 ? 8 * tokens : call - (call >> 3) + tokens;
}

/* In the last quarter of the budget, is the room less than care / 4 times the mean call? 0 <= room <= budget,
 * budget > 0; care is in quarters, at most TQ__CARE_MOST; call is the word of tq__call_add. */
TQ__CARE_HOT bool tq__call_exceeds(uint64_t call, unsigned care, uint64_t room, uint64_t budget)
{
    return room < budget / 4 + (budget % 4 != 0) && (tq__uint128)room * 32 < (tq__uint128)call * care;
}

/* Is the room less than care / 4 times a mean call for each call that runs and whose size nobody knows? */
TQ__CARE_HOT bool tq__flying_exceed(uint64_t call, unsigned care, uint32_t flying, uint64_t room)
{
    return (tq__uint128)room * 32 < (tq__uint128)call * care * flying;
}

/* Returns the instant until which the rule keeps the provider out, if nothing more is recorded, as
 * tq__horizon_until does. 0 <= used < budget; care and call are those of tq__call_exceeds; flying: calls that
 * run and whose size nobody knows. A caller whose window has neither used anything nor has such a call does
 * not ask. */
TQ__CARE_HOT int64_t tq__care_until(const struct tq__half_hours *half, uint64_t call, uint32_t flying,
                                    int64_t used, int64_t budget, unsigned care, int64_t at_ns,
                                    int64_t end_ns)
{
    uint64_t room = (uint64_t)(budget - used);

    if (tq__call_exceeds(call, care, room, (uint64_t)budget) || tq__flying_exceed(call, care, flying, room))
        return end_ns;
    if (!tq__took_exceeds(half, care, room, at_ns, end_ns))
        return at_ns;
    return tq__took_end(half, care, room, at_ns, end_ns);
}

/* What the rule expects to be used, rounded up: care / 4 times the mean call for each of `flying`, at most
 * INT64_MAX; for one more; */
static inline int64_t tq__flying_expect(uint64_t call, unsigned care, uint32_t flying)
{
    tq__uint128 calls = ((tq__uint128)call * care * flying + 31) / 32;

    return calls < INT64_MAX ? (int64_t)calls : INT64_MAX;
}

static inline int64_t tq__call_expects(uint64_t call, unsigned care)
{
    return tq__flying_expect(call, care, 1);
}

/* and care / 4 times what the last half hour took, as tq__took_exceeds has it. */
static inline int64_t tq__took_expects(const struct tq__half_hours *half, unsigned care, int64_t at_ns,
                                       int64_t end_ns)
{
    const struct tq__half_hours seen = tq__half_hours_at(half, at_ns);
    const tq__uint128 whole = (tq__uint128)4 * (uint64_t)TQ__HALF_HOUR_NS * (uint64_t)TQ__HALF_HOUR_NS;

    return (int64_t)((tq__took_times(&seen, care, at_ns, end_ns) + whole - 1) / whole);
}

#endif
