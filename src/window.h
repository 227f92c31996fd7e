/* window.h: which period an instant belongs to. The only window so far is the calendar day in UTC.
 *
 * SPDX-License-Identifier: MIT
 *
 * Days are numbered from 1677-10-29 (TQ__DAY_BIAS days before the first accepted instant). Counting from an
 * origin below every accepted instant makes the division one of unsigned numbers, so it rounds down before
 * 1970 as after it, and costs one multiplication.
 */
#ifndef TQ_WINDOW_H
#define TQ_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"
#include "tokenquota.h"

#define TQ__DAY_NS INT64_C(86400000000000)

static_assert(TQ_NOW_MIN_NS % TQ__DAY_NS == 0 && TQ_NOW_END_NS % TQ__DAY_NS == 0,
              "the range is of whole days");

struct tq__window {
    uint64_t day;     /* its number */
    int64_t start_ns; /* its first instant */
    int64_t end_ns;   /* the first instant behind it */
};

static inline bool tq__instant_ok(int64_t now_ns)
{
    return now_ns >= TQ_NOW_MIN_NS && now_ns < TQ_NOW_END_NS;
}

/* A day by its number, TQ__DAY_BIAS or more. */
static inline struct tq__window tq__window_of_day(uint64_t day)
{
    struct tq__window window;

    window.day = day;
    window.start_ns = (int64_t)((uint64_t)TQ_NOW_MIN_NS + (day - TQ__DAY_BIAS) * (uint64_t)TQ__DAY_NS);
    window.end_ns = (int64_t)((uint64_t)window.start_ns + (uint64_t)TQ__DAY_NS); /* a damaged day wraps */
    return window;
}

/* A day that has records? A newest day in a file may be any number. */
static inline bool tq__day_ok(uint64_t day)
{
    return day >= TQ__DAY_BIAS &&
           day < TQ__DAY_BIAS + ((uint64_t)TQ_NOW_END_NS - (uint64_t)TQ_NOW_MIN_NS) / (uint64_t)TQ__DAY_NS;
}

/* The day that holds now_ns, which must be an accepted instant. */
static inline struct tq__window tq__window_at(int64_t now_ns)
{
    uint64_t since_first_ns = (uint64_t)now_ns - (uint64_t)TQ_NOW_MIN_NS;

    return tq__window_of_day(since_first_ns / (uint64_t)TQ__DAY_NS + TQ__DAY_BIAS);
}

#endif
