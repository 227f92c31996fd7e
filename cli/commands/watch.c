/* watch.c: `tokenquota watch` prints each transition of providers as it happens, and runs a command on
 * it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/commands/watch.h"
#include "view/child.h"
#include "view/listener.h"

#define STOP_NS (SECOND_NS / 5)   /* how late a signal that ends it may be seen */
#define CHILD_NS (SECOND_NS / 50) /* how late the end of the command may be seen */
#define LAST_LOOK_NS (60 * SECOND_NS)
#define WARN_LOOK_NS (2 * SECOND_NS) /* how late a share that was reached may be seen */

#define TO(field) offsetof(struct watch, field)

static const struct option options[] = {
    {'x', "exec", "COMMAND", "run this by sh -c on each transition, one at a time", option_text, TO(exec),
     "@file"},
    {'w', "warn", "PERCENTS", "also tell when so much of a limit or budget is used, once a window: 50,80,90",
     option_percents, TO(warn), "50,80,90"},
    JSON_AS("print one JSON document per line"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* ---- the command of --exec ------------------------------------------------------------------- */

/* The command gets values in its environment, never in its text: the shell does not read a provider's name.
 */
static int set_words(const struct watched *item, const struct tq_verdict *verdict)
{
    bool out = verdict->state == TQ_QUOTA_EXHAUSTED;
    char sentence[SENTENCE_BYTES];

    verdict_sentence(verdict, sentence);
    (void)unsetenv("TOKENQUOTA_LIMIT");
    (void)unsetenv("TOKENQUOTA_PERCENT");
    if (setenv("TOKENQUOTA_PROVIDER", item->name, 1) < 0 ||
        setenv("TOKENQUOTA_STATE", tq_state_name(verdict->state), 1) < 0 ||
        setenv("TOKENQUOTA_REASON", out ? tq_reason_name(verdict->reason) : "", 1) < 0 ||
        setenv("TOKENQUOTA_UNTIL",
               out && verdict->retry_at_ns < TQ_NOW_END_NS ? format_rfc3339(verdict->retry_at_ns).s : "",
               1) < 0 ||
        setenv("TOKENQUOTA_SENTENCE", sentence, 1) < 0)
        return -1;
    return 0;
}

/* The words of a warning: of the state nothing is said. */
static int set_warning(const struct warning *warning)
{
    char percent[16];

    snprintf(percent, sizeof percent, "%u", (unsigned)warning->percent);
    if (setenv("TOKENQUOTA_PROVIDER", warning->name, 1) < 0 || setenv("TOKENQUOTA_STATE", "warning", 1) < 0 ||
        setenv("TOKENQUOTA_REASON", "", 1) < 0 || setenv("TOKENQUOTA_UNTIL", "", 1) < 0 ||
        setenv("TOKENQUOTA_SENTENCE", warning->sentence, 1) < 0 ||
        setenv("TOKENQUOTA_LIMIT", warning->limit, 1) < 0 || setenv("TOKENQUOTA_PERCENT", percent, 1) < 0)
        return -1;
    return 0;
}

/* are_set: what set_words or set_warning answered. */
static int start(struct watch *watch, int are_set)
{
    char *argv[] = {"/bin/sh", "-c", (char *)(uintptr_t)watch->exec, NULL};
    struct listener listener = {0};
    pid_t child = are_set < 0 ? listener_fail(&listener, "the command cannot be started: %s", strerror(errno))
                              : child_start(argv, NULL, &listener);

    if (child < 0)
        return report_why(&listener);
    watch->child = child;
    return 0;
}

static void reap(struct watch *watch)
{
    int status;

    if (!watch->child)
        return;
    while (waitpid(watch->child, &status, 0) < 0 && errno == EINTR)
        continue;
    watch->child = 0;
}

/* True while it runs. */
static bool is_running(struct watch *watch)
{
    struct listener listener = {0};
    int status = 0;
    pid_t ended = watch->child ? waitpid(watch->child, &status, WNOHANG) : 0;

    if (watch->child && ended == 0)
        return true;
    if (ended > 0 && !child_did_well(status, watch->exec, &listener))
        (void)report_why(&listener);
    watch->child = 0;
    return false;
}

/* The one whose state changed first among those that the command was not told; NULL when there is none. */
static struct watched *next_queued(struct watch *watch)
{
    const struct watching *watching = &watch->watching;
    struct watched *next = NULL;

    for (struct watched *item = watching->items; item < watching->items + watching->count; item++)
        if (item->queued && (!next || item->queued < next->queued))
            next = item;
    return next;
}

static int run_next(struct watch *watch)
{
    struct warning warning;
    struct watched *item;
    int answer;

    while (!is_running(watch) && watch_next_warning(watch, &warning)) {
        answer = start(watch, set_warning(&warning));
        warning_free(&warning);
        if (answer < 0)
            return -1;
    }
    while (!is_running(watch) && (item = next_queued(watch)) != NULL) {
        struct tq_verdict verdict = {.at_ns = tq_now_ns()};
        struct stand stand;

        if (item->provider && verdict_read(item->provider, verdict.at_ns, 0, &verdict) < 0)
            return 0; /* the ledger was replaced: once another is open it is this one's turn again */
        item->queued = 0;
        stand = stand_of(&verdict);
        if (stand_same(&item->told, &stand, verdict.at_ns))
            continue; /* it is as the command last heard */
        item->told = stand;
        if (start(watch, set_words(item, &verdict)) < 0)
            return -1;
    }
    return 0;
}

/* ---- the watch ------------------------------------------------------------------------------- */

/* A process that changes a state wakes this one, unless it dies before it can: the next look sees that
 * change. */
static bool look_is_due(struct watch *watch, int answer)
{
    int64_t now_ns = tq_now_ns(), every_ns = watch->warn.count > 0 ? WARN_LOOK_NS : LAST_LOOK_NS;

    if (answer != 0 && now_ns >= watch->looked_at_ns && now_ns - watch->looked_at_ns < every_ns)
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
    return run_next(watch) < 0 ? CLI_ERROR : 0;
}

static int work(struct session *session, void *request)
{
    struct watch *watch = request;
    uint32_t seen = 0;
    int answer = session->ledger ? watch_look(watch, session) : TQ_EGONE;

    while (!session_stopped && (answer == 0 || answer == TQ_EGONE)) {
        if (answer == 0) {
            answer = wait_and_look(watch, session, &seen);
            continue;
        }
        answer = session_await(session);
        if (answer != 0)
            return answer < 0 ? CLI_ERROR : CLI_YES;
        answer = watching_rebind(&watch->watching, session->ledger);
        answer = answer < 0 ? watch_fail(watch, session, answer) : watch_look(watch, session);
        seen = 0;
    }
    return session_stopped ? CLI_YES : answer;
}

static int run(void *request)
{
    struct watch *watch = request;
    int answer;

    for (char **name = watch->asked.operands; *name; name++) {
        if (!**name)
            return session_fail("", TQ_ENAME);
        if (watching_add(&watch->watching, *name) < 0)
            no_memory();
    }
    session_catch_ends((int)SA_RESETHAND); /* the second of them ends it at once */
    answer = session_work(request, SESSION_LOOK, work);
    reap(watch);
    watch_free(watch);
    return answer;
}

const struct command cmd_watch = {
    .name = "watch",
    .operands = "[PROVIDER]...",
    .summary = "print each state change as it happens, and run a command on it",
    .options = options,
    .notes =
        "\n"
        "Without a PROVIDER, watches all of them. Their states at the start are not printed. While a\n"
        "provider is out, a new reason is a change too, and so is an end that moves a minute or more\n"
        "later. Without a ledger, waits until there is one. COMMAND gets TOKENQUOTA_PROVIDER,\n"
        "TOKENQUOTA_STATE, TOKENQUOTA_REASON, TOKENQUOTA_UNTIL (RFC 3339, or empty) and\n"
        "TOKENQUOTA_SENTENCE in its environment. If providers change while COMMAND runs, it is run\n"
        "again afterwards, once per changed provider, with the current state.\n\n"
        "With --warn, of all processes that watch one tells of a limit that has reached a percent; each\n"
        "tells of the day's budget. The highest percent is told, with TOKENQUOTA_STATE=warning,\n"
        "TOKENQUOTA_LIMIT and TOKENQUOTA_PERCENT. For a limit that the vendor states or speaks of its\n"
        "share counts.\n\n"
        "Exit status: 0 after Ctrl-C or SIGTERM, 2 on an error.\n\n"
        "  tokenquota watch --exec 'notify-send \"$TOKENQUOTA_PROVIDER\" \"$TOKENQUOTA_SENTENCE\"'\n",
    .request_bytes = sizeof(struct watch),
    .most = ANY_NUMBER,
    .of_run = true,
    .offers = "@provider...",
    .run = run,
};
