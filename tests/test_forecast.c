/* test_forecast.c: a prediction follows counts, budget and day, and is taken back.
 *
 * SPDX-License-Identifier: MIT
 */
#include <pthread.h>

#include "src/forecast.h"
#include "harness.h"

#define TAG 400u

/* A change is told to who waits on the ledger. */
static struct tq_ledger *ledger;

static void update(struct tq__slot *slot, int64_t now_ns)
{
    struct tq__at at = tq__at(ledger, slot, now_ns);

    at.word = &slot->half_hour[0]; /* the slots here have no day words */
    at.tag = TAG;
    tq__forecast_update(&at, at.rule);
}

static void test_follows_count_and_budget(void **state)
{
    static struct tq__slot slot;

    (void)state;
    slot.budget = 100;
    slot.newest_day = (uint32_t)tq__window_at(MAY_DAY_NS).day;
    slot.half_hour[0] = (uint64_t)TAG << TQ__COUNT_BITS | 99;
    update(&slot, MAY_DAY_NS + 5);
    assert_int_equal(slot.predicted, 0);
    slot.half_hour[0]++;
    update(&slot, MAY_DAY_NS + 5);
    assert_int_equal(slot.predicted, MAY_DAY_NS + DAY_NS);
    slot.budget = 1000;
    update(&slot, MAY_DAY_NS + 6);
    assert_int_equal(slot.predicted, 0);
    slot.budget = 0;
    slot.predicted = 77;
    update(&slot, MAY_DAY_NS + 6);
    assert_int_equal(slot.predicted, 0);
}

/* Of a day that is not the newest only counts whether it is spent; a later day's word is left alone. */
static void test_late_day(void **state)
{
    static struct tq__slot slot;
    const int64_t end_ns = MAY_DAY_NS + DAY_NS;

    (void)state;
    slot.budget = 100;
    slot.newest_day = (uint32_t)tq__window_at(MAY_DAY_NS).day + 1;
    slot.half_hour[0] = (uint64_t)TAG << TQ__COUNT_BITS | 500;
    slot.predicted = end_ns + 77;
    update(&slot, MAY_DAY_NS + 5);
    assert_int_equal(slot.predicted, end_ns + 77);
    slot.predicted = 0;
    update(&slot, MAY_DAY_NS + 5);
    assert_int_equal(slot.predicted, end_ns);
    slot.half_hour[0] -= 450; /* corrected: it takes back what it said itself */
    update(&slot, MAY_DAY_NS + 5);
    assert_int_equal(slot.predicted, 0);
    slot.predicted = end_ns + 77;
    update(&slot, MAY_DAY_NS + 5);
    assert_int_equal(slot.predicted, end_ns + 77);
}

/* The rule is looked at with the rest: under the original's nothing is predicted. */
static void test_rule_original_predicts_nothing(void **state)
{
    static struct tq__slot slot;

    (void)state;
    slot.budget = 100;
    slot.newest_day = (uint32_t)tq__window_at(MAY_DAY_NS).day;
    slot.half_hour[0] = (uint64_t)TAG << TQ__COUNT_BITS | 500;
    slot.rule = TQ_RULE_ORIGINAL;
    slot.predicted = MAY_DAY_NS + DAY_NS;
    update(&slot, MAY_DAY_NS + 5);
    assert_int_equal(slot.predicted, 0);
}

static void test_day_that_ended_by_1970_is_not_held(void **state)
{
    static struct tq__slot slot;

    (void)state;
    slot.budget = 1;
    slot.half_hour[0] = (uint64_t)TAG << TQ__COUNT_BITS | 500;
    update(&slot, -1);
    assert_int_equal(slot.predicted, 0);
    update(&slot, 0);
    assert_int_equal(slot.predicted, DAY_NS);
}

/* Two threads change what the prediction is derived from, then bring it up to date, many times: in the end it
 * is what the rule says of the end. */
static struct tq__slot shared;

static void *change(void *argument)
{
    for (int i = 0; i < 200000; i++) {
        if (argument)
            atomic_store(&shared.budget, i % 2 ? 10 : 1000000000);
        else
            atomic_fetch_add(&shared.half_hour[0], i % 2 ? 1000 : (uint64_t)-1000);
        update(&shared, MAY_DAY_NS + 5);
    }
    return NULL;
}

static void test_threads_end_on_the_truth(void **state)
{
    int64_t used;

    (void)state;
    for (int round = 0; round < 8; round++) {
        pthread_t other;

        shared.half_hour[0] = (uint64_t)TAG << TQ__COUNT_BITS | 5000;
        assert_int_equal(pthread_create(&other, NULL, change, &shared), 0);
        change(NULL);
        assert_int_equal(pthread_join(other, NULL), 0);
        used = tq__count_tokens(shared.half_hour[0]);
        assert_int_equal(shared.predicted,
                         shared.budget > 0 && used >= shared.budget ? MAY_DAY_NS + DAY_NS : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_count_and_budget),
        cmocka_unit_test(test_late_day),
        cmocka_unit_test(test_rule_original_predicts_nothing),
        cmocka_unit_test(test_day_that_ended_by_1970_is_not_held),
        cmocka_unit_test(test_threads_end_on_the_truth),
    };

    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};
    int failed;

    if (tq_ledger_open(&ledger, NULL, &options, NULL) < 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    tq_ledger_close(ledger);
    return failed;
}
