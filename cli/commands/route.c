/* route.c: `tokenquota route` names a provider that is available: the first one, or the one of a policy.
 *
 * SPDX-License-Identifier: MIT
 *
 * An error never reads "available": nothing is printed on stdout then, and the exit status is 2. A provider
 * that the ledger does not know has used nothing and is available: by order, what is named behind it is not
 * asked; under another policy it comes behind those that the ledger knows, because nothing of it can lapse.
 * That is also so without a ledger, which is said on stderr: the path may be wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"

struct routing {
    struct request asked;
    int64_t timeout_ns; /* 0: not given */
    bool wait;
    bool no_probe;
    bool use_reserve;
    uint32_t policy;
    const char *last;               /* the caller's last choice; NULL or empty: none */
    int64_t need;                   /* tokens; 0: not given */
    int64_t give_up_ns;             /* of the clock; INT64_MAX: never */
    struct tq_provider **providers; /* those that the ledger knows; room for as many as there are names */
    size_t *places;                 /* of each of them among the names */
    const char *chosen;
    struct tq_verdict verdict; /* of the chosen one; zeroed when the ledger does not know it */
    int64_t retry_at_ns;       /* when none is available */
    int64_t
        room; /* tokens that the chosen one has left, when a need was given; INT64_MAX: nothing bounds them */
    bool available;
    bool probe; /* it is out, and this caller's to ask */
};

#define TO(field) offsetof(struct routing, field)

static const struct option options[] = {
    FLAG_ROW('w', "wait", TO(wait), "if all are out, wait until one is available"),
    {'t', "timeout", "LENGTH", "wait at most this long: 90s, 15m, 1h", option_length, TO(timeout_ns), NULL},
    POLICY_ROW("which of the available: order (default), sticky, pressure, sticky-pressure", TO(policy)),
    {0, "last", "PROVIDER", "your last choice, for the sticky policies; may be empty", option_text, TO(last),
     "@provider"},
    {0, "need", "TOKENS", "pass by those that have less room than this: 20000, 20k", option_tokens, TO(need),
     NULL},
    FLAG_ROW(0, "no-probe", TO(no_probe),
             "never take a probe (a test request to a provider that its vendor refused)"),
    FLAG_ROW(0, "use-reserve", TO(use_reserve), "count the reserve of limits as left"),
    AT_AS("use this time instead of now, and take no probe"),
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static bool is_last(const struct routing *routing, size_t i)
{
    return routing->last && strcmp(routing->asked.operands[i], routing->last) == 0;
}

/* What look_up has found. */
struct names {
    size_t count;   /* of those that the ledger knows */
    size_t unknown; /* the place of the last choice when it is unknown, else that of the first unknown one */
    bool any_unknown, last_unknown;
};

static void take_unknown(const struct routing *routing, size_t i, struct names *names)
{
    bool last = is_last(routing, i);

    if (!names->any_unknown || (last && !names->last_unknown))
        names->unknown = i;
    names->any_unknown = true;
    names->last_unknown = names->last_unknown || last;
}

/* Finds the providers that the ledger knows, by order up to the first that it does not. 0, or what the work
 * answers. */
static int look_up(struct session *session, const struct routing *routing, struct tq_route *route,
                   struct names *names)
{
    *names = (struct names){0};
    for (size_t i = 0; i < routing->asked.count; i++) {
        const char *name = routing->asked.operands[i];
        int answer = session->ledger
                         ? tq_ledger_provider(session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING,
                                              &routing->providers[names->count])
                         : 1;

        if (answer < 0)
            return session_fail(name, answer);
        if (answer == 1) {
            take_unknown(routing, i, names);
            if (routing->policy == TQ_POLICY_ORDER)
                break;
            continue;
        }
        routing->places[names->count++] = i;
        if (is_last(routing, i))
            route->last = (uint32_t)names->count;
    }
    return 0;
}

/* Asks the library about the known names. 0: routing->chosen may be asked; 1: none may; or its code. */
static int ask(struct session *session, struct routing *routing, const struct names *names, int64_t now_ns,
               struct tq_route *route)
{
    bool at_given = routing->asked.at.given; /* a question about another time changes nothing */
    uint32_t flags =
        (routing->use_reserve ? TQ_USE_RESERVE : 0) | (routing->no_probe || at_given ? TQ_ROUTE_NO_PROBE : 0);
    bool stays = routing->policy == TQ_POLICY_STICKY && names->last_unknown;
    int answer = 1;

    if (names->count > 0 && !stays)
        answer = tq_ledger_route(session->ledger, routing->providers, names->count, now_ns, flags, route);
    if (answer == 1 && names->any_unknown) { /* which is available */
        *route = (struct tq_route){.chosen = names->count, .room = routing->need > 0 ? INT64_MAX : 0};
        routing->chosen = routing->asked.operands[names->unknown];
        return 0;
    }
    if (answer >= 0)
        routing->chosen = routing->asked.operands[routing->places[route->chosen]];
    return answer;
}

/* The one that the policy chooses, else the first that may be asked later. */
static int choose(struct session *session, struct routing *routing)
{
    struct tq_route route = {.size = sizeof(route), .policy = routing->policy, .need = routing->need};
    int64_t now_ns = instant_now(routing->asked.at);
    struct names names;
    int answer = look_up(session, routing, &route, &names);

    if (answer != 0)
        return answer;
    answer = ask(session, routing, &names, now_ns, &route);
    routing->available = answer == 0;
    routing->probe = answer == 0 && route.probe;
    routing->retry_at_ns = route.retry_at_ns;
    routing->room = route.room;
    routing->verdict = (struct tq_verdict){.size = sizeof(routing->verdict)};
    if (answer >= 0 && route.chosen < names.count)
        answer = verdict_read(routing->providers[route.chosen], now_ns,
                              routing->use_reserve ? TQ_USE_RESERVE : 0, &routing->verdict);
    if (answer < 0)
        return session_fail(session->path, answer);
    return routing->available ? CLI_YES : CLI_NO;
}

/* A name that was never counted is chosen because it is new, or because it is misspelt. */
static void note_unknown(struct session *session, const struct routing *routing)
{
    const char *name = routing->chosen;
    struct tq_provider *provider;

    if (!session->ledger)
        report("note: there is no ledger at %s yet, so \"%s\" is available", session->path, name);
    else if (tq_ledger_provider(session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider) == 1)
        session_note_new(session, name, routing->asked.operands);
}

static void say_json(const struct routing *routing)
{
    bool bounded = routing->need > 0 && routing->room != INT64_MAX;
    json_t *document =
        json_join(json_pack("{s:s, s:b, s:s, s:o, s:o}", "provider", routing->chosen, "probe", routing->probe,
                            "policy", tq_policy_name(routing->policy), "need", some_json(routing->need),
                            "room", bounded ? number_json(routing->room) : json_null()),
                  verdict_json(&routing->verdict));

    if (document && !routing->available)
        json_object_set_new(document, "retry_at", some_instant_json(routing->retry_at_ns));
    json_print(document, false);
}

/* Why it may not be asked: the reason of its verdict, or that it has too little room. */
static struct text reason_of(const struct routing *routing)
{
    struct text text = verdict_reason(&routing->verdict);

    if (!*text.s && routing->room < routing->need)
        snprintf(text.s, sizeof text.s, "room for %.26s of %.26s tokens", format_exact(routing->room).s,
                 format_exact(routing->need).s);
    return text;
}

static void say(struct session *session, const struct routing *routing)
{
    struct text reason = reason_of(routing);

    if (routing->available)
        note_unknown(session, routing);
    if (routing->probe)
        report("\"%s\" is out; this is its probe: say how it went with `tokenquota probe success` or failure",
               routing->chosen);
    if (routing->asked.json)
        say_json(routing);
    else if (routing->available)
        puts(routing->chosen);
    else /* a name has no tab in it */
        printf("%s\t%s%s%s\n", routing->chosen,
               routing->retry_at_ns < TQ_NOW_END_NS ? format_rfc3339(routing->retry_at_ns).s : "unknown",
               *reason.s ? "\t" : "", reason.s);
}

/* 0 when it is worth looking again, CLI_NO when the time is over. */
static int wait_for_change(struct session *session, const struct routing *routing, uint32_t *seen)
{
    int64_t left_ns = routing->give_up_ns - tq_now_ns();
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
    struct routing *routing = request;
    uint32_t seen = 0;
    int answer = choose(session, routing);

    while (answer == CLI_NO && routing->wait) {
        int waited = wait_for_change(session, routing, &seen);

        if (waited == CLI_NO)
            break;
        if (waited != 0)
            return CLI_ERROR;
        answer = choose(session, routing);
    }
    if (answer == CLI_YES || answer == CLI_NO)
        say(session, routing);
    return answer;
}

/* Is --last one of the names, and does the policy look at it? Empty: a loop has no last choice yet. */
static int check_last(const struct routing *routing)
{
    if (!routing->last)
        return 0;
    if (routing->policy != TQ_POLICY_STICKY && routing->policy != TQ_POLICY_STICKY_PRESSURE) {
        report("--last goes with --policy sticky or sticky-pressure");
        return -1;
    }
    for (size_t i = 0; i < routing->asked.count && *routing->last; i++)
        if (is_last(routing, i))
            return 0;
    if (!*routing->last)
        return 0;
    report("--last \"%s\" is none of the PROVIDERs", routing->last);
    return -1;
}

static int run(void *request)
{
    struct routing *routing = request;

    for (char **name = routing->asked.operands; *name; name++)
        if (!**name) /* which the library would ignore, and call available */
            return session_fail("", TQ_ENAME);
    if (routing->wait && routing->asked.at.given) {
        report("--wait goes with the clock: leave --at out");
        return CLI_ERROR;
    }
    if (routing->timeout_ns && !routing->wait) {
        report("--timeout goes with --wait");
        return CLI_ERROR;
    }
    if (check_last(routing) < 0)
        return CLI_ERROR;
    if (!routing->timeout_ns ||
        __builtin_add_overflow(tq_now_ns(), routing->timeout_ns, &routing->give_up_ns))
        routing->give_up_ns = INT64_MAX;
    routing->providers = must_have(calloc(routing->asked.count, sizeof *routing->providers));
    routing->places = must_have(calloc(routing->asked.count, sizeof *routing->places));
    return session_work(request, SESSION_LOOK, work);
}

static void release(void *request)
{
    free(((const struct routing *)request)->providers);
    free(((const struct routing *)request)->places);
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
        "Exit status: 0 if one is available, 1 if none is, 2 on an error.\n\n"
        "  provider=$(tokenquota route openai anthropic) || echo \"wait: $provider\"\n"
        "  last=$(tokenquota route claude-1 claude-2 --policy sticky-pressure --last \"$last\")\n",
    .request_bytes = sizeof(struct routing),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes PROVIDERs, the best first, as in: tokenquota route openai anthropic",
    .offers = "@provider...",
    .run = run,
    .release = release,
};
