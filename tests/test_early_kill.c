/* test_early_kill.c: twenty processes render old and new readings of one window while they are killed: there
 * is one truth, and one probe at a time.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each round has a provider of its own, whose week is spent. Nineteen processes do what a status line does:
 * half of them go on rendering the old reading (100 %), half a new one (room), and each asks for a route now
 * and then. One process polls, so that its readings are new ones only. The time is a counter that all
 * advance.
 *
 * First the new readings are wrong: a probe is refused, or its caller is killed. The provider must be out all
 * the time, and no probe may be handed out within the lease of another, or soon after a refused one. A caller
 * writes a probe down after the call, so a kill can hide one, never make two. Then the vendor serves: one
 * probe finds out, and from then on everybody must see that, whatever old readings are still rendered.
 *
 * 4 rounds; with TQ_STRESS=n, 4 n. TQ_SEED draws other numbers.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"

#define WORKERS 20 /* number 0 polls */
#define TAKES_MAX 4096
#define KILLS 6 /* in each half of a round */
#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)
#define TICK_NS (SECOND_NS / 20)
#define HALF_NS (8 * MINUTE_NS) /* of a round */
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define SOON_NS                                                                                              \
    (5 * MINUTE_NS - 5 * MINUTE_NS / 8) /* a probe that was refused, and the earliest next one               \
                                         */

struct take {
    _Atomic int64_t at_ns;
    _Atomic int64_t refused_at_ns; /* 0: nobody heard of it */
};

struct shared {
    char path[4096];
    _Atomic int64_t clock_ns;
    int64_t end_ns; /* of the window, this round */
    unsigned round;
    bool serves;         /* what is true */
    _Atomic bool lifted; /* a probe found out */
    _Atomic unsigned take_count;
    struct take take[TAKES_MAX];
};

struct worker {
    struct shared *shared;
    unsigned number;
    uint64_t seed;
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    struct rng rng;
};

static int64_t tick(struct shared *shared)
{
    return atomic_fetch_add(&shared->clock_ns, TICK_NS) + TICK_NS;
}

static struct tq_provider *provider_of(struct tq_ledger *ledger, unsigned round)
{
    char name[16];

    snprintf(name, sizeof name, "key-%u", round);
    return handle(ledger, name);
}

static struct tq_quota_signal reading(uint32_t used_ppm, int64_t end_ns, int64_t now_ns)
{
    struct tq_quota_signal signal = {
        .size = sizeof signal, .binds = -1, .said_at_ns = now_ns, .axis_count = 1};

    signal.axis[0] = (struct tq_axis){.known = TQ_AXIS_USED | TQ_AXIS_RESET,
                                      .flags = used_ppm >= 1000000 ? TQ_AXIS_EMPTY : 0,
                                      .used_ppm = used_ppm,
                                      .window_ns = 7 * DAY_NS,
                                      .reset_at_ns = end_ns};
    return signal;
}

static struct tq_quota_signal refusal(int64_t end_ns, int64_t sent_at_ns, int64_t now_ns)
{
    struct tq_quota_signal signal = reading(1000000, end_ns, now_ns);

    signal.refusal = TQ_CLASS_EXHAUSTED;
    signal.source = TQ_SOURCE_HEADER;
    signal.binds = 0;
    signal.sent_at_ns = sent_at_ns;
    signal.retry_at_ns = end_ns;
    return signal;
}

/* In odd rounds the new readings are those of a degraded source: 0 %, and an end that is always a week away.
 * In even rounds they say all kinds of shares, of the window that blocks. */
static struct tq_quota_signal new_reading(struct worker *worker, int64_t now_ns)
{
    struct shared *shared = worker->shared;
    int64_t drift_ns = rng_below_i64(&worker->rng, 15) * SECOND_NS - 7 * SECOND_NS;

    if (shared->round % 2)
        return reading(0, now_ns + 7 * DAY_NS, now_ns);
    return reading(rng_below(&worker->rng, 30) * 10000, shared->end_ns + drift_ns, now_ns);
}

/* What tokenquota statusline does: applies, and reads the verdict. */
static void render(struct worker *worker)
{
    struct shared *shared = worker->shared;
    bool lifted = atomic_load(&shared->lifted);
    int64_t now_ns = tick(shared);
    bool old = worker->number && rng_below(&worker->rng, 2);
    struct tq_quota_signal signal =
        old ? reading(1000000, shared->end_ns, now_ns) : new_reading(worker, now_ns);
    struct tq_verdict verdict = {.size = sizeof verdict};

    MUST(tq_provider_apply(worker->provider, &signal) >= 0);
    MUST(tq_provider_verdict(worker->provider, now_ns, &verdict) >= 0);
    MUST(shared->serves || verdict.state == TQ_QUOTA_EXHAUSTED);
    MUST(!lifted || verdict.state == TQ_AVAILABLE);
}

static void probe(struct worker *worker, int64_t taken_at_ns)
{
    struct shared *shared = worker->shared;
    unsigned number = atomic_fetch_add(&shared->take_count, 1);
    struct tq_quota_signal signal;

    MUST(number < TAKES_MAX);
    atomic_store(&shared->take[number].at_ns, taken_at_ns);
    if (shared->serves) {
        MUST(tq_provider_success(worker->provider, taken_at_ns) == 0);
        atomic_store(&shared->lifted, true);
    } else if (rng_below(&worker->rng, 2)) { /* else nobody hears of it */
        signal = refusal(shared->end_ns, taken_at_ns, tick(shared));
        MUST(tq_provider_apply(worker->provider, &signal) == TQ_QUOTA_EXHAUSTED);
        atomic_store(&shared->take[number].refused_at_ns, tick(shared));
    }
}

static void ask(struct worker *worker)
{
    struct shared *shared = worker->shared;
    struct tq_route route = {.size = sizeof route};
    bool lifted = atomic_load(&shared->lifted);
    int64_t now_ns = tick(shared);
    int answer = tq_ledger_route(worker->ledger, &worker->provider, 1, now_ns, 0, &route);

    MUST(answer >= 0);
    MUST(!lifted || (answer == 0 && !route.probe));
    MUST(shared->serves || answer == 1 || route.probe);
    if (answer == 0 && route.probe)
        probe(worker, now_ns);
}

static int work(void *argument)
{
    struct worker *worker = argument;

    worker->rng = (struct rng){worker->seed};
    worker->ledger = open_file(worker->shared->path);
    worker->provider = provider_of(worker->ledger, worker->shared->round);
    for (;;) {
        render(worker);
        if (rng_below(&worker->rng, 4) == 0)
            ask(worker);
    }
    return 0;
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

/* A child that found a fault has ended by itself, with another answer. */
static void stop(struct farm *farm, unsigned number)
{
    kill(farm->child[number], SIGKILL);
    assert_int_equal(child_end(farm->child[number]), 1000 + SIGKILL);
}

static void wait_until(struct shared *shared, int64_t at_ns)
{
    patience_reset();
    while (atomic_load(&shared->clock_ns) < at_ns)
        patience_yield();
}

/* Half a round, in which some are killed at any place. */
static void go_on(struct farm *farm)
{
    int64_t begin_ns = atomic_load(&farm->shared->clock_ns);

    for (unsigned i = 0; i < WORKERS; i++)
        start(farm, i);
    for (unsigned i = 1; i <= KILLS; i++) {
        unsigned victim = rng_below(&farm->rng, WORKERS);

        wait_until(farm->shared, begin_ns + HALF_NS * i / (KILLS + 1));
        stop(farm, victim);
        start(farm, victim);
    }
    wait_until(farm->shared, begin_ns + HALF_NS);
    for (unsigned i = 0; i < WORKERS; i++)
        stop(farm, i);
}

static int by_time(const void *left, const void *right)
{
    const struct take *const *one = left, *const *other = right;
    int64_t a = (*one)->at_ns, b = (*other)->at_ns;

    return (a > b) - (a < b);
}

/* Never two within a lease. The lease counts from the start of its second. */
static unsigned check_takes(struct shared *shared)
{
    static const struct take *sorted[TAKES_MAX];
    unsigned count = 0, all = atomic_load(&shared->take_count);

    for (unsigned i = 0; i < all; i++)
        if (shared->take[i].at_ns) /* else its caller was killed before it wrote that down */
            sorted[count++] = &shared->take[i];
    if (count)
        qsort(sorted, count, sizeof sorted[0], by_time);
    for (unsigned i = 1; i < count; i++) {
        int64_t apart_ns = sorted[i]->at_ns - sorted[i - 1]->at_ns;
        int64_t refused_at_ns = sorted[i - 1]->refused_at_ns;

        assert_true(apart_ns >= TQ_PROBE_LEASE_NS - SECOND_NS);
        /* A refusal that comes later than the lease ends is of no probe. */
        if (refused_at_ns && refused_at_ns <= sorted[i]->at_ns)
            assert_true(apart_ns >= SOON_NS - SECOND_NS);
    }
    return count;
}

static void begin_half(struct farm *farm, bool serves)
{
    farm->shared->serves = serves;
    atomic_store(&farm->shared->take_count, 0);
    memset(farm->shared->take, 0, sizeof farm->shared->take);
}

static unsigned go_through_round(struct farm *farm, struct tq_ledger *ledger, unsigned round)
{
    struct shared *shared = farm->shared;
    struct tq_provider *provider = provider_of(ledger, round);
    int64_t now_ns = tick(shared);
    struct tq_quota_signal spent;
    unsigned takes;

    shared->round = round;
    shared->end_ns = now_ns + 5 * DAY_NS;
    atomic_store(&shared->lifted, false);
    spent = reading(1000000, shared->end_ns, now_ns);
    assert_int_equal(tq_provider_apply(provider, &spent), TQ_QUOTA_EXHAUSTED);
    begin_half(farm, false);
    go_on(farm);
    takes = check_takes(shared);
    assert_int_equal(tq_provider_state(provider, tick(shared), NULL), TQ_QUOTA_EXHAUSTED);
    atomic_fetch_add(&shared->clock_ns, 2 * HOUR_NS); /* a probe is due by then, whatever was refused */
    begin_half(farm, true);
    go_on(farm);
    assert_true(atomic_load(&shared->lifted));
    assert_int_equal(tq_provider_state(provider, tick(shared), NULL), TQ_AVAILABLE);
    return takes;
}

static void test_one_truth_and_one_probe(void **state)
{
    const char *stress = getenv("TQ_STRESS");
    unsigned rounds = stress && *stress ? 4 * (unsigned)strtoul(stress, NULL, 10) : 4, takes = 0;
    struct farm farm = {.shared = shared_memory(sizeof(struct shared)), .rng = {rng_seed(12)}};
    struct tq_ledger *ledger;

    snprintf(farm.shared->path, sizeof farm.shared->path, "%s", scratch_path(state, "ledger"));
    atomic_store(&farm.shared->clock_ns, NOON_NS);
    ledger = open_file(farm.shared->path);
    for (unsigned round = 1; round <= rounds; round++)
        takes += go_through_round(&farm, ledger, round);
    assert_true(takes >= rounds); /* kills hide few of them */
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_one_truth_and_one_probe),
    };

    return cmocka_run_group_tests_name("early_kill", tests, NULL, NULL);
}
