/* number.c: decimal numbers, exact: what a log says is never rounded through floating point.
 *
 * SPDX-License-Identifier: MIT
 */
#include "internal.h"

#define EXPONENT_END 10000 /* a written exponent from here on is as good as infinite */

static const uint64_t power_of_ten[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

#define POWERS ((int)(sizeof(power_of_ten) / sizeof(power_of_ten[0])))

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes the digits at `at`; NULL when there are none. Beyond 19 significant ones only their place counts. */
static const char *take_digits(struct tq__log_number *number, const char *at, const char *end, bool fraction)
{
    const char *first = at;

    for (; at < end && is_digit(*at); at++) {
        unsigned digit = (unsigned)(*at - '0');

        if (number->digits < power_of_ten[18]) {
            number->digits = number->digits * 10 + digit;
            number->exponent -= fraction;
        } else {
            number->more |= digit != 0;
            number->exponent += !fraction;
        }
    }
    return at > first ? at : NULL;
}

static const char *take_exponent(struct tq__log_number *number, const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    int exponent = 0;
    const char *first;

    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (first = at; at < end && is_digit(*at); at++) {
        if (exponent < EXPONENT_END)
            exponent = exponent * 10 + (*at - '0');
    }
    number->exponent += negative ? -exponent : exponent;
    return at > first ? at : NULL;
}

int tq__log_number_read(struct tq__log_text text, struct tq__log_number *number)
{
    const char *at = text.text, *end = text.text + text.len;

    *number = (struct tq__log_number){0};
    if (at < end && *at == '-') {
        number->negative = true;
        at++;
    }
    at = take_digits(number, at, end, false);
    if (at && at < end && *at == '.')
        at = take_digits(number, at + 1, end, true);
    if (at && at < end && (*at == 'e' || *at == 'E'))
        at = take_exponent(number, at + 1, end);
    return at == end ? 0 : TQ__LOG_NOT_NUMBER;
}

int tq__log_number_scale(const struct tq__log_number *number, int scale, int64_t *value, bool *whole)
{
    int exponent = number->exponent + scale;
    uint64_t size = number->digits, rest = number->more;

    if (size == 0)
        exponent = 0;
    if (exponent > 0) {
        if (exponent >= POWERS || __builtin_mul_overflow(size, power_of_ten[exponent], &size))
            return TQ__LOG_TOO_BIG;
    } else if (exponent <= -POWERS) {
        rest |= size;
        size = 0;
    } else {
        rest |= size % power_of_ten[-exponent];
        size /= power_of_ten[-exponent];
    }
    *whole = rest == 0;
    if (number->negative && rest != 0)
        size++;
    if (size > (uint64_t)INT64_MAX + number->negative)
        return TQ__LOG_TOO_BIG;
    if (number->negative && size > 0)
        *value = -(int64_t)(size - 1) - 1;
    else
        *value = (int64_t)size;
    return 0;
}

int tq__log_number_count(struct tq__log_text text, int64_t *count)
{
    struct tq__log_number number;
    bool whole;

    if (text.len == 0)
        return TQ__LOG_EMPTY;
    if (tq__log_number_read(text, &number) != 0)
        return TQ__LOG_NOT_WHOLE;
    if (number.negative && (number.digits != 0 || number.more))
        return TQ__LOG_NEGATIVE;
    if (tq__log_number_scale(&number, 0, count, &whole) != 0)
        return TQ__LOG_TOO_BIG;
    return whole ? 0 : TQ__LOG_NOT_WHOLE;
}
