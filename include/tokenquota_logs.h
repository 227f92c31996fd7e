/* tokenquota_logs.h: read a usage log and give its records, one after the other.
 *
 * SPDX-License-Identifier: MIT
 *
 * A reader opens a CSV log with a header line or a JSONL log, plain or compressed by gzip or zstd, and says
 * per line: which provider used how many tokens at which instant. The content of a file says what it is, not its
 * name. A line that does not parse is reported with its number and the reader goes on behind it.
 *
 * Memory is bounded: a buffer of at most TQ_LOG_LINE_MAX bytes, two blocks of 256 KiB, and what the decompressor
 * needs (zstd: up to 128 MiB, as the log was written). A longer line is one bad line, however long.
 *
 *     struct tq_log_reader *log;
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
 *     tq_log_reader_close(log);
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
 * JSONL: strict JSON in UTF-8, nested up to 1024 deep. Numbers may be strings; null means that the key is not there; a
 * column that is there twice makes the line bad. \u0000 and half a surrogate pair in a name become U+FFFD.
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

#include <tokenquota.h>

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

struct tq_log_reader; /* a log that is open */

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
TQ_LOGS_API int tq_log_open(struct tq_log_reader **log, const char *path, struct tq_log_error *error);

/* The same from memory, which must stay valid until close: what tests and fuzzers use. */
TQ_LOGS_API int tq_log_open_memory(struct tq_log_reader **log, const void *data, size_t len,
                                   struct tq_log_error *error);

/* Reads up to the next record. TQ_LOG_RECORD with record filled, TQ_LOG_END, TQ_LOG_BAD_LINE or TQ_LOG_BROKEN
 * with error filled. After TQ_LOG_END and TQ_LOG_BROKEN every call answers the same again. */
TQ_LOGS_API int tq_log_next(struct tq_log_reader *log, struct tq_log_record *record, struct tq_log_error *error);

/* ==== the logs that tools keep ======================================================================= */

/* Agents and gateways keep logs of their own; each tool is one source. A log may have one response several times
 * (once for each block of its content, again in a copy, growing). Every line that tells of it gives an entry with
 * its key; of the entries of one key, count the one with the greatest rank. Prompts and answers are passed over
 * unread, and nothing of them is given. docs/logs.md says per source which lines count and why.
 *
 *     struct tq_log_files *files;
 *     struct tq_log_reader *reader;
 *     struct tq_log_entry entry = {.size = sizeof entry};
 *     const char *path;
 *     int answer;
 *
 *     tq_log_files_open(&files, tq_log_source_find("claude"), NULL, &error);
 *     while ((path = tq_log_files_next(files)) != NULL) {
 *         if (tq_log_reader_open(&reader, tq_log_source_find("claude"), path, NULL, NULL, &error) != 0)
 *             continue;
 *         do {
 *             answer = tq_log_reader_next(reader, &entry, &error);
 *             if (answer == TQ_LOG_RECORD)
 *                 add(entry.key, entry.rank, &entry.usage);
 *         } while (answer != TQ_LOG_END && answer != TQ_LOG_BROKEN);
 *         tq_log_reader_close(reader);
 *     }
 *     tq_log_files_close(files);
 *
 * Memory of a reader: a buffer of 256 KiB, which grows for a longer line, up to 16 MiB, and shrinks behind
 * it; of a compressed file what tq_log_open says, too. A line above 16 MiB that tells of usage is one bad
 * line; one that does not is passed over, however long. Of lines that tell of usage only as much is
 * understood as is given: a line with a string or bracket that has no other half is bad. csv and jsonl are
 * what tq_log_open reads.
 */
struct tq_log_source;

/* "claude", "codex", "gemini", "litellm", "openai-usage", "otel", "csv", "jsonl"; NULL when there is none. */
TQ_LOGS_API const struct tq_log_source *tq_log_source_find(const char *name);

/* All of them: index 0, 1, ... until NULL. */
TQ_LOGS_API const struct tq_log_source *tq_log_source_at(size_t index);

TQ_LOGS_API const char *tq_log_source_name(const struct tq_log_source *source);  /* "claude" */
TQ_LOGS_API const char *tq_log_source_title(const struct tq_log_source *source); /* "Claude Code" */
TQ_LOGS_API uint32_t tq_log_source_id(const struct tq_log_source *source); /* 1 to 255, the same for ever */

/* ---- the files of a source -------------------------------------------------------------------------- */

struct tq_log_files;

/* The files of a source below path, which may be a file itself, whatever its name; with path NULL in the
 * places where the tool puts them (HOME, XDG_CONFIG_HOME, CLAUDE_CONFIG_DIR, CODEX_HOME are looked at;
 * litellm, openai-usage, csv and jsonl have none). Links are followed, 32 folders deep. Each file comes once, even when two places or
 * links lead to it; the order is that of their names. 0; TQ_LOG_BROKEN with error filled, only for a path
 * that was given and cannot be read, or no memory. What cannot be read below it is passed over. */
TQ_LOGS_API int tq_log_files_open(struct tq_log_files **files, const struct tq_log_source *source,
                                  const char *path, struct tq_log_error *error);

/* The next one, valid until close; NULL at the end. */
TQ_LOGS_API const char *tq_log_files_next(struct tq_log_files *files);

/* The folders that hold them, for a program that watches them grow; NULL at the end. */
TQ_LOGS_API const char *tq_log_files_next_folder(struct tq_log_files *files);

TQ_LOGS_API void tq_log_files_close(struct tq_log_files *files);

/* ---- the entries of a file -------------------------------------------------------------------------- */

#define TQ_LOG_ENTRY_SIDECHAIN 1u /* of a subagent */
#define TQ_LOG_ENTRY_BUCKET 2u    /* a sum over some time, which may grow: the newest is true, not the greatest */
#define TQ_LOG_ENTRY_NO_KEY 4u /* the log has no key: the key is made of its place in the file */

struct tq_log_entry {
    uint32_t size; /* sizeof(struct tq_log_entry), set by the caller */
    uint32_t flags;
    uint64_t key;  /* of the response; two of one key are one response. Never 0 */
    uint64_t rank; /* of entries with one key the one of the greatest rank is true; of equal ranks the first.
                      Below 2^40: it grows with the tokens, and is greater outside of a sidechain */
    uint64_t line;
    int64_t at_ns;
    struct tq_usage usage; /* requests is 0, and nothing known, where the line tells of limits alone */
    int64_t cost_nano_usd; /* as the log says, in 1e-9 dollars; -1: it does not */
    /* Texts are NUL-terminated, valid until the next call on the reader, "" when the log does not say. */
    const char *vendor; /* "anthropic", "bedrock", "vertex", "openai", "google", or as the log says it */
    const char *model;  /* of csv and jsonl: the provider as the log names it */
    const char *account;
    const char *session;
    const char *project;                  /* a path of the user's: private */
    const struct tq_quota_signal *signal; /* what the line says of limits, valid as long; NULL: nothing */
};

/* Where a reader was, for going on later: bytes to be kept as they are. Zeroed: from the start. Of a
 * compressed file: all of it, or nothing. */
struct tq_log_state {
    uint32_t size;   /* sizeof(struct tq_log_state) */
    uint32_t source; /* its id */
    uint64_t offset; /* behind the last line that was read whole, in the file as it is stored; of a compressed
                        file its size, or 0 */
    uint64_t line;
    uint64_t last_hash; /* of the first bytes of the file and the last before offset: is it still the same? */
    uint64_t last_bytes; /* how many at each end */
    uint8_t memory[216]; /* what the reader must know of the lines before: model, session, totals */
};

struct tq_log_reader;

/* Opens a file of a source, at state (may be NULL) when the file is still the one that state is of, else at
 * its start (then *restarted is 1; it may be NULL). A compressed file is read from its start, unless it is
 * the same and was read whole: then its end comes at once. 0, or TQ_LOG_BROKEN with error filled and *reader
 * NULL. */
TQ_LOGS_API int tq_log_reader_open(struct tq_log_reader **reader, const struct tq_log_source *source,
                                   const char *path, const struct tq_log_state *state, int *restarted,
                                   struct tq_log_error *error);

/* The same from memory, which must stay valid until close; its states are of no use. */
TQ_LOGS_API int tq_log_reader_open_memory(struct tq_log_reader **reader, const struct tq_log_source *source,
                                          const void *data, size_t len, struct tq_log_error *error);

/* The next entry: TQ_LOG_RECORD, TQ_LOG_END, TQ_LOG_BAD_LINE or TQ_LOG_BROKEN (which stays so). Lines that
 * tell of nothing are passed over. Half a line at the end is left for a later time: TQ_LOG_END; so is half an
 * object. A JSON line that lacks nothing but its end is whole. After TQ_LOG_END the call may be made again
 * when the file has grown: it looks. entry->size must be set. */
TQ_LOGS_API int tq_log_reader_next(struct tq_log_reader *reader, struct tq_log_entry *entry,
                                   struct tq_log_error *error);

/* Where it is: behind everything that next has given. Reads a few bytes of the file again: for each group of
 * entries, not for each of them. */
TQ_LOGS_API void tq_log_reader_state(const struct tq_log_reader *reader, struct tq_log_state *state);

/* As tq_log_progress. */
TQ_LOGS_API void tq_log_reader_progress(const struct tq_log_reader *reader, uint64_t *done_bytes,
                                        uint64_t *total_bytes);

TQ_LOGS_API void tq_log_reader_close(struct tq_log_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
