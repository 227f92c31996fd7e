/* inside.h: errors that stand inside of something else than an error's body.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_INSIDE_H
#define TQ_SIGNALS_INSIDE_H

#include "errors.h"
#include "reading.h"

/* The error of the first choice that has one (OpenRouter: the upstream failed). Its kind is TQ__JSON_NONE
 * when there is none. */
struct tq__json_item tq__inside_choice(const struct tq__json_item *choices);

/* Reads MiniMax's base_resp, which every response has; false when it is a success. */
bool tq__inside_base_resp(const struct tq__json_item *base_resp, int64_t *code,
                          struct tq__json_item *message);

/* What such a code means; NULL when it is not about quota. */
const struct tq__error_row *tq__inside_row(int64_t base_code);

/* A number that is a status of HTTP above 399, or the text of one; 0: it is none. */
uint32_t tq__inside_status(const struct tq__json_item *number);

/* Reads the headers of a response that a document repeats as an object, as if they were its own. */
void tq__inside_headers(struct tq__reading *reading, const struct tq__json_item *headers);

#endif
