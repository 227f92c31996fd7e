/* qwen.c: reads the chats of Qwen Code.
 *
 * SPDX-License-Identifier: MIT
 *
 * A response is a line {uuid, sessionId, timestamp, type: "assistant", cwd, model, usageMetadata}, whose
 * counts are those of Gemini's API. Lines of type "system" tell of the same responses and are not read.
 * docs/logs.md has the rules.
 */
#include "entry.h"
#include "error.h"
#include "reader.h"

struct line {
    struct tq__json_item type, uuid, session, timestamp, cwd, model;
    struct tq__log_usage usage;
};

static const struct tq__log_member usage_members[] = {
    TQ__LOG_COUNTS(TQ__IN_USAGE_METADATA, struct line, usage),
};

static const struct tq__log_member line_members[] = {
    TQ__LOG_ITEM("type", struct line, type),         TQ__LOG_ITEM("uuid", struct line, uuid),
    TQ__LOG_ITEM("sessionId", struct line, session), TQ__LOG_ITEM("timestamp", struct line, timestamp),
    TQ__LOG_ITEM("cwd", struct line, cwd),           TQ__LOG_ITEM("model", struct line, model),
    TQ__LOG_INSIDE("usageMetadata", usage_members),  TQ__LOG_NO_COUNTS,
};

bool tq__log_qwen_matters(const char *text, size_t len)
{
    return tq__log_has_word(text, len, (const char *const[]){"\"usageMetadata\"", NULL});
}

/* Some builds repeat a uuid in another session. 0: the line has none. */
static uint64_t key_of(const struct line *line, uint32_t source)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "line");

    tq__log_hash_text(&hash, line->session.text);
    tq__log_hash_text(&hash, line->uuid.text);
    return tq__json_is_name(&line->uuid) ? tq__log_hash_end(hash) : 0;
}

int tq__log_qwen_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    struct line line = {0};

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, line_members, &line))
        return tq__log_fail_json(error, piece->line);
    if (!line.usage.is_there || !tq__span_equals(line.type.text, "assistant"))
        return TQ__LOG_NOTHING;
    tq__log_settle_by_total(&line.usage.counts);
    if (tq__log_take_usage(entry, &line.usage, true, false, error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!tq__log_used_any(&entry->usage))
        return TQ__LOG_NOTHING;
    if (tq__log_take_instant(entry, &line.timestamp, false, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    entry->model = tq__log_copy(&line.model, texts->model, sizeof(texts->model));
    entry->session = tq__log_copy(&line.session, texts->session, sizeof(texts->session));
    entry->project = tq__log_copy(&line.cwd, texts->project, sizeof(texts->project));
    tq__log_set_key(entry, key_of(&line, reader->tool->id), reader->tool->id, piece);
    return TQ_LOG_RECORD;
}
