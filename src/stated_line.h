/* stated_line.h: the line of a provider that keeps what its vendor says of a window.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_STATED_LINE_H
#define TQ_STATED_LINE_H

#include "limits.h"
#include "stated.h"

/* A window as a vendor names it. */
struct tq__stated_window {
    uint32_t unit; /* TQ_UNIT_... */
    int64_t length_ns;
    const char *name; /* "": the account's */
};

/* Which unit an axis has (TQ_AXIS_...); 0: none that is kept. */
uint32_t tq__stated_unit(uint32_t axis);

/* And which axis a unit has. */
uint32_t tq__stated_axis(uint32_t unit);

/* Finds the line for a window, and makes one when there is none: then the stated limit with the oldest word
 * may yield. said_s is when the new word was said. False: all lines are taken, or there is no memory. */
bool tq__stated_line(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__stated_window *window,
                     uint32_t said_s, struct tq__line *line);

/* For a check: which of the vendor's words of a line cannot be one; NULL: all can. */
const char *tq__stated_fault(const struct tq__line *line);

#endif
