/* test_threads_shared.c: threads that record and correct, one that lists what is exchanged, and one that
 * tells: what was ever counted is never said too high, and in the end it is right to the token.
 *
 * SPDX-License-Identifier: MIT
 */
#include "threads.h"

#define ROUNDS (20000 / SLOWER)
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)

struct shared {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    _Atomic int64_t begun, corrected; /* tokens: before a record, after a correction */
    atomic_uint busy;
};

/* Windows of now, by the number of the limit. */
static int list_now(const struct shared *shared, struct tq_share all[8])
{
    all[0].size = sizeof all[0];
    return tq_provider_shares(shared->provider, NOON_NS, all, 8);
}

/* First it only records, then it only corrects: a sum that is too high is not made up for by what others
 * record. */
static void count(struct job *job)
{
    struct shared *shared = job->shared;
    int64_t own = 0;

    for (unsigned i = 0; i < ROUNDS * times_as_long(); i++) {
        int64_t tokens = 1 + rng_below_i64(&job->rng, 100);

        atomic_fetch_add(&shared->begun, tokens);
        CHECK(tq_provider_record(shared->provider, tokens, NOON_NS, NULL) >= 0, "record");
        own += tokens;
    }
    while (own > 0) {
        int64_t back = 1 + rng_below_i64(&job->rng, 100);

        if (back > own)
            back = own;
        CHECK(tq_provider_correct(shared->provider, back, NOON_NS) == 0, "correct");
        atomic_fetch_add(&shared->corrected, back);
        own -= back;
    }
    atomic_fetch_sub(&shared->busy, 1);
}

static void look(struct job *job)
{
    struct shared *shared = job->shared;
    struct tq_share all[8] = {{0}};

    while (atomic_load(&shared->busy) > 0) {
        int listed = list_now(shared, all);

        for (int i = 0; i < listed; i++) {
            CHECK(all[i].added <= atomic_load(&shared->begun),
                  "more was ever counted than was recorded: %lld", (long long)all[i].added);
            all[i].withheld = all[i].others = rng_below_i64(&job->rng, 1000);
            all[i].withheld_cut = all[i].withheld;
            all[i].size = sizeof all[i];
            CHECK(tq_provider_set_share(shared->provider, &all[i], NOON_NS) == 0, "set_share");
        }
    }
}

static void run(struct job *job)
{
    if (job->number == 0)
        look(job);
    else
        count(job);
}

static void test_corrected(void **state)
{
    const struct tq_limit limit = {.size = sizeof limit,
                                   .unit = TQ_UNIT_TOKENS,
                                   .window = TQ_WINDOW_DAY,
                                   .known = TQ_LIMIT_AMOUNT,
                                   .amount = INT64_C(1) << 39};
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};
    struct shared shared = {.busy = THREADS - 1};
    struct tq_share all[8] = {{0}};

    (void)state;
    assert_int_equal(tq_ledger_open(&shared.ledger, NULL, &options, NULL), 0);
    assert_int_equal(tq_ledger_provider(shared.ledger, "p", 1, 0, &shared.provider), 0);
    assert_int_equal(tq_provider_set_budget(shared.provider, INT64_C(1) << 40), 0);
    assert_int_equal(tq_provider_set_limit(shared.provider, &limit, NULL), 1);
    assert_int_equal(tq_ledger_set_shared_until(shared.ledger, INT64_MAX), 0);
    run_threads(run, &shared);
    assert_int_equal(list_now(&shared, all), 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(all[i].added, shared.begun);
        assert_int_equal(all[i].corrected, shared.corrected);
        assert_int_equal(all[i].used, shared.begun - shared.corrected);
    }
    tq_ledger_close(shared.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_corrected)};

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
