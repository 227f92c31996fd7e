/* zones.h: the zones of the system's zone database, by their names.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_ZONES_H
#define TQ_LOGS_ZONES_H

#include "base/zone.h"

/* A zone and its file. */
struct tq__log_zone {
    struct tq__zone zone;
    unsigned char bytes[TQ__ZONE_BYTES];
};

/* Reads the zone of this name from the folder that TZDIR names, else from the system's. 0; -1: there is none,
 * or its file is no zone. */
int tq__log_zone_find(struct tq__log_zone *zone, struct tq__span name);

#endif
