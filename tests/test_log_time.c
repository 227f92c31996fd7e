/* test_log_time.c: instants of all notations, to the nanosecond; times that do not exist are refused.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include <stdio.h>

#include "logs/internal.h"

#define S INT64_C(1000000000)

struct good {
    const char *text;
    int64_t at_ns;
};

struct bad {
    const char *text;
    int fault;
};

static void reads_stamps(void **state)
{
    static const struct good good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01 00:00:00Z", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1969-12-31T23:59:59.999999999Z", -1},
        {"1970-01-01T00:00:00.5Z", S / 2},
        {"1970-01-01T00:00:00.000000001Z", 1},
        {"1970-01-01T00:00:00.0000000019999Z", 1},
        {"1969-12-31T23:59:59.9999999999Z", -1},
        {"1970-01-01T02:30:00+02:30", 0},
        {"1969-12-31T22:45:00-01:15", 0},
        {"1970-01-01T23:59:00+23:59", 0},
        {"2023-11-16T18:17:03.979Z", INT64_C(1700158623979000000)},
        {"2000-02-29T12:00:00Z", INT64_C(951825600) * S},
        {"2024-02-29T00:00:00+01:00", INT64_C(1709161200) * S},
        {"1677-09-21T00:12:43.145224192Z", INT64_MIN},
        {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
        {"1678-01-01T00:00:00Z", INT64_C(-9214560000) * S},
        {"2261-12-31T23:59:59.999999999Z", INT64_C(9214646400) * S - 1},
        /* A leap second is the last nanosecond of its day, wherever it was written. */
        {"2016-12-31T23:59:60Z", INT64_C(1483228800) * S - 1},
        {"2016-12-31T23:59:60.75Z", INT64_C(1483228800) * S - 1},
        {"2017-01-01T00:59:60+01:00", INT64_C(1483228800) * S - 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t at_ns = 42;
        int fault = tq__log_time_stamp((struct tq__log_text){good[i].text, strlen(good[i].text)}, &at_ns);

        if (fault != 0 || at_ns != good[i].at_ns)
            fail_msg("%s: fault %d, %lld ns", good[i].text, fault, (long long)at_ns);
    }
}

static const struct bad bad_stamps[] = {
    {"", TQ__LOG_EMPTY},
    {"yesterday", TQ__LOG_NOT_TIME},
    {"2024-", TQ__LOG_NOT_TIME},
    {"2024-01-01", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00Z", TQ__LOG_NOT_TIME},
    {"2024/01/01T00:00:00Z", TQ__LOG_NOT_TIME},
    {"2024-01/01T00:00:00Z", TQ__LOG_NOT_TIME},
    {"2024-01-01_00:00:00Z", TQ__LOG_NOT_TIME},
    {"2024-01-01T00-00:00Z", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00-00Z", TQ__LOG_NOT_TIME},
    {"2024-1a-01T00:00:00Z", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00: 1Z", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00:00.Z", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00:00,5Z", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00:00ZZ", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00:00+0100", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00:00+01", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00:00+a1:00", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00:00+01:000", TQ__LOG_NOT_TIME},
    {"2024-01-01T00:00:00", TQ__LOG_NO_OFFSET},
    {"2024-01-01T00:00:00.25", TQ__LOG_NO_OFFSET},
    {"2024-01-01T00:00:00+24:00", TQ__LOG_NO_SUCH_TIME},
    {"2024-01-01T00:00:00+00:60", TQ__LOG_NO_SUCH_TIME},
    {"2024-00-01T00:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-13-01T00:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-01-00T00:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-01-32T00:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-04-31T00:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-02-30T00:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2023-02-29T00:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"1900-02-29T00:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-01-01T24:00:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-01-01T00:60:00Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-01-01T00:00:61Z", TQ__LOG_NO_SUCH_TIME},
    {"2024-01-01T12:59:60Z", TQ__LOG_NO_SUCH_TIME},
    {"2016-12-31T23:59:60+01:00", TQ__LOG_NO_SUCH_TIME},
    {"0000-01-01T00:00:00Z", TQ__LOG_OUT_OF_RANGE},
    {"9999-12-31T23:59:59Z", TQ__LOG_OUT_OF_RANGE},
    {"1677-09-21T00:12:43.145224191Z", TQ__LOG_OUT_OF_RANGE},
    {"2262-04-11T23:47:16.854775808Z", TQ__LOG_OUT_OF_RANGE},
};

static void refuses_stamps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_stamps) / sizeof(bad_stamps[0]); i++) {
        struct tq__log_text text = {bad_stamps[i].text, strlen(bad_stamps[i].text)};
        int64_t at_ns;
        int fault = tq__log_time_stamp(text, &at_ns);

        if (fault != bad_stamps[i].fault)
            fail_msg("\"%s\": fault %d, not %d", bad_stamps[i].text, fault, bad_stamps[i].fault);
    }
}

/* Counts the days one by one, as a calendar on the wall does. */
static void knows_every_day(void **state)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day_ns = INT64_C(-9214560000) * S;
    int year = 1678, month = 1, day = 1, count = 0;

    (void)state;
    while (year < 2262) {
        int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        char text[64];
        int64_t at_ns;
        int len = snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00Z", year, month, day);

        assert_int_equal(tq__log_time_stamp((struct tq__log_text){text, (size_t)len}, &at_ns), 0);
        if (at_ns != day_ns)
            fail_msg("%s is %lld", text, (long long)at_ns);
        day_ns += 86400 * S;
        count++;
        if (++day > days[month - 1] + (month == 2 && leap)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    assert_int_equal(count, 213301);
}

static void reads_epochs(void **state)
{
    static const struct good good[] = {
        {"0", 0},
        {"-1", -S},
        {"2024", 2024 * S}, /* no year, but a number like any other */
        {"1700158623", INT64_C(1700158623) * S},
        {"1700158623.979", INT64_C(1700158623979000000)},
        {"1700158623.123456789", INT64_C(1700158623123456789)},
        {"1700158623.1234567899", INT64_C(1700158623123456789)},
        {"1.700158623979e9", INT64_C(1700158623979000000)},
        {"-0.0000000001", -1},
        {"100000000001", INT64_C(100000000001000000)},
        {"1700158623979", INT64_C(1700158623979000000)},
        {"1700158623979.25", INT64_C(1700158623979250000)},
        {"-1700158623979", INT64_C(-1700158623979000000)},
        {"100000000000001", INT64_C(100000000000001000)},
        {"1700158623979123", INT64_C(1700158623979123000)},
        {"100000000000000001", INT64_C(100000000000000001)},
        {"1700158623979123456", INT64_C(1700158623979123456)},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9223372036.854775807", INT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t at_ns = 42;
        int fault = tq__log_time_stamp((struct tq__log_text){good[i].text, strlen(good[i].text)}, &at_ns);

        if (fault != 0 || at_ns != good[i].at_ns)
            fail_msg("%s: fault %d, %lld ns", good[i].text, fault, (long long)at_ns);
    }
}

static void refuses_epochs(void **state)
{
    static const struct bad bad[] = {
        {"9223372037", TQ__LOG_OUT_OF_RANGE},
        {"100000000000", TQ__LOG_OUT_OF_RANGE}, /* 1e11: the last in seconds */
        {"100000000000000", TQ__LOG_OUT_OF_RANGE}, /* 1e14: the last in milliseconds */
        {"9223372036854775808", TQ__LOG_OUT_OF_RANGE},
        {"-9223372036854775808.5", TQ__LOG_OUT_OF_RANGE},
        {"1e999999", TQ__LOG_OUT_OF_RANGE},
        {"1.7.0", TQ__LOG_NOT_TIME},
        {"+1", TQ__LOG_NOT_TIME},
        {"12:00", TQ__LOG_NOT_TIME},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t at_ns;
        int fault = tq__log_time_stamp((struct tq__log_text){bad[i].text, strlen(bad[i].text)}, &at_ns);

        if (fault != bad[i].fault)
            fail_msg("\"%s\": fault %d, not %d", bad[i].text, fault, bad[i].fault);
    }
}

static void reads_unix_ms(void **state)
{
    int64_t at_ns;

    (void)state;
    assert_int_equal(tq__log_time_unix_ms(TEXT("1700158623979"), &at_ns), 0);
    assert_int_equal(at_ns, INT64_C(1700158623979000000));
    assert_int_equal(tq__log_time_unix_ms(TEXT("1700158623979.0"), &at_ns), 0);
    assert_int_equal(at_ns, INT64_C(1700158623979000000));
    assert_int_equal(tq__log_time_unix_ms(TEXT("-1"), &at_ns), 0);
    assert_int_equal(at_ns, -1000000);
    assert_int_equal(tq__log_time_unix_ms(TEXT("5"), &at_ns), 0); /* small, but milliseconds all the same */
    assert_int_equal(at_ns, 5000000);
    assert_int_equal(tq__log_time_unix_ms(TEXT("9223372036854"), &at_ns), 0);
    assert_int_equal(at_ns, INT64_C(9223372036854000000));
    assert_int_equal(tq__log_time_unix_ms(TEXT("9223372036855"), &at_ns), TQ__LOG_OUT_OF_RANGE);
    assert_int_equal(tq__log_time_unix_ms(TEXT("99999999999999999999"), &at_ns), TQ__LOG_OUT_OF_RANGE);
    assert_int_equal(tq__log_time_unix_ms(TEXT("1.5"), &at_ns), TQ__LOG_NOT_WHOLE);
    assert_int_equal(tq__log_time_unix_ms(TEXT("2024-01-01T00:00:00Z"), &at_ns), TQ__LOG_NOT_WHOLE);
    assert_int_equal(tq__log_time_unix_ms(TEXT(""), &at_ns), TQ__LOG_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_stamps), cmocka_unit_test(refuses_stamps), cmocka_unit_test(knows_every_day),
        cmocka_unit_test(reads_epochs), cmocka_unit_test(refuses_epochs), cmocka_unit_test(reads_unix_ms),
    };

    return cmocka_run_group_tests_name("log_time", tests, NULL, NULL);
}
