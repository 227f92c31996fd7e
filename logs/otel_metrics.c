/* otel_metrics.c: the tokens that OpenTelemetry's metrics count, for files that have nothing better.
 *
 * SPDX-License-Identifier: MIT
 *
 * A metric adds up many calls, in one series for each set of attributes. A cumulative one says its sum since
 * its start again and again, so an entry of it is a bucket: the series is the key. Input and output are
 * series apart; which part of the input came from a cache is in others, of which nothing says that they
 * belong to it, so it is not told apart. A file whose spans told of usage has the same calls there.
 */
#include "otel.h"

#include <string.h>

static const char *const metric_lists[3] = {"resourceMetrics", "scopeMetrics", "metrics"};

struct metric {
    struct tq__log_value name, sum, histogram, exponential;
};

struct points {
    struct tq__log_value list, temporality;
};

struct point {
    struct tq__log_value start, time, sum, number, decimal, attributes;
};

/* Takes the members of an object that are wanted. */
static void read_members(struct tq__log_text tree, const struct tq__log_member *members, size_t count)
{
    struct tq__log_scan scan;
    struct tq__log_text key;

    tq__log_scan_begin(&scan, tree.text, tree.len);
    if (!tq__log_scan_enter(&scan, '{'))
        return;
    while (tq__log_scan_member(&scan, &key)) {
        if (!tq__log_take_member(&scan, key, members, count))
            tq__log_scan_pass(&scan);
    }
}

/* What a metric of this name counts. Programs may write old and new names side by side: the first kind that
 * the file has is read. */
static uint32_t what_of(struct tq__log_text name, struct tq__otel_memory *memory)
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
        if (!tq__log_text_is(name, names[i].name) || memory->flags & names[i].other)
            continue;
        memory->flags |= names[i].kind;
        return names[i].what;
    }
    return TQ__OTEL_NOTHING;
}

/* Steps into the points of a metric, whose end is at `behind`; passes over one that tells of nothing. */
static void enter_metric(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                         const struct tq__log_value *value, size_t behind, struct tq__otel_memory *memory)
{
    struct metric metric = {0};
    struct points points = {0};
    const struct tq__log_member members[] = {{"name", &metric.name},
                                             {"sum", &metric.sum},
                                             {"histogram", &metric.histogram},
                                             {"exponentialHistogram", &metric.exponential}};
    const struct tq__log_member lists[] = {{"dataPoints", &points.list},
                                           {"aggregationTemporality", &points.temporality}};
    const struct tq__log_value *kind;

    reader->piece_at = behind;
    read_members(value->text, members, sizeof(members) / sizeof(members[0]));
    kind = metric.sum.kind == TQ__LOG_TREE         ? &metric.sum
           : metric.histogram.kind == TQ__LOG_TREE ? &metric.histogram
                                                   : &metric.exponential;
    if (kind->kind == TQ__LOG_TREE)
        read_members(kind->text, lists, sizeof(lists) / sizeof(lists[0]));
    if (points.list.kind != TQ__LOG_TREE || points.list.text.text[0] != '[')
        return;
    memory->what = what_of(metric.name.text, memory);
    if (memory->what == TQ__OTEL_NOTHING)
        return;
    memory->cumulative = !tq__log_text_is(points.temporality.text, "1") &&
                         !tq__log_text_is(points.temporality.text, "AGGREGATION_TEMPORALITY_DELTA");
    memory->in_points = true;
    memory->behind = behind;
    reader->piece_at = (size_t)(points.list.text.text + 1 - piece->text);
}

/* ---- what a point tells ---- */

/* The class of its tokens: a bit of TQ_USAGE_..., 0 for none of those. */
static uint32_t class_of(const struct tq__otel_attributes *attributes, const struct tq__otel_memory *memory)
{
    struct tq__log_text type = attributes->token_type.text;

    if (memory->what == TQ__OTEL_INPUT)
        return TQ_USAGE_INPUT;
    if (memory->what == TQ__OTEL_OUTPUT)
        return TQ_USAGE_OUTPUT;
    if (tq__log_text_is(type, "input"))
        return TQ_USAGE_INPUT;
    return tq__log_text_is(type, "output") || tq__log_text_is(type, "completion") ? TQ_USAGE_OUTPUT : 0;
}

/* The instant of a point: of a sum that grows its start, where that is known, else when it was said. */
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
                struct tq__otel_attributes *attributes, const struct tq__otel_memory *memory,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_hash hash = tq__log_hash_begin(TQ__OTEL_SOURCE_ID, "series");
    const struct tq__log_value *value = point->sum.kind != TQ__LOG_NONE      ? &point->sum
                                        : point->number.kind != TQ__LOG_NONE ? &point->number
                                                                             : &point->decimal;
    uint32_t class = class_of(attributes, memory);
    struct tq_usage *usage = &entry->usage;
    int64_t start_ns;
    int fault = tq__log_value_count(value, class == TQ_USAGE_INPUT ? &usage->input : &usage->output,
                                    &usage->known, class);

    if (fault != 0)
        return tq__log_fail_value(error, entry->line, "a point's value", fault, value->text);
    fault = read_instants(point, memory->cumulative, &start_ns, &entry->at_ns);
    if (fault != 0)
        return tq__log_fail_value(error, entry->line, "timeUnixNano", fault, point->time.text);
    tq__otel_fill_texts(attributes, &reader->texts, entry);
    usage->counted = tq__log_counted(usage);
    tq__log_hash_number(&hash, class);
    tq__log_hash_number(&hash, (uint64_t)start_ns);
    tq__log_hash_number(&hash, memory->cumulative ? 0 : (uint64_t)entry->at_ns);
    tq__log_hash_text(&hash, point->attributes.text);
    entry->key = tq__log_hash_end(hash);
    entry->flags = memory->cumulative ? TQ_LOG_ENTRY_BUCKET : 0;
    entry->rank = tq__log_rank(usage, false, false);
    return TQ_LOG_RECORD;
}

/* The next point of the metric that was entered; TQ__LOG_NOTHING behind the last one. */
static int give_point(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct tq__otel_memory *memory, struct tq_log_entry *entry,
                      struct tq_log_error *error)
{
    struct tq__log_scan scan, inner;
    struct tq__log_value value;

    tq__log_scan_begin(&scan, piece->text + reader->piece_at, piece->len - reader->piece_at);
    scan.first = piece->text[reader->piece_at - 1] == '[';
    while (tq__log_scan_element(&scan) && tq__log_scan_value(&scan, &value)) {
        struct point point = {0};
        struct tq__otel_attributes attributes = {0};
        const struct tq__log_member members[] = {{"startTimeUnixNano", &point.start},
                                                 {"timeUnixNano", &point.time},
                                                 {"sum", &point.sum},
                                                 {"asInt", &point.number},
                                                 {"asDouble", &point.decimal},
                                                 {"attributes", &point.attributes}};

        if (value.kind != TQ__LOG_TREE)
            continue;
        read_members(value.text, members, sizeof(members) / sizeof(members[0]));
        tq__log_scan_begin(&inner, point.attributes.text.text, point.attributes.text.len);
        if (point.attributes.kind == TQ__LOG_TREE)
            tq__otel_read_attributes(&inner, &attributes);
        if (class_of(&attributes, memory) == 0)
            continue;
        reader->piece_at = (size_t)(scan.at - piece->text);
        reader->more = true;
        return give(reader, &point, &attributes, memory, entry, error);
    }
    return scan.failed ? tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off")
                       : TQ__LOG_NOTHING;
}

int tq__otel_give_metrics(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                          struct tq__otel_memory *memory, struct tq_log_entry *entry,
                          struct tq_log_error *error)
{
    struct tq__log_scan scan;
    struct tq__log_value metric;
    int answer;

    if (memory->flags & TQ__OTEL_HAS_SPANS)
        return TQ__LOG_NOTHING;
    for (;;) {
        if (memory->in_points) {
            answer = give_point(reader, piece, memory, entry, error);
            if (answer != TQ__LOG_NOTHING)
                return answer;
            memory->in_points = false;
            reader->piece_at = (size_t)memory->behind;
        }
        tq__log_scan_begin(&scan, piece->text + reader->piece_at, piece->len - reader->piece_at);
        scan.first = piece->text[reader->piece_at - 1] == '[';
        if (!tq__otel_next(&scan, metric_lists, &memory->level) || !tq__log_scan_value(&scan, &metric))
            break;
        enter_metric(reader, piece, &metric, (size_t)(scan.at - piece->text), memory);
    }
    return scan.failed ? tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off")
                       : TQ__LOG_NOTHING;
}
