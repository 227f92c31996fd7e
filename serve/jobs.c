/* jobs.c: what the daemon does by itself: each a thread, begun, replaced and ended by the configuration.
 *
 * SPDX-License-Identifier: MIT
 */
#include "jobs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "job.h"

struct jobs {
    const struct server *server;
    struct job **items;
    size_t count, capacity;
    struct job *ending; /* for whose ends no other job waits, by .next */
};

/* ---- one job --------------------------------------------------------------------------------- */

static void halt(struct job *job)
{
    uint64_t one = 1;

    job->stop = true;
    (void)!write(job->wake, &one, sizeof one);
}

/* After its thread has ended. */
static void free_one(struct job *job)
{
    close(job->wake);
    config_drop(job->config);
    free(job);
}

static void join(struct job *job)
{
    (void)pthread_join(job->thread, NULL);
    free_one(job);
}

static void join_ending(struct jobs *jobs)
{
    struct job *job;

    while ((job = jobs->ending) != NULL) {
        jobs->ending = job->next;
        join(job);
    }
}

/* Nobody waits for its end. */
static void let_end(struct jobs *jobs, struct job *job)
{
    halt(job);
    job->next = jobs->ending;
    jobs->ending = job;
}

static void *run(void *context)
{
    struct job *job = context;

    if (job->before)
        join(job->before);
    job_run(job);
    return NULL;
}

/* ---- which jobs ------------------------------------------------------------------------------ */

static bool same_poll(const struct config_provider *a, const struct config_provider *b)
{
    return tq__same_text(a->poll, b->poll) && tq__same_text(a->probe, b->probe) && a->vendor == b->vendor &&
           a->every_ns == b->every_ns && a->timeout_ns == b->timeout_ns;
}

static bool same_import(const struct config_import *a, const struct config_import *b)
{
    bool same = a->logs.source == b->logs.source && tq__same_text(a->logs.name, b->logs.name) &&
                a->logs.count == b->logs.count && a->path_count == b->path_count;

    for (size_t i = 0; same && i < a->path_count; i++)
        same = strcmp(a->paths[i], b->paths[i]) == 0;
    return same;
}

static bool same_imports(const struct config *a, const struct config *b)
{
    bool same = a->import_count == b->import_count;

    for (size_t i = 0; same && i < a->import_count; i++)
        same = same_import(&a->imports[i], &b->imports[i]);
    return same;
}

static bool same_sync(const struct config_sync *a, const struct config_sync *b)
{
    return tq__same_text(a->to, b->to) && tq__same_text(a->node, b->node) &&
           tq__same_text(a->auth_file, b->auth_file) && tq__same_text(a->ca_file, b->ca_file) &&
           a->every_ns == b->every_ns && a->tags == b->tags;
}

static bool is_same(const struct job *job, const struct config *config, enum job_work work,
                    const struct config_provider *provider)
{
    if (work == JOB_ASKS)
        return same_poll(job->provider, provider);
    return work == JOB_IMPORTS ? same_imports(job->config, config)
                               : same_sync(&job->config->sync, &config->sync);
}

/* The job that does this work, for this provider, taken out of the list; NULL: none. */
static struct job *take_out(struct job **items, size_t count, enum job_work work,
                            const struct config_provider *provider)
{
    for (size_t i = 0; i < count; i++) {
        struct job *job = items[i];

        if (!job || job->work != work || (provider && strcmp(job->provider->name, provider->name) != 0))
            continue;
        items[i] = NULL;
        return job;
    }
    return NULL;
}

static const char *name_of(enum job_work work, const struct config_provider *provider)
{
    return provider ? provider->name : work == JOB_IMPORTS ? "import" : "sync";
}

static struct job *make(struct jobs *jobs, struct config *config, enum job_work work,
                        const struct config_provider *provider)
{
    struct job *job = calloc(1, sizeof *job);

    if (!job)
        return NULL;
    job->server = jobs->server;
    job->config = config_share(config);
    job->provider = provider;
    job->work = work;
    job->name = name_of(work, provider);
    job->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (job->wake >= 0)
        return job;
    config_drop(config);
    free(job);
    return NULL;
}

/* Keeps the old job, or begins one behind it. */
static int want(struct jobs *jobs, struct job **old, size_t old_count, struct config *config,
                enum job_work work, const struct config_provider *provider)
{
    struct job *before = take_out(old, old_count, work, provider), *job = NULL;
    struct job **items = tq__list_room(jobs->items, jobs->count, &jobs->capacity, sizeof(struct job *));

    jobs->items = items ? items : jobs->items;
    if (items && before && is_same(before, config, work, provider)) {
        /* The file of the login may have changed, though its name has not. */
        atomic_store_explicit(&before->reload, true, memory_order_relaxed);
        items[jobs->count++] = before;
        return 0;
    }
    if (before)
        halt(before);
    if (items && (job = make(jobs, config, work, provider)) != NULL) {
        job->before = before;
        if (serve_thread(&job->thread, run, job) == 0) {
            items[jobs->count++] = job;
            return 0;
        }
        free_one(job);
    }
    if (before)
        let_end(jobs, before);
    serve_say(jobs->server, "%s: no thread could be started for it", name_of(work, provider));
    return TQ_ESYS;
}

struct jobs *jobs_new(const struct server *server)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);

    if (jobs)
        jobs->server = server;
    return jobs;
}

int jobs_replace(struct jobs *jobs, struct config *config)
{
    struct job **old = jobs->items;
    size_t old_count = jobs->count;
    int answer = 0;

    join_ending(jobs); /* those of the last time, long over */
    jobs->items = NULL;
    jobs->count = jobs->capacity = 0;
    for (size_t i = 0; config && i < config->provider_count; i++)
        if (config->providers[i].poll || config->providers[i].probe)
            answer |= want(jobs, old, old_count, config, JOB_ASKS, &config->providers[i]);
    if (config && config->import_count > 0)
        answer |= want(jobs, old, old_count, config, JOB_IMPORTS, NULL);
    if (config && config->sync.line)
        answer |= want(jobs, old, old_count, config, JOB_EXCHANGES, NULL);
    for (size_t i = 0; i < old_count; i++)
        if (old[i])
            let_end(jobs, old[i]);
    free(old);
    return answer < 0 ? TQ_ESYS : 0;
}

void jobs_halt(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++)
        halt(jobs->items[i]);
}

void jobs_free(struct jobs *jobs)
{
    if (!jobs)
        return;
    jobs_halt(jobs);
    for (size_t i = 0; i < jobs->count; i++)
        join(jobs->items[i]);
    join_ending(jobs);
    free(jobs->items);
    free(jobs);
}
