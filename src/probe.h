/* probe.h: when a provider that is out without a known end is worth asking again.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first probe is due 5 minutes after the word was said, each that fails doubles that, up to 1 hour. Up to
 * an eighth is added or taken away, by name and attempt, so that many providers of one vendor do not come
 * back in one second, and every process computes the same instant from the same word. While the probe is out,
 * the next is due when its lease ends: then its owner has died, or forgot it.
 */
#ifndef TQ_PROBE_H
#define TQ_PROBE_H

#include "layout.h"
#include "refusal.h"

#define TQ__PROBE_FIRST_S 300u
#define TQ__PROBE_LAST_S 3600u

/* When the probe of a word without an end is due. */
static inline int64_t tq__probe_due_ns(const struct tq__slot *slot, uint64_t word)
{
    const struct tq__said said = tq__said_unpack(word);
    uint32_t wait_s = TQ__PROBE_FIRST_S, jitter;

    if (said.probing)
        return tq__said_at_ns(word) + TQ_PROBE_LEASE_NS;
    for (uint32_t i = 0; i < said.attempt && wait_s < TQ__PROBE_LAST_S; i++)
        wait_s *= 2;
    if (wait_s > TQ__PROBE_LAST_S)
        wait_s = TQ__PROBE_LAST_S;
    /* The upper bits of a product mix name and attempt: Fibonacci hashing. */
    jitter = (uint32_t)(((slot->hash + said.attempt) * UINT64_C(0x9e3779b97f4a7c15)) >> 48);
    wait_s = wait_s - wait_s / 8 + (uint32_t)((uint64_t)jitter * (wait_s / 4) >> 16);
    return tq__said_at_ns(word) + (int64_t)wait_s * TQ__SECOND_NS;
}

/* When what a vendor said is over, or the provider may be asked. */
static inline int64_t tq__said_next_ns(const struct tq__slot *slot, const _Atomic uint64_t *word)
{
    uint64_t said = atomic_load_explicit(word, memory_order_relaxed);

    return said != 0 && tq__said_no_end(said) ? tq__probe_due_ns(slot, said) : tq__said_end_ns(said);
}

struct tq_ledger;

/* Takes the probe of a slot if it is due; tq__said_second takes now_ns. 0 taken, *at_ns when the lease ends;
 * 1 not, *at_ns when it is due, 0 when there is none. */
int tq__probe_take(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns);

#endif
