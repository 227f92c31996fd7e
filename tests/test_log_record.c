/* test_log_record.c: which columns count, and the record that they make.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include "logs/rows.h"

static void knows_columns_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(tq__log_column_of(TQ__SPAN("unix_ms")), TQ__LOG_UNIX_MS);
    assert_int_equal(tq__log_column_of(TQ__SPAN("Provider_OR_Model")), TQ__LOG_PROVIDER_OR_MODEL);
    assert_int_equal(tq__log_column_of(TQ__SPAN("TOKENS")), TQ__LOG_TOKENS);
    assert_int_equal(tq__log_column_of(TQ__SPAN("token")), -1);
    assert_int_equal(tq__log_column_of(TQ__SPAN("tokens\0")), -1);
    assert_int_equal(tq__log_column_of(TQ__SPAN("")), -1);
}

static int make(const char *const text[TQ__LOG_COLUMN_COUNT], struct tq_log_record *record,
                struct tq_log_error *error)
{
    struct tq__span value[TQ__LOG_COLUMN_COUNT] = {{0}};

    for (int column = 0; column < TQ__LOG_COLUMN_COUNT; column++) {
        if (text[column])
            value[column] = tq__span_of(text[column]);
    }
    return tq__log_record_make(value, 9, record, error);
}

static void takes_the_first_that_is_there(void **state)
{
    const char *text[TQ__LOG_COLUMN_COUNT] = {"1", "nonsense", "p", "q", "", "7", "x", "y"};
    struct tq_log_record record;
    struct tq_log_error error;

    (void)state;
    assert_int_equal(make(text, &record, &error), TQ_LOG_RECORD);
    assert_int_equal(record.at_ns, 1000000);
    assert_memory_equal(record.provider, "p", 1);
    assert_int_equal(record.provider_len, 1);
    assert_int_equal(record.tokens, 7);
    assert_int_equal(record.line, 9);

    text[TQ__LOG_UNIX_MS] = text[TQ__LOG_PROVIDER] = text[TQ__LOG_TOKENS] = NULL;
    text[TQ__LOG_TIMESTAMP] = "2";
    text[TQ__LOG_INPUT_TOKENS] = "40";
    text[TQ__LOG_OUTPUT_TOKENS] = "2";
    assert_int_equal(make(text, &record, &error), TQ_LOG_RECORD);
    assert_int_equal(record.at_ns, 2000000000);
    assert_memory_equal(record.provider, "q", 1);
    assert_int_equal(record.tokens, 42);

    text[TQ__LOG_PROVIDER_OR_MODEL] = text[TQ__LOG_INPUT_TOKENS] = NULL;
    text[TQ__LOG_MODEL] = "m";
    assert_int_equal(make(text, &record, &error), TQ_LOG_RECORD);
    assert_memory_equal(record.provider, "m", 1);
    assert_int_equal(record.tokens, 2);
}

static void says_what_is_missing(void **state)
{
    const char *text[TQ__LOG_COLUMN_COUNT] = {NULL};
    struct tq_log_record record;
    struct tq_log_error error;

    (void)state;
    assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
    assert_string_equal(error.msg, "unix_ms or timestamp is missing");
    text[TQ__LOG_UNIX_MS] = "1";
    assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
    assert_string_equal(error.msg, "provider, provider_or_model or model is missing");
    text[TQ__LOG_MODEL] = "m";
    assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
    assert_string_equal(error.msg, "tokens, input_tokens or output_tokens is missing");
    assert_int_equal(error.line, 9);
}

static void refuses_values(void **state)
{
    const char *text[TQ__LOG_COLUMN_COUNT] = {"1", NULL, "p", NULL, NULL, NULL, "9223372036854775807", "0"};
    struct tq_log_record record;
    struct tq_log_error error;

    (void)state;
    assert_int_equal(make(text, &record, &error), TQ_LOG_RECORD);
    assert_int_equal(record.tokens, INT64_MAX);
    text[TQ__LOG_OUTPUT_TOKENS] = "1";
    assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
    assert_non_null(strstr(error.msg, "output_tokens makes the sum of tokens more than 64 bits"));
    text[TQ__LOG_OUTPUT_TOKENS] = "-1";
    assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
    assert_string_equal(error.msg, "output_tokens is negative: \"-1\"");
    text[TQ__LOG_OUTPUT_TOKENS] = "";
    assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
    assert_string_equal(error.msg, "output_tokens is empty");
    text[TQ__LOG_PROVIDER] = "";
    assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
    assert_string_equal(error.msg, "provider is empty");
    text[TQ__LOG_UNIX_MS] = "now";
    assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
    assert_string_equal(error.msg, "unix_ms is not a whole number: \"now\"");
}

/* Whole milliseconds, small numbers, too: no unit is guessed. */
static void unix_ms_is_milliseconds(void **state)
{
    static const struct {
        const char *text;
        int64_t at_ns;
    } good[] = {{"1700158623979", INT64_C(1700158623979000000)},
                {"1700158623979.0", INT64_C(1700158623979000000)},
                {"-1", -1000000},
                {"5", 5000000},
                {"9223372036854", INT64_C(9223372036854000000)}};
    static const char *const bad[][2] = {{"9223372036855", "is outside the years"},
                                         {"99999999999999999999", "is outside the years"},
                                         {"1.5", "is not a whole number"},
                                         {"2024-01-01T00:00:00Z", "is not a whole number"},
                                         {"", "is empty"}};
    const char *text[TQ__LOG_COLUMN_COUNT] = {NULL, NULL, "p", NULL, NULL, "7"};
    struct tq_log_record record;
    struct tq_log_error error;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        text[TQ__LOG_UNIX_MS] = good[i].text;
        assert_int_equal(make(text, &record, &error), TQ_LOG_RECORD);
        assert_int_equal(record.at_ns, good[i].at_ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        text[TQ__LOG_UNIX_MS] = bad[i][0];
        assert_int_equal(make(text, &record, &error), TQ_LOG_BAD_LINE);
        assert_non_null(strstr(error.msg, bad[i][1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_columns_in_any_case), cmocka_unit_test(takes_the_first_that_is_there),
        cmocka_unit_test(says_what_is_missing),      cmocka_unit_test(refuses_values),
        cmocka_unit_test(unix_ms_is_milliseconds),
    };

    return cmocka_run_group_tests_name("log_record", tests, NULL, NULL);
}
