/* signal_body.c: a body of any kind -> the JSON in it that may say something about quota.
 *
 * SPDX-License-Identifier: MIT
 *
 * A refusal's body is one document and is parsed. The body of a success is long and says nothing, mostly: it
 * is searched for the few words that matter before anything is parsed. Server-sent events and JSON lines are
 * looked at line by line.
 */
#define _GNU_SOURCE /* memmem */
#include "refusal.h"

#include <string.h>

#include "json_value.h"
#include "reading.h"
#include "lines.h"

static bool has(struct tq__span text, const char *word)
{
    return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

/* May it be an error, or an event that reports limits? */
static bool may_matter(struct tq__span text)
{
    return has(text, "\"error\"") || has(text, "rate_limit") || has(text, "throttlingException") ||
           has(text, "event: error") || has(text, "event:error");
}

static bool read_document(struct tq__reading *reading, struct tq__span text)
{
    json_t *document = json_loadb(text.at, text.len, TQ__JSON_FLAGS, NULL);
    const json_t *object;
    size_t i;

    if (!document)
        return false;
    if (json_is_object(document))
        tq__refusal_object(reading, document);
    /* Gemini's streams are one array. */
    json_array_foreach(document, i, object)
    {
        if (json_is_object(object) && (reading->status >= 400 || json_object_get(object, "error")))
            tq__refusal_object(reading, object);
    }
    json_decref(document);
    return true;
}

/* Events of a stream, or JSON line by line. */
static void read_lines(struct tq__reading *reading, struct tq__span text)
{
    struct tq__span parts[2] = {text, {TQ__USAGE_LINES_END, sizeof(TQ__USAGE_LINES_END) - 1}};
    struct tq__usage_lines lines;
    struct tq__usage_text piece;

    tq__usage_lines_init(&lines, TQ_BODY_MAX);
    for (int i = 0; i < 2; i++) {
        while (tq__usage_lines_next(&lines, &parts[i], &piece)) {
            reading->named_error = piece.event_error;
            if (piece.event_error || may_matter(piece.text))
                read_document(reading, piece.text);
        }
    }
    reading->named_error = false;
    tq__usage_lines_free(&lines);
}

void tq__refusal_body(struct tq__reading *reading, const char *body, size_t len)
{
    struct tq__span text = {body, len};
    bool served = reading->status < 400;

    if (!body || len > TQ_BODY_MAX)
        return;
    while (text.len > 0 && (*text.at == ' ' || *text.at == '\t' || *text.at == '\n' || *text.at == '\r')) {
        text.at++;
        text.len--;
    }
    if (text.len == 0 || (served && !may_matter(text)))
        return;
    if ((*text.at != '{' && *text.at != '[') || !read_document(reading, text))
        read_lines(reading, text);
}
