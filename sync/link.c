/* link.c: connects to a server, logs in, finds out whether it is a master, and carries bytes.
 *
 * SPDX-License-Identifier: MIT
 *
 * No signal comes from a server that went away: SIGPIPE is blocked around each write, and one that was made
 * is taken out.
 */
#include "link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <tokenquota.h>

#include "base/list.h"
#include "request.h"

void link_close(struct link *link)
{
    if (link->context)
        hiredis.redisFree(link->context); /* closes fd */
    else if (link->fd >= 0)
        close(link->fd);
    if (link->found)
        freeaddrinfo(link->found);
    link->context = NULL;
    link->found = link->next = NULL;
    link->fd = -1;
    link->owner_first = link->owner_count = 0;
    link->wants_write = false;
    link->taken = 0;
    link->state = LINK_CLOSED;
}

void link_free(struct link *link)
{
    link_close(link);
    free(link->owners);
    link->owners = NULL;
}

bool link_fail(struct link *link, enum trouble trouble, int sys, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(link->why, sizeof link->why, format, arguments);
    va_end(arguments);
    link->trouble = trouble;
    link->failed_errno = sys;
    link_close(link);
    return false;
}

void link_abandon(struct link *link)
{
    for (size_t i = 0; i < link->owner_count; i++)
        link->owners[link->owner_first + i] = NULL;
}

static const char *name_of(const struct link *link, char out[ADDRESS_NAME_BYTES])
{
    place_name(out, &link->place);
    return out;
}

static bool fail_by_errno(struct link *link, const char *what, int sys)
{
    char name[ADDRESS_NAME_BYTES];

    return link_fail(link, TROUBLE_OTHER, sys,
                     "%s %.100s: %s; is the server running there, and may this machine reach it?", what,
                     name_of(link, name), strerror(sys));
}

/* ---- connecting ------------------------------------------------------------------------------ */

/* A socket that begins to connect; -1 with errno. */
static int start_socket(int family, const struct sockaddr *to, socklen_t len)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, sys;

    if (fd < 0)
        return -1;
    if (family != AF_UNIX)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, to, len) == 0 || errno == EINPROGRESS)
        return fd;
    sys = errno;
    close(fd);
    errno = sys;
    return -1;
}

/* Tries the next of the addresses that the name has. */
static bool try_next(struct link *link)
{
    int sys = EHOSTUNREACH;

    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
    while (link->next) {
        struct addrinfo *at = link->next;

        link->next = at->ai_next;
        link->fd = start_socket(at->ai_family, at->ai_addr, at->ai_addrlen);
        if (link->fd >= 0) {
            link->state = LINK_CONNECTING;
            return true;
        }
        sys = errno;
    }
    return fail_by_errno(link, "cannot reach", sys);
}

static bool open_unix(struct link *link)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    memcpy(to.sun_path, link->place.host, strnlen(link->place.host, sizeof to.sun_path - 1));
    link->fd = start_socket(AF_UNIX, (const struct sockaddr *)&to, sizeof to);
    if (link->fd < 0)
        return fail_by_errno(link, "cannot reach", errno);
    link->state = LINK_CONNECTING;
    return true;
}

/* The resolver of libc knows no deadline; a node asks it only when it connects, and no record waits for it.
 */
static bool open_tcp(struct link *link)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char port[8];
    int answer;

    snprintf(port, sizeof port, "%d", link->place.port);
    answer = getaddrinfo(link->place.host, port, &hints, &link->found);
    if (answer != 0) {
        char name[ADDRESS_NAME_BYTES];

        link->found = NULL;
        return link_fail(link, TROUBLE_OTHER, 0,
                         "cannot find the address of %.100s: %s; correct the name, or wait for the "
                         "name server",
                         name_of(link, name), gai_strerror(answer));
    }
    link->next = link->found;
    return try_next(link);
}

bool link_open(struct link *link, int64_t now_ns)
{
    link->fd = -1;
    link->greets = 0;
    link->is_replica = false;
    link->master = (struct place){.port = 0};
    link->quiet_ns = now_ns;
    return link->place.port == 0 ? open_unix(link) : open_tcp(link);
}

/* ---- greeting -------------------------------------------------------------------------------- */

/* AUTH, SELECT and ROLE go out at once. */
static bool greet(struct link *link, int64_t now_ns)
{
    const struct address *address = link->address;
    struct request request = {0};
    bool is_sent;
    char db[16];

    snprintf(db, sizeof db, "%d", address->db);
    if (address->has_password && address->user[0] != '\0')
        REQUEST_COMMAND(&request, "AUTH", address->user, address->password);
    else if (address->has_password)
        REQUEST_COMMAND(&request, "AUTH", address->password);
    if (address->db != 0)
        REQUEST_COMMAND(&request, "SELECT", db);
    REQUEST_COMMAND(&request, "ROLE");
    link->state = LINK_GREETING;
    is_sent = !request.failed ? link_send(link, request.bytes, request.len, request.count, NULL, now_ns)
                              : link_fail(link, TROUBLE_OTHER, ENOMEM, "no memory");
    request_free(&request);
    return is_sent;
}

static bool start_tls(struct link *link)
{
#if SYNC_HAS_TLS
    if (link->tls && hiredis.redisInitiateSSLWithContext(link->context, link->tls) != REDIS_OK) {
        char name[ADDRESS_NAME_BYTES];

        return link_fail(link, TROUBLE_OTHER, 0,
                         "no TLS with %.80s: %.100s; does it speak TLS, and is its certificate right?",
                         name_of(link, name), link->context->errstr);
    }
#endif
    (void)link;
    return true;
}

static bool connected(struct link *link, int64_t now_ns)
{
    int sys = 0;
    socklen_t len = sizeof sys;

    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &sys, &len) < 0)
        sys = errno;
    if (sys != 0)
        return link->next ? try_next(link) : fail_by_errno(link, "cannot reach", sys);
    link->context = hiredis.redisConnectFd(link->fd);
    if (!link->context || link->context->err)
        return link_fail(link, TROUBLE_OTHER, ENOMEM, "no memory");
    link->context->flags &= ~REDIS_BLOCK; /* so that hiredis takes "nothing there yet" for no error */
#if HIREDIS_MAJOR >= 1
    link->context->reader->maxelements = 4 << 20;
#endif
    return start_tls(link) && greet(link, now_ns);
}

/* "master", or "slave", host, port. Who may not ask takes it for a master: a replica refuses the first write.
 */
static void read_role(struct link *link, const redisReply *reply)
{
    redisReply *const *said = reply->element;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3 || said[0]->type != REDIS_REPLY_STRING ||
        strcmp(said[0]->str, "slave") != 0)
        return;
    link->is_replica = true;
    if (said[1]->type == REDIS_REPLY_STRING && said[2]->type == REDIS_REPLY_INTEGER && said[2]->integer > 0 &&
        said[2]->integer < 65536 && said[1]->len > 0 && said[1]->len <= ADDRESS_HOST_MOST &&
        strlen(said[1]->str) == said[1]->len) {
        memcpy(link->master.host, said[1]->str, said[1]->len + 1);
        link->master.port = (int)said[2]->integer;
    }
}

/* One answer of the greeting. */
static bool greeted(struct link *link, const redisReply *reply)
{
    unsigned before = (unsigned)link->address->has_password + (link->address->db != 0);
    bool is_role = link->greets++ == before;

    if (reply->type == REDIS_REPLY_ERROR) {
        enum trouble trouble = trouble_of(reply->str);
        char name[ADDRESS_NAME_BYTES], line[TROUBLE_BYTES];

        if (!is_role ||
            (trouble != TROUBLE_NOPERM && trouble != TROUBLE_NO_SCRIPT && trouble != TROUBLE_OTHER)) {
            trouble_line(line, trouble, name_of(link, name), reply->str);
            return link_fail(link, trouble, 0, "%s", line);
        }
    } else if (is_role) {
        read_role(link, reply);
    }
    if (is_role)
        link->state = LINK_READY;
    return true;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* hiredis and OpenSSL write without MSG_NOSIGNAL. A SIGPIPE that was there before stays. */
static int write_quietly(struct link *link, int *is_done)
{
    sigset_t pipe_alone, before, waiting;
    const struct timespec at_once = {0};
    bool had;
    int answer;

    sigemptyset(&pipe_alone);
    sigaddset(&pipe_alone, SIGPIPE);
    sigpending(&waiting);
    had = sigismember(&waiting, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_alone, &before);
    answer = hiredis.redisBufferWrite(link->context, is_done);
    while (!had && sigtimedwait(&pipe_alone, NULL, &at_once) < 0 && errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return answer;
}

static bool fail_by_context(struct link *link)
{
    char name[ADDRESS_NAME_BYTES], why[128];
    int sys = link->context->err == REDIS_ERR_IO ? errno : 0;

    snprintf(why, sizeof why, "%.120s", link->context->errstr);
    if (link->context->err == REDIS_ERR_PROTOCOL)
        return link_fail(link, TROUBLE_OTHER, 0, "%.90s does not speak as Redis does (%.80s); is it one?",
                         name_of(link, name), why);
    return link_fail(link, TROUBLE_OTHER, sys, "lost the connection to %.90s: %.80s", name_of(link, name),
                     why);
}

static bool flush_bytes(struct link *link)
{
    int is_done = 0;

    if (write_quietly(link, &is_done) != REDIS_OK)
        return fail_by_context(link);
    link->wants_write = !is_done;
    return true;
}

bool link_send(struct link *link, const char *bytes, size_t len, size_t commands, struct sync_job *owner,
               int64_t now_ns)
{
    /* Room behind the last one; answers that were read leave theirs in front. */
    if (link->owner_first > 0) {
        memmove(link->owners, link->owners + link->owner_first, link->owner_count * sizeof *link->owners);
        link->owner_first = 0;
    }
    if (!link_owes(link))
        link->quiet_ns = now_ns;
    for (size_t i = 0; i < commands; i++) {
        struct sync_job **owners =
            tq__list_room(link->owners, link->owner_count, &link->owner_capacity, sizeof *owners);

        if (!owners)
            return link_fail(link, TROUBLE_OTHER, ENOMEM, "no memory");
        link->owners = owners;
        owners[link->owner_count++] = owner;
    }
    if (hiredis.redisAppendFormattedCommand(link->context, bytes, len) != REDIS_OK)
        return fail_by_context(link);
    return flush_bytes(link);
}

short link_events(const struct link *link)
{
    if (link->state == LINK_CONNECTING)
        return POLLOUT;
    return (short)(link->wants_write ? POLLIN | POLLOUT : POLLIN);
}

bool link_step(struct link *link, short events, int64_t now_ns)
{
    char name[ADDRESS_NAME_BYTES];

    if (events == 0) {
        if ((link_owes(link) || link->state == LINK_CONNECTING) && now_ns - link->quiet_ns > LINK_PATIENCE_NS)
            return link_fail(link, TROUBLE_OTHER, ETIMEDOUT,
                             "%.90s did not answer for %d s; is it stopped, or the network cut?",
                             name_of(link, name), (int)((now_ns - link->quiet_ns) / 1000000000));
        return true;
    }
    if (link->state == LINK_CONNECTING)
        return connected(link, now_ns);
    if ((events & POLLOUT) && !flush_bytes(link))
        return false;
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        size_t before = link->context->reader->len;

        if (hiredis.redisBufferRead(link->context) != REDIS_OK)
            return fail_by_context(link);
        link->quiet_ns = now_ns;
        if (link->context->reader->len > before)
            link->taken += link->context->reader->len - before;
        if (link->taken > LINK_ANSWER_MOST)
            return link_fail(link, TROUBLE_OTHER, 0,
                             "%.90s answers with more than %d MB at once; is it a server of tokenquota's?",
                             name_of(link, name), LINK_ANSWER_MOST >> 20);
    }
    return true;
}

int link_answer(struct link *link, redisReply **reply, struct sync_job **owner)
{
    void *found = NULL;

    *reply = NULL;
    if (link->state < LINK_GREETING)
        return 0;
    if (hiredis.redisGetReplyFromReader(link->context, &found) != REDIS_OK)
        return fail_by_context(link) ? 0 : -1;
    if (!found)
        return 0;
    if (link->owner_count == 0) { /* nothing was asked: an attacker, or no Redis at all */
        char name[ADDRESS_NAME_BYTES];

        hiredis.freeReplyObject(found);
        return link_fail(link, TROUBLE_OTHER, 0, "%.90s answers what nobody asked; is it a Redis?",
                         name_of(link, name))
                   ? 0
                   : -1;
    }
    *owner = link->owners[link->owner_first++];
    link->owner_count--;
    if (link->state == LINK_GREETING) {
        bool goes_on = greeted(link, found);

        hiredis.freeReplyObject(found);
        *owner = NULL;
        return goes_on ? 1 : -1;
    }
    *reply = found;
    return 1;
}
