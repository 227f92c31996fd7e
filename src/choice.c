/* choice.c: what is left of the windows of a provider, and what a call may use.
 *
 * SPDX-License-Identifier: MIT
 */
#include "choice.h"

#include "base/number.h"
#include "held.h"
#include "limit_rule.h"
#include "limits.h"
#include "shared.h"
#include "state.h"
#include "stated.h"

/* ---- comparing ------------------------------------------------------------------------------- */

/* A product of three numbers. */
struct product {
    tq__uint128 high;
    uint64_t low;
};

static struct product product_of(uint64_t a, uint64_t b, uint64_t c)
{
    const tq__uint128 ab = (tq__uint128)a * b, low = (tq__uint128)(uint64_t)ab * c;

    return (struct product){(ab >> 64) * c + (low >> 64), (uint64_t)low};
}

/* Is a x times greater than b by a factor of up / down, or equal? */
static bool reaches(const struct tq__pressure *a, uint64_t down, const struct tq__pressure *b, uint64_t up)
{
    /* No length of time is above 2^62 ns: three of them are below 2^64. */
    const struct product own = product_of(a->left, b->amount, b->until_ns * down);
    const struct product other = product_of(b->left, a->amount, a->until_ns * up);

    return own.high != other.high ? own.high > other.high : own.low >= other.low;
}

bool tq__pressure_exceeds(const struct tq__pressure *a, const struct tq__pressure *b)
{
    return !reaches(b, 1, a, 1);
}

bool tq__pressure_is_worth(const struct tq__pressure *other, const struct tq__pressure *last)
{
    return tq__pressure_exceeds(other, last) && reaches(other, 2, last, 3);
}

/* ---- pressure -------------------------------------------------------------------------------- */

/* Who looks at a level. */
struct looking {
    struct tq_ledger *ledger;
    struct tq__limits *limits;
    int64_t now_ns;
    bool use_reserve;
    struct tq__rule_asker asker;
    uint32_t sharing;
    struct tq__held *held; /* NULL: nothing is held */
};

/* What calls that run hold of a unit, which is not left. */
TQ__HOT int64_t amount_held(struct tq__held *held, uint32_t unit)
{
    return held && unit < TQ__UNITS ? tq__held_of(held, unit)->amount : 0;
}

/* Has a window that is as long as the longest more pressure, or as much? Then that one counts. */
static __attribute__((noinline)) bool is_more(const struct tq__pressure *longest, uint64_t left,
                                              uint64_t amount, uint64_t until_ns)
{
    const struct tq__pressure own = {left, amount, until_ns, longest->length_ns};

    return !tq__pressure_exceeds(longest, &own);
}

/* Takes a window into account. left may be below 0: that is nothing. Field by field, because a struct that is
 * written in halves and copied at once is waited for. */
TQ__HOT void meet(struct tq__pressure *longest, int64_t length_ns, int64_t left, int64_t amount,
                  int64_t until_ns)
{
    uint64_t some = left > 0 ? (uint64_t)left : 0;

    if (length_ns < longest->length_ns ||
        (length_ns == longest->length_ns && is_more(longest, some, (uint64_t)amount, (uint64_t)until_ns)))
        return;
    longest->left = some;
    longest->amount = (uint64_t)amount;
    longest->until_ns = (uint64_t)until_ns;
    longest->length_ns = length_ns;
}

/* The reserve that the user set of a vendor's share, in parts of the whole. */
static int64_t units_kept(const struct tq__line *line)
{
    /* Relaxed as in tq__limit_terms. */
    uint64_t reserve = atomic_load_explicit(&line->limit->reserve, memory_order_relaxed);

    return tq__version_of(reserve) == line->spec.version ? (int64_t)(reserve >> TQ__METER_BITS & 0xffff) : 0;
}

/* Takes a window by the vendor's reading into account. False: there is none that says enough. A limit that
 * the user set has an amount, by which its reserve is a part of the whole. */
static bool meet_reading(const struct looking *looking, const struct tq__line *line,
                         struct tq__pressure *longest)
{
    const struct tq__terms terms = tq__limit_terms(line->limit, line->word);
    const bool is_own = line->spec.window != TQ_WINDOW_STATED;
    const int64_t whole = TQ__STATED_WHOLE, amount = terms.amount > 0 ? terms.amount : 1;
    int64_t length_ns = tq__spec_length_ns(&line->spec), until_ns, reserve = 0;
    struct tq__stated stated;

    if (length_ns == 0 || !tq__stated_reading(line, &stated) || stated.share == TQ__STATED_UNKNOWN ||
        stated.reset_s == 0 || stated.flags & TQ__READING_OPEN)
        return false;
    until_ns = stated.reset_s * TQ__SECOND_NS - looking->now_ns;
    if (until_ns <= 0) { /* the next one may have begun, or begins with the next call */
        if (is_own)
            return false;
        stated.share = 0;
        until_ns = length_ns;
    }
    if (!looking->use_reserve && !is_own)
        reserve = units_kept(line);
    else if (!looking->use_reserve && terms.amount > 0)
        reserve = whole * (terms.amount - terms.room);
    /* Amounts are below 2^40, shares below 2^17. */
    meet(longest, length_ns, amount * (whole - stated.share) - reserve, amount * whole, until_ns);
    return true;
}

/* Takes the window of a limit into account, whatever kind it is of. */
static __attribute__((noinline)) void meet_line(const struct looking *looking, uint32_t i,
                                                struct tq__pressure *longest)
{
    struct tq__standing standing;
    struct tq__line line;
    int64_t room;

    if (!tq__line_open(&line, looking->ledger, looking->limits, i) || meet_reading(looking, &line, longest) ||
        (line.spec.window != TQ_WINDOW_FIRST_USE && !tq__window_turns(line.spec.window)))
        return;
    if (line.spec.window == TQ_WINDOW_FIRST_USE && tq__spec_length_ns(&line.spec) < longest->length_ns)
        return;
    tq__line_stand(&line, looking->now_ns, looking->use_reserve, &standing);
    if (standing.terms.amount == 0)
        return;
    if (standing.end_ns == 0) {
        standing.start_ns = looking->now_ns;
        standing.end_ns = tq__instant_after(looking->now_ns, tq__spec_length_ns(&line.spec));
    }
    room = looking->use_reserve ? standing.terms.amount : standing.terms.room;
    meet(longest, standing.end_ns - standing.start_ns,
         room - standing.used - amount_held(looking->held, line.spec.unit), standing.terms.amount,
         standing.end_ns - looking->now_ns);
}

/* Takes a limit into account in few steps: one whose window holds the quarter hour, that has room, and of
 * which the vendor has said nothing. False: it is another. A window that is shorter than another counts for
 * nothing. */
TQ__HOT bool meet_quickly(const struct looking *looking, uint32_t i, uint64_t spec, uint64_t quarter,
                          struct tq__pressure *longest)
{
    const struct tq__limit *limit = &looking->limits->line[i];
    const uint64_t bound = tq__limit_bound(limit, spec);
    const struct tq__bound parts = tq__bound_unpack(bound);
    struct tq__terms terms;
    uint64_t unused_tag;
    int64_t used;

    /* Relaxed: meet_line reads it again. */
    if (!tq__window_turns(tq__spec_window(spec)) || !tq__limit_spans(bound, spec, quarter) ||
        atomic_load_explicit(&looking->limits->rest[i].reading, memory_order_relaxed) != 0 ||
        !tq__shared_has_room(looking->ledger, looking->limits, i, looking->sharing, spec, looking->now_ns,
                             &terms, &used, &unused_tag) ||
        tq__limit_may_run_out(&looking->asker, looking->limits, spec, terms, used, looking->use_reserve))
        return false;
    if (parts.length * TQ__QUARTER_NS >= longest->length_ns && terms.amount > 0)
        meet(longest, parts.length * TQ__QUARTER_NS,
             (looking->use_reserve ? terms.amount : terms.room) - used -
                 amount_held(looking->held, tq__spec_unit(spec)),
             terms.amount, tq__quarter_begin(parts.start + parts.length) - looking->now_ns);
    return true;
}

/* Takes the limits of a level into account. Returns the latest end of those that exclude; 0: none does. */
TQ__HOT int64_t meet_limits(const struct looking *looking, struct tq__slot *slot,
                            struct tq__pressure *longest)
{
    uint32_t lines = tq__limits_lines(looking->limits, looking->now_ns);
    uint64_t quarter = tq__quarter_of(looking->now_ns);
    bool overage_stop = tq__overage_stops(slot);
    int64_t latest_ns = 0;

    for (uint32_t i = 0; i < lines; i++) {
        const struct tq__limit *limit = &looking->limits->line[i];
        uint64_t spec = atomic_load_explicit(&limit->spec, memory_order_acquire); /* pairs with limit_set.c */
        int64_t end_ns;

        if (tq__spec_window(spec) == 0 || (!tq__stated_may_exclude(limit, spec, overage_stop) &&
                                           meet_quickly(looking, i, spec, quarter, longest)))
            continue;
        end_ns = tq__limits_end_of(looking->ledger, slot, looking->limits, i, looking->now_ns,
                                   looking->use_reserve);
        if (end_ns > latest_ns)
            latest_ns = end_ns;
        meet_line(looking, i, longest);
    }
    return latest_ns;
}

/* The same of a level's budget. */
TQ__HOT void meet_budget(const struct looking *looking, struct tq__slot *slot, struct tq__pressure *longest)
{
    struct tq__at at;

    if (atomic_load_explicit(&slot->budget, memory_order_relaxed) <= 0)
        return;
    at = tq__at(looking->ledger, slot, looking->now_ns);
    if (at.budget > 0)
        meet(longest, TQ__DAY_NS,
             at.budget - tq__weight(tq__at_used(&at), tq__day_withheld(&at, looking->limits)) -
                 amount_held(looking->held, TQ_UNIT_TOKENS),
             at.budget, at.window.end_ns - looking->now_ns);
}

/* What calls that run hold of a level. Returns the latest end of what that excludes. */
static TQ__COLD int64_t look_at_held(struct looking *looking, struct tq__slot *slot, struct tq__held *held)
{
    struct tq__held_out out[TQ__HELD_OUTS];
    int64_t latest_ns = 0;
    uint32_t count;

    *held = (struct tq__held){.ledger = looking->ledger,
                              .slot = slot,
                              .limits = looking->limits,
                              .now_ns = looking->now_ns,
                              .use_reserve = looking->use_reserve};
    looking->held = held;
    count = tq__held_look(held, out);
    for (uint32_t i = 0; i < count; i++)
        if (out[i].end_ns > latest_ns)
            latest_ns = out[i].end_ns;
    return latest_ns;
}

int64_t tq__pressure_of(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, bool use_reserve,
                        struct tq__pressure *pressure)
{
    struct looking looking = {.ledger = ledger, .now_ns = now_ns, .use_reserve = use_reserve};
    int64_t latest_ns = 0, end_ns;
    struct tq__levels levels;
    struct tq__held held;

    pressure->left = 0;
    pressure->amount = pressure->until_ns = 1;
    pressure->length_ns = 0;
    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        end_ns = tq__state_end(levels.slot[i]);
        if (end_ns > latest_ns)
            latest_ns = end_ns;
        looking.limits = tq__limits_of(ledger, levels.slot[i]);
        looking.held = NULL;
        if (looking.limits) {
            if (tq__held_any(looking.limits)) {
                end_ns = look_at_held(&looking, levels.slot[i], &held);
                if (end_ns > latest_ns)
                    latest_ns = end_ns;
            }
            looking.asker = tq__rule_asker(ledger, levels.slot[i], now_ns);
            looking.sharing = tq__sharing_of(ledger, looking.limits, now_ns);
            end_ns = tq__day_out_at(ledger, levels.slot[i], looking.limits, now_ns, NULL);
            if (end_ns > latest_ns)
                latest_ns = end_ns;
            end_ns = meet_limits(&looking, levels.slot[i], pressure);
            if (end_ns > latest_ns)
                latest_ns = end_ns;
        }
        meet_budget(&looking, levels.slot[i], pressure);
    }
    return latest_ns;
}

/* ---- the room for one call ------------------------------------------------------------------- */

/* Takes what is left of a bound into account. end_ns: when there is room again; INT64_MAX: nobody knows. */
static void bind(struct tq__call_room *room, int64_t left, int64_t need, int64_t end_ns)
{
    if (left < room->tokens)
        room->tokens = left > 0 ? left : 0;
    if (left < need && end_ns > room->until_ns)
        room->until_ns = end_ns;
}

/* Does a limit count the tokens of a call that has no parts yet? */
static bool counts_tokens(uint32_t unit)
{
    return unit == TQ_UNIT_TOKENS || unit == TQ_UNIT_TOTAL || unit == TQ_UNIT_WEIGHTED;
}

/* Takes a limit into account. When it lacks room, its end is asked for as that of a limit whose room is
 * smaller by all of the call but one token, and by what is held: such a limit excludes just as long, unless
 * leases end earlier. */
static void bind_line(const struct tq__line *line, int64_t need, int64_t now_ns, bool use_reserve,
                      struct tq__held *held, struct tq__call_room *room)
{
    int64_t most, left, until_ns = INT64_MAX, held_ns, amount = amount_held(held, line->spec.unit);
    struct tq__standing standing;

    tq__line_stand(line, now_ns, use_reserve, &standing);
    if (standing.terms.amount == 0)
        return;
    most = use_reserve ? standing.terms.amount : standing.terms.room;
    left = most - standing.used - amount;
    if (left < need && need <= most) {
        held_ns = amount > 0 && standing.used <= most - need
                      ? tq__held_until(held, line->spec.unit, most - need - standing.used)
                      : 0;
        standing.terms.room = most - need + 1 - amount;
        if (standing.terms.room > 0) {
            tq__line_stand_by(line, now_ns, false, &standing);
            until_ns = standing.until_ns;
        }
        if (held_ns > now_ns && held_ns < until_ns)
            until_ns = held_ns;
        if (standing.kept > 0 && need <= left + standing.kept)
            until_ns = tq__shared_end(until_ns, now_ns);
    }
    bind(room, left, need, until_ns);
}

/* Takes the day's budget into account. */
static void bind_budget(const struct tq__at *at, int64_t need, struct tq__held *held,
                        struct tq__call_room *room)
{
    int64_t amount = amount_held(held, TQ_UNIT_TOKENS), used = tq__at_used(at), left;
    int64_t until_ns = need <= at->budget ? at->window.end_ns : INT64_MAX, held_ns = 0;
    struct tq__part part;

    tq__day_part(at, tq__limits_of(at->ledger, at->slot), &part);
    left = at->budget - tq__weight(used, part.withheld);
    if (part.withheld > part.others && tq__weight(used, part.others) <= at->budget - need)
        until_ns = tq__shared_end(until_ns, at->now_ns);

    if (amount > 0 && left >= need)
        held_ns = tq__held_until(held, TQ_UNIT_TOKENS, left - need);
    if (held_ns > at->now_ns && held_ns < until_ns)
        until_ns = held_ns;
    bind(room, left - amount, need, until_ns);
}

/* One level. */
static void bind_level(const struct tq__at *at, int64_t need, bool use_reserve, struct tq__held *held,
                       struct tq__call_room *room)
{
    struct tq__limits *limits = tq__limits_of(at->ledger, at->slot);
    struct tq__line line;

    if (at->budget > 0)
        bind_budget(at, need, held, room);
    for (uint32_t i = 0; i < tq__limits_lines(limits, at->now_ns); i++)
        if (tq__line_open(&line, at->ledger, limits, i) && counts_tokens(line.spec.unit))
            bind_line(&line, need, at->now_ns, use_reserve, held, room);
}

/* A level of which calls that run may hold something: what is dead is freed when it is in the way. */
static TQ__COLD void bind_held_level(const struct tq__at *at, int64_t need, bool use_reserve,
                                     struct tq__call_room *room)
{
    const struct tq__call_room before = *room;
    struct tq__held held = {.ledger = at->ledger,
                            .slot = at->slot,
                            .limits = tq__limits_of(at->ledger, at->slot),
                            .now_ns = at->now_ns,
                            .use_reserve = use_reserve};

    bind_level(at, need, use_reserve, &held, room);
    if (room->tokens >= need || room->tokens == before.tokens)
        return;
    tq__held_free_dead(&held);
    *room = before;
    bind_level(at, need, use_reserve, &held, room);
}

void tq__call_room_of(struct tq_ledger *ledger, struct tq__slot *slot, int64_t need, int64_t now_ns,
                      bool use_reserve, struct tq__call_room *room)
{
    struct tq__levels levels;

    *room = (struct tq__call_room){.tokens = INT64_MAX};
    tq__levels_of(ledger, slot, &levels);
    for (uint32_t level = 0; level < levels.count; level++) {
        const struct tq__at at = tq__at(ledger, levels.slot[level], now_ns);

        if (tq__held_any(tq__limits_of(ledger, levels.slot[level])))
            bind_held_level(&at, need, use_reserve, room);
        else
            bind_level(&at, need, use_reserve, NULL, room);
    }
}
