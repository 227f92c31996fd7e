/* pool.h: records of one size, by number, in memory that is mapped in growing pieces and never moves.
 *
 * SPDX-License-Identifier: MIT
 *
 * Segment k holds 2^(k + TQ__SEGMENT_FIRST_LOG2) records, so the number of a record tells its segment (the
 * position of a bit) and 19 pointers reach 2^24 records. The pointers belong to this process; what a segment
 * holds does not.
 *
 *   S1  a segment pointer is set once, from NULL, by a compare-and-swap; who loses unmaps its own piece.
 */
#ifndef TQ_SEGMENT_H
#define TQ_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "piece.h"

struct tq__pool {
    uint32_t record_bytes;
    struct tq__backing *backing;
    _Atomic uint64_t
        *place; /* of the first segment in the file, the others behind it; NULL: private memory */
    _Atomic(char *) segment[TQ__SEGMENTS];
    bool dense; /* records are used in order: private segments may have huge pages */
};

TQ__HOT uint32_t tq__log2(uint32_t n)
{
    return 31u - (uint32_t)__builtin_clz(n);
}

/* Record n, or NULL when its segment is not mapped (yet). n < TQ__SLOTS_MAX. */
TQ__HOT void *tq__pool_at(struct tq__pool *pool, uint32_t n)
{
    uint32_t biased = n + (1u << TQ__SEGMENT_FIRST_LOG2);
    uint32_t top = tq__log2(biased);
    /* Acquire pairs with the release in tq__pool_reach: who sees the pointer sees the memory it was given. */
    char *segment = atomic_load_explicit(&pool->segment[top - TQ__SEGMENT_FIRST_LOG2], memory_order_acquire);

    if (!segment)
        return NULL;
    return segment + (size_t)(biased - (1u << top)) * pool->record_bytes;
}

/* The same, mapping the segment when this process has not yet. 0 with *record, NULL when nobody made the
 * segment yet and `create` is not set; the errors of tq__piece_map. */
TQ__COLD int tq__pool_reach(struct tq__pool *pool, uint32_t n, bool create, void **record);

/* The next number of a counter that stops at max, and its record. The segment is there before the number is
 * taken, so an attempt that fails uses no number up. 0; TQ_EFULL; the errors of tq__piece_map. */
TQ__COLD int tq__pool_take(struct tq__pool *pool, _Atomic uint32_t *counter, uint32_t max, uint32_t *number,
                           void **record);

/* The number of a record of this pool. */
uint32_t tq__pool_number(const struct tq__pool *pool, const void *record);

/* The first number of the segment behind the one of n. */
static inline uint32_t tq__pool_past(uint32_t n)
{
    return (2u << tq__log2(n + (1u << TQ__SEGMENT_FIRST_LOG2))) - (1u << TQ__SEGMENT_FIRST_LOG2);
}

/* The number behind the last record for which there is a segment, whoever made it. Some before it may have
 * none: a segment that there was no space for is passed by when a later one is made. */
static inline uint32_t tq__pool_end(const struct tq__pool *pool)
{
    uint32_t k = TQ__SEGMENTS, end;

    while (k > 0 && (pool->place ? atomic_load_explicit(&pool->place[k - 1], memory_order_relaxed) == 0
                                 : !atomic_load_explicit(&pool->segment[k - 1], memory_order_relaxed)))
        k--;
    end = (1u << (k + TQ__SEGMENT_FIRST_LOG2)) - (1u << TQ__SEGMENT_FIRST_LOG2);
    return end < TQ__SLOTS_MAX ? end : TQ__SLOTS_MAX;
}

/* Bytes of segment k, in whole pages. */
size_t tq__segment_bytes(const struct tq__pool *pool, uint32_t k);

/* Unmaps all segments. */
void tq__pool_unmap(struct tq__pool *pool);

#endif
