/* test_shared_model.c: random operations on providers that other machines share, in pools of three levels,
 * and a slow model says what must come out.
 *
 * SPDX-License-Identifier: MIT
 *
 * What is counted here is what limits_model.c adds up anew for every question; what was told, withheld and
 * held is kept in plain lists, and weighed as shared_told.h says. The rule
 * is off: a provider is out when what is used, withheld and held reaches what there is, and nothing else.
 * Compared after each step: the state, all reasons, each limit of each level, the room of route, and whether
 * a hold is taken.
 *
 * TQ_STRESS=n makes n times as many steps, TQ_SEED=n draws other numbers.
 */
#include <inttypes.h>
#include <stdio.h>

#include "harness.h"
#include "limits_model.h"
#include "rng.h"
#include "shared_told.h"
#include "windows.h"

#define PROVIDERS 4 /* 0 and 1 lie in 2, and that lies in 3 */
#define LIMITS 3    /* of each, at most */
#define HOLDS 12
#define STEPS 20000
#define TEN_NS (10 * SECOND_NS)
#define LEASE_UNIT_NS (64 * SECOND_NS)

/* What each provider has, but for its budget. */
static const struct tq_limit settings[PROVIDERS][LIMITS] = {
    {{.window = TQ_WINDOW_DAY, .amount = 900, .reserve = 90},
     {.window = TQ_WINDOW_ROLLING, .length_ns = HOUR_NS, .amount = 300}},
    {{.window = TQ_WINDOW_FIRST_USE, .length_ns = 2 * HOUR_NS, .amount = 400},
     {.window = TQ_WINDOW_ONCE, .amount = 5000}},
    {{.window = TQ_WINDOW_FIXED, .length_ns = HOUR_NS / 2, .amount = 500, .reserve = 20},
     {.window = TQ_WINDOW_WEEK, .first = 1, .amount = 9000},
     {.window = TQ_WINDOW_FIRST_USE, .length_ns = HOUR_NS, .amount = 600}},
    {{.window = TQ_WINDOW_MONTH, .first = 1, .amount = 20000},
     {.window = TQ_WINDOW_ROLLING, .length_ns = 5 * HOUR_NS, .amount = 1500}},
};
static const int64_t budgets[PROVIDERS] = {1200, 0, 2500, 4000};

struct held {
    bool is_there;
    int provider;
    int64_t tokens, end_ns;
    struct tq_hold hold;
};

struct world {
    struct tq_ledger *ledger;
    struct limits_model *model;
    struct tq_provider *provider[PROVIDERS];
    struct told told[PROVIDERS][LIMITS + 1]; /* by the number; 0: the budget */
    int64_t added[PROVIDERS][LIMITS + 1],
        added_ns[PROVIDERS][LIMITS + 1];     /* as last listed, of which window */
    int64_t used[PROVIDERS], day[PROVIDERS]; /* of the budget */
    struct policy policy[PROVIDERS];
    struct held held[HOLDS];
    int64_t now_ns, heard_ns; /* until when others are heard; 0: it shares with nobody */
    struct rng rng;
    uint64_t seed;
    unsigned step;
};

static const char *const names[PROVIDERS] = {"opus", "sonnet", "family", "account"};

/* ---- the model ------------------------------------------------------------------------------- */

/* How a limit, or the budget, stands. */
struct part {
    int64_t amount, room, own, others, withheld, heard_ns, held;
};

static int64_t bucket_of(const struct tq_limit *limit, int64_t at_ns)
{
    return at_ns / (limit->length_ns / 100);
}

/* Was something told of the window that holds now_ns? */
static bool is_of(const struct told *told, const struct tq_limit *limit, int64_t start_ns, int64_t now_ns)
{
    int64_t apart;

    if (limit && limit->window == TQ_WINDOW_FIRST_USE) /* by the low 16 bits of its start in 4 s; none: 0 */
        return (told->start_ns / (4 * SECOND_NS) - start_ns / (4 * SECOND_NS)) % 65536 == 0;
    if (!limit || limit->window != TQ_WINDOW_ROLLING)
        return told->start_ns == start_ns;
    apart = bucket_of(limit, now_ns) - bucket_of(limit, told->start_ns);
    return apart >= -100 && apart <= 100;
}

static int64_t held_of(const struct world *w, int provider)
{
    int64_t sum = 0;

    for (int i = 0; i < HOLDS; i++)
        for (int p = w->held[i].provider; w->held[i].is_there && p != LM_NONE; p = lm_pool(w->model, p))
            if (p == provider && w->held[i].end_ns > w->now_ns)
                sum += w->held[i].tokens;
    return sum;
}

/* False: there is no such limit, or budget. */
static bool part_of(const struct world *w, int provider, uint32_t number, struct part *part)
{
    const struct told *told = &w->told[provider][number];
    struct lm_standing standing = {.start_at_ns = w->now_ns / DAY_NS * DAY_NS};
    bool is_there;

    *part =
        (struct part){.amount = budgets[provider], .room = budgets[provider], .held = held_of(w, provider)};
    if (number == 0 && budgets[provider] == 0)
        return false;
    if (number > 0 && !lm_standing(w->model, provider, number, w->now_ns, &standing))
        return false;
    if (number > 0) {
        part->amount = standing.limit.amount;
        part->room = part->amount - standing.reserve;
        part->own = standing.used_low;
    } else if (w->day[provider] == standing.start_at_ns) {
        part->own = w->used[provider];
    }
    if (!w->policy[provider].shares)
        return true;
    is_there = is_of(told, number > 0 ? &standing.limit : NULL, standing.start_at_ns, w->now_ns);
    if (w->heard_ns != 0 || told->is_strict) {
        part->others = is_there && told->has_others ? told->others : 0;
        part->heard_ns = is_there && told->has_others ? told->heard_ns : 0;
    }
    part->withheld =
        told_withheld(told, &w->policy[provider], w->heard_ns, w->now_ns, is_there, part->amount);
    if (part->others > part->withheld)
        part->others = part->withheld;
    return true;
}

/* Says where they differ, and how the provider and its pools stand by the model. */
static void same(const struct world *w, const char *what, int provider, uint32_t number, int64_t got,
                 int64_t expected)
{
    struct part part;

    if (got == expected)
        return;
    print_error("TQ_SEED=%" PRIu64 " step %u: %s of %s, limit %u: %" PRId64 ", the model says %" PRId64 "\n",
                w->seed, w->step, what, names[provider], number, got, expected);
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        for (uint32_t i = 0; i <= LIMITS; i++)
            if (part_of(w, p, i, &part))
                print_error("    %s, limit %u: own %" PRId64 ", others %" PRId64 ", withheld %" PRId64
                            ", held %" PRId64 " of %" PRId64 "%s\n",
                            names[p], i, part.own, part.others, part.withheld, part.held, part.amount,
                            w->told[p][i].is_strict ? ", strict" : "");
    print_error("    now is %" PRId64 " ns behind what is heard (%" PRId64 ")\n", w->now_ns - w->heard_ns,
                w->heard_ns);
    fail();
}

/* Why one of them keeps a provider out; 0: it does not. */
static uint32_t reason_of(const struct part *part, bool use_reserve)
{
    int64_t most = use_reserve ? part->amount : part->room, left = most - part->own - part->withheld;

    if (left <= 0)
        return part->own + part->others >= most ? TQ_REASON_SPENT : TQ_REASON_SHARED;
    if (part->held < left || part->held == 0)
        return 0;
    return part->own + part->others + part->held >= most ? TQ_REASON_HELD : TQ_REASON_SHARED;
}

/* What all levels say: a bit for each reason, and the room of a call without the reserve. */
static uint32_t reasons_of(const struct world *w, int provider, bool use_reserve, bool with_holds,
                           int64_t *room)
{
    uint32_t reasons = 0;

    *room = INT64_MAX;
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        for (uint32_t number = 0; number <= LIMITS; number++) {
            struct part part;
            int64_t left;

            if (!part_of(w, p, number, &part))
                continue;
            left = part.room - part.own - part.withheld - part.held;
            part.held = with_holds ? part.held : 0;
            reasons |= 1u << reason_of(&part, use_reserve) & ~1u;
            *room = left < *room ? left : *room;
        }
    return reasons;
}

static void count(struct world *w, int provider, int64_t tokens)
{
    const int64_t day = w->now_ns / DAY_NS * DAY_NS;

    lm_record(w->model, provider, tokens, w->now_ns);
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p)) {
        w->used[p] = w->day[p] == day ? w->used[p] + tokens : tokens;
        w->day[p] = day;
    }
}

/* ---- both ------------------------------------------------------------------------------------ */

static int any_provider(struct world *w)
{
    return (int)rng_below(&w->rng, PROVIDERS);
}

static void do_record(struct world *w)
{
    int provider = any_provider(w), got;
    int64_t tokens = rng_below_i64(&w->rng, 40), unused;

    got = tq_provider_record(w->provider[provider], tokens, w->now_ns, NULL);
    count(w, provider, tokens);
    same(w, "a record's answer", provider, 0, got, reasons_of(w, provider, false, false, &unused) != 0);
}

static void do_correct(struct world *w)
{
    int provider = any_provider(w);
    int64_t tokens = 1 + rng_below_i64(&w->rng, 80), day = w->now_ns / DAY_NS * DAY_NS;

    same(w, "correct", provider, 0, tq_provider_correct(w->provider[provider], tokens, w->now_ns), 0);
    lm_correct(w->model, provider, tokens, w->now_ns);
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        if (w->day[p] == day)
            w->used[p] = w->used[p] > tokens ? w->used[p] - tokens : 0;
}

/* One of the windows that the list has: the newest of a limit, or the one before it, which is late. */
static void do_tell(struct world *w)
{
    struct tq_share all[2 * (TQ_LIMITS_MAX + 1)] = {{.size = sizeof all[0]}}, *share;
    int provider = any_provider(w),
        listed = tq_provider_shares(w->provider[provider], w->now_ns, all, 2 * (TQ_LIMITS_MAX + 1));
    int64_t *added, *added_ns, edge;
    bool is_last, is_rolling;
    struct told *told;

    if (listed == 0)
        return;
    share = &all[rng_below(&w->rng, (unsigned)listed)];
    is_last = share == &all[listed - 1] || share[1].number != share->number;
    is_rolling = (share->flags & TQ_SHARE_BUCKET) != 0;
    told = &w->told[provider][share->number];
    added = &w->added[provider][share->number];
    added_ns = &w->added_ns[provider][share->number];
    same(w, "what was told", provider, share->number, share->others, share->others > 0 ? told->others : 0);
    if (is_last) { /* of a window before only what was counted is kept */
        if (*added_ns == share->start_at_ns && *added > share->added)
            same(w, "what was ever counted", provider, share->number, share->added, *added);
        *added = share->added;
        *added_ns = share->start_at_ns;
    }
    edge = share->amount - share->reserve - share->used - (rng_below(&w->rng, 2) ? share->held : 0) +
           rng_below_i64(&w->rng, 3) - 1;
    share->others = rng_below_i64(&w->rng, 1 + share->amount / (rng_below(&w->rng, 4) ? 8 : 1));
    share->withheld =
        share->others + rng_below_i64(&w->rng, 1 + share->amount / (rng_below(&w->rng, 4) ? 8 : 1));
    share->withheld_cut = share->others + rng_below_i64(&w->rng, 1 + share->amount / 4);
    if (rng_below(&w->rng, 4) == 0 && edge >= 0) { /* just enough, or just not */
        share->withheld = share->withheld_cut = edge;
        share->others = rng_below(&w->rng, 2) ? edge : edge / 2;
    }
    same(w, "set_share", provider, share->number,
         tq_provider_set_share(w->provider[provider], share, w->now_ns), !is_last && !is_rolling);
    if (!is_last && !is_rolling)
        return;
    w->policy[provider].shares = true;
    *told = (struct told){.has_others = true,
                          .has_words = true,
                          .is_strict = told->is_strict,
                          .start_ns = share->start_at_ns,
                          .others = share->others,
                          .withheld = share->withheld,
                          .cut = share->withheld_cut,
                          .heard_ns = share->number > 0 ? w->now_ns : w->now_ns / SECOND_NS * SECOND_NS};
}

static void do_hear(struct world *w)
{
    static const int64_t ends_ns[] = {0,        0,       -1,        -7 * SECOND_NS, -7 * SECOND_NS - 1,
                                      -HOUR_NS, HOUR_NS, MINUTE_NS, TEN_NS,         30 * SECOND_NS,
                                      DAY_NS};
    unsigned i = rng_below(&w->rng, sizeof ends_ns / sizeof ends_ns[0]);

    w->heard_ns = i == 0 ? 0 : w->now_ns + ends_ns[i];
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, w->heard_ns), 0);
}

static void do_policy(struct world *w)
{
    int provider = any_provider(w);

    if (rng_below(&w->rng, 2)) {
        w->policy[provider].machines = 1 + rng_below(&w->rng, 5);
        w->policy[provider].shares = true;
        assert_int_equal(
            tq_provider_set_sharers(w->provider[provider], (uint32_t)w->policy[provider].machines, INT64_MAX),
            0);
        return;
    }
    w->policy[provider].cut = rng_below(&w->rng, 2) ? TQ_CUT_SHARE : rng_below(&w->rng, 3);
    w->policy[provider].shares |= w->policy[provider].cut != TQ_CUT_SHARE;
    assert_int_equal(tq_provider_set_cut(w->provider[provider], w->policy[provider].cut), 0);
}

static void do_strict(struct world *w)
{
    int provider = any_provider(w);
    uint32_t number = 1 + rng_below(&w->rng, LIMITS), strict = rng_below(&w->rng, 3) == 0;
    struct told *told = &w->told[provider][number];
    struct lm_standing unused;
    bool is_there = lm_standing(w->model, provider, number, w->now_ns, &unused);

    same(w, "set_strict", provider, number, tq_provider_set_strict(w->provider[provider], number, strict),
         !is_there);
    if (!is_there)
        return;
    if (strict && !told->is_strict) { /* what was told was no lease */
        told->has_words = false;
        w->policy[provider].shares = true;
    }
    told->is_strict = strict;
}

/* Of a strict limit nothing is leased of a window that has not begun: a call that asks begins it. */
static void begin_strict(struct world *w, int provider)
{
    struct lm_standing standing;

    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        for (uint32_t number = 1; number <= LIMITS; number++)
            if (w->policy[p].shares && w->heard_ns >= w->now_ns && w->told[p][number].is_strict &&
                lm_standing(w->model, p, number, w->now_ns, &standing) &&
                standing.limit.window == TQ_WINDOW_FIRST_USE && standing.start_at_ns == 0)
                lm_begin(w->model, p, number, w->now_ns);
}

static void do_hold(struct world *w)
{
    struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS};
    struct held *held = &w->held[rng_below(&w->rng, HOLDS)];
    int64_t lease_ns = (1 + rng_below_i64(&w->rng, 5)) * 10 * MINUTE_NS, room;
    int provider = any_provider(w);

    if (held->is_there)
        return;
    *held = (struct held){
        .provider = provider, .tokens = rng_below_i64(&w->rng, 120), .hold.size = sizeof held->hold};
    amounts.of[TQ_UNIT_TOKENS] = held->tokens;
    begin_strict(w, provider);
    (void)reasons_of(w, provider, false, true, &room);
    same(w, "a hold's answer", provider, 0,
         tq_provider_hold(w->provider[provider], &amounts, lease_ns, w->now_ns, &held->hold),
         room < held->tokens);
    if (room < held->tokens)
        return;
    held->is_there = true;
    held->end_ns = (w->now_ns + lease_ns + LEASE_UNIT_NS - 1) / LEASE_UNIT_NS * LEASE_UNIT_NS;
    lm_record(w->model, provider, 0, w->now_ns); /* it begins first-use windows */
}

static void do_settle(struct world *w)
{
    struct held *held = &w->held[rng_below(&w->rng, HOLDS)];
    struct tq_usage usage = {.size = sizeof usage, .counted = rng_below_i64(&w->rng, held->tokens + 20)};

    if (!held->is_there)
        return;
    held->is_there = false;
    if (rng_below(&w->rng, 3) == 0) {
        assert_true(tq_hold_cancel(&held->hold) >= 0);
        return;
    }
    assert_true(tq_hold_settle(&held->hold, &usage, w->now_ns) >= 0);
    count(w, held->provider, usage.counted);
}

/* Time goes on, to the edge of a bucket, a window or what is heard, or by a jump: windows turn while cut off,
 * too. */
static void do_go_on(struct world *w)
{
    unsigned dice = rng_below(&w->rng, 40);

    if (dice < 30)
        w->now_ns += rng_below_i64(&w->rng, 40 * SECOND_NS);
    else if (dice < 33)
        w->now_ns = (w->now_ns / (15 * MINUTE_NS) + 1) * (15 * MINUTE_NS) - rng_below(&w->rng, 2);
    else if (dice < 34 && w->heard_ns >= w->now_ns && w->heard_ns < w->now_ns + HOUR_NS)
        w->now_ns = w->heard_ns + rng_below(&w->rng, 2);
    else if (dice < 39)
        w->now_ns += rng_below_i64(&w->rng, 40 * MINUTE_NS);
    else
        w->now_ns += rng_below_i64(&w->rng, rng_below(&w->rng, 20) ? 12 * HOUR_NS : 20 * DAY_NS);
}

static void set_up(struct world *w, int provider)
{
    for (int i = 0; i < LIMITS; i++) {
        struct tq_limit limit = settings[provider][i];

        if (limit.amount == 0)
            continue;
        limit.size = sizeof limit;
        limit.unit = TQ_UNIT_TOKENS;
        limit.known = TQ_LIMIT_AMOUNT | TQ_LIMIT_RESERVE;
        same(w, "set_limit", provider, 0, tq_provider_set_limit(w->provider[provider], &limit, NULL),
             lm_set(w->model, provider, &limit));
    }
    assert_int_equal(tq_provider_set_budget(w->provider[provider], budgets[provider]), 0);
    if (provider == 3)
        return;
    assert_int_equal(tq_provider_set_pool(w->provider[provider], w->provider[provider < 2 ? 2 : 3]), 0);
    lm_set_pool(w->model, provider, provider < 2 ? 2 : 3);
}

/* What is counted is gone; what was told stays, but of a first-use window, which ends. */
static void do_reset(struct world *w)
{
    int provider = any_provider(w);

    if (rng_below(&w->rng, 6))
        return;
    assert_int_equal(tq_provider_reset(w->provider[provider]), 0);
    lm_reset(w->model, provider);
    w->used[provider] = 0;
    memset(w->added[provider], 0, sizeof w->added[provider]);
}

/* All is gone, and set again. Calls that run are given up before. */
static void do_forget(struct world *w)
{
    int provider = any_provider(w);

    if (rng_below(&w->rng, 12))
        return;
    for (int i = 0; i < HOLDS; i++)
        if (w->held[i].is_there)
            assert_true(tq_hold_cancel(&w->held[i].hold) >= 0);
    memset(w->held, 0, sizeof w->held);
    assert_int_equal(tq_provider_forget(w->provider[provider]), 0);
    lm_forget(w->model, provider);
    memset(w->added[provider], 0, sizeof w->added[provider]);
    w->used[provider] = 0;
    w->policy[provider] = (struct policy){.machines = 1};
    memset(w->told[provider], 0, sizeof w->told[provider]);
    set_up(w, provider);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void compare_limits(const struct world *w, int provider)
{
    struct tq_limit_state list[TQ_LIMITS_MAX];
    int listed = limits_at(w->provider[provider], w->now_ns, list);

    for (int i = 0; i < listed; i++) {
        uint32_t number = list[i].number;
        struct part part;

        same(w, "is there", provider, number, part_of(w, provider, number, &part), true);
        same(w, "used", provider, number, list[i].used, part.own + part.others);
        same(w, "others", provider, number, list[i].others, part.others);
        same(w, "withheld", provider, number, list[i].withheld, part.withheld);
        same(w, "heard_at_ns", provider, number, list[i].heard_at_ns, part.heard_ns);
        same(w, "strict", provider, number, list[i].strict, w->told[provider][number].is_strict);
        same(w, "the limit's state", provider, number, list[i].state, reason_of(&part, false) != 0);
        same(w, "is_shared", provider, number, list[i].is_shared,
             reason_of(&part, false) == TQ_REASON_SHARED);
        same(w, "is_held", provider, number, list[i].is_held, reason_of(&part, false) == TQ_REASON_HELD);
    }
}

/* When all that is spent has turned; 0: the model does not say. */
static int64_t spent_end_of(const struct world *w, int provider, bool use_reserve)
{
    int64_t end_ns = 0;

    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        for (uint32_t number = 0; number <= LIMITS; number++) {
            struct lm_standing standing = {.end_at_ns = (w->now_ns / DAY_NS + 1) * DAY_NS};
            struct part part;

            if (!part_of(w, p, number, &part) || reason_of(&part, use_reserve) != TQ_REASON_SPENT)
                continue;
            if (number > 0)
                lm_standing(w->model, p, number, w->now_ns, &standing);
            if (standing.end_at_ns == 0 || standing.limit.window == TQ_WINDOW_ROLLING)
                return 0;
            end_ns = standing.end_at_ns > end_ns ? standing.end_at_ns : end_ns;
        }
    return end_ns;
}

static void compare_verdict(const struct world *w, int provider, bool use_reserve)
{
    const struct tq_verdict verdict =
        verdict_of(w->provider[provider], w->now_ns, use_reserve ? TQ_USE_RESERVE : 0);
    int64_t room, left;
    uint32_t reasons = reasons_of(w, provider, use_reserve, true, &room);
    struct part part;

    same(w, "reasons", provider, use_reserve, verdict.reasons, reasons);
    same(w, "the verdict's state", provider, use_reserve, verdict.state, reasons != 0);
    same(w, "the reason is one of them", provider, use_reserve, reasons == 0 || reasons >> verdict.reason & 1,
         true);
    if (reasons == 1u << TQ_REASON_SHARED)
        same(w, "looks again soon", provider, use_reserve,
             verdict.retry_at_ns <= (w->now_ns / TEN_NS + 1) * TEN_NS, true);
    if (reasons == 1u << TQ_REASON_SPENT && spent_end_of(w, provider, use_reserve) != 0)
        same(w, "the end of what is spent", provider, use_reserve, verdict.retry_at_ns,
             spent_end_of(w, provider, use_reserve));
    if (reasons != 0 || !part_of(w, provider, 0, &part))
        return;
    left = part.amount - part.own - part.withheld;
    same(w, "the budget's used", provider, 0, verdict.used, part.own + part.others);
    same(w, "the budget's left", provider, 0, verdict.left, left > 0 ? left : 0);
}

static void compare(const struct world *w, int provider, int64_t need)
{
    struct tq_provider *one = w->provider[provider];
    struct tq_route route = {.size = sizeof route, .need = need};
    int64_t room;
    bool out = reasons_of(w, provider, false, true, &room) != 0;

    same(w, "state", provider, 0, tq_provider_state(one, w->now_ns, NULL), out);
    compare_verdict(w, provider, false);
    compare_verdict(w, provider, true);
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        compare_limits(w, p);
    same(w, "route", provider, 0, tq_ledger_route(w->ledger, &one, 1, w->now_ns, 0, &route),
         out || room < need);
    if (room < need || !out)
        same(w, "route's room", provider, 0, room >= need ? room : route.room, room > 0 ? room : 0);
}

static void test_against_the_model(void **state)
{
    static void (*const calls[])(struct world *) = {
        do_record, do_record, do_record, do_correct, do_tell,  do_tell,  do_hear,  do_policy,
        do_strict, do_hold,   do_hold,   do_settle,  do_go_on, do_go_on, do_reset, do_forget};
    const struct tq_ledger_options options = {
        .size = sizeof options, .rule = TQ_RULE_OFF, .max_ahead_ns = INT64_MAX};
    const char *stress = getenv("TQ_STRESS");
    unsigned steps = stress && *stress ? STEPS * (unsigned)strtoul(stress, NULL, 10) : STEPS;
    static struct world w;

    (void)state;
    w.seed = rng_seed(1);
    w.rng.state = w.seed;
    w.now_ns = MAY_DAY_NS;
    w.model = lm_new(PROVIDERS, TQ_RULE_OFF);
    assert_int_equal(tq_ledger_open(&w.ledger, NULL, &options, NULL), 0);
    for (int i = 0; i < PROVIDERS; i++) {
        w.provider[i] = named(w.ledger, names[i]);
        w.policy[i].machines = 1;
    }
    for (int i = 0; i < PROVIDERS; i++)
        set_up(&w, i);
    for (w.step = 0; w.step < steps; w.step++) {
        calls[rng_below(&w.rng, sizeof calls / sizeof calls[0])](&w);
        compare(&w, any_provider(&w), 1 + rng_below_i64(&w.rng, 100));
    }
    tq_ledger_close(w.ledger);
    lm_free(w.model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_model),
    };

    return cmocka_run_group_tests_name("shared_model", tests, NULL, NULL);
}
