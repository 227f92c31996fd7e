/* test_source_litellm.c: each call of a LiteLLM gateway once, from the rows of its table and from its log.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "entry_expect.h"

#define AT_NS INT64_C(1788768002000000000)
#define TIMES "\"startTime\":\"2026-09-07T08:00:00.000Z\",\"endTime\":\"2026-09-07T08:00:02.000Z\""
#define TOKENS(prompt, completion, total)                                                                    \
    "\"prompt_tokens\":" #prompt ",\"completion_tokens\":" #completion ",\"total_tokens\":" #total
#define ROW(id, more)                                                                                        \
    "{\"request_id\":\"" id "\"," TIMES ",\"model\":\"gpt-5-mini\",\"model_group\":\"small\","               \
    "\"custom_llm_provider\":\"openai\",\"session_id\":\"s1\",\"messages\":{\"x\":\"} { \\\" ]\"}" more "}"

static void a_row_of_the_table_is_a_call(void **state)
{
    struct seen seen = expect_one(
        "litellm", ROW("r1", "," TOKENS(300, 40, 340) ",\"spend\":0.00125,\"cache_hit\":\"False\"") "\n");

    (void)state;
    expect_counts(&seen, 300, 0, 0, 40);
    assert_int_equal(seen.entry.usage.total, 340);
    assert_int_equal(seen.entry.usage.known, TQ_USAGE_INPUT | TQ_USAGE_OUTPUT | TQ_USAGE_TOTAL);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.cost_nano_usd, 1250000);
    assert_int_equal(seen.entry.flags, 0);
    assert_string_equal(seen.vendor, "openai");
    assert_string_equal(seen.model, "gpt-5-mini");
    assert_string_equal(seen.session, "s1");
}

static void a_payload_is_the_same_call(void **state)
{
    struct seen row = expect_one("litellm", ROW("r1", "," TOKENS(300, 40, 340)));
    struct seen payload = expect_one(
        "litellm", "{\"id\":\"r1\",\"trace_id\":\"s1\",\"startTime\":1788768000.0,\"endTime\":1788768002.0,"
                   "\"response_cost\":2.5e-06,\"custom_llm_provider\":\"vertex_ai\",\"model\":\"\","
                   "\"model_group\":\"small\",\"cache_hit\":null," TOKENS(300, 40, 340) "}");

    (void)state;
    assert_int_equal(row.entry.key, payload.entry.key);
    assert_int_equal(row.entry.rank, payload.entry.rank);
    assert_int_equal(payload.entry.at_ns, AT_NS);
    assert_int_equal(row.entry.cost_nano_usd, -1);
    assert_int_equal(payload.entry.cost_nano_usd, 2500);
    assert_string_equal(payload.vendor, "vertex");
    assert_string_equal(payload.model, "small");
    assert_string_equal(payload.session, "s1");
}

static void an_array_is_its_rows(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "litellm", "[\n" ROW("r1", "," TOKENS(1, 2, 3)) ",\n  " ROW("r2", "," TOKENS(4, 5, 9)) "\n]\n");
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&first, 1, 0, 0, 2);
    expect_counts(&second, 4, 0, 0, 5);
    assert_int_not_equal(first.entry.key, second.entry.key);
    assert_int_equal(first.entry.key, expect_one("litellm", ROW("r1", "," TOKENS(1, 2, 3))).entry.key);
}

static void what_asked_no_vendor_does_not_count(void **state)
{
    struct seen seen;

    (void)state;
    expect_nothing("litellm", ROW("r1", "," TOKENS(300, 40, 340) ",\"cache_hit\":\"True\""));
    expect_nothing("litellm", ROW("r1", "," TOKENS(300, 40, 340) ",\"cache_hit\":\"true\""));
    expect_nothing("litellm", ROW("r1", "," TOKENS(300, 40, 340) ",\"cache_hit\":true"));
    expect_nothing("litellm", ROW("r1", "," TOKENS(0, 0, 0) ",\"status\":\"failure\""));
    expect_nothing("litellm", ROW("r1", ",\"prompt_tokens\":null"));
    expect_nothing("litellm", "{\"message\":\"\\\"prompt_tokens\\\"\",\"level\":\"INFO\"}\n");
    seen = expect_one("litellm", ROW("r1", "," TOKENS(7, 0, 7) ",\"status\":\"failure\""));
    expect_counts(&seen, 7, 0, 0, 0);
    seen = expect_one("litellm", ROW("r1", "," TOKENS(0, 0, 0) ",\"status\":\"success\""));
    expect_counts(&seen, 0, 0, 0, 0);
}

static void a_total_alone_is_what_counts(void **state)
{
    struct seen seen = expect_one("litellm", ROW("r1", ",\"total_tokens\":12"));

    (void)state;
    assert_int_equal(seen.entry.usage.known, TQ_USAGE_TOTAL);
    assert_int_equal(seen.entry.usage.counted, 12);
}

/* The gateway's own usage, in one form for all vendors, says what of the prompt was cached. */
static void what_was_cached_is_in_the_metadata(void **state)
{
#define OBJECT(more) "{\"usage_object\":{\"prompt_tokens\":300,\"completion_tokens\":40," more "}}"
    static const struct {
        const char *metadata;
        int64_t input, read, write, output;
    } cases[] = {
        {OBJECT("\"cache_read_input_tokens\":200,\"cache_creation_input_tokens\":50"), 50, 200, 50, 40},
        {OBJECT("\"prompt_tokens_details\":{\"cached_tokens\":200}"), 100, 200, 0, 40},
        {OBJECT("\"cache_read_input_tokens\":200,\"prompt_tokens_details\":{\"cached_tokens\":200}"), 100,
         200, 0, 40},
        {OBJECT("\"cache_read_input_tokens\":0,\"cache_creation_input_tokens\":1253"), 300, 0, 1253, 40},
        {OBJECT("\"prompt_tokens_details\":null,\"completion_tokens_details\":{\"reasoning_tokens\":30}"),
         300, 0, 0, 40},
        {"\"{\\\"usage_object\\\": {\\\"cache_read_input_tokens\\\": 200}}\"", 100, 200, 0, 40},
        {"\"no object\"", 300, 0, 0, 40},
        {"\"{\\\"usage_object\\\":{\\\"cache_read_input_tokens\\\":200\"", 300, 0, 0, 40},
        {OBJECT("\"cache_read_input_tokens\":-1"), 300, 0, 0, 40},
        {"{\"usage_object\":null}", 300, 0, 0, 40},
        {"{\"usage_object\":{\"prompt_tokens\":9999}}", 300, 0, 0, 40}, /* the row's own count stands */
        {"null", 300, 0, 0, 40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int behind = 0; behind < 2; behind++) {
            char log[1024];
            struct seen seen;

            snprintf(log, sizeof(log),
                     behind ? ROW("r1", "," TOKENS(300, 40, 340) ",\"metadata\":%s")
                            : ROW("r1", ",\"metadata\":%s," TOKENS(300, 40, 340)),
                     cases[i].metadata);
            seen = expect_one("litellm", log);
            expect_counts(&seen, cases[i].input, cases[i].read, cases[i].write, cases[i].output);
        }
}

/* Fetching an answer again is no call of a model. */
static void what_is_retrieved_does_not_count(void **state)
{
    (void)state;
    expect_nothing("litellm", ROW("r1", "," TOKENS(300, 40, 340) ",\"call_type\":\"aget_responses\""));
    expect_nothing("litellm", ROW("r1", ",\"call_type\":\"get_responses\"," TOKENS(300, 40, 340)));
    expect_one("litellm", ROW("r1", "," TOKENS(300, 40, 340) ",\"call_type\":\"aresponses\""));
}

#define COLUMNS                                                                                              \
    "request_id,call_type,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,model,"       \
    "custom_llm_provider,cache_hit,metadata,status\n"

/* psql \\copy of the table: the same rows, with the same keys. */
static void the_table_may_be_csv(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "litellm", COLUMNS "r1,acompletion,0.00125,340,300,40,2026-09-07 08:00:00,2026-09-07 "
                           "08:00:02,gpt-5-mini,openai,False,\"{\"\"usage_"
                           "object\"\": {\"\"cache_read_input_tokens\"\": 200}}\",success\n"
                           "r2,aget_responses,0,340,300,40,2026-09-07 08:00:00,,m,openai,,,success\n"
                           "r3,acompletion,0,340,300,40,2026-09-07 08:00:00,,m,openai,True,,success\n"
                           "r4,acompletion,0,0,0,0,2026-09-07 08:00:00+00,,\"m\nn\",openai,,{},failure\n"
                           "r5,acompletion,,9,4,5,,2026-09-07 08:00:02+00,m,gemini,,{},\n"
                           "r6,acompletion\n"
                           "r7,acompletion,,x,4,5,,2026-09-07 08:00:02,m,gemini,,{},\n"
                           "r8,acompletion,,9,4,5,,2026-09-07 08:00:02,m,gemini,,{},");
    struct seen row = expect_entry(reader), other = expect_entry(reader);

    (void)state;
    expect_counts(&row, 100, 200, 0, 40);
    assert_int_equal(row.entry.key, expect_one("litellm", ROW("r1", "," TOKENS(300, 40, 340))).entry.key);
    assert_int_equal(row.entry.at_ns, AT_NS);
    assert_int_equal(row.entry.cost_nano_usd, 1250000);
    assert_string_equal(row.model, "gpt-5-mini");
    assert_string_equal(row.vendor, "openai");
    expect_counts(&other, 4, 0, 0, 5);
    assert_int_equal(other.entry.line, 7);
    assert_string_equal(other.vendor, "google");
    expect_bad_at(reader, 8, "the header 13");
    expect_bad_at(reader, 9, "total_tokens");
    expect_over(reader); /* the last row may be half of one */
}

/* A table needs the columns that make a call of a row. */
static void another_header_is_text_before_objects(void **state)
{
    (void)state;
    expect_one("litellm", "request_id,model\n" ROW("r1", "," TOKENS(1, 2, 3)) "\n");
    expect_one("litellm", "\"request_id,startTime,prompt_tokens\n" ROW("r1", "," TOKENS(1, 2, 3)) "\n");
    expect_nothing("litellm", "request_id,startTime,prompt_tokens");
    expect_nothing("litellm", COLUMNS);
}

static void times_of_postgres_are_read(void **state)
{
    static const char *const times[] = {"2026-09-07 08:00:02+00", "2026-09-07 08:00:02.000+00",
                                        "2026-09-07 10:00:02+02", "2026-09-07T03:00:02-05",
                                        "2026-09-07 13:30:02+05:30"};

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char log[256];

        snprintf(log, sizeof(log), "{\"request_id\":\"r\",\"endTime\":\"%s\"," TOKENS(1, 2, 3) "}", times[i]);
        assert_int_equal(expect_one("litellm", log).entry.at_ns, AT_NS);
    }
    expect_bad_log("litellm",
                   "{\"request_id\":\"r\",\"endTime\":\"2026-09-07 08:00:02+0\"," TOKENS(1, 2, 3) "}",
                   "endTime");
    expect_bad_log("litellm", "{\"request_id\":\"r\",\"endTime\":\"2026-09-07-11\"," TOKENS(1, 2, 3) "}",
                   "endTime");
}

static void times_without_an_offset_are_utc(void **state)
{
    struct seen seen = expect_one(
        "litellm", "{\"request_id\":\"r\",\"endTime\":\"2026-09-07 08:00:02\"," TOKENS(1, 2, 3) "}");
    struct seen begun = expect_one(
        "litellm",
        "{\"request_id\":\"r\",\"startTime\":\"2026-09-07T08:00:02.000+00:00\",\"endTime\":null," TOKENS(
            1, 2, 3) "}");

    (void)state;
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(begun.entry.at_ns, AT_NS);
}

static void a_row_without_an_id_has_its_place_for_a_key(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("litellm", "{" TIMES "," TOKENS(1, 2, 3) "}\n{" TIMES "," TOKENS(1, 2, 3) "}\n");
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.flags, TQ_LOG_ENTRY_NO_KEY);
    assert_int_not_equal(first.entry.key, second.entry.key);
}

static void what_does_not_parse_is_a_bad_row(void **state)
{
    struct tq_log_reader *reader;
    struct seen seen;

    (void)state;
    expect_bad_log("litellm", ROW("r1", "," TOKENS(1, -2, 3)), "completion_tokens is negative");
    expect_bad_log("litellm", ROW("r1", "," TOKENS(1.5, 2, 3)), "prompt_tokens is not a whole number");
    expect_bad_log("litellm", "{\"request_id\":\"r\"," TOKENS(1, 2, 3) "}", "startTime is empty");
    expect_bad_log("litellm", "{\"prompt_tokens\" 1}\n", "not JSON");
    reader =
        expect_reader("litellm", "{\"prompt_tokens\":1,\"model\":\"gp\n" ROW("r2", "," TOKENS(4, 5, 9)) "\n");
    expect_bad_at(reader, 1, "cut off by the next one");
    seen = expect_entry(reader);
    expect_counts(&seen, 4, 0, 0, 5);
    assert_int_equal(seen.entry.line, 2);
    expect_over(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_the_table_is_a_call),
        cmocka_unit_test(a_payload_is_the_same_call),
        cmocka_unit_test(an_array_is_its_rows),
        cmocka_unit_test(what_asked_no_vendor_does_not_count),
        cmocka_unit_test(a_total_alone_is_what_counts),
        cmocka_unit_test(what_was_cached_is_in_the_metadata),
        cmocka_unit_test(what_is_retrieved_does_not_count),
        cmocka_unit_test(the_table_may_be_csv),
        cmocka_unit_test(another_header_is_text_before_objects),
        cmocka_unit_test(times_of_postgres_are_read),
        cmocka_unit_test(times_without_an_offset_are_utc),
        cmocka_unit_test(a_row_without_an_id_has_its_place_for_a_key),
        cmocka_unit_test(what_does_not_parse_is_a_bad_row),
    };

    return cmocka_run_group_tests_name("source_litellm", tests, NULL, NULL);
}
