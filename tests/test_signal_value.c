/* test_signal_value.c: the forms of counts, lengths and instants, to the last digit and beyond it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"
#include "signals/profile.h"
#include "signals/value.h"

#define NOON_NS INT64_C(1795176000000000000) /* 2026-11-20 12:00 UTC */
#define S INT64_C(1000000000)

static struct tq__span span(const char *text)
{
    return tq__plain((struct tq__span){text, strlen(text)});
}

static void expect_count(const char *text, int answer, int64_t count)
{
    int64_t value = UNWRITTEN;

    assert_int_equal(tq__value_count(span(text), &value), answer);
    if (answer == 0)
        assert_int_equal(value, count);
}

static void counts_are_whole_and_exact(void **state)
{
    (void)state;
    expect_count("0", 0, 0);
    expect_count(" 57\t", 0, 57);
    expect_count("100.0", 0, 100);
    expect_count("-0", 0, 0);
    expect_count("9223372036854775807", 0, INT64_MAX);
    expect_count("9223372036854775808", TQ__NO_FORM, 0);
    expect_count("18446744073709551616", TQ__NO_FORM, 0);
    expect_count("100.5", TQ__NO_FORM, 0);
    expect_count("-1", TQ__NOT_SAID, 0);
    expect_count("-0.5", TQ__NOT_SAID, 0);
    for (size_t i = 0; i < 12; i++) {
        static const char *const none[] = {"",   " ",  "+5",  "5 6", "0x10", "1e3",
                                           "5.", ".5", "--5", "NaN", "inf",  "1,000"};

        expect_count(none[i], TQ__NO_FORM, 0);
    }
}

static void expect_scaled(const char *text, int digits, int answer, int64_t scaled)
{
    int64_t value = UNWRITTEN;

    assert_int_equal(tq__value_scaled(span(text), digits, &value), answer);
    if (answer == 0)
        assert_int_equal(value, scaled);
}

static void decimals_are_scaled_without_floating_point(void **state)
{
    (void)state;
    expect_scaled("33011.382867", 9, 0, INT64_C(33011382867000));
    expect_scaled("0.43", 6, 0, 430000);
    expect_scaled("1.01", 6, 0, 1010000);
    expect_scaled("-0.0", 6, 0, 0);
    expect_scaled("0.1234567", 6, 0, 123456);
    expect_scaled("-0.0000001", 6, TQ__NOT_SAID, 0);
    expect_scaled("9223372036.854775807", 9, 0, INT64_MAX);
    expect_scaled("9223372036.854775808", 9, 0, INT64_MAX);
    expect_scaled("99999999999999999999999999", 9, 0, INT64_MAX);
    expect_scaled("nan", 6, TQ__NO_FORM, 0);
}

static void expect_length(const char *text, int answer, int64_t ns)
{
    int64_t value = UNWRITTEN;

    assert_int_equal(tq__value_length(span(text), &value), answer);
    if (answer == 0)
        assert_int_equal(value, ns);
}

static void lengths_have_a_unit_each(void **state)
{
    (void)state;
    expect_length("1s", 0, S);
    expect_length("6m0s", 0, 360 * S);
    expect_length("12ms", 0, S / 1000 * 12);
    expect_length("16m17.764s", 0, 977 * S + S / 1000 * 764);
    expect_length("2m59.56s", 0, 179 * S + S / 100 * 56);
    expect_length("370ms", 0, S / 1000 * 370);
    expect_length("600.5s", 0, 600 * S + S / 2);
    expect_length("10h17m5.7s", 0, (10 * 3600 + 17 * 60 + 5) * S + S / 10 * 7);
    expect_length("1.5h", 0, 5400 * S);
    expect_length("7us", 0, 7000);
    expect_length("7\xc2\xb5s", 0, 7000);
    expect_length("7\xce\xbcs", 0, 7000);
    expect_length("7ns", 0, 7);
    expect_length("0", 0, 0);
    expect_length("99999999999h", 0, INT64_MAX);
    expect_length("2562047h47m16.854775807s", 0, INT64_MAX);
    expect_length("2562047h47m16.854775806s", 0, INT64_MAX - 1);
    expect_length("9999999999s9999999999s", 0, INT64_MAX);
    expect_length("-5s", TQ__NOT_SAID, 0);
    expect_length("57", TQ__NO_FORM, 0);
    expect_length("5x", TQ__NO_FORM, 0);
    expect_length("5s6", TQ__NO_FORM, 0);
    expect_length("5 s", TQ__NO_FORM, 0);
    expect_length("5S", TQ__NO_FORM, 0);
    expect_length("s", TQ__NO_FORM, 0);
    expect_length("-", TQ__NO_FORM, 0);
    expect_length("", TQ__NO_FORM, 0);
}

static void expect_at(int answer, int64_t came, int expected_answer, int64_t at_ns)
{
    assert_int_equal(answer, expected_answer);
    if (answer == 0)
        assert_int_equal(came, at_ns);
}

static void expect_instant(const char *text, int answer, int64_t at_ns)
{
    int64_t came = UNWRITTEN, answered = tq__value_instant(span(text), &came);

    expect_at((int)answered, came, answer, at_ns);
}

static void stamps_are_read_with_fraction_and_offset(void **state)
{
    (void)state;
    expect_instant("2026-07-01T00:00:00Z", 0, INT64_C(1782864000) * S);
    expect_instant("2026-07-01t02:30:00.25+02:30", 0, INT64_C(1782864000) * S + S / 4);
    expect_instant("2026-06-30 17:00:00-07:00", 0, INT64_C(1782864000) * S);
    expect_instant("2024-02-29T00:00:00Z", 0, INT64_C(1709164800) * S);
    expect_instant("1970-01-01T00:00:00.1234567899Z", 0, 123456789);
    expect_instant("1969-12-31T23:59:59Z", 0, -S);
    expect_instant("9999-12-31T23:59:59Z", 0, INT64_MAX);
    expect_instant("0000-01-01T00:00:00Z", 0, INT64_MIN);
    expect_instant("2024-03-05T23:59:60Z", 0, INT64_C(1709683200) * S - 1); /* a leap second is of its day */
    expect_instant("1709640000000", 0, INT64_C(1709640000) * S);
    expect_instant("1709640000", 0, INT64_C(1709640000) * S);
    expect_instant("-1", TQ__NOT_SAID, 0);
    expect_instant("0", TQ__NO_FORM, 0);
    for (size_t i = 0; i < 13; i++) {
        static const char *const none[] = {"2026-02-29T00:00:00Z",
                                           "2026-13-01T00:00:00Z",
                                           "2026-07-01T24:00:00Z",
                                           "2026-07-01T00:00:00",
                                           "2026-07-01",
                                           "2026-07-01T00:00:00.Z",
                                           "2026-07-01T00:00:00+2",
                                           "2026-07-01T00:00:00+25:00",
                                           "2026-07-01T00:60:00Z",
                                           "x026-07-01T00:00:00Z",
                                           "2026-07-01T00:00:00Zz",
                                           "2024-03-05T12:00:60Z",
                                           ""};

        expect_instant(none[i], TQ__NO_FORM, 0);
    }
}

static void expect_reset(const char *text, uint8_t form, int answer, int64_t at_ns)
{
    int64_t came = UNWRITTEN, answered = tq__value_reset(span(text), form, NOON_NS, &came);

    expect_at((int)answered, came, answer, at_ns);
}

/* Each form through its column of the profile, and through the guard, which tells them by looks and size. */
static void resets_by_form_and_by_guard(void **state)
{
    static const struct {
        const char *text;
        uint8_t form;
        int64_t at_ns;
    } good[] = {
        {"6m0s", TQ__RESET_GO, NOON_NS + 360 * S},
        {"12ms", TQ__RESET_GO, NOON_NS + S / 1000 * 12},
        {"57", TQ__RESET_SECONDS, NOON_NS + 57 * S},
        {"33011.382867", TQ__RESET_SECONDS, NOON_NS + INT64_C(33011382867000)},
        {"999999999", TQ__RESET_SECONDS, NOON_NS + INT64_C(999999999) * S},
        {"1795180000", TQ__RESET_INSTANT, INT64_C(1795180000) * S},
        {"1795180000123", TQ__RESET_INSTANT, INT64_C(1795180000123) * (S / 1000)},
    };
    static const struct {
        const char *text;
        uint8_t form;
    } bad[] = {{"57", TQ__RESET_GO},       {"6m0s", TQ__RESET_SECONDS},      {"57", TQ__RESET_INSTANT},
               {"0", TQ__RESET_INSTANT},   {"999999999", TQ__RESET_INSTANT}, {"", TQ__RESET_GUARD},
               {"soon", TQ__RESET_GUARD},  {"2026-07-01T", TQ__RESET_GUARD}, {"+57", TQ__RESET_GUARD},
               {"NaN", TQ__RESET_SECONDS}, {"57s5", TQ__RESET_GUARD},        {"1 2", TQ__RESET_GUARD}};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        expect_reset(good[i].text, good[i].form, 0, good[i].at_ns);
        expect_reset(good[i].text, TQ__RESET_GUARD, 0, good[i].at_ns);
    }
    expect_reset("2026-12-01T00:00:00Z", TQ__RESET_GUARD, 0, INT64_C(1796083200) * S);
    expect_reset("-5", TQ__RESET_GUARD, TQ__NOT_SAID, 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_reset(bad[i].text, bad[i].form, TQ__NO_FORM, 0);
}

static void expect_retry_after(const char *text, int answer, int64_t at_ns)
{
    int64_t came = UNWRITTEN, answered = tq__value_retry_after(span(text), NOON_NS, &came);

    expect_at((int)answered, came, answer, at_ns);
}

static void retry_after_is_seconds_or_a_date(void **state)
{
    (void)state;
    expect_retry_after("51811", 0, NOON_NS + 51811 * S);
    expect_retry_after(" 0.5 ", 0, NOON_NS + S / 2);
    expect_retry_after("0", 0, NOON_NS);
    expect_retry_after("Fri, 20 Nov 2026 12:00:20 GMT", 0, NOON_NS + 20 * S);
    expect_retry_after("99999999999999999999", 0, INT64_MAX);
    expect_retry_after("-1", TQ__NOT_SAID, 0);
    expect_retry_after("20s", TQ__NO_FORM, 0);
    expect_retry_after("", TQ__NO_FORM, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_whole_and_exact),
        cmocka_unit_test(decimals_are_scaled_without_floating_point),
        cmocka_unit_test(lengths_have_a_unit_each),
        cmocka_unit_test(stamps_are_read_with_fraction_and_offset),
        cmocka_unit_test(resets_by_form_and_by_guard),
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
