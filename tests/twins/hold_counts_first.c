/* hold_counts_first.c: a broken twin of hold_room.c: counts are read before holds, so a hold that is settled
 * in between is seen in neither. It yields where that matters.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pause.h"

#define tq__room_look exact_room_look
#include "src/hold_room.c"
#undef tq__room_look

int tq__room_look(const struct tq__room_asked *asked, bool *is_last)
{
    int64_t used[TQ__LIMITS] = {0}, others, own;
    struct tq__terms terms[TQ__LIMITS];
    struct sums sums = {.asked = asked};
    struct tq__line line;

    *is_last = false;
    for (uint32_t i = 0; i < TQ__LIMITS; i++) {
        terms[i].amount = 0;
        if (tq__line_open(&line, asked->ledger, asked->limits, i))
            used[i] = used_in(asked, &line, &terms[i]);
    }
    twin_pause();
    for (uint32_t i = 0; i < TQ__LIMITS; i++) {
        if (terms[i].amount == 0 || !tq__line_open(&line, asked->ledger, asked->limits, i))
            continue;
        sums_of(&sums, line.spec.unit, &others, &own);
        if (weigh_sum(&sums, used[i], terms[i], others, own) != TQ__ROOM_FITS)
            return TQ__ROOM_HELD;
    }
    return TQ__ROOM_FITS;
}
