/* provider.c: handles: a name of a ledger looked up once, and the walk over all of them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "record.h"

/* The handle of a slot: record `number` of a pool that only this process knows. Threads that ask for the
 * same one at once write the same values. */
static struct tq_provider *handle_of(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number)
{
    struct tq_provider *handle;
    void *record;

    if (!slot || !tq__slot_name(ledger, slot) ||
        tq__pool_reach(&ledger->providers, number, true, &record) < 0)
        return NULL;
    handle = record;
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

        if (flags & TQ_PROVIDER_EXISTING) {
            answer = tq__unknown_name(ledger, &name);
            return answer < 0 ? answer : 1;
        }
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
        _Atomic uint64_t *table = NULL;
        int answer = tq__table_reach(ledger, t, false, &table);
        uint64_t end = first + (UINT64_C(1) << tq__table_log2_words(t));

        if (answer < 0)
            return answer;
        for (; table && place >= first && place < end; place++) {
            uint64_t word = atomic_load_explicit(&table[place - first], memory_order_acquire); /* publish */
            uint32_t number = (uint32_t)word - 1;
            struct tq__slot *slot;

            if (word == 0)
                continue;
            slot = tq__slot_number(ledger, number);
            if (slot && atomic_load_explicit(&slot->flags, memory_order_relaxed) & TQ__HIDDEN)
                continue;
            *provider = handle_of(ledger, slot, number);
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

int tq_provider_correct(struct tq_provider *provider, int64_t tokens, int64_t now_ns)
{
    struct tq__window window;
    struct tq__slot *slot;
    _Atomic uint64_t *word;
    uint64_t tag, counted, number;
    int64_t gone_ns;
    int answer;

    if (!provider || tokens <= 0)
        return TQ_EINVAL;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    answer = tq__refuse_writes(provider->ledger);
    if (answer < 0)
        return answer;
    slot = atomic_load_explicit(&provider->slot, memory_order_relaxed);
    window = tq__window_at(now_ns);
    word = tq__count_word(slot, provider->ledger->history_log2, window.day);
    tag = tq__count_tag(provider->ledger->history_log2, window.day);
    if (tq__state_day_is_late(&slot->newest_day, window.day) ||
        atomic_load_explicit(word, memory_order_relaxed) >> TQ__COUNT_BITS != tag)
        tq__gate_take_back(provider->ledger, slot, window.day);
    if (!tq__count_subtract(word, tag, tokens, &counted))
        return tq__too_old(provider->ledger);
    number = tq__half_hour_at(&window, now_ns, &gone_ns);
    if (!tq__half_hour_is_new(slot, number))
        tq__half_hour_add(slot, number, -tokens);
    if (tq__rule_of(provider->ledger, slot) != TQ_RULE_ORIGINAL)
        tq__forecast_update(provider->ledger, slot, word, tag, tq__rule_of(provider->ledger, slot), &window,
                            now_ns);
    return 0;
}

int tq_provider_reset(struct tq_provider *provider)
{
    int answer;

    if (!provider)
        return TQ_EINVAL;
    answer = tq__refuse_writes(provider->ledger);
    if (answer == 0)
        tq__forget_usage(provider->ledger, atomic_load_explicit(&provider->slot, memory_order_relaxed));
    return answer;
}

/* Hide, then clear: state.h says why in this order. Usage comes last: what it predicts anew is from what others
 * set after the rest was cleared. */
int tq_provider_forget(struct tq_provider *provider)
{
    struct tq__slot *slot;
    int answer;

    if (!provider)
        return TQ_EINVAL;
    answer = tq__refuse_writes(provider->ledger);
    if (answer < 0)
        return answer;
    slot = atomic_load_explicit(&provider->slot, memory_order_relaxed);
    atomic_fetch_or_explicit(&slot->flags, TQ__HIDDEN, memory_order_seq_cst); /* with tq__unhide */
    atomic_store_explicit(&slot->budget, 0, memory_order_seq_cst);
    atomic_store_explicit(&slot->rule, TQ_RULE_DEFAULT, memory_order_seq_cst);
    tq__state_clear(provider->ledger, slot);
    tq__forget_usage(provider->ledger, slot);
    return 0;
}

int tq_provider_rule(const struct tq_provider *provider)
{
    if (!provider)
        return TQ_EINVAL;
    return atomic_load_explicit(&atomic_load_explicit(&provider->slot, memory_order_relaxed)->rule,
                                memory_order_relaxed);
}

int tq_provider_set_rule(struct tq_provider *provider, uint32_t rule)
{
    struct tq__slot *slot;
    int answer;

    if (!provider || rule > TQ_RULE_HORIZON)
        return TQ_EINVAL;
    answer = tq__refuse_writes(provider->ledger);
    if (answer < 0)
        return answer;
    slot = atomic_load_explicit(&provider->slot, memory_order_relaxed);
    atomic_store_explicit(&slot->rule, (uint8_t)rule, memory_order_seq_cst); /* with tq__rule_of */
    if (rule != TQ_RULE_DEFAULT)
        tq__unhide(slot);
    tq__gate_take_back(provider->ledger, slot, 0);
    tq__forecast_anew(provider->ledger, slot);
    return 0;
}
