/* codex.c: reads the rollouts of Codex: responses, and the limits that the vendor reported.
 *
 * SPDX-License-Identifier: MIT
 *
 * A rollout is one session. The line session_meta has the session's id, turn_context has the model of the
 * lines that follow, and each event token_count has the totals of the session. Newer versions also write what
 * the last response used. Totals that do not change are a repeat; totals that fall are a new start. A session
 * that began as a copy of another session has the other session's events at its start, all written at once:
 * they are skipped. docs/logs.md has the rules.
 */
#include <assert.h>
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"
#include "tokenquota_signals.h"

#define SOURCE_ID 2
#define BURST_NS INT64_C(1000000000) /* between two events of a copied head; a response takes longer */

#define KNOWS_SESSION 1u /* flags of the memory */
#define KNOWS_TOTAL 2u
#define IS_COPY 4u   /* the session began with another one's events */
#define IS_BEHIND 8u /* ... which are over */

#define TOTALS 5

/* The counts of which the memory keeps the totals, in this order: it is kept on disk. */
static const enum tq__count totals[TOTALS] = {TQ__WHOLE_INPUT, TQ__READ_WITHIN, TQ__WRITE_WITHIN, TQ__OUTPUT,
                                              TQ__REASONING};

/* What must be remembered of the lines before. */
struct memory {
    int64_t total[TOTALS];
    int64_t copied_at_ns;    /* when the last event of the copied head was written */
    uint64_t last;           /* hash of the last event that had no totals */
    uint64_t without_totals; /* how many of those there were */
    uint32_t starts;         /* how often the totals fell */
    uint32_t flags;
    char model[64];
    char session[40]; /* a UUID */
    char vendor[32];
};

static_assert(sizeof(struct memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

struct line {
    struct tq__json_item timestamp, type;
    struct tq__json_item kind, id, cwd, model, vendor, forked, parent, source, limits; /* of its payload */
    struct tq__log_usage total, last; /* counts of the session so far, and of the last response */
};

static const struct tq__log_member count_members[] = {
    {NULL, 0, TQ__IN_ROLLOUT, 0, NULL},
};

static const struct tq__log_member info_members[] = {
    TQ__LOG_OBJECT("total_token_usage", struct line, total, count_members),
    TQ__LOG_OBJECT("last_token_usage", struct line, last, count_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member payload_members[] = {
    TQ__LOG_ITEM("type", struct line, kind),
    TQ__LOG_ITEM("id", struct line, id),
    TQ__LOG_ITEM("cwd", struct line, cwd),
    TQ__LOG_ITEM("model", struct line, model),
    TQ__LOG_ITEM("model_provider", struct line, vendor),
    TQ__LOG_ITEM("forked_from_id", struct line, forked),
    TQ__LOG_ITEM("parent_thread_id", struct line, parent),
    TQ__LOG_ITEM("source", struct line, source),
    TQ__LOG_ITEM("rate_limits", struct line, limits),
    TQ__LOG_INSIDE("info", info_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member line_members[] = {
    TQ__LOG_ITEM("timestamp", struct line, timestamp),
    TQ__LOG_ITEM("type", struct line, type),
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
    if (begins(&at, end, "turn_context\"") || begins(&at, end, "session_meta\""))
        return 1;
    if (!begins(&at, end, "event_msg\""))
        return memchr(at, '"', (size_t)(end - at)) ? 0 : -1;
    if (!begins(&at, end, ",\"payload\":{\"type\":\""))
        return -1;
    return begins(&at, end, "token_count\"");
}

bool tq__log_codex_matters(const char *text, size_t len)
{
    static const char *const words[] = {"\"token_count\"", "\"turn_context\"", "\"session_meta\"", NULL};
    int judged = judge_head(text, text + len);

    return judged < 0 ? tq__log_has_word(text, len, words) : judged > 0;
}

/* ---- whose session it is --------------------------------------------------------------------- */

/* Did the session begin as a copy of another, or as what another one started? */
static bool is_child(const struct line *line)
{
    struct tq__json_item subagent = {0};

    if (line->source.kind == TQ__JSON_OBJECT)
        tq__json_members(line->source.text, (const struct tq__json_wanted[]){{"subagent", &subagent}}, 1);
    return subagent.kind != TQ__JSON_NONE || tq__log_is_name(&line->forked) || tq__log_is_name(&line->parent);
}

/* The first session_meta is that of this file. A later one with another id was copied with the events of the
 * other session. */
static void read_session(struct tq_log_reader *reader, const struct line *line, int64_t at_ns,
                         struct memory *memory)
{
    char id[sizeof(memory->session)];

    tq__json_copy(&line->id, id, sizeof(id));
    if (!reader->knows_head) {
        tq__json_copy(&line->cwd, reader->texts.project, sizeof(reader->texts.project));
        reader->knows_head = true;
    }
    if (memory->flags & KNOWS_SESSION) {
        if (strcmp(id, memory->session) != 0 && !(memory->flags & IS_BEHIND))
            memory->flags |= IS_COPY;
        return;
    }
    memcpy(memory->session, id, sizeof(id));
    tq__json_copy(&line->vendor, memory->vendor, sizeof(memory->vendor));
    memory->flags |= KNOWS_SESSION | (is_child(line) ? IS_COPY : 0);
    memory->copied_at_ns = at_ns;
}

/* Was the event copied from another session? All copied events are written at once. Some versions keep their
 * old timestamps, which are before the start of this session. */
static bool is_copied(struct memory *memory, int64_t at_ns)
{
    int64_t since_ns;

    if (!(memory->flags & IS_COPY) || memory->flags & IS_BEHIND)
        return false;
    if (__builtin_sub_overflow(at_ns, memory->copied_at_ns, &since_ns) || since_ns > BURST_NS) {
        memory->flags |= IS_BEHIND;
        return false;
    }
    if (since_ns > 0)
        memory->copied_at_ns = at_ns;
    return true;
}

/* ---- what an event counts -------------------------------------------------------------------- */

/* Subtracts the totals of the event before. */
static void subtract(struct tq__counts *counts, const struct memory *memory)
{
    int64_t *count = counts->count;

    for (int i = 0; i < TOTALS; i++)
        count[totals[i]] -= memory->total[i];
    if (counts->known >> TQ__TOTAL & 1)
        count[TQ__TOTAL] = tq__add_saturated(count[TQ__WHOLE_INPUT], count[TQ__OUTPUT]);
}

/* The key is made from the totals after the event, or from its number, so every copy of the rollout has the
 * same key. 0: the session has no id. */
static uint64_t key_of(const struct line *line, const struct memory *memory)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, line->total.is_there ? "totals" : "event");

    tq__log_hash_text(&hash, tq__span_of(memory->session));
    tq__log_hash_number(&hash, line->total.is_there ? memory->starts : memory->without_totals);
    for (int i = 0; line->total.is_there && i < TOTALS; i++)
        tq__log_hash_number(&hash, (uint64_t)line->total.counts.count[totals[i]]);
    return *memory->session ? tq__log_hash_end(hash) : 0;
}

/* Takes an event with the totals of the session into the memory, and fills *used with what the response used:
 * the growth of the totals, or, after a fall, the totals themselves. False when the event is a repeat: its
 * totals are those of the event before. */
static bool count_totals(const struct line *line, struct memory *memory, struct tq__log_usage *used)
{
    bool known = memory->flags & KNOWS_TOTAL, fallen = false, moved = !known;
    int64_t total[TOTALS];

    for (int i = 0; i < TOTALS; i++) {
        total[i] = line->total.counts.count[totals[i]];
        fallen |= known && total[i] < memory->total[i];
        moved |= total[i] != memory->total[i];
    }
    *used = line->last.is_there ? line->last : line->total;
    if (!line->last.is_there && known && !fallen)
        subtract(&used->counts, memory);
    memory->starts += fallen;
    memory->flags |= KNOWS_TOTAL;
    memcpy(memory->total, total, sizeof(total));
    return moved;
}

/* Takes an event without totals. False when the event is a repeat: its timestamp and its counts are those of
 * the event before. */
static bool count_alone(const struct line *line, int64_t at_ns, struct memory *memory,
                        struct tq__log_usage *used)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "repeat");

    tq__log_hash_number(&hash, (uint64_t)at_ns);
    for (int i = 0; i < TOTALS; i++)
        tq__log_hash_number(&hash, (uint64_t)line->last.counts.count[totals[i]]);
    *used = line->last;
    if (memory->without_totals > 0 && memory->last == tq__log_hash_end(hash))
        return false;
    memory->without_totals++;
    memory->last = tq__log_hash_end(hash);
    return true;
}

/* Takes the event into the memory. True when it is the event of a response; *used then has its counts. */
static bool count_event(const struct line *line, int64_t at_ns, struct memory *memory,
                        struct tq__log_usage *used)
{
    bool copied = is_copied(memory, at_ns), anew = false;

    if (line->total.is_there)
        anew = count_totals(line, memory, used);
    else if (line->last.is_there)
        anew = count_alone(line, at_ns, memory, used);
    return anew && !copied && (used->counts.count[TQ__WHOLE_INPUT] > 0 || used->counts.count[TQ__OUTPUT] > 0);
}

static void fill_texts(struct tq_log_reader *reader, const struct memory *memory, struct tq_log_entry *entry)
{
    struct tq__log_texts *texts = &reader->texts;

    memcpy(texts->model, memory->model, sizeof(memory->model));
    memcpy(texts->session, memory->session, sizeof(memory->session));
    memcpy(texts->vendor, memory->vendor, sizeof(memory->vendor));
    entry->vendor = *texts->vendor ? texts->vendor : "openai";
    entry->model = texts->model;
    entry->session = texts->session;
    entry->project = texts->project;
}

/* Reads the account's limits from the line, as a signal; false when the line has none. */
static bool read_limits(struct tq_log_reader *reader, const struct line *line, int64_t at_ns)
{
    struct tq__span limits = line->limits.text;

    reader->signal = (struct tq_quota_signal){.size = sizeof(reader->signal)};
    return line->limits.kind == TQ__JSON_OBJECT &&
           tq_signal_read_limits(tq_profile_find("codex", 5), limits.at, limits.len, at_ns,
                                 &reader->signal) == 0;
}

static int read_event(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct line *line, struct memory *memory, struct tq_log_entry *entry,
                      struct tq_log_error *error)
{
    struct tq__log_usage used;
    bool counted = count_event(line, entry->at_ns, memory, &used);
    bool copied = memory->flags & IS_COPY && !(memory->flags & IS_BEHIND);

    if (!copied && read_limits(reader, line, entry->at_ns)) {
        if (counted)
            reader->signal.flags |= TQ_SIGNAL_SUCCESS;
        entry->signal = &reader->signal;
    }
    if (!counted && !entry->signal)
        return TQ__LOG_NOTHING;
    fill_texts(reader, memory, entry);
    if (counted) {
        tq__log_set_key(entry, key_of(line, memory), SOURCE_ID, piece);
        return tq__log_take_usage(entry, &used, true, false, error);
    }
    entry->usage.requests = 0;
    entry->key = tq__log_key_of_place(SOURCE_ID, piece);
    return TQ_LOG_RECORD;
}

int tq__log_codex_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                       struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct line line = {0};
    const struct tq__usage_fault *fault = &line.total.fault;
    struct memory memory;
    int answer = TQ__LOG_NOTHING;

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, line_members, &line))
        return tq__log_fail_json(error, piece->line);
    if (fault->why == 0)
        fault = &line.last.fault;
    if (fault->why != 0)
        return tq__log_fail_value(error, piece->line, fault->key, fault->why, fault->text);
    if (tq__log_take_instant(entry, &line.timestamp, false, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    memcpy(&memory, reader->memory.own, sizeof(memory));
    /* It may come from a damaged file. */
    memory.model[sizeof(memory.model) - 1] = memory.session[sizeof(memory.session) - 1] = '\0';
    memory.vendor[sizeof(memory.vendor) - 1] = '\0';
    if (tq__span_equals(line.type.text, "session_meta"))
        read_session(reader, &line, entry->at_ns, &memory);
    else if (tq__span_equals(line.type.text, "turn_context") && tq__log_is_name(&line.model))
        tq__json_copy(&line.model, memory.model, sizeof(memory.model));
    else if (tq__span_equals(line.type.text, "event_msg") && tq__span_equals(line.kind.text, "token_count"))
        answer = read_event(reader, piece, &line, &memory, entry, error);
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return answer;
}
