/* test_signal_days.c: where the days of Los Angeles end, which are those of Gemini.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdlib.h>
#include <time.h>

#include "signals/reading.h"

#define S INT64_C(1000000000)

static int64_t at(int64_t year, int month, int day, int64_t hour)
{
    return tq__days_of_date(year, month, day) * DAY_NS + hour * HOUR_NS;
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
        cmocka_unit_test(days_of_los_angeles_have_23_to_25_hours),
        cmocka_unit_test(days_of_los_angeles_agree_with_the_zone_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
