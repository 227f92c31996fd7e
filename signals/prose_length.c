/* prose_length.c: lengths of time as people write them: numbers with a unit each, added up.
 *
 * SPDX-License-Identifier: MIT
 */
#include "prose.h"

#include "base/prose_time.h"

#define PARTS_MAX 8    /* of a length: more are left unread */
#define CLOCK_DIGITS 4 /* of the days and hours of 22.14:18:12 */

static bool take_length_unit(struct tq__span *text, int64_t *ns)
{
    static const struct {
        const char *names[6];
        int64_t ns;
    } units[] = {
        {{"s", "sec", "secs", "second", "seconds"}, TQ__SECOND_NS},
        {{"m", "min", "mins", "minute", "minutes"}, TQ__MINUTE_NS},
        {{"h", "hr", "hrs", "hour", "hours"}, TQ__HOUR_NS},
        {{"d", "day", "days"}, TQ__DAY_NS},
        {{"w", "week", "weeks"}, TQ__WEEK_NS},
        {{"month", "months"}, 30 * TQ__DAY_NS},
        {{"ms", "msec", "millis", "millisecond", "milliseconds"}, TQ__SECOND_NS / 1000},
        {{"us"}, 1000},
        {{"ns"}, 1},
    };
    static const struct {
        const char *name;
        int64_t ns;
    } characters[] = {
        {"毫秒", TQ__SECOND_NS / 1000},
        {"秒钟", TQ__SECOND_NS},
        {"秒", TQ__SECOND_NS},
        {"分钟", TQ__MINUTE_NS},
        {"分", TQ__MINUTE_NS},
        {"个小时", TQ__HOUR_NS},
        {"小时", TQ__HOUR_NS},
        {"天", TQ__DAY_NS},
        {"日", TQ__DAY_NS},
        {"周", TQ__WEEK_NS},
        {"个月", 30 * TQ__DAY_NS},
        {"µs", 1000},
        {"μs", 1000},
    };
    struct tq__span word = tq__prose_letters(*text);

    for (size_t i = 0; word.len > 0 && i < sizeof units / sizeof units[0]; i++)
        for (size_t j = 0; j < 6 && units[i].names[j]; j++)
            if (tq__span_matches(word, units[i].names[j])) {
                tq__prose_skip(text, word.len);
                *ns = units[i].ns;
                return true;
            }
    for (size_t i = 0; i < sizeof characters / sizeof characters[0]; i++)
        if (tq__prose_take(text, characters[i].name)) {
            *ns = characters[i].ns;
            return true;
        }
    return false;
}

/* One number with its unit: 10 hours, 1.5s, 26 分钟, an hour. */
static bool take_part(struct tq__span *text, int64_t *ns)
{
    struct tq__span left = *text;
    struct tq__number number;
    int64_t billionths, unit_ns;
    size_t len = tq__number_take(left, 0, &number);
    bool exact;

    if (len > 0) {
        tq__prose_skip(&left, len);
        (void)tq__number_scale(&number, 9, &billionths, &exact); /* what does not fit is INT64_MAX */
    } else if (tq__prose_take(&left, "an ") || tq__prose_take(&left, "a ") || tq__prose_take(&left, "one ")) {
        billionths = TQ__SECOND_NS;
    } else {
        return false;
    }
    tq__prose_skip_blanks(&left);
    if (len > 0)
        (void)tq__prose_take(&left, "-");
    if (!take_length_unit(&left, &unit_ns))
        return false;
    (void)tq__prose_take(&left, "(s)");
    *ns = tq__length_of(billionths, unit_ns);
    *text = left;
    return true;
}

bool tq__prose_length(struct tq__span *text, int64_t *ns)
{
    struct tq__span left;
    int64_t part_ns;

    if (!take_part(text, ns))
        return false;
    for (int i = 1; i < PARTS_MAX; i++) {
        left = *text;
        tq__prose_skip_blanks(&left);
        if (tq__prose_take(&left, ",") || tq__prose_take(&left, "、"))
            tq__prose_skip_blanks(&left);
        if (tq__prose_take(&left, "and ") || tq__prose_take(&left, "零"))
            tq__prose_skip_blanks(&left);
        if (!take_part(&left, &part_ns))
            break;
        *ns = tq__add_saturated(*ns, part_ns);
        *text = left;
    }
    return true;
}

/* A short number with `end` behind it. */
static bool take_clock_part(struct tq__span *text, const char *end, int64_t *number)
{
    size_t i = 0;

    for (*number = 0; i < text->len && i < CLOCK_DIGITS && tq__is_digit(text->at[i]); i++)
        *number = *number * 10 + (text->at[i] - '0');
    if (i == 0 || (i < text->len && tq__is_digit(text->at[i])))
        return false;
    tq__prose_skip(text, i);
    return tq__prose_take(text, end);
}

bool tq__prose_timespan(struct tq__span *text, int64_t *ns)
{
    struct tq__span left = *text, days = *text;
    int64_t day = 0, hour, minute, second;

    if (take_clock_part(&days, ".", &day))
        left = days;
    else
        day = 0;
    if (!take_clock_part(&left, ":", &hour) || !take_clock_part(&left, ":", &minute) || minute > 59 ||
        !take_clock_part(&left, "", &second) || second > 59)
        return false;
    *ns = day * TQ__DAY_NS + hour * TQ__HOUR_NS + minute * TQ__MINUTE_NS + second * TQ__SECOND_NS;
    *text = left;
    return true;
}
