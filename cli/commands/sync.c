/* sync.c: `tokenquota sync` exchanges a ledger with those of other machines, through a Valkey or Redis.
 *
 * SPDX-License-Identifier: MIT
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands/sync.h"
#include "cli/session.h"
#include "view/runs.h"

struct sync_request {
    struct request asked;
    struct sync_options options;
    int64_t tags;
    bool dry_run, status, leave;
};

#define TO(field) offsetof(struct sync_request, field)

static const struct option options[] = {
    {0, "to", "URL",
     "the server: redis://HOST[:PORT], rediss://..., unix:///PATH; several hosts: redis://A,B,C", option_text,
     TO(options.server.to), NULL},
    {0, "node", "NAME", "this machine's name among the others (default: the host's name)", option_text,
     TO(options.node), NULL},
    {0, "every", "LENGTH", "tell and ask counts this often (default 250ms); states are told at once",
     option_length, TO(options.every_ns), "20ms 100ms 250ms 1s"},
    {0, "auth-file", "FILE", "user:password or password of the server, in a file that you alone may read",
     option_text, TO(options.server.auth_file), "@file"},
    {0, "ca-file", "FILE", "rediss://: trust the certificates in this file alone", option_text,
     TO(options.server.ca_file), "@file"},
    {0, "tags", "N", "spread providers over this many hash tags (default 16), the same on all machines",
     option_tokens, TO(tags), NULL},
    FLAG_ROW(0, "dry-run", TO(dry_run),
             "say what would be exchanged and with whom, look at the server; write nothing"),
    FLAG_ROW(0, "once", TO(options.once), "exchange once, and end"),
    FLAG_ROW(0, "status", TO(status), "say how the exchange of this ledger goes"),
    FLAG_ROW(0, "leave", TO(leave), "this ledger exchanges no more: nothing is withheld for others"),
    JSON_AS("with --status: print one JSON document instead"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* ---- signals --------------------------------------------------------------------------------- */

static atomic_bool wants_reload;

static void on_reload(int number)
{
    (void)number;
    atomic_store_explicit(&wants_reload, true, memory_order_relaxed);
}

static void catch_reload(void)
{
    struct sigaction action = {.sa_handler = on_reload, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGHUP, &action, NULL);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void say(void *of, const char *line)
{
    (void)of;
    report("%s", line);
}

/* A run is a job on this machine: what it counts is in its pool's counts, too. */
static bool is_run(void *of, const char *provider)
{
    return strchr(provider, '/') && run_is_known(of, provider);
}

static int work(struct sync_request *given, struct session *session)
{
    struct tq_error error = {.size = sizeof error};
    struct sync_plan plan;
    int answer;

    if (given->dry_run) {
        answer = sync_plan_make(&given->options, &plan, &error);
        if (answer == 0)
            answer = sync_show_plan(&plan, &given->options);
        sync_plan_free(&plan);
        if (answer < 0 && *error.msg)
            report("%s", error.msg);
        return answer < 0 ? CLI_ERROR : answer > 0 ? CLI_NO : CLI_YES;
    }
    session_catch_ends(0);
    catch_reload();
    given->options.stop = &session_stopped;
    given->options.reload = &wants_reload;
    given->options.of = session->path;
    answer = sync_run(&given->options, &error);
    if (answer < 0)
        report("%s", *error.msg ? error.msg : tq_strerror(answer));
    return answer < 0 ? CLI_ERROR : CLI_YES;
}

/* ---- without a server ------------------------------------------------------------------------ */

/* While a process exchanges the ledger, it would say the next moment that the ledger is shared. */
static int leave(struct session *session)
{
    struct tq_error error = {.size = sizeof error};
    int lock = sync_state_lock(session->path, &error), answer;

    if (lock < 0) {
        report("%s%s", error.msg, lock == TQ_EBUSY ? "; end that process first" : "");
        return CLI_ERROR;
    }
    answer = tq_ledger_set_shared_until(session->ledger, 0);
    close(lock);
    return answer < 0 ? session_fail("the ledger", answer) : CLI_YES;
}

static int look(struct session *session, void *request)
{
    struct sync_request *given = request;
    struct tq_error error = {.size = sizeof error};
    struct sync_status status;
    int64_t until_ns = tq_ledger_shared_until(session->ledger);
    int answer;

    if (given->leave)
        return leave(session);
    answer = sync_status_read(session->path, &status, &error);
    if (answer < 0) {
        report("%s", error.msg);
        return CLI_ERROR;
    }
    if (answer == 1 || until_ns == 0) {
        sync_status_free(&status);
        report("%s is exchanged with no other machine; it begins with: tokenquota sync --to redis://HOST",
               session->path);
        return CLI_ERROR;
    }
    answer = sync_show_status(&status, until_ns, tq_now_ns(), given->asked.json);
    sync_status_free(&status);
    return answer < 0 ? CLI_ERROR : answer > 0 ? CLI_NO : CLI_YES;
}

static int run(void *request)
{
    struct sync_request *given = request;
    struct session session;

    if (given->status || given->leave)
        return session_work(request, given->leave ? SESSION_WRITE : SESSION_READ, look);
    if (given->asked.json) {
        report("--json goes with --status");
        return CLI_ERROR;
    }
    if (!given->options.server.to) {
        report("say which server, as in: tokenquota sync --to redis://HOST");
        return CLI_ERROR;
    }
    if (given->tags > SYNC_TAGS_MOST) {
        report("--tags is at most %d", SYNC_TAGS_MOST);
        return CLI_ERROR;
    }
    if (session_find(&session, given->asked.ledger) < 0)
        return CLI_ERROR;
    if (!session.given && !given->dry_run && session_make_folder(&session) < 0)
        return CLI_ERROR;
    given->options.ledger = session.path;
    given->options.open = session_options();
    given->options.server.tags = (unsigned)given->tags;
    given->options.say = say;
    given->options.is_local = is_run;
    given->options.of = session.path;
    return work(given, &session);
}

const struct command cmd_sync = {
    .name = "sync",
    .operands = "",
    .summary = "share limits with other machines, through a Valkey or Redis",
    .options = options,
    .notes =
        "\n"
        "Runs beside the ledger until Ctrl-C or SIGTERM, which tells the last counts and gives back what "
        "was\n"
        "leased. Each machine tells its own totals and reads those of the others; every decision is still "
        "made\n"
        "from the ledger on this machine, and no record waits for the network. Limits, pools, budgets and "
        "marks\n"
        "are told, too: the last change wins. SIGHUP reads the login again. One process exchanges a ledger.\n"
        "\n"
        "While the server is away each provider spends its share (`set PROVIDER cut=share`, the default), "
        "goes on\n"
        "(cut=open) or is out (cut=closed). Of a limit with --strict a machine spends only what was leased "
        "to it.\n"
        "docs/many-machines.md has the rest.\n\n"
        "Exit status: 0 after Ctrl-C or SIGTERM, and when --once exchanged all; 2 on an error. --status: 1 "
        "when\n"
        "this machine is cut off. --dry-run: 1 when something is wrong with the server or the name.\n\n"
        "  tokenquota sync --to redis://10.0.0.5 --auth-file /etc/tokenquota/redis.auth &\n"
        "  tokenquota sync --to redis://10.0.0.5 --dry-run\n",
    .request_bytes = sizeof(struct sync_request),
    .needs = "it takes no operand",
    .run = run,
};
