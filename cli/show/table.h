/* table.h: writes tables that fit the screen: cells by kind, headings, and columns that can be left out.
 *
 * SPDX-License-Identifier: MIT
 *
 * A row is written cell by cell, from left to right, and is not held in memory. The spaces of an empty cell
 * are written in front of the next cell that has text, so that no line ends in spaces.
 */
#ifndef TOKENQUOTA_TABLE_H
#define TOKENQUOTA_TABLE_H

#include "cli/cli.h"

#define TABLE_GAP 2 /* in front of cells that are not aligned to the right */

enum table_kind {
    TABLE_RIGHT, /* the gap is in its width */
    TABLE_LEFT,  /* never cut */
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

/* Writes a bar as the next cell, as wide as its column: the part that is used of the whole. */
void table_bar(struct table *table, const char *colour, int64_t used, int64_t whole);

/* Writes a text in place of all cells that are left of the row. */
void table_rest(struct table *table, const char *colour, const char *text);

/* How many columns of the screen are left for table_rest in a row that has so many cells before it. */
int table_rest_room(const struct table *table, int screen, size_t cells);

/* Ends the row. */
void table_end(struct table *table);

/* Writes the headings, in bold. */
void table_head(struct table *table);

/* How many columns of the screen are left. Negative: so many are missing. */
int table_room(const struct table *table, int screen);

/* Leaves columns out, in this order, until the table fits the screen or none is left to leave out. */
void table_drop(struct table *table, int screen, const int *order, size_t count);

/* Narrows a column, as far as the screen needs it and not below the least width. */
void table_shrink(struct table *table, int screen, int column, int least);

/* Widens a column to the wanted width, as far as the screen has room. A column that is left out stays so. */
void table_grow(struct table *table, int screen, int column, int wanted);

#endif
