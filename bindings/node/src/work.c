/* work.c: calls that wait for the disk, each in a thread of libuv's pool, as a promise.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <errno.h>
#include <stdlib.h>

enum operation { FLUSH, CHECK, BACKUP, COMPACT, RESTORE };

struct work {
    enum operation operation;
    struct tqn_box *box; /* NULL: the call is about a path */
    char *path, *other;
    napi_async_work async;
    napi_deferred deferred;
    int answer;
    struct tq_error error;
    struct tq_ledger_info info;
};

/* Frees a work; its box is left. */
static void free_work(struct work *work)
{
    if (work->box)
        tqn_box_leave(work->box);
    free(work->path);
    free(work->other);
    free(work);
}

static void execute(napi_env env, void *data)
{
    struct work *work = data;

    (void)env;
    switch (work->operation) {
    case FLUSH:
        work->answer = tq_ledger_flush(work->box->ledger);
        if (work->answer == TQ_ESYS)
            work->error.sys = errno;
        break;
    case CHECK:
        work->answer = tq_ledger_check(work->box->ledger, &work->info, &work->error);
        break;
    case BACKUP:
        work->answer = tq_ledger_backup(work->box->ledger, work->path, &work->error);
        break;
    case COMPACT:
        work->answer = tq_ledger_compact(work->path, &work->error);
        break;
    case RESTORE:
        work->answer = tq_ledger_restore(work->path, work->other, &work->error);
        break;
    }
}

static napi_value result_of(napi_env env, const struct work *work)
{
    napi_value result;

    if (work->operation != CHECK)
        return tqn_undefined(env);
    result = tqn_object(env, &tqn_info_table, &work->info);
    tqn_set(env, result, "sound", tqn_boolean(env, work->answer == 0));
    tqn_set(env, result, "message", tqn_string(env, work->error.msg));
    return result;
}

static void complete(napi_env env, napi_status status, void *data)
{
    struct work *work = data;

    if (status == napi_ok && work->answer >= 0)
        napi_resolve_deferred(env, work->deferred, result_of(env, work));
    else
        napi_reject_deferred(env, work->deferred,
                             tqn_make_error(env, status == napi_ok ? work->answer : TQ_ESYS, work->error.msg,
                                            work->error.sys));
    napi_delete_async_work(env, work->async);
    free_work(work);
}

/* flush(ledger), check(ledger), backup(ledger, dest), compact(path), restore(path, source) */
static napi_value begin(napi_env env, napi_callback_info info)
{
    napi_value argv[2], promise = NULL;
    const enum operation *operation = tqn_args(env, info, 2, argv);
    struct work *work = calloc(1, sizeof *work);
    struct tqn_box *box;

    if (!work)
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    work->operation = *operation;
    work->error.size = sizeof work->error;
    work->info.size = sizeof work->info;
    if (work->operation == COMPACT || work->operation == RESTORE) {
        if (!(work->path = tqn_line(env, argv[0])) ||
            (work->operation == RESTORE && !(work->other = tqn_line(env, argv[1]))))
            goto failed;
    } else {
        if (!(box = tqn_open_box(env, argv[0])) ||
            (work->operation == BACKUP && !(work->path = tqn_line(env, argv[1]))))
            goto failed;
        tqn_box_use(box);
        work->box = box;
    }
    if (napi_create_promise(env, &work->deferred, &promise) != napi_ok ||
        napi_create_async_work(env, NULL, tqn_string(env, "tokenquota"), execute, complete, work,
                               &work->async) != napi_ok ||
        napi_queue_async_work(env, work->async) != napi_ok) {
        tqn_throw(env, TQ_ENOMEM, NULL, 0);
        goto failed;
    }
    return promise;
failed:
    free_work(work);
    return NULL;
}

static const enum operation flush = FLUSH, check = CHECK, backup = BACKUP, compact = COMPACT,
                            restore = RESTORE;

#define BEGIN(operation) begin, (void *)(uintptr_t) & (operation)

const struct tqn_function tqn_work_functions[] = {
    {"flush", BEGIN(flush)},     {"check", BEGIN(check)},     {"backup", BEGIN(backup)},
    {"compact", BEGIN(compact)}, {"restore", BEGIN(restore)}, {NULL, NULL, NULL},
};
