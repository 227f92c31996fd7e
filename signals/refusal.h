/* refusal.h: what an error body, or an event inside of a stream, says about quota.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_REFUSAL_H
#define TQ_REFUSAL_H

#include <stdint.h>

#include <jansson.h>

#include "tokenquota_signals.h"

struct tq__reading;

/* Reads one JSON object (an error body, an event of a stream) into the signal, whose caller has zeroed it but
 * for size and sent_at_ns before the first call. Several objects of one response may be read one after the
 * other: axes add up, and what says nothing takes back nothing. profile NULL: auto. status 0: not known, as
 * for an event whose response began well. 0: the signal has something now; 1: it has nothing so far. */
int tq__refusal_read(const struct tq_profile *profile, uint32_t status, const json_t *object, int64_t now_ns,
                     uint32_t day, struct tq_quota_signal *signal);

/* The same in the midst of a reading that has headers, too: decides nothing yet. */
void tq__refusal_object(struct tq__reading *reading, const json_t *object);

/* Looks at the whole body: one document, server-sent events or JSON lines. */
void tq__refusal_body(struct tq__reading *reading, const char *body, size_t len);

#endif
