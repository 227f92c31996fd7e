/* link.h: one connection to a server: made, greeted, written to and read from without ever waiting.
 *
 * SPDX-License-Identifier: MIT
 *
 *     CLOSED -> CONNECTING -> GREETING -> READY
 *
 * Waiting is the caller's, with poll(2) on all links and one deadline. What a link began goes on in the next
 * flush when a deadline ends it. So answers may come late: each command that was sent stands in a queue until
 * its answer was read, and one that nobody waits for any more has the owner NULL. A link whose server said
 * nothing for LINK_PATIENCE_NS is closed.
 */
#ifndef TOKENQUOTA_SYNC_LINK_H
#define TOKENQUOTA_SYNC_LINK_H

#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "hiredis.h"
#include "trouble.h"

#define LINK_PATIENCE_NS (2 * INT64_C(1000000000))
#define LINK_ANSWER_MOST (64 << 20) /* bytes of all answers of a flush; a server that sends more is left */

enum link_state { LINK_CLOSED, LINK_CONNECTING, LINK_GREETING, LINK_READY };

struct sync_job;

struct link {
    enum link_state state;
    struct place place;
    const struct address *address; /* the login, the database, TLS */
    struct ssl_ctx_st *trust;      /* of rediss://: whose certificates are believed (tls.h); NULL: no TLS */
    struct ssl_st *session;        /* TLS of the connection; NULL: none */
    redisContext *context;
    int fd;                        /* also while context is not made yet; -1 */
    struct addrinfo *found, *next; /* what the host's name is, and the one to try next */
    uint64_t serial;               /* of the connection: each one has another */
    int64_t quiet_ns;              /* since when the server owes something and says nothing */
    bool wants_write;
    bool wants_read;          /* of TLS: what is written goes on when something was read */
    size_t taken;             /* bytes that came in this flush */
    struct sync_job **owners; /* whose answers come, in their order; NULL: nobody's */
    size_t owner_first, owner_count, owner_capacity;
    unsigned greets;      /* answers of the greeting that are read */
    bool is_replica;      /* so it said */
    struct place master;  /* of a replica; host "": it did not say */
    enum trouble trouble; /* why it was closed */
    char why[TROUBLE_BYTES];
    int failed_errno;
    unsigned failures; /* in a row */
    int64_t next_ns;   /* not to be opened before */
};

/* Begins to connect. false: closed again, and why says why. */
bool link_open(struct link *link, int64_t now_ns);

/* What poll is asked for. */
short link_events(const struct link *link);

/* Goes on after poll: connects, greets, writes, reads bytes. false: closed, and why says why. */
bool link_step(struct link *link, short events, int64_t now_ns);

/* Sends commands with the next link_step; `owner` gets the answers of so many of them. false as link_step. */
bool link_send(struct link *link, const char *bytes, size_t len, size_t commands, struct sync_job *owner,
               int64_t now_ns);

/* The next answer and whose it is: 1; 0 none is there yet; -1 closed. The caller frees it. */
int link_answer(struct link *link, redisReply **reply, struct sync_job **owner);

/* Does it owe answers? */
static inline bool link_owes(const struct link *link)
{
    return link->owner_count > 0;
}

/* Nobody waits for what is still owed. */
void link_abandon(struct link *link);

/* What to ask oneself when the server says nothing. */
const char *link_silence(const struct link *link);

/* Closes it. */
void link_close(struct link *link);

/* Closes it, and says why; returns false. */
bool link_fail(struct link *link, enum trouble trouble, int sys, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

void link_free(struct link *link);

/* The server's name, safe to print. */
const char *link_name(const struct link *link, char out[ADDRESS_NAME_BYTES]);

/* ---- for link.c, in connect.c ------------------------------------------------------------------- */

struct link_signals {
    sigset_t pipe_alone, before;
    bool had;
};

/* From here to link_loud no SIGPIPE comes. errno stays. */
void link_quiet(struct link_signals *kept);
void link_loud(const struct link_signals *kept);

/* The socket of a connection that was begun is ready: greets, or tries the next address. false as link_step.
 */
bool link_connected(struct link *link, int64_t now_ns);

/* Takes one answer of the greeting. false as link_step. */
bool link_greeted(struct link *link, const redisReply *reply);

#endif
