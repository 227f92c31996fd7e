/* refusal.c: finds the errors in a body: in one document, in a stream of events, in JSON lines.
 *
 * SPDX-License-Identifier: MIT
 *
 * error.c reads each of them.
 */
#include "refusal.h"

#include <stddef.h>

#include "lines.h"

#define SENTENCE_MAX 1024

/* What the text is, when it is sound JSON to its end, and UTF-8; else TQ__JSON_NONE. */
static enum tq__json_kind json_kind_of(struct tq__span text)
{
    struct tq__json_item item;
    struct tq__json json;

    tq__json_begin(&json, text, TQ__JSON_STRICT);
    return tq__json_next(&json, &item) && tq__json_done(&json) && tq__utf8_is_valid(text) ? item.kind
                                                                                          : TQ__JSON_NONE;
}

void tq__refusal_begin(int64_t sent_at_ns, struct tq_quota_signal *signal)
{
    size_t size = signal->size < sizeof *signal ? offsetof(struct tq_quota_signal, account) : sizeof *signal;
    uint32_t said = signal->size;

    memset(signal, 0, size);
    signal->size = said;
    signal->binds = -1;
    signal->sent_at_ns = sent_at_ns;
}

/* What a text said that another one must not take back; its size may be an older one. */
struct before {
    uint32_t refusal, flags, profile, source, anomalies, axis_count;
    int32_t binds;
    int64_t retry_at_ns;
};

static struct before before_of(const struct tq_quota_signal *signal)
{
    return (struct before){.refusal = signal->refusal,
                           .flags = signal->flags,
                           .profile = signal->profile,
                           .source = signal->source,
                           .anomalies = signal->anomalies,
                           .axis_count = signal->axis_count,
                           .binds = signal->binds,
                           .retry_at_ns = signal->retry_at_ns};
}

int tq__refusal_read(const struct tq_profile *profile, struct tq__span text, bool named_error, int64_t now_ns,
                     struct tq_quota_signal *signal)
{
    struct before before = before_of(signal);
    struct tq__reading reading;

    if (json_kind_of(text) != TQ__JSON_OBJECT)
        return signal->refusal == TQ_CLASS_NONE && signal->axis_count == 0;
    tq__reading_begin(&reading, signal, profile, 0, now_ns, TQ_DAY_OF_VENDOR);
    reading.named_error = named_error;
    signal->axis_count = before.axis_count;
    signal->anomalies = before.anomalies;
    signal->flags = before.flags & ~TQ_SIGNAL_SUCCESS;
    tq__refusal_object(&reading, text);
    tq__decide(&reading);
    if (signal->refusal == TQ_CLASS_NONE && before.refusal != TQ_CLASS_NONE) {
        signal->refusal = before.refusal;
        signal->source = before.source;
        signal->retry_at_ns = before.retry_at_ns;
        signal->binds = before.binds;
        signal->profile = before.profile;
        signal->flags &= ~TQ_SIGNAL_SUCCESS;
    }
    return signal->refusal == TQ_CLASS_NONE && signal->axis_count == 0;
}

/* ---- a body of any kind -------------------------------------------------------------------------------
 *
 * A refusal's body is one document and is read. The body of a success is long and says nothing, mostly: it is
 * searched for the few words that matter before anything is read. Server-sent events and JSON lines are
 * looked at line by line. */

static bool has_word(struct tq__span text, const char *word)
{
    return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

/* May it be an error, or an event that reports limits? */
static bool may_matter(struct tq__span text)
{
    return has_word(text, "\"error\"") || has_word(text, "rate_limit") ||
           has_word(text, "throttlingException") || has_word(text, "event: error") ||
           has_word(text, "event:error") || has_word(text, "\"base_resp\"");
}

/* Reads it when it is the answer of a usage endpoint. Each of them has a member with "reset" in its name, or
 * "Reset". */
static bool read_poll(struct tq__reading *reading, struct tq__span text)
{
    return reading->status < 400 && text.len > 0 && *text.at == '{' && has_word(text, "eset") &&
           json_kind_of(text) == TQ__JSON_OBJECT && tq__poll_read(reading, text);
}

/* Gemini's streams are one array. */
static void read_elements(struct tq__reading *reading, struct tq__span array)
{
    struct tq__json_item element;
    struct tq__json json;

    tq__json_begin(&json, array, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &element) && tq__json_pass(&json, &element))
        if (element.kind == TQ__JSON_OBJECT &&
            (reading->status >= 400 || tq__json_member(&element, "error").kind != TQ__JSON_NONE))
            tq__refusal_object(reading, element.text);
}

static bool read_document(struct tq__reading *reading, struct tq__span text)
{
    enum tq__json_kind kind = json_kind_of(text);

    if (kind == TQ__JSON_OBJECT)
        tq__refusal_object(reading, text);
    else if (kind == TQ__JSON_ARRAY)
        read_elements(reading, text);
    return kind == TQ__JSON_OBJECT || kind == TQ__JSON_ARRAY;
}

/* Events of a stream, or JSON line by line. */
static void read_lines(struct tq__reading *reading, struct tq__span text)
{
    struct tq__span parts[2] = {text, TQ__SPAN(TQ__USAGE_LINES_END)};
    struct tq__usage_lines lines = {.max = TQ_BODY_MAX};
    struct tq__usage_text piece;

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

static struct tq__span behind_blanks(struct tq__span text)
{
    while (text.len > 0 && (*text.at == ' ' || *text.at == '\t' || tq__ends_line(*text.at)))
        text = tq__span_behind(text, 1);
    return text;
}

/* A sentence and no more; a page of a proxy says nothing about the vendor. */
static bool is_sentence(struct tq__span text)
{
    return text.len <= SENTENCE_MAX && *text.at != '{' && *text.at != '[' && *text.at != '<' &&
           tq__utf8_is_valid(text);
}

void tq__refusal_body(struct tq__reading *reading, const char *body, size_t len)
{
    struct tq__span text = {body, len};
    bool served = reading->status < 400;

    if (!body || len > TQ_BODY_MAX)
        return;
    text = behind_blanks(text);
    if (read_poll(reading, text))
        return;
    if (text.len == 0 || (served && !tq__begins_frames(text) && !may_matter(text)))
        return;
    if ((*text.at != '{' && *text.at != '[') || !read_document(reading, text))
        read_lines(reading, text);
    if (!served && !reading->error && is_sentence(text))
        tq__refusal_text(reading, text);
}
