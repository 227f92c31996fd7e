/* json.h: the words of every JSON document that the command prints.
 *
 * SPDX-License-Identifier: MIT
 *
 * Instants are RFC 3339 text to the nanosecond; integers above 2^53 - 1, which many readers would round, are
 * text as well. What there is none of is null.
 */
#ifndef TOKENQUOTA_JSON_WORDS_H
#define TOKENQUOTA_JSON_WORDS_H

#include <jansson.h>

#include "cli/cli.h"
#include "import/classes.h"

#define SCHEMA 1 /* of all documents; raised when a key changes its meaning */

json_t *number_json(int64_t n); /* negative: null */
json_t *instant_json(int64_t at_ns);
json_t *text_json(const char *text); /* text from outside, which may be no UTF-8 */

/* An instant at which an exclusion ends: null when the provider is available, or when no end is known. */
json_t *retry_json(int state, int64_t retry_at_ns);

/* "responses", "input", ..., "total" into an object; 0, or -1: there is no memory. */
int classes_json(json_t *object, const struct classes *classes);

/* Prints the document on stdout and lets it go; indented, or on one line. document may be NULL: out of
 * memory. 0, or -1 with a report. */
int json_print(json_t *document, bool one_line);

#endif
