/* usage_json.c: JSON read token by token where it lies, without memory.
 *
 * SPDX-License-Identifier: MIT
 */
#include "usage_json.h"

#include <string.h>

enum expect { VALUE, VALUE_OR_CLOSE, KEY, KEY_OR_CLOSE, COMMA_OR_CLOSE, NOTHING };

void tq__json_start(struct tq__json *json, const char *text, size_t len)
{
    json->at = text;
    json->end = text + len;
    json->text = (struct tq__span){NULL, 0};
    json->depth = 0;
    json->expect = VALUE;
}

static void skip_blanks(struct tq__json *json)
{
    const char *at = json->at;

    while (at < json->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    json->at = at;
}

#define OF_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Is one of eight bytes 0? Which one, the bits do not say for sure. */
static uint64_t has_zero(uint64_t bytes)
{
    return (bytes - OF_EACH(0x01)) & ~bytes & OF_EACH(0x80);
}

const char *tq__json_plain(const char *at, const char *end)
{
    uint64_t eight, found;

    for (; end - at >= 8; at += 8) {
        memcpy(&eight, at, 8);
        found = has_zero(eight ^ OF_EACH('"')) | has_zero(eight ^ OF_EACH('\\'));
        found |= (eight - OF_EACH(0x20)) & ~eight & OF_EACH(0x80); /* a byte below 0x20 */
        if (found)
            break;
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
        at++;
    return at;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Behind the escape at `at`, NULL when it is none. */
static const char *skip_escape(const char *at, const char *end)
{
    if (end - at < 2)
        return NULL;
    if (at[1] != 'u')
        return at[1] && strchr("\"\\/bfnrt", at[1]) ? at + 2 : NULL;
    if (end - at < 6)
        return NULL;
    for (int i = 2; i < 6; i++)
        if (!is_hex(at[i]))
            return NULL;
    return at + 6;
}

static bool take_string(struct tq__json *json)
{
    const char *at = tq__json_plain(++json->at, json->end);

    while (at && at < json->end && *at != '"') {
        at = *at == '\\' ? skip_escape(at, json->end) : NULL;
        if (at)
            at = tq__json_plain(at, json->end);
    }
    if (!at || at == json->end)
        return false;
    json->text = (struct tq__span){json->at, (size_t)(at - json->at)};
    json->at = at + 1;
    return true;
}

/* Takes digits; are there any? */
static bool take_digits(struct tq__json *json)
{
    const char *first = json->at;

    while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
        json->at++;
    return json->at > first;
}

static bool take_one_of(struct tq__json *json, char a, char b)
{
    if (json->at == json->end || (*json->at != a && *json->at != b))
        return false;
    json->at++;
    return true;
}

static enum tq__json_token take_number(struct tq__json *json)
{
    const char *first = json->at;

    take_one_of(json, '-', '-');
    if (!take_one_of(json, '0', '0') && !take_digits(json))
        return TQ__JSON_BROKEN;
    if (take_one_of(json, '.', '.') && !take_digits(json))
        return TQ__JSON_BROKEN;
    if (take_one_of(json, 'e', 'E')) {
        take_one_of(json, '+', '-');
        if (!take_digits(json))
            return TQ__JSON_BROKEN;
    }
    json->text = (struct tq__span){first, (size_t)(json->at - first)};
    return TQ__JSON_NUMBER;
}

static enum tq__json_token take_word(struct tq__json *json, const char *word, size_t len,
                                     enum tq__json_token token)
{
    if ((size_t)(json->end - json->at) < len || memcmp(json->at, word, len) != 0)
        return TQ__JSON_BROKEN;
    json->at += len;
    return token;
}

static enum tq__json_token open_one(struct tq__json *json, bool object)
{
    size_t i = json->depth;
    uint64_t bit = UINT64_C(1) << (i % 64);

    if (i == TQ__JSON_DEPTH_MAX)
        return TQ__JSON_BROKEN;
    json->is_object[i / 64] = object ? json->is_object[i / 64] | bit : json->is_object[i / 64] & ~bit;
    json->depth++;
    json->at++;
    json->expect = object ? KEY_OR_CLOSE : VALUE_OR_CLOSE;
    return object ? TQ__JSON_OBJECT : TQ__JSON_ARRAY;
}

static enum tq__json_token take_value(struct tq__json *json)
{
    json->expect = json->depth > 0 ? COMMA_OR_CLOSE : NOTHING;
    switch (*json->at) {
    case '{':
        return open_one(json, true);
    case '[':
        return open_one(json, false);
    case '"':
        return take_string(json) ? TQ__JSON_STRING : TQ__JSON_BROKEN;
    case 't':
        return take_word(json, "true", 4, TQ__JSON_TRUE);
    case 'f':
        return take_word(json, "false", 5, TQ__JSON_FALSE);
    case 'n':
        return take_word(json, "null", 4, TQ__JSON_NULL);
    default:
        return take_number(json);
    }
}

static enum tq__json_token take_key(struct tq__json *json)
{
    struct tq__span key;

    if (*json->at != '"' || !take_string(json))
        return TQ__JSON_BROKEN;
    key = json->text;
    skip_blanks(json);
    if (!take_one_of(json, ':', ':'))
        return TQ__JSON_BROKEN;
    json->text = key;
    json->expect = VALUE;
    return TQ__JSON_KEY;
}

static enum tq__json_token close_one(struct tq__json *json)
{
    json->at++;
    json->depth--;
    json->expect = json->depth > 0 ? COMMA_OR_CLOSE : NOTHING;
    return TQ__JSON_CLOSE;
}

enum tq__json_token tq__json_next(struct tq__json *json)
{
    char closing = json->depth > 0 && tq__json_in_object(json) ? '}' : ']';

    skip_blanks(json);
    if (json->at == json->end)
        return json->expect == NOTHING ? TQ__JSON_END : TQ__JSON_BROKEN;
    if (json->expect == COMMA_OR_CLOSE && *json->at == ',') {
        json->at++;
        json->expect = closing == '}' ? KEY : VALUE;
        skip_blanks(json);
        if (json->at == json->end)
            return TQ__JSON_BROKEN;
    }
    switch (json->expect) {
    case VALUE:
        return take_value(json);
    case VALUE_OR_CLOSE:
        return *json->at == closing ? close_one(json) : take_value(json);
    case KEY:
        return take_key(json);
    case KEY_OR_CLOSE:
        return *json->at == closing ? close_one(json) : take_key(json);
    case COMMA_OR_CLOSE:
        return *json->at == closing ? close_one(json) : TQ__JSON_BROKEN;
    default:
        return TQ__JSON_BROKEN;
    }
}
