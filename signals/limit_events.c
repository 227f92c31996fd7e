/* limit_events.c: codex.rate_limits, rate_limits.updated, rate_limit_event.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limit_events.h"

#include "json_value.h"

/* The first of the members that is there. */
static const json_t *member(const json_t *object, const char *name, const char *other)
{
    const json_t *value = json_object_get(object, name);

    return value && !json_is_null(value) ? value : json_object_get(object, other);
}

static void note_used(struct tq__reading *reading, struct tq_axis *axis, const json_t *percent)
{
    int64_t ppm;

    if (!json_is_number(percent) || !tq__reading_took(reading, tq__json_scaled(percent, 4, &ppm)))
        return;
    axis->known |= TQ_AXIS_USED;
    axis->used_ppm = ppm < UINT32_MAX ? (uint32_t)ppm : UINT32_MAX;
}

static void note_reset(struct tq__reading *reading, struct tq_axis *axis, const json_t *at,
                       const json_t *after)
{
    int64_t ns;

    if (at && !json_is_null(at)) {
        if (tq__reading_took(reading, tq__json_epoch(at, &ns)))
            tq__axis_reset(reading, axis, ns);
    } else if (after && !json_is_null(after)) {
        if (tq__reading_took(reading, tq__json_scaled(after, 9, &ns)))
            tq__axis_reset(reading, axis, tq__add_saturated(reading->now_ns, ns));
    }
}

static void reject(struct tq__reading *reading, struct tq_axis *axis)
{
    axis->flags |= TQ_AXIS_EMPTY;
    reading->rejecting |= UINT32_C(1) << tq__axis_index(reading, axis);
}

static void read_codex_window(struct tq__reading *reading, const json_t *window, bool credits)
{
    struct tq_axis *axis;
    int64_t minutes = 0;

    if (!json_is_object(window))
        return;
    if (tq__json_scaled(json_object_get(window, "window_minutes"), 0, &minutes) != 0 ||
        minutes > INT64_C(366) * 24 * 60)
        minutes = 0;
    axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, minutes * TQ__MINUTE_NS);
    if (!axis)
        return;
    note_used(reading, axis, json_object_get(window, "used_percent"));
    note_reset(reading, axis, member(window, "reset_at", "resets_at"),
               member(window, "reset_after_seconds", "resets_in_seconds"));
    if (axis->used_ppm < 1000000) {
        reading->signal->axis_count -= axis->known == 0;
        return;
    }
    axis->flags |= TQ_AXIS_EMPTY;
    if (!credits)
        reject(reading, axis);
}

static void read_codex(struct tq__reading *reading, const json_t *event)
{
    const json_t *limits = json_object_get(event, "rate_limits");
    const json_t *credits = member(limits, "credits", "");
    bool has;

    if (!json_is_object(credits))
        credits = json_object_get(event, "credits");
    has = json_is_true(json_object_get(credits, "has_credits")) ||
          json_is_true(json_object_get(credits, "unlimited"));
    tq__reading_is(reading, TQ__CODEX);
    read_codex_window(reading, json_object_get(limits, "primary"), has);
    read_codex_window(reading, json_object_get(limits, "secondary"), has);
}

static void read_realtime(struct tq__reading *reading, const json_t *event)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(event, "rate_limits"), i, entry)
    {
        struct tq__span name = tq__json_text(json_object_get(entry, "name"));
        uint32_t what = tq__span_is(name, "requests") ? TQ_AXIS_REQUESTS
                        : tq__span_is(name, "tokens") ? TQ_AXIS_TOKENS
                                                      : TQ_AXIS_UNKNOWN;
        struct tq_axis *axis = tq__axis_add(reading, what, 0);

        if (!axis)
            return;
        if (tq__json_scaled(json_object_get(entry, "limit"), 0, &axis->limit) == 0)
            axis->known |= TQ_AXIS_LIMIT;
        if (tq__json_scaled(json_object_get(entry, "remaining"), 0, &axis->remaining) == 0)
            axis->known |= TQ_AXIS_REMAINING;
        note_reset(reading, axis, NULL, json_object_get(entry, "reset_seconds"));
        axis->flags |= axis->known & TQ_AXIS_RESET ? TQ_AXIS_FULL_REFILL : 0;
        axis->flags |= axis->known & TQ_AXIS_REMAINING && axis->remaining == 0 ? TQ_AXIS_EMPTY : 0;
        reading->signal->axis_count -= axis->known == 0;
    }
    tq__reading_is(reading, TQ__OPENAI);
}

static void read_claude(struct tq__reading *reading, const json_t *event)
{
    const json_t *info = member(event, "rate_limit_info", "rate_limit");
    struct tq__span type, status;
    bool weekly, model;
    struct tq_axis *axis;

    if (!json_is_object(info))
        info = event;
    type = tq__json_text(json_object_get(info, "rateLimitType"));
    status = tq__json_text(json_object_get(info, "status"));
    weekly = tq__span_find(type, "seven_day") == 0;
    model = weekly && type.len > sizeof("seven_day") - 1;
    axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN,
                        weekly                           ? TQ__WEEK_NS
                        : tq__span_is(type, "five_hour") ? 5 * TQ__HOUR_NS
                                                         : 0);
    tq__reading_is(reading, TQ__ANTHROPIC_SUBSCRIPTION);
    if (!axis)
        return;
    note_reset(reading, axis, json_object_get(info, "resetsAt"), NULL);
    axis->flags |= model ? TQ_AXIS_MODEL_ONLY : 0;
    if (tq__span_is(status, "rejected"))
        reject(reading, axis);
    else
        reading->signal->axis_count -= axis->known == 0;
}

void tq__limit_event(struct tq__reading *reading, const json_t *event)
{
    struct tq__span type = tq__json_text(json_object_get(event, "type"));

    if (tq__span_is(type, "codex.rate_limits"))
        read_codex(reading, event);
    else if (tq__span_is(type, "rate_limits.updated"))
        read_realtime(reading, event);
    else if (tq__span_is(type, "rate_limit_event"))
        read_claude(reading, event);
}
