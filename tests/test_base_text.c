/* test_base_text.c: spans are compared and searched without case; UTF-8 is checked and made safe to print.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include "base/text.h"

static void spans_are_trimmed_and_compared(void **state)
{
    struct tq__span span = tq__span_trim(TQ__SPAN(" \t a b\t "));

    (void)state;
    assert_true(tq__span_equals(span, "a b"));
    assert_false(tq__span_equals(span, "A b"));
    assert_int_equal(tq__span_trim(TQ__SPAN(" \t ")).len, 0);
    assert_true(tq__span_matches(TQ__SPAN("Retry-After"), "retry-after"));
    assert_false(tq__span_matches(TQ__SPAN("Retry-Afte"), "retry-after"));
    assert_false(tq__span_matches(TQ__SPAN("Retry-After:"), "retry-after"));
    assert_true(tq__span_begins(TQ__SPAN("X-Codex-Primary"), "x-codex-"));
    assert_false(tq__span_begins(TQ__SPAN("X-Cod"), "x-codex-"));
    assert_true(tq__spans_match(TQ__SPAN("PRIMARY"), TQ__SPAN("primary")));
    assert_false(tq__spans_match(TQ__SPAN("primary"), TQ__SPAN("primar")));
    assert_false(tq__spans_match(TQ__SPAN("\xc3\x84"), TQ__SPAN("\xc3\xa4"))); /* letters of ASCII alone */
    assert_int_equal(tq__span_find(TQ__SPAN("Please Try Again In 6s"), "try again in "), 7);
    assert_int_equal(tq__span_find(TQ__SPAN("abab"), "ba"), 1);
    assert_int_equal(tq__span_find(TQ__SPAN("ab"), "abc"), -1);
    assert_int_equal(tq__span_find(TQ__SPAN(""), ""), 0);
}

static void expect_utf8(struct tq__span text, size_t len, uint32_t expected)
{
    uint32_t character = 0;

    assert_int_equal(tq__utf8_read(text, &character), len);
    if (len > 0) {
        char out[4];

        assert_int_equal(character, expected);
        assert_int_equal(tq__utf8_write(character, out), len);
        assert_memory_equal(out, text.at, len);
    }
}

/* RFC 3629: the ends of each length, and what is none. */
static void utf8_is_read_and_written(void **state)
{
    (void)state;
    expect_utf8(TQ__SPAN("ab"), 1, 'a');
    expect_utf8(TQ__SPAN("\0"), 1, 0);
    expect_utf8(TQ__SPAN("\xc2\x80"), 2, 0x80);
    expect_utf8(TQ__SPAN("\xdf\xbf"), 2, 0x7ff);
    expect_utf8(TQ__SPAN("\xe0\xa0\x80"), 3, 0x800);
    expect_utf8(TQ__SPAN("\xef\xbf\xbf"), 3, 0xffff);
    expect_utf8(TQ__SPAN("\xf0\x90\x80\x80"), 4, 0x10000);
    expect_utf8(TQ__SPAN("\xf4\x8f\xbf\xbf"), 4, 0x10ffff);
    expect_utf8(TQ__SPAN(""), 0, 0);
    expect_utf8(TQ__SPAN("\x80"), 0, 0);
    expect_utf8(TQ__SPAN("\xc0\x80"), 0, 0);
    expect_utf8(TQ__SPAN("\xc1\xbf"), 0, 0);
    expect_utf8(TQ__SPAN("\xe0\x9f\xbf"), 0, 0);
    expect_utf8(TQ__SPAN("\xed\xa0\x80"), 0, 0);
    expect_utf8(TQ__SPAN("\xf0\x8f\xbf\xbf"), 0, 0);
    expect_utf8(TQ__SPAN("\xf4\x90\x80\x80"), 0, 0);
    expect_utf8(TQ__SPAN("\xf8\x88\x80\x80"), 0, 0);
    expect_utf8(TQ__SPAN("\xe2\x82"), 0, 0);
    expect_utf8(TQ__SPAN("\xe2\x82z"), 0, 0);
    assert_true(tq__utf8_is_valid(TQ__SPAN("a\xe2\x82\xac")));
    assert_false(tq__utf8_is_valid(TQ__SPAN("a\xe2\x82\xac\xff")));
}

static void expect_safe(struct tq__span text, size_t capacity, size_t most, unsigned flags, const char *shown)
{
    char out[64];

    memset(out, 'x', sizeof out);
    tq__text_make_safe(out, capacity, text, most, flags);
    assert_string_equal(out, shown);
}

static void text_is_safe_to_print(void **state)
{
    (void)state;
    expect_safe(TQ__SPAN("plain \xe2\x82\xac"), 64, SIZE_MAX, 0, "plain \xe2\x82\xac");
    expect_safe(TQ__SPAN("plain \xe2\x82\xac"), 64, SIZE_MAX, TQ__SAFE_ASCII, "plain \\xe2\\x82\\xac");
    expect_safe(TQ__SPAN("\x1b[31m\n\x7f"), 64, SIZE_MAX, 0, "\\x1b[31m\\x0a\\x7f");
    expect_safe(TQ__SPAN("\xc2\x9b\xe2\x80\xae\xe2\x81\xa6"), 64, SIZE_MAX, 0,
                "\\xc2\\x9b\\xe2\\x80\\xae\\xe2\\x81\\xa6");
    expect_safe(TQ__SPAN("\xff\xc3"), 64, SIZE_MAX, 0, "\\xff\\xc3");
    expect_safe(TQ__SPAN("a\\b"), 64, SIZE_MAX, 0, "a\\b");
    expect_safe(TQ__SPAN("a\\b"), 64, SIZE_MAX, TQ__SAFE_BACKSLASH, "a\\x5cb");
}

static void what_does_not_fit_is_cut(void **state)
{
    (void)state;
    expect_safe(TQ__SPAN("abcd"), 8, SIZE_MAX, 0, "abcd");
    expect_safe(TQ__SPAN("abcde"), 8, SIZE_MAX, 0, "abcd...");
    expect_safe(TQ__SPAN("ab\xe2\x82\xac"), 8, SIZE_MAX, 0, "ab...");
    expect_safe(TQ__SPAN("a\n"), 8, SIZE_MAX, 0, "a...");
    expect_safe(TQ__SPAN("abcdef"), 64, 3, 0, "abc...");
    expect_safe(TQ__SPAN("abc"), 64, 3, 0, "abc");
    expect_safe(TQ__SPAN("a"), 4, SIZE_MAX, 0, "...");
    expect_safe(TQ__SPAN(""), 4, SIZE_MAX, 0, "");
}

static void a_near_name_is_found(void **state)
{
    static const char *const names[] = {"day", "week", "month", "quarter", NULL};

    (void)state;
    assert_string_equal(tq__nearest(TQ__SPAN("dya!"), (const char *const[]){"dya", "day!", NULL}), "dya");
    assert_string_equal(tq__nearest(TQ__SPAN("DAYS"), names), "day");
    assert_string_equal(tq__nearest(TQ__SPAN("wek"), names), "week");
    assert_string_equal(tq__nearest(TQ__SPAN("quartre"), names), "quarter");
    assert_null(tq__nearest(TQ__SPAN("fortnight"), names));
    assert_null(tq__nearest(TQ__SPAN("dog"), names));
    assert_null(tq__nearest(TQ__SPAN(""), names));
    assert_null(tq__nearest(TQ__SPAN("quarterquarterquarterquarterquarter"), names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_trimmed_and_compared), cmocka_unit_test(utf8_is_read_and_written),
        cmocka_unit_test(text_is_safe_to_print),          cmocka_unit_test(what_does_not_fit_is_cut),
        cmocka_unit_test(a_near_name_is_found),
    };

    return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
