/* time.c: instants as logs write them: RFC 3339 or a number since the epoch, to the nanosecond.
 *
 * SPDX-License-Identifier: MIT
 *
 * Nothing here asks the C library: strptime and timegm know neither fractions nor offsets, and the locale and
 * TZ have no say in what a log means. What is finer than a nanosecond is cut off, towards the past.
 */
#include "internal.h"

#define NS_OF_S INT64_C(1000000000)
#define DAY_S INT64_C(86400)
#define MINUTE_S 60
#define EPOCH_DAY INT64_C(719528) /* 1970-01-01, in days from 0000-01-01 */

#define STAMP_HEAD 19 /* YYYY-MM-DDThh:mm:ss */

/* A time of day and date as it was written, before its offset is taken off. */
struct written {
    int year, month, day, hour, minute, second;
    int64_t fraction_ns;
    int offset_minutes;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The number of two digits; -1 when they are none. */
static int two_digits(const char *at)
{
    return is_digit(at[0]) && is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_since_epoch(int year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t days = INT64_C(365) * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;

    return days + before[month - 1] + (month > 2 && is_leap(year)) + day - 1 - EPOCH_DAY;
}

/* Reads YYYY-MM-DDThh:mm:ss; text has at least that length. */
static int read_head(const char *text, struct written *written)
{
    int century = two_digits(text), year = two_digits(text + 2);

    written->month = two_digits(text + 5);
    written->day = two_digits(text + 8);
    written->hour = two_digits(text + 11);
    written->minute = two_digits(text + 14);
    written->second = two_digits(text + 17);
    if (century < 0 || year < 0 || written->month < 0 || written->day < 0 || written->hour < 0 ||
        written->minute < 0 || written->second < 0)
        return TQ__LOG_NOT_TIME;
    if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
        return TQ__LOG_NOT_TIME;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ')
        return TQ__LOG_NOT_TIME;
    written->year = century * 100 + year;
    if (written->month < 1 || written->month > 12 || written->day < 1 ||
        written->day > days_of_month(written->year, written->month))
        return TQ__LOG_NO_SUCH_TIME;
    if (written->hour > 23 || written->minute > 59 || written->second > 60)
        return TQ__LOG_NO_SUCH_TIME;
    return 0;
}

/* Reads .digits behind the seconds, if it is there; NULL when it is wrong. */
static const char *read_fraction(const char *at, const char *end, struct written *written)
{
    int64_t unit_ns = NS_OF_S;
    const char *first;

    written->fraction_ns = 0;
    if (at == end || *at != '.')
        return at;
    for (first = ++at; at < end && is_digit(*at); at++) {
        unit_ns /= 10;
        written->fraction_ns += (*at - '0') * unit_ns;
    }
    return at > first ? at : NULL;
}

/* Reads Z or +hh:mm, which must be the end. */
static int read_offset(const char *at, const char *end, struct written *written)
{
    int hours, minutes;

    written->offset_minutes = 0;
    if (at == end)
        return TQ__LOG_NO_OFFSET;
    if (end - at == 1 && (*at == 'Z' || *at == 'z'))
        return 0;
    if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':')
        return TQ__LOG_NOT_TIME;
    hours = two_digits(at + 1);
    minutes = two_digits(at + 4);
    if (hours < 0 || minutes < 0)
        return TQ__LOG_NOT_TIME;
    if (hours > 23 || minutes > 59)
        return TQ__LOG_NO_SUCH_TIME;
    written->offset_minutes = (hours * 60 + minutes) * (*at == '-' ? -1 : 1);
    return 0;
}

/* seconds x 10^9 + fraction_ns, which may fit where the product alone does not. */
static int join_ns(int64_t seconds, int64_t fraction_ns, int64_t *at_ns)
{
    if (seconds < 0) {
        seconds++;
        fraction_ns -= NS_OF_S;
    }
    if (__builtin_mul_overflow(seconds, NS_OF_S, &seconds) ||
        __builtin_add_overflow(seconds, fraction_ns, at_ns))
        return TQ__LOG_OUT_OF_RANGE;
    return 0;
}

static int join(const struct written *written, int64_t *at_ns)
{
    int64_t minute_s = days_since_epoch(written->year, written->month, written->day) * DAY_S;

    minute_s += (written->hour * 60 + written->minute - written->offset_minutes) * MINUTE_S;
    if (written->second < 60)
        return join_ns(minute_s + written->second, written->fraction_ns, at_ns);
    /* A leap second ends a day in UTC. The epoch's count has no room for it, and usage in it belongs to the
     * day that ends: it becomes that day's last nanosecond. */
    if ((minute_s + MINUTE_S) % DAY_S != 0)
        return TQ__LOG_NO_SUCH_TIME;
    return join_ns(minute_s + 59, NS_OF_S - 1, at_ns);
}

static int read_rfc3339(struct tq__log_text text, int64_t *at_ns)
{
    const char *end = text.text + text.len, *at;
    struct written written;
    int fault;

    if (text.len < STAMP_HEAD)
        return TQ__LOG_NOT_TIME;
    fault = read_head(text.text, &written);
    if (fault != 0)
        return fault;
    at = read_fraction(text.text + STAMP_HEAD, end, &written);
    if (!at)
        return TQ__LOG_NOT_TIME;
    fault = read_offset(at, end, &written);
    return fault != 0 ? fault : join(&written, at_ns);
}

/* Is the number, without its sign, above limit? */
static bool is_above(const struct tq__log_number *number, int64_t limit)
{
    struct tq__log_number size = *number;
    int64_t floor;
    bool whole;

    size.negative = false;
    if (tq__log_number_scale(&size, 0, &floor, &whole) != 0)
        return true;
    return floor > limit || (floor == limit && !whole);
}

static int read_epoch(struct tq__log_text text, int64_t *at_ns)
{
    struct tq__log_number number;
    bool whole;
    int scale = 9;

    if (tq__log_number_read(text, &number) != 0)
        return TQ__LOG_NOT_TIME;
    if (is_above(&number, INT64_C(100000000000000000)))
        scale = 0;
    else if (is_above(&number, INT64_C(100000000000000)))
        scale = 3;
    else if (is_above(&number, INT64_C(100000000000)))
        scale = 6;
    return tq__log_number_scale(&number, scale, at_ns, &whole) != 0 ? TQ__LOG_OUT_OF_RANGE : 0;
}

int tq__log_time_stamp(struct tq__log_text text, int64_t *at_ns)
{
    if (text.len == 0)
        return TQ__LOG_EMPTY;
    if (text.len > 4 && two_digits(text.text) >= 0 && two_digits(text.text + 2) >= 0 && text.text[4] == '-')
        return read_rfc3339(text, at_ns);
    return read_epoch(text, at_ns);
}

int tq__log_time_unix_ms(struct tq__log_text text, int64_t *at_ns)
{
    struct tq__log_number number;
    int64_t ms;
    bool whole;

    if (text.len == 0)
        return TQ__LOG_EMPTY;
    if (tq__log_number_read(text, &number) != 0)
        return TQ__LOG_NOT_WHOLE;
    if (tq__log_number_scale(&number, 0, &ms, &whole) != 0)
        return TQ__LOG_OUT_OF_RANGE;
    if (!whole)
        return TQ__LOG_NOT_WHOLE;
    return __builtin_mul_overflow(ms, INT64_C(1000000), at_ns) ? TQ__LOG_OUT_OF_RANGE : 0;
}
