/* gemini.c: the responses that Gemini CLI wrote down, in its chats and in its telemetry.
 *
 * SPDX-License-Identifier: MIT
 *
 * A chat is one document with an array of messages, written anew as it grows, or, in newer versions, an
 * object a line. Telemetry is records one after the other, over many lines each; a call is there as an event,
 * as an operation and in counters, of which the event gemini_cli.api_response is read. docs/logs.md has the
 * rules.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "tools.h"

#include <assert.h>
#include <string.h>

#define SOURCE_ID 3
#define SESSION_BYTES 128
#define API_RESPONSE "gemini_cli.api_response"

static_assert(SESSION_BYTES <= TQ__LOG_MEMORY_BYTES, "memory of a state");
static_assert(SESSION_BYTES <= sizeof(((struct tq__log_texts *)0)->session), "a session's name");

/* The counts of a response, as the vendor names them. */
struct counts {
    int64_t prompt, output, cached, thoughts, tool, total;
    uint32_t known;
};

/* An object: a message, a chat, or a record of telemetry. */
struct object {
    struct tq__log_value id, timestamp, type, model, session;
    struct tq__log_value event, prompt_id; /* of telemetry */
    const char *list;                      /* a chat's messages: behind their bracket; NULL: none */
    struct counts counts;
    bool has_counts;
    struct tq__log_faulty faulty;
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

/* ---- the walk over an object ---- */

/* A count by its name in chats or in telemetry; false when it is none. */
static bool take_count(struct tq__log_scan *scan, struct tq__log_text key, struct object *object)
{
    struct counts *counts = &object->counts;
    const struct {
        const char *chat, *telemetry;
        int64_t *count;
        uint32_t bit;
    } members[] = {{"input", "input_token_count", &counts->prompt, TQ_USAGE_INPUT},
                   {"output", "output_token_count", &counts->output, TQ_USAGE_OUTPUT},
                   {"cached", "cached_content_token_count", &counts->cached, TQ_USAGE_CACHE_READ},
                   {"thoughts", "thoughts_token_count", &counts->thoughts, TQ_USAGE_REASONING},
                   {"tool", "tool_token_count", &counts->tool, 0},
                   {"total", "total_token_count", &counts->total, TQ_USAGE_TOTAL}};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (tq__log_text_is(key, members[i].chat) || tq__log_text_is(key, members[i].telemetry)) {
            tq__log_take_count(scan, members[i].chat, members[i].count, &counts->known, members[i].bit,
                               &object->faulty);
            return true;
        }
    }
    return false;
}

static void read_tokens(struct tq__log_scan *scan, struct object *object)
{
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    object->has_counts = true;
    while (tq__log_scan_member(scan, &key)) {
        if (!take_count(scan, key, object))
            tq__log_scan_pass(scan);
    }
}

static void read_attributes(struct tq__log_scan *scan, struct object *object)
{
    const struct tq__log_member members[] = {{"event.name", &object->event},
                                             {"event.timestamp", &object->timestamp},
                                             {"session.id", &object->session},
                                             {"prompt_id", &object->prompt_id},
                                             {"model", &object->model}};
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (!tq__log_take_member(scan, key, members, sizeof(members) / sizeof(members[0])) &&
            !take_count(scan, key, object))
            tq__log_scan_pass(scan);
    }
    object->has_counts = tq__log_text_is(object->event.text, API_RESPONSE);
}

/* Notes where a list of messages begins, and passes over it. */
static void read_list(struct tq__log_scan *scan, struct object *object)
{
    struct tq__log_value list;

    if (tq__log_scan_value(scan, &list) && list.kind == TQ__LOG_TREE && list.text.text[0] == '[')
        object->list = list.text.text + 1;
}

/* The members that a line "$set" changes of its chat. */
static void read_change(struct tq__log_scan *scan, struct object *object)
{
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_text_is(key, "messages"))
            read_list(scan, object);
        else
            tq__log_scan_pass(scan);
    }
}

/* Walks over the object that the scan has stepped into. */
static void read_object(struct tq__log_scan *scan, struct object *object)
{
    const struct tq__log_member members[] = {{"id", &object->id},
                                             {"timestamp", &object->timestamp},
                                             {"type", &object->type},
                                             {"model", &object->model},
                                             {"sessionId", &object->session}};
    struct tq__log_text key;

    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_take_member(scan, key, members, sizeof(members) / sizeof(members[0])))
            continue;
        if (tq__log_text_is(key, "tokens"))
            read_tokens(scan, object);
        else if (tq__log_text_is(key, "messages"))
            read_list(scan, object);
        else if (tq__log_text_is(key, "$set"))
            read_change(scan, object);
        else if (tq__log_text_is(key, "attributes"))
            read_attributes(scan, object);
        else
            tq__log_scan_pass(scan);
    }
}

/* ---- what an object tells ---- */

static int64_t sum(int64_t a, int64_t b)
{
    int64_t both;

    return __builtin_add_overflow(a, b, &both) ? INT64_MAX : both;
}

/* Which counts hold which others, the total tells: the vendor's prompt has what was cached in it, and its
 * output has no thoughts in it; versions that took one off already, or put the other in, have another sum. */
static void fill_usage(const struct counts *counts, struct tq_usage *usage)
{
    int64_t base = sum(sum(counts->prompt, counts->output), counts->tool);
    bool has_total = counts->known & TQ_USAGE_TOTAL;
    bool apart =
        has_total && counts->cached > 0 && counts->total == sum(sum(base, counts->thoughts), counts->cached);
    bool thoughts_inside =
        has_total && counts->thoughts > 0 && counts->thoughts <= counts->output && counts->total == base;
    int64_t cached_inside = apart ? 0 : counts->cached < counts->prompt ? counts->cached : counts->prompt;

    usage->known = counts->known | (counts->tool > 0 ? TQ_USAGE_INPUT : 0) |
                   (counts->thoughts > 0 ? TQ_USAGE_OUTPUT : 0);
    usage->input = sum(counts->prompt - cached_inside, counts->tool);
    usage->cache_read = apart ? counts->cached : cached_inside;
    usage->output = thoughts_inside ? counts->output : sum(counts->output, counts->thoughts);
    usage->reasoning = counts->thoughts;
    usage->total = counts->total;
    usage->counted = tq__log_counted(usage);
}

static uint64_t key_of(const struct object *object, const struct tq__log_piece *piece, uint32_t *flags)
{
    struct tq__log_hash hash;

    if (object->event.kind == TQ__LOG_STRING) {
        const struct counts *counts = &object->counts;

        hash = tq__log_hash_begin(SOURCE_ID, "event");
        tq__log_hash_text(&hash, object->session.text);
        tq__log_hash_text(&hash, object->prompt_id.text);
        tq__log_hash_text(&hash, object->timestamp.text);
        tq__log_hash_text(&hash, object->model.text);
        tq__log_hash_number(&hash, (uint64_t)counts->prompt);
        tq__log_hash_number(&hash, (uint64_t)counts->output);
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

static int give(struct tq_log_reader *reader, const struct object *object, const struct tq__log_piece *piece,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    struct tq__log_text stamp =
        object->timestamp.kind == TQ__LOG_STRING ? object->timestamp.text : (struct tq__log_text){0};
    int fault = tq__log_time_stamp(stamp, &entry->at_ns);

    if (object->faulty.fault != 0)
        return tq__log_fail_value(error, piece->line, object->faulty.name, object->faulty.fault,
                                  object->faulty.value);
    if (fault != 0)
        return tq__log_fail_value(error, piece->line, "timestamp", fault, stamp);
    tq__log_value_text(&object->model, texts->model, sizeof(texts->model));
    entry->vendor = "google";
    entry->model = texts->model;
    memcpy(texts->session, reader->memory.own, SESSION_BYTES);
    texts->session[SESSION_BYTES - 1] = '\0'; /* it may come from a damaged file */
    entry->session = texts->session;
    fill_usage(&object->counts, &entry->usage);
    entry->key = key_of(object, piece, &entry->flags);
    entry->rank = tq__log_rank(&entry->usage, true, false);
    return TQ_LOG_RECORD;
}

static bool tells_of_usage(const struct object *object)
{
    return object->has_counts &&
           (object->event.kind == TQ__LOG_STRING || tq__log_text_is(object->type.text, "gemini"));
}

/* The next message of a chat that tells of usage. The chat as a whole is known to be sound. */
static int give_next(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                     struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_scan scan;

    tq__log_scan_begin(&scan, piece->text + reader->piece_at, piece->len - reader->piece_at);
    scan.first = piece->text[reader->piece_at - 1] == '[';
    while (tq__log_scan_element(&scan)) {
        struct tq__log_piece message = {.text = scan.at, .line = piece->line};
        struct object object = {0};

        message.offset = piece->offset + (uint64_t)(scan.at - piece->text);
        if (!tq__log_scan_enter(&scan, '{')) {
            tq__log_scan_pass(&scan);
            continue;
        }
        read_object(&scan, &object);
        if (!tells_of_usage(&object))
            continue;
        message.len = (size_t)(scan.at - message.text);
        reader->piece_at = (size_t)(scan.at - piece->text);
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
    struct tq__log_scan scan;

    if (reader->piece_at > 0)
        return give_next(reader, piece, entry, error);
    tq__log_scan_begin(&scan, piece->text, piece->len);
    if (!tq__log_scan_enter(&scan, '{'))
        return TQ__LOG_NOTHING;
    read_object(&scan, &object);
    if (!tq__log_scan_done(&scan))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off");
    if (object.session.kind == TQ__LOG_STRING)
        tq__log_value_text(&object.session, session, SESSION_BYTES);
    if (object.list) {
        reader->piece_at = (size_t)(object.list - piece->text);
        return give_next(reader, piece, entry, error);
    }
    return tells_of_usage(&object) ? give(reader, &object, piece, entry, error) : TQ__LOG_NOTHING;
}
