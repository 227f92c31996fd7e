/* signal.c: what a response says about quota and usage, and applying it to a provider.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <stdlib.h>
#include <string.h>

/* Headers come as one string: name, NUL, value, NUL, and so on. So they need one copy. */
struct headers {
    char *text;
    struct tq_field *fields;
    size_t count;
};

static void free_headers(struct headers *headers)
{
    free(headers->text);
    free(headers->fields);
}

static bool read_headers(napi_env env, napi_value value, struct headers *headers)
{
    size_t len, parts = 0;
    char *at, *end;

    *headers = (struct headers){0};
    if (tqn_is_nothing(env, value))
        return true;
    if (!(headers->text = tqn_text(env, value, &len)))
        return false;
    end = headers->text + len;
    for (at = headers->text; at < end; at++)
        parts += *at == '\0';
    if (!(headers->fields = calloc(parts / 2 + 1, sizeof *headers->fields))) {
        tqn_throw(env, TQ_ENOMEM, NULL, 0);
        return false;
    }
    for (at = headers->text; headers->count < parts / 2; headers->count++) {
        struct tq_field *field = &headers->fields[headers->count];

        field->name = at;
        field->name_len = strlen(at);
        at += field->name_len + 1;
        field->value = at;
        field->value_len = strlen(at);
        at += field->value_len + 1;
    }
    return true;
}

/* The bytes of a Buffer, in place; none when nothing is given. */
static bool read_body(napi_env env, napi_value value, const char **body, size_t *len)
{
    void *data = NULL;

    *body = "";
    *len = 0;
    if (tqn_is_nothing(env, value))
        return true;
    if (napi_get_buffer_info(env, value, &data, len) != napi_ok) {
        napi_throw_type_error(env, NULL, "a body must be bytes");
        return false;
    }
    if (data)
        *body = data;
    return true;
}

/* A profile by its name; NULL for auto. False: an error is thrown. */
static bool read_profile(napi_env env, napi_value value, const struct tq_profile **profile)
{
    size_t len;
    char *name;
    bool known;

    *profile = NULL;
    if (tqn_is_nothing(env, value))
        return true;
    if (!(name = tqn_text(env, value, &len)))
        return false;
    known = tq_profile_known(name, len) == 1;
    *profile = tq_profile_find(name, len);
    free(name);
    if (!known)
        napi_throw_range_error(env, NULL, "there is no profile of this name: profiles() lists all");
    return known;
}

/* readSignal(status, headers, body, profile, sentAt, now, dayOfUtc): with the bytes for apply */
static napi_value read_signal(napi_env env, napi_callback_info info)
{
    struct tq_response response = {.size = sizeof response};
    struct tq_quota_signal signal = {.size = sizeof signal};
    struct headers headers = {0};
    napi_value argv[7];
    bool utc = false;
    int64_t status;
    int answer;

    tqn_args(env, info, 7, argv);
    if (!tqn_count(env, argv[0], &status))
        return NULL;
    if (status < 0 || status > UINT32_MAX)
        return napi_throw_range_error(env, NULL, "a status must be one of HTTP, or 0"), NULL;
    response.status = (uint32_t)status;
    if (!read_body(env, argv[2], &response.body, &response.body_len) ||
        !read_profile(env, argv[3], &response.profile) ||
        !tqn_instant(env, argv[4], 0, &response.sent_at_ns) || !tqn_when(env, argv[5], &response.now_ns) ||
        !read_headers(env, argv[1], &headers)) {
        free_headers(&headers);
        return NULL;
    }
    napi_get_value_bool(env, argv[6], &utc);
    response.day = utc ? TQ_DAY_OF_UTC : TQ_DAY_OF_VENDOR;
    response.fields = headers.fields;
    response.field_count = headers.count;
    answer = tq_signal_read(&response, &signal);
    free_headers(&headers);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : tqn_signal_object(env, &signal, answer == 0);
}

/* apply(provider, bytes, ofModel): out after it */
static napi_value apply(napi_env env, napi_callback_info info)
{
    struct tq_quota_signal signal;
    struct tqn_provider *handle;
    bool of_model = false;
    napi_value argv[3];
    void *bytes;
    int answer;

    tqn_args(env, info, 3, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !(bytes = tqn_bytes(env, argv[1], sizeof signal)))
        return NULL;
    memcpy(&signal, bytes, sizeof signal);
    napi_get_value_bool(env, argv[2], &of_model);
    if (of_model)
        signal.flags &= ~TQ_SIGNAL_MODEL_ONLY;
    answer = tq_provider_apply(handle->provider, &signal);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : tqn_boolean(env, answer == 1);
}

/* readUsage(body, profile, headers): undefined when there is none */
static napi_value read_usage(napi_env env, napi_callback_info info)
{
    struct tq_usage usage = {.size = sizeof usage};
    const struct tq_profile *profile;
    struct headers headers = {0};
    napi_value argv[3];
    const char *body;
    size_t len;
    int answer;

    tqn_args(env, info, 3, argv);
    if (!read_body(env, argv[0], &body, &len) || !read_profile(env, argv[1], &profile) ||
        !read_headers(env, argv[2], &headers)) {
        free_headers(&headers);
        return NULL;
    }
    answer = tq_usage_read(profile, body, len, &usage);
    if (answer == 1 && headers.count)
        answer = tq_usage_read_fields(profile, headers.fields, headers.count, &usage);
    free_headers(&headers);
    if (answer < 0)
        return tqn_throw(env, answer, NULL, 0);
    return answer == 1 ? tqn_undefined(env) : tqn_usage_object(env, &usage);
}

/* profiles(): [{id, name, vendor, source, seenLive}] */
static napi_value profiles(napi_env env, napi_callback_info info)
{
    const struct tq_profile *profile;
    napi_value list, one;

    (void)info;
    napi_create_array(env, &list);
    for (uint32_t n = 0; (profile = tq_profile_at(n)) != NULL; n++) {
        napi_create_object(env, &one);
        tqn_set(env, one, "id", tqn_number(env, tq_profile_id(profile)));
        tqn_set(env, one, "name", tqn_string(env, tq_profile_name(profile)));
        tqn_set(env, one, "vendor", tqn_string(env, tq_profile_vendor(profile)));
        tqn_set(env, one, "source", tqn_string(env, tq_profile_source(profile)));
        tqn_set(env, one, "seenLive", tqn_boolean(env, tq_profile_seen_live(profile)));
        napi_set_element(env, list, n, one);
    }
    return list;
}

/* ---- streams --------------------------------------------------------------------------------------- */

struct stream {
    struct tq_usage_stream *stream; /* NULL: freed */
};

static void finalize_stream(napi_env env, void *data, void *hint)
{
    struct stream *stream = data;

    (void)env, (void)hint;
    tq_usage_stream_free(stream->stream);
    free(stream);
}

static struct stream *open_stream(napi_env env, napi_value value)
{
    struct stream *stream = NULL;

    if (napi_get_value_external(env, value, (void **)&stream) == napi_ok && stream->stream)
        return stream;
    tqn_throw(env, TQ_EINVAL, "the stream is closed", 0);
    return NULL;
}

/* streamOpen(profile) */
static napi_value stream_open(napi_env env, napi_callback_info info)
{
    const struct tq_profile *profile;
    struct stream *stream;
    napi_value argv[1], value = NULL;

    tqn_args(env, info, 1, argv);
    if (!read_profile(env, argv[0], &profile))
        return NULL;
    if (!(stream = malloc(sizeof *stream)) || !(stream->stream = tq_usage_stream_new(profile))) {
        free(stream);
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    }
    napi_create_external(env, stream, finalize_stream, NULL, &value);
    return value;
}

/* streamFeed(stream, bytes) */
static napi_value stream_feed(napi_env env, napi_callback_info info)
{
    struct stream *stream;
    napi_value argv[2];
    const char *bytes;
    size_t len;
    int answer;

    tqn_args(env, info, 2, argv);
    if (!(stream = open_stream(env, argv[0])) || !read_body(env, argv[1], &bytes, &len))
        return NULL;
    answer = tq_usage_stream_feed(stream->stream, bytes, len);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : NULL;
}

/* streamRead(stream, sentAt, now): {usage, signal}, each undefined when the stream has said none */
static napi_value stream_read(napi_env env, napi_callback_info info)
{
    struct tq_usage usage = {.size = sizeof usage};
    struct tq_quota_signal signal = {.size = sizeof signal};
    int64_t sent_at_ns, now_ns;
    struct stream *stream;
    napi_value argv[3], result;
    bool says;
    int answer;

    tqn_args(env, info, 3, argv);
    if (!(stream = open_stream(env, argv[0])) || !tqn_instant(env, argv[1], 0, &sent_at_ns) ||
        !tqn_when(env, argv[2], &now_ns))
        return NULL;
    answer = tq_usage_stream_read(stream->stream, sent_at_ns, now_ns, &usage, &signal);
    if (answer < 0)
        return tqn_throw(env, answer, NULL, 0);
    says = signal.refusal != TQ_CLASS_NONE || signal.axis_count > 0;
    napi_create_object(env, &result);
    if (answer == 0)
        tqn_set(env, result, "usage", tqn_usage_object(env, &usage));
    if (says)
        tqn_set(env, result, "signal", tqn_signal_object(env, &signal, true));
    return result;
}

/* streamClose(stream): also a second time */
static napi_value stream_close(napi_env env, napi_callback_info info)
{
    struct stream *stream = NULL;
    napi_value argv[1];

    tqn_args(env, info, 1, argv);
    if (napi_get_value_external(env, argv[0], (void **)&stream) == napi_ok) {
        tq_usage_stream_free(stream->stream);
        stream->stream = NULL;
    }
    return NULL;
}

const struct tqn_function tqn_signal_functions[] = {
    {"readSignal", read_signal, NULL}, {"apply", apply, NULL}, {"readUsage", read_usage, NULL},
    {"profiles", profiles, NULL},      {NULL, NULL, NULL},
};

const struct tqn_function tqn_stream_functions[] = {
    {"streamOpen", stream_open, NULL},
    {"streamFeed", stream_feed, NULL},
    {"streamRead", stream_read, NULL},
    {"streamClose", stream_close, NULL},
    {NULL, NULL, NULL},
};
