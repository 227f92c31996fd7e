/* cursor.c: reads the usage that Cursor's dashboard exports as CSV, one event a row.
 *
 * SPDX-License-Identifier: MIT
 *
 * The header names the columns; older exports have fewer, in another order. Rows have no id and nothing but
 * their own words to tell them apart. docs/logs.md has the rules.
 */
#include <assert.h>
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"

#define BOM "\xef\xbb\xbf"

/* The columns that are read. */
enum column { DATE, MODEL, WITH_WRITE, WITHOUT_WRITE, READ, OUTPUT, TOTAL, USER, COST, COLUMNS };

static const char *const names[COLUMNS] = {
    "Date",       "Model",         "Input (w/ Cache Write)", "Input (w/o Cache Write)",
    "Cache Read", "Output Tokens", "Total Tokens",           "User",
    "Cost"};

#define NEEDED OUTPUT /* the columns up to this one must be there */

/* Where the columns are in a row, from 1; 0: the export has no such column. A state keeps it. */
struct memory {
    uint32_t fields; /* of a row; 0: the header was not read yet */
    uint32_t place[COLUMNS];
};

static_assert(sizeof(struct memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

/* Does the line have anything but blanks? */
bool tq__log_cursor_matters(const char *text, size_t len)
{
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t' || tq__ends_line(text[len - 1])))
        len--;
    return len > 0;
}

/* The line without its end. */
static struct tq__span row_of(const struct tq__log_piece *piece)
{
    struct tq__span row = {piece->text, piece->len};

    while (row.len > 0 && tq__ends_line(row.at[row.len - 1]))
        row.len--;
    return row;
}

static bool has_odd_quotes(struct tq__span line)
{
    bool odd = false;

    for (size_t i = 0; i < line.len; i++)
        odd ^= line.at[i] == '"';
    return odd;
}

/* ---- the header ------------------------------------------------------------------------------ */

static int column_of(struct tq__span name)
{
    for (int column = 0; column < COLUMNS; column++)
        if (tq__span_equals(name, names[column]))
            return column;
    return -1;
}

static int read_header(const struct tq__log_piece *piece, struct memory *memory, struct tq_log_error *error)
{
    struct tq__span line = row_of(piece);
    struct tq__log_field field;
    const char *at = line.at, *end = line.at + line.len;

    if (line.len >= 3 && memcmp(line.at, BOM, 3) == 0)
        at += 3;
    *memory = (struct memory){0};
    while (at && !has_odd_quotes(line) && !tq__log_csv_field(&at, end, &field)) {
        int column = column_of(tq__span_trim(field.text));

        memory->fields++;
        if (column >= 0)
            memory->place[column] = memory->fields;
    }
    for (int column = 0; column <= NEEDED; column++)
        if (memory->place[column] == 0)
            return tq__log_fail(error, TQ_LOG_BROKEN, piece->line, 0,
                                "is no export of Cursor's usage: it has no column %s", names[column]);
    return TQ__LOG_NOTHING;
}

/* ---- a row ----------------------------------------------------------------------------------- */

struct row {
    struct tq__log_field column[COLUMNS];
    struct tq__log_field last;
    uint32_t fields;
};

/* NULL, or what is wrong with the quotes of the row. */
static const char *read_row(const struct tq__log_piece *piece, const struct memory *memory, struct row *row)
{
    struct tq__span line = row_of(piece);
    const char *at = line.at, *end = line.at + line.len;

    if (has_odd_quotes(line))
        return "a quoted field is not closed";
    while (at) {
        struct tq__log_field field;
        const char *wrong = tq__log_csv_field(&at, end, &field);

        if (wrong)
            return wrong;
        row->fields++;
        row->last = field;
        for (int column = 0; column < COLUMNS; column++)
            if (memory->place[column] == row->fields)
                row->column[column] = field;
    }
    return NULL;
}

/* A row that has no line end yet may be half of one, unless it has all the columns and the last one is whole:
 * in quotes, or no count. */
static bool may_be_half(const struct memory *memory, const struct row *row)
{
    if (row->fields < memory->fields || (!row->last.quoted && row->last.text.len == 0))
        return true;
    for (int column = WITH_WRITE; column <= TOTAL; column++)
        if (memory->place[column] == memory->fields)
            return !row->last.quoted;
    return false;
}

static int note(struct tq__log_usage *usage, enum tq__count which, const struct row *row, enum column column)
{
    struct tq__span text = row->column[column].text;
    int why;

    if (text.len == 0)
        return 0;
    why = tq__counts_note(&usage->counts, which, text);
    if (why != 0 && usage->fault.why == 0)
        usage->fault = (struct tq__usage_fault){why, tq__span_of(names[column]), text};
    return why;
}

/* The two columns of input are beside each other, or the first has the second: the total shows which. */
static void settle(struct tq__counts *counts)
{
    int64_t *count = counts->count, with = count[TQ__WRITE_BESIDE], without = count[TQ__PLAIN_INPUT], rest;

    if (!(counts->known >> TQ__TOTAL & 1) || with < without)
        return;
    rest = tq__add_saturated(tq__add_saturated(with, count[TQ__READ_BESIDE]), count[TQ__OUTPUT]);
    if (count[TQ__TOTAL] == rest)
        count[TQ__WRITE_BESIDE] = with - without;
}

static void read_counts(const struct row *row, struct tq__log_usage *usage)
{
    note(usage, TQ__WRITE_BESIDE, row, WITH_WRITE);
    note(usage, TQ__PLAIN_INPUT, row, WITHOUT_WRITE);
    note(usage, TQ__READ_BESIDE, row, READ);
    note(usage, TQ__OUTPUT, row, OUTPUT);
    note(usage, TQ__TOTAL, row, TOTAL);
    settle(&usage->counts);
}

static uint64_t key_of(const struct tq_log_entry *entry, uint32_t source)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "event");

    tq__log_hash_number(&hash, tq__log_key_of_counts(source, entry));
    tq__log_hash_text(&hash, tq__span_of(entry->account));
    return tq__log_hash_end(hash);
}

/* "$0.12" or "0.12"; words like "Included" are no cost. */
static int64_t cost_of(struct tq__span text)
{
    struct tq__json_item item = {.kind = TQ__JSON_STRING, .text = text};

    if (text.len > 0 && text.at[0] == '$')
        item.text = tq__span_behind(text, 1);
    return tq__log_cost(&item);
}

static int give(struct tq_log_reader *reader, const struct row *row, struct tq_log_entry *entry,
                struct tq_log_error *error)
{
    struct tq__json_item date = {.kind = TQ__JSON_STRING, .text = row->column[DATE].text};
    struct tq__log_texts *texts = &reader->texts;
    struct tq__log_usage usage = {0};

    read_counts(row, &usage);
    if (tq__log_take_usage(entry, &usage, true, false, error) != 0 ||
        tq__log_take_instant(entry, &date, false, names[DATE], error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!tq__log_used_any(&entry->usage))
        return TQ__LOG_NOTHING;
    tq__log_copy_span(row->column[MODEL].text, texts->model, sizeof(texts->model));
    tq__log_copy_span(row->column[USER].text, texts->account, sizeof(texts->account));
    entry->vendor = "cursor";
    entry->model = texts->model;
    entry->account = texts->account;
    entry->cost_nano_usd = cost_of(row->column[COST].text);
    entry->key = key_of(entry, reader->tool->id);
    return TQ_LOG_RECORD;
}

int tq__log_cursor_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct row row = {.fields = 0};
    struct memory memory;
    const char *wrong;
    int answer;

    memcpy(&memory, reader->memory.own, sizeof(memory));
    if (memory.fields == 0) {
        answer = piece->half ? TQ_LOG_END : read_header(piece, &memory, error);
        if (answer == TQ__LOG_NOTHING)
            memcpy(reader->memory.own, &memory, sizeof(memory));
        return answer;
    }
    wrong = read_row(piece, &memory, &row);
    if (!wrong && tq__span_equals(row.column[DATE].text, names[DATE]))
        return TQ__LOG_NOTHING; /* the header once more: exports were put together */
    if (wrong)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "%s (field %u)", wrong, row.fields + 1);
    if (piece->half && may_be_half(&memory, &row))
        return TQ_LOG_END;
    if (row.fields != memory.fields)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "the line has %u fields, the header %u",
                            row.fields, memory.fields);
    return give(reader, &row, entry, error);
}
