/* table.c: gives the rows of a table in a tool's database, each once, and goes on where the last reader
 * stopped.
 *
 * SPDX-License-Identifier: MIT
 *
 * The place is SQLite's number of a row, which grows. Tools also change rows in place: a row that is not
 * finished is remembered and read again by the next pass, and so are the last rows of a table whose query
 * asks for it. The keys of entries make what is given twice count once. Where the row at the place is gone
 * or another one has its number (rows were deleted, the database was packed), the table is read from its
 * start. */
#include "table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "reader.h"

static_assert(sizeof(struct tq__log_place) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

static struct tq__log_place *place_of(struct tq_log_reader *reader)
{
    return (void *)reader->memory.own;
}

void *tq__log_table_memory(struct tq_log_reader *reader)
{
    return place_of(reader)->own;
}

/* ---- open and close -------------------------------------------------------------------------- */

static int open_table(struct tq_log_reader *reader, const struct tq__log_given *given,
                      struct tq_log_error *error)
{
    struct tq__log_table *table;

    if (!tq__log_database_is_one(given->path, given->data, given->len)) {
        if (given->path && access(given->path, R_OK) != 0)
            return tq__log_fail(error, TQ_LOG_BROKEN, 0, errno, "cannot read: %s", strerror(errno));
        return reader->tool->older ? TQ__LOG_NOTHING
                                   : tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "it is no SQLite database");
    }
    table = reader->table = calloc(1, sizeof(*table));
    if (!table)
        return tq__log_fail_memory(error);
    table->batch.queries = reader->tool->queries;
    return tq__log_database_name(&table->batch.database, given->path, given->data, given->len, error);
}

static void close_table(struct tq_log_reader *reader)
{
    struct tq__log_table *table = reader->table;

    if (!table)
        return;
    tq__log_database_forget(&table->batch.database);
    free(table->batch.bytes);
    free(table);
}

/* ---- places ---------------------------------------------------------------------------------- */

static struct tq__json_item item_of(const struct tq__log_table *table,
                                    const struct tq__log_stored_row *stored, size_t i)
{
    const struct tq__log_value *value = &stored->value[i];

    return (struct tq__json_item){
        .key = tq__span_of(table->batch.query->columns[i]),
        .text = {table->batch.bytes ? table->batch.bytes + value->begin : "", value->len},
        .kind = value->kind,
    };
}

/* Identifies a row by its number and by what never changes in it. */
static uint64_t check_of(const struct tq_log_reader *reader, const struct tq__log_stored_row *stored)
{
    const struct tq__log_query *query = reader->table->batch.query;
    struct tq__log_hash hash = tq__log_hash_begin(reader->tool->id, "row");

    tq__log_hash_text(&hash, tq__span_of(query->table));
    tq__log_hash_number(&hash, (uint64_t)stored->number);
    for (unsigned i = 0; i < query->fixed; i++)
        tq__log_hash_text(&hash, item_of(reader->table, stored, i).text);
    return tq__log_hash_end(hash);
}

/* Goes to the place in the reader's memory. 1: it is there no more. */
static int go_to_place(struct tq_log_reader *reader, struct tq_log_error *error)
{
    struct tq__log_table *table = reader->table;
    struct tq__log_place *place = place_of(reader), before = {.at = INT64_MIN};
    int answer;

    if (place->last > INT64_MIN)
        before.at = place->last - 1;
    table->batch.is_done = true;
    answer = tq__log_batch_fill(&table->batch, &before, error);
    table->batch.is_done = false;
    if (answer != 0)
        return answer;
    if (!table->batch.query || place->query != (uint32_t)(table->batch.query - table->batch.queries) + 1 ||
        table->batch.count == 0 || table->batch.row[0].number != place->last)
        return 1;
    table->batch.count = 0;
    return check_of(reader, &table->batch.row[0]) != place->check;
}

static int resume(struct tq_log_reader *reader, const struct tq_log_state *state, int *restarted,
                  struct tq_log_error *error)
{
    int answer = 1;

    if (state->size >= sizeof(*state) && state->source == reader->tool->id) {
        memcpy(&reader->memory, state->memory, sizeof(reader->memory));
        answer = go_to_place(reader, error);
    }
    if (answer > 0)
        memset(&reader->memory, 0, sizeof(reader->memory));
    *restarted = answer > 0;
    return answer < 0 ? answer : 0;
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

    table->batch.is_done = false;
    table->is_over = true;
    place->done = 0;
    if (table->batch.query && table->batch.query->again > 0 && place->query != 0) {
        if (__builtin_sub_overflow(place->last, table->batch.query->again, &from))
            from = INT64_MIN;
        place->at = from < place->at ? from : place->at;
    }
    tq__log_database_close(&table->batch.database);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int give(struct tq_log_reader *reader, const struct tq__log_stored_row *stored,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_table *table = reader->table;
    struct tq__log_place *place = place_of(reader);
    unsigned slot = slot_of(place, stored->number);
    struct tq__log_row row = {
        .number = stored->number,
        .is_again = place->query != 0 && stored->number <= place->last,
        .was_open = slot < TQ__LOG_OPEN_ROWS,
    };
    int answer;

    if (row.was_open)
        row.note = place->notes[slot];
    for (size_t i = 0; i < TQ__LOG_COLUMNS_MAX && table->batch.query->columns[i]; i++) {
        row.column[i] = item_of(table, stored, i);
        place->bytes += stored->value[i].len;
    }
    table->is_open = false;
    entry->line = (uint64_t)row.number;
    answer = stored->fault ? tq__log_fail(error, TQ_LOG_BAD_LINE, entry->line, 0, "%s", stored->fault)
                           : table->batch.query->read(reader, &row, entry, error);
    note_open(place, row.number, table->is_open, table->note);
    if (row.number > place->at)
        place->at = row.number;
    if (place->query == 0 || row.number >= place->last) {
        place->last = row.number;
        place->query = (uint32_t)(table->batch.query - table->batch.queries) + 1;
        place->check = check_of(reader, stored);
    }
    return answer;
}

static int next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_table *table = reader->table;
    struct tq__log_place *place = place_of(reader);
    struct tq__log_batch *batch = &table->batch;
    int answer;

    if (table->is_over && tq__log_database_is_as_it_was(&table->batch.database))
        return TQ_LOG_END;
    table->is_over = false;
    if (batch->next >= batch->count) {
        if (place->query == 0)
            place->at = INT64_MIN;
        answer = tq__log_batch_fill(&table->batch, place, error);
        if (answer != 0)
            return answer;
        if (batch->count == 0) {
            end_pass(table, place);
            return TQ_LOG_END;
        }
        table->batch.is_done |= batch->row[0].number > place->at;
    }
    return give(reader, &batch->row[batch->next++], entry, error);
}

/* ---- where it is ----------------------------------------------------------------------------- */

/* The offset says how many bytes of rows were read. */
static void note_state(const struct tq_log_reader *reader, struct tq_log_state *state)
{
    const struct tq__log_place *place = (const void *)reader->memory.own;

    if (place->query == 0)
        return;
    state->offset = place->bytes + 1;
    state->line = place->at > 0 ? (uint64_t)place->at : 0;
    state->last_hash = place->check;
    memcpy(state->memory, &reader->memory, sizeof(state->memory));
}

static void progress(const struct tq_log_reader *reader, uint64_t *done_bytes, uint64_t *total_bytes)
{
    const struct tq__log_place *place = (const void *)reader->memory.own;

    *done_bytes = place->query != 0 ? place->bytes + 1 : 0;
    *total_bytes = tq__log_database_bytes(&reader->table->batch.database);
}

const struct tq__log_form tq__log_in_table = {
    .open = open_table,
    .resume = resume,
    .next = next,
    .state = note_state,
    .progress = progress,
    .close = close_table,
};

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
