/* windows.c: shows the windows of limits: a line for each limit, or a line for each window.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "cli/show/table.h"

#define WHOLE_PPM 1000000
#define BAR_LEAST 6
#define BAR_MOST 24
#define NUMBER_LEAST 6
#define PROVIDER_MOST 24
#define PROVIDER_LEAST 12
#define SENTENCE_LEAST 24

/* 12,345,678 or 12.3M; of a limit of cost, $12.35. */
static struct text amount_text(const struct tq_limit *limit, int64_t n, bool exact)
{
    if (n < 0)
        return (struct text){"-"};
    return exact && limit->unit != TQ_UNIT_COST ? format_exact(n) : limit_number(limit->unit, n);
}

static struct text share_text(const struct tq_limit *limit, int64_t used)
{
    return limit->amount > 0 ? format_percent(used, limit->amount) : (struct text){"-"};
}

static const char *colour_of(const struct tq_limit *limit, const struct window *window)
{
    return limit->amount > 0 ? paint_of_usage(window->used, limit->amount, window->spent) : NULL;
}

static int widest(int width, const char *text)
{
    int columns = TABLE_GAP + text_columns(text);

    return columns > width ? columns : width;
}

void limit_put_reason(FILE *out, const struct transition *transition, bool exact)
{
    const struct tq_limit *limit = &transition->limit->limit;
    char sentence[LIMIT_BYTES];

    limit_sentence(limit, sentence);
    fprintf(out, "used %s; limit: %s; ", amount_text(limit, transition->limit_used, exact).s, sentence);
    if (transition->retry_at_ns < TQ_NOW_END_NS)
        fprintf(out, "until %sZ", format_utc(transition->retry_at_ns).s);
    else
        fputs("no known end", out);
}

/* ---- a line for each limit ------------------------------------------------------------------- */

enum { PROVIDER, LIMIT, SEEN, SPENT, MOST, OF, PART, SUMS };

static void put_sums(struct table *table, const struct limit_windows *limit, bool exact)
{
    char sentence[LIMIT_BYTES];

    limit_sentence(&limit->limit, sentence);
    table_cell(table, NULL, tq_provider_name(limit->provider));
    table_cell(table, NULL, sentence);
    table_cell(table, NULL, format_exact((int64_t)limit->seen).s);
    table_cell(table, limit->spent ? PAINT_RED : NULL, format_exact((int64_t)limit->spent).s);
    table_cell(table, NULL, amount_text(&limit->limit, limit->most.used, exact).s);
    table_cell(table, NULL,
               limit->limit.amount > 0 ? amount_text(&limit->limit, limit->limit.amount, exact).s : "-");
    table_cell(table, NULL, share_text(&limit->limit, limit->most.used).s);
    table_end(table);
}

static void put_sums_remarks(const struct windows *windows, FILE *out)
{
    bool days = false;

    for (size_t i = 0; i < windows->count; i++) {
        const struct limit_windows *limit = &windows->items[i];

        days |= window_is_day(&limit->limit);
        if (limit->limit.unit == TQ_UNIT_COST && limit->uncosted > 0)
            fprintf(out, "%s, limit %u (%s): %s without a cost, not counted\n",
                    tq_provider_name(limit->provider), (unsigned)limit->number, limit_label(&limit->limit).s,
                    plural((uint64_t)limit->uncosted, "record").s);
    }
    if (days)
        fputs("rolling and refill limits have no windows; each of their days shows the most at one time\n",
              out);
}

void windows_put_sums(const struct windows *windows, const struct style *style)
{
    static const int first[] = {OF}, then[] = {SEEN, MOST};
    struct table_column columns[SUMS] = {
        [PROVIDER] = {"provider", NULL, TABLE_NAME, 8},
        [LIMIT] = {"limit", NULL, TABLE_NAME, TABLE_GAP + 5},
        [SEEN] = {"windows", NULL, TABLE_RIGHT, TABLE_GAP + 7},
        [SPENT] = {"spent", NULL, TABLE_RIGHT, TABLE_GAP + 5},
        [MOST] = {"most", NULL, TABLE_RIGHT, TABLE_GAP + NUMBER_LEAST},
        [OF] = {"of", NULL, TABLE_RIGHT, TABLE_GAP + NUMBER_LEAST},
        [PART] = {"%", NULL, TABLE_RIGHT, TABLE_GAP + 5},
    };
    struct table table = {.style = style, .columns = columns, .count = SUMS};
    bool exact = style->width >= 80;

    if (windows->count == 0)
        return;
    for (size_t i = 0; i < windows->count; i++) {
        const struct limit_windows *limit = &windows->items[i];
        char sentence[LIMIT_BYTES];

        limit_sentence(&limit->limit, sentence);
        columns[PROVIDER].width = text_widest(columns[PROVIDER].width, tq_provider_name(limit->provider));
        columns[LIMIT].width = widest(columns[LIMIT].width, sentence);
        columns[MOST].width =
            widest(columns[MOST].width, amount_text(&limit->limit, limit->most.used, exact).s);
        columns[OF].width =
            widest(columns[OF].width, amount_text(&limit->limit, limit->limit.amount, exact).s);
    }
    if (columns[PROVIDER].width > PROVIDER_MOST)
        columns[PROVIDER].width = PROVIDER_MOST;
    table_drop(&table, style->width, first, sizeof first / sizeof first[0]);
    table_shrink(&table, style->width, PROVIDER, PROVIDER_LEAST);
    table_shrink(&table, style->width, LIMIT, TABLE_GAP + SENTENCE_LEAST);
    table_drop(&table, style->width, then, sizeof then / sizeof then[0]);
    putc('\n', style->out);
    table_head(&table);
    for (size_t i = 0; i < windows->count; i++)
        put_sums(&table, &windows->items[i], exact);
    put_sums_remarks(windows, style->out);
}

/* ---- a line for each window ------------------------------------------------------------------ */

enum { WINDOW, END, USED, LEFT, SHARE, BAR, NOTE, COLUMNS };

struct windows_table {
    struct table table;
    struct table_column columns[COLUMNS];
    struct window_clock clock;
    int64_t since_ns, until_ns, at_ns;
    bool exact;
};

static struct text local_text(const struct window_clock *clock, int64_t at_ns)
{
    return format_time(at_ns + window_clock_offset(clock, at_ns) * SECOND_NS, false, "%Y-%m-%d %H:%M");
}

static void choose_columns(struct windows_table *shown, const struct limit_windows *limit)
{
    static const struct table_column all[COLUMNS] = {
        [WINDOW] = {"window", NULL, TABLE_LEFT, 6},
        [END] = {"ends", NULL, TABLE_LEFT, TABLE_GAP + 16},
        [USED] = {"used", NULL, TABLE_RIGHT, TABLE_GAP + NUMBER_LEAST},
        [LEFT] = {"left", NULL, TABLE_RIGHT, TABLE_GAP + NUMBER_LEAST},
        [SHARE] = {"%", NULL, TABLE_RIGHT, TABLE_GAP + 5},
        [BAR] = {NULL, NULL, TABLE_LEFT, TABLE_GAP + BAR_LEAST},
        [NOTE] = {NULL, NULL, TABLE_LEFT, TABLE_GAP + 6},
    };
    static const int order[] = {BAR, SHARE, END, NOTE};
    const struct tq_limit *terms = &limit->limit;
    struct table_column *columns = shown->columns;
    int screen = shown->table.style->width;

    memcpy(columns, all, sizeof all);
    if (window_is_day(terms)) {
        columns[WINDOW].heading = "day";
        columns[USED].heading = "most";
    }
    if (window_is_day(terms) || terms->window == TQ_WINDOW_ONCE)
        columns[END].width = 0;
    for (size_t i = 0; i < limit->count; i++) {
        const struct window *window = &limit->items[i];
        char label[WINDOW_LABEL_BYTES];

        window_label(label, &shown->clock, terms, window->start_at_ns);
        columns[WINDOW].width = text_widest(columns[WINDOW].width, label);
        columns[USED].width = widest(columns[USED].width, amount_text(terms, window->used, shown->exact).s);
        columns[LEFT].width =
            widest(columns[LEFT].width, amount_text(terms, window_left(terms, window->used), shown->exact).s);
    }
    if (terms->amount <= 0)
        columns[LEFT].width = columns[SHARE].width = columns[BAR].width = 0;
    table_drop(&shown->table, screen, order, sizeof order / sizeof order[0]);
    table_grow(&shown->table, screen, BAR, TABLE_GAP + BAR_MOST);
}

static void put_window(struct windows_table *shown, const struct limit_windows *limit,
                       const struct window *window)
{
    const struct tq_limit *terms = &limit->limit;
    const char *colour = colour_of(terms, window);
    struct table *table = &shown->table;
    char label[WINDOW_LABEL_BYTES];

    window_label(label, &shown->clock, terms, window->start_at_ns);
    table_cell(table, NULL, label);
    table_cell(table, NULL, window->end_at_ns ? local_text(&shown->clock, window->end_at_ns).s : NULL);
    table_cell(table, NULL, amount_text(terms, window->used, shown->exact).s);
    table_cell(table, NULL, amount_text(terms, window_left(terms, window->used), shown->exact).s);
    table_cell(table, colour, share_text(terms, window->used).s);
    table_bar(table, colour ? colour : PAINT_GREEN, window->used, terms->amount > 0 ? terms->amount : 1);
    table_cell(table, window->spent ? PAINT_RED : NULL,
               window->spent                            ? "spent"
               : window_has_ended(window, shown->at_ns) ? NULL
                                                        : "so far");
    table_end(table);
}

static void put_limit(struct windows_table *shown, const struct limit_windows *limit, bool local)
{
    const struct style *style = shown->table.style;
    char sentence[LIMIT_BYTES], zone[TQ__ZONE_NAME_BYTES];
    size_t rows = 0;

    limit_sentence(&limit->limit, sentence);
    window_clock_init(&shown->clock, &limit->limit, local);
    window_clock_name(zone, &shown->clock, limit);
    for (size_t i = 0; i < limit->count; i++)
        rows += window_is_of(&limit->items[i], shown->since_ns, shown->until_ns);
    paint(style, PAINT_BOLD);
    text_put_name(style, tq_provider_name(limit->provider), TQ_NAME_MAX * 2, false);
    unpaint(style);
    fprintf(style->out, ": %s", sentence);
    if (!shown->clock.has_zone) /* else the sentence says it */
        fprintf(style->out, " (%s time)", zone);
    if (limit->said_at_ns > 0)
        fprintf(style->out, "; %s used, the vendor said at %sZ", format_percent(limit->said_ppm, WHOLE_PPM).s,
                format_utc(limit->said_at_ns).s);
    putc('\n', style->out);
    if (rows == 0) {
        fputs("no usage\n", style->out);
        return;
    }
    choose_columns(shown, limit);
    table_head(&shown->table);
    for (size_t i = 0; i < limit->count; i++)
        if (window_is_of(&limit->items[i], shown->since_ns, shown->until_ns))
            put_window(shown, limit, &limit->items[i]);
}

void windows_put(const struct windows *windows, int64_t since_ns, int64_t until_ns, int64_t at_ns,
                 const struct style *style)
{
    struct windows_table shown = {
        .since_ns = since_ns, .until_ns = until_ns, .at_ns = at_ns, .exact = style->width >= 80};

    shown.table = (struct table){.style = style, .columns = shown.columns, .count = COLUMNS};
    for (size_t i = 0; i < windows->count; i++) {
        if (i > 0)
            putc('\n', style->out);
        put_limit(&shown, &windows->items[i], windows->local);
    }
    put_sums_remarks(windows, style->out);
}
