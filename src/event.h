/* event.h: telling who waits that a state changed.
 *
 * SPDX-License-Identifier: MIT
 *
 * `events` of the header is a futex: a count of changes above the bit TQ__WAITER. Who sleeps sets the bit
 * first and sleeps only while the word is as it was then; who changes a state adds to the count and, if the
 * bit was set, clears it and wakes all. With nobody asleep a change costs one addition and no system call.
 */
#ifndef TQ_EVENT_H
#define TQ_EVENT_H

#include "ledger.h"

/* A state changed: called after the change. */
TQ__COLD void tq__event(struct tq_ledger *ledger);

/* The same when what was written says until when. */
TQ__COLD void tq__event_until(struct tq_ledger *ledger, int64_t end_ns);

#endif
