/* piece.h: memory that a ledger is made of, in private or in a file.
 *
 * SPDX-License-Identifier: MIT
 *
 * A piece is mapped whole and never moves. In a file its place is a word of the header, set once, from 0; the
 * pieces follow each other up to `file_bytes`. Every page of a piece is allocated on the disk before its
 * place is set, so a store into it cannot fail: a full disk is an error here, never a signal there.
 */
#ifndef TQ_PIECE_H
#define TQ_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

/* Where pieces come from. */
struct tq__backing {
    int fd; /* -1: private memory */
    bool read_only;
    _Atomic int refuse_writes; /* 0, TQ_EREADONLY or TQ_EGONE: what every call that writes answers */
    _Atomic int refuse_reads;  /* 0 or TQ_EGONE */
    uint64_t device, inode;    /* of the file that fd had open */
    _Atomic uint64_t *file_bytes;
};

/* From now on every call answers TQ_EGONE; so does this one. */
int tq__backing_give_up(struct tq__backing *backing);

/* Does fd still have the file open that was opened? A program that closes descriptors it knows nothing of, as
 * daemons do, may have given the number to another file. TQ_EGONE if not, for good. Leaves errno alone. */
int tq__backing_check(struct tq__backing *backing);

/* Maps the piece at *place, `bytes` long (whole pages). When there is none yet and `create` is set, makes
 * one, of zeros. place is NULL for private memory. 0 with *piece, NULL when there is none and none was to be
 * made; TQ_ENOMEM, TQ_ENOSPC, TQ_ESYS, TQ_EGONE; TQ_EFORMAT when *place, or where the next piece goes, is not in the file:
 * whoever may write the file can change both at any time. Leaves errno alone. */
int tq__piece_map(struct tq__backing *backing, _Atomic uint64_t *place, size_t bytes, bool create,
                  void **piece);

/* Zeroed private memory, whole pages; NULL when there is none. Leaves errno alone. */
void *tq__memory_map(size_t bytes);

/* The same, of which a forked child, or a clone with memory of its own, finds zeros in its copy. */
void *tq__memory_map_unforked(size_t bytes);

/* Asks for huge pages where a mapping is long enough for one. */
void tq__memory_huge(void *memory, size_t bytes);

void tq__memory_unmap(void *memory, size_t bytes);

/* The file's first byte count, shared. NULL as tq__memory_map. */
void *tq__file_map(int fd, bool read_only, uint64_t at, size_t bytes);

#endif
