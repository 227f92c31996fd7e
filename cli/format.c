/* format.c: numbers, lengths of time and instants in words for people.
 *
 * SPDX-License-Identifier: MIT
 */
#include <time.h>

#include "base/number.h"
#include "base/time.h"
#include "cli.h"

_Static_assert(sizeof(struct text) >= TQ__NUMBER_BYTES && sizeof(struct text) >= TQ__LENGTH_BYTES &&
                   sizeof(struct text) >= TQ__TIME_BYTES,
               "a text holds what base/ writes");

struct text format_exact(int64_t n)
{
    struct text text;

    (void)tq__number_write(text.s, n, ',');
    return text;
}

/* Three digits count. Zeros behind the point stay when something was rounded away: 2.00M is not quite 2M. */
struct text format_short(int64_t n, bool round)
{
    static const char names[] = "kMGTPE";
    int64_t unit = 1000;
    int name = 0, decimals;
    struct text text;

    if (n < 10000)
        return format_exact(n);
    while (n / unit >= 1000) {
        unit *= 1000;
        name++;
    }
    decimals = n / unit >= 100 ? 0 : n / unit >= 10 ? 1 : 2;

    int64_t scale = decimals == 0 ? unit : decimals == 1 ? unit / 10 : unit / 100;
    int64_t value = n / scale, rest = n % scale;

    if (rest && round == ROUND_UP)
        value++;
    for (; !rest && decimals > 0 && value % 10 == 0; decimals--)
        value /= 10;
    if (value >= 1000 && decimals > 0) { /* rounded up: 9.99 to 10.0, 99.9 to 100 */
        value /= 10;
        decimals--;
    } else if (value >= 1000) {
        value /= 10;
        decimals = 2;
        name++;
    }
    int64_t point = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;

    if (decimals)
        snprintf(text.s, sizeof(text.s), "%lld.%0*lld%c", (long long)(value / point), decimals,
                 (long long)(value % point), names[name]);
    else
        snprintf(text.s, sizeof(text.s), "%lld%c", (long long)value, names[name]);
    return text;
}

struct text format_percent(int64_t part, int64_t whole)
{
    int64_t percent = tq__multiply_divide(part, 100, whole, ROUND_DOWN);
    struct text text;

    if (percent > 999)
        snprintf(text.s, sizeof(text.s), ">999%%");
    else
        snprintf(text.s, sizeof(text.s), "%d%%", (int)percent);
    return text;
}

struct text format_length(int64_t length_ns)
{
    struct text text;

    (void)tq__length_write(text.s, length_ns);
    return text;
}

static struct text strftime_utc(int64_t at_ns, const char *format)
{
    time_t seconds = (time_t)tq__floor_divide(at_ns, SECOND_NS);
    struct text text = {"?"};
    struct tm tm;

    if (gmtime_r(&seconds, &tm))
        strftime(text.s, sizeof(text.s), format, &tm);
    return text;
}

static struct text strftime_local(int64_t at_ns, const char *format)
{
    time_t seconds = (time_t)tq__floor_divide(at_ns, SECOND_NS);
    struct text text = {"?"};
    struct tm tm;

    if (localtime_r(&seconds, &tm))
        strftime(text.s, sizeof(text.s), format, &tm);
    return text;
}

struct text format_utc(int64_t at_ns)
{
    return strftime_utc(at_ns, "%Y-%m-%d %H:%M:%S");
}

struct text format_utc_day(int64_t at_ns)
{
    return strftime_utc(at_ns, "%Y-%m-%d");
}

struct text format_utc_minute(int64_t at_ns)
{
    return strftime_utc(at_ns, "%H:%M");
}

struct text format_local(int64_t at_ns)
{
    return strftime_local(at_ns, "%Y-%m-%d %H:%M:%S %Z");
}

struct text format_local_hour(int64_t at_ns)
{
    return strftime_local(at_ns, "%H:%M %Z");
}

struct text format_local_soon(int64_t at_ns, int64_t now_ns)
{
    int64_t left_ns = at_ns - now_ns;

    if (left_ns < DAY_NS)
        return strftime_local(at_ns, "%H:%M");
    return strftime_local(at_ns, left_ns < 7 * DAY_NS ? "%a %H:%M" : "%b %d %H:%M");
}

struct text format_rfc3339(int64_t at_ns)
{
    struct text text;

    (void)tq__time_write(text.s, at_ns);
    return text;
}
