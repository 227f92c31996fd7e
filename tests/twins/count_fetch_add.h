/* count_fetch_add.h: a broken twin of count.h: it checks the tag, then adds without comparing.
 *
 * SPDX-License-Identifier: MIT
 *
 * Put before the sources of the library that count by -include. Between the check and the addition the word can become
 * another day's, and the tokens land there. The tests of turnover and of drifting threads must fail with it.
 */
#ifndef TWIN_COUNT_FETCH_ADD_H
#define TWIN_COUNT_FETCH_ADD_H

#include "pause.h"

#define tq__count_add exact_count_add
#include "src/count.h"
#undef tq__count_add

/* One late record in 16 waits between the steps until another turns the word. */
static inline bool tq__count_add(_Atomic uint64_t *word, uint64_t tag, int64_t tokens, uint64_t *counted)
{
    static _Atomic uint64_t newest, late;
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

    if (tag > atomic_load(&newest))
        atomic_store(&newest, tag);
    if (seen >> TQ__COUNT_BITS != tag || tokens < 0 || (uint64_t)tokens > TQ__COUNT_MAX / 4)
        return exact_count_add(word, tag, tokens, counted);
    if (tag < atomic_load(&newest) && atomic_fetch_add(&late, 1) % 16 == 0)
        for (unsigned i = 0; i < 16 && atomic_load(word) >> TQ__COUNT_BITS == tag; i++)
            twin_pause();
    *counted = atomic_fetch_add_explicit(word, (uint64_t)tokens, memory_order_seq_cst) + (uint64_t)tokens;
    return true;
}

#endif
