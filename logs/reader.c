/* reader.c: the public reader of a tool's log: its entries, and where it was, for going on later.
 *
 * SPDX-License-Identifier: MIT
 *
 * A file is the same as before when it is no shorter than the offset and its first bytes and those before the
 * offset are what they were. Logs only grow: where they do not (truncated, replaced, a document written anew)
 * one of the two has changed, and the file is read from its start; keys see to it that nothing counts twice.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "tools.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAST_BYTES 256 /* at either end, that tell a file from another */

static_assert(sizeof(struct tq__log_memory) == sizeof(((struct tq_log_state *)0)->memory),
              "memory of a state");
static_assert(sizeof(struct tq_log_state) == 256, "states are kept on disk");

/* ---- is it still the same file? ---- */

/* Adds bytes of the file to the hash; false when they are not all there. */
static bool hash_file(struct tq__log_hash *hash, int fd, uint64_t offset, size_t len)
{
    char bytes[LAST_BYTES];
    ssize_t got;

    do {
        got = pread(fd, bytes, len, (off_t)offset);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)len)
        return false;
    tq__log_hash_bytes(hash, bytes, len);
    return true;
}

static const struct tq__log_source *bytes_of(const struct tq_log_reader *reader)
{
    return reader->rows ? tq__log_bytes(reader->rows) : &reader->source;
}

/* What tells this file, up to offset; 0 when it has no such bytes. */
static uint64_t fingerprint(const struct tq_log_reader *reader, uint64_t offset)
{
    struct tq__log_hash hash = tq__log_hash_begin(reader->tool->id, "file");
    size_t len = offset < LAST_BYTES ? (size_t)offset : LAST_BYTES;
    int fd = bytes_of(reader)->fd;

    if (fd < 0 || offset > INT64_MAX || !hash_file(&hash, fd, 0, len) ||
        !hash_file(&hash, fd, offset - len, len))
        return 0;
    return tq__log_hash_end(hash);
}

static bool is_same_file(const struct tq_log_reader *reader, const struct tq_log_state *state)
{
    return state->size >= sizeof(*state) && state->source == reader->tool->id && state->last_hash != 0 &&
           state->last_hash == fingerprint(reader, state->offset);
}

/* ---- open and close ---- */

/* Lets the source see the head of the file, where it says what does not fit in a state. Damage there is no
 * news. */
static int read_head(struct tq_log_reader *reader, uint64_t offset, struct tq_log_error *error)
{
    struct tq__log_memory memory = reader->memory;
    struct tq__log_piece piece;
    struct tq_log_error ignored;
    int answer = TQ_LOG_RECORD;

    while (!reader->knows_head && (answer == TQ_LOG_RECORD || answer == TQ_LOG_BAD_LINE)) {
        struct tq_log_entry entry = {.size = sizeof(entry)};

        answer = tq__log_pieces_next(&reader->pieces, &piece, error);
        if (answer == TQ_LOG_RECORD && piece.offset >= offset)
            break;
        if (answer == TQ_LOG_RECORD)
            reader->tool->read(reader, &piece, &entry, &ignored);
    }
    reader->memory = memory;
    return answer == TQ_LOG_BROKEN ? answer : 0;
}

/* Goes to where the state is, when the file is still the one. */
static int resume(struct tq_log_reader *reader, const struct tq_log_state *state, int *restarted,
                  struct tq_log_error *error)
{
    if (!state || state->offset == 0)
        return 0;
    if (!is_same_file(reader, state)) {
        *restarted = 1;
        return 0;
    }
    if (!tq__log_source_is_plain(bytes_of(reader))) {
        reader->at_rest = state->offset == bytes_of(reader)->total_bytes;
        *restarted = !reader->at_rest;
        return 0;
    }
    memcpy(&reader->memory, state->memory, sizeof(reader->memory));
    if (reader->rows)
        return tq__log_rows_seek(reader, state, error);
    if (reader->tool->head && read_head(reader, state->offset, error) != 0)
        return TQ_LOG_BROKEN;
    reader->skip = reader->memory.given;
    reader->memory.given = 0;
    tq__log_pieces_seek(&reader->pieces, state->offset, state->line);
    return tq__log_source_seek(&reader->source, state->offset, error);
}

static struct tq_log_reader *new_reader(const struct tq_log_source *tool, struct tq_log_error *error)
{
    struct tq_log_reader *reader = calloc(1, sizeof(*reader));

    if (!reader) {
        tq__log_fail(error, TQ_LOG_BROKEN, 0, ENOMEM, "not enough memory");
        return NULL;
    }
    reader->tool = tool;
    reader->source.fd = -1;
    return reader;
}

/* Goes on behind opening the source, with its answer. */
static int open_pieces(struct tq_log_reader *reader, int answer, struct tq_log_error *error)
{
    if (answer == 0)
        answer = tq__log_pieces_open(&reader->pieces, &reader->source, reader->tool->unit, error);
    reader->pieces.matters = reader->tool->matters;
    return answer;
}

int tq_log_reader_open(struct tq_log_reader **out, const struct tq_log_source *source, const char *path,
                       const struct tq_log_state *state, int *restarted, struct tq_log_error *error)
{
    struct tq_log_reader *reader = new_reader(source, error);
    int anew = 0, answer;

    *out = NULL;
    if (restarted)
        *restarted = 0;
    if (!reader)
        return TQ_LOG_BROKEN;
    if (source->read)
        answer = open_pieces(reader, tq__log_source_open(&reader->source, path, error), error);
    else
        answer = tq_log_open(&reader->rows, path, error);
    if (answer == 0)
        answer = resume(reader, state, &anew, error);
    if (answer != 0) {
        tq_log_reader_close(reader);
        return answer;
    }
    if (restarted)
        *restarted = anew;
    *out = reader;
    return 0;
}

int tq_log_reader_open_memory(struct tq_log_reader **out, const struct tq_log_source *source,
                              const void *data, size_t len, struct tq_log_error *error)
{
    struct tq_log_reader *reader = new_reader(source, error);
    int answer;

    *out = NULL;
    if (!reader)
        return TQ_LOG_BROKEN;
    if (source->read)
        answer = open_pieces(reader, tq__log_source_open_memory(&reader->source, data, len, error), error);
    else
        answer = tq_log_open_memory(&reader->rows, data, len, error);
    if (answer != 0)
        tq_log_reader_close(reader);
    else
        *out = reader;
    return answer;
}

void tq_log_reader_close(struct tq_log_reader *reader)
{
    if (!reader)
        return;
    tq__log_pieces_close(&reader->pieces);
    tq__log_source_close(&reader->source);
    tq_log_close(reader->rows);
    free(reader);
}

/* ---- read ---- */

static void begin_entry(struct tq_log_entry *entry, uint64_t line)
{
    *entry = (struct tq_log_entry){
        .size = sizeof(*entry),
        .line = line,
        .usage = {.size = sizeof(entry->usage), .requests = 1},
        .cost_nano_usd = -1,
        .vendor = "",
        .model = "",
        .account = "",
        .session = "",
        .project = "",
    };
}

/* Has the source read the piece, further. */
static int read_piece(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_memory memory = reader->memory;
    bool half = reader->piece.half;
    int answer;

    begin_entry(entry, reader->piece.line);
    reader->more = false;
    answer = reader->tool->read(reader, &reader->piece, entry, error);
    reader->has_piece = answer != TQ__LOG_NOTHING && reader->more;
    reader->memory.given = reader->has_piece ? memory.given + 1 : 0;
    if (!half)
        return answer;
    /* A line without its end that is sound is whole, and may never get an end. */
    if (answer == TQ_LOG_RECORD) {
        tq__log_pieces_keep(&reader->pieces, &reader->piece);
        reader->piece.half = false;
        return answer;
    }
    reader->memory = memory;
    return TQ_LOG_END;
}

/* Gets a piece, if none is left, and reads it; TQ__LOG_NOTHING when that gave no entry. */
static int step(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    int answer;

    if (!reader->has_piece) {
        answer = tq__log_pieces_next(&reader->pieces, &reader->piece, error);
        if (answer != TQ_LOG_RECORD)
            return answer;
        reader->piece_at = 0;
    }
    answer = read_piece(reader, entry, error);
    if (!reader->has_piece)
        reader->skip = 0; /* it was of this piece */
    if (answer > TQ_LOG_RECORD || reader->skip == 0)
        return answer;
    reader->skip--;
    return TQ__LOG_NOTHING;
}

int tq_log_reader_next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    int answer;

    if (reader->is_broken) {
        *error = reader->broken;
        return TQ_LOG_BROKEN;
    }
    if (entry->size < sizeof(*entry))
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, EINVAL, "the entry's size is not set");
    if (reader->at_rest)
        return TQ_LOG_END;
    if (reader->rows) {
        begin_entry(entry, 0);
        return tq__log_rows_next(reader, entry, error);
    }
    do {
        answer = step(reader, entry, error);
    } while (answer == TQ__LOG_NOTHING);
    if (answer == TQ_LOG_END)
        tq__log_source_again(&reader->source);
    if (answer == TQ_LOG_BROKEN) {
        reader->is_broken = true;
        reader->broken = *error;
    }
    return answer;
}

/* ---- where it is ---- */

/* Has a compressed file been read whole? It has no other place than its start and its end. */
static bool is_over(const struct tq_log_reader *reader)
{
    const struct tq__log_source *source = bytes_of(reader);
    bool drained = source->drained && source->stored_bytes == 0 && !source->inside;

    if (reader->rows)
        return reader->at_rest || (drained && tq__log_is_over(reader->rows));
    return reader->at_rest || (drained && reader->pieces.cursor == reader->pieces.fill && !reader->has_piece);
}

void tq_log_reader_state(const struct tq_log_reader *reader, struct tq_log_state *state)
{
    *state = (struct tq_log_state){.size = sizeof(*state), .source = reader->tool->id};
    if (!tq__log_source_is_plain(bytes_of(reader))) {
        state->offset = is_over(reader) ? bytes_of(reader)->total_bytes : 0;
    } else if (reader->rows) {
        tq__log_rows_state(reader, state);
    } else {
        state->offset = reader->has_piece ? reader->piece.offset : reader->pieces.offset;
        state->line = reader->has_piece ? reader->piece.line - 1 : reader->pieces.line;
        memcpy(state->memory, &reader->memory, sizeof(state->memory));
    }
    if (state->offset > 0) {
        state->last_hash = fingerprint(reader, state->offset);
        state->last_bytes = state->offset < LAST_BYTES ? state->offset : LAST_BYTES;
    }
}

void tq_log_reader_progress(const struct tq_log_reader *reader, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = tq__log_source_done_bytes(bytes_of(reader));
    *total_bytes = bytes_of(reader)->total_bytes;
    if (*total_bytes > 0 && *total_bytes < *done_bytes) /* it grows while it is read */
        *total_bytes = *done_bytes;
}
