/* tokenquota_logs.h: read a usage log and give its records, one after the other.
 *
 * SPDX-License-Identifier: MIT
 *
 * A reader opens a CSV log with a header line or a JSONL log, plain or compressed by gzip or zstd, and says
 * per line: which provider used how many tokens at which instant. What a file is, its content tells, not its
 * name. A line that does not parse is reported with its number and the reader goes on behind it.
 *
 * Memory is bounded: a buffer of TQ_LOG_LINE_MAX bytes, two blocks of 256 KiB, and what the decompressor
 * (zstd: up to 128 MiB, as the log was written) and one line of JSON need. A longer line is one bad line,
 * however long.
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
 * A log of no bytes or of blank lines alone is an empty log, not an error. gzip members and zstd frames may
 * follow each other. A compressed stream that is cut off gives the records before the cut, then
 * TQ_LOG_BROKEN.
 *
 * COLUMNS (of CSV) and KEYS (of a JSON object), by name, case-insensitive, others ignored:
 *
 *     instant    unix_ms (integer milliseconds), or timestamp: RFC 3339, or epoch seconds (fraction allowed);
 *                an epoch number above 1e11 is taken as milliseconds, above 1e14 as microseconds, above 1e17
 *                as nanoseconds
 *     provider   provider, provider_or_model, model: the first of these that the log has
 *     tokens     tokens, or input_tokens + output_tokens (one of the two may be missing): whole numbers, not
 *                negative, whose sum fits in 64 bits; 12.0 and 1.2e1 are whole
 *
 * Numbers are exact, never rounded through floating point; what is finer than a nanosecond is cut off,
 * towards the past. RFC 3339 needs its offset (Z or +hh:mm); T may be a space, T and Z small. A leap second
 * (23:59:60 in UTC) is the last nanosecond of its day. An instant inside int64_t is given as it is, also
 * where tokenquota.h refuses it.
 *
 * CSV as RFC 4180: quoted fields with doubled quotes, CRLF or LF; a quoted field may have commas and line
 * ends. Quotes are at both ends of a field or nowhere in it, and each line has as many fields as the header,
 * else the line is bad. Where quotes are wrong, or not closed within TQ_LOG_LINE_MAX bytes, only the line
 * where the record begins is bad and the reader goes on with the next one. Blanks around a field without
 * quotes are not part of it. An empty token count is bad: it may be half of one.
 *
 * JSONL: numbers may be strings; null is as good as no such key; a key twice is bad.
 *
 * A UTF-8 byte order mark is skipped, and so are blank lines, which have their number all the same. A line
 * with a NUL byte is bad. The last line needs no line end, but half a line that does not parse is bad.
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
    uint64_t line;        /* the line it came from (began on), the first of the file is 1 */
};

struct tq_log_error {
    uint64_t line; /* the line it concerns, 0 for the log as a whole */
    int sys;       /* errno behind it, or 0 */
    char msg[240]; /* one line, NUL-terminated, without the file's name or the line's number; what it shows
                      of the log is short and printable ASCII, all other bytes as \xNN */
};

/* Opens the log at path ("-" is standard input, which is not closed) and reads its first line. 0, or
 * TQ_LOG_BROKEN with error filled and *log NULL. error must not be NULL. */
TQ_LOGS_API int tq_log_open(struct tq_log **log, const char *path, struct tq_log_error *error);

/* The same from memory, which must stay valid until close: what tests and fuzzers use. */
TQ_LOGS_API int tq_log_open_memory(struct tq_log **log, const void *data, size_t len,
                                   struct tq_log_error *error);

/* Reads up to the next record. TQ_LOG_RECORD with record filled, TQ_LOG_END, TQ_LOG_BAD_LINE or TQ_LOG_BROKEN
 * with error filled. After TQ_LOG_END and TQ_LOG_BROKEN every call answers the same again. */
TQ_LOGS_API int tq_log_next(struct tq_log *log, struct tq_log_record *record, struct tq_log_error *error);

/* How far the reader is: bytes taken from the file as stored (compressed), by the block, and the file's size,
 * 0 when unknown (a pipe). For progress. */
TQ_LOGS_API void tq_log_progress(const struct tq_log *log, uint64_t *done_bytes, uint64_t *total_bytes);

/* Closes the reader; NULL is left alone. */
TQ_LOGS_API void tq_log_close(struct tq_log *log);

#ifdef __cplusplus
}
#endif

#endif
