/* score.c: shows how the rules did: a table for each provider and for all, the interval, and the advice.
 *
 * SPDX-License-Identifier: MIT
 */
#include <math.h>
#include <string.h>

#include "cli/show/show.h"
#include "cli/show/table.h"

enum { RULE, FALSE_ONES, WRONG, DIVERTED, WARNED, LEAD, OVERRUN, STRANDED, TIMES, COLUMNS };

/* ---- words ------------------------------------------------------------------------------------- */

static const char *window_word(const struct score *score)
{
    static const char *const words[SCORE_WINDOWS] = {"day", "window of 5 h", "hour", "week"};

    return words[score->window];
}

/* "1 day", "3 windows of 5 h" */
static struct text windows_text(const struct score *score, size_t count)
{
    struct text text;

    if (score->window != SCORE_5H)
        return plural(count, window_word(score));
    snprintf(text.s, sizeof text.s, "%.60s of 5 h", plural(count, "window").s);
    return text;
}

static struct text rule_text(const struct score_rule *rule)
{
    static const char *const words[] = {"off", "original", "horizon", "care", "flight", "reserve"};
    struct text text;

    snprintf(text.s, sizeof text.s, "%s%s%.16s", words[rule->kind], rule->care > 0 ? " " : "",
             rule->care > 0 ? format_care(rule->care).s : "");
    return text;
}

static struct text decimal_text(double value, int digits, const char *unit)
{
    struct text text;

    if (isnan(value))
        snprintf(text.s, sizeof text.s, "-");
    else
        snprintf(text.s, sizeof text.s, "%.*f%s", digits, value, unit);
    return text;
}

/* ---- a provider -------------------------------------------------------------------------------- */

static void put_row(struct table *table, const struct score_rule *rule, const struct score_figures *figures)
{
    static const struct {
        enum score_figure figure;
        int digits;
        const char *unit;
    } cells[] = {{SCORE_FALSE, 0, " %"},    {SCORE_WRONG, 2, ""}, {SCORE_DIVERTED, 1, " %"},
                 {SCORE_WARNED, 0, " %"},   {SCORE_LEAD, 2, ""},  {SCORE_OVERRUN, 1, " %"},
                 {SCORE_STRANDED, 1, " %"}, {SCORE_TIMES, 2, ""}};

    table_cell(table, NULL, rule_text(rule).s);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        table_cell(table, NULL,
                   decimal_text(figures->value[cells[i].figure], cells[i].digits, cells[i].unit).s);
    table_end(table);
}

static void put_figures(const struct score *score, const struct style *style,
                        const struct score_provider *provider)
{
    static const int first[] = {TIMES, LEAD, DIVERTED, FALSE_ONES};
    struct table_column columns[COLUMNS] = {
        [RULE] = {"rule", NULL, TABLE_LEFT, 10},        [FALSE_ONES] = {"false", NULL, TABLE_RIGHT, 7},
        [WRONG] = {"wrong h", NULL, TABLE_RIGHT, 9},    [DIVERTED] = {"diverted", NULL, TABLE_RIGHT, 10},
        [WARNED] = {"warned", NULL, TABLE_RIGHT, 8},    [LEAD] = {"lead h", NULL, TABLE_RIGHT, 8},
        [OVERRUN] = {"overrun", NULL, TABLE_RIGHT, 10}, [STRANDED] = {"stranded", NULL, TABLE_RIGHT, 10},
        [TIMES] = {"outs", NULL, TABLE_RIGHT, 6},
    };
    struct table table = {.style = style, .columns = columns, .count = COLUMNS};

    table_drop(&table, style->width, first, sizeof first / sizeof *first);
    table_head(&table);
    for (size_t i = 0; i < score->rule_count; i++)
        if (score->rules[i].shown)
            put_row(&table, &score->rules[i], &provider->figures[i]);
}

static struct text percent_text(uint64_t part, uint64_t whole)
{
    return decimal_text(100 * (double)part / (double)whole, 1, " %");
}

static void put_interval(const struct style *style, const struct score *score,
                         const struct interval_cover cover[INTERVALS])
{
    struct table_column columns[] = {
        {"interval", NULL, TABLE_LEFT, 8},    {"inside", NULL, TABLE_RIGHT, 9},
        {"below", NULL, TABLE_RIGHT, 9},      {"above", NULL, TABLE_RIGHT, 9},
        {"mean days", NULL, TABLE_RIGHT, 11},
    };
    struct table table = {.style = style, .columns = columns, .count = sizeof columns / sizeof *columns};

    if (score->window != SCORE_DAY || cover[0].looks == cover[0].none)
        return;
    putc('\n', style->out);
    table_head(&table);
    for (int i = 0; i < INTERVALS; i++) {
        uint64_t with = cover[i].looks - cover[i].none;

        table_cell(&table, NULL, decimal_text(interval_percent[i], 0, " %").s);
        table_cell(&table, NULL, percent_text(cover[i].inside, with).s);
        table_cell(&table, NULL, percent_text(cover[i].below, with).s);
        table_cell(&table, NULL, percent_text(cover[i].above, with).s);
        table_cell(&table, NULL, decimal_text(cover[i].width / (double)with, 2, "").s);
        table_end(&table);
    }
    fprintf(style->out, "%s, one each half hour from the 6th day on; no interval in %s of them\n",
            plural(cover[0].looks, "look").s, percent_text(cover[0].none, cover[0].looks).s);
}

static void put_name(const struct style *style, const struct score_provider *provider)
{
    char name[TQ_NAME_MAX + 1];

    if (!provider->name) {
        fputs("all", style->out);
        return;
    }
    memcpy(name, provider->name, provider->name_len);
    name[provider->name_len] = '\0';
    text_put_name(style, name, TQ_NAME_MAX * 2, false);
}

static void put_provider(const struct score *score, const struct style *style,
                         const struct score_provider *provider)
{
    putc('\n', style->out);
    paint(style, PAINT_BOLD);
    put_name(style, provider);
    unpaint(style);
    if (provider->skipped == SCORE_ONE_WINDOW)
        fprintf(style->out, " is skipped: it has records in one %s\n", window_word(score));
    else if (provider->skipped == SCORE_NO_CASE)
        fprintf(style->out, " is skipped: no %s has 3 records and a token\n", window_word(score));
    else if (provider->skipped == SCORE_TOO_MANY_TOKENS)
        fputs(" is skipped: it has too many tokens to judge\n", style->out);
    if (!provider->figures || provider->windows == 0)
        return;
    fprintf(style->out, ": %s, %s within the budget, %s above it\n", windows_text(score, provider->windows).s,
            plural(provider->within, "case").s, plural(provider->exceeding, "case").s);
    put_figures(score, style, provider);
    put_interval(style, score, provider->cover);
}

/* ---- the whole --------------------------------------------------------------------------------- */

/* How long calls lasted, by the log or by --lag. */
static void put_calls(const struct score *score, const struct style *style, int64_t records)
{
    struct text length = format_length(score->lag_ns);

    if (score->starts == 0)
        fprintf(style->out, "\nCalls of %s: the log has no starts.\n", length.s);
    else if ((int64_t)score->starts == records)
        fputs("\nCalls as long as the log says.\n", style->out);
    else
        fprintf(style->out, "\nCalls as long as the log says; %s without a start: %s.\n",
                plural((uint64_t)records - score->starts, "call").s, length.s);
}

static void put_advice(const struct score *score, const struct style *style)
{
    const struct score_advice *advice = &score->advice;
    double least = advice->mean.by_care[advice->least];
    double usual = least - advice->difference;
    struct text care = format_care(score_advised[advice->least]);
    struct text standard = format_care(TQ__CARE_DEFAULT);
    FILE *out = style->out;

    if (advice->count == 0)
        return;
    putc('\n', out);
    if (!advice->enough)
        fprintf(out, "Advice: none. There %s %s, and it needs %d.\n", advice->count == 1 ? "is" : "are",
                windows_text(score, advice->count).s, SCORE_ADVICE_LEAST);
    else if (advice->advised == advice->least && score_advised[advice->least] != TQ__CARE_DEFAULT)
        fprintf(out,
                "Advice: care %s. It loses %.4f of a budget, care %s loses %.4f. The difference, %.4f, is\n"
                "beyond two standard errors of %.4f.\n",
                care.s, least, standard.s, usual, advice->difference, advice->error);
    else if (score_advised[advice->least] == TQ__CARE_DEFAULT)
        fprintf(out, "Advice: care %s, the default. It loses the least, %.4f of a budget.\n", standard.s,
                least);
    else
        fprintf(
            out,
            "Advice: care %s, the default. It loses %.4f of a budget, care %s loses %.4f. The difference,\n"
            "%.4f, is within two standard errors of %.4f.\n",
            standard.s, usual, care.s, least, advice->difference, advice->error);
    fprintf(out, "A token above the budget counts as a loss of %d unused ones. %s judged; the losses:\n",
            SCORE_LOSS, windows_text(score, advice->count).s);
    for (size_t i = 0; i < SCORE_ADVISED; i++)
        fprintf(out, "%s%s %.4f", i > 0 ? ", " : "care ", format_care(score_advised[i]).s,
                advice->mean.by_care[i]);
    putc('\n', out);
}

void score_put(const struct score *score, const struct style *style, bool quiet)
{
    for (size_t i = 0; i < score->count && !quiet; i++)
        put_provider(score, style, &score->providers[i]);
    if (score->all.windows == 0) {
        fputs("\nNo provider can be judged: each needs records in two windows, and 3 of them in one.\n",
              style->out);
        return;
    }
    put_provider(score, style, &score->all);
    put_calls(score, style, (int64_t)score->all.records);
    put_advice(score, style);
}
