/* signal.c: tq_signal_read: the steps from a response to a signal.
 *
 * SPDX-License-Identifier: MIT
 *
 *     find the headers       field.c
 *     find the vendor        recognise.c
 *     read the headers       axes.c, anthropic.c, codex.c, copilot.c, ietf.c
 *     read the body          refusal.c
 *     decide                 outcome.c
 */
#include "tokenquota_signals.h"

#include "errors.h"
#include "field.h"
#include "reading.h"
#include "refusal.h"

/* retry-after-ms outranks retry-after: it is the finer one. */
static void read_retry_after(struct tq__reading *reading, const struct tq__fields *fields)
{
    const struct tq_field *ms = tq__field_once(fields, TQ__LIST_RETRY_AFTER_MS);
    const struct tq_field *field = tq__field_once(fields, TQ__LIST_RETRY_AFTER);
    int64_t at_ns;

    if (ms && tq__reading_took(reading, tq__value_scaled(tq__field_value(ms), 6, &at_ns)))
        at_ns = tq__add_saturated(reading->now_ns, at_ns);
    else if (!field || !tq__reading_took(
                           reading, tq__value_retry_after(tq__field_value(field), reading->now_ns, &at_ns)))
        return;
    reading->retry_after = (struct tq__end){at_ns, TQ_SOURCE_RETRY_AFTER};
}

/* The name of an error that only a header has (x-amzn-errortype: ThrottlingException:http://...). */
static void read_error_header(struct tq__reading *reading, const struct tq__fields *fields)
{
    const struct tq_field *field = tq__field_once(fields, TQ__LIST_ERROR_TEXT);
    const struct tq__error_row *row;
    struct tq__span name;
    ptrdiff_t colon;

    if (!field || reading->status < 400)
        return;
    name = tq__field_value(field);
    colon = tq__span_find(name, ":");
    if (colon >= 0)
        name.len = (size_t)colon;
    row = tq__error_word(name, reading->profile->id);
    if (row) {
        reading->error_known = true;
        reading->error_class = row->refusal;
    }
}

void tq__read_fields(struct tq__reading *reading, const struct tq__fields *fields)
{
    reading->signal->anomalies += fields->anomalies;
    reading->signal->flags |= fields->dropped ? TQ_SIGNAL_AXES_DROPPED : 0;
    if (reading->retry_after.source == TQ_SOURCE_NONE)
        read_retry_after(reading, fields);
    tq__read_axes(reading, fields);
    tq__read_unified(reading, fields);
    tq__read_codex(reading, fields);
    tq__read_copilot(reading, fields);
    tq__read_ietf(reading, fields);
    read_error_header(reading, fields);
}

/* Behind LiteLLM: its own buckets, and those of the vendor behind it, whose headers it passes on. */
static void read_gateway(struct tq__reading *reading, const struct tq_response *response,
                         struct tq__fields *fields)
{
    const struct tq_profile *upstream;

    reading->profile = tq_profile_of(TQ__LITELLM);
    reading->may_recognise = false;
    tq__read_fields(reading, fields);
    tq__fields_find(response->fields, response->field_count, true, fields);
    upstream = tq__recognise(fields);
    if (upstream)
        reading->profile = upstream;
    tq__read_fields(reading, fields);
}

static void read_headers(struct tq__reading *reading, const struct tq_response *response)
{
    const struct tq_profile *recognised;
    struct tq__fields fields;

    tq__fields_find(response->fields, response->field_count, false, &fields);
    if (fields.hints & TQ__HINT_LITELLM && (reading->may_recognise || reading->profile->id == TQ__LITELLM)) {
        read_gateway(reading, response, &fields);
        return;
    }
    recognised = reading->may_recognise ? tq__recognise(&fields) : NULL;
    if (recognised)
        tq__reading_is(reading, recognised->id);
    tq__read_fields(reading, &fields);
}

int tq_signal_read(const struct tq_response *response, struct tq_quota_signal *signal)
{
    struct tq__reading reading;

    if (!response || !signal || response->size < sizeof *response || signal->size < sizeof *signal ||
        (!response->fields && response->field_count > 0) || (!response->body && response->body_len > 0) ||
        response->day > TQ_DAY_OF_UTC)
        return TQ_EINVAL;
    if (response->now_ns < TQ_NOW_MIN_NS || response->now_ns >= TQ_NOW_END_NS)
        return TQ_ERANGE;
    tq__reading_begin(&reading, signal, response->profile, response->status, response->now_ns, response->day);
    signal->sent_at_ns = response->sent_at_ns;
    read_headers(&reading, response);
    reading.header_axes = signal->axis_count;
    tq__refusal_body(&reading, response->body, response->body_len);
    tq__decide(&reading);
    return signal->refusal == TQ_CLASS_NONE && signal->axis_count == 0;
}
