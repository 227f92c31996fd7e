/* slot.h: a slot as a whole: is it a name, does it hold anything, what of it is copied.
 *
 * SPDX-License-Identifier: MIT
 *
 * For who looks at all of a ledger: rebuild, compact, check. Nobody else writes meanwhile, or (check) a wrong
 * answer is only told.
 */
#ifndef TQ_SLOT_H
#define TQ_SLOT_H

#include "ledger.h"

/* No byte of it was ever written. */
bool tq__slot_is_blank(struct tq__slot *slot, uint32_t history_log2);

/* Budget, rule, marks or usage: anything but its name? */
bool tq__slot_holds(struct tq__slot *slot, uint32_t history_log2);

/* Is what the slot says of its name true: number, length, padding, extension, UTF-8, hash? Then *name is
 * ready for a look-up and lives as long as the slot. */
bool tq__slot_name_ok(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number,
                      struct tq__name *name);

/* All of it to zeros. */
void tq__slot_wipe(struct tq__slot *slot, uint32_t history_log2);

/* `to`, which holds nothing, gets what `from` holds. */
void tq__slot_take_over(struct tq__slot *to, struct tq__slot *from, uint32_t history_log2);

#endif
