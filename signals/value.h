/* value.h: the forms in which vendors write counts, lengths of time and instants, in headers and JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each reader takes a whole text without blanks around it (see tq__plain). It returns 0 when the value is
 * set, TQ__NOT_SAID for a negative number (vendors send -1 for "none"), or TQ__NO_FORM for a malformed text.
 * A time that does not fit in 64 bits is INT64_MAX, because it is well formed; the caller clamps it. A count
 * that does not fit is TQ__NO_FORM.
 */
#ifndef TQ_SIGNALS_VALUE_H
#define TQ_SIGNALS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "base/time.h"

#define TQ__NOT_SAID 1
#define TQ__NO_FORM (-1)

/* Reads a whole number: 57, 57.0. */
int tq__value_count(struct tq__span text, int64_t *count);

/* Reads a decimal number times 10^digits; finer digits are cut off. */
int tq__value_scaled(struct tq__span text, int digits, int64_t *value);

/* Reads a share times 10^digits as millionths, at most UINT32_MAX: 6 digits for a fraction, 4 for a
 * percentage. It is rounded to the nearest, but to all of it (1000000) only when it is all of it. */
int tq__value_share(struct tq__span text, int digits, uint32_t *ppm);

/* Reads 6m0s, 16m17.764s, 12ms: numbers with a unit each; "0" is one, too. */
int tq__value_length(struct tq__span text, int64_t *ns);

/* Reads RFC 3339, or a number since 1970 whose size says its unit (base/time.h). A number before 2001-09-09
 * is no instant that a vendor means: those that have none write 0. */
int tq__value_instant(struct tq__span text, int64_t *at_ns);

/* Reads a reset of one of the forms TQ__RESET_... of profile.h; lengths count from now_ns. */
int tq__value_reset(struct tq__span text, uint8_t form, int64_t now_ns, int64_t *at_ns);

/* Reads Retry-After: seconds, whole or not, or a date; or, as some proxies write it, a number since 1970. */
int tq__value_retry_after(struct tq__span text, int64_t now_ns, int64_t *at_ns);

/* The text of a header or of a JSON string without the blanks around it, as the readers above take it. A
 * number with an exponent becomes the empty text, which has no form: vendors write exponents only in JSON
 * numbers. */
struct tq__span tq__plain(struct tq__span text);

/* What the readers above take of a JSON value: the number, or the text of a string. {NULL, 0} for null and
 * for what is not there; an empty text, which has no form, for any other value. */
struct tq__span tq__json_value(const struct tq__json_item *item);

/* The member of an object with this name; its kind is TQ__JSON_NONE when there is none, or no object. */
struct tq__json_item tq__json_member(const struct tq__json_item *object, const char *name);

/* The text of a string; {NULL, 0} for any other value. */
struct tq__span tq__json_text(const struct tq__json_item *item);

/* true and false as they are written, in quotes or not; as tq__json_text for any other value. */
struct tq__span tq__json_word(const struct tq__json_item *item);

#endif
