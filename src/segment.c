/* segment.c: mapping the pieces.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "segment.h"

#include <errno.h>
#include <sys/mman.h>

void *tq__memory_map(size_t bytes)
{
    int saved_errno = errno; /* a record may be made in a signal handler */
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    errno = saved_errno;
    return memory == MAP_FAILED ? NULL : memory;
}

void tq__memory_unmap(void *memory, size_t bytes)
{
    int saved_errno = errno;

    if (memory)
        munmap(memory, bytes);
    errno = saved_errno;
}

static size_t segment_bytes(const struct tq__pool *pool, uint32_t k)
{
    return ((size_t)1 << (k + TQ__SEGMENT_FIRST_LOG2)) * pool->record_bytes;
}

void *tq__pool_reach(struct tq__pool *pool, uint32_t n)
{
    uint32_t k = tq__log2(n + (1u << TQ__SEGMENT_FIRST_LOG2)) - TQ__SEGMENT_FIRST_LOG2;
    char *expected = NULL;
    char *segment;

    if (!atomic_load_explicit(&pool->segment[k], memory_order_relaxed)) {
        segment = tq__memory_map(segment_bytes(pool, k));
        if (!segment)
            return NULL;
        /* Release pairs with the acquire in tq__pool_at. */
        if (!atomic_compare_exchange_strong_explicit(&pool->segment[k], &expected, segment,
                                                     memory_order_release, memory_order_relaxed))
            tq__memory_unmap(segment, segment_bytes(pool, k)); /* S1: somebody else was first */
    }
    return tq__pool_at(pool, n);
}

void tq__pool_unmap(struct tq__pool *pool)
{
    for (uint32_t k = 0; k < TQ__SEGMENTS; k++)
        tq__memory_unmap(atomic_load_explicit(&pool->segment[k], memory_order_relaxed),
                         segment_bytes(pool, k));
}
