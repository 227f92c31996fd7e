/* verdict_table.h: reads a table of docs/verdicts.md, so that the document and the library say the same.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_VERDICT_TABLE_H
#define TEST_VERDICT_TABLE_H

#include <stddef.h>

#define TABLE_MAX 32
#define CELL_BYTES 64

/* The caller sets the heading that stands above the table, and the names of rows and columns in their order.
 */
struct verdict_table {
    const char *heading;
    size_t rows, columns;
    const char *row[TABLE_MAX], *column[TABLE_MAX];
    char cell[TABLE_MAX][TABLE_MAX][CELL_BYTES];
};

/* Fills the cells. Fails the test when the document has another head, or not each row once. */
void verdict_table_read(struct verdict_table *table);

#endif
