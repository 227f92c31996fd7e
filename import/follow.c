/* follow.c: `tokenquota import --follow`: what tools write down is counted as they write it.
 *
 * SPDX-License-Identifier: MIT
 *
 * Whatever happens in one of the folders means: look at all files. A look is a stat of each, which is cheaper
 * than being wrong about what an event meant: files that grow, come, go, are moved, cut off or written anew
 * all end in the same look. What is written in bursts is looked at once a burst; a look that takes long is
 * made less often.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "import.h"

#define PAUSE_NS (TQ__SECOND_NS / 10)
#define PAUSE_LOOKS 20                /* a look may take a twentieth of the time */
#define QUIET_NS (30 * TQ__SECOND_NS) /* folders that are made later, and file systems that tell nothing */

/* Waits for something to read, or for as long. The signals that end it are let through while it waits alone,
 * so that none is lost that comes before. */
static void wait_for(const struct import *import, int fd, int64_t length_ns)
{
    struct pollfd poll = {.fd = fd, .events = POLLIN};
    struct timespec time = {.tv_sec = (time_t)(length_ns / TQ__SECOND_NS),
                            .tv_nsec = (long)(length_ns % TQ__SECOND_NS)};
    sigset_t ends, mask;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, &mask);
    if (!*import->stop)
        (void)ppoll(&poll, fd >= 0, &time, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
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
