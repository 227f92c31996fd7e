/* test_poll_kill.c: of many processes that poll at one instant one runs, and when it is killed another does.
 *
 * SPDX-License-Identifier: MIT
 *
 * In each round all processes ask at one instant, which is due. The one that may run holds on to it until it
 * is killed. At the next due instant the others ask while it still lives, and once more when it is dead.
 *
 * tests/twins has a library whose poller takes no lock: it fails.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

#include "harness.h"
#include "scratch.h"

#define WORKERS 19
#define ROUNDS 10
#define EVERY_NS (HOUR_NS / 12)
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)

struct shared {
    char path[4096];
    _Atomic unsigned step; /* the workers ask once in each, at an instant of its own; UINT_MAX: end */
    _Atomic unsigned done[WORKERS];
    _Atomic int answer[WORKERS];
    _Atomic int64_t at_ns[WORKERS];
    int64_t now_ns; /* of this step */
};

struct worker {
    struct shared *shared;
    unsigned number;
};

static int work(void *argument)
{
    struct worker *worker = argument;
    struct shared *shared = worker->shared;
    struct tq_ledger *ledger = open_file(shared->path);
    struct tq_provider *claude = handle(ledger, "claude");
    unsigned step;

    while ((step = atomic_load(&shared->step)) != UINT_MAX) {
        int64_t at_ns = 0;

        if (atomic_load(&shared->done[worker->number]) == step) {
            patience_yield();
            continue;
        }
        atomic_store(&shared->answer[worker->number],
                     tq_provider_poll_begin(claude, EVERY_NS, shared->now_ns, &at_ns));
        atomic_store(&shared->at_ns[worker->number], at_ns);
        atomic_store(&shared->done[worker->number], step);
        patience_reset();
    }
    tq_ledger_close(ledger);
    return 0;
}

/* Lets all workers but `without` ask; returns how many may run, and the last of them. */
static unsigned ask(struct shared *shared, int64_t now_ns, unsigned without, unsigned *winner)
{
    unsigned step = atomic_load(&shared->step) + 1, won = 0;

    if (without < WORKERS)
        atomic_store(&shared->done[without], step);
    shared->now_ns = now_ns;
    atomic_store(&shared->step, step);
    patience_reset();
    for (unsigned i = 0; i < WORKERS; i++) {
        while (atomic_load(&shared->done[i]) != step)
            patience_yield();
        if (i == without)
            continue;
        assert_true(atomic_load(&shared->answer[i]) >= 0);
        if (atomic_load(&shared->answer[i]) == 0) {
            won++;
            *winner = i;
        }
    }
    return won;
}

static void test_one_runs_and_another_takes_over(void **state)
{
    struct shared *shared = shared_memory(sizeof *shared);
    struct worker worker[WORKERS];
    pid_t child[WORKERS];
    int64_t now_ns = NOON_NS;
    unsigned holder = 0, successor;

    snprintf(shared->path, sizeof shared->path, "%s", scratch_path(state, "ledger"));
    tq_ledger_close(open_file(shared->path));
    for (unsigned i = 0; i < WORKERS; i++) {
        worker[i] = (struct worker){shared, i};
        child[i] = child_start(work, &worker[i]);
    }
    for (unsigned round = 0; round < ROUNDS; round++, now_ns += 3 * EVERY_NS) {
        unsigned won = ask(shared, now_ns, WORKERS, &holder);

        if (won != 1)
            fail_msg("%u pollers run at one instant", won);
        won = ask(shared, now_ns + EVERY_NS, holder, &successor);
        if (won != 0)
            fail_msg("%u pollers run while another has it", won);
        for (unsigned i = 0; i < WORKERS; i++)
            assert_true(i == holder || atomic_load(&shared->at_ns[i]) == 0);
        kill(child[holder], SIGKILL);
        assert_int_equal(child_end(child[holder]), 1000 + SIGKILL);
        /* What was noted by the one that died keeps a successor from running too early. */
        assert_int_equal(ask(shared, now_ns + EVERY_NS - 1, holder, &successor), 0);
        assert_int_equal(ask(shared, now_ns + EVERY_NS, holder, &successor), 1);
        assert_int_not_equal(successor, holder);
        kill(child[successor], SIGKILL);
        assert_int_equal(child_end(child[successor]), 1000 + SIGKILL);
        atomic_store(&shared->done[holder], atomic_load(&shared->step));
        child[holder] = child_start(work, &worker[holder]);
        child[successor] = child_start(work, &worker[successor]);
    }
    atomic_store(&shared->step, UINT_MAX);
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(child_end(child[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_one_runs_and_another_takes_over),
    };

    return cmocka_run_group_tests_name("poll_kill", tests, NULL, NULL);
}
