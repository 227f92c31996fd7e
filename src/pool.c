/* pool.c: a provider under another one whose limits hold for it, too.
 *
 * SPDX-License-Identifier: MIT
 */
#include "event.h"
#include "levels.h"
#include "shared.h"

/* How many levels lie under a slot, up to `most`: the longest chain of providers of which it is the pool. */
static uint32_t levels_below(struct tq_ledger *ledger, struct tq__slot *pool, uint32_t most)
{
    uint32_t number = tq__array_number(&ledger->slots, pool) + 1, deepest = 0;
    struct tq__slot *slot;

    for (uint32_t n = 0, end = tq__slots_end(ledger); (slot = tq__slots_next(ledger, &n, end)) != NULL; n++) {
        struct tq__levels levels;

        if (atomic_load_explicit(&slot->pool, memory_order_relaxed) == 0)
            continue;
        tq__levels_of(ledger, slot, &levels);
        for (uint32_t i = 1; i < levels.count; i++)
            if (tq__array_number(&ledger->slots, levels.slot[i]) + 1 == number && i > deepest)
                deepest = i;
        if (deepest >= most)
            break;
    }
    return deepest;
}

/* May a slot be under a pool: without a circle and a fourth level? */
static bool may_be_under(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__slot *pool)
{
    struct tq__levels above;

    tq__levels_of(ledger, pool, &above);
    for (uint32_t i = 0; i < above.count; i++)
        if (above.slot[i] == slot)
            return false;
    return above.count + 1 + levels_below(ledger, slot, TQ__LEVELS) <= TQ__LEVELS;
}

/* Puts the link of before back in the place of one that may not be; none, when that may not be by now either.
 */
static void take_link_back(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number, uint32_t before)
{
    struct tq__slot *pool = before != 0 ? tq__slot_number(ledger, before - 1) : NULL;

    /* Sequentially consistent as the swap that is taken back. */
    if (atomic_compare_exchange_strong_explicit(&slot->pool, &number, before, memory_order_seq_cst,
                                                memory_order_relaxed) &&
        pool && !may_be_under(ledger, slot, pool))
        atomic_compare_exchange_strong_explicit(&slot->pool, &before, 0, memory_order_seq_cst,
                                                memory_order_relaxed);
}

int tq_provider_set_pool(struct tq_provider *provider, struct tq_provider *pool)
{
    struct tq__slot *slot;
    uint32_t number = 0, before;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    if (pool) {
        if (pool->ledger != provider->ledger ||
            !may_be_under(provider->ledger, slot, tq__provider_slot(pool)))
            return TQ_EINVAL;
        number = tq__array_number(&provider->ledger->slots, tq__provider_slot(pool)) + 1;
    }
    /* Sequentially consistent for tq__unhide; its release pairs with the acquire in tq__levels_of. */
    before = atomic_exchange_explicit(&slot->pool, number, memory_order_seq_cst);
    if (before == number)
        return 0;
    /* Another link may have been made since the first look. Of two that make a circle together, the one whose
     * swap came second sees both, and is taken back. */
    if (pool && !may_be_under(provider->ledger, slot, tq__provider_slot(pool))) {
        take_link_back(provider->ledger, slot, number, before);
        return TQ_EINVAL;
    }
    if (number != 0)
        tq__unhide(slot);
    tq__settings_raise(provider->ledger);
    tq__soonest_lower(provider->ledger, 1); /* whoever waits looks for the next end again */
    tq__event(provider->ledger);
    return 0;
}

int tq_provider_pool(const struct tq_provider *provider, struct tq_provider **pool)
{
    uint32_t number;

    if (pool)
        *pool = NULL;
    if (!provider || !pool)
        return TQ_EINVAL;
    number = atomic_load_explicit(&tq__provider_slot(provider)->pool, memory_order_acquire);
    return number == 0 ? 1 : tq__provider_of_number(provider->ledger, number - 1, pool);
}
