/* tools.h: what the readers of the logs that tools keep share, from the pieces of a file up to the entry.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bytes        bytes of a file or of memory, decompressed (internal.h)
 *     pieces    lines, or JSON objects one after the other, of bytes that may still grow
 *     reader    the public calls: pieces -> entries by the functions of a source; where it was, for later
 *     sources   the table of sources
 *     files     the files of a source
 *     scan      a walk over JSON text, in which only what is asked for is looked at
 *     key       keys, ranks and what entries have in common
 *     vendor    what gateways and vendors say, in our words
 *     claude, codex, gemini, ...  a piece -> its entries
 *     rows      the CSV and JSONL of tq_log_open as a source
 *
 * A new source is a row in sources.c and a file with its `read`.
 */
#ifndef TQ_LOG_TOOLS_H
#define TQ_LOG_TOOLS_H

#include "internal.h"

#define TQ__LOG_PIECE_MAX (16u << 20) /* bytes of a line or an object of a tool's log */
#define TQ__LOG_NOTHING 2             /* a piece tells of no (further) usage */

/* ---- scan.c ---- */

/* A place in JSON text. What is passed over is looked at only as far as it takes to find its end: strings,
 * and brackets that fit each other. */
struct tq__log_scan {
    const char *at;
    const char *end;
    bool first;  /* no member or element of what was entered last has been given yet */
    bool failed; /* the text is not JSON; every call answers false from then on */
};

enum {
    TQ__LOG_NONE,
    TQ__LOG_STRING,
    TQ__LOG_NUMBER,
    TQ__LOG_TRUE,
    TQ__LOG_FALSE,
    TQ__LOG_NULL,
    TQ__LOG_TREE
};

/* A value where it stands: a string without its quotes and as it is written, a tree with its brackets. */
struct tq__log_value {
    int kind;
    struct tq__log_text text;
};

void tq__log_scan_begin(struct tq__log_scan *scan, const char *text, size_t len);

/* Steps into the value that comes next when it begins with this bracket, '{' or '['. False, with nothing
 * changed, when it is of another kind. */
bool tq__log_scan_enter(struct tq__log_scan *scan, char bracket);

/* The next member of the object entered last, up to its value, which must then be taken, entered and walked
 * to its end, or passed over. False behind the last one: the object is left. */
bool tq__log_scan_member(struct tq__log_scan *scan, struct tq__log_text *key);

/* The same for an array. */
bool tq__log_scan_element(struct tq__log_scan *scan);

/* Steps into the object that comes next; what is none is passed over, and the answer is false. */
bool tq__log_scan_object(struct tq__log_scan *scan);

/* Takes the value that comes next, or passes it over. False when it is none. */
bool tq__log_scan_value(struct tq__log_scan *scan, struct tq__log_value *value);
bool tq__log_scan_pass(struct tq__log_scan *scan);

/* Nothing was wrong, and nothing but blanks follows. */
bool tq__log_scan_done(struct tq__log_scan *scan);

bool tq__log_text_is(struct tq__log_text text, const char *word);

/* A member that is wanted, and where its value goes. */
struct tq__log_member {
    const char *name;
    struct tq__log_value *value;
};

/* Takes the value that comes next when key is the name of one of these; false, with nothing taken, when it is
 * not. */
bool tq__log_take_member(struct tq__log_scan *scan, struct tq__log_text key,
                         const struct tq__log_member *members, size_t count);

/* The count of a value: a whole number, or a string of one. 0, with *known |= bit when there is one (null is
 * none); a fault of error.c when it is something else. known may be NULL. */
int tq__log_value_count(const struct tq__log_value *value, int64_t *count, uint32_t *known, uint32_t bit);

/* The first count of a piece that was none. */
struct tq__log_faulty {
    int fault; /* 0: all were */
    const char *name;
    struct tq__log_text value;
};

/* Takes the value that comes next as a count, as tq__log_value_count does. */
void tq__log_take_count(struct tq__log_scan *scan, const char *name, int64_t *count, uint32_t *known,
                        uint32_t bit, struct tq__log_faulty *faulty);

/* Writes a string to out, NUL-terminated, with its escapes undone; what does not fit is cut off between two
 * characters. "" for a value that is no string. */
void tq__log_value_text(const struct tq__log_value *value, char *out, size_t out_size);

/* ---- pieces.c ---- */

enum { TQ__LOG_LINES, TQ__LOG_OBJECTS };

struct tq__log_piece {
    const char *text; /* valid until the next call on the pieces */
    size_t len;
    uint64_t offset; /* of its first byte in the file */
    uint64_t line;   /* that it begins on, from 1 */
    bool half;       /* a line that has no end yet */
};

struct tq__log_pieces {
    struct tq__log_source *source;
    bool (*matters)(const char *text, size_t len); /* can a piece with this in it tell of usage? */
    char *buffer;
    size_t capacity;
    size_t cursor;   /* behind the piece given last */
    size_t fill;     /* behind the last byte in the buffer */
    size_t searched; /* bytes behind the cursor that have been looked at */
    size_t begin;    /* OBJECTS: where the object begins, behind the cursor; searched when it has not begun */
    uint64_t offset; /* of the cursor in the file */
    uint64_t line;   /* line ends before the cursor */
    uint64_t ends;   /* OBJECTS: line ends in the bytes that have been looked at */
    uint64_t begin_ends;    /* of them, before the object begins */
    uint64_t dropped_bytes; /* of a piece that is too long */
    size_t depth;
    int unit;
    bool in_string;
    bool escaped;
    bool broken;          /* another object begins where this one should go on */
    bool dropped_matters; /* what was dropped can tell of usage */
};

int tq__log_pieces_open(struct tq__log_pieces *pieces, struct tq__log_source *source, int unit,
                        struct tq_log_error *error);
void tq__log_pieces_close(struct tq__log_pieces *pieces);

/* The next piece that matters: TQ_LOG_RECORD, TQ_LOG_END, TQ_LOG_BAD_LINE (too long, or cut off by the next
 * one), TQ_LOG_BROKEN. A line without an end, at the end, is given as `half` each time, until it is kept. */
int tq__log_pieces_next(struct tq__log_pieces *pieces, struct tq__log_piece *piece,
                        struct tq_log_error *error);

/* Goes on at this offset, with that many line ends before it. The source must go there, too. */
void tq__log_pieces_seek(struct tq__log_pieces *pieces, uint64_t offset, uint64_t line);

/* The half line given last is whole enough: go on behind it. */
void tq__log_pieces_keep(struct tq__log_pieces *pieces, const struct tq__log_piece *piece);

/* ---- objects.c ---- */

/* Looks for the end of the object at the cursor in bytes that have not been looked at. True when it is found:
 * the piece is [cursor + begin, cursor + searched). False: more bytes are needed. */
bool tq__log_objects_find(struct tq__log_pieces *pieces);

/* ---- key.c ---- */

/* A hash that is the same on every machine and in every version: keys are kept on disk. */
struct tq__log_hash {
    uint64_t value;
};

struct tq__log_hash tq__log_hash_begin(uint32_t source, const char *kind);
void tq__log_hash_bytes(struct tq__log_hash *hash, const void *bytes, size_t len);
void tq__log_hash_text(struct tq__log_hash *hash, struct tq__log_text text); /* and that it ends here */
void tq__log_hash_number(struct tq__log_hash *hash, uint64_t number);
uint64_t tq__log_hash_end(struct tq__log_hash hash); /* never 0 */

/* The key of a piece of a log that gives none: its place and its bytes. */
uint64_t tq__log_key_of_place(uint32_t source, const struct tq__log_piece *piece);

/* input + cache_write + output, saturating. */
int64_t tq__log_counted(const struct tq_usage *usage);

/* Of two that tell of one response the one with more tokens is later: a rank below 2^40. */
uint64_t tq__log_rank(const struct tq_usage *usage, bool preferred, bool tie);

/* ---- vendor.c ---- */

/* Our word for a vendor, or the name itself. */
const char *tq__log_vendor(const char *name);

/* Dollars, with decimals, in 1e-9 dollars; -1 when the value is no such number. */
int64_t tq__log_value_cost(const struct tq__log_value *value);

/* Finishes counts whose input has in it what was read from a cache or written to one. Where that is more than
 * the input, it cannot be in there, and the input is taken as it is. */
void tq__log_take_apart(struct tq_usage *usage, int64_t input);

/* ---- reader.c ---- */

#define TQ__LOG_MEMORY_BYTES 208

/* What is kept of the lines before the offset of a state. */
struct tq__log_memory {
    uint32_t given; /* entries of the piece at the offset that were given */
    uint32_t reserved;
    _Alignas(8) uint8_t own[TQ__LOG_MEMORY_BYTES]; /* the source's */
};

struct tq__log_texts {
    char vendor[64];
    char model[256];
    char account[256];
    char session[128];
    char project[4096];
};

struct tq_log_reader {
    const struct tq_log_source *tool;
    struct tq__log_source source;
    struct tq__log_pieces pieces;
    struct tq__log_piece piece; /* more of which may be given */
    struct tq__log_memory memory;
    struct tq__log_texts texts;
    struct tq_quota_signal signal;
    struct tq_log *rows; /* rows.c reads the file, in place of the pieces; NULL else */
    size_t piece_at;     /* the source's place in the piece, 0 at its begin */
    uint32_t skip;       /* entries of the first piece that were given before a resume */
    bool has_piece;
    bool knows_head; /* set by read: it has seen what it needs of the head of the file */
    bool more;       /* set by read: the piece may tell of more */
    bool at_rest;    /* a compressed file that was read whole before */
    bool is_broken;
    struct tq_log_error broken;
};

/* ---- rows.c ---- */

/* The next entry of reader->rows, as tq_log_reader_next; where that is; and going there. */
int tq__log_rows_next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error);
void tq__log_rows_state(const struct tq_log_reader *reader, struct tq_log_state *state);
int tq__log_rows_seek(struct tq_log_reader *reader, const struct tq_log_state *state,
                      struct tq_log_error *error);

/* ---- the sources ---- */

struct tq_log_source {
    uint32_t id;
    int unit; /* TQ__LOG_LINES, ... */
    const char *name;
    const char *title;
    const char *prefix;      /* of the names of its files; NULL: any */
    const char *folder;      /* they are below a folder of this name; NULL: anywhere */
    const char *suffixes[4]; /* one of which their names end in, also with .gz or .zst behind */
    const char *variable;    /* of the environment, a list of folders with commas; NULL: none */
    const char *homes[2]; /* when that is not set: below HOME, or below XDG_CONFIG_HOME with '@' in front */
    const char *below[2]; /* in each of those */
    bool head; /* after a resume, read is called with the pieces from the start until it knows the head */
    bool (*matters)(const char *text, size_t len);
    /* Fills entry from a piece. The reader has set what entries have in common: zeros, texts "", no cost, one
     * request, the line. TQ_LOG_RECORD, TQ__LOG_NOTHING, TQ_LOG_BAD_LINE with error filled. For a piece of
     * several entries it is called again after each that it set `more` for. Its own memory is changed only
     * for a piece that is sound. NULL: rows.c reads the file. */
    int (*read)(struct tq_log_reader *reader, const struct tq__log_piece *piece, struct tq_log_entry *entry,
                struct tq_log_error *error);
};

int tq__log_claude_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error);
bool tq__log_claude_matters(const char *text, size_t len);

int tq__log_codex_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                       struct tq_log_entry *entry, struct tq_log_error *error);
bool tq__log_codex_matters(const char *text, size_t len);

int tq__log_gemini_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error);
bool tq__log_gemini_matters(const char *text, size_t len);

int tq__log_litellm_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                         struct tq_log_entry *entry, struct tq_log_error *error);
bool tq__log_litellm_matters(const char *text, size_t len);

int tq__log_openai_usage_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                              struct tq_log_entry *entry, struct tq_log_error *error);
bool tq__log_openai_usage_matters(const char *text, size_t len);

int tq__log_otel_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq_log_entry *entry, struct tq_log_error *error);
bool tq__log_otel_matters(const char *text, size_t len);

#endif
