/* test_base_number.c: decimal numbers are read exactly, or refused for the right reason.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include "base/number.h"

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
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct tq__span text = {good[i].text, strlen(good[i].text)};
        int64_t count = -1;
        int fault = tq__number_count(text, &count);

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
        {"", TQ__EMPTY},
        {"abc", TQ__NOT_WHOLE},
        {"-", TQ__NOT_WHOLE},
        {"+1", TQ__NOT_WHOLE},
        {"--1", TQ__NOT_WHOLE},
        {" 1", TQ__NOT_WHOLE},
        {"1 ", TQ__NOT_WHOLE},
        {".5", TQ__NOT_WHOLE},
        {"5.", TQ__NOT_WHOLE},
        {"1.2.3", TQ__NOT_WHOLE},
        {"1e", TQ__NOT_WHOLE},
        {"1e+", TQ__NOT_WHOLE},
        {"1e1e1", TQ__NOT_WHOLE},
        {"0x10", TQ__NOT_WHOLE},
        {"nan", TQ__NOT_WHOLE},
        {"inf", TQ__NOT_WHOLE},
        {"1,000", TQ__NOT_WHOLE},
        {"12.5", TQ__NOT_WHOLE},
        {"12.0000000000000000000000000000000001", TQ__NOT_WHOLE},
        {"1e-1", TQ__NOT_WHOLE},
        {"1e-99999999999999999999", TQ__NOT_WHOLE},
        {"-1", TQ__NEGATIVE},
        {"-0.00000000000000000000000000001", TQ__NEGATIVE},
        {"-99999999999999999999999", TQ__NEGATIVE},
        {"9223372036854775808", TQ__TOO_BIG},
        {"18446744073709551616", TQ__TOO_BIG},
        {"18446744073709551617", TQ__TOO_BIG},
        {"10000000000000000001", TQ__TOO_BIG},
        {"99999999999999999999999999999999999", TQ__TOO_BIG},
        {"1e19", TQ__TOO_BIG},
        {"1e20", TQ__TOO_BIG},
        {"1e99999999999999999999", TQ__TOO_BIG},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct tq__span text = {bad[i].text, strlen(bad[i].text)};
        int64_t count;
        int fault = tq__number_count(text, &count);

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
        bool exact;
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
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tq__span text = {cases[i].text, strlen(cases[i].text)};
        struct tq__number number;
        int64_t value;
        bool exact;

        assert_int_equal(tq__number_read(text, &number), 0);
        assert_int_equal(tq__number_scale(&number, cases[i].scale, &value, &exact), 0);
        assert_int_equal(value, cases[i].value);
        assert_int_equal(exact, cases[i].exact);
    }
}

static void rounding_down_may_leave_the_range(void **state)
{
    struct tq__number number;
    int64_t value;
    bool exact;

    (void)state;
    assert_int_equal(tq__number_read(TQ__SPAN("-9223372036854775808.1"), &number), 0);
    assert_int_equal(tq__number_scale(&number, 0, &value, &exact), TQ__TOO_BIG);
    assert_int_equal(value, INT64_MIN);
    assert_int_equal(tq__number_read(TQ__SPAN("9223372036854775807.9"), &number), 0);
    assert_int_equal(tq__number_scale(&number, 0, &value, &exact), 0);
    assert_int_equal(value, INT64_MAX);
}

static void expect_taken(const char *text, unsigned flags, size_t len, int64_t millionths)
{
    struct tq__number number;
    int64_t value;
    bool exact;

    assert_int_equal(tq__number_take(tq__span_of(text), flags, &number), len);
    if (len == 0)
        return;
    (void)tq__number_scale(&number, 6, &value, &exact);
    assert_int_equal(value, millionths);
}

static void takes_what_is_allowed_at_the_begin(void **state)
{
    (void)state;
    expect_taken("1.5s", 0, 3, 1500000);
    expect_taken("1e3", 0, 1, 1000000);
    expect_taken("1e3", TQ__NUMBER_EXPONENT, 3, 1000000000);
    expect_taken("-1", 0, 0, 0);
    expect_taken("-1", TQ__NUMBER_SIGN, 2, -1000000);
    expect_taken("1.", 0, 0, 0);
    expect_taken("", 0, 0, 0);
    expect_taken("s", 0, 0, 0);
}

static void what_does_not_fit_is_the_bound(void **state)
{
    (void)state;
    expect_taken("99999999999999999999999999", 0, 26, INT64_MAX);
    expect_taken("9223372036854.775807", 0, 20, INT64_MAX);
    expect_taken("9223372036854.775808", 0, 20, INT64_MAX);
    expect_taken("9223372036854.7758069", 0, 21, INT64_MAX - 1);
    expect_taken("-1e99", TQ__NUMBER_SIGN | TQ__NUMBER_EXPONENT, 5, INT64_MIN);
}

static void expect_written(int64_t number, char group, const char *text)
{
    char out[TQ__NUMBER_BYTES];

    assert_int_equal(tq__number_write(out, number, group), strlen(text));
    assert_string_equal(out, text);
}

static void writes_numbers_in_groups(void **state)
{
    (void)state;
    expect_written(0, ',', "0");
    expect_written(999, ',', "999");
    expect_written(1000, ',', "1,000");
    expect_written(1234567, ',', "1,234,567");
    expect_written(1234567, '\0', "1234567");
    expect_written(-123456, ',', "-123,456");
    expect_written(INT64_MAX, ',', "9,223,372,036,854,775,807");
    expect_written(INT64_MIN, ',', "-9,223,372,036,854,775,808");
}

static void amounts_are_what_people_write(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        int64_t value;
    } cases[] = {
        {"5000000", 7, 5000000},
        {"5,000,000", 9, 5000000},
        {"5_000_000 tokens", 9, 5000000},
        {"1,234.5k", 8, 1234500},
        {"1.5M", 4, 1500000},
        {"5 m tokens", 3, 5000000},
        {"2 Million", 9, 2000000},
        {"3billion", 8, INT64_C(3000000000)},
        {"3G/day", 2, INT64_C(3000000000)},
        {"3B", 2, INT64_C(3000000000)},
        {"1t", 2, INT64_C(1000000000000)},
        {"7 thousand", 10, 7000},
        {"5Mtokens", 1, 5},
        {"5 tokens", 1, 5},
        {"5000,000", 4, 5000},
        {"5,0000", 5, 5000},
        {"5,00", 1, 5},
        {"1,000_000", 5, 1000},
        {"1,", 1, 1},
        {"-5", 0, 0},
        {".5", 0, 0},
        {"5.M", 0, 0},
        {"M", 0, 0},
        {"", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tq__number number;
        int64_t value = 0;
        bool exact;

        if (tq__amount_take(tq__span_of(cases[i].text), &number) != cases[i].len)
            fail_msg("%s: another length", cases[i].text);
        if (cases[i].len > 0 &&
            (tq__number_scale(&number, 0, &value, &exact) != 0 || value != cases[i].value))
            fail_msg("%s: %lld", cases[i].text, (long long)value);
    }
}

static void writes_decimals(void **state)
{
    static const struct {
        int64_t number;
        int digits;
        const char *text;
    } cases[] = {
        {0, 6, "0"},
        {1500, 3, "1.5"},
        {1000, 3, "1"},
        {1, 6, "0.000001"},
        {10, 6, "0.00001"},
        {1234567890, 6, "1,234.56789"},
        {7, 0, "7"},
        {INT64_MAX, 18, "9.223372036854775807"},
        {INT64_MAX, 1, "922,337,203,685,477,580.7"},
    };
    char text[TQ__NUMBER_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = tq__decimal_write(text, cases[i].number, cases[i].digits, ',');

        assert_string_equal(text, cases[i].text);
        assert_int_equal(len, strlen(text));
    }
}

static void writes_dollars(void **state)
{
    static const struct {
        int64_t micro_usd;
        const char *text;
    } cases[] = {
        {0, "$0.00"},
        {1, "$0.000001"},
        {12300, "$0.0123"},
        {500000, "$0.50"},
        {40000000, "$40.00"},
        {52500000, "$52.50"},
        {1234560000, "$1,234.56"},
        {INT64_MAX, "$9,223,372,036,854.775807"},
    };
    char text[TQ__DOLLARS_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = tq__dollars_write(text, cases[i].micro_usd, ',');

        assert_string_equal(text, cases[i].text);
        assert_int_equal(len, strlen(text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_counts),
        cmocka_unit_test(refuses_what_is_no_count),
        cmocka_unit_test(rounds_down),
        cmocka_unit_test(rounding_down_may_leave_the_range),
        cmocka_unit_test(takes_what_is_allowed_at_the_begin),
        cmocka_unit_test(what_does_not_fit_is_the_bound),
        cmocka_unit_test(writes_numbers_in_groups),
        cmocka_unit_test(writes_decimals),
        cmocka_unit_test(writes_dollars),
        cmocka_unit_test(amounts_are_what_people_write),
    };

    return cmocka_run_group_tests_name("base_number", tests, NULL, NULL);
}
