/* limit_list.c: how the limits of a provider stand, and its weights and prices.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/number.h"
#include "base/pace.h"
#include "held.h"
#include "limit_rule.h"
#include "limits.h"
#include "rolling.h"
#include "shared.h"
#include "state.h"
#include "stated.h"
#include "zone_table.h"

#define PRICE_MAX INT64_C(1000000000000)
#define WEIGHT_MAX 1000000u
#define STATE_SIZE_OLDEST offsetof(struct tq_limit_state, said)
#define STATE_SIZE_SAID offsetof(struct tq_limit_state, out_at_ns)
#define STATE_SIZE_OUT offsetof(struct tq_limit_state, held)
#define STATE_SIZE_HELD offsetof(struct tq_limit_state, others)

/* Records without a cost of the window that holds now_ns. */
static int64_t uncosted(const struct tq__line *line, int64_t now_ns)
{
    uint64_t seen = atomic_load_explicit(&line->rest->uncosted, memory_order_relaxed), tag;

    return seen != 0 && tq__line_tag(line, now_ns, &tag) && tq__tag_of(seen) == tag
               ? (int64_t)(seen & TQ__METER_MAX)
               : 0;
}

static uint32_t used_share(int64_t used, int64_t amount)
{
    tq__uint128 share = amount > 0 ? (tq__uint128)(uint64_t)used * 1000000 : 0;

    if (amount > 0)
        share /= (uint64_t)amount;
    return share < UINT32_MAX ? (uint32_t)share : UINT32_MAX;
}

/* Which words that block, or were lifted, and which of the user's stops hold at now_ns. */
static uint32_t held_of(struct tq__slot *slot, const struct tq__line *line, int64_t now_ns)
{
    uint64_t blocking = tq__stated_blocking(line, now_ns);
    uint64_t overruled = atomic_load_explicit(&line->rest->overruled, memory_order_acquire);
    bool is_lifted = overruled >> 32 != 0 && tq__refusal_end_ns(overruled) > now_ns && tq__line_is_same(line);
    int64_t stop_ns = tq__stated_end(line, TQ__STATED_STOPS, tq__overage_stops(slot), false, now_ns);

    return (blocking != 0 ? TQ_SAID_BLOCKS : 0) | (stop_ns > 0 ? TQ_SAID_STOPS : 0) |
           (is_lifted ? TQ_SAID_OVERRULED : 0) | (tq__stated_is_doubted(blocking) ? TQ_SAID_DOUBTED : 0);
}

/* And what its newest reading says of itself. */
static uint32_t read_of(const struct tq__line *line, const struct tq__stated *stated, int64_t now_ns)
{
    bool in_window = tq__stated_reset_ns(line, stated) > now_ns;

    return (in_window ? TQ_SAID_READING : 0) |
           (in_window && stated->flags & TQ__READING_CREDIT ? TQ_SAID_CREDIT : 0) |
           (stated->share != TQ__STATED_UNKNOWN ? TQ_SAID_SHARE : 0);
}

/* Tells what the vendor said of the window. What it states itself has its share and its window. */
static void tell_said(struct tq__slot *slot, const struct tq__line *line, int64_t now_ns,
                      struct tq_limit_state *out)
{
    const uint32_t all = TQ__STATED_BLOCKS | TQ__STATED_STOPS;
    int64_t end_ns = tq__stated_end(line, all, tq__overage_stops(slot), false, now_ns);
    struct tq__stated stated;

    if (end_ns > out->until_ns) {
        out->state = TQ_QUOTA_EXHAUSTED;
        out->until_ns = end_ns;
    }
    out->spent |= tq__stated_end(line, all, tq__overage_stops(slot), true, now_ns) > 0;
    out->said = held_of(slot, line, now_ns);
    if (!tq__stated_reading(line, &stated))
        return;
    out->said |= read_of(line, &stated, now_ns);
    out->said_ppm = stated.share == TQ__STATED_UNKNOWN ? 0 : 100 * stated.share;
    out->said_source = stated.source;
    out->said_profile = stated.profile;
    out->said_at_ns = stated.said_s * TQ__SECOND_NS;
    out->said_reset_at_ns = stated.reset_s * TQ__SECOND_NS;
    out->said_limit = (int64_t)stated.limit;
    out->said_since = tq__stated_since(line);
    out->said_out_at_ns = tq__stated_out_ns(line);
    if (out->said_out_at_ns == TQ__PACE_LASTS)
        out->said_out_at_ns = 0;
    if (line->spec.window != TQ_WINDOW_STATED)
        return;
    out->used = out->said_since;
    out->share_ppm = out->said_ppm;
    out->end_at_ns = tq__stated_reset_ns(line, &stated);
    out->start_at_ns = out->end_at_ns - tq__spec_length_ns(&line->spec);
}

/* By our own count. A count of which a wrong clock took a part is no pace. */
static int64_t counted_out(const struct tq__line *line, int64_t now_ns, const struct tq__standing *standing,
                           const struct tq_limit_state *out)
{
    const int64_t room = standing->terms.room;

    if (standing->terms.amount == 0 || out->taken)
        return TQ__PACE_UNKNOWN;
    if (line->spec.window == TQ_WINDOW_ROLLING)
        return tq__rolling_out_ns(line, room, now_ns);
    if (line->spec.window > TQ_WINDOW_FIRST_USE || standing->end_ns == 0)
        return TQ__PACE_UNKNOWN;
    return tq__pace_out_ns(tq__standing_shown(standing), room, standing->start_ns, standing->end_ns, now_ns);
}

/* By the vendor's word, as long as its window lasts. A word so old that all would be used by now is no pace:
 * it was not used like that. */
static int64_t stated_out(const struct tq__line *line, int64_t now_ns, const struct tq_limit_state *out)
{
    int64_t out_ns = out->said & TQ_SAID_READING && tq__spec_length_ns(&line->spec) >= TQ__PACE_LEAST_NS
                         ? tq__stated_out_ns(line)
                         : TQ__PACE_UNKNOWN;

    return out_ns > now_ns ? out_ns : TQ__PACE_UNKNOWN;
}

/* Tells what calls that run hold of a limit, and whether that keeps it out. */
static TQ__COLD void tell_held(struct tq__held *held, const struct tq__held_out *out, uint32_t count,
                               const struct tq__line *line, struct tq_limit_state *state)
{
    const struct tq__hold_sum *sum;

    for (uint32_t i = 0; i < count; i++)
        if (out[i].line == state->number && out[i].end_ns > state->until_ns) {
            state->is_held = state->state == TQ_AVAILABLE && out[i].reason != TQ_REASON_SHARED;
            if (state->size >= sizeof *state)
                state->is_shared |= state->state == TQ_AVAILABLE && out[i].reason == TQ_REASON_SHARED;
            state->state = TQ_QUOTA_EXHAUSTED;
            state->until_ns = out[i].end_ns;
        }
    if (line->spec.unit >= TQ__UNITS)
        return;
    sum = tq__held_of(held, line->spec.unit);
    state->held = sum->amount;
    state->flying = sum->flying;
}

/* Tells what other machines used of a limit, and what is withheld for them. */
static void tell_others(const struct tq__line *line, const struct tq__standing *standing,
                        struct tq_limit_state *out)
{
    out->others = standing->others;
    out->withheld = standing->others + standing->kept;
    out->heard_at_ns = standing->heard_ns;
    out->strict = tq__line_is_strict(line);
    out->is_shared = tq__standing_excludes(standing, false) && !tq__standing_is_spent(standing, false);
}

static void tell(struct tq__slot *slot, const struct tq__line *line, int64_t now_ns,
                 struct tq_limit_state *out)
{
    uint64_t reserve = atomic_load_explicit(&line->limit->reserve, memory_order_relaxed);
    struct tq__standing standing = {.terms = tq__limit_terms(line->limit, line->word)};
    const struct tq__rule_asker asker = tq__rule_asker(line->ledger, slot, now_ns);

    if (now_ns >= 0) { /* no limit holds before 1970 */
        tq__line_stand(line, now_ns, false, &standing);
        out->until_ns = tq__limit_end(&asker, line, &standing, false);
        out->state = out->until_ns > 0 ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE;
        out->spent = tq__limit_end(&asker, line, &standing, true) > 0;
        out->uncosted = uncosted(line, now_ns);
        out->taken = tq__line_is_taken(line, now_ns, &standing);
    }
    out->used = tq__standing_shown(&standing);
    out->share_ppm = used_share(out->used, standing.terms.amount);
    if (out->size >= sizeof *out)
        tell_others(line, &standing, out);
    out->start_at_ns = standing.start_ns;
    out->end_at_ns = standing.end_ns;
    out->limit.size = sizeof out->limit;
    tq__spec_to_limit(&line->spec, &out->limit);
    if (line->spec.window == TQ_WINDOW_FIXED && standing.start_ns > 0) /* one of before 1970 is cut there */
        out->limit.anchor_at_ns = standing.start_ns; /* of all its beginnings the one that people can see */
    tq__zone_name(line->ledger, line->spec.zone, out->limit.zone);
    if (line->spec.window == TQ_WINDOW_STATED)
        tq__stated_name(line, out->limit.zone);
    out->limit.amount = standing.terms.amount;
    out->limit.known = standing.terms.amount > 0 ? TQ_LIMIT_AMOUNT : 0;
    if (tq__version_of(reserve) == line->spec.version && reserve << 8 != 0) {
        out->limit.known |= TQ_LIMIT_RESERVE;
        out->limit.reserve = (int64_t)(reserve & TQ__METER_MAX);
        out->limit.reserve_share = (uint32_t)(reserve >> TQ__METER_BITS) & 0xffff;
    }
    if (out->size >= STATE_SIZE_SAID && now_ns >= 0)
        tell_said(slot, line, now_ns, out);
    if (out->size >= STATE_SIZE_OUT && now_ns >= 0 && out->state == TQ_AVAILABLE)
        out->out_at_ns =
            tq__pace_sooner_ns(counted_out(line, now_ns, &standing, out), stated_out(line, now_ns, out));
}

int tq_provider_limits(const struct tq_provider *provider, int64_t now_ns, struct tq_limit_state *out,
                       size_t capacity)
{
    const uint32_t size = out && capacity > 0 ? out->size : (uint32_t)sizeof *out;
    struct tq__held_out held_out[TQ__HELD_OUTS];
    struct tq__limits *limits;
    struct tq__held held;
    struct tq__line line;
    uint32_t outs = 0;
    size_t count = 0;
    int answer;

    if (!provider || (!out && capacity > 0) ||
        (size < sizeof *out && size != STATE_SIZE_OLDEST && size != STATE_SIZE_SAID &&
         size != STATE_SIZE_OUT && size != STATE_SIZE_HELD) ||
        size % sizeof(int64_t) != 0)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    limits = tq__limits_of(provider->ledger, tq__provider_slot(provider));
    if (tq__held_any(limits) && now_ns >= 0) {
        held = (struct tq__held){.ledger = provider->ledger,
                                 .slot = tq__provider_slot(provider),
                                 .limits = limits,
                                 .now_ns = now_ns};
        outs = tq__held_look(&held, held_out);
    }
    for (uint32_t i = 0; limits && i < TQ__LIMITS; i++) {
        if (!tq__line_open(&line, provider->ledger, limits, i))
            continue;
        if (count < capacity) { /* those of a later header are larger */
            struct tq_limit_state *state = (void *)((char *)out + count * size);

            memset(state, 0, size);
            state->size = size;
            state->number = i + 1;
            tell(tq__provider_slot(provider), &line, now_ns, state);
            if (size >= STATE_SIZE_HELD && tq__held_any(limits) && now_ns >= 0)
                tell_held(&held, held_out, outs, &line, state);
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
    if (answer == 0)
        tq__settings_raise(provider->ledger);
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
    if (answer == 0)
        tq__settings_raise(provider->ledger);
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
