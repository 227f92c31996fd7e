/* json.h: the parts that JSON documents share: numbers, instants, text, days, budgets, classes of tokens.
 *
 * SPDX-License-Identifier: MIT
 *
 * Instants are RFC 3339 text to the nanosecond. Integers above 2^53 - 1, which many readers would round, are
 * text too. An unknown value is null.
 *
 * Each function makes a value that the caller owns, or returns NULL when there is no memory. json_pack takes
 * such a NULL, and then returns NULL itself.
 */
#ifndef TOKENQUOTA_VIEW_JSON_H
#define TOKENQUOTA_VIEW_JSON_H

#include <jansson.h>
#include <tokenquota.h>

#include "import/classes.h"

#define SCHEMA 1 /* the version of all documents; a key that changes its meaning raises it */

json_t *number_json(int64_t n); /* negative: null */
json_t *signed_json(int64_t n);
json_t *some_json(int64_t n); /* 0 or less: null */
json_t *instant_json(int64_t at_ns);
json_t *some_instant_json(int64_t at_ns); /* null for 0 and for an end that nobody knows */
json_t *date_json(int64_t at_ns);         /* its UTC day, "2026-03-04" */
json_t *care_json(int64_t quarters);      /* 5 is 1.25; negative: null */
json_t *text_json(const char *text);      /* text from outside, which need not be UTF-8 */

/* The tokens used in a UTC day. provider NULL leaves the provider out. */
json_t *day_json(int64_t day_at_ns, const char *provider, int64_t used);

/* {"responses": ..., "input": ..., "total": ...} */
json_t *classes_json(const struct classes *classes);

/* Appends the members of `more` to an object and returns the object. The caller gives both away. When either
 * is NULL, the other is freed and the answer is NULL. */
json_t *json_join(json_t *object, json_t *more);

/* A whole document: "schema" and these members, which the caller gives away. */
json_t *document_json(json_t *members);

/* Takes the members that are null out of an object, also of those inside it, and returns it. */
json_t *json_known(json_t *value);

#endif
