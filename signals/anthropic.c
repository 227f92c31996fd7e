/* anthropic.c: the windows of an Anthropic subscription, in headers, in an event and in the status line.
 *
 * SPDX-License-Identifier: MIT
 *
 *     anthropic-ratelimit-unified-5h-utilization: 0.43           a header; fractions of 1
 *     {"type": "rate_limit_event", "rate_limit_info": {...}}     Claude Code: an event of stream-json
 *     {"rate_limits": {"five_hour": {"used_percentage": 43}}}    Claude Code: the input of its status line,
 *                                                                https://code.claude.com/docs/en/statusline
 *
 * In headers each window (5h, 7d, 7d_oi) has a status, a utilization and a reset. The headers without a
 * window speak for the window that the representative claim names. Each rejected window refuses. An id with
 * an underscore belongs to one model.
 */
#include "reading.h"

#include "field.h"
#include "windows.h"

#define PREFIX_LEN 27 /* anthropic-ratelimit-unified */

struct unified {
    struct tq__windows windows;
    struct tq__span status, reset, claim; /* of the whole */
    struct tq__span no_overage;           /* why overage does not take over at the end of a window */
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

/* NULL: it names no window that is known. */
static const char *id_of_claim(struct tq__span claim)
{
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        if (tq__span_matches(claim, claims[i].claim))
            return claims[i].id;
    return NULL;
}

/* "5h", "7d_oi" -> its length; 0 for what is no such name. */
static int64_t length_of(struct tq__span id)
{
    size_t digits = 0;
    int64_t number;
    char unit;

    while (digits < id.len && tq__is_digit(id.at[digits]))
        digits++;
    if (digits == 0 || digits > 4 || digits == id.len || (id.len > digits + 1 && id.at[digits + 1] != '_'))
        return 0;
    if (tq__value_count((struct tq__span){id.at, digits}, &number) != 0)
        return 0;
    unit = tq__lower(id.at[digits]);
    return number * (unit == 'm' ? TQ__MINUTE_NS : unit == 'h' ? TQ__HOUR_NS : unit == 'd' ? TQ__DAY_NS : 0);
}

static bool is_overage(const struct tq__window *window)
{
    return tq__span_matches(window->id, "overage");
}

static bool is_rejected(struct tq__span status)
{
    return tq__span_matches(status, "rejected");
}

/* Adds the axis of a window; NULL when nothing is said of it. digits: 6 where utilization is a fraction, 4
 * where it is a percentage. */
static struct tq_axis *add_window(struct tq__reading *reading, const struct tq__window *window, int digits)
{
    struct tq_axis *axis =
        tq__axis_add(reading, is_overage(window) ? TQ_AXIS_MONEY : TQ_AXIS_UNKNOWN, length_of(window->id));

    if (!axis)
        return NULL;
    tq__axis_share(reading, axis, window->said[TQ__WINDOW_USED], digits);
    tq__axis_instant(reading, axis, window->said[TQ__WINDOW_RESET_AT]);
    axis->flags |= tq__span_find(window->id, "_") > 0 ? TQ_AXIS_MODEL_ONLY : 0;
    return axis;
}

/* ---- headers --------------------------------------------------------------------------------- */

static void take(struct tq__reading *reading, struct unified *unified, const struct tq_field *field)
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
    else if (name.len > 0)
        tq__window_take(reading, &unified->windows, tq__span_behind(name, 1), value);
}

static void read_window(struct tq__reading *reading, const struct unified *unified,
                        const struct tq__window *window, bool claimed, bool rejected)
{
    struct tq_axis *axis;

    if (length_of(window->id) == 0 && !is_overage(window))
        return;
    /* Overage that was never allowed is no limit that anybody runs into. */
    if (is_overage(window) && !claimed && !window->said[TQ__WINDOW_USED].at &&
        !window->said[TQ__WINDOW_RESET_AT].at)
        return;
    axis = add_window(reading, window, 6);
    if (!axis)
        return;
    if (!(axis->known & TQ_AXIS_RESET) && claimed)
        tq__axis_instant(reading, axis, unified->reset);
    if (!rejected) {
        reading->signal->axis_count -= axis->known == 0;
        return;
    }
    axis->flags |= TQ_AXIS_EMPTY;
    /* Allowed as a whole: overage or another model takes over where the window ends. */
    if (!unified->status.at || is_rejected(unified->status))
        tq__axis_reject(reading, axis);
    if (claimed)
        reading->claimed = (int32_t)(axis - reading->signal->axis);
}

/* For a response that names no window, neither by a header nor by its claim. */
static void read_nameless(struct tq__reading *reading, const struct unified *unified)
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

static void read_windows(struct tq__reading *reading, struct unified *unified)
{
    struct tq__windows *windows = &unified->windows;
    const char *id = id_of_claim(unified->claim);
    const struct tq__window *claimed = NULL;
    uint32_t rejected = 0;

    for (uint32_t i = 0; i < windows->count; i++)
        if (is_rejected(windows->window[i].said[TQ__WINDOW_STATUS]) && !is_overage(&windows->window[i]))
            rejected |= UINT32_C(1) << i;
    if (id) /* the window is added when no header of its own is there */
        claimed = tq__window_named(reading, windows, tq__span_of(id));
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

void tq__read_unified(struct tq__reading *reading, const struct tq__fields *fields)
{
    struct unified unified = {.windows = {.count = 0}};

    if (fields->list[TQ__LIST_UNIFIED].count == 0 || !(reading->profile->families & TQ__FAMILY_UNIFIED))
        return;
    for (uint32_t i = 0; i < fields->list[TQ__LIST_UNIFIED].count; i++)
        take(reading, &unified, fields->list[TQ__LIST_UNIFIED].field[i]);
    read_windows(reading, &unified);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* An event says what the headers without a window say. */
void tq__anthropic_event(struct tq__reading *reading, struct tq__span event)
{
    struct tq__json_item info, other, type, status, reset;
    const struct tq__json_wanted outer[] = {{"rate_limit_info", &info}, {"rate_limit", &other}};
    const struct tq__json_wanted inner[] = {
        {"rateLimitType", &type}, {"status", &status}, {"resetsAt", &reset}};
    struct unified unified = {.windows = {.count = 0}};

    (void)tq__json_members(event, outer, 2);
    if (info.kind == TQ__JSON_NONE || info.kind == TQ__JSON_NULL)
        info = other;
    (void)tq__json_members(info.kind == TQ__JSON_OBJECT ? info.text : event, inner, 3);
    unified = (struct unified){
        .claim = tq__json_text(&type), .status = tq__json_text(&status), .reset = tq__json_value(&reset)};
    tq__reading_is(reading, TQ__ANTHROPIC_SUBSCRIPTION);
    /* A claim on a model that came after this was written. */
    if (!id_of_claim(unified.claim) && tq__span_begins(unified.claim, "seven_day"))
        unified.claim = TQ__SPAN("seven_day_opus");
    if (id_of_claim(unified.claim))
        read_windows(reading, &unified);
    else
        read_nameless(reading, &unified);
}

/* What a status line says was true at the client's last answer. It has no status, so that a window at its end
 * is a refusal, unless its end has passed: of the next one it says nothing. */
static bool read_status_window(struct tq__reading *reading, struct tq__span object, const char *id)
{
    struct tq__json_item used, resets;
    const struct tq__json_wanted wanted[] = {{"used_percentage", &used}, {"resets_at", &resets}};
    struct tq__window window = {.id = tq__span_of(id)};
    struct tq_axis *axis;

    if (!tq__json_members(object, wanted, 2))
        return false;
    window.said[TQ__WINDOW_USED] = tq__json_value(&used);
    window.said[TQ__WINDOW_RESET_AT] = tq__json_value(&resets);
    axis = add_window(reading, &window, 4);
    if (!axis)
        return false;
    if (axis->known == 0) {
        reading->signal->axis_count--;
        return false;
    }
    if (axis->used_ppm >= 1000000 && !(axis->known & TQ_AXIS_RESET && axis->reset_at_ns <= reading->now_ns))
        tq__axis_reject(reading, axis);
    return true;
}

bool tq__anthropic_status_line(struct tq__reading *reading, struct tq__span limits)
{
    struct tq__json_item five_hour, seven_day;
    const struct tq__json_wanted wanted[] = {{"five_hour", &five_hour}, {"seven_day", &seven_day}};
    bool known;

    (void)tq__json_members(limits, wanted, 2);
    known = read_status_window(reading, five_hour.text, "5h");
    known |= read_status_window(reading, seven_day.text, "7d");
    if (known)
        tq__reading_is(reading, TQ__ANTHROPIC_SUBSCRIPTION);
    return known;
}
