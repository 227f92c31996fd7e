/* usage.c: shows a usage report as a table that fits the screen. No line wraps: a narrow screen has fewer
 * columns.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/number.h"
#include "cli/show/show.h"
#include "cli/show/table.h"

#define KEY_LEAST 10
#define KEY_GOOD 24    /* keys grow to this width before the columns of a wide screen do */
#define NUMBER_LEAST 6 /* headings have six */
#define BAR_LEAST 6
#define BAR_MOST 24
#define DAYS_LEAST 8
#define DAYS_MOST 31
#define WIDTH_OF_EXACT 60 /* narrower screens have no room for a long number in a sentence */
#define DAYS_SHOWN 3      /* fewer days make no curve */
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

/* The widths of the columns with numbers: 12,345,678, or 12.3M. */
static void set_widths(struct table *table, const struct usage_sum *total, bool exact)
{
    int digits = exact ? (int)strlen(format_exact(classes_total(&total->classes)).s) : 0;
    int number = TABLE_GAP + (digits > NUMBER_LEAST ? digits : NUMBER_LEAST);
    bool classes = classes_total(&total->classes) > total->classes.other;

    for (int i = INPUT; i <= OUTPUT; i++)
        table->columns[i].width = classes ? number : 0;
    table->columns[OTHER].width = total->classes.other ? number : 0;
    table->columns[TOTAL].width = number;
    table->columns[COST].width =
        total->costs ? TABLE_GAP + (int)strlen(format_dollars(total->cost_nano_usd).s) : 0;
}

/* A narrow screen leaves these columns out, in this order. The key shrinks before a number is left out. True:
 * numbers are exact. */
static bool choose_columns(struct table *table, const struct usage_report *usage, bool curves)
{
    static const int first[] = {RESPONSES, BAR}, then[] = {WRITE, READ, SHARE, COST, OTHER, INPUT, OUTPUT};
    int screen = table->style->width, longest = (int)strlen("provider"), room;
    bool exact;

    for (size_t i = 0; i < usage->row_count; i++)
        longest = text_widest(longest, usage->rows[i].key);
    table->columns[KEY].width = longest < KEY_GOOD ? longest : KEY_GOOD;
    set_widths(table, &usage->total.sum, true);
    exact = table_room(table, screen) >= 0;
    if (!exact)
        set_widths(table, &usage->total.sum, false);
    table_drop(table, screen, first, 2);
    if (table_room(table, screen) < 0 && table->columns[KEY].width > KEY_LEAST)
        table->columns[KEY].width = KEY_LEAST;
    table_drop(table, screen, then, sizeof(then) / sizeof(then[0]));
    table_grow(table, screen, KEY, longest);
    room = table_room(table, screen);
    if (curves && table->columns[BAR].width && room >= TABLE_GAP + DAYS_LEAST)
        table->columns[DAYS].width = room < TABLE_GAP + DAYS_MOST ? room : TABLE_GAP + DAYS_MOST;
    table_grow(table, screen, BAR, TABLE_GAP + BAR_MOST);
    return exact;
}

static void put_numbers(struct table *table, const struct usage_sum *sum, bool exact)
{
    int64_t responses = sum->classes.responses;

    table_cell(table, NULL, responses > 0 ? format_exact(responses).s : "-");
    classes_cells(table, &sum->classes, exact, true);
    table_cell(table, NULL, sum->costs ? format_dollars(sum->cost_nano_usd).s : "-");
}

/* The days of a row as a line of characters, each as high as what was used on its day. When there are more
 * days than room, a character is the sum of several. */
static void put_curve(const struct usage_report *usage, const struct style *style,
                      const struct usage_row *row, int columns)
{
    int64_t sums[CURVE_MOST] = {0}, most = 1, days = usage->last_day - usage->first_day + 1;

    for (const struct usage_cell *cell = row->cells; cell < row->cells + row->cell_count; cell++) {
        int64_t column = tq__multiply_divide(cell->day - usage->first_day, columns, days, ROUND_DOWN);

        sums[column] += classes_total(&cell->sum.classes);
        most = sums[column] > most ? sums[column] : most;
    }
    for (int i = 0; i < columns; i++)
        if (sums[i] <= 0)
            putc('.', style->out);
        else
            level_put(style, (int)tq__multiply_divide(sums[i] - 1, LEVELS, most, ROUND_DOWN));
}

/* Columns of a curve: one a day, as far as there is room. */
static int curve_columns(const struct usage_report *usage, int room)
{
    int64_t days = usage->last_day - usage->first_day + 1;
    int most = room < CURVE_MOST ? room : CURVE_MOST;

    return days < most ? (int)days : most;
}

static void put_row(struct table *table, const struct usage_report *usage, const struct usage_row *row,
                    int64_t most, bool exact)
{
    int64_t total = classes_total(&row->sum.classes), whole = classes_total(&usage->total.sum.classes);
    int days = curve_columns(usage, table->columns[DAYS].width - TABLE_GAP);

    table_cell(table, NULL, row->key);
    put_numbers(table, &row->sum, exact);
    table_cell(table, NULL,
               whole ? format_tenths(tq__multiply_divide(total, 1000, whole, ROUND_DOWN), true).s : NULL);
    table_bar(table, PAINT_GREEN, total, most);
    if (table_draw(table, days))
        put_curve(usage, table->style, row, days);
    table_end(table);
}

static void put_rows(struct table *table, const struct usage_report *usage, bool exact)
{
    int64_t most = 1;

    for (size_t i = 0; i < usage->row_count; i++)
        if (classes_total(&usage->rows[i].sum.classes) > most)
            most = classes_total(&usage->rows[i].sum.classes);
    for (size_t i = 0; i < usage->row_count; i++)
        put_row(table, usage, &usage->rows[i], most, exact);
    if (usage->row_count <= 1)
        return;
    paint(table->style, PAINT_BOLD);
    table_cell(table, NULL, "total");
    put_numbers(table, &usage->total.sum, exact);
    unpaint(table->style);
    table_end(table);
}

void usage_put_remarks(const struct usage_report *usage, const struct style *style)
{
    const struct usage_sum *total = &usage->total.sum;
    FILE *out = style->out;

    if (total->costs && total->costs < total->classes.responses)
        fprintf(out, "The logs say the cost of %s of %s responses\n", format_exact(total->costs).s,
                format_exact(total->classes.responses).s);
    if (usage->counted != usage->logged && usage->request.by != BY_WINDOW)
        fprintf(out, "total includes cache reads; what counts\nagainst limits (replay, status): %s\n",
                format_count(usage->counted, style->width >= WIDTH_OF_EXACT, ROUND_DOWN).s);
    if (usage->live && !usage->live_elsewhere)
        fprintf(out, "other: with %s that the ledger counts live, by UTC days\n",
                plural(usage->live, "provider").s);
    if (usage->live_elsewhere)
        fprintf(out, "Not included: %s tokens that the ledger counted live; --by provider shows them\n",
                format_exact(usage->live_elsewhere).s);
    if (usage->bad_lines)
        fprintf(out, "%s passed over\n", plural(usage->bad_lines, "bad line").s);
}

static void put_days(const struct usage_report *usage, const struct style *style)
{
    static const char label[] = "day by day  ";

    fputs(label, style->out);
    paint(style, PAINT_GREEN);
    put_curve(usage, style, &usage->total, curve_columns(usage, style->width - (int)strlen(label)));
    unpaint(style);
    putc('\n', style->out);
    if (!style->unicode)
        fprintf(style->out, "%*s(. nothing, %s from least to most)\n", (int)strlen(label), "",
                LEVELS_WORDS(style));
}

static void put_title(const struct usage_report *usage, const struct style *style)
{
    bool several = usage->last_day > usage->first_day;
    char name[TQ__ZONE_NAME_BYTES];
    FILE *out = style->out;

    zone_name(name, usage->last_day * DAY_NS, usage->request.local);
    fputs(format_utc_day(usage->first_day * DAY_NS).s, out);
    if (several)
        fprintf(out, " to %s", format_utc_day(usage->last_day * DAY_NS).s);
    fprintf(out, " (%s day%s)%s%s in %s\n", name, several ? "s" : "", style->width < 80 ? "\n" : ": ",
            plural((uint64_t)usage->total.sum.classes.responses, "response").s,
            plural(usage->files, "file").s);
}

void usage_put(const struct usage_report *usage, const struct style *style)
{
    struct table_column columns[COLUMNS];
    struct table table = {.style = style, .columns = columns, .count = COLUMNS};
    bool exact, curves;

    if (usage->row_count == 0) {
        fputs("no usage\n", style->out);
        usage_put_remarks(usage, style);
        return;
    }
    curves = usage->last_day - usage->first_day + 1 >= DAYS_SHOWN;
    memcpy(columns, all_columns, sizeof(columns));
    columns[KEY].heading = usage_by_word(usage->request.by);
    exact = choose_columns(&table, usage, curves && usage->request.by > BY_MONTH);
    put_title(usage, style);
    if (curves)
        put_days(usage, style);
    putc('\n', style->out);
    table_head(&table);
    put_rows(&table, usage, exact);
    usage_put_remarks(usage, style);
}
