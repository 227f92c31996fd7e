/* test_hold.c: holds, promise by promise: room, settling, leases, pools, ids, lists, verdicts, routes, the
 * rule.
 *
 * SPDX-License-Identifier: MIT
 *
 * A ledger in private memory, whose time is that of the calls. What other processes do with holds is in
 * test_hold_file.c. A day of these tests is 2024-05-01, a Wednesday.
 */
#include <stdio.h>

#include "harness.h"
#include "windows.h"

#define NOON_NS AT(12, 0, 0)
#define MIDNIGHT_NS AT(24, 0, 0)
#define LEASE_NS (10 * MINUTE_NS)
#define LEASE_END_NS ((NOON_NS + LEASE_NS + 64 * SECOND_NS - 1) / (64 * SECOND_NS) * (64 * SECOND_NS))
#define TOKENS (1u << TQ_UNIT_TOKENS)

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
    return 0;
}

static int set_up(void **state)
{
    return set_up_rule(state, TQ_RULE_OFF);
}

static int set_up_care(void **state)
{
    return set_up_rule(state, TQ_RULE_CARE);
}

static int tear_down(void **state)
{
    tq_ledger_close(((struct world *)*state)->ledger);
    return 0;
}

static int hold_at(struct tq_provider *provider, int64_t tokens, int64_t at_ns, struct tq_hold *hold)
{
    struct tq_amounts amounts = {.size = sizeof amounts, .known = TOKENS, .of[TQ_UNIT_TOKENS] = tokens};

    hold->size = sizeof *hold;
    return tq_provider_hold(provider, &amounts, LEASE_NS, at_ns, hold);
}

static int hold(struct tq_provider *provider, int64_t tokens, struct tq_hold *hold)
{
    return hold_at(provider, tokens, NOON_NS, hold);
}

static int settle(struct tq_hold *hold, int64_t tokens)
{
    struct tq_usage usage = {.size = sizeof usage, .counted = tokens};

    return tq_hold_settle(hold, &usage, NOON_NS);
}

static struct tq_limit_state limit_of(struct tq_provider *provider, uint32_t number)
{
    struct tq_limit_state limits[TQ_LIMITS_MAX] = {{.size = sizeof limits[0]}};

    assert_true(tq_provider_limits(provider, NOON_NS, limits, TQ_LIMITS_MAX) >= (int)number);
    return limits[number - 1];
}

static void expect_held(const struct tq_provider *provider, int64_t at_ns, int64_t until_ns, int64_t held)
{
    struct tq_verdict verdict = verdict_of(provider, at_ns, 0);
    int64_t retry_at_ns;

    assert_int_equal(verdict.state, TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict.reason, TQ_REASON_HELD);
    assert_int_equal(verdict.retry_at_ns, until_ns);
    assert_int_equal(verdict.held, held);
    assert_int_equal(tq_provider_state(provider, at_ns, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, until_ns);
}

static void expect_available(const struct tq_provider *provider, int64_t at_ns)
{
    assert_int_equal(verdict_of(provider, at_ns, 0).state, TQ_AVAILABLE);
    assert_int_equal(tq_provider_state(provider, at_ns, NULL), TQ_AVAILABLE);
}

/* ---- room ------------------------------------------------------------------------------------ */

/* Four calls of twenty pass; the fifth is refused until one settles, by the part that it did not use. */
static void test_four_of_twenty(void **state)
{
    struct world *w = *state;
    struct tq_hold holds[20];
    int taken = 0;

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    for (int i = 0; i < 20; i++) {
        memset(&holds[i], 0, sizeof holds[i]);
        taken += hold(w->p, 250, &holds[i]) == 0;
    }
    assert_int_equal(taken, 4);
    expect_held(w->p, NOON_NS, LEASE_END_NS, 1000);
    assert_int_equal(settle(&holds[0], 200), TQ_AVAILABLE);
    assert_int_equal(holds[0].ended, 0);
    assert_int_equal(limit_of(w->p, 1).used, 200);
    assert_int_equal(limit_of(w->p, 1).held, 750);
    expect_available(w->p, NOON_NS);
    assert_int_equal(hold(w->p, 51, &holds[4]), 1);
    assert_int_equal(hold(w->p, 50, &holds[4]), 0);
    expect_held(w->p, NOON_NS, LEASE_END_NS, 800);
}

/* The budget counts as a limit does, and so does the pool's. */
static void test_budget_and_pool(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0}, two = {0};

    assert_int_equal(tq_provider_set_budget(w->pool, 1000), 0);
    assert_int_equal(tq_provider_set_pool(w->p, w->pool), 0);
    assert_int_equal(hold(w->p, 600, &one), 0);
    assert_int_equal(one.levels, 2);
    assert_int_equal(hold(named(w->ledger, "q"), 500, &two), 0); /* not in the pool */
    assert_int_equal(tq_hold_cancel(&two), 0);
    assert_int_equal(tq_provider_set_pool(named(w->ledger, "q"), w->pool), 0);
    assert_int_equal(hold(named(w->ledger, "q"), 500, &two), 1);
    assert_int_equal(two.levels, 0);
    assert_int_equal(hold(named(w->ledger, "q"), 400, &two), 0);
    expect_held(w->p, NOON_NS, LEASE_END_NS, 1000);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).level, 1);
    assert_int_equal(settle(&one, 100), TQ_AVAILABLE);
    assert_int_equal(tq_provider_used(w->pool, NOON_NS), 100);
    expect_available(w->p, NOON_NS);
}

static void test_reserve(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0}, two = {.flags = TQ_USE_RESERVE};

    assert_int_equal(set_sentence(w->p, "1000 tokens once reserve 100"), 1);
    assert_int_equal(hold(w->p, 901, &one), 1);
    assert_int_equal(hold(w->p, 900, &one), 0);
    assert_int_equal(hold(w->p, 101, &two), 1);
    assert_int_equal(hold(w->p, 100, &two), 0);
    assert_int_equal(verdict_of(w->p, NOON_NS, TQ_USE_RESERVE).reason, TQ_REASON_HELD);
}

/* Each unit by its own amount; requests are 1 unless they are named; a total is as the tokens. */
static void test_units(void **state)
{
    struct world *w = *state;
    struct tq_amounts amounts = {.size = sizeof amounts, .known = TOKENS | 1u << TQ_UNIT_COST};
    struct tq_hold one = {.size = sizeof one};

    assert_int_equal(set_sentence(w->p, "2 requests once"), 1);
    assert_int_equal(set_sentence(w->p, "$1 once"), 2);
    assert_int_equal(set_sentence(w->p, "1000 total once"), 3);
    amounts.of[TQ_UNIT_TOKENS] = 400;
    amounts.of[TQ_UNIT_COST] = 500000;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), 0);
    assert_int_equal(limit_of(w->p, 1).held, 1);
    assert_int_equal(limit_of(w->p, 2).held, 500000);
    assert_int_equal(limit_of(w->p, 3).held, 400);
    amounts.of[TQ_UNIT_COST] = 500001;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), 1);
    amounts.of[TQ_UNIT_COST] = 500000;
    amounts.of[TQ_UNIT_TOKENS] = 601;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), 1);
    amounts.of[TQ_UNIT_TOKENS] = 600;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), 0);
    amounts.of[TQ_UNIT_COST] = amounts.of[TQ_UNIT_TOKENS] = 0;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), 1); /* a third request */
}

/* One of unknown size needs room for one unit, holds none, and counts as flying. */
static void test_unknown(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {.size = sizeof one}, two = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens once"), 1);
    assert_int_equal(tq_provider_hold(w->p, NULL, LEASE_NS, NOON_NS, &one), 0);
    assert_int_equal(limit_of(w->p, 1).held, 0);
    assert_int_equal(limit_of(w->p, 1).flying, 1);
    assert_int_equal(hold(w->p, 1000, &two), 0);
    assert_int_equal(tq_provider_hold(w->p, NULL, LEASE_NS, NOON_NS, &one), 1);
}

/* A limit that is set while calls run knows what they use when they settle. */
static void test_a_limit_that_comes_later(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0}, two = {0};

    assert_int_equal(hold(w->p, 700, &one), 0);
    assert_int_equal(set_sentence(w->p, "1000 tokens once"), 1);
    assert_int_equal(set_sentence(w->p, "1000 total once"), 2);
    assert_int_equal(limit_of(w->p, 1).held, 700); /* tokens are always written */
    assert_int_equal(limit_of(w->p, 2).held, 0);
    assert_int_equal(limit_of(w->p, 2).flying, 1);
    assert_int_equal(hold(w->p, 301, &two), 1);
    assert_int_equal(settle(&one, 650), TQ_AVAILABLE);
    assert_int_equal(limit_of(w->p, 2).used, 650);
}

/* ---- windows --------------------------------------------------------------------------------- */

/* What runs weighs on the window that has come, too. */
static void test_a_window_turns(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0}, two = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(tq_provider_record(w->p, 400, NOON_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(hold_at(w->p, 600, MIDNIGHT_NS - SECOND_NS, &one), 0);
    /* Out until midnight: then 400 are left beside what is held. */
    assert_int_equal(verdict_of(w->p, MIDNIGHT_NS - SECOND_NS, 0).retry_at_ns, MIDNIGHT_NS);
    assert_int_equal(hold_at(w->p, 401, MIDNIGHT_NS, &two), 1);
    assert_int_equal(hold_at(w->p, 400, MIDNIGHT_NS, &two), 0);
}

/* A caller whose clock was read before the window turned has no room that the newest one lacks. */
static void test_a_late_caller(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(set_sentence(w->p, "1000 tokens per 5h first-use"), 2);
    assert_int_equal(tq_provider_record(w->p, 900, MIDNIGHT_NS + SECOND_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(hold_at(w->p, 101, MIDNIGHT_NS - 8 * HOUR_NS, &one), 1);
    assert_int_equal(hold_at(w->p, 100, MIDNIGHT_NS - 8 * HOUR_NS, &one), 0);
}

/* A hold begins a first-use window; one that is refused does not. */
static void test_first_use(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens per 5h first-use"), 1);
    assert_int_equal(hold(w->p, 1001, &one), 1);
    assert_int_equal(limit_of(w->p, 1).start_at_ns, 0);
    assert_int_equal(hold(w->p, 1000, &one), 0);
    assert_int_equal(limit_of(w->p, 1).start_at_ns, NOON_NS);
    assert_int_equal(settle(&one, 10), TQ_AVAILABLE);
    assert_int_equal(limit_of(w->p, 1).used, 10);
}

/* ---- leases ---------------------------------------------------------------------------------- */

/* The lease is rounded up to 64 s; it counts until somebody needs the room. Settling then counts, and says
 * so. */
static void test_a_lease_ends(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0}, two = {0}, three = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens once"), 1);
    assert_int_equal(hold(w->p, 1000, &one), 0);
    assert_int_equal(one.until_ns, LEASE_END_NS);
    expect_held(w->p, LEASE_END_NS - 1, LEASE_END_NS, 1000);
    assert_int_equal(hold_at(w->p, 1, LEASE_END_NS - 1, &two), 1);
    expect_available(w->p, LEASE_END_NS);
    assert_int_equal(hold_at(w->p, 1000, LEASE_END_NS, &two), 0);
    assert_int_equal(settle(&one, 300), TQ_AVAILABLE);
    assert_int_equal(one.ended, 1);
    assert_int_equal(one.levels, 0);
    assert_int_equal(limit_of(w->p, 1).used, 300);
    assert_int_equal(limit_of(w->p, 1).held, 1000); /* the other one's */
    assert_int_equal(settle(&one, 300), TQ_EINVAL);
    assert_int_equal(hold_at(w->p, 1, LEASE_END_NS, &three), 1);
}

/* The end of what is held is when enough leases have ended. */
static void test_until_when(void **state)
{
    struct world *w = *state;
    struct tq_hold hold = {.size = sizeof hold};
    struct tq_amounts amounts = {.size = sizeof amounts, .known = TOKENS, .of[TQ_UNIT_TOKENS] = 250};
    struct tq_route route = {.size = sizeof route, .need = 500};

    assert_int_equal(set_sentence(w->p, "1000 tokens once"), 1);
    for (int i = 1; i <= 4; i++)
        assert_int_equal(tq_provider_hold(w->p, &amounts, i * 640 * SECOND_NS, 64 * SECOND_NS, &hold), 0);
    assert_int_equal(verdict_of(w->p, 100 * SECOND_NS, 0).retry_at_ns, (640 + 64) * SECOND_NS);
    assert_int_equal(tq_ledger_route(w->ledger, &w->p, 1, 100 * SECOND_NS, 0, &route), 1);
    assert_int_equal(route.room, 0);
    assert_int_equal(route.retry_at_ns, (2 * 640 + 64) * SECOND_NS);
    assert_int_equal(tq_ledger_route(w->ledger, &w->p, 1, (2 * 640 + 64) * SECOND_NS, 0, &route), 0);
    assert_int_equal(route.room, 500);
}

static void test_extend(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0}, copy, two = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens once"), 1);
    assert_int_equal(hold(w->p, 1000, &one), 0);
    copy = one;
    assert_int_equal(tq_hold_extend(&one, 2 * HOUR_NS, NOON_NS), 0);
    assert_true(one.until_ns >= NOON_NS + 2 * HOUR_NS &&
                one.until_ns < NOON_NS + 2 * HOUR_NS + 64 * SECOND_NS);
    assert_int_equal(hold_at(w->p, 1, LEASE_END_NS, &two), 1);
    assert_int_equal(tq_hold_extend(&copy, LEASE_NS, NOON_NS), 0); /* earlier again, by a copy */
    assert_int_equal(hold_at(w->p, 1, LEASE_END_NS, &two), 0);
    assert_int_equal(tq_hold_extend(&one, LEASE_NS, NOON_NS), 1);
    assert_int_equal(one.ended, 1);
    assert_int_equal(tq_hold_cancel(&one), 1);
    assert_int_equal(tq_hold_cancel(&one), TQ_EINVAL);
}

/* ---- many ------------------------------------------------------------------------------------ */

static void test_all_places(void **state)
{
    struct world *w = *state;
    static struct tq_hold holds[TQ_HOLDS_MAX];
    struct tq_hold more = {0};

    assert_int_equal(set_sentence(w->p, "1M tokens once"), 1);
    for (int i = 0; i < TQ_HOLDS_MAX; i++) {
        memset(&holds[i], 0, sizeof holds[i]);
        assert_int_equal(hold(w->p, 1 + i, &holds[i]), 0);
    }
    assert_int_equal(tq_provider_holds(w->p, NOON_NS, NULL, 0), TQ_HOLDS_MAX);
    assert_int_equal(limit_of(w->p, 1).held, TQ_HOLDS_MAX * (TQ_HOLDS_MAX + 1) / 2);
    assert_int_equal(hold(w->p, 1, &more), TQ_EFULL);
    assert_int_equal(tq_hold_cancel(&holds[700]), 0);
    assert_int_equal(hold(w->p, 7, &more), 0);
    assert_int_equal(hold_at(w->p, 1, LEASE_END_NS, &more), 0); /* all the others have ended */
    assert_int_equal(tq_provider_holds(w->p, LEASE_END_NS, NULL, 0), 1);
}

/* ---- ids and lists --------------------------------------------------------------------------- */

static void test_ids(void **state)
{
    struct world *w = *state;
    char id[TQ_HOLD_ID_MAX], text[8];
    struct tq_hold one = {0}, found = {.size = sizeof found};
    int len;

    assert_int_equal(tq_provider_set_pool(w->p, w->pool), 0);
    assert_int_equal(set_sentence(w->pool, "1000 tokens once"), 1);
    assert_int_equal(hold(w->p, 1000, &one), 0);
    len = tq_hold_id(&one, id, sizeof id);
    assert_int_equal(len, 1 + 1 + 8 + 1 + 16);
    assert_memory_equal(id, "p#00000001-", 11);
    assert_int_equal(tq_hold_id(&one, NULL, 0), len);
    assert_int_equal(tq_hold_id(&one, text, sizeof text), len);
    assert_string_equal(text, "p#00000");
    assert_int_equal(tq_ledger_hold(w->ledger, id, &found), 0);
    assert_int_equal(found.levels, 2);
    assert_int_equal(found.until_ns, one.until_ns);
    assert_int_equal(settle(&found, 10), TQ_AVAILABLE);
    assert_int_equal(found.ended, 0);
    expect_available(w->p, NOON_NS);
    /* It is gone; what the call used can be counted all the same. */
    assert_int_equal(tq_ledger_hold(w->ledger, id, &found), 1);
    assert_int_equal(settle(&found, 10), TQ_AVAILABLE);
    assert_int_equal(found.ended, 1);
    assert_int_equal(limit_of(w->pool, 1).used, 20);
    /* Another one in its place is not it. */
    assert_int_equal(hold(w->p, 900, &one), 0);
    assert_int_equal(tq_ledger_hold(w->ledger, id, &found), 1);
    assert_int_equal(tq_hold_cancel(&found), 1);
    assert_int_equal(limit_of(w->pool, 1).held, 900);
    /* Also when the provider has left the pool. */
    (void)tq_hold_id(&one, id, sizeof id);
    assert_int_equal(tq_provider_set_pool(w->p, NULL), 0);
    assert_int_equal(tq_ledger_hold(w->ledger, id, &found), 0);
    assert_int_equal(tq_hold_cancel(&found), 0);
    assert_int_equal(limit_of(w->pool, 1).held, 0);
}

static void test_wrong_ids(void **state)
{
    static const char *const wrong[] = {"",
                                        "p",
                                        "#00000001",
                                        "p#",
                                        "p#0000001",
                                        "p#0000000G",
                                        "p#0000000A",
                                        "q#00000001",
                                        "p#00000001x",
                                        "p#00000001-",
                                        "p#00000001-0123456789abcde",
                                        "p#00000001-0123456789abcdef-0123456789abcdef-0123456789abcdef"};
    struct world *w = *state;
    struct tq_hold one = {0}, found = {.size = sizeof found};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(tq_ledger_hold(w->ledger, wrong[i], &found), TQ_EINVAL);
    assert_int_equal(tq_ledger_hold(w->ledger, "p#fff00001", &found), 1); /* a place that never was */
    assert_int_equal(tq_hold_cancel(&found), 1);
    assert_int_equal(hold(w->p, 1, &one), 0);
    assert_int_equal(tq_ledger_hold(w->ledger, "p#00100000", &found), 1); /* one that was never used */
    assert_int_equal(tq_hold_extend(&found, LEASE_NS, NOON_NS), 1);
    assert_int_equal(tq_provider_holds(w->p, NOON_NS, NULL, 0), 1);
    assert_int_equal(settle(&found, 1), TQ_AVAILABLE);
    assert_int_equal(found.ended, 1);
    assert_int_equal(tq_ledger_hold(w->ledger, "p#00100000", &found), 1);
    assert_int_equal(tq_hold_cancel(&found), 1);
    assert_int_equal(tq_hold_cancel(&one), 0);
    assert_int_equal(tq_ledger_hold(NULL, "p#00000001", &found), TQ_EINVAL);
    assert_int_equal(tq_ledger_hold(w->ledger, NULL, &found), TQ_EINVAL);
    assert_int_equal(tq_ledger_hold(w->ledger, "p#00000001", NULL), TQ_EINVAL);
    found.size--;
    assert_int_equal(tq_ledger_hold(w->ledger, "p#00000001", &found), TQ_EINVAL);
}

static void test_list(void **state)
{
    struct world *w = *state;
    struct tq_hold_state list[3] = {{.size = sizeof list[0]}};
    struct tq_hold one = {0}, two = {.size = sizeof two};

    assert_int_equal(tq_provider_holds(w->p, NOON_NS, list, 3), 0);
    assert_int_equal(hold(w->p, 70, &one), 0);
    assert_int_equal(tq_provider_hold(w->p, NULL, LEASE_NS, NOON_NS, &two), 0);
    assert_int_equal(tq_provider_holds(w->p, NOON_NS, list, 1), 2);
    assert_int_equal(list[1].size, 0);
    assert_int_equal(tq_provider_holds(w->p, NOON_NS, list, 3), 2);
    assert_int_equal(list[0].known, TOKENS);
    assert_int_equal(list[0].of[TQ_UNIT_TOKENS], 70);
    assert_int_equal(list[0].owner, 0); /* in private memory there is none */
    assert_int_equal(list[0].alive, 1);
    assert_int_equal(list[1].known, 0);
    assert_int_equal(list[1].hold.until_ns, LEASE_END_NS);
    assert_int_equal(tq_provider_holds(w->p, LEASE_END_NS, list, 3), 2);
    assert_int_equal(list[0].alive, 0);
    assert_int_equal(tq_hold_cancel(&list[0].hold), 0);
    assert_int_equal(tq_hold_cancel(&one), 1);
    assert_int_equal(tq_provider_holds(NULL, NOON_NS, list, 3), TQ_EINVAL);
    assert_int_equal(tq_provider_holds(w->p, NOON_NS, NULL, 3), TQ_EINVAL);
    assert_int_equal(tq_provider_holds(w->p, TQ_NOW_END_NS, list, 3), TQ_ERANGE);
    list[0].size = sizeof list[0] - 8;
    assert_int_equal(tq_provider_holds(w->p, NOON_NS, list, 3), TQ_EINVAL);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void test_wrong_holds(void **state)
{
    struct world *w = *state;
    struct tq_amounts amounts = {.size = sizeof amounts, .known = TOKENS};
    struct tq_hold one = {.size = sizeof one};

    assert_int_equal(tq_provider_hold(NULL, &amounts, LEASE_NS, NOON_NS, &one), TQ_EINVAL);
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, NULL), TQ_EINVAL);
    one.size--;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), TQ_EINVAL);
    one.size++;
    one.flags = 1;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), TQ_EINVAL);
    one.flags = TQ_HOLD_NOBODY | TQ_USE_RESERVE;
    amounts.size--;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), TQ_EINVAL);
    amounts.size++;
    amounts.known = TOKENS | 1u << TQ_UNIT_SHARE;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), TQ_EINVAL);
    amounts.known = TOKENS | 1;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), TQ_EINVAL);
    amounts.known = TOKENS;
    amounts.of[TQ_UNIT_TOKENS] = -1;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), TQ_EINVAL);
    amounts.of[TQ_UNIT_TOKENS] = TQ_HOLD_AMOUNT_MAX + 1;
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, NOON_NS, &one), TQ_ERANGE);
    amounts.of[TQ_UNIT_TOKENS] = TQ_HOLD_AMOUNT_MAX;
    assert_int_equal(tq_provider_hold(w->p, &amounts, 0, NOON_NS, &one), TQ_ERANGE);
    assert_int_equal(tq_provider_hold(w->p, &amounts, TQ_LEASE_MAX_NS + 1, NOON_NS, &one), TQ_ERANGE);
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, -1, &one), TQ_ERANGE);
    assert_int_equal(tq_provider_hold(w->p, &amounts, LEASE_NS, (INT64_C(64) << 26) * SECOND_NS, &one),
                     TQ_ERANGE);
    assert_int_equal(tq_provider_hold(w->p, &amounts, TQ_LEASE_MAX_NS, NOON_NS, &one), 0);
    assert_int_equal(tq_hold_extend(&one, 0, NOON_NS), TQ_ERANGE);
    assert_int_equal(tq_hold_settle(&one, NULL, NOON_NS), TQ_EINVAL);
    assert_int_equal(settle(&one, -1), TQ_EINVAL);
    assert_int_equal(tq_hold_cancel(&one), 0);
    assert_int_equal(tq_hold_cancel(NULL), TQ_EINVAL);
    assert_int_equal(tq_hold_extend(NULL, 1, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_hold_settle(NULL, NULL, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_hold_id(&one, NULL, 0), TQ_EINVAL);
}

/* What is not counted leaves the hold. */
static void test_a_settle_that_fails(void **state)
{
    struct world *w = *state;
    struct tq_usage usage = {.size = sizeof usage, .counted = 5};
    struct tq_hold one = {0};

    assert_int_equal(hold(w->p, 10, &one), 0);
    assert_int_equal(tq_provider_record(w->p, 1, NOON_NS, NULL), 0);
    assert_int_equal(tq_hold_settle(&one, &usage, NOON_NS - 64 * DAY_NS), TQ_EAGE);
    assert_int_equal(tq_hold_settle(&one, &usage, TQ_NOW_END_NS), TQ_ERANGE);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).held, 10);
    assert_int_equal(tq_hold_settle(&one, &usage, NOON_NS), 0);
    assert_int_equal(tq_provider_used(w->p, NOON_NS), 6);
}

/* ---- what stays ------------------------------------------------------------------------------ */

static void test_forget_and_reset(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0}, two = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens once"), 1);
    assert_int_equal(hold(w->p, 1000, &one), 0);
    assert_int_equal(tq_provider_reset(w->p), 0);
    assert_int_equal(hold(w->p, 1, &two), 1);
    assert_int_equal(tq_provider_forget(w->p), 0);
    expect_available(w->p, NOON_NS);
    assert_int_equal(set_sentence(w->p, "1500 tokens once"), 1);
    assert_int_equal(hold(w->p, 501, &two), 1);
    assert_int_equal(settle(&one, 100), TQ_AVAILABLE);
    assert_int_equal(limit_of(w->p, 1).used, 100);
}

/* ---- other answers --------------------------------------------------------------------------- */

static void test_route(void **state)
{
    struct world *w = *state;
    struct tq_provider *both[2] = {w->p, w->pool};
    struct tq_route route = {.size = sizeof route, .need = 400};
    struct tq_hold one = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(tq_ledger_route(w->ledger, both, 2, NOON_NS, 0, &route), 0);
    assert_int_equal(route.chosen, 0);
    assert_int_equal(route.room, 1000);
    assert_int_equal(hold(w->p, 601, &one), 0);
    assert_int_equal(tq_ledger_route(w->ledger, both, 2, NOON_NS, 0, &route), 0);
    assert_int_equal(route.chosen, 1);
    route.need = 399;
    assert_int_equal(tq_ledger_route(w->ledger, both, 2, NOON_NS, 0, &route), 0);
    assert_int_equal(route.chosen, 0);
    assert_int_equal(route.room, 399);
    /* By pressure: 39.9 % of the one are left, 50 % of the other. */
    assert_int_equal(set_sentence(w->pool, "1000 tokens per day"), 1);
    assert_int_equal(tq_provider_record(w->pool, 500, NOON_NS, NULL), 0);
    route.policy = TQ_POLICY_PRESSURE;
    assert_int_equal(tq_ledger_route(w->ledger, both, 2, NOON_NS, 0, &route), 0);
    assert_int_equal(route.chosen, 1);
    assert_int_equal(hold(w->p, 399, &one), 0);
    route.need = 0;
    assert_int_equal(tq_ledger_route(w->ledger, &w->p, 1, NOON_NS, 0, &route), 1);
    assert_int_equal(route.retry_at_ns, LEASE_END_NS);
}

static void expect_sentence(const struct tq_provider *provider, const char *expected)
{
    struct tq_verdict verdict = verdict_of(provider, NOON_NS, 0);
    char text[512];

    assert_int_equal(tq_verdict_explain(&verdict, text, sizeof text), strlen(expected));
    assert_string_equal(text, expected);
}

static void test_explain(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0}, two = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(hold(w->p, 400, &one), 0);
    expect_sentence(
        w->p, "available: 0 tokens used in this UTC day; limit 1 is the nearest: 0 of 1,000 tokens used "
              "in its day, 400 held by 1 call");
    assert_int_equal(hold(w->p, 600, &two), 0);
    expect_sentence(w->p,
                    "limit 1 is held: 0 of 1,000 tokens used in its day, 1,000 held by 2 calls; out until "
                    "2024-05-01 12:10:40 UTC, in 10 min 40 s, or until a call that runs is settled");
    assert_int_equal(tq_provider_remove_limit(w->p, 1), 0);
    assert_int_equal(tq_provider_set_budget(w->p, 900), 0);
    expect_sentence(
        w->p, "the budget is held: 0 of 900 tokens used in this UTC day, 1,000 held by 2 calls; out until "
              "2024-05-01 12:10:40 UTC, in 10 min 40 s, or until a call that runs is settled");
}

/* ---- the rule care --------------------------------------------------------------------------- */

/* A record that settles a hold of a known size is in neither the half hour nor the mean call. */
static void test_settled_are_not_noted(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0};

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(hold(w->p, 700, &one), 0);
    assert_int_equal(settle(&one, 700), TQ_AVAILABLE);
    expect_available(w->p, NOON_NS); /* a record of 700 would have taken it out */
    assert_int_equal(tq_provider_record(w->p, 100, NOON_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(hold(w->p, 200, &one), 0);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).reason, TQ_REASON_HELD);
}

/* Room is less by what is held: 100 were used in the half hour, 5/4 of that is 125, and 124 are left. */
static void test_room_less_what_is_held(void **state)
{
    struct world *w = *state;
    struct tq_hold one = {0};
    struct tq_verdict verdict;

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(tq_provider_record(w->p, 100, NOON_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(hold(w->p, 775, &one), 0);
    expect_available(w->p, NOON_NS);
    assert_int_equal(tq_hold_cancel(&one), 0);
    assert_int_equal(hold(w->p, 776, &one), 0); /* taking a hold looks at room alone */
    verdict = verdict_of(w->p, NOON_NS, 0);
    assert_int_equal(verdict.reason, TQ_REASON_PREDICTED);
    assert_int_equal(verdict.expects, TQ_EXPECTS_CALL);
    assert_int_equal(verdict.expected, 125);
    assert_int_equal(verdict.held, 776);
    assert_int_equal(verdict.retry_at_ns, LEASE_END_NS);
    assert_int_equal(tq_hold_cancel(&one), 0);
    expect_available(w->p, NOON_NS);
}

/* Three calls of unknown size: 5/4 of three mean calls of 200 are 750, and 749 are left. */
static void test_flying(void **state)
{
    struct world *w = *state;
    struct tq_hold hold = {.size = sizeof hold};
    struct tq_verdict verdict;

    assert_int_equal(set_sentence(w->p, "949 tokens per day"), 1);
    assert_int_equal(tq_provider_record(w->p, 200, NOON_NS, NULL), TQ_AVAILABLE);
    for (int i = 0; i < 2; i++)
        assert_int_equal(tq_provider_hold(w->p, NULL, LEASE_NS, NOON_NS, &hold), 0);
    expect_available(w->p, NOON_NS);
    assert_int_equal(tq_provider_hold(w->p, NULL, LEASE_NS, NOON_NS, &hold), 0);
    verdict = verdict_of(w->p, NOON_NS, 0);
    assert_int_equal(verdict.reason, TQ_REASON_PREDICTED);
    assert_int_equal(verdict.expects, TQ_EXPECTS_FLYING);
    assert_int_equal(verdict.expected, 750);
    assert_int_equal(verdict.flying, 3);
    assert_int_equal(limit_of(w->p, 1).is_held, 1);
    assert_int_equal(verdict.retry_at_ns, LEASE_END_NS);
    assert_int_equal(settle(&hold, 10), TQ_AVAILABLE); /* noted: its size was not known */
    expect_available(w->p, NOON_NS);
}

/* The same of the budget; nothing is written that a dead owner could leave. */
static void test_flying_budget(void **state)
{
    struct world *w = *state;
    struct tq_hold hold = {.size = sizeof hold};

    assert_int_equal(tq_provider_set_budget(w->p, 949), 0);
    assert_int_equal(tq_provider_record(w->p, 200, NOON_NS, NULL), TQ_AVAILABLE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tq_provider_hold(w->p, NULL, LEASE_NS, NOON_NS, &hold), 0);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).reason, TQ_REASON_PREDICTED);
    assert_int_equal(tq_provider_state(w->p, NOON_NS, NULL), TQ_QUOTA_EXHAUSTED);
    expect_available(w->p, LEASE_END_NS);
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* One that found it out because of holds is told when a hold is freed. A wait is by the clock, so the holds
 * are of now. */
static void test_wait(void **state)
{
    struct world *w = *state;
    int64_t now_ns = tq_now_ns();
    struct tq_hold one = {0};
    uint32_t seen = 0;

    assert_int_equal(set_sentence(w->p, "1000 tokens once"), 1);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 1);
    assert_int_equal(hold_at(w->p, 999, now_ns, &one), 0); /* something is left: nobody need know */
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 1);
    assert_int_equal(tq_hold_cancel(&one), 0);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 1);
    assert_int_equal(hold_at(w->p, 1000, now_ns, &one), 0);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
    assert_int_equal(tq_provider_state(w->p, now_ns, NULL), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 1);
    assert_int_equal(tq_hold_cancel(&one), 0);
    assert_int_equal(tq_ledger_wait(w->ledger, &seen, 0), 0);
}

#define hold_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define care_test(test) cmocka_unit_test_setup_teardown(test, set_up_care, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        hold_test(test_four_of_twenty),
        hold_test(test_budget_and_pool),
        hold_test(test_reserve),
        hold_test(test_units),
        hold_test(test_unknown),
        hold_test(test_a_limit_that_comes_later),
        hold_test(test_a_window_turns),
        hold_test(test_a_late_caller),
        hold_test(test_first_use),
        hold_test(test_a_lease_ends),
        hold_test(test_until_when),
        hold_test(test_extend),
        hold_test(test_all_places),
        hold_test(test_ids),
        hold_test(test_wrong_ids),
        hold_test(test_list),
        hold_test(test_wrong_holds),
        hold_test(test_a_settle_that_fails),
        hold_test(test_forget_and_reset),
        hold_test(test_route),
        hold_test(test_explain),
        care_test(test_settled_are_not_noted),
        care_test(test_room_less_what_is_held),
        care_test(test_flying),
        care_test(test_flying_budget),
        hold_test(test_wait),
    };

    return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
