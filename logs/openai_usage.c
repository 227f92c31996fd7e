/* openai_usage.c: reads the usage of an organization, in pages of OpenAI's usage API.
 *
 * SPDX-License-Identifier: MIT
 *
 * A page is {data: [{start_time, end_time, results: [{input_tokens, ..., model, project_id, ...}]}]}. A
 * bucket without a page is read, too. A result is a sum. The sum of the newest bucket still grows: when it is
 * read again, it has the same key and replaces the sum that was read before. docs/logs.md has the rules.
 */
#include <assert.h>
#include <string.h>

#include "entry.h"
#include "error.h"
#include "reader.h"

#define SOURCE_ID 5
#define GROUPS 7 /* members that distinguish the results of a bucket */

/* The bucket that is being read. A later page does not need it: a page is read from its start. */
struct memory {
    int64_t start_ns;
    int64_t width_ns;
};

static_assert(sizeof(struct memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

struct bucket {
    struct tq__json_item start, end, results, data; /* data: of a page */
};

struct result {
    struct tq__json_item group[GROUPS];
    struct tq__json_item requests_item; /* num_model_requests, and the number */
    int64_t requests;
    struct tq__log_usage usage;
};

static const struct tq__log_member bucket_members[] = {
    TQ__LOG_ITEM("start_time", struct bucket, start),
    TQ__LOG_ITEM("end_time", struct bucket, end),
    TQ__LOG_ITEM("results", struct bucket, results),
    TQ__LOG_ITEM("data", struct bucket, data),
    TQ__LOG_NO_COUNTS,
};

enum { MODEL, PROJECT }; /* the first two of the groups */

static const struct tq__log_member result_members[] = {
    TQ__LOG_ITEM("model", struct result, group[MODEL]),
    TQ__LOG_ITEM("project_id", struct result, group[PROJECT]),
    TQ__LOG_ITEM("object", struct result, group[2]),
    TQ__LOG_ITEM("user_id", struct result, group[3]),
    TQ__LOG_ITEM("api_key_id", struct result, group[4]),
    TQ__LOG_ITEM("batch", struct result, group[5]),
    TQ__LOG_ITEM("service_tier", struct result, group[6]),
    TQ__LOG_ITEM("num_model_requests", struct result, requests_item),
    TQ__LOG_COUNTS(TQ__IN_BUCKET, struct result, usage),
};

enum { BUCKETS, RESULTS }; /* lists */

bool tq__log_openai_usage_matters(const char *text, size_t len)
{
    return tq__log_has_word(text, len, (const char *const[]){"\"input_tokens\"", NULL});
}

/* ---- the walk over a page -------------------------------------------------------------------- */

/* Walks over the result that was given last. */
static void read_result(struct tq__json *json, struct result *result)
{
    const struct tq__json_item *item = &result->requests_item;
    struct tq__usage_fault *fault = &result->usage.fault;
    int why = 0;

    if (tq__json_enter(json, '{'))
        tq__log_walk(json, result_members, result);
    if (item->kind != TQ__JSON_NONE && item->kind != TQ__JSON_NULL)
        why = tq__number_count(tq__log_scalar(item), &result->requests);
    if (why != 0 && fault->why == 0)
        *fault = (struct tq__usage_fault){why, item->key, item->text};
}

/* Steps into the results of a bucket. 0 or TQ_LOG_BAD_LINE. */
static int enter_bucket(struct tq_log_reader *reader, const struct bucket *bucket, struct tq_log_entry *entry,
                        struct tq_log_error *error)
{
    struct memory memory;

    tq__log_enter_list(&reader->lists[RESULTS], &(struct tq__json_item){.kind = TQ__JSON_NONE});
    if (bucket->results.kind != TQ__JSON_ARRAY || bucket->results.text.len <= 2)
        return 0;
    if (tq__log_take_instant(entry, &bucket->start, true, "start_time", error) != 0)
        return TQ_LOG_BAD_LINE;
    memory.start_ns = entry->at_ns;
    if (tq__log_take_instant(entry, &bucket->end, true, "end_time", error) != 0)
        return TQ_LOG_BAD_LINE;
    if (__builtin_sub_overflow(entry->at_ns, memory.start_ns, &memory.width_ns))
        memory.width_ns = 0;
    memcpy(reader->memory.own, &memory, sizeof(memory));
    tq__log_enter_list(&reader->lists[RESULTS], &bucket->results);
    return 0;
}

/* ---- what a result says --------------------------------------------------------------------- */

static uint64_t key_of(const struct result *result, const struct memory *memory)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "bucket");

    tq__log_hash_number(&hash, (uint64_t)memory->start_ns);
    tq__log_hash_number(&hash, (uint64_t)memory->width_ns);
    for (int i = 0; i < GROUPS; i++) {
        const struct tq__json_item *item = &result->group[i];
        bool is_word = item->kind == TQ__JSON_TRUE || item->kind == TQ__JSON_FALSE;

        tq__log_hash_text(&hash, is_word ? item->text : tq__log_scalar(item));
    }
    return tq__log_hash_end(hash);
}

static int give(struct tq_log_reader *reader, const struct result *result, struct tq_log_entry *entry,
                struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    int64_t requests = result->requests < 1 ? 1 : result->requests;
    struct memory memory;

    if (tq__log_take_usage(entry, &result->usage, true, false, error) != 0)
        return TQ_LOG_BAD_LINE;
    memcpy(&memory, reader->memory.own, sizeof(memory));
    entry->vendor = "openai";
    entry->model = tq__log_copy(&result->group[MODEL], texts->model, sizeof(texts->model));
    entry->account = tq__log_copy(&result->group[PROJECT], texts->account, sizeof(texts->account));
    entry->flags = TQ_LOG_ENTRY_BUCKET;
    entry->at_ns = memory.start_ns;
    entry->usage.requests = requests > UINT32_MAX ? UINT32_MAX : (uint32_t)requests;
    entry->key = key_of(result, &memory);
    return TQ_LOG_RECORD;
}

/* Checks the piece as a whole and steps into its list of buckets. A bucket without a page is treated as a
 * list of one. 0 or TQ_LOG_BAD_LINE. */
static int begin(struct tq_log_reader *reader, const struct tq__log_piece *piece, struct tq_log_error *error)
{
    struct tq__span text = {piece->text, piece->len};
    struct bucket page = {0};

    if (!tq__log_read_object(text, bucket_members, &page))
        return tq__log_fail_json(error, piece->line);
    if (page.data.kind == TQ__JSON_ARRAY)
        tq__log_enter_list(&reader->lists[BUCKETS], &page.data);
    else
        tq__json_begin(&reader->lists[BUCKETS], text, TQ__JSON_LAX);
    tq__log_enter_list(&reader->lists[RESULTS], &(struct tq__json_item){.kind = TQ__JSON_NONE});
    reader->begun = true;
    return 0;
}

/* Finds the next result that has usage: TQ_LOG_RECORD, TQ__LOG_NOTHING, TQ_LOG_BAD_LINE. */
static int next_result(struct tq_log_reader *reader, struct result *result, struct tq_log_entry *entry,
                       struct tq_log_error *error)
{
    struct tq__json *buckets = &reader->lists[BUCKETS], *results = &reader->lists[RESULTS];
    struct tq__json_item item;

    do {
        struct bucket bucket = {0};

        while (tq__json_next(results, &item)) {
            *result = (struct result){0};
            read_result(results, result);
            if (!results->failed && (tq__counts_any(&result->usage.counts) || result->usage.fault.why != 0))
                return TQ_LOG_RECORD;
        }
        if (results->failed || !tq__json_next(buckets, &item))
            break;
        if (tq__json_enter(buckets, '{'))
            tq__log_walk(buckets, bucket_members, &bucket);
        if (!buckets->failed && enter_bucket(reader, &bucket, entry, error) != 0) {
            reader->more = true;
            return TQ_LOG_BAD_LINE;
        }
    } while (!buckets->failed);
    return results->failed || buckets->failed ? tq__log_fail_json(error, entry->line) : TQ__LOG_NOTHING;
}

int tq__log_openai_usage_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                              struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct result result = {0};
    int answer = reader->begun ? 0 : begin(reader, piece, error);

    if (answer == 0)
        answer = next_result(reader, &result, entry, error);
    if (answer != TQ_LOG_RECORD)
        return answer;
    reader->more = true;
    return give(reader, &result, entry, error);
}
