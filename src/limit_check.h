/* limit_check.h: which limits can be: the bounds of their parts.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/windows.md has the bounds for people.
 */
#ifndef TQ_LIMIT_CHECK_H
#define TQ_LIMIT_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "tokenquota.h"

/* The parts of a limit. */
enum tq__limit_part {
    TQ__PART_UNIT,
    TQ__PART_WINDOW,
    TQ__PART_FIRST,
    TQ__PART_LENGTH,
    TQ__PART_ANCHOR,
    TQ__PART_ZONE,
    TQ__PART_AMOUNT,
    TQ__PART_RESERVE,
    TQ__LIMIT_PARTS
};

/* What is wrong with a limit. */
struct tq__limit_fault {
    enum tq__limit_part part;
    const char *text; /* goes on after the part: "is longer than 366 days" */
};

/* The name of a part, "the amount". */
const char *tq__limit_part_name(enum tq__limit_part part);

/* Is it a window of a zone: day, week, month, quarter, year? */
static inline bool tq__limit_is_calendar(uint32_t window)
{
    return window >= TQ_WINDOW_DAY && window <= TQ_WINDOW_YEAR;
}

/* Can a window have this length? 0 with *text unchanged; TQ_EINVAL, TQ_ERANGE with what is wrong. A calendar
 * window and `once` have the length 0. */
int tq__limit_check_length(uint32_t window, int64_t length_ns, const char **text);

/* What is wrong with the name of a zone, NULL for nothing. It does not look for the zone. */
const char *tq__limit_check_zone(struct tq__span name);

/* What to say instead of a name that people use for a zone and the zone database does not know (PST); NULL
 * for any other. */
const char *tq__limit_zone_meant(struct tq__span name);

/* Can this limit be? 0; TQ_EINVAL, TQ_ERANGE with *fault. Of amount and reserve, only what is in `known` is
 * looked at. */
int tq__limit_check(const struct tq_limit *limit, struct tq__limit_fault *fault);

#endif
