/* file.c: a ledger's file: made and put in its place, attached, opened.
 *
 * SPDX-License-Identifier: MIT
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rebuild.h"
#include "table.h"

#define OPEN_TRIES 1000 /* made or replaced under our hands that often */

/* ---- making ---------------------------------------------------------------------------------- */

/* Writes into the header that a ledger may be on the file system that fd is on. */
static void allow_system(struct tq__header *header, int fd)
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
        allow_system(page, fd);
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
    tq__lock_set(*fd, TQ__LOCK_USERS,
                 TQ__SHARED); /* while it is worked on: what is left over is not locked */
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
    struct tq__header header;
    char name[PATH_MAX];
    int fd, answer;

    answer = tq__file_create(path, options, name, &fd, &header, error);
    if (answer < 0)
        return answer;
    if (link(name, path) != 0 && errno != EEXIST)
        answer = tq__fail(error, TQ_ESYS, errno, path, "cannot be put in its place");
    unlink(name);
    close(fd);
    tq__file_sync_folder(path);
    return answer;
}

/* ---- attaching ------------------------------------------------------------------------------- */

static int absolute(const char *path, char **out, struct tq_error *error)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char folder[PATH_MAX], *real;
    size_t bytes;

    tq__file_folder(path, folder);
    real = realpath(folder, NULL);
    if (!real)
        return tq__fail(error, TQ_ESYS, errno, folder,
                        errno == ENOENT ? "is not there: make the folder (mkdir -p)" : "cannot be reached");
    bytes = strlen(real) + strlen(name) + 2;
    *out = malloc(bytes);
    if (*out)
        snprintf(*out, bytes, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
    free(real);
    if (!*out)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    return *name ? 0 : tq__fail(error, TQ_EDENIED, EISDIR, path, "is a folder: name a file in it");
}

/* A copy may have left out pages of zeros, or share its blocks with the original: a store into such a page
 * may find no space, which would be a signal. Here it is an error. On Btrfs nothing ends the sharing but a
 * store. */
static int supply(const char *path, int fd, uint64_t bytes, struct tq_error *error)
{
    struct tq__lack lack = tq__system_lack(fd, bytes);
    char text[160];
    int answer;

    if (lack.holes == 0 && lack.shared == 0)
        return 0;
    answer = tq__system_supply(fd, bytes, &lack);
    if (answer == 0 || (answer == TQ_ENOTSUP && lack.holes == 0))
        return 0;
    if (answer != TQ_ENOSPC)
        return tq__cannot(path, "cannot be given the space that it lacks", answer, error);
    snprintf(text, sizeof text,
             "is a copy that lacks %" PRIu64 " bytes on the disk, which is full: make room there",
             lack.holes + lack.shared);
    return tq__fail(error, answer, 0, path, text);
}

int tq__file_attach(struct tq_ledger *ledger, const char *path, int fd, const struct tq__header *checked,
                    uint32_t flags, struct tq_error *error)
{
    bool read_only = (flags & TQ_OPEN_READ_ONLY) != 0;
    struct tq__header *header;
    struct stat file;

    if (fstat(fd, &file) != 0) {
        close(fd);
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be looked at");
    }
    ledger->backing.fd = fd;
    ledger->backing.read_only = read_only;
    ledger->backing.device = file.st_dev;
    ledger->backing.inode = file.st_ino;
    if (!ledger->path)
        ledger->path = strdup(path);
    header = tq__file_map(fd, read_only, 0, TQ__HEADER_BYTES);
    if (!header || !ledger->path) {
        tq__memory_unmap(header, TQ__HEADER_BYTES);
        return tq__fail(error, TQ_ENOMEM, errno, path, "cannot be mapped");
    }
    ledger->header = header; /* unmapped by close, whatever the answer */
    if (!read_only) {
        int answer = supply(path, fd, (uint64_t)file.st_size, error);

        if (answer < 0)
            return answer;
    }
    ledger->backing.file_bytes = &header->file_bytes;
    ledger->flush_always = (flags & TQ_OPEN_FLUSH_ALWAYS) != 0;
    ledger->resettable = (flags & TQ_OPEN_RESETTABLE) != 0;
    atomic_store_explicit(&ledger->backing.refuse_writes, read_only ? TQ_EREADONLY : 0, memory_order_relaxed);
    tq__ledger_attach(ledger, header, checked);
    return 0;
}

/* Maps the tables that there are, after their places were found to be in the file. */
static int map_tables(struct tq_ledger *ledger, struct tq_error *error)
{
    _Atomic uint64_t *table = NULL;
    int answer = 0;

    if (!tq__rebuild_pieces_fit(ledger))
        return tq__fail(error, TQ_EFORMAT, 0, ledger->path, "was cut short: restore it from a backup (mv)");
    for (uint32_t t = 0; t < TQ__TABLES && answer == 0; t++)
        answer = tq__table_reach(ledger, t, t == 0 && !ledger->backing.read_only, &table);
    return answer < 0 ? tq__cannot(ledger->path, "cannot be opened", answer, error) : 0;
}

/* With the lock held, also a shared one, nobody rebuilds or compacts: a pid that stands there is of a process
 * that was killed, and `gone` of a compact after which this file came back to the path (P3), as a hard link
 * or after a loss of power. Relaxed: whoever compacts waits until this lock is let go. */
static void tidy(struct tq_ledger *ledger, const struct tq__entry *entry, uint32_t flags)
{
    struct tq__header *header = ledger->header;

    if (atomic_load_explicit(&header->busy_pid, memory_order_relaxed) != 0)
        atomic_store_explicit(&header->busy_pid, 0, memory_order_relaxed);
    if (atomic_load_explicit(&header->gone, memory_order_relaxed) != 0)
        atomic_store_explicit(&header->gone, 0, memory_order_relaxed);
    tq__header_identify(header, &entry->identity, false);
    if (flags & TQ_OPEN_ANY_FILE_SYSTEM)
        allow_system(header, entry->fd);
}

/* Opens, locks and attaches what is at the path. The ledger has fd then, whatever the answer. */
static int take_in(struct tq_ledger *ledger, uint32_t flags, enum tq__lock wanted, struct tq_error *error)
{
    struct tq__entry entry;
    int answer;

    answer = tq__file_enter(ledger->path, flags, wanted, &entry, error);
    if (answer == 0)
        answer = tq__file_attach(ledger, ledger->path, entry.fd, &entry.header, flags, error);
    if (answer == 0 && entry.lock == TQ__EXCLUSIVE)
        answer = tq__rebuild(ledger, &entry, error);
    if (answer == 0 && wanted == TQ__SHARED) /* in one step from exclusive */
        answer = tq__lock_set(entry.fd, TQ__LOCK_USERS, TQ__SHARED);
    if (answer == 0 && wanted != TQ__UNLOCKED)
        tidy(ledger, &entry, flags);
    if (answer == 0)
        answer = map_tables(ledger, error);
    return answer;
}

int tq__file_open_alone(struct tq_ledger *ledger, const char *path, struct tq_error *error)
{
    ledger->path = strdup(path);
    if (!ledger->path)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    return take_in(ledger, 0, TQ__EXCLUSIVE, error);
}

int tq__file_open(struct tq_ledger *ledger, const char *path, const struct tq_ledger_options *options,
                  struct tq_error *error)
{
    bool read_only = (options->flags & TQ_OPEN_READ_ONLY) != 0;
    int answer;

    if (!*path)
        return tq__fail(error, TQ_EDENIED, 0, NULL, "the path is empty: name a file");
    answer = ledger->path ? 0 : absolute(path, &ledger->path, error);
    if (answer < 0)
        return answer;
    for (int i = 0; i < OPEN_TRIES; i++) {
        answer = take_in(ledger, options->flags, read_only ? TQ__UNLOCKED : TQ__SHARED, error);
        if (answer != TQ_ESYS || error->sys != ENOENT || read_only || options->flags & TQ_OPEN_EXISTING)
            return answer;
        answer = tq__file_place(ledger->path, options, error);
        if (answer < 0)
            return answer;
        if (i > 0)
            tq__file_pause();
    }
    return tq__fail(error, TQ_EBUSY, 0, path, "is replaced again and again");
}
