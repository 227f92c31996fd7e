/* limit_check.c: which limits can be: the bounds of their parts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limit_check.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "base/zone.h"

#define QUARTER_NS (15 * TQ__MINUTE_NS)
#define SHARE_WHOLE 10000 /* a reserve is a part of the amount in 1/10,000 */
#define REFILL_STEP_NS 64 /* what a refill counts in */
#define AMOUNT_32_MAX INT64_C(4294967295)

const char *tq__limit_part_name(enum tq__limit_part part)
{
    static const char *const names[TQ__LIMIT_PARTS] = {
        [TQ__PART_UNIT] = "the unit",     [TQ__PART_WINDOW] = "the window",
        [TQ__PART_LENGTH] = "the length", [TQ__PART_FIRST] = "the first day or month",
        [TQ__PART_ANCHOR] = "the anchor", [TQ__PART_ZONE] = "the zone",
        [TQ__PART_AMOUNT] = "the amount", [TQ__PART_RESERVE] = "the reserve",
    };

    return names[part];
}

int tq__limit_check_length(uint32_t window, int64_t length_ns, const char **text)
{
    static const struct {
        int64_t least_ns, most_ns, step_ns;
        const char *below, *above, *between;
    } bounds[] = {
        [TQ_WINDOW_FIXED] = {QUARTER_NS, 366 * TQ__DAY_NS, QUARTER_NS, "is shorter than 15 minutes",
                             "is longer than 366 days", "is not a multiple of 15 minutes"},
        [TQ_WINDOW_FIRST_USE] = {QUARTER_NS, 366 * TQ__DAY_NS, QUARTER_NS, "is shorter than 15 minutes",
                                 "is longer than 366 days", "is not a multiple of 15 minutes"},
        [TQ_WINDOW_ROLLING] = {QUARTER_NS, 366 * TQ__DAY_NS, TQ__MINUTE_NS, "is shorter than 15 minutes",
                               "is longer than 366 days", "is not a multiple of a minute"},
        [TQ_WINDOW_REFILL] = {TQ__SECOND_NS, 31 * TQ__DAY_NS, TQ__SECOND_NS, "is shorter than a second",
                              "is longer than 31 days, the most for a refill",
                              "is not a multiple of a second"},
        [TQ_WINDOW_STATED] = {10 * TQ__MINUTE_NS, 366 * TQ__DAY_NS, TQ__MINUTE_NS,
                              "is shorter than 10 minutes", "is longer than 366 days",
                              "is not a multiple of a minute"},
    };

    if (window >= sizeof bounds / sizeof bounds[0] || bounds[window].step_ns == 0) {
        *text = "does not fit a window without a length";
        return length_ns == 0 ? 0 : TQ_EINVAL;
    }
    if (length_ns < bounds[window].least_ns || length_ns > bounds[window].most_ns) {
        *text = length_ns < bounds[window].least_ns ? bounds[window].below : bounds[window].above;
        return TQ_ERANGE;
    }
    *text = bounds[window].between;
    return length_ns % bounds[window].step_ns == 0 ? 0 : TQ_EINVAL;
}

static int check_first(const struct tq_limit *limit, const char **text)
{
    static const uint32_t most[] = {
        [TQ_WINDOW_WEEK] = 7, [TQ_WINDOW_MONTH] = 31, [TQ_WINDOW_QUARTER] = 12, [TQ_WINDOW_YEAR] = 12};
    uint32_t last = limit->window < sizeof most / sizeof most[0] ? most[limit->window] : 0;

    *text = last == 0 ? "does not fit a window without one" : "does not exist";
    return limit->first <= last ? 0 : TQ_EINVAL;
}

static int check_anchor(const struct tq_limit *limit, const char **text)
{
    int64_t at_ns = limit->anchor_at_ns;

    if (limit->window != TQ_WINDOW_FIXED) {
        *text = "is for fixed windows only";
        return at_ns == 0 ? 0 : TQ_EINVAL;
    }
    *text = "is not between 1678 and 2261";
    if (at_ns < TQ_NOW_MIN_NS || at_ns >= TQ_NOW_END_NS)
        return TQ_ERANGE;
    *text = "is not on a quarter of an hour";
    return at_ns % QUARTER_NS == 0 ? 0 : TQ_EINVAL;
}

const char *tq__limit_zone_meant(struct tq__span name)
{
    static const struct {
        const char *words[4], *text;
    } zones[] = {
        {{"la", "pt", "pst", "pdt"}, "is no name of the zone database; say America/Los_Angeles"},
        {{"ct", "cdt"}, "is no name of the zone database; say America/Chicago"},
        {{"et", "edt"}, "is no name of the zone database; say America/New_York"},
        {{"bst"}, "is no name of the zone database; say Europe/London"},
        {{"cest"}, "is no name of the zone database; say Europe/Paris"},
    };

    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        for (size_t j = 0; j < 4 && zones[i].words[j]; j++)
            if (tq__span_matches(name, zones[i].words[j]))
                return zones[i].text;
    return NULL;
}

const char *tq__limit_check_zone(struct tq__span name)
{
    if (name.len < TQ__ZONE_NAME_BYTES && tq__zone_is_name(name))
        return tq__limit_zone_meant(name);
    return "is no name of the zone database, such as America/Los_Angeles";
}

/* May it be what a vendor calls a window? */
static bool is_window_name(struct tq__span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == '/' || name.at[i] == '"')
            return false;
    return name.len < TQ_WINDOW_NAME_MAX;
}

static int check_zone(const struct tq_limit *limit, const char **text)
{
    const char *end = memchr(limit->zone, '\0', sizeof limit->zone);
    struct tq__span name = {limit->zone, end ? (size_t)(end - limit->zone) : sizeof limit->zone};

    if (name.len == 0)
        return 0;
    if (limit->window == TQ_WINDOW_STATED) {
        *text = "is no name of a window: up to 21 letters, digits and signs, without blanks";
        return is_window_name(name) ? 0 : TQ_EINVAL;
    }
    *text = "does not fit a window that has the same length everywhere; leave it out";
    if (!tq__limit_is_calendar(limit->window))
        return TQ_EINVAL;
    *text = tq__limit_check_zone(name);
    return *text ? TQ_EINVAL : 0;
}

static int check_amount(const struct tq_limit *limit, const char **text)
{
    bool refill = limit->window == TQ_WINDOW_REFILL;

    if (!(limit->known & TQ_LIMIT_AMOUNT))
        return 0;
    *text = "is for the vendor to state";
    if (limit->window == TQ_WINDOW_STATED && limit->amount != 0)
        return TQ_EINVAL;
    *text = "is negative";
    if (limit->amount < 0)
        return TQ_EINVAL;
    *text = limit->unit == TQ_UNIT_COST ? "is above the most, $1,099,511.627775"
                                        : "is above the most, 1,099,511,627,775";
    if (limit->amount > TQ_LIMIT_AMOUNT_MAX)
        return TQ_ERANGE;
    *text = limit->unit == TQ_UNIT_COST ? "is above the most for first-use and refill, $4,294.967295"
                                        : "is above the most for first-use and refill, 4,294,967,295";
    if ((refill || limit->window == TQ_WINDOW_FIRST_USE) && limit->amount > AMOUNT_32_MAX)
        return TQ_ERANGE;
    *text = "refills faster than one unit in 64 ns";
    return refill && limit->amount > limit->length_ns / REFILL_STEP_NS ? TQ_ERANGE : 0;
}

static int check_reserve(const struct tq_limit *limit, const char **text)
{
    bool bounded = limit->known & TQ_LIMIT_AMOUNT && limit->amount > 0;

    if (!(limit->known & TQ_LIMIT_RESERVE))
        return 0;
    *text = "is a part of what the vendor states; say \"reserve 10%\"";
    if (limit->window == TQ_WINDOW_STATED && limit->reserve_share == 0 && limit->reserve != 0)
        return TQ_EINVAL;
    *text = "is more than the whole amount";
    if (limit->reserve_share > 0)
        return limit->reserve_share <= SHARE_WHOLE ? 0 : TQ_EINVAL;
    if (bounded && limit->reserve > limit->amount)
        return TQ_EINVAL;
    *text = "is negative";
    if (limit->reserve < 0)
        return TQ_EINVAL;
    *text = limit->unit == TQ_UNIT_COST ? "is above the most, $1,099,511.627775"
                                        : "is above the most, 1,099,511,627,775";
    return limit->reserve <= TQ_LIMIT_AMOUNT_MAX ? 0 : TQ_ERANGE;
}

static int check_length(const struct tq_limit *limit, const char **text)
{
    return tq__limit_check_length(limit->window, limit->length_ns, text);
}

static int check_unit(const struct tq_limit *limit, const char **text)
{
    *text = "is none of TQ_UNIT_...";
    if (limit->unit == TQ_UNIT_SHARE && limit->window == TQ_WINDOW_STATED)
        return 0;
    return limit->unit >= TQ_UNIT_TOKENS && limit->unit <= TQ_UNIT_WEIGHTED ? 0 : TQ_EINVAL;
}

static int check_window(const struct tq_limit *limit, const char **text)
{
    *text = "is none of TQ_WINDOW_...";
    return limit->window >= TQ_WINDOW_DAY && limit->window <= TQ_WINDOW_STATED ? 0 : TQ_EINVAL;
}

int tq__limit_check(const struct tq_limit *limit, struct tq__limit_fault *fault)
{
    static int (*const checks[TQ__LIMIT_PARTS])(const struct tq_limit *, const char **) = {
        [TQ__PART_UNIT] = check_unit,     [TQ__PART_WINDOW] = check_window,
        [TQ__PART_LENGTH] = check_length, [TQ__PART_FIRST] = check_first,
        [TQ__PART_ANCHOR] = check_anchor, [TQ__PART_ZONE] = check_zone,
        [TQ__PART_AMOUNT] = check_amount, [TQ__PART_RESERVE] = check_reserve,
    };

    for (enum tq__limit_part part = TQ__PART_UNIT; part < TQ__LIMIT_PARTS; part++) {
        int answer = checks[part](limit, &fault->text);

        fault->part = part;
        if (answer != 0)
            return answer;
    }
    return 0;
}
