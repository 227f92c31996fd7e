/* test_threads.c: what must stay exact when threads record into one ledger: totals of days, and names.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each thread keeps its own truth (what it was told had been counted); between barriers the ledger is
 * compared with the sum of all truths, exactly.
 *
 *   turnover  all threads record into the one word that days d and d + history share, at the moment when it
 *             passes from one to the other. An addition that is not one step with the look at the day
 *             (load, then fetch_add) lands in the later day and is found here.
 *   drift     threads whose clocks are days apart, with late records up to 60 days back
 *   insert    threads insert the same names while the table grows. An index that is copied when it grows
 *             loses names: then they come twice in the walk, or their totals are split.
 */

#include <inttypes.h>
#include <sched.h>

#include "threads.h"

/* ---- truth: what was counted, by thread, provider and day ------------------------------------ */

#define PROVIDERS 3
#define TRUTH_DAYS 8192 /* more than any test here spans */

static const char *const names[PROVIDERS] = {"openai", "claude-acct-1", "\xe6\x97\xa5\xe6\x9c\xac"};

struct truth {
    int64_t counted[PROVIDERS][TRUTH_DAYS]; /* tokens of the records that were counted */
    bool started[PROVIDERS][TRUTH_DAYS];    /* there was one, of 0 tokens perhaps */
    bool refused[PROVIDERS][TRUTH_DAYS];    /* one was TQ_EAGE */
};

struct shared_days {
    struct tq_ledger *ledger;
    struct tq_tracker *tracker;
    struct tq_provider *provider[PROVIDERS];
    int64_t history_days;
    unsigned phases;
    pthread_barrier_t barrier;
    struct truth truth[THREADS];
    bool failed; /* written between two barriers, read behind the second */
};

/* Records by handle or by name, and writes down what came of it. */
static int record(struct job *job, unsigned p, int64_t day, int64_t tokens)
{
    struct shared_days *shared = job->shared;
    struct truth *truth = &shared->truth[job->number];
    int64_t now_ns = (FIRST_DAY + day) * DAY_NS + rng_below_i64(&job->rng, DAY_NS);
    int answer = job->number % 2 ? tq_provider_record(shared->provider[p], tokens, now_ns, NULL)
                                 : tq_tracker_record(shared->tracker, names[p], tokens, now_ns, NULL);

    CHECK(answer == 0 || answer == TQ_EAGE, "record said %s", tq_error_name(answer));
    if (answer == TQ_EAGE) {
        truth->refused[p][day] = true;
    } else {
        truth->counted[p][day] += tokens;
        truth->started[p][day] = true;
    }
    return answer;
}

/* Compares days [from, to) with the truth of all threads, which are at a barrier. Of the days that share a
 * word the newest one with a record is kept, whole, and none of the others. Has anything failed so far? */
static bool compare(struct shared_days *shared, int64_t from, int64_t to)
{
    for (unsigned p = 0; p < PROVIDERS; p++) {
        for (int64_t day = from < 0 ? 0 : from; day < to; day++) {
            int64_t used = tq_provider_used(shared->provider[p], (FIRST_DAY + day) * DAY_NS), counted = 0;
            bool replaced = false, refused = false;

            for (unsigned t = 0; t < THREADS; t++) {
                counted += shared->truth[t].counted[p][day];
                refused = refused || shared->truth[t].refused[p][day];
                for (int64_t later = day + shared->history_days; later < to; later += shared->history_days)
                    replaced = replaced || shared->truth[t].started[p][later];
            }
            CHECK(replaced || !refused, "%s day %" PRId64 ": refused as too old, but no newer day is there",
                  names[p], day);
            CHECK(used == (replaced ? 0 : counted),
                  "%s day %" PRId64 ": %" PRId64 " used, %" PRId64 " were counted%s", names[p], day, used,
                  counted, replaced ? " and then a newer day took the word" : "");
        }
    }
    return atomic_load(&failures) != 0;
}

static void run_days(void (*run)(struct job *), uint32_t history_days, unsigned phases)
{
    struct shared_days *shared = calloc(1, sizeof(*shared));

    assert_non_null(shared);
    shared->ledger = open_ledger(history_days, TQ_RULE_OFF);
    shared->tracker = tq_ledger_tracker(shared->ledger);
    for (unsigned p = 0; p < PROVIDERS; p++)
        shared->provider[p] = provider_of(shared->ledger, names[p]);
    shared->history_days = history_days;
    shared->phases = phases;
    assert_int_equal(pthread_barrier_init(&shared->barrier, NULL, THREADS), 0);
    run_threads(run, shared);
    pthread_barrier_destroy(&shared->barrier);
    tq_ledger_close(shared->ledger);
    free(shared);
}

/* ---- turnover -------------------------------------------------------------------------------- */

/* All threads record into day - history until a newer day has its word. The leader waits until somebody
 * does (not for ever: they may all have gone ahead) and then starts the newer day. */
static void turn_one_word(struct job *job, unsigned p, int64_t day)
{
    struct shared_days *shared = job->shared;
    int64_t old_day = day - shared->history_days;
    int64_t old_noon_ns = (FIRST_DAY + old_day) * DAY_NS + 12 * HOUR_NS;

    if ((day + p) % THREADS == job->number) {
        int64_t before = tq_provider_used(shared->provider[p], old_noon_ns);

        for (unsigned i = 0; i < 300 && tq_provider_used(shared->provider[p], old_noon_ns) == before; i++)
            if (i % 64 == 63)
                sched_yield();
        for (unsigned i = rng_below(&job->rng, 64); i > 0; i--)
            record(job, p, old_day, 1);
        record(job, p, day, 1);
    } else {
        for (unsigned i = 0; i < 4000 && record(job, p, old_day, 1) != TQ_EAGE; i++)
            ;
    }
    for (unsigned i = 0; i < 4; i++)
        record(job, p, day, 1000);
}

/* A phase turns each word over once, so what lands in a wrong day is still there to be seen at its end. */
static void turnover(struct job *job)
{
    struct shared_days *shared = job->shared;
    int64_t history = shared->history_days;

    for (unsigned phase = 1; phase <= shared->phases; phase++) {
        int64_t first = phase * history;

        for (int64_t day = first; day < first + history; day++)
            for (unsigned p = 0; p < PROVIDERS; p++)
                turn_one_word(job, p, day);
        pthread_barrier_wait(&shared->barrier);
        if (job->number == 0)
            shared->failed = compare(shared, first - 2 * history, first + history);
        pthread_barrier_wait(&shared->barrier);
        if (shared->failed)
            return;
    }
}

static void test_turnover(void **state)
{
    (void)state;
    for (unsigned round = times(1); round > 0; round--)
        run_days(turnover, 8, (TRUTH_DAYS / 8 - 2) / SLOWER);
}

/* ---- drift ----------------------------------------------------------------------------------- */

#define LATEST 60 /* days that a record may be late */
#define PHASE_DAYS 8
#define PHASE_RECORDS 800

/* Each thread's clock goes through the days of the phase at its own pace; behind it come late records. */
static void drift(struct job *job)
{
    struct shared_days *shared = job->shared;

    for (unsigned phase = 0; phase < shared->phases; phase++) {
        int64_t first = phase * PHASE_DAYS;
        int64_t clock = first;

        for (unsigned i = 0; i < PHASE_RECORDS; i++) {
            unsigned dice = rng_below(&job->rng, 100);
            int64_t late = dice < 40 ? 0 : dice < 90 ? 8 : rng_below_i64(&job->rng, LATEST);
            int64_t day = clock - late;

            if (rng_below(&job->rng, PHASE_RECORDS / (2 * PHASE_DAYS)) == 0 && clock < first + PHASE_DAYS - 1)
                clock++;
            record(job, rng_below(&job->rng, PROVIDERS), day < 0 ? 0 : day, rng_below(&job->rng, 3000));
        }
        pthread_barrier_wait(&shared->barrier);
        if (job->number == 0)
            shared->failed = compare(shared, first - LATEST - shared->history_days, first + PHASE_DAYS);
        pthread_barrier_wait(&shared->barrier);
        if (shared->failed)
            return;
    }
}

static void test_drift_8(void **state)
{
    (void)state;
    for (unsigned round = times(3); round > 0; round--)
        run_days(drift, 8, 1000 / SLOWER);
}

static void test_drift_64(void **state)
{
    (void)state;
    for (unsigned round = times(1); round > 0; round--)
        run_days(drift, 64, 500 / SLOWER);
}

/* ---- insert ---------------------------------------------------------------------------------- */

#define NEW_NAMES 60000
#define NAME_NOW_NS (FIRST_DAY * DAY_NS + HOUR_NS)

struct shared_names {
    struct tq_ledger *ledger;
    struct tq_tracker *tracker;
    pthread_barrier_t barrier;
    unsigned char seen[NEW_NAMES];
};

static void record_name(struct job *job, unsigned index)
{
    struct shared_names *shared = job->shared;
    char name[128];
    int answer;

    name_of(index, name);
    answer = tq_tracker_record(shared->tracker, name, 1 + job->number, NAME_NOW_NS, NULL);
    CHECK(answer == 0, "record of %s said %s", name, tq_error_name(answer));
}

/* Threads go through the names close together, so most are inserted by several at once; the second pass
 * meets again what the first one inserted. The walk of one thread runs while the others insert. */
static void insert(struct job *job)
{
    struct shared_names *shared = job->shared;
    uint64_t cursor = 0;
    unsigned walked = 0;
    struct tq_provider *provider;

    pthread_barrier_wait(&shared->barrier);
    for (unsigned i = 0; i < NEW_NAMES; i++) {
        record_name(job, i);
        if (job->number == 0 && i % 2 == 0 && tq_ledger_walk(shared->ledger, &cursor, &provider) == 0)
            walked++;
    }
    for (unsigned i = 0; i < NEW_NAMES; i++)
        record_name(job, i);
    CHECK(job->number != 0 || (walked > 0 && walked <= NEW_NAMES), "%u names walked", walked);
}

static unsigned index_of(const char *name)
{
    const char *digits = strchr(name, '-');
    char expected[128];
    unsigned index;

    if (strncmp(name, "a-rather", 8) == 0)
        digits = strstr(name, "with-") + 4;
    index = (unsigned)strtoul(digits + 1, NULL, 10);
    assert_true(index < NEW_NAMES);
    name_of(index, expected);
    assert_string_equal(name, expected);
    return index;
}

static void check_names(struct shared_names *shared)
{
    const int64_t total = 2 * (1 + 2 + 3 + 4);
    struct tq_provider *provider;
    uint64_t cursor = 0;
    unsigned count = 0, twice = 0, split = 0;

    while (tq_ledger_walk(shared->ledger, &cursor, &provider) == 0) {
        const char *name = tq_provider_name(provider);

        twice += shared->seen[index_of(name)]++ != 0;
        split += tq_provider_used(provider, NAME_NOW_NS) != total;
        split += tq_tracker_used(shared->tracker, name, NAME_NOW_NS) != total;
        count++;
    }
    if (twice || split || count != NEW_NAMES)
        print_error("%u names instead of %u, %u came twice, %u totals are wrong\n", count, NEW_NAMES, twice,
                    split);
    assert_int_equal(twice, 0);
    assert_int_equal(split, 0);
    assert_int_equal(count, NEW_NAMES);
}

static void test_insert(void **state)
{
    (void)state;
    for (unsigned round = times(8); round > 0; round--) {
        struct shared_names *shared = calloc(1, sizeof(*shared));

        assert_non_null(shared);
        shared->ledger = open_ledger(8, TQ_RULE_ORIGINAL);
        shared->tracker = tq_ledger_tracker(shared->ledger);
        assert_int_equal(pthread_barrier_init(&shared->barrier, NULL, THREADS), 0);
        run_threads(insert, shared);
        check_names(shared);
        pthread_barrier_destroy(&shared->barrier);
        tq_ledger_close(shared->ledger);
        free(shared);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turnover),
        cmocka_unit_test(test_drift_8),
        cmocka_unit_test(test_drift_64),
        cmocka_unit_test(test_insert),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
