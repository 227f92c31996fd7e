/* module.c: the extension module tokenquota._core: its calls, its types, and what Python it says it fits.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"

struct state *state_of_module(PyObject *module)
{
    return PyModule_GetState(module);
}

/* A text that the library writes as snprintf does. */
static PyObject *written(const char *text, int len, size_t capacity)
{
    return PyUnicode_DecodeUTF8(text, (size_t)len < capacity ? len : (Py_ssize_t)capacity - 1, "replace");
}

/* (verdict, vendor or None). */
static PyObject *explain(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    const char *vendor = NULL;
    char text[4096];
    size_t len;
    int answer;

    if (arguments_are("explain", count, 2, 2) < 0 || record_of(verdict_members, args[0], &verdict) < 0 ||
        bytes_of(args[1], &vendor, &len) < 0)
        return NULL;
    answer = tq_verdict_explain_named(&verdict, vendor, text, sizeof text);
    return answer < 0 ? fail(state_of_module(module), answer, NULL) : written(text, answer, sizeof text);
}

static PyObject *parse_limit(PyObject *module, PyObject *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};
    const char *text = NULL;
    size_t len = 0;
    int answer;

    if (!PyUnicode_Check(sentence))
        return PyErr_Format(PyExc_TypeError, "a sentence is a str, not %R", sentence);
    if (bytes_of(sentence, &text, &len) < 0)
        return NULL;
    if (memchr(text, '\0', len))
        return PyErr_Format(PyExc_ValueError, "a sentence has no NUL: %R", sentence);
    answer = tq_limit_parse(text, &limit, &error);
    return answer < 0 ? fail_with(state_of_module(module), answer, &error)
                      : record_tuple(limit_members, &limit);
}

static PyObject *format_limit(PyObject *module, PyObject *tuple)
{
    struct tq_limit limit = {.size = sizeof limit};
    char text[256];
    int answer;

    if (record_of(limit_members, tuple, &limit) < 0)
        return NULL;
    answer = tq_limit_format(&limit, text, sizeof text);
    return answer < 0 ? fail(state_of_module(module), answer, NULL) : written(text, answer, sizeof text);
}

static PyObject *default_path(PyObject *module, PyObject *none)
{
    struct tq_error error = {.size = sizeof error};
    char path[4096];
    int answer = tq_ledger_default_path(path, sizeof path, &error);

    (void)none;
    if (answer < 0)
        return fail_with(state_of_module(module), answer, &error);
    if (answer >= (int)sizeof path)
        return PyErr_Format(PyExc_ValueError, "the path of the ledger is too long");
    return PyUnicode_DecodeFSDefault(path);
}

/* (path). */
static PyObject *compact(PyObject *module, PyObject *path)
{
    struct tq_error error = {.size = sizeof error};
    PyObject *encoded = NULL;
    PyThreadState *thread;
    int answer;

    if (!PyUnicode_FSConverter(path, &encoded))
        return NULL;
    thread = PyEval_SaveThread();
    answer = tq_ledger_compact(PyBytes_AsString(encoded), &error);
    PyEval_RestoreThread(thread);
    Py_DECREF(encoded);
    return answer < 0 ? fail_with(state_of_module(module), answer, &error) : Py_NewRef(Py_None);
}

/* (path, source). */
static PyObject *restore(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    struct tq_error error = {.size = sizeof error};
    PyObject *path = NULL, *source = NULL;
    PyThreadState *thread;
    int answer = 0;

    if (arguments_are("restore", count, 2, 2) < 0 || !PyUnicode_FSConverter(args[0], &path))
        return NULL;
    if (PyUnicode_FSConverter(args[1], &source)) {
        thread = PyEval_SaveThread();
        answer = tq_ledger_restore(PyBytes_AsString(path), PyBytes_AsString(source), &error);
        PyEval_RestoreThread(thread);
    }
    Py_XDECREF(source);
    Py_DECREF(path);
    if (PyErr_Occurred())
        return NULL;
    return answer < 0 ? fail_with(state_of_module(module), answer, &error) : Py_NewRef(Py_None);
}

static PyObject *instant(PyObject *module, PyObject *at)
{
    int64_t ns;

    return instant_of(state_of_module(module), at, &ns) < 0 ? NULL : PyLong_FromLongLong(ns);
}

static PyObject *now(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    return PyLong_FromLongLong(tq_now_ns());
}

/* Does nothing: what a call costs (bench.py). */
static PyObject *nothing(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    (void)module, (void)args, (void)count, (void)names;
    return PyBool_FromLong(0);
}

static PyMethodDef methods[] = {
    {"open", FAST(ledger_open), METH_FASTCALL, NULL},
    {"stream", FAST(stream_open), METH_FASTCALL, NULL},
    {"explain", FAST(explain), METH_FASTCALL, NULL},
    {"parse_limit", parse_limit, METH_O, NULL},
    {"format_limit", format_limit, METH_O, NULL},
    {"read_signal", FAST(read_signal), METH_FASTCALL, NULL},
    {"read_limits", FAST(read_limits), METH_FASTCALL, NULL},
    {"read_usage", FAST(read_usage), METH_FASTCALL, NULL},
    {"profiles", list_profiles, METH_NOARGS, NULL},
    {"default_path", default_path, METH_NOARGS, NULL},
    {"compact", compact, METH_O, NULL},
    {"restore", FAST(restore), METH_FASTCALL, NULL},
    {"instant", instant, METH_O, NULL},
    {"now", now, METH_NOARGS, NULL},
    {"nothing", FAST(nothing), METH_FASTCALL | METH_KEYWORDS, NULL},
    {0},
};

/* A type in the module; the state's reference. */
static PyObject *add_type(PyObject *module, PyType_Spec *spec, const char *name)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

    if (type && PyModule_AddObjectRef(module, name, type) < 0)
        Py_CLEAR(type);
    return type;
}

static int module_exec(PyObject *module)
{
    struct state *state = state_of_module(module);

    state->error = error_make();
    state->ledger_type = add_type(module, &ledger_spec, "Ledger");
    state->provider_type = add_type(module, &provider_spec, "Provider");
    state->stream_type = add_type(module, &stream_spec, "UsageStream");
    state->hold_type = add_type(module, &hold_spec, "Hold");
    if (!state->error || !state->ledger_type || !state->provider_type || !state->stream_type ||
        !state->hold_type || PyModule_AddObjectRef(module, "Error", state->error) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "version", tq_version_string());
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct state *state = state_of_module(module);

    Py_VISIT(state->error);
    Py_VISIT(state->epoch);
    Py_VISIT(state->ledger_type);
    Py_VISIT(state->provider_type);
    Py_VISIT(state->stream_type);
    Py_VISIT(state->hold_type);
    Py_VISIT(state->states[0]);
    Py_VISIT(state->states[1]);
    return 0;
}

static int module_clear(PyObject *module)
{
    struct state *state = state_of_module(module);

    Py_CLEAR(state->error);
    Py_CLEAR(state->epoch);
    Py_CLEAR(state->ledger_type);
    Py_CLEAR(state->provider_type);
    Py_CLEAR(state->stream_type);
    Py_CLEAR(state->hold_type);
    Py_CLEAR(state->states[0]);
    Py_CLEAR(state->states[1]);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

/* All state is in the module, so each interpreter may have its own, with its own GIL. Python 3.12 wants that
 * said, by a slot that 3.10 and 3.11 do not know. (A build without the GIL turns it on and says so: close()
 * relies on it.) */
#define SLOT_MULTIPLE_INTERPRETERS 3
#define PER_INTERPRETER_GIL ((void *)2)

static bool knows_interpreters(void)
{
    const char *version = Py_GetVersion();
    char *end;

    return strtol(version, &end, 10) > 3 || (*end == '.' && strtol(end + 1, NULL, 10) >= 12);
}

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void)
{
    static PyModuleDef_Slot plain[] = {{Py_mod_exec, module_exec}, {0}};
    static PyModuleDef_Slot many[] = {
        {Py_mod_exec, module_exec}, {SLOT_MULTIPLE_INTERPRETERS, PER_INTERPRETER_GIL}, {0}};
    static struct PyModuleDef definition = {
        PyModuleDef_HEAD_INIT,
        .m_name = "tokenquota._core",
        .m_doc = "What tokenquota is made from; its names are those of tokenquota alone.",
        .m_size = sizeof(struct state),
        .m_methods = methods,
        .m_traverse = module_traverse,
        .m_clear = module_clear,
        .m_free = module_free,
    };

    definition.m_slots = knows_interpreters() ? many : plain;
    return PyModuleDef_Init(&definition);
}
