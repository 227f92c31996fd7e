/* verdict_table.c: reads a table of docs/verdicts.md.
 *
 * SPDX-License-Identifier: MIT
 */
#include "verdict_table.h"

#include <stdio.h>

#include "harness.h"

#define DOCUMENT "docs/verdicts.md"

/* The text before the next bar, without blanks around; cut, when it is longer than any cell of these tables.
 * Returns the text behind the bar. */
static const char *next_cell(const char *line, char cell[CELL_BYTES])
{
    const char *bar = strchr(line, '|'), *end = bar;
    size_t bytes;

    if (!bar)
        return NULL;
    while (line < end && *line == ' ')
        line++;
    while (end > line && end[-1] == ' ')
        end--;
    bytes = (size_t)(end - line);
    if (bytes >= CELL_BYTES)
        bytes = CELL_BYTES - 1;
    memcpy(cell, line, bytes);
    cell[bytes] = '\0';
    return bar + 1;
}

/* The head names the columns, in their order. */
static void check_head(const struct verdict_table *table, const char *rest)
{
    char cell[CELL_BYTES];

    for (size_t i = 0; i < table->columns; i++) {
        rest = rest ? next_cell(rest, cell) : NULL;
        assert_non_null(rest);
        assert_string_equal(cell, table->column[i]);
    }
    assert_null(next_cell(rest, cell));
}

/* Returns whether it is a row of the table. */
static bool read_row(struct verdict_table *table, const char *rest, const char *name)
{
    for (size_t row = 0; row < table->rows; row++) {
        if (strcmp(name, table->row[row]) != 0)
            continue;
        assert_int_equal(table->cell[row][0][0], '\0');
        for (size_t i = 0; i < table->columns; i++) {
            rest = rest ? next_cell(rest, table->cell[row][i]) : NULL;
            assert_non_null(rest);
        }
        return true;
    }
    return false;
}

void verdict_table_read(struct verdict_table *table)
{
    bool in_part = false, in_table = false;
    FILE *file = fopen(DOCUMENT, "r");
    char line[1024], cell[CELL_BYTES];
    size_t found = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        const char *rest = line[0] == '|' ? next_cell(line + 1, cell) : NULL;

        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#')
            in_part = strcmp(line, table->heading) == 0;
        in_table = in_table && rest;
        if (in_table && cell[0] != '-' && !read_row(table, rest, cell))
            fail_msg("no test has the row %s", cell);
        found += in_table && cell[0] != '-';
        if (in_part && rest && strcmp(cell, "then") == 0) {
            check_head(table, rest);
            in_table = true;
        }
    }
    fclose(file);
    assert_int_equal(found, table->rows);
}
