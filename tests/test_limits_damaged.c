/* test_limits_damaged.c: words of limits that no tokenquota writes: each call ends, and answers what can be.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "src/limits.h"
#include "src/table.h"

#define NOW_NS (MAY_DAY_NS + HOUR_NS)
#define VERSION(n) ((uint64_t)(n) << 56)
#define PATIENCE_S 20 /* a call that goes round for ever ends here */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_version_0),
        cmocka_unit_test(test_refill_end),
        cmocka_unit_test(test_noted_end),
    };

    alarm(PATIENCE_S);
    heed_test_filter();
    return cmocka_run_group_tests_name("damaged limits", tests, NULL, NULL);
}
