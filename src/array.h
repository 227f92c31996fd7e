/* array.h: the memory that a ledger is made of, and records of one size in it, by number.
 *
 * SPDX-License-Identifier: MIT
 *
 * PIECES. A piece is mapped whole and never moves. In a file its place is a word of the header, which is
 * set once, from 0. The pieces follow each other up to `file_bytes`. Every page of a piece is allocated
 * on the disk before its place is set, so a store into it cannot fail: a full disk is an error of a
 * call, never a signal at a store.
 *
 * ARRAYS. Piece k of an array (segment k, in docs/format.md) holds 2^(k + TQ__SEGMENT_FIRST_LOG2) records.
 * So the highest bit of a record's number tells its piece, and 19 pointers reach 2^24 records. The
 * pointers belong to this process; the bytes of a piece are shared.
 *
 *   S1  The pointer to a piece is set once, from NULL, by a compare-and-swap. A thread that loses unmaps
 *       its own piece.
 */
#ifndef TQ_ARRAY_H
#define TQ_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

/* ---- pieces ---------------------------------------------------------------------------------- */

/* Where pieces come from. */
struct tq__backing {
    int fd; /* -1: private memory */
    bool read_only;
    _Atomic int refuse_writes; /* 0, TQ_EREADONLY or TQ_EGONE: what every call that writes answers */
    _Atomic int refuse_reads;  /* 0 or TQ_EGONE */
    uint64_t device, inode;    /* of the file that fd had open */
    _Atomic uint64_t *file_bytes;
};

/* Rounds up to whole pages. */
static inline uint64_t tq__whole_pages(uint64_t bytes)
{
    return (bytes + TQ__HEADER_BYTES - 1) / TQ__HEADER_BYTES * TQ__HEADER_BYTES;
}

/* Do `bytes` from `at` on lie behind the header, on whole pages, before `end`? */
static inline bool tq__piece_fits(uint64_t at, uint64_t bytes, uint64_t end)
{
    return at >= TQ__HEADER_BYTES && at % TQ__HEADER_BYTES == 0 && at <= end && bytes <= end - at;
}

/* Makes every call from now on answer TQ_EGONE, and returns it. */
int tq__backing_give_up(struct tq__backing *backing);

/* Checks that fd still has the file open that was opened. A program that closes descriptors it knows nothing
 * of, as daemons do, may have given the number to another file. Returns 0, or TQ_EGONE and then for good.
 * Leaves errno alone. */
int tq__backing_check(struct tq__backing *backing);

/* Maps the piece at *place, `bytes` long (whole pages). When there is none yet and `create` is set, makes
 * one, of zeros. place is NULL for private memory. Leaves errno alone. Returns
 *
 *     0            *piece is it; NULL when there is none and none was to be made
 *     TQ_EFORMAT   *place, or the place of the next piece, is not in the file. (Other processes that may
 *                  write the file can change both at any time.)
 *     TQ_ENOMEM, TQ_ENOSPC, TQ_ESYS, TQ_EGONE */
int tq__piece_map(struct tq__backing *backing, _Atomic uint64_t *place, size_t bytes, bool create,
                  void **piece);

/* Maps private memory of zeros, in whole pages; NULL when there is none. Leaves errno alone. */
void *tq__memory_map(size_t bytes);

void tq__memory_unmap(void *memory, size_t bytes);

/* Maps `bytes` of the file from `at` on, shared; NULL when there is no memory. Leaves errno alone. */
void *tq__file_map(int fd, bool read_only, uint64_t at, size_t bytes);

/* ---- arrays ----------------------------------------------------------------------------------- */

struct tq__array {
    uint32_t record_bytes;
    struct tq__backing *backing; /* not looked at in private memory */
    _Atomic uint64_t *place;     /* of piece 0 in the file, the others' behind it; NULL: private memory */
    _Atomic uint32_t *given_out; /* numbers given out so far: tq__array_take */
    _Atomic(char *) piece[TQ__SEGMENTS];
    bool dense; /* records are used in order: private pieces may have huge pages */
};

TQ__HOT uint32_t tq__log2(uint32_t n)
{
    return 31u - (uint32_t)__builtin_clz(n);
}

/* Returns record n, or NULL when its piece is not mapped (yet). n < TQ__SLOTS_MAX. */
TQ__HOT void *tq__array_at(struct tq__array *array, uint32_t n)
{
    uint32_t biased = n + (1u << TQ__SEGMENT_FIRST_LOG2);
    uint32_t top = tq__log2(biased);
    /* Acquire pairs with the release in tq__array_reach: whoever sees the pointer sees the memory behind
     * it. */
    char *piece = atomic_load_explicit(&array->piece[top - TQ__SEGMENT_FIRST_LOG2], memory_order_acquire);

    if (!piece)
        return NULL;
    return piece + (size_t)(biased - (1u << top)) * array->record_bytes;
}

/* Finds record n, and maps its piece when this process has not yet. Returns 0 with *record, which is NULL
 * when nobody made the piece yet and `create` is not set; or an error of tq__piece_map. */
TQ__COLD int tq__array_reach(struct tq__array *array, uint32_t n, bool create, void **record);

/* Returns the record that a link leads to: its number + 1, as a word of the ledger has it. NULL: the link is
 * 0, or damaged, or there is no memory. */
TQ__COLD void *tq__array_linked(struct tq__array *array, uint64_t link);

/* Takes the next number below max, and its record. The piece is there before the number is taken, so an
 * attempt that fails uses no number up. Returns 0, TQ_EFULL, or an error of tq__piece_map. */
TQ__COLD int tq__array_take(struct tq__array *array, uint32_t max, uint32_t *number, void **record);

/* Returns the number of a record of this array. */
uint32_t tq__array_number(const struct tq__array *array, const void *record);

/* Returns the first number of the piece behind the one of n. */
static inline uint32_t tq__array_past(uint32_t n)
{
    return (2u << tq__log2(n + (1u << TQ__SEGMENT_FIRST_LOG2))) - (1u << TQ__SEGMENT_FIRST_LOG2);
}

/* Returns the number behind the last record for which there is a piece, whoever made it. Some before it may
 * have none: a piece that there was no space for is passed by when a later one is made. */
static inline uint32_t tq__array_end(const struct tq__array *array)
{
    uint32_t k = TQ__SEGMENTS, end;

    while (k > 0 && (array->place ? atomic_load_explicit(&array->place[k - 1], memory_order_relaxed) == 0
                                  : !atomic_load_explicit(&array->piece[k - 1], memory_order_relaxed)))
        k--;
    end = (1u << (k + TQ__SEGMENT_FIRST_LOG2)) - (1u << TQ__SEGMENT_FIRST_LOG2);
    return end < TQ__SLOTS_MAX ? end : TQ__SLOTS_MAX;
}

/* Returns the bytes of piece k, in whole pages. */
size_t tq__array_piece_bytes(const struct tq__array *array, uint32_t k);

/* Unmaps all pieces. */
void tq__array_unmap(struct tq__array *array);

#endif
