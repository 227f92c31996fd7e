/* prose_time.c: dates, times of day and zones as people write them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/prose_time.h"

#define EPOCH_DIGITS 10
#define NEAR_NS (180 * TQ__DAY_NS) /* a date without a year that has passed for longer is the next year's */

/* Takes a number of at most so many digits, behind which there is no other digit. */
static bool take_some_digits(struct tq__span *text, size_t most, int *number)
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

static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};
static const char *const weekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                       "thursday", "friday", "saturday"};

/* Takes one of the names, or three and more of its first letters, and says which, from 0; -1: it is none. */
static int take_name(struct tq__span *text, const char *const *names, int count)
{
    struct tq__span word = tq__prose_letters(*text);

    for (int i = 0; word.len >= 3 && i < count; i++)
        if (word.len <= strlen(names[i]) && tq__spans_match(word, (struct tq__span){names[i], word.len})) {
            tq__prose_skip(text, word.len);
            (void)tq__prose_take(text, ".");
            tq__prose_skip_blanks(text);
            return i;
        }
    return -1;
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

    if (take_some_digits(&left, 4, &year) && year >= 1000 && !tq__span_begins(left, ":")) {
        civil->year = year;
        *text = left;
    }
}

/* April 20, 2026; 20 Apr 2026; April 20 */
static bool take_named_date(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__span left = *text;

    *civil = (struct tq__civil){.month = take_name(&left, months, 12) + 1};
    if (!take_some_digits(&left, 2, &civil->day))
        return false;
    skip_ordinal(&left);
    if (civil->month == 0) {
        civil->month = take_name(&left, months, 12) + 1;
        skip_ordinal(&left);
    }
    if (civil->month == 0)
        return false;
    take_year(&left, civil);
    *text = left;
    return true;
}

/* Takes a word behind a number, with blanks between. */
static bool take_chinese(struct tq__span *text, const char *word)
{
    struct tq__span left = *text;

    tq__prose_skip_blanks(&left);
    if (!tq__prose_take(&left, word))
        return false;
    *text = left;
    return true;
}

/* Takes what stands between the numbers of a date. */
static bool take_mark(struct tq__span *text, const char *word)
{
    if (!tq__prose_take(text, "-") && !tq__prose_take(text, "/") && !take_chinese(text, word))
        return false;
    tq__prose_skip_blanks(text);
    return true;
}

/* 2026-09-20, 2026/9/20, 9/20/2026, 09-24, 2026年9月20日, 9 月 20 日 */
static bool take_numeric_date(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__span left = *text;
    int first;

    *civil = (struct tq__civil){.ns = 0};
    if (!take_some_digits(&left, 4, &first))
        return false;
    if (first >= 1000 && take_mark(&left, "年")) {
        civil->year = first;
        if (!take_some_digits(&left, 2, &first))
            return false;
    }
    civil->month = first;
    if (!take_mark(&left, "月") || !take_some_digits(&left, 2, &civil->day))
        return false;
    if (!take_chinese(&left, "日") && !take_chinese(&left, "号") && tq__prose_take(&left, "/"))
        take_year(&left, civil); /* 9/20/2026 */
    *text = left;
    return true;
}

static void take_fraction_ns(struct tq__span *text, int64_t *ns)
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

/* Takes what stands behind the hour: 8点, 8 点 30 分, and with a date 8时30分: alone, that may be a length.
 */
static bool take_oclock(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__span left = *text;
    int minute;

    if (!take_chinese(&left, "点") && (civil->month == 0 || !take_chinese(&left, "时")))
        return false;
    *text = left;
    tq__prose_skip_blanks(&left);
    if (take_some_digits(&left, 2, &minute) && take_chinese(&left, "分")) {
        civil->minute = minute;
        *text = left;
    }
    return civil->minute <= 59;
}

/* 22:41:44.5, 14:00, 2:00 AM, 3pm, midnight, 8点 */
static bool take_clock(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__span left = *text;

    if (tq__prose_take(text, "midnight"))
        return true;
    if (!take_some_digits(&left, 2, &civil->hour) || civil->hour > 23)
        return false;
    if (tq__prose_take(&left, ":") || tq__prose_take(&left, "：")) {
        if (!take_some_digits(&left, 2, &civil->minute) || civil->minute > 59)
            return false;
        if (tq__prose_take(&left, ":") && (!take_some_digits(&left, 2, &civil->second) || civil->second > 60))
            return false;
        take_fraction_ns(&left, &civil->ns);
        (void)take_half(&left, &civil->hour);
    } else if (!take_half(&left, &civil->hour) && !take_oclock(&left, civil)) {
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

    if ((!west && !tq__prose_take(&left, "+")) || !take_some_digits(&left, 4, &hour))
        return false;
    if (hour > 23) {
        minute = hour % 100;
        hour /= 100;
    } else if (tq__prose_take(&left, ":") && !take_some_digits(&left, 2, &minute)) {
        return false;
    }
    if (hour > 23 || minute > 59)
        return false;
    *minutes = (hour * 60 + minute) * (west ? -1 : 1);
    *text = left;
    return true;
}

static bool is_name_part(char c)
{
    return tq__is_letter(c) || tq__is_digit(c) || c == '_' || c == '/';
}

/* Takes a word that is no part of a longer name. */
static bool take_whole(struct tq__span *text, const char *word)
{
    struct tq__span left = *text;

    if (!tq__prose_take(&left, word) || (left.len > 0 && is_name_part(*left.at)))
        return false;
    *text = left;
    return true;
}

/* UTC, GMT-3, +08:00, and the zones that vendors use, of which one has summer time. */
static bool take_known_zone(struct tq__span *text, struct tq__zone *zone)
{
    static const struct tq__zone standard = TQ__ZONE_FIXED(-8 * 3600), summer = TQ__ZONE_FIXED(-7 * 3600),
                                 beijing = TQ__ZONE_FIXED(8 * 3600);
    static const struct {
        const char *name;
        const struct tq__zone *zone;
    } known[] = {{"pst", &standard},
                 {"pdt", &summer},
                 {"pt", &tq__zone_pacific},
                 {"pacific time", &tq__zone_pacific},
                 {"pacific", &tq__zone_pacific},
                 {"america/los_angeles", &tq__zone_pacific},
                 {"asia/shanghai", &beijing},
                 {"北京时间", &beijing}};
    int minutes = 0;
    bool utc = take_whole(text, "z") || take_whole(text, "utc") || take_whole(text, "gmt");

    if (take_offset(text, &minutes) || utc) {
        *zone = (struct tq__zone)TQ__ZONE_FIXED(minutes * 60);
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (take_whole(text, known[i].name)) {
            *zone = *known[i].zone;
            return true;
        }
    return false;
}

static void take_zone(struct tq__span *text, struct tq__prose_time *time)
{
    struct tq__span left = *text, *name = &time->zone_name;

    tq__prose_skip_blanks(&left);
    if (tq__prose_take(&left, "(") || tq__prose_take(&left, "（"))
        tq__prose_skip_blanks(&left);
    *name = (struct tq__span){left.at, 0};
    time->has_zone = take_known_zone(&left, &time->zone);
    if (time->has_zone)
        *text = left;
    else if (left.len > 0 && tq__is_letter(*left.at))
        while (name->len < left.len &&
               (is_name_part(left.at[name->len]) || left.at[name->len] == '-' || left.at[name->len] == '+'))
            name->len++;
}

/* ---- all of it ------------------------------------------------------------------------------- */

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

/* Takes a date, a time of day, or both. 10/10 alone is no date. */
static bool take_date_and_clock(struct tq__span *text, struct tq__civil *civil)
{
    struct tq__civil with_time;
    struct tq__span date = *text, clock;
    bool whole = false;

    if (take_numeric_date(text, civil) || take_named_date(text, civil)) {
        date.len -= text->len;
        whole = civil->year != 0 || tq__span_ends(date, "日") || tq__span_ends(date, "号");
        clock = *text;
        skip_to_clock(&clock);
    } else {
        *civil = (struct tq__civil){.ns = 0};
        clock = *text;
    }
    with_time = *civil;
    if (!take_clock(&clock, &with_time))
        return whole;
    *civil = with_time;
    *text = clock;
    return true;
}

bool tq__prose_time(struct tq__span *text, struct tq__prose_time *time)
{
    struct tq__span left = *text;

    *time = (struct tq__prose_time){.weekday = take_name(&left, weekdays, 7)};
    if (time->weekday >= 0)
        skip_to_clock(&left);
    if (!take_date_and_clock(&left, &time->civil))
        return false;
    take_zone(&left, time);
    *text = left;
    return true;
}

bool tq__prose_epoch(struct tq__span *text, int64_t *at_ns)
{
    struct tq__number number;
    size_t len = tq__number_take(*text, 0, &number), digits = 0;

    while (digits < len && tq__is_digit(text->at[digits]))
        digits++;
    if (digits < EPOCH_DIGITS || tq__time_epoch((struct tq__span){text->at, len}, at_ns) == TQ__NOT_TIME ||
        tq__prose_letters(tq__span_behind(*text, len)).len > 0)
        return false;
    tq__prose_skip(text, len);
    return true;
}

/* ---- the instant ----------------------------------------------------------------------------- */

/* When clocks show this. Where they are set back and show it twice, it is the second when the first has
 * passed. */
static bool instant_of(const struct tq__zone *zone, const struct tq__civil *local, int64_t now_ns,
                       int64_t *at_ns)
{
    struct tq__civil again;

    if (tq__zone_instant(zone, local, at_ns) != 0)
        return false;
    for (int64_t back_ns = TQ__HOUR_NS / 2; back_ns <= TQ__HOUR_NS && *at_ns <= now_ns;
         back_ns += TQ__HOUR_NS / 2) {
        int64_t later_ns = tq__add_saturated(*at_ns, back_ns);

        tq__zone_civil(zone, later_ns, &again);
        if (again.hour == local->hour && again.minute == local->minute)
            *at_ns = later_ns;
    }
    return true;
}

bool tq__prose_instant(const struct tq__prose_time *time, const struct tq__zone *zone, int64_t now_ns,
                       int64_t *at_ns)
{
    struct tq__civil date = time->civil, today;
    int64_t days;

    zone = time->has_zone ? &time->zone : zone;
    if (date.year != 0)
        return instant_of(zone, &date, now_ns, at_ns);
    tq__zone_civil(zone, now_ns, &today);
    for (int more = -1; date.month != 0 && more <= 1; more++) {
        date.year = today.year + more;
        if (instant_of(zone, &date, now_ns, at_ns) && tq__add_saturated(*at_ns, NEAR_NS) >= now_ns)
            return true;
    }
    if (date.month != 0)
        return false;
    days = tq__days_of_date(today.year, today.month, today.day);
    for (int more = 0; more <= 8; more++) {
        tq__date_of_days(days + more, &date);
        if ((time->weekday < 0 || (days + more + 4) % 7 == time->weekday) && /* 1970-01-01: a Thursday */
            instant_of(zone, &date, now_ns, at_ns) && *at_ns > now_ns)
            return true;
    }
    return false;
}
