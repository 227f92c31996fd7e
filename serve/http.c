/* http.c: what handlers ask of a request, and how they fill an answer.
 *
 * SPDX-License-Identifier: MIT
 */
#include "http.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mhd.h"
#include "view/json.h"

/* ---- the request ----------------------------------------------------------------------------- */

const char *http_query(const struct http_request *request, const char *name)
{
    const char *value = NULL;

    return http_query_all(request, name, &value, 1) > 0 ? value : NULL;
}

struct wanted {
    const char *name;
    const char **values;
    size_t capacity, count;
};

static enum MHD_Result take_value(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct wanted *wanted = context;

    (void)kind;
    if (strcmp(name, wanted->name) != 0)
        return MHD_YES;
    if (wanted->count < wanted->capacity)
        wanted->values[wanted->count] = value ? value : "";
    wanted->count++;
    return MHD_YES;
}

size_t http_query_all(const struct http_request *request, const char *name, const char **values,
                      size_t capacity)
{
    struct wanted wanted = {name, values, capacity, 0};

    (void)mhd.get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, take_value, &wanted);
    return wanted.count;
}

struct foreign {
    const char *const *known;
    const char *found;
};

static enum MHD_Result find_foreign(void *context, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct foreign *foreign = context;

    (void)kind;
    (void)value;
    for (const char *const *known = foreign->known; *known; known++)
        if (strcmp(*known, name) == 0)
            return MHD_YES;
    foreign->found = name;
    return MHD_NO;
}

const char *http_query_foreign(const struct http_request *request, const char *const *known)
{
    struct foreign foreign = {known, NULL};

    (void)mhd.get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, find_foreign, &foreign);
    return foreign.found;
}

const char *http_header(const struct http_request *request, const char *name)
{
    return mhd.lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static int put_text(struct http_answer *answer, unsigned status, const char *type, char *body, size_t len)
{
    if (!body)
        return TQ_ENOMEM;
    answer->status = status;
    answer->type = type;
    answer->body = body;
    answer->len = len;
    return 0;
}

int http_text(struct http_answer *answer, const char *type, char *body, size_t len)
{
    return put_text(answer, 200, type, body, len);
}

static int put_document(struct http_answer *answer, unsigned status, const char *type,
                        struct json_t *document)
{
    char *body = document ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

    json_decref(document);
    return put_text(answer, status, type, body, body ? strlen(body) : 0);
}

int http_json(struct http_answer *answer, unsigned status, struct json_t *document)
{
    return put_document(answer, status, "application/json", document);
}

static int put_problem(struct http_answer *answer, unsigned status, const char *code, json_t *more,
                       const char *format, va_list list)
{
    char detail[1024];
    json_t *document;

    vsnprintf(detail, sizeof detail, format, list);
    document =
        json_pack("{s:s,s:s,s:i,s:o,s:s}", "type", "about:blank", "title", mhd.get_reason_phrase_for(status),
                  "status", (int)status, "detail", text_json(detail), "code", code);
    return put_document(answer, status, "application/problem+json", json_join(document, more));
}

int http_problem(struct http_answer *answer, unsigned status, const char *code, const char *format, ...)
{
    va_list list;
    int result;

    va_start(list, format);
    result = put_problem(answer, status, code, json_object(), format, list);
    va_end(list);
    return result;
}

int http_problem_more(struct http_answer *answer, unsigned status, const char *code, json_t *more,
                      const char *format, ...)
{
    va_list list;
    int result;

    va_start(list, format);
    result = put_problem(answer, status, code, more, format, list);
    va_end(list);
    return result;
}

const char *http_trouble(int code)
{
    return code == TQ_EGONE ? "the ledger cannot be opened; the daemon's log says why" : tq_strerror(code);
}

int http_code(struct http_answer *answer, int code)
{
    bool is_busy = code == TQ_EBUSY || code == TQ_EGONE;
    const char *name = code == TQ_EBUSY ? "ledger_busy" : code == TQ_EGONE ? "no_ledger" : "not_decided";

    if (code == TQ_ENOMEM || code == TQ_ENOSPC)
        return http_problem(answer, code == TQ_ENOMEM ? 503 : 507, "no_room", "%s", tq_strerror(code));
    return http_problem(answer, is_busy ? 503 : 500, name, "%s", http_trouble(code));
}

void http_field(struct http_answer *answer, const char *name, const char *format, ...)
{
    va_list list;
    char *value;

    if (answer->header_count == HTTP_HEADERS)
        return;
    answer->headers[answer->header_count].name = name;
    value = answer->headers[answer->header_count++].value;
    va_start(list, format);
    vsnprintf(value, sizeof answer->headers[0].value, format, list);
    va_end(list);
    for (; *value; value++)
        if (*value < ' ' || *value > '~')
            *value = '?';
}
