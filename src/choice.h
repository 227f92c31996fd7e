/* choice.h: how much a provider has left: for the time until its reset, and for one call.
 *
 * SPDX-License-Identifier: MIT
 *
 * What the policies of tq_ledger_route compare. It is read from the words of the provider and of its pools,
 * and nothing is noted. Pressure is left / (amount x time). Two are compared as products of three numbers,
 * which are below 2^192: so no number is rounded.
 */
#ifndef TQ_CHOICE_H
#define TQ_CHOICE_H

#include "levels.h"

/* The pressure of a provider: that of its longest window. With nothing left, or no window, left is 0. */
struct tq__pressure {
    uint64_t left, amount; /* the part that is left */
    uint64_t until_ns;     /* the time until the reset, 1 or more */
    int64_t length_ns;     /* of the window; 0: there is none */
};

/* Returns the latest end of all that keeps the provider out, as tq__levels_end does: one look finds both. */
int64_t tq__pressure_of(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, bool use_reserve,
                        struct tq__pressure *pressure);

/* Is one pressure greater than another? */
bool tq__pressure_exceeds(const struct tq__pressure *a, const struct tq__pressure *b);

/* Is it so much greater that a switch is worth the prompt cache: 1.5 times? */
bool tq__pressure_is_worth(const struct tq__pressure *other, const struct tq__pressure *last);

/* Tokens that a call may use: the least that is left in a budget or a limit of tokens. */
struct tq__call_room {
    int64_t tokens;   /* INT64_MAX: nothing bounds them */
    int64_t until_ns; /* when all have room for the need; 0: they have; INT64_MAX: no known end */
};

/* need: 1 or more. */
void tq__call_room_of(struct tq_ledger *ledger, struct tq__slot *slot, int64_t need, int64_t now_ns,
                      bool use_reserve, struct tq__call_room *room);

#endif
