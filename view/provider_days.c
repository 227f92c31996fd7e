/* provider_days.c: what a provider used day by day: find a day, make it, add all up.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "standings.h"

/* The first day that is not before start_at_ns. */
static size_t day_index(const struct provider *provider, int64_t start_at_ns)
{
    size_t low = 0, high = provider->day_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (provider->days[middle].start_at_ns < start_at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool day_is(const struct provider *provider, size_t index, int64_t start_at_ns)
{
    return index < provider->day_count && provider->days[index].start_at_ns == start_at_ns;
}

const struct day *provider_find_day(const struct provider *provider, int64_t at_ns)
{
    int64_t start_at_ns = day_start(at_ns);
    size_t index = day_index(provider, start_at_ns);

    return day_is(provider, index, start_at_ns) ? &provider->days[index] : NULL;
}

struct day *provider_day(struct provider *provider, int64_t at_ns)
{
    if (provider->day_count) {
        struct day *last = &provider->days[provider->day_last];

        if (at_ns >= last->start_at_ns && at_ns - last->start_at_ns < DAY_NS)
            return last;
    }
    int64_t start_at_ns = day_start(at_ns);
    size_t index = day_index(provider, start_at_ns);

    if (!day_is(provider, index, start_at_ns)) {
        if (provider->day_count == provider->day_capacity) {
            size_t capacity = provider->day_capacity ? provider->day_capacity * 2 : 4;
            struct day *days = realloc(provider->days, capacity * sizeof(*days));

            if (!days)
                return NULL;
            provider->days = days;
            provider->day_capacity = capacity;
        }
        struct day *at = &provider->days[index];

        memmove(at + 1, at, (provider->day_count - index) * sizeof(*at));
        *at = (struct day){.start_at_ns = start_at_ns};
        provider->day_count++;
    }
    provider->day_last = index;
    return &provider->days[index];
}

int64_t provider_total(const struct provider *provider)
{
    int64_t sum = 0;

    for (size_t i = 0; i < provider->day_count; i++)
        if (__builtin_add_overflow(sum, provider->days[i].used, &sum))
            return INT64_MAX;
    return sum;
}
