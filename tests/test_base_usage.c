/* test_base_usage.c: which count holds which, and the counts of a log's object.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include "base/number.h"
#include "base/usage.h"

static struct tq_usage usage_of(const char *text, struct tq__usage_fault *fault)
{
    struct tq_usage usage = {.size = sizeof usage};
    struct tq__counts counts = {.known = 0};
    struct tq__json_item item;
    struct tq__json json;

    *fault = (struct tq__usage_fault){.why = 0};
    tq__json_begin(&json, tq__span_of(text), TQ__JSON_LAX);
    assert_true(tq__json_enter_next(&json, '{'));
    while (tq__json_next(&json, &item))
        tq__usage_take(&counts, TQ__IN_USAGE, &json, &item, fault);
    assert_true(tq__json_done(&json));
    (void)tq__counts_usage(&counts, false, &usage);
    return usage;
}

static void expect(const char *text, int64_t input, int64_t read, int64_t write, int64_t output,
                   int64_t reasoning, int64_t counted)
{
    struct tq__usage_fault fault;
    struct tq_usage usage = usage_of(text, &fault);

    assert_int_equal(fault.why, 0);
    assert_int_equal(usage.input, input);
    assert_int_equal(usage.cache_read, read);
    assert_int_equal(usage.cache_write, write);
    assert_int_equal(usage.output, output);
    assert_int_equal(usage.reasoning, reasoning);
    assert_int_equal(usage.counted, counted);
}

/* docs/usage.md has these. */
static void a_part_is_within_its_whole_unless_it_is_larger(void **state)
{
    (void)state;
    expect(
        "{\"prompt_tokens\":100,\"completion_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":80}}",
        20, 80, 0, 10, 0, 30);
    expect(
        "{\"prompt_tokens\":100,\"completion_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":100}}",
        0, 100, 0, 10, 0, 10);
    expect(
        "{\"prompt_tokens\":100,\"completion_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":150}}",
        100, 150, 0, 10, 0, 110);
    expect("{\"prompt_tokens\":100,\"completion_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":80,"
           "\"cache_write_tokens\":30}}",
           100, 80, 30, 10, 0, 140);
    expect("{\"input_tokens\":100,\"output_tokens\":10,\"cache_read_input_tokens\":80}", 100, 80, 0, 10, 0,
           110);
    expect("{\"input_tokens\":100,\"output_tokens\":10,\"output_tokens_details\":{\"reasoning_tokens\":4}}",
           100, 0, 0, 10, 4, 110);
    expect("{\"input_tokens\":100,\"output_tokens\":10,\"output_tokens_details\":{\"reasoning_tokens\":40}}",
           100, 0, 0, 50, 40, 150);
}

static void numbers_in_quotes_and_null_are_known_to_logs(void **state)
{
    expect("{\"input_tokens\":\"12\",\"output_tokens\":null,\"other\":{\"input_tokens\":5}}", 12, 0, 0, 0, 0,
           12);
    expect("{\"input_tokens\":1.2e1,\"output_tokens\":3.0,\"prompt_tokens_details\":null}", 12, 0, 0, 3, 0,
           15);
    (void)state;
}

static void the_first_value_that_is_no_count_is_named(void **state)
{
    struct tq__usage_fault fault;
    struct tq_usage usage =
        usage_of("{\"input_tokens\":1.5,\"output_tokens\":-2,\"total_tokens\":5}", &fault);

    (void)state;
    assert_int_equal(fault.why, TQ__NOT_WHOLE);
    assert_true(tq__span_equals(fault.key, "input_tokens"));
    assert_true(tq__span_equals(fault.text, "1.5"));
    assert_int_equal(usage.known, TQ_USAGE_TOTAL);
    (void)usage_of("{\"prompt_tokens_details\":{\"cached_tokens\":true}}", &fault);
    assert_int_equal(fault.why, TQ__NOT_NUMBER);
    assert_true(tq__span_equals(fault.key, "cached_tokens"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_within_its_whole_unless_it_is_larger),
        cmocka_unit_test(numbers_in_quotes_and_null_are_known_to_logs),
        cmocka_unit_test(the_first_value_that_is_no_count_is_named),
    };

    return cmocka_run_group_tests_name("base_usage", tests, NULL, NULL);
}
