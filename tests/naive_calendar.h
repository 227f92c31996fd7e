/* naive_calendar.h: calendar windows of a zone by loops over days, for tests to compare with.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_NAIVE_CALENDAR_H
#define TEST_NAIVE_CALENDAR_H

#include <stdint.h>

struct nc_window {
    int64_t begin_ns, end_ns; /* [begin, end); the end at most INT64_MAX */
};

/* a / b rounded down; b is above 0. */
int64_t nc_divide(int64_t a, int64_t b);

/* An instant later; at most INT64_MAX. */
int64_t nc_after(int64_t at_ns, int64_t length_ns);

/* The window (TQ_WINDOW_DAY to TQ_WINDOW_YEAR) of a zone that holds an instant. The zone is one of the
 * system's; empty: UTC. Its file says the offsets from a year before the present on, its rule those before.
 */
struct nc_window nc_calendar(const char *zone, uint32_t window, uint32_t first, int64_t at_ns);

struct nc_window nc_fixed(int64_t anchor_ns, int64_t length_ns, int64_t at_ns);

#endif
