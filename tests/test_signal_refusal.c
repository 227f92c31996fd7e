/* test_signal_refusal.c: errors and limits as objects of a stream, one after the other; bodies of several.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdio.h>

#include "signals/profile.h"
#include "signals/refusal.h"

#define NOON_NS INT64_C(1795176000000000000) /* 2026-11-20 12:00 UTC */
#define S INT64_C(1000000000)

static int read_object(const char *text, struct tq_quota_signal *signal)
{
    assert_true(tq__json_object(tq__span_of(text), NULL, 0));
    return tq__refusal_read(NULL, tq__span_of(text), false, NOON_NS, signal);
}

static struct tq_quota_signal read_body(uint32_t status, const char *body, int answer)
{
    struct tq_response response = {.size = sizeof response,
                                   .status = status,
                                   .body = body,
                                   .body_len = strlen(body),
                                   .sent_at_ns = NOON_NS - S,
                                   .now_ns = NOON_NS};
    struct tq_quota_signal signal = {.size = sizeof signal};

    assert_int_equal(tq_signal_read(&response, &signal), answer);
    return signal;
}

#define LIMITS                                                                                               \
    "{\"type\":\"codex.rate_limits\",\"rate_limits\":{\"primary\":{\"used_percent\":100.0,"                  \
    "\"window_minutes\":300,\"reset_at\":1795179600},\"secondary\":null,"                                    \
    "\"credits\":{\"has_credits\":false}}}"
#define OVERLOADED "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}"

static void an_error_does_not_drop_the_limits_before_it(void **state)
{
    struct tq_quota_signal signal = {.size = sizeof signal};

    (void)state;
    assert_int_equal(read_object(LIMITS, &signal), 0);
    assert_int_equal(signal.refusal, TQ_CLASS_EXHAUSTED);
    assert_int_equal(signal.source, TQ_SOURCE_BODY);
    assert_int_equal(signal.retry_at_ns, NOON_NS + 3600 * S);
    assert_int_equal(read_object("{\"error\":{\"code\":429,\"message\":\"x\"}}", &signal), 0);
    assert_int_equal(signal.refusal, TQ_CLASS_THROTTLED);
    assert_int_equal(signal.axis_count, 1);
    assert_int_equal(signal.axis[0].window_ns, 5 * HOUR_NS);
    assert_int_equal(signal.axis[0].used_ppm, 1000000);
}

static void what_says_nothing_takes_back_nothing(void **state)
{
    struct tq_quota_signal signal = {.size = sizeof signal}, before;

    (void)state;
    assert_int_equal(read_object(OVERLOADED, &signal), 0);
    assert_int_equal(signal.refusal, TQ_CLASS_OVERLOADED);
    assert_int_equal(signal.profile, TQ__ANTHROPIC);
    before = signal;
    assert_int_equal(read_object("{\"type\":\"ping\"}", &signal), 0);
    assert_int_equal(signal.refusal, TQ_CLASS_OVERLOADED);
    assert_int_equal(signal.profile, before.profile);
    assert_int_equal(signal.flags & TQ_SIGNAL_SUCCESS, 0);
}

static void nothing_is_said_by_a_part_of_an_answer(void **state)
{
    static const char *const parts[] = {
        "{}", "{\"error\":null}", "{\"choices\":[{\"delta\":{\"content\":\"429 rate_limit_exceeded\"}}]}",
        "{\"message\":\"insufficient_quota\"}",
        "{\"type\":\"response.created\",\"response\":{\"error\":null}}"};

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct tq_quota_signal signal = {.size = sizeof signal};

        assert_int_equal(read_object(parts[i], &signal), 1);
        assert_int_equal(signal.refusal, TQ_CLASS_NONE);
    }
}

static void the_gravest_word_counts(void **state)
{
    struct tq_quota_signal signal =
        read_body(429, "{\"error\":{\"type\":\"insufficient_quota\",\"code\":\"rate_limit_exceeded\"}}", 0);

    (void)state;
    assert_int_equal(signal.refusal, TQ_CLASS_NO_MONEY);
    assert_int_equal(signal.retry_at_ns, 0);
    signal = read_body(503, "{\"error\":{\"code\":\"slow_down\",\"message\":\"x\"}}", 0);
    assert_int_equal(signal.refusal, TQ_CLASS_THROTTLED);
}

static void expect_wait(const char *message, int64_t ns)
{
    char body[256];
    struct tq_quota_signal signal;

    snprintf(body, sizeof body, "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"%s\"}}", message);
    signal = read_body(429, body, 0);
    assert_int_equal(signal.retry_at_ns, ns < 0 ? 0 : NOON_NS + ns);
    assert_int_equal(signal.source, ns < 0 ? TQ_SOURCE_NONE : TQ_SOURCE_BODY);
}

static void prose_says_when(void **state)
{
    (void)state;
    expect_wait("Please try again in 6.25s. Visit https://example.com", 6 * S + S / 4);
    expect_wait("Please try again in 20ms.", S / 50);
    expect_wait("Please retry in 10h17m5.7s.", (10 * 3600 + 17 * 60 + 5) * S + S / 10 * 7);
    expect_wait("Please retry after 20 seconds.", 20 * S);
    expect_wait("Please retry after 1 minute.", 60 * S);
    expect_wait("try again in a moment, or retry after 3 hours", 3 * HOUR_NS);
    expect_wait("Please try again later.", -1);
    expect_wait("try again in ", -1);
    expect_wait("try again in 5", -1);
    expect_wait("retry after 99999999999999999999 seconds", -1);
}

/* An event's name says that it is an error where its data does not. */
static void events_and_arrays_are_looked_through(void **state)
{
    struct tq_quota_signal signal =
        read_body(200, "event: error\ndata: {\"code\":\"rate_limit_exceeded\",\"message\":\"x\"}\n\n", 0);

    (void)state;
    assert_int_equal(signal.refusal, TQ_CLASS_THROTTLED);
    assert_int_equal(signal.flags & TQ_SIGNAL_SUCCESS, 0);
    signal = read_body(200,
                       "[{\"candidates\":[]},\n{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\","
                       "\"message\":\"Please retry in 20.22s.\"}}]",
                       0);
    assert_int_equal(signal.refusal, TQ_CLASS_THROTTLED);
    assert_int_equal(signal.profile, TQ__GEMINI);
    assert_int_equal(signal.retry_at_ns, NOON_NS + 20 * S + S / 100 * 22);
    signal = read_body(200, "{\"done\":false}\n{\"error\":\"out of memory\"}\n", 1);
    assert_int_equal(signal.refusal, TQ_CLASS_NONE);
    assert_int_equal(signal.flags & TQ_SIGNAL_SUCCESS, 0);
    signal = read_body(200, "{\"chunk\":1}\n{\"throttlingException\":{\"message\":\"x\"}}\n", 0);
    assert_int_equal(signal.refusal, TQ_CLASS_THROTTLED);
    assert_int_equal(signal.profile, TQ__BEDROCK);
    signal = read_body(200, "{\"done\":true}", 1);
    assert_true(signal.flags & TQ_SIGNAL_SUCCESS);
}

static void arguments_are_checked(void **state)
{
    static const struct tq_field field = {"retry-after", 11, "5", 1};
    struct tq_response good = {.size = sizeof good, .now_ns = NOON_NS}, response;
    struct tq_quota_signal signal = {.size = sizeof signal};

    (void)state;
    assert_int_equal(tq_signal_read(&good, &signal), 1);
    assert_int_equal(tq_signal_read(NULL, &signal), TQ_EINVAL);
    assert_int_equal(tq_signal_read(&good, NULL), TQ_EINVAL);
    response = good;
    response.size--;
    assert_int_equal(tq_signal_read(&response, &signal), TQ_EINVAL);
    signal.size = offsetof(struct tq_quota_signal, account) - 1;
    assert_int_equal(tq_signal_read(&good, &signal), TQ_EINVAL);
    signal.size = sizeof signal;
    response = good;
    response.field_count = 1;
    assert_int_equal(tq_signal_read(&response, &signal), TQ_EINVAL);
    response.fields = &field;
    assert_int_equal(tq_signal_read(&response, &signal), 1);
    response.day = 2;
    assert_int_equal(tq_signal_read(&response, &signal), TQ_EINVAL);
    response = good;
    response.body_len = 1;
    assert_int_equal(tq_signal_read(&response, &signal), TQ_EINVAL);
    response = good;
    response.now_ns = TQ_NOW_END_NS;
    assert_int_equal(tq_signal_read(&response, &signal), TQ_ERANGE);
    response.now_ns = TQ_NOW_END_NS - 1;
    assert_int_equal(tq_signal_read(&response, &signal), 1);
    response.now_ns = TQ_NOW_MIN_NS - 1;
    assert_int_equal(tq_signal_read(&response, &signal), TQ_ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_does_not_drop_the_limits_before_it),
        cmocka_unit_test(what_says_nothing_takes_back_nothing),
        cmocka_unit_test(nothing_is_said_by_a_part_of_an_answer),
        cmocka_unit_test(the_gravest_word_counts),
        cmocka_unit_test(prose_says_when),
        cmocka_unit_test(events_and_arrays_are_looked_through),
        cmocka_unit_test(arguments_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
