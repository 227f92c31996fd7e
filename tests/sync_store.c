/* sync_store.c: the server of the machines with ledgers, and the network in front of it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "sync/merge.h"
#include "tests/sync_ledgers.h"

#define LATE 40 /* times the delay, by which a copy may come later */

/* One item of a flush, and what the server has of it. */
struct part {
    uint32_t limit;
    int64_t key_s;
    bool writes, asks_all;
    struct sync_entry own, stored;
    int64_t added, corrected;
    struct sync_entry *all;
    size_t count;
};

struct message {
    uint32_t machine, run;
    uint64_t flush;
    size_t count;
    struct part *parts;
    struct sync_peer *peers;
    size_t peer_count;
    int64_t server_ms, epoch_at_ms;
    uint64_t epoch;
};

void message_free(void *given)
{
    struct message *message = given;

    for (size_t i = 0; message && i < message->count; i++)
        free(message->parts[i].all);
    if (message) {
        free(message->parts);
        free(message->peers);
    }
    free(message);
}

/* ---- the server ------------------------------------------------------------------------------ */

void store_make(struct world *world)
{
    world->server.peers = calloc(world->plan.machines, sizeof *world->server.peers);
    if (!world->server.peers)
        abort();
    world->server.epoch = 1;
}

static void forget(struct server *server)
{
    for (size_t i = 0; i < server->count; i++)
        free(server->hashes[i].entries);
    server->count = 0;
}

/* It comes back with nothing. */
void store_lose(struct world *world)
{
    struct server *server = &world->server;

    forget(server);
    memset(server->peers, 0, world->plan.machines * sizeof *server->peers);
    server->epoch = rng_next(&world->rng) | 1;
    server->epoch_at_ms = server->down_until_ms;
    world->has_lost = true;
}

void store_free(struct world *world)
{
    forget(&world->server);
    free(world->server.hashes);
    free(world->server.peers);
}

static struct hash *find(struct server *server, const struct part *part)
{
    for (size_t i = server->count; i-- > 0;)
        if (server->hashes[i].key_s == part->key_s && server->hashes[i].limit == part->limit)
            return &server->hashes[i];
    return NULL;
}

static struct hash *find_or_make(struct world *world, const struct part *part)
{
    struct server *server = &world->server;
    struct hash *hash = find(server, part);

    if (hash || !part->writes)
        return hash;
    if (server->count == server->room) {
        server->room = 2 * server->room + 16;
        server->hashes = realloc(server->hashes, server->room * sizeof *server->hashes);
        if (!server->hashes)
            abort();
    }
    hash = &server->hashes[server->count++];
    *hash = (struct hash){part->limit, part->key_s, calloc(world->plan.machines, sizeof *hash->entries)};
    if (!hash->entries)
        abort();
    return hash;
}

static void serve_part(struct world *world, uint32_t machine, struct part *part)
{
    struct hash *hash = find_or_make(world, part);

    if (!hash)
        return;
    if (part->writes)
        sync_merge(&hash->entries[machine], &part->own);
    part->stored = hash->entries[machine];
    if (part->asks_all) {
        part->all = malloc(world->plan.machines * sizeof *part->all);
        if (!part->all)
            abort();
    }
    for (uint32_t i = 0; i < world->plan.machines; i++) {
        if (hash->entries[i].seq == 0)
            continue;
        part->added += hash->entries[i].added;
        part->corrected += hash->entries[i].corrected;
        if (part->asks_all)
            part->all[part->count++] = hash->entries[i];
    }
}

/* One step, as the script's. */
static void serve(struct world *world, struct message *message)
{
    struct server *server = &world->server;
    struct sync_peer *peer = &server->peers[message->machine];

    memcpy(peer->name, world->machines[message->machine].name, sizeof world->machines->name);
    peer->seen_ms = world->now_ms;
    peer->every_ms = world->every_ms;
    for (size_t i = 0; i < message->count; i++)
        serve_part(world, message->machine, &message->parts[i]);
    message->server_ms = world->now_ms;
    message->epoch = server->epoch;
    message->epoch_at_ms = server->epoch_at_ms;
    message->peers = malloc(world->plan.machines * sizeof *message->peers);
    if (!message->peers)
        abort();
    for (uint32_t i = 0; i < world->plan.machines; i++)
        if (server->peers[i].seen_ms)
            message->peers[message->peer_count++] = server->peers[i];
}

/* ---- the network ----------------------------------------------------------------------------- */

static bool happens(struct world *world, unsigned of_1000)
{
    return rng_below(&world->rng, 1000) < of_1000;
}

static uint32_t limit_of(const struct world *world, const char *identity)
{
    for (uint32_t i = 0; i < world->limit_count; i++)
        if (strcmp(world->limits[i].identity, identity) == 0)
            return i;
    abort();
}

static struct message *message_of(const struct machine *machine)
{
    const struct sync_exchange *exchange = &machine->exchange;
    struct message *message = calloc(1, sizeof *message);

    if (!message)
        abort();
    *message = (struct message){.machine = machine->number, .run = machine->run, .flush = machine->flush};
    message->count = exchange->item_count;
    message->parts = calloc(message->count + 1, sizeof *message->parts);
    if (!message->parts)
        abort();
    for (size_t i = 0; i < message->count; i++) {
        const struct sync_item *item = &exchange->items[i];
        struct part *part = &message->parts[i];

        *part = (struct part){.limit = limit_of(machine->world, item->limit),
                              .key_s = item->key_s,
                              .writes = item->writes,
                              .asks_all = item->asks_all,
                              .own = item->own};
        memcpy(part->own.node, machine->name, sizeof machine->name);
    }
    return message;
}

/* Sends what its exchange says, once or twice, or not at all. */
void message_send(struct machine *machine)
{
    struct world *world = machine->world;
    unsigned copies = 1 + happens(world, world->twice);

    for (unsigned i = 0; i < copies; i++)
        if (!machine->is_cut && !happens(world, world->loss))
            world_after(world, rng_below_i64(&world->rng, (i ? LATE : 1) * world->delay_ms + 1), ARRIVE,
                        machine->number, 0, message_of(machine));
}

void message_arrive(struct world *world, void *given)
{
    struct message *message = given;
    struct server *server = &world->server;

    if (world->machines[message->machine].is_cut || world->now_ms < server->down_until_ms) {
        message_free(message);
        return;
    }
    if (world->now_ms < server->stalls_until_ms) {
        world_after(world, server->stalls_until_ms - world->now_ms, ARRIVE, message->machine, 0, message);
        return;
    }
    serve(world, message);
    if (happens(world, world->loss))
        message_free(message);
    else
        world_after(world, rng_below_i64(&world->rng, world->delay_ms + 1), ANSWER, message->machine, 0,
                    message);
}

/* Does the machine still wait for it? */
bool message_is_of(const void *given, const struct machine *machine)
{
    const struct message *message = given;

    return machine->has_loop && machine->asked_ms != 0 && !machine->is_cut && message->run == machine->run &&
           message->flush == machine->flush;
}

void message_hear(void *given, struct machine *machine)
{
    struct message *message = given;
    struct sync_exchange *exchange = &machine->exchange;
    const struct world *world = machine->world;

    exchange->server_ms = message->server_ms;
    exchange->answered_ns = machine_now_ns(machine);
    exchange->round_trip_ns = (world->now_ms - machine->asked_ms) * MS_NS;
    exchange->connects = 1;
    for (unsigned tag = 0; tag < SYNC_TAGS; tag++) {
        exchange->epoch[tag] = message->epoch;
        exchange->epoch_age_ms[tag] = message->server_ms - message->epoch_at_ms;
        exchange->version[tag] = exchange->seen_version[tag];
    }
    exchange->peers = message->peers;
    exchange->peer_count = message->peer_count;
    for (size_t i = 0; i < message->count; i++) {
        struct sync_item *item = &exchange->items[i];
        const struct part *part = &message->parts[i];

        item->is_heard = true;
        item->stored = part->stored;
        item->added = part->added;
        item->corrected = part->corrected;
        item->all = part->all;
        item->count = part->count;
    }
}
