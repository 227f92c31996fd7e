/* store_grow.c: a new, larger file in the place of a full one, without the days that are too old.
 *
 * SPDX-License-Identifier: MIT
 *
 * The new file is made beside the old one. It is complete, on the disk and locked before it takes the name. A
 * process that is killed meanwhile leaves the old file untouched. It also leaves a part of the new file,
 * which the next process to grow the file removes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define STRIDE_SLOTS (UINT64_C(1) << 16) /* after so many the old pages are given back */

static bool is_kept(const struct store *store, const struct store_slot *slot)
{
    return slot->key && store_word_day(slot->word) >= store->header->oldest_day;
}

/* The sizes of the new file, with room for half as much again. */
static void choose_sizes(const struct store *store, struct store_header *header)
{
    uint64_t slots = 0;
    uint32_t cursors = 0;

    for (uint64_t i = 0; i < store->header->slot_capacity; i++)
        slots += is_kept(store, &store->slots[i]);
    for (uint32_t i = 0; i < store->header->cursors; i++)
        cursors += store->cursors[i].day >= store->header->oldest_day;
    while (slots > header->slot_capacity / 2)
        header->slot_capacity *= 2;
    while (cursors > header->cursor_capacity / 2)
        header->cursor_capacity *= 2;
    if (header->rows > header->row_capacity / 2 && header->row_capacity < STORE_ROWS_MAX)
        header->row_capacity *= 2;
    header->file_bytes = store_bytes_of(header);
}

/* Makes a locked file of that size at path; for a dry run, memory. */
static void *make(const struct store *store, const char *path, uint64_t bytes, int *fd)
{
    struct stat status;

    *fd = -1;
    if (store->dry_run)
        return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)unlink(path); /* a killed process left it, and we have the lock */
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
    uint64_t kept = 0;

    for (uint64_t i = 0; i < from->header->slot_capacity; i++) {
        const struct store_slot *slot = &from->slots[i];

        if (i % STRIDE_SLOTS == 0 && i && !from->dry_run) { /* what was copied need not stay in memory */
            uintptr_t start = (uintptr_t)(slot - STRIDE_SLOTS) & ~(uintptr_t)4095;

            (void)madvise((void *)start, STRIDE_SLOTS * sizeof *slot, MADV_DONTNEED);
        }
        if (!is_kept(from, slot))
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

/* Copies everything that is kept into the new mapping. */
static int fill(const struct store *from, struct store *to, const struct store_header *header, void *mapped)
{
    memcpy(mapped, header, sizeof *header);
    store_place(to, mapped);
    to->touched = calloc(header->slot_capacity / 8, 1);
    if (!to->touched)
        return import_no_memory(to->error);
    memcpy(to->rows, from->rows, header->rows * sizeof *to->rows);
    copy_cursors(from, to);
    copy_slots(from, to);
    return store_cursor_index(to);
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
    next.by_inode = next.by_path = next.by_name = (struct tq__index){0};
    mapped = make(store, path, header.file_bytes, &next.fd);
    if (mapped == MAP_FAILED || fill(store, &next, &header, mapped) < 0 ||
        (!store->dry_run &&
         (msync(mapped, header.file_bytes, MS_SYNC) < 0 || rename(path, store->path) < 0))) {
        int answer = store_fail(store->error, store->path, "make it larger");

        store_drop(&next);
        if (!store->dry_run)
            (void)unlink(path);
        return answer;
    }
    store_drop(store);
    *store = next;
    return 0;
}
