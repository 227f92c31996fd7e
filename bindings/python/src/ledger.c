/* ledger.c: the type of a ledger: opening, its lists and its choice.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <unistd.h>

#include "binding.h"

int ledger_is_open(struct ledger *self)
{
    if (!self->closed && self->providers) /* none: the garbage collector is at it */
        return 0;
    PyErr_SetString(PyExc_ValueError, "the ledger is closed");
    return -1;
}

static PyObject *ledger_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    (void)type, (void)arguments, (void)names;
    PyErr_SetString(PyExc_TypeError, "tokenquota.Ledger opens a ledger");
    return NULL;
}

/* An object of the type that is closed so far. */
static struct ledger *ledger_make(struct state *state, PyTypeObject *type, PyObject *provider_type,
                                  PyObject *path)
{
    struct ledger *self = (struct ledger *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);

    if (!self)
        return NULL;
    self->closed = true;
    self->state = state;
    self->process = getpid();
    self->path = Py_NewRef(path);
    self->provider_type = Py_NewRef(provider_type);
    self->providers = PyDict_New();
    self->in_runs = PyDict_New();
    if (!self->providers || !self->in_runs)
        Py_CLEAR(self);
    return self;
}

static int open_handle(struct ledger *self, const char *path, const struct tq_ledger_options *options)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *handle;
    PyThreadState *thread;
    int answer;

    thread = PyEval_SaveThread();
    answer = tq_ledger_open(&handle, path, options, &error);
    if (answer >= 0)
        tq_ledger_wait(handle, &self->seen, 0); /* the first one answers at once */
    PyEval_RestoreThread(thread);
    if (answer < 0) {
        fail_with(self->state, answer, &error);
        return -1;
    }
    self->handle = handle;
    self->closed = false;
    self->blocks = (options->flags & TQ_OPEN_FLUSH_ALWAYS) != 0;
    return path && error.msg[0] ? PyErr_WarnEx(PyExc_RuntimeWarning, error.msg, 1) : 0; /* it was rebuilt */
}

/* (ledger type, provider type, path or None, flags, rule, history days, mode, min_now_ns, max_ahead_ns,
 * runs). runs: the value of TOKENQUOTA_RUN as bytes, or None. */
PyObject *ledger_open(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    struct tq_ledger_options options = {.size = sizeof options};
    struct state *state = state_of_module(module);
    PyObject *path = NULL;
    struct ledger *self;

    if (arguments_are("open", count, 10, 10) < 0 || number_of(args[3], &options.flags) < 0 ||
        number_by_name(args[4], rule_name, &options.rule) < 0 ||
        number_of(args[5], &options.history_days) < 0 || number_of(args[6], &options.mode) < 0 ||
        integer_of(args[7], &options.min_now_ns) < 0 || integer_of(args[8], &options.max_ahead_ns) < 0)
        return NULL;
    if (!is_type_of(args[0], state->ledger_type) || !is_type_of(args[1], state->provider_type))
        return PyErr_Format(PyExc_TypeError, "open needs a type of ledgers and one of providers");
    if (args[9] != Py_None && !PyBytes_Check(args[9]))
        return PyErr_Format(PyExc_TypeError, "runs are bytes, not %R", args[9]);
    if (args[2] != Py_None && !PyUnicode_FSConverter(args[2], &path))
        return NULL;
    self = ledger_make(state, (PyTypeObject *)args[0], args[1], args[2]);
    if (self && args[9] != Py_None)
        self->runs = Py_NewRef(args[9]);
    if (self && open_handle(self, path ? PyBytes_AsString(path) : NULL, &options) < 0)
        Py_CLEAR(self);
    Py_XDECREF(path);
    return (PyObject *)self;
}

static int ledger_traverse(struct ledger *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->providers);
    Py_VISIT(self->in_runs);
    Py_VISIT(self->provider_type);
    return 0;
}

static int ledger_clear(struct ledger *self)
{
    Py_CLEAR(self->providers);
    Py_CLEAR(self->in_runs);
    Py_CLEAR(self->provider_type);
    return 0;
}

static void ledger_dealloc(struct ledger *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    tq_ledger_close(self->handle);
    ledger_clear(self);
    Py_CLEAR(self->path);
    Py_CLEAR(self->runs);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

/* The list of all providers' objects; NULL with an exception. */
static PyObject *walk(struct ledger *self)
{
    struct tq_provider *handle = NULL;
    PyObject *list = PyList_New(0);
    uint64_t cursor = 0;
    int answer = 0;

    while (list && (answer = tq_ledger_walk(self->handle, &cursor, &handle)) == 0) {
        PyObject *item = ledger_object(self, handle);

        if (!item || PyList_Append(list, item) < 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    if (answer >= 0)
        return list;
    Py_XDECREF(list);
    return fail(self->state, answer, NULL);
}

/* To make objects may run the garbage collector and so code of Python, which may close the ledger: it stays
 * meanwhile. */
static PyObject *ledger_all(PyObject *object, PyObject *none)
{
    struct ledger *self = (struct ledger *)object;
    PyObject *list;

    (void)none;
    if (ledger_is_open(self) < 0)
        return NULL;
    ledger_keep(self);
    list = walk(self);
    ledger_let_go(self);
    return list;
}

/* [(name, retry_at_ns)] from what the store listed. */
static PyObject *pairs(const struct tq_exhausted *items, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);

    for (size_t i = 0; list && i < count; i++) {
        PyObject *pair = Py_BuildValue("sL", items[i].provider, (long long)items[i].retry_at_ns);

        if (!pair || PyList_SetItem(list, (Py_ssize_t)i, pair) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* (at): those that are out then. For an instant out of range the store answers none; here it is an error. */
static PyObject *ledger_exhausted(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct ledger *self = (struct ledger *)object;
    struct tq_exhausted *items;
    PyObject *list;
    int64_t now_ns;
    size_t found;

    if (arguments_are("exhausted", count, 0, 1) < 0 ||
        instant_of(self->state, count ? args[0] : NULL, &now_ns) < 0 || ledger_is_open(self) < 0)
        return NULL;
    if (now_ns < TQ_NOW_MIN_NS || now_ns >= TQ_NOW_END_NS)
        return fail(self->state, TQ_ERANGE, NULL);
    items = exhausted_at(self->handle, now_ns, &found);
    if (!items)
        return PyErr_NoMemory();
    ledger_keep(self); /* as in ledger_all */
    list = pairs(items, found);
    ledger_let_go(self);
    free(items);
    return list;
}

/* Handles of a list of providers; NULL with an exception. PyMem_Free them. */
static struct tq_provider **handles_of(struct ledger *self, PyObject *providers, Py_ssize_t count)
{
    struct tq_provider **handles = PyMem_Malloc(((size_t)count + 1) * sizeof(struct tq_provider *));

    for (Py_ssize_t i = 0; handles && i < count; i++) {
        PyObject *provider = PyList_GetItem(providers, i);

        handles[i] = is_provider(self->state, provider) ? provider_handle(provider) : NULL;
        if (!handles[i]) {
            PyMem_Free(handles);
            return NULL;
        }
    }
    if (!handles)
        PyErr_NoMemory();
    return handles;
}

/* (list of providers, policy, last + 1, need, flags, at): (answer, chosen, probe, retry_at_ns, room). */
static PyObject *ledger_route(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_route route = {.size = sizeof route};
    struct ledger *self = (struct ledger *)object;
    struct tq_provider **handles;
    Py_ssize_t among;
    uint32_t flags;
    int64_t now_ns;
    int answer;

    if (arguments_are("route", count, 6, 6) < 0 ||
        number_by_name(args[1], tq_policy_name, &route.policy) < 0 || number_of(args[2], &route.last) < 0 ||
        integer_of(args[3], &route.need) < 0 || number_of(args[4], &flags) < 0 ||
        instant_of(self->state, args[5], &now_ns) < 0)
        return NULL;
    among = PyList_Size(args[0]);
    if (among < 0 || ledger_is_open(self) < 0 || !(handles = handles_of(self, args[0], among)))
        return NULL;
    answer = tq_ledger_route(self->handle, handles, (size_t)among, now_ns, flags, &route);
    PyMem_Free(handles);
    if (answer < 0)
        return fail(self->state, answer, NULL);
    return Py_BuildValue("iKILL", answer, (unsigned long long)route.chosen, route.probe,
                         (long long)route.retry_at_ns, (long long)route.room);
}

static PyObject *ledger_info(PyObject *object, PyObject *none)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct ledger *self = (struct ledger *)object;
    int answer;

    (void)none;
    if (ledger_is_open(self) < 0)
        return NULL;
    answer = tq_ledger_statistics(self->handle, &info);
    return answer < 0 ? fail(self->state, answer, NULL) : record_tuple(info_members, &info);
}

static PyObject *get_path(struct ledger *self, void *none)
{
    (void)none;
    return Py_NewRef(self->path);
}

static PyObject *get_closed(struct ledger *self, void *none)
{
    (void)none;
    return PyBool_FromLong(self->closed);
}

static PyMethodDef methods[] = {
    {"_get", ledger_get, METH_O, NULL},
    {"_has", ledger_has, METH_O, NULL},
    {"_written", ledger_written, METH_O, NULL},
    {"_all", ledger_all, METH_NOARGS, NULL},
    {"_exhausted", FAST(ledger_exhausted), METH_FASTCALL, NULL},
    {"_route", FAST(ledger_route), METH_FASTCALL, NULL},
    {"_hold", FAST(ledger_hold), METH_FASTCALL, NULL},
    {"_info", ledger_info, METH_NOARGS, NULL},
    {"_close", FAST(ledger_close), METH_FASTCALL, NULL},
    {"_flush", FAST(ledger_flush), METH_FASTCALL, NULL},
    {"_wait", FAST(ledger_wait), METH_FASTCALL, NULL},
    {"_changed", FAST(ledger_changed), METH_FASTCALL, NULL},
    {"_check", FAST(ledger_check), METH_FASTCALL, NULL},
    {"_backup", FAST(ledger_backup), METH_FASTCALL, NULL},
    {0},
};

static PyGetSetDef properties[] = {
    {"path", (getter)get_path, NULL, PyDoc_STR("The file's path as it was given; None in private memory."),
     NULL},
    {"closed", (getter)get_closed, NULL, PyDoc_STR("True after close()."), NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_new, ledger_new},
    {Py_tp_dealloc, ledger_dealloc},
    {Py_tp_traverse, ledger_traverse},
    {Py_tp_clear, ledger_clear},
    {Py_mp_subscript, ledger_subscript},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_doc, "What tokenquota.Ledger is made from."},
    {0},
};

PyType_Spec ledger_spec = {
    .name = "tokenquota._core.Ledger",
    .basicsize = sizeof(struct ledger),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
