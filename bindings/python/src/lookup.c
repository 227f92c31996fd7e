/* lookup.c: from a name to the object of its provider; in a run of this process, the run's.
 *
 * SPDX-License-Identifier: MIT
 */
#include "binding.h"

/* run NULL: the name is meant as it is written, and `handle` both counts and sets. */
static PyObject *provider_make(struct ledger *self, PyObject *name, struct tq_provider *handle, PyObject *run,
                               struct tq_provider *written)
{
    PyTypeObject *type = (PyTypeObject *)self->provider_type;
    struct provider *made;

    made = (struct provider *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!made)
        return NULL;
    made->ledger = (struct ledger *)Py_NewRef((PyObject *)self);
    made->name = Py_NewRef(name);
    made->handle = handle;
    made->written = run ? written : handle;
    made->run = Py_XNewRef(run);
    if (PyDict_SetItem(run ? self->in_runs : self->providers, name, (PyObject *)made) < 0)
        Py_CLEAR(made);
    return (PyObject *)made;
}

/* The object of a name as it is written; a new reference. None: the ledger does not hold it, and it is not to
 * be inserted. */
static PyObject *look_up_written(struct ledger *self, PyObject *name, uint32_t flags)
{
    struct tq_provider *handle = NULL;
    const char *bytes;
    PyObject *known;
    Py_ssize_t len;
    int answer;

    if (ledger_is_open(self) < 0)
        return NULL;
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "the name of a provider is a str, not %R", name);
        return NULL;
    }
    known = PyDict_GetItemWithError(self->providers, name);
    if (known && !(flags & TQ_PROVIDER_EXISTING))
        return Py_NewRef(known);
    if (PyErr_Occurred())
        return NULL;
    bytes = PyUnicode_AsUTF8AndSize(name, &len);
    if (!bytes) {
        PyErr_Clear();
        return PyErr_Format(PyExc_ValueError, "%R: %s", name, tq_strerror(TQ_ENAME));
    }
    answer = len ? tq_ledger_provider(self->handle, bytes, (size_t)len, flags, &handle) : TQ_ENAME;
    if (answer < 0)
        return fail(self->state, answer, len ? bytes : NULL);
    if (answer == 1)
        return Py_NewRef(Py_None);
    return known ? Py_NewRef(known) : provider_make(self, name, handle, NULL, NULL);
}

/* The object of a name that means a run. The name as it is written was found: it is what is set. */
static PyObject *run_object(struct ledger *self, PyObject *name, const char *run, size_t len,
                            struct provider *written)
{
    struct tq_provider *handle = NULL;
    PyObject *made, *text;
    int answer;

    answer = tq_ledger_provider(self->handle, run, len, TQ_PROVIDER_EXISTING, &handle);
    if (answer < 0)
        return fail(self->state, answer, run);
    if (answer == 1 || tq_run_check(handle) < 0)
        return fail_over(self->state, run);
    text = PyUnicode_DecodeUTF8(run, (Py_ssize_t)len, "strict");
    made = text ? provider_make(self, name, handle, text, written->written) : NULL;
    Py_XDECREF(text);
    return made;
}

/* The object of a name; in a run of this process, the run's. */
static PyObject *look_up(struct ledger *self, PyObject *name, uint32_t flags)
{
    PyObject *written, *made;
    char run[TQ_NAME_MAX + 1];
    const char *bytes;
    Py_ssize_t size;
    int len;

    if (self->runs && !self->closed && self->in_runs && PyUnicode_Check(name)) {
        made = PyDict_GetItemWithError(self->in_runs, name);
        if (made || PyErr_Occurred())
            return Py_XNewRef(made);
    }
    written = look_up_written(self, name, flags);
    if (!self->runs || !written || written == Py_None)
        return written;
    bytes = PyUnicode_AsUTF8AndSize(name, &size);
    len = bytes ? tq_run_of(PyBytes_AsString(self->runs), bytes, (size_t)size, run, sizeof run) : -1;
    if (len == 0)
        return written;
    made = len > 0 ? run_object(self, name, run, (size_t)len, (struct provider *)written) : NULL;
    Py_DECREF(written);
    return made;
}

PyObject *ledger_subscript(PyObject *self, PyObject *name)
{
    return look_up((struct ledger *)self, name, 0);
}

/* The same by the name as it is written. */
PyObject *ledger_written(PyObject *self, PyObject *name)
{
    return look_up_written((struct ledger *)self, name, 0);
}

PyObject *ledger_has(PyObject *self, PyObject *name)
{
    PyObject *found = look_up_written((struct ledger *)self, name, TQ_PROVIDER_EXISTING);

    Py_XDECREF(found); /* the ledger has it, and None stays, too */
    return found ? PyBool_FromLong(found != Py_None) : NULL;
}

PyObject *ledger_get(PyObject *self, PyObject *name)
{
    return look_up((struct ledger *)self, name, TQ_PROVIDER_EXISTING);
}

PyObject *ledger_object(struct ledger *self, struct tq_provider *handle)
{
    PyObject *name = PyUnicode_FromString(tq_provider_name(handle)), *object = NULL;

    if (name) {
        object = PyDict_GetItemWithError(self->providers, name);
        if (object)
            Py_INCREF(object);
        else if (!PyErr_Occurred())
            object = provider_make(self, name, handle, NULL, NULL);
        Py_DECREF(name);
    }
    return object;
}
