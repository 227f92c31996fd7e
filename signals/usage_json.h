/* usage_json.h: JSON read token by token where it lies, without memory.
 *
 * SPDX-License-Identifier: MIT
 *
 * jansson builds a tree, and refuses a document for one number of 400 digits in it. Usage is read from every
 * event of a stream, so here nothing is built: a reader asks for the next token and keeps the few numbers it
 * came for. The grammar is that of RFC 8259, and a text that breaks it is told apart from one that ends.
 * Bytes above 0x7f are taken as they are: usage is not lost over somebody's broken UTF-8.
 */
#ifndef TQ_USAGE_JSON_H
#define TQ_USAGE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "value.h"

#define TQ__JSON_DEPTH_MAX 1024 /* what is nested deeper is refused */

enum tq__json_token {
    TQ__JSON_BROKEN,
    TQ__JSON_END, /* one value was read, and nothing but blanks follows it */
    TQ__JSON_OBJECT,
    TQ__JSON_ARRAY,
    TQ__JSON_CLOSE, /* of an object or array */
    TQ__JSON_KEY,
    TQ__JSON_STRING,
    TQ__JSON_NUMBER,
    TQ__JSON_TRUE,
    TQ__JSON_FALSE,
    TQ__JSON_NULL,
};

struct tq__json {
    const char *at, *end;
    struct tq__span text; /* of a key or string: between its quotes, escapes as written; of a number: all */
    size_t depth;         /* objects and arrays that are open, the one just opened among them */
    uint8_t expect;
    uint64_t is_object[TQ__JSON_DEPTH_MAX / 64];
};

void tq__json_start(struct tq__json *json, const char *text, size_t len);

/* After BROKEN or END it must not be called again. */
enum tq__json_token tq__json_next(struct tq__json *json);

/* Skips what stands for itself in a string: up to a quote, a backslash, a control character, or the end. */
const char *tq__json_plain(const char *at, const char *end);

/* Is the innermost open one an object? Only when depth > 0. */
static inline bool tq__json_in_object(const struct tq__json *json)
{
    size_t i = json->depth - 1;

    return json->is_object[i / 64] >> (i % 64) & 1;
}

#endif
