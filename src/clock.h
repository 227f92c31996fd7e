/* clock.h: the clock's limits, and taking back what a wrong clock has recorded.
 *
 * SPDX-License-Identifier: MIT
 *
 * Three kinds of records come here: those that start a day, those that start a half hour, and those of
 * an earlier day. All others do not look at the clock. A ledger without a limit (max_ahead_ns) never
 * does.
 *
 * A wrong clock may have recorded days that are still to come. Then the newest day makes every right
 * record a late one, and the word of a future day may occupy the place of today's. Whatever lies further
 * ahead of the clock than the limit is void, and is taken back:
 *
 *   G1  The half hours and the prediction (under the rule original: the mark) that such a day left are
 *       cleared first. Then, by one swap, the newest day becomes the clock's day. Then what the clock's
 *       day has spent is written again. A thread that dies before the swap leaves a newest day that the
 *       next record takes back. A thread that dies after the swap leaves a word that the next record
 *       writes.
 *   G2  The one day word in the place of the day that is recorded becomes 0, by one swap. Words of other
 *       days are left alone: they are right if the present clock is the wrong one.
 */
#ifndef TQ_CLOCK_H
#define TQ_CLOCK_H

#include "ledger.h"

/* The clock, and the last instant that the ledger's limit lets pass; both are accepted instants. Without a
 * limit the clock is not read: now_ns is 0, and last_ns the last instant of all. */
struct tq__clock {
    int64_t now_ns;
    int64_t last_ns;
};

TQ__COLD struct tq__clock tq__clock_read(const struct tq_ledger *ledger);

/* Checks the ledger and its clock limits before a record at now_ns, and then takes back what a wrong clock
 * left in the slot, which is NULL for a name that has none yet. Returns
 *
 *     0          it may be counted,
 *     TQ_EGONE   the ledger's file is no longer the one at its path,
 *     TQ_ECLOCK  the instant is outside the limits; counted in the header. */
TQ__COLD int tq__clock_admit(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns);

/* Takes back by G1, and by G2 for a day. Day 0 stands for the clock's day. */
TQ__COLD void tq__clock_take_back(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t day);

/* Returns the number of the last day that is within the ledger's limit now. */
TQ__COLD uint64_t tq__clock_last_day(const struct tq_ledger *ledger);

#endif
