/* number.h: decimal numbers, read exactly: digits x 10^exponent, never through floating point.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_BASE_NUMBER_H
#define TQ_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Why a text is not what it should be. base/time.h has more of them; 0 is "it is". */
#define TQ__EMPTY (-1)
#define TQ__NOT_NUMBER (-2)
#define TQ__NOT_WHOLE (-3)
#define TQ__NEGATIVE (-4)
#define TQ__TOO_BIG (-5) /* for 64 bits */

struct tq__number {
    uint64_t digits; /* the first 18 or 19 significant ones */
    int exponent;
    bool negative;
    bool more; /* a digit that is not 0 did not fit */
};

#define TQ__NUMBER_SIGN 1u     /* a '-' may be in front */
#define TQ__NUMBER_EXPONENT 2u /* e5, E-5 may be behind */
#define TQ__NUMBER_GROUPS 4u   /* the whole part may be 5,000,000 or 5_000_000 */

/* Reads digits[.digits] at the begin of the text, with what flags allow. Returns how many bytes that is, 0
 * when there is no number. A point needs digits on both sides. */
size_t tq__number_take(struct tq__span text, unsigned flags, struct tq__number *number);

/* Reads an amount as people write it at the begin of the text: 5000000, 5,000,000, 5M, 1.5k, 2 million.
 * Behind the number may be k, M, G or B, or T, or thousand to trillion, in any case. Returns as
 * tq__number_take. */
size_t tq__amount_take(struct tq__span text, struct tq__number *number);

/* Reads a text that is a number, with sign and exponent, from its begin to its end. 0; TQ__NOT_NUMBER. */
int tq__number_read(struct tq__span text, struct tq__number *number);

static inline bool tq__number_is_zero(const struct tq__number *number)
{
    return number->digits == 0 && !number->more;
}

/* Gives number x 10^scale, rounded down (towards the negative); *exact says whether it was rounded. 0;
 * TQ__TOO_BIG, with *value the bound of int64_t on that side. */
int tq__number_scale(const struct tq__number *number, int scale, int64_t *value, bool *exact);

/* Reads a count: a whole number, not negative; 12, 12.0 and 1.2e1 are one. 0; TQ__EMPTY, TQ__NOT_WHOLE (what
 * is no number at all, too), TQ__NEGATIVE, TQ__TOO_BIG. */
int tq__number_count(struct tq__span text, int64_t *count);

/* The sum or the product of two numbers that are not negative, INT64_MAX where it does not fit. */
static inline int64_t tq__add_saturated(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static inline int64_t tq__multiply_saturated(int64_t a, int64_t b)
{
    int64_t product;

    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

__extension__ typedef unsigned __int128 tq__uint128;

/* a x b / c, for a, b >= 0 and c > 0, rounded down or up; INT64_MAX where it does not fit. */
static inline int64_t tq__multiply_divide(int64_t a, int64_t b, int64_t c, bool up)
{
    tq__uint128 product = (tq__uint128)(uint64_t)a * (uint64_t)b;
    tq__uint128 quotient = (product + (up ? (uint64_t)c - 1 : 0)) / (uint64_t)c;

    return quotient > INT64_MAX ? INT64_MAX : (int64_t)quotient;
}

#define TQ__NUMBER_BYTES 28 /* of any int64_t in words, with commas and the NUL */

/* Writes 1234567 as 1,234,567, NUL-terminated, and returns its length. group '\0' leaves the commas out. */
size_t tq__number_write(char out[TQ__NUMBER_BYTES], int64_t number, char group);

/* Writes number / 10^digits exactly, 1.5 for 1500 and 3, and returns its length. The number is not negative,
 * and digits are at most 18. */
size_t tq__decimal_write(char out[TQ__NUMBER_BYTES], int64_t number, int digits, char group);

/* Writes quarters as people write them, 5/4, 1/2 and 3 for 5, 2 and 12, and returns the length. */
size_t tq__quarters_write(char out[TQ__NUMBER_BYTES], unsigned quarters);

#define TQ__DOLLAR_MICRO INT64_C(1000000)
#define TQ__DOLLARS_BYTES (TQ__NUMBER_BYTES + 4) /* of any amount, with the NUL */

/* Writes micro-dollars exactly, $52.50 for 52500000, with two digits behind the point and more only where the
 * amount has them, and returns the length. The amount is not negative. */
size_t tq__dollars_write(char out[TQ__DOLLARS_BYTES], int64_t micro_usd, char group);

#endif
