/* run.c: `tokenquota run` gives a command and all that it starts limits of their own, under a provider.
 *
 * SPDX-License-Identifier: MIT
 *
 * The run is a provider in the pool of the one that it uses, so each call counts in both. Its processes find
 * it by TOKENQUOTA_RUN: view/runs.h has the rule, and says when a run is over. It is in force as long as one
 * of them lives, also when this process is killed: all that the run needs is in the ledger and beside it.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/list.h"
#include "cli/running.h"
#include "cli/show/show.h"
#include "view/holds.h"
#include "view/listener.h"
#include "view/runs.h"

/* Beside what was asked for: two limits without an amount, which count what the run used. */
#define LIMITS_MOST (TQ_LIMITS_MAX - 2)

struct running_under {
    struct request asked;
    const char *name;
    struct tq_limit limits[LIMITS_MOST];
    size_t count;
    int64_t length_ns; /* 0: no end */
    bool quiet;

    struct session *session;
    struct run run;
    int kept; /* the descriptor that the run's processes keep open */
};

#define TO(field) offsetof(struct running_under, field)

/* A further limit, into the whole request. */
static int option_amount(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct running_under *under = to;
    struct tq_limit *limit = &under->limits[under->count];

    (void)now_ns;
    if (under->count == LIMITS_MOST) {
        report("--%s: a run has at most %d", option->name, LIMITS_MOST);
        return -1;
    }
    if (amount_parse(text, limit) < 0) {
        report("--%s \"%s\" is no amount; " AMOUNT_WORDS, option->name, text);
        return -1;
    }
    for (size_t i = 0; i < under->count; i++)
        if (under->limits[i].unit == limit->unit) {
            report("--%s \"%s\" is a second amount of the same unit", option->name, text);
            return -1;
        }
    under->count++;
    return 0;
}

static const struct option options[] = {
    {'n', "name", "NAME", "name of the run: claude and job-7 make the provider claude/job-7", option_text,
     TO(name), NULL},
    {'l', "limit", "AMOUNT", "the most that it may use: 750k, '$5', '900 requests'; may be repeated",
     option_amount, 0, NULL},
    {'f', "for", "LENGTH", "refuse its calls after this time: 30m, 2h", option_length, TO(length_ns), NULL},
    FLAG_ROW('q', "quiet", TO(quiet), "print no summary at the end"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* ---- beginning ------------------------------------------------------------------------------- */

/* PROVIDER/NAME; without a NAME one that no other process makes. 0, or -1 with a report. */
static int name_run(struct running_under *under)
{
    const char *provider = under->asked.operands[0];
    char made[128];
    int len;

    snprintf(made, sizeof made, "job-%s-%ld", format_time(under->run.started_at_ns, false, "%Y%m%d-%H%M%S").s,
             (long)getpid());
    if (under->name && (!*under->name || strchr(under->name, '/'))) {
        report("--name \"%s\" %s", under->name, *under->name ? "must not have a \"/\" in it" : "is empty");
        return -1;
    }
    len = snprintf(under->run.name, sizeof under->run.name, "%s/%s", provider,
                   under->name ? under->name : made);
    if (len < (int)sizeof under->run.name)
        return 0;
    report("the name of the run, PROVIDER/NAME, is longer than %d bytes", TQ_NAME_MAX);
    return -1;
}

static int set_limit(struct tq_provider *provider, const struct tq_limit *limit)
{
    struct tq_error error = {.size = sizeof error};
    char why[LIMIT_REFUSED_BYTES];
    int answer = tq_provider_set_limit(provider, limit, &error);

    if (answer > 0 || answer == TQ_EGONE)
        return answer > 0 ? 0 : answer;
    limit_refused(limit, tq_provider_name(provider), answer, &error, why);
    report("%s", why);
    return CLI_ERROR;
}

/* Is there a provider of this name that somebody uses, and that is no run? */
static bool is_in_use(const struct session *session, const char *name, int64_t now_ns)
{
    struct tq_provider *provider, *pool;

    return !run_is_known(session->path, name) &&
           tq_ledger_provider(session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider) == 0 &&
           (tq_provider_limits(provider, now_ns, NULL, 0) != 0 || tq_provider_pool(provider, &pool) != 1 ||
            tq_provider_budget(provider) != 0 || tq_provider_used(provider, now_ns) != 0);
}

/* Makes the provider of the run. It ends at its limits, and is not kept from the rest of them by what may not
 * last: the rule of its provider looks at that. What the work of a session answers. */
static int make(const struct running_under *under, struct tq_provider *parent, struct tq_provider *provider)
{
    const struct tq_limit counts[] = {
        {.size = sizeof counts[0], .unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_ONCE},
        {.size = sizeof counts[0], .unit = TQ_UNIT_REQUESTS, .window = TQ_WINDOW_ONCE},
    };
    int answer = tq_provider_set_pool(provider, parent);

    if (answer == TQ_EINVAL) {
        report("\"%s\" would be a fourth level of pools and runs; there are three", under->run.name);
        return CLI_ERROR;
    }
    if (answer == 0)
        answer = tq_provider_set_rule(provider, TQ_RULE_OFF);
    if (answer < 0)
        return session_fail(under->run.name, answer);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && answer == 0; i++)
        answer = set_limit(provider, &counts[i]);
    for (size_t i = 0; i < under->count && answer == 0; i++)
        answer = set_limit(provider, &under->limits[i]);
    return answer;
}

static int begin(struct running_under *under)
{
    struct session *session = under->session;
    const char *name = under->run.name;
    struct tq_provider *parent, *provider;
    struct listener listener = {0};
    int answer = session_provider_make(session, under->asked.operands[0], &parent);

    if (answer < 0)
        return session_fail(under->asked.operands[0], answer);
    /* Before it is a run: a provider in the pool of its name would be forgotten at the end. */
    if (is_in_use(session, name, under->run.started_at_ns)) {
        report("\"%s\" is a provider already, and no run: choose another --name", name);
        return CLI_ERROR;
    }
    under->kept = run_begin(session->path, session->ledger, &under->run, &listener);
    if (under->kept < 0)
        return report_why(&listener), CLI_ERROR;
    answer = tq_ledger_provider(session->ledger, name, strlen(name), 0, &provider);
    if (answer < 0)
        return session_fail(name, answer);
    answer = make(under, parent, provider);
    if (answer != 0)
        (void)tq_provider_forget(provider);
    return answer;
}

/* ---- while it runs --------------------------------------------------------------------------- */

/* The ledger is not open meanwhile, and may be replaced. Looking marks the run once its time is up. */
static int64_t look(void *context)
{
    struct running_under *under = context;
    int64_t now_ns = tq_now_ns();

    if (under->run.until_ns == 0)
        return INT64_MAX;
    if (now_ns < under->run.until_ns)
        return under->run.until_ns - now_ns;
    if (session_reopen(under->session, SESSION_WRITE) >= 0)
        tq_ledger_close(under->session->ledger);
    under->session->ledger = NULL;
    return INT64_MAX;
}

/* The runs of this process and the new one, which is the first. 0, or -1 without memory. */
static int export(const struct running_under *under)
{
    const char *outer = getenv(RUN_VARIABLE);
    char *value = NULL;
    int answer = -1;

    if (asprintf(&value, "%s%s%s", under->run.name, outer && *outer ? "\n" : "", outer ? outer : "") >= 0)
        answer = setenv(RUN_VARIABLE, value, 1) == 0 ? session_export(under->session) : -1;
    free(value);
    return answer;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* "612,400 of 750,000 tokens, 31 requests, $1.20 of $5.00" */
static void put_used(const struct limits *limits)
{
    const char *gap = "";

    for (size_t i = 0; i < limits->count; i++) {
        const struct tq_limit_state *state = &limits->items[i];
        uint32_t unit = state->limit.unit;

        fprintf(stderr, "%s%s", gap, limit_exact(unit, state->used).s);
        if (state->limit.amount > 0)
            fprintf(stderr, " of %s", limit_exact(unit, state->limit.amount).s);
        if (unit == TQ_UNIT_TOKENS || unit == TQ_UNIT_REQUESTS)
            fprintf(stderr, " %s%s", unit == TQ_UNIT_TOKENS ? "token" : "request",
                    state->used == 1 && state->limit.amount == 0 ? "" : "s");
        else if (unit != TQ_UNIT_COST)
            fprintf(stderr, " %s tokens", tq_unit_name(unit));
        gap = ", ";
    }
}

static const char *how_it_ended(const struct running_under *under, const struct tq_verdict *verdict)
{
    if (under->run.until_ns > 0 && verdict->at_ns >= under->run.until_ns)
        return "; its time was up, and its calls were refused from then on";
    if (verdict->state == TQ_QUOTA_EXHAUSTED && verdict->level == 0 && verdict->reason == TQ_REASON_SPENT)
        return "; its limit was reached, and its calls were refused from then on";
    return verdict->state == TQ_QUOTA_EXHAUSTED ? "; at its end it was out for another reason" : "";
}

static void sum_up(const struct running_under *under)
{
    const char *name = under->run.name;
    struct tq_provider *provider;
    struct tq_verdict verdict;
    struct limits limits = {0};
    int64_t now_ns = tq_now_ns();

    if (under->quiet || !under->session->ledger ||
        tq_ledger_provider(under->session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider) != 0)
        return;
    if (limits_read(provider, now_ns, &limits) >= 0 && verdict_read(provider, now_ns, 0, &verdict) >= 0) {
        fprintf(stderr, "tokenquota run: %s used ", name);
        put_used(&limits);
        fprintf(stderr, " in %s%s\n", format_length(now_ns - under->run.started_at_ns).s,
                how_it_ended(under, &verdict));
    }
    limits_free(&limits);
}

/* The last process of a run forgets it. */
static void end(struct running_under *under)
{
    int64_t now_ns = tq_now_ns();

    if (session_reopen(under->session, SESSION_WRITE) < 0)
        return;
    sum_up(under);
    close(under->kept);
    under->kept = -1;
    runs_look(under->session->path, under->session->ledger, now_ns);
    if (!under->quiet && run_is_known(under->session->path, under->run.name))
        report("processes that it started go on under the limits of \"%s\"", under->run.name);
}

static int work(struct session *session, void *request)
{
    struct running_under *under = request;
    struct running running = {.argv = under->asked.command, .look = look, .context = under};
    int answer;

    under->session = session;
    under->kept = -1;
    answer = begin(under);
    if (answer != 0) {
        if (under->kept >= 0) {
            close(under->kept);
            runs_look(session->path, session->ledger, tq_now_ns());
        }
        return answer;
    }
    if (export(under) < 0)
        no_memory();
    tq_ledger_close(session->ledger);
    session->ledger = NULL;
    running.kept = under->kept;
    answer = running_do(&running);
    end(under);
    return answer;
}

static int run(void *request)
{
    struct running_under *under = request;

    under->run.started_at_ns = tq_now_ns();
    under->run.user = geteuid();
    if (!under->asked.command || !*under->asked.command) {
        report("%s", cmd_run.needs);
        return CLI_ERROR;
    }
    if (under->length_ns &&
        __builtin_add_overflow(under->run.started_at_ns, under->length_ns, &under->run.until_ns))
        under->run.until_ns = 0;
    return name_run(under) < 0 ? CLI_ERROR : session_work(request, SESSION_CREATE, work);
}

const struct command cmd_run = {
    .name = "run",
    .operands = "PROVIDER -- COMMAND [ARGUMENT]...",
    .summary = "run a command with limits of its own, which hold for all that it starts",
    .options = options,
    .notes =
        "\n"
        "Makes the provider PROVIDER/NAME, in the pool PROVIDER, with these limits, and runs COMMAND with\n"
        "TOKENQUOTA_RUN=PROVIDER/NAME in its environment. A tokenquota command that finds this variable and\n"
        "is asked for PROVIDER uses PROVIDER/NAME instead. So each call counts in both, and is refused when\n"
        "either is used up. When a limit is reached or the time is up, calls are refused; nothing is\n"
        "killed.\n\n"
        "The limits hold for every process that COMMAND starts, also after COMMAND or this command ended or\n"
        "was killed. When the last of them is gone the run is forgotten. What it used stays counted in\n"
        "PROVIDER. A run inside a run keeps to the limits of both.\n\n"
        "Ends with a summary on stderr.\n\n"
        "Exit status: that of COMMAND; 128 and the number of the signal that ended it; 126 or 127 if it\n"
        "cannot be run; 2 on an error before that.\n\n"
        "  tokenquota run claude --name job-7 --limit 750k --for 2h -- ./agent.sh\n"
        "  tokenquota run openai --limit '$5' --limit '900 requests' -- make evals\n",
    .request_bytes = sizeof(struct running_under),
    .least = 1,
    .most = 1,
    .needs = "it takes a PROVIDER and, behind --, a COMMAND, as in: tokenquota run claude --limit 750k -- "
             "./job.sh",
    .of_run = true,
    .runs = true,
    .offers = "@provider",
    .run = run,
};
