/* test_sync_settings.c: what is set of a provider as one text: written, read, and refused.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "harness.h"

#include "sync/registers.h"

struct pair {
    struct tq_ledger *ledger;
    struct tq_provider *p;
    char read[SYNC_VALUE_BYTES];
};

static int set_up(void **state)
{
    static struct pair w;

    *state = &w;
    if (tq_ledger_open(&w.ledger, NULL, NULL, NULL) < 0)
        return -1;
    return tq_ledger_provider(w.ledger, "p", 1, 0, &w.p);
}

static int tear_down(void **state)
{
    tq_ledger_close(((struct pair *)*state)->ledger);
    return 0;
}

static int take(struct pair *w, const char *text)
{
    return sync_settings_set(w->ledger, w->p, text, tq_now_ns());
}

static void expect_set(struct pair *w, const char *text)
{
    int len = sync_settings_read(w->p, w->read);

    assert_int_equal(len, strlen(text));
    assert_string_equal(w->read, text);
}

static const char *const texts[] = {
    "budget 1000000\n",
    "budget 9223372036854775807\n",
    "rule 1\n",
    "rule 2\n",
    "rule 3\n",
    "rule 4\ncare 5\n",
    "rule 4\ncare 32\n",
    "overage 1\n",
    "cut 1\n",
    "cut 2\n",
    "pool other\n",
    "pool  a name with blanks \n",
    "weights 1000 100 1250 5000\n",
    "weights 0 0 0 1000000\n",
    "price 3000000 -1 -1 15000000\n",
    "price 0 0 0 0\n",
    "limit 0 5M tokens per day America/Los_Angeles reserve 10%\n",
    "limit 0 100 requests per minute refill\nlimit 1 $40 per week\n",
    "limit 0 1M tokens per 5h rolling\nlimit 0 1k output once\nlimit 0 2M tokens per 5h first-use\n",
    "rule 4\ncare 9\noverage 1\ncut 1\npool other\nweights 1 2 3 4\nlimit 0 tokens per month\n",
    "budget 7\nprice 1 2 3 4\n",
    "",
};

static void each_text_is_set_and_read_and_what_it_does_not_name_is_taken_out(void **state)
{
    struct pair *w = *state;

    for (size_t before = 0; before < sizeof texts / sizeof texts[0]; before++)
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            assert_int_equal(take(w, texts[before]), 0);
            assert_int_equal(take(w, texts[i]), 0);
            expect_set(w, texts[i]);
        }
}

static void what_is_no_text_of_settings_changes_nothing(void **state)
{
    static const char *const wrong[] = {
        "budget 8",
        "budget\n",
        "budget \n",
        "budget  8\n",
        "budget -8\n",
        "budget 8 \n",
        "budget 8 8\n",
        "budget 0x8\n",
        "budget 9223372036854775808\n",
        "rule x\n",
        "cut -1\n",
        "care 4294967296\n",
        "weights 1 2 3\n",
        "weights 1 2 3 4 5\n",
        "weights -1 2 3 4\n",
        "price -2 1 1 1\n",
        "price 1 1 1 1x\n",
        "limit\n",
        "limit 2 5M tokens per day\n",
        "limit 05M tokens per day\n",
        "limit 0 5M apples per day\n",
        "limit 0 \n",
        "\n",
    };
    struct pair *w = *state;
    char text[SYNC_VALUE_BYTES] = "pool ";

    assert_int_equal(take(w, "budget 7\n"), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(take(w, wrong[i]), 1);
        expect_set(w, "budget 7\n");
    }
    memset(text + 5, 'x', TQ_NAME_MAX + 1);
    strcpy(text + 5 + TQ_NAME_MAX + 1, "\n");
    assert_int_equal(take(w, text), 1);
    *text = '\0';
    for (int i = 0; i <= TQ_LIMITS_MAX; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "limit 0 1M tokens per %d days rolling\n",
                 i + 2);
    assert_int_equal(take(w, text), 1);
    memset(text, 'x', 400);
    strcpy(text + 400, " 1\n");
    assert_int_equal(take(w, text), 1);
    expect_set(w, "budget 7\n");
}

static void a_setting_of_a_newer_version_leaves_the_others(void **state)
{
    struct pair *w = *state;

    assert_int_equal(take(w, "budget 7\ntomorrow 8\nweather fine and warm\ncut 1\n"), 0);
    expect_set(w, "budget 7\ncut 1\n");
}

static void a_value_that_cannot_be_leaves_the_others(void **state)
{
    struct pair *w = *state;

    assert_true(take(w, "budget 7\nrule 99\noverage 9\ncut 7\npool p\nlimit 0 5M tokens per day\n") < 0);
    expect_set(w, "budget 7\nlimit 0 5M tokens per day\n");
}

static void a_window_of_the_vendor_stays(void **state)
{
    struct pair *w = *state;
    struct tq_quota_signal signal = {
        .size = sizeof signal,
        .binds = -1,
        .flags = TQ_SIGNAL_READING,
        .said_at_ns = tq_now_ns(),
        .axis_count = 1,
        .axis[0] = {
            .what = TQ_AXIS_TOKENS, .known = TQ_AXIS_USED, .used_ppm = 500000, .window_ns = 5 * HOUR_NS}};
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};

    assert_true(tq_provider_apply(w->p, &signal) >= 0);
    expect_set(w, "");
    assert_int_equal(take(w, "limit 0 5M tokens per day\n"), 0);
    assert_int_equal(take(w, ""), 0);
    assert_int_equal(tq_provider_limits(w->p, tq_now_ns(), states, TQ_LIMITS_MAX), 1);
    assert_int_equal(states[0].limit.window, TQ_WINDOW_STATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_text_is_set_and_read_and_what_it_does_not_name_is_taken_out,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_text_of_settings_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_setting_of_a_newer_version_leaves_the_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_value_that_cannot_be_leaves_the_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_window_of_the_vendor_stays, set_up, tear_down),
    };

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
