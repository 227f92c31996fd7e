/* list.h: a list that grows, a heap, an index by key, and a hash.
 *
 * SPDX-License-Identifier: MIT
 *
 * They hold what a command has read: thousands of files, providers, responses. They allocate with realloc and
 * calloc. When there is no memory they say so and stay unchanged.
 */
#ifndef TQ_BASE_LIST_H
#define TQ_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- a list that grows ----------------------------------------------------------------------- */

/* Makes room for one more item behind the first `count`. Returns the items, which may have moved; NULL when
 * there is no memory, and then the old items are still there. Capacity doubles, so that adding costs the same
 * on average.
 *
 *     struct day *days = tq__list_room(list->days, list->count, &list->capacity, sizeof *days);
 *
 *     if (!days)
 *         return TQ_ENOMEM;
 *     list->days = days;
 *     days[list->count++] = day;
 */
static inline void *tq__list_room(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    size_t larger = *capacity ? *capacity * 2 : 64, bytes;

    if (count < *capacity)
        return items;
    if (__builtin_mul_overflow(larger, item_bytes, &bytes))
        return NULL;
    items = realloc(items, bytes);
    if (items)
        *capacity = larger;
    return items;
}

/* ---- a heap ---------------------------------------------------------------------------------- */

/* Numbers of things, of which the one with the smallest key comes first. */
struct tq__heap {
    struct tq__heap_item {
        int64_t key;
        uint32_t number;
    } * items; /* items[0] is the first; the others are in no order that matters to a caller */
    size_t count, capacity;
    /* Does a come before b, which has the same key? NULL: the smaller number comes first. */
    bool (*before)(const void *context, uint32_t a, uint32_t b);
    const void *context;
};

static inline bool tq__heap_before(const struct tq__heap *heap, struct tq__heap_item a,
                                   struct tq__heap_item b)
{
    if (a.key != b.key)
        return a.key < b.key;
    return heap->before ? heap->before(heap->context, a.number, b.number) : a.number < b.number;
}

/* false: no memory. */
static inline bool tq__heap_push(struct tq__heap *heap, int64_t key, uint32_t number)
{
    struct tq__heap_item item = {key, number};
    struct tq__heap_item *items = tq__list_room(heap->items, heap->count, &heap->capacity, sizeof *items);
    size_t at;

    if (!items)
        return false;
    heap->items = items;
    for (at = heap->count++; at > 0 && tq__heap_before(heap, item, items[(at - 1) / 2]); at = (at - 1) / 2)
        items[at] = items[(at - 1) / 2];
    items[at] = item;
    return true;
}

/* Takes the first one out; there must be one. */
static inline struct tq__heap_item tq__heap_pop(struct tq__heap *heap)
{
    struct tq__heap_item *items = heap->items, first = items[0], last = items[--heap->count];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < heap->count) {
        if (child + 1 < heap->count && tq__heap_before(heap, items[child + 1], items[child]))
            child++;
        if (!tq__heap_before(heap, items[child], last))
            break;
        items[at] = items[child];
        at = child;
    }
    items[at] = last;
    return first;
}

/* ---- an index by key ------------------------------------------------------------------------- */

#define TQ__INDEX_END UINT32_MAX

/* From the hash of a key to numbers below 2^32 - 1, those of the items of a list. The index knows the upper
 * half of the hashes alone; whether an item has the key, the caller looks:
 *
 *     for (at = 0; (number = tq__index_find(&index, hash, &at)) != TQ__INDEX_END;)
 *         if (strcmp(items[number].name, name) == 0)
 *             return &items[number];
 */
struct tq__index {
    uint64_t *slots; /* upper half of the hash, number + 1; 0 is free */
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* The next number with this hash, from slot *at on, which is 0 at first; TQ__INDEX_END behind the last. */
static inline uint32_t tq__index_find(const struct tq__index *index, uint64_t hash, size_t *at)
{
    uint64_t slot;

    /* *at counts the slots that were looked at, so that 0 is where every search begins. */
    while (index->capacity > 0 && (slot = index->slots[((hash >> 32) + *at) & (index->capacity - 1)]) != 0) {
        ++*at;
        if ((slot ^ hash) >> 32 == 0)
            return (uint32_t)slot - 1;
    }
    return TQ__INDEX_END;
}

static inline void tq__index_put(uint64_t *slots, size_t capacity, uint64_t slot)
{
    size_t at = (slot >> 32) & (capacity - 1);

    while (slots[at] != 0)
        at = (at + 1) & (capacity - 1);
    slots[at] = slot;
}

/* Adds a number, beside others with the same hash. At most half of the slots are taken, so that a search is
 * short. false: no memory. */
static inline bool tq__index_add(struct tq__index *index, uint64_t hash, uint32_t number)
{
    if (index->count >= index->capacity / 2) {
        size_t capacity = index->capacity ? index->capacity * 2 : 64;
        uint64_t *slots = calloc(capacity, sizeof *slots);

        if (!slots)
            return false;
        for (size_t i = 0; i < index->capacity; i++)
            if (index->slots[i] != 0)
                tq__index_put(slots, capacity, index->slots[i]);
        free(index->slots);
        index->slots = slots;
        index->capacity = capacity;
    }
    tq__index_put(index->slots, index->capacity, (hash & ~(uint64_t)UINT32_MAX) | (number + 1));
    index->count++;
    return true;
}

/* ---- a hash ---------------------------------------------------------------------------------- */

/* The store of imports keeps these on disk: they must never give another number. */
static inline uint64_t tq__mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return hash ^ hash >> 32;
}

static inline uint64_t tq__hash(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = tq__mix(seed, len), word = 0;

    for (; len >= 8; at += 8, len -= 8) {
        memcpy(&word, at, 8);
        hash = tq__mix(hash, word);
    }
    word = 0;
    memcpy(&word, at, len);
    return tq__mix(hash, word);
}

#endif
