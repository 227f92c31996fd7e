/* test_source_qwen.c: each response of Qwen Code once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#define AT_NS INT64_C(1777629600000000000)

#define LINE(type, uuid, usage)                                                                              \
    "{\"uuid\":\"" uuid                                                                                      \
    "\",\"parentUuid\":null,\"sessionId\":\"s1\",\"timestamp\":\"2026-05-01T10:00:00Z\","                    \
    "\"type\":\"" type "\",\"cwd\":\"/home/u/p\",\"model\":\"qwen3-coder-plus\","                            \
    "\"message\":{\"role\":\"model\",\"parts\":[{\"text\":\"\\\"usageMetadata\\\"\"}]},"                     \
    "\"usageMetadata\":" usage "}\n"
#define USAGE(prompt, candidates, thoughts, cached, total)                                                   \
    "{\"promptTokenCount\":" #prompt ",\"candidatesTokenCount\":" #candidates                                \
    ",\"thoughtsTokenCount\":" #thoughts ",\"cachedContentTokenCount\":" #cached                             \
    ",\"totalTokenCount\":" #total "}"

static void a_line_is_a_response(void **state)
{
    struct seen seen = expect_one("qwen", LINE("assistant", "u1", USAGE(1000, 50, 30, 200, 1080)));

    (void)state;
    expect_counts(&seen, 800, 200, 0, 80);
    assert_int_equal(seen.entry.usage.reasoning, 30);
    assert_int_equal(seen.entry.usage.total, 1080);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_string_equal(seen.session, "s1");
    assert_string_equal(seen.project, "/home/u/p");
    assert_string_equal(seen.model, "qwen3-coder-plus");
    assert_string_equal(seen.vendor, "");
}

static void the_total_says_how_to_add(void **state)
{
    struct seen apart = expect_one("qwen", LINE("assistant", "u1", USAGE(60, 10, 0, 40, 110)));
    struct seen thoughts_in = expect_one("qwen", LINE("assistant", "u1", USAGE(100, 30, 20, 0, 130)));
    struct seen no_total = expect_one(
        "qwen", LINE("assistant", "u1",
                     "{\"promptTokenCount\":100,\"candidatesTokenCount\":10,\"thoughtsTokenCount\":3}"));

    (void)state;
    expect_counts(&apart, 60, 40, 0, 10);
    expect_counts(&thoughts_in, 100, 0, 0, 30);
    expect_counts(&no_total, 100, 0, 0, 13);
}

static void a_uuid_is_of_its_session(void **state)
{
    uint64_t key = expect_one("qwen", LINE("assistant", "u1", USAGE(1, 2, 0, 0, 3))).entry.key;

    (void)state;
    assert_int_equal(key, expect_one("qwen", LINE("assistant", "u1", USAGE(1, 5, 0, 0, 6))).entry.key);
    assert_int_not_equal(key, expect_one("qwen", LINE("assistant", "u2", USAGE(1, 2, 0, 0, 3))).entry.key);
    assert_int_not_equal(key,
                         expect_one("qwen", "{\"uuid\":\"u1\",\"sessionId\":\"s2\",\"type\":\"assistant\","
                                            "\"timestamp\":\"2026-05-01T10:00:00Z\","
                                            "\"usageMetadata\":{\"promptTokenCount\":1}}")
                             .entry.key);
}

static void other_lines_are_no_responses(void **state)
{
    (void)state;
    expect_nothing("qwen", LINE("system", "u1", USAGE(1, 2, 0, 0, 3)));
    expect_nothing("qwen", LINE("assistant", "u1", "null"));
    expect_nothing("qwen", LINE("assistant", "u1", USAGE(0, 0, 0, 0, 0)) "{\"type\":\"user\"}\n\n");
}

static void what_does_not_parse_is_a_bad_line(void **state)
{
    (void)state;
    expect_bad_log("qwen", LINE("assistant", "u1", USAGE(1, -2, 0, 0, 3)),
                   "candidatesTokenCount is negative");
    expect_bad_log("qwen", "{\"usageMetadata\" 1}\n", "not JSON");
    expect_bad_log("qwen", "{\"type\":\"assistant\",\"usageMetadata\":{\"promptTokenCount\":1}}\n",
                   "timestamp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_a_response),
        cmocka_unit_test(the_total_says_how_to_add),
        cmocka_unit_test(a_uuid_is_of_its_session),
        cmocka_unit_test(other_lines_are_no_responses),
        cmocka_unit_test(what_does_not_parse_is_a_bad_line),
    };

    return cmocka_run_group_tests_name("source_qwen", tests, NULL, NULL);
}
