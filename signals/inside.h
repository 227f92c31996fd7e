/* inside.h: errors that stand inside of something else than an error's body.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_INSIDE_H
#define TQ_SIGNALS_INSIDE_H

#include "value.h"

/* The error of the first choice that has one (OpenRouter: the upstream failed). Its kind is TQ__JSON_NONE
 * when there is none. */
struct tq__json_item tq__inside_choice(const struct tq__json_item *choices);

/* The first element of an array, when it is an object (Cloudflare's errors); else its kind is
 * TQ__JSON_NONE. */
struct tq__json_item tq__inside_first(const struct tq__json_item *array);

/* The error in the object that FastAPI puts around what a gateway raised, or that object. */
struct tq__json_item tq__inside_detail(const struct tq__json_item *detail);

/* Reads MiniMax's base_resp, which every response has: code and message of an error. False when it is a
 * success, or not there. */
bool tq__inside_base_resp(const struct tq__json_item *base_resp, struct tq__json_item *code,
                          struct tq__json_item *message);

/* A number that is a status of HTTP above 399, or the text of one; 0: it is none. */
uint32_t tq__inside_status(const struct tq__json_item *number);

#endif
