/* watch.c: `tokenquota watch` prints each transition of providers as it happens, and runs a command on
 * it.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <signal.h>

#include "watch.h"

#define STOP_NS (SECOND_NS / 5)   /* how late a signal that ends it may be seen */
#define CHILD_NS (SECOND_NS / 50) /* the same of the command's end */
#define LAST_LOOK_NS (60 * SECOND_NS)

enum {
    OPTION_EXEC,
    OPTION_JSON,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_EXEC] = {'x', "exec", "COMMAND", "run this by sh -c on each transition, one at a time"},
    [OPTION_JSON] = {0, "json", NULL, "print a JSON document a line"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

/* The second of them ends it at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Whoever changes a state says so, or died before it could: then it is seen by the next look. */
static bool look_is_due(struct watch *watch, int answer)
{
    int64_t now_ns = tq_now_ns();

    if (answer != 0 && now_ns >= watch->looked_at_ns && now_ns - watch->looked_at_ns < LAST_LOOK_NS)
        return false;
    watch->looked_at_ns = now_ns;
    return true;
}

/* 0 to go on; what the work of a session answers. */
static int wait_and_look(struct watch *watch, struct session *session, uint32_t *seen)
{
    int answer = tq_ledger_wait(session->ledger, seen, watch->child ? CHILD_NS : STOP_NS);

    if (answer == TQ_EGONE)
        return answer;
    if (answer < 0)
        return session_fail(session->path, answer);
    answer = look_is_due(watch, answer) ? watch_look(watch, session) : 0;
    if (answer != 0)
        return answer;
    return watch_run(watch) < 0 ? CLI_ERROR : 0;
}

static int work(struct session *session, void *context)
{
    struct watch *watch = context;
    uint32_t seen = 0;
    int answer = session->ledger ? 0 : session_await(session, &stopped);

    if (answer != 0)
        return answer < 0 ? CLI_ERROR : CLI_YES;
    answer = watch_begin(watch, session);
    if (answer != 0)
        return answer;
    while (answer == 0 && !stopped) {
        answer = wait_and_look(watch, session, &seen);
        if (answer != TQ_EGONE)
            continue;
        answer = session_await(session, &stopped);
        if (answer == 1)
            return CLI_YES; /* stopped */
        answer = answer < 0 ? CLI_ERROR : watch_rebind(watch, session);
        seen = 0;
    }
    return answer;
}

static int run(int argc, char **argv)
{
    struct watch watch = {0};
    const struct option_target targets[] = {
        [OPTION_EXEC] = {.value = &watch.exec},
        [OPTION_JSON] = {.flag = &watch.json},
        [OPTION_LEDGER] = {.value = &watch.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_watch, targets), answer;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    for (char **name = argv; *name; name++)
        if (!**name) {
            report("\"\": %s", tq_strerror(TQ_ENAME));
            return CLI_ERROR;
        }
    watch.names = argv;
    catch_signals();
    answer = session_work(watch.ledger, SESSION_LOOK, work, &watch);
    watch_reap(&watch);
    watch_free(&watch);
    return answer;
}

const struct command cmd_watch = {
    .name = "watch",
    .operands = "[PROVIDER]...",
    .summary = "print each transition as it happens, and run a command on it",
    .options = options,
    .notes = "\n"
             "Without a PROVIDER all are watched. How they stand at the beginning is no transition. While a\n"
             "provider is out, another reason is one, and so is an end that moves a minute or more later.\n"
             "Without a ledger it waits for one. COMMAND finds TOKENQUOTA_PROVIDER, TOKENQUOTA_STATE,\n"
             "TOKENQUOTA_REASON, TOKENQUOTA_UNTIL (RFC 3339, or empty) and TOKENQUOTA_SENTENCE in its\n"
             "environment. If providers change while COMMAND runs, it is run again afterwards, once for\n"
             "each of them, with the state of then.\n\n"
             "Exit status: 0 ended by Ctrl-C or SIGTERM, 2 an error.\n\n"
             "  tokenquota watch --exec 'notify-send \"$TOKENQUOTA_PROVIDER\" \"$TOKENQUOTA_SENTENCE\"'\n",
    .run = run,
};
