/* slot.c: looking at, wiping and copying whole slots.
 *
 * SPDX-License-Identifier: MIT
 */
#include "slot.h"

#include "window.h"

int tq__slot_extension(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__extension **extension)
{
    uint32_t number = atomic_load_explicit(&slot->extension, memory_order_relaxed);
    void *record = NULL;
    int answer = 0;

    if (number >= 1 && number <= TQ__SLOTS_MAX)
        answer = tq__array_reach(&ledger->extensions, number - 1, false, &record);
    *extension = record;
    return answer;
}

bool tq__slot_tail_is(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__name *name)
{
    struct tq__extension *extension;

    tq__slot_extension(ledger, slot, &extension);
    return extension && memcmp(extension->name + TQ__NAME_INLINE, name->bytes + TQ__NAME_INLINE,
                               name->len - TQ__NAME_INLINE) == 0;
}

static size_t slot_words(uint32_t history_log2)
{
    return (TQ__SLOT_BYTES / 8) + ((size_t)1 << history_log2);
}

static bool all_zero(const _Atomic uint64_t *word, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (atomic_load_explicit(&word[i], memory_order_relaxed) != 0)
            return false;
    return true;
}

bool tq__slot_is_blank(struct tq__slot *slot, uint32_t history_log2)
{
    return all_zero((_Atomic uint64_t *)(void *)slot, slot_words(history_log2));
}

/* Forgetting removes the limits, and leaves their lines, weights and prices. */
static bool has_limits(struct tq_ledger *ledger, struct tq__slot *slot)
{
    struct tq__limits *limits =
        tq__array_linked(&ledger->limits, atomic_load_explicit(&slot->limits, memory_order_acquire));

    for (uint32_t i = 0; limits && i < TQ__LIMITS; i++)
        if (!tq__specs_match(atomic_load_explicit(&limits->line[i].spec, memory_order_relaxed), 0))
            return true;
    return false;
}

bool tq__slot_holds(struct tq_ledger *ledger, struct tq__slot *slot)
{
    return atomic_load_explicit(&slot->budget, memory_order_relaxed) != 0 ||
           atomic_load_explicit(&slot->rule, memory_order_relaxed) != 0 ||
           atomic_load_explicit(&slot->mark, memory_order_relaxed) != 0 ||
           atomic_load_explicit(&slot->reported, memory_order_relaxed) != 0 ||
           atomic_load_explicit(&slot->throttled, memory_order_relaxed) != 0 ||
           atomic_load_explicit(&slot->predicted, memory_order_relaxed) != 0 ||
           atomic_load_explicit(&slot->pool, memory_order_relaxed) != 0 ||
           !all_zero(slot->day, (size_t)1 << ledger->history_log2) || has_limits(ledger, slot);
}

/* Word by word, each read once: a plain copy may be left out, and what was checked be read a second time. */
static void copy_words(char *to, const void *from, size_t bytes)
{
    _Atomic uint64_t *word = (_Atomic uint64_t *)(uintptr_t)from;

    for (size_t i = 0; i < bytes / 8; i++) {
        uint64_t value = atomic_load_explicit(&word[i], memory_order_relaxed);

        memcpy(to + 8 * i, &value, sizeof value);
    }
}

int tq__slot_copy_name(struct tq_ledger *ledger, struct tq__slot *slot, char bytes[TQ__NAME_BYTES])
{
    size_t len = atomic_load_explicit(&slot->name_len, memory_order_relaxed);
    struct tq__extension *extension;

    if (len < TQ__NAME_INLINE) {
        copy_words(bytes, slot->name, TQ__NAME_INLINE);
    } else {
        int answer = tq__slot_extension(ledger, slot, &extension);

        if (!extension)
            return answer == TQ_ENOMEM ? answer : 0;
        copy_words(bytes, extension->name, TQ__NAME_BYTES);
    }
    return bytes[len] == '\0' && tq__name_valid(bytes, len) ? (int)len : 0;
}

bool tq__slot_name_ok(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number, struct tq__name *name,
                      char bytes[TQ__NAME_BYTES])
{
    int len = tq__slot_copy_name(ledger, slot, bytes);

    if (len <= 0 || slot->number != number)
        return false;
    tq__name_prepare(name, &ledger->hash_key, bytes, (size_t)len);
    return name->hash == slot->hash && memcmp(name->word, slot->name, sizeof slot->name) == 0;
}

void tq__slot_wipe(struct tq__slot *slot, uint32_t history_log2)
{
    _Atomic uint64_t *word = (_Atomic uint64_t *)(void *)slot;

    for (size_t i = 0; i < slot_words(history_log2); i++)
        atomic_store_explicit(&word[i], 0, memory_order_relaxed);
}

void tq__words_copy(_Atomic uint64_t *to, _Atomic uint64_t *from, size_t count)
{
    /* Acquire pairs with the steps that write the words of a limit: copy_line in links.c. */
    for (size_t i = 0; i < count; i++)
        atomic_store_explicit(&to[i], atomic_load_explicit(&from[i], memory_order_acquire),
                              memory_order_relaxed);
}

void tq__slot_take_over(struct tq__slot *to, struct tq__slot *from, uint32_t history_log2)
{
    atomic_store_explicit(&to->newest_day, atomic_load_explicit(&from->newest_day, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_store_explicit(&to->budget, atomic_load_explicit(&from->budget, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_store_explicit(&to->rule, atomic_load_explicit(&from->rule, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_store_explicit(&to->care, atomic_load_explicit(&from->care, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_store_explicit(&to->flags, atomic_load_explicit(&from->flags, memory_order_relaxed),
                          memory_order_relaxed);
    tq__words_copy((_Atomic uint64_t *)(void *)&to->mark, (_Atomic uint64_t *)(void *)&from->mark,
                   slot_words(history_log2) - offsetof(struct tq__slot, mark) / 8);
}
