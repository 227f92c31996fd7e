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

enum {
    OPTION_WAIT,
    OPTION_TIMEOUT,
    OPTION_NO_PROBE,
    OPTION_AT,
    OPTION_JSON,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_WAIT] = {'w', "wait", NULL, "when all are out, wait until one is available"},
    [OPTION_TIMEOUT] = {'t', "timeout", "LENGTH", "wait at most 90s, 15m, 1h"},
    [OPTION_NO_PROBE] = {0, "no-probe", NULL, "never take a probe (a test of what has no known end)"},
    [OPTION_AT] = {0, "at", "INSTANT", "instead of now, and without a probe: as for `status --at`"},
    [OPTION_JSON] = JSON_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct routing {
    const char *ledger;
    const char *at;
    const char *timeout;
    char **names;
    bool wait;
    bool json;
    bool no_probe;
    int64_t give_up_ns; /* of the clock; INT64_MAX: never */
    struct tq_provider **providers; /* as many as there are names */
    const char *chosen;
    struct tq_verdict verdict; /* of the chosen one; zeroed when the ledger does not know it */
    int64_t retry_at_ns;       /* when none is available */
    bool available;
    bool probe; /* it is out, and this caller's to ask */
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
    bool probe = !routing->no_probe && !routing->at; /* a question about another time changes nothing */
    size_t count;
    int64_t now_ns;
    int answer;

    if (instant_now(routing->at, &now_ns) < 0)
        return CLI_ERROR;
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
    json_t *document = json_join(json_pack("{s:i, s:s, s:b}",
                                           "schema", SCHEMA,
                                           "provider", routing->chosen,
                                           "probe", routing->probe),
                                 verdict_json(&routing->verdict));

    if (document && !routing->available)
        json_object_set_new(document, "retry_at", retry_json(TQ_QUOTA_EXHAUSTED, routing->retry_at_ns));
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

static int parse(struct routing *routing, int count)
{
    int64_t length_ns;

    if (count == 0) {
        report("it takes PROVIDERs, the best first, as in: tokenquota route openai anthropic");
        return -1;
    }
    for (char **name = routing->names; *name; name++)
        if (!**name) { /* which the library would ignore, and call available */
            report("\"\": %s", tq_strerror(TQ_ENAME));
            return -1;
        }
    if (routing->wait && routing->at) {
        report("--wait goes with the clock: leave --at out");
        return -1;
    }
    routing->give_up_ns = INT64_MAX;
    if (!routing->timeout)
        return 0;
    if (!routing->wait) {
        report("--timeout goes with --wait");
        return -1;
    }
    if (length_parse("--timeout", routing->timeout, &length_ns) < 0)
        return -1;
    if (__builtin_add_overflow(tq_now_ns(), length_ns, &routing->give_up_ns))
        routing->give_up_ns = INT64_MAX;
    return 0;
}

static int run(int argc, char **argv)
{
    struct routing routing = {.names = argv, .providers = calloc((size_t)argc, sizeof(void *))};
    const struct option_target targets[] = {
        [OPTION_WAIT] = {.flag = &routing.wait},      [OPTION_TIMEOUT] = {.value = &routing.timeout},
        [OPTION_NO_PROBE] = {.flag = &routing.no_probe},
        [OPTION_AT] = {.value = &routing.at},         [OPTION_JSON] = {.flag = &routing.json},
        [OPTION_LEDGER] = {.value = &routing.ledger}, [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_route, targets), answer = CLI_ERROR;

    if (!routing.providers)
        report("out of memory");
    else if (operands < 0)
        answer = operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    else if (parse(&routing, operands) == 0)
        answer = session_work(routing.ledger, SESSION_LOOK, work, &routing);
    free(routing.providers);
    return answer;
}

const struct command cmd_route = {
    .name = "route",
    .operands = "PROVIDER...",
    .summary = "name the first provider that is available",
    .options = options,
    .notes = "\n"
             "If none is available, prints the one that will be available first, the time, and the reason,\n"
             "separated by tabs. A provider that was never counted is available, and so are all while there\n"
             "is no ledger; stderr says so when the name may be misspelt. A provider that is out with no\n"
             "known end is offered to one caller at a time, as a probe, which is said on stderr: see\n"
             "`tokenquota probe --help`. On an error nothing is printed on stdout.\n\n"
             "Exit status: 0 one is available, 1 none is, 2 an error.\n\n"
             "  provider=$(tokenquota route openai anthropic) || echo \"wait: $provider\"\n",
    .run = run,
};
