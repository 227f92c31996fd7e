/* window.c: one window's round: what the node says of it, what it hears, and what the ledger is told.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "sync/overshoot.h"
#include "sync/window.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define ONCE_MS (400 * DAY_MS) /* how long a limit without an end is kept when nobody says anything of it */

static bool has_own_hash(const struct sync_window *window)
{
    return window->limit.window != TQ_WINDOW_FIRST_USE && window->limit.window != TQ_WINDOW_ROLLING &&
           window->limit.window != TQ_WINDOW_REFILL && window->limit.window != TQ_WINDOW_ONCE;
}

int64_t sync_window_key(const struct sync_window *window)
{
    return has_own_hash(window) ? window->start_at_ns / TQ__SECOND_NS : 0;
}

/* How long the window is; 0: once. */
static int64_t length_ms(const struct sync_window *window)
{
    if (window->limit.length_ns > 0)
        return window->limit.length_ns / TQ__MS_NS;
    return (window->share.end_at_ns - window->share.start_at_ns) / TQ__MS_NS;
}

/* Behind its end it is kept for records that are late. */
static int64_t expire_ms(const struct sync_window *window, int64_t now_ns)
{
    int64_t length = length_ms(window);

    if (length == 0)
        return ONCE_MS;
    if (!has_own_hash(window))
        return length + DAY_MS;
    return (window->share.end_at_ns - now_ns) / TQ__MS_NS + (length < DAY_MS ? length : DAY_MS) + HOUR_MS;
}

static uint32_t flags_of(const struct sync_window *window)
{
    uint32_t flags = window->share.flags & TQ_SHARE_STRICT ? SYNC_LEASE_STRICT : 0;

    if (window->limit.window == TQ_WINDOW_ROLLING)
        flags |= SYNC_LEASE_LEVEL;
    if (window->limit.window == TQ_WINDOW_REFILL)
        flags |= SYNC_LEASE_REFILL;
    if (window->cut == TQ_CUT_OPEN)
        flags |= SYNC_LEASE_OPEN;
    if (window->cut == TQ_CUT_CLOSED)
        flags |= SYNC_LEASE_CLOSED;
    return flags;
}

/* Rolling, refill and once are one window for ever. */
static int64_t start_s(const struct sync_window *window)
{
    return has_own_hash(window) || window->limit.window == TQ_WINDOW_FIRST_USE
               ? window->share.start_at_ns / TQ__SECOND_NS
               : 0;
}

static struct sync_view view_of(const struct sync_window *window, const struct sync_moment *moment)
{
    const struct tq_share *share = &window->share;
    bool is_rolling = window->limit.window == TQ_WINDOW_ROLLING;
    bool has_base = !window->base.is_had && window->base.start_s == start_s(window);
    struct sync_view view = {
        .flags = flags_of(window),
        .machines = moment->machines,
        .has_silent = moment->has_silent,
        .start_s = start_s(window),
        .amount = share->amount,
        .reserve = share->reserve,
        .added = is_rolling ? window->grown : share->added,
        .corrected = is_rolling ? 0 : share->corrected,
        .used = share->used,
        .held = share->held,
        .wish = share->wish,
        .base_added = has_base ? window->base.added : 0,
        .base_corrected = has_base ? window->base.corrected : 0,
        .told_others = share->heard_at_ns != 0 ? share->others : 0,
        .told = share->heard_at_ns == 0                 ? -1
                : share->withheld < share->withheld_cut ? share->withheld
                                                        : share->withheld_cut,
        .length_ms = length_ms(window),
        .every_ms = moment->every_ms,
        .round_trip_ms = moment->round_trip_ms,
        .now_ms = moment->server_ms,
        .epoch_at_ms = moment->epoch_at_ms,
        .epoch = moment->epoch,
    };

    view.has_had = sync_had(&window->base, view.start_s, &view.had_added, &view.had_corrected);
    return view;
}

static int64_t bounded(int64_t number)
{
    return number < 0 ? 0 : number < SYNC_TOTAL_MOST ? number : SYNC_TOTAL_MOST;
}

/* The script computes in doubles. A count that is saturated is more than any amount all the same. */
static void bound_entry(struct sync_entry *entry)
{
    entry->start_s = entry->start_s < 0 ? 0 : entry->start_s;
    entry->added = bounded(entry->added);
    entry->corrected = bounded(entry->corrected);
    entry->claim = bounded(entry->claim);
}

/* An entry that says nothing new is said as it was: the server compares it, and writes nothing. Not where
 * claims decide, and not when its claim has lasted half its time. */
static void say_as_before(struct sync_window *window, const struct sync_view *view, struct sync_entry *own)
{
    const struct sync_entry *said = &window->said;

    if (!window->lease.is_leased && !(view->flags & (SYNC_LEASE_STRICT | SYNC_LEASE_REFILL)) &&
        said->seq != 0 && said->seq + 1 == own->seq && said->start_s == own->start_s &&
        said->added == own->added && said->corrected == own->corrected && said->claim == own->claim &&
        said->until_ms - view->now_ms > SYNC_KEEP_MS / 2) {
        *own = *said;
        window->lease.seq = said->seq;
        window->lease.claim_end_ms = said->until_ms;
    }
    window->said = *own;
}

void sync_window_item(struct sync_window *window, const struct sync_moment *moment, struct sync_item *item)
{
    struct sync_view view = view_of(window, moment);

    *item = (struct sync_item){
        .limit = window->limit.identity,
        .key_s = sync_window_key(window),
        .expire_ms = expire_ms(window, moment->now_ns),
        .writes = window->lease.is_learned && !(window->share.flags & TQ_SHARE_NONE),
        .asks_all = !window->lease.is_learned || window->lease.asks_all ||
                    window->limit.window == TQ_WINDOW_FIRST_USE,
        .stored = window->stored,
        .corrected = window->sum_corrected,
    };
    window->stored.seq = 0; /* until the answer */
    if (item->writes) {
        sync_lease_own(&window->lease, &view, &item->own);
        say_as_before(window, &view, &item->own);
    }
    bound_entry(&item->own);
    /* A limit without an amount counts, and nobody claims anything of it. */
    if (window->share.amount == 0)
        item->own.claim = item->own.until_ms = 0;
}

bool sync_window_item_before(struct sync_window *window, const struct sync_moment *moment,
                             struct sync_item *item)
{
    const struct tq_share *share = &window->share;
    const struct sync_base *base = &window->base;
    bool is_based = base->start_s == sync_window_key(window);

    if (!has_own_hash(window) || (share->added == 0 && share->corrected == 0) ||
        (window->said_added == share->added && window->said_corrected == share->corrected))
        return false;
    *item = (struct sync_item){
        .limit = window->limit.identity,
        .key_s = sync_window_key(window),
        .expire_ms = expire_ms(window, moment->now_ns),
        .writes = !(is_based && base->is_had),
        .own = {.seq = window->lease.seq < (uint64_t)moment->server_ms ? (uint64_t)moment->server_ms
                                                                       : window->lease.seq + 1,
                .start_s = sync_window_key(window),
                .added = bounded(share->added) + (is_based ? base->added : 0),
                .corrected = bounded(share->corrected) + (is_based ? base->corrected : 0)},
    };
    bound_entry(&item->own);
    window->lease.seq = item->own.seq;
    return item->expire_ms > 0;
}

bool sync_window_hear_before(struct sync_window *window, const struct sync_item *item)
{
    struct sync_base *base = &window->base;
    int64_t added = item->stored.added - base->added, corrected = item->stored.corrected - base->corrected;

    if (item->writes) { /* nothing was counted between */
        window->said_added = window->share.added;
        window->said_corrected = window->share.corrected;
        return false;
    }
    base->is_had = false;
    base->added = item->stored.seq != 0 && added > 0 ? added : 0;
    base->corrected = item->stored.seq != 0 && corrected > 0 ? corrected : 0;
    return true;
}

/* ---- what the ledger is told ----------------------------------------------------------------- */

/* What this machine spent before its ledger was put back: the ledger lacks it, as if others had used it. */
static int64_t base_of(const struct sync_lease *lease)
{
    int64_t base = lease->base_added - lease->base_corrected;

    return base > 0 ? base : 0;
}

/* Does the ledger have it, by what was read of it in this round? When it was heard is told once a second. */
static bool is_told(const struct tq_share *has, const struct tq_share *share, int64_t now_ns)
{
    return has->others == share->others && has->withheld == share->withheld &&
           has->withheld_cut == share->withheld_cut && has->heard_at_ns <= now_ns &&
           now_ns - has->heard_at_ns < TQ__SECOND_NS;
}

static int tell(struct sync_window *window, const struct sync_moment *moment, const struct sync_lease *next,
                struct tq_provider *provider)
{
    struct tq_share share = window->share;

    if (__builtin_add_overflow(next->others, base_of(next), &share.others))
        share.others = INT64_MAX;
    share.withheld = next->withheld;
    share.withheld_cut = next->withheld_cut;
    if (!is_told(&window->share, &share, moment->now_ns)) {
        /* A bucket refills by its share from the instant that it is told of, which is that of the answer. */
        int64_t told_ns = window->limit.window == TQ_WINDOW_REFILL ? moment->heard_ns : moment->now_ns;
        int answer = tq_provider_set_share(provider, &share, told_ns);

        if (answer != 0)
            return answer;
        share.heard_at_ns = told_ns;
    }
    window->lease = *next;
    window->share = share;
    return 0;
}

/* Without an amount nothing is leased: the count of the others is for display. */
static void decide_count(struct sync_lease *next, const struct sync_heard *heard)
{
    int64_t others = heard->others_added - heard->others_corrected;

    next->others = others > 0 ? others : 0;
    next->withheld = next->withheld_cut = next->others;
    next->asks_all = false;
    next->is_learned = true;
    if (heard->stored.seq > next->seq)
        next->seq = heard->stored.seq;
}

static void measure_bound(struct sync_window *window, const struct sync_moment *moment,
                          const struct sync_lease *next)
{
    const struct sync_bound bound = {
        .flags = flags_of(window),
        .rates = next->rate + next->others_rate,
        .every_ms = moment->every_ms,
        .round_trip_ms = moment->round_trip_ms,
        .notice_ms = sync_notice_ms(moment->every_ms),
        .unheard = next->unheard,
    };

    window->bound = window->share.amount == 0 ? 0 : sync_overshoot(&bound);
}

/* What the ledger was told of others has the base in it, which is no other's. */
static void take_base_out(const struct sync_window *window, const struct sync_entry *stored,
                          struct sync_view *view)
{
    int64_t base = base_of(&window->lease);

    if (!window->lease.is_learned && stored->seq != 0 && stored->start_s == view->start_s &&
        !(view->flags & (SYNC_LEASE_LEVEL | SYNC_LEASE_REFILL)))
        base = (stored->added - stored->corrected) - (view->added - view->corrected);
    if (!window->lease.is_learned && base < view->base_added - view->base_corrected)
        base = view->base_added - view->base_corrected;
    if (base > 0)
        view->told_others = view->told_others > base ? view->told_others - base : 0;
}

/* Tells that nothing is withheld of a strict first-use limit whose window has not begun, so that a call may
 * begin one while others are heard. Of that window nothing was told: what the call holds must be leased
 * first. While cut off none begins. */
static int tell_to_come(struct sync_window *window, const struct sync_moment *moment,
                        struct tq_provider *provider)
{
    const struct sync_lease next = {.seq = window->lease.seq, .withheld_cut = INT64_MAX};

    return tell(window, moment, &next, provider);
}

int sync_window_hear(struct sync_window *window, const struct sync_moment *moment,
                     const struct sync_item *item, struct tq_provider *provider)
{
    struct sync_view view = view_of(window, moment);
    struct sync_lease next = window->lease;
    struct sync_heard heard;
    int answer;

    window->stored = item->stored;
    window->sum_corrected = item->corrected;
    answer = sync_others_hear(&window->others, item, moment->node, &view, moment->peers, moment->peer_count,
                              &heard);

    if (answer < 0)
        return answer;
    if (window->limit.window == TQ_WINDOW_ROLLING) {
        heard.others_added = sync_buckets_others(window, moment->now_ns);
        heard.others_corrected = 0;
        if (heard.weight < heard.others_added)
            heard.weight = heard.others_added;
    }
    if (window->share.flags & TQ_SHARE_NONE)
        return flags_of(window) & SYNC_LEASE_STRICT ? tell_to_come(window, moment, provider) : 0;
    take_base_out(window, &heard.stored, &view);
    if (window->share.amount == 0)
        decide_count(&next, &heard);
    else if (!window->lease.is_learned)
        sync_lease_learn(&view, &heard, &next);
    else
        sync_lease_hear(&window->lease, &view, &heard, &next);
    measure_bound(window, moment, &next);
    return tell(window, moment, &next, provider);
}

int sync_window_alone(struct sync_window *window, const struct sync_moment *moment,
                      struct tq_provider *provider)
{
    struct sync_view view = view_of(window, moment);
    struct sync_lease next;

    if (!window->lease.is_learned || window->share.amount == 0 || window->share.flags & TQ_SHARE_NONE ||
        !sync_lease_alone(&window->lease, &view, &next))
        return 0;
    return tell(window, moment, &next, provider);
}

int sync_window_leave(struct sync_window *window, const struct sync_moment *moment,
                      struct tq_provider *provider)
{
    struct sync_view view = view_of(window, moment);
    struct sync_lease next;

    if (!window->lease.is_learned || window->share.amount == 0 || window->share.flags & TQ_SHARE_NONE)
        return 0;
    sync_lease_leave(&window->lease, &view, &next);
    return tell(window, moment, &next, provider);
}

void sync_window_free(struct sync_window *window)
{
    if (!window)
        return;
    sync_others_forget(&window->others);
    free(window->buckets);
    free(window);
}
