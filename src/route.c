/* route.c: which provider may be asked now, and which of those that may is chosen.
 *
 * SPDX-License-Identifier: MIT
 */
#include "choice.h"
#include "probe.h"
#include "state.h"

#define ROUTE_SIZE_OLDEST offsetof(struct tq_route, policy)

/* What the caller asks for. */
struct call {
    struct tq_ledger *ledger;
    struct tq_provider *const *providers;
    size_t count;
    int64_t now_ns, need;
    uint32_t flags, policy;
    size_t last; /* count: it has none, or the policy does not look at it */
};

/* What was found. */
struct found {
    size_t chosen;
    int64_t retry_at_ns, room;
    uint32_t probe;
};

/* ---- one provider ---------------------------------------------------------------------------- */

/* Takes the probe of a provider that is out, when it is due. 0: taken, and found->probe is 1. Else
 * *retry_at_ns may be lowered to when it is due. */
TQ__HOT int probe(const struct call *call, struct tq__slot *slot, struct found *found, int64_t *retry_at_ns)
{
    int64_t probe_at_ns;

    if (call->flags & TQ_ROUTE_NO_PROBE ||
        !tq__probe_helps(call->ledger, slot, call->now_ns, (call->flags & TQ_USE_RESERVE) != 0))
        return 1;
    if (tq__probe_take(call->ledger, slot, call->now_ns, &probe_at_ns) == 0) {
        found->probe = 1;
        return 0;
    }
    if (probe_at_ns != 0 && probe_at_ns < *retry_at_ns)
        *retry_at_ns = probe_at_ns;
    return 1;
}

/* Has the provider room for the need? Else *retry_at_ns is raised to when it has. */
static bool has_room(const struct call *call, struct tq__slot *slot, int64_t *room, int64_t *retry_at_ns)
{
    struct tq__call_room own;

    tq__call_room_of(call->ledger, slot, call->need, call->now_ns, (call->flags & TQ_USE_RESERVE) != 0, &own);
    *room = own.tokens;
    if (own.until_ns > *retry_at_ns)
        *retry_at_ns = own.until_ns;
    return own.until_ns == 0;
}

/* 0: it may be asked, with a probe when found->probe is 1. 1: not now, and *retry_at_ns is when, which was
 * when the provider is no longer out; 0: it is not. */
TQ__HOT int weigh(const struct call *call, struct tq__slot *slot, struct found *found, int64_t *room,
                  int64_t *retry_at_ns)
{
    bool is_out = *retry_at_ns > 0;

    *room = 0;
    if (call->need > 0 && !has_room(call, slot, room, retry_at_ns))
        return 1;
    return is_out ? probe(call, slot, found, retry_at_ns) : 0;
}

TQ__HOT int ask(const struct call *call, size_t i, struct found *found, int64_t *room, int64_t *retry_at_ns)
{
    struct tq__slot *slot = tq__provider_slot(call->providers[i]);

    (void)tq__state_at(call->ledger, slot, call->now_ns, (call->flags & TQ_USE_RESERVE) != 0, retry_at_ns);
    return weigh(call, slot, found, room, retry_at_ns);
}

/* Notes a provider that may not be asked now: the first that may be is named when none may. */
TQ__HOT void note_out(struct found *found, size_t i, int64_t room, int64_t retry_at_ns)
{
    if (i > 0 && retry_at_ns >= found->retry_at_ns)
        return;
    found->chosen = i;
    found->room = room;
    found->retry_at_ns = retry_at_ns;
}

static int choose(struct found *found, size_t i, int64_t room)
{
    found->chosen = i;
    found->room = room;
    found->retry_at_ns = 0;
    return 0;
}

/* ---- policies: 0, found->chosen may be asked; 1, none may ------------------------------------ */

TQ__HOT int choose_first(const struct call *call, struct found *found)
{
    int64_t room, retry_at_ns;

    for (size_t i = 0; i < call->count; i++) {
        if (ask(call, i, found, &room, &retry_at_ns) == 0)
            return choose(found, i, room);
        note_out(found, i, room, retry_at_ns);
    }
    return 1;
}

/* Is the last choice available? Its probe is left for those who have no other. */
static bool stays(const struct call *call, struct found *found)
{
    struct call alone = *call;
    int64_t room, retry_at_ns;

    alone.flags |= TQ_ROUTE_NO_PROBE;
    if (call->last == call->count || ask(&alone, call->last, found, &room, &retry_at_ns) != 0)
        return false;
    (void)choose(found, call->last, room);
    return true;
}

/* Providers that may be asked, with their pressures: two of these are the best so far and the one that is
 * looked at, in turns, so that nothing is copied. */
struct candidate {
    struct tq__pressure pressure;
    int64_t room;
    size_t i;
};

/* Looks at a provider as choose_first does, and at its pressure. */
TQ__HOT int look_at(const struct call *call, size_t i, struct found *found, struct candidate *own)
{
    struct tq__slot *slot = tq__provider_slot(call->providers[i]);
    int64_t retry_at_ns = tq__pressure_of(call->ledger, slot, call->now_ns,
                                          (call->flags & TQ_USE_RESERVE) != 0, &own->pressure);

    own->i = i;
    if (retry_at_ns <= call->now_ns)
        retry_at_ns = 0;
    if (weigh(call, slot, found, &own->room, &retry_at_ns) == 0)
        return 0;
    note_out(found, i, own->room, retry_at_ns);
    return 1;
}

static int choose_by_pressure(const struct call *call, struct found *found)
{
    struct candidate of[3], *best = NULL, *own = &of[0], *last = NULL;

    for (size_t i = 0; i < call->count; i++) {
        if (look_at(call, i, found, own) != 0)
            continue;
        if (found->probe)
            return choose(found, i, own->room);
        if (i == call->last) {
            of[2] = *own;
            last = &of[2];
        }
        if (!best || tq__pressure_exceeds(&own->pressure, &best->pressure)) {
            best = own;
            own = own == &of[0] ? &of[1] : &of[0];
        }
    }
    if (!best)
        return 1;
    if (last && !tq__pressure_is_worth(&best->pressure, &last->pressure))
        best = last;
    return choose(found, best->i, best->room);
}

/* ---- route ----------------------------------------------------------------------------------- */

static bool is_right(const struct tq_ledger *ledger, struct tq_provider *const *providers, size_t count,
                     uint32_t flags, const struct tq_route *route)
{
    if (!ledger || !providers || count == 0 || (flags & ~(TQ_ROUTE_NO_PROBE | TQ_USE_RESERVE)) != 0 || !route)
        return false;
    if (route->size < sizeof *route)
        return route->size == ROUTE_SIZE_OLDEST;
    return route->policy <= TQ_POLICY_STICKY_PRESSURE && route->last <= count && route->need >= 0;
}

static bool are_of(const struct tq_ledger *ledger, struct tq_provider *const *providers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!providers[i] || providers[i]->ledger != ledger)
            return false;
    return true;
}

/* What the caller asks for besides what it always did. */
TQ__HOT void take_policy(struct call *call, const struct tq_route *route)
{
    call->policy = TQ_POLICY_ORDER;
    call->need = 0;
    call->last = call->count;
    if (route->size < sizeof *route)
        return;
    call->policy = route->policy;
    call->need = route->need;
    if (route->last > 0 && (route->policy == TQ_POLICY_STICKY || route->policy == TQ_POLICY_STICKY_PRESSURE))
        call->last = route->last - 1;
}

TQ__HOT void tell_route(struct tq_route *route, const struct found *found)
{
    route->probe = found->probe;
    route->chosen = found->chosen;
    route->retry_at_ns = found->retry_at_ns;
    if (route->size >= sizeof *route)
        route->room = found->room;
}

int tq_ledger_route(struct tq_ledger *ledger, struct tq_provider *const *providers, size_t count,
                    int64_t now_ns, uint32_t flags, struct tq_route *route)
{
    struct call call = {
        .ledger = ledger, .providers = providers, .count = count, .now_ns = now_ns, .flags = flags};
    struct found found = {0};
    int answer;

    if (!is_right(ledger, providers, count, flags, route))
        return TQ_EINVAL;
    tell_route(route, &found);
    if (!are_of(ledger, providers, count))
        return TQ_EINVAL;
    answer = tq__ledger_look(ledger, now_ns);
    if (answer < 0)
        return answer;
    /* For reading only nothing can be taken; nor before 1970. */
    if (tq__refuse_writes(ledger) < 0 || tq__refusal_second(now_ns) == 0)
        call.flags |= TQ_ROUTE_NO_PROBE;
    take_policy(&call, route);
    if (call.policy >= TQ_POLICY_PRESSURE)
        answer = choose_by_pressure(&call, &found);
    else
        answer = call.policy == TQ_POLICY_STICKY && stays(&call, &found) ? 0 : choose_first(&call, &found);
    tell_route(route, &found);
    return answer;
}
