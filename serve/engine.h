/* engine.h: the loops that move bytes: listening sockets, connections and their deadlines, one request each.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each thread has a loop, and in each loop one daemon of libmicrohttpd for each listening socket. A
 * connection stays in the loop that accepted it. Whatever a client may keep us waiting for has a deadline,
 * which counts from the begin of its phase: single bytes that trickle in do not move it.
 */
#ifndef TOKENQUOTA_SERVE_ENGINE_H
#define TOKENQUOTA_SERVE_ENGINE_H

#include <stdatomic.h>
#include <sys/queue.h>

#include "base/time.h"
#include "http.h"
#include "listen.h"
#include "mhd.h"
#include "serve.h"

/* What a connection does, and so which deadline it has. */
enum phase {
    PHASE_IDLE,   /* between two requests, up to the request line of the next */
    PHASE_HEADER, /* from the begin of the connection or the request line to the end of the header */
    PHASE_BODY,
    PHASE_ANSWER, /* to the end of the answer, or of what a stream gave last */
    PHASE_WAIT,   /* a stream with nothing to say; at the end of this it is asked again */
    PHASES,
};

#define IDLE_NS (60 * TQ__SECOND_NS)
#define HEADER_NS (10 * TQ__SECOND_NS)
#define BODY_NS (60 * TQ__SECOND_NS)
#define ANSWER_NS (60 * TQ__SECOND_NS)
#define WAIT_NS (15 * TQ__SECOND_NS)

#define CONNECTIONS_MAX 16384        /* of the process */
#define DESCRIPTORS_KEPT 64          /* for the ledger, the logs that are followed, commands that run */
#define POOL_BYTES 8192              /* of a connection, which libmicrohttpd divides */
#define BODIES_BYTES (64u << 20)     /* of all requests that are read */
#define STOP_NS (10 * TQ__SECOND_NS) /* how long requests in flight may take when the daemon ends */

struct connection {
    TAILQ_ENTRY(connection) link; /* of its loop's list of its phase */
    struct loop *loop;
    struct MHD_Connection *mhd;
    enum phase phase;
    int fd;
    int64_t until_ns; /* the deadline, by the steady clock */
    bool suspended;
    bool local;   /* over a Unix socket, whose permissions decide who may ask */
    bool has_nul; /* the request's target has an encoded NUL, which would cut texts short */
};

TAILQ_HEAD(connections, connection);

/* The last short answer of a loop. A daemon that counts gives the same one most of the time, and to make one
 * costs as much as to count. */
#define KEPT_BYTES 128

struct kept {
    struct MHD_Response *response; /* NULL: none */
    const char *type;
    size_t len;
    char body[KEPT_BYTES];
};

struct loop {
    struct engine *engine;
    struct MHD_Daemon *daemons[LISTENERS];
    size_t daemon_count;
    int epoll, wake;
    bool runs_again; /* a connection was resumed or closed, which no descriptor of its daemon tells */
    int64_t now_ns;  /* by the steady clock, as of the last wake */
    struct connections phases[PHASES];
    struct kept kept;
    pthread_t thread;
};

struct engine {
    struct server *server;
    struct listeners listeners;
    int64_t length_ns[PHASES]; /* of deadlines */
    size_t connections_max;
    _Atomic size_t connections, bodies_bytes;
    _Atomic bool stopping;
    struct loop *loops;
    size_t loop_count;
};

/* Makes the loops and runs all but the first in threads. 0; negative, said. */
int engine_start(struct engine *engine);

/* Runs the first loop until on_ready, which is called when fd can be read and every interval_ns, answers
 * false. */
void engine_run(struct engine *engine, int fd, int64_t interval_ns, bool (*on_ready)(void *context),
                void *context);

/* Takes no more connections, and lets requests in flight end. */
void engine_stop(struct engine *engine);

/* Frees it, when no thread may call http_wake any more. */
void engine_free(struct engine *engine);

/* ---- connection.c ---------------------------------------------------------------------------- */

/* Starts a daemon on a listening socket. NULL: libmicrohttpd refused. */
struct MHD_Daemon *connection_listen(struct loop *loop, const struct listener *listener);

void connection_enter(struct connection *connection, enum phase phase);

/* A stream waits for http_wake; from its read. */
void connection_suspend(struct connection *connection);

/* Closes all of a phase soon, but PHASE_WAIT. */
void connection_drop_all(struct loop *loop, enum phase phase);

/* Asks all streams again. */
void connection_resume_all(struct loop *loop);

/* Drops the connections whose deadline is over; the next deadline, INT64_MAX for none. */
int64_t connection_sweep(struct loop *loop);

/* ---- exchange.c ------------------------------------------------------------------------------ */

/* libmicrohttpd's callbacks for a request and its end. */
enum MHD_Result exchange_step(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_len, void **state);
void exchange_end(void *context, struct MHD_Connection *mhd, void **state,
                  enum MHD_RequestTerminationCode code);

#endif
