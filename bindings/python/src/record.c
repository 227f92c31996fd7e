/* record.c: gives a struct of the library as a tuple, and fills one from a tuple, by a table of its members.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "binding.h"

#define NAMES_MAX 64u /* no list of names is longer */

/* "order, sticky, ...": every name of a list, for a message. */
static PyObject *names_of(const char *(*name)(uint32_t n))
{
    PyObject *all = PyUnicode_FromString("");

    for (uint32_t n = 0; all && n < NAMES_MAX; n++)
        if (strcmp(name(n), "unknown") != 0) {
            PyObject *longer =
                PyUnicode_FromFormat("%U%s%s", all, PyUnicode_GetLength(all) ? ", " : "", name(n));

            Py_DECREF(all);
            all = longer;
        }
    return all;
}

int number_by_name(PyObject *given, const char *(*name)(uint32_t n), uint32_t *number)
{
    PyObject *known;

    if (PyUnicode_Check(given))
        for (uint32_t n = 0; n < NAMES_MAX; n++)
            if (PyUnicode_CompareWithASCIIString(given, name(n)) == 0 && strcmp(name(n), "unknown") != 0) {
                *number = n;
                return 0;
            }
    if ((known = names_of(name))) {
        PyErr_Format(PyExc_ValueError, "%R is none of the names %U", given, known);
        Py_DECREF(known);
    }
    return -1;
}

static PyObject *text_of(const char *text)
{
    return text && *text ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace")
                         : Py_NewRef(Py_None);
}

static PyObject *value_of(const struct member *member, const char *at)
{
    int64_t i64;
    uint64_t u64;
    uint32_t u32;
    int32_t i32;

    switch (member->kind) {
    case KIND_I64:
        memcpy(&i64, at, sizeof i64);
        return PyLong_FromLongLong(i64);
    case KIND_U64:
        memcpy(&u64, at, sizeof u64);
        return PyLong_FromUnsignedLongLong(u64);
    case KIND_I32:
        memcpy(&i32, at, sizeof i32);
        return PyLong_FromLong(i32);
    case KIND_TEXT:
        return text_of(at);
    default:
        memcpy(&u32, at, sizeof u32);
    }
    if (member->kind == KIND_NAME)
        return PyUnicode_FromString(member->name(u32));
    if (member->kind == KIND_PROFILE)
        return text_of(tq_profile_name(tq_profile_of(u32)));
    return PyLong_FromUnsignedLong(u32);
}

static Py_ssize_t members(const struct member *table)
{
    Py_ssize_t count = 0;

    while (table[count].kind != KIND_END)
        count++;
    return count;
}

PyObject *record_tuple(const struct member *table, const void *record)
{
    PyObject *tuple = PyTuple_New(members(table));

    for (Py_ssize_t i = 0; tuple && table[i].kind != KIND_END; i++) {
        PyObject *value = value_of(&table[i], (const char *)record + table[i].offset);

        if (!value || PyTuple_SetItem(tuple, i, value) < 0)
            Py_CLEAR(tuple);
    }
    return tuple;
}

static int text_into(PyObject *value, char *out, size_t capacity)
{
    const char *text = NULL;
    size_t len = 0;

    if (bytes_of(value, &text, &len) < 0)
        return -1;
    if (len >= capacity || (len && memchr(text, '\0', len))) {
        PyErr_Format(PyExc_ValueError, "%R is longer than %zu bytes, or has a NUL", value, capacity - 1);
        return -1;
    }
    if (len)
        memcpy(out, text, len);
    return 0;
}

static int profile_into(PyObject *value, uint32_t *id)
{
    const struct tq_profile *profile;

    if (profile_of(value, &profile) < 0)
        return -1;
    *id = tq_profile_id(profile);
    return 0;
}

static int value_into(const struct member *member, PyObject *value, char *at)
{
    uint64_t u64;
    uint32_t u32 = 0;
    int64_t i64;
    int32_t i32;

    switch (member->kind) {
    case KIND_TEXT:
        return text_into(value, at, member->bytes);
    case KIND_U64:
        u64 = PyLong_AsUnsignedLongLong(value);
        memcpy(at, &u64, sizeof u64);
        if (!PyErr_Occurred())
            return 0;
        if (PyErr_ExceptionMatches(PyExc_OverflowError))
            PyErr_Format(PyExc_ValueError, "%R is not from 0 to 18446744073709551615", value);
        return -1;
    case KIND_I64:
    case KIND_I32:
        if (integer_of(value, &i64) < 0)
            return -1;
        if (member->kind == KIND_I32 && (i64 < INT32_MIN || i64 > INT32_MAX)) {
            PyErr_Format(PyExc_ValueError, "%R does not fit in 32 bits", value);
            return -1;
        }
        i32 = (int32_t)i64;
        if (member->kind == KIND_I32 && i32 != i64) {
            PyErr_Format(PyExc_ValueError, "%R does not fit in 32 bits", value);
            return -1;
        }
        memcpy(at, member->kind == KIND_I64 ? (void *)&i64 : (void *)&i32,
               member->kind == KIND_I64 ? sizeof i64 : sizeof i32);
        return 0;
    case KIND_NAME:
        if (number_by_name(value, member->name, &u32) < 0)
            return -1;
        break;
    case KIND_PROFILE:
        if (profile_into(value, &u32) < 0)
            return -1;
        break;
    default:
        if (number_of(value, &u32) < 0)
            return -1;
    }
    memcpy(at, &u32, sizeof u32);
    return 0;
}

int record_of(const struct member *table, PyObject *tuple, void *record)
{
    if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) != members(table)) {
        PyErr_Format(PyExc_TypeError, "a tuple of %zd values is needed, not %R", members(table), tuple);
        return -1;
    }
    for (Py_ssize_t i = 0; table[i].kind != KIND_END; i++)
        if (value_into(&table[i], PyTuple_GetItem(tuple, i), (char *)record + table[i].offset) < 0)
            return -1;
    return 0;
}
