/* test_kill.c: processes that share a ledger are killed and stopped at any instant: nothing is lost.
 *
 * SPDX-License-Identifier: MIT
 *
 * Four workers record for a few providers over 60 days, and insert new names all the while. Each writes down,
 * in memory that outlives it, what it starts (before the call) and what was acknowledged (after it). So for
 * each provider and day the ledger must hold at least what was acknowledged and at most what was started, and
 * the two differ by at most one record for each kill.
 *
 * A run is 300 kills on a ledger of its own; with TQ_STRESS=n it is n runs of 500. TQ_SEED draws other
 * numbers. The instants are those at which the victim has made so many calls, or, for one kill in eight,
 * right after its start.
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

#define WORKERS 4
#define PROVIDERS 6
#define DAYS 60 /* fewer than the 64 that the ledger keeps: no record is too old */
#define TOKENS_MAX 1000
#define NEW_NAMES 100000
#define FIRST_DAY INT64_C(20000)

struct truth {
    _Atomic int64_t started[PROVIDERS][DAYS];
    _Atomic int64_t acknowledged[PROVIDERS][DAYS];
};

struct shared {
    char path[4096];
    struct truth truth[WORKERS];
    _Atomic uint32_t name_started[NEW_NAMES]; /* records of one token */
    _Atomic uint32_t name_acknowledged[NEW_NAMES];
    _Atomic uint32_t names_end;      /* names below were asked for */
    _Atomic uint64_t calls[WORKERS]; /* of all lives of a worker */
    _Atomic uint64_t inserts[WORKERS];
    _Atomic int64_t day;     /* the newest so far, */
    _Atomic int64_t day_end; /* and how far it may go by now: to DAYS - 1 in the course of a run */
};

struct worker {
    struct shared *shared;
    unsigned number;
    uint64_t seed;
};

static const char *const names[PROVIDERS] = {
    "openai",
    "claude-acct-1",
    "\xe6\x97\xa5\xe6\x9c\xac",
    "x",
    "a-name-of-exactly-31-bytes-long",
    "a-rather-long-deployment-name/in-some-region/with-a-tail-behind-it",
};

static int64_t noon_ns(int64_t day)
{
    return (FIRST_DAY + day) * DAY_NS + 12 * HOUR_NS;
}

static void name_of(unsigned index, char out[128])
{
    snprintf(out, 128,
             index % 3 ? "new-%u" : "a-rather-long-deployment-name/in-some-region/with-%u-at-its-end", index);
}

/* ---- a worker -------------------------------------------------------------------------------- */

static void record_old(struct worker *worker, struct tq_ledger *ledger, struct tq_provider **handles,
                       struct rng *rng)
{
    struct shared *shared = worker->shared;
    struct truth *truth = &shared->truth[worker->number];
    unsigned p = rng_below(rng, PROVIDERS);
    int64_t newest = atomic_load(&shared->day);
    int64_t day = rng_below(rng, 4) ? newest : rng_below_i64(rng, newest + 1);
    int64_t tokens = 1 + rng_below_i64(rng, TOKENS_MAX);
    int answer;

    atomic_fetch_add(&truth->started[p][day], tokens);
    answer = rng_below(rng, 2)
                 ? tq_provider_record(handles[p], tokens, noon_ns(day), NULL)
                 : tq_tracker_record(tq_ledger_tracker(ledger), names[p], tokens, noon_ns(day), NULL);
    atomic_fetch_add(&truth->acknowledged[p][day], tokens);
    MUST(answer == 0);
}

/* A name near the end of those asked for so far: several workers ask for the same at once. */
static void record_new(struct worker *worker, struct tq_ledger *ledger, struct rng *rng)
{
    struct shared *shared = worker->shared;
    uint32_t end = atomic_load(&shared->names_end);
    uint32_t index = end + rng_below(rng, 3) - (end > 0);
    char name[128];
    int answer;

    if (index >= NEW_NAMES)
        index = rng_below(rng, NEW_NAMES);
    name_of(index, name);
    atomic_fetch_add(&shared->name_started[index], 1);
    answer = tq_tracker_record(tq_ledger_tracker(ledger), name, 1, noon_ns(0), NULL);
    atomic_fetch_add(&shared->name_acknowledged[index], 1);
    MUST(answer == 0);
    while (end <= index && !atomic_compare_exchange_weak(&shared->names_end, &end, index + 1))
        ;
    atomic_fetch_add(&shared->inserts[worker->number], 1);
}

static void work_once(struct worker *worker, struct tq_ledger *ledger, struct tq_provider **handles,
                      struct rng *rng)
{
    struct shared *shared = worker->shared;
    int64_t day = atomic_load(&shared->day);

    if (rng_below(rng, 16) == 0)
        record_new(worker, ledger, rng);
    else
        record_old(worker, ledger, handles, rng);
    if (day < atomic_load(&shared->day_end) && rng_below(rng, 4000) == 0)
        atomic_compare_exchange_strong(&shared->day, &day, day + 1);
    atomic_fetch_add(&shared->calls[worker->number], 1);
}

static int work(void *argument)
{
    struct worker *worker = argument;
    struct rng rng = {worker->seed};

    for (;;) {
        struct tq_ledger *ledger = open_file_with(worker->shared->path, 64, TQ_RULE_OFF, 0);
        struct tq_provider *handles[PROVIDERS];

        MUST(ledger);
        for (unsigned p = 0; p < PROVIDERS; p++)
            handles[p] = handle(ledger, names[p]);
        for (unsigned i = 0; i < 20000; i++)
            work_once(worker, ledger, handles, &rng);
        tq_ledger_close(ledger);
    }
}

/* Opens, records once, closes: a command. */
static int command(void *argument)
{
    struct worker *worker = argument;
    struct tq_ledger *ledger = open_file_with(worker->shared->path, 64, TQ_RULE_OFF, 0);
    struct rng rng = {worker->seed};

    MUST(ledger);
    record_new(worker, ledger, &rng);
    tq_ledger_close(ledger);
    return 0;
}

/* ---- kills and stops ------------------------------------------------------------------------- */

struct farm {
    struct shared *shared;
    struct worker workers[WORKERS];
    pid_t child[WORKERS];
    struct rng rng;
};

static void start(struct farm *farm, unsigned w)
{
    farm->workers[w] = (struct worker){farm->shared, w, rng_next(&farm->rng)};
    farm->child[w] = child_start(work, &farm->workers[w]);
}

/* Waits until the counter has gone on by `more`. That it does is what "waits for nobody" means. */
static void await(_Atomic uint64_t *counter, uint64_t more)
{
    uint64_t from = atomic_load(counter);

    patience_reset();
    while (atomic_load(counter) < from + more)
        patience_yield();
}

static void kill_one(struct farm *farm)
{
    unsigned w = rng_below(&farm->rng, WORKERS);

    if (rng_below(&farm->rng, 8) != 0)
        await(&farm->shared->calls[w], rng_below(&farm->rng, 3000));
    assert_int_equal(kill(farm->child[w], SIGKILL), 0);
    assert_int_equal(child_end(farm->child[w]),
                     1000 + SIGKILL); /* not an end of its own: no MUST has failed */
    start(farm, w);
}

/* Stops all but one, at whatever instruction they are, and sees that this one goes on: it records, starts
 * days and inserts; and that a new process opens the file, inserts and ends. */
static void stop_others(struct farm *farm)
{
    unsigned survivor = rng_below(&farm->rng, WORKERS);
    struct worker visitor = {farm->shared, survivor, rng_next(&farm->rng)};
    int status;

    await(&farm->shared->calls[survivor], rng_below(&farm->rng, 1000));
    for (unsigned w = 0; w < WORKERS; w++) {
        if (w == survivor)
            continue;
        assert_int_equal(kill(farm->child[w], SIGSTOP), 0);
        assert_int_equal(waitpid(farm->child[w], &status, WUNTRACED), farm->child[w]);
        assert_true(WIFSTOPPED(status));
    }
    await(&farm->shared->calls[survivor], 1000);
    await(&farm->shared->inserts[survivor], 20);
    assert_int_equal(child_end(child_start(command, &visitor)), 0);
    for (unsigned w = 0; w < WORKERS; w++)
        if (w != survivor)
            assert_int_equal(kill(farm->child[w], SIGCONT), 0);
}

/* ---- what is left ---------------------------------------------------------------------------- */

static void check_days(struct shared *shared, struct tq_ledger *ledger, int64_t kills)
{
    int64_t unsure = 0, total = 0;

    for (unsigned p = 0; p < PROVIDERS; p++) {
        for (int64_t day = 0; day < DAYS; day++) {
            int64_t used = tq_tracker_used(tq_ledger_tracker(ledger), names[p], noon_ns(day));
            int64_t started = 0, acknowledged = 0;

            for (unsigned w = 0; w < WORKERS; w++) {
                started += atomic_load(&shared->truth[w].started[p][day]);
                acknowledged += atomic_load(&shared->truth[w].acknowledged[p][day]);
            }
            if (used < acknowledged || used > started)
                fail_msg("%s, day %" PRId64 ": %" PRId64 " used, not %" PRId64 " to %" PRId64, names[p], day,
                         used, acknowledged, started);
            unsure += started - acknowledged;
            total += used;
        }
    }
    assert_true(total > 0);
    assert_true(unsure <= kills * TOKENS_MAX); /* the test's own sums: else "started" would allow anything */
}

static unsigned index_of(const char *name)
{
    const char *digits = strncmp(name, "new-", 4) == 0 ? name + 4 : strstr(name, "with-") + 5;

    return (unsigned)strtoul(digits, NULL, 10);
}

static bool is_old(const char *name)
{
    for (unsigned p = 0; p < PROVIDERS; p++)
        if (strcmp(name, names[p]) == 0)
            return true;
    return false;
}

static void check_names(struct shared *shared, struct tq_ledger *ledger, uint32_t kills)
{
    unsigned char *seen = calloc(NEW_NAMES, 1);
    unsigned old = 0, walked = 0, twice = 0, lost = 0, wrong = 0, unsure = 0;
    struct tq_provider *provider;
    uint64_t cursor = 0;

    assert_non_null(seen);
    for (; tq_ledger_walk(ledger, &cursor, &provider) == 0; walked++) {
        unsigned index;
        int64_t used;

        if (is_old(tq_provider_name(provider))) {
            old++;
            continue;
        }
        index = index_of(tq_provider_name(provider));
        assert_true(index < NEW_NAMES);
        used = tq_provider_used(provider, noon_ns(0));
        twice += seen[index]++ != 0;
        wrong += used < atomic_load(&shared->name_acknowledged[index]) ||
                 used > atomic_load(&shared->name_started[index]);
    }
    for (unsigned i = 0; i < NEW_NAMES; i++) {
        lost += atomic_load(&shared->name_acknowledged[i]) > 0 && !seen[i];
        unsure += atomic_load(&shared->name_started[i]) - atomic_load(&shared->name_acknowledged[i]);
    }
    free(seen);
    assert_int_equal(old, PROVIDERS);
    assert_int_equal(twice, 0);
    assert_int_equal(lost, 0);
    assert_int_equal(wrong, 0);
    assert_true(unsure <= kills);
    assert_true(walked > 3000); /* the first tables and segments are left behind */
}

static void check_clean(struct tq_ledger *ledger, uint64_t kills)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %" PRIu64 " faults: %s", info.faults, error.msg);
    assert_int_equal(info.too_old, 0);
    assert_int_equal(info.rebuilt, 0);
    /* A kill costs a slot at most; so does a life that ended with one left over from a lost race. */
    assert_true(info.slots - info.providers <= kills * 17);
}

/* Compact takes what the killed left behind, and nothing else. */
static void check_left(struct shared *shared, uint32_t kills)
{
    struct tq_ledger *ledger = open_file_with(shared->path, 0, 0, TQ_OPEN_EXISTING);

    assert_non_null(ledger);
    check_clean(ledger, kills);
    check_days(shared, ledger, kills);
    check_names(shared, ledger, kills);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(shared->path, NULL), 0);
    ledger = open_file_with(shared->path, 0, 0, TQ_OPEN_EXISTING);
    check_clean(ledger, 0);
    check_days(shared, ledger, kills);
    check_names(shared, ledger, kills);
    tq_ledger_close(ledger);
}

/* One ledger, from its creation to what is left. All workers are killed in the end. */
static void run(struct farm *farm, uint32_t kills)
{
    for (unsigned w = 0; w < WORKERS; w++)
        start(farm, w);
    for (uint32_t i = 0; i < kills; i++) {
        atomic_store(&farm->shared->day_end, 1 + i * (DAYS - 2) / (kills - 1));
        kill_one(farm);
        if (i % 10 == 9)
            stop_others(farm);
    }
    for (unsigned w = 0; w < WORKERS; w++) {
        assert_int_equal(kill(farm->child[w], SIGKILL), 0);
        assert_int_equal(child_end(farm->child[w]), 1000 + SIGKILL);
    }
    assert_true(atomic_load(&farm->shared->day) > DAYS / 2);
    check_left(farm->shared, kills + WORKERS);
}

static void test_kill(void **state)
{
    struct farm farm = {.shared = shared_memory(sizeof *farm.shared), .rng = {rng_seed(1)}};
    const char *stress = getenv("TQ_STRESS");
    unsigned long runs = stress && *stress ? strtoul(stress, NULL, 10) : 1;
    uint32_t kills = runs > 1 ? 500 : 300;
    uint64_t acknowledged = 0;

    assert_true(runs > 0);
    for (unsigned long i = 0; i < runs; i++) {
        memset(farm.shared, 0, sizeof *farm.shared);
        snprintf(farm.shared->path, sizeof farm.shared->path, "%s", scratch_path(state, "ledger"));
        run(&farm, kills);
        assert_int_equal(unlink(farm.shared->path), 0);
        for (unsigned w = 0; w < WORKERS; w++)
            acknowledged += atomic_load(&farm.shared->calls[w]);
    }
    print_message("# %lu kills, %" PRIu64 " records acknowledged, none lost\n", runs * (kills + WORKERS),
                  acknowledged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {scratch_test(test_kill)};

    return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
