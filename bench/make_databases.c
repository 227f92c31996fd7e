/* make_databases.c: makes the databases in which tools keep their logs.
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "make_logs.h"

#define ROW_BYTES 120

static void must(sqlite3 *database, int code)
{
    if (code == SQLITE_OK || code == SQLITE_DONE)
        return;
    fprintf(stderr, "make_logs: %s\n", sqlite3_errmsg(database));
    exit(2);
}

static void insert(sqlite3 *database, int64_t session, int64_t at_ms, unsigned model)
{
    struct made_usage usage = draw_usage();
    char sql[512];

    snprintf(sql, sizeof sql,
             "INSERT INTO assistant_usage_events(session_id, model, input_tokens, output_tokens,"
             " cache_read_tokens, cache_write_tokens, reasoning_tokens, created_at) VALUES('session-%" PRId64
             "', '%s', %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", '%s')",
             session, made_models[model], usage.input + usage.cache_read + usage.cache_write, usage.output,
             usage.cache_read, usage.cache_write, usage.reasoning, instant(at_ms));
    must(database, sqlite3_exec(database, sql, NULL, NULL, NULL));
    count(at_ms, model, &usage);
}

void make_copilot_session(int64_t bytes)
{
    int64_t session = made_serial++, at_ms = some_instant();
    sqlite3 *database;
    char name[64];
    FILE *file;

    snprintf(name, sizeof name, "session-store-%" PRId64 ".db", session);
    close_log(open_log(name));
    must(NULL, sqlite3_open(made_path, &database));
    must(database,
         sqlite3_exec(database,
                      "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN;"
                      "CREATE TABLE assistant_usage_events(id INTEGER PRIMARY KEY, session_id TEXT,"
                      " model TEXT, input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens"
                      " INTEGER, cache_write_tokens INTEGER, reasoning_tokens INTEGER, created_at TEXT)",
                      NULL, NULL, NULL));
    for (int64_t rows = bytes / ROW_BYTES; rows > 0; rows--, at_ms = later(at_ms))
        insert(database, session, at_ms, (unsigned)draw(2));
    must(database, sqlite3_exec(database, "COMMIT", NULL, NULL, NULL));
    must(database, sqlite3_close(database));
    file = fopen(made_path, "r+");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        exit(2);
    close_log(file);
}
