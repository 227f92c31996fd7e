/* route.c: which provider may be asked now.
 *
 * SPDX-License-Identifier: MIT
 */
#include "probe.h"
#include "state.h"

/* ---- route ----------------------------------------------------------------------------------- */

/* 0: it may be asked, with a probe when *taken is 1. 1: not now, and *retry_at_ns is when. */
TQ__HOT int ask(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, uint32_t flags,
                uint32_t *taken, int64_t *retry_at_ns)
{
    bool use_reserve = (flags & TQ_USE_RESERVE) != 0;
    int64_t probe_at_ns;

    if (tq__state_at(ledger, slot, now_ns, use_reserve, retry_at_ns) == TQ_AVAILABLE)
        return 0;
    if (flags & TQ_ROUTE_NO_PROBE || !tq__probe_helps(ledger, slot, now_ns, use_reserve))
        return 1;
    if (tq__probe_take(ledger, slot, now_ns, &probe_at_ns) == 0) {
        *taken = 1;
        return 0;
    }
    if (probe_at_ns != 0 && probe_at_ns < *retry_at_ns)
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
