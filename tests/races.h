/* races.h: races of two threads, again and again, until each step of one has met each step of the other.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_RACES_H
#define TEST_RACES_H

#include "threads.h"

#define RACERS 2                    /* of the threads: more than there are cores would only take turns */
#define RACE_NS INT64_C(2000000000) /* a test is over after that, or after MAX_ROUNDS rounds */
#define MAX_ROUNDS 80000u           /* days up to the end of the range of instants */

struct shared_race {
    struct tq_provider *provider;
    int64_t used; /* of the day so far, between rounds */
    int64_t end_at_ns;
    atomic_bool over;
    struct meeting meeting;
    atomic_uint taken;
};

/* All meet for a round; false when time is up. */
static inline bool next_round(struct job *job, unsigned round)
{
    struct shared_race *shared = job->shared;

    if (job->number == 0 && (round == MAX_ROUNDS || (round % 64 == 0 && tq_now_ns() >= shared->end_at_ns)))
        atomic_store(&shared->over, true);
    threads_meet(&shared->meeting, RACERS);
    return !atomic_load(&shared->over);
}

/* The pause differs, so that each step of one meets each step of another sooner or later. */
static inline void pause_a_little(struct job *job)
{
    for (unsigned pause = rng_below(&job->rng, 64); pause > 0; pause--)
        atomic_signal_fence(memory_order_seq_cst);
}

/* Runs a race again and again, each time on a new ledger. */
static inline void run_race(void (*race)(struct job *), uint32_t rule)
{
    int64_t end_at_ns = tq_now_ns() + RACE_NS * times_as_long();

    do {
        struct tq_ledger *ledger = open_ledger(8, rule);
        struct shared_race shared = {.provider = provider_of(ledger, "a"), .end_at_ns = end_at_ns};

        assert_int_equal(tq_provider_set_budget(shared.provider, 1), 0);
        run_threads(race, &shared);
        tq_ledger_close(ledger);
    } while (tq_now_ns() < end_at_ns);
}

#endif
