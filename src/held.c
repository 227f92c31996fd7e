/* held.c: what keeps a provider out because of what calls that run hold, until when, and freeing what is
 * dead.
 *
 * SPDX-License-Identifier: MIT
 */
#include "held.h"

#include "event.h"
#include "shared.h"
#include "state.h"

/* ---- the dead -------------------------------------------------------------------------------- */

bool tq__lease_is_over(const struct tq_ledger *ledger, uint64_t word, int64_t now_ns)
{
    int64_t end_ns = tq__lease_end_ns(tq__hold_lease(word));

    if (end_ns > now_ns)
        return false;
    return ledger->max_ahead_ns == INT64_MAX || end_ns <= tq__clock_read(ledger).now_ns;
}

/* Is a hold, or a claim, of a call that runs no more? *dead: whenever its lease ends. */
static bool is_run_out(struct tq_ledger *ledger, struct tq__owners_asked *asked, uint64_t word,
                       int64_t now_ns, bool *dead)
{
    *dead = tq__hold_state_of(word) != TQ__HOLD_FREE && tq__owner_is_dead(ledger, asked, word);
    return *dead || (tq__hold_state_of(word) != TQ__HOLD_FREE && tq__lease_is_over(ledger, word, now_ns));
}

bool tq__held_reap(struct tq_ledger *ledger, struct tq__limits *limits, int64_t now_ns)
{
    struct tq__owners_asked asked = {{0}, {0}};
    bool freed = false;

    for (uint32_t place = 0; place < tq__hold_places(limits); place++) {
        struct tq__hold *hold = tq__hold_at(ledger, limits, place);
        uint64_t word;
        bool dead;

        if (!hold) {
            place |= TQ__HOLD_BLOCK - 1; /* a block that is missing */
            continue;
        }
        /* Acquire pairs with the swap of a claimer: its generation as an owner is in the header. */
        word = atomic_load_explicit(&hold->word, memory_order_acquire);
        if (is_run_out(ledger, &asked, word, now_ns, &dead) &&
            tq__hold_free(ledger, limits, hold, word, dead))
            freed = true;
    }
    return freed;
}

void tq__held_ask(struct tq_ledger *ledger, struct tq__limits *limits)
{
    /* Sequentially consistent with tq__hold_free: held.h, ASKED. */
    if (!ledger->backing.read_only && atomic_load_explicit(&limits->hold_asked, memory_order_seq_cst) == 0)
        atomic_store_explicit(&limits->hold_asked, 1, memory_order_seq_cst);
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* The sum for somebody who cannot free what is dead. */
static TQ__COLD void sum_living(struct tq__held *held, uint32_t unit, struct tq__hold_sum *sum)
{
    struct tq__owners_asked asked = {{0}, {0}};

    *sum = (struct tq__hold_sum){0, 0, 0};
    for (uint32_t place = 0; place < tq__hold_places(held->limits); place++) {
        const struct tq__hold *hold = tq__hold_at(held->ledger, held->limits, place);
        uint64_t word, amount;
        bool dead;

        if (!hold) {
            place |= TQ__HOLD_BLOCK - 1;
            continue;
        }
        word = atomic_load_explicit(&hold->word, memory_order_acquire); /* as in tq__held_reap */
        amount = atomic_load_explicit(&hold->amount[unit - 1], memory_order_relaxed);
        if (tq__hold_state_of(word) != TQ__HOLD_HELD ||
            is_run_out(held->ledger, &asked, word, held->now_ns, &dead))
            continue;
        sum->count++;
        if (tq__hold_counts(word, amount))
            sum->amount += (int64_t)(amount & TQ__HOLD_AMOUNT_MAX);
        else
            sum->flying++;
    }
}

const struct tq__hold_sum *tq__held_of(struct tq__held *held, uint32_t unit)
{
    if (!(held->summed >> unit & 1)) {
        held->summed |= 1u << unit;
        if (held->leaves_out)
            sum_living(held, unit, &held->of[unit]);
        else
            tq__hold_sum(held->ledger, held->limits, unit, &held->of[unit]);
    }
    return &held->of[unit];
}

/* ---- until when ------------------------------------------------------------------------------ */

/* What is held of a unit by leases that end behind `lease`. *first and *last are told the first and the last
 * end of all leases; each may be NULL. */
static int64_t held_behind(struct tq__held *held, uint32_t unit, uint64_t lease, uint64_t *first,
                           uint64_t *last)
{
    int64_t amounts = 0;

    for (uint32_t place = 0; place < tq__hold_places(held->limits); place++) {
        const struct tq__hold *hold = tq__hold_at(held->ledger, held->limits, place);
        uint64_t word, amount, own;

        if (!hold) {
            place |= TQ__HOLD_BLOCK - 1;
            continue;
        }
        word = atomic_load_explicit(&hold->word, memory_order_acquire); /* the amount is loaded after it */
        amount = atomic_load_explicit(&hold->amount[unit - 1], memory_order_relaxed);
        own = tq__hold_lease(word);
        if (tq__hold_state_of(word) != TQ__HOLD_HELD)
            continue;
        if (first && own < *first)
            *first = own;
        if (last && own > *last)
            *last = own;
        if (tq__hold_counts(word, amount) && own > lease)
            amounts += (int64_t)(amount & TQ__HOLD_AMOUNT_MAX);
    }
    return amounts;
}

int64_t tq__held_until(struct tq__held *held, uint32_t unit, int64_t most)
{
    uint64_t first = UINT64_MAX, last = 0;

    if (held_behind(held, unit, 0, &first, &last) <= most || first > last)
        return 0;
    while (first < last) { /* it is so behind `last`, and perhaps behind an earlier one */
        uint64_t middle = first + (last - first) / 2;

        if (held_behind(held, unit, middle, NULL, NULL) <= most)
            last = middle;
        else
            first = middle + 1;
    }
    return tq__lease_end_ns(last);
}

/* When no lease is left. */
static int64_t all_over_ns(struct tq__held *held)
{
    uint64_t last = 0;

    (void)held_behind(held, TQ_UNIT_TOKENS, 0, NULL, &last);
    return tq__lease_end_ns(last);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* An end by leases that have ended, but not by the clock, is a moment away. */
static int64_t later_than_now(const struct tq__held *held, int64_t end_ns)
{
    return end_ns > held->now_ns ? end_ns : held->now_ns + TQ__LEASE_UNIT_NS;
}

/* What the rule says with holds, when that is more than it says of counts alone; 0: it is not. Without holds
 * the latter is what is left. */
static int64_t rule_end_of(struct tq__held *held, int64_t with_ns, int64_t alone_ns)
{
    int64_t over_ns;

    if (with_ns <= alone_ns || with_ns <= held->now_ns)
        return 0;
    over_ns = all_over_ns(held);
    if (with_ns <= over_ns)
        return with_ns;
    return alone_ns > over_ns ? 0 : later_than_now(held, over_ns);
}

/* ---- looking --------------------------------------------------------------------------------- */

/* Says why, when `most` is not enough for what is used, held and withheld: held, when the first two are too
 * much. */
static void say_held(const struct tq__held *held, struct tq__held_out *out, int64_t most)
{
    out->reason = TQ_REASON_HELD;
    if (out->kept > 0 && out->held < most - out->used) {
        out->reason = TQ_REASON_SHARED;
        out->end_ns = tq__shared_end(out->end_ns, held->now_ns);
    }
}

/* The budget of the day. False: holds do not exclude by it. */
static bool look_at_budget(struct tq__held *held, struct tq__held_out *out)
{
    const struct tq__at at = tq__at(held->ledger, held->slot, held->now_ns);
    const struct tq__hold_sum *sum;
    struct tq__noted noted;
    int64_t used = at.budget > 0 ? tq__at_used(&at) : 0, alone_ns = 0, with_ns, kept;
    struct tq__part part;

    tq__day_part(&at, held->limits, &part);
    used = tq__weight(used, part.withheld);
    if (at.budget <= 0 || used >= at.budget)
        return false;
    kept = part.withheld - part.others;
    sum = tq__held_of(held, TQ_UNIT_TOKENS);
    *out = (struct tq__held_out){.amount = at.budget,
                                 .room = at.budget,
                                 .used = used - kept,
                                 .held = sum->amount,
                                 .kept = kept,
                                 .others = part.others,
                                 .heard_ns = part.heard_ns,
                                 .unit = TQ_UNIT_TOKENS,
                                 .length_ns = TQ__DAY_NS};
    if (sum->amount > 0 && sum->amount >= at.budget - used) {
        out->end_ns = later_than_now(
            held, earlier(at.window.end_ns, tq__held_until(held, TQ_UNIT_TOKENS, at.budget - used - 1)));
        say_held(held, out, at.budget);
        return true;
    }
    if (at.rule != TQ_RULE_CARE || sum->count == 0 || (used == 0 && sum->flying == 0))
        return false;
    noted = tq__at_noted(&at);
    with_ns = tq__care_until(&noted.half, noted.call, sum->flying, used + sum->amount, at.budget,
                             tq__care_chosen(held->slot), held->now_ns, at.window.end_ns);
    if (with_ns > held->now_ns && used > 0)
        alone_ns = tq__rule_end(&at, at.rule, &noted, used, at.budget, false);
    out->reason = TQ_REASON_PREDICTED;
    out->end_ns = rule_end_of(held, with_ns, alone_ns);
    out->expected =
        tq__rule_expects(&noted, tq__care_chosen(held->slot), sum->flying, at.budget,
                         at.budget - used - sum->amount, held->now_ns, at.window.end_ns, &out->expects);
    return out->end_ns > 0;
}

/* When used falls below what holds leave, or enough leases end. */
static int64_t limit_held_end(struct tq__held *held, const struct tq__line *line, int64_t most,
                              const struct tq__standing *now, int64_t amount)
{
    struct tq__standing less = {.terms = {.amount = now->terms.amount, .room = most - amount}};
    int64_t end_ns = INT64_MAX;

    if (less.terms.room > 0) {
        tq__line_stand_by(line, held->now_ns, false, &less);
        if (less.used >= less.terms.room)
            end_ns = less.until_ns;
    }
    return later_than_now(held, earlier(end_ns, tq__held_until(held, line->spec.unit, most - now->used - 1)));
}

/* A limit that may be out because of holds. False: it is not. */
static __attribute__((noinline)) bool look_at_line(struct tq__held *held, const struct tq__rule_asker *asker,
                                                   uint32_t i, struct tq__held_out *out)
{
    const struct tq__hold_sum *sum;
    struct tq__standing standing;
    struct tq__line line;
    int64_t most, alone_ns;

    if (!tq__line_open(&line, held->ledger, held->limits, i) || line.spec.unit >= TQ__UNITS)
        return false;
    sum = tq__held_of(held, line.spec.unit);
    tq__line_stand(&line, held->now_ns, held->use_reserve, &standing);
    most = held->use_reserve ? standing.terms.amount : standing.terms.room;
    if (standing.terms.amount == 0 || standing.used >= most || sum->count == 0)
        return false;
    *out = (struct tq__held_out){.line = i + 1,
                                 .amount = standing.terms.amount,
                                 .room = standing.terms.room,
                                 .used = tq__standing_shown(&standing),
                                 .held = sum->amount,
                                 .kept = standing.kept,
                                 .others = standing.others,
                                 .heard_ns = standing.heard_ns,
                                 .unit = line.spec.unit,
                                 .window = line.spec.window,
                                 .length_ns = tq__line_length_ns(&line, &standing)};
    if (sum->amount > 0 && sum->amount >= most - standing.used) {
        out->end_ns = limit_held_end(held, &line, most, &standing, sum->amount);
        say_held(held, out, most);
        return true;
    }
    alone_ns = tq__limit_rule_end(asker, &line, &standing, held->use_reserve);
    standing.held = sum->amount;
    standing.flying = sum->flying;
    out->reason = TQ_REASON_PREDICTED;
    out->end_ns = rule_end_of(held, tq__limit_rule_end(asker, &line, &standing, held->use_reserve), alone_ns);
    out->expected = tq__limit_rule_expects(asker, &line, &standing, held->use_reserve, &out->expects);
    return out->end_ns > 0;
}

/* Is a limit well with all that is held? In few steps: false also of some of which this is so. */
TQ__HOT bool is_well_held(struct tq__held *held, const struct tq__rule_asker *asker, uint32_t i,
                          uint32_t sharing, uint64_t spec, uint64_t quarter)
{
    const uint32_t unit = tq__spec_unit(spec) % TQ__UNITS;
    const struct tq__hold_sum *sum;
    struct tq__terms terms;
    uint64_t unused_tag;
    int64_t used;

    if (unit == 0) /* the vendor's share: nothing is held of it */
        return true;
    sum = held->summed >> unit & 1 ? &held->of[unit] : tq__held_of(held, unit);
    if (asker->care == 0) { /* no rule looks at what may be used yet */
        const struct tq__limit *limit = &held->limits->line[i];
        uint64_t bound, count;

        if (!tq__limit_is_ready(limit, spec, quarter, &bound))
            return false;
        count = atomic_load_explicit(&limit->count[tq__tag_of(bound) & 1], memory_order_acquire); /* M2 */
        count -= bound & ~TQ__METER_MAX;
        if (__builtin_expect(sharing != TQ__SHARED_NOT, 0) && count <= TQ__METER_MAX)
            count +=
                tq__withheld_quickly(held->ledger, held->limits, i, tq__tag_of(bound), sharing, held->now_ns);
        return count <= 2 * TQ__METER_MAX && tq__limit_is_below(limit, spec, count + (uint64_t)sum->amount);
    }
    if (!tq__shared_has_room(held->ledger, held->limits, i, sharing, spec, held->now_ns, &terms, &used,
                             &unused_tag))
        return false;
    return terms.amount == 0 ||
           (sum->amount < terms.room - used && (sum->flying == 0 || asker->care == 0) &&
            !tq__limit_may_run_out(asker, held->limits, spec, terms, used + sum->amount, held->use_reserve));
}

static uint32_t look_at_holds(struct tq__held *held, struct tq__held_out out[TQ__HELD_OUTS])
{
    const struct tq__rule_asker asker = tq__rule_asker(held->ledger, held->slot, held->now_ns);
    uint32_t lines = tq__limits_lines(held->limits, held->now_ns), count = 0;
    uint32_t sharing = lines > 0 ? tq__sharing_of(held->ledger, held->limits, held->now_ns) : TQ__SHARED_NOT;
    uint64_t quarter = tq__quarter_of(held->now_ns);

    held->summed = 0;
    if (atomic_load_explicit(&held->slot->budget, memory_order_relaxed) > 0 &&
        look_at_budget(held, &out[count]))
        count++;
    for (uint32_t i = 0; i < lines; i++) {
        /* Acquire pairs with limit_set.c. */
        uint64_t spec = atomic_load_explicit(&held->limits->line[i].spec, memory_order_acquire);

        if (tq__spec_window(spec) != 0 && !is_well_held(held, &asker, i, sharing, spec, quarter) &&
            look_at_line(held, &asker, i, &out[count]))
            count++;
    }
    return count;
}

void tq__held_free_dead(struct tq__held *held)
{
    tq__held_ask(held->ledger, held->limits); /* before the next look: ASKED */
    if (held->ledger->backing.read_only)
        held->leaves_out = true;
    else
        (void)tq__held_reap(held->ledger, held->limits, held->now_ns);
    held->summed = 0;
}

uint32_t tq__held_look(struct tq__held *held, struct tq__held_out out[TQ__HELD_OUTS])
{
    uint32_t count;

    held->leaves_out = false;
    if (tq__hold_places(held->limits) == 0) {
        held->summed = ~0u;
        memset(held->of, 0, sizeof held->of);
        return 0;
    }
    count = look_at_holds(held, out);
    if (count == 0)
        return 0;
    tq__held_free_dead(held);
    return look_at_holds(held, out);
}

int64_t tq__held_end(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                     int64_t now_ns, bool use_reserve)
{
    struct tq__held_out out[TQ__HELD_OUTS];
    struct tq__held held; /* field by field: its sums need no zeros */
    int64_t latest_ns = 0;
    uint32_t count;

    held.ledger = ledger;
    held.slot = slot;
    held.limits = limits;
    held.now_ns = now_ns;
    held.use_reserve = use_reserve;
    count = tq__held_look(&held, out);
    for (uint32_t i = 0; i < count; i++)
        if (out[i].end_ns > latest_ns)
            latest_ns = out[i].end_ns;
    return latest_ns;
}
