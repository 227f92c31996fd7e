/* usage.c: the report as a table that fits the screen: what is narrow does without columns, nothing wraps.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/number.h"
#include "cli/show/show.h"
#include "cli/show/table.h"

#define KEY_LEAST 10
#define KEY_GOOD 24    /* the columns of a wide screen do not grow before keys have that much */
#define NUMBER_LEAST 6 /* headings have six */
#define BAR_LEAST 6
#define BAR_MOST 24
#define DAYS_LEAST 8
#define DAYS_MOST 31
#define WIDTH_OF_EXACT 60 /* narrower screens have no room for a long number in a sentence */
#define DAYS_SHOWN 3      /* fewer are no curve */
#define CURVE_MOST 1000

enum { KEY, RESPONSES, INPUT, WRITE, READ, OUTPUT, OTHER, TOTAL, COST, SHARE, BAR, DAYS, COLUMNS };

static const struct table_column all_columns[COLUMNS] = {
    [KEY] = {NULL, NULL, TABLE_NAME, 0},
    [RESPONSES] = {"responses", NULL, TABLE_RIGHT, TABLE_GAP + 9},
    [INPUT] = {"input", NULL, TABLE_RIGHT, 0},
    [WRITE] = {"write", "cache", TABLE_RIGHT, 0},
    [READ] = {"read", "cache", TABLE_RIGHT, 0},
    [OUTPUT] = {"output", NULL, TABLE_RIGHT, 0},
    [OTHER] = {"other", NULL, TABLE_RIGHT, 0},
    [TOTAL] = {"total", NULL, TABLE_RIGHT, 0},
    [COST] = {"cost", NULL, TABLE_RIGHT, 0},
    [SHARE] = {"share", NULL, TABLE_RIGHT, TABLE_GAP + 5},
    [BAR] = {NULL, NULL, TABLE_LEFT, TABLE_GAP + BAR_LEAST},
    [DAYS] = {"days", NULL, TABLE_LEFT, 0},
};

static struct text money_text(int64_t nano_usd)
{
    int64_t cents = nano_usd / 10000000 + (nano_usd % 10000000 >= 5000000);
    struct text text;

    snprintf(text.s, sizeof(text.s), "$%.40s.%02d", format_exact(cents / 100).s, (int)(cents % 100));
    return text;
}

/* The widths of the columns with numbers: 12,345,678, or 12.3M. */
static void set_widths(struct table *table, const struct usage_row *total, bool exact)
{
    int digits = exact ? (int)strlen(format_exact(classes_total(&total->classes)).s) : 0;
    int number = TABLE_GAP + (digits > NUMBER_LEAST ? digits : NUMBER_LEAST);
    bool classes = classes_total(&total->classes) > total->classes.other;

    for (int i = INPUT; i <= OUTPUT; i++)
        table->columns[i].width = classes ? number : 0;
    table->columns[OTHER].width = total->classes.other ? number : 0;
    table->columns[TOTAL].width = number;
    table->columns[COST].width =
        total->costs ? TABLE_GAP + (int)strlen(money_text(total->cost_nano_usd).s) : 0;
}

/* A narrow screen does without these, in this order; the key shrinks before anything with numbers goes. True:
 * numbers are exact. */
static bool choose_columns(struct table *table, const struct usage_row *rows, size_t count,
                           const struct usage_row *total, bool curves)
{
    static const int first[] = {RESPONSES, BAR}, then[] = {WRITE, READ, SHARE, COST, OTHER, INPUT, OUTPUT};
    int longest = (int)strlen("provider"), room;
    bool exact;

    for (size_t i = 0; i < count; i++)
        longest = text_widest(longest, rows[i].key);
    table->columns[KEY].width = longest < KEY_GOOD ? longest : KEY_GOOD;
    set_widths(table, total, true);
    exact = table_room(table) >= 0;
    if (!exact)
        set_widths(table, total, false);
    table_drop(table, first, 2);
    if (table_room(table) < 0 && table->columns[KEY].width > KEY_LEAST)
        table->columns[KEY].width = KEY_LEAST;
    table_drop(table, then, sizeof(then) / sizeof(then[0]));
    table_grow(table, KEY, longest);
    room = table_room(table);
    if (curves && table->columns[BAR].width && room >= TABLE_GAP + DAYS_LEAST)
        table->columns[DAYS].width = room < TABLE_GAP + DAYS_MOST ? room : TABLE_GAP + DAYS_MOST;
    table_grow(table, BAR, TABLE_GAP + BAR_MOST);
    return exact;
}

static void put_numbers(struct table *table, const struct usage_row *row, bool exact)
{
    const struct classes *classes = &row->classes;
    bool known = classes->responses && classes_total(classes) > classes->other;

    table_cell(table, NULL, classes->responses > 0 ? format_exact(classes->responses).s : "-");
    table_classes(table, classes, exact, known);
    table_cell(table, NULL, classes->other > 0 ? format_number(classes->other, exact).s : "-");
    table_cell(table, NULL, format_number(classes_total(classes), exact).s);
    table_cell(table, NULL, row->costs ? money_text(row->cost_nano_usd).s : "-");
}

static struct text share_text(int64_t part, int64_t whole)
{
    int64_t tenths = tq__multiply_divide(part, 1000, whole, ROUND_DOWN);
    struct text text;

    if (tenths >= 1000)
        return (struct text){"100%"};
    snprintf(text.s, sizeof(text.s), "%d.%d%%", (int)(tenths / 10), (int)(tenths % 10));
    return text;
}

/* Days as a line of characters, whose height is what was used; of one row or, -1, of all. More days than
 * columns share them: a column is then the sum of its days. */
static void put_curve(const struct usage_report *usage, const struct style *style, int64_t row, int columns)
{
    int64_t sums[CURVE_MOST] = {0}, most = 1, first_day = 0, last_day = 0, days;
    size_t at = row < 0 ? 0 : cells_of(usage, (uint32_t)row);

    (void)usage_span(usage, &first_day, &last_day);
    days = last_day - first_day + 1;
    for (; at < usage->cell_count && (row < 0 || usage->cells[at].row == row); at++) {
        int64_t column = tq__multiply_divide(usage->cells[at].day - first_day, columns, days, ROUND_DOWN);

        sums[column] += classes_total(&usage->cells[at].classes);
        most = sums[column] > most ? sums[column] : most;
    }
    for (int i = 0; i < columns; i++)
        if (sums[i] <= 0)
            putc('.', style->out);
        else
            level_put(style, (int)tq__multiply_divide(sums[i] - 1, LEVELS, most, ROUND_DOWN));
}

/* Columns of a curve: one a day, as far as there is room. */
static int curve_columns(int64_t days, int room)
{
    int most = room < CURVE_MOST ? room : CURVE_MOST;

    return days < most ? (int)days : most;
}

static void put_row(struct table *table, const struct usage_report *usage, const struct usage_row *row,
                    const int64_t whole_and_most[2], bool exact)
{
    int64_t total = classes_total(&row->classes), whole = whole_and_most[0], first_day = 0, last_day = 0;
    int bar = table->columns[BAR].width - TABLE_GAP, days;

    table_cell(table, NULL, row->key);
    put_numbers(table, row, exact);
    table_cell(table, NULL, whole ? share_text(total, whole).s : NULL);
    if (table_draw(table, bar)) {
        paint(table->style, PAINT_GREEN);
        bar_put(table->style, total, whole_and_most[1], bar);
        unpaint(table->style);
    }
    (void)usage_span(usage, &first_day, &last_day);
    days = curve_columns(last_day - first_day + 1, table->columns[DAYS].width - TABLE_GAP);
    if (table_draw(table, days))
        put_curve(usage, table->style, row->number, days);
    table_end(table);
}

static void put_rows(struct table *table, const struct usage_report *usage, const struct usage_row *rows,
                     size_t count, const struct usage_row *total, bool exact)
{
    int64_t whole_and_most[] = {classes_total(&total->classes), 1};

    for (size_t i = 0; i < count; i++)
        if (classes_total(&rows[i].classes) > whole_and_most[1])
            whole_and_most[1] = classes_total(&rows[i].classes);
    for (size_t i = 0; i < count; i++)
        put_row(table, usage, &rows[i], whole_and_most, exact);
    if (count <= 1)
        return;
    paint(table->style, PAINT_BOLD);
    table_cell(table, NULL, "total");
    put_numbers(table, total, exact);
    unpaint(table->style);
    table_end(table);
}

static void put_remarks(const struct usage_report *usage, const struct style *style,
                        const struct usage_row *total)
{
    FILE *out = style->out;

    if (total->costs && total->costs < total->classes.responses)
        fprintf(out, "The logs say the cost of %s of %s responses\n", format_exact(total->costs).s,
                format_exact(total->classes.responses).s);
    if (usage->counted != usage->logged)
        fprintf(out, "total includes cache reads; what counts\nagainst limits (replay, status): %s\n",
                format_number(usage->counted, style->width >= WIDTH_OF_EXACT).s);
    if (usage->live && !usage->live_elsewhere)
        fprintf(out, "other: with %zu provider%s that the ledger counts live, by UTC days\n", usage->live,
                usage->live == 1 ? "" : "s");
    if (usage->live_elsewhere)
        fprintf(out, "Not included: %s tokens that the ledger counted live; --by provider shows them\n",
                format_exact(usage->live_elsewhere).s);
    if (usage->bad_lines) {
        put_plural(out, (int64_t)usage->bad_lines, "bad line");
        fputs(" skipped\n", out);
    }
}

static void put_days(const struct usage_report *usage, const struct style *style, int64_t first_day,
                     int64_t last_day)
{
    static const char label[] = "day by day  ";
    int room = style->width - (int)strlen(label);
    int64_t days = last_day - first_day + 1;

    fputs(label, style->out);
    paint(style, PAINT_GREEN);
    put_curve(usage, style, -1, curve_columns(days, room));
    unpaint(style);
    putc('\n', style->out);
    if (!style->unicode)
        fprintf(style->out, "%*s(. nothing, %s from least to most)\n", (int)strlen(label), "",
                LEVELS_WORDS(style));
}

static void put_title(const struct usage_report *usage, const struct style *style,
                      const struct usage_row *total)
{
    FILE *out = style->out;
    int64_t first_day, last_day;

    if (!usage_span(usage, &first_day, &last_day))
        return;
    fputs(format_utc_day(first_day * DAY_NS).s, out);
    if (last_day > first_day)
        fprintf(out, " to %s", format_utc_day(last_day * DAY_NS).s);
    fprintf(out, " (%s day%s)%s", usage->request.local ? "local" : "UTC", last_day > first_day ? "s" : "",
            style->width < 80 ? "\n" : ": ");
    put_plural(out, total->classes.responses, "response");
    fputs(" in ", out);
    put_plural(out, (int64_t)usage->files, "file");
    putc('\n', out);
    if (last_day - first_day + 1 >= DAYS_SHOWN)
        put_days(usage, style, first_day, last_day);
    putc('\n', out);
}

void usage_put(const struct usage_report *usage, const struct style *style, const struct usage_row *rows,
               size_t count, const struct usage_row *total)
{
    enum usage_by by = usage->request.by;
    int64_t first_day = 0, last_day = 0;
    bool curves = usage_span(usage, &first_day, &last_day) && last_day - first_day + 1 >= DAYS_SHOWN &&
                  by != BY_DAY && by != BY_WEEK && by != BY_MONTH;
    struct table_column columns[COLUMNS];
    struct table table = {.style = style, .columns = columns, .count = COLUMNS};
    bool exact;

    if (count == 0) {
        fputs("no usage\n", style->out);
        put_remarks(usage, style, total);
        return;
    }
    memcpy(columns, all_columns, sizeof(columns));
    columns[KEY].heading = usage_by_word(by);
    exact = choose_columns(&table, rows, count, total, curves);
    put_title(usage, style, total);
    table_head(&table);
    put_rows(&table, usage, rows, count, total, exact);
    put_remarks(usage, style, total);
}
