/* test_apply.c: what a vendor's responses do to a provider: errors, limits, the scenarios of the field.
 *
 * SPDX-License-Identifier: MIT
 *
 * Names with an F number are complaints that users of other tools have filed; what outranks what is
 * test_verdicts.c's.
 */
#include "one_provider.h"

static struct tq_quota_signal refused(uint32_t class, int64_t said_at_ns, int64_t retry_at_ns)
{
    return (struct tq_quota_signal){
        .size = sizeof(struct tq_quota_signal),
        .refusal = class,
        .status = 429,
        .binds = -1,
        .said_at_ns = said_at_ns,
        .sent_at_ns = said_at_ns - SECOND_NS,
        .retry_at_ns = retry_at_ns,
    };
}

static int64_t end_at(const struct one_provider *w, int64_t now_ns)
{
    int64_t retry_at_ns;

    assert_true(tq_provider_state(w->provider, now_ns, &retry_at_ns) >= 0);
    return retry_at_ns;
}

static void test_bad_arguments_change_nothing(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS, 0);
    struct tq_usage usage = {.size = sizeof usage};

    assert_int_equal(tq_provider_apply(NULL, &signal), TQ_EINVAL);
    assert_int_equal(tq_provider_apply(w->provider, NULL), TQ_EINVAL);
    signal.size--;
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_EINVAL);
    signal.size++;
    signal.refusal = TQ_CLASS_TOO_LARGE + 1;
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_EINVAL);
    signal.refusal = TQ_CLASS_EXHAUSTED;
    for (size_t i = 0; i < 5; i++) {
        static const int64_t bad[] = {INT64_MIN, -1, 0, TQ_NOW_END_NS, INT64_MAX};

        signal.said_at_ns = bad[i];
        assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_ERANGE);
    }
    assert_int_equal(tq_provider_success(NULL, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_observe_usage(NULL, &usage, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(tq_provider_observe_usage(w->provider, NULL, NOON_NS, NULL), TQ_EINVAL);
    usage.counted = -1;
    assert_int_equal(tq_provider_observe_usage(w->provider, &usage, NOON_NS, NULL), TQ_EINVAL);
    usage.counted = 0;
    usage.size--;
    assert_int_equal(tq_provider_observe_usage(w->provider, &usage, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(end_at(w, NOON_NS), 0);
    assert_int_equal(tq_provider_used(w->provider, NOON_NS), 0);
}

static void test_ends_are_rounded_up_and_clamped(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_THROTTLED, NOON_NS + 1, NOON_NS + 1500000000);

    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(end_at(w, NOON_NS), NOON_NS + 2 * SECOND_NS);
    signal = refused(TQ_CLASS_THROTTLED, NOON_NS, INT64_MAX);
    tq_provider_apply(w->provider, &signal);
    assert_int_equal(end_at(w, NOON_NS), NOON_NS + DAY_NS);
    signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS, INT64_MAX);
    tq_provider_apply(w->provider, &signal);
    assert_int_equal(end_at(w, NOON_NS), NOON_NS + 180 * DAY_NS);
}

/* An end that has passed when it is said excludes nobody. */
static void test_past_end(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS, NOON_NS - HOUR_NS);

    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_AVAILABLE);
    assert_int_equal(end_at(w, NOON_NS), 0);
}

/* F16, F19: a fresh word that there is quota clears a stale one. F71: also when the reset came early. */
static void test_f16_f19_f71_success_lifts(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS, NOON_NS + 156 * HOUR_NS);

    tq_provider_apply(w->provider, &signal);
    assert_int_equal(end_at(w, NOON_NS), NOON_NS + 156 * HOUR_NS);
    assert_int_equal(tq_provider_success(w->provider, NOON_NS), 0); /* of that second: not before it */
    assert_int_equal(end_at(w, NOON_NS), 0);
}

/* A refusal among calls in flight: those that were sent before it come back served, and lift nothing. */
static void test_refusal_among_calls_in_flight(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS + 1, NOON_NS + HOUR_NS);

    tq_provider_apply(w->provider, &signal);
    for (int64_t sent_at_ns = NOON_NS - 10 * MINUTE_NS; sent_at_ns <= NOON_NS + 1; sent_at_ns += SECOND_NS) {
        assert_int_equal(tq_provider_success(w->provider, sent_at_ns), 0);
        assert_int_equal(end_at(w, NOON_NS + 1), NOON_NS + HOUR_NS);
    }
    assert_int_equal(tq_provider_success(w->provider, NOON_NS + SECOND_NS - 1), 0); /* the same second */
    assert_int_equal(end_at(w, NOON_NS + 1), NOON_NS + HOUR_NS);
    assert_int_equal(tq_provider_success(w->provider, 0), 0);
    assert_int_equal(tq_provider_success(w->provider, -1), 0);
    assert_int_equal(end_at(w, NOON_NS + 1), NOON_NS + HOUR_NS);
    assert_int_equal(tq_provider_success(w->provider, NOON_NS + SECOND_NS), 0);
    assert_int_equal(end_at(w, NOON_NS + 1), 0);
}

/* An instant that cannot be when the request was sent is not known. */
static void test_sent_after_its_answer(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS, NOON_NS + HOUR_NS);

    tq_provider_apply(w->provider, &signal);
    signal = refused(TQ_CLASS_NONE, NOON_NS + SECOND_NS, 0);
    signal.flags = TQ_SIGNAL_SUCCESS;
    signal.sent_at_ns = NOON_NS + 2 * SECOND_NS;
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_QUOTA_EXHAUSTED);
    signal.sent_at_ns = NOON_NS + SECOND_NS;
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_AVAILABLE);
}

/* F21: what was counted up by failures is gone with the first success. */
static void test_f21_success_ends_the_doubling(void **state)
{
    const struct one_provider *w = *state;
    int64_t now_ns = NOON_NS;

    for (int i = 0; i < 5; i++, now_ns += 10 * MINUTE_NS) {
        struct tq_quota_signal signal = refused(TQ_CLASS_THROTTLED, now_ns, 0);

        tq_provider_apply(w->provider, &signal);
    }
    assert_int_equal(end_at(w, now_ns - 10 * MINUTE_NS), now_ns - 5 * MINUTE_NS);
    tq_provider_success(w->provider, now_ns);
    struct tq_quota_signal signal = refused(TQ_CLASS_THROTTLED, now_ns, 0);
    tq_provider_apply(w->provider, &signal);
    assert_int_equal(end_at(w, now_ns), now_ns + 30 * SECOND_NS);
}

/* F29: a throttle of a minute and a quota of a month are not the same thing. */
static void test_f29_throttle_and_quota_apart(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal throttle = refused(TQ_CLASS_THROTTLED, NOON_NS, NOON_NS + MINUTE_NS);
    struct tq_quota_signal quota = refused(TQ_CLASS_EXHAUSTED, NOON_NS, NOON_NS + 20 * DAY_NS);
    struct tq_verdict verdict = {.size = sizeof verdict};

    tq_provider_apply(w->provider, &throttle);
    tq_provider_verdict(w->provider, NOON_NS, &verdict);
    assert_int_equal(verdict.reason, TQ_REASON_THROTTLED);
    tq_provider_apply(w->provider, &quota);
    tq_provider_verdict(w->provider, NOON_NS, &verdict);
    assert_int_equal(verdict.reason, TQ_REASON_REPORTED);
    assert_int_equal(verdict.reasons, 1u << TQ_REASON_REPORTED | 1u << TQ_REASON_THROTTLED);
}

/* F51: an explicit zero is counted as zero; F54: what is counted are tokens, not requests. */
static void test_f51_f54_usage_is_counted(void **state)
{
    const struct one_provider *w = *state;
    struct tq_usage usage = {.size = sizeof usage,
                             .known = TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_OUTPUT,
                             .requests = 1,
                             .input = 100,
                             .cache_read = 5000,
                             .output = 50,
                             .counted = 150};

    assert_int_equal(tq_provider_observe_usage(w->provider, &usage, NOON_NS, NULL), 0);
    assert_int_equal(tq_provider_used(w->provider, NOON_NS), 150);
    usage = (struct tq_usage){.size = sizeof usage, .known = TQ_USAGE_INPUT | TQ_USAGE_OUTPUT, .requests = 1};
    assert_int_equal(tq_provider_observe_usage(w->provider, &usage, NOON_NS, NULL), 0);
    assert_int_equal(tq_provider_used(w->provider, NOON_NS), 150);
}

/* Usage without output is no proof of service; nor is output that the source did not have. */
static void test_usage_without_output_lifts_nothing(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS, NOON_NS + HOUR_NS);
    struct tq_usage usage = {
        .size = sizeof usage, .known = TQ_USAGE_OUTPUT, .sent_at_ns = NOON_NS + MINUTE_NS};
    int64_t now_ns = NOON_NS + 2 * MINUTE_NS;

    tq_provider_apply(w->provider, &signal);
    tq_provider_observe_usage(w->provider, &usage, now_ns, NULL);
    assert_int_equal(end_at(w, now_ns), NOON_NS + HOUR_NS);
    usage.output = 7;
    usage.known = 0;
    tq_provider_observe_usage(w->provider, &usage, now_ns, NULL);
    assert_int_equal(end_at(w, now_ns), NOON_NS + HOUR_NS);
    usage.known = TQ_USAGE_OUTPUT;
    usage.sent_at_ns = now_ns + 1; /* later than the observation */
    tq_provider_observe_usage(w->provider, &usage, now_ns, NULL);
    assert_int_equal(end_at(w, now_ns), NOON_NS + HOUR_NS);
    usage.sent_at_ns = NOON_NS + MINUTE_NS;
    tq_provider_observe_usage(w->provider, &usage, now_ns, NULL);
    assert_int_equal(end_at(w, now_ns), 0);
}

/* What a ledger's clock limits refuse is not said, either. */
static void test_clock_limits(void **state)
{
    const struct tq_ledger_options options = {.size = sizeof options, .min_now_ns = NOON_NS};
    struct tq_quota_signal signal = refused(TQ_CLASS_EXHAUSTED, NOON_NS - 1, 0);
    struct tq_provider *provider;
    struct tq_ledger *ledger;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    assert_int_equal(tq_ledger_provider(ledger, "p", 1, 0, &provider), 0);
    assert_int_equal(tq_provider_apply(provider, &signal), TQ_ECLOCK);
    assert_int_equal(tq_provider_state(provider, NOON_NS, NULL), TQ_AVAILABLE);
    tq_ledger_close(ledger);
}

/* Part one sees it, and its lists do. */
static void test_part_one_sees_it(void **state)
{
    const struct one_provider *w = *state;
    struct tq_store *store = tq_ledger_store(w->ledger);
    struct tq_quota_signal signal = refused(TQ_CLASS_NO_MONEY, NOON_NS, 0);
    struct tq_exhausted out;

    tq_provider_apply(w->provider, &signal);
    assert_int_equal(tq_store_exhausted_at(store, NOON_NS, &out, 1), 1);
    assert_int_equal(out.retry_at_ns, INT64_MAX);
    assert_int_equal(tq_store_all_exhausted(store, &out, 1), 1);
    assert_int_equal(tq_store_mark_available(store, "p"), 0);
    assert_int_equal(tq_store_all_exhausted(store, &out, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        one_provider_test(test_bad_arguments_change_nothing),
        one_provider_test(test_ends_are_rounded_up_and_clamped),
        one_provider_test(test_past_end),
        one_provider_test(test_f16_f19_f71_success_lifts),
        one_provider_test(test_refusal_among_calls_in_flight),
        one_provider_test(test_sent_after_its_answer),
        one_provider_test(test_f21_success_ends_the_doubling),
        one_provider_test(test_f29_throttle_and_quota_apart),
        one_provider_test(test_f51_f54_usage_is_counted),
        one_provider_test(test_usage_without_output_lifts_nothing),
        one_provider_test(test_clock_limits),
        one_provider_test(test_part_one_sees_it),
    };

    return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
