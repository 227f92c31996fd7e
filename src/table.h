/* table.h: from a name to its slot: a cascade of tables that only ever gain words.
 *
 * SPDX-License-Identifier: MIT
 *
 * An index word is [upper half of the hash | slot number + 1], 0 while free. A table consists of buckets
 * of one cache line, 8 words. A name has one bucket in each table. A thread that inserts a name fills a
 * slot first. Then it publishes the slot by one compare-and-swap, from 0, on the first free word of the
 * name's walk: the bucket of table 0 from left to right, then that of table 1, and so on.
 *
 *   T1  A word changes once, from 0 to its value.
 *   T2  A word is not 0 only if all words before it on any of its names' walks are not 0 either.
 *   T3  "All 8 words are taken and none is mine" is therefore permanent. Only then the walk goes on.
 *   T4  So all threads that insert a name meet at the same first free word: one wins, the others find
 *       its word.
 *
 * Growing copies nothing and stops nobody. A reader that does not see the new table yet sees a free
 * word, or no table, on its walk: the name was not there when it looked. docs/format.md has the
 * argument.
 */
#ifndef TQ_TABLE_H
#define TQ_TABLE_H

#include <string.h>

#include "slot.h"

#define TQ__INDEX_TAG UINT64_C(0xffffffff00000000)

static inline uint32_t tq__table_log2_words(uint32_t t)
{
    return TQ__TABLE_FIRST_LOG2 + t * TQ__TABLE_GROWTH_LOG2;
}

/* Returns the name's bucket in table t. */
TQ__HOT _Atomic uint64_t *tq__table_bucket(_Atomic uint64_t *table, uint32_t t, uint64_t hash)
{
    uint64_t bucket = hash & ((UINT64_C(1) << tq__table_log2_words(t)) / TQ__BUCKET_WORDS - 1);

    return table + bucket * TQ__BUCKET_WORDS;
}

/* Returns slot n, of a segment that this process has not mapped yet; NULL when it cannot be mapped. */
TQ__COLD struct tq__slot *tq__table_slot(struct tq_ledger *ledger, uint32_t n);

/* Returns table t, which this process has not mapped yet; NULL when no process made it. */
TQ__COLD _Atomic uint64_t *tq__table_attach(struct tq_ledger *ledger, uint32_t t);

/* Is it this name's slot? */
TQ__HOT bool tq__slot_is(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__name *name)
{
    uint64_t differ = (slot->name[0] ^ name->word[0]) | (slot->name[1] ^ name->word[1]) |
                      (slot->name[2] ^ name->word[2]) | (slot->name[3] ^ name->word[3]);

    return differ == 0 && atomic_load_explicit(&slot->name_len, memory_order_relaxed) == name->len &&
           (name->len <= TQ__NAME_INLINE || tq__slot_tail_is(ledger, slot, name));
}

/* Returns slot n; NULL when nobody made it yet, or when it cannot be mapped. */
TQ__HOT struct tq__slot *tq__slot_number(struct tq_ledger *ledger, uint32_t n)
{
    struct tq__slot *slot;

    if (n >= TQ__SLOTS_MAX) /* a damaged word */
        return NULL;
    slot = tq__array_at(&ledger->slots, n);
    return slot ? slot : tq__table_slot(ledger, n);
}

/* Returns the next slot from *n on, below `end`, with its number in *n; NULL at the end. For a walk through
 * all slots. A segment that cannot be mapped is skipped in one step. */
TQ__HOT struct tq__slot *tq__slots_next(struct tq_ledger *ledger, uint32_t *n, uint32_t end)
{
    for (; *n < end; *n = tq__array_past(*n)) {
        struct tq__slot *slot = tq__slot_number(ledger, *n);

        if (slot)
            return slot;
    }
    return NULL;
}

/* Returns the number behind the last slot, for a walk through all slots. The header's counter alone would do,
 * but in a damaged file it may be any number. */
static inline uint32_t tq__slots_end(struct tq_ledger *ledger)
{
    uint32_t given_out = atomic_load_explicit(&ledger->header->slots, memory_order_relaxed);
    uint32_t there = tq__array_end(&ledger->slots);

    return given_out < there ? given_out : there;
}

/* Returns the slot behind an index word if it is the name's, else NULL. */
TQ__HOT struct tq__slot *tq__index_match(struct tq_ledger *ledger, uint64_t word, const struct tq__name *name)
{
    struct tq__slot *slot;

    if (((word ^ name->hash) & TQ__INDEX_TAG) != 0)
        return NULL;
    slot = tq__slot_number(ledger, (uint32_t)word - 1);
    return slot && tq__slot_is(ledger, slot, name) ? slot : NULL;
}

/* Begins to load the name's buckets in all tables but the first, which is in the cache. Which of them has the
 * name cannot be predicted, and each is a miss. */
TQ__HOT void tq__table_prefetch(struct tq_ledger *ledger, uint64_t hash)
{
    for (uint32_t t = 1; t < TQ__TABLES; t++) {
        /* Acquire as in tq__table_seek. */
        _Atomic uint64_t *table = atomic_load_explicit(&ledger->table[t], memory_order_acquire);

        if (!table)
            return;
        __builtin_prefetch((const void *)tq__table_bucket(table, t, hash));
    }
}

/* Returns the name's slot; NULL when it was not found. Then *decided says that the ledger does not hold the
 * name. Otherwise tq__unknown must look again, because a table, or a slot behind a word with the name's tag,
 * was not read. */
TQ__HOT struct tq__slot *tq__table_seek(struct tq_ledger *ledger, const struct tq__name *name, bool *decided)
{
    bool all_read = true;

    *decided = false;
    tq__table_prefetch(ledger, name->hash);
    for (uint32_t t = 0; t < TQ__TABLES; t++) {
        /* Acquire pairs with the release in tq__table_reach. */
        _Atomic uint64_t *table = atomic_load_explicit(&ledger->table[t], memory_order_acquire);
        _Atomic uint64_t *bucket;

        if (!table) {
            table = tq__table_attach(ledger, t);
            if (!table)
                return NULL;
        }
        bucket = tq__table_bucket(table, t, name->hash);
        for (uint32_t i = 0; i < TQ__BUCKET_WORDS; i++) {
            /* Acquire pairs with the publishing swap in table.c: the slot behind the word is complete. */
            uint64_t word = atomic_load_explicit(&bucket[i], memory_order_acquire);
            struct tq__slot *slot;

            if (word == 0) {
                *decided = all_read;
                return NULL;
            }
            if (((word ^ name->hash) & TQ__INDEX_TAG) != 0)
                continue;
            slot = tq__index_match(ledger, word, name);
            if (slot)
                return slot;
            all_read = false;
        }
    }
    return NULL;
}

/* tq__table_seek for a caller that does not ask why. */
TQ__HOT struct tq__slot *tq__table_find(struct tq_ledger *ledger, const struct tq__name *name)
{
    bool unasked;

    return tq__table_seek(ledger, name, &unasked);
}

/* What a look-up by a NUL-terminated name leaves for tq__missing. Two plain values, because a pointer to the
 * prepared name would take the look-up out of the registers. */
struct tq__miss {
    size_t len;
    bool decided;
};

/* Returns the slot of a NUL-terminated name; NULL when it was not found. */
TQ__HOT struct tq__slot *tq__seek(struct tq_ledger *ledger, const char *provider, struct tq__miss *miss)
{
    struct tq__name name;

    miss->len = tq__name_len(provider);
    tq__name_prepare(&name, &ledger->hash_key, provider, miss->len);
    return tq__table_seek(ledger, &name, &miss->decided);
}

/* Finds the name's slot, or inserts the name. Returns 0; or TQ_ENAME, TQ_ENOMEM, TQ_EFULL, TQ_ENOSPC, and
 * then nothing was inserted. */
int tq__table_insert(struct tq_ledger *ledger, const struct tq__name *name, struct tq__slot **slot);

/* tq__seek for a caller that does not ask why. */
TQ__HOT struct tq__slot *tq__find(struct tq_ledger *ledger, const char *provider)
{
    struct tq__miss unasked;

    return tq__seek(ledger, provider, &unasked);
}

/* Publishes slot `number`, which is filled, under its name. *found is the slot that has the name in the end:
 * this one, or one that another thread published first. */
int tq__table_publish(struct tq_ledger *ledger, uint32_t number, const struct tq__name *name,
                      struct tq__slot **found);

/* Inserts a name that tq__find did not find; answers as tq__table_insert. */
TQ__COLD int tq__insert(struct tq_ledger *ledger, const char *provider, struct tq__slot **slot);

/* Begins a call that changes what is held of a name. With `insert` a name that is not there is inserted.
 * Returns 0 with *slot, which is NULL when the ledger does not hold the name; or an error. */
int tq__named_to_change(struct tq_ledger *ledger, const char *provider, bool insert, struct tq__slot **slot);

/* How often the index was made anew; UINT64_MAX while it is. What was found in it is whole when the answers
 * of before and after are the same, and not UINT64_MAX. */
uint64_t tq__table_rebuilds(struct tq_ledger *ledger);

/* Returns what a call that inserts nothing answers for a name that was not found: 0 when the ledger does not
 * hold it, TQ_ENAME, or why it could not be looked up. */
TQ__COLD int tq__unknown(struct tq_ledger *ledger, const char *provider);
TQ__COLD int tq__unknown_name(struct tq_ledger *ledger, const struct tq__name *name);

/* tq__unknown after tq__seek. Nearly always the look-up has decided that the name is not there, and a short
 * check shows that it is a valid name. */
TQ__HOT int tq__missing(struct tq_ledger *ledger, const char *provider, const struct tq__miss *miss)
{
    return miss->decided && tq__name_plain(provider, miss->len) ? tq__refuse_reads(ledger)
                                                                : tq__unknown(ledger, provider);
}

/* Finds the first index word that is not 0 from *place on, and moves *place to it. Places count the words of
 * all tables in their order. *word is NULL behind the last one. The errors of tq__piece_map. */
int tq__index_next(struct tq_ledger *ledger, uint64_t *place, _Atomic uint64_t **word);

/* Finds table t. With `create` makes it when it is not there; without, *table is then NULL. Returns 0 or an
 * error of tq__piece_map. */
int tq__table_reach(struct tq_ledger *ledger, uint32_t t, bool create, _Atomic uint64_t **table);

/* Unmaps the tables, and the page of spares. */
void tq__table_unmap(struct tq_ledger *ledger);

#endif
