/* calendar.c: dates, the ends of days and months, and the days of Los Angeles.
 *
 * SPDX-License-Identifier: MIT
 *
 * The C library is not asked: it knows Los Angeles only where the system has zone data, which containers
 * often have not. The rule is the present one of the United States (15 U.S.C. 260a as amended by Public Law
 * 109-58 section 110, in force since 2007): clocks are one hour ahead from 02:00 on the second Sunday of
 * March to 02:00 on the first Sunday of November.
 */
#include "calendar.h"

#include "value.h"

#define DAY_S INT64_C(86400)
#define STANDARD_NS (-8 * TQ__HOUR_NS) /* Pacific standard time, from UTC */
#define SUMMER_NS (-7 * TQ__HOUR_NS)

/* Rounds down, before 1970 as after it. */
static int64_t floor_to(int64_t at_ns, int64_t step_ns)
{
    int64_t rest = at_ns % step_ns;

    return at_ns - (rest < 0 ? rest + step_ns : rest);
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool tq__is_date(int64_t year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return year >= 0 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && is_leap(year));
}

int64_t tq__days_of_date(int64_t year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t days = 365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;

    return days + before[month - 1] + (month > 2 && is_leap(year)) + day - 1 - 719528;
}

int64_t tq__year_of(int64_t at_ns)
{
    int64_t day = floor_to(at_ns, TQ__DAY_NS) / TQ__DAY_NS;
    int64_t year = 1970 + (day < 0 ? day / 365 - 1 : day / 366); /* at most some years too early */

    while (tq__days_of_date(year + 1, 1, 1) <= day)
        year++;
    return year;
}

int64_t tq__minute_end(int64_t now_ns)
{
    return floor_to(now_ns, TQ__MINUTE_NS) + TQ__MINUTE_NS;
}

int64_t tq__day_end(int64_t now_ns)
{
    return floor_to(now_ns, TQ__DAY_NS) + TQ__DAY_NS;
}

int64_t tq__month_end(int64_t now_ns)
{
    int64_t day = floor_to(now_ns, TQ__DAY_NS) / TQ__DAY_NS, year = tq__year_of(now_ns);

    for (int month = 2; month <= 12; month++) {
        if (tq__days_of_date(year, month, 1) > day)
            return tq__days_of_date(year, month, 1) * TQ__DAY_NS;
    }
    return tq__days_of_date(year + 1, 1, 1) * TQ__DAY_NS;
}

/* The day of the n-th Sunday of a month, as a number since 1970-01-01 (a Thursday). */
static int64_t sunday(int64_t year, int month, int n)
{
    int64_t first = tq__days_of_date(year, month, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 0: Sunday */

    return first + (7 - weekday) % 7 + (n - 1) * 7;
}

/* In seconds: the March or November of an instant's year may be out of the range of nanoseconds. */
static int64_t offset_los_angeles(int64_t at_ns)
{
    int64_t year = tq__year_of(at_ns + STANDARD_NS);
    int64_t at_s = floor_to(at_ns, TQ__SECOND_NS) / TQ__SECOND_NS;
    int64_t start_s = sunday(year, 3, 2) * DAY_S + (2 * TQ__HOUR_NS - STANDARD_NS) / TQ__SECOND_NS;
    int64_t end_s = sunday(year, 11, 1) * DAY_S + (2 * TQ__HOUR_NS - SUMMER_NS) / TQ__SECOND_NS;

    return at_s >= start_s && at_s < end_s ? SUMMER_NS : STANDARD_NS;
}

int64_t tq__day_end_los_angeles(int64_t now_ns)
{
    int64_t midnight_ns = tq__day_end(now_ns + offset_los_angeles(now_ns));

    /* Clocks change at two, so that midnight has the offset of one o'clock before either change. */
    return midnight_ns - offset_los_angeles(midnight_ns - STANDARD_NS);
}
