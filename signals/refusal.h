/* refusal.h: what an error body, or an event in a stream, says about quota.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_REFUSAL_H
#define TQ_SIGNALS_REFUSAL_H

#include "reading.h"

/* Notes what a sound JSON object says (an error body, an event of a stream), in the midst of a reading that
 * may have headers, too: decides nothing yet. */
void tq__refusal_object(struct tq__reading *reading, struct tq__span object);

/* Notes what the text of an error says that is no JSON. */
void tq__refusal_text(struct tq__reading *reading, struct tq__span text);

/* Looks at a whole body: one document, server-sent events or JSON lines. */
void tq__refusal_body(struct tq__reading *reading, const char *body, size_t len);

/* Readies the signal of a stream of which nothing is read yet. */
void tq__refusal_begin(int64_t sent_at_ns, struct tq_quota_signal *signal);

/* Reads a text of a stream into a signal that is ready; nothing is read when it is no JSON object in UTF-8.
 * Several texts may be read one
 * after the other: axes add up, and a text that says nothing does not take back what another said.
 * named_error: the event has the name "error". profile NULL: auto. 0: the signal says something now; 1:
 * nothing so far. */
int tq__refusal_read(const struct tq_profile *profile, struct tq__span text, bool named_error, int64_t now_ns,
                     struct tq_quota_signal *signal);

#endif
