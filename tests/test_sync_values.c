/* test_sync_values.c: the values of registers: words of a provider and readings of stated windows, as text.
 *
 * SPDX-License-Identifier: MIT
 *
 * What one ledger holds is written, and set in another one, whose clock may be another one, too.
 */
#include <stdio.h>

#include "harness.h"

#include "sync/registers.h"

#define SECOND_NS INT64_C(1000000000)

struct pair {
    struct tq_ledger *ledger[2];
    struct tq_provider *here, *there;
};

static int set_up(void **state)
{
    static struct pair w;

    *state = &w;
    for (int i = 0; i < 2; i++)
        if (tq_ledger_open(&w.ledger[i], NULL, NULL, NULL) < 0 ||
            tq_ledger_provider(w.ledger[i], "p", 1, 0, i == 0 ? &w.here : &w.there) < 0)
            return -1;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *w = *state;

    tq_ledger_close(w->ledger[0]);
    tq_ledger_close(w->ledger[1]);
    return 0;
}

static void read_value(struct tq_provider *provider, const char *name, int64_t shift_s, char *out)
{
    int len = sync_value_read(provider, name, 0, shift_s, out);

    assert_int_equal(len, strlen(out));
}

static int take(struct pair *w, const char *name, const char *value, int64_t shift_s)
{
    return sync_value_set(w->ledger[1], w->there, name, value, shift_s, tq_now_ns());
}

/* The second ledger comes to hold what the first one does, also by way of a clock that is some seconds ahead.
 */
static void expect_same(struct pair *w, const char *name)
{
    static const int64_t shifts[] = {0, 100, -100, 70000};
    char value[SYNC_VALUE_BYTES], moved[SYNC_VALUE_BYTES], again[SYNC_VALUE_BYTES];

    read_value(w->here, name, 0, value);
    assert_false(sync_value_is_empty(value));
    for (size_t i = 0; i < sizeof shifts / sizeof shifts[0]; i++) {
        read_value(w->here, name, shifts[i], moved);
        assert_true((strcmp(moved, value) != 0) == (shifts[i] != 0));
        assert_int_equal(take(w, name, moved, shifts[i]), 0);
        read_value(w->there, name, 0, again);
        assert_string_equal(again, value);
    }
}

/* ---- words ----------------------------------------------------------------------------------- */

static void refuse(struct tq_provider *provider, uint32_t refusal, int64_t retry_after_ns)
{
    const struct tq_quota_signal signal = {.size = sizeof signal,
                                           .refusal = refusal,
                                           .binds = -1,
                                           .status = 429,
                                           .profile = 1,
                                           .source = TQ_SOURCE_BODY,
                                           .said_at_ns = tq_now_ns(),
                                           .retry_at_ns = tq_now_ns() + retry_after_ns};

    assert_int_equal(tq_provider_apply(provider, &signal), TQ_QUOTA_EXHAUSTED);
}

static int state_of(const struct tq_provider *provider)
{
    return tq_provider_state(provider, tq_now_ns(), NULL);
}

static void words_are_the_same_there(void **state)
{
    struct pair *w = *state;

    assert_int_equal(tq_provider_mark_quota_exhausted(w->here, tq_now_ns() + HOUR_NS), 0);
    expect_same(w, "mark");
    assert_int_equal(state_of(w->there), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(take(w, "mark", "0", 0), 0);
    assert_int_equal(state_of(w->there), TQ_AVAILABLE);
    refuse(w->here, TQ_CLASS_EXHAUSTED, 5 * HOUR_NS);
    refuse(w->here, TQ_CLASS_THROTTLED, HOUR_NS);
    expect_same(w, "reported");
    assert_int_equal(state_of(w->there), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(take(w, "reported", "0 0 0", 0), 0);
    assert_int_equal(state_of(w->there), TQ_AVAILABLE);
    expect_same(w, "throttled");
    assert_int_equal(state_of(w->there), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(take(w, "throttled", "", 0), 0);
    assert_int_equal(tq_provider_mark_available(w->here), 0);
    expect_same(w, "available");
    assert_int_equal(state_of(w->there), TQ_AVAILABLE);
}

static void what_is_no_word_changes_nothing(void **state)
{
    static const char *const wrong[][2] = {
        {"mark", "-1"},        {"mark", "x"},
        {"mark", " 1"},        {"mark", "1 "},
        {"mark", "1 2"},       {"mark", "9223372036854775808"},
        {"available", "1x"},   {"available", "99999999999999999999"},
        {"reported", "1 2"},   {"reported", "1 2 3 4"},
        {"reported", "g 0 0"}, {"reported", "10000000000000000 0 0"},
        {"throttled", "1"},    {"throttled", "1 2 3"},
        {"throttled", "1  2"}, {"throttled", "0x1 1"},
        {"served", "x"},       {"served", ""},
        {"served", "-1"},
    };
    struct pair *w = *state;
    struct tq_words before = {.size = sizeof before}, after = before;

    refuse(w->there, TQ_CLASS_EXHAUSTED, HOUR_NS);
    assert_int_equal(tq_provider_words(w->there, &before), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (take(w, wrong[i][0], wrong[i][1], 0) != 1)
            fail_msg("%s: \"%s\" is taken", wrong[i][0], wrong[i][1]);
        assert_int_equal(tq_provider_words(w->there, &after), 0);
        assert_memory_equal(&before, &after, sizeof before);
    }
}

static void a_value_says_when_it_was_said(void **state)
{
    static const struct {
        const char *name, *value;
        int64_t at_ms;
    } said[] = {
        {"available", "1700000000123456789", 1700000000124},
        {"served", "1700000000123456789", 1700000000124},
        {"reported", "6553f10000000000 0 0", 1700000000001},
        {"throttled", "6553f10000000000 0", 1700000000001},
        {"stated:1:300:", "500000 0 1700000000 1700003600 0 1 1", 1700000000001},
        {"mark", "1700000000123456789", 1},
        {"settings", "budget 1\n", 1},
        {"available", "x", 1},
        {"reported", "6553f10000000000 0", 1},
        {"stated:1:300:", "500000 0 99999999999 0 0 1 1", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        assert_int_equal(sync_value_at_ms(said[i].name, said[i].value), said[i].at_ms);
    assert_true(sync_value_is_empty("") && sync_value_is_empty("0") && sync_value_is_empty("0 0 0"));
    assert_false(sync_value_is_empty("1") || sync_value_is_empty("0 1") || sync_value_is_empty("a"));
}

/* ---- served ---------------------------------------------------------------------------------- */

static struct tq_quota_signal reading(uint32_t what, int64_t window_ns, const char *name, uint32_t ppm,
                                      int64_t at_ns)
{
    struct tq_quota_signal signal = {.size = sizeof signal,
                                     .binds = -1,
                                     .flags = TQ_SIGNAL_READING,
                                     .profile = 1,
                                     .source = TQ_SOURCE_HEADER,
                                     .said_at_ns = at_ns,
                                     .axis_count = 1,
                                     .axis[0] = {.what = what,
                                                 .known = TQ_AXIS_USED | TQ_AXIS_RESET | TQ_AXIS_LIMIT,
                                                 .flags = *name ? TQ_AXIS_MODEL_ONLY : 0,
                                                 .used_ppm = ppm,
                                                 .limit = 1000,
                                                 .window_ns = window_ns,
                                                 .reset_at_ns = at_ns + HOUR_NS}};

    snprintf(signal.window_name[0], TQ_WINDOW_NAME_MAX, "%s", name);
    return signal;
}

/* The register of the provider's only stated window. false: it can be none. */
static bool stated_register(struct tq_provider *provider, char name[SYNC_REGISTER_NAME_MOST + 1])
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};

    assert_int_equal(tq_provider_limits(provider, tq_now_ns(), states, TQ_LIMITS_MAX), 1);
    return sync_stated_name(&states[0], name);
}

static void an_answer_there_lifts_what_was_stated_before(void **state)
{
    struct pair *w = *state;
    int64_t now_ns = tq_now_ns();
    struct tq_quota_signal full = reading(TQ_AXIS_TOKENS, 5 * HOUR_NS, "", 1000000, now_ns - 10 * SECOND_NS);
    char value[SYNC_VALUE_BYTES];

    assert_int_equal(tq_provider_apply(w->there, &full), TQ_QUOTA_EXHAUSTED);
    snprintf(value, sizeof value, "%lld", (long long)(now_ns - 20 * SECOND_NS));
    assert_int_equal(take(w, "served", value, 0), 0);
    assert_int_equal(state_of(w->there), TQ_QUOTA_EXHAUSTED); /* the request was sent before */
    snprintf(value, sizeof value, "%lld", (long long)(now_ns + HOUR_NS));
    assert_int_equal(take(w, "served", value, 0), 0);
    assert_int_equal(state_of(w->there), TQ_QUOTA_EXHAUSTED); /* it was not sent yet */
    snprintf(value, sizeof value, "%lld", (long long)(now_ns + 95 * SECOND_NS));
    assert_int_equal(take(w, "served", value, 100), 0); /* by a clock that is 100 s ahead */
    assert_int_equal(state_of(w->there), TQ_AVAILABLE);
}

/* ---- stated windows -------------------------------------------------------------------------- */

static const struct {
    uint32_t what;
    int64_t window_ns;
    const char *vendor, *name;
} windows[] = {
    {TQ_AXIS_TOKENS, 5 * HOUR_NS, "", ":300:"},
    {TQ_AXIS_TOKENS, 7 * DAY_NS, "opus", ":10080:opus"},
    {TQ_AXIS_REQUESTS, DAY_NS, "gpt-4.1_mini", ":1440:gpt-4.1_mini"},
    {TQ_AXIS_INPUT, HOUR_NS, "", ":60:"},
    {TQ_AXIS_OUTPUT, 31 * DAY_NS, "a-name-of-21-bytes-ok", ":44640:a-name-of-21-bytes-ok"},
    {TQ_AXIS_MONEY, 30 * DAY_NS, "", ":43200:"},
    {TQ_AXIS_UNKNOWN, 5 * HOUR_NS, "", ":300:"},
};

static void a_reading_is_the_same_there(void **state)
{
    struct pair *w = *state;

    for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
        struct tq_quota_signal signal = reading(windows[i].what, windows[i].window_ns, windows[i].vendor,
                                                400000, tq_now_ns() - HOUR_NS / 2);
        char name[SYNC_REGISTER_NAME_MOST + 1], old[SYNC_VALUE_BYTES], value[SYNC_VALUE_BYTES];

        assert_int_equal(tq_provider_apply(w->here, &signal), TQ_AVAILABLE);
        assert_true(stated_register(w->here, name));
        assert_string_equal(strchr(name, ':') + 2, windows[i].name);
        expect_same(w, name);
        read_value(w->here, name, 0, old);
        signal.said_at_ns += 60 * SECOND_NS;
        signal.axis[0].used_ppm = 700000;
        assert_int_equal(tq_provider_apply(w->here, &signal), TQ_AVAILABLE);
        expect_same(w, name);
        assert_int_equal(take(w, name, old, 0), 0); /* an older one is none */
        read_value(w->there, name, 0, value);
        assert_string_not_equal(value, old);
        assert_int_equal(take(w, name, "0", 0), 0); /* nothing to say takes nothing back */
        read_value(w->there, name, 0, old);
        assert_string_equal(value, old);
        tear_down(state);
        assert_int_equal(set_up(state), 0);
    }
}

static void a_reading_of_the_account_is_the_pool_s(void **state)
{
    struct pair *w = *state;
    struct tq_quota_signal signal =
        reading(TQ_AXIS_TOKENS, 5 * HOUR_NS, "opus", 400000, tq_now_ns() - HOUR_NS / 2);
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    struct tq_provider *pool;
    char name[SYNC_REGISTER_NAME_MOST + 1];

    assert_int_equal(tq_ledger_provider(w->ledger[1], "pool", 4, 0, &pool), 0);
    assert_int_equal(tq_provider_set_pool(w->there, pool), 0);
    assert_int_equal(take(w, "stated:1:300:", "400000 0 1700000000 0 0 1 1", 0), 0);
    assert_int_equal(tq_provider_limits(w->there, tq_now_ns(), states, TQ_LIMITS_MAX), 0);
    assert_int_equal(tq_provider_limits(pool, tq_now_ns(), states, TQ_LIMITS_MAX), 0);
    assert_int_equal(tq_provider_apply(w->here, &signal), TQ_AVAILABLE);
    assert_true(stated_register(w->here, name));
    expect_same(w, name); /* of a model */
}

static void a_window_s_name_is_written_in_letters_of_a_register(void **state)
{
    struct tq_limit_state window = {
        .limit = {.unit = 1, .window = TQ_WINDOW_STATED, .length_ns = 5 * HOUR_NS}};
    char name[SYNC_REGISTER_NAME_MOST + 1];

    (void)state;
    strcpy(window.limit.zone, "a b/%:\xc3\xbc");
    assert_true(sync_stated_name(&window, name));
    assert_string_equal(name, "stated:1:300:a%20b%2F%25%3A%C3%BC");
    strcpy(window.limit.zone, "                     ");
    assert_false(sync_stated_name(&window, name)); /* too long */
    window.limit = (struct tq_limit){.unit = 1, .window = TQ_WINDOW_DAY};
    assert_false(sync_stated_name(&window, name));
}

static void what_is_no_reading_changes_nothing(void **state)
{
    static const char good[] = "400000 0 1700000000 0 0 1 1";
    static const char *const wrong[][2] = {
        {"stated:", good},
        {"stated:1", good},
        {"stated:1:", good},
        {"stated:1:300", good},
        {"stated:x:300:", good},
        {"stated:-1:300:", good},
        {"stated:4294967297:300:", good},
        {"stated:1:-300:", good},
        {"stated:1:527041:", good},
        {"stated:1:18446744073709551615:", good},
        {"stated:1:99999999999999999999:", good},
        {"stated:1:300:%", good},
        {"stated:1:300:%2", good},
        {"stated:1:300:%00", good},
        {"stated:1:300:%zz", good},
        {"stated:1:300:%+1", good},
        {"stated:1:300:1234567890123456789012", good},
        {"stated:1:300:", "400000 0 1700000000 0 0 1"},
        {"stated:1:300:", "400000 0 1700000000 0 0 1 1 1"},
        {"stated:1:300:", "-4 0 1700000000 0 0 1 1"},
        {"stated:1:300:", "4294967296 0 1700000000 0 0 1 1"},
        {"stated:1:300:", "400000 0 4294967296 0 0 1 1"},
        {"stated:1:300:", "400000 0 1700000000 4294967296 0 1 1"},
        {"stated:1:300:", "400000 0 1700000000 0 72057594037927936 1 1"},
        {"stated:1:300:", "400000 0 1700000000 0 0 99 1"},
        {"stated:1:300:", "400000 0 1700000000 0 0 1 256"},
    };
    struct pair *w = *state;
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (take(w, wrong[i][0], wrong[i][1], 0) != 1)
            fail_msg("%s: \"%s\" is taken", wrong[i][0], wrong[i][1]);
        assert_int_equal(tq_provider_limits(w->there, tq_now_ns(), states, TQ_LIMITS_MAX), 0);
    }
    assert_int_equal(take(w, "stated:1:300:", good, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_are_the_same_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_word_changes_nothing, set_up, tear_down),
        cmocka_unit_test(a_value_says_when_it_was_said),
        cmocka_unit_test_setup_teardown(an_answer_there_lifts_what_was_stated_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reading_is_the_same_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reading_of_the_account_is_the_pool_s, set_up, tear_down),
        cmocka_unit_test(a_window_s_name_is_written_in_letters_of_a_register),
        cmocka_unit_test_setup_teardown(what_is_no_reading_changes_nothing, set_up, tear_down),
    };

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
