/* reload.h: the configuration while the daemon runs: read when it begins and at SIGHUP, brought into the
 * ledger and to the jobs.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_RELOAD_H
#define TOKENQUOTA_SERVE_RELOAD_H

#include "config.h"
#include "jobs.h"
#include "reconcile.h"
#include "serve.h"

struct reload {
    struct server *server;
    const struct listeners *listeners;
    struct serve_options given; /* of the command line, which has the last word */
    struct config *config;      /* in use; NULL: none */
    struct config *first;       /* that the daemon began with: its options point into it */
    struct reconcile_said said;
    struct jobs *jobs;
};

/* Reads the configuration, if there is one, into server->options. 0; negative, said. */
int reload_begin(struct reload *reload, struct server *server, const struct listeners *listeners);

/* Brings it into the ledger, which is open, and starts its jobs. */
void reload_apply(struct reload *reload);

/* Reads the files of configuration and tokens again. With any mistake, which is said, nothing changes. */
void reload_again(struct reload *reload);

/* Tells the jobs to end. */
void reload_halt(struct reload *reload);

/* Waits for their ends, and frees everything. */
void reload_end(struct reload *reload);

#endif
