/* test_probe.c: who asks whether a provider is back, and when.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "one_provider.h"

static void say_spent(struct tq_provider *provider, int64_t said_at_ns, int64_t retry_at_ns)
{
    struct tq_quota_signal signal = {.size = sizeof signal,
                                     .refusal = TQ_CLASS_EXHAUSTED,
                                     .binds = -1,
                                     .said_at_ns = said_at_ns,
                                     .sent_at_ns = said_at_ns,
                                     .retry_at_ns = retry_at_ns};

    assert_true(tq_provider_apply(provider, &signal) >= 0);
}

static struct tq_verdict verdict_of(struct tq_provider *provider, int64_t now_ns)
{
    struct tq_verdict verdict = {.size = sizeof verdict};

    assert_true(tq_provider_verdict(provider, now_ns, &verdict) >= 0);
    return verdict;
}

static void test_bad_arguments(void **state)
{
    const struct one_provider *w = *state;
    int64_t at_ns = UNWRITTEN;

    assert_int_equal(tq_provider_probe_take(NULL, NOON_NS, &at_ns), TQ_EINVAL);
    assert_int_equal(at_ns, 0);
    assert_int_equal(tq_provider_probe_take(w->provider, TQ_NOW_END_NS, &at_ns), TQ_ERANGE);
    assert_int_equal(tq_provider_probe_take(w->provider, 0, &at_ns), TQ_ERANGE);
    assert_int_equal(tq_provider_probe_failure(NULL, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_probe_failure(w->provider, -1), TQ_ERANGE);
    assert_int_equal(tq_ledger_probes_due(NULL, NOON_NS, NULL, 0), 0);
    assert_int_equal(tq_ledger_probes_due(w->ledger, TQ_NOW_END_NS, NULL, 0), 0);
}

static void test_nothing_to_ask(void **state)
{
    const struct one_provider *w = *state;
    int64_t at_ns = UNWRITTEN;

    assert_int_equal(tq_provider_probe_take(w->provider, NOON_NS, &at_ns), 1);
    assert_int_equal(at_ns, 0);
    say_spent(w->provider, NOON_NS, NOON_NS + HOUR_NS); /* its end is known: it is waited for */
    assert_int_equal(tq_provider_probe_take(w->provider, NOON_NS + HOUR_NS / 2, &at_ns), 1);
    assert_int_equal(at_ns, 0);
    assert_int_equal(tq_provider_probe_failure(w->provider, NOON_NS), 0);
    assert_int_equal(verdict_of(w->provider, NOON_NS).retry_at_ns, NOON_NS + HOUR_NS);
}

/* One caller has it, until the lease ends; then the next. */
static void test_one_at_a_time(void **state)
{
    const struct one_provider *w = *state;
    int64_t due_ns, at_ns;

    say_spent(w->provider, NOON_NS, 0);
    assert_int_equal(tq_provider_probe_take(w->provider, NOON_NS, &due_ns), 1);
    assert_in_range(due_ns - NOON_NS, 5 * MINUTE_NS * 7 / 8, 5 * MINUTE_NS * 9 / 8);
    assert_int_equal(verdict_of(w->provider, NOON_NS).probe_at_ns, due_ns);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns - 1, &at_ns), 1);
    assert_int_equal(at_ns, due_ns);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns, &at_ns), 0);
    assert_int_equal(at_ns, due_ns + TQ_PROBE_LEASE_NS);
    assert_true(verdict_of(w->provider, due_ns).probing);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns, &at_ns), 1);
    assert_int_equal(at_ns, due_ns + TQ_PROBE_LEASE_NS);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns + TQ_PROBE_LEASE_NS - 1, &at_ns), 1);
    assert_false(verdict_of(w->provider, due_ns + TQ_PROBE_LEASE_NS).probing);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns + TQ_PROBE_LEASE_NS, NULL), 0);
    /* Nobody said that it failed: it counts as none. */
    assert_int_equal(verdict_of(w->provider, due_ns + TQ_PROBE_LEASE_NS).attempt, 0);
}

/* The answer to a request sent after the lease was taken ends it; one sent before does not. */
static void test_success(void **state)
{
    const struct one_provider *w = *state;
    int64_t due_ns;

    say_spent(w->provider, NOON_NS, 0);
    tq_provider_probe_take(w->provider, NOON_NS, &due_ns);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns, NULL), 0);
    assert_int_equal(tq_provider_success(w->provider, due_ns - 1), 0);
    assert_true(verdict_of(w->provider, due_ns).probing);
    assert_int_equal(tq_provider_success(w->provider, due_ns), 0);
    assert_int_equal(verdict_of(w->provider, due_ns).state, TQ_AVAILABLE);
}

/* ---- instants within seconds, as clocks give them -------------------------------------------- */

#define TAKEN_NS (due_ns + SECOND_NS * 3 / 10) /* .3 s into a second */
#define SENT_NS (TAKEN_NS + 5000000)

/* The provider's probe is out; gives when it fell due, a whole second. */
static int64_t probe_out(struct tq_provider *provider)
{
    int64_t due_ns, at_ns;

    say_spent(provider, NOON_NS, 0);
    tq_provider_probe_take(provider, NOON_NS, &due_ns);
    assert_int_equal(due_ns % SECOND_NS, 0);
    assert_int_equal(tq_provider_probe_take(provider, TAKEN_NS, &at_ns), 0);
    assert_in_range(at_ns, TAKEN_NS + TQ_PROBE_LEASE_NS - SECOND_NS, TAKEN_NS + TQ_PROBE_LEASE_NS);
    assert_true(verdict_of(provider, TAKEN_NS).probing);
    assert_true(verdict_of(provider, TAKEN_NS).said_at_ns <= TAKEN_NS);
    return due_ns;
}

static struct tq_quota_signal answer_of(uint32_t refusal, int64_t sent_at_ns, int64_t said_at_ns)
{
    return (struct tq_quota_signal){.size = sizeof(struct tq_quota_signal),
                                    .refusal = refusal,
                                    .flags = refusal == TQ_CLASS_NONE ? TQ_SIGNAL_SUCCESS : 0,
                                    .binds = -1,
                                    .sent_at_ns = sent_at_ns,
                                    .said_at_ns = said_at_ns};
}

static void by_success(struct tq_provider *provider, int64_t sent_at_ns)
{
    assert_int_equal(tq_provider_success(provider, sent_at_ns), 0);
}

static void by_usage(struct tq_provider *provider, int64_t sent_at_ns)
{
    struct tq_usage usage = {
        .size = sizeof usage, .known = TQ_USAGE_OUTPUT, .output = 1, .sent_at_ns = sent_at_ns};

    assert_int_equal(tq_provider_observe_usage(provider, &usage, sent_at_ns + SECOND_NS / 10, NULL), 0);
}

static void by_signal(struct tq_provider *provider, int64_t sent_at_ns)
{
    struct tq_quota_signal signal = answer_of(TQ_CLASS_NONE, sent_at_ns, sent_at_ns + SECOND_NS / 10);

    assert_true(tq_provider_apply(provider, &signal) >= 0);
}

/* By whatever road it comes, the success of the probe lifts, and that of a request sent before does not. */
static void test_success_within_a_second(void **state)
{
    void (*const roads[])(struct tq_provider *, int64_t) = {by_success, by_usage, by_signal};
    const struct one_provider *w = *state;

    for (size_t i = 0; i < sizeof roads / sizeof roads[0]; i++) {
        int64_t due_ns = probe_out(w->provider);

        roads[i](w->provider, due_ns - 1);
        assert_true(verdict_of(w->provider, SENT_NS).probing);
        roads[i](w->provider, SENT_NS);
        assert_int_equal(verdict_of(w->provider, SENT_NS).state, TQ_AVAILABLE);
        due_ns = probe_out(w->provider);
        roads[i](w->provider, TAKEN_NS); /* at the very instant */
        assert_int_equal(verdict_of(w->provider, SENT_NS).state, TQ_AVAILABLE);
    }
}

/* The refused probe doubles the wait; a refusal of what was sent before does not end the probe. */
static void test_refusal_within_a_second(void **state)
{
    static const uint32_t classes[] = {TQ_CLASS_EXHAUSTED, TQ_CLASS_NO_MONEY};
    const struct one_provider *w = *state;

    for (size_t i = 0; i < 4; i++) { /* either class, without an end and with one */
        int64_t due_ns = probe_out(w->provider);
        struct tq_quota_signal before = answer_of(classes[i / 2], due_ns - 1, SENT_NS);
        struct tq_quota_signal refused = answer_of(classes[i / 2], SENT_NS, SENT_NS + SECOND_NS / 10);
        struct tq_verdict verdict;

        before.retry_at_ns = refused.retry_at_ns = i % 2 ? due_ns + HOUR_NS : 0;
        assert_int_equal(tq_provider_apply(w->provider, &before), TQ_QUOTA_EXHAUSTED);
        assert_true(verdict_of(w->provider, SENT_NS).probing);
        assert_int_equal(tq_provider_apply(w->provider, &refused), TQ_QUOTA_EXHAUSTED);
        verdict = verdict_of(w->provider, refused.said_at_ns);
        assert_false(verdict.probing);
        if (i == 1) /* of the same class, and with an end: that end stands */
            assert_int_equal(verdict.retry_at_ns, due_ns + HOUR_NS);
        else
            assert_int_equal(verdict.attempt, 1);
        assert_int_equal(tq_provider_success(w->provider, refused.said_at_ns + SECOND_NS), 0);
    }
}

static void test_failure_within_a_second(void **state)
{
    const struct one_provider *w = *state;
    int64_t due_ns = probe_out(w->provider);

    assert_int_equal(tq_provider_probe_failure(w->provider, SENT_NS), 0);
    assert_false(verdict_of(w->provider, SENT_NS).probing);
    assert_int_equal(verdict_of(w->provider, SENT_NS).attempt, 1);
}

/* By route, as a router does it. */
static void test_route_within_a_second(void **state)
{
    const struct one_provider *w = *state;
    struct tq_provider *const providers[] = {w->provider};
    struct tq_route route = {.size = sizeof route};
    int64_t due_ns;

    say_spent(w->provider, NOON_NS, 0);
    tq_provider_probe_take(w->provider, NOON_NS, &due_ns);
    assert_int_equal(tq_ledger_route(w->ledger, providers, 1, TAKEN_NS, 0, &route), 0);
    assert_int_equal(route.probe, 1);
    by_usage(w->provider, SENT_NS);
    assert_int_equal(verdict_of(w->provider, SENT_NS).state, TQ_AVAILABLE);
}

/* The word is rounded up; what is shown is not in the future. */
static void test_nothing_is_said_in_the_future(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal throttle =
        answer_of(TQ_CLASS_THROTTLED, NOON_NS + SECOND_NS / 10, NOON_NS + SECOND_NS / 5);

    assert_int_equal(tq_provider_apply(w->provider, &throttle), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict_of(w->provider, throttle.said_at_ns).said_at_ns, throttle.said_at_ns);
    assert_int_equal(verdict_of(w->provider, NOON_NS + 2 * SECOND_NS).said_at_ns, NOON_NS + SECOND_NS);
    /* The word still does not end by a request of its own second. */
    assert_int_equal(tq_provider_success(w->provider, NOON_NS + SECOND_NS / 4), 0);
    assert_int_equal(verdict_of(w->provider, NOON_NS + 2 * SECOND_NS).state, TQ_QUOTA_EXHAUSTED);
}

/* Each failure doubles the wait, up to an hour, give or take an eighth. */
static void test_failures_double(void **state)
{
    static const int64_t minutes[] = {5, 10, 20, 40, 60, 60, 60};
    const struct one_provider *w = *state;
    int64_t now_ns = NOON_NS, due_ns;

    say_spent(w->provider, now_ns, 0);
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(tq_provider_probe_take(w->provider, now_ns, &due_ns), 1);
        assert_in_range(due_ns - now_ns, minutes[i] * MINUTE_NS * 7 / 8, minutes[i] * MINUTE_NS * 9 / 8);
        assert_int_equal(tq_provider_probe_take(w->provider, due_ns, NULL), 0);
        now_ns = due_ns + SECOND_NS;
        if (i % 2)
            assert_int_equal(tq_provider_probe_failure(w->provider, now_ns), 0);
        else
            say_spent(w->provider, now_ns, 0); /* the vendor's own word is a failure, too */
        assert_int_equal(verdict_of(w->provider, now_ns).attempt, i + 1);
        assert_false(verdict_of(w->provider, now_ns).probing);
    }
    for (uint32_t i = 7; i < 40; i++) { /* the number of attempts has an end, and stays there */
        tq_provider_probe_take(w->provider, now_ns, &due_ns);
        assert_int_equal(tq_provider_probe_take(w->provider, due_ns, NULL), 0);
        assert_int_equal(tq_provider_probe_failure(w->provider, due_ns), 0);
        now_ns = due_ns;
    }
    assert_int_equal(verdict_of(w->provider, now_ns).attempt, 15);
}

/* What was in flight when the probe was taken neither ends the probe nor counts as its failure. */
static void test_in_flight_does_not_end_a_probe(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal late = {.size = sizeof late, .refusal = TQ_CLASS_EXHAUSTED, .binds = -1};
    int64_t due_ns;

    say_spent(w->provider, NOON_NS, 0);
    tq_provider_probe_take(w->provider, NOON_NS, &due_ns);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns, NULL), 0);
    late.said_at_ns = due_ns + SECOND_NS;
    late.sent_at_ns = due_ns - MINUTE_NS;
    assert_int_equal(tq_provider_apply(w->provider, &late), TQ_QUOTA_EXHAUSTED);
    assert_true(verdict_of(w->provider, due_ns).probing);
    assert_int_equal(tq_provider_success(w->provider, due_ns + SECOND_NS / 2),
                     0); /* the probe's own answer */
    assert_int_equal(verdict_of(w->provider, due_ns).state, TQ_AVAILABLE);
}

/* Providers of one vendor do not all come back in one second. */
static void test_jitter_by_name(void **state)
{
    const struct one_provider *w = *state;
    int64_t first_ns = INT64_MAX, last_ns = 0;

    for (int i = 0; i < 64; i++) {
        struct tq_provider *provider;
        char name[16];
        int64_t due_ns;

        assert_int_equal(tq_ledger_provider(w->ledger, name, (size_t)snprintf(name, sizeof name, "key-%d", i),
                                            0, &provider),
                         0);
        say_spent(provider, NOON_NS, 0);
        assert_int_equal(tq_provider_probe_take(provider, NOON_NS, &due_ns), 1);
        first_ns = due_ns < first_ns ? due_ns : first_ns;
        last_ns = due_ns > last_ns ? due_ns : last_ns;
    }
    assert_true(last_ns - first_ns > 40 * SECOND_NS); /* of 75 that are possible */
}

static void test_list(void **state)
{
    const struct one_provider *w = *state;
    struct tq_exhausted out[2] = {{NULL, UNWRITTEN}, {NULL, UNWRITTEN}};
    struct tq_provider *other;
    int64_t due_ns;

    assert_int_equal(tq_ledger_provider(w->ledger, "other", 5, 0, &other), 0);
    say_spent(other, NOON_NS, NOON_NS + HOUR_NS); /* ends before its probe would be due: never listed */
    say_spent(w->provider, NOON_NS, 0);
    tq_provider_probe_take(w->provider, NOON_NS, &due_ns);
    assert_int_equal(tq_ledger_probes_due(w->ledger, due_ns - 1, out, 2), 0);
    assert_int_equal(tq_ledger_probes_due(w->ledger, due_ns, NULL, 0), 1);
    assert_int_equal(tq_ledger_probes_due(w->ledger, due_ns + HOUR_NS, out, 2), 1);
    assert_string_equal(out[0].provider, "p");
    assert_int_equal(out[0].retry_at_ns, due_ns);
    assert_null(out[1].provider);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns + HOUR_NS, NULL), 0);
    assert_int_equal(tq_ledger_probes_due(w->ledger, due_ns + HOUR_NS, out, 2), 0);
}

/* What explains the word follows it through a probe. */
static void test_words_follow_the_probe(void **state)
{
    const struct one_provider *w = *state;
    struct tq_quota_signal signal = {.size = sizeof signal,
                                     .refusal = TQ_CLASS_NO_MONEY,
                                     .profile = 9,
                                     .source = TQ_SOURCE_BODY,
                                     .said_at_ns = NOON_NS,
                                     .axis_count = 1,
                                     .axis = {{.what = TQ_AXIS_MONEY, .window_ns = 30 * DAY_NS}}};
    struct tq_verdict verdict;
    int64_t due_ns;

    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_QUOTA_EXHAUSTED);
    tq_provider_probe_take(w->provider, NOON_NS, &due_ns);
    assert_int_equal(tq_provider_probe_take(w->provider, due_ns, NULL), 0);
    assert_int_equal(tq_provider_probe_failure(w->provider, due_ns + SECOND_NS), 0);
    verdict = verdict_of(w->provider, due_ns + SECOND_NS);
    assert_int_equal(verdict.refusal, TQ_CLASS_NO_MONEY);
    assert_int_equal(verdict.profile, 9);
    assert_int_equal(verdict.axis, TQ_AXIS_MONEY);
    assert_int_equal(verdict.source, TQ_SOURCE_BODY);
    assert_int_equal(verdict.window_ns, 30 * DAY_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        one_provider_test(test_bad_arguments),
        one_provider_test(test_nothing_to_ask),
        one_provider_test(test_one_at_a_time),
        one_provider_test(test_success),
        one_provider_test(test_success_within_a_second),
        one_provider_test(test_refusal_within_a_second),
        one_provider_test(test_failure_within_a_second),
        one_provider_test(test_route_within_a_second),
        one_provider_test(test_nothing_is_said_in_the_future),
        one_provider_test(test_failures_double),
        one_provider_test(test_in_flight_does_not_end_a_probe),
        one_provider_test(test_jitter_by_name),
        one_provider_test(test_list),
        one_provider_test(test_words_follow_the_probe),
    };

    return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
