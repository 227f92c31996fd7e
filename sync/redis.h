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
#include "trouble.h"

struct sync_redis_options {
    const char *to;        /* address.h */
    const char *auth_file; /* NULL: the login of the address, or none */
    const char *ca_file; /* rediss://: certificates that are trusted; NULL: those of the system. hiredis does
                            not compare the server's name with its certificate, so name a file that has your
                            own authority alone */
    unsigned tags;       /* 1 to SYNC_TAGS_MOST; 0: SYNC_TAGS */
};

/* Reads the options and loads hiredis; connects to nothing yet. 0; TQ_EINVAL, TQ_EDENIED, TQ_ESYS, TQ_ENOMEM
 * with a line in *error that has no password in it. */
int sync_redis_open(struct sync_redis **redis, const struct sync_redis_options *options,
                    struct tq_error *error);

/* Does nothing for NULL. */
void sync_redis_close(struct sync_redis *redis);

unsigned sync_redis_tags(const struct sync_redis *redis);

/* The server that is home, "host:port" or a path, safe to print. Good until the next call. */
const char *sync_redis_name(struct sync_redis *redis);

/* What `tokenquota doctor` asks. */
struct sync_server_facts {
    char name[128]; /* host:port */
    char kind[16];  /* "redis", "valkey" */
    char version[32];
    char role[16];       /* "master", "slave" */
    char policy[32];     /* maxmemory-policy; noeviction is needed. "": unknown */
    int64_t maxmemory;   /* bytes; 0: without bound; -1: unknown */
    int64_t used_memory; /* -1: unknown */
    bool saves_log;      /* aof_enabled */
    int64_t saved_s;     /* when the last snapshot was made, in seconds since 1970; 0: never or unknown */
    bool is_cluster;
    bool allows_script; /* EVAL; else HSET and HGETALL are used (fallback.h) */
    int64_t offset_ns;  /* the server's clock less this machine's */
    int64_t round_trip_ns;
};

/* 0; TQ_ESYS with a line. */
int sync_server_facts(struct sync_redis *redis, struct sync_server_facts *facts, int64_t deadline_ns,
                      struct tq_error *error);

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
    bool asks;      /* the next time behind ASKING, and by `link` */
    int link;       /* by which it was sent; -1 */
    uint64_t serial;
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

uint64_t sync_redis_connects(const struct sync_redis *redis);

/* A random number, below 2^53. */
uint64_t sync_redis_random(struct sync_redis *redis);

/* CLOCK_MONOTONIC. */
int64_t sync_now_ns(void);

#endif
