/* test_threads_care.c: races under the rule care: what is left when all are done is what the rule says then.
 *
 * SPDX-License-Identifier: MIT
 *
 *   care    two records whose half hour and mean call decide about the day's budget
 *   set     a record while the provider's care is set: no prediction of the old care is left
 *   limit   two records that decide about a limit: what readers find, and that a record found it, too
 *
 * The mean call is loaded and stored in two steps: a record that races may be missing in it. What the rule
 * says of the word that is left must hold all the same.
 */

#include <inttypes.h>

#include "races.h"
#include "src/limits.h"
#include "src/rule.h"

#define PREPARED_NS (FIRST_DAY * DAY_NS + 6 * HOUR_NS)
#define RACED_NS (FIRST_DAY * DAY_NS + 8 * HOUR_NS + 7)
#define DAY_END_NS ((FIRST_DAY + 1) * DAY_NS)
#define PREPARED 5 /* records before a race */

/* What a race is about: the size of the records before it and in it, and what they leave. */
static const struct stake {
    int64_t before, tokens, room;
} stakes[] = {
    {1000, 1, 958},  /* the mean call falls: of 7,001 / 8 it is too much, of 6,126 / 8 not */
    {100, 200, 154}, /* it rises: of 900 / 8 not too much, of 988 / 8 it is; the half hour took too much */
    {1, 4, 9},       /* 5/4 of the half hour's 8 are more, of one record's 4 less */
    {1, 4, 10},      /* they just fit */
};
#define STAKES (sizeof stakes / sizeof *stakes)

static int64_t used_of(const struct stake *stake)
{
    return PREPARED * stake->before + RACERS * stake->tokens;
}

/* As if the provider were a new one. */
static void prepare(struct shared_race *shared, const struct stake *stake)
{
    CHECK(tq_provider_reset(shared->provider) == 0, "reset failed");
    for (int i = 0; i < PREPARED; i++)
        CHECK(tq_provider_record(shared->provider, stake->before, PREPARED_NS, NULL) >= 0, "record failed");
}

/* What the records of a race left in the notes of a unit. */
static void check_notes(const struct stake *stake, struct tq__notes notes)
{
    const struct tq__noted noted = tq__notes_read(notes, tq__half_hour_of(RACED_NS), RACED_NS);
    uint64_t one = tq__call_add(8 * (uint64_t)stake->before, (uint64_t)stake->tokens);

    CHECK(noted.half.now == (uint64_t)(RACERS * stake->tokens), "%" PRIu64 " noted of %" PRId64,
          noted.half.now, RACERS * stake->tokens);
    CHECK(noted.half.before == 0, "%" PRIu64 " noted in the half hour before", noted.half.before);
    CHECK(noted.call == one || noted.call == tq__call_add(one, (uint64_t)stake->tokens),
          "8 times the mean call is %" PRIu64, noted.call);
}

static bool call_exceeds(const struct stake *stake, struct tq__notes notes)
{
    int64_t budget = used_of(stake) + stake->room;

    return 4 * stake->room < budget && 32 * stake->room < TQ_CARE_DEFAULT * (int64_t)*notes.mean_call;
}

static bool took_exceeds(const struct stake *stake)
{
    return 4 * stake->room < TQ_CARE_DEFAULT * RACERS * stake->tokens;
}

/* ---- the day's budget ------------------------------------------------------------------------- */

static void check_care(struct shared_race *shared, const struct stake *stake, unsigned round)
{
    struct tq__notes notes = tq__notes_of_tokens(tq__provider_slot(shared->provider));
    bool call = call_exceeds(stake, notes), took = took_exceeds(stake);
    int64_t retry_at_ns;
    int state = tq_provider_state(shared->provider, RACED_NS, &retry_at_ns);

    check_notes(stake, notes);
    CHECK(tq_provider_used(shared->provider, RACED_NS) == used_of(stake), "the day's total is wrong");
    CHECK(state == (call || took),
          "round %u: %" PRId64 " left of the budget, 8 times the mean call is %" PRIu64
          ", but the state is %d",
          round, stake->room, *notes.mean_call, state);
    CHECK((retry_at_ns == DAY_END_NS) == call, "round %u: the state is %d until %" PRId64, round, state,
          retry_at_ns);
}

static void care(struct job *job)
{
    struct shared_race *shared = job->shared;

    for (unsigned round = 0; job->number < RACERS; round++) {
        const struct stake *stake = &stakes[round % STAKES];

        if (job->number == 0) {
            prepare(shared, stake);
            CHECK(tq_provider_set_budget(shared->provider, used_of(stake) + stake->room) == 0,
                  "set_budget failed");
        }
        if (!next_round(job, round))
            return;
        pause_a_little(job);
        CHECK(tq_provider_record(shared->provider, stake->tokens, RACED_NS, NULL) >= 0, "record failed");
        threads_meet(&shared->meeting, RACERS);
        if (job->number == 0)
            check_care(shared, stake, round);
    }
}

static void test_care(void **state)
{
    (void)state;
    run_race(care, TQ_RULE_CARE);
}

/* ---- set -------------------------------------------------------------------------------------- */

/* With a care of 8 a call of 710 / 8 is more than the 60 that are left, with one of 1/4 it is not. What is
 * set clears what was predicted, and the next record predicts anew. */
static void set(struct job *job)
{
    static const struct stake stake = {.before = 100, .tokens = 10, .room = 60};
    struct shared_race *shared = job->shared;

    for (unsigned round = 0; job->number < RACERS; round++) {
        bool careful = round % 2; /* in the end */
        int64_t retry_at_ns;

        if (job->number == 0) {
            prepare(shared, &stake);
            CHECK(tq_provider_set_care(shared->provider, careful ? 1 : TQ_CARE_MAX) == 0, "set_care failed");
            CHECK(tq_provider_set_budget(shared->provider, PREPARED * stake.before + 70) == 0,
                  "set_budget failed");
        }
        if (!next_round(job, round))
            return;
        pause_a_little(job);
        if (job->number == round / 2 % RACERS)
            CHECK(tq_provider_set_care(shared->provider, careful ? TQ_CARE_MAX : 1) == 0, "set_care failed");
        else
            CHECK(tq_provider_record(shared->provider, stake.tokens, RACED_NS, NULL) >= 0, "record failed");
        threads_meet(&shared->meeting, RACERS);
        if (job->number != 0)
            continue;
        (void)tq_provider_state(shared->provider, RACED_NS, &retry_at_ns);
        CHECK(retry_at_ns == 0 || (careful && retry_at_ns == DAY_END_NS),
              "round %u: set %s care, but out until %" PRId64, round, careful ? "all" : "little",
              retry_at_ns);
        CHECK(tq_provider_record(shared->provider, 0, RACED_NS, NULL) == (careful ? TQ_EXHAUSTED : 0),
              "round %u: the next record finds something else", round);
    }
}

static void test_set(void **state)
{
    (void)state;
    run_race(set, TQ_RULE_CARE);
}

/* ---- a limit ---------------------------------------------------------------------------------- */

static void check_limit(struct shared_race *shared, const struct stake *stake, unsigned round)
{
    struct tq__slot *slot = tq__provider_slot(shared->provider);
    struct tq__limits *limits = tq__limits_of(shared->provider->ledger, slot);
    struct tq__notes notes = {limits->half_hour[TQ_UNIT_TOTAL], &limits->mean_call[TQ_UNIT_TOTAL]};
    bool call = call_exceeds(stake, notes), out = call || took_exceeds(stake);
    struct tq_verdict verdict = {.size = sizeof verdict};
    int state = tq_provider_verdict(shared->provider, RACED_NS, &verdict);

    check_notes(stake, notes);
    CHECK(verdict.limit_used == used_of(stake), "%" PRId64 " used, not %" PRId64, verdict.limit_used,
          used_of(stake));
    CHECK(state == out && tq_provider_state(shared->provider, RACED_NS, NULL) == out,
          "round %u: %" PRId64 " left of the limit, 8 times the mean call is %" PRIu64
          ", but the state is %d",
          round, stake->room, *notes.mean_call, state);
    CHECK(!out || verdict.expects == (call ? TQ_EXPECTS_CALL : TQ_EXPECTS_HALF_HOUR), "it expects %u",
          verdict.expects);
    CHECK((atomic_load(&shared->taken) > 0) >= out, "round %u: out, and no record found it", round);
}

static void limit(struct job *job)
{
    struct shared_race *shared = job->shared;

    for (unsigned round = 0; job->number < RACERS; round++) {
        const struct stake *stake = &stakes[round % STAKES];
        const struct tq_limit total = {.size = sizeof total,
                                       .unit = TQ_UNIT_TOTAL,
                                       .window = TQ_WINDOW_DAY,
                                       .known = TQ_LIMIT_AMOUNT,
                                       .amount = used_of(stake) + stake->room};

        if (job->number == 0) {
            atomic_store(&shared->taken, 0);
            CHECK(tq_provider_set_limit(shared->provider, &total, NULL) == 1, "set_limit failed");
            CHECK(tq_provider_set_budget(shared->provider, 0) == 0, "set_budget failed");
            prepare(shared, stake);
        }
        if (!next_round(job, round))
            return;
        pause_a_little(job);
        if (tq_provider_record(shared->provider, stake->tokens, RACED_NS, NULL) == TQ_EXHAUSTED)
            atomic_fetch_add(&shared->taken, 1);
        threads_meet(&shared->meeting, RACERS);
        if (job->number == 0)
            check_limit(shared, stake, round);
    }
}

static void test_limit(void **state)
{
    (void)state;
    run_race(limit, TQ_RULE_CARE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_care),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_limit),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("threads, care", tests, NULL, NULL);
}
