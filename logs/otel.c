/* otel.c: the calls of generative models that OpenTelemetry's exporters wrote down, as spans.
 *
 * SPDX-License-Identifier: MIT
 *
 * A piece is a request of OTLP as JSON, {resourceSpans: [{scopeSpans: [{spans: [...]}]}]}, or one span with
 * plain attributes, as Copilot CLI writes it. Spans are what is counted: events repeat them, metrics add them
 * up (otel_metrics.c), and the span of an agent has the sum of those below it. docs/logs.md has the
 * rules.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "otel.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct tq__otel_memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

static const char *const span_lists[3] = {"resourceSpans", "scopeSpans", "spans"};

struct span {
    struct tq__log_value trace, id, start, end, kind; /* kind: of a line that is no request */
    struct tq__log_value spans, metrics;              /* the lists of a request */
    struct tq__otel_attributes attributes;
};

bool tq__log_otel_matters(const char *text, size_t len)
{
    static const char *const words[] = {"\"gen_ai.usage.", "\"gen_ai.client."};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (memmem(text, len, words[i], strlen(words[i])))
            return true;
    }
    return false;
}

/* A span, or a request: the object that comes next. */
static void read_span(struct tq__log_scan *scan, struct span *span)
{
    const struct tq__log_member members[] = {
        {"traceId", &span->trace},   {"spanId", &span->id},           {"startTimeUnixNano", &span->start},
        {"startTime", &span->start}, {"endTimeUnixNano", &span->end}, {"endTime", &span->end},
        {"type", &span->kind},       {"resourceSpans", &span->spans}, {"resourceMetrics", &span->metrics}};
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_take_member(scan, key, members, sizeof(members) / sizeof(members[0])))
            continue;
        if (tq__log_text_is(key, "attributes"))
            tq__otel_read_attributes(scan, &span->attributes);
        else
            tq__log_scan_pass(scan);
    }
}

/* Is it one call of a model? What an agent or a chain used is in the spans of its calls, too. */
static bool tells_of_usage(const struct span *span)
{
    static const char *const sums[] = {"invoke_agent", "create_agent", "invoke_workflow", "execute_tool"};
    const struct tq__otel_attributes *attributes = &span->attributes;

    if (!(attributes->usage.known & (TQ_USAGE_INPUT | TQ_USAGE_OUTPUT)) && attributes->faulty.fault == 0)
        return false;
    if (span->kind.kind == TQ__LOG_STRING && !tq__log_text_is(span->kind.text, "span"))
        return false;
    if (attributes->event.kind != TQ__LOG_NONE)
        return false; /* a record of a log, of a call that has a span */
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        if (tq__log_text_is(attributes->operation.text, sums[i]))
            return false;
    }
    return true;
}

/* By the response, where it has a name: what two layers of a program say of one call has one key. */
static uint64_t key_of(const struct span *span, const struct tq__log_piece *piece, uint32_t *flags)
{
    struct tq__log_text response = span->attributes.response.text, id = span->id.text;
    struct tq__log_hash hash = tq__log_hash_begin(TQ__OTEL_SOURCE_ID, response.len > 0 ? "response" : "span");

    if (response.len == 0 && id.len == 0) {
        *flags |= TQ_LOG_ENTRY_NO_KEY;
        return tq__log_key_of_place(TQ__OTEL_SOURCE_ID, piece);
    }
    tq__log_hash_text(&hash, span->trace.text);
    tq__log_hash_text(&hash, response.len > 0 ? response : id);
    return tq__log_hash_end(hash);
}

static int give(struct tq_log_reader *reader, struct span *span, const struct tq__log_piece *piece,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__otel_attributes *attributes = &span->attributes;
    const struct tq__log_value *end = span->end.kind != TQ__LOG_NONE ? &span->end : &span->start;
    int fault = tq__otel_instant(end, &entry->at_ns);

    if (attributes->faulty.fault != 0)
        return tq__log_fail_value(error, piece->line, attributes->faulty.name, attributes->faulty.fault,
                                  attributes->faulty.value);
    if (fault != 0)
        return tq__log_fail_value(error, piece->line, "endTime", fault, end->text);
    tq__otel_fill_texts(attributes, &reader->texts, entry);
    attributes->usage.size = entry->usage.size;
    attributes->usage.requests = entry->usage.requests;
    tq__log_take_apart(&attributes->usage, attributes->input);
    entry->usage = attributes->usage;
    entry->key = key_of(span, piece, &entry->flags);
    entry->rank = tq__log_rank(&entry->usage, true, false);
    return TQ_LOG_RECORD;
}

/* The next span of a request that tells of usage. */
static int give_next(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                     struct tq__otel_memory *memory, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_scan scan;

    tq__log_scan_begin(&scan, piece->text + reader->piece_at, piece->len - reader->piece_at);
    scan.first = piece->text[reader->piece_at - 1] == '[';
    while (tq__otel_next(&scan, span_lists, &memory->level)) {
        struct tq__log_piece place = {.text = scan.at, .line = piece->line};
        struct span span = {0};

        place.offset = piece->offset + (uint64_t)(scan.at - piece->text);
        read_span(&scan, &span);
        if (scan.failed)
            break;
        if (!tells_of_usage(&span))
            continue;
        place.len = (size_t)(scan.at - place.text);
        reader->piece_at = (size_t)(scan.at - piece->text);
        reader->more = true;
        memory->flags |= TQ__OTEL_HAS_SPANS;
        return give(reader, &span, &place, entry, error);
    }
    return scan.failed ? tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off")
                       : TQ__LOG_NOTHING;
}

/* Steps into the list of a request: where the walk over its lists begins. */
static bool enter(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                  const struct tq__log_value *list, struct tq__otel_memory *memory)
{
    if (list->kind != TQ__LOG_TREE || list->text.text[0] != '[')
        return false;
    reader->piece_at = (size_t)(list->text.text + 1 - piece->text);
    memory->level = 1;
    memory->in_points = false;
    return true;
}

static int read_piece(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq__otel_memory *memory, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct span span = {0};
    struct tq__log_scan scan;

    if (reader->piece_at == 0) {
        tq__log_scan_begin(&scan, piece->text, piece->len);
        read_span(&scan, &span);
        if (!tq__log_scan_done(&scan))
            return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off");
        memory->in_metrics = false;
        if (!enter(reader, piece, &span.spans, memory)) {
            if (!enter(reader, piece, &span.metrics, memory)) {
                bool tells = tells_of_usage(&span);

                memory->flags |= tells ? TQ__OTEL_HAS_SPANS : 0;
                return tells ? give(reader, &span, piece, entry, error) : TQ__LOG_NOTHING;
            }
            memory->in_metrics = true;
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
