/* amounts.c: what a record of a usage adds in each unit: by its classes, the weights and the price.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/number.h"
#include "limits.h"

/* Sum of a factor for each class, in whole units rounded up; saturated. */
static int64_t weigh_classes(const int64_t count[TQ_CLASSES], const uint64_t factor[TQ_CLASSES],
                             uint64_t unit)
{
    tq__uint128 sum = unit - 1;

    for (uint32_t i = 0; i < TQ_CLASSES; i++)
        sum += (tq__uint128)(uint64_t)count[i] * factor[i];
    sum /= unit;
    return sum < TQ__METER_MAX ? (int64_t)sum : (int64_t)TQ__METER_MAX;
}

static int64_t sum_counts(const int64_t *count, uint32_t counts)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < counts; i++)
        if (__builtin_add_overflow(sum, count[i], &sum))
            return INT64_MAX;
    return sum;
}

static int64_t not_negative(int64_t n)
{
    return n > 0 ? n : 0;
}

#define CLASSES (TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_CACHE_WRITE | TQ_USAGE_OUTPUT)

/* The cost in micro-dollars: what the usage states, else what the price gives. -1: neither. */
static int64_t cost_of(struct tq__limits *limits, const struct tq_usage *usage,
                       const int64_t count[TQ_CLASSES])
{
    uint64_t price[TQ_CLASSES];

    if (usage->size >= sizeof *usage && usage->known & TQ_USAGE_COST)
        return not_negative(usage->cost_nano_usd) / 1000 + (usage->cost_nano_usd % 1000 > 0);
    if (!(usage->known & CLASSES))
        return -1;
    for (uint32_t i = 0; i < TQ_CLASSES; i++) {
        uint64_t word = limits ? atomic_load_explicit(&limits->price[i], memory_order_relaxed) : 0;

        if (word == 0 && count[i] > 0)
            return -1;
        price[i] = word == 0 ? 0 : word - 1;
    }
    return weigh_classes(count, price, 1000000);
}

/* Is any weight, or any price, of a slot set? */
static bool is_set(_Atomic uint64_t *word)
{
    uint64_t all = 0;

    for (uint32_t i = 0; word && i < TQ_CLASSES; i++)
        all |= atomic_load_explicit(&word[i], memory_order_relaxed);
    return all != 0;
}

static void amounts_of_tokens(struct tq__amounts *amounts, int64_t tokens)
{
    for (uint32_t unit = 0; unit < TQ__UNITS; unit++)
        amounts->of[unit] = tq__adds_in(tq__adds_of_tokens(tokens), unit);
}

void tq__amounts_of_usage(struct tq__amounts *amounts, struct tq__limits *limits,
                          const struct tq__amounts *below, const struct tq_usage *usage)
{
    const int64_t count[TQ_CLASSES] = {not_negative(usage->input), not_negative(usage->cache_read),
                                       not_negative(usage->cache_write), not_negative(usage->output)};
    uint64_t weight[TQ_CLASSES];

    amounts_of_tokens(amounts, usage->counted);
    amounts->of[TQ_UNIT_INPUT] = sum_counts(count, 3);
    amounts->of[TQ_UNIT_OUTPUT] = count[3];
    amounts->of[TQ_UNIT_REQUESTS] = usage->requests > 0 || usage->flags & TQ_USAGE_MORE ? usage->requests : 1;
    amounts->of[TQ_UNIT_COST] = below && !is_set(limits ? limits->price : NULL)
                                    ? below->of[TQ_UNIT_COST]
                                    : cost_of(limits, usage, count);
    if (!(usage->known & CLASSES) && usage->known & TQ_USAGE_TOTAL)
        amounts->of[TQ_UNIT_TOTAL] = not_negative(usage->total);
    if (!(usage->known & CLASSES))
        return;
    for (uint32_t i = 0; i < TQ_CLASSES; i++) {
        uint64_t word = limits ? atomic_load_explicit(&limits->weight[i], memory_order_relaxed) : 0;

        weight[i] = word == 0 ? 1000 : word - 1;
    }
    amounts->of[TQ_UNIT_TOTAL] = sum_counts(count, 4);
    amounts->of[TQ_UNIT_WEIGHTED] = below && !is_set(limits ? limits->weight : NULL)
                                        ? below->of[TQ_UNIT_WEIGHTED]
                                        : weigh_classes(count, weight, 1000);
}
