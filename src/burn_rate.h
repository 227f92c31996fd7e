/* burn_rate.h: will the budget last the window at this rate? The rules, in exact integers.
 *
 * SPDX-License-Identifier: MIT
 *
 * used / elapsed is the burn rate, and used x window / elapsed the usage projected to the window's end. The
 * original asks whether what is left of the window at that rate takes more than what is left of the budget:
 *
 *     used x (end - now) > (budget - used) x (now - start)    <=>    used x window > budget x elapsed
 *
 * Both sides stay below 2^63 x 2^47, so 128 bits hold them exactly. At the window's first instant nothing
 * has elapsed and there is no rate.
 */
#ifndef TQ_BURN_RATE_H
#define TQ_BURN_RATE_H

#include <stdbool.h>

#include "tokenquota.h"
#include "window.h"

__extension__ typedef unsigned __int128 tq__u128; /* the one typedef: ISO C has no name for it */

static inline bool tq__pace_exceeds(int64_t used, int64_t budget, int64_t elapsed_ns)
{
    return elapsed_ns > 0 && (tq__u128)(uint64_t)used * (uint64_t)TQ__DAY_NS >
                                 (tq__u128)(uint64_t)budget * (uint64_t)elapsed_ns;
}

/* Did usage pass the budget on its way, up or down? Then a prediction becomes "spent", or is one again, though its
 * end stays: who waits must be told. */
static inline bool tq__budget_crossed(int64_t before, int64_t after, int64_t budget)
{
    return budget > 0 && (before >= budget) != (after >= budget);
}

/* Is the budget exhausted by the rule, with `used` tokens in the window at now_ns? budget <= 0 is none. */
static inline bool tq__budget_exhausted(uint32_t rule, int64_t used, int64_t budget,
                                        const struct tq__window *window, int64_t now_ns)
{
    if (budget <= 0)
        return false;
    if (used >= budget)
        return true;
    return rule == TQ_RULE_ORIGINAL && tq__pace_exceeds(used, budget, now_ns - window->start_ns);
}

#endif
