/* soonest.c: until when nobody who waits need look at the slots.
 *
 * SPDX-License-Identifier: MIT
 */
#include "soonest.h"

#include "probe.h"
#include "system.h"
#include "table.h"

#define UNIT_LOG2 23
#define COUNT_BITS 24
#define COUNT_MASK ((UINT64_C(1) << COUNT_BITS) - 1)
#define WALK_NS INT64_C(60000000000) /* a process walks at least this often */

static uint64_t pack(int64_t end_ns, uint64_t count)
{
    return (uint64_t)end_ns >> UNIT_LOG2 << COUNT_BITS | (count & COUNT_MASK);
}

static int64_t instant(uint64_t word)
{
    return word >= TQ__SOONEST_NONE ? INT64_MAX : (int64_t)(word >> COUNT_BITS << UNIT_LOG2);
}

void tq__soonest_lower(struct tq_ledger *ledger, int64_t end_ns)
{
    _Atomic uint64_t *soonest = &ledger->header->soonest;
    uint64_t seen = atomic_load_explicit(soonest, memory_order_relaxed), next;

    if (end_ns <= 0 || end_ns == INT64_MAX)
        return;
    do {
        next = pack(end_ns < instant(seen) ? end_ns : instant(seen), seen + 1);
        /* Release pairs with the acquire in tq__soonest_find: who sees the count sees the end. */
    } while (!atomic_compare_exchange_weak_explicit(soonest, &seen, next, memory_order_release,
                                                    memory_order_relaxed));
}

int64_t tq__soonest_known(struct tq_ledger *ledger)
{
    uint64_t shared = atomic_load_explicit(&ledger->header->soonest, memory_order_relaxed);
    /* What this process found stands while no end was written since: whoever has the file open for reading only
     * cannot put it there. */
    uint64_t own = atomic_load_explicit(&ledger->soonest, memory_order_relaxed);

    return instant(((own ^ shared) & COUNT_MASK) == 0 && own > shared ? own : shared);
}

static int64_t sooner(int64_t next_ns, int64_t end_ns, int64_t after_ns)
{
    return end_ns > after_ns && end_ns < next_ns ? end_ns : next_ns;
}

int64_t tq__soonest_find(struct tq_ledger *ledger, int64_t after_ns)
{
    /* Acquire pairs with the release in tq__soonest_lower. */
    uint64_t shared = atomic_load_explicit(&ledger->header->soonest, memory_order_acquire), found;
    uint32_t end = tq__slots_end(ledger);
    int64_t next_ns = INT64_MAX;
    struct tq__slot *slot;

    atomic_store_explicit(&ledger->soonest_at_ns, tq__system_steady_ns(), memory_order_relaxed);
    for (uint32_t n = 0; (slot = tq__slots_next(ledger, &n, end)) != NULL; n++) {
        next_ns = sooner(next_ns, atomic_load_explicit(&slot->mark, memory_order_relaxed), after_ns);
        next_ns = sooner(next_ns, atomic_load_explicit(&slot->predicted, memory_order_relaxed), after_ns);
        next_ns = sooner(next_ns, tq__said_next_ns(slot, &slot->reported), after_ns);
        next_ns = sooner(next_ns, tq__said_next_ns(slot, &slot->throttled), after_ns);
    }
    found = pack(next_ns, shared);
    atomic_store_explicit(&ledger->soonest, found, memory_order_relaxed);
    /* Relaxed: a swap goes on with the release of the one that it follows, and adds nothing to be seen. */
    if (!ledger->backing.read_only)
        atomic_compare_exchange_strong_explicit(&ledger->header->soonest, &shared, found, memory_order_relaxed,
                                                memory_order_relaxed);
    return next_ns;
}

bool tq__soonest_is_old(const struct tq_ledger *ledger)
{
    return tq__system_steady_ns() - atomic_load_explicit(&ledger->soonest_at_ns, memory_order_relaxed) >= WALK_NS;
}
