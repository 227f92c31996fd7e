/* batch.h: rows of a table of a tool's database, copied out of it, all of one moment.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_BATCH_H
#define TQ_LOGS_BATCH_H

#include "base/text.h"
#include "database.h"
#include "query.h"

#define TQ__LOG_BATCH_ROWS 1024 /* at most */
#define TQ__LOG_OPEN_ROWS 8     /* rows that may still change, of those that were read */

/* What a state keeps: it is in the memory of a reader. */
struct tq__log_place {
    int64_t at;     /* the rows up to this one were given */
    int64_t last;   /* the last row that was read */
    uint64_t check; /* of that row */
    uint64_t bytes; /* of the rows that were read */
    uint32_t query; /* its number, from 1; 0: no row was read */
    uint16_t open;  /* bits of those below that are in use */
    uint16_t done;  /* bits of those that were read again in this pass */
    int64_t open_rows[TQ__LOG_OPEN_ROWS];
    uint32_t notes[TQ__LOG_OPEN_ROWS]; /* the source's, of each of them */
    _Alignas(8) uint8_t own[72];       /* the source's */
};

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
    struct tq__log_database database;
    const struct tq__log_query *queries; /* of the source */
    const struct tq__log_query *query;   /* NULL: not chosen yet */
    bool is_done; /* the open rows were read again, now the rows behind the place come */
    struct tq__log_stored_row row[TQ__LOG_BATCH_ROWS];
    size_t count, next;
    char *bytes;
    size_t len, capacity;
};

/* Fills it with the rows that come next at the place; 0, or TQ_LOG_BROKEN. It is empty: there are no more. */
int tq__log_batch_fill(struct tq__log_batch *batch, const struct tq__log_place *place,
                       struct tq_log_error *error);

/* Has a table of the database at path a row whose column has this text? False when it cannot be read. */
bool tq__log_table_has(const char *path, const char *table, const char *column, struct tq__span text);

#endif
