/* test_threads_forget.c: forget, rule and reset against threads that record.
 *
 * SPDX-License-Identifier: MIT
 *
 *   forget  what is counted after all is said and done is visible
 *   words   so is a mark, a budget, a rule or a vendor's word
 *   rule    what the old rule predicted does not outlive set_rule
 *   reset   a provider that is spent after a reset is out; a late record brings no marked provider back
 *
 * Each is rounds: the threads meet, one does what it does in the middle of the others' records, all meet
 * again, and then the ledger must say what is true.
 */

#include "threads.h"

#define NOW_NS (FIRST_DAY * DAY_NS + 12 * HOUR_NS)
#define END_NS (FIRST_DAY * DAY_NS + DAY_NS)
#define RECORDS 60
#define BUDGET 1000

struct storm {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    unsigned rounds;
    struct meeting meeting;
    void (*one)(struct job *, unsigned round);                   /* what thread 0 does */
    void (*others)(struct job *, unsigned round, unsigned turn); /* what the others do again and again */
    void (*look)(struct storm *);                                /* then thread 0 looks */
};

static void run_rounds(struct job *job)
{
    struct storm *storm = job->shared;

    for (unsigned round = 0; round < storm->rounds; round++) {
        threads_meet(&storm->meeting, THREADS);
        if (job->number == 0) {
            for (unsigned pause = rng_below(&job->rng, 2000); pause > 0; pause--)
                atomic_signal_fence(memory_order_seq_cst);
            storm->one(job, round);
        } else {
            for (unsigned i = 0; i < RECORDS; i++)
                storm->others(job, round, i);
        }
        threads_meet(&storm->meeting, THREADS);
        if (job->number == 0)
            storm->look(storm);
    }
}

static void run_storm(struct storm storm, uint32_t rule)
{
    storm.ledger = open_ledger(8, rule);
    storm.provider = provider_of(storm.ledger, "a");
    storm.rounds = times(3000);
    run_threads(run_rounds, &storm);
    tq_ledger_close(storm.ledger);
}

static struct tq_provider *of(const struct job *job)
{
    return ((struct storm *)job->shared)->provider;
}

/* ---- forget ---------------------------------------------------------------------------------- */

static void forget(struct job *job, unsigned round)
{
    (void)round;
    CHECK(tq_provider_forget(of(job)) == 0, "forget");
}

static void record(struct job *job, unsigned round, unsigned i)
{
    (void)round;
    (void)i;
    CHECK(tq_provider_observe(of(job), 1, NOW_NS, NULL) >= 0, "observe");
}

static bool is_shown(struct tq_ledger *ledger)
{
    struct tq_provider *provider;
    uint64_t cursor = 0;

    return tq_ledger_walk(ledger, &cursor, &provider) == 0;
}

static void look_counted(struct storm *storm)
{
    CHECK(tq_provider_used(storm->provider, NOW_NS) == 0 || is_shown(storm->ledger), "counted, and hidden");
}

static void test_forget(void **state)
{
    (void)state;
    for (uint32_t rule = TQ_RULE_ORIGINAL; rule <= TQ_RULE_HORIZON; rule++)
        run_storm((struct storm){.one = forget, .others = record, .look = look_counted}, rule);
}

static void say_something(struct job *job, unsigned round, unsigned i)
{
    struct tq_quota_signal signal = {.size = sizeof signal,
                                     .refusal = i % 8 == 3 ? TQ_CLASS_EXHAUSTED : TQ_CLASS_THROTTLED,
                                     .binds = -1,
                                     .said_at_ns = NOW_NS + round,
                                     .retry_at_ns = END_NS + i};

    if (rng_below(&job->rng, RECORDS) !=
        0) /* rarely twice in a round: the second would unhide for the first */
        return;
    if (i % 4 == 0)
        tq_provider_mark_quota_exhausted(of(job), END_NS + i);
    else if (i % 4 == 1)
        tq_provider_set_budget(of(job), BUDGET + i);
    else if (i % 4 == 2)
        tq_provider_set_rule(of(job), TQ_RULE_OFF);
    else
        tq_provider_apply(of(job), &signal);
}

static void look_said(struct storm *storm)
{
    struct tq_verdict verdict = {.size = sizeof verdict};

    CHECK(tq_provider_verdict(storm->provider, NOW_NS, &verdict) >= 0, "verdict");
    CHECK((verdict.reasons == 0 && verdict.budget == 0 && tq_provider_rule(storm->provider) == 0) ||
              is_shown(storm->ledger),
          "reasons %x, budget %lld, and hidden", (unsigned)verdict.reasons, (long long)verdict.budget);
}

static void test_words(void **state)
{
    (void)state;
    run_storm((struct storm){.one = forget, .others = say_something, .look = look_said}, TQ_RULE_OFF);
}

/* ---- rule ------------------------------------------------------------------------------------ */

static void change_rule(struct job *job, unsigned round)
{
    static const uint32_t rules[] = {TQ_RULE_ORIGINAL, TQ_RULE_HORIZON, TQ_RULE_ORIGINAL, TQ_RULE_OFF};

    tq_provider_set_rule(of(job), rules[round % 4]);
}

static void spend(struct job *job, unsigned round, unsigned i)
{
    (void)i;
    if (round % 8 < 4)
        tq_provider_reset(of(job));
    tq_provider_set_budget(of(job), BUDGET);
    CHECK(tq_provider_record(of(job), 600, NOW_NS, NULL) >= 0, "record");
}

/* Under the rule that is set now: the original's predicts nothing; the others', that what is spent is out. */
static void look_predicted(struct storm *storm)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    const uint32_t predicted = 1u << TQ_REASON_PREDICTED, spent = 1u << TQ_REASON_SPENT;

    CHECK(tq_provider_verdict(storm->provider, NOW_NS, &verdict) >= 0, "verdict");
    if (verdict.rule == TQ_RULE_ORIGINAL)
        CHECK((verdict.reasons & (predicted | spent)) == 0, "a word of the old rule: %x",
              (unsigned)verdict.reasons);
    else
        CHECK((verdict.used >= verdict.budget) == ((verdict.reasons & spent) != 0), "%lld of %lld used: %x",
              (long long)verdict.used, (long long)verdict.budget, (unsigned)verdict.reasons);
    if (verdict.rule == TQ_RULE_OFF)
        CHECK((verdict.reasons & predicted) == 0, "rule off predicts nothing");
}

static void test_rule(void **state)
{
    (void)state;
    run_storm((struct storm){.one = change_rule, .others = spend, .look = look_predicted}, TQ_RULE_OFF);
}

/* ---- reset ----------------------------------------------------------------------------------- */

static void reset(struct job *job, unsigned round)
{
    (void)round;
    CHECK(tq_provider_reset(of(job)) == 0, "reset");
}

static void spend_half(struct job *job, unsigned round, unsigned i)
{
    (void)round;
    if (i == 0)
        tq_provider_set_budget(of(job), BUDGET);
    CHECK(tq_provider_record(of(job), i < RECORDS / 2 ? BUDGET / 2 : 1, NOW_NS, NULL) >= 0, "record");
}

static void test_reset(void **state)
{
    (void)state;
    run_storm((struct storm){.one = reset, .others = spend_half, .look = look_predicted}, TQ_RULE_OFF);
}

/* Thread 1 marks by spending today; the others record yesterday. */
static void mark_and_come_late(struct job *job, unsigned round, unsigned i)
{
    int64_t now_ns = job->number == 1 ? NOW_NS : NOW_NS - DAY_NS;

    if (round % 2 == 0 && i == 0)
        tq_provider_set_budget(of(job), BUDGET);
    CHECK(tq_provider_observe(of(job), BUDGET, now_ns, NULL) == TQ_EXHAUSTED, "observe");
    if (job->number == 1)
        CHECK(tq_provider_state(of(job), NOW_NS, NULL) == TQ_QUOTA_EXHAUSTED, "marked, and back");
}

static void look_marked(struct storm *storm)
{
    CHECK(tq_provider_state(storm->provider, NOW_NS, NULL) == TQ_QUOTA_EXHAUSTED, "marked, and back");
}

static void test_reset_and_late_records(void **state)
{
    (void)state;
    run_storm((struct storm){.one = reset, .others = mark_and_come_late, .look = look_marked},
              TQ_RULE_ORIGINAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_rule),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_reset_and_late_records),
    };

    return cmocka_run_group_tests_name("threads_forget", tests, NULL, NULL);
}
