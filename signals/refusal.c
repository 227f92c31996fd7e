/* refusal.c: reads class, axis and instant from the body of an error.
 *
 * SPDX-License-Identifier: MIT
 *
 * Vendors put the error in a member or make it the whole object. Its meaning is in a code, in a type, in a
 * status or only in the message. All of these are looked at, and the gravest meaning counts:
 * "rate_limit_error" with "enforced_spend_limit_reached" inside is about money.
 */
#include "refusal.h"

#include "errors.h"
#include "inside.h"
#include "lines.h"

#define WORDS_MAX 8
#define SCRATCH_BYTES 4096 /* for texts with escapes; one that does not fit is read as it is written */

/* The members of a document, or of the error in it, that may say something. */
struct members {
    struct tq__json_item error, response, throttling, type, object, message, aws_type;
    struct tq__json_item code, status, details, metadata, resets_at, resets_in;
    struct tq__json_item choices, base_resp, status_code, headers;
};

/* What an error says, wherever it stood. */
struct error {
    struct members top; /* of the document */
    struct members in;  /* of the error itself */
    bool is_top;        /* which are one object */
    struct tq__span word[WORDS_MAX];
    uint32_t words;
    struct tq__span message;
    uint32_t code;     /* a number of HTTP among its members; 0: none */
    int64_t base_code; /* MiniMax's; 0: none */
    char digits[TQ__NUMBER_BYTES];
    char scratch[SCRATCH_BYTES];
    size_t scratch_used;
};

static void read_members(struct tq__span object, struct members *in)
{
    const struct tq__json_wanted wanted[] = {
        {"error", &in->error},
        {"response", &in->response},
        {"throttlingException", &in->throttling},
        {"type", &in->type},
        {"object", &in->object},
        {"message", &in->message},
        {"__type", &in->aws_type},
        {"code", &in->code},
        {"status", &in->status},
        {"details", &in->details},
        {"metadata", &in->metadata},
        {"resets_at", &in->resets_at},
        {"resets_in_seconds", &in->resets_in},
        {"choices", &in->choices},
        {"base_resp", &in->base_resp},
        {"status_code", &in->status_code},
        {"headers", &in->headers},
    };

    (void)tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]);
}

/* The member of an object that is one itself; its kind is TQ__JSON_NONE when there is none. */
static struct tq__json_item member_of(const struct tq__json_item *object, const char *name)
{
    struct tq__json_item item;
    const struct tq__json_wanted wanted = {name, &item};

    (void)tq__json_members(object->text, &wanted, 1);
    return item;
}

/* The text of a string, without escapes where there is room to undo them. */
static struct tq__span text_of(struct error *error, const struct tq__json_item *item)
{
    struct tq__span text = tq__json_text(item), plain;

    if (text.len > SCRATCH_BYTES - error->scratch_used)
        return text;
    plain = tq__json_unescape(text, error->scratch + error->scratch_used, text.len);
    error->scratch_used += plain.at == text.at ? 0 : plain.len;
    return plain;
}

static void add_word(struct error *error, struct tq__span word)
{
    if (word.at && error->words < WORDS_MAX)
        error->word[error->words++] = word;
}

/* A code that is a number: as a word, too, for vendors that number their errors. */
static void add_code(struct error *error, const struct tq__json_item *code)
{
    struct tq__span value = tq__json_value(code);
    int64_t number;

    add_word(error, text_of(error, code));
    if (!value.at || tq__value_scaled(value, 0, &number) != 0 || number > 99999)
        return;
    error->code = tq__inside_status(code);
    if (code->kind == TQ__JSON_STRING || error->code != 0)
        return;
    add_word(error, (struct tq__span){error->digits, tq__number_write(error->digits, number, '\0')});
}

/* What is behind the last of a character: of an address, or of a type with its namespace. */
static struct tq__span behind(struct tq__span text, char c)
{
    for (size_t i = text.len; i > 0; i--)
        if (text.at[i - 1] == c)
            return tq__span_behind(text, i);
    return text;
}

static void collect(struct error *error)
{
    const struct members *in = &error->in, *top = &error->top;
    struct tq__json_item code = member_of(&in->details, "error_code");
    struct tq__json_item source = member_of(&in->metadata, "limit_source");

    add_word(error, text_of(error, &code));
    add_word(error, text_of(error, &source));
    add_code(error, &in->code);
    add_word(error, behind(text_of(error, &in->type), '/'));
    add_word(error, text_of(error, &in->status));
    add_word(error, behind(text_of(error, &top->aws_type), '#'));
    if (top->throttling.kind != TQ__JSON_NONE)
        add_word(error, TQ__SPAN("throttlingexception"));
    error->message = text_of(error, &in->message);
    if (!error->message.at)
        error->message = text_of(error, &top->message);
    if (!error->message.at)
        error->message = text_of(error, &top->error);
}

/* Finds the error and reads its members; false when the document is none. */
static bool find_error(const struct tq__reading *reading, struct tq__span document, struct error *error)
{
    struct members *top = &error->top;
    struct tq__json_item inner;

    read_members(document, top);
    inner = top->error;
    if (inner.kind != TQ__JSON_OBJECT && inner.kind != TQ__JSON_STRING) {
        inner = member_of(&top->response, "error"); /* response.failed */
        if (inner.kind != TQ__JSON_OBJECT)
            inner = top->throttling; /* an event of Bedrock's stream */
        if (inner.kind != TQ__JSON_OBJECT)
            inner = tq__inside_choice(&top->choices);
    }
    if (inner.kind == TQ__JSON_OBJECT) {
        read_members(inner.text, &error->in);
        return true;
    }
    error->in = *top;
    error->is_top = true;
    if (tq__inside_base_resp(&top->base_resp, &error->base_code, &error->in.message))
        return true;
    return top->error.kind == TQ__JSON_STRING || tq__span_matches(tq__json_text(&top->type), "error") ||
           tq__span_matches(tq__json_text(&top->object), "error") || reading->status >= 400 ||
           reading->named_error;
}

/* Auto: whose error has this shape? */
static void recognise(struct tq__reading *reading, const struct error *error)
{
    const struct members *in = &error->in, *top = &error->top;

    if (tq__span_matches(tq__json_text(&top->type), "error") && !error->is_top &&
        in->type.kind == TQ__JSON_STRING && in->code.kind == TQ__JSON_NONE)
        tq__reading_is(reading, TQ__ANTHROPIC);
    else if (in->details.kind == TQ__JSON_ARRAY ||
             tq__span_matches(tq__json_text(&in->status), "resource_exhausted"))
        tq__reading_is(reading, tq__span_find(error->message, "vertex") >= 0 ? TQ__VERTEX : TQ__GEMINI);
    else if (in->metadata.kind == TQ__JSON_OBJECT)
        tq__reading_is(reading, TQ__OPENROUTER);
    else if (top->throttling.kind == TQ__JSON_OBJECT || top->aws_type.kind != TQ__JSON_NONE)
        tq__reading_is(reading, TQ__BEDROCK);
}

/* The profile whose rows count; 0: of anybody, as for a gateway that passes errors on. */
static uint32_t rows_of(const struct tq__reading *reading)
{
    uint32_t id = reading->profile->id;

    return reading->may_recognise || id == TQ__LITELLM ? 0 : id;
}

/* The classes; what is said of a higher number counts. */
static const uint8_t gravity[] = {
    [TQ_CLASS_THROTTLED] = 1, [TQ_CLASS_OVERLOADED] = 2, [TQ_CLASS_EXHAUSTED] = 3,
    [TQ_CLASS_TOO_LARGE] = 4, [TQ_CLASS_NO_MONEY] = 5,
};

static void take_row(struct tq__reading *reading, const struct tq__error_row *row)
{
    reading->error_known = true;
    reading->error_class = row->refusal;
    reading->named_window_ns = row->window_s * TQ__SECOND_NS;
    if (row->what != TQ_AXIS_UNKNOWN)
        reading->named_what = row->what;
    if (row->ends == TQ__ENDS_WITH_MONTH)
        reading->calendar = (struct tq__end){tq__month_end(reading->now_ns), TQ_SOURCE_CALENDAR};
    if (row->profile != 0)
        tq__reading_is(reading, row->profile);
}

static void classify(struct tq__reading *reading, const struct error *error)
{
    uint32_t status = reading->status >= 400 || error->code == 0 ? reading->status : error->code;
    const struct tq__error_row *row;

    for (uint32_t i = 0; i < error->words; i++) {
        row = tq__error_word(error->word[i], rows_of(reading));
        if (row && (!reading->error_known || gravity[row->refusal] >= gravity[reading->error_class]))
            take_row(reading, row);
    }
    row = tq__inside_row(error->base_code);
    if (row)
        take_row(reading, row);
    row = tq__error_phrase(error->message, rows_of(reading), status);
    if (row) {
        reading->named_what = TQ_AXIS_UNKNOWN; /* the message says more than a word */
        take_row(reading, row);
    }
    /* An event of a stream that began well has the status inside of it. */
    if (!reading->error_known && status != reading->status) {
        reading->error_class = tq__class_of_status(status);
        reading->error_known = true;
    }
}

/* "20 seconds", "1 minute". */
static bool read_words(struct tq__span text, int64_t *ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{" second", TQ__SECOND_NS}, {" minute", TQ__MINUTE_NS}, {" hour", TQ__HOUR_NS}};
    struct tq__span number = {text.at, 0};

    while (number.len < text.len && tq__is_digit(text.at[number.len]))
        number.len++;
    for (size_t i = 0; number.len > 0 && i < 3; i++)
        if (tq__span_begins(tq__span_behind(text, number.len), units[i].name) &&
            tq__value_count(number, ns) == 0)
            return !__builtin_mul_overflow(*ns, units[i].ns, ns);
    return false;
}

/* "... try again in 6.2s", "... retry in 10h17m5.7s", "... retry after 20 seconds". */
static bool read_prose(struct tq__span message, int64_t *ns)
{
    static const char *const before[] = {"try again in ", "retry in ", "retry after "};

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        ptrdiff_t at = tq__span_find(message, before[i]);
        struct tq__span left;

        if (at < 0)
            continue;
        left = tq__span_behind(message, (size_t)at + strlen(before[i]));
        if (tq__length_take(left, false, ns) > 0 || read_words(left, ns))
            return true;
    }
    return false;
}

static void read_instant(struct tq__reading *reading, const struct error *error)
{
    struct tq__span at = tq__json_value(&error->in.resets_at), in = tq__json_value(&error->in.resets_in);
    int64_t at_ns, ns;

    if (reading->body.source != TQ_SOURCE_NONE || reading->calendar.source != TQ_SOURCE_NONE)
        return;
    if (!at.at || !tq__reading_took(reading, tq__value_instant(at, &at_ns))) {
        if ((!in.at || tq__value_scaled(in, 9, &ns) != 0) && !read_prose(error->message, &ns))
            return;
        at_ns = tq__add_saturated(reading->now_ns, ns);
    }
    reading->body = (struct tq__end){at_ns, TQ_SOURCE_BODY};
}

/* An error of a WebSocket, which has no status and headers of its own: they stand beside the error. */
static void read_envelope(struct tq__reading *reading, struct error *error)
{
    const struct tq__json_item *code = &error->top.status_code;

    if (code->kind != TQ__JSON_NUMBER)
        code = &error->top.status;
    if (error->code == 0)
        error->code = tq__inside_status(code);
    tq__inside_headers(reading, &error->top.headers);
}

void tq__refusal_object(struct tq__reading *reading, struct tq__span object)
{
    /* Not set to zero as a whole: the scratch is large, and only what is used of it is read. */
    struct tq__limit_members limits;
    struct error error;

    error.is_top = false;
    error.words = error.code = 0;
    error.base_code = 0;
    error.scratch_used = 0;
    if (tq__limit_members(object, true, &limits))
        tq__limit_event(reading, object, &limits);
    if (!find_error(reading, object, &error))
        return;
    reading->error = true;
    collect(&error);
    if (!error.is_top && tq__span_matches(tq__json_text(&error.top.type), "error"))
        read_envelope(reading, &error);
    if (reading->may_recognise)
        recognise(reading, &error);
    classify(reading, &error);
    if (reading->profile->id == TQ__GEMINI)
        tq__google_error(reading, error.in.details.text, error.message);
    read_instant(reading, &error);
}

/* What the text is, when it is sound JSON to its end, and UTF-8; else TQ__JSON_NONE. */
static enum tq__json_kind kind_of(struct tq__span text)
{
    struct tq__json_item item;
    struct tq__json json;

    tq__json_begin(&json, text, TQ__JSON_STRICT);
    return tq__json_next(&json, &item) && tq__json_done(&json) && tq__utf8_is_valid(text) ? item.kind
                                                                                          : TQ__JSON_NONE;
}

int tq__refusal_read(const struct tq_profile *profile, struct tq__span text, bool named_error, int64_t now_ns,
                     struct tq_quota_signal *signal)
{
    struct tq_quota_signal before = *signal;
    struct tq__reading reading;

    if (kind_of(text) != TQ__JSON_OBJECT)
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

static bool has(struct tq__span text, const char *word)
{
    return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

/* May it be an error, or an event that reports limits? */
static bool may_matter(struct tq__span text)
{
    return has(text, "\"error\"") || has(text, "rate_limit") || has(text, "throttlingException") ||
           has(text, "event: error") || has(text, "event:error") || has(text, "\"base_resp\"");
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
            (reading->status >= 400 || member_of(&element, "error").kind != TQ__JSON_NONE))
            tq__refusal_object(reading, element.text);
}

static bool read_document(struct tq__reading *reading, struct tq__span text)
{
    enum tq__json_kind kind = kind_of(text);

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

void tq__refusal_body(struct tq__reading *reading, const char *body, size_t len)
{
    struct tq__span text = {body, len};
    bool served = reading->status < 400;

    if (!body || len > TQ_BODY_MAX)
        return;
    while (text.len > 0 && (*text.at == ' ' || *text.at == '\t' || tq__ends_line(*text.at)))
        text = tq__span_behind(text, 1);
    if (text.len == 0 || (served && !tq__begins_frames(text) && !may_matter(text)))
        return;
    if ((*text.at != '{' && *text.at != '[') || !read_document(reading, text))
        read_lines(reading, text);
}
