/* copilot_events.c: reads what sessions of GitHub Copilot CLI used from the events of their end.
 *
 * SPDX-License-Identifier: MIT
 *
 * An event of type session.shutdown has the sums of each model. Newer versions add up over all that was
 * resumed, older ones begin anew each time, and a compaction may set the sums back. So an event counts by
 * what its sums grew; where one of them is smaller than before, all of it is new. Versions that keep a store
 * say all requests there, which copilot.c reads: a session that is in the store is left out here.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "entry.h"
#include "error.h"
#include "reader.h"

#define SOURCE_ID 9
#define MODELS_MAX 4 /* of a session; of more, the sums are taken as new */

enum { INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, REASONING, SUMS };

static const enum tq__count counts_of[SUMS] = {TQ__WHOLE_INPUT, TQ__OUTPUT, TQ__READ_WITHIN, TQ__WRITE_WITHIN,
                                               TQ__REASONING};

struct sums {
    uint32_t model; /* a hash; 0: free */
    uint32_t requests;
    int64_t sum[SUMS];
};

struct memory {
    struct sums models[MODELS_MAX];
};

static_assert(sizeof(struct memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

struct event {
    struct tq__json_item type, timestamp, models;
};

struct metric {
    struct tq__log_usage usage;
    struct tq__json_item requests;
};

static const struct tq__log_member usage_members[] = {
    TQ__LOG_COUNTS(TQ__IN_WHOLE_USAGE, struct metric, usage),
};

static const struct tq__log_member request_members[] = {
    TQ__LOG_ITEM("count", struct metric, requests),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member metric_members[] = {
    TQ__LOG_INSIDE("usage", usage_members),
    TQ__LOG_INSIDE("requests", request_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member data_members[] = {
    TQ__LOG_ITEM("modelMetrics", struct event, models),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member event_members[] = {
    TQ__LOG_ITEM("type", struct event, type),
    TQ__LOG_ITEM("timestamp", struct event, timestamp),
    TQ__LOG_INSIDE("data", data_members),
    TQ__LOG_NO_COUNTS,
};

bool tq__log_copilot_events_matters(const char *text, size_t len)
{
    static const char *const words[] = {"\"modelMetrics\"", NULL};

    return tq__log_has_word(text, len, words);
}

/* Is the session in the store, which is beside the folder of all sessions? */
static bool is_in_store(const struct tq_log_reader *reader)
{
    struct tq__span session = tq__log_path_part(reader, 1);
    char *store;
    bool is;

    if (session.len == 0 || asprintf(&store, "%.*s/../../session-store.db",
                                     (int)(session.at + session.len - reader->path), reader->path) < 0)
        return false;
    is = tq__log_table_has(store, "assistant_usage_events", "session_id", session);
    free(store);
    return is;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static uint32_t hash_of(struct tq__span model)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "model");

    tq__log_hash_text(&hash, model);
    return (uint32_t)tq__log_hash_end(hash) | 1;
}

static uint32_t requests_of(const struct metric *metric)
{
    int64_t count;

    if (tq__number_count(tq__log_scalar(&metric->requests), &count) != 0)
        return 1;
    return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

/* Takes off what the last event said, unless a new count has begun. */
static void keep_growth(const struct memory *memory, uint32_t model, struct metric *metric,
                        uint32_t *requests)
{
    struct tq__counts *counts = &metric->usage.counts;
    const struct sums *before = NULL;

    for (unsigned i = 0; i < MODELS_MAX; i++)
        if (memory->models[i].model == model)
            before = &memory->models[i];
    for (unsigned i = 0; before && i < SUMS; i++)
        if (before->sum[i] < 0 || counts->count[counts_of[i]] < before->sum[i])
            before = NULL;
    *requests = requests_of(metric);
    if (!before)
        return;
    for (unsigned i = 0; i < SUMS; i++)
        counts->count[counts_of[i]] -= before->sum[i];
    *requests -= *requests >= before->requests ? before->requests : 0;
}

static void remember(struct memory *memory, uint32_t model, const struct metric *metric)
{
    const struct tq__counts *counts = &metric->usage.counts;
    unsigned slot = 0;

    while (slot < MODELS_MAX && memory->models[slot].model != model && memory->models[slot].model != 0)
        slot++;
    if (slot == MODELS_MAX)
        return;
    memory->models[slot].model = model;
    memory->models[slot].requests = requests_of(metric);
    for (unsigned i = 0; i < SUMS; i++)
        memory->models[slot].sum[i] = counts->count[counts_of[i]];
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Steps to the next model of the event; false: there is none. */
static bool next_metric(struct tq__json *models, struct tq__span *model, struct metric *metric)
{
    struct tq__json_item item;

    while (tq__json_next(models, &item)) {
        *model = item.key;
        *metric = (struct metric){0};
        if (!tq__json_enter(models, '{'))
            continue;
        tq__log_walk(models, metric_members, metric);
        if (metric->usage.is_there)
            return true;
    }
    return false;
}

static void begin_models(struct tq__json *models, struct tq__span text)
{
    tq__json_begin(models, text, TQ__JSON_LAX);
    tq__json_enter_next(models, '{');
}

/* After the last entry of an event: what the next one is compared with. */
static void remember_all(struct memory *memory, struct tq__span text)
{
    struct tq__json models;
    struct metric metric;
    struct tq__span model;

    begin_models(&models, text);
    while (next_metric(&models, &model, &metric))
        remember(memory, hash_of(model), &metric);
}

static int give(struct tq_log_reader *reader, const struct event *event, struct tq__span model,
                struct metric *metric, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    struct tq__json_item name = {.text = model, .kind = TQ__JSON_STRING};
    struct tq__span session = tq__log_path_part(reader, 1);
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "shutdown");

    if (!(metric->usage.counts.known >> TQ__OUTPUT & 1)) { /* of which it is a part */
        metric->usage.counts.known &= ~(1u << TQ__REASONING);
        metric->usage.counts.count[TQ__REASONING] = 0;
    }
    keep_growth((const void *)reader->memory.own, hash_of(model), metric, &entry->usage.requests);
    if (tq__log_take_usage(entry, &metric->usage, true, false, error) != 0 ||
        tq__log_take_instant(entry, &event->timestamp, false, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!tq__log_used_any(&entry->usage))
        return TQ__LOG_NOTHING;
    tq__log_hash_text(&hash, session);
    tq__log_hash_text(&hash, event->timestamp.text);
    tq__log_hash_text(&hash, model);
    entry->key = tq__log_hash_end(hash);
    entry->vendor = "copilot";
    entry->model = tq__log_copy(&name, texts->model, sizeof(texts->model));
    tq__log_copy_span(session, texts->session, sizeof(texts->session));
    entry->session = texts->session;
    return TQ_LOG_RECORD;
}

int tq__log_copilot_events_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__json *models = &reader->lists[0];
    struct event event = {0};
    struct metric metric;
    struct tq__span model;
    int answer;

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, event_members, &event))
        return tq__log_fail_json(error, piece->line);
    if (!tq__span_equals(event.type.text, "session.shutdown") || event.models.kind != TQ__JSON_OBJECT)
        return TQ__LOG_NOTHING;
    if (!reader->begun) {
        if (is_in_store(reader))
            return TQ__LOG_NOTHING;
        begin_models(models, event.models.text);
        reader->begun = true;
    }
    while (next_metric(models, &model, &metric)) {
        answer = give(reader, &event, model, &metric, entry, error);
        if (answer == TQ_LOG_RECORD)
            reader->more = true;
        if (answer != TQ__LOG_NOTHING)
            return answer;
    }
    remember_all((void *)reader->memory.own, event.models.text);
    return TQ__LOG_NOTHING;
}
