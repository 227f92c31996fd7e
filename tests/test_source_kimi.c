/* test_source_kimi.c: each response of Kimi Code, and of Kimi CLI, once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#define AT_NS INT64_C(1777629600500000000)

#define RECORD(other, output, read, write, more)                                                             \
    "{\"type\":\"usage.record\",\"agentId\":\"main\",\"model\":\"kimi-code/kimi-for-coding\","               \
    "\"usage\":{\"inputOther\":" #other ",\"output\":" #output ",\"inputCacheRead\":" #read                  \
    ",\"inputCacheCreation\":" #write "}," more "\"time\":1777629600500}\n"
#define PAYLOAD(id, other, output, read, write)                                                              \
    "\"payload\":{\"context_usage\":0.1,\"token_usage\":{\"input_other\":" #other ",\"output\":" #output     \
    ",\"input_cache_read\":" #read ",\"input_cache_creation\":" #write "}," id "\"plan_mode\":false}"
#define UPDATE(payload) "{\"timestamp\":1777629600.5,\"message\":{\"type\":\"StatusUpdate\"," payload "}}\n"
#define LONG_ID "\"message_id\":\"chatcmpl-qZQTFZ09ZODVAupBC83NHLNJ\","

static void a_record_is_a_response(void **state)
{
    struct seen seen =
        expect_one("kimi", "{\"type\":\"llm.request\",\"prompt\":\"\\\"usage.record\\\"\"}\n" RECORD(
                               100, 20, 300, 40, "\"usageScope\":\"turn\","));

    (void)state;
    expect_counts(&seen, 100, 300, 40, 20);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.flags, 0);
    assert_string_equal(seen.vendor, "kimi-code");
    assert_string_equal(seen.model, "kimi-for-coding");
}

/* Each record is what one request used: also one that is of no turn, as a compaction's. */
static void records_add_up(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("kimi", RECORD(100, 20, 300, 40, "") RECORD(7, 3, 0, 0, "\"usageScope\":\"session\",")
                                  RECORD(0, 0, 0, 0, ""));
    struct seen turn = expect_entry(reader), other = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&other, 7, 0, 0, 3);
    assert_int_not_equal(turn.entry.key, other.entry.key);
    assert_int_equal(turn.entry.key, expect_one("kimi", RECORD(100, 20, 300, 40, "\"n\":1,")).entry.key);
}

static void a_total_so_far_is_no_response(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("kimi", RECORD(100, 20, 300, 40, "") RECORD(7, 3, 0, 0, "")
                                  RECORD(107, 23, 300, 40, "\"usageScope\":\"session\",")
                                      RECORD(107, 23, 300, 40, "\"usageScope\":\"turn\","));
    struct seen third;

    (void)state;
    expect_entry(reader);
    expect_entry(reader);
    third = expect_entry(reader);
    assert_int_equal(third.entry.line, 4);
    expect_over(reader);
}

static void an_update_is_a_response(void **state)
{
    struct seen seen = expect_one("kimi", UPDATE(PAYLOAD(LONG_ID, 100, 20, 300, 40)));

    (void)state;
    expect_counts(&seen, 100, 300, 40, 20);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_string_equal(seen.model, "");
}

static void an_update_that_grows_is_one(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("kimi", UPDATE(PAYLOAD(LONG_ID, 100, 20, 0, 0)) UPDATE(PAYLOAD(LONG_ID, 140, 35, 0, 0))
                                  UPDATE(PAYLOAD("\"message_id\":\"m1\",", 1, 2, 0, 0))
                                      UPDATE(PAYLOAD("\"message_id\":\"m1\",", 1, 3, 0, 0))
                                          UPDATE(PAYLOAD("", 1, 2, 0, 0)));
    struct seen first = expect_entry(reader), second = expect_entry(reader), third = expect_entry(reader),
                fourth = expect_entry(reader), bare = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.key, second.entry.key);
    assert_true(first.entry.rank < second.entry.rank);
    assert_int_equal(third.entry.key, fourth.entry.key);
    assert_int_not_equal(first.entry.key, third.entry.key);
    assert_int_not_equal(bare.entry.key, third.entry.key);
}

static void a_subagents_update_is_in_an_event(void **state)
{
    struct seen seen =
        expect_one("kimi", "{\"timestamp\":1777629600.5,\"message\":{\"type\":\"SubagentEvent\",\"payload\":{"
                           "\"task_tool_call_id\":\"t\",\"event\":{\"type\":\"StatusUpdate\"," PAYLOAD(
                               LONG_ID, 5, 6, 7, 0) "}}}}\n");

    (void)state;
    expect_counts(&seen, 5, 7, 0, 6);
    assert_int_equal(seen.entry.flags, TQ_LOG_ENTRY_SIDECHAIN);
    assert_int_equal(seen.entry.key, expect_one("kimi", UPDATE(PAYLOAD(LONG_ID, 5, 6, 7, 0))).entry.key);
}

static void other_lines_are_no_responses(void **state)
{
    (void)state;
    expect_nothing(
        "kimi",
        "{\"type\":\"context.append\",\"text\":\"\\\"usage.record\\\"\",\"usage\":{\"output\":5}}\n"
        "{\"timestamp\":1,\"message\":{\"type\":\"TurnEnd\",\"payload\":{\"token_usage\":{\"output\":5}}}}\n"
        "{\"timestamp\":1,\"message\":{\"type\":\"StatusUpdate\",\"payload\":{\"token_usage\":null}}}\n");
}

static void what_does_not_parse_is_a_bad_line(void **state)
{
    (void)state;
    expect_bad_log("kimi", RECORD(1, -2, 3, 4, ""), "output is negative");
    expect_bad_log("kimi", UPDATE(PAYLOAD(LONG_ID, 1.5, 2, 3, 4)), "input_other is not a whole number");
    expect_bad_log("kimi", "{\"type\":\"usage.record\" 1}\n", "not JSON");
    expect_bad_log("kimi", "{\"type\":\"usage.record\",\"usage\":{\"output\":1}}\n", "time is empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_a_response),        cmocka_unit_test(records_add_up),
        cmocka_unit_test(a_total_so_far_is_no_response), cmocka_unit_test(an_update_is_a_response),
        cmocka_unit_test(an_update_that_grows_is_one),   cmocka_unit_test(a_subagents_update_is_in_an_event),
        cmocka_unit_test(other_lines_are_no_responses),  cmocka_unit_test(what_does_not_parse_is_a_bad_line),
    };

    return cmocka_run_group_tests_name("source_kimi", tests, NULL, NULL);
}
