/* limit_newer.h: a broken twin of limits.h: a claimer does not look at the spec again, so its version may
 * overwrite a newer one. Between spec and amount others take the line and free it again.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TWIN_LIMIT_NEWER_H
#define TWIN_LIMIT_NEWER_H

#include "pause.h"

#define tq__limit_claim exact_limit_claim
#define tq__limits_changed exact_limits_changed
#include "src/limits.h"
#undef tq__limit_claim
#undef tq__limits_changed

/* One claimer in seven waits while others set their limits in the line and remove them. */
static inline bool tq__limit_claim(struct tq__limit *line, uint64_t spec, uint64_t next)
{
    static atomic_uint claimers;
    uint64_t amount;

    (void)spec;
    for (unsigned i = atomic_fetch_add(&claimers, 1) % 7 == 0 ? 4 : 0; i > 0; i--)
        twin_pause();
    amount = atomic_load(&line->amount);
    return tq__version_of(amount) != tq__version_of(next) &&
           atomic_compare_exchange_strong(&line->amount, &amount, next);
}

/* Now a limit is set: the claimer that waited may go on before it is removed. */
static inline void tq__limits_changed(struct tq__limits *limits)
{
    exact_limits_changed(limits);
    twin_pause();
}

#endif
