/* cline.c: reads the tasks of Cline, Roo Code, Kilo Code and Zoo Code, and the sessions of Cline CLI.
 *
 * SPDX-License-Identifier: MIT
 *
 * A task is an array of what the user saw (ui_messages.json). A request is one of these messages, and its
 * counts are JSON in its text: {ts, say: "api_req_started", text: "{\"tokensIn\":...}"}. It is there from the
 * start of the request, and its counts grow. A session is a document {sessionId, agent, messages: [{id, role,
 * ts, modelInfo, metrics}]}. Both are written anew with each change. docs/logs.md has the rules.
 */
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"

/* Since then Roo Code and those made from it count the cache as input for every vendor, as they did before
 * for those with OpenAI's protocol. */
#define WHOLE_SINCE_NS INT64_C(1761955200000000000) /* 2025-11-01 */

/* An element of a task, or a message of a session. */
struct message {
    struct tq__json_item ts, say, text;  /* of a task */
    struct tq__json_item id, role;       /* of a session */
    struct tq__json_item model, vendor;  /* of its modelInfo */
    struct tq__json_item protocol, cost; /* beside the counts */
    struct tq__log_usage usage;
    struct tq__json_item session, agent, messages; /* of the document that a session is */
};

static const struct tq__log_member model_members[] = {
    TQ__LOG_ITEM("modelId", struct message, model),
    TQ__LOG_ITEM("id", struct message, model),
    TQ__LOG_ITEM("providerId", struct message, vendor),
    TQ__LOG_ITEM("provider", struct message, vendor),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member metrics_members[] = {
    TQ__LOG_ITEM("cost", struct message, cost),
    TQ__LOG_COUNTS(TQ__IN_WHOLE_USAGE, struct message, usage),
};

static const struct tq__log_member message_members[] = {
    TQ__LOG_ITEM("ts", struct message, ts),
    TQ__LOG_ITEM("say", struct message, say),
    TQ__LOG_ITEM("text", struct message, text),
    TQ__LOG_ITEM("id", struct message, id),
    TQ__LOG_ITEM("role", struct message, role),
    TQ__LOG_ITEM("sessionId", struct message, session),
    TQ__LOG_ITEM("agent", struct message, agent),
    TQ__LOG_ITEM("messages", struct message, messages),
    TQ__LOG_INSIDE("modelInfo", model_members),
    TQ__LOG_INSIDE("metrics", metrics_members),
    TQ__LOG_NO_COUNTS,
};

/* The JSON in the text of a request. */
static const struct tq__log_member request_members[] = {
    TQ__LOG_ITEM("apiProtocol", struct message, protocol),
    TQ__LOG_ITEM("cost", struct message, cost),
    TQ__LOG_COUNTS(TQ__IN_SPLIT_USAGE, struct message, usage),
};

bool tq__log_cline_matters(const char *text, size_t len)
{
    return tq__log_has_word(text, len, (const char *const[]){"\\\"tokensIn\\\"", "\"metrics\"", NULL});
}

/* ---- a task ---------------------------------------------------------------------------------- */

/* Does the message have counts in its text? */
static bool is_request(const struct message *message)
{
    struct tq__span say = message->say.text;

    return message->text.kind == TQ__JSON_STRING &&
           (tq__span_equals(say, "api_req_started") || tq__span_equals(say, "deleted_api_reqs") ||
            tq__span_equals(say, "subagent_usage"));
}

static void move_count(struct tq__counts *counts, enum tq__count from, enum tq__count to)
{
    if (!(counts->known >> from & 1))
        return;
    counts->count[to] = counts->count[from];
    counts->count[from] = 0;
    counts->known = (counts->known & ~(1u << from)) | 1u << to;
}

/* Which part of the input the cache is, of a tool that names the vendor's protocol. */
static void settle(struct message *message, int64_t at_ns)
{
    struct tq__counts *counts = &message->usage.counts;

    if (!tq__json_is_name(&message->protocol) ||
        (tq__span_equals(message->protocol.text, "anthropic") && at_ns < WHOLE_SINCE_NS))
        return;
    move_count(counts, TQ__PLAIN_INPUT, TQ__WHOLE_INPUT);
    move_count(counts, TQ__READ_BESIDE, TQ__READ_WITHIN);
    move_count(counts, TQ__WRITE_BESIDE, TQ__WRITE_WITHIN);
}

/* Reads the JSON in the text of a request. The text of a piece may be changed. */
static bool read_request(const struct tq__log_piece *piece, struct message *message)
{
    char *text = piece->text + (message->text.text.at - piece->text);
    struct tq__span request = tq__json_unescape(message->text.text, text, message->text.text.len);

    return tq__log_read_object(request, request_members, message);
}

/* ---- what a message says --------------------------------------------------------------------- */

static uint64_t key_of(const struct tq_log_reader *reader, const struct message *message,
                       const struct tq_log_entry *entry, const char *kind)
{
    struct tq__log_hash hash = tq__log_hash_begin(reader->tool->id, kind);

    tq__log_hash_text(&hash, tq__span_of(entry->session));
    tq__log_hash_text(&hash, message->id.text);
    tq__log_hash_number(&hash, (uint64_t)entry->at_ns);
    if (entry->flags & TQ_LOG_ENTRY_SIDECHAIN) /* a session's agents count their messages each on its own */
        tq__log_hash_text(&hash, tq__log_path_part(reader, 0));
    return tq__log_hash_end(hash);
}

static int give(struct tq_log_reader *reader, struct message *message, const char *kind,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;

    if (tq__log_take_instant(entry, &message->ts, true, "ts", error) != 0)
        return TQ_LOG_BAD_LINE;
    settle(message, entry->at_ns);
    if (tq__log_take_usage(entry, &message->usage, true, false, error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!tq__log_used_any(&entry->usage))
        return TQ__LOG_NOTHING;
    tq__json_copy(&message->vendor, texts->vendor, sizeof(texts->vendor));
    entry->vendor = tq__log_vendor(texts->vendor);
    entry->model = tq__log_copy(&message->model, texts->model, sizeof(texts->model));
    entry->session = texts->session;
    entry->cost_nano_usd = tq__log_cost(&message->cost);
    entry->key = key_of(reader, message, entry, kind);
    return TQ_LOG_RECORD;
}

/* A request of a task, whose name is that of the file's folder. */
static int give_request(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct message *message, struct tq_log_entry *entry, struct tq_log_error *error)
{
    if (!read_request(piece, message))
        return tq__log_fail_json(error, piece->line);
    if (!tq__counts_any(&message->usage.counts) && message->usage.fault.why == 0)
        return TQ__LOG_NOTHING; /* it has begun, or it failed */
    tq__log_copy_span(tq__log_path_part(reader, 1), reader->texts.session, sizeof(reader->texts.session));
    return give(reader, message, "request", entry, error);
}

/* Gives the next response of a session. The session as a whole was found to be sound JSON. */
static int give_next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__json *messages = &reader->lists[0];
    struct tq__json_item item;

    while (tq__json_next(messages, &item)) {
        struct message message = {0};
        int answer;

        if (!tq__json_enter(messages, '{'))
            continue;
        tq__log_walk(messages, message_members, &message);
        if (!message.usage.is_there || !tq__span_equals(message.role.text, "assistant"))
            continue;
        if (reader->memory.own[0])
            entry->flags |= TQ_LOG_ENTRY_SIDECHAIN;
        answer = give(reader, &message, "message", entry, error);
        if (answer == TQ__LOG_NOTHING)
            continue;
        reader->more = true;
        return answer;
    }
    return TQ__LOG_NOTHING;
}

int tq__log_cline_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                       struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct message message = {0};

    if (reader->begun)
        return give_next(reader, entry, error);
    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, message_members, &message))
        return tq__log_fail_json(error, piece->line);
    if (message.messages.kind != TQ__JSON_ARRAY)
        return is_request(&message) ? give_request(reader, piece, &message, entry, error) : TQ__LOG_NOTHING;
    tq__json_copy(&message.session, reader->texts.session, sizeof(reader->texts.session));
    reader->memory.own[0] = tq__json_is_name(&message.agent) && !tq__span_equals(message.agent.text, "lead");
    tq__log_enter_list(&reader->lists[0], &message.messages);
    reader->begun = true;
    return give_next(reader, entry, error);
}
