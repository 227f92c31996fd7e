/* anthropic.c: the windows of an Anthropic subscription: anthropic-ratelimit-unified-*.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each window (5h, 7d, 7d_oi) has status, utilization and reset; the headers without a window speak for the
 * one that the representative claim names. Windows are ANDed: each that is rejected rejects. A name with an
 * underscore is a window of one model.
 */
#include "reading.h"

#include "field.h"

#define PREFIX_LEN 27 /* anthropic-ratelimit-unified */
#define WINDOWS_MAX 8

struct window {
    struct tq__span id;
    struct tq__span status;
    struct tq__span utilization;
    struct tq__span reset;
};

struct unified {
    struct tq__span status;
    struct tq__span reset;
    struct tq__span claim;
    struct window window[WINDOWS_MAX];
    uint32_t count;
};

/* The claims and the windows that they name. */
static const struct {
    const char *claim;
    const char *id;
} claims[] = {
    {"five_hour", "5h"},
    {"seven_day", "7d"},
    {"seven_day_opus", "7d_opus"},
    {"seven_day_sonnet", "7d_sonnet"},
    {"seven_day_overage_included", "7d_oi"},
    {"overage", "overage"},
};

/* "5h", "7d_oi" -> its length; 0 for what is no such name. */
static int64_t length_of(struct tq__span id)
{
    int64_t number, ns = 0;
    size_t digits = 0;

    while (digits < id.len && id.at[digits] >= '0' && id.at[digits] <= '9')
        digits++;
    if (digits == 0 || digits > 4 || digits == id.len || (id.len > digits + 1 && id.at[digits + 1] != '_'))
        return 0;
    if (tq__value_count((struct tq__span){id.at, digits}, &number) != 0)
        return 0;
    switch (id.at[digits] | 0x20) {
    case 'm':
        ns = TQ__MINUTE_NS;
        break;
    case 'h':
        ns = TQ__HOUR_NS;
        break;
    case 'd':
        ns = TQ__DAY_NS;
        break;
    default:
        break;
    }
    return number * ns;
}

static bool same_id(struct tq__span id, const char *text, size_t len)
{
    return tq__span_find(id, text) == 0 && id.len == len;
}

static struct window *window_named(struct tq__reading *reading, struct unified *unified, struct tq__span id)
{
    for (uint32_t i = 0; i < unified->count; i++) {
        if (tq__span_same(unified->window[i].id, id))
            return &unified->window[i];
    }
    if (unified->count == WINDOWS_MAX) {
        reading->signal->flags |= TQ_SIGNAL_AXES_DROPPED;
        return NULL;
    }
    unified->window[unified->count] = (struct window){.id = id};
    return &unified->window[unified->count++];
}

static void take_part(struct tq__reading *reading, struct unified *unified, struct tq__span name,
                      struct tq__span value)
{
    static const char *const parts[] = {"-status", "-utilization", "-reset"};
    struct window *window;

    for (size_t i = 0; i < 3; i++) {
        ptrdiff_t at = tq__span_find(name, parts[i]);
        struct tq__span tail = {name.at + at, name.len - (size_t)at};

        if (at <= 1 || !tq__span_is(tail, parts[i]))
            continue;
        window = window_named(reading, unified, (struct tq__span){name.at + 1, (size_t)at - 1});
        if (window)
            tq__reading_keep(reading,
                             i == 0   ? &window->status
                             : i == 1 ? &window->utilization
                                      : &window->reset,
                             value);
        return;
    }
}

static void take(struct tq__reading *reading, struct unified *unified, const struct tq_field *field)
{
    struct tq__span name = tq__field_name(field, PREFIX_LEN), value = tq__field_value(field);

    if (tq__span_is(name, "-status"))
        tq__reading_keep(reading, &unified->status, value);
    else if (tq__span_is(name, "-reset"))
        tq__reading_keep(reading, &unified->reset, value);
    else if (tq__span_is(name, "-representative-claim"))
        tq__reading_keep(reading, &unified->claim, value);
    else
        take_part(reading, unified, name, value);
}

/* The window of the representative claim; it is added when no header of its own is there. */
static const struct window *claimed_window(struct tq__reading *reading, struct unified *unified)
{
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        if (tq__span_is(unified->claim, claims[i].claim)) {
            size_t len = 0;

            while (claims[i].id[len] != '\0')
                len++;
            return window_named(reading, unified, (struct tq__span){claims[i].id, len});
        }
    }
    return NULL;
}

static void read_reset(struct tq__reading *reading, struct tq__span value, struct tq_axis *axis)
{
    int64_t at_ns;

    if (value.at && tq__reading_took(reading, tq__value_epoch(value, 9, &at_ns)))
        tq__axis_reset(reading, axis, at_ns);
}

static void read_window(struct tq__reading *reading, const struct unified *unified,
                        const struct window *window, bool claimed, bool rejected)
{
    bool money = same_id(window->id, "overage", 7);
    int64_t window_ns = length_of(window->id), ppm;
    struct tq_axis *axis;

    if (window_ns == 0 && !money)
        return;
    /* Overage that was never allowed is no limit that anybody runs into. */
    if (money && !claimed && !window->utilization.at && !window->reset.at)
        return;
    axis = tq__axis_add(reading, money ? TQ_AXIS_MONEY : TQ_AXIS_UNKNOWN, window_ns);
    if (!axis)
        return;
    if (window->utilization.at && tq__reading_took(reading, tq__value_scaled(window->utilization, 6, &ppm))) {
        axis->known |= TQ_AXIS_USED;
        axis->used_ppm = ppm < UINT32_MAX ? (uint32_t)ppm : UINT32_MAX;
    }
    read_reset(reading, window->reset, axis);
    if (!(axis->known & TQ_AXIS_RESET) && claimed)
        read_reset(reading, unified->reset, axis);
    if (tq__span_find(window->id, "_") > 0)
        axis->flags |= TQ_AXIS_MODEL_ONLY;
    if (!rejected) {
        reading->signal->axis_count -= axis->known == 0;
        return;
    }
    axis->flags |= TQ_AXIS_EMPTY;
    /* Allowed as a whole: overage or another model takes over where the window ends. */
    if (!unified->status.at || tq__span_is(unified->status, "rejected"))
        reading->rejecting |= UINT32_C(1) << tq__axis_index(reading, axis);
    if (claimed)
        reading->claimed = (int32_t)tq__axis_index(reading, axis);
}

/* Rejected, and no window says so, nor does the claim name one. */
static void read_nameless(struct tq__reading *reading, const struct unified *unified)
{
    struct tq_axis *axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, 0);

    if (!axis)
        return;
    read_reset(reading, unified->reset, axis);
    axis->flags |= TQ_AXIS_EMPTY;
    reading->rejecting |= UINT32_C(1) << tq__axis_index(reading, axis);
}

void tq__read_unified(struct tq__reading *reading, const struct tq__fields *fields)
{
    struct unified unified = {0};
    const struct window *claimed;
    uint32_t rejected = 0;

    if (fields->unified.count == 0 || !(reading->profile->families & TQ__FAMILY_UNIFIED))
        return;
    for (uint32_t i = 0; i < fields->unified.count; i++)
        take(reading, &unified, fields->unified.field[i]);
    for (uint32_t i = 0; i < unified.count; i++) {
        rejected +=
            tq__span_is(unified.window[i].status, "rejected") && !same_id(unified.window[i].id, "overage", 7);
    }
    claimed = claimed_window(reading, &unified);
    for (uint32_t i = 0; i < unified.count; i++) {
        const struct window *window = &unified.window[i];
        bool overage = same_id(window->id, "overage", 7);
        bool says_so = tq__span_is(window->status, "rejected") && !overage;
        bool stands_for = rejected == 0 && tq__span_is(unified.status, "rejected") && window == claimed;

        read_window(reading, &unified, window, window == claimed, says_so || stands_for);
    }
    if (rejected == 0 && !claimed && tq__span_is(unified.status, "rejected"))
        read_nameless(reading, &unified);
}
