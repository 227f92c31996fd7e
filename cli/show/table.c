/* table.c: writes tables that fit the screen: cells by kind, headings, and columns that can be left out.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/show/table.h"

#include <string.h>

/* The gap in front of a column. A column of numbers has it in its width. */
static int gap_of(const struct table *table, const struct table_column *column)
{
    return column->kind == TABLE_RIGHT || column == table->columns ? 0 : TABLE_GAP;
}

static void fill(struct table *table, int more)
{
    fprintf(table->style->out, "%*s", table->missing + more, "");
    table->missing = 0;
}

void table_cell(struct table *table, const char *colour, const char *text)
{
    const struct table_column *column = &table->columns[table->at++];
    int gap = gap_of(table, column), room = column->width - gap, columns;

    if (column->width == 0)
        return;
    if (!text || !*text) {
        table->missing += column->width;
        return;
    }
    columns = text_columns(text);
    fill(table, gap + (column->kind == TABLE_RIGHT && columns < room ? room - columns : 0));
    if (colour)
        paint(table->style, colour);
    if (column->kind == TABLE_NAME)
        text_put_name(table->style, text, room, true);
    else
        fputs(text, table->style->out);
    if (colour)
        unpaint(table->style);
    if (column->kind == TABLE_LEFT && columns < room)
        table->missing = room - columns;
}

bool table_draw(struct table *table, int columns)
{
    const struct table_column *column = &table->columns[table->at++];
    int gap = gap_of(table, column);

    if (column->width == 0)
        return false;
    fill(table, gap);
    table->missing = column->width - gap - columns;
    return true;
}

void table_bar(struct table *table, const char *colour, int64_t used, int64_t whole)
{
    int columns = table->columns[table->at].width - TABLE_GAP;

    if (!table_draw(table, columns))
        return;
    paint(table->style, colour);
    bar_put(table->style, used, whole, columns);
    unpaint(table->style);
}

void table_rest(struct table *table, const char *colour, const char *text)
{
    table->at = table->count;
    if (!*text)
        return;
    fill(table, TABLE_GAP);
    if (colour)
        paint(table->style, colour);
    fputs(text, table->style->out);
    if (colour)
        unpaint(table->style);
}

int table_rest_room(const struct table *table, int screen, size_t cells)
{
    for (size_t i = 0; i < cells; i++)
        screen -= table->columns[i].width;
    return screen - TABLE_GAP;
}

void table_end(struct table *table)
{
    table->at = 0;
    table->missing = 0;
    putc('\n', table->style->out);
}

void table_head(struct table *table)
{
    bool any_above = false;

    for (size_t i = 0; i < table->count; i++)
        any_above |= table->columns[i].above && table->columns[i].width;
    for (int line = any_above ? 0 : 1; line < 2; line++) {
        paint(table->style, PAINT_BOLD);
        while (table->at < table->count) {
            const struct table_column *column = &table->columns[table->at];

            table_cell(table, NULL, line == 0 ? column->above : column->heading);
        }
        unpaint(table->style);
        table_end(table);
    }
}

int table_room(const struct table *table, int screen)
{
    for (size_t i = 0; i < table->count; i++)
        screen -= table->columns[i].width;
    return screen;
}

void table_drop(struct table *table, int screen, const int *order, size_t count)
{
    for (size_t i = 0; i < count && table_room(table, screen) < 0; i++)
        table->columns[order[i]].width = 0;
}

void table_shrink(struct table *table, int screen, int column, int least)
{
    int *width = &table->columns[column].width, wanted = *width + table_room(table, screen);

    if (wanted < *width && least < *width)
        *width = wanted < least ? least : wanted;
}

void table_grow(struct table *table, int screen, int column, int wanted)
{
    int *width = &table->columns[column].width, room = table_room(table, screen);

    if (*width)
        *width = wanted - *width < room ? wanted : *width + room;
}
