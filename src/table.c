/* table.c: inserting a name: fill a slot, publish it by one compare-and-swap.
 *
 * SPDX-License-Identifier: MIT
 */
#include "table.h"

#include <unistd.h>

static size_t table_bytes(uint32_t t)
{
    return sizeof(uint64_t) << tq__table_log2_words(t);
}

int tq__table_reach(struct tq_ledger *ledger, uint32_t t, bool create, _Atomic uint64_t **table)
{
    _Atomic uint64_t *place = ledger->path ? &ledger->header->table_at[t] : NULL;
    void *piece;
    int answer;

    /* Acquire pairs with the release below. */
    *table = atomic_load_explicit(&ledger->table[t], memory_order_acquire);
    if (*table)
        return 0;
    answer = tq__piece_map(&ledger->backing, place, table_bytes(t), create, &piece);
    if (answer < 0 || !piece)
        return answer;
    /* Release pairs with the acquire in tq__table_find; acquire on failure with the winner's release. */
    if (atomic_compare_exchange_strong_explicit(&ledger->table[t], table, (_Atomic uint64_t *)piece,
                                                memory_order_release, memory_order_acquire))
        *table = piece;
    else
        tq__memory_unmap(piece, table_bytes(t));
    return 0;
}

_Atomic uint64_t *tq__table_attach(struct tq_ledger *ledger, uint32_t t)
{
    _Atomic uint64_t *table = NULL;

    return ledger->path && tq__table_reach(ledger, t, false, &table) == 0 ? table : NULL;
}

struct tq__slot *tq__table_slot(struct tq_ledger *ledger, uint32_t n)
{
    void *slot = NULL;

    return n < TQ__SLOTS_MAX && tq__pool_reach(&ledger->slots, n, false, &slot) == 0 ? slot : NULL;
}

void tq__table_unmap(struct tq_ledger *ledger)
{
    for (uint32_t t = 0; t < TQ__TABLES; t++)
        tq__memory_unmap((void *)(uintptr_t)atomic_load_explicit(&ledger->table[t], memory_order_relaxed),
                         table_bytes(t));
}

bool tq__slot_tail_is(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__name *name)
{
    const char *whole = tq__slot_name(ledger, slot);

    return whole &&
           memcmp(whole + TQ__NAME_INLINE, name->bytes + TQ__NAME_INLINE, name->len - TQ__NAME_INLINE) == 0;
}

/* The next number of a counter that stops at max; max when there is none left. */
static uint32_t next_number(_Atomic uint32_t *counter, uint32_t max)
{
    uint32_t number = atomic_load_explicit(counter, memory_order_relaxed);

    while (number < max && !atomic_compare_exchange_weak_explicit(counter, &number, number + 1,
                                                                  memory_order_relaxed, memory_order_relaxed))
        ;
    return number;
}

/* After fork the child's copy of the spares are the parent's still: it forgets them. */
static void own_spares(struct tq_ledger *ledger)
{
    int pid = (int)getpid();

    if (atomic_load_explicit(&ledger->spare_pid, memory_order_relaxed) == pid)
        return;
    for (uint32_t i = 0; i < TQ__SPARES; i++)
        atomic_store_explicit(&ledger->spare[i], 0, memory_order_relaxed);
    atomic_store_explicit(&ledger->spare_pid, pid, memory_order_relaxed);
}

/* A slot that nobody else has: one left over from a lost race, else a new one. Acquire pairs with put_back.
 */
static int take_slot(struct tq_ledger *ledger, void **slot, uint32_t *number)
{
    own_spares(ledger);
    for (uint32_t i = 0; i < TQ__SPARES; i++) {
        uint32_t spare = 0;

        if (atomic_load_explicit(&ledger->spare[i], memory_order_relaxed) != 0)
            spare = atomic_exchange_explicit(&ledger->spare[i], 0, memory_order_acquire);
        if (spare != 0) {
            *number = spare - 1;
            return tq__pool_reach(&ledger->slots, *number, true, slot);
        }
    }
    *number = next_number(&ledger->header->slots, ledger->slots_max);
    if (*number == ledger->slots_max)
        return TQ_EFULL;
    return tq__pool_reach(&ledger->slots, *number, true, slot);
}

/* Keeps a slot that was not published for the next name. With more than TQ__SPARES at once the number is
 * lost: 16 threads would have to lose a race for a name in the same instant. Release pairs with take_slot. */
static void put_back(struct tq_ledger *ledger, uint32_t number)
{
    for (uint32_t i = 0; i < TQ__SPARES; i++) {
        uint32_t expected = 0;

        if (atomic_compare_exchange_strong_explicit(&ledger->spare[i], &expected, number + 1,
                                                    memory_order_release, memory_order_relaxed))
            return;
    }
}

/* A long name goes whole into an extension; a left-over slot may have one already. */
static int fill_extension(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__name *name)
{
    uint32_t number = atomic_load_explicit(&slot->extension, memory_order_relaxed);
    struct tq__extension *extension;
    void *record;
    int answer;

    if (number == 0) {
        number = next_number(&ledger->header->extensions, TQ__SLOTS_MAX) + 1;
        if (number > TQ__SLOTS_MAX)
            return TQ_EFULL;
    }
    atomic_store_explicit(&slot->extension, number, memory_order_relaxed);
    answer = tq__pool_reach(&ledger->extensions, number - 1, true, &record);
    if (answer < 0)
        return answer;
    extension = record;
    memcpy(extension->name, name->bytes, name->len);
    memset(extension->name + name->len, 0, sizeof extension->name - name->len);
    return 0;
}

static int fill(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number, const struct tq__name *name)
{
    slot->hash = name->hash;
    memcpy(slot->name, name->word, sizeof slot->name);
    slot->name_len = (uint8_t)name->len;
    slot->number = number;
    return name->len < TQ__NAME_INLINE ? 0 : fill_extension(ledger, slot, name);
}

/* Was the slot behind a word that did not match looked at, or could it not be mapped? Then nobody knows whose
 * it is, and the walk must not go on. */
static bool word_was_read(struct tq_ledger *ledger, uint64_t word, const struct tq__name *name)
{
    struct tq__slot *slot;

    if (((word ^ name->hash) & TQ__INDEX_TAG) != 0)
        return true;
    slot = tq__slot_number(ledger, (uint32_t)word - 1);
    return slot && tq__slot_name(ledger, slot);
}

int tq__table_publish(struct tq_ledger *ledger, uint32_t number, const struct tq__name *name,
                      struct tq__slot **found)
{
    uint64_t mine = (name->hash & TQ__INDEX_TAG) | (number + 1);

    for (uint32_t t = 0; t < TQ__TABLES; t++) {
        _Atomic uint64_t *table, *bucket;
        int answer = tq__table_reach(ledger, t, true, &table);

        if (answer < 0)
            return answer;
        bucket = tq__table_bucket(table, t, name->hash);
        for (uint32_t i = 0; i < TQ__BUCKET_WORDS; i++) {
            uint64_t word = 0;

            /* Release publishes the filled slot to the acquire in tq__table_find; acquire on failure, for
             * the word of somebody else, whose slot is compared next. */
            if (atomic_compare_exchange_strong_explicit(&bucket[i], &word, mine, memory_order_release,
                                                        memory_order_acquire)) {
                *found = tq__pool_at(&ledger->slots, number);
                return 0;
            }
            *found = tq__index_match(ledger, word, name);
            if (*found)
                return 0;
            if (!word_was_read(ledger, word, name))
                return TQ_ENOMEM;
        }
    }
    return TQ_EFULL;
}

int tq__table_insert(struct tq_ledger *ledger, const struct tq__name *name, struct tq__slot **found)
{
    uint32_t number = 0;
    void *slot = NULL;
    int answer;

    *found = NULL;
    if (!tq__name_valid(name->bytes, name->len))
        return TQ_ENAME;
    answer = tq__refuse_writes(ledger);
    if (answer == 0)
        answer = tq__ledger_identity(ledger);
    if (answer < 0)
        return answer;
    answer = take_slot(ledger, &slot, &number);
    if (answer == TQ_EFULL)
        return answer;
    if (answer == 0)
        answer = fill(ledger, slot, number, name);
    if (answer == 0)
        answer = tq__table_publish(ledger, number, name, found);
    if (answer < 0 || *found != slot)
        put_back(ledger, number);
    return answer;
}

int tq__insert(struct tq_ledger *ledger, const char *provider, struct tq__slot **slot)
{
    struct tq__name name;

    tq__name_prepare(&name, &ledger->hash_key, provider, tq__name_len(provider));
    return tq__table_insert(ledger, &name, slot);
}

/* 0 when no word of the name's walk leads to it. */
static int walk_in_vain(struct tq_ledger *ledger, const struct tq__name *name)
{
    for (uint32_t t = 0; t < TQ__TABLES; t++) {
        _Atomic uint64_t *table, *bucket;
        int answer = tq__table_reach(ledger, t, false, &table);

        if (answer < 0 || !table)
            return answer;
        bucket = tq__table_bucket(table, t, name->hash);
        for (uint32_t i = 0; i < TQ__BUCKET_WORDS; i++) {
            uint64_t word = atomic_load_explicit(&bucket[i], memory_order_acquire); /* publish */

            if (word == 0)
                return 0;
            if (tq__index_match(ledger, word, name))
                return ledger->backing.read_only ? TQ_EBUSY : 0; /* rebuilt, or inserted, just now */
            if (!word_was_read(ledger, word, name))
                return TQ_ENOMEM;
        }
    }
    return 0;
}

/* Acquire pairs with the releases of rebuild.c. */
static bool is_rebuilding(struct tq_ledger *ledger, uint64_t *times)
{
    *times = atomic_load_explicit(&ledger->header->rebuilt, memory_order_acquire);
    return atomic_load_explicit(&ledger->header->rebuilding, memory_order_acquire) != 0;
}

/* Whoever reads only holds no lock, so the index may be made anew meanwhile: then a name that is not found is
 * not known to be unknown. */
int tq__unknown_name(struct tq_ledger *ledger, const struct tq__name *name)
{
    uint64_t before, after;
    int answer;

    if (!tq__name_valid(name->bytes, name->len))
        return TQ_ENAME;
    if (tq__refuse_reads(ledger) < 0)
        return tq__refuse_reads(ledger);
    if (!ledger->backing.read_only)
        return walk_in_vain(ledger, name);
    if (is_rebuilding(ledger, &before))
        return TQ_EBUSY;
    answer = walk_in_vain(ledger, name);
    return answer == 0 && (is_rebuilding(ledger, &after) || after != before) ? TQ_EBUSY : answer;
}

int tq__unknown(struct tq_ledger *ledger, const char *provider)
{
    struct tq__name name;

    tq__name_prepare(&name, &ledger->hash_key, provider, tq__name_len(provider));
    return tq__unknown_name(ledger, &name);
}
