/* pi.c: reads the sessions of pi, of the tools made from it, and of OpenClaw.
 *
 * SPDX-License-Identifier: MIT
 *
 * A line is {type, id, parentId, timestamp, ...}. The first one has type "session" and the session's id and
 * folder. A response is a line of type "message" whose message is {role: "assistant", provider, model,
 * responseId, usage}. A fork begins with its parent's lines, unchanged. OpenClaw renames the file of a
 * session that was reset or deleted, and some of its lines say the model only in an earlier line. oh-my-pi
 * has a line of type "model_usage" for what it asks beside the conversation. docs/logs.md has the rules.
 */
#include <assert.h>
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"

/* What must be remembered of the lines before. */
struct memory {
    char session[64];
    char model[96];
    char vendor[48];
};

static_assert(sizeof(struct memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

/* A line, or the message in it. */
struct told {
    struct tq__json_item role, provider, model, response_id, timestamp, cost;
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

static uint64_t key_of(const struct told *told, const struct tq_log_entry *entry, uint32_t source)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "response");

    if (!tq__log_is_unique(&told->response_id))
        return tq__log_key_of_counts(source, entry);
    tq__log_hash_text(&hash, told->response_id.text);
    return tq__log_hash_end(hash);
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
             tq__span_equals(line->message.role.text, "assistant"))
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
