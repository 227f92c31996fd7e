/* usage_sums.c: the sums of a usage report: responses added to cells, cells to rows, and rows as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "usage.h"

#include <string.h>

#include "base/number.h"
#include "json.h"

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

static int compare_keys(const void *left, const void *right)
{
    return strcmp(((const struct usage_row *)left)->key, ((const struct usage_row *)right)->key);
}

/* The largest comes first; equal ones are in the order of their keys. */
static int compare_totals(const void *left, const void *right)
{
    const struct usage_row *a = left, *b = right;
    int64_t a_total = classes_total(&a->sum.classes), b_total = classes_total(&b->sum.classes);

    return a_total != b_total ? (a_total < b_total) - (a_total > b_total) : compare_keys(left, right);
}

static void add(struct usage_sum *sum, const struct usage_sum *more)
{
    classes_add(&sum->classes, &more->classes, 1);
    sum->cost_nano_usd = tq__add_saturated(sum->cost_nano_usd, more->cost_nano_usd);
    sum->costs += more->costs;
}

static void add_to_row(struct usage_row *row, const struct usage_cell *cell)
{
    if (row->cell_count++ == 0)
        row->cells = cell;
    add(&row->sum, &cell->sum);
}

/* Leaves one cell for each row, model and day, in this order. */
static void merge_cells(struct usage_report *usage)
{
    struct usage_cell *cells = usage->cells;
    size_t kept = 0;

    if (usage->cell_count > 0)
        qsort(cells, usage->cell_count, sizeof *cells, compare_cells);
    for (size_t i = 0; i < usage->cell_count; i++)
        if (kept > 0 && compare_cells(&cells[kept - 1], &cells[i]) == 0)
            add(&cells[kept - 1].sum, &cells[i].sum);
        else
            cells[kept++] = cells[i];
    usage->cell_count = kept;
}

int usage_sum(struct usage_report *usage)
{
    struct usage_row *rows = calloc(usage->text_count + 1, sizeof *rows);

    if (!rows)
        return listener_fail(usage->listener, "out of memory");
    usage->rows = rows;
    usage->total = (struct usage_row){.key = "total"};
    usage->first_day = INT64_MAX;
    usage->last_day = INT64_MIN;
    merge_cells(usage);
    for (size_t i = 0; i < usage->cell_count; i++) {
        const struct usage_cell *cell = &usage->cells[i];

        if (i == 0 || cell->row != cell[-1].row)
            rows[usage->row_count++].key = usage->texts[cell->row];
        add_to_row(&rows[usage->row_count - 1], cell);
        add_to_row(&usage->total, cell);
        if (cell->day < usage->first_day)
            usage->first_day = cell->day;
        if (cell->day > usage->last_day)
            usage->last_day = cell->day;
    }
    qsort(rows, usage->row_count, sizeof *rows,
          usage->request.by <= BY_MONTH ? compare_keys : compare_totals);
    return 0;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

/* The cost has a fraction, and is null where the logs do not state it. */
static json_t *sum_json(const struct usage_sum *sum)
{
    return json_join(classes_json(&sum->classes),
                     json_pack("{s:o}", "cost_usd",
                               sum->costs ? json_real((double)sum->cost_nano_usd / NANO) : json_null()));
}

static json_t *models_json(const struct usage_report *usage, const struct usage_row *row)
{
    json_t *list = json_array();

    for (size_t i = 0; i < row->cell_count;) {
        uint32_t model = row->cells[i].model;
        struct usage_sum sum = {.costs = 0};

        for (; i < row->cell_count && row->cells[i].model == model; i++)
            add(&sum, &row->cells[i].sum);
        json_array_append_new(
            list, json_join(json_pack("{s:o}", "model", text_json(usage->texts[model])), sum_json(&sum)));
    }
    return list;
}

static json_t *rows_json(const struct usage_report *usage)
{
    json_t *list = json_array();

    for (const struct usage_row *row = usage->rows; row < usage->rows + usage->row_count; row++)
        json_array_append_new(
            list, json_join(sum_json(&row->sum), json_pack("{s:o, s:o}", "key", text_json(row->key), "models",
                                                           models_json(usage, row))));
    return list;
}

json_t *usage_json(const struct usage_report *usage)
{
    bool any = usage->row_count > 0;
    char name[TQ__ZONE_NAME_BYTES];

    zone_name(name, usage->request.at_ns, usage->request.local);
    /* clang-format off */
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "by", usage_by_word(usage->request.by),
                     "zone", usage->request.local ? "local" : "UTC",
                     "zone_name", name,
                     "first_day", any ? date_json(usage->first_day * TQ__DAY_NS) : json_null(),
                     "last_day", any ? date_json(usage->last_day * TQ__DAY_NS) : json_null(),
                     "files", number_json((int64_t)usage->files),
                     "entries", number_json((int64_t)usage->entries),
                     "bad_lines", number_json((int64_t)usage->bad_lines),
                     "live_elsewhere", number_json(usage->live_elsewhere),
                     "rows", rows_json(usage),
                     "totals", sum_json(&usage->total.sum));
    /* clang-format on */
}
