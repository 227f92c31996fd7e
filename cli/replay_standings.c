/* replay_standings.c: how each provider stands at the log's end, the most urgent first.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

static struct standing make(const struct replay *replay, const struct provider *provider)
{
    const struct day *today = provider_find_day(provider, replay->end_at_ns);
    int64_t elapsed_ns = replay->end_at_ns - day_start(replay->end_at_ns);
    struct standing standing = {.provider = provider, .used = today ? today->used : 0, .burn_rate = -1};

    if (elapsed_ns)
        standing.burn_rate = multiply_divide(standing.used, HOUR_NS, elapsed_ns, ROUND_DOWN);
    standing.projection = replay_project(standing.used, replay->end_at_ns);
    standing.state = tq_provider_state(provider->handle, replay->end_at_ns, &standing.retry_at_ns);
    return standing;
}

/* Of its budget, in hundredths of a percent; -1 without one. */
static int64_t share(const struct standing *standing)
{
    int64_t budget = standing->provider->budget;

    return budget ? multiply_divide(standing->used, 10000, budget, ROUND_DOWN) : -1;
}

static int descending(int64_t a, int64_t b)
{
    return (a < b) - (a > b);
}

static bool is_idle(const struct standing *standing)
{
    return standing->used == 0 && standing->state == TQ_AVAILABLE;
}

/* Exhausted, then who is nearest to its budget, then who used most; names differ, so no two are equal. */
static int compare(const void *left, const void *right)
{
    const struct standing *a = left, *b = right;
    int order = descending(a->state, b->state);

    if (!order)
        order = is_idle(a) - is_idle(b);
    if (!order)
        order = descending(share(a), share(b));
    if (!order)
        order = descending(a->used, b->used);
    return order ? order : strcmp(a->provider->name, b->provider->name);
}

int standings_make(struct standings *standings, const struct replay *replay)
{
    *standings = (struct standings){.items = malloc((replay->providers.count + 1) * sizeof(struct standing))};
    if (!standings->items) {
        report("out of memory");
        return -1;
    }
    for (size_t i = 0; i < replay->providers.count; i++) {
        if (!replay->providers.items[i].records)
            continue;
        struct standing *standing = &standings->items[standings->count++];

        *standing = make(replay, &replay->providers.items[i]);
        standings->exhausted += standing->state == TQ_QUOTA_EXHAUSTED;
        standings->idle += is_idle(standing);
    }
    qsort(standings->items, standings->count, sizeof(*standings->items), compare);
    return 0;
}
