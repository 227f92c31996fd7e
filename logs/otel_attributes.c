/* otel_attributes.c: reads the attributes and the timestamps of OpenTelemetry's JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 * In OTLP's JSON, attributes are a list of pairs with typed values. In the files of some exporters, they are
 * one plain object. Both are read. Old and new names of an attribute mean the same.
 */
#include "base/time.h"
#include "otel.h"

static const struct tq__log_member attribute_members[] = {
    TQ__LOG_ITEM("gen_ai.operation.name", struct tq__otel_attributes, operation),
    TQ__LOG_ITEM("event.name", struct tq__otel_attributes, event),
    TQ__LOG_ITEM("gen_ai.token.type", struct tq__otel_attributes, token_type),
    TQ__LOG_ITEM("gen_ai.provider.name", struct tq__otel_attributes, vendor),
    TQ__LOG_ITEM("gen_ai.system", struct tq__otel_attributes, old_vendor),
    TQ__LOG_ITEM("gen_ai.response.model", struct tq__otel_attributes, model),
    TQ__LOG_ITEM("gen_ai.request.model", struct tq__otel_attributes, asked_model),
    TQ__LOG_ITEM("gen_ai.response.id", struct tq__otel_attributes, response),
    TQ__LOG_ITEM("gen_ai.conversation.id", struct tq__otel_attributes, session),
    TQ__LOG_ITEM("session.id", struct tq__otel_attributes, old_session),
    TQ__LOG_COUNTS(TQ__IN_SPAN, struct tq__otel_attributes, usage),
};

/* Reads an attribute, {key, value: {TYPE: value}}: the one member of the typed value. */
static void read_pair(struct tq__json *json, struct tq__otel_attributes *attributes)
{
    struct tq__json_item name = {0}, value = {0}, item;

    while (tq__json_next(json, &item)) {
        if (tq__span_equals(item.key, "key") && tq__json_pass(json, &item))
            name = item;
        else if (tq__span_equals(item.key, "value") && tq__json_enter(json, '{'))
            while (tq__json_next(json, &item) && tq__json_pass(json, &item))
                value = item;
    }
    value.key = name.text;
    if (name.kind == TQ__JSON_STRING && value.kind != TQ__JSON_NONE)
        tq__log_take(json, &value, attribute_members, attributes);
}

void tq__otel_read_attributes(struct tq__json *json, struct tq__otel_attributes *attributes)
{
    struct tq__json_item item;

    if (tq__json_enter(json, '{'))
        tq__log_walk(json, attribute_members, attributes);
    else if (tq__json_enter(json, '['))
        while (tq__json_next(json, &item))
            if (tq__json_enter(json, '{'))
                read_pair(json, attributes);
}

void tq__otel_fill_texts(const struct tq__otel_attributes *attributes, struct tq__log_texts *texts,
                         struct tq_log_entry *entry)
{
    const struct tq__json_item *vendor = tq__log_either(&attributes->vendor, &attributes->old_vendor);
    const struct tq__json_item *model = tq__log_either(&attributes->model, &attributes->asked_model);
    const struct tq__json_item *session = tq__log_either(&attributes->session, &attributes->old_session);

    entry->vendor = tq__log_vendor(tq__log_copy(vendor, texts->vendor, sizeof(texts->vendor)));
    entry->model = tq__log_copy(model, texts->model, sizeof(texts->model));
    entry->session = tq__log_copy(session, texts->session, sizeof(texts->session));
}

/* [seconds, nanoseconds] */
static int read_two(struct tq__span text, int64_t *at_ns)
{
    int64_t parts[2] = {0}, seconds_ns;
    struct tq__json_item item;
    struct tq__json json;
    int count = 0;

    tq__json_begin(&json, text, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    for (; tq__json_next(&json, &item); count++)
        if (count == 2 || tq__number_count(tq__log_scalar(&item), &parts[count]) != 0)
            return TQ__NOT_TIME;
    if (count != 2)
        return TQ__NOT_TIME;
    if (__builtin_mul_overflow(parts[0], TQ__SECOND_NS, &seconds_ns) ||
        __builtin_add_overflow(seconds_ns, parts[1], at_ns))
        return TQ__OUT_OF_RANGE;
    return 0;
}

int tq__otel_instant(const struct tq__json_item *item, int64_t *at_ns)
{
    *at_ns = 0;
    if (item->kind == TQ__JSON_ARRAY)
        return read_two(item->text, at_ns);
    return tq__time_read(tq__log_scalar(item), at_ns);
}
