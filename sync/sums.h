/* sums.h: sums and differences of counts that stop at the ends of int64_t, and the greater or lesser of two.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_SUMS_H
#define TOKENQUOTA_SYNC_SUMS_H

#include <stdint.h>

static inline int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;

    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b > 0 ? INT64_MAX : INT64_MIN;
}

static inline int64_t minus(int64_t a, int64_t b)
{
    int64_t difference;

    if (!__builtin_sub_overflow(a, b, &difference))
        return difference;
    return b < 0 ? INT64_MAX : INT64_MIN;
}

#endif
