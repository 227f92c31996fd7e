/* test_threads_rolling.c: a bucket that begins while another thread counts in the one before.
 *
 * SPDX-License-Identifier: MIT
 *
 * One thread counts in the newest bucket of a rolling limit while the other begins the next one and sums the
 * buckets before it. When both are done, the limit's count must have all records (rolling.h, B3).
 */
#include <inttypes.h>

#include "threads.h"

#define BUCKET_NS INT64_C(180000000000) /* of 5 hours */
#define BUCKETS 100
#define ROUNDS 40000

struct passing {
    struct tq_provider *provider;
    _Atomic int64_t round, done;
    int64_t rounds;
};

static int64_t instant_of(int64_t round)
{
    return FIRST_DAY * DAY_NS + round * BUCKET_NS;
}

static void pause_up_to(struct rng *rng, unsigned most)
{
    for (volatile unsigned pauses = rng_below(rng, most); pauses > 0; pauses--)
        ;
}

static void record(struct passing *passing, int64_t round)
{
    CHECK(tq_provider_record(passing->provider, 1, instant_of(round), NULL) == TQ_AVAILABLE, "record failed");
}

static void count_in_the_old(struct job *job)
{
    struct passing *passing = job->shared;

    for (int64_t round = 1; round <= passing->rounds; round++) {
        for (unsigned spins = 0; atomic_load(&passing->round) < round;)
            threads_spin(&spins);
        pause_up_to(&job->rng, 60);
        record(passing, round - 1);
        atomic_store(&passing->done, round);
    }
}

/* Each bucket that is over has two records, the newest one. */
static void begin_the_new(struct passing *passing, struct rng *rng)
{
    for (int64_t round = 1; round <= passing->rounds; round++) {
        int64_t full = round < BUCKETS ? round : BUCKETS;
        struct tq_limit_state limit = {.size = sizeof limit};

        atomic_store(&passing->round, round);
        pause_up_to(rng, 300);
        record(passing, round);
        for (unsigned spins = 0; atomic_load(&passing->done) < round;)
            threads_spin(&spins);
        assert_int_equal(tq_provider_limits(passing->provider, instant_of(round), &limit, 1), 1);
        CHECK(limit.used == 2 * full + 1, "round %" PRId64 ": %" PRId64 " of %" PRId64, round, limit.used,
              2 * full + 1);
    }
}

static void test_passed_by(void **state)
{
    struct tq_ledger *ledger = open_ledger(8, TQ_RULE_OFF);
    struct passing passing = {.provider = provider_of(ledger, "a"), .rounds = times(ROUNDS)};
    struct job job = {.rng = {rng_seed(1)}, .shared = &passing, .run = count_in_the_old};
    struct tq_limit limit = {.size = sizeof limit};
    struct rng rng = {rng_seed(2)};
    pthread_t other;

    (void)state;
    assert_int_equal(tq_limit_parse("1G tokens per 5h rolling", &limit, NULL), 0);
    assert_int_equal(tq_provider_set_limit(passing.provider, &limit, NULL), 1);
    atomic_store(&failures, 0);
    record(&passing, 0);
    assert_int_equal(pthread_create(&other, NULL, start, &job), 0);
    begin_the_new(&passing, &rng);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_int_equal(atomic_load(&failures), 0);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_passed_by)};

    return cmocka_run_group_tests_name("threads, rolling", tests, NULL, NULL);
}
