/* standings.c: how providers stand: as lines, as JSON, and as a table that fits the screen.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "cli/show/table.h"
#include "view/standings.h"

#define NAME_LEAST 12
#define NAME_GOOD 19 /* the bar does not grow before names have that much */
#define BAR_LEAST 5
#define BAR_GOOD 10
#define BAR_MOST 24
#define RETRY_COLUMNS 27
#define UNTIL_COLUMNS 50 /* around a name: "  ", "  until 2026-03-04 01:00:00 CET, in 23 h 59 min" */
#define UNTIL_HOUR_COLUMNS 36
#define LENGTH_COLUMNS 16   /* ", in 23 h 59 min" */
#define WIDTH_OF_LENGTHS 60 /* narrower screens do without it there */

enum { NAME, USED, BUDGET, PERCENT, BAR, BURN, PROJECTION, STATE, REASON, RETRY, COLUMNS };

static const struct table_column all_columns[COLUMNS] = {
    [NAME] = {"provider", NULL, TABLE_NAME, NAME_LEAST},
    [USED] = {"used", NULL, TABLE_RIGHT, 6},
    [BUDGET] = {"budget", NULL, TABLE_RIGHT, 7},
    [PERCENT] = {"%", NULL, TABLE_RIGHT, 6},
    [BAR] = {NULL, NULL, TABLE_LEFT, TABLE_GAP + BAR_LEAST},
    [BURN] = {"burn/h", NULL, TABLE_RIGHT, 7},
    [PROJECTION] = {"projection", NULL, TABLE_RIGHT, 11},
    [STATE] = {"state", NULL, TABLE_LEFT, 17},
    [REASON] = {"reason", NULL, TABLE_LEFT, 11},
    [RETRY] = {"retry at", NULL, TABLE_LEFT, 0},
};

/* A narrow screen does without the bar, the burn rate, the budget, the projection, in this order. With
 * reasons to show, the burn rate goes before the bar. A wide one has room for longer names, a longer bar, and
 * the ends. */
static void choose_columns(struct table *table, const struct standings *standings)
{
    static const int plain[] = {BAR, BURN, BUDGET, PROJECTION};
    static const int reasons[] = {BURN, BAR, BUDGET, PROJECTION, REASON};
    bool any_exhausted = standings->exhausted > 0;
    int longest = (int)strlen("provider");

    for (size_t i = 0; i + standings->idle < standings->count; i++)
        longest = text_widest(longest, standings->items[i].provider->name);
    memcpy(table->columns, all_columns, sizeof(all_columns));
    if (any_exhausted && standings->items[0].has_verdict) {
        table_drop(table, reasons, sizeof(reasons) / sizeof(reasons[0]));
    } else {
        table->columns[REASON].width = 0;
        table_drop(table, plain, sizeof(plain) / sizeof(plain[0]));
    }
    if (table_room(table) >= all_columns[BAR].width && !table->columns[BAR].width)
        table->columns[BAR].width = all_columns[BAR].width; /* the projection made room for it */
    table_grow(table, NAME, longest < NAME_GOOD ? longest : NAME_GOOD);
    table_grow(table, BAR, TABLE_GAP + BAR_GOOD);
    table_grow(table, NAME, longest);
    if (any_exhausted && table_room(table) >= RETRY_COLUMNS)
        table->columns[RETRY].width = RETRY_COLUMNS;
    table_grow(table, BAR, TABLE_GAP + BAR_MOST);
}

static struct text short_or_dash(int64_t n, bool round)
{
    return n < 0 ? (struct text){"-"} : format_short(n, round);
}

static void put_usage(struct table *table, const struct standing *standing)
{
    int64_t used = standing->used, budget = standing->provider->budget;
    int bar = table->columns[BAR].width - TABLE_GAP;

    table_cell(table, NULL, standing->provider->name);
    table_cell(table, NULL, format_short(used, ROUND_DOWN).s);
    table_cell(table, NULL, budget ? format_short(budget, ROUND_DOWN).s : "-");
    table_cell(table, NULL, budget ? format_percent(used, budget).s : "-");
    if (!budget) {
        table_cell(table, NULL, NULL);
    } else if (table_draw(table, bar)) {
        paint(table->style, paint_of_usage(used, budget, standing->state == TQ_QUOTA_EXHAUSTED));
        bar_put(table->style, used, budget, bar);
        unpaint(table->style);
    }
    table_cell(table, NULL, short_or_dash(standing->burn_rate, ROUND_DOWN).s);
    table_cell(table, NULL, short_or_dash(standing->projection, ROUND_UP).s);
}

static bool is_wait(const struct standing *standing)
{
    return standing->has_verdict && verdict_is_wait(&standing->verdict);
}

/* When it is back; with no known end, when the next probe is. */
static struct text retry_text(const struct standing *standing, int64_t at_ns)
{
    const struct tq_verdict *verdict = &standing->verdict;
    struct text text, left = format_length(standing->retry_at_ns - at_ns);

    if (is_wait(standing))
        snprintf(text.s, sizeof(text.s), "wait %.40s", left.s);
    else if (standing->retry_at_ns < TQ_NOW_END_NS)
        snprintf(text.s, sizeof(text.s), "%.20s, in %.30s", format_local_hour(standing->retry_at_ns).s,
                 left.s);
    else if (!standing->has_verdict || verdict->reason != TQ_REASON_REPORTED)
        return (struct text){"no known end"};
    else if (verdict->probing)
        return (struct text){"probing"};
    else if (verdict->probe_at_ns <= at_ns)
        return (struct text){"probe is due"};
    else
        snprintf(text.s, sizeof(text.s), "probe in %.40s", format_length(verdict->probe_at_ns - at_ns).s);
    return text;
}

static void put_row(struct table *table, const struct standing *standing, int64_t at_ns)
{
    bool exhausted = standing->state == TQ_QUOTA_EXHAUSTED;

    put_usage(table, standing);
    table_cell(table,
               !exhausted          ? NULL
               : is_wait(standing) ? PAINT_YELLOW
                                   : PAINT_RED,
               standing->has_verdict ? verdict_state(&standing->verdict) : tq_state_name(standing->state));
    /* The state says already that it is throttled. */
    table_cell(table, NULL,
               exhausted && standing->has_verdict && !is_wait(standing)
                   ? tq_reason_name(standing->verdict.reason)
                   : NULL);
    table_cell(table, NULL, exhausted ? retry_text(standing, at_ns).s : NULL);
    table_end(table);
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

    for (size_t i = 0; i < standings->exhausted; i++)
        name = text_widest(name, standings->items[i].provider->name);
    for (size_t i = 0; i < standings->exhausted; i++) {
        fputs("  ", style->out);
        text_put_name(style, standings->items[i].provider->name, name < room ? name : room, true);
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

/* One line for all providers that are out until the same instant; else one line each, unless the table has
 * them. */
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
        put_row(&table, &standings->items[i], standings->at_ns);
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
}

/* ---- of a ledger ----------------------------------------------------------------------------- */

int standings_read(struct ledger_standings *all, struct session *session, char **names,
                   struct ledger_question question)
{
    int result = 0;

    *all = (struct ledger_standings){0};
    while (names[question.count])
        question.count++;
    if (question.count > 0)
        question.providers = must_have(calloc(question.count, sizeof(*question.providers)));
    for (size_t i = 0; i < question.count && result == 0; i++)
        result = session_provider(session, names[i], &question.providers[i]);
    if (result == 0) {
        result = ledger_standings_make(all, session->ledger, &question);
        if (result == TQ_ENOMEM)
            no_memory();
        if (result < 0)
            result = session_fail(all->about ? all->about : session->path, result);
    }
    free(question.providers);
    return result;
}

/* "openai: available; 1,200 of 1,000,000 tokens used in UTC day 2026-03-04" */
static void put_line(const struct standing *standing, int64_t at_ns)
{
    const struct provider *provider = standing->provider;

    printf("%s: ", provider->name);
    verdict_put(stdout, &standing->verdict);
    printf("; %s", format_exact(standing->used).s);
    if (provider->budget)
        printf(" of %s", format_exact(provider->budget).s);
    printf(" token%s used in UTC day %s\n", standing->used == 1 && !provider->budget ? "" : "s",
           format_utc_day(at_ns).s);
}

int standing_show(struct session *session, const struct request *request, const char *name, int answer,
                  bool verbose)
{
    char *names[] = {(char *)name, NULL};
    struct ledger_standings all;
    int64_t at_ns = request->at.ns;

    if (answer < 0)
        return session_fail(name, answer);
    if (answer == CLI_ERROR || (!verbose && !request->json))
        return answer == CLI_ERROR ? CLI_ERROR : 0;
    answer = standings_read(&all, session, names, (struct ledger_question){.at_ns = at_ns});
    if (answer == 0 && request->json)
        json_print(ledger_standings_json(&all, session->path, false), false);
    else if (answer == 0)
        put_line(&all.standings.items[0], at_ns);
    ledger_standings_free(&all);
    if (answer != TQ_EGONE)
        return answer;
    report("done, but the ledger was replaced meanwhile: what the new one holds is not shown");
    return 0; /* not to be done once more */
}
