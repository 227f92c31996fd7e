/* loops.h: loops that several programs time, over the calls of one provider at the noon of one day.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef BENCH_LOOPS_H
#define BENCH_LOOPS_H

#include <stdint.h>

#include "tokenquota.h"

#define DAY_NS INT64_C(86400000000000)
#define NOON_NS (INT64_C(20000) * DAY_NS + DAY_NS / 2)

/* context: the provider. */
static inline int64_t loop_state(void *context, int64_t n)
{
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_provider_state(context, NOON_NS + i, &retry_at_ns);
    return sum;
}

static inline int64_t loop_verdict(void *context, int64_t n)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i++) {
        sum += tq_provider_verdict(context, NOON_NS + i, &verdict);
        sum += verdict.left;
    }
    return sum;
}

#endif
