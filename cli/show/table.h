/* table.h: a table whose columns fit the screen: cells by kind, headings, and columns that give way.
 *
 * SPDX-License-Identifier: MIT
 *
 * A row is written cell by cell, from left to right, without being held. What a cell leaves empty is written
 * before the next one that has something, so that no line ends in spaces.
 */
#ifndef TOKENQUOTA_TABLE_H
#define TOKENQUOTA_TABLE_H

#include "cli/cli.h"
#include "import/classes.h"

#define TABLE_GAP 2 /* in front of a column that is not aligned to the right */

enum table_kind {
    TABLE_RIGHT, /* the gap is in its width */
    TABLE_LEFT,  /* as long as it is */
    TABLE_NAME,  /* cut in the middle */
};

struct table_column {
    const char *heading; /* NULL: none */
    const char *above;   /* a first line of the heading, NULL for none */
    enum table_kind kind;
    int width; /* with the gap in front; 0: the column is left out */
};

struct table {
    const struct style *style;
    struct table_column *columns;
    size_t count;
    size_t at;   /* the column of the next cell */
    int missing; /* columns to be filled in front of it */
};

/* Writes the next cell; NULL or "" leaves it empty. colour NULL: none. */
void table_cell(struct table *table, const char *colour, const char *text);

/* Begins a cell that the caller draws, so many columns wide. False when the column is left out. */
bool table_draw(struct table *table, int columns);

/* Writes four cells: input, cache write, cache read and output; "-" when they are not known. */
void table_classes(struct table *table, const struct classes *classes, bool exact, bool known);

/* Ends the row. */
void table_end(struct table *table);

/* Writes the headings, in bold. */
void table_head(struct table *table);

/* How many columns of the screen are left; negative: so many are too few. */
int table_room(const struct table *table);

/* Leaves columns out, in this order, until the table fits the screen or none is left to leave out. */
void table_drop(struct table *table, const int *order, size_t count);

/* Brings a column that is there to the width that it wants, as far as the screen has room. */
void table_grow(struct table *table, int column, int wanted);

#endif
