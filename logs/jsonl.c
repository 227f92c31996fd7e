/* jsonl.c: JSONL, one object a line, and the records of its members.
 *
 * SPDX-License-Identifier: MIT
 *
 * jansson says whether a line is JSON and decodes its strings. Its numbers are doubles, so numbers are taken
 * from the text of the line: the n-th member of the object (jansson keeps their order, and two of one name
 * are refused) is the n-th in the text, which is known to be well formed by then.
 */
#include "internal.h"

#include <assert.h>
#include <string.h>

#define DETAIL_BYTES 100 /* of what jansson says in a message */

/* Numbers are read as doubles even when whole: an unsigned 64-bit identifier among the members nobody asked
 * for would make jansson refuse the line. */
#define FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL)

/* Behind the string that begins at `at`. */
static const char *skip_string(const char *at)
{
    for (at++; *at != '"'; at++)
        at += *at == '\\';
    return at + 1;
}

/* The number that is the value of the object's n-th member, from 0, as it is written. */
static struct tq__log_text number_of_member(const char *at, size_t n)
{
    struct tq__log_text number = {0};
    size_t depth = 0;

    for (;;) {
        switch (*at) {
        case '"':
            at = skip_string(at);
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        case ',':
            n -= depth == 1;
            break;
        case ':':
            if (depth == 1 && n == 0) {
                number.text = at + 1 + strspn(at + 1, " \t\r");
                number.len = strspn(number.text, "+-.0123456789eE");
                return number;
            }
            break;
        default:
            break;
        }
        at++;
    }
}

/* The text of a column; its text is NULL for null, which counts as not there. */
static int text_of(const struct tq__log_line *line, size_t n, const json_t *member, int column,
                   struct tq__log_text *text, struct tq_log_error *error)
{
    *text = (struct tq__log_text){0};
    if (json_is_string(member)) {
        text->text = json_string_value(member);
        text->len = json_string_length(member);
    } else if (json_is_number(member) && column != TQ__LOG_PROVIDER && column != TQ__LOG_PROVIDER_OR_MODEL &&
               column != TQ__LOG_MODEL) {
        *text = number_of_member(line->text, n);
        assert(text->len > 0);
    } else if (!json_is_null(member)) {
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line->number, 0,
                            "%s is of a JSON type that cannot be read", tq__log_column_name[column]);
    }
    return 0;
}

/* The texts of the columns among the members of the object. */
static int read_members(const struct tq__log_line *line, json_t *object,
                        struct tq__log_text value[TQ__LOG_COLUMN_COUNT], struct tq_log_error *error)
{
    bool seen[TQ__LOG_COLUMN_COUNT] = {false};
    size_t n = 0;

    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at), n++) {
        const char *key = json_object_iter_key(at);
        int column = tq__log_column_of((struct tq__log_text){key, strlen(key)});

        if (column < 0)
            continue;
        if (seen[column])
            return tq__log_fail(error, TQ_LOG_BAD_LINE, line->number, 0, "%s is there twice",
                                tq__log_column_name[column]);
        seen[column] = true;
        if (text_of(line, n, json_object_iter_value(at), column, &value[column], error) != 0)
            return TQ_LOG_BAD_LINE;
    }
    return 0;
}

int tq__log_json_next(struct tq__log_json *json, struct tq__log_lines *lines, struct tq_log_record *record,
                      struct tq_log_error *error)
{
    struct tq__log_text value[TQ__LOG_COLUMN_COUNT] = {{0}};
    char detail[DETAIL_BYTES + 4];
    struct tq__log_line line;
    struct tq__log_text text;
    json_error_t reason;
    int answer;

    tq__log_json_close(json);
    answer = tq__log_lines_next(lines, &line, error);
    if (answer != TQ_LOG_RECORD)
        return answer;
    json->object = json_loadb(line.text, line.len, FLAGS, &reason);
    if (!json->object) {
        text = (struct tq__log_text){reason.text, strlen(reason.text)};
        tq__log_show(detail, sizeof(detail), text, DETAIL_BYTES);
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line.number, 0, "not JSON at byte %d: %s",
                            reason.position, detail);
    }
    if (!json_is_object(json->object))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line.number, 0, "not a JSON object");
    if (read_members(&line, json->object, value, error) != 0)
        return TQ_LOG_BAD_LINE;
    return tq__log_record_make(value, line.number, record, error);
}

void tq__log_json_close(struct tq__log_json *json)
{
    json_decref(json->object);
    json->object = NULL;
}
