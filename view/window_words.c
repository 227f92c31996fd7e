/* window_words.c: windows of limits in words and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/time.h"
#include "json.h"
#include "limits.h"
#include "usage.h"
#include "windows.h"

/* ---- clocks ---------------------------------------------------------------------------------- */

void window_clock_init(struct window_clock *clock, const struct tq_limit *limit, bool local)
{
    clock->local = local && limit->window > TQ_WINDOW_YEAR;
    clock->has_zone = limit->window <= TQ_WINDOW_YEAR && *limit->zone &&
                      tq__zone_file_read(&clock->file, tq__span_of(limit->zone)) == 0;
}

int64_t window_clock_offset(const struct window_clock *clock, int64_t at_ns)
{
    return clock->has_zone ? tq__zone_offset(&clock->file.zone, at_ns) : zone_offset(at_ns, clock->local);
}

void window_clock_name(char name[TQ__ZONE_NAME_BYTES], const struct window_clock *clock,
                       const struct limit_windows *limit)
{
    if (clock->has_zone)
        snprintf(name, TQ__ZONE_NAME_BYTES, "%s", limit->limit.zone);
    else
        zone_name(name, limit->last.start_at_ns, clock->local);
}

/* ---- numbers and names ----------------------------------------------------------------------- */

int64_t window_left(const struct tq_limit *limit, int64_t used)
{
    if (limit->amount <= 0)
        return -1;
    return used < limit->amount ? limit->amount - used : 0;
}

void window_label(char out[WINDOW_LABEL_BYTES], const struct window_clock *clock,
                  const struct tq_limit *limit, int64_t start_at_ns)
{
    int64_t offset_s = window_clock_offset(clock, start_at_ns);
    bool first = limit->first <= 1;
    struct tq__civil civil;

    tq__civil_of(start_at_ns + offset_s * TQ__SECOND_NS, &civil);
    if (limit->window == TQ_WINDOW_YEAR && first)
        snprintf(out, WINDOW_LABEL_BYTES, "%d", (int)civil.year);
    else if (limit->window == TQ_WINDOW_QUARTER && first)
        snprintf(out, WINDOW_LABEL_BYTES, "%d-Q%d", (int)civil.year, (civil.month + 2) / 3);
    else if (limit->window == TQ_WINDOW_MONTH && first)
        snprintf(out, WINDOW_LABEL_BYTES, "%d-%02d", (int)civil.year, civil.month);
    else if (limit->window <= TQ_WINDOW_YEAR || window_is_day(limit))
        snprintf(out, WINDOW_LABEL_BYTES, "%d-%02d-%02d", (int)civil.year, civil.month, civil.day);
    else
        snprintf(out, WINDOW_LABEL_BYTES, "%d-%02d-%02d %02d:%02d", (int)civil.year, civil.month, civil.day,
                 civil.hour, civil.minute);
}

/* The used part of the amount in millionths. */
static json_t *share_json(const struct tq_limit *limit, int64_t used)
{
    return limit->amount > 0 ? number_json(tq__multiply_divide(used, 1000000, limit->amount, false))
                             : json_null();
}

json_t *windows_limit_json(const struct limit_windows *limit)
{
    return json_join(json_pack("{s:s}", "provider", tq_provider_name(limit->provider)),
                     limit_json(&limit->limit));
}

json_t *windows_sums_json(const struct windows *windows)
{
    json_t *list = json_array();

    for (size_t i = 0; i < windows->count; i++) {
        const struct limit_windows *limit = &windows->items[i];
        bool any = limit->seen > 0;
        /* clang-format off */
        json_t *sums = json_pack("{s:I, s:I, s:o, s:o, s:o}",
                                 "windows", (json_int_t)limit->seen,
                                 "spent", (json_int_t)limit->spent,
                                 "most_used", number_json(limit->most.used),
                                 "most_start_at", any ? instant_json(limit->most.start_at_ns) : json_null(),
                                 "most_share_ppm", share_json(&limit->limit, limit->most.used));
        /* clang-format on */

        json_array_append_new(list, json_join(windows_limit_json(limit), sums));
    }
    return list;
}

static json_t *window_json(const struct limit_windows *limit, const struct window_clock *clock,
                           const struct window *window, int64_t at_ns)
{
    char label[WINDOW_LABEL_BYTES];

    window_label(label, clock, &limit->limit, window->start_at_ns);
    /* clang-format off */
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:b}",
                     "label", label,
                     "start_at", instant_json(window->start_at_ns),
                     "end_at", some_instant_json(window->end_at_ns),
                     "used", number_json(window->used),
                     "left", number_json(window_left(&limit->limit, window->used)),
                     "share_ppm", share_json(&limit->limit, window->used),
                     "spent", window->spent,
                     "ended", window_has_ended(window, at_ns));
    /* clang-format on */
}

static json_t *limit_rows_json(const struct limit_windows *limit, bool local, int64_t since_ns,
                               int64_t until_ns, int64_t at_ns)
{
    json_t *rows = json_array();
    struct window_clock clock;
    char zone[TQ__ZONE_NAME_BYTES];

    window_clock_init(&clock, &limit->limit, local);
    window_clock_name(zone, &clock, limit);
    for (size_t i = 0; i < limit->count; i++)
        if (window_is_of(&limit->items[i], since_ns, until_ns))
            json_array_append_new(rows, window_json(limit, &clock, &limit->items[i], at_ns));
    return json_join(windows_limit_json(limit),
                     json_pack("{s:s, s:b, s:o, s:o, s:o}", "zone_name", zone, "days",
                               window_is_day(&limit->limit), "windows", rows, "said_share_ppm",
                               number_json(limit->said_at_ns > 0 ? (int64_t)limit->said_ppm : -1), "said_at",
                               some_instant_json(limit->said_at_ns)));
}

json_t *windows_rows_json(const struct windows *windows, int64_t since_ns, int64_t until_ns, int64_t at_ns)
{
    json_t *list = json_array();

    for (size_t i = 0; i < windows->count; i++)
        json_array_append_new(list,
                              limit_rows_json(&windows->items[i], windows->local, since_ns, until_ns, at_ns));
    return list;
}
