/* limit_events.h: events inside of a stream that report limits.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LIMIT_EVENTS_H
#define TQ_LIMIT_EVENTS_H

#include <jansson.h>

#include "reading.h"

/* Reads codex.rate_limits, rate_limits.updated (OpenAI's Realtime API) and rate_limit_event (Claude Code's
 * stream-json); leaves other objects alone. */
void tq__limit_event(struct tq__reading *reading, const json_t *event);

#endif
