/* zone.h: time zones: from an instant to a local time and back, by the bytes of a file of the zone database.
 *
 * SPDX-License-Identifier: MIT
 *
 *     tq__zone_read(&zone, bytes, len)           0: the bytes are a zone (TZif, RFC 9636), which stay yours
 *     tq__zone_offset(&zone, at_ns)              seconds of local time ahead of UTC
 *     tq__zone_instant(&zone, &civil, &at_ns)    the instant at which clocks there show this
 *
 * The C library knows one zone, that of TZ, which all threads share. So the files are read here.
 */
#ifndef TQ_BASE_ZONE_H
#define TQ_BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"

#define TQ__ZONE_BYTES 16384     /* of a file, at most; the largest known one has 5 KiB */
#define TQ__ZONE_NAME_BYTES 64   /* of a zone's name, with the NUL */
#define TQ__ZONE_AHEAD_MAX 93600 /* seconds of an offset, either way */

/* When the clocks change, every year: after the day of a month, of a week, or of the year. */
struct tq__zone_change {
    char kind;            /* 'M': month, week and weekday; 'J': a day from 1, never the 29th of February;
                             '0': a day from 0 */
    int month, week, day; /* week 5: the last one; day 0: Sunday. Else the day alone */
    int32_t second;       /* of that day, in the time that ends; may be negative or above a day */
};

/* What holds after the last change that the file lists. */
struct tq__zone_rule {
    int32_t standard, summer;          /* seconds ahead of UTC */
    bool changes;                      /* else it is always standard time */
    struct tq__zone_change begin, end; /* of summer time */
};

struct tq__zone {
    const unsigned char *times, *kinds, *types; /* of the file: when, to which type, and the types */
    size_t time_count, type_count;
    bool has_rule;
    struct tq__zone_rule rule;
};

/* Clocks that are always so many seconds ahead of UTC. */
#define TQ__ZONE_FIXED(seconds)                                                                              \
    {                                                                                                        \
        .has_rule = true, .rule = {.standard = (seconds) }                                                   \
    }

/* Los Angeles, by the present rule of the United States (15 U.S.C. 260a as amended by Public Law 109-58
 * section 110, in force since 2007). Vendors use it, and containers often have no zone database. */
extern const struct tq__zone tq__zone_pacific;

/* Reads a zone from the bytes of its file, to which the zone then points. 0; -1: they are none. */
int tq__zone_read(struct tq__zone *zone, const void *bytes, size_t len);

/* Reads a rule as TZ has it (POSIX): EST5EDT,M3.2.0,M11.1.0. 0; -1: it is none. */
int tq__zone_read_rule(struct tq__zone_rule *rule, struct tq__span text);

/* What a rule says: seconds that clocks are ahead of UTC at a second since 1970. */
int32_t tq__zone_rule_offset(const struct tq__zone_rule *rule, int64_t second);

/* Does a rule that changes do so in a year before the second `until`, but after the second `from`? */
bool tq__zone_rule_changes(const struct tq__zone_rule *rule, int64_t year, int64_t from, int64_t until);

/* A time without a change, in seconds since 1970. */
struct tq__zone_span {
    int64_t from, until; /* INT64_MIN and INT64_MAX: no bound */
    int32_t offset;
};

/* Finds the time without a change that holds a second, as the file lists it. False: the file lists nothing
 * for that second, its rule holds. */
bool tq__zone_listed(const struct tq__zone *zone, int64_t second, struct tq__zone_span *span);

/* Seconds that clocks are ahead of UTC at an instant. */
int32_t tq__zone_offset(const struct tq__zone *zone, int64_t at_ns);

/* The instant at which clocks show this date and time. A time that comes twice is the first one. A time that
 * clocks skip is counted on from before the gap: half an hour into it is half an hour after it began. 0;
 * TQ__NO_SUCH_TIME: there is no such date; TQ__OUT_OF_RANGE. */
int tq__zone_instant(const struct tq__zone *zone, const struct tq__civil *local, int64_t *at_ns);

/* The local date and time of an instant. */
void tq__zone_civil(const struct tq__zone *zone, int64_t at_ns, struct tq__civil *local);

/* Can it be the name of a zone, Europe/Paris, and nothing else in a path? */
bool tq__zone_is_name(struct tq__span name);

#endif
