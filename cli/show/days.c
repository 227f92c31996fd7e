/* days.c: what each provider used day by day, when there is more than one day.
 *
 * SPDX-License-Identifier: MIT
 *
 * Few days and providers make a table of numbers, with a line for each day. Many make strips with one
 * character for each day, which show the shape of months at a glance.
 */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/show/show.h"
#include "cli/show/table.h"

#define CELLS_MOST 150  /* more days x providers become a strip */
#define DATE_COLUMNS 10 /* 2026-03-04 */
#define CELL_COLUMNS 20 /* two spaces, 12.3M, 104%, !09:41 */
#define CELL_PARTS 3
#define SCREEN_MOST 1000 /* columns */
#define PARTS_MOST (1 + CELL_PARTS * SCREEN_MOST / CELL_COLUMNS)
#define TOTAL_COLUMNS 7

/* The first day behind an instant on which any of the providers used something; INT64_MAX when none did. */
static int64_t next_day(const struct provider *const *providers, size_t count, int64_t after_ns)
{
    int64_t next_ns = INT64_MAX;

    for (size_t i = 0; i < count; i++) {
        const struct day *day = providers[i]->days, *end = day + providers[i]->day_count;

        while (day < end && day->start_at_ns <= after_ns)
            day++;
        if (day < end && day->start_at_ns < next_ns)
            next_ns = day->start_at_ns;
    }
    return next_ns;
}

/* Tokens used on a day, their part of the budget, and since when the provider was exhausted. */
static void put_cell(struct table *table, const struct provider *provider, const struct day *day)
{
    bool budget = day && provider->budget;
    bool exhausted = day && day->exhausted;
    const char *colour = budget      ? paint_of_usage(day->used, provider->budget, exhausted)
                         : exhausted ? PAINT_RED
                                     : NULL;
    struct text since = {""};

    if (exhausted)
        snprintf(since.s, sizeof(since.s), "!%.8s", format_time(day->exhausted_at_ns, false, "%H:%M").s);
    table_cell(table, NULL, day ? format_short(day->used, ROUND_DOWN).s : NULL);
    table_cell(table, colour, budget ? format_percent(day->used, provider->budget).s : NULL);
    table_cell(table, colour, since.s);
}

/* Writes as many providers as fit side by side, with all their days. */
static void put_panel(const struct style *style, const struct provider *const *providers, size_t count)
{
    struct table_column columns[PARTS_MOST] = {{.kind = TABLE_LEFT, .width = DATE_COLUMNS}};
    struct table table = {.style = style, .columns = columns, .count = 1 + CELL_PARTS * count};

    for (size_t i = 1; i < table.count; i += CELL_PARTS) {
        columns[i] = (struct table_column){.kind = TABLE_RIGHT, .width = 7};
        columns[i + 1] = (struct table_column){.kind = TABLE_RIGHT, .width = 6};
        columns[i + 2] = (struct table_column){.kind = TABLE_RIGHT, .width = 7};
    }
    putc('\n', style->out);
    paint(style, PAINT_BOLD);
    fprintf(style->out, "%-*s", DATE_COLUMNS, "day (UTC)");
    for (size_t i = 0; i < count; i++) {
        fputs("  ", style->out);
        text_put_name(style, providers[i]->name, CELL_COLUMNS - 2, i + 1 < count);
    }
    unpaint(style);
    putc('\n', style->out);
    for (int64_t day_at_ns = INT64_MIN; (day_at_ns = next_day(providers, count, day_at_ns)) != INT64_MAX;) {
        table_cell(&table, NULL, format_utc_day(day_at_ns).s);
        for (size_t i = 0; i < count; i++)
            put_cell(&table, providers[i], provider_find_day(providers[i], day_at_ns));
        table_end(&table);
    }
    table_cell(&table, NULL, "total");
    for (size_t i = 0; i < count; i++) {
        table_cell(&table, NULL, format_short(provider_total(providers[i]), ROUND_DOWN).s);
        table_cell(&table, NULL, NULL);
        table_cell(&table, NULL, NULL);
    }
    table_end(&table);
}

static void put_matrix(const struct style *style, const struct standings *standings,
                       const struct provider *const *providers, size_t count)
{
    size_t fit = (size_t)(style->width - DATE_COLUMNS) / CELL_COLUMNS;
    size_t panels = (count + fit - 1) / fit;
    size_t across = (count + panels - 1) / panels; /* where three fit, four are shown as two and two */

    fputs("\nDay by day: tokens, % of the budget", style->out);
    if (standings->of_log)
        fprintf(style->out, ",%s! = quota_exhausted from that time (UTC) on%s",
                style->width < 80 ? "\n" : " ", standings->latched ? "" : " or for a while");
    putc('\n', style->out);
    for (size_t i = 0; i < count; i += across)
        put_panel(style, providers + i, count - i < across ? count - i : across);
}

static void put_mark(const struct style *style, const struct provider *provider, const struct day *day)
{
    int64_t level;

    if (!day) {
        putc('.', style->out);
        return;
    }
    if (!provider->budget) {
        putc(day->exhausted ? '!' : '*', style->out);
        return;
    }
    level = tq__multiply_divide(day->used, LEVELS, provider->budget, ROUND_DOWN);
    paint(style, paint_of_usage(day->used, provider->budget, day->exhausted));
    if (day->exhausted)
        putc('!', style->out);
    else
        level_put(style, level < LEVELS ? (int)level : LEVELS - 1);
    unpaint(style);
}

/* Writes the days of one provider. Writes nothing when it used nothing on them. */
static void put_strip_row(struct table *table, const struct provider *provider, const int64_t *days_at_ns,
                          size_t count)
{
    if (next_day(&provider, 1, days_at_ns[0] - 1) > days_at_ns[count - 1])
        return;
    table_cell(table, NULL, provider->name);
    table_cell(table, NULL, format_short(provider_total(provider), ROUND_DOWN).s);
    (void)table_draw(table, (int)count);
    for (size_t i = 0; i < count; i++)
        put_mark(table->style, provider, provider_find_day(provider, days_at_ns[i]));
    table_end(table);
}

/* Writes as many days as the screen has room for, with a line for each provider. */
static void put_strip(const struct style *style, const struct provider *const *providers, size_t count,
                      int name, const int64_t *days_at_ns, size_t days)
{
    struct text span;
    struct table_column columns[] = {
        {"provider", NULL, TABLE_NAME, name},
        {"total", NULL, TABLE_RIGHT, TOTAL_COLUMNS},
        {span.s, NULL, TABLE_LEFT, TABLE_GAP + (int)days},
    };
    struct table table = {.style = style, .columns = columns, .count = 3};

    snprintf(span.s, sizeof(span.s), "%.10s to %.10s", format_utc_day(days_at_ns[0]).s,
             format_utc_day(days_at_ns[days - 1]).s);
    putc('\n', style->out);
    table_head(&table);
    for (size_t i = 0; i < count; i++)
        put_strip_row(&table, providers[i], days_at_ns, days);
}

static void put_strips(const struct style *style, const struct provider *const *providers, size_t count)
{
    int64_t days_at_ns[SCREEN_MOST], day_at_ns = next_day(providers, count, INT64_MIN);
    int name = DATE_COLUMNS;
    size_t across;

    for (size_t i = 0; i < count; i++)
        name = text_widest(name, providers[i]->name);
    if (name > style->width / 3)
        name = style->width / 3;
    across = (size_t)(style->width - name - TOTAL_COLUMNS - TABLE_GAP);
    fprintf(style->out,
            "\nDay by day (UTC), a character for each day with usage (--days: the numbers):\n"
            "%s eighths of the budget, ! quota_exhausted, * no budget, . nothing\n",
            LEVELS_WORDS(style));
    while (day_at_ns != INT64_MAX) {
        size_t days = 0;

        do {
            days_at_ns[days++] = day_at_ns;
            day_at_ns = next_day(providers, count, day_at_ns);
        } while (days < across && day_at_ns != INT64_MAX);
        put_strip(style, providers, count, name, days_at_ns, days);
    }
}

void days_put(const struct style *style, const struct standings *standings, bool every_day)
{
    const struct provider **providers = must_have(calloc(standings->count + 1, sizeof(*providers)));
    size_t count = 0, cells = 0;
    bool many;

    for (size_t i = 0; i < standings->count; i++) {
        const struct provider *provider = standings->items[i].provider;

        cells += provider->day_count;
        if (provider->day_count > 0)
            providers[count++] = provider;
    }
    many = next_day(providers, count, next_day(providers, count, INT64_MIN)) != INT64_MAX;
    if (many && (cells <= CELLS_MOST || every_day))
        put_matrix(style, standings, providers, count);
    else if (many)
        put_strips(style, providers, count);
    free(providers);
}
