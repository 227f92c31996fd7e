/* keeper.h: the thread that looks after the runs of the ledger: as each command does, where none is called.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_KEEPER_H
#define TOKENQUOTA_SERVE_KEEPER_H

#include "serve.h"

struct keeper {
    const struct server *server;
    pthread_t thread;
    int wake; /* can be read once it must end; -1: there is no thread */
};

/* 0; negative, said. */
int keeper_start(struct keeper *keeper, const struct server *server);

/* Ends it and waits for its end. */
void keeper_stop(struct keeper *keeper);

#endif
