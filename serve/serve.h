/* serve.h: the daemon: what it was asked to be, and what its handlers share.
 *
 * SPDX-License-Identifier: MIT
 *
 * The daemon is a door to the ledger, not its owner: what other processes count shows up at once, and all of
 * them keep working when it is down.
 */
#ifndef TOKENQUOTA_SERVE_SERVE_H
#define TOKENQUOTA_SERVE_SERVE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

#define SERVE_ADDRESSES 16
#define SERVE_IDS_MOST 10000000
#define SERVE_LISTEN "127.0.0.1:8377"

/* What the command line and the configuration ask for. */
struct serve_options {
    const char *ledger;                  /* its path */
    const char *listen[SERVE_ADDRESSES]; /* HOST:PORT; none: SERVE_LISTEN, unless there is unix_path */
    size_t listen_count;
    const char *unix_path;       /* NULL: none */
    const char *config;          /* NULL: none */
    const char *token_file;      /* may read and write; NULL: none */
    const char *read_token_file; /* may read */
    unsigned threads;            /* 0: one */
    unsigned ids;     /* of observes that count once; 0: the default */
    bool allow_plain_http;
    bool cors_limits;
    void (*say)(const char *line); /* one line for people, without the newline; from any thread */
};

/* Serves until stopped is set, which a signal handler may do. 0; negative when it could not begin, which was
 * said. */
int serve(const struct serve_options *options);

/* What the handlers share. A handler holds ledger_lock for reading while it runs (the engine takes it); who opens
 * the ledger anew holds it for writing. */
struct server {
    struct serve_options options;
    pthread_rwlock_t ledger_lock;
    struct tq_ledger *ledger;
};

#endif
