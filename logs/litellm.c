/* litellm.c: the calls that a LiteLLM gateway wrote down, as rows of its table or as lines of its log.
 *
 * SPDX-License-Identifier: MIT
 *
 * A row of LiteLLM_SpendLogs (JSON lines, or one array of all) and a standard logging payload have nearly the
 * same names for what they say of a call, and one id for it. docs/logs.md has the rules.
 */
#include <string.h>

#include "base/time.h"
#include "entry.h"
#include "error.h"
#include "reader.h"

#define SOURCE_ID 4
#define STAMP_BYTES 40

struct row {
    struct tq__json_item request_id, id; /* of a table, of a payload */
    struct tq__json_item start, end, vendor, model, group, session, trace, status, cache_hit;
    struct tq__json_item spend, cost;
    struct tq__counts counts;
    struct tq__usage_fault fault;
};

bool tq__log_litellm_matters(const char *text, size_t len)
{
    static const char *const words[] = {"\"prompt_tokens\"", "\"total_tokens\""};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (memmem(text, len, words[i], strlen(words[i])))
            return true;
    }
    return false;
}

static bool read_row(const struct tq__log_piece *piece, struct row *row)
{
    const struct tq__json_wanted wanted[] = {{"request_id", &row->request_id},
                                             {"id", &row->id},
                                             {"startTime", &row->start},
                                             {"endTime", &row->end},
                                             {"custom_llm_provider", &row->vendor},
                                             {"model", &row->model},
                                             {"model_group", &row->group},
                                             {"session_id", &row->session},
                                             {"trace_id", &row->trace},
                                             {"status", &row->status},
                                             {"cache_hit", &row->cache_hit},
                                             {"spend", &row->spend},
                                             {"response_cost", &row->cost}};
    struct tq__json_item item;
    struct tq__json json;

    tq__json_begin(&json, (struct tq__span){piece->text, piece->len}, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '{'))
        return false;
    while (tq__json_next(&json, &item)) {
        if (!tq__json_take(&json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])))
            tq__usage_take(&row->counts, TQ__IN_USAGE, &json, &item, &row->fault);
    }
    return tq__json_done(&json);
}

/* The answer came from the gateway's own cache: no vendor was asked. */
static bool is_from_cache(const struct row *row)
{
    return row->cache_hit.kind == TQ__JSON_TRUE ||
           (row->cache_hit.kind == TQ__JSON_STRING && tq__span_matches(row->cache_hit.text, "true"));
}

static bool tells_of_usage(const struct row *row)
{
    const int64_t *count = row->counts.count;
    bool used = count[TQ__WHOLE_INPUT] > 0 || count[TQ__OUTPUT] > 0 || count[TQ__TOTAL] > 0;

    if (row->fault.why != 0)
        return true;
    if (!tq__counts_any(&row->counts) || is_from_cache(row))
        return false;
    return used || !tq__span_equals(row->status.text, "failure");
}

/* The table keeps times in UTC and does not say so: a time without an offset is UTC. */
static int read_instant(struct tq__span text, int64_t *at_ns)
{
    int fault = tq__time_read(text, at_ns);
    char stamp[STAMP_BYTES];

    if (fault != TQ__NO_OFFSET || text.len == 0 || text.len >= sizeof(stamp))
        return fault;
    memcpy(stamp, text.at, text.len);
    stamp[text.len] = 'Z';
    return tq__time_read((struct tq__span){stamp, text.len + 1}, at_ns);
}

/* When the call ended, or began where it does not say. */
static int read_time(const struct row *row, struct tq_log_entry *entry, struct tq_log_error *error)
{
    bool ended = row->end.text.len > 0 && row->end.kind != TQ__JSON_NULL;
    struct tq__span text = tq__log_scalar(ended ? &row->end : &row->start);
    int fault = read_instant(text, &entry->at_ns);

    if (fault != 0)
        return tq__log_fail_value(error, entry->line, tq__span_of(ended ? "endTime" : "startTime"), fault,
                                  text);
    return 0;
}

static uint64_t key_of(const struct row *row, const struct tq__log_piece *piece, uint32_t *flags)
{
    const struct tq__json_item *id = tq__log_is_name(&row->request_id) ? &row->request_id : &row->id;
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "request");

    if (!tq__log_is_name(id)) {
        *flags |= TQ_LOG_ENTRY_NO_KEY;
        return tq__log_key_of_place(SOURCE_ID, piece);
    }
    tq__log_hash_text(&hash, id->text);
    return tq__log_hash_end(hash);
}

static void fill_texts(const struct row *row, struct tq__log_texts *texts, struct tq_log_entry *entry)
{
    tq__json_copy(&row->vendor, texts->vendor, sizeof(texts->vendor));
    tq__json_copy(tq__log_is_name(&row->model) ? &row->model : &row->group, texts->model,
                  sizeof(texts->model));
    tq__json_copy(tq__log_is_name(&row->session) ? &row->session : &row->trace, texts->session,
                  sizeof(texts->session));
    entry->vendor = tq__log_vendor(texts->vendor);
    entry->model = texts->model;
    entry->session = texts->session;
}

int tq__log_litellm_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                         struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct row row = {0};

    if (!read_row(piece, &row))
        return tq__log_fail_json(error, piece->line);
    if (!tells_of_usage(&row))
        return TQ__LOG_NOTHING;
    if (row.fault.why != 0)
        return tq__log_fail_count(error, piece->line, &row.fault);
    if (read_time(&row, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    fill_texts(&row, &reader->texts, entry);
    tq__log_fill_usage(&row.counts, &entry->usage);
    entry->cost_nano_usd = tq__log_cost(row.spend.kind != TQ__JSON_NONE ? &row.spend : &row.cost);
    entry->key = key_of(&row, piece, &entry->flags);
    entry->rank = tq__log_rank(&entry->usage, true, false);
    return TQ_LOG_RECORD;
}
