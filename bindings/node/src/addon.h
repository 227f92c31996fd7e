/* addon.h: what the sources of the addon share: handles, arguments, errors, and structs that become objects.
 *
 * SPDX-License-Identifier: MIT
 *
 * The addon is the inside of the package: only lib/ calls it, with handles that it was given and arguments
 * that it has checked for their kind. A ledger and a provider are externals. Each context of Node (a worker,
 * too) has handles of its own.
 *
 * CLOSING. Threads of the addon may be in a call on a ledger when it is closed. So each holds the ledger open
 * while it is in the call (tqn_box_use), and the last to leave closes it. The memory of a box lives as long
 * as a handle leads to it.
 */
#ifndef TQN_ADDON_H
#define TQN_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "tokenquota.h" /* of the amalgamation, which holds both headers */
#if __has_include("tokenquota_signals.h")
#include "tokenquota_signals.h" /* beside that of a clone, for tools/lint.sh */
#endif

/* An open ledger. */
struct tqn_box {
    struct tq_ledger *ledger;
    _Atomic bool closed;    /* no call may begin */
    _Atomic unsigned users; /* calls that are under way in other threads, and one until it is closed */
    _Atomic unsigned handles;
    uint32_t seen; /* of tq_ledger_wait; the one watcher's while it runs */
};

struct tqn_box *tqn_box_hold(struct tqn_box *box);
void tqn_box_release(struct tqn_box *box);
void tqn_box_use(struct tqn_box *box);
void tqn_box_leave(struct tqn_box *box);
void tqn_box_close(struct tqn_box *box); /* more than once, too */

/* A provider of an open ledger. */
struct tqn_provider {
    struct tqn_box *box;
    struct tq_provider *provider;
};

/* Throws the package's error of a negative answer; message NULL: that of the code. Returns NULL. */
napi_value tqn_throw(napi_env env, int code, const char *message, int sys);
napi_value tqn_throw_closed(napi_env env);
napi_value tqn_make_error(napi_env env, int code, const char *message, int sys);

/* Puts the arguments into argv, undefined for those that are missing. Returns the data of the function. */
void *tqn_args(napi_env env, napi_callback_info info, size_t count, napi_value *argv);

/* The handle in an argument; NULL when its ledger is closed, and that is thrown. */
struct tqn_box *tqn_open_box(napi_env env, napi_value value);
struct tqn_provider *tqn_open_provider(napi_env env, napi_value value);

/* A number in an argument: a safe integer, or a bigint. False: an error is thrown. */
bool tqn_count(napi_env env, napi_value value, int64_t *out);
/* An instant in an argument: a Date, nanoseconds in a bigint, or nothing, which is `nothing`. */
bool tqn_instant(napi_env env, napi_value value, int64_t nothing, int64_t *out);
/* The same, with the present for nothing. */
bool tqn_when(napi_env env, napi_value value, int64_t *out);
/* A copy of a string, with its length; NULL: an error is thrown. Free it. */
char *tqn_text(napi_env env, napi_value value, size_t *len);
/* The same of a path or a sentence, in which a NUL is an error: C would read only what is before it. */
char *tqn_line(napi_env env, napi_value value);
bool tqn_is_nothing(napi_env env, napi_value value);

napi_value tqn_undefined(napi_env env);
napi_value tqn_boolean(napi_env env, bool value);
napi_value tqn_number(napi_env env, int64_t value); /* INT64_MAX is Infinity */
napi_value tqn_bigint(napi_env env, int64_t value);
napi_value tqn_string(napi_env env, const char *text);

/* ---- structs that become objects: record.c, tables.c --------------------------------------------------- */

enum tqn_kind {
    TQN_END_OF_TABLE,
    TQN_COUNT, /* int64_t: a number */
    TQN_U32,   /* uint32_t: a number */
    TQN_I32,   /* int32_t: a number */
    TQN_BOOL,  /* uint32_t: true unless 0 */
    TQN_FLAG,  /* uint32_t: the bit */
    TQN_SHARE, /* uint32_t, millionths: a number, 1 for all */
    TQN_SPAN,  /* int64_t, nanoseconds: a bigint */
    TQN_SINCE, /* int64_t, an instant: a Date, and ...Ns, a bigint; null for 0 and INT64_MAX */
    TQN_UNTIL, /* the same, rounded up to the next millisecond */
    TQN_WIDE,  /* uint64_t: a bigint */
    TQN_TEXT,  /* char[]: a string */
    TQN_NAME,  /* uint32_t: its name; null when it has none */
    TQN_NAMES, /* uint32_t of bits: the names of their numbers */
};

struct tqn_field {
    const char *name;
    enum tqn_kind kind;
    size_t offset;
    uint32_t bit; /* TQN_FLAG: the bit. Others: that of `known` without which it is null; 0: always there */
    const char *(*name_of)(uint32_t);
};

struct tqn_table {
    const struct tqn_field *fields;
    size_t known; /* the offset of a uint32_t */
};

extern const struct tqn_table tqn_verdict_table, tqn_limit_table, tqn_usage_table, tqn_signal_table,
    tqn_axis_table, tqn_info_table, tqn_hold_table;

napi_value tqn_object(napi_env env, const struct tqn_table *table, const void *from);
void tqn_set(napi_env env, napi_value object, const char *name, napi_value value);
void tqn_set_instant(napi_env env, napi_value object, const char *name, enum tqn_kind kind, int64_t at_ns);
/* The bytes of a struct in object.bytes, for a call that takes it back with tqn_bytes. */
void tqn_set_bytes(napi_env env, napi_value object, const void *from, size_t size);
/* NULL: it is another size, and that is thrown. */
void *tqn_bytes(napi_env env, napi_value value, size_t size);

napi_value tqn_usage_object(napi_env env, const struct tq_usage *usage);
napi_value tqn_signal_object(napi_env env, const struct tq_quota_signal *signal, bool says);
/* Reads a usage from an object in the form of tqn_usage_object. False: an error is thrown. */
bool tqn_usage_from(napi_env env, napi_value object, struct tq_usage *usage);

/* ---- functions of each file ------------------------------------------------------------------------ */

struct tqn_function {
    const char *name;
    napi_callback call;
    void *data;
};

extern const struct tqn_function tqn_ledger_functions[], tqn_provider_functions[], tqn_limit_functions[],
    tqn_hold_functions[], tqn_signal_functions[], tqn_stream_functions[], tqn_work_functions[],
    tqn_watch_functions[];

#endif
