/* test_log_error.c: messages are one printable line that fits, whatever the log contains.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include "base/time.h"
#include "logs/error.h"

/* The longest value under the longest name still fits, for every fault. */
static void fits_whatever_is_wrong(void **state)
{
    char value[41];
    struct tq_log_error error;

    (void)state;
    memset(value, '\xff', sizeof(value));
    for (int fault = TQ__SUM_TOO_BIG; fault < 0; fault++) {
        int answer = tq__log_fail_value(&error, 7, TQ__SPAN("provider_or_model"), fault,
                                        (struct tq__span){value, sizeof(value)});

        assert_int_equal(answer, TQ_LOG_BAD_LINE);
        assert_int_equal(error.line, 7);
        assert_int_equal(error.sys, 0);
        assert_non_null(strstr(error.msg, "provider_or_model "));
        if (fault != TQ__EMPTY)
            assert_string_equal(error.msg + strlen(error.msg) - 8, "\\xff...\"");
    }
}

static void names_column_fault_and_value(void **state)
{
    struct tq_log_error error;

    (void)state;
    tq__log_fail_value(&error, 3, TQ__SPAN("tokens"), TQ__NOT_WHOLE, TQ__SPAN("abc"));
    assert_string_equal(error.msg, "tokens is not a whole number: \"abc\"");
    tq__log_fail_value(&error, 3, TQ__SPAN("provider"), TQ__EMPTY, TQ__SPAN(""));
    assert_string_equal(error.msg, "provider is empty");
    assert_int_equal(tq__log_fail(&error, TQ_LOG_BROKEN, 0, 5, "it is %s", "broken"), TQ_LOG_BROKEN);
    assert_string_equal(error.msg, "it is broken");
    assert_int_equal(error.sys, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_whatever_is_wrong),
        cmocka_unit_test(names_column_fault_and_value),
    };

    return cmocka_run_group_tests_name("log_error", tests, NULL, NULL);
}
