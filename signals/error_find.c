/* error_find.c: finds an error in a document, and its words and message.
 *
 * SPDX-License-Identifier: MIT
 *
 * Vendors put the error in a member, in a list, or make it the whole object.
 */
#include "error.h"
#include "inside.h"

static void read_members(struct tq__span object, struct tq__error_members *in)
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
        {"msg", &in->msg},
        {"violated-policies", &in->violated},
        {"choices", &in->choices},
        {"base_resp", &in->base_resp},
        {"status_code", &in->status_code},
        {"headers", &in->headers},
        {"ResponseMetadata", &in->response_metadata},
        {"custom_id", &in->line}, /* of OpenAI, Mistral and Anthropic; of Gemini; of Bedrock */
        {"key", &in->line},
        {"recordId", &in->line},
        {"Error", &in->error}, /* clouds write names with a capital */
        {"Code", &in->code},
        {"Message", &in->message},
    };

    (void)tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]);
}

/* The text of a string, without escapes where there is room to undo them. */
static struct tq__span text_of(struct tq__error *error, const struct tq__json_item *item)
{
    struct tq__span text = tq__json_text(item), plain;

    if (text.len > TQ__ERROR_SCRATCH_BYTES - error->scratch_used)
        return text;
    plain = tq__json_unescape(text, error->scratch + error->scratch_used, text.len);
    error->scratch_used += plain.at == text.at ? 0 : plain.len;
    return plain;
}

static void add_word(struct tq__error *error, struct tq__span word)
{
    if (word.at && error->words < TQ__ERROR_WORDS_MAX)
        error->word[error->words++] = word;
}

/* A code that is a number: as a word, too, for vendors that number their errors. */
static void add_code(struct tq__error *error, const struct tq__json_item *code)
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
static struct tq__span message_of(struct tq__error *error)
{
    const struct tq__error_members *in = &error->in, *top = &error->top;
    const struct tq__json_item *const places[] = {&in->message, &top->message, &top->error,
                                                  &in->detail,  &in->msg,      &top->detail};
    struct tq__span message = {NULL, 0};

    for (size_t i = 0; i < sizeof places / sizeof places[0] && !message.at; i++)
        message = text_of(error, places[i]);
    return message;
}

void tq__error_collect(struct tq__error *error)
{
    const struct tq__error_members *in = &error->in, *top = &error->top;
    struct tq__json_item code = tq__json_member(&in->details, "error_code");
    struct tq__json_item source = tq__json_member(&in->metadata, "limit_source");

    add_word(error, text_of(error, &code));
    add_word(error, text_of(error, &source));
    add_code(error, &in->code);
    add_word(error, behind(behind(text_of(error, &in->type), '/'), '#'));
    add_word(error, text_of(error, &in->status));
    add_word(error, tq__error_exception(text_of(error, &top->aws_type)));
    if (top->throttling.kind != TQ__JSON_NONE)
        add_word(error, TQ__SPAN("throttlingexception"));
    error->message = message_of(error);
    add_word(error, code_of(error->message));
}

/* The error inside of a document: an object, a text, or another kind where there is none. */
static struct tq__json_item inner_of(const struct tq__error_members *top, uint32_t status)
{
    struct tq__json_item inner = top->error;

    if (inner.kind == TQ__JSON_NONE && status >= 400)
        inner = top->detail.kind == TQ__JSON_OBJECT ? tq__inside_detail(&top->detail)
                                                    : tq__inside_first(&top->errors);
    if (inner.kind == TQ__JSON_OBJECT || inner.kind == TQ__JSON_STRING)
        return inner;
    inner = tq__json_member(&top->response, "error"); /* response.failed */
    if (inner.kind != TQ__JSON_OBJECT)
        inner = tq__json_member(&top->response_metadata, "Error"); /* Volcano Engine's console */
    if (inner.kind != TQ__JSON_OBJECT)
        inner = top->throttling; /* an event of Bedrock's stream */
    return inner.kind == TQ__JSON_OBJECT ? inner : tq__inside_choice(&top->choices);
}

bool tq__error_find(struct tq__reading *reading, struct tq__span document, struct tq__error *error)
{
    struct tq__error_members *top = &error->top;
    struct tq__json_item inner;

    read_members(document, top);
    if (reading->status < 400 && tq__json_is_name(&top->line))
        return false; /* a line of a batch's results: what it says was said when the batch ran */
    inner = inner_of(top, reading->status);
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
