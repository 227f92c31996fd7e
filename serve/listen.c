/* listen.c: opens the sockets that the daemon listens on.
 *
 * SPDX-License-Identifier: MIT
 */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "activation.h"

#define BACKLOG 1024
#define SEND_BYTES (128 << 10) /* answers in the kernel of a client that does not read them */

struct host_port {
    char host[256];
    char port[8];
};

const char *serve_address_fault(const char *address)
{
    struct host_port parts;
    const char *colon = strrchr(address, ':');
    const char *host = address, *end = colon;

    if (!colon || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strlen(colon + 1) > 5 || atoi(colon + 1) > 65535)
        return "is no HOST:PORT; write as in 127.0.0.1:" SERVE_PORT " or [::1]:" SERVE_PORT;
    if (*host == '[' && end[-1] == ']')
        return NULL;
    if (end == host || memchr(host, ':', (size_t)(end - host)))
        return "has no host, or an IPv6 address without brackets; write as in [::1]:" SERVE_PORT;
    return (size_t)(end - host) < sizeof parts.host ? NULL : "is too long";
}

const char *serve_name_fault(const char *name)
{
    return *name && !strpbrk(name, ":/ ") ? NULL
                                          : "is no name; write as in quota.example.com, without a port";
}

/* The address has no fault. */
static void split(const char *address, struct host_port *parts)
{
    const char *colon = strrchr(address, ':');
    size_t len = (size_t)(colon - address);

    if (*address == '[') {
        address++;
        len -= 2;
    }
    snprintf(parts->host, sizeof parts->host, "%.*s", (int)len, address);
    snprintf(parts->port, sizeof parts->port, "%s", colon + 1);
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;

        return ntohl(in->sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)address;

        return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) && in6->sin6_addr.s6_addr[12] == 127);
    }
    return address->sa_family == AF_UNIX;
}

/* What the system bound it to: of port 0 the real one. */
static int look(struct listener *listener)
{
    union {
        struct sockaddr any;
        struct sockaddr_storage storage;
        struct sockaddr_un un;
    } address = {.any = {0}};
    socklen_t len = sizeof address;
    char host[INET6_ADDRSTRLEN + 16], port[8];

    if (getsockname(listener->fd, &address.any, &len) < 0)
        return -1;
    listener->local = address.any.sa_family == AF_UNIX;
    listener->loopback = is_loopback(&address.any);
    if (listener->local) {
        snprintf(listener->name, sizeof listener->name, "%s", address.un.sun_path);
        return 0;
    }
    if (getnameinfo(&address.any, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    snprintf(listener->name, sizeof listener->name, strchr(host, ':') ? "http://[%s]:%s" : "http://%s:%s",
             host, port);
    return 0;
}

/* ---- an address ------------------------------------------------------------------------------ */

static int bind_to(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (info->ai_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
        bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    on = errno;
    close(fd);
    errno = on;
    return -1;
}

static int add(struct listeners *listeners, int fd, bool activated)
{
    struct listener *listener = &listeners->items[listeners->count];
    int send_bytes = SEND_BYTES; /* its connections inherit it */

    *listener = (struct listener){.fd = fd, .activated = activated};
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
    listeners->count++;
    return look(listener);
}

/* What to do when an address cannot be listened on. */
static const char *advice(int fault)
{
    switch (fault) {
    case EADDRINUSE:
        return "; another program listens there: choose another port, or stop it";
    case EADDRNOTAVAIL:
        return "; this machine has no such address: choose one that `ip address` shows";
    case EACCES:
        return "; ports below 1024 are for root: choose another port";
    default:
        return "";
    }
}

static int listen_to(struct listeners *listeners, const struct server *server, const char *text)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found;
    size_t before = listeners->count;
    struct host_port parts;
    int answer, fault = 0;

    split(text, &parts);
    if (server->options.check) /* the daemon that runs may have that port */
        snprintf(parts.port, sizeof parts.port, "0");
    answer = getaddrinfo(parts.host, parts.port, &hints, &found);
    if (answer != 0) {
        serve_say(server, "--listen %s: %s", text, gai_strerror(answer));
        return TQ_ESYS;
    }
    for (const struct addrinfo *info = found; info && listeners->count + 2 < LISTENERS;
         info = info->ai_next) {
        int fd = bind_to(info);

        if (fd < 0 || add(listeners, fd, false) < 0)
            fault = errno;
    }
    freeaddrinfo(found);
    if (listeners->count > before)
        return 0;
    serve_say(server, "--listen %s: %s%s", text, strerror(fault), advice(fault));
    return TQ_ESYS;
}

/* ---- a Unix socket --------------------------------------------------------------------------- */

/* Removes a socket that nobody listens on any more. */
static void remove_dead(const struct sockaddr_un *address)
{
    struct stat stat;
    int fd;

    if (lstat(address->sun_path, &stat) < 0 || !S_ISSOCK(stat.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const void *)address, sizeof *address) < 0 && errno == ECONNREFUSED)
        (void)unlink(address->sun_path);
    close(fd);
}

/* Only its owner may connect: the socket gets its mode before anybody can. */
static int listen_unix(struct listeners *listeners, const struct server *server, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = -1;

    if (!*path || strlen(path) >= sizeof address.sun_path) {
        serve_say(server, "--unix %s: give a path of 1 to %zu bytes", path, sizeof address.sun_path - 1);
        return TQ_EINVAL;
    }
    if (server->options.check)
        return 0;
    memcpy(address.sun_path, path, strlen(path) + 1);
    remove_dead(&address);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || fchmod(fd, 0600) < 0 || bind(fd, (const void *)&address, sizeof address) < 0) {
        serve_say(server, "--unix %s: %s%s", path, strerror(errno),
                  errno == EADDRINUSE ? "; another program listens there, or it is no socket" : "");
        if (fd >= 0)
            close(fd);
        return TQ_ESYS;
    }
    if (chmod(path, 0600) < 0 || listen(fd, BACKLOG) < 0 || add(listeners, fd, false) < 0) {
        serve_say(server, "--unix %s: %s", path, strerror(errno));
        return TQ_ESYS;
    }
    return 0;
}

/* ---- those of systemd ------------------------------------------------------------------------ */

static int take_activated(struct listeners *listeners, const struct server *server)
{
    int count = activation_take(), type = 0, listens = 0;

    for (int fd = ACTIVATION_FIRST; fd < ACTIVATION_FIRST + count; fd++) {
        socklen_t len = sizeof type;

        if (listeners->count + 2 >= LISTENERS) {
            serve_say(server, "systemd hands over %d sockets; at most %d are taken", count, LISTENERS - 2);
            return TQ_EINVAL;
        }
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_STREAM ||
            getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 || !listens ||
            fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
            add(listeners, fd, true) < 0) {
            serve_say(
                server,
                "descriptor %d, which systemd hands over, is no listening stream socket; in the .socket "
                "unit write ListenStream=, and not Accept=yes",
                fd);
            return TQ_EINVAL;
        }
    }
    return 0;
}

int listen_all(struct listeners *listeners, const struct server *server)
{
    const struct serve_options *options = &server->options;
    int answer;

    listeners->count = 0;
    answer = take_activated(listeners, server);
    if (answer == 0 && options->unix_path)
        answer = listen_unix(listeners, server, options->unix_path);
    for (size_t i = 0; answer == 0 && i < options->listen_count; i++)
        answer = listen_to(listeners, server, options->listen[i]);
    if (answer == 0 && listeners->count == 0)
        answer = listen_to(listeners, server, SERVE_LISTEN);
    if (answer < 0)
        listen_close(listeners);
    return answer;
}

void listen_close(struct listeners *listeners)
{
    for (struct listener *item = listeners->items; item < listeners->items + listeners->count; item++) {
        if (item->local && !item->activated)
            (void)unlink(item->name);
        close(item->fd);
    }
    listeners->count = 0;
}

int serve_check_reach(const struct server *server, const struct listeners *listeners)
{
    for (const struct listener *item = listeners->items; item < listeners->items + listeners->count; item++) {
        if (item->loopback)
            continue;
        if (!server->tokens) {
            serve_say(server,
                      "%s can be reached by other machines, so that callers need a token; run: "
                      "(umask 077; openssl rand -hex 24 >tokens), and give --token-file tokens",
                      item->name);
            return TQ_EDENIED;
        }
        if (!server->options.allow_plain_http) {
            serve_say(
                server,
                "%s would take tokens over the network unencrypted; listen on 127.0.0.1 with TLS in front "
                "(docs/serve.md shows nginx), or give --allow-plain-http",
                item->name);
            return TQ_EDENIED;
        }
    }
    return 0;
}
