/* body.h: a request's body of one small JSON object, taken apart by the names of its members.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each function gives 0; 1 when it has filled the answer with a problem; or TQ_ENOMEM.
 */
#ifndef TOKENQUOTA_SERVE_BODY_H
#define TOKENQUOTA_SERVE_BODY_H

#include "base/json.h"
#include "http.h"

/* Takes the wanted members. One that is not there has the kind TQ__JSON_NONE, and so has one that is null.
 * Any other member is refused: one that is misspelt must not go unnoticed. */
int body_members(const struct http_request *request, struct http_answer *answer,
                 const struct tq__json_wanted *wanted, size_t count);

/* Does each escape of a text name a character? \u0000 and half a surrogate pair do not: plain has U+FFFD for
 * all of them, so that two names or ids would become one. */
bool body_names_characters(struct tq__span text, struct tq__span plain);

/* Copies a member that is a text, with its escapes undone and NUL-terminated. hint: what to write. */
int body_text(struct http_answer *answer, const struct tq__json_item *item, const char *name,
              const char *hint, char *out, size_t out_bytes);

/* The member "provider": the name of one. */
int body_provider(struct http_answer *answer, const struct tq__json_item *item, char name[TQ_NAME_MAX + 1]);

#endif
