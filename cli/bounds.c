/* bounds.c: where the days of a report begin, in UTC or in the local zone, and days on a command line.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <time.h>

#include "bounds.h"

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* How far the zone is ahead of UTC at that instant. */
static int64_t offset_seconds(int64_t at_ns)
{
    time_t seconds = (time_t)floor_divide(at_ns, SECOND_NS);
    struct tm tm;

    if (!localtime_r(&seconds, &tm))
        return 0;
    tm.tm_isdst = 0;

    /* timegm is not everywhere: the same fields as a day number and seconds. */
    int64_t years = tm.tm_year + INT64_C(1899); /* whole years before this one */
    int64_t days = years * 365 + years / 4 - years / 100 + years / 400 + tm.tm_yday - 719162;

    return days * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec - (int64_t)seconds;
}

int64_t bounds_day(int64_t at_ns, bool local)
{
    int64_t seconds = floor_divide(at_ns, SECOND_NS);

    return floor_divide(seconds + (local ? offset_seconds(at_ns) : 0), 86400);
}

/* A day's begin in the zone: the offset of the instant that has the day's number in UTC is the one of its
 * begin, but for zones that change their clocks in between, where a second look at the begin itself decides.
 */
static int64_t day_begin(int64_t day, bool local)
{
    int64_t at_ns = day * DAY_NS;

    if (!local)
        return at_ns;
    at_ns = day * DAY_NS - offset_seconds(at_ns) * SECOND_NS;
    return day * DAY_NS - offset_seconds(at_ns) * SECOND_NS;
}

int bounds_parse(const char *option, const char *text, int64_t now_ns, unsigned flags, int64_t *at_ns)
{
    bool local = flags & BOUNDS_LOCAL;
    int64_t day;

    if (!instant_day(text, bounds_day(now_ns, local), &day))
        return instant_parse(option, text, now_ns, at_ns);
    *at_ns = day_begin(day + (flags & BOUNDS_END ? 1 : 0), local);
    return 0;
}
