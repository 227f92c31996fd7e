/* connect.c: a link is made to a server: a socket, TLS, the login, and whether the server is a master.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "link.h"
#include "request.h"
#include "tls.h"

/* ---- connecting ------------------------------------------------------------------------------ */

static bool fail_to_reach(struct link *link, int sys)
{
    char name[ADDRESS_NAME_BYTES];

    return link_fail(link, TROUBLE_OTHER, sys,
                     "cannot reach %.100s: %s; is the server running there, and may this machine reach it?",
                     link_name(link, name), strerror(sys));
}

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
    return fail_to_reach(link, sys);
}

static bool open_unix(struct link *link)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    memcpy(to.sun_path, link->place.host, strnlen(link->place.host, sizeof to.sun_path - 1));
    link->fd = start_socket(AF_UNIX, (const struct sockaddr *)&to, sizeof to);
    if (link->fd < 0)
        return fail_to_reach(link, errno);
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
                         link_name(link, name), gai_strerror(answer));
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
    struct link_signals kept;
    char why[TROUBLE_BYTES];
    bool is_started;

    link_quiet(&kept);
    is_started = tls_start(&link->session, link->context, link->trust, &link->place, why);
    link_loud(&kept);
    return is_started || link_fail(link, TROUBLE_OTHER, 0, "%s", why);
}

bool link_connected(struct link *link, int64_t now_ns)
{
    int sys = 0;
    socklen_t len = sizeof sys;

    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &sys, &len) < 0)
        sys = errno;
    if (sys != 0)
        return link->next ? try_next(link) : fail_to_reach(link, sys);
    link->context = hiredis.redisConnectFd(link->fd);
    if (!link->context || link->context->err)
        return link_fail(link, TROUBLE_OTHER, ENOMEM, "no memory");
    link->context->flags &= ~REDIS_BLOCK; /* so that hiredis takes "nothing there yet" for no error */
#if HIREDIS_MAJOR >= 1
    link->context->reader->maxelements = 4 << 20;
#endif
    return (!link->trust || start_tls(link)) && greet(link, now_ns);
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
bool link_greeted(struct link *link, const redisReply *reply)
{
    unsigned before = (unsigned)link->address->has_password + (link->address->db != 0);
    bool is_role = link->greets++ == before;

    if (reply->type == REDIS_REPLY_ERROR) {
        enum trouble trouble = trouble_of(reply->str);
        char name[ADDRESS_NAME_BYTES], line[TROUBLE_BYTES];

        if (!is_role ||
            (trouble != TROUBLE_NOPERM && trouble != TROUBLE_NO_SCRIPT && trouble != TROUBLE_OTHER)) {
            trouble_line(line, trouble, link_name(link, name), reply->str);
            return link_fail(link, trouble, 0, "%s", line);
        }
    } else if (is_role) {
        read_role(link, reply);
    }
    if (is_role)
        link->state = LINK_READY;
    return true;
}
