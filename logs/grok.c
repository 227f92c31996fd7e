/* grok.c: reads the updates of Grok Build's sessions.
 *
 * SPDX-License-Identifier: MIT
 *
 * A turn ends with a line {timestamp, params: {sessionId, update: {sessionUpdate: "turn_completed",
 * prompt_id, usage: {inputTokens, ..., modelUsage: {MODEL: {inputTokens, ...}}}}}}: what its requests used,
 * one entry for each model. The totals in other lines are sizes of the conversation and are not read.
 * docs/logs.md has the rules.
 */
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"

/* What a turn, or one of its models, used. */
struct used {
    struct tq__json_item ticks; /* the cost, in 1e-10 dollars */
    struct tq__json_item calls_item;
    struct tq__log_usage usage;
};

struct line {
    struct tq__json_item timestamp, agent_at, session;
    struct tq__json_item kind, prompt, models; /* of the update */
    struct used turn;
};

static const struct tq__log_member model_members[] = {
    TQ__LOG_ITEM("costUsdTicks", struct used, ticks),
    TQ__LOG_ITEM("modelCalls", struct used, calls_item),
    TQ__LOG_COUNTS(TQ__IN_WHOLE_USAGE, struct used, usage),
};

static const struct tq__log_member usage_members[] = {
    TQ__LOG_ITEM("modelUsage", struct line, models),
    TQ__LOG_ITEM("costUsdTicks", struct line, turn.ticks),
    TQ__LOG_ITEM("modelCalls", struct line, turn.calls_item),
    TQ__LOG_COUNTS(TQ__IN_WHOLE_USAGE, struct line, turn.usage),
};

static const struct tq__log_member update_members[] = {
    TQ__LOG_ITEM("sessionUpdate", struct line, kind),
    TQ__LOG_ITEM("prompt_id", struct line, prompt),
    TQ__LOG_INSIDE("usage", usage_members),
    TQ__LOG_ITEM("modelUsage", struct line, models),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member meta_members[] = {
    TQ__LOG_ITEM("agentTimestampMs", struct line, agent_at),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member params_members[] = {
    TQ__LOG_ITEM("sessionId", struct line, session),
    TQ__LOG_INSIDE("update", update_members),
    TQ__LOG_INSIDE("_meta", meta_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member line_members[] = {
    TQ__LOG_ITEM("timestamp", struct line, timestamp),
    TQ__LOG_INSIDE("params", params_members),
    TQ__LOG_NO_COUNTS,
};

bool tq__log_grok_matters(const char *text, size_t len)
{
    return tq__log_has_word(text, len, (const char *const[]){"\"turn_completed\"", NULL});
}

/* ---- the models of a turn -------------------------------------------------------------------- */

static bool tells_of_usage(const struct used *used)
{
    const int64_t *count = used->usage.counts.count;

    return used->usage.fault.why != 0 || count[TQ__WHOLE_INPUT] > 0 || count[TQ__OUTPUT] > 0;
}

/* Finds the n-th model that used anything, from 0; false when there are fewer. Sets *more when there are
 * more, and *alone when it is the only one. */
static bool find_model(const struct line *line, uint32_t n, struct tq__json_item *name, struct used *found,
                       bool *more, bool *alone)
{
    struct tq__json_item item;
    struct tq__json json;
    uint32_t count = 0;

    if (line->models.kind != TQ__JSON_OBJECT)
        return false;
    tq__json_begin(&json, line->models.text, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '{'))
        return false;
    while (tq__json_next(&json, &item)) {
        struct used used = {0};
        struct tq__span key = item.key;

        if (!tq__json_enter(&json, '{'))
            continue;
        tq__log_walk(&json, model_members, &used);
        if (!tells_of_usage(&used))
            continue;
        if (count++ != n)
            continue;
        *found = used;
        *name = (struct tq__json_item){.kind = TQ__JSON_STRING, .text = key};
    }
    *more = count > n + 1;
    *alone = count == 1;
    return count > n;
}

/* ---- what a line says ------------------------------------------------------------------------ */

/* 0: the turn has no id. */
static uint64_t key_of(const struct line *line, const struct tq_log_entry *entry, uint32_t source)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "turn");

    tq__log_hash_text(&hash, line->prompt.text);
    if (!tq__log_is_unique(&line->prompt))
        tq__log_hash_text(&hash, tq__span_of(entry->session));
    tq__log_hash_text(&hash, tq__span_of(entry->model));
    return tq__json_is_name(&line->prompt) ? tq__log_hash_end(hash) : tq__log_key_of_counts(source, entry);
}

static void fill_session(struct tq_log_reader *reader, const struct line *line, struct tq_log_entry *entry)
{
    struct tq__log_texts *texts = &reader->texts;

    tq__json_copy(&line->session, texts->session, sizeof(texts->session));
    if (!*texts->session)
        tq__log_copy_span(tq__log_path_part(reader, 1), texts->session, sizeof(texts->session));
    entry->session = texts->session;
}

static int give(struct tq_log_reader *reader, const struct line *line, const struct tq__json_item *model,
                const struct used *used, struct tq_log_entry *entry, struct tq_log_error *error)
{
    bool says_when = line->timestamp.kind != TQ__JSON_NONE;
    int64_t calls = 0;

    if (tq__number_count(tq__log_scalar(&used->calls_item), &calls) == 0 && calls > 0)
        entry->usage.requests = calls > UINT32_MAX ? UINT32_MAX : (uint32_t)calls;
    if (tq__log_take_usage(entry, &used->usage, true, false, error) != 0 ||
        tq__log_take_instant(entry, says_when ? &line->timestamp : &line->agent_at, true, "timestamp",
                             error) != 0)
        return TQ_LOG_BAD_LINE;
    fill_session(reader, line, entry);
    entry->vendor = "xai";
    entry->model = tq__log_copy(model, reader->texts.model, sizeof(reader->texts.model));
    entry->cost_nano_usd = tq__log_cost_of(&used->ticks, -1);
    entry->key = key_of(line, entry, reader->tool->id);
    return TQ_LOG_RECORD;
}

int tq__log_grok_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__json_item model = {0};
    struct line line = {0};
    struct used used;
    bool more = false, alone = false;

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, line_members, &line))
        return tq__log_fail_json(error, piece->line);
    if (!tq__span_equals(line.kind.text, "turn_completed"))
        return TQ__LOG_NOTHING;
    if (find_model(&line, reader->memory.given, &model, &used, &more, &alone)) {
        reader->more = more;
        if (alone && used.ticks.kind == TQ__JSON_NONE)
            used.ticks = line.turn.ticks;
    } else {
        used = line.turn;
    }
    return tells_of_usage(&used) ? give(reader, &line, &model, &used, entry, error) : TQ__LOG_NOTHING;
}
