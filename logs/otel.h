/* otel.h: what the files of the OpenTelemetry source share: attributes, and the lists of spans and metrics.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_OTEL_H
#define TQ_LOGS_OTEL_H

#include "entry.h"
#include "reader.h"

#define TQ__OTEL_SOURCE_ID 6

/* What is remembered of the lines before, and, from `what` on, of the metric that is being read. The first
 * member was used by earlier versions, whose states are on disk. */
struct tq__otel_memory {
    uint64_t unused;
    uint32_t flags;
    uint32_t what; /* the metric: TQ__OTEL_... */
    uint32_t cumulative;
    uint32_t in_metrics; /* the piece is one of metrics */
};

/* Flags: the file has usage in spans, which its metrics repeat; in metrics of old names; of new ones. */
#define TQ__OTEL_HAS_SPANS 1u
#define TQ__OTEL_HAS_OLD 2u
#define TQ__OTEL_HAS_NEW 4u

/* What a metric counts. */
enum { TQ__OTEL_NOTHING, TQ__OTEL_INPUT, TQ__OTEL_OUTPUT, TQ__OTEL_BY_TYPE };

/* The attributes of a span or a point that are looked at. */
struct tq__otel_attributes {
    struct tq__json_item operation, event, token_type;
    struct tq__json_item vendor, old_vendor; /* gen_ai.provider.name, gen_ai.system */
    struct tq__json_item model, asked_model; /* of the response, of the request */
    struct tq__json_item response, session, old_session;
    struct tq__log_usage usage;
};

/* ---- otel_attributes.c ---- */

/* Reads the attributes that json gave last: a list of {key, value: {stringValue, intValue, ...}}, or one
 * object. */
void tq__otel_read_attributes(struct tq__json *json, struct tq__otel_attributes *attributes);

/* An instant: nanoseconds in a number or a string, [seconds, nanoseconds], or RFC 3339. 0 or a fault. */
int tq__otel_instant(const struct tq__json_item *item, int64_t *at_ns);

/* Vendor, model and session in the reader's texts, and in the entry. */
void tq__otel_fill_texts(const struct tq__otel_attributes *attributes, struct tq__log_texts *texts,
                         struct tq_log_entry *entry);

/* ---- otel.c ---- */

/* Gives the next element of the innermost of three lists. `json` has entered the outermost one; an element of
 * it has the list `names[0]`, and an element of that one the list `names[1]`. False after the last element,
 * and on a fault. */
bool tq__otel_next(struct tq__json *json, const char *const names[2], struct tq__json_item *item);

/* ---- otel_metrics.c ---- */

/* The next entry of a piece of metrics, as tq__log_otel_read gives it. */
int tq__otel_give_metrics(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                          struct tq__otel_memory *memory, struct tq_log_entry *entry,
                          struct tq_log_error *error);

#endif
