/* poll.c: `tokenquota poll` runs a command that asks the vendor, from one process of the machine, and applies
 * what it prints.
 *
 * SPDX-License-Identifier: MIT
 *
 * The lease of tq_provider_poll_begin says which process runs. It is kept between two runs, so the others
 * wait until that process ends. What a usage endpoint says is a reading: nobody knows by it whether a request
 * would be served, so it is applied without a sending time and lifts nothing. With --on-probe the command
 * itself is a request, and its answer counts as one that was sent when the run began.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/child.h"
#include "cli/commands/response.h"
#include "cli/show/show.h"

#define EVERY_NS (300 * SECOND_NS)
#define EVERY_LEAST_NS (10 * SECOND_NS)
#define BACKOFF_NS HOUR_NS /* the longest wait after failures, unless --every is longer */
#define TIMEOUT_NS (60 * SECOND_NS)
#define TAKEOVER_NS (2 * SECOND_NS) /* how late the end of the process that polls may be seen */

struct poll {
    struct request asked;
    const char *profile;
    const struct tq_profile *vendor;
    int64_t every_ns;
    int64_t timeout_ns;
    bool on_probe;
    bool once;
    struct tq_provider *provider;
    int64_t next_ns;   /* when to try again; 0: now */
    unsigned failures; /* since the last success */
    bool refused;      /* the last run: the vendor refused the request */
    bool told;         /* that another process polls */
};

#define TO(field) offsetof(struct poll, field)

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

static const char *name_of(const struct poll *poll)
{
    return poll->asked.operands[0];
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
static int put_applied(const struct poll *poll, const struct tq_quota_signal *signal)
{
    const char *between = "";
    uint32_t used_ppm;

    printf("%s: ", name_of(poll));
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

/* NULL, or why it is not applied. An endpoint that refuses to say how the account stands refuses no work. */
static const char *unfit(const struct poll *poll, const struct tq_quota_signal *signal, int answer)
{
    if (poll->on_probe)
        return signal->refusal == TQ_CLASS_NONE && !(signal->flags & TQ_SIGNAL_SUCCESS)
                   ? "it neither serves nor refuses the request"
                   : NULL;
    if (signal->status >= 400 || (signal->refusal != TQ_CLASS_NONE && !signal->axis_count))
        return "its request was refused, which is no reading (see --on-probe)";
    return answer != 0 || !signal->axis_count ? "it says nothing about limits" : NULL;
}

static void report_unfit(const struct tq_quota_signal *signal, const char *why)
{
    if (signal->status)
        report("the answer with status %u was not applied: %s", signal->status, why);
    else
        report("the answer was not applied: %s", why);
}

/* 0: done. 1, reported: it does not count as an answer. Else what the work answers. */
static int apply(struct poll *poll, const struct response *response, int64_t start_ns)
{
    struct tq_response asked = {
        .profile = poll->vendor,
        .sent_at_ns = poll->on_probe ? start_ns : 0,
        .now_ns = poll->asked.at.given ? poll->asked.at.ns : tq_now_ns(),
    };
    struct tq_quota_signal signal;
    int answer = response_signal(response, &asked, &signal);
    const char *why = answer < 0 ? NULL : unfit(poll, &signal, answer);

    if (why)
        report_unfit(&signal, why);
    if (answer < 0 || why)
        return 1;
    if (!poll->on_probe)
        signal.flags &= ~TQ_SIGNAL_SUCCESS;
    answer = tq_provider_apply(poll->provider, &signal);
    if (answer < 0)
        return session_fail(name_of(poll), answer);
    if (poll->asked.verbose && put_applied(poll, &signal) < 0)
        return CLI_ERROR;
    poll->refused = poll->on_probe && signal.refusal != TQ_CLASS_NONE;
    return 0;
}

/* ---- one run ---------------------------------------------------------------------------------------- */

/* The wait doubles with each failure. */
static int64_t wait_ns(const struct poll *poll)
{
    int64_t wait_ns = poll->every_ns;

    for (unsigned i = 0; i < poll->failures && wait_ns < BACKOFF_NS; i++)
        wait_ns = wait_ns * 2 < BACKOFF_NS ? wait_ns * 2 : BACKOFF_NS;
    return wait_ns;
}

/* 0: done. 1, reported: it failed. Else what the work answers. */
static int run_command(struct poll *poll, int64_t start_ns)
{
    struct response response = {0};
    char *bytes;
    size_t len;
    int answer = child_run(poll->asked.operands + 1, poll->timeout_ns, &bytes, &len);

    if (answer != 0)
        return 1;
    if (len == 0)
        report("the command printed nothing: %s", poll->asked.operands[1]);
    answer = len > 0 && response_take(&response, bytes, len) == 0 ? apply(poll, &response, start_ns) : 1;
    if (len > 0)
        response_free(&response);
    else
        free(bytes);
    return answer;
}

/* Runs the command, which is ours to run. As run_command. */
static int run_ours(struct poll *poll, int64_t now_ns, bool for_probe)
{
    bool probing = poll->on_probe && tq_provider_probe_take(poll->provider, now_ns, NULL) == 0;
    int answer;

    if (for_probe && !probing)
        return 0; /* another caller was quicker */
    poll->refused = false;
    answer = run_command(poll, now_ns);
    if (session_stopped)
        answer = 0;
    poll->failures = answer == 1 || poll->refused ? poll->failures + 1 : 0;
    poll->next_ns = now_ns + wait_ns(poll);
    if (probing && answer == 1)
        (void)tq_provider_probe_failure(poll->provider, now_ns);
    return answer;
}

static void say_not_ours(struct poll *poll, int64_t now_ns, int64_t at_ns)
{
    const char *name = name_of(poll);

    if (poll->once && at_ns != 0)
        printf("%s is not due: the next run is due at %sZ, in %s\n", name, format_utc(at_ns).s,
               format_length(at_ns - now_ns).s);
    else if (poll->once)
        printf("another process polls %s\n", name);
    else if (at_ns == 0 && !poll->told)
        report("another process polls %s; waiting", name);
    poll->told |= at_ns == 0;
}

static bool probe_is_due(const struct tq_verdict *verdict)
{
    return verdict->probe_at_ns != 0 && verdict->probe_at_ns <= verdict->at_ns && !verdict->probing;
}

/* Runs the command if it is due and ours. As run_command. */
static int look(struct poll *poll, int64_t now_ns)
{
    struct tq_verdict verdict;
    int64_t at_ns;
    int answer = verdict_read(poll->provider, now_ns, 0, &verdict);
    bool for_probe = answer >= 0 && poll->on_probe && probe_is_due(&verdict);

    if (answer < 0)
        return session_fail(name_of(poll), answer);
    /* A clock that was set back would make it wait for as long. */
    if (!for_probe && now_ns < poll->next_ns && poll->next_ns - now_ns <= wait_ns(poll))
        return 0;
    answer = tq_provider_poll_begin(poll->provider, for_probe ? 0 : poll->every_ns, now_ns, &at_ns);
    if (answer < 0)
        return session_fail(name_of(poll), answer);
    if (answer == 0) {
        poll->told = false;
        return run_ours(poll, now_ns, for_probe);
    }
    poll->next_ns = at_ns != 0 ? at_ns : now_ns + TAKEOVER_NS;
    say_not_ours(poll, now_ns, at_ns);
    return 0;
}

/* ---- the command ------------------------------------------------------------------------------------ */

static int find(struct poll *poll, struct session *session)
{
    int answer = session_provider_make(session, name_of(poll), &poll->provider);

    poll->next_ns = 0;
    return answer < 0 ? session_fail(name_of(poll), answer) : 0;
}

static int work_on(struct poll *poll, struct session *session)
{
    const struct timespec pause = {.tv_sec = LOOK_NS / SECOND_NS};
    int answer = find(poll, session);

    while (!session_stopped && (answer == 0 || answer == 1 || answer == TQ_EGONE)) {
        if (answer == TQ_EGONE) {
            answer = session_await(session);
            if (answer != 0)
                return answer < 0 ? CLI_ERROR : CLI_YES;
            answer = find(poll, session);
            continue;
        }
        answer = look(poll, tq_now_ns());
        if (answer >= 0 && !session_stopped)
            (void)nanosleep(&pause, NULL); /* a signal ends it */
    }
    return session_stopped ? CLI_YES : answer;
}

static int work(struct session *session, void *request)
{
    struct poll *poll = request;
    int answer;

    if (!poll->once)
        return work_on(poll, session);
    answer = find(poll, session);
    if (answer == 0)
        answer = look(poll, poll->asked.at.ns);
    if (answer > 0)
        return CLI_ERROR;
    return answer == 0 && poll->refused ? CLI_NO : answer;
}

static int run(void *request)
{
    struct poll *poll = request;

    poll->every_ns = poll->every_ns ? poll->every_ns : EVERY_NS;
    poll->timeout_ns = poll->timeout_ns ? poll->timeout_ns : TIMEOUT_NS;
    if (poll->every_ns < EVERY_LEAST_NS) {
        report("--every is at least 10s");
        return CLI_ERROR;
    }
    if (poll->asked.at.given && !poll->once) {
        report("--at goes with --once");
        return CLI_ERROR;
    }
    if (profile_parse(poll->profile, &poll->vendor) < 0)
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
    .request_bytes = sizeof(struct poll),
    .least = 2,
    .most = ANY_NUMBER,
    .needs = "it takes a PROVIDER and a COMMAND, as in: tokenquota poll claude -- sh usage.sh",
    .offers = "@provider|@file...",
    .run = run,
};
