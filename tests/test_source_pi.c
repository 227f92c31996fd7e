/* test_source_pi.c: each response of pi, its family and OpenClaw once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#define AT_NS INT64_C(1777629600000000000)
#define AT "\"timestamp\":\"2026-05-01T10:00:00.000Z\""

#define HEAD                                                                                                 \
    "{\"type\":\"session\",\"version\":3,\"id\":\"s1\",\"timestamp\":\"2026-05-01T09:00:00.000Z\","          \
    "\"cwd\":\"/home/u/p\"}\n"
#define USAGE(input, output, read, write)                                                                    \
    "\"usage\":{\"input\":" #input ",\"output\":" #output ",\"cacheRead\":" #read ",\"cacheWrite\":" #write  \
    ",\"cost\":{\"input\":0.1,\"total\":0.0125}}"
#define MESSAGE(more, usage)                                                                                 \
    "{\"type\":\"message\",\"id\":\"a1\",\"parentId\":\"u1\"," AT ",\"message\":{\"role\":\"assistant\","    \
    "\"content\":[{\"type\":\"text\",\"text\":\"\\\"usage\\\": } {\"}]," more usage                          \
    ",\"stopReason\":\"stop\",\"timestamp\":1777629599000}}\n"
#define NAMED "\"provider\":\"anthropic\",\"model\":\"claude-opus-4-6\","
#define WITH_ID NAMED "\"responseId\":\"msg_01AbCdEfGhIjKlMnOpQrStUv\","

static void a_line_is_a_response(void **state)
{
    struct seen seen = expect_one("pi", HEAD MESSAGE(WITH_ID, USAGE(100, 20, 3000, 400)));

    (void)state;
    expect_counts(&seen, 100, 3000, 400, 20);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.line, 2);
    assert_int_equal(seen.entry.cost_nano_usd, 12500000);
    assert_int_equal(seen.entry.flags, 0);
    assert_string_equal(seen.session, "s1");
    assert_string_equal(seen.project, "/home/u/p");
    assert_string_equal(seen.model, "claude-opus-4-6");
    assert_string_equal(seen.vendor, "anthropic");
}

static void copies_are_one_response(void **state)
{
    uint64_t key = expect_one("pi", HEAD MESSAGE(WITH_ID, USAGE(100, 20, 3000, 400))).entry.key;
    uint64_t bare = expect_one("pi", HEAD MESSAGE(NAMED, USAGE(100, 20, 3000, 400))).entry.key;

    (void)state;
    /* a fork: another session, the same line */
    assert_int_equal(key, expect_one("pi", "{\"type\":\"session\",\"id\":\"s2\"}\n" MESSAGE(
                                               WITH_ID, USAGE(100, 20, 3000, 400)))
                              .entry.key);
    assert_int_equal(bare, expect_one("pi", "{\"type\":\"session\",\"id\":\"s2\"}\n" MESSAGE(
                                                NAMED, USAGE(100, 20, 3000, 400)))
                               .entry.key);
    assert_int_not_equal(bare, expect_one("pi", MESSAGE(NAMED, USAGE(100, 21, 3000, 400))).entry.key);
    /* OpenClaw is another tool */
    assert_int_not_equal(key, expect_one("openclaw", MESSAGE(WITH_ID, USAGE(100, 20, 3000, 400))).entry.key);
}

/* A proxy that gives each response the same id does not make one of them. */
static void a_constant_id_is_no_key(void **state)
{
    static const char one[] = MESSAGE(NAMED "\"responseId\":\"msg_proxy\",", USAGE(100, 20, 0, 0));
    static const char other[] = MESSAGE(NAMED "\"responseId\":\"msg_proxy\",", USAGE(100, 30, 0, 0));

    (void)state;
    assert_int_not_equal(expect_one("pi", one).entry.key, expect_one("pi", other).entry.key);
}

static void what_used_nothing_is_no_response(void **state)
{
    (void)state;
    expect_nothing("pi", HEAD MESSAGE(NAMED, USAGE(0, 0, 0, 0)));
    expect_nothing("pi", HEAD "{\"type\":\"message\"," AT
                              ",\"message\":{\"role\":\"user\",\"usage\":{\"input\":1}}}\n");
    expect_nothing("pi", HEAD "{\"type\":\"compaction\"," AT ",\"summary\":\"\",\"tokensBefore\":5}\n");
    expect_nothing("pi", HEAD "{\"type\":\"custom\",\"data\":{\"usage\":{\"input\":5}}}\n\n");
}

static void reasoning_is_part_of_the_output(void **state)
{
    struct seen some =
        expect_one("pi", MESSAGE(NAMED, "\"usage\":{\"input\":1,\"output\":50,\"reasoning\":30}"));
    struct seen most =
        expect_one("pi", MESSAGE(NAMED, "\"usage\":{\"input\":1,\"output\":50,\"reasoningTokens\":51}"));

    (void)state;
    expect_counts(&some, 1, 0, 0, 50);
    assert_int_equal(some.entry.usage.reasoning, 30);
    expect_counts(&most, 1, 0, 0, 50);
    assert_int_equal(most.entry.usage.reasoning, 50);
}

static void what_an_answer_asked_itself_is_added(void **state)
{
    struct seen seen = expect_one(
        "pi", MESSAGE(NAMED, "\"usage\":{\"input\":10,\"output\":5,\"cacheRead\":100,\"cacheWrite\":0,"
                             "\"totalTokens\":137,\"orchestration\":{\"input\":12,\"output\":2,"
                             "\"cacheRead\":8}}"));

    (void)state;
    expect_counts(&seen, 22, 108, 0, 7);
}

static void what_is_asked_beside_the_conversation_counts(void **state)
{
    struct seen seen = expect_one(
        "pi",
        HEAD "{\"type\":\"model_usage\",\"id\":\"m1\",\"purpose\":\"session-title\",\"provider\":\"zai\","
             "\"model\":\"glm-5-air\"," AT "," USAGE(10, 5, 2, 0) "}\n");

    (void)state;
    expect_counts(&seen, 10, 2, 0, 5);
    assert_string_equal(seen.model, "glm-5-air");
    assert_string_equal(seen.vendor, "zai");
    assert_int_equal(seen.entry.cost_nano_usd, 12500000);
}

static void a_line_before_says_the_model(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "openclaw",
        "{\"type\":\"model_change\",\"id\":\"abc\",\"provider\":\"openai-codex\",\"modelId\":\"gpt-5.6\"}"
        "\n" MESSAGE(
            "", USAGE(1, 2, 3,
                      0)) "{\"type\":\"custom\",\"customType\":\"model-snapshot\",\"data\":{"
                          "\"provider\":\"amazon-bedrock\",\"modelId\":\"claude-opus-4-6\"}}\n" MESSAGE(
                              "",
                              USAGE(1, 2, 4,
                                    0)) "{\"type\":\"custom\",\"customType\":\"other\",\"data\":{\"modelId\":"
                                        "\"x\"}}\n" MESSAGE("\"model\":\"named\",\"provider\":\"p\",",
                                                            USAGE(1, 2, 5, 0))
                                            MESSAGE("", USAGE(1, 2, 6, 0)));
    struct seen first = expect_entry(reader), second = expect_entry(reader), third = expect_entry(reader),
                fourth = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_string_equal(first.model, "gpt-5.6");
    assert_string_equal(first.vendor, "openai-codex");
    assert_string_equal(second.model, "claude-opus-4-6");
    assert_string_equal(second.vendor, "bedrock");
    assert_string_equal(third.model, "named");
    assert_string_equal(third.vendor, "p");
    assert_string_equal(fourth.model, "claude-opus-4-6");
}

static void the_message_has_an_instant_too(void **state)
{
    struct seen seen =
        expect_one("openclaw", "{\"type\":\"message\",\"message\":{\"role\":\"assistant\"," NAMED
                               "\"timestamp\":1777629600000," USAGE(1, 2, 3, 4) "}}\n");

    (void)state;
    assert_int_equal(seen.entry.at_ns, AT_NS);
}

static void what_does_not_parse_is_a_bad_line(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "pi",
        MESSAGE(NAMED,
                USAGE(1, -2, 3, 4)) "{\"type\":\"message\",\"usage\" 1}\n"
                                    "{\"type\":\"message\",\"message\":{\"role\":\"assistant\"," NAMED USAGE(
                                        1, 2, 3, 4) "}}\n" MESSAGE(NAMED, USAGE(1, 2, 3, 4)));
    struct seen seen;

    (void)state;
    expect_bad_at(reader, 1, "output is negative");
    expect_bad_at(reader, 2, "not JSON");
    expect_bad_at(reader, 3, "timestamp");
    seen = expect_entry(reader);
    expect_counts(&seen, 1, 3, 4, 2);
    expect_over(reader);
}

static void half_a_line_is_left_for_later(void **state)
{
    static const char log[] = MESSAGE(NAMED, USAGE(1, 2, 3, 4));

    (void)state;
    for (size_t len = 0; len < sizeof(log) - 2; len++) {
        char part[sizeof(log)] = {0};

        memcpy(part, log, len);
        expect_nothing("pi", part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_a_response),
        cmocka_unit_test(copies_are_one_response),
        cmocka_unit_test(a_constant_id_is_no_key),
        cmocka_unit_test(what_used_nothing_is_no_response),
        cmocka_unit_test(reasoning_is_part_of_the_output),
        cmocka_unit_test(what_an_answer_asked_itself_is_added),
        cmocka_unit_test(what_is_asked_beside_the_conversation_counts),
        cmocka_unit_test(a_line_before_says_the_model),
        cmocka_unit_test(the_message_has_an_instant_too),
        cmocka_unit_test(what_does_not_parse_is_a_bad_line),
        cmocka_unit_test(half_a_line_is_left_for_later),
    };

    return cmocka_run_group_tests_name("source_pi", tests, NULL, NULL);
}
