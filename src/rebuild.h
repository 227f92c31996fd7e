/* rebuild.h: making the index anew from the slots, when it may not be whole, and the pieces of a file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_REBUILD_H
#define TQ_REBUILD_H

#include "enter.h"
#include "ledger.h"

#define TQ__PIECES (TQ__TABLES + TQ__ARRAYS * TQ__SEGMENTS)

struct tq__piece {
    _Atomic uint64_t *place; /* the word of the header that says where the piece is */
    uint64_t at;             /* what *place was when the list was made */
    uint64_t bytes;
    const void *memory; /* where this process has the piece mapped; NULL: not mapped */
};

/* Lists all pieces that a header can name, in the order of their places in it. Sizes and mappings are the
 * ledger's. */
void tq__pieces_list(struct tq_ledger *ledger, struct tq__header *header, struct tq__piece piece[TQ__PIECES]);

/* Do the pieces that the header names lie within the file, apart from each other, on whole pages, and are its
 * counters within the limits? Also while others make it grow. */
bool tq__rebuild_pieces_fit(struct tq_ledger *ledger);

/* Drops the pieces that the header names and the file does not have: they were taken after the last flush.
 * Sets the counters of all arrays to 0, to be counted anew. For a process that has the file locked
 * exclusively. */
void tq__rebuild_drop_lost(struct tq_ledger *ledger, uint64_t file_bytes);

/* Makes the index anew unless there is no doubt about it (tq__file_doubt), and writes that it is whole in
 * this boot and this file. The entry is what the ledger was attached to, locked exclusively. 0, with a line
 * of what was done in *error; TQ_EFORMAT, TQ_ENOMEM, TQ_ENOSPC, TQ_ESYS, and the next opener does it
 * again. */
int tq__rebuild(struct tq_ledger *ledger, const struct tq__entry *entry, struct tq_error *error);

#endif
