/* test_soonest.c: threads write ends and take them back while others walk: what is known is never later than
 * an end.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each thread marks a provider of its own, so it knows what stands: from the mark's return until it is taken
 * back, tq__soonest_known must not be later. Every thread walks now and then, and may put in what it
 * found. */
#include "threads.h"

#include "src/event.h"

#define NAMES 64 /* enough that ends are written in the middle of a walk */

struct ends {
    struct tq_ledger *ledger;
    struct tq_provider *provider[NAMES];
};

static void write_ends(struct job *job)
{
    struct ends *ends = job->shared;

    for (unsigned i = 0; i < times(400000) && atomic_load(&failures) == 0; i++) {
        struct tq_provider *mine =
            ends->provider[job->number + THREADS * rng_below(&job->rng, NAMES / THREADS)];
        int64_t end_ns = MAY_DAY_NS + rng_below_i64(&job->rng, 8) * DAY_NS, known_ns;

        tq_provider_mark_quota_exhausted(mine, end_ns);
        for (int k = 0; k < 4; k++) {
            known_ns = tq__soonest_known(ends->ledger);
            CHECK(known_ns <= end_ns, "an end at %lld is not known: nothing ends before %lld",
                  (long long)end_ns, (long long)known_ns);
            if (rng_below(&job->rng, 2))
                tq__soonest_find(ends->ledger, 0);
        }
        tq_provider_mark_quota_exhausted(mine, 0);
    }
}

static void test_an_end_is_known_while_it_stands(void **state)
{
    struct ends ends = {.ledger = open_ledger(8, TQ_RULE_OFF)};
    char name[128];

    (void)state;
    for (unsigned i = 0; i < NAMES; i++) {
        name_of(i, name);
        ends.provider[i] = provider_of(ends.ledger, name);
    }
    run_threads(write_ends, &ends);
    assert_int_equal(tq__soonest_find(ends.ledger, 0), INT64_MAX);
    tq_ledger_close(ends.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_end_is_known_while_it_stands),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("soonest", tests, NULL, NULL);
}
