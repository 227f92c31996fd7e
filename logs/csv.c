/* csv.c: CSV with a header line, after RFC 4180: which columns are wanted, and the records of the rows.
 *
 * SPDX-License-Identifier: MIT
 *
 * There are two readers. read_plain reads the rows that nearly all logs have: no quotes, and numbers that are
 * only digits. It is fast, and leaves every other row to read_any, which reads all of CSV and reports what is
 * wrong. Both give the same record for a row that both can read (test_log_csv.c).
 *
 * A field has quotes at both ends or nowhere. So a row continues in the next line exactly when the number of
 * its quotes is odd (pieces.c joins the lines), and a line that breaks the rule spoils no other line.
 */
#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "error.h"
#include "rows.h"

#define PLAIN_DIGITS 18 /* so many digits always fit in an int64_t */

/* ---- fields ---- */

/* The quote that closes the field whose text begins at `at`; NULL: none does. In a whole row there is one:
 * the row has an even number of quotes, and each field so far has used up an even number of them. */
static const char *closing_quote(const char *at, const char *end)
{
    while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        if (at + 1 == end || at[1] != '"')
            return at;
        at += 2;
    }
    return NULL;
}

const char *tq__log_csv_field(const char **at, const char *end, struct tq__log_field *field)
{
    const char *from = *at, *stop;

    field->quoted = from < end && *from == '"';
    if (field->quoted) {
        stop = closing_quote(++from, end);
        assert(stop);
        field->text = (struct tq__span){from, (size_t)(stop - from)};
        stop++;
        if (stop < end && *stop != ',')
            return "a quoted field goes on behind its closing quote";
    } else {
        stop = memchr(from, ',', (size_t)(end - from));
        if (!stop)
            stop = end;
        field->text = (struct tq__span){from, (size_t)(stop - from)};
        if (memchr(from, '"', field->text.len))
            return "a quote is inside a field that does not begin with one";
        field->text = tq__span_trim(field->text);
    }
    *at = stop < end ? stop + 1 : NULL;
    return NULL;
}

const char *tq__log_csv_fault(const struct tq__log_piece *row, size_t *number)
{
    const char *at = row->text, *end = at + row->len, *wrong = NULL;
    struct tq__log_field field;

    for (*number = 1; at && !wrong; *number += !wrong) {
        if (at < end && *at == '"' && !closing_quote(at + 1, end))
            return NULL;
        wrong = tq__log_csv_field(&at, end, &field);
    }
    return wrong;
}

struct tq__span tq__log_csv_text(const struct tq__log_piece *row, const struct tq__log_field *field)
{
    char *text = row->text + (field->text.at - row->text);
    size_t len = 0;

    if (!field->quoted)
        return field->text;
    for (size_t i = 0; i < field->text.len; i++) {
        text[len++] = text[i];
        i += text[i] == '"'; /* its twin */
    }
    return (struct tq__span){text, len};
}

static int fail_open(const struct tq__log_piece *row, struct tq_log_error *error)
{
    return tq__log_fail(error, TQ_LOG_BAD_LINE, row->line, 0, "a quoted field is not closed");
}

/* ---- header ---- */

static int fail_header(struct tq_log_error *error, const struct tq__log_piece *header, const char *what,
                       const char *name)
{
    char shown[121];

    tq__text_make_safe(shown, sizeof(shown), (struct tq__span){header->text, header->len}, sizeof(shown),
                       TQ__LOG_SHOWN);
    return tq__log_fail(error, TQ_LOG_BROKEN, header->line, 0, "%s %s; the first line is: %s", what, name,
                        shown);
}

/* Keeps the wanted ones of the columns found (their place in the line, from 1), in the order of the line. */
static void want(struct tq__log_csv *csv, const size_t place[TQ__LOG_COLUMN_COUNT],
                 const bool taken[TQ__LOG_COLUMN_COUNT])
{
    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++) {
        size_t i = csv->wanted_count;

        if (!taken[column])
            continue;
        for (; i > 0 && csv->wanted[i - 1].at > place[column] - 1; i--)
            csv->wanted[i] = csv->wanted[i - 1];
        csv->wanted[i].at = place[column] - 1;
        csv->wanted[i].column = column;
        csv->wanted_count++;
    }
}

int tq__log_csv_begin(struct tq__log_csv *csv, const struct tq__log_piece *header, struct tq_log_error *error)
{
    const char *at = header->text, *end = at + header->len, *wrong;
    size_t place[TQ__LOG_COLUMN_COUNT] = {0};
    bool taken[TQ__LOG_COLUMN_COUNT];

    *csv = (struct tq__log_csv){0};
    if (header->is_open) {
        fail_open(header, error);
        return TQ_LOG_BROKEN;
    }
    while (at) {
        struct tq__log_field field;
        int column;

        wrong = tq__log_csv_field(&at, end, &field);
        if (wrong)
            return fail_header(error, header, "no CSV header:", wrong);
        column = tq__log_column_of(tq__span_trim(field.text));
        csv->columns++;
        if (column >= 0 && place[column] != 0)
            return fail_header(error, header, "there are two columns", tq__log_column_name[column]);
        if (column >= 0)
            place[column] = csv->columns;
    }
    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++)
        taken[column] = place[column] != 0;
    wrong = tq__log_columns_choose(taken);
    if (wrong)
        return fail_header(error, header, "there is no column", wrong);
    want(csv, place, taken);
    return 0;
}

/* ---- lines ---- */

/* The start of the field that is `fields` fields after the one at `at`; NULL when there are fewer. */
static const char *skip_fields(const char *at, const char *end, size_t fields)
{
    while (fields-- > 0) {
        at = memchr(at, ',', (size_t)(end - at));
        if (!at)
            return NULL;
        at++;
    }
    return at;
}

static const char *end_of_field(const char *at, const char *end)
{
    const char *stop = memchr(at, ',', (size_t)(end - at));

    return stop ? stop : end;
}

/* Reads digits up to another byte, which exists by P3 of pieces.c; NULL when there are no digits or too
 * many. */
static const char *read_digits(const char *at, int64_t *value)
{
    const char *first = at;
    uint64_t sum = 0;
    unsigned digit;

    while ((digit = (unsigned)(unsigned char)*at - '0') <= 9) {
        sum = sum * 10 + digit;
        at++;
    }
    *value = (int64_t)sum;
    return at > first && at - first <= PLAIN_DIGITS ? at : NULL;
}

static const char *read_plain_instant(int column, const char *at, const char *end, int64_t *at_ns)
{
    const char *stop;
    int64_t ms;

    if (column == TQ__LOG_UNIX_MS || column == TQ__LOG_START_MS) {
        stop = read_digits(at, &ms);
        return stop && !__builtin_mul_overflow(ms, INT64_C(1000000), at_ns) ? stop : NULL;
    }
    stop = end_of_field(at, end);
    return tq__time_read((struct tq__span){at, (size_t)(stop - at)}, at_ns) == 0 ? stop : NULL;
}

static const char *read_plain_field(int column, const char *at, const char *end, struct tq_log_record *record)
{
    const char *stop;
    int64_t value;

    switch (column) {
    case TQ__LOG_UNIX_MS:
    case TQ__LOG_TIMESTAMP:
        return read_plain_instant(column, at, end, &record->at_ns);
    case TQ__LOG_START_MS:
    case TQ__LOG_STARTED_AT:
        return read_plain_instant(column, at, end, &record->start_at_ns);
    case TQ__LOG_TOKENS:
    case TQ__LOG_INPUT_TOKENS:
    case TQ__LOG_OUTPUT_TOKENS:
        stop = read_digits(at, &value);
        if (stop)
            (void)tq__log_record_add(record, column, value); /* two such numbers cannot overflow */
        return stop;
    default:
        stop = end_of_field(at, end);
        record->provider = at;
        record->provider_len = (size_t)(stop - at);
        if (stop == at || *at == ' ' || *at == '\t' || stop[-1] == ' ' || stop[-1] == '\t')
            return NULL;
        return stop;
    }
}

/* Reads a row without quotes; false when read_any must read it. */
static bool read_plain(const struct tq__log_csv *csv, const struct tq__log_piece *row,
                       struct tq_log_record *record)
{
    const char *at = row->text, *end = at + row->len;
    size_t done = 0;

    *record = tq__log_record_begin(row->line);
    for (size_t i = 0; i < csv->wanted_count; i++) {
        if (i > 0 && (at == end || *at++ != ','))
            return false;
        at = skip_fields(at, end, csv->wanted[i].at - done);
        if (at)
            at = read_plain_field(csv->wanted[i].column, at, end, record);
        if (!at)
            return false;
        done = csv->wanted[i].at + 1;
    }
    if (done == csv->columns)
        return at == end;
    if (at == end || *at++ != ',')
        return false;
    at = skip_fields(at, end, csv->columns - done - 1);
    return at && end_of_field(at, end) == end;
}

static int read_any(const struct tq__log_csv *csv, const struct tq__log_piece *row,
                    struct tq_log_record *record, struct tq_log_error *error)
{
    const char *at = row->text, *end = at + row->len, *wrong;
    struct tq__span value[TQ__LOG_COLUMN_COUNT] = {{0}};
    struct tq__log_field field, wanted[TQ__LOG_WANTED_MAX];
    size_t fields = 0, found = 0;

    if (row->is_open)
        return fail_open(row, error);
    while (at) {
        wrong = tq__log_csv_field(&at, end, &field);
        if (wrong)
            return tq__log_fail(error, TQ__LOG_WRONG_QUOTES, row->line, 0, "%s (field %zu)", wrong,
                                fields + 1);
        if (found < csv->wanted_count && csv->wanted[found].at == fields)
            wanted[found++] = field;
        fields++;
    }
    if (fields != csv->columns)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, row->line, 0, "the line has %zu field%s, the header %zu",
                            fields, fields == 1 ? "" : "s", csv->columns);
    for (size_t i = 0; i < found; i++)
        value[csv->wanted[i].column] = tq__log_csv_text(row, &wanted[i]);
    return tq__log_record_make(value, row->line, record, error);
}

int tq__log_csv_record(const struct tq__log_csv *csv, const struct tq__log_piece *row,
                       struct tq_log_record *record, struct tq_log_error *error)
{
    if (!row->has_quote && read_plain(csv, row, record))
        return TQ_LOG_RECORD;
    return read_any(csv, row, record, error);
}
