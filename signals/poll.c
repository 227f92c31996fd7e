/* poll.c: what vendors answer who asks them for the usage of an account: finds out whose it is.
 *
 * SPDX-License-Identifier: MIT
 *
 *     {"five_hour": {"utilization": 6.0}, "limits": [...]}               Anthropic, /api/oauth/usage
 *     {"plan_type": "plus", "rate_limit": {"primary_window": {...}}}     Codex, /backend-api/wham/usage
 *     {"quota_snapshots": {"chat": {"percent_remaining": 91.0}}}         Copilot, /copilot_internal/user
 *     {"data": {"limits": [{"type": "TOKENS_LIMIT", ...}]}}              Z.ai, /api/monitor/usage/quota/limit
 *     {"usage": {"limit": "100", "used": "40"}, "limits": [...]}         Kimi, /coding/v1/usages
 *     {"data": {"limit": 10, "limit_remaining": 4, "usage": 6}}          OpenRouter, /api/v1/key
 *
 * Such an answer has status 200, and it served no request: it must not lift a refusal. So it counts as known
 * by its members alone, even when nothing in it can be read. A full window in it is a refusal.
 */
#include "reading.h"

/* The members by which the forms are told apart. */
struct members {
    struct tq__json_item error, five_hour, seven_day, plan_type, rate_limit, snapshots, data, usage, limits;
};

/* The form says whose it is, even where headers name another door of the same vendor. */
static void is_of(struct tq__reading *reading, uint32_t profile)
{
    if (!reading->named)
        reading->profile = tq_profile_of(profile);
    reading->may_recognise = false;
}

static bool has_value(const struct tq__json_item *item)
{
    return item->kind != TQ__JSON_NONE;
}

/* ---- Z.ai ------------------------------------------------------------------------------------ */

/* The length of so many units of time; 0: it does not say. */
static int64_t zai_length(const struct tq__json_item *unit, const struct tq__json_item *number)
{
    static const struct {
        const char *unit;
        int64_t ns;
    } units[] = {{"1", TQ__DAY_NS}, {"3", TQ__HOUR_NS}, {"6", TQ__WEEK_NS}};
    struct tq__span which = tq__json_value(unit), how_many = tq__json_value(number);
    int64_t count = 0;

    if (!which.at || !how_many.at || tq__value_count(how_many, &count) != 0 || count > 366)
        return 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (tq__span_equals(which, units[i].unit))
            return count * units[i].ns;
    return 0;
}

/* Only the tokens of the models; the other types limit searches and the like. */
static void read_zai_limit(struct tq__reading *reading, struct tq__span object)
{
    struct tq__json_item type, unit, number, percent, reset;
    const struct tq__json_wanted wanted[] = {{"type", &type},
                                             {"unit", &unit},
                                             {"number", &number},
                                             {"percentage", &percent},
                                             {"nextResetTime", &reset}};
    struct tq_axis *axis;

    if (!tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]) ||
        !tq__span_matches(tq__json_text(&type), "tokens_limit"))
        return;
    axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, zai_length(&unit, &number));
    if (!axis)
        return;
    tq__axis_share(reading, axis, tq__json_value(&percent), 4);
    tq__axis_instant(reading, axis, tq__json_value(&reset));
    tq__axis_fill(reading, axis);
    reading->signal->axis_count -= axis->known == 0;
}

static void read_zai(struct tq__reading *reading, struct tq__span limits)
{
    struct tq__json_item limit;
    struct tq__json json;

    is_of(reading, TQ__ZAI);
    tq__json_begin(&json, limits, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &limit) && tq__json_pass(&json, &limit))
        read_zai_limit(reading, limit.text);
}

/* ---- Kimi ------------------------------------------------------------------------------------ */

/* Numbers are texts, and the limit is what 100 % are: no requests or tokens. */
static void read_kimi_detail(struct tq__reading *reading, int64_t window_ns, struct tq__span object)
{
    struct tq__json_item limit, used, left, reset;
    const struct tq__json_wanted wanted[] = {
        {"limit", &limit}, {"used", &used}, {"remaining", &left}, {"resetTime", &reset}};
    struct tq_axis *axis;

    if (!tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]))
        return;
    axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, window_ns);
    if (!axis)
        return;
    if (!tq__axis_parts(reading, axis, tq__json_value(&limit), tq__json_value(&used),
                        tq__json_value(&left))) {
        reading->signal->axis_count--;
        return;
    }
    tq__axis_instant(reading, axis, tq__json_value(&reset));
    tq__axis_fill(reading, axis);
}

static int64_t kimi_length(const struct tq__json_item *window)
{
    static const struct {
        const char *unit;
        int64_t ns;
    } units[] = {
        {"time_unit_minute", TQ__MINUTE_NS}, {"time_unit_hour", TQ__HOUR_NS}, {"time_unit_day", TQ__DAY_NS}};
    struct tq__json_item duration = tq__json_member(window, "duration");
    struct tq__json_item unit = tq__json_member(window, "timeUnit");
    struct tq__span how_many = tq__json_value(&duration);
    int64_t count = 0;

    if (!how_many.at || tq__value_count(how_many, &count) != 0 || count > 366 * 24 * 60)
        return 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (tq__span_matches(tq__json_text(&unit), units[i].unit))
            return tq__multiply_saturated(count, units[i].ns);
    return 0;
}

/* The usage without a window is that of the week. */
static void read_kimi(struct tq__reading *reading, const struct members *members)
{
    struct tq__json_item limit, window, detail;
    const struct tq__json_wanted wanted[] = {{"window", &window}, {"detail", &detail}};
    struct tq__json json;

    is_of(reading, TQ__MOONSHOT);
    tq__json_begin(&json, members->limits.text, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &limit) && tq__json_pass(&json, &limit))
        if (tq__json_members(limit.text, wanted, 2))
            read_kimi_detail(reading, kimi_length(&window), detail.text);
    read_kimi_detail(reading, TQ__WEEK_NS, members->usage.text);
}

static bool is_kimi(const struct members *members)
{
    struct tq__json_item limit = tq__json_member(&members->usage, "limit");
    struct tq__json_item first = {.kind = TQ__JSON_NONE}, window;
    struct tq__json json;

    if (members->usage.kind == TQ__JSON_OBJECT && has_value(&limit))
        return true;
    if (members->limits.kind != TQ__JSON_ARRAY)
        return false;
    tq__json_begin(&json, members->limits.text, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    if (!tq__json_next(&json, &first) || !tq__json_pass(&json, &first))
        return false;
    window = tq__json_member(&first, "window");
    return tq__json_member(&first, "detail").kind == TQ__JSON_OBJECT && window.kind == TQ__JSON_OBJECT;
}

/* ---- OpenRouter ------------------------------------------------------------------------------ */

/* The limit of a key is in dollars, and has no length. */
static void read_openrouter(struct tq__reading *reading, const struct tq__json_item *data)
{
    struct tq__json_item limit = tq__json_member(data, "limit");
    struct tq__json_item left = tq__json_member(data, "limit_remaining");
    struct tq_axis *axis;

    is_of(reading, TQ__OPENROUTER);
    axis = tq__axis_add(reading, TQ_AXIS_MONEY, 0);
    if (!axis)
        return;
    tq__axis_amount(reading, axis, TQ_AXIS_LIMIT, tq__json_value(&limit));
    tq__axis_amount(reading, axis, TQ_AXIS_REMAINING, tq__json_value(&left));
    tq__axis_parts(reading, axis, tq__json_value(&limit), (struct tq__span){NULL, 0}, tq__json_value(&left));
    axis->flags |= axis->used_ppm >= 1000000 ? TQ_AXIS_EMPTY : 0;
    reading->signal->axis_count -= axis->known == 0;
}

/* ---- whose it is ----------------------------------------------------------------------------- */

/* Those that put it in a member "data". */
static bool read_data(struct tq__reading *reading, const struct tq__json_item *data)
{
    struct tq__json_item limits, remaining, usage;
    const struct tq__json_wanted wanted[] = {
        {"limits", &limits}, {"limit_remaining", &remaining}, {"usage", &usage}};

    if (data->kind != TQ__JSON_OBJECT || !tq__json_members(data->text, wanted, 3))
        return false;
    if (limits.kind == TQ__JSON_ARRAY)
        read_zai(reading, limits.text);
    else if (has_value(&remaining) && has_value(&usage))
        read_openrouter(reading, data);
    else
        return false;
    return true;
}

static bool is_codex_usage(const struct members *members)
{
    return has_value(&members->rate_limit) &&
           (has_value(&members->plan_type) ||
            tq__json_member(&members->rate_limit, "primary_window").kind != TQ__JSON_NONE);
}

bool tq__poll_read(struct tq__reading *reading, struct tq__span object)
{
    struct members members;
    const struct tq__json_wanted wanted[] = {
        {"error", &members.error},
        {"five_hour", &members.five_hour},
        {"seven_day", &members.seven_day},
        {"plan_type", &members.plan_type},
        {"rate_limit", &members.rate_limit},
        {"quota_snapshots", &members.snapshots},
        {"data", &members.data},
        {"usage", &members.usage},
        {"limits", &members.limits},
    };

    if (reading->status >= 400 || !tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]) ||
        members.error.kind == TQ__JSON_OBJECT || tq__json_is_name(&members.error))
        return false;
    reading->polled = true;
    if (has_value(&members.five_hour) || has_value(&members.seven_day)) {
        is_of(reading, TQ__ANTHROPIC_SUBSCRIPTION);
        tq__anthropic_poll(reading, object);
    } else if (is_codex_usage(&members)) {
        is_of(reading, TQ__CODEX);
        tq__codex_poll(reading, object);
    } else if (members.snapshots.kind == TQ__JSON_OBJECT) {
        is_of(reading, TQ__COPILOT);
        tq__copilot_poll(reading, object);
    } else if (is_kimi(&members)) {
        read_kimi(reading, &members);
    } else {
        reading->polled = read_data(reading, &members.data);
    }
    return reading->polled;
}
