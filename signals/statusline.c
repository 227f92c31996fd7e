/* statusline.c: the limits in the JSON that Claude Code hands the command of its status line.
 *
 * SPDX-License-Identifier: MIT
 *
 * Percentages go from 0 to 100 here, where the headers of the same limits have fractions. Source:
 * https://code.claude.com/docs/en/statusline
 */
#include "tokenquota_signals.h"

#include "json_value.h"
#include "reading.h"

static bool read_window(struct tq__reading *reading, const json_t *window, int64_t window_ns)
{
    const json_t *used = json_object_get(window, "used_percentage");
    const json_t *resets = json_object_get(window, "resets_at");
    struct tq_axis *axis;
    int64_t number;

    if (!json_is_object(window))
        return false;
    axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, window_ns);
    if (used && !json_is_null(used) && tq__reading_took(reading, tq__json_scaled(used, 4, &number))) {
        axis->known |= TQ_AXIS_USED;
        axis->used_ppm = number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
    }
    if (resets && !json_is_null(resets) && tq__reading_took(reading, tq__json_epoch(resets, &number)))
        tq__axis_reset(reading, axis, number);
    if (axis->known == 0) {
        reading->signal->axis_count--;
        return false;
    }
    /* A window that was full and is over since says nothing of the next. */
    if (axis->used_ppm >= 1000000 && !(axis->known & TQ_AXIS_RESET && axis->reset_at_ns <= reading->now_ns)) {
        axis->flags |= TQ_AXIS_EMPTY;
        reading->rejecting |= UINT32_C(1) << tq__axis_index(reading, axis);
    }
    return true;
}

int tq_signal_statusline(const char *json, size_t len, int64_t now_ns, struct tq_quota_signal *signal)
{
    const json_t *limits;
    struct tq__reading reading;
    json_t *document;
    bool five_hour, seven_day;

    if (!json || !signal || signal->size < sizeof *signal || len > TQ_BODY_MAX)
        return TQ_EINVAL;
    if (now_ns < TQ_NOW_MIN_NS || now_ns >= TQ_NOW_END_NS)
        return TQ_ERANGE;
    document = json_loadb(json, len, TQ__JSON_FLAGS, NULL);
    if (!json_is_object(document)) {
        json_decref(document);
        return TQ_EINVAL;
    }
    tq__reading_begin(&reading, signal, tq__profile(TQ__ANTHROPIC_SUBSCRIPTION), 0, now_ns, TQ_DAY_OF_VENDOR);
    signal->sent_at_ns = 0;
    limits = json_object_get(document, "rate_limits");
    five_hour = read_window(&reading, json_object_get(limits, "five_hour"), 5 * TQ__HOUR_NS);
    seven_day = read_window(&reading, json_object_get(limits, "seven_day"), TQ__WEEK_NS);
    json_decref(document);
    tq__decide(&reading);
    if (signal->source != TQ_SOURCE_NONE)
        signal->source = TQ_SOURCE_CALLER;
    return !five_hour && !seven_day;
}
