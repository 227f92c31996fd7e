/* limits.c: limits in JSON: which object has them, and whose they are.
 *
 * SPDX-License-Identifier: MIT
 *
 * The vendors' own files say what the objects mean: codex.c, anthropic.c, google.c by way of
 * refusal.c. */
#include "reading.h"

#include "refusal.h"

/* OpenAI's Realtime API: {"rate_limits": [{"name": "tokens", "limit": 1, "remaining": 1, "reset_seconds":
 * 1}]} */
static void read_realtime(struct tq__reading *reading, struct tq__span limits)
{
    struct tq__json_item entry, name, limit, remaining, reset;
    const struct tq__json_wanted wanted[] = {
        {"name", &name}, {"limit", &limit}, {"remaining", &remaining}, {"reset_seconds", &reset}};
    struct tq__json json;

    tq__reading_is(reading, TQ__OPENAI);
    tq__json_begin(&json, limits, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '['))
        return;
    while (tq__json_next(&json, &entry)) {
        struct tq__span what;
        struct tq_axis *axis;

        if (!tq__json_pass(&json, &entry) ||
            !tq__json_members(entry.text, wanted, sizeof wanted / sizeof wanted[0]))
            continue;
        what = tq__json_text(&name);
        axis = tq__axis_add(reading,
                            tq__span_matches(what, "requests") ? TQ_AXIS_REQUESTS
                            : tq__span_matches(what, "tokens") ? TQ_AXIS_TOKENS
                                                               : TQ_AXIS_UNKNOWN,
                            0);
        if (!axis)
            return;
        if (tq__value_scaled(tq__json_value(&limit), 0, &axis->limit) == 0)
            axis->known |= TQ_AXIS_LIMIT;
        if (tq__value_scaled(tq__json_value(&remaining), 0, &axis->remaining) == 0)
            axis->known |= TQ_AXIS_REMAINING;
        tq__axis_after(reading, axis, tq__json_value(&reset));
        axis->flags |= axis->known & TQ_AXIS_RESET ? TQ_AXIS_FULL_REFILL : 0;
        axis->flags |= axis->known & TQ_AXIS_REMAINING && axis->remaining == 0 ? TQ_AXIS_EMPTY : 0;
        reading->signal->axis_count -= axis->known == 0;
    }
}

/* What tells the objects apart. */
struct shape {
    struct tq__json_item type, limits, info, claim, resets_at, primary, secondary;
};

static void read_shape(struct tq__span object, struct shape *shape)
{
    const struct tq__json_wanted wanted[] = {
        {"type", &shape->type},           {"rate_limits", &shape->limits}, {"rate_limit_info", &shape->info},
        {"rateLimitType", &shape->claim}, {"resetsAt", &shape->resets_at}, {"primary", &shape->primary},
        {"secondary", &shape->secondary},
    };

    (void)tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]);
}

/* An event of a stream, by its type. */
static bool read_event(struct tq__reading *reading, struct tq__span object, const struct shape *shape)
{
    struct tq__span type = tq__json_text(&shape->type);

    if (tq__span_matches(type, "codex.rate_limits"))
        tq__codex_limits(reading, object);
    else if (tq__span_matches(type, "rate_limits.updated"))
        read_realtime(reading, shape->limits.text);
    else if (tq__span_matches(type, "rate_limit_event"))
        tq__anthropic_event(reading, object);
    else
        return false;
    return true;
}

bool tq__limit_event(struct tq__reading *reading, struct tq__span object)
{
    struct shape shape;

    read_shape(object, &shape);
    return read_event(reading, object, &shape);
}

/* An object by what is in it. *status_line: it is that of Claude Code, whose age nobody knows. */
static bool read_object(struct tq__reading *reading, struct tq__span object, bool *status_line)
{
    struct shape shape, inner = {.limits = {.kind = TQ__JSON_NONE}};

    read_shape(object, &shape);
    if (read_event(reading, object, &shape))
        return true;
    if (shape.limits.kind == TQ__JSON_OBJECT)
        read_shape(shape.limits.text, &inner);
    if (shape.primary.kind != TQ__JSON_NONE || shape.secondary.kind != TQ__JSON_NONE ||
        inner.primary.kind != TQ__JSON_NONE || inner.secondary.kind != TQ__JSON_NONE) {
        tq__codex_limits(reading, object);
        return true;
    }
    if (shape.info.kind != TQ__JSON_NONE || shape.claim.kind != TQ__JSON_NONE ||
        shape.resets_at.kind != TQ__JSON_NONE) {
        tq__anthropic_event(reading, object);
        return true;
    }
    *status_line =
        shape.limits.kind == TQ__JSON_OBJECT && tq__anthropic_status_line(reading, shape.limits.text);
    return *status_line;
}

/* Readies a reading of an object; 0, TQ_EINVAL, TQ_ERANGE. */
static int begin(struct tq__reading *reading, const struct tq_profile *profile, const char *json, size_t len,
                 int64_t now_ns, struct tq_quota_signal *signal)
{
    struct tq__span text = {json, len};

    if (!json || !signal || signal->size < sizeof *signal || len > TQ_BODY_MAX)
        return TQ_EINVAL;
    if (now_ns < TQ_NOW_MIN_NS || now_ns >= TQ_NOW_END_NS)
        return TQ_ERANGE;
    if (!tq__is_object(text))
        return TQ_EINVAL;
    tq__reading_begin(reading, signal, profile, 0, now_ns, TQ_DAY_OF_VENDOR);
    signal->sent_at_ns = 0;
    return 0;
}

static int end(struct tq__reading *reading, bool status_line)
{
    struct tq_quota_signal *signal = reading->signal;

    tq__decide(reading);
    if (status_line && signal->source != TQ_SOURCE_NONE)
        signal->source = TQ_SOURCE_CALLER;
    return signal->refusal == TQ_CLASS_NONE && signal->axis_count == 0;
}

int tq_signal_read_limits(const struct tq_profile *profile, const char *json, size_t len, int64_t now_ns,
                          struct tq_quota_signal *signal)
{
    struct tq__span object = {json, len};
    struct tq__reading reading;
    bool status_line = false;
    int answer = begin(&reading, profile, json, len, now_ns, signal);

    if (answer != 0)
        return answer;
    if (!read_object(&reading, object, &status_line))
        tq__refusal_object(&reading, object);
    return end(&reading, status_line);
}

int tq_signal_statusline(const char *json, size_t len, int64_t now_ns, struct tq_quota_signal *signal)
{
    struct tq__json_item limits;
    const struct tq__json_wanted wanted = {"rate_limits", &limits};
    struct tq__reading reading;
    int answer = begin(&reading, tq__profile(TQ__ANTHROPIC_SUBSCRIPTION), json, len, now_ns, signal);

    if (answer != 0)
        return answer;
    (void)tq__json_members((struct tq__span){json, len}, &wanted, 1);
    (void)tq__anthropic_status_line(&reading, limits.text);
    return end(&reading, true);
}
