/* standings.c: how providers stand, as a table that fits the screen, with a line for each limit.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "cli/show/table.h"
#include "view/standings.h"

#define NAME_LEAST 12
#define NAME_GOOD 19      /* the bar does not grow before names have that much */
#define NAME_OF_LIMITS 22 /* at most, for labels of limits, before columns are left out */
#define WHEN_COLUMNS 35   /* spent, resets Mon 01:00, in 2 d 8 h */
#define WHOLE_PPM 1000000
#define BAR_LEAST 5
#define BAR_GOOD 10
#define BAR_MOST 24
#define ELSEWHERE "  elsewhere" /* the row of what other machines used of a budget */
#define RETRY_COLUMNS 27
#define UNTIL_COLUMNS 50 /* around a name: "  ", "  until 2026-03-04 01:00:00 CET, in 23 h 59 min" */
#define UNTIL_HOUR_COLUMNS 36
#define LENGTH_COLUMNS 16   /* ", in 23 h 59 min" */
#define WIDTH_OF_LENGTHS 60 /* narrower screens leave it out */

enum { NAME, USED, BUDGET, PERCENT, BAR, BURN, PROJECTION, INTERVAL, STATE, REASON, RETRY, COLUMNS };

static const struct table_column all_columns[COLUMNS] = {
    [NAME] = {"provider", NULL, TABLE_NAME, NAME_LEAST},
    [USED] = {"used", NULL, TABLE_RIGHT, 6},
    [BUDGET] = {"budget", NULL, TABLE_RIGHT, 7},
    [PERCENT] = {"%", NULL, TABLE_RIGHT, 6},
    [BAR] = {NULL, NULL, TABLE_LEFT, TABLE_GAP + BAR_LEAST},
    [BURN] = {"burn/h", NULL, TABLE_RIGHT, 7},
    [PROJECTION] = {"projection", NULL, TABLE_RIGHT, 11},
    [INTERVAL] = {"8 of 10 days", NULL, TABLE_LEFT, 0},
    [STATE] = {"state", NULL, TABLE_LEFT, 17},
    [REASON] = {"reason", NULL, TABLE_LEFT, 11}, /* of an available one: whether its budget lasts */
    [RETRY] = {"retry at", NULL, TABLE_LEFT, 0},
};

/* Widens the columns for the numbers and labels of limits. False: there are none. */
static bool widen_for_limits(struct table *table, const struct limits *limits, int *longest, int *when)
{
    for (size_t i = 0; i < limits->count; i++) {
        const struct tq_limit *limit = &limits->items[i].limit;
        struct text used = limit_used(&limits->items[i]);
        int *width = &table->columns[USED].width;

        if (limits->items[i].said_at_ns > 0 || limit_is_predicted(&limits->items[i]))
            *when = text_widest(*when, limit_when(&limits->items[i], limits->at_ns, INT32_MAX).s);
        *longest = text_widest(*longest - TABLE_GAP, limit_label(limit).s) + TABLE_GAP;
        *width = text_widest(*width - 1, used.s) + 1;
        width = &table->columns[BUDGET].width;
        *width = text_widest(*width - 1, limit_number(limit->unit, limit->amount).s) + 1;
    }
    return limits->count > 0;
}

/* Why a provider is out; else whether its budget lasts. */
static struct text reason_words(const struct standing *standing)
{
    const struct tq_verdict *verdict = &standing->verdict;
    struct text text = {""};

    if (verdict->state == TQ_AVAILABLE)
        return lasts_words(standing->outlook.lasts, verdict->at_ns);
    if (!verdict_is_wait(verdict)) /* for a wait the state says the reason already */
        snprintf(text.s, sizeof(text.s), "%s", tq_reason_name(verdict->reason));
    return text;
}

/* Makes room for a text in a column that is left out without one. */
static void widen_column(struct table_column *column, const char *text)
{
    if (*text)
        column->width =
            text_widest(text_widest(column->width - TABLE_GAP, column->heading), text) + TABLE_GAP;
}

/* Widens the columns for numbers as the limits need it, and *when for what vendors say. Returns the columns
 * of the longest name or label. */
static int widen(struct table *table, const struct standings *standings, bool *any_limits, int *when)
{
    int longest = (int)strlen("provider");

    for (size_t i = 0; i + standings->idle < standings->count; i++) {
        const struct standing *standing = &standings->items[i];

        longest = text_widest(longest, standing->provider->name);
        widen_column(&table->columns[REASON], reason_words(standing).s);
        widen_column(&table->columns[INTERVAL], interval_words(&standing->outlook).s);
        if (standing->outlook.others > 0)
            longest = text_widest(longest, ELSEWHERE);
        if (standing->binds)
            longest = text_widest(longest - TABLE_GAP, standing->binds) + TABLE_GAP;
        *any_limits |= widen_for_limits(table, &standing->limits, &longest, when);
        *any_limits |= widen_for_limits(table, &standing->above, &longest, when);
    }
    return longest;
}

/* Is there a budget, or a limit with an amount? What vendors state has none. */
static bool has_amounts(const struct standings *standings)
{
    for (size_t i = 0; i + standings->idle < standings->count; i++) {
        const struct standing *standing = &standings->items[i];

        if (standing->provider->budget || standing->above.count > 0)
            return true;
        for (size_t j = 0; j < standing->limits.count; j++)
            if (standing->limits.items[j].limit.amount > 0)
                return true;
    }
    return false;
}

/* The columns of the screen that bars may use up without cutting off when a limit resets. */
static int screen_for_bars(const struct table *table, int screen, int when)
{
    int room = table_room(table, screen), spare = table_rest_room(table, screen, BURN) - when;

    return spare > room ? screen : spare > 0 ? screen - (room - spare) : screen - room;
}

/* A narrow screen leaves out the bar, the burn rate, the budget and the projection, in this order. With
 * reasons to show, it leaves out the burn rate before the bar. A wide screen has room for longer names, a
 * longer bar, and the ends. */
static void choose_columns(struct table *table, const struct standings *standings)
{
    static const int plain[] = {BAR, BURN, BUDGET, PROJECTION};
    static const int reasons[] = {INTERVAL, BURN, PROJECTION, BUDGET, BAR, REASON};
    static const int limits[] = {INTERVAL, BURN, PROJECTION, BAR, REASON, BUDGET};
    bool any_exhausted = standings->exhausted > 0, any_limits = false;
    int screen = table->style->width, when = WHEN_COLUMNS, bars, longest;

    memcpy(table->columns, all_columns, sizeof(all_columns));
    if (!any_exhausted)
        table->columns[REASON] = (struct table_column){"lasts", NULL, TABLE_LEFT, 0};
    longest = widen(table, standings, &any_limits, &when);
    if (any_limits) {
        int most = screen < WIDTH_OF_LENGTHS ? NAME_LEAST : NAME_OF_LIMITS;

        table->columns[BUDGET].heading = "of";
        table->columns[BUDGET].width *= has_amounts(standings);
        table->columns[NAME].width = longest < most ? longest : most;
        table_drop(table, screen, limits, sizeof(limits) / sizeof(limits[0]));
    } else if (!standings->of_log) {
        if (longest > NAME_LEAST) /* names come before the burn rate */
            table_drop(table, screen - (longest < NAME_GOOD ? longest : NAME_GOOD) + NAME_LEAST, reasons, 2);
        table_drop(table, screen, reasons, sizeof(reasons) / sizeof(reasons[0]));
    } else {
        table->columns[REASON].width = 0;
        table_drop(table, screen, plain, sizeof(plain) / sizeof(plain[0]));
    }
    if (table_room(table, screen) >= all_columns[BAR].width && !table->columns[BAR].width)
        table->columns[BAR].width = all_columns[BAR].width; /* the projection made room for it */
    table_grow(table, screen, NAME, longest < NAME_GOOD ? longest : NAME_GOOD);
    bars = any_limits ? screen_for_bars(table, screen, when) : screen;
    table_grow(table, bars, BAR, TABLE_GAP + BAR_GOOD);
    table_grow(table, screen, NAME, longest);
    if (any_exhausted && table_room(table, table->style->width) >= RETRY_COLUMNS)
        table->columns[RETRY].width = RETRY_COLUMNS;
    bars = any_limits ? screen_for_bars(table, screen, when) : screen;
    table_grow(table, bars, BAR, TABLE_GAP + BAR_MOST);
}

/* "3 calls hold 240k", "3 calls run" of a limit, or of its tokens where a provider has no limits; "2 calls
 * run, of unknown size"; "" when no call holds anything. */
static struct text held_words(const struct held *held, uint32_t unit, int64_t amount)
{
    struct text text = {""};

    if (held->holds > 0 && unit == TQ_UNIT_REQUESTS && amount == held->holds)
        snprintf(text.s, sizeof text.s, "%.20s run%s", plural(held->holds, "call").s,
                 held->holds == 1 ? "s" : "");
    else if (held->holds > 0 && amount > 0)
        snprintf(text.s, sizeof text.s, "%.20s hold%s %.30s", plural(held->holds, "call").s,
                 held->holds == 1 ? "s" : "", limit_number(unit, amount).s);
    else if (held->holds > 0 && held->flying > 0)
        snprintf(text.s, sizeof text.s, "%.20s run%s, of unknown size", plural(held->flying, "call").s,
                 held->flying == 1 ? "s" : "");
    return text;
}

/* Writes when a limit resets, and one or two parts behind it, when all have room. */
static bool join_end(struct text *text, const struct tq_limit_state *state, int64_t at_ns, int room,
                     const char *held_part, const char *other_part)
{
    const char *gap = *held_part && *other_part ? ", " : "";
    int left = room - text_columns(held_part) - text_columns(other_part) - (int)strlen(gap) - 2;
    struct text when;
    int bytes;

    if (left <= 0)
        return false;
    when = limit_when(state, at_ns, left);
    bytes = snprintf(text->s, sizeof text->s, "%s%s%s%s%s", when.s, *when.s ? "; " : "", held_part, gap,
                     other_part);
    return text_columns(when.s) <= left && bytes < (int)sizeof text->s;
}

/* When a limit resets, what is held of it, and what other machines used: the first may be shorter for the
 * others. */
static struct text limit_end(const struct tq_limit_state *state, const struct held *held, int64_t at_ns,
                             int room)
{
    struct text held_part = held_words(held, state->limit.unit, state->held), other_part = {""}, text = {""};

    if (state->others > 0)
        snprintf(other_part.s, sizeof other_part.s, "%.40s elsewhere",
                 limit_number(state->limit.unit, state->others).s);
    if ((*held_part.s && *other_part.s && join_end(&text, state, at_ns, room, held_part.s, other_part.s)) ||
        (*held_part.s && join_end(&text, state, at_ns, room, held_part.s, "")) ||
        (*other_part.s && join_end(&text, state, at_ns, room, "", other_part.s)))
        return text;
    return limit_when(state, at_ns, room);
}

/* The limits of a provider, a row each: own, and that of its pool which binds. A row has the limit's numbers
 * in the columns of the budget, and behind them when it resets. */
static void put_limit(struct table *table, const struct tq_limit_state *state, const char *pool, bool binds,
                      const struct held *held, int64_t at_ns)
{
    const struct tq_limit *limit = &state->limit;
    bool out = state->state == TQ_QUOTA_EXHAUSTED;
    int room = table_rest_room(table, table->style->width, BURN);
    int64_t share = limit_share(state);
    struct text label = limit_label(limit), text;

    snprintf(text.s, sizeof(text.s), "%s%.24s%s%.48s", binds ? "! " : "  ", pool ? pool : "",
             pool ? ": " : "", label.s);
    table_cell(table, NULL, text.s);
    table_cell(table, NULL, limit_used(state).s);
    table_cell(table, NULL, limit->amount ? limit_number(limit->unit, limit->amount).s : "-");
    table_cell(table, NULL, limit_percent(state).s);
    if (limit->amount)
        table_bar(table, paint_of_usage(state->used, limit->amount, out), state->used, limit->amount);
    else if (share >= 0)
        table_bar(table, paint_of_usage(share, WHOLE_PPM, out), share, WHOLE_PPM);
    else
        table_cell(table, NULL, NULL);
    table_rest(table,
               out                                                                    ? PAINT_RED
               : limit_on_overage(state) || limit_lasts(state).kind == LASTS_RUNS_OUT ? PAINT_YELLOW
                                                                                      : NULL,
               limit_end(state, held, at_ns, room).s);
    table_end(table);
}

/* What is held of a provider without limits. */
static void put_held(struct table *table, const struct standing *standing)
{
    struct text words = held_words(&standing->held, TQ_UNIT_TOKENS, standing->held.tokens);

    if (!*words.s)
        return;
    table_rest(table, NULL, words.s);
    table_end(table);
}

/* What other machines used of the budget. The row above has it in `used`. */
static void put_elsewhere(struct table *table, const struct standing *standing)
{
    const struct tq_verdict *verdict = &standing->verdict;
    struct text text = {""};

    if (standing->outlook.others == 0)
        return;
    if (verdict->heard_at_ns > 0)
        snprintf(
            text.s, sizeof text.s, "heard %.40s ago",
            format_length(verdict->at_ns > verdict->heard_at_ns ? verdict->at_ns - verdict->heard_at_ns : 0)
                .s);
    table_cell(table, NULL, ELSEWHERE);
    table_cell(table, NULL, format_short(standing->outlook.others, ROUND_DOWN).s);
    while (table->at < BURN)
        table_cell(table, NULL, NULL);
    table_rest(table, NULL, text.s);
    table_end(table);
}

/* The pool that keeps the provider out by something else than a limit. */
static void put_pool(struct table *table, const struct standing *standing)
{
    struct text text;

    snprintf(text.s, sizeof(text.s), "! %.70s", standing->binds);
    table_cell(table, NULL, text.s);
    while (table->at < BURN)
        table_cell(table, NULL, NULL);
    table_rest(table, PAINT_RED, verdict_reason(&standing->verdict).s);
    table_end(table);
}

static void put_limits(struct table *table, const struct standing *standing)
{
    const struct tq_verdict *verdict = &standing->verdict;
    bool binds = verdict->state == TQ_QUOTA_EXHAUSTED && verdict_has_limit(verdict);

    if (standing->limits.count == 0)
        put_held(table, standing);
    for (size_t i = 0; i < standing->limits.count; i++) {
        const struct tq_limit_state *one = &standing->limits.items[i];

        put_limit(table, one, NULL, binds && verdict->level == 0 && verdict->limit == one->number,
                  &standing->held, verdict->at_ns);
    }
    if (standing->above.count > 0)
        put_limit(table, standing->above.items, standing->binds, binds, &(struct held){0}, verdict->at_ns);
    else if (standing->binds)
        put_pool(table, standing);
}

static struct text short_or_dash(int64_t n, bool round)
{
    return n < 0 ? (struct text){"-"} : format_short(n, round);
}

static void put_usage(struct table *table, const struct standing *standing)
{
    int64_t used = standing->verdict.used, budget = standing->provider->budget;

    table_cell(table, NULL, standing->provider->name);
    table_cell(table, NULL, format_short(used, ROUND_DOWN).s);
    table_cell(table, NULL, budget ? format_short(budget, ROUND_DOWN).s : "-");
    table_cell(table, NULL, budget ? format_percent(used, budget).s : "-");
    if (budget)
        table_bar(table, paint_of_usage(used, budget, standing->verdict.state == TQ_QUOTA_EXHAUSTED), used,
                  budget);
    else
        table_cell(table, NULL, NULL);
    table_cell(table, NULL, short_or_dash(standing->burn_rate, ROUND_DOWN).s);
    table_cell(table, NULL, short_or_dash(standing->outlook.projection, ROUND_UP).s);
    table_cell(table, NULL, interval_words(&standing->outlook).s);
}

/* When the provider is back. One with no known end gets a probe. */
static struct text retry_text(const struct tq_verdict *verdict)
{
    struct text text, left = format_length(verdict->retry_at_ns - verdict->at_ns);

    if (verdict_is_wait(verdict))
        snprintf(text.s, sizeof(text.s), "wait %.40s", left.s);
    else if (verdict->retry_at_ns < TQ_NOW_END_NS)
        snprintf(text.s, sizeof(text.s), "%.20s, in %.30s", format_local_hour(verdict->retry_at_ns).s,
                 left.s);
    else if (verdict->reason != TQ_REASON_REPORTED)
        return (struct text){"no known end"};
    else if (verdict->probing)
        return (struct text){"probing"};
    else if (verdict->probe_at_ns <= verdict->at_ns)
        return (struct text){"probe is due"};
    else
        snprintf(text.s, sizeof(text.s), "probe in %.40s",
                 format_length(verdict->probe_at_ns - verdict->at_ns).s);
    return text;
}

static void put_row(struct table *table, const struct standing *standing)
{
    const struct tq_verdict *verdict = &standing->verdict;
    bool exhausted = verdict->state == TQ_QUOTA_EXHAUSTED, wait = verdict_is_wait(verdict);

    put_usage(table, standing);
    table_cell(table, wait ? PAINT_YELLOW : exhausted ? PAINT_RED : NULL, verdict_state(verdict));
    table_cell(table, standing->outlook.lasts.kind == LASTS_RUNS_OUT && !exhausted ? PAINT_YELLOW : NULL,
               reason_words(standing).s);
    table_cell(table, NULL, exhausted ? retry_text(verdict).s : NULL);
    table_end(table);
    put_elsewhere(table, standing);
    put_limits(table, standing);
}

static void put_until(const struct style *style, const struct tq_verdict *verdict, bool with_day)
{
    int64_t retry_at_ns = verdict->retry_at_ns;
    bool soon = retry_at_ns - verdict->at_ns < DAY_NS;
    struct text at = with_day ? format_local(retry_at_ns)
                     : soon   ? format_local_hour(retry_at_ns)
                              : format_local_soon(retry_at_ns, verdict->at_ns);

    if (verdict_is_wait(verdict))
        fprintf(style->out, "%s\n", verdict_reason(verdict).s);
    else if (retry_at_ns >= TQ_NOW_END_NS)
        fputs("with no known end\n", style->out);
    else if (style->width < WIDTH_OF_LENGTHS && !with_day)
        fprintf(style->out, "until %s\n", at.s);
    else
        fprintf(style->out, "until %s, in %s\n", at.s, format_length(retry_at_ns - verdict->at_ns).s);
}

/* Writes the ends for which the table has no room. The length shows which day is meant. */
static void put_ends(const struct style *style, const struct standings *standings)
{
    bool with_day = style->width >= 80;
    int room = style->width - (with_day ? UNTIL_COLUMNS : UNTIL_HOUR_COLUMNS), name = 0;

    if (style->width < WIDTH_OF_LENGTHS)
        room += LENGTH_COLUMNS;

    for (size_t i = 0; i < standings->exhausted; i++)
        name = text_widest(name, standings->items[i].provider->name);
    for (size_t i = 0; i < standings->exhausted; i++) {
        fputs("  ", style->out);
        text_put_name(style, standings->items[i].provider->name, name < room ? name : room, true);
        fputs("  ", style->out);
        put_until(style, &standings->items[i].verdict, with_day);
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

/* Writes one line for all when they have the same end, else a line for each where the table has no ends. */
static void put_exhausted(const struct style *style, const struct standings *standings, bool said_in_table)
{
    const struct standing *first = standings->items, *last = first + standings->exhausted - 1;
    bool same =
        first->verdict.retry_at_ns == last->verdict.retry_at_ns; /* they are in the order of their ends */
    size_t waits = 0;

    for (const struct standing *one = first; one <= last; one++)
        waits += verdict_is_wait(&one->verdict);
    put_counts(style->out, standings, waits);
    if (same && waits == standings->exhausted) {
        fprintf(style->out, ": wait %s\n", format_length(first->verdict.retry_at_ns - standings->at_ns).s);
        return;
    }
    if (same && !waits) {
        fputs(style->width < 80 ? "\n" : " ", style->out);
        put_until(style, &first->verdict, true);
        return;
    }
    fputs(said_in_table ? "\n" : ":\n", style->out);
    if (!said_in_table)
        put_ends(style, standings);
}

static void put_title(const struct style *style, const struct standings *standings)
{
    int64_t today_at_ns = tq__day_start(standings->at_ns);

    fprintf(style->out, "Today: UTC day %s, which ends at %s.%s%s %sZ.\n", format_utc_day(today_at_ns).s,
            format_local_hour(today_at_ns + DAY_NS).s, style->width < 80 ? "\n" : " ", standings->now,
            format_utc(standings->at_ns).s + 11);
}

void standings_put(const struct style *style, const struct standings *standings)
{
    struct table_column columns[COLUMNS];
    struct table table = {.style = style, .columns = columns, .count = COLUMNS};
    size_t shown = standings->count - standings->idle;

    if (!standings->count)
        return;
    choose_columns(&table, standings);
    put_title(style, standings);
    if (shown)
        table_head(&table);
    for (size_t i = 0; i < shown; i++)
        put_row(&table, &standings->items[i]);
    if (standings->idle) {
        paint(style, PAINT_DIM);
        fprintf(style->out, "%zu of %zu providers %s", standings->idle, standings->count,
                standings->idle_words);
        unpaint(style);
        putc('\n', style->out);
    }
    putc('\n', style->out);
    if (standings->exhausted)
        put_exhausted(style, standings, columns[RETRY].width > 0);
    else if (standings->count == 1)
        fputs("The provider is available\n", style->out);
    else
        fprintf(style->out, "%zu providers, all available\n", standings->count);
    for (size_t i = 0; i < shown; i++)
        limit_remarks(style->out, standings->items[i].provider->name, &standings->items[i].limits);
}
