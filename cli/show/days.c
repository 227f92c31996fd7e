/* days.c: what each provider used day by day, when there is more than one day.
 *
 * SPDX-License-Identifier: MIT
 *
 * A few days and providers are a table with numbers, days down and providers across. Many are a strip: one
 * character a day, which shows the shape of months at a glance.
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
#define PARTS_MOST (1 + CELL_PARTS * 64) /* a screen has at most 1,000 columns */
#define TOTAL_COLUMNS 7

/* The days that have usage, of all providers together. */
struct calendar {
    int64_t *days_at_ns;
    size_t count;
    size_t cells; /* days x providers that have usage */
};

static int compare_instants(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static void calendar_make(struct calendar *calendar, const struct standings *standings)
{
    *calendar = (struct calendar){0};
    for (size_t i = 0; i < standings->count; i++)
        calendar->cells += standings->items[i].provider->day_count;
    calendar->days_at_ns = must_have(malloc((calendar->cells + 1) * sizeof(int64_t)));
    size_t count = 0;

    for (size_t i = 0; i < standings->count; i++)
        for (size_t j = 0; j < standings->items[i].provider->day_count; j++)
            calendar->days_at_ns[count++] = standings->items[i].provider->days[j].start_at_ns;
    qsort(calendar->days_at_ns, count, sizeof(int64_t), compare_instants);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || calendar->days_at_ns[i] != calendar->days_at_ns[i - 1])
            calendar->days_at_ns[calendar->count++] = calendar->days_at_ns[i];
}

/* A provider's day: the tokens used, the part of its budget, and since when it was exhausted. */
static void put_cell(struct table *table, const struct provider *provider, const struct day *day)
{
    bool budget = day && provider->budget;
    const char *colour = budget ? paint_of_usage(day->used, provider->budget, day->exhausted) : NULL;
    struct text since = {""};

    if (budget && day->exhausted)
        snprintf(since.s, sizeof(since.s), "!%.8s", format_time(day->exhausted_at_ns, false, "%H:%M").s);
    table_cell(table, NULL, day ? format_short(day->used, ROUND_DOWN).s : NULL);
    table_cell(table, colour, budget ? format_percent(day->used, provider->budget).s : NULL);
    table_cell(table, colour, since.s);
}

static void put_panel_row(struct table *table, const struct standing *standings, size_t count,
                          int64_t day_at_ns)
{
    bool any = false;

    for (size_t i = 0; i < count; i++)
        any |= provider_find_day(standings[i].provider, day_at_ns) != NULL;
    if (!any)
        return;
    table_cell(table, NULL, format_utc_day(day_at_ns).s);
    for (size_t i = 0; i < count; i++)
        put_cell(table, standings[i].provider, provider_find_day(standings[i].provider, day_at_ns));
    table_end(table);
}

/* As many providers as fit side by side, with all their days. */
static void put_panel(const struct style *style, const struct calendar *calendar,
                      const struct standing *standings, size_t count)
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
        text_put_name(style, standings[i].provider->name, CELL_COLUMNS - 2, i + 1 < count);
    }
    unpaint(style);
    putc('\n', style->out);
    for (size_t i = 0; i < calendar->count; i++)
        put_panel_row(&table, standings, count, calendar->days_at_ns[i]);
    table_cell(&table, NULL, "total");
    for (size_t i = 0; i < count; i++) {
        table_cell(&table, NULL, format_short(provider_total(standings[i].provider), ROUND_DOWN).s);
        table_cell(&table, NULL, NULL);
        table_cell(&table, NULL, NULL);
    }
    table_end(&table);
}

static void put_matrix(const struct style *style, const struct calendar *calendar,
                       const struct standings *standings)
{
    size_t fit = (size_t)(style->width - DATE_COLUMNS) / CELL_COLUMNS;
    size_t panels = (standings->count + fit - 1) / fit;
    size_t across = (standings->count + panels - 1) / panels; /* four where three fit are two and two */

    fputs("\nDay by day: tokens, % of the budget", style->out);
    if (standings->transitions)
        fprintf(style->out, ",%s! = quota_exhausted from that time (UTC) on%s",
                style->width < 80 ? "\n" : " ", standings->latched ? "" : " or for a while");
    putc('\n', style->out);
    for (size_t i = 0; i < standings->count; i += across)
        put_panel(style, calendar, standings->items + i,
                  standings->count - i < across ? standings->count - i : across);
}

static void put_mark(const struct style *style, const struct provider *provider, const struct day *day)
{
    int64_t level;

    if (!day) {
        putc('.', style->out);
        return;
    }
    if (!provider->budget) {
        putc('*', style->out);
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

/* One provider's days; no row when it used nothing in them. */
static void put_strip_row(struct table *table, const struct provider *provider, const int64_t *days_at_ns,
                          size_t count)
{
    bool any = false;

    for (size_t i = 0; i < count && !any; i++)
        any = provider_find_day(provider, days_at_ns[i]) != NULL;
    if (!any)
        return;
    table_cell(table, NULL, provider->name);
    table_cell(table, NULL, format_short(provider_total(provider), ROUND_DOWN).s);
    (void)table_draw(table, (int)count);
    for (size_t i = 0; i < count; i++)
        put_mark(table->style, provider, provider_find_day(provider, days_at_ns[i]));
    table_end(table);
}

static void put_strips(const struct style *style, const struct calendar *calendar,
                       const struct standings *standings)
{
    int name = DATE_COLUMNS;
    size_t across;

    for (size_t i = 0; i < standings->count; i++)
        name = text_widest(name, standings->items[i].provider->name);
    if (name > style->width / 3)
        name = style->width / 3;
    across = (size_t)(style->width - name - TOTAL_COLUMNS - TABLE_GAP);

    fprintf(style->out,
            "\nDay by day (UTC), a character for each day with usage (--days: the numbers):\n"
            "%s eighths of the budget, ! quota_exhausted, * no budget, . nothing\n",
            LEVELS_WORDS(style));
    for (size_t from = 0, to; from < calendar->count; from = to) {
        to = calendar->count - from < across ? calendar->count : from + across;
        struct text span;

        snprintf(span.s, sizeof(span.s), "%.10s to %.10s", format_utc_day(calendar->days_at_ns[from]).s,
                 format_utc_day(calendar->days_at_ns[to - 1]).s);

        struct table_column columns[] = {
            {"provider", NULL, TABLE_NAME, name},
            {"total", NULL, TABLE_RIGHT, TOTAL_COLUMNS},
            {span.s, NULL, TABLE_LEFT, TABLE_GAP + (int)(to - from)},
        };
        struct table table = {.style = style, .columns = columns, .count = 3};

        putc('\n', style->out);
        table_head(&table);
        for (size_t i = 0; i < standings->count; i++)
            put_strip_row(&table, standings->items[i].provider, calendar->days_at_ns + from, to - from);
    }
}

void days_put(const struct style *style, const struct standings *standings, bool every_day)
{
    struct calendar calendar;

    calendar_make(&calendar, standings);
    if (calendar.count > 1 && (calendar.cells <= CELLS_MOST || every_day))
        put_matrix(style, &calendar, standings);
    else if (calendar.count > 1)
        put_strips(style, &calendar, standings);
    free(calendar.days_at_ns);
}
