/* threads.h: starting threads, collecting their failures, and how long to go on.
 *
 * SPDX-License-Identifier: MIT
 *
 * Lengths are for `make check`; TQ_STRESS=n makes them n times as long, TQ_SEED=n draws other
 * numbers. */
#ifndef TEST_THREADS_H
#define TEST_THREADS_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "rng.h"

#define THREADS 4
#define FIRST_DAY INT64_C(19000)

/* How much less a sanitized build does. */
#if defined(TEST_TSAN)
#define SLOWER 12
#elif defined(TEST_ASAN)
#define SLOWER 3
#else
#define SLOWER 1
#endif

static atomic_uint failures;

/* cmocka's assertions are not for other threads than the test's own: they jump. */
#define CHECK(condition, ...)                                                                                \
    do {                                                                                                     \
        if (!(condition) && atomic_fetch_add(&failures, 1) < 10) {                                           \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                                  \
            fprintf(stderr, __VA_ARGS__);                                                                    \
            fputc('\n', stderr);                                                                             \
        }                                                                                                    \
    } while (0)

struct job {
    unsigned number;
    struct rng rng;
    void *shared;
    void (*run)(struct job *);
};

static inline void *start(void *argument)
{
    struct job *job = argument;

    job->run(job);
    return NULL;
}

static inline void run_threads(void (*run)(struct job *), void *shared)
{
    struct job jobs[THREADS];
    pthread_t threads[THREADS];

    atomic_store(&failures, 0);
    for (unsigned i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){.number = i, .rng = {rng_seed(1) * THREADS + i}, .shared = shared, .run = run};
        assert_int_equal(pthread_create(&threads[i], NULL, start, &jobs[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&failures), 0);
}

static inline unsigned times_as_long(void)
{
    const char *stress = getenv("TQ_STRESS");
    unsigned factor = stress && *stress ? (unsigned)strtoul(stress, NULL, 10) : 1;

    return factor ? factor : 1;
}

static inline unsigned times(unsigned count)
{
    return times_as_long() * count / SLOWER + 1;
}

static inline struct tq_ledger *open_ledger(uint32_t history_days, uint32_t rule)
{
    struct tq_ledger_options options = {.size = sizeof(options), .history_days = history_days, .rule = rule};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    return ledger;
}

static inline struct tq_provider *provider_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider;

    assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), 0, &provider), 0);
    return provider;
}

/* Every third name is longer than a cache line, so that it takes more room than a short one. */
static inline void name_of(unsigned index, char out[128])
{
    snprintf(out, 128, index % 3 ? "new-%u" : "a-rather-long-deployment-name/in-a-region/with-%u-at-its-end",
             index);
}

/* ---- a barrier ------------------------------------------------------------------------------------- */

/* All threads leave it at once. Nobody sleeps: the wake-up of a sleeper takes longer than a round of these
 * tests, and threads that come one by one do not meet in the few instructions that the tests are about. */
#define MEET_SPINS 5000 /* before a thread lets others run: they may have to use this core */

/* One turn of a loop that waits for another thread. */
static inline void threads_spin(unsigned *spins)
{
    if (++*spins > MEET_SPINS)
        sched_yield();
}

struct meeting {
    atomic_uint arrived;
    atomic_uint turn;
    bool failed; /* written by the last to arrive */
};

/* Has any check failed so far? All are told the same, so that they stop in the same round: one that went on alone
 * would wait for the others for ever. */
static inline bool threads_meet(struct meeting *meeting, unsigned threads)
{
    unsigned turn = atomic_load(&meeting->turn), spins = 0;

    if (atomic_fetch_add(&meeting->arrived, 1) == threads - 1) {
        meeting->failed = atomic_load(&failures) != 0;
        atomic_store(&meeting->arrived, 0);
        atomic_store(&meeting->turn, turn + 1);
        return meeting->failed;
    }
    while (atomic_load(&meeting->turn) == turn)
        threads_spin(&spins);
    return meeting->failed;
}

#endif
