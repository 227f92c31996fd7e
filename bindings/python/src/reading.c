/* reading.c: reads signals and usage from responses, and signals and usage from tuples.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "binding.h"

PyObject *signal_tuple(const struct tq_quota_signal *signal, int answer)
{
    PyObject *axes = PyTuple_New(signal->axis_count), *words = record_tuple(signal_members, signal);

    for (uint32_t i = 0; axes && i < signal->axis_count; i++) {
        PyObject *pair =
            Py_BuildValue("NN", record_tuple(axis_members, &signal->axis[i]),
                          PyUnicode_DecodeUTF8(signal->window_name[i],
                                               (Py_ssize_t)strlen(signal->window_name[i]), "replace"));

        if (!pair || PyTuple_SetItem(axes, i, pair) < 0)
            Py_CLEAR(axes);
    }
    if (axes && words)
        return Py_BuildValue("NNN", PyBool_FromLong(answer == 0), words, axes);
    Py_XDECREF(axes);
    Py_XDECREF(words);
    return NULL;
}

static int axis_of(PyObject *pair, struct tq_axis *axis, char name[TQ_WINDOW_NAME_MAX])
{
    PyObject *words;
    const char *text;

    if (!PyArg_ParseTuple(pair, "Os", &words, &text) || record_of(axis_members, words, axis) < 0)
        return -1;
    if (strlen(text) >= TQ_WINDOW_NAME_MAX) {
        PyErr_Format(PyExc_ValueError, "the name of a window is at most %d bytes long",
                     TQ_WINDOW_NAME_MAX - 1);
        return -1;
    }
    memcpy(name, text, strlen(text) + 1);
    return 0;
}

/* (words, axes). */
int signal_of(PyObject *tuple, struct tq_quota_signal *signal)
{
    PyObject *words, *axes;
    Py_ssize_t count;

    if (!PyArg_ParseTuple(tuple, "OO", &words, &axes) || record_of(signal_members, words, signal) < 0)
        return -1;
    count = PyTuple_Size(axes);
    if (count < 0 || count > TQ_AXES_MAX) {
        if (count > 0)
            PyErr_Format(PyExc_ValueError, "a signal has at most %d axes", TQ_AXES_MAX);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        if (axis_of(PyTuple_GetItem(axes, i), &signal->axis[i], signal->window_name[i]) < 0)
            return -1;
    signal->axis_count = (uint32_t)count;
    return 0;
}

/* The headers of a list of pairs; NULL with an exception. PyMem_Free them. The texts belong to the list. */
static struct tq_field *fields_of(PyObject *headers, size_t *count)
{
    Py_ssize_t given = PyList_Size(headers);
    struct tq_field *fields = given < 0 ? NULL : PyMem_Malloc(((size_t)given + 1) * sizeof *fields);

    if (given >= 0 && !fields)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; fields && i < given; i++) {
        PyObject *pair = PyList_GetItem(headers, i);

        if (!PyTuple_Check(pair) || PyTuple_Size(pair) != 2 ||
            bytes_of(PyTuple_GetItem(pair, 0), &fields[i].name, &fields[i].name_len) < 0 ||
            bytes_of(PyTuple_GetItem(pair, 1), &fields[i].value, &fields[i].value_len) < 0) {
            if (!PyErr_Occurred())
                PyErr_Format(PyExc_TypeError, "a header is a pair of texts, not %R", pair);
            PyMem_Free(fields);
            return NULL;
        }
    }
    *count = (size_t)given;
    return fields;
}

/* (status, [(name, value)], body, profile, sent_at, now, day). */
PyObject *read_signal(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    struct tq_quota_signal signal = {.size = sizeof signal};
    struct tq_response response = {.size = sizeof response};
    struct state *state = state_of_module(module);
    struct tq_field *fields;
    int answer;

    /* The bytes last: to read an instant may run code of Python, which may change a bytearray. */
    if (arguments_are("read_signal", count, 7, 7) < 0 || number_of(args[0], &response.status) < 0 ||
        (args[4] != Py_None && instant_of(state, args[4], &response.sent_at_ns) < 0) ||
        instant_of(state, args[5], &response.now_ns) < 0 || number_of(args[6], &response.day) < 0 ||
        profile_of(args[3], &response.profile) < 0 ||
        bytes_of(args[2], &response.body, &response.body_len) < 0 ||
        !(fields = fields_of(args[1], &response.field_count)))
        return NULL;
    response.fields = fields;
    answer = tq_signal_read(&response, &signal);
    PyMem_Free(fields);
    return answer < 0 ? fail(state, answer, NULL) : signal_tuple(&signal, answer);
}

/* (JSON, profile, now): one object that states limits. */
PyObject *read_limits(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    struct tq_quota_signal signal = {.size = sizeof signal};
    struct state *state = state_of_module(module);
    const struct tq_profile *profile;
    const char *json = NULL;
    int64_t now_ns;
    size_t len = 0;
    int answer;

    if (arguments_are("read_limits", count, 3, 3) < 0 || instant_of(state, args[2], &now_ns) < 0 ||
        profile_of(args[1], &profile) < 0 || bytes_of(args[0], &json, &len) < 0)
        return NULL;
    answer = tq_signal_read_limits(profile, json ? json : "", len, now_ns, &signal);
    return answer < 0 ? fail(state, answer, NULL) : signal_tuple(&signal, answer);
}

/* (body, profile, [(name, value)] or None): None when there is no usage in either. */
PyObject *read_usage(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    struct tq_usage usage = {.size = sizeof usage};
    struct state *state = state_of_module(module);
    const struct tq_profile *profile;
    const char *body = NULL;
    struct tq_field *fields;
    size_t len = 0, field_count;
    int answer;

    if (arguments_are("read_usage", count, 3, 3) < 0 || bytes_of(args[0], &body, &len) < 0 ||
        profile_of(args[1], &profile) < 0 || !(fields = fields_of(args[2], &field_count)))
        return NULL;
    answer = tq_usage_read(profile, body ? body : "", len, &usage);
    if (answer == 1)
        answer = tq_usage_read_fields(profile, fields, field_count, &usage);
    PyMem_Free(fields);
    if (answer < 0)
        return fail(state, answer, NULL);
    return answer == 1 ? Py_NewRef(Py_None) : record_tuple(usage_members, &usage);
}

/* [(id, name, vendor, source, seen live)]. */
PyObject *list_profiles(PyObject *module, PyObject *none)
{
    PyObject *list = PyList_New(0);
    const struct tq_profile *profile;

    (void)module, (void)none;
    for (size_t i = 0; list && (profile = tq_profile_at(i)) != NULL; i++) {
        PyObject *item = Py_BuildValue("IsssN", tq_profile_id(profile), tq_profile_name(profile),
                                       tq_profile_vendor(profile), tq_profile_source(profile),
                                       PyBool_FromLong(tq_profile_seen_live(profile)));

        if (!item || PyList_Append(list, item) < 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}
