/* values.c: what people write on a command line: instants, days, lengths of time, tokens, care, rules,
 * sources of logs.
 *
 * SPDX-License-Identifier: MIT
 *
 * base/time.h and base/number.h read what programs write, too. Words such as today, 7d for 7 days ago, and
 * eight digits for a date are the command line's alone. So is the refusal of epoch seconds before 2001: a
 * smaller number is nearly always something else, and would be read as a day on which nobody counted
 * tokens. */
#include <string.h>

#include <tokenquota.h>

#include "base/number.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "view/listener.h"
#include "view/routing.h"
#include "view/usage.h"
#include "view/values.h"
#include "view/verdict.h"

#define NUMBER_LEAST_NS (INT64_C(978307200) * SECOND_NS) /* 2001-01-01 */
#define YEAR_FIRST 1679 /* the whole years that fit into 64 bits of nanoseconds */
#define YEAR_LAST 2261

#define NO_INSTANT                                                                                           \
    "is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), "         \
    "yesterday, today or tomorrow"
#define OUT_OF_RANGE "is not between 1678 and 2261"

/* ---- instants and lengths -------------------------------------------------------------------- */

/* 2026-03-05 and 20260305 */
static bool read_date(const char *text, int64_t *day)
{
    size_t len = strlen(text);
    int year, month, of_month;

    if (len == 8 && strspn(text, "0123456789") == 8) {
        if (sscanf(text, "%4d%2d%2d", &year, &month, &of_month) != 3)
            return false;
    } else if (len != 10 || strspn(text, "0123456789-") != 10 || text[4] != '-' || text[7] != '-' ||
               sscanf(text, "%4d-%2d-%2d", &year, &month, &of_month) != 3) {
        return false;
    }
    if (year < YEAR_FIRST || year > YEAR_LAST || !tq__is_date(year, month, of_month))
        return false;
    *day = tq__days_of_date(year, month, of_month);
    return true;
}

/* A date, or one of three words; today is the day that holds now. */
static bool read_day(const char *text, int64_t today, int64_t *day)
{
    static const char *const words[] = {"yesterday", "today", "tomorrow"};

    for (int i = 0; i < 3; i++)
        if (strcmp(text, words[i]) == 0) {
            *day = today + i - 1;
            return true;
        }
    return read_date(text, day);
}

/* What programs write, too. Returns NULL when the text was read, else what is wrong with it; so does
 * read_instant. */
static const char *read_time(const char *text, int64_t *at_ns)
{
    struct tq__span span = tq__span_of(text);
    int answer = tq__time_epoch(span, at_ns);

    if (answer == 0 && *at_ns < NUMBER_LEAST_NS)
        return "is before 2001, and no date; write 20260305 or 2026-03-05";
    if (answer != 0 && answer != TQ__OUT_OF_RANGE)
        answer = tq__time_people(span, at_ns);
    switch (answer) {
    case 0:
        return NULL;
    case TQ__NO_OFFSET:
        return "has no zone; end it in Z for UTC, or in one such as +01:00";
    case TQ__NO_SUCH_TIME:
        return "does not exist";
    case TQ__OUT_OF_RANGE:
        return OUT_OF_RANGE;
    default:
        return NO_INSTANT;
    }
}

static const char *read_instant(const char *text, int64_t now_ns, int64_t *at_ns)
{
    int64_t day, length_ns = 0;
    const char *wrong = NULL;

    if (read_day(text, tq__floor_divide(now_ns, DAY_NS), &day)) {
        *at_ns = day * DAY_NS;
        return NULL;
    }
    if (!length_parse(text, &length_ns))
        return __builtin_sub_overflow(now_ns, length_ns, at_ns) ? OUT_OF_RANGE : NULL;
    if (strncmp(text, "now", 3) != 0)
        return read_time(text, at_ns);
    if (text[3] == '+' || text[3] == '-')
        wrong = length_parse(text + 4, &length_ns);
    else if (text[3])
        wrong = "is not a time; write now, now+15m or now-15m";
    if (!wrong && __builtin_add_overflow(now_ns, text[3] == '-' ? -length_ns : length_ns, at_ns))
        wrong = OUT_OF_RANGE;
    return wrong;
}

int instant_parse(const char *option, const char *text, int64_t now_ns, int64_t *at_ns)
{
    const char *wrong = read_instant(text, now_ns, at_ns);

    if (!wrong && (*at_ns < TQ_NOW_MIN_NS || *at_ns >= TQ_NOW_END_NS))
        wrong = OUT_OF_RANGE;
    if (!wrong)
        return 0;
    report("--%s \"%s\" %s", option, text, wrong);
    return -1;
}

int option_instant(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct instant *instant = to;

    instant->given = true;
    return instant_parse(option->name, text, now_ns, &instant->ns);
}

int option_now(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    return option_instant(option, text, now_ns, to);
}

int option_end(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    int64_t length_ns;

    if (length_parse(text, &length_ns))
        return option_instant(option, text, now_ns, to);
    report("--%s \"%s\" means that long ago, which is no end; write now+%s", option->name, text, text);
    return -1;
}

int64_t instant_now(struct instant at)
{
    return at.given ? at.ns : tq_now_ns();
}

int option_length(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    int64_t *length_ns = to;
    const char *wrong = length_parse(text, length_ns);

    (void)now_ns;
    if (!wrong && *length_ns == 0)
        wrong = "must be longer than 0";
    if (!wrong)
        return 0;
    report("--%s \"%s\" %s", option->name, text, wrong);
    return -1;
}

int option_lease(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    if (option_length(option, text, now_ns, to) < 0)
        return -1;
    if (*(int64_t *)to <= TQ_LEASE_MAX_NS)
        return 0;
    report("--%s \"%s\" is longer than 31 days", option->name, text);
    return -1;
}

/* ---- days of a zone -------------------------------------------------------------------------- */

int bounds_parse(const char *option, const char *text, int64_t now_ns, unsigned flags, int64_t *at_ns)
{
    bool local = flags & BOUNDS_LOCAL;
    int64_t day;

    if (!read_day(text, zone_day(now_ns, local), &day))
        return instant_parse(option, text, now_ns, at_ns);
    *at_ns = zone_day_begin(day + (flags & BOUNDS_END ? 1 : 0), local);
    return 0;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

int option_tokens(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    int64_t *tokens = to;
    const char *wrong = tokens_parse(text, strlen(text), tokens);

    (void)now_ns;
    if (!wrong && *tokens == 0)
        wrong = "is not above 0";
    if (!wrong)
        return 0;
    report("--%s \"%s\" %s", option->name, text, wrong);
    return -1;
}

bool percent_parse(struct tq__span text, uint32_t *percent)
{
    int64_t number = 0;

    text = tq__span_trim(text);
    if (text.len > 1 && text.at[text.len - 1] == '%')
        text.len--;
    if (tq__number_count(text, &number) != 0 || number < 1 || number > 100)
        return false;
    *percent = (uint32_t)number;
    return true;
}

int option_percent(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)now_ns;
    if (percent_parse(tq__span_of(text), to))
        return 0;
    report("--%s \"%s\" is no percent; write 1 to 100", option->name, text);
    return -1;
}

/* ---- rules ----------------------------------------------------------------------------------- */

int option_rule(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)now_ns;
    if (rule_parse(text, to) == 0)
        return 0;
    report("--%s \"%s\": write " RULE_NAMES, option->name, text);
    return -1;
}

int option_policy(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)now_ns;
    if (policy_parse(text, to) == 0)
        return 0;
    report("--%s \"%s\": write order, sticky, pressure or sticky-pressure", option->name, text);
    return -1;
}

/* ---- tools' logs and responses
 * ----------------------------------------------------------------------------- */

int source_parse(const char *word, const struct tq_log_source **source)
{
    struct listener listener = {0};

    return source_find(word, source, &listener) < 0 ? report_why(&listener) : 0;
}

int profile_parse(const char *name, const struct tq_profile **profile)
{
    struct listener listener = {0};

    return profile_find(name, profile, &listener) < 0 ? report_why(&listener) : 0;
}

int option_pattern(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct import_error error;

    if (names_check(text, &error) == 0)
        return option_text(option, text, now_ns, to);
    report("--%s %s", option->name, error.text);
    return -1;
}
