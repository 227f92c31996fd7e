/* hold.c: room that is set aside for a call: taking, settling, finding and listing holds.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <stdlib.h>

/* A hold of an open ledger. */
struct handle {
    struct tqn_box *box;
    struct tq_hold hold;
};

static void finalize(napi_env env, void *data, void *hint)
{
    struct handle *handle = data;

    (void)env, (void)hint;
    tqn_box_release(handle->box);
    free(handle);
}

/* A handle of a copy of the hold, which the handle leads to from now on. NULL: an error is thrown. */
static napi_value make_handle(napi_env env, struct tqn_box *box, const struct tq_hold *hold)
{
    struct handle *handle = malloc(sizeof *handle);
    napi_value value = NULL;

    if (!handle)
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    *handle = (struct handle){tqn_box_hold(box), *hold};
    if (napi_create_external(env, handle, finalize, NULL, &value) != napi_ok) {
        finalize(env, handle, NULL);
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    }
    return value;
}

/* The hold in an argument; NULL when its ledger is closed, and that is thrown. */
static struct tq_hold *open_hold(napi_env env, napi_value value)
{
    struct handle *handle = NULL;

    if (napi_get_value_external(env, value, (void **)&handle) == napi_ok && !handle->box->closed)
        return &handle->hold;
    tqn_throw_closed(env);
    return NULL;
}

static napi_value refuse(napi_env env, int answer, const struct tq_hold *hold)
{
    return tqn_throw(
        env, answer,
        answer == TQ_EINVAL && hold->levels == 0 ? "the hold is settled or cancelled already" : NULL, 0);
}

/* The unit of each amount, in the order in which hold.cjs passes them. */
static const uint32_t units[] = {TQ_UNIT_TOKENS,   TQ_UNIT_INPUT, TQ_UNIT_OUTPUT,  TQ_UNIT_TOTAL,
                                 TQ_UNIT_REQUESTS, TQ_UNIT_COST,  TQ_UNIT_WEIGHTED};

static bool read_amounts(napi_env env, napi_value list, struct tq_amounts *amounts)
{
    for (uint32_t n = 0; n < sizeof units / sizeof *units; n++) {
        napi_value one;

        if (napi_get_element(env, list, n, &one) != napi_ok)
            return false;
        if (tqn_is_nothing(env, one))
            continue;
        if (!tqn_count(env, one, &amounts->of[units[n]]))
            return false;
        amounts->known |= 1u << units[n];
    }
    return true;
}

/* hold(provider, amounts in a list, leaseNs, at, useReserve, nobody): a handle; null: no room */
static napi_value take(napi_env env, napi_callback_info info)
{
    struct tq_amounts amounts = {.size = sizeof amounts};
    struct tq_hold hold = {.size = sizeof hold};
    bool use_reserve = false, nobody = false;
    struct tqn_provider *provider;
    int64_t lease_ns, at_ns;
    napi_value argv[6], handle;
    int answer;

    tqn_args(env, info, 6, argv);
    if (!read_amounts(env, argv[1], &amounts) || !tqn_count(env, argv[2], &lease_ns) ||
        !tqn_when(env, argv[3], &at_ns) || !(provider = tqn_open_provider(env, argv[0])))
        return NULL;
    napi_get_value_bool(env, argv[4], &use_reserve);
    napi_get_value_bool(env, argv[5], &nobody);
    hold.flags = (use_reserve ? TQ_USE_RESERVE : 0) | (nobody ? TQ_HOLD_NOBODY : 0);
    answer = tq_provider_hold(provider->provider, &amounts, lease_ns, at_ns, &hold);
    if (answer == 1)
        return tqn_string(env, NULL);
    if (answer == TQ_ERANGE)
        return tqn_throw(
            env, answer,
            "an amount is below 2^44, a lease from 1 ns to 31 days, and the instant from 1970 to 2105", 0);
    if (answer == TQ_EINVAL)
        return tqn_throw(env, answer, "an amount is 0 or more", 0);
    if (answer < 0)
        return tqn_throw(env, answer, NULL, 0);
    if (!(handle = make_handle(env, provider->box, &hold)))
        tq_hold_cancel(&hold);
    return handle;
}

/* holdSettle(hold, usage, at): exhausted now */
static napi_value settle(napi_env env, napi_callback_info info)
{
    struct tq_usage usage;
    struct tq_hold *hold;
    napi_value argv[3];
    int64_t at_ns;
    int answer;

    tqn_args(env, info, 3, argv);
    /* The handle last, as in observeUsage. */
    if (!tqn_usage_from(env, argv[1], &usage) || !tqn_when(env, argv[2], &at_ns) ||
        !(hold = open_hold(env, argv[0])))
        return NULL;
    answer = tq_hold_settle(hold, &usage, at_ns);
    return answer < 0 ? refuse(env, answer, hold) : tqn_boolean(env, answer == 1);
}

/* holdCancel(hold): freed; false when it was no longer there, also when it was settled */
static napi_value cancel(napi_env env, napi_callback_info info)
{
    struct tq_hold *hold;
    napi_value argv[1];
    int answer;

    tqn_args(env, info, 1, argv);
    if (!(hold = open_hold(env, argv[0])))
        return NULL;
    if (hold->levels == 0)
        return tqn_boolean(env, false);
    answer = tq_hold_cancel(hold);
    return answer < 0 ? refuse(env, answer, hold) : tqn_boolean(env, answer == 0);
}

/* holdExtend(hold, leaseNs, at): false when it is no longer there */
static napi_value extend(napi_env env, napi_callback_info info)
{
    int64_t lease_ns, at_ns;
    struct tq_hold *hold;
    napi_value argv[3];
    int answer;

    tqn_args(env, info, 3, argv);
    if (!(hold = open_hold(env, argv[0])) || !tqn_count(env, argv[1], &lease_ns) ||
        !tqn_when(env, argv[2], &at_ns))
        return NULL;
    answer = tq_hold_extend(hold, lease_ns, at_ns);
    if (answer == TQ_ERANGE)
        return tqn_throw(env, answer, "a lease is from 1 ns to 31 days, and the instant from 1970 to 2105",
                         0);
    return answer < 0 ? refuse(env, answer, hold) : tqn_boolean(env, answer == 0);
}

/* holdId(hold): null when it is settled or cancelled */
static napi_value id_of(napi_env env, napi_callback_info info)
{
    char id[TQ_HOLD_ID_MAX];
    struct tq_hold *hold;
    napi_value argv[1];
    int answer;

    tqn_args(env, info, 1, argv);
    if (!(hold = open_hold(env, argv[0])))
        return NULL;
    if (hold->levels == 0)
        return tqn_string(env, NULL);
    answer = tq_hold_id(hold, id, sizeof id);
    return answer < 0 ? refuse(env, answer, hold) : tqn_string(env, id);
}

/* holdState(hold): {until, untilNs, ended} */
static napi_value state_of(napi_env env, napi_callback_info info)
{
    napi_value argv[1], state;
    struct tq_hold *hold;

    tqn_args(env, info, 1, argv);
    if (!(hold = open_hold(env, argv[0])))
        return NULL;
    napi_create_object(env, &state);
    tqn_set_instant(env, state, "until", TQN_UNTIL, hold->until_ns);
    tqn_set(env, state, "ended", tqn_boolean(env, hold->ended == 1));
    return state;
}

/* holdFind(ledger, id): {handle, name} */
static napi_value find(napi_env env, napi_callback_info info)
{
    struct tq_hold hold = {.size = sizeof hold};
    napi_value argv[2], handle, found;
    struct tqn_box *box;
    char *id;
    int answer;

    tqn_args(env, info, 2, argv);
    if (!(box = tqn_open_box(env, argv[0])) || !(id = tqn_line(env, argv[1])))
        return NULL;
    answer = tq_ledger_hold(box->ledger, id, &hold);
    free(id);
    if (answer < 0)
        return tqn_throw(env, answer, answer == TQ_EINVAL ? "this is no id of a hold of this ledger" : NULL,
                         0);
    if (answer == 1)
        hold.ended = 1;
    if (!(handle = make_handle(env, box, &hold)))
        return NULL;
    napi_create_object(env, &found);
    tqn_set(env, found, "handle", handle);
    tqn_set(env, found, "name", tqn_string(env, tq_provider_name(hold.provider)));
    return found;
}

static napi_value states(napi_env env, struct tqn_box *box, const struct tq_hold_state *state, size_t count)
{
    napi_value list;

    napi_create_array_with_length(env, count, &list);
    for (size_t n = 0; n < count; n++) {
        napi_value one = tqn_object(env, &tqn_hold_table, &state[n]);
        napi_value handle = make_handle(env, box, &state[n].hold);

        if (!handle)
            return NULL;
        tqn_set(env, one, "handle", handle);
        napi_set_element(env, list, (uint32_t)n, one);
    }
    return list;
}

/* holds(provider, at): what calls that run hold of it */
static napi_value holds(napi_env env, napi_callback_info info)
{
    struct tq_hold_state *out;
    struct tqn_provider *provider;
    napi_value argv[2], list;
    int64_t at_ns;
    int count;

    tqn_args(env, info, 2, argv);
    if (!(provider = tqn_open_provider(env, argv[0])) || !tqn_when(env, argv[1], &at_ns))
        return NULL;
    if (!(out = calloc(TQ_HOLDS_MAX, sizeof *out)))
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    out->size = sizeof *out;
    count = tq_provider_holds(provider->provider, at_ns, out, TQ_HOLDS_MAX);
    if (count < 0)
        list = tqn_throw(env, count, NULL, 0);
    else
        list = states(env, provider->box, out, count < TQ_HOLDS_MAX ? (size_t)count : TQ_HOLDS_MAX);
    free(out);
    return list;
}

const struct tqn_function tqn_hold_functions[] = {
    {"hold", take, NULL},         {"holdSettle", settle, NULL}, {"holdCancel", cancel, NULL},
    {"holdExtend", extend, NULL}, {"holdId", id_of, NULL},      {"holdState", state_of, NULL},
    {"holdFind", find, NULL},     {"holds", holds, NULL},       {NULL, NULL, NULL},
};
