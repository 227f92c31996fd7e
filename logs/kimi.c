/* kimi.c: reads the wire logs of Kimi Code, and of Kimi CLI before it.
 *
 * SPDX-License-Identifier: MIT
 *
 * Kimi Code writes a line {type: "usage.record", model, usage, usageScope, time} for each response; the
 * file's folders have the names of session and agent. Kimi CLI writes {timestamp, message: {type:
 * "StatusUpdate", payload: {message_id, token_usage}}}, for what a subagent did with an event around it.
 * docs/logs.md has the rules.
 */
#include <assert.h>
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"

enum { CLASSES = 4 }; /* input, cache read, cache write, output */

/* The sums of the records so far. */
struct memory {
    int64_t sum[CLASSES];
};

static_assert(sizeof(struct memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

/* What a message of Kimi CLI says, or the event in it. */
struct told {
    struct tq__json_item type, id;
    struct tq__log_usage usage;
};

struct line {
    struct tq__json_item timestamp, time, type, model, scope;
    struct tq__log_usage usage; /* of Kimi Code */
    struct told message;
    struct told event; /* in the message */
};

static const struct tq__log_member counts_members[] = {
    TQ__LOG_COUNTS(TQ__IN_SPLIT_USAGE, struct told, usage),
};

static const struct tq__log_member payload_members[] = {
    TQ__LOG_ITEM("message_id", struct told, id),
    TQ__LOG_INSIDE("token_usage", counts_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member event_members[] = {
    TQ__LOG_ITEM("type", struct told, type),
    TQ__LOG_INSIDE("payload", payload_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member message_payload_members[] = {
    TQ__LOG_ITEM("message_id", struct line, message.id),
    TQ__LOG_OBJECT("token_usage", struct line, message, counts_members),
    TQ__LOG_OBJECT("event", struct line, event, event_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member message_members[] = {
    TQ__LOG_ITEM("type", struct line, message.type),
    TQ__LOG_INSIDE("payload", message_payload_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member usage_members[] = {
    TQ__LOG_COUNTS(TQ__IN_SPLIT_USAGE, struct line, usage),
};

static const struct tq__log_member line_members[] = {
    TQ__LOG_ITEM("type", struct line, type),           TQ__LOG_ITEM("model", struct line, model),
    TQ__LOG_ITEM("usageScope", struct line, scope),    TQ__LOG_ITEM("time", struct line, time),
    TQ__LOG_ITEM("timestamp", struct line, timestamp), TQ__LOG_INSIDE("usage", usage_members),
    TQ__LOG_INSIDE("message", message_members),        TQ__LOG_NO_COUNTS,
};

bool tq__log_kimi_matters(const char *text, size_t len)
{
    return tq__log_has_word(text, len, (const char *const[]){"\"usage.record\"", "\"token_usage\"", NULL});
}

/* Folders are sessions/WORKDIR/SESSION/agents/AGENT, those of older versions sessions/WORKDIR/SESSION. */
static void fill_session(struct tq_log_reader *reader, struct tq_log_entry *entry)
{
    struct tq__log_texts *texts = &reader->texts;
    bool has_agent = tq__span_equals(tq__log_path_part(reader, 2), "agents");

    if (has_agent && !tq__span_equals(tq__log_path_part(reader, 1), "main"))
        entry->flags |= TQ_LOG_ENTRY_SIDECHAIN;
    tq__log_copy_span(tq__log_path_part(reader, has_agent ? 3 : 1), texts->session, sizeof(texts->session));
    entry->session = texts->session;
}

/* "PROVIDER/MODEL", as the user's settings name them. */
static void fill_model(struct tq_log_reader *reader, const struct tq__json_item *name,
                       struct tq_log_entry *entry)
{
    struct tq__log_texts *texts = &reader->texts;
    const char *slash = strchr(tq__log_copy(name, texts->model, sizeof(texts->model)), '/');

    entry->model = texts->model;
    if (!slash || slash == texts->model || !slash[1])
        return;
    tq__log_copy_span((struct tq__span){texts->model, (size_t)(slash - texts->model)}, texts->vendor,
                      sizeof(texts->vendor));
    entry->vendor = tq__log_vendor(texts->vendor);
    entry->model = slash + 1;
}

/* Fills what an entry has of its counts and its instant; 0, TQ__LOG_NOTHING or TQ_LOG_BAD_LINE. */
static int fill(struct tq_log_entry *entry, const struct tq__log_usage *usage,
                const struct tq__json_item *instant, const char *name, struct tq_log_error *error)
{
    if (tq__log_take_usage(entry, usage, !(entry->flags & TQ_LOG_ENTRY_SIDECHAIN), false, error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!tq__log_used_any(&entry->usage))
        return TQ__LOG_NOTHING;
    return tq__log_take_instant(entry, instant, true, name, error);
}

/* A response may be told of several times while it grows; a session's copy repeats it. */
static uint64_t key_of(const struct told *told, const struct tq_log_entry *entry, uint32_t source)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "message");

    if (!tq__json_is_name(&told->id))
        return tq__log_key_of_counts(source, entry);
    tq__log_hash_text(&hash, told->id.text);
    if (!tq__log_is_unique(&told->id))
        tq__log_hash_text(&hash, tq__span_of(entry->session));
    return tq__log_hash_end(hash);
}

static int give_update(struct tq_log_reader *reader, const struct line *line, const struct told *told,
                       struct tq_log_entry *entry, struct tq_log_error *error)
{
    int answer;

    fill_session(reader, entry);
    if (told == &line->event)
        entry->flags |= TQ_LOG_ENTRY_SIDECHAIN;
    answer = fill(entry, &told->usage, &line->timestamp, "timestamp", error);
    if (answer == 0)
        entry->key = key_of(told, entry, reader->tool->id);
    return answer;
}

/* Adds a record to the sums of its file; false when it is these sums. */
static bool add_up(struct tq_log_reader *reader, const struct line *line, const struct tq_usage *usage)
{
    const int64_t count[CLASSES] = {usage->input, usage->cache_read, usage->cache_write, usage->output};
    struct memory memory;

    memcpy(&memory, reader->memory.own, sizeof(memory));
    if (tq__span_equals(line->scope.text, "session") && memcmp(memory.sum, count, sizeof(count)) == 0)
        return false;
    for (int i = 0; i < CLASSES; i++)
        memory.sum[i] = tq__add_saturated(memory.sum[i], count[i]);
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return true;
}

static int give_record(struct tq_log_reader *reader, const struct line *line, struct tq_log_entry *entry,
                       struct tq_log_error *error)
{
    int answer;

    fill_session(reader, entry);
    fill_model(reader, &line->model, entry);
    answer = fill(entry, &line->usage, &line->time, "time", error);
    if (answer != 0)
        return answer;
    if (!add_up(reader, line, &entry->usage))
        return TQ__LOG_NOTHING;
    entry->key = tq__log_key_of_counts(reader->tool->id, entry);
    return TQ_LOG_RECORD;
}

int tq__log_kimi_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct line line = {0};

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, line_members, &line))
        return tq__log_fail_json(error, piece->line);
    if (line.usage.is_there && tq__span_equals(line.type.text, "usage.record"))
        return give_record(reader, &line, entry, error);
    if (line.message.usage.is_there && tq__span_equals(line.message.type.text, "StatusUpdate"))
        return give_update(reader, &line, &line.message, entry, error);
    if (line.event.usage.is_there && tq__span_equals(line.event.type.text, "StatusUpdate"))
        return give_update(reader, &line, &line.event, entry, error);
    return TQ__LOG_NOTHING;
}
