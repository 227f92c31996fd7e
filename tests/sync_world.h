/* sync_world.h: a world for the simulator of many machines: nodes with ledgers, a server, a network, and what
 * goes wrong.
 *
 * SPDX-License-Identifier: MIT
 *
 * Time is virtual, in ms. Nodes run the product's merge, memory and lease code on one window of one limit.
 * What happens follows from the seed alone.
 */
#ifndef TEST_SYNC_WORLD_H
#define TEST_SYNC_WORLD_H

#include "sync/lease.h"
#include "sync/others.h"
#include "tests/rng.h"
#include "tests/sync_events.h"

enum policy { POLICY_STRICT, POLICY_SHARE, POLICY_CLOSED, POLICY_OPEN };

/* What a run is like; the seed decides what it leaves out. */
struct plan {
    uint64_t seed;
    uint32_t nodes;
    enum policy policy;
    bool has_faults; /* loss, delay, cuts, kills ...; else a good network */
    bool is_lone;    /* only one node has work */
    bool is_long;    /* everything is cut for ten minutes */
};

/* The ledger of a node: as much of it as leases touch. */
struct ledger {
    int64_t added, corrected, held;
    bool is_told, is_shut; /* is_shut: nothing until its loop has learned */
    int64_t others, withheld, withheld_cut, until_ms;
};

struct node {
    struct world *world;
    uint32_t number;
    char name[16];
    bool is_alive, has_loop, is_cut;
    int64_t truth;             /* what this machine really spent */
    int64_t caps;              /* what it may have spent, as was last looked at */
    struct ledger ledger, old; /* old: a copy of some time ago */
    int64_t rate, idle_until_ms;
    int64_t credit; /* of its rate, in thousandths of a token: less than one */
    int64_t wish;
    int64_t work_ms;
    /* the loop: */
    uint32_t run;
    struct sync_lease lease;
    int64_t base_added, base_corrected; /* as the file beside its ledger has it */
    struct sync_others others;
    uint64_t sent_seq;
    int64_t sent_ms, server_offset_ms, clock_ms;
    int64_t round_trip_ms, epoch_at_ms;
    uint64_t epoch;
    struct sync_peer *peers;
    size_t peer_count;
    bool has_learned_of_server; /* the offset is known */
    int64_t first_flush_ms;     /* that was heard since the heal; 0: none */
    int64_t
        unknown; /* of what it may have spent, what a server that lost writes and the living do not know */
};

struct server {
    struct sync_entry *entries; /* by number of node; seq 0: none */
    struct sync_peer *peers;    /* seen_ms 0: none */
    uint64_t epoch;
    int64_t epoch_at_ms, down_until_ms, stalls_until_ms;
};

struct world {
    struct plan plan;
    struct rng rng;
    int64_t now_ms, heal_ms, end_ms, every_ms, amount;
    int64_t delay_ms;     /* the most, one way */
    unsigned loss, twice; /* of 1,000 messages */
    struct node *nodes;
    struct server server, replica; /* replica: the server as it was at replica_ms */
    int64_t replica_ms;
    struct events events;
    int64_t spent, caps; /* sums over the nodes */
    int64_t unknown;     /* the sum of nodes' unknown */
    int64_t unheard;     /* the most of the leases' unheard */
    bool was_put_back, has_lost;
    int64_t rates;
    int64_t flushes;
    char failure[256];
};

/* Runs it. 0: all checks held; else world->failure says which did not. */
int world_run(struct world *world, const struct plan *plan);
void world_free(struct world *world);

/* ---- between the files of the simulator ---- */

enum event_kind {
    EVENT_WORK,
    EVENT_SETTLE,
    EVENT_FLUSH,
    EVENT_ARRIVE,
    EVENT_ANSWER,
    EVENT_FAULT,
    EVENT_REPLICATE
};

void world_after(struct world *world, int64_t ms, enum event_kind kind, uint32_t node, int64_t number,
                 void *message);
void world_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* sync_node.c */
int64_t node_room(const struct node *node);
int64_t node_cap(const struct node *node); /* up to what it may spend while it hears nothing */
void node_look(struct node *node);         /* counts that, and checks the sums */
void node_begin(struct node *node);
void node_flush(struct node *node);
void node_answer(struct node *node, void *message);
void server_arrive(struct world *world, void *message);
void message_free(void *message);

/* sync_faults.c */
void fault(struct world *world);
void heal(struct world *world);
void server_copy(struct world *world, struct server *to, const struct server *from);

#endif
