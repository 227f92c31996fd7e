/* jsonl.c: reads a line of JSONL, one object, into a record.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/json.h"
#include "error.h"
#include "rows.h"

#define NAME_BYTES 32 /* longer than the name of every column */

static bool is_text_column(int column)
{
    return column == TQ__LOG_PROVIDER || column == TQ__LOG_PROVIDER_OR_MODEL || column == TQ__LOG_MODEL;
}

/* Takes a member, when it is a column: its text, {NULL, 0} for null, which counts as not there. */
static int take(char decoded[TQ__LOG_COLUMN_COUNT][TQ__LOG_DECODED_BYTES], const struct tq__json_item *item,
                struct tq__span value[TQ__LOG_COLUMN_COUNT], bool seen[TQ__LOG_COLUMN_COUNT], uint64_t line,
                struct tq_log_error *error)
{
    char name[NAME_BYTES];
    int column = tq__log_column_of(tq__json_unescape(item->key, name, sizeof(name)));

    if (column < 0)
        return 0;
    if (seen[column])
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%s is there twice",
                            tq__log_column_name[column]);
    seen[column] = true;
    if (item->kind == TQ__JSON_STRING)
        value[column] = tq__json_unescape(item->text, decoded[column], TQ__LOG_DECODED_BYTES);
    else if (item->kind == TQ__JSON_NUMBER && !is_text_column(column))
        value[column] = item->text;
    else if (item->kind != TQ__JSON_NULL && !tq__log_is_start(column))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%s is of a JSON type that cannot be read",
                            tq__log_column_name[column]);
    return 0;
}

int tq__log_jsonl_record(char decoded[TQ__LOG_COLUMN_COUNT][TQ__LOG_DECODED_BYTES],
                         const struct tq__log_piece *row, struct tq_log_record *record,
                         struct tq_log_error *error)
{
    struct tq__span value[TQ__LOG_COLUMN_COUNT] = {{0}}, text = {row->text, row->len};
    bool seen[TQ__LOG_COLUMN_COUNT] = {false}, is_object;
    struct tq__json_item item;
    struct tq__json json;
    int answer = 0;

    tq__json_begin(&json, text, TQ__JSON_STRICT);
    is_object = tq__json_enter_next(&json, '{');
    while (is_object && tq__json_next(&json, &item)) {
        if (answer == 0)
            answer = take(decoded, &item, value, seen, row->line, error);
    }
    if (!tq__json_done(&json))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, row->line, 0, "not JSON at byte %zu",
                            (size_t)(json.fault - text.at) + 1);
    if (!tq__utf8_is_valid(text))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, row->line, 0, "not UTF-8");
    if (!is_object)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, row->line, 0, "not a JSON object");
    return answer != 0 ? answer : tq__log_record_make(value, row->line, record, error);
}
