/* usage.c: the report as a table that fits the screen: what is narrow does without columns, nothing
 * wraps.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "view/usage.h"

#define GAP 2
#define KEY_LEAST 10
#define KEY_GOOD 24 /* the columns of a wide screen do not grow before keys have that much */
#define SHORT_COLUMNS 5
#define BAR_LEAST 6
#define BAR_MOST 24
#define PERCENT_COLUMNS 5
#define DAYS_LEAST 8
#define DAYS_MOST 31
#define WIDTH_OF_EXACT 60 /* narrower screens have no room for a long number in a sentence */
#define DAYS_SHOWN 3 /* fewer are no curve */

/* Columns of each part, with the gap before it; 0 for one that is left out. */
struct columns {
    int key;
    int responses;
    int input;
    int cache_write;
    int cache_read;
    int output;
    int other;
    int total;
    int percent;
    int bar;
    int cost;
    int days;
    bool exact; /* 12,345,678, else 12.3M */
};

static int key_columns(const struct usage_row *rows, size_t count)
{
    int longest = (int)strlen("provider");

    for (size_t i = 0; i < count; i++) {
        int columns = text_columns(rows[i].key, strlen(rows[i].key));

        longest = columns > longest ? columns : longest;
    }
    return longest;
}

static struct text money_text(int64_t nano_usd)
{
    int64_t cents = nano_usd / 10000000 + (nano_usd % 10000000 >= 5000000);
    struct text text;

    snprintf(text.s, sizeof(text.s), "$%.40s.%02d", format_exact(cents / 100).s, (int)(cents % 100));
    return text;
}

static int sum_of(const struct columns *columns)
{
    return columns->key + columns->responses + columns->input + columns->cache_write + columns->cache_read +
           columns->output + columns->other + columns->total + columns->percent + columns->bar +
           columns->cost + columns->days;
}

static int number_columns(const struct usage_row *total, bool exact)
{
    int columns = exact ? (int)strlen(format_exact(classes_total(&total->classes)).s) : SHORT_COLUMNS;

    return GAP + (columns > 6 ? columns : 6); /* headings have six */
}

static struct columns all_columns(const struct usage_row *total, int key, bool exact)
{
    int number = number_columns(total, exact);
    bool classes = classes_total(&total->classes) > total->classes.other;

    return (struct columns){
        .key = key,
        .responses = GAP + (int)strlen("responses"),
        .input = classes ? number : 0,
        .cache_write = classes ? number : 0,
        .cache_read = classes ? number : 0,
        .output = classes ? number : 0,
        .other = total->classes.other ? number : 0,
        .total = number,
        .percent = GAP + PERCENT_COLUMNS,
        .bar = GAP + BAR_LEAST,
        .cost = total->costs ? GAP + (int)strlen(money_text(total->cost_nano_usd).s) : 0,
        .days = 0,
        .exact = exact,
    };
}

/* What a narrow screen does without, in this order; the key shrinks before anything with numbers goes. */
static struct columns choose_columns(const struct usage_row *rows, size_t count,
                                     const struct usage_row *total, int width, bool curves)
{
    int longest = key_columns(rows, count), least = longest < KEY_GOOD ? longest : KEY_GOOD, room;
    struct columns columns = all_columns(total, least, true);

    if (sum_of(&columns) > width)
        columns = all_columns(total, least, false);
    int *expendable[] = {&columns.responses,  &columns.bar,     &columns.cache_write,
                         &columns.cache_read, &columns.percent, &columns.cost,
                         &columns.other,      &columns.input,   &columns.output};

    for (size_t i = 0; i < sizeof(expendable) / sizeof(expendable[0]) && sum_of(&columns) > width; i++) {
        if (i > 1 && sum_of(&columns) - columns.key + KEY_LEAST <= width)
            break;
        *expendable[i] = 0;
    }
    room = width - sum_of(&columns);
    if (room < 0 || columns.key < longest) { /* the key takes what is left */
        int key = columns.key + room < longest ? columns.key + room : longest;

        room -= key - columns.key;
        columns.key = key;
    }
    if (curves && columns.bar && room >= GAP + DAYS_LEAST) {
        columns.days = room < GAP + DAYS_MOST ? room : GAP + DAYS_MOST;
        room -= columns.days;
    }
    if (columns.bar)
        columns.bar += room < BAR_MOST - BAR_LEAST ? room : BAR_MOST - BAR_LEAST;
    return columns;
}

static void put_right(const struct style *style, int columns, const char *text)
{
    if (columns)
        fprintf(style->out, "%*s", columns, text);
}

static void put_heading(const struct style *style, const struct columns *columns, const char *key)
{
    if (columns->cache_write || columns->cache_read) {
        paint(style, PAINT_BOLD);
        fprintf(style->out, "%*s", columns->key + columns->responses + columns->input, "");
        put_right(style, columns->cache_write, "cache");
        put_right(style, columns->cache_read, "cache");
        unpaint(style);
        putc('\n', style->out);
    }
    paint(style, PAINT_BOLD);
    fprintf(style->out, "%-*.*s", columns->key, columns->key, key);
    put_right(style, columns->responses, "responses");
    put_right(style, columns->input, "input");
    put_right(style, columns->cache_write, "write");
    put_right(style, columns->cache_read, "read");
    put_right(style, columns->output, "output");
    put_right(style, columns->other, "other");
    put_right(style, columns->total, "total");
    put_right(style, columns->cost, "cost");
    put_right(style, columns->percent, "share");
    if (columns->days)
        fprintf(style->out, "%*s%s", columns->bar + GAP, "", "days");
    unpaint(style);
    putc('\n', style->out);
}

static struct text number(int64_t n, bool exact, bool known)
{
    if (!known)
        return (struct text){"-"};
    return exact ? format_exact(n) : format_short(n, ROUND_DOWN);
}

static void put_numbers(const struct style *style, const struct columns *columns, const struct usage_row *row)
{
    const struct classes *classes = &row->classes;
    int64_t total = classes_total(classes);
    bool exact = columns->exact, known = classes->responses && total > classes->other;

    put_right(style, columns->responses, number(classes->responses, true, classes->responses > 0).s);
    put_right(style, columns->input, number(classes->input, exact, known).s);
    put_right(style, columns->cache_write, number(classes->cache_write, exact, known).s);
    put_right(style, columns->cache_read, number(classes->cache_read, exact, known).s);
    put_right(style, columns->output, number(classes->output, exact, known).s);
    put_right(style, columns->other, number(classes->other, exact, classes->other > 0).s);
    put_right(style, columns->total, number(total, exact, true).s);
    put_right(style, columns->cost, row->costs ? money_text(row->cost_nano_usd).s : "-");
}

static struct text share_text(int64_t part, int64_t whole)
{
    int64_t tenths = multiply_divide(part, 1000, whole, ROUND_DOWN);
    struct text text;

    if (tenths >= 1000)
        return (struct text){"100%"};
    snprintf(text.s, sizeof(text.s), "%d.%d%%", (int)(tenths / 10), (int)(tenths % 10));
    return text;
}

static void put_rows(const struct usage_report *usage, const struct style *style,
                     const struct columns *columns, const struct usage_row *rows, size_t count, int64_t whole)
{
    int64_t most = 1, first_day = 0, last_day = 0;

    for (size_t i = 0; i < count; i++)
        most = classes_total(&rows[i].classes) > most ? classes_total(&rows[i].classes) : most;
    usage_span(usage, &first_day, &last_day);
    for (size_t i = 0; i < count; i++) {
        int64_t total = classes_total(&rows[i].classes);

        text_put_name(style, rows[i].key, columns->key, true);
        put_numbers(style, columns, &rows[i]);
        if (columns->percent && whole)
            put_right(style, columns->percent, share_text(total, whole).s);
        if (columns->bar) {
            fprintf(style->out, "%*s", GAP, "");
            paint(style, PAINT_GREEN);
            bar_put(style, total, most, columns->bar - GAP);
            unpaint(style);
        }
        if (columns->days) {
            fprintf(style->out, "%*s", GAP, "");
            usage_sparkline(usage, style, rows[i].number, first_day, last_day, columns->days - GAP);
        }
        putc('\n', style->out);
    }
}

static void put_remarks(const struct usage_report *usage, const struct style *style,
                        const struct usage_row *total)
{
    FILE *out = style->out;

    if (total->costs && total->costs < total->classes.responses)
        fprintf(out, "The logs say the cost of %s of %s responses\n", format_exact(total->costs).s,
                format_exact(total->classes.responses).s);
    if (usage->counted != usage->logged)
        fprintf(out, "total has cache reads in it; what counts\nagainst limits (replay, status): %s\n",
                number(usage->counted, style->width >= WIDTH_OF_EXACT, true).s);
    if (usage->live && !usage->live_elsewhere)
        fprintf(out, "other: with %zu provider%s that the ledger counts live, by UTC days\n", usage->live,
                usage->live == 1 ? "" : "s");
    if (usage->live_elsewhere)
        fprintf(out, "Not in it: %s tokens that the ledger counted live; --by provider has them\n",
                format_exact(usage->live_elsewhere).s);
    if (usage->bad_lines)
        fprintf(out, "%s bad line%s passed over\n", format_exact((int64_t)usage->bad_lines).s,
                usage->bad_lines == 1 ? "" : "s");
}

static void put_days(const struct usage_report *usage, const struct style *style, int64_t first_day,
                     int64_t last_day)
{
    static const char label[] = "day by day  ";
    int64_t days = last_day - first_day + 1, room = style->width - (int)strlen(label);

    fputs(label, style->out);
    paint(style, PAINT_GREEN);
    usage_sparkline(usage, style, -1, first_day, last_day, (int)(days < room ? days : room));
    unpaint(style);
    putc('\n', style->out);
    if (!style->unicode)
        fprintf(style->out, "%*s(. nothing, %s from least to most)\n", (int)strlen(label), "", LEVELS_WORDS(style));
}

static void put_title(const struct usage_report *usage, const struct style *style,
                      const struct usage_row *total)
{
    FILE *out = style->out;
    int64_t first_day, last_day;

    if (!usage_span(usage, &first_day, &last_day))
        return;
    fputs(usage_day_text(first_day).s, out);
    if (last_day > first_day)
        fprintf(out, " to %s", usage_day_text(last_day).s);
    fprintf(out, " (%s day%s)%s", usage->request.local ? "local" : "UTC", last_day > first_day ? "s" : "",
            style->width < 80 ? "\n" : ": ");
    fprintf(out, "%s response%s in ", format_exact(total->classes.responses).s,
            total->classes.responses == 1 ? "" : "s");
    fprintf(out, "%s file%s\n", format_exact((int64_t)usage->files).s, usage->files == 1 ? "" : "s");
    if (last_day - first_day + 1 >= DAYS_SHOWN)
        put_days(usage, style, first_day, last_day);
    putc('\n', out);
}

void usage_table(const struct usage_report *usage, const struct style *style, const struct usage_row *rows,
                 size_t count, const struct usage_row *total)
{
    enum usage_by by = usage->request.by;
    int64_t first_day = 0, last_day = 0;
    bool curves = usage_span(usage, &first_day, &last_day) && last_day - first_day + 1 >= DAYS_SHOWN &&
                  by != BY_DAY && by != BY_WEEK && by != BY_MONTH;
    struct columns columns = choose_columns(rows, count, total, style->width, curves);

    if (count == 0) {
        fputs("no usage\n", style->out);
        put_remarks(usage, style, total);
        return;
    }
    put_title(usage, style, total);
    put_heading(style, &columns, usage_by_word(by));
    put_rows(usage, style, &columns, rows, count, classes_total(&total->classes));
    if (count > 1) {
        paint(style, PAINT_BOLD);
        fprintf(style->out, "%-*s", columns.key, "total");
        put_numbers(style, &columns, total);
        unpaint(style);
        putc('\n', style->out);
    }
    put_remarks(usage, style, total);
}
