/* claude_limit.c: reads from the words of Claude Code until when the account is over its limit.
 *
 * SPDX-License-Identifier: MIT
 *
 *     Claude AI usage limit reached|1777640400
 *     You've hit your session limit · resets 3pm (America/Bogota)
 *     You've hit your limit · resets Jul 23 at 6:30pm (America/Los_Angeles)
 *     You're out of extra usage · resets 5pm (Asia/Calcutta)
 *     Weekly limit reached ∙ resets 10am (Asia/Seoul)
 *     Claude usage limit reached. Your limit will reset at 3pm (America/Santiago).
 *
 * A local time is the next one there after the line was written. Without the name of a zone it is no instant.
 */
#include "claude.h"

#include "zones.h"

#define TEXT_BYTES 1024 /* of a message that is looked at */
#define SESSION_MAX_NS (5 * TQ__HOUR_NS + TQ__MINUTE_NS)
#define SESSION_NAME "five_hour"
#define OTHER_MAX_NS (32 * TQ__DAY_NS)

/* What the words say. A number that they do not say is 0, or for the weekday -1. */
struct words {
    struct tq__span zone;
    int64_t year;
    int month, day, weekday, hour, minute;
};

/* ---- words ----------------------------------------------------------------------------------- */

static bool take(struct tq__span *rest, const char *word)
{
    if (!tq__span_begins(*rest, word))
        return false;
    *rest = tq__span_behind(*rest, strlen(word));
    return true;
}

/* Blanks, commas, and the narrow blank that stands before am and pm in some locales. */
static void skip_blanks(struct tq__span *rest)
{
    while (take(rest, " ") || take(rest, ",") || take(rest, "\xe2\x80\xaf") || take(rest, "\xc2\xa0"))
        continue;
}

static bool take_number(struct tq__span *rest, int64_t most, int64_t *number)
{
    size_t len = 0;

    for (*number = 0; len < rest->len && tq__is_digit(rest->at[len]) && *number <= most; len++)
        *number = *number * 10 + (rest->at[len] - '0');
    *rest = tq__span_behind(*rest, len);
    return len > 0 && *number <= most;
}

/* Which of the names, of three letters each, the text begins with, from 0; -1: none. Takes the whole word. */
static int take_name(struct tq__span *rest, const char *names)
{
    for (int i = 0; names[3 * i]; i++) {
        char name[4] = {names[3 * i], names[3 * i + 1], names[3 * i + 2], '\0'};

        if (!take(rest, name))
            continue;
        while (rest->len > 0 && tq__is_letter(rest->at[0]))
            *rest = tq__span_behind(*rest, 1);
        skip_blanks(rest);
        return i;
    }
    return -1;
}

/* [Wed, ][Jul 23[, 2026] [at ]] */
static bool take_date(struct tq__span *rest, struct words *words)
{
    struct tq__span after;
    int64_t number;

    words->weekday = take_name(rest, "sunmontuewedthufrisat");
    words->month = take_name(rest, "janfebmaraprmayjunjulaugsepoctnovdec") + 1;
    if (words->month > 0) {
        if (!take_number(rest, 31, &number) || number == 0)
            return false;
        words->day = (int)number;
        skip_blanks(rest);
        after = *rest;
        if (take_number(&after, 9999, &number) && number >= 2000) {
            words->year = number;
            *rest = after;
            skip_blanks(rest);
        }
    }
    if (take(rest, "at"))
        skip_blanks(rest);
    return true;
}

/* 3pm, 12:50 pm, 15:00 */
static bool take_clock(struct tq__span *rest, struct words *words)
{
    int64_t hour, minute = 0;
    bool afternoon;

    if (!take_number(rest, 23, &hour) || (take(rest, ":") && !take_number(rest, 59, &minute)))
        return false;
    skip_blanks(rest);
    afternoon = take(rest, "pm");
    if (afternoon || take(rest, "am")) {
        if (hour == 0 || hour > 12)
            return false;
        hour = hour % 12 + (afternoon ? 12 : 0);
    }
    words->hour = (int)hour;
    words->minute = (int)minute;
    return true;
}

/* Reads what stands behind "reset": s 3pm (America/Bogota) */
static bool read_words(struct tq__span rest, struct words *words)
{
    const char *end;

    *words = (struct words){.weekday = -1};
    take(&rest, "s");
    skip_blanks(&rest);
    if (take(&rest, "at") || take(&rest, "on"))
        skip_blanks(&rest);
    if (!take_date(&rest, words) || !take_clock(&rest, words))
        return false;
    skip_blanks(&rest);
    if (!take(&rest, "("))
        return false;
    end = memchr(rest.at, ')', rest.len);
    words->zone = (struct tq__span){rest.at, end ? (size_t)(end - rest.at) : 0};
    return end != NULL;
}

/* ---- the next such time ---------------------------------------------------------------------- */

/* Days of a date, of which the year may be left open: in the year of `today`, or `later` years after it. */
static bool date_of(const struct words *words, const struct tq__civil *today, int later,
                    struct tq__civil *date)
{
    int64_t days;

    if (words->month > 0) {
        date->year = words->year > 0 ? words->year : today->year + later;
        date->month = words->month;
        date->day = words->day;
        return tq__is_date(date->year, date->month, date->day);
    }
    days = tq__days_of_date(today->year, today->month, today->day) + later;
    tq__date_of_days(days, date);
    return words->weekday < 0 || (days + 4) % 7 == words->weekday; /* 1970-01-01 was a Thursday */
}

/* Moves an instant that has passed to when clocks show the same time once more, where they are set back. */
static void take_second(const struct tq__zone *zone, const struct tq__civil *date, int64_t at_ns,
                        int64_t *end_ns)
{
    struct tq__civil again;

    for (int64_t back_ns = TQ__HOUR_NS / 2; back_ns <= TQ__HOUR_NS && *end_ns <= at_ns;
         back_ns += TQ__HOUR_NS / 2) {
        tq__zone_civil(zone, *end_ns + back_ns, &again);
        if (again.hour == date->hour && again.minute == date->minute)
            *end_ns += back_ns;
    }
}

static bool find_next(const struct words *words, const struct tq__zone *zone, int64_t at_ns, int64_t *end_ns)
{
    struct tq__civil today;

    tq__zone_civil(zone, at_ns, &today);
    for (int later = 0; later <= 8; later++) {
        struct tq__civil date = {.hour = words->hour, .minute = words->minute};

        if (!date_of(words, &today, later, &date) || tq__zone_instant(zone, &date, end_ns) != 0)
            continue;
        take_second(zone, &date, at_ns, end_ns);
        if (*end_ns > at_ns)
            return true;
    }
    return false;
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* Where the word stands in the text, in upper or lower case; NULL: nowhere. */
static const char *find(struct tq__span text, const char *word)
{
    size_t len = strlen(word);

    for (; text.len >= len; text = tq__span_behind(text, 1))
        if (tq__span_begins(text, word))
            return text.at;
    return NULL;
}

/* Which window it is that has no room, by the name that Claude Code has for it elsewhere; "": not said. */
static const char *window_of(struct tq__span text)
{
    static const char *const names[][2] = {
        {"opus", "seven_day_opus"},      {"sonnet", "seven_day_sonnet"}, {"weekly limit", "seven_day"},
        {"session limit", SESSION_NAME}, {"5-hour limit", SESSION_NAME}, {"5 hour limit", SESSION_NAME},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (find(text, names[i][0]))
            return names[i][1];
    return "";
}

static bool read_epoch(struct tq__span text, struct tq__claude_limit *limit)
{
    const char *at = memmem(text.at, text.len, TQ__CLAUDE_LIMIT_WORDS, strlen(TQ__CLAUDE_LIMIT_WORDS));
    struct tq__span number = {0};

    if (!at)
        return false;
    number.at = at + strlen(TQ__CLAUDE_LIMIT_WORDS);
    while (number.at + number.len < text.at + text.len && tq__is_digit(number.at[number.len]))
        number.len++;
    limit->window = "";
    return tq__time_epoch(number, &limit->end_ns) == 0 && limit->end_ns > 0;
}

/* Where the words begin that say that there is no room; NULL: nowhere. How much was used is said with the
 * same end, and is no refusal. */
static const char *find_refusal(struct tq__span text)
{
    static const char *const words[] = {"hit your", "reached", "out of extra usage"};
    const char *at = NULL;

    for (size_t i = 0; !at && i < sizeof(words) / sizeof(words[0]); i++)
        at = find(text, words[i]);
    return at && (find(text, "limit") || find(text, "extra usage")) ? at : NULL;
}

bool tq__claude_read_limit(struct tq__span content, int64_t at_ns, struct tq__claude_limit *limit)
{
    char bytes[TEXT_BYTES];
    struct tq__log_zone zone;
    struct words words;
    struct tq__span text;
    const char *reset, *end;
    bool session;

    if (content.len == 0)
        return false;
    if (read_epoch(content, limit))
        return true;
    if (content.len > sizeof(bytes))
        return false;
    text = tq__json_unescape(content, bytes, sizeof(bytes));
    reset = find_refusal(text);
    end = text.at + text.len;
    if (reset)
        reset = find((struct tq__span){reset, (size_t)(end - reset)}, "reset");
    if (!reset || !read_words((struct tq__span){reset + 5, (size_t)(end - reset) - 5}, &words) ||
        tq__log_zone_find(&zone, words.zone) != 0 || !find_next(&words, &zone.zone, at_ns, &limit->end_ns))
        return false;
    limit->window = window_of(text);
    session = strcmp(limit->window, SESSION_NAME) == 0;
    return limit->end_ns - at_ns <= (session ? SESSION_MAX_NS : OTHER_MAX_NS);
}
