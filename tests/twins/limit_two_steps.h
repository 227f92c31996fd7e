/* limit_two_steps.h: a broken twin of limit.h: it turns a count to its window in two steps, and does not
 * compare.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TWIN_LIMIT_TWO_STEPS_H
#define TWIN_LIMIT_TWO_STEPS_H

#include "pause.h"

#define tq__limit_add exact_limit_add
#include "src/limit.h"
#undef tq__limit_add

static inline bool tq__limit_add(struct tq__limit *line, uint64_t spec, uint64_t bound, uint64_t tag,
                                 int64_t amount, uint64_t *used)
{
    _Atomic uint64_t *word = &line->count[tag & 1];

    if (tq__tag_of(atomic_load(word)) != tag) {
        twin_pause();
        atomic_store(word, tag << TQ__METER_BITS);
    }
    return exact_limit_add(line, spec, bound, tag, amount, used);
}

#endif
