/* pi.c: reads the sessions of pi, of the tools made from it, and of OpenClaw.
 *
 * SPDX-License-Identifier: MIT
 *
 * A line is {type, id, parentId, timestamp, ...}. The first one has type "session" and the session's id and
 * folder. A response is a line of type "message" whose message is {role: "assistant", provider, model,
 * responseId, usage}. A fork begins with its parent's lines, unchanged. OpenClaw renames the file of a
 * session that was reset or deleted, and some of its lines say the model only in an earlier line. From
 * version 2026.8 on, each line is a row of its database. oh-my-pi has a line of type "model_usage" for what
 * it asks beside the conversation. docs/logs.md has the rules.
 */
#include <assert.h>
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"
#include "table.h"

/* What must be remembered of the lines before. */
struct memory {
    char session[64];
    char model[96];
    char vendor[48];
};

static_assert(sizeof(struct memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

/* What must be remembered of the rows before: the names that a session named last. */
struct named {
    uint32_t session; /* its hash */
    char model[44];
    char vendor[24];
};

static_assert(sizeof(struct named) <= sizeof(((struct tq__log_place *)0)->own), "memory of a source");

enum { SESSION, NUMBER, CREATED, EVENT, PACKED_EVENT, HEAD };

/* A line, or the message in it. */
struct told {
    struct tq__json_item role, provider, model, response_id, timestamp, mirror, cost;
    struct tq__log_usage usage;
    struct tq__log_usage inner; /* of what an answer of oh-my-pi asked itself, and its own counts leave out */
};

struct line {
    struct tq__json_item type, id, timestamp, cwd, custom_type;
    struct tq__json_item model_id, provider; /* of a line that names the model of those behind it */
    struct told message;
    struct told own; /* of a line "model_usage" */
};

static const struct tq__log_member cost_members[] = {
    TQ__LOG_ITEM("total", struct told, cost),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member inner_members[] = {
    TQ__LOG_COUNTS(TQ__IN_SPLIT_USAGE, struct told, inner),
};

static const struct tq__log_member usage_members[] = {
    TQ__LOG_INSIDE("cost", cost_members),
    TQ__LOG_INSIDE("orchestration", inner_members),
    TQ__LOG_COUNTS(TQ__IN_SPLIT_USAGE, struct told, usage),
};

static const struct tq__log_member message_members[] = {
    TQ__LOG_ITEM("role", struct told, role),
    TQ__LOG_ITEM("provider", struct told, provider),
    TQ__LOG_ITEM("model", struct told, model),
    TQ__LOG_ITEM("responseId", struct told, response_id),
    TQ__LOG_ITEM("timestamp", struct told, timestamp),
    TQ__LOG_ITEM("idempotencyKey", struct told, mirror),
    TQ__LOG_INSIDE("usage", usage_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member data_members[] = {
    TQ__LOG_ITEM("modelId", struct line, model_id),
    TQ__LOG_ITEM("provider", struct line, provider),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member line_members[] = {
    TQ__LOG_ITEM("type", struct line, type),
    TQ__LOG_ITEM("id", struct line, id),
    TQ__LOG_ITEM("timestamp", struct line, timestamp),
    TQ__LOG_ITEM("cwd", struct line, cwd),
    TQ__LOG_ITEM("customType", struct line, custom_type),
    TQ__LOG_ITEM("modelId", struct line, model_id),
    TQ__LOG_ITEM("provider", struct line, provider),
    TQ__LOG_ITEM("model", struct line, own.model),
    TQ__LOG_OBJECT("usage", struct line, own, usage_members),
    TQ__LOG_OBJECT("message", struct line, message, message_members),
    TQ__LOG_INSIDE("data", data_members),
    TQ__LOG_NO_COUNTS,
};

bool tq__log_pi_matters(const char *text, size_t len)
{
    static const char message[] = "{\"type\":\"message\"";
    static const char *const words[] = {"\"usage\"", "\"session\"", "\"model_change\"", "\"model-snapshot\"",
                                        NULL};

    /* Most lines are messages without usage, some of them long. */
    if (len >= sizeof(message) - 1 && memcmp(text, message, sizeof(message) - 1) == 0)
        return memmem(text, len, words[0], strlen(words[0])) != NULL;
    return tq__log_has_word(text, len, words);
}

/* ---- what a line says ------------------------------------------------------------------------ */

/* Some vendors report more reasoning than output. It is a part of the output all the same, and the total has
 * it once. */
static void settle(struct tq__counts *counts, const struct tq__counts *inner)
{
    static const enum tq__count added[] = {TQ__PLAIN_INPUT, TQ__READ_BESIDE, TQ__WRITE_BESIDE, TQ__OUTPUT};

    if (counts->count[TQ__REASONING] > counts->count[TQ__OUTPUT])
        counts->count[TQ__REASONING] = counts->count[TQ__OUTPUT];
    for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
        counts->known |= inner->known & 1u << added[i];
        counts->count[added[i]] = tq__add_saturated(counts->count[added[i]], inner->count[added[i]]);
    }
}

/* Without an id, by what is in the message itself: a copy of it may be in a line of another time, or behind
 * one that names another model. */
static uint64_t key_of(const struct told *told, const struct tq_log_entry *entry, uint32_t source)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "response");
    struct tq_log_entry own = *entry;
    struct tq_log_error ignored;

    if (tq__log_is_unique(&told->response_id)) {
        tq__log_hash_text(&hash, told->response_id.text);
        return tq__log_hash_end(hash);
    }
    if (!tq__json_is_name(&told->model))
        own.model = "";
    (void)tq__log_take_instant(&own, &told->timestamp, true, "timestamp", &ignored);
    return tq__log_key_of_counts(source, &own);
}

/* OpenClaw repeats the last response of a turn of Codex, whose rollout has all of them. */
static bool is_codex(const struct told *told)
{
    return tq__span_begins(told->mirror.text, "codex-app-server:");
}

/* Fills the entry of a response; its model and vendor are kept for the lines behind it. */
static int give(struct tq_log_reader *reader, struct line *line, struct told *told, struct memory *memory,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    const struct tq__json_item *at =
        line->timestamp.kind != TQ__JSON_NONE ? &line->timestamp : &told->timestamp;
    struct tq__log_texts *texts = &reader->texts;

    if (told->usage.fault.why == 0)
        told->usage.fault = told->inner.fault;
    settle(&told->usage.counts, &told->inner.counts);
    if (tq__log_take_usage(entry, &told->usage, true, false, error) != 0 ||
        tq__log_take_instant(entry, at, true, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!tq__log_used_any(&entry->usage)) /* it failed, or the tool wrote it */
        return TQ__LOG_NOTHING;
    tq__json_copy(&told->model, texts->model, sizeof(texts->model));
    tq__json_copy(&told->provider, texts->vendor, sizeof(texts->vendor));
    if (!*texts->model)
        memcpy(texts->model, memory->model, sizeof(memory->model));
    if (!*texts->vendor)
        memcpy(texts->vendor, memory->vendor, sizeof(memory->vendor));
    memcpy(texts->session, memory->session, sizeof(memory->session));
    entry->vendor = tq__log_vendor(texts->vendor);
    entry->model = texts->model;
    entry->session = texts->session;
    entry->project = texts->project;
    entry->cost_nano_usd = tq__log_cost(&told->cost);
    entry->key = key_of(told, entry, reader->tool->id);
    return TQ_LOG_RECORD;
}

/* The head of the file: which session, in which folder. */
static void read_session(struct tq_log_reader *reader, const struct line *line, struct memory *memory)
{
    tq__json_copy(&line->id, memory->session, sizeof(memory->session));
    tq__json_copy(&line->cwd, reader->texts.project, sizeof(reader->texts.project));
}

static void read_model(const struct line *line, struct memory *memory)
{
    tq__json_copy(&line->model_id, memory->model, sizeof(memory->model));
    tq__json_copy(&line->provider, memory->vendor, sizeof(memory->vendor));
}

static int read_line(struct tq_log_reader *reader, struct line *line, struct memory *memory,
                     struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__span type = line->type.text;

    if (tq__span_equals(type, "session"))
        read_session(reader, line, memory);
    else if (tq__span_equals(type, "model_change") ||
             (tq__span_equals(type, "custom") && tq__span_equals(line->custom_type.text, "model-snapshot")))
        read_model(line, memory);
    else if (tq__span_equals(type, "message") && line->message.usage.is_there &&
             tq__span_equals(line->message.role.text, "assistant") && !is_codex(&line->message))
        return give(reader, line, &line->message, memory, entry, error);
    else if (tq__span_equals(type, "model_usage") && line->own.usage.is_there) {
        line->own.provider = line->provider;
        return give(reader, line, &line->own, memory, entry, error);
    }
    return TQ__LOG_NOTHING;
}

int tq__log_pi_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                    struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct line line = {0};
    struct memory memory;
    int answer;

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, line_members, &line))
        return tq__log_fail_json(error, piece->line);
    memcpy(&memory, reader->memory.own, sizeof(memory));
    /* It may come from a damaged file. */
    memory.session[sizeof(memory.session) - 1] = memory.model[sizeof(memory.model) - 1] = '\0';
    memory.vendor[sizeof(memory.vendor) - 1] = '\0';
    answer = read_line(reader, &line, &memory, entry, error);
    reader->knows_head = true; /* only the first line has it */
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return answer;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void recall(const struct named *named, uint32_t session, struct memory *memory)
{
    if (named->session != session)
        return;
    memcpy(memory->model, named->model, sizeof(named->model) - 1); /* it may come from a damaged file */
    memcpy(memory->vendor, named->vendor, sizeof(named->vendor) - 1);
}

static void remember(struct named *named, uint32_t session, const struct memory *memory)
{
    if (!*memory->model && !*memory->vendor)
        return;
    named->session = session;
    tq__log_copy_span(tq__span_of(memory->model), named->model, sizeof(named->model));
    tq__log_copy_span(tq__span_of(memory->vendor), named->vendor, sizeof(named->vendor));
}

static uint32_t hash_of(struct tq__span text)
{
    struct tq__log_hash hash = tq__log_hash_begin(0, "session");

    tq__log_hash_text(&hash, text);
    return (uint32_t)tq__log_hash_end(hash);
}

/* Rows of many sessions stand between each other. So their session is that of the row, and their folder that
 * of the session's first row. */
static int read_row(struct tq_log_reader *reader, const struct tq__log_row *row, struct tq_log_entry *entry,
                    struct tq_log_error *error)
{
    const struct tq__json_item *column = row->column;
    struct tq__span text = tq__log_either(&column[EVENT], &column[PACKED_EVENT])->text;
    uint32_t session = hash_of(column[SESSION].text);
    struct line line = {0}, head = {0};
    struct memory memory = {0};
    int answer;

    if (!tq__log_pi_matters(text.at, text.len))
        return TQ__LOG_NOTHING;
    if (!tq__log_read_object(text, line_members, &line))
        return tq__log_fail_json(error, entry->line);
    if (line.timestamp.kind == TQ__JSON_NONE && line.message.timestamp.kind == TQ__JSON_NONE)
        line.timestamp = column[CREATED];
    recall(tq__log_table_memory(reader), session, &memory);
    tq__log_copy_span(column[SESSION].text, memory.session, sizeof(memory.session));
    answer = read_line(reader, &line, &memory, entry, error);
    remember(tq__log_table_memory(reader), session, &memory);
    (void)tq__log_read_object(column[HEAD].text, line_members, &head);
    tq__json_copy(&head.cwd, reader->texts.project, sizeof(reader->texts.project));
    return answer;
}

const struct tq__log_query tq__log_openclaw_queries[] = {
    {
        .table = "transcript_events",
        .columns = {[SESSION] = "session_id",
                    [NUMBER] = "seq",
                    [CREATED] = "created_at",
                    [EVENT] = "event_json",
                    [PACKED_EVENT] = "event_zstd",
                    [HEAD] = "(SELECT event_json FROM main.transcript_events AS head WHERE head.session_id = "
                             "transcript_events.session_id ORDER BY head.seq LIMIT 1)"},
        .fixed = 3,
        .packed = 1u << PACKED_EVENT,
        .read = read_row,
    },
    {0},
};
