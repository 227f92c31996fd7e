/* store_pair.c: backs up and restores a ledger together with its file of imports.
 *
 * SPDX-License-Identifier: MIT
 *
 * BACKUP. The ledger is copied first, this file second. So the copy of this file knows every response in the
 * copy of the ledger, and after a restore nothing is counted twice. What an import counts between the two
 * copies is lost after a restore, because the file knows it and the ledger does not have it. Nothing is lost
 * when no import runs. The copy of this file is made first, empty, and completed last, so that an interrupted
 * backup can be recognized.
 *
 * RESTORE. The decisive step is the library's: it replaces the old ledger. Before this step,
 * LEDGER.imports.restored is complete and on the disk, and names the ledger that is to be replaced. After the
 * step, it is renamed to LEDGER.imports. A process that is killed in between leaves LEDGER.imports.restored,
 * and the next import, backup, compact or restore finishes the work. When the named ledger is still in place,
 * nothing was restored, and the file is removed. When another ledger is in place, the file is renamed. A
 * process that is still restoring holds a lock on the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define CHUNK_WORDS 8192
#define PATH_BYTES (STORE_PATH_BYTES + 32)

/* Makes the path of a ledger with `end` appended. */
static int path_with(char path[PATH_BYTES], const char *ledger, const char *end, struct import_error *error)
{
    if (snprintf(path, PATH_BYTES, "%s%s", ledger, end) < PATH_BYTES)
        return 0;
    return import_fail(error, TQ_EINVAL, "%s: the path is too long", ledger);
}

static void sync_folder(const char *path)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    int fd;

    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

/* ---- one copy -------------------------------------------------------------------------------- */

static int write_all(int fd, const void *bytes, size_t count, uint64_t at)
{
    for (size_t done = 0; done < count;) {
        ssize_t wrote = pwrite(fd, (const char *)bytes + done, count - done, (off_t)(at + done));

        if (wrote < 0 && errno != EINTR)
            return -1;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return 0;
}

/* Copies word by word, because an importer may be storing. Acquire pairs with the release in store_slot_put:
 * a reader that sees a key also sees its word, which it reads later. Counts in *used which of every
 * `every`-th word are not 0. */
static int copy_words(const void *from, uint64_t bytes, int fd, uint64_t at, unsigned every, uint64_t *used)
{
    const _Atomic uint64_t *word = from;
    uint64_t chunk[CHUNK_WORDS];

    for (uint64_t done = 0, count = bytes / 8; done < count;) {
        size_t some = count - done < CHUNK_WORDS ? (size_t)(count - done) : CHUNK_WORDS;

        for (size_t i = 0; i < some; i++) {
            chunk[i] = atomic_load_explicit(&word[done + i], memory_order_acquire);
            *used += chunk[i] && (done + i) % every == 0;
        }
        if (write_all(fd, chunk, some * 8, at + done * 8) < 0)
            return -1;
        done += some;
    }
    return 0;
}

/* The header, as it was read first, says how many rows and cursors are complete. Cursors are copied before
 * slots: each response before the place of a cursor then has its slot in the copy. The header is written
 * last. -1 with errno. */
static int copy_store(const struct store *from, const struct store_header *header, int fd)
{
    struct store_header copy = *header;
    const char *bytes = (const char *)from->header;
    uint64_t rows = STORE_HEADER_BYTES;
    uint64_t cursors = rows + (uint64_t)copy.row_capacity * sizeof(struct store_row);
    uint64_t slots = cursors + (uint64_t)copy.cursor_capacity * sizeof(struct store_cursor);
    uint64_t used = 0, ignored = 0;

    if (copy_words(bytes + rows, cursors - rows, fd, rows, 1, &ignored) < 0 ||
        copy_words(bytes + cursors, slots - cursors, fd, cursors, 1, &ignored) < 0 ||
        copy_words(bytes + slots, copy.file_bytes - slots, fd, slots, 2, &used) < 0 || fsync(fd) < 0)
        return -1;
    if (used > copy.slots) /* stored since the header was read */
        copy.slots = used;
    return write_all(fd, &copy, sizeof copy, 0) < 0 || fsync(fd) < 0 ? -1 : 0;
}

/* ---- backup ---------------------------------------------------------------------------------- */

int store_backup_begin(const char *dest, struct import_error *error)
{
    char path[PATH_BYTES];
    int fd;

    if (path_with(path, dest, ".imports", error) < 0)
        return error->code;
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return import_fail(error, TQ_EDENIED, "%s is there already: name a new file", path);
    return fd < 0 ? store_fail(error, path, "make it") : fd;
}

int store_backup_end(const char *ledger, const char *dest, int fd, bool copied, struct import_error *error)
{
    char path[PATH_BYTES];
    struct store store = {.fd = -1};
    bool there = copied && store_peek(&store, ledger);
    int result = 0;

    if (path_with(path, dest, ".imports", error) < 0)
        result = error->code;
    else if (there && copy_store(&store, store.header, fd) < 0)
        result = store_fail(error, path, "write it");
    if (!there || result < 0)
        (void)unlink(path);
    sync_folder(dest);
    store_close(&store);
    close(fd);
    return result;
}

/* ---- restore --------------------------------------------------------------------------------- */

/* Identifies a file by inode and time of creation, because a new file may get the inode of a removed one. */
static void identify(const char *path, struct store_header *header)
{
    struct statx status;

    header->replaces_inode = 0;
    header->replaces_born_ns = 0;
    if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &status) < 0)
        return;
    header->replaces_inode = status.stx_ino;
    if (status.stx_mask & STATX_BTIME)
        header->replaces_born_ns = status.stx_btime.tv_sec * TQ__SECOND_NS + status.stx_btime.tv_nsec;
}

/* Renames a complete file to LEDGER.imports when the ledger that it names was replaced, else removes it. */
static int settle(const char *ledger, const char *path, int fd, struct import_error *error)
{
    char place[PATH_BYTES];
    struct store_header header, now = {0};
    bool whole = store_read_header(fd, &header) == 1;

    identify(ledger, &now);
    if (!whole ||
        (now.replaces_inode == header.replaces_inode && now.replaces_born_ns == header.replaces_born_ns))
        return unlink(path) == 0 ? 0 : store_fail(error, path, "remove it");
    if (path_with(place, ledger, ".imports", error) < 0)
        return error->code;
    if (rename(path, place) < 0)
        return store_fail(error, path, "put it in its place");
    sync_folder(place);
    return 0;
}

int store_finish(const char *ledger, struct import_error *error)
{
    char path[PATH_BYTES];
    int fd, result = 0;

    if (path_with(path, ledger, ".imports.restored", error) < 0)
        return error->code;
    fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : store_fail(error, path, "open it");
    if (store_lock(fd) < 0)
        result = import_fail(error, TQ_EBUSY, "%s: a restore is at work: try again when it is done", ledger);
    else if (store_is_named(fd, path))
        result = settle(ledger, path, fd, error);
    close(fd);
    return result;
}

/* Copies the file that belongs to source. When source has none, makes a file without imports. */
static int fill(const char *ledger, const char *source, int fd, struct import_error *error)
{
    char path[PATH_BYTES];
    struct store store = {.fd = -1};
    struct store_header header = {0};
    bool there;
    int result;

    if (path_with(path, source, ".imports", error) < 0)
        return error->code;
    there = access(path, F_OK) == 0;
    if (there && !store_peek(&store, source))
        return import_fail(error, TQ_EFORMAT, "%s is not whole: the backup was cut short; name another",
                           path);
    if (there)
        header = *store.header;
    else
        store_begin(&header);
    identify(ledger, &header);
    if (there)
        result = copy_store(&store, &header, fd);
    else if ((errno = posix_fallocate(fd, 0, (off_t)header.file_bytes)) != 0)
        result = -1;
    else
        result = write_all(fd, &header, sizeof header, 0) < 0 || fsync(fd) < 0 ? -1 : 0;
    if (result < 0)
        result = store_fail(error, ledger, "be given what was imported");
    store_close(&store);
    return result;
}

int store_restore_begin(const char *ledger, const char *source, struct import_error *error)
{
    char path[PATH_BYTES];
    struct stat status;
    int fd;

    if (path_with(path, ledger, ".imports.restored", error) < 0)
        return error->code;
    if (stat(ledger, &status) < 0)
        return store_fail(error, ledger, "look at it");
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return store_fail(error, path, "make it");
    /* Everybody who may write the ledger may write this file. */
    if (store_lock(fd) < 0 || fchown(fd, status.st_uid, status.st_gid) < 0 ||
        fchmod(fd, status.st_mode & 0666) < 0)
        store_fail(error, path, "lock it and give it the ledger's owner");
    else if (fill(ledger, source, fd, error) == 0)
        return fd;
    (void)unlink(path);
    close(fd);
    return error->code;
}

int store_restore_end(const char *ledger, int fd, struct import_error *error)
{
    char path[PATH_BYTES];
    int result = path_with(path, ledger, ".imports.restored", error);

    if (result == 0)
        result = settle(ledger, path, fd, error);
    close(fd);
    return result;
}
