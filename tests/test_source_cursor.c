/* test_source_cursor.c: each event of Cursor's export once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#define AT_NS INT64_C(1777629600000000000)

#define HEAD                                                                                                 \
    "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,"      \
    "Total Tokens,Cost\n"
#define ROW(with, without, read, output, total, cost)                                                        \
    "\"2026-05-01T10:00:00.000Z\",\"Included\",\"claude-5-sonnet\",\"No\",\"" #with "\",\"" #without         \
    "\",\"" #read "\",\"" #output "\",\"" #total "\",\"" cost "\"\n"

static void a_row_is_an_event(void **state)
{
    struct seen seen = expect_one("cursor", HEAD ROW(40, 10, 300, 20, 370, "$0.12"));

    (void)state;
    expect_counts(&seen, 10, 300, 40, 20);
    assert_int_equal(seen.entry.usage.total, 370);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.cost_nano_usd, 120000000);
    assert_int_equal(seen.entry.line, 2);
    assert_string_equal(seen.vendor, "cursor");
    assert_string_equal(seen.model, "claude-5-sonnet");
}

/* One column of input may have the other in it. */
static void the_total_says_how_to_add(void **state)
{
    struct seen inside = expect_one("cursor", HEAD ROW(50, 10, 300, 20, 370, "Included"));
    struct seen neither = expect_one("cursor", HEAD ROW(50, 10, 300, 20, 999, ""));

    (void)state;
    expect_counts(&inside, 10, 300, 40, 20);
    assert_int_equal(inside.entry.cost_nano_usd, -1);
    expect_counts(&neither, 10, 300, 50, 20);
}

static void columns_are_found_by_their_names(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "cursor", "\xef\xbb\xbf\"Output Tokens\",Extra,\"Model\",Cache Read,\"Input (w/o Cache Write)\","
                  "\"Input (w/ Cache Write)\",Date\r\n"
                  "20,\"a,b \"\"c\"\"\",m1,300,10,40,2026-05-01T10:00:00Z\r\n\r\n"
                  "5,,m2,,1,,2026-05-01T10:00:00Z\r\n");
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&first, 10, 300, 40, 20);
    assert_string_equal(first.model, "m1");
    expect_counts(&second, 1, 0, 0, 5);
    assert_int_equal(second.entry.usage.known, TQ_USAGE_INPUT | TQ_USAGE_OUTPUT);
}

static void exports_that_overlap_are_counted_once(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("cursor", HEAD ROW(40, 10, 300, 20, 370, "$0.12") ROW(40, 10, 300, 20, 370, "Included")
                                    HEAD ROW(40, 10, 300, 21, 371, "Included") ROW(0, 0, 0, 0, 0, "Free"));
    struct seen first = expect_entry(reader), again = expect_entry(reader), other = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.key, again.entry.key);
    assert_int_not_equal(first.entry.key, other.entry.key);
}

/* An export ends without a line end. */
static void a_last_row_is_whole_when_its_counts_are(void **state)
{
    static const char log[] = HEAD ROW(40, 10, 300, 20, 370, "0.12");
    static const char last[] =
        "Date,Model,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens\n"
        "2026-05-01T10:00:00Z,m,1,2,3,45";
    char part[sizeof(log)];

    (void)state;
    for (size_t len = 0; len < sizeof(log) - 3; len++) {
        memset(part, 0, sizeof(part));
        memcpy(part, log, len);
        expect_nothing("cursor", part);
    }
    memset(part, 0, sizeof(part));
    memcpy(part, log, sizeof(log) - 2); /* all but its end */
    assert_int_equal(expect_one("cursor", part).entry.cost_nano_usd, 120000000);
    expect_nothing("cursor", last); /* it may be half a number */
}

static void what_is_no_row_is_bad(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("cursor", HEAD "a,b\n" ROW(40, -1, 300, 20, 370, "") "\"2026,x\n" ROW(
                                    40, 1.5, 300, 20, 370, "") ROW(40, 10, 300, 20, 370, "0.12"));
    struct seen seen;

    (void)state;
    expect_bad_at(reader, 2, "the line has 2 fields, the header 10");
    expect_bad_at(reader, 3, "Input (w/o Cache Write) is negative");
    expect_bad_at(reader, 4, "not closed");
    expect_bad_at(reader, 5, "not a whole number");
    seen = expect_entry(reader);
    expect_counts(&seen, 10, 300, 40, 20);
    expect_over(reader);
}

static void another_csv_is_refused(void **state)
{
    struct tq_log_reader *reader = expect_reader("cursor", "timestamp,provider,tokens\n1,a,5\n");
    struct tq_log_error error = {0};
    struct tq_log_entry entry = {.size = sizeof(entry)};

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tq_log_reader_next(reader, &entry, &error), TQ_LOG_BROKEN);
        assert_non_null(strstr(error.msg, "no column Date"));
    }
    tq_log_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_an_event),
        cmocka_unit_test(the_total_says_how_to_add),
        cmocka_unit_test(columns_are_found_by_their_names),
        cmocka_unit_test(exports_that_overlap_are_counted_once),
        cmocka_unit_test(a_last_row_is_whole_when_its_counts_are),
        cmocka_unit_test(what_is_no_row_is_bad),
        cmocka_unit_test(another_csv_is_refused),
    };

    return cmocka_run_group_tests_name("source_cursor", tests, NULL, NULL);
}
