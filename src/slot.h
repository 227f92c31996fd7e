/* slot.h: a slot as a whole: whether it is a name, whether it holds anything, and what is copied from it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SLOT_H
#define TQ_SLOT_H

#include "ledger.h"

/* Finds the extension that the slot names. Returns 0 with *extension, which is NULL when the number is
 * damaged; or TQ_ENOMEM, TQ_EFORMAT. */
int tq__slot_extension(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__extension **extension);

/* Are the bytes behind the first 32 those of the name? */
bool tq__slot_tail_is(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__name *name);

/* Are all bytes of the slot 0? */
bool tq__slot_is_blank(struct tq__slot *slot, uint32_t history_log2);

/* Does the slot hold anything but its name: budget, rule, state words, limits, a pool or usage? Its links are
 * numbers of the ledger. */
bool tq__slot_holds(struct tq_ledger *ledger, struct tq__slot *slot);

#define TQ__NAME_BYTES (TQ_NAME_MAX + 1u)

/* Copies the slot's name, NUL-terminated, and checks the copy, as others may write the file meanwhile.
 * Returns its length; 0 when there is no name that may be given out (too short or too long, no UTF-8, a
 * control character); or TQ_ENOMEM. */
int tq__slot_copy_name(struct tq_ledger *ledger, struct tq__slot *slot, char bytes[TQ__NAME_BYTES]);

/* Checks number, length, padding, extension, UTF-8 and hash of the slot's name. When all are right, *name is
 * ready for a look-up, and its bytes are the caller's. */
bool tq__slot_name_ok(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number, struct tq__name *name,
                      char bytes[TQ__NAME_BYTES]);

/* Room for a slot with all its day words. */
struct tq__slot_room {
    _Alignas(64) _Atomic uint64_t word[(TQ__SLOT_BYTES / 8) + 64];
};

/* Returns a slot of the ledger in the present format: the slot itself, or, of an older format, a copy in
 * *room. compact.c */
struct tq__slot *tq__slot_of_format(const struct tq_ledger *ledger, struct tq__slot *slot,
                                    struct tq__slot_room *room);

/* Copies words, each in one step, in their order. What the caller loads afterwards is loaded later. */
void tq__words_copy(_Atomic uint64_t *to, _Atomic uint64_t *from, size_t count);

/* Sets all bytes of the slot to 0. */
void tq__slot_wipe(struct tq__slot *slot, uint32_t history_log2);

/* Copies to `to`, which holds nothing, everything that `from` holds. What links it to limits and to its pool
 * are numbers of the ledger of `from`. */
void tq__slot_take_over(struct tq__slot *to, struct tq__slot *from, uint32_t history_log2);

#endif
