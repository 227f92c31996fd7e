/* file.c: finding, locking and attaching a ledger's file.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE /* flock, realpath */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rebuild.h"
#include "system.h"
#include "table.h"

#define LOCK_TRIES 1000 /* of LOCK_PAUSE_NS each: 2 s */
#define LOCK_PAUSE_NS 2000000
#define OPEN_TRIES 1000 /* replaced or rebuilt under our hands that often, with LOCK_PAUSE_NS between */

static int check_owner(const char *path, const struct stat *file, struct tq_error *error)
{
    char folder[PATH_MAX];
    struct stat above;

    tq__file_folder(path, folder);
    if (file->st_uid == geteuid() || file->st_uid == 0 ||
        (stat(folder, &above) == 0 && file->st_uid == above.st_uid))
        return 0;
    return tq__fail(error, TQ_EDENIED, 0, path,
                    "belongs to neither you, root, nor its folder's owner; make your own, or chown it");
}

static int open_checked(const char *path, bool read_only, int *fd, struct stat *file, struct tq_error *error)
{
    const char *system;

    *fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0 && errno == ELOOP)
        return tq__fail(error, TQ_EDENIED, ELOOP, path, "is a symbolic link: name the file it leads to");
    if (*fd < 0 && errno == EISDIR)
        return tq__fail(error, TQ_EDENIED, EISDIR, path,
                        "is not a regular file but a folder: name a file in it");
    if (*fd < 0)
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be opened");
    if (fstat(*fd, file) != 0)
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be looked at");
    if (!S_ISREG(file->st_mode))
        return tq__fail(error, TQ_EDENIED, 0, path, "is not a regular file: name another path");
    if (!tq__system_is_local(*fd, &system))
        return tq__file_not_local(path, system, error);
    return check_owner(path, file, error);
}

/* Who holds the other lock, if it said so. */
static int busy(const char *path, int fd, int lock, struct tq_error *error)
{
    uint32_t pid = 0;
    char text[128];

    if (pread(fd, &pid, sizeof pid, offsetof(struct tq__header, busy_pid)) != sizeof pid)
        pid = 0;
    if (pid != 0)
        snprintf(text, sizeof text, "is in use by process %" PRIu32 ": try again when it is done", pid);
    else
        snprintf(text, sizeof text, "is in use by %s",
                 lock == LOCK_EX ? "other processes: try again when they have closed it"
                                 : "another process: try again when it is done");
    return tq__fail(error, TQ_EBUSY, 0, path, text);
}

static bool rebuilt(int fd, const uint8_t *boot_id)
{
    uint8_t known[16];

    return boot_id &&
           pread(fd, known, sizeof known, offsetof(struct tq__header, boot_id)) == (ssize_t)sizeof known &&
           memcmp(known, boot_id, sizeof known) == 0;
}

static void pause_a_little(void)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};

    nanosleep(&pause, NULL);
}

/* 1: no lock, but what it was wanted for is done. Who rebuilt holds a shared lock by then, for life. */
static int lock_waiting(const char *path, int fd, int lock, const uint8_t *boot_id, struct tq_error *error)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, lock | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return tq__fail(error, TQ_ENOTSUP, errno, path, "cannot be locked on this file system");
        if (rebuilt(fd, boot_id))
            return 1;
        pause_a_little();
    }
    return busy(path, fd, lock, error);
}

int tq__file_lock(const char *path, bool read_only, int lock, const uint8_t *boot_id, int *fd,
                  struct tq_error *error)
{
    for (int i = 0; i < OPEN_TRIES; i++) {
        struct stat file, named;
        int answer = open_checked(path, read_only, fd, &file, error);

        if (answer == 0)
            answer = lock_waiting(path, *fd, lock, boot_id, error);
        if (answer == 0 && lstat(path, &named) == 0 && named.st_dev == file.st_dev &&
            named.st_ino == file.st_ino)
            return 0; /* P3 */
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
        if (answer != 0)
            return answer;
        pause_a_little();
    }
    return tq__fail(error, TQ_EBUSY, 0, path, "is replaced again and again");
}

int tq__file_check_header(const char *path, int fd, bool read_only, struct tq__header *header,
                          struct tq_error *error)
{
    struct stat file;
    ssize_t got = pread(fd, header, sizeof *header, 0);

    if (got < 0 || fstat(fd, &file) != 0)
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be read");
    if (got != sizeof *header || header->magic != TQ__MAGIC)
        return tq__fail(error, TQ_EFORMAT, 0, path,
                        "is not a ledger: move it away (mv) and a new one is made");
    if (header->format != TQ__FORMAT || header->header_bytes != TQ__HEADER_BYTES ||
        header->fingerprint != tq__fingerprint() || header->features_incompatible != 0)
        return tq__fail(
            error, TQ_EFORMAT, 0, path,
            "is a ledger of another version: use the newer tokenquota, and its `ledger compact` to convert");
    if (header->features_readable != 0 && !read_only)
        return tq__fail(error, TQ_EFORMAT, 0, path,
                        "was written by a newer tokenquota: it can be opened here for reading only");
    if (header->history_days < 8 || header->history_days > 64 ||
        (header->history_days & (header->history_days - 1)) != 0 || header->rule < TQ_RULE_ORIGINAL ||
        header->rule > TQ_RULE_HORIZON)
        return tq__fail(error, TQ_EFORMAT, 0, path, "has a damaged header: restore it from a backup (mv)");
    return 0;
}

/* ---- attaching ------------------------------------------------------------------------------------- */

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

int tq__file_attach(struct tq_ledger *ledger, const char *path, int fd, uint32_t flags,
                    struct tq_error *error)
{
    bool read_only = (flags & TQ_OPEN_READ_ONLY) != 0;
    struct tq__header *header = tq__file_map(fd, read_only, 0, TQ__HEADER_BYTES);
    struct stat file;

    ledger->backing = (struct tq__backing){.fd = fd, .read_only = read_only};
    if (!ledger->path)
        ledger->path = strdup(path);
    if (!header || !ledger->path || fstat(fd, &file) != 0) {
        tq__memory_unmap(header, TQ__HEADER_BYTES);
        return tq__fail(error, TQ_ENOMEM, errno, path, "cannot be mapped");
    }
    ledger->backing.file_bytes = &header->file_bytes;
    ledger->device = file.st_dev;
    ledger->inode = file.st_ino;
    ledger->flush_always = (flags & TQ_OPEN_FLUSH_ALWAYS) != 0;
    ledger->resettable = (flags & TQ_OPEN_RESETTABLE) != 0;
    atomic_store_explicit(&ledger->refuse_writes, read_only ? TQ_EREADONLY : 0, memory_order_relaxed);
    if (tq__ledger_attach(ledger, header) == 0)
        return 0;
    tq__memory_unmap(header, TQ__HEADER_BYTES); /* it changed since it was checked */
    return tq__fail(error, TQ_EFORMAT, 0, path, "has a damaged header: restore it from a backup (mv)");
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

/* With the shared lock held nobody rebuilds or compacts: a pid that stands there is of one that was killed.
 */
static void forget_dead(struct tq_ledger *ledger)
{
    _Atomic uint32_t *busy_pid = &ledger->header->busy_pid;

    if (!ledger->backing.read_only && atomic_load_explicit(busy_pid, memory_order_relaxed) != 0)
        atomic_store_explicit(busy_pid, 0, memory_order_relaxed);
}

/* Was the index whole in this boot? Else the first to come rebuilds it, alone. */
static int check_boot(const char *path, int *fd, const struct tq__header *header, bool read_only,
                      struct tq_error *error)
{
    uint8_t boot_id[16];
    int answer;

    tq__system_boot_id(boot_id);
    if (memcmp(boot_id, header->boot_id, sizeof boot_id) == 0)
        return 0;
    if (read_only)
        return tq__fail(error, TQ_EBUSY, 0, path,
                        "must be opened for writing once: the machine was started anew");
    close(*fd);
    *fd = -1;
    answer = tq__rebuild(path, boot_id, error);
    return answer < 0 ? answer : 1;
}

static int open_once(struct tq_ledger *ledger, const struct tq_ledger_options *options,
                     struct tq_error *error)
{
    bool read_only = (options->flags & TQ_OPEN_READ_ONLY) != 0;
    struct tq__header *header = malloc(sizeof *header);
    int fd = -1, answer;

    if (!header)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    answer = tq__file_lock(ledger->path, read_only, LOCK_SH, NULL, &fd, error);
    if (answer == TQ_ESYS && error->sys == ENOENT && !read_only && !(options->flags & TQ_OPEN_EXISTING)) {
        answer = tq__file_place(ledger->path, options, error);
        answer = answer < 0 ? answer : 1;
    }
    if (answer == 0)
        answer = tq__file_check_header(ledger->path, fd, read_only, header, error);
    if (answer == 0)
        answer = check_boot(ledger->path, &fd, header, read_only, error);
    if (answer == 0)
        answer =
            tq__file_attach(ledger, ledger->path, fd, options->flags, error); /* fd is the ledger's now */
    else if (fd >= 0)
        close(fd);
    if (answer == 0) {
        forget_dead(ledger);
        answer = map_tables(ledger, error);
    }
    free(header);
    return answer;
}

int tq__file_open(struct tq_ledger *ledger, const char *path, const struct tq_ledger_options *options,
                  struct tq_error *error)
{
    int answer;

    if (!*path)
        return tq__fail(error, TQ_EDENIED, 0, NULL, "the path is empty: name a file");
    answer = absolute(path, &ledger->path, error);
    if (answer < 0)
        return answer;
    for (int i = 0; i < OPEN_TRIES; i++) {
        answer = open_once(ledger, options, error);
        if (answer <= 0)
            return answer;
        if (i > 0) /* the first time it was made or rebuilt */
            pause_a_little();
    }
    return tq__fail(error, TQ_EBUSY, 0, path, "is replaced again and again");
}

int tq__ledger_identity(struct tq_ledger *ledger)
{
    struct stat named, file;
    int saved_errno = errno;
    bool same;

    if (!ledger->path)
        return 0;
    if (lstat(ledger->path, &named) == 0)
        same = named.st_dev == ledger->device && named.st_ino == ledger->inode;
    else /* not allowed to look: then at least the file must still have a name */
        same =
            errno != ENOENT && errno != ENOTDIR && fstat(ledger->backing.fd, &file) == 0 && file.st_nlink > 0;
    errno = saved_errno;
    if (same && atomic_load_explicit(&ledger->header->gone, memory_order_relaxed) == 0)
        return 0;
    atomic_store_explicit(&ledger->refuse_writes, TQ_EGONE, memory_order_relaxed);
    atomic_store_explicit(&ledger->refuse_reads, TQ_EGONE, memory_order_relaxed);
    return TQ_EGONE;
}
