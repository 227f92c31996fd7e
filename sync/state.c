/* state.c: LEDGER.sync: read, written, locked.
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

#define FIRST_LINE "tokenquota-sync 1"
#define LINE_BYTES 1024
#define PATH_BYTES 4200

/* ---- reading --------------------------------------------------------------------------------- */

/* Where lines go: words to a node, peers and bounds to a status; each may be NULL. */
struct reading {
    struct sync_state *state;
    struct sync_node *node;
    struct sync_status *status;
    size_t peer_capacity, bound_capacity;
};

static int add_peer(struct reading *reading, const char *value)
{
    struct sync_status *status = reading->status;
    struct sync_peer peer = {.seen_ms = 0}, *peers;

    if (!status || sscanf(value, "%63s %" SCNd64 " %" SCNd64 " %" SCNd64, peer.name, &peer.seen_ms,
                          &peer.every_ms, &peer.rate) != 4)
        return 0;
    peers = tq__list_room(status->peers, status->peer_count, &reading->peer_capacity, sizeof *peers);
    if (!peers)
        return TQ_ENOMEM;
    status->peers = peers;
    peers[status->peer_count++] = peer;
    return 0;
}

static int add_bound(struct reading *reading, const char *value)
{
    struct sync_status *status = reading->status;
    struct sync_bound_line *bounds;
    int used = 0;
    int64_t bound;

    if (!status || sscanf(value, "%" SCNd64 "%n", &bound, &used) != 1 || used == 0 || value[used++] != ' ')
        return 0;
    bounds = tq__list_room(status->bounds, status->bound_count, &reading->bound_capacity, sizeof *bounds);
    if (!bounds)
        return TQ_ENOMEM;
    status->bounds = bounds;
    bounds[status->bound_count].bound = bound;
    snprintf(bounds[status->bound_count++].provider, sizeof bounds->provider, "%s", value + used);
    return 0;
}

static int add_word(struct reading *reading, const char *value)
{
    char node[SYNC_NODE_MOST + 1], name[SYNC_REGISTER_NAME_MOST + 1];
    struct sync_provider *provider;
    struct sync_register *known;
    int64_t at_ms;
    uint64_t hash;
    int used = 0;

    /* A provider's name may begin with a blank. */
    if (!reading->node ||
        sscanf(value, "%" SCNd64 " %63s %" SCNx64 " %63s%n", &at_ms, node, &hash, name, &used) != 4 ||
        used == 0 || value[used++] != ' ' || !value[used])
        return 0;
    provider = sync_node_provider(reading->node, value + used);
    known = provider ? sync_register(&provider->registers, name) : NULL;
    if (!known)
        return TQ_ENOMEM;
    known->at_ms = at_ms;
    known->hash = hash;
    memcpy(known->node, node, sizeof node);
    return 0;
}

/* The identity's length is in front of it: both names may have blanks. */
static int add_base(struct reading *reading, const char *value)
{
    char identity[SYNC_LIMIT_MOST + 1] = "";
    struct sync_provider *provider;
    int64_t start_s, added, corrected;
    unsigned len;
    int used = 0;

    if (!reading->node ||
        sscanf(value, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %u%n", &start_s, &added, &corrected, &len,
               &used) != 4 ||
        used == 0 || added < 0 || corrected < 0 || added > SYNC_TOTAL_MOST || corrected > SYNC_TOTAL_MOST ||
        len > SYNC_LIMIT_MOST || strlen(value + used) < len + 3)
        return 0;
    memcpy(identity, value + used + 1, len);
    provider = sync_node_provider(reading->node, value + used + 1 + len + 1);
    return provider && sync_base_set(provider, identity, start_s, added, corrected) ? 0 : TQ_ENOMEM;
}

static void take_text(char *out, size_t room, const char *value)
{
    snprintf(out, room, "%s", value);
}

static int64_t number(const char *value)
{
    return strtoll(value, NULL, 10);
}

static int take_line(struct reading *reading, const char *key, const char *value)
{
    struct sync_state *state = reading->state;

    if (strcmp(key, "word") == 0)
        return add_word(reading, value);
    if (strcmp(key, "base") == 0)
        return add_base(reading, value);
    if (strcmp(key, "peer") == 0)
        return add_peer(reading, value);
    if (strcmp(key, "bound") == 0)
        return add_bound(reading, value);
    if (strcmp(key, "node") == 0)
        take_text(state->node, sizeof state->node, value);
    else if (strcmp(key, "instance") == 0)
        take_text(state->instance, sizeof state->instance, value);
    else if (strcmp(key, "next") == 0)
        take_text(state->next, sizeof state->next, value);
    else if (strcmp(key, "to") == 0)
        take_text(state->to, sizeof state->to, value);
    else if (strcmp(key, "settings") == 0)
        state->settings = number(value);
    else if (strcmp(key, "inode") == 0)
        state->inode = strtoull(value, NULL, 10);
    else if (strcmp(key, "every") == 0)
        state->every_ms = number(value);
    else if (strcmp(key, "at") == 0)
        state->at_ns = number(value);
    else if (strcmp(key, "heard") == 0)
        state->heard_at_ns = number(value);
    else if (strcmp(key, "round-trip") == 0)
        state->round_trip_ns = number(value);
    else if (strcmp(key, "offset") == 0)
        state->offset_ms = number(value);
    else if (strcmp(key, "flushes") == 0)
        state->flushes = (uint64_t)number(value);
    else if (strcmp(key, "failures") == 0)
        state->failures = (uint64_t)number(value);
    else if (strcmp(key, "epochs-lost") == 0)
        state->epochs_lost = (uint64_t)number(value);
    else if (strcmp(key, "words-refused") == 0)
        state->refused = (uint64_t)number(value);
    else if (strcmp(key, "tags") == 0)
        state->tags = (uint32_t)number(value);
    else if (strcmp(key, "machines") == 0)
        state->machines = (uint32_t)number(value);
    else if (strcmp(key, "blocked") == 0)
        state->blocked = (uint32_t)number(value);
    else if (strcmp(key, "trouble") == 0)
        take_text(state->trouble, sizeof state->trouble, value);
    return 0;
}

static int read_lines(FILE *file, const char *path, struct reading *reading, struct tq_error *error)
{
    char line[LINE_BYTES];
    bool is_first = true;

    while (fgets(line, sizeof line, file)) {
        char *value;
        int answer;

        line[strcspn(line, "\n")] = '\0';
        if (is_first && strcmp(line, FIRST_LINE) != 0)
            return trouble_say(error, TQ_EFORMAT, 0, "%s is none of this version's files: move it away",
                               path);
        is_first = false;
        value = strchr(line, ' ');
        if (!value)
            continue;
        *value = '\0';
        answer = take_line(reading, line, value + 1);
        if (answer < 0)
            return trouble_say(error, answer, 0, "out of memory");
    }
    return 0;
}

static int read_file(const char *ledger, struct reading *reading, struct tq_error *error)
{
    char path[PATH_BYTES];
    FILE *file;
    int answer;

    *reading->state = (struct sync_state){.settings = 0};
    snprintf(path, sizeof path, "%s.sync", ledger);
    file = fopen(path, "re");
    if (!file && errno == ENOENT)
        return 1;
    if (!file)
        return trouble_say(error, TQ_ESYS, errno, "%s cannot be read: %s", path, strerror(errno));
    answer = read_lines(file, path, reading, error);
    fclose(file);
    return answer;
}

int sync_status_read(const char *ledger, struct sync_status *status, struct tq_error *error)
{
    struct reading reading = {.state = &status->state, .status = status};

    *status = (struct sync_status){.peers = NULL};
    return read_file(ledger, &reading, error);
}

void sync_status_free(struct sync_status *status)
{
    free(status->peers);
    free(status->bounds);
    *status = (struct sync_status){.peers = NULL};
}

int sync_state_load(const char *ledger, struct sync_node *node, struct sync_state *state,
                    struct tq_error *error)
{
    struct reading reading = {.state = state, .node = node};

    return read_file(ledger, &reading, error);
}

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
    char line[LINE_BYTES];
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
        FIRST_LINE "\nnode %s\ninstance %s\nsettings %" PRId64 "\nto %s\nevery %" PRId64 "\nat %" PRId64 "\n",
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

        add(lines, "base %" PRId64 " %" PRId64 " %" PRId64 " %zu %s %s\n", base->start_s, base->added,
            base->corrected, strlen(base->identity), base->identity, provider->name);
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

/* Opens a file beside the ledger, with the permissions of the ledger: it names the same providers. -1 with
 * errno. */
static int open_beside(const char *ledger, const char *path, int flags)
{
    struct stat status;
    mode_t mode = stat(ledger, &status) == 0 ? status.st_mode & 0666 : 0600;
    int fd = open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);

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
    char path[PATH_BYTES], next[PATH_BYTES + 8];
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
    char path[PATH_BYTES];
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
