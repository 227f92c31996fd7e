/* test_source_gemini.c: each response of Gemini CLI once, from its chats and its telemetry.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#define AT_NS INT64_C(1777629600000000000)
#define AT "\"timestamp\":\"2026-05-01T10:00:00Z\""

#define TOKENS(input, output, cached, thoughts, tool, total)                                                 \
    "\"tokens\":{\"input\":" #input ",\"output\":" #output ",\"cached\":" #cached ",\"thoughts\":" #thoughts \
    ",\"tool\":" #tool ",\"total\":" #total "}"
#define MESSAGE(id, tokens)                                                                                  \
    "{\"id\":\"" id "\"," AT ",\"type\":\"gemini\",\"content\":\"} { ] \\\"tokens\\\"\"," tokens             \
    ",\"model\":\"gemini-2.5-pro\"}"
#define HEAD "{\"sessionId\":\"s1\",\"projectHash\":\"h\"}\n"
#define CHAT(messages)                                                                                       \
    "{\n  \"sessionId\": \"s1\",\n  \"projectHash\": \"h\",\n  \"messages\": [" messages "]\n}"

static void a_line_is_a_message(void **state)
{
    struct seen seen = expect_one("gemini", HEAD MESSAGE("m1", TOKENS(1000, 50, 200, 30, 0, 1080)) "\n");

    (void)state;
    expect_counts(&seen, 800, 200, 0, 80);
    assert_int_equal(seen.entry.usage.reasoning, 30);
    assert_int_equal(seen.entry.usage.total, 1080);
    assert_int_equal(seen.entry.usage.known, TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_OUTPUT |
                                                 TQ_USAGE_REASONING | TQ_USAGE_TOTAL);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.line, 2);
    assert_string_equal(seen.session, "s1");
    assert_string_equal(seen.model, "gemini-2.5-pro");
    assert_string_equal(seen.vendor, "google");
}

/* What holds what, the total tells. */
static void the_total_says_how_to_add(void **state)
{
    struct seen inside = expect_one("gemini", MESSAGE("m1", TOKENS(100, 10, 40, 0, 7, 117)));
    struct seen apart = expect_one("gemini", MESSAGE("m1", TOKENS(60, 10, 40, 0, 0, 110)));
    struct seen thoughts_in = expect_one("gemini", MESSAGE("m1", TOKENS(100, 30, 0, 20, 0, 130)));
    struct seen no_total =
        expect_one("gemini", MESSAGE("m1", "\"tokens\":{\"input\":100,\"output\":10,\"cached\":40}"));
    struct seen odd = expect_one("gemini", MESSAGE("m1", TOKENS(10, 10, 40, 0, 0, 5)));

    (void)state;
    expect_counts(&inside, 67, 40, 0, 10);
    expect_counts(&apart, 60, 40, 0, 10);
    expect_counts(&thoughts_in, 100, 0, 0, 30);
    assert_int_equal(thoughts_in.entry.usage.reasoning, 20);
    expect_counts(&no_total, 60, 40, 0, 10);
    assert_int_equal(no_total.entry.usage.known, TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_OUTPUT);
    expect_counts(&odd, 10, 40, 0, 10); /* what is more than its whole was not in it */
}

static void a_message_that_grows_is_one(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "gemini", HEAD MESSAGE("m1", TOKENS(10, 1, 0, 0, 0, 11)) "\n" MESSAGE(
                      "m1", TOKENS(10, 9, 0, 0, 0, 19)) "\n" MESSAGE("m2", TOKENS(10, 9, 0, 0, 0, 19)));
    struct seen first = expect_entry(reader), second = expect_entry(reader), other = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.key, second.entry.key);
    assert_true(first.entry.rank < second.entry.rank);
    assert_int_not_equal(first.entry.key, other.entry.key);
}

static void a_chat_is_a_document(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "gemini",
        CHAT("{\"type\":\"user\",\"content\":\"\\\\\"}, 7, " MESSAGE(
            "m1", TOKENS(1, 2, 0, 0, 0,
                         3)) ",\n" MESSAGE("m2", "\"tokens\":null") "," MESSAGE("m3",
                                                                                TOKENS(4, 5, 0, 0, 0, 9))));
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&first, 1, 0, 0, 2);
    expect_counts(&second, 4, 0, 0, 5);
    assert_string_equal(second.session, "s1");
    assert_int_equal(first.entry.key,
                     expect_one("gemini", MESSAGE("m1", TOKENS(1, 2, 0, 0, 0, 3))).entry.key);
    expect_nothing("gemini", CHAT(""));
}

static void a_bad_message_does_not_end_the_chat(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "gemini", CHAT(MESSAGE("m1", TOKENS(1, -2, 0, 0, 0, 3)) "," MESSAGE("m2", TOKENS(4, 5, 0, 0, 0, 9))));
    struct seen seen;

    (void)state;
    expect_bad_at(reader, 1, "output is negative");
    seen = expect_entry(reader);
    expect_counts(&seen, 4, 0, 0, 5);
    expect_over(reader);
}

static void messages_that_a_line_sets_are_read(void **state)
{
    struct seen seen = expect_one(
        "gemini",
        HEAD "{\"$set\":{\"messages\":[" MESSAGE(
            "m1", TOKENS(4, 5, 0, 0, 0, 9)) "],\"tokens\":1}}\n"
                                            "{\"$set\":{\"lastUpdated\":\"\"}}\n{\"$rewindTo\":\"m1\"}\n");

    (void)state;
    expect_counts(&seen, 4, 0, 0, 5);
}

/* ---- telemetry ---- */

#define EVENT(name, more)                                                                                    \
    "{\n  \"hrTime\": [\n    1,\n    2\n  ],\n  \"attributes\": {\n    \"session.id\": \"t1\",\n    "        \
    "\"event.name\": \"" name "\",\n    \"event.timestamp\": \"2026-05-01T10:00:00Z\"" more "\n  }\n}\n"
#define CALL(prompt)                                                                                         \
    EVENT("gemini_cli.api_response",                                                                         \
          ",\n    \"model\": \"gemini-2.5-pro\",\n    \"input_token_count\": 500,\n"                         \
          "    \"output_token_count\": 20,\n    \"cached_content_token_count\": 100,\n"                      \
          "    \"thoughts_token_count\": 5,\n    \"tool_token_count\": 0,\n"                                 \
          "    \"total_token_count\": 525,\n    \"prompt_id\": \"" prompt                                    \
          "\",\n    \"response_text\": \"} { \\\" \\\\\"")

static void of_a_call_that_is_there_three_times_one_is_counted(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "gemini",
        EVENT("gemini_cli.user_prompt", ",\"prompt\":\"\\\"gemini_cli.api_response\\\" }\"") CALL("p1") EVENT(
            "gen_ai.client.inference.operation.details",
            ",\"gen_ai.usage.input_tokens\":500") "{\"scopeMetrics\":[{\"metrics\":[{\"descriptor\":{"
                                                  "\"name\":\"gemini_cli.token.usage\"}}]}]}\n" CALL("p2"));
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&first, 400, 100, 0, 25);
    assert_int_equal(first.entry.usage.reasoning, 5);
    assert_int_equal(first.entry.at_ns, AT_NS);
    assert_string_equal(first.session, "t1");
    assert_string_equal(first.model, "gemini-2.5-pro");
    assert_int_not_equal(first.entry.key, second.entry.key);
    assert_int_equal(first.entry.key, expect_one("gemini", "\n\n" CALL("p1")).entry.key);
    assert_int_equal(first.entry.line, 12);
}

/* Whoever wrote the second object was not who wrote the first to its end. */
static void an_object_that_is_cut_off_takes_no_other_with_it(void **state)
{
    static const char cut[] =
        "{\n  \"attributes\": {\n    \"event.name\": \"gemini_cli.api_response\",\n    \"x\": \"y\n";
    char log[4096];
    struct tq_log_reader *reader;
    struct seen seen;

    (void)state;
    memcpy(log, cut, sizeof(cut) - 1);
    memcpy(log + sizeof(cut) - 1, CALL("p1"), sizeof(CALL("p1")));
    reader = expect_reader("gemini", log);
    expect_bad_at(reader, 1, "cut off by the next one");
    seen = expect_entry(reader);
    assert_int_equal(seen.entry.line, 5);
    expect_counts(&seen, 400, 100, 0, 25);
    expect_over(reader);
}

static void half_an_object_is_left_for_later(void **state)
{
    static const char log[] = CALL("p1");

    (void)state;
    for (size_t len = 0; len < sizeof(log) - 2; len++) {
        char part[sizeof(log)] = {0};

        memcpy(part, log, len);
        expect_nothing("gemini", part);
    }
}

static void what_does_not_parse_is_a_bad_object(void **state)
{
    (void)state;
    expect_bad_log("gemini", "{\"type\":\"gemini\",\"id\":\"m1\"," TOKENS(1, 2, 0, 0, 0, 3) "}\n",
                   "timestamp is empty");
    expect_bad_log("gemini", "{\"tokens\" 1}\n", "not JSON");
    expect_bad_log("gemini", "{\"tokens\":[}]}\n", "not JSON");
    expect_nothing("gemini", "[\"tokens\", 5]\nnull\n\"tokens\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_a_message),
        cmocka_unit_test(the_total_says_how_to_add),
        cmocka_unit_test(a_message_that_grows_is_one),
        cmocka_unit_test(a_chat_is_a_document),
        cmocka_unit_test(a_bad_message_does_not_end_the_chat),
        cmocka_unit_test(messages_that_a_line_sets_are_read),
        cmocka_unit_test(of_a_call_that_is_there_three_times_one_is_counted),
        cmocka_unit_test(an_object_that_is_cut_off_takes_no_other_with_it),
        cmocka_unit_test(half_an_object_is_left_for_later),
        cmocka_unit_test(what_does_not_parse_is_a_bad_object),
    };

    return cmocka_run_group_tests_name("source_gemini", tests, NULL, NULL);
}
