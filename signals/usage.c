/* usage.c: the usage of a response, whole or as it comes.
 *
 * SPDX-License-Identifier: MIT
 *
 * What a stream says of usage is a few numbers, so it is they that are kept, not its lines: each document is
 * read when it has come whole, and only when it has one of the words of usage_words.c. Of an error and of
 * limits the text is kept, for tq_usage_stream_read.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "json_value.h"
#include "profile.h"
#include "refusal.h"
#include "tokenquota_signals.h"
#include "document.h"

struct kept {
    char *text;
    size_t len, capacity;
    bool named_error; /* by the event's name, which the text does not repeat */
};

/* What was said so far. */
struct said {
    struct tq__counts counts;
    bool last; /* nothing will come after it */
    bool error;
    bool limits;
};

struct tq_usage_stream {
    const struct tq_profile *profile;
    struct tq__usage_lines lines;
    struct said said;
    struct kept error;  /* the first: what comes after it comes of it */
    struct kept limits; /* the last */
};

/* Takes note of a document, and whether its text is to be kept. */
static void note(struct said *said, const struct tq__look *look, bool *keep_error, bool *keep_limits)
{
    if (tq__counts_any(&look->counts)) {
        if (look->kind & TQ__KIND_GROWS)
            tq__counts_grow(&said->counts, &look->counts);
        else
            said->counts = look->counts;
    }
    said->last |= look->last;
    *keep_error = (look->kind & TQ__KIND_ERROR) && !said->error;
    *keep_limits = (look->kind & TQ__KIND_LIMITS) != 0;
    said->error |= *keep_error;
    said->limits |= *keep_limits;
}

/* A text that cannot be kept, or not be read, is not there; that there was an error is known all the same. */
static bool keep(struct kept *kept, const struct tq__look *look, const struct tq__usage_text *from)
{
    struct tq__span text = from->text;

    kept->len = 0;
    kept->named_error = from->event_error;
    if (!look->shallow)
        return true;
    if (text.len > kept->capacity) {
        char *larger = realloc(kept->text, text.len);

        if (!larger)
            return false;
        kept->text = larger;
        kept->capacity = text.len;
    }
    memcpy(kept->text, text.at, text.len);
    kept->len = text.len;
    return true;
}

static int finish(const struct tq_profile *profile, const struct said *said, bool lost,
                  struct tq_usage *usage)
{
    int answer = tq__counts_usage(&said->counts, profile, usage);

    if (!said->last || lost)
        usage->flags |= TQ_USAGE_PARTIAL;
    return answer;
}

/* ---- whole ------------------------------------------------------------------------------------------- */

static bool size_fits(const struct tq_usage *usage)
{
    return usage && usage->size >= sizeof(*usage);
}

int tq_usage_read(const struct tq_profile *profile, const char *body, size_t len, struct tq_usage *usage)
{
    struct tq__span parts[2] = {{body, len}, {TQ__USAGE_LINES_END, sizeof(TQ__USAGE_LINES_END) - 1}};
    struct tq__usage_lines lines;
    struct said said = {.last = false};
    struct tq__usage_text text;
    struct tq__look look;
    bool ignored;
    int answer;

    if (!size_fits(usage) || (!body && len > 0))
        return TQ_EINVAL;
    *usage = (struct tq_usage){.size = usage->size};
    if (len > TQ_BODY_MAX)
        return 1;
    tq__usage_lines_init(&lines, TQ_BODY_MAX);
    for (int i = len == 0; i < 2; i++)
        while (tq__usage_lines_next(&lines, &parts[i], &text))
            if (tq__usage_look(&text, &look))
                note(&said, &look, &ignored, &ignored);
    answer = finish(profile, &said, lines.lost, usage);
    if (answer == 1)
        usage->flags = 0;
    tq__usage_lines_free(&lines);
    return answer;
}

/* ---- as it comes ------------------------------------------------------------------------------------- */

struct tq_usage_stream *tq_usage_stream_new(const struct tq_profile *profile)
{
    struct tq_usage_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return NULL;
    stream->profile = profile;
    tq__usage_lines_init(&stream->lines, TQ_STREAM_LINE_MAX);
    return stream;
}

void tq_usage_stream_free(struct tq_usage_stream *stream)
{
    if (!stream)
        return;
    tq__usage_lines_free(&stream->lines);
    free(stream->error.text);
    free(stream->limits.text);
    free(stream);
}

int tq_usage_stream_feed(struct tq_usage_stream *stream, const char *bytes, size_t len)
{
    struct tq__span rest = {bytes, len};
    struct tq__usage_text text;
    struct tq__look look;
    bool memory = true;

    if (!stream || (!bytes && len > 0))
        return TQ_EINVAL;
    stream->lines.no_memory = false;
    while (tq__usage_lines_next(&stream->lines, &rest, &text)) {
        bool keep_error, keep_limits;

        if (!tq__usage_look(&text, &look))
            continue;
        note(&stream->said, &look, &keep_error, &keep_limits);
        if (keep_error)
            memory &= keep(&stream->error, &look, &text);
        if (keep_limits)
            memory &= keep(&stream->limits, &look, &text);
    }
    return memory && !stream->lines.no_memory ? 0 : TQ_ENOMEM;
}

/* {"error": document}; takes the document over. NULL: no memory. */
static json_t *as_error(json_t *document)
{
    json_t *error = json_object();

    if (json_object_set_new(error, "error", document) == 0)
        return error;
    json_decref(error);
    return NULL;
}

/* Reads a text into the signal. What jansson refuses says no more than that it was there. */
static void read_text(const struct tq_usage_stream *stream, struct tq__span text, bool named_error,
                      int64_t now_ns, struct tq_quota_signal *signal)
{
    json_t *document = text.len > 0 ? json_loadb(text.at, text.len, TQ__JSON_FLAGS, NULL) : NULL;

    if (named_error && json_is_object(document) && !json_object_get(document, "error"))
        document = as_error(document);
    if (json_is_object(document))
        tq__refusal_read(stream->profile, 0, document, now_ns, TQ_DAY_OF_VENDOR, signal);
    json_decref(document);
}

static void read_kept(const struct tq_usage_stream *stream, const struct kept *kept, int64_t now_ns,
                      struct tq_quota_signal *signal)
{
    read_text(stream, (struct tq__span){kept->text, kept->len}, kept->named_error, now_ns, signal);
}

/* What has begun and not ended is taken as if the stream ended here, and the stream itself is left as it is.
 */
static int read_rest(const struct tq_usage_stream *stream, int64_t now_ns, struct said *said, bool *lost,
                     struct tq_quota_signal *signal)
{
    struct tq__span end = {TQ__USAGE_LINES_END, sizeof(TQ__USAGE_LINES_END) - 1};
    struct tq__usage_lines lines;
    struct tq__usage_text text;
    struct tq__look look;

    if (tq__usage_lines_copy(&stream->lines, &lines) != 0)
        return TQ_ENOMEM;
    while (tq__usage_lines_next(&lines, &end, &text)) {
        bool is_error, is_limits;

        if (!tq__usage_look(&text, &look))
            continue;
        note(said, &look, &is_error, &is_limits);
        if (signal && look.shallow && (is_error || is_limits))
            read_text(stream, text.text, text.event_error, now_ns, signal);
    }
    *lost = lines.lost;
    tq__usage_lines_free(&lines);
    return 0;
}

int tq_usage_stream_read(const struct tq_usage_stream *stream, int64_t sent_at_ns, int64_t now_ns,
                         struct tq_usage *usage, struct tq_quota_signal *signal)
{
    struct said said;
    bool lost;
    int answer;

    if (!stream || !size_fits(usage) || (signal && signal->size < sizeof(*signal)))
        return TQ_EINVAL;
    if (signal) {
        *signal = (struct tq_quota_signal){.size = signal->size, .binds = -1, .sent_at_ns = sent_at_ns};
        read_kept(stream, &stream->limits, now_ns, signal);
        read_kept(stream, &stream->error, now_ns, signal);
    }
    said = stream->said;
    if (read_rest(stream, now_ns, &said, &lost, signal) != 0)
        return TQ_ENOMEM;
    answer = finish(stream->profile, &said, lost, usage);
    usage->sent_at_ns = sent_at_ns;
    if (signal) {
        signal->said_at_ns = now_ns;
        if (stream->profile && signal->profile == 0)
            signal->profile = stream->profile->id;
        signal->flags &= ~TQ_SIGNAL_SUCCESS;
        if (!said.error && (said.last || usage->output > 0))
            signal->flags |= TQ_SIGNAL_SUCCESS;
    }
    return answer;
}
