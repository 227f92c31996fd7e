/* rows.c: the CSV and JSONL of tq_log_open as a source among the others.
 *
 * SPDX-License-Identifier: MIT
 *
 * Such a log has no key. A record's key is made of all records up to it, so that a copy, a moved file and a
 * second reading have the same keys, and two logs that differ anywhere before have others.
 *
 * The last line of a CSV may be the first half of a longer one, of which no digit tells. Without its end it
 * is left for later. A JSON object is whole or is none.
 */
#include "tools.h"

#include <string.h>

static const char *const not_a_name = "the provider's name is longer than %d bytes, or has a NUL byte";

/* What is kept in the state. */
struct memory {
    uint64_t chain; /* hash of all records so far */
    uint32_t skipping;
};

static uint64_t add_to_chain(struct tq_log_reader *reader, struct tq__log_text line)
{
    struct tq__log_hash hash = tq__log_hash_begin(reader->tool->id, "row");
    struct memory memory;

    memcpy(&memory, reader->memory.own, sizeof(memory));
    tq__log_hash_number(&hash, memory.chain);
    tq__log_hash_text(&hash, line);
    memory.chain = tq__log_hash_end(hash);
    memcpy(reader->memory.own, &memory, sizeof(memory));
    return memory.chain;
}

static int give(struct tq_log_reader *reader, const struct tq_log_record *record, struct tq_log_entry *entry,
                struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;

    entry->line = record->line;
    entry->key = add_to_chain(reader, tq__log_last_text(reader->rows));
    if (record->provider_len > TQ_NAME_MAX || memchr(record->provider, '\0', record->provider_len))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, record->line, 0, not_a_name, TQ_NAME_MAX);
    memcpy(texts->model, record->provider, record->provider_len);
    texts->model[record->provider_len] = '\0';
    entry->model = texts->model;
    entry->flags = TQ_LOG_ENTRY_NO_KEY;
    entry->at_ns = record->at_ns;
    entry->usage.known = TQ_USAGE_TOTAL;
    entry->usage.total = entry->usage.counted = record->tokens;
    return TQ_LOG_RECORD;
}

int tq__log_rows_next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq_log_record record = {0};
    int answer;

    if (tq__log_look_again(reader->rows, error) != 0)
        return TQ_LOG_BROKEN;
    answer = tq_log_next(reader->rows, &record, error);
    if (answer == TQ_LOG_END || answer == TQ_LOG_BROKEN)
        return answer;
    if (answer == TQ_LOG_BAD_LINE)
        record.line = error->line;
    if (tq__log_is_half(reader->rows) && (answer == TQ_LOG_BAD_LINE || tq__log_is_csv(reader->rows))) {
        tq__log_back(reader->rows, record.line - 1);
        return TQ_LOG_END;
    }
    if (answer == TQ_LOG_BAD_LINE)
        return answer;
    answer = give(reader, &record, entry, error);
    if (tq__log_is_half(reader->rows))
        tq__log_keep_half(reader->rows);
    return answer;
}

void tq__log_rows_state(const struct tq_log_reader *reader, struct tq_log_state *state)
{
    struct tq__log_memory kept = reader->memory;
    struct tq__log_place place;
    struct memory memory;

    tq__log_place(reader->rows, &place);
    memcpy(&memory, kept.own, sizeof(memory));
    memory.skipping = place.skipping;
    memcpy(kept.own, &memory, sizeof(memory));
    state->offset = place.offset;
    state->line = place.line;
    memcpy(state->memory, &kept, sizeof(state->memory));
}

int tq__log_rows_seek(struct tq_log_reader *reader, const struct tq_log_state *state,
                      struct tq_log_error *error)
{
    struct tq__log_place place = {.offset = state->offset, .line = state->line};
    struct memory memory;

    memcpy(&memory, reader->memory.own, sizeof(memory));
    place.skipping = memory.skipping != 0;
    return tq__log_seek(reader->rows, &place, error);
}
