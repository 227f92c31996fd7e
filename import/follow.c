/* follow.c: `tokenquota import --follow`: counts the lines of logs as tools write them.
 *
 * SPDX-License-Identifier: MIT
 *
 * Any event in one of the folders leads to a look at all files. A look is one stat of each file. That is
 * cheaper than to interpret each event: files that grow, appear, vanish, are moved, truncated or rewritten
 * are all found by the same look. A burst of events leads to one look. Looks that take long are made less
 * often.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "import.h"

#define PAUSE_NS (TQ__SECOND_NS / 10)
#define PAUSE_LOOKS 20                /* a look may take a twentieth of the time */
#define QUIET_NS (30 * TQ__SECOND_NS) /* for folders that are made later, and file systems without events */

/* Waits until fd can be read, or for this length of time. SIGINT and SIGTERM are let in only while it waits,
 * so that none is missed that comes just before. */
static void wait_for(const struct import *import, int fd, int64_t length_ns)
{
    struct pollfd polls[] = {{.fd = fd, .events = POLLIN},
                             {.fd = import->wake_fd > 0 ? import->wake_fd : -1, .events = POLLIN}};
    struct timespec time = {.tv_sec = (time_t)(length_ns / TQ__SECOND_NS),
                            .tv_nsec = (long)(length_ns % TQ__SECOND_NS)};
    sigset_t ends, mask;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, &mask);
    if (!*import->stop)
        (void)ppoll(polls, 2, &time, &mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void drain(int fd)
{
    char events[16384];

    while (read(fd, events, sizeof events) > 0)
        continue;
}

/* One look; *length_ns is how long it took. */
static int look(struct import *import, int64_t *length_ns)
{
    uint64_t before = import->totals.read + import->totals.broken;
    int64_t start_ns = tq_now_ns();
    int result;

    if (!import->request.at_given)
        import->request.at_ns = start_ns;
    result = import_pass(import);
    if (result >= 0 && import->totals.read + import->totals.broken > before)
        result = import_flush(import);
    if (result >= 0)
        import->tell(import, IMPORT_LOOKED, NULL);
    *length_ns = tq_now_ns() - start_ns;
    return result;
}

static int follow(struct import *import)
{
    bool told = false;
    int result = 0;

    while (!*import->stop) {
        int64_t length_ns;

        result = look(import, &length_ns);
        if (result < 0)
            break;
        if (import->watch_error && !told)
            import->tell(import, IMPORT_UNWATCHED, NULL);
        told |= import->watch_error != 0;
        wait_for(import, import->watch_fd, import->watch_error ? IMPORT_UNWATCHED_NS : QUIET_NS);
        length_ns *= PAUSE_LOOKS;
        wait_for(import, -1, length_ns > PAUSE_NS ? length_ns : PAUSE_NS);
        drain(import->watch_fd);
    }
    return result;
}

int import_follow(struct import *import)
{
    int result;

    import->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (import->watch_fd < 0)
        return import_fail(&import->error, TQ_ESYS, "inotify: %s", strerror(errno));
    result = follow(import);
    close(import->watch_fd);
    import->watch_fd = -1;
    return result;
}
