/* batch.c: copies rows out of a tool's database in batches, so that no query is open while they are counted.
 *
 * SPDX-License-Identifier: MIT
 *
 * A batch is given only when the database says that it is of one moment; otherwise it is read again. When
 * others write all the time, this ends in an error that the next import makes good.
 */
#include "batch.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "error.h"
#include "pieces.h"

#define BATCH_BYTES TQ__LOG_BLOCK_BYTES /* after so many, a batch has enough */
#define TRIES 10                        /* to read a batch while others write */
#define WAIT_MS_MAX 16                  /* between two of them */
#define SQL_BYTES 1024
#define UNPACK_BYTES 65536 /* of room for what is unpacked */

static const char too_long[] = "a value of the row has more than 16 MiB";

/* ---- SQL ------------------------------------------------------------------------------------- */

static bool has_column(sqlite3 *sqlite, const char *table, const char *column)
{
    return column[0] == '(' || tq__sqlite.table_column_metadata(sqlite, "main", table, column, NULL, NULL,
                                                                NULL, NULL, NULL) == SQLITE_OK;
}

/* Names of tables and columns are those of our own queries. */
static int prepare(sqlite3 *sqlite, const struct tq__log_query *query, const char *where,
                   sqlite3_stmt **statement)
{
    char sql[SQL_BYTES];
    int len = snprintf(sql, sizeof(sql), "SELECT rowid");

    for (size_t i = 0; i < TQ__LOG_COLUMNS_MAX && query->columns[i]; i++)
        len += snprintf(sql + len, sizeof(sql) - (size_t)len, ", %s",
                        has_column(sqlite, query->table, query->columns[i]) ? query->columns[i] : "NULL");
    len += snprintf(sql + len, sizeof(sql) - (size_t)len, " FROM main.%s WHERE %s", query->table, where);
    assert(len < (int)sizeof(sql));
    return tq__sqlite.prepare_v2(sqlite, sql, len, statement, NULL);
}

/* Has the table a row? Answers SQLITE_ROW, SQLITE_DONE, or an error. */
static int has_rows(sqlite3 *sqlite, const struct tq__log_query *query)
{
    sqlite3_stmt *statement;
    int code = prepare(sqlite, query, "1 LIMIT 1", &statement);

    if (code == SQLITE_OK)
        code = tq__sqlite.step(statement);
    tq__sqlite.finalize(statement);
    return code;
}

/* Chooses the first table that has rows: where a tool changed its schema, the older table stays as it was.
 * Leaves query NULL when there is none. Returns a code of SQLite. */
static int choose(struct tq__log_batch *batch)
{
    const struct tq__log_query *query = batch->queries;
    sqlite3 *sqlite = batch->database.sqlite;
    int code;

    for (; !batch->query && query->table; query++) {
        if (!has_column(sqlite, query->table, query->columns[0]) ||
            !has_column(sqlite, query->table, "rowid"))
            continue;
        code = has_rows(sqlite, query);
        if (code == SQLITE_ROW)
            batch->query = query;
        else if (code != SQLITE_DONE)
            return code;
    }
    code = tq__sqlite.errcode(sqlite);
    return code == SQLITE_ROW || code == SQLITE_DONE || code == SQLITE_ERROR ? SQLITE_OK : code;
}

bool tq__log_table_has(const char *path, const char *name, const char *column, struct tq__span text)
{
    const struct tq__log_query query = {.table = name};
    struct tq__log_database database = {0};
    struct tq_log_error error;
    sqlite3_stmt *statement = NULL;
    char where[64];
    bool has = false;

    snprintf(where, sizeof(where), "%s = ?1 LIMIT 1", column);
    if (tq__log_database_name(&database, path, NULL, 0, &error) == 0) {
        has = tq__log_database_open(&database) == SQLITE_OK &&
              prepare(database.sqlite, &query, where, &statement) == SQLITE_OK &&
              tq__sqlite.bind_text(statement, 1, text.at, (int)text.len, SQLITE_STATIC) == SQLITE_OK &&
              tq__sqlite.step(statement) == SQLITE_ROW;
        tq__sqlite.finalize(statement);
    }
    tq__log_database_forget(&database);
    return has;
}

/* ---- batches --------------------------------------------------------------------------------- */

/* Makes room for so many more bytes. */
static bool reserve(struct tq__log_batch *batch, size_t len)
{
    size_t capacity = batch->capacity ? batch->capacity : TQ__LOG_BLOCK_BYTES;
    char *moved;

    while (capacity - batch->len < len)
        capacity *= 2;
    if (capacity != batch->capacity) {
        moved = realloc(batch->bytes, capacity);
        if (!moved)
            return false;
        batch->bytes = moved;
        batch->capacity = capacity;
    }
    return true;
}

static bool append(struct tq__log_batch *batch, const void *bytes, size_t len)
{
    if (!reserve(batch, len))
        return false;
    if (len > 0)
        memcpy(batch->bytes + batch->len, bytes, len);
    batch->len += len;
    return true;
}

/* Appends what the bytes are when they are unpacked; false: there is no memory. */
static bool append_unpacked(struct tq__log_batch *batch, struct tq__log_stored_row *row, const void *bytes,
                            size_t len)
{
    struct tq__log_bytes packed;
    struct tq_log_error error;
    size_t begin = batch->len, got = 0;
    int answer = tq__log_bytes_open_memory(&packed, bytes, len, &error);

    while (answer == TQ_LOG_RECORD && batch->len - begin <= TQ__LOG_PIECE_MAX) {
        if (!reserve(batch, UNPACK_BYTES)) {
            tq__log_bytes_close(&packed);
            return false;
        }
        answer = tq__log_bytes_read(&packed, batch->bytes + batch->len, batch->capacity - batch->len, &got,
                                    &error);
        batch->len += got;
    }
    tq__log_bytes_close(&packed);
    if (answer == TQ_LOG_BROKEN)
        row->fault = "a value of the row is compressed, and broken";
    else if (answer == TQ_LOG_RECORD)
        row->fault = too_long;
    if (row->fault)
        batch->len = begin;
    return answer != TQ_LOG_BROKEN || error.sys != ENOMEM;
}

/* Copies a value of the row that the statement is at; false: there is no memory. */
static bool copy_value(struct tq__log_batch *batch, struct tq__log_stored_row *row, sqlite3_stmt *statement,
                       int i, bool is_packed)
{
    int type = tq__sqlite.column_type(statement, i + 1);
    const void *bytes = type == SQLITE_BLOB ? tq__sqlite.column_blob(statement, i + 1)
                                            : (const void *)tq__sqlite.column_text(statement, i + 1);
    size_t len = (size_t)tq__sqlite.column_bytes(statement, i + 1);

    row->value[i] = (struct tq__log_value){.begin = batch->len};
    if (type == SQLITE_NULL)
        return true;
    if (!bytes && len > 0)
        return false;
    if (len > TQ__LOG_PIECE_MAX) {
        row->fault = too_long;
        return true;
    }
    row->value[i].kind = type == SQLITE_INTEGER || type == SQLITE_FLOAT ? TQ__JSON_NUMBER : TQ__JSON_STRING;
    if (!(is_packed ? append_unpacked(batch, row, bytes, len) : append(batch, bytes, len)))
        return false;
    row->value[i].len = batch->len - row->value[i].begin;
    return append(batch, "", 1); /* a byte behind it may be read */
}

/* Copies rows up to `last`. Their numbers grow from above `before`: a damaged index could lead in a circle.
 */
static int copy_rows(struct tq__log_batch *batch, const struct tq__log_query *query, sqlite3_stmt *statement,
                     int64_t before, int64_t last)
{
    int code = SQLITE_DONE;

    while (batch->count < TQ__LOG_BATCH_ROWS && batch->len < BATCH_BYTES &&
           (code = tq__sqlite.step(statement)) == SQLITE_ROW) {
        struct tq__log_stored_row *row = &batch->row[batch->count++];

        *row = (struct tq__log_stored_row){.number = tq__sqlite.column_int64(statement, 0)};
        if (row->number <= before || row->number > last) {
            batch->count--;
            return SQLITE_CORRUPT;
        }
        before = row->number;
        for (int i = 0; i < TQ__LOG_COLUMNS_MAX && query->columns[i]; i++)
            if (!copy_value(batch, row, statement, i, query->packed >> i & 1))
                return SQLITE_NOMEM;
    }
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* The open rows that this pass has not read again. */
static int copy_open_rows(struct tq__log_batch *batch, const struct tq__log_place *place)
{
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_OK;

    for (unsigned i = 0; i < TQ__LOG_OPEN_ROWS && code == SQLITE_OK; i++) {
        if (!(place->open >> i & 1) || place->done >> i & 1 || place->open_rows[i] > place->at ||
            place->open_rows[i] == INT64_MIN)
            continue;
        code = prepare(batch->database.sqlite, batch->query, "rowid = ?1", &statement);
        if (code == SQLITE_OK)
            code = tq__sqlite.bind_int64(statement, 1, place->open_rows[i]);
        if (code == SQLITE_OK)
            code = copy_rows(batch, batch->query, statement, place->open_rows[i] - 1, place->open_rows[i]);
        tq__sqlite.finalize(statement);
    }
    return code;
}

static int copy_next_rows(struct tq__log_batch *batch, const struct tq__log_place *place)
{
    sqlite3_stmt *statement;
    int code = prepare(batch->database.sqlite, batch->query, "rowid > ?1 ORDER BY rowid", &statement);

    if (code == SQLITE_OK)
        code = tq__sqlite.bind_int64(statement, 1, place->at);
    if (code == SQLITE_OK)
        code = copy_rows(batch, batch->query, statement, place->at, INT64_MAX);
    tq__sqlite.finalize(statement);
    return code;
}

/* One try to read a batch. */
static int read_batch(struct tq__log_batch *batch, const struct tq__log_place *place)
{
    int code = tq__log_database_open(&batch->database);

    batch->count = batch->next = batch->len = 0;
    batch->database.steps = 0;
    if (code == SQLITE_OK && !batch->query)
        code = choose(batch);
    if (code != SQLITE_OK || !batch->query)
        return code;
    if (!batch->is_done)
        code = copy_open_rows(batch, place);
    if (code == SQLITE_OK && batch->count == 0)
        code = copy_next_rows(batch, place);
    return code;
}

/* Is it worth another try? */
static bool is_passing(int code)
{
    return code != SQLITE_OK && code != SQLITE_NOMEM && (code & 0xff) != SQLITE_INTERRUPT;
}

/* Twice as long before each try. */
static void wait_before(int tries)
{
    int ms = tries < 5 ? 1 << (tries - 1) : WAIT_MS_MAX;

    (void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

int tq__log_batch_fill(struct tq__log_batch *batch, const struct tq__log_place *place,
                       struct tq_log_error *error)
{
    const struct tq__log_query *query = batch->query;
    int code = SQLITE_OK;

    for (int i = 0; i < TRIES; i++) {
        bool sound;

        if (i > 0)
            wait_before(i);
        code = read_batch(batch, place);
        sound = (code & 0xff) != SQLITE_BUSY && tq__log_database_is_sound(&batch->database);
        if (sound && !is_passing(code))
            break;
        tq__log_database_close(&batch->database);
        if (sound) /* nobody wrote, so it is the database */
            break;
        batch->query = query;
        code = SQLITE_BUSY;
    }
    /* The rows before a damaged one are given first. */
    if (code == SQLITE_OK || ((code & 0xff) == SQLITE_CORRUPT && batch->count > 0))
        return 0;
    batch->count = 0;
    tq__log_database_close(&batch->database);
    return tq__log_database_fail(code, error);
}
