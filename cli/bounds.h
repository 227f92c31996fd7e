/* bounds.h: days of a zone, and dates and instants that bound what is looked at.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_BOUNDS_H
#define TOKENQUOTA_BOUNDS_H

#include "cli.h"

#define BOUNDS_END 1u   /* the bound is behind what is named: a day means its end */
#define BOUNDS_LOCAL 2u /* a day is one of the local zone, not of UTC */

/* A day as instant_day reads it, all of which is meant, or an instant as instant_parse reads it. -1,
 * reported, when it is neither. */
int bounds_parse(const char *option, const char *text, int64_t now_ns, unsigned flags, int64_t *at_ns);

#endif
