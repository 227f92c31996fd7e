/* value.h: the forms in which headers and bodies write counts, lengths of time and instants.
 *
 * SPDX-License-Identifier: MIT
 *
 * Integers all the way: no strtod, no locale, no overflow. Each reader answers 0 (*value is set),
 * TQ__NOT_SAID (a negative number: vendors send -1 for "none") or TQ__NO_FORM (malformed). A time that is too
 * large for 64 bits is INT64_MAX: it is well formed, only absurd, and gets clamped; a count that large is
 * TQ__NO_FORM.
 */
#ifndef TQ_VALUE_H
#define TQ_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TQ__NOT_SAID 1
#define TQ__NO_FORM (-1)

#define TQ__SECOND_NS INT64_C(1000000000)
#define TQ__MINUTE_NS (60 * TQ__SECOND_NS)
#define TQ__HOUR_NS (60 * TQ__MINUTE_NS)
#define TQ__DAY_NS (24 * TQ__HOUR_NS)
#define TQ__WEEK_NS (7 * TQ__DAY_NS)

/* Some bytes; no NUL behind them. */
struct tq__span {
    const char *at;
    size_t len;
};

/* Without the blanks (space, tab) on both sides. */
struct tq__span tq__span_trim(struct tq__span span);

/* Is it the text, upper and lower case alike? `text` is in lower case. */
bool tq__span_is(struct tq__span span, const char *text);

/* Are they the same, upper and lower case alike? */
bool tq__span_same(struct tq__span a, struct tq__span b);

/* Where the text (in lower case) begins in the span, -1 when it is not there. */
ptrdiff_t tq__span_find(struct tq__span span, const char *text);

/* The sum, at most INT64_MAX, for what is not negative. */
int64_t tq__add_saturated(int64_t a, int64_t b);

/* A whole number, 57; 57.0 is one, too. */
int tq__value_count(struct tq__span span, int64_t *count);

/* A decimal number times 10^digits; finer digits are cut off. */
int tq__value_scaled(struct tq__span span, int digits, int64_t *value);

/* 6m0s, 16m17.764s, 12ms, 10h17m5.7s: numbers with a unit each (h, m, s, ms, us, µs, ns). "0" is one. */
int tq__value_duration(struct tq__span span, int64_t *ns);

/* How long the number and unit at the start of the span is, for prose: 0 when there is none. */
size_t tq__value_duration_prefix(struct tq__span span, int64_t *ns);

/* 2026-07-01T00:00:00Z, with fraction and offset. */
int tq__value_rfc3339(struct tq__span span, int64_t *at_ns);

/* Sun, 06 Nov 1994 08:49:37 GMT and the two old forms (RFC 9110 5.6.7). now_ns decides the century of the one
 * with two digits. */
int tq__value_http_date(struct tq__span span, int64_t now_ns, int64_t *at_ns);

/* Seconds since 1970, or milliseconds (digits 9 and 6: what is missing to nanoseconds). A number before 2001
 * is no instant that a vendor means. */
int tq__value_epoch(struct tq__span span, int digits, int64_t *at_ns);

/* A reset of one of the forms TQ__RESET_... of profile.h; lengths count from now_ns. */
int tq__value_reset(struct tq__span span, uint8_t form, int64_t now_ns, int64_t *at_ns);

/* Retry-After: seconds, whole or not, or a date. */
int tq__value_retry_after(struct tq__span span, int64_t now_ns, int64_t *at_ns);

#endif
