/* tokenquota_logs.h: read usage logs: plain CSV and JSONL, and the logs that tools keep.
 *
 * SPDX-License-Identifier: MIT
 *
 * The library has two parts.
 *
 *   tq_log_open        reads a CSV log with a header line, or a JSONL log, and gives a record for each line.
 *   tq_log_reader_open reads a log of a tool (Claude Code, Codex, ...) and gives an entry for each response.
 *
 * Both read plain files and files compressed by gzip or zstd. Both use struct tq_log_reader.
 *
 * ERRORS. Every call that can fail returns one of these and fills a struct tq_log_error:
 *
 *     TQ_LOG_RECORD    0   a record or an entry was read. Calls that open return 0 for success.
 *     TQ_LOG_END       1   the log has no more records.
 *     TQ_LOG_BAD_LINE  -1  this line gives no record. The next call continues with the line after it.
 *     TQ_LOG_BROKEN    -2  the log cannot be read further. Close the reader; every further call returns the
 *                          same error. Causes: a system error (error.sys), no memory (error.sys is ENOMEM), a
 *                          broken compressed stream, a directory, an unknown format, a missing column.
 *
 * The error must not be NULL. Its contents are undefined after TQ_LOG_RECORD and TQ_LOG_END.
 *
 * UNITS. Instants end in _at_ns: nanoseconds since 1970-01-01 UTC. Lengths end in _bytes or _len: bytes.
 * Lines are counted from 1. Tokens are whole numbers.
 *
 * OWNERSHIP. The caller closes each reader and each list of files. Texts and signals that a call gives belong
 * to the reader. They are valid until the next call on that reader.
 *
 * THREADS. One thread at a time may use a reader or a list of files. Different readers are independent.
 *
 * ALLOCATION AND BLOCKING. tq_log_source_..., tq_log_files_next..., and tq_log_reader_progress neither
 * allocate nor block. Every other call may allocate memory, and may block while it reads a file or a folder.
 *
 * MEMORY. A reader has a buffer of 256 KiB. It grows for a longer line and shrinks afterwards. A line of CSV
 * or JSONL has at most TQ_LOG_LINE_MAX bytes, a line of a tool's log at most 16 MiB. A compressed file also
 * needs a block of 256 KiB and the memory of the decompressor (zstd: up to 128 MiB, as the writer of the file
 * chose).
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

#define TQ_LOG_LINE_MAX 1048576 /* bytes of a line of CSV or JSONL, without its line end */

#define TQ_LOG_RECORD 0
#define TQ_LOG_END 1
#define TQ_LOG_BAD_LINE (-1)
#define TQ_LOG_BROKEN (-2)

struct tq_log_reader;

struct tq_log_error {
    uint64_t line; /* the line that is wrong; 0: the error concerns the log as a whole */
    int sys;       /* errno, or 0 */
    char msg[240]; /* one line, NUL-terminated, without the file's name and the line's number. Bytes of the
                      log are shown when they are printable ASCII, else as \xNN */
};

/* ==== CSV and JSONL ================================================================================== */

/* The content of a file decides its format; its name does not matter.
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
 * COLUMNS of CSV, and keys of a JSON object. Upper and lower case are the same. Other columns are ignored.
 *
 *     instant    unix_ms (integer milliseconds), or timestamp: RFC 3339, or epoch seconds (fraction allowed).
 *                An epoch number above 1e11 is read as milliseconds, above 1e14 as microseconds, above 1e17
 *                as nanoseconds
 *     provider   provider, provider_or_model, model: the first of these that the log has
 *     tokens     tokens, or input_tokens + output_tokens (one of the two may be missing): whole numbers, not
 *                negative, whose sum fits in 64 bits; 12.0 and 1.2e1 are whole
 *     start      start_ms (as unix_ms), or started_at (as timestamp): when the call began. A log need not have
 *                it. One that is empty or cannot be read is unknown, and the record counts all the same
 *
 * NUMBERS are exact: they are never rounded through floating point. Fractions below a nanosecond are cut off,
 * towards the past.
 *
 * INSTANTS. RFC 3339 needs its offset (Z or +hh:mm). A space may stand for the T, and t and z may be small. A
 * leap second (23:59:60 in UTC) is read as the last nanosecond of its day. Every instant that fits in int64_t
 * is given, even one that tq_provider_observe refuses.
 *
 * CSV follows RFC 4180: quoted fields with doubled quotes, CRLF or LF. A quoted field may contain commas and
 * line ends. A field has quotes at both ends or nowhere. Each line has as many fields as the header. Any
 * other line is bad. When quotes are wrong, or are not closed within TQ_LOG_LINE_MAX bytes, only the line on
 * which the record begins is bad, and the reader continues with the next line. Blanks around a field without
 * quotes are removed. An empty token count is bad: it may be half of a number.
 *
 * JSONL is strict JSON in UTF-8, nested up to 1024 deep. Numbers may be strings. null means that the key is
 * missing. A column that appears twice makes the line bad. \u0000 and half a surrogate pair in a name become
 * U+FFFD.
 *
 * LINES. A UTF-8 byte order mark is skipped. Blank lines are skipped and counted. A line with a NUL byte is
 * bad, and so is a line that is longer than TQ_LOG_LINE_MAX. The last line needs no line end; if it is only
 * half a record, it is bad. A log with no bytes or only blank lines is an empty log, not an error.
 *
 * COMPRESSION. gzip members and zstd frames may follow each other. A compressed stream that was truncated
 * gives the records before the cut, then TQ_LOG_BROKEN.
 */
struct tq_log_record {
    int64_t at_ns;
    int64_t tokens;       /* tokens, or input_tokens + output_tokens; never negative */
    int64_t input;        /* input_tokens, where tokens is made of it, else -1 */
    int64_t output;       /* the same of output_tokens */
    const char *provider; /* not NUL-terminated */
    size_t provider_len;  /* at least 1. A ledger may refuse the name (length, control characters) */
    uint64_t line;        /* on which the record begins */
    int64_t start_at_ns;  /* when the call began, at_ns being its end; TQ_LOG_NO_START: unknown */
};

#define TQ_LOG_NO_START INT64_MIN

/* Opens the log at path and reads its first line. "-" is standard input, which is not closed. Returns 0, or
 * TQ_LOG_BROKEN with *log NULL. */
TQ_LOGS_API int tq_log_open(struct tq_log_reader **log, const char *path, struct tq_log_error *error);

/* Opens a log in memory, as tq_log_open opens a file. The memory must stay valid until the reader is
 * closed. */
TQ_LOGS_API int tq_log_open_memory(struct tq_log_reader **log, const void *data, size_t len,
                                   struct tq_log_error *error);

/* Reads the next record of a log that tq_log_open or tq_log_open_memory opened. Returns TQ_LOG_RECORD with
 * record filled, TQ_LOG_END, TQ_LOG_BAD_LINE or TQ_LOG_BROKEN. */
TQ_LOGS_API int tq_log_next(struct tq_log_reader *log, struct tq_log_record *record,
                            struct tq_log_error *error);

/* ==== the logs that tools keep ======================================================================= */

/* Each tool is a source. A log may contain one response several times: once for each block of its content,
 * or again in a copy of the session. Each of these lines gives an entry with the same key. Count only the
 * entry with the greatest rank. Prompts and answers are skipped; nothing of them is given. docs/logs.md says
 * for each source which lines count, and why.
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
 * A line above 16 MiB that contains usage is a bad line. A line above 16 MiB without usage is skipped. A line
 * with usage is not checked as a whole: it is bad when a string or a bracket in it is not closed. The sources
 * csv and jsonl read the formats that tq_log_open reads.
 */
struct tq_log_source;

/* "claude", "codex", ...: docs/logs.md has them all. NULL for any other name. */
TQ_LOGS_API const struct tq_log_source *tq_log_source_find(const char *name);

/* Lists the sources: index 0, 1, ... until NULL. */
TQ_LOGS_API const struct tq_log_source *tq_log_source_at(size_t index);

TQ_LOGS_API const char *tq_log_source_name(const struct tq_log_source *source);  /* "claude" */
TQ_LOGS_API const char *tq_log_source_title(const struct tq_log_source *source); /* "Claude Code" */
TQ_LOGS_API uint32_t tq_log_source_id(const struct tq_log_source *source); /* 1 to 255; it never changes */

/* Does the tool keep its log in a SQLite database? */
TQ_LOGS_API int tq_log_source_has_database(const struct tq_log_source *source);

/* What SQLite writes first, it writes to a file beside the database. Adds the bytes of that file to
 * *file_bytes, and makes *modified_at_ns its time when that is later. Both are then of the log as a whole.
 * Does nothing for a source without a database. */
TQ_LOGS_API void tq_log_source_beside(const struct tq_log_source *source, const char *path, uint64_t *file_bytes,
                                      int64_t *modified_at_ns);

/* ---- the files of a source -------------------------------------------------------------------------- */

struct tq_log_files;

/* Finds the files of a source below path. path may also name one file, with any name. With path NULL, looks
 * in the folders where the tool keeps its logs. These depend on HOME, XDG_CONFIG_HOME and variables of the
 * tools, which docs/logs.md names; litellm, openai-usage, cursor, csv and jsonl have no such folders. Links are
 * followed, 32 folders deep. Each file comes once, even when two paths lead to it. The files are sorted by name.
 *
 * Returns 0. Returns TQ_LOG_BROKEN with *files NULL when there is no memory or when path cannot be read.
 * Unreadable files and folders below path are skipped. */
TQ_LOGS_API int tq_log_files_open(struct tq_log_files **files, const struct tq_log_source *source,
                                  const char *path, struct tq_log_error *error);

/* The next file, or NULL after the last one. The text is valid until tq_log_files_close. */
TQ_LOGS_API const char *tq_log_files_next(struct tq_log_files *files);

/* The next folder that was searched, or NULL after the last one: a program can watch these for new lines. The
 * text is valid until tq_log_files_close. */
TQ_LOGS_API const char *tq_log_files_next_folder(struct tq_log_files *files);

/* Frees the list; NULL does nothing. */
TQ_LOGS_API void tq_log_files_close(struct tq_log_files *files);

/* ---- the entries of a file -------------------------------------------------------------------------- */

#define TQ_LOG_ENTRY_SIDECHAIN 1u /* a subagent's */
#define TQ_LOG_ENTRY_BUCKET 2u    /* a sum over some time, which may change: the newest one of a key counts */
#define TQ_LOG_ENTRY_NO_KEY 4u    /* the log has no key: the key is made from the place in the file */
/* Earlier versions counted more under this key: other entries have that now, and this one has what is left.
 * When nothing is left, requests is 0 and nothing is known. */
#define TQ_LOG_ENTRY_REST 8u

struct tq_log_entry {
    uint32_t size; /* sizeof(struct tq_log_entry), set by the caller */
    uint32_t flags;
    uint64_t key;  /* two entries with the same key are the same response. Never 0 */
    uint64_t older_key; /* the key that earlier versions of this library gave the response; 0: the same */
    uint64_t rank; /* of entries with the same key, the one with the greatest rank counts; of equal ranks the
                      first. Below 2^40. More tokens give a greater rank, and any entry outside of a sidechain
                      has a greater rank than any entry in one */
    uint64_t line;
    int64_t at_ns;
    struct tq_usage usage; /* when the line reports no response: requests is 0 and nothing is known */
    int64_t cost_nano_usd; /* the cost that the log states, in 1e-9 dollars; -1: it states none */
    /* Texts are NUL-terminated, and "" when the log does not say. */
    const char *vendor; /* "anthropic", "bedrock", "vertex", "openai", "google", or the log's own word */
    const char *model;  /* csv and jsonl: the name of the provider */
    const char *account;
    const char *session;
    const char *project;                  /* a path of the user's: private */
    const struct tq_quota_signal *signal; /* the limits that the line reports; NULL: none */
};

/* The place of a reader in its file, for continuing later, even in another process. Store the bytes
 * unchanged. A zeroed state is the start of the file. In a compressed file, only the start and the end are
 * places. */
struct tq_log_state {
    uint32_t size;   /* sizeof(struct tq_log_state) */
    uint32_t source; /* its id */
    uint64_t offset; /* bytes of the stored file before the first line that is still to be read; in a
                        compressed file 0 or its size */
    uint64_t line;       /* lines before that place */
    uint64_t last_hash;  /* of the first bytes of the file and the last bytes before offset: shows whether
                            the file is still the same */
    uint64_t last_bytes; /* how many bytes at either end were hashed */
    uint8_t memory[216]; /* what the reader must remember of the lines before: model, session, totals */
};

/* Opens a file of a source. When state is not NULL and the file is still the same, the reader continues at
 * the state. Otherwise it begins at the start of the file, and *restarted is set to 1 if there was a state
 * to continue at; restarted may be NULL. A compressed file is always read from its start, except when it is
 * unchanged and was read to its end: then the first call of tq_log_reader_next returns TQ_LOG_END. Returns
 * 0, or TQ_LOG_BROKEN with *reader NULL. */
TQ_LOGS_API int tq_log_reader_open(struct tq_log_reader **reader, const struct tq_log_source *source,
                                   const char *path, const struct tq_log_state *state, int *restarted,
                                   struct tq_log_error *error);

/* Opens a log of a source in memory. The memory must stay valid until the reader is closed. Its states
 * cannot be used to continue. */
TQ_LOGS_API int tq_log_reader_open_memory(struct tq_log_reader **reader, const struct tq_log_source *source,
                                          const void *data, size_t len, struct tq_log_error *error);

/* Reads the next entry; entry->size must be set. Returns TQ_LOG_RECORD with entry filled, TQ_LOG_END,
 * TQ_LOG_BAD_LINE or TQ_LOG_BROKEN. Lines without usage and limits are skipped. Half a line or half an object
 * at the end of the file is left for later, and the call returns TQ_LOG_END. A JSON line that lacks only its
 * line end is complete. After TQ_LOG_END, a further call looks whether the file has grown. Rows of CSV
 * whose quote is open at the end of the file are left for later, too, after one TQ_LOG_BAD_LINE that names
 * the first of them. */
TQ_LOGS_API int tq_log_reader_next(struct tq_log_reader *reader, struct tq_log_entry *entry,
                                   struct tq_log_error *error);

/* Call this for a file that gave no entry. Returns 0 when it may be a log of the source: its first 256 KiB have
 * words that this tool writes, and not more of another tool's; or there is nothing in it. A database must have
 * a table that the source reads, or none at all. Otherwise the error says what the file seems to be. Returns 1
 * when that is a log of another source, and TQ_LOG_BROKEN when it is none, or cannot be read. */
TQ_LOGS_API int tq_log_source_check(const struct tq_log_source *source, const char *path,
                                    struct tq_log_error *error);

/* Fills *state with the place after the last entry that was given. It reads a few bytes of the file, so call
 * it once for many entries, not for each one. */
TQ_LOGS_API void tq_log_reader_state(const struct tq_log_reader *reader, struct tq_log_state *state);

/* For a progress display: how many bytes of the file, as it is stored, were read, in steps of whole blocks,
 * and the size of the file; 0 when the size is unknown (a pipe). */
TQ_LOGS_API void tq_log_reader_progress(const struct tq_log_reader *reader, uint64_t *done_bytes,
                                        uint64_t *total_bytes);

/* Closes the reader and frees it; NULL does nothing. */
TQ_LOGS_API void tq_log_reader_close(struct tq_log_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
