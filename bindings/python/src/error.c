/* error.c: turns a negative answer of the library into an exception of Python.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <string.h>

#include "binding.h"

#define ERROR_DOC                                                                                            \
    "The library could not decide. Nothing was counted or changed.\n\n"                                      \
    "code: the name of the library's code, such as \"TQ_EGONE\". number: its number, below 0.\n"             \
    "message: what to do. errno: that of the system call that failed, or 0.\n\n"                             \
    "With flush_always, TQ_ESYS of a record means: counted, but perhaps not on the disk."

PyObject *error_make(void)
{
    PyObject *names =
        Py_BuildValue("{ss si si ss}", "code", "TQ_EUNKNOWN", "number", 0, "errno", 0, "message", "");
    PyObject *error = names ? PyErr_NewExceptionWithDoc("tokenquota.Error", ERROR_DOC, NULL, names) : NULL;

    Py_XDECREF(names);
    return error;
}

static void set(PyObject *object, const char *name, PyObject *value)
{
    if (value && PyObject_SetAttrString(object, name, value) == 0)
        Py_DECREF(value);
    else
        Py_XDECREF(value);
}

static PyObject *raise(struct state *state, int code, int sys, const char *message)
{
    PyObject *text = PyUnicode_DecodeUTF8(message, (Py_ssize_t)strlen(message), "replace"), *error;

    if (!text || !state->error) {
        Py_XDECREF(text);
        PyErr_SetString(PyExc_RuntimeError, message);
        return NULL;
    }
    error = PyObject_CallFunctionObjArgs(state->error, text, NULL);
    if (error) {
        set(error, "code", PyUnicode_FromString(tq_error_name(code)));
        set(error, "number", PyLong_FromLong(code));
        set(error, "errno", PyLong_FromLong(sys));
        set(error, "message", Py_NewRef(text));
        if (!PyErr_Occurred())
            PyErr_SetObject(state->error, error);
        Py_DECREF(error);
    }
    Py_DECREF(text);
    return NULL;
}

/* What the caller passed is wrong: that is a ValueError, as it is elsewhere in Python. */
static bool is_usage(int code)
{
    return code == TQ_EINVAL || code == TQ_ENAME || code == TQ_ERANGE;
}

PyObject *fail(struct state *state, int code, const char *what)
{
    int sys = code == TQ_ESYS ? errno : 0;
    char message[512];

    if (code == TQ_ENOMEM)
        return PyErr_NoMemory();
    snprintf(message, sizeof message, "%s%s%s%s%s", what ? what : "", what ? ": " : "", tq_strerror(code),
             sys ? ": " : "", sys ? strerror(sys) : "");
    if (!is_usage(code))
        return raise(state, code, sys, message);
    PyErr_SetString(PyExc_ValueError, message);
    return NULL;
}

PyObject *fail_with(struct state *state, int code, const struct tq_error *error)
{
    char message[sizeof error->msg + 128];

    if (code == TQ_ENOMEM || !error->msg[0])
        return fail(state, code, NULL);
    snprintf(message, sizeof message, "%s%s%s", error->msg, error->sys ? ": " : "",
             error->sys ? strerror(error->sys) : "");
    if (!is_usage(code))
        return raise(state, code, error->sys, message);
    PyErr_SetString(PyExc_ValueError, message);
    return NULL;
}
