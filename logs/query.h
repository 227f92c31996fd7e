/* query.h: a table of a tool's database that is read: its columns, and a row of it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_QUERY_H
#define TQ_LOGS_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "tokenquota_logs.h"

#define TQ__LOG_COLUMNS_MAX 14

/* A row: a text, a blob or a number each, or nothing. The texts are as they are in the database, without
 * escapes, and valid until the next call on the reader. */
struct tq__log_row {
    int64_t number; /* SQLite's rowid */
    bool is_again;  /* an earlier pass has read it */
    bool was_open;  /* it was left open by an earlier pass, with this note */
    uint32_t note;
    struct tq__json_item column[TQ__LOG_COLUMNS_MAX];
};

/* A table that is read. A column that is not there gives nothing; one that begins with "(" is a query for one
 * value. */
struct tq__log_query {
    const char *table;
    const char *columns[TQ__LOG_COLUMNS_MAX];
    unsigned fixed;  /* so many of the first columns never change in a row, and tell it from others */
    uint32_t packed; /* a bit for each column whose values may be compressed */
    int64_t again; /* so many of the last rows are read again next time, because tools change them in place */
    /* Fills entry from a row; answers as the read of a source. Sets reader->table->is_open when the row is
     * not finished: it is read again next time, wherever it is, with reader->table->note. */
    int (*read)(struct tq_log_reader *reader, const struct tq__log_row *row, struct tq_log_entry *entry,
                struct tq_log_error *error);
};

extern const struct tq__log_query tq__log_antigravity_queries[];
extern const struct tq__log_query tq__log_copilot_queries[];
extern const struct tq__log_query tq__log_openclaw_queries[];
extern const struct tq__log_query tq__log_opencode_queries[];

#endif
