/* sync_events.h: virtual time of the simulators: what happens next, in a heap.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_SYNC_EVENTS_H
#define TEST_SYNC_EVENTS_H

#include <stddef.h>
#include <stdint.h>

struct event {
    int64_t at_ms;
    uint64_t serial; /* of two at one instant the one that was added first comes first */
    unsigned kind;
    uint32_t node;
    int64_t number;
    void *message;
};

struct events {
    struct event *heap;
    size_t count, room;
    uint64_t serial;
};

void events_add(struct events *events, struct event event);

/* Takes the next one; there is one. */
struct event events_take(struct events *events);

#endif
