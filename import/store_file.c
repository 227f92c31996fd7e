/* store_file.c: finding, locking, making and mapping the file that says what was imported.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

static int fail(const struct imports *imports, const char *what)
{
    report("%s: cannot %s: %s", imports->path, what, strerror(errno));
    return -1;
}

static int set_path(struct imports *imports, const char *ledger)
{
    *imports = (struct imports){.fd = -1};
    if (snprintf(imports->path, sizeof(imports->path), "%s.imports", ledger) < (int)sizeof(imports->path))
        return 0;
    report("%s: the path is too long", ledger);
    return -1;
}

/* Says who has the lock. */
static int busy(const struct imports *imports, int fd)
{
    uint32_t pid = 0;

    if (pread(fd, &pid, sizeof(pid), offsetof(struct imports_header, pid)) != (ssize_t)sizeof(pid) ||
        pid == 0 || kill((pid_t)pid, 0) != 0) /* left by one that was killed, before the next wrote its own */
        report("%s: somebody imports into this ledger now", imports->path);
    else
        report("%s: process %u imports into this ledger now; what it reads comes once, so wait for it",
               imports->path, (unsigned)pid);
    return -1;
}

/* Whoever may write the ledger may write this: its folder gives the group, the ledger the permissions. */
static mode_t mode_of(const char *ledger)
{
    struct stat status;

    return stat(ledger, &status) == 0 ? status.st_mode & 0666 : 0600;
}

int imports_lock(int fd)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)(INT64_C(1) << 62), .l_len = 1};
    uint32_t format = 0;

    if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
        return -1;
    if (pread(fd, &format, sizeof(format), offsetof(struct imports_header, format)) == (ssize_t)sizeof(format) &&
        format == IMPORTS_FORMAT)
        return 0;
    return flock(fd, LOCK_EX | LOCK_NB);
}

/* The file with its lock, and nobody has put another in its place before the lock was there. */
static int open_locked(struct imports *imports, mode_t mode)
{
    struct stat opened, named;

    for (;;) {
        int fd = open(imports->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);

        if (fd < 0)
            return fail(imports, "open it");
        if (imports_lock(fd) < 0) {
            int result = errno == EWOULDBLOCK || errno == EACCES ? busy(imports, fd) : fail(imports, "lock it");

            close(fd);
            return result;
        }
        if (fstat(fd, &opened) == 0 && stat(imports->path, &named) == 0 && opened.st_ino == named.st_ino &&
            opened.st_dev == named.st_dev) {
            if (opened.st_size == 0)
                (void)fchmod(fd, mode); /* the umask is for what a user makes, this belongs to a ledger */
            imports->fd = fd;
            return 0;
        }
        close(fd);
    }
}

/* What the header says must fit the file, or nothing of it may be looked at. */
bool imports_sound(const struct imports_header *header, uint64_t file_bytes)
{
    uint64_t slots = header->slot_capacity;

    return header->magic == IMPORTS_MAGIC && header->format >= 1 && header->format <= IMPORTS_FORMAT &&
           header->header_bytes == IMPORTS_HEADER_BYTES && header->row_capacity <= IMPORTS_ROWS_MAX &&
           header->cursor_capacity <= UINT32_C(1) << 28 && slots >= SLOTS_FIRST &&
           slots <= UINT64_C(1) << 36 && (slots & (slots - 1)) == 0 && header->file_bytes == file_bytes &&
           file_bytes == imports_bytes(header->row_capacity, header->cursor_capacity, slots) &&
           header->rows <= header->row_capacity && header->cursors <= header->cursor_capacity &&
           header->slots <= slots;
}

void imports_begin(struct imports_header *header)
{
    header->format = IMPORTS_FORMAT;
    header->header_bytes = IMPORTS_HEADER_BYTES;
    header->row_capacity = ROWS_FIRST;
    header->cursor_capacity = CURSORS_FIRST;
    header->slot_capacity = SLOTS_FIRST;
    header->file_bytes = imports_bytes(ROWS_FIRST, CURSORS_FIRST, SLOTS_FIRST);
    atomic_store_explicit(&header->magic, IMPORTS_MAGIC, memory_order_release);
}

/* 1: there is a file, with this header. 0: none yet, or one that was never whole, because whoever made it was
 * killed and had counted nothing. -1: somebody else's, reported. */
static int read_header(const struct imports *imports, struct imports_header *header)
{
    struct stat status;
    ssize_t len;

    memset(header, 0, sizeof(*header));
    if (fstat(imports->fd, &status) < 0 || (len = pread(imports->fd, header, sizeof(*header), 0)) < 0)
        return fail(imports, "read it");
    if (!header->magic && (uint64_t)status.st_size <= imports_bytes(ROWS_FIRST, CURSORS_FIRST, SLOTS_FIRST))
        return 0;
    if (len == (ssize_t)sizeof(*header) && imports_sound(header, (uint64_t)status.st_size))
        return 1;
    report("%s: not a file of imports that this version reads; move it away and import again", imports->path);
    return -1;
}

static int map_file(struct imports *imports, int protection, int flags)
{
    struct imports_header header;
    uint64_t bytes = imports_bytes(ROWS_FIRST, CURSORS_FIRST, SLOTS_FIRST);
    int there = read_header(imports, &header);
    void *mapped;

    if (there < 0)
        return -1;
    if (there)
        bytes = header.file_bytes;
    else if (flags == MAP_PRIVATE)
        return 1;
    else if (ftruncate(imports->fd, 0) < 0 || (errno = posix_fallocate(imports->fd, 0, (off_t)bytes)) != 0)
        return fail(imports, "make it");
    mapped = mmap(NULL, bytes, protection, flags, imports->fd, 0);
    if (mapped == MAP_FAILED)
        return fail(imports, "map it");
    if (!there)
        imports_begin(mapped);
    imports_place(imports, mapped);
    return 0;
}

static int map_private(struct imports *imports)
{
    uint64_t bytes = imports_bytes(ROWS_FIRST, CURSORS_FIRST, SLOTS_FIRST);
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapped == MAP_FAILED) {
        report("out of memory");
        return -1;
    }
    imports_begin(mapped);
    imports_place(imports, mapped);
    return 0;
}

/* A copy that is written where it is touched; the file stays as it is. */
static int open_dry(struct imports *imports)
{
    int answer = 1;

    imports->dry_run = true;
    imports->fd = open(imports->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (imports->fd < 0 && errno != ENOENT)
        return fail(imports, "open it");
    if (imports->fd >= 0) {
        answer = map_file(imports, PROT_READ | PROT_WRITE, MAP_PRIVATE);
        close(imports->fd);
        imports->fd = -1;
    }
    return answer == 1 ? map_private(imports) : answer;
}

/* What is kept in memory beside the file. */
static int prepare(struct imports *imports, uint32_t oldest_day)
{
    struct imports_header *header = imports->header;

    imports->touched = calloc(header->slot_capacity / 8, 1);
    if (!imports->touched) {
        report("out of memory");
        return -1;
    }
    if (header->pid)
        imports_row_settle(imports);
    header->doubt = 0;
    header->format = IMPORTS_FORMAT;
    header->pid = (uint32_t)getpid();
    if (oldest_day > header->oldest_day)
        header->oldest_day = oldest_day;
    return imports_cursor_index(imports);
}

int imports_open(struct imports *imports, const char *ledger, bool dry_run, uint32_t oldest_day)
{
    int result = set_path(imports, ledger);

    if (result == 0 && !dry_run)
        result = imports_finish(ledger);

    if (result == 0 && dry_run) {
        result = open_dry(imports);
    } else if (result == 0) {
        result = open_locked(imports, mode_of(ledger));
        if (result == 0)
            result = map_file(imports, PROT_READ | PROT_WRITE, MAP_SHARED);
    }
    if (result == 0)
        result = prepare(imports, oldest_day);
    if (result < 0)
        imports_close(imports);
    return result;
}

static void unmap(struct imports *imports)
{
    if (imports->header)
        munmap(imports->header, imports->header->file_bytes);
    imports->header = NULL;
    free(imports->by_name);
    imports->by_name = NULL;
    imports->name_count = imports->rows_named = 0;
}

void imports_close(struct imports *imports)
{
    if (imports->header && imports->touched) { /* not of who only looks */
        imports->header->doubt = 0;
        imports->header->pid = 0;
    }
    unmap(imports);
    if (imports->fd >= 0)
        close(imports->fd);
    imports->fd = -1;
    free(imports->touched);
    free(imports->by_inode);
    free(imports->by_path);
    imports->touched = NULL;
    imports->by_inode = NULL;
    imports->by_path = NULL;
}

int imports_flush(struct imports *imports)
{
    if (imports->dry_run || msync(imports->header, imports->header->file_bytes, MS_SYNC) == 0)
        return 0;
    return fail(imports, "put it on the disk");
}

int imports_clear(struct imports *imports)
{
    uint32_t oldest_day = imports->header->oldest_day;

    unmap(imports);
    free(imports->touched);
    imports->touched = NULL;
    if (imports->dry_run) {
        if (map_private(imports) < 0)
            return -1;
    } else if (ftruncate(imports->fd, 0) < 0) {
        return fail(imports, "empty it");
    } else if (map_file(imports, PROT_READ | PROT_WRITE, MAP_SHARED) < 0) {
        return -1;
    }
    return prepare(imports, oldest_day);
}

bool imports_peek(struct imports *imports, const char *ledger, bool write)
{
    if (strlen(ledger) + sizeof(".imports") > sizeof(imports->path) || set_path(imports, ledger) < 0)
        return false;
    struct imports_header header = {0};
    struct stat status;
    void *mapped = MAP_FAILED;

    imports->fd = open(imports->path, (write ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC);
    if (imports->fd >= 0 && fstat(imports->fd, &status) == 0 &&
        pread(imports->fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
        imports_sound(&header, (uint64_t)status.st_size))
        mapped = mmap(NULL, header.file_bytes, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
                      imports->fd, 0);
    if (mapped == MAP_FAILED) {
        imports_close(imports);
        return false;
    }
    imports_place(imports, mapped);
    return true;
}
