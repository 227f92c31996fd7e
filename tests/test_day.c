/* test_day.c: which day an instant belongs to, at every edge.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"
#include "src/count.h"

static void test_accepted_instants(void **state)
{
    (void)state;
    assert_true(tq__instant_ok(TQ_NOW_MIN_NS));
    assert_false(tq__instant_ok(TQ_NOW_MIN_NS - 1));
    assert_true(tq__instant_ok(TQ_NOW_END_NS - 1));
    assert_false(tq__instant_ok(TQ_NOW_END_NS));
    assert_false(tq__instant_ok(INT64_MIN));
    assert_false(tq__instant_ok(INT64_MAX));
    assert_true(tq__instant_ok(0));
    assert_true(tq__instant_ok(-1));
}

static void check_window(int64_t now_ns, int64_t start_ns)
{
    struct tq__window window = tq__window_at(now_ns);

    assert_int_equal(window.start_ns, start_ns);
    assert_int_equal(window.end_ns, start_ns + DAY_NS);
}

static void test_edges(void **state)
{
    (void)state;
    check_window(0, 0);
    check_window(1, 0);
    check_window(DAY_NS - 1, 0);
    check_window(DAY_NS, DAY_NS);
    check_window(-1, -DAY_NS); /* floor, not towards zero */
    check_window(-DAY_NS, -DAY_NS);
    check_window(-DAY_NS - 1, -2 * DAY_NS);
    check_window(TQ_NOW_MIN_NS, TQ_NOW_MIN_NS);
    check_window(TQ_NOW_END_NS - 1, TQ_NOW_END_NS - DAY_NS);
    assert_int_equal(tq__window_at(TQ_NOW_MIN_NS).day, TQ__DAY_BIAS);
    assert_int_equal(tq__window_at(0).day, 106650 + TQ__DAY_BIAS); /* days from 1678-01-01 to 1970-01-01 */
}

static void test_every_day_follows_the_last(void **state)
{
    uint64_t day = TQ__DAY_BIAS;

    (void)state;
    for (int64_t start_ns = TQ_NOW_MIN_NS; start_ns < TQ_NOW_END_NS; start_ns += DAY_NS, day++) {
        struct tq__window first = tq__window_at(start_ns), last = tq__window_at(start_ns + (DAY_NS - 1));

        assert_int_equal(first.day, day);
        assert_int_equal(last.day, day);
        assert_int_equal(first.start_ns, start_ns);
        assert_int_equal(last.start_ns, start_ns);
    }
    assert_int_equal(day - TQ__DAY_BIAS, 213301); /* days from 1678-01-01 to 2262-01-01 */
}

/* A tag has 17 bits and must never be 0, whatever the number of days kept. */
static void test_tags_fit(void **state)
{
    uint64_t last = tq__window_at(TQ_NOW_END_NS - 1).day;

    (void)state;
    for (uint32_t log2 = 3; log2 <= 6; log2++) {
        assert_true(TQ__DAY_BIAS >> log2 > 0);
        assert_true(last >> log2 < 1u << (64 - TQ__COUNT_BITS));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted_instants),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_every_day_follows_the_last),
        cmocka_unit_test(test_tags_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
