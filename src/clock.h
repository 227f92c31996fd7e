/* clock.h: what a record that starts a day, or goes to an earlier one, must pass. Off the fast path.
 *
 * SPDX-License-Identifier: MIT
 *
 * Here, and only here, the clock is looked at, and only when the ledger has a limit (max_ahead_ns). A wrong
 * clock may have recorded days that are not there yet: the newest day then makes every right record a late
 * one, and a day word of the future may stand in today's place. What lies further ahead than the limit is
 * void, and taken back:
 *
 *   G1  the half hours and the prediction, or mark of the rule original, that such a day left; then, by one
 *       swap, the newest day, to the clock's; then what the clock's day has spent says its word anew. Who dies
 *       before the swap leaves a newest day that the next record takes back; after it, a word that the next
 *       record writes.
 *   G2  the one day word that stands in the place of the day that is recorded, by one swap to 0. Words of
 *       other days are left alone: if it is the present clock that is wrong, they are right.
 */
#ifndef TQ_GATE_H
#define TQ_GATE_H

#include "ledger.h"

/* May a record of this instant be counted, as far as the ledger and its clock limits go? Is the ledger's file
 * still the one at its path? 0, TQ_EGONE, TQ_ECLOCK. */
TQ__COLD int tq__gate_instant(struct tq_ledger *ledger, int64_t now_ns);

/* The same for a record that starts a day, or goes to a day before the newest; then takes back what a wrong
 * clock left of the slot. */
TQ__COLD int tq__gate(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns);

/* G1, and G2 for a day; day 0: the clock's. */
TQ__COLD void tq__gate_take_back(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t day);

/* The number of the last day that lies within the ledger's limit by the clock of now. */
TQ__COLD uint64_t tq__gate_last_day(const struct tq_ledger *ledger);

/* The answer to a record of a day that the ledger no longer holds: TQ_EAGE, counted. */
TQ__COLD int tq__too_old(struct tq_ledger *ledger);

#endif
