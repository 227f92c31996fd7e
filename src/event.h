/* event.h: telling waiting processes that a state changed, and until when they need not look.
 *
 * SPDX-License-Identifier: MIT
 *
 * EVENTS. `events` of the header is a futex: a count of changes above the bit TQ__WAITER. A waiter sets
 * the bit first, and sleeps only while the word is as it was then. A thread that changes a state adds to
 * the count. If the bit was set, it clears the bit and wakes all. When nobody sleeps, a change costs one
 * addition and no system call.
 *
 * SOONEST. A waiter must also wake when the next exclusion ends, or when the next probe is due. To find
 * that instant it walks over all slots, so the result is kept in the header, in one word:
 *
 *     [no end before this, in units of 2^23 ns, 40 bits | ends written, 24 bits]
 *
 *   W1  A thread that writes an end into a state word then swaps `soonest` for the smaller of the two
 *       instants, with the count one higher, and then counts the event.
 *   W2  A waiter that walks loads `soonest`, then all slots, and then swaps in the instant that it
 *       found, from the value that it loaded. The count stays.
 *
 * So no end is missed. Take an end E, the swap S that its writer made by W1, and any walk. If the walk
 * loaded `soonest` before S, its own swap fails, because S changed the count. If it loaded `soonest`
 * after S, it sees the state word with E (release, acquire) and finds no later instant than E. So from S
 * on, `soonest` is never later than E while E stands. A waiter loads `events` first and `soonest` then:
 * it sees S, or it sleeps on a value of `events` that the writer still changes.
 *
 * Two accidents leave an end that `soonest` does not know: the writer dies before S; or the count comes
 * round to the same value during one walk (2^24 ends). Every process that waits therefore walks once in
 * 60 s, whatever `soonest` says. A walk by a clock that was ahead misses the ends between, and makes
 * their notice late by as much. A damaged word in the file makes the notice late, too, or makes the
 * waiter walk at each call.
 *
 * The end may have passed, or have been taken back, when a waiter wakes for it. Then the waiter walks,
 * and sleeps again.
 */
#ifndef TQ_EVENT_H
#define TQ_EVENT_H

#include <time.h>

#include "ledger.h"

/* The word of SOONEST, made and read. */
#define TQ__SOONEST_UNIT_LOG2 23
#define TQ__SOONEST_COUNT_BITS 24
#define TQ__SOONEST_COUNT_MASK ((UINT64_C(1) << TQ__SOONEST_COUNT_BITS) - 1)

static inline uint64_t tq__soonest_pack(int64_t end_ns, uint64_t count)
{
    return (uint64_t)end_ns >> TQ__SOONEST_UNIT_LOG2 << TQ__SOONEST_COUNT_BITS |
           (count & TQ__SOONEST_COUNT_MASK);
}

static inline int64_t tq__soonest_instant(uint64_t word)
{
    return word >= TQ__SOONEST_NONE ? INT64_MAX
                                    : (int64_t)(word >> TQ__SOONEST_COUNT_BITS << TQ__SOONEST_UNIT_LOG2);
}

/* Tells that a state changed. Called after the change. */
TQ__COLD void tq__event(struct tq_ledger *ledger);

/* Tells that a state changed that keeps a provider out until end_ns: W1 and the event. */
TQ__COLD void tq__event_until(struct tq_ledger *ledger, int64_t end_ns);

/* Does the swap of W1 after an end was written. 0 and INT64_MAX are no ends. */
TQ__COLD void tq__soonest_lower(struct tq_ledger *ledger, int64_t end_ns);

/* Returns an instant before which nothing ends, as far as is known. Once it has passed, a walk is due. */
int64_t tq__soonest_known(struct tq_ledger *ledger);

/* Waits on the futex, or wakes. Leaves errno alone. */
void tq__event_futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *timeout);

/* wait.c: lowers *next_ns to the first instant after after_ns at which an exclusion of the slot ends or a
 * probe is due. */
TQ__COLD void tq__soonest_of(struct tq_ledger *ledger, struct tq__slot *slot, int64_t after_ns,
                             int64_t *next_ns);

/* wait.c: does W2. Returns the first instant after after_ns at which an exclusion ends or a probe is due;
 * INT64_MAX when none does. */
TQ__COLD int64_t tq__soonest_find(struct tq_ledger *ledger, int64_t after_ns);

#endif
