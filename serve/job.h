/* job.h: one job of the daemon: a thread that asks a vendor, that follows logs, or that exchanges
 * with other machines.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_JOB_H
#define TOKENQUOTA_SERVE_JOB_H

#include <pthread.h>
#include <stdatomic.h>

#include "config.h"
#include "serve.h"
#include "view/listener.h"

enum job_work { JOB_ASKS, JOB_IMPORTS, JOB_EXCHANGES };

struct job {
    const struct server *server;
    struct config *config;
    enum job_work work;
    const struct config_provider *provider; /* of config, which is asked; else NULL */
    const char *name;
    pthread_t thread;
    atomic_bool stop;
    atomic_bool reload; /* an exchange: it reads the login again */
    int wake;           /* can be read once stop is set */
    struct job *before; /* that must have ended before this begins */
    struct job *next;
    char said[LISTENER_LINE]; /* the last trouble, which is not said twice */
};

/* Does its work until job->stop is set. */
void job_run(struct job *job);

#endif
