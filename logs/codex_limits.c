/* codex_limits.c: what Codex wrote down of the limits of its account, as a signal.
 *
 * SPDX-License-Identifier: MIT
 *
 * {limit_id, primary: {used_percent, window_minutes, resets_at}, secondary, rate_limit_reached_type}. A
 * window is known by its length, never by its place: a plan with one window alone has it in primary,
 * whichever it is. Older versions say in how many seconds it resets, from when the line was written.
 */
#include "codex.h"

#include <string.h>

#define NS_OF_S INT64_C(1000000000)
#define NS_OF_MINUTE (60 * NS_OF_S)
#define FULL_PPM 1000000u
#define PPM_DIGITS 4 /* decimals from percent to millionths */

/* A whole number that is there, times unit; false when there is none, or it does not fit. */
static bool take_whole(struct tq__log_scan *scan, int64_t unit, int64_t *number)
{
    struct tq__log_value value;
    uint32_t known = 0;
    int64_t count;

    if (!tq__log_scan_value(scan, &value) || tq__log_value_count(&value, &count, &known, 1) != 0 || !known)
        return false;
    return !__builtin_mul_overflow(count, unit, number);
}

static bool take_percent(struct tq__log_scan *scan, uint32_t *ppm)
{
    struct tq__log_value value;
    struct tq__log_number number;
    int64_t scaled;
    bool whole;

    if (!tq__log_scan_value(scan, &value) || value.kind != TQ__LOG_NUMBER ||
        tq__log_number_read(value.text, &number) != 0 ||
        tq__log_number_scale(&number, PPM_DIGITS, &scaled, &whole) != 0 || scaled < 0 || scaled > UINT32_MAX)
        return false;
    *ppm = (uint32_t)scaled;
    return true;
}

/* Reads a window into the next axis, when it says anything. */
static void read_window(struct tq__log_scan *scan, int64_t at_ns, struct tq_quota_signal *signal)
{
    struct tq_axis axis = {.what = TQ_AXIS_UNKNOWN};
    struct tq__log_text key;
    int64_t length_ns;

    if (!tq__log_scan_enter(scan, '{')) {
        tq__log_scan_pass(scan);
        return;
    }
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_text_is(key, "used_percent")) {
            axis.known |= take_percent(scan, &axis.used_ppm) ? TQ_AXIS_USED : 0;
        } else if (tq__log_text_is(key, "window_minutes")) {
            axis.window_ns = take_whole(scan, NS_OF_MINUTE, &length_ns) ? length_ns : 0;
        } else if (tq__log_text_is(key, "resets_at")) {
            axis.known |= take_whole(scan, NS_OF_S, &axis.reset_at_ns) ? TQ_AXIS_RESET : 0;
        } else if (tq__log_text_is(key, "resets_in_seconds")) {
            if (take_whole(scan, NS_OF_S, &length_ns) &&
                !__builtin_add_overflow(at_ns, length_ns, &axis.reset_at_ns))
                axis.known |= TQ_AXIS_RESET;
        } else {
            tq__log_scan_pass(scan);
        }
    }
    if (axis.known & TQ_AXIS_USED && axis.used_ppm >= FULL_PPM)
        axis.flags |= TQ_AXIS_EMPTY;
    if (axis.known != 0 && signal->axis_count < TQ_AXES_MAX)
        signal->axis[signal->axis_count++] = axis;
}

/* A refusal is of the window that is empty; of several, of the one that resets last. */
static void set_refusal(struct tq_quota_signal *signal)
{
    signal->refusal = TQ_CLASS_EXHAUSTED;
    for (uint32_t i = 0; i < signal->axis_count; i++) {
        const struct tq_axis *axis = &signal->axis[i];

        if (axis->flags & TQ_AXIS_EMPTY && axis->known & TQ_AXIS_RESET &&
            (signal->binds < 0 || axis->reset_at_ns > signal->retry_at_ns)) {
            signal->binds = (int32_t)i;
            signal->retry_at_ns = axis->reset_at_ns;
            signal->source = TQ_SOURCE_BODY;
        }
    }
}

bool tq__codex_limits_read(const struct tq__log_value *limits, int64_t at_ns, struct tq_quota_signal *signal)
{
    struct tq__log_value id = {0}, reached = {0};
    struct tq__log_scan scan;
    struct tq__log_text key;

    *signal = (struct tq_quota_signal){.size = sizeof(*signal), .binds = -1, .said_at_ns = at_ns};
    tq__log_scan_begin(&scan, limits->text.text, limits->text.len);
    if (limits->kind != TQ__LOG_TREE || !tq__log_scan_enter(&scan, '{'))
        return false;
    while (tq__log_scan_member(&scan, &key)) {
        if (tq__log_text_is(key, "primary") || tq__log_text_is(key, "secondary"))
            read_window(&scan, at_ns, signal);
        else if (tq__log_text_is(key, "limit_id"))
            tq__log_scan_value(&scan, &id);
        else if (tq__log_text_is(key, "rate_limit_reached_type"))
            tq__log_scan_value(&scan, &reached);
        else
            tq__log_scan_pass(&scan);
    }
    /* The plan's own limits are called "codex"; others are of some models alone. */
    if (id.kind == TQ__LOG_STRING && !tq__log_text_is(id.text, "codex")) {
        for (uint32_t i = 0; i < signal->axis_count; i++)
            signal->axis[i].flags |= TQ_AXIS_MODEL_ONLY;
        signal->flags |= TQ_SIGNAL_MODEL_ONLY;
    }
    if (reached.kind == TQ__LOG_STRING && reached.text.len > 0)
        set_refusal(signal);
    return signal->axis_count > 0 || signal->refusal != TQ_CLASS_NONE;
}
