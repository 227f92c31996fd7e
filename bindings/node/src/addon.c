/* addon.c: the module: its functions, and what each context of Node has of its own.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <stdlib.h>

/* Kept by each context: the class of the errors that the package throws. */
struct instance {
    napi_ref error_class;
};

napi_value tqn_make_error(napi_env env, int code, const char *message, int sys)
{
    struct instance *instance;
    napi_value error_class, argv[3], error = NULL;

    if (napi_get_instance_data(env, (void **)&instance) != napi_ok || !instance->error_class)
        return NULL;
    napi_get_reference_value(env, instance->error_class, &error_class);
    argv[0] = tqn_string(env, tq_error_name(code));
    argv[1] = tqn_string(env, message && *message ? message : tq_strerror(code));
    argv[2] = tqn_number(env, sys);
    napi_new_instance(env, error_class, 3, argv, &error);
    return error;
}

napi_value tqn_throw(napi_env env, int code, const char *message, int sys)
{
    napi_value error = tqn_make_error(env, code, message, sys);

    if (error)
        napi_throw(env, error);
    return NULL;
}

napi_value tqn_throw_closed(napi_env env)
{
    return tqn_throw(env, TQ_EINVAL, "the ledger is closed: open it again with new Ledger()", 0);
}

/* setErrorClass(constructor(code, message, errno)) */
static napi_value set_error_class(napi_env env, napi_callback_info info)
{
    struct instance *instance;
    napi_value argv[1];

    tqn_args(env, info, 1, argv);
    napi_get_instance_data(env, (void **)&instance);
    if (instance->error_class)
        napi_delete_reference(env, instance->error_class);
    napi_create_reference(env, argv[0], 1, &instance->error_class);
    return NULL;
}

/* nothing(): what a call costs that does nothing, for bench.mjs. */
static napi_value nothing(napi_env env, napi_callback_info info)
{
    (void)env, (void)info;
    return NULL;
}

static void forget_instance(napi_env env, void *data, void *hint)
{
    (void)env, (void)hint;
    free(data); /* the reference goes with its context */
}

static void define(napi_env env, napi_value exports, const struct tqn_function *functions)
{
    for (; functions->name; functions++) {
        napi_value function;

        napi_create_function(env, functions->name, NAPI_AUTO_LENGTH, functions->call, functions->data,
                             &function);
        napi_set_named_property(env, exports, functions->name, function);
    }
}

static const struct tqn_function own_functions[] = {
    {"setErrorClass", set_error_class, NULL},
    {"nothing", nothing, NULL},
    {NULL, NULL, NULL},
};

NAPI_MODULE_INIT()
{
    struct instance *instance = calloc(1, sizeof *instance);

    if (!instance || napi_set_instance_data(env, instance, forget_instance, NULL) != napi_ok) {
        free(instance);
        napi_throw_error(env, NULL, "tokenquota: out of memory");
        return NULL;
    }
    define(env, exports, own_functions);
    define(env, exports, tqn_ledger_functions);
    define(env, exports, tqn_provider_functions);
    define(env, exports, tqn_limit_functions);
    define(env, exports, tqn_hold_functions);
    define(env, exports, tqn_signal_functions);
    define(env, exports, tqn_stream_functions);
    define(env, exports, tqn_work_functions);
    define(env, exports, tqn_watch_functions);
    tqn_set(env, exports, "version", tqn_string(env, tq_version_string()));
    return exports;
}
