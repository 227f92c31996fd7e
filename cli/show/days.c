/* days.c: what each provider used day by day, when there is more than one day.
 *
 * SPDX-License-Identifier: MIT
 *
 * A few days and providers are a table with numbers, days down and providers across. Many are a strip: one
 * character a day, which shows the shape of months at a glance.
 */
#include <stdlib.h>
#include <string.h>

#include "view/standings.h"

#define CELLS_MOST 150   /* more days x providers become a strip */
#define DATE_COLUMNS 10  /* 2026-03-04 */
#define CELL_COLUMNS 20  /* two spaces, 12.3M, 104%, !09:41 */
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

static int calendar_make(struct calendar *calendar, const struct standings *standings)
{
    *calendar = (struct calendar){0};
    for (size_t i = 0; i < standings->count; i++)
        calendar->cells += standings->items[i].provider->day_count;
    calendar->days_at_ns = malloc((calendar->cells + 1) * sizeof(int64_t));
    if (!calendar->days_at_ns) {
        report("out of memory");
        return -1;
    }
    size_t count = 0;

    for (size_t i = 0; i < standings->count; i++)
        for (size_t j = 0; j < standings->items[i].provider->day_count; j++)
            calendar->days_at_ns[count++] = standings->items[i].provider->days[j].start_at_ns;
    qsort(calendar->days_at_ns, count, sizeof(int64_t), compare_instants);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || calendar->days_at_ns[i] != calendar->days_at_ns[i - 1])
            calendar->days_at_ns[calendar->count++] = calendar->days_at_ns[i];
    return 0;
}

/* Gives the columns that the cell is short of, which the next cell fills: no line ends in spaces. */
static int put_cell(const struct style *style, int missing, const struct provider *provider,
                    const struct day *day)
{
    const char *colour = NULL;
    struct text percent = {""};

    if (!day)
        return missing + CELL_COLUMNS;
    if (provider->budget) {
        percent = format_percent(day->used, provider->budget);
        colour = paint_of_usage(day->used, provider->budget, day->exhausted);
    }
    fprintf(style->out, "%*s%5s", missing + 2, "", format_short(day->used, ROUND_DOWN).s);
    if (!colour)
        return CELL_COLUMNS - 7;
    putc(' ', style->out);
    paint(style, colour);
    fprintf(style->out, "%5s", percent.s);
    if (day->exhausted)
        fprintf(style->out, " !%s", format_utc_minute(day->exhausted_at_ns).s);
    unpaint(style);
    return day->exhausted ? 0 : CELL_COLUMNS - 13;
}

static void put_panel_row(const struct style *style, const struct standing *standings, size_t count,
                          int64_t day_at_ns)
{
    bool any = false;

    for (size_t i = 0; i < count; i++)
        any |= provider_find_day(standings[i].provider, day_at_ns) != NULL;
    if (!any)
        return;
    int missing = 0;

    fputs(format_utc_day(day_at_ns).s, style->out);
    for (size_t i = 0; i < count; i++) {
        const struct provider *provider = standings[i].provider;

        missing = put_cell(style, missing, provider, provider_find_day(provider, day_at_ns));
    }
    putc('\n', style->out);
}

/* As many providers as fit side by side, with all their days. */
static void put_panel(const struct style *style, const struct calendar *calendar,
                      const struct standing *standings, size_t count)
{
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
        put_panel_row(style, standings, count, calendar->days_at_ns[i]);
    fprintf(style->out, "%-*s", DATE_COLUMNS, "total");
    for (size_t i = 0; i < count; i++)
        fprintf(style->out, "  %5s%*s", format_short(provider_total(standings[i].provider), ROUND_DOWN).s,
                i + 1 < count ? CELL_COLUMNS - 7 : 0, "");
    putc('\n', style->out);
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
    level = multiply_divide(day->used, LEVELS, provider->budget, ROUND_DOWN);
    paint(style, paint_of_usage(day->used, provider->budget, day->exhausted));
    if (day->exhausted)
        putc('!', style->out);
    else
        level_put(style, level < LEVELS ? (int)level : LEVELS - 1);
    unpaint(style);
}

static int name_columns(const struct style *style, const struct standings *standings)
{
    int longest = DATE_COLUMNS;

    for (size_t i = 0; i < standings->count; i++) {
        const struct provider *provider = standings->items[i].provider;
        int columns = text_columns(provider->name, provider->name_len);

        longest = columns > longest ? columns : longest;
    }
    return longest < style->width / 3 ? longest : style->width / 3;
}

/* One provider's days; no row when it used nothing in them. */
static void put_strip_row(const struct style *style, const struct provider *provider, int name,
                          const int64_t *days_at_ns, size_t count)
{
    bool any = false;

    for (size_t i = 0; i < count && !any; i++)
        any = provider_find_day(provider, days_at_ns[i]) != NULL;
    if (!any)
        return;
    text_put_name(style, provider->name, name, true);
    fprintf(style->out, "%*s  ", TOTAL_COLUMNS, format_short(provider_total(provider), ROUND_DOWN).s);
    for (size_t i = 0; i < count; i++)
        put_mark(style, provider, provider_find_day(provider, days_at_ns[i]));
    putc('\n', style->out);
}

static void put_strips(const struct style *style, const struct calendar *calendar,
                       const struct standings *standings)
{
    int name = name_columns(style, standings);
    size_t across = (size_t)(style->width - name - TOTAL_COLUMNS - 2);

    fprintf(style->out,
            "\nDay by day (UTC), a character for each day with usage (--days: the numbers):\n"
            "%s eighths of the budget, ! quota_exhausted, * no budget, . nothing\n",
            LEVELS_WORDS(style));
    for (size_t from = 0, to; from < calendar->count; from = to) {
        to = calendar->count - from < across ? calendar->count : from + across;
        putc('\n', style->out);
        paint(style, PAINT_BOLD);
        fprintf(style->out, "%-*s%*s  %s to %s\n", name, "provider", TOTAL_COLUMNS, "total",
                format_utc_day(calendar->days_at_ns[from]).s, format_utc_day(calendar->days_at_ns[to - 1]).s);
        unpaint(style);
        for (size_t i = 0; i < standings->count; i++)
            put_strip_row(style, standings->items[i].provider, name, calendar->days_at_ns + from, to - from);
    }
}

int days_put(const struct style *style, const struct standings *standings, bool every_day)
{
    struct calendar calendar;

    if (calendar_make(&calendar, standings) < 0)
        return -1;
    if (calendar.count > 1 && (calendar.cells <= CELLS_MOST || every_day))
        put_matrix(style, &calendar, standings);
    else if (calendar.count > 1)
        put_strips(style, &calendar, standings);
    free(calendar.days_at_ns);
    return 0;
}
