/* test_limits_damaged.c: words of limits that no tokenquota writes: each call ends, and answers what can be.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "src/limits.h"
#include "src/rule.h"
#include "src/table.h"
#include "rng.h"
#include "windows.h"

#define NOW_NS (MAY_DAY_NS + HOUR_NS)
#define VERSION(n) ((uint64_t)(n) << 56)
#define PATIENCE_S 120 /* a call that goes round for ever ends here */
#define STATED_ROUNDS 2000

static struct tq_ledger *ledger;
static struct tq_provider *provider;

static int set_limit(const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};

    assert_int_equal(tq_limit_parse(sentence, &limit, NULL), 0);
    return tq_provider_set_limit(provider, &limit, NULL);
}

/* The line of a provider's first limit. */
static struct tq__limit *open_with(const char *sentence)
{
    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    assert_int_equal(tq_ledger_provider(ledger, "p", 1, 0, &provider), 0);
    assert_int_equal(set_limit(sentence), 1);
    return &tq__limits_of(ledger, tq__find(ledger, "p"))->line[0];
}

static struct tq_limit_state first_limit(int64_t now_ns)
{
    struct tq_limit_state limit = {.size = sizeof limit};

    assert_int_equal(tq_provider_limits(provider, now_ns, &limit, 1), 1);
    return limit;
}

/* An amount or a reserve of another version than the limit's is as good as none. */
static void test_terms(void **state)
{
    struct tq__limit *line = open_with("100 tokens per day reserve 10%");
    struct tq_ledger_info info = {.size = sizeof info};

    (void)state;
    atomic_store(&line->amount, VERSION(77) | 100);
    assert_int_equal(first_limit(NOW_NS).limit.amount, 0);
    assert_int_equal(tq_ledger_check(ledger, &info, NULL), 1);
    assert_int_equal(set_limit("200 tokens per day"), 1);
    assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
    assert_int_equal(first_limit(NOW_NS).limit.amount, 200);
    assert_int_equal(first_limit(NOW_NS).limit.reserve, 20);
    atomic_store(&line->reserve, VERSION(77) | 150);
    assert_int_equal(tq_ledger_check(ledger, &info, NULL), 1);
    assert_int_equal(set_limit("100 tokens per day"), 1);
    assert_int_equal(first_limit(NOW_NS).limit.amount, 100);
    assert_int_equal(first_limit(NOW_NS).limit.reserve, 0);
    tq_ledger_close(ledger);
}

/* No limit has the version 0, because words that are 0 would be its. */
static void test_version_0(void **state)
{
    static const char *const sentences[] = {"100 tokens per 5h first-use", "100 tokens per 5h rolling",
                                            "100 tokens per day", "100 tokens per minute refill",
                                            "100 tokens once"};

    (void)state;
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        struct tq__limit *line = open_with(sentences[i]);

        atomic_store(&line->spec, atomic_load(&line->spec) & ~VERSION(255));
        for (int64_t n = 0; n < 3; n++)
            assert_int_equal(tq_provider_record(provider, 1, NOW_NS + n * DAY_NS, NULL), TQ_AVAILABLE);
        assert_int_equal(tq_provider_reset(provider), 0);
        assert_int_equal(tq_provider_record(provider, 1, NOW_NS + 4 * DAY_NS, NULL), TQ_AVAILABLE);
        assert_int_equal(tq_provider_limits(provider, NOW_NS, NULL, 0), 0);
        assert_true(set_limit(sentences[i]) > 0);
        assert_int_equal(first_limit(NOW_NS).limit.amount, 100);
        tq_ledger_close(ledger);
    }
}

/* A bucket that is full again after the last instant there is. */
static void test_refill_end(void **state)
{
    const int64_t last_ns = TQ_NOW_END_NS - 1, far = (int64_t)1 << 53;
    struct tq__limit *line = open_with("100 tokens per minute refill");
    struct tq_verdict verdict = {.size = sizeof verdict};

    (void)state;
    atomic_store(&line->count[0], VERSION(1) | (uint64_t)(last_ns / 64 + far) << 8 >> 8);
    assert_true(first_limit(last_ns).until_ns == INT64_MAX);
    assert_int_equal(tq_provider_verdict(provider, last_ns, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_true(verdict.retry_at_ns == INT64_MAX);
    tq_ledger_close(ledger);
}

/* A newest bucket, or a floor, behind the last instant there is: the note of it ends with time. */
static void test_noted_end(void **state)
{
    const int64_t last_ns = TQ_NOW_END_NS - 1;
    struct tq__limit *line = open_with("100 tokens per 300d rolling");
    struct tq__limits *limits = tq__limits_of(ledger, tq__find(ledger, "p"));

    (void)state;
    atomic_store(&line->bound, VERSION(1) | UINT64_C(1) << 50);
    assert_int_equal(tq_provider_record(provider, 1, last_ns, NULL), TQ_AVAILABLE);
    assert_int_equal(atomic_load(&limits->rest[0].taken),
                     VERSION(1) | (uint64_t)(INT64_MAX / 1000000000 + 1));
    tq_ledger_close(ledger);
}

/* ---- what a vendor says ---------------------------------------------------------------------- */

/* Words that cannot be are faults; a file of before, and words of another limit, are none. */
static void test_stated_faults(void **state)
{
    static const uint64_t said = UINT64_C(1714564800) << 32, hour = UINT64_C(3600) << 8;
    const uint64_t blocking[] = {
        256,
        VERSION(1),
        said,
        said | hour,
        said | hour | 1,
        said | hour | 3,
        said | hour | 7,
        said | 2,
        said | UINT64_C(0xffffff) << 8 | 2,
        said | hour | 1 << 4 | 2,
        hour | 2,
    };
    const uint64_t reading[] = {
        VERSION(1) | 1,
        VERSION(1) | UINT64_C(1) << 32,
        VERSION(1) | UINT64_C(0x48) << 32,
        VERSION(1) | UINT64_C(100001) << 39 | UINT64_C(64) << 32,
    };
    struct tq__limit *line = open_with("7d");
    struct tq__limits *limits = tq__limits_of(ledger, tq__find(ledger, "p"));
    _Atomic uint64_t *const words[] = {&line->blocking, &limits->rest[0].overruled, &limits->rest[0].reading,
                                       &limits->rest[0].earlier, &limits->rest[0].doubt};
    struct tq_ledger_info info = {.size = sizeof info};

    (void)state;
    assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const uint64_t *wrong = i < 2 ? blocking : reading;
        size_t count = i < 2 ? sizeof blocking / sizeof blocking[0] : sizeof reading / sizeof reading[0];

        for (size_t k = 0; k < count; k++) {
            atomic_store(words[i], wrong[k]);
            assert_int_equal(tq_ledger_check(ledger, &info, NULL), 1);
            assert_int_equal(info.faults, 1);
        }
        atomic_store(words[i], 0);
        assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
        atomic_store(words[i], i < 2 ? said | hour | 1 << 3 | 2
                                     : VERSION(1) | UINT64_C(0x1ffff) << 39 | UINT64_C(71) << 32 | 1);
        assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
        atomic_store(words[i], i < 2 ? 1 : VERSION(7) | 12345);
        assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
    }
    tq_ledger_close(ledger);
}

/* Any bits in a word, some of them with the version of the line, or with an instant that is near. */
static uint64_t any_word(struct rng *rng)
{
    uint64_t word = rng_next(rng);

    switch (rng_below(rng, 6)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return word << 8 >> 8 | VERSION(1);
    case 3:
        return word << 8 >> 8 << 32 >> 32 | VERSION(1) | (word >> 32 & 0xffffff) << 32;
    case 4:
        return (uint64_t)(NOW_NS / 1000000000 - 7200 + rng_below(rng, 14400)) << 32 | (word & 0xffffffff);
    default:
        return word;
    }
}

static void say_any(struct rng *rng, int64_t now_ns)
{
    struct word word =
        week_at(now_ns, (int32_t)rng_below(rng, 120), now_ns + (1 + rng_below(rng, 300)) * HOUR_NS);

    word.sent_at_ns = rng_below(rng, 2) ? now_ns - rng_below(rng, 1000) * SECOND_NS : 0;
    word.source = rng_below(rng, 2) ? TQ_SOURCE_CALLER : TQ_SOURCE_BODY;
    word.flags = rng_below(rng, 4) ? 0 : TQ_AXIS_CREDIT;
    assert_true((rng_below(rng, 3) ? say(provider, word) : refuse_for(provider, word)) >= 0);
}

static void use_all(struct rng *rng, int64_t now_ns)
{
    struct tq_limit_state states[TQ_LIMITS_MAX];
    struct tq_exhausted list[2];
    struct tq_verdict verdict;
    struct tq_route route = {.size = sizeof route};
    struct tq_ledger_info info = {.size = sizeof info};
    char text[512];
    uint32_t seen = 0;

    say_any(rng, now_ns);
    assert_int_equal(limits_at(provider, now_ns, states), 1);
    for (unsigned flags = 0; flags <= TQ_USE_RESERVE; flags += TQ_USE_RESERVE) {
        verdict = verdict_of(provider, now_ns, flags);
        assert_true(tq_verdict_explain(&verdict, text, sizeof text) > 0);
        assert_true(verdict.state == TQ_AVAILABLE || verdict.retry_at_ns > now_ns);
    }
    assert_true(tq_ledger_route(ledger, &provider, 1, now_ns, 0, &route) >= 0);
    assert_true(tq_provider_probe_take(provider, now_ns, NULL) >= 0);
    assert_true(tq_provider_warn_take(provider, 1, 1 + rng_below(rng, 100), now_ns) >= 0);
    assert_true(tq_ledger_probes_due(ledger, now_ns, list, 2) <= 1);
    assert_true(tq_ledger_check(ledger, &info, NULL) >= 0);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    assert_int_equal(tq_provider_success(provider, now_ns - SECOND_NS), 0);
    assert_true(tq_provider_observe(provider, 5, now_ns, NULL) >= 0);
}

/* Whatever is in the words of a stated limit: each call ends with an answer, and mark available makes all of
 * it available. */
static void test_stated_words(void **state)
{
    struct rng rng = {rng_seed(5)};

    (void)state;
    for (unsigned round = 0; round < STATED_ROUNDS; round++) {
        struct tq__limit *line = open_with(round % 2 ? "7d reserve 10%" : "7d");
        struct tq__slot *slot = tq__find(ledger, "p");
        struct tq__limits *limits = tq__limits_of(ledger, slot);
        struct tq__limit_rest *rest = &limits->rest[0];
        _Atomic uint64_t *const words[] = {
            &line->blocking,     &line->bound,    &line->count[0],     &line->count[1],
            &line->amount,       &line->reserve,  &rest->doubt,        &rest->reading,
            &rest->reading_said, &rest->earlier,  &rest->earlier_said, &rest->counted_then,
            &rest->overruled,    &rest->stated,   &rest->window_name,  &rest->told,
            &slot->probe,        &slot->reported,
        };

        if (round % 4 >= 2)
            assert_int_equal(tq_provider_set_overage(provider, TQ_OVERAGE_STOP), 0);
        for (unsigned i = 0; i < 20; i++) {
            int64_t now_ns = NOW_NS + i * 10 * MINUTE_NS;

            for (unsigned k = rng_below(&rng, 4) + 1; k > 0; k--)
                atomic_store(words[rng_below(&rng, sizeof words / sizeof words[0])], any_word(&rng));
            use_all(&rng, now_ns);
        }
        /* Only amount and reserve are not the vendor's, and no vendor states them. */
        assert_int_equal(set_limit("7d reserve 0"), 1);
        say_any(&rng, NOW_NS + DAY_NS);
        assert_int_equal(tq_provider_mark_available_at(provider, NOW_NS + DAY_NS), 0);
        assert_int_equal(verdict_of(provider, NOW_NS + DAY_NS, 0).reasons & 1u << TQ_REASON_REPORTED, 0);
        tq_ledger_close(ledger);
    }
}

/* ---- the rule care --------------------------------------------------------------------------- */

static void damage_notes(uint64_t half_hour, uint64_t mean_call)
{
    struct tq__slot *slot = tq__find(ledger, "p");
    struct tq__limits *limits = tq__limits_of(ledger, slot);

    for (uint32_t i = 0; i < 2; i++)
        atomic_store(&slot->half_hour[i], half_hour);
    atomic_store(&slot->mean_call, mean_call);
    for (uint32_t unit = 0; unit < TQ__UNITS; unit++) {
        for (uint32_t i = 0; i < 2; i++)
            atomic_store(&limits->half_hour[unit][i], half_hour);
        atomic_store(&limits->mean_call[unit], mean_call);
    }
}

/* What the rule expects is never negative, and more than what is left. */
static void check_expectation(uint32_t flags)
{
    struct tq_verdict verdict = verdict_of(provider, NOW_NS, flags);

    assert_true(verdict.expected >= 0);
    if (verdict.reason == TQ_REASON_PREDICTED && verdict.limit != 0)
        assert_true(verdict.expected >
                    verdict.limit_amount - verdict.limit_used - (flags ? 0 : verdict.limit_reserve));
}

/* Half hours and mean calls as large as they can be, of this half hour, the one before, one of the future. */
static void test_notes(void **state)
{
    const uint64_t now = tq__half_hour_of(NOW_NS);
    const uint64_t half_hours[] = {~UINT64_C(0), now << TQ__HALF_HOUR_BITS | TQ__HALF_HOUR_MAX,
                                   (now - 1) << TQ__HALF_HOUR_BITS | TQ__HALF_HOUR_MAX, 0};
    static const uint32_t cares[] = {1, TQ_CARE_DEFAULT, TQ_CARE_MAX};
    struct tq_route route = {.size = sizeof route};
    struct tq_limit_state states[TQ_LIMITS_MAX];

    (void)state;
    open_with("1000 tokens per day reserve 10%");
    assert_int_equal(set_limit("8 requests per 5h rolling"), 2);
    assert_int_equal(set_limit("1000 total once"), 3);
    assert_int_equal(tq_provider_set_budget(provider, 1000000), 0);
    for (size_t i = 0; i < 4 * 3; i++) {
        assert_int_equal(tq_provider_set_care(provider, cares[i % 3]), 0);
        damage_notes(half_hours[i / 3], ~UINT64_C(0));
        assert_true(tq_provider_record(provider, 1, NOW_NS, NULL) >= 0);
        damage_notes(half_hours[i / 3], ~UINT64_C(0));
        assert_true(tq_provider_observe(provider, INT64_MAX, NOW_NS + 1, NULL) >= 0);
        assert_int_equal(tq_provider_correct(provider, 1, NOW_NS), 0);
        check_expectation(0);
        check_expectation(TQ_USE_RESERVE);
        assert_int_equal(limits_at(provider, NOW_NS, states), 3);
        assert_true(tq_provider_state(provider, NOW_NS, NULL) >= 0);
        assert_true(tq_ledger_route(ledger, &provider, 1, NOW_NS, 0, &route) >= 0);
        assert_int_equal(tq_provider_reset(provider), 0);
    }
    tq_ledger_close(ledger);
}

/* The largest call there can be: as much as there can be is expected. */
static void test_largest_call(void **state)
{
    struct tq_verdict verdict;

    (void)state;
    open_with("100 tokens per day");
    assert_int_equal(tq_provider_set_care(provider, TQ_CARE_MAX), 0);
    assert_int_equal(tq_provider_record(provider, 90, NOW_NS, NULL), TQ_EXHAUSTED);
    damage_notes(~UINT64_C(0), ~UINT64_C(0));
    verdict = verdict_of(provider, NOW_NS, 0);
    assert_int_equal(verdict.expects, TQ_EXPECTS_CALL);
    assert_int_equal(verdict.expected, INT64_MAX);
    tq_ledger_close(ledger);
}

/* A care that nobody can set is the default. */
static void test_care(void **state)
{
    static const uint8_t wrong[] = {255, 128, TQ_CARE_MAX + 2};

    (void)state;
    open_with("1000 tokens per day");
    assert_int_equal(tq_provider_record(provider, 600, NOW_NS, NULL), TQ_EXHAUSTED);
    for (size_t i = 0; i < sizeof wrong; i++) {
        atomic_store(&tq__find(ledger, "p")->care, wrong[i]);
        assert_int_equal(tq_provider_care(provider), TQ_CARE_DEFAULT);
        assert_int_equal(verdict_of(provider, NOW_NS, 0).expected, 750);
    }
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms),         cmocka_unit_test(test_version_0),
        cmocka_unit_test(test_refill_end),    cmocka_unit_test(test_noted_end),
        cmocka_unit_test(test_stated_faults), cmocka_unit_test(test_stated_words),
        cmocka_unit_test(test_notes),         cmocka_unit_test(test_largest_call),
        cmocka_unit_test(test_care),
    };

    alarm(PATIENCE_S);
    heed_test_filter();
    return cmocka_run_group_tests_name("damaged limits", tests, NULL, NULL);
}
