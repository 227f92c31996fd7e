/* zone_rule.c: reads the rule of a time zone as TZ has it.
 *
 * SPDX-License-Identifier: MIT
 *
 *     EST5EDT,M3.2.0,M11.1.0         five hours behind UTC; from the second Sunday of March at 2 to ...
 *     <-03>3<-02>,M3.5.0/-2,M10.5.0/-1
 *
 * An offset counts the other way: 5 is behind UTC (POSIX 8.3; RFC 9636 3.3.1 lets hours go from -167 to 167).
 */
#include <string.h>

#include "base/zone.h"

#define HOURS_MAX 167

/* What is left of the text. */
struct cursor {
    const char *at, *end;
};

static bool take_char(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

static bool take_number(struct cursor *cursor, int most, int *number)
{
    const char *first = cursor->at;

    for (*number = 0; cursor->at < cursor->end && tq__is_digit(*cursor->at); cursor->at++) {
        *number = *number * 10 + (*cursor->at - '0');
        if (*number > most)
            return false;
    }
    return cursor->at > first;
}

/* Letters, or anything between < and >. */
static bool take_zone_name(struct cursor *cursor)
{
    const char *first = cursor->at;

    if (take_char(cursor, '<')) {
        const char *close = memchr(cursor->at, '>', (size_t)(cursor->end - cursor->at));

        cursor->at = close ? close + 1 : cursor->at;
        return close != NULL;
    }
    while (cursor->at < cursor->end && (*cursor->at | 0x20) >= 'a' && (*cursor->at | 0x20) <= 'z')
        cursor->at++;
    return cursor->at > first;
}

/* [+-]hours[:minutes[:seconds]] */
static bool take_seconds(struct cursor *cursor, int32_t *seconds)
{
    bool minus = take_char(cursor, '-');
    int hours, minutes = 0, rest = 0;

    if (!minus)
        take_char(cursor, '+');
    if (!take_number(cursor, HOURS_MAX, &hours) ||
        (take_char(cursor, ':') &&
         (!take_number(cursor, 59, &minutes) || (take_char(cursor, ':') && !take_number(cursor, 59, &rest)))))
        return false;
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (minus)
        *seconds = -*seconds;
    return true;
}

static bool take_day(struct cursor *cursor, struct tq__zone_change *change)
{
    change->kind =
        cursor->at < cursor->end && (*cursor->at == 'M' || *cursor->at == 'J') ? *cursor->at++ : '0';
    if (change->kind != 'M')
        return take_number(cursor, 365, &change->day) && (change->kind == '0' || change->day > 0);
    return take_number(cursor, 12, &change->month) && take_char(cursor, '.') &&
           take_number(cursor, 5, &change->week) && take_char(cursor, '.') &&
           take_number(cursor, 6, &change->day) && change->month > 0 && change->week > 0;
}

/* ,day[/second] */
static bool take_change(struct cursor *cursor, struct tq__zone_change *change)
{
    change->second = 2 * 3600;
    return take_char(cursor, ',') && take_day(cursor, change) &&
           (!take_char(cursor, '/') || take_seconds(cursor, &change->second));
}

static bool is_offset(int32_t seconds)
{
    return seconds >= -TQ__ZONE_AHEAD_MAX && seconds <= TQ__ZONE_AHEAD_MAX;
}

int tq__zone_read_rule(struct tq__zone_rule *rule, struct tq__span text)
{
    struct cursor cursor = {text.at, text.at + text.len};
    int32_t behind;

    *rule = (struct tq__zone_rule){0};
    if (!take_zone_name(&cursor) || !take_seconds(&cursor, &behind) || !is_offset(behind))
        return -1;
    rule->standard = -behind;
    if (cursor.at == cursor.end)
        return 0;
    if (!take_zone_name(&cursor))
        return -1;
    behind -= 3600;
    if (cursor.at < cursor.end && *cursor.at != ',' && !take_seconds(&cursor, &behind))
        return -1;
    rule->summer = -behind;
    rule->changes = true;
    if (!is_offset(behind) || !take_change(&cursor, &rule->begin) || !take_change(&cursor, &rule->end))
        return -1;
    return cursor.at == cursor.end ? 0 : -1;
}
