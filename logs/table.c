/* table.c: gives the rows of a table in a tool's database, each once, and goes on where the last reader
 * stopped.
 *
 * SPDX-License-Identifier: MIT
 *
 * Rows are copied in batches, so that no query of ours is open while entries are counted. A batch is given
 * only when the database says that it is of one moment.
 *
 * The place is SQLite's number of a row, which grows. Tools also change rows in place: a row that is not
 * finished is remembered and read again by the next pass, and so are the last rows of a table whose query
 * asks for it. The keys of entries make what is given twice count once. Where the row at the place is gone
 * or another one has its number (rows were deleted, the database was packed), the table is read from its
 * start. */
#include "table.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "reader.h"

#define ROWS_MAX 1024                   /* of a batch */
#define BATCH_BYTES TQ__LOG_BLOCK_BYTES /* after so many, a batch has enough */
#define TRIES 10                        /* to read a batch while others write */
#define WAIT_MS_MAX 16                  /* between two of them */
#define SQL_BYTES 1024

static_assert(sizeof(struct tq__log_place) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

struct value {
    size_t begin, len; /* in the batch's bytes */
    enum tq__json_kind kind;
};

struct stored_row {
    int64_t number;
    bool is_too_long;
    struct value value[TQ__LOG_COLUMNS_MAX];
};

struct tq__log_batch {
    struct stored_row row[ROWS_MAX];
    size_t count, next;
    char *bytes;
    size_t len, capacity;
};

static struct tq__log_place *place_of(struct tq_log_reader *reader)
{
    return (void *)reader->memory.own;
}

void *tq__log_table_memory(struct tq_log_reader *reader)
{
    return place_of(reader)->own;
}

/* ---- SQL ------------------------------------------------------------------------------------- */

static bool has_column(sqlite3 *sqlite, const char *table, const char *column)
{
    return sqlite3_table_column_metadata(sqlite, "main", table, column, NULL, NULL, NULL, NULL, NULL) ==
           SQLITE_OK;
}

/* Names of tables and columns are those of our own queries. */
static int prepare(struct tq__log_table *table, const struct tq__log_query *query, const char *where,
                   sqlite3_stmt **statement)
{
    sqlite3 *sqlite = table->database.sqlite;
    char sql[SQL_BYTES];
    int len = snprintf(sql, sizeof(sql), "SELECT rowid");

    for (size_t i = 0; i < TQ__LOG_COLUMNS_MAX && query->columns[i]; i++)
        len += snprintf(sql + len, sizeof(sql) - (size_t)len, ", %s",
                        has_column(sqlite, query->table, query->columns[i]) ? query->columns[i] : "NULL");
    len += snprintf(sql + len, sizeof(sql) - (size_t)len, " FROM main.%s WHERE %s", query->table, where);
    assert(len < (int)sizeof(sql));
    return sqlite3_prepare_v2(sqlite, sql, len, statement, NULL);
}

/* Has the table a row? Answers SQLITE_ROW, SQLITE_DONE, or an error. */
static int has_rows(struct tq__log_table *table, const struct tq__log_query *query)
{
    sqlite3_stmt *statement;
    int code = prepare(table, query, "1 LIMIT 1", &statement);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code;
}

/* Chooses the first table that has rows: where a tool changed its schema, the older table stays as it was.
 * Leaves query NULL when there is none. Returns a code of SQLite. */
static int choose(struct tq__log_table *table)
{
    const struct tq__log_query *query = table->queries;
    int code;

    for (; !table->query && query->table; query++) {
        if (!has_column(table->database.sqlite, query->table, query->columns[0]) ||
            !has_column(table->database.sqlite, query->table, "rowid"))
            continue;
        code = has_rows(table, query);
        if (code == SQLITE_ROW)
            table->query = query;
        else if (code != SQLITE_DONE)
            return code;
    }
    code = sqlite3_errcode(table->database.sqlite);
    return code == SQLITE_ROW || code == SQLITE_DONE || code == SQLITE_ERROR ? SQLITE_OK : code;
}

bool tq__log_table_has(const char *path, const char *name, const char *column, struct tq__span text)
{
    const struct tq__log_query query = {.table = name};
    struct tq__log_table table = {0};
    struct tq_log_error error;
    sqlite3_stmt *statement = NULL;
    char where[64];
    bool has;

    snprintf(where, sizeof(where), "%s = ?1 LIMIT 1", column);
    has = tq__log_database_name(&table.database, path, NULL, 0, &error) == 0 &&
          tq__log_database_open(&table.database) == SQLITE_OK &&
          prepare(&table, &query, where, &statement) == SQLITE_OK &&
          sqlite3_bind_text(statement, 1, text.at, (int)text.len, SQLITE_STATIC) == SQLITE_OK &&
          sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    tq__log_database_forget(&table.database);
    return has;
}

/* ---- batches --------------------------------------------------------------------------------- */

static bool append(struct tq__log_batch *batch, const void *bytes, size_t len)
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
    if (len > 0)
        memcpy(batch->bytes + batch->len, bytes, len);
    batch->len += len;
    return true;
}

/* Copies a value of the row that the statement is at; false: there is no memory. */
static bool copy_value(struct tq__log_batch *batch, struct stored_row *row, sqlite3_stmt *statement, int i)
{
    int type = sqlite3_column_type(statement, i + 1);
    const void *bytes = type == SQLITE_BLOB ? sqlite3_column_blob(statement, i + 1)
                                            : (const void *)sqlite3_column_text(statement, i + 1);
    size_t len = (size_t)sqlite3_column_bytes(statement, i + 1);

    row->value[i] = (struct value){.begin = batch->len};
    if (type == SQLITE_NULL)
        return true;
    if (!bytes && len > 0)
        return false;
    if (len > TQ__LOG_PIECE_MAX) {
        row->is_too_long = true;
        return true;
    }
    row->value[i].kind = type == SQLITE_INTEGER || type == SQLITE_FLOAT ? TQ__JSON_NUMBER : TQ__JSON_STRING;
    row->value[i].len = len;
    return append(batch, bytes, len) && append(batch, "", 1); /* a byte behind it may be read */
}

/* Copies rows up to `last`. Their numbers grow from above `before`: a damaged index could lead in a circle.
 */
static int copy_rows(struct tq__log_batch *batch, const struct tq__log_query *query, sqlite3_stmt *statement,
                     int64_t before, int64_t last)
{
    int code = SQLITE_DONE;

    while (batch->count < ROWS_MAX && batch->len < BATCH_BYTES &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct stored_row *row = &batch->row[batch->count++];

        *row = (struct stored_row){.number = sqlite3_column_int64(statement, 0)};
        if (row->number <= before || row->number > last) {
            batch->count--;
            return SQLITE_CORRUPT;
        }
        before = row->number;
        for (int i = 0; i < TQ__LOG_COLUMNS_MAX && query->columns[i]; i++)
            if (!copy_value(batch, row, statement, i))
                return SQLITE_NOMEM;
    }
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* The open rows that this pass has not read again. */
static int copy_open_rows(struct tq__log_table *table, const struct tq__log_place *place)
{
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_OK;

    for (unsigned i = 0; i < TQ__LOG_OPEN_ROWS && code == SQLITE_OK; i++) {
        if (!(place->open >> i & 1) || place->done >> i & 1 || place->open_rows[i] > place->at ||
            place->open_rows[i] == INT64_MIN)
            continue;
        code = prepare(table, table->query, "rowid = ?1", &statement);
        if (code == SQLITE_OK)
            code = sqlite3_bind_int64(statement, 1, place->open_rows[i]);
        if (code == SQLITE_OK)
            code = copy_rows(table->batch, table->query, statement, place->open_rows[i] - 1,
                             place->open_rows[i]);
        sqlite3_finalize(statement);
    }
    return code;
}

static int copy_next_rows(struct tq__log_table *table, const struct tq__log_place *place)
{
    sqlite3_stmt *statement;
    int code = prepare(table, table->query, "rowid > ?1 ORDER BY rowid", &statement);

    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 1, place->at);
    if (code == SQLITE_OK)
        code = copy_rows(table->batch, table->query, statement, place->at, INT64_MAX);
    sqlite3_finalize(statement);
    return code;
}

/* One try to read a batch. */
static int read_batch(struct tq__log_table *table, const struct tq__log_place *place)
{
    struct tq__log_batch *batch = table->batch;
    int code = tq__log_database_open(&table->database);

    batch->count = batch->next = batch->len = 0;
    table->database.steps = 0;
    if (code == SQLITE_OK && !table->query)
        code = choose(table);
    if (code != SQLITE_OK || !table->query)
        return code;
    if (!table->is_done)
        code = copy_open_rows(table, place);
    if (code == SQLITE_OK && batch->count == 0)
        code = copy_next_rows(table, place);
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

/* Fills the batch; 0, or TQ_LOG_BROKEN. The batch is empty: there are no more rows. */
static int fill(struct tq__log_table *table, const struct tq__log_place *place, struct tq_log_error *error)
{
    const struct tq__log_query *query = table->query;
    int code = SQLITE_OK;

    for (int i = 0; i < TRIES; i++) {
        bool sound;

        if (i > 0)
            wait_before(i);
        code = read_batch(table, place);
        sound = (code & 0xff) != SQLITE_BUSY && tq__log_database_is_sound(&table->database);
        if (sound && !is_passing(code))
            break;
        tq__log_database_close(&table->database);
        if (sound) /* nobody wrote, so it is the database */
            break;
        table->query = query;
        code = SQLITE_BUSY;
    }
    /* The rows before a damaged one are given first. */
    if (code == SQLITE_OK || ((code & 0xff) == SQLITE_CORRUPT && table->batch->count > 0))
        return 0;
    table->batch->count = 0;
    tq__log_database_close(&table->database);
    return tq__log_database_fail(code, error);
}

/* ---- open and close -------------------------------------------------------------------------- */

int tq__log_table_open(struct tq__log_table **out, const struct tq__log_query *queries, const char *path,
                       const void *data, size_t len, struct tq_log_error *error)
{
    struct tq__log_table *table = calloc(1, sizeof(*table));

    *out = table;
    if (!table)
        return tq__log_fail_memory(error);
    table->queries = queries;
    table->batch = calloc(1, sizeof(*table->batch));
    if (!table->batch)
        return tq__log_fail_memory(error);
    return tq__log_database_name(&table->database, path, data, len, error);
}

void tq__log_table_close(struct tq__log_table *table)
{
    if (!table)
        return;
    tq__log_database_forget(&table->database);
    if (table->batch)
        free(table->batch->bytes);
    free(table->batch);
    free(table);
}

/* ---- places ---------------------------------------------------------------------------------- */

/* Identifies a row by its number and by what never changes in it. */
static uint64_t check_of(const struct tq_log_reader *reader, int64_t number,
                         const struct tq__json_item *first)
{
    struct tq__log_hash hash = tq__log_hash_begin(reader->tool->id, "row");

    tq__log_hash_text(&hash, tq__span_of(reader->table->query->table));
    tq__log_hash_number(&hash, (uint64_t)number);
    tq__log_hash_text(&hash, first->text);
    return tq__log_hash_end(hash);
}

static struct tq__json_item item_of(const struct tq__log_batch *batch, const struct tq__log_query *query,
                                    const struct value *value, size_t i)
{
    return (struct tq__json_item){
        .key = tq__span_of(query->columns[i]),
        .text = {batch->bytes ? batch->bytes + value->begin : "", value->len},
        .kind = value->kind,
    };
}

int tq__log_table_resume(struct tq_log_reader *reader, struct tq_log_error *error)
{
    struct tq__log_table *table = reader->table;
    struct tq__log_place *place = place_of(reader), before = {.at = INT64_MIN};
    struct tq__json_item first;
    int answer;

    if (place->last > INT64_MIN)
        before.at = place->last - 1;
    table->is_done = true;
    answer = fill(table, &before, error);
    table->is_done = false;
    if (answer != 0)
        return answer;
    if (!table->query || place->query != (uint32_t)(table->query - table->queries) + 1 ||
        table->batch->count == 0 || table->batch->row[0].number != place->last)
        return 1;
    first = item_of(table->batch, table->query, &table->batch->row[0].value[0], 0);
    table->batch->count = 0;
    return check_of(reader, place->last, &first) != place->check;
}

/* The slot of an open row; TQ__LOG_OPEN_ROWS: it has none. */
static unsigned slot_of(const struct tq__log_place *place, int64_t number)
{
    unsigned slot = 0;

    while (slot < TQ__LOG_OPEN_ROWS && !(place->open >> slot & 1 && place->open_rows[slot] == number))
        slot++;
    return slot;
}

/* A slot that is free, or that of the oldest row: it is the likeliest that nobody will finish. */
static unsigned free_slot(const struct tq__log_place *place)
{
    unsigned oldest = 0;

    for (unsigned i = 0; i < TQ__LOG_OPEN_ROWS; i++) {
        if (!(place->open >> i & 1))
            return i;
        if (place->open_rows[i] < place->open_rows[oldest])
            oldest = i;
    }
    return oldest;
}

/* Notes whether the row that was given last may still change. */
static void note_open(struct tq__log_place *place, int64_t number, bool is_open, uint32_t note)
{
    unsigned slot = slot_of(place, number);

    if (slot == TQ__LOG_OPEN_ROWS && !is_open)
        return;
    if (slot == TQ__LOG_OPEN_ROWS)
        slot = free_slot(place);
    place->open_rows[slot] = number;
    place->notes[slot] = note;
    place->open = (uint16_t)((place->open & ~(1u << slot)) | (unsigned)is_open << slot);
    place->done = (uint16_t)((place->done & ~(1u << slot)) | (unsigned)is_open << slot);
}

/* After the last row: where the next pass begins. */
static void end_pass(struct tq__log_table *table, struct tq__log_place *place)
{
    int64_t from;

    table->is_done = false;
    table->is_over = true;
    place->done = 0;
    if (table->query && table->query->again > 0 && place->query != 0) {
        if (__builtin_sub_overflow(place->last, table->query->again, &from))
            from = INT64_MIN;
        place->at = from < place->at ? from : place->at;
    }
    tq__log_database_close(&table->database);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int give(struct tq_log_reader *reader, const struct stored_row *stored, struct tq_log_entry *entry,
                struct tq_log_error *error)
{
    struct tq__log_table *table = reader->table;
    struct tq__log_place *place = place_of(reader);
    unsigned slot = slot_of(place, stored->number);
    struct tq__log_row row = {.number = stored->number, .was_open = slot < TQ__LOG_OPEN_ROWS};
    int answer;

    if (row.was_open)
        row.note = place->notes[slot];
    for (size_t i = 0; i < TQ__LOG_COLUMNS_MAX && table->query->columns[i]; i++) {
        row.column[i] = item_of(table->batch, table->query, &stored->value[i], i);
        place->bytes += stored->value[i].len;
    }
    table->is_open = false;
    entry->line = (uint64_t)row.number;
    answer = stored->is_too_long ? tq__log_fail(error, TQ_LOG_BAD_LINE, entry->line, 0,
                                                "a value of the row has more than 16 MiB")
                                 : table->query->read(reader, &row, entry, error);
    note_open(place, row.number, table->is_open, table->note);
    if (row.number > place->at)
        place->at = row.number;
    if (place->query == 0 || row.number >= place->last) {
        place->last = row.number;
        place->query = (uint32_t)(table->query - table->queries) + 1;
        place->check = check_of(reader, row.number, &row.column[0]);
    }
    return answer;
}

int tq__log_table_next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_table *table = reader->table;
    struct tq__log_place *place = place_of(reader);
    struct tq__log_batch *batch = table->batch;
    int answer;

    if (table->is_over && tq__log_database_is_as_it_was(&table->database))
        return TQ_LOG_END;
    table->is_over = false;
    if (batch->next >= batch->count) {
        if (place->query == 0)
            place->at = INT64_MIN;
        answer = fill(table, place, error);
        if (answer != 0)
            return answer;
        if (batch->count == 0) {
            end_pass(table, place);
            return TQ_LOG_END;
        }
        table->is_done |= batch->row[0].number > place->at;
    }
    return give(reader, &batch->row[batch->next++], entry, error);
}

/* ---- where it is ----------------------------------------------------------------------------- */

void tq__log_table_state(const struct tq_log_reader *reader, struct tq_log_state *state)
{
    const struct tq__log_place *place = (const void *)reader->memory.own;

    if (place->query == 0)
        return;
    state->offset = place->bytes + 1;
    state->line = place->at > 0 ? (uint64_t)place->at : 0;
    state->last_hash = place->check;
    memcpy(state->memory, &reader->memory, sizeof(state->memory));
}

void tq__log_table_progress(const struct tq_log_reader *reader, uint64_t *done_bytes, uint64_t *total_bytes)
{
    const struct tq__log_place *place = (const void *)reader->memory.own;

    *done_bytes = place->query != 0 ? place->bytes + 1 : 0;
    *total_bytes = tq__log_database_bytes(&reader->table->database);
}

/* ---- columns --------------------------------------------------------------------------------- */

void tq__log_take_column(struct tq__log_usage *usage, enum tq__count which, const struct tq__json_item *item)
{
    int why;

    if (item->kind == TQ__JSON_NONE)
        return;
    usage->is_there = true;
    why = tq__counts_note(&usage->counts, which, item->text);
    if (why != 0 && usage->fault.why == 0)
        usage->fault = (struct tq__usage_fault){why, item->key, item->text};
}
