/* clock.h: the clock's limits, and taking back what a wrong clock has recorded.
 *
 * SPDX-License-Identifier: MIT
 *
 * Records that start a day or a half hour, and records of an earlier day, come by here; all others do not
 * look at the clock. Only a ledger that has a limit (max_ahead_ns) asks for it.
 *
 * A wrong clock may have recorded days that are still to come. Then the newest day makes every right record a
 * late one, and the word of a future day may stand in today's place. What lies further ahead than the limit
 * is void, and is taken back:
 *
 *   G1  First the half hours and the prediction (under the rule original: the mark) that such a day left.
 * Then, by one swap, the newest day, which becomes the clock's. Then what the clock's day has spent is
 * written anew. A thread that dies before the swap leaves a newest day that the next record takes back; after
 * the swap, a word that the next record writes. G2  The one day word in the place of the day that is recorded
 * becomes 0, by one swap. Words of other days are left alone: they are right if it is the present clock that
 * is wrong.
 */
#ifndef TQ_CLOCK_H
#define TQ_CLOCK_H

#include "ledger.h"

/* Checks the ledger and its clock limits before a record at now_ns, and then takes back what a wrong clock
 * left in the slot, which is NULL for a name that has none yet. Returns 0          it may be counted,
 *     TQ_EGONE   the ledger's file is no longer the one at its path,
 *     TQ_ECLOCK  the instant is outside the limits; counted in the header. */
TQ__COLD int tq__clock_admit(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns);

/* Takes back by G1, and by G2 for a day; day 0 is the clock's. */
TQ__COLD void tq__clock_take_back(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t day);

/* Returns the number of the last day that is within the ledger's limit now. */
TQ__COLD uint64_t tq__clock_last_day(const struct tq_ledger *ledger);

#endif
