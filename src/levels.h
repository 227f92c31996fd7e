/* levels.h: a provider with limits or a pool: what a record and a state are over all of its levels.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider may have a pool, which may have a pool: at most TQ__LEVELS slots, the provider's own first. A
 * record counts in the day and in the limits of each. The provider is out while any of them is. Links are
 * changed by a door that checks for circles; a chain in a damaged file is followed for TQ__LEVELS steps.
 *
 * A provider without limits and without a pool never comes here.
 */
#ifndef TQ_LEVELS_H
#define TQ_LEVELS_H

#include "limits.h"
#include "record.h"

#define TQ__LEVELS 3u

struct tq__levels {
    struct tq__slot *slot[TQ__LEVELS];
    uint32_t count;
};

/* Finds the slots: the provider's own, its pool's, and that one's pool's. */
TQ__HOT void tq__levels_of(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__levels *levels)
{
    uint32_t number;

    levels->count = 0;
    do {
        for (uint32_t i = 0; i < levels->count; i++)
            if (levels->slot[i] == slot)
                return; /* a circle, in a damaged file */
        levels->slot[levels->count++] = slot;
        /* Acquire pairs with the swap in pool.c: whoever sees the link sees the pool's slot. */
        number = atomic_load_explicit(&slot->pool, memory_order_acquire);
        if (number == 0)
            return;
        slot = tq__slot_number(ledger, number - 1);
    } while (slot && levels->count < TQ__LEVELS);
}

/* Has a verdict the size that it has in one of the headers? */
static inline bool tq__verdict_size_ok(uint32_t size)
{
    return size == offsetof(struct tq_verdict, level) || size == offsetof(struct tq_verdict, care) ||
           size == offsetof(struct tq_verdict, holds) || size == offsetof(struct tq_verdict, others) ||
           size >= sizeof(struct tq_verdict);
}

#endif
