/* sqlite.h: the functions of SQLite that are used, loaded when the first database is read.
 *
 * SPDX-License-Identifier: MIT
 *
 * A program that is linked with SQLite maps it at each start. Every command would pay for that, and few
 * commands read a database.
 *
 * Nor is SQLite linked statically. The process may have a SQLite of its own, and two of them in one process
 * break each other's locks: POSIX drops all locks that a process has on a file when the process closes any
 * descriptor of that file, and each SQLite knows only its own descriptors. The loader gives every
 * caller the same library.
 */
#ifndef TQ_LOGS_SQLITE_H
#define TQ_LOGS_SQLITE_H

#include <sqlite3.h>

#include "tokenquota_logs.h"

#define TQ__SQLITE_CALLS(CALL)                                                                               \
    CALL(bind_int64)                                                                                         \
    CALL(bind_text)                                                                                          \
    CALL(busy_timeout)                                                                                       \
    CALL(close)                                                                                              \
    CALL(column_blob)                                                                                        \
    CALL(column_bytes)                                                                                       \
    CALL(column_int64)                                                                                       \
    CALL(column_text)                                                                                        \
    CALL(column_type)                                                                                        \
    CALL(db_config)                                                                                          \
    CALL(deserialize)                                                                                        \
    CALL(errcode)                                                                                            \
    CALL(errstr)                                                                                             \
    CALL(exec)                                                                                               \
    CALL(extended_result_codes)                                                                              \
    CALL(finalize)                                                                                           \
    CALL(libversion_number)                                                                                  \
    CALL(limit)                                                                                              \
    CALL(malloc64)                                                                                           \
    CALL(open_v2)                                                                                            \
    CALL(prepare_v2)                                                                                         \
    CALL(progress_handler)                                                                                   \
    CALL(step)                                                                                               \
    CALL(table_column_metadata)

/* tq__sqlite.step is sqlite3_step, with the type that <sqlite3.h> declares. */
struct tq__sqlite {
#define TQ__SQLITE_MEMBER(name) __typeof__(sqlite3_##name) *name;
    TQ__SQLITE_CALLS(TQ__SQLITE_MEMBER)
#undef TQ__SQLITE_MEMBER
};

/* Filled by tq__sqlite_load alone. */
extern struct tq__sqlite tq__sqlite;

/* Loads SQLite, once for the process; 0, or TQ_LOG_BROKEN when it is not there or too old. */
int tq__sqlite_load(struct tq_log_error *error);

#endif
