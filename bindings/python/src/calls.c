/* calls.c: the calls of a provider that take or give more than a number: usage, verdicts, limits, probes.
 *
 * SPDX-License-Identifier: MIT
 *
 * The handle is asked for last: to read an argument may run code of Python, and that, or another thread, may
 * close the ledger.
 */
#include "binding.h"

static struct state *state_of(PyObject *object)
{
    return ((struct provider *)object)->ledger->state;
}

/* (usage, at). */
PyObject *provider_observe_usage(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    struct ledger *ledger = ((struct provider *)object)->ledger;
    struct tq_usage usage = {.size = sizeof usage};
    PyThreadState *thread;
    int64_t now_ns;
    int answer;

    if (arguments_are("observe_usage", count, 2, 2) < 0 || record_of(usage_members, args[0], &usage) < 0 ||
        instant_of(ledger->state, args[1], &now_ns) < 0 || !(handle = provider_handle(object)))
        return NULL;
    if (!ledger->blocks)
        return provider_answer(object, tq_provider_observe_usage(handle, &usage, now_ns, NULL));
    thread = ledger_enter(ledger);
    answer = tq_provider_observe_usage(handle, &usage, now_ns, NULL);
    ledger_leave(ledger, thread);
    return provider_answer(object, answer);
}

/* (signal): whether it, or its run, is out after it. */
PyObject *provider_apply(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct provider *self = (struct provider *)object;
    struct tq_provider *told;
    struct tq_quota_signal signal = {.size = sizeof signal};
    int answer;

    if (arguments_are("apply", count, 1, 1) < 0 || signal_of(args[0], &signal) < 0 ||
        !(told = provider_told(object)))
        return NULL;
    answer = tq_provider_apply(told, &signal);
    if (answer >= 0 && told != self->handle)
        answer = tq_provider_state(self->handle, signal.said_at_ns, NULL);
    return provider_answer(object, answer);
}

/* (at, flags). */
PyObject *provider_verdict(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    struct tq_verdict verdict = {.size = sizeof verdict};
    int64_t now_ns;
    int answer;

    if (arguments_are("verdict", count, 2, 2) < 0 || instant_of(state_of(object), args[0], &now_ns) < 0 ||
        number_of(args[1], &verdict.flags) < 0 || !(handle = provider_handle(object)))
        return NULL;
    answer = tq_provider_verdict(handle, now_ns, &verdict);
    return answer < 0 ? provider_fail(object, answer) : record_tuple(verdict_members, &verdict);
}

/* (at): [(state of the limit, limit)]. */
PyObject *provider_limits(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    struct tq_provider *handle;
    PyObject *list;
    int64_t now_ns;
    int found;

    if (arguments_are("limits", count, 1, 1) < 0 || instant_of(state_of(object), args[0], &now_ns) < 0 ||
        !(handle = provider_written(object)))
        return NULL;
    found = tq_provider_limits(handle, now_ns, states, TQ_LIMITS_MAX);
    if (found < 0)
        return provider_fail(object, found);
    list = PyList_New(found);
    for (Py_ssize_t i = 0; list && i < found; i++) {
        PyObject *pair = Py_BuildValue("NN", record_tuple(limit_state_members, &states[i]),
                                       record_tuple(limit_members, &states[i].limit));

        if (!pair || PyList_SetItem(list, i, pair) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* (limit): its number. The zone is read from a file, but once a ledger; the GIL is released all the same. */
PyObject *provider_set_limit(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    struct ledger *ledger = ((struct provider *)object)->ledger;
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};
    PyThreadState *thread;
    int answer;

    if (arguments_are("set_limit", count, 1, 1) < 0 || record_of(limit_members, args[0], &limit) < 0 ||
        !(handle = provider_written(object)))
        return NULL;
    thread = ledger_enter(ledger);
    answer = tq_provider_set_limit(handle, &limit, &error);
    ledger_leave(ledger, thread);
    return answer < 0 ? fail_with(ledger->state, answer, &error) : PyLong_FromLong(answer);
}

/* (number): False when there is none of it. */
PyObject *provider_remove_limit(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    uint32_t number;
    int answer;

    if (arguments_are("remove_limit", count, 1, 1) < 0 || number_of(args[0], &number) < 0 ||
        !(handle = provider_written(object)))
        return NULL;
    answer = tq_provider_remove_limit(handle, number);
    return answer < 0 ? provider_fail(object, answer) : PyBool_FromLong(answer == 0);
}

/* (sent_at). */
PyObject *provider_success(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *told;
    int64_t sent_at_ns;

    if (arguments_are("success", count, 1, 1) < 0 || instant_of(state_of(object), args[0], &sent_at_ns) < 0 ||
        !(told = provider_told(object)))
        return NULL;
    return provider_done(object, tq_provider_success(told, sent_at_ns));
}

/* (tokens, at). */
PyObject *provider_correct(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    int64_t tokens, now_ns;

    if (arguments_are("correct", count, 2, 2) < 0 || integer_of(args[0], &tokens) < 0 ||
        instant_of(state_of(object), args[1], &now_ns) < 0 || !(handle = provider_handle(object)))
        return NULL;
    return provider_done(object, tq_provider_correct(handle, tokens, now_ns));
}

/* (until), which is an instant or INT64_MAX. */
PyObject *provider_mark_exhausted(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    int64_t until_ns;

    if (arguments_are("mark_exhausted", count, 1, 1) < 0 ||
        instant_of(state_of(object), args[0], &until_ns) < 0 || !(handle = provider_written(object)))
        return NULL;
    return provider_done(object, tq_provider_mark_quota_exhausted(handle, until_ns));
}

/* (at). */
PyObject *provider_mark_available(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    int64_t now_ns;

    if (arguments_are("mark_available", count, 1, 1) < 0 ||
        instant_of(state_of(object), args[0], &now_ns) < 0 || !(handle = provider_written(object)))
        return NULL;
    return provider_done(object, tq_provider_mark_available_at(handle, now_ns));
}

/* (at): (taken, at_ns). */
PyObject *provider_probe_take(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    int64_t now_ns, at_ns;
    int answer;

    if (arguments_are("probe_take", count, 1, 1) < 0 || instant_of(state_of(object), args[0], &now_ns) < 0 ||
        !(handle = provider_handle(object)))
        return NULL;
    answer = tq_provider_probe_take(handle, now_ns, &at_ns);
    if (answer < 0)
        return provider_fail(object, answer);
    return Py_BuildValue("NL", PyBool_FromLong(answer == 0), (long long)at_ns);
}

/* (at). */
PyObject *provider_probe_failure(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *told;
    int64_t now_ns;

    if (arguments_are("probe_failure", count, 1, 1) < 0 ||
        instant_of(state_of(object), args[0], &now_ns) < 0 || !(told = provider_told(object)))
        return NULL;
    return provider_done(object, tq_provider_probe_failure(told, now_ns));
}

/* (number of a limit, percent, at): whether this caller is the one that warns. */
PyObject *provider_warn_take(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;
    uint32_t number, percent;
    int64_t now_ns;
    int answer;

    if (arguments_are("warn_take", count, 3, 3) < 0 || number_of(args[0], &number) < 0 ||
        number_of(args[1], &percent) < 0 || instant_of(state_of(object), args[2], &now_ns) < 0 ||
        !(handle = provider_written(object)))
        return NULL;
    answer = tq_provider_warn_take(handle, number, percent, now_ns);
    return answer < 0 ? provider_fail(object, answer) : PyBool_FromLong(answer == 0);
}

PyObject *provider_reset(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;

    (void)args;
    if (arguments_are("reset", count, 0, 0) < 0 || !(handle = provider_written(object)))
        return NULL;
    return provider_done(object, tq_provider_reset(handle));
}

PyObject *provider_forget(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_provider *handle;

    (void)args;
    if (arguments_are("forget", count, 0, 0) < 0 || !(handle = provider_written(object)))
        return NULL;
    return provider_done(object, tq_provider_forget(handle));
}
