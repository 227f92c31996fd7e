/* pause.h: lets the other threads run between the two steps of a twin.
 *
 * SPDX-License-Identifier: MIT
 *
 * Two instructions that follow each other are rarely parted, and on one core nearly never. A twin is broken on
 * purpose, so it opens the gap itself: then the test finds the fault at once, on any machine.
 */
#ifndef TWIN_PAUSE_H
#define TWIN_PAUSE_H

#include <sched.h>
#include <stdatomic.h>

/* Of a source and a process. Where others than the test keep the core busy, each costs a turn of all of them. */
#define PAUSES_MAX 10000

static inline void twin_pause(void)
{
    static atomic_uint pauses;

    if (atomic_fetch_add(&pauses, 1) < PAUSES_MAX)
        sched_yield();
}

#endif
