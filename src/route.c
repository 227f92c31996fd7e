/* route.c: the first of some providers that may be asked.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ledger.h"
#include "probe.h"
#include "state.h"
#include "count.h"

/* 0: it may be asked. 1: not now, and *retry_at_ns is when. */
static int ask(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, bool probe,
               struct tq_route *route, int64_t *retry_at_ns)
{
    int64_t probe_at_ns;
    uint64_t reported;

    if (tq__state_at(slot, now_ns, retry_at_ns) == TQ_AVAILABLE)
        return 0;
    reported =
        atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with the swap of probe.c */
    if (!probe || reported == 0 || !tq__said_no_end(reported) || *retry_at_ns != INT64_MAX ||
        atomic_load_explicit(&slot->mark, memory_order_acquire) > now_ns ||
        atomic_load_explicit(&slot->predicted, memory_order_acquire) > now_ns ||
        tq__said_end_ns(atomic_load_explicit(&slot->throttled, memory_order_acquire)) > now_ns)
        return 1; /* something else holds it out as well: no probe would help */
    if (tq__probe_take(ledger, slot, now_ns, &probe_at_ns) == 0) {
        route->probe = 1;
        return 0;
    }
    if (probe_at_ns != 0)
        *retry_at_ns = probe_at_ns;
    return 1;
}

int tq_ledger_route(struct tq_ledger *ledger, struct tq_provider *const *providers, size_t count,
                    int64_t now_ns, uint32_t flags, struct tq_route *route)
{
    bool probe = !(flags & TQ_ROUTE_NO_PROBE);
    int answer;

    if (!ledger || !providers || count == 0 || (flags & ~TQ_ROUTE_NO_PROBE) != 0 || !route ||
        route->size < sizeof *route)
        return TQ_EINVAL;
    route->probe = 0;
    route->chosen = 0;
    route->retry_at_ns = 0;
    for (size_t i = 0; i < count; i++)
        if (!providers[i] || providers[i]->ledger != ledger)
            return TQ_EINVAL;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    answer = tq__ledger_look(ledger, now_ns);
    if (answer < 0)
        return answer;
    /* For reading only nothing can be taken; nor before 1970. */
    probe = probe && tq__refuse_writes(ledger) == 0 && tq__said_second(now_ns) != 0;
    for (size_t i = 0; i < count; i++) {
        struct tq__slot *slot = tq__provider_slot(providers[i]);
        int64_t retry_at_ns;

        if (ask(ledger, slot, now_ns, probe, route, &retry_at_ns) == 0) {
            route->chosen = i;
            route->retry_at_ns = 0;
            return 0;
        }
        if (i == 0 || retry_at_ns < route->retry_at_ns) {
            route->chosen = i;
            route->retry_at_ns = retry_at_ns;
        }
    }
    return 1;
}
