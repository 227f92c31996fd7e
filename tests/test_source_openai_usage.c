/* test_source_openai_usage.c: each result of each bucket of OpenAI's usage API, the newest value of it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#include <stdio.h>

#define AT_NS INT64_C(1788220800000000000)
#define DAY "\"start_time\":1788220800,\"end_time\":1788307200"
#define RESULT(input, output, more)                                                                          \
    "{\"object\":\"organization.usage.completions.result\",\"input_tokens\":" #input                         \
    ",\"output_tokens\":" #output ",\"model\":\"gpt-5\"" more "}"
#define BUCKET(times, results) "{\"object\":\"bucket\"," times ",\"results\":[" results "]}"
#define PAGE(buckets)                                                                                        \
    "{\n\"object\":\"page\",\n\"data\":[" buckets "],\n\"has_more\":false,\"next_page\":null}"

static void a_result_is_a_sum_of_a_bucket(void **state)
{
    struct seen seen = expect_one(
        "openai-usage",
        PAGE(BUCKET(DAY, RESULT(1000, 90,
                                ",\"input_cached_tokens\":300,\"input_cache_write_tokens\":100,"
                                "\"input_audio_tokens\":5,\"num_model_requests\":4,\"batch\":false"))));

    (void)state;
    expect_counts(&seen, 600, 300, 100, 90);
    assert_int_equal(seen.entry.usage.known,
                     TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_CACHE_WRITE | TQ_USAGE_OUTPUT);
    assert_int_equal(seen.entry.usage.requests, 4);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.flags, TQ_LOG_ENTRY_BUCKET);
    assert_int_equal(seen.entry.line, 1);
    assert_string_equal(seen.vendor, "openai");
    assert_string_equal(seen.model, "gpt-5");
}

static void pages_follow_each_other(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "openai-usage",
        PAGE(BUCKET(DAY, RESULT(1, 2, "") "," RESULT(3, 4, ",\"batch\":true")) "," BUCKET(
            "\"start_time\":1,\"end_time\":2",
            "") "," BUCKET("\"start_time\":1788307200,\"end_time\":1788393600", RESULT(5, 6, "")))
            PAGE(BUCKET(DAY, RESULT(7, 8, ""))) "\n" BUCKET(DAY, RESULT(9, 10, "")) "\n");
    struct seen seen[5];

    (void)state;
    for (int i = 0; i < 5; i++) {
        seen[i] = expect_entry(reader);
        expect_counts(&seen[i], 2 * i + 1, 0, 0, 2 * i + 2);
    }
    expect_over(reader);
    /* The first is asked for again twice, and has grown. */
    assert_int_equal(seen[0].entry.key, seen[3].entry.key);
    assert_int_equal(seen[0].entry.key, seen[4].entry.key);
    assert_true(seen[0].entry.rank < seen[3].entry.rank && seen[3].entry.rank < seen[4].entry.rank);
    assert_int_not_equal(seen[0].entry.key, seen[1].entry.key);
    assert_int_not_equal(seen[0].entry.key, seen[2].entry.key);
}

/* What tells results of one bucket apart. */
static void every_group_has_its_key(void **state)
{
    static const char *const results[] = {
        RESULT(1, 1, ",\"user_id\":null"),          RESULT(1, 1, ",\"user_id\":\"a\""),
        RESULT(1, 1, ",\"api_key_id\":\"a\""),      RESULT(1, 1, ",\"batch\":true"),
        RESULT(1, 1, ",\"batch\":false"),           RESULT(1, 1, ",\"service_tier\":\"a\""),
        "{\"input_tokens\":1,\"output_tokens\":1}",
    };
    uint64_t keys[sizeof(results) / sizeof(results[0])];

    (void)state;
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        char text[1024];

        snprintf(text, sizeof(text), BUCKET(DAY, "%s"), results[i]);
        keys[i] = expect_one("openai-usage", text).entry.key;
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(keys[i], keys[j]);
        snprintf(text, sizeof(text), BUCKET("\"start_time\":1788220800,\"end_time\":1788224400", "%s"),
                 results[i]);
        assert_int_not_equal(keys[i], expect_one("openai-usage", text).entry.key);
    }
    assert_int_equal(keys[0], expect_one("openai-usage", BUCKET(DAY, RESULT(1, 1, ""))).entry.key);
}

static void the_project_is_the_account(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("openai-usage", BUCKET(DAY, RESULT(1, 1, ",\"project_id\":\"proj_a\"")));
    struct tq_log_entry entry = {.size = sizeof(entry)};
    struct tq_log_error error;

    (void)state;
    assert_int_equal(tq_log_reader_next(reader, &entry, &error), TQ_LOG_RECORD);
    assert_string_equal(entry.account, "proj_a");
    expect_over(reader);
}

static void a_bad_result_does_not_end_the_page(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "openai-usage", PAGE(BUCKET(DAY, RESULT(1, -1, "") "," RESULT(3, 4, "")) ",{\"results\":[" RESULT(
                            1, 1, "") "]}," BUCKET(DAY, RESULT(5, 6, ""))));
    struct seen seen;

    (void)state;
    expect_bad_at(reader, 1, "output_tokens is negative");
    seen = expect_entry(reader);
    expect_counts(&seen, 3, 0, 0, 4);
    expect_bad_at(reader, 1, "start_time is empty");
    seen = expect_entry(reader);
    expect_counts(&seen, 5, 0, 0, 6);
    expect_over(reader);
    expect_bad_log("openai-usage", "{\"input_tokens\" 1}\n", "not JSON");
    expect_nothing("openai-usage", "{\"input_tokens\":1}\n{\"data\":{\"input_tokens\":1}}\n" PAGE(""));
}

static void half_a_page_is_left_for_later(void **state)
{
    static const char log[] = PAGE(BUCKET(DAY, RESULT(1, 2, "")));

    (void)state;
    for (size_t len = 0; len < sizeof(log) - 1; len++) {
        char part[sizeof(log)] = {0};

        memcpy(part, log, len);
        expect_nothing("openai-usage", part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_is_a_sum_of_a_bucket),
        cmocka_unit_test(pages_follow_each_other),
        cmocka_unit_test(every_group_has_its_key),
        cmocka_unit_test(the_project_is_the_account),
        cmocka_unit_test(a_bad_result_does_not_end_the_page),
        cmocka_unit_test(half_a_page_is_left_for_later),
    };

    return cmocka_run_group_tests_name("source_openai_usage", tests, NULL, NULL);
}
