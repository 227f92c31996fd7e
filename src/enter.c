/* enter.c: from a path to a ledger's file that is open, checked and locked.
 *
 * SPDX-License-Identifier: MIT
 */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 1000 /* of LOCK_PAUSE_NS each: 2 s */
#define LOCK_PAUSE_NS 2000000
#define OPEN_TRIES 1000 /* replaced under our hands that often, with LOCK_PAUSE_NS between */

static const uint8_t no_boot[16];

void tq__file_pause(void)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};

    nanosleep(&pause, NULL);
}

/* ---- where the file is ----------------------------------------------------------------------- */

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
        return tq__fail(
            error, TQ_EDENIED, 0, path,
            "is on overlayfs, where whoever only reads may see an old file that nobody counts on: "
            "open it for writing, or keep it on a volume");
    if (system.local || (header && system.type != 0 &&
                         atomic_load_explicit(&header->file_system, memory_order_relaxed) == system.type))
        return 0;
    snprintf(text, sizeof text,
             "is on a file system not known to be local (%s%s0x%" PRIx32
             "): use a local disk, or, if only this "
             "machine reaches it, allow it once: TQ_OPEN_ANY_FILE_SYSTEM, TOKENQUOTA_ANY_FILE_SYSTEM=1",
             system.name ? system.name : "", system.name ? ", " : "", system.type);
    return tq__fail(error, TQ_EDENIED, 0, path, text);
}

/* ---- what the file is ------------------------------------------------------------------------ */

static bool is_another_boot(const struct tq__header *header, const uint8_t boot_id[16])
{
    return memcmp(header->boot_id, boot_id, sizeof header->boot_id) != 0 &&
           memcmp(header->boot_id, no_boot, sizeof no_boot) != 0 &&
           memcmp(boot_id, no_boot, sizeof no_boot) != 0;
}

static bool is_another_file(const struct tq__header *header, const struct tq__identity *identity)
{
    return header->inode != 0 &&
           (header->inode != identity->inode ||
            (header->born_ns != 0 && identity->born_ns != 0 && header->born_ns != identity->born_ns));
}

const char *tq__file_doubt(const struct tq__header *header, const uint8_t boot_id[16],
                           const struct tq__identity *identity)
{
    if (is_another_boot(header, boot_id))
        return "the machine was started anew";
    if (memcmp(boot_id, no_boot, sizeof no_boot) == 0 ||
        memcmp(header->boot_id, no_boot, sizeof no_boot) == 0)
        return "it was not known whether the machine was started anew (no /proc)";
    if (is_another_file(header, identity))
        return "it is a copy, as after a restore";
    if (atomic_load_explicit(&header->rebuilding, memory_order_relaxed) != 0)
        return "an earlier rebuild did not come to its end";
    return NULL;
}

void tq__header_identify(struct tq__header *header, const struct tq__identity *identity, bool anew)
{
    /* Relaxed: all who fill it in at once write the same. */
    if (anew || atomic_load_explicit(&header->inode, memory_order_relaxed) == 0)
        atomic_store_explicit(&header->inode, identity->inode, memory_order_relaxed);
    if (anew ||
        (atomic_load_explicit(&header->born_ns, memory_order_relaxed) == 0 && identity->born_ns != 0 &&
         atomic_load_explicit(&header->inode, memory_order_relaxed) == identity->inode))
        atomic_store_explicit(&header->born_ns, identity->born_ns, memory_order_relaxed);
}

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

static bool is_of_this_version(const struct tq__header *header)
{
    return header->format >= TQ__FORMAT_OLDEST && header->format <= TQ__FORMAT &&
           header->header_bytes == TQ__HEADER_BYTES &&
           header->fingerprint == tq__fingerprint(header->format) && header->features_incompatible == 0;
}

static int check_header(const char *path, uint32_t flags, const struct tq__header *header,
                        struct tq_error *error)
{
    bool read_only = (flags & TQ_OPEN_READ_ONLY) != 0;
    const char *fault = NULL;

    if (header->magic != TQ__MAGIC)
        fault = flags & TQ__OPEN_DAMAGED ? "is not a ledger: move it away (mv), then restore"
                                         : "is not a ledger: move it away (mv) and a new one is made";
    else if (flags & TQ__OPEN_DAMAGED)
        return 0;
    else if (!is_of_this_version(header))
        fault =
            "is a ledger of another version: use the newer tokenquota, and its `ledger compact` to convert";
    else if ((header->features_readable & ~TQ__FEATURE_HOLDS) != 0 && !read_only)
        fault = "was written by a newer tokenquota: it can be opened here for reading only";
    else if (!tq__history_ok(header->history_days) || header->rule < TQ_RULE_ORIGINAL ||
             header->rule > TQ_RULE_CARE)
        fault = "has a damaged header: restore it from a backup (mv)";
    else if (header->format < TQ__FORMAT && read_only)
        fault = "is of an older format: open it once for writing, which converts it";
    return fault ? tq__fail(error, TQ_EFORMAT, 0, path, fault) : 0;
}

/* What is not there is zero, and no ledger. */
static void read_header(int fd, struct tq__header *header)
{
    if (pread(fd, header, sizeof *header, 0) != (ssize_t)sizeof *header)
        memset(header, 0, sizeof *header);
}

int tq__file_read_header(const char *path, int fd, struct tq__header *header, struct tq_error *error)
{
    read_header(fd, header);
    return check_header(path, 0, header, error);
}

static int open_checked(const char *path, uint32_t flags, struct tq__entry *entry, struct tq_error *error)
{
    bool read_only = (flags & TQ_OPEN_READ_ONLY) != 0;
    int answer;

    entry->fd = tq__system_open(path, (read_only ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK, 0);
    if (entry->fd < 0)
        return tq__fail(error, errno == ELOOP || errno == EISDIR ? TQ_EDENIED : TQ_ESYS, errno, path,
                        errno == ELOOP    ? "is a symbolic link: name the file it leads to"
                        : errno == EISDIR ? "is not a regular file but a folder: name a file in it"
                                          : "cannot be opened");
    if (fstat(entry->fd, &entry->file) != 0)
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be looked at");
    if (!S_ISREG(entry->file.st_mode))
        return tq__fail(error, TQ_EDENIED, 0, path, "is not a regular file: name another path");
    read_header(entry->fd, &entry->header);
    answer = tq__file_check_system(path, entry->fd, flags, &entry->header, error);
    if (answer == 0)
        answer = check_owner(path, &entry->file, error);
    if (answer == 0)
        answer = check_header(path, flags, &entry->header, error);
    entry->identity = tq__system_identity(entry->fd);
    return answer;
}

/* P3 */
static bool is_named(const char *path, const struct stat *file)
{
    struct stat named;

    return lstat(path, &named) == 0 && named.st_dev == file->st_dev && named.st_ino == file->st_ino;
}

/* ---- locks ----------------------------------------------------------------------------------- */

/* Who is in the way, if it said so. */
static int busy(const char *path, const struct tq__entry *entry, struct tq_error *error)
{
    uint32_t pid = atomic_load_explicit(&entry->header.busy_pid, memory_order_relaxed);
    char text[160];

    if (pid != 0)
        snprintf(text, sizeof text, "is in use by process %" PRIu32 ": try again when it is done", pid);
    else if (entry->header.format < TQ__FORMAT)
        snprintf(text, sizeof text,
                 "is in use by programs with an older tokenquota: end them (fuser -v FILE lists them), then "
                 "try again");
    else
        snprintf(text, sizeof text, "is in use by %s",
                 tq__lock_of_others(entry->fd, TQ__LOCK_USERS) == TQ__SHARED
                     ? "other processes: try again when they have closed it"
                     : "another process: try again when it is done");
    return tq__fail(error, TQ_EBUSY, 0, path, text);
}

/* The index may not be whole. Whoever is alone makes it anew; where others count on it, they or the ones
 * before them saw to it (L2), unless the machine was started anew: then nobody can have it open since before,
 * and what they opened is not known to be whole. */
static int lock_in_doubt(struct tq__entry *entry)
{
    int answer = tq__lock_set(entry->fd, TQ__LOCK_DOUBT, TQ__EXCLUSIVE);

    if (answer != 0)
        return answer;
    entry->lock = TQ__EXCLUSIVE;
    answer = tq__lock_set(entry->fd, TQ__LOCK_USERS, TQ__EXCLUSIVE);
    if (answer == 1 && !is_another_boot(&entry->header, entry->boot_id)) {
        entry->lock = TQ__SHARED;
        answer = tq__lock_set(entry->fd, TQ__LOCK_USERS, TQ__SHARED);
        if (answer == 0 && tq__lock_of_others(entry->fd, TQ__LOCK_USERS) == TQ__UNLOCKED) { /* alone by now */
            tq__lock_set(entry->fd, TQ__LOCK_USERS, TQ__UNLOCKED);
            answer = 1;
        }
    }
    tq__lock_set(entry->fd, TQ__LOCK_DOUBT, TQ__UNLOCKED);
    return answer;
}

/* For reading only: nothing is locked and nothing can be made anew. Where others count, they saw to it. */
static int read_in_doubt(const char *path, const struct tq__entry *entry, const char *doubt,
                         struct tq_error *error)
{
    char text[160];

    switch (tq__lock_of_others(entry->fd, TQ__LOCK_USERS)) {
    case TQ__SHARED:
        return 0;
    case TQ__EXCLUSIVE:
        return 1;
    default:
        snprintf(text, sizeof text, "must be opened for writing once: %s", doubt);
        return tq__fail(error, TQ_EBUSY, 0, path, text);
    }
}

/* 0: locked. 1: not now. */
static int try_lock(const char *path, enum tq__lock wanted, struct tq__entry *entry, struct tq_error *error)
{
    const char *doubt = tq__file_doubt(&entry->header, entry->boot_id, &entry->identity);
    int answer;

    entry->lock = wanted;
    if (wanted == TQ__UNLOCKED) {
        if (!doubt && atomic_load_explicit(&entry->header.gone, memory_order_relaxed) != 0 &&
            is_named(path, &entry->file))
            doubt = "it was put back in its place";
        return doubt ? read_in_doubt(path, entry, doubt, error) : 0;
    }
    answer = wanted == TQ__SHARED && doubt ? lock_in_doubt(entry)
                                           : tq__lock_set(entry->fd, TQ__LOCK_USERS, wanted);
    return answer < 0 ? tq__fail(error, answer, errno, path, "cannot be locked on this file system") : answer;
}

static int lock_waiting(const char *path, uint32_t flags, enum tq__lock wanted, struct tq__entry *entry,
                        struct tq_error *error)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        int answer = try_lock(path, wanted, entry, error);

        if (answer <= 0)
            return answer;
        tq__file_pause();
        read_header(entry->fd,
                    &entry->header); /* it may be whole by now, or be other bytes: look at it again */
        answer = check_header(path, flags, &entry->header, error);
        if (answer < 0)
            return answer;
    }
    return busy(path, entry, error);
}

/* ---- older formats --------------------------------------------------------------------------- */

/* Builds of format 1 lock the whole file by flock. With that lock, which is dropped when the file is closed,
 * none of them has it open. 0: had, or not needed. */
static int keep_format_1_out(const char *path, struct tq__entry *entry, struct tq_error *error)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (entry->header.format != 1 || flock(entry->fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        tq__file_pause();
        read_header(entry->fd, &entry->header);
    }
    return busy(path, entry, error);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Is the file of a format that the caller can use? */
static bool is_wanted(uint32_t flags, const struct tq__header *header)
{
    return flags & TQ__OPEN_DAMAGED || (header->format < TQ__FORMAT) == ((flags & TQ__OPEN_OLDER) != 0);
}

int tq__file_enter(const char *path, uint32_t flags, enum tq__lock wanted, struct tq__entry *entry,
                   struct tq_error *error)
{
    tq__system_boot_id(entry->boot_id);
    for (int i = 0; i < OPEN_TRIES; i++) {
        int answer = open_checked(path, flags, entry, error);

        if (answer == 0 && !is_wanted(flags, &entry->header))
            answer = 1;
        if (answer == 0)
            answer = keep_format_1_out(path, entry, error);
        if (answer == 0)
            answer = lock_waiting(path, flags, wanted, entry, error);
        if (answer == 0 && is_named(path, &entry->file))
            return 0;
        if (entry->fd >= 0)
            close(entry->fd);
        entry->fd = -1;
        if (answer != 0)
            return answer;
        tq__file_pause();
    }
    return tq__fail(error, TQ_EBUSY, 0, path, "is replaced again and again");
}
