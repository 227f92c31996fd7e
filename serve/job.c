/* job.c: one job of the daemon: a thread that asks a vendor, that follows logs, or that exchanges
 * with other machines.
 *
 * SPDX-License-Identifier: MIT
 *
 * What fails is said once and tried again: the ledger may come back, another importer may end.
 */
#include "job.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "sync/sync.h"
#include "view/import_words.h"
#include "view/poll.h"
#include "view/runs.h"

#define AGAIN_NS (2 * TQ__SECOND_NS)

/* Until then, or until the job must end. */
static void wait_for(const struct job *job, int64_t length_ns)
{
    struct pollfd wake = {.fd = job->wake, .events = POLLIN};

    (void)poll(&wake, 1, (int)(length_ns / 1000000));
}

static void say(struct job *job, const char *line)
{
    if (strcmp(job->said, line) == 0)
        return;
    snprintf(job->said, sizeof job->said, "%s", line);
    serve_say(job->server, "%s: %s", job->name, line);
}

static void on_trouble(struct progress *context, const char *line)
{
    say((struct job *)(void *)context, line);
}

static struct listener listen_to(struct job *job)
{
    return (struct listener){.trouble = on_trouble, .context = (struct progress *)(void *)job};
}

/* NULL, which was said. */
static struct tq_ledger *open_ledger(struct job *job)
{
    const struct serve_options *options = &job->server->options;
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    if (tq_ledger_open(&ledger, options->ledger, &options->open, &error) == 0)
        return ledger;
    say(job, error.msg);
    return NULL;
}

/* ---- asking a vendor ------------------------------------------------------------------------- */

/* A probe becomes due at any time; a reading at the time that is noted. */
static int64_t pause_of(const struct poll *poll)
{
    int64_t left_ns = poll->next_ns - tq_now_ns();

    if (poll->probe || left_ns < POLL_LOOK_NS)
        return POLL_LOOK_NS;
    return left_ns < AGAIN_NS ? left_ns : AGAIN_NS;
}

/* Looks again and again, until the job must end or the ledger is gone. */
static void look(struct job *job, struct poll *poll)
{
    int answer;

    while (!job->stop) {
        answer = poll_look(poll, tq_now_ns());
        if (answer == TQ_EGONE)
            return;
        if (answer < 0)
            say(job, poll->listener->why);
        if (answer == POLL_DONE)
            job->said[0] = '\0';
        wait_for(job, answer < 0 ? AGAIN_NS : pause_of(poll));
    }
}

static void ask(struct job *job)
{
    const struct config_provider *provider = job->provider;
    char *command[] = {"/bin/sh", "-c", (char *)(uintptr_t)provider->poll, NULL};
    char *probe[] = {"/bin/sh", "-c", (char *)(uintptr_t)provider->probe, NULL};
    struct listener listener = listen_to(job);
    struct poll poll = {
        .command = provider->poll ? command : NULL,
        .probe = provider->probe ? probe : NULL,
        .vendor = provider->vendor,
        .every_ns = provider->every_ns ? provider->every_ns : POLL_EVERY_NS,
        .timeout_ns = provider->timeout_ns ? provider->timeout_ns : POLL_TIMEOUT_NS,
        .stop = &job->stop,
        .listener = &listener,
        .hint = "; a command that sends a request is a probe",
    };

    while (!job->stop) {
        struct tq_ledger *ledger = open_ledger(job);
        int answer =
            ledger ? tq_ledger_provider(ledger, provider->name, strlen(provider->name), 0, &poll.provider)
                   : TQ_EGONE;

        poll.next_ns = 0;
        if (answer == 0)
            look(job, &poll);
        else if (answer != TQ_EGONE)
            say(job, tq_strerror(answer));
        tq_ledger_close(ledger);
        if (!job->stop)
            wait_for(job, ledger ? POLL_LOOK_NS : AGAIN_NS);
    }
}

/* ---- following logs -------------------------------------------------------------------------- */

static void tell(struct import *import, enum import_event event, const struct merge_file *file)
{
    struct listener listener = listen_to(import->context);

    import_tell(import, event, file, &listener);
}

static int reopen(struct import *import)
{
    struct job *job = import->context;

    tq_ledger_close(import->ledger);
    import->ledger = open_ledger(job);
    return import->ledger ? 0 : TQ_ESYS;
}

static void say_missing(struct job *job)
{
    for (size_t i = 0; i < job->config->import_count; i++) {
        const struct config_import *import = &job->config->imports[i];

        for (size_t k = 0; k < import->path_count; k++)
            if (access(import->paths[k], F_OK) < 0)
                serve_say(job->server, "import %s: %s is not there yet; it is read once it is", import->name,
                          import->paths[k]);
    }
}

/* From opening the ledger to a failure, or until the job must end. */
static void follow_once(struct job *job, const struct import_logs *logs)
{
    struct import import = {
        .request = {.logs = logs,
                    .log_count = job->config->import_count,
                    .since_ns = INT64_MIN,
                    .follow = true,
                    .waits = true,
                    .quiet = true},
        .path = job->server->options.ledger,
        .stop = &job->stop,
        .wake_fd = job->wake,
        .tell = tell,
        .reopen = reopen,
        .context = job,
    };
    int answer;

    import.ledger = open_ledger(job);
    if (!import.ledger)
        return;
    answer = import_open(&import);
    if (answer == 0)
        answer = import_work(&import);
    if (answer < 0 && answer != TQ_EGONE)
        say(job, import.error.text);
    import_close(&import);
    tq_ledger_close(import.ledger);
}

static void follow(struct job *job)
{
    const struct config *config = job->config;
    struct import_logs *logs = calloc(config->import_count, sizeof *logs);

    if (!logs) {
        say(job, "out of memory");
        return;
    }
    for (size_t i = 0; i < config->import_count; i++)
        logs[i] = config->imports[i].logs;
    say_missing(job);
    while (!job->stop) {
        follow_once(job, logs);
        if (!job->stop)
            wait_for(job, AGAIN_NS);
    }
    free(logs);
}

/* ---- other machines -------------------------------------------------------------------------- */

static void say_line(void *context, const char *line)
{
    const struct job *job = context;

    serve_say(job->server, "%s: %s", job->name, line);
}

static bool is_run(void *context, const char *provider)
{
    const struct job *job = context;

    return strchr(provider, '/') && run_is_known(job->server->options.ledger, provider);
}

/* A server that is away, and a name that is taken, may be better later. */
static void exchange(struct job *job)
{
    const struct config_sync *sync = &job->config->sync;
    const struct sync_options options = {
        .ledger = job->server->options.ledger,
        .open = job->server->options.open,
        .server = {.to = sync->to,
                   .auth_file = sync->auth_file,
                   .ca_file = sync->ca_file,
                   .tags = sync->tags},
        .node = sync->node,
        .every_ns = sync->every_ns,
        .is_local = is_run,
        .say = say_line,
        .of = job,
        .stop = &job->stop,
        .reload = &job->reload,
    };
    struct tq_error error = {.size = sizeof error};

    while (!job->stop) {
        *error.msg = '\0';
        if (sync_run(&options, &error) < 0)
            say(job, error.msg);
        if (!job->stop)
            wait_for(job, AGAIN_NS);
    }
}

void job_run(struct job *job)
{
    switch (job->work) {
    case JOB_ASKS:
        ask(job);
        break;
    case JOB_IMPORTS:
        follow(job);
        break;
    case JOB_EXCHANGES:
        exchange(job);
        break;
    }
}
