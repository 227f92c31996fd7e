/* rows.h: CSV and JSONL: the columns that are read, and the record of a row.
 *
 * SPDX-License-Identifier: MIT
 *
 *     rows.c      what a log is (CSV, JSONL, empty); columns -> a record
 *     csv.c       a row of CSV -> its fields
 *     jsonl.c     a line of JSONL -> its members
 *     records.c   a record -> an entry
 */
#ifndef TQ_LOGS_ROWS_H
#define TQ_LOGS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "pieces.h"
#include "tokenquota_logs.h"

/* The columns that are read. Where several say one thing, the earlier one is taken. */
enum {
    TQ__LOG_UNIX_MS,
    TQ__LOG_TIMESTAMP,
    TQ__LOG_PROVIDER,
    TQ__LOG_PROVIDER_OR_MODEL,
    TQ__LOG_MODEL,
    TQ__LOG_TOKENS,
    TQ__LOG_INPUT_TOKENS,
    TQ__LOG_OUTPUT_TOKENS,
    TQ__LOG_START_MS,
    TQ__LOG_STARTED_AT,
    TQ__LOG_COLUMN_COUNT
};

/* A record in which no column is read yet. */
static inline struct tq_log_record tq__log_record_begin(uint64_t line)
{
    return (struct tq_log_record){.line = line, .input = -1, .output = -1, .start_at_ns = TQ_LOG_NO_START};
}

/* Adds a column of tokens to a record. True: their sum is too big. */
static inline bool tq__log_record_add(struct tq_log_record *record, int column, int64_t count)
{
    if (column == TQ__LOG_INPUT_TOKENS)
        record->input = count;
    if (column == TQ__LOG_OUTPUT_TOKENS)
        record->output = count;
    return __builtin_add_overflow(record->tokens, count, &record->tokens);
}

static inline bool tq__log_is_start(int column)
{
    return column == TQ__LOG_START_MS || column == TQ__LOG_STARTED_AT;
}

#define TQ__LOG_WANTED_MAX 5 /* instant, provider, input and output tokens, start */

struct tq__log_csv {
    size_t columns; /* of the header */
    size_t wanted_count;
    struct tq__log_wanted {
        size_t at;                /* which column of the line, from 0 */
        int column;               /* TQ__LOG_... */
    } wanted[TQ__LOG_WANTED_MAX]; /* in the order of the line */
};

#define TQ__LOG_DECODED_BYTES 512 /* a name that is longer is too long for every ledger */

struct tq__log_rows {
    struct tq__log_pieces *pieces; /* that the rows are of */
    enum { TQ__LOG_EMPTY_LOG, TQ__LOG_CSV, TQ__LOG_JSONL } format;
    struct tq__log_csv csv;
    char decoded[TQ__LOG_COLUMN_COUNT][TQ__LOG_DECODED_BYTES]; /* strings of JSON with escapes */
};

/* ---- rows.c ---- */

extern const char *const tq__log_column_name[TQ__LOG_COLUMN_COUNT];

/* The column of this name, in upper or lower case; -1 when it is not read. */
int tq__log_column_of(struct tq__span name);

/* Decides which of the present columns are read, and sets the others to false. NULL, or the names of what is
 * missing. */
const char *tq__log_columns_choose(bool present[TQ__LOG_COLUMN_COUNT]);

/* Makes a record of the texts of the columns, {NULL, 0} where a column is not there; TQ_LOG_RECORD or
 * TQ_LOG_BAD_LINE.
 */
int tq__log_record_make(const struct tq__span value[TQ__LOG_COLUMN_COUNT], uint64_t line,
                        struct tq_log_record *record, struct tq_log_error *error);

/* Finds the format of the log by its first row, and reads the header of CSV. 0, also for an empty log;
 * TQ_LOG_BROKEN. */
int tq__log_rows_begin(struct tq__log_rows *rows, struct tq__log_pieces *pieces, struct tq_log_error *error);

/* Makes a record of a row; TQ_LOG_RECORD or TQ_LOG_BAD_LINE. */
int tq__log_rows_record(struct tq__log_rows *rows, const struct tq__log_piece *piece,
                        struct tq_log_record *record, struct tq_log_error *error);

/* ---- csv.c, jsonl.c ---- */

#define TQ__LOG_WRONG_QUOTES 3 /* an answer of tq__log_csv_record, with error filled: a bad line */

struct tq__log_field {
    struct tq__span text; /* inside the quotes */
    bool quoted;
};

/* Takes the field at *at and moves *at to the next one, or to NULL after the last. The row's quotes must be
 * even. Returns NULL, or what is wrong. */
const char *tq__log_csv_field(const char **at, const char *end, struct tq__log_field *field);

/* What is wrong with the quotes of half a row, whatever its other half is, and in which field, from 1. NULL:
 * it may become a sound row. */
const char *tq__log_csv_fault(const struct tq__log_piece *row, size_t *number);

/* The text of the field, with doubled quotes made one, in place: the row may be changed. */
struct tq__span tq__log_csv_text(const struct tq__log_piece *row, const struct tq__log_field *field);

/* The header: 0 or TQ_LOG_BROKEN. */
int tq__log_csv_begin(struct tq__log_csv *csv, const struct tq__log_piece *header,
                      struct tq_log_error *error);
int tq__log_csv_record(const struct tq__log_csv *csv, const struct tq__log_piece *row,
                       struct tq_log_record *record, struct tq_log_error *error);
int tq__log_jsonl_record(char decoded[TQ__LOG_COLUMN_COUNT][TQ__LOG_DECODED_BYTES],
                         const struct tq__log_piece *row, struct tq_log_record *record,
                         struct tq_log_error *error);

#endif
