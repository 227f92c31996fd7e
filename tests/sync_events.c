/* sync_events.c: a heap of events: the soonest first, and of one instant the oldest.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/sync_events.h"

#include <stdbool.h>
#include <stdlib.h>

static bool is_sooner(const struct event *a, const struct event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->serial < b->serial;
}

void events_add(struct events *events, struct event event)
{
    size_t at = events->count++;

    event.serial = events->serial++;
    if (events->count > events->room) {
        events->room = 2 * events->room + 64;
        events->heap = realloc(events->heap, events->room * sizeof *events->heap);
        if (!events->heap)
            abort();
    }
    while (at > 0 && is_sooner(&event, &events->heap[(at - 1) / 2])) {
        events->heap[at] = events->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    events->heap[at] = event;
}

struct event events_take(struct events *events)
{
    struct event first = events->heap[0], last = events->heap[--events->count];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= events->count)
            break;
        if (child + 1 < events->count && is_sooner(&events->heap[child + 1], &events->heap[child]))
            child++;
        if (!is_sooner(&events->heap[child], &last))
            break;
        events->heap[at] = events->heap[child];
        at = child;
    }
    events->heap[at] = last;
    return first;
}
