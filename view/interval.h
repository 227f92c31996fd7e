/* interval.h: between which totals a day will end, by the totals of the days before it.
 *
 * SPDX-License-Identifier: MIT
 *
 * At an instant of a day with U > 0 used, those totals of the last 14 calendar days that are at least U,
 * sorted, are s_1 to s_n. With A the percent that may miss, on both sides together:
 *
 *     low  = s_i,  i = (n + 1) x A / 200, rounded down;           U when i is 0
 *     high = s_j,  j = (n + 1) x (200 - A) / 200, rounded up;     s_n when j is beyond n
 *
 * No day reached U: there is no interval, the day is "more than any of the last 14".
 */
#ifndef TOKENQUOTA_VIEW_INTERVAL_H
#define TOKENQUOTA_VIEW_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTERVAL_DAYS 14
#define INTERVAL_DAYS_BEFORE 5 /* a log is looked at from its sixth day on */

#define INTERVALS 2 /* those of 80 and of 90 % */
extern const int interval_percent[INTERVALS];

/* What a day used. */
struct interval_day {
    int64_t start_at_ns;
    int64_t total;
};

struct interval {
    int64_t low, high;
    bool none;
};

/* totals: those of the last days, at most INTERVAL_DAYS, in any order. used > 0. */
struct interval interval_of(const int64_t *totals, size_t count, int64_t used, int percent);

/* How often a day ended inside its interval, asked at each half hour. */
struct interval_cover {
    uint64_t looks;
    uint64_t none; /* of them without an interval */
    uint64_t inside, below, above;
    double width; /* sum, in mean days */
};

/* Adds a look at a day that used `used` so far and `total` in the end; mean: of the log's days. */
void interval_look(struct interval_cover cover[INTERVALS], const int64_t *totals, size_t count, int64_t used,
                   int64_t total, double mean);
void interval_add(struct interval_cover to[INTERVALS], const struct interval_cover from[INTERVALS]);

#endif
