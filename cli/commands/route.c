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

struct routing {
    struct request asked;
    int64_t timeout_ns; /* 0: not given */
    bool wait;
    bool no_probe;
    bool use_reserve;
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
    FLAG_ROW('w', "wait", TO(wait), "if all are out, wait until one is available"),
    {'t', "timeout", "LENGTH", "wait at most this long: 90s, 15m, 1h", option_length, TO(timeout_ns), NULL},
    FLAG_ROW(0, "no-probe", TO(no_probe),
             "never take a probe (a test request to a provider that its vendor refused)"),
    FLAG_ROW(0, "use-reserve", TO(use_reserve), "count the reserve of limits as left"),
    AT_AS("use this time instead of now, and take no probe"),
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* The providers up to the first that the ledger does not know, which is available. 0, or what the work
 * answers. */
static int look_up(struct session *session, const struct routing *routing, size_t *count)
{
    *count = 0;
    for (char **name = routing->asked.operands; *name && session->ledger; name++) {
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

/* The first that is available or may be asked, else the first that will be. The library is asked about the
 * known names, up to the first that the ledger does not know. */
static int choose(struct session *session, struct routing *routing)
{
    struct tq_route route = {.size = sizeof(route)};
    bool at_given = routing->asked.at.given; /* a question about another time changes nothing */
    int64_t now_ns = instant_now(routing->asked.at);
    uint32_t reserve = routing->use_reserve ? TQ_USE_RESERVE : 0;
    size_t count;
    int answer = look_up(session, routing, &count);

    if (answer != 0)
        return answer;
    answer = 1;
    if (count)
        answer = tq_ledger_route(session->ledger, routing->providers, count, now_ns,
                                 reserve | (routing->no_probe || at_given ? TQ_ROUTE_NO_PROBE : 0), &route);
    if (answer == 1 && count < routing->asked.count) { /* the unknown one is available */
        answer = 0;
        route = (struct tq_route){.chosen = (uint32_t)count};
    }
    routing->available = answer == 0;
    routing->probe = answer == 0 && route.probe;
    routing->retry_at_ns = route.retry_at_ns;
    routing->chosen = routing->asked.operands[route.chosen];
    routing->verdict = (struct tq_verdict){.size = sizeof(routing->verdict)};
    if (answer >= 0 && route.chosen < count)
        answer = verdict_read(routing->providers[route.chosen], now_ns, reserve, &routing->verdict);
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
    json_t *document =
        json_join(json_pack("{s:s, s:b}", "provider", routing->chosen, "probe", routing->probe),
                  verdict_json(&routing->verdict));

    if (document && !routing->available)
        json_object_set_new(document, "retry_at", some_instant_json(routing->retry_at_ns));
    json_print(document, false);
}

static void say(struct session *session, const struct routing *routing)
{
    struct text reason = verdict_reason(&routing->verdict);

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
    if (!routing->timeout_ns ||
        __builtin_add_overflow(tq_now_ns(), routing->timeout_ns, &routing->give_up_ns))
        routing->give_up_ns = INT64_MAX;
    routing->providers = must_have(calloc(routing->asked.count, sizeof *routing->providers));
    return session_work(request, SESSION_LOOK, work);
}

static void release(void *request)
{
    free(((const struct routing *)request)->providers);
}

const struct command cmd_route = {
    .name = "route",
    .operands = "PROVIDER...",
    .summary = "print the first provider that is available",
    .options = options,
    .notes =
        "\n"
        "If none is available, prints the one that will be available first, the time, and the reason,\n"
        "separated by tabs. A provider with no recorded usage counts as available, and so does every\n"
        "provider while there is no ledger. A message on stderr says when such a name may be misspelt.\n"
        "A provider that its vendor keeps out is offered to one caller at a time when its probe is due; a\n"
        "message on stderr says so: see `tokenquota probe --help`. The time above is that of the probe if\n"
        "it comes first. On an error, nothing is printed on stdout.\n\n"
        "Exit status: 0 if one is available, 1 if none is, 2 on an error.\n\n"
        "  provider=$(tokenquota route openai anthropic) || echo \"wait: $provider\"\n",
    .request_bytes = sizeof(struct routing),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes PROVIDERs, the best first, as in: tokenquota route openai anthropic",
    .offers = "@provider...",
    .run = run,
    .release = release,
};
