/* test_limits_clock.c: limits while the machine's clock is wrong: windows that it turned are taken back, and
 * a window that lost its count is named; and what a wait for the next end sees of limits.
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"
#include "src/limits.h"
#include "system_fake.h"

#define MINUTE_NS (HOUR_NS / 60)
#define AHEAD_NS (5 * MINUTE_NS)
#define NOW_NS (MAY_DAY_NS + 12 * HOUR_NS + 7 * MINUTE_NS)

static const char *const sentences[] = {
    "99 tokens per day",         "99 tokens per day Asia/Tokyo", "99 tokens per 15m from 2024-01-01",
    "99 tokens per month",       "99 tokens per 5h first-use",   "99 tokens per 15m first-use",
    "99 tokens per 24h rolling", "99 tokens per 15m rolling",    "99 tokens per hour refill",
};
#define SENTENCES (sizeof sentences / sizeof *sentences)

static struct tq_ledger *open_limited(void **state)
{
    struct tq_ledger_options options = {
        .size = sizeof options, .history_days = 8, .rule = TQ_RULE_OFF, .max_ahead_ns = AHEAD_NS};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, NULL), 0);
    return ledger;
}

static int clock_teardown(void **state)
{
    fake_system.now_ns = 0;
    fake_system.step_ns = 0;
    return scratch_teardown(state);
}

/* A provider with one limit. */
static struct tq_provider *limited(struct tq_ledger *ledger, const char *name, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider = handle(ledger, name);

    if (tq_limit_parse(sentence, &limit, &error) != 0 || tq_provider_set_limit(provider, &limit, &error) != 1)
        fail_msg("%s", error.msg);
    return provider;
}

static struct tq_limit_state look(const struct tq_provider *provider, int64_t now_ns)
{
    struct tq_limit_state got = {.size = sizeof got};

    assert_int_equal(tq_provider_limits(provider, now_ns, &got, 1), 1);
    return got;
}

static int record(struct tq_provider *provider, int64_t tokens, int64_t at_ns)
{
    return tq_provider_record(provider, tokens, at_ns, NULL);
}

/* ---- records that a right clock refuses ------------------------------------------------------- */

/* Nothing is counted, no window turns, and what is in the limit stays. */
static void test_refused_ahead(void **state)
{
    struct tq_ledger *ledger = open_limited(state);

    fake_system.now_ns = NOW_NS;
    for (size_t i = 0; i < SENTENCES; i++) {
        struct tq_provider *provider = limited(ledger, sentences[i], sentences[i]);
        struct tq_limit_state before, after;

        assert_int_equal(record(provider, 5, NOW_NS), 0);
        before = look(provider, NOW_NS);
        assert_int_equal(record(provider, 7, NOW_NS + 40 * DAY_NS), TQ_ECLOCK);
        after = look(provider, NOW_NS);
        assert_memory_equal(&before, &after, sizeof before);
        assert_int_equal(after.used, 5);
        assert_int_equal(record(provider, 1, NOW_NS + 1), 0);
        assert_int_equal(look(provider, NOW_NS + 1).used, 6);
        assert_int_equal(look(provider, NOW_NS + 1).taken, 0);
    }
    tq_ledger_close(ledger);
}

/* ---- the word that saves the first look (limits.h) --------------------------------------------- */

static struct tq__limits *limits_of(struct tq_ledger *ledger, struct tq_provider *provider)
{
    return tq__limits_of(ledger, tq__provider_slot(provider));
}

/* The length of the time for which the word says that no window needs a turn. */
static uint64_t ready_length(struct tq_ledger *ledger, struct tq_provider *provider)
{
    return atomic_load(&limits_of(ledger, provider)->ready) >> 16 & 0xffffff;
}

/* A word that says so of all times, as damage may leave it, turns no window by a wrong clock. The next record
 * finds the word void. */
static void test_a_word_that_lies(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    uint32_t refused = 0;

    fake_system.now_ns = NOW_NS;
    for (size_t i = 0; i < SENTENCES; i++) {
        struct tq_provider *provider = limited(ledger, sentences[i], sentences[i]);
        struct tq__limit *line = limits_of(ledger, provider)->line;
        struct tq_limit_state before, after;
        uint64_t bound;
        char name[64];

        snprintf(name, sizeof name, "%zu", i);
        assert_int_equal(record(provider, 5, NOW_NS), 0);
        before = look(provider, NOW_NS);
        bound = atomic_load(&line->bound);
        atomic_store(&limits_of(ledger, provider)->ready, UINT64_C(0xffffff) << 16);
        assert_int_equal(record(provider, 7, NOW_NS + 3 * HOUR_NS), 0); /* the day counts it */
        provider = limited(ledger, name, sentences[i]);
        assert_int_equal(record(provider, 5, NOW_NS), 0);
        if (record(provider, 7, NOW_NS + 3 * HOUR_NS) == 0)
            continue; /* its window was open: no clock is asked */
        refused++;
        provider = handle(ledger, sentences[i]);
        after = look(provider, NOW_NS);
        if (memcmp(&before, &after, sizeof before) != 0 || atomic_load(&line->bound) != bound)
            fail_msg("%s: turned by a wrong clock", sentences[i]);
        assert_int_equal(ready_length(ledger, provider), 0);
        assert_int_equal(record(provider, 7, NOW_NS + 3 * HOUR_NS), TQ_ECLOCK);
        assert_int_equal(record(provider, 1, NOW_NS + 1), 0);
        assert_int_equal(look(provider, NOW_NS + 1).used, 6);
        assert_int_equal(look(provider, NOW_NS + 1).taken, 0);
    }
    assert_true(refused >= 4);
    tq_ledger_close(ledger);
}

/* The word is void when a limit is new and when a window turns: before it counts anywhere, a record is
 * refused as ever. */
static void test_a_word_is_void_after_a_change(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider = limited(ledger, "a", "99 tokens per day");
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct tq_limit limit = {.size = sizeof limit};

    fake_system.now_ns = NOW_NS;
    assert_int_equal(record(provider, 1, NOW_NS), 0);
    assert_int_equal(record(provider, 1, NOW_NS), 0);
    assert_int_equal(ready_length(ledger, provider), 4 * 24);
    assert_int_equal(tq_limit_parse("99 tokens per 15m from 2024-01-01", &limit, NULL), 0);
    assert_int_equal(tq_provider_set_limit(provider, &limit, NULL), 2);
    assert_int_equal(ready_length(ledger, provider), 0);
    assert_int_equal(record(provider, 7, NOW_NS + 3 * HOUR_NS), TQ_ECLOCK);
    assert_int_equal(tq_provider_verdict(provider, NOW_NS, &verdict), TQ_AVAILABLE);
    assert_int_equal(verdict.used, 2);
    assert_int_equal(record(provider, 1, NOW_NS), 0);
    assert_int_equal(record(provider, 1, NOW_NS), 0);
    assert_int_equal(ready_length(ledger, provider), 1);
    fake_system.now_ns = NOW_NS + 15 * MINUTE_NS;
    assert_int_equal(record(provider, 1, NOW_NS + 15 * MINUTE_NS), 0);
    assert_int_equal(ready_length(ledger, provider), 0);
    assert_int_equal(record(provider, 7, NOW_NS + 3 * HOUR_NS), TQ_ECLOCK);
    assert_int_equal(tq_provider_verdict(provider, NOW_NS, &verdict), TQ_AVAILABLE);
    assert_int_equal(verdict.used, 5);
    tq_ledger_close(ledger);
}

/* A window that begins within the limit after the clock stands: a record of before is late, and counts in its
 * own. */
static void test_a_little_ahead_stands(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider = limited(ledger, "a", "99 tokens per day");
    int64_t midnight_ns = MAY_DAY_NS + DAY_NS;

    fake_system.now_ns = midnight_ns - MINUTE_NS;
    assert_int_equal(record(provider, 5, midnight_ns - MINUTE_NS), 0);
    assert_int_equal(record(provider, 7, midnight_ns + 4 * MINUTE_NS), 0);
    assert_int_equal(record(provider, 1, midnight_ns - MINUTE_NS), 0);
    assert_int_equal(look(provider, midnight_ns - 1).used, 6);
    assert_int_equal(look(provider, midnight_ns).used, 7);
    assert_int_equal(look(provider, midnight_ns).taken, 0);
    assert_int_equal(look(provider, midnight_ns - 1).taken, 0);
    tq_ledger_close(ledger);
}

/* ---- windows that a wrong clock turned -------------------------------------------------------- */

static bool has_windows(const struct tq_limit_state *got)
{
    return got->limit.window <= TQ_WINDOW_FIRST_USE;
}

/* The clock is ahead by some time, counts, and is set right. What is counted then is all there, or the limit
 * says that a wrong clock took it; the counts of the future are void. */
static void ahead_and_back(struct tq_ledger *ledger, const char *sentence, int64_t off_ns)
{
    struct tq_limit_state got, wrong;
    struct tq_provider *provider;
    char name[100];

    snprintf(name, sizeof name, "%s, %" PRId64, sentence, off_ns);
    fake_system.now_ns = NOW_NS;
    provider = limited(ledger, name, sentence);
    assert_int_equal(record(provider, 5, NOW_NS), 0);
    fake_system.now_ns = NOW_NS + off_ns;
    assert_int_equal(record(provider, 7, NOW_NS + off_ns), 0);
    wrong = look(provider, NOW_NS + off_ns);
    assert_true(wrong.used >= 7);
    fake_system.now_ns = NOW_NS + MINUTE_NS;
    assert_in_range(record(provider, 3, NOW_NS + MINUTE_NS), 0, 1);
    got = look(provider, NOW_NS + MINUTE_NS);
    if (got.limit.window == TQ_WINDOW_REFILL && off_ns <= HOUR_NS + AHEAD_NS)
        return; /* what is less than a length ahead stands: docs/windows.md says so */
    if (got.used < 8 ? got.used < 3 || !got.taken
                     : got.used > 8 && !(has_windows(&got) && got.start_at_ns == wrong.start_at_ns))
        fail_msg("%s: %" PRId64 " used, taken %u", name, got.used, got.taken);
    if (got.taken)
        assert_int_equal(got.out_at_ns, 0); /* what is left of the count is no pace */
    assert_int_equal(record(provider, 1, NOW_NS + MINUTE_NS), 0);
    assert_int_equal(look(provider, NOW_NS + MINUTE_NS).used, got.used + 1);
    assert_true(look(provider, NOW_NS + off_ns).used <= got.used + 1);
    if (has_windows(&got) && got.end_at_ns <= NOW_NS + off_ns) {
        assert_int_equal(look(provider, NOW_NS + off_ns).used, 0);
        assert_int_equal(look(provider, got.end_at_ns).taken,
                         got.limit.window == TQ_WINDOW_FIRST_USE && got.taken);
        fake_system.now_ns = NOW_NS + off_ns; /* the future comes */
        assert_int_equal(record(provider, 2, NOW_NS + off_ns), 0);
        assert_int_equal(look(provider, NOW_NS + off_ns).used, 2);
        assert_int_equal(look(provider, NOW_NS + off_ns + 400 * DAY_NS).taken, 0);
        return;
    }
    fake_system.now_ns = NOW_NS + off_ns;
    assert_in_range(record(provider, 2, NOW_NS + off_ns), 0, 1);
    if (look(provider, NOW_NS + off_ns).used > got.used + 3)
        fail_msg("%s: %" PRId64 " used, %" PRId64 " before", name, look(provider, NOW_NS + off_ns).used,
                 got.used);
}

static void test_taken_back(void **state)
{
    static const int64_t offs_ns[] = {HOUR_NS,       6 * HOUR_NS,  DAY_NS,       2 * DAY_NS,
                                      3 * DAY_NS,    31 * DAY_NS,  62 * DAY_NS,  400 * DAY_NS,
                                      5000 * DAY_NS, 683 * DAY_NS, 777 * DAY_NS, 1555 * DAY_NS};
    struct tq_ledger *ledger = open_limited(state);

    for (size_t i = 0; i < SENTENCES; i++)
        for (size_t k = 0; k < sizeof offs_ns / sizeof *offs_ns; k++)
            ahead_and_back(ledger, sentences[i], offs_ns[k]);
    tq_ledger_close(ledger);
}

/* A clock that is wrong now and then, by days. At each step what the limit shows is all that was counted in
 * the window, or it says what happened; and counts of the future never show. */
static void test_random_clock(void **state)
{
    struct rng rng = {rng_seed(1)};
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider = limited(ledger, "a", "tokens per 5h from 2024-05-01");
    int64_t true_ns = NOW_NS, begin_ns = 0, counted = 0;

    for (int i = 0; i < 20000; i++) {
        int64_t wrong_ns = rng_below(&rng, 30) ? 0 : (1 + rng_below_i64(&rng, 300)) * HOUR_NS;
        struct tq_limit_state got;

        true_ns += rng_below_i64(&rng, 20 * MINUTE_NS);
        fake_system.now_ns = true_ns + wrong_ns;
        if (record(provider, 1, true_ns + wrong_ns) != 0)
            continue; /* a day that was replaced */
        if (wrong_ns != 0)
            continue;
        got = look(provider, true_ns);
        if (got.start_at_ns != begin_ns)
            counted = 0;
        begin_ns = got.start_at_ns;
        counted++;
        assert_true(true_ns >= begin_ns && true_ns < got.end_at_ns);
        if (got.used > counted + 1 || (got.used < counted && !got.taken) || got.used < 1)
            fail_msg("step %d: %" PRId64 " used, %" PRId64 " counted, taken %u", i, got.used, counted,
                     got.taken);
        counted = got.used;
    }
    tq_ledger_close(ledger);
}

/* ---- what the rule care notes ---------------------------------------------------------------- */

/* A clock that is ahead notes half hours of the future. While they stand, a record of now may be too old to
 * be noted; they are gone with the first record that starts its day or its half hour. Then what the half hour
 * took is seen again, in tokens and in a unit of limits: 5/4 of 1,000, of less left. */
static void test_notes_of_the_future(void **state)
{
    static const int64_t ahead_ns[] = {2 * HOUR_NS, HOUR_NS + HOUR_NS / 2, 26 * HOUR_NS,
                                       26 * HOUR_NS + HOUR_NS / 2};
    struct tq_ledger *ledger = open_limited(state);
    char name[] = "p0";

    for (size_t i = 0; i < 4; i++, name[1]++) {
        struct tq_provider *provider = limited(ledger, name, "3000 tokens per week");
        struct tq_limit total = {.size = sizeof total};
        struct tq_verdict verdict = {.size = sizeof verdict};

        assert_int_equal(tq_limit_parse("3000 total per week", &total, NULL), 0);
        assert_int_equal(tq_provider_set_limit(provider, &total, NULL), 2);
        assert_int_equal(tq_provider_set_care(provider, TQ_CARE_DEFAULT), 0);
        fake_system.now_ns = NOW_NS + ahead_ns[i];
        assert_int_equal(record(provider, 100, fake_system.now_ns), 0);
        fake_system.now_ns = NOW_NS;
        assert_int_equal(record(provider, 1000, NOW_NS), 0);
        fake_system.now_ns = NOW_NS + HOUR_NS / 2;
        assert_int_equal(record(provider, 1, fake_system.now_ns), 0);
        fake_system.now_ns = NOW_NS + HOUR_NS;
        assert_int_equal(record(provider, 1000, fake_system.now_ns), TQ_EXHAUSTED);
        assert_int_equal(tq_provider_verdict(provider, fake_system.now_ns, &verdict), TQ_QUOTA_EXHAUSTED);
        assert_int_equal(verdict.limits, 3);
        assert_int_equal(verdict.expects, TQ_EXPECTS_HALF_HOUR);
        assert_int_equal(verdict.expected, 1251); /* and 23/30 of the 1 before: 1,250.96 */
    }
    tq_ledger_close(ledger);
}

/* ---- waiting ---------------------------------------------------------------------------------- */

/* A wait returns when an end passes while it waits, and not before. */
static void ends_at(struct tq_ledger *ledger, uint32_t *seen, int64_t end_ns)
{
    fake_system.step_ns = 0;
    fake_system.now_ns = end_ns - MINUTE_NS;
    while (tq_ledger_wait(ledger, seen, 0) == 0)
        ; /* what was changed before */
    fake_system.now_ns = end_ns - 2 * 1000000;
    fake_system.step_ns = 1000000;
    assert_int_equal(tq_ledger_wait(ledger, seen, 0), 1);
    fake_system.now_ns = end_ns - 1;
    assert_int_equal(tq_ledger_wait(ledger, seen, 5 * INT64_C(1000000000)), 0);
    fake_system.step_ns = 0;
}

static void test_waiting_for_limits(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    uint32_t seen = 0;

    for (size_t i = 0; i < SENTENCES; i++) {
        struct tq_provider *provider;
        int64_t end_ns;

        fake_system.now_ns = NOW_NS;
        provider = limited(ledger, sentences[i], sentences[i]);
        assert_int_equal(tq_provider_record(provider, 120, NOW_NS, &end_ns), TQ_EXHAUSTED);
        assert_int_equal(end_ns, look(provider, NOW_NS).until_ns);
        ends_at(ledger, &seen, end_ns);
        assert_int_equal(tq_provider_remove_limit(provider, 1), 0);
    }
    tq_ledger_close(ledger);
}

/* An end that moves to an earlier instant is not waited past. */
static void test_waiting_for_an_end_that_moves(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider;
    int64_t end_ns;
    uint32_t seen = 0;

    fake_system.now_ns = NOW_NS;
    provider = limited(ledger, "moved back by a late record", "99 tokens per 5h first-use");
    assert_int_equal(tq_provider_record(provider, 120, NOW_NS, &end_ns), TQ_EXHAUSTED);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 1);
    assert_int_equal(record(provider, 1, NOW_NS - 2 * HOUR_NS), TQ_EXHAUSTED);
    assert_true(look(provider, NOW_NS).until_ns < end_ns - HOUR_NS);
    ends_at(ledger, &seen, look(provider, NOW_NS).until_ns);
    assert_int_equal(tq_provider_remove_limit(provider, 1), 0);

    fake_system.now_ns = NOW_NS;
    provider = limited(ledger, "corrected", "99 tokens per 5h rolling");
    assert_int_equal(record(provider, 60, NOW_NS - HOUR_NS), 0);
    assert_int_equal(tq_provider_record(provider, 100, NOW_NS, &end_ns), TQ_EXHAUSTED);
    while (tq_ledger_wait(ledger, &seen, 0) == 0)
        ;
    assert_int_equal(tq_provider_correct(provider, 50, NOW_NS), 0);
    assert_true(look(provider, NOW_NS).until_ns < end_ns - HOUR_NS / 2);
    ends_at(ledger, &seen, look(provider, NOW_NS).until_ns);
    tq_ledger_close(ledger);
}

/* Out by the rule: 5/4 of 600 is more than 400, until 12:44. */
static void test_waiting_by_the_rule(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider;
    uint32_t seen = 0;

    fake_system.now_ns = NOW_NS;
    provider = limited(ledger, "a", "1000 tokens per day");
    assert_int_equal(tq_provider_set_care(provider, TQ_CARE_DEFAULT), 0);
    while (tq_ledger_wait(ledger, &seen, 0) == 0)
        ;
    assert_int_equal(record(provider, 300, NOW_NS), 0);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 1);
    assert_int_equal(record(provider, 300, NOW_NS), TQ_EXHAUSTED);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    ends_at(ledger, &seen, NOW_NS + 37 * MINUTE_NS);
    assert_int_equal(tq_provider_state(provider, NOW_NS + 37 * MINUTE_NS, NULL), TQ_AVAILABLE);
    tq_ledger_close(ledger);
}

/* A caller with the reserve may be let in before the others: that is an end, too. */
static void test_waiting_with_the_reserve(void **state)
{
    struct tq_verdict verdict = {.size = sizeof verdict, .flags = TQ_USE_RESERVE};
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *provider;
    uint32_t seen = 0;

    fake_system.now_ns = NOW_NS;
    provider = limited(ledger, "a", "100 tokens per 5h rolling reserve 50");
    assert_int_equal(record(provider, 10, NOW_NS - 2 * HOUR_NS), 0);
    assert_int_equal(record(provider, 60, NOW_NS - HOUR_NS), TQ_EXHAUSTED);
    assert_int_equal(tq_provider_verdict(provider, NOW_NS, &verdict), TQ_AVAILABLE);
    ends_at(ledger, &seen, look(provider, NOW_NS).until_ns);
    fake_system.now_ns = NOW_NS;
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 1);
    assert_int_equal(record(provider, 35, NOW_NS), TQ_EXHAUSTED);
    assert_int_equal(tq_provider_verdict(provider, NOW_NS, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_true(verdict.retry_at_ns < look(provider, NOW_NS).until_ns);
    ends_at(ledger, &seen, verdict.retry_at_ns);
    ends_at(ledger, &seen, look(provider, NOW_NS).until_ns);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refused_ahead, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_a_word_that_lies, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_a_word_is_void_after_a_change, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_a_little_ahead_stands, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_taken_back, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_random_clock, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_notes_of_the_future, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_waiting_by_the_rule, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_waiting_for_limits, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_waiting_for_an_end_that_moves, scratch_setup, clock_teardown),
        cmocka_unit_test_setup_teardown(test_waiting_with_the_reserve, scratch_setup, clock_teardown),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("limits and a wrong clock", tests, NULL, NULL);
}
