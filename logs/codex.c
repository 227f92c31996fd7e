/* codex.c: reads the rollouts of Codex: responses, and the limits that the vendor reported.
 *
 * SPDX-License-Identifier: MIT
 *
 * A rollout is one session. The line session_meta has the session's id, turn_context has the model of the
 * lines that follow, and each event token_count has the totals of the session. Newer versions also write what
 * the last response used. Totals that do not change are a repeat; totals that fall are a new start. A session
 * that began as a copy of another session has the other session's events at its start, all written at once:
 * they are skipped.
 *
 * The newest versions write a line token_usage_record for each response, before its token_count. It has the
 * id of the response, so copies need no guess. What such lines said is taken off the next token_count.
 * docs/logs.md has the rules.
 */
#include "codex.h"

#include <string.h>

#include "error.h"
#include "tokenquota_signals.h"

#define BURST_NS INT64_C(1000000000) /* between two events of a copied head; a response takes longer */

static const struct tq__log_member count_members[] = {
    {NULL, 0, TQ__IN_ROLLOUT, 0, NULL},
};

static const struct tq__log_member info_members[] = {
    TQ__LOG_OBJECT("total_token_usage", struct tq__codex_line, total, count_members),
    TQ__LOG_OBJECT("last_token_usage", struct tq__codex_line, last, count_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member settings_members[] = {
    TQ__LOG_ITEM("model", struct tq__codex_line, model),
    TQ__LOG_ITEM("model_provider_id", struct tq__codex_line, vendor),
    TQ__LOG_NO_COUNTS,
};

/* The members of the most frequent lines come first: type, info, rate_limits. */
static const struct tq__log_member payload_members[] = {
    TQ__LOG_ITEM("type", struct tq__codex_line, kind),
    TQ__LOG_INSIDE("info", info_members),
    TQ__LOG_ITEM("rate_limits", struct tq__codex_line, limits),
    TQ__LOG_ITEM("id", struct tq__codex_line, id),
    TQ__LOG_ITEM("cwd", struct tq__codex_line, cwd),
    TQ__LOG_ITEM("model", struct tq__codex_line, model),
    TQ__LOG_ITEM("model_provider", struct tq__codex_line, vendor),
    TQ__LOG_ITEM("forked_from_id", struct tq__codex_line, forked),
    TQ__LOG_ITEM("parent_thread_id", struct tq__codex_line, parent),
    TQ__LOG_ITEM("source", struct tq__codex_line, source),
    TQ__LOG_ITEM("history_base", struct tq__codex_line, history),
    TQ__LOG_ITEM("history_mode", struct tq__codex_line, mode),
    TQ__LOG_ITEM("response_id", struct tq__codex_line, response),
    TQ__LOG_ITEM("thread_id", struct tq__codex_line, thread),
    TQ__LOG_OBJECT("usage", struct tq__codex_line, last, count_members),
    TQ__LOG_OBJECT("thread_token_usage", struct tq__codex_line, total, count_members),
    TQ__LOG_ITEM("model_provider_id", struct tq__codex_line, vendor),
    TQ__LOG_INSIDE("thread_settings", settings_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member line_members[] = {
    TQ__LOG_ITEM("timestamp", struct tq__codex_line, timestamp),
    TQ__LOG_ITEM("type", struct tq__codex_line, type),
    TQ__LOG_INSIDE("payload", payload_members),
    TQ__LOG_NO_COUNTS,
};

/* ---- which lines ----------------------------------------------------------------------------- */

/* Does the text at *at begin with this word? Moves *at past it. */
static bool begins(const char **at, const char *end, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(end - *at) < len || memcmp(*at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

/* Codex begins its lines with {"timestamp":"...","type":"...","payload":{"type":"...", so that a few bytes
 * are enough to judge most of them, however long they are. 1: the line matters; 0: it does not; -1: the line
 * begins differently. */
static int judge_head(const char *text, const char *end)
{
    const char *at = text, *quote;

    if (!begins(&at, end, "{\"timestamp\":\""))
        return -1;
    quote = memchr(at, '"', (size_t)(end - at));
    if (!quote || memchr(at, '\\', (size_t)(quote - at)))
        return -1;
    at = quote;
    if (!begins(&at, end, "\",\"type\":\""))
        return -1;
    if (!begins(&at, end, "event_msg\"")) {
        if (begins(&at, end, "turn_context\"") || begins(&at, end, "session_meta\"") ||
            begins(&at, end, "token_usage_record\""))
            return 1;
        return memchr(at, '"', (size_t)(end - at)) ? 0 : -1;
    }
    if (!begins(&at, end, ",\"payload\":{\"type\":\""))
        return -1;
    return begins(&at, end, "token_count\"") || begins(&at, end, "thread_settings_applied\"");
}

bool tq__log_codex_matters(const char *text, size_t len)
{
    static const char *const words[] = {
        "\"token_count\"",
        "\"turn_context\"",
        "\"session_meta\"",
        "\"token_usage_record\"",
        "\"thread_settings_applied\"",
        NULL,
    };
    int judged = judge_head(text, text + len);

    return judged < 0 ? tq__log_has_word(text, len, words) : judged > 0;
}

/* ---- whose session it is --------------------------------------------------------------------- */

/* Does the session go on from where another file ended? Such a file has no copy of what came before. */
static bool is_page(const struct tq__codex_line *line)
{
    return line->history.kind == TQ__JSON_OBJECT || tq__span_equals(line->mode.text, "paginated");
}

/* Did the session begin as a copy of another, or as what another one started? */
static bool is_child(const struct tq__codex_line *line)
{
    struct tq__json_item subagent = {0};

    if (line->source.kind == TQ__JSON_OBJECT)
        tq__json_members(line->source.text, (const struct tq__json_wanted[]){{"subagent", &subagent}}, 1);
    return subagent.kind != TQ__JSON_NONE || tq__json_is_name(&line->forked) ||
           tq__json_is_name(&line->parent);
}

/* The first session_meta is that of this file. A later one with another id was copied with the events of the
 * other session. */
static void read_session(struct tq_log_reader *reader, const struct tq__codex_line *line, int64_t at_ns,
                         struct tq__codex_memory *memory)
{
    char id[TQ__CODEX_SESSION_BYTES];

    tq__json_copy(&line->id, id, sizeof(id));
    if (!reader->knows_head) {
        tq__json_copy(&line->cwd, reader->texts.project, sizeof(reader->texts.project));
        memcpy(reader->own_id, id, sizeof(id));
        reader->knows_head = true;
    }
    if (memory->flags & TQ__CODEX_KNOWS_SESSION) {
        if (strcmp(id, reader->own_id) != 0 && !(memory->flags & (TQ__CODEX_IS_BEHIND | TQ__CODEX_IS_PAGE)))
            memory->flags |= TQ__CODEX_IS_COPY;
        return;
    }
    if (!(memory->flags & TQ__CODEX_HAS_RECORDS))
        memcpy(memory->of.session, id, sizeof(id));
    tq__json_copy(&line->vendor, memory->vendor, sizeof(memory->vendor));
    memory->flags |= TQ__CODEX_KNOWS_SESSION;
    if (is_page(line))
        memory->flags |= TQ__CODEX_IS_PAGE;
    else if (is_child(line))
        memory->flags |= TQ__CODEX_IS_COPY;
    memory->copied_at_ns = at_ns;
}

/* What the lines from here on are asked of. */
static void read_settings(const struct tq__codex_line *line, struct tq__codex_memory *memory)
{
    if (tq__json_is_name(&line->model))
        tq__json_copy(&line->model, memory->model, sizeof(memory->model));
    if (tq__json_is_name(&line->vendor))
        tq__json_copy(&line->vendor, memory->vendor, sizeof(memory->vendor));
}

/* Was the event copied from another session? All copied events are written at once. Some versions keep their
 * old timestamps, which are before the start of this session. */
static bool is_copied(struct tq__codex_memory *memory, int64_t at_ns)
{
    int64_t since_ns;

    if (!(memory->flags & TQ__CODEX_IS_COPY) || memory->flags & TQ__CODEX_IS_BEHIND)
        return false;
    if (__builtin_sub_overflow(at_ns, memory->copied_at_ns, &since_ns) || since_ns > BURST_NS) {
        memory->flags |= TQ__CODEX_IS_BEHIND;
        return false;
    }
    if (since_ns > 0)
        memory->copied_at_ns = at_ns;
    return true;
}

/* ---- what a line says ------------------------------------------------------------------------ */

static void fill_texts(struct tq_log_reader *reader, const struct tq__codex_memory *memory,
                       struct tq_log_entry *entry)
{
    struct tq__log_texts *texts = &reader->texts;

    memcpy(texts->model, memory->model, sizeof(memory->model));
    memcpy(texts->session, reader->own_id, sizeof(reader->own_id));
    memcpy(texts->vendor, memory->vendor, sizeof(memory->vendor));
    entry->vendor = *texts->vendor ? texts->vendor : "openai";
    entry->model = texts->model;
    entry->session = texts->session;
    entry->project = texts->project;
}

/* Reads the account's limits from the line, as a signal; false when the line has none. */
static bool read_limits(struct tq_log_reader *reader, const struct tq__codex_line *line, int64_t at_ns)
{
    struct tq__span limits = line->limits.text;

    reader->signal = (struct tq_quota_signal){.size = sizeof(reader->signal)};
    return line->limits.kind == TQ__JSON_OBJECT &&
           tq_signal_read_limits(tq_profile_find("codex", 5), limits.at, limits.len, at_ns,
                                 &reader->signal) == 0;
}

/* Reads what one response used. Earlier versions counted it by the token_count that follows, whose totals
 * are those before and this response. A copy in the file of a fork names the thread of the original, and
 * counts only where the original is not there. */
static int read_record(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                       const struct tq__codex_line *line, struct tq__codex_memory *memory,
                       struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_hash hash = tq__log_hash_begin(TQ__CODEX_SOURCE_ID, "response");
    struct tq__span own = tq__span_of(reader->own_id), thread = line->thread.text;
    bool copied = tq__json_is_name(&line->thread) && own.len > 0 && !tq__span_equals(thread, own.at);

    if (!line->last.is_there)
        return TQ__LOG_NOTHING;
    tq__codex_note_record(line, memory);
    if (!tq__codex_uses(&line->last))
        return TQ__LOG_NOTHING;
    fill_texts(reader, memory, entry);
    if (copied)
        tq__log_copy(&line->thread, reader->texts.session, sizeof(reader->texts.session));
    entry->older_key = tq__codex_older_key(copied ? thread : own, line, memory);
    tq__log_hash_text(&hash, line->response.text);
    tq__log_set_key(entry, tq__json_is_name(&line->response) ? tq__log_hash_end(hash) : 0,
                    TQ__CODEX_SOURCE_ID, piece);
    return tq__log_take_usage(entry, &line->last, !copied, false, error);
}

/* The key of an entry that has nothing to count. */
static uint64_t key_of_limits(const struct tq__log_piece *piece)
{
    struct tq__log_hash hash = tq__log_hash_begin(TQ__CODEX_SOURCE_ID, "limits");

    tq__log_hash_number(&hash, piece->offset);
    return tq__log_hash_end(hash);
}

static int read_event(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct tq__codex_line *line, struct tq__codex_memory *memory,
                      struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_usage used;
    bool recorded = memory->flags & TQ__CODEX_HAS_RECORDS;
    bool copied = is_copied(memory, entry->at_ns), succeeded;
    bool counted = tq__codex_count(reader, line, entry->at_ns, copied, memory, &used, &succeeded);

    if (!copied && read_limits(reader, line, entry->at_ns)) {
        if (succeeded)
            reader->signal.flags |= TQ_SIGNAL_SUCCESS;
        entry->signal = &reader->signal;
    }
    if (!succeeded && !entry->signal)
        return TQ__LOG_NOTHING;
    fill_texts(reader, memory, entry);
    entry->key = key_of_limits(piece);
    if (succeeded) {
        const int64_t *total = line->total.is_there ? memory->total : NULL;

        entry->flags |= recorded ? TQ_LOG_ENTRY_REST : 0;
        tq__log_set_key(entry, tq__codex_key(tq__span_of(reader->own_id), total, memory), TQ__CODEX_SOURCE_ID,
                        piece);
    }
    if (counted)
        return tq__log_take_usage(entry, &used, true, false, error);
    entry->usage.requests = 0;
    return TQ_LOG_RECORD;
}

/* Reads a line whose type matters. */
static int read_typed(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct tq__codex_line *line, struct tq__codex_memory *memory,
                      struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__span type = line->type.text, kind = line->kind.text;

    if (tq__span_equals(type, "event_msg")) {
        if (tq__span_equals(kind, "token_count"))
            return read_event(reader, piece, line, memory, entry, error);
        if (tq__span_equals(kind, "thread_settings_applied"))
            read_settings(line, memory);
    } else if (tq__span_equals(type, "token_usage_record")) {
        return read_record(reader, piece, line, memory, entry, error);
    } else if (tq__span_equals(type, "session_meta")) {
        read_session(reader, line, entry->at_ns, memory);
    } else if (tq__span_equals(type, "turn_context") && tq__json_is_name(&line->model)) {
        tq__json_copy(&line->model, memory->model, sizeof(memory->model));
    }
    return TQ__LOG_NOTHING;
}

int tq__log_codex_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                       struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__codex_line line = {0};
    const struct tq__usage_fault *fault = &line.total.fault;
    struct tq__codex_memory memory;
    int answer;

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, line_members, &line))
        return tq__log_fail_json(error, piece->line);
    if (fault->why == 0)
        fault = &line.last.fault;
    if (fault->why != 0)
        return tq__log_fail_value(error, piece->line, fault->key, fault->why, fault->text);
    if (tq__log_take_instant(entry, &line.timestamp, false, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    memcpy(&memory, reader->memory.own, sizeof(memory));
    memory.model[sizeof(memory.model) - 1] = memory.vendor[sizeof(memory.vendor) - 1] = '\0'; /* if damaged */
    answer = read_typed(reader, piece, &line, &memory, entry, error);
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return answer;
}
