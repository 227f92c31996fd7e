/* route.h: the links of a struct sync_redis: home, those of a cluster, and when each may be opened again.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_ROUTE_H
#define TOKENQUOTA_SYNC_ROUTE_H

#include "exchange.h"
#include "link.h"

#define LINKS_MOST 65
#define HOME 0

struct sync_redis {
    struct address address;
    unsigned tags;
    struct ssl_ctx_st *trust; /* of rediss://, else NULL (tls.h) */
    size_t at;                /* of address.places: home's */
    unsigned tried;           /* places in a row that were no home */
    bool follows;             /* home is the master that a replica named */
    struct link
        links[LINKS_MOST]; /* the first one is home; the others are of a cluster, as it sent us there */
    size_t count;
    uint8_t tag_link[SYNC_TAGS_MOST];    /* which one has the tag */
    uint64_t tag_mark[SYNC_TAGS_MOST];   /* which the last command left there, 0: unknown */
    uint64_t tag_serial[SYNC_TAGS_MOST]; /* the connection by which it was asked the last time */
    uint64_t serial;                     /* the last connection's number */
    uint64_t connects;
    uint64_t lacks_script; /* the value of `connects` when EVAL was refused; 0: it was not */
    uint64_t random;
    char name[ADDRESS_NAME_BYTES];
};

/* The link of a server, a new one where there is none; -1: too many. */
int route_link(struct sync_redis *redis, const struct place *place);

/* Opens a closed link when its time has come; home by the first place of the list that can be asked at all.
 * false: it stays closed. */
bool route_open(struct sync_redis *redis, int link, int64_t now_ns);

/* The link was closed by trouble: when it may be opened again; home moves on to the next place; tags come
 * back home. */
void route_failed(struct sync_redis *redis, int link, int64_t now_ns);

/* Home was greeted: stays when it is a master, else home moves on. false: it moved on. */
bool route_greeted(struct sync_redis *redis, int link, int64_t now_ns);

/* A random number, below 2^53. */
uint64_t route_random(struct sync_redis *redis);

#endif
