/* refusal.h: what an error body, or an event inside of a stream, says about quota.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_REFUSAL_H
#define TQ_SIGNALS_REFUSAL_H

#include "reading.h"

/* Is the text one JSON object, sound to its end, and UTF-8? */
bool tq__is_object(struct tq__span text);

/* Notes what a sound JSON object says (an error body, an event of a stream), in the midst of a reading that
 * may have headers, too: decides nothing yet. */
void tq__refusal_object(struct tq__reading *reading, struct tq__span object);

/* Looks at a whole body: one document, server-sent events or JSON lines. */
void tq__refusal_body(struct tq__reading *reading, const char *body, size_t len);

/* Reads an object of a stream into the signal, whose caller has zeroed it but for size and sent_at_ns before
 * the first call. Several may be read one after the other: axes add up, and what says nothing takes back
 * nothing. named_error: the event has the name "error". profile NULL: auto. 0: the signal has something now;
 * 1: it has nothing so far. */
int tq__refusal_read(const struct tq_profile *profile, struct tq__span object, bool named_error,
                     int64_t now_ns, struct tq_quota_signal *signal);

#endif
