/* wait.c: waiting for a state to change, or for the next end.
 *
 * SPDX-License-Identifier: MIT
 */
#include <linux/futex.h>

#include "event.h"
#include "held.h"
#include "probe.h"
#include "shared.h"
#include "system.h"

#define POLL_NS (TQ__SECOND_NS / 10) /* of a waiter that cannot set the waiter's bit */
#define LOOK_NS TQ__MINUTE_NS        /* a waiter looks at file and clock at least this often, */
#define WALK_NS TQ__MINUTE_NS        /* and walks over the slots */

void tq__soonest_of(struct tq_ledger *ledger, struct tq__slot *slot, int64_t after_ns, int64_t *next_ns)
{
    const int64_t end_ns[] = {atomic_load_explicit(&slot->mark, memory_order_relaxed),
                              atomic_load_explicit(&slot->predicted, memory_order_relaxed),
                              tq__refusal_next_ns(slot, &slot->reported),
                              tq__refusal_next_ns(slot, &slot->throttled),
                              tq__probe_due_timed(ledger, slot, after_ns, NULL, NULL)};
    struct tq__limits *limits;
    int64_t day_ns;

    for (size_t i = 0; i < sizeof end_ns / sizeof end_ns[0]; i++)
        if (end_ns[i] > after_ns && end_ns[i] < *next_ns)
            *next_ns = end_ns[i];
    tq__limits_soonest(ledger, slot, after_ns, next_ns);
    limits = tq__limits_of(ledger, slot);
    day_ns = tq__day_out_at(ledger, slot, limits, after_ns, NULL);
    if (day_ns > after_ns && day_ns < *next_ns)
        *next_ns = day_ns;
    for (int i = 0; tq__held_any(limits) && i < 2;
         i++) { /* with and without the reserve; frees what is dead */
        int64_t held_ns = tq__held_end(ledger, slot, limits, after_ns, i == 1);

        if (held_ns > after_ns && held_ns < *next_ns)
            *next_ns = held_ns;
    }
}

int64_t tq__soonest_find(struct tq_ledger *ledger, int64_t after_ns)
{
    /* Acquire pairs with the release in tq__soonest_lower. */
    uint64_t shared = atomic_load_explicit(&ledger->header->soonest, memory_order_acquire), found;
    int64_t next_ns = INT64_MAX;
    struct tq__slot *slot;

    atomic_store_explicit(&ledger->soonest_at_ns, tq__system_steady_ns(), memory_order_relaxed);
    for (uint32_t n = 0, end = tq__slots_end(ledger); (slot = tq__slots_next(ledger, &n, end)) != NULL; n++)
        tq__soonest_of(ledger, slot, after_ns, &next_ns);
    found = tq__soonest_pack(next_ns, shared);
    atomic_store_explicit(&ledger->soonest, found, memory_order_relaxed);
    /* Relaxed: a swap goes on with the release of the one that it follows, and adds nothing to be seen. */
    if (!ledger->backing.read_only)
        atomic_compare_exchange_strong_explicit(&ledger->header->soonest, &shared, found,
                                                memory_order_relaxed, memory_order_relaxed);
    return next_ns;
}

/* Sleeps until the word is no longer `seen`, or for length_ns. */
static void sleep_on(struct tq_ledger *ledger, uint32_t seen, int64_t length_ns)
{
    _Atomic uint32_t *events = &ledger->header->events;
    struct timespec length;
    uint32_t expected = seen;

    if (ledger->backing.read_only && length_ns > POLL_NS)
        length_ns = POLL_NS;
    length.tv_sec = (time_t)(length_ns / TQ__SECOND_NS);
    length.tv_nsec = (long)(length_ns % TQ__SECOND_NS);
    if (ledger->backing.read_only) {
        nanosleep(&length, NULL);
        return;
    }
    if (!(seen & TQ__WAITER) &&
        !atomic_compare_exchange_strong_explicit(events, &expected, seen | TQ__WAITER, memory_order_seq_cst,
                                                 memory_order_seq_cst))
        return; /* something happened meanwhile */
    tq__event_futex(events, FUTEX_WAIT, seen | TQ__WAITER, &length);
}

/* When this machine will be cut off from others, unless it hears of them, and when what was leased to it will
 * have ended: who was told it by the look at entered_ns looks again then, as nobody else tells. INT64_MAX: it
 * has, or it shares with none. Raised again and again, it needs no walk. */
static int64_t cut_ns(const struct tq_ledger *ledger, int64_t entered_ns)
{
    int64_t until_ns = atomic_load_explicit(&ledger->header->shared_until_ns, memory_order_relaxed);

    if (until_ns == 0 || until_ns >= INT64_MAX - TQ_SHARE_LEASE_NS)
        return INT64_MAX;
    if (until_ns < entered_ns)
        until_ns += TQ_SHARE_LEASE_NS;
    return until_ns >= entered_ns ? until_ns + 1 : INT64_MAX;
}

int tq_ledger_wait(struct tq_ledger *ledger, uint32_t *seen, int64_t timeout_ns)
{
    int64_t start_ns = tq__system_steady_ns(), entered_ns = tq_now_ns(), now_ns = entered_ns,
            end_ns = entered_ns, shared_ns;

    if (!ledger || !seen)
        return TQ_EINVAL;
    for (bool first = true;; first = false) {
        uint32_t word = atomic_load_explicit(&ledger->header->events, memory_order_seq_cst);
        int64_t passed_ns = tq__system_steady_ns() - start_ns;
        int64_t left_ns = LOOK_NS;
        int answer = tq__ledger_identity(ledger);

        if (answer < 0)
            return answer;
        if (*seen != (word | TQ__WAITER)) {
            *seen = word | TQ__WAITER;
            return 0;
        }
        if (first)
            end_ns = tq__soonest_known(ledger);
        /* What is known may be too early, and is kept by all: only a walk tells whether anything ended
         * since. */
        if (now_ns >= end_ns ||
            tq__system_steady_ns() - atomic_load_explicit(&ledger->soonest_at_ns, memory_order_relaxed) >=
                WALK_NS)
            end_ns = tq__soonest_find(ledger, entered_ns);
        shared_ns = cut_ns(ledger, entered_ns);
        if (now_ns >= end_ns || now_ns >= shared_ns)
            return 0;
        if (shared_ns - now_ns < left_ns)
            left_ns = shared_ns - now_ns;
        if (timeout_ns >= 0 && passed_ns >= timeout_ns)
            return 1;
        if (timeout_ns >= 0 && timeout_ns - passed_ns < left_ns)
            left_ns = timeout_ns - passed_ns;
        if (end_ns - now_ns < left_ns)
            left_ns = end_ns - now_ns;
        sleep_on(ledger, word, left_ns);
        now_ns = tq_now_ns();
    }
}
