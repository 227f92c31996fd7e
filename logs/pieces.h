/* pieces.h: the pieces that a log is cut into: lines, rows of CSV, or JSON objects one after the other.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_PIECES_H
#define TQ_LOGS_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "bytes.h"

#define TQ__LOG_PIECE_MAX (16u << 20) /* bytes of a line or an object of a tool's log */
#define TQ__LOG_NOTHING 2             /* an answer of readers: a piece has no (further) usage */

enum tq__log_unit {
    TQ__LOG_LINES,
    TQ__LOG_OBJECTS,
    TQ__LOG_ROWS, /* lines of CSV or JSONL, short ones; those with a NUL byte are bad */
};

struct tq__log_piece {
    char *text; /* valid until the next call on the pieces, and may be changed; text[len] is a byte that may
                   be read */
    size_t len; /* LINES: with the line end */
    uint64_t offset; /* of its first byte in the file */
    uint64_t line;   /* that it begins on, from 1 */
    bool half;       /* a line that has no end yet, or lines whose quote is open at the end of the log */
    bool has_nul;    /* ROWS: there is a NUL byte in it; of half a line only, others are bad */
    bool has_quote;  /* ROWS: there is a '"' in it */
    bool is_open;    /* ROWS: a line with a quote that no line within reach closes */
};

/* What is known of the piece at the cursor. A part of it may not be in the buffer yet. */
struct tq__log_seen {
    size_t searched; /* bytes after the cursor that were searched */
    size_t begin; /* OBJECTS: where the object begins, in bytes after the cursor; 0: it was not found yet */
    size_t first_line;       /* ROWS: bytes of the row's first line; 0 while it has no end */
    uint64_t ends;           /* ROWS, OBJECTS: line ends in the bytes that were searched */
    uint64_t begin_ends;     /* OBJECTS: of them, before the object begins */
    uint64_t dropped_bytes;  /* of a piece that is too long */
    bool dropped_matters;    /* the dropped bytes may have usage */
    bool broken;             /* OBJECTS: another object begins where this one should go on */
    bool has_nul, has_quote; /* ROWS: there is one */
    bool is_open;            /* ROWS: the number of quotes is odd */
};

struct tq__log_pieces {
    struct tq__log_bytes *bytes;
    bool (*matters)(const char *text, size_t len); /* may a piece with this text have usage? */
    enum tq__log_unit unit;
    bool joins; /* ROWS: a row with an open quote goes on in the next line; set by the caller */
    bool final; /* the log cannot grow: its last line is whole without its end; set by the caller */
    char *buffer;
    size_t capacity;
    size_t cursor;   /* after the last piece */
    size_t fill;     /* after the last byte in the buffer */
    uint64_t offset; /* of the cursor in the file */
    uint64_t line;   /* line ends before the cursor */
    struct tq__log_seen seen;
    struct tq__brackets brackets; /* OBJECTS: those of the piece at the cursor */
    size_t nul, quote;            /* ROWS: the next such byte in the buffer that was not looked at, or fill */
    struct {
        size_t cursor, first_line;
        uint64_t offset, line;
    } last; /* where the piece given last began */
};

int tq__log_pieces_open(struct tq__log_pieces *pieces, struct tq__log_bytes *bytes, enum tq__log_unit unit,
                        bool (*matters)(const char *text, size_t len), struct tq_log_error *error);
void tq__log_pieces_close(struct tq__log_pieces *pieces);

/* Gives the next piece that matters: TQ_LOG_RECORD, TQ_LOG_END, TQ_LOG_BAD_LINE (too long, a NUL byte, or
 * truncated by the next object), TQ_LOG_BROKEN. A last line without a line end is given as `half` by each
 * call, until tq__log_pieces_keep is called. */
int tq__log_pieces_next(struct tq__log_pieces *pieces, struct tq__log_piece *piece,
                        struct tq_log_error *error);

/* Shows the first line, when nothing was given yet, without its line end. TQ_LOG_RECORD; TQ_LOG_END: it has
 * no end yet, or is longer than the buffer; TQ_LOG_BROKEN. */
int tq__log_pieces_peek(struct tq__log_pieces *pieces, struct tq__span *line, struct tq_log_error *error);

/* Cuts rows of CSV instead, of which any may matter. Call it before a piece is given. */
void tq__log_pieces_cut_rows(struct tq__log_pieces *pieces, bool (*matters)(const char *text, size_t len));

/* ROWS, after TQ_LOG_END: do whole lines wait for the line that closes a quote? They begin at the cursor. */
bool tq__log_pieces_wait(const struct tq__log_pieces *pieces);

/* objects.c: searches for the end of the object at the cursor, in the bytes that were not searched before.
 * True: the object is [cursor + begin, cursor + searched). False: more bytes are needed. */
bool tq__log_find_object(struct tq__log_pieces *pieces);

/* Makes the next call give the last piece again. */
void tq__log_pieces_again(struct tq__log_pieces *pieces);

/* ROWS: takes only the first line of the last row; the next call begins with its second line. False, with
 * nothing done: that line has no end. */
bool tq__log_pieces_split(struct tq__log_pieces *pieces);

/* Continues at this offset, which has `line` line ends before it. Seek in the bytes, too. */
void tq__log_pieces_seek(struct tq__log_pieces *pieces, uint64_t offset, uint64_t line);

/* Continues after the half line that was given last: it was whole. */
void tq__log_pieces_keep(struct tq__log_pieces *pieces);

#endif
