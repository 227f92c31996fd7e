/* zone.c: time zones: from an instant to a local time and back, by the bytes of a file of the zone database.
 *
 * SPDX-License-Identifier: MIT
 *
 * A file (TZif, RFC 9636) has two blocks, the first with instants of 32 bits, the second with 64 bits, and a
 * rule for the time after. Files of version 1 have the first block alone. Nothing in the file is trusted: all
 * counts are checked against its length when it is read, and the types when they are used.
 */
#include "base/zone.h"

#include <string.h>

#define HEADER_BYTES 44
#define TYPE_BYTES 6

/* ---- the file -------------------------------------------------------------------------------- */

/* A number of so many bytes, the highest first, in two's complement. */
static int64_t number_at(const unsigned char *bytes, size_t len)
{
    uint64_t value = bytes[0] & 0x80 ? UINT64_MAX : 0;

    for (size_t i = 0; i < len; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

/* The counts of a header, as RFC 9636 names them. */
struct counts {
    size_t isutc, isstd, leap, time, type, letters;
};

static bool read_zone_header(const unsigned char *at, size_t len, struct counts *counts)
{
    size_t count[6];

    if (len < HEADER_BYTES || memcmp(at, "TZif", 4) != 0)
        return false;
    for (size_t i = 0; i < 6; i++) {
        int64_t number = number_at(at + 20 + 4 * i, 4);

        if (number < 0 || number > TQ__ZONE_BYTES)
            return false;
        count[i] = (size_t)number;
    }
    *counts = (struct counts){count[0], count[1], count[2], count[3], count[4], count[5]};
    return counts->type > 0;
}

/* The bytes of a block whose instants have `width` bytes. */
static size_t block_bytes(const struct counts *counts, size_t width)
{
    return counts->time * (width + 1) + counts->type * TYPE_BYTES + counts->letters +
           counts->leap * (width + 4) + counts->isstd + counts->isutc;
}

static int32_t offset_of_type(const struct tq__zone *zone, size_t type)
{
    int64_t offset = number_at(zone->types + TYPE_BYTES * (type < zone->type_count ? type : 0), 4);

    return offset < -TQ__ZONE_AHEAD_MAX || offset > TQ__ZONE_AHEAD_MAX ? 0 : (int32_t)offset;
}

int tq__zone_read(struct tq__zone *zone, const void *bytes, size_t len)
{
    const unsigned char *at = bytes, *end = at + len, *newline;
    struct counts counts;

    *zone = (struct tq__zone){0};
    if (len > TQ__ZONE_BYTES || !read_zone_header(at, len, &counts) || at[4] < '2' ||
        block_bytes(&counts, 4) > len - HEADER_BYTES)
        return -1;
    at += HEADER_BYTES + block_bytes(&counts, 4);
    if (!read_zone_header(at, (size_t)(end - at), &counts) ||
        block_bytes(&counts, 8) > (size_t)(end - at) - HEADER_BYTES)
        return -1;
    zone->times = at + HEADER_BYTES;
    zone->kinds = zone->times + 8 * counts.time;
    zone->types = zone->kinds + counts.time;
    zone->time_count = counts.time;
    zone->type_count = counts.type;
    at += HEADER_BYTES + block_bytes(&counts, 8);
    newline = at < end && *at == '\n' ? memchr(at + 1, '\n', (size_t)(end - at) - 1) : NULL;
    if (newline && newline > at + 1)
        zone->has_rule = tq__zone_read_rule(&zone->rule, (struct tq__span){(const char *)at + 1,
                                                                           (size_t)(newline - at) - 1}) == 0;
    return 0;
}

/* Clocks are ahead from the second Sunday of March at two to the first Sunday of November at two. */
const struct tq__zone tq__zone_pacific = {.has_rule = true,
                                          .rule = {.standard = -8 * 3600,
                                                   .summer = -7 * 3600,
                                                   .changes = true,
                                                   .begin = {'M', 3, 2, 0, 2 * 3600},
                                                   .end = {'M', 11, 1, 0, 2 * 3600}}};

/* ---- the rule -------------------------------------------------------------------------------- */

static int64_t days_of_change(const struct tq__zone_change *change, int64_t year)
{
    int64_t first = tq__days_of_date(year, 1, 1), day;
    bool leap = tq__is_date(year, 2, 29);

    if (change->kind == '0')
        return first + change->day;
    if (change->kind == 'J')
        return first + change->day - 1 + (leap && change->day > 59);
    first = tq__days_of_date(year, change->month, 1);
    day = first + ((change->day - (first + 4)) % 7 + 7) % 7 + 7 * (change->week - 1); /* day 0: a Thursday */
    while (change->week == 5 && day >= tq__days_of_date(year + change->month / 12, change->month % 12 + 1, 1))
        day -= 7;
    return day;
}

/* Seconds since 1970 at which a change happens; offset: of the time that ends. */
static int64_t second_of_change(const struct tq__zone_change *change, int64_t year, int32_t offset)
{
    return days_of_change(change, year) * 86400 + change->second - offset;
}

int32_t tq__zone_rule_offset(const struct tq__zone_rule *rule, int64_t second)
{
    struct tq__civil civil;
    int64_t begin, end;

    if (!rule->changes)
        return rule->standard;
    tq__date_of_days(tq__floor_divide(second + rule->standard, 86400), &civil);
    begin = second_of_change(&rule->begin, civil.year, rule->standard);
    end = second_of_change(&rule->end, civil.year, rule->summer);
    if (begin < end)
        return second >= begin && second < end ? rule->summer : rule->standard;
    return second >= end && second < begin ? rule->standard : rule->summer;
}

bool tq__zone_rule_changes(const struct tq__zone_rule *rule, int64_t year, int64_t from, int64_t until)
{
    int64_t begin = second_of_change(&rule->begin, year, rule->standard);
    int64_t end = second_of_change(&rule->end, year, rule->summer);

    return rule->changes && ((begin > from && begin < until) || (end > from && end < until));
}

/* ---- both ways ------------------------------------------------------------------------------- */

/* The number of listed changes up to a second. */
static size_t changes_until(const struct tq__zone *zone, int64_t second)
{
    size_t low = 0, high = zone->time_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (number_at(zone->times + 8 * middle, 8) <= second)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool tq__zone_listed(const struct tq__zone *zone, int64_t second, struct tq__zone_span *span)
{
    size_t before = changes_until(zone, second);

    if (before == zone->time_count && zone->has_rule)
        return false;
    span->from = before > 0 ? number_at(zone->times + 8 * (before - 1), 8) : INT64_MIN;
    span->until = before < zone->time_count ? number_at(zone->times + 8 * before, 8) : INT64_MAX;
    span->offset = offset_of_type(zone, before > 0 ? zone->kinds[before - 1] : 0);
    return true;
}

static int32_t offset_at_second(const struct tq__zone *zone, int64_t second)
{
    struct tq__zone_span span;

    return tq__zone_listed(zone, second, &span) ? span.offset : tq__zone_rule_offset(&zone->rule, second);
}

int32_t tq__zone_offset(const struct tq__zone *zone, int64_t at_ns)
{
    return offset_at_second(zone, tq__floor_divide(at_ns, TQ__SECOND_NS));
}

/* Clocks change rarely. So the offsets a day before and a day after are the two that may hold at this time;
 * the one before is taken where both are right or neither is. */
int tq__zone_instant(const struct tq__zone *zone, const struct tq__civil *local, int64_t *at_ns)
{
    int64_t clock, second;
    int32_t before, after;

    if (!tq__is_date(local->year, local->month, local->day))
        return TQ__NO_SUCH_TIME;
    if (local->year > 9999)
        return TQ__OUT_OF_RANGE;
    clock = tq__days_of_date(local->year, local->month, local->day) * 86400 + local->hour * 3600 +
            local->minute * 60 + local->second;
    before = offset_at_second(zone, clock - 86400);
    after = offset_at_second(zone, clock + 86400);
    second = clock - before;
    if (offset_at_second(zone, second) != before && offset_at_second(zone, clock - after) == after)
        second = clock - after;
    if (__builtin_mul_overflow(second, TQ__SECOND_NS, at_ns) ||
        __builtin_add_overflow(*at_ns, local->ns, at_ns))
        return TQ__OUT_OF_RANGE;
    return 0;
}

void tq__zone_civil(const struct tq__zone *zone, int64_t at_ns, struct tq__civil *local)
{
    int64_t second = tq__floor_divide(at_ns, TQ__SECOND_NS), clock = second + offset_at_second(zone, second);
    int64_t days = tq__floor_divide(clock, 86400), rest = clock - days * 86400;

    tq__date_of_days(days, local);
    local->hour = (int)(rest / 3600);
    local->minute = (int)(rest / 60 % 60);
    local->second = (int)(rest % 60);
    local->ns = at_ns % TQ__SECOND_NS + (at_ns % TQ__SECOND_NS < 0 ? TQ__SECOND_NS : 0);
}

/* ---- names ----------------------------------------------------------------------------------- */

bool tq__zone_is_name(struct tq__span name)
{
    if (name.len == 0 || name.len >= TQ__ZONE_NAME_BYTES || name.at[0] == '/' || name.at[name.len - 1] == '/')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!tq__is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !strchr("_+-/", c))
            return false;
    }
    return true;
}
