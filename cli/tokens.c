/* tokens.c: a number of tokens as people write it: 5000000, 5M, 1.5k.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli.h"

#define NOT_TOKENS "is no number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Powers of ten behind a suffix, -1 for what is none. */
static int suffix_power(const char *text, size_t len)
{
    static const char suffixes[] = "kKmMgGtT";
    const char *at;

    if (len == 0)
        return 0;
    at = len == 1 && text[0] ? strchr(suffixes, text[0]) : NULL;
    return at ? 3 * (int)((at - suffixes) / 2 + 1) : -1;
}

/* Decimal digits with one point among them are a whole number times a power of ten, so 1.5k never meets
 * floating point. */
const char *tokens_parse(const char *text, size_t len, int64_t *tokens)
{
    size_t i = 0, digits = 0;
    int behind_point = 0;
    bool point = false, overflow = false;
    int64_t value = 0;
    int zeros = 0; /* at the end of what was read, not yet multiplied in */

    for (; i < len && (is_digit(text[i]) || (text[i] == '.' && !point && digits)); i++) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        digits++;
        behind_point += point;
        zeros++;
        if (text[i] == '0' && point)
            continue;
        for (; zeros > 0; zeros--)
            overflow |= __builtin_mul_overflow(value, 10, &value);
        overflow |= __builtin_add_overflow(value, text[i] - '0', &value);
    }
    int power = suffix_power(text + i, len - i);

    if (!digits || (point && !behind_point) || power < 0)
        return NOT_TOKENS;
    power -= behind_point - zeros;
    if (power < 0)
        return "is not a whole number of tokens";
    for (; power > 0 && value; power--)
        overflow |= __builtin_mul_overflow(value, 10, &value);
    if (overflow)
        return "is too many tokens; the most is 9223372036854775807";
    *tokens = value;
    return NULL;
}
