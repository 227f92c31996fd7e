/* state_write.c: LEDGER.sync is written as a whole, and locked by the process that exchanges.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/node.h"

/* ---- writing --------------------------------------------------------------------------------- */

/* Lines that become the file: the room prints nothing, to no stream. */
struct lines {
    char *bytes;
    size_t len, capacity;
    bool failed; /* no memory */
};

static void add(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct lines *lines, const char *format, ...)
{
    char line[SYNC_LINE_BYTES];
    va_list values;
    int len;

    va_start(values, format);
    len = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (len < 0 || len >= (int)sizeof line || lines->failed)
        return; /* a line that is longer would not be read again */
    if (lines->capacity - lines->len < sizeof line) {
        size_t larger = 2 * lines->capacity + sizeof line;
        char *bytes = realloc(lines->bytes, larger);

        lines->failed = !bytes;
        if (!bytes)
            return;
        lines->bytes = bytes;
        lines->capacity = larger;
    }
    memcpy(lines->bytes + lines->len, line, (size_t)len);
    lines->len += (size_t)len;
}

static void write_state(struct lines *lines, const struct sync_state *state)
{
    add(lines,
        SYNC_STATE_FIRST "\nnode %s\ninstance %s\nsettings %" PRId64 "\nto %s\nevery %" PRId64 "\nat %" PRId64
                         "\n",
        state->node, state->instance, state->settings, state->to, state->every_ms, state->at_ns);
    if (*state->next)
        add(lines, "next %s\n", state->next);
    if (*state->trouble)
        add(lines, "trouble %s\n", state->trouble);
    add(lines, "inode %" PRIu64 "\nblocked %" PRIu32 "\n", state->inode, state->blocked);
    add(lines, "heard %" PRId64 "\nround-trip %" PRId64 "\noffset %" PRId64 "\nflushes %" PRIu64 "\n",
        state->heard_at_ns, state->round_trip_ns, state->offset_ms, state->flushes);
    add(lines,
        "failures %" PRIu64 "\nepochs-lost %" PRIu64 "\nwords-refused %" PRIu64 "\ntags %" PRIu32
        "\nmachines %" PRIu32 "\n",
        state->failures, state->epochs_lost, state->refused, state->tags, state->machines);
}

/* How far all machines can go beyond the amounts of a provider: the most of its limits; -1: it has none. */
static int64_t bound_of(const struct sync_provider *provider)
{
    int64_t most = -1;

    for (size_t i = 0; i < provider->window_count; i++)
        if (provider->windows[i]->is_newest && provider->windows[i]->share.amount > 0 &&
            provider->windows[i]->bound > most)
            most = provider->windows[i]->bound;
    return most;
}

static void write_provider(struct lines *lines, const struct sync_provider *provider)
{
    int64_t bound = bound_of(provider);

    if (bound >= 0)
        add(lines, "bound %" PRId64 " %s\n", bound, provider->name);
    for (size_t i = 0; i < provider->base_count; i++) {
        const struct sync_base *base = &provider->bases[i];

        add(lines, "%s %" PRId64 " %" PRId64 " %" PRId64 " %zu %s %s\n", base->is_had ? "had" : "base",
            base->start_s, base->added, base->corrected, strlen(base->identity), base->identity,
            provider->name);
    }
    for (size_t i = 0; i < provider->registers.count; i++) {
        const struct sync_register *known = &provider->registers.items[i];

        if (known->at_ms != 0)
            add(lines, "word %" PRId64 " %s %" PRIx64 " %s %s\n", known->at_ms, known->node, known->hash,
                known->name, provider->name);
    }
}

static void write_all(struct lines *lines, const struct sync_node *node, const struct sync_state *state)
{
    write_state(lines, state);
    for (size_t i = 0; i < node->peer_count; i++)
        add(lines, "peer %s %" PRId64 " %" PRId64 " %" PRId64 "\n", node->peers[i].name,
            node->peers[i].seen_ms, node->peers[i].every_ms, node->peers[i].rate);
    for (size_t i = 0; i < node->provider_count; i++)
        write_provider(lines, &node->providers[i]);
}

/* Opens a file beside the ledger, with the permissions of the ledger: it names the same providers. Root gives
 * it to the ledger's owner, who exchanges. -1 with errno. */
static int open_beside(const char *ledger, const char *path, int flags)
{
    struct stat status;
    bool is_there = stat(ledger, &status) == 0;
    mode_t mode = is_there ? status.st_mode & 0666 : 0600;
    int fd = open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);

    if (fd >= 0 && is_there && geteuid() == 0)
        (void)!fchown(fd, status.st_uid, status.st_gid);
    if (fd >= 0)
        (void)fchmod(fd, mode); /* the umask is for what a user makes; another user's file stays as it is */
    return fd;
}

/* 0, or an errno. */
static int write_file(const char *ledger, const char *path, const struct lines *lines)
{
    int fd = open_beside(ledger, path, O_WRONLY | O_TRUNC), failed = 0;
    size_t at = 0;

    if (fd < 0)
        return errno;
    while (at < lines->len && failed == 0) {
        ssize_t written = write(fd, lines->bytes + at, lines->len - at);

        if (written > 0)
            at += (size_t)written;
        else if (written == 0 || errno != EINTR)
            failed = written < 0 ? errno : EIO;
    }
    return close(fd) != 0 && failed == 0 ? errno : failed;
}

/* Without fsync: after a loss of power words are compared by when they were said, as on a first run. */
int sync_state_save(const char *ledger, const struct sync_node *node, const struct sync_state *state,
                    struct tq_error *error)
{
    char path[SYNC_PATH_BYTES], next[SYNC_PATH_BYTES + 8];
    struct lines lines = {0};
    int failed;

    snprintf(path, sizeof path, "%s.sync", ledger);
    snprintf(next, sizeof next, "%s.new", path);
    write_all(&lines, node, state);
    failed = lines.failed ? ENOMEM : write_file(ledger, next, &lines);
    free(lines.bytes);
    if (failed == 0 && rename(next, path) != 0)
        failed = errno;
    if (failed == 0)
        return 0;
    unlink(next);
    return trouble_say(error, TQ_ESYS, failed, "%s cannot be written: %s", path, strerror(failed));
}

/* ---- locking --------------------------------------------------------------------------------- */

int sync_state_lock(const char *ledger, struct tq_error *error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[SYNC_PATH_BYTES];
    int fd, failed;

    snprintf(path, sizeof path, "%s.sync.lock", ledger);
    fd = open_beside(ledger, path, O_RDWR);
    if (fd < 0)
        return trouble_say(error, TQ_ESYS, errno, "%s cannot be opened: %s", path, strerror(errno));
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return fd;
    failed = errno;
    close(fd);
    if (failed == EAGAIN || failed == EACCES)
        return trouble_say(error, TQ_EBUSY, failed,
                           "another process exchanges %s already (tokenquota sync --status says how it goes)",
                           ledger);
    return trouble_say(error, TQ_ESYS, failed, "%s cannot be locked: %s", path, strerror(failed));
}

uint64_t sync_state_inode(const char *path)
{
    struct stat file;

    return stat(path, &file) == 0 ? (uint64_t)file.st_ino : 0;
}
