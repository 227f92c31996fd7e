/* stream.c: reads a log that is cut into pieces: where its entries begin, go on and end.
 *
 * SPDX-License-Identifier: MIT
 *
 * A file is the same as before when it is not shorter than the offset, and when its first bytes and the bytes
 * before the offset have not changed. Logs only grow. A log that was truncated, replaced or rewritten is read
 * from its start; keys prevent that a response is counted twice. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "reader.h"

#define LAST_BYTES 256 /* at either end, which identify a file */

/* ---- is it still the same file? -------------------------------------------------------------------- */

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

/* A hash that identifies the file up to offset; 0 when the file is shorter. */
static uint64_t fingerprint(const struct tq_log_reader *reader, uint64_t offset)
{
    struct tq__log_hash hash = tq__log_hash_begin(reader->tool->id, "file");
    size_t len = offset < LAST_BYTES ? (size_t)offset : LAST_BYTES;
    int fd = reader->bytes.fd;

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

/* ---- open ---------------------------------------------------------------------------------- */

/* Looks at the first line of a tool's log that may be a table; 0 or TQ_LOG_BROKEN. A line without an end may
 * be half of a header, unless the log cannot grow or there is an object in it. */
static int begin_columns(struct tq_log_reader *reader, struct tq_log_error *error)
{
    const struct tq_log_source *tool = reader->tool;
    struct tq__span line;
    int answer = tq__log_pieces_peek(&reader->pieces, &line, error);

    if (answer == TQ_LOG_BROKEN)
        return answer;
    line = tq__span_trim(line);
    reader->undecided = answer == TQ_LOG_END && tq__log_bytes_are_plain(&reader->bytes) &&
                        line.len < TQ_LOG_LINE_MAX / 8 && (line.len == 0 || !memchr(line.at, '{', line.len));
    if (answer == TQ_LOG_END)
        return 0;
    if ((tq__log_columns_begin(&reader->csv, line, tool->columns) & tool->columns_needed) ==
        tool->columns_needed)
        tq__log_pieces_cut_rows(&reader->pieces, tq__log_rows_matters);
    else
        reader->csv.count = 0;
    return 0;
}

/* Begins to cut the bytes into pieces; 0 or TQ_LOG_BROKEN. */
static int begin_pieces(struct tq_log_reader *reader, bool final, struct tq_log_error *error)
{
    const struct tq_log_source *tool = reader->tool;
    int answer = tq__log_pieces_open(&reader->pieces, &reader->bytes, tool->unit, tool->matters, error);

    if (answer != 0)
        return answer;
    if (tool->columns)
        return begin_columns(reader, error);
    if (tool->unit != TQ__LOG_ROWS)
        return 0;
    reader->pieces.final = final || !tq__log_bytes_are_plain(&reader->bytes);
    return tq__log_rows_begin(&reader->rows, &reader->pieces, error);
}

static int open_stream(struct tq_log_reader *reader, const struct tq__log_given *given,
                       struct tq_log_error *error)
{
    int answer = given->path ? tq__log_bytes_open(&reader->bytes, given->path, error)
                             : tq__log_bytes_open_memory(&reader->bytes, given->data, given->len, error);

    return answer == 0 ? begin_pieces(reader, given->final, error) : answer;
}

static void close_stream(struct tq_log_reader *reader)
{
    tq__log_pieces_close(&reader->pieces);
    tq__log_bytes_close(&reader->bytes);
}

/* Has the source read the head of the file again, which has what does not fit in a state. Bad lines there
 * were reported before. */
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

static int resume(struct tq_log_reader *reader, const struct tq_log_state *state, int *restarted,
                  struct tq_log_error *error)
{
    if (!is_same_file(reader, state)) {
        *restarted = 1;
        return 0;
    }
    if (!tq__log_bytes_are_plain(&reader->bytes)) {
        reader->at_rest = state->offset == reader->bytes.total_bytes;
        *restarted = !reader->at_rest;
        return 0;
    }
    memcpy(&reader->memory, state->memory, sizeof(reader->memory));
    if (reader->tool->head && read_head(reader, state->offset, error) != 0)
        return TQ_LOG_BROKEN;
    reader->skip = reader->memory.given;
    reader->memory.given = 0;
    tq__log_pieces_seek(&reader->pieces, state->offset, state->line);
    return tq__log_bytes_seek(&reader->bytes, state->offset, error);
}

/* ---- read ---------------------------------------------------------------------------------- */

/* Has the source read the next entry of the piece. */
static int read_piece(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_memory memory = reader->memory;
    int answer;

    entry->line = reader->piece.line;
    reader->more = false;
    answer = reader->tool->read(reader, &reader->piece, entry, error);
    /* A reader that goes on later meets what broke this one again, rather than what is behind it. */
    reader->has_piece = answer == TQ_LOG_BROKEN || (answer != TQ__LOG_NOTHING && reader->more);
    reader->memory.given = reader->has_piece ? memory.given + (answer != TQ_LOG_BROKEN) : 0;
    if (!reader->piece.half)
        return answer;
    /* A sound line without its line end is whole, and may never get a line end. */
    if (answer == TQ_LOG_RECORD) {
        tq__log_pieces_keep(&reader->pieces);
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
        reader->begun = false;
    }
    answer = read_piece(reader, entry, error);
    if (!reader->has_piece)
        reader->skip = 0; /* it counted entries of this piece */
    if (answer > TQ_LOG_RECORD || answer == TQ_LOG_BROKEN || reader->skip == 0)
        return answer;
    reader->skip--;
    return TQ__LOG_NOTHING;
}

/* Tells once of rows at the end of the log that wait for the end of a quote: if the quote is a fault, nobody
 * would miss them otherwise. */
static int tell_of_waiting(struct tq_log_reader *reader, struct tq_log_error *error)
{
    uint64_t line = reader->pieces.line + 1;

    if (!tq__log_pieces_wait(&reader->pieces) || reader->told_line == line)
        return TQ_LOG_END;
    reader->told_line = line;
    return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0,
                        "a quoted field is not closed; the rows from here on wait for its end");
}

/* Looks again at the format of a log that was empty when it was opened; 0 or TQ_LOG_BROKEN. */
static int begin_rows(struct tq_log_reader *reader, struct tq_log_error *error)
{
    if (reader->tool->unit != TQ__LOG_ROWS || reader->rows.format != TQ__LOG_EMPTY_LOG)
        return 0;
    return tq__log_rows_begin(&reader->rows, &reader->pieces, error);
}

static int next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    int answer;

    if (reader->at_rest)
        return TQ_LOG_END;
    answer = begin_rows(reader, error);
    if (reader->undecided)
        answer = begin_columns(reader, error);
    if (reader->undecided) {
        tq__log_bytes_again(&reader->bytes);
        return TQ_LOG_END;
    }
    if (answer == 0)
        answer = step(reader, entry, error);
    if (answer != TQ_LOG_END)
        return answer;
    tq__log_bytes_again(&reader->bytes);
    return tell_of_waiting(reader, error);
}

/* ---- where it is --------------------------------------------------------------------------- */

/* Was a compressed file read to its end? Its only places are its start and its end. */
static bool is_over(const struct tq_log_reader *reader)
{
    return reader->at_rest || (tq__log_bytes_are_over(&reader->bytes) &&
                               reader->pieces.cursor == reader->pieces.fill && !reader->has_piece);
}

static void note_state(const struct tq_log_reader *reader, struct tq_log_state *state)
{
    if (!tq__log_bytes_are_plain(&reader->bytes)) {
        state->offset = is_over(reader) ? reader->bytes.total_bytes : 0;
    } else if (!reader->tool->whole) {
        state->offset = reader->has_piece ? reader->piece.offset : reader->pieces.offset;
        state->line = reader->has_piece ? reader->piece.line - 1 : reader->pieces.line;
        memcpy(state->memory, &reader->memory, sizeof(state->memory));
    }
    if (state->offset > 0) {
        state->last_hash = fingerprint(reader, state->offset);
        state->last_bytes = state->offset < LAST_BYTES ? state->offset : LAST_BYTES;
    }
}

static void progress(const struct tq_log_reader *reader, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = tq__log_bytes_done(&reader->bytes);
    *total_bytes = reader->bytes.total_bytes;
}

const struct tq__log_form tq__log_in_pieces = {
    .open = open_stream,
    .resume = resume,
    .next = next,
    .state = note_state,
    .progress = progress,
    .close = close_stream,
};
