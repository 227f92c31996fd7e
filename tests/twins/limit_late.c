/* limit_late.c: a broken twin of counted.c: a late record takes a bound back, by a clock that is 40 minutes
 * late.
 *
 * SPDX-License-Identifier: MIT
 */
#include "src/counted.h"

static struct tq__clock twin_clock_read(const struct tq_ledger *ledger)
{
    struct tq__clock clock = tq__clock_read(ledger);

    clock.now_ns -= 40 * INT64_C(60000000000);
    clock.last_ns -= 40 * INT64_C(60000000000);
    return clock;
}

#define tq__clock_read twin_clock_read
#include "src/counted.c"
