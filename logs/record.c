/* record.c: which columns mean something, and the record that their texts make.
 *
 * SPDX-License-Identifier: MIT
 */
#include "internal.h"

#include <string.h>

#define TQ__LOG_COLUMN(name, text) text,
const char *const tq__log_column_name[TQ__LOG_COLUMN_COUNT] = {TQ__LOG_COLUMNS(TQ__LOG_COLUMN)};
#undef TQ__LOG_COLUMN

/* ASCII only: what is a letter must not depend on the locale. */
static bool same_name(struct tq__log_text name, const char *column)
{
    if (strlen(column) != name.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.text[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != column[i])
            return false;
    }
    return true;
}

int tq__log_column_of(struct tq__log_text name)
{
    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++) {
        if (same_name(name, tq__log_column_name[column]))
            return column;
    }
    return -1;
}

const char *tq__log_columns_choose(bool present[TQ__LOG_COLUMN_COUNT])
{
    if (present[TQ__LOG_UNIX_MS])
        present[TQ__LOG_TIMESTAMP] = false;
    if (present[TQ__LOG_PROVIDER])
        present[TQ__LOG_PROVIDER_OR_MODEL] = false;
    if (present[TQ__LOG_PROVIDER] || present[TQ__LOG_PROVIDER_OR_MODEL])
        present[TQ__LOG_MODEL] = false;
    if (present[TQ__LOG_TOKENS])
        present[TQ__LOG_INPUT_TOKENS] = present[TQ__LOG_OUTPUT_TOKENS] = false;
    if (!present[TQ__LOG_UNIX_MS] && !present[TQ__LOG_TIMESTAMP])
        return "unix_ms or timestamp";
    if (!present[TQ__LOG_PROVIDER] && !present[TQ__LOG_PROVIDER_OR_MODEL] && !present[TQ__LOG_MODEL])
        return "provider, provider_or_model or model";
    if (!present[TQ__LOG_TOKENS] && !present[TQ__LOG_INPUT_TOKENS] && !present[TQ__LOG_OUTPUT_TOKENS])
        return "tokens, input_tokens or output_tokens";
    return NULL;
}

/* Reads one column into the record; 0 or a fault. */
static int read_column(int column, struct tq__log_text value, struct tq_log_record *record)
{
    int64_t count;
    int fault;

    switch (column) {
    case TQ__LOG_UNIX_MS:
        return tq__log_time_unix_ms(value, &record->at_ns);
    case TQ__LOG_TIMESTAMP:
        return tq__log_time_stamp(value, &record->at_ns);
    case TQ__LOG_TOKENS:
    case TQ__LOG_INPUT_TOKENS:
    case TQ__LOG_OUTPUT_TOKENS:
        fault = tq__log_number_count(value, &count);
        if (fault == 0 && __builtin_add_overflow(record->tokens, count, &record->tokens))
            fault = TQ__LOG_SUM_TOO_BIG;
        return fault;
    default:
        record->provider = value.text;
        record->provider_len = value.len;
        return value.len == 0 ? TQ__LOG_EMPTY : 0;
    }
}

int tq__log_record_make(const struct tq__log_text value[TQ__LOG_COLUMN_COUNT], uint64_t line,
                        struct tq_log_record *record, struct tq_log_error *error)
{
    bool taken[TQ__LOG_COLUMN_COUNT];
    const char *missing;

    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++)
        taken[column] = value[column].text != NULL;
    missing = tq__log_columns_choose(taken);
    if (missing)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%s is missing", missing);
    *record = (struct tq_log_record){.line = line};
    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++) {
        int fault = taken[column] ? read_column(column, value[column], record) : 0;

        if (fault != 0)
            return tq__log_fail_value(error, line, tq__log_column_name[column], fault, value[column]);
    }
    return TQ_LOG_RECORD;
}
