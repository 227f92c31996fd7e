/* slot.h: a slot as a whole: is it a name, does it hold anything, what of it is copied.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SLOT_H
#define TQ_SLOT_H

#include "ledger.h"

/* No byte of it was ever written. */
bool tq__slot_is_blank(struct tq__slot *slot, uint32_t history_log2);

/* Budget, rule, marks or usage: anything but its name? */
bool tq__slot_holds(struct tq__slot *slot, uint32_t history_log2);

#define TQ__NAME_BYTES (TQ_NAME_MAX + 1u)

/* Copies the slot's name, NUL-terminated, and looks at the copy: others may write the file meanwhile. Its length;
 * 0 when there is no name that may be given out (too short or too long, no UTF-8, a control character);
 * TQ_ENOMEM. */
int tq__slot_copy_name(struct tq_ledger *ledger, struct tq__slot *slot, char bytes[TQ__NAME_BYTES]);

/* Is what the slot says of its name true: number, length, padding, extension, UTF-8, hash? Then *name is
 * ready for a look-up; its bytes are the caller's. */
bool tq__slot_name_ok(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number, struct tq__name *name,
                      char bytes[TQ__NAME_BYTES]);

/* All of it to zeros. */
void tq__slot_wipe(struct tq__slot *slot, uint32_t history_log2);

/* `to`, which holds nothing, gets what `from` holds. */
void tq__slot_take_over(struct tq__slot *to, struct tq__slot *from, uint32_t history_log2);

#endif
