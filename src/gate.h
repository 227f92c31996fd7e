/* gate.h: what a record that starts a day, or goes to an earlier one, must pass. Off the fast path.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_GATE_H
#define TQ_GATE_H

#include "ledger.h"

/* May a record of this instant start a day, or go to a day before the newest? Is the ledger's file still the
 * one at its path, and the instant within the ledger's clock limits? 0, TQ_EGONE, TQ_ECLOCK. */
TQ__COLD int tq__gate(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns);

/* Something is said of the provider: if it was forgotten it is known again. */
static inline void tq__unhide(struct tq__slot *slot)
{
    if (atomic_load_explicit(&slot->flags, memory_order_relaxed) & TQ__HIDDEN)
        atomic_fetch_and_explicit(&slot->flags, (uint16_t)~TQ__HIDDEN, memory_order_relaxed);
}

/* The answer to a record of a day that the ledger no longer holds: TQ_EAGE, counted. */
TQ__COLD int tq__too_old(struct tq_ledger *ledger);

#endif
