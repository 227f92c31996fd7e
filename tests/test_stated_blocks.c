/* test_stated_blocks.c: what of a vendor's windows keeps a provider out: pools, stops, marks, probes,
 * verdicts.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/verdicts.md has the table of single words (test_verdicts_stated.c); here are several together.
 */
#include <stdio.h>

#include "windows.h"

#define NOON_NS AT(12, 0, 0)
#define END_NS AT(16, 0, 0)

/* p and q are in the pool, which is in the pool `top` when a test says so. */
struct world {
    struct tq_ledger *ledger;
    struct tq_provider *p, *q, *pool, *top;
};

static int setup(void **state)
{
    static struct world w;

    assert_int_equal(tq_ledger_open(&w.ledger, NULL, NULL, NULL), 0);
    w.p = named(w.ledger, "p");
    w.q = named(w.ledger, "q");
    w.pool = named(w.ledger, "pool");
    w.top = named(w.ledger, "top");
    *state = &w;
    return 0;
}

static int setup_pool(void **state)
{
    struct world *w;

    setup(state);
    w = *state;
    assert_int_equal(tq_provider_set_pool(w->p, w->pool), 0);
    assert_int_equal(tq_provider_set_pool(w->q, w->pool), 0);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    tq_ledger_close(w->ledger);
    return 0;
}

static bool is_out(struct tq_provider *provider, int64_t now_ns)
{
    return tq_provider_state(provider, now_ns, NULL) == TQ_QUOTA_EXHAUSTED;
}

static struct word of_model(struct word word, const char *name)
{
    word.flags |= TQ_AXIS_MODEL_ONLY;
    word.name = name;
    return word;
}

static struct word sent(struct word word, int64_t sent_at_ns)
{
    word.sent_at_ns = sent_at_ns;
    return word;
}

/* ---- pools ----------------------------------------------------------------------------------- */

/* What is said of the account is the topmost pool's, what is said of a model the provider's. */
static void test_whose_it_is(void **state)
{
    struct world *w = *state;

    assert_int_equal(tq_provider_set_pool(w->pool, w->top), 0);
    assert_int_equal(say(w->p, week_at(NOON_NS, 40, END_NS)), TQ_AVAILABLE);
    assert_int_equal(say(w->p, of_model(week_at(NOON_NS, 60, END_NS), "opus")), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->top, WEEK_NS, "", NOON_NS).said_ppm, 400000);
    assert_int_equal(stated_at(w->p, WEEK_NS, "opus", NOON_NS).said_ppm, 600000);
    assert_int_equal(tq_provider_limits(w->pool, NOON_NS, NULL, 0), 0);
    assert_int_equal(tq_provider_limits(w->q, NOON_NS, NULL, 0), 0);
    assert_int_equal(tq_provider_limits(w->top, NOON_NS, NULL, 0), 1);
    assert_int_equal(tq_provider_limits(w->p, NOON_NS, NULL, 0), 1);
}

/* The account's window takes all members out, a model's its own alone. */
static void test_whom_it_takes_out(void **state)
{
    struct world *w = *state;

    assert_int_equal(refuse_for(w->p, of_model(week_at(NOON_NS, -1, END_NS), "opus")), TQ_QUOTA_EXHAUSTED);
    assert_true(is_out(w->p, NOON_NS));
    assert_false(is_out(w->q, NOON_NS) || is_out(w->pool, NOON_NS));
    assert_int_equal(refuse_for(w->q, session_at(NOON_NS, -1, NOON_NS + HOUR_NS)), TQ_QUOTA_EXHAUSTED);
    assert_true(is_out(w->p, NOON_NS) && is_out(w->q, NOON_NS) && is_out(w->pool, NOON_NS));
    assert_true(is_out(w->p, NOON_NS + HOUR_NS));
    assert_false(is_out(w->q, NOON_NS + HOUR_NS) || is_out(w->pool, NOON_NS + HOUR_NS));
}

/* Without a pool a model's window is shown, and takes nobody out. */
static void test_model_without_pool(void **state)
{
    struct world *w = *state;
    struct tq_quota_signal signal = signal_of(of_model(week_at(NOON_NS, 100, END_NS), "opus"));

    assert_int_equal(tq_provider_apply(w->p, &signal), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->p, WEEK_NS, "opus", NOON_NS).said, TQ_SAID_READING | TQ_SAID_SHARE);
    signal.refusal = TQ_CLASS_EXHAUSTED;
    signal.flags = TQ_SIGNAL_MODEL_ONLY;
    signal.binds = 0;
    signal.retry_at_ns = END_NS;
    assert_int_equal(tq_provider_apply(w->p, &signal), TQ_AVAILABLE);
    assert_int_equal(tq_provider_set_overage(w->p, TQ_OVERAGE_STOP), 0);
    assert_false(is_out(w->p, NOON_NS));
}

/* A refusal of one model that names the account's window says nothing of the account. */
static void test_model_refused_by_the_accounts_window(void **state)
{
    struct world *w = *state;
    struct tq_quota_signal signal = signal_of(week_at(NOON_NS, -1, END_NS));

    signal.refusal = TQ_CLASS_EXHAUSTED;
    signal.flags = TQ_SIGNAL_MODEL_ONLY;
    signal.binds = 0;
    signal.retry_at_ns = END_NS;
    assert_int_equal(tq_provider_apply(w->p, &signal), TQ_QUOTA_EXHAUSTED);
    assert_true(is_out(w->p, NOON_NS));
    assert_false(is_out(w->q, NOON_NS) || is_out(w->pool, NOON_NS));
}

/* A member's success lifts its own words and its pool's, never another member's. */
static void test_what_a_success_lifts(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, of_model(week_at(NOON_NS, -1, END_NS), "opus"));
    refuse_for(w->q, of_model(week_at(NOON_NS, -1, END_NS), "sonnet"));
    refuse_for(w->q, week_at(NOON_NS, -1, END_NS));
    assert_int_equal(tq_provider_success(w->p, NOON_NS - 1), 0); /* it was in flight */
    assert_true(is_out(w->p, NOON_NS) && is_out(w->q, NOON_NS) && is_out(w->pool, NOON_NS));
    assert_int_equal(tq_provider_success(w->p, NOON_NS + SECOND_NS), 0);
    assert_false(is_out(w->p, NOON_NS) || is_out(w->pool, NOON_NS));
    assert_true(is_out(w->q, NOON_NS));
    assert_int_equal(tq_provider_success(w->pool, NOON_NS + SECOND_NS), 0);
    assert_true(is_out(w->q, NOON_NS));
    assert_int_equal(tq_provider_success(w->q, NOON_NS + SECOND_NS), 0);
    assert_false(is_out(w->q, NOON_NS));
}

/* A verdict names the level and the limit that bind. */
static void test_verdict_of_levels(void **state)
{
    struct world *w = *state;
    struct tq_verdict verdict;
    char text[512];

    refuse_for(w->p, of_model(session_at(NOON_NS, -1, NOON_NS + HOUR_NS), "opus"));
    refuse_for(w->q, session_at(NOON_NS, 12, NOON_NS + 2 * HOUR_NS));
    refuse_for(w->q, week_at(NOON_NS, -1, END_NS));
    verdict = verdict_of(w->p, NOON_NS + MINUTE_NS, 0);
    assert_int_equal(verdict.reason, TQ_REASON_REPORTED);
    assert_int_equal(verdict.reasons, 1u << TQ_REASON_REPORTED);
    assert_int_equal(verdict.level, 1);
    assert_int_equal(verdict.limit, 2);
    assert_int_equal(verdict.limit_unit, TQ_UNIT_SHARE);
    assert_int_equal(verdict.limit_window, TQ_WINDOW_STATED);
    assert_int_equal(verdict.limits, 1u | 3u << 8);
    assert_int_equal(verdict.window_ns, WEEK_NS);
    assert_int_equal(verdict.said_at_ns, NOON_NS);
    assert_int_equal(verdict.refusal, TQ_CLASS_EXHAUSTED);
    assert_int_equal(verdict.axis, TQ_AXIS_UNKNOWN);
    assert_int_equal(verdict.source, TQ_SOURCE_BODY);
    assert_int_equal(verdict.profile, 3);
    assert_int_equal(verdict.retry_at_ns, END_NS);
    assert_int_equal(verdict.probe_at_ns, NOON_NS + HOUR_NS);
    assert_true(tq_verdict_explain(&verdict, text, sizeof text) < (int)sizeof text);
    assert_non_null(strstr(text, "16:00"));
    verdict = verdict_of(w->q, NOON_NS, 0);
    assert_int_equal(verdict.limits, 3u << 8);
}

/* ---- probes ---------------------------------------------------------------------------------- */

static int64_t take(struct tq_provider *provider, int64_t now_ns, int wanted)
{
    int64_t at_ns;

    assert_int_equal(tq_provider_probe_take(provider, now_ns, &at_ns), wanted);
    return at_ns;
}

/* All levels must be due before any probe is taken. */
static void test_probe_of_levels(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, of_model(week_at(NOON_NS, -1, END_NS), "opus"));
    refuse_for(w->p, week_at(NOON_NS + MINUTE_NS, -1, END_NS));
    say(w->p, week_at(NOON_NS + 2 * MINUTE_NS, 10, END_NS)); /* the pool is doubted, the model is not */
    assert_int_equal(take(w->p, AT(12, 5, 0), 1), NOON_NS + HOUR_NS);
    assert_int_equal(take(w->q, AT(12, 5, 0), 0), AT(12, 7, 0));
    assert_int_equal(take(w->q, AT(12, 6, 59), 1), AT(12, 7, 0));
    say(w->p, of_model(week_at(AT(12, 6, 0), 10, END_NS), "opus"));
    assert_int_equal(take(w->p, AT(12, 6, 30), 1), AT(12, 7, 0)); /* q has that of the pool */
    assert_int_equal(take(w->p, AT(12, 7, 0), 0), AT(12, 9, 0));
    assert_int_equal(take(w->q, AT(12, 8, 0), 1), AT(12, 9, 0));
    assert_int_equal(tq_provider_success(w->p, AT(12, 7, 0)), 0);
    assert_false(is_out(w->p, AT(12, 8, 0)) || is_out(w->q, AT(12, 8, 0)));
}

/* A block that ends before its hour has no probe, and no other word of the provider, or of its pool, gets
 * one. */
static void test_no_probe_beside_a_short_block(void **state)
{
    struct world *w = *state;
    struct tq_exhausted list[4];

    refuse_all(w->p, TQ_CLASS_EXHAUSTED, NOON_NS, 0, 0);
    refuse_for(w->p, session_at(NOON_NS, -1, NOON_NS + HOUR_NS / 2)); /* the pool's */
    assert_int_equal(take(w->p, AT(12, 20, 0), 1), NOON_NS + HOUR_NS / 2);
    assert_int_equal(take(w->p, AT(12, 30, 0), 0), AT(12, 32, 0));
    refuse_all(w->pool, TQ_CLASS_EXHAUSTED, AT(12, 0, 0), 0, 0);
    assert_int_equal(take(w->pool, AT(12, 20, 0), 1), NOON_NS + HOUR_NS / 2); /* one level */
    assert_int_equal(tq_ledger_probes_due(w->ledger, AT(12, 20, 0), list, 4), 0);
}

/* Where all ends by itself before it could be asked, no probe is due. */
static void test_no_probe_at_the_end(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, session_at(NOON_NS, -1, AT(13, 30, 0))); /* the pool's */
    refuse_all(w->p, TQ_CLASS_EXHAUSTED, AT(13, 10, 0), 0, AT(13, 40, 0));
    assert_int_equal(take(w->p, AT(13, 20, 0), 1), 0);
    assert_int_equal(take(w->q, AT(13, 20, 0), 0), AT(13, 22, 0));
}

/* While anything else keeps a provider out, no probe is due: a mark, a throttle, a rule, a limit, a stop. */
static void test_no_probe_beside_others(void **state)
{
    for (unsigned i = 0; i < 6; i++) {
        struct tq_exhausted list[4];
        struct world *w;

        teardown(state);
        setup_pool(state);
        w = *state;
        refuse_for(w->p, of_model(week_at(NOON_NS, -1, END_NS), "opus"));
        say(w->p, of_model(week_at(AT(12, 5, 0), 50, END_NS), "opus"));
        assert_int_equal(tq_ledger_probes_due(w->ledger, AT(12, 10, 0), list, 4), 1);
        assert_int_equal(list[0].retry_at_ns, NOON_NS); /* since then */
        if (i == 0)
            assert_int_equal(tq_provider_mark_quota_exhausted(w->p, END_NS), 0);
        else if (i == 1)
            refuse_all(w->p, TQ_CLASS_THROTTLED, AT(12, 6, 0), 0, AT(13, 0, 0));
        else if (i == 2)
            assert_true(tq_provider_set_budget(w->p, 1) == 0 &&
                        tq_provider_record(w->p, 1, AT(12, 6, 0), NULL) == TQ_EXHAUSTED);
        else if (i == 3)
            assert_true(set_sentence(w->p, "1 requests per day") > 0 &&
                        tq_provider_record(w->p, 1, AT(12, 6, 0), NULL) == TQ_EXHAUSTED);
        else if (i == 4)
            assert_true(set_sentence(w->p, "5h reserve 10%") > 0 &&
                        say(w->p, of_model(session_at(AT(12, 6, 0), 95, END_NS), "")) >= 0 &&
                        set_sentence(w->p, "5h model reserve 10%") > 0);
        else
            assert_int_equal(tq_provider_mark_quota_exhausted(w->pool, END_NS), 0);
        assert_int_equal(take(w->p, AT(12, 10, 0), 1), 0);
        if (i < 5)
            assert_int_equal(tq_ledger_probes_due(w->ledger, AT(12, 10, 0), list, 4), 0);
    }
}

/* Probes that failed of a block are not those of the next one. */
static void test_attempts_of_a_block(void **state)
{
    struct world *w = *state;
    int64_t now_ns = NOON_NS;

    refuse_for(w->p, week_at(NOON_NS, -1, END_NS));
    for (int32_t i = 0; i < 3; i++) {
        say(w->p, week_at(now_ns += SECOND_NS, 10 + i, END_NS));
        now_ns = take(w->p, now_ns, i == 0 ? 0 : 1);
        if (i > 0)
            take(w->p, now_ns, 0);
        else
            now_ns -= TQ_PROBE_LEASE_NS;
        refuse_for(w->p, sent(week_at(now_ns + SECOND_NS, -1, END_NS), now_ns));
        now_ns += SECOND_NS;
    }
    assert_int_equal(verdict_of(w->p, now_ns, 0).attempt, 3);
    refuse_for(w->p, week_at(END_NS + HOUR_NS, -1, END_NS + WEEK_NS));
    assert_int_equal(verdict_of(w->p, END_NS + HOUR_NS, 0).attempt, 0);
    now_ns = END_NS + 2 * HOUR_NS;
    say(w->p, week_at(now_ns, 10, END_NS + WEEK_NS));
    take(w->p, now_ns, 0);
    assert_int_equal(tq_provider_probe_failure(w->p, now_ns + SECOND_NS), 0);
    assert_int_equal(take(w->p, now_ns + MINUTE_NS, 1), now_ns + SECOND_NS + 5 * MINUTE_NS);
}

/* The same share lifts nothing, but its later window counts for the reading that follows. */
static void test_growth_after_the_same_share(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, week_at(NOON_NS, -1, END_NS));
    say(w->p, week_at(AT(12, 1, 0), 40, END_NS));
    say(w->p, week_at(AT(12, 2, 0), 40, END_NS + DAY_NS));
    assert_true(is_out(w->p, AT(12, 2, 0)));
    say(w->p, week_at(AT(12, 3, 0), 45, END_NS + DAY_NS));
    assert_false(is_out(w->p, AT(12, 3, 0)));
}

/* Use that grew before the vendor refused once more is no growth since. */
static void test_growth_before_a_refusal(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, week_at(NOON_NS, -1, END_NS));
    say(w->p, week_at(AT(12, 1, 0), 1, END_NS + DAY_NS));
    refuse_for(w->p, sent(week_at(AT(12, 2, 0), -1, END_NS), AT(12, 1, 30)));
    say(w->p, week_at(AT(12, 3, 0), 2, END_NS + DAY_NS));
    assert_true(is_out(w->p, AT(12, 3, 0)));
    say(w->p, week_at(AT(12, 4, 0), 3, END_NS + DAY_NS));
    assert_false(is_out(w->p, AT(12, 4, 0)));
}

/* An answer, or a mark, that finds a block which has ended takes no other word from memory. */
static void test_ended_block_is_not_remembered(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, week_at(NOON_NS, -1, END_NS + DAY_NS));
    assert_int_equal(tq_provider_success(w->p, AT(12, 1, 0)), 0); /* lifted, and remembered */
    say(w->p, week_at(AT(12, 2, 0), 100, END_NS));
    assert_int_equal(tq_provider_success(w->p, END_NS + SECOND_NS), 0);
    assert_int_equal(say(w->p, week_at(END_NS + MINUTE_NS, 100, END_NS + DAY_NS)), TQ_AVAILABLE);
    say(w->p, week_at(END_NS + HOUR_NS, 100, END_NS + 2 * HOUR_NS));
    assert_int_equal(tq_provider_mark_available_at(w->p, END_NS + 3 * HOUR_NS), 0);
    assert_int_equal(say(w->p, week_at(END_NS + 4 * HOUR_NS, 100, END_NS + DAY_NS)), TQ_AVAILABLE);
}

/* The turn of a caller that has the probe does not outlast the block. */
static void test_probe_at_the_end_of_a_block(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, week_at(NOON_NS, -1, END_NS));
    take(w->p, END_NS - MINUTE_NS, 0);
    assert_int_equal(take(w->p, END_NS - MINUTE_NS, 1), 0);
    assert_int_equal(verdict_of(w->p, END_NS - MINUTE_NS, 0).probing, 1);
}

/* A request that was sent in the second before the reading came does not answer it. */
static void test_sent_just_before_a_reading(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, week_at(NOON_NS, -1, END_NS));
    say(w->p, week_at(AT(12, 1, 0), 61, END_NS));
    refuse_for(w->p, sent(week_at(AT(12, 1, 1), -1, END_NS), AT(12, 0, 59)));
    take(w->p, AT(12, 2, 0), 0);
}

/* ---- what the user decides ------------------------------------------------------------------- */

static void test_reserve(void **state)
{
    struct world *w = *state;
    struct tq_verdict verdict;
    struct tq_limit_state limit;

    assert_int_equal(set_sentence(w->p, "7d reserve 10%"), 1);
    assert_int_equal(say(w->p, week_at(NOON_NS, 89, END_NS)), TQ_AVAILABLE);
    assert_int_equal(say(w->p, week_at(NOON_NS, 90, END_NS)), TQ_QUOTA_EXHAUSTED);
    verdict = verdict_of(w->p, NOON_NS, 0);
    assert_int_equal(verdict.reason, TQ_REASON_SPENT);
    assert_int_equal(verdict.limit, 1);
    assert_int_equal(verdict.limit_used, 900000);
    assert_int_equal(verdict.limit_amount, 1000000);
    assert_int_equal(verdict.limit_reserve, 100000);
    assert_int_equal(verdict.window_ns, WEEK_NS);
    assert_int_equal(verdict.retry_at_ns, END_NS);
    assert_int_equal(verdict_of(w->p, NOON_NS, TQ_USE_RESERVE).state, TQ_AVAILABLE);
    limit = stated_at(w->p, WEEK_NS, "", NOON_NS);
    assert_int_equal(limit.state, TQ_QUOTA_EXHAUSTED);
    assert_int_equal(limit.until_ns, END_NS);
    assert_int_equal(limit.limit.reserve_share, 1000);
    assert_int_equal(limit.said & TQ_SAID_STOPS, TQ_SAID_STOPS);
    assert_int_equal(say(w->p, week_at(NOON_NS + SECOND_NS, 100, END_NS)), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict_of(w->p, NOON_NS + SECOND_NS, TQ_USE_RESERVE).reason, TQ_REASON_REPORTED);
    assert_false(is_out(w->p, END_NS));
    /* Another reserve holds at once. */
    assert_int_equal(say(w->p, week_at(END_NS, 85, END_NS + DAY_NS)), TQ_AVAILABLE);
    assert_int_equal(set_sentence(w->p, "7d reserve 20%"), 1);
    assert_true(is_out(w->p, END_NS));
}

static void test_overage(void **state)
{
    struct world *w = *state;
    struct word word = week_at(NOON_NS, 100, END_NS);

    word.flags = TQ_AXIS_CREDIT;
    assert_int_equal(tq_provider_overage(w->p), TQ_OVERAGE_ALLOW);
    assert_int_equal(say(w->p, word), TQ_AVAILABLE);
    assert_int_equal(tq_provider_set_overage(w->p, 2), TQ_EINVAL);
    assert_int_equal(tq_provider_set_overage(NULL, TQ_OVERAGE_STOP), TQ_EINVAL);
    assert_int_equal(tq_provider_set_overage(w->p, TQ_OVERAGE_STOP), 0);
    assert_int_equal(tq_provider_overage(w->p), TQ_OVERAGE_STOP);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).reason, TQ_REASON_SPENT);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).limit_reserve, 0);
    assert_true(is_out(w->p, NOON_NS));
    assert_int_equal(take(w->p, NOON_NS + 2 * HOUR_NS, 1), 0);
    assert_int_equal(tq_provider_success(w->p, NOON_NS + HOUR_NS), 0); /* no answer lifts it */
    assert_true(is_out(w->p, NOON_NS));
    assert_int_equal(tq_provider_mark_available_at(w->p, NOON_NS + SECOND_NS), 0);
    assert_false(is_out(w->p, NOON_NS + SECOND_NS));
    word.said_at_ns += MINUTE_NS; /* read again: of the same window */
    word.reset_at_ns += 4 * MINUTE_NS;
    assert_int_equal(say(w->p, word), TQ_AVAILABLE);
    word.said_at_ns += MINUTE_NS; /* of another one */
    word.reset_at_ns += 6 * MINUTE_NS;
    assert_int_equal(say(w->p, word), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(tq_provider_set_overage(w->p, TQ_OVERAGE_ALLOW), 0);
    assert_false(is_out(w->p, word.said_at_ns));
}

/* Set of a pool it holds for the account's windows, which are the pool's. */
static void test_overage_of_a_pool(void **state)
{
    struct world *w = *state;
    struct word word = week_at(NOON_NS, 100, END_NS);

    word.flags = TQ_AXIS_CREDIT;
    assert_int_equal(tq_provider_set_overage(w->pool, TQ_OVERAGE_STOP), 0);
    assert_int_equal(say(w->p, word), TQ_QUOTA_EXHAUSTED);
    assert_true(is_out(w->q, NOON_NS));
    assert_int_equal(verdict_of(w->q, NOON_NS, 0).level, 1);
}

/* A refusal that a reading means is none where the vendor serves on credit. */
static void test_reading_on_credit_is_no_refusal(void **state)
{
    struct world *w = *state;
    struct word word = week_at(NOON_NS, 100, END_NS);
    struct tq_quota_signal signal;

    word.flags = TQ_AXIS_CREDIT;
    signal = signal_of(word);
    signal.refusal = TQ_CLASS_EXHAUSTED;
    signal.flags = TQ_SIGNAL_READING;
    signal.binds = 0;
    signal.retry_at_ns = END_NS;
    assert_int_equal(tq_provider_apply(w->p, &signal), TQ_AVAILABLE);
    signal.flags = 0; /* a request was refused all the same */
    assert_int_equal(tq_provider_apply(w->p, &signal), TQ_QUOTA_EXHAUSTED);
}

/* ---- mark available -------------------------------------------------------------------------- */

/* Without a time it is as of the newest word, and takes nothing back of an earlier one with a time. */
static void test_mark_without_time(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, week_at(NOON_NS, -1, END_NS));
    assert_int_equal(tq_provider_mark_available_at(w->p, AT(12, 10, 0)), 0);
    assert_int_equal(tq_provider_mark_available(w->p), 0); /* nothing to overrule */
    refuse_for(w->p, sent(week_at(AT(12, 20, 0), -1, END_NS), AT(12, 9, 0)));
    assert_false(is_out(w->p, AT(12, 20, 0)));
    refuse_for(w->p, sent(week_at(AT(12, 20, 0), -1, END_NS), AT(12, 10, 0)));
    assert_true(is_out(w->p, AT(12, 20, 0)));
    assert_int_equal(tq_store_mark_available(tq_ledger_store(w->ledger), "p"), 0);
    assert_false(is_out(w->p, AT(12, 20, 0)));
    refuse_for(w->p, sent(week_at(AT(12, 30, 0), -1, END_NS), AT(12, 19, 59)));
    assert_false(is_out(w->p, AT(12, 30, 0)));
    refuse_for(w->p, sent(week_at(AT(12, 30, 0), -1, END_NS), AT(12, 20, 0)));
    assert_true(is_out(w->p, AT(12, 30, 0)));
}

/* A word of a limit that was removed is not among them. */
static void test_mark_after_removing(void **state)
{
    struct world *w = *state;

    refuse_for(w->p, week_at(NOON_NS, -1, END_NS));
    refuse_for(w->p, session_at(AT(13, 0, 0), -1, END_NS));
    assert_int_equal(tq_provider_remove_limit(w->p, 2), 0);
    assert_int_equal(tq_provider_mark_available(w->p), 0);
    refuse_for(w->p, sent(week_at(AT(13, 0, 0), -1, END_NS), AT(12, 30, 0)));
    assert_true(is_out(w->p, AT(13, 0, 0)));
}

/* `reported` without a window is overruled in the same way. */
static void test_mark_of_reported(void **state)
{
    struct world *w = *state;

    refuse_all(w->p, TQ_CLASS_EXHAUSTED, NOON_NS, 0, END_NS);
    assert_int_equal(tq_provider_mark_available_at(w->p, AT(12, 10, 0)), 0);
    assert_false(is_out(w->p, AT(12, 10, 0)));
    refuse_all(w->p, TQ_CLASS_EXHAUSTED, AT(12, 20, 0), AT(12, 9, 0), END_NS + 5 * MINUTE_NS);
    assert_false(is_out(w->p, AT(12, 20, 0)));
    refuse_all(w->p, TQ_CLASS_EXHAUSTED, AT(12, 20, 0), AT(12, 9, 0), END_NS + 6 * MINUTE_NS);
    assert_true(is_out(w->p, AT(12, 20, 0)));
    assert_int_equal(tq_provider_mark_available_at(w->p, AT(12, 30, 0)), 0);
    refuse_all(w->p, TQ_CLASS_EXHAUSTED, AT(12, 40, 0), 0, END_NS);
    assert_true(is_out(w->p, AT(12, 40, 0)));
    assert_int_equal(tq_provider_mark_available_at(w->p, 0), TQ_ERANGE);
    assert_int_equal(tq_provider_mark_available_at(w->p, -1), TQ_ERANGE);
    assert_int_equal(tq_provider_mark_available_at(NULL, NOON_NS), TQ_EINVAL);
    assert_true(is_out(w->p, AT(12, 40, 0)));
}

/* Ends that are further away than a block may last are one end: a word of a year blocks once. */
static void test_far_ends(void **state)
{
    struct world *w = *state;
    struct word word = {.length_ns = 365 * DAY_NS,
                        .percent = 100,
                        .reset_at_ns = NOON_NS + 300 * DAY_NS,
                        .said_at_ns = NOON_NS};

    assert_int_equal(say(w->p, word), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).retry_at_ns, NOON_NS + 180 * DAY_NS);
    word.said_at_ns += DAY_NS; /* changes nothing */
    assert_int_equal(say(w->p, word), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict_of(w->p, word.said_at_ns, 0).said_at_ns, NOON_NS);
    assert_int_equal(tq_provider_success(w->p, word.said_at_ns), 0);
    word.said_at_ns += DAY_NS;
    assert_int_equal(say(w->p, word), TQ_AVAILABLE);
}

/* ---- verdicts -------------------------------------------------------------------------------- */

/* Equal ends: what the vendor reported comes before what is spent, in whatever line it is. */
static void test_order_of_equal_ends(void **state)
{
    const int64_t midnight_ns = MAY_DAY_NS + DAY_NS;
    struct world *w = *state;
    struct tq_verdict verdict;

    assert_int_equal(set_sentence(w->p, "10 tokens per day"), 1);
    assert_int_equal(tq_provider_record(w->p, 10, NOON_NS, NULL), TQ_EXHAUSTED);
    assert_int_equal(refuse_for(w->p, week_at(NOON_NS, -1, midnight_ns)), TQ_QUOTA_EXHAUSTED);
    verdict = verdict_of(w->p, NOON_NS, 0);
    assert_int_equal(verdict.reason, TQ_REASON_REPORTED);
    assert_int_equal(verdict.limit, 2);
    assert_int_equal(verdict.limits, 3);
    assert_int_equal(verdict.reasons, 1u << TQ_REASON_REPORTED | 1u << TQ_REASON_SPENT);
    assert_int_equal(tq_provider_mark_quota_exhausted(w->p, midnight_ns), 0);
    assert_int_equal(verdict_of(w->p, NOON_NS, 0).reason, TQ_REASON_MARKED);
}

/* What a refusal said is told where it binds, and not with a limit that is spent. */
static void test_spent_has_no_refusal(void **state)
{
    struct world *w = *state;
    struct tq_verdict verdict;

    refuse_all(w->p, TQ_CLASS_EXHAUSTED, NOON_NS, 0, NOON_NS + HOUR_NS);
    for (unsigned i = 0; i < 2; i++) {
        if (i == 0) {
            assert_int_equal(set_sentence(w->p, "7d reserve 10%"), 1);
            say(w->p, week_at(NOON_NS, 95, END_NS));
        } else {
            assert_int_equal(set_sentence(w->p, "1 tokens per day"), 2);
            assert_int_equal(tq_provider_record(w->p, 1, NOON_NS, NULL), TQ_EXHAUSTED);
        }
        verdict = verdict_of(w->p, NOON_NS, 0);
        assert_int_equal(verdict.reason, TQ_REASON_SPENT);
        assert_int_equal(verdict.limit, i + 1);
        assert_int_equal(verdict.refusal, 0);
        assert_int_equal(verdict.source, 0);
        assert_int_equal(verdict.profile, 0);
        assert_int_equal(verdict.said_at_ns, 0);
        assert_int_equal(verdict.probe_at_ns, 0);
    }
}

/* A block names its share, and a window of requests its axis. */
static void test_verdict_of_a_reading(void **state)
{
    struct world *w = *state;
    struct word word = week_at(NOON_NS, 104, END_NS);
    struct tq_verdict verdict;

    word.what = TQ_AXIS_REQUESTS;
    word.source = TQ_SOURCE_CALLER;
    assert_int_equal(say(w->p, word), TQ_QUOTA_EXHAUSTED);
    verdict = verdict_of(w->p, NOON_NS, 0);
    assert_int_equal(verdict.axis, TQ_AXIS_REQUESTS);
    assert_int_equal(verdict.limit_unit, TQ_UNIT_REQUESTS);
    assert_int_equal(verdict.limit_used, 1040000);
    assert_int_equal(verdict.limit_amount, 1000000);
    assert_int_equal(verdict.source, TQ_SOURCE_CALLER);
}

/* ---- warnings -------------------------------------------------------------------------------- */

static void test_warnings(void **state)
{
    struct world *w = *state;
    int64_t now_ns = NOON_NS;

    say(w->p, week_at(NOON_NS, 79, END_NS));
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, now_ns), 1);
    say(w->p, week_at(NOON_NS, 85, END_NS));
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, now_ns), 0);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, now_ns), 1);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 50, now_ns), 1); /* of a higher one somebody was told */
    say(w->p, week_at(NOON_NS, 100, END_NS));
    assert_int_equal(tq_provider_warn_take(w->p, 1, 95, now_ns), 0);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 100, now_ns), 0);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, now_ns), 1);
    now_ns = END_NS + MINUTE_NS; /* the next window */
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, now_ns), 1);
    say(w->p, week_at(now_ns, 82, END_NS + WEEK_NS));
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, now_ns), 0);
    assert_int_equal(tq_provider_warn_take(w->p, 9, 80, now_ns), TQ_EINVAL);
    assert_int_equal(tq_provider_warn_take(w->p, 2, 80, now_ns), TQ_EINVAL);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 0, now_ns), TQ_EINVAL);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 101, now_ns), TQ_EINVAL);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, TQ_NOW_END_NS), TQ_ERANGE);
}

/* Of limits of the user: once a window, and of a rolling one once until it falls. */
static void test_warnings_of_our_own(void **state)
{
    struct world *w = *state;
    int64_t later_ns = NOON_NS + 3 * HOUR_NS;

    assert_int_equal(tq_provider_set_rule(w->p, TQ_RULE_OFF), 0);
    assert_int_equal(set_sentence(w->p, "100 tokens per day"), 1);
    assert_int_equal(set_sentence(w->p, "100 tokens per rolling 1h"), 2);
    assert_int_equal(set_sentence(w->p, "tokens once"), 3); /* no amount: no share */
    assert_int_equal(tq_provider_record(w->p, 80, NOON_NS, NULL), TQ_AVAILABLE);
    for (uint32_t number = 1; number <= 2; number++) {
        assert_int_equal(tq_provider_warn_take(w->p, number, 80, NOON_NS), 0);
        assert_int_equal(tq_provider_warn_take(w->p, number, 80, NOON_NS), 1);
    }
    assert_int_equal(tq_provider_warn_take(w->p, 3, 1, NOON_NS), 1);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, later_ns), 1);
    assert_int_equal(tq_provider_warn_take(w->p, 2, 80, later_ns), 1);
    assert_int_equal(tq_provider_record(w->p, 10, later_ns, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_warn_take(w->p, 2, 10, later_ns), 0);            /* it fell to 10 % */
    assert_int_equal(tq_provider_record(w->p, 75, later_ns, NULL), TQ_EXHAUSTED); /* of the day */
    assert_int_equal(tq_provider_warn_take(w->p, 2, 80, later_ns), 0);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 100, later_ns), 0);
    assert_int_equal(tq_provider_record(w->p, 90, NOON_NS + DAY_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_warn_take(w->p, 1, 80, NOON_NS + DAY_NS), 0);
}

/* Of the day's budget, once a day; the failed probes that are counted in the same word stay. */
static void test_warnings_of_the_budget(void **state)
{
    struct world *w = *state;
    struct tq_verdict verdict = {.size = sizeof verdict};

    assert_int_equal(tq_provider_warn_take(w->p, 0, 1, NOON_NS), 1); /* there is none */
    assert_int_equal(tq_provider_set_rule(w->p, TQ_RULE_OFF), 0);
    assert_int_equal(tq_provider_set_budget(w->p, 1000), 0);
    assert_int_equal(tq_provider_record(w->p, 799, NOON_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_warn_take(w->p, 0, 80, NOON_NS), 1);
    assert_int_equal(tq_provider_record(w->p, 1, NOON_NS, NULL), TQ_AVAILABLE);
    say(w->p, week_at(NOON_NS, 100, END_NS));
    assert_int_equal(tq_provider_probe_take(w->p, NOON_NS + HOUR_NS, NULL), 0);
    assert_int_equal(tq_provider_probe_failure(w->p, NOON_NS + HOUR_NS), 0);
    assert_int_equal(tq_provider_warn_take(w->p, 0, 80, NOON_NS), 0);
    assert_int_equal(tq_provider_warn_take(w->p, 0, 80, NOON_NS), 1);
    assert_int_equal(tq_provider_warn_take(w->p, 0, 50, NOON_NS), 1);
    assert_int_equal(tq_provider_verdict(w->p, NOON_NS + HOUR_NS, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict.attempt, 1);
    assert_int_equal(tq_provider_success(w->p, NOON_NS + 2 * HOUR_NS), 0);
    assert_int_equal(tq_provider_warn_take(w->p, 0, 80, NOON_NS), 1);
    assert_int_equal(tq_provider_record(w->p, 900, NOON_NS + DAY_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_warn_take(w->p, 0, 80, NOON_NS + DAY_NS), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define pool_test(name) cmocka_unit_test_setup_teardown(name, setup_pool, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(test_whose_it_is),
        pool_test(test_whom_it_takes_out),
        test(test_model_without_pool),
        pool_test(test_model_refused_by_the_accounts_window),
        pool_test(test_what_a_success_lifts),
        pool_test(test_verdict_of_levels),
        pool_test(test_probe_of_levels),
        pool_test(test_no_probe_beside_a_short_block),
        pool_test(test_no_probe_at_the_end),
        pool_test(test_no_probe_beside_others),
        test(test_attempts_of_a_block),
        test(test_growth_after_the_same_share),
        test(test_growth_before_a_refusal),
        test(test_ended_block_is_not_remembered),
        test(test_probe_at_the_end_of_a_block),
        test(test_sent_just_before_a_reading),
        test(test_reserve),
        test(test_overage),
        pool_test(test_overage_of_a_pool),
        test(test_reading_on_credit_is_no_refusal),
        test(test_mark_without_time),
        test(test_mark_after_removing),
        test(test_mark_of_reported),
        test(test_far_ends),
        test(test_order_of_equal_ends),
        test(test_spent_has_no_refusal),
        test(test_verdict_of_a_reading),
        test(test_warnings),
        test(test_warnings_of_our_own),
        test(test_warnings_of_the_budget),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("blocks of windows", tests, NULL, NULL);
}
