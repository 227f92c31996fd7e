/* loop.h: what a run of the loop has: the ledger, the node, the server, and what its file says of it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_LOOP_H
#define TOKENQUOTA_SYNC_LOOP_H

#include "sync/node.h"
#include "sync/redis.h"
#include "sync/state.h"
#include "sync/sync.h"

struct loop {
    const struct sync_options *options;
    struct sync_node *node;
    struct sync_node_options node_options;
    struct sync_redis *redis;
    struct tq_ledger *ledger;
    struct sync_state state; /* of the run before, then of this one */
    char name[SYNC_NODE_MOST + 1], instance[SYNC_INSTANCE_BYTES], before[SYNC_INSTANCE_BYTES];
    int64_t every_ns;
    int lock;
    int64_t saved_ns, began_ns;                   /* by the steady clock */
    int64_t heard_ns;                             /* of the last whole answer; 0: never */
    int64_t cut_said_ns;                          /* when a line said that it is cut off; 0: it is not */
    char said[sizeof((struct tq_error *)0)->msg]; /* the last trouble, which is not said twice */
};

/* Opens all that a run has. only_looks: the ledger is not locked. 0; negative with a line: loop_end all the
 * same. */
int loop_begin(struct loop *loop, bool only_looks, struct tq_error *error);
void loop_end(struct loop *loop);

/* Opens the ledger that is at the path now. 0; negative with a line. */
int loop_open(struct loop *loop, struct tq_error *error);

/* Writes the file beside the ledger. 0; negative: a line says why, once. */
int loop_save(struct loop *loop);

void loop_say(const struct loop *loop, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
