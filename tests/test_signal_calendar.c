/* test_signal_calendar.c: where minutes, days and months end, also in Los Angeles.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L /* gmtime_r, localtime_r */
#include "harness.h"

#include <stdlib.h>
#include <time.h>

#include "calendar.h"

#define S INT64_C(1000000000)

static void dates_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -150000; day < 150000; day += 17) {
        time_t seconds = (time_t)(day * 86400);
        struct tm date;

        assert_non_null(gmtime_r(&seconds, &date));
        assert_int_equal(tq__days_of_date(date.tm_year + 1900, date.tm_mon + 1, date.tm_mday), day);
        assert_true(tq__is_date(date.tm_year + 1900, date.tm_mon + 1, date.tm_mday));
        if (day > -100000 && day < 100000) {
            assert_int_equal(tq__year_of(day * DAY_NS), date.tm_year + 1900);
            assert_int_equal(tq__year_of(day * DAY_NS + DAY_NS - 1), date.tm_year + 1900);
        }
    }
    assert_false(tq__is_date(2026, 2, 29));
    assert_false(tq__is_date(2100, 2, 29));
    assert_true(tq__is_date(2000, 2, 29));
    assert_false(tq__is_date(2026, 0, 1));
    assert_false(tq__is_date(2026, 13, 1));
    assert_false(tq__is_date(2026, 4, 31));
    assert_false(tq__is_date(2026, 4, 0));
}

static int64_t at(int64_t year, int month, int day, int64_t hour)
{
    return tq__days_of_date(year, month, day) * DAY_NS + hour * HOUR_NS;
}

static void months_end_at_the_first(void **state)
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
}

static void days_and_minutes_end_behind_their_instant(void **state)
{
    (void)state;
    assert_int_equal(tq__day_end(MAY_DAY_NS), MAY_DAY_NS + DAY_NS);
    assert_int_equal(tq__day_end(MAY_DAY_NS - 1), MAY_DAY_NS);
    assert_int_equal(tq__day_end(-1), 0);
    assert_int_equal(tq__minute_end(MAY_DAY_NS + 59 * S), MAY_DAY_NS + 60 * S);
    assert_int_equal(tq__minute_end(MAY_DAY_NS + 60 * S), MAY_DAY_NS + 120 * S);
    assert_int_equal(tq__minute_end(-1), 0);
}

/* 2026: clocks go ahead on March 8 and back on November 1. */
static void days_of_los_angeles_have_23_to_25_hours(void **state)
{
    int64_t winter = at(2026, 3, 7, 8), spring = at(2026, 3, 8, 8), summer = at(2026, 3, 9, 7);
    int64_t autumn = at(2026, 11, 1, 7), later = at(2026, 11, 2, 8);

    (void)state;
    assert_int_equal(tq__day_end_los_angeles(winter), spring);
    assert_int_equal(tq__day_end_los_angeles(spring - 1), spring);
    assert_int_equal(tq__day_end_los_angeles(spring), summer);
    assert_int_equal(summer - spring, 23 * HOUR_NS);
    assert_int_equal(tq__day_end_los_angeles(spring + 2 * HOUR_NS - 1), summer);
    assert_int_equal(tq__day_end_los_angeles(spring + 2 * HOUR_NS), summer);
    assert_int_equal(tq__day_end_los_angeles(autumn), later);
    assert_int_equal(later - autumn, 25 * HOUR_NS);
    assert_int_equal(tq__day_end_los_angeles(later - 1), later);
    assert_int_equal(tq__day_end_los_angeles(later), later + DAY_NS);
    assert_int_equal(tq__day_end_los_angeles(at(2026, 12, 31, 12)), at(2027, 1, 1, 8));
    assert_int_equal(tq__day_end_los_angeles(TQ_NOW_MIN_NS), at(1678, 1, 1, 8));
    assert_int_equal(tq__day_end_los_angeles(TQ_NOW_END_NS - 1), at(2262, 1, 1, 8));
}

/* Each half hour of thirty years against the zone data of the system, where there are some. */
static void days_of_los_angeles_agree_with_the_zone_data(void **state)
{
    time_t summer = 1782864000; /* 2026-07-01, 17:00 the day before over there */
    struct tm local;

    (void)state;
    assert_int_equal(setenv("TZ", "America/Los_Angeles", 1), 0);
    tzset();
    if (!localtime_r(&summer, &local) || local.tm_hour != 17 || local.tm_isdst != 1) {
        print_message("# this system has no zone data: left out\n");
        skip();
    }
    for (time_t now = 1167609600; now < 2114380800; now += 1800) {
        time_t end;

        assert_non_null(localtime_r(&now, &local));
        local.tm_mday++;
        local.tm_hour = local.tm_min = local.tm_sec = 0;
        local.tm_isdst = -1;
        end = mktime(&local);
        assert_int_equal(tq__day_end_los_angeles((int64_t)now * S + 5), (int64_t)end * S);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_agree_with_the_c_library),
        cmocka_unit_test(months_end_at_the_first),
        cmocka_unit_test(days_and_minutes_end_behind_their_instant),
        cmocka_unit_test(days_of_los_angeles_have_23_to_25_hours),
        cmocka_unit_test(days_of_los_angeles_agree_with_the_zone_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
