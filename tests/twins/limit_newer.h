/* limit_newer.h: a broken twin of limits.h: a claimer does not look at the spec again, so its version may
 * overwrite a newer one. It yields where that matters: two loads that follow each other are rarely parted.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TWIN_LIMIT_NEWER_H
#define TWIN_LIMIT_NEWER_H

#include <sched.h>

#define tq__limit_claim exact_limit_claim
#include "src/limits.h"
#undef tq__limit_claim

static inline bool tq__limit_claim(struct tq__limit *line, uint64_t spec, uint64_t next)
{
    uint64_t amount;

    (void)spec;
    sched_yield();
    amount = atomic_load(&line->amount);
    return tq__version_of(amount) != tq__version_of(next) &&
           atomic_compare_exchange_strong(&line->amount, &amount, next);
}

#endif
