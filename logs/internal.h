/* internal.h: what the sources of the log reader share, from the stored bytes up to the record.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bytes       bytes of a file or of memory, decompressed
 *     lines    lines of those bytes, in one bounded buffer
 *     csv      a line -> its fields       both hand the texts of the known columns to
 *     jsonl        a line -> its members      record, which makes the record of them
 *     number, time, error         what all of them need
 *
 * Calls that read answer as tq_log_next does (TQ_LOG_RECORD for "here it is") and have filled the error when
 * the answer is negative. Calls that parse a value answer 0 or one of TQ__LOG_FAULTS.
 */
#ifndef TQ_LOG_INTERNAL_H
#define TQ_LOG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZLIB_CONST /* input is not written to, and says so */

#include <jansson.h>
#include <zlib.h>
#include <zstd.h>

#include "tokenquota_logs.h"

/* Bytes that are not NUL-terminated. text is NULL where there is nothing. */
struct tq__log_text {
    const char *text;
    size_t len;
};

/* ---- error.c ---- */

/* What can be wrong with a value, and how a message goes on behind the column's name. */
#define TQ__LOG_FAULTS(X)                                                                                    \
    X(EMPTY, -1, "is empty")                                                                                 \
    X(NOT_NUMBER, -2, "is not a number")                                                                     \
    X(NOT_WHOLE, -3, "is not a whole number")                                                                \
    X(NEGATIVE, -4, "is negative")                                                                           \
    X(TOO_BIG, -5, "is more than 64 bits can hold")                                                          \
    X(NOT_TIME, -6, "is neither an RFC 3339 time nor a number")                                              \
    X(NO_SUCH_TIME, -7, "is a time that does not exist")                                                     \
    X(NO_OFFSET, -8, "does not say its offset from UTC (Z or +hh:mm)")                                       \
    X(OUT_OF_RANGE, -9, "is outside the years 1677 to 2262")                                                 \
    X(SUM_TOO_BIG, -10, "makes the sum of tokens more than 64 bits can hold")

#define TQ__LOG_FAULT(name, value, words) TQ__LOG_##name = (value),
enum { TQ__LOG_FAULTS(TQ__LOG_FAULT) };
#undef TQ__LOG_FAULT

#define TQ__LOG_SHOWN_BYTES 40 /* of a value in a message */

/* Fills error and gives answer back. */
__attribute__((format(printf, 5, 6))) int tq__log_fail(struct tq_log_error *error, int answer, uint64_t line,
                                                       int sys, const char *format, ...);

/* The bad line whose column has a value with this fault. */
int tq__log_fail_value(struct tq_log_error *error, uint64_t line, const char *column, int fault,
                       struct tq__log_text value);

/* Writes at most shown_bytes bytes of text, and what fits, to out: ASCII as it is, all else as \xNN, "..."
 * where it was cut. out_size is at least 4. */
void tq__log_show(char *out, size_t out_size, struct tq__log_text text, size_t shown_bytes);

/* ---- bytes.c ---- */

#define TQ__LOG_BLOCK_BYTES 262144 /* what is read at a time */

struct tq__log_source {
    int fd; /* -1: memory */
    bool fd_owned;
    bool drained;                 /* no more stored bytes will come */
    int packing;                  /* how the bytes are stored, TQ__LOG_... of bytes.c */
    const unsigned char *stored;  /* stored bytes that are not consumed yet */
    size_t stored_bytes;
    unsigned char *block;         /* where stored points, unless it is the caller's memory */
    uint64_t read_bytes;          /* stored bytes taken from the file so far */
    uint64_t total_bytes;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool inside; /* a gzip member or zstd frame has begun and not ended */
};

/* Opens; 0 or TQ_LOG_BROKEN. The source must be closed in either case. */
int tq__log_source_open(struct tq__log_source *source, const char *path, struct tq_log_error *error);
int tq__log_source_open_memory(struct tq__log_source *source, const void *data, size_t len,
                               struct tq_log_error *error);

/* Gives the next bytes: TQ_LOG_RECORD with 1 to capacity of them, TQ_LOG_END, TQ_LOG_BROKEN. */
int tq__log_source_read(struct tq__log_source *source, char *out, size_t capacity, size_t *got,
                        struct tq_log_error *error);

/* Is it stored as it is, so that an offset in the file is one in the log? */
bool tq__log_source_is_plain(const struct tq__log_source *source);

/* Goes on at this offset of a plain file; 0 or TQ_LOG_BROKEN. */
int tq__log_source_seek(struct tq__log_source *source, uint64_t offset, struct tq_log_error *error);

/* The next read looks whether the plain file has grown behind what was its end. */
void tq__log_source_again(struct tq__log_source *source);

uint64_t tq__log_source_done_bytes(const struct tq__log_source *source);
void tq__log_source_close(struct tq__log_source *source);

/* ---- lines.c ---- */

struct tq__log_line {
    char *text; /* valid until the next call on the lines; text[len] is '\n' or '\r' */
    size_t len;
    uint64_t number;
    bool has_quote; /* there is a '"' in it */
};

struct tq__log_lines {
    struct tq__log_source *source;
    char *buffer;
    size_t start;    /* of the line given last */
    size_t cursor;   /* behind that line and its end: where the next one starts */
    size_t tail;     /* behind what extend added to it; at least the cursor */
    size_t fill;     /* behind the last byte in the buffer */
    size_t nul;      /* the first NUL at or behind the cursor; fill when there is none so far */
    size_t quote;    /* the same for '"' */
    uint64_t number; /* of the line given last */
    uint64_t extra;  /* lines that extend added to it */
    bool ended;      /* the source is at its end */
    bool skipping;   /* what is at the cursor is the rest of a line that was too long */
};

int tq__log_lines_open(struct tq__log_lines *lines, struct tq__log_source *source,
                       struct tq_log_error *error);
void tq__log_lines_close(struct tq__log_lines *lines);

/* The next line that is not blank: TQ_LOG_RECORD, TQ_LOG_END, TQ_LOG_BAD_LINE (too long, or a NUL in it),
 * TQ_LOG_BROKEN. */
int tq__log_lines_next(struct tq__log_lines *lines, struct tq__log_line *line, struct tq_log_error *error);

/* Makes the next call give the line given last once more. */
void tq__log_lines_again(struct tq__log_lines *lines);

/* Forgets what is in the buffer: the source goes on elsewhere, with `before` lines before it. */
void tq__log_lines_restart(struct tq__log_lines *lines, uint64_t before);

/* Adds the next line, blank or not, to the line given last, as one text with the line end between them:
 * TQ_LOG_RECORD, TQ_LOG_END when there is none, TQ_LOG_BAD_LINE when it becomes too long or has a NUL,
 * TQ_LOG_BROKEN. The next line stays to be read by itself, until keep says that it belongs to this one. */
int tq__log_lines_extend(struct tq__log_lines *lines, struct tq__log_line *line, struct tq_log_error *error);
void tq__log_lines_keep(struct tq__log_lines *lines);

/* ---- number.c ---- */

/* A decimal number: digits x 10^exponent, and what was behind the digits that fit. */
struct tq__log_number {
    uint64_t digits;
    int exponent;
    bool negative;
    bool more; /* a digit that is not 0 did not fit */
};

/* Reads -?digits[.digits][e[+-]digits], the whole text; 0 or TQ__LOG_NOT_NUMBER. */
int tq__log_number_read(struct tq__log_text text, struct tq__log_number *number);

/* *value = number x 10^scale, rounded down; *whole says whether that is exact. 0 or TQ__LOG_TOO_BIG. */
int tq__log_number_scale(const struct tq__log_number *number, int scale, int64_t *value, bool *whole);

/* A count: a whole number, not negative, `12`, `12.0` and `1.2e1` alike. */
int tq__log_number_count(struct tq__log_text text, int64_t *count);

/* ---- time.c ---- */

/* An instant from whole milliseconds since the epoch. */
int tq__log_time_unix_ms(struct tq__log_text text, int64_t *at_ns);

/* An instant from an RFC 3339 time, or from a number whose unit its size tells. */
int tq__log_time_stamp(struct tq__log_text text, int64_t *at_ns);

/* ---- record.c ---- */

/* The columns that mean something. Where several can say the same, the earlier one is taken. */
#define TQ__LOG_COLUMNS(X)                                                                                   \
    X(UNIX_MS, "unix_ms")                                                                                    \
    X(TIMESTAMP, "timestamp")                                                                                \
    X(PROVIDER, "provider")                                                                                  \
    X(PROVIDER_OR_MODEL, "provider_or_model")                                                                \
    X(MODEL, "model")                                                                                        \
    X(TOKENS, "tokens")                                                                                      \
    X(INPUT_TOKENS, "input_tokens")                                                                          \
    X(OUTPUT_TOKENS, "output_tokens")

#define TQ__LOG_COLUMN(name, text) TQ__LOG_##name,
enum { TQ__LOG_COLUMNS(TQ__LOG_COLUMN) TQ__LOG_COLUMN_COUNT };
#undef TQ__LOG_COLUMN

extern const char *const tq__log_column_name[TQ__LOG_COLUMN_COUNT];

/* Which column that is, in any case; -1 for one that means nothing. */
int tq__log_column_of(struct tq__log_text name);

/* Which of the columns that are there are taken: sets the others to false. NULL, or in words what is
 * missing. */
const char *tq__log_columns_choose(bool present[TQ__LOG_COLUMN_COUNT]);

/* Makes a record of the texts of the columns, NULL where a column is not there; TQ_LOG_RECORD or
 * TQ_LOG_BAD_LINE. */
int tq__log_record_make(const struct tq__log_text value[TQ__LOG_COLUMN_COUNT], uint64_t line,
                        struct tq_log_record *record, struct tq_log_error *error);

/* ---- csv.c ---- */

#define TQ__LOG_WANTED_MAX 4 /* instant, provider, input and output tokens */

struct tq__log_csv {
    size_t columns; /* of the header */
    size_t wanted_count;
    struct tq__log_wanted {
        size_t at;  /* which column of the line, from 0 */
        int column; /* TQ__LOG_... */
    } wanted[TQ__LOG_WANTED_MAX]; /* in the order of the line */
};

/* Reads the header, which is the line given last; 0 or TQ_LOG_BROKEN. */
int tq__log_csv_open(struct tq__log_csv *csv, struct tq__log_lines *lines, struct tq__log_line *header,
                     struct tq_log_error *error);
int tq__log_csv_next(const struct tq__log_csv *csv, struct tq__log_lines *lines, struct tq_log_record *record,
                     struct tq_log_error *error);

/* ---- jsonl.c ---- */

struct tq__log_json {
    json_t *object; /* of the record given last, which points into it */
};

int tq__log_json_next(struct tq__log_json *json, struct tq__log_lines *lines, struct tq_log_record *record,
                      struct tq_log_error *error);
void tq__log_json_close(struct tq__log_json *json);

/* ---- log.c, for rows.c ---- */

/* The bytes behind a log. */
const struct tq__log_source *tq__log_bytes(const struct tq_log *log);

/* Is it CSV? */
bool tq__log_is_csv(const struct tq_log *log);

/* The line given last, or those of a record of several. */
struct tq__log_text tq__log_last_text(const struct tq_log *log);

/* Has all of a log that cannot grow been given? */
bool tq__log_is_over(const struct tq_log *log);

/* Has the line given last no end, being the last of a log that may grow? */
bool tq__log_is_half(const struct tq_log *log);

/* Makes the next call begin with the line given last, which has `before` lines before it. */
void tq__log_back(struct tq_log *log, uint64_t before);

/* Where the end was seen, a plain log may have grown since: makes the next call look. 0, or TQ_LOG_BROKEN when an empty
 * one has become no log. */
int tq__log_look_again(struct tq_log *log, struct tq_log_error *error);

/* The line given last, which has no end, was whole: what the log grows by is the rest of it. */
void tq__log_keep_half(struct tq_log *log);

/* Where a plain log is, behind the line given last. */
struct tq__log_place {
    uint64_t offset; /* in the file */
    uint64_t line;   /* lines before it */
    bool skipping;   /* a line that was too long goes on here */
};
void tq__log_place(const struct tq_log *log, struct tq__log_place *place);

/* Goes there; 0 or TQ_LOG_BROKEN. */
int tq__log_seek(struct tq_log *log, const struct tq__log_place *place, struct tq_log_error *error);

#endif
