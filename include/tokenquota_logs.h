/* tokenquota_logs.h: read a usage log and give its records, one after the other.
 *
 * SPDX-License-Identifier: MIT
 *
 * A reader opens a CSV log with a header line or a JSONL log, plain or compressed by gzip or zstd, and says
 * per line: which provider used how many tokens at which instant. What a file is, its content tells, not its
 * name. A line that does not parse is reported with its number and the reader goes on behind it.
 *
 * Memory is bounded: one buffer of TQ_LOG_LINE_MAX bytes and what the decompressor needs. A longer line is
 * one bad line, however long.
 *
 *     struct tq_log *log;
 *     struct tq_log_record record;
 *     struct tq_log_error error;
 *     int answer = tq_log_open(&log, "usage.csv", &error);
 *
 *     while (answer == 0 && (answer = tq_log_next(log, &record, &error)) != TQ_LOG_END) {
 *         if (answer == 0)
 *             use(record.provider, record.provider_len, record.tokens, record.at_ns);
 *         else if (answer == TQ_LOG_BAD_LINE)
 *             warn(error.line, error.msg), answer = 0;
 *     }
 *     tq_log_close(log);
 *
 * COLUMNS (of CSV) and KEYS (of a JSON object), by name, case-insensitive, others ignored:
 *
 *     instant    unix_ms (integer milliseconds), or timestamp: RFC 3339, or epoch seconds (fraction allowed);
 *                an epoch number above 1e11 is taken as milliseconds, above 1e14 as microseconds, above 1e17
 *                as nanoseconds
 *     provider   provider, provider_or_model, model: the first of these that the log has
 *     tokens     tokens, or input_tokens + output_tokens (one of the two may be missing)
 *
 * CSV as RFC 4180: quoted fields with doubled quotes, CRLF or LF. A UTF-8 byte order mark is skipped. Empty
 * lines are skipped. The last line needs no line end, but half a line that does not parse is bad.
 *
 * Threads: one reader belongs to one thread at a time. Any call may allocate and block on reading.
 */
#ifndef TOKENQUOTA_LOGS_H
#define TOKENQUOTA_LOGS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TQ_LOGS_API __attribute__((visibility("default")))
#else
#define TQ_LOGS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TQ_LOG_LINE_MAX 1048576 /* bytes of a line, its end not counted; a longer one is a bad line */

#define TQ_LOG_RECORD 0      /* a record was read */
#define TQ_LOG_END 1         /* the log is over */
#define TQ_LOG_BAD_LINE (-1) /* this line gives no record; the next call goes on behind it */
#define TQ_LOG_BROKEN (-2)   /* the log cannot be read further (system error, broken compressed stream) or not
                                at all (a directory, no known format, columns missing); only close is left */

struct tq_log; /* a reader */

struct tq_log_record {
    int64_t at_ns;        /* nanoseconds since the epoch, UTC, as tokenquota.h counts them */
    int64_t tokens;       /* tokens, or input_tokens + output_tokens; never negative */
    const char *provider; /* not NUL-terminated; valid until the next call on the reader */
    size_t provider_len;  /* its bytes, at least 1; what the ledger refuses (length, control characters) is
                             for the ledger to refuse */
    uint64_t line;        /* the line it came from, the first of the file is 1 */
};

struct tq_log_error {
    uint64_t line; /* the line it concerns, 0 for the log as a whole */
    int sys;       /* errno behind it, or 0 */
    char msg[240]; /* one line, NUL-terminated, without the file's name or the line's number */
};

/* Opens the log at path ("-" is standard input, which is not closed). 0, or TQ_LOG_BROKEN with error filled
 * and *log NULL. error must not be NULL. */
TQ_LOGS_API int tq_log_open(struct tq_log **log, const char *path, struct tq_log_error *error);

/* The same from memory, which must stay valid until close: what tests and fuzzers use. */
TQ_LOGS_API int tq_log_open_memory(struct tq_log **log, const void *data, size_t len, struct tq_log_error *error);

/* Reads up to the next record. TQ_LOG_RECORD with record filled, TQ_LOG_END, TQ_LOG_BAD_LINE or TQ_LOG_BROKEN
 * with error filled. */
TQ_LOGS_API int tq_log_next(struct tq_log *log, struct tq_log_record *record, struct tq_log_error *error);

/* How far the reader is: bytes consumed of the file as stored (compressed), and the file's size, 0 when unknown
 * (a pipe). For progress. */
TQ_LOGS_API void tq_log_progress(const struct tq_log *log, uint64_t *done_bytes, uint64_t *total_bytes);

/* Closes the reader; NULL is left alone. */
TQ_LOGS_API void tq_log_close(struct tq_log *log);

#ifdef __cplusplus
}
#endif

#endif
