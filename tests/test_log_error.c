/* test_log_error.c: messages are one printable line that fits, whatever the log contains.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include "logs/internal.h"

static void shows_only_printable_ascii(void **state)
{
    char out[64];

    (void)state;
    tq__log_show(out, sizeof(out), TEXT("plain \"text\""), 40);
    assert_string_equal(out, "plain \"text\"");
    tq__log_show(out, sizeof(out), TEXT("\x1b[2J\n\0\x7f\xc2\x9b\\"), 40);
    assert_string_equal(out, "\\x1b[2J\\x0a\\x00\\x7f\\xc2\\x9b\\x5c");
    tq__log_show(out, sizeof(out), TEXT(""), 40);
    assert_string_equal(out, "");
}

static void says_where_it_cuts(void **state)
{
    char out[16];

    (void)state;
    tq__log_show(out, sizeof(out), TEXT("abcdef"), 6);
    assert_string_equal(out, "abcdef");
    tq__log_show(out, sizeof(out), TEXT("abcdef"), 5);
    assert_string_equal(out, "abcde...");
    tq__log_show(out, sizeof(out), TEXT("0123456789ab"), 40);
    assert_string_equal(out, "0123456789ab");
    tq__log_show(out, sizeof(out), TEXT("0123456789abc"), 40);
    assert_string_equal(out, "0123456789ab...");
    tq__log_show(out, sizeof(out), TEXT("123456789\n"), 40); /* an escape is whole or not there */
    assert_string_equal(out, "123456789...");
}

/* The longest value under the longest name still fits, for every fault. */
static void fits_whatever_is_wrong(void **state)
{
#define FAULT(name, value, words) value,
    static const int faults[] = {TQ__LOG_FAULTS(FAULT)};
#undef FAULT
    char value[TQ__LOG_SHOWN_BYTES + 1];
    struct tq_log_error error;

    (void)state;
    memset(value, '\xff', sizeof(value));
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        int answer = tq__log_fail_value(&error, 7, "provider_or_model", faults[i],
                                        (struct tq__log_text){value, sizeof(value)});

        assert_int_equal(answer, TQ_LOG_BAD_LINE);
        assert_int_equal(error.line, 7);
        assert_int_equal(error.sys, 0);
        assert_non_null(strstr(error.msg, "provider_or_model "));
        if (faults[i] != TQ__LOG_EMPTY)
            assert_string_equal(error.msg + strlen(error.msg) - 8, "\\xff...\"");
    }
}

static void names_column_fault_and_value(void **state)
{
    struct tq_log_error error;

    (void)state;
    tq__log_fail_value(&error, 3, "tokens", TQ__LOG_NOT_WHOLE, TEXT("abc"));
    assert_string_equal(error.msg, "tokens is not a whole number: \"abc\"");
    tq__log_fail_value(&error, 3, "provider", TQ__LOG_EMPTY, TEXT(""));
    assert_string_equal(error.msg, "provider is empty");
    assert_int_equal(tq__log_fail(&error, TQ_LOG_BROKEN, 0, 5, "it is %s", "broken"), TQ_LOG_BROKEN);
    assert_string_equal(error.msg, "it is broken");
    assert_int_equal(error.sys, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_only_printable_ascii),
        cmocka_unit_test(says_where_it_cuts),
        cmocka_unit_test(fits_whatever_is_wrong),
        cmocka_unit_test(names_column_fault_and_value),
    };

    return cmocka_run_group_tests_name("log_error", tests, NULL, NULL);
}
