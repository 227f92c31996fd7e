/* segment.c: mapping the pieces of a pool.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pool.h"

#include "tokenquota.h"

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
    if (pool->dense && !pool->place)
        tq__memory_huge(segment, tq__segment_bytes(pool, k));
    /* Release pairs with the acquire in tq__pool_at. */
    if (!atomic_compare_exchange_strong_explicit(&pool->segment[k], &expected, segment, memory_order_release,
                                                 memory_order_relaxed))
        tq__memory_unmap(segment, tq__segment_bytes(pool, k)); /* S1: somebody else was first */
    *record = tq__pool_at(pool, n);
    return 0;
}

int tq__pool_take(struct tq__pool *pool, _Atomic uint32_t *counter, uint32_t max, uint32_t *number,
                  void **record)
{
    *number = atomic_load_explicit(counter, memory_order_relaxed);
    do {
        int answer = *number < max ? tq__pool_reach(pool, *number, true, record) : TQ_EFULL;

        if (answer < 0)
            return answer;
    } while (!atomic_compare_exchange_weak_explicit(counter, number, *number + 1, memory_order_relaxed,
                                                    memory_order_relaxed));
    return 0;
}

uint32_t tq__pool_number(const struct tq__pool *pool, const void *record)
{
    for (uint32_t k = 0; k < TQ__SEGMENTS; k++) {
        uintptr_t segment = (uintptr_t)atomic_load_explicit(&pool->segment[k], memory_order_relaxed);
        uintptr_t apart = (uintptr_t)record - segment;

        if (segment != 0 && apart < tq__segment_bytes(pool, k))
            return (uint32_t)(apart / pool->record_bytes) + (1u << (k + TQ__SEGMENT_FIRST_LOG2)) -
                   (1u << TQ__SEGMENT_FIRST_LOG2);
    }
    return TQ__SLOTS_MAX;
}

void tq__pool_unmap(struct tq__pool *pool)
{
    for (uint32_t k = 0; k < TQ__SEGMENTS; k++)
        tq__memory_unmap(atomic_load_explicit(&pool->segment[k], memory_order_relaxed),
                         tq__segment_bytes(pool, k));
}
