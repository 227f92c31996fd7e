/* blocking.c: the calls of a ledger that may wait. They release the GIL, and the ledger stays until they are
 * over.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <unistd.h>

#include "binding.h"

#define LOOK_NS                                                                                              \
    INT64_C(100000000) /* how often a call that waits looks for signals, and whether the ledger was closed   \
                        */
#define LIST_FIRST 64u

/* In a child of fork() the threads that worked in the parent do not exist. */
static void know_process(struct ledger *self)
{
    pid_t process = getpid();

    if (self->process != process) {
        self->process = process;
        self->users = 0;
    }
}

void ledger_enter(struct ledger *self)
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

void ledger_leave(struct ledger *self)
{
    self->users--;
    close_unused(self);
    Py_DECREF((PyObject *)self);
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
    int answer;

    (void)args;
    if (arguments_are("flush", count, 0, 0) < 0 || ledger_is_open(self) < 0)
        return NULL;
    ledger_enter(self);
    Py_BEGIN_ALLOW_THREADS answer = tq_ledger_flush(self->handle);
    Py_END_ALLOW_THREADS ledger_leave(self);
    return answer < 0 ? fail(self->state, answer, NULL) : Py_NewRef(Py_None);
}

/* The first end of those that are out, INT64_MAX: none has a known one. It does not change while nothing
 * changes. */
static int64_t soonest_end(struct tq_ledger *handle)
{
    struct tq_exhausted few[LIST_FIRST], *items = few;
    size_t capacity = LIST_FIRST,
           found = tq_store_exhausted_at(tq_ledger_store(handle), tq_now_ns(), few, LIST_FIRST);
    int64_t soonest_ns = INT64_MAX;

    if (found > capacity) {
        capacity = found;
        items = malloc(capacity * sizeof *items);
        if (!items)
            return 0; /* the wait then answers "perhaps" */
        found = tq_store_exhausted_at(tq_ledger_store(handle), tq_now_ns(), items, capacity);
    }
    for (size_t i = 0; i < found && i < capacity; i++)
        if (items[i].retry_at_ns < soonest_ns)
            soonest_ns = items[i].retry_at_ns;
    if (items != few)
        free(items);
    return soonest_ns;
}

/* Waits in short pieces, because a signal does not interrupt the library. An end that passes between two
 * pieces is none of the second one, so it is looked for here. */
static int wait_in_pieces(struct ledger *self, int64_t timeout_ns, uint32_t *seen)
{
    int64_t end_ns = 0, soonest_ns = INT64_MAX;
    bool ends = timeout_ns >= 0, first = true;
    int answer;

    for (;; first = false) {
        int64_t piece_ns = ends && timeout_ns < LOOK_NS ? timeout_ns : LOOK_NS;

        Py_BEGIN_ALLOW_THREADS if (first) soonest_ns = soonest_end(self->handle);
        answer = tq_ledger_wait(self->handle, seen, piece_ns);
        end_ns = tq_now_ns();
        Py_END_ALLOW_THREADS timeout_ns -= ends ? piece_ns : 0;
        if (answer == 1 && end_ns >= soonest_ns)
            answer = 0;
        if (answer != 1 || (ends && timeout_ns <= 0))
            return answer;
        if (PyErr_CheckSignals() < 0 || ledger_is_open(self) < 0)
            return 1;
    }
}

/* (timeout_ns, below 0: without limit): whether something changed since the last wait. */
PyObject *ledger_wait(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct ledger *self = (struct ledger *)object;
    uint32_t seen = self->seen;
    int64_t timeout_ns;
    int answer;

    if (arguments_are("wait", count, 1, 1) < 0 || ledger_is_open(self) < 0 ||
        integer_of(args[0], &timeout_ns) < 0)
        return NULL;
    ledger_enter(self);
    answer = wait_in_pieces(self, timeout_ns, &seen);
    self->seen = seen;
    ledger_leave(self);
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

    if (arguments_are("changed", count, 1, 1) < 0 || ledger_is_open(self) < 0 ||
        number_of(args[0], &seen) < 0)
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
    int answer;

    (void)args;
    if (arguments_are("check", count, 0, 0) < 0 || ledger_is_open(self) < 0)
        return NULL;
    ledger_enter(self);
    Py_BEGIN_ALLOW_THREADS answer = tq_ledger_check(self->handle, &info, &error);
    Py_END_ALLOW_THREADS ledger_leave(self);
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
    int answer;

    if (arguments_are("backup", count, 1, 1) < 0 || ledger_is_open(self) < 0 ||
        !PyUnicode_FSConverter(args[0], &path))
        return NULL;
    ledger_enter(self);
    Py_BEGIN_ALLOW_THREADS answer = tq_ledger_backup(self->handle, PyBytes_AsString(path), &error);
    Py_END_ALLOW_THREADS ledger_leave(self);
    Py_DECREF(path);
    return answer < 0 ? fail_with(self->state, answer, &error) : Py_NewRef(Py_None);
}
