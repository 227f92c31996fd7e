/* sync_faults.c: what goes wrong in the simulator's world, and what nobody can know after it.
 *
 * SPDX-License-Identifier: MIT
 *
 * A server that lost writes (a failover, or a restart without data) may have lost a claim that nobody alive
 * knows of. The bound of a strict limit is not 0 then, but what such claims are: node.unknown, counted here
 * from outside.
 */
#include <string.h>

#include "tests/sync_world.h"

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t weight(const struct sync_entry *entry)
{
    return most(entry->added - entry->corrected, entry->claim);
}

/* Counts what the server does not know of each node. */
static void count_unknown(struct world *world, bool is_told_again)
{
    if (!world->has_lost)
        return;
    for (uint32_t i = 0; i < world->plan.nodes; i++) {
        struct node *node = &world->nodes[i];
        int64_t unknown = node->caps - weight(&world->server.entries[i]);

        /* An answer of before the failover may still be under way, and grant what was published. */
        if (!is_told_again && node->lease.claim > node->caps)
            unknown += node->lease.claim - node->caps;
        if (unknown <= node->unknown)
            continue;
        if (is_told_again && node->is_alive && node->has_loop && !node->is_cut && node->lease.is_learned)
            continue;
        if (unknown > node->unknown) {
            world->unknown += unknown - node->unknown;
            node->unknown = unknown;
        }
    }
}

void server_copy(struct world *world, struct server *to, const struct server *from)
{
    memcpy(to->entries, from->entries, world->plan.nodes * sizeof *to->entries);
    memcpy(to->peers, from->peers, world->plan.nodes * sizeof *to->peers);
    to->epoch = from->epoch;
    to->epoch_at_ms = from->epoch_at_ms;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static void kill_node(struct node *node)
{
    node->is_alive = node->has_loop = false;
    node->ledger.held = 0; /* its calls died with it */
    node_look(node);
}

/* Starts its machine again, or its loop alone; may put an old ledger back first. */
static void restart(struct node *node, bool is_put_back)
{
    struct world *world = node->world;
    const struct sync_entry *stored = &world->server.entries[node->number];

    /* A ledger that has no less than was told cannot be told from one that was never away. */
    if (is_put_back && !node->is_alive && node->old.added < stored->added &&
        node->old.corrected <= stored->corrected) {
        node->ledger = node->old;
        node->ledger.held = 0;
        node->ledger.is_told = false;
        node->ledger.is_shut = true;
        node->ledger.until_ms = 0;
        world->was_put_back = true;
    }
    node->is_alive = true;
    node_begin(node);
    node_look(node);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void node_fault(struct world *world, struct node *node)
{
    /* What is ill becomes well sooner than what is well becomes ill. */
    if ((!node->is_alive || !node->has_loop || node->is_cut) && rng_below(&world->rng, 2)) {
        node->is_cut = false;
        if (!node->is_alive || !node->has_loop)
            restart(node, rng_below(&world->rng, 2));
        return;
    }
    switch (rng_below(&world->rng, 8)) {
    case 0:
    case 1:
        if (node->is_alive)
            kill_node(node);
        break;
    case 2:
        if (!node->is_alive || !node->has_loop)
            restart(node, false);
        break;
    case 3:
        if (!node->is_alive)
            restart(node, true);
        break;
    case 4:
        node->has_loop = false; /* the loop alone dies, its callers go on */
        break;
    case 5:
        if (node->is_alive && node->has_loop)
            restart(node, false);
        break;
    default:
        node->is_cut = !node->is_cut;
        break;
    }
}

static void server_fault(struct world *world)
{
    struct server *server = &world->server;

    switch (rng_below(&world->rng, 5)) {
    case 0: /* a restart with its data */
        server->down_until_ms = world->now_ms + rng_below_i64(&world->rng, 3000);
        break;
    case 1: /* a restart without */
        server->down_until_ms = world->now_ms + rng_below_i64(&world->rng, 3000);
        memset(server->entries, 0, world->plan.nodes * sizeof *server->entries);
        memset(server->peers, 0, world->plan.nodes * sizeof *server->peers);
        server->epoch = rng_next(&world->rng);
        server->epoch_at_ms = server->down_until_ms;
        world->has_lost = true;
        break;
    case 2: /* a failover that loses what was acknowledged since */
        server_copy(world, server, &world->replica);
        world->has_lost = true;
        count_unknown(world, false);
        break;
    default:
        server->stalls_until_ms = world->now_ms + rng_below_i64(&world->rng, 25000);
        break;
    }
}

void fault(struct world *world)
{
    if (world->now_ms >= world->heal_ms)
        return;
    if (world->plan.is_long) {
        /* One cut through all, for the rest of the time. */
        for (uint32_t i = 0; i < world->plan.nodes; i++)
            world->nodes[i].is_cut = i % 2 == 1;
        return;
    }
    if (rng_below(&world->rng, 8 + world->plan.nodes / 2) == 0)
        server_fault(world);
    else
        node_fault(world, &world->nodes[rng_below(&world->rng, world->plan.nodes)]);
    count_unknown(world, true);
}

/* All machines, the network and the server are well again. */
void heal(struct world *world)
{
    world->loss = world->twice = 0;
    world->server.stalls_until_ms = world->server.down_until_ms = 0;
    for (uint32_t i = 0; i < world->plan.nodes; i++) {
        struct node *node = &world->nodes[i];

        node->is_cut = false;
        node->sent_ms = 0; /* it connects again */
        node->ledger.held = 0;
        if (!node->is_alive || !node->has_loop)
            restart(node, false);
    }
}
