/* pace.h: when what may be used of a window is used up, if its use goes on as it did since the window began.
 *
 * SPDX-License-Identifier: MIT
 *
 * It is information: nothing is decided by it.
 */
#ifndef TQ_BASE_PACE_H
#define TQ_BASE_PACE_H

#include <stdint.h>

#include "base/number.h"
#include "base/time.h"

/* Beside instants: */
#define TQ__PACE_UNKNOWN 0       /* nobody knows */
#define TQ__PACE_LASTS INT64_MAX /* it is not used up before the window ends */

#define TQ__PACE_LEAST_NS TQ__HOUR_NS /* shorter windows are rates: nothing is said of them */
#define TQ__PACE_PART 60              /* the first sixtieth of a window is no pace */

/* With U used of R in the window [start, end), at an instant:
 *
 *     out = start + (at - start) x R / U, rounded down
 *
 * The window lasts when that is not before its end, and when nothing is used yet. Unknown when all is used.
 */
static inline int64_t tq__pace_out_ns(int64_t used, int64_t room, int64_t start_at_ns, int64_t end_at_ns,
                                      int64_t at_ns)
{
    int64_t length_ns = end_at_ns - start_at_ns, elapsed_ns = at_ns - start_at_ns, out_ns;

    if (length_ns < TQ__PACE_LEAST_NS || elapsed_ns < 0 || elapsed_ns >= length_ns || used >= room)
        return TQ__PACE_UNKNOWN;
    if (used == 0)
        return TQ__PACE_LASTS;
    if (elapsed_ns < length_ns / TQ__PACE_PART)
        return TQ__PACE_UNKNOWN;
    out_ns = tq__multiply_divide(elapsed_ns, room, used, false);
    return out_ns < length_ns ? start_at_ns + out_ns : TQ__PACE_LASTS;
}

/* The sooner of two, as far as they are known. */
static inline int64_t tq__pace_sooner_ns(int64_t a_ns, int64_t b_ns)
{
    if (a_ns == TQ__PACE_UNKNOWN || b_ns == TQ__PACE_UNKNOWN)
        return a_ns == TQ__PACE_UNKNOWN ? b_ns : a_ns;
    return a_ns < b_ns ? a_ns : b_ns;
}

#endif
