/* hold_handle.h: from what a caller has of a hold to its words.
 *
 * SPDX-License-Identifier: MIT
 *
 *     place[i]    [slot 32 | place 32]   of level i; of level 0 the slot is the provider's
 *     word[i]     the word as it was held; 0: it was not found by its id
 */
#ifndef TQ_HOLD_HANDLE_H
#define TQ_HOLD_HANDLE_H

#include "hold.h"
#include "levels.h"

TQ__HOT uint64_t tq__handle_place(uint32_t slot, uint32_t place)
{
    return (uint64_t)slot << 32 | place;
}

/* The words in the place of level i; NULL: there are none. */
TQ__HOT struct tq__hold *tq__handle_at(const struct tq_hold *hold, uint32_t i, struct tq__limits **limits)
{
    struct tq_ledger *ledger = hold->provider->ledger;
    struct tq__slot *slot = i == 0 ? tq__provider_slot(hold->provider)
                                   : tq__slot_number(ledger, (uint32_t)(hold->place[i] >> 32));

    *limits = slot ? tq__limits_of(ledger, slot) : NULL;
    return tq__hold_at(ledger, *limits, (uint32_t)hold->place[i]);
}

/* The same of a hold that was there. The word of a place that was never used is 0, too: it is not that of a
 * hold that was not found. */
TQ__HOT struct tq__hold *tq__handle_find(const struct tq_hold *hold, uint32_t i, struct tq__limits **limits)
{
    struct tq__hold *own = tq__handle_at(hold, i, limits);

    return hold->word[i] != 0 ? own : NULL;
}

/* Units whose amounts the provider's own hold has, while it is there: bit 1 << unit. */
static inline uint32_t tq__handle_known(const struct tq_hold *hold)
{
    struct tq__limits *limits;
    const struct tq__hold *own = tq__handle_find(hold, 0, &limits);
    uint32_t known = 0;

    for (uint32_t unit = 1; own && unit < TQ__UNITS; unit++)
        /* Relaxed: the generation says whether it is this hold's. */
        known |= (uint32_t)tq__hold_counts(hold->word[0],
                                           atomic_load_explicit(&own->amount[unit - 1], memory_order_relaxed))
                 << unit;
    return known;
}

#endif
