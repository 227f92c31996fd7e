/* limit_untagged.h: a broken twin of limit.h: the tag of a count has no version.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TWIN_LIMIT_UNTAGGED_H
#define TWIN_LIMIT_UNTAGGED_H

#define tq__limit_add exact_limit_add
#include "src/limit.h"
#undef tq__limit_add

static inline bool tq__limit_add(struct tq__limit *line, uint64_t spec, uint64_t bound, uint64_t tag,
                                 int64_t amount, uint64_t *used)
{
    _Atomic uint64_t *word = &line->count[tag & 1];
    uint64_t seen = atomic_load(word);

    (void)spec;
    (void)bound;
    do
        *used = tq__meter_sum(((tq__tag_of(seen) ^ tag) & 0xffff) == 0 ? seen & TQ__METER_MAX : 0, amount);
    while (!atomic_compare_exchange_weak(word, &seen, tag << TQ__METER_BITS | *used));
    return true;
}

#endif
