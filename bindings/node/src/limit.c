/* limit.c: the limits of a provider, and what its classes of tokens weigh and cost.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <stdlib.h>

#define SENTENCE_MAX 256

/* setLimit(provider, sentence): the number of the limit */
static napi_value set_limit(napi_env env, napi_callback_info info)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_limit limit = {.size = sizeof limit};
    struct tqn_provider *handle;
    napi_value argv[2];
    char *sentence;
    int answer;

    tqn_args(env, info, 2, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !(sentence = tqn_line(env, argv[1])))
        return NULL;
    answer = tq_limit_parse(sentence, &limit, &error);
    free(sentence);
    if (answer == 0)
        answer = tq_provider_set_limit(handle->provider, &limit, &error);
    return answer < 0 ? tqn_throw(env, answer, error.msg, error.sys) : tqn_number(env, answer);
}

/* limits(provider, at) */
static napi_value limits(napi_env env, napi_callback_info info)
{
    struct tq_limit_state out[TQ_LIMITS_MAX] = {{.size = sizeof *out}};
    char sentence[SENTENCE_MAX];
    struct tqn_provider *handle;
    napi_value argv[2], list;
    int64_t at_ns;
    int count;

    tqn_args(env, info, 2, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !tqn_when(env, argv[1], &at_ns))
        return NULL;
    count = tq_provider_limits(handle->provider, at_ns, out, TQ_LIMITS_MAX);
    if (count < 0)
        return tqn_throw(env, count, NULL, 0);
    napi_create_array_with_length(env, (size_t)count, &list);
    for (int n = 0; n < count; n++) {
        napi_value one = tqn_object(env, &tqn_limit_table, &out[n]);
        int len = tq_limit_format(&out[n].limit, sentence, sizeof sentence);

        tqn_set(env, one, "sentence", tqn_string(env, len < 0 ? NULL : sentence));
        napi_set_element(env, list, (uint32_t)n, one);
    }
    return list;
}

static bool read_classes(napi_env env, napi_value list, int64_t out[TQ_CLASSES])
{
    for (uint32_t n = 0; n < TQ_CLASSES; n++) {
        napi_value one;

        if (napi_get_element(env, list, n, &one) != napi_ok || !tqn_count(env, one, &out[n]))
            return false;
    }
    return true;
}

static napi_value classes(napi_env env, const int64_t numbers[TQ_CLASSES])
{
    napi_value list;

    napi_create_array_with_length(env, TQ_CLASSES, &list);
    for (uint32_t n = 0; n < TQ_CLASSES; n++)
        napi_set_element(env, list, n, tqn_number(env, numbers[n]));
    return list;
}

/* weights(provider), price(provider): [input, cache read, cache write, output] */
static napi_value get_weights(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    uint32_t weights[TQ_CLASSES];
    int64_t numbers[TQ_CLASSES];
    napi_value argv[1];
    int answer;

    tqn_args(env, info, 1, argv);
    if (!(handle = tqn_open_provider(env, argv[0])))
        return NULL;
    if ((answer = tq_provider_weights(handle->provider, weights)) < 0)
        return tqn_throw(env, answer, NULL, 0);
    for (size_t n = 0; n < TQ_CLASSES; n++)
        numbers[n] = weights[n];
    return classes(env, numbers);
}

static napi_value get_price(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    int64_t price[TQ_CLASSES];
    napi_value argv[1];
    int answer;

    tqn_args(env, info, 1, argv);
    if (!(handle = tqn_open_provider(env, argv[0])))
        return NULL;
    answer = tq_provider_price(handle->provider, price);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : classes(env, price);
}

/* setWeights(provider, list), setPrice(provider, list) */
static napi_value set_weights(napi_env env, napi_callback_info info)
{
    uint32_t weights[TQ_CLASSES];
    int64_t numbers[TQ_CLASSES];
    struct tqn_provider *handle;
    napi_value argv[2];
    int answer;

    tqn_args(env, info, 2, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !read_classes(env, argv[1], numbers))
        return NULL;
    for (size_t n = 0; n < TQ_CLASSES; n++)
        weights[n] = numbers[n] < 0 || numbers[n] > UINT32_MAX ? UINT32_MAX : (uint32_t)numbers[n];
    answer = tq_provider_set_weights(handle->provider, weights);
    if (answer == TQ_ERANGE)
        return tqn_throw(env, answer, "a weight is from 0 to 1,000,000 thousandths", 0);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : NULL;
}

static napi_value set_price(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    int64_t price[TQ_CLASSES];
    napi_value argv[2];
    int answer;

    tqn_args(env, info, 2, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !read_classes(env, argv[1], price))
        return NULL;
    answer = tq_provider_set_price(handle->provider, price);
    if (answer == TQ_ERANGE)
        return tqn_throw(env, answer, "a price is from 0 to 10^12 micro-dollars a million tokens", 0);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : NULL;
}

const struct tqn_function tqn_limit_functions[] = {
    {"setLimit", set_limit, NULL},
    {"limits", limits, NULL},
    {"weights", get_weights, NULL},
    {"price", get_price, NULL},
    {"setWeights", set_weights, NULL},
    {"setPrice", set_price, NULL},
    {NULL, NULL, NULL},
};
