/* gemini.c: the responses that Gemini CLI wrote down, in its chats and in its telemetry.
 *
 * SPDX-License-Identifier: MIT
 *
 * A chat is one document with an array of messages, written anew as it grows, or, in newer versions, an
 * object a line. Telemetry is records one after the other, over many lines each. A call is in it as an event,
 * as an operation and in counters; the event gemini_cli.api_response is read. docs/logs.md has the
 * rules. */
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
    struct tq__json_item id, timestamp, type, model, session, messages;
    struct tq__json_item event, prompt_id; /* of telemetry */
    struct tq__counts counts;
    struct tq__usage_fault fault;
    bool has_counts;
};

bool tq__log_gemini_matters(const char *text, size_t len)
{
    static const char *const words[] = {"\"tokens\"", "\"projectHash\"", "\"" API_RESPONSE "\""};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (memmem(text, len, words[i], strlen(words[i])))
            return true;
    }
    return false;
}

/* ---- the walk over an object ----------------------------------------------------------------- */

static void read_tokens(struct tq__json *json, struct object *object)
{
    struct tq__json_item item;

    object->has_counts = true;
    while (tq__json_next(json, &item))
        tq__usage_take(&object->counts, TQ__IN_CHAT, json, &item, &object->fault);
}

static void read_attributes(struct tq__json *json, struct object *object)
{
    const struct tq__json_wanted wanted[] = {{"event.name", &object->event},
                                             {"event.timestamp", &object->timestamp},
                                             {"session.id", &object->session},
                                             {"prompt_id", &object->prompt_id},
                                             {"model", &object->model}};
    struct tq__json_item item;

    while (tq__json_next(json, &item)) {
        if (!tq__json_take(json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])))
            tq__usage_take(&object->counts, TQ__IN_CHAT, json, &item, &object->fault);
    }
    object->has_counts = tq__span_equals(object->event.text, API_RESPONSE);
}

/* Takes the messages of a chat: of a document, or of a line "$set", which changes members of its chat. */
static void take_messages(struct tq__json *json, struct tq__json_item *item, struct object *object)
{
    if (item->kind == TQ__JSON_ARRAY && tq__json_pass(json, item))
        object->messages = *item;
}

/* Walks over the object that was entered. */
static void read_object(struct tq__json *json, struct object *object)
{
    const struct tq__json_wanted wanted[] = {{"id", &object->id},
                                             {"timestamp", &object->timestamp},
                                             {"type", &object->type},
                                             {"model", &object->model},
                                             {"sessionId", &object->session}};
    struct tq__json_item item;

    while (tq__json_next(json, &item)) {
        if (tq__json_take(json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])))
            continue;
        if (tq__span_equals(item.key, "messages"))
            take_messages(json, &item, object);
        else if (tq__span_equals(item.key, "tokens") && tq__json_enter(json, '{'))
            read_tokens(json, object);
        else if (tq__span_equals(item.key, "attributes") && tq__json_enter(json, '{'))
            read_attributes(json, object);
        else if (tq__span_equals(item.key, "$set") && tq__json_enter(json, '{'))
            while (tq__json_next(json, &item))
                if (tq__span_equals(item.key, "messages"))
                    take_messages(json, &item, object);
    }
}

/* ---- what an object tells -------------------------------------------------------------------- */

/* The vendor's prompt has the cached tokens in it, and its output has no thoughts in it. Some versions took
 * the cached ones out already, or put the thoughts in: the total tells. Makes such counts what the vendor's
 * are. */
static void settle(struct tq__counts *counts)
{
    int64_t *count = counts->count, cached = count[TQ__READ_WITHIN], thoughts = count[TQ__THOUGHTS];
    int64_t sum = tq__add_saturated(tq__add_saturated(count[TQ__WHOLE_INPUT], count[TQ__VISIBLE_OUTPUT]),
                                    count[TQ__TOOL_INPUT]);

    if (!(counts->known >> TQ__TOTAL & 1))
        return;
    if (thoughts > 0 && thoughts <= count[TQ__VISIBLE_OUTPUT] && count[TQ__TOTAL] == sum)
        count[TQ__VISIBLE_OUTPUT] -= thoughts;
    else if (cached > 0 && count[TQ__TOTAL] == tq__add_saturated(tq__add_saturated(sum, thoughts), cached))
        count[TQ__WHOLE_INPUT] = tq__add_saturated(count[TQ__WHOLE_INPUT], cached);
}

static uint64_t key_of(const struct object *object, const struct tq__log_piece *piece, uint32_t *flags)
{
    const int64_t *count = object->counts.count;
    struct tq__log_hash hash;

    if (object->event.kind == TQ__JSON_STRING) {
        hash = tq__log_hash_begin(SOURCE_ID, "event");
        tq__log_hash_text(&hash, object->session.text);
        tq__log_hash_text(&hash, object->prompt_id.text);
        tq__log_hash_text(&hash, object->timestamp.text);
        tq__log_hash_text(&hash, object->model.text);
        tq__log_hash_number(&hash, (uint64_t)count[TQ__WHOLE_INPUT]);
        tq__log_hash_number(&hash, (uint64_t)count[TQ__VISIBLE_OUTPUT]);
        return tq__log_hash_end(hash);
    }
    if (object->id.text.len == 0) {
        *flags |= TQ_LOG_ENTRY_NO_KEY;
        return tq__log_key_of_place(SOURCE_ID, piece);
    }
    hash = tq__log_hash_begin(SOURCE_ID, "message");
    tq__log_hash_text(&hash, object->id.text);
    return tq__log_hash_end(hash);
}

static int give(struct tq_log_reader *reader, struct object *object, const struct tq__log_piece *piece,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;

    if (object->fault.why != 0)
        return tq__log_fail_count(error, piece->line, &object->fault);
    if (tq__log_take_instant(entry, &object->timestamp, false, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    tq__json_copy(&object->model, texts->model, sizeof(texts->model));
    entry->vendor = "google";
    entry->model = texts->model;
    memcpy(texts->session, reader->memory.own, SESSION_BYTES);
    texts->session[SESSION_BYTES - 1] = '\0'; /* it may come from a damaged file */
    entry->session = texts->session;
    entry->key = key_of(object, piece, &entry->flags);
    settle(&object->counts);
    tq__log_fill_usage(&object->counts, &entry->usage);
    entry->rank = tq__log_rank(&entry->usage, true, false);
    return TQ_LOG_RECORD;
}

static bool tells_of_usage(const struct object *object)
{
    return object->has_counts &&
           (object->event.kind == TQ__JSON_STRING || tq__span_equals(object->type.text, "gemini"));
}

/* The next message of a chat that tells of usage. The chat as a whole is known to be sound. */
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
        read_object(messages, &object);
        if (!tells_of_usage(&object))
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
    char *session = (char *)reader->memory.own; /* of a chat whose lines do not repeat it */
    struct object object = {0};
    struct tq__json json;

    if (reader->begun)
        return give_next(reader, piece, entry, error);
    tq__json_begin(&json, (struct tq__span){piece->text, piece->len}, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '{'))
        return TQ__LOG_NOTHING;
    read_object(&json, &object);
    if (!tq__json_done(&json))
        return tq__log_fail_json(error, piece->line);
    if (object.session.kind == TQ__JSON_STRING)
        tq__json_copy(&object.session, session, SESSION_BYTES);
    if (object.messages.kind == TQ__JSON_ARRAY) {
        tq__log_enter_list(&reader->lists[0], &object.messages);
        reader->begun = true;
        return give_next(reader, piece, entry, error);
    }
    return tells_of_usage(&object) ? give(reader, &object, piece, entry, error) : TQ__LOG_NOTHING;
}
