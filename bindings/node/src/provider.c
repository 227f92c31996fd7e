/* provider.c: counting on a provider, its state and verdict, and its settings that are one number.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <string.h>

/* observe(provider, tokens, at): exhausted now */
static napi_value observe(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    int64_t tokens, at_ns;
    napi_value argv[3];
    int answer;

    tqn_args(env, info, 3, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !tqn_count(env, argv[1], &tokens) ||
        !tqn_when(env, argv[2], &at_ns))
        return NULL;
    answer = tq_provider_observe(handle->provider, tokens, at_ns, NULL);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : tqn_boolean(env, answer == 1);
}

/* observeUsage(provider, usage, at): exhausted now */
static napi_value observe_usage(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    struct tq_usage usage;
    napi_value argv[3];
    int64_t at_ns;
    int answer;

    tqn_args(env, info, 3, argv);
    /* The handle last: the usage is an object of the user, whose getters may close the ledger. */
    if (!tqn_usage_from(env, argv[1], &usage) || !tqn_when(env, argv[2], &at_ns) ||
        !(handle = tqn_open_provider(env, argv[0])))
        return NULL;
    answer = tq_provider_observe_usage(handle->provider, &usage, at_ns, NULL);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : tqn_boolean(env, answer == 1);
}

/* correct(provider, tokens, at) */
static napi_value correct(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    int64_t tokens, at_ns;
    napi_value argv[3];
    int answer;

    tqn_args(env, info, 3, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !tqn_count(env, argv[1], &tokens) ||
        !tqn_when(env, argv[2], &at_ns))
        return NULL;
    answer = tq_provider_correct(handle->provider, tokens, at_ns);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : NULL;
}

/* isOut(provider, at) */
static napi_value is_out(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    napi_value argv[2];
    int64_t at_ns;
    int answer;

    tqn_args(env, info, 2, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !tqn_when(env, argv[1], &at_ns))
        return NULL;
    answer = tq_provider_state(handle->provider, at_ns, NULL);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : tqn_boolean(env, answer == 1);
}

/* verdict(provider, at, useReserve): its fields, with the bytes for explain */
static napi_value verdict(napi_env env, napi_callback_info info)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct tqn_provider *handle;
    napi_value argv[3], object;
    bool use_reserve = false;
    int64_t at_ns;
    int answer;

    tqn_args(env, info, 3, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !tqn_when(env, argv[1], &at_ns))
        return NULL;
    napi_get_value_bool(env, argv[2], &use_reserve);
    verdict.flags = use_reserve ? TQ_USE_RESERVE : 0;
    answer = tq_provider_verdict(handle->provider, at_ns, &verdict);
    if (answer < 0)
        return tqn_throw(env, answer, NULL, 0);
    object = tqn_object(env, &tqn_verdict_table, &verdict);
    tqn_set_bytes(env, object, &verdict, sizeof verdict);
    return object;
}

/* The vendor's name; NULL when it was not known. */
static const char *vendor_of(const struct tq_verdict *verdict)
{
    const struct tq_profile *profile = tq_profile_of(verdict->profile);

    return profile && strcmp(tq_profile_name(profile), "generic") != 0 ? tq_profile_vendor(profile) : NULL;
}

/* explain(bytes): the sentence of a verdict */
static napi_value explain(napi_env env, napi_callback_info info)
{
    struct tq_verdict verdict;
    char sentence[2048];
    napi_value argv[1];
    void *bytes;
    int len;

    tqn_args(env, info, 1, argv);
    if (!(bytes = tqn_bytes(env, argv[0], sizeof verdict)))
        return NULL;
    memcpy(&verdict, bytes, sizeof verdict);
    len = tq_verdict_explain_named(&verdict, vendor_of(&verdict), sentence, sizeof sentence);
    return len < 0 ? tqn_throw(env, len, NULL, 0) : tqn_string(env, sentence);
}

/* probeTake(provider, at): {taken, at, atNs} */
static napi_value probe_take(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    int64_t now_ns, at_ns = 0;
    napi_value argv[2], result;
    int answer;

    tqn_args(env, info, 2, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) || !tqn_when(env, argv[1], &now_ns))
        return NULL;
    answer = tq_provider_probe_take(handle->provider, now_ns, &at_ns);
    if (answer < 0)
        return tqn_throw(env, answer, NULL, 0);
    napi_create_object(env, &result);
    tqn_set(env, result, "taken", tqn_boolean(env, answer == 0));
    tqn_set_instant(env, result, "at", TQN_UNTIL, at_ns);
    return result;
}

/* account(provider): a hash, 0 for none */
static napi_value account(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    napi_value argv[1], value = NULL;

    tqn_args(env, info, 1, argv);
    if (!(handle = tqn_open_provider(env, argv[0])))
        return NULL;
    napi_create_bigint_uint64(env, tq_provider_account(handle->provider), &value);
    return value;
}

/* pool(provider): the name of its pool, null for none */
static napi_value pool(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    struct tq_provider *found;
    napi_value argv[1];
    int answer;

    tqn_args(env, info, 1, argv);
    if (!(handle = tqn_open_provider(env, argv[0])))
        return NULL;
    answer = tq_provider_pool(handle->provider, &found);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : tqn_string(env, tq_provider_name(found));
}

/* setPool(provider, pool or null) */
static napi_value set_pool(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle, *above = NULL;
    napi_value argv[2];
    int answer;

    tqn_args(env, info, 2, argv);
    if (!(handle = tqn_open_provider(env, argv[0])) ||
        (!tqn_is_nothing(env, argv[1]) && !(above = tqn_open_provider(env, argv[1]))))
        return NULL;
    answer = tq_provider_set_pool(handle->provider, above ? above->provider : NULL);
    if (answer == TQ_EINVAL)
        return tqn_throw(
            env, answer,
            "a pool is another provider of the same ledger, without a circle, at most three levels deep", 0);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : NULL;
}

/* ---- one number in, one number out ----------------------------------------------------------------- */

enum takes { NO_NUMBER, NUMBER, WHEN, UNTIL, SENT_AT };

/* A call, by the kind of its argument. */
struct simple {
    enum takes takes;
    int64_t (*call)(struct tq_provider *provider, int64_t number);
};

static napi_value simple(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    napi_value argv[2];
    const struct simple *simple = tqn_args(env, info, 2, argv);
    int64_t number = 0, answer;
    bool read = true;

    if (!(handle = tqn_open_provider(env, argv[0])))
        return NULL;
    if (simple->takes == NUMBER)
        read = tqn_count(env, argv[1], &number);
    else if (simple->takes == WHEN)
        read = tqn_when(env, argv[1], &number);
    else if (simple->takes != NO_NUMBER)
        read = tqn_instant(env, argv[1], simple->takes == UNTIL ? INT64_MAX : 0, &number);
    if (!read)
        return NULL;
    answer = simple->call(handle->provider, number);
    if (answer == TQ_ERANGE && simple->takes == NUMBER) /* whose own text is about instants */
        return tqn_throw(env, TQ_ERANGE, "the number is out of range", 0);
    return answer < 0 ? tqn_throw(env, (int)answer, NULL, 0) : tqn_number(env, answer);
}

/* A number that must be a uint32_t; what is not is one that no call accepts. */
static uint32_t small(int64_t number)
{
    return number < 0 || number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

#define SIMPLE(name, takes, expression)                                                                      \
    static int64_t name##_call(struct tq_provider *provider, int64_t number)                                 \
    {                                                                                                        \
        (void)number;                                                                                        \
        return expression;                                                                                   \
    }                                                                                                        \
    static const struct simple name = {takes, name##_call};

SIMPLE(used, WHEN, tq_provider_used(provider, number))
SIMPLE(budget, NO_NUMBER, tq_provider_budget(provider))
SIMPLE(set_budget, NUMBER, tq_provider_set_budget(provider, number))
SIMPLE(mark_exhausted, UNTIL, tq_provider_mark_quota_exhausted(provider, number))
SIMPLE(mark_available, WHEN, tq_provider_mark_available_at(provider, number))
SIMPLE(success, SENT_AT, tq_provider_success(provider, number))
SIMPLE(reset, NO_NUMBER, tq_provider_reset(provider))
SIMPLE(forget, NO_NUMBER, tq_provider_forget(provider))
SIMPLE(rule, NO_NUMBER, tq_provider_rule(provider))
SIMPLE(set_rule, NUMBER, tq_provider_set_rule(provider, small(number)))
SIMPLE(care, NO_NUMBER, tq_provider_care(provider))
SIMPLE(set_care, NUMBER, tq_provider_set_care(provider, small(number)))
SIMPLE(overage, NO_NUMBER, tq_provider_overage(provider))
SIMPLE(set_overage, NUMBER, tq_provider_set_overage(provider, small(number)))
SIMPLE(probe_failure, WHEN, tq_provider_probe_failure(provider, number))
SIMPLE(remove_limit, NUMBER, tq_provider_remove_limit(provider, small(number)))

#define NUMBER_OF(call) simple, (void *)(uintptr_t) & (call)

const struct tqn_function tqn_provider_functions[] = {
    {"observe", observe, NULL},
    {"observeUsage", observe_usage, NULL},
    {"correct", correct, NULL},
    {"isOut", is_out, NULL},
    {"verdict", verdict, NULL},
    {"explain", explain, NULL},
    {"probeTake", probe_take, NULL},
    {"account", account, NULL},
    {"pool", pool, NULL},
    {"setPool", set_pool, NULL},
    {"used", NUMBER_OF(used)},
    {"budget", NUMBER_OF(budget)},
    {"setBudget", NUMBER_OF(set_budget)},
    {"markExhausted", NUMBER_OF(mark_exhausted)},
    {"markAvailable", NUMBER_OF(mark_available)},
    {"success", NUMBER_OF(success)},
    {"reset", NUMBER_OF(reset)},
    {"forget", NUMBER_OF(forget)},
    {"rule", NUMBER_OF(rule)},
    {"setRule", NUMBER_OF(set_rule)},
    {"care", NUMBER_OF(care)},
    {"setCare", NUMBER_OF(set_care)},
    {"overage", NUMBER_OF(overage)},
    {"setOverage", NUMBER_OF(set_overage)},
    {"probeFailure", NUMBER_OF(probe_failure)},
    {"removeLimit", NUMBER_OF(remove_limit)},
    {NULL, NULL, NULL},
};
