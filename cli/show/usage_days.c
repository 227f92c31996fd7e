/* usage_days.c: days as a line of characters, whose height is what was used.
 *
 * SPDX-License-Identifier: MIT
 *
 * More days than columns share them: a column is then the sum of its days.
 */
#include "view/usage.h"

#define COLUMNS_MOST 1000

bool usage_span(const struct usage_report *usage, int64_t *first_day, int64_t *last_day)
{
    for (size_t i = 0; i < usage->cell_count; i++) {
        int64_t day = usage->cells[i].day;

        if (i == 0 || day < *first_day)
            *first_day = day;
        if (i == 0 || day > *last_day)
            *last_day = day;
    }
    return usage->cell_count > 0;
}

/* The cells of a row stand together, in the order of rows. */
static size_t first_cell_of(const struct usage_report *usage, int64_t row)
{
    size_t low = 0, high = usage->cell_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (usage->cells[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void put_level(const struct style *style, int64_t sum, int64_t most)
{
    if (sum <= 0)
        putc('.', style->out);
    else
        level_put(style, (int)multiply_divide(sum - 1, LEVELS, most, ROUND_DOWN));
}

void usage_sparkline(const struct usage_report *usage, const struct style *style, int64_t row,
                     int64_t first_day, int64_t last_day, int columns)
{
    int64_t sums[COLUMNS_MOST] = {0}, days = last_day - first_day + 1, most = 1;
    size_t at = row < 0 ? 0 : first_cell_of(usage, row);

    if (columns > COLUMNS_MOST)
        columns = COLUMNS_MOST;
    if (days < columns)
        columns = (int)days;
    for (; at < usage->cell_count && (row < 0 || usage->cells[at].row == row); at++) {
        int64_t column = multiply_divide(usage->cells[at].day - first_day, columns, days, ROUND_DOWN);

        sums[column] += classes_total(&usage->cells[at].classes);
        most = sums[column] > most ? sums[column] : most;
    }
    for (int i = 0; i < columns; i++)
        put_level(style, sums[i], most);
}
