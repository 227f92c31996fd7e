/* test_burn_rate.c: the rules, in exact integers, at and beside every tie.
 *
 * SPDX-License-Identifier: MIT
 */
#include "src/rule.h"
#include "harness.h"

static bool exhausted_by(uint32_t rule, int64_t used, int64_t budget, int64_t now_ns)
{
    struct tq__at at = {.rule = rule, .budget = budget, .now_ns = now_ns, .window = tq__window_at(now_ns)};

    return tq__at_exhausted(&at, used);
}

static bool original(int64_t used, int64_t budget, int64_t elapsed_ns)
{
    return exhausted_by(TQ_RULE_ORIGINAL, used, budget, MAY_DAY_NS + elapsed_ns);
}

static void test_no_budget_is_never_exhausted(void **state)
{
    (void)state;
    assert_false(original(INT64_MAX, 0, HOUR_NS));
    assert_false(original(INT64_MAX, -1, HOUR_NS));
}

static void test_used_up(void **state)
{
    (void)state;
    assert_true(original(100, 100, DAY_NS - 1));
    assert_true(original(101, 100, 0));
    assert_true(original(INT64_MAX, INT64_MAX, 0)); /* saturated: at least every budget */
    assert_false(original(99, 100, DAY_NS - 1));    /* 99 in the whole day is within 100 */
}

static void test_first_instant_has_no_rate(void **state)
{
    (void)state;
    assert_false(original(99, 100, 0));
    assert_true(original(99, 100, 1));
}

static void test_ties(void **state)
{
    (void)state;
    assert_false(original(25, 100, 6 * HOUR_NS)); /* a quarter in a quarter of the day: exactly on pace */
    assert_true(original(26, 100, 6 * HOUR_NS));
    assert_true(original(25, 100, 6 * HOUR_NS - 1));
    assert_false(original(25, 100, 6 * HOUR_NS + 1));
    assert_false(original(0, 1, 1));
}

/* Where floating point errs: ../shared/conformance/README.md has this example of the original's. */
static void test_large_near_tie(void **state)
{
    const int64_t now_ns = INT64_C(1733978758619423575);

    (void)state;
    assert_true(exhausted_by(TQ_RULE_ORIGINAL, INT64_C(2875562301521), INT64_C(14479520567375), now_ns));
}

static void test_largest_numbers_do_not_overflow(void **state)
{
    (void)state;
    assert_false(original((INT64_C(1) << 47) - 2, INT64_MAX, DAY_NS - 1));
    assert_true(original((INT64_C(1) << 47) - 2, INT64_MAX, 1)); /* 2^47 x 86400e9 > 2^63 x 1 */
    assert_true(original(INT64_MAX - 1, INT64_MAX, DAY_NS / 2));
}

static void test_off_waits_until_it_is_used_up(void **state)
{
    (void)state;
    assert_false(exhausted_by(TQ_RULE_OFF, 99, 100, MAY_DAY_NS + 1));
    assert_true(exhausted_by(TQ_RULE_OFF, 100, 100, MAY_DAY_NS + 1));
    assert_false(exhausted_by(TQ_RULE_OFF, 100, 0, MAY_DAY_NS + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_budget_is_never_exhausted),
        cmocka_unit_test(test_used_up),
        cmocka_unit_test(test_first_instant_has_no_rate),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_large_near_tie),
        cmocka_unit_test(test_largest_numbers_do_not_overflow),
        cmocka_unit_test(test_off_waits_until_it_is_used_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
