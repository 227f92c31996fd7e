/* test_threads_hold.c: threads hold, extend, settle and cancel at the edge of a limit while leases end: never
 * is more held and used than there is, and nothing is lost.
 *
 * SPDX-License-Identifier: MIT
 *
 * A sum says what runs, as in test_hold_kill.c: raised after a hold was taken, lowered before it is given up.
 * Some calls do not settle: their leases end while time goes on, and those who need the room free them. What
 * such a call may use is taken off the sum before its lease can end. Others extend a lease that may have
 * ended by then: either the hold is gone, or nobody frees it any more.
 */
#include <inttypes.h>

#include "threads.h"

#define CALLS 20000
#define MOST 100
#define ROOM (2 * MOST + MOST / 2) /* for two of four */
#define NOW_NS MAY_DAY_NS
#define MINUTE_NS (HOUR_NS / 60)

struct shared {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    _Atomic int64_t truth, now_ns;
    _Atomic uint64_t taken, refused;
};

static void write_down(struct shared *shared, int64_t more)
{
    int64_t truth = atomic_fetch_add(&shared->truth, more) + more;

    CHECK(truth <= ROOM, "%" PRId64 " run or were used, of %d", truth, ROOM);
}

/* Lets the lease end: time goes on by more than it. */
static void leave(struct shared *shared)
{
    atomic_fetch_add(&shared->now_ns, 3 * MINUTE_NS);
}

static void call_once(struct job *job, struct shared *shared)
{
    struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS};
    int64_t most = 1 + rng_below_i64(&job->rng, MOST), now_ns = atomic_load(&shared->now_ns);
    struct tq_usage usage = {.size = sizeof usage, .counted = 1 + rng_below_i64(&job->rng, most)};
    struct tq_hold hold = {.size = sizeof hold};
    unsigned kind = rng_below(&job->rng, 16);
    int answer;

    amounts.of[TQ_UNIT_TOKENS] = most;
    /* One that is left, or extended, has a short lease, the others one that no thread outlives. */
    answer = tq_provider_hold(shared->provider, &amounts,
                              kind == 0 || kind == 3 ? MINUTE_NS : 30 * 24 * HOUR_NS, now_ns, &hold);
    CHECK(answer == 0 || answer == 1, "hold answered %d", answer);
    if (answer != 0) {
        atomic_fetch_add(&shared->refused, 1);
        sched_yield();
        return;
    }
    atomic_fetch_add(&shared->taken, 1);
    if (kind == 0) {
        leave(shared);
        return;
    }
    if (kind == 3) {
        sched_yield();
        answer = tq_hold_extend(&hold, 30 * 24 * HOUR_NS, atomic_load(&shared->now_ns));
        CHECK(answer == 0 || answer == 1, "extend answered %d", answer);
        if (answer != 0)
            return;
    }
    write_down(shared, most);
    if (kind % 4 == 0)
        sched_yield();
    if (kind == 1)
        CHECK(tq_hold_extend(&hold, 30 * 24 * HOUR_NS, now_ns) == 0, "a hold is gone");
    write_down(shared, -most);
    if (kind == 2) {
        CHECK(tq_hold_cancel(&hold) == 0, "a hold is gone");
        return;
    }
    CHECK(tq_hold_settle(&hold, &usage, now_ns) >= 0, "not counted");
    CHECK(hold.ended == 0, "a hold is gone");
    write_down(shared, usage.counted);
    write_down(shared, -usage.counted);
    CHECK(tq_provider_correct(shared->provider, usage.counted, now_ns) == 0, "not taken back");
}

static void run_calls(struct job *job)
{
    for (unsigned i = 0; i < times(CALLS) && atomic_load(&failures) == 0; i++)
        call_once(job, job->shared);
}

static void test_an_edge(void **state)
{
    struct shared shared = {.ledger = open_ledger(8, TQ_RULE_OFF)};
    struct tq_limit limit = {.size = sizeof limit,
                             .unit = TQ_UNIT_TOKENS,
                             .window = TQ_WINDOW_ONCE,
                             .known = TQ_LIMIT_AMOUNT,
                             .amount = ROOM};
    struct tq_amounts all = {.size = sizeof all, .known = 1u << TQ_UNIT_TOKENS, .of[TQ_UNIT_TOKENS] = ROOM};
    struct tq_hold hold = {.size = sizeof hold};

    (void)state;
    atomic_store(&shared.now_ns, NOW_NS);
    shared.provider = provider_of(shared.ledger, "p");
    assert_int_equal(tq_provider_set_limit(shared.provider, &limit, NULL), 1);
    run_threads(run_calls, &shared);
    print_message("# %" PRIu64 " taken, %" PRIu64 " refused\n", atomic_load(&shared.taken),
                  atomic_load(&shared.refused));
    assert_true(atomic_load(&shared.taken) > 0);
    assert_int_equal(
        tq_provider_hold(shared.provider, &all, HOUR_NS, atomic_load(&shared.now_ns) + HOUR_NS, &hold), 0);
    tq_ledger_close(shared.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_edge),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("threads_hold", tests, NULL, NULL);
}
