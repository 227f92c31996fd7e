/* pieces.c: cuts a log that may still grow into lines, rows of CSV or JSON objects, in one bounded buffer.
 *
 * SPDX-License-Identifier: MIT
 *
 *     buffer  | given earlier | cursor: looked at | searched: not yet | fill | room |
 *
 * The buffer is small. It grows for a piece that does not fit, and shrinks afterwards: agents write whole
 * files and pictures into one line. Most lines have no usage and are skipped here. A line that is too long is
 * an error only when it contains a word that makes a line matter.
 *
 * P1: `offset` is the file offset of the cursor, without the dropped bytes of the piece there. A reader that
 * begins there later finds whole pieces.
 *
 * P2: Dropped bytes were searched together with their neighbours, so that no word is cut in two.
 *
 * P3: buffer[fill] is '\n'. A walk over a line needs no other bound.
 *
 * P4: Each byte of the log is searched once for NUL bytes and quotes, so that rows without them cost nothing.
 */
#include "pieces.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

#define BUFFER_BYTES 262144u /* for pieces of the usual size */
#define ROOM_BYTES 65536u    /* to read into, at least */
#define CARRY_BYTES 64u      /* kept of what is dropped; longer than every word that makes a piece matter */

#define BOM "\xef\xbb\xbf"

int tq__log_pieces_open(struct tq__log_pieces *pieces, struct tq__log_bytes *bytes, enum tq__log_unit unit,
                        bool (*matters)(const char *text, size_t len), struct tq_log_error *error)
{
    *pieces =
        (struct tq__log_pieces){.bytes = bytes, .unit = unit, .matters = matters, .brackets.lines = true};
    pieces->buffer = malloc(BUFFER_BYTES + 1);
    pieces->capacity = BUFFER_BYTES;
    return pieces->buffer ? 0 : tq__log_fail_memory(error);
}

void tq__log_pieces_close(struct tq__log_pieces *pieces)
{
    free(pieces->buffer);
    pieces->buffer = NULL;
}

static size_t longest(const struct tq__log_pieces *pieces)
{
    return pieces->unit == TQ__LOG_ROWS ? TQ_LOG_LINE_MAX : TQ__LOG_PIECE_MAX;
}

/* The bytes of a text without its line end. */
static size_t content(const char *text, size_t len)
{
    len -= len > 0 && text[len - 1] == '\n';
    return len - (len > 0 && text[len - 1] == '\r');
}

/* Is the text longer than `most`, without its line end? */
static bool is_above(const char *text, size_t len, size_t most)
{
    return len > most && content(text, len) > most;
}

static void note_last(struct tq__log_pieces *pieces)
{
    pieces->last.cursor = pieces->cursor;
    pieces->last.offset = pieces->offset;
    pieces->last.line = pieces->line;
    pieces->last.first_line = pieces->seen.first_line;
}

/* Moves the cursor past the last `len` bytes of the piece, which has so many line ends. */
static void consume(struct tq__log_pieces *pieces, size_t len, uint64_t lines)
{
    note_last(pieces);
    pieces->offset += pieces->seen.dropped_bytes + len;
    pieces->cursor += len;
    pieces->line += lines;
    pieces->seen = (struct tq__log_seen){0};
}

/* ---- the buffer ------------------------------------------------------------------------------ */

/* Where the first such byte is at or after `from`, or fill. */
static size_t find(const struct tq__log_pieces *pieces, char byte, size_t from)
{
    const char *at = memchr(pieces->buffer + from, byte, pieces->fill - from);

    return at ? (size_t)(at - pieces->buffer) : pieces->fill;
}

/* Is there such a byte from `from` up to `to`? *next is where the next one is, and is moved on when it is
 * before `from`. */
static bool has(const struct tq__log_pieces *pieces, size_t *next, char byte, size_t from, size_t to)
{
    if (*next < from)
        *next = find(pieces, byte, from);
    return *next < to;
}

static bool set_capacity(struct tq__log_pieces *pieces, size_t capacity)
{
    char *buffer = realloc(pieces->buffer, capacity + 1);

    if (!buffer)
        return false;
    pieces->buffer = buffer;
    pieces->capacity = capacity;
    return true;
}

static void move_to_front(struct tq__log_pieces *pieces)
{
    size_t gone = pieces->cursor;

    if (gone == 0)
        return;
    if (pieces->unit == TQ__LOG_ROWS) {
        has(pieces, &pieces->nul, '\0', gone, gone); /* neither is before the cursor now */
        has(pieces, &pieces->quote, '"', gone, gone);
        pieces->nul -= gone;
        pieces->quote -= gone;
    }
    memmove(pieces->buffer, pieces->buffer + gone, pieces->fill - gone);
    pieces->fill -= gone;
    pieces->cursor = 0;
}

/* Reads more bytes after those in the buffer. */
static int refill(struct tq__log_pieces *pieces, struct tq_log_error *error)
{
    size_t old, got, most = longest(pieces) + 2 * BUFFER_BYTES, doubled = pieces->capacity * 2;
    int answer;

    move_to_front(pieces);
    if (pieces->capacity > BUFFER_BYTES && pieces->fill < BUFFER_BYTES / 2)
        set_capacity(pieces, BUFFER_BYTES);
    if (pieces->capacity - pieces->fill < ROOM_BYTES &&
        !set_capacity(pieces, doubled < most ? doubled : most))
        return tq__log_fail_memory(error);
    old = pieces->fill;
    answer = tq__log_bytes_read(pieces->bytes, pieces->buffer + old, pieces->capacity - old, &got, error);
    pieces->fill += got;
    pieces->buffer[pieces->fill] = '\n';
    if (pieces->unit == TQ__LOG_ROWS && pieces->nul == old)
        pieces->nul = find(pieces, '\0', old);
    if (pieces->unit == TQ__LOG_ROWS && pieces->quote == old)
        pieces->quote = find(pieces, '"', old);
    return answer;
}

/* Gets more bytes for the piece at the cursor, which is not whole. Drops most of a piece that is too long. */
static int get_more(struct tq__log_pieces *pieces, struct tq_log_error *error)
{
    const char *text = pieces->buffer + pieces->cursor;
    size_t held = pieces->fill - pieces->cursor;

    if (pieces->unit == TQ__LOG_OBJECTS && pieces->brackets.depth == 0 && pieces->seen.dropped_bytes == 0) {
        consume(pieces, held, pieces->seen.ends); /* blanks between objects */
    } else if (held > longest(pieces) + 1) {      /* a line may still be without its CR */
        pieces->seen.dropped_matters |= pieces->matters(text, held);
        pieces->seen.dropped_bytes += held - CARRY_BYTES;
        pieces->cursor += held - CARRY_BYTES;
        pieces->seen.searched = CARRY_BYTES;
        pieces->seen.begin = 0;
    }
    return refill(pieces, error);
}

/* ---- where a piece ends ---------------------------------------------------------------------- */

/* These functions search the bytes that were not searched before. True when the end is found: the piece is
 * [cursor + begin, cursor + searched). False: more bytes are needed. */

static bool find_line(struct tq__log_pieces *pieces)
{
    const char *text = pieces->buffer + pieces->cursor;
    size_t held = pieces->fill - pieces->cursor;
    const char *end = memchr(text + pieces->seen.searched, '\n', held - pieces->seen.searched);

    pieces->seen.searched = end ? (size_t)(end - text) + 1 : held;
    return end != NULL;
}

static bool is_odd_quotes(const char *text, size_t len)
{
    bool odd = false;

    for (size_t i = 0; i < len; i++)
        odd ^= text[i] == '"';
    return odd;
}

/* Makes the bytes after the cursor count as not searched. */
static void look_again(struct tq__log_pieces *pieces)
{
    pieces->seen = (struct tq__log_seen){0};
    pieces->nul = find(pieces, '\0', pieces->cursor);
    pieces->quote = find(pieces, '"', pieces->cursor);
}

/* Ends the row after its first line, because its quote is closed too late or never. */
static bool end_at_first_line(struct tq__log_pieces *pieces)
{
    size_t first_line = pieces->seen.first_line;

    look_again(pieces);
    pieces->seen.searched = pieces->seen.first_line = first_line;
    pieces->seen.ends = 1;
    pieces->seen.has_quote = pieces->seen.is_open = true;
    return true;
}

/* A row ends with the line that closes its last quote. A row that is too long by then, or has a NUL byte,
 * ends with its first line; each of the following lines then begins a row. */
static bool find_row(struct tq__log_pieces *pieces)
{
    for (;;) {
        const char *text = pieces->buffer + pieces->cursor;
        size_t from = pieces->seen.searched;
        bool found = find_line(pieces), too_long = is_above(text, pieces->seen.searched, TQ_LOG_LINE_MAX);
        size_t begin = pieces->cursor + from, behind = pieces->cursor + pieces->seen.searched;

        pieces->seen.ends += found;
        pieces->seen.has_nul |= has(pieces, &pieces->nul, '\0', begin, behind);
        if (has(pieces, &pieces->quote, '"', begin, behind)) {
            pieces->seen.has_quote = true;
            pieces->seen.is_open ^= pieces->joins && is_odd_quotes(text + from, pieces->seen.searched - from);
        }
        if (pieces->seen.first_line > 0 && (too_long || pieces->seen.has_nul))
            return end_at_first_line(pieces);
        if (!found)
            return false;
        if (pieces->seen.first_line == 0)
            pieces->seen.first_line = pieces->seen.searched;
        if (!pieces->seen.is_open || too_long || pieces->seen.has_nul || pieces->seen.dropped_bytes > 0)
            return true;
    }
}

static bool find_end(struct tq__log_pieces *pieces)
{
    if (pieces->unit == TQ__LOG_OBJECTS)
        return tq__log_find_object(pieces);
    return pieces->unit == TQ__LOG_LINES ? find_line(pieces) : find_row(pieces);
}

/* ---- giving ---------------------------------------------------------------------------------- */

/* Fills piece with the bytes up to where the search is. */
static void fill_piece(struct tq__log_pieces *pieces, struct tq__log_piece *piece)
{
    piece->text = pieces->buffer + pieces->cursor + pieces->seen.begin;
    piece->len = pieces->seen.searched - pieces->seen.begin;
    piece->offset = pieces->offset + pieces->seen.begin;
    piece->line = pieces->line + pieces->seen.begin_ends + 1;
    piece->half = false;
    piece->has_nul = pieces->seen.has_nul;
    piece->has_quote = pieces->seen.has_quote;
    piece->is_open = pieces->seen.is_open;
    if (pieces->unit == TQ__LOG_ROWS)
        piece->len = content(piece->text, piece->len);
    if (pieces->offset == 0 && pieces->seen.dropped_bytes == 0 && piece->len >= strlen(BOM) &&
        memcmp(piece->text, BOM, strlen(BOM)) == 0) {
        piece->text += strlen(BOM);
        piece->len -= strlen(BOM);
    }
}

/* Gives the piece that ends where the search is, or skips it. */
static int give(struct tq__log_pieces *pieces, struct tq__log_piece *piece, struct tq_log_error *error)
{
    bool too_long, broken = pieces->seen.broken, matters = pieces->seen.dropped_matters;

    fill_piece(pieces, piece);
    too_long = pieces->seen.dropped_bytes > 0 || is_above(piece->text, piece->len, longest(pieces));
    matters = matters || pieces->matters(piece->text, piece->len);
    consume(pieces, pieces->seen.searched, pieces->unit == TQ__LOG_LINES ? 1 : pieces->seen.ends);
    if (!matters)
        return TQ__LOG_NOTHING;
    if (too_long)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "%s is longer than %zu bytes",
                            pieces->unit == TQ__LOG_ROWS ? "the line" : "it", longest(pieces));
    if (broken)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "the object is cut off by the next one");
    if (piece->has_nul)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "the line has a NUL byte");
    return TQ_LOG_RECORD;
}

bool tq__log_pieces_wait(const struct tq__log_pieces *pieces)
{
    return !pieces->final && pieces->seen.is_open && pieces->seen.first_line > 0;
}

/* Gives the rest at the end of the log: a line without its end, or, when a quote stays open, the first of
 * several lines. In a log that may grow, the quote may still be closed. */
static int give_rest(struct tq__log_pieces *pieces, struct tq__log_piece *piece, struct tq_log_error *error)
{
    size_t held = pieces->fill - pieces->cursor;

    if (pieces->final && pieces->seen.is_open && pieces->seen.first_line > 0) {
        end_at_first_line(pieces);
        return give(pieces, piece, error);
    }
    if (pieces->unit == TQ__LOG_OBJECTS || held == 0)
        return TQ_LOG_END;
    if (pieces->final) {
        pieces->seen.ends++;
        return give(pieces, piece, error);
    }
    if (pieces->seen.dropped_bytes > 0)
        return TQ_LOG_END;
    fill_piece(pieces, piece);
    piece->half = true;
    note_last(pieces);
    return pieces->matters(piece->text, piece->len) ? TQ_LOG_RECORD : TQ_LOG_END;
}

/* Gives a row that is whole in the buffer and has neither quotes nor NUL bytes, as nearly all rows. False,
 * with nothing done: find_row must search. */
static bool give_plain_row(struct tq__log_pieces *pieces, struct tq__log_piece *piece)
{
    char *text = pieces->buffer + pieces->cursor, *end = NULL;
    size_t stop = pieces->nul < pieces->quote ? pieces->nul : pieces->quote;

    if (pieces->unit == TQ__LOG_ROWS && pieces->seen.searched == 0 && pieces->offset > 0 &&
        stop > pieces->cursor)
        end = memchr(text, '\n', stop - pieces->cursor);
    if (!end || end - text >= TQ_LOG_LINE_MAX)
        return false;
    note_last(pieces);
    pieces->cursor += (size_t)(end - text) + 1;
    pieces->offset += (uint64_t)(end - text) + 1;
    pieces->line++;
    *piece = (struct tq__log_piece){
        .text = text,
        .len = content(text, (size_t)(end - text) + 1),
        .offset = pieces->last.offset,
        .line = pieces->line,
    };
    return true;
}

int tq__log_pieces_next(struct tq__log_pieces *pieces, struct tq__log_piece *piece,
                        struct tq_log_error *error)
{
    int answer = TQ__LOG_NOTHING;

    while (answer == TQ__LOG_NOTHING) {
        if (give_plain_row(pieces, piece)) {
            answer = pieces->matters(piece->text, piece->len) ? TQ_LOG_RECORD : TQ__LOG_NOTHING;
            continue;
        }
        if (find_end(pieces)) {
            answer = give(pieces, piece, error);
            continue;
        }
        answer = get_more(pieces, error);
        if (answer == TQ_LOG_END)
            answer = give_rest(pieces, piece, error);
        else if (answer == TQ_LOG_RECORD)
            answer = TQ__LOG_NOTHING;
    }
    return answer;
}

int tq__log_pieces_peek(struct tq__log_pieces *pieces, struct tq__span *line, struct tq_log_error *error)
{
    int answer = TQ_LOG_RECORD;
    size_t bom;

    while (answer == TQ_LOG_RECORD && pieces->fill < BUFFER_BYTES / 2 &&
           find(pieces, '\n', 0) == pieces->fill)
        answer = refill(pieces, error);
    if (answer == TQ_LOG_BROKEN)
        return answer;
    bom = pieces->fill >= strlen(BOM) && memcmp(pieces->buffer, BOM, strlen(BOM)) == 0 ? strlen(BOM) : 0;
    line->at = pieces->buffer + bom;
    line->len = content(line->at, find(pieces, '\n', bom) - bom);
    return find(pieces, '\n', bom) < pieces->fill ? TQ_LOG_RECORD : TQ_LOG_END;
}

void tq__log_pieces_cut_rows(struct tq__log_pieces *pieces, bool (*matters)(const char *text, size_t len))
{
    pieces->unit = TQ__LOG_ROWS;
    pieces->joins = true;
    pieces->matters = matters;
    look_again(pieces);
}

void tq__log_pieces_again(struct tq__log_pieces *pieces)
{
    pieces->cursor = pieces->last.cursor;
    pieces->offset = pieces->last.offset;
    pieces->line = pieces->last.line;
    look_again(pieces);
}

bool tq__log_pieces_split(struct tq__log_pieces *pieces)
{
    size_t first_line = pieces->last.first_line;

    if (first_line == 0) /* it is the only line */
        return false;
    tq__log_pieces_again(pieces);
    consume(pieces, first_line, 1);
    look_again(pieces);
    return true;
}

void tq__log_pieces_seek(struct tq__log_pieces *pieces, uint64_t offset, uint64_t line)
{
    pieces->cursor = pieces->fill = pieces->nul = pieces->quote = 0;
    consume(pieces, 0, 0);
    pieces->brackets = (struct tq__brackets){.lines = true};
    pieces->offset = offset;
    pieces->line = line;
}

void tq__log_pieces_keep(struct tq__log_pieces *pieces)
{
    consume(pieces, pieces->fill - pieces->cursor, pieces->seen.ends);
}
