/* hold_take.c: taking a hold in a provider and its pools, and giving it up: settle, cancel, extend.
 *
 * SPDX-License-Identifier: MIT
 *
 * hold.h has the steps. A hold under a pool is one in each level; they are taken from the provider upwards,
 * each looks at its own level, and when one finds no room those below are freed again.
 */
#include "hold.h"

#include "event.h"
#include "held.h"
#include "hold_handle.h"
#include "hold_room.h"
#include "rule.h"
#include "shared.h"

#define TAKE_TRIES 16 /* claims that are lost, limits that are set, and holds that are freed meanwhile */
#define HOLD_FLAGS (TQ_USE_RESERVE | TQ_HOLD_NOBODY)
#define USAGE_SIZE_OLDEST offsetof(struct tq_usage, cost_nano_usd)

/* ---- what is asked for ----------------------------------------------------------------------- */

/* One call that takes a hold. */
struct taking {
    struct tq_ledger *ledger;
    struct tq__levels levels;
    int64_t now_ns;
    bool use_reserve;
    uint32_t owner, known; /* known: bit 1 << unit */
    uint64_t lease;
    int64_t of[TQ__UNITS];
};

/* The lease that ends a length after an instant, rounded up. 0; TQ_ERANGE. */
static int lease_of(int64_t lease_ns, int64_t now_ns, uint64_t *lease)
{
    if (lease_ns <= 0 || lease_ns > TQ_LEASE_MAX_NS || now_ns < 0)
        return TQ_ERANGE;
    *lease = ((uint64_t)now_ns + (uint64_t)lease_ns + (uint64_t)TQ__LEASE_UNIT_NS - 1) /
             (uint64_t)TQ__LEASE_UNIT_NS;
    return *lease < UINT64_C(1) << TQ__LEASE_BITS ? 0 : TQ_ERANGE;
}

/* What is known of a call: a plain one is one request, and its tokens are its total and its weighted tokens.
 */
static int take_amounts(struct taking *taking, const struct tq_amounts *amounts)
{
    const uint32_t named = amounts ? amounts->known : 0;

    if (amounts && (amounts->size < sizeof *amounts || (named & ~(((1u << TQ__UNITS) - 1) & ~1u)) != 0))
        return TQ_EINVAL;
    taking->known = named | 1u << TQ_UNIT_REQUESTS;
    taking->of[TQ_UNIT_REQUESTS] = 1;
    for (uint32_t units = named; units != 0; units &= units - 1) {
        uint32_t unit = (uint32_t)__builtin_ctz(units);

        if (amounts->of[unit] < 0)
            return TQ_EINVAL;
        if (amounts->of[unit] > (int64_t)TQ__HOLD_AMOUNT_MAX)
            return TQ_ERANGE;
        taking->of[unit] = amounts->of[unit];
    }
    if (!(named >> TQ_UNIT_TOKENS & 1))
        return 0;
    if (!(named >> TQ_UNIT_TOTAL & 1))
        taking->of[TQ_UNIT_TOTAL] = taking->of[TQ_UNIT_TOKENS];
    if (!(named >> TQ_UNIT_WEIGHTED & 1))
        taking->of[TQ_UNIT_WEIGHTED] = taking->of[TQ_UNIT_TOKENS];
    taking->known |= 1u << TQ_UNIT_TOTAL | 1u << TQ_UNIT_WEIGHTED;
    return 0;
}

/* ---- one level ------------------------------------------------------------------------------- */

/* Does the budget's day have no record yet? Then the clock must be asked whether it is today. */
static __attribute__((noinline)) bool is_new_day(const struct taking *taking, struct tq__slot *slot)
{
    const struct tq__at at = tq__at(taking->ledger, slot, taking->now_ns);

    return !tq__at_counts(&at, atomic_load_explicit(at.word, memory_order_relaxed));
}

/* Asks the clock where a record would: when the day or a window of the level is not the one of now, so that a
 * clock that is ahead takes nothing and turns nothing. */
TQ__HOT int admit_level(const struct taking *taking, struct tq__slot *slot, struct tq__limits *limits)
{
    bool skipped;
    int answer = 0;

    if (atomic_load_explicit(&slot->budget, memory_order_relaxed) > 0 && is_new_day(taking, slot))
        answer = tq__clock_admit(taking->ledger, slot, taking->now_ns);
    return answer < 0 ? answer : tq__limits_admit(taking->ledger, slot, limits, taking->now_ns, &skipped);
}

/* Begins the first-use windows of a level, as a record of nothing would: all, or those of strict limits
 * alone. */
static void begin_windows(const struct taking *taking, struct tq__limits *limits, bool strict_alone)
{
    struct tq__standing standing;
    struct tq__line line;

    for (uint32_t i = 0; i < tq__limits_lines(limits, taking->now_ns); i++)
        /* Relaxed: tq__line_open loads it again. */
        if (tq__spec_window(atomic_load_explicit(&limits->line[i].spec, memory_order_relaxed)) ==
                TQ_WINDOW_FIRST_USE &&
            tq__line_open(&line, taking->ledger, limits, i) && !tq__line_ready(&line, taking->now_ns) &&
            (!strict_alone || tq__line_is_strict(&line)))
            (void)tq__line_add(&line, 0, taking->now_ns, &standing);
}

/* Takes the last room? Then the provider is out because of holds from now on: the processes that wait are
 * told. */
static TQ__COLD void tell_last(const struct taking *taking, struct tq__slot *slot, struct tq__limits *limits)
{
    int64_t end_ns = tq__held_end(taking->ledger, slot, limits, taking->now_ns, taking->use_reserve);

    if (end_ns > 0)
        tq__event_until(taking->ledger, end_ns);
}

/* One claim and one look (H1, H2). 0; TQ__ROOM_...; or an error. */
static int hold_once(const struct taking *taking, struct tq__slot *slot, struct tq__limits *limits,
                     struct tq__taken *taken, bool *is_last)
{
    const uint32_t units = tq__room_units(limits, taking->known, &taken->begins);
    const struct tq__hold_wanted wanted = {taking->owner, taking->lease, units, taking->of};
    const struct tq__room_asked asked = {taking->ledger,      slot, limits,        taking->now_ns,
                                         taking->use_reserve, true, taking->known, units,
                                         taking->of};
    int answer = tq__hold_publish(taking->ledger, limits, &wanted, taken);

    if (answer < 0)
        return answer;
    answer = tq__room_look(&asked, is_last);
    /* It may have stalled for longer than its lease. Sequentially consistent as H2. */
    if (answer == TQ__ROOM_FITS &&
        atomic_load_explicit(&taken->hold->word, memory_order_seq_cst) != taken->word)
        return TQ__ROOM_UNIT;
    if (answer != TQ__ROOM_FITS)
        (void)tq__hold_free(taking->ledger, limits, taken->hold, taken->word, true);
    return answer;
}

/* After it asked to be told: is there room by now? A hold that was freed before that told nobody. */
static bool has_room_now(const struct taking *taking, struct tq__slot *slot, struct tq__limits *limits)
{
    bool begins, is_last;
    const uint32_t units = tq__room_units(limits, taking->known, &begins);
    const struct tq__room_asked asked = {taking->ledger,      slot,  limits,        taking->now_ns,
                                         taking->use_reserve, false, taking->known, units,
                                         taking->of};

    return tq__room_look(&asked, &is_last) == TQ__ROOM_FITS;
}

/* No room: who exchanges with other machines asks them for it. */
static TQ__COLD void ask_others(const struct taking *taking, struct tq__limits *limits)
{
    struct tq__line line;

    if (tq__sharing_of(taking->ledger, limits, taking->now_ns) == TQ__SHARED_NOT)
        return;
    for (uint32_t i = 0; i < tq__limits_lines(limits, taking->now_ns); i++)
        if (tq__line_open(&line, taking->ledger, limits, i) && line.spec.window != TQ_WINDOW_STATED &&
            taking->known >> line.spec.unit & 1)
            tq__wish_note(&line, taking->of[line.spec.unit], taking->now_ns);
}

/* Takes the hold of a level. 0; 1: no room; or an error. */
static int hold_level(const struct taking *taking, struct tq__slot *slot, struct tq__limits *limits,
                      struct tq__taken *taken)
{
    bool is_last = false;

    for (int i = 0; i < TAKE_TRIES; i++) {
        int answer = hold_once(taking, slot, limits, taken, &is_last);

        if (answer == TQ__ROOM_FITS) {
            if (is_last)
                tell_last(taking, slot, limits);
            return 0;
        }
        if (answer == TQ__ROOM_USED)
            return 1;
        if (answer == TQ__ROOM_UNIT)
            continue;
        /* No room, or no place, because of others' holds: perhaps they are dead, or freed by now. */
        if (answer != TQ__ROOM_HELD && answer != TQ_EFULL)
            return answer;
        tq__held_ask(taking->ledger, limits);
        if (!tq__held_reap(taking->ledger, limits, taking->now_ns) &&
            (answer == TQ_EFULL ? i > 0 : !has_room_now(taking, slot, limits)))
            return answer < 0 ? answer : 1;
    }
    return 1;
}

/* ---- all levels ------------------------------------------------------------------------------ */

static int hold_all(const struct taking *taking, struct tq_hold *hold)
{
    struct tq__limits *limits[TQ__LEVELS] = {NULL};
    struct tq__taken taken[TQ__LEVELS];
    int answer = 0;
    uint32_t i;

    for (i = 0; i < taking->levels.count && answer == 0; i++) {
        limits[i] = tq__limits_of(taking->ledger, taking->levels.slot[i]);
        if (!limits[i])
            answer = tq__limits_make(taking->ledger, taking->levels.slot[i], &limits[i]);
        if (answer == 0)
            answer = admit_level(taking, taking->levels.slot[i], limits[i]);
        /* Of a strict one something is leased when it has begun, and nothing before. */
        if (answer == 0 && tq__sharing_of(taking->ledger, limits[i], taking->now_ns) == TQ__SHARED_HEARD)
            begin_windows(taking, limits[i], true);
    }
    for (i = 0; i < taking->levels.count && answer == 0; i++) {
        answer = hold_level(taking, taking->levels.slot[i], limits[i], &taken[i]);
        if (answer == 1)
            ask_others(taking, limits[i]);
    }
    if (answer != 0) {
        for (uint32_t k = 0; i > 0 && k < i - 1; k++) /* level i - 1 was not taken */
            (void)tq__hold_free(taking->ledger, limits[k], taken[k].hold, taken[k].word, true);
        return answer;
    }
    for (i = 0; i < taking->levels.count; i++) {
        if (taken[i].begins)
            begin_windows(taking, limits[i], false);
        hold->place[i] = tq__handle_place(
            i == 0 ? 0 : tq__array_number(&taking->ledger->slots, taking->levels.slot[i]), taken[i].place);
        hold->word[i] = taken[i].word;
    }
    hold->levels = taking->levels.count;
    return 0;
}

int tq_provider_hold(struct tq_provider *provider, const struct tq_amounts *amounts, int64_t lease_ns,
                     int64_t now_ns, struct tq_hold *hold)
{
    struct taking taking;
    struct tq__slot *slot;
    int answer;

    if (!provider || !hold || hold->size < sizeof *hold || (hold->flags & ~HOLD_FLAGS) != 0)
        return TQ_EINVAL;
    hold->levels = hold->ended = 0;
    answer = take_amounts(&taking, amounts);
    if (answer == 0)
        answer = lease_of(lease_ns, now_ns, &taking.lease);
    if (answer == 0)
        answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer == 0)
        answer = tq__provider_to_change(provider, &slot);
    if (answer != 0)
        return answer;
    taking.ledger = provider->ledger;
    taking.now_ns = now_ns;
    taking.use_reserve = (hold->flags & TQ_USE_RESERVE) != 0;
    taking.owner = hold->flags & TQ_HOLD_NOBODY ? TQ__NOBODY : tq__owner_self(provider->ledger);
    tq__levels_of(provider->ledger, slot, &taking.levels);
    hold->provider = provider;
    hold->until_ns = tq__lease_end_ns(taking.lease);
    return hold_all(&taking, hold);
}

/* ---- giving it up ---------------------------------------------------------------------------- */

/* Is it one that was taken, or found by its id? */
static int check_handle(const struct tq_hold *hold, struct tq__slot **slot)
{
    if (!hold || hold->size < sizeof *hold || hold->levels == 0 || hold->levels > TQ__LEVELS)
        return TQ_EINVAL;
    return tq__provider_to_change(hold->provider, slot);
}

/* H3 in all levels. Returns whether all were still there. */
static bool free_all(struct tq_hold *hold)
{
    bool all = true;

    for (uint32_t i = 0; i < hold->levels; i++) {
        struct tq__limits *limits;
        struct tq__hold *own = tq__handle_find(hold, i, &limits);

        if (!own || !tq__hold_free(hold->provider->ledger, limits, own, hold->word[i], true))
            all = false;
    }
    hold->levels = 0;
    return all;
}

int tq_hold_cancel(struct tq_hold *hold)
{
    struct tq__slot *slot;
    int answer = check_handle(hold, &slot);

    if (answer < 0)
        return answer;
    hold->ended = !free_all(hold);
    return (int)hold->ended;
}

/* Gives the hold of a level another lease. False: it is no longer there. */
static bool extend_level(struct tq_hold *hold, uint32_t i, uint64_t lease)
{
    struct tq__limits *limits;
    struct tq__hold *own = tq__handle_find(hold, i, &limits);
    uint64_t seen = own ? atomic_load_explicit(&own->word, memory_order_relaxed) : 0, next;

    do {
        if (!own || !tq__hold_is_same(seen, hold->word[i]))
            return false;
        next = tq__hold_word(tq__hold_owner(seen), lease, TQ__HOLD_HELD, tq__hold_generation(seen));
        /* Sequentially consistent as every swap of a word. */
    } while (!atomic_compare_exchange_weak_explicit(&own->word, &seen, next, memory_order_seq_cst,
                                                    memory_order_relaxed));
    hold->word[i] = next;
    return true;
}

int tq_hold_extend(struct tq_hold *hold, int64_t lease_ns, int64_t now_ns)
{
    struct tq__slot *slot;
    uint64_t lease = 0;
    int answer = check_handle(hold, &slot);

    if (answer == 0)
        answer = lease_of(lease_ns, now_ns, &lease);
    if (answer == 0 && now_ns > tq__clock_read(hold->provider->ledger).last_ns)
        answer = TQ_ECLOCK;
    if (answer == 0)
        answer = tq__ledger_look(hold->provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    hold->ended = 0;
    for (uint32_t i = 0; i < hold->levels; i++)
        hold->ended |= !extend_level(hold, i, lease);
    if (hold->ended == 0)
        hold->until_ns = tq__lease_end_ns(lease);
    tq__soonest_lower(hold->provider->ledger, 1); /* an end may be an earlier one: whoever waits looks */
    return (int)hold->ended;
}

/* Does a usage say what a plain record of its tokens says? */
static bool is_plain(const struct tq_usage *usage)
{
    return usage->known == 0 && usage->flags == 0 && usage->requests <= 1 &&
           (usage->input | usage->cache_read | usage->cache_write | usage->output) == 0;
}

int tq_hold_settle(struct tq_hold *hold, const struct tq_usage *usage, int64_t now_ns)
{
    struct tq__slot *slot;
    struct tq__mark mark;
    struct tq__call call;
    uint32_t rule;
    int answer = check_handle(hold, &slot);

    if (answer == 0 &&
        (!usage || (usage->size < sizeof *usage && usage->size != USAGE_SIZE_OLDEST) || usage->counted < 0))
        answer = TQ_EINVAL;
    if (answer == 0 && !tq__instant_ok(now_ns))
        answer = TQ_ERANGE;
    if (answer < 0)
        return answer;
    mark = (struct tq__mark){.ledger = hold->provider->ledger, .slot = slot};
    call.tokens = usage->counted;
    call.usage = is_plain(usage) ? NULL : usage;
    call.now_ns = now_ns;
    call.observes = true;
    rule = tq__rule_of(hold->provider->ledger, slot);
    call.mark = rule == TQ_RULE_ORIGINAL ? &mark : NULL;
    /* Only a rule that notes asks for it: the provider's, or that of a pool. */
    call.held = tq__rule_notes(rule) || atomic_load_explicit(&slot->pool, memory_order_relaxed) != 0
                    ? tq__handle_known(hold)
                    : 0;
    answer = tq__record_usage(hold->provider->ledger, slot, &call, NULL);
    if (answer < 0 && answer != TQ_ESYS) /* TQ_OPEN_FLUSH_ALWAYS: it is counted */
        return answer;
    hold->ended = !free_all(hold); /* after the count: H3 */
    if (usage->known & TQ_USAGE_OUTPUT && usage->output > 0 && usage->sent_at_ns <= now_ns)
        (void)tq_provider_success(hold->provider, usage->sent_at_ns);
    return answer;
}
