/* provider.c: handles: a name of a ledger looked up once, and the walk over all of them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "record.h"
#include "slot.h"

/* The name where it is; NULL when its extension is not there. */
static const char *name_in_place(struct tq_ledger *ledger, struct tq__slot *slot)
{
    struct tq__extension *extension;

    if (atomic_load_explicit(&slot->name_len, memory_order_relaxed) < TQ__NAME_INLINE)
        return (const char *)slot->name;
    tq__slot_extension(ledger, slot, &extension);
    return extension ? (const char *)extension->name : NULL;
}

/* What a slot is called. A name in a file is looked at once, in a copy, and the copy is what callers get:
 * whoever may write the file may change the bytes there at any time. */
static int read_name(struct tq_ledger *ledger, struct tq__slot *slot, const char **name)
{
    char bytes[TQ__NAME_BYTES];
    uint32_t number, kind;
    void *place;
    int len, answer;

    if (!ledger->path) {
        *name = name_in_place(ledger, slot);
        return *name ? 0 : TQ_ENOMEM;
    }
    len = tq__slot_copy_name(ledger, slot, bytes);
    if (len <= 0)
        return len < 0 ? len : TQ_EFORMAT;
    kind = len < (int)TQ__NAME_INLINE ? 0 : 1;
    answer = tq__array_take(&ledger->names[kind], TQ__SLOTS_MAX, &number, &place);
    if (answer < 0)
        return TQ_ENOMEM;
    *name = memcpy(place, bytes, (size_t)len + 1);
    return 0;
}

/* The handle of slot number n: record n of a pool that only this process knows. Threads that ask for the same
 * one at once write the same values; of several copies of the name the first stays. TQ_ENOMEM; TQ_EFORMAT
 * when the slot has no name that may be given out. */
static int handle_of(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t n,
                     struct tq_provider **provider)
{
    const char *name, *none = NULL;
    struct tq_provider *handle;
    void *record;
    int answer = tq__array_reach(&ledger->providers, n, true, &record);

    if (answer < 0)
        return answer;
    handle = record;
    /* Acquire pairs with the release below: who sees the slot sees ledger and name. */
    if (!atomic_load_explicit(&handle->slot, memory_order_acquire)) {
        answer = read_name(ledger, slot, &name);
        if (answer < 0)
            return answer;
        /* Release: the bytes of the name; acquire on failure, for those that another thread copied. */
        atomic_compare_exchange_strong_explicit(&handle->name, &none, name, memory_order_acq_rel,
                                                memory_order_acquire);
        atomic_store_explicit(&handle->ledger, ledger, memory_order_relaxed);
        atomic_store_explicit(&handle->slot, slot, memory_order_release);
    }
    *provider = handle;
    return 0;
}

const char *tq__provider_name(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t n)
{
    struct tq_provider *provider;

    if (!ledger->path)
        return name_in_place(ledger, slot);
    return handle_of(ledger, slot, n, &provider) < 0 ? NULL : tq_provider_name(provider);
}

static bool is_called(const struct tq_provider *provider, const char *bytes, size_t len)
{
    const char *name = tq_provider_name(provider);

    return strlen(name) == len && memcmp(name, bytes, len) == 0;
}

int tq_ledger_provider(struct tq_ledger *ledger, const char *bytes, size_t len, uint32_t flags,
                       struct tq_provider **provider)
{
    struct tq_provider *handle = NULL;
    struct tq__slot *slot;
    struct tq__name name;
    int answer = 0;

    if (provider)
        *provider = NULL;
    if (!ledger || !bytes || len == 0 || !provider || (flags & ~TQ_PROVIDER_EXISTING) != 0)
        return TQ_EINVAL;
    if (len > TQ_NAME_MAX)
        return TQ_ENAME;
    tq__name_prepare(&name, &ledger->hash_key, bytes, len);
    slot = tq__table_find(ledger, &name);
    if (!slot && flags & TQ_PROVIDER_EXISTING) {
        answer = tq__unknown_name(ledger, &name);
        return answer < 0 ? answer : 1;
    }
    if (!slot)
        answer = tq__table_insert(ledger, &name, &slot);
    /* The number is the slot's by its place, not by what the slot says. */
    if (answer == 0)
        answer = handle_of(ledger, slot, tq__array_number(&ledger->slots, slot), &handle);
    if (answer < 0)
        return answer;
    if (!is_called(handle, bytes, len))
        return TQ_EFORMAT;
    *provider = handle;
    return 0;
}

int tq__provider_of_number(struct tq_ledger *ledger, uint32_t number, struct tq_provider **provider)
{
    void *slot = NULL;
    int answer = number < TQ__SLOTS_MAX ? tq__array_reach(&ledger->slots, number, false, &slot) : 0;

    if (answer == 0 && !slot)
        return 1;
    if (answer == 0)
        answer = handle_of(ledger, slot, number, provider);
    return answer == TQ_EFORMAT ? 1 : answer;
}

/* The handle of the slot behind an index word. 1 when that slot is hidden, or damaged. */
static int handle_of_word(struct tq_ledger *ledger, uint64_t word, struct tq_provider **provider)
{
    struct tq__slot *slot = tq__slot_number(ledger, (uint32_t)word - 1);

    if (slot && atomic_load_explicit(&slot->flags, memory_order_relaxed) & TQ__HIDDEN)
        return 1;
    return tq__provider_of_number(ledger, (uint32_t)word - 1, provider);
}

/* The index decides which names there are, so the walk reads the index. The cursor is the place of a word,
 * and words are never moved or cleared. */
int tq_ledger_walk(struct tq_ledger *ledger, uint64_t *cursor, struct tq_provider **provider)
{
    _Atomic uint64_t *word;
    uint64_t place;
    int answer;

    if (provider)
        *provider = NULL;
    if (!ledger || !cursor || !provider)
        return TQ_EINVAL;
    for (place = *cursor; (answer = tq__index_next(ledger, &place, &word)) == 0 && word; place++) {
        /* Acquire pairs with the publishing swap in table.c. */
        answer = handle_of_word(ledger, atomic_load_explicit(word, memory_order_acquire), provider);
        if (answer <= 0) {
            *cursor = answer == 0 ? place + 1 : place;
            return answer;
        }
    }
    if (answer < 0)
        return answer;
    *cursor = place;
    return 1;
}

const char *tq_provider_name(const struct tq_provider *provider)
{
    if (!provider)
        return NULL;
    return atomic_load_explicit(&provider->name, memory_order_relaxed);
}
