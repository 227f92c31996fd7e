/* naive_calendar.c: calendar windows of a zone by loops over days, for tests to compare with.
 *
 * SPDX-License-Identifier: MIT
 */
#include "naive_calendar.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "base/zone.h"
#include "tokenquota.h"

#define ZONES 16
#define DAY_SECONDS INT64_C(86400)
#define QUARTER_SECONDS 900
#define REMEMBERED 8192 /* days whose begin is kept, so that it is not searched again */

static struct known_zone {
    char name[64];
    unsigned char bytes[TQ__ZONE_BYTES];
    struct tq__zone zone;
    struct {
        bool known;
        int64_t day, second;
    } begin[REMEMBERED];
} known_zones[ZONES];

/* All this takes an instant as a whole second, where nothing but whole quarters of an hour matters. */
static struct known_zone *zone_of(const char *name)
{
    char path[128];
    FILE *file;

    for (int i = 0; i < ZONES; i++) {
        struct known_zone *known = &known_zones[i];

        if (strcmp(known->name, name) == 0)
            return known;
        if (known->name[0])
            continue;
        snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
        file = fopen(path, "rb");
        if (!file)
            break;
        if (tq__zone_read(&known->zone, known->bytes, fread(known->bytes, 1, sizeof known->bytes, file)) != 0)
            break;
        fclose(file);
        snprintf(known->name, sizeof known->name, "%s", name);
        return known;
    }
    abort();
}

static int64_t offset_at(const struct known_zone *known, int64_t second)
{
    static int64_t year_ago;

    if (year_ago == 0)
        year_ago = (int64_t)time(NULL) - 366 * DAY_SECONDS;
    if (second < year_ago || second > INT64_MAX / TQ__SECOND_NS)
        return tq__zone_rule_offset(&known->zone.rule, second);
    return tq__zone_offset(&known->zone, second * TQ__SECOND_NS);
}

/* The first second at which clocks show 00:00 of a day or later. */
static int64_t day_begin(const char *name, int64_t day)
{
    size_t place = (size_t)(day % REMEMBERED + REMEMBERED) % REMEMBERED;
    struct known_zone *known;
    int64_t second = (day - 1) * DAY_SECONDS;

    if (!*name)
        return day * DAY_SECONDS;
    known = zone_of(name);
    if (known->begin[place].known && known->begin[place].day == day)
        return known->begin[place].second;
    while (second + offset_at(known, second) < day * DAY_SECONDS)
        second += QUARTER_SECONDS;
    known->begin[place].known = true;
    known->begin[place].day = day;
    known->begin[place].second = second;
    return second;
}

int64_t nc_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t nc_after(int64_t at_ns, int64_t length_ns)
{
    return at_ns > INT64_MAX - length_ns ? INT64_MAX : at_ns + length_ns;
}

static bool first_of_month(int64_t day, int64_t first)
{
    struct tq__civil date, next;

    tq__date_of_days(day, &date);
    tq__date_of_days(day + 1, &next);
    return date.day == first || (date.day < first && next.day == 1);
}

/* Does a window begin on this day? */
static bool begins(uint32_t window, uint32_t first, int64_t day)
{
    struct tq__civil date;

    switch (window) {
    case TQ_WINDOW_DAY:
        return true;
    case TQ_WINDOW_WEEK: /* 1970-01-01 was a Thursday, the fourth */
        return (day + 3) - nc_divide(day + 3, 7) * 7 == (int64_t)first - 1;
    case TQ_WINDOW_MONTH:
        return first_of_month(day, (int64_t)first);
    default:
        tq__date_of_days(day, &date);
        return date.day == 1 && (date.month + 12 - (int)first) % (window == TQ_WINDOW_QUARTER ? 3 : 12) == 0;
    }
}

static int64_t instant(int64_t second)
{
    return second > INT64_MAX / TQ__SECOND_NS ? INT64_MAX : second * TQ__SECOND_NS;
}

struct nc_window nc_calendar(const char *zone, uint32_t window, uint32_t first, int64_t at_ns)
{
    int64_t second = nc_divide(at_ns, TQ__SECOND_NS), begin = nc_divide(second, DAY_SECONDS) + 2, end;

    while (day_begin(zone, begin) > second)
        begin--;
    end = begin + 1;
    while (!begins(window, first, begin))
        begin--;
    while (!begins(window, first, end))
        end++;
    return (struct nc_window){instant(day_begin(zone, begin)), instant(day_begin(zone, end))};
}

struct nc_window nc_fixed(int64_t anchor_ns, int64_t length_ns, int64_t at_ns)
{
    __int128 anchor = anchor_ns, index = ((__int128)at_ns - anchor) / length_ns, begin;

    if (at_ns < anchor_ns && index * length_ns > (__int128)at_ns - anchor)
        index--;
    begin = anchor + index * length_ns;
    return (struct nc_window){(int64_t)begin,
                              begin + length_ns > INT64_MAX ? INT64_MAX : (int64_t)(begin + length_ns)};
}
