/* test_shared_kill.c: processes that record and correct are killed at any instant: what was ever counted,
 * less what was taken back, is the count, but for one correction of each that was killed; and it is never
 * said too high.
 *
 * SPDX-License-Identifier: MIT
 *
 * 100 kills; with TQ_STRESS=n, 100 n. TQ_SEED draws other numbers.
 */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"

#define KILLS 100
#define BACK 7 /* tokens of each correction */
#define NOW_NS (MAY_DAY_NS + 12 * HOUR_NS)

struct shared {
    _Atomic int64_t begun;     /* tokens, before a record */
    _Atomic int64_t counted;   /* after it */
    _Atomic int64_t corrected; /* after a correction */
    atomic_uint turns;
};

static struct tq_provider *open_provider(const char *path, struct tq_ledger **ledger)
{
    struct tq_provider *provider;

    *ledger = open_file_with(path, 8, TQ_RULE_OFF, 0);
    MUST(tq_ledger_provider(*ledger, "p", 1, 0, &provider) == 0);
    return provider;
}

static void work(const char *path, struct shared *shared, uint64_t seed)
{
    struct tq_ledger *ledger;
    struct tq_provider *provider = open_provider(path, &ledger);
    struct rng rng = {seed};

    for (;;) {
        int64_t tokens = BACK + rng_below_i64(&rng, 100);

        atomic_fetch_add(&shared->begun, tokens);
        MUST(tq_provider_record(provider, tokens, NOW_NS, NULL) >= 0);
        atomic_fetch_add(&shared->counted, tokens);
        MUST(tq_provider_correct(provider, BACK, NOW_NS) == 0);
        atomic_fetch_add(&shared->corrected, BACK);
        atomic_fetch_add(&shared->turns, 1);
    }
}

/* After so many kills: each may have left a record that it did not say, and a correction that is not noted.
 */
static void check_shares(struct tq_provider *provider, const struct shared *shared, int64_t kills)
{
    struct tq_share all[8] = {{.size = sizeof all[0]}};
    int count = tq_provider_shares(provider, NOW_NS, all, 8);

    assert_int_equal(count, 2);
    for (int i = 0; i < count; i++) {
        assert_int_equal(all[i].added - all[i].corrected, all[i].used);
        assert_true(all[i].added <= atomic_load(&shared->begun));
        assert_true(all[i].added >= atomic_load(&shared->counted) - kills * BACK);
        assert_true(all[i].corrected >= atomic_load(&shared->corrected));
        assert_true(all[i].corrected <= atomic_load(&shared->corrected) + kills * BACK);
    }
}

static void test_kills(void **state)
{
    const char *path = scratch_path(state, "ledger"), *stress = getenv("TQ_STRESS");
    const struct tq_limit limit = {.size = sizeof limit, .unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_DAY};
    int64_t kills = KILLS * (stress && *stress ? strtol(stress, NULL, 10) : 1);
    struct rng rng = {rng_seed(1)};
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct tq_ledger *ledger;
    struct tq_provider *provider = open_provider(path, &ledger);

    assert_true(shared != MAP_FAILED);
    assert_int_equal(tq_provider_set_budget(provider, INT64_C(1) << 40), 0);
    assert_int_equal(tq_provider_set_limit(provider, &limit, NULL), 1);
    for (int64_t i = 1; i <= kills; i++) {
        unsigned turns = atomic_load(&shared->turns) + 1 + rng_below(&rng, 50);
        uint64_t seed = rng_next(&rng);
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            work(path, shared, seed);
            _exit(1);
        }
        while (atomic_load(&shared->turns) < turns)
            sched_yield();
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        check_shares(provider, shared, i);
    }
    tq_ledger_close(ledger);
    munmap(shared, sizeof *shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {scratch_test(test_kills)};

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
