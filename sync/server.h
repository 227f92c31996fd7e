/* server.h: the servers behind one address, as the rooms above see them: opened, named, asked what they are.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_SERVER_H
#define TOKENQUOTA_SYNC_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange.h"

struct sync_redis_options {
    const char *to;        /* address.h */
    const char *auth_file; /* NULL: the login of the address, or none */
    const char *ca_file;   /* rediss://: certificates that are trusted; NULL: those of the system */
    unsigned tags;         /* 1 to SYNC_TAGS_MOST; 0: SYNC_TAGS */
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

/* CLOCK_MONOTONIC. */
int64_t sync_now_ns(void);

#endif
