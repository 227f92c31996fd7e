/* test_limits_kill.c: processes that count in limits are killed and stopped at any instant, and one has a
 * wrong clock: each window has what was answered.
 *
 * SPDX-License-Identifier: MIT
 *
 * Six workers record for three providers in one pool, all with limits of every kind, while time goes on in
 * quarter hours. Each life of a worker begins by setting all limits and links once more, many at the same
 * time. One worker sets and removes limits in the line that is left. Each writes down, in memory that
 * outlives it, what it starts (before the call) and what was answered (after it). So each window must have at
 * least what was answered and at most what was started, and the two differ by at most one record for each
 * kill.
 *
 * In every other run one worker's clock is three days ahead until the third quarter hour. Windows that may
 * have lost counts to it must say so (taken); all later ones are as right as ever.
 *
 * TQ_STRESS=n makes n times as many runs, TQ_SEED=n draws other numbers.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"
#include "system_fake.h"

#define WORKERS 6
#define CHANGER 4 /* sets and removes limits, too */
#define WRONG 5   /* its clock may be ahead */
#define MEMBERS 3
#define EPOCHS 9
#define WRONG_UNTIL 3 /* the epoch from which on no clock is wrong */
#define KILLS 40      /* of a run */
#define RUNS 2
#define TOKENS_MAX 100
#define SECOND_NS INT64_C(1000000000)
#define QUARTER_NS (900 * SECOND_NS)
#define SPAN_NS (700 * SECOND_NS)  /* records are of this part of a quarter hour, */
#define CLOCK_NS (750 * SECOND_NS) /* the clock is here in it, */
#define LOOK_NS (895 * SECOND_NS)  /* and here is looked */
#define MIDNIGHT_NS (INT64_C(20005) * DAY_NS)
#define MIDNIGHT 4 /* the epoch that begins then */

struct sums {
    _Atomic int64_t tokens[MEMBERS][EPOCHS], records[MEMBERS][EPOCHS],
        ahead[MEMBERS]; /* tokens of a wrong clock */
};

struct shared {
    char path[4096];
    _Atomic int64_t clock_ns;
    _Atomic int64_t epoch;
    bool has_wrong;
    struct sums started[WORKERS], answered[WORKERS];
    _Atomic uint64_t calls[WORKERS];
};

struct worker {
    struct shared *shared;
    unsigned number;
    struct rng rng;
    struct tq_ledger *ledger;
    struct tq_provider *member[MEMBERS], *pool;
};

enum { FIXED, DAY, FIRST_USE, ROLLING, ONCE, REFILL, KINDS };

static const char *const kinds[KINDS] = {
    [FIXED] = "tokens per 15m from 2020-01-01",
    [DAY] = "tokens per day",
    [FIRST_USE] = "tokens per 5h first-use",
    [ROLLING] = "tokens per rolling 1h",
    [ONCE] = "tokens once",
    [REFILL] = "1M requests per 31d refill",
};

static const char *const changing[] = {"tokens per rolling 2h", "total per day", "input per 2h first-use",
                                       "5M requests per week reserve 10%"};

static const char *const names[MEMBERS] = {"a", "b", "c"};

static int64_t begin_ns(int64_t epoch)
{
    return MIDNIGHT_NS + (epoch - MIDNIGHT) * QUARTER_NS;
}

/* Sets a limit. Twins of one that others set at the same instant may fill the lines for a moment. */
static int add(struct tq_provider *provider, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};
    int answer = tq_limit_parse(sentence, &limit, NULL);

    MUST(answer == 0);
    for (unsigned i = 0; i < 1000; i++) {
        answer = tq_provider_set_limit(provider, &limit, NULL);
        if (answer != TQ_EFULL)
            break;
    }
    MUST(answer > 0);
    return answer;
}

static struct tq_ledger *open_here(const char *path)
{
    struct tq_ledger_options options = {
        .size = sizeof options, .history_days = 64, .rule = TQ_RULE_OFF, .max_ahead_ns = 5 * 60 * SECOND_NS};
    struct tq_ledger *ledger;

    return tq_ledger_open(&ledger, path, &options, NULL) == 0 ? ledger : NULL;
}

/* ---- a worker -------------------------------------------------------------------------------- */

static void set_all(struct worker *worker)
{
    worker->pool = handle(worker->ledger, "account");
    for (unsigned k = 0; k < KINDS; k++)
        add(worker->pool, kinds[k]);
    for (unsigned p = 0; p < MEMBERS; p++) {
        worker->member[p] = handle(worker->ledger, names[p]);
        MUST(tq_provider_set_pool(worker->member[p], worker->pool) == 0);
        for (unsigned k = 0; k < KINDS; k++)
            add(worker->member[p], kinds[(k + worker->number) % KINDS]);
    }
}

static void record(struct worker *worker)
{
    struct shared *shared = worker->shared;
    struct sums *started = &shared->started[worker->number], *answered = &shared->answered[worker->number];
    bool ahead = fake_system.now_ns > DAY_NS;
    int64_t epoch = atomic_load(&shared->epoch), tokens = 1 + rng_below_i64(&worker->rng, TOKENS_MAX);
    unsigned p = rng_below(&worker->rng, MEMBERS);
    int64_t at_ns;

    if (epoch > 0 && rng_below(&worker->rng, 4) == 0)
        epoch--;
    at_ns = begin_ns(epoch) + rng_below_i64(&worker->rng, SPAN_NS) + (ahead ? fake_system.now_ns : 0);
    atomic_fetch_add(ahead ? &started->ahead[p] : &started->tokens[p][epoch], tokens);
    atomic_fetch_add(&started->records[p][epoch], 1);
    MUST(tq_provider_record(worker->member[p], tokens, at_ns, NULL) == 0);
    atomic_fetch_add(&answered->records[p][epoch], 1);
    atomic_fetch_add(ahead ? &answered->ahead[p] : &answered->tokens[p][epoch], tokens);
}

static void change(struct worker *worker)
{
    struct tq_provider *provider = worker->member[rng_below(&worker->rng, MEMBERS)];
    struct tq_limit limit = {.size = sizeof limit};
    int number;

    MUST(tq_limit_parse(changing[rng_below(&worker->rng, 4)], &limit, NULL) == 0);
    number = tq_provider_set_limit(provider, &limit, NULL);
    MUST(number > 0 || number == TQ_EFULL);
    for (unsigned i = rng_below(&worker->rng, 3); i > 0; i--)
        record(worker);
    if (number > 0)
        MUST(tq_provider_remove_limit(provider, (uint32_t)number) >= 0);
}

static int work(void *argument)
{
    struct worker *worker = argument;
    struct shared *shared = worker->shared;

    fake_system.shared_ns = &shared->clock_ns;
    fake_system.now_ns = (int64_t)worker->number * 20 * SECOND_NS - 60 * SECOND_NS;
    if (worker->number == WRONG && shared->has_wrong && atomic_load(&shared->epoch) < WRONG_UNTIL)
        fake_system.now_ns = 3 * DAY_NS;
    worker->ledger = open_here(shared->path);
    MUST(worker->ledger);
    set_all(worker);
    for (;;) {
        if (worker->number == CHANGER && rng_below(&worker->rng, 3) == 0)
            change(worker);
        else
            record(worker);
        atomic_fetch_add(&shared->calls[worker->number], 1);
    }
}

/* ---- kills and stops ------------------------------------------------------------------------- */

struct farm {
    struct shared *shared;
    struct rng rng;
    pid_t child[WORKERS];
};

static void start(struct farm *farm, unsigned w)
{
    struct worker worker = {.shared = farm->shared, .number = w, .rng = {rng_next(&farm->rng)}};

    farm->child[w] = child_start(work, &worker);
}

static void await(struct farm *farm, unsigned w, uint64_t more)
{
    uint64_t end = atomic_load(&farm->shared->calls[w]) + more;

    for (patience_reset(); atomic_load(&farm->shared->calls[w]) < end;) {
        if (waitpid(farm->child[w], NULL, WNOHANG) != 0)
            fail_msg("worker %u ended", w);
        patience_yield();
    }
}

static void kill_one(struct farm *farm, unsigned w)
{
    assert_int_equal(kill(farm->child[w], SIGKILL), 0);
    assert_int_equal(child_end(farm->child[w]), 1000 + SIGKILL);
    start(farm, w);
}

static void go_on(struct farm *farm)
{
    int64_t epoch = atomic_load(&farm->shared->epoch) + 1;

    if (epoch == WRONG_UNTIL && farm->shared->has_wrong) /* no process has the wrong clock any more */
        assert_int_equal(kill(farm->child[WRONG], SIGKILL), 0);
    if (epoch == WRONG_UNTIL && farm->shared->has_wrong)
        assert_int_equal(child_end(farm->child[WRONG]), 1000 + SIGKILL);
    atomic_store(&farm->shared->clock_ns, begin_ns(epoch) + CLOCK_NS);
    atomic_store(&farm->shared->epoch, epoch);
    if (epoch == WRONG_UNTIL && farm->shared->has_wrong)
        start(farm, WRONG);
}

/* Time goes on while one is stopped in the middle of a call. */
static void stop_one(struct farm *farm, unsigned w, bool goes_on)
{
    unsigned other = (w + 1) % WORKERS;
    int status;

    assert_int_equal(kill(farm->child[w], SIGSTOP), 0);
    assert_int_equal(waitpid(farm->child[w], &status, WUNTRACED), farm->child[w]);
    assert_true(WIFSTOPPED(status));
    if (goes_on)
        go_on(farm);
    await(farm, other, 50);
    assert_int_equal(kill(farm->child[w], SIGCONT), 0);
}

/* ---- what is left ---------------------------------------------------------------------------- */

/* The sum of a provider's epochs, or of the pool's. */
static int64_t sum(_Atomic int64_t (*of)[EPOCHS], unsigned p, int64_t from, int64_t end)
{
    int64_t total = 0;

    for (unsigned i = p == MEMBERS ? 0 : p; i < (p == MEMBERS ? MEMBERS : p + 1); i++)
        for (int64_t epoch = from; epoch < end; epoch++)
            total += atomic_load(&of[i][epoch]);
    return total;
}

static int64_t sum_ahead(struct sums *sums, unsigned p)
{
    int64_t total = 0;

    for (unsigned i = 0; i < MEMBERS; i++)
        total += p == MEMBERS || p == i ? atomic_load(&sums->ahead[i]) : 0;
    return total;
}

struct span {
    int64_t from, end; /* epochs */
    int64_t least, most;
};

static void sum_all(struct shared *shared, unsigned kind, unsigned p, struct span *span)
{
    span->least = span->most = 0;
    for (unsigned w = 0; w < WORKERS; w++) {
        struct sums *answered = &shared->answered[w], *started = &shared->started[w];

        span->least += sum(kind == REFILL ? answered->records : answered->tokens, p, span->from, span->end);
        span->most += sum(kind == REFILL ? started->records : started->tokens, p, span->from, span->end);
        if (kind == ONCE) {
            span->least += sum_ahead(answered, p);
            span->most += sum_ahead(started, p);
        }
    }
    if (kind == REFILL) /* what refills meanwhile */
        span->least -= 1000000 * EPOCHS * QUARTER_NS / (31 * DAY_NS) + 1;
}

static bool is_kind(const struct tq_limit *limit, unsigned kind)
{
    struct tq_limit wanted = {.size = sizeof wanted};

    assert_int_equal(tq_limit_parse(kinds[kind], &wanted, NULL), 0);
    return limit->unit == wanted.unit && limit->window == wanted.window &&
           limit->length_ns == wanted.length_ns;
}

static void check_kind(struct shared *shared, struct tq_provider *provider, unsigned p, unsigned kind,
                       int64_t epoch, struct span span)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}}, *state = NULL;
    int count = tq_provider_limits(provider, begin_ns(epoch) + LOOK_NS, states, TQ_LIMITS_MAX);
    bool excepted;

    for (int i = 0; i < count; i++) {
        if (!is_kind(&states[i].limit, kind))
            continue;
        if (state)
            fail_msg("%s: in lines %u and %u", kinds[kind], state->number, states[i].number);
        state = &states[i];
    }
    assert_non_null(state);
    sum_all(shared, kind, p, &span);
    excepted = state->taken && shared->has_wrong && kind != FIXED && kind != ROLLING && kind != ONCE;
    if (kind == REFILL && shared->has_wrong) /* a clock that is ahead empties the bucket */
        span.most = INT64_MAX;
    if (state->used > span.most || (state->used < span.least && !excepted))
        fail_msg("%s, provider %u, epoch %" PRId64 ": %" PRId64 " used, not %" PRId64 " to %" PRId64 "%s",
                 kinds[kind], p, epoch, state->used, span.least, span.most, state->taken ? ", taken" : "");
    if (state->taken && (!shared->has_wrong || kind == FIXED || kind == ONCE))
        fail_msg("%s, provider %u, epoch %" PRId64 ": taken", kinds[kind], p, epoch);
}

static void check(struct shared *shared, struct tq_provider *provider, unsigned p)
{
    const int64_t last = EPOCHS - 1, hour = EPOCHS - 4;

    check_kind(shared, provider, p, FIXED, last, (struct span){.from = last, .end = EPOCHS});
    check_kind(shared, provider, p, FIXED, last - 1, (struct span){.from = last - 1, .end = last});
    check_kind(shared, provider, p, DAY, last, (struct span){.from = MIDNIGHT, .end = EPOCHS});
    check_kind(shared, provider, p, DAY, MIDNIGHT - 1, (struct span){.from = 0, .end = MIDNIGHT});
    check_kind(shared, provider, p, FIRST_USE, last, (struct span){.from = 0, .end = EPOCHS});
    check_kind(shared, provider, p, ROLLING, last, (struct span){.from = hour, .end = EPOCHS});
    check_kind(shared, provider, p, ONCE, last, (struct span){.from = 0, .end = EPOCHS});
    check_kind(shared, provider, p, REFILL, last, (struct span){.from = 0, .end = EPOCHS});
}

/* Lines that killed processes claimed can be taken again. */
static void check_lines(struct tq_provider *provider)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(provider, MIDNIGHT_NS, states, TQ_LIMITS_MAX), kept = 0;

    for (int i = 0; i < count; i++) {
        bool is_known = false;

        for (unsigned k = 0; k < KINDS; k++)
            is_known = is_known || is_kind(&states[i].limit, k);
        kept += is_known;
        if (!is_known)
            assert_int_equal(tq_provider_remove_limit(provider, states[i].number), 0);
    }
    assert_int_equal(kept, KINDS);
    for (unsigned i = 0; i < TQ_LIMITS_MAX - KINDS; i++)
        assert_true(add(provider, changing[i]) > 0);
    assert_int_equal(tq_provider_limits(provider, MIDNIGHT_NS, states, TQ_LIMITS_MAX), TQ_LIMITS_MAX);
}

static void check_left(struct shared *shared)
{
    struct worker worker = {.shared = shared, .number = 0};

    worker.ledger = open_here(shared->path);
    assert_non_null(worker.ledger);
    worker.pool = handle(worker.ledger, "account");
    for (unsigned p = 0; p < MEMBERS; p++)
        worker.member[p] = handle(worker.ledger, names[p]);
    for (unsigned p = 0; p < MEMBERS; p++)
        check(shared, worker.member[p], p);
    check(shared, worker.pool, MEMBERS);
    for (unsigned p = 0; p < MEMBERS; p++)
        check_lines(worker.member[p]);
    tq_ledger_close(worker.ledger);
}

static void check_sums(struct shared *shared, int64_t kills)
{
    int64_t unsure = 0, all = 0;

    for (unsigned w = 0; w < WORKERS; w++) {
        unsure += sum(shared->started[w].records, MEMBERS, 0, EPOCHS);
        all += sum(shared->answered[w].records, MEMBERS, 0, EPOCHS);
    }
    assert_true(all > 0);
    assert_true(unsure - all <= kills); /* the test's own sums: else "started" would allow anything */
}

static void run(struct farm *farm)
{
    const unsigned a_while = KILLS / EPOCHS;

    atomic_store(&farm->shared->clock_ns, begin_ns(0) + CLOCK_NS);
    for (unsigned w = 0; w < WORKERS; w++)
        start(farm, w);
    for (unsigned i = 0; i < KILLS; i++) {
        unsigned w = rng_below(&farm->rng, WORKERS);

        await(farm, w, rng_below(&farm->rng, 8) ? rng_below(&farm->rng, 100) : 0);
        kill_one(farm, w);
        if (i % a_while == a_while - 1 && atomic_load(&farm->shared->epoch) < EPOCHS - 1)
            stop_one(farm, rng_below(&farm->rng, WRONG), true);
        else if (i % 3 == 0)
            stop_one(farm, rng_below(&farm->rng, WORKERS), false);
    }
    for (unsigned w = 0; w < WORKERS; w++)
        await(farm, w, 30);
    for (unsigned w = 0; w < WORKERS; w++) {
        assert_int_equal(kill(farm->child[w], SIGKILL), 0);
        assert_int_equal(child_end(farm->child[w]), 1000 + SIGKILL);
    }
    assert_int_equal(atomic_load(&farm->shared->epoch), EPOCHS - 1);
    check_left(farm->shared);
    check_sums(farm->shared, KILLS + WORKERS + 1);
}

static void test_limits_kill(void **state)
{
    struct farm farm = {.shared = shared_memory(sizeof *farm.shared), .rng = {rng_seed(1)}};
    const char *stress = getenv("TQ_STRESS");
    unsigned long runs = RUNS * (stress && *stress ? strtoul(stress, NULL, 10) : 1);
    uint64_t answered = 0;

    fake_system.shared_ns = &farm.shared->clock_ns;
    for (unsigned long i = 0; i < runs; i++) {
        memset(farm.shared, 0, sizeof *farm.shared);
        snprintf(farm.shared->path, sizeof farm.shared->path, "%s", scratch_path(state, "ledger"));
        farm.shared->has_wrong = i % 2 != 0;
        run(&farm);
        assert_int_equal(unlink(farm.shared->path), 0);
        for (unsigned w = 0; w < WORKERS; w++)
            answered += (uint64_t)sum(farm.shared->answered[w].records, MEMBERS, 0, EPOCHS);
    }
    print_message("# %lu kills, %" PRIu64 " records answered, none lost\n", runs * (KILLS + WORKERS),
                  answered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {scratch_test(test_limits_kill)};

    return cmocka_run_group_tests_name("limits_kill", tests, NULL, NULL);
}
