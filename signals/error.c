/* error.c: reads class, axis and instant from an error.
 *
 * SPDX-License-Identifier: MIT
 *
 * Vendors put the error in a member or make it the whole object. Its meaning is in a code, in a type, in a
 * status or only in the message. All of these are looked at, and the gravest meaning counts:
 * "rate_limit_error" with "enforced_spend_limit_reached" inside is about money. A message says more than a
 * code.
 */
#include "errors.h"
#include "inside.h"
#include "prose.h"
#include "refusal.h"

#define WORDS_MAX 12
#define SCRATCH_BYTES 4096 /* for texts with escapes; one that does not fit is read as it is written */

/* The members of a document, or of the error in it, that may say something. */
struct members {
    struct tq__json_item error, response, throttling, type, object, message, aws_type;
    struct tq__json_item code, status, details, metadata, resets_at, resets_in, errors, detail, violated;
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
    uint32_t code; /* a number of HTTP among its members; 0: none */
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
        {"errors", &in->errors},
        {"detail", &in->detail},
        {"violated-policies", &in->violated},
        {"choices", &in->choices},
        {"base_resp", &in->base_resp},
        {"status_code", &in->status_code},
        {"headers", &in->headers},
    };

    (void)tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]);
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
    struct tq__span value = tq__json_value(code), text = text_of(error, code);
    ptrdiff_t colon = text.at ? tq__span_find(text, ":") : -1; /* user_global_rate_limited:pro */
    int64_t number;

    add_word(error, colon > 0 ? (struct tq__span){text.at, (size_t)colon} : text);
    if (!value.at || tq__value_scaled(value, 0, &number) != 0 || number > 99999)
        return;
    error->code = tq__inside_status(code);
    if (code->kind == TQ__JSON_STRING || error->code != 0)
        return;
    add_word(error, (struct tq__span){error->digits, tq__number_write(error->digits, number, '\0')});
}

/* A number that a message has for a code: in front, [1308][...], or behind, (2056). */
static struct tq__span code_of(struct tq__span message)
{
    struct tq__span code = {message.at, 0};

    if (message.len > 2 && *message.at == '[') {
        code.at++;
        while (code.len + 1 < message.len && tq__is_digit(code.at[code.len]))
            code.len++;
        return code.len + 1 < message.len && code.at[code.len] == ']' ? code : (struct tq__span){NULL, 0};
    }
    if (message.len < 3 || message.at[message.len - 1] != ')')
        return (struct tq__span){NULL, 0};
    code.at = message.at + message.len - 1;
    while (code.at > message.at && tq__is_digit(code.at[-1])) {
        code.at--;
        code.len++;
    }
    return code.at > message.at && code.at[-1] == '(' ? code : (struct tq__span){NULL, 0};
}

/* What is behind the last of a character: of an address, or of a type with its namespace. */
static struct tq__span behind(struct tq__span text, char c)
{
    for (size_t i = text.len; i > 0; i--)
        if (text.at[i - 1] == c)
            return tq__span_behind(text, i);
    return text;
}

/* The sentence that the error has for people. */
static struct tq__span message_of(struct error *error)
{
    const struct members *in = &error->in, *top = &error->top;
    const struct tq__json_item *const places[] = {&in->message, &top->message, &top->error, &in->detail,
                                                  &top->detail};
    struct tq__span message = {NULL, 0};

    for (size_t i = 0; i < sizeof places / sizeof places[0] && !message.at; i++)
        message = text_of(error, places[i]);
    return message;
}

static void collect(struct error *error)
{
    const struct members *in = &error->in, *top = &error->top;
    struct tq__json_item code = tq__json_member(&in->details, "error_code");
    struct tq__json_item source = tq__json_member(&in->metadata, "limit_source");

    add_word(error, text_of(error, &code));
    add_word(error, text_of(error, &source));
    add_code(error, &in->code);
    add_word(error, behind(behind(text_of(error, &in->type), '/'), '#'));
    add_word(error, text_of(error, &in->status));
    add_word(error, behind(text_of(error, &top->aws_type), '#'));
    if (top->throttling.kind != TQ__JSON_NONE)
        add_word(error, TQ__SPAN("throttlingexception"));
    error->message = message_of(error);
    add_word(error, code_of(error->message));
}

/* Finds the error and reads its members; false when the document is none. */
static bool find_error(struct tq__reading *reading, struct tq__span document, struct error *error)
{
    struct members *top = &error->top;
    struct tq__json_item inner;

    read_members(document, top);
    inner = top->error;
    if (inner.kind == TQ__JSON_NONE && reading->status >= 400)
        inner = tq__inside_first(&top->errors);
    if (inner.kind != TQ__JSON_OBJECT && inner.kind != TQ__JSON_STRING) {
        inner = tq__json_member(&top->response, "error"); /* response.failed */
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
    if (tq__inside_base_resp(&top->base_resp, &error->in.code, &error->in.message)) {
        tq__reading_is(reading, TQ__MINIMAX);
        return true;
    }
    return top->error.kind == TQ__JSON_STRING || tq__span_matches(tq__json_text(&top->type), "error") ||
           tq__span_matches(tq__json_text(&top->object), "error") || reading->status >= 400 ||
           reading->named_error;
}

/* Whose rows count. A gateway passes on the errors of anybody. */
static struct tq__error_of rows_of(const struct tq__reading *reading, const struct error *error)
{
    uint32_t id = reading->profile->id;

    return (struct tq__error_of){
        .profile = reading->may_recognise || id == TQ__LITELLM ? 0 : id,
        .anybody = !reading->named || id == TQ__LITELLM,
        .status = reading->status >= 400 || error->code == 0 ? reading->status : error->code,
    };
}

/* Auto: whose word or phrase is in it? */
static void recognise_words(struct tq__reading *reading, const struct error *error)
{
    const struct tq__error_of of = rows_of(reading, error);
    const struct tq__error_row *row = tq__error_phrase(error->message, &of);

    for (uint32_t i = 0; i < error->words && (!row || row->tells != TQ__TELLS_ALONE); i++)
        row = tq__error_word(error->word[i], &of);
    if (row && row->tells == TQ__TELLS_ALONE)
        tq__reading_is(reading, row->profile);
}

/* Auto: whose error has this shape? */
static void recognise_shape(struct tq__reading *reading, const struct error *error)
{
    const struct members *in = &error->in, *top = &error->top;

    if (tq__span_matches(tq__json_text(&top->type), "error") && !error->is_top &&
        in->type.kind == TQ__JSON_STRING && in->code.kind == TQ__JSON_NONE)
        tq__reading_is(reading, TQ__ANTHROPIC);
    else if (in->details.kind == TQ__JSON_ARRAY ||
             tq__span_matches(tq__json_text(&in->status), "resource_exhausted"))
        tq__reading_is(reading, tq__google_is_vertex(error->message) ? TQ__VERTEX : TQ__GEMINI);
    else if (error->is_top && error->code == 0 && tq__json_value(&in->code).at &&
             tq__span_matches(tq__json_text(&in->object), "error"))
        tq__reading_is(reading, TQ__MISTRAL);
    else if (in->metadata.kind == TQ__JSON_OBJECT)
        tq__reading_is(reading, TQ__OPENROUTER);
    else if (top->throttling.kind == TQ__JSON_OBJECT || top->aws_type.kind != TQ__JSON_NONE)
        tq__reading_is(reading, TQ__BEDROCK);
}

/* The classes; what is said of a higher number counts. */
static const uint8_t gravity[] = {
    [TQ_CLASS_THROTTLED] = 1, [TQ_CLASS_OVERLOADED] = 2, [TQ_CLASS_EXHAUSTED] = 3,
    [TQ_CLASS_TOO_LARGE] = 4, [TQ_CLASS_NO_MONEY] = 5,
};

/* The end of the vendor's day that now is in. */
static int64_t day_end(const struct tq__reading *reading)
{
    int64_t east_ns = reading->profile->zone_minutes * TQ__MINUTE_NS;

    return tq__day_end(reading->now_ns + east_ns) - east_ns;
}

static void take_row(struct tq__reading *reading, const struct tq__error_row *row)
{
    if (row->profile != 0 && row->tells != TQ__TELLS_NOT)
        tq__reading_is(reading, row->profile);
    if (row->refusal == TQ_CLASS_NONE)
        return;
    reading->error_known = true;
    reading->error_class = row->refusal;
    reading->named_window_ns = row->window_s * TQ__SECOND_NS;
    reading->model_only |= row->model_only;
    if (row->what != TQ_AXIS_UNKNOWN)
        reading->named_what = row->what;
    if (row->ends == TQ__ENDS_WITH_MONTH)
        reading->calendar = (struct tq__end){tq__month_end(reading->now_ns), TQ_SOURCE_CALENDAR};
    else if (row->ends == TQ__ENDS_WITH_DAY)
        reading->day_end = (struct tq__end){day_end(reading), TQ_SOURCE_CALENDAR};
}

static void classify(struct tq__reading *reading, const struct error *error)
{
    struct tq__error_of of = rows_of(reading, error);
    const struct tq__error_row *row;

    for (uint32_t i = 0; i < error->words; i++) {
        row = tq__error_word(error->word[i], &of);
        if (row && (!reading->error_known || gravity[row->refusal] >= gravity[reading->error_class]))
            take_row(reading, row);
    }
    of = rows_of(reading, error); /* a word may have told whose it is */
    row = tq__error_phrase(error->message, &of);
    /* A bad request whose code is about quota is none that is too large. */
    if (row && row->refusal == TQ_CLASS_TOO_LARGE && row->status == 400 && reading->error_known)
        row = NULL;
    if (row) {
        if (row->refusal != TQ_CLASS_TOO_LARGE)
            reading->named_what = TQ_AXIS_UNKNOWN; /* the message says more than a word */
        take_row(reading, row);
    }
    /* An event of a stream that began well has the status inside of it. */
    if (!reading->error_known && of.status != reading->status) {
        reading->error_class = tq__class_of_status(of.status);
        reading->error_known = true;
    }
}

static void read_instant(struct tq__reading *reading, const struct error *error)
{
    struct tq__span at = tq__json_value(&error->in.resets_at), in = tq__json_value(&error->in.resets_in);
    int64_t at_ns, ns;

    if (reading->body.source != TQ_SOURCE_NONE || reading->calendar.source != TQ_SOURCE_NONE)
        return;
    if (!at.at || !tq__reading_took(reading, tq__value_instant(at, &at_ns))) {
        if (in.at && tq__value_scaled(in, 9, &ns) == 0)
            at_ns = tq__add_saturated(reading->now_ns, ns);
        else if (tq__prose_end(error->message, reading->profile->zone_minutes, reading->now_ns, &at_ns))
            reading->in_prose = true;
        else
            return;
    }
    reading->body = (struct tq__end){at_ns, TQ_SOURCE_BODY};
}

/* OpenRouter: the limits of its own refusals stand in the body; an error with a provider's name is of the
 * provider that it asked, and the model's other providers and other models go on. */
static void read_metadata(struct tq__reading *reading, const struct error *error)
{
    struct tq__json_item headers = tq__json_member(&error->in.metadata, "headers");
    struct tq__json_item provider = tq__json_member(&error->in.metadata, "provider_name");

    if (headers.kind == TQ__JSON_OBJECT)
        tq__reading_headers(reading, headers.text);
    if (provider.kind == TQ__JSON_STRING && provider.text.len > 0 && reading->profile->id == TQ__OPENROUTER)
        reading->model_only = true;
}

/* An error of a WebSocket, which has no status and headers of its own: they stand beside the error. */
static void read_envelope(struct tq__reading *reading, struct error *error)
{
    const struct tq__json_item *code = &error->top.status_code;

    if (error->is_top || !tq__span_matches(tq__json_text(&error->top.type), "error"))
        return;
    if (code->kind != TQ__JSON_NUMBER)
        code = &error->top.status;
    if (error->code == 0)
        error->code = tq__inside_status(code);
    if (error->top.headers.kind == TQ__JSON_OBJECT)
        tq__reading_headers(reading, error->top.headers.text);
}

/* The policies that a problem document names as violated: their axes refuse, whatever is left of them. */
static void read_violated(struct tq__reading *reading, const struct tq__json_item *names)
{
    struct tq__json_item name;
    struct tq__json json;

    if (names->kind != TQ__JSON_ARRAY)
        return;
    tq__json_begin(&json, names->text, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &name) && tq__json_pass(&json, &name))
        for (uint32_t i = 0; i < reading->signal->axis_count; i++)
            if (name.kind == TQ__JSON_STRING && reading->policy[i].at &&
                tq__spans_match(name.text, reading->policy[i]))
                reading->violated |= UINT32_C(1) << i;
}

/* An error that a proxy passed on as the text of its own. */
static bool is_wrapped(struct tq__span message)
{
    struct tq__json_item item;
    const struct tq__json_wanted wanted = {"error", &item};

    return message.len > 1 && *message.at == '{' && tq__json_object(message, &wanted, 1) &&
           item.kind == TQ__JSON_OBJECT && tq__utf8_is_valid(message);
}

/* Reads an error. The answer is the error inside of its message; at is NULL when there is none. */
static struct tq__span read_error(struct tq__reading *reading, struct tq__span object, struct error *error)
{
    /* Not set to zero as a whole: the scratch is large, and only what is used of it is read. */
    error->is_top = false;
    error->words = error->code = 0;
    error->scratch_used = 0;
    if (!find_error(reading, object, error))
        return (struct tq__span){NULL, 0};
    reading->error = true;
    collect(error);
    read_envelope(reading, error);
    if (is_wrapped(error->message))
        return error->message;
    if (reading->may_recognise)
        recognise_words(reading, error);
    if (reading->may_recognise)
        recognise_shape(reading, error);
    classify(reading, error);
    if (reading->profile->id == TQ__GEMINI || reading->profile->id == TQ__VERTEX)
        tq__google_error(reading, error->in.details.text, error->message);
    read_metadata(reading, error);
    read_violated(reading, &error->in.violated);
    read_instant(reading, error);
    return (struct tq__span){NULL, 0};
}

void tq__refusal_object(struct tq__reading *reading, struct tq__span object)
{
    struct tq__limit_members limits;
    struct error outer, inner;
    struct tq__span wrapped;

    if (tq__limit_members(object, true, &limits))
        tq__limit_event(reading, object, &limits);
    wrapped = read_error(reading, object, &outer);
    if (wrapped.at)
        (void)read_error(reading, wrapped, &inner); /* one level: what is in there again is a message */
}
