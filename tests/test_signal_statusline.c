/* test_signal_statusline.c: the limits that Claude Code hands its status line, in percents of 0 to 100.
 *
 * SPDX-License-Identifier: MIT
 *
 * What it says was true at the client's last answer, nobody knows when: so it may take a provider out, and
 * never puts it back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "signal_promises.h"

#define NOON_S "1795176000" /* NOON_NS as the client writes it */

static struct tq_quota_signal signal;

static int read_line(const char *json, size_t len)
{
    memset(&signal, 0xa5, sizeof(signal));
    signal.size = sizeof(signal);
    return tq_signal_statusline(json, len, NOON_NS, &signal);
}

static int line(const char *json)
{
    return read_line(json, strlen(json));
}

/* What holds of every line that was understood. */
static void assert_kept(void)
{
    struct tq_response response = {.now_ns = NOON_NS};

    signal_promises(&response, &signal); /* sent_at_ns 0, too */
    assert_int_equal(signal.flags & TQ_SIGNAL_SUCCESS, 0);
    assert_true(signal.source == TQ_SOURCE_NONE || signal.source == TQ_SOURCE_CALLER);
    assert_string_equal(tq_profile_name(tq_profile_of(signal.profile)), "anthropic-subscription");
}

static void assert_window(uint32_t index, int64_t window_ns, uint32_t used_ppm, int64_t reset_at_ns)
{
    const struct tq_axis *axis = &signal.axis[index];

    assert_true(index < signal.axis_count);
    assert_int_equal(axis->window_ns, window_ns);
    assert_int_equal(axis->known, TQ_AXIS_USED | TQ_AXIS_RESET);
    assert_int_equal(axis->used_ppm, used_ppm);
    assert_int_equal(axis->reset_at_ns, reset_at_ns);
}

static void both_windows(void **state)
{
    (void)state;
    assert_int_equal(
        line("{\"session_id\":\"a\",\"model\":{\"id\":\"m\",\"display_name\":\"M\"},\"version\":\"2.1.90\","
             "\"cost\":{\"total_cost_usd\":0.01},\"rate_limits\":{"
             "\"five_hour\":{\"used_percentage\":43,\"resets_at\":1795179600},"
             "\"seven_day\":{\"used_percentage\":81.5,\"resets_at\":1795435200}}}"),
        0);
    assert_kept();
    assert_int_equal(signal.axis_count, 2);
    assert_window(0, 5 * HOUR_NS, 430000, NOON_NS + HOUR_NS);
    assert_window(1, 7 * DAY_NS, 815000, NOON_NS + 3 * DAY_NS);
    assert_int_equal(signal.refusal, TQ_CLASS_NONE);
    assert_int_equal(signal.retry_at_ns, 0);
}

/* A header's 0.43 is 43 %, and here it is less than one. */
static void percents_are_no_fractions(void **state)
{
    (void)state;
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":0.43,\"resets_at\":1795179600}}}"), 0);
    assert_window(0, 5 * HOUR_NS, 4300, NOON_NS + HOUR_NS);
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":1,\"resets_at\":1795179600}}}"), 0);
    assert_window(0, 5 * HOUR_NS, 10000, NOON_NS + HOUR_NS);
    assert_int_equal(signal.refusal, TQ_CLASS_NONE);
}

static void one_window_is_missing(void **state)
{
    (void)state;
    assert_int_equal(
        line("{\"rate_limits\":{\"seven_day\":{\"used_percentage\":12,\"resets_at\":1795435200}}}"), 0);
    assert_kept();
    assert_int_equal(signal.axis_count, 1);
    assert_window(0, 7 * DAY_NS, 120000, NOON_NS + 3 * DAY_NS);
    assert_int_equal(line("{\"rate_limits\":{\"five_hour\":null,"
                          "\"seven_day\":{\"used_percentage\":12,\"resets_at\":1795435200}}}"),
                     0);
    assert_int_equal(signal.axis_count, 1);
}

static void no_limits_say_nothing(void **state)
{
    static const char *const lines[] = {
        "{}",
        "{\"session_id\":\"a\",\"version\":\"2.1.96\"}",
        "{\"rate_limits\":null}",
        "{\"rate_limits\":{}}",
        "{\"rate_limits\":[]}",
        "{\"rate_limits\":\"five_hour\"}",
        "{\"rate_limits\":{\"five_hour\":{}}}",
        "{\"rate_limits\":{\"five_hour\":5,\"seven_day\":[7]}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(line(lines[i]), 1);
        assert_kept();
        assert_int_equal(signal.axis_count, 0);
        assert_int_equal(signal.refusal, TQ_CLASS_NONE);
    }
}

static void a_full_window_is_out_until_its_reset(void **state)
{
    (void)state;
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":100,\"resets_at\":1795179600},"
             "\"seven_day\":{\"used_percentage\":50,\"resets_at\":1795435200}}}"),
        0);
    assert_kept();
    assert_int_equal(signal.refusal, TQ_CLASS_EXHAUSTED);
    assert_int_equal(signal.source, TQ_SOURCE_CALLER);
    assert_int_equal(signal.retry_at_ns, NOON_NS + HOUR_NS);
    assert_int_equal(signal.binds, 0);
}

static void of_two_full_windows_the_latest_reset_counts(void **state)
{
    (void)state;
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":101.2,\"resets_at\":1795179600},"
             "\"seven_day\":{\"used_percentage\":100,\"resets_at\":1795435200}}}"),
        0);
    assert_kept();
    assert_window(0, 5 * HOUR_NS, 1012000, NOON_NS + HOUR_NS);
    assert_int_equal(signal.retry_at_ns, NOON_NS + 3 * DAY_NS);
    assert_int_equal(signal.binds, 1);
}

/* The client's last answer may be older than the window. */
static void a_full_window_that_is_over_excludes_nobody(void **state)
{
    (void)state;
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":100,\"resets_at\":" NOON_S "}}}"), 0);
    assert_kept();
    assert_int_equal(signal.refusal, TQ_CLASS_NONE);
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":100,\"resets_at\":1000000000}}}"), 0);
    assert_kept();
    assert_int_equal(signal.refusal, TQ_CLASS_NONE);
}

static void values_of_no_form_are_left_out(void **state)
{
    static const char *const values[] = {"\"43\"", "true", "[]", "{}", "\"2026-11-20T13:00:00Z\""};
    char json[256];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        snprintf(json, sizeof(json), "{\"rate_limits\":{\"five_hour\":{\"used_percentage\":%s}}}", values[i]);
        assert_true(line(json) >= 0);
        assert_kept();
        assert_int_equal(signal.refusal, TQ_CLASS_NONE);
    }
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":-1,\"resets_at\":1795179600}}}"), 0);
    assert_int_equal(signal.axis[0].known, TQ_AXIS_RESET); /* below 0 is not said */
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":100,\"resets_at\":99999999999}}}"), 0);
    assert_kept();
    assert_true(signal.flags & TQ_SIGNAL_CLAMPED);
    assert_int_equal(signal.retry_at_ns, NOON_NS + 180 * DAY_NS);
}

/* Claude Code has sent the instant of the reset in the place of the percentage. */
static void an_instant_is_no_percentage(void **state)
{
    (void)state;
    assert_int_equal(
        line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":1795179600,\"resets_at\":1795179600},"
             "\"seven_day\":{\"used_percentage\":35,\"resets_at\":1795435200}}}"),
        0);
    assert_kept();
    assert_int_equal(signal.refusal, TQ_CLASS_NONE);
    assert_int_equal(signal.axis_count, 2);
    assert_int_equal(signal.axis[0].known, TQ_AXIS_RESET);
    assert_int_equal(signal.anomalies, 1);
    assert_window(1, 7 * DAY_NS, 350000, NOON_NS + 3 * DAY_NS);
    assert_int_equal(line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":1000}}}"), 0);
    assert_int_equal(signal.axis[0].used_ppm, 10000000);
    assert_int_equal(line("{\"rate_limits\":{\"five_hour\":{\"used_percentage\":1000.01}}}"), 1);
}

static void what_is_no_json_is_refused(void **state)
{
    static const char *const lines[] = {
        "", " ", "[]", "5", "null", "{", "{\"rate_limits\":", "rate_limits", "\xff"};
    struct tq_quota_signal small = {.size = 8};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(line(lines[i]), TQ_EINVAL);
    assert_int_equal(tq_signal_statusline(NULL, 0, NOON_NS, &signal), TQ_EINVAL);
    assert_int_equal(tq_signal_statusline("{}", 2, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(tq_signal_statusline("{}", 2, NOON_NS, &small), TQ_EINVAL);
    signal.size = sizeof(signal);
    assert_int_equal(tq_signal_statusline("{}", 2, INT64_MAX, &signal), TQ_ERANGE);
}

static void a_line_cut_anywhere_is_refused(void **state)
{
    static const char json[] =
        "{\"rate_limits\":{\"five_hour\":{\"used_percentage\":43,\"resets_at\":1795179600},"
        "\"seven_day\":{\"used_percentage\":81.5,\"resets_at\":1795435200}}}";

    (void)state;
    for (size_t len = 0; len < sizeof(json) - 1; len++) {
        char *copy = malloc(len ? len : 1); /* so that a sanitizer sees a read behind its end */

        assert_non_null(copy);
        memcpy(copy, json, len);
        assert_int_equal(read_line(copy, len), TQ_EINVAL);
        free(copy);
    }
    assert_int_equal(read_line(json, sizeof(json) - 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_windows),
        cmocka_unit_test(percents_are_no_fractions),
        cmocka_unit_test(one_window_is_missing),
        cmocka_unit_test(no_limits_say_nothing),
        cmocka_unit_test(a_full_window_is_out_until_its_reset),
        cmocka_unit_test(of_two_full_windows_the_latest_reset_counts),
        cmocka_unit_test(a_full_window_that_is_over_excludes_nobody),
        cmocka_unit_test(values_of_no_form_are_left_out),
        cmocka_unit_test(an_instant_is_no_percentage),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(a_line_cut_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
