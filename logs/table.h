/* table.h: the rows of a table in a tool's database, given one by one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_TABLE_H
#define TQ_LOGS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "entry.h"

struct tq__log_table {
    struct tq__log_batch batch;
    bool is_open;  /* set by a query's read, */
    uint32_t note; /* with what it must know of an open row when that is read again */
    bool is_over;  /* a pass has ended, and the place is that of the next one */
};

/* The source's part of the memory. */
void *tq__log_table_memory(struct tq_log_reader *reader);

/* Notes a count of a column; nothing when it is NULL. */
void tq__log_take_column(struct tq__log_usage *usage, enum tq__count which, const struct tq__json_item *item);

#endif
