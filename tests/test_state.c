/* test_state.c: state words: which is in force, which end counts, and a late day that must not shorten.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"
#include "src/state.h"

/* Marks are told to who waits on a ledger. */
static int open_private(void **state)
{
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    *state = ledger;
    return 0;
}

static int close_private(void **state)
{
    tq_ledger_close(*state);
    return 0;
}

static void test_nothing_set_is_available(void **state)
{
    static struct tq__slot slot;
    int64_t retry_at_ns = UNWRITTEN;

    (void)state;
    assert_int_equal(tq__state_at(NULL, &slot, 0, false, &retry_at_ns), TQ_AVAILABLE);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq__state_at(NULL, &slot, TQ_NOW_MIN_NS, false, NULL), TQ_AVAILABLE); /* 0 is no time, not 1970 */
}

static void test_latest_end_counts(void **state)
{
    static struct tq__slot slot;
    int64_t retry_at_ns = UNWRITTEN;

    (void)state;
    slot.mark = 100;
    slot.predicted = 200;
    assert_int_equal(tq__state_at(NULL, &slot, 99, false, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, 200);
    assert_int_equal(tq__state_at(NULL, &slot, 199, false, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(tq__state_at(NULL, &slot, 200, false, &retry_at_ns), TQ_AVAILABLE);
    assert_int_equal(retry_at_ns, 0);
    slot.predicted = 0;
    assert_int_equal(tq__state_at(NULL, &slot, 99, false, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, 100);
}

static void test_mark_last_one_wins(void **state)
{
    static struct tq__slot slot;
    struct tq_ledger *ledger = *state;

    tq__state_mark(ledger, &slot, 500);
    tq__state_mark(ledger, &slot, 300);
    assert_int_equal(slot.mark, 300);
    tq__state_mark(ledger, &slot, -1);
    assert_int_equal(slot.mark, 0);
    tq__state_mark(ledger, &slot, INT64_MAX);
    assert_int_equal(slot.mark, INT64_MAX);
    tq__state_mark(ledger, &slot, INT64_MIN);
    assert_int_equal(slot.mark, 0);
}

static void test_mark_from_day(void **state)
{
    static struct tq__slot slot;
    struct tq_ledger *ledger = *state;
    _Atomic uint32_t newest = 11;

    tq__state_mark_from_day(ledger, &slot, 1200, 11, &newest, false);
    assert_int_equal(slot.mark, 1200);
    tq__state_mark_from_day(ledger, &slot, 1100, 10, &newest, false); /* a late day leaves it */
    assert_int_equal(slot.mark, 1200);
    tq__state_mark_from_day(ledger, &slot, 1300, 12, &newest, false);
    assert_int_equal(slot.mark, 1300);
    tq__state_mark_from_day(ledger, &slot, 1200, 10, &newest, true); /* nor does it when it may mark */
    assert_int_equal(slot.mark, 1300);
    newest = 12;
    tq__state_mark_from_day(ledger, &slot, 1400, 11, &newest, true);
    assert_int_equal(slot.mark, 1400);
    slot.mark = 9000; /* a caller's longer mark: the last call wins, as in the original */
    tq__state_mark_from_day(ledger, &slot, 1300, 12, &newest, false);
    assert_int_equal(slot.mark, 1300);
}

/* A reset forgets the newest day and leaves the mark: an earlier day does not shorten what a later one
 * marked. */
static void test_mark_of_a_later_day_stands(void **state)
{
    static struct tq__slot slot;
    struct tq_ledger *ledger = *state;
    struct tq__window today = tq__window_at(MAY_DAY_NS), before = tq__window_at(MAY_DAY_NS - 1);

    slot.mark = today.end_ns;
    slot.newest_day = (uint32_t)before.day; /* reset, then a record of the day before */
    tq__state_mark_from_day(ledger, &slot, before.end_ns, before.day, &slot.newest_day, false);
    assert_int_equal(slot.mark, today.end_ns);
    slot.mark = today.end_ns - HOUR_NS; /* a caller's: the last call wins */
    tq__state_mark_from_day(ledger, &slot, before.end_ns, before.day, &slot.newest_day, false);
    assert_int_equal(slot.mark, before.end_ns);
}

static void test_clear_clears_all(void **state)
{
    static struct tq__slot slot;
    struct tq_ledger *ledger = *state;

    slot.mark = 1;
    slot.reported = 2;
    slot.throttled = 3;
    slot.predicted = 4;
    slot.budget = 5;
    tq__state_clear(ledger, &slot);
    assert_int_equal(slot.mark, 0);
    assert_int_equal(slot.reported, 0);
    assert_int_equal(slot.throttled, 0);
    assert_int_equal(slot.predicted, 0);
    assert_int_equal(slot.budget, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_set_is_available),
        cmocka_unit_test(test_latest_end_counts),
        cmocka_unit_test_setup_teardown(test_mark_last_one_wins, open_private, close_private),
        cmocka_unit_test_setup_teardown(test_mark_from_day, open_private, close_private),
        cmocka_unit_test_setup_teardown(test_mark_of_a_later_day_stands, open_private, close_private),
        cmocka_unit_test_setup_teardown(test_clear_clears_all, open_private, close_private),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
