/* route.c: `tokenquota route` names the first provider that is available.
 *
 * SPDX-License-Identifier: MIT
 *
 * An error never reads "available": nothing is printed on stdout then, and the exit status is 2. A provider
 * that the ledger does not know has used nothing and is available: what is named behind it is not asked. That
 * is also so without a ledger, which is said on stderr: the path may be wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "cli/session.h"

struct routing {
    const char *ledger;
    struct instant at;
    int64_t timeout_ns; /* 0: not given */
    char **names;
    bool wait;
    bool json;
    bool no_probe;
    int64_t give_up_ns;             /* of the clock; INT64_MAX: never */
    struct tq_provider **providers; /* as many as there are names */
    const char *chosen;
    struct tq_verdict verdict; /* of the chosen one; zeroed when the ledger does not know it */
    int64_t retry_at_ns;       /* when none is available */
    bool available;
    bool probe; /* it is out, and this caller's to ask */
};

#define TO(field) offsetof(struct routing, field)

static const struct option options[] = {
    {'w', "wait", NULL, "if all are out, wait until one is available", option_flag, TO(wait), NULL},
    {'t', "timeout", "LENGTH", "wait at most this long: 90s, 15m, 1h", option_length, TO(timeout_ns), NULL},
    {0, "no-probe", NULL, "never take a probe (a test request to a provider with no known end)", option_flag,
     TO(no_probe), NULL},
    {0, "at", "INSTANT", "use this time instead of now, and take no probe", option_now, TO(at), "@instant"},
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* The providers up to the first that the ledger does not know, which is available. 0, or what the work
 * answers. */
static int look_up(struct session *session, const struct routing *routing, size_t *count)
{
    *count = 0;
    for (char **name = routing->names; *name && session->ledger; name++) {
        int answer = tq_ledger_provider(session->ledger, *name, strlen(*name), TQ_PROVIDER_EXISTING,
                                        &routing->providers[*count]);

        if (answer < 0)
            return session_fail(*name, answer);
        if (answer == 1)
            break;
        ++*count;
    }
    return 0;
}

/* The first that is available or may be asked, else the first that will be. */
static int choose(struct session *session, struct routing *routing)
{
    struct tq_route route = {.size = sizeof(route)};
    bool probe = !routing->no_probe && !routing->at.given; /* a question about another time changes nothing */
    size_t count;
    int64_t now_ns = instant_now(routing->at);
    int answer;

    answer = look_up(session, routing, &count);
    if (answer != 0)
        return answer;
    routing->verdict = (struct tq_verdict){.size = sizeof(routing->verdict)};
    answer = count ? tq_ledger_route(session->ledger, routing->providers, count, now_ns,
                                     probe ? 0 : TQ_ROUTE_NO_PROBE, &route)
                   : 1;
    routing->available = answer == 0 || (answer == 1 && routing->names[count]);
    routing->probe = answer == 0 && route.probe;
    routing->retry_at_ns = routing->available ? 0 : route.retry_at_ns;
    routing->chosen = routing->names[answer == 1 && routing->names[count] ? count : route.chosen];
    if (answer >= 0 && routing->chosen == routing->names[route.chosen] && route.chosen < count)
        answer = verdict_read(routing->providers[route.chosen], now_ns, &routing->verdict);
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
        session_note_new(session, name, routing->names);
}

static int say_json(const struct routing *routing)
{
    json_t *document = json_join(
        json_pack("{s:i, s:s, s:b}", "schema", SCHEMA, "provider", routing->chosen, "probe", routing->probe),
        verdict_json(&routing->verdict));

    if (document && !routing->available)
        json_object_set_new(document, "retry_at", some_instant_json(routing->retry_at_ns));
    return json_print(document, false);
}

static int say(struct session *session, const struct routing *routing)
{
    struct text reason = verdict_reason(&routing->verdict);

    if (routing->available)
        note_unknown(session, routing);

    if (routing->probe)
        report("\"%s\" is out; this is its probe: say how it went with `tokenquota probe success` or failure",
               routing->chosen);
    if (routing->json)
        return say_json(routing);
    if (routing->available)
        puts(routing->chosen);
    else /* a name has no tab in it */
        printf("%s\t%s%s%s\n", routing->chosen,
               routing->retry_at_ns < TQ_NOW_END_NS ? format_rfc3339(routing->retry_at_ns).s : "unknown",
               *reason.s ? "\t" : "", reason.s);
    return 0;
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

static int work(struct session *session, void *context)
{
    struct routing *routing = context;
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
        return say(session, routing) < 0 ? CLI_ERROR : answer;
    return answer;
}

static int check(struct routing *routing)
{
    for (char **name = routing->names; *name; name++)
        if (!**name) { /* which the library would ignore, and call available */
            report("\"\": %s", tq_strerror(TQ_ENAME));
            return -1;
        }
    if (routing->wait && routing->at.given) {
        report("--wait goes with the clock: leave --at out");
        return -1;
    }
    if (routing->timeout_ns && !routing->wait) {
        report("--timeout goes with --wait");
        return -1;
    }
    if (!routing->timeout_ns ||
        __builtin_add_overflow(tq_now_ns(), routing->timeout_ns, &routing->give_up_ns))
        routing->give_up_ns = INT64_MAX;
    return 0;
}

static int run(void *request, char **operands, int count)
{
    struct routing *routing = request;
    int answer = CLI_ERROR;

    routing->names = operands;
    routing->providers = calloc((size_t)count, sizeof *routing->providers);
    if (!routing->providers)
        report("out of memory");
    else if (check(routing) == 0)
        answer = session_work(routing->ledger, SESSION_LOOK, work, routing);
    free(routing->providers);
    return answer;
}

const struct command cmd_route = {
    .name = "route",
    .operands = "PROVIDER...",
    .summary = "print the first provider that is available",
    .options = options,
    .notes = "\n"
             "If none is available, prints the one that will be available first, the time, and the reason,\n"
             "separated by tabs. A provider with no recorded usage counts as available, and so does every\n"
             "provider while there is no ledger. A message on stderr says when such a name may be misspelt.\n"
             "A provider that is out with no known end is offered to one caller at a time, as a probe; a\n"
             "message on stderr says so: see `tokenquota probe --help`. On an error, nothing is printed on\n"
             "stdout.\n\n"
             "Exit status: 0 if one is available, 1 if none is, 2 on an error.\n\n"
             "  provider=$(tokenquota route openai anthropic) || echo \"wait: $provider\"\n",
    .request_bytes = sizeof(struct routing),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes PROVIDERs, the best first, as in: tokenquota route openai anthropic",
    .offers = "@provider...",
    .run = run,
};
