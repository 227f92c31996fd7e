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

#define PAUSE_NS (SECOND_NS / 10)
#define PAUSE_LOOKS 20               /* a look may take a twentieth of the time */
#define QUIET_NS (30 * SECOND_NS)    /* folders that are made later, and file systems that tell nothing */
#define UNWATCHED_NS (2 * SECOND_NS) /* when a folder cannot be watched */

/* Waits for something to read, or for as long. The signals that end it are let through while it waits alone,
 * so that none is lost that comes before. */
static void wait_for(int fd, int64_t length_ns)
{
    struct pollfd poll = {.fd = fd, .events = POLLIN};
    struct timespec time = {.tv_sec = (time_t)(length_ns / SECOND_NS),
                            .tv_nsec = (long)(length_ns % SECOND_NS)};
    sigset_t ends, mask;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, &mask);
    if (!import_stop)
        (void)ppoll(&poll, fd >= 0, &time, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void drain(int fd)
{
    char events[16384];

    while (read(fd, events, sizeof(events)) > 0)
        continue;
}

static void put_news(const struct import *import, const struct import_totals *before)
{
    struct classes news = import->totals.fresh;

    classes_add(&news, &before->fresh, -1);
    if (import->request.quiet || (news.responses == 0 && import->totals.counted == before->counted))
        return;
    if (import->request.json) {
        (void)import_json(import);
    } else {
        printf("%sZ  %s response%s, %s tokens counted\n", format_utc(import->request.at_ns).s,
               format_exact(news.responses).s, news.responses == 1 ? "" : "s",
               format_exact(import->totals.counted - before->counted).s);
    }
    fflush(stdout);
}

/* One look; *length_ns is how long it took. */
static int look(struct import *import, int64_t *length_ns)
{
    struct import_totals before = import->totals;
    int64_t start_ns = tq_now_ns();
    int result;

    if (!import->request.at_given)
        import->request.at_ns = start_ns;
    result = import_pass(import);
    if (result >= 0 && import->totals.read + import->totals.broken > before.read + before.broken)
        result = import_flush(import);
    if (result >= 0) {
        import_look_for_others(import);
        put_news(import, &before);
    }
    *length_ns = tq_now_ns() - start_ns;
    return result;
}

static int follow(struct import *import)
{
    bool told = false;
    int result = 0;

    while (!import_stop) {
        int64_t length_ns;

        result = look(import, &length_ns);
        if (result < 0)
            break;
        if (import->watch_error && !told)
            report("not all folders can be watched (%s); looking every %d s", strerror(import->watch_error),
                   (int)(UNWATCHED_NS / SECOND_NS));
        told |= import->watch_error != 0;
        wait_for(import->watch_fd, import->watch_error ? UNWATCHED_NS : QUIET_NS);
        length_ns *= PAUSE_LOOKS;
        wait_for(-1, length_ns > PAUSE_NS ? length_ns : PAUSE_NS);
        drain(import->watch_fd);
    }
    return result;
}

int import_follow(struct import *import)
{
    int result;

    import->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (import->watch_fd < 0) {
        report("inotify: %s", strerror(errno));
        return TQ_ESYS;
    }
    result = follow(import);
    close(import->watch_fd);
    import->watch_fd = -1;
    return result;
}
