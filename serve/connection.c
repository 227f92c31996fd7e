/* connection.c: the connections of a loop, their phases and deadlines.
 *
 * SPDX-License-Identifier: MIT
 *
 * libmicrohttpd's own timeout starts over at each byte, so that a client that sends one now and then is never
 * dropped. Here each phase has its deadline. All connections of a phase have the same length of it: a list in
 * the order of their begin is one in the order of their ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine.h"

/* Options that the headers of older versions lack; their numbers do not change. */
#define OPTION_DISCIPLINE ((enum MHD_OPTION)38)
#define VERSION_DISCIPLINE 10000

void connection_enter(struct connection *connection, enum phase phase)
{
    struct loop *loop = connection->loop;

    TAILQ_REMOVE(&loop->phases[connection->phase], connection, link);
    connection->phase = phase;
    connection->until_ns = loop->now_ns + loop->engine->length_ns[phase];
    TAILQ_INSERT_TAIL(&loop->phases[phase], connection, link);
}

void connection_suspend(struct connection *connection)
{
    connection->suspended = true;
    mhd.suspend_connection(connection->mhd);
    connection_enter(connection, PHASE_WAIT);
}

static void resume(struct connection *connection)
{
    connection->suspended = false;
    connection->loop->runs_again = true;
    connection_enter(connection, PHASE_ANSWER);
    mhd.resume_connection(connection->mhd);
}

/* Closes it soon. */
static void drop(struct connection *connection)
{
    (void)shutdown(connection->fd, SHUT_RDWR);
    if (connection->suspended)
        resume(connection);
}

/* A client that does not read has answers in the kernel's memory, which go with the connection. */
static void forget_unsent(const struct connection *connection)
{
    struct linger none = {.l_onoff = 1};

    if (connection->phase == PHASE_ANSWER)
        (void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

int64_t connection_sweep(struct loop *loop)
{
    int64_t next_ns = INT64_MAX;
    struct connection *first;

    while ((first = TAILQ_FIRST(&loop->phases[PHASE_WAIT])) != NULL && first->until_ns <= loop->now_ns)
        resume(first);
    for (enum phase phase = 0; phase < PHASES; phase++) {
        while ((first = TAILQ_FIRST(&loop->phases[phase])) != NULL && first->until_ns <= loop->now_ns) {
            forget_unsent(first);
            drop(first);
            connection_enter(first, phase); /* libmicrohttpd closes it at its next turn */
        }
        if (first && first->until_ns < next_ns)
            next_ns = first->until_ns;
    }
    return next_ns;
}

void connection_drop_all(struct loop *loop, enum phase phase)
{
    struct connection *item;

    TAILQ_FOREACH(item, &loop->phases[phase], link)
    (void)shutdown(item->fd, SHUT_RDWR);
}

void connection_resume_all(struct loop *loop)
{
    struct connection *item;

    while ((item = TAILQ_FIRST(&loop->phases[PHASE_WAIT])) != NULL)
        resume(item);
}

/* ---- what libmicrohttpd tells ---------------------------------------------------------------- */

static struct connection *connection_of(struct MHD_Connection *of)
{
    const union MHD_ConnectionInfo *info = mhd.get_connection_info(of, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static void begin(struct loop *loop, struct MHD_Connection *of, void **context)
{
    const union MHD_ConnectionInfo *info = mhd.get_connection_info(of, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *connection = calloc(1, sizeof *connection);
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;

    if (!connection || !info) {
        free(connection);
        return;
    }
    connection->loop = loop;
    connection->mhd = of;
    connection->fd = info->connect_fd;
    connection->local =
        getsockname(connection->fd, (void *)&address, &len) == 0 && address.ss_family == AF_UNIX;
    connection->phase = PHASE_HEADER;
    connection->until_ns = loop->now_ns + loop->engine->length_ns[PHASE_HEADER];
    TAILQ_INSERT_TAIL(&loop->phases[PHASE_HEADER], connection, link);
    *context = connection;
}

/* A connection that found no memory has no context: its first request is answered by closing it. */
static void on_connection(void *context, struct MHD_Connection *of, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct loop *loop = context;
    struct connection *connection = *socket_context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        atomic_fetch_add(&loop->engine->connections, 1);
        begin(loop, of, socket_context);
        return;
    }
    atomic_fetch_sub(&loop->engine->connections, 1);
    loop->runs_again = true; /* a daemon that ran out of descriptors listens again when it next runs */
    if (connection)
        TAILQ_REMOVE(&loop->phases[connection->phase], connection, link);
    free(connection);
    *socket_context = NULL;
}

/* When there are too many, the one yields that has been idle longest, else the one that has been at its
 * header longest: clients that do nothing lock nobody out. */
static enum MHD_Result may_connect(void *context, const struct sockaddr *address, socklen_t len)
{
    struct loop *loop = context;
    struct engine *engine = loop->engine;
    size_t count = atomic_load(&engine->connections);
    struct connection *yields;

    (void)address;
    (void)len;
    if (count < engine->connections_max)
        return MHD_YES;
    yields = TAILQ_FIRST(&loop->phases[PHASE_IDLE]);
    if (!yields)
        yields = TAILQ_FIRST(&loop->phases[PHASE_HEADER]);
    if (!yields || count >= engine->connections_max + DESCRIPTORS_KEPT / 4)
        return MHD_NO;
    drop(yields);
    connection_enter(yields, PHASE_HEADER);
    return MHD_YES;
}

/* The request line is here. What it gives is the state of the request until exchange_step sets it. */
static void *on_request_line(void *context, const char *uri, struct MHD_Connection *of)
{
    struct connection *connection = connection_of(of);

    (void)context;
    if (connection) {
        connection->has_nul = strstr(uri, "%00") != NULL;
        if (connection->phase == PHASE_IDLE)
            connection_enter(connection, PHASE_HEADER);
    }
    return NULL;
}

struct MHD_Daemon *connection_listen(struct loop *loop, const struct listener *listener)
{
    int fd = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0); /* the daemon closes it */
    struct MHD_OptionItem strict[] = {{MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL}, {MHD_OPTION_END, 0, NULL}};
    struct MHD_Daemon *daemon;

    if (fd < 0)
        return NULL;
    if (mhd.version >= VERSION_DISCIPLINE)
        strict[0] = (struct MHD_OptionItem){OPTION_DISCIPLINE, 2, NULL};
    daemon = mhd.start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, may_connect, loop, exchange_step, loop,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX * 2, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, loop, MHD_OPTION_NOTIFY_COMPLETED, exchange_end, loop,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, loop, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_ARRAY, strict, MHD_OPTION_END);
    if (!daemon)
        close(fd);
    return daemon;
}
