/* peak.h: the limit of which the largest share is used, of a provider and of the pools above it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_PEAK_H
#define TOKENQUOTA_VIEW_PEAK_H

#include <stdbool.h>

#include <tokenquota.h>

struct peak {
    int64_t share_ppm;            /* -1: nobody knows of any limit how much is used */
    const struct tq_provider *of; /* the provider, or the pool, whose limit it is; belongs to the ledger */
    bool budget;                  /* the day's budget, not a limit */
    struct tq_limit_state limit;  /* (no budget only) */
    int64_t resets_at_ns;         /* 0: nobody knows, or it comes back bit by bit */
};

/* Reads it. 0, or negative from the library. */
int peak_read(const struct tq_provider *provider, int64_t at_ns, struct peak *peak);

#endif
