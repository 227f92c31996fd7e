/* json.h: a walk over JSON text in place: it builds nothing and allocates nothing.
 *
 * SPDX-License-Identifier: MIT
 *
 * A reader asks for the next member or element, takes what it wants, and steps into an object or array only
 * when it wants something inside:
 *
 *     struct tq__json json;
 *     struct tq__json_item item;
 *
 *     tq__json_begin(&json, text, TQ__JSON_STRICT);
 *     if (tq__json_enter_next(&json, '{'))
 *         while (tq__json_next(&json, &item)) {
 *             if (tq__span_equals(item.key, "usage") && tq__json_enter(&json, '{'))
 *                 while (tq__json_next(&json, &item))
 *                     ...
 *         }
 *     if (tq__json_done(&json))
 *         ... the whole text is JSON
 *
 * The walk passes over an object or array that the reader does not enter. There are two ways:
 *
 *   - TQ__JSON_STRICT checks it by the grammar of RFC 8259. Only bytes above 0x7f are not checked: broken
 *     UTF-8 in a text must not lose the usage beside it.
 *   - TQ__JSON_LAX goes from quote to quote and to the bracket that fits. This costs about as much as finding
 *     the quotes, which matters for a log line with a few numbers in a hundred kilobytes of prompt. It does
 *     not check what it passes over, nor the inside of strings. It still fails on a line that was cut off or
 *     that two processes wrote at once, because a quote or a bracket is missing there.
 *
 * Keys and strings are given as written, with their escapes. When an object has a key twice, the walk gives
 * both members, in their order.
 */
#ifndef TQ_BASE_JSON_H
#define TQ_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define TQ__JSON_DEPTH_MAX 1024 /* text that is nested deeper is refused */

enum tq__json_strictness { TQ__JSON_STRICT, TQ__JSON_LAX };

enum tq__json_kind {
    TQ__JSON_NONE,
    TQ__JSON_STRING,
    TQ__JSON_NUMBER,
    TQ__JSON_TRUE,
    TQ__JSON_FALSE,
    TQ__JSON_NULL,
    TQ__JSON_OBJECT,
    TQ__JSON_ARRAY,
};

struct tq__json_item {
    struct tq__span key;  /* of a member, without its quotes; {NULL, 0}: an element, or the whole text */
    struct tq__span text; /* a string without its quotes, a number, a word; what tq__json_pass passed */
    enum tq__json_kind kind;
};

/* Is it a string, and not empty? */
static inline bool tq__json_is_name(const struct tq__json_item *item)
{
    return item->kind == TQ__JSON_STRING && item->text.len > 0;
}

struct tq__json {
    const char *at, *end;
    size_t depth; /* objects and arrays that were entered and not left */
    bool lax;
    bool first;        /* nothing was given yet at this depth */
    bool unentered;    /* the object or array at `at` was given, and neither entered nor passed over */
    bool failed;       /* the text is no JSON; every call answers false from then on */
    const char *fault; /* when tq__json_done says no: about where the text is no JSON */
    uint64_t is_object[TQ__JSON_DEPTH_MAX / 64]; /* by depth, from 0 */
};

void tq__json_begin(struct tq__json *json, struct tq__span text, enum tq__json_strictness strictness);

/* Gives the next member or element of the object or array that was entered last; before any was entered, the
 * value that the text is. Passes over the value given before, unless it was entered. False behind the last
 * one, which leaves the object or array, and on a fault. */
bool tq__json_next(struct tq__json *json, struct tq__json_item *item);

/* Steps into the value given last when it begins with this bracket, '{' or '['. Else false, with nothing
 * done. */
bool tq__json_enter(struct tq__json *json, char bracket);

/* Steps into the next member or element when it begins with this bracket. Else false: the next call gives
 * what is behind it. */
bool tq__json_enter_next(struct tq__json *json, char bracket);

/* Passes over the value given last; item->text becomes all of it, brackets included. False on a fault. For a
 * value that is neither object nor array, true with nothing done. */
bool tq__json_pass(struct tq__json *json, struct tq__json_item *item);

/* Is the text sound, with nothing but blanks behind it? Ask when everything that was entered is left
 * again. */
bool tq__json_done(struct tq__json *json);

/* A member that is wanted, and where it goes. */
struct tq__json_wanted {
    const char *name;
    struct tq__json_item *item;
};

/* Walks over an object and takes the wanted members; the text of an object or array is all of it. A missing
 * member gets the kind TQ__JSON_NONE. If a key is there twice, the last one counts. The text must be sound,
 * as that of an item is. False when it is no object. */
bool tq__json_members(struct tq__span object, const struct tq__json_wanted *wanted, size_t count);

/* Checks a text and takes its members in the same pass. False when the text is not one object by the grammar
 * of RFC 8259, from its begin to its end. */
bool tq__json_object(struct tq__span text, const struct tq__json_wanted *wanted, size_t count);

/* Takes a member if it is one of the wanted; true when it is. */
bool tq__json_take(struct tq__json *json, const struct tq__json_item *item,
                   const struct tq__json_wanted *wanted, size_t count);

/* Undoes the escapes of a string. Returns the text itself where it has none; else the result in out, as much
 * of it as fits in `room` bytes, cut off between two characters. Half a surrogate pair, a broken escape and
 * \u0000 become U+FFFD. */
struct tq__span tq__json_unescape(struct tq__span text, char *out, size_t room);

/* Copies a string to out with its escapes undone, NUL-terminated, cut off in that way; "" for any other
 * value. out_size is at least 1. */
void tq__json_copy(const struct tq__json_item *item, char *out, size_t out_size);

/* ---- where a document ends ------------------------------------------------------------------- */

/* Counts the brackets of JSON text over any number of chunks. It does not check that the text is JSON. */
struct tq__brackets {
    size_t depth;
    bool in_string;
    bool escaped;
    bool begun; /* there was a bracket */
    bool lines; /* set by the caller: stop at line ends outside of strings, too */
};

static inline bool tq__ends_line(char c)
{
    return c == '\n' || c == '\r';
}

/* Skips the rest of a string and its closing quote. Stops at a line end, because no string has one. */
const char *tq__brackets_skip_string(struct tq__brackets *brackets, const char *at, const char *end);

/* Skips to behind the bracket that closes the first one. Stops at a line end in a string (in_string is true
 * then), at any line end when `lines` is set, and at the end of the chunk. */
const char *tq__brackets_skip(struct tq__brackets *brackets, const char *at, const char *end);

#endif
