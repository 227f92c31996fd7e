/* codex.c: the windows of a ChatGPT plan: x-codex-primary-*, x-codex-secondary-*.
 *
 * SPDX-License-Identifier: MIT
 *
 * A window is known by its minutes, never by "primary" or "secondary": vendors swap them. A family with
 * another word than "codex" limits a part of the account only. With credits, a window at its end refuses
 * nothing.
 */
#include "reading.h"

#include <string.h>

#include "field.h"

#define WINDOWS_MAX 8

struct window {
    struct tq__span id; /* codex-primary */
    struct tq__span used;
    struct tq__span minutes;
    struct tq__span reset_at;
    struct tq__span reset_after;
};

struct plan {
    struct window window[WINDOWS_MAX];
    uint32_t count;
    struct tq__span has_credits;
    struct tq__span unlimited;
    struct tq__span balance;
};

static struct window *window_named(struct tq__reading *reading, struct plan *plan, struct tq__span id)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        if (tq__span_same(plan->window[i].id, id))
            return &plan->window[i];
    }
    if (plan->count == WINDOWS_MAX) {
        reading->signal->flags |= TQ_SIGNAL_AXES_DROPPED;
        return NULL;
    }
    plan->window[plan->count] = (struct window){.id = id};
    return &plan->window[plan->count++];
}

static void take_window(struct tq__reading *reading, struct plan *plan, struct tq__span id,
                        struct tq__span part, struct tq__span value)
{
    struct window *window = window_named(reading, plan, id);

    if (!window)
        return;
    if (tq__span_is(part, "-used-percent"))
        tq__reading_keep(reading, &window->used, value);
    else if (tq__span_is(part, "-window-minutes"))
        tq__reading_keep(reading, &window->minutes, value);
    else if (tq__span_is(part, "-reset-at"))
        tq__reading_keep(reading, &window->reset_at, value);
    else if (tq__span_is(part, "-reset-after-seconds") || tq__span_is(part, "-reset-after"))
        tq__reading_keep(reading, &window->reset_after, value);
}

static void take(struct tq__reading *reading, struct plan *plan, const struct tq_field *field)
{
    static const char *const slots[] = {"-primary-", "-secondary-"};
    struct tq__span name = tq__field_name(field, 2), value = tq__field_value(field);

    for (size_t i = 0; i < 2; i++) {
        ptrdiff_t at = tq__span_find(name, slots[i]);
        size_t id = (size_t)at + strlen(slots[i]) - 1;

        if (at > 0) {
            take_window(reading, plan, (struct tq__span){name.at, id},
                        (struct tq__span){name.at + id, name.len - id}, value);
            return;
        }
    }
    if (tq__span_is(name, "codex-credits-has-credits"))
        tq__reading_keep(reading, &plan->has_credits, value);
    else if (tq__span_is(name, "codex-credits-unlimited"))
        tq__reading_keep(reading, &plan->unlimited, value);
    else if (tq__span_is(name, "codex-credits-balance"))
        tq__reading_keep(reading, &plan->balance, value);
}

static void read_reset(struct tq__reading *reading, const struct window *window, struct tq_axis *axis)
{
    int64_t at_ns;

    if (window->reset_at.at && tq__reading_took(reading, tq__value_epoch(window->reset_at, 9, &at_ns))) {
        tq__axis_reset(reading, axis, at_ns);
    } else if (window->reset_after.at &&
               tq__reading_took(reading, tq__value_scaled(window->reset_after, 9, &at_ns))) {
        tq__axis_reset(reading, axis, tq__add_saturated(reading->now_ns, at_ns));
    }
}

/* The length of the window; 0 for what is none. */
static int64_t read_length(struct tq__reading *reading, const struct window *window)
{
    int64_t minutes;

    if (!window->minutes.at || !tq__reading_took(reading, tq__value_count(window->minutes, &minutes)))
        return 0;
    return minutes < 366 * 24 * 60 ? minutes * TQ__MINUTE_NS : 0;
}

static void read_window(struct tq__reading *reading, const struct window *window, bool credits)
{
    struct tq_axis *axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, read_length(reading, window));
    int64_t ppm;

    if (!axis)
        return;
    if (window->used.at && tq__reading_took(reading, tq__value_scaled(window->used, 4, &ppm))) {
        axis->known |= TQ_AXIS_USED;
        axis->used_ppm = ppm < UINT32_MAX ? (uint32_t)ppm : UINT32_MAX;
    }
    read_reset(reading, window, axis);
    /* A plan without the window sends zeroes. */
    if (axis->known == 0 || (axis->known == TQ_AXIS_USED && axis->window_ns == 0 && axis->used_ppm == 0)) {
        reading->signal->axis_count--;
        return;
    }
    if (tq__span_find(window->id, "codex-primary") != 0 && tq__span_find(window->id, "codex-secondary") != 0)
        axis->flags |= TQ_AXIS_MODEL_ONLY;
    if (axis->used_ppm < 1000000)
        return;
    axis->flags |= TQ_AXIS_EMPTY;
    if (!credits)
        reading->rejecting |= UINT32_C(1) << tq__axis_index(reading, axis);
}

static void read_balance(struct tq__reading *reading, const struct plan *plan)
{
    struct tq_axis *axis;
    int64_t balance;

    if (!plan->balance.at || tq__value_scaled(plan->balance, 0, &balance) != 0)
        return; /* it may be text */
    axis = tq__axis_add(reading, TQ_AXIS_MONEY, 0);
    if (axis) {
        axis->known = TQ_AXIS_REMAINING;
        axis->remaining = balance;
    }
}

void tq__read_codex(struct tq__reading *reading, const struct tq__fields *fields)
{
    struct plan plan = {0};
    bool credits;

    if (fields->codex.count == 0 || !(reading->profile->families & TQ__FAMILY_CODEX))
        return;
    for (uint32_t i = 0; i < fields->codex.count; i++)
        take(reading, &plan, fields->codex.field[i]);
    credits = tq__span_is(plan.has_credits, "true") || tq__span_is(plan.unlimited, "true");
    for (uint32_t i = 0; i < plan.count; i++)
        read_window(reading, &plan.window[i], credits);
    if (credits)
        read_balance(reading, &plan);
}
