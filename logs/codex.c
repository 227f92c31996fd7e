/* codex.c: the responses that Codex wrote down, and what it was told of its limits.
 *
 * SPDX-License-Identifier: MIT
 *
 * A rollout is one session: session_meta says whose, turn_context names the model of what follows, and each
 * event token_count has the totals of the session and, in newer versions, what the last response used. Totals
 * that do not move are a repeat; totals that fall are a new start. A session that began as a copy of another
 * has that one's events at its head, all written in one go: they are passed over. docs/logs.md has the rules.
 */
#include "codex.h"

#include <assert.h>
#include <string.h>

#define SOURCE_ID 2
#define BURST_NS INT64_C(1000000000) /* between two events of a copied head; a response takes longer */

#define KNOWS_SESSION 1u /* flags of the memory */
#define KNOWS_TOTAL 2u
#define IS_COPY 4u   /* the session began with another one's events */
#define IS_BEHIND 8u /* ... which are over */

/* What must be known of the lines before. */
struct memory {
    int64_t total[TQ__CODEX_COUNTS];
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

static bool is_name(const struct tq__log_value *value)
{
    return value->kind == TQ__LOG_STRING && value->text.len > 0;
}

/* ---- whose session it is ---- */

/* Did the session begin as a copy of another, or as what another one started? */
static bool is_child(const struct tq__codex_line *line)
{
    struct tq__log_scan scan;
    struct tq__log_text key;
    bool subagent = false;

    tq__log_scan_begin(&scan, line->source.text.text, line->source.text.len);
    if (line->source.kind == TQ__LOG_TREE && tq__log_scan_enter(&scan, '{')) {
        while (tq__log_scan_member(&scan, &key) && tq__log_scan_pass(&scan))
            subagent |= tq__log_text_is(key, "subagent");
    }
    return subagent || is_name(&line->forked) || is_name(&line->parent);
}

/* The first session_meta is the file's own; one of another session behind it was copied with that one's
 * events. */
static void read_session(struct tq_log_reader *reader, const struct tq__codex_line *line, int64_t at_ns,
                         struct memory *memory)
{
    char id[sizeof(memory->session)];

    tq__log_value_text(&line->id, id, sizeof(id));
    if (!reader->knows_head) {
        tq__log_value_text(&line->cwd, reader->texts.project, sizeof(reader->texts.project));
        reader->knows_head = true;
    }
    if (memory->flags & KNOWS_SESSION) {
        if (strcmp(id, memory->session) != 0 && !(memory->flags & IS_BEHIND))
            memory->flags |= IS_COPY;
        return;
    }
    memcpy(memory->session, id, sizeof(id));
    tq__log_value_text(&line->vendor, memory->vendor, sizeof(memory->vendor));
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

/* ---- what an event counts ---- */

/* Has the event totals that are those of the one before? Without totals: is it the same event once more? */
static bool is_repeat(const struct tq__codex_line *line, const struct memory *memory, uint64_t hash)
{
    if (line->total.is_there)
        return memory->flags & KNOWS_TOTAL &&
               memcmp(line->total.count, memory->total, sizeof(memory->total)) == 0;
    return memory->without_totals > 0 && memory->last == hash;
}

static bool has_fallen(const struct tq__codex_counts *total, const struct memory *memory)
{
    for (int i = 0; i < TQ__CODEX_COUNTS; i++) {
        if (memory->flags & KNOWS_TOTAL && total->count[i] < memory->total[i])
            return true;
    }
    return false;
}

/* What the event's totals have grown by; all of them after a fall. */
static struct tq__codex_counts growth(const struct tq__codex_counts *total, const struct memory *memory,
                                      bool fallen)
{
    struct tq__codex_counts grown = *total;

    if (!(memory->flags & KNOWS_TOTAL) || fallen)
        return grown;
    for (int i = 0; i < TQ__CODEX_COUNTS; i++)
        grown.count[i] -= memory->total[i];
    grown.all = 0;
    if (grown.known & TQ_USAGE_TOTAL)
        __builtin_add_overflow(grown.count[TQ__CODEX_INPUT], grown.count[TQ__CODEX_OUTPUT], &grown.all);
    return grown;
}

static void fill_usage(const struct tq__codex_counts *counts, struct tq_usage *usage)
{
    int64_t input = counts->count[TQ__CODEX_INPUT], cached = counts->count[TQ__CODEX_CACHED];
    int64_t written = counts->count[TQ__CODEX_WRITTEN];

    usage->known = counts->known;
    usage->cache_read = cached < input ? cached : input;
    usage->cache_write = written < input - usage->cache_read ? written : input - usage->cache_read;
    usage->input = input - usage->cache_read - usage->cache_write;
    usage->output = counts->count[TQ__CODEX_OUTPUT];
    usage->reasoning = counts->count[TQ__CODEX_REASONING];
    if (usage->reasoning > usage->output)
        usage->reasoning = usage->output;
    usage->total = counts->all;
    usage->counted = tq__log_counted(usage);
}

/* The same in every copy of the rollout: by the totals behind the event, or by its number. */
static uint64_t key_of(const struct tq__codex_line *line, const struct memory *memory,
                       const struct tq__log_piece *piece, uint32_t *flags)
{
    const char *session = memory->session;
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, line->total.is_there ? "totals" : "event");

    if (!*session) {
        *flags |= TQ_LOG_ENTRY_NO_KEY;
        return tq__log_key_of_place(SOURCE_ID, piece);
    }
    tq__log_hash_text(&hash, (struct tq__log_text){session, strlen(session)});
    tq__log_hash_number(&hash, line->total.is_there ? memory->starts : memory->without_totals);
    for (int i = 0; line->total.is_there && i < TQ__CODEX_COUNTS; i++)
        tq__log_hash_number(&hash, (uint64_t)line->total.count[i]);
    return tq__log_hash_end(hash);
}

/* Takes the event into the memory. True when it tells of a response, whose counts are then in *counts. */
static bool count_event(const struct tq__codex_line *line, int64_t at_ns, struct memory *memory,
                        struct tq__codex_counts *counts)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "repeat");
    bool copied = is_copied(memory, at_ns), repeat, fallen;

    if (!line->total.is_there && !line->last.is_there)
        return false;
    tq__log_hash_number(&hash, (uint64_t)at_ns);
    for (int i = 0; i < TQ__CODEX_COUNTS; i++)
        tq__log_hash_number(&hash, (uint64_t)line->last.count[i]);
    repeat = is_repeat(line, memory, tq__log_hash_end(hash));
    fallen = line->total.is_there && has_fallen(&line->total, memory);
    *counts = line->last.is_there ? line->last : growth(&line->total, memory, fallen);
    if (line->total.is_there) {
        memory->starts += fallen;
        memory->flags |= KNOWS_TOTAL;
        memcpy(memory->total, line->total.count, sizeof(memory->total));
    } else if (!repeat) {
        memory->without_totals++;
        memory->last = tq__log_hash_end(hash);
    }
    return !repeat && !copied && (counts->count[TQ__CODEX_INPUT] > 0 || counts->count[TQ__CODEX_OUTPUT] > 0);
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

static int read_event(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct tq__codex_line *line, struct memory *memory, struct tq_log_entry *entry)
{
    struct tq__codex_counts counts;
    bool counted = count_event(line, entry->at_ns, memory, &counts);
    bool copied = memory->flags & IS_COPY && !(memory->flags & IS_BEHIND);

    if (!copied && tq__codex_limits_read(&line->limits, entry->at_ns, &reader->signal)) {
        if (counted)
            reader->signal.flags |= TQ_SIGNAL_SUCCESS;
        entry->signal = &reader->signal;
    }
    if (!counted && !entry->signal)
        return TQ__LOG_NOTHING;
    fill_texts(reader, memory, entry);
    if (counted) {
        fill_usage(&counts, &entry->usage);
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
    struct tq__codex_line line = {0};
    struct tq__log_text stamp;
    struct memory memory;
    int answer = TQ__LOG_NOTHING, fault;

    if (!tq__codex_line_read(piece, &line))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off");
    if (line.faulty.fault != 0)
        return tq__log_fail_value(error, piece->line, line.faulty.name, line.faulty.fault, line.faulty.value);
    stamp = line.timestamp.kind == TQ__LOG_STRING ? line.timestamp.text : (struct tq__log_text){0};
    fault = tq__log_time_stamp(stamp, &entry->at_ns);
    if (fault != 0)
        return tq__log_fail_value(error, piece->line, "timestamp", fault, stamp);
    memcpy(&memory, reader->memory.own, sizeof(memory));
    /* It may come from a damaged file. */
    memory.model[sizeof(memory.model) - 1] = memory.session[sizeof(memory.session) - 1] = '\0';
    memory.vendor[sizeof(memory.vendor) - 1] = '\0';
    if (tq__log_text_is(line.type.text, "session_meta"))
        read_session(reader, &line, entry->at_ns, &memory);
    else if (tq__log_text_is(line.type.text, "turn_context") && is_name(&line.model))
        tq__log_value_text(&line.model, memory.model, sizeof(memory.model));
    else if (tq__log_text_is(line.type.text, "event_msg") && tq__log_text_is(line.kind.text, "token_count"))
        answer = read_event(reader, piece, &line, &memory, entry);
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return answer;
}
