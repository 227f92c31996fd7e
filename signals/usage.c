/* usage.c: reads the usage of a response: from a whole body, from a stream, or from headers.
 *
 * SPDX-License-Identifier: MIT
 *
 * A stream's usage is a few numbers, so the numbers are kept and not the lines. A document is read when it is
 * complete, and only when it contains one of the words of words.c. The texts of an error and of limits are
 * kept for tq_usage_stream_read.
 */
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "field.h"
#include "profile.h"
#include "refusal.h"
#include "tokenquota_signals.h"
#include "value.h"

struct kept {
    char *text;
    size_t len, capacity;
    bool named_error; /* by the event's name, which the text does not repeat */
};

/* What was said so far. */
struct said {
    struct tq__counts counts;
    struct tq_usage lines; /* the sum of a batch's results */
    bool last;             /* nothing will come after it */
    bool error;
};

struct tq_usage_stream {
    const struct tq_profile *profile;
    struct tq__usage_lines lines;
    struct said said;
    struct kept error;  /* the first: what comes after it comes of it */
    struct kept limits; /* the last */
};

/* Gemini's endpoint in the form of OpenAI leaves thinking out of completion_tokens. */
static bool total_has_thinking(const struct tq_profile *profile)
{
    return profile && (profile->id == TQ__GEMINI || profile->id == TQ__VERTEX);
}

/* Each line of a batch's results is a response of its own. */
static void add_line(const struct tq_profile *profile, struct said *said, const struct tq__look *look)
{
    struct tq_usage usage = {.size = sizeof usage};

    if (tq__counts_usage(&look->counts, total_has_thinking(profile), &usage) == 0)
        tq__usage_add(&said->lines, &usage);
}

/* Takes note of a document. Returns which text is to be kept: TQ__KIND_ERROR, TQ__KIND_LIMITS. */
static uint32_t note(const struct tq_profile *profile, struct said *said, const struct tq__look *look)
{
    uint32_t kept = look->kind & (said->error ? TQ__KIND_LIMITS : TQ__KIND_ERROR | TQ__KIND_LIMITS);

    if (look->kind & TQ__KIND_LINE) {
        add_line(profile, said, look);
    } else if (tq__counts_any(&look->counts)) {
        if (look->kind & TQ__KIND_GROWS)
            tq__counts_grow(&said->counts, &look->counts);
        else
            said->counts = look->counts;
    }
    said->last |= look->last;
    said->error |= (kept & TQ__KIND_ERROR) != 0;
    return kept;
}

/* Without memory the text is not there; that there was an error is known all the same. */
static bool keep(struct kept *kept, const struct tq__usage_text *from)
{
    struct tq__span text = from->text;

    kept->len = 0;
    kept->named_error = from->event_error;
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
    int answer = tq__counts_usage(&said->counts, total_has_thinking(profile), usage);

    if (said->lines.requests > 0) {
        tq__usage_add(usage, &said->lines);
        answer = 0;
    }
    if (!said->last || lost)
        usage->flags |= TQ_USAGE_PARTIAL;
    return answer;
}

/* ---- whole ----------------------------------------------------------------------------------- */

static bool size_fits(const struct tq_usage *usage)
{
    return usage && usage->size >= sizeof(*usage);
}

int tq_usage_read(const struct tq_profile *profile, const char *body, size_t len, struct tq_usage *usage)
{
    struct tq__span parts[2] = {{body, len}, TQ__SPAN(TQ__USAGE_LINES_END)};
    struct tq__usage_lines lines = {.max = TQ_BODY_MAX};
    struct said said = {.last = false};
    struct tq__usage_text text;
    struct tq__look look;
    int answer;

    if (!size_fits(usage) || (!body && len > 0))
        return TQ_EINVAL;
    *usage = (struct tq_usage){.size = usage->size};
    if (len > TQ_BODY_MAX)
        return 1;
    for (int i = len == 0; i < 2; i++)
        while (tq__usage_lines_next(&lines, &parts[i], &text))
            if (tq__usage_look(&text, &look))
                note(profile, &said, &look);
    answer = finish(profile, &said, lines.lost, usage);
    if (answer == 1)
        usage->flags = 0;
    tq__usage_lines_free(&lines);
    return answer;
}

/* ---- in headers ------------------------------------------------------------------------------ */

/* Bedrock's InvokeModel: https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-runtime.html. Fireworks:
 * https://docs.fireworks.ai/serverless/rate-limits. */
static const struct {
    const char *name;
    enum tq__count count;
} headers[] = {
    {"x-amzn-bedrock-input-token-count", TQ__PLAIN_INPUT},
    {"x-amzn-bedrock-output-token-count", TQ__OUTPUT},
    {"x-amzn-bedrock-cache-read-input-token-count", TQ__READ_BESIDE},
    {"x-amzn-bedrock-cache-write-input-token-count", TQ__WRITE_BESIDE},
    {"fireworks-prompt-tokens", TQ__WHOLE_INPUT},
    {"fireworks-cached-prompt-tokens", TQ__READ_WITHIN},
};

/* Of two headers of one name the first counts. */
static void note_field(const struct tq_field *field, struct tq__counts *counts, uint32_t *seen)
{
    struct tq__span name = {field->name, field->name_len};

    for (unsigned i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (*seen >> i & 1 || !tq__span_matches(name, headers[i].name))
            continue;
        *seen |= 1u << i;
        (void)tq__counts_note(counts, headers[i].count, tq__field_value(field));
    }
}

int tq_usage_read_fields(const struct tq_profile *profile, const struct tq_field *fields, size_t count,
                         struct tq_usage *usage)
{
    struct tq__counts counts = {.known = 0};
    uint32_t seen = 0;

    if (!size_fits(usage) || (!fields && count > 0))
        return TQ_EINVAL;
    for (size_t i = 0; i < count; i++)
        note_field(&fields[i], &counts, &seen);
    return tq__counts_usage(&counts, total_has_thinking(profile), usage);
}

/* ---- as it comes ----------------------------------------------------------------------------- */

struct tq_usage_stream *tq_usage_stream_new(const struct tq_profile *profile)
{
    struct tq_usage_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return NULL;
    stream->profile = profile;
    stream->lines.max = TQ_STREAM_LINE_MAX;
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
        uint32_t kept;

        if (!tq__usage_look(&text, &look))
            continue;
        kept = note(stream->profile, &stream->said, &look);
        if (kept & TQ__KIND_ERROR)
            memory &= keep(&stream->error, &text);
        if (kept & TQ__KIND_LIMITS)
            memory &= keep(&stream->limits, &text);
    }
    return memory && !stream->lines.no_memory ? 0 : TQ_ENOMEM;
}

static void read_kept(const struct tq_usage_stream *stream, const struct kept *kept, int64_t now_ns,
                      struct tq_quota_signal *signal)
{
    tq__refusal_read(stream->profile, (struct tq__span){kept->text, kept->len}, kept->named_error, now_ns,
                     signal);
}

/* What has begun and not ended is taken as if the stream ended here, and the stream itself is left as it
 * is. */
static int read_rest(const struct tq_usage_stream *stream, int64_t now_ns, struct said *said, bool *lost,
                     struct tq_quota_signal *signal)
{
    struct tq__span end = TQ__SPAN(TQ__USAGE_LINES_END);
    struct tq__usage_lines lines;
    struct tq__usage_text text;
    struct tq__look look;

    if (tq__usage_lines_copy(&stream->lines, &lines) != 0)
        return TQ_ENOMEM;
    while (tq__usage_lines_next(&lines, &end, &text)) {
        if (tq__usage_look(&text, &look) && note(stream->profile, said, &look) != 0 && signal)
            tq__refusal_read(stream->profile, text.text, text.event_error, now_ns, signal);
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

    if (!stream || !size_fits(usage) || (signal && !tq__signal_fits(signal)))
        return TQ_EINVAL;
    if (signal) {
        tq__refusal_begin(sent_at_ns, signal);
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
