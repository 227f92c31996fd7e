/* limits.c: the limits in the schema openusage.limits.v1, which widgets of others read.
 *
 * SPDX-License-Identifier: MIT
 *
 * The schema is that of OpenUsage (docs/local-http-api.md of robinebers/openusage): providers by name, their
 * resources by a stable key, numbers with a unit, and what is not known is left out. Its `session` is a
 * window of 5 hours. A provider is as old as the oldest word of its vendor that it shows; what was counted
 * here is of now.
 */
#include <stdio.h>
#include <string.h>

#include "asked.h"
#include "base/text.h"
#include "base/time.h"
#include "routes.h"
#include "view/json.h"
#include "view/standings.h"

#define SCHEMA_NAME "openusage.limits.v1"
#define FRESH_NS (5 * TQ__MINUTE_NS) /* expiresAt is always so long after fetchedAt */
#define KEY_BYTES 96

/* ---- keys ------------------------------------------------------------------------------------ */

/* "session", "weekly", "window900" */
static void write_window(char out[KEY_BYTES], const struct tq_limit *limit)
{
    static const char *const names[] = {
        [TQ_WINDOW_DAY] = "daily",         [TQ_WINDOW_WEEK] = "weekly", [TQ_WINDOW_MONTH] = "monthly",
        [TQ_WINDOW_QUARTER] = "quarterly", [TQ_WINDOW_YEAR] = "yearly", [TQ_WINDOW_ONCE] = "once",
    };
    static const struct {
        int64_t length_ns;
        const char *name;
    } lengths[] = {
        {5 * TQ__HOUR_NS, "session"},
        {TQ__DAY_NS, "daily"},
        {TQ__WEEK_NS, "weekly"},
        {30 * TQ__DAY_NS, "monthly"},
    };
    const char *name = limit->window < sizeof names / sizeof names[0] ? names[limit->window] : NULL;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (!name && limit->length_ns == lengths[i].length_ns)
            name = lengths[i].name;
    if (name)
        snprintf(out, KEY_BYTES, "%s", name);
    else
        snprintf(out, KEY_BYTES, "window%lld", (long long)(limit->length_ns / TQ__SECOND_NS));
}

/* The vendor's name of a window as a key: "sonnet" of "claude-sonnet-4", else "gpt_5 mini" is gpt5Mini. */
static void write_name(char out[KEY_BYTES], const char *name)
{
    static const char *const known[] = {"sonnet", "opus", "fable", "spark"};
    bool upper = false;
    size_t len = 0;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strstr(name, known[i])) {
            snprintf(out, KEY_BYTES, "%s", known[i]);
            return;
        }
    }
    for (; *name && len + 1 < KEY_BYTES; name++) {
        bool plain = tq__is_letter(*name) || tq__is_digit(*name);

        if (plain)
            out[len++] = upper && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
        upper = !plain && len > 0;
    }
    out[len] = '\0';
}

static void append_upper(char out[KEY_BYTES], const char *word)
{
    size_t len = strlen(out);

    snprintf(out + len, KEY_BYTES - len, "%s", word);
    if (len > 0 && out[len] >= 'a' && out[len] <= 'z')
        out[len] = (char)(out[len] - 'a' + 'A');
}

/* Is there a shorter window of the same name, as the 5 hours and the week of one model? */
static bool has_shorter(const struct limits *limits, const struct tq_limit *limit)
{
    for (size_t i = 0; i < limits->count; i++) {
        const struct tq_limit *other = &limits->items[i].limit;

        if (limit_is_stated(other) && strcmp(other->zone, limit->zone) == 0 &&
            other->length_ns < limit->length_ns)
            return true;
    }
    return false;
}

/* A key that does not depend on what else there is, but for the number behind the second of two that are
 * alike. */
static void write_key(char out[KEY_BYTES], const struct limits *limits, const struct tq_limit_state *state,
                      const json_t *resources)
{
    static const char *const units[] = {
        [TQ_UNIT_INPUT] = "input",       [TQ_UNIT_OUTPUT] = "output", [TQ_UNIT_TOTAL] = "total",
        [TQ_UNIT_REQUESTS] = "requests", [TQ_UNIT_COST] = "cost",     [TQ_UNIT_WEIGHTED] = "weighted",
    };
    const struct tq_limit *limit = &state->limit;
    const char *unit = limit->unit < sizeof units / sizeof units[0] ? units[limit->unit] : NULL;
    char window[KEY_BYTES];

    out[0] = '\0';
    write_window(window, limit);
    if (limit_is_stated(limit))
        write_name(out, limit->zone);
    if (!*out || has_shorter(limits, limit))
        append_upper(out, window);
    if (unit)
        append_upper(out, unit);
    if (json_object_get(resources, out))
        snprintf(out + strlen(out), KEY_BYTES - strlen(out), "%u", (unsigned)state->number);
}

/* ---- resources ------------------------------------------------------------------------------- */

/* "2026-07-13T01:40:00.000Z": always three digits behind the second. */
static json_t *time_json(int64_t at_ns)
{
    int64_t second = tq__floor_divide(at_ns, TQ__SECOND_NS);
    char text[TQ__TIME_BYTES + 8];
    size_t len = tq__time_write(text, second * TQ__SECOND_NS);

    snprintf(text + len - 1, sizeof text - len + 1, ".%03dZ",
             (int)((at_ns - second * TQ__SECOND_NS) / 1000000));
    return json_string(text);
}

static json_t *some_time_json(int64_t at_ns)
{
    return at_ns > 0 && at_ns < TQ_NOW_END_NS ? time_json(at_ns) : json_null();
}

/* n / scale, as a whole number where it is one. */
static json_t *scaled_json(int64_t n, int64_t scale)
{
    return n % scale == 0 ? json_integer(n / scale) : json_real((double)n / (double)scale);
}

struct resource {
    const char *unit;
    int64_t scale;       /* so many of what follows are one of the unit */
    int64_t used, limit; /* limit 0: there is none */
    int64_t reset_at_ns; /* 0: not known */
    int64_t window_ns;   /* 0: not known */
    bool estimated;      /* a part was not counted */
};

static json_t *resource_json(const struct resource *resource)
{
    int64_t limit = resource->limit, left = resource->used < limit ? limit - resource->used : 0;

    /* clang-format off */
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "kind", "consumption",
                     "unit", resource->unit,
                     "used", scaled_json(resource->used, resource->scale),
                     "limit", limit > 0 ? scaled_json(limit, resource->scale) : json_null(),
                     "remaining", limit > 0 ? scaled_json(left, resource->scale) : json_null(),
                     "utilization",
                     limit > 0 ? json_real((double)resource->used / (double)limit) : json_null(),
                     "resetsAt", some_time_json(resource->reset_at_ns),
                     "windowSeconds",
                     resource->window_ns > 0 ? scaled_json(resource->window_ns, TQ__SECOND_NS) : json_null(),
                     "estimated", resource->estimated ? json_true() : json_null());
    /* clang-format on */
}

/* False: its present value is not known. */
static bool read_limit(const struct tq_limit_state *state, struct resource *resource)
{
    const struct tq_limit *limit = &state->limit;
    bool cost = limit->unit == TQ_UNIT_COST, turns = state->end_at_ns > state->start_at_ns;

    if (limit_is_stated(limit)) {
        *resource = (struct resource){.unit = "percent",
                                      .scale = 10000,
                                      .used = state->said_ppm,
                                      .limit = 1000000,
                                      .reset_at_ns = state->said_reset_at_ns,
                                      .window_ns = limit->length_ns};
        return limit_has_reading(state) && state->said & TQ_SAID_SHARE;
    }
    *resource = (struct resource){
        .unit = cost                              ? "usd"
                : limit->unit == TQ_UNIT_REQUESTS ? "requests"
                                                  : "tokens",
        .scale = cost ? 1000000 : 1,
        .used = state->used,
        .limit = limit->amount,
        .reset_at_ns = limit->window == TQ_WINDOW_ROLLING ? 0 : state->end_at_ns,
        .window_ns = limit->length_ns > 0 ? limit->length_ns
                     : turns              ? state->end_at_ns - state->start_at_ns
                                          : 0,
        .estimated = state->taken || state->uncosted > 0,
    };
    return true;
}

/* All resources of a provider. *said_at_ns becomes the oldest word of the vendor that is among them. */
static json_t *resources_json(const struct standing *standing, int64_t at_ns, int64_t *said_at_ns)
{
    json_t *resources = json_object();
    struct resource resource;
    char key[KEY_BYTES];

    for (size_t i = 0; i < standing->limits.count; i++) {
        const struct tq_limit_state *state = &standing->limits.items[i];

        if (!read_limit(state, &resource))
            continue;
        if (limit_is_stated(&state->limit) && state->said_at_ns < *said_at_ns)
            *said_at_ns = state->said_at_ns;
        write_key(key, &standing->limits, state, resources);
        json_object_set_new(resources, key, resource_json(&resource));
    }
    if (standing->provider->budget > 0) {
        resource = (struct resource){.unit = "tokens",
                                     .scale = 1,
                                     .used = standing->verdict.used,
                                     .limit = standing->provider->budget,
                                     .reset_at_ns = tq__day_end(at_ns),
                                     .window_ns = TQ__DAY_NS};
        json_object_set_new(resources, "budget", resource_json(&resource));
    }
    return resources;
}

/* ---- the document ---------------------------------------------------------------------------- */

/* A provider without a resource is left out. */
static void add_provider(json_t *providers, const struct standing *standing, int64_t at_ns)
{
    int64_t fetched_at_ns = at_ns;
    json_t *resources = resources_json(standing, at_ns, &fetched_at_ns);
    int64_t expires_at_ns = fetched_at_ns + FRESH_NS;

    if (json_object_size(resources) == 0) {
        json_decref(resources);
        return;
    }
    /* clang-format off */
    json_object_set_new(providers, standing->provider->name,
                        json_pack("{s:s, s:o, s:o, s:b, s:o}",
                                  "displayName", standing->provider->name,
                                  "fetchedAt", time_json(fetched_at_ns),
                                  "expiresAt", time_json(expires_at_ns),
                                  "stale", at_ns >= expires_at_ns,
                                  "resources", resources));
    /* clang-format on */
}

static json_t *envelope(const struct ledger_standings *all)
{
    json_t *providers = json_object();

    for (size_t i = 0; i < all->standings.count; i++)
        add_provider(providers, &all->standings.items[i], all->at_ns);
    return json_known(json_pack("{s:s, s:o, s:o, s:[]}", "schema", SCHEMA_NAME, "generatedAt",
                                time_json(all->at_ns), "providers", providers, "errors"));
}

/* Adds the provider of this name, and those whose pool has it. 0, or the library's code. */
static int add_named(struct ledger_standings *all, const char *name)
{
    struct tq_provider *provider, *pool;
    uint64_t cursor = 0;
    int answer = 0;

    while (all->count < ANSWERED_MOST && (answer = tq_ledger_walk(all->ledger, &cursor, &provider)) == 0) {
        bool is_it = strcmp(tq_provider_name(provider), name) == 0;

        if (!is_it && tq_provider_pool(provider, &pool) == 0)
            is_it = pool && strcmp(tq_provider_name(pool), name) == 0;
        if (is_it && (answer = ledger_standings_add(all, provider)) < 0)
            break;
    }
    return answer < 0 ? answer : 0;
}

/* Is the name known? As the functions of asked.h, but with the schema's own error. */
static int check_name(const struct server *server, struct http_answer *answer, const char *name)
{
    struct tq_provider *provider;
    int found = tq_ledger_provider(server->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider);

    if (found <= 0 && found != TQ_ENAME && found != TQ_EINVAL)
        return found;
    return http_json(answer, 404, json_pack("{s:s}", "error", "provider_not_found")) < 0 ? TQ_ENOMEM : 1;
}

static int limits_answer(struct server *server, const struct http_request *request,
                         struct http_answer *answer, const char *name)
{
    struct ledger_standings all = {.ledger = server->ledger, .now = "It is", .most = ANSWERED_MOST};
    int result = asked_at(request, answer, &all.at_ns, NULL);

    if (result == 0 && name)
        result = check_name(server, answer, name);
    if (result == 0 && name)
        result = add_named(&all, name);
    if (result == 0)
        result = ledger_standings_make(&all);
    if (result == 0)
        result = http_json(answer, 200, envelope(&all));
    ledger_standings_free(&all);
    return asked_end(result);
}

int limits_all(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    return limits_answer(server, request, answer, NULL);
}

int limits_one(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    return limits_answer(server, request, answer, request->rest);
}
