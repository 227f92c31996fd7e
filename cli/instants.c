/* instants.c: instants and lengths of time as people write them on a command line, and in both zones.
 *
 * SPDX-License-Identifier: MIT
 *
 * Eight digits are a date, as other tools write it. Seconds since 1970 begin with 2001: a smaller number is
 * nearly always something else, and would be read as a day on which nobody counted tokens.
 */
#include <string.h>

#include <tokenquota.h>

#include "base/time.h"
#include "cli.h"

#define SECONDS_LEAST INT64_C(978307200)   /* 2001-01-01 */
#define SECONDS_MOST INT64_C(100000000000) /* more is another unit: as seconds it would be the year 5138 */
#define YEAR_FIRST 1679                    /* whole years of which every instant fits into nanoseconds */
#define YEAR_LAST 2261

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads count digits and moves on; -1 when they are not there. */
static int take_digits(const char **text, int count)
{
    int value = 0;

    for (; count > 0; count--, ++*text) {
        if (!is_digit(**text))
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

/* Nanoseconds behind a point, as far as there are any; -1 when the point has no digit behind it. */
static int64_t take_fraction(const char **text)
{
    int64_t part_ns = SECOND_NS / 10, sum_ns = 0;

    if (**text != '.')
        return 0;
    if (!is_digit(*++*text))
        return -1;
    for (; is_digit(**text); ++*text, part_ns /= 10)
        sum_ns += part_ns * (**text - '0');
    return sum_ns;
}

/* Days from 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day is the last. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Minutes east of UTC; false when what is left is no zone. */
static bool take_zone(const char *text, int *minutes)
{
    int sign = *text == '-' ? -1 : 1, hours, rest;

    *minutes = 0;
    if ((*text == 'Z' || *text == 'z') && text[1] == '\0')
        return true;
    if (*text != '+' && *text != '-')
        return false;
    text++;
    hours = take_digits(&text, 2);
    if (hours < 0 || hours > 23 || *text++ != ':')
        return false;
    rest = take_digits(&text, 2);
    if (rest < 0 || rest > 59 || *text)
        return false;
    *minutes = sign * (hours * 60 + rest);
    return true;
}

/* NULL when it parsed, else what is wrong. */
static const char *parse_rfc3339(const char *text, int64_t *at_ns)
{
    static const char no_instant[] = "is no instant; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, "
                                     "now+15m, 7d (7 days ago), yesterday, today or tomorrow";
    int year = take_digits(&text, 4), month, day, hour, minute, second, zone;
    int64_t part_ns, seconds;

    if (year < 0 || *text++ != '-' || (month = take_digits(&text, 2)) < 1 || month > 12 || *text++ != '-' ||
        (day = take_digits(&text, 2)) < 1 || day > days_in(year, month))
        return no_instant;
    if (*text == '\0')
        return "is not between 1678 and 2261"; /* another would have been read as a day */
    if (*text != 'T' && *text != 't' && *text != ' ')
        return no_instant;
    text++;
    if ((hour = take_digits(&text, 2)) < 0 || hour > 23 || *text++ != ':' ||
        (minute = take_digits(&text, 2)) < 0 || minute > 59 || *text++ != ':' ||
        (second = take_digits(&text, 2)) < 0 || second > 59 || (part_ns = take_fraction(&text)) < 0)
        return no_instant;
    if (!take_zone(text, &zone))
        return "has no zone; end it in Z for UTC, or in one such as +01:00";
    seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - zone * 60;
    if (__builtin_mul_overflow(seconds, SECOND_NS, at_ns) || __builtin_add_overflow(*at_ns, part_ns, at_ns))
        return "is not between 1678 and 2261";
    return NULL;
}

static const char *unit_of(int64_t seconds)
{
    if (seconds < SECONDS_MOST * 1000)
        return "is in milliseconds, it seems; write seconds";
    if (seconds < SECONDS_MOST * 1000000)
        return "is in microseconds, it seems; write seconds";
    return "is in nanoseconds, it seems; write seconds";
}

static const char *parse_epoch(const char *text, int64_t *at_ns)
{
    bool negative = *text == '-';
    int64_t seconds = 0, part_ns;

    for (text += negative; is_digit(*text); text++)
        if (__builtin_mul_overflow(seconds, 10, &seconds) ||
            __builtin_add_overflow(seconds, *text - '0', &seconds))
            return "is no instant: too many digits";
    part_ns = take_fraction(&text);
    if (part_ns < 0 || *text)
        return "is no number of seconds";
    if (negative || seconds < SECONDS_LEAST)
        return "is before 2001 as seconds since 1970, and no date; write 20260305 or 2026-03-05";
    if (seconds > SECONDS_MOST)
        return unit_of(seconds);
    if (__builtin_mul_overflow(seconds, SECOND_NS, at_ns) || __builtin_add_overflow(*at_ns, part_ns, at_ns))
        return "is not between 1678 and 2261";
    return NULL;
}

/* One number and its unit; the sum grows. */
static const char *take_length(const char **text, int64_t *sum_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {
        {"ms", SECOND_NS / 1000}, {"d", DAY_NS}, {"h", HOUR_NS}, {"m", HOUR_NS / 60}, {"s", SECOND_NS}};
    static const char too_long[] = "is too long";
    int64_t value = 0;

    if (!is_digit(**text))
        return "is no length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)";
    for (; is_digit(**text); ++*text)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, **text - '0', &value))
            return too_long;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t len = strlen(units[i].name);

        if (strncmp(*text, units[i].name, len) != 0)
            continue;
        *text += len;
        if (__builtin_mul_overflow(value, units[i].ns, &value) ||
            __builtin_add_overflow(*sum_ns, value, sum_ns))
            return too_long;
        return NULL;
    }
    return "has no unit; write for example 15m, 1h30m or 90s (d, h, m, s, ms)";
}

static const char *parse_length(const char *text, int64_t *length_ns)
{
    const char *wrong;

    *length_ns = 0;
    do {
        wrong = take_length(&text, length_ns);
        if (wrong)
            return wrong;
    } while (*text);
    return NULL;
}

/* 2026-03-05 and 20260305. */
static bool parse_date(const char *text, int64_t *day)
{
    int year = take_digits(&text, 4), month, of_month;
    bool dashes = year >= 0 && *text == '-';

    text += dashes;
    if (year < YEAR_FIRST || year > YEAR_LAST || (month = take_digits(&text, 2)) < 1 || month > 12 ||
        (dashes && *text++ != '-') || (of_month = take_digits(&text, 2)) < 1 ||
        of_month > days_in(year, month) || *text)
        return false;
    *day = days_of(year, month, of_month);
    return true;
}

bool instant_day(const char *text, int64_t today, int64_t *day)
{
    static const char *const words[] = {"yesterday", "today", "tomorrow"};

    for (int i = 0; i < 3; i++)
        if (strcmp(text, words[i]) == 0) {
            *day = today + i - 1;
            return true;
        }
    return parse_date(text, day);
}

static const char *parse_instant(const char *text, int64_t now_ns, int64_t *at_ns)
{
    bool seconds = true;
    int64_t day, ago_ns;

    if (instant_day(text, tq__day_start(now_ns) / DAY_NS, &day)) {
        *at_ns = day * DAY_NS;
        return NULL;
    }
    if (!parse_length(text, &ago_ns))
        return __builtin_sub_overflow(now_ns, ago_ns, at_ns) ? "is not between 1678 and 2261" : NULL;
    if (strncmp(text, "now", 3) == 0) {
        const char *wrong = text[3] ? "is no instant; write now, now+15m or now-15m" : NULL;
        int64_t length_ns = 0;

        if (text[3] == '+' || text[3] == '-')
            wrong = parse_length(text + 4, &length_ns);
        if (!wrong && __builtin_add_overflow(now_ns, text[3] == '-' ? -length_ns : length_ns, at_ns))
            wrong = "is not between 1678 and 2261";
        return wrong;
    }
    for (const char *c = text + (*text == '-'); *c; c++)
        seconds &= is_digit(*c) || *c == '.';
    return seconds && is_digit(text[*text == '-']) ? parse_epoch(text, at_ns) : parse_rfc3339(text, at_ns);
}

int instant_parse(const char *option, const char *text, int64_t now_ns, int64_t *at_ns)
{
    const char *wrong = parse_instant(text, now_ns, at_ns);

    if (!wrong && (*at_ns < TQ_NOW_MIN_NS || *at_ns >= TQ_NOW_END_NS))
        wrong = "is not between 1678 and 2261";
    if (!wrong)
        return 0;
    report("%s \"%s\" %s", option, text, wrong);
    return -1;
}

int instant_parse_end(const char *option, const char *text, int64_t now_ns, int64_t *at_ns)
{
    int64_t length_ns;

    if (parse_length(text, &length_ns))
        return instant_parse(option, text, now_ns, at_ns);
    report("%s \"%s\" means so long ago, which is no end; write now+%s", option, text, text);
    return -1;
}

int instant_now(const char *text, int64_t *now_ns)
{
    *now_ns = tq_now_ns();
    return text ? instant_parse("--at", text, *now_ns, now_ns) : 0;
}

int length_parse(const char *option, const char *text, int64_t *length_ns)
{
    const char *wrong = parse_length(text, length_ns);

    if (!wrong && *length_ns == 0)
        wrong = "is no time at all";
    if (!wrong)
        return 0;
    report("%s \"%s\" %s", option, text, wrong);
    return -1;
}

void until_put(FILE *out, int64_t until_ns, int64_t now_ns)
{
    if (until_ns >= TQ_NOW_END_NS)
        fputs("with no known end", out);
    else
        fprintf(out, "until %sZ (%s), in %s", format_utc(until_ns).s, format_local(until_ns).s,
                format_length(until_ns - now_ns).s);
}
