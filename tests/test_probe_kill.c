/* test_probe_kill.c: processes that ask for the same probes are killed: each probe is one process's, and none
 * is lost.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each round is later than the leases of the round before, whose owners never report: so all probes are due.
 * Four workers ask for all of them, in orders of their own, and one of them is killed at a random call. A
 * probe must be handed out once in a round: the winners write it down after the call, so a kill can hide one,
 * never make two. What the workers left, the test itself takes.
 *
 * 60 rounds; with TQ_STRESS=n, 60 n. TQ_SEED draws other numbers.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"

#define WORKERS 4
#define PROVIDERS 200
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)

struct shared {
    char path[4096];
    _Atomic unsigned won[PROVIDERS]; /* this round */
    _Atomic unsigned calls[WORKERS]; /* this round */
    _Atomic unsigned done[WORKERS];  /* the last round that the worker went through */
    _Atomic unsigned round;
};

struct worker {
    struct shared *shared;
    unsigned number;
    uint64_t seed;
};

static int64_t round_ns(unsigned round)
{
    return NOON_NS + HOUR_NS + (int64_t)round * 2 * TQ_PROBE_LEASE_NS;
}

static struct tq_provider *provider_of(struct tq_ledger *ledger, unsigned number)
{
    char name[16];

    snprintf(name, sizeof name, "key-%u", number);
    return handle(ledger, name);
}

/* One pass over all probes; half of them by way of route. */
static void ask_all(struct shared *shared, struct tq_ledger *ledger, struct tq_provider **providers,
                    unsigned round, struct rng *rng, _Atomic unsigned *calls)
{
    static const unsigned steps[] = {1, 3, 7, 9}; /* none has a divisor with 200: each provider comes once */
    unsigned start = rng_below(rng, PROVIDERS), step = steps[rng_below(rng, 4)];

    for (unsigned i = 0; i < PROVIDERS; i++) {
        unsigned number = (start + i * step) % PROVIDERS;
        struct tq_route route = {.size = sizeof route};
        int answer = i % 2 ? tq_provider_probe_take(providers[number], round_ns(round), NULL)
                           : tq_ledger_route(ledger, &providers[number], 1, round_ns(round), 0, &route);

        if (answer == 0)
            atomic_fetch_add(&shared->won[number], 1);
        if (calls)
            atomic_fetch_add(calls, 1);
    }
}

static int work(void *argument)
{
    struct worker *worker = argument;
    struct shared *shared = worker->shared;
    struct tq_ledger *ledger = open_file(shared->path);
    struct tq_provider *providers[PROVIDERS];
    struct rng rng = {worker->seed};

    for (unsigned i = 0; i < PROVIDERS; i++)
        providers[i] = provider_of(ledger, i);
    for (;;) {
        unsigned round = atomic_load(&shared->round);

        if (round == UINT32_MAX)
            break;
        if (atomic_load(&shared->done[worker->number]) == round) {
            patience_yield();
            continue;
        }
        ask_all(shared, ledger, providers, round, &rng, &shared->calls[worker->number]);
        atomic_store(&shared->done[worker->number], round);
        patience_reset();
    }
    tq_ledger_close(ledger);
    return 0;
}

static void say_spent(struct tq_ledger *ledger)
{
    for (unsigned i = 0; i < PROVIDERS; i++) {
        struct tq_quota_signal signal = {
            .size = sizeof signal, .refusal = TQ_CLASS_NO_MONEY, .binds = -1, .said_at_ns = NOON_NS};

        assert_int_equal(tq_provider_apply(provider_of(ledger, i), &signal), TQ_QUOTA_EXHAUSTED);
    }
}

struct farm {
    struct shared *shared;
    struct worker worker[WORKERS];
    pid_t child[WORKERS];
    struct rng rng;
};

static void start(struct farm *farm, unsigned number)
{
    farm->worker[number] =
        (struct worker){.shared = farm->shared, .number = number, .seed = rng_next(&farm->rng)};
    farm->child[number] = child_start(work, &farm->worker[number]);
}

/* Kills one worker in the middle of its pass, starts another in its place, and waits for the rest. */
static void go_through_round(struct farm *farm, unsigned round)
{
    struct shared *shared = farm->shared;
    unsigned victim = rng_below(&farm->rng, WORKERS), at_call = rng_below(&farm->rng, PROVIDERS);

    for (unsigned i = 0; i < PROVIDERS; i++)
        atomic_store(&shared->won[i], 0);
    for (unsigned i = 0; i < WORKERS; i++)
        atomic_store(&shared->calls[i], 0);
    atomic_store(&shared->round, round);
    patience_reset();
    while (atomic_load(&shared->calls[victim]) < at_call && atomic_load(&shared->done[victim]) != round)
        patience_yield();
    kill(farm->child[victim], SIGKILL);
    assert_int_equal(child_end(farm->child[victim]), 1000 + SIGKILL);
    start(farm, victim);
    patience_reset();
    for (unsigned i = 0; i < WORKERS; i++)
        while (atomic_load(&shared->done[i]) != round)
            patience_yield();
}

static void test_each_probe_is_handed_out_once(void **state)
{
    const char *stress = getenv("TQ_STRESS");
    unsigned rounds = stress && *stress ? 60 * (unsigned)strtoul(stress, NULL, 10) : 60, hidden = 0,
             by_workers = 0;
    struct farm farm = {.shared = shared_memory(sizeof(struct shared)), .rng = {rng_seed(11)}};
    struct tq_ledger *ledger;

    snprintf(farm.shared->path, sizeof farm.shared->path, "%s", scratch_path(state, "ledger"));
    ledger = open_file(farm.shared->path);
    say_spent(ledger);
    for (unsigned i = 0; i < WORKERS; i++)
        start(&farm, i);
    for (unsigned round = 1; round <= rounds; round++) {
        go_through_round(&farm, round);
        for (unsigned i = 0; i < PROVIDERS; i++) {
            unsigned won = atomic_load(&farm.shared->won[i]);

            /* All have asked: nothing is left, whoever has it. */
            assert_int_equal(tq_provider_probe_take(provider_of(ledger, i), round_ns(round), NULL), 1);
            assert_true(won <= 1);
            by_workers += won;
            hidden += won == 0;
        }
    }
    assert_true(hidden <= rounds); /* one kill a round, between a call and writing it down */
    assert_true(by_workers >= rounds * (PROVIDERS - 1));
    atomic_store(&farm.shared->round, UINT32_MAX);
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(child_end(farm.child[i]), 0);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_each_probe_is_handed_out_once),
    };

    return cmocka_run_group_tests_name("probe_kill", tests, NULL, NULL);
}
