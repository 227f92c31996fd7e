/* cmd_route.c: `tokenquota route` names the first provider that is available.
 *
 * SPDX-License-Identifier: MIT
 *
 * An error never reads "available": nothing is printed on stdout then, and the exit status is 2. A provider
 * that the ledger does not know has used nothing and is available.
 */
#include <string.h>

#include "json_words.h"
#include "session.h"

enum {
    OPTION_WAIT,
    OPTION_TIMEOUT,
    OPTION_AT,
    OPTION_JSON,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_WAIT] = {'w', "wait", NULL, "when all are out, wait until one is available"},
    [OPTION_TIMEOUT] = {'t', "timeout", "LENGTH", "wait at most 90s, 15m, 1h"},
    [OPTION_AT] = AT_SPEC,
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
    int64_t give_up_ns; /* of the clock; INT64_MAX: never */
    const char *chosen;
    int64_t retry_at_ns; /* when none is available */
    int state;
};

/* The first that is available, else the first that will be; of two at one instant the first named. */
static int choose(struct session *session, struct routing *routing)
{
    struct tq_store *store = tq_ledger_store(session->ledger);
    int64_t now_ns;

    if (instant_now(routing->at, &now_ns) < 0)
        return CLI_ERROR;
    routing->chosen = NULL;
    for (char **name = routing->names; *name; name++) {
        int64_t retry_at_ns;
        int state = tq_store_state(store, *name, now_ns, &retry_at_ns);

        if (state < 0)
            return session_fail(*name, state);
        if (routing->chosen && state == TQ_QUOTA_EXHAUSTED && retry_at_ns >= routing->retry_at_ns)
            continue;
        routing->chosen = *name;
        routing->retry_at_ns = retry_at_ns;
        routing->state = state;
        if (state == TQ_AVAILABLE)
            return CLI_YES;
    }
    return CLI_NO;
}

static int say(const struct routing *routing)
{
    if (routing->json)
        return json_print(json_pack("{s:i, s:s, s:s, s:o}",
                                    "schema", SCHEMA,
                                    "provider", routing->chosen,
                                    "state", tq_state_name(routing->state),
                                    "retry_at", retry_json(routing->state, routing->retry_at_ns)), false);
    if (routing->state == TQ_AVAILABLE)
        puts(routing->chosen);
    else /* a name has no tab in it */
        printf("%s\t%s\n", routing->chosen,
               routing->retry_at_ns < TQ_NOW_END_NS ? format_rfc3339(routing->retry_at_ns).s : "unknown");
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
        return session_reopen(session, SESSION_READ);
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
        return say(routing) < 0 ? CLI_ERROR : answer;
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
    struct routing routing = {.names = argv};
    const struct option_target targets[] = {
        [OPTION_WAIT] = {.flag = &routing.wait},      [OPTION_TIMEOUT] = {.value = &routing.timeout},
        [OPTION_AT] = {.value = &routing.at},         [OPTION_JSON] = {.flag = &routing.json},
        [OPTION_LEDGER] = {.value = &routing.ledger}, [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_route, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (parse(&routing, operands) < 0)
        return CLI_ERROR;
    return session_work(routing.ledger, SESSION_READ, work, &routing);
}

const struct command cmd_route = {
    .name = "route",
    .operands = "PROVIDER...",
    .summary = "name the first provider that is available",
    .options = options,
    .notes = "\n"
             "When none is: the one that is available first, a tab, and when. One that was never counted\n"
             "is available. On an error nothing is printed on stdout.\n\n"
             "Exit status: 0 one is available, 1 none is, 2 an error.\n\n"
             "  provider=$(tokenquota route openai anthropic) || echo \"wait: $provider\"\n",
    .run = run,
};
