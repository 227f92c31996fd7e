/* refusal.c: an error's body -> class, axis and instant.
 *
 * SPDX-License-Identifier: MIT
 *
 * Vendors put the same things in different places: the error is a member, or the whole object; its meaning is
 * in a code, a type, a status, or only in the text. Each place is looked at, and of what they say the
 * gravest counts: "rate_limit_error" with "enforced_spend_limit_reached" inside is a matter of money.
 */
#include "refusal.h"

#include "calendar.h"
#include "errors.h"
#include "google.h"
#include "json_value.h"
#include "limit_events.h"
#include "reading.h"

#define WORDS_MAX 8

/* What an error says, wherever it stood. */
struct error {
    const json_t *object; /* the error itself */
    struct tq__span word[WORDS_MAX];
    uint32_t words;
    struct tq__span message;
    uint32_t code; /* a number of HTTP among its members; 0: none */
};

static void add_word(struct error *error, struct tq__span word)
{
    if (word.at && error->words < WORDS_MAX)
        error->word[error->words++] = word;
}

/* A code that is a number: as a word, too, for vendors that number their errors. */
static void add_code(struct error *error, const json_t *code, char digits[8])
{
    int64_t number;
    size_t len = 0;

    add_word(error, tq__json_text(code));
    if (tq__json_scaled(code, 0, &number) != 0 || number > 99999)
        return;
    error->code = number >= 400 && number <= 599 ? (uint32_t)number : 0;
    if (json_is_string(code) || error->code != 0)
        return;
    for (int64_t unit = 10000; unit > 0; unit /= 10) {
        if (number >= unit || unit == 1)
            digits[len++] = (char)('0' + number / unit % 10);
    }
    add_word(error, (struct tq__span){digits, len});
}

/* What is behind the last of a character: of an address, or of a type with its namespace. */
static struct tq__span behind(struct tq__span text, char c)
{
    for (size_t i = text.len; i > 0; i--) {
        if (text.at[i - 1] == c)
            return (struct tq__span){text.at + i, text.len - i};
    }
    return text;
}

static void collect(struct error *error, const json_t *top, char digits[8])
{
    const json_t *object = error->object, *metadata = json_object_get(object, "metadata");

    add_word(error, tq__json_text(json_object_get(json_object_get(object, "details"), "error_code")));
    add_word(error, tq__json_text(json_object_get(metadata, "limit_source")));
    add_code(error, json_object_get(object, "code"), digits);
    add_word(error, behind(tq__json_text(json_object_get(object, "type")), '/'));
    add_word(error, tq__json_text(json_object_get(object, "status")));
    add_word(error, behind(tq__json_text(json_object_get(top, "__type")), '#'));
    if (json_object_get(top, "throttlingException"))
        add_word(error, (struct tq__span){"throttlingexception", sizeof("throttlingexception") - 1});
    error->message = tq__json_text(json_object_get(object, "message"));
    if (!error->message.at)
        error->message = tq__json_text(json_object_get(top, "message"));
    if (!error->message.at)
        error->message = tq__json_text(json_object_get(top, "error"));
}

/* Where the error is; NULL when the object is none. */
static const json_t *find_error(const struct tq__reading *reading, const json_t *top)
{
    const json_t *error = json_object_get(top, "error");
    bool refused = reading->status >= 400 || reading->named_error;

    if (json_is_object(error))
        return error;
    if (json_is_string(error))
        return top;
    error = json_object_get(json_object_get(top, "response"), "error"); /* response.failed */
    if (json_is_object(error))
        return error;
    error = json_object_get(top, "throttlingException"); /* an event of Bedrock's stream */
    if (json_is_object(error))
        return error;
    if (tq__span_is(tq__json_text(json_object_get(top, "type")), "error") ||
        tq__span_is(tq__json_text(json_object_get(top, "object")), "error"))
        return top;
    return refused ? top : NULL;
}

/* Auto: whose error has this shape? */
static void recognise(struct tq__reading *reading, const json_t *top, const struct error *error)
{
    const json_t *object = error->object;
    struct tq__span status = tq__json_text(json_object_get(object, "status"));

    if (tq__span_is(tq__json_text(json_object_get(top, "type")), "error") && object != top &&
        json_is_string(json_object_get(object, "type")) && !json_object_get(object, "code"))
        tq__reading_is(reading, TQ__ANTHROPIC);
    else if (json_is_array(json_object_get(object, "details")) || tq__span_is(status, "resource_exhausted"))
        tq__reading_is(reading, tq__span_find(error->message, "vertex") >= 0 ? TQ__VERTEX : TQ__GEMINI);
    else if (json_is_object(json_object_get(object, "metadata")))
        tq__reading_is(reading, TQ__OPENROUTER);
    else if (json_is_object(json_object_get(top, "throttlingException")) || json_object_get(top, "__type"))
        tq__reading_is(reading, TQ__BEDROCK);
}

/* The profile whose rows count; 0: of anybody, as for a gateway that passes errors on. */
static uint32_t rows_of(const struct tq__reading *reading)
{
    uint32_t id = reading->profile->id;

    return reading->may_recognise || id == TQ__LITELLM ? 0 : id;
}

static int gravity(uint32_t refusal)
{
    switch (refusal) {
    case TQ_CLASS_NO_MONEY:
        return 5;
    case TQ_CLASS_TOO_LARGE:
        return 4;
    case TQ_CLASS_EXHAUSTED:
        return 3;
    case TQ_CLASS_OVERLOADED:
        return 2;
    default:
        return refusal == TQ_CLASS_THROTTLED;
    }
}

static void take_row(struct tq__reading *reading, const struct tq__error_row *row)
{
    if (reading->error_known && gravity(row->refusal) < gravity(reading->error_class))
        return;
    reading->error_known = true;
    reading->error_class = row->refusal;
    if (row->what != TQ_AXIS_UNKNOWN)
        reading->named_what = row->what;
    if (row->ends == TQ__ENDS_WITH_MONTH) {
        reading->calendar = true;
        reading->calendar_at_ns = tq__month_end(reading->now_ns);
    }
    if (row->profile != 0)
        tq__reading_is(reading, row->profile);
}

static void take_text(struct tq__reading *reading, const struct tq__text_row *row)
{
    reading->error_known = true;
    reading->error_class = row->refusal;
    reading->named_what = row->what;
    reading->named_window_ns = row->window_s * TQ__SECOND_NS;
    tq__reading_is(reading, row->profile);
}

static void classify(struct tq__reading *reading, const struct error *error)
{
    uint32_t status = reading->status >= 400 || error->code == 0 ? reading->status : error->code;
    const struct tq__text_row *text;

    for (uint32_t i = 0; i < error->words; i++) {
        const struct tq__error_row *row = tq__error_row(error->word[i], rows_of(reading));

        if (row)
            take_row(reading, row);
    }
    text = tq__text_row(error->message, rows_of(reading), status);
    if (text)
        take_text(reading, text);
    /* An event of a stream that began well has the status inside of it. */
    if (!reading->error_known && status != reading->status) {
        reading->error_class = tq__class_of_status(status);
        reading->error_known = true;
    }
}

/* "... try again in 6.2s", "... retry in 10h17m5.7s", "... retry after 20 seconds". */
static bool read_prose(struct tq__span message, int64_t *ns)
{
    static const char *const before[] = {"try again in ", "retry in ", "retry after "};
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{" second", TQ__SECOND_NS}, {" minute", TQ__MINUTE_NS}, {" hour", TQ__HOUR_NS}};

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        ptrdiff_t at = tq__span_find(message, before[i]);
        struct tq__span left, number;
        size_t skip = 0;

        if (at < 0)
            continue;
        while (before[i][skip] != '\0')
            skip++;
        left = (struct tq__span){message.at + at + skip, message.len - (size_t)at - skip};
        if (tq__value_duration_prefix(left, ns) > 0)
            return true;
        number = left;
        for (number.len = 0;
             number.len < left.len && left.at[number.len] >= '0' && left.at[number.len] <= '9';)
            number.len++;
        left.at += number.len;
        left.len -= number.len;
        for (size_t j = 0; number.len > 0 && j < 3; j++) {
            if (tq__span_find(left, units[j].name) == 0 && tq__value_count(number, ns) == 0)
                return !__builtin_mul_overflow(*ns, units[j].ns, ns);
        }
    }
    return false;
}

static void read_instant(struct tq__reading *reading, const struct error *error)
{
    const json_t *at = json_object_get(error->object, "resets_at");
    const json_t *in = json_object_get(error->object, "resets_in_seconds");
    int64_t ns;

    if (reading->body || reading->calendar)
        return;
    if (at && !json_is_null(at) && tq__reading_took(reading, tq__json_epoch(at, &ns))) {
        reading->body_at_ns = ns;
    } else if (in && tq__json_scaled(in, 9, &ns) == 0) {
        reading->body_at_ns = tq__add_saturated(reading->now_ns, ns);
    } else if (read_prose(error->message, &ns)) {
        reading->body_at_ns = tq__add_saturated(reading->now_ns, ns);
    } else {
        return;
    }
    reading->body = true;
}

void tq__refusal_object(struct tq__reading *reading, const json_t *object)
{
    struct error error = {0};
    char digits[8];

    if (!json_is_object(object))
        return;
    tq__limit_event(reading, object);
    error.object = find_error(reading, object);
    if (!error.object)
        return;
    reading->error = true;
    collect(&error, object, digits);
    if (reading->may_recognise)
        recognise(reading, object, &error);
    classify(reading, &error);
    if (reading->profile->id == TQ__GEMINI)
        tq__google_error(reading, error.object);
    read_instant(reading, &error);
}

int tq__refusal_read(const struct tq_profile *profile, uint32_t status, const json_t *object, int64_t now_ns,
                     uint32_t day, struct tq_quota_signal *signal)
{
    struct tq_quota_signal before = *signal;
    struct tq__reading reading;

    tq__reading_begin(&reading, signal, profile, status, now_ns, day);
    signal->axis_count = before.axis_count;
    signal->anomalies = before.anomalies;
    signal->flags = before.flags & ~TQ_SIGNAL_SUCCESS;
    tq__refusal_object(&reading, object);
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
