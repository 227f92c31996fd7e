/* rolling.h: the last length of time, in a ring of buckets of a hundredth of it.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bound     the newest bucket: [version, 8 | number, 56], counted from 1970
 *     bucket    [version, 8 | number div 128, 16 | count, 40], in word number mod 128 of the ring
 *     count[1]  the base of the carry: [version, 8 | number, 32 | serial, 24]
 *     count[0]  the carry: [version, 8 | serial, 16 | sum, 40]: the sum of the 100 buckets before the base's
 *               number. It holds while version and serial are the base's
 *
 * A limit's count at an instant is that of its bucket and of the 100 before.
 *
 *   B1  A thread that counts in a newer bucket raises the bound first. So, as M1 to M3 of limit.h argue for
 *       windows, a bucket with another tag than that of its number is void, once the bound is loaded again
 *       after it and is what it was. A bucket more than 100 behind the newest is of the past. Whoever raises
 *       the bound first makes the buckets 0 that it passes, so that no tag comes round (as in limit.h).
 *   B2  The carry only saves the sum of 100 words. A thread swaps the base for the newest bucket's number and
 *       another serial, then sums, then swaps the carry. A record counts first, then loads the bound, and
 *       when its bucket is not the newest by then, gives the base another serial. So a sum without that
 *       record has an older serial, or was begun after the record counted. What a stalled record of an older
 *       limit in this line does, finds another version, and nothing to void.
 */
#ifndef TQ_ROLLING_H
#define TQ_ROLLING_H

#include "limit.h"

/* Is the bucket of now_ns, whose number is told, the newest one? False, also for a damaged length. */
TQ__HOT bool tq__rolling_is_newest(const struct tq__limit *limit, uint64_t spec, int64_t now_ns,
                                   uint64_t *number)
{
    uint64_t minutes = spec >> 20 & 0xfffff;

    if (minutes == 0)
        return false;
    *number = (uint64_t)now_ns / (minutes * (uint64_t)(TQ__MINUTE_NS / TQ__ROLLING_BUCKETS));
    /* Acquire pairs with the swap in raise: B1. */
    return atomic_load_explicit(&limit->bound, memory_order_acquire) == (spec >> 56 << 56 | *number);
}

/* Counts in the newest bucket when that has a count: one try. Returns true with the limit's count; false:
 * nothing was counted, and tq__rolling_add does it. A count that is saturated is INT64_MAX. */
bool tq__rolling_count(struct tq_ledger *ledger, struct tq__limit *limit, uint64_t spec, int64_t now_ns,
                       int64_t amount, uint64_t *used);

/* The number of the bucket of an instant, and when a bucket begins. */
uint64_t tq__rolling_number(const struct tq__line *line, int64_t now_ns);
int64_t tq__rolling_begin_ns(const struct tq__line *line, uint64_t number);

/* What is counted in a bucket. */
uint64_t tq__rolling_bucket(const struct tq__line *line, uint64_t number);

bool tq__rolling_ready(const struct tq__line *line, int64_t now_ns);
void tq__rolling_settle(const struct tq__line *line, int64_t now_ns);
bool tq__rolling_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                     struct tq__standing *standing);
void tq__rolling_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns);
void tq__rolling_stand(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                       struct tq__standing *standing);

/* When the sum reaches `room` within a length, if what its newest quarter took goes on, and what is counted
 * falls out as it will; TQ__PACE_LASTS: it does not; TQ__PACE_UNKNOWN, also when nothing is older than that
 * quarter: then nobody knows since when it was so. */
int64_t tq__rolling_out_ns(const struct tq__line *line, int64_t room, int64_t now_ns);

void tq__rolling_clear(const struct tq__line *line);

#endif
