/* json_value.h: texts, numbers and instants in a JSON document, whichever JSON type they have.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_JSON_VALUE_H
#define TQ_JSON_VALUE_H

#include <jansson.h>

#include "value.h"

/* Numbers are doubles, whole ones too: a 64-bit identifier among the members would make jansson refuse the
 * document. Counts and instants of our time fit. */
#define TQ__JSON_FLAGS (JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL)

/* The string; {NULL, 0} for anything else. */
struct tq__span tq__json_text(const json_t *value);

/* The number, or the number in a string, times 10^digits: the answers of value.h. */
int tq__json_scaled(const json_t *value, int digits, int64_t *number);

/* The instant of seconds since 1970; before 2001 it is none. */
int tq__json_epoch(const json_t *value, int64_t *at_ns);

#endif
