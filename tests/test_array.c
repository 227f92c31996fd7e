/* test_array.c: records by number: none overlaps another, none moves, none is missing.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

#include "harness.h"
#include "src/array.h"

#define RECORD_BYTES 64
#define RECORDS 20000

static struct tq__backing in_memory = {.fd = -1};

/* NULL when there is no memory. */
static void *reach(struct tq__array *array, uint32_t n)
{
    void *record = NULL;
    int answer = tq__array_reach(array, n, true, &record);

    assert_true(answer == (record ? 0 : TQ_ENOMEM));
    return record;
}

static void test_records_do_not_overlap_or_move(void **state)
{
    static uint32_t *at[RECORDS];
    void *record;
    struct tq__array array = {.record_bytes = RECORD_BYTES, .backing = &in_memory};

    (void)state;
    assert_null(tq__array_at(&array, 0));
    for (uint32_t n = 0; n < RECORDS; n++) {
        at[n] = reach(&array, n);
        assert_non_null(at[n]);
        for (size_t i = 0; i < RECORD_BYTES / 4; i++) {
            assert_int_equal(at[n][i], 0);
            at[n][i] = n;
        }
    }
    for (uint32_t n = 0; n < RECORDS; n++) {
        assert_ptr_equal(tq__array_at(&array, n), at[n]);
        assert_ptr_equal(reach(&array, n), at[n]);
        for (size_t i = 0; i < RECORD_BYTES / 4; i++)
            assert_int_equal(at[n][i], n);
    }
    assert_null(tq__array_at(&array, 1u << 20)); /* not reached, not there */
    record = &array;
    assert_int_equal(tq__array_reach(&array, 1u << 20, false, &record), 0); /* nor made when it need not be */
    assert_null(record);
    tq__array_unmap(&array);
}

static void test_last_record_has_a_segment(void **state)
{
    uint32_t biased = TQ__SLOTS_MAX - 1 + (1u << TQ__SEGMENT_FIRST_LOG2);

    (void)state;
    assert_true(tq__log2(biased) - TQ__SEGMENT_FIRST_LOG2 < TQ__SEGMENTS);
    assert_int_equal(tq__log2(1), 0);
    assert_int_equal(tq__log2(64), 6);
    assert_int_equal(tq__log2(127), 6);
}

/* Threads that reach the same new segments at once get the same memory. */
static struct tq__array contended = {.record_bytes = RECORD_BYTES, .backing = &in_memory};
static pthread_barrier_t start;

static void *reach_all(void *argument)
{
    void **at = argument;

    pthread_barrier_wait(&start);
    for (uint32_t n = 0; n < RECORDS; n++)
        tq__array_reach(&contended, n, true, &at[n]);
    return NULL;
}

static void test_threads_get_the_same_memory(void **state)
{
    static void *mine[RECORDS], *others[RECORDS];
    pthread_t other;

    (void)state;
    pthread_barrier_init(&start, NULL, 2);
    assert_int_equal(pthread_create(&other, NULL, reach_all, others), 0);
    reach_all(mine);
    pthread_join(other, NULL);
    assert_memory_equal(mine, others, sizeof mine);
    assert_non_null(mine[RECORDS - 1]);
    tq__array_unmap(&contended);
}

static void test_no_memory_is_null_and_leaves_errno(void **state)
{
    struct rlimit before, none;
    struct tq__array array = {.record_bytes = RECORD_BYTES, .backing = &in_memory};
    void *record;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
    errno = 77;
    record = reach(&array, 0);
    assert_int_equal(errno, 77);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_null(record);
    assert_non_null(reach(&array, 0)); /* and works once there is memory */
    tq__array_unmap(&array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_do_not_overlap_or_move),
        cmocka_unit_test(test_last_record_has_a_segment),
        cmocka_unit_test(test_threads_get_the_same_memory),
        cmocka_unit_test(test_no_memory_is_null_and_leaves_errno),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
