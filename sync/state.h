/* state.h: LEDGER.sync, a small file beside the ledger: what was said and heard of words, across restarts,
 * and how it goes.
 *
 * SPDX-License-Identifier: MIT
 *
 * Lines of text, replaced as a whole by a rename. A process that exchanges holds a lock on LEDGER.sync.lock,
 * so of two that would exchange one ledger the second one says so. Everybody who may read the ledger's folder
 * may read how it goes.
 *
 *     tokenquota-sync 1
 *     node web-1
 *     instance 3f0c...                          of the last run, which the next one replaces at the server
 *     next 77ab...                              of a run that was killed before it knew whether it did so
 *     settings 42                               tq_ledger_settings then: a ledger with fewer was put back
 *     inode 1234                                of the ledger's file
 *     to redis://10.0.0.5                       without a login; every, tags, flushes, trouble, ... follow
 *     peer web-2 1767225600000 250 1200         seen, interval, rate
 *     base 1767225600 90 0 6 tokens openai      what the server has beyond a ledger that was put back
 *     had 1767225600 40 0 6 tokens openai       until that is known: what that ledger had then
 *     bound 5000 openai                         how far the machines can go beyond its limits, at the most
 *     word 1767225600000 web-2 9e3779b97f4a7c15 mark openai
 */
#ifndef TOKENQUOTA_SYNC_STATE_H
#define TOKENQUOTA_SYNC_STATE_H

#include "sync/exchange.h"
#include "sync/trouble.h"

#define SYNC_INSTANCE_BYTES 17
#define SYNC_TO_BYTES 256
#define SYNC_STATE_FIRST "tokenquota-sync 1" /* the first line */
#define SYNC_LINE_BYTES 1024
#define SYNC_PATH_BYTES 4200

struct sync_node;

/* What the file says beside words. */
struct sync_state {
    char node[SYNC_NODE_MOST + 1];
    char instance[SYNC_INSTANCE_BYTES]; /* of the last run that was answered */
    char next[SYNC_INSTANCE_BYTES];     /* of one that may have told the server; "": none */
    int64_t settings;
    uint64_t inode; /* of the ledger's file: another one is a copy, or was restored */
    char to[SYNC_TO_BYTES];
    int64_t every_ms, at_ns; /* when it was written */
    int64_t heard_at_ns;     /* the last whole answer; 0: never */
    int64_t round_trip_ns, offset_ms;
    uint64_t flushes, failures, epochs_lost, refused;
    uint32_t tags, machines;
    uint32_t blocked;            /* windows whose keys at the server are somebody else's */
    char trouble[TROUBLE_BYTES]; /* what is wrong, and what to do; "": nothing */
};

struct sync_bound_line {
    char provider[256];
    int64_t bound;
};

/* The rest of the file, for those who show it. */
struct sync_status {
    struct sync_state state;
    struct sync_peer *peers;
    size_t peer_count;
    struct sync_bound_line *bounds;
    size_t bound_count;
};

struct tq_error;

/* Reads LEDGER.sync. 0; 1 there is none; TQ_EFORMAT, TQ_ESYS, TQ_ENOMEM with a line. */
int sync_status_read(const char *ledger, struct sync_status *status, struct tq_error *error);
void sync_status_free(struct sync_status *status);

/* Reads it into a node: its words are known. state is what it says besides; zeros when there is none. As
 * above. */
int sync_state_load(const char *ledger, struct sync_node *node, struct sync_state *state,
                    struct tq_error *error);

/* Writes it. 0; TQ_ESYS, TQ_ENOMEM. */
int sync_state_save(const char *ledger, const struct sync_node *node, const struct sync_state *state,
                    struct tq_error *error);

/* The inode of a file; 0: there is none. */
uint64_t sync_state_inode(const char *path);

/* Locks LEDGER.sync.lock. The descriptor; TQ_EBUSY: another process exchanges this ledger; TQ_ESYS. */
int sync_state_lock(const char *ledger, struct tq_error *error);

#endif
