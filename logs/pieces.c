/* pieces.c: cuts a log that may still grow into lines, rows of CSV or JSON objects, in one bounded buffer.
 *
 * SPDX-License-Identifier: MIT
 *
 *     buffer  | given earlier | cursor: looked at | searched: not yet | fill | room |
 *
 * The buffer is small, grows for a piece that does not fit, up to the longest piece and what is read behind it, and
 * shrinks afterwards: agents write whole files and pictures into one line. Most lines tell of no usage. They are passed
 * over here, and a line that is too long is an error only when it has in it what makes a line matter.
 *
 *   P1  offset is where the cursor is in the file, without what was dropped of the piece there: a reader that begins
 *       there later finds whole pieces.
 *   P2  What was dropped was asked whether it matters together with its neighbours, so that no word is cut in two.
 *   P3  buffer[fill] is '\n': a walk over a line needs no other bound.
 *   P4  nul and quote are searched once for each byte of the log: rows without them cost nothing by the row.
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
    *pieces = (struct tq__log_pieces){.bytes = bytes, .unit = unit, .matters = matters, .brackets.lines = true};
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

static void note_last(struct tq__log_pieces *pieces)
{
    pieces->last.cursor = pieces->cursor;
    pieces->last.offset = pieces->offset;
    pieces->last.line = pieces->line;
    pieces->last.first_line = pieces->first_line;
}

/* Moves the cursor over len bytes, the rest of the piece there, which has so many line ends. */
static void consume(struct tq__log_pieces *pieces, size_t len, uint64_t lines)
{
    note_last(pieces);
    pieces->offset += pieces->dropped_bytes + len;
    pieces->cursor += len;
    pieces->line += lines;
    pieces->searched = pieces->begin = pieces->first_line = 0;
    pieces->ends = pieces->begin_ends = 0;
    pieces->dropped_bytes = 0;
    pieces->dropped_matters = pieces->broken = pieces->is_open = false;
}

/* ---- the buffer ------------------------------------------------------------------------------------- */

/* The first such byte at or behind `from`, or fill. */
static size_t find(const struct tq__log_pieces *pieces, char byte, size_t from)
{
    const char *at = memchr(pieces->buffer + from, byte, pieces->fill - from);

    return at ? (size_t)(at - pieces->buffer) : pieces->fill;
}

/* Is there such a byte between the two places? *next is where the next one is, as far as it was searched for. */
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

/* Twice as much, but no more than the longest piece and what is read behind it. */
static size_t grown(const struct tq__log_pieces *pieces)
{
    size_t most = longest(pieces) + 2 * BUFFER_BYTES;

    return pieces->capacity < most / 2 ? pieces->capacity * 2 : most;
}

static void move_to_front(struct tq__log_pieces *pieces)
{
    size_t gone = pieces->cursor;

    if (gone == 0)
        return;
    if (pieces->unit == TQ__LOG_ROWS) {
        has(pieces, &pieces->nul, '\0', gone, gone); /* neither is behind the cursor now */
        has(pieces, &pieces->quote, '"', gone, gone);
        pieces->nul -= gone;
        pieces->quote -= gone;
    }
    memmove(pieces->buffer, pieces->buffer + gone, pieces->fill - gone);
    pieces->fill -= gone;
    pieces->cursor = 0;
}

/* Reads behind the bytes that are held. */
static int refill(struct tq__log_pieces *pieces, struct tq_log_error *error)
{
    size_t old, got;
    int answer;

    move_to_front(pieces);
    if (pieces->capacity > BUFFER_BYTES && pieces->fill < BUFFER_BYTES / 2)
        set_capacity(pieces, BUFFER_BYTES);
    if (pieces->capacity - pieces->fill < ROOM_BYTES && !set_capacity(pieces, grown(pieces)))
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

/* Gets more bytes, when the piece at the cursor is not whole. */
static int get_more(struct tq__log_pieces *pieces, struct tq_log_error *error)
{
    const char *text = pieces->buffer + pieces->cursor;
    size_t held = pieces->fill - pieces->cursor;

    if (pieces->unit == TQ__LOG_OBJECTS && pieces->brackets.depth == 0 && pieces->dropped_bytes == 0) {
        consume(pieces, held, pieces->ends); /* blanks between objects */
    } else if (held > longest(pieces) + 1) { /* a line may still be without its CR */
        pieces->dropped_matters |= pieces->matters(text, held);
        pieces->dropped_bytes += held - CARRY_BYTES;
        pieces->cursor += held - CARRY_BYTES;
        pieces->searched = CARRY_BYTES;
        pieces->begin = 0;
    }
    return refill(pieces, error);
}

/* ---- where a piece ends ----------------------------------------------------------------------------- */

/* These look at the bytes that have not been looked at. True when the end is found: the piece is
 * [cursor + begin, cursor + searched). False: more bytes are needed. */

static bool find_line(struct tq__log_pieces *pieces)
{
    const char *text = pieces->buffer + pieces->cursor;
    size_t held = pieces->fill - pieces->cursor;
    const char *end = memchr(text + pieces->searched, '\n', held - pieces->searched);

    pieces->searched = end ? (size_t)(end - text) + 1 : held;
    return end != NULL;
}

static bool is_odd_quotes(const char *text, size_t len)
{
    bool odd = false;

    for (size_t i = 0; i < len; i++)
        odd ^= text[i] == '"';
    return odd;
}

/* Takes the first line alone, which was seen: its quote is closed too late or never. */
static bool end_at_first_line(struct tq__log_pieces *pieces)
{
    pieces->searched = pieces->first_line;
    pieces->ends = 1;
    pieces->is_open = true;
    pieces->quote = find(pieces, '"', pieces->cursor);
    return true;
}

/* A row ends with the line that closes its last quote. One that is too long by then, or has a NUL byte, ends with its
 * first line, and the lines behind it are rows of their own. */
static bool find_row(struct tq__log_pieces *pieces)
{
    for (;;) {
        const char *text = pieces->buffer + pieces->cursor;
        size_t from = pieces->searched;
        bool found = find_line(pieces), too_long = content(text, pieces->searched) > TQ_LOG_LINE_MAX;
        size_t begin = pieces->cursor, behind = begin + pieces->searched;

        pieces->ends += found;
        if (pieces->joins && has(pieces, &pieces->quote, '"', begin + from, behind))
            pieces->is_open ^= is_odd_quotes(text + from, pieces->searched - from);
        if (pieces->first_line > 0 && (too_long || has(pieces, &pieces->nul, '\0', begin, behind)))
            return end_at_first_line(pieces);
        if (!found)
            return false;
        if (pieces->first_line == 0)
            pieces->first_line = pieces->searched;
        if (!pieces->is_open || too_long || pieces->dropped_bytes > 0 ||
            has(pieces, &pieces->nul, '\0', begin, behind))
            return true;
    }
}

/* Can a value begin behind what is in front of `at`? */
static bool takes_value(const char *text, const char *at)
{
    while (at > text && (at[-1] == ' ' || at[-1] == '\n' || at[-1] == '\r' || at[-1] == '\t'))
        at--;
    return at > text && (at[-1] == ',' || at[-1] == '[' || at[-1] == ':');
}

/* An object that begins at the start of a line, where the one before can have no value, tells that the writer of that
 * one was killed: what is there of it is one bad object, and all that follow are read. A line end closes a string for
 * the same reason: there can be none in it. What stands between objects is passed over. */
static bool find_object(struct tq__log_pieces *pieces)
{
    struct tq__brackets *brackets = &pieces->brackets;
    const char *text = pieces->buffer + pieces->cursor, *end = pieces->buffer + pieces->fill;
    const char *at = text + pieces->searched;

    while (at < end) {
        if (brackets->depth == 0) {
            for (; at < end && *at != '{'; at++)
                pieces->ends += *at == '\n';
            if (at == end)
                break;
            pieces->begin = (size_t)(at - text);
            pieces->begin_ends = pieces->ends;
        } else if (!brackets->in_string && *at == '{' && at[-1] == '\n' && !takes_value(text, at)) {
            pieces->broken = true;
            brackets->depth = 0;
        }
        if (!pieces->broken)
            at = tq__brackets_skip(brackets, at, end);
        if (brackets->depth == 0) {
            pieces->searched = (size_t)(at - text);
            return true;
        }
        if (at < end) { /* at a line end */
            pieces->ends += *at == '\n';
            brackets->in_string &= *at != '\n';
            brackets->escaped = false;
            at++;
        }
    }
    pieces->searched = (size_t)(end - text);
    return false;
}

static bool find_end(struct tq__log_pieces *pieces)
{
    switch (pieces->unit) {
    case TQ__LOG_LINES:
        return find_line(pieces);
    case TQ__LOG_OBJECTS:
        return find_object(pieces);
    default:
        return find_row(pieces);
    }
}

/* ---- giving ----------------------------------------------------------------------------------------- */

/* Fills piece with the bytes that end where the search has come to. */
static void fill_piece(struct tq__log_pieces *pieces, struct tq__log_piece *piece)
{
    size_t from = pieces->cursor + pieces->begin, to = pieces->cursor + pieces->searched;
    bool rows = pieces->unit == TQ__LOG_ROWS;

    *piece = (struct tq__log_piece){
        .text = pieces->buffer + from,
        .len = to - from,
        .offset = pieces->offset + pieces->begin,
        .line = pieces->line + pieces->begin_ends + 1,
        .has_quote = rows && has(pieces, &pieces->quote, '"', from, to),
        .is_open = rows && pieces->is_open,
    };
    if (pieces->offset == 0 && pieces->dropped_bytes == 0 && piece->len >= strlen(BOM) &&
        memcmp(piece->text, BOM, strlen(BOM)) == 0) {
        piece->text += strlen(BOM);
        piece->len -= strlen(BOM);
    }
}

/* Gives the piece that ends where the search has come to, or passes it over. */
static int give(struct tq__log_pieces *pieces, struct tq__log_piece *piece, struct tq_log_error *error)
{
    bool too_long, has_nul, broken = pieces->broken, matters = pieces->dropped_matters;
    size_t from = pieces->cursor, to = from + pieces->searched;

    fill_piece(pieces, piece);
    too_long = pieces->dropped_bytes > 0 || content(piece->text, piece->len) > longest(pieces);
    has_nul = pieces->unit == TQ__LOG_ROWS && has(pieces, &pieces->nul, '\0', from, to);
    matters = matters || pieces->matters(piece->text, piece->len);
    consume(pieces, pieces->searched, pieces->unit == TQ__LOG_LINES ? 1 : pieces->ends);
    if (!matters)
        return TQ__LOG_NOTHING;
    if (too_long)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0,
                            pieces->unit == TQ__LOG_ROWS ? "the line is longer than %zu bytes"
                                                         : "it is longer than %zu bytes",
                            longest(pieces));
    if (broken)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "the object is cut off by the next one");
    if (has_nul)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "the line has a NUL byte");
    return TQ_LOG_RECORD;
}

/* Gives what is left at the end: a line without its end, or, where a quote stays open, the first of some lines. */
static int give_rest(struct tq__log_pieces *pieces, struct tq__log_piece *piece, struct tq_log_error *error)
{
    size_t held = pieces->fill - pieces->cursor;

    if (pieces->is_open && pieces->first_line > 0) {
        end_at_first_line(pieces);
        return give(pieces, piece, error);
    }
    if (pieces->unit == TQ__LOG_OBJECTS || held == 0)
        return TQ_LOG_END;
    if (pieces->final) {
        pieces->ends++;
        return give(pieces, piece, error);
    }
    if (pieces->dropped_bytes > 0)
        return TQ_LOG_END;
    fill_piece(pieces, piece);
    piece->half = true;
    note_last(pieces);
    return pieces->matters(piece->text, piece->len) ? TQ_LOG_RECORD : TQ_LOG_END;
}

int tq__log_pieces_next(struct tq__log_pieces *pieces, struct tq__log_piece *piece,
                        struct tq_log_error *error)
{
    int answer = TQ__LOG_NOTHING;

    while (answer == TQ__LOG_NOTHING) {
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

void tq__log_pieces_again(struct tq__log_pieces *pieces)
{
    pieces->cursor = pieces->last.cursor;
    pieces->offset = pieces->last.offset;
    pieces->line = pieces->last.line;
    pieces->nul = find(pieces, '\0', pieces->cursor);
    pieces->quote = find(pieces, '"', pieces->cursor);
    /* What was looked at behind it is looked at again. */
    pieces->searched = pieces->first_line = 0;
    pieces->ends = 0;
    pieces->is_open = false;
}

void tq__log_pieces_split(struct tq__log_pieces *pieces)
{
    size_t first_line = pieces->last.first_line;

    if (first_line == 0) /* it has no line end: it is the only line */
        return;
    tq__log_pieces_again(pieces);
    consume(pieces, first_line, 1);
    pieces->quote = find(pieces, '"', pieces->cursor);
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
    consume(pieces, pieces->fill - pieces->cursor, pieces->ends);
}
