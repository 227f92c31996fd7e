/* otel_scan.c: the walk over OpenTelemetry's JSON: its nested lists, its attributes, its instants.
 *
 * SPDX-License-Identifier: MIT
 *
 * Attributes are a list of pairs with typed values in OTLP's JSON, and one plain object in what exporters to
 * a file write; both are read. Of each name the older ones mean the same.
 */
#include "otel.h"

bool tq__otel_next(struct tq__log_scan *scan, const char *const names[3], uint32_t *level)
{
    struct tq__log_text key;

    while (*level > 0) {
        if (*level % 2 == 1) {
            if (!tq__log_scan_element(scan))
                (*level)--;
            else if (*level == 5)
                return true;
            else
                *level += tq__log_scan_object(scan);
        } else if (!tq__log_scan_member(scan, &key)) {
            (*level)--;
        } else if (tq__log_text_is(key, names[*level / 2]) && tq__log_scan_enter(scan, '[')) {
            (*level)++;
        } else {
            tq__log_scan_pass(scan);
        }
    }
    return false;
}

/* ---- attributes ---- */

/* Does the attribute have a count of this name? Takes it. */
static bool take_count(struct tq__otel_attributes *attributes, struct tq__log_text key,
                       const struct tq__log_value *value)
{
    struct tq_usage *usage = &attributes->usage;
    const struct {
        const char *name, *short_name;
        int64_t *count;
        uint32_t bit;
    } counts[] = {
        {"gen_ai.usage.input_tokens", "input_tokens", &attributes->input, TQ_USAGE_INPUT},
        {"gen_ai.usage.prompt_tokens", "prompt_tokens", &attributes->input, TQ_USAGE_INPUT},
        {"gen_ai.usage.output_tokens", "output_tokens", &usage->output, TQ_USAGE_OUTPUT},
        {"gen_ai.usage.completion_tokens", "completion_tokens", &usage->output, TQ_USAGE_OUTPUT},
        {"gen_ai.usage.cache_read.input_tokens", "cache_read", &usage->cache_read, TQ_USAGE_CACHE_READ},
        {"gen_ai.usage.cache_write.input_tokens", "cache_write", &usage->cache_write, TQ_USAGE_CACHE_WRITE},
        {"gen_ai.usage.cache_creation.input_tokens", "cache_creation", &usage->cache_write,
         TQ_USAGE_CACHE_WRITE},
        {"gen_ai.usage.reasoning.output_tokens", "reasoning", &usage->reasoning, TQ_USAGE_REASONING},
    };

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        int fault;

        if (!tq__log_text_is(key, counts[i].name))
            continue;
        if (value->kind == TQ__LOG_NULL || value->kind == TQ__LOG_NONE)
            return true; /* the other name may have it */
        fault = tq__log_value_count(value, counts[i].count, &usage->known, counts[i].bit);
        if (fault != 0 && attributes->faulty.fault == 0)
            attributes->faulty = (struct tq__log_faulty){fault, counts[i].short_name, value->text};
        return true;
    }
    return false;
}

static void take(struct tq__otel_attributes *attributes, struct tq__log_text key,
                 const struct tq__log_value *value)
{
    const struct tq__log_member members[] = {
        {"gen_ai.operation.name", &attributes->operation},  {"event.name", &attributes->event},
        {"gen_ai.token.type", &attributes->token_type},     {"gen_ai.provider.name", &attributes->vendor},
        {"gen_ai.system", &attributes->old_vendor},         {"gen_ai.response.model", &attributes->model},
        {"gen_ai.request.model", &attributes->asked_model}, {"gen_ai.response.id", &attributes->response},
        {"gen_ai.conversation.id", &attributes->session},   {"session.id", &attributes->old_session}};

    if (take_count(attributes, key, value))
        return;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (tq__log_text_is(key, members[i].name))
            *members[i].value = *value;
    }
}

/* The one member of a typed value. */
static void read_typed(struct tq__log_scan *scan, struct tq__log_value *value)
{
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key))
        tq__log_scan_value(scan, value);
}

static void read_pair(struct tq__log_scan *scan, struct tq__otel_attributes *attributes)
{
    struct tq__log_value name = {0}, value = {0};
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_text_is(key, "key"))
            tq__log_scan_value(scan, &name);
        else if (tq__log_text_is(key, "value"))
            read_typed(scan, &value);
        else
            tq__log_scan_pass(scan);
    }
    if (name.kind == TQ__LOG_STRING)
        take(attributes, name.text, &value);
}

void tq__otel_read_attributes(struct tq__log_scan *scan, struct tq__otel_attributes *attributes)
{
    struct tq__log_value value;
    struct tq__log_text key;

    if (tq__log_scan_enter(scan, '[')) {
        while (tq__log_scan_element(scan))
            read_pair(scan, attributes);
        return;
    }
    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_scan_value(scan, &value))
            take(attributes, key, &value);
    }
}

/* ---- what they say ---- */

static bool is_name(const struct tq__log_value *value)
{
    return value->kind == TQ__LOG_STRING && value->text.len > 0;
}

void tq__otel_fill_texts(const struct tq__otel_attributes *attributes, struct tq__log_texts *texts,
                         struct tq_log_entry *entry)
{
    tq__log_value_text(is_name(&attributes->vendor) ? &attributes->vendor : &attributes->old_vendor,
                       texts->vendor, sizeof(texts->vendor));
    tq__log_value_text(is_name(&attributes->model) ? &attributes->model : &attributes->asked_model,
                       texts->model, sizeof(texts->model));
    tq__log_value_text(is_name(&attributes->session) ? &attributes->session : &attributes->old_session,
                       texts->session, sizeof(texts->session));
    entry->vendor = tq__log_vendor(texts->vendor);
    entry->model = texts->model;
    entry->session = texts->session;
}

/* ---- instants ---- */

/* [seconds, nanoseconds] */
static int read_two(struct tq__log_text text, int64_t *at_ns)
{
    struct tq__log_scan scan;
    struct tq__log_value value;
    int64_t parts[2] = {0}, seconds_ns;
    int count = 0, fault = 0;

    tq__log_scan_begin(&scan, text.text, text.len);
    if (!tq__log_scan_enter(&scan, '['))
        return TQ__LOG_NOT_TIME;
    for (; tq__log_scan_element(&scan) && tq__log_scan_value(&scan, &value) && fault == 0; count++)
        fault = count < 2 ? tq__log_value_count(&value, &parts[count], NULL, 0) : TQ__LOG_NOT_TIME;
    if (fault != 0 || count != 2)
        return TQ__LOG_NOT_TIME;
    if (__builtin_mul_overflow(parts[0], INT64_C(1000000000), &seconds_ns) ||
        __builtin_add_overflow(seconds_ns, parts[1], at_ns))
        return TQ__LOG_OUT_OF_RANGE;
    return 0;
}

int tq__otel_instant(const struct tq__log_value *value, int64_t *at_ns)
{
    *at_ns = 0;
    if (value->kind == TQ__LOG_TREE)
        return read_two(value->text, at_ns);
    if (value->kind == TQ__LOG_STRING || value->kind == TQ__LOG_NUMBER)
        return tq__log_time_stamp(value->text, at_ns);
    return TQ__LOG_EMPTY;
}
