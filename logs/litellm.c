/* litellm.c: the calls that a LiteLLM gateway wrote down, as rows of its table or as lines of its log.
 *
 * SPDX-License-Identifier: MIT
 *
 * A row of LiteLLM_SpendLogs (JSON lines, or one array of all) and a standard logging payload tell of a call
 * in nearly the same words, under the same id. docs/logs.md has the rules.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "tools.h"

#include <string.h>
#include <strings.h>

#define SOURCE_ID 4
#define STAMP_BYTES 40

struct row {
    struct tq__log_value request_id, id; /* of a table, of a payload */
    struct tq__log_value start, end, vendor, model, group, session, trace, status, cache_hit;
    struct tq__log_value spend, cost;
    struct tq_usage usage;
    struct tq__log_faulty faulty;
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

/* ---- the walk over a row ---- */

static bool take_count(struct tq__log_scan *scan, struct tq__log_text key, struct row *row)
{
    const struct {
        const char *name;
        int64_t *count;
        uint32_t bit;
    } members[] = {{"prompt_tokens", &row->usage.input, TQ_USAGE_INPUT},
                   {"completion_tokens", &row->usage.output, TQ_USAGE_OUTPUT},
                   {"total_tokens", &row->usage.total, TQ_USAGE_TOTAL}};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (tq__log_text_is(key, members[i].name)) {
            tq__log_take_count(scan, members[i].name, members[i].count, &row->usage.known, members[i].bit,
                               &row->faulty);
            return true;
        }
    }
    return false;
}

static bool read_row(const struct tq__log_piece *piece, struct row *row)
{
    const struct tq__log_member members[] = {{"request_id", &row->request_id},
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
    struct tq__log_scan scan;
    struct tq__log_text key;

    tq__log_scan_begin(&scan, piece->text, piece->len);
    if (!tq__log_scan_enter(&scan, '{'))
        return false;
    while (tq__log_scan_member(&scan, &key)) {
        if (!tq__log_take_member(&scan, key, members, sizeof(members) / sizeof(members[0])) &&
            !take_count(&scan, key, row))
            tq__log_scan_pass(&scan);
    }
    return tq__log_scan_done(&scan);
}

/* ---- what a row tells ---- */

static bool is_name(const struct tq__log_value *value)
{
    return value->kind == TQ__LOG_STRING && value->text.len > 0;
}

/* The answer came from the gateway's own cache: no vendor was asked. */
static bool is_from_cache(const struct row *row)
{
    struct tq__log_text text = row->cache_hit.text;

    return row->cache_hit.kind == TQ__LOG_TRUE ||
           (row->cache_hit.kind == TQ__LOG_STRING && text.len == 4 && strncasecmp(text.text, "true", 4) == 0);
}

static bool tells_of_usage(const struct row *row)
{
    const struct tq_usage *usage = &row->usage;
    bool used = usage->input > 0 || usage->output > 0 || usage->total > 0;

    if (row->faulty.fault != 0)
        return true;
    if (!usage->known || is_from_cache(row))
        return false;
    return used || !tq__log_text_is(row->status.text, "failure");
}

/* The table keeps times in UTC and does not say so: what says no offset has none. */
static int read_instant(struct tq__log_text text, int64_t *at_ns)
{
    int fault = tq__log_time_stamp(text, at_ns);
    char stamp[STAMP_BYTES];

    if (fault != TQ__LOG_NO_OFFSET || text.len == 0 || text.len >= sizeof(stamp))
        return fault;
    memcpy(stamp, text.text, text.len);
    stamp[text.len] = 'Z';
    return tq__log_time_stamp((struct tq__log_text){stamp, text.len + 1}, at_ns);
}

/* When the call ended, or began where it does not say. */
static int read_time(const struct row *row, struct tq_log_entry *entry, struct tq_log_error *error)
{
    bool ended = row->end.text.len > 0 && row->end.kind != TQ__LOG_NULL;
    const struct tq__log_value *value = ended ? &row->end : &row->start;
    struct tq__log_text text = value->kind == TQ__LOG_STRING || value->kind == TQ__LOG_NUMBER
                                   ? value->text
                                   : (struct tq__log_text){0};
    int fault = read_instant(text, &entry->at_ns);

    if (fault != 0)
        return tq__log_fail_value(error, entry->line, ended ? "endTime" : "startTime", fault, text);
    return 0;
}

/* The gateway's prompt has all input in it. Where only the total is known, that is what counts. */
static void fill_usage(const struct row *row, struct tq_usage *usage)
{
    uint32_t size = usage->size, requests = usage->requests;

    *usage = row->usage;
    usage->size = size;
    usage->requests = requests;
    usage->counted = tq__log_counted(usage);
    if (!(usage->known & (TQ_USAGE_INPUT | TQ_USAGE_OUTPUT)))
        usage->counted = usage->total;
}

static uint64_t key_of(const struct row *row, const struct tq__log_piece *piece, uint32_t *flags)
{
    const struct tq__log_value *id = is_name(&row->request_id) ? &row->request_id : &row->id;
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "request");

    if (!is_name(id)) {
        *flags |= TQ_LOG_ENTRY_NO_KEY;
        return tq__log_key_of_place(SOURCE_ID, piece);
    }
    tq__log_hash_text(&hash, id->text);
    return tq__log_hash_end(hash);
}

static void fill_texts(const struct row *row, struct tq__log_texts *texts, struct tq_log_entry *entry)
{
    tq__log_value_text(&row->vendor, texts->vendor, sizeof(texts->vendor));
    tq__log_value_text(is_name(&row->model) ? &row->model : &row->group, texts->model, sizeof(texts->model));
    tq__log_value_text(is_name(&row->session) ? &row->session : &row->trace, texts->session,
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
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off");
    if (!tells_of_usage(&row))
        return TQ__LOG_NOTHING;
    if (row.faulty.fault != 0)
        return tq__log_fail_value(error, piece->line, row.faulty.name, row.faulty.fault, row.faulty.value);
    if (read_time(&row, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    fill_texts(&row, &reader->texts, entry);
    fill_usage(&row, &entry->usage);
    entry->cost_nano_usd = tq__log_value_cost(row.spend.kind != TQ__LOG_NONE ? &row.spend : &row.cost);
    entry->key = key_of(&row, piece, &entry->flags);
    entry->rank = tq__log_rank(&entry->usage, true, false);
    return TQ_LOG_RECORD;
}
