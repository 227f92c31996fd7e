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

#define BODY_FIELDS_MAX 48

static bool is_zero(struct tq__span text)
{
    int64_t ns;

    return tq__value_scaled(text, 9, &ns) == 0 && ns == 0;
}

/* retry-after-ms outranks retry-after: it is the finer one. Vendors send 0 where they know no time: it would
 * mean that the refusal is over already. */
static void read_retry_after(struct tq__reading *reading, const struct tq__fields *fields)
{
    const struct tq_field *ms = tq__field_once(fields, TQ__LIST_RETRY_AFTER_MS);
    const struct tq_field *field = tq__field_once(fields, TQ__LIST_RETRY_AFTER);
    int64_t at_ns;

    reading->zero_wait |= (ms && is_zero(tq__field_value(ms))) || (field && is_zero(tq__field_value(field)));
    if (ms && tq__reading_took(reading, tq__value_scaled(tq__field_value(ms), 6, &at_ns)) && at_ns != 0)
        at_ns = tq__add_saturated(reading->now_ns, at_ns);
    else if (!field || is_zero(tq__field_value(field)) ||
             !tq__reading_took(reading,
                               tq__value_retry_after(tq__field_value(field), reading->now_ns, &at_ns)))
        return;
    reading->retry_after = (struct tq__end){at_ns, TQ_SOURCE_RETRY_AFTER};
}

/* The name of an error that only a header has (x-amzn-errortype: ThrottlingException:http://...). */
static void read_error_header(struct tq__reading *reading, const struct tq__fields *fields)
{
    const struct tq_field *field = tq__field_once(fields, TQ__LIST_ERROR_TEXT);
    const struct tq__error_of of = {.profile = reading->profile->id, .status = reading->status};
    const struct tq__error_row *row;

    if (!field || reading->status < 400)
        return;
    row = tq__error_word(tq__error_exception(tq__field_value(field)), &of);
    if (row) {
        reading->error_known = true;
        reading->error_class = row->refusal;
    }
}

static void read_fields(struct tq__reading *reading, const struct tq__fields *fields)
{
    const struct tq_field *account = tq__field_once(fields, TQ__LIST_ACCOUNT);

    reading->signal->anomalies += fields->anomalies;
    reading->signal->flags |= fields->dropped ? TQ_SIGNAL_AXES_DROPPED : 0;
    if (account)
        tq__account_note(reading, tq__field_value(account));
    if (reading->retry_after.source == TQ_SOURCE_NONE)
        read_retry_after(reading, fields);
    tq__read_axes(reading, fields);
    tq__read_unified(reading, fields);
    tq__read_codex(reading, fields);
    tq__read_copilot(reading, fields);
    tq__read_ietf(reading, fields);
    read_error_header(reading, fields);
}

/* Members of an object as headers: their names and values are in the body. */
void tq__reading_headers(struct tq__reading *reading, struct tq__span object)
{
    struct tq_field field[BODY_FIELDS_MAX];
    const struct tq_profile *recognised;
    struct tq__json_item item;
    struct tq__fields fields;
    struct tq__json json;
    size_t count = 0;

    tq__json_begin(&json, object, TQ__JSON_LAX);
    tq__json_enter_next(&json, '{');
    while (count < BODY_FIELDS_MAX && tq__json_next(&json, &item) && tq__json_pass(&json, &item))
        if (item.kind == TQ__JSON_STRING || item.kind == TQ__JSON_NUMBER)
            field[count++] = (struct tq_field){item.key.at, item.key.len, item.text.at, item.text.len};
    tq__fields_find(field, count, false, &fields);
    recognised = reading->may_recognise ? tq__recognise(&fields) : NULL;
    if (recognised)
        tq__reading_is(reading, recognised->id);
    read_fields(reading, &fields);
}

/* Behind LiteLLM: its own buckets, and those of the vendor behind it, whose headers it passes on. */
static void read_gateway(struct tq__reading *reading, const struct tq_response *response,
                         struct tq__fields *fields)
{
    const struct tq_profile *upstream;

    reading->profile = tq_profile_of(TQ__LITELLM);
    reading->may_recognise = false;
    read_fields(reading, fields);
    tq__fields_find(response->fields, response->field_count, true, fields);
    upstream = tq__recognise(fields);
    if (upstream)
        reading->profile = upstream;
    read_fields(reading, fields);
}

static void read_headers(struct tq__reading *reading, const struct tq_response *response)
{
    const struct tq_profile *recognised;
    struct tq__fields fields;

    tq__fields_find(response->fields, response->field_count, false, &fields);
    if (fields.hints & (TQ__HINT_LITELLM | TQ__HINT_GATEWAY) &&
        (reading->may_recognise || reading->profile->id == TQ__LITELLM)) {
        read_gateway(reading, response, &fields);
        return;
    }
    recognised = reading->may_recognise ? tq__recognise(&fields) : NULL;
    if (recognised)
        tq__reading_is(reading, recognised->id);
    read_fields(reading, &fields);
    if (reading->may_recognise)
        reading->weakly = tq__recognise_weakly(&fields);
}

int tq_signal_read(const struct tq_response *response, struct tq_quota_signal *signal)
{
    struct tq__reading reading;

    if (!response || response->size < sizeof *response || !tq__signal_fits(signal) ||
        (!response->fields && response->field_count > 0) || (!response->body && response->body_len > 0) ||
        response->day > TQ_DAY_OF_UTC)
        return TQ_EINVAL;
    if (response->now_ns < TQ_NOW_MIN_NS || response->now_ns >= TQ_NOW_END_NS)
        return TQ_ERANGE;
    tq__reading_begin(&reading, signal, response->profile, response->status, response->now_ns, response->day);
    signal->sent_at_ns = response->sent_at_ns;
    tq__account_note(&reading, TQ__NO_ACCOUNT);
    read_headers(&reading, response);
    reading.header_axes = signal->axis_count;
    tq__refusal_body(&reading, response->body, response->body_len);
    if (reading.may_recognise && reading.weakly)
        tq__reading_is(&reading, reading.weakly->id);
    tq__decide(&reading);
    return signal->refusal == TQ_CLASS_NONE && signal->axis_count == 0;
}
