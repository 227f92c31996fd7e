/* anthropic.c: the windows of an Anthropic subscription: what they are called, and what headers say of them.
 *
 * SPDX-License-Identifier: MIT
 *
 *     anthropic-ratelimit-unified-5h-utilization: 0.43           fractions of 1
 *
 * In headers each window (5h, 7d, 7d_oi) has a status, a utilization and a reset. The headers without a
 * window speak for the window that the representative claim names. Each rejected window refuses. An id with
 * something behind its length (7d_oi, seven_day_opus) belongs to one model, or to another part of the
 * account. claude.c reads the same windows in JSON.
 */
#include "anthropic.h"

#include "field.h"

#define PREFIX_LEN 27 /* anthropic-ratelimit-unified */

/* ---- what a window is called ----------------------------------------------------------------- */

/* Takes the length that an id begins with: 5h, five_hour; 0 when it begins with none. */
static int64_t take_length(struct tq__span *id)
{
    static const struct {
        const char *words;
        int64_t ns;
    } lengths[] = {{"five_hour", 5 * TQ__HOUR_NS}, {"seven_day", 7 * TQ__DAY_NS}};
    size_t digits = 0;
    int64_t number;
    char unit;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (tq__span_begins(*id, lengths[i].words)) {
            *id = tq__span_behind(*id, strlen(lengths[i].words));
            return lengths[i].ns;
        }
    while (digits < id->len && tq__is_digit(id->at[digits]))
        digits++;
    if (digits == 0 || digits > 4 || digits == id->len ||
        tq__value_count((struct tq__span){id->at, digits}, &number) != 0)
        return 0;
    unit = tq__lower(id->at[digits]);
    *id = tq__span_behind(*id, digits + 1);
    return number * (unit == 'm' ? TQ__MINUTE_NS : unit == 'h' ? TQ__HOUR_NS : unit == 'd' ? TQ__DAY_NS : 0);
}

int64_t tq__unified_window(struct tq__span id, struct tq__span *name)
{
    int64_t ns = take_length(&id);

    *name = (struct tq__span){"", 0};
    if (ns == 0 || (id.len > 0 && (id.len == 1 || *id.at != '_')))
        return 0;
    if (id.len > 0)
        *name = tq__span_behind(id, 1);
    /* Headers call it 7d_oi, and people Fable, after the model that it is for. */
    if (tq__span_matches(*name, "overage_included") || tq__span_matches(*name, "fable"))
        *name = TQ__SPAN("oi");
    return ns;
}

bool tq__unified_is_overage(struct tq__span id)
{
    return tq__span_matches(id, "overage");
}

/* Is it an id that headers or JSON may have? */
static bool is_known(struct tq__span id)
{
    struct tq__span name;

    return tq__unified_is_overage(id) || tq__unified_window(id, &name) != 0;
}

struct tq__vendor_window *tq__unified_find(struct tq__reading *reading, struct tq__windows *windows,
                                           struct tq__span id)
{
    struct tq__span name, other;
    int64_t ns = tq__unified_window(id, &name);

    for (uint32_t i = 0; ns != 0 && i < windows->count; i++)
        if (tq__unified_window(windows->window[i].id, &other) == ns && tq__spans_match(name, other))
            return &windows->window[i];
    return tq__window_named(reading, windows, id);
}

/* ---- windows -> axes ------------------------------------------------------------------------- */

static bool is_rejected(struct tq__span status)
{
    return tq__span_matches(status, "rejected");
}

struct tq_axis *tq__unified_add(struct tq__reading *reading, const struct tq__vendor_window *window,
                                int digits)
{
    bool overage = tq__unified_is_overage(window->id);
    struct tq__span name;
    int64_t ns = tq__unified_window(window->id, &name);
    struct tq_axis *axis = tq__axis_add(reading, overage ? TQ_AXIS_MONEY : TQ_AXIS_UNKNOWN, ns);

    if (!axis)
        return NULL;
    tq__axis_name(reading, axis, name);
    tq__axis_share(reading, axis, window->said[TQ__WINDOW_USED], digits);
    tq__axis_instant(reading, axis, window->said[TQ__WINDOW_RESET_AT]);
    axis->flags |= name.len > 0 ? TQ_AXIS_MODEL_ONLY : 0;
    return axis;
}

/* Does the vendor serve at the end of this window, or may it do so? Overage pays, or the vendor says so. */
static bool is_on_credit(const struct tq__unified *unified, const struct tq__vendor_window *window,
                         const struct tq_axis *axis, bool rejected)
{
    if (is_rejected(unified->status) || axis->what == TQ_AXIS_MONEY)
        return false;
    return tq__span_begins(unified->overage, "allowed") || tq__span_matches(unified->in_use, "true") ||
           (rejected && unified->status.at) ||
           (axis->used_ppm >= 1000000 && tq__span_begins(window->said[TQ__WINDOW_STATUS], "allowed"));
}

/* Overage that was never allowed is no limit that anybody runs into. */
static bool is_never_allowed(const struct tq__vendor_window *window)
{
    return tq__unified_is_overage(window->id) && !window->said[TQ__WINDOW_USED].at &&
           !window->said[TQ__WINDOW_RESET_AT].at;
}

static void read_window(struct tq__reading *reading, const struct tq__unified *unified,
                        const struct tq__vendor_window *window, bool claimed, bool rejected)
{
    struct tq_axis *axis;

    if (!is_known(window->id) || (!claimed && is_never_allowed(window)))
        return;
    axis = tq__unified_add(reading, window, 6);
    if (!axis)
        return;
    if (!(axis->known & TQ_AXIS_RESET) && claimed)
        tq__axis_instant(reading, axis, unified->reset);
    if (!rejected && axis->known == 0) {
        reading->signal->axis_count--;
        return;
    }
    axis->flags |= is_on_credit(unified, window, axis, rejected) ? TQ_AXIS_CREDIT : 0;
    if (!rejected)
        return;
    axis->flags |= TQ_AXIS_EMPTY;
    /* Allowed as a whole: overage or another model takes over where the window ends. */
    if (!unified->status.at || is_rejected(unified->status))
        tq__axis_reject(reading, axis);
    if (claimed)
        reading->claimed = (int32_t)(axis - reading->signal->axis);
}

/* For a response that names no window, neither by a header nor by its claim. */
static void read_nameless(struct tq__reading *reading, const struct tq__unified *unified)
{
    struct tq_axis *axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, 0);

    if (!axis)
        return;
    tq__axis_instant(reading, axis, unified->reset);
    if (is_rejected(unified->status))
        tq__axis_reject(reading, axis);
    else
        reading->signal->axis_count -= axis->known == 0;
}

void tq__unified_read(struct tq__reading *reading, struct tq__unified *unified)
{
    struct tq__windows *windows = &unified->windows;
    const struct tq__vendor_window *claimed = NULL;
    uint32_t rejected = 0;

    for (uint32_t i = 0; i < windows->count; i++) {
        const struct tq__span status = windows->window[i].said[TQ__WINDOW_STATUS];

        if (tq__unified_is_overage(windows->window[i].id))
            unified->overage = status.at ? status : unified->overage;
        else if (is_rejected(status))
            rejected |= UINT32_C(1) << i;
    }
    if (is_known(unified->claim)) /* the window is added when no header of its own is there */
        claimed = tq__unified_find(reading, windows, unified->claim);
    /* When no window says that it is rejected, the claimed one is what the whole response means. */
    if (rejected == 0 && is_rejected(unified->status) && claimed)
        rejected = UINT32_C(1) << (claimed - windows->window);
    for (uint32_t i = 0; i < windows->count; i++)
        read_window(reading, unified, &windows->window[i], &windows->window[i] == claimed, rejected >> i & 1);
    if (rejected == 0 && is_rejected(unified->status))
        read_nameless(reading, unified);
    /* A refusal that names no window, of an account whose credit for overage is spent: the plan is at its
     * end. */
    if (rejected == 0 && reading->status == 429 && tq__span_matches(unified->no_overage, "out_of_credits")) {
        reading->error_known = true;
        reading->error_class = TQ_CLASS_EXHAUSTED;
    }
}

/* ---- headers --------------------------------------------------------------------------------- */

static void take_unified(struct tq__reading *reading, struct tq__unified *unified,
                         const struct tq_field *field)
{
    struct tq__span name = tq__field_name(field, PREFIX_LEN), value = tq__field_value(field);

    if (tq__span_matches(name, "-status"))
        tq__reading_keep(reading, &unified->status, value);
    else if (tq__span_matches(name, "-reset"))
        tq__reading_keep(reading, &unified->reset, value);
    else if (tq__span_matches(name, "-representative-claim"))
        tq__reading_keep(reading, &unified->claim, value);
    else if (tq__span_matches(name, "-overage-disabled-reason"))
        tq__reading_keep(reading, &unified->no_overage, value);
    else if (tq__span_matches(name, "-overage-in-use"))
        tq__reading_keep(reading, &unified->in_use, value);
    else if (name.len > 0)
        tq__window_take(reading, &unified->windows, tq__span_behind(name, 1), value);
}

void tq__read_unified(struct tq__reading *reading, const struct tq__fields *fields)
{
    struct tq__unified unified = {.windows = {.count = 0}};

    if (fields->list[TQ__LIST_UNIFIED].count == 0 || !(reading->profile->families & TQ__FAMILY_UNIFIED))
        return;
    for (uint32_t i = 0; i < fields->list[TQ__LIST_UNIFIED].count; i++)
        take_unified(reading, &unified, fields->list[TQ__LIST_UNIFIED].field[i]);
    tq__unified_read(reading, &unified);
}
