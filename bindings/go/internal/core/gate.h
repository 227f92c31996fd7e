/* gate.h: lets calls into a ledger until it is closed, and lets the close wait for those that are in.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each thread counts its calls in a lane of a cache line of its own (threads beyond LANES share), so that
 * threads on one ledger do not disturb each other. A call counts itself in before it looks whether the gate
 * is shut; the close shuts the gate before it looks at the lanes. Both are sequentially consistent: either
 * the call sees that it is shut, or the close sees the call.
 */
#ifndef TQ_GO_GATE_H
#define TQ_GO_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "shim.h"

#define LANES 64
#define CACHE_LINE 64

struct lane {
    _Alignas(CACHE_LINE) _Atomic int64_t calls;
};

struct tq_go {
    struct lane lanes[LANES];
    _Atomic bool shut;
    struct tq_ledger *ledger;
};

static inline _Atomic int64_t *lane_of(struct tq_go *go)
{
    static _Atomic unsigned next;
    static _Thread_local unsigned mine; /* its number + 1 */

    if (mine == 0)
        mine = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed) % LANES + 1;
    return &go->lanes[mine - 1].calls;
}

static inline bool enter(struct tq_go *go)
{
    _Atomic int64_t *calls = lane_of(go);

    atomic_fetch_add_explicit(calls, 1, memory_order_seq_cst);
    if (!atomic_load_explicit(&go->shut, memory_order_seq_cst))
        return true;
    atomic_fetch_sub_explicit(calls, 1, memory_order_release);
    return false;
}

/* Release pairs with the acquire in shut: what the call did comes before the close. */
static inline void leave(struct tq_go *go)
{
    atomic_fetch_sub_explicit(lane_of(go), 1, memory_order_release);
}

/* Answers whether this call is the one that shut it. */
static inline bool shut(struct tq_go *go)
{
    const struct timespec moment = {.tv_nsec = 100000};

    if (atomic_exchange_explicit(&go->shut, true, memory_order_seq_cst))
        return false;
    for (size_t i = 0; i < LANES; i++)
        while (atomic_load_explicit(&go->lanes[i].calls, memory_order_seq_cst) != 0)
            nanosleep(&moment, NULL);
    return true;
}

#endif
