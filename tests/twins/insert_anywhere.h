/* insert_anywhere.h: a broken twin of table.h: inserters start anywhere in a bucket, to meet less often.
 *
 * SPDX-License-Identifier: MIT
 *
 * Put before the sources of the library that look names up, with insert_anywhere.c in place of table.c. Look-ups
 * read all words of a bucket, so every name is found; but two inserters of one name need not meet, and then
 * it comes twice. The test of processes that insert the same names must fail with it.
 */
#ifndef TWIN_INSERT_ANYWHERE_H
#define TWIN_INSERT_ANYWHERE_H

#define tq__table_find ordered_table_find
#define tq__seek ordered_seek
#define tq__find ordered_find
#include "src/table.h"
#undef tq__table_find
#undef tq__find
#undef tq__seek

static inline struct tq__slot *tq__table_find(struct tq_ledger *ledger, const struct tq__name *name)
{
    for (uint32_t t = 0; t < TQ__TABLES; t++) {
        _Atomic uint64_t *table = NULL, *bucket;

        if (tq__table_reach(ledger, t, false, &table) < 0 || !table)
            return NULL;
        bucket = tq__table_bucket(table, t, name->hash);
        for (uint32_t i = 0; i < TQ__BUCKET_WORDS; i++) {
            uint64_t word = atomic_load_explicit(&bucket[i], memory_order_acquire);
            struct tq__slot *slot = word ? tq__index_match(ledger, word, name) : NULL;

            if (slot)
                return slot;
        }
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
