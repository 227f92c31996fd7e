/* routing.c: which of some named providers may be asked, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "routing.h"

#include <stdlib.h>
#include <string.h>

#include "holds.h"
#include "json.h"
#include "verdict.h"

int policy_parse(const char *text, uint32_t *policy)
{
    for (*policy = TQ_POLICY_ORDER; *policy <= TQ_POLICY_STICKY_PRESSURE; ++*policy)
        if (strcmp(text, tq_policy_name(*policy)) == 0)
            return 0;
    return -1;
}

static bool is_last(const struct routing *routing, size_t i)
{
    return routing->last && strcmp(routing->names[i], routing->last) == 0;
}

enum routing_last routing_check_last(const struct routing *routing)
{
    if (!routing->last)
        return ROUTING_LAST_FITS;
    if (routing->policy != TQ_POLICY_STICKY && routing->policy != TQ_POLICY_STICKY_PRESSURE)
        return ROUTING_LAST_UNUSED;
    for (size_t i = 0; i < routing->count && *routing->last; i++)
        if (is_last(routing, i))
            return ROUTING_LAST_FITS;
    return *routing->last ? ROUTING_LAST_FOREIGN
                          : ROUTING_LAST_FITS; /* empty: a loop has no last choice yet */
}

/* What look_up has found. */
struct found {
    size_t count;   /* of those that the ledger knows */
    size_t unknown; /* the place of the last choice when it is unknown, else that of the first unknown one */
    bool any_unknown, last_unknown;
};

static void take_unknown(const struct routing *routing, size_t i, struct found *found)
{
    bool last = is_last(routing, i);

    if (!found->any_unknown || (last && !found->last_unknown))
        found->unknown = i;
    found->any_unknown = true;
    found->last_unknown = found->last_unknown || last;
}

/* Makes room for the providers, once. The library would ignore an empty name, and call it available. */
static int prepare(struct routing *routing)
{
    for (size_t i = 0; i < routing->count; i++) {
        routing->chosen = routing->names[i];
        if (!*routing->names[i])
            return TQ_ENAME;
    }
    routing->chosen = NULL;
    if (!routing->providers)
        routing->providers = calloc(routing->count + 1, sizeof(struct tq_provider *));
    if (!routing->places)
        routing->places = calloc(routing->count + 1, sizeof *routing->places);
    return routing->providers && routing->places ? 0 : TQ_ENOMEM;
}

/* Finds the providers that the ledger knows, by order up to the first that it does not. 0, or the library's
 * code. */
static int look_up(struct routing *routing, struct tq_ledger *ledger, struct tq_route *route,
                   struct found *found)
{
    *found = (struct found){0};
    for (size_t i = 0; i < routing->count; i++) {
        const char *name = routing->meant ? routing->meant(routing->names[i]) : routing->names[i];
        int answer = ledger ? tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING,
                                                 &routing->providers[found->count])
                            : 1;

        if (answer < 0) {
            routing->chosen = name;
            return answer;
        }
        if (answer == 1) {
            take_unknown(routing, i, found);
            if (routing->policy == TQ_POLICY_ORDER)
                break;
            continue;
        }
        routing->places[found->count++] = i;
        if (is_last(routing, i))
            route->last = (uint32_t)found->count;
    }
    return 0;
}

/* Asks the library about the known names. 0: routing->chosen may be asked; 1: none may; or its code. */
static int ask(struct routing *routing, struct tq_ledger *ledger, const struct found *found, int64_t at_ns,
               struct tq_route *route)
{
    uint32_t flags =
        (routing->use_reserve ? TQ_USE_RESERVE : 0) | (routing->no_probe ? TQ_ROUTE_NO_PROBE : 0);
    bool stays = routing->policy == TQ_POLICY_STICKY && found->last_unknown;
    int answer = 1;

    if (found->count > 0 && !stays)
        answer = tq_ledger_route(ledger, routing->providers, found->count, at_ns, flags, route);
    if (answer == 1 && found->any_unknown) { /* which is available */
        *route = (struct tq_route){.chosen = found->count, .room = routing->need > 0 ? INT64_MAX : 0};
        routing->chosen = routing->names[found->unknown];
        return 0;
    }
    if (answer >= 0)
        routing->chosen = routing->names[routing->places[route->chosen]];
    return answer;
}

int routing_choose(struct routing *routing, struct tq_ledger *ledger, int64_t at_ns)
{
    struct tq_route route = {.size = sizeof route, .policy = routing->policy, .need = routing->need};
    struct found found;
    int answer = prepare(routing), state;

    if (answer == 0)
        answer = look_up(routing, ledger, &route, &found);
    if (answer == 0)
        answer = ask(routing, ledger, &found, at_ns, &route);
    if (answer < 0)
        return answer;
    routing->available = answer == 0;
    routing->known = route.chosen < found.count;
    routing->provider = routing->known ? routing->providers[route.chosen] : NULL;
    routing->probe = answer == 0 && route.probe;
    routing->retry_at_ns = route.retry_at_ns;
    routing->room = route.room;
    routing->verdict = (struct tq_verdict){.size = sizeof routing->verdict};
    if (!routing->known)
        return answer;
    state =
        verdict_read(routing->provider, at_ns, routing->use_reserve ? TQ_USE_RESERVE : 0, &routing->verdict);
    return state < 0 ? state : answer;
}

void routing_free(struct routing *routing)
{
    free(routing->providers);
    free(routing->places);
    routing->providers = NULL;
    routing->places = NULL;
}

json_t *routing_json(const struct routing *routing)
{
    bool bounded = routing->need > 0 && routing->room != INT64_MAX;
    json_t *object =
        json_join(json_pack("{s:s, s:b, s:s, s:o, s:o}", "provider", routing->chosen, "probe", routing->probe,
                            "policy", tq_policy_name(routing->policy), "need", some_json(routing->need),
                            "room", bounded ? number_json(routing->room) : json_null()),
                  verdict_json(&routing->verdict));

    if (object && routing->hold)
        json_object_set_new(object, "hold", routing->taken.levels ? hold_json(&routing->taken) : json_null());
    if (object && !routing->available)
        json_object_set_new(object, "retry_at", some_instant_json(routing->retry_at_ns));
    return object;
}
