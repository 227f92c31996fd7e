/* error.c: reads class, axis and instant from an error.
 *
 * SPDX-License-Identifier: MIT
 *
 * An error's meaning is in a code, in a type, in a status or only in the message. All of these are looked at,
 * and the gravest meaning counts: "rate_limit_error" with "enforced_spend_limit_reached" inside is about
 * money. A message says more than a code.
 */
#include "error.h"
#include "inside.h"
#include "prose.h"
#include "refusal.h"

/* Whose rows count. A gateway passes on the errors of anybody. */
static struct tq__error_of rows_of(const struct tq__reading *reading, const struct tq__error *error)
{
    uint32_t id = reading->profile->id;
    uint8_t blames = TQ__BLAMES_NOBODY;

    for (uint32_t i = 0; i < error->words; i++) {
        uint8_t more = tq__error_blames(error->word[i]);

        blames = more > blames ? more : blames;
    }
    return (struct tq__error_of){
        .blames = blames,
        .profile = reading->may_recognise || id == TQ__LITELLM ? 0 : id,
        .anybody = !reading->named || id == TQ__LITELLM,
        .status = reading->status >= 400 || error->code == 0 ? reading->status : error->code,
    };
}

/* Auto: whose word or phrase is in it? */
static void recognise_words(struct tq__reading *reading, const struct tq__error *error)
{
    const struct tq__error_of of = rows_of(reading, error);
    const struct tq__error_row *row = tq__error_phrase(&error->phrases, &of);

    for (uint32_t i = 0; i < error->words && (!row || row->tells != TQ__TELLS_ALONE); i++)
        row = tq__error_word(error->word[i], &of);
    if (row && row->tells == TQ__TELLS_ALONE)
        tq__reading_is(reading, row->profile);
}

/* Others have metadata beside an error, and only OpenRouter inside of it. */
static bool is_openrouters(const struct tq__error *error)
{
    return error->in.metadata.kind == TQ__JSON_OBJECT && !error->is_top;
}

/* Auto: whose error has this shape? */
static void recognise_shape(struct tq__reading *reading, const struct tq__error *error)
{
    const struct tq__error_members *in = &error->in, *top = &error->top;

    if (tq__span_matches(tq__json_text(&top->type), "error") && !error->is_top &&
        in->type.kind == TQ__JSON_STRING && in->code.kind == TQ__JSON_NONE)
        tq__reading_is(reading, TQ__ANTHROPIC);
    else if (in->details.kind == TQ__JSON_ARRAY ||
             tq__span_matches(tq__json_text(&in->status), "resource_exhausted"))
        tq__reading_is(reading, tq__google_is_vertex(error->message) ? TQ__VERTEX : TQ__GEMINI);
    else if (error->is_top && error->code == 0 && tq__json_value(&in->code).at &&
             tq__span_matches(tq__json_text(&in->object), "error"))
        tq__reading_is(reading, TQ__MISTRAL);
    else if (is_openrouters(error))
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

static void classify(struct tq__reading *reading, const struct tq__error *error)
{
    struct tq__error_of of = rows_of(reading, error);
    const struct tq__error_row *row;

    for (uint32_t i = 0; i < error->words; i++) {
        row = tq__error_word(error->word[i], &of);
        if (row && (!reading->error_known || gravity[row->refusal] >= gravity[reading->error_class]))
            take_row(reading, row);
    }
    of = rows_of(reading, error); /* a word may have told whose it is */
    row = tq__error_phrase(&error->phrases, &of);
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

static void read_error_instant(struct tq__reading *reading, const struct tq__error *error)
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
static void read_metadata(struct tq__reading *reading, const struct tq__error *error)
{
    struct tq__json_item headers = tq__json_member(&error->in.metadata, "headers");
    struct tq__json_item provider = tq__json_member(&error->in.metadata, "provider_name");

    if (headers.kind == TQ__JSON_OBJECT)
        tq__reading_headers(reading, headers.text);
    if (tq__json_is_name(&provider) && reading->profile->id == TQ__OPENROUTER)
        reading->model_only = true;
}

/* An error of a WebSocket, which has no status and headers of its own: they stand beside the error. */
static void read_envelope(struct tq__reading *reading, struct tq__error *error)
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

/* The error that a proxy passed on as the text of its own, alone or in an array; at is NULL when there is
 * none.
 */
static struct tq__span wrapped_in(struct tq__span message)
{
    struct tq__json_item item, array = {.kind = TQ__JSON_ARRAY, .text = message};
    const struct tq__json_wanted wanted = {"error", &item};
    const struct tq__span none = {NULL, 0};

    if (message.len < 2 || (*message.at != '{' && *message.at != '[') || !tq__utf8_is_valid(message))
        return none;
    if (*message.at == '[') {
        item = tq__inside_first(&array);
        if (item.kind == TQ__JSON_NONE)
            return none;
        message = item.text;
    }
    return tq__json_object(message, &wanted, 1) && item.kind == TQ__JSON_OBJECT ? message : none;
}

/* What the words and the message of an error mean, and whose it is. */
static void read_meaning(struct tq__reading *reading, struct tq__error *error)
{
    tq__error_phrases_find(error->message, &error->phrases);
    if (reading->may_recognise)
        recognise_words(reading, error);
    if (reading->may_recognise)
        recognise_shape(reading, error);
    classify(reading, error);
    if (reading->profile->id == TQ__GEMINI || reading->profile->id == TQ__VERTEX)
        tq__google_error(reading, error->in.details.text, error->message);
    read_metadata(reading, error);
    read_violated(reading, &error->in.violated);
    read_error_instant(reading, error);
}

/* Reads an error. The answer is the error inside of its message; at is NULL when there is none. */
static struct tq__span read_error(struct tq__reading *reading, struct tq__span object,
                                  struct tq__error *error)
{
    struct tq__span wrapped;

    /* Not set to zero as a whole: the scratch is large, and only what is used of it is read. */
    error->is_top = false;
    error->words = error->code = 0;
    error->scratch_used = 0;
    if (!tq__error_find(reading, object, error))
        return (struct tq__span){NULL, 0};
    reading->error = true;
    tq__error_collect(error);
    read_envelope(reading, error);
    wrapped = wrapped_in(error->message);
    if (!wrapped.at)
        read_meaning(reading, error);
    return wrapped;
}

void tq__refusal_text(struct tq__reading *reading, struct tq__span text)
{
    struct tq__error error;

    memset(&error.top, 0, sizeof error.top);
    error.in = error.top;
    error.words = error.code = 0;
    error.is_top = true;
    error.message = text;
    reading->error = true;
    read_meaning(reading, &error);
}

void tq__refusal_object(struct tq__reading *reading, struct tq__span object)
{
    struct tq__limit_members limits;
    struct tq__error outer, inner;
    struct tq__span wrapped;

    if (tq__limit_members(object, true, &limits))
        tq__limit_event(reading, object, &limits);
    wrapped = read_error(reading, object, &outer);
    if (wrapped.at)
        (void)read_error(reading, wrapped, &inner); /* one level: what is in there again is a message */
}
