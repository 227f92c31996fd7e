/* prose_time.c: dates, times of day and zones as people write them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "prose_time.h"

#include "base/number.h"
#include "base/time.h"
#include "reading.h"

#define EPOCH_DIGITS 10

/* Takes a number of at most so many digits, behind which there is no other digit. */
static bool take_digits(struct tq__span *text, size_t most, int *number)
{
    size_t i = 0;

    *number = 0;
    for (; i < text->len && i <= most && tq__is_digit(text->at[i]); i++)
        *number = *number * 10 + (text->at[i] - '0');
    if (i == 0 || i > most)
        return false;
    tq__prose_skip(text, i);
    return true;
}

static int month_named(struct tq__span word)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};

    for (int i = 0; i < 12; i++)
        if (tq__span_matches(word, months[i]) ||
            (word.len == 3 && tq__spans_match(word, (struct tq__span){months[i], 3})) ||
            (i == 8 && tq__span_matches(word, "sept")))
            return i + 1;
    return 0;
}

static bool take_month(struct tq__span *text, int *month)
{
    struct tq__span word = tq__prose_letters(*text);

    *month = month_named(word);
    if (*month == 0)
        return false;
    tq__prose_skip(text, word.len);
    (void)tq__prose_take(text, ".");
    tq__prose_skip_blanks(text);
    return true;
}

static void skip_ordinal(struct tq__span *text)
{
    (void)(tq__prose_take(text, "st") || tq__prose_take(text, "nd") || tq__prose_take(text, "rd") ||
           tq__prose_take(text, "th"));
    (void)tq__prose_take(text, ",");
    tq__prose_skip_blanks(text);
}

/* A year, when four digits are there and no time of day begins with them. */
static void take_year(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__span left = *text;
    int year;

    if (take_digits(&left, 4, &year) && year >= 1000 && !tq__span_begins(left, ":")) {
        civil->year = year;
        *text = left;
    }
}

/* April 20, 2026; 20 Apr 2026; April 20 */
static bool take_named_date(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__span left = *text;

    if (take_month(&left, &civil->month)) {
        if (!take_digits(&left, 2, &civil->day))
            return false;
    } else if (take_digits(&left, 2, &civil->day)) {
        skip_ordinal(&left);
        if (!take_month(&left, &civil->month))
            return false;
    } else {
        return false;
    }
    skip_ordinal(&left);
    take_year(&left, civil);
    *text = left;
    return true;
}

/* 2026-09-20, 2026/9/20, 9/20/2026, 09-24, 2026年9月20日, 9月20日. A date without a year must have a time of
 * day. */
static bool take_numeric_date(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__span left = *text;
    int first;

    if (!take_digits(&left, 4, &first))
        return false;
    if (first >= 1000 &&
        (tq__prose_take(&left, "-") || tq__prose_take(&left, "/") || tq__prose_take(&left, "年"))) {
        civil->year = first;
        tq__prose_skip_blanks(&left);
        if (!take_digits(&left, 2, &first))
            return false;
    }
    civil->month = first;
    if (!tq__prose_take(&left, "-") && !tq__prose_take(&left, "/") && !tq__prose_take(&left, "月"))
        return false;
    tq__prose_skip_blanks(&left);
    if (!take_digits(&left, 2, &civil->day))
        return false;
    (void)(tq__prose_take(&left, "日") || tq__prose_take(&left, "号"));
    if (tq__prose_take(&left, "/"))
        take_year(&left, civil); /* 9/20/2026 */
    *text = left;
    return true;
}

static void take_fraction(struct tq__span *text, int64_t *ns)
{
    int64_t unit_ns = TQ__SECOND_NS;
    size_t i = 1;

    if (text->len < 2 || *text->at != '.' || !tq__is_digit(text->at[1]))
        return;
    for (; i < text->len && tq__is_digit(text->at[i]); i++) {
        unit_ns /= 10;
        *ns += (text->at[i] - '0') * unit_ns;
    }
    tq__prose_skip(text, i);
}

/* Puts an hour of the clock with twelve into that with twenty-four; false: there is none such. */
static bool take_half(struct tq__span *text, int *hour)
{
    struct tq__span left = *text;
    bool after_noon;

    tq__prose_skip_blanks(&left);
    after_noon = tq__prose_take(&left, "pm") || tq__prose_take(&left, "p.m.");
    if ((!after_noon && !tq__prose_take(&left, "am") && !tq__prose_take(&left, "a.m.")) || *hour < 1 ||
        *hour > 12 || tq__prose_letters(left).len > 0)
        return false;
    *hour = *hour % 12 + (after_noon ? 12 : 0);
    *text = left;
    return true;
}

/* 22:41:44.5, 14:00, 2:00 AM, 3pm, midnight */
static bool take_clock(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__span left = *text;

    if (tq__prose_take(&left, "midnight")) {
        *text = left;
        return true;
    }
    if (!take_digits(&left, 2, &civil->hour) || civil->hour > 23)
        return false;
    if (tq__prose_take(&left, ":") || tq__prose_take(&left, "：")) {
        if (!take_digits(&left, 2, &civil->minute) || civil->minute > 59)
            return false;
        if (tq__prose_take(&left, ":") && (!take_digits(&left, 2, &civil->second) || civil->second > 60))
            return false;
        take_fraction(&left, &civil->ns);
        (void)take_half(&left, &civil->hour);
    } else if (!take_half(&left, &civil->hour)) {
        return false;
    }
    civil->second -= civil->second == 60; /* a leap second is not counted */
    *text = left;
    return true;
}

/* +08:00, +0800, +8; moves behind it. */
static bool take_offset(struct tq__span *text, int *minutes)
{
    struct tq__span left = *text;
    bool west = tq__prose_take(&left, "-");
    int hour, minute = 0;

    if ((!west && !tq__prose_take(&left, "+")) || !take_digits(&left, 4, &hour))
        return false;
    if (hour > 23) {
        minute = hour % 100;
        hour /= 100;
    } else if (tq__prose_take(&left, ":") && !take_digits(&left, 2, &minute)) {
        return false;
    }
    if (hour > 23 || minute > 59)
        return false;
    *minutes = (hour * 60 + minute) * (west ? -1 : 1);
    *text = left;
    return true;
}

/* A zone that is named; false when none is. Of zones with summer time only the one that vendors use is known.
 */
static bool take_zone(struct tq__span *text, int64_t at_ns, int *minutes)
{
    static const char *const pacific[] = {"america/los_angeles", "pacific time", "pacific", "pt"};
    struct tq__span left = *text, word;

    tq__prose_skip_blanks(&left);
    if (tq__prose_take(&left, "(") || tq__prose_take(&left, "（"))
        tq__prose_skip_blanks(&left);
    if (take_offset(&left, minutes)) {
        *text = left;
        return true;
    }
    word = tq__prose_letters(left);
    *text = left;
    *minutes = 0;
    if (tq__span_matches(word, "z") || tq__span_matches(word, "utc") || tq__span_matches(word, "gmt")) {
        tq__prose_skip(text, word.len);
        (void)take_offset(text, minutes);
        return true;
    }
    if (tq__span_matches(word, "pst") || tq__span_matches(word, "pdt")) {
        tq__prose_skip(text, word.len);
        *minutes = tq__span_matches(word, "pst") ? -480 : -420;
        return true;
    }
    if (tq__prose_take(text, "北京时间") || tq__prose_take(text, "asia/shanghai")) {
        *minutes = 480;
        return true;
    }
    for (size_t i = 0; i < sizeof pacific / sizeof pacific[0]; i++)
        if (tq__prose_take(text, pacific[i])) {
            *minutes = (int)(tq__offset_los_angeles(at_ns) / TQ__MINUTE_NS);
            return true;
        }
    return false;
}

/* Does a zone follow that is not known here: (Europe/Berlin)? What it says about is no instant then. */
static bool has_other_zone(struct tq__span text)
{
    struct tq__span word;

    tq__prose_skip_blanks(&text);
    (void)tq__prose_take(&text, "(");
    word = tq__prose_letters(text);
    return word.len > 0 && word.len + 1 < text.len && text.at[word.len] == '/' &&
           tq__is_letter(text.at[word.len + 1]);
}

/* The instant of a date from 1970 on, and a time of day; false when there is no such date. */
static bool join(const struct tq__civil *civil, int64_t *at_ns)
{
    int64_t day, of_day_ns = (civil->hour * 3600 + civil->minute * 60 + civil->second) * TQ__SECOND_NS;

    if (!tq__is_date(civil->year, civil->month, civil->day))
        return false;
    day = tq__days_of_date(civil->year, civil->month, civil->day);
    if (day < 0)
        return false; /* nothing ended before 1970 */
    *at_ns = tq__add_saturated(tq__multiply_saturated(day, TQ__DAY_NS), of_day_ns + civil->ns);
    return true;
}

/* A date without a year is the one that is nearest to now. */
static bool in_nearest_year(struct tq__civil *civil, int64_t now_ns, int64_t *at_ns)
{
    struct tq__civil now;

    tq__civil_of(now_ns, &now);
    civil->year = now.year;
    if (join(civil, at_ns) && tq__add_saturated(*at_ns, 180 * TQ__DAY_NS) < now_ns)
        civil->year++;
    return join(civil, at_ns);
}

static bool take_epoch(struct tq__span *text, int64_t *at_ns)
{
    struct tq__number number;
    size_t len = tq__number_take(*text, 0, &number), digits = 0;

    while (digits < len && tq__is_digit(text->at[digits]))
        digits++;
    if (digits < EPOCH_DIGITS || tq__time_epoch((struct tq__span){text->at, len}, at_ns) == TQ__NOT_TIME)
        return false;
    tq__prose_skip(text, len);
    return tq__prose_letters(*text).len == 0;
}

static bool take_date(struct tq__span *text, struct tq__civil *civil)
{
    if (take_numeric_date(text, civil))
        return true;
    *civil = (struct tq__civil){.ns = 0};
    return take_named_date(text, civil);
}

/* What stands between a date and its time of day: T, "at", a comma, blanks. */
static void skip_to_clock(struct tq__span *text)
{
    tq__prose_skip_blanks(text);
    if (text->len > 1 && tq__lower(*text->at) == 't' && tq__is_digit(text->at[1]))
        tq__prose_skip(text, 1);
    (void)tq__prose_take(text, ",");
    tq__prose_skip_blanks(text);
    if (tq__prose_take(text, "at ") || tq__prose_take(text, "@"))
        tq__prose_skip_blanks(text);
}

/* Takes a date, a time of day, or both. */
static bool take_date_and_clock(struct tq__span *text, struct tq__civil *civil, bool *date)
{
    struct tq__civil with_time;
    struct tq__span left = *text, clock;
    bool time;

    *date = take_date(&left, civil);
    if (!*date) {
        *civil = (struct tq__civil){.ns = 0};
        left = *text;
    }
    clock = left;
    if (*date)
        skip_to_clock(&clock);
    with_time = *civil;
    time = take_clock(&clock, &with_time);
    if (time) {
        *civil = with_time;
        left = clock;
    }
    *text = left;
    return time || (*date && civil->year != 0); /* 10/10 alone is no date */
}

/* The next time of day in the zone of local_ns. */
static bool next_clock(struct tq__civil *civil, int64_t local_ns, int64_t *at_ns)
{
    struct tq__civil today;

    tq__civil_of(local_ns, &today);
    civil->year = today.year;
    civil->month = today.month;
    civil->day = today.day;
    if (!join(civil, at_ns))
        return false;
    if (*at_ns <= local_ns)
        *at_ns = tq__add_saturated(*at_ns, TQ__DAY_NS);
    return true;
}

bool tq__prose_instant(struct tq__span *text, const struct tq__prose_now *now, int64_t *at_ns)
{
    struct tq__civil civil = {.ns = 0};
    struct tq__span left = *text, zone;
    int minutes = now->zone_minutes, named;
    int64_t local_ns;
    bool date, there;

    if (!take_date_and_clock(&left, &civil, &date))
        return !date && take_epoch(text, at_ns);
    zone = left;
    if (take_zone(&zone, now->at_ns, &named)) {
        minutes = named;
        left = zone;
    } else if (has_other_zone(left)) {
        return false;
    }
    local_ns = now->at_ns + minutes * TQ__MINUTE_NS;
    if (!date)
        there = next_clock(&civil, local_ns, at_ns);
    else
        there = civil.year == 0 ? in_nearest_year(&civil, local_ns, at_ns) : join(&civil, at_ns);
    if (!there)
        return false;
    *at_ns -= *at_ns == INT64_MAX ? 0 : minutes * TQ__MINUTE_NS;
    *text = left;
    return true;
}
