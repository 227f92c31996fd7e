/* sources.h: a source: the names and folders of its files, and the function that reads their pieces.
 *
 * SPDX-License-Identifier: MIT
 *
 * A new source is a row in sources.c and a file with its `read`.
 */
#ifndef TQ_LOGS_SOURCES_H
#define TQ_LOGS_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pieces.h"
#include "tokenquota_logs.h"

struct tq__log_form;
struct tq__log_query;

#define TQ__LOG_PLACES_MAX 8

struct tq_log_source {
    uint32_t id;
    enum tq__log_unit unit;
    const char *name;
    const char *title;
    const char *prefix; /* of the names of its files; NULL: any */
    const char *folder; /* its files are below a folder of this name; NULL: anywhere */
    /* The endings of their names; .gz or .zst may follow. One that ends in "*" may be followed by anything,
     * and one that does not begin with "." is the whole name. */
    const char *suffixes[4];
    const char *skip; /* the name of files in the same folders that are something else; NULL: none */
    const char *places[TQ__LOG_PLACES_MAX]; /* where its files are, as places.h reads them */
    const char *unless; /* a place: where it is, another source has the same; NULL: none */
    bool head;  /* after a resume, read is called with the pieces from the start of the file, until it knows
                   the head */
    bool whole; /* the tool writes a file anew when it changes: it is read from its start again */
    /* Words of which each of its files has one, and more than of the words of other tools; a NULL ends them.
     * None at all: a database, or rows. */
    const char *marks[8];
    /* The columns of the tool's table, which its log may also be, as CSV; NULL: none. In the reader, `csv`
     * then has columns. */
    const char *const *columns;
    uint32_t columns_needed;             /* a bit for each of them */
    const struct tq__log_query *queries; /* the tables of a database, the newest first, up to one without a
                                            name; then neither unit nor what is below is used (table.h) */
    const struct tq_log_source *older; /* of the same id: what older versions wrote instead; NULL: nothing */
    bool (*matters)(const char *text, size_t len);
    /* Fills entry from a piece. The reader has set the defaults: zeros, texts "", no cost, one request, the
     * line. Returns TQ_LOG_RECORD; TQ__LOG_NOTHING; TQ_LOG_BAD_LINE with error filled; TQ_LOG_END when half a
     * piece must wait for the rest. It sets `more` when the piece may have another entry, and is then called
     * again. It changes its own memory only for a sound piece. */
    int (*read)(struct tq_log_reader *reader, const struct tq__log_piece *piece, struct tq_log_entry *entry,
                struct tq_log_error *error);
};

#define TQ__LOG_SOURCE(name)                                                                                 \
    bool tq__log_##name##_matters(const char *text, size_t len);                                             \
    int tq__log_##name##_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,               \
                              struct tq_log_entry *entry, struct tq_log_error *error)

extern const char *const tq__log_litellm_columns[];

/* The form of a source's log: pieces (stream.c), or a table (table.c). */
const struct tq__log_form *tq__log_form_of(const struct tq_log_source *source);
extern const struct tq__log_form tq__log_in_pieces, tq__log_in_table;

TQ__LOG_SOURCE(claude);
TQ__LOG_SOURCE(cline);
TQ__LOG_SOURCE(codex);
TQ__LOG_SOURCE(copilot_events);
TQ__LOG_SOURCE(cursor);
TQ__LOG_SOURCE(gemini);
TQ__LOG_SOURCE(grok);
TQ__LOG_SOURCE(kimi);
TQ__LOG_SOURCE(litellm);
TQ__LOG_SOURCE(openai_usage);
TQ__LOG_SOURCE(opencode);
TQ__LOG_SOURCE(otel);
TQ__LOG_SOURCE(pi);
TQ__LOG_SOURCE(qwen);
TQ__LOG_SOURCE(rows);

#endif
