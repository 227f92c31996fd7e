/* state.c: LEDGER.sync is read, line by line: into a node, or for those who show it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/node.h"

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
static int add_base(struct reading *reading, const char *value, bool is_had)
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
    return provider && sync_base_set(provider, identity, start_s, added, corrected, is_had) ? 0 : TQ_ENOMEM;
}

/* Lines of one value each, and where it goes. */
#define FIELD(key, member, is_text)                                                                          \
    {                                                                                                        \
        key, offsetof(struct sync_state, member), sizeof(((struct sync_state *)0)->member), is_text          \
    }

static const struct field {
    const char *key;
    size_t at, bytes;
    bool is_text; /* else a number, of 4 bytes or 8 */
} fields[] = {
    FIELD("node", node, true),
    FIELD("instance", instance, true),
    FIELD("next", next, true),
    FIELD("to", to, true),
    FIELD("trouble", trouble, true),
    FIELD("settings", settings, false),
    FIELD("inode", inode, false),
    FIELD("every", every_ms, false),
    FIELD("at", at_ns, false),
    FIELD("heard", heard_at_ns, false),
    FIELD("round-trip", round_trip_ns, false),
    FIELD("offset", offset_ms, false),
    FIELD("flushes", flushes, false),
    FIELD("failures", failures, false),
    FIELD("epochs-lost", epochs_lost, false),
    FIELD("words-refused", refused, false),
    FIELD("tags", tags, false),
    FIELD("machines", machines, false),
    FIELD("blocked", blocked, false),
};

static void take_field(struct sync_state *state, const struct field *field, const char *value)
{
    char *out = (char *)state + field->at;
    uint64_t number = strtoull(value, NULL, 10); /* "-5" is what an int64_t reads as -5 */
    uint32_t small = (uint32_t)number;

    if (field->is_text)
        snprintf(out, field->bytes, "%s", value);
    else if (field->bytes == sizeof small)
        memcpy(out, &small, sizeof small);
    else
        memcpy(out, &number, sizeof number);
}

static int take_line(struct reading *reading, const char *key, const char *value)
{
    if (strcmp(key, "word") == 0)
        return add_word(reading, value);
    if (strcmp(key, "base") == 0 || strcmp(key, "had") == 0)
        return add_base(reading, value, *key == 'h');
    if (strcmp(key, "peer") == 0)
        return add_peer(reading, value);
    if (strcmp(key, "bound") == 0)
        return add_bound(reading, value);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(key, fields[i].key) == 0)
            take_field(reading->state, &fields[i], value);
    return 0; /* or of a newer version */
}

static int read_lines(FILE *file, const char *path, struct reading *reading, struct tq_error *error)
{
    char line[SYNC_LINE_BYTES];
    bool is_first = true;

    while (fgets(line, sizeof line, file)) {
        char *value;
        int answer;

        line[strcspn(line, "\n")] = '\0';
        if (is_first && strcmp(line, SYNC_STATE_FIRST) != 0)
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
    char path[SYNC_PATH_BYTES];
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
