/* litellm.c: reads the calls of a LiteLLM gateway: rows of its table, or lines of its log.
 *
 * SPDX-License-Identifier: MIT
 *
 * A row of LiteLLM_SpendLogs (JSON lines, or one array of all rows) and a standard logging payload describe a
 * call with nearly the same names and with the same id. docs/logs.md has the rules.
 */
#include <string.h>

#include "base/time.h"
#include "entry.h"
#include "error.h"
#include "reader.h"

#define SOURCE_ID 4

struct row {
    struct tq__json_item request_id, id; /* of a table, of a payload */
    struct tq__json_item start, end, vendor, model, group, session, trace, status, cache_hit;
    struct tq__json_item spend, cost;
    struct tq__log_usage usage;
};

static const struct tq__log_member row_members[] = {
    TQ__LOG_ITEM("request_id", struct row, request_id),
    TQ__LOG_ITEM("id", struct row, id),
    TQ__LOG_ITEM("startTime", struct row, start),
    TQ__LOG_ITEM("endTime", struct row, end),
    TQ__LOG_ITEM("custom_llm_provider", struct row, vendor),
    TQ__LOG_ITEM("model", struct row, model),
    TQ__LOG_ITEM("model_group", struct row, group),
    TQ__LOG_ITEM("session_id", struct row, session),
    TQ__LOG_ITEM("trace_id", struct row, trace),
    TQ__LOG_ITEM("status", struct row, status),
    TQ__LOG_ITEM("cache_hit", struct row, cache_hit),
    TQ__LOG_ITEM("spend", struct row, spend),
    TQ__LOG_ITEM("response_cost", struct row, cost),
    TQ__LOG_COUNTS(TQ__IN_USAGE, struct row, usage),
};

bool tq__log_litellm_matters(const char *text, size_t len)
{
    return tq__log_has_word(text, len, (const char *const[]){"\"prompt_tokens\"", "\"total_tokens\"", NULL});
}

/* Did the answer come from the gateway's own cache? Then no vendor was asked. */
static bool is_from_cache(const struct row *row)
{
    return row->cache_hit.kind == TQ__JSON_TRUE ||
           (row->cache_hit.kind == TQ__JSON_STRING && tq__span_matches(row->cache_hit.text, "true"));
}

static bool tells_of_usage(const struct row *row)
{
    const int64_t *count = row->usage.counts.count;
    bool used = count[TQ__WHOLE_INPUT] > 0 || count[TQ__OUTPUT] > 0 || count[TQ__TOTAL] > 0;

    if (row->usage.fault.why != 0)
        return true;
    if (!tq__counts_any(&row->usage.counts) || is_from_cache(row))
        return false;
    return used || !tq__span_equals(row->status.text, "failure");
}

/* Reads when the call ended; when the row does not say, when it began. */
static int read_time(const struct row *row, struct tq_log_entry *entry, struct tq_log_error *error)
{
    bool ended = row->end.text.len > 0 && row->end.kind != TQ__JSON_NULL;
    struct tq__span text = tq__log_scalar(ended ? &row->end : &row->start);
    int fault = tq__log_read_utc(text, &entry->at_ns); /* the table has UTC without an offset */

    if (fault != 0)
        return tq__log_fail_value(error, entry->line, tq__span_of(ended ? "endTime" : "startTime"), fault,
                                  text);
    return 0;
}

/* 0: the row has no id. */
static uint64_t key_of(const struct row *row)
{
    const struct tq__json_item *id = tq__log_either(&row->request_id, &row->id);
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "request");

    tq__log_hash_text(&hash, id->text);
    return tq__log_is_name(id) ? tq__log_hash_end(hash) : 0;
}

int tq__log_litellm_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                         struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    struct row row = {0};

    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, row_members, &row))
        return tq__log_fail_json(error, piece->line);
    if (!tells_of_usage(&row))
        return TQ__LOG_NOTHING;
    if (tq__log_take_usage(entry, &row.usage, true, false, error) != 0 || read_time(&row, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    entry->vendor = tq__log_vendor(tq__log_copy(&row.vendor, texts->vendor, sizeof(texts->vendor)));
    entry->model = tq__log_copy(tq__log_either(&row.model, &row.group), texts->model, sizeof(texts->model));
    entry->session =
        tq__log_copy(tq__log_either(&row.session, &row.trace), texts->session, sizeof(texts->session));
    entry->cost_nano_usd = tq__log_cost(row.spend.kind != TQ__JSON_NONE ? &row.spend : &row.cost);
    tq__log_set_key(entry, key_of(&row), SOURCE_ID, piece);
    return TQ_LOG_RECORD;
}
