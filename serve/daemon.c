/* daemon.c: the daemon from its begin to its end: ledger, tokens, sockets, loops, and the signals that it
 * gets.
 *
 * SPDX-License-Identifier: MIT
 */
#include "serve.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "activation.h"
#include "counts.h"
#include "engine.h"
#include "events.h"
#include "ids.h"
#include "keeper.h"
#include "reload.h"
#include "token.h"

struct daemon {
    struct server server;
    struct engine engine;
    struct reload reload;
    struct keeper keeper;
    int signals; /* gives SIGTERM, SIGINT and SIGHUP */
};

/* ---- signals and the service manager --------------------------------------------------------- */

/* True to go on. */
static bool look_at_signals(void *context)
{
    struct daemon *daemon = context;
    struct signalfd_siginfo info;

    while (read(daemon->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGHUP)
            return false;
        notify_reloading();
        reload_again(&daemon->reload);
        notify_tell("READY=1");
    }
    if (notify_watchdog_ns() > 0)
        notify_tell("WATCHDOG=1");
    return true;
}

int serve_thread(pthread_t *thread, void *(*run)(void *context), void *context)
{
    sigset_t all, before;
    int wrong;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    wrong = pthread_create(thread, NULL, run, context);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return wrong;
}

/* From here on no thread is interrupted: the first loop reads the signals. */
static int take_signals(void)
{
    sigset_t set;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit on files is then as a full disk */
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- begin and end --------------------------------------------------------------------------- */

static void init_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attributes;

    (void)pthread_rwlockattr_init(&attributes);
    (void)pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    (void)pthread_rwlock_init(lock, &attributes);
    (void)pthread_rwlockattr_destroy(&attributes);
}

/* Without memory for them no record with an id is counted. */
static void open_ids(struct server *server)
{
    char why[IDS_WHY];

    server->ids = ids_open(server->options.ledger, server->options.ids, tq_now_ns(), why);
    if (*why || !server->ids)
        serve_say(server, "ids of records: %s", *why ? why : "out of memory");
}

static int begin(struct daemon *daemon)
{
    struct server *server = &daemon->server;
    const char *fault = mhd_load();
    int answer;

    if (fault) {
        serve_say(server, "%s", fault);
        return TQ_ENOTSUP;
    }
    notify_begin();
    counts_begin(tq_now_ns());
    answer = reload_begin(&daemon->reload, server, &daemon->engine.listeners);
    if (answer == 0)
        answer = tokens_read(&server->tokens, server);
    if (answer == 0 || server->options.check) { /* who checks wants to know all that is wrong */
        int listens = listen_all(&daemon->engine.listeners, server);

        answer = answer < 0 ? answer : listens;
    }
    if (answer == 0)
        answer = serve_check_reach(server, &daemon->engine.listeners);
    if (answer < 0 || server->options.check)
        return answer;
    daemon->signals = take_signals();
    if (daemon->signals < 0) {
        serve_say(server, "signals: %s", strerror(errno));
        return TQ_ESYS;
    }
    answer = serve_open(server);
    if (answer < 0)
        return answer;
    open_ids(server);
    answer = events_start(server);
    if (answer == 0)
        answer = keeper_start(&daemon->keeper, server);
    if (answer == 0)
        answer = engine_start(&daemon->engine);
    if (answer == 0)
        reload_apply(&daemon->reload);
    return answer;
}

static void end(struct daemon *daemon)
{
    struct server *server = &daemon->server;

    reload_halt(&daemon->reload);
    listen_close(&daemon->engine.listeners);
    if (daemon->engine.loops)
        engine_stop(&daemon->engine);
    events_stop(server);
    keeper_stop(&daemon->keeper);
    reload_end(&daemon->reload);
    engine_free(&daemon->engine);
    ids_close(server->ids);
    tq_ledger_close(server->ledger);
    tokens_free(server->tokens);
    if (daemon->signals >= 0)
        close(daemon->signals);
    (void)pthread_rwlock_destroy(&server->ledger_lock);
}

int serve(const struct serve_options *options)
{
    struct daemon *daemon = calloc(1, sizeof *daemon);
    int answer;

    if (!daemon) {
        options->say(tq_strerror(TQ_ENOMEM));
        return TQ_ENOMEM;
    }
    daemon->signals = daemon->keeper.wake = -1;
    daemon->server.options = *options;
    daemon->server.engine = &daemon->engine;
    daemon->engine.server = &daemon->server;
    init_lock(&daemon->server.ledger_lock);
    answer = begin(daemon);
    if (answer == TQ_ENOMEM)
        serve_say(&daemon->server, "%s", tq_strerror(answer));
    if (answer == 0 && !options->check) {
        for (size_t i = 0; i < daemon->engine.listeners.count; i++)
            serve_say(&daemon->server, "listening on %s", daemon->engine.listeners.items[i].name);
        notify_tell("READY=1\nSTATUS=listening on %s", daemon->engine.listeners.items[0].name);
        engine_run(&daemon->engine, daemon->signals, notify_watchdog_ns(), look_at_signals, daemon);
        notify_tell("STOPPING=1\nSTATUS=answering what was asked");
    }
    end(daemon);
    free(daemon);
    return answer;
}
