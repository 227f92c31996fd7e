/* value.c: arguments from JavaScript, and plain values back.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAFE 9007199254740991.0 /* Number.MAX_SAFE_INTEGER */
#define MS_NS 1000000

void *tqn_args(napi_env env, napi_callback_info info, size_t count, napi_value *argv)
{
    void *data = NULL;

    napi_get_cb_info(env, info, &count, argv, NULL, &data);
    return data;
}

struct tqn_box *tqn_open_box(napi_env env, napi_value value)
{
    struct tqn_box *box = NULL;

    if (napi_get_value_external(env, value, (void **)&box) == napi_ok && !box->closed)
        return box;
    tqn_throw_closed(env);
    return NULL;
}

struct tqn_provider *tqn_open_provider(napi_env env, napi_value value)
{
    struct tqn_provider *handle = NULL;

    if (napi_get_value_external(env, value, (void **)&handle) == napi_ok &&
        !atomic_load_explicit(&handle->box->closed, memory_order_relaxed))
        return handle;
    tqn_throw_closed(env);
    return NULL;
}

static bool wrong_count(napi_env env)
{
    napi_throw_range_error(env, NULL, "a number must be a safe integer, or a bigint of 64 bits");
    return false;
}

bool tqn_count(napi_env env, napi_value value, int64_t *out)
{
    double number;
    bool lossless;

    if (napi_get_value_double(env, value, &number) == napi_ok) {
        if (!(number >= -SAFE && number <= SAFE) || number != (double)(int64_t)number)
            return wrong_count(env);
        *out = (int64_t)number;
        return true;
    }
    if (napi_get_value_bigint_int64(env, value, out, &lossless) == napi_ok)
        return lossless || wrong_count(env);
    napi_throw_type_error(env, NULL, "a count must be a number or a bigint");
    return false;
}

bool tqn_is_nothing(napi_env env, napi_value value)
{
    napi_valuetype type = napi_undefined;

    napi_typeof(env, value, &type);
    return type == napi_undefined || type == napi_null;
}

bool tqn_instant(napi_env env, napi_value value, int64_t nothing, int64_t *out)
{
    bool lossless;
    double ms;

    if (tqn_is_nothing(env, value)) {
        *out = nothing;
        return true;
    }
    if (napi_get_value_bigint_int64(env, value, out, &lossless) == napi_ok) {
        if (!lossless)
            napi_throw_range_error(env, NULL, "an instant in nanoseconds must fit in 64 bits");
        return lossless;
    }
    if (napi_get_date_value(env, value, &ms) != napi_ok) {
        napi_throw_type_error(env, NULL, "an instant must be a Date, or nanoseconds since 1970 as a bigint");
        return false;
    }
    if (!(ms >= (double)(INT64_MIN / MS_NS) && ms <= (double)(INT64_MAX / MS_NS))) {
        napi_throw_range_error(env, NULL, "the Date is invalid or out of range");
        return false;
    }
    *out = (int64_t)ms * MS_NS;
    return true;
}

bool tqn_when(napi_env env, napi_value value, int64_t *out)
{
    if (!tqn_is_nothing(env, value))
        return tqn_instant(env, value, 0, out);
    *out = tq_now_ns();
    return true;
}

char *tqn_text(napi_env env, napi_value value, size_t *len)
{
    char *text;

    if (napi_get_value_string_utf8(env, value, NULL, 0, len) != napi_ok) {
        napi_throw_type_error(env, NULL, "a name, a path or a sentence must be a string");
        return NULL;
    }
    if (!(text = malloc(*len + 1))) {
        tqn_throw(env, TQ_ENOMEM, NULL, 0);
        return NULL;
    }
    napi_get_value_string_utf8(env, value, text, *len + 1, len);
    return text;
}

char *tqn_line(napi_env env, napi_value value)
{
    size_t len;
    char *text = tqn_text(env, value, &len);

    if (!text || strlen(text) == len)
        return text;
    free(text);
    napi_throw_range_error(env, NULL, "a path or a sentence must not contain a NUL");
    return NULL;
}

napi_value tqn_undefined(napi_env env)
{
    napi_value value = NULL;

    napi_get_undefined(env, &value);
    return value;
}

napi_value tqn_boolean(napi_env env, bool truth)
{
    napi_value value = NULL;

    napi_get_boolean(env, truth, &value);
    return value;
}

napi_value tqn_number(napi_env env, int64_t number)
{
    napi_value value = NULL;

    napi_create_double(env, number == INT64_MAX ? INFINITY : (double)number, &value);
    return value;
}

napi_value tqn_bigint(napi_env env, int64_t number)
{
    napi_value value = NULL;

    napi_create_bigint_int64(env, number, &value);
    return value;
}

napi_value tqn_string(napi_env env, const char *text)
{
    napi_value value = NULL;

    if (text)
        napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
    else
        napi_get_null(env, &value);
    return value;
}
