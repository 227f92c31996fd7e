/* ids_file.c: the file that keeps ids: opened, read, written.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ids_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/list.h"
#include "import/store.h"
#include "serve.h"

#define MAGIC UINT64_C(0x73646973626f7174) /* the bytes "tqobsids" */
#define FORMAT 1u
#define SEED_HEADER UINT64_C(1)
#define SEED_ENTRY UINT64_C(2)
#define NUMBER_MOST (UINT64_C(1) << 62) /* a larger one is damage */
#define CHUNK 4096                      /* entries that are read at once */

struct header {
    uint64_t magic;
    uint32_t format;
    uint32_t most;
    int64_t begun_at_ns;
    uint64_t zero[4];
    uint64_t check; /* of what is before it */
};

static_assert(sizeof(struct ids_entry) == IDS_ENTRY_BYTES, "an entry");
static_assert(sizeof(struct header) == 64, "the header");

uint32_t ids_entry_check(const struct ids_entry *entry)
{
    return (uint32_t)tq__hash(SEED_ENTRY, entry, offsetof(struct ids_entry, check));
}

static uint64_t header_check(const struct header *header)
{
    return tq__hash(SEED_HEADER, header, offsetof(struct header, check));
}

static off_t place(uint64_t position)
{
    return (off_t)(sizeof(struct header) + position * sizeof(struct ids_entry));
}

static bool write_all(int fd, const void *bytes, size_t len, off_t at)
{
    const char *from = bytes;

    while (len > 0) {
        ssize_t written = pwrite(fd, from, len, at);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        from += written;
        at += written;
        len -= (size_t)written;
    }
    return true;
}

/* Reads until the buffer is full or the file ends; what it read. */
static size_t read_all(int fd, void *bytes, size_t len, off_t at)
{
    size_t have = 0;

    while (have < len) {
        ssize_t got = pread(fd, (char *)bytes + have, len - have, at + (off_t)have);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        have += (size_t)got;
    }
    return have;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_sound(const struct ids_entry *entry, uint64_t position, uint32_t most)
{
    return entry->number > 0 && entry->number < NUMBER_MOST && (entry->number - 1) % most == position &&
           entry->check == ids_entry_check(entry);
}

/* Takes an entry of the file into the ring, unless a newer one has its place: the ring may be smaller. */
static void take(struct ids_file *file, struct ids_entry *ring, const struct ids_entry *entry)
{
    struct ids_entry *to = &ring[(entry->number - 1) % file->most];

    if (entry->number > to->number)
        *to = *entry;
    if (entry->number > file->newest)
        file->newest = entry->number;
}

/* Reads the ring of a file of so many entries. False: no memory. */
static bool read_entries(struct ids_file *file, struct ids_entry *ring, uint32_t of_file)
{
    static const struct ids_entry none;
    struct ids_entry *entries = malloc(CHUNK * sizeof *entries);

    if (!entries)
        return false;
    for (uint64_t position = 0; position < of_file; position += CHUNK) {
        size_t wanted = of_file - position < CHUNK ? (size_t)(of_file - position) : CHUNK;
        size_t len = read_all(file->fd, entries, wanted * sizeof *entries, place(position));

        for (size_t i = 0; i < len / sizeof *entries; i++) {
            if (is_sound(&entries[i], position + i, of_file))
                take(file, ring, &entries[i]);
            else if (memcmp(&entries[i], &none, sizeof none) != 0)
                file->lost++;
        }
        file->lost += len % sizeof *entries != 0;
        if (len < wanted * sizeof *entries)
            break;
    }
    free(entries);
    return true;
}

/* ---- making ---------------------------------------------------------------------------------- */

static bool write_header(const struct ids_file *file, int fd)
{
    struct header header = {
        .magic = MAGIC, .format = FORMAT, .most = file->most, .begun_at_ns = file->begun_at_ns};

    header.check = header_check(&header);
    return write_all(fd, &header, sizeof header, 0);
}

/* Writes a file for another number of ids, and puts it in the place of the old one in one step. */
static bool replace(struct ids_file *file, const struct ids_entry *ring, mode_t mode)
{
    char path[IDS_PATH_BYTES + 8];
    int old = file->fd;

    snprintf(path, sizeof path, "%s.new", file->path);
    (void)unlink(path); /* of a process that was killed here: the lock on the old file is ours */
    file->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file->fd >= 0 && flock(file->fd, LOCK_EX | LOCK_NB) == 0 && fchmod(file->fd, mode) == 0 &&
        write_header(file, file->fd) && write_all(file->fd, ring, file->most * sizeof *ring, place(0)) &&
        rename(path, file->path) == 0) {
        close(old);
        return true;
    }
    if (file->fd >= 0)
        close(file->fd);
    (void)unlink(path);
    file->fd = old;
    return false;
}

/* Opens and locks the file; opens it again when another process replaced it before the lock was taken. */
static bool open_locked(struct ids_file *file, mode_t mode, char *why, size_t why_bytes)
{
    for (;;) {
        file->fd = open(file->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);
        if (file->fd < 0) {
            snprintf(why, why_bytes, "cannot open %s: %s", file->path, strerror(errno));
            return false;
        }
        if (flock(file->fd, LOCK_EX | LOCK_NB) < 0) {
            snprintf(why, why_bytes, "%s belongs to another daemon that runs on this ledger", file->path);
            return false;
        }
        if (store_is_named(file->fd, file->path))
            return true;
        close(file->fd);
    }
}

/* Makes the file, or makes it anew. */
static bool make(struct ids_file *file, mode_t mode, char *why, size_t why_bytes)
{
    if (ftruncate(file->fd, 0) == 0 && fchmod(file->fd, mode) == 0 && write_header(file, file->fd))
        return true;
    snprintf(why, why_bytes, "cannot write %s: %s", file->path, strerror(errno));
    return false;
}

/* Goes on with a file that is there. */
static bool go_on(struct ids_file *file, const struct header *header, struct ids_entry *ring, mode_t mode,
                  char *why, size_t why_bytes)
{
    file->begun_at_ns = header->begun_at_ns;
    if (!read_entries(file, ring, header->most)) {
        snprintf(why, why_bytes, "%s: out of memory", file->path);
        return false;
    }
    if (file->lost > 0)
        snprintf(why, why_bytes, "%s is damaged: %llu of its ids are lost", file->path,
                 (unsigned long long)file->lost);
    if (header->most == file->most || replace(file, ring, mode))
        return true;
    snprintf(why, why_bytes, "cannot write %s.new: %s", file->path, strerror(errno));
    return false;
}

/* Reads the header and what follows it, or makes both. */
static bool begin(struct ids_file *file, struct ids_entry *ring, mode_t mode, char *why, size_t why_bytes)
{
    struct header header = {0};
    size_t len = read_all(file->fd, &header, sizeof header, 0);

    if (len >= sizeof header.magic && header.magic != MAGIC) {
        snprintf(why, why_bytes, "%s is no file of ids; move it away", file->path);
        return false;
    }
    if (len == sizeof header && header.check == header_check(&header)) {
        if (header.format == FORMAT && header.most > 0 && header.most <= SERVE_IDS_MOST)
            return go_on(file, &header, ring, mode, why, why_bytes);
        snprintf(why, why_bytes, "%s is of a newer version; move it away", file->path);
        return false;
    }
    if (!make(file, mode, why, why_bytes))
        return false;
    if (len > 0)
        snprintf(why, why_bytes, "%s was damaged: it begins anew, and the ids in it are lost", file->path);
    return true;
}

bool ids_file_open(struct ids_file *file, const char *ledger, uint32_t most, int64_t now_ns,
                   struct ids_entry *ring, char *why, size_t why_bytes)
{
    mode_t mode = store_mode_of(ledger);

    *file = (struct ids_file){.fd = -1, .most = most, .begun_at_ns = now_ns};
    if (snprintf(file->path, sizeof file->path, "%s.ids", ledger) >= (int)sizeof file->path) {
        snprintf(why, why_bytes, "the path of the ledger is too long");
        return false;
    }
    if (open_locked(file, mode, why, why_bytes) && begin(file, ring, mode, why, why_bytes))
        return true;
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    return false;
}

bool ids_file_write(const struct ids_file *file, const struct ids_entry *ring, uint64_t first, uint64_t end)
{
    while (first < end) {
        uint64_t position = (first - 1) % file->most, count = end - first;

        if (count > file->most - position)
            count = file->most - position;
        if (!write_all(file->fd, &ring[position], count * sizeof *ring, place(position)))
            return false;
        first += count;
    }
    return true;
}
