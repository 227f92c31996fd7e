/* route.c: which provider may be asked now, and the one caller that asks whether a provider is back.
 *
 * SPDX-License-Identifier: MIT
 */
#include "levels.h"

/* ---- probes ---------------------------------------------------------------------------------------------
 *
 * Taking a probe is one swap of `reported`. Of all who saw it due one wins, and the same step sets the lease.
 * Nothing else says who has it, so nothing is to be cleaned up when its owner dies: the lease ends, and the
 * next swap wins it again. */

/* Puts `next` where `seen` is, and lets what explains the word follow it. */
static bool swap(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t *seen, uint64_t next)
{
    uint64_t before = *seen;
    struct tq__why why;

    /* Acquire and release as in apply.c: who swaps it next sees what this one saw. */
    if (!atomic_compare_exchange_strong_explicit(&slot->reported, seen, next, memory_order_acq_rel,
                                                 memory_order_acquire))
        return false;
    why = tq__why_unpack(before, atomic_load_explicit(&slot->reported_why, memory_order_relaxed));
    atomic_store_explicit(&slot->reported_why, tq__why_pack(next, &why), memory_order_relaxed);
    tq__event_until(ledger, tq__refusal_next_ns(slot, &slot->reported));
    return true;
}

/* Takes the probe of one level if it is due. tq__refusal_second accepts now_ns. Returns
 *     0   taken; *at_ns is when the lease ends,
 *     1   not taken; *at_ns is when the probe is due, 0 when there is none. */
static int probe_take(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns)
{
    uint64_t seen = atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with swap */

    for (;;) {
        struct tq__refusal said = tq__refusal_unpack(seen);

        *at_ns = 0;
        if (seen == 0 || !tq__refusal_no_end(seen))
            return 1;
        *at_ns = tq__probe_due_ns(slot, seen);
        if (*at_ns > now_ns)
            return 1;
        said.at_s = (uint32_t)(now_ns / TQ__SECOND_NS); /* rounded down: refusal.h */
        said.probing = true;
        if (swap(ledger, slot, &seen, tq__refusal_pack(&said))) {
            *at_ns = (int64_t)said.at_s * TQ__SECOND_NS + TQ_PROBE_LEASE_NS;
            return 0;
        }
    }
}

static int may_change(struct tq_provider *provider, int64_t now_ns, uint32_t *now_s)
{
    if (!provider)
        return TQ_EINVAL;
    *now_s = tq__refusal_second(now_ns);
    return *now_s == 0 ? TQ_ERANGE : tq__refuse_writes(provider->ledger);
}

/* Takes the probe of a provider: that of each level which needs one. All must be due before any is taken. */
static int take_probes(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns)
{
    struct tq__levels levels;
    int64_t due_ns = 0;
    int answer = 1;

    *at_ns = 0;
    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        int64_t level_ns = tq__probe_due_at(levels.slot[i]);

        if (level_ns > due_ns)
            due_ns = level_ns;
    }
    if (due_ns == 0 || due_ns > now_ns) {
        *at_ns = due_ns;
        return 1;
    }
    for (uint32_t i = levels.count; i-- > 0;) { /* the pool's first: most callers want it */
        int64_t level_ns;
        int taken = probe_take(ledger, levels.slot[i], now_ns, &level_ns);

        if (taken == 1 &&
            level_ns != 0) { /* another caller was quicker; what was taken ends with its lease */
            *at_ns = level_ns;
            return 1;
        }
        if (taken == 0) {
            *at_ns = level_ns;
            answer = 0;
        }
    }
    return answer;
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
    return take_probes(provider->ledger, tq__provider_slot(provider), now_ns, at_ns ? at_ns : &unwanted);
}

void tq__probe_fail(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t now_s)
{
    uint64_t seen = atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with swap */

    for (;;) {
        struct tq__refusal said = tq__refusal_unpack(seen);

        if (seen == 0 || !tq__refusal_no_end(seen) || !said.probing)
            return;
        if (said.at_s < now_s)
            said.at_s = now_s;
        said.probing = false;
        if (said.attempt < TQ__REFUSAL_ATTEMPT_MAX)
            said.attempt++;
        if (swap(ledger, slot, &seen, tq__refusal_pack(&said)))
            return;
    }
}

int tq_provider_probe_failure(struct tq_provider *provider, int64_t now_ns)
{
    struct tq__levels levels;
    uint32_t now_s;
    int answer = may_change(provider, now_ns, &now_s);

    if (answer < 0)
        return answer;
    tq__levels_of(provider->ledger, tq__provider_slot(provider), &levels);
    for (uint32_t i = 0; i < levels.count; i++)
        tq__probe_fail(provider->ledger, levels.slot[i], now_s);
    return 0;
}

/* ---- route ----------------------------------------------------------------------------------- */

/* Does nothing but a refusal without an end keep the provider out? Only then a probe helps. */
static bool only_probe_helps(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                             bool use_reserve)
{
    struct tq__levels levels;
    bool helps = false;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        struct tq__slot *level = levels.slot[i];
        /* Acquire pairs with the swaps of this file and of apply.c, and with tq__state_mark. */
        uint64_t reported = atomic_load_explicit(&level->reported, memory_order_acquire);

        if ((reported != 0 && !tq__refusal_no_end(reported) && tq__refusal_end_ns(reported) > now_ns) ||
            atomic_load_explicit(&level->mark, memory_order_acquire) > now_ns ||
            atomic_load_explicit(&level->predicted, memory_order_acquire) > now_ns ||
            tq__refusal_end_ns(atomic_load_explicit(&level->throttled, memory_order_acquire)) > now_ns ||
            tq__limits_end(ledger, level, now_ns, use_reserve) > now_ns)
            return false;
        helps = helps || (reported != 0 && tq__refusal_no_end(reported));
    }
    return helps;
}

/* 0: it may be asked, with a probe when *taken is 1. 1: not now, and *retry_at_ns is when. */
TQ__HOT int ask(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, uint32_t flags,
                uint32_t *taken, int64_t *retry_at_ns)
{
    bool use_reserve = (flags & TQ_USE_RESERVE) != 0;
    int64_t probe_at_ns;

    if (tq__state_at(ledger, slot, now_ns, use_reserve, retry_at_ns) == TQ_AVAILABLE)
        return 0;
    if (flags & TQ_ROUTE_NO_PROBE || *retry_at_ns != INT64_MAX ||
        !only_probe_helps(ledger, slot, now_ns, use_reserve))
        return 1;
    if (take_probes(ledger, slot, now_ns, &probe_at_ns) == 0) {
        *taken = 1;
        return 0;
    }
    if (probe_at_ns != 0)
        *retry_at_ns = probe_at_ns;
    return 1;
}

static bool are_of(const struct tq_ledger *ledger, struct tq_provider *const *providers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!providers[i] || providers[i]->ledger != ledger)
            return false;
    return true;
}

int tq_ledger_route(struct tq_ledger *ledger, struct tq_provider *const *providers, size_t count,
                    int64_t now_ns, uint32_t flags, struct tq_route *route)
{
    int64_t soonest_ns = 0;
    size_t chosen = 0;
    int answer;

    if (!ledger || !providers || count == 0 || (flags & ~(TQ_ROUTE_NO_PROBE | TQ_USE_RESERVE)) != 0 ||
        !route || route->size < sizeof *route)
        return TQ_EINVAL;
    *route = (struct tq_route){.size = route->size};
    if (!are_of(ledger, providers, count))
        return TQ_EINVAL;
    answer = tq__ledger_look(ledger, now_ns);
    if (answer < 0)
        return answer;
    /* For reading only nothing can be taken; nor before 1970. */
    if (tq__refuse_writes(ledger) < 0 || tq__refusal_second(now_ns) == 0)
        flags |= TQ_ROUTE_NO_PROBE;
    for (size_t i = 0; i < count; i++) {
        int64_t retry_at_ns;

        if (ask(ledger, tq__provider_slot(providers[i]), now_ns, flags, &route->probe, &retry_at_ns) == 0) {
            route->chosen = i;
            return 0;
        }
        if (i == 0 || retry_at_ns < soonest_ns) {
            chosen = i;
            soonest_ns = retry_at_ns;
        }
    }
    route->chosen = chosen;
    route->retry_at_ns = soonest_ns;
    return 1;
}
