/* limit_list.c: how the limits of a provider stand, and its weights and prices.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/number.h"
#include "limits.h"
#include "state.h"
#include "zone_table.h"

#define PRICE_MAX INT64_C(1000000000000)
#define WEIGHT_MAX 1000000u

/* Records without a cost of the window that holds now_ns. */
static int64_t uncosted(const struct tq__line *line, int64_t now_ns)
{
    uint64_t seen = atomic_load_explicit(&line->rest->uncosted, memory_order_relaxed), tag;

    return seen != 0 && tq__line_tag(line, now_ns, &tag) && tq__tag_of(seen) == tag
               ? (int64_t)(seen & TQ__METER_MAX)
               : 0;
}

static uint32_t share_of(int64_t used, int64_t amount)
{
    tq__uint128 share = amount > 0 ? (tq__uint128)(uint64_t)used * 1000000 : 0;

    if (amount > 0)
        share /= (uint64_t)amount;
    return share < UINT32_MAX ? (uint32_t)share : UINT32_MAX;
}

static void tell(const struct tq__line *line, int64_t now_ns, struct tq_limit_state *out)
{
    uint64_t reserve = atomic_load_explicit(&line->limit->reserve, memory_order_relaxed);
    struct tq__standing standing = {.terms = tq__limit_terms(line->limit, line->word)};

    if (now_ns >= 0) { /* no limit holds before 1970 */
        tq__line_stand(line, now_ns, false, &standing);
        out->state = tq__standing_excludes(&standing, false) ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE;
        out->spent = tq__standing_excludes(&standing, true);
        out->uncosted = uncosted(line, now_ns);
        out->taken = tq__line_is_taken(line, now_ns, &standing);
    }
    out->share_ppm = share_of(standing.used, standing.terms.amount);
    out->used = standing.used;
    out->start_at_ns = standing.start_ns;
    out->end_at_ns = standing.end_ns;
    out->until_ns = out->state == TQ_QUOTA_EXHAUSTED ? standing.until_ns : 0;
    out->limit.size = sizeof out->limit;
    tq__spec_to_limit(&line->spec, &out->limit);
    if (line->spec.window == TQ_WINDOW_FIXED && standing.start_ns > 0) /* one of before 1970 is cut there */
        out->limit.anchor_at_ns = standing.start_ns; /* of all its beginnings the one that people can see */
    tq__zone_name(line->ledger, line->spec.zone, out->limit.zone);
    out->limit.amount = standing.terms.amount;
    out->limit.known = standing.terms.amount > 0 ? TQ_LIMIT_AMOUNT : 0;
    if (tq__version_of(reserve) == line->spec.version && reserve << 8 != 0) {
        out->limit.known |= TQ_LIMIT_RESERVE;
        out->limit.reserve = (int64_t)(reserve & TQ__METER_MAX);
        out->limit.reserve_share = (uint32_t)(reserve >> TQ__METER_BITS) & 0xffff;
    }
}

int tq_provider_limits(const struct tq_provider *provider, int64_t now_ns, struct tq_limit_state *out,
                       size_t capacity)
{
    const uint32_t size = out && capacity > 0 ? out->size : (uint32_t)sizeof *out;
    struct tq__limits *limits;
    struct tq__line line;
    size_t count = 0;
    int answer;

    if (!provider || (!out && capacity > 0) || size < sizeof *out || size % sizeof(int64_t) != 0)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    limits = tq__limits_of(provider->ledger, tq__provider_slot(provider));
    for (uint32_t i = 0; limits && i < TQ__LIMITS; i++) {
        if (!tq__line_open(&line, provider->ledger, limits, i))
            continue;
        if (count < capacity) { /* those of a later header are larger */
            struct tq_limit_state *state = (void *)((char *)out + count * size);

            memset(state, 0, size);
            state->size = size;
            state->number = i + 1;
            tell(&line, now_ns, state);
        }
        count++;
    }
    return (int)count;
}

/* ---- weights and prices ---------------------------------------------------------------------- */

/* Finds the limits of a provider, and makes them when it has none. */
static int limits_to_change(struct tq_provider *provider, const void *values, struct tq__limits **limits)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0 || !values)
        return answer < 0 ? answer : TQ_EINVAL;
    answer = tq__limits_make(provider->ledger, slot, limits);
    if (answer == 0)
        tq__unhide(slot);
    return answer;
}

int tq_provider_set_weights(struct tq_provider *provider, const uint32_t weights[TQ_CLASSES])
{
    struct tq__limits *limits;
    int answer;

    for (uint32_t i = 0; weights && i < TQ_CLASSES; i++)
        if (weights[i] > WEIGHT_MAX)
            return TQ_ERANGE;
    answer = limits_to_change(provider, weights, &limits);
    /* One after the other: a record meanwhile may weigh by some of both. */
    for (uint32_t i = 0; answer == 0 && i < TQ_CLASSES; i++)
        atomic_store_explicit(&limits->weight[i], (uint64_t)weights[i] + 1, memory_order_relaxed);
    return answer;
}

int tq_provider_set_price(struct tq_provider *provider, const int64_t price[TQ_CLASSES])
{
    struct tq__limits *limits;
    int answer;

    for (uint32_t i = 0; price && i < TQ_CLASSES; i++)
        if (price[i] < -1 || price[i] > PRICE_MAX)
            return TQ_ERANGE;
    answer = limits_to_change(provider, price, &limits);
    for (uint32_t i = 0; answer == 0 && i < TQ_CLASSES; i++)
        atomic_store_explicit(&limits->price[i], (uint64_t)(price[i] + 1), memory_order_relaxed);
    return answer;
}

int tq_provider_weights(const struct tq_provider *provider, uint32_t weights[TQ_CLASSES])
{
    struct tq__limits *limits;

    if (!provider || !weights)
        return TQ_EINVAL;
    limits = tq__limits_of(provider->ledger, tq__provider_slot(provider));
    for (uint32_t i = 0; i < TQ_CLASSES; i++) {
        uint64_t word = limits ? atomic_load_explicit(&limits->weight[i], memory_order_relaxed) : 0;

        weights[i] = word == 0 || word > WEIGHT_MAX + 1 ? 1000 : (uint32_t)word - 1;
    }
    return 0;
}

int tq_provider_price(const struct tq_provider *provider, int64_t price[TQ_CLASSES])
{
    struct tq__limits *limits;

    if (!provider || !price)
        return TQ_EINVAL;
    limits = tq__limits_of(provider->ledger, tq__provider_slot(provider));
    for (uint32_t i = 0; i < TQ_CLASSES; i++) {
        uint64_t word = limits ? atomic_load_explicit(&limits->price[i], memory_order_relaxed) : 0;

        price[i] = word == 0 || word > (uint64_t)PRICE_MAX + 1 ? -1 : (int64_t)word - 1;
    }
    return 0;
}
