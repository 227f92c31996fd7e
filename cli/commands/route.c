/* route.c: `tokenquota route` names a provider that is available: the first one, or the one of a policy.
 *
 * SPDX-License-Identifier: MIT
 *
 * An error never reads "available": nothing is printed on stdout then, and the exit status is 2.
 * view/routing.h says why a provider that the ledger does not know is available.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "view/holds.h"
#include "view/json.h"
#include "view/routing.h"

struct route {
    struct request asked;
    struct routing routing;
    struct tq_amounts amounts; /* of --hold */
    int64_t timeout_ns;        /* 0: not given */
    bool wait;
    int64_t give_up_ns; /* of the clock; INT64_MAX: never */
};

#define TO(field) offsetof(struct route, field)

/* A further amount of the hold. */
static int option_hold(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    const char *wrong = amounts_add(to, text);

    (void)now_ns;
    if (!wrong)
        return 0;
    report("--%s \"%s\" %s", option->name, text, wrong);
    return -1;
}

static const struct option options[] = {
    FLAG_ROW('w', "wait", TO(wait), "if all are out, wait until one is available"),
    {'t', "timeout", "LENGTH", "wait at most this long: 90s, 15m, 1h", option_length, TO(timeout_ns), NULL},
    POLICY_ROW("which of the available: order (default), sticky, pressure, sticky-pressure",
               TO(routing.policy)),
    {0, "last", "PROVIDER", "your last choice, for the sticky policies; may be empty", option_text,
     TO(routing.last), "@provider"},
    {0, "need", "TOKENS", "pass by those that have less room than this: 20000, 20k", option_tokens,
     TO(routing.need), NULL},
    {0, "hold", "AMOUNT", "hold this much of it for your call: 20k, '$0.40'; may be repeated", option_hold,
     TO(amounts), NULL},
    {'f', "for", "LENGTH", "the lease of that hold (10m)", option_lease, TO(routing.lease_ns), NULL},
    FLAG_ROW(0, "no-probe", TO(routing.no_probe),
             "never take a probe (a test request to a provider that its vendor refused)"),
    FLAG_ROW(0, "use-reserve", TO(routing.use_reserve), "count the reserve of limits as left"),
    AT_AS("use this time instead of now, and take no probe"),
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* The one that the policy chooses, else the first that may be asked later. */
static int choose(struct session *session, struct route *route)
{
    struct routing *routing = &route->routing;
    int64_t now_ns = instant_now(route->asked.at);
    int answer = routing->hold ? routing_take(routing, session->ledger, now_ns)
                               : routing_choose(routing, session->ledger, now_ns);

    if (answer == TQ_ENOMEM)
        no_memory();
    if (answer < 0)
        return session_fail(routing->chosen ? routing->chosen : session->path, answer);
    return routing->available ? CLI_YES : CLI_NO;
}

/* A name that was never counted is chosen because it is new, or because it is misspelt. */
static void note_unknown(struct session *session, const struct route *route)
{
    const char *name = route->routing.chosen;

    if (!session->ledger)
        report("note: there is no ledger at %s yet, so \"%s\" is available", session->path, name);
    else if (!route->routing.known)
        session_note_new(session, name, route->asked.operands);
}

/* Why it may not be asked: the reason of its verdict, or that it has too little room. */
static struct text reason_of(const struct routing *routing)
{
    struct text text = verdict_reason(&routing->verdict);

    if (!*text.s && routing->room < routing->need)
        snprintf(text.s, sizeof text.s, "room for %.26s of %.26s tokens", format_exact(routing->room).s,
                 format_exact(routing->need).s);
    else if (!*text.s && routing->hold)
        snprintf(text.s, sizeof text.s, "no room for the hold");
    return text;
}

static void say(struct session *session, const struct route *route)
{
    const struct routing *routing = &route->routing;
    struct text reason = reason_of(routing);
    char id[TQ_HOLD_ID_MAX] = "";

    if (routing->taken.levels > 0)
        hold_id(&routing->taken, id);
    if (routing->available)
        note_unknown(session, route);
    if (routing->probe)
        report("\"%s\" is out; this is its probe: say how it went with `tokenquota probe success` or failure",
               routing->chosen);
    if (route->asked.json)
        json_print(routing_json(routing), false);
    else if (routing->available && routing->hold)
        printf("%s\t%s\n", routing->chosen, id);
    else if (routing->available)
        puts(routing->chosen);
    else /* a name has no tab in it */
        printf("%s\t%s%s%s\n", routing->chosen,
               routing->retry_at_ns < TQ_NOW_END_NS ? format_rfc3339(routing->retry_at_ns).s : "unknown",
               *reason.s ? "\t" : "", reason.s);
}

/* 0 when it is worth looking again, CLI_NO when the time is over. */
static int wait_for_change(struct session *session, const struct route *route, uint32_t *seen)
{
    int64_t left_ns = route->give_up_ns - tq_now_ns();
    int answer;

    if (left_ns <= 0)
        return CLI_NO;
    answer = tq_ledger_wait(session->ledger, seen, left_ns < LOOK_NS ? left_ns : LOOK_NS);
    if (answer == TQ_EGONE)
        return session_reopen(session, SESSION_LOOK);
    return answer < 0 ? session_fail(session->path, answer) : 0;
}

static int work(struct session *session, void *request)
{
    struct route *route = request;
    uint32_t seen = 0;
    int answer = choose(session, route);

    while (answer == CLI_NO && route->wait) {
        int waited = wait_for_change(session, route, &seen);

        if (waited == CLI_NO)
            break;
        if (waited != 0)
            return CLI_ERROR;
        answer = choose(session, route);
    }
    if (answer == CLI_YES || answer == CLI_NO)
        say(session, route);
    return answer;
}

static int check_last(const struct routing *routing)
{
    switch (routing_check_last(routing)) {
    case ROUTING_LAST_UNUSED:
        report("--last goes with --policy sticky or sticky-pressure");
        return -1;
    case ROUTING_LAST_FOREIGN:
        report("--last \"%s\" is none of the PROVIDERs", routing->last);
        return -1;
    default:
        return 0;
    }
}

static int run(void *request)
{
    struct route *route = request;
    struct routing *routing = &route->routing;

    routing->names = (const char *const *)route->asked.operands;
    routing->count = route->asked.count;
    routing->meant = session_name;
    for (size_t i = 0; i < routing->count; i++)
        (void)session_name(routing->names[i]);  /* so that the session looks after its run */
    routing->no_probe |= route->asked.at.given; /* a question about another time changes nothing */
    if (route->wait && route->asked.at.given) {
        report("--wait goes with the clock: leave --at out");
        return CLI_ERROR;
    }
    if (route->timeout_ns && !route->wait) {
        report("--timeout goes with --wait");
        return CLI_ERROR;
    }
    if (check_last(routing) < 0)
        return CLI_ERROR;
    if (!route->timeout_ns || __builtin_add_overflow(tq_now_ns(), route->timeout_ns, &route->give_up_ns))
        route->give_up_ns = INT64_MAX;
    if (routing->lease_ns && !route->amounts.known) {
        report("--for goes with --hold");
        return CLI_ERROR;
    }
    if (!route->amounts.known)
        return session_work(request, SESSION_LOOK, work);
    if (route->asked.at.given) {
        report("--hold goes with the clock: leave --at out");
        return CLI_ERROR;
    }
    route->amounts.size = sizeof route->amounts;
    routing->hold = &route->amounts;
    if (!routing->need)
        routing->need = route->amounts.of[TQ_UNIT_TOKENS];
    if (!routing->lease_ns)
        routing->lease_ns = HOLD_LEASE_NS;
    return session_work(request, SESSION_CREATE, work);
}

static void release(void *request)
{
    routing_free(&((struct route *)request)->routing);
}

const struct command cmd_route = {
    .name = "route",
    .operands = "PROVIDER...",
    .summary = "print a provider that is available: the first, or by a policy",
    .options = options,
    .notes =
        "\n"
        "If none is available, prints the one that will be available first, the time, and the reason,\n"
        "separated by tabs. A provider with no recorded usage counts as available, and so does every\n"
        "provider while there is no ledger. A message on stderr says when such a name may be misspelt.\n"
        "A provider that its vendor keeps out is offered to one caller at a time when its probe is due; a\n"
        "message on stderr says so: see `tokenquota probe --help`. The time above is that of the probe if\n"
        "it comes first. On an error, nothing is printed on stdout.\n\n"
        "POLICY chooses among the available. order: the first. sticky: --last while it is available,\n"
        "because a switch loses the prompt cache; else the first. pressure: the one with most left of\n"
        "its longest window for the time until that resets. sticky-pressure: --last, until another\n"
        "has 1.5 times its pressure. Nothing is remembered: say --last when a call was served.\n\n"
        "With --hold, takes a hold as `tokenquota hold take` does, and prints its id behind the name, "
        "separated\n"
        "by a tab. One whose room another caller took meanwhile is passed by. End it with `hold settle`.\n\n"
        "Exit status: 0 if one is available, 1 if none is, 2 on an error.\n\n"
        "  provider=$(tokenquota route openai anthropic) || echo \"wait: $provider\"\n"
        "  last=$(tokenquota route claude-1 claude-2 --policy sticky-pressure --last \"$last\")\n",
    .request_bytes = sizeof(struct route),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes PROVIDERs, the best first, as in: tokenquota route openai anthropic",
    .offers = "@provider...",
    .run = run,
    .release = release,
};
