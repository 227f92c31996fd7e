/* otel_attributes.c: the attributes and the instants of OpenTelemetry's JSON, and what they say of an entry.
 *
 * SPDX-License-Identifier: MIT
 *
 * Attributes are a list of pairs with typed values in OTLP's JSON, and one plain object in the files that
 * exporters write; both are read. A name that took the place of an older one is read like it.
 */
#include "base/time.h"
#include "otel.h"

/* Takes an attribute: its name is the item's key. */
static void take(struct tq__json *json, struct tq__otel_attributes *attributes,
                 const struct tq__json_item *item)
{
    const struct tq__json_wanted wanted[] = {
        {"gen_ai.operation.name", &attributes->operation},  {"event.name", &attributes->event},
        {"gen_ai.token.type", &attributes->token_type},     {"gen_ai.provider.name", &attributes->vendor},
        {"gen_ai.system", &attributes->old_vendor},         {"gen_ai.response.model", &attributes->model},
        {"gen_ai.request.model", &attributes->asked_model}, {"gen_ai.response.id", &attributes->response},
        {"gen_ai.conversation.id", &attributes->session},   {"session.id", &attributes->old_session}};

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (tq__span_equals(item->key, wanted[i].name)) {
            *wanted[i].item = *item;
            return;
        }
    }
    if (item->kind != TQ__JSON_NONE)
        tq__usage_take(&attributes->counts, TQ__IN_SPAN, json, item, &attributes->fault);
}

/* Reads the one member of a typed value. */
static void read_typed(struct tq__json *json, struct tq__json_item *value)
{
    struct tq__json_item item;

    while (tq__json_next(json, &item) && tq__json_pass(json, &item))
        *value = item;
}

static void read_pair(struct tq__json *json, struct tq__otel_attributes *attributes)
{
    struct tq__json_item name = {0}, value = {0}, item;
    const struct tq__json_wanted wanted[] = {{"key", &name}};

    while (tq__json_next(json, &item)) {
        if (!tq__json_take(json, &item, wanted, 1) && tq__span_equals(item.key, "value") &&
            tq__json_enter(json, '{'))
            read_typed(json, &value);
    }
    value.key = name.text;
    if (name.kind == TQ__JSON_STRING)
        take(json, attributes, &value);
}

void tq__otel_read_attributes(struct tq__json *json, struct tq__otel_attributes *attributes)
{
    struct tq__json_item item;

    if (tq__json_enter(json, '[')) {
        while (tq__json_next(json, &item))
            if (tq__json_enter(json, '{'))
                read_pair(json, attributes);
    } else if (tq__json_enter(json, '{')) {
        while (tq__json_next(json, &item) && tq__json_pass(json, &item))
            take(json, attributes, &item);
    }
}

void tq__otel_fill_texts(const struct tq__otel_attributes *attributes, struct tq__log_texts *texts,
                         struct tq_log_entry *entry)
{
    tq__json_copy(tq__log_is_name(&attributes->vendor) ? &attributes->vendor : &attributes->old_vendor,
                  texts->vendor, sizeof(texts->vendor));
    tq__json_copy(tq__log_is_name(&attributes->model) ? &attributes->model : &attributes->asked_model,
                  texts->model, sizeof(texts->model));
    tq__json_copy(tq__log_is_name(&attributes->session) ? &attributes->session : &attributes->old_session,
                  texts->session, sizeof(texts->session));
    entry->vendor = tq__log_vendor(texts->vendor);
    entry->model = texts->model;
    entry->session = texts->session;
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
