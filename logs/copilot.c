/* copilot.c: reads the requests of GitHub Copilot CLI from its session store.
 *
 * SPDX-License-Identifier: MIT
 *
 * The table assistant_usage_events has a row for each request to a model, those of compactions and subagents
 * too. Rows never change. docs/logs.md has the rules.
 */
#include "entry.h"
#include "error.h"
#include "reader.h"
#include "table.h"

#define SOURCE_ID 9

enum {
    ID,
    SESSION,
    CREATED,
    MODEL,
    BILLED_MODEL,
    INPUT,
    OUTPUT,
    CACHE_READ,
    CACHE_WRITE,
    REASONING,
};

/* Names the request by what no other one has, so that a copy of the store gives the same keys. */
static uint64_t key_of(const struct tq__log_row *row)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "request");

    tq__log_hash_text(&hash, row->column[SESSION].text);
    tq__log_hash_text(&hash, row->column[ID].text);
    tq__log_hash_text(&hash, row->column[CREATED].text);
    return tq__log_hash_end(hash);
}

static int read_request(struct tq_log_reader *reader, const struct tq__log_row *row,
                        struct tq_log_entry *entry, struct tq_log_error *error)
{
    const struct tq__json_item *column = row->column;
    struct tq__log_texts *texts = &reader->texts;
    struct tq__log_usage usage = {0};

    tq__log_take_column(&usage, TQ__WHOLE_INPUT, &column[INPUT]);
    tq__log_take_column(&usage, TQ__OUTPUT, &column[OUTPUT]);
    tq__log_take_column(&usage, TQ__READ_WITHIN, &column[CACHE_READ]);
    tq__log_take_column(&usage, TQ__WRITE_WITHIN, &column[CACHE_WRITE]);
    if (column[OUTPUT].kind != TQ__JSON_NONE) /* of which it is a part */
        tq__log_take_column(&usage, TQ__REASONING, &column[REASONING]);
    if (!usage.is_there)
        return TQ__LOG_NOTHING;
    if (tq__log_take_usage(entry, &usage, true, false, error) != 0 ||
        tq__log_take_utc(entry, &column[CREATED], "created_at", error) != 0)
        return TQ_LOG_BAD_LINE;
    entry->key = key_of(row);
    entry->vendor = "copilot";
    tq__log_copy_span(tq__log_either(&column[BILLED_MODEL], &column[MODEL])->text, texts->model,
                      sizeof(texts->model));
    entry->model = texts->model;
    tq__log_copy_span(column[SESSION].text, texts->session, sizeof(texts->session));
    entry->session = texts->session;
    return TQ_LOG_RECORD;
}

const struct tq__log_query tq__log_copilot_queries[] = {
    {
        .table = "assistant_usage_events",
        .columns = {[ID] = "id",
                    [SESSION] = "session_id",
                    [CREATED] = "created_at",
                    [MODEL] = "model",
                    [BILLED_MODEL] = "copilot_usage_model",
                    [INPUT] = "input_tokens",
                    [OUTPUT] = "output_tokens",
                    [CACHE_READ] = "cache_read_tokens",
                    [CACHE_WRITE] = "cache_write_tokens",
                    [REASONING] = "reasoning_tokens"},
        .fixed = 1,
        .read = read_request,
    },
    {0},
};
