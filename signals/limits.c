/* limits.c: limits in JSON: finds out which kind of object it is and which vendor's.
 *
 * SPDX-License-Identifier: MIT
 *
 * codex.c, claude.c, poll.c and refusal.c read what is in the objects.
 */
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
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &entry) && tq__json_pass(&json, &entry)) {
        struct tq__span what;
        struct tq_axis *axis;

        if (!tq__json_members(entry.text, wanted, sizeof wanted / sizeof wanted[0]))
            continue;
        what = tq__json_text(&name);
        axis = tq__axis_add(reading,
                            tq__span_matches(what, "requests") ? TQ_AXIS_REQUESTS
                            : tq__span_matches(what, "tokens") ? TQ_AXIS_TOKENS
                                                               : TQ_AXIS_UNKNOWN,
                            0);
        if (!axis)
            return;
        tq__axis_amount(reading, axis, TQ_AXIS_LIMIT, tq__json_value(&limit));
        tq__axis_amount(reading, axis, TQ_AXIS_REMAINING, tq__json_value(&remaining));
        tq__axis_after(reading, axis, tq__json_value(&reset));
        axis->flags |= axis->known & TQ_AXIS_RESET ? TQ_AXIS_FULL_REFILL : 0;
        axis->flags |= axis->known & TQ_AXIS_REMAINING && axis->remaining == 0 ? TQ_AXIS_EMPTY : 0;
        reading->signal->axis_count -= axis->known == 0;
    }
}

bool tq__limit_members(struct tq__span object, bool checked, struct tq__limit_members *members)
{
    const struct tq__json_wanted wanted[] = {
        {"type", &members->type},
        {"rate_limits", &members->limits},
        {"rate_limit_info", &members->info},
        {"rateLimitType", &members->claim},
        {"resetsAt", &members->resets_at},
        {"primary", &members->primary},
        {"secondary", &members->secondary},
        {"limit_id", &members->id},
        {"limit_name", &members->name},
        {"metered_limit_name", &members->metered},
        {"credits", &members->credits},
        {"rate_limit_reached_type", &members->reached},
    };
    size_t count = sizeof wanted / sizeof wanted[0];

    return checked ? tq__json_members(object, wanted, count)
                   : tq__json_object(object, wanted, count) && tq__utf8_is_valid(object);
}

bool tq__limit_event(struct tq__reading *reading, struct tq__span object,
                     const struct tq__limit_members *members)
{
    struct tq__span type = tq__json_text(&members->type);

    if (tq__span_matches(type, "codex.rate_limits"))
        tq__codex_limits(reading, members);
    else if (tq__span_matches(type, "rate_limits.updated"))
        read_realtime(reading, members->limits.text);
    else if (tq__span_matches(type, "rate_limit_event"))
        tq__anthropic_event(reading, object);
    else
        return false;
    return true;
}

static bool is_there(const struct tq__json_item *item)
{
    return item->kind != TQ__JSON_NONE;
}

/* Reads an object by its members. Answers whether it was what a status line is given: nobody knows how old
 * that is. */
static bool read_object(struct tq__reading *reading, struct tq__span object,
                        const struct tq__limit_members *members)
{
    struct tq__limit_members inner = {.type = {.kind = TQ__JSON_NONE}};

    if (tq__limit_event(reading, object, members))
        return false;
    if (members->limits.kind == TQ__JSON_OBJECT)
        (void)tq__limit_members(members->limits.text, true, &inner);
    if (is_there(&members->primary) || is_there(&members->secondary) || is_there(&inner.primary) ||
        is_there(&inner.secondary))
        tq__codex_limits(reading, members);
    else if (is_there(&members->info) || is_there(&members->claim) || is_there(&members->resets_at))
        tq__anthropic_event(reading, object);
    else if (tq__anthropic_status_line(reading, members->limits.text))
        return true;
    else if (!tq__poll_read(reading, object))
        tq__refusal_object(reading, object);
    return false;
}

/* The two public calls. only_status_line: nothing else is looked for in the object. */
static int read_limits(const struct tq_profile *profile, struct tq__span object, bool only_status_line,
                       int64_t now_ns, struct tq_quota_signal *signal)
{
    struct tq__limit_members members;
    struct tq__reading reading;
    bool status_line = only_status_line;

    if (!object.at || !tq__signal_fits(signal) || object.len > TQ_BODY_MAX)
        return TQ_EINVAL;
    if (now_ns < TQ_NOW_MIN_NS || now_ns >= TQ_NOW_END_NS)
        return TQ_ERANGE;
    if (!tq__limit_members(object, false, &members))
        return TQ_EINVAL;
    tq__reading_begin(&reading, signal, profile, 0, now_ns, TQ_DAY_OF_VENDOR);
    signal->sent_at_ns = 0;
    tq__account_note(&reading, TQ__NO_ACCOUNT);
    if (only_status_line)
        (void)tq__anthropic_status_line(&reading, members.limits.text);
    else
        status_line = read_object(&reading, object, &members);
    tq__decide(&reading);
    if (status_line && signal->source != TQ_SOURCE_NONE)
        signal->source = TQ_SOURCE_CALLER;
    return signal->refusal == TQ_CLASS_NONE && signal->axis_count == 0;
}

int tq_signal_read_limits(const struct tq_profile *profile, const char *json, size_t len, int64_t now_ns,
                          struct tq_quota_signal *signal)
{
    return read_limits(profile, (struct tq__span){json, len}, false, now_ns, signal);
}

int tq_signal_statusline(const char *json, size_t len, int64_t now_ns, struct tq_quota_signal *signal)
{
    return read_limits(tq_profile_of(TQ__ANTHROPIC_SUBSCRIPTION), (struct tq__span){json, len}, true, now_ns,
                       signal);
}
