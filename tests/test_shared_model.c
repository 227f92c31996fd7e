/* test_shared_model.c: random operations on providers that other machines share, and a slow model says what
 * must come out.
 *
 * SPDX-License-Identifier: MIT
 *
 * Compared after each step: the state, all reasons, each limit of each level, the room of route, and whether
 * a hold is taken. TQ_STRESS=n makes n times as many steps, TQ_SEED=n draws other numbers.
 */
#include "harness.h"
#include "shared_model.h"
#include "windows.h"

#define STEPS 20000
#define TEN_NS (10 * SECOND_NS)
#define LEASE_UNIT_NS (64 * SECOND_NS)

/* ---- operations, on both --------------------------------------------------------------------- */

static int any_provider(struct world *w)
{
    return (int)rng_below(&w->rng, PROVIDERS);
}

static void do_record(struct world *w)
{
    int provider = any_provider(w), got;
    int64_t tokens = rng_below_i64(&w->rng, 40), unused;

    got = tq_provider_record(w->provider[provider], tokens, w->now_ns, NULL);
    sm_count(w, provider, tokens);
    sm_same(w, "a record's answer", provider, 0, got, sm_reasons(w, provider, false, false, &unused) != 0);
}

static void do_correct(struct world *w)
{
    int provider = any_provider(w);
    int64_t tokens = 1 + rng_below_i64(&w->rng, 80), day = w->now_ns / DAY_NS * DAY_NS;

    sm_same(w, "correct", provider, 0, tq_provider_correct(w->provider[provider], tokens, w->now_ns), 0);
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
    sm_same(w, "what was told", provider, share->number, share->others, share->others > 0 ? told->others : 0);
    if (is_last) { /* of a window before only what was counted is kept */
        if (*added_ns == share->start_at_ns && *added > share->added)
            sm_same(w, "what was ever counted", provider, share->number, share->added, *added);
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
    sm_same(w, "set_share", provider, share->number,
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

    sm_same(w, "set_strict", provider, number, tq_provider_set_strict(w->provider[provider], number, strict),
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
    (void)sm_reasons(w, provider, false, true, &room);
    sm_same(w, "a hold's answer", provider, 0,
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
    sm_count(w, held->provider, usage.counted);
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
    sm_set_up(w, provider);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void compare_limits(const struct world *w, int provider)
{
    struct tq_limit_state list[TQ_LIMITS_MAX];
    int listed = limits_at(w->provider[provider], w->now_ns, list);

    for (int i = 0; i < listed; i++) {
        uint32_t number = list[i].number;
        struct part part;

        sm_same(w, "is there", provider, number, sm_part(w, provider, number, &part), true);
        sm_same(w, "used", provider, number, list[i].used, part.own + part.others);
        sm_same(w, "others", provider, number, list[i].others, part.others);
        sm_same(w, "withheld", provider, number, list[i].withheld, part.withheld);
        sm_same(w, "heard_at_ns", provider, number, list[i].heard_at_ns, part.heard_ns);
        sm_same(w, "strict", provider, number, list[i].strict, w->told[provider][number].is_strict);
        sm_same(w, "the limit's state", provider, number, list[i].state, sm_reason(&part, false) != 0);
        sm_same(w, "is_shared", provider, number, list[i].is_shared,
                sm_reason(&part, false) == TQ_REASON_SHARED);
        sm_same(w, "is_held", provider, number, list[i].is_held, sm_reason(&part, false) == TQ_REASON_HELD);
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

            if (!sm_part(w, p, number, &part) || sm_reason(&part, use_reserve) != TQ_REASON_SPENT)
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
    uint32_t reasons = sm_reasons(w, provider, use_reserve, true, &room);
    struct part part;

    sm_same(w, "reasons", provider, use_reserve, verdict.reasons, reasons);
    sm_same(w, "the verdict's state", provider, use_reserve, verdict.state, reasons != 0);
    sm_same(w, "the reason is one of them", provider, use_reserve,
            reasons == 0 || reasons >> verdict.reason & 1, true);
    if (reasons == 1u << TQ_REASON_SHARED)
        sm_same(w, "looks again soon", provider, use_reserve,
                verdict.retry_at_ns <= (w->now_ns / TEN_NS + 1) * TEN_NS, true);
    if (reasons == 1u << TQ_REASON_SPENT && spent_end_of(w, provider, use_reserve) != 0)
        sm_same(w, "the end of what is spent", provider, use_reserve, verdict.retry_at_ns,
                spent_end_of(w, provider, use_reserve));
    if (reasons != 0 || !sm_part(w, provider, 0, &part))
        return;
    left = part.amount - part.own - part.withheld;
    sm_same(w, "the budget's used", provider, 0, verdict.used, part.own + part.others);
    sm_same(w, "the budget's left", provider, 0, verdict.left, left > 0 ? left : 0);
}

static void compare(const struct world *w, int provider, int64_t need)
{
    struct tq_provider *one = w->provider[provider];
    struct tq_route route = {.size = sizeof route, .need = need};
    int64_t room;
    bool out = sm_reasons(w, provider, false, true, &room) != 0;

    sm_same(w, "state", provider, 0, tq_provider_state(one, w->now_ns, NULL), out);
    compare_verdict(w, provider, false);
    compare_verdict(w, provider, true);
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        compare_limits(w, p);
    sm_same(w, "route", provider, 0, tq_ledger_route(w->ledger, &one, 1, w->now_ns, 0, &route),
            out || room < need);
    if (room < need || !out)
        sm_same(w, "route's room", provider, 0, room >= need ? room : route.room, room > 0 ? room : 0);
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
        w.provider[i] = named(w.ledger, sm_name(i));
        w.policy[i].machines = 1;
    }
    for (int i = 0; i < PROVIDERS; i++)
        sm_set_up(&w, i);
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
