/* steady.h: a clock that nobody sets, for lengths of time.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_STEADY_H
#define TOKENQUOTA_VIEW_STEADY_H

#include <stdint.h>
#include <time.h>

#include "base/time.h"

static inline int64_t steady_ns(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * TQ__SECOND_NS + now.tv_nsec;
}

#endif
