/* store_grow.c: a new generation of the file that says what was imported: larger, without the old days.
 *
 * SPDX-License-Identifier: MIT
 *
 * The new file is made beside the old one, whole and on the disk, locked before it has the name, and then
 * takes its place. Who is killed meanwhile leaves the old one, untouched, and a file that the next to grow
 * removes.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define STRIDE_SLOTS (UINT64_C(1) << 16) /* after so many the old pages are given back */

uint64_t imports_bytes(uint32_t rows, uint32_t cursors, uint64_t slots)
{
    return IMPORTS_HEADER_BYTES + (uint64_t)rows * sizeof(struct imports_row) +
           (uint64_t)cursors * sizeof(struct imports_cursor) + slots * sizeof(struct imports_slot);
}

void imports_place(struct imports *imports, void *bytes)
{
    struct imports_header *header = bytes;
    char *at = (char *)bytes + IMPORTS_HEADER_BYTES;

    imports->header = header;
    imports->rows = (void *)at;
    at += (size_t)header->row_capacity * sizeof(struct imports_row);
    imports->cursors = (void *)at;
    at += (size_t)header->cursor_capacity * sizeof(struct imports_cursor);
    imports->slots = (void *)at;
}

static uint64_t count_kept_slots(const struct imports *imports)
{
    uint64_t kept = 0, oldest_day = imports->header->oldest_day;

    for (uint64_t i = 0; i < imports->header->slot_capacity; i++)
        kept += imports->slots[i].key && imports_word_day(imports->slots[i].word) >= oldest_day;
    return kept;
}

static uint32_t count_kept_cursors(const struct imports *imports)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < imports->header->cursors; i++)
        kept += imports->cursors[i].day >= imports->header->oldest_day;
    return kept;
}

/* The sizes of the next generation, with room for half as much again. */
static void choose_sizes(const struct imports *imports, struct imports_header *header)
{
    uint64_t slots = count_kept_slots(imports);
    uint32_t cursors = count_kept_cursors(imports);

    while (slots > header->slot_capacity / 2)
        header->slot_capacity *= 2;
    while (cursors > header->cursor_capacity / 2)
        header->cursor_capacity *= 2;
    if (header->rows > header->row_capacity / 2 && header->row_capacity < IMPORTS_ROWS_MAX)
        header->row_capacity *= 2;
    header->file_bytes = imports_bytes(header->row_capacity, header->cursor_capacity, header->slot_capacity);
}

/* A file of that size under a name of its own, locked, or memory for a dry run. */
static void *make(const struct imports *imports, const char *path, uint64_t bytes, int *fd)
{
    struct stat status;

    *fd = -1;
    if (imports->dry_run)
        return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)unlink(path); /* of one that was killed: we have the lock */
    if (fstat(imports->fd, &status) < 0)
        return MAP_FAILED;
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, status.st_mode & 0666);
    if (*fd < 0 || fchmod(*fd, status.st_mode & 0666) < 0 || imports_lock(*fd) < 0 ||
        (errno = posix_fallocate(*fd, 0, (off_t)bytes)) != 0)
        return MAP_FAILED;
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
}

static void copy_slots(const struct imports *from, struct imports *to)
{
    uint64_t kept = 0, oldest_day = from->header->oldest_day;

    for (uint64_t i = 0; i < from->header->slot_capacity; i++) {
        const struct imports_slot *slot = &from->slots[i];

        if (i % STRIDE_SLOTS == 0 && i && !from->dry_run) { /* what was copied need not stay in memory */
            uintptr_t start = (uintptr_t)(slot - STRIDE_SLOTS) & ~(uintptr_t)4095;

            (void)madvise((void *)start, STRIDE_SLOTS * sizeof(*slot), MADV_DONTNEED);
        }
        if (!slot->key || imports_word_day(slot->word) < oldest_day)
            continue;
        size_t at = imports_slot_put(to->slots, to->header->slot_capacity, slot->key, slot->word);

        if (from->touched[i / 8] >> i % 8 & 1)
            to->touched[at / 8] |= (uint8_t)(1 << at % 8);
        kept++;
    }
    to->header->slots = kept;
}

static void copy_cursors(const struct imports *from, struct imports *to)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < from->header->cursors; i++)
        if (from->cursors[i].day >= from->header->oldest_day)
            memcpy(&to->cursors[kept++], &from->cursors[i], sizeof(*to->cursors));
    to->header->cursors = kept;
}

/* All of it into the new mapping; what the old one holds besides is handed on. */
static int fill(const struct imports *from, struct imports *to, const struct imports_header *header,
                void *mapped)
{
    memcpy(mapped, header, sizeof(*header));
    imports_place(to, mapped);
    to->touched = calloc(header->slot_capacity / 8, 1);
    to->by_inode = to->by_path = NULL;
    if (!to->touched)
        return -1;
    memcpy(to->rows, from->rows, header->rows * sizeof(*to->rows));
    copy_cursors(from, to);
    copy_slots(from, to);
    return imports_cursor_index(to);
}

static void drop(struct imports *imports)
{
    if (imports->header)
        munmap(imports->header, imports->header->file_bytes);
    if (imports->fd >= 0)
        close(imports->fd);
    free(imports->touched);
    free(imports->by_inode);
    free(imports->by_path);
}

int imports_grow(struct imports *imports)
{
    struct imports next = *imports;
    struct imports_header header = *imports->header;
    char path[sizeof(imports->path) + 4];
    void *mapped;

    snprintf(path, sizeof(path), "%s.new", imports->path);
    choose_sizes(imports, &header);
    next.header = NULL;
    next.touched = NULL;
    next.by_inode = next.by_path = NULL;
    mapped = make(imports, path, header.file_bytes, &next.fd);
    if (mapped == MAP_FAILED || fill(imports, &next, &header, mapped) < 0 ||
        (!imports->dry_run &&
         (msync(mapped, header.file_bytes, MS_SYNC) < 0 || rename(path, imports->path) < 0))) {
        report("%s: cannot make it larger: %s", imports->path, strerror(errno));
        if (mapped != MAP_FAILED && !next.header)
            munmap(mapped, header.file_bytes);
        drop(&next);
        if (!imports->dry_run)
            (void)unlink(path);
        return -1;
    }
    drop(imports);
    *imports = next;
    return 0;
}
