/* hold_room.h: is there room for a hold that is published: the look of H2.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_HOLD_ROOM_H
#define TQ_HOLD_ROOM_H

#include "hold.h"

enum {
    TQ__ROOM_FITS,
    TQ__ROOM_USED, /* what is counted leaves too little */
    TQ__ROOM_HELD, /* others hold too much */
    TQ__ROOM_UNIT  /* a limit is there by now of a unit that is known and was not written */
};

/* What asks for room in one level. */
struct tq__room_asked {
    struct tq_ledger *ledger;
    struct tq__slot *slot;
    struct tq__limits *limits;
    int64_t now_ns;
    bool use_reserve, is_published; /* published: the own hold is among those that are summed */
    uint32_t known, written;        /* bit 1 << unit */
    const int64_t *of;
};

/* Units whose amounts are known and that a limit of the level counts, and tokens. Tells whether the level has
 * first-use windows. */
uint32_t tq__room_units(struct tq__limits *limits, uint32_t known, bool *begins);

/* Loads all holds, and then counts. Returns TQ__ROOM_..., and whether nothing is left for callers without the
 * reserve. */
int tq__room_look(const struct tq__room_asked *asked, bool *is_last);

#endif
