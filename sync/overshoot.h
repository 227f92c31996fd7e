/* overshoot.h: how far the nodes together can go beyond an amount: the bound that is shown.
 *
 * SPDX-License-Identifier: MIT
 *
 * A node that is heard knows what the others used an interval and a round trip ago; one that was cut off
 * trusts what it knows until it notices. So, beyond the amount, they can spend
 *
 *     sum of rates x (interval + round trip + time to notice a cut)
 *
 * and what nodes still have for themselves whose claim ended unheard (sync_lease.unheard; of a refill that is
 * a bucket beside the others', which refills as well). A strict limit has none of it: what was claimed is
 * counted before it is spent. But a server that lost acknowledged writes (failover) forgot the claims of the
 * lost interval, and others may claim the same: at most what was granted then.
 */
#ifndef TOKENQUOTA_SYNC_OVERSHOOT_H
#define TOKENQUOTA_SYNC_OVERSHOOT_H

#include <stdint.h>

#define SYNC_UNBOUNDED INT64_MAX

struct sync_bound {
    uint32_t flags;   /* SYNC_LEASE_... */
    int64_t rates;    /* the sum over all nodes, tokens a second */
    int64_t every_ms; /* the longest interval */
    int64_t round_trip_ms;
    int64_t notice_ms; /* the longest */
    int64_t unheard;   /* claims that ended unheard */
    int64_t lost;      /* what was granted in intervals that a failover lost */
};

/* Tokens; SYNC_UNBOUNDED: none, which is what cut off with the policy open means. Saturates. */
int64_t sync_overshoot(const struct sync_bound *bound);

#endif
