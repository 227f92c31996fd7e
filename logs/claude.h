/* claude.h: what the files of the source Claude Code share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_CLAUDE_H
#define TQ_LOGS_CLAUDE_H

#include "base/time.h"
#include "entry.h"

#define TQ__CLAUDE_LIMIT_WORDS "usage limit reached|"

/* A limit that the account has reached. */
struct tq__claude_limit {
    int64_t end_ns;
    const char *window; /* five_hour, ...; "": not said */
};

/* Reads the content of an error: a JSON string or list, as written. at_ns: when the line was written. False
 * when it names no instant, or one that has passed: the end of a session is five hours ahead at most. */
bool tq__claude_read_limit(struct tq__span content, int64_t at_ns, struct tq__claude_limit *limit);

#endif
