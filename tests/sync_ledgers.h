/* sync_ledgers.h: a world of machines with real ledgers in virtual time: limits of all kinds, whose windows
 * turn while machines and their network fail.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each machine has a ledger of the library, in private memory, and the product's node beside it: windows,
 * buckets, leases, what it says and what it hears. The server and the network alone are the simulator's.
 * What happens follows from the seed alone.
 */
#ifndef TEST_SYNC_LEDGERS_H
#define TEST_SYNC_LEDGERS_H

#include "sync/node.h"
#include "tests/rng.h"
#include "tests/sync_events.h"

#define LIMITS_MOST 3
#define MS_NS INT64_C(1000000)
#define PROVIDER "api"

enum kind { KIND_FIXED, KIND_DAY, KIND_FIRST_USE, KIND_ROLLING, KIND_REFILL, KIND_ONCE, KINDS };

/* What was really spent of a limit under one key: a window's start, or the number of a bucket. */
struct spent {
    int64_t key, tokens, wanted;
    int64_t crossed; /* by calls that were held under an earlier key */
};

struct limit {
    enum kind kind;
    uint32_t number; /* in each ledger; 0: the budget */
    bool is_strict;
    int64_t amount, length_ms;
    char identity[SYNC_LIMIT_MOST + 1];
    struct spent *spent;
    size_t spent_count, spent_room;
    /* of a refill: what has not refilled, in tokens times length_ms, as of level_ms */
    int64_t level, level_ms;
    int64_t unheard; /* the most of the leases' unheard */
    int64_t larger;  /* what machines that are cut off may have of a new window beyond what others leave */
};

/* What a run is like. */
struct plan {
    uint64_t seed;
    uint32_t machines;
    uint32_t cut; /* TQ_CUT_... */
    bool has_faults;
    bool is_night;   /* all sleep in the middle, until shortly before the windows end that began first */
    bool may_lose;   /* the server may come back empty: then what was granted is not looked at */
    bool is_growing; /* machines join one after the other, in the first half */
};

/* A call that holds what it is going to use. */
struct call {
    struct tq_hold hold;
    int64_t tokens, held_ns; /* since when, by the machine's clock */
};

struct machine {
    struct world *world;
    uint32_t number;
    char name[16];
    int64_t clock_ms; /* how far its clock is from the server's */
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    bool is_alive, has_loop, is_cut;
    uint32_t known;              /* how many machines its ledger knows of; 0: not told yet */
    int64_t larger[LIMITS_MOST]; /* its part of limit.larger */
    int64_t rate, credit, work_ms, idle_until_ms;
    uint32_t life; /* of its callers */
    /* the loop: */
    uint32_t run;
    struct sync_node *node;
    struct sync_exchange exchange;
    int64_t asked_ms, asked_ns; /* when, by the world's clock and by the machine's; 0: nothing is under way */
    int64_t heard_ns;           /* the instant of the last round that was whole; 0: none since it began */
    uint64_t flush;
    int64_t flushed_ms;
    unsigned rounds; /* at once, since then */
};

/* What the server has under one key. */
struct hash {
    uint32_t limit;
    int64_t key_s;
    struct sync_entry *entries; /* by number of machine; seq 0: none */
};

struct server {
    struct hash *hashes;
    size_t count, room;
    struct sync_peer *peers; /* seen_ms 0: none */
    uint64_t epoch;
    int64_t epoch_at_ms, down_until_ms, stalls_until_ms;
};

struct world {
    struct plan plan;
    struct rng rng;
    int64_t now_ms, begin_ms, night_ms, heal_ms, end_ms, every_ms, delay_ms;
    unsigned loss, twice; /* of 1,000 messages */
    struct machine *machines;
    int64_t rates;
    struct limit limits[LIMITS_MOST];
    uint32_t limit_count;
    struct server server;
    struct events events;
    bool has_lost, was_busy;
    int64_t flushes;
    char failure[256];
};

/* Runs it. 0: all checks held; else world->failure says which did not. */
int world_run(struct world *world, const struct plan *plan);
void world_free(struct world *world);

/* ---- between the files of the simulator ---- */

enum happens { WORK, SETTLE, FLUSH, GIVE_UP, ARRIVE, ANSWER, FAULT, JOIN };

void world_after(struct world *world, int64_t ms, enum happens kind, uint32_t machine, int64_t number,
                 void *message);
void world_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* sync_machine.c */
void machine_make(struct machine *machine);
void machine_begin(struct machine *machine); /* its loop */
void machine_end(struct machine *machine);
void machine_kill(struct machine *machine);
void machine_work(struct machine *machine);
void machine_settle(struct machine *machine, int64_t life, struct call *call);
void machine_flush(struct machine *machine);
void machine_give_up(struct machine *machine, int64_t flush);
void machine_answer(struct machine *machine, void *message);
int64_t machine_now_ns(const struct machine *machine);

/* sync_store.c: the server and the network */
void store_make(struct world *world);
void store_lose(struct world *world);
void store_free(struct world *world);
void message_send(struct machine *machine);
void message_arrive(struct world *world, void *message);
bool message_is_of(const void *message, const struct machine *machine);
void message_hear(void *message, struct machine *machine); /* into its exchange */
void message_free(void *message);

/* sync_truth.c */
void truth_count(struct machine *machine, const struct call *call);
void truth_want(struct machine *machine, int64_t tokens);
void truth_agree(struct world *world); /* at the end all know the same */
void truth_used(struct world *world);  /* and used what there was */

#endif
