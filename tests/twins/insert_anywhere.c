/* insert_anywhere.c: the broken twin's insert. See insert_anywhere.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pause.h"

#define tq__table_publish ordered_table_publish
#define tq__table_insert ordered_table_insert
#define tq__insert ordered_insert
#include "src/table.c"
#undef tq__table_publish
#undef tq__table_insert
#undef tq__insert

int tq__table_publish(struct tq_ledger *ledger, uint32_t number, const struct tq__name *name,
                      struct tq__slot **found)
{
    uint64_t mine = (name->hash & TQ__INDEX_TAG) | (number + 1);

    twin_pause(); /* between the look-up and the insertion */
    for (uint32_t t = 0; t < TQ__TABLES; t++) {
        _Atomic uint64_t *table, *bucket;
        int answer = tq__table_reach(ledger, t, true, &table);

        if (answer < 0)
            return answer;
        bucket = tq__table_bucket(table, t, name->hash);
        for (uint32_t i = 0; i < TQ__BUCKET_WORDS; i++) {
            uint64_t word = 0;

            /* The slot's number is as good as a random one, and another inserter's is another. */
            if (atomic_compare_exchange_strong(&bucket[(number + i) % TQ__BUCKET_WORDS], &word, mine)) {
                *found = tq__array_at(&ledger->slots, number);
                return 0;
            }
            *found = tq__index_match(ledger, word, name);
            if (*found)
                return 0;
        }
    }
    return TQ_EFULL;
}

int tq__table_insert(struct tq_ledger *ledger, const struct tq__name *name, struct tq__slot **found)
{
    uint32_t number = 0;
    void *slot = NULL;
    int answer = tq__name_valid(name->bytes, name->len) ? tq__ledger_identity(ledger) : TQ_ENAME;

    if (answer == 0)
        answer = take_slot(ledger, &slot, &number);
    if (answer == 0)
        answer = fill(ledger, slot, number, name);
    if (answer == 0)
        answer = tq__table_publish(ledger, number, name, found);
    return answer;
}

int tq__insert(struct tq_ledger *ledger, const char *provider, struct tq__slot **slot)
{
    struct tq__name name;

    tq__name_prepare(&name, &ledger->hash_key, provider, tq__name_len(provider));
    return tq__table_insert(ledger, &name, slot);
}
