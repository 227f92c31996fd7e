/* create.c: making a ledger's file, complete, and putting it in its place.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE /* flock */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "system.h"

void tq__file_folder(const char *path, char folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        snprintf(folder, PATH_MAX, ".");
    else
        snprintf(folder, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

int tq__file_not_local(const char *path, const char *system, struct tq_error *error)
{
    char text[128];

    snprintf(text, sizeof text, "is on a file system that machines share (%s): use a local disk", system);
    return tq__fail(error, TQ_EDENIED, 0, path, text);
}

static int fill_new(const char *path, int fd, const struct tq_ledger_options *options, struct tq_error *error)
{
    struct tq__header *page = malloc(sizeof *page);
    int answer;

    if (!page)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    memset(page, 0, sizeof *page);
    tq__header_init(page, options);
    tq__system_boot_id(page->boot_id);
    atomic_store_explicit(&page->file_bytes, TQ__HEADER_BYTES, memory_order_relaxed);
    answer = tq__system_allocate(fd, 0, TQ__HEADER_BYTES);
    if (answer < 0)
        tq__cannot(path, "cannot be made", answer, error);
    else if (pwrite(fd, page, sizeof *page, 0) != (ssize_t)sizeof *page || fsync(fd) != 0)
        answer = tq__fail(error, TQ_ESYS, errno, path, "cannot be written");
    free(page);
    return answer;
}

int tq__file_create(const char *path, const struct tq_ledger_options *options, char name[PATH_MAX], int *fd,
                    struct tq_error *error)
{
    const char *system;
    uint64_t random = 0;
    int answer;

    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        random = (uint64_t)tq_now_ns() ^ (uint64_t)getpid() << 32;
    if (snprintf(name, PATH_MAX, "%s.new-%016" PRIx64, path, random) >= PATH_MAX)
        return tq__fail(error, TQ_EINVAL, ENAMETOOLONG, path, "is too long a path");
    *fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be created");
    flock(*fd, LOCK_SH | LOCK_NB); /* as long as somebody works on it: what is left over is not locked */
    if (!tq__system_is_local(*fd, &system)) {
        unlink(name);
        close(*fd);
        *fd = -1;
        return tq__file_not_local(path, system, error);
    }
    if (tq__system_write_in_place(*fd) < 0) /* while it is empty, else it has no effect */
        answer = tq__fail(error, TQ_ENOTSUP, errno, path,
                          "cannot be made: this Btrfs does not write in place (chattr +C): use another disk");
    else if (fchmod(*fd, options->mode ? options->mode : 0600) != 0)
        answer = tq__fail(error, TQ_ESYS, errno, path, "cannot be given its permissions");
    else
        answer = fill_new(path, *fd, options, error);
    if (answer < 0) {
        unlink(name);
        close(*fd);
        *fd = -1;
    }
    return answer;
}

void tq__file_sync_folder(const char *path)
{
    char folder[PATH_MAX];
    int fd;

    tq__file_folder(path, folder);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* P1: whoever loses throws its own away: the next open finds the winner's. */
int tq__file_place(const char *path, const struct tq_ledger_options *options, struct tq_error *error)
{
    char name[PATH_MAX];
    int fd, answer = tq__file_create(path, options, name, &fd, error);

    if (answer < 0)
        return answer;
    if (link(name, path) != 0 && errno != EEXIST)
        answer = tq__fail(error, TQ_ESYS, errno, path, "cannot be put in its place");
    unlink(name);
    close(fd);
    tq__file_sync_folder(path);
    return answer;
}
