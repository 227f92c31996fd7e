/* time.h: dates, instants and lengths of time as headers, logs and people write them.
 *
 * SPDX-License-Identifier: MIT
 *
 * Nothing here calls the C library: strptime and timegm know neither fractions nor offsets and depend on
 * locale and TZ. An instant is in nanoseconds since 1970-01-01T00:00:00Z, from 1677-09-21 to 2262-04-11.
 *
 * The same text is the same instant in a header, in a body, in a log and behind --at:
 *
 *   - A fraction may have any number of digits. Digits beyond the nanosecond are cut off, towards the past.
 *   - A leap second (23:59:60 in UTC, with any offset) is the last nanosecond of its day: seconds since 1970
 *     do not count it, and it belongs to the day that ends. A second 60 in any other minute does not exist.
 *   - A time must have an offset, Z or +hh:mm.
 *   - A number means seconds since 1970 up to 10^11 (the year 5138), milliseconds up to 10^14, microseconds
 *     up to 10^17, and nanoseconds above that. It may have a sign, a fraction and an exponent.
 */
#ifndef TQ_BASE_TIME_H
#define TQ_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/number.h"
#include "base/text.h"

#define TQ__MS_NS INT64_C(1000000)
#define TQ__SECOND_NS INT64_C(1000000000)
#define TQ__MINUTE_NS (60 * TQ__SECOND_NS)
#define TQ__HOUR_NS (60 * TQ__MINUTE_NS)
#define TQ__DAY_NS (24 * TQ__HOUR_NS)
#define TQ__WEEK_NS (7 * TQ__DAY_NS)

/* Why a text is no time, beside the reasons of base/number.h. */
#define TQ__NOT_TIME (-6)
#define TQ__NO_SUCH_TIME (-7) /* the 30th of February, 12:00:60 */
#define TQ__NO_OFFSET (-8)    /* neither Z nor +hh:mm */
#define TQ__OUT_OF_RANGE (-9) /* of 64 bits of nanoseconds */

/* ---- dates ----------------------------------------------------------------------------------- */

/* A date and a time of day in UTC, in the Gregorian calendar, before 1582 too. */
struct tq__civil {
    int64_t year;
    int month, day; /* from 1 */
    int hour, minute, second;
    int64_t ns; /* of the second */
};

/* Does this date exist? Years begin with 0. */
bool tq__is_date(int64_t year, int month, int day);

/* Days from 1970-01-01 to a date that exists; and back: fills year, month and day. */
int64_t tq__days_of_date(int64_t year, int month, int day);
void tq__date_of_days(int64_t days, struct tq__civil *civil);

/* The date and the time of day of an instant. */
void tq__civil_of(int64_t at_ns, struct tq__civil *civil);

/* a / b rounded down, before 1970 as after it; b is above 0. */
static inline int64_t tq__floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The first instant of the day of UTC that holds at_ns. */
static inline int64_t tq__day_start(int64_t at_ns)
{
    return tq__floor_divide(at_ns, TQ__DAY_NS) * TQ__DAY_NS;
}

/* The first instant behind the minute, the day, the month of UTC that holds now_ns. */
int64_t tq__minute_end(int64_t now_ns);
int64_t tq__day_end(int64_t now_ns);
int64_t tq__month_end(int64_t now_ns);

/* ---- instants -------------------------------------------------------------------------------- */

/* These read the whole text. They return 0; TQ__EMPTY, TQ__NOT_TIME, TQ__NO_SUCH_TIME, TQ__NO_OFFSET; or
 * TQ__OUT_OF_RANGE, with *at_ns the bound of int64_t on that side: the text is well formed, only absurd. */

/* Reads 2026-07-01T00:00:00Z (RFC 3339; t, z and a space for the T are accepted) with fraction and offset. */
int tq__time_rfc3339(struct tq__span text, int64_t *at_ns);

/* Reads the same as people shorten it: 2026-04-11T00:45Z without seconds, or a date alone, which is its 00:00
 * UTC. */
int tq__time_people(struct tq__span text, int64_t *at_ns);

/* Reads a number since 1970, whose size says its unit. */
int tq__time_epoch(struct tq__span text, int64_t *at_ns);

/* Reads either of them. */
int tq__time_read(struct tq__span text, int64_t *at_ns);

/* Reads Sun, 06 Nov 1994 08:49:37 GMT and the two older forms (RFC 9110 5.6.7). The form with two digits of a
 * year is of the century that puts it at most 50 years after now_ns. */
int tq__time_http_date(struct tq__span text, int64_t now_ns, int64_t *at_ns);

#define TQ__TIME_BYTES 32  /* of any instant in RFC 3339, with the NUL */
#define TQ__DATE_LENGTH 10 /* its date, 2026-03-04, is in front */

/* Writes 2026-03-04T09:41:07.25Z, NUL-terminated, and returns its length. The fraction says every nanosecond
 * and ends in no zero. */
size_t tq__time_write(char out[TQ__TIME_BYTES], int64_t at_ns);

/* ---- lengths of time ------------------------------------------------------------------------- */

/* billionths / 10^9 of a unit, at most INT64_MAX. The unit is a whole number of seconds, or less than one. */
int64_t tq__length_of(int64_t billionths, int64_t unit_ns);

/* Reads numbers with a unit each at the begin of the text: 6m0s, 16m17.764s, 12ms. The units are h, m, s, ms,
 * us, µs, ns. Where people wrote it, also d and w, the words (hours, hour, min), any case, and blanks or a
 * hyphen between a number and its unit: 1d 12h, 5-hour. Returns how many bytes that is, 0 for none; *ns is
 * at most INT64_MAX. */
size_t tq__length_take(struct tq__span text, bool people, int64_t *ns);

#define TQ__LENGTH_BYTES 32 /* of any length in words, with the NUL */

/* Writes a length for people, NUL-terminated, and returns how many bytes that is: 3 d 4 h, 5 h, 12 min, 40 s.
 * It has two units at most and is rounded up to the smaller one; nothing and less is 0 s. */
size_t tq__length_write(char out[TQ__LENGTH_BYTES], int64_t ns);

#endif
