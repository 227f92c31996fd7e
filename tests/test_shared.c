/* test_shared.c: other machines, promise by promise: what is told, withheld, listed, and what it does to
 * decisions.
 *
 * SPDX-License-Identifier: MIT
 *
 * A ledger in private memory, whose time is that of the calls. A day of these tests is 2024-05-01, a
 * Wednesday.
 */
#include <stdio.h>

#include "harness.h"
#include "rng.h"
#include "windows.h"

#define NOON_NS AT(12, 0, 0)
#define MIDNIGHT_NS AT(24, 0, 0)
#define HEARD_NS AT(23, 0, 0) /* until when the others are heard */
#define TEN_NS (10 * SECOND_NS)

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *p, *pool;
};

static int set_up_rule(void **state, uint32_t rule)
{
    static struct world w;
    struct tq_ledger_options options = {.size = sizeof options, .rule = rule};

    if (tq_ledger_open(&w.ledger, NULL, &options, NULL) < 0)
        return -1;
    w.p = named(w.ledger, "p");
    w.pool = named(w.ledger, "pool");
    *state = &w;
    return tq_ledger_set_shared_until(w.ledger, HEARD_NS);
}

static int set_up(void **state)
{
    return set_up_rule(state, TQ_RULE_OFF);
}

static int tear_down(void **state)
{
    tq_ledger_close(((struct world *)*state)->ledger);
    return 0;
}

/* Sets a limit of tokens. Returns its number. */
static uint32_t limited(struct tq_provider *provider, uint32_t window, int64_t length_ns, int64_t amount)
{
    const struct tq_limit limit = {.size = sizeof limit,
                                   .unit = TQ_UNIT_TOKENS,
                                   .window = window,
                                   .length_ns = length_ns,
                                   .known = TQ_LIMIT_AMOUNT,
                                   .amount = amount};
    int answer = tq_provider_set_limit(provider, &limit, NULL);

    assert_true(answer > 0);
    return (uint32_t)answer;
}

/* The window of a limit that holds an instant, by the list: the last of the limit's. */
static struct tq_share share_of(struct tq_provider *provider, uint32_t number, int64_t now_ns)
{
    struct tq_share all[2 * (TQ_LIMITS_MAX + 1)] = {{.size = sizeof all[0]}}, found = {.size = 0};
    int count = tq_provider_shares(provider, now_ns, all, 2 * (TQ_LIMITS_MAX + 1));

    assert_in_range(count, 0, 2 * (TQ_LIMITS_MAX + 1));
    for (int i = 0; i < count; i++)
        if (all[i].number == number)
            found = all[i];
    assert_int_equal(found.size, sizeof found);
    return found;
}

/* Tells what others used, and what is withheld while heard and while cut off. */
static void tell_cut(struct tq_provider *provider, uint32_t number, int64_t others, int64_t withheld,
                     int64_t cut, int64_t now_ns)
{
    struct tq_share share = share_of(provider, number, now_ns);

    share.others = others;
    share.withheld = withheld;
    share.withheld_cut = cut;
    assert_int_equal(tq_provider_set_share(provider, &share, now_ns), 0);
    share = share_of(provider, number, now_ns);
    assert_int_equal(share.others, others);
    assert_int_equal(share.withheld, withheld);
    assert_int_equal(share.withheld_cut, cut);
}

static void told(struct tq_provider *provider, uint32_t number, int64_t others, int64_t withheld,
                 int64_t now_ns)
{
    tell_cut(provider, number, others, withheld, withheld, now_ns);
}

static struct tq_verdict verdict_at(struct tq_provider *provider, int64_t now_ns)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    int64_t retry_at_ns;
    int state = tq_provider_verdict(provider, now_ns, &verdict);

    assert_int_equal(tq_provider_state(provider, now_ns, &retry_at_ns), state);
    assert_int_equal(retry_at_ns, verdict.retry_at_ns);
    return verdict;
}

static void expect_out(struct tq_provider *provider, int64_t now_ns, uint32_t reason, int64_t until_ns)
{
    struct tq_verdict verdict = verdict_at(provider, now_ns);

    assert_int_equal(verdict.state, TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict.reason, reason);
    assert_int_equal(verdict.retry_at_ns, until_ns);
}

static void expect_available(struct tq_provider *provider, int64_t now_ns)
{
    assert_int_equal(verdict_at(provider, now_ns).state, TQ_AVAILABLE);
}

static void record(struct tq_provider *provider, int64_t tokens, int64_t now_ns, int answer)
{
    assert_int_equal(tq_provider_record(provider, tokens, now_ns, NULL), answer);
}

/* ---- the budget ------------------------------------------------------------------------------ */

static void budget(void **state)
{
    struct world *w = *state;
    struct tq_verdict verdict;

    assert_int_equal(tq_provider_set_budget(w->p, 100), 0);
    record(w->p, 30, NOON_NS, TQ_AVAILABLE);
    told(w->p, 0, 20, 50, NOON_NS);
    verdict = verdict_at(w->p, NOON_NS);
    assert_int_equal(verdict.used, 50);
    assert_int_equal(verdict.left, 20);
    assert_int_equal(verdict.others, 20);
    assert_int_equal(verdict.withheld, 50);
    assert_int_equal(verdict.heard_at_ns, NOON_NS);
    record(w->p, 20, NOON_NS, TQ_EXHAUSTED);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
    expect_out(w->p, MIDNIGHT_NS - 1, TQ_REASON_SHARED, MIDNIGHT_NS);
    expect_available(w->p, MIDNIGHT_NS);
    told(w->p, 0, 20, 49, NOON_NS);
    expect_available(w->p, NOON_NS);
    told(w->p, 0, 50, 50, NOON_NS);
    expect_out(w->p, NOON_NS, TQ_REASON_SPENT, MIDNIGHT_NS);
    assert_int_equal(tq_provider_used(w->p, NOON_NS), 50);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, 0), 0);
    expect_available(w->p, NOON_NS);
}

/* ---- windows --------------------------------------------------------------------------------- */

/* The same of every kind of window. */
static void every_window(void **state)
{
    static const struct {
        uint32_t window;
        int64_t length_ns, end_ns;
    } kinds[] = {
        {TQ_WINDOW_DAY, 0, MIDNIGHT_NS},
        {TQ_WINDOW_FIXED, HOUR_NS, AT(13, 0, 0)},
        {TQ_WINDOW_FIRST_USE, SESSION_NS, NOON_NS + SESSION_NS},
        {TQ_WINDOW_ROLLING, HOUR_NS, NOON_NS + 101 * HOUR_NS / 100},
        {TQ_WINDOW_ONCE, 0, INT64_MAX},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        uint32_t number = limited(w->p, kinds[i].window, kinds[i].length_ns, 100);
        struct tq_limit_state limit = {.size = sizeof limit};
        int64_t retry_at_ns;

        record(w->p, 30, NOON_NS, TQ_AVAILABLE);
        told(w->p, number, 20, 69, NOON_NS);
        expect_available(w->p, NOON_NS);
        assert_int_equal(tq_provider_record(w->p, 1, NOON_NS, &retry_at_ns), TQ_EXHAUSTED);
        assert_int_equal(retry_at_ns, NOON_NS + TEN_NS);
        expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
        assert_int_equal(tq_provider_limits(w->p, NOON_NS, &limit, 1), 1);
        assert_int_equal(limit.used, 51);
        assert_int_equal(limit.others, 20);
        assert_int_equal(limit.withheld, 69);
        assert_int_equal(limit.is_shared, 1);
        assert_int_equal(limit.heard_at_ns, NOON_NS);
        told(w->p, number, 20, 20, NOON_NS);
        expect_available(w->p, NOON_NS);
        record(w->p, 49, NOON_NS, TQ_EXHAUSTED);
        expect_out(w->p, NOON_NS, TQ_REASON_SPENT, kinds[i].end_ns);
        assert_int_equal(tq_provider_remove_limit(w->p, number), 0);
    }
}

/* A window before keeps its own; late records are judged by their own window, and listed. */
static void late_records(void **state)
{
    struct world *w = *state;
    uint32_t number = limited(w->p, TQ_WINDOW_FIXED, HOUR_NS, 100);
    struct tq_share all[4] = {{.size = sizeof all[0]}};
    const int64_t before_ns = NOON_NS - MINUTE_NS;

    record(w->p, 5, before_ns, TQ_AVAILABLE);
    record(w->p, 7, NOON_NS, TQ_AVAILABLE);
    told(w->p, number, 60, 93, NOON_NS);
    record(w->p, 90, before_ns, TQ_AVAILABLE); /* nothing was told of that window */
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
    assert_int_equal(tq_provider_shares(w->p, NOON_NS, all, 4), 2);
    assert_int_equal(all[0].added, 95);
    assert_int_equal(all[0].heard_at_ns, 0);
    assert_int_equal(all[0].end_at_ns, all[1].start_at_ns);
    assert_int_equal(all[1].added, 7);
    assert_int_equal(all[1].others, 60);
    all[0].size = sizeof all[0];
    all[0].others = 1;
    all[0].withheld = all[0].withheld_cut = 1;
    assert_int_equal(tq_provider_set_share(w->p, &all[0], NOON_NS), 1); /* it is not the newest */
}

/* ---- cut off --------------------------------------------------------------------------------- */

static void cut_off(void **state)
{
    struct world *w = *state;
    const int64_t cut_ns = HEARD_NS + 1;
    uint32_t number = limited(w->p, TQ_WINDOW_DAY, 0, 100);

    assert_int_equal(tq_provider_set_budget(w->pool, 100), 0);
    assert_int_equal(tq_provider_set_sharers(w->p, 3, INT64_MAX), 0);
    assert_int_equal(tq_provider_set_sharers(w->pool, 3, INT64_MAX), 0);
    assert_int_equal(tq_provider_set_sharers(w->pool, 0, INT64_MAX), 0); /* as many as before */
    for (int day = 0; day < 2; day++) {                                  /* told of it, and not told */
        int64_t at_ns = cut_ns + day * DAY_NS;

        record(w->p, 30, at_ns - 2, TQ_AVAILABLE);
        record(w->pool, 30, at_ns - 2, TQ_AVAILABLE);
        if (day == 0) {
            tell_cut(w->p, number, 20, 20, 69, at_ns - 2);
            tell_cut(w->pool, 0, 20, 20, 69, at_ns - 2);
        }
        expect_available(w->p, at_ns);
        expect_available(w->pool, at_ns);
        record(w->p, 4, at_ns, TQ_EXHAUSTED); /* of 31, or of a third */
        record(w->pool, 4, at_ns, TQ_EXHAUSTED);
        expect_out(w->p, at_ns, TQ_REASON_SHARED, AT(23, 0, 10) + day * DAY_NS);
        expect_out(w->pool, at_ns, TQ_REASON_SHARED, AT(23, 0, 10) + day * DAY_NS);
        assert_int_equal(tq_provider_set_cut(w->p, TQ_CUT_OPEN), 0);
        assert_int_equal(tq_provider_set_cut(w->pool, TQ_CUT_OPEN), 0);
        expect_available(w->p, at_ns);
        expect_available(w->pool, at_ns);
        assert_int_equal(tq_provider_set_cut(w->p, TQ_CUT_CLOSED), 0);
        assert_int_equal(tq_provider_cut(w->p), TQ_CUT_CLOSED);
        expect_out(w->p, at_ns, TQ_REASON_SHARED, AT(23, 0, 10) + day * DAY_NS);
        assert_int_equal(tq_provider_set_cut(w->p, TQ_CUT_SHARE), 0);
        assert_int_equal(tq_provider_set_cut(w->pool, TQ_CUT_SHARE), 0);
    }
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, cut_ns + 2 * DAY_NS), 0);
    expect_available(w->p, cut_ns + DAY_NS);
}

static void strict(void **state)
{
    struct world *w = *state;
    uint32_t number = limited(w->p, TQ_WINDOW_FIXED, HOUR_NS, 100);
    struct tq_limit_state limit = {.size = sizeof limit};
    int64_t settings = tq_ledger_settings(w->ledger);

    told(w->p, number, 0, 0, NOON_NS);
    expect_available(w->p, NOON_NS);
    assert_int_equal(tq_provider_set_strict(w->p, number, 1), 0);
    assert_true(tq_ledger_settings(w->ledger) > settings);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS); /* no lease yet */
    assert_int_equal(tq_provider_limits(w->p, NOON_NS, &limit, 1), 1);
    assert_int_equal(limit.strict, 1);
    assert_int_equal(limit.withheld, 100);
    assert_int_equal(share_of(w->p, number, NOON_NS).flags, TQ_SHARE_STRICT);
    tell_cut(w->p, number, 10, 60, 80, NOON_NS);
    record(w->p, 39, NOON_NS, TQ_AVAILABLE);
    record(w->p, 1, NOON_NS, TQ_EXHAUSTED);
    assert_int_equal(tq_provider_set_cut(w->p, TQ_CUT_OPEN), 0);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, NOON_NS - 1), 0);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS); /* strict goes before open */
    tell_cut(w->p, number, 10, 59, 59, NOON_NS);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, NOON_NS - TQ_SHARE_LEASE_NS), 0);
    expect_available(w->p, NOON_NS); /* what was leased lasts so long */
    expect_out(w->p, NOON_NS + 1, TQ_REASON_SHARED, NOON_NS + TEN_NS);
    expect_out(w->p, AT(13, 30, 0), TQ_REASON_SHARED, AT(13, 30, 10));
    record(w->p, 1, AT(13, 30, 0), TQ_EXHAUSTED); /* it counts all the same */
    assert_int_equal(share_of(w->p, number, AT(13, 30, 0)).used, 1);
    assert_int_equal(tq_provider_set_strict(w->p, number, 0), 0);
    expect_available(w->p, AT(13, 30, 0));
    assert_int_equal(tq_provider_set_strict(w->p, 8, 1), 1);
    assert_int_equal(tq_provider_set_strict(w->p, 9, 1), TQ_EINVAL);
    assert_int_equal(tq_provider_set_strict(w->p, number, 2), TQ_EINVAL);
}

/* A ledger that nobody exchanges: strict limits have no lease, and nothing else is withheld. */
static void strict_alone(void **state)
{
    struct world *w = *state;
    uint32_t number = limited(w->p, TQ_WINDOW_FIXED, HOUR_NS, 100);

    assert_int_equal(tq_ledger_set_shared_until(w->ledger, 0), 0);
    assert_int_equal(tq_provider_set_cut(w->p, TQ_CUT_CLOSED), 0);
    assert_int_equal(tq_provider_set_budget(w->p, 100), 0);
    assert_true(limited(w->p, TQ_WINDOW_DAY, 0, 100) > 0);
    record(w->p, 1, NOON_NS, TQ_AVAILABLE);
    assert_int_equal(tq_provider_set_strict(w->p, number, 1), 0);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
    assert_int_equal(verdict_at(w->p, NOON_NS).reasons, 1u << TQ_REASON_SHARED);
    assert_int_equal(share_of(w->p, 0, NOON_NS).withheld, 0);
    record(w->p, 1, NOON_NS, TQ_EXHAUSTED); /* it counts all the same */
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, HEARD_NS), 0);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
    tell_cut(w->p, number, 0, 90, 90, NOON_NS);
    expect_available(w->p, NOON_NS);
    assert_int_equal(tq_provider_set_strict(w->p, number, 0), 0);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, 0), 0);
    expect_available(w->p, NOON_NS);
}

/* ---- more than one thing ---------------------------------------------------------------------- */

static void reserve_and_pool(void **state)
{
    struct world *w = *state;
    const struct tq_limit limit = {.size = sizeof limit,
                                   .unit = TQ_UNIT_TOKENS,
                                   .window = TQ_WINDOW_DAY,
                                   .known = TQ_LIMIT_AMOUNT | TQ_LIMIT_RESERVE,
                                   .amount = 100,
                                   .reserve = 10};
    struct tq_verdict verdict = {.size = sizeof verdict, .flags = TQ_USE_RESERVE};
    uint32_t number = (uint32_t)tq_provider_set_limit(w->pool, &limit, NULL);

    assert_int_equal(tq_provider_set_pool(w->p, w->pool), 0);
    record(w->p, 30, NOON_NS, TQ_AVAILABLE);
    told(w->pool, number, 20, 60, NOON_NS);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
    assert_int_equal(verdict_at(w->p, NOON_NS).level, 1);
    assert_int_equal(tq_provider_verdict(w->p, NOON_NS, &verdict), TQ_AVAILABLE);
    assert_int_equal(verdict.limit_used, 50);
    assert_int_equal(verdict.withheld, 60);
    told(w->pool, number, 60, 60, NOON_NS);
    expect_out(w->p, NOON_NS, TQ_REASON_SPENT, MIDNIGHT_NS);
    told(w->pool, number, 60, 59 + 1, NOON_NS);
    told(w->pool, number, 0, 0, NOON_NS);
    expect_available(w->p, NOON_NS);
}

static int hold_of(struct tq_provider *provider, int64_t tokens, struct tq_hold *hold)
{
    struct tq_amounts amounts = {
        .size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS, .of[TQ_UNIT_TOKENS] = tokens};

    hold->size = sizeof *hold;
    return tq_provider_hold(provider, &amounts, HOUR_NS, NOON_NS, hold);
}

static void holds(void **state)
{
    struct world *w = *state;
    struct tq_hold first = {.size = sizeof first}, second = first;
    struct tq_route route = {.size = sizeof route, .need = 20};
    uint32_t number = limited(w->p, TQ_WINDOW_DAY, 0, 100);

    assert_int_equal(tq_provider_set_budget(w->p, 1000), 0);
    told(w->p, number, 20, 50, NOON_NS);
    told(w->p, 0, 0, 901, NOON_NS);
    assert_int_equal(hold_of(w->p, 51, &first), 1);
    assert_int_equal(share_of(w->p, number, NOON_NS).wish, 51);
    assert_int_equal(share_of(w->p, number, NOON_NS + 4 * SECOND_NS).wish, 0);
    assert_int_equal(hold_of(w->p, 30, &first), 0);
    assert_int_equal(hold_of(w->p, 21, &second), 1);
    assert_int_equal(share_of(w->p, number, NOON_NS).held, 30);
    assert_int_equal(share_of(w->p, 0, NOON_NS).held, 30);
    assert_int_equal(tq_ledger_route(w->ledger, &w->p, 1, NOON_NS, 0, &route), 0);
    assert_int_equal(route.room, 20);
    told(w->p, number, 20, 70, NOON_NS);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED,
               NOON_NS + TEN_NS); /* 30 held, 20 used: others have the rest */
    assert_int_equal(tq_ledger_route(w->ledger, &w->p, 1, NOON_NS, 0, &route), 1);
    assert_int_equal(route.retry_at_ns, NOON_NS + TEN_NS);
    told(w->p, number, 70, 70, NOON_NS);
    assert_int_equal(verdict_at(w->p, NOON_NS).reason, TQ_REASON_HELD);
    told(w->p, number, 20, 50, NOON_NS);
    told(w->p, 0, 0, 970, NOON_NS);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
    assert_int_equal(tq_hold_cancel(&first), 0);
    expect_available(w->p, NOON_NS);
}

/* A refill counts and refills at the rate of what is left for this machine, and keeps what is used. */
static void refill(void **state)
{
    struct world *w = *state;
    uint32_t number = limited(w->p, TQ_WINDOW_REFILL, 100 * SECOND_NS, 100); /* one a second */

    told(w->p, number, 0, 50, NOON_NS); /* one in two seconds */
    record(w->p, 30, NOON_NS, TQ_AVAILABLE);
    assert_int_equal(share_of(w->p, number, NOON_NS).used, 30);
    assert_int_equal(share_of(w->p, number, NOON_NS + 20 * SECOND_NS).used, 20);
    record(w->p, 30, NOON_NS + 20 * SECOND_NS, TQ_EXHAUSTED);
    assert_int_equal(verdict_at(w->p, NOON_NS + 20 * SECOND_NS).reason, TQ_REASON_SHARED);
    assert_in_range(verdict_at(w->p, NOON_NS + 20 * SECOND_NS).retry_at_ns, NOON_NS + 20 * SECOND_NS,
                    NOON_NS + 22 * SECOND_NS);
    told(w->p, number, 0, 0, NOON_NS + 20 * SECOND_NS);
    assert_in_range(share_of(w->p, number, NOON_NS + 20 * SECOND_NS).used, 50, 51);
    expect_available(w->p, NOON_NS + 20 * SECOND_NS);
    told(w->p, number, 0, 100, NOON_NS + 20 * SECOND_NS);
    expect_out(w->p, NOON_NS + 20 * SECOND_NS, TQ_REASON_SHARED, NOON_NS + 30 * SECOND_NS);
    record(w->p, 1, NOON_NS + 20 * SECOND_NS, TQ_EXHAUSTED);
    assert_int_equal(tq_provider_correct(w->p, 1, NOON_NS + 20 * SECOND_NS), 0);
}

/* What was told of a rolling limit holds for its length. */
static void rolling(void **state)
{
    struct world *w = *state;
    const int64_t bucket_ns = HOUR_NS / 100;
    uint32_t number = limited(w->p, TQ_WINDOW_ROLLING, HOUR_NS, 100);
    struct tq_share all[4] = {{.size = sizeof all[0]}};

    record(w->p, 10, NOON_NS - bucket_ns, TQ_AVAILABLE);
    record(w->p, 20, NOON_NS, TQ_AVAILABLE);
    assert_int_equal(tq_provider_shares(w->p, NOON_NS, all, 4), 2);
    assert_int_equal(all[0].flags, TQ_SHARE_BUCKET);
    assert_int_equal(all[0].added, 10);
    assert_int_equal(all[1].added, 20);
    assert_int_equal(all[1].used, 30);
    assert_int_equal(all[1].end_at_ns - all[1].start_at_ns, bucket_ns);
    told(w->p, number, 80, 80, NOON_NS);
    expect_out(w->p, NOON_NS, TQ_REASON_SPENT, NOON_NS + 101 * bucket_ns);
    assert_int_equal(verdict_at(w->p, NOON_NS + 100 * bucket_ns).others, 80);
    expect_available(w->p, NOON_NS + 101 * bucket_ns);
    assert_int_equal(verdict_at(w->p, NOON_NS + 101 * bucket_ns).others, 0);
    assert_int_equal(tq_provider_set_strict(w->p, number, 1), 0);
    expect_out(w->p, NOON_NS, TQ_REASON_SPENT, NOON_NS + TEN_NS);
    expect_out(w->p, NOON_NS + 102 * bucket_ns, TQ_REASON_SHARED, NOON_NS + 102 * bucket_ns + 8 * SECOND_NS);
}

static void first_use_begins_elsewhere(void **state)
{
    struct world *w = *state;
    uint32_t number = limited(w->p, TQ_WINDOW_FIRST_USE, SESSION_NS, 100);

    assert_int_equal(share_of(w->p, number, NOON_NS).flags, TQ_SHARE_NONE);
    told(w->p, number, 0, 10, NOON_NS); /* of the window that is to begin */
    assert_int_equal(tq_provider_share_begin(w->p, number, NOON_NS + HOUR_NS, NOON_NS), 1);
    assert_int_equal(tq_provider_share_begin(w->p, number, NOON_NS - SESSION_NS, NOON_NS), 1);
    assert_int_equal(tq_provider_share_begin(w->p, number, NOON_NS - HOUR_NS, NOON_NS), 0);
    assert_int_equal(share_of(w->p, number, NOON_NS).start_at_ns, NOON_NS - HOUR_NS);
    assert_int_equal(share_of(w->p, number, NOON_NS).used, 0);
    record(w->p, 40, NOON_NS, TQ_AVAILABLE);
    told(w->p, number, 30, 60, NOON_NS);
    assert_int_equal(tq_provider_share_begin(w->p, number, NOON_NS - 2 * HOUR_NS, NOON_NS), 0);
    assert_int_equal(share_of(w->p, number, NOON_NS).end_at_ns, NOON_NS + SESSION_NS - 2 * HOUR_NS);
    assert_int_equal(share_of(w->p, number, NOON_NS).used, 40);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS); /* what was told goes with it */
    assert_int_equal(tq_provider_share_begin(w->p, number, NOON_NS - HOUR_NS, NOON_NS), 1);
    assert_int_equal(tq_provider_share_begin(w->p, 8, NOON_NS, NOON_NS), 1);
    assert_int_equal(tq_provider_share_begin(w->p, limited(w->p, TQ_WINDOW_DAY, 0, 1), NOON_NS, NOON_NS),
                     TQ_EINVAL);
}

/* ---- corrected ------------------------------------------------------------------------------- */

static void corrected(void **state)
{
    static const uint32_t windows[] = {TQ_WINDOW_DAY, TQ_WINDOW_FIXED, TQ_WINDOW_FIRST_USE, TQ_WINDOW_ROLLING,
                                       TQ_WINDOW_ONCE};
    static const int64_t lengths[] = {0, HOUR_NS, SESSION_NS, HOUR_NS, 0};
    struct world *w = *state;

    assert_int_equal(tq_provider_set_budget(w->p, 1000), 0);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(limited(w->p, windows[i], lengths[i], 1000), i + 1);
    record(w->p, 100, NOON_NS, TQ_AVAILABLE);
    assert_int_equal(tq_provider_correct(w->p, 30, NOON_NS), 0);
    assert_int_equal(tq_provider_correct(w->p, 80, NOON_NS), 0); /* down to 0 */
    record(w->p, 5, NOON_NS, TQ_AVAILABLE);
    for (uint32_t i = 0; i <= 5; i++) {
        struct tq_share share = share_of(w->p, i, NOON_NS);

        assert_int_equal(share.used, 5);
        assert_int_equal(share.corrected, 100);
        assert_int_equal(share.added, 105);
    }
    assert_int_equal(tq_provider_reset(w->p), 0);
    for (uint32_t i = 0; i <= 5; i++) {
        struct tq_share share = share_of(w->p, i, NOON_NS);

        assert_int_equal(share.used, 0);
        assert_int_equal(share.corrected, i == 3 ? 0 : 105); /* a reset ends a first-use window */
        assert_int_equal(share.added, i == 3 ? 0 : 105);
    }
}

/* ---- probes and waiters ---------------------------------------------------------------------- */

static void probes(void **state)
{
    struct world *w = *state;
    struct tq_exhausted due[2];
    struct tq_route route = {.size = sizeof route};
    const int64_t later_ns = NOON_NS + 2 * HOUR_NS;
    int64_t at_ns;

    assert_true(refuse_all(w->p, TQ_CLASS_EXHAUSTED, NOON_NS, NOON_NS, 0) >= 0);
    assert_int_equal(tq_provider_set_sharers(w->p, 2, NOON_NS), 0);
    assert_int_equal(tq_ledger_probes_due(w->ledger, later_ns, due, 2), 0);
    assert_int_equal(tq_provider_probe_take(w->p, later_ns, &at_ns), 1);
    assert_int_equal(at_ns, later_ns + TEN_NS);
    assert_int_equal(tq_ledger_route(w->ledger, &w->p, 1, later_ns, 0, &route), 1);
    assert_int_equal(route.retry_at_ns, later_ns + TEN_NS);
    assert_int_equal(tq_provider_set_sharers(w->p, 2, later_ns + SECOND_NS), 0);
    assert_int_equal(tq_ledger_probes_due(w->ledger, later_ns, due, 2), 1);
    assert_int_equal(tq_provider_probe_take(w->p, later_ns, &at_ns), 0);
}

static uint32_t events_of(struct tq_ledger *ledger)
{
    uint32_t seen = 0;

    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    return seen;
}

/* Whoever waits is told when what is told changes an answer, and not when it does not. */
static void waiters(void **state)
{
    struct world *w = *state;
    uint32_t number = limited(w->p, TQ_WINDOW_DAY, 0, 100), seen;

    told(w->p, number, 10, 20, NOON_NS);
    seen = events_of(w->ledger);
    told(w->p, number, 30, 40, NOON_NS);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, INT64_MAX - 1), 0);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, INT64_MAX), 0);
    seen = events_of(w->ledger);
    told(w->p, number, 30, 50, NOON_NS);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 1);
    told(w->p, number, 30, 100, NOON_NS);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
    told(w->p, number, 30, 99, NOON_NS);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
    record(w->p, 1, NOON_NS, TQ_EXHAUSTED);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
    record(w->p, 1, NOON_NS, TQ_EXHAUSTED);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, tq_now_ns() - 1), 0);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0); /* it is cut off */
}

/* ---- what cannot be -------------------------------------------------------------------------- */

static void wrong_words(void **state)
{
    struct world *w = *state;
    uint32_t number = limited(w->p, TQ_WINDOW_DAY, 0, 100);
    struct tq_share share = share_of(w->p, number, NOON_NS), other;
    struct tq_verdict verdict;

    assert_string_equal(tq_cut_name(TQ_CUT_SHARE), "share");
    assert_string_equal(tq_cut_name(TQ_CUT_OPEN), "open");
    assert_string_equal(tq_cut_name(TQ_CUT_CLOSED), "closed");
    assert_string_equal(tq_cut_name(3), "unknown");
    assert_int_equal(tq_provider_set_cut(w->p, 3), TQ_EINVAL);
    assert_int_equal(tq_provider_set_sharers(NULL, 0, 0), TQ_EINVAL);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, -1), TQ_EINVAL);
    assert_int_equal(tq_ledger_shared_until(w->ledger), HEARD_NS);
    other = share;
    other.others = -1;
    assert_int_equal(tq_provider_set_share(w->p, &other, NOON_NS), TQ_EINVAL);
    other = share;
    other.others = 2;
    other.withheld = 1;
    assert_int_equal(tq_provider_set_share(w->p, &other, NOON_NS), TQ_EINVAL);
    other = share;
    other.number = 9;
    assert_int_equal(tq_provider_set_share(w->p, &other, NOON_NS), TQ_EINVAL);
    other.number = 2;
    assert_int_equal(tq_provider_set_share(w->p, &other, NOON_NS), 1);
    other = share;
    other.start_at_ns += DAY_NS;
    assert_int_equal(tq_provider_set_share(w->p, &other, NOON_NS), 1);
    assert_int_equal(tq_provider_set_share(w->p, &share, TQ_NOW_END_NS), TQ_ERANGE);
    /* As much as a word holds, and more, is all of it. */
    share.others = share.withheld = share.withheld_cut = INT64_MAX;
    assert_int_equal(tq_provider_set_share(w->p, &share, NOON_NS), 0);
    expect_out(w->p, NOON_NS, TQ_REASON_SPENT, MIDNIGHT_NS);
    record(w->p, INT64_MAX, NOON_NS, TQ_EXHAUSTED);
    verdict = verdict_at(w->p, NOON_NS);
    assert_int_equal(verdict.limit_used, INT64_MAX);
    assert_int_equal(tq_provider_set_budget(w->p, 100), 0);
    share = share_of(w->p, 0, NOON_NS);
    share.others = share.withheld = share.withheld_cut = INT64_MAX;
    assert_int_equal(tq_provider_set_share(w->p, &share, NOON_NS), 0);
    assert_int_equal(verdict_at(w->p, NOON_NS).state, TQ_QUOTA_EXHAUSTED);
}

/* ---- a slow model ---------------------------------------------------------------------------- */

#define DAYS 3

/* A limit, or the budget, of which all is kept in plain numbers, by the day. */
struct plain {
    uint32_t number; /* 0: the budget */
    int64_t amount, own[DAYS], others[DAYS], withheld[DAYS], withheld_cut[DAYS];
    bool is_told[DAYS], has_words[DAYS], is_strict; /* has_words: what is withheld was told, too */
};

struct plain_world {
    struct plain of[2];
    uint32_t cut, machines;
    int64_t heard_ns; /* 0: it shares with nobody */
};

static int64_t plain_withheld(const struct plain_world *world, const struct plain *plain, int day,
                              int64_t now_ns)
{
    bool told_here = plain->has_words[day], cut = now_ns > world->heard_ns;

    if (world->heard_ns == 0)
        return plain->is_strict ? plain->amount : 0;
    if (plain->is_strict && cut && now_ns - world->heard_ns > TQ_SHARE_LEASE_NS)
        return plain->amount;
    if (plain->is_strict)
        return told_here ? (cut ? plain->withheld_cut : plain->withheld)[day] : plain->amount;
    if (!cut)
        return told_here ? plain->withheld[day] : 0;
    if (world->cut == TQ_CUT_CLOSED)
        return plain->amount;
    if (world->cut == TQ_CUT_OPEN)
        return plain->is_told[day] ? plain->others[day] : 0;
    return told_here ? plain->withheld_cut[day] : plain->amount - plain->amount / world->machines;
}

/* Compares what the provider says with what the numbers say. */
static void compare(struct tq_provider *provider, const struct plain_world *world, int day, int64_t now_ns)
{
    struct tq_verdict verdict = verdict_at(provider, now_ns);
    bool spent = false, out = false;

    for (int i = 0; i < 2; i++) {
        const struct plain *plain = &world->of[i];
        int64_t withheld = plain_withheld(world, plain, day, now_ns);
        int64_t others = plain->is_told[day] && plain->others[day] < withheld ? plain->others[day] : withheld;

        others = plain->is_told[day] ? others : 0;
        out |= plain->own[day] + withheld >= plain->amount;
        spent |= plain->own[day] + others >= plain->amount;
    }
    assert_int_equal(verdict.state, out ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE);
    assert_int_equal(verdict.reasons >> TQ_REASON_SPENT & 1, spent);
}

static void told_at_random(struct tq_provider *provider, struct plain *plain, struct rng *rng, int day,
                           int64_t now_ns)
{
    int64_t others = rng_below_i64(rng, 60), withheld = others + rng_below_i64(rng, 60);
    int64_t cut = others + rng_below_i64(rng, 60);

    tell_cut(provider, plain->number, others, withheld, cut, now_ns);
    for (int i = 0; i < DAYS; i++)
        plain->is_told[i] = plain->has_words[i] = i == day; /* a lone word */
    plain->others[day] = others;
    plain->withheld[day] = withheld;
    plain->withheld_cut[day] = cut;
}

static void random_operations(void **state)
{
    struct world *w = *state;
    struct plain_world world = {.cut = TQ_CUT_SHARE, .machines = 1, .heard_ns = HEARD_NS};
    struct rng rng = {rng_seed(1)};
    int64_t now_ns = NOON_NS;

    world.of[0].amount = 150;
    world.of[1].amount = 120;
    world.of[1].number = limited(w->p, TQ_WINDOW_DAY, 0, 120);
    assert_int_equal(tq_provider_set_budget(w->p, 150), 0);
    for (int i = 0; i < 3000; i++) {
        int day = (int)((now_ns - MAY_DAY_NS) / DAY_NS), which = (int)rng_below(&rng, 2);
        int64_t tokens = rng_below_i64(&rng, 4);

        switch (rng_below(&rng, 8)) {
        case 0:
            assert_true(tq_provider_record(w->p, tokens, now_ns, NULL) >= 0);
            world.of[0].own[day] += tokens;
            world.of[1].own[day] += tokens;
            break;
        case 1:
            told_at_random(w->p, &world.of[which], &rng, day, now_ns);
            break;
        case 2:
            world.cut = rng_below(&rng, 3);
            assert_int_equal(tq_provider_set_cut(w->p, world.cut), 0);
            break;
        case 3:
            world.heard_ns = rng_below(&rng, 5) == 0 ? 0 : now_ns - DAY_NS / 2 + rng_below_i64(&rng, DAY_NS);
            assert_int_equal(tq_ledger_set_shared_until(w->ledger, world.heard_ns), 0);
            break;
        case 4:
            world.machines = 1 + rng_below(&rng, 5);
            assert_int_equal(tq_provider_set_sharers(w->p, world.machines, INT64_MAX), 0);
            break;
        case 5:
            if (world.of[1].is_strict != (tokens > 1)) {
                world.of[1].is_strict = tokens > 1;
                assert_int_equal(tq_provider_set_strict(w->p, world.of[1].number, tokens > 1), 0);
                for (int k = 0; tokens > 1 && k < DAYS; k++) /* what was told was no lease */
                    world.of[1].has_words[k] = false;
            }
            break;
        default:
            if (now_ns < MAY_DAY_NS + DAYS * DAY_NS - HOUR_NS)
                now_ns += rng_below_i64(&rng, HOUR_NS / 8);
            day = (int)((now_ns - MAY_DAY_NS) / DAY_NS);
        }
        compare(w->p, &world, day, now_ns);
    }
}

static void sentences(void **state)
{
    struct world *w = *state;
    uint32_t number = limited(w->p, TQ_WINDOW_DAY, 0, 100);
    struct tq_verdict verdict;
    char text[512];

    record(w->p, 30, NOON_NS, TQ_AVAILABLE);
    told(w->p, number, 20, 70, NOON_NS);
    verdict = verdict_at(w->p, NOON_NS);
    tq_verdict_explain(&verdict, text, sizeof text);
    assert_string_equal(
        text, "the rest of limit 1 is for other machines: 50 of 100 tokens used in its day, 20 of it on "
              "other machines, 50 withheld for them; out until 2024-05-01 12:00:10 UTC, in 10 s, or until "
              "they leave some of it");
    told(w->p, number, 20, 20, NOON_NS);
    verdict = verdict_at(w->p, NOON_NS);
    tq_verdict_explain(&verdict, text, sizeof text);
    assert_string_equal(
        text, "available: 30 tokens used in this UTC day; limit 1 is the nearest: 50 of 100 tokens used "
              "in its day, 20 of it on other machines");
}

#define shared_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        shared_test(budget),
        shared_test(every_window),
        shared_test(late_records),
        shared_test(cut_off),
        shared_test(strict),
        shared_test(strict_alone),
        shared_test(reserve_and_pool),
        shared_test(holds),
        shared_test(refill),
        shared_test(rolling),
        shared_test(first_use_begins_elsewhere),
        shared_test(corrected),
        shared_test(probes),
        shared_test(waiters),
        shared_test(wrong_words),
        shared_test(random_operations),
        shared_test(sentences),
    };

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
