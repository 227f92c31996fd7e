/* test_clock.c: the machine's clock steps back and forward: what is refused is said, what is counted stays
 * counted.
 *
 * SPDX-License-Identifier: MIT
 *
 * The limits are the command's: not before 2020, at most five minutes ahead of the clock, looked at when a
 * record would start a day or is of an earlier one; with the rule horizon, also when it would start a half
 * hour. What lies further ahead than that is void by then.
 */
#include <stdlib.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"
#include "system_fake.h"
#include "src/system.h"

#define MINUTE_NS INT64_C(60000000000)
#define MIN_NS (INT64_C(18262) * DAY_NS) /* 2020-01-01 */
#define AHEAD_NS (5 * MINUTE_NS)
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define HISTORY 8

static struct tq_ledger *open_with_rule(void **state, uint32_t rule)
{
    struct tq_ledger_options options = {.size = sizeof options,
                                        .history_days = HISTORY,
                                        .rule = rule,
                                        .min_now_ns = MIN_NS,
                                        .max_ahead_ns = AHEAD_NS};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, NULL), 0);
    return ledger;
}

static struct tq_ledger *open_limited(void **state)
{
    return open_with_rule(state, TQ_RULE_OFF);
}

static int clock_teardown(void **state)
{
    fake_system.now_ns = 0;
    fake_system.step_ns = 0;
    return scratch_teardown(state);
}

static struct tq_ledger_info numbers(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %s", error.msg);
    return info;
}

/* Records one token at what the clock says, as callers do. */
static int record_now(struct tq_provider *provider)
{
    return tq_provider_record(provider, 1, tq_now_ns(), NULL);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* A machine without a battery: 1970 until the network sets the clock. Nothing is counted for 1970. */
static void test_from_1970(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider = handle(ledger, "a");

    fake_system.now_ns = 1;
    assert_int_equal(record_now(provider), TQ_ECLOCK);
    fake_system.now_ns = MIN_NS - 1;
    assert_int_equal(record_now(provider), TQ_ECLOCK);
    fake_system.now_ns = NOON_NS;
    assert_int_equal(record_now(provider), 0);
    assert_int_equal(tq_provider_used(provider, NOON_NS), 1);
    assert_int_equal(tq_provider_used(provider, MIN_NS - 1), 0);
    fake_system.now_ns = 1; /* and back again: an earlier day */
    assert_int_equal(record_now(provider), TQ_ECLOCK);
    assert_int_equal(numbers(ledger).clock, 3);
    assert_int_equal(numbers(ledger).too_old, 0);
    tq_ledger_close(ledger);
}

/* Back by hours and days, as far as days are kept: each record counts for the day that its instant names. */
static void test_back_within_history(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider = handle(ledger, "a");

    for (int day = 0; day < HISTORY; day++) {
        fake_system.now_ns = NOON_NS - day * DAY_NS;
        assert_int_equal(record_now(provider), 0);
        assert_int_equal(record_now(provider), 0);
    }
    for (int day = 0; day < HISTORY; day++)
        assert_int_equal(tq_provider_used(provider, NOON_NS - day * DAY_NS), 2);
    assert_int_equal(numbers(ledger).late, 0); /* by the clock they are the newest */
    fake_system.now_ns = NOON_NS;
    assert_int_equal(record_now(provider), 0);
    assert_int_equal(tq_provider_used(provider, NOON_NS), 3);
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS - DAY_NS, NULL), 0);
    assert_int_equal(numbers(ledger).late, 1);
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS - HISTORY * DAY_NS, NULL), TQ_EAGE);
    assert_int_equal(numbers(ledger).too_old, 1);
    fake_system.now_ns = NOON_NS - HISTORY * DAY_NS; /* its place is that of the newest day, which by the
                                                        clock is none yet */
    assert_int_equal(record_now(provider), 0);
    assert_int_equal(tq_provider_used(provider, NOON_NS - HISTORY * DAY_NS), 1);
    assert_int_equal(tq_provider_used(provider, NOON_NS), 0);
    assert_int_equal(numbers(ledger).clock, 0);
    tq_ledger_close(ledger);
}

/* Forward by days, then right again: the day whose place the wrong one took takes it back, and is not
 * late. */
static void test_forward_and_back(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider = handle(ledger, "a");
    int64_t wrong_ns = NOON_NS + HISTORY * DAY_NS;

    fake_system.now_ns = NOON_NS;
    assert_int_equal(record_now(provider), 0);
    fake_system.now_ns = wrong_ns;
    assert_int_equal(record_now(provider), 0); /* the library knows no better clock */
    assert_int_equal(numbers(ledger).ahead, 0);
    fake_system.now_ns = NOON_NS;
    assert_int_equal(numbers(ledger).ahead, 1);
    assert_int_equal(numbers(ledger).ahead_at_ns, wrong_ns - 12 * HOUR_NS);
    assert_int_equal(record_now(provider), 0);
    assert_int_equal(numbers(ledger).ahead, 0);
    assert_int_equal(numbers(ledger).ahead_at_ns, 0);
    assert_int_equal(tq_provider_used(provider, wrong_ns), 0);
    assert_int_equal(tq_provider_used(provider, NOON_NS), 1); /* what was there the wrong day replaced */
    fake_system.now_ns = NOON_NS + DAY_NS;
    assert_int_equal(record_now(provider), 0);
    assert_int_equal(tq_provider_used(provider, NOON_NS + DAY_NS), 1);
    assert_int_equal(numbers(ledger).late, 0);
    assert_int_equal(numbers(ledger).too_old, 0);
    tq_ledger_close(ledger);
}

/* The clock was set back behind what callers call now: only a day that is there already is counted on. */
static void test_callers_ahead_of_the_clock(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider = handle(ledger, "a");

    fake_system.now_ns = NOON_NS - DAY_NS;
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS, NULL), TQ_ECLOCK);
    fake_system.now_ns = NOON_NS - AHEAD_NS - 1;
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS, NULL), TQ_ECLOCK);
    fake_system.now_ns = NOON_NS - AHEAD_NS;
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS, NULL), 0);
    fake_system.now_ns = NOON_NS - DAY_NS;
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS, NULL), 0);
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS + DAY_NS, NULL), TQ_ECLOCK);
    assert_int_equal(tq_provider_used(provider, NOON_NS), 2);
    assert_int_equal(numbers(ledger).clock, 3);
    tq_ledger_close(ledger);
}

/* ---- many steps ------------------------------------------------------------------------------ */

#define SPAN 12 /* days that the clock moves over: more than are kept */

struct expected {
    int64_t
        day[HISTORY]; /* whose tokens stand in each place, counted from the first of the span; -1: none's */
    int64_t tokens[HISTORY];
    int64_t newest;
    uint64_t late, too_old, clock;
};

/* What a record answers, by what the header says of limits, days and places; counted when it is. */
static int expect(struct expected *expected, int64_t now_ns, int64_t clock_ns)
{
    int64_t day = (now_ns - MAY_DAY_NS) / DAY_NS, place = day % HISTORY;
    int64_t last = (clock_ns + AHEAD_NS - MAY_DAY_NS) / DAY_NS;
    bool late = day < expected->newest;

    if (late || expected->day[place] != day) {
        if (now_ns < MIN_NS || now_ns > clock_ns + AHEAD_NS) {
            expected->clock++;
            return TQ_ECLOCK;
        }
        if (expected->day[place] > last)
            expected->day[place] = -1;
        if (expected->newest > last)
            expected->newest = (clock_ns - MAY_DAY_NS) / DAY_NS;
        late = day < expected->newest;
    }
    if (expected->day[place] > day) {
        expected->too_old++;
        return TQ_EAGE;
    }
    if (expected->day[place] < day)
        expected->tokens[place] = 0;
    expected->day[place] = day;
    expected->tokens[place]++;
    expected->late += late;
    if (!late)
        expected->newest = day;
    return 0;
}

static void check_days(struct tq_provider *provider, const struct expected *expected)
{
    for (int64_t day = 0; day < SPAN; day++) {
        int64_t place = day % HISTORY;

        assert_int_equal(tq_provider_used(provider, MAY_DAY_NS + day * DAY_NS),
                         expected->day[place] == day ? expected->tokens[place] : 0);
    }
}

/* The clock steps anywhere; callers mostly follow it, some by a clock of their own. */
static void test_random_steps(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider = handle(ledger, "a");
    struct expected expected = {.newest = -1};
    struct rng rng = {rng_seed(1)};

    memset(expected.day, 0xff, sizeof expected.day);
    for (int i = 0; i < 20000; i++) {
        int64_t clock_ns = MAY_DAY_NS + rng_below_i64(&rng, SPAN * DAY_NS);
        int64_t now_ns = rng_below(&rng, 3) ? clock_ns : MAY_DAY_NS + rng_below_i64(&rng, SPAN * DAY_NS);

        if (i % 100 == 0) { /* so that the newest day is not at the end of the span for most of the time */
            assert_int_equal(tq_provider_reset(provider), 0);
            memset(expected.day, 0xff, sizeof expected.day);
            expected.newest = -1;
        }
        fake_system.now_ns = clock_ns;
        assert_int_equal(tq_provider_record(provider, 1, now_ns, NULL), expect(&expected, now_ns, clock_ns));
        if (i % 10 == 9)
            check_days(provider, &expected);
    }
    assert_int_equal(numbers(ledger).late, expected.late);
    assert_int_equal(numbers(ledger).too_old, expected.too_old);
    assert_int_equal(numbers(ledger).clock, expected.clock);
    assert_true(expected.late > 1000 && expected.too_old > 100 && expected.clock > 1000);
    tq_ledger_close(ledger);
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* A timeout is a length of time: a clock that runs back while it lasts does not make it longer. */
static void test_timeout_while_the_clock_runs_back(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    int64_t start_ns = tq__system_steady_ns();
    uint32_t seen = 0;

    fake_system.now_ns = NOON_NS;
    fake_system.step_ns = -HOUR_NS;
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 20000000), 1);
    assert_in_range(tq__system_steady_ns() - start_ns, 20000000, MINUTE_NS / 2);
    assert_true(fake_system.now_ns < NOON_NS - HOUR_NS); /* it was read, and did step */
    tq_ledger_close(ledger);
}

/* The clock passes the end of an exclusion by a step: seen at the next look, which the timeout brings. */
static void test_step_over_an_end(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    uint32_t seen = 0;

    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "a"), NOON_NS + HOUR_NS), 0);
    fake_system.now_ns = NOON_NS;
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 1);
    fake_system.step_ns = 2 * HOUR_NS;
    assert_int_equal(tq_ledger_wait(ledger, &seen, 1000000), 0);
    tq_ledger_close(ledger);
}

#define clock_test(test) cmocka_unit_test_setup_teardown(test, scratch_setup, clock_teardown)

/* Within a day the clock is asked where a half hour begins, by the rule that has such. */
static void test_half_hours(void **state)
{
    static const uint32_t rules[] = {TQ_RULE_HORIZON, TQ_RULE_OFF, TQ_RULE_ORIGINAL};

    for (size_t i = 0; i < 3; i++) {
        struct tq_ledger *ledger = open_with_rule(state, TQ_RULE_OFF);
        struct tq_provider *provider = handle(ledger, i == 0 ? "a" : i == 1 ? "b" : "c");
        int refused = rules[i] == TQ_RULE_HORIZON ? TQ_ECLOCK : 0;

        assert_int_equal(tq_provider_set_rule(provider, rules[i]), 0);
        fake_system.now_ns = NOON_NS;
        assert_int_equal(record_now(provider), 0);
        assert_int_equal(tq_provider_record(provider, 1, NOON_NS + 29 * MINUTE_NS, NULL), 0); /* not asked */
        assert_int_equal(tq_provider_record(provider, 1, NOON_NS + 30 * MINUTE_NS, NULL), refused);
        fake_system.now_ns = NOON_NS + 25 * MINUTE_NS;
        assert_int_equal(tq_provider_record(provider, 1, NOON_NS + 30 * MINUTE_NS, NULL), 0);
        assert_int_equal(tq_provider_used(provider, NOON_NS), refused < 0 ? 3 : 4);
        tq_ledger_close(ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        clock_test(test_from_1970),        clock_test(test_back_within_history),
        clock_test(test_forward_and_back), clock_test(test_callers_ahead_of_the_clock),
        clock_test(test_random_steps),     clock_test(test_timeout_while_the_clock_runs_back),
        clock_test(test_half_hours),       clock_test(test_step_over_an_end),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
