/* otel_metrics.c: reads the tokens that OpenTelemetry's metrics count, in files without spans.
 *
 * SPDX-License-Identifier: MIT
 *
 * A metric adds up many calls, in one series for each set of attributes. A cumulative metric repeats its sum
 * since its start, so its entry is a bucket, and the key is made from the series. Input and output are
 * separate series. Cached input is in another series, and nothing links it to its input, so it is not
 * separated. When a file has usage in spans, its metrics count the same calls again and are skipped. */
#include "error.h"
#include "otel.h"

static const char *const metric_lists[2] = {"scopeMetrics", "metrics"};

struct metric {
    struct tq__json_item name, points, temporality;
};

struct point {
    struct tq__json_item start, time, sum, number, decimal, attributes;
};

static const struct tq__log_member data_members[] = {
    TQ__LOG_ITEM("dataPoints", struct metric, points),
    TQ__LOG_ITEM("aggregationTemporality", struct metric, temporality),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member metric_members[] = {
    TQ__LOG_ITEM("name", struct metric, name),
    TQ__LOG_INSIDE("sum", data_members),
    TQ__LOG_INSIDE("histogram", data_members),
    TQ__LOG_INSIDE("exponentialHistogram", data_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member point_members[] = {
    TQ__LOG_ITEM("startTimeUnixNano", struct point, start),
    TQ__LOG_ITEM("timeUnixNano", struct point, time),
    TQ__LOG_ITEM("sum", struct point, sum),
    TQ__LOG_ITEM("asInt", struct point, number),
    TQ__LOG_ITEM("asDouble", struct point, decimal),
    TQ__LOG_ITEM("attributes", struct point, attributes),
    TQ__LOG_NO_COUNTS,
};

/* What a metric of this name counts. A program may write both the old and the new names: only the kind that
 * comes first in the file is read. */
static uint32_t what_of(struct tq__span name, struct tq__otel_memory *memory)
{
    static const struct {
        const char *name;
        uint32_t what, kind, other;
    } names[] = {
        {"gen_ai.client.token.usage", TQ__OTEL_BY_TYPE, TQ__OTEL_HAS_OLD, TQ__OTEL_HAS_NEW},
        {"gen_ai.client.inference.usage.input_tokens", TQ__OTEL_INPUT, TQ__OTEL_HAS_NEW, TQ__OTEL_HAS_OLD},
        {"gen_ai.client.inference.usage.output_tokens", TQ__OTEL_OUTPUT, TQ__OTEL_HAS_NEW, TQ__OTEL_HAS_OLD},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!tq__span_equals(name, names[i].name) || memory->flags & names[i].other)
            continue;
        memory->flags |= names[i].kind;
        return names[i].what;
    }
    return TQ__OTEL_NOTHING;
}

/* Steps into the points of the metric that `metrics` gave last; skips a metric that is not counted. */
static void enter_metric(struct tq__json *points, struct tq__json *metrics, struct tq__otel_memory *memory)
{
    struct metric metric = {0};
    struct tq__span temporality;

    if (tq__json_enter(metrics, '{'))
        tq__log_walk(metrics, metric_members, &metric);
    temporality = metric.temporality.text;
    memory->what = TQ__OTEL_NOTHING;
    if (!metrics->failed && metric.points.kind == TQ__JSON_ARRAY)
        memory->what = what_of(metric.name.text, memory);
    if (memory->what == TQ__OTEL_NOTHING)
        return;
    memory->cumulative =
        !tq__span_equals(temporality, "1") && !tq__span_equals(temporality, "AGGREGATION_TEMPORALITY_DELTA");
    tq__log_enter_list(points, &metric.points);
}

/* ---- what a point says ---------------------------------------------------------------------- */

/* The class of the tokens of a point: a bit of TQ_USAGE_...; 0: none that is counted. */
static uint32_t class_of(const struct tq__otel_attributes *attributes, const struct tq__otel_memory *memory)
{
    struct tq__span type = attributes->token_type.text;

    if (memory->what == TQ__OTEL_INPUT)
        return TQ_USAGE_INPUT;
    if (memory->what == TQ__OTEL_OUTPUT)
        return TQ_USAGE_OUTPUT;
    if (tq__span_equals(type, "input"))
        return TQ_USAGE_INPUT;
    return tq__span_equals(type, "output") || tq__span_equals(type, "completion") ? TQ_USAGE_OUTPUT : 0;
}

/* The instant of a point: the start of a cumulative sum when it is known, else the time of the point. */
static int read_instants(const struct point *point, bool cumulative, int64_t *start_ns, int64_t *at_ns)
{
    int64_t time_ns;
    int fault = tq__otel_instant(&point->time, &time_ns);

    if (tq__otel_instant(&point->start, start_ns) != 0)
        *start_ns = 0;
    if (cumulative && *start_ns != 0) {
        *at_ns = *start_ns;
        return 0;
    }
    *at_ns = time_ns;
    return fault;
}

static int give(struct tq_log_reader *reader, const struct point *point,
                const struct tq__otel_attributes *attributes, const struct tq__otel_memory *memory,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_hash hash = tq__log_hash_begin(TQ__OTEL_SOURCE_ID, "series");
    const struct tq__json_item *number = point->sum.kind != TQ__JSON_NONE      ? &point->sum
                                         : point->number.kind != TQ__JSON_NONE ? &point->number
                                                                               : &point->decimal;
    uint32_t class = class_of(attributes, memory);
    enum tq__count count = class == TQ_USAGE_INPUT ? TQ__WHOLE_INPUT : TQ__OUTPUT;
    struct tq__log_usage usage = {.fault = {0, TQ__SPAN("a point's value"), number->text}};
    int64_t start_ns;
    int fault;

    if (number->kind != TQ__JSON_NULL)
        usage.fault.why = tq__counts_note(&usage.counts, count, tq__log_scalar(number));
    if (tq__log_take_usage(entry, &usage, false, false, error) != 0)
        return TQ_LOG_BAD_LINE;
    fault = read_instants(point, memory->cumulative, &start_ns, &entry->at_ns);
    if (fault != 0)
        return tq__log_fail_value(error, entry->line, TQ__SPAN("timeUnixNano"), fault, point->time.text);
    tq__otel_fill_texts(attributes, &reader->texts, entry);
    tq__log_hash_number(&hash, class);
    tq__log_hash_number(&hash, (uint64_t)start_ns);
    tq__log_hash_number(&hash, memory->cumulative ? 0 : (uint64_t)entry->at_ns);
    tq__log_hash_text(&hash, point->attributes.text);
    entry->key = tq__log_hash_end(hash);
    entry->flags = memory->cumulative ? TQ_LOG_ENTRY_BUCKET : 0;
    return TQ_LOG_RECORD;
}

/* Finds the next point that counts tokens, in the metric that was entered; false after the last one. */
static bool next_point(struct tq__json *points, const struct tq__otel_memory *memory, struct point *point,
                       struct tq__otel_attributes *attributes)
{
    struct tq__json_item item;
    struct tq__json list;

    while (tq__json_next(points, &item)) {
        if (!tq__json_enter(points, '{'))
            continue;
        *point = (struct point){0};
        *attributes = (struct tq__otel_attributes){0};
        tq__log_walk(points, point_members, point);
        tq__json_begin(&list, point->attributes.text, TQ__JSON_LAX);
        if (tq__json_next(&list, &item))
            tq__otel_read_attributes(&list, attributes);
        if (!points->failed && class_of(attributes, memory) != 0)
            return true;
    }
    return false;
}

int tq__otel_give_metrics(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                          struct tq__otel_memory *memory, struct tq_log_entry *entry,
                          struct tq_log_error *error)
{
    struct tq__json *metrics = &reader->lists[0], *points = &reader->lists[1];
    struct tq__otel_attributes attributes;
    struct tq__json_item metric;
    struct point point;

    if (memory->flags & TQ__OTEL_HAS_SPANS)
        return TQ__LOG_NOTHING;
    while (!next_point(points, memory, &point, &attributes)) {
        if (points->failed || !tq__otel_next(metrics, metric_lists, &metric))
            return points->failed || metrics->failed ? tq__log_fail_json(error, piece->line)
                                                     : TQ__LOG_NOTHING;
        enter_metric(points, metrics, memory);
    }
    reader->more = true;
    return give(reader, &point, &attributes, memory, entry, error);
}
