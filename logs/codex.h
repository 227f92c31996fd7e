/* codex.h: what a line of a rollout of Codex says, for the files that walk over it and tell of it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOG_CODEX_H
#define TQ_LOG_CODEX_H

#include "tools.h"

/* What is counted. CACHED and WRITTEN are of INPUT, REASONING is of OUTPUT. */
enum {
    TQ__CODEX_INPUT,
    TQ__CODEX_CACHED,
    TQ__CODEX_WRITTEN,
    TQ__CODEX_OUTPUT,
    TQ__CODEX_REASONING,
    TQ__CODEX_COUNTS
};

/* Counts of an event: of the last response, or of the session so far. */
struct tq__codex_counts {
    int64_t count[TQ__CODEX_COUNTS];
    int64_t all;    /* total_tokens */
    uint32_t known; /* TQ_USAGE_... */
    bool is_there;
};

struct tq__codex_line {
    struct tq__log_value timestamp, type;
    struct tq__log_value kind, id, cwd, model, vendor, forked, parent, source, limits; /* of its payload */
    struct tq__codex_counts total, last;
    struct tq__log_faulty faulty; /* of the counts */
};

/* Walks over the line; false when it is not JSON. */
bool tq__codex_line_read(const struct tq__log_piece *piece, struct tq__codex_line *line);

/* Fills signal from the value of rate_limits in a line written at at_ns. False when it says nothing (null, no
 * window with a number). */
bool tq__codex_limits_read(const struct tq__log_value *limits, int64_t at_ns, struct tq_quota_signal *signal);

#endif
