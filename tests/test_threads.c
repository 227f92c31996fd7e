/* test_threads.c: what must stay exact when threads share a ledger: totals, names, marks, predictions.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each thread keeps its own truth (what it was told had been counted); between barriers the ledger is compared
 * with the sum of all truths, exactly. Lengths are for `make check`; TQ_STRESS=n makes them n times as long,
 * TQ_SEED=n draws other numbers.
 *
 *   turnover  all threads record into the one word that days d and d + history share, at the moment when it
 *             passes from one to the other. An addition that is not one step with the look at the day
 *             (load, then fetch_add) lands in the later day and is found here.
 *   drift     threads whose clocks are days apart, with late records up to 60 days back
 *   insert    threads insert the same names while the table grows. An index that is copied when it grows
 *             loses names: then they come twice in the walk, or their totals are split.
 *   marks     marks, states and lists at once
 *   forecast  with rule off: what is left in the state when all threads are done is what the rule says
 */
#define _POSIX_C_SOURCE 200809L /* barriers */

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "rng.h"

#define THREADS 4
#define FIRST_DAY INT64_C(19000)

#if defined(__SANITIZE_THREAD__)
#define SLOWER 12
#elif defined(__SANITIZE_ADDRESS__)
#define SLOWER 3
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SLOWER 12
#elif __has_feature(address_sanitizer)
#define SLOWER 3
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

/* ---- threads and their failures -------------------------------------------------------------------- */

static atomic_uint failures;

/* cmocka's assertions are not for other threads than the test's own: they jump. */
#define CHECK(condition, ...)                                                                              \
    do {                                                                                                   \
        if (!(condition) && atomic_fetch_add(&failures, 1) < 10) {                                         \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                                \
            fprintf(stderr, __VA_ARGS__);                                                                  \
            fputc('\n', stderr);                                                                           \
        }                                                                                                  \
    } while (0)

struct job {
    unsigned number;
    struct rng rng;
    void *shared;
    void (*run)(struct job *);
};

static void *start(void *argument)
{
    struct job *job = argument;

    job->run(job);
    return NULL;
}

static void run_threads(void (*run)(struct job *), void *shared)
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

static unsigned times(unsigned count)
{
    const char *stress = getenv("TQ_STRESS");
    unsigned factor = stress && *stress ? (unsigned)strtoul(stress, NULL, 10) : 1;

    return (factor ? factor : 1) * count / SLOWER + 1;
}

static struct tq_ledger *open_ledger(uint32_t history_days, uint32_t rule)
{
    struct tq_ledger_options options = {.size = sizeof(options), .history_days = history_days, .rule = rule};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    return ledger;
}

static struct tq_provider *provider_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider;

    assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), 0, &provider), 0);
    return provider;
}

/* ---- truth: what was counted, by thread, provider and day ------------------------------------------ */

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
 * word the newest one with a record is kept, whole, and none of the others. */
static void compare(struct shared_days *shared, int64_t from, int64_t to)
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
            CHECK(replaced || !refused, "%s day %" PRId64 ": refused as too old, but no newer day took its word",
                  names[p], day);
            CHECK(used == (replaced ? 0 : counted),
                  "%s day %" PRId64 ": %" PRId64 " used, %" PRId64 " were counted%s", names[p], day, used, counted,
                  replaced ? " and then a newer day took the word" : "");
        }
    }
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

/* ---- turnover -------------------------------------------------------------------------------------- */

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
            compare(shared, first - 2 * history, first + history);
        pthread_barrier_wait(&shared->barrier);
    }
}

static void test_turnover(void **state)
{
    (void)state;
    for (unsigned round = times(3); round > 0; round--)
        run_days(turnover, 8, TRUTH_DAYS / 8 - 2);
}

/* ---- drift ----------------------------------------------------------------------------------------- */

#define LATEST 60      /* days that a record may be late */
#define PHASE_DAYS 8
#define PHASE_RECORDS 3000

/* Each thread's clock goes through the days of the phase at its own pace; behind it come late records. */
static void drift(struct job *job)
{
    struct shared_days *shared = job->shared;

    for (unsigned phase = 0; phase < shared->phases; phase++) {
        int64_t first = phase * PHASE_DAYS;
        int64_t clock = first;

        for (unsigned i = 0; i < PHASE_RECORDS; i++) {
            unsigned dice = rng_below(&job->rng, 100);
            int64_t day = dice < 70 ? clock : dice < 90 ? clock - 8 : clock - rng_below_i64(&job->rng, LATEST);

            if (rng_below(&job->rng, PHASE_RECORDS / (2 * PHASE_DAYS)) == 0 && clock < first + PHASE_DAYS - 1)
                clock++;
            record(job, rng_below(&job->rng, PROVIDERS), day < 0 ? 0 : day, rng_below(&job->rng, 3000));
        }
        pthread_barrier_wait(&shared->barrier);
        if (job->number == 0)
            compare(shared, first - LATEST - shared->history_days, first + PHASE_DAYS);
        pthread_barrier_wait(&shared->barrier);
    }
}

static void test_drift_8(void **state)
{
    (void)state;
    for (unsigned round = times(1); round > 0; round--)
        run_days(drift, 8, 1000 / SLOWER);
}

static void test_drift_64(void **state)
{
    (void)state;
    for (unsigned round = times(1); round > 0; round--)
        run_days(drift, 64, 500 / SLOWER);
}

/* ---- reset ----------------------------------------------------------------------------------------- */

struct shared_reset {
    struct tq_tracker *tracker;
    struct tq_provider *provider;
    atomic_bool done;
    int64_t after;
};

/* A record made while usage is forgotten is forgotten or counted, whole: what is left are whole records. */
static void reset_and_record(struct job *job)
{
    struct shared_reset *shared = job->shared;
    int64_t now_ns = FIRST_DAY * DAY_NS + 1;

    if (job->number == 0) {
        for (unsigned i = times(5000); i > 0; i--)
            tq_tracker_reset(shared->tracker);
        atomic_store(&shared->done, true);
    }
    while (!atomic_load(&shared->done)) {
        int64_t used = tq_provider_used(shared->provider, now_ns);

        CHECK(used % 1009 == 0, "%" PRId64 " used is no sum of whole records", used);
        CHECK(tq_provider_record(shared->provider, 1009, now_ns, NULL) == 0, "record failed");
    }
}

static void test_reset(void **state)
{
    struct tq_ledger *ledger = open_ledger(8, TQ_RULE_OFF);
    struct shared_reset shared = {.tracker = tq_ledger_tracker(ledger), .provider = provider_of(ledger, "a")};
    int64_t now_ns = FIRST_DAY * DAY_NS + 1;

    (void)state;
    run_threads(reset_and_record, &shared);
    assert_int_equal(tq_provider_used(shared.provider, now_ns) % 1009, 0);
    tq_tracker_reset(shared.tracker);
    assert_int_equal(tq_provider_used(shared.provider, now_ns), 0);
    assert_int_equal(tq_provider_record(shared.provider, 1009, now_ns - 20 * DAY_NS, NULL), 0);
    tq_ledger_close(ledger);
}

/* ---- insert ---------------------------------------------------------------------------------------- */

#define NEW_NAMES 60000
#define NAME_NOW_NS (FIRST_DAY * DAY_NS + HOUR_NS)

struct shared_names {
    struct tq_ledger *ledger;
    struct tq_tracker *tracker;
    pthread_barrier_t barrier;
    unsigned char seen[NEW_NAMES];
};

/* Every third name is longer than a cache line, so that it takes more room than a short one. */
static void name_of(unsigned index, char out[128])
{
    snprintf(out, 128, index % 3 ? "new-%u" : "a-rather-long-deployment-name/in-some-region/with-%u-at-its-end", index);
}

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
        print_error("%u names instead of %u, %u came twice, %u totals are wrong\n", count, NEW_NAMES, twice, split);
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

/* ---- marks ----------------------------------------------------------------------------------------- */

#define MARK_NAMES 300
#define MARK_BASE_NS MAY_DAY_NS

struct shared_marks {
    struct tq_ledger *ledger;
    struct tq_store *store;
    atomic_uint running;
};

/* A mark says whose it is: the retry instant of name i is MARK_BASE_NS + i x 1000 + [0, 1000). */
static bool mark_is_of(int64_t retry_at_ns, unsigned index)
{
    int64_t first_ns = MARK_BASE_NS + (int64_t)index * 1000;

    return retry_at_ns >= first_ns && retry_at_ns < first_ns + 1000;
}

static void mark_at_random(struct job *job, struct shared_marks *shared)
{
    for (unsigned i = times(400000); i > 0; i--) {
        /* names come into being as the test goes on */
        unsigned index = rng_below(&job->rng, i % 4 ? MARK_NAMES / 3 : MARK_NAMES);
        int64_t retry_at_ns = MARK_BASE_NS + (int64_t)index * 1000 + (int64_t)rng_below(&job->rng, 1000), got_ns;
        char name[128];
        int answer;

        name_of(index, name);
        answer = rng_below(&job->rng, 3) ? tq_store_mark_quota_exhausted(shared->store, name, retry_at_ns)
                                         : tq_store_mark_available(shared->store, name);
        CHECK(answer == 0, "marking %s said %s", name, tq_error_name(answer));
        answer = tq_store_state(shared->store, name, MARK_BASE_NS - 1, &got_ns);
        CHECK(answer == TQ_QUOTA_EXHAUSTED ? mark_is_of(got_ns, index) : answer == 0 && got_ns == 0,
              "state of %s is %d until %" PRId64, name, answer, got_ns);
    }
    atomic_fetch_sub(&shared->running, 1);
}

static void check_list(const struct tq_exhausted *list, size_t count)
{
    bool seen[MARK_NAMES] = {false};

    for (size_t i = 0; i < count; i++) {
        unsigned index = list[i].provider[0] == 'n'
                             ? (unsigned)strtoul(list[i].provider + 4, NULL, 10)
                             : (unsigned)strtoul(strstr(list[i].provider, "with-") + 5, NULL, 10);
        char name[128];

        name_of(index, name);
        CHECK(index < MARK_NAMES && strcmp(name, list[i].provider) == 0, "%s was listed", list[i].provider);
        if (index >= MARK_NAMES)
            return;
        CHECK(!seen[index], "%s was listed twice", name);
        CHECK(mark_is_of(list[i].retry_at_ns, index), "%s was listed with somebody else's mark", name);
        seen[index] = true;
    }
}

static void marks(struct job *job)
{
    struct shared_marks *shared = job->shared;
    struct tq_exhausted list[MARK_NAMES + 1];
    unsigned lists = 0;

    if (job->number < 2) {
        mark_at_random(job, shared);
        return;
    }
    while (atomic_load(&shared->running) > 0 || lists < 100) {
        size_t room = job->number == 2 ? MARK_NAMES + 1 : rng_below(&job->rng, MARK_NAMES);
        size_t count = lists % 2 ? tq_store_all_exhausted(shared->store, list, room)
                                 : tq_store_exhausted_at(shared->store, MARK_BASE_NS - 1, list, room);

        CHECK(count <= MARK_NAMES, "%zu were listed", count);
        check_list(list, count < room ? count : room);
        lists++;
    }
}

static void test_marks(void **state)
{
    struct tq_exhausted list[MARK_NAMES];
    struct shared_marks shared;
    size_t count, exhausted = 0;

    (void)state;
    shared.ledger = open_ledger(8, TQ_RULE_ORIGINAL);
    shared.store = tq_ledger_store(shared.ledger);
    atomic_init(&shared.running, 2);
    run_threads(marks, &shared);
    count = tq_store_exhausted_at(shared.store, MARK_BASE_NS - 1, list, MARK_NAMES);
    for (unsigned i = 0; i < MARK_NAMES; i++) {
        char name[128];
        int64_t retry_at_ns;

        name_of(i, name);
        if (tq_store_state(shared.store, name, MARK_BASE_NS - 1, &retry_at_ns) != TQ_QUOTA_EXHAUSTED)
            continue;
        exhausted++;
        for (size_t at = 0; at < count; at++)
            if (strcmp(list[at].provider, name) == 0)
                assert_int_equal(list[at].retry_at_ns, retry_at_ns);
    }
    assert_int_equal(exhausted, count);
    assert_true(count > 0);
    tq_ledger_close(shared.ledger);
}

/* ---- forecast -------------------------------------------------------------------------------------- */

#define ROUND_RECORDS 24

struct shared_forecast {
    struct tq_provider *provider;
    pthread_barrier_t barrier;
    unsigned rounds;
};

/* What is left when all are done, in a round of one of three kinds: the last record reaches the budget; the
 * last one leaves a token; the budget is raised while others record beyond the old one. */
static void check_round(struct shared_forecast *shared, unsigned kind, int64_t start_ns)
{
    int64_t retry_at_ns;
    int state = tq_provider_state(shared->provider, start_ns, &retry_at_ns);

    if (kind == 0)
        CHECK(state == TQ_QUOTA_EXHAUSTED && retry_at_ns == start_ns + DAY_NS,
              "budget reached by the last record, but the state is %d until %" PRId64, state, retry_at_ns);
    else
        CHECK(state == TQ_AVAILABLE, "%s, but the state is %d until %" PRId64,
              kind == 1 ? "a token is left" : "the budget was raised", state, retry_at_ns);
}

static void forecast(struct job *job)
{
    struct shared_forecast *shared = job->shared;

    for (unsigned round = 0; round < shared->rounds; round++) {
        int64_t start_ns = (FIRST_DAY + round) * DAY_NS;
        unsigned kind = round % 3;

        if (job->number == 0)
            CHECK(tq_provider_set_budget(shared->provider, THREADS * ROUND_RECORDS + (kind == 1) -
                                                               (kind == 2 ? ROUND_RECORDS : 0)) == 0,
                  "set_budget failed");
        pthread_barrier_wait(&shared->barrier);
        for (unsigned i = 0; i < ROUND_RECORDS; i++) {
            CHECK(tq_provider_record(shared->provider, 1, start_ns + i, NULL) >= 0, "record failed");
            if (kind == 2 && job->number == round / 3 % THREADS && i == ROUND_RECORDS - 2)
                CHECK(tq_provider_set_budget(shared->provider, INT64_MAX) == 0, "set_budget failed");
            if (rng_below(&job->rng, 8) == 0) /* a record of the day before must not touch the answer */
                CHECK(tq_provider_record(shared->provider, 1000, start_ns - 1 - i, NULL) >= 0, "record failed");
        }
        pthread_barrier_wait(&shared->barrier);
        if (job->number == 0)
            check_round(shared, kind, start_ns);
        pthread_barrier_wait(&shared->barrier);
    }
}

static void test_forecast(void **state)
{
    struct tq_ledger *ledger = open_ledger(8, TQ_RULE_OFF);
    struct shared_forecast shared = {.provider = provider_of(ledger, "a"), .rounds = times(20000)};

    (void)state;
    if (shared.rounds > 80000) /* the range of instants ends */
        shared.rounds = 80000;
    assert_int_equal(pthread_barrier_init(&shared.barrier, NULL, THREADS), 0);
    run_threads(forecast, &shared);
    pthread_barrier_destroy(&shared.barrier);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turnover), cmocka_unit_test(test_drift_8), cmocka_unit_test(test_drift_64),
        cmocka_unit_test(test_reset),    cmocka_unit_test(test_insert),  cmocka_unit_test(test_marks),
        cmocka_unit_test(test_forecast),
    };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
