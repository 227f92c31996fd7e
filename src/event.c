/* event.c: waking those who wait for a state to change, and the instant until which they may sleep.
 *
 * SPDX-License-Identifier: MIT
 */
#include "event.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- soonest --------------------------------------------------------------------------------- */

void tq__soonest_lower(struct tq_ledger *ledger, int64_t end_ns)
{
    _Atomic uint64_t *soonest = &ledger->header->soonest;
    uint64_t seen = atomic_load_explicit(soonest, memory_order_relaxed), next;

    if (end_ns <= 0 || end_ns == INT64_MAX)
        return;
    do {
        next = tq__soonest_pack(end_ns < tq__soonest_instant(seen) ? end_ns : tq__soonest_instant(seen),
                                seen + 1);
        /* Release pairs with the acquire in tq__soonest_find: who sees the count sees the end. */
    } while (!atomic_compare_exchange_weak_explicit(soonest, &seen, next, memory_order_release,
                                                    memory_order_relaxed));
}

int64_t tq__soonest_known(struct tq_ledger *ledger)
{
    uint64_t shared = atomic_load_explicit(&ledger->header->soonest, memory_order_relaxed);
    /* What this process found stands while no end was written since: whoever has the file open for reading
     * only cannot put it there. */
    uint64_t own = atomic_load_explicit(&ledger->soonest, memory_order_relaxed);

    return tq__soonest_instant(((own ^ shared) & TQ__SOONEST_COUNT_MASK) == 0 && own > shared ? own : shared);
}

/* ---- events ---------------------------------------------------------------------------------- */

void tq__event_futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
    int saved_errno = errno;

    /* Not FUTEX_PRIVATE: the word may be in a file that other processes map. */
    syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
    errno = saved_errno;
}

void tq__event(struct tq_ledger *ledger)
{
    _Atomic uint32_t *events = &ledger->header->events;
    /* Sequentially consistent with the sleeper's: it sees the change, or is seen asleep. */
    uint32_t before = atomic_fetch_add_explicit(events, 2, memory_order_seq_cst);

    if (before & TQ__WAITER) {
        atomic_fetch_and_explicit(events, ~TQ__WAITER, memory_order_seq_cst);
        tq__event_futex(events, FUTEX_WAKE, INT_MAX, NULL);
    }
}

void tq__event_until(struct tq_ledger *ledger, int64_t end_ns)
{
    tq__soonest_lower(ledger, end_ns); /* first: W1 */
    tq__event(ledger);
}
