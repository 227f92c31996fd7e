/* test_hold_kill.c: ten processes hold and settle at the edge of a limit and are killed at any instant: never
 * is more held and used than there is, and nothing that was held is lost.
 *
 * SPDX-License-Identifier: MIT
 *
 * Two models lie in one account, which has room for four calls of ten. Each worker holds, writes down what
 * its call may use, lets it run for a moment, writes down that it does no more, and settles by some part of
 * it. What is written down is one sum for all: it is raised after the hold was taken, and lowered before it
 * is given up, so it is never more than what the ledger must know of. When it is above the limit, a hold was
 * taken for which there was no room.
 *
 * What it used it takes back, so that all stay at the edge.
 *
 * The test stops a worker at any instant, and kills it unless it is writing down. What a killed one had
 * written is taken off; its hold is for the others to free. Now and then all pause, and what is written down
 * is made right: it lacks what one counted that was killed before it could say so. In the end the test holds
 * all that is left, at once: nothing may have leaked.
 *
 * 500 kills; with TQ_STRESS=n, 500 n. TQ_SEED draws other numbers.
 */
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"

#define WORKERS 10
#define KILLS 500
#define CALLS 50  /* between two kills, at most */
#define RIGHT 20  /* kills between two pauses */
#define MOST 1000 /* that a call may use */
#define ROOM (4 * MOST + MOST / 2)
#define NOW_NS (MAY_DAY_NS + 12 * HOUR_NS)

#if defined(TEST_ASAN)
#define SLOWER 5
#else
#define SLOWER 1
#endif

struct life {
    _Atomic int64_t flying; /* what is written down of its call */
    atomic_bool writing;
};

struct shared {
    char path[4096];
    _Atomic int64_t truth; /* what runs and what was used */
    _Atomic uint64_t taken, refused, over;
    struct life life[WORKERS];
    _Atomic unsigned paused; /* workers that pause */
    atomic_bool pause, done;
};

struct worker {
    struct shared *shared;
    unsigned number;
    struct rng rng;
};

/* ---- a worker -------------------------------------------------------------------------------- */

static struct tq_ledger *open_here(const char *path)
{
    return open_file_with(path, 8, TQ_RULE_OFF, 0);
}

/* Adds to what is written down. */
static void write_down(struct worker *worker, int64_t flying, int64_t more)
{
    struct life *life = &worker->shared->life[worker->number];
    int64_t truth;

    atomic_store(&life->writing, true);
    truth = atomic_fetch_add(&worker->shared->truth, more) + more;
    atomic_store(&life->flying, flying);
    if (truth > ROOM)
        atomic_fetch_add(&worker->shared->over, 1);
    atomic_store(&life->writing, false);
}

/* Lets others run meanwhile: on a machine with fewer cores than workers no call would meet another. */
static void run_for_a_moment(struct worker *worker)
{
    unsigned turns = rng_below(&worker->rng, 300);

    for (volatile unsigned i = 0; i < turns; i++)
        ;
    if (turns % 4 != 0)
        sched_yield();
}

static void call_once(struct worker *worker, struct tq_provider *model, struct tq_provider *account)
{
    struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS};
    int64_t most = 1 + rng_below_i64(&worker->rng, MOST);
    struct tq_usage usage = {.size = sizeof usage, .counted = 1 + rng_below_i64(&worker->rng, most)};
    struct tq_hold hold = {.size = sizeof hold};
    int answer;

    amounts.of[TQ_UNIT_TOKENS] = most;
    answer = tq_provider_hold(model, &amounts, HOUR_NS, NOW_NS, &hold);
    MUST(answer == 0 || answer == 1);
    if (answer == 1) {
        atomic_fetch_add(&worker->shared->refused, 1);
        sched_yield();
        return;
    }
    write_down(worker, most, most);
    atomic_fetch_add(&worker->shared->taken, 1);
    run_for_a_moment(worker);
    write_down(worker, 0, -most);
    if (rng_below(&worker->rng, 8) == 0) {
        MUST(tq_hold_cancel(&hold) == 0);
        return;
    }
    MUST(tq_hold_settle(&hold, &usage, NOW_NS) >= 0);
    MUST(hold.ended == 0);
    write_down(worker, 0, usage.counted);
    run_for_a_moment(worker);
    write_down(worker, 0, -usage.counted);
    MUST(tq_provider_correct(account, usage.counted, NOW_NS) == 0);
}

/* Waits while the test makes right what is written down. */
static void heed_pause(struct shared *shared)
{
    if (!atomic_load(&shared->pause))
        return;
    atomic_fetch_add(&shared->paused, 1);
    patience_reset();
    while (atomic_load(&shared->pause))
        patience_yield();
    atomic_fetch_sub(&shared->paused, 1);
}

static int work(void *argument)
{
    struct worker *worker = argument;
    struct tq_ledger *ledger = open_here(worker->shared->path);
    struct tq_provider *model = handle(ledger, worker->number % 2 ? "opus" : "sonnet");
    struct tq_provider *account = handle(ledger, "account");

    while (!atomic_load(&worker->shared->done)) {
        heed_pause(worker->shared);
        call_once(worker, model, account);
    }
    tq_ledger_close(ledger);
    return 0;
}

/* ---- the test -------------------------------------------------------------------------------- */

struct storm {
    struct shared *shared;
    struct tq_ledger *ledger;
    struct tq_provider *account;
    struct worker worker[WORKERS];
    pid_t child[WORKERS];
    struct rng rng;
};

static void start(struct storm *storm, unsigned number)
{
    storm->worker[number] =
        (struct worker){.shared = storm->shared, .number = number, .rng = {rng_next(&storm->rng)}};
    storm->child[number] = child_start(work, &storm->worker[number]);
}

/* Stops a worker where it is, and kills it unless it is writing down. */
static bool kill_one(struct storm *storm, unsigned number)
{
    struct life *life = &storm->shared->life[number];
    int status;

    assert_int_equal(kill(storm->child[number], SIGSTOP), 0);
    assert_int_equal(waitpid(storm->child[number], &status, WUNTRACED), storm->child[number]);
    assert_true(WIFSTOPPED(status));
    if (atomic_load(&life->writing)) {
        assert_int_equal(kill(storm->child[number], SIGCONT), 0);
        return false;
    }
    /* First: its hold is freed once it is dead. */
    atomic_fetch_sub(&storm->shared->truth, atomic_exchange(&life->flying, 0));
    assert_int_equal(kill(storm->child[number], SIGKILL), 0);
    assert_int_equal(child_end(storm->child[number]), 1000 + SIGKILL);
    return true;
}

static int64_t used_of(struct tq_provider *provider)
{
    struct tq_limit_state state = {.size = sizeof state};

    assert_int_equal(tq_provider_limits(provider, NOW_NS, &state, 1), 1);
    return state.used;
}

/* Makes right what is written down, and takes back what killed ones had counted. No call runs. */
static void make_right(struct storm *storm)
{
    int64_t used;

    atomic_store(&storm->shared->pause, true);
    patience_reset();
    while (atomic_load(&storm->shared->paused) < WORKERS)
        patience_yield();
    used = used_of(storm->account);
    if (used > 0)
        assert_int_equal(tq_provider_correct(storm->account, used, NOW_NS), 0);
    atomic_store(&storm->shared->truth, 0);
    atomic_store(&storm->shared->pause, false);
    while (atomic_load(&storm->shared->paused) > 0)
        patience_yield();
}

/* One that has a hold, if there is any. */
static unsigned choose_victim(struct storm *storm)
{
    unsigned victim = rng_below(&storm->rng, WORKERS);

    for (unsigned i = 0; i < WORKERS && atomic_load(&storm->shared->life[victim].flying) == 0; i++)
        victim = (victim + 1) % WORKERS;
    return victim;
}

static void set_up(struct storm *storm, void **state)
{
    struct tq_limit limit = {.size = sizeof limit};

    storm->shared = shared_memory(sizeof *storm->shared);
    snprintf(storm->shared->path, sizeof storm->shared->path, "%s", scratch_path(state, "ledger"));
    storm->rng.state = rng_seed(5);
    storm->ledger = open_here(storm->shared->path);
    storm->account = handle(storm->ledger, "account");
    limit.known = TQ_LIMIT_AMOUNT;
    limit.unit = TQ_UNIT_TOKENS;
    limit.window = TQ_WINDOW_ONCE;
    limit.amount = ROOM;
    assert_int_equal(tq_provider_set_limit(storm->account, &limit, NULL), 1);
    assert_int_equal(tq_provider_set_pool(handle(storm->ledger, "opus"), storm->account), 0);
    assert_int_equal(tq_provider_set_pool(handle(storm->ledger, "sonnet"), storm->account), 0);
    for (unsigned i = 0; i < WORKERS; i++)
        start(storm, i);
}

/* All that is left can be held at once, as soon as somebody asks: nothing leaked. */
static void expect_no_leak(struct storm *storm)
{
    struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS};
    struct tq_hold hold = {.size = sizeof hold};
    struct tq_verdict verdict = {.size = sizeof verdict};

    MUST(used_of(storm->account) < ROOM);
    amounts.of[TQ_UNIT_TOKENS] = ROOM - used_of(storm->account);
    assert_int_equal(tq_provider_hold(handle(storm->ledger, "opus"), &amounts, HOUR_NS, NOW_NS, &hold), 0);
    assert_int_equal(tq_provider_verdict(storm->account, NOW_NS, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict.reason, TQ_REASON_HELD);
    assert_int_equal(verdict.held, ROOM - used_of(storm->account));
    assert_int_equal(tq_hold_cancel(&hold), 0);
}

static void test_nothing_exceeds_and_nothing_leaks(void **state)
{
    const char *stress = getenv("TQ_STRESS");
    unsigned kills = (stress && *stress ? KILLS * (unsigned)strtoul(stress, NULL, 10) : KILLS) / SLOWER;
    struct tq_ledger_info info = {.size = sizeof info};
    struct storm storm = {0};
    uint64_t over, taken;

    set_up(&storm, state);
    for (unsigned i = 0; i < kills && atomic_load(&storm.shared->over) == 0;) {
        uint64_t calls = atomic_load(&storm.shared->taken) + rng_below(&storm.rng, CALLS);
        unsigned victim;

        patience_reset();
        while (atomic_load(&storm.shared->taken) < calls)
            patience_yield();
        victim = choose_victim(&storm);
        if (!kill_one(&storm, victim))
            continue;
        start(&storm, victim);
        if (++i % RIGHT == 0)
            make_right(&storm);
    }
    atomic_store(&storm.shared->done, true);
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(child_end(storm.child[i]), 0);
    over = atomic_load(&storm.shared->over);
    taken = atomic_load(&storm.shared->taken);
    print_message("# %" PRIu64 " holds taken, %" PRIu64 " refused, %u kills; beyond the limit %" PRIu64 "\n",
                  taken, atomic_load(&storm.shared->refused), kills, over);
    if (over != 0)
        fail_msg("%" PRIu64 " holds were taken beyond the limit", over);
    expect_no_leak(&storm);
    assert_int_equal(tq_ledger_check(storm.ledger, &info, NULL), 0);
    tq_ledger_close(storm.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_nothing_exceeds_and_nothing_leaks),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("hold_kill", tests, NULL, NULL);
}
