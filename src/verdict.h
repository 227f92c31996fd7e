/* verdict.h: the parts of which a verdict is made.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_VERDICT_H
#define TQ_VERDICT_H

#include "ledger.h"

/* What is left of an amount, as a part of the amount; to be compared. */
struct tq__room {
    int64_t left, amount; /* amount 0: of no limit */
};

/* Tells of the probe of words with an end. */
TQ__COLD void tq__verdict_probe(struct tq_ledger *ledger, struct tq__slot *slot, struct tq_verdict *told);

/* verdict_limit.c: adds the limits of a level, 0 the provider's. *room is that of the limit that is named. */
void tq__verdict_limits(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t level,
                        struct tq__room *room, struct tq_verdict *told);

#endif
