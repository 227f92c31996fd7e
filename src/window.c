/* window.c: what a limit counts and over which window, in one word; and the window that holds an instant.
 *
 * SPDX-License-Identifier: MIT
 */
#include "window.h"

/* ---- what a limit counts --------------------------------------------------------------------- */

/* What the parts of a spec may be, by window. */
static const struct form {
    uint32_t first_max;      /* 0: it has none */
    uint32_t shortest, most; /* length; 0: it has none */
    int64_t unit_ns;         /* of the length */
    bool calendar;
} forms[] = {
    [TQ_WINDOW_DAY] = {.calendar = true},
    [TQ_WINDOW_WEEK] = {.first_max = 7, .calendar = true},
    [TQ_WINDOW_MONTH] = {.first_max = 31, .calendar = true},
    [TQ_WINDOW_QUARTER] = {.first_max = 12, .calendar = true},
    [TQ_WINDOW_YEAR] = {.first_max = 12, .calendar = true},
    [TQ_WINDOW_FIXED] = {.shortest = 1, .most = 366 * 96, .unit_ns = TQ__QUARTER_NS},
    [TQ_WINDOW_FIRST_USE] = {.shortest = 1, .most = 366 * 96, .unit_ns = TQ__QUARTER_NS},
    [TQ_WINDOW_ROLLING] = {.shortest = 15, .most = 366 * 1440, .unit_ns = TQ__MINUTE_NS},
    [TQ_WINDOW_REFILL] = {.shortest = 1, .most = 31 * 86400, .unit_ns = TQ__SECOND_NS},
    [TQ_WINDOW_ONCE] = {0},
    [TQ_WINDOW_STATED] = {.shortest = 10, .most = 366 * 1440, .unit_ns = TQ__MINUTE_NS},
};

/* NULL: there is no such window. */
static const struct form *form_of(uint32_t window)
{
    return window >= TQ_WINDOW_DAY && window <= TQ_WINDOW_STATED ? &forms[window] : NULL;
}

static bool unit_ok(uint32_t unit, uint32_t window)
{
    return unit >= TQ_UNIT_TOKENS &&
           (unit <= TQ_UNIT_WEIGHTED || (unit == TQ_UNIT_SHARE && window == TQ_WINDOW_STATED));
}

/* FNV-1a, folded. */
uint32_t tq__window_name_hash(const char *name)
{
    uint32_t hash = 2166136261u;

    if (!*name)
        return 0;
    for (size_t i = 0; name[i]; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    hash = (hash >> 20 ^ hash) & 0xfffff;
    return hash != 0 ? hash : 1;
}

void tq__spec_of_limit(struct tq__spec *spec, const struct tq_limit *limit, uint32_t zone)
{
    const struct form *form = &forms[limit->window];
    int64_t quarter = tq__floor_divide(limit->anchor_at_ns, TQ__QUARTER_NS);

    *spec = (struct tq__spec){.unit = limit->unit, .window = limit->window, .zone = zone};
    if (form->first_max > 0)
        spec->first = limit->first ? limit->first : 1;
    if (form->most > 0)
        spec->length = (uint32_t)(limit->length_ns / form->unit_ns);
    if (limit->window == TQ_WINDOW_STATED)
        spec->name = tq__window_name_hash(limit->zone);
    if (limit->window == TQ_WINDOW_FIXED)
        spec->anchor = (uint32_t)(quarter - tq__floor_divide(quarter, spec->length) * spec->length);
}

void tq__spec_to_limit(const struct tq__spec *spec, struct tq_limit *limit)
{
    limit->unit = spec->unit;
    limit->window = spec->window;
    limit->first = spec->first;
    limit->length_ns = spec->length * forms[spec->window].unit_ns;
    limit->anchor_at_ns = spec->anchor * TQ__QUARTER_NS;
}

int64_t tq__spec_length_ns(const struct tq__spec *spec)
{
    return spec->window == TQ_WINDOW_DAY    ? TQ__DAY_NS
           : spec->window == TQ_WINDOW_WEEK ? 7 * TQ__DAY_NS
                                            : spec->length * forms[spec->window].unit_ns;
}

/* Reads a and b of a window that has a length. */
static bool unpack_length(const struct form *form, uint32_t a, uint32_t b, struct tq__spec *spec)
{
    uint64_t length = spec->window == TQ_WINDOW_REFILL ? (uint64_t)b << 20 | a : a;

    spec->length = (uint32_t)length;
    if (spec->window == TQ_WINDOW_STATED)
        spec->name = b;
    else if (spec->window == TQ_WINDOW_FIXED)
        spec->anchor = b;
    return length >= form->shortest && length <= form->most &&
           (spec->window == TQ_WINDOW_FIXED    ? b < length
            : spec->window == TQ_WINDOW_STATED ? true
                                               : b == 0 || spec->window == TQ_WINDOW_REFILL);
}

bool tq__spec_unpack(uint64_t word, struct tq__spec *spec)
{
    uint32_t a = (uint32_t)(word >> 20) & 0xfffff, b = (uint32_t)word & 0xfffff;
    const struct form *form = form_of((uint32_t)(word >> 48) & 15);

    *spec = (struct tq__spec){.version = (uint32_t)(word >> 56),
                              .unit = (uint32_t)(word >> 52) & 15,
                              .window = (uint32_t)(word >> 48) & 15,
                              .zone = (uint32_t)(word >> 40) & 255};
    /* No limit has the version 0: the words of a free line, which are 0, would be its. */
    if (spec->version == 0 || !form || !unit_ok(spec->unit, spec->window) ||
        spec->zone > (form->calendar ? TQ__ZONES : 0))
        return false;
    if (form->calendar) {
        spec->first = a;
        return b == 0 && a <= form->first_max && (a > 0) == (form->first_max > 0);
    }
    return unpack_length(form, a, b, spec);
}

/* ---- windows --------------------------------------------------------------------------------- */

/* Months since January 1970. */
static int64_t month_first_day(int64_t month)
{
    int64_t year = tq__floor_divide(month, 12);

    return tq__days_of_date(1970 + year, (int)(month - 12 * year) + 1, 1);
}

/* The first day of the window of an index, in days since 1970-01-01. */
static int64_t first_day(const struct tq__spec *spec, int64_t index)
{
    int64_t begin, length;

    switch (spec->window) {
    case TQ_WINDOW_DAY:
        return index;
    case TQ_WINDOW_WEEK: /* the Monday before 1970-01-01 is day -3 */
        return index * 7 - 3 + (spec->first - 1);
    case TQ_WINDOW_MONTH:
        begin = month_first_day(index);
        length = month_first_day(index + 1) - begin;
        return begin + (spec->first < length ? spec->first : length) - 1;
    case TQ_WINDOW_QUARTER:
        return month_first_day(index * 3 + (spec->first - 1));
    default:
        return month_first_day(index * 12 + (spec->first - 1));
    }
}

/* The index of the window that has a day. */
static int64_t index_of_day(const struct tq__spec *spec, int64_t day)
{
    struct tq__civil date;
    int64_t month;

    if (spec->window == TQ_WINDOW_DAY)
        return day;
    if (spec->window == TQ_WINDOW_WEEK)
        return tq__floor_divide(day + 3 - (spec->first - 1), 7);
    tq__date_of_days(day, &date);
    month = (date.year - 1970) * 12 + date.month - 1;
    if (spec->window == TQ_WINDOW_MONTH)
        return month - (day < first_day(spec, month));
    return tq__floor_divide(month - (spec->first - 1), spec->window == TQ_WINDOW_QUARTER ? 3 : 12);
}

static int64_t start_of(const struct tq__spec *spec, const struct tq__law *law, int64_t index)
{
    return spec->window == TQ_WINDOW_FIXED ? spec->anchor + index * spec->length
                                           : tq__law_day_begin(law, first_day(spec, index));
}

static bool turns(const struct tq__spec *spec)
{
    return spec->window >= TQ_WINDOW_DAY && spec->window <= TQ_WINDOW_FIXED;
}

/* Fills a window; one that began before 1970 begins in 1970. False: it ended before, or the law is damaged.
 */
static bool fill_period(struct tq__period *period, int64_t index, int64_t start, int64_t end)
{
    if (start < 0)
        start = 0;
    if (end <= 0 || end < start || end - start > UINT16_MAX || end > TQ__QUARTER_END)
        return false;
    *period = (struct tq__period){(int32_t)index, (uint32_t)start, (uint32_t)(end - start)};
    return true;
}

bool tq__period_of(const struct tq__spec *spec, const struct tq__law *law, int32_t index,
                   struct tq__period *period)
{
    return turns(spec) &&
           fill_period(period, index, start_of(spec, law, index), start_of(spec, law, (int64_t)index + 1));
}

/* A day may end before clocks have left it for good: they come to its end, and go back by half an hour. What
 * is counted then is of the next window. */
bool tq__period_at(const struct tq__spec *spec, const struct tq__law *law, int64_t now_ns,
                   struct tq__period *period)
{
    int64_t quarter = now_ns / TQ__QUARTER_NS, index, start, end, local;

    if (now_ns < 0 || now_ns >= TQ_NOW_END_NS || !turns(spec))
        return false;
    if (spec->window == TQ_WINDOW_FIXED) {
        index = tq__floor_divide(quarter - spec->anchor, spec->length);
    } else {
        local = quarter + tq__law_offset(law, quarter);
        index = index_of_day(spec, tq__floor_divide(local, TQ__DAY_QUARTERS));
    }
    start = start_of(spec, law, index);
    end = start_of(spec, law, index + 1);
    if (quarter >= end) {
        index++;
        start = end;
        end = start_of(spec, law, index + 1);
    }
    return quarter >= start && quarter < end && fill_period(period, index, start, end);
}
