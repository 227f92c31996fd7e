/* soonest_uncounted.c: a broken twin of event.c: the ends written are not counted, so a walk that passed an
 * end's slot before it was written puts in a later one.
 *
 * SPDX-License-Identifier: MIT
 *
 * Between the walk and its swap (wait.c) others write ends.
 */
#include "pause.h"
#include "src/event.h"

static int64_t twin_walked(int64_t next_ns)
{
    twin_pause();
    return next_ns;
}

#define tq__soonest_lower counted_soonest_lower
#define tq__event_until counted_event_until
#include "src/event.c"
#undef tq__soonest_lower
#undef tq__event_until

void tq__soonest_lower(struct tq_ledger *ledger, int64_t end_ns)
{
    _Atomic uint64_t *soonest = &ledger->header->soonest;
    uint64_t seen = atomic_load(soonest);

    while (end_ns > 0 && end_ns < tq__soonest_instant(seen) &&
           !atomic_compare_exchange_weak(soonest, &seen, tq__soonest_pack(end_ns, 0)))
        ;
}

void tq__event_until(struct tq_ledger *ledger, int64_t end_ns)
{
    tq__soonest_lower(ledger, end_ns);
    tq__event(ledger);
}

#define tq__soonest_pack(next_ns, shared) tq__soonest_pack(twin_walked(next_ns), shared)
#include "src/wait.c"
