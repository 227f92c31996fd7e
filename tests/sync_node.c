/* sync_node.c: the nodes of the simulator and their server: flushes, answers, ledgers, and what each may
 * spend.
 *
 * SPDX-License-Identifier: MIT
 *
 * Broken twins, each of which the checks must find out: -DTWIN_DELTAS: a flush adds to what the server has.
 * -DTWIN_GRANT: a claim is spent when it is published. -DTWIN_EXPIRED: a strict claim that ended is used by
 * others at once. -DTWIN_LOWER: a lower claim is told before the ledger withholds it.
 */
#include <stdio.h>
#include <string.h>

#include "sync/merge.h"
#include "sync/overshoot.h"
#include "tests/sync_world.h"
#include "tokenquota.h"

#define ANSWER_WAIT_MS 1000

struct message {
    uint32_t node, run;
    uint64_t seq; /* 0: only asks */
    struct sync_entry entry;
    bool asks_all;
    int64_t sent_ms;
    /* the answer: */
    struct sync_item item;
    struct sync_peer *peers;
    size_t peer_count;
    int64_t server_ms, epoch_at_ms;
    uint64_t epoch;
};

#define LEASE_MS (TQ_SHARE_LEASE_NS / 1000000) /* the ledger's */

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t used_of(const struct ledger *ledger)
{
    return ledger->added - ledger->corrected;
}

/* ---- the ledger ------------------------------------------------------------------------------ */

/* What of the amount is not for this node: docs/format.md's words, and the policy where nothing was told. */
static int64_t withheld(const struct node *node, bool is_heard)
{
    const struct ledger *ledger = &node->ledger;
    const struct world *world = node->world;

    if (ledger->is_shut || (!ledger->is_told && world->plan.policy == POLICY_STRICT))
        return world->amount;
    if (world->plan.policy == POLICY_STRICT && !is_heard && world->now_ms - ledger->until_ms > LEASE_MS)
        return world->amount;
    if (ledger->is_told)
        return most(ledger->others, is_heard ? ledger->withheld : ledger->withheld_cut);
    if (is_heard || world->plan.policy == POLICY_OPEN)
        return 0;
    return world->plan.policy == POLICY_CLOSED ? world->amount
                                               : world->amount - world->amount / world->plan.nodes;
}

static int64_t room(const struct node *node, bool is_heard)
{
    return most(node->world->amount - withheld(node, is_heard) - used_of(&node->ledger) - node->ledger.held,
                0);
}

int64_t node_room(const struct node *node)
{
    return room(node, node->world->now_ms <= node->ledger.until_ms);
}

int64_t node_cap(const struct node *node)
{
    return node->truth + (node->is_alive ? node->ledger.held + room(node, false) : 0);
}

/* Up to where the machine may have spent when nobody told it anything more. Of a strict limit the sum is
 * never above the amount; of others what was spent is not above the bound. */
void node_look(struct node *node)
{
    struct world *world = node->world;
    struct sync_bound bound = {0};
    int64_t caps = node_cap(node);
    int64_t allowed;

    if (world->plan.policy == POLICY_STRICT) /* of others all together may be more than a number holds */
        world->caps += caps - node->caps;
    node->caps = caps;
    bound.flags = world->plan.policy == POLICY_STRICT ? SYNC_LEASE_STRICT
                  : world->plan.policy == POLICY_OPEN ? SYNC_LEASE_OPEN
                                                      : 0;
    bound.rates = world->rates;
    bound.every_ms = world->every_ms;
    bound.round_trip_ms = 2 * world->delay_ms;
    bound.notice_ms = sync_notice_ms(world->every_ms);
    bound.unheard = world->unheard;
    bound.lost = world->unknown;
    allowed = sync_overshoot(&bound);
    if (world->plan.policy == POLICY_STRICT && world->caps - world->amount > allowed)
        world_fail(world, "%s: the nodes may spend %lld of %lld, allowed beyond it are %lld", node->name,
                   (long long)world->caps, (long long)world->amount, (long long)allowed);
    if (world->spent - world->amount > allowed)
        world_fail(world, "%s: spent %lld of %lld, allowed beyond it are %lld", node->name,
                   (long long)world->spent, (long long)world->amount, (long long)allowed);
}

/* ---- the server ------------------------------------------------------------------------------ */

/* One step, as the script's. */
static void serve(struct world *world, struct message *message)
{
    struct server *server = &world->server;
    struct sync_item *item = &message->item;
    struct sync_peer *peer = &server->peers[message->node];

    if (message->seq) {
        struct sync_entry *stored = &server->entries[message->node];
#ifdef TWIN_DELTAS
        int64_t added = stored->added, corrected = stored->corrected;

        *stored = message->entry;
        stored->added += added;
        stored->corrected += corrected;
#else
        sync_merge(stored, &message->entry);
#endif
    }
    memcpy(peer->name, world->nodes[message->node].name, sizeof world->nodes[message->node].name);
    peer->seen_ms = world->now_ms;
    peer->every_ms = world->every_ms;
    message->server_ms = world->now_ms;
    message->epoch = server->epoch;
    message->epoch_at_ms = server->epoch_at_ms;
    item->asks_all = message->asks_all;
    item->stored = server->entries[message->node];
    item->all = message->asks_all ? malloc(world->plan.nodes * sizeof *item->all) : NULL;
    message->peers = malloc(world->plan.nodes * sizeof *message->peers);
    if (!message->peers || (message->asks_all && !item->all))
        abort();
    for (uint32_t i = 0; i < world->plan.nodes; i++) {
        if (server->peers[i].seen_ms)
            message->peers[message->peer_count++] = server->peers[i];
        if (!server->entries[i].seq)
            continue;
        item->added += server->entries[i].added;
        item->corrected += server->entries[i].corrected;
        if (message->asks_all)
            item->all[item->count++] = server->entries[i];
    }
}

void message_free(void *given)
{
    struct message *message = given;

    if (!message)
        return;
    free(message->item.all);
    free(message->peers);
    free(message);
}

void server_arrive(struct world *world, void *given)
{
    struct message *message = given;
    struct server *server = &world->server;

    /* When all is well again, so are the connections: what was under way on old ones is lost. */
    bool is_of_before = world->now_ms >= world->heal_ms && message->sent_ms < world->heal_ms;

    if (is_of_before || world->nodes[message->node].is_cut || world->now_ms < server->down_until_ms) {
        message_free(message);
        return;
    }
    if (world->now_ms < server->stalls_until_ms) {
        world_after(world, server->stalls_until_ms - world->now_ms, EVENT_ARRIVE, message->node, 0, message);
        return;
    }
    serve(world, message);
    if (rng_below(&world->rng, 1000) < world->loss) {
        message_free(message);
        return;
    }
    world_after(world, rng_below_i64(&world->rng, world->delay_ms + 1), EVENT_ANSWER, message->node, 0,
                message);
}

/* ---- the loop of a node ---------------------------------------------------------------------- */

/* The server's clock, as the node thinks. */
static int64_t server_ms(const struct node *node)
{
    return node->world->now_ms + node->clock_ms + node->server_offset_ms;
}

static struct sync_view view_of(const struct node *node)
{
    const struct ledger *ledger = &node->ledger;
    const struct world *world = node->world;
    struct sync_view view = {0};
    uint32_t silent;

    switch (world->plan.policy) {
    case POLICY_STRICT:
        view.flags = SYNC_LEASE_STRICT;
        break;
    case POLICY_OPEN:
        view.flags = SYNC_LEASE_OPEN;
        break;
    case POLICY_CLOSED:
        view.flags = SYNC_LEASE_CLOSED;
        break;
    case POLICY_SHARE:
        break;
    }
    view.now_ms = server_ms(node);
    view.machines = sync_peers_heard(node->peers, node->peer_count, node->name, view.now_ms, &silent);
    view.has_silent = silent > 0;
    view.amount = world->amount;
    view.added = ledger->added;
    view.corrected = ledger->corrected;
    view.used = used_of(ledger);
    view.held = ledger->held;
    view.wish = node->wish;
    view.base_added = node->base_added;
    view.base_corrected = node->base_corrected;
    view.told_others = ledger->is_told ? ledger->others : 0;
    view.told = -1;
    if (ledger->is_told && !ledger->is_shut)
        view.told = ledger->withheld < ledger->withheld_cut ? ledger->withheld : ledger->withheld_cut;
    view.start_s = 1;
    view.length_ms = 24 * 3600 * 1000;
    view.every_ms = world->every_ms;
    view.round_trip_ms = node->round_trip_ms;
    view.epoch_at_ms = node->epoch_at_ms;
    view.epoch = node->epoch;
    return view;
}

static void set_share(struct node *node, const struct sync_lease *next)
{
    struct ledger *ledger = &node->ledger;

    if (next->withheld < next->others || next->withheld_cut < next->others || next->others < 0)
        world_fail(node->world, "%s: withheld %lld and %lld, below the others' %lld", node->name,
                   (long long)next->withheld, (long long)next->withheld_cut, (long long)next->others);
    ledger->is_told = true;
    ledger->is_shut = false;
    ledger->others = next->others;
    ledger->withheld = next->withheld;
    ledger->withheld_cut = next->withheld_cut;
    node->lease = *next;
    node->base_added = next->base_added;
    node->base_corrected = next->base_corrected;
    node_look(node);
}

void node_begin(struct node *node)
{
    node->run++;
    node->has_loop = true;
    node->sent_seq = 0;
    node->sent_ms = 0;
    node->has_learned_of_server = false;
    memset(&node->lease, 0, sizeof node->lease);
    sync_others_forget(&node->others);
    world_after(node->world, rng_below_i64(&node->world->rng, node->world->every_ms), EVENT_FLUSH,
                node->number, node->run, NULL);
}

static void send(struct node *node, struct message *message)
{
    struct world *world = node->world;
    unsigned copies = 1 + (rng_below(&world->rng, 1000) < world->twice);

    for (unsigned i = 0; i < copies; i++) {
        struct message *copy = malloc(sizeof *copy);
        /* A copy may come much later. */
        int64_t most_ms = i ? 40 * world->delay_ms : world->delay_ms;

        if (!copy)
            abort();
        *copy = *message;
        if (node->is_cut || rng_below(&world->rng, 1000) < world->loss)
            free(copy);
        else
            world_after(world, rng_below_i64(&world->rng, most_ms + 1), EVENT_ARRIVE, node->number, 0, copy);
    }
}

static void flush(struct node *node)
{
    struct world *world = node->world;
    struct message message = {0};
    struct sync_view view;
    struct sync_lease next;

    if (node->sent_ms && world->now_ms - node->sent_ms < ANSWER_WAIT_MS)
        return; /* one flush is under way at a time */
    view = view_of(node);
    if (node->lease.is_learned && node->sent_ms && sync_lease_alone(&node->lease, &view, &next))
        set_share(node, &next);
    world->flushes++;
    message.node = node->number;
    message.run = node->run;
    message.asks_all = true;
    node->sent_ms = message.sent_ms = world->now_ms;
    if (node->lease.is_learned) {
        sync_lease_own(&node->lease, &view, &message.entry);
        memcpy(message.entry.node, node->name, sizeof node->name);
        message.seq = message.entry.seq;
        message.asks_all = node->lease.asks_all;
#ifdef TWIN_GRANT
        next = node->lease;
        next.granted = next.claim;
        if (next.is_leased)
            next.withheld = next.withheld_cut =
                most(world->amount - (next.granted - (next.base_added - next.base_corrected)), next.others);
        set_share(node, &next);
#endif
    }
    node->sent_seq = message.seq;
    send(node, &message);
}

void node_flush(struct node *node)
{
    world_after(node->world, node->world->every_ms, EVENT_FLUSH, node->number, node->run, NULL);
    flush(node);
}

static void hear(struct node *node, struct message *message)
{
    struct world *world = node->world;
    struct sync_heard heard;
    struct sync_lease next;
    struct sync_view view, sums;

    free(node->peers);
    node->peers = message->peers;
    node->peer_count = message->peer_count;
    message->peers = NULL;
    sync_peers_sort(node->peers, node->peer_count);
    node->round_trip_ms = world->now_ms - message->sent_ms;
    node->server_offset_ms = message->server_ms - world->now_ms - node->clock_ms;
    node->epoch = message->epoch;
    node->epoch_at_ms = message->epoch_at_ms;
    view = sums = view_of(node);
#ifdef TWIN_EXPIRED
    sums.flags = 0;
#endif
    if (sync_others_hear(&node->others, &message->item, node->name, &sums, node->peers, node->peer_count,
                         &heard) != 0)
        abort();
    if (node->lease.is_learned)
        sync_lease_hear(&node->lease, &view, &heard, &next);
    else
        sync_lease_learn(&view, &heard, &next);
#ifdef TWIN_LOWER
    /* The ledger hears of it a flush later; what is told is what was decided. */
    if (node->lease.is_learned && next.granted < node->lease.granted && next.is_leased) {
        int64_t kept = node->ledger.withheld, kept_cut = node->ledger.withheld_cut;
        struct sync_lease told = next;

        set_share(node, &told);
        node->ledger.withheld = kept > next.others ? kept : next.others;
        node->ledger.withheld_cut = kept_cut > next.others ? kept_cut : next.others;
    } else
#endif
        set_share(node, &next);
    if (message->seq && node->first_flush_ms == 0 && world->now_ms >= world->heal_ms)
        node->first_flush_ms = world->now_ms;
    world->unheard = most(world->unheard, node->lease.unheard);
    node->wish = 0;
    node->ledger.until_ms = world->now_ms + sync_notice_ms(world->every_ms);
    node_look(node);
}

void node_answer(struct node *node, void *given)
{
    struct message *message = given;

    /* An answer to an older flush is none. */
    if (node->is_alive && node->has_loop && !node->is_cut && message->run == node->run &&
        message->seq == node->sent_seq && node->sent_ms == message->sent_ms) {
        node->sent_ms = 0;
        hear(node, message);
        if (message->seq == 0)
            flush(node);
    }
    message_free(message);
}
