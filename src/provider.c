/* provider.c: handles: a name of a ledger looked up once, and the walk over all of them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "table.h"

/* The handle of a slot: record `number` of a pool that only this process knows. Threads that ask for the
 * same one at once write the same values. */
static struct tq_provider *handle_of(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number)
{
    struct tq_provider *handle = tq__pool_reach(&ledger->providers, number);

    if (!handle)
        return NULL;
    /* Acquire pairs with the release below: who sees the slot sees the ledger. */
    if (!atomic_load_explicit(&handle->slot, memory_order_acquire)) {
        atomic_store_explicit(&handle->ledger, ledger, memory_order_relaxed);
        atomic_store_explicit(&handle->slot, slot, memory_order_release);
    }
    return handle;
}

int tq_ledger_provider(struct tq_ledger *ledger, const char *bytes, size_t len, uint32_t flags,
                       struct tq_provider **provider)
{
    struct tq__slot *slot;
    struct tq__name name;

    if (provider)
        *provider = NULL;
    if (!ledger || !bytes || len == 0 || !provider || (flags & ~TQ_PROVIDER_EXISTING) != 0)
        return TQ_EINVAL;
    if (len > TQ_NAME_MAX)
        return TQ_ENAME;
    tq__name_prepare(&name, &ledger->hash_key, bytes, len);
    slot = tq__table_find(ledger, &name);
    if (!slot) {
        int answer;

        if (!tq__name_valid(bytes, len))
            return TQ_ENAME;
        if (flags & TQ_PROVIDER_EXISTING)
            return 1;
        answer = tq__table_insert(ledger, &name, &slot);
        if (answer < 0)
            return answer;
    }
    *provider = handle_of(ledger, slot, slot->number);
    return *provider ? 0 : TQ_ENOMEM;
}

/* The index is what decides who is there, so the walk reads it: the cursor is a word's place in the cascade,
 * and words are never moved or cleared. */
int tq_ledger_walk(struct tq_ledger *ledger, uint64_t *cursor, struct tq_provider **provider)
{
    uint64_t place, first = 0;

    if (provider)
        *provider = NULL;
    if (!ledger || !cursor || !provider)
        return TQ_EINVAL;
    place = *cursor;
    for (uint32_t t = 0; t < TQ__TABLES; t++) {
        _Atomic uint64_t *table =
            atomic_load_explicit(&ledger->table[t], memory_order_acquire); /* tq__table_reach */
        uint64_t end = first + (UINT64_C(1) << tq__table_log2_words(t));

        for (; table && place >= first && place < end; place++) {
            uint64_t word = atomic_load_explicit(&table[place - first], memory_order_acquire); /* publish */
            uint32_t number = (uint32_t)word - 1;

            if (word == 0)
                continue;
            *provider = handle_of(ledger, tq__pool_at(&ledger->slots, number), number);
            *cursor = *provider ? place + 1 : place;
            return *provider ? 0 : TQ_ENOMEM;
        }
        first = end;
    }
    *cursor = place;
    return 1;
}

const char *tq_provider_name(const struct tq_provider *provider)
{
    if (!provider)
        return NULL;
    return tq__slot_name(provider->ledger, atomic_load_explicit(&provider->slot, memory_order_relaxed));
}
