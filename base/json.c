/* json.c: a walk over JSON text in place: it builds nothing and allocates nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/json.h"

void tq__json_begin(struct tq__json *json, struct tq__span text, enum tq__json_strictness strictness)
{
    /* All but is_object, of which nothing is read before it is written. */
    json->at = text.at;
    json->end = text.at ? text.at + text.len : NULL;
    json->depth = 0;
    json->lax = strictness == TQ__JSON_LAX;
    json->first = true;
    json->unentered = json->failed = false;
}

__attribute__((cold)) static bool fail(struct tq__json *json)
{
    json->fault = json->failed ? json->fault : json->at;
    json->failed = true;
    json->unentered = false;
    json->at = json->end;
    return false;
}

static inline void skip_blanks(struct tq__json *json)
{
    const char *at = json->at;

    if (at < json->end && (unsigned char)*at > ' ') /* nearly always */
        return;
    while (at < json->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    json->at = at;
}

/* ---- strings --------------------------------------------------------------------------------- */

#define OF_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Sets the highest bit of each of eight bytes that is below `limit`. Bytes above the first such byte may have
 * the bit, too: the subtraction borrows from them. */
static uint64_t bytes_below(uint64_t bytes, uint8_t limit)
{
    return (bytes - OF_EACH(limit)) & ~bytes & OF_EACH(0x80);
}

/* The place in memory of the first byte of eight that has its highest bit set. */
static int first_byte(uint64_t marks)
{
    return __builtin_ctzll(marks) / 8;
}

/* Skips what stands for itself in a string: up to a quote, a backslash, a control character, or the end. */
static inline const char *skip_plain(const char *at, const char *end)
{
    uint64_t eight, found;

    for (; end - at >= 8; at += 8) {
        memcpy(&eight, at, 8);
        found = bytes_below(eight ^ OF_EACH('"'), 1) | bytes_below(eight ^ OF_EACH('\\'), 1) |
                bytes_below(eight, 0x20);
        if (found)
            return at + first_byte(found);
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
        at++;
    return at;
}

/* Behind the escape at `at`; NULL when it is none. */
static const char *skip_escape(const char *at, const char *end)
{
    if (end - at < 2)
        return NULL;
    switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return at + 2;
    case 'u':
        return tq__hex_read(at + 2, end, 4) >= 0 ? at + 6 : NULL;
    default:
        return NULL;
    }
}

/* The quote that ends the string whose first byte is at `at`, each escape judged; NULL when there is none. */
static inline const char *strict_string_end(const char *at, const char *end)
{
    for (at = skip_plain(at, end); at < end && *at != '"'; at = skip_plain(at, end)) {
        at = *at == '\\' ? skip_escape(at, end) : NULL;
        if (!at)
            return NULL;
    }
    return at < end ? at : NULL;
}

/* The same from quote to quote: one with an even number of backslashes before it ends the string. */
static const char *lax_string_end(const char *at, const char *end)
{
    const char *first = at;

    while (at < end && (at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        const char *before = at;

        while (before > first && before[-1] == '\\')
            before--;
        if ((at - before) % 2 == 0)
            return at;
        at++;
    }
    return NULL;
}

/* Takes the string that begins at the quote here. */
static inline bool take_string(struct tq__json *json, struct tq__span *text)
{
    const char *first = json->at + 1;
    const char *quote = json->lax ? lax_string_end(first, json->end) : strict_string_end(first, json->end);

    if (!quote)
        return fail(json);
    *text = (struct tq__span){first, (size_t)(quote - first)};
    json->at = quote + 1;
    return true;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool skip_digits(const char **at, const char *end)
{
    const char *first = *at;

    while (*at < end && tq__is_digit(**at))
        ++*at;
    return *at > first;
}

static bool skip_one_of(const char **at, const char *end, char a, char b)
{
    if (*at == end || (**at != a && **at != b))
        return false;
    ++*at;
    return true;
}

/* Behind the number at `at`; NULL when there is none. */
static const char *number_end(const char *at, const char *end)
{
    skip_one_of(&at, end, '-', '-');
    if (!skip_one_of(&at, end, '0', '0') && !skip_digits(&at, end))
        return NULL;
    if (skip_one_of(&at, end, '.', '.') && !skip_digits(&at, end))
        return NULL;
    if (skip_one_of(&at, end, 'e', 'E')) {
        skip_one_of(&at, end, '+', '-');
        if (!skip_digits(&at, end))
            return NULL;
    }
    return at;
}

static const char *word_end(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(end - at) >= len && memcmp(at, word, len) == 0 ? at + len : NULL;
}

static bool take_scalar(struct tq__json *json, struct tq__json_item *item)
{
    static const char *const words[] = {
        [TQ__JSON_TRUE] = "true", [TQ__JSON_FALSE] = "false", [TQ__JSON_NULL] = "null"};
    const char *from = json->at, *behind;

    item->kind = *from == 't'   ? TQ__JSON_TRUE
                 : *from == 'f' ? TQ__JSON_FALSE
                 : *from == 'n' ? TQ__JSON_NULL
                                : TQ__JSON_NUMBER;
    behind = item->kind == TQ__JSON_NUMBER ? number_end(from, json->end)
                                           : word_end(from, json->end, words[item->kind]);
    if (!behind)
        return fail(json);
    item->text = (struct tq__span){from, (size_t)(behind - from)};
    json->at = behind;
    return true;
}

static inline bool take_value(struct tq__json *json, struct tq__json_item *item)
{
    item->text = (struct tq__span){NULL, 0};
    if (json->at == json->end)
        return fail(json);
    switch (*json->at) {
    case '{':
    case '[':
        item->kind = *json->at == '{' ? TQ__JSON_OBJECT : TQ__JSON_ARRAY;
        json->unentered = true;
        return true;
    case '"':
        item->kind = TQ__JSON_STRING;
        return take_string(json, &item->text);
    default:
        return take_scalar(json, item);
    }
}

/* ---- the walk -------------------------------------------------------------------------------- */

static inline bool in_object(const struct tq__json *json, size_t depth)
{
    return json->is_object[(depth - 1) / 64] >> (depth - 1) % 64 & 1;
}

static void note_bracket(struct tq__json *json, size_t depth, bool object)
{
    uint64_t bit = UINT64_C(1) << (depth - 1) % 64, *word = &json->is_object[(depth - 1) / 64];

    if (bit == 1) /* nothing deeper is open: the word is begun */
        *word = 0;
    *word = object ? *word | bit : *word & ~bit;
}

bool tq__json_enter(struct tq__json *json, char bracket)
{
    if (!json->unentered || *json->at != bracket)
        return false;
    if (json->depth == TQ__JSON_DEPTH_MAX)
        return fail(json);
    note_bracket(json, ++json->depth, bracket == '{');
    json->unentered = false;
    json->first = true;
    json->at++;
    return true;
}

/* What is looked at outside of strings. */
static const bool ends_run[256] = {
    ['"'] = true, ['{'] = true, ['['] = true, ['}'] = true, [']'] = true, ['\n'] = true, ['\r'] = true,
};

/* Passes over the object or array here: to the bracket that fits, which is all that is judged. */
static bool pass_lax(struct tq__json *json)
{
    size_t depth = json->depth;
    const char *at = json->at;

    while (at < json->end) {
        char c = *at++;

        if (!ends_run[(unsigned char)c])
            continue;
        if (c == '"') {
            at = lax_string_end(at, json->end);
            if (!at)
                return fail(json);
            at++;
        } else if (c == '{' || c == '[') {
            if (depth == TQ__JSON_DEPTH_MAX)
                return fail(json);
            note_bracket(json, ++depth, c == '{');
        } else if (c == '}' || c == ']') {
            if (in_object(json, depth) != (c == '}'))
                return fail(json);
            if (--depth == json->depth) {
                json->at = at;
                return true;
            }
        }
    }
    return fail(json);
}

/* Passes over what is left at this depth and deeper, looking at each value. */
static bool leave_strict(struct tq__json *json)
{
    size_t depth = json->depth;
    struct tq__json_item item;

    while (json->depth >= depth && !json->failed)
        if (tq__json_next(json, &item) && json->unentered)
            tq__json_enter(json, *json->at);
    return !json->failed;
}

static inline bool pass_unentered(struct tq__json *json)
{
    if (!json->unentered)
        return !json->failed;
    if (!json->lax)
        return tq__json_enter(json, *json->at) && leave_strict(json);
    json->unentered = false;
    return pass_lax(json);
}

static inline bool take_key(struct tq__json *json, struct tq__span *key)
{
    if (json->at == json->end || *json->at != '"' || !take_string(json, key))
        return fail(json);
    skip_blanks(json);
    if (json->at == json->end || *json->at != ':')
        return fail(json);
    json->at++;
    skip_blanks(json);
    return true;
}

/* Moves behind the comma, where one must be. False at the bracket that ends the object or array, which it
 * leaves. */
static inline bool go_on(struct tq__json *json)
{
    bool first = json->first;

    json->first = false;
    if (json->at == json->end)
        return fail(json);
    if (*json->at == (in_object(json, json->depth) ? '}' : ']')) {
        json->at++;
        json->depth--;
        return false;
    }
    if (first)
        return true;
    if (*json->at != ',')
        return fail(json);
    json->at++;
    skip_blanks(json);
    return true;
}

bool tq__json_next(struct tq__json *json, struct tq__json_item *item)
{
    item->key = (struct tq__span){NULL, 0};
    item->kind = TQ__JSON_NONE;
    if (!pass_unentered(json))
        return false;
    skip_blanks(json);
    if (json->depth == 0) {
        bool first = json->first;

        json->first = false;
        return first && take_value(json, item);
    }
    if (!go_on(json))
        return false;
    if (in_object(json, json->depth) && !take_key(json, &item->key))
        return false;
    return take_value(json, item);
}

bool tq__json_enter_next(struct tq__json *json, char bracket)
{
    struct tq__json_item item;

    return tq__json_next(json, &item) && tq__json_enter(json, bracket);
}

bool tq__json_pass(struct tq__json *json, struct tq__json_item *item)
{
    const char *from = json->at;

    if (!json->unentered)
        return !json->failed;
    if (!pass_unentered(json))
        return false;
    item->text = (struct tq__span){from, (size_t)(json->at - from)};
    return true;
}

bool tq__json_done(struct tq__json *json)
{
    if (!pass_unentered(json))
        return false;
    skip_blanks(json);
    json->fault = json->at;
    return json->at == json->end && json->depth == 0 && !json->first;
}

bool tq__json_take(struct tq__json *json, const struct tq__json_item *item,
                   const struct tq__json_wanted *wanted, size_t count)
{
    char first = item->key.len > 0 ? item->key.at[0] : '\0'; /* most names are told by it */

    for (size_t i = 0; i < count; i++) {
        if (wanted[i].name[0] == first && tq__span_equals(item->key, wanted[i].name)) {
            *wanted[i].item = *item;
            tq__json_pass(json, wanted[i].item);
            return true;
        }
    }
    return false;
}

/* Walks over an object that begins the text. False when there is none, or on a fault. */
static bool take_members(struct tq__json *json, const struct tq__json_wanted *wanted, size_t count)
{
    struct tq__json_item item;

    for (size_t i = 0; i < count; i++)
        *wanted[i].item = (struct tq__json_item){.kind = TQ__JSON_NONE};
    if (!tq__json_enter_next(json, '{'))
        return false;
    while (tq__json_next(json, &item))
        tq__json_take(json, &item, wanted, count);
    return !json->failed;
}

bool tq__json_members(struct tq__span object, const struct tq__json_wanted *wanted, size_t count)
{
    struct tq__json json;

    tq__json_begin(&json, object, TQ__JSON_LAX);
    return take_members(&json, wanted, count);
}

bool tq__json_object(struct tq__span text, const struct tq__json_wanted *wanted, size_t count)
{
    struct tq__json json;

    tq__json_begin(&json, text, TQ__JSON_STRICT);
    return take_members(&json, wanted, count) && tq__json_done(&json);
}

/* ---- where a document ends ------------------------------------------------------------------- */

const char *tq__brackets_skip_string(struct tq__brackets *brackets, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (brackets->escaped && !tq__ends_line(*at)) {
            brackets->escaped = false;
            continue;
        }
        at = skip_plain(at, end);
        while (at < end && *at != '"' && *at != '\\' && !tq__ends_line(*at)) /* another control character */
            at = skip_plain(at + 1, end);
        if (at == end || *at != '\\')
            break;
        brackets->escaped = true;
    }
    if (at < end && *at == '"') {
        brackets->in_string = false;
        at++;
    }
    return at;
}

/* Notes a bracket or the quote that begins a string. True when it closes the first bracket. */
static bool note_stop(struct tq__brackets *brackets, char c)
{
    if (c == '"') {
        brackets->in_string = true;
    } else if (c == '{' || c == '[') {
        brackets->begun = true;
        brackets->depth++;
    } else if ((c == '}' || c == ']') && brackets->depth > 0) {
        return --brackets->depth == 0;
    }
    return false;
}

const char *tq__brackets_skip(struct tq__brackets *brackets, const char *at, const char *end)
{
    while (at < end) {
        if (brackets->in_string) {
            at = tq__brackets_skip_string(brackets, at, end);
            if (brackets->in_string)
                break;
            continue;
        }
        while (at < end && !ends_run[(unsigned char)*at])
            at++;
        if (at == end || (brackets->lines && tq__ends_line(*at)))
            break;
        if (note_stop(brackets, *at++))
            break;
    }
    return at;
}
