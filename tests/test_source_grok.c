/* test_source_grok.c: each turn of Grok Build once, by model.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#define AT_NS INT64_C(1777629600000000000)
#define PROMPT "\"prompt_id\":\"3f323f60-0000-4000-8000-000000000001\","

#define USED(input, output, read, write, more)                                                               \
    "\"inputTokens\":" #input ",\"outputTokens\":" #output ",\"cachedReadTokens\":" #read                    \
    ",\"cacheCreationTokens\":" #write more
#define TURN(session, prompt, usage)                                                                         \
    "{\"timestamp\":1777629600,\"method\":\"_x.ai/session/update\",\"params\":{\"sessionId\":\"" session     \
    "\",\"update\":{\"sessionUpdate\":\"turn_completed\"," prompt                                            \
    "\"stop_reason\":\"end_turn\",\"usage\":{" usage "}}},\"_meta\":{\"eventId\":\"e1\"}}\n"

static void a_turn_is_an_entry(void **state)
{
    struct seen seen = expect_one(
        "grok", "{\"params\":{\"_meta\":{\"totalTokens\":10811},\"update\":{\"sessionUpdate\":\"agent_"
                "message_chunk\","
                "\"content\":{\"text\":\"\\\"turn_completed\\\"\"}}}}\n" TURN(
                    "s1", PROMPT,
                    USED(432353, 9958, 376576, 0,
                         ",\"reasoningTokens\":6134,\"costUsdTicks\":2842748000,\"modelCalls\":10,"
                         "\"totalTokens\":442311,\"modelUsage\":{\"grok-4.5-build\":{" USED(
                             432353, 9958, 376576, 0, ",\"reasoningTokens\":6134,\"modelCalls\":10") "}}")));

    (void)state;
    expect_counts(&seen, 55777, 376576, 0, 9958);
    assert_int_equal(seen.entry.usage.reasoning, 6134);
    assert_int_equal(seen.entry.usage.requests, 10);
    assert_int_equal(seen.entry.cost_nano_usd, 284274800);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.line, 2);
    assert_string_equal(seen.vendor, "xai");
    assert_string_equal(seen.model, "grok-4.5-build");
    assert_string_equal(seen.session, "s1");
}

static void each_model_is_an_entry(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "grok",
        TURN("s1", PROMPT,
             USED(110, 12, 80, 5,
                  ",\"costUsdTicks\":50,\"modelUsage\":{\"grok-none\":{" USED(
                      0, 0, 0, 0, "") "},\"grok-5\":{" USED(100, 10, 80, 5,
                                                            ",\"costUsdTicks\":40") "},\"x\":7,\"grok-mini\":"
                                                                                    "{" USED(10, 2, 0, 0,
                                                                                             "") "}}"))
            TURN("s1", "", USED(9, 1, 0, 0, "")));
    struct seen first = expect_entry(reader), second = expect_entry(reader), bare = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&first, 15, 80, 5, 10);
    assert_string_equal(first.model, "grok-5");
    assert_int_equal(first.entry.cost_nano_usd, 4);
    expect_counts(&second, 10, 0, 0, 2);
    assert_string_equal(second.model, "grok-mini");
    assert_int_equal(second.entry.cost_nano_usd, -1);
    assert_int_not_equal(first.entry.key, second.entry.key);
    expect_counts(&bare, 9, 0, 0, 1);
    assert_string_equal(bare.model, "");
}

static void copies_of_a_turn_are_one(void **state)
{
    uint64_t key = expect_one("grok", TURN("s1", PROMPT, USED(9, 1, 0, 0, ""))).entry.key;
    uint64_t shorter =
        expect_one("grok", TURN("s1", "\"prompt_id\":\"p1\",", USED(9, 1, 0, 0, ""))).entry.key;

    (void)state;
    assert_int_equal(key, expect_one("grok", TURN("s1", PROMPT, USED(9, 5, 0, 0, ""))).entry.key);
    assert_int_equal(key, expect_one("grok", TURN("s2", PROMPT, USED(9, 1, 0, 0, ""))).entry.key);
    assert_int_equal(shorter,
                     expect_one("grok", TURN("s1", "\"prompt_id\":\"p1\",", USED(9, 5, 0, 0, ""))).entry.key);
    assert_int_not_equal(
        shorter, expect_one("grok", TURN("s2", "\"prompt_id\":\"p1\",", USED(9, 1, 0, 0, ""))).entry.key);
}

static void other_lines_are_no_turns(void **state)
{
    (void)state;
    expect_nothing("grok", TURN("s1", PROMPT, ""));
    expect_nothing("grok", TURN("s1", PROMPT, USED(0, 0, 0, 0, "")));
    expect_nothing("grok", "{\"timestamp\":1,\"params\":{\"update\":{\"sessionUpdate\":\"other\",\"text\":"
                           "\"turn_completed\",\"usage\":{\"inputTokens\":5}}}}\n\n");
}

static void what_does_not_parse_is_a_bad_line(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "grok", TURN("s1", PROMPT,
                     "\"modelUsage\":{\"a\":{" USED(1, -2, 0, 0, "") "},\"b\":{" USED(3, 4, 0, 0, "") "}}"));
    struct seen seen;

    (void)state;
    expect_bad_at(reader, 1, "outputTokens is negative");
    seen = expect_entry(reader);
    expect_counts(&seen, 3, 0, 0, 4);
    expect_over(reader);
    expect_bad_log("grok", "{\"params\":{\"update\":{\"sessionUpdate\":\"turn_completed\" 1}}}\n",
                   "not JSON");
    expect_bad_log(
        "grok",
        "{\"params\":{\"update\":{\"sessionUpdate\":\"turn_completed\",\"usage\":{\"inputTokens\":5}}}}\n",
        "timestamp is empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_is_an_entry),
        cmocka_unit_test(each_model_is_an_entry),
        cmocka_unit_test(copies_of_a_turn_are_one),
        cmocka_unit_test(other_lines_are_no_turns),
        cmocka_unit_test(what_does_not_parse_is_a_bad_line),
    };

    return cmocka_run_group_tests_name("source_grok", tests, NULL, NULL);
}
