/* provider.c: the type of a provider, and its calls that run with every request: observe and state.
 *
 * SPDX-License-Identifier: MIT
 */
#include "binding.h"

PyObject *fail_over(struct state *state, const char *run)
{
    struct tq_error error = {.size = sizeof error, .code = TQ_EOVER};

    snprintf(error.msg, sizeof error.msg,
             "the run of this process is over: TOKENQUOTA_RUN=%.120s; unset it to call without the run", run);
    return fail_with(state, TQ_EOVER, &error);
}

int provider_is_in_force(struct provider *self)
{
    const char *run;

    if (!self->run || tq_run_check(self->handle) == 0)
        return 0;
    run = PyUnicode_AsUTF8AndSize(self->run, NULL);
    if (run)
        fail_over(self->ledger->state, run);
    return -1;
}

struct tq_provider *provider_handle(PyObject *object)
{
    struct provider *self = (struct provider *)object;

    return ledger_is_open(self->ledger) < 0 || provider_is_in_force(self) < 0 ? NULL : self->handle;
}

struct tq_provider *provider_told(PyObject *object)
{
    return provider_handle(object) ? ((struct provider *)object)->written : NULL;
}

struct tq_provider *provider_written(PyObject *object)
{
    struct provider *self = (struct provider *)object;

    return ledger_is_open(self->ledger) < 0 ? NULL : self->written;
}

bool is_provider(struct state *state, PyObject *object)
{
    if (object && PyObject_TypeCheck(object, (PyTypeObject *)state->provider_type))
        return true;
    PyErr_Format(PyExc_TypeError, "a Provider is needed, not %R", object ? object : Py_None);
    return false;
}

PyObject *provider_fail(PyObject *object, int code)
{
    struct provider *self = (struct provider *)object;
    const char *name = PyUnicode_AsUTF8AndSize(self->name, NULL);

    return name ? fail(self->ledger->state, code, name) : NULL;
}

PyObject *provider_done(PyObject *object, int answer)
{
    return answer < 0 ? provider_fail(object, answer) : Py_NewRef(Py_None);
}

PyObject *provider_answer(PyObject *object, int answer)
{
    return answer < 0 ? provider_fail(object, answer) : PyBool_FromLong(answer);
}

/* Finds `at`, by position or by name, behind the `before` arguments that a call needs. NULL: it was not
 * given. */
static int find_at(const char *call, Py_ssize_t before, PyObject *const *args, Py_ssize_t count,
                   PyObject *names, PyObject **at)
{
    Py_ssize_t named = names ? PyTuple_Size(names) : 0;

    *at = count > before ? args[before] : NULL;
    if (arguments_are(call, count, before, before + 1) < 0)
        return -1;
    for (Py_ssize_t i = 0; i < named; i++) {
        PyObject *name = PyTuple_GetItem(names, i);

        if (*at || PyUnicode_CompareWithASCIIString(name, "at") != 0) {
            PyErr_Format(PyExc_TypeError, "%s has no argument %R here", call, name);
            return -1;
        }
        *at = args[count + i];
    }
    return 0;
}

/* With flush_always a record waits for the disk; only then the GIL is released. */
static int observe(struct provider *self, int64_t tokens, int64_t now_ns)
{
    struct ledger *ledger = self->ledger;
    PyThreadState *thread;
    int answer;

    if (!ledger->blocks)
        return tq_provider_observe(self->handle, tokens, now_ns, NULL);
    thread = ledger_enter(ledger);
    answer = tq_provider_observe(self->handle, tokens, now_ns, NULL);
    ledger_leave(ledger, thread);
    return answer;
}

static PyObject *provider_observe(PyObject *object, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    struct provider *self = (struct provider *)object;
    int64_t tokens, now_ns;
    PyObject *at;

    /* Last, whether it is open: to read an argument may run code of Python, and that, or another thread, may
     * close it. */
    if (find_at("observe", 1, args, count, names, &at) < 0 || integer_of(args[0], &tokens) < 0 ||
        instant_of(self->ledger->state, at, &now_ns) < 0 || !provider_handle(object))
        return NULL;
    return provider_answer(object, observe(self, tokens, now_ns));
}

/* 0, 1: the state; the others are exceptions. */
static int look(PyObject *object, const char *call, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    struct provider *self = (struct provider *)object;
    int64_t now_ns;
    PyObject *at;
    int answer;

    if (find_at(call, 0, args, count, names, &at) < 0 || instant_of(self->ledger->state, at, &now_ns) < 0 ||
        !provider_handle(object))
        return -1;
    answer = tq_provider_state(self->handle, now_ns, NULL);
    if (answer < 0)
        provider_fail(object, answer);
    return answer;
}

static PyObject *provider_is_available(PyObject *object, PyObject *const *args, Py_ssize_t count,
                                       PyObject *names)
{
    int answer = look(object, "available", args, count, names);

    return answer < 0 ? NULL : PyBool_FromLong(answer == TQ_AVAILABLE);
}

/* A member of the enumeration, which is imported when it is answered first. */
static PyObject *state_object(struct state *state, int answer)
{
    PyObject *module, *type = NULL, *made = NULL;

    if (state->states[answer])
        return Py_NewRef(state->states[answer]);
    module = PyImport_ImportModule("tokenquota._names");
    if (module)
        type = PyObject_GetAttrString(module, "State");
    if (type)
        made = PyObject_CallFunction(type, "s", tq_state_name(answer));
    Py_XDECREF(type);
    Py_XDECREF(module);
    state->states[answer] = Py_XNewRef(made);
    return made;
}

static PyObject *provider_state(PyObject *object, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    int answer = look(object, "state", args, count, names);

    return answer < 0 ? NULL : state_object(((struct provider *)object)->ledger->state, answer);
}

static PyObject *provider_used(PyObject *object, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    struct provider *self = (struct provider *)object;
    int64_t now_ns, used;
    PyObject *at;

    if (find_at("used", 0, args, count, names, &at) < 0 || instant_of(self->ledger->state, at, &now_ns) < 0 ||
        !provider_handle(object))
        return NULL;
    used = tq_provider_used(self->handle, now_ns);
    return used < 0 ? provider_fail(object, (int)used) : PyLong_FromLongLong(used);
}

static PyObject *provider_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    (void)type, (void)arguments, (void)names;
    PyErr_SetString(PyExc_TypeError, "a ledger makes its providers: ledger[\"openai\"]");
    return NULL;
}

static int provider_traverse(struct provider *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->ledger);
    return 0;
}

static void provider_dealloc(struct provider *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->ledger);
    Py_CLEAR(self->name);
    Py_CLEAR(self->run);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

#define OBSERVE_DOC                                                                                          \
    "observe($self, tokens, /, at=None)\n--\n\n"                                                             \
    "Adds tokens and tells whether the provider's budget or a limit is exhausted now: True means use "       \
    "another.\n\n"                                                                                           \
    "at: when they were used: an aware datetime or int nanoseconds; None is now. A number below 0 counts "   \
    "as 0.\n"                                                                                                \
    "Raises Error (TQ_EAGE, TQ_ECLOCK, TQ_EGONE, TQ_EREADONLY, ...): then nothing was counted."
#define AVAILABLE_DOC                                                                                        \
    "available($self, /, at=None)\n--\n\nTells whether it may be asked at this instant. Raises Error "       \
    "(TQ_EGONE) when that is not known."
#define STATE_DOC                                                                                            \
    "state($self, /, at=None)\n--\n\n\"available\" or \"quota_exhausted\" at this instant. Raises Error "    \
    "(TQ_EGONE) when that is not known."
#define USED_DOC                                                                                             \
    "used($self, /, at=None)\n--\n\nTokens recorded in the UTC day of this instant; 2**63 - 1: the count "   \
    "is saturated."

static PyMethodDef methods[] = {
    {"observe", FAST(provider_observe), METH_FASTCALL | METH_KEYWORDS, PyDoc_STR(OBSERVE_DOC)},
    {"available", FAST(provider_is_available), METH_FASTCALL | METH_KEYWORDS, PyDoc_STR(AVAILABLE_DOC)},
    {"state", FAST(provider_state), METH_FASTCALL | METH_KEYWORDS, PyDoc_STR(STATE_DOC)},
    {"used", FAST(provider_used), METH_FASTCALL | METH_KEYWORDS, PyDoc_STR(USED_DOC)},
    {"_observe_usage", FAST(provider_observe_usage), METH_FASTCALL, NULL},
    {"_apply", FAST(provider_apply), METH_FASTCALL, NULL},
    {"_verdict", FAST(provider_verdict), METH_FASTCALL, NULL},
    {"_limits", FAST(provider_limits), METH_FASTCALL, NULL},
    {"_set_limit", FAST(provider_set_limit), METH_FASTCALL, NULL},
    {"_remove_limit", FAST(provider_remove_limit), METH_FASTCALL, NULL},
    {"_success", FAST(provider_success), METH_FASTCALL, NULL},
    {"_correct", FAST(provider_correct), METH_FASTCALL, NULL},
    {"_mark_exhausted", FAST(provider_mark_exhausted), METH_FASTCALL, NULL},
    {"_mark_available", FAST(provider_mark_available), METH_FASTCALL, NULL},
    {"_probe_take", FAST(provider_probe_take), METH_FASTCALL, NULL},
    {"_probe_failure", FAST(provider_probe_failure), METH_FASTCALL, NULL},
    {"_warn_take", FAST(provider_warn_take), METH_FASTCALL, NULL},
    {"_hold", FAST(provider_hold), METH_FASTCALL, NULL},
    {"_holds", FAST(provider_holds), METH_FASTCALL, NULL},
    {"_reset", FAST(provider_reset), METH_FASTCALL, NULL},
    {"_forget", FAST(provider_forget), METH_FASTCALL, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_new, provider_new},
    {Py_tp_dealloc, provider_dealloc},
    {Py_tp_traverse, provider_traverse},
    {Py_tp_methods, methods},
    {Py_tp_getset, provider_properties},
    {Py_tp_doc, "What tokenquota.Provider is made from."},
    {0},
};

PyType_Spec provider_spec = {
    .name = "tokenquota._core.Provider",
    .basicsize = sizeof(struct provider),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
