/* response.c: hands responses from Go to the reader of signals, whose headers are pointers that Go may not
 * pass.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "shim.h"

#define FIELDS_ON_STACK 64

/* Makes the fields of count headers. Answers room when they fit in it, else memory to free, or NULL. */
static struct tq_field *make_fields(const char *text, const size_t *len, size_t count,
                                    struct tq_field room[FIELDS_ON_STACK])
{
    struct tq_field *fields = count <= FIELDS_ON_STACK ? room : calloc(count, sizeof *fields);

    for (size_t i = 0; fields && i < count; i++) {
        fields[i] = (struct tq_field){.name = text, .name_len = len[2 * i]};
        text += len[2 * i];
        fields[i].value = text;
        fields[i].value_len = len[2 * i + 1];
        text += len[2 * i + 1];
    }
    return fields;
}

int64_t tq_go_signal(uint32_t status, const char *text, const size_t *len, size_t count, const char *body,
                     size_t body_len, const struct tq_profile *profile, int64_t sent_at_ns, int64_t now_ns,
                     struct tq_quota_signal *signal)
{
    struct tq_field room[FIELDS_ON_STACK], *fields = make_fields(text, len, count, room);
    const struct tq_response response = {
        .size = sizeof response,
        .status = status,
        .fields = fields,
        .field_count = count,
        .body = body,
        .body_len = body_len,
        .profile = profile,
        .sent_at_ns = sent_at_ns,
        .now_ns = now_ns == TQ_GO_NOW ? tq_now_ns() : now_ns,
    };
    int answer = fields ? tq_signal_read(&response, signal) : TQ_ENOMEM;

    if (fields != room)
        free(fields);
    return answer;
}

int64_t tq_go_usage_fields(const struct tq_profile *profile, const char *text, const size_t *len,
                           size_t count, struct tq_usage *usage)
{
    struct tq_field room[FIELDS_ON_STACK], *fields = make_fields(text, len, count, room);
    int answer = fields ? tq_usage_read_fields(profile, fields, count, usage) : TQ_ENOMEM;

    if (fields != room)
        free(fields);
    return answer;
}

int64_t tq_go_signal_limits(const struct tq_profile *profile, int is_statusline, const char *json, size_t len,
                            int64_t now_ns, struct tq_quota_signal *signal)
{
    if (now_ns == TQ_GO_NOW)
        now_ns = tq_now_ns();
    return is_statusline ? tq_signal_statusline(json, len, now_ns, signal)
                         : tq_signal_read_limits(profile, json, len, now_ns, signal);
}

int64_t tq_go_usage_stream_read(const struct tq_usage_stream *stream, int64_t sent_at_ns, int64_t now_ns,
                                struct tq_usage *usage, struct tq_quota_signal *signal)
{
    return tq_usage_stream_read(stream, sent_at_ns, now_ns == TQ_GO_NOW ? tq_now_ns() : now_ns, usage,
                                signal);
}
