/* gemini.c: reads the chats and the telemetry of Gemini CLI.
 *
 * SPDX-License-Identifier: MIT
 *
 * Older versions write a chat as one document with an array of messages, and rewrite the file as it grows.
 * Newer versions write one object a line. Telemetry is a sequence of records of many lines each. It has each
 * call as an event, as an operation and in counters; only the event gemini_cli.api_response is read.
 * docs/logs.md has the rules. */
#include <assert.h>
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"

#define SOURCE_ID 3
#define SESSION_BYTES 128
#define API_RESPONSE "gemini_cli.api_response"

static_assert(SESSION_BYTES <= TQ__LOG_MEMORY_BYTES, "memory of a state");
static_assert(SESSION_BYTES <= sizeof(((struct tq__log_texts *)0)->session), "a session's name");

/* An object: a message, a chat, or a record of telemetry. */
struct object {
    struct tq__json_item id, timestamp, type, model, session;
    struct tq__json_item messages; /* of a chat, or of a line "$set", which changes members of its chat */
    struct tq__json_item event, prompt_id; /* of telemetry */
    struct tq__log_usage tokens;           /* there: of a message */
    struct tq__log_usage attributes;       /* there: of telemetry */
};

static const struct tq__log_member token_members[] = {
    TQ__LOG_COUNTS(TQ__IN_CHAT, struct object, tokens),
};

static const struct tq__log_member attribute_members[] = {
    TQ__LOG_ITEM("event.name", struct object, event),
    TQ__LOG_ITEM("event.timestamp", struct object, timestamp),
    TQ__LOG_ITEM("session.id", struct object, session),
    TQ__LOG_ITEM("prompt_id", struct object, prompt_id),
    TQ__LOG_ITEM("model", struct object, model),
    TQ__LOG_COUNTS(TQ__IN_CHAT, struct object, attributes),
};

static const struct tq__log_member set_members[] = {
    TQ__LOG_ITEM("messages", struct object, messages),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member object_members[] = {
    TQ__LOG_ITEM("id", struct object, id),
    TQ__LOG_ITEM("timestamp", struct object, timestamp),
    TQ__LOG_ITEM("type", struct object, type),
    TQ__LOG_ITEM("model", struct object, model),
    TQ__LOG_ITEM("sessionId", struct object, session),
    TQ__LOG_ITEM("messages", struct object, messages),
    TQ__LOG_INSIDE("tokens", token_members),
    TQ__LOG_INSIDE("attributes", attribute_members),
    TQ__LOG_INSIDE("$set", set_members),
    TQ__LOG_NO_COUNTS,
};

bool tq__log_gemini_matters(const char *text, size_t len)
{
    static const char *const words[] = {"\"tokens\"", "\"projectHash\"", "\"" API_RESPONSE "\"", NULL};

    return tq__log_has_word(text, len, words);
}

/* ---- what an object says -------------------------------------------------------------------- */

/* 0: the object has no id. */
static uint64_t key_of(const struct object *object)
{
    const int64_t *count = object->attributes.counts.count;
    bool is_event = object->event.kind == TQ__JSON_STRING;
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, is_event ? "event" : "message");

    if (!is_event) {
        tq__log_hash_text(&hash, object->id.text);
        return object->id.text.len > 0 ? tq__log_hash_end(hash) : 0;
    }
    tq__log_hash_text(&hash, object->session.text);
    tq__log_hash_text(&hash, object->prompt_id.text);
    tq__log_hash_text(&hash, object->timestamp.text);
    tq__log_hash_text(&hash, object->model.text);
    tq__log_hash_number(&hash, (uint64_t)count[TQ__WHOLE_INPUT]);
    tq__log_hash_number(&hash, (uint64_t)count[TQ__VISIBLE_OUTPUT]);
    return tq__log_hash_end(hash);
}

/* The counts of a response; NULL when the object is not one. */
static struct tq__log_usage *usage_of(struct object *object)
{
    if (object->event.kind == TQ__JSON_STRING)
        return tq__span_equals(object->event.text, API_RESPONSE) ? &object->attributes : NULL;
    return object->tokens.is_there && tq__span_equals(object->type.text, "gemini") ? &object->tokens : NULL;
}

static int give(struct tq_log_reader *reader, struct object *object, const struct tq__log_piece *piece,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_usage *usage = usage_of(object);
    struct tq__log_texts *texts = &reader->texts;

    tq__log_set_key(entry, key_of(object), SOURCE_ID, piece);
    tq__log_settle_by_total(&usage->counts);
    if (tq__log_take_usage(entry, usage, true, false, error) != 0 ||
        tq__log_take_instant(entry, &object->timestamp, false, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    entry->vendor = "google";
    entry->model = tq__log_copy(&object->model, texts->model, sizeof(texts->model));
    memcpy(texts->session, reader->memory.own, SESSION_BYTES);
    texts->session[SESSION_BYTES - 1] = '\0'; /* it may come from a damaged file */
    entry->session = texts->session;
    return TQ_LOG_RECORD;
}

/* Gives the next message of a chat that has usage. The chat as a whole was found to be sound JSON. */
static int give_next(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                     struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__json *messages = &reader->lists[0];
    struct tq__json_item item;

    while (tq__json_next(messages, &item)) {
        const char *from = messages->at;
        struct tq__log_piece message;
        struct object object = {0};

        if (!tq__json_enter(messages, '{'))
            continue;
        tq__log_walk(messages, object_members, &object);
        if (!usage_of(&object))
            continue;
        message = tq__log_part(piece, from, messages->at);
        reader->more = true;
        return give(reader, &object, &message, entry, error);
    }
    return TQ__LOG_NOTHING;
}

int tq__log_gemini_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error)
{
    char *session = (char *)reader->memory.own; /* the session of a chat, which its lines do not repeat */
    struct object object = {0};

    if (reader->begun)
        return give_next(reader, piece, entry, error);
    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, object_members, &object))
        return tq__log_fail_json(error, piece->line);
    if (object.session.kind == TQ__JSON_STRING)
        tq__json_copy(&object.session, session, SESSION_BYTES);
    if (object.messages.kind == TQ__JSON_ARRAY) {
        tq__log_enter_list(&reader->lists[0], &object.messages);
        reader->begun = true;
        return give_next(reader, piece, entry, error);
    }
    return usage_of(&object) ? give(reader, &object, piece, entry, error) : TQ__LOG_NOTHING;
}
