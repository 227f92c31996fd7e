/* standings.c: the table of providers at an instant, fitted to the width of the screen.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "view/standings.h"
#include "view/verdict.h"

#define NAME_LEAST 12
#define NAME_GOOD 19 /* the bar does not grow before names have that much */
#define BAR_LEAST 5
#define BAR_GOOD 10
#define BAR_MOST 24

#define USED_COLUMNS 6
#define BUDGET_COLUMNS 7
#define PERCENT_COLUMNS 6
#define BURN_COLUMNS 7
#define PROJECTION_COLUMNS 11
#define STATE_COLUMNS 17
#define REASON_COLUMNS 11
#define RETRY_COLUMNS 27
#define UNTIL_COLUMNS 50 /* around a name: "  ", "  until 2026-03-04 01:00:00 CET, in 23h 59m 59s" */
#define UNTIL_HOUR_COLUMNS 36
#define LENGTH_COLUMNS 16   /* ", in 23h 59m 59s" */
#define WIDTH_OF_LENGTHS 60 /* narrower screens do without it there */

/* Columns of each part with the space before it, 0 for a part that is left out. */
struct columns {
    int name;
    int budget;
    int bar;
    int burn;
    int projection;
    int reason;
    int retry;
};

static int longest_name(const struct standings *standings)
{
    int longest = (int)strlen("provider");

    for (size_t i = 0; i + standings->idle < standings->count; i++) {
        const struct provider *provider = standings->items[i].provider;
        int columns = text_columns(provider->name, provider->name_len);

        if (columns > longest)
            longest = columns;
    }
    return longest;
}

static int at_most(int wanted, int limit)
{
    return wanted < limit ? wanted : limit;
}

static void drop(int *columns, int *room)
{
    *room += *columns;
    *columns = 0;
}

/* What a narrow screen does without, in this order: the bar, the burn rate, the budget, the projection. With
 * reasons to show, the burn rate goes before the bar. */
static struct columns choose_columns(int width, int longest, bool any_exhausted, bool any_reason)
{
    struct columns columns = {
        .budget = BUDGET_COLUMNS, .burn = BURN_COLUMNS, .projection = PROJECTION_COLUMNS,
        .reason = any_reason ? REASON_COLUMNS : 0,
    };
    int *expendable[] = {&columns.burn, &columns.budget, &columns.projection};
    int room = width - USED_COLUMNS - PERCENT_COLUMNS - STATE_COLUMNS - columns.reason;

    room -= BUDGET_COLUMNS + BURN_COLUMNS + PROJECTION_COLUMNS;

    if (any_reason && room < NAME_LEAST + BAR_LEAST + 2)
        drop(&columns.burn, &room);
    for (size_t i = 0; i < sizeof(expendable) / sizeof(expendable[0]) && room < NAME_LEAST; i++)
        drop(expendable[i], &room);
    if (room < NAME_LEAST)
        drop(&columns.reason, &room);
    if (room >= NAME_LEAST + BAR_LEAST + 2) {
        int name = at_most(longest, NAME_GOOD);

        columns.bar = at_most(room - name - 2 > BAR_LEAST ? room - name - 2 : BAR_LEAST, BAR_GOOD) + 2;
        room -= columns.bar;
    }
    columns.name = at_most(longest, room);
    room -= columns.name;
    if (any_exhausted && room >= RETRY_COLUMNS) {
        columns.retry = RETRY_COLUMNS;
        room -= columns.retry;
    }
    if (columns.bar)
        columns.bar += at_most(room, BAR_MOST - BAR_GOOD);
    return columns;
}

static void put_right(const struct style *style, const char *text, int columns)
{
    if (columns)
        fprintf(style->out, "%*s", columns, text);
}

static void put_heading(const struct style *style, const struct columns *columns)
{
    paint(style, PAINT_BOLD);
    fprintf(style->out, "%-*s", columns->name, "provider");
    put_right(style, "used", USED_COLUMNS);
    put_right(style, "budget", columns->budget);
    put_right(style, "%", PERCENT_COLUMNS);
    put_right(style, "", columns->bar);
    put_right(style, "burn/h", columns->burn);
    put_right(style, "projection", columns->projection);
    fputs("  state", style->out);
    if (columns->reason)
        fprintf(style->out, "%*s%s", STATE_COLUMNS - 7 + 2, "", "reason");
    if (columns->retry)
        fprintf(style->out, "%*s%s", columns->reason ? REASON_COLUMNS - 8 + 2 : STATE_COLUMNS - 7 + 2, "",
                "retry at");
    unpaint(style);
    putc('\n', style->out);
}

static struct text short_or_dash(int64_t n, bool round)
{
    return n < 0 ? (struct text){"-"} : format_short(n, round);
}

static void put_usage(const struct style *style, const struct columns *columns,
                      const struct standing *standing)
{
    int64_t budget = standing->provider->budget;
    bool exhausted = standing->state == TQ_QUOTA_EXHAUSTED;

    put_right(style, format_short(standing->used, ROUND_DOWN).s, USED_COLUMNS);
    put_right(style, budget ? format_short(budget, ROUND_DOWN).s : "-", columns->budget);
    put_right(style, budget ? format_percent(standing->used, budget).s : "-", PERCENT_COLUMNS);
    if (columns->bar && budget) {
        fputs("  ", style->out);
        paint(style, paint_of_usage(standing->used, budget, exhausted));
        bar_put(style, standing->used, budget, columns->bar - 2);
        unpaint(style);
    } else {
        put_right(style, "", columns->bar);
    }
    put_right(style, short_or_dash(standing->burn_rate, ROUND_DOWN).s, columns->burn);
    put_right(style, short_or_dash(standing->projection, ROUND_UP).s, columns->projection);
}

static bool is_wait(const struct standing *standing)
{
    return standing->has_verdict && verdict_is_wait(&standing->verdict);
}

/* Of what has no known end it is a probe that asks. */
static void put_probe(FILE *out, const struct standing *standing, int64_t at_ns)
{
    const struct tq_verdict *verdict = &standing->verdict;

    if (!standing->has_verdict || verdict->reason != TQ_REASON_REPORTED)
        fputs("  no known end", out);
    else if (verdict->probing)
        fputs("  probing", out);
    else if (verdict->probe_at_ns <= at_ns)
        fputs("  probe is due", out);
    else
        fprintf(out, "  probe in %s", format_length(verdict->probe_at_ns - at_ns).s);
}

static void put_retry(FILE *out, const struct standing *standing, int64_t at_ns)
{
    int64_t left_ns = standing->retry_at_ns - at_ns;

    if (standing->retry_at_ns >= TQ_NOW_END_NS)
        put_probe(out, standing, at_ns);
    else if (is_wait(standing))
        fprintf(out, "  wait %s", format_length(left_ns).s);
    else
        fprintf(out, "  %s, in %s", format_local_hour(standing->retry_at_ns).s, format_length(left_ns).s);
}

static void put_row(const struct style *style, const struct columns *columns,
                    const struct standing *standing, int64_t at_ns)
{
    bool exhausted = standing->state == TQ_QUOTA_EXHAUSTED;
    /* The state says already that it is throttled. */
    const char *reason =
        exhausted && columns->reason && !is_wait(standing) ? tq_reason_name(standing->verdict.reason) : "";

    text_put_name(style, standing->provider->name, columns->name, true);
    put_usage(style, columns, standing);
    fputs("  ", style->out);
    if (exhausted)
        paint(style, is_wait(standing) ? PAINT_YELLOW : PAINT_RED);
    fprintf(style->out, exhausted && (*reason || columns->retry) ? "%-*s" : "%.*s", STATE_COLUMNS - 2,
            standing->has_verdict ? verdict_state(&standing->verdict) : tq_state_name(standing->state));
    if (exhausted)
        unpaint(style);
    if (exhausted && columns->reason && (*reason || columns->retry))
        fprintf(style->out, columns->retry ? "  %-*s" : "  %.*s", REASON_COLUMNS - 2, reason);
    if (exhausted && columns->retry)
        put_retry(style->out, standing, at_ns);
    putc('\n', style->out);
}

static void put_until(const struct style *style, const struct standing *standing, int64_t at_ns,
                      bool with_day)
{
    int64_t retry_at_ns = standing->retry_at_ns;
    struct text at = with_day ? format_local(retry_at_ns) : format_local_hour(retry_at_ns);

    if (is_wait(standing))
        fprintf(style->out, "%s\n", verdict_reason(&standing->verdict).s);
    else if (retry_at_ns >= TQ_NOW_END_NS)
        fputs("with no known end\n", style->out);
    else if (style->width < WIDTH_OF_LENGTHS && !with_day)
        fprintf(style->out, "until %s\n", at.s);
    else
        fprintf(style->out, "until %s, in %s\n", at.s, format_length(retry_at_ns - at_ns).s);
}

/* The instants that the table has no room for; the length tells which day is meant. */
static void put_ends(const struct style *style, const struct standings *standings)
{
    bool with_day = style->width >= 80;
    int room = style->width - (with_day ? UNTIL_COLUMNS : UNTIL_HOUR_COLUMNS), name = 0;

    if (style->width < WIDTH_OF_LENGTHS)
        room += LENGTH_COLUMNS;

    for (size_t i = 0; i < standings->exhausted; i++) {
        const struct provider *provider = standings->items[i].provider;
        int columns = text_columns(provider->name, provider->name_len);

        name = columns > name ? columns : name;
    }
    for (size_t i = 0; i < standings->exhausted; i++) {
        fputs("  ", style->out);
        text_put_name(style, standings->items[i].provider->name, at_most(name, room), true);
        fputs("  ", style->out);
        put_until(style, &standings->items[i], standings->at_ns, with_day);
    }
}

static void put_counts(FILE *out, const struct standings *standings, size_t waits)
{
    size_t spent = standings->exhausted - waits;

    fprintf(out, "%zu of %zu providers %s", spent ? spent : waits, standings->count,
            spent ? tq_state_name(TQ_QUOTA_EXHAUSTED) : "throttled");
    if (spent && waits)
        fprintf(out, ", %zu throttled", waits);
}

/* One line for all when they are out until the same instant, else one each where the table has none. */
static void put_exhausted(const struct style *style, const struct standings *standings, bool said_in_table)
{
    const struct standing *first = standings->items, *last = first + standings->exhausted - 1;
    bool same = first->retry_at_ns == last->retry_at_ns; /* they are in the order of their ends */
    size_t waits = 0;

    for (const struct standing *one = first; one <= last; one++)
        waits += is_wait(one);
    put_counts(style->out, standings, waits);
    if (same && waits == standings->exhausted) {
        fprintf(style->out, ": wait %s\n", format_length(first->retry_at_ns - standings->at_ns).s);
        return;
    }
    if (same && !waits) {
        fputs(style->width < 80 ? "\n" : " ", style->out);
        put_until(style, first, standings->at_ns, true);
        return;
    }
    fputs(said_in_table ? "\n" : ":\n", style->out);
    if (!said_in_table)
        put_ends(style, standings);
}

static void put_title(const struct style *style, const struct standings *standings)
{
    int64_t today_at_ns = day_start(standings->at_ns);

    fprintf(style->out, "Today: UTC day %s, which ends at %s.%s%s %sZ.\n", format_utc_day(today_at_ns).s,
            format_local_hour(today_at_ns + DAY_NS).s, style->width < 80 ? "\n" : " ", standings->now,
            format_utc(standings->at_ns).s + 11);
}

void table_put(const struct style *style, const struct standings *standings)
{
    bool any_exhausted = standings->exhausted > 0;
    bool any_reason = any_exhausted && standings->items[0].has_verdict;
    size_t shown = standings->count - standings->idle;

    if (!standings->count)
        return;
    struct columns columns = choose_columns(style->width, longest_name(standings), any_exhausted, any_reason);

    put_title(style, standings);
    if (shown)
        put_heading(style, &columns);
    for (size_t i = 0; i < shown; i++)
        put_row(style, &columns, &standings->items[i], standings->at_ns);
    if (standings->idle) {
        paint(style, PAINT_DIM);
        fprintf(style->out, "%zu of %zu providers %s", standings->idle, standings->count,
                standings->idle_words);
        unpaint(style);
        putc('\n', style->out);
    }
    putc('\n', style->out);
    if (any_exhausted)
        put_exhausted(style, standings, columns.retry > 0);
    else if (standings->count == 1)
        fputs("The provider is available\n", style->out);
    else
        fprintf(style->out, "%zu providers, all available\n", standings->count);
}
