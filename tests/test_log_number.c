/* test_log_number.c: decimal numbers are read exactly, or refused for the right reason.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include "logs/internal.h"

static void reads_counts(void **state)
{
    static const struct {
        const char *text;
        int64_t count;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.000", 0},
        {"007", 7},
        {"12", 12},
        {"12.0", 12},
        {"12.00000000000000000000000000000000", 12},
        {"1.2e1", 12},
        {"1.2E+1", 12},
        {"1200e-2", 12},
        {"0.00000000000000000000000000000000012e35", 12},
        {"120000000000000000000000000000000000e-34", 12},
        {"0e99999999999999999999", 0},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775807.000", INT64_MAX},
        {"92233720368547758070e-1", INT64_MAX},
        {"1e18", INT64_C(1000000000000000000)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct tq__log_text text = {good[i].text, strlen(good[i].text)};
        int64_t count = -1;
        int fault = tq__log_number_count(text, &count);

        if (fault != 0 || count != good[i].count)
            fail_msg("%s: fault %d, count %lld", good[i].text, fault, (long long)count);
    }
}

static void refuses_what_is_no_count(void **state)
{
    static const struct {
        const char *text;
        int fault;
    } bad[] = {
        {"", TQ__LOG_EMPTY},
        {"abc", TQ__LOG_NOT_WHOLE},
        {"-", TQ__LOG_NOT_WHOLE},
        {"+1", TQ__LOG_NOT_WHOLE},
        {"--1", TQ__LOG_NOT_WHOLE},
        {" 1", TQ__LOG_NOT_WHOLE},
        {"1 ", TQ__LOG_NOT_WHOLE},
        {".5", TQ__LOG_NOT_WHOLE},
        {"5.", TQ__LOG_NOT_WHOLE},
        {"1.2.3", TQ__LOG_NOT_WHOLE},
        {"1e", TQ__LOG_NOT_WHOLE},
        {"1e+", TQ__LOG_NOT_WHOLE},
        {"1e1e1", TQ__LOG_NOT_WHOLE},
        {"0x10", TQ__LOG_NOT_WHOLE},
        {"nan", TQ__LOG_NOT_WHOLE},
        {"inf", TQ__LOG_NOT_WHOLE},
        {"1,000", TQ__LOG_NOT_WHOLE},
        {"12.5", TQ__LOG_NOT_WHOLE},
        {"12.0000000000000000000000000000000001", TQ__LOG_NOT_WHOLE},
        {"1e-1", TQ__LOG_NOT_WHOLE},
        {"1e-99999999999999999999", TQ__LOG_NOT_WHOLE},
        {"-1", TQ__LOG_NEGATIVE},
        {"-0.00000000000000000000000000001", TQ__LOG_NEGATIVE},
        {"-99999999999999999999999", TQ__LOG_NEGATIVE},
        {"9223372036854775808", TQ__LOG_TOO_BIG},
        {"18446744073709551616", TQ__LOG_TOO_BIG},
        {"18446744073709551617", TQ__LOG_TOO_BIG},
        {"10000000000000000001", TQ__LOG_TOO_BIG},
        {"99999999999999999999999999999999999", TQ__LOG_TOO_BIG},
        {"1e19", TQ__LOG_TOO_BIG},
        {"1e20", TQ__LOG_TOO_BIG},
        {"1e99999999999999999999", TQ__LOG_TOO_BIG},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct tq__log_text text = {bad[i].text, strlen(bad[i].text)};
        int64_t count;
        int fault = tq__log_number_count(text, &count);

        if (fault != bad[i].fault)
            fail_msg("\"%s\": fault %d, not %d", bad[i].text, fault, bad[i].fault);
    }
}

static void rounds_down(void **state)
{
    static const struct {
        const char *text;
        int scale;
        int64_t value;
        bool whole;
    } cases[] = {
        {"1.5", 0, 1, false},
        {"-1.5", 0, -2, false},
        {"-1.5", 1, -15, true},
        {"-0.1", 0, -1, false},
        {"1e-30", 9, 0, false},
        {"-1e-30", 9, -1, false},
        {"1700000000.123456789", 9, INT64_C(1700000000123456789), true},
        {"1700000000.1234567899", 9, INT64_C(1700000000123456789), false},
        {"-9223372036854775808", 0, INT64_MIN, true},
        {"-9223372036.854775808", 9, INT64_MIN, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tq__log_text text = {cases[i].text, strlen(cases[i].text)};
        struct tq__log_number number;
        int64_t value;
        bool whole;

        assert_int_equal(tq__log_number_read(text, &number), 0);
        assert_int_equal(tq__log_number_scale(&number, cases[i].scale, &value, &whole), 0);
        assert_int_equal(value, cases[i].value);
        assert_int_equal(whole, cases[i].whole);
    }
}

static void rounding_down_may_leave_the_range(void **state)
{
    struct tq__log_number number;
    int64_t value;
    bool whole;

    (void)state;
    assert_int_equal(tq__log_number_read(TEXT("-9223372036854775808.1"), &number), 0);
    assert_int_equal(tq__log_number_scale(&number, 0, &value, &whole), TQ__LOG_TOO_BIG);
    assert_int_equal(tq__log_number_read(TEXT("9223372036854775807.9"), &number), 0);
    assert_int_equal(tq__log_number_scale(&number, 0, &value, &whole), 0);
    assert_int_equal(value, INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_counts),
        cmocka_unit_test(refuses_what_is_no_count),
        cmocka_unit_test(rounds_down),
        cmocka_unit_test(rounding_down_may_leave_the_range),
    };

    return cmocka_run_group_tests_name("log_number", tests, NULL, NULL);
}
