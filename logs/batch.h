/* batch.h: rows of a table of a tool's database, copied out of it, all of one moment.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_BATCH_H
#define TQ_LOGS_BATCH_H

#include "table.h"

#define TQ__LOG_BATCH_ROWS 1024 /* at most */

struct tq__log_value {
    size_t begin, len; /* in the batch's bytes */
    enum tq__json_kind kind;
};

struct tq__log_stored_row {
    int64_t number;
    const char *fault; /* why the row cannot be read; NULL: it can */
    struct tq__log_value value[TQ__LOG_COLUMNS_MAX];
};

struct tq__log_batch {
    struct tq__log_stored_row row[TQ__LOG_BATCH_ROWS];
    size_t count, next;
    char *bytes;
    size_t len, capacity;
};

/* Fills the table's batch with the rows that come next at the place; 0, or TQ_LOG_BROKEN. The batch is empty:
 * there are no more rows. */
int tq__log_batch_fill(struct tq__log_table *table, const struct tq__log_place *place,
                       struct tq_log_error *error);

#endif
