/* index_copied.c: the broken twin's insert. See index_copied.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pause.h"

#define tq__table_insert cascade_table_insert
#define tq__insert cascade_insert
#include "src/table.c"
#undef tq__table_insert
#undef tq__insert

/* As tq__table_publish in one table; NULL: the bucket is full. */
static struct tq__slot *place(struct tq_ledger *ledger, uint32_t t, uint32_t number, const struct tq__name *name)
{
    _Atomic uint64_t *bucket = tq__table_bucket(ledger->table[t], t, name->hash);
    struct tq__slot *found = NULL;

    for (uint32_t i = 0; i < TQ__BUCKET_WORDS && !found; i++) {
        uint64_t word = 0;

        if (atomic_compare_exchange_strong(&bucket[i], &word, (name->hash & TQ__INDEX_TAG) | (number + 1)))
            return tq__array_at(&ledger->slots, number);
        found = tq__index_match(ledger, word, name);
    }
    return found;
}

/* Puts a word into a table that nobody else has yet. */
static void copy(_Atomic uint64_t *bucket, uint64_t word)
{
    for (uint32_t i = 0; i < TQ__BUCKET_WORDS; i++) {
        if (bucket[i] == 0) {
            bucket[i] = word;
            return;
        }
    }
}

/* Copies table t into table t + 1, then switches to it; the old one is empty then, so that a walk does not
 * meet its names again. */
static void grow(struct tq_ledger *ledger, uint32_t t)
{
    _Atomic uint64_t *larger = tq__memory_map(table_bytes(t + 1)), *none = NULL;

    for (uint64_t i = 0; i < UINT64_C(1) << tq__table_log2_words(t); i++) {
        uint64_t word = ledger->table[t][i];

        if (word != 0) {
            struct tq__slot *slot = tq__array_at(&ledger->slots, (uint32_t)word - 1);

            copy(tq__table_bucket(larger, t + 1, slot->hash), word);
        }
    }
    if (!atomic_compare_exchange_strong(&ledger->table[t + 1], &none, larger)) {
        tq__memory_unmap((void *)(uintptr_t)larger, table_bytes(t + 1));
        return;
    }
    for (uint64_t i = 0; i < UINT64_C(1) << tq__table_log2_words(t); i++)
        ledger->table[t][i] = 0;
}

int tq__table_insert(struct tq_ledger *ledger, const struct tq__name *name, struct tq__slot **found)
{
    uint32_t number, t;
    void *slot;
    int answer;

    if (!tq__name_valid(name->bytes, name->len))
        return TQ_ENAME;
    answer = take_slot(ledger, &slot, &number);
    if (answer == 0)
        answer = fill(ledger, slot, number, name);
    if (answer < 0)
        return answer;
    for (;;) {
        *found = tq__table_find(ledger, name);
        if (*found)
            return 0;
        t = twin_table(ledger);
        twin_pause(); /* meanwhile another may switch to the next table: this one is empty then */
        *found = place(ledger, t, number, name);
        if (*found)
            return 0;
        grow(ledger, t);
    }
}

int tq__insert(struct tq_ledger *ledger, const char *provider, struct tq__slot **slot)
{
    struct tq__name name;

    tq__name_prepare(&name, &ledger->hash_key, provider, tq__name_len(provider));
    return tq__table_insert(ledger, &name, slot);
}
