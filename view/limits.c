/* limits.c: the limits of a provider, and of its pool where one of those binds, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tokenquota_signals.h>

#include "base/time.h"
#include "json.h"
#include "lasts.h"

int limits_read(const struct tq_provider *provider, int64_t at_ns, struct limits *limits)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(provider, at_ns, states, TQ_LIMITS_MAX);

    *limits = (struct limits){.at_ns = at_ns};
    if (count <= 0)
        return count;
    if (count > TQ_LIMITS_MAX)
        count = TQ_LIMITS_MAX;
    limits->items = malloc((size_t)count * sizeof states[0]);
    if (!limits->items)
        return TQ_ENOMEM;
    for (int i = 0; i < count; i++)
        limits->items[i] = states[i];
    limits->count = (size_t)count;
    return 0;
}

void limits_free(struct limits *limits)
{
    free(limits->items);
    *limits = (struct limits){0};
}

const struct tq_limit_state *limits_find(const struct limits *limits, uint32_t number)
{
    for (size_t i = 0; i < limits->count; i++)
        if (limits->items[i].number == number)
            return &limits->items[i];
    return NULL;
}

int limits_taken(struct tq_ledger *ledger, int64_t at_ns, uint64_t *taken)
{
    struct tq_provider *provider;
    uint64_t cursor = 0;
    int answer;

    *taken = 0;
    while ((answer = tq_ledger_walk(ledger, &cursor, &provider)) == 0) {
        struct limits limits;

        answer = limits_read(provider, at_ns, &limits);
        for (size_t i = 0; i < limits.count; i++)
            *taken += limits.items[i].taken;
        limits_free(&limits);
        if (answer < 0)
            return answer;
    }
    return answer < 0 ? answer : 0;
}

struct tq_provider *pool_above(const struct tq_provider *provider, uint32_t levels)
{
    struct tq_provider *pool = NULL;

    for (; levels > 0; levels--, provider = pool)
        if (tq_provider_pool(provider, &pool) != 0)
            return NULL;
    return pool;
}

bool verdict_has_limit(const struct tq_verdict *verdict)
{
    return verdict->limit != 0 && (verdict->state == TQ_AVAILABLE || verdict->reason >= TQ_REASON_PREDICTED ||
                                   verdict->reason == TQ_REASON_REPORTED);
}

/* Does a word of the vendor exclude, or the user's stop? */
static bool is_stopped(const struct tq_limit_state *state)
{
    return (state->said & (TQ_SAID_BLOCKS | TQ_SAID_STOPS)) != 0;
}

bool limit_is_predicted(const struct tq_limit_state *state)
{
    const struct tq_limit *limit = &state->limit;
    int64_t kept = limit->known & TQ_LIMIT_RESERVE ? limit->reserve : 0;

    return state->state == TQ_QUOTA_EXHAUSTED && !is_stopped(state) && !state->is_held && !state->is_shared &&
           state->used < limit->amount - kept;
}

bool limit_is_spent(const struct tq_limit_state *state)
{
    return state->spent && (is_stopped(state) || state->used >= state->limit.amount);
}

bool limit_is_stated(const struct tq_limit *limit)
{
    return limit->window == TQ_WINDOW_STATED;
}

bool limit_has_reading(const struct tq_limit_state *state)
{
    return state->said_at_ns != 0 && state->said & TQ_SAID_READING;
}

bool limit_on_overage(const struct tq_limit_state *state)
{
    return limit_has_reading(state) && state->said & TQ_SAID_CREDIT && state->said_ppm >= 1000000 &&
           state->state == TQ_AVAILABLE;
}

void limit_sentence(const struct tq_limit *limit, char out[LIMIT_BYTES])
{
    if (tq_limit_format(limit, out, LIMIT_BYTES) < 0)
        snprintf(out, LIMIT_BYTES, "unknown");
}

int64_t limit_share(const struct tq_limit_state *state)
{
    if (limit_is_stated(&state->limit) || state->limit.amount <= 0)
        return limit_has_reading(state) ? (int64_t)state->said_ppm : -1;
    return state->share_ppm;
}

const char *source_name(uint32_t source)
{
    static const char *const names[] = {
        [TQ_SOURCE_NONE] = NULL,   [TQ_SOURCE_RETRY_AFTER] = "retry-after", [TQ_SOURCE_HEADER] = "header",
        [TQ_SOURCE_BODY] = "body", [TQ_SOURCE_CALENDAR] = "calendar",       [TQ_SOURCE_CALLER] = "caller",
    };

    return source < sizeof names / sizeof names[0] ? names[source] : NULL;
}

/* What the vendor said; null when it said nothing. After the end of the window the share is not known. */
static json_t *said_json(const struct tq_limit_state *state, int64_t at_ns)
{
    const struct tq_profile *profile = state->said_profile ? tq_profile_of(state->said_profile) : NULL;

    if (state->said_at_ns == 0)
        return json_null();
    /* clang-format off */
    return json_pack("{s:o, s:o, s:o, s:o, s:s?, s:s?, s:o, s:b, s:b, s:b, s:b, s:b, s:o}",
                     "share_ppm", number_json(limit_has_reading(state) ? (int64_t)state->said_ppm : -1),
                     "reset_at", some_instant_json(state->said_reset_at_ns),
                     "said_at", instant_json(state->said_at_ns),
                     "age_s", number_json((at_ns - state->said_at_ns) / TQ__SECOND_NS),
                     "source", source_name(state->said_source),
                     "profile", profile ? tq_profile_name(profile) : NULL,
                     "since", number_json(state->said_since),
                     "credit", (state->said & TQ_SAID_CREDIT) != 0,
                     "blocks", (state->said & TQ_SAID_BLOCKS) != 0,
                     "stops", (state->said & TQ_SAID_STOPS) != 0,
                     "overruled", (state->said & TQ_SAID_OVERRULED) != 0,
                     "doubted", (state->said & TQ_SAID_DOUBTED) != 0,
                     "runs_out_at", some_instant_json(state->said_out_at_ns));
    /* clang-format on */
}

/* Members that not every limit has are null where they mean nothing. */
json_t *limit_json(const struct tq_limit *limit)
{
    bool reserve = limit->known & TQ_LIMIT_RESERVE && limit->reserve_share == 0;
    char sentence[LIMIT_BYTES];

    limit_sentence(limit, sentence);
    /* clang-format off */
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s?, s:o, s:o, s:o}",
                     "limit", sentence,
                     "unit", tq_unit_name(limit->unit),
                     "window", tq_window_name(limit->window),
                     "first", some_json(limit->first),
                     "length_ns", some_json(limit->length_ns),
                     "anchor_at", some_instant_json(limit->anchor_at_ns),
                     "zone", limit->zone[0] ? limit->zone : NULL,
                     "amount", some_json(limit->amount),
                     "reserve", reserve ? number_json(limit->reserve) : json_null(),
                     "reserve_share", some_json(limit->reserve_share));
    /* clang-format on */
}

json_t *limit_state_json(const struct tq_limit_state *state, int64_t at_ns)
{
    const struct tq_limit *limit = &state->limit;
    bool cost = limit->unit == TQ_UNIT_COST;
    json_t *object = json_join(json_pack("{s:i}", "number", (int)state->number), limit_json(limit));

    object = json_join(object, lasts_json(limit_lasts(state)));
    /* clang-format off */
    return json_join(object,
                     json_pack("{s:s, s:b, s:b, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
                               "state", tq_state_name(state->state),
                               "predicted", limit_is_predicted(state),
                               "spent", limit_is_spent(state),
                               "is_held", state->is_held != 0,
                               "is_shared", state->is_shared != 0,
                               "strict", state->strict != 0,
                               "held", some_json(state->held),
                               "flying", some_json(state->flying),
                               "others", state->heard_at_ns ? number_json(state->others) : json_null(),
                               "withheld", some_json(state->withheld),
                               "heard_at", some_instant_json(state->heard_at_ns),
                               "used", number_json(state->used),
                               "share_ppm", number_json(limit_share(state)),
                               "start_at", some_instant_json(state->start_at_ns),
                               "end_at", some_instant_json(state->end_at_ns),
                               "until", some_instant_json(state->until_ns),
                               "uncosted", cost ? number_json(state->uncosted) : json_null(),
                               "taken", state->taken != 0,
                               "said", said_json(state, at_ns)));
    /* clang-format on */
}

json_t *limits_json(const struct limits *limits)
{
    json_t *array = json_array();

    for (size_t i = 0; i < limits->count; i++)
        json_array_append_new(array, limit_state_json(&limits->items[i], limits->at_ns));
    return array;
}

json_t *provider_limits_json(const char *name, const struct limits *limits)
{
    return json_pack("{s:s, s:o}", "provider", name, "limits", limits_json(limits));
}

void limit_refused(const struct tq_limit *limit, const char *name, int code, const struct tq_error *error,
                   char out[LIMIT_REFUSED_BYTES])
{
    bool of_zone = (code == TQ_ESYS || code == TQ_ENOTSUP) && limit->zone[0];
    bool of_system = error->sys > 0 && error->sys != ENOENT;

    snprintf(out, LIMIT_REFUSED_BYTES, "\"%s\": %s%s%s", of_zone ? limit->zone : name,
             error->msg[0] ? error->msg : tq_strerror(code), of_system ? ": " : "",
             of_system ? strerror(error->sys) : "");
}
