/* otel.c: reads calls of generative models from the spans that OpenTelemetry's exporters write.
 *
 * SPDX-License-Identifier: MIT
 *
 * A piece is a request of OTLP as JSON, {resourceSpans: [{scopeSpans: [{spans: [...]}]}]}, or one span with
 * plain attributes, as Copilot CLI writes it. Only the spans of calls are counted. Events repeat them,
 * metrics add them up (otel_metrics.c), and the span of an agent has the sum of its calls. docs/logs.md has
 * the rules. */
#include "otel.h"

#include <assert.h>
#include <string.h>

#include "error.h"

static_assert(sizeof(struct tq__otel_memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

static const char *const span_lists[2] = {"scopeSpans", "spans"};

struct span {
    struct tq__json_item trace, id, start, end, kind; /* kind: of a line that is no request */
    struct tq__json_item spans, metrics;              /* the lists of a request */
    struct tq__otel_attributes attributes;
};

bool tq__log_otel_matters(const char *text, size_t len)
{
    return tq__log_has_word(text, len, (const char *const[]){"\"gen_ai.usage.", "\"gen_ai.client.", NULL});
}

/* ---- lists ----------------------------------------------------------------------------------- */

bool tq__otel_next(struct tq__json *json, const char *const names[2], struct tq__json_item *item)
{
    while (json->depth > 0) {
        if (!tq__json_next(json, item)) {
            if (json->failed)
                return false;
        } else if (json->depth == 5) { /* [{name: [{name: [here */
            return true;
        } else if (json->depth % 2 == 1) {
            tq__json_enter(json, '{');
        } else if (tq__span_equals(item->key, names[json->depth / 2 - 1])) {
            tq__json_enter(json, '[');
        }
    }
    return false;
}

/* ---- spans ----------------------------------------------------------------------------------- */

static const struct tq__log_member span_members[] = {
    TQ__LOG_ITEM("traceId", struct span, trace),
    TQ__LOG_ITEM("spanId", struct span, id),
    TQ__LOG_ITEM("startTimeUnixNano", struct span, start),
    TQ__LOG_ITEM("startTime", struct span, start),
    TQ__LOG_ITEM("endTimeUnixNano", struct span, end),
    TQ__LOG_ITEM("endTime", struct span, end),
    TQ__LOG_ITEM("type", struct span, kind),
    TQ__LOG_ITEM("resourceSpans", struct span, spans),
    TQ__LOG_ITEM("resourceMetrics", struct span, metrics),
    TQ__LOG_NO_COUNTS,
};

/* Walks over the span or request that was entered. */
static void read_span(struct tq__json *json, struct span *span)
{
    struct tq__json_item item;

    while (tq__json_next(json, &item)) {
        if (!tq__log_take(json, &item, span_members, span) && tq__span_equals(item.key, "attributes"))
            tq__otel_read_attributes(json, &span->attributes);
    }
}

/* Is the span one call of a model? The span of an agent or a chain repeats what its calls used. */
static bool tells_of_usage(const struct span *span)
{
    static const char *const sums[] = {"invoke_agent", "create_agent", "invoke_workflow", "execute_tool"};
    const struct tq__otel_attributes *attributes = &span->attributes;

    if (!(attributes->usage.counts.known & (1u << TQ__WHOLE_INPUT | 1u << TQ__OUTPUT)) &&
        attributes->usage.fault.why == 0)
        return false;
    if (span->kind.kind == TQ__JSON_STRING && !tq__span_equals(span->kind.text, "span"))
        return false;
    if (attributes->event.kind != TQ__JSON_NONE)
        return false; /* a record of a log, of a call that has a span */
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        if (tq__span_equals(attributes->operation.text, sums[i]))
            return false;
    }
    return true;
}

/* The key is made from the id of the response, so that the spans of two layers of a program for one call have
 * the same key; otherwise from the id of the span. 0: neither has an id. */
static uint64_t key_of(const struct span *span)
{
    struct tq__span response = span->attributes.response.text, id = span->id.text;
    struct tq__log_hash hash = tq__log_hash_begin(TQ__OTEL_SOURCE_ID, response.len > 0 ? "response" : "span");

    tq__log_hash_text(&hash, span->trace.text);
    tq__log_hash_text(&hash, response.len > 0 ? response : id);
    return response.len > 0 || id.len > 0 ? tq__log_hash_end(hash) : 0;
}

static int give(struct tq_log_reader *reader, const struct span *span, const struct tq__log_piece *piece,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    const struct tq__json_item *end = span->end.kind != TQ__JSON_NONE ? &span->end : &span->start;
    int fault = tq__otel_instant(end, &entry->at_ns);

    if (tq__log_take_usage(entry, &span->attributes.usage, true, false, error) != 0)
        return TQ_LOG_BAD_LINE;
    if (fault != 0)
        return tq__log_fail_value(error, piece->line, TQ__SPAN("endTime"), fault, end->text);
    tq__otel_fill_texts(&span->attributes, &reader->texts, entry);
    tq__log_set_key(entry, key_of(span), TQ__OTEL_SOURCE_ID, piece);
    return TQ_LOG_RECORD;
}

/* Gives the next span of a request that has usage. */
static int give_next(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                     struct tq__otel_memory *memory, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__json *spans = &reader->lists[0];
    struct tq__json_item item;

    while (tq__otel_next(spans, span_lists, &item)) {
        const char *from = spans->at;
        struct tq__log_piece place;
        struct span span = {0};

        if (tq__json_enter(spans, '{'))
            read_span(spans, &span);
        if (spans->failed)
            break;
        if (!tells_of_usage(&span))
            continue;
        place = tq__log_part(piece, from, spans->at);
        reader->more = true;
        memory->flags |= TQ__OTEL_HAS_SPANS;
        return give(reader, &span, &place, entry, error);
    }
    return spans->failed ? tq__log_fail_json(error, piece->line) : TQ__LOG_NOTHING;
}

static int read_piece(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq__otel_memory *memory, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct span span = {0};
    struct tq__json json;

    if (!reader->begun) {
        tq__json_begin(&json, (struct tq__span){piece->text, piece->len}, TQ__JSON_LAX);
        if (tq__json_enter_next(&json, '{'))
            read_span(&json, &span);
        if (!tq__json_done(&json))
            return tq__log_fail_json(error, piece->line);
        memory->in_metrics = span.spans.kind != TQ__JSON_ARRAY && span.metrics.kind == TQ__JSON_ARRAY;
        if (span.spans.kind == TQ__JSON_ARRAY || memory->in_metrics) {
            tq__log_enter_list(&reader->lists[0], memory->in_metrics ? &span.metrics : &span.spans);
            tq__log_enter_list(&reader->lists[1], &(struct tq__json_item){.kind = TQ__JSON_NONE});
            reader->begun = true;
        } else if (tells_of_usage(&span)) {
            memory->flags |= TQ__OTEL_HAS_SPANS;
            return give(reader, &span, piece, entry, error);
        } else {
            return TQ__LOG_NOTHING;
        }
    }
    return memory->in_metrics ? tq__otel_give_metrics(reader, piece, memory, entry, error)
                              : give_next(reader, piece, memory, entry, error);
}

int tq__log_otel_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__otel_memory memory;
    int answer;

    memcpy(&memory, reader->memory.own, sizeof(memory));
    answer = read_piece(reader, piece, &memory, entry, error);
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return answer;
}
