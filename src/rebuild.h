/* rebuild.h: making the index anew from the slots, after a boot that may not have ended in order.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_REBUILD_H
#define TQ_REBUILD_H

#include "ledger.h"

/* Do the pieces that the header names lie within the file, apart from each other, on whole pages, and are its
 * counters within the limits? Also while others make it grow. */
bool tq__rebuild_pieces_fit(const struct tq_ledger *ledger);

/* Locks the file at path for itself alone, unless somebody else has rebuilt it meanwhile rebuilds its index,
 * and says that it is whole in this boot. 0, with a line of what was done in *error; the errors of open. */
int tq__rebuild(const char *path, const uint8_t boot_id[16], struct tq_error *error);

#endif
