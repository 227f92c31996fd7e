/* format.c: numbers, lengths of time and instants in words for people.
 *
 * SPDX-License-Identifier: MIT
 */
#include <time.h>

#include <tokenquota.h>

#include "base/number.h"
#include "base/time.h"
#include "cli/cli.h"

_Static_assert(sizeof(struct text) >= TQ__DOLLARS_BYTES && sizeof(struct text) >= TQ__LENGTH_BYTES &&
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
    static const int points[] = {1, 10, 100};
    int64_t scale = 1, rest;
    int power = 0, value, decimals, unit;
    struct text text;

    if (n < 10000)
        return format_exact(n);
    for (; n / scale >= 1000; scale *= 10)
        power++;
    value = (int)(n / scale);
    rest = n % scale;
    if (rest && round == ROUND_UP && ++value == 1000) {
        value = 100;
        power++;
    }
    unit = (power + 2) / 3;
    decimals = 3 * unit - power;
    for (; !rest && decimals > 0 && value % 10 == 0; decimals--)
        value /= 10;
    snprintf(text.s, sizeof(text.s), "%.*f%c", decimals, (double)value / points[decimals],
             "kMGTPE"[unit - 1]);
    return text;
}

struct text format_percent(int64_t part, int64_t whole)
{
    int64_t tenths = tq__multiply_divide(part, 1000, whole, ROUND_DOWN);
    int64_t percent = tenths / 10 + (tenths % 10 >= 5);
    struct text text;

    if (percent > 999)
        snprintf(text.s, sizeof(text.s), ">999%%");
    else if (percent == 100 && part < whole) /* what has room is not 100% */
        snprintf(text.s, sizeof(text.s), "99.%d%%", (int)(tenths % 10));
    else
        snprintf(text.s, sizeof(text.s), "%d%%", (int)percent);
    return text;
}

struct text format_dollars(int64_t nano_usd)
{
    int64_t cents = nano_usd / 10000000 + (nano_usd % 10000000 >= 5000000);
    struct text text;

    (void)tq__dollars_write(text.s, cents * (TQ__DOLLAR_MICRO / 100), ',');
    return text;
}

struct text format_care(unsigned quarters)
{
    struct text text;

    (void)tq__quarters_write(text.s, quarters);
    return text;
}

struct text format_length(int64_t length_ns)
{
    struct text text;

    (void)tq__length_write(text.s, length_ns);
    return text;
}

struct text format_time(int64_t at_ns, bool local, const char *format)
{
    time_t seconds = (time_t)tq__floor_divide(at_ns, SECOND_NS);
    struct text text = {"?"};
    struct tm tm;

    if (local ? localtime_r(&seconds, &tm) : gmtime_r(&seconds, &tm))
        strftime(text.s, sizeof(text.s), format, &tm);
    return text;
}

struct text format_local_soon(int64_t at_ns, int64_t now_ns)
{
    int64_t left_ns = at_ns - now_ns;

    if (left_ns < DAY_NS)
        return format_time(at_ns, true, "%H:%M");
    return format_time(at_ns, true, left_ns < 7 * DAY_NS ? "%a %H:%M" : "%b %d %H:%M");
}

struct text format_rfc3339(int64_t at_ns)
{
    struct text text;

    (void)tq__time_write(text.s, at_ns);
    return text;
}

void until_put(FILE *out, int64_t until_ns, int64_t now_ns)
{
    if (until_ns >= TQ_NOW_END_NS)
        fputs("with no known end", out);
    else
        fprintf(out, "until %sZ (%s), in %s", format_utc(until_ns).s, format_local(until_ns).s,
                format_length(until_ns - now_ns).s);
}
