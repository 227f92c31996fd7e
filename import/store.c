/* store.c: the file that says what was imported: found, locked, made and mapped.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define ROWS_FIRST 16u
#define CURSORS_FIRST 256u
#define SLOTS_FIRST UINT64_C(65536)
#define FILE_FIRST_BYTES                                                                                     \
    (STORE_HEADER_BYTES + ROWS_FIRST * sizeof(struct store_row) +                                            \
     CURSORS_FIRST * sizeof(struct store_cursor) + SLOTS_FIRST * sizeof(struct store_slot))

int import_fail(struct import_error *error, int code, const char *format, ...)
{
    va_list list;

    error->code = code;
    va_start(list, format);
    if (vsnprintf(error->text, sizeof error->text, format, list) < 0)
        error->text[0] = '\0';
    va_end(list);
    return code;
}

int store_fail(struct import_error *error, const char *path, const char *what)
{
    return import_fail(error, TQ_ESYS, "%s: cannot %s: %s", path, what, strerror(errno));
}

/* ---- where the pieces are -------------------------------------------------------------------- */

uint64_t store_bytes_of(const struct store_header *header)
{
    return STORE_HEADER_BYTES + (uint64_t)header->row_capacity * sizeof(struct store_row) +
           (uint64_t)header->cursor_capacity * sizeof(struct store_cursor) +
           header->slot_capacity * sizeof(struct store_slot);
}

void store_place(struct store *store, void *bytes)
{
    store->header = bytes;
    store->rows = (void *)((char *)bytes + STORE_HEADER_BYTES);
    store->cursors = (void *)(store->rows + store->header->row_capacity);
    store->slots = (void *)(store->cursors + store->header->cursor_capacity);
}

void store_drop(struct store *store)
{
    if (store->header)
        munmap(store->header, store->header->file_bytes);
    if (store->fd >= 0)
        close(store->fd);
    free(store->touched);
    free(store->by_inode.slots);
    free(store->by_path.slots);
    free(store->by_name.slots);
    store->header = NULL;
    store->fd = -1;
    store->touched = NULL;
    store->by_inode = store->by_path = store->by_name = (struct tq__index){0};
}

/* ---- opening --------------------------------------------------------------------------------- */

/* False: the path is too long. */
static bool begin(struct store *store, struct import_error *error, const char *ledger)
{
    *store = (struct store){.fd = -1, .error = error};
    return snprintf(store->path, sizeof store->path, "%s.imports", ledger) < (int)sizeof store->path;
}

/* Fails with the name of the process that has the lock. */
static int busy(const struct store *store, int fd)
{
    uint32_t pid = 0;

    if (pread(fd, &pid, sizeof pid, offsetof(struct store_header, pid)) != (ssize_t)sizeof pid || pid == 0 ||
        kill((pid_t)pid, 0) !=
            0) /* left by a killed importer; the one that has the lock has not written its own yet */
        return import_fail(store->error, TQ_EBUSY, "%s: somebody imports into this ledger now", store->path);
    return import_fail(
        store->error, TQ_EBUSY,
        "%s: process %u imports into this ledger now; what it reads comes once, so wait for it", store->path,
        (unsigned)pid);
}

mode_t store_mode_of(const char *ledger)
{
    struct stat status;

    return stat(ledger, &status) == 0 ? status.st_mode & 0666 : 0600;
}

int store_lock(int fd)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)(INT64_C(1) << 62), .l_len = 1};
    uint32_t format = 0;

    if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
        return -1;
    if (pread(fd, &format, sizeof format, offsetof(struct store_header, format)) == (ssize_t)sizeof format &&
        format == STORE_FORMAT)
        return 0;
    return flock(fd, LOCK_EX | LOCK_NB);
}

bool store_is_named(int fd, const char *path)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

/* Opens and locks the file. Opens it again when another process replaced it before the lock was taken. */
static int open_locked(struct store *store, mode_t mode)
{
    struct stat status;

    for (;;) {
        int fd = open(store->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);

        if (fd < 0)
            return store_fail(store->error, store->path, "open it");
        if (store_lock(fd) < 0) {
            int result = errno == EWOULDBLOCK || errno == EACCES
                             ? busy(store, fd)
                             : store_fail(store->error, store->path, "lock it");

            close(fd);
            return result;
        }
        if (store_is_named(fd, store->path)) {
            if (fstat(fd, &status) == 0 && status.st_size == 0)
                (void)fchmod(fd, mode); /* the umask is for what a user makes, this belongs to a ledger */
            store->fd = fd;
            return 0;
        }
        close(fd);
    }
}

/* Does the header fit the size of the file? If not, nothing else in the file may be read. */
static bool is_sound(const struct store_header *header, uint64_t file_bytes)
{
    uint64_t slots = header->slot_capacity;

    return header->magic == STORE_MAGIC && header->format >= 1 && header->format <= STORE_FORMAT &&
           header->header_bytes == STORE_HEADER_BYTES && header->row_capacity <= STORE_ROWS_MAX &&
           header->cursor_capacity <= UINT32_C(1) << 28 && slots >= SLOTS_FIRST &&
           slots <= UINT64_C(1) << 36 && (slots & (slots - 1)) == 0 && header->file_bytes == file_bytes &&
           file_bytes == store_bytes_of(header) && header->rows <= header->row_capacity &&
           header->cursors <= header->cursor_capacity && header->slots <= slots;
}

int store_read_header(int fd, struct store_header *header)
{
    struct stat status;
    ssize_t len;

    memset(header, 0, sizeof *header);
    if (fd < 0 || fstat(fd, &status) < 0 || (len = pread(fd, header, sizeof *header, 0)) < 0)
        return -1;
    if (len == (ssize_t)sizeof *header && is_sound(header, (uint64_t)status.st_size))
        return 1;
    if (!header->magic && (uint64_t)status.st_size <= FILE_FIRST_BYTES)
        return 0;
    errno = EPROTO;
    return -1;
}

void store_begin(struct store_header *header)
{
    header->format = STORE_FORMAT;
    header->header_bytes = STORE_HEADER_BYTES;
    header->row_capacity = ROWS_FIRST;
    header->cursor_capacity = CURSORS_FIRST;
    header->slot_capacity = SLOTS_FIRST;
    header->file_bytes = FILE_FIRST_BYTES;
    atomic_store_explicit(&header->magic, STORE_MAGIC, memory_order_release);
}

/* Memory for a dry run, into which nothing was imported. */
static int map_private(struct store *store)
{
    void *mapped = mmap(NULL, FILE_FIRST_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapped == MAP_FAILED)
        return import_no_memory(store->error);
    store_begin(mapped);
    store_place(store, mapped);
    return 0;
}

/* The file of store->fd; one that is new is made. */
static int map_file(struct store *store)
{
    struct store_header header;
    int there = store_read_header(store->fd, &header);
    void *mapped;

    if (there < 0 && errno != EPROTO)
        return store_fail(store->error, store->path, "read it");
    if (there < 0)
        return import_fail(store->error, TQ_EFORMAT,
                           "%s: not a file of imports that this version reads; move it away and import again",
                           store->path);
    if (!there && store->dry_run)
        return map_private(store);
    if (!there) {
        header.file_bytes = FILE_FIRST_BYTES;
        if (ftruncate(store->fd, 0) < 0 ||
            (errno = posix_fallocate(store->fd, 0, (off_t)header.file_bytes)) != 0)
            return store_fail(store->error, store->path, "make it");
    }
    mapped = mmap(NULL, header.file_bytes, PROT_READ | PROT_WRITE, store->dry_run ? MAP_PRIVATE : MAP_SHARED,
                  store->fd, 0);
    if (mapped == MAP_FAILED)
        return store_fail(store->error, store->path, "map it");
    if (!there)
        store_begin(mapped);
    store_place(store, mapped);
    return 0;
}

/* Maps a private copy; the file is not changed. */
static int open_dry(struct store *store)
{
    int answer;

    store->fd = open(store->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (store->fd < 0)
        return errno == ENOENT ? map_private(store) : store_fail(store->error, store->path, "open it");
    answer = map_file(store);
    close(store->fd);
    store->fd = -1;
    return answer;
}

/* Makes the parts that are in memory only, and sets the header. */
static int prepare(struct store *store, uint32_t oldest_day)
{
    struct store_header *header = store->header;

    assert(header); /* the file, or memory, is mapped */
    store->touched = calloc(header->slot_capacity / 8, 1);
    if (!store->touched)
        return import_no_memory(store->error);
    if (header->pid)
        store_row_settle(store);
    header->doubt = 0;
    header->format = STORE_FORMAT;
    header->pid = (uint32_t)getpid();
    if (oldest_day > header->oldest_day)
        header->oldest_day = oldest_day;
    return store_cursor_index(store);
}

int store_open(struct store *store, struct import_error *error, const char *ledger, bool dry_run,
               uint32_t oldest_day)
{
    int result;

    if (!begin(store, error, ledger))
        return import_fail(error, TQ_EINVAL, "%s: the path is too long", ledger);
    store->dry_run = dry_run;
    result = dry_run ? open_dry(store) : store_finish(ledger, error);
    if (result == 0 && !dry_run)
        result = open_locked(store, store_mode_of(ledger));
    if (result == 0 && !dry_run)
        result = map_file(store);
    if (result == 0)
        result = prepare(store, oldest_day);
    if (result < 0)
        store_close(store);
    return result;
}

void store_close(struct store *store)
{
    if (store->header && store->touched) { /* not when the file is only read */
        store->header->doubt = 0;
        store->header->pid = 0;
    }
    store_drop(store);
}

int store_flush(struct store *store)
{
    if (store->dry_run || msync(store->header, store->header->file_bytes, MS_SYNC) == 0)
        return 0;
    return store_fail(store->error, store->path, "put it on the disk");
}

int store_clear(struct store *store)
{
    uint32_t oldest_day = store->header->oldest_day;
    int fd = store->fd, result;

    store->fd = -1; /* the file stays open, and locked */
    store_drop(store);
    store->fd = fd;
    if (store->dry_run)
        result = map_private(store);
    else if (ftruncate(store->fd, 0) < 0)
        result = store_fail(store->error, store->path, "empty it");
    else
        result = map_file(store);
    return result < 0 ? result : prepare(store, oldest_day);
}

bool store_peek(struct store *store, const char *ledger)
{
    struct store_header header;
    void *mapped = MAP_FAILED;

    if (!begin(store, NULL, ledger))
        return false;
    store->fd = open(store->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (store_read_header(store->fd, &header) == 1)
        mapped = mmap(NULL, header.file_bytes, PROT_READ, MAP_SHARED, store->fd, 0);
    if (mapped == MAP_FAILED) {
        store_close(store);
        return false;
    }
    store_place(store, mapped);
    return true;
}
