/* codex.h: what the files of the Codex source share: its memory, the line that is read, and what it counts.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_CODEX_H
#define TQ_LOGS_CODEX_H

#include <assert.h>

#include "entry.h"
#include "reader.h"

#define TQ__CODEX_SOURCE_ID 2

/* Flags of the memory. */
#define TQ__CODEX_KNOWS_SESSION 1u
#define TQ__CODEX_KNOWS_TOTAL 2u
#define TQ__CODEX_IS_COPY 4u   /* the session began with another one's events */
#define TQ__CODEX_IS_BEHIND 8u /* ... which are over */
#define TQ__CODEX_IS_PAGE 16u  /* the session goes on from another file, of which it has no copy */
#define TQ__CODEX_HAS_RECORDS 32u

#define TQ__CODEX_TOTALS 5
#define TQ__CODEX_SESSION_BYTES sizeof(((struct tq_log_reader *)0)->own_id)

/* What must be remembered of the lines before. It is kept on disk. */
struct tq__codex_memory {
    int64_t total[TQ__CODEX_TOTALS]; /* in the order of tq__codex_total */
    int64_t copied_at_ns;            /* when the last event of the copied head was written */
    uint64_t last;                   /* hash of the last event that had no totals */
    uint64_t without_totals;         /* how many of those there were */
    uint32_t starts;                 /* how often the totals fell */
    uint32_t flags;
    char model[64];
    union {
        char session[TQ__CODEX_SESSION_BYTES]; /* for versions that read it here */
        int64_t recorded[TQ__CODEX_TOTALS]; /* with HAS_RECORDS: sums of the records since the last event */
    } of;
    char vendor[32];
};

static_assert(sizeof(struct tq__codex_memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

struct tq__codex_line {
    struct tq__json_item timestamp, type;
    struct tq__json_item kind, limits, id, cwd, model, vendor, forked, parent, source; /* of its payload */
    struct tq__json_item response, thread, history, mode;
    struct tq__log_usage total; /* counts of the session so far */
    struct tq__log_usage last;  /* counts of the last response, or of the one that is recorded */
};

/* ---- codex_count.c --------------------------------------------------------------------------- */

extern const enum tq__count tq__codex_total[TQ__CODEX_TOTALS];

/* The key of an event. It is made from the totals after the event, or from its number, so every copy of the
 * rollout has the same key. total: NULL for an event without totals. 0: the session has no id. */
uint64_t tq__codex_key(struct tq__span session, const int64_t *total, const struct tq__codex_memory *memory);

/* The key by which earlier versions counted the response that a record tells of: that of the event which
 * follows, whose totals are those before and this response. */
uint64_t tq__codex_older_key(struct tq__span session, const struct tq__codex_line *record,
                             const struct tq__codex_memory *memory);

/* Does it say that anything was used? */
bool tq__codex_uses(const struct tq__log_usage *usage);

/* Takes a record into the memory: the next event leaves it out. */
void tq__codex_note_record(const struct tq__codex_line *record, struct tq__codex_memory *memory);

/* Takes an event into the memory. copied: it is of another session. *succeeded: it is the event of a response
 * of this session. True when it counts; *used then has its counts. */
bool tq__codex_count(const struct tq_log_reader *reader, const struct tq__codex_line *event, int64_t at_ns,
                     bool copied, struct tq__codex_memory *memory, struct tq__log_usage *used,
                     bool *succeeded);

#endif
