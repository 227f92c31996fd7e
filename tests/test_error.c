/* test_error.c: codes, states and versions in words; the numbers are pinned.
 *
 * SPDX-License-Identifier: MIT
 */
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "harness.h"

struct code {
    const char *name;
    int number;
    const char *text;
};

/* Written out again on purpose: who renumbers or renames a code must come here and think. */
static const struct code pinned[] = {
    {"TQ_EINVAL", -1, "invalid argument"},
    {"TQ_ENAME", -2, "provider name refused: 1 to 255 bytes of UTF-8 without control characters"},
    {"TQ_ERANGE", -3, "instant out of range: from 1678-01-01 to before 2262-01-01 UTC"},
    {"TQ_EAGE", -4, "record is of a day older than the ledger keeps"},
    {"TQ_ENOMEM", -5, "out of memory"},
    {"TQ_EFULL", -6, "full: the ledger has 16777216 names, or the provider 8 limits or 1024 holds"},
    {"TQ_ENOTSUP", -7, "not supported by this version or this file system"},
    {"TQ_ECLOCK", -8, "instant refused by the ledger's clock limits"},
    {"TQ_EGONE", -9, "the ledger's file was replaced or removed: open it again"},
    {"TQ_EBUSY", -10, "the ledger is in use: try again"},
    {"TQ_ESYS", -11, "a system call failed"},
    {"TQ_EFORMAT", -12, "not a ledger that this version reads"},
    {"TQ_EDENIED", -13, "refused: owner, kind of file or kind of file system"},
    {"TQ_EREADONLY", -14, "the ledger is open for reading only"},
    {"TQ_ENOSPC", -15, "no space for the ledger: disk full or file size limit"},
    {"TQ_EOVER", -16, "the run of this process is over"},
};

static const struct code listed[] = {
#define AS_CODE(name, number, text) {#name, number, text},
    TQ_ERRORS(AS_CODE)
#undef AS_CODE
};

/* The constants a program compiles in, in the order of the list. */
static const int defined[] = {
#define AS_DEFINED(name, number, text) name,
    TQ_ERRORS(AS_DEFINED)
#undef AS_DEFINED
};

#define CODES (sizeof(pinned) / sizeof(*pinned))

static void test_list_is_pinned(void **state)
{
    (void)state;
    assert_int_equal(sizeof(listed) / sizeof(*listed), CODES);
    for (size_t i = 0; i < CODES; i++) {
        assert_string_equal(listed[i].name, pinned[i].name);
        assert_int_equal(listed[i].number, pinned[i].number);
        assert_string_equal(listed[i].text, pinned[i].text);
        assert_int_equal(defined[i], pinned[i].number);
    }
}

static void test_codes_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < CODES; i++) {
        assert_true(listed[i].number < 0);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(listed[i].number, listed[j].number);
            assert_string_not_equal(listed[i].name, listed[j].name);
            assert_string_not_equal(listed[i].text, listed[j].text);
        }
    }
}

static void test_names_and_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CODES; i++) {
        const char *text = tq_strerror(pinned[i].number);

        assert_string_equal(tq_error_name(pinned[i].number), pinned[i].name);
        assert_string_equal(text, pinned[i].text);
        assert_null(strchr(text, '\n'));
        assert_int_not_equal(text[strlen(text) - 1], '.');
    }
    assert_string_equal(tq_strerror(0), "available");
    assert_string_equal(tq_strerror(TQ_EXHAUSTED), "exhausted");
}

static void test_unknown_codes(void **state)
{
    const int unknown[] = {-17, 2, -100, INT_MIN, INT_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
        assert_string_equal(tq_error_name(unknown[i]), "TQ_EUNKNOWN");
        assert_string_equal(tq_strerror(unknown[i]), "unknown error");
    }
    assert_string_equal(tq_error_name(0), "TQ_EUNKNOWN");
    assert_string_equal(tq_error_name(1), "TQ_EUNKNOWN");
}

static void test_state_names(void **state)
{
    (void)state;
    assert_string_equal(tq_state_name(TQ_AVAILABLE), "available");
    assert_string_equal(tq_state_name(TQ_QUOTA_EXHAUSTED), "quota_exhausted");
    assert_string_equal(tq_state_name(2), "unknown");
    assert_string_equal(tq_state_name(-1), "unknown");
    assert_string_equal(tq_state_name(INT_MIN), "unknown");
    assert_int_equal(TQ_AVAILABLE, 0);
    assert_int_equal(TQ_QUOTA_EXHAUSTED, 1);
    assert_int_equal(TQ_EXHAUSTED, 1);
}

static void test_units_and_windows(void **state)
{
    static const char *const units[] = {"unknown",  "tokens", "input",    "output", "total",
                                        "requests", "cost",   "weighted", "share"};
    static const char *const windows[] = {"unknown", "day",       "week",    "month",  "quarter", "year",
                                          "fixed",   "first-use", "rolling", "refill", "once",    "stated"};

    (void)state;
    for (uint32_t i = 0; i < 9; i++)
        assert_string_equal(tq_unit_name(i), units[i]);
    for (uint32_t i = 0; i < 12; i++)
        assert_string_equal(tq_window_name(i), windows[i]);
    assert_string_equal(tq_unit_name(9), "unknown");
    assert_string_equal(tq_unit_name(UINT32_MAX), "unknown");
    assert_string_equal(tq_window_name(12), "unknown");
    assert_string_equal(tq_window_name(UINT32_MAX), "unknown");
}

static void test_version(void **state)
{
    char expected[32];

    (void)state;
    snprintf(expected, sizeof(expected), "%d.%d.%d", TQ_VERSION_MAJOR, TQ_VERSION_MINOR, TQ_VERSION_PATCH);
    assert_string_equal(tq_version_string(), expected);
    assert_int_equal(tq_version(), TQ_VERSION_MAJOR * 1000000 + TQ_VERSION_MINOR * 1000 + TQ_VERSION_PATCH);
    assert_int_equal(tq_version(), TQ_VERSION);
}

static int64_t clock_ns(void)
{
    struct timespec now;

    assert_int_equal(timespec_get(&now, TIME_UTC), TIME_UTC);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void test_now(void **state)
{
    int64_t before_ns = clock_ns();
    int64_t now_ns = tq_now_ns();
    int64_t after_ns = clock_ns();

    (void)state;
    assert_true(before_ns <= now_ns);
    assert_true(now_ns <= after_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_is_pinned),  cmocka_unit_test(test_codes_are_unique),
        cmocka_unit_test(test_names_and_texts), cmocka_unit_test(test_unknown_codes),
        cmocka_unit_test(test_state_names),     cmocka_unit_test(test_units_and_windows),
        cmocka_unit_test(test_version),         cmocka_unit_test(test_now),
    };

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
