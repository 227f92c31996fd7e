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
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

#define SERVE_ADDRESSES 16
#define SERVE_NAMES 16
#define SERVE_THREADS_MOST 64
#define SERVE_LISTEN "127.0.0.1:8377"
#define SERVE_PORT "8377"
#define SERVE_IDS 1000000u       /* ids of records that are known, unless asked otherwise */
#define SERVE_IDS_MOST 16777216u /* of them at most */

/* What the command line and the configuration ask for. */
struct serve_options {
    const char *ledger;                  /* its path */
    struct tq_ledger_options open;       /* how it is opened, each time */
    const char *listen[SERVE_ADDRESSES]; /* HOST:PORT; none: SERVE_LISTEN, unless there is unix_path */
    size_t listen_count;
    const char *names[SERVE_NAMES]; /* names of this host that a request may ask for, beside the loopback's */
    size_t name_count;
    const char *unix_path;       /* NULL: none */
    const char *config;          /* NULL: none */
    const char *token_file;      /* may read and write; NULL: none */
    const char *read_token_file; /* may read */
    unsigned threads;            /* 0: one */
    uint32_t ids;                /* of records that are known at most; 0: SERVE_IDS */
    bool check;                  /* say what is wrong with all this, and do not serve */
    int64_t patience_ns;         /* 0: the deadlines of engine.h; else what tests wait for a slow client */
    size_t connections_max;      /* 0: as many as descriptors allow, at most CONNECTIONS_MAX of engine.h */
    bool allow_plain_http;
    bool cors_limits;
    void (*say)(const char *line); /* one line for people, without the newline; from any thread */
};

/* Serves until SIGTERM or SIGINT, which it blocks and reads, as SIGHUP. 0; negative when it could not begin,
 * which was said. */
int serve(const struct serve_options *options);

struct engine;
struct ids;
struct hub;
struct tokens;

/* What the handlers share. A handler and the read of a stream hold ledger_lock for reading while they run
 * (the engine takes it); who opens the ledger anew holds it for writing. What belongs to a ledger, such as a
 * provider, is gone when opened has changed. */
struct server {
    struct serve_options options;
    _Atomic bool
        opens_limits; /* options.cors_limits, for threads that hold no lock: a reload may change it */
    pthread_rwlock_t ledger_lock;
    struct tq_ledger *ledger; /* NULL: it could not be opened anew */
    uint64_t opened;          /* how often a ledger was opened */
    struct tokens *tokens;
    struct ids *ids;
    struct engine *engine;
    struct hub *hub; /* of events */
};

/* What is wrong with an address of options.listen, NULL: nothing. */
const char *serve_address_fault(const char *address);

/* The same of options.names. */
const char *serve_name_fault(const char *name);

/* Opens the ledger, which may be made. 0; negative, said. */
int serve_open(struct server *server);

struct listeners;

/* Whoever reaches the daemon over a network must say who they are, and the network must not show it to
 * others. 0; negative, said. */
int serve_check_reach(const struct server *server, const struct listeners *listeners);

/* Opens the ledger anew in place of old, which is gone, unless another thread did. 0; negative: there is none
 * now, which is said once. */
int serve_reopen(struct server *server, const struct tq_ledger *old);

/* Says one line for people, as printf. */
__attribute__((format(printf, 2, 3))) void serve_say(const struct server *server, const char *format, ...);

#endif
