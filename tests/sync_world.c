/* sync_world.c: the simulator's time, its plan, the work of its nodes, and what must be so at the end.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/sync_world.h"

#define FAULTS_MS 45000
#define LONG_CUT_MS (12 * 60 * 1000) /* longer than SYNC_KEEP_MS */

void world_fail(struct world *world, const char *format, ...)
{
    va_list arguments;
    int len;

    if (world->failure[0])
        return;
    len = snprintf(world->failure, sizeof world->failure, "at %lld ms: ", (long long)world->now_ms);
    va_start(arguments, format);
    vsnprintf(world->failure + len, sizeof world->failure - (size_t)len, format, arguments);
    va_end(arguments);
}

void world_after(struct world *world, int64_t ms, enum event_kind kind, uint32_t node, int64_t number,
                 void *message)
{
    events_add(&world->events, (struct event){world->now_ms + ms, 0, kind, node, number, message});
}

/* ---- work ------------------------------------------------------------------------------------ */

static void spend(struct node *node, int64_t tokens)
{
    node->ledger.added += tokens;
    node->truth += tokens;
    node->world->spent += tokens;
}

/* Spends what its rate allows and its ledger has, at once or by a hold. */
static void work(struct node *node)
{
    struct world *world = node->world;
    int64_t every_ms = world->plan.nodes > 100 ? 200 : 40;
    int64_t passed_ms = world->now_ms - node->work_ms;
    int64_t tokens, room;

    if (world->now_ms >= world->heal_ms)
        return;
    world_after(world, 1 + rng_below_i64(&world->rng, 2 * every_ms), EVENT_WORK, node->number, 0, NULL);
    node->work_ms = world->now_ms;
    if (!node->is_alive || world->now_ms < node->idle_until_ms || (world->plan.is_lone && node->number != 0))
        return;
    if (!world->plan.is_lone && rng_below(&world->rng, 400) == 0)
        node->idle_until_ms = world->now_ms + rng_below_i64(&world->rng, 10000);
    node->credit += node->rate * passed_ms;
    tokens = node->credit / 1000;
    node->credit %= 1000;
    room = node_room(node);
    if (tokens > room) {
        node->wish = tokens < 1 + world->amount / 100 ? tokens : 1;
        tokens = room;
    }
    if (tokens <= 0)
        return;
    if (rng_below(&world->rng, 4) == 0) {
        node->ledger.held += tokens;
        world_after(world, 1 + rng_below_i64(&world->rng, 800), EVENT_SETTLE, node->number, tokens, NULL);
    } else {
        spend(node, tokens);
    }
    if (rng_below(&world->rng, 200) == 0 && node->ledger.added - node->ledger.corrected > 2) {
        /* Something was counted that was never spent. */
        node->ledger.corrected += 1;
        node->truth -= 1;
        world->spent -= 1;
    }
    node_look(node);
}

static void settle(struct node *node, int64_t tokens)
{
    if (!node->is_alive || node->ledger.held < tokens)
        return; /* it died meanwhile */
    node->ledger.held -= tokens;
    spend(node, tokens - rng_below_i64(&node->world->rng, tokens / 2 + 1));
    node_look(node);
}

/* ---- begin and end --------------------------------------------------------------------------- */

static void node_make(struct world *world, uint32_t i)
{
    struct node *node = &world->nodes[i];

    node->world = world;
    node->number = i;
    snprintf(node->name, sizeof node->name, "n%06u", i);
    node->is_alive = true;
    node->rate = INT64_C(1) << rng_below(&world->rng, 12);
    node->rate += rng_below_i64(&world->rng, node->rate);
    if (world->plan.is_lone && i == 0)
        node->rate = 5000;
    node->clock_ms = rng_below_i64(&world->rng, 600000) - 300000; /* minutes apart */
    node->work_ms = world->now_ms;
    world->rates += node->rate;
    world_after(world, rng_below_i64(&world->rng, 100), EVENT_WORK, i, 0, NULL);
    node_begin(node);
    node_look(node);
}

static void server_make(struct world *world, struct server *server)
{
    server->entries = calloc(world->plan.nodes, sizeof *server->entries);
    server->peers = calloc(world->plan.nodes, sizeof *server->peers);
    if (!server->entries || !server->peers)
        abort();
}

static void make(struct world *world, const struct plan *plan)
{
    struct rng *rng = &world->rng;
    /* Many flush more rarely; one of them that is to get nearly all needs as many flushes as among few. */
    int64_t lasts_ms =
        (plan->nodes > 100 && !plan->is_lone ? FAULTS_MS / 2 : FAULTS_MS) + (plan->is_long ? LONG_CUT_MS : 0);
    int64_t mean = 0;

    memset(world, 0, sizeof *world);
    world->plan = *plan;
    rng->state = plan->seed * 1000003 + plan->nodes;
    world->now_ms = 1000000;
    world->heal_ms = world->now_ms + lasts_ms;
    world->every_ms = plan->nodes > 100 ? 1000 : 250;
    world->delay_ms = 1 + rng_below_i64(rng, plan->has_faults ? 60 : 10);
    world->loss = plan->has_faults ? rng_below(rng, 200) : 0;
    world->twice = plan->has_faults ? rng_below(rng, 200) : 0;
    world->amount = INT64_MAX / 4;
    world->nodes = calloc(plan->nodes, sizeof *world->nodes);
    if (!world->nodes)
        abort();
    server_make(world, &world->server);
    server_make(world, &world->replica);
    world->server.epoch = 1;
    world->server.epoch_at_ms = plan->nodes <= 100 && rng_below(rng, 4) == 0 ? world->now_ms : 0;
    for (uint32_t i = 0; i < plan->nodes; i++) {
        struct node *node = &world->nodes[i];

        node_make(world, i);
        mean += plan->is_lone && i > 0 ? 0 : node->rate;
    }
    /* The amount is used up somewhere, or lasts. */
    world->amount = mean * lasts_ms / 1000 * (3 + rng_below_i64(rng, 60)) / 100 + 1;
    if (plan->is_lone)
        world->amount = mean * lasts_ms / 1000 / 2;
    world->caps = 0;
    for (uint32_t i = 0; i < plan->nodes; i++)
        world->nodes[i].caps = 0;
    for (uint32_t i = 0; i < plan->nodes; i++)
        node_look(&world->nodes[i]);
    world_after(world, 500, EVENT_REPLICATE, 0, 0, NULL);
    if (plan->has_faults)
        world_after(world, 3000, EVENT_FAULT, 0, 0, NULL);
}

/* Everybody knows the same: what a node has and what it was told is what the server has. */
static void agree(struct world *world)
{
    int64_t total = 0;

    for (uint32_t i = 0; i < world->plan.nodes; i++)
        total += world->server.entries[i].added - world->server.entries[i].corrected;
    /* A ledger that was put back after the server had lost what it had: then some of its count is known to
     * nobody. */
    if (world->was_put_back && world->has_lost)
        return;
    if (!world->was_put_back && total != world->spent)
        world_fail(world, "the server has %lld, %lld were spent", (long long)total, (long long)world->spent);
    for (uint32_t i = 0; i < world->plan.nodes; i++) {
        const struct node *node = &world->nodes[i];
        int64_t own =
            node->ledger.added - node->ledger.corrected + node->lease.base_added - node->lease.base_corrected;

        if (own + node->ledger.others != total)
            world_fail(world, "%s knows %lld of its own and %lld of others, all have %lld", node->name,
                       (long long)own, (long long)node->ledger.others, (long long)total);
    }
}

static void check_used(struct world *world)
{
    if (!world->plan.has_faults && world->plan.is_lone && world->spent < world->amount / 100 * 95)
        world_fail(world, "a lone node got %lld of %lld", (long long)world->spent, (long long)world->amount);
}

static void happen(struct world *world, const struct event *event)
{
    struct node *node = &world->nodes[event->node];

    switch ((enum event_kind)event->kind) {
    case EVENT_WORK:
        work(node);
        break;
    case EVENT_SETTLE:
        settle(node, event->number);
        break;
    case EVENT_FLUSH:
        if (node->is_alive && node->has_loop && event->number == node->run)
            node_flush(node);
        break;
    case EVENT_ARRIVE:
        server_arrive(world, event->message);
        break;
    case EVENT_ANSWER:
        node_answer(node, event->message);
        break;
    case EVENT_FAULT:
        fault(world);
        world_after(world,
                    1 + rng_below_i64(&world->rng,
                                      world->plan.nodes > 100 ? 400 : 8000 / (1 + world->plan.nodes / 4)),
                    EVENT_FAULT, 0, 0, NULL);
        break;
    case EVENT_REPLICATE:
        /* A node is backed up, and the replica gets what the server has. */
        node->old = node->ledger;
        server_copy(world, &world->replica, &world->server);
        world_after(world, 200 + rng_below_i64(&world->rng, 800), EVENT_REPLICATE,
                    rng_below(&world->rng, world->plan.nodes), 0, NULL);
        break;
    }
}

int world_run(struct world *world, const struct plan *plan)
{
    bool is_healed = false;

    make(world, plan);
    /* An interval until all have told, and one until all have heard. */
    world->end_ms = world->heal_ms + 2 * (world->every_ms + 4 * world->delay_ms) + 1;
    while (!world->failure[0]) {
        struct event event = events_take(&world->events);

        world->now_ms = event.at_ms;
        if (!is_healed && world->now_ms >= world->heal_ms) {
            heal(world);
            is_healed = true;
        }
        if (world->now_ms >= world->end_ms) {
            agree(world);
            check_used(world);
            message_free(event.message);
            break;
        }
        happen(world, &event);
    }
    return world->failure[0] != 0;
}

void world_free(struct world *world)
{
    for (size_t i = 0; i < world->events.count; i++)
        message_free(world->events.heap[i].message);
    for (uint32_t i = 0; i < world->plan.nodes; i++) {
        sync_others_forget(&world->nodes[i].others);
        free(world->nodes[i].peers);
    }
    free(world->nodes);
    free(world->server.entries);
    free(world->server.peers);
    free(world->replica.entries);
    free(world->replica.peers);
    free(world->events.heap);
}
