/* claude.h: what a line of Claude Code's log says, for the files that walk over it and tell of it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOG_CLAUDE_H
#define TQ_LOG_CLAUDE_H

#include "tools.h"

/* The tokens of a response, or of one that another model gave inside of it. */
struct tq__claude_counts {
    struct tq_usage usage;
    int64_t written_5m, written_1h; /* of cache_write, by how long it is kept */
    bool has_speed;
};

struct tq__claude_line {
    struct tq__log_value timestamp, request_id, session, cwd, uuid, cost, sidechain, api_error;
    struct tq__log_value id, model, content, iterations; /* of its message */
    struct tq__claude_counts counts;
    bool has_usage;
    bool relayed;                 /* the message is a subagent's, told on by the session that waits for it */
    struct tq__log_faulty faulty; /* of the counts */
};

/* Walks over the line; false when it is not JSON. */
bool tq__claude_line_read(const struct tq__log_piece *piece, struct tq__claude_line *line);

/* The n-th response of an advisor (another model that was asked on the way) among the iterations, from 1;
 * false when there are fewer. Sets *more when there are more. */
bool tq__claude_line_advisor(struct tq__claude_line *line, uint32_t n, struct tq__claude_counts *counts,
                             struct tq__log_value *model, bool *more);

#endif
