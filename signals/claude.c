/* claude.c: the windows of an Anthropic subscription in JSON.
 *
 * SPDX-License-Identifier: MIT
 *
 *     {"type": "rate_limit_event", "rate_limit_info": {...}}     Claude Code: an event of stream-json
 *     {"rate_limits": {"five_hour": {"used_percentage": 43}}}    Claude Code: the input of its status line,
 *                                                                https://code.claude.com/docs/en/statusline
 *     {"five_hour": {"utilization": 43.0}, "limits": [...]}      the usage endpoint
 *
 * A status line and the usage endpoint state no status: a window at its end is a refusal, unless the account
 * may use overage, or its end has passed: of the next window they say nothing.
 */
#include "anthropic.h"

#define SCOPED_BYTES 64

/* Takes two members of the object that a window is; false when it is none. */
static bool take_window(struct tq__reading *reading, struct tq__windows *windows, struct tq__span id,
                        struct tq__span object, const char *used_name, const char *reset_name)
{
    struct tq__json_item used, resets;
    const struct tq__json_wanted wanted[] = {{used_name, &used}, {reset_name, &resets}};
    struct tq__vendor_window *window;

    if (!tq__json_members(object, wanted, 2))
        return false;
    window = tq__unified_find(reading, windows, id);
    /* Of two statements of one window the first counts. */
    if (!window || window->said[TQ__WINDOW_USED].at || window->said[TQ__WINDOW_RESET_AT].at)
        return false;
    window->said[TQ__WINDOW_USED] = tq__json_value(&used);
    window->said[TQ__WINDOW_RESET_AT] = tq__json_value(&resets);
    return true;
}

/* Takes the members that are windows of this object. */
static void take_windows(struct tq__reading *reading, struct tq__windows *windows, struct tq__span object,
                         const char *used_name, const char *reset_name)
{
    struct tq__json_item item;
    struct tq__span name;
    struct tq__json json;

    tq__json_begin(&json, object, TQ__JSON_LAX);
    tq__json_enter_next(&json, '{');
    while (tq__json_next(&json, &item) && tq__json_pass(&json, &item))
        if (item.kind == TQ__JSON_OBJECT && tq__unified_window(item.key, &name) != 0)
            (void)take_window(reading, windows, item.key, item.text, used_name, reset_name);
}

/* ---- the event ------------------------------------------------------------------------------- */

/* An event says what the headers say, in some versions only those without a window. */
void tq__anthropic_event(struct tq__reading *reading, struct tq__span event)
{
    struct tq__json_item info, other, type, status, reset, used, overage, in_use, windows;
    const struct tq__json_wanted outer[] = {{"rate_limit_info", &info}, {"rate_limit", &other}};
    const struct tq__json_wanted inner[] = {
        {"rateLimitType", &type},     {"status", &status},         {"resetsAt", &reset},
        {"overageStatus", &overage},  {"isUsingOverage", &in_use}, {"utilization", &used},
        {"unifiedWindows", &windows},
    };
    struct tq__unified unified = {.windows = {.count = 0}};
    struct tq__vendor_window *claimed;
    struct tq__span name;

    (void)tq__json_members(event, outer, 2);
    if (info.kind == TQ__JSON_NONE || info.kind == TQ__JSON_NULL)
        info = other;
    (void)tq__json_members(info.kind == TQ__JSON_OBJECT ? info.text : event, inner,
                           sizeof inner / sizeof inner[0]);
    unified = (struct tq__unified){.claim = tq__json_text(&type),
                                   .status = tq__json_text(&status),
                                   .reset = tq__json_value(&reset),
                                   .overage = tq__json_text(&overage),
                                   .in_use = tq__json_word(&in_use)};
    tq__reading_is(reading, TQ__ANTHROPIC_SUBSCRIPTION);
    take_windows(reading, &unified.windows, windows.text, "utilization", "resetsAt");
    if (tq__unified_window(unified.claim, &name) != 0) {
        claimed = tq__unified_find(reading, &unified.windows, unified.claim);
        if (claimed && !claimed->said[TQ__WINDOW_USED].at)
            claimed->said[TQ__WINDOW_USED] = tq__json_value(&used);
    }
    tq__unified_read(reading, &unified);
}

/* ---- percentages without a status ------------------------------------------------------------ */

/* Adds the axes of the windows; false when nothing is said of any. */
static bool add_windows(struct tq__reading *reading, const struct tq__windows *windows, bool credit)
{
    uint32_t before = reading->signal->axis_count;

    for (uint32_t i = 0; i < windows->count; i++) {
        struct tq_axis *axis = tq__unified_add(reading, &windows->window[i], 4);

        if (!axis)
            break;
        if (axis->known == 0) {
            reading->signal->axis_count--;
            continue;
        }
        if (axis->what == TQ_AXIS_MONEY)
            continue;
        axis->flags |= credit ? TQ_AXIS_CREDIT : 0;
        if (!credit)
            tq__axis_fill(reading, axis);
    }
    return reading->signal->axis_count > before;
}

bool tq__anthropic_status_line(struct tq__reading *reading, struct tq__span limits)
{
    struct tq__windows windows = {.count = 0};
    bool known;

    take_windows(reading, &windows, limits, "used_percentage", "resets_at");
    known = add_windows(reading, &windows, false);
    if (known)
        tq__reading_is(reading, TQ__ANTHROPIC_SUBSCRIPTION);
    return known;
}

/* ---- the usage endpoint ---------------------------------------------------------------------- */

/* The ids of windows that a list names by their model. */
struct scoped {
    char id[TQ__WINDOWS_MAX][SCOPED_BYTES];
    uint32_t count;
};

/* The id of an entry of "limits": the same as that of a member. {NULL, 0}: it is none. */
static struct tq__span id_of_entry(struct scoped *scoped, const struct tq__json_item *kind,
                                   const struct tq__json_item *scope)
{
    struct tq__json_item model = tq__json_member(scope, "model"),
                         title = tq__json_member(&model, "display_name");
    char *id = scoped->id[scoped->count];
    size_t len = sizeof "seven_day_" - 1;

    if (tq__span_matches(tq__json_text(kind), "session"))
        return TQ__SPAN("five_hour");
    if (tq__span_matches(tq__json_text(kind), "weekly_all"))
        return TQ__SPAN("seven_day");
    if (!tq__span_matches(tq__json_text(kind), "weekly_scoped") || !tq__json_is_name(&title) ||
        title.text.len > SCOPED_BYTES - len || scoped->count == TQ__WINDOWS_MAX - 1)
        return (struct tq__span){NULL, 0};
    memcpy(id, "seven_day_", len);
    memcpy(id + len, title.text.at, title.text.len);
    scoped->count++;
    return (struct tq__span){id, len + title.text.len};
}

static void take_list(struct tq__reading *reading, struct tq__windows *windows, struct tq__span array,
                      struct scoped *scoped)
{
    struct tq__json_item entry, kind, scope;
    const struct tq__json_wanted wanted[] = {{"kind", &kind}, {"scope", &scope}};
    struct tq__json json;

    tq__json_begin(&json, array, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &entry) && tq__json_pass(&json, &entry)) {
        struct tq__span id = {NULL, 0};

        if (tq__json_members(entry.text, wanted, 2))
            id = id_of_entry(scoped, &kind, &scope);
        if (id.at)
            (void)take_window(reading, windows, id, entry.text, "percent", "resets_at");
    }
}

/* Takes the overage that an account may use. Does it pay for what is above a window? */
static bool take_overage(struct tq__reading *reading, struct tq__windows *windows, struct tq__span object)
{
    struct tq__json_item enabled, used, reached, reason;
    const struct tq__json_wanted wanted[] = {{"is_enabled", &enabled},
                                             {"utilization", &used},
                                             {"spend_limit_reached", &reached},
                                             {"disabled_reason", &reason}};
    struct tq__vendor_window *window;
    struct tq__span share;
    uint32_t ppm = 0;

    if (!tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]) || enabled.kind != TQ__JSON_TRUE)
        return false;
    window = tq__unified_find(reading, windows, TQ__SPAN("overage"));
    share = tq__json_value(&used);
    if (window)
        window->said[TQ__WINDOW_USED] = share;
    return reached.kind != TQ__JSON_TRUE && !tq__json_is_name(&reason) &&
           !(share.at && tq__value_share(share, 4, &ppm) == 0 && ppm >= 1000000);
}

void tq__anthropic_poll(struct tq__reading *reading, struct tq__span object)
{
    struct tq__json_item extra, limits;
    const struct tq__json_wanted wanted[] = {{"extra_usage", &extra}, {"limits", &limits}};
    struct tq__windows windows = {.count = 0};
    struct scoped scoped = {.count = 0};
    bool credit;

    (void)tq__json_members(object, wanted, 2);
    take_windows(reading, &windows, object, "utilization", "resets_at");
    if (limits.kind == TQ__JSON_ARRAY)
        take_list(reading, &windows, limits.text, &scoped);
    credit = take_overage(reading, &windows, extra.text);
    (void)add_windows(reading, &windows, credit);
}
