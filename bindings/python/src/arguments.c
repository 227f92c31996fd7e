/* arguments.c: reads what a call of Python is given: instants, numbers, bytes, profiles.
 *
 * SPDX-License-Identifier: MIT
 */
#include "binding.h"

#define MICROSECOND_NS 1000
#define SECOND_NS 1000000000
#define DAY_S 86400

int arguments_are(const char *call, Py_ssize_t count, Py_ssize_t least, Py_ssize_t most)
{
    if (count >= least && count <= most)
        return 0;
    PyErr_Format(PyExc_TypeError, "%s takes %zd to %zd arguments, not %zd", call, least, most, count);
    return -1;
}

bool is_type_of(PyObject *type, PyObject *base)
{
    return PyType_Check(type) && PyType_IsSubtype((PyTypeObject *)type, (PyTypeObject *)base);
}

int integer_of(PyObject *given, int64_t *value)
{
    *value = PyLong_AsLongLong(given);
    if (*value != -1 || !PyErr_Occurred())
        return 0;
    if (PyErr_ExceptionMatches(PyExc_OverflowError)) /* what is wrong of a value is a ValueError */
        PyErr_SetString(PyExc_ValueError, "the number does not fit in 64 bits");
    return -1;
}

int number_of(PyObject *given, uint32_t *value)
{
    int64_t number;

    if (integer_of(given, &number) < 0)
        return -1;
    if (number < 0 || number > UINT32_MAX) {
        PyErr_Format(PyExc_ValueError, "%R is not from 0 to 4294967295", given);
        return -1;
    }
    *value = (uint32_t)number;
    return 0;
}

static int64_t attribute(PyObject *object, const char *name)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    int64_t number = value ? PyLong_AsLongLong(value) : -1;

    Py_XDECREF(value);
    return number;
}

/* 1970-01-01 00:00 UTC; datetime is imported when the first one is read. */
static PyObject *epoch_of(struct state *state)
{
    PyObject *module, *type, *zone, *utc = NULL;

    if (state->epoch)
        return state->epoch;
    module = PyImport_ImportModule("datetime");
    type = module ? PyObject_GetAttrString(module, "datetime") : NULL;
    zone = type ? PyObject_GetAttrString(module, "timezone") : NULL;
    utc = zone ? PyObject_GetAttrString(zone, "utc") : NULL;
    if (utc)
        state->epoch = PyObject_CallFunction(type, "iiiiiiiO", 1970, 1, 1, 0, 0, 0, 0, utc);
    Py_XDECREF(utc);
    Py_XDECREF(zone);
    Py_XDECREF(type);
    Py_XDECREF(module);
    return state->epoch;
}

/* A datetime without a zone is an instant for nobody else, and the most frequent mistake of all. */
static int from_datetime(struct state *state, PyObject *at, int64_t *ns)
{
    PyObject *epoch = epoch_of(state), *offset = NULL, *since = NULL;
    int64_t days, seconds, micros;
    int answer = -1;

    if (!epoch)
        return -1;
    if (PyObject_IsInstance(at, (PyObject *)Py_TYPE(epoch)) != 1) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_TypeError,
                         "an instant is an aware datetime or an int of nanoseconds (time.time_ns()), not %R",
                         at);
        return -1;
    }
    offset = PyObject_CallMethod(at, "utcoffset", NULL);
    if (offset == Py_None)
        PyErr_SetString(PyExc_ValueError,
                        "the datetime has no time zone: say which, as in datetime.now(timezone.utc)");
    else if (offset)
        since = PyNumber_Subtract(at, epoch);
    if (since) {
        days = attribute(since, "days");
        seconds = attribute(since, "seconds");
        micros = attribute(since, "microseconds");
        if (!PyErr_Occurred() && (__builtin_mul_overflow(days * DAY_S + seconds, SECOND_NS, ns) ||
                                  __builtin_add_overflow(*ns, micros * MICROSECOND_NS, ns)))
            PyErr_Format(PyExc_ValueError, "%R: %s", at, tq_strerror(TQ_ERANGE));
        answer = PyErr_Occurred() ? -1 : 0;
    }
    Py_XDECREF(since);
    Py_XDECREF(offset);
    return answer;
}

int instant_of(struct state *state, PyObject *at, int64_t *ns)
{
    if (!at || at == Py_None) {
        *ns = tq_now_ns();
        return 0;
    }
    return PyLong_Check(at) ? integer_of(at, ns) : from_datetime(state, at, ns);
}

int bytes_of(PyObject *given, const char **bytes, size_t *len)
{
    Py_ssize_t size = 0;
    char *at = NULL;

    if (PyUnicode_Check(given)) {
        *bytes = PyUnicode_AsUTF8AndSize(given, &size);
        if (!*bytes)
            return -1;
    } else if (PyBytes_Check(given)) {
        if (PyBytes_AsStringAndSize(given, &at, &size) < 0)
            return -1;
        *bytes = at;
    } else if (PyByteArray_Check(given)) {
        *bytes = PyByteArray_AsString(given);
        size = PyByteArray_Size(given);
    } else if (given == Py_None) {
        *bytes = NULL;
    } else {
        PyErr_Format(PyExc_TypeError, "str or bytes are needed, not %R", given);
        return -1;
    }
    *len = (size_t)size;
    return 0;
}

int profile_of(PyObject *given, const struct tq_profile **profile)
{
    const char *name = NULL;
    size_t len = 0;

    *profile = NULL;
    if (given == Py_None)
        return 0;
    if (bytes_of(given, &name, &len) < 0)
        return -1;
    if (!tq_profile_known(name, len)) {
        PyErr_Format(PyExc_ValueError, "%R is no profile; tokenquota.profiles() lists them", given);
        return -1;
    }
    *profile = tq_profile_find(name, len);
    return 0;
}
