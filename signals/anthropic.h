/* anthropic.h: the windows of an Anthropic subscription, by headers or JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_ANTHROPIC_H
#define TQ_SIGNALS_ANTHROPIC_H

#include "windows.h"

struct tq__unified {
    struct tq__windows windows;
    struct tq__span status, reset, claim; /* of the whole */
    struct tq__span overage;              /* its status */
    struct tq__span in_use;               /* true: overage pays for this request */
    struct tq__span no_overage;           /* why overage does not take over at the end of a window */
};

/* The length of the window that has this id (5h, 7d_oi, seven_day_opus), and what follows the length; empty
 * for a window of the account. 0: it is no such id. */
int64_t tq__unified_window(struct tq__span id, struct tq__span *name);

/* Is it the id of overage? */
bool tq__unified_is_overage(struct tq__span id);

/* The window that has this id or another one of the same meaning. It is added when it is not there; NULL when
 * there is no room. */
struct tq__vendor_window *tq__unified_find(struct tq__reading *reading, struct tq__windows *windows,
                                           struct tq__span id);

/* Adds the axis of a window; NULL when there is no room. digits: 6 where the share is a fraction, 4 where it
 * is a percentage. */
struct tq_axis *tq__unified_add(struct tq__reading *reading, const struct tq__vendor_window *window,
                                int digits);

/* Reads the windows, and what is said of the whole, whose claim is one of them. Shares are fractions. */
void tq__unified_read(struct tq__reading *reading, struct tq__unified *unified);

#endif
