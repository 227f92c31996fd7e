/* database_make.h: SQLite databases for the tests of tools that keep their logs in one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_DATABASE_MAKE_H
#define TQ_DATABASE_MAKE_H

#include <sqlite3.h>

#include "entry_expect.h"

/* The table of Copilot CLI's store, with the columns that are read. */
#define COPILOT_TABLE                                                                                        \
    "CREATE TABLE assistant_usage_events(id INTEGER PRIMARY KEY, session_id TEXT, model TEXT,"               \
    " input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER,"   \
    " reasoning_tokens INTEGER, created_at TEXT);"

/* A row of it whose output is its number. */
#define COPILOT_ROW(number)                                                                                  \
    "INSERT INTO assistant_usage_events VALUES(" #number ", 's1', 'm', 0, " #number                          \
    ", 0, 0, 0, '2026-05-01 10:00:00');"

static inline sqlite3 *database_open(const char *path)
{
    sqlite3 *database;

    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    sqlite3_busy_timeout(database, 0);
    return database;
}

static inline void database_run(sqlite3 *database, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(database, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

/* Runs SQL on the database at path, which is made when it is not there, and closes it. */
static inline void database_make(const char *path, const char *sql)
{
    sqlite3 *database = database_open(path);

    database_run(database, sql);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* A reader of the database at path, at a state or at the start; its place must be as said. */
static inline struct tq_log_reader *expect_database_at(const char *source, const char *path,
                                                       const struct tq_log_state *state, int restarted)
{
    struct tq_log_error error = {0};
    struct tq_log_reader *reader = NULL;
    int anew = -1;

    assert_non_null(tq_log_source_find(source));
    if (tq_log_reader_open(&reader, tq_log_source_find(source), path, state, &anew, &error) != 0)
        fail_msg("%s: not opened: %s", path, error.msg);
    assert_int_equal(anew, restarted);
    return reader;
}

static inline struct tq_log_reader *expect_database(const char *source, const char *path)
{
    return expect_database_at(source, path, NULL, 0);
}

#endif
