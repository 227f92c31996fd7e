/* test_threads_state.c: what threads may see of marks, lists and predictions while others change them.
 *
 * SPDX-License-Identifier: MIT
 *
 *   reset     a record made while usage is forgotten is forgotten or counted, whole
 *   marks     marks, states and lists at once: nobody gets another's mark, nobody is listed twice
 *   forecast  with rule off: what is left in the state when all threads are done is what the rule says
 *   horizon   the same with the horizon's, whose pace is in words of its own
 *   latch     with the original's: a late observation never shortens the mark of a newer one
 *   said      of two refusals at once the later end stands, and no answer to an older request takes it back
 *   probe     a probe that is due is handed to one thread
 */

#include <inttypes.h>

#include "races.h"

/* ---- reset ----------------------------------------------------------------------------------- */

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

/* ---- marks ----------------------------------------------------------------------------------- */

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
        int64_t retry_at_ns = MARK_BASE_NS + (int64_t)index * 1000 + (int64_t)rng_below(&job->rng, 1000);
        int64_t got_ns;
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

/* ---- forecast -------------------------------------------------------------------------------- */

#define ROUNDS_A_DAY 4

/* One record of each racer, so that none puts right what the last one left. Rounds are of three kinds: the
 * last record reaches the budget; it leaves one token; one racer does not record but raises the budget that
 * the other one's record reaches. */
static void begin_round(struct shared_race *shared, unsigned round)
{
    int64_t budget;

    if (round % ROUNDS_A_DAY == 0)
        shared->used = 0;
    shared->used += round % 3 == 2 ? RACERS - 1 : RACERS;
    budget = shared->used + (round % 3 == 1);
    CHECK(tq_provider_set_budget(shared->provider, budget) == 0, "set_budget failed");
}

/* What is left when all are done. */
static void check_round(struct shared_race *shared, unsigned round, int64_t start_ns)
{
    static const char *const why[] = {"the last record reached the budget", "a token is left",
                                      "the budget was raised"};
    int64_t retry_at_ns;
    int state = tq_provider_state(shared->provider, start_ns, &retry_at_ns);

    CHECK(tq_provider_used(shared->provider, start_ns) == shared->used, "the day's total is wrong");
    CHECK(state == (round % 3 == 0) && retry_at_ns == (round % 3 == 0 ? start_ns + DAY_NS : 0),
          "%s, but the state is %d until %" PRId64, why[round % 3], state, retry_at_ns);
}

static void forecast(struct job *job)
{
    struct shared_race *shared = job->shared;

    for (unsigned round = 0; job->number < RACERS; round++) {
        int64_t start_ns = (FIRST_DAY + round / ROUNDS_A_DAY) * DAY_NS;

        if (job->number == 0)
            begin_round(shared, round);
        if (!next_round(job, round))
            return;
        pause_a_little(job);
        if (round % 3 == 2 && job->number == round / 3 % RACERS)
            CHECK(tq_provider_set_budget(shared->provider, INT64_MAX) == 0, "set_budget failed");
        else
            CHECK(tq_provider_record(shared->provider, 1, start_ns, NULL) >= 0, "record failed");
        if (rng_below(&job->rng, 8) == 0) /* a record of the day before must not touch the answer */
            CHECK(tq_provider_record(shared->provider, 1000, start_ns - 1, NULL) >= 0, "late record failed");
        threads_meet(&shared->meeting, RACERS);
        if (job->number == 0)
            check_round(shared, round, start_ns);
    }
}

static void test_forecast(void **state)
{
    (void)state;
    run_race(forecast, TQ_RULE_OFF);
}

/* ---- horizon --------------------------------------------------------------------------------- */

#define HALF_HOUR_NS (HOUR_NS / 2)
#define PACE_ROUNDS_A_DAY 16 /* each in a half hour of its own, with two empty ones behind it */

/* Each racer's record is half of what the half hour took. With the budget one token above what is used, what
 * the half hour took is too much; with two, it just fits. */
static void horizon(struct job *job)
{
    struct shared_race *shared = job->shared;

    for (unsigned round = 0; job->number < RACERS; round++) {
        int64_t start_ns = (FIRST_DAY + round / PACE_ROUNDS_A_DAY) * DAY_NS;
        int64_t now_ns = start_ns + (int64_t)(round % PACE_ROUNDS_A_DAY) * 3 * HALF_HOUR_NS;
        int64_t room = 1 + round % 2 * (RACERS - 1);

        if (job->number == 0) {
            shared->used = round % PACE_ROUNDS_A_DAY == 0 ? RACERS : shared->used + RACERS;
            CHECK(tq_provider_set_budget(shared->provider, shared->used + room) == 0, "set_budget failed");
        }
        if (!next_round(job, round))
            return;
        pause_a_little(job);
        CHECK(tq_provider_record(shared->provider, 1, now_ns, NULL) >= 0, "record failed");
        threads_meet(&shared->meeting, RACERS);
        if (job->number == 0)
            CHECK(tq_provider_state(shared->provider, now_ns, NULL) == (room < RACERS),
                  "%" PRId64 " used, %" PRId64 " left, %d taken in this half hour, but the state is %d",
                  shared->used, room, RACERS, room >= RACERS);
    }
}

static void test_horizon(void **state)
{
    (void)state;
    run_race(horizon, TQ_RULE_HORIZON);
}

/* ---- said ------------------------------------------------------------------------------------ */

#define SECOND_NS INT64_C(1000000000)

static void refuse(struct shared_race *shared, int64_t said_at_ns, int64_t retry_at_ns)
{
    struct tq_quota_signal signal = {.size = sizeof signal,
                                     .refusal = TQ_CLASS_EXHAUSTED,
                                     .binds = -1,
                                     .said_at_ns = said_at_ns,
                                     .retry_at_ns = retry_at_ns};

    CHECK(tq_provider_apply(shared->provider, &signal) == TQ_QUOTA_EXHAUSTED, "a refusal did not exclude");
}

/* Each refuses, one until later than the other, and then sees the answer of a request that was sent before
 * both. */
static void said(struct job *job)
{
    struct shared_race *shared = job->shared;

    for (unsigned round = 0; job->number < RACERS; round++) {
        int64_t now_ns = FIRST_DAY * DAY_NS + (int64_t)round * 1000 * SECOND_NS, retry_at_ns;
        bool longer = (job->number + round) % RACERS == 0;

        if (!next_round(job, round))
            return;
        pause_a_little(job);
        refuse(shared, now_ns + job->number * SECOND_NS, now_ns + (longer ? 500 : 50) * SECOND_NS);
        CHECK(tq_provider_success(shared->provider, now_ns - 1) == 0, "success failed");
        threads_meet(&shared->meeting, RACERS);
        if (job->number != 0)
            continue;
        CHECK(tq_provider_state(shared->provider, now_ns, &retry_at_ns) == TQ_QUOTA_EXHAUSTED &&
                  retry_at_ns == now_ns + 500 * SECOND_NS,
              "round %u: out until %" PRId64 ", not until %" PRId64, round, retry_at_ns,
              now_ns + 500 * SECOND_NS);
    }
}

static void test_said(void **state)
{
    (void)state;
    run_race(said, TQ_RULE_OFF);
}

/* ---- probe ----------------------------------------------------------------------------------- */

static void probe(struct job *job)
{
    struct shared_race *shared = job->shared;

    for (unsigned round = 0; job->number < RACERS; round++) {
        int64_t said_at_ns = FIRST_DAY * DAY_NS + (int64_t)round * 2 * HOUR_NS;

        if (job->number == 0) {
            atomic_store(&shared->taken, 0);
            CHECK(tq_provider_mark_available(shared->provider) == 0, "mark_available failed");
            refuse(shared, said_at_ns, 0);
        }
        if (!next_round(job, round))
            return;
        pause_a_little(job);
        if (tq_provider_probe_take(shared->provider, said_at_ns + HOUR_NS, NULL) == 0)
            atomic_fetch_add(&shared->taken, 1);
        threads_meet(&shared->meeting, RACERS);
        if (job->number == 0)
            CHECK(atomic_load(&shared->taken) == 1, "%u have the probe", atomic_load(&shared->taken));
    }
}

static void test_probe(void **state)
{
    (void)state;
    run_race(probe, TQ_RULE_OFF);
}

/* ---- latch ----------------------------------------------------------------------------------- */

/* One racer observes the first record of a day while the other observes one of the day before, which was the
 * newest until then. Both are exhausted; the mark must be the newer day's, whoever comes first. */
static void latch(struct job *job)
{
    struct shared_race *shared = job->shared;

    for (unsigned round = 0; job->number < RACERS && next_round(job, round); round++) {
        int64_t start_ns = (FIRST_DAY + round) * DAY_NS, retry_at_ns;
        bool late = (job->number + round) % RACERS != 0;

        pause_a_little(job);
        CHECK(tq_provider_observe(shared->provider, 1, late ? start_ns - 1 : start_ns, NULL) == TQ_EXHAUSTED,
              "observe did not say exhausted");
        threads_meet(&shared->meeting, RACERS);
        if (job->number != 0)
            continue;
        CHECK(tq_provider_state(shared->provider, start_ns, &retry_at_ns) == TQ_QUOTA_EXHAUSTED &&
                  retry_at_ns == start_ns + DAY_NS,
              "a late observation took the mark of day %u back to %" PRId64, round, retry_at_ns);
    }
}

static void test_latch(void **state)
{
    (void)state;
    run_race(latch, TQ_RULE_ORIGINAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset),   cmocka_unit_test(test_marks), cmocka_unit_test(test_forecast),
        cmocka_unit_test(test_horizon), cmocka_unit_test(test_latch), cmocka_unit_test(test_said),
        cmocka_unit_test(test_probe),
    };

    return cmocka_run_group_tests_name("threads, state", tests, NULL, NULL);
}
