/* poll.c: `tokenquota poll` runs a command that asks the vendor, from one process of the machine, and applies
 * what it prints.
 *
 * SPDX-License-Identifier: MIT
 *
 * view/poll.h says when it runs and what its answer means. With --on-probe the command itself is a request.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/show/show.h"
#include "view/listener.h"
#include "view/poll.h"

struct polling {
    struct request asked;
    const char *profile;
    int64_t every_ns, timeout_ns;
    bool on_probe, once;
    struct poll poll;
    struct listener listener;
    bool broken; /* what was applied could not be printed, which was reported */
};

#define TO(field) offsetof(struct polling, field)

static const struct option options[] = {
    {0, "every", "LENGTH", "run the command this often (default 5m, at least 10s)", option_length,
     TO(every_ns), "1m 5m 15m 1h"},
    FLAG_ROW(0, "on-probe", TO(on_probe), "the command sends a request: run it for a due probe, too"),
    FLAG_ROW(0, "once", TO(once), "run it once if it is due, and end; for cron"),
    {0, "timeout", "LENGTH", "end a command that takes longer (default 1m)", option_length, TO(timeout_ns),
     "10s 1m"},
    PROFILE_ROW,
    VERBOSE_AS("print one line for what was applied"),
    AT_AS("with --once: use this time instead of now"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

static const char *name_of(const struct polling *polling)
{
    return polling->asked.operands[0];
}

/* ---- what the command said -------------------------------------------------------------------------- */

/* "5h", "7d opus" */
static void put_window(const struct tq_quota_signal *signal, uint32_t i)
{
    int64_t window_ns = signal->axis[i].window_ns;

    if (window_ns <= 0)
        fputs(tq_axis_name(signal->axis[i].what), stdout);
    else if (window_ns % HOUR_NS != 0)
        fputs(format_length(window_ns).s, stdout);
    else if (window_ns % DAY_NS != 0)
        printf("%dh", (int)(window_ns / HOUR_NS));
    else
        printf("%dd", (int)(window_ns / DAY_NS));
    if (signal->window_name[i][0])
        printf(" %.*s", TQ_WINDOW_NAME_MAX, signal->window_name[i]);
}

/* How much of the axis is used, in millionths; false when nobody can tell. */
static bool used_of(const struct tq_axis *axis, uint32_t *used_ppm)
{
    bool counted = (axis->known & TQ_AXIS_LIMIT) && (axis->known & TQ_AXIS_REMAINING) && axis->limit > 0 &&
                   axis->remaining <= axis->limit;

    *used_ppm = axis->used_ppm;
    if (!(axis->known & TQ_AXIS_USED) && counted)
        *used_ppm = 1000000 - (uint32_t)((__int128)axis->remaining * 1000000 / axis->limit);
    return (axis->known & TQ_AXIS_USED) || counted;
}

/* "claude: 5h 61%, 7d 83%" */
static int put_applied(const char *name, const struct tq_quota_signal *signal)
{
    const char *between = "";
    uint32_t used_ppm;

    printf("%s: ", name);
    for (uint32_t i = 0; i < signal->axis_count && i < TQ_AXES_MAX; i++) {
        if (!used_of(&signal->axis[i], &used_ppm))
            continue;
        fputs(between, stdout);
        put_window(signal, i);
        printf(" %u%%", (unsigned)(used_ppm / 10000));
        between = ", ";
    }
    if (signal->refusal != TQ_CLASS_NONE)
        printf("%s%s", between, tq_class_name(signal->refusal));
    else if (!*between)
        fputs(signal->flags & TQ_SIGNAL_SUCCESS ? "served" : "limits without a share", stdout);
    putchar('\n');
    return report_flush_stdout();
}

static void on_applied(struct poll *poll, const struct tq_quota_signal *signal)
{
    struct polling *polling = poll->context;

    if (polling->asked.verbose && put_applied(name_of(polling), signal) < 0)
        polling->broken = true;
}

static void say_not_ours(const struct polling *polling, int result, int64_t now_ns)
{
    const char *name = name_of(polling);
    int64_t at_ns = polling->poll.next_ns;

    if (result == POLL_NOT_DUE)
        printf("%s is not due: the next run is due at %sZ, in %s\n", name, format_utc(at_ns).s,
               format_length(at_ns - now_ns).s);
    else if (result == POLL_OTHER)
        printf("another process polls %s\n", name);
}

/* POLL_..., CLI_ERROR after a report as a negative number, or TQ_EGONE. */
static int look(struct polling *polling, int64_t now_ns)
{
    int result = poll_look(&polling->poll, now_ns);

    if (result < 0 && result != TQ_EGONE)
        (void)report_why(&polling->listener);
    return polling->broken ? TQ_ESYS : result;
}

/* ---- the command ------------------------------------------------------------------------------------ */

static int find(struct polling *polling, struct session *session)
{
    int answer = session_provider_make(session, name_of(polling), &polling->poll.provider);

    polling->poll.next_ns = 0;
    return answer < 0 ? session_fail(name_of(polling), answer) : 0;
}

static int work_on(struct polling *polling, struct session *session)
{
    const struct timespec pause = {.tv_sec = POLL_LOOK_NS / SECOND_NS};
    int answer = find(polling, session);

    if (answer > 0)
        return answer;
    while (!session_stopped && (answer >= 0 || answer == TQ_EGONE)) {
        if (answer == TQ_EGONE) {
            answer = session_await(session);
            if (answer != 0)
                return answer < 0 ? CLI_ERROR : CLI_YES;
            answer = find(polling, session);
            if (answer > 0)
                return answer;
            continue;
        }
        answer = look(polling, tq_now_ns());
        if (answer >= 0 && !session_stopped)
            (void)nanosleep(&pause, NULL); /* a signal ends it */
    }
    return session_stopped ? CLI_YES : answer < 0 ? CLI_ERROR : answer;
}

static int work(struct session *session, void *request)
{
    struct polling *polling = request;
    int answer;

    if (!polling->once)
        return work_on(polling, session);
    answer = find(polling, session);
    if (answer != 0)
        return answer;
    answer = look(polling, polling->asked.at.ns);
    if (answer == TQ_EGONE)
        return answer;
    if (answer < 0 || answer == POLL_FAILED)
        return CLI_ERROR;
    say_not_ours(polling, answer, polling->asked.at.ns);
    return polling->poll.refused ? CLI_NO : CLI_YES;
}

static void prepare(struct polling *polling)
{
    char *const *command = polling->asked.operands + 1;

    polling->listener = report_listener();
    polling->poll.command = command;
    polling->poll.probe = polling->on_probe ? command : NULL;
    polling->poll.sends = polling->on_probe;
    polling->poll.once = polling->once;
    polling->poll.every_ns = polling->every_ns ? polling->every_ns : POLL_EVERY_NS;
    polling->poll.timeout_ns = polling->timeout_ns ? polling->timeout_ns : POLL_TIMEOUT_NS;
    polling->poll.answered_ns = polling->asked.at.given ? polling->asked.at.ns : 0;
    polling->poll.stop = &session_stopped;
    polling->poll.listener = &polling->listener;
    polling->poll.hint = " (see --on-probe)";
    polling->poll.applied = on_applied;
    polling->poll.context = polling;
}

static int run(void *request)
{
    struct polling *polling = request;

    prepare(polling);
    if (polling->poll.every_ns < POLL_EVERY_LEAST_NS) {
        report("--every is at least 10s");
        return CLI_ERROR;
    }
    if (polling->asked.at.given && !polling->once) {
        report("--at goes with --once");
        return CLI_ERROR;
    }
    if (profile_parse(polling->profile, &polling->poll.vendor) < 0)
        return CLI_ERROR;
    session_catch_ends((int)SA_RESETHAND); /* the second of them ends it at once */
    return session_work(request, SESSION_CREATE, work);
}

const struct command cmd_poll = {
    .name = "poll",
    .operands = "PROVIDER -- COMMAND [ARGUMENT]...",
    .summary = "run a command that asks the vendor, in one process only, and apply its output",
    .options = options,
    .notes =
        "\n"
        "COMMAND prints a response as `curl -si` does, or a JSON body alone, such as that of a usage\n"
        "endpoint. Its limits are applied to PROVIDER; it is not shown. Of all processes that poll\n"
        "PROVIDER on this machine one runs COMMAND. The others wait until that one ends.\n\n"
        "A reading of limits ends no exclusion. With --on-probe COMMAND itself is a request that the\n"
        "vendor serves or refuses, such as a completion of one token: then a success ends an exclusion,\n"
        "and a refusal begins one. It also runs at once when a probe of PROVIDER is due.\n\n"
        "After a run that failed the wait doubles, up to 1 h. A run fails if COMMAND exits with another\n"
        "status than 0, prints nothing or more than 1 MiB, takes longer than --timeout, or its output\n"
        "was not applied; a message says which. A refused request doubles the wait, too.\n\n"
        "Exit status: 0 after Ctrl-C or SIGTERM, or with --once if it ran or is not due; 1 with --once if\n"
        "the request was refused; 2 on an error, with --once also if the run failed.\n\n"
        "  tokenquota poll claude -- sh -c 'curl -sSi https://api.anthropic.com/api/oauth/usage \\\n"
        "      -H \"Authorization: Bearer $TOKEN\" -H \"anthropic-beta: oauth-2025-04-20\"'\n",
    .request_bytes = sizeof(struct polling),
    .least = 2,
    .most = ANY_NUMBER,
    .needs = "it takes a PROVIDER and a COMMAND, as in: tokenquota poll claude -- sh usage.sh",
    .offers = "@provider|@file...",
    .run = run,
};
