/* antigravity.c: reads the generations of Antigravity from the databases of its conversations.
 *
 * SPDX-License-Identifier: MIT
 *
 * The table gen_metadata has a protobuf message for each generation, whose definition is not public:
 *
 *     1 {                               the model's call
 *         3, 19, 21  model
 *         4 { 2 input, 3 output, 4 cache write, 5 cache read, 7 id, 9 reasoning, 10 other output, 11 id }
 *         9 { 4 { 1 seconds, 2 nanoseconds } }
 *     }
 *
 * docs/logs.md has the rules.
 */
#include <string.h>

#include "base/time.h"
#include "entry.h"
#include "error.h"
#include "protobuf.h"
#include "reader.h"
#include "table.h"

#define SOURCE_ID 12
#define ROWS_AGAIN 16
#define MODEL_BYTES 64

enum { INDEX, DATA };

struct generation {
    struct tq__span model, id, other_id;
    unsigned model_field;
    struct tq__log_usage usage;
    uint64_t seconds, nanoseconds; /* 0: not said */
    bool failed;
};

/* Notes a count; one that is 0 may be left out of a message, and then is not known. */
static void note_count(struct generation *generation, enum tq__count which, uint64_t value)
{
    struct tq__log_usage *usage = &generation->usage;

    if (value > INT64_MAX && usage->fault.why == 0)
        usage->fault = (struct tq__usage_fault){TQ__TOO_BIG, TQ__SPAN("a count of the row"), {0}};
    usage->is_there = true;
    usage->counts.known |= 1u << which;
    usage->counts.count[which] = value > INT64_MAX ? 0 : (int64_t)value;
}

static void read_usage(struct generation *generation, struct tq__span bytes)
{
    static const uint8_t counts[] = {[2] = TQ__PLAIN_INPUT, [3] = TQ__OUTPUT,    [4] = TQ__WRITE_BESIDE,
                                     [5] = TQ__READ_BESIDE, [9] = TQ__REASONING, [10] = TQ__VISIBLE_OUTPUT};
    struct tq__protobuf usage = tq__protobuf_begin(bytes);
    struct tq__protobuf_field field;

    while (tq__protobuf_next(&usage, &field)) {
        if (field.is_number && field.number <= 10 && counts[field.number] != 0)
            note_count(generation, counts[field.number], field.value);
        else if (!field.is_number && field.number == 7)
            generation->id = field.bytes;
        else if (!field.is_number && field.number == 11)
            generation->other_id = field.bytes;
    }
    generation->failed |= usage.failed;
}

static void read_instant(struct generation *generation, struct tq__span bytes)
{
    struct tq__protobuf instant = tq__protobuf_begin(bytes);
    struct tq__protobuf_field field;

    while (tq__protobuf_next(&instant, &field)) {
        if (field.is_number && field.number == 1)
            generation->seconds = field.value;
        else if (field.is_number && field.number == 2)
            generation->nanoseconds = field.value;
    }
    generation->failed |= instant.failed;
}

static void read_start(struct generation *generation, struct tq__span bytes)
{
    struct tq__protobuf start = tq__protobuf_begin(bytes);
    struct tq__protobuf_field field;

    while (tq__protobuf_next(&start, &field))
        if (!field.is_number && field.number == 4)
            read_instant(generation, field.bytes);
    generation->failed |= start.failed;
}

/* Where a call has several names, that of field 19 is taken, else 21, else 3. */
static void take_model(struct generation *generation, const struct tq__protobuf_field *field)
{
    static const uint8_t places[] = {[3] = 1, [21] = 2, [19] = 3};

    if (field->bytes.len == 0 || places[field->number] < generation->model_field)
        return;
    generation->model_field = places[field->number];
    generation->model = field->bytes;
}

static void read_call(struct generation *generation, struct tq__span bytes)
{
    struct tq__protobuf call = tq__protobuf_begin(bytes);
    struct tq__protobuf_field field;

    while (tq__protobuf_next(&call, &field)) {
        if (field.is_number)
            continue;
        if (field.number == 3 || field.number == 19 || field.number == 21)
            take_model(generation, &field);
        else if (field.number == 4)
            read_usage(generation, field.bytes);
        else if (field.number == 9)
            read_start(generation, field.bytes);
    }
    generation->failed |= call.failed;
}

static bool read_generation(struct generation *generation, struct tq__span bytes)
{
    struct tq__protobuf message = tq__protobuf_begin(bytes);
    struct tq__protobuf_field field;

    *generation = (struct generation){0};
    while (tq__protobuf_next(&message, &field))
        if (!field.is_number && field.number == 1)
            read_call(generation, field.bytes);
    return !message.failed && !generation->failed;
}

/* The output has the reasoning in it. Where it is not said, it is the sum of its parts. */
static void settle(struct tq__counts *counts)
{
    int64_t sum = tq__add_saturated(counts->count[TQ__VISIBLE_OUTPUT], counts->count[TQ__REASONING]);

    if (sum > counts->count[TQ__OUTPUT]) {
        counts->count[TQ__OUTPUT] = sum;
        counts->known |= 1u << TQ__OUTPUT;
    }
    counts->count[TQ__VISIBLE_OUTPUT] = 0;
    counts->known &= ~(1u << TQ__VISIBLE_OUTPUT);
}

static int take_instant(const struct generation *generation, struct tq_log_entry *entry,
                        struct tq_log_error *error)
{
    int64_t at_ns;

    if (generation->seconds == 0)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, entry->line, 0, "the row does not say its time");
    if (generation->seconds > INT64_MAX ||
        __builtin_mul_overflow((int64_t)generation->seconds, TQ__SECOND_NS, &at_ns) ||
        generation->nanoseconds >= (uint64_t)TQ__SECOND_NS ||
        __builtin_add_overflow(at_ns, (int64_t)generation->nanoseconds, &entry->at_ns))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, entry->line, 0, "the time of the row does not exist");
    return 0;
}

/* The conversation is the database, whose name is its id. */
static struct tq__span session_of(const struct tq_log_reader *reader)
{
    struct tq__span name = tq__log_path_part(reader, 0);

    return tq__span_ends(name, ".db") ? (struct tq__span){name.at, name.len - strlen(".db")} : name;
}

static uint64_t key_of(const struct generation *generation, const struct tq_log_entry *entry)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "message");
    struct tq__span id = generation->id.len > 0 ? generation->id : generation->other_id;

    if (id.len == 0)
        return tq__log_key_of_counts(SOURCE_ID, entry);
    tq__log_hash_text(&hash, id);
    return tq__log_hash_end(hash);
}

static int read_row(struct tq_log_reader *reader, const struct tq__log_row *row, struct tq_log_entry *entry,
                    struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    char *model = tq__log_table_memory(reader); /* of the conversation, which not every row says */
    struct generation generation;

    if (row->column[DATA].text.len == 0)
        return TQ__LOG_NOTHING;
    if (!read_generation(&generation, row->column[DATA].text))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, entry->line, 0, "not protobuf, or cut off");
    if (generation.model.len > 0)
        tq__log_copy_span(generation.model, model, MODEL_BYTES);
    if (!generation.usage.is_there)
        return TQ__LOG_NOTHING;
    settle(&generation.usage.counts);
    if (tq__log_take_usage(entry, &generation.usage, true, false, error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!tq__log_used_any(&entry->usage))
        return TQ__LOG_NOTHING;
    if (take_instant(&generation, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    /* Read again, it may stand before the row that named the model in memory. */
    if (generation.model.len == 0 && row->is_again)
        return TQ__LOG_NOTHING;
    model[MODEL_BYTES - 1] = '\0'; /* it may come from a damaged file */
    memcpy(texts->model, model, MODEL_BYTES);
    entry->model = texts->model;
    entry->vendor = "google";
    tq__log_copy_span(session_of(reader), texts->session, sizeof(texts->session));
    entry->session = texts->session;
    entry->key = key_of(&generation, entry);
    return TQ_LOG_RECORD;
}

const struct tq__log_query tq__log_antigravity_queries[] = {
    {
        .table = "gen_metadata",
        .columns = {[INDEX] = "idx", [DATA] = "data"},
        .fixed = 1,
        .again = ROWS_AGAIN,
        .read = read_row,
    },
    {0},
};
