/* openai_usage.c: the usage of an organization as OpenAI's usage API tells it, page by page.
 *
 * SPDX-License-Identifier: MIT
 *
 * A page is {data: [{start_time, end_time, results: [{input_tokens, ..., model, project_id, ...}]}]}; a
 * bucket alone is read, too. A result is a sum, and that of the newest bucket still grows: asked for again,
 * it has the same key and takes the place of what was read before. docs/logs.md has the rules.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "tools.h"

#include <assert.h>
#include <string.h>

#define SOURCE_ID 5
#define INPUT_WORD "\"input_tokens\""
#define GROUPS 7 /* members that tell one result of a bucket from another */

/* Where the reader is in a page; of no use for a later one, which is read from its start. */
struct memory {
    uint64_t behind; /* the bucket that is being read */
    int64_t start_ns;
    int64_t width_ns;
    uint32_t in_results;
    uint32_t has_data; /* the piece is a page, not a bucket alone */
};

static_assert(sizeof(struct memory) <= TQ__LOG_MEMORY_BYTES, "memory of a state");

struct bucket {
    struct tq__log_value start, end, results, data;
};

struct result {
    struct tq__log_value group[GROUPS];
    int64_t input, requests;
    struct tq_usage usage;
    struct tq__log_faulty faulty;
};

enum { MODEL, PROJECT }; /* the first two of the groups */

bool tq__log_openai_usage_matters(const char *text, size_t len)
{
    return memmem(text, len, INPUT_WORD, strlen(INPUT_WORD)) != NULL;
}

/* ---- the walk over a page ---- */

/* A page, or a bucket: the object that comes next. */
static void read_bucket(struct tq__log_scan *scan, struct bucket *bucket)
{
    const struct tq__log_member members[] = {{"start_time", &bucket->start},
                                             {"end_time", &bucket->end},
                                             {"results", &bucket->results},
                                             {"data", &bucket->data}};
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (!tq__log_take_member(scan, key, members, sizeof(members) / sizeof(members[0])))
            tq__log_scan_pass(scan);
    }
}

static void read_result(struct tq__log_scan *scan, struct result *result)
{
    struct tq_usage *usage = &result->usage;
    const struct tq__log_member groups[GROUPS] = {
        {"model", &result->group[MODEL]},   {"project_id", &result->group[PROJECT]},
        {"object", &result->group[2]},      {"user_id", &result->group[3]},
        {"api_key_id", &result->group[4]},  {"batch", &result->group[5]},
        {"service_tier", &result->group[6]}};
    const struct {
        const char *name;
        int64_t *count;
        uint32_t bit;
    } counts[] = {{"input_tokens", &result->input, TQ_USAGE_INPUT},
                  {"output_tokens", &usage->output, TQ_USAGE_OUTPUT},
                  {"input_cached_tokens", &usage->cache_read, TQ_USAGE_CACHE_READ},
                  {"input_cache_write_tokens", &usage->cache_write, TQ_USAGE_CACHE_WRITE},
                  {"num_model_requests", &result->requests, 0}};
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        size_t i = 0;

        if (tq__log_take_member(scan, key, groups, GROUPS))
            continue;
        while (i < sizeof(counts) / sizeof(counts[0]) && !tq__log_text_is(key, counts[i].name))
            i++;
        if (i < sizeof(counts) / sizeof(counts[0]))
            tq__log_take_count(scan, counts[i].name, counts[i].count, &usage->known, counts[i].bit,
                               &result->faulty);
        else
            tq__log_scan_pass(scan);
    }
}

static bool is_list(const struct tq__log_value *value)
{
    return value->kind == TQ__LOG_TREE && value->text.text[0] == '[';
}

static int read_instant(const struct tq__log_value *value, const char *name, int64_t *at_ns, uint64_t line,
                        struct tq_log_error *error)
{
    struct tq__log_text text = value->kind == TQ__LOG_STRING || value->kind == TQ__LOG_NUMBER
                                   ? value->text
                                   : (struct tq__log_text){0};
    int fault = tq__log_time_stamp(text, at_ns);

    return fault != 0 ? tq__log_fail_value(error, line, name, fault, text) : 0;
}

/* Steps into the results of a bucket, whose end is at `behind`. 0, TQ__LOG_NOTHING when it has none, or
 * TQ_LOG_BAD_LINE. */
static int enter_bucket(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        const struct bucket *bucket, size_t behind, struct tq_log_error *error)
{
    struct memory memory;
    int64_t end_ns;

    memcpy(&memory, reader->memory.own, sizeof(memory));
    memory.behind = behind;
    reader->piece_at = behind;
    if (is_list(&bucket->results) && bucket->results.text.len > 2) {
        if (read_instant(&bucket->start, "start_time", &memory.start_ns, piece->line, error) != 0 ||
            read_instant(&bucket->end, "end_time", &end_ns, piece->line, error) != 0)
            return TQ_LOG_BAD_LINE;
        if (__builtin_sub_overflow(end_ns, memory.start_ns, &memory.width_ns))
            memory.width_ns = 0;
        memory.in_results = true;
        reader->piece_at = (size_t)(bucket->results.text.text + 1 - piece->text);
    }
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return memory.in_results ? 0 : TQ__LOG_NOTHING;
}

/* ---- what a result tells ---- */

static uint64_t key_of(const struct result *result, const struct memory *memory)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "bucket");

    tq__log_hash_number(&hash, (uint64_t)memory->start_ns);
    tq__log_hash_number(&hash, (uint64_t)memory->width_ns);
    for (int i = 0; i < GROUPS; i++) {
        const struct tq__log_value *value = &result->group[i];
        bool is_there = value->kind == TQ__LOG_STRING || value->kind == TQ__LOG_TRUE ||
                        value->kind == TQ__LOG_FALSE || value->kind == TQ__LOG_NUMBER;

        tq__log_hash_text(&hash, is_there ? value->text : (struct tq__log_text){"", 0});
    }
    return tq__log_hash_end(hash);
}

static int give(struct tq_log_reader *reader, const struct tq__log_piece *piece, struct result *result,
                struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    struct memory memory;

    if (result->faulty.fault != 0)
        return tq__log_fail_value(error, piece->line, result->faulty.name, result->faulty.fault,
                                  result->faulty.value);
    memcpy(&memory, reader->memory.own, sizeof(memory));
    tq__log_value_text(&result->group[MODEL], texts->model, sizeof(texts->model));
    tq__log_value_text(&result->group[PROJECT], texts->account, sizeof(texts->account));
    entry->vendor = "openai";
    entry->model = texts->model;
    entry->account = texts->account;
    entry->flags = TQ_LOG_ENTRY_BUCKET;
    entry->at_ns = memory.start_ns;
    result->usage.size = sizeof(result->usage);
    result->usage.requests = result->requests < 1            ? 1
                             : result->requests > UINT32_MAX ? UINT32_MAX
                                                             : (uint32_t)result->requests;
    tq__log_take_apart(&result->usage, result->input);
    entry->usage = result->usage;
    entry->key = key_of(result, &memory);
    entry->rank = tq__log_rank(&entry->usage, true, false);
    return TQ_LOG_RECORD;
}

/* The next result of the bucket that was entered; TQ__LOG_NOTHING behind the last one. */
static int give_result(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                       struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_scan scan;

    tq__log_scan_begin(&scan, piece->text + reader->piece_at, piece->len - reader->piece_at);
    scan.first = piece->text[reader->piece_at - 1] == '[';
    while (tq__log_scan_element(&scan)) {
        struct result result = {0};

        read_result(&scan, &result);
        if (scan.failed)
            break;
        if (!result.usage.known && result.faulty.fault == 0)
            continue;
        reader->piece_at = (size_t)(scan.at - piece->text);
        reader->more = true;
        return give(reader, piece, &result, entry, error);
    }
    return scan.failed ? tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off")
                       : TQ__LOG_NOTHING;
}

/* Steps into the next bucket of a page that has results. */
static int enter_next(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq_log_error *error)
{
    struct tq__log_scan scan;
    int answer = TQ__LOG_NOTHING;

    tq__log_scan_begin(&scan, piece->text + reader->piece_at, piece->len - reader->piece_at);
    scan.first = piece->text[reader->piece_at - 1] == '[';
    while (answer == TQ__LOG_NOTHING && tq__log_scan_element(&scan)) {
        struct bucket bucket = {0};

        read_bucket(&scan, &bucket);
        if (!scan.failed)
            answer = enter_bucket(reader, piece, &bucket, (size_t)(scan.at - piece->text), error);
    }
    if (answer == TQ_LOG_BAD_LINE)
        reader->more = true;
    return scan.failed ? tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off")
                       : answer;
}

/* Looks at the piece as a whole, and steps into its list of buckets, or into the bucket that it is. */
static int begin(struct tq_log_reader *reader, const struct tq__log_piece *piece, struct tq_log_error *error)
{
    struct bucket page = {0};
    struct memory memory = {0};
    struct tq__log_scan scan;

    tq__log_scan_begin(&scan, piece->text, piece->len);
    read_bucket(&scan, &page);
    if (!tq__log_scan_done(&scan))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off");
    memory.has_data = is_list(&page.data);
    memcpy(reader->memory.own, &memory, sizeof(memory));
    if (!memory.has_data)
        return enter_bucket(reader, piece, &page, piece->len, error);
    reader->piece_at = (size_t)(page.data.text.text + 1 - piece->text);
    return 0;
}

int tq__log_openai_usage_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                              struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct memory memory;
    int answer = 0;

    if (reader->piece_at == 0)
        answer = begin(reader, piece, error);
    while (answer == 0) {
        memcpy(&memory, reader->memory.own, sizeof(memory));
        if (memory.in_results) {
            answer = give_result(reader, piece, entry, error);
            if (answer != TQ__LOG_NOTHING || !memory.has_data)
                return answer;
            reader->piece_at = (size_t)memory.behind;
            memory.in_results = false;
            memcpy(reader->memory.own, &memory, sizeof(memory));
        }
        answer = enter_next(reader, piece, error);
    }
    return answer;
}
