/* overshoot.c: how far the nodes together can go beyond an amount.
 *
 * SPDX-License-Identifier: MIT
 */
#include "overshoot.h"
#include "lease.h"
#include "sums.h"

/* SYNC_UNBOUNDED is where sums stop. */
int64_t sync_overshoot(const struct sync_bound *bound)
{
    int64_t blind_ms = plus(plus(bound->every_ms, bound->round_trip_ms), bound->notice_ms);
    int64_t spent;

    if (bound->flags & SYNC_LEASE_STRICT)
        return bound->lost;
    if (bound->flags & SYNC_LEASE_OPEN)
        return SYNC_UNBOUNDED;
    if (bound->flags & SYNC_LEASE_REFILL)
        return plus(bound->unheard, bound->lost);
    if (__builtin_mul_overflow(bound->rates, blind_ms, &spent))
        return SYNC_UNBOUNDED;
    /* A part of a token is one. */
    spent = spent / 1000 + (spent % 1000 != 0);
    return plus(plus(spent, bound->unheard), bound->lost);
}
