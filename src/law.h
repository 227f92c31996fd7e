/* law.h: the law of a time zone as a ledger keeps it, in nine words: when its clocks are how far ahead.
 *
 * SPDX-License-Identifier: MIT
 *
 * Everything is in quarter hours since 1970-01-01T00:00Z. The words are
 *
 *     rule        [0, 2 | begin, 23 | end, 23 | summer, 8 | standard, 8]
 *                 The POSIX rule at the end of the zone's file. summer and standard are offsets. begin and
 *                 end say when summer time begins and ends: [kind, 2 | day, 10 | time of that day, 11].
 *                 kind 0: there is no summer time
 *                 kind 1: day is [month, 4 | week, 3 | weekday, 3]
 *                 kind 2: day is 1 to 365 of a year without the 29th of February
 *                 kind 3: day is 0 to 365
 *     change[i]   [from, 24 | until, 24 | offset, 16]     0 = none
 *                 An exception: what the file says for a time for which the rule says something else.
 *
 * Offsets and times of day are in two's complement. An exception says all about itself. So the order of the
 * words means nothing, and one that is replaced changes nothing but the times that it and the new one name.
 */
#ifndef TQ_LAW_H
#define TQ_LAW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"
#include "layout.h"

#define TQ__QUARTER_NS (15 * TQ__MINUTE_NS)
#define TQ__QUARTER_END (UINT32_C(1) << 24) /* no quarter hour that is kept reaches it: the year 2448 */
#define TQ__DAY_QUARTERS 96

struct tq__law_words {
    uint64_t rule, change[TQ__ZONE_CHANGES];
};

/* The same for reckoning. All zeros are UTC. */
struct tq__law {
    struct tq__zone_rule rule; /* in seconds */
    uint32_t exceptions;
    struct tq__law_exception {
        uint32_t from, until;
        int32_t offset;
    } exception[TQ__ZONE_CHANGES];
};

/* Writes the law of a zone that holds from now_ns on, and in the year before it as far as the words suffice.
 * Returns 0; TQ_ENOTSUP when changes or offsets are not on a quarter of an hour. */
int tq__law_write(struct tq__law_words *words, const struct tq__zone *zone, int64_t now_ns);

/* Reads a law, whatever the words are. False: the rule is none that can be. What is no exception is left
 * out. */
bool tq__law_read(struct tq__law *law, const struct tq__law_words *words);

/* Quarter hours that clocks are ahead of UTC at a quarter hour. */
int32_t tq__law_offset(const struct tq__law *law, int64_t quarter);

/* The quarter hour at which a local day begins (days since 1970-01-01): the first at which clocks show 00:00
 * of that day or later. */
int64_t tq__law_day_begin(const struct tq__law *law, int64_t day);

#endif
