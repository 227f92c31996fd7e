/* watch.c: a thread that waits for the next change of a ledger, and tells JavaScript of it once.
 *
 * SPDX-License-Identifier: MIT
 *
 * A wait may last for days, so it has a thread of its own and takes none of libuv's few. It waits in slices,
 * because nothing interrupts tq_ledger_wait: after each it looks whether the ledger was closed.
 * tq_ledger_wait does not return for an end that had passed when it was called, and an end may pass between
 * two slices. So the thread looks up the first end itself when it begins, and compares. A new end is a
 * change, with which the thread ends.
 *
 * The addon is never unloaded (-z nodelete), so a thread may outlive the worker that started it, by one
 * slice. Node frees the function that the thread would call together with its worker (Node 20 does, though
 * the thread has not released it). So thread and finalizer share a lock, and the thread calls nothing that is
 * gone.
 */
#include "addon.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define SLICE_NS INT64_C(100000000)

/* Shared by the thread and the function that it calls: the last of the two frees it. */
struct watch {
    struct tqn_box *box; /* the thread's */
    pthread_mutex_t lock;
    napi_threadsafe_function told; /* NULL: it is gone */
    bool thread_ended;
};

/* Frees the watch when the other has ended. The lock is held. */
static void end_half(struct watch *watch, bool is_last)
{
    pthread_mutex_unlock(&watch->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

/* The first end after at_ns of a provider that is out; INT64_MAX when there is none, or no memory. */
static int64_t first_end(struct tq_ledger *ledger, int64_t at_ns)
{
    struct tq_store *store = tq_ledger_store(ledger);
    size_t count = tq_store_exhausted_at(store, at_ns, NULL, 0);
    struct tq_exhausted *out = malloc((count + 1) * sizeof *out);
    size_t filled = out ? tq_store_exhausted_at(store, at_ns, out, count) : 0;
    int64_t first_ns = INT64_MAX;

    for (size_t n = 0; n < filled && n < count; n++)
        if (out[n].retry_at_ns < first_ns)
            first_ns = out[n].retry_at_ns;
    free(out);
    return first_ns;
}

/* Runs in the thread: 0 changed, negative the error; 1 the ledger was closed. */
static int wait_for_change(struct tqn_box *box)
{
    int64_t end_ns = first_end(box->ledger, tq_now_ns());
    int answer;

    while ((answer = tq_ledger_wait(box->ledger, &box->seen, SLICE_NS)) == 1 && !box->closed)
        if (tq_now_ns() >= end_ns)
            return 0;
    return answer;
}

static void *run(void *data)
{
    struct watch *watch = data;
    int answer = wait_for_change(watch->box);

    tqn_box_leave(watch->box);
    pthread_mutex_lock(&watch->lock);
    /* napi_closing: it is about to go, and counts as released. */
    if (watch->told && napi_call_threadsafe_function(watch->told, (void *)(intptr_t)answer,
                                                     napi_tsfn_nonblocking) != napi_closing)
        napi_release_threadsafe_function(watch->told, napi_tsfn_release);
    watch->thread_ended = true;
    end_half(watch, !watch->told);
    return NULL;
}

/* Runs in JavaScript's thread: before the function goes. */
static void finalize_told(napi_env env, void *data, void *hint)
{
    struct watch *watch = data;

    (void)env, (void)hint;
    pthread_mutex_lock(&watch->lock);
    watch->told = NULL;
    end_half(watch, watch->thread_ended);
}

/* Runs in JavaScript's thread; env is NULL when its context is about to end. */
static void tell(napi_env env, napi_value callback, void *context, void *data)
{
    int answer = (int)(intptr_t)data;
    napi_value argument;

    (void)context;
    if (!env)
        return;
    argument = answer < 0 ? tqn_make_error(env, answer, NULL, 0) : tqn_boolean(env, answer == 0);
    napi_call_function(env, tqn_undefined(env), callback, 1, &argument, NULL);
}

static bool start(struct watch *watch)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int failed;

    /* Signals are for the threads of Node. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    failed = pthread_create(&thread, &attributes, run, watch);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0;
}

/* watch(ledger, told(true, false when it was closed, or an error)): a handle for keepAlive */
static napi_value watch(napi_env env, napi_callback_info info)
{
    struct watch *watch;
    struct tqn_box *box;
    napi_value argv[2], handle = NULL;

    tqn_args(env, info, 2, argv);
    if (!(box = tqn_open_box(env, argv[0])))
        return NULL;
    if (!(watch = calloc(1, sizeof *watch)))
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    watch->box = box;
    pthread_mutex_init(&watch->lock, NULL);
    if (napi_create_threadsafe_function(env, argv[1], NULL, tqn_string(env, "tokenquota"), 0, 1, watch,
                                        finalize_told, NULL, tell, &watch->told) != napi_ok) {
        free(watch);
        return tqn_throw(env, TQ_ENOMEM, NULL, 0);
    }
    napi_create_external(env, watch->told, NULL, NULL, &handle);
    tqn_box_use(box);
    if (start(watch))
        return handle;
    tqn_box_leave(box);
    watch->thread_ended = true;
    napi_release_threadsafe_function(watch->told, napi_tsfn_abort); /* which frees the watch */
    return tqn_throw(env, TQ_ESYS, "no thread could be started to wait in", 0);
}

/* keepAlive(handle, yes): whether the event loop waits for it. Only before its function was called. */
static napi_value keep_alive(napi_env env, napi_callback_info info)
{
    napi_threadsafe_function told;
    napi_value argv[2];
    bool yes = false;

    tqn_args(env, info, 2, argv);
    if (napi_get_value_external(env, argv[0], (void **)&told) != napi_ok)
        return NULL;
    napi_get_value_bool(env, argv[1], &yes);
    if (yes)
        napi_ref_threadsafe_function(env, told);
    else
        napi_unref_threadsafe_function(env, told);
    return NULL;
}

const struct tqn_function tqn_watch_functions[] = {
    {"watch", watch, NULL},
    {"keepAlive", keep_alive, NULL},
    {NULL, NULL, NULL},
};
