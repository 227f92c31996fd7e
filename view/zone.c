/* zone.c: days of UTC or of the local zone, and the zone's name.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/zone.h"
#include "usage.h"

#define FAR_NS (INT64_MAX / 2) /* no sum with a day leaves the 64 bits */

/* How far the zone is ahead of UTC at that instant. */
static int64_t offset_seconds(int64_t at_ns)
{
    time_t seconds = (time_t)tq__floor_divide(at_ns, TQ__SECOND_NS);
    struct tm tm;

    return localtime_r(&seconds, &tm) ? (int64_t)tm.tm_gmtoff : 0;
}

/* The same for many instants: where the zone is as far ahead at both ends of the UTC day, it is so all day,
 * and the next instant of that day need not ask. */
static int64_t offset_of_day(int64_t at_ns)
{
    static _Thread_local int64_t known_day = INT64_MIN, known_seconds;
    int64_t day = tq__floor_divide(at_ns, TQ__DAY_NS), seconds;

    if (day == known_day)
        return known_seconds;
    seconds = offset_seconds(at_ns);
    if (at_ns > -FAR_NS && at_ns < FAR_NS && seconds == offset_seconds(day * TQ__DAY_NS) &&
        seconds == offset_seconds(day * TQ__DAY_NS + TQ__DAY_NS - 1)) {
        known_day = day;
        known_seconds = seconds;
    }
    return seconds;
}

int64_t zone_offset(int64_t at_ns, bool local)
{
    return local ? offset_seconds(at_ns) : 0;
}

int64_t zone_day(int64_t at_ns, bool local)
{
    int64_t seconds = tq__floor_divide(at_ns, TQ__SECOND_NS);

    return tq__floor_divide(seconds + (local ? offset_of_day(at_ns) : 0), 86400);
}

/* The first look takes the offset of the instant at which this day begins in UTC. The zone may change its
 * clocks between that instant and its own begin of the day, so a second look takes the offset at that begin.
 */
int64_t zone_day_begin(int64_t day, bool local)
{
    int64_t at_ns = day * TQ__DAY_NS;

    if (!local)
        return at_ns;
    at_ns = day * TQ__DAY_NS - offset_seconds(at_ns) * TQ__SECOND_NS;
    return day * TQ__DAY_NS - offset_seconds(at_ns) * TQ__SECOND_NS;
}

/* The zone that TZ names, or the system's; false when neither has a name. */
static bool find_name(char name[TQ__ZONE_NAME_BYTES])
{
    static const char folder[] = "zoneinfo/";
    const char *given = getenv("TZ"), *at;
    char link[256];
    ssize_t len;

    if (given && *given == ':')
        given++;
    if (!given) {
        len = readlink("/etc/localtime", link, sizeof link - 1);
        link[len > 0 ? len : 0] = '\0';
        at = strstr(link, folder);
        given = at ? at + strlen(folder) : "";
    }
    if (!tq__zone_is_name(tq__span_of(given)))
        return false;
    snprintf(name, TQ__ZONE_NAME_BYTES, "%s", given);
    return true;
}

void zone_name(char name[TQ__ZONE_NAME_BYTES], int64_t at_ns, bool local)
{
    time_t seconds = (time_t)tq__floor_divide(at_ns, TQ__SECOND_NS);
    struct tm tm;

    if (!local || !localtime_r(&seconds, &tm))
        snprintf(name, TQ__ZONE_NAME_BYTES, "UTC");
    else if (!find_name(name))
        snprintf(name, TQ__ZONE_NAME_BYTES, "%s", tm.tm_zone && *tm.tm_zone ? tm.tm_zone : "local");
}
