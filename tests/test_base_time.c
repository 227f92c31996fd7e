/* test_base_time.c: dates, lengths, and instants of all notations, to the nanosecond; times that do not exist
 * are refused.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdio.h>
#include <time.h>

#include "base/time.h"

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
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t at_ns = 42;
        int fault = tq__time_read((struct tq__span){good[i].text, strlen(good[i].text)}, &at_ns);

        if (fault != 0 || at_ns != good[i].at_ns)
            fail_msg("%s: fault %d, %lld ns", good[i].text, fault, (long long)at_ns);
    }
}

static const struct bad bad_stamps[] = {
    {"", TQ__EMPTY},
    {"yesterday", TQ__NOT_TIME},
    {"2024-", TQ__NOT_TIME},
    {"2024-01-01", TQ__NOT_TIME},
    {"2024-01-01T00:00Z", TQ__NOT_TIME},
    {"2024/01/01T00:00:00Z", TQ__NOT_TIME},
    {"2024-01/01T00:00:00Z", TQ__NOT_TIME},
    {"2024-01-01_00:00:00Z", TQ__NOT_TIME},
    {"2024-01-01T00-00:00Z", TQ__NOT_TIME},
    {"2024-01-01T00:00-00Z", TQ__NOT_TIME},
    {"2024-1a-01T00:00:00Z", TQ__NOT_TIME},
    {"2024-01-01T00:00: 1Z", TQ__NOT_TIME},
    {"2024-01-01T00:00:00.Z", TQ__NOT_TIME},
    {"2024-01-01T00:00:00,5Z", TQ__NOT_TIME},
    {"2024-01-01T00:00:00ZZ", TQ__NOT_TIME},
    {"2024-01-01T00:00:00+0100", TQ__NOT_TIME},
    {"2024-01-01T00:00:00+01", TQ__NOT_TIME},
    {"2024-01-01T00:00:00+a1:00", TQ__NOT_TIME},
    {"2024-01-01T00:00:00+01:000", TQ__NOT_TIME},
    {"2024-01-01T00:00:00", TQ__NO_OFFSET},
    {"2024-01-01T00:00:00.25", TQ__NO_OFFSET},
    {"2024-01-01T00:00:00+24:00", TQ__NO_SUCH_TIME},
    {"2024-01-01T00:00:00+00:60", TQ__NO_SUCH_TIME},
    {"2024-00-01T00:00:00Z", TQ__NO_SUCH_TIME},
    {"2024-13-01T00:00:00Z", TQ__NO_SUCH_TIME},
    {"2024-01-00T00:00:00Z", TQ__NO_SUCH_TIME},
    {"2024-01-32T00:00:00Z", TQ__NO_SUCH_TIME},
    {"2024-04-31T00:00:00Z", TQ__NO_SUCH_TIME},
    {"2024-02-30T00:00:00Z", TQ__NO_SUCH_TIME},
    {"2023-02-29T00:00:00Z", TQ__NO_SUCH_TIME},
    {"1900-02-29T00:00:00Z", TQ__NO_SUCH_TIME},
    {"2024-01-01T24:00:00Z", TQ__NO_SUCH_TIME},
    {"2024-01-01T00:60:00Z", TQ__NO_SUCH_TIME},
    {"2024-01-01T00:00:61Z", TQ__NO_SUCH_TIME},
    {"2024-01-01T12:59:60Z", TQ__NO_SUCH_TIME},
    {"2016-12-31T23:59:60+01:00", TQ__NO_SUCH_TIME},
    {"0000-01-01T00:00:00Z", TQ__OUT_OF_RANGE},
    {"9999-12-31T23:59:59Z", TQ__OUT_OF_RANGE},
    {"1677-09-21T00:12:43.145224191Z", TQ__OUT_OF_RANGE},
    {"2262-04-11T23:47:16.854775808Z", TQ__OUT_OF_RANGE},
};

static void refuses_stamps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_stamps / sizeof bad_stamps[0]; i++) {
        struct tq__span text = {bad_stamps[i].text, strlen(bad_stamps[i].text)};
        int64_t at_ns;
        int fault = tq__time_read(text, &at_ns);

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

        assert_int_equal(tq__time_read((struct tq__span){text, (size_t)len}, &at_ns), 0);
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
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t at_ns = 42;
        int fault = tq__time_read((struct tq__span){good[i].text, strlen(good[i].text)}, &at_ns);

        if (fault != 0 || at_ns != good[i].at_ns)
            fail_msg("%s: fault %d, %lld ns", good[i].text, fault, (long long)at_ns);
    }
}

static void refuses_epochs(void **state)
{
    static const struct bad bad[] = {
        {"9223372037", TQ__OUT_OF_RANGE},
        {"100000000000", TQ__OUT_OF_RANGE},    /* 1e11: the last in seconds */
        {"100000000000000", TQ__OUT_OF_RANGE}, /* 1e14: the last in milliseconds */
        {"9223372036854775808", TQ__OUT_OF_RANGE},
        {"-9223372036854775808.5", TQ__OUT_OF_RANGE},
        {"1e999999", TQ__OUT_OF_RANGE},
        {"1.7.0", TQ__NOT_TIME},
        {"+1", TQ__NOT_TIME},
        {"12:00", TQ__NOT_TIME},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t at_ns;
        int fault = tq__time_read((struct tq__span){bad[i].text, strlen(bad[i].text)}, &at_ns);

        if (fault != bad[i].fault)
            fail_msg("\"%s\": fault %d, not %d", bad[i].text, fault, bad[i].fault);
    }
}

/* The text is well formed, only absurd: readers that bring instants into bounds take the bound. */
static void what_is_out_of_range_is_the_bound(void **state)
{
    int64_t at_ns;

    (void)state;
    assert_int_equal(tq__time_read(TQ__SPAN("9999-12-31T23:59:59Z"), &at_ns), TQ__OUT_OF_RANGE);
    assert_int_equal(at_ns, INT64_MAX);
    assert_int_equal(tq__time_read(TQ__SPAN("0000-01-01T00:00:00Z"), &at_ns), TQ__OUT_OF_RANGE);
    assert_int_equal(at_ns, INT64_MIN);
    assert_int_equal(tq__time_read(TQ__SPAN("9223372037"), &at_ns), TQ__OUT_OF_RANGE);
    assert_int_equal(at_ns, INT64_MAX);
    assert_int_equal(tq__time_rfc3339(TQ__SPAN("1795176000"), &at_ns), TQ__NOT_TIME);
    assert_int_equal(tq__time_rfc3339(TQ__SPAN(""), &at_ns), TQ__EMPTY);
}

static void people_shorten_instants(void **state)
{
    static const struct {
        const char *text, *same; /* NULL: as tq__time_rfc3339 answers for the text */
    } cases[] = {
        {"2026-11-30T14:00Z", "2026-11-30T14:00:00Z"},
        {"2026-11-30 14:00+01:00", "2026-11-30T13:00:00Z"},
        {"2026-11-30t14:00-00:30", "2026-11-30T14:30:00Z"},
        {"2026-11-30", "2026-11-30T00:00:00Z"},
        {"2026-11-30T14:00:30.5Z", NULL},
        {"2026-11-30T14:00", NULL},
        {"2026-11-30T14:00.5Z", NULL},
        {"2026-11-30T14Z", NULL},
        {"2026-11-3", NULL},
        {"1795176000", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tq__span text = tq__span_of(cases[i].text);
        int64_t at_ns = 0, same_ns = 0;
        int answer = tq__time_people(text, &at_ns);

        if (strcmp(cases[i].text, "2026-11-30T14:00") == 0)
            assert_int_equal(answer, TQ__NO_OFFSET);
        else
            assert_int_equal(answer,
                             tq__time_rfc3339(cases[i].same ? tq__span_of(cases[i].same) : text, &same_ns));
        if (answer == 0)
            assert_int_equal(at_ns, same_ns);
    }
}

#define NOON_NS INT64_C(1795176000000000000) /* 2026-11-20 12:00 UTC */

static void expect_http_date(const char *text, int why, int64_t at_ns)
{
    int64_t came = 42;

    if (tq__time_http_date(tq__span_of(text), NOON_NS, &came) != why)
        fail_msg("%s is not answered with %d", text, why);
    if (why == 0)
        assert_int_equal(came, at_ns);
}

/* The examples of RFC 9110 5.6.7, all of one instant; and the year of two digits. */
static void http_dates_have_three_forms(void **state)
{
    static const char *const none[] = {"",
                                       "Sun, 06 Nov 1994 08:49:37 CET",
                                       "Sun, 06 Nov 1994 08:49:37",
                                       "Sun, 06 Nox 1994 08:49:37 GMT",
                                       "Son, 06 Nov 1994 08:49:37 GMT",
                                       "Sun, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov 6 08:49:37 1994",
                                       "Sunday, 06-Nov-9x 08:49:37 GMT"};

    (void)state;
    expect_http_date("Sun, 06 Nov 1994 08:49:37 GMT", 0, INT64_C(784111777) * S);
    expect_http_date("Sunday, 06-Nov-94 08:49:37 GMT", 0, INT64_C(784111777) * S);
    expect_http_date("Sun Nov  6 08:49:37 1994", 0, INT64_C(784111777) * S);
    expect_http_date("Fri, 20 Nov 2026 12:00:00 GMT", 0, NOON_NS);
    expect_http_date("Sat, 31 Dec 2016 23:59:60 GMT", 0, INT64_C(1483228800) * S - 1);
    expect_http_date("Wednesday, 06-Nov-30 08:49:37 GMT", 0, INT64_C(1920185377) * S);
    expect_http_date("Friday, 20-Nov-76 12:00:00 GMT", 0, INT64_C(3373099200) * S);
    expect_http_date("Saturday, 20-Nov-77 12:00:00 GMT", 0, INT64_C(248875200) * S);
    expect_http_date("Sun, 31 Feb 1994 08:49:37 GMT", TQ__NO_SUCH_TIME, 0);
    expect_http_date("Sun, 06 Nov 1994 25:49:37 GMT", TQ__NO_SUCH_TIME, 0);
    expect_http_date("Sun, 06 Nov 1994 08:49:60 GMT", TQ__NO_SUCH_TIME, 0);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        expect_http_date(none[i], i == 0 ? TQ__EMPTY : TQ__NOT_TIME, 0);
}

static void expect_length(const char *text, bool days, size_t len, int64_t ns)
{
    int64_t value = 42;

    assert_int_equal(tq__length_take(tq__span_of(text), days, &value), len);
    assert_int_equal(value, ns);
}

static void lengths_have_a_unit_each(void **state)
{
    (void)state;
    expect_length("6m0s", false, 4, 360 * S);
    expect_length("16m17.764s", false, 10, 977 * S + S / 1000 * 764);
    expect_length("10h17m5.7s.", false, 10, (10 * 3600 + 17 * 60 + 5) * S + S / 10 * 7);
    expect_length("1.5h", false, 4, 5400 * S);
    expect_length("12ms", false, 4, S / 1000 * 12);
    expect_length("7us7\xc2\xb5s7\xce\xbcs7ns", false, 14, 21007);
    expect_length("99999999999h", false, 12, INT64_MAX);
    expect_length("2562047h47m16.854775807s", false, 24, INT64_MAX);
    expect_length("2562047h47m16.854775806s", false, 24, INT64_MAX - 1);
    expect_length("9999999999s9999999999s", false, 22, INT64_MAX);
    expect_length("7d12h", true, 5, 180 * 3600 * S);
    expect_length("7d12h", false, 0, 0);
    expect_length("2w", true, 2, 14 * 24 * 3600 * S);
    expect_length("5 Hours first", true, 7, 5 * 3600 * S);
    expect_length("5-hour", true, 6, 5 * 3600 * S);
    expect_length("1 day 12 hrs 3", true, 12, 36 * 3600 * S);
    expect_length("90 MIN", true, 6, 5400 * S);
    expect_length("90mins", true, 6, 5400 * S);
    expect_length("1m30secs", true, 8, 90 * S);
    expect_length("3ms4\xc2\xb5s", true, 7, S / 1000 * 3 + 4000);
    expect_length("5 months", true, 0, 0);
    expect_length("5hx", true, 0, 0);
    expect_length("5hs", true, 0, 0);
    expect_length("5  ", true, 0, 0);
    expect_length("5--h", true, 0, 0);
    expect_length("5s6", false, 2, 5 * S);
    expect_length("5 s", false, 0, 0);
    expect_length("5S", false, 0, 0);
    expect_length("-5s", false, 0, 0);
    expect_length("57", false, 0, 0);
    expect_length("", false, 0, 0);
}

static void lengths_are_written_for_people(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {-5, "0 s"},
        {1, "1 s"},
        {40 * S, "40 s"},
        {59 * S + 1, "1 min"},
        {12 * 60 * S, "12 min"},
        {90 * S, "1 min 30 s"},
        {3600 * S, "1 h"},
        {3599 * S, "59 min 59 s"},
        {3601 * S, "1 h 1 min"},
        {16 * 3600 * S + 58 * 60 * S + 36 * S, "16 h 59 min"},
        {86399 * S, "1 d"},
        {7 * 86400 * S, "7 d"},
        {76 * 3600 * S, "3 d 4 h"},
        {INT64_MAX, "106752 d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[TQ__LENGTH_BYTES];

        assert_int_equal(tq__length_write(out, cases[i].ns), strlen(cases[i].text));
        assert_string_equal(out, cases[i].text);
    }
}

static void dates_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -150000; day < 150000; day += 17) {
        time_t seconds = (time_t)(day * 86400);
        struct tq__civil civil;
        struct tm date;

        assert_non_null(gmtime_r(&seconds, &date));
        assert_int_equal(tq__days_of_date(date.tm_year + 1900, date.tm_mon + 1, date.tm_mday), day);
        assert_true(tq__is_date(date.tm_year + 1900, date.tm_mon + 1, date.tm_mday));
        tq__date_of_days(day, &civil);
        assert_int_equal(civil.year, date.tm_year + 1900);
        assert_int_equal(civil.month, date.tm_mon + 1);
        assert_int_equal(civil.day, date.tm_mday);
    }
    assert_false(tq__is_date(2026, 2, 29));
    assert_false(tq__is_date(2100, 2, 29));
    assert_true(tq__is_date(2000, 2, 29));
    assert_false(tq__is_date(2026, 0, 1));
    assert_false(tq__is_date(2026, 13, 1));
    assert_false(tq__is_date(2026, 4, 31));
    assert_false(tq__is_date(2026, 4, 0));
}

static void an_instant_has_a_date_and_a_time_of_day(void **state)
{
    struct tq__civil civil;

    (void)state;
    tq__civil_of(-1, &civil);
    assert_int_equal(civil.year, 1969);
    assert_int_equal(civil.month, 12);
    assert_int_equal(civil.day, 31);
    assert_int_equal(civil.hour, 23);
    assert_int_equal(civil.minute, 59);
    assert_int_equal(civil.second, 59);
    assert_int_equal(civil.ns, S - 1);
    tq__civil_of(INT64_MIN, &civil);
    assert_int_equal(civil.year, 1677);
    assert_int_equal(civil.ns, 145224192);
    tq__civil_of(INT64_MAX, &civil);
    assert_int_equal(civil.year, 2262);
    assert_int_equal(civil.hour, 23);
}

static int64_t at(int64_t year, int month, int day, int64_t hour)
{
    return tq__days_of_date(year, month, day) * TQ__DAY_NS + hour * TQ__HOUR_NS;
}

static void months_days_and_minutes_end_behind_their_instant(void **state)
{
    (void)state;
    assert_int_equal(tq__month_end(at(2026, 11, 24, 12)), at(2026, 12, 1, 0));
    assert_int_equal(tq__month_end(at(2026, 12, 31, 23)), at(2027, 1, 1, 0));
    assert_int_equal(tq__month_end(at(2027, 1, 1, 0)), at(2027, 2, 1, 0));
    assert_int_equal(tq__month_end(at(2027, 2, 1, 0) - 1), at(2027, 2, 1, 0));
    assert_int_equal(tq__month_end(at(2028, 2, 28, 0)), at(2028, 3, 1, 0));
    assert_int_equal(tq__month_end(-1), 0);
    assert_int_equal(tq__month_end(TQ_NOW_MIN_NS), at(1678, 2, 1, 0));
    assert_int_equal(tq__month_end(TQ_NOW_END_NS - 1), TQ_NOW_END_NS);
    assert_int_equal(tq__day_end(at(2026, 5, 1, 0)), at(2026, 5, 2, 0));
    assert_int_equal(tq__day_end(at(2026, 5, 1, 0) - 1), at(2026, 5, 1, 0));
    assert_int_equal(tq__day_end(-1), 0);
    assert_int_equal(tq__minute_end(59 * S), 60 * S);
    assert_int_equal(tq__minute_end(60 * S), 120 * S);
    assert_int_equal(tq__minute_end(-1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_stamps),
        cmocka_unit_test(refuses_stamps),
        cmocka_unit_test(knows_every_day),
        cmocka_unit_test(reads_epochs),
        cmocka_unit_test(refuses_epochs),
        cmocka_unit_test(what_is_out_of_range_is_the_bound),
        cmocka_unit_test(people_shorten_instants),
        cmocka_unit_test(http_dates_have_three_forms),
        cmocka_unit_test(lengths_have_a_unit_each),
        cmocka_unit_test(lengths_are_written_for_people),
        cmocka_unit_test(dates_agree_with_the_c_library),
        cmocka_unit_test(an_instant_has_a_date_and_a_time_of_day),
        cmocka_unit_test(months_days_and_minutes_end_behind_their_instant),
    };

    return cmocka_run_group_tests_name("base_time", tests, NULL, NULL);
}
