/* bounds.c: where the days of a report begin, in UTC or in the local zone, and days on a command line.
 *
 * SPDX-License-Identifier: MIT
 */
#include "bounds.h"

#include "view/usage.h"

int bounds_parse(const char *option, const char *text, int64_t now_ns, unsigned flags, int64_t *at_ns)
{
    bool local = flags & BOUNDS_LOCAL;
    int64_t day;

    if (!instant_day(text, zone_day(now_ns, local), &day))
        return instant_parse(option, text, now_ns, at_ns);
    *at_ns = zone_day_begin(day + (flags & BOUNDS_END ? 1 : 0), local);
    return 0;
}
