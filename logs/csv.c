/* csv.c: CSV with a header line, after RFC 4180: which columns are wanted, and the records of the lines.
 *
 * SPDX-License-Identifier: MIT
 *
 * Two readers of one language. read_plain knows only what nearly every line is: no quotes, numbers of digits
 * alone; it works in place, at a few instructions a byte, and steps back from anything else. read_any knows
 * all of it and finds the words for what is wrong. What both read, they must read alike (test_log_csv.c).
 *
 * Quotes are taken strictly: they are at both ends of a field or nowhere in it. Then a line is open, that is,
 * its last field goes on in the next line, exactly when its quotes are odd in number; and a line that breaks
 * the rule costs itself and no line behind it.
 */
#include "internal.h"

#include <assert.h>
#include <string.h>

#define PLAIN_DIGITS 18 /* so many digits always fit in an int64_t */

struct field {
    char *text; /* inside the quotes */
    size_t len;
    bool quoted;
};

/* ---- fields ---- */

static void trim(struct field *field)
{
    while (field->len > 0 && (*field->text == ' ' || *field->text == '\t')) {
        field->text++;
        field->len--;
    }
    while (field->len > 0 && (field->text[field->len - 1] == ' ' || field->text[field->len - 1] == '\t'))
        field->len--;
}

/* The quote that closes the field whose text begins at `at`. There is one: whole_record made the quotes even
 * in number, and each field so far has used up an even number of them. */
static char *closing_quote(char *at, char *end)
{
    for (;;) {
        at = memchr(at, '"', (size_t)(end - at));
        assert(at);
        if (at + 1 == end || at[1] != '"')
            return at;
        at += 2;
    }
}

/* Takes the field at *at and moves *at to the next one, NULL behind the last. NULL, or what is wrong. */
static const char *next_field(char **at, char *end, struct field *field)
{
    char *stop;

    field->quoted = *at < end && **at == '"';
    if (field->quoted) {
        field->text = *at + 1;
        stop = closing_quote(field->text, end);
        field->len = (size_t)(stop - field->text);
        stop++;
        if (stop < end && *stop != ',')
            return "a quoted field goes on behind its closing quote";
    } else {
        field->text = *at;
        stop = memchr(*at, ',', (size_t)(end - *at));
        if (!stop)
            stop = end;
        field->len = (size_t)(stop - field->text);
        if (memchr(field->text, '"', field->len))
            return "a quote is inside a field that does not begin with one";
        trim(field);
    }
    *at = stop < end ? stop + 1 : NULL;
    return NULL;
}

/* The text of the field, with doubled quotes made one, in place. */
static struct tq__log_text text_of(struct field *field)
{
    size_t len = 0;

    if (field->quoted) {
        for (size_t i = 0; i < field->len; i++) {
            field->text[len++] = field->text[i];
            i += field->text[i] == '"'; /* its twin */
        }
        field->len = len;
    }
    return (struct tq__log_text){field->text, field->len};
}

static bool is_odd_quotes(const char *text, size_t len)
{
    bool odd = false;

    for (size_t i = 0; i < len; i++)
        odd ^= text[i] == '"';
    return odd;
}

/* Extends the line until its last field is closed, if that is within reach. */
static int whole_record(struct tq__log_lines *lines, struct tq__log_line *line, struct tq_log_error *error)
{
    bool open = line->has_quote && is_odd_quotes(line->text, line->len);

    while (open) {
        size_t len = line->len;
        int answer = tq__log_lines_extend(lines, line, error);

        if (answer == TQ_LOG_BROKEN)
            return answer;
        if (answer != TQ_LOG_RECORD)
            return tq__log_fail(error, TQ_LOG_BAD_LINE, line->number, 0, "a quoted field is not closed");
        open ^= is_odd_quotes(line->text + len, line->len - len);
    }
    return TQ_LOG_RECORD;
}

/* ---- header ---- */

static int fail_header(struct tq_log_error *error, const struct tq__log_line *header, const char *what,
                       const char *name)
{
    char shown[121];

    tq__log_show(shown, sizeof(shown), (struct tq__log_text){header->text, header->len}, sizeof(shown));
    return tq__log_fail(error, TQ_LOG_BROKEN, header->number, 0, "%s %s; the first line is: %s", what,
                        name, shown);
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

int tq__log_csv_open(struct tq__log_csv *csv, struct tq__log_lines *lines, struct tq__log_line *header,
                     struct tq_log_error *error)
{
    size_t place[TQ__LOG_COLUMN_COUNT] = {0};
    bool taken[TQ__LOG_COLUMN_COUNT];
    const char *wrong;
    char *at, *end;

    *csv = (struct tq__log_csv){0};
    if (whole_record(lines, header, error) != TQ_LOG_RECORD)
        return TQ_LOG_BROKEN;
    tq__log_lines_keep(lines);
    at = header->text;
    end = at + header->len;
    while (at) {
        struct field field;
        int column;

        wrong = next_field(&at, end, &field);
        if (wrong)
            return fail_header(error, header, "no CSV header:", wrong);
        trim(&field);
        column = tq__log_column_of((struct tq__log_text){field.text, field.len});
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

/* The start of the field that is so many fields behind the one which starts at `at`; NULL behind the end. */
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

/* Reads digits up to what is none, which L1 of lines.c promises; NULL when they are none or too many. */
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

static const char *read_plain_field(int column, const char *at, const char *end, struct tq_log_record *record)
{
    struct tq__log_text text;
    const char *stop;
    int64_t value;

    switch (column) {
    case TQ__LOG_UNIX_MS:
        stop = read_digits(at, &value);
        return stop && !__builtin_mul_overflow(value, INT64_C(1000000), &record->at_ns) ? stop : NULL;
    case TQ__LOG_TIMESTAMP:
        stop = end_of_field(at, end);
        text = (struct tq__log_text){at, (size_t)(stop - at)};
        return tq__log_time_stamp(text, &record->at_ns) == 0 ? stop : NULL;
    case TQ__LOG_TOKENS:
    case TQ__LOG_INPUT_TOKENS:
    case TQ__LOG_OUTPUT_TOKENS:
        stop = read_digits(at, &value);
        if (stop)
            record->tokens += value; /* two such numbers cannot overflow */
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

/* Reads a line without quotes; false when there is anything about it that read_any has to look at. */
static bool read_plain(const struct tq__log_csv *csv, const struct tq__log_line *line,
                       struct tq_log_record *record)
{
    const char *at = line->text, *end = at + line->len;
    size_t done = 0;

    record->tokens = 0;
    record->line = line->number;
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

static int read_any(const struct tq__log_csv *csv, struct tq__log_lines *lines, struct tq__log_line *line,
                    struct tq_log_record *record, struct tq_log_error *error)
{
    struct tq__log_text value[TQ__LOG_COLUMN_COUNT] = {{0}};
    struct field field, wanted[TQ__LOG_WANTED_MAX];
    size_t fields = 0, found = 0;
    const char *wrong;
    char *at, *end;
    int answer;

    answer = whole_record(lines, line, error);
    if (answer != TQ_LOG_RECORD)
        return answer;
    at = line->text;
    end = at + line->len;
    while (at) {
        wrong = next_field(&at, end, &field);
        if (wrong)
            return tq__log_fail(error, TQ_LOG_BAD_LINE, line->number, 0, "%s (field %zu)", wrong, fields + 1);
        if (found < csv->wanted_count && csv->wanted[found].at == fields)
            wanted[found++] = field;
        fields++;
    }
    tq__log_lines_keep(lines);
    if (fields != csv->columns)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line->number, 0,
                            "the line has %zu field%s, the header %zu", fields, fields == 1 ? "" : "s",
                            csv->columns);
    for (size_t i = 0; i < found; i++)
        value[csv->wanted[i].column] = text_of(&wanted[i]);
    return tq__log_record_make(value, line->number, record, error);
}

int tq__log_csv_next(const struct tq__log_csv *csv, struct tq__log_lines *lines, struct tq_log_record *record,
                     struct tq_log_error *error)
{
    struct tq__log_line line;
    int answer = tq__log_lines_next(lines, &line, error);

    if (answer != TQ_LOG_RECORD)
        return answer;
    if (!line.has_quote && read_plain(csv, &line, record))
        return TQ_LOG_RECORD;
    return read_any(csv, lines, &line, record, error);
}
