/* index_copied.h: a broken twin of table.h: one table, copied into a larger one when it grows.
 *
 * SPDX-License-Identifier: MIT
 *
 * Put before the sources of the library that look names up, with index_copied.c in place of table.c. What is
 * inserted into the old table after its copy is lost, and the name comes again in a second slot. The test of
 * threads that insert the same names must fail with it.
 */
#ifndef TWIN_INDEX_COPIED_H
#define TWIN_INDEX_COPIED_H

#define tq__table_find cascade_table_find
#define tq__seek ordered_seek
#define tq__find cascade_find
#include "src/table.h"
#undef tq__table_find
#undef tq__find
#undef tq__seek

/* The only table in use is the largest there is. */
static inline uint32_t twin_table(struct tq_ledger *ledger)
{
    uint32_t t = 0;

    while (t + 1 < TQ__TABLES && atomic_load_explicit(&ledger->table[t + 1], memory_order_acquire))
        t++;
    return t;
}

static inline struct tq__slot *tq__table_find(struct tq_ledger *ledger, const struct tq__name *name)
{
    uint32_t t = twin_table(ledger);
    _Atomic uint64_t *bucket = tq__table_bucket(ledger->table[t], t, name->hash);

    for (uint32_t i = 0; i < TQ__BUCKET_WORDS; i++) {
        uint64_t word = atomic_load_explicit(&bucket[i], memory_order_acquire);
        struct tq__slot *slot = word ? tq__index_match(ledger, word, name) : NULL;

        if (slot)
            return slot;
    }
    return NULL;
}

static inline struct tq__slot *tq__find(struct tq_ledger *ledger, const char *provider)
{
    struct tq__name name;

    tq__name_prepare(&name, &ledger->hash_key, provider, tq__name_len(provider));
    return tq__table_find(ledger, &name);
}

static inline struct tq__slot *tq__seek(struct tq_ledger *ledger, const char *provider, struct tq__miss *miss)
{
    *miss = (struct tq__miss){0};
    return tq__find(ledger, provider);
}

#endif
