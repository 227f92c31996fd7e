/* rows.c: the format of a log of rows, and the record of a row.
 *
 * SPDX-License-Identifier: MIT
 */
#include "rows.h"

#include <string.h>

#include "base/time.h"
#include "error.h"

const char *const tq__log_column_name[TQ__LOG_COLUMN_COUNT] = {
    "unix_ms", "timestamp",    "provider",      "provider_or_model", "model",
    "tokens",  "input_tokens", "output_tokens", "start_ms",          "started_at",
};

/* ---- columns --------------------------------------------------------------------------------- */

int tq__log_column_of(struct tq__span name)
{
    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++) {
        if (tq__span_matches(name, tq__log_column_name[column]))
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
    if (present[TQ__LOG_START_MS])
        present[TQ__LOG_STARTED_AT] = false;
    if (!present[TQ__LOG_UNIX_MS] && !present[TQ__LOG_TIMESTAMP])
        return "unix_ms or timestamp";
    if (!present[TQ__LOG_PROVIDER] && !present[TQ__LOG_PROVIDER_OR_MODEL] && !present[TQ__LOG_MODEL])
        return "provider, provider_or_model or model";
    if (!present[TQ__LOG_TOKENS] && !present[TQ__LOG_INPUT_TOKENS] && !present[TQ__LOG_OUTPUT_TOKENS])
        return "tokens, input_tokens or output_tokens";
    return NULL;
}

/* An instant from whole milliseconds since the epoch; 0 or a fault. */
static int read_unix_ms(struct tq__span text, int64_t *at_ns)
{
    struct tq__number number;
    int64_t ms;
    bool exact;

    if (text.len == 0)
        return TQ__EMPTY;
    if (tq__number_read(text, &number) != 0)
        return TQ__NOT_WHOLE;
    if (tq__number_scale(&number, 0, &ms, &exact) != 0)
        return TQ__OUT_OF_RANGE;
    if (!exact)
        return TQ__NOT_WHOLE;
    return __builtin_mul_overflow(ms, INT64_C(1000000), at_ns) ? TQ__OUT_OF_RANGE : 0;
}

/* A start that cannot be read is unknown: what was used counts without it. */
static void read_start(int column, struct tq__span value, struct tq_log_record *record)
{
    int64_t *at_ns = &record->start_at_ns;

    if ((column == TQ__LOG_START_MS ? read_unix_ms(value, at_ns) : tq__time_read(value, at_ns)) != 0)
        *at_ns = TQ_LOG_NO_START;
}

/* Reads one column into the record; 0 or a fault. */
static int read_column(int column, struct tq__span value, struct tq_log_record *record)
{
    int64_t count;
    int fault;

    switch (column) {
    case TQ__LOG_UNIX_MS:
        return read_unix_ms(value, &record->at_ns);
    case TQ__LOG_TIMESTAMP:
        return tq__time_read(value, &record->at_ns);
    case TQ__LOG_TOKENS:
    case TQ__LOG_INPUT_TOKENS:
    case TQ__LOG_OUTPUT_TOKENS:
        fault = tq__number_count(value, &count);
        return fault == 0 && tq__log_record_add(record, column, count) ? TQ__SUM_TOO_BIG : fault;
    case TQ__LOG_START_MS:
    case TQ__LOG_STARTED_AT:
        read_start(column, value, record);
        return 0;
    default:
        record->provider = value.at;
        record->provider_len = value.len;
        return value.len == 0 ? TQ__EMPTY : 0;
    }
}

int tq__log_record_make(const struct tq__span value[TQ__LOG_COLUMN_COUNT], uint64_t line,
                        struct tq_log_record *record, struct tq_log_error *error)
{
    bool taken[TQ__LOG_COLUMN_COUNT];
    const char *missing;

    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++)
        taken[column] = value[column].at != NULL;
    missing = tq__log_columns_choose(taken);
    if (missing)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%s is missing", missing);
    *record = tq__log_record_begin(line);
    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++) {
        int fault = taken[column] ? read_column(column, value[column], record) : 0;

        if (fault != 0)
            return tq__log_fail_value(error, line, tq__span_of(tq__log_column_name[column]), fault,
                                      value[column]);
    }
    return TQ_LOG_RECORD;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Begins to read CSV. Quotes may join the first line with those after it, so it is read again. */
static int begin_csv(struct tq__log_rows *rows, struct tq__log_pieces *pieces, struct tq_log_error *error)
{
    struct tq__log_piece header;
    int answer;

    pieces->joins = true;
    answer = tq__log_pieces_next(pieces, &header, error);
    if (answer == TQ_LOG_END)
        return tq__log_fail(error, TQ_LOG_BROKEN, pieces->line + 1, 0, "a quoted field is not closed");
    if (answer != TQ_LOG_RECORD)
        return TQ_LOG_BROKEN;
    if (header.half)
        tq__log_pieces_keep(pieces);
    rows->format = TQ__LOG_CSV;
    return tq__log_csv_begin(&rows->csv, &header, error);
}

int tq__log_rows_begin(struct tq__log_rows *rows, struct tq__log_pieces *pieces, struct tq_log_error *error)
{
    struct tq__log_piece first;
    struct tq_log_error bad;
    const char *at;
    int answer = tq__log_pieces_next(pieces, &first, &bad);

    rows->pieces = pieces;
    if (answer == TQ_LOG_END)
        return 0;
    if (answer == TQ_LOG_BROKEN) {
        *error = bad;
        return answer;
    }
    if (answer == TQ_LOG_RECORD && first.has_nul)
        answer = tq__log_fail(&bad, TQ_LOG_BAD_LINE, first.line, 0, "the line has a NUL byte");
    if (answer == TQ_LOG_BAD_LINE)
        return tq__log_fail(error, TQ_LOG_BROKEN, bad.line, 0, "is neither CSV nor JSONL: %.100s", bad.msg);
    for (at = first.text; *at == ' ' || *at == '\t'; at++)
        continue;
    if (*at == '[')
        return tq__log_fail(error, TQ_LOG_BROKEN, first.line, 0,
                            "is a JSON array; JSONL is read, one object in each line");
    tq__log_pieces_again(pieces);
    if (*at != '{')
        return begin_csv(rows, pieces, error);
    rows->format = TQ__LOG_JSONL;
    return 0;
}

int tq__log_rows_record(struct tq__log_rows *rows, const struct tq__log_piece *piece,
                        struct tq_log_record *record, struct tq_log_error *error)
{
    int answer;

    if (rows->format == TQ__LOG_JSONL)
        return tq__log_jsonl_record(rows->decoded, piece, record, error);
    answer = tq__log_csv_record(&rows->csv, piece, record, error);
    if (answer != TQ__LOG_WRONG_QUOTES)
        return answer;
    tq__log_pieces_split(rows->pieces); /* the quote that joined the lines may be the wrong one */
    return TQ_LOG_BAD_LINE;
}
