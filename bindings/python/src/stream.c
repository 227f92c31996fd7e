/* stream.c: the type that reads the usage of a response that arrives in pieces.
 *
 * SPDX-License-Identifier: MIT
 */
#include "binding.h"

struct stream {
    PyObject_HEAD struct state *state;
    struct tq_usage_stream *handle;
};

/* (type, profile). */
PyObject *stream_open(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    struct state *state = state_of_module(module);
    const struct tq_profile *profile;
    struct stream *self;
    PyTypeObject *type;

    if (arguments_are("stream", count, 2, 2) < 0 || profile_of(args[1], &profile) < 0)
        return NULL;
    if (!is_type_of(args[0], state->stream_type))
        return PyErr_Format(PyExc_TypeError, "a type of streams is needed, not %R", args[0]);
    type = (PyTypeObject *)args[0];
    self = (struct stream *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!self)
        return NULL;
    self->state = state;
    self->handle = tq_usage_stream_new(profile);
    if (self->handle)
        return (PyObject *)self;
    Py_DECREF(self);
    return PyErr_NoMemory();
}

static void stream_dealloc(struct stream *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    tq_usage_stream_free(self->handle);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static int stream_traverse(struct stream *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static PyObject *stream_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    (void)type, (void)arguments, (void)names;
    PyErr_SetString(PyExc_TypeError, "tokenquota.UsageStream makes a stream");
    return NULL;
}

static PyObject *stream_feed(PyObject *object, PyObject *bytes)
{
    struct stream *self = (struct stream *)object;
    const char *text = NULL;
    size_t len = 0;
    int answer;

    if (bytes_of(bytes, &text, &len) < 0)
        return NULL;
    answer = tq_usage_stream_feed(self->handle, text, len);
    return answer < 0 ? fail(self->state, answer, NULL) : Py_NewRef(Py_None);
}

/* (sent_at, now): (usage or None, signal). */
static PyObject *stream_read(PyObject *object, PyObject *const *args, Py_ssize_t count)
{
    struct tq_quota_signal signal = {.size = sizeof signal};
    struct stream *self = (struct stream *)object;
    struct tq_usage usage = {.size = sizeof usage};
    int64_t sent_at_ns = 0, now_ns;
    PyObject *said, *used;
    int answer;

    if (arguments_are("read", count, 2, 2) < 0 ||
        (args[0] != Py_None && instant_of(self->state, args[0], &sent_at_ns) < 0) ||
        instant_of(self->state, args[1], &now_ns) < 0)
        return NULL;
    answer = tq_usage_stream_read(self->handle, sent_at_ns, now_ns, &usage, &signal);
    if (answer < 0)
        return fail(self->state, answer, NULL);
    used = answer == 1 ? Py_NewRef(Py_None) : record_tuple(usage_members, &usage);
    said = signal_tuple(&signal, signal.refusal == TQ_CLASS_NONE && signal.axis_count == 0);
    return Py_BuildValue("NN", used, said);
}

static PyMethodDef methods[] = {
    {"_feed", stream_feed, METH_O, NULL},
    {"_read", FAST(stream_read), METH_FASTCALL, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_new, stream_new},
    {Py_tp_dealloc, stream_dealloc},
    {Py_tp_traverse, stream_traverse},
    {Py_tp_methods, methods},
    {Py_tp_doc, "What tokenquota.UsageStream is made from."},
    {0},
};

PyType_Spec stream_spec = {
    .name = "tokenquota._core.UsageStream",
    .basicsize = sizeof(struct stream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
