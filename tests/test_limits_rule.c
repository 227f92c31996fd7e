/* test_limits_rule.c: the rule care for limits, clause by clause, with instants and numbers worked out by
 * hand.
 *
 * SPDX-License-Identifier: MIT
 *
 * test_limits_model.c compares it with a slow model in all its combinations. Where nothing else is said the
 * care is 5/4. A day of these tests is 2024-05-01, a Wednesday.
 */
#include "harness.h"
#include "windows.h"

#define NOON_NS AT(12, 0, 0)
#define MIDNIGHT_NS AT(24, 0, 0)

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *p, *pool;
};

static int set_up(void **state)
{
    static struct world w;

    if (tq_ledger_open(&w.ledger, NULL, NULL, NULL) < 0)
        return -1;
    w.p = named(w.ledger, "p");
    w.pool = named(w.ledger, "pool");
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    tq_ledger_close(((struct world *)*state)->ledger);
    return 0;
}

static int record(struct tq_provider *provider, int64_t tokens, int64_t at_ns)
{
    return tq_provider_record(provider, tokens, at_ns, NULL);
}

static void expect_available(const struct tq_provider *provider, int64_t at_ns)
{
    assert_int_equal(verdict_of(provider, at_ns, 0).state, TQ_AVAILABLE);
    assert_int_equal(tq_provider_state(provider, at_ns, NULL), TQ_AVAILABLE);
}

/* The first limit is predicted to be exhausted; that and state and list agree. */
static void expect_out(const struct tq_provider *provider, int64_t at_ns, int64_t until_ns, uint32_t expects,
                       int64_t expected)
{
    struct tq_verdict verdict = verdict_of(provider, at_ns, 0);
    struct tq_limit_state limits[TQ_LIMITS_MAX];
    int64_t retry_at_ns;

    assert_int_equal(verdict.state, TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict.reason, TQ_REASON_PREDICTED);
    assert_int_equal(verdict.reasons, 1u << TQ_REASON_PREDICTED);
    assert_int_equal(verdict.limit, 1);
    assert_int_equal(verdict.retry_at_ns, until_ns);
    assert_int_equal(verdict.expects, expects);
    assert_int_equal(verdict.expected, expected);
    assert_int_equal(tq_provider_state(provider, at_ns, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, until_ns);
    assert_true(limits_at(provider, at_ns, limits) >= 1);
    assert_int_equal(limits[0].state, TQ_QUOTA_EXHAUSTED);
    assert_int_equal(limits[0].until_ns, until_ns);
}

/* ---- what the half hour took ----------------------------------------------------------------- */

/* 600 of 1,000, and 5/4 of that is more than 400. By 12:30 + 14 minutes 16/30 of it are left: 320, and 5/4 of
 * that is 400. */
static void test_half_hour(void **state)
{
    struct world *w = *state;
    int64_t retry_at_ns;

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(tq_provider_record(w->p, 600, NOON_NS, &retry_at_ns), TQ_EXHAUSTED);
    assert_int_equal(retry_at_ns, AT(12, 44, 0));
    expect_out(w->p, NOON_NS, AT(12, 44, 0), TQ_EXPECTS_HALF_HOUR, 750);
    expect_out(w->p, AT(12, 36, 0), AT(12, 44, 0), TQ_EXPECTS_HALF_HOUR, 600);     /* 24/30 of 750 */
    expect_out(w->p, AT(12, 44, 0) - 1, AT(12, 44, 0), TQ_EXPECTS_HALF_HOUR, 401); /* rounded up */
    expect_available(w->p, AT(12, 44, 0));
    expect_available(w->p, MIDNIGHT_NS - 1);
}

/* 5/4 of 400 is 500, of 800 left; of 444 it is 555, of 556 left; of 445 it is more than the 555 left. */
static void test_half_hour_that_just_fits(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(record(w->p, 400, NOON_NS), TQ_AVAILABLE);
    assert_int_equal(record(w->p, 44, NOON_NS), TQ_AVAILABLE);
    assert_int_equal(record(w->p, 1, NOON_NS), TQ_EXHAUSTED);
}

/* The last quarter of an hour takes half of what a half hour does: 5/4 of 310 is 387.5, of 380 left. Of x
 * left it takes 5/4 x 620 x / 30 min, which is not above 380 from 882.580645161 s on. */
static void test_end_of_a_window_is_near(void **state)
{
    struct world *w = *state;
    int64_t back_ns = AT(13, 0, 0) - INT64_C(882580645161);

    assert_int_equal(set_sentence(w->p, "1000 tokens per 1h from 2024-05-01"), 1);
    assert_int_equal(record(w->p, 600, AT(12, 45, 0)), TQ_AVAILABLE); /* 375 of 400 */
    assert_int_equal(record(w->p, 20, AT(12, 45, 0)), TQ_EXHAUSTED);
    expect_out(w->p, AT(12, 45, 0), back_ns, TQ_EXPECTS_HALF_HOUR, 388);
    expect_out(w->p, back_ns - 1, back_ns, TQ_EXPECTS_HALF_HOUR, 381);
    expect_available(w->p, back_ns);
}

/* ---- when nothing is used -------------------------------------------------------------------- */

/* At 0:10 two thirds of what the half hour before midnight took still count: 600 and the 4 of the new day. */
static void test_nothing_used(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "500 tokens per day"), 1);
    assert_int_equal(record(w->p, 900, AT(0, -10, 0)), TQ_EXHAUSTED);
    expect_available(w->p, AT(0, 0, 0));
    expect_available(w->p, AT(0, 10, 0));
    assert_int_equal(record(w->p, 4, AT(0, 10, 0)), TQ_EXHAUSTED);
    assert_int_equal(verdict_of(w->p, AT(0, 10, 0), 0).expected, 755); /* 5/4 of 604 */
}

/* Out by the mean call until midnight; then nothing is used, whatever a call takes. */
static void test_window_turns(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "100 tokens per day"), 1);
    assert_int_equal(record(w->p, 80, AT(6, 0, 0)), TQ_EXHAUSTED);
    expect_out(w->p, AT(23, 0, 0), MIDNIGHT_NS, TQ_EXPECTS_CALL, 100);
    expect_out(w->p, MIDNIGHT_NS - 1, MIDNIGHT_NS, TQ_EXPECTS_CALL, 100);
    expect_available(w->p, MIDNIGHT_NS);
}

/* ---- the mean call ---------------------------------------------------------------------------- */

/* Calls of 100, two hours apart. When 100 of 400 are left, a quarter is, and the rule looks at no call; of
 * the next token it does: 8 times the mean is 800 - 100 + 1. */
static void test_last_quarter(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "400 tokens per day"), 1);
    assert_int_equal(record(w->p, 100, AT(6, 0, 0)), TQ_AVAILABLE);
    assert_int_equal(record(w->p, 100, AT(8, 0, 0)), TQ_AVAILABLE);
    assert_int_equal(record(w->p, 100, AT(10, 0, 0)), TQ_EXHAUSTED); /* by the half hour: 125 of 100 left */
    expect_out(w->p, AT(10, 0, 0), AT(10, 36, 0), TQ_EXPECTS_HALF_HOUR, 125);
    expect_available(w->p, AT(10, 36, 0));
    assert_int_equal(record(w->p, 1, AT(12, 0, 0)), TQ_EXHAUSTED);
    expect_out(w->p, AT(12, 0, 0), MIDNIGHT_NS, TQ_EXPECTS_CALL, 110); /* 701 x 5 / 32 = 109.5 */
    expect_out(w->p, AT(18, 0, 0), MIDNIGHT_NS, TQ_EXPECTS_CALL, 110);
}

/* Of a budget that is no multiple of 4, too: of 6 the last quarter is less than 1.5. */
static void test_quarter_is_exact(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "6 requests per day"), 1);
    for (int hour = 0; hour < 4; hour++)
        assert_int_equal(record(w->p, 1, AT(hour, 0, 0)), TQ_AVAILABLE);
    assert_int_equal(record(w->p, 1, AT(5, 0, 0)), TQ_EXHAUSTED);
    expect_out(w->p, AT(5, 0, 0), MIDNIGHT_NS, TQ_EXPECTS_CALL, 2);
    assert_int_equal(tq_provider_correct(w->p, 1, AT(5, 0, 0)), 0);
    expect_available(w->p, AT(5, 0, 0)); /* 2 of 6 are left */
}

/* A mean call of 1,000 never fits into 10. Still there is a call a day, and so smaller ones to be seen. */
static void test_call_larger_than_the_budget(void **state)
{
    struct world *w = *state;

    assert_int_equal(record(w->p, 1000, AT(6, 0, 0)), TQ_AVAILABLE);
    assert_int_equal(set_sentence(w->p, "10 tokens per day"), 1);
    expect_available(w->p, NOON_NS);
    assert_int_equal(record(w->p, 7, NOON_NS), TQ_EXHAUSTED); /* by the half hour: 8.75 of 3 left */
    expect_available(w->p, AT(13, 30, 0));                    /* 3 are no less than a quarter */
    assert_int_equal(record(w->p, 1, AT(14, 0, 0)), TQ_EXHAUSTED);
    /* 8,000, 7,007, 6,133 (an eighth is rounded down) */
    expect_out(w->p, AT(14, 0, 0), MIDNIGHT_NS, TQ_EXPECTS_CALL, 959);
    expect_available(w->p, MIDNIGHT_NS);
}

/* ---- kinds of windows, and the reserve -------------------------------------------------------- */

/* Windows of less than an hour and buckets that refill are throttles: used to the last token. */
static void test_windows_without_rule(void **state)
{
    static const char *const sentences[] = {
        "100 tokens per 15m from 2024-05-01", "100 tokens per 45m from 2024-05-01",
        "100 tokens per 45m first-use",       "100 tokens per 45m rolling",
        "100 tokens per hour refill",
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        assert_int_equal(set_sentence(w->p, sentences[i]), 1);
        assert_int_equal(record(w->p, 99, NOON_NS), TQ_AVAILABLE);
        assert_int_equal(record(w->p, 1, NOON_NS), TQ_EXHAUSTED);
        assert_int_equal(verdict_of(w->p, NOON_NS, 0).reason, TQ_REASON_SPENT);
        assert_int_equal(tq_provider_remove_limit(w->p, 1), 0);
    }
}

/* 80 of 100 at noon. By the mean call each is out until its window ends. */
static void test_windows_with_rule(void **state)
{
    static const struct {
        const char *sentence;
        int64_t end_ns;
    } windows[] = {
        {"100 tokens per 1h from 2024-05-01", AT(13, 0, 0)},
        {"100 tokens per 1h first-use", AT(13, 0, 0)},
        {"100 tokens per 5h first-use", AT(17, 0, 0)},
        {"100 tokens per day Asia/Tokyo", AT(15, 0, 0)},
        {"100 tokens per week", AT(5 * 24, 0, 0)},
        {"100 tokens per month", AT(31 * 24, 0, 0)},
        {"100 tokens once", INT64_MAX},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        assert_int_equal(tq_provider_forget(w->p), 0);
        assert_int_equal(set_sentence(w->p, windows[i].sentence), 1);
        assert_int_equal(record(w->p, 80, NOON_NS), TQ_EXHAUSTED);
        expect_out(w->p, NOON_NS, windows[i].end_ns, TQ_EXPECTS_CALL, 100);
    }
}

/* Buckets of 3 minutes. The mean call of 40 asks for 50, but a quarter is enough: the 40 of noon are gone 101
 * buckets later. */
static void test_rolling_call(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "100 tokens per 5h rolling"), 1);
    assert_int_equal(record(w->p, 40, NOON_NS), TQ_AVAILABLE);
    assert_int_equal(record(w->p, 40, AT(14, 0, 0)), TQ_EXHAUSTED);
    expect_out(w->p, AT(14, 0, 0), AT(17, 3, 0), TQ_EXPECTS_CALL, 50);
    expect_out(w->p, AT(17, 3, 0) - 1, AT(17, 3, 0), TQ_EXPECTS_CALL, 50);
    expect_available(w->p, AT(17, 3, 0));
}

/* A call of 5 asks for 7 (6.25): of 6 left that is too much, of 11 it is not. The 5 of noon are the first
 * that go. */
static void test_rolling_call_smaller_than_a_quarter(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "96 tokens per 5h rolling"), 1);
    for (int i = 0; i < 18; i++)
        record(w->p, 5, AT(12, i, 0));
    expect_out(w->p, AT(14, 0, 0), AT(17, 3, 0), TQ_EXPECTS_CALL, 7);
    expect_available(w->p, AT(17, 3, 0));
}

/* A quarter of the budget is enough to the last token: when the 5 of noon go, 25 of 100 are left. The record
 * of noon comes late, and is too old for the mean. */
static void test_rolling_call_just_fits(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "100 tokens per 5h rolling"), 1);
    assert_int_equal(record(w->p, 75, AT(14, 0, 0)), TQ_EXHAUSTED);
    assert_true(record(w->p, 5, NOON_NS) >= 0);
    expect_out(w->p, AT(15, 0, 0), AT(17, 3, 0), TQ_EXPECTS_CALL, 94); /* 5/4 of 75 */
    expect_available(w->p, AT(17, 3, 0));
}

/* By the half hour a rolling limit is back when the notes have fallen: 5/4 of 60 is 75, of 40 left; of 32 it
 * is 40, and those are left 14 minutes into the next half hour. */
static void test_rolling_half_hour(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "100 tokens per 5h rolling"), 1);
    assert_int_equal(record(w->p, 60, NOON_NS), TQ_EXHAUSTED);
    expect_out(w->p, NOON_NS, AT(12, 44, 0), TQ_EXPECTS_HALF_HOUR, 75);
    expect_available(w->p, AT(12, 44, 0));
}

/* By the half hour a rolling limit is back earlier when its sum falls: at 10:31:48 the 60 of 9:31 are gone,
 * and 100 are left; 5/4 of 100 are that 6 minutes into the half hour. With none gone it would be 10:50:24. */
static void test_rolling_half_hour_of_an_hour(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "200 tokens per 1h rolling"), 1);
    assert_int_equal(record(w->p, 60, AT(9, 31, 0)), TQ_AVAILABLE);
    for (int i = 0; i < 10; i++)
        record(w->p, 10, AT(10, 29, 0));
    expect_out(w->p, AT(10, 29, 0), AT(10, 36, 0), TQ_EXPECTS_HALF_HOUR, 128);
    expect_out(w->p, AT(10, 36, 0) - 1, AT(10, 36, 0), TQ_EXPECTS_HALF_HOUR, 101);
    expect_available(w->p, AT(10, 36, 0));
}

/* Ordinary callers have 800 of 1,000: of 400 left, 500 is too much. Callers with the reserve have 600 left.
 */
static void test_reserve(void **state)
{
    struct world *w = *state;
    struct tq_limit_state limits[TQ_LIMITS_MAX];

    assert_int_equal(set_sentence(w->p, "1000 tokens per day reserve 20%"), 1);
    assert_int_equal(record(w->p, 400, NOON_NS), TQ_EXHAUSTED);
    expect_out(w->p, NOON_NS, AT(12, 36, 0), TQ_EXPECTS_HALF_HOUR, 500); /* 5/4 of 320 is 400 */
    assert_int_equal(verdict_of(w->p, NOON_NS, TQ_USE_RESERVE).state, TQ_AVAILABLE);
    limits_at(w->p, NOON_NS, limits);
    assert_int_equal(limits[0].spent, 0);
    assert_int_equal(record(w->p, 100, NOON_NS), TQ_EXHAUSTED); /* 625 of 500 left */
    assert_int_equal(verdict_of(w->p, NOON_NS, TQ_USE_RESERVE).retry_at_ns, AT(12, 36, 0));
    limits_at(w->p, NOON_NS, limits);
    assert_int_equal(limits[0].spent, 1);
}

/* ---- care -------------------------------------------------------------------------------------- */

/* Used to the last token. */
static void test_care_0(void **state)
{
    struct world *w = *state;

    assert_int_equal(tq_provider_set_care(w->p, 0), 0);
    assert_int_equal(set_sentence(w->p, "100 tokens per day"), 1);
    assert_int_equal(record(w->p, 99, NOON_NS), TQ_AVAILABLE);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).care, 0);
    assert_int_equal(record(w->p, 1, NOON_NS), TQ_EXHAUSTED);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).reason, TQ_REASON_SPENT);
}

/* 8 times 111 is 888, of 889 left; of 112 it is 896, of 888 left. */
static void test_care_8(void **state)
{
    struct world *w = *state;

    assert_int_equal(tq_provider_set_care(w->p, TQ_CARE_MAX), 0);
    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(record(w->p, 111, NOON_NS), TQ_AVAILABLE);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).care, TQ_CARE_MAX);
    assert_int_equal(record(w->p, 1, NOON_NS), TQ_EXHAUSTED);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).expected, 896);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).care, TQ_CARE_MAX);
}

static void test_care_is_set(void **state)
{
    struct world *w = *state;

    assert_int_equal(tq_provider_rule(w->p), TQ_RULE_DEFAULT);
    assert_int_equal(tq_provider_care(w->p), TQ_CARE_DEFAULT);
    assert_int_equal(tq_provider_set_care(w->p, TQ_CARE_MAX + 1), TQ_ERANGE);
    assert_int_equal(tq_provider_set_care(w->p, UINT32_MAX), TQ_ERANGE);
    assert_int_equal(tq_provider_rule(w->p), TQ_RULE_DEFAULT);
    for (uint32_t care = 0; care <= TQ_CARE_MAX; care++) {
        assert_int_equal(tq_provider_set_rule(w->p, TQ_RULE_OFF), 0);
        assert_int_equal(tq_provider_set_care(w->p, care), 0);
        assert_int_equal(tq_provider_care(w->p), care);
        assert_int_equal(tq_provider_rule(w->p), TQ_RULE_CARE);
    }
    assert_int_equal(tq_provider_set_care(NULL, 4), TQ_EINVAL);
    assert_int_equal(tq_provider_care(NULL), TQ_EINVAL);
}

/* Another rule keeps the care for when it is chosen again; the default and forgetting give it up. */
static void test_care_is_given_up(void **state)
{
    struct world *w = *state;

    assert_int_equal(tq_provider_set_care(w->p, 7), 0);
    assert_int_equal(tq_provider_set_rule(w->p, TQ_RULE_OFF), 0);
    assert_int_equal(tq_provider_set_rule(w->p, TQ_RULE_CARE), 0);
    assert_int_equal(tq_provider_care(w->p), 7);
    assert_int_equal(tq_provider_set_rule(w->p, TQ_RULE_DEFAULT), 0);
    assert_int_equal(tq_provider_care(w->p), TQ_CARE_DEFAULT);
    assert_int_equal(tq_provider_set_care(w->p, 7), 0);
    assert_int_equal(tq_provider_forget(w->p), 0);
    assert_int_equal(tq_provider_care(w->p), TQ_CARE_DEFAULT);
    assert_int_equal(tq_provider_rule(w->p), TQ_RULE_DEFAULT);
}

/* Nothing is stored: another care, or another rule, is asked of the same notes at once. */
static void test_care_is_changed(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(record(w->p, 400, NOON_NS), TQ_AVAILABLE);
    assert_int_equal(tq_provider_set_care(w->p, 7), 0); /* 700 of 600 left, as of 1/7 later 600 */
    expect_out(w->p, NOON_NS, AT(12, 30, 0) + 1800 * SECOND_NS / 7 + 1, TQ_EXPECTS_HALF_HOUR, 700);
    assert_int_equal(tq_provider_set_care(w->p, 6), 0);
    expect_available(w->p, NOON_NS);
    assert_int_equal(tq_provider_set_care(w->p, 7), 0);
    assert_int_equal(tq_provider_set_rule(w->p, TQ_RULE_HORIZON), 0);
    expect_available(w->p, NOON_NS);
    assert_int_equal(tq_provider_set_rule(w->p, TQ_RULE_CARE), 0);
    assert_int_equal(tq_provider_state(w->p, NOON_NS, NULL), TQ_QUOTA_EXHAUSTED);
}

/* A pool is judged by its own care and its own notes. */
static void test_pool(void **state)
{
    struct world *w = *state;
    struct tq_verdict verdict;

    assert_int_equal(tq_provider_set_pool(w->p, w->pool), 0);
    assert_int_equal(tq_provider_set_care(w->p, 0), 0);
    assert_int_equal(tq_provider_set_care(w->pool, 8), 0);
    assert_int_equal(set_sentence(w->p, "100 tokens per day"), 1);
    assert_int_equal(set_sentence(w->pool, "100 requests per day"), 1);
    assert_int_equal(set_sentence(w->pool, "1000 tokens per day"), 2);
    assert_int_equal(record(w->pool, 300, NOON_NS), TQ_AVAILABLE);
    assert_int_equal(record(w->p, 90, NOON_NS), TQ_EXHAUSTED); /* twice 390, of 610 left */
    verdict = verdict_of(w->p, NOON_NS, 0);
    assert_int_equal(verdict.reason, TQ_REASON_PREDICTED);
    assert_int_equal(verdict.level, 1);
    assert_int_equal(verdict.limit, 2);
    assert_int_equal(verdict.limits, 1u << 9);
    assert_int_equal(verdict.care, 8);
    assert_int_equal(verdict.expected, 780);
    assert_int_equal(tq_provider_set_pool(w->p, NULL), 0);
    expect_available(w->p, NOON_NS);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).care, 0);
}

/* ---- notes -------------------------------------------------------------------------------------- */

/* Tokens are noted without a limit, other units as long as a limit counts them, of whatever window. */
static void test_limit_set_later(void **state)
{
    struct world *w = *state;

    assert_int_equal(record(w->p, 600, NOON_NS), TQ_AVAILABLE);
    assert_int_equal(set_sentence(w->p, "700 tokens per day"), 1);
    assert_int_equal(set_sentence(w->p, "700 total per day"), 2); /* of these nothing is noted */
    expect_available(w->p, NOON_NS);
    assert_int_equal(record(w->p, 1, NOON_NS), TQ_EXHAUSTED);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).limits, 1);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).expected, 752); /* 5/4 of 601, of 699 left */
    assert_int_equal(set_sentence(w->p, "1 total per week"), 3);
    assert_int_equal(tq_provider_remove_limit(w->p, 3), 0);
    assert_int_equal(tq_provider_remove_limit(w->p, 1), 0);
    assert_int_equal(record(w->p, 300, NOON_NS), TQ_AVAILABLE); /* 5/4 of 301 of 399 left */
    assert_int_equal(tq_provider_remove_limit(w->p, 2), 0);
    assert_int_equal(set_sentence(w->p, "300 total per month"), 1);
    assert_int_equal(record(w->p, 1, NOON_NS), TQ_EXHAUSTED); /* the notes are of 302 */
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).expected, 378);
}

/* Two limits of a unit share its notes: a record is noted once. */
static void test_limits_of_one_unit(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "10 requests per day"), 1);
    assert_int_equal(set_sentence(w->p, "1000 requests per week"), 2);
    assert_int_equal(set_sentence(w->p, "100 requests per 5h first-use"), 3);
    for (int i = 0; i < 4; i++)
        assert_int_equal(record(w->p, 100, NOON_NS), TQ_AVAILABLE); /* 5 of 6 */
    assert_int_equal(record(w->p, 100, NOON_NS), TQ_EXHAUSTED);     /* 6.25 of 5 */
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).limits, 1);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).expected, 7);
}

/* A correction takes from the half hour; that there was a call of 600 stays. */
static void test_correct(void **state)
{
    struct world *w = *state;

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(set_sentence(w->p, "1000 total per day"), 2);
    assert_int_equal(record(w->p, 600, NOON_NS), TQ_EXHAUSTED);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).limits, 3);
    assert_int_equal(tq_provider_correct(w->p, 300, NOON_NS), 0);
    expect_available(w->p, NOON_NS);
    assert_int_equal(record(w->p, 460, AT(18, 0, 0)), TQ_EXHAUSTED);
    expect_out(w->p, AT(18, 0, 0), MIDNIGHT_NS, TQ_EXPECTS_CALL, 729); /* (4,800 - 600 + 460) x 5 / 32 */
    assert_int_equal(verdict_of(w->p, AT(18, 0, 0), 0).limits, 3);
    assert_int_equal(tq_provider_correct(w->p, 10000, AT(18, 0, 0)), 0); /* no half hour goes below 0 */
    assert_int_equal(record(w->p, 1, AT(18, 0, 0)), TQ_AVAILABLE);
}

/* Half hours and mean calls of all units are gone. Five calls of 16 leave 20 of 100, which is 5/4 of a call.
 */
static void test_reset_and_forget(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < 4; i++) {
        assert_int_equal(set_sentence(w->p, "100 tokens per day"), 1);
        assert_int_equal(set_sentence(w->p, "100 total per day"), 2);
        assert_int_equal(set_sentence(w->p, "8 requests per day"), 3);
        if (i % 2 == 0) {
            for (int k = 0; k < 7; k++)
                (void)record(w->p, k == 0 ? 90 : 0, AT(6, 0, 0));
            assert_int_equal(verdict_of(w->p, AT(6, 0, 0), 0).limits, 7);
            assert_int_equal(i == 0 ? tq_provider_reset(w->p) : tq_provider_forget(w->p), 0);
            expect_available(w->p, AT(6, 0, 0));
            continue;
        }
        for (int hour = 6; hour <= 10; hour++)
            assert_int_equal(record(w->p, 16, AT(hour, 0, 0)), TQ_AVAILABLE);
        assert_int_equal(tq_provider_forget(w->p), 0);
    }
}

/* ---- the verdict of an older header -------------------------------------------------------------- */

static void test_older_verdicts(void **state)
{
    static const uint32_t sizes[] = {offsetof(struct tq_verdict, level), offsetof(struct tq_verdict, care)};
    struct world *w = *state;
    struct tq_verdict full;

    assert_int_equal(set_sentence(w->p, "1000 tokens per day"), 1);
    assert_int_equal(record(w->p, 600, NOON_NS), TQ_EXHAUSTED);
    full = verdict_of(w->p, NOON_NS, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        union {
            struct tq_verdict verdict;
            uint8_t bytes[sizeof(struct tq_verdict)];
        } old;

        memset(&old, 0x55, sizeof old);
        old.verdict.flags = 0;
        old.verdict.size = full.size = sizes[i];
        assert_int_equal(tq_provider_verdict(w->p, NOON_NS, &old.verdict), TQ_QUOTA_EXHAUSTED);
        assert_memory_equal(&old, &full, offsetof(struct tq_verdict, level));
        assert_true(i == 0 || old.verdict.limits == full.limits);
        for (size_t k = sizes[i]; k < sizeof old; k++)
            assert_int_equal(old.bytes[k], 0x55);
        old.verdict.size = sizes[i] + 1;
        assert_int_equal(tq_provider_verdict(w->p, NOON_NS, &old.verdict), TQ_EINVAL);
        old.verdict.size = sizes[i] - 1;
        assert_int_equal(tq_provider_verdict(w->p, NOON_NS, &old.verdict), TQ_EINVAL);
    }
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_half_hour),
        test(test_half_hour_that_just_fits),
        test(test_end_of_a_window_is_near),
        test(test_nothing_used),
        test(test_window_turns),
        test(test_last_quarter),
        test(test_quarter_is_exact),
        test(test_call_larger_than_the_budget),
        test(test_windows_without_rule),
        test(test_windows_with_rule),
        test(test_rolling_call),
        test(test_rolling_call_smaller_than_a_quarter),
        test(test_rolling_call_just_fits),
        test(test_rolling_half_hour),
        test(test_rolling_half_hour_of_an_hour),
        test(test_reserve),
        test(test_care_0),
        test(test_care_8),
        test(test_care_is_set),
        test(test_care_is_given_up),
        test(test_care_is_changed),
        test(test_pool),
        test(test_limit_set_later),
        test(test_limits_of_one_unit),
        test(test_correct),
        test(test_reset_and_forget),
        test(test_older_verdicts),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("rule care of limits", tests, NULL, NULL);
}
