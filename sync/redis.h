/* redis.h: the servers behind one address: which one is asked for a tag, and commands that are sent to all at
 * once.
 *
 * SPDX-License-Identifier: MIT
 *
 * HOME is the server of the list that is a master: a replica, one that cannot be reached and one that refuses
 * writes are left for the next one. Of a cluster, home answers MOVED, and the tag's commands go where it says
 * from then on. No map of the cluster is kept: all keys of a tag have its hash tag, so each tag learns its
 * one server.
 *
 * One thread uses a struct sync_redis at a time. Nothing here waits beyond the deadline, but for the resolver
 * of names (link.c).
 */
#ifndef TOKENQUOTA_SYNC_REDIS_H
#define TOKENQUOTA_SYNC_REDIS_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange.h"
#include "hiredis.h"
#include "request.h"
#include "server.h"
#include "trouble.h"

/* ---- for exchange.c and fallback.c ------------------------------------------------------------ */

enum job_state { JOB_WAITS, JOB_SENT, JOB_DONE, JOB_FAILED };

/* Commands for one tag. */
struct sync_job {
    unsigned tag;
    size_t first, count; /* the caller's: which items it is about */
    struct request request;
    enum job_state state;
    redisReply **replies; /* of each command; of the job until job_free */
    size_t answered;
    unsigned again; /* how often it was sent */
    bool by_hash;   /* it is EVALSHA: goes as EVAL when the server lacks the script */
    bool asks;      /* the next time behind ASKING, and by `link` */
    int link;       /* by which it was sent; -1 */
    uint64_t serial;
    uint64_t mark; /* the caller's: that its command leaves */
    int64_t sent_ns, round_trip_ns;
    char why[TROUBLE_BYTES]; /* why it failed */
    int failed_errno;
};

/* Sends all, and waits until each is done or failed, or the deadline. How many are done; error->msg is the
 * first one's why that failed. */
size_t sync_redis_run(struct sync_redis *redis, struct sync_job *jobs, size_t count, int64_t deadline_ns,
                      struct tq_error *error);

void job_free(struct sync_job *job);

/* Was the tag reached by another connection than the last time it was asked by this call? */
bool sync_redis_is_new(struct sync_redis *redis, const struct sync_job *job);

/* EVAL was refused before: the fallback is used until the next connection. */
bool sync_redis_lacks_script(const struct sync_redis *redis);
void sync_redis_set_lacks_script(struct sync_redis *redis);

/* The mark that the last command of a tag left at the server; 0: none is known. */
uint64_t sync_redis_mark(const struct sync_redis *redis, unsigned tag);
void sync_redis_set_mark(struct sync_redis *redis, unsigned tag, uint64_t mark);

uint64_t sync_redis_connects(const struct sync_redis *redis);

/* A random number, below 2^53. */
uint64_t sync_redis_random(struct sync_redis *redis);

#endif
