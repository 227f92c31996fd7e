/* usage_brackets.h: where a JSON document ends, found without reading it.
 *
 * SPDX-License-Identifier: MIT
 *
 * Brackets are counted and strings skipped, over as many chunks as it takes. Whether it is JSON at all is for
 * usage_json.h to say.
 */
#ifndef TQ_USAGE_BRACKETS_H
#define TQ_USAGE_BRACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Brackets of JSON text, as far as it was looked at. */
struct tq__brackets {
    size_t depth;
    bool in_string;
    bool escaped;
    bool begun; /* there was a bracket */
};

static inline bool tq__ends_line(char c)
{
    return c == '\n' || c == '\r';
}

/* Skips what is of a string, up to behind its closing quote; stops at a line end, which no string has. */
const char *tq__skip_string(struct tq__brackets *brackets, const char *at, const char *end);

/* Behind the bracket that closes the first one; at a line end in a string; or the end. */
const char *tq__skip_document(struct tq__brackets *brackets, const char *at, const char *end);

#endif
