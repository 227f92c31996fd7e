/* store.c: the file that says what was imported: found, locked, made, mapped, and made larger.
 *
 * SPDX-License-Identifier: MIT
 *
 * Where it is full a new file is made beside it, larger and without the old days. That file is whole, on the
 * disk and locked before it takes the name. A process that is killed meanwhile leaves the old file untouched,
 * and a file that the next one to grow removes.
 */
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
#define FILE_FIRST_BYTES bytes_of(ROWS_FIRST, CURSORS_FIRST, SLOTS_FIRST)

#define STRIDE_SLOTS (UINT64_C(1) << 16) /* after so many the old pages are given back */

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

static int fail(const struct store *store, const char *what)
{
    return import_fail(store->error, TQ_ESYS, "%s: cannot %s: %s", store->path, what, strerror(errno));
}

static int no_memory(const struct store *store)
{
    return import_fail(store->error, TQ_ENOMEM, "out of memory");
}

/* ---- where the pieces are -------------------------------------------------------------------- */

static uint64_t bytes_of(uint32_t rows, uint32_t cursors, uint64_t slots)
{
    return STORE_HEADER_BYTES + (uint64_t)rows * sizeof(struct store_row) +
           (uint64_t)cursors * sizeof(struct store_cursor) + slots * sizeof(struct store_slot);
}

/* Sets the pointers from the header. */
static void place(struct store *store, void *bytes)
{
    struct store_header *header = bytes;
    char *at = (char *)bytes + STORE_HEADER_BYTES;

    store->header = header;
    store->rows = (void *)at;
    at += (size_t)header->row_capacity * sizeof(struct store_row);
    store->cursors = (void *)at;
    at += (size_t)header->cursor_capacity * sizeof(struct store_cursor);
    store->slots = (void *)at;
}

static void drop_index(struct tq__index *index)
{
    free(index->slots);
    *index = (struct tq__index){0};
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
        kill((pid_t)pid, 0) != 0) /* left by one that was killed, before the next wrote its own */
        return import_fail(store->error, TQ_EBUSY, "%s: somebody imports into this ledger now", store->path);
    return import_fail(
        store->error, TQ_EBUSY,
        "%s: process %u imports into this ledger now; what it reads comes once, so wait for it", store->path,
        (unsigned)pid);
}

/* Whoever may write the ledger may write this: its folder gives the group, the ledger the permissions. */
static mode_t mode_of(const char *ledger)
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

/* The file with its lock, and nobody has put another in its place before the lock was there. */
static int open_locked(struct store *store, mode_t mode)
{
    struct stat opened, named;

    for (;;) {
        int fd = open(store->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);

        if (fd < 0)
            return fail(store, "open it");
        if (store_lock(fd) < 0) {
            int result = errno == EWOULDBLOCK || errno == EACCES ? busy(store, fd) : fail(store, "lock it");

            close(fd);
            return result;
        }
        if (fstat(fd, &opened) == 0 && stat(store->path, &named) == 0 && opened.st_ino == named.st_ino &&
            opened.st_dev == named.st_dev) {
            if (opened.st_size == 0)
                (void)fchmod(fd, mode); /* the umask is for what a user makes, this belongs to a ledger */
            store->fd = fd;
            return 0;
        }
        close(fd);
    }
}

/* What the header says must fit the file, or nothing of it may be looked at. */
bool store_is_sound(const struct store_header *header, uint64_t file_bytes)
{
    uint64_t slots = header->slot_capacity;

    return header->magic == STORE_MAGIC && header->format >= 1 && header->format <= STORE_FORMAT &&
           header->header_bytes == STORE_HEADER_BYTES && header->row_capacity <= STORE_ROWS_MAX &&
           header->cursor_capacity <= UINT32_C(1) << 28 && slots >= SLOTS_FIRST &&
           slots <= UINT64_C(1) << 36 && (slots & (slots - 1)) == 0 && header->file_bytes == file_bytes &&
           file_bytes == bytes_of(header->row_capacity, header->cursor_capacity, slots) &&
           header->rows <= header->row_capacity && header->cursors <= header->cursor_capacity &&
           header->slots <= slots;
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

/* 1: there is a file, with this header. 0: none yet, or one that was never whole, because whoever made it was
 * killed and had counted nothing. Negative: somebody else's. */
static int read_header(const struct store *store, struct store_header *header)
{
    struct stat status;
    ssize_t len;

    memset(header, 0, sizeof *header);
    if (fstat(store->fd, &status) < 0 || (len = pread(store->fd, header, sizeof *header, 0)) < 0)
        return fail(store, "read it");
    if (!header->magic && (uint64_t)status.st_size <= FILE_FIRST_BYTES)
        return 0;
    if (len == (ssize_t)sizeof *header && store_is_sound(header, (uint64_t)status.st_size))
        return 1;
    return import_fail(store->error, TQ_EFORMAT,
                       "%s: not a file of imports that this version reads; move it away and import again",
                       store->path);
}

static int map_file(struct store *store, int protection, int flags)
{
    struct store_header header;
    uint64_t bytes = FILE_FIRST_BYTES;
    int there = read_header(store, &header);
    void *mapped;

    if (there < 0)
        return there;
    if (there)
        bytes = header.file_bytes;
    else if (flags == MAP_PRIVATE)
        return 1;
    else if (ftruncate(store->fd, 0) < 0 || (errno = posix_fallocate(store->fd, 0, (off_t)bytes)) != 0)
        return fail(store, "make it");
    mapped = mmap(NULL, bytes, protection, flags, store->fd, 0);
    if (mapped == MAP_FAILED)
        return fail(store, "map it");
    if (!there)
        store_begin(mapped);
    place(store, mapped);
    return 0;
}

static int map_private(struct store *store)
{
    uint64_t bytes = FILE_FIRST_BYTES;
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapped == MAP_FAILED)
        return no_memory(store);
    store_begin(mapped);
    place(store, mapped);
    return 0;
}

/* A copy that is written where it is touched; the file stays as it is. */
static int open_dry(struct store *store)
{
    int answer = 1;

    store->dry_run = true;
    store->fd = open(store->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (store->fd < 0 && errno != ENOENT)
        return fail(store, "open it");
    if (store->fd >= 0) {
        answer = map_file(store, PROT_READ | PROT_WRITE, MAP_PRIVATE);
        close(store->fd);
        store->fd = -1;
    }
    return answer == 1 ? map_private(store) : answer;
}

/* What is kept in memory beside the file. */
static int prepare(struct store *store, uint32_t oldest_day)
{
    struct store_header *header = store->header;

    store->touched = calloc(header->slot_capacity / 8, 1);
    if (!store->touched)
        return no_memory(store);
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
    int result = 0;

    if (!begin(store, error, ledger))
        return import_fail(error, TQ_EINVAL, "%s: the path is too long", ledger);
    if (dry_run) {
        result = open_dry(store);
    } else {
        result = store_finish(ledger, error);
        if (result == 0)
            result = open_locked(store, mode_of(ledger));
        if (result == 0)
            result = map_file(store, PROT_READ | PROT_WRITE, MAP_SHARED);
    }
    if (result == 0)
        result = prepare(store, oldest_day);
    if (result < 0)
        store_close(store);
    return result;
}

static void unmap(struct store *store)
{
    if (store->header)
        munmap(store->header, store->header->file_bytes);
    store->header = NULL;
    drop_index(&store->by_name);
}

void store_close(struct store *store)
{
    if (store->header && store->touched) { /* not of who only looks */
        store->header->doubt = 0;
        store->header->pid = 0;
    }
    unmap(store);
    if (store->fd >= 0)
        close(store->fd);
    store->fd = -1;
    free(store->touched);
    store->touched = NULL;
    drop_index(&store->by_inode);
    drop_index(&store->by_path);
}

int store_flush(struct store *store)
{
    if (store->dry_run || msync(store->header, store->header->file_bytes, MS_SYNC) == 0)
        return 0;
    return fail(store, "put it on the disk");
}

int store_clear(struct store *store)
{
    uint32_t oldest_day = store->header->oldest_day;
    int result;

    unmap(store);
    free(store->touched);
    store->touched = NULL;
    if (store->dry_run)
        result = map_private(store);
    else if (ftruncate(store->fd, 0) < 0)
        result = fail(store, "empty it");
    else
        result = map_file(store, PROT_READ | PROT_WRITE, MAP_SHARED);
    return result < 0 ? result : prepare(store, oldest_day);
}

bool store_peek(struct store *store, const char *ledger)
{
    struct store_header header = {0};
    struct stat status;
    void *mapped = MAP_FAILED;

    if (!begin(store, NULL, ledger))
        return false;
    store->fd = open(store->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (store->fd >= 0 && fstat(store->fd, &status) == 0 &&
        pread(store->fd, &header, sizeof header, 0) == (ssize_t)sizeof header &&
        store_is_sound(&header, (uint64_t)status.st_size))
        mapped = mmap(NULL, header.file_bytes, PROT_READ, MAP_SHARED, store->fd, 0);
    if (mapped == MAP_FAILED) {
        store_close(store);
        return false;
    }
    place(store, mapped);
    return true;
}

/* ---- a new generation ------------------------------------------------------------------------ */

static uint64_t count_kept_slots(const struct store *store)
{
    uint64_t kept = 0, oldest_day = store->header->oldest_day;

    for (uint64_t i = 0; i < store->header->slot_capacity; i++)
        kept += store->slots[i].key && store_word_day(store->slots[i].word) >= oldest_day;
    return kept;
}

static uint32_t count_kept_cursors(const struct store *store)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < store->header->cursors; i++)
        kept += store->cursors[i].day >= store->header->oldest_day;
    return kept;
}

/* The sizes of the next generation, with room for half as much again. */
static void choose_sizes(const struct store *store, struct store_header *header)
{
    uint64_t slots = count_kept_slots(store);
    uint32_t cursors = count_kept_cursors(store);

    while (slots > header->slot_capacity / 2)
        header->slot_capacity *= 2;
    while (cursors > header->cursor_capacity / 2)
        header->cursor_capacity *= 2;
    if (header->rows > header->row_capacity / 2 && header->row_capacity < STORE_ROWS_MAX)
        header->row_capacity *= 2;
    header->file_bytes = bytes_of(header->row_capacity, header->cursor_capacity, header->slot_capacity);
}

/* A file of that size under a name of its own, locked, or memory for a dry run. */
static void *make(const struct store *store, const char *path, uint64_t bytes, int *fd)
{
    struct stat status;

    *fd = -1;
    if (store->dry_run)
        return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)unlink(path); /* of one that was killed: we have the lock */
    if (fstat(store->fd, &status) < 0)
        return MAP_FAILED;
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, status.st_mode & 0666);
    if (*fd < 0 || fchmod(*fd, status.st_mode & 0666) < 0 || store_lock(*fd) < 0 ||
        (errno = posix_fallocate(*fd, 0, (off_t)bytes)) != 0)
        return MAP_FAILED;
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
}

static void copy_slots(const struct store *from, struct store *to)
{
    uint64_t kept = 0, oldest_day = from->header->oldest_day;

    for (uint64_t i = 0; i < from->header->slot_capacity; i++) {
        const struct store_slot *slot = &from->slots[i];

        if (i % STRIDE_SLOTS == 0 && i && !from->dry_run) { /* what was copied need not stay in memory */
            uintptr_t start = (uintptr_t)(slot - STRIDE_SLOTS) & ~(uintptr_t)4095;

            (void)madvise((void *)start, STRIDE_SLOTS * sizeof *slot, MADV_DONTNEED);
        }
        if (!slot->key || store_word_day(slot->word) < oldest_day)
            continue;
        size_t at = store_slot_put(to->slots, to->header->slot_capacity, slot->key, slot->word);

        if (from->touched[i / 8] >> i % 8 & 1)
            to->touched[at / 8] |= (uint8_t)(1 << at % 8);
        kept++;
    }
    to->header->slots = kept;
}

static void copy_cursors(const struct store *from, struct store *to)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < from->header->cursors; i++)
        if (from->cursors[i].day >= from->header->oldest_day)
            memcpy(&to->cursors[kept++], &from->cursors[i], sizeof *to->cursors);
    to->header->cursors = kept;
}

/* All of it into the new mapping; what the old one holds besides is handed on. */
static int fill(const struct store *from, struct store *to, const struct store_header *header, void *mapped)
{
    memcpy(mapped, header, sizeof *header);
    place(to, mapped);
    to->touched = calloc(header->slot_capacity / 8, 1);
    if (!to->touched)
        return no_memory(to);
    memcpy(to->rows, from->rows, header->rows * sizeof *to->rows);
    copy_cursors(from, to);
    copy_slots(from, to);
    return store_cursor_index(to);
}

static void drop(struct store *store)
{
    if (store->header)
        munmap(store->header, store->header->file_bytes);
    if (store->fd >= 0)
        close(store->fd);
    free(store->touched);
    drop_index(&store->by_inode);
    drop_index(&store->by_path);
}

int store_grow(struct store *store)
{
    struct store next = *store;
    struct store_header header = *store->header;
    char path[sizeof store->path + 4];
    void *mapped;

    snprintf(path, sizeof path, "%s.new", store->path);
    choose_sizes(store, &header);
    next.header = NULL;
    next.touched = NULL;
    next.by_inode = next.by_path = (struct tq__index){0};
    mapped = make(store, path, header.file_bytes, &next.fd);
    if (mapped == MAP_FAILED || fill(store, &next, &header, mapped) < 0 ||
        (!store->dry_run &&
         (msync(mapped, header.file_bytes, MS_SYNC) < 0 || rename(path, store->path) < 0))) {
        int answer = fail(store, "make it larger");

        drop(&next);
        if (!store->dry_run)
            (void)unlink(path);
        return answer;
    }
    drop(store);
    *store = next;
    return 0;
}
