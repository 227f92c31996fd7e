/* fuzz_json.c: any bytes, walked over as JSON: the walk takes what jansson takes, and finds the same in it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/json.h"
#include "base/number.h"
#include "target.h"

/* What of the text the walk takes, and jansson, by its manual, does not. */
struct beyond_jansson {
    bool surrogate; /* half a pair, */
    bool nul;       /* a NUL in a key, */
    bool huge;      /* a number that no double holds: refused */
};

static void look_at_string(struct tq__span text, bool key, struct beyond_jansson *beyond)
{
    for (size_t i = 0; i + 5 < text.len; i++) {
        if (text.at[i] != '\\')
            continue;
        if (text.at[i + 1] == 'u') {
            beyond->surrogate |= text.at[i + 2] == 'd' || text.at[i + 2] == 'D';
            beyond->nul |= key && memcmp(text.at + i + 2, "0000", 4) == 0;
        }
        i++;
    }
}

static void look_at_number(struct tq__span text, struct beyond_jansson *beyond)
{
    char *copy = malloc(text.len + 1);

    HOLDS(copy);
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    beyond->huge |= isinf(strtod(copy, NULL));
    free(copy);
}

/* Walks over all of the text, into every object and array. */
static bool walk(struct tq__span text, struct beyond_jansson *beyond)
{
    struct tq__json_item item;
    struct tq__json json;
    size_t depth = 0;

    tq__json_begin(&json, text, TQ__JSON_STRICT);
    for (;;) {
        if (!tq__json_next(&json, &item)) {
            if (json.failed || depth-- == 0)
                break;
            continue;
        }
        look_at_string(item.key, true, beyond);
        if (item.kind == TQ__JSON_STRING)
            look_at_string(item.text, false, beyond);
        if (item.kind == TQ__JSON_NUMBER)
            look_at_number(item.text, beyond);
        if (tq__json_enter(&json, '{') || tq__json_enter(&json, '['))
            depth++;
        HOLDS(json.depth <= TQ__JSON_DEPTH_MAX);
    }
    return tq__json_done(&json);
}

/* Passes over all of the text at once. */
static bool pass(struct tq__span text, enum tq__json_strictness strictness)
{
    struct tq__json_item item;
    struct tq__json json;

    tq__json_begin(&json, text, strictness);
    return tq__json_next(&json, &item) && tq__json_pass(&json, &item) && tq__json_done(&json);
}

static void compare_string(struct tq__span written, const char *value, size_t len)
{
    char *out = malloc(written.len + 1);
    struct tq__span plain;

    HOLDS(out);
    plain = tq__json_unescape(written, out, written.len);
    /* jansson keeps a NUL; here it is U+FFFD. */
    if (!memchr(value, '\0', len))
        HOLDS(plain.len == len && memcmp(plain.at, value, len) == 0);
    free(out);
}

static void compare_number(struct tq__span written, double value)
{
    struct tq__number number;
    int64_t whole;
    bool exact;

    HOLDS(tq__number_read(written, &number) == 0);
    if (tq__number_scale(&number, 0, &whole, &exact) == 0 && exact && fabs(value) < 1e15)
        HOLDS((double)whole == value);
}

/* The tree has what the text says, in its first levels; where a key is there twice the last stands. */
static void compare(struct tq__span text, const json_t *value, int levels)
{
    struct tq__json_item item;
    struct tq__json json;
    size_t count = 0;

    tq__json_begin(&json, text, TQ__JSON_LAX);
    if (levels == 0 || !(tq__json_enter_next(&json, '[')))
        return;
    HOLDS(json_is_array(value));
    while (tq__json_next(&json, &item)) {
        const json_t *element = json_array_get(value, count++);

        HOLDS(tq__json_pass(&json, &item));
        HOLDS((item.kind == TQ__JSON_STRING) == json_is_string(element));
        HOLDS((item.kind == TQ__JSON_NUMBER) == json_is_number(element));
        HOLDS((item.kind == TQ__JSON_OBJECT) == json_is_object(element));
        HOLDS((item.kind == TQ__JSON_NULL) == json_is_null(element));
        HOLDS((item.kind == TQ__JSON_TRUE) == json_is_true(element));
        if (item.kind == TQ__JSON_STRING)
            compare_string(item.text, json_string_value(element), json_string_length(element));
        if (item.kind == TQ__JSON_NUMBER)
            compare_number(item.text, json_number_value(element));
        if (item.kind == TQ__JSON_ARRAY)
            compare(item.text, element, levels - 1);
    }
    HOLDS(count == json_array_size(value) && tq__json_done(&json));
}

static void compare_members(struct tq__span text, const json_t *value)
{
    struct tq__json_item member;
    const char *key;
    json_t *inside;

    json_object_foreach((json_t *)value, key, inside)
    {
        struct tq__json_wanted wanted = {key, &member};

        HOLDS(tq__json_members(text, &wanted, 1));
        if (member.kind == TQ__JSON_NONE)
            continue; /* its key is written with escapes */
        HOLDS((member.kind == TQ__JSON_STRING) == json_is_string(inside) || memchr(text.at, '\\', text.len));
        if (member.kind == TQ__JSON_ARRAY && json_is_array(inside))
            HOLDS(pass(member.text, TQ__JSON_STRICT));
    }
}

/* A document by its brackets ends in one place, wherever the text is cut. */
static void check_brackets(struct tq__span text)
{
    struct tq__brackets whole = {.depth = 0}, cut = {.depth = 0};
    const char *end = text.at + text.len, *middle = text.at + text.len / 2;
    const char *at = tq__brackets_skip(&whole, text.at, end),
               *first = tq__brackets_skip(&cut, text.at, middle);

    if (first == middle && (cut.depth > 0 || !cut.begun))
        first = tq__brackets_skip(&cut, middle, end);
    HOLDS(at == first && whole.depth == cut.depth && whole.in_string == cut.in_string);
}

/* jansson goes deeper. */
static bool may_be_too_deep(struct tq__span text)
{
    size_t brackets = 0;

    for (size_t i = 0; i < text.len; i++)
        brackets += text.at[i] == '[' || text.at[i] == '{';
    return brackets > TQ__JSON_DEPTH_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tq__span text = {(const char *)data, size};
    struct beyond_jansson beyond = {false, false, false};
    bool taken, lax;
    json_t *tree;

    if (size == 0)
        return 0;
    taken = walk(text, &beyond);
    HOLDS(taken == pass(text, TQ__JSON_STRICT));
    lax = pass(text, TQ__JSON_LAX);
    HOLDS(!taken || lax);
    check_brackets(text);
    if (memchr(data, '\0', size))
        return 0; /* behind a document jansson takes a NUL for the end of the text */
    tree = json_loadb(text.at, size, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
    if (tree && !taken) {
        HOLDS(may_be_too_deep(text));
    } else if (tree) {
        compare(text, tree, 3);
        if (json_is_object(tree))
            compare_members(text, tree);
    } else {
        HOLDS(!taken || !tq__utf8_is_valid(text) || beyond.surrogate || beyond.nul || beyond.huge);
    }
    json_decref(tree);
    return 0;
}
