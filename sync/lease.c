/* lease.c: what a node claims of a window, what it was granted, and what its ledger withholds.
 *
 * SPDX-License-Identifier: MIT
 *
 * All numbers here are absolute counts "with the base": the ledger's and what it lacks. `mine` is what this
 * node used and holds; it may spend up to `granted`, so what is withheld from it is the amount without
 * (granted - base).
 */
#include <string.h>

#include "lease.h"
#include "sums.h"

#define SECOND_MS 1000
#define LEASE_LEAST_MS 10000 /* longer than a server's restart */
#define LEASE_NOTICES 8
#define RATE_FALLS_MS 8000 /* a rate that was seen once is forgotten in that time */
#define SEQ_AHEAD 64       /* flushes of the run before that may still be under way */
#define AHEAD_FLUSHES                                                                                        \
    4 /* a lead is for so many: one until it is told, one until it is granted, and as many in reserve */
#define QUIET_LEAST_MS 1000 /* who spent nothing for so long does not need its lead */
#define PRESSED_MS 5000     /* how long it stays without, once others asked */
#define TURNS 8             /* of nodes that all ask, one in so many does in each flush */
#define IDLE_PARTS 4 /* of its even part of what is left, a node that spends nothing has this fraction */

/* ---- numbers --------------------------------------------------------------------------------- */

/* What a rate spends in that time, rounded up. */
static int64_t spends(int64_t rate, int64_t ms)
{
    int64_t product;

    if (__builtin_mul_overflow(rate, ms, &product))
        return INT64_MAX / SECOND_MS;
    return product / SECOND_MS + (product % SECOND_MS != 0);
}

/* whole x part / of, of numbers that are not negative. */
static int64_t fraction(int64_t whole, int64_t part, int64_t of)
{
    int64_t product;

    return __builtin_mul_overflow(whole, part, &product) ? whole / of * part : product / of;
}

int64_t sync_notice_ms(int64_t every_ms)
{
    return most(3 * every_ms, every_ms + SECOND_MS);
}

int64_t sync_lease_ms(int64_t every_ms)
{
    return most(LEASE_LEAST_MS, LEASE_NOTICES * sync_notice_ms(every_ms));
}

/* ---- the own side ---------------------------------------------------------------------------- */

static bool has_level(const struct sync_view *view)
{
    return view->flags & (SYNC_LEASE_LEVEL | SYNC_LEASE_REFILL);
}

static bool is_always_leased(const struct sync_view *view)
{
    return view->flags & (SYNC_LEASE_STRICT | SYNC_LEASE_REFILL);
}

static int64_t base_of(const struct sync_lease *lease)
{
    return lease->base_added - lease->base_corrected;
}

static int64_t mine_of(const struct sync_lease *lease, const struct sync_view *view)
{
    return plus(plus(view->used, view->held), base_of(lease));
}

/* How fast this node and the others spend: the most that was seen, forgotten slowly. */
static void measure(struct sync_lease *next, const struct sync_view *view, const struct sync_heard *heard)
{
    int64_t passed = minus(view->now_ms, next->seen_ms);
    int64_t own = most(minus(view->added, next->seen_own), 0);
    int64_t others = most(minus(heard->others_added, next->seen_others), 0);
    int64_t falls = least(most(passed, 0), RATE_FALLS_MS);

    if (next->seen_ms && passed > 0) {
        /* Flushes may follow each other at once: what came between two is not a rate of its own. */
        int64_t during = most(passed, view->every_ms);
        int64_t own_rate = least(own, INT64_MAX / SECOND_MS) * SECOND_MS / most(during, 1);
        int64_t others_rate = least(others, INT64_MAX / SECOND_MS) * SECOND_MS / most(during, 1);

        if (own > 0)
            next->spent_ms = view->now_ms;
        next->rate = most(own_rate, next->rate - spends(next->rate, falls) / (RATE_FALLS_MS / SECOND_MS));
        next->others_rate = most(others_rate, next->others_rate - spends(next->others_rate, falls) /
                                                                      (RATE_FALLS_MS / SECOND_MS));
    }
    next->seen_ms = view->now_ms;
    next->seen_own = view->added;
    next->seen_others = heard->others_added;
}

/* A server that is younger than a claim lasts, or that lacks what it had, may have lost claims. */
static void notice_loss(struct sync_lease *next, const struct sync_view *view, const struct sync_heard *heard)
{
    int64_t lease_ms = sync_lease_ms(view->every_ms);

    next->learn_until_ms = most(next->learn_until_ms, plus(view->epoch_at_ms, lease_ms));
    if (heard->stored.seq < next->seq_heard)
        next->learn_until_ms = most(next->learn_until_ms, plus(view->now_ms, lease_ms));
    next->seq_heard = heard->stored.seq;
    /* A flush of the run before may have come in late. */
    if (heard->stored.seq > next->seq)
        next->seq = heard->stored.seq;
    next->epoch = view->epoch;
    next->is_learning = view->now_ms < next->learn_until_ms;
}

/* More is stored than was told: a flush of the run before came in late, which knew more than the ledger that
 * was put back. */
static void notice_base(struct sync_lease *next, const struct sync_entry *stored)
{
    next->base_added = plus(next->base_added, most(minus(stored->added, next->told_added), 0));
    next->base_corrected =
        plus(next->base_corrected, most(minus(stored->corrected, next->told_corrected), 0));
    next->told_added = most(next->told_added, stored->added);
    next->told_corrected = most(next->told_corrected, stored->corrected);
}

/* The others have heard of this node and of each change of the nodes: from then on an even part is an even
 * part. */
static bool is_settled(struct sync_lease *next, const struct sync_view *view)
{
    bool was_cut = minus(view->now_ms, next->heard_ms) > sync_notice_ms(view->every_ms);

    next->heard_ms = view->now_ms;
    if (next->machines != view->machines || view->has_silent || was_cut) {
        next->machines = view->machines;
        next->settled_at_ms = plus(view->now_ms, 2 * sync_notice_ms(view->every_ms));
    }
    return view->now_ms >= next->settled_at_ms;
}

/* ---- what the ledger is told ----------------------------------------------------------------- */

/* The amount without what this node may spend up to. */
static int64_t without(const struct sync_lease *next, const struct sync_view *view)
{
    return most(minus(view->amount, minus(next->granted, base_of(next))), 0);
}

static void tell(struct sync_lease *next, const struct sync_view *view, int64_t others, int64_t kept)
{
    int64_t based = most(plus(others, base_of(next)), others);

    next->others = others;
    next->withheld = next->is_leased ? without(next, view) : plus(based, kept);
    next->withheld_cut = without(next, view);
    if (!(view->flags & SYNC_LEASE_STRICT)) {
        if (view->flags & SYNC_LEASE_OPEN)
            next->withheld_cut = based;
        if (view->flags & SYNC_LEASE_CLOSED)
            next->withheld_cut = view->amount;
    }
    next->withheld = most(next->withheld, based);
    next->withheld_cut = most(next->withheld_cut, based);
}

/* ---- how much -------------------------------------------------------------------------------- */

/* Others ask for what this node does not need. */
static bool gives_all_back(const struct sync_lease *next, const struct sync_view *view, int64_t wish)
{
    int64_t quiet_ms = most(QUIET_LEAST_MS, AHEAD_FLUSHES * view->every_ms);

    return wish == 0 && next->pressed_ms != 0 && minus(view->now_ms, next->pressed_ms) < PRESSED_MS &&
           minus(view->now_ms, next->spent_ms) > quiet_ms;
}

/* What this node wants beyond what it used and holds, when `left` is what nobody used. */
static int64_t wanted_lead(const struct sync_lease *next, const struct sync_view *view, int64_t left,
                           int64_t wish)
{
    int64_t machines = most(view->machines, 1);
    bool is_busy = next->rate > 0 || wish > 0;
    int64_t ahead = spends(next->rate, AHEAD_FLUSHES * plus(view->every_ms, view->round_trip_ms));
    int64_t rates = most(plus(next->rate, next->others_rate), 1);
    int64_t part = most(left / machines, fraction(most(left, 0), next->rate, rates));
    int64_t idle = left / (IDLE_PARTS * machines);
    int64_t lead = most(least(ahead, part), idle);

    if (gives_all_back(next, view, wish))
        return 0;
    /* So that a node which has nothing can begin, as long as that is little of what is left. */
    if (left >= machines || is_busy)
        lead = most(lead, 1);
    lead = most(lead, wish);
    /* Callers without the flag see the claim less the reserve. */
    if (is_busy || left / machines / IDLE_PARTS >= view->reserve)
        lead = plus(lead, view->reserve);
    return least(lead, most(left, 0));
}

/* Nodes that all ask for more than there is do so in different flushes. */
static bool is_its_turn(const struct sync_lease *next, const struct sync_view *view)
{
    uint64_t mixed = (next->seq ^ (uint64_t)next->told_added << 20) * UINT64_C(0x9e3779b97f4a7c15);

    return (mixed >> 32) % (uint64_t)least(most(view->machines, 1), TURNS) == 0;
}

/* What was granted of the claim that was published. */
static int64_t granted_of(const struct sync_lease *lease, const struct sync_view *view,
                          const struct sync_heard *heard, int64_t published, int64_t mine, bool is_learning)
{
    int64_t fits = minus(view->amount, heard->weight), granted;
    /* What has ended, others may have been granted since. */
    int64_t before = view->now_ms < lease->end_ms ? lease->granted : least(lease->granted, mine);

    if (!heard->has_all)
        return least(before, published);
    /* The part of a node that spent freely was never looked at whether it fits. */
    granted = least(published, lease->is_leased ? most(fits, before) : fits);
    return is_learning ? least(granted, before) : granted;
}

/* The claim of a node that has no room for what its callers were refused. */
static void ask(struct sync_lease *next, const struct sync_view *view, int64_t mine, int64_t wish,
                bool is_pressed)
{
    if (!is_pressed || is_its_turn(next, view))
        next->claim = most(next->granted, plus(mine, wish));
    else
        next->claim = next->granted = least(next->granted, mine);
}

/* Only claims are spent: what was published is granted when all fits; what is not needed is given back. */
static void decide_leased(const struct sync_lease *lease, const struct sync_view *view,
                          const struct sync_heard *heard, int64_t mine, int64_t left, struct sync_lease *next)
{
    int64_t fits = minus(view->amount, heard->weight);
    int64_t wish = view->wish <= left ? view->wish : 0, lead;
    bool is_pressed;

    next->granted =
        granted_of(lease, view, heard, least(next->claim, heard->stored.claim), mine, next->is_learning);
    is_pressed = heard->has_all && fits < most(next->granted, mine);
    if (is_pressed)
        next->pressed_ms = view->now_ms;
    lead = wanted_lead(next, view, left, wish);
    /* A little too much is kept: the need changes with each flush. */
    if (minus(next->granted, mine) > plus(lead, lead / 2))
        next->granted = plus(mine, lead);
    next->claim = next->granted;
    if (!heard->has_all || next->is_learning)
        return;
    if (wish > 0 && plus(mine, wish) > most(fits, next->granted))
        ask(next, view, mine, wish, is_pressed);
    else
        next->claim = most(next->claim, least(plus(mine, lead), fits));
}

/* All is spent freely; the claim is the part that this node would have while it is cut off. */
static void decide_free(struct sync_lease *next, const struct sync_view *view, const struct sync_heard *heard,
                        int64_t mine, int64_t left, bool settled)
{
    int64_t part = most(minus(left, heard->kept), 0) / most(view->machines, 1);
    int64_t claim = view->flags & SYNC_LEASE_CLOSED ? mine : plus(mine, part);

    if (!settled)
        claim = least(claim, heard->has_all ? minus(view->amount, heard->weight) : next->granted);
    claim = most(claim, mine);
    next->granted = most(least(least(next->claim, heard->stored.claim), claim), mine);
    next->claim = claim;
}

void sync_lease_hear(const struct sync_lease *lease, const struct sync_view *view,
                     const struct sync_heard *heard, struct sync_lease *next)
{
    int64_t others, mine, left, blind;
    bool settled;

    *next = *lease;
    measure(next, view, heard);
    notice_loss(next, view, heard);
    if (!has_level(view) && heard->stored.start_s == view->start_s)
        notice_base(next, &heard->stored);
    settled = is_settled(next, view);
    others = most(minus(heard->others_added, heard->others_corrected), 0);
    /* The server may have forgotten some, which others will tell it again. */
    if (next->is_learning)
        others = most(others, view->told_others);
    mine = mine_of(next, view);
    left = minus(minus(view->amount, others), mine);
    blind = spends(plus(next->rate, next->others_rate),
                   plus(plus(view->every_ms, view->round_trip_ms), sync_notice_ms(view->every_ms)));
    /* What a silent node claims of a level holds what it used: there all spend claims. */
    next->is_leased = is_always_leased(view) || (has_level(view) && heard->kept > 0) ||
                      minus(left, heard->kept) <= plus(blind, lease->is_leased ? blind : 0);
    if (heard->has_all)
        next->unheard = heard->freed;
    next->end_ms = minus(next->claim_end_ms, sync_notice_ms(view->every_ms));
    if (next->is_leased)
        decide_leased(lease, view, heard, mine, left, next);
    else
        decide_free(next, view, heard, mine, left, settled);
    next->asks_all =
        next->is_leased || !settled || next->is_learning || minus(left, heard->kept) <= plus(blind, blind);
    tell(next, view, others, heard->kept);
}

void sync_lease_own(struct sync_lease *lease, const struct sync_view *view, struct sync_entry *own)
{
    bool is_strict = view->flags & SYNC_LEASE_STRICT;
    bool level = has_level(view);

    lease->claim = most(most(lease->claim, lease->granted), mine_of(lease, view));
    lease->claim_end_ms = plus(view->now_ms, is_strict ? sync_lease_ms(view->every_ms) : SYNC_KEEP_MS);
    own->seq = ++lease->seq;
    own->start_s = view->start_s;
    own->added = lease->told_added = level ? 0 : plus(view->added, lease->base_added);
    own->corrected = lease->told_corrected = level ? 0 : plus(view->corrected, lease->base_corrected);
    own->claim = lease->claim;
    own->until_ms = lease->claim_end_ms;
}

/* ---- begin, alone, leave --------------------------------------------------------------------- */

/* What the stored entry has above the ledger's totals. Of a strict limit, all that was claimed may have been
 * spent. */
static void learn_base(struct sync_lease *next, const struct sync_view *view, const struct sync_entry *stored)
{
    int64_t had_added = view->has_had ? view->had_added : view->added;
    int64_t had_corrected = view->has_had ? view->had_corrected : view->corrected;
    int64_t added, corrected, weighs;

    if (has_level(view))
        return;
    next->base_added = view->base_added;
    next->base_corrected = view->base_corrected;
    if (stored->seq == 0 || stored->start_s != view->start_s)
        return;
    added = minus(stored->added, had_added);
    corrected = minus(stored->corrected, had_corrected);
    if (added <= next->base_added && corrected <= next->base_corrected)
        return;
    next->base_added = most(next->base_added, added);
    next->base_corrected = most(next->base_corrected, corrected);
    weighs = minus(plus(had_added, next->base_added), plus(had_corrected, next->base_corrected));
    if (view->flags & SYNC_LEASE_STRICT)
        next->base_added = plus(next->base_added, most(minus(stored->claim, weighs), 0));
}

void sync_lease_learn(const struct sync_view *view, const struct sync_heard *heard, struct sync_lease *next)
{
    const struct sync_entry *stored = &heard->stored;
    int64_t others = most(most(minus(heard->others_added, heard->others_corrected), 0), view->told_others);
    int64_t mine;

    memset(next, 0, sizeof *next);
    next->start_s = view->start_s;
    /* Behind every flush of the runs before, also when the server has lost them and others remember: a run
     * has fewer flushes than milliseconds. */
    next->seq = stored->seq + SEQ_AHEAD;
    if (view->now_ms > 0 && next->seq < (uint64_t)view->now_ms)
        next->seq = (uint64_t)view->now_ms;
    measure(next, view, heard);
    notice_loss(next, view, heard);
    is_settled(next, view);
    learn_base(next, view, stored);
    mine = mine_of(next, view);
    /* What the ledger allows now, its callers may be spending: it was granted, unless the ledger was put
     * back. What is held may be a hold that is being refused. */
    next->granted = is_always_leased(view) ? minus(mine, view->held) : mine;
    if (view->told >= 0 && base_of(next) == view->base_added - view->base_corrected && stored->seq != 0)
        next->granted =
            most(next->granted, least(plus(minus(view->amount, view->told), base_of(next)), stored->claim));
    next->claim = next->granted;
    next->is_leased = is_always_leased(view);
    next->is_learned = next->asks_all = true;
    tell(next, view, others, heard->kept);
}

bool sync_lease_alone(const struct sync_lease *lease, const struct sync_view *view, struct sync_lease *next)
{
    int64_t mine = mine_of(lease, view);

    *next = *lease;
    if (!(view->flags & SYNC_LEASE_STRICT) || view->now_ms < lease->end_ms || lease->granted <= mine)
        return false;
    next->granted = mine;
    tell(next, view, lease->others, 0);
    return true;
}

void sync_lease_leave(const struct sync_lease *lease, const struct sync_view *view, struct sync_lease *next)
{
    *next = *lease;
    if (!is_always_leased(view))
        return;
    next->granted = next->claim = least(lease->granted, mine_of(lease, view));
    tell(next, view, lease->others, 0);
}
