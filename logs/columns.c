/* columns.c: a table of a tool, as CSV with a header line: the columns that are wanted, and the values of a
 * row.
 *
 * SPDX-License-Identifier: MIT
 */
#include "columns.h"

#include "error.h"

/* The number of a column's name, from 1; 0: it is not wanted. */
static uint8_t number_of(struct tq__span column, const char *const *names)
{
    for (uint8_t i = 0; names[i]; i++)
        if (tq__span_equals(column, names[i]))
            return (uint8_t)(i + 1);
    return 0;
}

static bool has_even_quotes(struct tq__span text)
{
    bool odd = false;

    for (size_t i = 0; i < text.len; i++)
        odd ^= text.at[i] == '"';
    return !odd;
}

uint32_t tq__log_columns_begin(struct tq__log_columns *columns, struct tq__span header,
                               const char *const *names)
{
    const char *at = header.at, *end = header.at + header.len;
    uint32_t found = 0;

    *columns = (struct tq__log_columns){0};
    if (!has_even_quotes(header))
        return 0;
    while (at) {
        struct tq__log_field field;
        uint8_t number;

        if (columns->count == TQ__LOG_COLUMNS_OF_HEADER || tq__log_csv_field(&at, end, &field))
            return 0;
        number = number_of(tq__span_trim(field.text), names);
        if (number > 0 && found >> (number - 1) & 1)
            return 0;
        found |= number > 0 ? UINT32_C(1) << (number - 1) : 0;
        columns->wanted[columns->count++] = number;
    }
    return found;
}

int tq__log_columns_row(const struct tq__log_columns *columns, const struct tq__log_piece *row,
                        struct tq__span value[TQ__LOG_COLUMNS_WANTED], struct tq_log_error *error)
{
    const char *at = row->text, *end = at + row->len;
    size_t fields = 0;

    if (row->is_open)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, row->line, 0, "a quoted field is not closed");
    for (size_t i = 0; i < TQ__LOG_COLUMNS_WANTED; i++)
        value[i] = (struct tq__span){0};
    for (; at; fields++) {
        struct tq__log_field field;
        const char *wrong = tq__log_csv_field(&at, end, &field);

        if (wrong)
            return tq__log_fail(error, TQ__LOG_WRONG_QUOTES, row->line, 0, "%s (field %zu)", wrong,
                                fields + 1);
        if (fields < columns->count && columns->wanted[fields] > 0)
            value[columns->wanted[fields] - 1] = tq__log_csv_text(row, &field);
    }
    if (fields != columns->count)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, row->line, 0, "the line has %zu field%s, the header %zu",
                            fields, fields == 1 ? "" : "s", columns->count);
    return TQ_LOG_RECORD;
}
