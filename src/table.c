/* table.c: inserting a name: fill a slot, publish it by one compare-and-swap.
 *
 * SPDX-License-Identifier: MIT
 */
#include "table.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

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

    return n < TQ__SLOTS_MAX && tq__array_reach(&ledger->slots, n, false, &slot) == 0 ? slot : NULL;
}

int tq__index_next(struct tq_ledger *ledger, uint64_t *place, _Atomic uint64_t **word)
{
    uint64_t first = 0;

    *word = NULL;
    for (uint32_t t = 0; t < TQ__TABLES; t++) {
        uint64_t end = first + (UINT64_C(1) << tq__table_log2_words(t));
        _Atomic uint64_t *table = NULL;
        int answer = *place < end ? tq__table_reach(ledger, t, false, &table) : 0;

        if (answer < 0)
            return answer;
        if (table && *place < first)
            *place = first;
        for (; table && *place < end; ++*place) {
            *word = &table[*place - first];
            if (atomic_load_explicit(*word, memory_order_relaxed) != 0)
                return 0;
        }
        first = end;
    }
    *word = NULL;
    return 0;
}

/* ---- slots for new names --------------------------------------------------------------------- */

/* The spares lie on a page that fork and clone leave empty in the child: one slot never serves two processes,
 * whatever their numbers are. Without such a page there are none, and a lost race costs a number. */
static _Atomic uint32_t *spares_of(struct tq_ledger *ledger, bool create)
{
    /* Acquire pairs with the release below. */
    _Atomic uint32_t *spares = atomic_load_explicit(&ledger->spares, memory_order_acquire), *made;
    int saved_errno = errno;

    if (spares || !create)
        return spares;
    made = tq__memory_map(TQ__HEADER_BYTES);
    if (made &&
        madvise((void *)(uintptr_t)made, TQ__HEADER_BYTES, MADV_WIPEONFORK) != 0) { /* before Linux 4.14 */
        tq__memory_unmap((void *)(uintptr_t)made, TQ__HEADER_BYTES);
        made = NULL;
    }
    errno = saved_errno;
    if (made && !atomic_compare_exchange_strong_explicit(&ledger->spares, &spares, made, memory_order_release,
                                                         memory_order_acquire)) {
        tq__memory_unmap((void *)(uintptr_t)made, TQ__HEADER_BYTES);
        return spares;
    }
    return made;
}

void tq__table_unmap(struct tq_ledger *ledger)
{
    tq__memory_unmap((void *)(uintptr_t)spares_of(ledger, false), TQ__HEADER_BYTES);
    for (uint32_t t = 0; t < TQ__TABLES; t++)
        tq__memory_unmap((void *)(uintptr_t)atomic_load_explicit(&ledger->table[t], memory_order_relaxed),
                         table_bytes(t));
}

/* A slot that nobody else has: one left over from a lost race, else a new one. */
static int take_slot(struct tq_ledger *ledger, void **slot, uint32_t *number)
{
    _Atomic uint32_t *spares = spares_of(ledger, false);
    int answer;

    for (uint32_t i = 0; spares && i < TQ__SPARES; i++) {
        uint32_t spare = 0;

        /* Acquire pairs with put_back. */
        if (atomic_load_explicit(&spares[i], memory_order_relaxed) != 0)
            spare = atomic_exchange_explicit(&spares[i], 0, memory_order_acquire);
        if (spare != 0) {
            *number = spare - 1;
            return tq__array_reach(&ledger->slots, *number, true, slot);
        }
    }
    answer = tq__array_take(&ledger->slots, ledger->slots_max, number, slot);
    if (answer == 0) /* what a new slot's words say is not believed: fill */
        atomic_store_explicit(&((struct tq__slot *)*slot)->extension, 0, memory_order_relaxed);
    return answer;
}

/* Keeps a slot that was not published for the next name. With more than TQ__SPARES at once the number is
 * lost: 16 threads would have to lose a race for a name in the same instant. Release pairs with take_slot. */
static void put_back_number(struct tq_ledger *ledger, uint32_t number)
{
    _Atomic uint32_t *spares = spares_of(ledger, true);

    for (uint32_t i = 0; spares && i < TQ__SPARES; i++) {
        uint32_t expected = 0;

        if (atomic_compare_exchange_strong_explicit(&spares[i], &expected, number + 1, memory_order_release,
                                                    memory_order_relaxed))
            return;
    }
}

/* Makes what an insert of the name needs, before it takes a number: whoever fails for want of space, or dies
 * of it, has used nothing up. Others may use it first; then the insert itself makes more. */
static int make_room(struct tq_ledger *ledger, const struct tq__name *name)
{
    uint32_t next = atomic_load_explicit(&ledger->header->extensions, memory_order_relaxed);
    void *record;
    int answer = 0;

    if (name->len >= TQ__NAME_INLINE && next < TQ__SLOTS_MAX)
        answer = tq__array_reach(&ledger->extensions, next, true, &record);
    for (uint32_t t = 0; t < TQ__TABLES && answer == 0; t++) {
        _Atomic uint64_t *table, *last;

        answer = tq__table_reach(ledger, t, true, &table);
        if (answer < 0)
            break;
        last = tq__table_bucket(table, t, name->hash) + TQ__BUCKET_WORDS - 1;
        if (atomic_load_explicit(last, memory_order_relaxed) == 0)
            break; /* T2: the bucket has a free word */
    }
    return answer;
}

/* A long name goes whole into an extension; a left-over slot may have one already. */
static int fill_extension(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__name *name)
{
    struct tq__extension *extension;

    (void)tq__slot_extension(ledger, slot, &extension); /* one that cannot be reached is left, for another */
    if (!extension) {
        uint32_t number;
        void *record;
        int answer = tq__array_take(&ledger->extensions, TQ__SLOTS_MAX, &number, &record);

        if (answer < 0)
            return answer;
        atomic_store_explicit(&slot->extension, number + 1, memory_order_relaxed);
        extension = record;
    }
    memset(extension, 0, sizeof *extension);
    memcpy(extension->name, name->bytes, name->len);
    return 0;
}

/* A slot's words are not believed to be zeros: the file may be a copy that was made while names were
 * inserted, and then a number that is new to the counter is not new to the slots. */
static int fill(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number, const struct tq__name *name)
{
    uint32_t extension = atomic_load_explicit(&slot->extension, memory_order_relaxed);

    tq__slot_wipe(slot, ledger->history_log2);
    atomic_store_explicit(&slot->extension, extension, memory_order_relaxed);
    slot->hash = name->hash;
    memcpy(slot->name, name->word, sizeof slot->name);
    atomic_store_explicit(&slot->name_len, (uint8_t)name->len, memory_order_relaxed);
    slot->number = number;
    return name->len < TQ__NAME_INLINE ? 0 : fill_extension(ledger, slot, name);
}

/* Was the slot behind a word that did not match looked at? Else nobody knows whose it is, and the walk must
 * not go on: TQ_ENOMEM, or TQ_EFORMAT when the word, or the slot, is damaged. */
static int word_was_read(struct tq_ledger *ledger, uint64_t word, const struct tq__name *name)
{
    uint32_t number = (uint32_t)word - 1;
    struct tq__extension *extension = NULL;
    void *slot = NULL;
    int answer = 0;

    if (((word ^ name->hash) & TQ__INDEX_TAG) != 0)
        return 0;
    if (number < TQ__SLOTS_MAX)
        answer = tq__array_reach(&ledger->slots, number, false, &slot);
    if (slot && name->len > TQ__NAME_INLINE)
        answer = tq__slot_extension(ledger, slot, &extension);
    if (slot && (extension || name->len <= TQ__NAME_INLINE))
        return 0;
    return answer < 0 ? answer : TQ_EFORMAT;
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
                *found = tq__array_at(&ledger->slots, number);
                return 0;
            }
            *found = tq__index_match(ledger, word, name);
            if (*found)
                return 0;
            answer = word_was_read(ledger, word, name);
            if (answer < 0)
                return answer;
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
    answer = make_room(ledger, name);
    if (answer == 0)
        answer = take_slot(ledger, &slot, &number);
    if (answer < 0)
        return answer;
    assert(slot); /* what was taken is there */
    answer = fill(ledger, slot, number, name);
    if (answer == 0)
        answer = tq__table_publish(ledger, number, name, found);
    if (answer < 0 || *found != slot)
        put_back_number(ledger, number);
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
            answer = word_was_read(ledger, word, name);
            if (answer < 0)
                return answer;
        }
    }
    return 0;
}

/* Acquire pairs with the releases of rebuild.c. */
uint64_t tq__table_rebuilds(struct tq_ledger *ledger)
{
    uint64_t times = atomic_load_explicit(&ledger->header->notes[TQ__REBUILT], memory_order_acquire);

    return atomic_load_explicit(&ledger->header->rebuilding, memory_order_acquire) != 0 ? UINT64_MAX : times;
}

/* Whoever reads only holds no lock, so the index may be made anew meanwhile: then a name that is not found is
 * not known to be unknown. */
int tq__unknown_name(struct tq_ledger *ledger, const struct tq__name *name)
{
    uint64_t before = tq__table_rebuilds(ledger);
    int answer;

    if (!tq__name_valid(name->bytes, name->len))
        return TQ_ENAME;
    if (tq__refuse_reads(ledger) < 0)
        return tq__refuse_reads(ledger);
    if (!ledger->backing.read_only)
        return walk_in_vain(ledger, name);
    if (before == UINT64_MAX)
        return TQ_EBUSY;
    answer = walk_in_vain(ledger, name);
    return answer == 0 && tq__table_rebuilds(ledger) != before ? TQ_EBUSY : answer;
}

int tq__unknown(struct tq_ledger *ledger, const char *provider)
{
    struct tq__name name;

    tq__name_prepare(&name, &ledger->hash_key, provider, tq__name_len(provider));
    return tq__unknown_name(ledger, &name);
}

int tq__named_to_change(struct tq_ledger *ledger, const char *provider, bool insert, struct tq__slot **slot)
{
    struct tq__miss miss;

    *slot = tq__seek(ledger, provider, &miss);
    if (*slot)
        return tq__refuse_writes(ledger);
    return insert ? tq__insert(ledger, provider, slot) : tq__missing(ledger, provider, &miss);
}
