/* hold.c: the type of a hold, the room that a call has until it is settled or cancelled.
 *
 * SPDX-License-Identifier: MIT
 *
 * An object is of the process that made it: in a child that was forked it is the parent's still, and each
 * call raises ValueError. `levels` 0 says that it is none any more, or that another thread settles it now.
 */
#include <string.h>
#include <unistd.h>

#include "binding.h"

struct hold {
    PyObject_HEAD struct provider *provider;
    struct tq_hold hold;
    pid_t process;
};

static PyObject *make(PyObject *type, PyObject *provider, const struct tq_hold *hold)
{
    struct hold *self = (struct hold *)((allocfunc)PyType_GetSlot((PyTypeObject *)type, Py_tp_alloc))(
        (PyTypeObject *)type, 0);

    if (!self)
        return NULL;
    self->provider = (struct provider *)Py_NewRef(provider);
    self->hold = *hold;
    self->process = getpid();
    return (PyObject *)self;
}

static bool is_type_of_holds(struct state *state, PyObject *type)
{
    if (is_type_of(type, state->hold_type))
        return true;
    PyErr_SetString(PyExc_TypeError, "a type of holds is needed");
    return false;
}

/* None: that unit is unknown. */
static int amounts_of(PyObject *tuple, struct tq_amounts *amounts)
{
    if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) != TQ_UNITS) {
        PyErr_Format(PyExc_TypeError, "a tuple of %d amounts is needed, not %R", TQ_UNITS, tuple);
        return -1;
    }
    for (Py_ssize_t unit = 0; unit < TQ_UNITS; unit++) {
        PyObject *amount = PyTuple_GetItem(tuple, unit);

        if (amount == Py_None)
            continue;
        if (integer_of(amount, &amounts->of[unit]) < 0)
            return -1;
        amounts->known |= 1u << unit;
    }
    return 0;
}

/* (type of holds, amounts by unit, lease_ns, flags, at): a hold; None: no room. */
PyObject *provider_hold(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct state *state = ((struct provider *)object)->ledger->state;
    struct tq_amounts amounts = {.size = sizeof amounts};
    struct tq_hold hold = {.size = sizeof hold};
    struct tq_provider *handle;
    int64_t lease_ns, now_ns;
    PyObject *made;
    int answer;

    if (arguments_are("hold", count, 5, 5) < 0 || !is_type_of_holds(state, args[0]) ||
        amounts_of(args[1], &amounts) < 0 || integer_of(args[2], &lease_ns) < 0 ||
        number_of(args[3], &hold.flags) < 0 || instant_of(state, args[4], &now_ns) < 0 ||
        !(handle = provider_handle(object)))
        return NULL;
    answer = tq_provider_hold(handle, &amounts, lease_ns, now_ns, &hold);
    if (answer < 0)
        return provider_fail(object, answer);
    if (answer == 1)
        return Py_NewRef(Py_None);
    made = make(args[0], object, &hold);
    if (!made)
        (void)tq_hold_cancel(&hold);
    return made;
}

/* (type of holds, id): (hold, whether it is there). */
PyObject *ledger_hold(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct ledger *self = (struct ledger *)object;
    struct tq_hold hold = {.size = sizeof hold};
    const char *id = NULL;
    PyObject *provider, *made;
    size_t len = 0;
    int answer;

    if (arguments_are("hold", count, 2, 2) < 0 || !is_type_of_holds(self->state, args[0]) ||
        bytes_of(args[1], &id, &len) < 0 || ledger_is_open(self) < 0)
        return NULL;
    answer = id && strlen(id) == len ? tq_ledger_hold(self->handle, id, &hold) : TQ_EINVAL;
    if (answer == TQ_EINVAL)
        return PyErr_Format(PyExc_ValueError, "%R is the id of no hold of this ledger", args[1]);
    if (answer < 0)
        return fail(self->state, answer, id);
    provider = ledger_object(self, hold.provider);
    if (!provider)
        return NULL;
    made = make(args[0], provider, &hold);
    Py_DECREF(provider);
    return made ? Py_BuildValue("NN", made, PyBool_FromLong(answer == 0)) : NULL;
}

static PyObject *state_tuple(PyObject *type, PyObject *provider, const struct tq_hold_state *state)
{
    PyObject *hold = make(type, provider, &state->hold), *amounts = PyTuple_New(TQ_UNITS);

    for (Py_ssize_t unit = 0; amounts && unit < TQ_UNITS; unit++) {
        PyObject *amount =
            state->known & 1u << unit ? PyLong_FromLongLong(state->of[unit]) : Py_NewRef(Py_None);

        if (!amount || PyTuple_SetItem(amounts, unit, amount) < 0)
            Py_CLEAR(amounts);
    }
    if (hold && amounts)
        return Py_BuildValue("NNNN", hold, PyBool_FromLong(state->owner != 0),
                             PyBool_FromLong(state->alive != 0), amounts);
    Py_XDECREF(hold);
    Py_XDECREF(amounts);
    return NULL;
}

/* (type of holds, at): [(hold, owned, alive, amounts by unit)]. To make objects may run code of Python, which
 * may close the ledger: all are read before, and the ledger stays meanwhile. */
PyObject *provider_holds(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct ledger *ledger = ((struct provider *)object)->ledger;
    struct tq_hold_state *states;
    struct tq_provider *handle;
    PyObject *list = NULL;
    int64_t now_ns;
    int found;

    if (arguments_are("holds", count, 2, 2) < 0 || !is_type_of_holds(ledger->state, args[0]) ||
        instant_of(ledger->state, args[1], &now_ns) < 0)
        return NULL;
    states = PyMem_Calloc(TQ_HOLDS_MAX, sizeof *states);
    if (!states)
        return PyErr_NoMemory();
    states[0].size = sizeof states[0];
    handle = provider_handle(object);
    if (handle) {
        found = tq_provider_holds(handle, now_ns, states, TQ_HOLDS_MAX);
        found = found > TQ_HOLDS_MAX ? TQ_HOLDS_MAX : found;
        list = found < 0 ? provider_fail(object, found) : PyList_New(found);
        ledger_keep(ledger);
        for (Py_ssize_t i = 0; list && i < found; i++) {
            PyObject *item = state_tuple(args[0], object, &states[i]);

            if (!item || PyList_SetItem(list, i, item) < 0)
                Py_CLEAR(list);
        }
        ledger_let_go(ledger);
    }
    PyMem_Free(states);
    return list;
}

/* ---- the object ---------------------------------------------------------------------------------- */

static int is_mine(struct hold *self)
{
    if (ledger_is_open(self->provider->ledger) < 0)
        return -1;
    if (self->process != getpid()) {
        PyErr_SetString(PyExc_ValueError, "the hold belongs to the process that this one was forked from; "
                                          "ledger.hold(id) finds a hold that was meant for another process");
        return -1;
    }
    if (self->hold.levels)
        return 0;
    PyErr_SetString(PyExc_ValueError, "the hold was settled or cancelled before");
    return -1;
}

/* (usage, at): whether the provider is exhausted now. Nothing else uses the hold meanwhile, also when the GIL
 * is released. */
static PyObject *hold_settle(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct hold *self = (struct hold *)object;
    struct ledger *ledger = self->provider->ledger;
    struct tq_usage usage = {.size = sizeof usage};
    PyThreadState *thread;
    struct tq_hold hold;
    int64_t now_ns;
    int answer;

    if (arguments_are("settle", count, 2, 2) < 0 || record_of(usage_members, args[0], &usage) < 0 ||
        instant_of(ledger->state, args[1], &now_ns) < 0 || is_mine(self) < 0 ||
        provider_is_in_force(self->provider) < 0)
        return NULL;
    hold = self->hold;
    self->hold.levels = 0;
    if (!ledger->blocks) {
        answer = tq_hold_settle(&hold, &usage, now_ns);
    } else {
        thread = ledger_enter(ledger);
        answer = tq_hold_settle(&hold, &usage, now_ns);
        ledger_leave(ledger, thread);
    }
    self->hold = hold;
    return provider_answer((PyObject *)self->provider, answer);
}

/* (): whether it was there. */
static PyObject *hold_cancel(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct hold *self = (struct hold *)object;
    int answer;

    (void)args;
    if (arguments_are("cancel", count, 0, 0) < 0 || is_mine(self) < 0)
        return NULL;
    answer = tq_hold_cancel(&self->hold);
    return answer < 0 ? provider_fail((PyObject *)self->provider, answer) : PyBool_FromLong(answer == 0);
}

/* (lease_ns, at): whether it is there. */
static PyObject *hold_extend(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct hold *self = (struct hold *)object;
    int64_t lease_ns, now_ns;
    int answer;

    if (arguments_are("extend", count, 2, 2) < 0 || integer_of(args[0], &lease_ns) < 0 ||
        instant_of(self->provider->ledger->state, args[1], &now_ns) < 0 || is_mine(self) < 0)
        return NULL;
    answer = tq_hold_extend(&self->hold, lease_ns, now_ns);
    return answer < 0 ? provider_fail((PyObject *)self->provider, answer) : PyBool_FromLong(answer == 0);
}

static PyObject *hold_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    (void)type, (void)arguments, (void)names;
    PyErr_SetString(PyExc_TypeError, "a provider gives its holds: ledger[\"openai\"].hold(20_000)");
    return NULL;
}

static int hold_traverse(struct hold *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->provider);
    return 0;
}

/* What is forgotten stays held: its call may run. */
static void hold_dealloc(struct hold *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->provider);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyObject *get_provider(struct hold *self, void *none)
{
    (void)none;
    return Py_NewRef((PyObject *)self->provider);
}

static PyObject *get_id(struct hold *self, void *none)
{
    char id[TQ_HOLD_ID_MAX];
    int answer;

    (void)none;
    if (is_mine(self) < 0)
        return NULL;
    answer = tq_hold_id(&self->hold, id, sizeof id);
    return answer < 0 ? provider_fail((PyObject *)self->provider, answer) : PyUnicode_FromString(id);
}

static PyObject *get_until(struct hold *self, void *none)
{
    (void)none;
    return PyLong_FromLongLong(self->hold.until_ns);
}

static PyObject *get_ended(struct hold *self, void *none)
{
    (void)none;
    return PyBool_FromLong(self->hold.ended != 0);
}

static PyObject *get_over(struct hold *self, void *none)
{
    (void)none;
    return PyBool_FromLong(!self->hold.levels);
}

static PyObject *get_foreign(struct hold *self, void *none)
{
    (void)none;
    return PyBool_FromLong(self->process != getpid());
}

static PyMethodDef methods[] = {
    {"_settle", FAST(hold_settle), METH_FASTCALL, NULL},
    {"_cancel", FAST(hold_cancel), METH_FASTCALL, NULL},
    {"_extend", FAST(hold_extend), METH_FASTCALL, NULL},
    {0},
};

static PyGetSetDef properties[] = {
    {"provider", (getter)get_provider, NULL, PyDoc_STR("The provider that it holds room of."), NULL},
    {"id", (getter)get_id, NULL, PyDoc_STR("What ledger.hold(id) finds it by, in any process."), NULL},
    {"until_ns", (getter)get_until, NULL, PyDoc_STR("When its lease ends."), NULL},
    {"ended", (getter)get_ended, NULL,
     PyDoc_STR("True when settle, cancel or extend found it no longer there: its lease had ended."), NULL},
    {"over", (getter)get_over, NULL, PyDoc_STR("True after it was settled or cancelled."), NULL},
    {"_foreign", (getter)get_foreign, NULL, NULL, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_new, hold_new},
    {Py_tp_dealloc, hold_dealloc},
    {Py_tp_traverse, hold_traverse},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_doc, "What tokenquota.Hold is made from."},
    {0},
};

PyType_Spec hold_spec = {
    .name = "tokenquota._core.Hold",
    .basicsize = sizeof(struct hold),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
