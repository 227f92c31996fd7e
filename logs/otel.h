/* otel.h: what the files of the OpenTelemetry reader share: attributes, and where it is in a piece.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOG_OTEL_H
#define TQ_LOG_OTEL_H

#include "tools.h"

#define TQ__OTEL_SOURCE_ID 6

/* What is kept of the lines before, and, from `level` on, where the reader is in its piece: of no use for a
 * later piece, which is walked over from its start. */
struct tq__otel_memory {
    uint64_t behind; /* the metric whose points are being read */
    uint32_t flags;
    uint32_t level; /* of the walk, see tq__otel_next */
    uint32_t what;  /* the metric: TQ__OTEL_... */
    uint32_t cumulative;
    uint32_t in_points;
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
    struct tq__log_value operation, event, token_type;
    struct tq__log_value vendor, old_vendor; /* gen_ai.provider.name, gen_ai.system */
    struct tq__log_value model, asked_model; /* of the response, of the request */
    struct tq__log_value response, session, old_session;
    int64_t input;
    struct tq_usage usage;
    struct tq__log_faulty faulty;
};

/* ---- otel_scan.c ---- */

/* Goes on in a tree of lists of objects, three lists deep, of which names[0] was entered (level 1), to the
 * next element of the innermost one (level 5): names[1] in the elements of names[0], names[2] in theirs.
 * False, at level 0, behind the last one. */
bool tq__otel_next(struct tq__log_scan *scan, const char *const names[3], uint32_t *level);

/* Reads the attributes that come next: a list of {key, value: {stringValue, intValue, ...}}, or one object.
 */
void tq__otel_read_attributes(struct tq__log_scan *scan, struct tq__otel_attributes *attributes);

/* An instant: nanoseconds in a number or a string, [seconds, nanoseconds], or RFC 3339. 0 or a fault. */
int tq__otel_instant(const struct tq__log_value *value, int64_t *at_ns);

/* Vendor, model and session in the reader's texts, and in the entry. */
void tq__otel_fill_texts(const struct tq__otel_attributes *attributes, struct tq__log_texts *texts,
                         struct tq_log_entry *entry);

/* ---- otel_metrics.c ---- */

/* The next entry of a piece of metrics, as tq__log_otel_read gives it. */
int tq__otel_give_metrics(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                          struct tq__otel_memory *memory, struct tq_log_entry *entry,
                          struct tq_log_error *error);

#endif
