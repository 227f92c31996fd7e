/* activation.c: takes sockets from systemd and tells it how the daemon is.
 *
 * SPDX-License-Identifier: MIT
 */
#include "activation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/number.h"
#include "view/steady.h"

#define SOCKETS_MAX 64

static struct sockaddr_un manager; /* where it listens */
static socklen_t manager_len;      /* 0: there is none */
static int64_t watchdog_ns;

/* A whole number of the environment; 0 for anything else. */
static int64_t number_of(const char *name)
{
    const char *text = getenv(name);
    int64_t number = 0;

    return text && tq__number_count(tq__span_of(text), &number) == 0 ? number : 0;
}

int activation_take(void)
{
    int64_t count = number_of("LISTEN_FDS");

    if (number_of("LISTEN_PID") != getpid() || count > SOCKETS_MAX)
        count = 0;
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    for (int fd = ACTIVATION_FIRST; fd < ACTIVATION_FIRST + (int)count; fd++)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return (int)count;
}

/* A path, or "@" and an abstract name. */
void notify_begin(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    int64_t usec = number_of("WATCHDOG_USEC"), pid = number_of("WATCHDOG_PID");
    size_t len = path ? strlen(path) : 0;

    manager_len = 0;
    watchdog_ns = 0;
    if (len >= 2 && len < sizeof manager.sun_path && (*path == '/' || *path == '@')) {
        manager = (struct sockaddr_un){.sun_family = AF_UNIX};
        memcpy(manager.sun_path, path, len);
        if (*path == '@')
            manager.sun_path[0] = '\0';
        manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*path == '/'));
        if (usec > 0 && usec < INT64_MAX / 1000 && (pid == 0 || pid == getpid()))
            watchdog_ns = usec * 1000 / 2;
    }
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
}

void notify_tell(const char *format, ...)
{
    char text[512];
    va_list list;
    int fd, len;

    if (manager_len == 0)
        return;
    va_start(list, format);
    len = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (len > 0)
        (void)!sendto(fd, text, len < (int)sizeof text ? (size_t)len : sizeof text - 1, MSG_NOSIGNAL,
                      (const void *)&manager, manager_len);
    close(fd);
}

void notify_reloading(void)
{
    notify_tell("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)(steady_ns() / 1000));
}

int64_t notify_watchdog_ns(void)
{
    return watchdog_ns;
}
