/* interval.c: between which totals a day will end, by the totals of the days before it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "interval.h"

#include <stdlib.h>

const int interval_percent[INTERVALS] = {80, 90};

static int compare_totals(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

struct interval interval_of(const int64_t *totals, size_t count, int64_t used, int percent)
{
    int64_t reached[INTERVAL_DAYS];
    size_t n = 0, miss = 100 - (size_t)percent, low, high;

    for (size_t i = 0; i < count && n < INTERVAL_DAYS; i++)
        if (totals[i] >= used)
            reached[n++] = totals[i];
    if (n == 0)
        return (struct interval){.none = true};
    qsort(reached, n, sizeof *reached, compare_totals);
    low = (n + 1) * miss / 200;
    high = ((n + 1) * (200 - miss) + 199) / 200;
    return (struct interval){
        .low = low == 0 ? used : reached[low - 1],
        .high = reached[(high < n ? high : n) - 1],
    };
}

void interval_look(struct interval_cover cover[INTERVALS], const int64_t *totals, size_t count, int64_t used,
                   int64_t total, double mean)
{
    for (int i = 0; i < INTERVALS; i++) {
        struct interval interval = interval_of(totals, count, used, interval_percent[i]);

        cover[i].looks++;
        if (interval.none) {
            cover[i].none++;
            continue;
        }
        cover[i].below += total < interval.low;
        cover[i].above += total > interval.high;
        cover[i].inside += total >= interval.low && total <= interval.high;
        cover[i].width += (double)(interval.high - interval.low) / mean;
    }
}

void interval_add(struct interval_cover to[INTERVALS], const struct interval_cover from[INTERVALS])
{
    for (int i = 0; i < INTERVALS; i++) {
        to[i].looks += from[i].looks;
        to[i].none += from[i].none;
        to[i].inside += from[i].inside;
        to[i].below += from[i].below;
        to[i].above += from[i].above;
        to[i].width += from[i].width;
    }
}
