/* opencode.c: reads the responses of OpenCode and Kilo CLI, from their databases and from older files.
 *
 * SPDX-License-Identifier: MIT
 *
 * A message is a row whose data is JSON: {role, providerID, modelID, cost, tokens, time}. The tool makes it
 * when it asks, without tokens, and fills them in when the answer has come. A fork copies messages under new
 * ids, but with their times and counts. From version 2 on messages are in another table, and what was in the
 * old one stays there unchanged. Before version 1.2 each message was a file. docs/logs.md has the rules.
 */
#include <assert.h>
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"
#include "table.h"

#define ROWS_AGAIN 64
#define RUN_MAX 7

enum { ID, SESSION, CREATED, DATA, TYPE };

/* Messages that began in the same millisecond, row after row: subagents are started together. Their number in
 * the run tells them apart, as nothing does that a copy has, too. */
struct run {
    int64_t at_ns;
    uint32_t count;
    uint32_t ids[RUN_MAX], counts[RUN_MAX]; /* hashes; of counts 0: nothing was used yet */
};

static_assert(sizeof(struct run) <= sizeof(((struct tq__log_place *)0)->own), "memory of a source");

struct message {
    struct tq__json_item role, model_id, provider, cost, session, cwd, error;
    struct tq__json_item created, completed;
    struct tq__log_usage usage;
};

static const struct tq__log_member time_members[] = {
    TQ__LOG_ITEM("created", struct message, created),
    TQ__LOG_ITEM("completed", struct message, completed),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member path_members[] = {
    TQ__LOG_ITEM("cwd", struct message, cwd),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member model_members[] = {
    TQ__LOG_ITEM("id", struct message, model_id),
    TQ__LOG_ITEM("modelID", struct message, model_id),
    TQ__LOG_ITEM("providerID", struct message, provider),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member token_members[] = {
    TQ__LOG_COUNTS(TQ__IN_PARTS, struct message, usage),
};

static const struct tq__log_member message_members[] = {
    TQ__LOG_ITEM("role", struct message, role),
    TQ__LOG_ITEM("type", struct message, role),
    TQ__LOG_ITEM("modelID", struct message, model_id),
    TQ__LOG_ITEM("providerID", struct message, provider),
    TQ__LOG_ITEM("cost", struct message, cost),
    TQ__LOG_ITEM("sessionID", struct message, session),
    TQ__LOG_ITEM("error", struct message, error),
    TQ__LOG_INSIDE("model", model_members),
    TQ__LOG_INSIDE("tokens", token_members),
    TQ__LOG_INSIDE("time", time_members),
    TQ__LOG_INSIDE("path", path_members),
    TQ__LOG_NO_COUNTS,
};

bool tq__log_opencode_matters(const char *text, size_t len)
{
    static const char *const words[] = {"\"tokens\"", NULL};

    return tq__log_has_word(text, len, words);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static uint64_t key_of(uint32_t source, const struct tq_log_entry *entry, unsigned number)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "message");

    tq__log_hash_number(&hash, (uint64_t)entry->at_ns);
    tq__log_hash_text(&hash, tq__span_of(entry->model));
    tq__log_hash_number(&hash, number);
    return tq__log_hash_end(hash);
}

static uint32_t hash_of_counts(const struct tq_usage *usage)
{
    struct tq__log_hash hash = tq__log_hash_begin(0, "counts");

    tq__log_hash_number(&hash, (uint64_t)usage->input);
    tq__log_hash_number(&hash, (uint64_t)usage->cache_read);
    tq__log_hash_number(&hash, (uint64_t)usage->cache_write);
    tq__log_hash_number(&hash, (uint64_t)usage->output);
    return tq__log_used_any(usage) ? (uint32_t)tq__log_hash_end(hash) | 1 : 0;
}

/* The number of a message in its run. A row that is read again has the number that it had; so has a copy,
 * which has the same counts. */
static unsigned number_of(struct run *run, struct tq__span id, const struct tq_log_entry *entry)
{
    struct tq__log_hash hash = tq__log_hash_begin(0, "id");
    uint32_t counts = hash_of_counts(&entry->usage), hashed_id;

    tq__log_hash_text(&hash, id);
    hashed_id = (uint32_t)tq__log_hash_end(hash);
    if (run->at_ns != entry->at_ns || run->count > RUN_MAX)
        *run = (struct run){.at_ns = entry->at_ns};
    for (unsigned i = 0; i < run->count; i++) {
        if (run->ids[i] == hashed_id)
            run->counts[i] = counts;
        if (run->ids[i] == hashed_id || (counts != 0 && run->counts[i] == counts))
            return i;
    }
    if (run->count == RUN_MAX)
        return counts;
    run->ids[run->count] = hashed_id;
    run->counts[run->count] = counts;
    return run->count++;
}

/* ---- what a message says --------------------------------------------------------------------- */

/* Is it a response, and not a question or a note of the tool's? */
static bool is_response(const struct message *message)
{
    return message->usage.is_there &&
           (message->role.kind == TQ__JSON_NONE || tq__span_equals(message->role.text, "assistant"));
}

static int fill(struct tq_log_reader *reader, const struct message *message, struct tq_log_entry *entry,
                struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;

    if (tq__log_take_usage(entry, &message->usage, true, false, error) != 0 ||
        tq__log_take_instant(entry, &message->created, true, "time.created", error) != 0)
        return TQ_LOG_BAD_LINE;
    entry->vendor = tq__log_vendor(tq__log_copy(&message->provider, texts->vendor, sizeof(texts->vendor)));
    entry->model = tq__log_copy(&message->model_id, texts->model, sizeof(texts->model));
    entry->project = tq__log_copy(&message->cwd, texts->project, sizeof(texts->project));
    entry->cost_nano_usd = tq__log_cost(&message->cost);
    return TQ_LOG_RECORD;
}

/* A row of either table. */
static int read_row(struct tq_log_reader *reader, const struct tq__log_row *row, struct tq_log_entry *entry,
                    struct tq_log_error *error)
{
    const struct tq__json_item *column = row->column;
    struct message message = {0};
    unsigned number;

    if (column[TYPE].kind != TQ__JSON_NONE && !tq__span_equals(column[TYPE].text, "assistant"))
        return TQ__LOG_NOTHING;
    if (!tq__log_opencode_matters(column[DATA].text.at, column[DATA].text.len))
        return TQ__LOG_NOTHING;
    if (!tq__log_read_object(column[DATA].text, message_members, &message))
        return tq__log_fail_json(error, entry->line);
    if (column[TYPE].kind != TQ__JSON_NONE)
        message.role = column[TYPE];
    if (!is_response(&message))
        return TQ__LOG_NOTHING;
    if (message.created.kind == TQ__JSON_NONE)
        message.created = column[CREATED];
    if (fill(reader, &message, entry, error) != TQ_LOG_RECORD)
        return TQ_LOG_BAD_LINE;
    number = row->was_open ? row->note : number_of(tq__log_table_memory(reader), column[ID].text, entry);
    reader->table->is_open =
        message.completed.kind != TQ__JSON_NUMBER && message.error.kind != TQ__JSON_OBJECT;
    reader->table->note = number;
    if (!tq__log_used_any(&entry->usage)) /* it has not been answered, or never will be */
        return TQ__LOG_NOTHING;
    entry->key = key_of(reader->tool->id, entry, number);
    tq__log_copy_span(column[SESSION].text, reader->texts.session, sizeof(reader->texts.session));
    entry->session = reader->texts.session;
    return TQ_LOG_RECORD;
}

int tq__log_opencode_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                          struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct message message = {0};

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, message_members, &message))
        return tq__log_fail_json(error, piece->line);
    if (!is_response(&message))
        return TQ__LOG_NOTHING;
    if (fill(reader, &message, entry, error) != TQ_LOG_RECORD)
        return TQ_LOG_BAD_LINE;
    if (!tq__log_used_any(&entry->usage))
        return TQ__LOG_NOTHING;
    entry->key = key_of(reader->tool->id, entry, 0);
    entry->session = tq__log_copy(&message.session, reader->texts.session, sizeof(reader->texts.session));
    return TQ_LOG_RECORD;
}

const struct tq__log_query tq__log_opencode_queries[] = {
    {
        .table = "session_message",
        .columns = {[ID] = "id",
                    [SESSION] = "session_id",
                    [CREATED] = "time_created",
                    [DATA] = "data",
                    [TYPE] = "type"},
        .fixed = 1,
        .again = ROWS_AGAIN,
        .read = read_row,
    },
    {
        .table = "message",
        .columns = {[ID] = "id", [SESSION] = "session_id", [CREATED] = "time_created", [DATA] = "data"},
        .fixed = 1,
        .again = ROWS_AGAIN,
        .read = read_row,
    },
    {0},
};
