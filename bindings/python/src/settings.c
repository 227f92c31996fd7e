/* settings.c: the properties of a provider: its name, its run, and what is set of it, from budget to overage.
 *
 * SPDX-License-Identifier: MIT
 */
#include "binding.h"

#define DELETED "a property of a provider is set, not deleted"

/* Whether a value is to be set. Its handle is asked for behind the reading of the value, which may run code
 * of Python. */
static bool is_to_set(PyObject *value)
{
    if (!value)
        PyErr_SetString(PyExc_AttributeError, DELETED);
    return value != NULL;
}

/* What a setter returns. The library's text of TQ_ERANGE is about instants. */
static int was_set(PyObject *object, PyObject *value, int answer)
{
    if (answer >= 0)
        return 0;
    if (answer == TQ_ERANGE)
        PyErr_Format(PyExc_ValueError, "%R is out of range", value);
    else
        provider_fail(object, answer);
    return -1;
}

static PyObject *get_name(PyObject *object, void *none)
{
    (void)none;
    return Py_NewRef(((struct provider *)object)->name);
}

static PyObject *get_run(PyObject *object, void *none)
{
    PyObject *run = ((struct provider *)object)->run;

    (void)none;
    return Py_NewRef(run ? run : Py_None);
}

static PyObject *get_ledger(PyObject *object, void *none)
{
    (void)none;
    return Py_NewRef((PyObject *)((struct provider *)object)->ledger);
}

static PyObject *get_budget(PyObject *object, void *none)
{
    struct tq_provider *handle = provider_written(object);
    int64_t budget = handle ? tq_provider_budget(handle) : 0;

    (void)none;
    if (!handle)
        return NULL;
    if (budget < 0)
        return provider_fail(object, (int)budget);
    return budget ? PyLong_FromLongLong(budget) : Py_NewRef(Py_None);
}

static int set_budget(PyObject *object, PyObject *value, void *none)
{
    struct tq_provider *handle;
    int64_t budget = 0;

    (void)none;
    if (!is_to_set(value) || (value != Py_None && integer_of(value, &budget) < 0) ||
        !(handle = provider_written(object)))
        return -1;
    return was_set(object, value, tq_provider_set_budget(handle, budget));
}

static PyObject *get_rule(PyObject *object, void *none)
{
    struct tq_provider *handle = provider_written(object);
    int rule = handle ? tq_provider_rule(handle) : 0;

    (void)none;
    if (!handle)
        return NULL;
    return rule < 0 ? provider_fail(object, rule) : PyUnicode_FromString(rule_name((uint32_t)rule));
}

static int set_rule(PyObject *object, PyObject *value, void *none)
{
    struct tq_provider *handle;
    uint32_t rule;

    (void)none;
    if (!is_to_set(value) || number_by_name(value, rule_name, &rule) < 0 ||
        !(handle = provider_written(object)))
        return -1;
    return was_set(object, value, tq_provider_set_rule(handle, rule));
}

static PyObject *get_care(PyObject *object, void *none)
{
    struct tq_provider *handle = provider_written(object);
    int care = handle ? tq_provider_care(handle) : 0;

    (void)none;
    if (!handle)
        return NULL;
    return care < 0 ? provider_fail(object, care) : PyLong_FromLong(care);
}

static int set_care(PyObject *object, PyObject *value, void *none)
{
    struct tq_provider *handle;
    uint32_t care;

    (void)none;
    if (!is_to_set(value) || number_of(value, &care) < 0 || !(handle = provider_written(object)))
        return -1;
    return was_set(object, value, tq_provider_set_care(handle, care));
}

/* Four numbers; None is `none` where a number may be missing. */
static int four_of(PyObject *value, int64_t four[TQ_CLASSES], bool may_miss)
{
    PyObject *tuple = PySequence_Tuple(value);
    int answer = tuple ? 0 : -1;

    if (tuple && PyTuple_Size(tuple) != TQ_CLASSES) {
        PyErr_SetString(PyExc_ValueError, "four numbers are needed: input, cache read, cache write, output");
        answer = -1;
    }
    for (Py_ssize_t i = 0; answer == 0 && i < TQ_CLASSES; i++) {
        PyObject *item = PyTuple_GetItem(tuple, i);

        four[i] = -1;
        if (!may_miss || item != Py_None)
            answer = integer_of(item, &four[i]);
    }
    Py_XDECREF(tuple);
    return answer;
}

static PyObject *get_weights(PyObject *object, void *none)
{
    struct tq_provider *handle = provider_written(object);
    uint32_t weights[TQ_CLASSES];
    int answer = handle ? tq_provider_weights(handle, weights) : 0;

    (void)none;
    if (!handle)
        return NULL;
    if (answer < 0)
        return provider_fail(object, answer);
    return Py_BuildValue("IIII", weights[0], weights[1], weights[2], weights[3]);
}

static int set_weights(PyObject *object, PyObject *value, void *none)
{
    struct tq_provider *handle;
    uint32_t weights[TQ_CLASSES];
    int64_t four[TQ_CLASSES];

    (void)none;
    if (!is_to_set(value) || four_of(value, four, false) < 0 || !(handle = provider_written(object)))
        return -1;
    for (size_t i = 0; i < TQ_CLASSES; i++) {
        if (four[i] < 0 || four[i] > UINT32_MAX)
            four[i] = UINT32_MAX; /* which the library refuses */
        weights[i] = (uint32_t)four[i];
    }
    return was_set(object, value, tq_provider_set_weights(handle, weights));
}

static PyObject *get_price(PyObject *object, void *none)
{
    struct tq_provider *handle = provider_written(object);
    int64_t price[TQ_CLASSES];
    int answer = handle ? tq_provider_price(handle, price) : 0;
    PyObject *tuple;

    (void)none;
    if (!handle)
        return NULL;
    if (answer < 0)
        return provider_fail(object, answer);
    tuple = PyTuple_New(TQ_CLASSES);
    for (Py_ssize_t i = 0; tuple && i < TQ_CLASSES; i++) {
        PyObject *item = price[i] < 0 ? Py_NewRef(Py_None) : PyLong_FromLongLong(price[i]);

        if (!item || PyTuple_SetItem(tuple, i, item) < 0)
            Py_CLEAR(tuple);
    }
    return tuple;
}

static int set_price(PyObject *object, PyObject *value, void *none)
{
    struct tq_provider *handle;
    int64_t price[TQ_CLASSES];

    (void)none;
    if (!is_to_set(value) || four_of(value, price, true) < 0 || !(handle = provider_written(object)))
        return -1;
    return was_set(object, value, tq_provider_set_price(handle, price));
}

static PyObject *get_pool(PyObject *object, void *none)
{
    struct tq_provider *handle = provider_written(object), *pool;
    int answer = handle ? tq_provider_pool(handle, &pool) : 0;

    (void)none;
    if (!handle)
        return NULL;
    if (answer < 0)
        return provider_fail(object, answer);
    return answer == 1 ? Py_NewRef(Py_None) : ledger_object(((struct provider *)object)->ledger, pool);
}

static int set_pool(PyObject *object, PyObject *value, void *none)
{
    struct tq_provider *handle, *pool = NULL;

    (void)none;
    if (!is_to_set(value) || !(handle = provider_written(object)) ||
        (value != Py_None && (!is_provider(((struct provider *)object)->ledger->state, value) ||
                              !(pool = provider_written(value)))))
        return -1;
    return was_set(object, value, tq_provider_set_pool(handle, pool));
}

static const char *overage_name(uint32_t overage)
{
    return overage == TQ_OVERAGE_ALLOW ? "allow" : overage == TQ_OVERAGE_STOP ? "stop" : "unknown";
}

static PyObject *get_overage(PyObject *object, void *none)
{
    struct tq_provider *handle = provider_written(object);
    int overage = handle ? tq_provider_overage(handle) : 0;

    (void)none;
    if (!handle)
        return NULL;
    return overage < 0 ? provider_fail(object, overage)
                       : PyUnicode_FromString(overage_name((uint32_t)overage));
}

static int set_overage(PyObject *object, PyObject *value, void *none)
{
    struct tq_provider *handle;
    uint32_t overage;

    (void)none;
    if (!is_to_set(value) || number_by_name(value, overage_name, &overage) < 0 ||
        !(handle = provider_written(object)))
        return -1;
    return was_set(object, value, tq_provider_set_overage(handle, overage));
}

static PyObject *get_account(PyObject *object, void *none)
{
    struct tq_provider *handle = provider_written(object);
    uint64_t account = handle ? tq_provider_account(handle) : 0;

    (void)none;
    if (!handle)
        return NULL;
    return account ? PyLong_FromUnsignedLongLong(account) : Py_NewRef(Py_None);
}

#define DOC(text) PyDoc_STR(text), NULL
PyGetSetDef provider_properties[] = {
    {"name", get_name, NULL, DOC("Its name, as it was asked for.")},
    {"run", get_run, NULL,
     DOC("The run of this process that counts and asks in its place, \"claude/job-7\"; None: there is "
         "none.")},
    {"ledger", get_ledger, NULL, DOC("The ledger that it belongs to.")},
    {"budget", get_budget, set_budget, DOC("Tokens a UTC day; None: no budget.")},
    {"rule", get_rule, set_rule,
     DOC("Its own rule: \"care\", \"off\", \"original\", \"horizon\"; \"default\": that of the ledger.")},
    {"care", get_care, set_care,
     DOC("The care of the rule \"care\", in quarters, 0 to 32. Setting it sets that rule, too.")},
    {"weights", get_weights, set_weights,
     DOC("What input, cache read, cache write and output weigh in \"weighted\" limits, in thousandths.")},
    {"price", get_price, set_price,
     DOC("Of input, cache read, cache write and output, in micro-dollars a million tokens; None: no price.")},
    {"pool", get_pool, set_pool,
     DOC("The provider whose limits and marks hold for this one, too; None: it has none.")},
    {"overage", get_overage, set_overage,
     DOC("\"allow\" or \"stop\" when a plan's share is spent and credit would pay.")},
    {"account", get_account, NULL, DOC("A hash of the account that the vendor named; None: it named none.")},
    {0},
};
