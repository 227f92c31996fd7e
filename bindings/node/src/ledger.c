/* ledger.c: opening and closing a ledger, its providers, its lists and its choice.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <stdlib.h>
#include <string.h>

/* ---- the life of a ledger -------------------------------------------------------------------------- */

struct tqn_box *tqn_box_hold(struct tqn_box *box)
{
    atomic_fetch_add(&box->handles, 1);
    return box;
}

void tqn_box_release(struct tqn_box *box)
{
    if (atomic_fetch_sub(&box->handles, 1) == 1)
        free(box);
}

void tqn_box_use(struct tqn_box *box)
{
    tqn_box_hold(box);
    atomic_fetch_add(&box->users, 1);
}

static void drop_user(struct tqn_box *box)
{
    if (atomic_fetch_sub(&box->users, 1) == 1)
        tq_ledger_close(box->ledger);
}

void tqn_box_leave(struct tqn_box *box)
{
    drop_user(box);
    tqn_box_release(box);
}

void tqn_box_close(struct tqn_box *box)
{
    if (!atomic_exchange(&box->closed, true))
        drop_user(box);
}

static void finalize_box(napi_env env, void *data, void *hint)
{
    struct tqn_box *box = data;

    (void)env, (void)hint;
    tqn_box_close(box);
    tqn_box_release(box);
}

/* Reads the options in order: flags, historyDays, rule, minNowNs, maxAheadNs, mode. */
static bool read_options(napi_env env, napi_value *argv, struct tq_ledger_options *options)
{
    int64_t number[6];

    for (size_t n = 0; n < 6; n++)
        if (!tqn_count(env, argv[n], &number[n]))
            return false;
    for (size_t n = 0; n < 6; n++) {
        if (n != 3 && n != 4 && (number[n] < 0 || number[n] > UINT32_MAX)) {
            napi_throw_range_error(env, NULL, "an option is out of range");
            return false;
        }
    }
    *options = (struct tq_ledger_options){.size = sizeof *options,
                                          .flags = (uint32_t)number[0],
                                          .history_days = (uint32_t)number[1],
                                          .rule = (uint32_t)number[2],
                                          .min_now_ns = number[3],
                                          .max_ahead_ns = number[4],
                                          .mode = (uint32_t)number[5]};
    return true;
}

/* open(path or null, flags, historyDays, rule, minNowNs, maxAheadNs, mode): {handle, message} */
static napi_value open_ledger(napi_env env, napi_callback_info info)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_options options;
    napi_value argv[7], result, handle;
    struct tqn_box *box;
    char *path = NULL;
    int answer;

    tqn_args(env, info, 7, argv);
    if (!read_options(env, argv + 1, &options) ||
        (!tqn_is_nothing(env, argv[0]) && !(path = tqn_line(env, argv[0]))))
        return NULL;
    if (!(box = calloc(1, sizeof *box))) {
        free(path);
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    }
    answer = tq_ledger_open(&box->ledger, path, &options, &error);
    free(path);
    if (answer < 0) {
        free(box);
        return tqn_throw(env, answer, error.msg, error.sys);
    }
    atomic_init(&box->users, 1);
    atomic_init(&box->handles, 1);
    /* From here on it tells of changes: the first wait returns at once and is done now. */
    tq_ledger_wait(box->ledger, &box->seen, 0);
    napi_create_external(env, box, finalize_box, NULL, &handle);
    napi_create_object(env, &result);
    tqn_set(env, result, "handle", handle);
    tqn_set(env, result, "message", tqn_string(env, error.msg));
    return result;
}

/* close(ledger): also a second time. */
static napi_value close_ledger(napi_env env, napi_callback_info info)
{
    struct tqn_box *box = NULL;
    napi_value argv[1];

    tqn_args(env, info, 1, argv);
    if (napi_get_value_external(env, argv[0], (void **)&box) == napi_ok)
        tqn_box_close(box);
    return NULL;
}

/* defaultPath(): the path of the ledger that the command uses */
static napi_value default_path(napi_env env, napi_callback_info info)
{
    struct tq_error error = {.size = sizeof error};
    char path[4096];
    int len = tq_ledger_default_path(path, sizeof path, &error);

    (void)info;
    if (len < 0)
        return tqn_throw(env, len, error.msg, error.sys);
    if (len >= (int)sizeof path)
        return tqn_throw(env, TQ_EINVAL, "the path of the ledger is too long", 0);
    return tqn_string(env, path);
}

/* ---- providers ------------------------------------------------------------------------------------- */

static void finalize_provider(napi_env env, void *data, void *hint)
{
    struct tqn_provider *handle = data;

    (void)env, (void)hint;
    tqn_box_release(handle->box);
    free(handle);
}

/* provider(ledger, name, existing): a handle; undefined: existing, and there is none */
static napi_value provider(napi_env env, napi_callback_info info)
{
    struct tq_provider *found;
    struct tqn_provider *handle;
    struct tqn_box *box;
    napi_value argv[3], value = NULL;
    bool existing = false;
    char *name;
    size_t len;
    int answer;

    tqn_args(env, info, 3, argv);
    if (!(box = tqn_open_box(env, argv[0])) || !(name = tqn_text(env, argv[1], &len)))
        return NULL;
    napi_get_value_bool(env, argv[2], &existing);
    answer = tq_ledger_provider(box->ledger, name, len, existing ? TQ_PROVIDER_EXISTING : 0, &found);
    free(name);
    if (answer == 1)
        return tqn_undefined(env);
    if (answer < 0)
        return tqn_throw(env, len == 0 ? TQ_ENAME : answer, NULL, 0);
    if (!(handle = malloc(sizeof *handle)))
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    *handle = (struct tqn_provider){tqn_box_hold(box), found};
    napi_create_external(env, handle, finalize_provider, NULL, &value);
    return value;
}

/* runOf(runs, name): the run of a process that the name means; null: none */
static napi_value run_of(napi_env env, napi_callback_info info)
{
    char run[TQ_NAME_MAX + 1], *runs, *name;
    napi_value argv[2];
    size_t len;
    int found;

    tqn_args(env, info, 2, argv);
    if (!(runs = tqn_line(env, argv[0])))
        return NULL;
    if (!(name = tqn_text(env, argv[1], &len))) {
        free(runs);
        return NULL;
    }
    found = tq_run_of(runs, name, len, run, sizeof run);
    free(name);
    free(runs);
    return tqn_string(env, found > 0 ? run : NULL);
}

/* runCheck(provider): whether it is a run in force */
static napi_value run_check(napi_env env, napi_callback_info info)
{
    struct tqn_provider *handle;
    napi_value argv[1];

    tqn_args(env, info, 1, argv);
    if (!(handle = tqn_open_provider(env, argv[0])))
        return NULL;
    return tqn_boolean(env, tq_run_check(handle->provider) == 0);
}

/* names(ledger): of all providers */
static napi_value names(napi_env env, napi_callback_info info)
{
    struct tq_provider *found;
    struct tqn_box *box;
    napi_value argv[1], list;
    uint64_t cursor = 0;
    uint32_t count = 0;
    int answer;

    tqn_args(env, info, 1, argv);
    if (!(box = tqn_open_box(env, argv[0])))
        return NULL;
    napi_create_array(env, &list);
    while ((answer = tq_ledger_walk(box->ledger, &cursor, &found)) == 0)
        napi_set_element(env, list, count++, tqn_string(env, tq_provider_name(found)));
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : list;
}

/* exhausted(ledger, at): [{name, retryAt, retryAtNs}] */
static napi_value exhausted(napi_env env, napi_callback_info info)
{
    struct tq_exhausted *out = NULL, *more;
    size_t count, room = 0;
    struct tqn_box *box;
    napi_value argv[2], list;
    int64_t at_ns;

    tqn_args(env, info, 2, argv);
    if (!(box = tqn_open_box(env, argv[0])) || !tqn_when(env, argv[1], &at_ns))
        return NULL;
    /* For which the store answers that none is out. */
    if (at_ns < TQ_NOW_MIN_NS || at_ns >= TQ_NOW_END_NS)
        return tqn_throw(env, TQ_ERANGE, NULL, 0);
    while ((count = tq_store_exhausted_at(tq_ledger_store(box->ledger), at_ns, out, room)) > room) {
        if (!(more = realloc(out, (count + 8) * sizeof *out))) {
            free(out);
            return tqn_throw(env, TQ_ENOMEM, NULL, 0);
        }
        out = more;
        room = count + 8;
    }
    napi_create_array_with_length(env, count, &list);
    for (size_t n = 0; n < count; n++) {
        napi_value one;

        napi_create_object(env, &one);
        tqn_set(env, one, "name", tqn_string(env, out[n].provider));
        tqn_set_instant(env, one, "retryAt", TQN_UNTIL, out[n].retry_at_ns);
        napi_set_element(env, list, (uint32_t)n, one);
    }
    free(out);
    return list;
}

/* info(ledger) */
static napi_value statistics(napi_env env, napi_callback_info info)
{
    struct tq_ledger_info numbers = {.size = sizeof numbers};
    struct tqn_box *box;
    napi_value argv[1];
    int answer;

    tqn_args(env, info, 1, argv);
    if (!(box = tqn_open_box(env, argv[0])))
        return NULL;
    answer = tq_ledger_statistics(box->ledger, &numbers);
    return answer < 0 ? tqn_throw(env, answer, NULL, 0) : tqn_object(env, &tqn_info_table, &numbers);
}

/* ---- choice ---------------------------------------------------------------------------------------- */

static bool read_providers(napi_env env, napi_value list, struct tq_provider **providers, uint32_t count)
{
    for (uint32_t n = 0; n < count; n++) {
        struct tqn_provider *handle;
        napi_value one;

        napi_get_element(env, list, n, &one);
        if (!(handle = tqn_open_provider(env, one)))
            return false;
        providers[n] = handle->provider;
    }
    return true;
}

/* route(ledger, providers, at, flags, policy, last + 1, need): {available, chosen, probe, room, retryAt,
 * retryAtNs} */
static napi_value route(napi_env env, napi_callback_info info)
{
    struct tq_route route = {.size = sizeof route};
    struct tq_provider **providers;
    struct tqn_box *box;
    napi_value argv[7], result;
    int64_t at_ns, flags, policy, last;
    uint32_t count = 0;
    bool there;
    int answer;

    tqn_args(env, info, 7, argv);
    if (!(box = tqn_open_box(env, argv[0])) || !tqn_when(env, argv[2], &at_ns) ||
        !tqn_count(env, argv[3], &flags) || !tqn_count(env, argv[4], &policy) ||
        !tqn_count(env, argv[5], &last) || !tqn_count(env, argv[6], &route.need))
        return NULL;
    napi_get_array_length(env, argv[1], &count);
    if (!(providers = calloc((size_t)count + 1, sizeof(struct tq_provider *))))
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    there = read_providers(env, argv[1], providers, count);
    route.policy = (uint32_t)policy;
    route.last = (uint32_t)last;
    answer = there ? tq_ledger_route(box->ledger, providers, count, at_ns, (uint32_t)flags, &route) : 0;
    free(providers);
    if (!there)
        return NULL;
    if (answer < 0)
        return tqn_throw(
            env, answer,
            answer == TQ_EINVAL ? "the providers must be of this ledger, the need 0 or more" : NULL, 0);
    napi_create_object(env, &result);
    tqn_set(env, result, "available", tqn_boolean(env, answer == 0));
    tqn_set(env, result, "chosen", tqn_number(env, (int64_t)route.chosen));
    tqn_set(env, result, "probe", tqn_boolean(env, route.probe != 0));
    tqn_set(env, result, "room", tqn_number(env, route.room));
    tqn_set_instant(env, result, "retryAt", TQN_UNTIL, answer == 0 ? 0 : route.retry_at_ns);
    return result;
}

const struct tqn_function tqn_ledger_functions[] = {
    {"open", open_ledger, NULL},
    {"close", close_ledger, NULL},
    {"defaultPath", default_path, NULL},
    {"provider", provider, NULL},
    {"names", names, NULL},
    {"exhausted", exhausted, NULL},
    {"info", statistics, NULL},
    {"route", route, NULL},
    {"runOf", run_of, NULL},
    {"runCheck", run_check, NULL},
    {NULL, NULL, NULL},
};
