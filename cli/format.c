/* format.c: numbers, lengths of time and instants in words for people, and the exact ones for programs.
 *
 * SPDX-License-Identifier: MIT
 */
#include <time.h>

#include "base/time.h"
#include "cli.h"

__extension__ typedef unsigned __int128 uint128;

int64_t multiply_divide(int64_t a, int64_t b, int64_t c, bool round)
{
    uint128 product = (uint128)(uint64_t)a * (uint64_t)b;
    uint128 quotient = (product + (round == ROUND_UP ? (uint64_t)c - 1 : 0)) / (uint64_t)c;

    return quotient > INT64_MAX ? INT64_MAX : (int64_t)quotient;
}

struct text format_exact(int64_t n)
{
    struct text text;

    tq__number_write(text.s, n, ',');
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
    int64_t percent = multiply_divide(part, 100, whole, ROUND_DOWN);
    struct text text;

    if (percent > 999)
        snprintf(text.s, sizeof(text.s), ">999%%");
    else
        snprintf(text.s, sizeof(text.s), "%d%%", (int)percent);
    return text;
}

struct text format_length(int64_t length_ns)
{
    int64_t seconds = length_ns / SECOND_NS + (length_ns % SECOND_NS > 0);
    int64_t days = seconds / 86400;
    int h = (int)(seconds / 3600 % 24), m = (int)(seconds / 60 % 60), s = (int)(seconds % 60);
    struct text text;

    if (days)
        snprintf(text.s, sizeof(text.s), "%lldd %02dh %02dm", (long long)days, h, m);
    else if (h)
        snprintf(text.s, sizeof(text.s), "%dh %02dm %02ds", h, m, s);
    else if (m)
        snprintf(text.s, sizeof(text.s), "%dm %02ds", m, s);
    else
        snprintf(text.s, sizeof(text.s), "%ds", s);
    return text;
}

int64_t day_start(int64_t at_ns)
{
    return tq__floor_divide(at_ns, DAY_NS) * DAY_NS;
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

struct text format_window(int64_t length_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{"d", DAY_NS}, {"h", HOUR_NS}, {"min", HOUR_NS / 60}, {"s", SECOND_NS}};
    struct text text = {"-"};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && length_ns > 0; i++)
        if (length_ns % units[i].ns == 0) {
            snprintf(text.s, sizeof(text.s), "%lld %s", (long long)(length_ns / units[i].ns), units[i].name);
            return text;
        }
    return length_ns > 0 ? format_length(length_ns) : text;
}

struct text format_rfc3339(int64_t at_ns)
{
    struct text whole = strftime_utc(at_ns, "%Y-%m-%dT%H:%M:%S"), text;
    long long part = (long long)(at_ns - tq__floor_divide(at_ns, SECOND_NS) * SECOND_NS);
    int digits = 9;

    if (part == 0) {
        snprintf(text.s, sizeof(text.s), "%.30sZ", whole.s);
        return text;
    }
    for (; part % 10 == 0; digits--)
        part /= 10;
    snprintf(text.s, sizeof(text.s), "%.30s.%0*lldZ", whole.s, digits, part);
    return text;
}
