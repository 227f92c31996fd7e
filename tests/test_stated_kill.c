/* test_stated_kill.c: processes that hear of windows are killed at any instant: no limit has another's word,
 * a probe is one process's, the newest word holds, and what is left is sound.
 *
 * SPDX-License-Identifier: MIT
 *
 * In a round the workers say words of their own windows of "lines", all of them in two lines, where they also
 * remove them; words of one window of "words"; and they ask for the probe of "probes", of which one block
 * lasts all rounds and is due once a round. A worker that got it writes that down after the call, so a kill
 * hides one and never makes two. In each round one is killed.
 *
 * 200 rounds; with TQ_STRESS=n, 200 n. TQ_SEED draws other numbers.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

#include "rng.h"
#include "scratch.h"
#include "windows.h"

#define WORKERS 4
#define ROUNDS 200
#define CALLS 60 /* of a worker in a round */
#define LINES 2

struct shared {
    char path[4096];
    _Atomic unsigned round, won;
    _Atomic unsigned calls[WORKERS]; /* this round */
    _Atomic unsigned done[WORKERS];  /* the last round that the worker went through */
};

struct worker {
    struct shared *shared;
    unsigned number;
    struct rng rng;
    struct tq_provider *lines, *words, *probes;
};

static int64_t begin_of(unsigned round)
{
    return AT(12, 0, 0) + (int64_t)round * 2 * HOUR_NS;
}

/* In the two lines: no other states the length, nor the end. */
static void say_own(struct worker *worker, int64_t now_ns, unsigned round)
{
    int64_t length_ns = (1 + worker->number) * DAY_NS, end_ns = begin_of(round) + length_ns;
    struct word word = {.length_ns = length_ns, .percent = 10, .reset_at_ns = end_ns, .said_at_ns = now_ns};
    struct tq_limit_state limit;

    if (worker->number % 2 == 0 && rng_below(&worker->rng, 2))
        MUST(refuse_for(worker->lines, word) >= 0);
    else
        MUST(say(worker->lines, word) >= 0);
    limit = stated_at(worker->lines, length_ns, "", now_ns);
    MUST(limit.until_ns == 0 || (worker->number % 2 == 0 && (limit.until_ns - end_ns) % (2 * HOUR_NS) == 0 &&
                                 limit.until_ns <= end_ns && limit.until_ns > end_ns - DAY_NS));
    if (rng_below(&worker->rng, 3) == 0)
        MUST(tq_provider_remove_limit(worker->lines, TQ_LIMITS_MAX - rng_below(&worker->rng, LINES)) >= 0);
}

/* Of one window: word n of a round is said in second n. */
static struct word nth(unsigned round, unsigned n)
{
    int64_t said_at_ns = begin_of(round) + n * SECOND_NS;

    return week_at(said_at_ns, 100, said_at_ns + (n % 90 + 3) * HOUR_NS);
}

static void ask(struct worker *worker, unsigned round)
{
    int64_t now_ns = begin_of(round) + HOUR_NS;

    if (rng_below(&worker->rng, 4) == 0)
        MUST(say(worker->probes,
                 week_at(now_ns, (int32_t)rng_below(&worker->rng, 90), AT(12, 0, 0) + 170 * DAY_NS)) >= 0);
    if (tq_provider_probe_take(worker->probes, now_ns, NULL) == 0)
        atomic_fetch_add(&worker->shared->won, 1);
}

static int work(void *argument)
{
    struct worker *worker = argument;
    struct shared *shared = worker->shared;
    struct tq_ledger *ledger = open_file(shared->path);

    worker->lines = handle(ledger, "lines");
    worker->words = handle(ledger, "words");
    worker->probes = handle(ledger, "probes");
    for (unsigned round; (round = atomic_load(&shared->round)) != UINT32_MAX;) {
        if (atomic_load(&shared->done[worker->number]) == round) {
            patience_yield();
            continue;
        }
        for (unsigned i = 0; i < CALLS; i++) {
            say_own(worker, begin_of(round) + (1 + i) * SECOND_NS, round);
            MUST(say(worker->words, nth(round, 1 + rng_below(&worker->rng, 200))) >= 0);
            ask(worker, round);
            atomic_fetch_add(&shared->calls[worker->number], 1);
        }
        atomic_store(&shared->done[worker->number], round);
        patience_reset();
    }
    tq_ledger_close(ledger);
    return 0;
}

/* ---- rounds ---------------------------------------------------------------------------------- */

struct farm {
    struct shared *shared;
    struct tq_ledger *ledger;
    pid_t child[WORKERS];
    struct rng rng;
};

static void start(struct farm *farm, unsigned number)
{
    struct worker worker = {.shared = farm->shared, .number = number, .rng = {rng_next(&farm->rng)}};

    farm->child[number] = child_start(work, &worker);
}

/* Kills one worker in the middle of its calls, starts another in its place, and waits for all. */
static void go_through_round(struct farm *farm, unsigned round)
{
    struct shared *shared = farm->shared;
    unsigned victim = rng_below(&farm->rng, WORKERS), at_call = rng_below(&farm->rng, CALLS);

    atomic_store(&shared->won, 0);
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

static void look(struct farm *farm, unsigned round)
{
    struct tq_provider *words = handle(farm->ledger, "words"), *lines = handle(farm->ledger, "lines");
    const struct word newest = nth(round, 201);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};

    assert_true(atomic_load(&farm->shared->won) <= 1);
    assert_int_equal(say(words, newest), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(stated_at(words, WEEK_NS, "", newest.said_at_ns).until_ns, newest.reset_at_ns);
    assert_int_equal(tq_provider_mark_available_at(words, newest.said_at_ns), 0);
    assert_int_equal(tq_provider_state(words, newest.said_at_ns, NULL), TQ_AVAILABLE);
    if (tq_ledger_check(farm->ledger, &info, &error) != 0)
        fail_msg("%s", error.msg);
    for (uint32_t i = 0; i < LINES; i++)
        assert_true(tq_provider_remove_limit(lines, TQ_LIMITS_MAX - i) >= 0);
    /* A line that a killed process claimed can be taken. */
    assert_int_equal(say(lines, session_at(newest.said_at_ns, 5, newest.said_at_ns + HOUR_NS)) < 0, 0);
    assert_int_equal(stated_at(lines, SESSION_NS, "", newest.said_at_ns).said_ppm, 50000);
    assert_int_equal(
        tq_provider_remove_limit(lines, stated_at(lines, SESSION_NS, "", newest.said_at_ns).number), 0);
}

static void test_killed(void **state)
{
    static const char *const others[] = {"1k tokens per week", "1k total per week", "1k input per week",
                                         "1k output per week", "$1k per week",      "1k requests per week"};
    const char *stress = getenv("TQ_STRESS");
    unsigned rounds = stress && *stress ? ROUNDS * (unsigned)strtoul(stress, NULL, 10) : ROUNDS, won = 0;
    struct farm farm = {.shared = shared_memory(sizeof(struct shared)), .rng = {rng_seed(7)}};

    snprintf(farm.shared->path, sizeof farm.shared->path, "%s", scratch_path(state, "ledger"));
    farm.ledger = open_file(farm.shared->path);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(set_sentence(handle(farm.ledger, "lines"), others[i]), i + 1);
    refuse_for(handle(farm.ledger, "probes"), week_at(AT(12, 0, 0), -1, AT(12, 0, 0) + 170 * DAY_NS));
    for (unsigned i = 0; i < WORKERS; i++)
        start(&farm, i);
    for (unsigned round = 1; round <= rounds; round++) {
        go_through_round(&farm, round);
        look(&farm, round);
        won += atomic_load(&farm.shared->won);
    }
    assert_true(won > rounds / 2); /* a kill hides one now and then */
    atomic_store(&farm.shared->round, UINT32_MAX);
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(child_end(farm.child[i]), 0);
    tq_ledger_close(farm.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_killed),
    };

    return cmocka_run_group_tests_name("stated, killed", tests, NULL, NULL);
}
