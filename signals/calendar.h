/* calendar.h: dates, and where days and months end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_CALENDAR_H
#define TQ_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* Days from 1970-01-01 to a date of the Gregorian calendar, for years from 0; month 1 to 12. */
int64_t tq__days_of_date(int64_t year, int month, int day);

/* Is there such a date? */
bool tq__is_date(int64_t year, int month, int day);

/* The year in UTC that holds the instant. */
int64_t tq__year_of(int64_t at_ns);

/* The first instant behind the minute, day or month that holds now_ns, all of UTC. */
int64_t tq__minute_end(int64_t now_ns);
int64_t tq__day_end(int64_t now_ns);
int64_t tq__month_end(int64_t now_ns);

/* The next midnight in Los Angeles after now_ns. Days there have 23 to 25 hours. */
int64_t tq__day_end_los_angeles(int64_t now_ns);

#endif
