/* usage_sums.c: the sums of a report: appended as they come, put together by sorting, and added up to rows.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "usage.h"

#define CELLS_FIRST 1024

static int compare_cells(const void *left, const void *right)
{
    const struct usage_cell *a = left, *b = right;

    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->model != b->model)
        return a->model < b->model ? -1 : 1;
    return (a->day > b->day) - (a->day < b->day);
}

static void add_money(int64_t *sum, int64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = INT64_MAX;
}

void cells_merge(struct usage_report *report)
{
    struct usage_cell *cells = report->cells;
    size_t kept = 0;

    if (report->cell_count == 0)
        return;
    qsort(cells, report->cell_count, sizeof(*cells), compare_cells);
    for (size_t i = 1; i < report->cell_count; i++) {
        if (compare_cells(&cells[kept], &cells[i]) != 0) {
            cells[++kept] = cells[i];
            continue;
        }
        classes_add(&cells[kept].classes, &cells[i].classes, 1);
        add_money(&cells[kept].cost_nano_usd, cells[i].cost_nano_usd);
        cells[kept].costs += cells[i].costs;
    }
    report->cell_count = kept + 1;
}

/* When there is no room, what is of one cell is put together first; only if most stay, the room doubles. */
int cells_add(struct usage_report *report, const struct usage_cell *add)
{
    if (report->cell_count == report->cell_capacity)
        cells_merge(report);
    if (report->cell_count >= report->cell_capacity / 2) {
        size_t capacity = report->cell_capacity ? report->cell_capacity * 2 : CELLS_FIRST;
        struct usage_cell *cells = realloc(report->cells, capacity * sizeof(*cells));

        if (!cells && report->cell_count == report->cell_capacity)
            return -1;
        if (cells) {
            report->cells = cells;
            report->cell_capacity = capacity;
        }
    }
    report->cells[report->cell_count++] = *add;
    return 0;
}

static void add_cell(struct usage_row *row, const struct usage_cell *cell)
{
    classes_add(&row->classes, &cell->classes, 1);
    add_money(&row->cost_nano_usd, cell->cost_nano_usd);
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
    struct usage_row *rows = calloc(report->rows.count + 1, sizeof(*rows));
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
    for (size_t i = 0; i < report->rows.count;
         i++) /* an entry that lost against another may have made a row */
        if (rows[i].last_day != INT64_MIN)
            rows[kept++] = rows[i];
    *count = kept;
    qsort(rows, kept, sizeof(*rows),
          by == BY_DAY || by == BY_WEEK || by == BY_MONTH ? compare_keys : compare_totals);
    return rows;
}
