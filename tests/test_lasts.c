/* test_lasts.c: whether a budget lasts, between which totals its day will end, and both as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include <jansson.h>

#include "one_provider.h"
#include "view/lasts.h"
#include "view/limits.h"

#define HISTORY 64

static int64_t day_at(int days_ago)
{
    return NOON_NS - days_ago * DAY_NS;
}

static void count(struct tq_provider *provider, int64_t tokens, int64_t at_ns)
{
    assert_true(tq_provider_record(provider, tokens, at_ns, NULL) >= 0);
}

static struct outlook read_at(const struct tq_provider *provider, int64_t at_ns, uint32_t history_days)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct outlook outlook;

    assert_true(tq_provider_verdict(provider, at_ns, &verdict) >= 0);
    assert_int_equal(outlook_read(provider, &verdict, history_days, &outlook), 0);
    return outlook;
}

static void test_budget(void **state)
{
    static const struct {
        int64_t used, budget, at_ns;
        struct lasts lasts;
    } rows[] = {
        {600, 0, NOON_NS, {LASTS_UNKNOWN, 0}},
        {0, 1000, NOON_NS, {LASTS, 0}},
        {0, 1000, MAY_DAY_NS, {LASTS, 0}},
        {600, 1000, NOON_NS, {LASTS_RUNS_OUT, MAY_DAY_NS + 20 * HOUR_NS}},
        {600, 1200, NOON_NS, {LASTS, 0}},
        {600, 601, MAY_DAY_NS + 23 * MINUTE_NS, {LASTS_UNKNOWN, 0}},
        {600, 600, MAY_DAY_NS, {LASTS_SPENT, 0}},
        {601, 600, NOON_NS, {LASTS_SPENT, 0}},
        {INT64_MAX, 600, NOON_NS, {LASTS_SPENT, 0}},
        {10, 15, -12 * HOUR_NS, {LASTS_RUNS_OUT, -6 * HOUR_NS}}, /* on 31 December 1969 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lasts lasts = budget_lasts(rows[i].used, rows[i].budget, rows[i].at_ns);

        assert_int_equal(lasts.kind, rows[i].lasts.kind);
        assert_int_equal(lasts.out_at_ns, rows[i].lasts.out_at_ns);
    }
}

/* What a rule says of the budget outranks the pace; what it says of a limit, or of a pool's budget, does not.
 */
static void test_rule(void **state)
{
    const struct lasts lasts = {LASTS, 0}, runs_out = {LASTS_RUNS_OUT, NOON_NS}, unknown = {LASTS_UNKNOWN, 0};
    struct tq_verdict verdict = {.state = TQ_QUOTA_EXHAUSTED, .reason = TQ_REASON_PREDICTED};

    (void)state;
    assert_int_equal(lasts_by_rule(lasts, &verdict).kind, LASTS_NOT);
    assert_int_equal(lasts_by_rule(unknown, &verdict).kind, LASTS_NOT);
    assert_int_equal(lasts_by_rule(runs_out, &verdict).out_at_ns, NOON_NS);
    verdict.limit = 1;
    assert_int_equal(lasts_by_rule(lasts, &verdict).kind, LASTS);
    verdict.limit = 0;
    verdict.level = 1;
    assert_int_equal(lasts_by_rule(lasts, &verdict).kind, LASTS);
    verdict = (struct tq_verdict){.state = TQ_AVAILABLE};
    assert_int_equal(lasts_by_rule(unknown, &verdict).kind, LASTS_UNKNOWN);
}

/* Of the totals 100, 200 .. 1400 those that reach 500 are ten: the first to the tenth of them. */
static void test_interval(void **state)
{
    struct tq_provider *provider = ((struct one_provider *)*state)->provider;
    struct outlook outlook;

    count(provider, 9999, day_at(15)); /* is not looked at */
    for (int i = 14; i > 0; i--)
        count(provider, i * 100, day_at(i));
    outlook = read_at(provider, NOON_NS, HISTORY);
    assert_int_equal(outlook.days, 0); /* nothing is used */
    count(provider, 500, NOON_NS);
    outlook = read_at(provider, NOON_NS, HISTORY);
    assert_int_equal(outlook.used, 500);
    assert_int_equal(outlook.projection, 1000);
    assert_int_equal(outlook.days, 14);
    assert_false(outlook.interval.none);
    assert_int_equal(outlook.interval.low, 500);   /* floor(11 / 10): the first */
    assert_int_equal(outlook.interval.high, 1400); /* ceil(99 / 10): the tenth */
    count(provider, 100, NOON_NS);
    outlook = read_at(provider, NOON_NS, HISTORY);
    assert_int_equal(outlook.interval.low, 600);   /* floor(10 / 10) of 600 to 1400 */
    assert_int_equal(outlook.interval.high, 1400); /* ceil(90 / 10): the ninth */
    count(provider, 801, NOON_NS);
    outlook = read_at(provider, NOON_NS, HISTORY);
    assert_true(outlook.interval.none);
    assert_int_equal(outlook.days, 14);
    /* A ledger that keeps 8 days has seven before today. */
    assert_int_equal(read_at(provider, NOON_NS, 8).days, 7);
    /* A log has ended. */
    outlook = read_at(provider, NOON_NS, 0);
    assert_int_equal(outlook.days, 0);
    assert_int_equal(outlook.lasts.kind, LASTS_UNKNOWN);
    assert_int_equal(outlook.projection, 2802);
}

/* The sixth day is the first that is looked at. */
static void test_few_days(void **state)
{
    struct tq_provider *provider = ((struct one_provider *)*state)->provider;

    count(provider, 700, day_at(5));
    count(provider, 300, day_at(1));
    count(provider, 500, day_at(0));
    assert_int_equal(read_at(provider, NOON_NS, HISTORY).days, 14);
    assert_int_equal(read_at(provider, NOON_NS, HISTORY).interval.high, 700);
    assert_int_equal(read_at(provider, day_at(1), HISTORY).days, 0);
}

/* The first instants that a ledger knows have no days before them. */
static void test_first_day(void **state)
{
    struct tq_provider *provider = ((struct one_provider *)*state)->provider;

    count(provider, 500, TQ_NOW_MIN_NS + HOUR_NS);
    assert_int_equal(read_at(provider, TQ_NOW_MIN_NS + HOUR_NS, HISTORY).days, 0);
    assert_int_equal(read_at(provider, TQ_NOW_MIN_NS + HOUR_NS, HISTORY).used, 500);
}

/* What other machines used is used up, too: with 500 here the budget would last, with 400 elsewhere it does
 * not. The days before are this machine's alone, so they say nothing of all machines. */
static void test_others(void **state)
{
    struct one_provider *one = *state;
    struct tq_share told = {.size = sizeof told, .start_at_ns = MAY_DAY_NS, .others = 400, .withheld = 400};
    struct outlook outlook;

    for (int i = 14; i >= 0; i--)
        count(one->provider, 500, day_at(i));
    assert_int_equal(tq_provider_set_budget(one->provider, 1200), 0);
    assert_int_equal(read_at(one->provider, NOON_NS, HISTORY).lasts.kind, LASTS);
    assert_int_equal(tq_ledger_set_shared_until(one->ledger, NOON_NS + HOUR_NS), 0);
    told.withheld_cut = told.withheld;
    assert_int_equal(tq_provider_set_share(one->provider, &told, NOON_NS), 0);
    outlook = read_at(one->provider, NOON_NS, HISTORY);
    assert_int_equal(outlook.used, 900);
    assert_int_equal(outlook.others, 400);
    assert_int_equal(outlook.projection, 1800);
    assert_int_equal(outlook.lasts.kind, LASTS_RUNS_OUT);
    assert_int_equal(outlook.lasts.out_at_ns, MAY_DAY_NS + 16 * HOUR_NS);
    assert_int_equal(outlook.days, 0);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static void expect_json(json_t *object, const char *text)
{
    json_t *wanted = json_loads(text, 0, NULL);

    assert_non_null(wanted);
    if (!json_equal(object, wanted))
        fail_msg("%s in place of %s", json_dumps(object, 0), text);
    json_decref(object);
    json_decref(wanted);
}

/* What is not known is left out. */
static void test_json(void **state)
{
    struct outlook outlook = {.used = 5, .projection = -1};

    (void)state;
    expect_json(lasts_json((struct lasts){LASTS_UNKNOWN, 0}), "{}");
    expect_json(lasts_json((struct lasts){LASTS, 0}), "{\"lasts\": true}");
    expect_json(lasts_json((struct lasts){LASTS_SPENT, 0}), "{\"lasts\": false}");
    expect_json(lasts_json((struct lasts){LASTS_NOT, 0}), "{\"lasts\": false}");
    expect_json(lasts_json((struct lasts){LASTS_RUNS_OUT, NOON_NS}),
                "{\"lasts\": false, \"runs_out_at\": \"2024-05-01T12:00:00Z\"}");
    expect_json(outlook_json(&outlook), "{\"projection\": null}");
    outlook =
        (struct outlook){.projection = 9, .lasts = {LASTS, 0}, .interval = {.low = 3, .high = 7}, .days = 14};
    expect_json(outlook_json(&outlook),
                "{\"projection\": 9, \"lasts\": true,"
                " \"interval\": {\"percent\": 80, \"days\": 14, \"low\": 3, \"high\": 7}}");
    outlook = (struct outlook){.projection = 9, .interval = {.none = true}, .days = 7};
    expect_json(outlook_json(&outlook), "{\"projection\": 9, \"interval\": {\"percent\": 80, \"days\": 7}}");
}

static void expect_limit(const struct tq_limit_state *state, const char *lasts, const char *runs_out_at)
{
    json_t *object = limit_state_json(state, NOON_NS);
    const json_t *told = json_object_get(object, "lasts"), *at = json_object_get(object, "runs_out_at");

    assert_string_equal(!told ? "left out" : json_is_true(told) ? "true" : "false", lasts);
    assert_string_equal(at ? json_string_value(at) : "left out", runs_out_at);
    json_decref(object);
}

static void test_limit(void **state)
{
    struct tq_limit_state limit = {.size = sizeof limit,
                                   .limit = {.unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_DAY}};

    (void)state;
    expect_limit(&limit, "left out", "left out");
    assert_int_equal(limit_lasts(&limit).kind, LASTS_UNKNOWN);
    limit.out_at_ns = INT64_MAX;
    expect_limit(&limit, "true", "left out");
    limit.out_at_ns = NOON_NS + HOUR_NS;
    expect_limit(&limit, "false", "2024-05-01T13:00:00Z");
    limit.state = TQ_QUOTA_EXHAUSTED;
    expect_limit(&limit, "false", "left out");
    assert_int_equal(limit_lasts(&limit).kind, LASTS_SPENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget),    cmocka_unit_test(test_rule),       one_provider_test(test_interval),
        one_provider_test(test_few_days), one_provider_test(test_first_day), one_provider_test(test_others),
        cmocka_unit_test(test_json),      cmocka_unit_test(test_limit),
    };

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
