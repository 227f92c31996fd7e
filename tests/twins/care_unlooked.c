/* care_unlooked.c: a broken twin of forecast.c: a record writes what it predicts and does not look again, so
 * what another recorded meanwhile is missing in it. It yields where that matters.
 *
 * SPDX-License-Identifier: MIT
 */
#include <sched.h>

#define tq__forecast_update exact_forecast_update
#include "src/forecast.c"
#undef tq__forecast_update

int64_t tq__forecast_update(const struct tq__at *at, uint32_t rule);

int64_t tq__forecast_update(const struct tq__at *at, uint32_t rule)
{
    int64_t seen = atomic_load(&at->slot->predicted), end_ns;

    do {
        end_ns = end_by_rule(at, rule, seen);
        sched_yield();
    } while (end_ns != seen && !atomic_compare_exchange_strong(&at->slot->predicted, &seen, end_ns));
    return end_ns;
}
