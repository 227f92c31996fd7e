/* test_store.c: marks and states by name, and the lists of who is out.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define NOW_NS MAY_DAY_NS

static int set_up(void **state)
{
    *state = tq_store_new();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    tq_store_free(*state);
    return 0;
}

static void expect_state(const struct tq_store *store, const char *name, int64_t now_ns, int expected,
                         int64_t expected_at_ns)
{
    int64_t retry_at_ns = UNWRITTEN;

    assert_int_equal(tq_store_state(store, name, now_ns, &retry_at_ns), expected);
    assert_int_equal(retry_at_ns, expected_at_ns);
    assert_int_equal(tq_store_state(store, name, now_ns, NULL), expected);
}

static void test_state(void **state)
{
    struct tq_store *store = *state;

    expect_state(store, "a", NOW_NS, TQ_AVAILABLE, 0);
    assert_int_equal(tq_store_mark_quota_exhausted(store, "a", NOW_NS + 10), 0);
    expect_state(store, "a", NOW_NS + 9, TQ_QUOTA_EXHAUSTED, NOW_NS + 10);
    expect_state(store, "a", NOW_NS + 10, TQ_AVAILABLE, 0);
    expect_state(store, "a", NOW_NS + 11, TQ_AVAILABLE, 0);
    expect_state(store, "a", TQ_NOW_MIN_NS, TQ_QUOTA_EXHAUSTED, NOW_NS + 10);
    expect_state(store, "a", TQ_NOW_END_NS - 1, TQ_AVAILABLE, 0);
    expect_state(store, "b", NOW_NS, TQ_AVAILABLE, 0);
}

static void test_last_mark_wins(void **state)
{
    struct tq_store *store = *state;

    tq_store_mark_quota_exhausted(store, "a", NOW_NS + 100);
    tq_store_mark_quota_exhausted(store, "a", NOW_NS + 200);
    expect_state(store, "a", NOW_NS, TQ_QUOTA_EXHAUSTED, NOW_NS + 200);
    tq_store_mark_quota_exhausted(store, "a", NOW_NS + 50);
    expect_state(store, "a", NOW_NS, TQ_QUOTA_EXHAUSTED, NOW_NS + 50);
    expect_state(store, "a", NOW_NS + 50, TQ_AVAILABLE, 0);
}

static void test_clearing(void **state)
{
    const int64_t clearing[] = {0, -1, INT64_MIN};
    struct tq_store *store = *state;

    for (size_t i = 0; i < 3; i++) {
        tq_store_mark_quota_exhausted(store, "a", NOW_NS + 10);
        expect_state(store, "a", NOW_NS, TQ_QUOTA_EXHAUSTED, NOW_NS + 10);
        assert_int_equal(tq_store_mark_quota_exhausted(store, "a", clearing[i]), 0);
        expect_state(store, "a", NOW_NS, TQ_AVAILABLE, 0);
        expect_state(store, "a", TQ_NOW_MIN_NS, TQ_AVAILABLE, 0);
        assert_int_equal(tq_store_all_exhausted(store, NULL, 0), 0);
    }
    tq_store_mark_quota_exhausted(store, "a", NOW_NS + 10);
    assert_int_equal(tq_store_mark_available(store, "a"), 0);
    expect_state(store, "a", NOW_NS, TQ_AVAILABLE, 0);
    assert_int_equal(tq_store_mark_available(store, "a"), 0);
    assert_int_equal(tq_store_mark_available(store, "unknown"), 0);
    assert_int_equal(tq_store_mark_quota_exhausted(store, "unknown", 0), 0);
    assert_int_equal(tq_store_all_exhausted(store, NULL, 0), 0);
}

static void test_smallest_and_largest_mark(void **state)
{
    struct tq_store *store = *state;

    tq_store_mark_quota_exhausted(store, "a", 1);
    expect_state(store, "a", 0, TQ_QUOTA_EXHAUSTED, 1);
    expect_state(store, "a", -1, TQ_QUOTA_EXHAUSTED, 1);
    expect_state(store, "a", 1, TQ_AVAILABLE, 0);
    tq_store_mark_quota_exhausted(store, "a", INT64_MAX);
    expect_state(store, "a", TQ_NOW_END_NS - 1, TQ_QUOTA_EXHAUSTED, INT64_MAX);
}

/* "No mark" is not the instant 0: before 1970 nobody is out who was not marked. */
static void test_no_mark_before_1970(void **state)
{
    struct tq_store *store = *state;
    struct tq_exhausted entry;

    tq_store_mark_quota_exhausted(store, "a", 5);
    tq_store_mark_available(store, "a");
    expect_state(store, "a", -1, TQ_AVAILABLE, 0);
    assert_int_equal(tq_store_exhausted_at(store, -1, NULL, 0), 0);
    tq_store_mark_quota_exhausted(store, "b", 1);
    assert_int_equal(tq_store_exhausted_at(store, -DAY_NS, &entry, 1), 1);
    assert_string_equal(entry.provider, "b");
}

static void test_range(void **state)
{
    const int64_t refused[] = {INT64_MIN, TQ_NOW_MIN_NS - 1, TQ_NOW_END_NS, INT64_MAX};
    struct tq_store *store = *state;

    tq_store_mark_quota_exhausted(store, "a", INT64_MAX);
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        expect_state(store, "a", refused[i], TQ_ERANGE, 0);
        expect_state(store, "unknown", refused[i], TQ_ERANGE, 0);
        assert_int_equal(tq_store_exhausted_at(store, refused[i], NULL, 0), 0);
    }
    assert_int_equal(tq_store_exhausted_at(store, TQ_NOW_MIN_NS, NULL, 0), 1);
    assert_int_equal(tq_store_exhausted_at(store, TQ_NOW_END_NS - 1, NULL, 0), 1);
}

static int by_name(const void *left, const void *right)
{
    const struct tq_exhausted *a = left, *b = right;

    return strcmp(a->provider, b->provider);
}

static void test_lists(void **state)
{
    struct tq_store *store = *state;
    struct tq_exhausted list[4];

    assert_int_equal(tq_store_all_exhausted(store, list, 4), 0);
    assert_int_equal(tq_store_exhausted_at(store, NOW_NS, list, 4), 0);
    tq_store_mark_quota_exhausted(store, "elapsed", NOW_NS);
    tq_store_mark_quota_exhausted(store, "in-force", NOW_NS + 1);
    tq_store_mark_quota_exhausted(store, "cleared", NOW_NS + 1);
    tq_store_mark_available(store, "cleared");

    assert_int_equal(tq_store_all_exhausted(store, list, 4), 2);
    qsort(list, 2, sizeof(*list), by_name);
    assert_string_equal(list[0].provider, "elapsed");
    assert_int_equal(list[0].retry_at_ns, NOW_NS);
    assert_string_equal(list[1].provider, "in-force");
    assert_int_equal(list[1].retry_at_ns, NOW_NS + 1);

    assert_int_equal(tq_store_exhausted_at(store, NOW_NS, list, 4), 1);
    assert_string_equal(list[0].provider, "in-force");
    assert_int_equal(list[0].retry_at_ns, NOW_NS + 1);
    assert_int_equal(tq_store_exhausted_at(store, NOW_NS + 1, list, 4), 0);
    assert_int_equal(tq_store_exhausted_at(store, NOW_NS - 1, list, 4), 2);
}

/* As snprintf: how many there are is said whatever the room, and nothing behind the room is written. */
static void test_capacity(void **state)
{
    struct tq_store *store = *state;
    struct tq_exhausted list[101];
    char name[32];

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "name-%d", i);
        tq_store_mark_quota_exhausted(store, name, NOW_NS + i + 1);
    }
    for (size_t room = 0; room <= 100; room++) {
        for (int all = 0; all < 2; all++) {
            memset(list, 0x55, sizeof(list));
            assert_int_equal(all ? tq_store_all_exhausted(store, list, room)
                                 : tq_store_exhausted_at(store, NOW_NS, list, room),
                             100);
            assert_int_equal(list[room].retry_at_ns, INT64_C(0x5555555555555555));
            for (size_t i = 0; i < room; i++)
                assert_int_equal(list[i].retry_at_ns, NOW_NS + 1 + strtol(list[i].provider + 5, NULL, 10));
        }
    }
    assert_int_equal(tq_store_all_exhausted(store, NULL, 0), 100);
    assert_int_equal(tq_store_exhausted_at(store, NOW_NS + 40, NULL, 0), 60);
}

static void test_names_stay_in_place(void **state)
{
    struct tq_store *store = *state;
    struct tq_exhausted before, list[2];
    char name[32];

    tq_store_mark_quota_exhausted(store, "the-first-one", NOW_NS + 1);
    assert_int_equal(tq_store_all_exhausted(store, &before, 1), 1);
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof(name), "name-%d", i);
        assert_int_equal(tq_store_mark_quota_exhausted(store, name, 1), 0);
    }
    assert_string_equal(before.provider, "the-first-one");
    assert_int_equal(tq_store_exhausted_at(store, NOW_NS, list, 2), 1);
    assert_ptr_equal(list[0].provider, before.provider);
    assert_int_equal(tq_store_all_exhausted(store, NULL, 0), 20001);
}

static void test_refused_names(void **state)
{
    struct tq_store *store = *state;
    const char *name = "a\xff";

    assert_int_equal(tq_store_mark_quota_exhausted(store, name, NOW_NS), TQ_ENAME);
    assert_int_equal(tq_store_mark_quota_exhausted(store, name, 0), TQ_ENAME);
    assert_int_equal(tq_store_mark_available(store, name), TQ_ENAME);
    expect_state(store, name, NOW_NS, TQ_ENAME, 0);
    assert_int_equal(tq_store_all_exhausted(store, NULL, 0), 0);
}

static void test_ignored_arguments(void **state)
{
    const char *const none[] = {NULL, ""};
    struct tq_store *store = *state;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(tq_store_mark_quota_exhausted(store, none[i], NOW_NS), 0);
        assert_int_equal(tq_store_mark_available(store, none[i]), 0);
        expect_state(store, none[i], NOW_NS, TQ_AVAILABLE, 0);
        expect_state(store, none[i], INT64_MAX, TQ_AVAILABLE, 0);
    }
    assert_int_equal(tq_store_all_exhausted(store, NULL, 0), 0);
    assert_int_equal(tq_store_mark_quota_exhausted(NULL, "a", NOW_NS), 0);
    assert_int_equal(tq_store_mark_available(NULL, "a"), 0);
    expect_state(NULL, "a", NOW_NS, TQ_AVAILABLE, 0);
    expect_state(NULL, "a\n", INT64_MAX, TQ_AVAILABLE, 0);
    assert_int_equal(tq_store_all_exhausted(NULL, NULL, 0), 0);
    assert_int_equal(tq_store_exhausted_at(NULL, NOW_NS, NULL, 0), 0);
    tq_store_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_state),
        TEST(test_last_mark_wins),
        TEST(test_clearing),
        TEST(test_smallest_and_largest_mark),
        TEST(test_no_mark_before_1970),
        TEST(test_range),
        TEST(test_lists),
        TEST(test_capacity),
        TEST(test_names_stay_in_place),
        TEST(test_refused_names),
        TEST(test_ignored_arguments),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
