/* probe.c: one caller, over all processes, asks whether a provider is back.
 *
 * SPDX-License-Identifier: MIT
 *
 * Taking a probe is one swap of `reported`: of all who saw it due, one wins, and the same step has set the
 * lease. Nothing else says who has it, so when its owner dies nothing is to be cleaned up: the lease ends,
 * and the next swap wins it again.
 */
#include "probe.h"

#include "ledger.h"
#include "state.h"
#include "table.h"
#include "count.h"

/* Puts `next` where `seen` is, and lets what explains the word follow it. */
static bool swap(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t *seen, uint64_t next)
{
    uint64_t before = *seen;
    struct tq__why why;

    /* Acquire and release as in apply.c: the next to swap it sees what this one saw. */
    if (!atomic_compare_exchange_strong_explicit(&slot->reported, seen, next, memory_order_acq_rel,
                                                 memory_order_acquire))
        return false;
    why = tq__why_unpack(before, atomic_load_explicit(&slot->reported_why, memory_order_relaxed));
    atomic_store_explicit(&slot->reported_why, tq__why_pack(next, &why), memory_order_relaxed);
    tq__event_until(ledger, tq__said_next_ns(slot, &slot->reported));
    return true;
}

int tq__probe_take(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns)
{
    uint64_t seen = atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with swap */

    for (;;) {
        struct tq__said said = tq__said_unpack(seen);

        *at_ns = 0;
        if (seen == 0 || !tq__said_no_end(seen))
            return 1;
        *at_ns = tq__probe_due_ns(slot, seen);
        if (*at_ns > now_ns)
            return 1;
        said.at_s = (uint32_t)(now_ns / TQ__SECOND_NS); /* rounded down: said.h */
        said.probing = true;
        if (swap(ledger, slot, &seen, tq__said_pack(&said))) {
            *at_ns = (int64_t)said.at_s * TQ__SECOND_NS + TQ_PROBE_LEASE_NS;
            return 0;
        }
    }
}

static int may_change(struct tq_provider *provider, int64_t now_ns, uint32_t *now_s)
{
    if (!provider)
        return TQ_EINVAL;
    *now_s = tq__said_second(now_ns);
    return *now_s == 0 ? TQ_ERANGE : tq__refuse_writes(provider->ledger);
}

int tq_provider_probe_take(struct tq_provider *provider, int64_t now_ns, int64_t *at_ns)
{
    int64_t unwanted;
    uint32_t now_s;
    int answer = may_change(provider, now_ns, &now_s);

    if (at_ns)
        *at_ns = 0;
    if (answer < 0)
        return answer;
    return tq__probe_take(provider->ledger, tq__provider_slot(provider),
                          now_ns, at_ns ? at_ns : &unwanted);
}

int tq_provider_probe_failure(struct tq_provider *provider, int64_t now_ns)
{
    struct tq__slot *slot;
    uint32_t now_s;
    uint64_t seen;
    int answer = may_change(provider, now_ns, &now_s);

    if (answer < 0)
        return answer;
    slot = tq__provider_slot(provider);
    seen = atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with swap */
    for (;;) {
        struct tq__said said = tq__said_unpack(seen);

        if (seen == 0 || !tq__said_no_end(seen) || !said.probing)
            return 0;
        if (said.at_s < now_s)
            said.at_s = now_s;
        said.probing = false;
        if (said.attempt < TQ__SAID_ATTEMPT_MAX)
            said.attempt++;
        if (swap(provider->ledger, slot, &seen, tq__said_pack(&said)))
            return 0;
    }
}

size_t tq_ledger_probes_due(struct tq_ledger *ledger, int64_t now_ns, struct tq_exhausted *out,
                            size_t capacity)
{
    struct tq__slot *slot;
    uint32_t end;
    size_t count = 0;

    if (!ledger || !tq__instant_ok(now_ns))
        return 0;
    end = tq__slots_end(ledger);
    for (uint32_t n = 0; (slot = tq__slots_next(ledger, &n, end)) != NULL; n++) {
        uint64_t word = atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with swap */
        const char *name;

        if (word == 0 || !tq__said_no_end(word) || tq__probe_due_ns(slot, word) > now_ns)
            continue;
        name = tq__provider_name(ledger, slot, n);
        if (!name)
            continue;
        if (out && count < capacity)
            out[count] = (struct tq_exhausted){.provider = name, .retry_at_ns = tq__probe_due_ns(slot, word)};
        count++;
    }
    return count;
}
