/* pieces.c: lines, or JSON objects, out of the bytes of a log that may still grow, in one bounded buffer.
 *
 * SPDX-License-Identifier: MIT
 *
 *     buffer  | given earlier | cursor: looked at | searched: not yet | fill | room |
 *
 * The buffer is small, grows for a piece that does not fit, up to TQ__LOG_PIECE_MAX, and shrinks behind it:
 * agents write whole files and pictures into one line. Most lines tell of no usage: those are passed over
 * here, and a line that is too long is an error only when there is in it what makes a line matter.
 *
 *   P1  offset is where the cursor is in the file, less what was dropped of the piece there: whoever keeps it
 * and begins there finds whole pieces; P2  what was dropped was asked whether it matters together with its
 * neighbours, so that no word is cut in two.
 */
#include "tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES 262144u /* for pieces of the usual size */
#define ROOM_BYTES 65536u    /* to read into, at least */
#define CARRY_BYTES 64u      /* kept of what is dropped; longer than every word that makes a piece matter */

#define BOM "\xef\xbb\xbf"

int tq__log_pieces_open(struct tq__log_pieces *pieces, struct tq__log_source *source, int unit,
                        struct tq_log_error *error)
{
    *pieces = (struct tq__log_pieces){.source = source, .unit = unit, .capacity = BUFFER_BYTES};
    pieces->buffer = malloc(BUFFER_BYTES);
    if (!pieces->buffer)
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, ENOMEM, "not enough memory");
    return 0;
}

void tq__log_pieces_close(struct tq__log_pieces *pieces)
{
    free(pieces->buffer);
    pieces->buffer = NULL;
}

/* Moves the cursor over len bytes, the rest of the piece there; lines is how many line ends the piece had. */
static void consume(struct tq__log_pieces *pieces, size_t len, uint64_t lines)
{
    pieces->offset += pieces->dropped_bytes + len;
    pieces->cursor += len;
    pieces->line += lines;
    pieces->searched = pieces->begin = 0;
    pieces->ends = pieces->begin_ends = 0;
    pieces->dropped_bytes = 0;
    pieces->dropped_matters = pieces->broken = false;
}

static bool set_capacity(struct tq__log_pieces *pieces, size_t capacity)
{
    char *buffer = realloc(pieces->buffer, capacity);

    if (!buffer)
        return false;
    pieces->buffer = buffer;
    pieces->capacity = capacity;
    return true;
}

/* Twice as much, but no more than the longest piece and what is read behind it. */
static size_t grown(size_t capacity)
{
    size_t most = TQ__LOG_PIECE_MAX + 2 * BUFFER_BYTES;

    return capacity < most / 2 ? capacity * 2 : most;
}

/* Reads behind what is there, after moving what is still needed to the front. */
static int refill(struct tq__log_pieces *pieces, struct tq_log_error *error)
{
    size_t got;
    int answer;

    if (pieces->cursor > 0) {
        memmove(pieces->buffer, pieces->buffer + pieces->cursor, pieces->fill - pieces->cursor);
        pieces->fill -= pieces->cursor;
        pieces->cursor = 0;
    }
    if (pieces->capacity > BUFFER_BYTES && pieces->fill < BUFFER_BYTES / 2)
        set_capacity(pieces, BUFFER_BYTES);
    if (pieces->capacity - pieces->fill < ROOM_BYTES && !set_capacity(pieces, grown(pieces->capacity)))
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, ENOMEM, "not enough memory");
    answer = tq__log_source_read(pieces->source, pieces->buffer + pieces->fill,
                                 pieces->capacity - pieces->fill, &got, error);
    pieces->fill += got;
    return answer;
}

/* Gets more bytes, when the piece at the cursor is not whole. */
static int get_more(struct tq__log_pieces *pieces, struct tq_log_error *error)
{
    const char *text = pieces->buffer + pieces->cursor;
    size_t held = pieces->fill - pieces->cursor;

    if (pieces->unit == TQ__LOG_OBJECTS && pieces->depth == 0 && pieces->dropped_bytes == 0) {
        consume(pieces, held, pieces->ends); /* blanks between objects */
    } else if (held > TQ__LOG_PIECE_MAX) {
        pieces->dropped_matters |= pieces->matters(text, held);
        pieces->dropped_bytes += held - CARRY_BYTES;
        pieces->cursor += held - CARRY_BYTES;
        pieces->searched = CARRY_BYTES;
        pieces->begin = 0;
    }
    return refill(pieces, error);
}

static bool find_line(struct tq__log_pieces *pieces)
{
    const char *text = pieces->buffer + pieces->cursor;
    size_t held = pieces->fill - pieces->cursor;
    const char *end = memchr(text + pieces->searched, '\n', held - pieces->searched);

    pieces->searched = end ? (size_t)(end - text) + 1 : held;
    return end != NULL;
}

/* Gives the piece that ends where the search has come to, or passes it over. */
static int give(struct tq__log_pieces *pieces, struct tq__log_piece *piece, struct tq_log_error *error)
{
    const char *text = pieces->buffer + pieces->cursor + pieces->begin;
    size_t len = pieces->searched - pieces->begin;
    uint64_t lines = pieces->unit == TQ__LOG_LINES ? 1 : pieces->ends;
    bool dropped = pieces->dropped_bytes > 0, broken = pieces->broken;
    bool too_long = dropped || len > TQ__LOG_PIECE_MAX + 1;
    bool matters;

    if (pieces->offset == 0 && !dropped && len >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0) {
        text += strlen(BOM);
        len -= strlen(BOM);
    }
    matters = pieces->dropped_matters || pieces->matters(text, len);
    *piece = (struct tq__log_piece){.text = text,
                                    .len = len,
                                    .offset = pieces->offset + pieces->begin,
                                    .line = pieces->line + pieces->begin_ends + 1};
    consume(pieces, pieces->searched, lines);
    if (!matters)
        return TQ__LOG_NOTHING;
    if (too_long)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "it is longer than %u bytes",
                            TQ__LOG_PIECE_MAX);
    if (broken)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "the object is cut off by the next one");
    return TQ_LOG_RECORD;
}

/* The line at the end, which has no end yet. */
static bool give_half(struct tq__log_pieces *pieces, struct tq__log_piece *piece)
{
    const char *text = pieces->buffer + pieces->cursor;
    size_t len = pieces->fill - pieces->cursor;

    if (pieces->unit != TQ__LOG_LINES || len == 0 || pieces->dropped_bytes > 0 || !pieces->matters(text, len))
        return false;
    *piece = (struct tq__log_piece){
        .text = text, .len = len, .offset = pieces->offset, .line = pieces->line + 1, .half = true};
    return true;
}

int tq__log_pieces_next(struct tq__log_pieces *pieces, struct tq__log_piece *piece,
                        struct tq_log_error *error)
{
    int answer;

    for (;;) {
        if (pieces->unit == TQ__LOG_LINES ? find_line(pieces) : tq__log_objects_find(pieces)) {
            answer = give(pieces, piece, error);
            if (answer != TQ__LOG_NOTHING)
                return answer;
            continue;
        }
        answer = get_more(pieces, error);
        if (answer == TQ_LOG_END && give_half(pieces, piece))
            return TQ_LOG_RECORD;
        if (answer != TQ_LOG_RECORD)
            return answer;
    }
}

void tq__log_pieces_seek(struct tq__log_pieces *pieces, uint64_t offset, uint64_t line)
{
    consume(pieces, 0, 0);
    pieces->cursor = pieces->fill = 0;
    pieces->depth = 0;
    pieces->in_string = pieces->escaped = false;
    pieces->offset = offset;
    pieces->line = line;
}

void tq__log_pieces_keep(struct tq__log_pieces *pieces, const struct tq__log_piece *piece)
{
    consume(pieces, piece->len, 0);
}
