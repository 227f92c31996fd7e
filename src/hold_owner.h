/* hold_owner.h: who owns a hold, and whether it lives.
 *
 * SPDX-License-Identifier: MIT
 *
 * An owner is a process with an open ledger. It has one of 1,023 lock bytes behind the file's end, by a
 * descriptor that is for nothing else. The kernel drops the lock when the process dies. Bytes are used again,
 * so each owner has a generation, too, which the header has for each byte.
 *
 *   O1  An owner locks its byte first, then stores the next generation, and holds something only then. So
 * what has another generation than the header, or whose byte is not locked, is of a dead owner. O2  An owner
 * that would begin with generation 0 first frees all holds of its byte in the ledger. So no generation comes
 * round while a hold has it. O3  The descriptor is closed in a child that is forked. A child that was made in
 * another way finds at its first call that the page with its owner is empty, and closes it then.
 *
 * Owner 0 is nobody: only the lease frees its holds. Private memory has no other, and neither has a ledger
 * for which there is no byte, no descriptor or no lock.
 */
#ifndef TQ_HOLD_OWNER_H
#define TQ_HOLD_OWNER_H

#include "hold.h"

#define TQ__NOBODY 0u
#define TQ__OWNER_GENERATIONS 64u

/* The word in the page of an owner: it is known, and who it is as the upper bits of a hold have it. */
#define TQ__OWNER_KNOWN (1u << 16)

/* hold_owner.c: becomes an owner. Returns it, perhaps nobody. */
TQ__COLD uint32_t tq__owner_become(struct tq_ledger *ledger);

/* Who this process is as an owner. */
TQ__HOT uint32_t tq__owner_self(struct tq_ledger *ledger)
{
    /* Acquire pairs with the release in tq__owner_become. */
    _Atomic uint32_t *page = atomic_load_explicit(&ledger->owner, memory_order_acquire);
    uint32_t known = page ? atomic_load_explicit(page, memory_order_acquire) : 0;

    return known != 0 ? known & 0xffff : tq__owner_become(ledger);
}

/* Bytes that were found locked during one call: each is asked once. A byte that was found free is asked again
 * for each hold, because its next owner may live by then. */
struct tq__owners_asked {
    uint64_t alive[TQ__OWNERS / 64];
};

/* Is the owner of a hold dead? Nobody is not. */
bool tq__owner_is_dead(struct tq_ledger *ledger, struct tq__owners_asked *asked, uint64_t word);

/* Gives the lock back, when the ledger is closed. */
void tq__owner_end(struct tq_ledger *ledger);

#endif
