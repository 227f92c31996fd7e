/* columns.h: a table of a tool, as CSV with a header line: the columns that are wanted, and the values of a
 * row.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_COLUMNS_H
#define TQ_LOGS_COLUMNS_H

#include "rows.h"

#define TQ__LOG_COLUMNS_OF_HEADER 128 /* of a header; a longer one is no table that is known */
#define TQ__LOG_COLUMNS_WANTED 32     /* names that may be wanted */

struct tq__log_columns {
    size_t count;
    /* Which name the column has, from 1; 0: one that is not read. */
    uint8_t wanted[TQ__LOG_COLUMNS_OF_HEADER];
};

/* Reads a header line, without its line end. names end with NULL. Returns a bit for each name that is there;
 * 0 when it is no header, or when two columns have one name. */
uint32_t tq__log_columns_begin(struct tq__log_columns *columns, struct tq__span header,
                               const char *const *names);

/* Finds the values of a row by the numbers of their names, {NULL, 0} where there is no such column.
 * TQ_LOG_RECORD, TQ_LOG_BAD_LINE, or TQ__LOG_WRONG_QUOTES. */
int tq__log_columns_row(const struct tq__log_columns *columns, const struct tq__log_piece *row,
                        struct tq__span value[TQ__LOG_COLUMNS_WANTED], struct tq_log_error *error);

#endif
