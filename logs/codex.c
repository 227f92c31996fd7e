/* codex.c: the responses that Codex wrote down, and what it was told of its limits.
 *
 * SPDX-License-Identifier: MIT
 *
 * A rollout is one session. session_meta says whose it is, turn_context names the model of what follows, and
 * each event token_count has the totals of the session and, in newer versions, what the last response used.
 * Totals that do not move are a repeat; totals that fall are a new start. A session that began as a copy of
 * another has that one's events at its head, all written in one go: they are passed over. docs/logs.md has
 * the rules.
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

/* What must be known of the lines before. */
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

/* Counts of an event: of the last response, or of the session so far. */
struct counts {
    struct tq__counts of;
    bool is_there;
};

struct line {
    struct tq__json_item timestamp, type;
    struct tq__json_item kind, id, cwd, model, vendor, forked, parent, source, limits; /* of its payload */
    struct counts total, last;
    struct tq__usage_fault fault;
};

/* ---- which lines ----------------------------------------------------------------------------- */

/* Does text begin with this word, here? Goes behind it. */
static bool begins(const char **at, const char *end, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(end - *at) < len || memcmp(*at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

/* Codex begins its lines with {"timestamp":"...","type":"...","payload":{"type":"...", so that a few bytes
 * are enough to judge most of them, however long they are. 1: the line matters; 0: it does not; -1: it does
 * not begin so. */
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
    static const char *const words[] = {"\"token_count\"", "\"turn_context\"", "\"session_meta\""};
    int judged = judge_head(text, text + len);

    for (size_t i = 0; judged < 0 && i < sizeof(words) / sizeof(words[0]); i++) {
        if (memmem(text, len, words[i], strlen(words[i])))
            return true;
    }
    return judged > 0;
}

/* ---- the walk over a line -------------------------------------------------------------------- */

static void read_counts(struct tq__json *json, struct line *line, struct counts *counts)
{
    struct tq__json_item item;

    counts->is_there = true;
    while (tq__json_next(json, &item))
        tq__usage_take(&counts->of, TQ__IN_ROLLOUT, json, &item, &line->fault);
}

static void read_info(struct tq__json *json, struct line *line)
{
    struct tq__json_item item;

    while (tq__json_next(json, &item)) {
        if (tq__span_equals(item.key, "total_token_usage") && tq__json_enter(json, '{'))
            read_counts(json, line, &line->total);
        else if (tq__span_equals(item.key, "last_token_usage") && tq__json_enter(json, '{'))
            read_counts(json, line, &line->last);
    }
}

static void read_payload(struct tq__json *json, struct line *line)
{
    const struct tq__json_wanted wanted[] = {{"type", &line->kind},
                                             {"id", &line->id},
                                             {"cwd", &line->cwd},
                                             {"model", &line->model},
                                             {"model_provider", &line->vendor},
                                             {"forked_from_id", &line->forked},
                                             {"parent_thread_id", &line->parent},
                                             {"source", &line->source},
                                             {"rate_limits", &line->limits}};
    struct tq__json_item item;

    while (tq__json_next(json, &item)) {
        if (tq__json_take(json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])))
            continue;
        if (tq__span_equals(item.key, "info") && tq__json_enter(json, '{'))
            read_info(json, line);
    }
}

/* False when it is not JSON. */
static bool read_line(const struct tq__log_piece *piece, struct line *line)
{
    const struct tq__json_wanted wanted[] = {{"timestamp", &line->timestamp}, {"type", &line->type}};
    struct tq__json_item item;
    struct tq__json json;

    tq__json_begin(&json, (struct tq__span){piece->text, piece->len}, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '{'))
        return false;
    while (tq__json_next(&json, &item)) {
        if (tq__json_take(&json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])))
            continue;
        if (tq__span_equals(item.key, "payload") && tq__json_enter(&json, '{'))
            read_payload(&json, line);
    }
    return tq__json_done(&json);
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

/* The first session_meta is the file's own; one of another session behind it was copied with that one's
 * events. */
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

/* Is the event one of the copied head? A copy is written at once, whatever its events say; some versions left
 * them their instants, which are before the session's begin. */
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

static bool has_fallen(const int64_t total[TOTALS], const struct memory *memory)
{
    for (int i = 0; i < TOTALS; i++) {
        if (memory->flags & KNOWS_TOTAL && total[i] < memory->total[i])
            return true;
    }
    return false;
}

/* By how much the event's totals have grown; all of them after a fall. */
static struct counts growth(const struct counts *total, const struct memory *memory, bool fallen)
{
    struct counts grown = *total;
    int64_t *count = grown.of.count;

    if (!(memory->flags & KNOWS_TOTAL) || fallen)
        return grown;
    for (int i = 0; i < TOTALS; i++)
        count[totals[i]] -= memory->total[i];
    if (grown.of.known >> TQ__TOTAL & 1)
        count[TQ__TOTAL] = tq__add_saturated(count[TQ__WHOLE_INPUT], count[TQ__OUTPUT]);
    return grown;
}

/* The key is the same in every copy of the rollout: of the totals behind the event, or of its number. */
static uint64_t key_of(const struct line *line, const struct memory *memory,
                       const struct tq__log_piece *piece, uint32_t *flags)
{
    const char *session = memory->session;
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, line->total.is_there ? "totals" : "event");

    if (!*session) {
        *flags |= TQ_LOG_ENTRY_NO_KEY;
        return tq__log_key_of_place(SOURCE_ID, piece);
    }
    tq__log_hash_text(&hash, tq__span_of(session));
    tq__log_hash_number(&hash, line->total.is_there ? memory->starts : memory->without_totals);
    for (int i = 0; line->total.is_there && i < TOTALS; i++)
        tq__log_hash_number(&hash, (uint64_t)line->total.of.count[totals[i]]);
    return tq__log_hash_end(hash);
}

/* Takes an event with the totals of the session into the memory, and fills counts with what the response
 * used. False when it is a repeat: the totals are those of the event before. */
static bool count_totals(const struct line *line, struct memory *memory, struct counts *counts)
{
    int64_t total[TOTALS];
    bool repeat, fallen;

    for (int i = 0; i < TOTALS; i++)
        total[i] = line->total.of.count[totals[i]];
    repeat = memory->flags & KNOWS_TOTAL && memcmp(total, memory->total, sizeof(total)) == 0;
    fallen = has_fallen(total, memory);
    *counts = line->last.is_there ? line->last : growth(&line->total, memory, fallen);
    memory->starts += fallen;
    memory->flags |= KNOWS_TOTAL;
    memcpy(memory->total, total, sizeof(total));
    return !repeat;
}

/* Takes an event without totals. False when it is a repeat: it has the instant and the counts of the one
 * before. */
static bool count_alone(const struct line *line, int64_t at_ns, struct memory *memory, struct counts *counts)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "repeat");

    tq__log_hash_number(&hash, (uint64_t)at_ns);
    for (int i = 0; i < TOTALS; i++)
        tq__log_hash_number(&hash, (uint64_t)line->last.of.count[totals[i]]);
    *counts = line->last;
    if (memory->without_totals > 0 && memory->last == tq__log_hash_end(hash))
        return false;
    memory->without_totals++;
    memory->last = tq__log_hash_end(hash);
    return true;
}

/* Takes the event into the memory. True when it tells of a response, whose counts are then in *counts. */
static bool count_event(const struct line *line, int64_t at_ns, struct memory *memory, struct counts *counts)
{
    bool copied = is_copied(memory, at_ns), anew = false;

    if (line->total.is_there)
        anew = count_totals(line, memory, counts);
    else if (line->last.is_there)
        anew = count_alone(line, at_ns, memory, counts);
    return anew && !copied && (counts->of.count[TQ__WHOLE_INPUT] > 0 || counts->of.count[TQ__OUTPUT] > 0);
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

/* What the line says of the account's limits, as a signal; false when it says nothing. */
static bool read_limits(struct tq_log_reader *reader, const struct line *line, int64_t at_ns)
{
    struct tq__span limits = line->limits.text;

    reader->signal = (struct tq_quota_signal){.size = sizeof(reader->signal)};
    return line->limits.kind == TQ__JSON_OBJECT &&
           tq_signal_read_limits(tq_profile_find("codex", 5), limits.at, limits.len, at_ns,
                                 &reader->signal) == 0;
}

static int read_event(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct line *line, struct memory *memory, struct tq_log_entry *entry)
{
    struct counts counts;
    bool counted = count_event(line, entry->at_ns, memory, &counts);
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
        tq__log_fill_usage(&counts.of, &entry->usage);
        entry->key = key_of(line, memory, piece, &entry->flags);
        entry->rank = tq__log_rank(&entry->usage, true, false);
    } else {
        entry->usage.requests = 0;
        entry->key = tq__log_key_of_place(SOURCE_ID, piece);
    }
    return TQ_LOG_RECORD;
}

int tq__log_codex_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                       struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct line line = {0};
    struct memory memory;
    int answer = TQ__LOG_NOTHING;

    if (!read_line(piece, &line))
        return tq__log_fail_json(error, piece->line);
    if (line.fault.why != 0)
        return tq__log_fail_count(error, piece->line, &line.fault);
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
        answer = read_event(reader, piece, &line, &memory, entry);
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return answer;
}
