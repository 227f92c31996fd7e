/* blocking.c: the calls of a ledger that may wait: they release the GIL, and the ledger stays meanwhile.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "binding.h"

/* How often a call that waits looks for signals, and whether the ledger was closed. */
#define LOOK_NS INT64_C(100000000)

/* In a child of fork() the threads that worked in the parent do not exist. */
static void know_process(struct ledger *self)
{
    pid_t process = getpid();

    if (self->process != process) {
        self->process = process;
        self->users = 0;
    }
}

void ledger_keep(struct ledger *self)
{
    know_process(self);
    self->users++;
    Py_INCREF((PyObject *)self);
}

static void close_unused(struct ledger *self)
{
    if (self->closed && !self->users) {
        tq_ledger_close(self->handle);
        self->handle = NULL;
    }
}

void ledger_let_go(struct ledger *self)
{
    self->users--;
    close_unused(self);
    Py_DECREF((PyObject *)self);
}

PyThreadState *ledger_enter(struct ledger *self)
{
    ledger_keep(self);
    return PyEval_SaveThread();
}

void ledger_leave(struct ledger *self, PyThreadState *thread)
{
    PyEval_RestoreThread(thread);
    ledger_let_go(self);
}

PyObject *ledger_close(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct ledger *self = (struct ledger *)object;

    (void)args;
    if (arguments_are("close", count, 0, 0) < 0)
        return NULL;
    know_process(self);
    self->closed = true;
    close_unused(self);
    return Py_NewRef(Py_None);
}

PyObject *ledger_flush(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct ledger *self = (struct ledger *)object;
    PyThreadState *thread;
    int answer;

    (void)args;
    if (arguments_are("flush", count, 0, 0) < 0 || ledger_is_open(self) < 0)
        return NULL;
    thread = ledger_enter(self);
    answer = tq_ledger_flush(self->handle);
    ledger_leave(self, thread);
    return answer < 0 ? fail(self->state, answer, NULL) : Py_NewRef(Py_None);
}

struct tq_exhausted *exhausted_at(struct tq_ledger *handle, int64_t now_ns, size_t *count)
{
    struct tq_store *store = tq_ledger_store(handle);
    struct tq_exhausted *items = NULL;
    size_t capacity = 64; /* more may come while they are listed */

    for (;; capacity = *count + 64) {
        free(items);
        items = malloc(capacity * sizeof *items);
        if (!items)
            return NULL;
        *count = tq_store_exhausted_at(store, now_ns, items, capacity);
        if (*count <= capacity)
            return items;
    }
}

/* The first end of those that are out, INT64_MAX: none has a known one. It does not change while nothing
 * changes. 0 when there is no memory: the wait then answers "perhaps". */
static int64_t soonest_end(struct tq_ledger *handle)
{
    size_t count;
    struct tq_exhausted *items = exhausted_at(handle, tq_now_ns(), &count);
    int64_t soonest_ns = items ? INT64_MAX : 0;

    for (size_t i = 0; items && i < count; i++)
        if (items[i].retry_at_ns < soonest_ns)
            soonest_ns = items[i].retry_at_ns;
    free(items);
    return soonest_ns;
}

static int64_t steady_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Waits in short pieces, because a signal does not interrupt the library. An end that passes between two
 * pieces is none of the second one, so it is looked for here. */
static int wait_in_pieces(struct ledger *self, int64_t timeout_ns, uint32_t *seen)
{
    int64_t deadline_ns = timeout_ns < 0 ? INT64_MAX : steady_ns() + timeout_ns;
    int64_t left_ns = timeout_ns < 0 ? INT64_MAX : timeout_ns, soonest_ns = 0, now_ns;
    bool first = true;
    int answer;

    for (;; first = false) {
        PyThreadState *thread = PyEval_SaveThread();

        if (first)
            soonest_ns = soonest_end(self->handle);
        answer = tq_ledger_wait(self->handle, seen, left_ns < LOOK_NS ? left_ns : LOOK_NS);
        now_ns = tq_now_ns();
        PyEval_RestoreThread(thread);
        if (answer == 1 && now_ns >= soonest_ns)
            answer = 0;
        left_ns = timeout_ns < 0 ? INT64_MAX : deadline_ns - steady_ns();
        if (answer != 1 || left_ns <= 0 || PyErr_CheckSignals() < 0 || ledger_is_open(self) < 0)
            return answer;
    }
}

/* (timeout_ns, below 0: without limit): whether something changed since the last wait. */
PyObject *ledger_wait(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct ledger *self = (struct ledger *)object;
    uint32_t seen = self->seen;
    int64_t timeout_ns;
    int answer;

    if (arguments_are("wait", count, 1, 1) < 0 || integer_of(args[0], &timeout_ns) < 0 ||
        ledger_is_open(self) < 0)
        return NULL;
    ledger_keep(self);
    answer = wait_in_pieces(self, timeout_ns, &seen);
    self->seen = seen;
    ledger_let_go(self);
    if (PyErr_Occurred())
        return NULL;
    return answer < 0 ? fail(self->state, answer, NULL) : PyBool_FromLong(answer == 0);
}

/* (seen): (whether something changed since, what is seen now). It does not wait. */
PyObject *ledger_changed(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct ledger *self = (struct ledger *)object;
    uint32_t seen;
    int answer;

    if (arguments_are("changed", count, 1, 1) < 0 || number_of(args[0], &seen) < 0 ||
        ledger_is_open(self) < 0)
        return NULL;
    answer = tq_ledger_wait(self->handle, &seen, 0);
    return answer < 0 ? fail(self->state, answer, NULL)
                      : Py_BuildValue("NI", PyBool_FromLong(answer == 0), seen);
}

/* (what is in it as _info gives it, the first fault or None). */
PyObject *ledger_check(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct ledger *self = (struct ledger *)object;
    PyObject *tuple;
    PyThreadState *thread;
    int answer;

    (void)args;
    if (arguments_are("check", count, 0, 0) < 0 || ledger_is_open(self) < 0)
        return NULL;
    thread = ledger_enter(self);
    answer = tq_ledger_check(self->handle, &info, &error);
    ledger_leave(self, thread);
    if (answer < 0)
        return fail_with(self->state, answer, &error);
    tuple = record_tuple(info_members, &info);
    return tuple ? Py_BuildValue("Nz", tuple, answer ? error.msg : NULL) : NULL;
}

/* (path): the copy is on the disk. */
PyObject *ledger_backup(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_error error = {.size = sizeof error};
    struct ledger *self = (struct ledger *)object;
    PyObject *path = NULL;
    PyThreadState *thread;
    int answer;

    if (arguments_are("backup", count, 1, 1) < 0 || !PyUnicode_FSConverter(args[0], &path))
        return NULL;
    if (ledger_is_open(self) < 0) {
        Py_DECREF(path);
        return NULL;
    }
    thread = ledger_enter(self);
    answer = tq_ledger_backup(self->handle, PyBytes_AsString(path), &error);
    ledger_leave(self, thread);
    Py_DECREF(path);
    return answer < 0 ? fail_with(self->state, answer, &error) : Py_NewRef(Py_None);
}
