/* segment.c: mapping the pieces of a pool.
 *
 * SPDX-License-Identifier: MIT
 */
#include "segment.h"

size_t tq__segment_bytes(const struct tq__pool *pool, uint32_t k)
{
    size_t bytes = ((size_t)1 << (k + TQ__SEGMENT_FIRST_LOG2)) * pool->record_bytes;

    return (bytes + TQ__HEADER_BYTES - 1) / TQ__HEADER_BYTES * TQ__HEADER_BYTES;
}

int tq__pool_reach(struct tq__pool *pool, uint32_t n, bool create, void **record)
{
    uint32_t k = tq__log2(n + (1u << TQ__SEGMENT_FIRST_LOG2)) - TQ__SEGMENT_FIRST_LOG2;
    char *expected = NULL;
    void *segment;
    int answer;

    *record = tq__pool_at(pool, n);
    if (*record)
        return 0;
    answer = tq__piece_map(pool->backing, pool->place ? pool->place + k : NULL, tq__segment_bytes(pool, k),
                           create, &segment);
    if (answer < 0 || !segment)
        return answer;
    /* Release pairs with the acquire in tq__pool_at. */
    if (!atomic_compare_exchange_strong_explicit(&pool->segment[k], &expected, segment, memory_order_release,
                                                 memory_order_relaxed))
        tq__memory_unmap(segment, tq__segment_bytes(pool, k)); /* S1: somebody else was first */
    *record = tq__pool_at(pool, n);
    return 0;
}

void tq__pool_unmap(struct tq__pool *pool)
{
    for (uint32_t k = 0; k < TQ__SEGMENTS; k++)
        tq__memory_unmap(atomic_load_explicit(&pool->segment[k], memory_order_relaxed),
                         tq__segment_bytes(pool, k));
}
