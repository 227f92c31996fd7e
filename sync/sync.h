/* sync.h: the loop: a ledger is exchanged with other machines until it is told to stop.
 *
 * SPDX-License-Identifier: MIT
 *
 * A thread of its own, with the ledger opened for itself: nothing that it waits for delays a record. It wakes
 * when a state changes, and each interval. It prints nothing: it has a function for that.
 */
#ifndef TOKENQUOTA_SYNC_SYNC_H
#define TOKENQUOTA_SYNC_SYNC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sync/server.h"
#include "sync/trouble.h"
#include "tokenquota.h"

#define SYNC_EVERY_NS INT64_C(250000000) /* when nothing else is said */
#define SYNC_EVERY_LEAST_NS INT64_C(5000000)
#define SYNC_EVERY_MOST_NS INT64_C(60000000000)

struct sync_options {
    const char *ledger; /* its path */
    struct tq_ledger_options open;
    struct sync_redis_options server;
    const char *node; /* NULL: the host's name */
    int64_t every_ns; /* 0: SYNC_EVERY_NS */
    bool once;        /* one exchange, and out */
    bool (*is_local)(void *of, const char *provider);
    void (*say)(void *of, const char *line); /* one line without its end */
    void *of;
    const atomic_bool *stop; /* the loop ends; NULL: never */
    atomic_bool *reload;     /* reads the auth file again, and connects anew; NULL: never */
};

/* Fills in the host's name, as far as a node's name may be; and checks the name. NULL, or what is wrong with
 * it. */
const char *sync_node_name(const char *given, char name[SYNC_NODE_MOST + 1]);

/* Exchanges until *stop. 0; negative with a line in *error: it cannot begin, or with `once` that it failed.
 */
int sync_run(const struct sync_options *options, struct tq_error *error);

/* What one exchange would be: what is asked and said is counted, and nothing is written. */
struct sync_plan {
    char node[SYNC_NODE_MOST + 1];
    struct sync_server_facts facts;
    uint32_t machines;
    size_t providers, windows, runs; /* that are exchanged; providers that stay here */
    struct sync_peer *peers;
    size_t peer_count;
    char refused_by[128];
    char trouble[TROUBLE_BYTES]; /* what else is wrong; "": nothing */
    struct sync_plan_line {
        char provider[TQ_NAME_MAX + 1];
        char limit[SYNC_LIMIT_MOST + 1]; /* "": the budget */
        uint32_t cut;
        bool is_strict;
        int64_t used, others, amount, bound;
    } * lines;
    size_t line_count;
};

/* 0; negative with a line. */
int sync_plan_make(const struct sync_options *options, struct sync_plan *plan, struct tq_error *error);
void sync_plan_free(struct sync_plan *plan);

#endif
