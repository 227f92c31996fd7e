/* store_seen.c: which responses were counted, with how many tokens: 16 bytes each.
 *
 * SPDX-License-Identifier: MIT
 *
 * A table with linear search, at most three quarters full. A slot's word is stored before its key, so that a
 * kill between leaves a free slot; a word that changes, changes in one step.
 */
#define _DEFAULT_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "store.h"

#define FIRST_DAY_NS INT64_C(1577750400000000000) /* 2019-12-31: 2020-01-01 is day 1, and 0 is no day */
#define DAY_BITS 14
#define RANK_BITS 14
#define DAY_MAX ((1 << DAY_BITS) - 1)
#define MANTISSA_BITS 8

/* Beyond this size the pages are given back to the page cache now and then: a table may be as large as it
 * likes and the process stays small. */
#define RESIDENT_BYTES (UINT64_C(16) << 20)
#define LOOKS_RESIDENT (UINT64_C(1) << 17)

uint32_t imports_day(int64_t at_ns)
{
    int64_t day;

    if (at_ns < FIRST_DAY_NS + DAY_NS)
        return 0;
    day = (at_ns - FIRST_DAY_NS) / DAY_NS;
    return day <= DAY_MAX ? (uint32_t)day : 0;
}

int64_t imports_day_start(uint32_t day)
{
    return FIRST_DAY_NS + (int64_t)day * DAY_NS;
}

/* As a floating-point number: the place of the highest bit, and the eight bits behind it. */
uint32_t imports_rank(uint64_t rank)
{
    int shift;

    if (rank < UINT64_C(1) << (MANTISSA_BITS + 1))
        return (uint32_t)rank;
    shift = 63 - __builtin_clzll(rank) - MANTISSA_BITS;
    return ((uint32_t)shift << MANTISSA_BITS) + (uint32_t)(rank >> shift);
}

static uint64_t pack(const struct imports_seen *seen)
{
    return (uint64_t)seen->tokens << (RANK_BITS + DAY_BITS) | (uint64_t)seen->rank << DAY_BITS | seen->day;
}

uint32_t imports_word_day(uint64_t word)
{
    return (uint32_t)word & DAY_MAX;
}

static struct imports_seen unpack(uint64_t word)
{
    return (struct imports_seen){
        .tokens = (int64_t)(word >> (RANK_BITS + DAY_BITS)),
        .rank = (uint32_t)(word >> DAY_BITS) & ((1u << RANK_BITS) - 1),
        .day = imports_word_day(word),
    };
}

size_t imports_slot_put(struct imports_slot *slots, uint64_t capacity, uint64_t key, uint64_t word)
{
    size_t at = key & (capacity - 1);

    while (slots[at].key)
        at = (at + 1) & (capacity - 1);
    atomic_store_explicit(&slots[at].word, word, memory_order_relaxed);
    /* Partner: whoever maps the file after a kill; it sees the word of each key that it sees. */
    atomic_store_explicit(&slots[at].key, key, memory_order_release);
    return at;
}

static struct imports_slot *find(const struct imports *imports, uint64_t key)
{
    uint64_t mask = imports->header->slot_capacity - 1, found;

    for (size_t at = key & mask; (found = imports->slots[at].key) != 0; at = (at + 1) & mask)
        if (found == key)
            return &imports->slots[at];
    return NULL;
}

static bool touch(struct imports *imports, size_t at)
{
    uint8_t bit = (uint8_t)(1 << at % 8);
    bool first = !(imports->touched[at / 8] & bit);

    imports->touched[at / 8] |= bit;
    return first;
}

static void give_back(struct imports *imports)
{
    uint64_t bytes = imports->header->slot_capacity * sizeof(struct imports_slot);
    uintptr_t start = ((uintptr_t)imports->slots + 4095) & ~(uintptr_t)4095;

    if (++imports->looks % LOOKS_RESIDENT == 0 && bytes > RESIDENT_BYTES && !imports->dry_run)
        (void)madvise((void *)start, bytes - 4096, MADV_DONTNEED);
}

bool imports_seen_find(struct imports *imports, uint64_t key, struct imports_seen *seen, bool *first)
{
    struct imports_slot *slot = find(imports, key);

    give_back(imports);
    *first = true;
    if (!slot)
        return false;
    *first = touch(imports, (size_t)(slot - imports->slots));
    *seen = unpack(slot->word);
    return true;
}

int imports_seen_set(struct imports *imports, uint64_t key, const struct imports_seen *seen)
{
    struct imports_slot *slot = find(imports, key);

    if (slot) {
        atomic_store_explicit(&slot->word, pack(seen), memory_order_release);
        return 0;
    }
    if (imports->header->slots >= imports->header->slot_capacity / 4 * 3 && imports_grow(imports) < 0)
        return -1;
    imports->header->slots++; /* before the slot: a kill between makes it too many, never too few */
    touch(imports, imports_slot_put(imports->slots, imports->header->slot_capacity, key, pack(seen)));
    return 0;
}

uint64_t imports_hash(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = imports_mix(seed, len), word = 0;

    for (; len >= 8; at += 8, len -= 8) {
        memcpy(&word, at, 8);
        hash = imports_mix(hash, word);
    }
    word = 0;
    memcpy(&word, at, len);
    return imports_mix(hash, word);
}
