/* reader.h: a reader of a log, as the sources see it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_READER_H
#define TQ_LOGS_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "bytes.h"
#include "columns.h"
#include "entry.h"
#include "pieces.h"
#include "rows.h"
#include "sources.h"
#include "splice.h"
#include "tokenquota_logs.h"

#define TQ__LOG_MEMORY_BYTES 208

/* What a state keeps of the lines before its offset. */
struct tq__log_memory {
    uint32_t given; /* entries that were given of the piece at the offset */
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

struct tq__log_table;

struct tq_log_reader {
    const struct tq_log_source *tool;
    const struct tq__log_form *form; /* of its log */
    char *path;                      /* of the file; NULL: memory */
    struct tq__log_bytes bytes;
    struct tq__log_pieces pieces;
    struct tq__log_piece piece; /* more of which may be given */
    struct tq__log_memory memory;
    struct tq__log_texts texts;
    struct tq_quota_signal signal;
    struct tq__log_rows rows;     /* of csv and jsonl */
    struct tq__log_columns csv;   /* of a tool whose log is CSV; no columns: it is not */
    bool undecided;               /* ... because its first line has no end yet */
    struct tq__log_table *table;  /* of a database; else NULL */
    struct tq__json lists[2];     /* where it is in the lists of the piece */
    struct tq__log_splice splice; /* where it is in a line with more than one object */
    bool begun;                   /* set by read: it has stepped into those */
    uint32_t skip;                /* entries of the first piece that were given before a resume */
    bool has_piece;
    bool knows_head;    /* set by read: it has seen what it needs of the head of the file */
    char own_id[40];    /* ... which says that this session is in the file: a UUID */
    bool more;          /* set by read: the piece may have more entries */
    uint64_t told_line; /* the row that waits for the end of a quote, of which the caller was told */
    bool at_rest;       /* a compressed file that was read whole before */
    bool is_broken;
    struct tq_log_error broken;
};

/* What a reader was given: a file, or memory where path is NULL. */
struct tq__log_given {
    const char *path;
    const void *data;
    size_t len;
    bool final; /* the log will not grow, its last line is whole */
};

/* How the entries of a log are found and its place is kept. */
struct tq__log_form {
    /* 0; TQ_LOG_BROKEN; TQ__LOG_NOTHING: it is what older versions of the tool wrote. */
    int (*open)(struct tq_log_reader *reader, const struct tq__log_given *given, struct tq_log_error *error);
    /* Goes to the place of the state, if the log is still the same; 0 or TQ_LOG_BROKEN. */
    int (*resume)(struct tq_log_reader *reader, const struct tq_log_state *state, int *restarted,
                  struct tq_log_error *error);
    /* As the read of a source. */
    int (*next)(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error);
    /* Fills the state, which is zero but for size and source. */
    void (*state)(const struct tq_log_reader *reader, struct tq_log_state *state);
    void (*progress)(const struct tq_log_reader *reader, uint64_t *done_bytes, uint64_t *total_bytes);
    void (*close)(struct tq_log_reader *reader);
};

/* The name of the file (0), of its folder (1), of the folder above that (2), ...; empty where there is none.
 */
struct tq__span tq__log_path_part(const struct tq_log_reader *reader, unsigned up);

/* What the reader's piece, half a row of CSV, gives: TQ_LOG_END, because it is left for later. If its quotes
 * are wrong, whatever follows, its first line is as bad as in the whole row: TQ_LOG_BAD_LINE. */
int tq__log_rows_half(struct tq_log_reader *reader, struct tq_log_error *error);

/* Steps into an array of the piece; when the item is not an array, into an empty one. */
static inline void tq__log_enter_list(struct tq__json *list, const struct tq__json_item *item)
{
    tq__json_begin(list, item->kind == TQ__JSON_ARRAY ? item->text : TQ__SPAN("[]"), TQ__JSON_LAX);
    tq__json_enter_next(list, '[');
}

/* The part of a piece from `from` to `to`, as a piece. */
static inline struct tq__log_piece tq__log_part(const struct tq__log_piece *piece, const char *from,
                                                const char *to)
{
    size_t begin = (size_t)(from - piece->text);

    return (struct tq__log_piece){
        .text = piece->text + begin,
        .len = (size_t)(to - from),
        .offset = piece->offset + begin,
        .line = piece->line,
    };
}

#endif
