/* litellm.c: reads the calls of a LiteLLM gateway: rows of its table, or lines of its log.
 *
 * SPDX-License-Identifier: MIT
 *
 * A row of LiteLLM_SpendLogs (JSON lines, one array of all rows, or CSV) and a standard logging payload
 * describe a call with nearly the same names and with the same id. docs/logs.md has the rules.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "entry.h"
#include "error.h"
#include "reader.h"

#define SOURCE_ID 4

struct row {
    struct tq__json_item request_id, id; /* of a table, of a payload */
    struct tq__json_item start, end, vendor, model, group, session, trace, status, cache_hit;
    struct tq__json_item spend, cost, call;
    struct tq__log_usage usage;
    struct tq__log_usage object; /* of its metadata: the usage as the gateway has it for all vendors */
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
    TQ__LOG_ITEM("call_type", struct row, call),
    TQ__LOG_COUNTS(TQ__IN_USAGE, struct row, usage),
};

static const struct tq__log_member object_members[] = {
    {NULL, 0, TQ__IN_USAGE, 0, NULL},
};

static const struct tq__log_member metadata_members[] = {
    TQ__LOG_OBJECT("usage_object", struct row, object, object_members),
    TQ__LOG_NO_COUNTS,
};

/* The columns of the table, of which the first three must be there. */
const char *const tq__log_litellm_columns[] = {
    "request_id", "startTime",   "prompt_tokens",     "endTime",      "custom_llm_provider",
    "model",      "model_group", "session_id",        "status",       "cache_hit",
    "spend",      "call_type",   "completion_tokens", "total_tokens", "metadata",
    NULL,
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

/* Was an answer fetched that was given before? It repeats the counts under another id. */
static bool is_retrieval(const struct row *row)
{
    return tq__span_equals(row->call.text, "aget_responses") ||
           tq__span_equals(row->call.text, "get_responses");
}

static bool tells_of_usage(const struct row *row)
{
    const int64_t *count = row->usage.counts.count;
    bool used = count[TQ__WHOLE_INPUT] > 0 || count[TQ__OUTPUT] > 0 || count[TQ__TOTAL] > 0;

    if (row->usage.fault.why != 0)
        return true;
    if (!tq__counts_any(&row->usage.counts) || is_from_cache(row) || is_retrieval(row))
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
    return tq__json_is_name(id) ? tq__log_hash_end(hash) : 0;
}

/* ---- what was cached ------------------------------------------------------------------------- */

/* Reads metadata that is JSON in a string, as some exports have it. */
static void read_metadata(struct tq__span text, bool escaped, struct row *row)
{
    char *plain = escaped ? malloc(text.len + 1) : NULL;

    if (escaped && !plain)
        return; /* the counts of the row stand */
    if (escaped)
        text = tq__json_unescape(text, plain, text.len + 1);
    if (!tq__log_read_object(text, metadata_members, row))
        row->object = (struct tq__log_usage){0};
    free(plain);
}

/* Adds what the gateway's own usage knows of caches and reasoning; the row has the rest. */
static void add_object(struct row *row)
{
    const uint32_t more = 1u << TQ__READ_WITHIN | 1u << TQ__READ_BESIDE | 1u << TQ__WRITE_WITHIN |
                          1u << TQ__WRITE_BESIDE | 1u << TQ__WRITE_5M | 1u << TQ__WRITE_1H |
                          1u << TQ__REASONING;
    struct tq__counts object = row->object.counts;

    object.known &= more & ~row->usage.counts.known;
    if (tq__counts_any(&row->usage.counts))
        tq__counts_grow(&row->usage.counts, &object);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Reads an object; false when it is not JSON. */
static bool read_json(struct tq__span text, struct row *row)
{
    struct tq__json_item item, metadata = {0};
    struct tq__json json;

    tq__json_begin(&json, text, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '{'))
        return false;
    while (tq__json_next(&json, &item)) {
        if (tq__log_take(&json, &item, row_members, row) || !tq__span_equals(item.key, "metadata"))
            continue;
        if (tq__json_enter(&json, '{'))
            tq__log_walk(&json, metadata_members, row);
        else if (item.kind == TQ__JSON_STRING)
            metadata = item;
    }
    if (!tq__json_done(&json))
        return false;
    if (metadata.kind == TQ__JSON_STRING && tq__counts_any(&row->usage.counts))
        read_metadata(metadata.text, true, row);
    return true;
}

/* Reads a row of CSV. Its values are taken as the members of an object, except that none has escapes. */
static int read_csv(struct tq_log_reader *reader, const struct tq__log_piece *piece, struct row *row,
                    struct tq_log_error *error)
{
    struct tq__span value[TQ__LOG_COLUMNS_WANTED];
    struct tq__json json = {0};
    int answer;

    if (piece->half)
        return tq__log_rows_half(reader, error);
    if (piece->line == 1)
        return TQ__LOG_NOTHING; /* the header */
    answer = tq__log_columns_row(&reader->csv, piece, value, error);
    if (answer == TQ__LOG_WRONG_QUOTES)
        tq__log_pieces_split(&reader->pieces);
    for (size_t i = 0; answer == TQ_LOG_RECORD && tq__log_litellm_columns[i]; i++) {
        struct tq__json_item item = {tq__span_of(tq__log_litellm_columns[i]), value[i], TQ__JSON_STRING};

        if (value[i].len > 0 && !tq__log_take(&json, &item, row_members, row))
            read_metadata(value[i], false, row);
    }
    return answer == TQ_LOG_RECORD ? TQ_LOG_RECORD : TQ_LOG_BAD_LINE;
}

int tq__log_litellm_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                         struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    struct row row = {0};
    int answer = TQ_LOG_RECORD;

    if (reader->csv.count > 0)
        answer = read_csv(reader, piece, &row, error);
    else if (!read_json((struct tq__span){piece->text, piece->len}, &row))
        return tq__log_fail_json(error, piece->line);
    if (answer != TQ_LOG_RECORD)
        return answer;
    if (!tells_of_usage(&row))
        return TQ__LOG_NOTHING;
    add_object(&row);
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
