/* usage_sums.c: the sums of a report: appended as they come, put together by sorting, added up to rows.
 *
 * SPDX-License-Identifier: MIT
 */
#include "usage.h"

#include <string.h>

#include "base/number.h"
#include "json.h"

#define CELLS_FIRST 1024
#define NANO 1e9

static int compare_cells(const void *left, const void *right)
{
    const struct usage_cell *a = left, *b = right;

    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->model != b->model)
        return a->model < b->model ? -1 : 1;
    return (a->day > b->day) - (a->day < b->day);
}

static void join(struct usage_cell *sum, const struct usage_cell *cell)
{
    classes_add(&sum->classes, &cell->classes, 1);
    sum->cost_nano_usd = tq__add_saturated(sum->cost_nano_usd, cell->cost_nano_usd);
    sum->costs += cell->costs;
}

void cells_merge(struct usage_report *report)
{
    struct usage_cell *cells = report->cells;
    size_t kept = 0;

    if (report->cell_count == 0)
        return;
    qsort(cells, report->cell_count, sizeof *cells, compare_cells);
    for (size_t i = 1; i < report->cell_count; i++) {
        if (compare_cells(&cells[kept], &cells[i]) != 0) {
            cells[++kept] = cells[i];
            continue;
        }
        join(&cells[kept], &cells[i]);
    }
    report->cell_count = kept + 1;
}

/* When there is no room, what is of one cell is put together first; only if most stay, the room doubles. */
bool cells_add(struct usage_report *report, const struct usage_cell *add)
{
    if (report->cell_count == report->cell_capacity)
        cells_merge(report);
    if (report->cell_count >= report->cell_capacity / 2) {
        size_t capacity = report->cell_capacity ? report->cell_capacity * 2 : CELLS_FIRST;
        struct usage_cell *cells = realloc(report->cells, capacity * sizeof *cells);

        if (!cells && report->cell_count == report->cell_capacity)
            return false;
        if (cells) {
            report->cells = cells;
            report->cell_capacity = capacity;
        }
    }
    report->cells[report->cell_count++] = *add;
    return true;
}

static void add_cell(struct usage_row *row, const struct usage_cell *cell)
{
    classes_add(&row->classes, &cell->classes, 1);
    row->cost_nano_usd = tq__add_saturated(row->cost_nano_usd, cell->cost_nano_usd);
    row->costs += cell->costs;
    if (cell->day > row->last_day)
        row->last_day = cell->day;
}

static int compare_keys(const void *left, const void *right)
{
    return strcmp(((const struct usage_row *)left)->key, ((const struct usage_row *)right)->key);
}

/* The largest first; of equal ones by name. */
static int compare_totals(const void *left, const void *right)
{
    const struct usage_row *a = left, *b = right;
    int64_t a_total = classes_total(&a->classes), b_total = classes_total(&b->classes);

    return a_total != b_total ? (a_total < b_total) - (a_total > b_total) : compare_keys(left, right);
}

struct usage_row *cells_rows(const struct usage_report *report, size_t *count, struct usage_row *total)
{
    struct usage_row *rows = calloc(report->rows.count + 1, sizeof *rows);
    enum usage_by by = report->request.by;
    size_t kept = 0;

    *count = 0;
    *total = (struct usage_row){.key = "total"};
    if (!rows)
        return NULL;
    for (size_t i = 0; i < report->rows.count; i++)
        rows[i] =
            (struct usage_row){.key = report->rows.items[i], .number = (uint32_t)i, .last_day = INT64_MIN};
    for (size_t i = 0; i < report->cell_count; i++) {
        add_cell(&rows[report->cells[i].row], &report->cells[i]);
        add_cell(total, &report->cells[i]);
    }
    /* An entry that lost against another may have made a row. */
    for (size_t i = 0; i < report->rows.count; i++)
        if (rows[i].last_day != INT64_MIN)
            rows[kept++] = rows[i];
    *count = kept;
    qsort(rows, kept, sizeof *rows,
          by == BY_DAY || by == BY_WEEK || by == BY_MONTH ? compare_keys : compare_totals);
    return rows;
}

/* The cells of a row stand together, in the order of rows. */
size_t cells_of(const struct usage_report *report, uint32_t row)
{
    size_t low = 0, high = report->cell_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (report->cells[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool usage_span(const struct usage_report *report, int64_t *first_day, int64_t *last_day)
{
    for (size_t i = 0; i < report->cell_count; i++) {
        int64_t day = report->cells[i].day;

        if (i == 0 || day < *first_day)
            *first_day = day;
        if (i == 0 || day > *last_day)
            *last_day = day;
    }
    return report->cell_count > 0;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

/* Money is no count: a number with a fraction, null where the logs do not say. */
static json_t *cost_json(int64_t cost_nano_usd, int64_t costs)
{
    return json_pack("{s:o}", "cost_usd", costs ? json_real((double)cost_nano_usd / NANO) : json_null());
}

/* The cells of a row, model by model: they stand together, in this order. */
static json_t *models_json(const struct usage_report *usage, uint32_t row)
{
    json_t *list = json_array();

    for (size_t at = cells_of(usage, row); at < usage->cell_count && usage->cells[at].row == row;) {
        struct usage_cell sum = usage->cells[at++];

        for (; at < usage->cell_count && usage->cells[at].row == row && usage->cells[at].model == sum.model;
             at++)
            join(&sum, &usage->cells[at]);
        json_array_append_new(
            list, json_join(json_join(json_pack("{s:o}", "model", text_json(usage->models.items[sum.model])),
                                      classes_json(&sum.classes)),
                            cost_json(sum.cost_nano_usd, sum.costs)));
    }
    return list;
}

static json_t *row_json(const struct usage_row *row)
{
    return json_join(classes_json(&row->classes), cost_json(row->cost_nano_usd, row->costs));
}

static json_t *rows_json(const struct usage_report *usage, const struct usage_row *rows, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_join(row_json(&rows[i]), json_pack("{s:o, s:o}", "key", text_json(rows[i].key),
                                                          "models", models_json(usage, rows[i].number))));
    return list;
}

json_t *usage_json(const struct usage_report *usage, const struct usage_row *rows, size_t count,
                   const struct usage_row *total)
{
    int64_t first_day = 0, last_day = 0;
    bool any = usage_span(usage, &first_day, &last_day);

    /* clang-format off */
    return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "schema", SCHEMA,
                     "by", usage_by_word(usage->request.by),
                     "zone", usage->request.local ? "local" : "UTC",
                     "first_day", any ? date_json(first_day * TQ__DAY_NS) : json_null(),
                     "last_day", any ? date_json(last_day * TQ__DAY_NS) : json_null(),
                     "files", number_json((int64_t)usage->files),
                     "entries", number_json((int64_t)usage->entries),
                     "bad_lines", number_json((int64_t)usage->bad_lines),
                     "live_elsewhere", number_json(usage->live_elsewhere),
                     "rows", rows_json(usage, rows, count),
                     "totals", row_json(total));
    /* clang-format on */
}
