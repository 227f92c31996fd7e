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
#include "view/routing.h"
#include "view/usage.h"
#include "view/verdict.h"

#define NUMBER_LEAST_NS (INT64_C(978307200) * SECOND_NS) /* 2001-01-01 */
#define YEAR_FIRST 1679 /* the whole years that fit into 64 bits of nanoseconds */
#define YEAR_LAST 2261

#define NO_INSTANT                                                                                           \
    "is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), "         \
    "yesterday, today or tomorrow"
#define OUT_OF_RANGE "is not between 1678 and 2261"
#define NO_LENGTH "is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)"
#define NO_CARE "is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25"
#define NO_TOKENS "is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)"

/* ---- instants and lengths -------------------------------------------------------------------- */

/* Returns NULL when the text was read, else what is wrong with it; so do the functions below. */
static const char *read_length(const char *text, int64_t *length_ns)
{
    struct tq__span span = tq__span_of(text);
    size_t used = tq__length_take(span, true, length_ns);

    if (used == 0 || used < span.len)
        return NO_LENGTH;
    return *length_ns == INT64_MAX ? "is too long" : NULL;
}

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

/* What programs write, too. */
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
    if (!read_length(text, &length_ns))
        return __builtin_sub_overflow(now_ns, length_ns, at_ns) ? OUT_OF_RANGE : NULL;
    if (strncmp(text, "now", 3) != 0)
        return read_time(text, at_ns);
    if (text[3] == '+' || text[3] == '-')
        wrong = read_length(text + 4, &length_ns);
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

    if (read_length(text, &length_ns))
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
    const char *wrong = read_length(text, length_ns);

    (void)now_ns;
    if (!wrong && *length_ns == 0)
        wrong = "must be longer than 0";
    if (!wrong)
        return 0;
    report("--%s \"%s\" %s", option->name, text, wrong);
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

const char *tokens_parse(const char *text, size_t len, int64_t *tokens)
{
    struct tq__span span = {text, len};
    struct tq__number number;
    size_t used = tq__amount_take(span, &number);
    bool exact;

    if (used == 0 || used < len)
        return NO_TOKENS;
    if (tq__number_scale(&number, 0, tokens, &exact) != 0)
        return "is too many tokens; the most is 9223372036854775807";
    return exact ? NULL : "is not a whole number of tokens";
}

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

const char *care_parse(const char *text, size_t len, unsigned *care)
{
    const char *slash = memchr(text, '/', len);
    struct tq__span of = {text, slash ? (size_t)(slash - text) : len};
    int64_t parts = 1, hundredths;
    struct tq__number number;
    bool exact;

    if (slash && (tq__number_count(tq__span_behind((struct tq__span){text, len}, of.len + 1), &parts) != 0 ||
                  (parts != 1 && parts != 2 && parts != 4)))
        return NO_CARE;
    if (tq__number_read(of, &number) != 0 || tq__number_scale(&number, 2, &hundredths, &exact) != 0 || !exact)
        return NO_CARE;
    if (hundredths < 0 || hundredths > TQ_CARE_MAX * 100 || hundredths * 4 % (100 * parts) != 0 ||
        hundredths * 4 / (100 * parts) > TQ_CARE_MAX)
        return NO_CARE;
    *care = (unsigned)(hundredths * 4 / (100 * parts));
    return NULL;
}

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

/* ---- tools' logs ----------------------------------------------------------------------------- */

int source_parse(const char *word, const struct tq_log_source **source)
{
    const char *names[32] = {"all"};
    size_t count = 1;

    *source = NULL;
    if (strcmp(word, "all") == 0 || (*source = tq_log_source_find(word)) != NULL)
        return 0;
    for (const struct tq_log_source *one;
         count + 1 < sizeof names / sizeof names[0] && (one = tq_log_source_at(count - 1)) != NULL; count++)
        names[count] = tq_log_source_name(one);
    (void)report_unknown("unknown source", "", word, names, "`tokenquota import --help` lists them");
    return -1;
}

int option_pattern(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct import_error error;

    if (names_check(text, &error) == 0)
        return option_text(option, text, now_ns, to);
    report("--%s %s", option->name, error.text);
    return -1;
}
