/* create.c: making a ledger's file, complete, and putting it in its place.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE /* fchmod */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

int tq__file_check_system(const char *path, int fd, uint32_t flags, const struct tq__header *header,
                          struct tq_error *error)
{
    const struct tq__file_system system = tq__system_file_system(fd);
    char text[224];

    if (flags & TQ_OPEN_ANY_FILE_SYSTEM)
        return 0;
    if (system.layered && flags & TQ_OPEN_READ_ONLY)
        return tq__fail(error, TQ_EDENIED, 0, path,
                        "is on overlayfs, where whoever only reads may see an old file that nobody counts on: "
                        "open it for writing, or keep it on a volume");
    if (system.local ||
        (header && system.type != 0 &&
         atomic_load_explicit(&header->file_system, memory_order_relaxed) == system.type))
        return 0;
    snprintf(text, sizeof text,
             "is on a file system not known to be local (%s%s0x%" PRIx32 "): use a local disk, or, if only this "
             "machine reaches it, allow it once: TQ_OPEN_ANY_FILE_SYSTEM, TOKENQUOTA_ANY_FILE_SYSTEM=1",
             system.name ? system.name : "", system.name ? ", " : "", system.type);
    return tq__fail(error, TQ_EDENIED, 0, path, text);
}

void tq__header_identify(struct tq__header *header, const struct tq__identity *identity, bool anew)
{
    /* Relaxed: all who fill it in at once write the same. */
    if (anew || atomic_load_explicit(&header->inode, memory_order_relaxed) == 0)
        atomic_store_explicit(&header->inode, identity->inode, memory_order_relaxed);
    if (anew || (atomic_load_explicit(&header->born_ns, memory_order_relaxed) == 0 && identity->born_ns != 0 &&
                 atomic_load_explicit(&header->inode, memory_order_relaxed) == identity->inode))
        atomic_store_explicit(&header->born_ns, identity->born_ns, memory_order_relaxed);
}

void tq__header_allow(struct tq__header *header, int fd)
{
    const struct tq__file_system system = tq__system_file_system(fd);

    if (!system.local)
        atomic_store_explicit(&header->file_system, system.type, memory_order_relaxed);
}

static int fill_new(const char *path, int fd, const struct tq_ledger_options *options,
                    struct tq__header *page, struct tq_error *error)
{
    const struct tq__identity identity = tq__system_identity(fd);
    int answer;

    memset(page, 0, sizeof *page);
    tq__header_init(page, options);
    tq__system_boot_id(page->boot_id);
    tq__header_identify(page, &identity, true);
    if (options->flags & TQ_OPEN_ANY_FILE_SYSTEM)
        tq__header_allow(page, fd);
    atomic_store_explicit(&page->file_bytes, TQ__HEADER_BYTES, memory_order_relaxed);
    answer = tq__system_allocate(fd, 0, TQ__HEADER_BYTES);
    if (answer < 0)
        tq__cannot(path, "cannot be made", answer, error);
    else if (pwrite(fd, page, sizeof *page, 0) != (ssize_t)sizeof *page || fsync(fd) != 0)
        answer = tq__fail(error, TQ_ESYS, errno, path, "cannot be written");
    return answer;
}

int tq__file_create(const char *path, const struct tq_ledger_options *options, char name[PATH_MAX], int *fd,
                    struct tq__header *header, struct tq_error *error)
{
    uint64_t random = 0;
    int answer;

    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        random = (uint64_t)tq_now_ns() ^ (uint64_t)getpid() << 32;
    if (snprintf(name, PATH_MAX, "%s.new-%016" PRIx64, path, random) >= PATH_MAX)
        return tq__fail(error, TQ_EINVAL, ENAMETOOLONG, path, "is too long a path");
    *fd = tq__system_open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be created");
    tq__lock_set(*fd, TQ__LOCK_USERS, TQ__SHARED); /* while it is worked on: what is left over is not locked */
    answer = tq__file_check_system(path, *fd, options->flags, NULL, error);
    if (answer == 0 && tq__system_write_in_place(*fd) < 0) /* while it is empty, else it has no effect */
        answer = tq__fail(error, TQ_ENOTSUP, errno, path,
                          "cannot be made: this Btrfs does not write in place (chattr +C): use another disk");
    if (answer == 0 && fchmod(*fd, options->mode ? options->mode : 0600) != 0)
        answer = tq__fail(error, TQ_ESYS, errno, path, "cannot be given its permissions");
    if (answer == 0)
        answer = fill_new(path, *fd, options, header, error);
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
    fd = tq__system_open(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* P1: whoever loses throws its own away: the next open finds the winner's. */
int tq__file_place(const char *path, const struct tq_ledger_options *options, struct tq_error *error)
{
    struct tq__header *header = malloc(sizeof *header);
    char name[PATH_MAX];
    int fd, answer;

    if (!header)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    answer = tq__file_create(path, options, name, &fd, header, error);
    free(header);
    if (answer < 0)
        return answer;
    if (link(name, path) != 0 && errno != EEXIST)
        answer = tq__fail(error, TQ_ESYS, errno, path, "cannot be put in its place");
    unlink(name);
    close(fd);
    tq__file_sync_folder(path);
    return answer;
}
