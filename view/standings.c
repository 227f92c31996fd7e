/* standings.c: how each provider stands at an instant, the most urgent first.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "standings.h"

int64_t project(int64_t used, int64_t at_ns)
{
    int64_t elapsed_ns = at_ns - day_start(at_ns);

    return elapsed_ns ? multiply_divide(used, DAY_NS, elapsed_ns, ROUND_UP) : -1;
}

int standings_init(struct standings *standings, size_t count, int64_t at_ns, const char *now)
{
    *standings = (struct standings){.at_ns = at_ns, .now = now, .idle_words = "used nothing today"};
    standings->items = malloc((count + 1) * sizeof(*standings->items));
    if (standings->items)
        return 0;
    report("out of memory");
    return -1;
}

struct standing *standings_append(struct standings *standings, const struct provider *provider, int64_t used)
{
    struct standing *standing = &standings->items[standings->count++];
    int64_t elapsed_ns = standings->at_ns - day_start(standings->at_ns);

    *standing = (struct standing){
        .provider = provider,
        .used = used,
        .burn_rate = elapsed_ns ? multiply_divide(used, HOUR_NS, elapsed_ns, ROUND_DOWN) : -1,
        .projection = project(used, standings->at_ns),
    };
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

/* Exhausted, the first to be back before others, then who is nearest to its budget, then who used most; names
 * differ, so no two are equal. */
static int compare(const void *left, const void *right)
{
    const struct standing *a = left, *b = right;
    int order = descending(a->state, b->state);

    if (!order)
        order = descending(b->retry_at_ns, a->retry_at_ns);
    if (!order)
        order = a->idle - b->idle;
    if (!order)
        order = descending(share(a), share(b));
    if (!order)
        order = descending(a->used, b->used);
    return order ? order : strcmp(a->provider->name, b->provider->name);
}

void standings_finish(struct standings *standings)
{
    for (size_t i = 0; i < standings->count; i++) {
        standings->exhausted += standings->items[i].state == TQ_QUOTA_EXHAUSTED;
        standings->idle += standings->items[i].idle;
    }
    qsort(standings->items, standings->count, sizeof(*standings->items), compare);
}
