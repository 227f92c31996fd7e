/* test_usage_body.c: one document of usage -> counts, by whoever's keys.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "tokenquota_signals.h"
#include "usage_say.h"

#define EXPECT(body, expected)                                                                               \
    do {                                                                                                     \
        char words_[USAGE_WORDS_BYTES];                                                                      \
        assert_string_equal(usage_say_of(body, words_), expected);                                           \
    } while (0)

#define USAGE(members) "{\"usage\":{" members "}}"

static void keys_of_every_vendor(void **state)
{
    (void)state;
    EXPECT(USAGE("\"prompt_tokens\":8,\"total_tokens\":8"), "input 8 total 8 counted 8"); /* embeddings */
    EXPECT(USAGE("\"prompt_tokens\":100,\"completion_tokens\":7,\"prompt_cache_hit_tokens\":60,"
                 "\"prompt_cache_miss_tokens\":40"),
           "input 40 cache-read 60 output 7 counted 47");
    EXPECT(USAGE("\"prompt_cache_hit_tokens\":60,\"prompt_cache_miss_tokens\":40"),
           "input 40 cache-read 60 counted 40");
    EXPECT(USAGE("\"input_tokens\":10,\"output_tokens\":5"), "input 10 output 5 counted 15");
    EXPECT(USAGE("\"inputTokens\":3,\"outputTokens\":4,\"totalTokens\":7"),
           "input 3 output 4 total 7 counted 7");
    EXPECT(
        "{\"type\":\"message\",\"usage\":{\"input_tokens\":4,\"cache_creation\":{"
        "\"ephemeral_5m_input_tokens\":100,\"ephemeral_1h_input_tokens\":20},\"cache_read_input_tokens\":9,"
        "\"output_tokens\":6}}",
        "input 4 cache-read 9 cache-write 120 output 6 counted 130");
    EXPECT("{\"response\":{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{"
           "\"promptTokenCount\":5,\"candidatesTokenCount\":2}}}",
           "input 5 output 2 counted 7");
    EXPECT("{\"candidates\":[{\"finishReason\":\"MAX_TOKENS\"}],\"usageMetadata\":{\"promptTokenCount\":5,"
           "\"thoughtsTokenCount\":90,\"totalTokenCount\":95}}",
           "input 5 output 90 reasoning 90 total 95 counted 95");
    EXPECT("{\"meta\":{\"tokens\":{\"input_tokens\":7,\"output_tokens\":8},\"billed_units\":{"
           "\"input_tokens\":1,\"output_tokens\":2}}}",
           "input 7 output 8 counted 15");
    EXPECT("{\"tokens_evaluated\":20,\"tokens_predicted\":3,\"stop\":true}", "input 20 output 3 counted 23");
    EXPECT("{\"prompt_eval_count\":20,\"eval_count\":3,\"done\":true}", "input 20 output 3 counted 23");
}

static void keys_beside_no_usage(void **state)
{
    (void)state;
    EXPECT("{\"model_id\":\"m\",\"results\":[{\"generated_text\":\"x\",\"generated_token_count\":20,"
           "\"input_token_count\":3,\"stop_reason\":\"max_tokens\"}]}",
           "input 3 output 20 counted 23");
    EXPECT("{\"predictions\":[{\"embeddings\":{\"statistics\":{\"truncated\":false,\"token_count\":6},"
           "\"values\":[0.1]}},{\"embeddings\":{\"statistics\":{\"token_count\":4}}}]}",
           "input 10 counted 10");
    EXPECT("{\"generation\":\"x\",\"prompt_token_count\":20,\"generation_token_count\":7}",
           "input 20 output 7 counted 27");
    EXPECT("{\"inputTextTokenCount\":8,\"results\":[{\"tokenCount\":3,\"outputText\":\"x\"}]}",
           "input 8 output 3 counted 11");
    EXPECT("{\"statistics\":{\"token_count\":6},\"token_count\":6,\"tokenCount\":6,\"results\":"
           "{\"x\":{\"generated_token_count\":1}}}",
           "none");
}

/* Each line is a response of its own, and an error in it was said when the batch ran. */
static void results_of_a_batch_are_added_up(void **state)
{
    static const char lines[] =
        "{\"custom_id\":\"a\",\"response\":{\"body\":{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":"
        "2,"
        "\"total_tokens\":12}}}}\n"
        "{\"custom_id\":\"b\",\"response\":null,\"error\":{\"code\":\"insufficient_quota\"}}\n"
        "{\"custom_id\":\"c\",\"response\":{\"body\":{\"usage\":{\"prompt_tokens\":1}}}}\n";
    struct tq_usage usage = {.size = sizeof usage};

    (void)state;
    assert_int_equal(tq_usage_read(NULL, lines, sizeof lines - 1, &usage), 0);
    assert_int_equal(usage.requests, 2);
    assert_int_equal(usage.counted, 13);
    assert_int_equal(usage.total, 0); /* one of them states none */
    assert_int_equal(usage.flags, 0);
    assert_int_equal(usage.known, TQ_USAGE_INPUT | TQ_USAGE_OUTPUT);
    /* Without the name of a request what comes later is the newer state of one response. */
    EXPECT("{\"response\":{\"usage\":{\"prompt_tokens\":10}}}\n{\"response\":{\"usage\":{\"prompt_tokens\":"
           "12}}}",
           "input 12 counted 12");
    EXPECT("{\"custom_id\":\"a\",\"body\":{\"usage\":{\"prompt_tokens\":10}}}", "none"); /* a request */
}

/* Of a gateway that answers in OpenAI's form and adds Anthropic's keys. */
static void keys_of_two_vendors(void **state)
{
    (void)state;
    EXPECT(USAGE("\"prompt_tokens\":100,\"completion_tokens\":5,\"total_tokens\":105,"
                 "\"cache_read_input_tokens\":70,\"cache_creation_input_tokens\":20"),
           "input 10 cache-read 70 cache-write 20 output 5 total 105 counted 35");
    EXPECT("{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":5},\"timings\":{\"cache_n\":60,"
           "\"prompt_n\":40,\"predicted_n\":5}}",
           "input 40 cache-read 60 output 5 counted 45");
}

static void missing_is_not_zero(void **state)
{
    (void)state;
    EXPECT("", "none");
    EXPECT("{}", "none");
    EXPECT("{\"usage\":null}", "none");
    EXPECT("{\"usage\":{}}", "none");
    EXPECT("{\"usage\":[]}", "none");
    EXPECT(USAGE("\"prompt_tokens\":null,\"completion_tokens\":null"), "none");
    EXPECT(USAGE("\"prompt_tokens\":0"), "input 0 counted 0");
    EXPECT(USAGE("\"completion_tokens\":0,\"prompt_tokens_details\":null"), "output 0 counted 0");
    EXPECT(USAGE("\"total_tokens\":9"), "total 9 counted 9");
    EXPECT(USAGE("\"total_tokens\":9,\"prompt_tokens_details\":{\"cached_tokens\":4}"),
           "cache-read 4 total 9 counted 5");
    EXPECT(USAGE("\"output_tokens\":4,\"total_tokens\":9"), "output 4 total 9 counted 9");
}

static void odd_numbers_are_unknown(void **state)
{
    (void)state;
    EXPECT(USAGE("\"prompt_tokens\":-1,\"completion_tokens\":2"), "output 2 counted 2");
    EXPECT(USAGE("\"prompt_tokens\":1.5,\"completion_tokens\":2.0"), "output 2 counted 2");
    EXPECT(USAGE("\"prompt_tokens\":\"12\",\"completion_tokens\":2"), "output 2 counted 2");
    EXPECT(USAGE("\"prompt_tokens\":[5],\"completion_tokens\":{\"prompt_tokens\":3}"), "none");
    EXPECT(USAGE("\"prompt_tokens\":true,\"completion_tokens\":false"), "none");
    EXPECT(USAGE("\"prompt_tokens\":1e400,\"completion_tokens\":-0"), "output 0 counted 0");
    EXPECT(USAGE("\"prompt_tokens\":99999999999999999999,\"completion_tokens\":3"), "output 3 counted 3");
    EXPECT(USAGE("\"prompt_tokens\":4,\"prompt_tokens\":-4"), "none");
    EXPECT(USAGE("\"prompt_tokens\":-4,\"prompt_tokens\":4"), "input 4 counted 4");
}

static void large_numbers_saturate(void **state)
{
    (void)state;
    EXPECT(USAGE("\"prompt_tokens\":9223372036854775806,\"completion_tokens\":9223372036854775806"),
           "input 9223372036854775806 output 9223372036854775806 counted 9223372036854775807");
    EXPECT("{\"usageMetadata\":{\"promptTokenCount\":9223372036854775806,\"toolUsePromptTokenCount\":5,"
           "\"candidatesTokenCount\":9223372036854775806,\"thoughtsTokenCount\":9223372036854775806}}",
           "input 9223372036854775807 output 9223372036854775807 reasoning 9223372036854775806 counted "
           "9223372036854775807");
}

static void a_part_that_is_larger_than_its_whole_was_not_inside_of_it(void **state)
{
    (void)state;
    EXPECT(USAGE("\"prompt_tokens\":10,\"completion_tokens\":3,\"prompt_tokens_details\":{"
                 "\"cached_tokens\":64,\"cache_write_tokens\":5},\"completion_tokens_details\":{"
                 "\"reasoning_tokens\":8}"),
           "input 10 cache-read 64 cache-write 5 output 11 reasoning 8 counted 26");
    EXPECT(USAGE("\"prompt_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":4,"
                 "\"cache_write_tokens\":50}"),
           "input 10 cache-read 4 cache-write 50 counted 60");
    EXPECT(USAGE("\"input_tokens\":10,\"cache_read_input_tokens\":5000,\"output_tokens\":1"),
           "input 10 cache-read 5000 output 1 counted 11"); /* beside, not within */
}

/* Words of usage where no usage is. */
static void only_its_places_count(void **state)
{
    (void)state;
    EXPECT("{\"text\":\"\\\"usage\\\":{\\\"prompt_tokens\\\":5}\"}", "none");
    EXPECT("{\"choices\":[{\"message\":{\"usage\":{\"prompt_tokens\":5}}}]}", "none");
    EXPECT(
        "{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":{\"usage\":{\"prompt_tokens\":5}}}}]}}",
        "none");
    EXPECT("{\"tools\":{\"usage\":{\"prompt_tokens\":5}},\"eval_counts\":3,\"x\":{\"eval_count\":3}}",
           "none");
    EXPECT("{\"prompt_tokens\":5,\"usages\":{\"prompt_tokens\":5},\"Usage\":{\"prompt_tokens\":5}}", "none");
    EXPECT("{\"usage\":{\"prompt_tokens\":5}} {\"usage\":\"{\\\"prompt_tokens\\\":6}\"}",
           "input 5 counted 5");
    EXPECT("{\"usage\":{\"prompt_tokens\":5}} {\"x\":{\"usage\":{\"prompt_tokens\":6}}}",
           "input 5 counted 5");
    EXPECT("{\"usage\":{\"prompt_tokens\":5}} {\"usage\":{\"prompt_tokens\":6}", "input 5 counted 5");
    EXPECT("{\"usage\":{\"prompt_tokens\":5}} {\"usage\":{\"prompt_tokens\":6},}", "input 5 counted 5");
    EXPECT("{\"usage\":{\"prompt_tokens\":5}} {\"usage\":{\"prompt_tokens\":6}}", "input 6 counted 6");
}

static void what_is_no_json_says_nothing(void **state)
{
    (void)state;
    EXPECT("<html>\"usage\":{\"prompt_tokens\":5}</html>", "none");
    EXPECT("{\"usage\":{\"prompt_tokens\":05}}", "none");
    EXPECT("{\"usage\":{\"prompt_tokens\":5}]", "none");
    EXPECT("{\"usage\":{\"prompt_tokens\":5}", "none");
    EXPECT("{'usage':{'prompt_tokens':5}}", "none");
    EXPECT("\"usage\"", "none");
    EXPECT("[[[]]]", "none");
    EXPECT("[1,\"usage\",[{\"usage\":{\"prompt_tokens\":5}}]]", "input 5 counted 5");
    EXPECT("[\"{\\\"usage\\\":\",\"{\",{\"usage\":{\"prompt_tokens\":5}}]", "input 5 counted 5");
    EXPECT("data: \"usage\"\n\ndata: {\"usage\n\ndata: [DONE]\n\n", "none");
}

/* A document alone is whole, unless it is plainly one of several. */
static void the_end_is_known(void **state)
{
    (void)state;
    EXPECT("{\"choices\":[{\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":1}}",
           "input 1 counted 1 partial");
    EXPECT("{\"choices\":[{\"finish_reason\":null},{\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_"
           "tokens\":1}}",
           "input 1 counted 1");
    EXPECT("{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}", "input 1 counted 1");
    EXPECT("{\"done\":false,\"eval_count\":1}", "output 1 counted 1 partial");
    EXPECT("data: {\"usage\":{\"prompt_tokens\":1}}", "input 1 counted 1 partial");
    EXPECT("data: {\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":1}}", "input 1 counted 1");
    EXPECT("data: {\"metadata\":{\"usage\":{\"inputTokens\":1}}}", "input 1 counted 1");
    EXPECT("data: {\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]", "input 1 counted 1");
    EXPECT("data: {\"usage\":{\"prompt_tokens\":1}}\n\ndata:   [DONE]  \n", "input 1 counted 1");
    EXPECT("data: {\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE] not\n", "input 1 counted 1 partial");
    EXPECT("{\"usage\":{\"prompt_tokens\":1},\"type\":\"response.in_progress\"}",
           "input 1 counted 1 partial");
}

/* Behind its OpenAI-compatible endpoint Gemini leaves thinking to the total. */
static void profiles_settle_what_keys_do_not(void **state)
{
    static const char body[] = USAGE("\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":45");
    const struct tq_profile *gemini = tq_profile_find("gemini", 6), *openai = tq_profile_find("openai", 6);
    struct tq_usage usage = {.size = sizeof(usage)};
    char words[USAGE_WORDS_BYTES];

    (void)state;
    assert_non_null(gemini);
    assert_non_null(openai);
    assert_string_equal(usage_say(tq_usage_read(gemini, body, strlen(body), &usage), &usage, words),
                        "input 10 output 35 total 45 counted 45");
    assert_string_equal(usage_say(tq_usage_read(openai, body, strlen(body), &usage), &usage, words),
                        "input 10 output 5 total 45 counted 15");
}

static void arguments(void **state)
{
    struct tq_usage usage = {.size = sizeof(usage)}, small = {.size = sizeof(usage) - 1};
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
    struct tq_quota_signal signal = {.size = offsetof(struct tq_quota_signal, account) - 1};

    (void)state;
    assert_int_equal(tq_usage_read(NULL, NULL, 0, &usage), 1);
    assert_int_equal(tq_usage_read(NULL, NULL, 1, &usage), TQ_EINVAL);
    assert_int_equal(tq_usage_read(NULL, "{}", 2, NULL), TQ_EINVAL);
    assert_int_equal(tq_usage_read(NULL, "{}", 2, &small), TQ_EINVAL);
    assert_int_equal(tq_usage_stream_feed(NULL, "{}", 2), TQ_EINVAL);
    assert_int_equal(tq_usage_stream_feed(stream, NULL, 2), TQ_EINVAL);
    assert_int_equal(tq_usage_stream_feed(stream, NULL, 0), 0);
    assert_int_equal(tq_usage_stream_read(NULL, 0, 0, &usage, NULL), TQ_EINVAL);
    assert_int_equal(tq_usage_stream_read(stream, 0, 0, NULL, NULL), TQ_EINVAL);
    assert_int_equal(tq_usage_stream_read(stream, 0, 0, &small, NULL), TQ_EINVAL);
    assert_int_equal(tq_usage_stream_read(stream, 0, 0, &usage, &signal), TQ_EINVAL);
    assert_int_equal(tq_usage_stream_read(stream, 0, 0, &usage, NULL), 1);
    assert_int_equal(usage.flags, TQ_USAGE_PARTIAL);
    tq_usage_stream_free(stream);
    tq_usage_stream_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_vendor),
        cmocka_unit_test(keys_beside_no_usage),
        cmocka_unit_test(results_of_a_batch_are_added_up),
        cmocka_unit_test(keys_of_two_vendors),
        cmocka_unit_test(missing_is_not_zero),
        cmocka_unit_test(odd_numbers_are_unknown),
        cmocka_unit_test(large_numbers_saturate),
        cmocka_unit_test(a_part_that_is_larger_than_its_whole_was_not_inside_of_it),
        cmocka_unit_test(only_its_places_count),
        cmocka_unit_test(what_is_no_json_says_nothing),
        cmocka_unit_test(the_end_is_known),
        cmocka_unit_test(profiles_settle_what_keys_do_not),
        cmocka_unit_test(arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
