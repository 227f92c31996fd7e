/* test_explain.c: the numbers of a verdict, and its sentence.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "one_provider.h"

static void say(const struct one_provider *w, uint32_t class, int64_t retry_at_ns, uint32_t axis,
                int64_t window_ns)
{
    struct tq_quota_signal signal = {.size = sizeof signal,
                                     .refusal = class,
                                     .profile = 3,
                                     .source = TQ_SOURCE_HEADER,
                                     .said_at_ns = NOON_NS,
                                     .retry_at_ns = retry_at_ns,
                                     .axis_count = 1,
                                     .axis = {{.what = axis, .window_ns = window_ns}}};

    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_QUOTA_EXHAUSTED);
}

static void expect(const struct one_provider *w, int64_t now_ns, const char *sentence)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    char text[400], small[10];
    int bytes;

    assert_true(tq_provider_verdict(w->provider, now_ns, &verdict) >= 0);
    assert_int_equal(verdict.at_ns, now_ns);
    bytes = tq_verdict_explain(&verdict, text, sizeof text);
    assert_string_equal(text, sentence);
    assert_int_equal(bytes, strlen(sentence));
    /* Cut as snprintf cuts. */
    assert_int_equal(tq_verdict_explain(&verdict, NULL, 0), bytes);
    memset(small, 'x', sizeof small);
    assert_int_equal(tq_verdict_explain(&verdict, small, 6), bytes);
    assert_int_equal(strlen(small), 5);
    assert_memory_equal(small, sentence, 5);
    assert_int_equal(small[6], 'x');
}

static void test_bad_arguments(void **state)
{
    const struct one_provider *w = *state;
    struct tq_verdict verdict = {.size = sizeof verdict};
    char text[8];

    assert_int_equal(tq_provider_verdict(NULL, NOON_NS, &verdict), TQ_EINVAL);
    assert_int_equal(tq_provider_verdict(w->provider, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(tq_provider_verdict(w->provider, TQ_NOW_END_NS, &verdict), TQ_ERANGE);
    assert_int_equal(tq_verdict_explain(NULL, text, sizeof text), TQ_EINVAL);
    assert_int_equal(tq_verdict_explain_named(NULL, "Acme", text, sizeof text), TQ_EINVAL);
    assert_int_equal(tq_verdict_explain(&verdict, NULL, 1), TQ_EINVAL);
    verdict.size--;
    assert_int_equal(tq_provider_verdict(w->provider, NOON_NS, &verdict), TQ_EINVAL);
    assert_int_equal(tq_verdict_explain(&verdict, text, sizeof text), TQ_EINVAL);
}

/* The vendor's name is a value of the sentence; without one it is "the vendor". */
static void test_named(void **state)
{
    const struct one_provider *w = *state;
    struct tq_verdict verdict = {.size = sizeof verdict};
    char text[400];

    say(w, TQ_CLASS_THROTTLED, NOON_NS + 12 * SECOND_NS, TQ_AXIS_TOKENS, 0);
    assert_int_equal(tq_provider_verdict(w->provider, NOON_NS, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_true(tq_verdict_explain_named(&verdict, "Acme", text, sizeof text) > 0);
    assert_non_null(strstr(text, "wait 12 s: Acme throttles tokens, and said so"));
    assert_true(tq_verdict_explain_named(&verdict, NULL, text, sizeof text) > 0);
    assert_non_null(strstr(text, "wait 12 s: the vendor throttles tokens"));
}

static void test_available(void **state)
{
    const struct one_provider *w = *state;
    struct tq_verdict verdict = {.size = sizeof verdict};

    expect(w, NOON_NS, "available: 0 tokens used in this UTC day, without a budget");
    tq_provider_observe(w->provider, 1, NOON_NS, NULL);
    expect(w, NOON_NS, "available: 1 token used in this UTC day, without a budget");
    tq_provider_set_budget(w->provider, 5000000);
    tq_provider_observe(w->provider, 1234566, NOON_NS, NULL);
    expect(w, NOON_NS, "available: 1,234,567 of 5,000,000 tokens used in this UTC day, 3,765,433 left");
    tq_provider_verdict(w->provider, NOON_NS, &verdict);
    assert_int_equal(verdict.state, TQ_AVAILABLE);
    assert_int_equal(verdict.reason, TQ_REASON_NONE);
    assert_int_equal(verdict.reasons, 0);
    assert_int_equal(verdict.used, 1234567);
    assert_int_equal(verdict.budget, 5000000);
    assert_int_equal(verdict.left, 3765433);
    assert_int_equal(verdict.retry_at_ns, 0);
    assert_int_equal(verdict.rule, TQ_RULE_CARE);
    expect(w, NOON_NS + DAY_NS, "available: 0 of 5,000,000 tokens used in this UTC day, 5,000,000 left");
}

static void test_marked(void **state)
{
    const struct one_provider *w = *state;

    tq_provider_mark_quota_exhausted(w->provider, NOON_NS + 90 * MINUTE_NS);
    expect(w, NOON_NS,
           "marked exhausted until 2024-05-01 13:30:00 UTC, in 1 h 30 min; marking it available clears it; 0 "
           "tokens used in this UTC day");
    tq_provider_mark_quota_exhausted(w->provider, INT64_MAX);
    expect(w, NOON_NS,
           "marked exhausted without an end; marking it available clears it; 0 tokens used in this UTC day");
}

/* Lengths that no int64_t holds are as long as one can be. */
static void test_end_far_from_now(void **state)
{
    const struct one_provider *w = *state;

    tq_provider_mark_quota_exhausted(w->provider, INT64_MAX - 1);
    expect(w, TQ_NOW_MIN_NS,
           "marked exhausted until 2262-04-11 23:47:16 UTC, in 106752 d; marking it available clears it; 0 "
           "tokens used in this UTC day");
}

/* F29: seconds and weeks must not look alike. */
static void test_f29_throttled_and_reported(void **state)
{
    const struct one_provider *w = *state;
    struct tq_verdict verdict = {.size = sizeof verdict};

    say(w, TQ_CLASS_THROTTLED, NOON_NS + 12 * SECOND_NS, TQ_AXIS_REQUESTS, MINUTE_NS);
    expect(w, NOON_NS,
           "wait 12 s: the vendor throttles requests in 1 min, and said so at 2024-05-01 12:00:00 UTC; it "
           "ends sooner if a request sent later succeeds");
    say(w, TQ_CLASS_EXHAUSTED, NOON_NS + 3 * DAY_NS + 4 * HOUR_NS, TQ_AXIS_TOKENS, 7 * DAY_NS);
    expect(w, NOON_NS,
           "out of quota: tokens in 7 d, the vendor said at 2024-05-01 12:00:00 UTC; a probe is due at "
           "2024-05-01 13:00:00 UTC; out until 2024-05-04 16:00:00 UTC, in 3 d 4 h; it ends sooner if a "
           "request sent later succeeds");
    tq_provider_verdict(w->provider, NOON_NS, &verdict);
    assert_int_equal(verdict.refusal, TQ_CLASS_EXHAUSTED);
    assert_int_equal(verdict.axis, TQ_AXIS_TOKENS);
    assert_int_equal(verdict.window_ns, 7 * DAY_NS);
    assert_int_equal(verdict.profile, 3);
    assert_int_equal(verdict.source, TQ_SOURCE_HEADER);
    assert_int_equal(verdict.said_at_ns, NOON_NS);
}

static void test_overloaded(void **state)
{
    const struct one_provider *w = *state;

    say(w, TQ_CLASS_OVERLOADED, NOON_NS + 90 * SECOND_NS, TQ_AXIS_UNKNOWN, 0);
    expect(w, NOON_NS,
           "wait 1 min 30 s: the vendor is overloaded and said so at 2024-05-01 12:00:00 UTC; it ends sooner "
           "if a request sent later succeeds");
}

static void test_no_money_and_probes(void **state)
{
    const struct one_provider *w = *state;
    struct tq_verdict verdict = {.size = sizeof verdict};
    char text[400];

    say(w, TQ_CLASS_NO_MONEY, 0, TQ_AXIS_MONEY, 0);
    tq_provider_verdict(w->provider, NOON_NS, &verdict);
    tq_verdict_explain(&verdict, text, sizeof text);
    assert_non_null(strstr(text, "out of money, the vendor said at 2024-05-01 12:00:00 UTC and named no end; "
                                 "a probe is due at 2024-05-01 12:0"));
    expect(w, NOON_NS + HOUR_NS,
           "out of money, the vendor said at 2024-05-01 12:00:00 UTC and named no end; a probe is due now; "
           "it ends when the probe succeeds");
    assert_int_equal(tq_provider_probe_take(w->provider, NOON_NS + HOUR_NS, NULL), 0);
    expect(w, NOON_NS + HOUR_NS,
           "out of money, the vendor said and named no end; a caller has had the probe since 2024-05-01 "
           "13:00:00 UTC; it ends when the probe succeeds");
    tq_provider_probe_failure(w->provider, NOON_NS + HOUR_NS);
    expect(w, NOON_NS + 2 * HOUR_NS,
           "out of money, the vendor said at 2024-05-01 13:00:00 UTC and named no end; a probe is due now, "
           "after 1 that failed; it ends when the probe succeeds");
}

static void expect_reason(const struct one_provider *w, int64_t now_ns, uint32_t reason, uint32_t reasons)
{
    struct tq_verdict verdict = {.size = sizeof verdict};

    assert_int_equal(tq_provider_verdict(w->provider, now_ns, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_string_equal(tq_reason_name(verdict.reason), tq_reason_name(reason));
    assert_int_equal(verdict.reasons, reasons);
    assert_int_equal(verdict.window_ns,
                     reason == TQ_REASON_PREDICTED || reason == TQ_REASON_SPENT ? DAY_NS : 0);
}

/* Foreseen and used up are two reasons; of equal ends a mark's is named. */
static void test_predicted_and_spent(void **state)
{
    const struct one_provider *w = *state;
    const uint32_t predicted = 1u << TQ_REASON_PREDICTED, spent = 1u << TQ_REASON_SPENT;

    assert_string_equal(tq_reason_name(TQ_REASON_PREDICTED), "predicted");
    assert_string_equal(tq_reason_name(TQ_REASON_SPENT), "spent");
    assert_string_equal(tq_reason_name(TQ_REASON_HELD), "held");
    assert_string_equal(tq_reason_name(TQ_REASON_SHARED), "shared");
    assert_string_equal(tq_reason_name(TQ_REASON_SHARED + 1), "unknown");
    tq_provider_set_budget(w->provider, 1000);
    tq_provider_observe(w->provider, 999, NOON_NS, NULL);
    expect_reason(w, NOON_NS, TQ_REASON_PREDICTED, predicted);
    tq_provider_observe(w->provider, 1, NOON_NS, NULL);
    expect_reason(w, NOON_NS, TQ_REASON_SPENT, spent);
    tq_provider_mark_quota_exhausted(w->provider, NOON_NS + HOUR_NS);
    expect_reason(w, NOON_NS, TQ_REASON_SPENT, 1u << TQ_REASON_MARKED | spent);
    tq_provider_mark_quota_exhausted(w->provider, NOON_NS + 12 * HOUR_NS);
    expect_reason(w, NOON_NS, TQ_REASON_MARKED, 1u << TQ_REASON_MARKED | spent);
    tq_provider_mark_quota_exhausted(w->provider, 0);
    tq_provider_correct(w->provider, 1, NOON_NS);
    expect_reason(w, NOON_NS, TQ_REASON_PREDICTED, predicted);
}

/* Under the rule horizon. */
static void test_predicted(void **state)
{
    const struct one_provider *w = *state;

    assert_int_equal(tq_provider_set_rule(w->provider, TQ_RULE_HORIZON), 0);
    tq_provider_set_budget(w->provider, 1000);
    tq_provider_observe(w->provider, 600, NOON_NS, NULL);
    expect(w, NOON_NS,
           "budget nearly spent: 600 of 1,000 tokens used in this UTC day; the last 30 minutes used more "
           "than is left; out until 2024-05-01 12:40:00 UTC, in 40 min, if nothing more is recorded");
    tq_provider_observe(w->provider, 300, NOON_NS, NULL); /* from here on it holds, whatever the pace */
    expect(w, NOON_NS + HOUR_NS,
           "budget nearly spent: 900 of 1,000 tokens used in this UTC day; at the pace of the last 30 "
           "minutes the rest would not last half an hour; out until 2024-05-02 00:00:00 UTC, in 11 h, or "
           "until usage is below 90 % of the budget");
    tq_provider_observe(w->provider, 100, NOON_NS, NULL);
    expect(w, NOON_NS,
           "budget spent: 1,000 of 1,000 tokens used in this UTC day; out until 2024-05-02 00:00:00 UTC, in "
           "12 h, or until the budget is raised");
}

/* Reads a verdict of the size of an older header. */
static void expect_older(const struct one_provider *w, size_t size, int64_t now_ns, const char *sentence)
{
    struct tq_verdict verdict;
    char text[400];

    memset(&verdict, 0xff, sizeof verdict);
    verdict.size = (uint32_t)size;
    verdict.flags = 0;
    assert_int_equal(tq_provider_verdict(w->provider, now_ns, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_true(tq_verdict_explain(&verdict, text, sizeof text) > 0);
    assert_string_equal(text, sentence);
}

/* What was predicted with another care is void: the next record predicts anew. */
static void set_care(struct tq_provider *provider, uint32_t care)
{
    assert_int_equal(tq_provider_set_care(provider, care), 0);
    assert_int_equal(tq_provider_observe(provider, 0, NOON_NS, NULL), TQ_EXHAUSTED);
}

/* Under the rule care, by the last half hour, and how each care is said. */
static void test_care_half_hour(void **state)
{
    const struct one_provider *w = *state;

    tq_provider_set_budget(w->provider, 1000);
    tq_provider_observe(w->provider, 600, NOON_NS, NULL);
    expect(
        w, NOON_NS,
        "budget nearly spent: 600 of 1,000 tokens used in this UTC day, 400 left; at 5/4 of the pace of the "
        "last 30 minutes 750 more are expected; out until 2024-05-01 12:44:00 UTC, in 44 min, if nothing "
        "more is recorded");
    set_care(w->provider, 4);
    expect(
        w, NOON_NS,
        "budget nearly spent: 600 of 1,000 tokens used in this UTC day, 400 left; at the pace of the last "
        "30 minutes 600 more are expected; out until 2024-05-01 12:40:00 UTC, in 40 min, if nothing more is "
        "recorded");
    set_care(w->provider, 8);
    expect(
        w, NOON_NS,
        "budget nearly spent: 600 of 1,000 tokens used in this UTC day, 400 left; at 2 times the pace of the "
        "last 30 minutes 1,200 more are expected; out until 2024-05-01 12:50:00 UTC, in 50 min, if nothing "
        "more is recorded");
    expect_older(
        w, offsetof(struct tq_verdict, care), NOON_NS,
        "budget nearly spent: 600 of 1,000 tokens used in this UTC day, 400 left; out until 2024-05-01 "
        "12:50:00 UTC, in 50 min, if nothing more is recorded");
    tq_provider_observe(w->provider, 400, NOON_NS, NULL);
    expect(w, NOON_NS,
           "budget spent: 1,000 of 1,000 tokens used in this UTC day; out until 2024-05-02 00:00:00 UTC, in "
           "12 h, or until the budget is raised");
}

/* Calls of 120 tokens, each hour of the morning. */
static void use_morning(struct tq_provider *provider)
{
    for (int hour = 0; hour < 8; hour++)
        (void)tq_provider_observe(provider, 120, NOON_NS + (hour - 12) * HOUR_NS, NULL);
}

/* And by the mean call. */
static void test_care_call(void **state)
{
    const struct one_provider *w = *state;

    tq_provider_set_budget(w->provider, 1000);
    use_morning(w->provider);
    expect(
        w, NOON_NS,
        "budget nearly spent: 960 of 1,000 tokens used in this UTC day, 40 left; 5/4 of a mean call are 150; "
        "out until 2024-05-02 00:00:00 UTC, in 12 h, or until the budget is raised");
    set_care(w->provider, 4);
    expect(w, NOON_NS,
           "budget nearly spent: 960 of 1,000 tokens used in this UTC day, 40 left; a mean call is 120; out "
           "until 2024-05-02 00:00:00 UTC, in 12 h, or until the budget is raised");
    set_care(w->provider, 12);
    expect(
        w, NOON_NS,
        "budget nearly spent: 960 of 1,000 tokens used in this UTC day, 40 left; 3 mean calls are 360; out "
        "until 2024-05-02 00:00:00 UTC, in 12 h, or until the budget is raised");
    expect_older(
        w, offsetof(struct tq_verdict, level), NOON_NS,
        "budget nearly spent: 960 of 1,000 tokens used in this UTC day, 40 left; out until 2024-05-02 "
        "00:00:00 UTC, in 12 h, if nothing more is recorded");
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void limit(struct tq_provider *provider, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};

    if (tq_limit_parse(sentence, &limit, &error) < 0 || tq_provider_set_limit(provider, &limit, &error) < 0)
        fail_msg("%s", error.msg);
}

/* Each kind of window, once nearly and once wholly used: what an available provider's nearest limit is
 * called, and what the one is called that keeps it out. */
static void test_limit(void **state)
{
    static const struct {
        const char *limit, *nearest, *spent;
    } cases[] = {
        {"100 tokens per day", "99 of 100 tokens used in its day",
         "limit 1 is spent: 100 of 100 tokens used in its day; out until 2024-05-02 00:00:00 UTC, in 12 h, "
         "or "
         "until the limit is raised"},
        {"100 total per month from the 5th", "99 of 100 tokens in total used in its month",
         "limit 1 is spent: 100 of 100 tokens in total used in its month; out until 2024-05-05 00:00:00 UTC, "
         "in "
         "3 d 12 h, or until the limit is raised"},
        {"100 weighted per 5h first-use", "99 of 100 weighted tokens used in its window",
         "limit 1 is spent: 100 of 100 weighted tokens used in its window of 5 h; out until 2024-05-01 "
         "17:00:00 "
         "UTC, in 5 h, or until the limit is raised"},
        {"100 tokens per 24h rolling", "99 of 100 tokens used in its rolling window",
         "limit 1 is spent: 100 of 100 tokens used in its last 1 d; out until 2024-05-02 12:14:24 "
         "UTC, in "
         "1 d 1 h, or until the limit is raised"},
        {"100 tokens per minute refill", "99 of 100 tokens used and not refilled",
         "limit 1 is spent: 100 of 100 tokens used and not refilled; out until 2024-05-01 12:00:00 UTC, in "
         "1 s, or until the limit is raised"},
        {"100 tokens once", "99 of 100 tokens used",
         "limit 1 is spent: 100 of 100 tokens used; out until the limit is raised"},
    };
    char text[400];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct one_provider w = *(const struct one_provider *)*state;

        assert_int_equal(tq_ledger_provider(w.ledger, cases[i].limit, strlen(cases[i].limit), 0, &w.provider),
                         0);
        assert_int_equal(tq_provider_set_rule(w.provider, TQ_RULE_OFF), 0);
        limit(w.provider, cases[i].limit);
        assert_int_equal(tq_provider_observe(w.provider, 99, NOON_NS, NULL), 0);
        snprintf(text, sizeof text, "available: 99 tokens used in this UTC day; limit 1 is the nearest: %s",
                 cases[i].nearest);
        expect(&w, NOON_NS, text);
        (void)tq_provider_observe(w.provider, 1, NOON_NS, NULL);
        expect(&w, NOON_NS, cases[i].spent);
    }
}

/* Dollars, the reserve, and the pool. */
static void test_limit_whose(void **state)
{
    struct one_provider w = *(const struct one_provider *)*state;
    struct tq_usage usage = {.size = sizeof usage, .known = TQ_USAGE_COST, .cost_nano_usd = 4500000001};
    struct tq_verdict verdict = {.size = offsetof(struct tq_verdict, level)};
    struct tq_provider *pool;
    char text[400];

    assert_int_equal(tq_ledger_provider(w.ledger, "pool", 4, 0, &pool), 0);
    assert_int_equal(tq_provider_set_pool(w.provider, pool), 0);
    limit(pool, "$5 per day reserve $1.5");
    assert_int_equal(tq_provider_observe_usage(w.provider, &usage, NOON_NS, NULL), TQ_EXHAUSTED);
    expect(
        &w, NOON_NS,
        "limit 1 of its pool is down to its reserve: $4.500001 of $5.00 used in its day, $1.50 kept back; "
        "out "
        "until "
        "2024-05-02 00:00:00 UTC, in 12 h, or until the limit is raised; callers that use the reserve have "
        "$0.499999 left");
    assert_int_equal(tq_provider_verdict(w.provider, NOON_NS, &verdict), TQ_QUOTA_EXHAUSTED);
    /* An older header's verdict has no limit: nothing behind it is read. */
    assert_true(tq_verdict_explain(&verdict, text, sizeof text) > 0);
    assert_string_equal(
        text, "a limit is spent; out until 2024-05-02 00:00:00 UTC, in 12 h, or until the limit is raised");
    assert_int_equal(tq_provider_mark_quota_exhausted(pool, INT64_MAX), 0);
    expect(
        &w, NOON_NS,
        "its pool is out: marked exhausted without an end; marking it available clears it; 0 tokens used in "
        "this UTC day");
}

/* Each kind of window that has a rule, by the mean call of 120 and by the last half hour. */
static void test_limit_will_not_last(void **state)
{
    static const struct {
        const char *limit, *call, *half_hour;
    } cases[] = {
        {"1000 tokens per day",
         "limit 1 will not last: 960 of 1,000 tokens used in its day, 40 left; 5/4 of a mean call are 150; "
         "out "
         "until 2024-05-02 00:00:00 UTC, in 12 h, or until the limit is raised",
         "limit 1 will not last: 500 of 1,000 tokens used in its day, 500 left; at 5/4 of the pace of the "
         "last "
         "30 minutes 625 more are expected; out until 2024-05-01 12:36:00 UTC, in 36 min, if nothing more is "
         "recorded"},
        {"1000 weighted per 24h first-use",
         "limit 1 will not last: 960 of 1,000 weighted tokens used in its window of 1 d, 40 left; 5/4 of a "
         "mean "
         "call are 150; out until 2024-05-02 00:00:00 UTC, in 12 h, or until the limit is raised",
         "limit 1 will not last: 500 of 1,000 weighted tokens used in its window of 1 d, 500 left; at 5/4 of "
         "the "
         "pace of the last 30 minutes 625 more are expected; out until 2024-05-01 12:36:00 UTC, in 36 min, "
         "if "
         "nothing more is recorded"},
        {"1000 tokens once",
         "limit 1 will not last: 960 of 1,000 tokens used, 40 left; 5/4 of a mean call are 150; out until "
         "the "
         "limit is raised",
         "limit 1 will not last: 500 of 1,000 tokens used, 500 left; at 5/4 of the pace of the last 30 "
         "minutes "
         "625 more are expected; out until 2024-05-01 12:36:00 UTC, in 36 min, if nothing more is recorded"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct one_provider w = *(const struct one_provider *)*state;
        char name[8];

        for (int half_hour = 0; half_hour < 2; half_hour++) {
            snprintf(name, sizeof name, "%zu.%d", i, half_hour);
            assert_int_equal(tq_ledger_provider(w.ledger, name, strlen(name), 0, &w.provider), 0);
            limit(w.provider, cases[i].limit);
            if (half_hour)
                (void)tq_provider_observe(w.provider, 500, NOON_NS, NULL);
            else
                use_morning(w.provider);
            expect(&w, NOON_NS, half_hour ? cases[i].half_hour : cases[i].call);
        }
    }
}

/* The reserve, the pool, and what an older header does not say. */
static void test_limit_will_not_last_whose(void **state)
{
    struct one_provider w = *(const struct one_provider *)*state;
    struct tq_verdict verdict = {.size = sizeof verdict, .flags = TQ_USE_RESERVE};
    struct tq_provider *pool;
    char text[400];

    assert_int_equal(tq_ledger_provider(w.ledger, "pool", 4, 0, &pool), 0);
    assert_int_equal(tq_provider_set_pool(w.provider, pool), 0);
    limit(pool, "2000 tokens per day reserve 1000");
    use_morning(w.provider);
    expect(
        &w, NOON_NS,
        "limit 1 of its pool will not last: 960 of 2,000 tokens used in its day, 1,000 kept back, 40 left; "
        "5/4 of a mean call are 150; out until 2024-05-02 00:00:00 UTC, in 12 h, or until the limit is "
        "raised; callers that use the reserve have 1,040 left");
    expect_older(
        &w, offsetof(struct tq_verdict, care), NOON_NS,
        "limit 1 of its pool will not last: 960 of 2,000 tokens used in its day, 1,000 kept back, 40 "
        "left; out until 2024-05-02 00:00:00 UTC, in 12 h, if nothing more is recorded; callers that use "
        "the reserve have 1,040 left");
    expect_older(
        &w, offsetof(struct tq_verdict, level), NOON_NS,
        "a limit will not last; out until 2024-05-02 00:00:00 UTC, in 12 h, if nothing more is recorded");
    assert_int_equal(tq_provider_observe(w.provider, 940, NOON_NS - 4 * HOUR_NS, NULL), TQ_EXHAUSTED);
    assert_int_equal(tq_provider_verdict(w.provider, NOON_NS, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_true(tq_verdict_explain(&verdict, text, sizeof text) > 0);
    assert_string_equal(
        text, "limit 1 of its pool will not last: 1,900 of 2,000 tokens used in its day, 100 left; 5/4 "
              "of a mean call are 279; out until 2024-05-02 00:00:00 UTC, in 12 h, or until the limit "
              "is raised");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        one_provider_test(test_bad_arguments),
        one_provider_test(test_available),
        one_provider_test(test_named),
        one_provider_test(test_marked),
        one_provider_test(test_end_far_from_now),
        one_provider_test(test_f29_throttled_and_reported),
        one_provider_test(test_overloaded),
        one_provider_test(test_no_money_and_probes),
        one_provider_test(test_predicted),
        one_provider_test(test_care_half_hour),
        one_provider_test(test_care_call),
        one_provider_test(test_predicted_and_spent),
        one_provider_test(test_limit),
        one_provider_test(test_limit_whose),
        one_provider_test(test_limit_will_not_last),
        one_provider_test(test_limit_will_not_last_whose),
    };

    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
