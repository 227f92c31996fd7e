/* test_tracker.c: budgets and usage by name: ties, edges of days, of counts and of the range.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "harness.h"

#define SATURATED ((INT64_C(1) << 47) - 1) /* the day's sum from which it is INT64_MAX */

static int set_up(void **state)
{
    *state = tq_tracker_new();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    tq_tracker_free(*state);
    return 0;
}

/* Records and compares the answer, and the instant: the day's end when exhausted, else 0. */
static void expect_record(struct tq_tracker *tracker, const char *name, int64_t tokens, int64_t now_ns,
                          int expected, int64_t expected_at_ns)
{
    int64_t retry_at_ns = UNWRITTEN;

    assert_int_equal(tq_tracker_record(tracker, name, tokens, now_ns, &retry_at_ns), expected);
    assert_int_equal(retry_at_ns, expected_at_ns);
}

static void test_budget(void **state)
{
    struct tq_tracker *tracker = *state;

    assert_int_equal(tq_tracker_budget(tracker, "a"), 0);
    assert_int_equal(tq_tracker_set_budget(tracker, "a", 5), 0);
    assert_int_equal(tq_tracker_budget(tracker, "a"), 5);
    assert_int_equal(tq_tracker_set_budget(tracker, "a", INT64_MAX), 0);
    assert_int_equal(tq_tracker_budget(tracker, "a"), INT64_MAX);
    assert_int_equal(tq_tracker_set_budget(tracker, "a", 0), 0);
    assert_int_equal(tq_tracker_budget(tracker, "a"), 0);
    assert_int_equal(tq_tracker_set_budget(tracker, "a", 7), 0);
    assert_int_equal(tq_tracker_set_budget(tracker, "a", INT64_MIN), 0);
    assert_int_equal(tq_tracker_budget(tracker, "a"), 0);
    assert_int_equal(tq_tracker_budget(tracker, "b"), 0);
}

/* At noon half the day has gone: 500 of 1000 is the very pace that lasts; one more token, or one nanosecond
 * less, is too fast. */
static void test_tie(void **state)
{
    struct tq_tracker *tracker = *state;
    int64_t noon_ns = MAY_DAY_NS + 12 * HOUR_NS;

    tq_tracker_set_budget(tracker, "a", 1000);
    expect_record(tracker, "a", 500, noon_ns, 0, 0);
    expect_record(tracker, "a", 0, noon_ns - 1, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    expect_record(tracker, "a", 0, noon_ns + 1, 0, 0);
    expect_record(tracker, "a", 1, noon_ns, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
}

/* A tie of large numbers, where floating point cannot tell the sides apart. */
static void test_tie_of_large_numbers(void **state)
{
    struct tq_tracker *tracker = *state;
    int64_t budget = INT64_C(1) << 46;
    int64_t half = budget / 2;

    tq_tracker_set_budget(tracker, "a", budget);
    expect_record(tracker, "a", half, MAY_DAY_NS + 12 * HOUR_NS, 0, 0);
    expect_record(tracker, "a", 1, MAY_DAY_NS + 12 * HOUR_NS, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    expect_record(tracker, "a", 0, MAY_DAY_NS + 12 * HOUR_NS + 1, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    expect_record(tracker, "a", 0, MAY_DAY_NS + 12 * HOUR_NS + 2, 0, 0);

    tq_tracker_set_budget(tracker, "b", INT64_C(14479520567375));
    expect_record(tracker, "b", INT64_C(2875562301521), INT64_C(1733978758619423575), TQ_EXHAUSTED,
                  INT64_C(1734048000000000000));
    assert_true((__int128)INT64_C(2875562301521) * DAY_NS >
                (__int128)INT64_C(14479520567375) * (INT64_C(1733978758619423575) % DAY_NS));
}

static void test_budget_reached(void **state)
{
    struct tq_tracker *tracker = *state;
    int64_t last_ns = MAY_DAY_NS + DAY_NS - 1;

    tq_tracker_set_budget(tracker, "a", 1000);
    expect_record(tracker, "a", 999, last_ns, 0, 0);
    expect_record(tracker, "a", 1, last_ns, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    expect_record(tracker, "a", 0, last_ns, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    tq_tracker_set_budget(tracker, "a", 1002);
    expect_record(tracker, "a", 1, last_ns, 0, 0);
    tq_tracker_set_budget(tracker, "a", 0);
    expect_record(tracker, "a", 100000, last_ns, 0, 0);
    assert_int_equal(tq_tracker_used(tracker, "a", last_ns), 101001);
}

static void test_edges_of_the_day(void **state)
{
    struct tq_tracker *tracker = *state;

    tq_tracker_set_budget(tracker, "a", 1000);
    expect_record(tracker, "a", 999, MAY_DAY_NS, 0, 0); /* nothing has elapsed: there is no pace */
    expect_record(tracker, "a", 0, MAY_DAY_NS + 1, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    expect_record(tracker, "a", 1, MAY_DAY_NS, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    expect_record(tracker, "a", 3, MAY_DAY_NS + DAY_NS, 0, 0);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS - 1), 0);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS), 1000);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS + DAY_NS - 1), 1000);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS + DAY_NS), 3);
}

static void test_before_1970(void **state)
{
    struct tq_tracker *tracker = *state;

    tq_tracker_set_budget(tracker, "a", 1);
    expect_record(tracker, "a", 5, -DAY_NS - 1, TQ_EXHAUSTED, -DAY_NS);
    expect_record(tracker, "a", 6, -1, TQ_EXHAUSTED, 0); /* that day ends at the instant 0 */
    expect_record(tracker, "a", 7, 0, TQ_EXHAUSTED, DAY_NS);
    assert_int_equal(tq_tracker_used(tracker, "a", -2 * DAY_NS), 5);
    assert_int_equal(tq_tracker_used(tracker, "a", -DAY_NS), 6);
    assert_int_equal(tq_tracker_used(tracker, "a", DAY_NS - 1), 7);
}

static void test_range(void **state)
{
    const int64_t refused[] = {INT64_MIN, TQ_NOW_MIN_NS - 1, TQ_NOW_END_NS, INT64_MAX};
    struct tq_tracker *tracker = *state;

    tq_tracker_set_budget(tracker, "a", 1);
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        expect_record(tracker, "a", 1, refused[i], TQ_ERANGE, 0);
        assert_int_equal(tq_tracker_used(tracker, "a", refused[i]), TQ_ERANGE);
        assert_int_equal(tq_tracker_used(tracker, "unknown", refused[i]), TQ_ERANGE);
    }
    expect_record(tracker, "a", 2, TQ_NOW_MIN_NS, TQ_EXHAUSTED, TQ_NOW_MIN_NS + DAY_NS);
    assert_int_equal(tq_tracker_used(tracker, "a", TQ_NOW_MIN_NS + DAY_NS - 1), 2);
    expect_record(tracker, "a", 3, TQ_NOW_END_NS - 1, TQ_EXHAUSTED, TQ_NOW_END_NS);
    assert_int_equal(tq_tracker_used(tracker, "a", TQ_NOW_END_NS - DAY_NS), 3);
}

static void test_negative_tokens_count_as_0(void **state)
{
    struct tq_tracker *tracker = *state;

    expect_record(tracker, "a", 10, MAY_DAY_NS, 0, 0);
    expect_record(tracker, "a", -10, MAY_DAY_NS, 0, 0);
    expect_record(tracker, "a", INT64_MIN, MAY_DAY_NS, 0, 0);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS), 10);
}

static void test_saturation(void **state)
{
    struct tq_tracker *tracker = *state;
    int64_t last_ns = MAY_DAY_NS + DAY_NS - 1;

    tq_tracker_set_budget(tracker, "a", INT64_MAX);
    expect_record(tracker, "a", SATURATED - 1, last_ns, 0, 0);
    assert_int_equal(tq_tracker_used(tracker, "a", last_ns), SATURATED - 1);
    expect_record(tracker, "a", 0, last_ns, 0, 0);
    expect_record(tracker, "a", 1, last_ns, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    assert_int_equal(tq_tracker_used(tracker, "a", last_ns), INT64_MAX);
    expect_record(tracker, "a", INT64_MAX, last_ns, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    expect_record(tracker, "a", -1, last_ns, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    assert_int_equal(tq_tracker_used(tracker, "a", last_ns), INT64_MAX);
    assert_int_equal(tq_tracker_used(tracker, "a", last_ns + 1), 0);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS - 1), 0);
    expect_record(tracker, "a", 4, last_ns + 1, 0, 0);
    assert_int_equal(tq_tracker_used(tracker, "a", last_ns + 1), 4);

    expect_record(tracker, "b", INT64_MAX, MAY_DAY_NS, 0, 0);
    assert_int_equal(tq_tracker_used(tracker, "b", MAY_DAY_NS), INT64_MAX);
}

static void test_64_days_are_kept(void **state)
{
    struct tq_tracker *tracker = *state;

    for (int64_t day = 0; day < 64; day++)
        expect_record(tracker, "a", 100 + day, MAY_DAY_NS + day * DAY_NS, 0, 0);
    for (int64_t day = 63; day >= 0; day--)
        expect_record(tracker, "a", 1000, MAY_DAY_NS + day * DAY_NS, 0, 0);
    for (int64_t day = 0; day < 64; day++)
        assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS + day * DAY_NS), 1100 + day);
    expect_record(tracker, "a", 7, MAY_DAY_NS + 64 * DAY_NS, 0, 0);
    expect_record(tracker, "a", 9, MAY_DAY_NS, TQ_EAGE, 0);
    expect_record(tracker, "a", 9, MAY_DAY_NS - 64 * DAY_NS, TQ_EAGE, 0);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS), 0);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS + DAY_NS), 1101);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS + 64 * DAY_NS), 7);
}

/* A late record is judged by its own day's usage and its own day's pace. */
static void test_late_record(void **state)
{
    struct tq_tracker *tracker = *state;
    int64_t noon_ns = MAY_DAY_NS + 12 * HOUR_NS;

    tq_tracker_set_budget(tracker, "a", 1000);
    expect_record(tracker, "a", 900, noon_ns, TQ_EXHAUSTED, MAY_DAY_NS + DAY_NS);
    expect_record(tracker, "a", 100, noon_ns - 3 * DAY_NS, 0, 0);
    expect_record(tracker, "a", 900, noon_ns - 3 * DAY_NS, TQ_EXHAUSTED, MAY_DAY_NS - 2 * DAY_NS);
    assert_int_equal(tq_tracker_used(tracker, "a", noon_ns), 900);
    assert_int_equal(tq_tracker_used(tracker, "a", noon_ns - 3 * DAY_NS), 1000);
}

static void test_reset(void **state)
{
    struct tq_tracker *tracker = *state;
    char name[32];

    tq_tracker_set_budget(tracker, "name-7", 50);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof(name), "name-%d", i);
        expect_record(tracker, name, 10, MAY_DAY_NS + (i % 70) * DAY_NS, 0, 0);
    }
    tq_tracker_reset(tracker);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof(name), "name-%d", i);
        assert_int_equal(tq_tracker_used(tracker, name, MAY_DAY_NS + (i % 70) * DAY_NS), 0);
    }
    assert_int_equal(tq_tracker_budget(tracker, "name-7"), 50);
    expect_record(tracker, "name-7", 50, TQ_NOW_MIN_NS, TQ_EXHAUSTED, TQ_NOW_MIN_NS + DAY_NS);
    tq_tracker_reset(tracker);
    tq_tracker_reset(tracker);
    assert_int_equal(tq_tracker_used(tracker, "name-7", TQ_NOW_MIN_NS), 0);
}

static void test_refused_names(void **state)
{
    struct tq_tracker *tracker = *state;
    char longest[TQ_NAME_MAX + 2];

    memset(longest, 'n', sizeof(longest));
    longest[TQ_NAME_MAX + 1] = '\0';
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? longest : "a\nb";

        expect_record(tracker, name, 1, MAY_DAY_NS, TQ_ENAME, 0);
        assert_int_equal(tq_tracker_used(tracker, name, MAY_DAY_NS), TQ_ENAME);
        assert_int_equal(tq_tracker_budget(tracker, name), TQ_ENAME);
        assert_int_equal(tq_tracker_set_budget(tracker, name, 1), TQ_ENAME);
        assert_int_equal(tq_tracker_set_budget(tracker, name, 0), TQ_ENAME);
    }
    longest[TQ_NAME_MAX] = '\0';
    expect_record(tracker, longest, 1, MAY_DAY_NS, 0, 0);
    longest[TQ_NAME_MAX - 1] = '\0';
    assert_int_equal(tq_tracker_used(tracker, longest, MAY_DAY_NS), 0);
}

static void test_ignored_arguments(void **state)
{
    const char *const none[] = {NULL, ""};
    struct tq_tracker *tracker = *state;

    for (size_t i = 0; i < 2; i++) {
        expect_record(tracker, none[i], 1, MAY_DAY_NS, 0, 0);
        expect_record(tracker, none[i], 1, INT64_MAX, 0, 0);
        assert_int_equal(tq_tracker_set_budget(tracker, none[i], 1), 0);
        assert_int_equal(tq_tracker_budget(tracker, none[i]), 0);
        assert_int_equal(tq_tracker_used(tracker, none[i], MAY_DAY_NS), 0);
        assert_int_equal(tq_tracker_used(tracker, none[i], INT64_MIN), 0);
    }
    expect_record(NULL, "a", 1, MAY_DAY_NS, 0, 0);
    expect_record(NULL, "a\n", 1, INT64_MAX, 0, 0);
    assert_int_equal(tq_tracker_set_budget(NULL, "a", 1), 0);
    assert_int_equal(tq_tracker_budget(NULL, "a"), 0);
    assert_int_equal(tq_tracker_used(NULL, "a", MAY_DAY_NS), 0);
    tq_tracker_reset(NULL);
    tq_tracker_free(NULL);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS), 0);
}

static void test_retry_at_may_be_null(void **state)
{
    struct tq_tracker *tracker = *state;

    tq_tracker_set_budget(tracker, "a", 5);
    assert_int_equal(tq_tracker_record(tracker, "a", 4, MAY_DAY_NS, NULL), 0);
    assert_int_equal(tq_tracker_record(tracker, "a", 1, MAY_DAY_NS, NULL), TQ_EXHAUSTED);
    assert_int_equal(tq_tracker_record(tracker, "a", 1, INT64_MAX, NULL), TQ_ERANGE);
    assert_int_equal(tq_tracker_record(tracker, "\n", 1, MAY_DAY_NS, NULL), TQ_ENAME);
    assert_int_equal(tq_tracker_record(NULL, "a", 1, MAY_DAY_NS, NULL), 0);
    assert_int_equal(tq_tracker_used(tracker, "a", MAY_DAY_NS), 5);
}

static void test_names_are_told_apart(void **state)
{
    static const char *const names[] = {
        "a",
        "A",
        "a ",
        "aa",
        "ab",
        "\xc3\xa4",
        "a\xcc\x88",
        "a-name-of-31-bytes-0123456789ab",
        "a-name-of-32-bytes-0123456789abc",
        "a-name-of-33-bytes-0123456789abcd",
        "a-name-of-33-bytes-0123456789abce",
    };
    struct tq_tracker *tracker = *state;
    char copy[64];

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        expect_record(tracker, names[i], INT64_C(1) << i, MAY_DAY_NS, 0, 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        snprintf(copy, sizeof(copy), "%s", names[i]);
        assert_int_equal(tq_tracker_used(tracker, copy, MAY_DAY_NS), INT64_C(1) << i);
    }
}

static void test_trackers_are_apart(void **state)
{
    struct tq_tracker *other = tq_tracker_new();

    assert_non_null(other);
    expect_record(*state, "a", 5, MAY_DAY_NS, 0, 0);
    assert_int_equal(tq_tracker_used(other, "a", MAY_DAY_NS), 0);
    tq_tracker_free(other);
    assert_int_equal(tq_tracker_used(*state, "a", MAY_DAY_NS), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_budget),
        TEST(test_tie),
        TEST(test_tie_of_large_numbers),
        TEST(test_budget_reached),
        TEST(test_edges_of_the_day),
        TEST(test_before_1970),
        TEST(test_range),
        TEST(test_negative_tokens_count_as_0),
        TEST(test_saturation),
        TEST(test_64_days_are_kept),
        TEST(test_late_record),
        TEST(test_reset),
        TEST(test_refused_names),
        TEST(test_ignored_arguments),
        TEST(test_retry_at_may_be_null),
        TEST(test_names_are_told_apart),
        TEST(test_trackers_are_apart),
    };

    return cmocka_run_group_tests_name("tracker", tests, NULL, NULL);
}
