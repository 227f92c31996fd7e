/* table.h: the rows of a table in a tool's database, and where a reader of them is.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_TABLE_H
#define TQ_LOGS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "database.h"
#include "entry.h"
#include "sources.h"

#define TQ__LOG_COLUMNS_MAX 14
#define TQ__LOG_OPEN_ROWS 8 /* rows that may still change, of those that were read */

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

extern const struct tq__log_query tq__log_antigravity_queries[];
extern const struct tq__log_query tq__log_copilot_queries[];
extern const struct tq__log_query tq__log_openclaw_queries[];
extern const struct tq__log_query tq__log_opencode_queries[];

struct tq__log_batch;

struct tq__log_table {
    struct tq__log_database database;
    const struct tq__log_query *queries; /* of the source */
    const struct tq__log_query *query;   /* NULL: not chosen yet */
    struct tq__log_batch *batch;
    bool is_open;  /* set by a query's read, */
    uint32_t note; /* with what it must know of an open row when that is read again */
    bool is_over;  /* a pass has ended, and the place is that of the next one */
    bool is_done;  /* the open rows were read again, now the rows behind the place come */
};

/* Opens; 0 or TQ_LOG_BROKEN. *table is NULL on failure. */
int tq__log_table_open(struct tq__log_table **table, const struct tq__log_query *queries, const char *path,
                       const void *data, size_t len, struct tq_log_error *error);
void tq__log_table_close(struct tq__log_table *table);

/* Goes to the place in the reader's memory. 1: it is there no more, and the table is read from its start. */
int tq__log_table_resume(struct tq_log_reader *reader, struct tq_log_error *error);

/* Has a table of the database at path a row whose column has this text? False when it cannot be read. */
bool tq__log_table_has(const char *path, const char *table, const char *column, struct tq__span text);

/* As tq_log_reader_next, with the entry begun by begin. */
int tq__log_table_next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error);

/* Fills the state's place: its offset says how many bytes of rows were read. */
void tq__log_table_state(const struct tq_log_reader *reader, struct tq_log_state *state);
void tq__log_table_progress(const struct tq_log_reader *reader, uint64_t *done_bytes, uint64_t *total_bytes);

/* The source's part of the memory. */
void *tq__log_table_memory(struct tq_log_reader *reader);

/* Notes a count of a column; nothing when it is NULL. */
void tq__log_take_column(struct tq__log_usage *usage, enum tq__count which, const struct tq__json_item *item);

#endif
