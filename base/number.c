/* number.c: decimal numbers, read exactly: digits x 10^exponent, never through floating point.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/number.h"

#define EXPONENT_END 10000 /* a written exponent from here on is as good as infinite */
#define POWERS 20          /* 10^0 to 10^19 fit in 64 bits */
#define DIGITS_FIT 18      /* so many always fit in int64_t */

static uint64_t power_of_ten(int exponent)
{
    uint64_t power = 1;

    for (; exponent >= 4; exponent -= 4)
        power *= 10000;
    for (; exponent > 0; exponent--)
        power *= 10;
    return power;
}

/* Takes the digits at *at; false when there are none. Behind 18 significant ones only their place counts. All
 * is kept in variables: a store through the pointer might change the text, as far as the compiler knows. */
static bool take_digits(struct tq__number *number, const char **text, const char *end, bool fraction)
{
    uint64_t digits = number->digits;
    int exponent = number->exponent;
    bool more = number->more;
    const char *at = *text;

    for (; at < end && tq__is_digit(*at); at++) {
        unsigned digit = (unsigned)(*at - '0');

        if (digits < UINT64_C(1000000000000000000)) {
            digits = digits * 10 + digit;
            exponent -= fraction;
        } else {
            more |= digit != 0;
            exponent += !fraction;
        }
    }
    *number = (struct tq__number){digits, exponent, number->negative, more};
    if (at == *text)
        return false;
    *text = at;
    return true;
}

/* Takes ,000 behind the first digits, as often as it is there, always with the same mark. */
static void take_groups(struct tq__number *number, const char **text, const char *end)
{
    const char *at = *text, mark = at < end ? *at : '\0';

    if (mark != ',' && mark != '_')
        return;
    while (end - at >= 4 && *at == mark && tq__is_digit(at[1]) && tq__is_digit(at[2]) &&
           tq__is_digit(at[3])) {
        at++;
        (void)take_digits(number, &at, at + 3, false);
    }
    *text = at;
}

static bool take_exponent(struct tq__number *number, const char **at, const char *end)
{
    bool negative = *at < end && **at == '-';
    int exponent = 0;
    const char *first;

    if (*at < end && (**at == '-' || **at == '+'))
        ++*at;
    for (first = *at; *at < end && tq__is_digit(**at); ++*at)
        if (exponent < EXPONENT_END)
            exponent = exponent * 10 + (**at - '0');
    number->exponent += negative ? -exponent : exponent;
    return *at > first;
}

size_t tq__number_take(struct tq__span text, unsigned flags, struct tq__number *number)
{
    const char *at = text.at, *end, *first;

    *number = (struct tq__number){0};
    if (text.len == 0)
        return 0;
    end = at + text.len;
    if (flags & TQ__NUMBER_SIGN && at < end && *at == '-') {
        number->negative = true;
        at++;
    }
    first = at;
    if (!take_digits(number, &at, end, false))
        return 0;
    if (flags & TQ__NUMBER_GROUPS && at - first <= 3)
        take_groups(number, &at, end);
    if (at < end && *at == '.') {
        at++;
        if (!take_digits(number, &at, end, true))
            return 0;
    }
    if (flags & TQ__NUMBER_EXPONENT && at < end && tq__lower(*at) == 'e') {
        at++;
        if (!take_exponent(number, &at, end))
            return 0;
    }
    return (size_t)(at - text.at);
}

size_t tq__amount_take(struct tq__span text, struct tq__number *number)
{
    static const struct {
        const char *letters, *word;
    } multiples[] = {{"k", "thousand"}, {"m", "million"}, {"gb", "billion"}, {"t", "trillion"}};
    size_t len = tq__number_take(text, TQ__NUMBER_GROUPS, number), end = len, begin;

    if (len == 0)
        return 0;
    while (end < text.len && text.at[end] == ' ')
        end++;
    for (begin = end; end < text.len && tq__is_letter(text.at[end]);)
        end++;
    for (int i = 0; i < 4; i++) {
        struct tq__span word = {text.at + begin, end - begin};
        bool letter = word.len == 1 && strchr(multiples[i].letters, tq__lower(*word.at));

        if (letter || tq__span_matches(word, multiples[i].word)) {
            number->exponent += 3 * (i + 1);
            return end;
        }
    }
    return len;
}

int tq__number_read(struct tq__span text, struct tq__number *number)
{
    size_t len = tq__number_take(text, TQ__NUMBER_SIGN | TQ__NUMBER_EXPONENT, number);

    return len > 0 && len == text.len ? 0 : TQ__NOT_NUMBER;
}

int tq__number_scale(const struct tq__number *number, int scale, int64_t *value, bool *exact)
{
    int exponent = number->digits == 0 ? 0 : number->exponent + scale;
    uint64_t size = number->digits, rest = number->more;

    if (exponent > 0) {
        if (exponent >= POWERS || __builtin_mul_overflow(size, power_of_ten(exponent), &size))
            goto too_big;
    } else if (exponent <= -POWERS) {
        rest |= size;
        size = 0;
    } else if (exponent < 0) {
        rest |= size % power_of_ten(-exponent);
        size /= power_of_ten(-exponent);
    }
    *exact = rest == 0;
    if (number->negative && rest != 0)
        size++;
    if (size > (uint64_t)INT64_MAX + number->negative)
        goto too_big;
    *value = number->negative && size > 0 ? -(int64_t)(size - 1) - 1 : (int64_t)size;
    return 0;

too_big:
    *exact = false;
    *value = number->negative ? INT64_MIN : INT64_MAX;
    return TQ__TOO_BIG;
}

int tq__number_count(struct tq__span text, int64_t *count)
{
    struct tq__number number;
    int64_t plain = 0;
    size_t digits = 0;
    bool exact;

    if (text.len == 0)
        return TQ__EMPTY;
    for (; digits < text.len && digits < DIGITS_FIT && tq__is_digit(text.at[digits]); digits++)
        plain = plain * 10 + (text.at[digits] - '0');
    if (digits == text.len) { /* as nearly all */
        *count = plain;
        return 0;
    }
    if (tq__number_read(text, &number) != 0)
        return TQ__NOT_WHOLE;
    if (number.negative && !tq__number_is_zero(&number))
        return TQ__NEGATIVE;
    if (tq__number_scale(&number, 0, count, &exact) != 0)
        return TQ__TOO_BIG;
    return exact ? 0 : TQ__NOT_WHOLE;
}

size_t tq__number_write(char out[TQ__NUMBER_BYTES], int64_t number, char group)
{
    uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;
    char reversed[TQ__NUMBER_BYTES];
    size_t len = 0, digits = 0;

    do {
        if (group && digits > 0 && digits % 3 == 0)
            reversed[len++] = group;
        reversed[len++] = (char)('0' + size % 10);
        size /= 10;
        digits++;
    } while (size > 0);
    if (number < 0)
        reversed[len++] = '-';
    for (size_t i = 0; i < len; i++)
        out[i] = reversed[len - 1 - i];
    out[len] = '\0';
    return len;
}

size_t tq__decimal_write(char out[TQ__NUMBER_BYTES], int64_t number, int digits, char group)
{
    int64_t unit = 1;
    size_t len;

    for (int i = 0; i < digits; i++)
        unit *= 10;
    len = tq__number_write(out, number / unit, group);
    number %= unit;
    if (number == 0)
        return len;
    out[len++] = '.';
    for (; number > 0; number %= unit) {
        unit /= 10;
        out[len++] = (char)('0' + number / unit);
    }
    out[len] = '\0';
    return len;
}

size_t tq__quarters_write(char out[TQ__NUMBER_BYTES], unsigned quarters)
{
    unsigned whole = quarters % 4 == 0   ? 4
                     : quarters % 2 == 0 ? 2
                                         : 1; /* quarters in a unit of the fraction */
    size_t len = tq__number_write(out, quarters / whole, '\0');

    if (whole < 4) {
        out[len++] = '/';
        out[len++] = (char)('0' + 4 / whole);
        out[len] = '\0';
    }
    return len;
}

size_t tq__dollars_write(char out[TQ__DOLLARS_BYTES], int64_t micro_usd, char group)
{
    int64_t unit = TQ__DOLLAR_MICRO / 10, rest = micro_usd % TQ__DOLLAR_MICRO;
    size_t len = 1 + tq__number_write(out + 1, micro_usd / TQ__DOLLAR_MICRO, group);

    out[0] = '$';
    out[len++] = '.';
    for (int digit = 0; digit < 2 || rest > 0; digit++, unit /= 10) {
        out[len++] = (char)('0' + rest / unit);
        rest %= unit;
    }
    out[len] = '\0';
    return len;
}
