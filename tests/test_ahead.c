/* test_ahead.c: a clock was ahead, something was recorded by it, and it was set right: no budget is switched
 * off.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "harness.h"
#include "scratch.h"
#include "system_fake.h"

#define MINUTE_NS INT64_C(60000000000)
#define HISTORY 8
#define BUDGET 1000
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define END_NS (MAY_DAY_NS + DAY_NS)

static const uint32_t rules[] = {TQ_RULE_OFF, TQ_RULE_HORIZON, TQ_RULE_ORIGINAL};

struct ahead {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
};

/* path NULL: private memory. */
static struct ahead open_at(const char *path, uint32_t rule, int64_t max_ahead_ns)
{
    struct tq_ledger_options options = {
        .size = sizeof options, .history_days = HISTORY, .rule = rule, .max_ahead_ns = max_ahead_ns};
    struct ahead ahead;

    assert_int_equal(tq_ledger_open(&ahead.ledger, path, &options, NULL), 0);
    ahead.provider = handle(ahead.ledger, "a");
    assert_int_equal(tq_provider_set_budget(ahead.provider, BUDGET), 0);
    return ahead;
}

/* A new ledger in a file, by the defaults. */
static struct ahead open_new(void **state, uint32_t rule)
{
    static unsigned number;
    char name[32];

    snprintf(name, sizeof name, "ledger-%u", ++number);
    return open_at(scratch_path(state, name), rule, 0);
}

static int clock_teardown(void **state)
{
    fake_system.now_ns = 0;
    return scratch_teardown(state);
}

static int observe_at(struct tq_provider *provider, int64_t tokens, int64_t now_ns)
{
    fake_system.now_ns = now_ns;
    return tq_provider_observe(provider, tokens, now_ns, NULL);
}

static void expect_out(const struct ahead *ahead, int64_t now_ns, int64_t retry_at_ns)
{
    struct tq_route route = {.size = sizeof route};
    int64_t got_ns = UNWRITTEN;

    assert_int_equal(tq_provider_state(ahead->provider, now_ns, &got_ns),
                     retry_at_ns ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE);
    assert_int_equal(got_ns, retry_at_ns);
    assert_int_equal(tq_ledger_route(ahead->ledger, &ahead->provider, 1, now_ns, 0, &route),
                     retry_at_ns != 0);
}

/* ---- the limit ------------------------------------------------------------------------------- */

/* By the defaults 5 minutes for a file, whichever call records, and none for private memory. */
static void test_default_limit(void **state)
{
    struct ahead file = open_new(state, TQ_RULE_OFF), memory = open_at(NULL, TQ_RULE_OFF, 0);

    fake_system.now_ns = END_NS - MINUTE_NS;
    assert_int_equal(tq_provider_record(file.provider, 1, fake_system.now_ns + TQ_MAX_AHEAD_NS + 1, NULL),
                     TQ_ECLOCK);
    assert_int_equal(tq_provider_observe(file.provider, 1, fake_system.now_ns + DAY_NS, NULL), TQ_ECLOCK);
    assert_int_equal(tq_provider_record(file.provider, 1, fake_system.now_ns + TQ_MAX_AHEAD_NS, NULL), 0);
    assert_int_equal(tq_provider_record(memory.provider, 1, fake_system.now_ns + 100 * DAY_NS, NULL), 0);
    tq_ledger_close(file.ledger);
    tq_ledger_close(memory.ledger);
}

/* No limit, and limits that end behind all instants. */
static void test_no_limit(void **state)
{
    static const int64_t limits[] = {INT64_MAX, INT64_MAX - 1, TQ_NOW_END_NS, 250 * 365 * DAY_NS};

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct ahead ahead = open_at(scratch_path(state, "ledger"), TQ_RULE_OFF, limits[i]);

        fake_system.now_ns = NOON_NS;
        assert_int_equal(tq_provider_record(ahead.provider, 1, NOON_NS + DAY_NS, NULL), 0);
        assert_int_equal(tq_provider_record(ahead.provider, 1, TQ_NOW_END_NS - 1, NULL), 0);
        fake_system.now_ns = INT64_MAX; /* a clock that is no accepted instant itself */
        assert_int_equal(tq_provider_record(ahead.provider, 1, TQ_NOW_END_NS - DAY_NS - 1, NULL), 0);
        tq_ledger_close(ahead.ledger);
    }
}

/* A name that would be new does not enter with a record that is refused. */
static void test_refused_record_leaves_no_name(void **state)
{
    struct ahead ahead = open_new(state, TQ_RULE_ORIGINAL);
    struct tq_tracker *tracker = tq_ledger_tracker(ahead.ledger);
    struct tq_store *store = tq_ledger_store(ahead.ledger);
    struct tq_ledger_info info = {.size = sizeof info};
    int64_t ahead_ns = NOON_NS + HOUR_NS, retry_at_ns = UNWRITTEN;

    fake_system.now_ns = NOON_NS;
    assert_int_equal(tq_tracker_record(tracker, "ghost", 5, ahead_ns, &retry_at_ns), TQ_ECLOCK);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq_observe_token_usage(tracker, store, "ghost", 5, ahead_ns), TQ_ECLOCK);
    assert_int_equal(tq_observe_token_usage(tracker, NULL, "ghost", 5, ahead_ns), TQ_ECLOCK);
    assert_int_equal(tq_tracker_record(tracker, "ghost\n", 5, NOON_NS, NULL), TQ_ENAME);
    assert_int_equal(tq_tracker_record(tracker, "ghost", 5, TQ_NOW_END_NS, NULL), TQ_ERANGE);
    assert_int_equal(tq_ledger_statistics(ahead.ledger, &info), 0);
    assert_int_equal(info.providers, 1);
    assert_int_equal(tq_tracker_record(tracker, "ghost", 5, NOON_NS, NULL), 0);
    tq_ledger_close(ahead.ledger);
}

/* ---- one record by a wrong clock ------------------------------------------------------------- */

/* Whatever the rule and however far ahead: the right day is counted, and excludes when it is spent. */
static void test_spent_excludes(void **state)
{
    static const int days[] = {1, 2, HISTORY - 1, HISTORY, HISTORY + 1, 40, 64 * HISTORY, 50000};

    for (size_t r = 0; r < 3; r++)
        for (size_t d = 0; d < sizeof days / sizeof days[0]; d++) {
            struct ahead ahead = open_new(state, rules[r]);

            assert_int_equal(observe_at(ahead.provider, 1, NOON_NS + days[d] * DAY_NS), 0);
            assert_int_equal(observe_at(ahead.provider, 5 * BUDGET, NOON_NS), TQ_EXHAUSTED);
            expect_out(&ahead, NOON_NS, END_NS);
            assert_int_equal(tq_provider_used(ahead.provider, NOON_NS), 5 * BUDGET);
            expect_out(&ahead, END_NS, 0);
            assert_int_equal(observe_at(ahead.provider, 1, END_NS), 0); /* the day after is as any other */
            tq_ledger_close(ahead.ledger);
        }
}

/* The wrong day was spent: what it predicted or marked is void with it. */
static void test_wrong_day_was_spent(void **state)
{
    for (size_t r = 0; r < 3; r++) {
        struct ahead ahead = open_new(state, rules[r]);

        assert_int_equal(observe_at(ahead.provider, 2 * BUDGET, NOON_NS + 40 * DAY_NS), TQ_EXHAUSTED);
        expect_out(&ahead, NOON_NS, END_NS + 40 * DAY_NS);
        assert_int_equal(observe_at(ahead.provider, 1, NOON_NS), 0);
        expect_out(&ahead, NOON_NS, 0);
        tq_ledger_close(ahead.ledger);
    }
}

/* A caller's mark is no word of the wrong day's. */
static void test_callers_mark_stays(void **state)
{
    for (size_t r = 0; r < 3; r++) {
        struct ahead ahead = open_new(state, rules[r]);

        assert_int_equal(observe_at(ahead.provider, 1, NOON_NS + 40 * DAY_NS), 0);
        assert_int_equal(tq_provider_mark_quota_exhausted(ahead.provider, NOON_NS + 50 * DAY_NS), 0);
        assert_int_equal(observe_at(ahead.provider, 1, NOON_NS), 0);
        expect_out(&ahead, NOON_NS, NOON_NS + 50 * DAY_NS);
        tq_ledger_close(ahead.ledger);
    }
}

/* Today was spent before the clock went wrong: it is out again by whatever takes the wrong day back. */
static void test_spent_before(void **state)
{
    for (int by = 0; by < 3; by++)
        for (size_t r = 0; r < 2; r++) {
            struct ahead ahead = open_new(state, rules[r]);

            assert_int_equal(observe_at(ahead.provider, BUDGET, NOON_NS), TQ_EXHAUSTED);
            assert_int_equal(observe_at(ahead.provider, BUDGET, NOON_NS + 3 * DAY_NS), TQ_EXHAUSTED);
            fake_system.now_ns = NOON_NS + HOUR_NS;
            if (by == 0)
                assert_int_equal(tq_provider_record(ahead.provider, 0, NOON_NS - DAY_NS, NULL), 0);
            else if (by == 1)
                assert_int_equal(tq_provider_set_budget(ahead.provider, BUDGET / 2), 0);
            else
                assert_int_equal(tq_provider_set_rule(ahead.provider, rules[1 - r]), 0);
            expect_out(&ahead, NOON_NS + HOUR_NS, END_NS);
            tq_ledger_close(ahead.ledger);
        }
}

/* The pace of today is seen, although both half hours were written by a wrong clock. */
static void test_half_hours(void **state)
{
    struct ahead ahead = open_new(state, TQ_RULE_HORIZON);

    observe_at(ahead.provider, 1, NOON_NS + 3 * DAY_NS);
    observe_at(ahead.provider, 1, NOON_NS + 3 * DAY_NS + HOUR_NS / 2);
    assert_int_equal(observe_at(ahead.provider, 600, NOON_NS), TQ_EXHAUSTED);
    expect_out(&ahead, NOON_NS, NOON_NS + 40 * MINUTE_NS);
    tq_ledger_close(ahead.ledger);
}

static void test_correct(void **state)
{
    struct ahead ahead = open_new(state, TQ_RULE_OFF);

    assert_int_equal(observe_at(ahead.provider, 1, NOON_NS + HISTORY * DAY_NS), 0);
    fake_system.now_ns = NOON_NS;
    assert_int_equal(tq_provider_correct(ahead.provider, 1, NOON_NS), 0); /* of nothing, but no TQ_EAGE */
    assert_int_equal(observe_at(ahead.provider, BUDGET, NOON_NS), TQ_EXHAUSTED);
    observe_at(ahead.provider, 1, NOON_NS + DAY_NS);
    fake_system.now_ns = NOON_NS;
    assert_int_equal(tq_provider_correct(ahead.provider, 1, NOON_NS), 0);
    expect_out(&ahead, NOON_NS, 0);
    tq_ledger_close(ahead.ledger);
}

/* If it is the present clock that is wrong, days that nobody needs the place of are still there when it is
 * right. */
static void test_clock_behind(void **state)
{
    struct ahead ahead = open_new(state, TQ_RULE_OFF);

    assert_int_equal(observe_at(ahead.provider, BUDGET, NOON_NS), TQ_EXHAUSTED);
    assert_int_equal(observe_at(ahead.provider, 1, NOON_NS - 2 * DAY_NS), 0);
    assert_int_equal(tq_provider_used(ahead.provider, NOON_NS), BUDGET);
    assert_int_equal(observe_at(ahead.provider, 0, NOON_NS), TQ_EXHAUSTED);
    expect_out(&ahead, NOON_NS, END_NS);
    tq_ledger_close(ahead.ledger);
}

/* ---- a newest day that no clock can tell from a right one ------------------------------------ */

/* Tomorrow's newest day lies within the limit: today excludes all the same, and shortens nothing. */
static void test_within_the_limit(void **state)
{
    int64_t before_ns = END_NS - 2 * MINUTE_NS;

    for (size_t r = 0; r < 3; r++) {
        struct ahead ahead = open_new(state, rules[r]);

        fake_system.now_ns = before_ns;
        assert_int_equal(tq_provider_observe(ahead.provider, 0, END_NS + MINUTE_NS, NULL), 0);
        assert_int_equal(tq_provider_observe(ahead.provider, BUDGET, before_ns, NULL), TQ_EXHAUSTED);
        expect_out(&ahead, before_ns, END_NS);
        assert_int_equal(tq_provider_observe(ahead.provider, BUDGET, END_NS + MINUTE_NS, NULL), TQ_EXHAUSTED);
        assert_int_equal(tq_provider_observe(ahead.provider, 1, before_ns, NULL), TQ_EXHAUSTED);
        expect_out(&ahead, before_ns, END_NS + DAY_NS);
        tq_ledger_close(ahead.ledger);
    }
}

/* Without a limit the same, but under the original's rule, whose marks speak of the newest day. */
static void test_private_memory(void **state)
{
    (void)state;
    for (size_t r = 0; r < 3; r++) {
        struct ahead ahead = open_at(NULL, rules[r], 0);
        int64_t out_until_ns = rules[r] == TQ_RULE_ORIGINAL ? 0 : END_NS;

        assert_int_equal(tq_provider_observe(ahead.provider, 1, NOON_NS + DAY_NS, NULL), 0);
        assert_int_equal(tq_provider_observe(ahead.provider, 5 * BUDGET, NOON_NS, NULL), TQ_EXHAUSTED);
        expect_out(&ahead, NOON_NS, out_until_ns);
        tq_ledger_close(ahead.ledger);
    }
}

/* Usage is forgotten, marks stay: a late record does not bring the provider back. */
static void test_reset_and_late_record(void **state)
{
    (void)state;
    for (size_t r = 0; r < 3; r++) {
        struct ahead ahead = open_at(NULL, rules[r], 0);
        int64_t mark_ns = rules[r] == TQ_RULE_ORIGINAL ? END_NS : 0;

        assert_int_equal(tq_provider_observe(ahead.provider, BUDGET, NOON_NS, NULL), TQ_EXHAUSTED);
        expect_out(&ahead, NOON_NS, END_NS);
        assert_int_equal(tq_provider_reset(ahead.provider), 0);
        expect_out(&ahead, NOON_NS, mark_ns);
        assert_int_equal(tq_provider_observe(ahead.provider, BUDGET, MAY_DAY_NS - 1, NULL), TQ_EXHAUSTED);
        expect_out(&ahead, NOON_NS, mark_ns);
        tq_ledger_close(ahead.ledger);
    }
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void test_statistics(void **state)
{
    struct ahead ahead = open_new(state, TQ_RULE_OFF);
    struct tq_ledger_info info = {.size = sizeof info};

    observe_at(ahead.provider, 1, NOON_NS + 3 * DAY_NS);
    observe_at(handle(ahead.ledger, "b"), 1, NOON_NS + 2 * DAY_NS);
    observe_at(handle(ahead.ledger, "c"), 1, NOON_NS);
    assert_int_equal(tq_ledger_statistics(ahead.ledger, &info), 0);
    assert_int_equal(info.ahead, 2);
    assert_int_equal(info.ahead_at_ns, MAY_DAY_NS + 3 * DAY_NS);
    memset(&info, 0x55, sizeof info);
    info.size = offsetof(struct tq_ledger_info, ahead); /* a program of before */
    assert_int_equal(tq_ledger_check(ahead.ledger, &info, NULL), 0);
    assert_int_equal(info.providers, 3);
    assert_int_equal(info.size, offsetof(struct tq_ledger_info, ahead));
    assert_int_equal(info.ahead, UINT64_C(0x5555555555555555));
    info.size--;
    assert_int_equal(tq_ledger_statistics(ahead.ledger, &info), TQ_EINVAL);
    tq_ledger_close(ahead.ledger);
}

#define ahead_test(test) cmocka_unit_test_setup_teardown(test, scratch_setup, clock_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ahead_test(test_default_limit),
        ahead_test(test_no_limit),
        ahead_test(test_refused_record_leaves_no_name),
        ahead_test(test_spent_excludes),
        ahead_test(test_wrong_day_was_spent),
        ahead_test(test_callers_mark_stays),
        ahead_test(test_spent_before),
        ahead_test(test_half_hours),
        ahead_test(test_correct),
        ahead_test(test_clock_behind),
        ahead_test(test_within_the_limit),
        ahead_test(test_private_memory),
        ahead_test(test_reset_and_late_record),
        ahead_test(test_statistics),
    };

    return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
