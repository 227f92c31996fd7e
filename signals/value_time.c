/* value_time.c: instants as vendors write them: RFC 3339 and the three dates of HTTP.
 *
 * SPDX-License-Identifier: MIT
 *
 * strptime and timegm are not asked: they know neither fractions nor offsets, and the locale has no say here.
 */
#include "value.h"

#include "calendar.h"

#define MONTHS "janfebmaraprmayjunjulaugsepoctnovdec"
#define DAYS "sunmontuewedthufrisat"

struct written {
    int64_t year;
    int month, day, hour, minute, second;
};

static int two_digits(const char *at)
{
    return at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9' ? (at[0] - '0') * 10 + at[1] - '0'
                                                                        : -1;
}

/* Which of the names of three letters is at `at`, from 1; 0 for none. */
static int name_of(const char *at, const char *names)
{
    for (int i = 0; names[i] != '\0'; i += 3) {
        if (tq__span_is((struct tq__span){at, 3}, (char[4]){names[i], names[i + 1], names[i + 2], '\0'}))
            return i / 3 + 1;
    }
    return 0;
}

/* hh:mm:ss, 8 bytes. */
static bool read_clock(const char *at, struct written *written)
{
    written->hour = two_digits(at);
    written->minute = two_digits(at + 3);
    written->second = two_digits(at + 6);
    return at[2] == ':' && at[5] == ':' && written->hour >= 0 && written->hour <= 23 &&
           written->minute >= 0 && written->minute <= 59 && written->second >= 0 && written->second <= 60;
}

/* The instant; years that nanoseconds cannot hold saturate on their side. */
static int64_t join(const struct written *written, int64_t fraction_ns, int64_t offset_minutes)
{
    int64_t seconds = tq__days_of_date(written->year, written->month, written->day) * 86400 +
                      written->hour * 3600 + (written->minute - offset_minutes) * 60 + written->second;

    if (seconds > INT64_MAX / TQ__SECOND_NS - 1)
        return INT64_MAX;
    if (seconds < INT64_MIN / TQ__SECOND_NS + 1)
        return INT64_MIN;
    return seconds * TQ__SECOND_NS + fraction_ns;
}

/* Reads Z or +hh:mm to the end of the span. */
static int read_offset(struct tq__span span, int64_t *minutes)
{
    int hour, minute;

    *minutes = 0;
    if (span.len == 1 && (*span.at == 'Z' || *span.at == 'z'))
        return 0;
    if (span.len != 6 || (span.at[0] != '+' && span.at[0] != '-') || span.at[3] != ':')
        return TQ__NO_FORM;
    hour = two_digits(span.at + 1);
    minute = two_digits(span.at + 4);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return TQ__NO_FORM;
    *minutes = (hour * 60 + minute) * (span.at[0] == '-' ? -1 : 1);
    return 0;
}

int tq__value_rfc3339(struct tq__span span, int64_t *at_ns)
{
    int64_t fraction_ns = 0, unit_ns = TQ__SECOND_NS, offset_minutes;
    struct written written;
    size_t i = 19, first = 20;

    span = tq__span_trim(span);
    if (span.len < 20 || span.at[4] != '-' || span.at[7] != '-' ||
        (span.at[10] != 'T' && span.at[10] != 't' && span.at[10] != ' '))
        return TQ__NO_FORM;
    if (two_digits(span.at) < 0 || two_digits(span.at + 2) < 0 || !read_clock(span.at + 11, &written))
        return TQ__NO_FORM;
    written.year = two_digits(span.at) * 100 + two_digits(span.at + 2);
    written.month = two_digits(span.at + 5);
    written.day = two_digits(span.at + 8);
    if (!tq__is_date(written.year, written.month, written.day))
        return TQ__NO_FORM;
    if (span.at[i] == '.') {
        for (i = first; i < span.len && span.at[i] >= '0' && span.at[i] <= '9'; i++) {
            unit_ns /= 10;
            fraction_ns += (span.at[i] - '0') * unit_ns;
        }
        if (i == first)
            return TQ__NO_FORM;
    }
    if (read_offset((struct tq__span){span.at + i, span.len - i}, &offset_minutes) != 0)
        return TQ__NO_FORM;
    *at_ns = join(&written, fraction_ns, offset_minutes);
    return 0;
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool read_imf_date(struct tq__span span, struct written *written)
{
    const char *at = span.at;

    if (span.len != 29 || name_of(at, DAYS) == 0 || at[3] != ',' || at[4] != ' ' || at[7] != ' ' ||
        at[11] != ' ' || at[16] != ' ' || !tq__span_is((struct tq__span){at + 25, 4}, " gmt"))
        return false;
    if (two_digits(at + 12) < 0 || two_digits(at + 14) < 0)
        return false;
    written->day = two_digits(at + 5);
    written->month = name_of(at + 8, MONTHS);
    written->year = two_digits(at + 12) * 100 + two_digits(at + 14);
    return read_clock(at + 17, written);
}

/* Sunday, 06-Nov-94 08:49:37 GMT. The year that is more than 50 years ahead is the last one before with the
 * same two digits. */
static bool read_rfc850_date(struct tq__span span, int64_t now_ns, struct written *written)
{
    ptrdiff_t comma = tq__span_find(span, ", ");
    const char *at;
    int64_t year = tq__year_of(now_ns);

    if (comma < 6 || comma > 9 || span.len != (size_t)comma + 24 || name_of(span.at, DAYS) == 0)
        return false;
    at = span.at + comma + 2;
    if (at[2] != '-' || at[6] != '-' || at[9] != ' ' || !tq__span_is((struct tq__span){at + 18, 4}, " gmt") ||
        two_digits(at + 7) < 0)
        return false;
    written->day = two_digits(at);
    written->month = name_of(at + 3, MONTHS);
    written->year = year - year % 100 + two_digits(at + 7);
    if (written->year > year + 50)
        written->year -= 100;
    else if (written->year + 50 < year)
        written->year += 100;
    return read_clock(at + 10, written);
}

/* Sun Nov  6 08:49:37 1994 */
static bool read_asctime_date(struct tq__span span, struct written *written)
{
    const char *at = span.at;

    if (span.len != 24 || name_of(at, DAYS) == 0 || at[3] != ' ' || at[7] != ' ' || at[10] != ' ' ||
        at[19] != ' ' || two_digits(at + 20) < 0 || two_digits(at + 22) < 0)
        return false;
    written->month = name_of(at + 4, MONTHS);
    written->day = two_digits((char[2]){at[8] == ' ' ? '0' : at[8], at[9]});
    written->year = two_digits(at + 20) * 100 + two_digits(at + 22);
    return read_clock(at + 11, written);
}

int tq__value_http_date(struct tq__span span, int64_t now_ns, int64_t *at_ns)
{
    struct written written;

    span = tq__span_trim(span);
    if (!read_imf_date(span, &written) && !read_rfc850_date(span, now_ns, &written) &&
        !read_asctime_date(span, &written))
        return TQ__NO_FORM;
    if (!tq__is_date(written.year, written.month, written.day))
        return TQ__NO_FORM;
    *at_ns = join(&written, 0, 0);
    return 0;
}
