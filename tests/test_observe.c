/* test_observe.c: record and mark in one call: when it marks, where, and when it must not.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define END_NS (MAY_DAY_NS + DAY_NS)

struct pair {
    struct tq_tracker *tracker;
    struct tq_store *store;
};

static int set_up(void **state)
{
    static struct pair pair;

    pair.tracker = tq_tracker_new();
    pair.store = tq_store_new();
    *state = &pair;
    return pair.tracker && pair.store ? 0 : -1;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;

    tq_tracker_free(pair->tracker);
    tq_store_free(pair->store);
    return 0;
}

static void expect_state(const struct tq_store *store, const char *name, int64_t now_ns, int expected,
                         int64_t expected_at_ns)
{
    int64_t retry_at_ns = UNWRITTEN;

    assert_int_equal(tq_store_state(store, name, now_ns, &retry_at_ns), expected);
    assert_int_equal(retry_at_ns, expected_at_ns);
}

static void test_marks_when_exhausted(void **state)
{
    struct pair *pair = *state;

    tq_tracker_set_budget(pair->tracker, "a", 1000);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 500, NOON_NS), 0);
    expect_state(pair->store, "a", NOON_NS, TQ_AVAILABLE, 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1, NOON_NS), TQ_EXHAUSTED);
    expect_state(pair->store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    expect_state(pair->store, "a", END_NS - 1, TQ_QUOTA_EXHAUSTED, END_NS);
    expect_state(pair->store, "a", END_NS, TQ_AVAILABLE, 0);
    assert_int_equal(tq_tracker_used(pair->tracker, "a", NOON_NS), 501);
}

/* As the original: a mark stays although the rate has fallen since. */
static void test_latches(void **state)
{
    struct pair *pair = *state;

    tq_tracker_set_budget(pair->tracker, "a", 1000);
    tq_observe_token_usage(pair->tracker, pair->store, "a", 501, NOON_NS);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 0, NOON_NS + HOUR_NS), 0);
    expect_state(pair->store, "a", NOON_NS + HOUR_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    tq_tracker_reset(pair->tracker);
    tq_tracker_set_budget(pair->tracker, "a", 1000000);
    expect_state(pair->store, "a", NOON_NS + HOUR_NS, TQ_QUOTA_EXHAUSTED, END_NS);
}

/* The last call wins, so observing shortens a longer mark and lengthens a shorter one. */
static void test_overwrites_marks(void **state)
{
    struct pair *pair = *state;

    tq_tracker_set_budget(pair->tracker, "a", 1);
    tq_store_mark_quota_exhausted(pair->store, "a", END_NS + 5 * DAY_NS);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1, NOON_NS), TQ_EXHAUSTED);
    expect_state(pair->store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    tq_store_mark_quota_exhausted(pair->store, "a", NOON_NS + 1);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1, NOON_NS), TQ_EXHAUSTED);
    expect_state(pair->store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
}

static void test_late_record_never_marks(void **state)
{
    struct pair *pair = *state;
    int64_t late_ns = NOON_NS - 2 * DAY_NS;

    tq_tracker_set_budget(pair->tracker, "a", 1000);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 0, NOON_NS), 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 5000, late_ns), TQ_EXHAUSTED);
    assert_int_equal(tq_store_all_exhausted(pair->store, NULL, 0), 0);

    /* ... nor does it touch a mark that is there */
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1000, NOON_NS), TQ_EXHAUSTED);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 5000, late_ns), TQ_EXHAUSTED);
    expect_state(pair->store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    assert_int_equal(tq_tracker_used(pair->tracker, "a", late_ns), 10000);

    /* After a reset no day is known to be newer. */
    tq_tracker_reset(pair->tracker);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1000, late_ns), TQ_EXHAUSTED);
    expect_state(pair->store, "a", late_ns, TQ_QUOTA_EXHAUSTED, END_NS - 2 * DAY_NS);
}

static void test_day_that_ended_by_1970_never_marks(void **state)
{
    struct pair *pair = *state;

    tq_tracker_set_budget(pair->tracker, "a", 1);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1, -DAY_NS - 1), TQ_EXHAUSTED);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1, -1), TQ_EXHAUSTED);
    assert_int_equal(tq_store_all_exhausted(pair->store, NULL, 0), 0);
    expect_state(pair->store, "a", -1, TQ_AVAILABLE, 0);
    assert_int_equal(tq_tracker_used(pair->tracker, "a", -1), 1);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1, 0), TQ_EXHAUSTED);
    expect_state(pair->store, "a", 0, TQ_QUOTA_EXHAUSTED, DAY_NS);
}

static void test_errors_count_nothing(void **state)
{
    struct pair *pair = *state;

    tq_tracker_set_budget(pair->tracker, "a", 1);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1, TQ_NOW_END_NS), TQ_ERANGE);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a\x7f", 1, NOON_NS), TQ_ENAME);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 0, NOON_NS), 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "a", 1, NOON_NS - 64 * DAY_NS),
                     TQ_EAGE);
    assert_int_equal(tq_tracker_used(pair->tracker, "a", NOON_NS), 0);
    assert_int_equal(tq_tracker_used(pair->tracker, "a", NOON_NS - 64 * DAY_NS), 0);
    assert_int_equal(tq_store_all_exhausted(pair->store, NULL, 0), 0);
}

static void test_ignored_arguments(void **state)
{
    struct pair *pair = *state;

    assert_int_equal(tq_observe_token_usage(NULL, pair->store, "a", 1, NOON_NS), 0);
    assert_int_equal(tq_observe_token_usage(NULL, NULL, "a\n", 1, INT64_MAX), 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, NULL, 1, NOON_NS), 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, pair->store, "", 1, INT64_MIN), 0);
    assert_int_equal(tq_tracker_used(pair->tracker, "a", NOON_NS), 0);
    assert_int_equal(tq_store_all_exhausted(pair->store, NULL, 0), 0);
}

static void test_without_store_it_records(void **state)
{
    struct pair *pair = *state;

    tq_tracker_set_budget(pair->tracker, "a", 10);
    assert_int_equal(tq_observe_token_usage(pair->tracker, NULL, "a", 4, MAY_DAY_NS), 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, NULL, "a", 6, MAY_DAY_NS), TQ_EXHAUSTED);
    assert_int_equal(tq_tracker_used(pair->tracker, "a", MAY_DAY_NS), 10);
    assert_int_equal(tq_store_all_exhausted(pair->store, NULL, 0), 0);
}

static struct tq_ledger *open_ledger(uint32_t rule)
{
    struct tq_ledger_options options = {.size = sizeof(options), .rule = rule};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    return ledger;
}

static size_t names_of(struct tq_ledger *ledger)
{
    struct tq_provider *provider;
    uint64_t cursor = 0;
    size_t count = 0;

    while (tq_ledger_walk(ledger, &cursor, &provider) == 0)
        count++;
    return count;
}

/* Names that are never marked never enter the store. */
static void test_store_gets_only_marked_names(void **state)
{
    struct pair *pair = *state;
    struct tq_ledger *ledger = open_ledger(TQ_RULE_ORIGINAL);
    struct tq_store *store = tq_ledger_store(ledger);

    tq_tracker_set_budget(pair->tracker, "a", 1000);
    assert_int_equal(tq_observe_token_usage(pair->tracker, store, "a", 1, NOON_NS), 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, store, "without budget", 1000, NOON_NS), 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, store, "a", 9999, NOON_NS - DAY_NS), TQ_EXHAUSTED);
    tq_tracker_set_budget(pair->tracker, "long ago", 1);
    assert_int_equal(tq_observe_token_usage(pair->tracker, store, "long ago", 1, -1), TQ_EXHAUSTED);
    assert_int_equal(names_of(ledger), 0);
    assert_int_equal(tq_observe_token_usage(pair->tracker, store, "a", 999, NOON_NS), TQ_EXHAUSTED);
    assert_int_equal(names_of(ledger), 1);
    expect_state(store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    tq_ledger_close(ledger);
}

/* With rule off nothing latches: one ledger's views answer from the rule, looked at again at each record. */
static void test_rule_off_one_ledger(void **state)
{
    struct tq_ledger *ledger = open_ledger(TQ_RULE_OFF);
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct tq_store *store = tq_ledger_store(ledger);

    (void)state;
    tq_tracker_set_budget(tracker, "a", 1000);
    assert_int_equal(tq_observe_token_usage(tracker, store, "a", 999, MAY_DAY_NS + 1), 0);
    expect_state(store, "a", MAY_DAY_NS + 1, TQ_AVAILABLE, 0);
    assert_int_equal(tq_observe_token_usage(tracker, store, "a", 1, MAY_DAY_NS + 2), TQ_EXHAUSTED);
    expect_state(store, "a", MAY_DAY_NS + 2, TQ_QUOTA_EXHAUSTED, END_NS);

    /* A larger budget takes it back at once, and so does the smaller one put it out again. */
    tq_tracker_set_budget(tracker, "a", 2000);
    expect_state(store, "a", MAY_DAY_NS + 2, TQ_AVAILABLE, 0);
    tq_tracker_set_budget(tracker, "a", 1000);
    expect_state(store, "a", MAY_DAY_NS + 2, TQ_QUOTA_EXHAUSTED, END_NS);
    assert_int_equal(tq_tracker_record(tracker, "a", 0, MAY_DAY_NS + 3, NULL), TQ_EXHAUSTED);
    expect_state(store, "a", MAY_DAY_NS + 3, TQ_QUOTA_EXHAUSTED, END_NS);

    /* A late record changes nothing of it; the next day's first record takes it back. */
    assert_int_equal(tq_observe_token_usage(tracker, store, "a", 1, MAY_DAY_NS - 1), 0);
    expect_state(store, "a", MAY_DAY_NS + 3, TQ_QUOTA_EXHAUSTED, END_NS);
    assert_int_equal(tq_observe_token_usage(tracker, store, "a", 1, END_NS), 0);
    assert_int_equal(tq_store_all_exhausted(store, NULL, 0), 0);
    tq_ledger_close(ledger);
}

static void test_rule_off_marks_and_prediction(void **state)
{
    struct tq_ledger *ledger = open_ledger(TQ_RULE_OFF);
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct tq_store *store = tq_ledger_store(ledger);
    struct tq_exhausted entry;

    (void)state;
    tq_tracker_set_budget(tracker, "a", 10);
    assert_int_equal(tq_tracker_record(tracker, "a", 10, NOON_NS, NULL), TQ_EXHAUSTED);
    tq_store_mark_quota_exhausted(store, "a", NOON_NS + 1);
    expect_state(store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS); /* the latest of both */
    tq_store_mark_quota_exhausted(store, "a", END_NS + 1);
    expect_state(store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS + 1);
    assert_int_equal(tq_store_all_exhausted(store, &entry, 1), 1);
    assert_int_equal(entry.retry_at_ns, END_NS + 1);
    tq_store_mark_quota_exhausted(store, "a", 0); /* clears the mark only */
    expect_state(store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    tq_store_mark_available(store, "a"); /* clears both */
    expect_state(store, "a", NOON_NS, TQ_AVAILABLE, 0);

    assert_int_equal(tq_tracker_record(tracker, "a", 0, NOON_NS, NULL), TQ_EXHAUSTED);
    expect_state(store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    tq_tracker_reset(tracker);
    expect_state(store, "a", NOON_NS, TQ_AVAILABLE, 0);
    tq_ledger_close(ledger);
}

static void test_rule_off_marks_another_ledger(void **state)
{
    struct pair *pair = *state;
    struct tq_ledger *ledger = open_ledger(TQ_RULE_OFF);
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);

    tq_tracker_set_budget(tracker, "a", 10);
    assert_int_equal(tq_observe_token_usage(tracker, pair->store, "a", 9, MAY_DAY_NS + 1), 0);
    assert_int_equal(tq_store_all_exhausted(pair->store, NULL, 0), 0);
    assert_int_equal(tq_observe_token_usage(tracker, pair->store, "a", 1, NOON_NS), TQ_EXHAUSTED);
    expect_state(pair->store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    tq_tracker_set_budget(tracker, "a", 100);
    expect_state(pair->store, "a", NOON_NS, TQ_QUOTA_EXHAUSTED, END_NS);
    expect_state(tq_ledger_store(ledger), "a", NOON_NS, TQ_AVAILABLE, 0);
    tq_ledger_close(ledger);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_marks_when_exhausted),
        TEST(test_latches),
        TEST(test_overwrites_marks),
        TEST(test_late_record_never_marks),
        TEST(test_day_that_ended_by_1970_never_marks),
        TEST(test_errors_count_nothing),
        TEST(test_ignored_arguments),
        TEST(test_without_store_it_records),
        TEST(test_store_gets_only_marked_names),
        TEST(test_rule_off_one_ledger),
        TEST(test_rule_off_marks_and_prediction),
        TEST(test_rule_off_marks_another_ledger),
    };

    return cmocka_run_group_tests_name("observe", tests, NULL, NULL);
}
