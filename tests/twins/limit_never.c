/* limit_never.c: a broken twin of counted.c: a bound is never taken back.
 *
 * SPDX-License-Identifier: MIT
 */
#include "src/counted.h"

static struct tq__clock twin_clock_read(const struct tq_ledger *ledger)
{
    struct tq__clock clock = tq__clock_read(ledger);

    clock.last_ns = TQ_NOW_END_NS - 1;
    return clock;
}

#define tq__clock_read twin_clock_read
#include "src/counted.c"
