/* binding.h: what the files of the extension module tokenquota._core share.
 *
 * SPDX-License-Identifier: MIT
 *
 * The build defines Py_LIMITED_API as 0x030A0000: one file serves Python 3.10 and all later.
 * tokenquota/__init__.py and its neighbours make the public classes from what is here. So the calls here take
 * their arguments by position, and give a struct of the library as a tuple in the order of its table in
 * tables.c.
 *
 * The GIL guards what a ledger object holds: whether it is closed, and how many calls are in it without the
 * GIL.
 */
#ifndef TOKENQUOTA_PYTHON_BINDING_H
#define TOKENQUOTA_PYTHON_BINDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <sys/types.h>

#include "tokenquota.h" /* of the amalgamation, which holds both headers */
#if __has_include("tokenquota_signals.h")
#include "tokenquota_signals.h" /* beside that of a clone, for tools/lint.sh */
#endif

struct state {       /* of the module, one in each interpreter */
    PyObject *error; /* tokenquota.Error */
    PyObject *epoch; /* 1970-01-01 as a datetime; NULL until a datetime is read */
    PyObject *ledger_type, *provider_type, *stream_type, *hold_type;
    PyObject *states[2]; /* what Provider.state answers; NULL until it does */
};

struct state *state_of_module(PyObject *module);

struct ledger {
    PyObject_HEAD struct state *state; /* lives while the object's type does */
    struct tq_ledger *handle;
    PyObject *providers;     /* name -> provider: one object a name */
    PyObject *in_runs;       /* the same of names that mean a run of this process */
    PyObject *runs;          /* bytes: TOKENQUOTA_RUN as it was at the open; NULL: no run */
    PyObject *provider_type; /* what a provider is made of */
    PyObject *path;          /* str; None in private memory */
    pid_t process;           /* whose calls `users` counts */
    uint32_t users;          /* calls that work without the GIL */
    uint32_t seen;           /* of the last wait */
    bool closed;             /* the handle goes with its last user */
    bool blocks;             /* a record waits for the disk */
};

struct provider {
    PyObject_HEAD struct ledger *ledger;
    struct tq_provider *handle;  /* counts and asks: of the run, if the name means one */
    struct tq_provider *written; /* sets, and is told what a vendor says: of the name as it is written */
    PyObject *name;
    PyObject *run; /* the name of the run; NULL: none */
};

/* ---- error.c: a code of the library as an exception; each returns NULL ---------------------------- */

PyObject *fail(struct state *state, int code, const char *what);
PyObject *fail_with(struct state *state, int code, const struct tq_error *error);
PyObject *error_make(void);

/* ---- arguments.c: what a call is given; 0, or -1 with an exception ------------------------------- */

/* `at` may be NULL or None: now. Else an int of nanoseconds or an aware datetime. */
int instant_of(struct state *state, PyObject *at, int64_t *ns);
int integer_of(PyObject *given, int64_t *value);
int number_of(PyObject *given, uint32_t *value);
bool is_type_of(PyObject *type, PyObject *base);
int arguments_are(const char *call, Py_ssize_t count, Py_ssize_t least, Py_ssize_t most);
/* The bytes of a str, bytes or bytearray; of None: none. They live as long as it, unchanged. */
int bytes_of(PyObject *given, const char **bytes, size_t *len);
int profile_of(PyObject *given, const struct tq_profile **profile);

/* A call of a type's table, by position. */
typedef PyObject *fast_call(PyObject *self, PyObject *const *args, Py_ssize_t count);
#define FAST(call) (PyCFunction)(void (*)(void))(call)

/* ---- ledger.c, lookup.c, blocking.c -------------------------------------------------------------- */

extern PyType_Spec ledger_spec;
/* 0 while it is open, else -1 with an exception. */
int ledger_is_open(struct ledger *self);
/* The object of a handle; a new reference. */
PyObject *ledger_object(struct ledger *self, struct tq_provider *handle);
/* lookup.c: by a name as this process means it, inserted or not; as it is written; whether there is one. */
PyObject *ledger_subscript(PyObject *self, PyObject *name);
PyObject *ledger_get(PyObject *self, PyObject *name);
PyObject *ledger_written(PyObject *self, PyObject *name);
PyObject *ledger_has(PyObject *self, PyObject *name);
/* Around what may run other threads, or code of Python: the ledger stays until it is over, also when it is
 * closed. */
void ledger_keep(struct ledger *self);
void ledger_let_go(struct ledger *self);
/* The same, around a call that may wait: it runs without the GIL. */
PyThreadState *ledger_enter(struct ledger *self);
void ledger_leave(struct ledger *self, PyThreadState *thread);
/* Those that are out, which the caller frees; NULL: no memory. It needs no GIL. */
struct tq_exhausted *exhausted_at(struct tq_ledger *handle, int64_t now_ns, size_t *count);
fast_call ledger_open, ledger_close, ledger_flush, ledger_wait, ledger_changed, ledger_check, ledger_backup;

/* ---- provider.c, settings.c ---------------------------------------------------------------------- */

extern PyType_Spec provider_spec;
/* The handle that counts and asks, while its ledger is open and its run in force; else NULL with an
 * exception.
 */
struct tq_provider *provider_handle(PyObject *self);
/* The handle that keeps what a vendor says: of the name as it is written, while its run is in force. */
struct tq_provider *provider_told(PyObject *self);
/* The handle that sets, while its ledger is open; else NULL with an exception. */
struct tq_provider *provider_written(PyObject *self);
/* 0 while its run, if it has one, is in force; else -1 with an exception. */
int provider_is_in_force(struct provider *self);
bool is_provider(struct state *state, PyObject *object);
/* The run of this process is over. NULL. */
PyObject *fail_over(struct state *state, const char *run);
/* What went wrong with a provider: its name, and the code. NULL. */
PyObject *provider_fail(PyObject *self, int code);
/* An answer that is 0 as None; one that is 0 or 1 as a bool. */
PyObject *provider_done(PyObject *self, int answer);
PyObject *provider_answer(PyObject *self, int answer);
extern PyGetSetDef provider_properties[];
fast_call provider_observe_usage, provider_apply, provider_verdict, provider_limits, provider_success,
    provider_correct, provider_mark_exhausted, provider_mark_available, provider_probe_take,
    provider_probe_failure, provider_warn_take;
fast_call provider_set_limit, provider_remove_limit, provider_reset, provider_forget;

/* ---- hold.c ---------------------------------------------------------------------------------------- */

extern PyType_Spec hold_spec;
fast_call provider_hold, provider_holds, ledger_hold;

/* ---- reading.c, stream.c: what responses say ----------------------------------------------------- */

extern PyType_Spec stream_spec;
fast_call read_signal, read_limits, read_usage, stream_open;
PyObject *list_profiles(PyObject *module, PyObject *none);
PyObject *signal_tuple(const struct tq_quota_signal *signal, int answer);
int signal_of(PyObject *tuple, struct tq_quota_signal *signal);

/* ---- record.c: a struct as a tuple, and back ------------------------------------------------------ */

enum kind { KIND_END, KIND_I64, KIND_U64, KIND_U32, KIND_I32, KIND_TEXT, KIND_NAME, KIND_PROFILE };

struct member {
    enum kind kind;
    uint32_t offset;
    uint32_t bytes;                  /* of a text, with its NUL */
    const char *(*name)(uint32_t n); /* of a number that is given as its name */
};

PyObject *record_tuple(const struct member *table, const void *record);
int record_of(const struct member *table, PyObject *tuple, void *record);

extern const struct member verdict_members[], limit_members[], limit_state_members[], usage_members[],
    signal_members[], axis_members[], info_members[];
const char *rule_name(uint32_t rule);
/* The number that a name function gives the name; -1 with ValueError. */
int number_by_name(PyObject *given, const char *(*name)(uint32_t n), uint32_t *number);

#endif
