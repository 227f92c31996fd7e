/* hub.h: the newest changes of providers' states, which one thread collects for all clients.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_HUB_H
#define TOKENQUOTA_SERVE_HUB_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/transition.h"

struct server;

#define HUB_EVENTS 1024               /* in the ring, at most */
#define HUB_BYTES ((size_t)512 << 10) /* of their text */
#define HUB_USAGE_BYTES 1024          /* of the word of usage */

struct hub {
    struct server *server;
    pthread_t thread;
    char instance[17]; /* of this process, by chance: numbers begin anew with each */

    /* Under the lock: what clients read. */
    pthread_mutex_t lock;
    struct {
        char *text;
        size_t len;
    } ring[HUB_EVENTS];   /* event n is at n % HUB_EVENTS */
    uint64_t first, next; /* the ring has the events from first up to, but not including, next */
    size_t bytes;
    uint64_t usage_number;
    char usage[HUB_USAGE_BYTES];
    size_t clients;
    bool wanted; /* a client came */
    bool stopped;
    pthread_cond_t tell; /* of one of the two */

    /* The thread's own. */
    uint32_t seen; /* of tq_ledger_wait */

    /* Under this lock, which comes before the other: the looks. */
    pthread_mutex_t looking;
    struct watching watching;
    uint64_t opened;    /* the ledger that is watched: as server->opened */
    bool pending;       /* something changed since the last look */
    int64_t look_at_ns; /* a look is not worth while before; all by the steady clock */
    int64_t looked_at_ns, usage_at_ns;
    uint64_t *prints; /* of each that is watched: a print of its counts */
    size_t print_capacity;
    bool printed; /* there are prints to compare with */
};

/* Starts the thread. NULL: no memory. */
struct hub *hub_start(struct server *server);
void hub_stop(struct hub *hub);

/* Before the first client listens: notes how all stand, so that it misses no change. Until then nobody is
 * watched, which would make a large ledger part of this process's memory, and the thread sleeps. The ledger's
 * lock is held. 0, or negative from the library. */
int hub_begin(struct hub *hub);

/* What a client is told first, allocated; NULL: no memory. It goes on with event `next`. The lock is held. */
char *hub_greeting(const struct hub *hub, uint64_t next, bool missed);

#endif
