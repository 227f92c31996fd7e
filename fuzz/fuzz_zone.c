/* fuzz_zone.c: any bytes, read as a time zone: offsets are within bounds, and a local time leads back to
 * itself.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bytes 0 to 7   an instant
 *     rest           the file; also read as a rule
 */
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"
#include "target.h"

static void check_at(const struct tq__zone *zone, int64_t at_ns)
{
    int32_t offset = tq__zone_offset(zone, at_ns);
    struct tq__civil civil, again;
    int64_t back_ns;

    HOLDS(offset >= -TQ__ZONE_AHEAD_MAX && offset <= TQ__ZONE_AHEAD_MAX);
    tq__zone_civil(zone, at_ns, &civil);
    HOLDS(tq__is_date(civil.year, civil.month, civil.day) && civil.hour < 24 && civil.minute < 60);
    if (tq__zone_instant(zone, &civil, &back_ns) != 0)
        return;
    /* The first of two instants, when there are two; their clocks show the same, except by odd rules. */
    tq__zone_civil(zone, back_ns, &again);
    HOLDS(again.ns == civil.ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tq__zone zone;
    int64_t at_ns;
    char *copy;

    if (size < sizeof(at_ns))
        return 0;
    memcpy(&at_ns, data, sizeof(at_ns));
    size -= sizeof(at_ns);
    copy = malloc(size + 1); /* its end is where a sanitizer sees it */
    HOLDS(copy);
    memcpy(copy, data + sizeof(at_ns), size);
    if (tq__zone_read(&zone, copy, size) == 0)
        check_at(&zone, at_ns);
    zone = (struct tq__zone){.has_rule = true};
    if (tq__zone_read_rule(&zone.rule, (struct tq__span){copy, size}) == 0)
        check_at(&zone, at_ns);
    free(copy);
    return 0;
}
