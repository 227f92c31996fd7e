/* verdict.h: the parts of which a verdict is made.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_VERDICT_H
#define TQ_VERDICT_H

#include "levels.h"

/* What is left of an amount, as a part of the amount; to be compared. */
struct tq__room {
    int64_t left, amount; /* amount 0: of no limit */
};

static inline bool tq__room_is_smaller(struct tq__room a, struct tq__room b)
{
    __extension__ typedef __int128 wide;

    return b.amount == 0 || (wide)a.left * b.amount < (wide)b.left * a.amount;
}

/* What a refusal said, and what a rule expects, is told where it binds. */
static inline void tq__verdict_forget_said(struct tq_verdict *told)
{
    told->expected = told->expects = 0;
    told->refusal = told->axis = told->source = told->profile = told->attempt = told->probing = 0;
    told->said_at_ns = told->probe_at_ns = 0;
}

/* Tells of the probe of words with an end. */
TQ__COLD void tq__verdict_probe(struct tq_ledger *ledger, struct tq__slot *slot, struct tq_verdict *told);

/* verdict_limit.c: adds the limits of a level, 0 the provider's. *room is that of the limit that is named.
 * Returns whether the level may have holds. */
bool tq__verdict_limits(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t level,
                        struct tq__room *room, struct tq_verdict *told);

/* verdict_held.c: adds what calls that run hold, in levels of which one has had holds. */
void tq__verdict_held(struct tq_ledger *ledger, const struct tq__levels *levels, struct tq__room *room,
                      struct tq_verdict *told);

#endif
